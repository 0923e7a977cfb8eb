#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fetch.sh WHAT: make sure that something fetched is in the cache, print where.
#
#   kernel    the emulated host's kernel (HOST_KERNEL=16k: the one with 16K pages):
#             image, modules (without BTF of no use here)
#   headers   a directory to build modules for it against, as KDIR
#   source    the distribution's kernel source: tools, headers, documentation
#   qemu      an emulator for this machine: prints the command to run
#   firmware  the directory of the arm64 EFI firmware
#   rust      a Rust compiler for this machine, with arm64's standard library: prints
#             the command to run
#   crates    the directory of the sources of rust-vmm's crates for it

. "$(dirname "$0")/lib.sh"
. "$VM_DIR/apt.sh"

versions

# The usual reason for a failure is a package that has left the archive since
# the versions were chosen.
trap '[ $? = 0 ] || say "error: fetching failed; if a package is gone, make refresh"' EXIT

# fill DIR FUNCTION: have FUNCTION fill a scratch directory that becomes DIR.
# Whoever waited for the lock finds the work done.
fill()
{
	if [ -e "$1/.complete" ]; then
		return
	fi
	rm -rf "$1.new"
	mkdir -p "$1.new"
	"$2" "$1.new" "$1"
	touch "$1.new/.complete"
	publish "$1.new" "$1"
}

# Not in a condition: "set -e" is to hold inside.
cached()
{
	if [ ! -e "$1/.complete" ]; then
		with_lock "$(basename "$1")" fill "$@"
	fi
}

get_kernel()
{
	stage "fetching the arm64 kernel $KVER" apt_unpack arm64 "$1" "$KIMAGE"
	# One place for modules whether /usr is merged or not.
	if [ ! -e "$1/lib" ]; then
		ln -s usr/lib "$1/lib"
	fi
	depmod -b "$1" "$KVER"
}

get_headers()
{
	local arch

	stage "fetching headers for $KVER" apt_unpack arm64 "$1" \
		"linux-headers-$KVER" "linux-headers-$KABI-common"
	stage "fetching kernel build tools" apt_unpack "$NATIVE" "$1" \
		"linux-kbuild-$KABI"
	# The packages name each other by absolute paths.
	arch=$1/usr/src/linux-headers-$KVER
	sed -i "s#/usr/src/#$2/usr/src/#g" "$arch/Makefile"
}

get_source()
{
	local tar

	stage "fetching the kernel source $SOURCE_VERSION" apt_unpack arm64 "$1/deb" \
		"linux-source-$SERIES"
	tar=$(ls "$1"/deb/usr/src/linux-source-*.tar.*)
	stage "unpacking it" tar -C "$1" --strip-components=1 -xf "$tar"
	rm -rf "$1/deb"
}

# program SCRATCH DIR PROGRAM ARGUMENT...: have DIR/run run a program of this machine's
# architecture with the libraries that it was built for.
program()
{
	local dir=$1 lib=$2/usr/lib bin=$2/usr/bin/$3 triplet loader

	loader=$(cd "$dir" && find . -name 'ld-linux-*.so.?' \( -type f -o -type l \) | sort | head -n 1)
	triplet=$(case $NATIVE in amd64) echo x86_64;; arm64) echo aarch64;; *) uname -m;; esac)-linux-gnu
	cat >"$dir/run" <<-EOF
	#!/bin/sh
	exec "$2/${loader#./}" --library-path "$2/lib/$triplet:$lib/$triplet:$lib/$triplet/pulseaudio" \\
		"$bin" ${*:4} "\$@"
	EOF
	chmod +x "$dir/run"
}

get_qemu()
{
	stage "fetching QEMU $QEMU_VERSION for this machine" \
		apt_unpack_closure "$NATIVE" "$1" qemu-system-arm
	program "$1" "$2" qemu-system-aarch64 -L "$2/usr/share/qemu"
}

# What rustc itself depends on, but for its library, is a C compiler.
get_rust()
{
	local std

	std=libstd-rust-$(sed 's/^\([0-9]*\.[0-9]*\).*/\1/' <<<"$RUST_VERSION")
	stage "fetching Rust $RUST_VERSION for this machine" \
		apt_unpack_closure "$NATIVE$RUST_SUITE" "$1" "$std"
	apt_unpack "$NATIVE$RUST_SUITE" "$1" rustc
	apt_unpack "arm64$RUST_SUITE" "$1" libstd-rust-dev
	program "$1" "$2" rustc --sysroot "$2/usr"
}

get_crates()
{
	stage "fetching the crates of kvm-ioctls $CRATE_VERSION" apt_unpack "arm64$RUST_SUITE" "$1" \
		librust-{kvm-ioctls,kvm-bindings,vmm-sys-util,libc,bitflags,bitflags-1,byteorder}-dev
}

get_firmware()
{
	stage "fetching the arm64 EFI firmware" apt_unpack arm64 "$1" qemu-efi-aarch64
}

case $1 in
kernel)
	cached "$CACHE/kernel-$KVER" get_kernel
	echo "$CACHE/kernel-$KVER"
	;;
headers)
	cached "$CACHE/headers-$KVER" get_headers
	echo "$CACHE/headers-$KVER/usr/src/linux-headers-$KVER"
	;;
source)
	cached "$CACHE/source-$SOURCE_VERSION" get_source
	echo "$CACHE/source-$SOURCE_VERSION"
	;;
qemu)
	cached "$CACHE/qemu-$NATIVE-$QEMU_VERSION" get_qemu
	echo "$CACHE/qemu-$NATIVE-$QEMU_VERSION/run"
	;;
firmware)
	cached "$CACHE/firmware-$QEMU_VERSION" get_firmware
	echo "$CACHE/firmware-$QEMU_VERSION/usr/share/qemu-efi-aarch64"
	;;
rust | crates)
	choice=$("$VM_DIR/versions.sh" rust)
	. "$choice"
	dir=$CACHE/rust-$NATIVE-$RUST_VERSION file=run
	[ "$1" = rust ] || dir=$CACHE/crates-$CRATE_VERSION file=usr/share/cargo/registry
	cached "$dir" "get_$1"
	echo "$dir/$file"
	;;
*)
	die "nothing called $1 to fetch"
	;;
esac
