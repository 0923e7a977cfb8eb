// SPDX-License-Identifier: GPL-2.0
/*
 * In-kernel devices by guest physical address.
 *
 * A bus is an array of ranges, sorted by first byte.  The array's shape never
 * changes once it is published: adding a device publishes a longer copy.
 * Removing one clears its pointer where it stands, which needs no memory and
 * so cannot fail; the hole goes with the next copy.  Readers hold vm->srcu and
 * read each pointer once; whoever removed a device waits for them before
 * anything is freed.
 *
 * Locks: writers vm->slots_lock; readers vm->srcu.
 */

#include <linux/lockdep.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <kvm/iobus.h>
#include <kvm/vcpu.h>
#include <kvm/vm.h>

/*
 * @max_end is the largest end of this and all earlier ranges: with it a search
 * knows when no earlier one can reach an address, however they overlap.
 */
struct iobus_range {
	gpa_t start;
	gpa_t end;		/* exclusive; == @start: accesses of any length to @start */
	gpa_t max_end;
	struct io_device *dev;	/* NULL: was removed */
};

struct iobus {
	unsigned int nr;
	struct iobus_range range[] __counted_by(nr);
};

/* First byte after what the range answers to. */
static gpa_t iobus_range_limit(const struct iobus_range *r)
{
	return r->end == r->start ? r->start + 1 : r->end;
}

static bool iobus_range_covers(const struct iobus_range *r, gpa_t addr, int len)
{
	if (r->end == r->start)
		return addr == r->start;
	return addr >= r->start && addr < r->end && (u64)len <= r->end - addr;
}

