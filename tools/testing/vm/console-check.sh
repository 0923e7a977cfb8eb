#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# console-check.sh LOG...: fail, and print the first complaint, when a kernel
# log or console shows one. Lines that QEMU's guests print are not the host's: what
# counts begins with the kernel's time stamp. That RCU says at boot which debugging it has,
# "double-/use-after-free", is no complaint.

complaint=$(cat "$@" | tr -d '\r' | grep -a -m 1 -E '^\[ *[0-9]+\.[0-9]+\](\[[^]]*\])? *(BUG|WARNING|Oops|Internal error|Unable to handle|Kernel panic|kernel BUG|rcu: INFO|watchdog: BUG|INFO: task .* blocked|.*possible (circular|recursive) locking|.*[Ss]tack-protector|.*refcount_t:|.*double free|[^/]*use-after-free|Unexpected kernel|Bad mode|UBSAN:|ODEBUG:|kmemleak: [0-9]+ new suspected|INFO: trying to register non-static key|=+ .*suspicious RCU usage)')
[ -z "$complaint" ] && exit 0
printf '%s\n' "$complaint"
exit 1
