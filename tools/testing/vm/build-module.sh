#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-module.sh [-o DIR] [MAKE ARGUMENT...]: build kvm-arm.ko.
#
# On an arm64 machine against the running kernel's headers, elsewhere with the
# cross compiler against fetched ones; KDIR=... in the environment overrides.
# The kernel's build writes beside the sources, so it is given a tree of links:
# the checkout stays clean and several configurations live side by side.

. "$(dirname "$0")/lib.sh"

out=$BUILD/module
if [ "${1:-}" = -o ]; then
	out=$2
	shift 2
fi

if [ -z "${KDIR:-}" ]; then
	if [ "$NATIVE" = arm64 ] && [ -e "/lib/modules/$(uname -r)/build" ]; then
		KDIR=/lib/modules/$(uname -r)/build
	else
		KDIR=$("$VM_DIR/fetch.sh" headers)
	fi
fi

# Objects of other headers do not fit.
mkdir -p "$out"
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

args=(ARCH=arm64)
[ "$NATIVE" = arm64 ] || args+=(CROSS_COMPILE=aarch64-linux-gnu-)
make -C "$KDIR" M="$out" -j"$JOBS" --no-print-directory "${args[@]}" "$@" modules
ln -sfn "$(realpath --relative-to="$BUILD" "$out/kvm-arm.ko")" "$BUILD/kvm-arm.ko"
