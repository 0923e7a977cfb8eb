#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Our kselftests on the debug host. What its kernel's checks find is a failure,
# even if every test passes; so is memory that nobody can reach afterwards, and
# a lock checker that has switched itself off.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"
. "$VM_DIR/suite.sh"

suite_build

# In the same boot, after the programs. kmemleak reports what it finds
# unreferenced in two scans and is old enough; the module goes in between, so
# that what only its data points to counts, too.
SUITE_AFTER=$LOGS/after
cat >"$SUITE_AFTER" <<-'EOF2'
	leaks-loaded	leaks.sh
	unload	rmmod kvm_arm && [ ! -e /dev/kvm ]
	leaks-unloaded	leaks.sh
	lockdep-still-on	grep "debug_locks: *1" /proc/lockdep_stats
EOF2
suite "" 120 --file "$VM_DIR/init/leaks.sh"
ktap_end
