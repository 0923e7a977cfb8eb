#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-module.sh [--bed] [-o DIR] [MAKE ARGUMENT...]: build kvm-arm.ko, or
# kvm.ko if the environment says ARCH=powerpc.
#
# On an arm64 machine against the running kernel's headers, elsewhere with the
# cross compiler against fetched ones; KDIR=... in the environment overrides.
# With --bed always against the headers of the emulated host's kernel; for the
# debug host's (HOST_KERNEL=debug) with the module's own checks on; for that with
# 16K pages (HOST_KERNEL=16k) against its own headers.
# For PowerPC always with the cross compiler, and against the kernel that
# ppc-kernel.sh builds unless KDIR says otherwise.
# The kernel's build writes beside the sources, so it is given a tree of links:
# the checkout stays clean and several configurations live side by side.

. "$(dirname "$0")/lib.sh"

ARCH=${ARCH:-arm64}
case $ARCH in
arm64)		name=kvm-arm.ko;;
powerpc)	name=kvm.ko MODULE=$PPC_MODULE;;
*)		die "ARCH is arm64 or powerpc";;
esac

if [ $ARCH = powerpc ]; then
	[ "${1:-}" != --bed ] || { shift; KDIR=; }
	KDIR=${KDIR:-$("$VM_DIR/ppc-kernel.sh")}
	[ "$HOST_KERNEL" != debug ] || set -- "$@" CONFIG_KVM_MODULE_DEBUG=y
	out=$(dirname "$MODULE")
elif [ "${1:-}" = --bed ]; then
	shift
	[ "$NATIVE" != arm64 ] || KDIR=
	out=$(dirname "$MODULE")
	if [ "$HOST_KERNEL" = debug ]; then
		KDIR=$("$VM_DIR/debug-kernel.sh")
		set -- "$@" CONFIG_KVM_MODULE_DEBUG=y
	fi
elif [ "$NATIVE" = arm64 ]; then
	KDIR=${KDIR:-/lib/modules/$(uname -r)/build}
	[ -e "$KDIR" ] || die "$KDIR is not there: install linux-headers-$(uname -r), or set KDIR"
	out=$BUILD/native
else
	out=$(dirname "$MODULE")
fi
if [ "${1:-}" = -o ]; then
	out=$2
	shift 2
fi
KDIR=${KDIR:-$("$VM_DIR/fetch.sh" headers)}

# One build at a time in a place; objects of other headers do not fit.
mkdir -p "$out"
exec 8>"$out.lock"
flock 8
if [ "$(cat "$out/.kdir" 2>/dev/null)" != "$KDIR" ]; then
	find "$out" -mindepth 1 -delete
	echo "$KDIR" >"$out/.kdir"
fi

cd "$TOP"
while read -r f; do
	if [ ! -L "$out/$f" ]; then
		mkdir -p "$out/$(dirname "$f")"
		ln -sf "$TOP/$f" "$out/$f"
	fi
done < <(find Kbuild virt arch include -name '*.[chS]' -o -name Kbuild)
find "$out" -xtype l -delete

args=(ARCH=$ARCH)
prefix=$(cross_prefix)
[ $ARCH != powerpc ] || prefix=$PPC_PREFIX
args+=(CROSS_COMPILE="$prefix" CC="$(compiler "$prefix")")
make -C "$KDIR" M="$out" -j"$JOBS" --no-print-directory "${args[@]}" "$@" modules
case $out in
"$BUILD"/check/* | "$BUILD"/debug | "$BUILD"/module-16k | "$BUILD"/ppc-debug)
	;;
*)
	ln -sfn "$(realpath --relative-to="$BUILD" "$out/$name")" "$BUILD/$name"
	;;
esac
