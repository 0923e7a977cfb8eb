# SPDX-License-Identifier: GPL-2.0
#
# Sourced by every script here: where things are, messages, locks. Needs bash.
#
# All that is fetched or built from what was fetched lives below $CACHE, in
# directories whose names hold the version; all that depends on the checkout
# lives below $BUILD.

set -euo pipefail
umask 022
# What a make that runs this was told is not for those that run from here.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$VM_DIR/../../.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/kvm-module
BUILD=${BUILD:-$TOP/build}
# The emulated host's kernel: stock, 16k (the same with pages of that size) or debug;
# the module for it; and how much longer everything may take there.
HOST_KERNEL=${HOST_KERNEL:-stock}
case $HOST_KERNEL in
debug)	MODULE=$BUILD/debug/kvm-arm.ko PATIENCE=8;;
16k)	MODULE=$BUILD/module-16k/kvm-arm.ko PATIENCE=1;;
stock)	MODULE=$BUILD/module/kvm-arm.ko PATIENCE=1;;
*)	echo "error: HOST_KERNEL is stock, 16k or debug" >&2
	exit 1;;
esac
NATIVE=$(dpkg --print-architecture)
SERIES=${SERIES:-6.12}
JOBS=${JOBS:-$(nproc)}
mkdir -p "$CACHE" "$BUILD"

say()
{
	printf '%s\n' "$*" >&2
}

die()
{
	printf 'error: %s\n' "$*" >&2
	exit 1
}

# stage MESSAGE COMMAND...: announce a step that may take long, then run it.
stage()
{
	local start=$SECONDS msg=$1

	shift
	say "  ... $msg"
	"$@"
	[ $((SECONDS - start)) -lt 2 ] || say "      done in $((SECONDS - start)) s"
}

# with_lock NAME COMMAND...: one at a time over all processes of this user.
with_lock()
{
	local name=$1

	shift
	(
		flock 9
		"$@"
	) 9>"$CACHE/.lock.$name"
}

# publish TMP DEST: a directory appears complete or not at all.
publish()
{
	rm -rf "$2"
	mkdir -p "$(dirname "$2")"
	mv "$1" "$2"
}

# The versions in use, as variables; the kernel is the emulated host's.
versions()
{
	local choice

	choice=$("$VM_DIR/versions.sh")
	. "$choice"
	if [ "$HOST_KERNEL" = 16k ]; then
		KIMAGE=${KIMAGE/$KVER/$KVER-16k}
		KVER=$KVER-16k
	fi
}

# A key for what a file list determines: changes when any of them does.
files_key()
{
	cat "$@" | sha256sum | cut -c1-12
}

# PowerPC is always built across: no distribution has a 44x userland.
PPC_PREFIX=powerpc-linux-gnu-
PPC_MODULE=$BUILD/ppc/kvm.ko
[ "$HOST_KERNEL" != debug ] || PPC_MODULE=$BUILD/ppc-debug/kvm.ko

cross_prefix()
{
	[ "$NATIVE" = arm64 ] || echo aarch64-linux-gnu-
}

# compiler PREFIX: gcc; with ccache, if that is there, what has been compiled before is not compiled again.
export CCACHE_DIR=$CACHE/ccache CCACHE_MAXSIZE=1G
compiler()
{
	! command -v ccache >/dev/null || printf 'ccache '
	echo "${1}gcc"
}
