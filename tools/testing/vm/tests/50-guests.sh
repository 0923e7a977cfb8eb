#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Real guests: the distribution's kernel under the distribution's QEMU, to user
# space, with disk and network, and off again.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"

# guest NAME "VARIABLES OF guest.sh" HOST-OPTION...
guest()
{
	local name=$1 vars=$2

	shift 2
	ktap_run "$name" "$VM_DIR/host.sh" --guest --timeout 650 --log "$LOGS/$name.console" "$@" -- "$vars guest.sh"
}

guest 1-vcpu "VCPUS=1"
guest 4-vcpus "VCPUS=4"
# Disks and memory come and go while it runs.
guest hotplug "VCPUS=2 ITS=on HOTPLUG=on LIMIT=600"
guest virtio-mmio "BUS=mmio"
guest efi "EFI=1 VCPUS=4"
guest irqchip-off "VCPUS=2 IRQCHIP=off"
guest cpu-max "VCPUS=2 MTE=on" --cpu max,pauth-impdef=on --mte
guest host-acpi "VCPUS=2" --efi
guest host-1-cpu "VCPUS=2" --smp 1
guest host-4-cpus "VCPUS=4" --smp 4

# One boot for what is around a guest: a debugger; a device of the host's that is the
# guest's own; a network card that the host's kernel looks after. A row for each.
around()
{
	local size=$((128 * 16384)) log=$LOGS/around.log nvme=$LOGS/nvme wrote

	head -c $((2 * size)) /dev/urandom >"$nvme"
	"$VM_DIR/selftests.sh" build >"$LOGS/build.log" 2>&1 || { cat "$LOGS/build.log"; return 1; }
	"$VM_DIR/host.sh" --guest --timeout 500 --log "$LOGS/around.console" --iommu \
		--qemu "-drive file=$nvme,if=none,id=nvme,format=raw -device nvme,drive=nvme,serial=bed" \
		--file "$BUILD/selftests/arm64/vfio_test" -- \
		"assign.sh 0x010802 && vfio_test &&
		VCPUS=2 ITS=on GDB=on VHOST=on NVME=$(head -c $size "$nvme" | sha256sum | cut -d ' ' -f 1) guest.sh" \
		>"$log" 2>&1 || { cat "$log"; return 1; }
	cat "$log"
	wrote=$(tr -d '\r' <"$log" | sed -n 's/^.*bed-nvme-wrote //p')
	[ "$(tail -c $size "$nvme" | sha256sum | cut -d ' ' -f 1)" = "$wrote" ]
}

# said NUMBER PATTERN: how many lines of that boot
said()
{
	[ "$(grep -a -c "$2" "$LOGS/around.log")" = "$1" ]
}

# Any of its rows is the boot.
case $FILTER in
around*) FILTER='around*';;
esac
if ktap_wanted around; then
	ktap_run around around
	ktap_run around-gdb said 1 'host: gdb: passed'
	ktap_run around-vfio-ioctls said 1 '^# Totals: pass:[1-9].* fail:0 .* skip:0 '
	ktap_run around-assigned-device-msi-x said 3 'guest: assigned device, MSI-X: .*: ok'
	ktap_run around-assigned-device-intx said 3 'guest: assigned device, INTx: .*: ok'
	ktap_run around-vhost-net said 3 'guest: vhost-net: .*: ok'
fi
ktap_end
