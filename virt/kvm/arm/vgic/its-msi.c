// SPDX-License-Identifier: GPL-2.0
/*
 * Messages to LPIs: KVM_SIGNAL_MSI and irqfds.
 *
 * From the doorbell's address to the ITS, from DeviceID and EventID to the
 * translation, to the LPI, to its target's queue, under RCU and the LPI's lock.
 * No step depends on how much is mapped, none allocates or sleeps, and none
 * writes to memory that vCPUs share but the LPI and its target's.
 *
 * An MSI that races with the end of its mapping either comes first, and its
 * pending state ends with the mapping, or finds its_translation.unmapped: both
 * are looked at with the LPI's lock held.
 */

#include <linux/rculist.h>
#include <kvm/vm.h>
#include "its.h"
#include "its-trace.h"
#include "vgic.h"

/* An LPI that a translation named under RCU; it may be going. */
static int msi_pend(struct vm *vm, const struct its_translation *tr)
{
	struct vgic_irq *lpi = tr->lpi;
	int ret = 0;

	if (!refcount_inc_not_zero(&lpi->refs))
		return 0;
	scoped_guard(raw_spinlock_irqsave, &lpi->lock) {
		if (READ_ONCE(tr->unmapped) || !lpi->target ||
		    !READ_ONCE(lpi->target->arch.vgic.lpis_enabled))
			break;
		vgic_irq_pend(lpi);
		ret = 1;
	}
	vgic_irq_put(vm, lpi);
	return ret;
}

/**
 * its_trigger - a device writes to an ITS's GITS_TRANSLATER
 * @its: the ITS
 * @device_id: any value
 * @event_id: any value
 *
 * Context: any.
 * Return: 1 if an LPI is pending now, 0 if the guest has not set up things so:
 *	   ITS disabled, device, event or collection not mapped, LPIs disabled
 *	   at the redistributor.
 */
int its_trigger(struct its *its, u32 device_id, u32 event_id)
{
	struct its_translation *tr;
	int ret = 0;

	guard(rcu)();
	tr = READ_ONCE(its->enabled) ? its_translate(its, device_id, event_id) : NULL;
	if (tr)
		ret = msi_pend(its->vm, tr);
	trace_kvm_arm_its_message(its, device_id, event_id, tr, ret);
	return ret;
}

/**
 * its_inject_msi - deliver a message
 * @vm: the VM
 * @doorbell: the address that it is written to
 * @device_id: who writes
 * @event_id: what is written
 *
 * Context: any.
 * Return: as its_trigger(); -ENODEV if the VM has no ITS, -EINVAL if none has
 *	   its GITS_TRANSLATER there.
 */
int its_inject_msi(struct vm *vm, gpa_t doorbell, u32 device_id, u32 event_id)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	struct its *its;

	if (!READ_ONCE(dist->has_its))
		return -ENODEV;
	guard(rcu)();
	list_for_each_entry_rcu(its, &dist->its_list, node)
		if (its->base + ITS_TRANSLATER == doorbell)
			return its_trigger(its, device_id, event_id);
	return -EINVAL;
}
