#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The PowerPC module: what "make check-ppc" runs, as results of this group.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"

"$VM_DIR/packages.sh" ppc
if ! ARCH=powerpc "$VM_DIR/build-module.sh" --bed >"$LOGS/module.log" 2>&1; then
	ktap_result fail build "$LOGS/module.log"
	ktap_log "$LOGS/module.log"
fi
for script in "$VM_DIR"/tests-ppc/*.sh; do
	name=$(basename "$script" .sh)
	name=${name#[0-9][0-9]-}
	# A pattern may say more than the part of the group.
	[[ $name/ == ${FILTER%%/*}/ ]] || [ "$FILTER" = '*' ] || continue
	part='*'
	[[ $FILTER != */* ]] || part=${FILTER#*/}
	status=0
	ARCH=powerpc FILTER=$part LOGS=$LOGS/$name "$script" >"$LOGS/$name.ktap" 2>"$LOGS/$name.stderr" ||
		status=$?
	ktap_import "$name" "$LOGS/$name.ktap" $status
done
ktap_end
