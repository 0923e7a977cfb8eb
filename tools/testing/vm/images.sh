#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# images.sh WHAT: assemble something to boot, in the cache; print its name.
#
#   base   an initramfs with busybox and the kernel's modules that are of use
#          here, for the emulated host and for its guests alike; it has no
#          /init: that comes with what is appended to it. HOST_KERNEL=16k: with
#          that kernel's modules
#   root   a squashfs that the emulated host mounts on /usr: the distribution's
#          arm64 QEMU and gdb with their libraries, EFI firmware, kernel for guests
#   tools  another one: the distribution's perf and trace-cmd

. "$(dirname "$0")/lib.sh"
. "$VM_DIR/apt.sh"

versions

modules="virtio_blk virtio_net virtio_mmio virtio-rng virtio_balloon virtio_mem squashfs 9p
	9pnet_virtio vhost_net tun vfio-pci vfio_iommu_type1 nvme crc32c_generic loop"

# module_files: the wanted modules with what they depend on, relative to /lib.
module_files()
{
	local kernel=$1 m

	for m in $modules; do
		modprobe -d "$kernel" -S "$KVER" --show-depends "$m"
	done | sed -n "s#^insmod $kernel/lib/##p" | sort -u
}

make_base()
{
	local dir=$CACHE/base.new kernel a f

	kernel=$("$VM_DIR/fetch.sh" kernel)
	rm -rf "$dir"
	mkdir -p "$dir"/{dev,proc,sys,tmp,mnt,etc,root,run,usr,sbin,bin}
	stage "fetching busybox" apt_unpack arm64 "$dir/deb" busybox-static
	mv "$(find "$dir/deb" -type f -path '*bin/busybox')" "$dir/bin/busybox"
	rm -rf "$dir/deb"
	for a in sh mount modprobe insmod poweroff reboot; do
		ln -s busybox "$dir/bin/$a"
	done
	echo root:x:0:0:root:/root:/bin/sh >"$dir/etc/passwd"
	echo root:x:0: >"$dir/etc/group"

	mkdir -p "$dir/lib"
	for f in $(module_files "$kernel"); do
		mkdir -p "$dir/lib/$(dirname "$f")"
		case $f in
		*.xz)	xz -dc "$kernel/lib/$f" >"$dir/lib/${f%.xz}";;
		*.zst)	zstd -qdc "$kernel/lib/$f" >"$dir/lib/${f%.zst}";;
		*)	cp "$kernel/lib/$f" "$dir/lib/$f";;
		esac
	done
	cp "$kernel/lib/modules/$KVER"/modules.{order,builtin,builtin.modinfo} \
		"$dir/lib/modules/$KVER/"
	depmod -b "$dir" "$KVER"
	# The root image is mounted over /usr and has the same link.
	mv "$dir/lib/modules" "$dir/modules"
	rmdir "$dir/lib"
	mkdir -p "$dir/usr/lib"
	ln -s usr/lib "$dir/lib"
	ln -s /modules "$dir/usr/lib/modules"
	(cd "$dir" && find . | sort | cpio -o -H newc --quiet -R 0:0) >"$1.new"
	rm -rf "$dir"
	mv "$1.new" "$1"
}

# pick ALL ROOT PROGRAM...: to ROOT what the programs in ALL, unpacked packages, need to run.
pick()
{
	local all=$1 root=$2 f

	shift 2
	# One tree, as on an installed system, so that links lead where they should.
	for f in lib bin sbin; do
		if [ -d "$all/$f" ] && [ ! -L "$all/$f" ]; then
			mkdir -p "$all/usr/$f"
			cp -a "$all/$f/." "$all/usr/$f/"
			rm -rf "${all:?}/$f"
			ln -s "usr/$f" "$all/$f"
		fi
	done
	for f in $("$VM_DIR/elf-closure.py" "$all" "$@"); do
		mkdir -p "$root/$(dirname "$f")"
		cp -a "$all/$f" "$root/$f"
	done
	if [ ! -e "$root/usr/lib/ld-linux-aarch64.so.1" ]; then
		ln -s aarch64-linux-gnu/ld-linux-aarch64.so.1 "$root/usr/lib/"
	fi
	ln -s /modules "$root/usr/lib/modules"
}

pack_usr()
{
	mksquashfs "$1/usr" "$2.new" -quiet -no-progress -noappend -all-root -comp lz4 >&2
}

make_root()
{
	local dir=$CACHE/root.new kernel firmware

	kernel=$("$VM_DIR/fetch.sh" kernel)
	firmware=$("$VM_DIR/fetch.sh" firmware)
	rm -rf "$dir"
	mkdir -p "$dir/root" "$dir/all"
	stage "fetching QEMU $QEMU_VERSION and gdb for the emulated host" \
		apt_unpack_closure arm64 "$dir/all" qemu-system-arm gdb-minimal libgcc-s1 kexec-tools
	pick "$dir/all" "$dir/root" usr/bin/qemu-system-aarch64 usr/bin/gdb usr/sbin/kexec
	mkdir -p "$dir/root/usr/share/qemu" "$dir/root/usr/share/guest"
	cp "$firmware/QEMU_EFI.fd" "$dir/root/usr/share/guest/"
	cp "$kernel/boot/vmlinuz-$KVER" "$dir/root/usr/share/guest/vmlinuz"
	stage "packing the root image" pack_usr "$dir/root" "$1"
	rm -rf "$dir"
	mv "$1.new" "$1"
}

make_tools()
{
	local dir=$CACHE/tools.new

	rm -rf "$dir"
	mkdir -p "$dir/root" "$dir/all"
	stage "fetching perf and trace-cmd for the emulated host" \
		apt_unpack_closure arm64 "$dir/all" linux-perf trace-cmd libgcc-s1
	pick "$dir/all" "$dir/root" usr/bin/perf usr/bin/trace-cmd
	pack_usr "$dir/root" "$1"
	rm -rf "$dir"
	mv "$1.new" "$1"
}

# Not in a condition: "set -e" is to hold inside.
build_once()
{
	if [ ! -s "$1" ]; then
		"$2" "$1"
	fi
}

case $1 in
base)
	image=$CACHE/base-$KVER-$(files_key "$0").cpio
	[ -s "$image" ] || build=make_base
	;;
root)
	# Guests have the stock kernel on every host.
	HOST_KERNEL=stock
	versions
	image=$CACHE/root-$KVER-$QEMU_VERSION-$(files_key "$0" "$VM_DIR/elf-closure.py").squashfs
	[ -s "$image" ] || build=make_root
	;;
tools)
	image=$CACHE/tools-$KVER-$(files_key "$0" "$VM_DIR/elf-closure.py").squashfs
	[ -s "$image" ] || build=make_tools
	;;
*)
	die "no image called $1"
	;;
esac
if [ -n "${build:-}" ]; then
	with_lock "image-$1" build_once "$image" "$build"
fi
echo "$image"
