#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the emulated host: start QEMU with a Linux guest, show its console,
# and judge. From the environment: VCPUS, MEM, ITS (on, off), BUS (pci, mmio),
# IRQCHIP (off: QEMU has the interrupt controller, a GICv2), EFI (1: boot through
# firmware), CPU, APPEND, EXTRA (QEMU arguments), LIMIT (s).

vcpus=${VCPUS:-2} mem=${MEM:-256M} its=${ITS:-off} bus=${BUS:-pci} limit=${LIMIT:-300}
guest=/usr/share/guest
dir=$(mktemp -d /tmp/guest.XXXXXX)
half=2

sum()
{
	sha256sum | cut -d ' ' -f 1
}

mkdir "$dir/tftp"
dd if=/dev/urandom of="$dir/disk" bs=1M count=$half 2>/dev/null
disk=$(sum <"$dir/disk")
truncate -s $((2 * half))M "$dir/disk"
dd if=/dev/urandom of="$dir/tftp/net" bs=1k count=600 2>/dev/null
net=$(sum <"$dir/tftp/net")
token=$(dd if=/dev/urandom bs=16 count=1 2>/dev/null | sum)

case $bus in
pci)	blk=virtio-blk-pci nic=virtio-net-pci,romfile=;;
mmio)	blk=virtio-blk-device nic=virtio-net-device;;
*)	echo "guest.sh: BUS is pci or mmio"; exit 2;;
esac
machine=virt,gic-version=3,its=$its
[ "$IRQCHIP" != off ] || machine=virt,gic-version=2,kernel-irqchip=off
set -- -accel kvm -cpu "${CPU:-host}" -M "$machine" -smp "$vcpus" -m "$mem" \
	-nodefaults -display none -serial stdio -no-reboot \
	-kernel $guest/vmlinuz -initrd /bed/guest.initrd \
	-drive "file=$dir/disk,if=none,id=disk,format=raw" -device $blk,drive=disk \
	-netdev "user,id=net,tftp=$dir/tftp" -device $nic,netdev=net
[ -z "$EFI" ] || set -- "$@" -bios $guest/QEMU_EFI.fd
args="console=ttyAMA0 quiet panic=-1 bed.cpus=$vcpus bed.disk=$disk bed.net=$net bed.token=$token"

echo "host: qemu-system-aarch64 -accel kvm -cpu ${CPU:-host} -M $machine -smp $vcpus ${EFI:+(EFI) }..."
{
	# Words on purpose: EXTRA holds several.
	timeout -k 5 "$limit" qemu-system-aarch64 "$@" $EXTRA -append "$args $APPEND" </dev/null 2>&1
	echo $? >"$dir/status"
} | tr -d '\r' | tee "$dir/console"

status=$(cat "$dir/status")
fail()
{
	echo "host: guest FAILED: $*"
	rm -rf "$dir"
	exit 1
}
[ "$status" != 124 ] && [ "$status" != 143 ] || fail "no end after $limit s"
[ "$status" = 0 ] || fail "QEMU's exit status is $status"
grep -q "bed-passed $token" "$dir/console" || fail "no word of success"
wrote=$(sed -n 's/^.*bed-wrote //p' "$dir/console")
[ "$(tail -c $((half * 1048576)) "$dir/disk" | sum)" = "$wrote" ] ||
	fail "the disk does not hold what the guest wrote"
rm -rf "$dir"
echo "host: guest passed"
