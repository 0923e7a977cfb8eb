#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# shell.sh: the emulated host as an interactive machine. SHARE=DIR is mounted at
# /mnt/share; KVM=stock|none as for run.sh.

. "$(dirname "$0")/lib.sh"

kvm=${KVM:-module} share=${SHARE:-$BUILD/share}
mkdir -p "$share"
if [ "$kvm" = module ]; then
	stage "building the module" "$VM_DIR/build-module.sh" --bed >&2
fi
cat >&2 <<EOF
The emulated host: $share is /mnt/share, guest.sh runs a guest
(VCPUS=4 guest.sh, EFI=1 guest.sh), exit or C-a x leaves.
EOF
exec "$VM_DIR/host.sh" --kvm "$kvm" --guest --share "$share"
