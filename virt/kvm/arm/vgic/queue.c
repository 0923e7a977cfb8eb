// SPDX-License-Identifier: GPL-2.0
/*
 * What a vCPU is to see: queues by priority.
 *
 * A queue has a list for each priority, three times over: pending interrupts
 * of group 0, of group 1, and active ones.  Adding and removing are constant,
 * choosing what goes into the list registers costs what is chosen.
 *
 * What is active needs no list register to be delivered, so it only gets what
 * pending interrupts leave over; otherwise interrupts that a guest with
 * EOImode = 1 deactivates late would shut out all others.
 *
 * Locks: vgic_queue.lock.  Callers of add and del hold irq->lock, whose fields
 * queued_on, queue_list and queue_prio they set in the same critical section.
 */

#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include "vgic.h"

/**
 * vgic_queue_init - an empty queue
 * @q: the queue
 */
void vgic_queue_init(struct vgic_queue *q)
{
	unsigned int l, p;

	raw_spin_lock_init(&q->lock);
	q->count = 0;
	for (l = 0; l < VGIC_QUEUE_LISTS; l++) {
		q->used[l] = 0;
		for (p = 0; p < VGIC_NR_PRIOS; p++)
			INIT_LIST_HEAD(&q->list[l][p]);
	}
}

/**
 * vgic_queue_add - put an interrupt at the end of a list
 * @q: the queue
 * @irq: on no queue
 * @list: which
 * @prio: priority >> 3
 *
 * Context: irq->lock held, interrupts off.
 */
void vgic_queue_add(struct vgic_queue *q, struct vgic_irq *irq, enum vgic_queue_list list,
		    unsigned int prio)
{
	lockdep_assert_held(&irq->lock);

	raw_spin_lock(&q->lock);
	irq->queue_list = list;
	irq->queue_prio = prio;
	list_add_tail(&irq->node, &q->list[list][prio]);
	WRITE_ONCE(q->used[list], q->used[list] | BIT(prio));
	WRITE_ONCE(q->count, q->count + 1);
	raw_spin_unlock(&q->lock);
}

/**
 * vgic_queue_del - take an interrupt off its list
 * @q: the queue that it is on
 * @irq: the interrupt
 *
 * Context: irq->lock held, interrupts off.
 */
void vgic_queue_del(struct vgic_queue *q, struct vgic_irq *irq)
{
	unsigned int l = irq->queue_list, p = irq->queue_prio;

	lockdep_assert_held(&irq->lock);

	raw_spin_lock(&q->lock);
	list_del(&irq->node);
	if (list_empty(&q->list[l][p]))
		WRITE_ONCE(q->used[l], q->used[l] & ~BIT(p));
	WRITE_ONCE(q->count, q->count - 1);
	raw_spin_unlock(&q->lock);
}

/* Lists of pending interrupts that @groups lets through, as if they were one. */
static u32 queue_pending(const struct vgic_queue *q, u32 groups)
{
	u32 used = 0;

	if (groups & VGIC_CTLR_GRP0)
		used |= READ_ONCE(q->used[VGIC_QUEUE_GRP0]);
	if (groups & VGIC_CTLR_GRP1)
		used |= READ_ONCE(q->used[VGIC_QUEUE_GRP1]);
	return used;
}

#ifdef CONFIG_KVM_MODULE_DEBUG
/* What adding and removing keep: sums, bits and what each interrupt believes agree. */
static void queue_check(const struct vgic_queue *q)
{
	const struct vgic_irq *irq;
	unsigned int l, p, n = 0;
	bool good = true;

	for (l = 0; l < VGIC_QUEUE_LISTS; l++) {
		for (p = 0; p < VGIC_NR_PRIOS; p++) {
			good &= !!(q->used[l] & BIT(p)) == !list_empty(&q->list[l][p]);
			list_for_each_entry(irq, &q->list[l][p], node) {
				good &= irq->queue_list == l && irq->queue_prio == p;
				n++;
			}
		}
	}
	WARN_ONCE(!good || n != q->count, "a vGIC queue is inconsistent, %u of %u", n, q->count);
}
#else
static void queue_check(const struct vgic_queue *q)
{
}
#endif

static unsigned int queue_take(const struct list_head *list, struct vgic_irq **pick,
			       unsigned int n, unsigned int max, bool *more)
{
	struct vgic_irq *irq;

	list_for_each_entry(irq, list, node) {
		if (n == max) {
			*more = true;
			break;
		}
		pick[n++] = irq;
	}
	return n;
}

