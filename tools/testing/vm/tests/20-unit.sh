#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tests of what needs no hardware, built for this machine. tools/testing/host
# prints KTAP.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"

ktap_wanted host || { ktap_end; exit; }
status=0
make -C "$TOP/tools/testing/host" OUTPUT="$BUILD/host" run >"$LOGS/host.log" 2>&1 || status=$?
ktap_import host "$LOGS/host.log" $status
ktap_end
