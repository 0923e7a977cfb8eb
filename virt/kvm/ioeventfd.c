// SPDX-License-Identifier: GPL-2.0
/*
 * ioeventfds: a guest's write to an address signals an eventfd.
 *
 * An ioeventfd is a device of a bus that claims only the writes it matches.  It
 * belongs to vm->ioeventfds from registration until its bus release, which frees
 * it; both happen under vm->slots_lock or when the VM is alone.  eventfd_signal()
 * may be called anywhere, so the devices are atomic.  The ABI has ports on every
 * architecture: these are kept, and no guest writes to one.
 *
 * Locks: vm->slots_lock for the list; an access holds vm->srcu only.
 */

#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <kvm/iobus.h>
#include <kvm/vm.h>

struct ioeventfd {
	struct list_head node;		/* vm->ioeventfds */
	struct io_device dev;
	struct eventfd_ctx *eventfd;	/* our reference */
	enum iobus_id bus;
	gpa_t addr;
	u32 len;			/* 0: any */
	bool wildcard;			/* any value */
	u64 datamatch;
};

static bool ioeventfd_matches(const struct ioeventfd *ev, gpa_t addr, int len, const void *val)
{
	union {
		u8 b;
		u16 h;
		u32 w;
		u64 d;
	} value;

	if (addr != ev->addr)
		return false;
	if (!ev->len)
		return true;
	if (len != ev->len)
		return false;
	if (ev->wildcard)
		return true;

	/* Of memory it makes a number, in the host's order of bytes; len is 1, 2, 4 or 8, as ev->len is. */
	memcpy(&value, val, len);
	switch (len) {
	case 1:
		return value.b == ev->datamatch;
	case 2:
		return value.h == ev->datamatch;
	case 4:
		return value.w == ev->datamatch;
	default:
		return value.d == ev->datamatch;
	}
}

static int ioeventfd_write(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len,
			   const void *val)
{
	struct ioeventfd *ev = container_of(dev, struct ioeventfd, dev);

	if (!ioeventfd_matches(ev, addr, len, val))
		return -EOPNOTSUPP;
	eventfd_signal(ev->eventfd);
	return 0;
}

static void ioeventfd_free(struct ioeventfd *ev)
{
	eventfd_ctx_put(ev->eventfd);
	kfree(ev);
}

static void ioeventfd_release(struct io_device *dev)
{
	struct ioeventfd *ev = container_of(dev, struct ioeventfd, dev);

	list_del(&ev->node);
	ioeventfd_free(ev);
}

static const struct io_device_ops ioeventfd_ops = {
	.write = ioeventfd_write,
	.release = ioeventfd_release,
	.atomic = true,
	.shared = true,
};

/* Would one write signal both? */
static bool ioeventfd_conflicts(const struct ioeventfd *a, const struct ioeventfd *b)
{
	if (a->bus != b->bus || a->addr != b->addr)
		return false;
	if (!a->len || !b->len)
		return true;
	if (a->len != b->len)
		return false;
	return a->wildcard || b->wildcard || a->datamatch == b->datamatch;
}

static enum iobus_id ioeventfd_bus(const struct kvm_ioeventfd *args)
{
	return args->flags & KVM_IOEVENTFD_FLAG_PIO ? KVM_PIO_BUS : KVM_MMIO_BUS;
}

static int ioeventfd_assign(struct vm *vm, const struct kvm_ioeventfd *args)
{
	struct ioeventfd *ev, *other;
	int ret;

	ev = kzalloc(sizeof(*ev), GFP_KERNEL_ACCOUNT);
	if (!ev)
		return -ENOMEM;

	ev->eventfd = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(ev->eventfd)) {
		ret = PTR_ERR(ev->eventfd);
		kfree(ev);
		return ret;
	}
	ev->dev.ops = &ioeventfd_ops;
	ev->bus = ioeventfd_bus(args);
	ev->addr = args->addr;
	ev->len = args->len;
	ev->wildcard = !(args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH);
	if (!ev->wildcard)
		ev->datamatch = args->datamatch;

	mutex_lock(&vm->slots_lock);
	ret = 0;
	list_for_each_entry(other, &vm->ioeventfds, node) {
		if (ioeventfd_conflicts(ev, other)) {
			ret = -EEXIST;
			break;
		}
	}
	if (!ret)
		ret = iobus_register(vm, ev->bus, ev->addr, ev->len, &ev->dev);
	if (!ret)
		list_add_tail(&ev->node, &vm->ioeventfds);
	mutex_unlock(&vm->slots_lock);

	if (ret)
		ioeventfd_free(ev);
	return ret;
}

static int ioeventfd_deassign(struct vm *vm, const struct kvm_ioeventfd *args)
{
	bool wildcard = !(args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH);
	struct eventfd_ctx *eventfd;
	struct ioeventfd *ev;
	int ret = -ENOENT;

	eventfd = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);

	mutex_lock(&vm->slots_lock);
	list_for_each_entry(ev, &vm->ioeventfds, node) {
		if (ev->eventfd != eventfd || ev->bus != ioeventfd_bus(args) ||
		    ev->addr != args->addr || ev->len != args->len ||
		    ev->wildcard != wildcard || (!wildcard && ev->datamatch != args->datamatch))
			continue;
		iobus_unregister(vm, ev->bus, &ev->dev);
		ret = 0;
		break;
	}
	mutex_unlock(&vm->slots_lock);

	eventfd_ctx_put(eventfd);
	return ret;
}

/**
 * ioeventfd_set - KVM_IOEVENTFD
 * @vm: VM
 * @args: the ioctl's argument
 *
 * Lengths 1, 2, 4 and 8 match a write of that length, 0 one of any length and
 * value.  There is no channel subsystem here: its flag is refused like an unknown
 * one.
 *
 * Context: process; takes vm->slots_lock.
 * Return: 0; -EINVAL for a bad combination, -EBADF and -EINVAL for a bad fd,
 * -EEXIST if a write could match this and another, -ENOENT when there is
 * nothing to deassign, -ENOSPC, -ENOMEM.
 */
int ioeventfd_set(struct vm *vm, const struct kvm_ioeventfd *args)
{
	gpa_t end;

	if (args->flags & ~(KVM_IOEVENTFD_FLAG_DATAMATCH | KVM_IOEVENTFD_FLAG_DEASSIGN |
			    KVM_IOEVENTFD_FLAG_PIO))
		return -EINVAL;

	if (!args->len) {
		if (args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH)
			return -EINVAL;
	} else if (args->len > 8 || !is_power_of_2(args->len)) {
		return -EINVAL;
	}
	if (check_add_overflow(args->addr, args->len, &end))
		return -EINVAL;

	if (args->flags & KVM_IOEVENTFD_FLAG_DEASSIGN)
		return ioeventfd_deassign(vm, args);
	return ioeventfd_assign(vm, args);
}

/**
 * ioeventfd_destroy_all - the VM dies: release all of its ioeventfds
 * @vm: VM; no vCPU is left
 *
 * Context: process; takes vm->slots_lock.
 */
void ioeventfd_destroy_all(struct vm *vm)
{
	struct ioeventfd *ev, *next;

	mutex_lock(&vm->slots_lock);
	list_for_each_entry_safe(ev, next, &vm->ioeventfds, node)
		iobus_unregister(vm, ev->bus, &ev->dev);
	mutex_unlock(&vm->slots_lock);
}
