#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the debug host: fails, and prints them, if there are objects that
# nothing points to. Young ones do not count, and what changed between two scans
# neither, so it takes several and time between them.

leaks=/sys/kernel/debug/kmemleak

[ -w $leaks ] || { echo "no kmemleak: $(dmesg | grep kmemleak | tail -n 1)"; exit 1; }
for i in 1 2 3; do
	sleep 6
	echo scan >$leaks || exit 1
done
cat $leaks
[ -z "$(cat $leaks)" ]
