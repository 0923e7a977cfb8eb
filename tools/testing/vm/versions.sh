#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# versions.sh [--refresh]: choose once which versions are used, remember the
# choice, and print the name of the file that holds it as shell assignments.
#
# The kernel is the newest of the series of which the arm64 image and headers,
# the common headers and this machine's build tools are all available. Its flavour
# with 16K pages has the same version.

. "$(dirname "$0")/lib.sh"
. "$VM_DIR/apt.sh"

choice=$CACHE/versions-$SERIES

choose()
{
	local abi image try qemu source

	apt_update arm64 "$1"
	if [ "$NATIVE" != arm64 ]; then
		apt_update "$NATIVE" "$1"
	fi

	for try in $(apt_cache arm64 pkgnames "linux-headers-$SERIES." |
		     sed -n 's/^linux-headers-\([0-9.]*[0-9][^-]*\)-arm64$/\1/p' | sort -rV); do
		[ -n "$(apt_candidate arm64 "linux-headers-$try-common")" ] || continue
		[ -n "$(apt_candidate "$NATIVE" "linux-kbuild-$try")" ] || continue
		for image in "linux-image-$try-arm64-unsigned" "linux-image-$try-arm64"; do
			[ -n "$(apt_candidate arm64 "$image")" ] || continue
			abi=$try
			break 2
		done
	done
	[ -n "${abi:-}" ] || die "no complete $SERIES kernel for arm64 in the package sources"

	qemu=$(apt_candidate arm64 qemu-system-arm)
	source=$(apt_candidate arm64 "linux-source-$SERIES")
	[ -n "$source" ] || die "linux-source-$SERIES is not in the package sources"
	{
		echo "KABI=$abi"
		echo "KVER=$abi-arm64"
		echo "KIMAGE=$image"
		echo "QEMU_VERSION=${qemu#*:}"
		echo "SOURCE_VERSION=$source"
	} >"$choice.tmp"
	mv "$choice.tmp" "$choice"
	say "      kernel $abi-arm64, QEMU $qemu, source $source"
}

if [ "${1:-}" = --refresh ]; then
	with_lock versions choose force
elif [ ! -s "$choice" ]; then
	# Whoever waited for the lock finds the work done.
	choose_once()
	{
		if [ ! -s "$choice" ]; then
			choose ""
		fi
	}
	with_lock versions choose_once
fi
echo "$choice"
