#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# packages.sh SET...: install by name what the named sets need on this machine.
# Does nothing, quickly, when all is there. Package sources stay as they are.

. "$(dirname "$0")/lib.sh"

cross=
[ "$NATIVE" = arm64 ] || cross="gcc-aarch64-linux-gnu libc6-dev-arm64-cross"

packages_of()
{
	case $1 in
	build)	echo gcc libc6-dev make perl xz-utils kmod pahole libelf1 python3 $cross;;
	vm)	echo cpio squashfs-tools binutils $cross;;
	check)	echo sparse clang llvm python3-sphinx ccache;;
	fuzz)	echo clang libclang-rt-dev;;
	bench)	echo gnuplot-nox;;
	sparse)	echo sparse;;
	tree)	echo flex bison bc;;
	install) echo rsync;;
	ppc)	echo gcc libc6-dev make perl xz-utils kmod python3 cpio flex bison bc binutils \
			gcc-powerpc-linux-gnu libc6-dev-powerpc-cross qemu-system-ppc;;
	docs)	echo python3-sphinx perl make;;
	*)	die "no package set called $1";;
	esac
}

installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Debian 13 renamed libraries in the change to 64-bit time.
present()
{
	installed "$1" || installed "$1t64"
}

missing=()
for set in "$@"; do
	for p in $(packages_of "$set"); do
		present "$p" || missing+=("$p")
	done
done
[ ${#missing[@]} -gt 0 ] || exit 0

[ "$(id -u)" = 0 ] ||
	die "missing packages; as root: apt-get install ${missing[*]}"

install_missing()
{
	apt-get -q update >&2
	for i in "${!missing[@]}"; do
		apt-cache show "${missing[$i]}" >/dev/null 2>&1 ||
			missing[i]="${missing[$i]}t64"
	done
	DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
		install "${missing[@]}" >&2
}
stage "installing: ${missing[*]}" with_lock packages install_missing
