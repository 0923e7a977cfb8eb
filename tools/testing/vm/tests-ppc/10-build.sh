#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The PowerPC module's build: without warnings, clean under sparse, with all
# options and with none, and bound to exported symbols only.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"
export ARCH=powerpc

kernel=$("$VM_DIR/ppc-kernel.sh")

build()
{
	local log status=0

	log=$(mktemp)
	KDIR=$kernel "$VM_DIR/build-module.sh" "$@" >"$log" 2>&1 || status=$?
	if [ $status != 0 ] || grep -q -i -E '(warning|error):' "$log"; then
		grep -v -E '^  (CC|AS|LD|CHECK|MODPOST)' "$log"
		status=1
	fi
	rm -f "$log"
	return $status
}

only_exported_symbols()
{
	comm -23 <("${PPC_PREFIX}nm" -u "$PPC_MODULE" | awk '{ print $2 }' | sort -u) \
		<(awk '{ print $2 }' "$kernel/Module.symvers" | sort -u) | ktap_silent
}

ktap_run module test -e "$PPC_MODULE"
ktap_run warnings-and-sparse build -o "$BUILD/check/ppc-warnings" W=1 C=1
ktap_run all-options-off build -o "$BUILD/check/ppc-options" CONFIG_KVM_MODULE_STATS=n \
	CONFIG_KVM_MODULE_DEBUG=n
ktap_run all-options-on build -o "$BUILD/check/ppc-options" CONFIG_KVM_MODULE_STATS=y \
	CONFIG_KVM_MODULE_DEBUG=y
ktap_run only-exported-symbols only_exported_symbols
ktap_end
