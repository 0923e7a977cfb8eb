#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Linux's own KVM selftests, side by side with the KVM of the host's kernel.

exec "$(dirname "$0")/../peer.sh" --ktap
