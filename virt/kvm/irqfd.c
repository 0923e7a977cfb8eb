// SPDX-License-Identifier: GPL-2.0
/*
 * irqfds: an eventfd that raises a GSI, and resamplers that tell user space
 * when the guest has ended a level interrupt.
 *
 * Life of an irqfd
 *
 *   It borrows the VM and holds its eventfd.  irqfd_assign() makes it active:
 *   on irqfds->active, with a waiter in the eventfd's queue.  Exactly one of
 *   these ends that, by taking it off the list under irqfds->lock and queueing
 *   its release: KVM_IRQFD_FLAG_DEASSIGN, the last close of the eventfd
 *   (EPOLLHUP), or irqfd_release_all().  Only the release, a work item, frees
 *   it, after it has left the eventfd's queue, behind which no wake-up can be
 *   in the waiter, and after its injection work is over.  DEASSIGN and
 *   irqfd_release_all() wait for the releases; since a VM is not freed before
 *   irqfd_release_all(), and the module not before its VMs, no work item
 *   outlives either.
 *
 *   The route is a copy, rewritten under irqfds->lock and @route_seq when the
 *   table changes and never otherwise: not when the irqfd ends.
 *
 * Locks, outermost first: vm->irq_lock (assigning and ending, resamplers), the
 * eventfd's wait-queue lock, irqfds->lock (interrupts off).  Readers of the
 * resamplers hold vm->irq_srcu.
 */

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <kvm/arch.h>
#include <kvm/irq.h>
#include <kvm/trace.h>
#include <kvm/vm.h>
#include "irqfd.h"

struct irqfds {
	spinlock_t lock;		/* @active, routes */
	struct list_head active;	/* struct irqfd.node */
	struct list_head resamplers;	/* vm->irq_lock, readers vm->irq_srcu */
};

/* All resampling irqfds of one GSI: they share the line and the notification. */
struct irqfd_resampler {
	struct list_head node;		/* irqfds->resamplers */
	struct list_head members;	/* struct irqfd.member; as @node */
	u32 gsi;
};

struct irqfd {
	struct vm *vm;			/* borrowed */
	struct eventfd_ctx *eventfd;
	u32 gsi;
	struct list_head node;		/* irqfds->active; empty: ended */

	wait_queue_entry_t wait;
	poll_table poll;
	struct work_struct inject;	/* for routes that need process context */
	struct work_struct release;

	seqcount_spinlock_t route_seq;	/* irqfds->lock */
	struct irq_route route;
	bool routed;

	struct irqfd_resampler *resampler;	/* NULL: edge */
	struct eventfd_ctx *resamplefd;
	struct list_head member;
};

/* A release waits for an injection, so they must not share a queue. */
static struct workqueue_struct *irqfd_inject_wq;
static struct workqueue_struct *irqfd_release_wq;

static bool irqfd_route(struct irqfd *irqfd, struct irq_route *out)
{
	unsigned int seq;
	bool routed;

	do {
		seq = read_seqcount_begin(&irqfd->route_seq);
		*out = irqfd->route;
		routed = irqfd->routed;
	} while (read_seqcount_retry(&irqfd->route_seq, seq));
	return routed;
}

/*
 * Raises the interrupt.  vm->irq_srcu held.  -EWOULDBLOCK only if @atomic.
 *
 * An edge-triggered input latches it.  A level-triggered one stays asserted:
 * with a resampler until the guest ends the interrupt, else until KVM_IRQ_LINE
 * lowers it; a pulse would be gone before any vCPU could see it.
 */
static int irqfd_raise(struct irqfd *irqfd, bool atomic)
{
	int (*set)(struct vm *, const struct irq_route *, int, int) =
		atomic ? arch_irq_set_atomic : arch_irq_set;
	struct irq_route route;
	int source = irqfd->resampler ? IRQ_SOURCE_RESAMPLE : IRQ_SOURCE_USER;

	trace_kvm_set_irq(irqfd->gsi, 1, source);
	if (!irqfd_route(irqfd, &route))
		return 0;
	return set(irqfd->vm, &route, source, 1);
}

static void irqfd_inject(struct work_struct *work)
{
	struct irqfd *irqfd = container_of(work, struct irqfd, inject);
	int idx = srcu_read_lock(&irqfd->vm->irq_srcu);

	irqfd_raise(irqfd, false);
	srcu_read_unlock(&irqfd->vm->irq_srcu, idx);
}

/* irqfds->lock held; the irqfd is active and is not after this. */
static void irqfd_end(struct irqfd *irqfd)
{
	lockdep_assert_held(&irqfd->vm->irqfds->lock);
	list_del_init(&irqfd->node);
	queue_work(irqfd_release_wq, &irqfd->release);
}

