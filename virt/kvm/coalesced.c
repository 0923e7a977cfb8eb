// SPDX-License-Identifier: GPL-2.0
/*
 * Coalesced MMIO: stores to a zone go to a ring that user space reads at the
 * next exit that there is for another reason.
 *
 * A zone is a device on the bus that declines what the ring has no room for,
 * so that such a store exits as it would without a zone.  The ring is one page
 * for each VM, in the mapping of each of its vCPUs.  Both of its indices are
 * user space's to write: each is read once and checked at every use, and what
 * is not an index makes the zone decline.
 *
 * Locks: the list of zones vm->slots_lock; vm->coalesced.lock (innermost)
 * orders vCPUs that store at the same time.
 */

#include <linux/cleanup.h>
#include <linux/gfp.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <kvm/iobus.h>
#include "generic.h"

struct coalesced_zone {
	struct io_device dev;
	struct list_head list;	/* vm->slots_lock */
	gpa_t addr;
	u32 size;
};

static bool zone_covers(const struct coalesced_zone *zone, gpa_t addr, u64 len)
{
	return addr >= zone->addr && len <= zone->size && addr - zone->addr <= zone->size - len;
}

/* vm->coalesced.lock held. */
static bool ring_put(struct vm *vm, gpa_t addr, int len, const void *val)
{
	struct kvm_coalesced_mmio_ring *ring = page_address(vm->coalesced.page);
	struct kvm_coalesced_mmio *entry;
	u32 first, last, next;

	lockdep_assert_held(&vm->coalesced.lock);

	first = READ_ONCE(ring->first);
	last = READ_ONCE(ring->last);
	if (first >= KVM_COALESCED_MMIO_MAX || last >= KVM_COALESCED_MMIO_MAX)
		return false;
	next = (last + 1) % KVM_COALESCED_MMIO_MAX;
	if (next == first)
		return false;

	entry = &ring->coalesced_mmio[array_index_nospec(last, KVM_COALESCED_MMIO_MAX)];
	entry->phys_addr = addr;
	entry->len = len;
	entry->pio = 0;
	memcpy(entry->data, val, len);
	/* The entry is there before user space is told.  Pairs with its load of the index. */
	smp_store_release(&ring->last, next);
	return true;
}

static int zone_write(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len,
		      const void *val)
{
	struct coalesced_zone *zone = container_of(dev, struct coalesced_zone, dev);

	bool taken;

	/* An empty zone is on the bus too, and is asked. */
	if (!zone_covers(zone, addr, len))
		return -EOPNOTSUPP;
	spin_lock(&vcpu->vm->coalesced.lock);
	taken = ring_put(vcpu->vm, addr, len, val);
	spin_unlock(&vcpu->vm->coalesced.lock);
	return taken ? 0 : -EOPNOTSUPP;
}

static void zone_release(struct io_device *dev)
{
	kfree(container_of(dev, struct coalesced_zone, dev));
}

/* Zones may overlap, each other and devices: whoever comes first and has room takes the store. */
static const struct io_device_ops zone_ops = {
	.write		= zone_write,
	.release	= zone_release,
	.shared		= true,
};

/**
 * coalesced_init() - the ring of a new VM
 * @vm: the VM, not visible yet
 *
 * Return: 0 or -ENOMEM.
 */
int coalesced_init(struct vm *vm)
{
	spin_lock_init(&vm->coalesced.lock);
	INIT_LIST_HEAD(&vm->coalesced.zones);
	vm->coalesced.page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	return vm->coalesced.page ? 0 : -ENOMEM;
}

/**
 * coalesced_destroy() - the VM dies
 * @vm: the VM; its buses are gone, and the zones with them
 *
 * User space may have the page mapped still: each mapping has a reference.
 */
void coalesced_destroy(struct vm *vm)
{
	put_page(vm->coalesced.page);
}

static bool coalesced_is_mmio(const struct kvm_coalesced_mmio_zone *args)
{
	/* No architecture of ours has ports. */
	return args->pio == 0;
}

/**
 * coalesced_register() - KVM_REGISTER_COALESCED_MMIO
 * @vm: the VM
 * @args: the zone
 *
 * Context: process; takes vm->slots_lock.
 * Return: 0; -EINVAL for a zone of ports or one that wraps, -ENOSPC if the bus
 * is full, -ENOMEM.
 */
int coalesced_register(struct vm *vm, const struct kvm_coalesced_mmio_zone *args)
{
	struct coalesced_zone *zone;
	int ret;

	if (!coalesced_is_mmio(args))
		return -EINVAL;
	zone = kzalloc(sizeof(*zone), GFP_KERNEL_ACCOUNT);
	if (!zone)
		return -ENOMEM;
	zone->dev.ops = &zone_ops;
	zone->addr = args->addr;
	zone->size = args->size;

	guard(mutex)(&vm->slots_lock);
	ret = iobus_register(vm, KVM_MMIO_BUS, zone->addr, zone->size, &zone->dev);
	if (ret) {
		kfree(zone);
		return ret;
	}
	list_add_tail(&zone->list, &vm->coalesced.zones);
	return 0;
}

/**
 * coalesced_unregister() - KVM_UNREGISTER_COALESCED_MMIO
 * @vm: the VM
 * @args: a range: each zone that has all of it goes, and with all of its own
 *
 * Context: process; takes vm->slots_lock.
 * Return: 0, also if there is no such zone; -EINVAL for ports.
 */
int coalesced_unregister(struct vm *vm, const struct kvm_coalesced_mmio_zone *args)
{
	struct coalesced_zone *zone, *next;

	if (!coalesced_is_mmio(args))
		return -EINVAL;

	guard(mutex)(&vm->slots_lock);
	list_for_each_entry_safe(zone, next, &vm->coalesced.zones, list) {
		if (!zone_covers(zone, args->addr, args->size))
			continue;
		list_del(&zone->list);
		iobus_unregister(vm, KVM_MMIO_BUS, &zone->dev);	/* frees it */
	}
	return 0;
}
