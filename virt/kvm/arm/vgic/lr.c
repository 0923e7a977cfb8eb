// SPDX-License-Identifier: GPL-2.0
/*
 * List registers: filled from a vCPU's queue before it runs (flush), folded
 * back into the interrupts' state afterwards (sync).
 *
 * Everything here runs on the vCPU's own CPU with interrupts off, which also
 * makes it an RCU read section.
 *
 * What moves into a list register is the latch: from then on irq->latch tells
 * of edges that came later. A list register that is found pending was not
 * taken, and the latch goes back; otherwise it is used up. A level input's
 * pending state is never folded: the line says what it is.
 *
 * More than fits:
 * - pending: maintenance interrupt when at most one list register is in use
 *   (U) and when none is pending (NP). U alone would not come to a guest that
 *   deactivates late, NP alone would leave one active interrupt too many
 *   behind; and with a single list register U would come at once.
 * - active: an EOI that matches no list register counts in EOIcount and raises
 *   LRENP. With EOImode = 1 the INTID is in ICC_DIR_EL1, which traps
 *   meanwhile.
 * - group disabled by the guest in its CPU interface: such interrupts are
 *   passed over if others need the room; VGrp<n>E tells when it changes.
 *
 * Locks: vgic_irq.lock, vgic_queue.lock, not nested here.
 */

#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <asm/sysreg.h>
#include "vgic.h"

/* Level, and not backed by the host: the end of the interrupt has to be noticed. */
static bool lr_is_soft_level(const struct vgic_irq *irq)
{
	return irq->level && !irq->hw;
}

/**
 * vgic_lr_value - what a list register is to hold for an interrupt
 * @irq: the interrupt
 *
 * A HW interrupt is never active and pending at once (IHI 0069, 12.4.7: the
 * host's interrupt keeps the pending state). A soft level interrupt that is
 * active does not get its line as pending either: the line may fall before the
 * guest is done, so the end of the interrupt is noticed and the line looked at
 * then. That is also when resamplers hear of it: what they raised stays up
 * until they do, so an interrupt whose line is low needs no such notice.
 *
 * Context: irq->lock held.
 * Return: the value; without LR_STATE if there is nothing to present.
 */
u64 vgic_lr_value(const struct vgic_irq *irq)
{
	u64 val = FIELD_PREP(LR_INTID, irq->intid) | FIELD_PREP(LR_PRIORITY, irq->priority);

	if (irq->group)
		val |= LR_GROUP1;
	if (vgic_irq_has_sources(irq))
		return val | vgic_v2_sgi_lr(irq);
	if (irq->hw)
		val |= LR_HW | FIELD_PREP(LR_PINTID, irq->host_intid);
	else if (lr_is_soft_level(irq) && irq->line)
		val |= LR_EOI;

	if (irq->active) {
		val |= LR_ACTIVE;
		if (irq->enabled && !irq->hw && (irq->latch || irq->lr_latch))
			val |= LR_PENDING;
	} else if (irq->enabled && vgic_irq_pending(irq)) {
		val |= LR_PENDING;
	}
	return val;
}

/* Folds one list register. True if the guest ended a level interrupt and LR_EOI was set. */
static bool lr_fold(struct vcpu *vcpu, struct vgic_irq *irq, u64 val)
{
	bool taken, put, ended;

	raw_spin_lock(&irq->lock);
	taken = (irq->lr_val & LR_PENDING) && !(val & LR_PENDING);
	ended = !(val & LR_STATE) && lr_is_soft_level(irq) && (irq->lr_val & LR_EOI);

	/* LPIs are not active (IHI 0069, 4.1): their EOI is not told of unless they are in a list register. */
	irq->active = val & LR_ACTIVE && !vgic_irq_is_lpi(irq->intid);
	if (vgic_irq_has_sources(irq))
		vgic_v2_sgi_fold(irq, taken);
	if (irq->lr_latch && !taken)
		irq->latch = true;
	irq->lr_latch = false;
	irq->lr_vcpu = NULL;
	WRITE_ONCE(irq->folds, irq->folds + 1);
	if (irq->hw) {
		vgic_hw_sample(vcpu, irq);
		/* The guest changed its timer's mind before it took the interrupt. */
		if (val & LR_PENDING)
			vgic_hw_sync_active(vcpu, irq);
	}
	put = vgic_irq_place(irq);
	raw_spin_unlock(&irq->lock);

	if (put)
		vgic_irq_put(vcpu->vm, irq);
	return ended;
}

