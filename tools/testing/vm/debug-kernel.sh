#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# debug-kernel.sh: make sure that the debug host's kernel is in the cache, built
# from the distribution's source with debug.config; print its build directory,
# which is also what modules for it are built against, as KDIR.

. "$(dirname "$0")/lib.sh"
. "$VM_DIR/kernel-build.sh"

kernel_build debug "the debug host's kernel" arm64 "$(cross_prefix)" "Image modules" "$VM_DIR/debug.config"
