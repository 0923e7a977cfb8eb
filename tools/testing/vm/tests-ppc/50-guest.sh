#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Linux for a 440EP as a guest of kvm.ko, from its first instruction to the
# reset of its board.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"

ktap_run linux env LIMIT=600 "$VM_DIR/ppc-run.sh"
ktap_run linux-patched env LIMIT=600 PARAVIRT=patched "$VM_DIR/ppc-run.sh"
ktap_run linux-unaware env LIMIT=600 PARAVIRT=off "$VM_DIR/ppc-run.sh"
ktap_run linux-64-mib env LIMIT=600 MEM=64 "$VM_DIR/ppc-run.sh"
ktap_end
