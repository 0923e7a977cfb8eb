#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ppc-kernel.sh: make sure that the PowerPC host's kernel is in the cache, built
# from the distribution's source with ppc.config; print its build directory,
# which is also what modules for it are built against, as KDIR. With HOST_KERNEL=debug
# in the environment it is that of the debug host: with ppc-debug.config as well.

. "$(dirname "$0")/lib.sh"
. "$VM_DIR/kernel-build.sh"

kernel_finish()
{
	"${PPC_PREFIX}strip" -g -o "$1/vmlinux.boot" "$1/vmlinux"
}

kind=ppc configs=("$VM_DIR/ppc.config")
if [ "$HOST_KERNEL" = debug ]; then
	kind=ppc-debug
	configs+=("$VM_DIR/ppc-debug.config")
fi
kernel_build $kind "the PowerPC host's kernel" powerpc "$PPC_PREFIX" vmlinux "${configs[@]}"
