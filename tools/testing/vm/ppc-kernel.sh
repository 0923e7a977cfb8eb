#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ppc-kernel.sh: make sure that the PowerPC host's kernel is in the cache, built
# from the distribution's source with ppc.config; print its build directory,
# which is also what modules for it are built against, as KDIR.

. "$(dirname "$0")/lib.sh"

choice=$("$VM_DIR/versions.sh")
. "$choice"
config=$VM_DIR/ppc.config
dir=$CACHE/ppc-$SOURCE_VERSION-$(files_key "$config")
log=$dir/build.log

kmake()
{
	make -C "$source" O="$dir" ARCH=powerpc CROSS_COMPILE="$PPC_PREFIX" "$@" >>"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "the PowerPC host's kernel does not build; see $log"
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
	lacks=$(grep '^CONFIG_.*=[ym]' "$config" | grep -v -x -F -f "$dir/.config" || true)
	[ -z "$lacks" ] || die "this kernel's configuration does not take" $lacks
	kmake -j"$JOBS" vmlinux modules
	"${PPC_PREFIX}strip" -g -o "$dir/vmlinux.boot" "$dir/vmlinux"
	touch "$dir/.complete"
}

if [ ! -e "$dir/.complete" ]; then
	stage "building the PowerPC host's kernel, several minutes (log: $log)" \
		with_lock "$(basename "$dir")" build
fi
echo "$dir"
