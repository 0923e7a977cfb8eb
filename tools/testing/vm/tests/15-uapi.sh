#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The ABI of our own headers against that of the kernel's, and whether the
# comparison would notice a difference.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"

source=$("$VM_DIR/fetch.sh" source)
tool=$TOP/tools/testing/host/uapi/abi_compare.py
for mode in "" --mutate; do
	name=arm64${mode:+-mutations}
	ktap_wanted "$name" || continue
	status=0
	python3 "$tool" --ref "$source" --arch arm64 $mode >"$LOGS/$name.log" 2>&1 || status=$?
	ktap_import "$name" "$LOGS/$name.log" $status
done
ktap_end
