#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tests of what needs no hardware, built for this machine: each directory below
# tools/testing/host whose Makefile has "run", which prints KTAP.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"

host=$TOP/tools/testing/host
for makefile in $(cd "$host" && grep -l '^run:' Makefile */Makefile); do
	dir=$(dirname "$makefile")
	name=${dir/#./core}
	ktap_wanted "$name" || continue
	status=0
	make -C "$host/$dir" OUTPUT="$BUILD/host/$name" run >"$LOGS/$name.log" 2>&1 || status=$?
	ktap_import "$name" "$LOGS/$name.log" $status
done
ktap_end
