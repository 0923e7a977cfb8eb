#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module's life and a real guest on the debug host: what a kselftest does not
# reach. Counting memory over many cycles is of no use here: kmemleak does that.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"
. "$VM_DIR/suite.sh"

suite_build
if ! "$(cross_prefix)gcc" -static -O1 -Wall -I "$TOP/include/uapi" -I "$TOP/arch/arm64/include/uapi" \
	-o "$LOGS/hold" "$VM_DIR/init/hold.c" >"$LOGS/hold.log" 2>&1; then
	ktap_result fail build "$LOGS/hold.log"
fi

# life NAME ARGUMENTS-OF-lifecycle.sh SECONDS
life()
{
	ktap_run "$1" "$VM_DIR/host.sh" --kvm none --timeout "$3" --log "$LOGS/$1.console" \
		--file "$MODULE=module/kvm-arm.ko" --file "$VM_DIR/init/lifecycle.sh" \
		--file "$BUILD/selftests/arm64/basic_test=guest" --file "$LOGS/hold" -- "lifecycle.sh $2"
}

life refused-while-in-use busy 120
life loaded-twice double 60
life cpu-hotplug hotplug 240
ktap_run guest "$VM_DIR/host.sh" --guest --timeout 400 --log "$LOGS/guest.console" -- \
	"VCPUS=2 ITS=on LIMIT=2400 guest.sh"
ktap_end