/* The eventfd was signalled or closed: its wait-queue lock is held, interrupts are off. */
static int irqfd_wakeup(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct irqfd *irqfd = container_of(wait, struct irqfd, wait);
	struct vm *vm = irqfd->vm;
	__poll_t events = key_to_poll(key);
	int idx, ret = 0;

	if (events & EPOLLIN) {
		u64 count;

		eventfd_ctx_do_read(irqfd->eventfd, &count);
		idx = srcu_read_lock(&vm->irq_srcu);
		if (irqfd_raise(irqfd, true) == -EWOULDBLOCK)
			queue_work(irqfd_inject_wq, &irqfd->inject);
		srcu_read_unlock(&vm->irq_srcu, idx);
		ret = 1;
	}

	if (events & EPOLLHUP) {
		/* Interrupts are off already. */
		spin_lock(&vm->irqfds->lock);
		if (!list_empty(&irqfd->node))
			irqfd_end(irqfd);
		spin_unlock(&vm->irqfds->lock);
	}
	return ret;
}

/* The eventfd's poll hands us its wait queue. */
static void irqfd_enqueue(struct file *file, wait_queue_head_t *head, poll_table *poll)
{
	struct irqfd *irqfd = container_of(poll, struct irqfd, poll);

	/* First, so that a signal is ours before other waiters may read it away. */
	add_wait_queue_priority(head, &irqfd->wait);
}

static void irqfd_free(struct irqfd *irqfd)
{
	if (!IS_ERR_OR_NULL(irqfd->resamplefd))
		eventfd_ctx_put(irqfd->resamplefd);
	if (!IS_ERR_OR_NULL(irqfd->eventfd))
		eventfd_ctx_put(irqfd->eventfd);
	kfree(irqfd);
}

/* Joins the GSI's resampler, makes it if there is none.  vm->irq_lock held. */
static int irqfd_resampler_join(struct irqfd *irqfd)
{
	struct irqfds *irqfds = irqfd->vm->irqfds;
	struct irqfd_resampler *resampler;

	list_for_each_entry(resampler, &irqfds->resamplers, node)
		if (resampler->gsi == irqfd->gsi)
			goto found;

	resampler = kzalloc(sizeof(*resampler), GFP_KERNEL_ACCOUNT);
	if (!resampler)
		return -ENOMEM;
	resampler->gsi = irqfd->gsi;
	INIT_LIST_HEAD(&resampler->members);
	list_add_rcu(&resampler->node, &irqfds->resamplers);
found:
	list_add_rcu(&irqfd->member, &resampler->members);
	irqfd->resampler = resampler;
	return 0;
}

/* The last one lowers the line and frees the resampler.  vm->irq_lock held. */
static void irqfd_resampler_leave(struct irqfd *irqfd)
{
	struct irqfd_resampler *resampler = irqfd->resampler;
	struct vm *vm = irqfd->vm;
	struct irq_route route;
	bool last;

	list_del_rcu(&irqfd->member);
	last = list_empty(&resampler->members);
	if (last)
		list_del_rcu(&resampler->node);
	synchronize_srcu_expedited(&vm->irq_srcu);
	if (!last)
		return;

	if (irq_route_get(vm, resampler->gsi, &route))
		arch_irq_set(vm, &route, IRQ_SOURCE_RESAMPLE, 0);
	kfree(resampler);
}

static void irqfd_release(struct work_struct *work)
{
	struct irqfd *irqfd = container_of(work, struct irqfd, release);
	u64 count;

	/* From here on no wake-up is in irqfd_wakeup(), and none will come. */
	eventfd_ctx_remove_wait_queue(irqfd->eventfd, &irqfd->wait, &count);
	flush_work(&irqfd->inject);

	if (irqfd->resampler) {
		mutex_lock(&irqfd->vm->irq_lock);
		irqfd_resampler_leave(irqfd);
		mutex_unlock(&irqfd->vm->irq_lock);
	}
	irqfd_free(irqfd);
}

/* irqfds->lock held. */
static void irqfd_update_route(struct irqfd *irqfd)
{
	struct irq_route route = {};
	bool routed = irq_route_get(irqfd->vm, irqfd->gsi, &route);

	write_seqcount_begin(&irqfd->route_seq);
	irqfd->route = route;
	irqfd->routed = routed;
	write_seqcount_end(&irqfd->route_seq);
}

void irqfd_routes_changed(struct vm *vm)
{
	struct irqfds *irqfds = vm->irqfds;
	struct irqfd *irqfd;

	lockdep_assert_held(&vm->irq_lock);

	spin_lock_irq(&irqfds->lock);
	list_for_each_entry(irqfd, &irqfds->active, node)
		irqfd_update_route(irqfd);
	spin_unlock_irq(&irqfds->lock);
}

