// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts: their state, and the one rule that says on which vCPU's queue
 * one belongs.
 *
 * Locks: vgic_irq.lock, with vgic_queue.lock inside.
 *
 * Who may run at the same time, and why it is right:
 * - A state change while the interrupt is in a list register of a running
 *   vCPU.  It stays on that vCPU's queue; if the copy is out of date the vCPU
 *   is kicked, folds the copy into the new state and places it again.
 * - Two changes.  Each runs under irq->lock and ends in vgic_irq_update(), so
 *   the later one sees all of the first.
 * - A change and the target's vgic_flush().  Either the flush finds the
 *   interrupt on the queue, or the change finds the vCPU in the guest and
 *   kicks it: vcpu->mode is written before the queue is looked at, the queue
 *   before the mode is.
 */

#include <linux/nospec.h>
#include <linux/preempt.h>
#include "regs.h"
#include "trace.h"
#include "vgic.h"

/**
 * vgic_irq_init - an inactive, disabled interrupt
 * @irq: zeroed memory
 * @intid: its INTID
 * @target: initial target or NULL
 */
void vgic_irq_init(struct vgic_irq *irq, u32 intid, struct vcpu *target)
{
	raw_spin_lock_init(&irq->lock);
	INIT_LIST_HEAD(&irq->node);
	irq->intid = intid;
	irq->target = target;
	refcount_set(&irq->refs, 1);
}

/**
 * vgic_irq_pending - is it pending?
 * @irq: the interrupt
 *
 * A level interrupt is pending while its line is asserted or after ISPENDR
 * (IHI 0069, 4.1.2), others after an edge.
 *
 * Context: irq->lock held.  Exact while the interrupt is in no list register.
 * Return: true if it is.
 */
bool vgic_irq_pending(const struct vgic_irq *irq)
{
	return irq->latch || irq->lr_latch || (irq->level && irq->line);
}

/* Is it an LPI whose redistributor has LPIs disabled? */
static bool irq_is_refused(const struct vgic_irq *irq)
{
	return vgic_irq_is_lpi(irq->intid) && irq->target &&
	       !READ_ONCE(irq->target->arch.vgic.lpis_enabled);
}

/**
 * vgic_irq_target - where an interrupt belongs
 * @irq: the interrupt
 *
 * The rule.  What is in a list register stays until it is folded back; what is
 * active stays where it is being handled; what is pending and enabled goes to
 * the vCPU that it is routed to, an LPI only if that takes LPIs
 * (GICR_CTLR.EnableLPIs).  Group enables do not matter here: a queue
 * keeps groups apart and shows those that the distributor forwards.
 *
 * Context: irq->lock held.
 * Return: the vCPU on whose queue it is to be, or NULL.
 */
struct vcpu *vgic_irq_target(const struct vgic_irq *irq)
{
	if (irq->lr_vcpu)
		return irq->lr_vcpu;
	if (irq->active)
		return irq->queued_on ?: irq->target;
	if (!irq->enabled || !vgic_irq_pending(irq) || irq_is_refused(irq))
		return NULL;
	return irq->target;
}

/*
 * The list of the queue.  An active interrupt keeps the priority at which it
 * was taken: that is the order in which EOIs come.
 */
static enum vgic_queue_list irq_list(const struct vgic_irq *irq, unsigned int *prio)
{
	*prio = irq->priority >> (8 - VGIC_PRIO_BITS);
	if (!irq->active)
		return irq->group ? VGIC_QUEUE_GRP1 : VGIC_QUEUE_GRP0;
	if (irq->queued_on)
		*prio = irq->queue_prio;
	return VGIC_QUEUE_ACTIVE;
}

enum irq_move { IRQ_STAYS, IRQ_MOVED, IRQ_LEFT };

static enum irq_move irq_move(struct vgic_irq *irq)
{
	struct vcpu *to = vgic_irq_target(irq), *from = irq->queued_on;
	enum vgic_queue_list list;
	unsigned int prio;

	if (irq->lr_vcpu || (!to && !from))
		return IRQ_STAYS;
	list = irq_list(irq, &prio);
	if (to == from && list == irq->queue_list && prio == irq->queue_prio)
		return IRQ_STAYS;

	if (from)
		vgic_queue_del(&from->arch.vgic.queue, irq);
	irq->queued_on = to;
	if (to)
		vgic_queue_add(&to->arch.vgic.queue, irq, list, prio);
	if (!to)
		return IRQ_LEFT;
	if (!from && vgic_irq_is_lpi(irq->intid))
		refcount_inc(&irq->refs);
	return IRQ_MOVED;
}

/* Has @vcpu look at its queue: at once, if it runs. */
static void irq_kick(struct vcpu *vcpu)
{
	if (vcpu_running_here() == vcpu) {
		/*
		 * This CPU is out of the guest and its thread looks at the
		 * flag before it enters again.  An interrupt handler may have
		 * come between the thread's last look and its sleep.
		 */
		vcpu->arch.vgic.flush_owed = true;
		if (!in_task())
			vcpu_wake(vcpu);
		return;
	}
	/* The queue was written before vcpu->mode is read; see run_preempt_off(). */
	smp_mb();
	vcpu_kick(vcpu);
}

