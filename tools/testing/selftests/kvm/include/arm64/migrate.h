/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The whole state of a stopped VM with a GIC, as a VMM moves it: memory, vCPUs' registers, interrupt controller.
 *
 *	m = migrate_save(vm, gic);		every vCPU has been stopped
 *	close(gic); vm_destroy(vm);
 *	vm = ... the same vm_create(), vcpu_add() and gic_create() calls as before ...
 *	migrate_restore(m, vm, gic);		frees m; the vCPUs go on where they were
 */
#ifndef MIGRATE_H
#define MIGRATE_H

#include "gic.h"

struct migrate;

struct migrate *migrate_save(struct vm *vm, int gic);
void migrate_restore(struct migrate *m, struct vm *vm, int gic);

/* Of all registers of the GIC in m, how many have another value here; the first few are printed. */
unsigned int migrate_compare_gic(struct migrate *m, struct vm *vm, int gic);

#endif /* MIGRATE_H */
