#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module on a host kernel with pages of 16K: our kselftests, and a real guest,
# whose pages are smaller.

export HOST_KERNEL=16k
. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"
. "$VM_DIR/suite.sh"

# All else needs it, wanted or not.
FILTER='*' ktap_run build "$VM_DIR/build-module.sh" --bed
suite_build
suite "" 120 --cpu max,pauth-impdef=on --mte
ktap_run linux-guest "$VM_DIR/host.sh" --guest --timeout 400 --log "$LOGS/linux-guest.console" -- \
	"VCPUS=2 ITS=on guest.sh"
ktap_end