/* Is a preemption level still active that no list register accounts for? */
static bool lr_level_is_running(struct vcpu *vcpu, const struct vgic_irq *irq)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;
	unsigned int level = irq->queue_prio, i;

	/* The bit of a level is its priority's only with 5 preemption bits. */
	if (vgic_hw.pre_bits != VGIC_PRIO_BITS)
		return false;
	if (!(vgic_hw_read_apr(irq->group, 0) & BIT(level)))
		return false;
	for (i = 0; i < cpu->used_lrs; i++)
		if (cpu->lr[i] & LR_ACTIVE &&
		    FIELD_GET(LR_PRIORITY, cpu->lr[i]) >> (8 - VGIC_PRIO_BITS) == level)
			return false;
	return true;
}

/*
 * EOIs of active interrupts that were in no list register. Called before
 * anything is folded: what is in one now was there during the run, and its EOI
 * is not among those counted.
 */
static void lr_fold_eois(struct vcpu *vcpu, unsigned int count)
{
	while (count--) {
		struct vgic_irq *irq = vgic_queue_first_active(&vcpu->arch.vgic.queue, vcpu);
		bool put = false, ended = false;

		if (!irq)
			return;
		scoped_guard(raw_spinlock, &irq->lock) {
			if (irq->queued_on != vcpu || !irq->active || irq->lr_vcpu)
				break;
			/* Then the EOI was for one that was deactivated otherwise. */
			if (lr_level_is_running(vcpu, irq))
				break;
			irq->active = false;
			ended = lr_is_soft_level(irq);
			if (irq->hw)
				vgic_hw_sync_active(vcpu, irq);
			put = vgic_irq_place(irq);
		}
		if (put)
			vgic_irq_put(vcpu->vm, irq);
		if (ended && irq->intid >= VGIC_NR_PRIVATE)
			irq_notify_acked(vcpu->vm, 0, irq->intid - VGIC_NR_PRIVATE);
	}
}

static void lr_fold_all(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;
	unsigned int used = min(cpu->used_lrs, vgic_hw.nr_lr), i;
	u32 ended = 0;

	for (i = 0; i < used; i++)
		cpu->lr[i] = vgic_hw_read_lr(i);

	if (cpu->hcr & ICHCR_LRENPIE)
		lr_fold_eois(vcpu, FIELD_GET(ICHCR_EOICOUNT, vgic_hw_read_hcr()));

	for (i = 0; i < used; i++) {
		struct vgic_irq *irq = cpu->lr_irq[i];
		u32 intid = irq->intid;

		if (lr_fold(vcpu, irq, cpu->lr[i]) && intid >= VGIC_NR_PRIVATE)
			ended |= BIT(i);
		if (cpu->lr[i] & LR_STATE)
			continue;
		/* Unused; but an ended one asks for maintenance until it is overwritten. */
		if (cpu->lr[i] & LR_EOI && !(cpu->lr[i] & LR_HW))
			vgic_hw_write_lr(i, 0);
		cpu->lr[i] = 0;
	}
	cpu->used_lrs = 0;

	if (cpu->hcr != ICHCR_EN) {
		cpu->hcr = ICHCR_EN;
		vgic_hw_write_hcr(cpu->hcr);
	}
	/* vgic_irq_hold() and those who look at lrs_live see all of the above. */
	smp_store_release(&cpu->lrs_live, false);

	for (; ended; ended &= ended - 1) {
		/* Only resamplers hear of it; they lower the line and may raise it again. */
		struct vgic_irq *irq = cpu->lr_irq[__ffs(ended)];

		irq_notify_acked(vcpu->vm, 0, irq->intid - VGIC_NR_PRIVATE);
	}
}

/**
 * vgic_sync - fold the list registers after an exit
 * @vcpu: the vCPU that ran on this CPU
 *
 * Context: interrupts off, own thread. Nothing to do unless vgic_flush() filled
 * something since the last call.
 */
void vgic_sync(struct vcpu *vcpu)
{
	if (vcpu->arch.vgic.lrs_live)
		lr_fold_all(vcpu);
}

static void lr_write(struct vgic_cpu *cpu, unsigned int n, u64 val)
{
	if (cpu->lr[n] == val)
		return;
	cpu->lr[n] = val;
	vgic_hw_write_lr(n, val);
}

