#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tests of what needs no hardware, built for this machine: tools/testing/host,
# each directory of tests there on its own, so that all have their say.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"

host=$TOP/tools/testing/host
for makefile in $(cd "$host" && grep -l '^run:' Makefile */Makefile); do
	dir=$(dirname "$makefile")
	name=${dir/#./core}
	ktap_wanted "$name" || continue
	status=0
	make -C "$host/$dir" SUBDIRS= OUTPUT="$BUILD/host/$name" run >"$LOGS/$name.log" 2>&1 || status=$?
	ktap_import "$name" "$LOGS/$name.log" $status
done
ktap_end
