#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tests and examples of rust-vmm's kvm-ioctls, side by side with the KVM of the host's kernel.

exec "$(dirname "$0")/../rust-vmm.sh" --ktap
