#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Trace points as the distribution's perf and trace-cmd see them, in the emulated
# host. What runs there is init/trace.sh.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"
. "$VM_DIR/suite.sh"

suite_build

# Together they cause nearly every event there is.
programs="dirty_ring_test mmu_notifier_test arm64/basic_test arm64/debug_reg_test arm64/guest_debug_test
	arm64/irqfd_test arm64/irq_line_test arm64/its_msi_test arm64/mmio_test arm64/timer_test arm64/timer_state_test arm64/trap_test
	arm64/psci_test"

files=(--file "$VM_DIR/init/trace.sh")
for p in $programs; do
	files+=(--file "$BUILD/selftests/$p=selftests/$p")
done

# traced WHAT SECONDS
traced()
{
	ktap_run "$1" "$VM_DIR/host.sh" --tools --timeout "$2" --log "$LOGS/$1.console" "${files[@]}" -- "sh trace.sh $1"
}

traced fields 120
traced counts 400
traced trace-cmd 120
traced perf 120
ktap_end
