// SPDX-License-Identifier: GPL-2.0
/* Save and restore of a whole VM. */
#include <stdio.h>
#include <stdlib.h>

#include "migrate.h"

#define MAX_CPUS	8
#define MAX_VALUES	4096
#define MAX_REGS	1024

#define GICR_PROPBASER	0x0070
#define GICR_PENDBASER	0x0078

#define ICC_PMR		GIC_SYSREG(3, 0, 4, 6, 0)
#define ICC_BPR0	GIC_SYSREG(3, 0, 12, 8, 3)
#define ICC_AP0R(n)	GIC_SYSREG(3, 0, 12, 8, 4 + (n))
#define ICC_AP1R(n)	GIC_SYSREG(3, 0, 12, 9, n)
#define ICC_BPR1	GIC_SYSREG(3, 0, 12, 12, 3)
#define ICC_CTLR	GIC_SYSREG(3, 0, 12, 12, 4)
#define ICC_SRE		GIC_SYSREG(3, 0, 12, 12, 5)
#define ICC_IGRPEN0	GIC_SYSREG(3, 0, 12, 12, 6)
#define ICC_IGRPEN1	GIC_SYSREG(3, 0, 12, 12, 7)

struct migrate {
	unsigned int nr_vcpus, nr_values;
	void *ram;
	uint64_t value[MAX_VALUES];		/* of the GIC, in the order of gic_walk() */
	struct {
		unsigned int nr;
		uint64_t id[MAX_REGS];
		unsigned char value[MAX_REGS][256];
		struct kvm_mp_state mp_state;
		struct kvm_vcpu_events events;
	} cpu[MAX_CPUS];
};

/* ------------------------------------------------------------------------------------------ The GIC */

enum step { SAVE, RESTORE, COMPARE };

struct walk {
	struct migrate *m;
	int gic;
	uint64_t mpidr;
	enum step step;
	unsigned int at, differ;
};

enum space { DIST, REDIST, CPU, LINES, V2_DIST, V2_CPU };

static void reg_access(struct walk *w, enum space space, bool set, uint32_t reg, uint64_t *value)
{
	uint32_t v = *value, group;
	int ret;

	switch (space) {
	case DIST:
		ret = set ? gic_dist_set(w->gic, w->mpidr, reg, v) : gic_dist_get(w->gic, w->mpidr, reg, &v);
		break;
	case REDIST:
		ret = set ? gic_redist_set(w->gic, w->mpidr, reg, v) : gic_redist_get(w->gic, w->mpidr, reg, &v);
		break;
	case V2_DIST:
	case V2_CPU:
		group = space == V2_DIST ? KVM_DEV_ARM_VGIC_GRP_DIST_REGS : KVM_DEV_ARM_VGIC_GRP_CPU_REGS;
		ret = set ? gic_v2_set(w->gic, group, w->mpidr, reg, v) : gic_v2_get(w->gic, group, w->mpidr, reg, &v);
		break;
	case LINES:
		ret = set ? gic_level_set(w->gic, w->mpidr, reg, v) : gic_level_get(w->gic, w->mpidr, reg, &v);
		break;
	default:
		ret = set ? gic_cpu_set(w->gic, w->mpidr, reg, *value) : gic_cpu_get(w->gic, w->mpidr, reg, value);
	}
	if (ret)
		test_fail("GIC register %d:%#x: %s", space, reg, strerror(errno));
	if (space != CPU && !set)
		*value = v;
}

static void one(struct walk *w, enum space space, uint32_t reg)
{
	uint64_t *saved = &w->m->value[w->at++], now;

	if (w->at > MAX_VALUES)
		test_fail("more registers than fit");
	switch (w->step) {
	case SAVE:
		*saved = 0;
		reg_access(w, space, false, reg, saved);
		break;
	case RESTORE:
		reg_access(w, space, true, reg, saved);
		break;
	case COMPARE:
		reg_access(w, space, false, reg, &now);
		if (now != *saved && w->differ++ < 10)
			printf("# GIC register %d:%#x of %#lx: %#lx, was %#lx\n", space, reg, (unsigned long)w->mpidr,
			       (unsigned long)now, (unsigned long)*saved);
		break;
	}
}

