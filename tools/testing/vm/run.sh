#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh: what "make run" does. KVM=stock takes the built-in KVM of the host's
# kernel instead of the module; VCPUS, MEM, ITS, BUS, EFI, MTE, CPU, APPEND, EXTRA and
# MOVE are init/guest.sh's, HOST_CPU and HOST_SMP the emulated host's.

. "$(dirname "$0")/lib.sh"

kvm=${KVM:-module}
if [ "$kvm" = module ]; then
	stage "building the module" "$VM_DIR/build-module.sh" --bed >&2
fi

VCPUS=${VCPUS:-4} ITS=${ITS:-on} vars=
for v in VCPUS MEM ITS BUS EFI MTE CPU APPEND EXTRA LIMIT MOVE; do
	[ -z "${!v:-}" ] || vars+="$v='${!v}' "
done

say "booting the emulated host (CPU ${HOST_CPU:-neoverse-n1}, KVM: $kvm)"
if "$VM_DIR/host.sh" --kvm "$kvm" ${MTE:+--mte} --guest --timeout 600 --log "$BUILD/run.log" -- "${vars}guest.sh"; then
	echo "SUCCESS: the guest ran on KVM ($kvm), with its disk and network, and switched off"
else
	status=$?
	echo "FAILURE: status $status; the host's console is in $BUILD/run.log"
	exit $status
fi
