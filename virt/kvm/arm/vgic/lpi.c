// SPDX-License-Identifier: GPL-2.0
/*
 * LPIs as objects: one for each INTID of a VM that is in use, found by INTID
 * through pages of pointers.  A page is made for the first LPI in it and stays
 * until the VM goes: 448 KiB at most.
 *
 * Look-up is under RCU and takes a reference unless there is none any more.
 * The last reference goes with lpis_lock held, and the entry goes in the same
 * critical section: who holds that lock finds live entries only, so making the
 * same INTID again either revives nothing or finds nothing.
 *
 * Locks: vgic_dist.lpis_lock, interrupts off, with no other of the interrupt
 * controller's locks held.
 */

#include <linux/err.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include "vgic.h"

#define LPI_MAX			(VGIC_LPI_PAGES * VGIC_LPI_PAGE_SIZE)

/* Where the page of an INTID is, or NULL if it is no LPI that can be. */
static struct vgic_lpi_page **lpi_page(struct vgic_dist *dist, u32 intid)
{
	u32 pos = intid - VGIC_MIN_LPI;		/* wraps for other INTIDs */

	if (pos >= LPI_MAX)
		return NULL;
	return &dist->lpi_page[array_index_nospec(pos, LPI_MAX) >> VGIC_LPI_PAGE_SHIFT];
}

static struct vgic_irq __rcu **lpi_entry(struct vgic_lpi_page *page, u32 intid)
{
	return &page->irq[(intid - VGIC_MIN_LPI) % VGIC_LPI_PAGE_SIZE];
}

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
	struct vgic_lpi_page **where = lpi_page(&vm->arch.vgic, intid), *page;
	struct vgic_irq *irq;

	page = where ? READ_ONCE(*where) : NULL;
	if (!page)
		return NULL;
	guard(rcu)();
	irq = rcu_dereference(*lpi_entry(page, intid));
	if (irq && !refcount_inc_not_zero(&irq->refs))
		irq = NULL;
	return irq;
}

/**
 * vgic_lpi_next - walk LPIs in the order of their INTIDs
 * @vm: the VM
 * @intid: an LPI's, where to begin; receives the INTID of the LPI found
 * @last: where to end, inclusive
 * @target: only those that target this vCPU, at about this time; NULL: all
 *
 * LPIs that come and go meanwhile may be seen or not. The caller advances
 * @intid and reschedules.
 *
 * Context: any.
 * Return: the LPI with a reference, or NULL if there are no more.
 */
struct vgic_irq *vgic_lpi_next(struct vm *vm, u32 *intid, u32 last, const struct vcpu *target)
{
	u32 pos = *intid - VGIC_MIN_LPI;
	u32 end = min(last - VGIC_MIN_LPI, LPI_MAX - 1);

	guard(rcu)();
	while (pos <= end) {
		struct vgic_lpi_page *page;
		struct vgic_irq *irq;

		page = READ_ONCE(vm->arch.vgic.lpi_page[pos >> VGIC_LPI_PAGE_SHIFT]);
		if (!page) {
			pos = round_up(pos + 1, VGIC_LPI_PAGE_SIZE);
			continue;
		}
		irq = rcu_dereference(page->irq[pos % VGIC_LPI_PAGE_SIZE]);
		if (irq && (!target || READ_ONCE(irq->target) == target) &&
		    refcount_inc_not_zero(&irq->refs)) {
			*intid = VGIC_MIN_LPI + pos;
			return irq;
		}
		pos++;
	}
	return NULL;
}

/* The page of @intid, made if need be; NULL if there is no memory. */
static struct vgic_lpi_page *lpi_page_add(struct vgic_dist *dist, u32 intid)
{
	struct vgic_lpi_page **where = lpi_page(dist, intid), *page, *old;

	if (!where)
		return NULL;
	page = READ_ONCE(*where);
	if (page)
		return page;
	page = kzalloc(sizeof(*page), GFP_KERNEL_ACCOUNT);
	if (!page)
		return NULL;
	old = cmpxchg(where, NULL, page);
	if (!old)
		return page;
	kfree(page);
	return old;
}

/**
 * vgic_lpi_add - find or make an LPI
 * @vm: the VM
 * @intid: an LPI's INTID, of VGIC_LPI_ID_BITS
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
	struct vgic_lpi_page *page;
	struct vgic_irq *irq, *old;

	irq = vgic_lpi_get(vm, intid);
	if (irq)
		return irq;
	page = lpi_page_add(dist, intid);
	if (!page)
		return ERR_PTR(-ENOMEM);
	irq = kzalloc(sizeof(*irq), GFP_KERNEL_ACCOUNT);
	if (!irq)
		return ERR_PTR(-ENOMEM);
	vgic_irq_init(irq, intid, NULL);
	irq->group = 1;		/* LPIs are always group 1: IHI 0069, 5.1 */

	spin_lock_irq(&dist->lpis_lock);
	old = rcu_dereference_protected(*lpi_entry(page, intid),
					lockdep_is_held(&dist->lpis_lock));
	if (!old) {
		rcu_assign_pointer(*lpi_entry(page, intid), irq);
		WRITE_ONCE(dist->nr_lpis, dist->nr_lpis + 1);
	} else {
		refcount_inc(&old->refs);
	}
	spin_unlock_irq(&dist->lpis_lock);
	if (!old)
		return irq;
	kfree(irq);
	return old;
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
	u32 intid = irq->intid;
	unsigned long flags;

	if (!vgic_irq_is_lpi(intid))
		return;
	if (refcount_dec_not_one(&irq->refs))
		return;
	spin_lock_irqsave(&dist->lpis_lock, flags);
	if (!refcount_dec_and_test(&irq->refs)) {
		spin_unlock_irqrestore(&dist->lpis_lock, flags);
		return;
	}
	RCU_INIT_POINTER(*lpi_entry(*lpi_page(dist, intid), intid), NULL);
	WRITE_ONCE(dist->nr_lpis, dist->nr_lpis - 1);
	spin_unlock_irqrestore(&dist->lpis_lock, flags);
	kfree_rcu(irq, rcu);
}

/**
 * vgic_lpi_destroy_all - the VM dies
 * @vm: no vCPU and no device of it exists any more
 */
void vgic_lpi_destroy_all(struct vm *vm)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	unsigned int i, n;

	for (i = 0; i < VGIC_LPI_PAGES; i++) {
		struct vgic_lpi_page *page = dist->lpi_page[i];

		if (!page)
			continue;
		for (n = 0; n < VGIC_LPI_PAGE_SIZE; n++) {
			struct vgic_irq *irq = rcu_dereference_protected(page->irq[n], 1);

			if (!irq)
				continue;
			/* Translations and queues have gone: somebody has lost a reference. */
			WARN_ONCE(IS_ENABLED(CONFIG_KVM_MODULE_DEBUG), "LPI %u has %u references",
				  irq->intid, refcount_read(&irq->refs));
			kfree_rcu(irq, rcu);
		}
		dist->lpi_page[i] = NULL;
		kfree(page);
	}
	dist->nr_lpis = 0;
}
