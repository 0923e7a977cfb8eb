#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ppc-kernel.sh [g3]: make sure that the PowerPC host's kernel is in the cache, built
# from the distribution's source with ppc.config; print its build directory,
# which is also what modules for it are built against, as KDIR. With HOST_KERNEL=debug
# in the environment it is that of the debug host: with ppc-debug.config as well.
# g3: that of a machine that is no 44x, with ppc-g3.config, for the module to be refused.

. "$(dirname "$0")/lib.sh"
. "$VM_DIR/kernel-build.sh"

kernel_finish()
{
	"${PPC_PREFIX}strip" -g -o "$1/vmlinux.boot" "$1/vmlinux"
}

kind=ppc what="the PowerPC host's kernel" targets="vmlinux modules" configs=("$VM_DIR/ppc.config")
if [ "${1:-}" = g3 ]; then
	kind=ppc-g3 what="the kernel of a PowerPC that is no 44x" targets=vmlinux configs=("$VM_DIR/ppc-g3.config")
elif [ "$HOST_KERNEL" = debug ]; then
	kind=ppc-debug
	configs+=("$VM_DIR/ppc-debug.config")
fi
kernel_build $kind "$what" powerpc "$PPC_PREFIX" "$targets" "${configs[@]}"