/* Makes a complete irqfd active.  vm->irq_lock held; @file is the eventfd's. */
static int irqfd_activate(struct irqfd *irqfd, struct file *file)
{
	struct irqfds *irqfds = irqfd->vm->irqfds;
	struct irqfd *other;

	scoped_guard(spinlock_irq, &irqfds->lock) {
		list_for_each_entry(other, &irqfds->active, node)
			if (other->eventfd == irqfd->eventfd)
				return -EBUSY;
		irqfd_update_route(irqfd);
		list_add_tail(&irqfd->node, &irqfds->active);
	}

	/*
	 * @file keeps EPOLLHUP away and vm->irq_lock a DEASSIGN, so that the
	 * irqfd cannot end before its waiter is in place.
	 */
	init_waitqueue_func_entry(&irqfd->wait, irqfd_wakeup);
	init_poll_funcptr(&irqfd->poll, irqfd_enqueue);

	/* What was signalled before we listened counts too. */
	if (vfs_poll(file, &irqfd->poll) & EPOLLIN)
		queue_work(irqfd_inject_wq, &irqfd->inject);
	return 0;
}

static int irqfd_assign(struct vm *vm, const struct kvm_irqfd *args)
{
	struct file *file __free(fput) = NULL;
	struct irqfd *irqfd;
	int ret;

	if (!arch_irqchip_ready(vm))
		return -EAGAIN;

	file = eventfd_fget(args->fd);
	if (IS_ERR(file))
		return PTR_ERR(file);

	irqfd = kzalloc(sizeof(*irqfd), GFP_KERNEL_ACCOUNT);
	if (!irqfd)
		return -ENOMEM;
	irqfd->vm = vm;
	irqfd->gsi = args->gsi;
	INIT_LIST_HEAD(&irqfd->node);
	INIT_LIST_HEAD(&irqfd->member);
	INIT_WORK(&irqfd->inject, irqfd_inject);
	INIT_WORK(&irqfd->release, irqfd_release);
	seqcount_spinlock_init(&irqfd->route_seq, &vm->irqfds->lock);

	irqfd->eventfd = eventfd_ctx_fileget(file);
	if (IS_ERR(irqfd->eventfd)) {
		ret = PTR_ERR(irqfd->eventfd);
		goto fail;
	}
	if (args->flags & KVM_IRQFD_FLAG_RESAMPLE) {
		irqfd->resamplefd = eventfd_ctx_fdget(args->resamplefd);
		if (IS_ERR(irqfd->resamplefd)) {
			ret = PTR_ERR(irqfd->resamplefd);
			goto fail;
		}
	}

	mutex_lock(&vm->irq_lock);
	ret = irqfd->resamplefd ? irqfd_resampler_join(irqfd) : 0;
	if (!ret) {
		ret = irqfd_activate(irqfd, file);
		if (ret && irqfd->resampler)
			irqfd_resampler_leave(irqfd);
	}
	mutex_unlock(&vm->irq_lock);
	if (!ret)
		return 0;
fail:
	irqfd_free(irqfd);
	return ret;
}

static int irqfd_deassign(struct vm *vm, const struct kvm_irqfd *args)
{
	struct eventfd_ctx *eventfd;
	struct irqfd *irqfd, *next;

	eventfd = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);

	mutex_lock(&vm->irq_lock);
	scoped_guard(spinlock_irq, &vm->irqfds->lock) {
		list_for_each_entry_safe(irqfd, next, &vm->irqfds->active, node)
			if (irqfd->eventfd == eventfd && irqfd->gsi == args->gsi)
				irqfd_end(irqfd);
	}
	mutex_unlock(&vm->irq_lock);
	eventfd_ctx_put(eventfd);

	/* Nothing is injected through it once the ioctl has returned. */
	flush_workqueue(irqfd_release_wq);
	return 0;
}

/**
 * irqfd_set - KVM_IRQFD
 * @vm: VM
 * @args: the ioctl's argument
 *
 * Deassigning what is not assigned is no error, as the ABI has it.
 *
 * Context: process; takes vm->irq_lock and waits for work that takes it.
 * Return: 0; -EINVAL for unknown flags or a descriptor that is no eventfd,
 * -EBADF, -EBUSY if the eventfd has an irqfd in this VM, -EAGAIN while there is
 * no initialised interrupt controller, -ENOMEM.
 */
int irqfd_set(struct vm *vm, const struct kvm_irqfd *args)
{
	if (args->flags & ~(KVM_IRQFD_FLAG_DEASSIGN | KVM_IRQFD_FLAG_RESAMPLE))
		return -EINVAL;
	if (args->flags & KVM_IRQFD_FLAG_DEASSIGN)
		return irqfd_deassign(vm, args);
	return irqfd_assign(vm, args);
}

/**
 * irqfd_release_all - end every irqfd and wait until all are freed
 * @vm: VM whose file is closed: no new ones come
 *
 * Must come before the interrupt controller goes.
 *
 * Context: process, no locks held; waits for work that takes vm->irq_lock.
 */
