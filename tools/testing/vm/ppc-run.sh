#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ppc-run.sh [HOST OPTION...]: what "make run-ppc" does: the host's own kernel as
# a guest of the module, under the VMM in tools/vmm/ppc, in the emulated host.
# PARAVIRT=off: the guest is not told that it is one; PARAVIRT=patched: its kernel is
# made to believe in the page that it shares (ppc-guest-kernel.py), and uses it.

. "$(dirname "$0")/lib.sh"

memory=${MEM:-48} initrd_start=$((32 << 20)) clock=400000000
hypervisor=linux,kvm paravirt=${PARAVIRT:-on}
[ "$paravirt" != off ] || hypervisor=none
# Also in the debug host the guest is the other one.
kernel=$(HOST_KERNEL=stock "$VM_DIR/ppc-kernel.sh")
out=$BUILD/ppc-vmm
mkdir -p "$out/root/proc" "$out/root/dev"

stage "building the module" env ARCH=powerpc "$VM_DIR/build-module.sh" >&2
make -s -C "$TOP/tools/vmm/ppc" OUTPUT="$out" CROSS_COMPILE="$PPC_PREFIX" all

guest=$kernel/vmlinux.boot
if [ "$paravirt" = patched ]; then
	guest=$out/vmlinux.boot
	# It has a line for each place that it finds no room for.
	APPEND=${APPEND:-loglevel=2}
	"$VM_DIR/ppc-guest-kernel.py" "$kernel/vmlinux.boot" "$guest"
fi

cp "$out/guest-init" "$out/root/init"
# The console is there before anything is mounted.
(cd "$out/root" && find . | sort | cpio -o -H newc --quiet -R 0:0) >"$out/initrd"
sed -e "s/@BOOTARGS@/console=ttyS0,115200 panic=-1 rdinit=\/init ${APPEND:-quiet} $paravirt/" \
	-e "s/@INITRD_START@/$initrd_start/; s/@MEMORY@/$((memory << 20))/; s/@CLOCK@/$clock/" \
	-e "s/@HYPERVISOR@/$hypervisor/" \
	-e "s/@INITRD_END@/$((initrd_start + $(stat -c %s "$out/initrd")))/" \
	"$TOP/tools/vmm/ppc/board.dts.in" >"$out/board.dts"
"$kernel/scripts/dtc/dtc" -q -o "$out/board.dtb" "$out/board.dts"

say "booting the emulated PowerPC host"
if "$VM_DIR/ppc-host.sh" --timeout "${LIMIT:-300}" --log "$BUILD/run-ppc.log" \
	--file "$out/ppc-vmm" --file "$out/initrd=guest.initrd" --file "$out/board.dtb" \
	--file "$guest=vmlinux.boot" "$@" -- \
	/ppc-vmm "$memory" /vmlinux.boot /board.dtb /guest.initrd "$initrd_start" |
	tee "$out/console" && grep -q '^guest: passed' "$out/console"; then
	echo "SUCCESS: the guest ran on KVM (module) to its user space, and reset its board"
else
	echo "FAILURE: the host's console is in $BUILD/run-ppc.log"
	exit 1
fi
