/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All of a stopped VM, in a file: memory, vCPUs, GICv3 and ITSs. It is restored into a VM that was made in the same way
 * (slots, vCPUs, interrupt controllers, addresses) but has not run, perhaps by another KVM on another host.
 */
#ifndef STATE_H
#define STATE_H

#include <stdio.h>

#include "arch.h"

#define STATE_MAX_ITS	4

struct state_devices {
	int gic;
	int its[STATE_MAX_ITS];
	unsigned int nr_its;
};

/* No vCPU runs. Completes the last exits, and has pending tables and ITS tables written to guest memory. */
void state_save(FILE *file, struct vm *vm, const struct state_devices *devices);
void state_restore(FILE *file, struct vm *vm, const struct state_devices *devices);

#endif /* STATE_H */
