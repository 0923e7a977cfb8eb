#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# versions.sh [--refresh | rust]: choose once which versions are used, remember the
# choice, and print the name of the file that holds it as shell assignments.
#
# The kernel is the newest of the series of which the arm64 image and headers,
# the common headers and this machine's build tools are all available. Its flavour
# with 16K pages has the same version.
#
# rust: a choice of its own, since it takes another release's package lists on Debian
# 12: the rust-vmm crates, and the compiler of the release that has them.

. "$(dirname "$0")/lib.sh"
. "$VM_DIR/apt.sh"

choice=$CACHE/versions-$SERIES
rust_choice=$CACHE/versions-rust
# The first one that has the crates
rust_release=trixie

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

choose_rust()
{
	local suite= arch rust crate

	apt_update arm64
	if [ -z "$(apt_candidate arm64 librust-kvm-ioctls-dev)" ]; then
		suite=-$rust_release
	fi
	for arch in arm64 "$NATIVE"; do
		apt_update "$arch$suite"
	done
	rust=$(apt_candidate "$NATIVE$suite" rustc)
	crate=$(apt_candidate "arm64$suite" librust-kvm-ioctls-dev)
	[ -n "$rust" ] && [ -n "$crate" ] || die "no rustc and librust-kvm-ioctls-dev in the package sources"
	{
		echo "RUST_SUITE=$suite"
		echo "RUST_VERSION=$rust"
		echo "CRATE_VERSION=$crate"
	} >"$rust_choice.tmp"
	mv "$rust_choice.tmp" "$rust_choice"
	say "      Rust $rust, kvm-ioctls $crate"
}

# The other choice is made again when it is needed.
refresh()
{
	choose force
	rm -f "$rust_choice" "$CACHE"/apt/*-*/updated
}

# choose_once FILE FUNCTION: whoever waited for the lock finds the work done.
choose_once()
{
	if [ ! -s "$1" ]; then
		"$2" ""
	fi
}

case ${1:-} in
--refresh)
	with_lock versions refresh
	;;
rust)
	choice=$rust_choice
	[ -s "$choice" ] || with_lock versions choose_once "$choice" choose_rust
	;;
*)
	[ -s "$choice" ] || with_lock versions choose_once "$choice" choose
	;;
esac
echo "$choice"
