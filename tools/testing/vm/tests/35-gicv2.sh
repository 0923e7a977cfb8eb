#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host with a GICv2: its own tests, those of our kselftests for which it makes a
# difference, with the CPU interface mapped and trapped and with one list register,
# the module's life, and a guest.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"
. "$VM_DIR/suite.sh"

suite_build
own="vgic_v2_test vgic_v2_attr_test"
shared="gic_basic_test vgic_lr_test vgic_queue_test vgic_remote_test irq_line_test irqfd_test timer_test
	timer_state_test"
generic="basic_test capability_test dev_ioctl_test device_test vcpu_create_test lifecycle_test id_reg_test
	mmio_test mp_state_test psci_test suspend_test trap_test user_irq_test"
words() { echo $*; }

SUITE_ONLY=$(words $own $shared $generic) suite host/ 120 --gic 2
SUITE_ONLY=$(words $own $shared) suite trapped/ 120 --gic 2 --args vgic_v2_trap=1
SUITE_ONLY=$(words $own $shared) suite one-list-register/ 120 --gic 2 --args vgic_lrs=1

# life NAME "ARGUMENTS of lifecycle.sh" HOST-OPTION...
life()
{
	local name=$1 args=$2

	shift 2
	ktap_run "$name" "$VM_DIR/host.sh" --kvm none --timeout 240 --log "$LOGS/$name.console" --gic 2 \
		--file "$MODULE=module/kvm-arm.ko" --file "$VM_DIR/init/lifecycle.sh" \
		--file "$BUILD/selftests/arm64/gic_basic_test=guest" "$@" -- "lifecycle.sh $args"
}

life loaded-twice double
life cpu-hotplug hotplug
life acpi double --efi

# guest NAME "VARIABLES OF guest.sh" HOST-OPTION...
guest()
{
	local name=$1 vars=$2

	shift 2
	ktap_run "$name" "$VM_DIR/host.sh" --guest --gic 2 --timeout 400 --log "$LOGS/$name.console" "$@" -- \
		"GIC=2 $vars guest.sh"
}

guest guest "VCPUS=4"
guest guest-moved-by-file "VCPUS=2 MOVE=file"
ktap_end
