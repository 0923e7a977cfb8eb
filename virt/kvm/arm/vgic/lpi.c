// SPDX-License-Identifier: GPL-2.0
/*
 * LPIs as objects: one for each INTID of a VM that is in use, found by INTID.
 *
 * Look-up is under RCU and takes a reference unless there is none any more.
 * The last reference goes with the xarray's lock held, and the entry goes in
 * the same critical section: who holds that lock finds live entries only, so
 * making the same INTID again either revives nothing or finds nothing.
 *
 * Locks: the xa_lock of vgic_dist.lpis, interrupts off, with no other of the
 * interrupt controller's locks held.
 */

#include <linux/err.h>
#include <linux/slab.h>
#include "vgic.h"

/**
 * vgic_lpi_get - find an LPI
 * @vm: the VM
 * @intid: its INTID
 *
 * Context: any.
 * Return: the LPI with a reference, to be dropped by vgic_irq_put(), or NULL.
 */
struct vgic_irq *vgic_lpi_get(struct vm *vm, u32 intid)
{
	struct vgic_irq *irq;

	guard(rcu)();
	irq = xa_load(&vm->arch.vgic.lpis, intid);
	if (irq && !refcount_inc_not_zero(&irq->refs))
		irq = NULL;
	return irq;
}

/**
 * vgic_lpi_add - find or make an LPI
 * @vm: the VM
 * @intid: an LPI's INTID
 *
 * A new one is disabled and routed to no vCPU. Its memory is charged to the
 * caller.
 *
 * Context: process; interrupts on.
 * Return: the LPI with a reference, or an ERR_PTR() of -ENOMEM.
 */
struct vgic_irq *vgic_lpi_add(struct vm *vm, u32 intid)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	struct vgic_irq *irq, *old;

	irq = vgic_lpi_get(vm, intid);
	if (irq)
		return irq;
	irq = kzalloc(sizeof(*irq), GFP_KERNEL_ACCOUNT);
	if (!irq)
		return ERR_PTR(-ENOMEM);
	vgic_irq_init(irq, intid, NULL);
	irq->group = 1;		/* LPIs are always group 1: IHI 0069, 5.1 */

	xa_lock_irq(&dist->lpis);
	old = __xa_cmpxchg(&dist->lpis, intid, NULL, irq, GFP_KERNEL_ACCOUNT);
	if (!old) {
		atomic_inc(&dist->nr_lpis);
	} else {
		kfree(irq);
		irq = xa_is_err(old) ? ERR_PTR(xa_err(old)) : old;
		if (!IS_ERR(irq))
			refcount_inc(&irq->refs);
	}
	xa_unlock_irq(&dist->lpis);
	return irq;
}

/**
 * vgic_irq_put - drop a reference of vgic_irq_get() or vgic_lpi_add()
 * @vm: the VM
 * @irq: an interrupt; only LPIs are counted
 *
 * Context: any; none of the interrupt controller's locks held.
 */
void vgic_irq_put(struct vm *vm, struct vgic_irq *irq)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	unsigned long flags;

	if (!vgic_irq_is_lpi(irq->intid))
		return;
	if (refcount_dec_not_one(&irq->refs))
		return;
	xa_lock_irqsave(&dist->lpis, flags);
	if (!refcount_dec_and_test(&irq->refs)) {
		xa_unlock_irqrestore(&dist->lpis, flags);
		return;
	}
	__xa_erase(&dist->lpis, irq->intid);
	atomic_dec(&dist->nr_lpis);
	xa_unlock_irqrestore(&dist->lpis, flags);
	kfree_rcu(irq, rcu);
}

/**
 * vgic_lpi_destroy_all - the VM dies
 * @vm: no vCPU and no device of it exists any more
 */
void vgic_lpi_destroy_all(struct vm *vm)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	struct vgic_irq *irq;
	unsigned long intid;

	xa_for_each(&dist->lpis, intid, irq)
		kfree_rcu(irq, rcu);
	xa_destroy(&dist->lpis);
	atomic_set(&dist->nr_lpis, 0);
}