/**
 * vgic_irq_place - put an interrupt where it belongs, for its vCPU's own thread
 * @irq: the interrupt, just folded
 *
 * As vgic_irq_update(), but the vCPU that it was on needs no kick, and the
 * caller holds no reference.
 *
 * Context: irq->lock held, interrupts off, own thread of irq->queued_on.
 * Return: true if the caller now owns the queue's reference and has to drop it
 * after the lock.
 */
bool vgic_irq_place(struct vgic_irq *irq)
{
	struct vcpu *own = irq->queued_on;
	enum irq_move move = irq_move(irq);

	if (move == IRQ_MOVED && irq->queued_on != own)
		irq_kick(irq->queued_on);
	return move == IRQ_LEFT && vgic_irq_is_lpi(irq->intid);
}

/* Would vgic_flush() write another value for an interrupt that is in a list register? */
static bool irq_lr_stale(const struct vgic_irq *irq)
{
	u64 want, have = irq->lr_val;

	if (irq->latch || irq->holds)
		return true;
	if (!irq->active && irq->target != irq->lr_vcpu)
		return true;
	want = vgic_lr_value(irq);
	/* A maintenance interrupt too many does no harm. */
	if (!irq->hw && !(want & LR_EOI))
		have &= ~LR_EOI;
	return want != have;
}

/**
 * vgic_irq_update - put an interrupt where it belongs
 * @irq: the interrupt
 *
 * To be called after each change.  Moves it from the queue it is on to the one
 * it is to be on and kicks the vCPU that it is new for, and the one in whose
 * list register an outdated copy is.
 *
 * Context: irq->lock held, interrupts off, with a reference that is not the
 * queue's.
 */
void vgic_irq_update(struct vgic_irq *irq)
{
	lockdep_assert_held(&irq->lock);

	if (irq->lr_vcpu) {
		if (irq_lr_stale(irq))
			irq_kick(irq->lr_vcpu);
		return;
	}
	switch (irq_move(irq)) {
	case IRQ_MOVED:
		irq_kick(irq->queued_on);
		break;
	case IRQ_LEFT:
		if (vgic_irq_is_lpi(irq->intid))
			refcount_dec(&irq->refs);
		break;
	case IRQ_STAYS:
		break;
	}
}

/**
 * vgic_irq_pend - make an interrupt pending by its latch
 * @irq: the interrupt
 *
 * Context: irq->lock held, a reference.
 */
void vgic_irq_pend(struct vgic_irq *irq)
{
	irq->latch = true;
	vgic_irq_update(irq);
}

/**
 * vgic_irq_unpend - end the pending state, but for what a line asserts
 * @irq: the interrupt
 *
 * An edge that is in a list register and was not taken is dropped with it; one
 * that was taken is active, and stays so.
 *
 * Context: irq->lock held, a reference.
 */
void vgic_irq_unpend(struct vgic_irq *irq)
{
	irq->latch = false;
	irq->lr_latch = false;
	vgic_irq_update(irq);
}

/**
 * vgic_irq_set_line - an input changes
 * @irq: the interrupt
 * @source: who drives it, IRQ_SOURCE_*: the line is the OR of all
 * @level: the level
 *
 * An edge interrupt is latched by each call with @level true.
 *
 * Context: irq->lock held, a reference.
 */
void vgic_irq_set_line(struct vgic_irq *irq, unsigned int source, bool level)
{
	bool was = irq->line;

	/* What user space restored stands until a source speaks for itself. */
	irq->sources &= ~BIT(VGIC_SOURCE_RESTORED);
	if (level)
		irq->sources |= BIT(source);
	else
		irq->sources &= ~BIT(source);
	irq->line = irq->sources;

	if (!irq->level) {
		if (level)
			vgic_irq_pend(irq);
		return;
	}
	if (irq->line == was)
		return;
	vgic_irq_update(irq);
	if (irq->hw && irq->target)
		vgic_hw_sync_active(irq->target, irq);
}

/**
 * vgic_irq_set_affinity - GICD_IROUTER<n>
 * @vm: the VM
 * @irq: an SPI
 * @affinity: affinity fields as in MPIDR_EL1, and IRM
 *
 * A routing to a vCPU that does not exist keeps the interrupt pending on none.
 * With IRM any vCPU will do, and it is the first.
 *
 * Context: irq->lock held.
 */
void vgic_irq_set_affinity(struct vm *vm, struct vgic_irq *irq, u64 affinity)
{
	affinity &= VGIC_IROUTER_AFFINITY | VGIC_IROUTER_IRM;
	WRITE_ONCE(irq->affinity, affinity);
	if (affinity & VGIC_IROUTER_IRM)
		irq->target = vm_vcpu_by_index(vm, 0);
	else
		irq->target = vgic_vcpu_by_affinity(vm, affinity);
	vgic_irq_update(irq);
}

