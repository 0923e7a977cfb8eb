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
	ktap_run "$name" "$VM_DIR/host.sh" --guest --timeout 400 --log "$LOGS/$name.console" "$@" -- "$vars guest.sh"
}

guest 1-vcpu "VCPUS=1"
guest 2-vcpus "VCPUS=2"
guest 4-vcpus "VCPUS=4"
guest virtio-mmio "BUS=mmio"
guest efi "EFI=1 VCPUS=4"
guest irqchip-off "VCPUS=2 IRQCHIP=off"
guest cpu-max "VCPUS=2" --cpu max,pauth-impdef=on
guest host-acpi "VCPUS=2" --efi
guest host-1-cpu "VCPUS=2" --smp 1
guest host-4-cpus "VCPUS=4" --smp 4
ktap_end
