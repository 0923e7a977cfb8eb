// SPDX-License-Identifier: GPL-2.0
/*
 * Software-generated interrupts: ICC_SGI1R_EL1, ICC_SGI0R_EL1, ICC_ASGI1R_EL1
 * (IHI 0069, 12.2.x).
 *
 * Runs in the inner loop. A write names at most 16 vCPUs by affinity, each
 * found at once; or, with IRM, all but the sender.
 *
 * Locks: vgic_irq.lock.
 */

#include <linux/bitfield.h>
#include "arm64.h"
#include "vgic.h"

#define SGI_TARGETS		GENMASK_ULL(15, 0)
#define SGI_AFF1		GENMASK_ULL(23, 16)
#define SGI_INTID		GENMASK_ULL(27, 24)
#define SGI_AFF2		GENMASK_ULL(39, 32)
#define SGI_IRM			BIT_ULL(40)
#define SGI_RS			GENMASK_ULL(47, 44)
#define SGI_AFF3		GENMASK_ULL(55, 48)

/* MPIDR_EL1; see sysreg reset: vCPU id is Aff2:Aff1:Aff0 with 4 bits in Aff0 */
#define AFF0			GENMASK_ULL(7, 0)
#define AFF1			GENMASK_ULL(15, 8)
#define AFF2			GENMASK_ULL(23, 16)
#define AFF3			GENMASK_ULL(39, 32)

/**
 * vgic_vcpu_by_affinity - the vCPU with an affinity
 * @vm: the VM
 * @mpidr: affinity fields as in MPIDR_EL1 and GICD_IROUTER
 *
 * A vCPU's affinity is its id, with 4 bits in Aff0 so that a target list of 16
 * reaches every one. It is found at once if ids are indices, else, and where
 * user space chose the affinities, by a search.
 *
 * Context: any.
 * Return: the vCPU or NULL.
 */
struct vcpu *vgic_vcpu_by_affinity(struct vm *vm, u64 mpidr)
{
	u32 aff0 = FIELD_GET(AFF0, mpidr);
	u32 id;

	if (unlikely(READ_ONCE(vm->arch.own_mpidrs)))
		return vcpu_by_mpidr(vm, mpidr);
	if (aff0 > 15 || FIELD_GET(AFF3, mpidr))
		return NULL;
	id = aff0 | FIELD_GET(AFF1, mpidr) << 4 | FIELD_GET(AFF2, mpidr) << 12;
	if (!vm->arch.vgic.dense_ids)
		return vm_vcpu_by_id(vm, id);
	return vm_vcpu_by_index(vm, id);
}

static void sgi_send(struct vcpu *target, u32 intid, bool group1)
{
	struct vgic_irq *irq = &target->arch.vgic.private[intid];

	/* Interrupts are off. */
	raw_spin_lock(&irq->lock);
	if (!irq->group || group1)
		vgic_irq_pend(irq);
	raw_spin_unlock(&irq->lock);
}

/**
 * vgic_sgi_write - the guest sends SGIs
 * @vcpu: the sender
 * @val: what it wrote
 * @group1: ICC_SGI1R_EL1, else ICC_SGI0R_EL1 or ICC_ASGI1R_EL1
 *
 * With one security state ICC_SGI1R_EL1 reaches SGIs of either group, the
 * others those of group 0. In a VM without a vGIC nothing happens; the caller
 * makes the access undefined.
 *
 * Context: interrupts off, own thread. After it vgic_pending_work() may be
 * true.
 */
void vgic_sgi_write(struct vcpu *vcpu, u64 val, bool group1)
{
	unsigned long targets = FIELD_GET(SGI_TARGETS, val);
	u32 intid = FIELD_GET(SGI_INTID, val);
	struct vm *vm = vcpu->vm;
	struct vcpu *target;
	unsigned int i;
	u64 cluster;

	if (!vgic_initialized(&vm->arch.vgic))
		return;

	if (val & SGI_IRM) {
		vm_for_each_vcpu(i, target, vm)
			if (target != vcpu)
				sgi_send(target, intid, group1);
		return;
	}
	/* A target list names 16 values of Aff0 from RS * 16 on: we have 16. */
	if (FIELD_GET(SGI_RS, val))
		return;
	cluster = FIELD_PREP(AFF1, FIELD_GET(SGI_AFF1, val)) |
		  FIELD_PREP(AFF2, FIELD_GET(SGI_AFF2, val)) |
		  FIELD_PREP(AFF3, FIELD_GET(SGI_AFF3, val));
	for_each_set_bit(i, &targets, 16) {
		target = vgic_vcpu_by_affinity(vm, cluster | i);
		if (target)
			sgi_send(target, intid, group1);
	}
}