/**
 * vgic_irq_hold - keep an interrupt out of list registers
 * @irq: the interrupt
 *
 * On return its state is exact and stays so until vgic_irq_release().
 *
 * Context: process, interrupts on, no vGIC lock held, a reference for LPIs.
 * Not from the inner loop: two vCPUs may wait for each other, which ends
 * because both have folded their list registers.
 */
void vgic_irq_hold(struct vgic_irq *irq)
{
	bool live;

	lockdep_assert_irqs_enabled();

	scoped_guard(raw_spinlock_irqsave, &irq->lock) {
		irq->holds++;
		live = irq->lr_vcpu;
		if (live)
			vgic_irq_update(irq);
	}
	/* As long as it takes a kicked vCPU to leave the guest. */
	while (live) {
		cpu_relax();
		/* What was folded is read under irq->lock, which orders it. */
		live = READ_ONCE(irq->lr_vcpu);
	}
}

/**
 * vgic_irq_fold - bring an interrupt's state up to date
 * @irq: the interrupt
 *
 * If it is in a list register, the vCPU that runs with it leaves the guest and
 * folds it back; it may go on with it at once. So someone who polls does not
 * keep the interrupt from being taken, as vgic_irq_hold() would. The state in
 * memory is then that of a moment after the call.
 *
 * Context: as for vgic_irq_hold().
 */
void vgic_irq_fold(struct vgic_irq *irq)
{
	bool live;
	u32 folds;

	lockdep_assert_irqs_enabled();

	scoped_guard(raw_spinlock_irqsave, &irq->lock) {
		live = irq->lr_vcpu;
		folds = irq->folds;
		if (live)
			irq_kick(irq->lr_vcpu);
	}
	/* As long as it takes a kicked vCPU to leave the guest. */
	while (live && READ_ONCE(irq->folds) == folds)
		cpu_relax();
}

/**
 * vgic_irq_release - undo one vgic_irq_hold() and let its state take effect
 * @irq: the interrupt
 *
 * Context: process, interrupts on, no vGIC lock held.
 */
void vgic_irq_release(struct vgic_irq *irq)
{
	scoped_guard(raw_spinlock_irqsave, &irq->lock) {
		irq->holds--;
		vgic_irq_update(irq);
		/* A flush meanwhile has passed over it. */
		if (!irq->holds && irq->queued_on)
			irq_kick(irq->queued_on);
	}
}

/**
 * vgic_irq_get - look up an interrupt
 * @vm: the VM
 * @vcpu: whose, for private ones; may be NULL
 * @intid: INTID
 *
 * Context: any.
 * Return: the interrupt, an LPI with a reference, or NULL if there is none.
 */
struct vgic_irq *vgic_irq_get(struct vm *vm, struct vcpu *vcpu, u32 intid)
{
	struct vgic_dist *dist = &vm->arch.vgic;

	if (intid < VGIC_NR_PRIVATE) {
		if (!vcpu)
			return NULL;
		return &vcpu->arch.vgic.private[array_index_nospec(intid, VGIC_NR_PRIVATE)];
	}
	if (vgic_irq_is_lpi(intid))
		return vgic_lpi_get(vm, intid);
	if (!vgic_initialized(dist))
		return NULL;
	intid -= VGIC_NR_PRIVATE;
	if (intid >= dist->nr_spis)
		return NULL;
	return &dist->spis[array_index_nospec(intid, dist->nr_spis)];
}

/**
 * vgic_inject - drive an interrupt input
 * @vm: the VM
 * @vcpu: whose PPI, else ignored
 * @intid: PPI or SPI
 * @level: the line's level
 * @owner: who drives it: vgic_set_owner()'s, or NULL
 *
 * Context: any.
 * Return: 0; -EBUSY before the interrupt controller is initialised; -EINVAL if
 * there is no such input or it is someone else's.
 */
int vgic_inject(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level, void *owner)
{
	struct vgic_irq *irq;
	int ret = -EINVAL;

	if (!vgic_initialized(&vm->arch.vgic))
		return -EBUSY;
	if (intid < VGIC_NR_SGIS || vgic_irq_is_lpi(intid))
		return -EINVAL;
	irq = vgic_irq_get(vm, vcpu, intid);
	if (!irq)
		return -EINVAL;

	trace_vgic_update_irq_pending(intid < VGIC_NR_PRIVATE ? vcpu->index : 0, intid, level);
	scoped_guard(raw_spinlock_irqsave, &irq->lock) {
		if (irq->owner == owner) {
			vgic_irq_set_line(irq, IRQ_SOURCE_USER, level);
			ret = 0;
		}
	}
	return ret;
}

/**
 * vgic_set_ctlr - GICD_CTLR's group enables change
 * @vm: the VM
 * @ctlr: new value
 *
 * Context: no vGIC lock held; any.
 */
void vgic_set_ctlr(struct vm *vm, u32 ctlr)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	struct vcpu *vcpu;
	unsigned int i;

	if (xchg(&dist->ctlr, ctlr) == ctlr)
		return;
	vm_for_each_vcpu(i, vcpu, vm) {
		guard(preempt)();
		irq_kick(vcpu);
	}
}
