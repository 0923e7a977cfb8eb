#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kvm.ko comes and goes on the emulated PowerPC host, with and without use.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"
export ARCH=powerpc

"$VM_DIR/selftests.sh" build >"$LOGS/build.log" 2>&1
test=$BUILD/selftests-ppc/powerpc/tlb_test
list=$LOGS/list

lives()
{
	printf '%s\n' "$@" >"$list"
	"$VM_DIR/ppc-host.sh" --timeout 300 --file "$test" --list "$list"
}

ktap_run load-and-unload-100-times lives "@cycle 100"
ktap_run use-between-loads lives /tlb_test "@cycle 5" /tlb_test "@rmmod" "@insmod" /tlb_test
ktap_run icount "$VM_DIR/ppc-host.sh" --icount --timeout 300 --file "$test" -- /tlb_test
ktap_end
