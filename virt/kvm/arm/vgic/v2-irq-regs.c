// SPDX-License-Identifier: GPL-2.0
/*
 * Where the registers of a GICv2's interrupts differ from those of a GICv3
 * (irq-regs.c): targets instead of affinities, senders of SGIs, and what user
 * space sees, which is what a vCPU would (KVM_DEV_TYPE_ARM_VGIC_V2).
 *
 * Locks: vgic_irq.lock, as mmio.h says.
 */

#include <linux/bitops.h>
#include <kvm/vm.h>
#include "regs.h"
#include "vgic.h"

/* The bits of CPU interfaces that there are */
static u32 cpu_mask(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;
	u32 mask = 0;

	vm_for_each_vcpu(i, vcpu, vm)
		mask |= BIT(vcpu->id);
	return mask;
}

/* GICD_IGROUPR: user space that knows it has written GICD_IIDR before. */

static u32 group_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return READ_ONCE(irq->group);
}

static void group_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	if (a->actor || a->vm->arch.vgic.groups_writable)
		WRITE_ONCE(irq->group, val);
}

const struct vgic_field vgic_v2_field_group = {
	.get = group_get,
	.set = group_set,
};

/*
 * GICD_ISPENDR, GICD_ICPENDR. For SGIs guests have other registers. User space
 * has them, too, but not from the beginning: what it restores here is sent by the
 * receiver itself, and what it clears from whomever.
 */

static u32 pending_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return vgic_irq_pending(irq);
}

static void pending_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	if (irq->intid >= VGIC_NR_SGIS)
		vgic_irq_pend(irq);
	else if (!a->actor)
		vgic_v2_sgi_pend(irq, BIT(a->cpu->id));
}

static void pending_clear(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	if (irq->intid >= VGIC_NR_SGIS)
		vgic_irq_unpend(irq);
	else if (!a->actor)
		vgic_v2_sgi_unpend(irq, U8_MAX);
}

const struct vgic_field vgic_v2_field_set_pending = {
	.get = pending_get,
	.set = pending_set,
	.ones = true,
	.get_folds = true,
};

const struct vgic_field vgic_v2_field_clear_pending = {
	.get = pending_get,
	.set = pending_clear,
	.ones = true,
	.get_folds = true,
	.set_folds = true,
};

/*
 * GICD_ISACTIVER. There is no register for whose SGI is being handled: one that
 * is made active here is from the vCPU itself.
 */

static u32 active_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return irq->active;
}

static void active_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	if (!irq->active && irq->intid < VGIC_NR_SGIS)
		irq->sgi_active = a->cpu->id;
	irq->active = true;
}

const struct vgic_field vgic_v2_field_set_active = {
	.get = active_get,
	.set = active_set,
	.ones = true,
	.get_folds = true,
	.set_folds = true,
};

/*
 * GICD_ITARGETSR. Those of private interrupts say whose they are. Of several
 * targets the first is taken: which one handles an interrupt is up to the
 * implementation (IHI 0048, 1.4.3). With a single vCPU there is nothing to choose:
 * RAZ/WI (4.3.12).
 */

static bool targets_exist(const struct vgic_access *a)
{
	return vm_nr_vcpus(a->vm) > 1;
}

static u32 targets_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	if (!targets_exist(a))
		return 0;
	return irq->intid < VGIC_NR_PRIVATE ? BIT(a->cpu->id) : READ_ONCE(irq->targets);
}

static void targets_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	if (irq->intid < VGIC_NR_PRIVATE || !targets_exist(a))
		return;
	val &= cpu_mask(a->vm);
	WRITE_ONCE(irq->targets, val);
	irq->target = val ? vm_vcpu_by_id(a->vm, __ffs(val)) : NULL;
}

const struct vgic_field vgic_v2_field_targets = {
	.get = targets_get,
	.set = targets_set,
};

/* GICD_SPENDSGIR, GICD_CPENDSGIR: for each SGI a bit for each sender */

static u32 source_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return vgic_v2_sgi_sources(irq);
}

static void source_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	val &= cpu_mask(a->vm);
	if (val)
		vgic_v2_sgi_pend(irq, val);
}

static void source_clear(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	vgic_v2_sgi_unpend(irq, val);
}

const struct vgic_field vgic_v2_field_set_source = {
	.get = source_get,
	.set = source_set,
	.ones = true,
	.get_folds = true,
};

const struct vgic_field vgic_v2_field_clear_source = {
	.get = source_get,
	.set = source_clear,
	.ones = true,
	.get_folds = true,
	.set_folds = true,
};
