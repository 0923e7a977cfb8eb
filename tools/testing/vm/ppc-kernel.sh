#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ppc-kernel.sh: make sure that the PowerPC host's kernel is in the cache, built
# from the distribution's source with ppc.config; print its build directory,
# which is also what modules for it are built against, as KDIR. With HOST_KERNEL=debug
# in the environment it is that of the debug host: with ppc-debug.config as well.

. "$(dirname "$0")/lib.sh"

choice=$("$VM_DIR/versions.sh")
. "$choice"
configs=("$VM_DIR/ppc.config")
kind=ppc
if [ "$HOST_KERNEL" = debug ]; then
	configs+=("$VM_DIR/ppc-debug.config")
	kind=ppc-debug
fi
dir=$CACHE/$kind-$SOURCE_VERSION-$(files_key "${configs[@]}")
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
	cat "${configs[@]}" >"$dir/wanted.config"
	KCONFIG_ALLCONFIG=$dir/wanted.config kmake allnoconfig
	lacks=$(grep '^CONFIG_.*=[ym]' "$dir/wanted.config" | grep -v -x -F -f "$dir/.config" || true)
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