/* How many ranges start at or below @addr. */
static unsigned int iobus_upper(const struct iobus *bus, gpa_t addr)
{
	unsigned int lo = 0, hi = bus->nr;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;

		if (bus->range[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/*
 * The next device that answers to the access, from position *@pos downwards,
 * or NULL.  Ranges that start closest to @addr come first, among equals the
 * one that was registered first.
 */
static struct io_device *iobus_next(struct iobus *bus, unsigned int *pos, gpa_t addr, int len)
{
	while (*pos > 0) {
		struct iobus_range *r = &bus->range[--*pos];
		struct io_device *dev;

		if (r->max_end <= addr)
			return NULL;
		if (!iobus_range_covers(r, addr, len))
			continue;
		dev = READ_ONCE(r->dev);
		if (dev)
			return dev;
	}
	return NULL;
}

static struct iobus *iobus_get(struct vcpu *vcpu, enum iobus_id id)
{
	return srcu_dereference(vcpu->vm->buses[id], &vcpu->vm->srcu);
}

/**
 * iobus_read - ask the in-kernel devices for a value
 * @vcpu: who reads
 * @id: bus
 * @addr: guest physical address
 * @len: 1, 2, 4 or 8
 * @val: filled with @len little-endian bytes if 0 is returned
 *
 * Context: vm->srcu held; may sleep.
 * Return: 0, or -EOPNOTSUPP if no device claims the access.
 */
int iobus_read(struct vcpu *vcpu, enum iobus_id id, gpa_t addr, int len, void *val)
{
	struct iobus *bus = iobus_get(vcpu, id);
	struct io_device *dev;
	unsigned int pos;

	if (!bus)
		return -EOPNOTSUPP;
	pos = iobus_upper(bus, addr);
	while ((dev = iobus_next(bus, &pos, addr, len)))
		if (dev->ops->read && !dev->ops->read(vcpu, dev, addr, len, val))
			return 0;
	return -EOPNOTSUPP;
}

/**
 * iobus_write - offer a write to the in-kernel devices
 * @vcpu: who writes
 * @id: bus
 * @addr: guest physical address
 * @len: 1, 2, 4 or 8
 * @val: @len little-endian bytes
 *
 * Context: vm->srcu held; may sleep.
 * Return: 0, or -EOPNOTSUPP if no device claims the access.
 */
int iobus_write(struct vcpu *vcpu, enum iobus_id id, gpa_t addr, int len, const void *val)
{
	struct iobus *bus = iobus_get(vcpu, id);
	struct io_device *dev;
	unsigned int pos;

	if (!bus)
		return -EOPNOTSUPP;
	pos = iobus_upper(bus, addr);
	while ((dev = iobus_next(bus, &pos, addr, len)))
		if (dev->ops->write && !dev->ops->write(vcpu, dev, addr, len, val))
			return 0;
	return -EOPNOTSUPP;
}

/**
 * iobus_read_atomic - iobus_read() where sleeping is not possible
 * @vcpu: who reads
 * @id: bus
 * @addr: guest physical address
 * @len: 1, 2, 4 or 8
 * @val: filled with @len little-endian bytes if 0 is returned
 *
 * Context: vm->srcu held, interrupts off.
 * Return: 0, -EOPNOTSUPP, or -EAGAIN if a device that may sleep has to be asked,
 *	   or an atomic one says so of this access.
 */
int iobus_read_atomic(struct vcpu *vcpu, enum iobus_id id, gpa_t addr, int len, void *val)
{
	struct iobus *bus = iobus_get(vcpu, id);
	struct io_device *dev;
	unsigned int pos;
	int ret;

	if (!bus)
		return -EOPNOTSUPP;
	pos = iobus_upper(bus, addr);
	while ((dev = iobus_next(bus, &pos, addr, len))) {
		if (!dev->ops->read)
			continue;
		if (!dev->ops->atomic)
			return -EAGAIN;
		ret = dev->ops->read(vcpu, dev, addr, len, val);
		if (!ret || ret == -EAGAIN)
			return ret;
	}
	return -EOPNOTSUPP;
}

/**
 * iobus_write_atomic - iobus_write() where sleeping is not possible
 * @vcpu: who writes
 * @id: bus
 * @addr: guest physical address
 * @len: 1, 2, 4 or 8
 * @val: @len little-endian bytes
 *
 * Context: vm->srcu held, interrupts off.
 * Return: 0, -EOPNOTSUPP, or -EAGAIN if a device that may sleep has to be asked,
 *	   or an atomic one says so of this access.
 */
int iobus_write_atomic(struct vcpu *vcpu, enum iobus_id id, gpa_t addr, int len, const void *val)
{
	struct iobus *bus = iobus_get(vcpu, id);
	struct io_device *dev;
	unsigned int pos;
	int ret;

	if (!bus)
		return -EOPNOTSUPP;
	pos = iobus_upper(bus, addr);
	while ((dev = iobus_next(bus, &pos, addr, len))) {
		if (!dev->ops->write)
			continue;
		if (!dev->ops->atomic)
			return -EAGAIN;
		ret = dev->ops->write(vcpu, dev, addr, len, val);
		if (!ret || ret == -EAGAIN)
			return ret;
	}
	return -EOPNOTSUPP;
}

static struct iobus *iobus_locked(struct vm *vm, enum iobus_id id)
{
	return rcu_dereference_protected(vm->buses[id], lockdep_is_held(&vm->slots_lock));
}

static void iobus_append(struct iobus *bus, gpa_t start, gpa_t end, struct io_device *dev)
{
	struct iobus_range *r;

	bus->nr++;
	r = &bus->range[bus->nr - 1];
	r->start = start;
	r->end = end;
	r->dev = dev;
	r->max_end = iobus_range_limit(r);
	if (r != bus->range)
		r->max_end = max(r->max_end, r[-1].max_end);
}

/**
 * iobus_register - put a device on a bus
 * @vm: VM
 * @id: bus
 * @addr: first guest physical address
 * @len: bytes; 0 for accesses of any length to @addr itself
 * @dev: device; the caller keeps it until iobus_unregister() or its ->release
 *
 * Context: process, vm->slots_lock held; waits for readers of vm->srcu.
 * Return: 0, -EEXIST, -EINVAL, -ENOSPC or -ENOMEM; then nothing has changed.
 */
int iobus_register(struct vm *vm, enum iobus_id id, gpa_t addr, u64 len, struct io_device *dev)
{
	struct iobus *old, *new;
	struct iobus_range added = { .start = addr };
	unsigned int i, live = 0;

	lockdep_assert_held(&vm->slots_lock);

	/* The limit of an empty range, one past it, must not wrap either. */
	if (check_add_overflow(addr, max_t(u64, len, 1), &added.end))
		return -EINVAL;
	added.end = addr + len;

	old = iobus_locked(vm, id);
	for (i = 0; old && i < old->nr; i++) {
		struct iobus_range *r = &old->range[i];

		if (!r->dev)
			continue;
		live++;
		if (r->start < iobus_range_limit(&added) && addr < iobus_range_limit(r) &&
		    !r->dev->ops->shared && !dev->ops->shared)
			return -EEXIST;
	}
	if (live >= NR_IOBUS_DEVS)
		return -ENOSPC;

	new = kzalloc(struct_size(new, range, live + 1), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;

	/* Before its equals: the walk goes down, and so comes to the older ones first. */
	for (i = 0; old && i < old->nr && old->range[i].start < addr; i++)
		if (old->range[i].dev)
			iobus_append(new, old->range[i].start, old->range[i].end,
				     old->range[i].dev);
	iobus_append(new, addr, added.end, dev);
	for (; old && i < old->nr; i++)
		if (old->range[i].dev)
			iobus_append(new, old->range[i].start, old->range[i].end,
				     old->range[i].dev);

	rcu_assign_pointer(vm->buses[id], new);
	synchronize_srcu_expedited(&vm->srcu);
	kfree(old);
	return 0;
}

/**
 * iobus_unregister - take a device off its bus
 * @vm: VM
 * @id: bus
 * @dev: device; nothing happens if it is not on the bus
 *
 * Cannot fail.  When it returns no access is in the device, none will come,
 * and ->release has run.
 *
 * Context: process, vm->slots_lock held; waits for readers of vm->srcu.
 */
void iobus_unregister(struct vm *vm, enum iobus_id id, struct io_device *dev)
{
	struct iobus *bus;
	unsigned int i;

	lockdep_assert_held(&vm->slots_lock);

	bus = iobus_locked(vm, id);
	for (i = 0; bus && i < bus->nr; i++)
		if (bus->range[i].dev == dev)
			break;
	if (!bus || i == bus->nr)
		return;

	WRITE_ONCE(bus->range[i].dev, NULL);
	synchronize_srcu_expedited(&vm->srcu);
	if (dev->ops->release)
		dev->ops->release(dev);
}

/**
 * iobus_init - empty buses for a new VM
 * @vm: VM, not yet visible
 *
 * Return: 0
 */
int iobus_init(struct vm *vm)
{
	for (unsigned int id = 0; id < KVM_NR_BUSES; id++)
		RCU_INIT_POINTER(vm->buses[id], NULL);
	INIT_LIST_HEAD(&vm->ioeventfds);
	return 0;
}

/**
 * iobus_destroy - the VM dies: release what is still on its buses
 * @vm: VM; no vCPU is left
 */
void iobus_destroy(struct vm *vm)
{
	for (unsigned int id = 0; id < KVM_NR_BUSES; id++) {
		struct iobus *bus = rcu_dereference_protected(vm->buses[id], 1);

		if (!bus)
			continue;
		RCU_INIT_POINTER(vm->buses[id], NULL);
		for (unsigned int i = 0; i < bus->nr; i++) {
			struct io_device *dev = bus->range[i].dev;

			if (dev && dev->ops->release)
				dev->ops->release(dev);
		}
		kfree(bus);
	}
}