/* A register that sets bits, after all have been cleared by its counterpart. */
static void bits(struct walk *w, enum space space, uint32_t set, uint32_t clear)
{
	uint64_t all = ~0u;

	if (w->step == RESTORE)
		reg_access(w, space, true, clear, &all);
	one(w, space, set);
}

/* The 32 interrupts from intid on. */
static void interrupts(struct walk *w, enum space space, uint32_t frame, uint32_t intid)
{
	uint32_t r = intid / 8;

	one(w, space, frame + GICD_ICFGR + intid / 4);
	one(w, space, frame + GICD_ICFGR + intid / 4 + 4);
	one(w, space, frame + GICD_IGROUPR + r);
	for (uint32_t i = 0; i < 32; i += 4)
		one(w, space, frame + GICD_IPRIORITYR + intid + i);
	for (uint32_t i = 0; space == DIST && i < 32 * 8; i += 4)
		one(w, space, GICD_IROUTER + intid * 8 + i);
	bits(w, space, frame + GICD_ISENABLER + r, frame + GICD_ICENABLER + r);
	bits(w, space, frame + GICD_ISACTIVER + r, frame + GICD_ICACTIVER + r);
	one(w, space, frame + GICD_ISPENDR + r);
	one(w, LINES, intid);
}

/* A GICv2's: mpidr is the vCPU's id. What is banked is everybody's; the rest is saved with it, which does no harm. */
static void gic_v2_walk(struct walk *w, struct vm *vm)
{
	uint32_t typer;

	w->mpidr = 0;
	must(gic_v2_get(w->gic, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_TYPER, &typer));
	one(w, V2_DIST, GICD_IIDR);
	one(w, V2_DIST, GICD_CTLR);
	for (unsigned int i = 0; i < vm->nr_vcpus; i++) {
		w->mpidr = vm->vcpu[i]->id;
		for (uint32_t intid = 0; intid <= (typer & 0x1f) * 32; intid += 32) {
			uint32_t r = intid / 8;

			one(w, V2_DIST, GICD_ICFGR + intid / 4);
			one(w, V2_DIST, GICD_ICFGR + intid / 4 + 4);
			one(w, V2_DIST, GICD_IGROUPR + r);
			for (uint32_t n = 0; n < 32; n += 4) {
				one(w, V2_DIST, GICD_IPRIORITYR + intid + n);
				one(w, V2_DIST, GICD_ITARGETSR + intid + n);
			}
			bits(w, V2_DIST, GICD_ISENABLER + r, GICD_ICENABLER + r);
			bits(w, V2_DIST, GICD_ISPENDR + r, GICD_ICPENDR + r);
			bits(w, V2_DIST, GICD_ISACTIVER + r, GICD_ICACTIVER + r);
		}
		for (uint32_t n = 0; n < 16; n += 4)
			bits(w, V2_DIST, GICD_SPENDSGIR + n, GICD_CPENDSGIR + n);
		one(w, V2_CPU, GICC_PMR);
		one(w, V2_CPU, GICC_BPR);
		one(w, V2_CPU, GICC_ABPR);
		one(w, V2_CPU, GICC_CTLR);
		for (uint32_t n = 0; n < 4; n++)
			one(w, V2_CPU, GICC_APR + 4 * n);
	}
}

