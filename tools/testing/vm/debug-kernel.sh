#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# debug-kernel.sh: make sure that the debug host's kernel is in the cache, built
# from the distribution's source with debug.config; print its build directory,
# which is also what modules for it are built against, as KDIR.

. "$(dirname "$0")/lib.sh"

choice=$("$VM_DIR/versions.sh")
. "$choice"
config=$VM_DIR/debug.config
dir=$CACHE/debug-$SOURCE_VERSION-$(files_key "$config")
log=$dir/build.log

kmake()
{
	make -C "$source" O="$dir" ARCH=arm64 CROSS_COMPILE="$(cross_prefix)" "$@" >>"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "the debug host's kernel does not build; see $log"
	}
}

# An interrupted build goes on where it was.
build()
{
	local lacks

	if [ -e "$dir/.complete" ]; then
		return
	fi
	mkdir -p "$dir"
	: >"$log"
	source=$("$VM_DIR/fetch.sh" source)
	KCONFIG_ALLCONFIG=$config kmake allnoconfig
	lacks=$(grep '^CONFIG_' "$config" | grep -v -x -F -f "$dir/.config" || true)
	[ -z "$lacks" ] || die "this kernel's configuration does not take" $lacks
	kmake -j"$JOBS" Image modules
	touch "$dir/.complete"
}

if [ ! -e "$dir/.complete" ]; then
	stage "building the debug host's kernel, several minutes (log: $log)" \
		with_lock "$(basename "$dir")" build
fi
echo "$dir"