void irqfd_release_all(struct vm *vm)
{
	struct irqfds *irqfds = vm->irqfds;
	struct irqfd *irqfd, *next;

	if (!irqfds)
		return;

	scoped_guard(spinlock_irq, &irqfds->lock) {
		list_for_each_entry_safe(irqfd, next, &irqfds->active, node)
			irqfd_end(irqfd);
	}
	flush_workqueue(irqfd_release_wq);
}

static bool irqfd_resampler_is(struct vm *vm, const struct irqfd_resampler *resampler,
			       u32 irqchip, u32 pin, struct irq_route *route)
{
	return irq_route_lookup(vm, resampler->gsi, route) &&
	       route->type == KVM_IRQ_ROUTING_IRQCHIP &&
	       route->irqchip.irqchip == irqchip && route->irqchip.pin == pin;
}

/**
 * irq_notify_acked - the guest has ended a level interrupt
 * @vm: VM
 * @irqchip: controller
 * @pin: its input
 *
 * The resamplers' share of the line goes low, then they are told; a device that
 * still wants service signals again.
 *
 * Context: any; not with the interrupt's own locks held, since the line is
 * driven from here.
 */
void irq_notify_acked(struct vm *vm, u32 irqchip, u32 pin)
{
	struct irqfds *irqfds = vm->irqfds;
	struct irqfd_resampler *resampler;
	struct irq_route route;
	struct irqfd *irqfd;
	int idx;

	if (!irqfds || list_empty(&irqfds->resamplers))
		return;

	idx = srcu_read_lock(&vm->irq_srcu);
	list_for_each_entry_srcu(resampler, &irqfds->resamplers, node,
				 srcu_read_lock_held(&vm->irq_srcu)) {
		if (!irqfd_resampler_is(vm, resampler, irqchip, pin, &route))
			continue;
		trace_kvm_ack_irq(irqchip, pin);
		arch_irq_set_atomic(vm, &route, IRQ_SOURCE_RESAMPLE, 0);
		list_for_each_entry_srcu(irqfd, &resampler->members, member,
					 srcu_read_lock_held(&vm->irq_srcu))
			eventfd_signal(irqfd->resamplefd);
	}
	srcu_read_unlock(&vm->irq_srcu, idx);
}

/**
 * irq_has_ack_notifier - does anyone want to know when an input is ended?
 * @vm: VM
 * @irqchip: controller
 * @pin: its input
 *
 * Context: any.
 * Return: true if irq_notify_acked() has something to do
 */
bool irq_has_ack_notifier(struct vm *vm, u32 irqchip, u32 pin)
{
	struct irqfds *irqfds = vm->irqfds;
	struct irqfd_resampler *resampler;
	struct irq_route route;
	bool found = false;
	int idx;

	if (!irqfds || list_empty(&irqfds->resamplers))
		return false;

	idx = srcu_read_lock(&vm->irq_srcu);
	list_for_each_entry_srcu(resampler, &irqfds->resamplers, node,
				 srcu_read_lock_held(&vm->irq_srcu)) {
		found = irqfd_resampler_is(vm, resampler, irqchip, pin, &route);
		if (found)
			break;
	}
	srcu_read_unlock(&vm->irq_srcu, idx);
	return found;
}

int irqfd_vm_init(struct vm *vm)
{
	struct irqfds *irqfds = kzalloc(sizeof(*irqfds), GFP_KERNEL_ACCOUNT);

	if (!irqfds)
		return -ENOMEM;
	spin_lock_init(&irqfds->lock);
	INIT_LIST_HEAD(&irqfds->active);
	INIT_LIST_HEAD(&irqfds->resamplers);
	vm->irqfds = irqfds;
	return 0;
}

void irqfd_vm_destroy(struct vm *vm)
{
	kfree(vm->irqfds);
	vm->irqfds = NULL;
}

/**
 * irqfd_module_init - make the work queues
 *
 * Return: 0 or -ENOMEM
 */
int irqfd_module_init(void)
{
	irqfd_inject_wq = alloc_workqueue("kvm-irqfd-inject", WQ_UNBOUND | WQ_HIGHPRI, 0);
	if (!irqfd_inject_wq)
		return -ENOMEM;
	irqfd_release_wq = alloc_workqueue("kvm-irqfd-release", WQ_UNBOUND, 0);
	if (!irqfd_release_wq) {
		destroy_workqueue(irqfd_inject_wq);
		return -ENOMEM;
	}
	return 0;
}

/**
 * irqfd_module_exit - drain and free the work queues
 *
 * Context: no VM exists.
 */
void irqfd_module_exit(void)
{
	destroy_workqueue(irqfd_release_wq);
	destroy_workqueue(irqfd_inject_wq);
}