static void gic_walk(struct walk *w, struct vm *vm)
{
	uint32_t typer, intid;
	uint64_t ctlr;

	if (gic_is_v2()) {
		gic_v2_walk(w, vm);
		return;
	}
	must(gic_dist_get(w->gic, 0, GICD_TYPER, &typer));
	w->mpidr = 0;
	one(w, DIST, GICD_IIDR);
	/* Before what is pending: Linux 6.12 forgets to look again at that when a group is enabled. */
	one(w, DIST, GICD_CTLR);
	for (intid = 32; intid <= (typer & 0x1f) * 32; intid += 32)
		interrupts(w, DIST, 0, intid);

	for (unsigned int i = 0; i < vm->nr_vcpus; i++) {
		w->mpidr = vcpu_mpidr(vm->vcpu[i]);
		one(w, REDIST, GICR_CTLR);
		one(w, REDIST, GICR_WAKER);
		one(w, REDIST, GICR_PROPBASER);
		one(w, REDIST, GICR_PROPBASER + 4);
		one(w, REDIST, GICR_PENDBASER);
		one(w, REDIST, GICR_PENDBASER + 4);
		interrupts(w, REDIST, GIC_SGI_FRAME, 0);

		one(w, CPU, ICC_SRE);
		must(gic_cpu_get(w->gic, w->mpidr, ICC_CTLR, &ctlr));
		one(w, CPU, ICC_BPR1);
		one(w, CPU, ICC_CTLR);
		one(w, CPU, ICC_BPR0);
		one(w, CPU, ICC_PMR);
		for (unsigned int n = 0; n < ((ctlr >> 8 & 7) >= 6 ? 4u : (ctlr >> 8 & 7) == 5 ? 2u : 1u); n++) {
			one(w, CPU, ICC_AP0R(n));
			one(w, CPU, ICC_AP1R(n));
		}
		one(w, CPU, ICC_IGRPEN0);
		one(w, CPU, ICC_IGRPEN1);
	}
}

/* --------------------------------------------------------------------------------------- Everything */

struct migrate *migrate_save(struct vm *vm, int gic)
{
	struct migrate *m = calloc(1, sizeof(*m));
	struct walk w = { .m = m, .gic = gic, .step = SAVE };

	if (!m || vm->nr_vcpus > MAX_CPUS)
		test_fail("migrate_save");
	m->nr_vcpus = vm->nr_vcpus;
	for (unsigned int i = 0; i < vm->nr_vcpus; i++) {
		struct vcpu *vcpu = vm->vcpu[i];
		struct kvm_reg_list *list;

		vcpu_complete(vcpu);
		list = vcpu_reg_list(vcpu);
		if (list->n > MAX_REGS)
			test_fail("%u registers", (unsigned int)list->n);
		m->cpu[i].nr = list->n;
		for (unsigned int r = 0; r < list->n; r++) {
			m->cpu[i].id[r] = list->reg[r];
			must(vcpu_get_reg(vcpu, list->reg[r], m->cpu[i].value[r]));
		}
		must(vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &m->cpu[i].mp_state));
		must(vcpu_ioctl(vcpu, KVM_GET_VCPU_EVENTS, &m->cpu[i].events));
		free(list);
	}
	gic_walk(&w, vm);
	m->nr_values = w.at;
	m->ram = malloc(vm->slot[VM_SLOT_RAM].size);
	memcpy(m->ram, vm->slot[VM_SLOT_RAM].hva, vm->slot[VM_SLOT_RAM].size);
	return m;
}

unsigned int migrate_compare_gic(struct migrate *m, struct vm *vm, int gic)
{
	struct walk w = { .m = m, .gic = gic, .step = COMPARE };

	gic_walk(&w, vm);
	return w.differ + (w.at != m->nr_values);
}

void migrate_restore(struct migrate *m, struct vm *vm, int gic)
{
	struct walk w = { .m = m, .gic = gic, .step = RESTORE };

	memcpy(vm->slot[VM_SLOT_RAM].hva, m->ram, vm->slot[VM_SLOT_RAM].size);
	for (unsigned int i = 0; i < m->nr_vcpus; i++) {
		struct vcpu *vcpu = vm->vcpu[i];

		for (unsigned int r = 0; r < m->cpu[i].nr; r++)
			if (vcpu_set_reg(vcpu, m->cpu[i].id[r], m->cpu[i].value[r]))
				test_fail("register %#lx: %s", (unsigned long)m->cpu[i].id[r], strerror(errno));
		must(vcpu_ioctl(vcpu, KVM_SET_MP_STATE, &m->cpu[i].mp_state));
		must(vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &m->cpu[i].events));
	}
	gic_walk(&w, vm);
	free(m->ram);
	free(m);
}
