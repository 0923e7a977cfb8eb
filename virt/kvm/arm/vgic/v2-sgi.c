// SPDX-License-Identifier: GPL-2.0
/*
 * SGIs of a GICv2: the receiver is told who sent one, and each of up to eight
 * senders makes it pending on its own (IHI 0048, 3.2.3 and 4.3.15 to 4.3.17).
 *
 * An SGI is one interrupt all the same: it has one active state, so while it is
 * in a list register, pending from one sender or active, those of other senders
 * wait in irq->sgi_sources. The end of the interrupt is noticed then, as that of
 * a level interrupt is, and the next sender's turn comes. Senders take turns, so
 * that one who sends all the time does not keep the others from being heard.
 *
 * irq->latch is set as long as irq->sgi_sources is not empty; the one that is in
 * a list register is irq->sgi_lr, with irq->lr_latch.
 *
 * Locks: vgic_irq.lock, held by the callers.
 */

#include <linux/bitfield.h>
#include <linux/bitops.h>
#include "vgic.h"

/* Whose turn it is: the next above the last one. Not empty. */
static u8 sgi_next(const struct vgic_irq *irq)
{
	u8 above = irq->sgi_sources & (0xfe << irq->sgi_lr);

	return __ffs(above ?: irq->sgi_sources);
}

/**
 * vgic_v2_sgi_lr - state and sender for a list register
 * @irq: an SGI
 *
 * Context: irq->lock held.
 * Return: the LR_* fields; without LR_STATE if there is nothing to present.
 */
u64 vgic_v2_sgi_lr(const struct vgic_irq *irq)
{
	u8 waiting = irq->sgi_sources, source;
	u64 val;

	if (irq->active) {
		val = LR_ACTIVE;
		source = irq->sgi_active;
	} else if (irq->enabled && irq->lr_latch) {
		val = LR_PENDING;
		source = irq->sgi_lr;
	} else if (irq->enabled && waiting) {
		val = LR_PENDING;
		source = sgi_next(irq);
		waiting &= ~BIT(source);
	} else {
		return 0;
	}
	if (waiting)
		val |= LR_EOI;
	return val | FIELD_PREP(LR_V2_SOURCE, source);
}

/**
 * vgic_v2_sgi_take - one sender's SGI goes into a list register
 * @irq: an SGI that waits
 *
 * Context: irq->lock held; after vgic_v2_sgi_lr() has said which.
 */
void vgic_v2_sgi_take(struct vgic_irq *irq)
{
	irq->sgi_lr = sgi_next(irq);
	irq->sgi_sources &= ~BIT(irq->sgi_lr);
	irq->latch = irq->sgi_sources;
}

/**
 * vgic_v2_sgi_fold - the reverse
 * @irq: an SGI that comes out of a list register
 * @taken: the vCPU has acknowledged what was pending there
 *
 * Context: irq->lock held; irq->lr_latch says whether anything was pending.
 */
void vgic_v2_sgi_fold(struct vgic_irq *irq, bool taken)
{
	if (!irq->lr_latch)
		return;
	if (taken)
		irq->sgi_active = irq->sgi_lr;
	else
		irq->sgi_sources |= BIT(irq->sgi_lr);
}

/**
 * vgic_v2_sgi_pend - an SGI is sent
 * @irq: the receiver's
 * @sources: by whom: bits of vCPU ids, not empty
 *
 * Context: irq->lock held.
 */
void vgic_v2_sgi_pend(struct vgic_irq *irq, u8 sources)
{
	irq->sgi_sources |= sources;
	vgic_irq_pend(irq);
}

/**
 * vgic_v2_sgi_unpend - an SGI is pending no more
 * @irq: the receiver's, in no list register
 * @sources: from whom: bits of vCPU ids
 *
 * Context: irq->lock held.
 */
void vgic_v2_sgi_unpend(struct vgic_irq *irq, u8 sources)
{
	irq->sgi_sources &= ~sources;
	if (!irq->sgi_sources)
		vgic_irq_unpend(irq);
}

/**
 * vgic_v2_sgi_sources - from whom is it pending?
 * @irq: an SGI
 *
 * Context: irq->lock held. Exact while the interrupt is in no list register.
 * Return: bits of vCPU ids.
 */
u8 vgic_v2_sgi_sources(const struct vgic_irq *irq)
{
	return irq->sgi_sources | (irq->lr_latch ? BIT(irq->sgi_lr) : 0);
}