/**
 * vgic_queue_pick - choose what goes into the list registers
 * @q: the queue
 * @groups: VGIC_CTLR_GRP* of which pending interrupts are wanted
 * @pick: receives the chosen ones
 * @max: how many fit
 * @more: receives VGIC_MORE_*: what did not
 *
 * Best first: pending by priority, then active by priority.
 *
 * Context: interrupts off from before until the last use of what was chosen:
 * that is an RCU read section, so an LPI that goes meanwhile stays readable.
 * What the choice was made for must be checked again under irq->lock.
 * Return: how many were chosen.
 */
unsigned int vgic_queue_pick(struct vgic_queue *q, u32 groups, struct vgic_irq **pick,
			     unsigned int max, unsigned int *more)
{
	bool more_pending = false, more_active = false;
	unsigned int n = 0, p;
	u32 used;

	lockdep_assert_irqs_disabled();

	raw_spin_lock(&q->lock);
	queue_check(q);
	for (used = queue_pending(q, groups); used && !more_pending; used &= used - 1) {
		p = __ffs(used);
		if (groups & VGIC_CTLR_GRP0)
			n = queue_take(&q->list[VGIC_QUEUE_GRP0][p], pick, n, max, &more_pending);
		if (groups & VGIC_CTLR_GRP1)
			n = queue_take(&q->list[VGIC_QUEUE_GRP1][p], pick, n, max, &more_pending);
	}
	for (used = q->used[VGIC_QUEUE_ACTIVE]; used && !more_active; used &= used - 1) {
		p = __ffs(used);
		n = queue_take(&q->list[VGIC_QUEUE_ACTIVE][p], pick, n, max, &more_active);
	}
	raw_spin_unlock(&q->lock);

	*more = (more_pending ? VGIC_MORE_PENDING : 0) | (more_active ? VGIC_MORE_ACTIVE : 0);
	return n;
}

/**
 * vgic_queue_first_active - the active interrupt that an EOI is for
 * @q: the queue of @vcpu
 * @vcpu: the vCPU
 *
 * With EOImode = 0 interrupts end in the reverse order of their beginnings,
 * each having preempted those of lower priority.  So an EOI that matched no
 * list register was for the one of highest priority that is in none.
 *
 * Context: as for vgic_queue_pick(); passes over at most VGIC_MAX_LRS others.
 * Return: the interrupt or NULL.
 */
struct vgic_irq *vgic_queue_first_active(struct vgic_queue *q, const struct vcpu *vcpu)
{
	struct vgic_irq *irq, *found = NULL;
	u32 used;

	raw_spin_lock(&q->lock);
	for (used = q->used[VGIC_QUEUE_ACTIVE]; used && !found; used &= used - 1) {
		list_for_each_entry(irq, &q->list[VGIC_QUEUE_ACTIVE][__ffs(used)], node) {
			if (READ_ONCE(irq->lr_vcpu) != vcpu) {
				found = irq;
				break;
			}
		}
	}
	raw_spin_unlock(&q->lock);
	return found;
}

/**
 * vgic_queue_first - any interrupt of a queue, for emptying it
 * @q: the queue
 *
 * Context: an RCU read section for as long as the interrupt is used.
 * Return: the interrupt or NULL.
 */
struct vgic_irq *vgic_queue_first(struct vgic_queue *q)
{
	struct vgic_irq *irq = NULL;
	unsigned int l;

	scoped_guard(raw_spinlock_irqsave, &q->lock)
		for (l = 0; l < VGIC_QUEUE_LISTS && !irq; l++)
			if (q->used[l])
				irq = list_first_entry(&q->list[l][__ffs(q->used[l])],
						       struct vgic_irq, node);
	return irq;
}

/**
 * vgic_queue_best - priority of the best pending interrupt
 * @q: the queue
 * @groups: VGIC_CTLR_GRP* of which
 *
 * Context: any; a hint unless the caller excludes changes.
 * Return: the priority, smaller is higher, or -1 if nothing is pending.
 */
int vgic_queue_best(const struct vgic_queue *q, u32 groups)
{
	u32 used = queue_pending(q, groups);

	return used ? (int)__ffs(used) << (8 - VGIC_PRIO_BITS) : -1;
}