/* Puts a chosen interrupt into list register @n, if it still is to be presented here. */
static bool lr_fill_locked(struct vcpu *vcpu, struct vgic_irq *irq, unsigned int n,
			   u32 groups)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;
	u64 val;

	lockdep_assert_held(&irq->lock);
	if (irq->queued_on != vcpu || irq->lr_vcpu || irq->holds)
		return false;
	if (irq->hw && !irq->active) {
		vgic_hw_sample(vcpu, irq);
		if (!vgic_irq_pending(irq)) {
			vgic_irq_place(irq);
			vgic_hw_sync_active(vcpu, irq);
			return false;
		}
	}
	val = vgic_lr_value(irq);
	if (!(groups & (irq->group ? VGIC_CTLR_GRP1 : VGIC_CTLR_GRP0)))
		val &= ~LR_PENDING;
	if (!(val & LR_STATE))
		return false;

	if (val & LR_PENDING && irq->latch) {
		irq->latch = false;
		irq->lr_latch = true;
		if (vgic_irq_has_sources(irq))
			vgic_v2_sgi_take(irq);
	}
	irq->lr_val = val;
	irq->lr_vcpu = vcpu;
	cpu->lr_irq[n] = irq;
	lr_write(cpu, n, val);
	return true;
}

/* Conditions for a maintenance interrupt, given what did not fit. */
static u32 lr_hcr(unsigned int more)
{
	u32 hcr = ICHCR_EN;

	if (more & VGIC_MORE_PENDING)
		hcr |= vgic_hw.nr_lr > 1 ? ICHCR_UIE | ICHCR_NPIE : ICHCR_NPIE;
	if (more & VGIC_MORE_ACTIVE)
		hcr |= ICHCR_LRENPIE | (vgic_hw.has_tdir ? ICHCR_TDIR : ICHCR_TC);
	return hcr;
}

static bool lr_fill(struct vcpu *vcpu, struct vgic_irq *irq, unsigned int n, u32 groups)
{
	bool filled;

	raw_spin_lock(&irq->lock);
	filled = lr_fill_locked(vcpu, irq, n, groups);
	raw_spin_unlock(&irq->lock);
	return filled;
}

static void lr_fill_all(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;
	u32 groups = vgic_groups(vgic_of(vcpu)), forwarded = groups;
	struct vgic_irq *pick[VGIC_MAX_LRS] __uninitialized;
	unsigned int nr, more, used = 0, i;
	u32 hcr = 0;

	BUILD_BUG_ON(VMCR_ENG0 != VGIC_CTLR_GRP0 || VMCR_ENG1 != VGIC_CTLR_GRP1);

	if (READ_ONCE(cpu->queue.count) > vgic_hw.nr_lr) {
		groups &= vgic_hw_read_vmcr();
		if (forwarded & ~groups & VGIC_CTLR_GRP0)
			hcr |= ICHCR_VGRP0EIE;
		if (forwarded & ~groups & VGIC_CTLR_GRP1)
			hcr |= ICHCR_VGRP1EIE;
	}

	nr = vgic_queue_pick(&cpu->queue, groups, pick, vgic_hw.nr_lr, &more);
	for (i = 0; i < nr; i++)
		if (lr_fill(vcpu, pick[i], used, groups))
			used++;
	for (i = used; i < cpu->hw_lrs; i++)
		lr_write(cpu, i, 0);
	cpu->hw_lrs = used;
	cpu->used_lrs = used;

	hcr |= lr_hcr(more);
	/* EOIcount starts from 0 whenever it will be looked at. */
	if (hcr != cpu->hcr) {
		cpu->hcr = hcr;
		vgic_hw_write_hcr(hcr);
	}
	cpu->lrs_live = used || hcr != ICHCR_EN;
}

/**
 * vgic_flush - fill the list registers before an entry
 * @vcpu: the vCPU that is loaded on this CPU
 *
 * Context: interrupts off, own thread; vcpu->mode is VCPU_IN_GUEST already, so
 * that whoever queues something after this kicks. Must not be followed by
 * anything that queues for @vcpu before the entry but through
 * vgic_pending_work().
 */
void vgic_flush(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;

	if (cpu->lrs_live)
		lr_fold_all(vcpu);
	cpu->flush_owed = false;
	if (unlikely(cpu->hw_resync))
		vgic_hw_resync(vcpu);
	if (READ_ONCE(cpu->queue.count) | cpu->hw_lrs)
		lr_fill_all(vcpu);
}

/**
 * vgic_lr_drop - empty the hardware's list registers when a vCPU leaves the CPU
 * @vcpu: folded already
 *
 * Context: preemption off, this CPU; takes no lock.
 */
void vgic_lr_drop(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;
	unsigned int i;

	for (i = 0; i < cpu->hw_lrs; i++)
		lr_write(cpu, i, 0);
	cpu->hw_lrs = 0;
}
