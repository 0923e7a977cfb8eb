#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Our kselftests on the module, on several CPUs of the emulated host.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"
. "$VM_DIR/suite.sh"

suite_build
suite neoverse-n1/ 120 --cpu neoverse-n1
suite max/ 120 --cpu max,pauth-impdef=on --mte
# Where the emulated host's PMU counts instructions
SUITE_ONLY=pmu_test suite icount/ 120 --icount
ktap_end
