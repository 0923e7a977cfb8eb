#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module's life: loading, unloading, being refused, CPUs that go and come,
# reboot and kexec. What runs in the emulated host is init/lifecycle.sh.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"

if ! "$VM_DIR/selftests.sh" build >"$LOGS/build.log" 2>&1 ||
   ! "$(cross_prefix)gcc" -static -O1 -Wall -I "$TOP/include/uapi" -I "$TOP/arch/arm64/include/uapi" \
	-o "$LOGS/hold" "$VM_DIR/init/hold.c" >>"$LOGS/build.log" 2>&1; then
	ktap_result fail build "$LOGS/build.log"
	ktap_log "$LOGS/build.log"
	ktap_end
	exit
fi

# life NAME "ARGUMENTS of lifecycle.sh" SECONDS HOST-OPTION...
life()
{
	local name=$1 args=$2 limit=$3

	shift 3
	ktap_run "$name" "$VM_DIR/host.sh" --kvm none --timeout "$limit" --log "$LOGS/$name.console" \
		--file "$MODULE=module/kvm-arm.ko" --file "$VM_DIR/init/lifecycle.sh" \
		--file "$BUILD/selftests/arm64/basic_test=guest" --file "$LOGS/hold" "$@" -- "lifecycle.sh $args"
}

life cycles cycles 400
life refused-while-in-use busy 120
life loaded-twice double 60
life trace-points traced 60
life cpu-hotplug hotplug 240
life cpu-hotplug-max hotplug 240 --cpu max,pauth-impdef=on
rm -rf "$LOGS/share"
mkdir -p "$LOGS/share"
life reboot reboot 120 --reboots --share "$LOGS/share"
life kexec kexec 120 --root --no-its
life kexec-acpi kexec 120 --root --efi
life refused-without-vhe "refused VHE" 60 --cpu cortex-a72
life refused-at-el1 "refused EL2" 60 --no-el2
life refused-beside-built-in-kvm "refused mode=none" 60 --kvm stock
ktap_end
