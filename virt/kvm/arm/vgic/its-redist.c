// SPDX-License-Identifier: GPL-2.0
/*
 * LPIs at a redistributor (IHI 0069, 5.1.2): EnableLPIs, the pending table and
 * direct invalidation.
 *
 * While a redistributor's LPIs are disabled, none is presented
 * (vgic_irq_target()) and none becomes pending.  The pending state is in the
 * guest's table then.  It comes from there when LPIs are enabled, for those
 * that target this redistributor, and goes back when they are disabled.  Bits
 * of LPIs that no translation names stay in the table until one does
 * (its-lpi.c).
 *
 * Races.  lpis_enabled is written first, then every LPI is visited with its
 * lock held, under which an MSI reads it.  So an MSI either comes before the
 * visit, which sees what it did, or it sees the new value.
 *
 * Tables are accessed a block at a time.  A block that is not in memory reads
 * as zeroes and is not written.
 *
 * Locks: vgic_dist.lpi_lock, vgic_irq.lock inside.
 */

#include <linux/irqchip/arm-gic-v3.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <kvm/memslot.h>
#include <kvm/vm.h>
#include "its-lpi.h"
#include "vgic.h"

/* LPIs between two looks at the scheduler */
#define REDIST_BATCH		64

/**
 * struct redist_block - some bits of a pending table
 * @first: INTID of the first bit
 * @gpa: where they are
 * @backed: there is memory
 * @changed: something is to be written
 * @bits: as in the table, zeroes if there is no memory
 */
struct redist_block {
	u32 first;
	gpa_t gpa;
	bool backed;
	bool changed;
	u8 bits[LPI_PEND_BLOCK];
};

static void redist_block_read(struct vcpu *vcpu, struct redist_block *block, u32 first)
{
	block->first = first;
	block->gpa = GICR_PENDBASER_ADDRESS(vcpu->arch.vgic.pendbaser) + first / BITS_PER_BYTE;
	block->changed = false;
	block->backed = !gmem_read(vcpu->vm, block->gpa, block->bits, sizeof(block->bits));
	if (!block->backed)
		memset(block->bits, 0, sizeof(block->bits));
}

static void redist_block_write(struct vcpu *vcpu, struct redist_block *block)
{
	if (block->backed && block->changed)
		gmem_write(vcpu->vm, block->gpa, block->bits, sizeof(block->bits));
}

static bool redist_block_test(const struct redist_block *block, u32 intid)
{
	u32 bit = intid - block->first;

	return block->bits[bit / BITS_PER_BYTE] & BIT(bit % BITS_PER_BYTE);
}

static void redist_block_set(struct redist_block *block, u32 intid, bool pending)
{
	u32 bit = intid - block->first;

	if (redist_block_test(block, intid) == pending)
		return;
	block->bits[bit / BITS_PER_BYTE] ^= BIT(bit % BITS_PER_BYTE);
	block->changed = true;
}

/* Not in a hurry: blocks are 4,096 LPIs. */
static void redist_breathe(unsigned int *done)
{
	if (++*done % REDIST_BATCH == 0)
		cond_resched();
}

static bool redist_has(const struct vcpu *vcpu, struct vgic_irq *lpi)
{
	bool has;

	scoped_guard(raw_spinlock_irqsave, &lpi->lock)
		has = lpi->target == vcpu;
	return has;
}

/* ---- EnableLPIs becomes 1 */

/* The LPI is the redistributor's, and now takes part. */
static void redist_adopt(struct vcpu *vcpu, struct vgic_irq *lpi, struct redist_block *block)
{
	scoped_guard(raw_spinlock_irqsave, &lpi->lock) {
		if (lpi->target != vcpu)
			break;
		if (redist_block_test(block, lpi->intid)) {
			redist_block_set(block, lpi->intid, false);
			lpi->latch = true;
		}
		/* It may also have come here pending, from a redistributor that was enabled. */
		vgic_irq_update(lpi);
	}
}

static void redist_enable_block(struct vcpu *vcpu, struct lpi_config *config,
				struct redist_block *block)
{
	u32 intid = block->first, last = block->first + LPI_PEND_INTIDS - 1;
	struct vgic_irq *lpi;
	unsigned int n = 0;

	for (; (lpi = vgic_lpi_next(vcpu->vm, &intid, last, NULL)); intid++) {
		if (redist_has(vcpu, lpi)) {
			lpi_config_load(config, lpi);
			redist_adopt(vcpu, lpi, block);
		}
		vgic_irq_put(vcpu->vm, lpi);
		redist_breathe(&n);
	}
}

/**
 * its_redist_enable_lpis - GICR_CTLR.EnableLPIs becomes 1
 * @vcpu: whose redistributor
 * @guest: the guest wrote it, so GICR_PENDBASER.PTZ can be believed. User space
 *	   writes it to a VM that it restores, whose table has bits again.
 *
 * Context: process, interrupts on; takes lpi_lock.
 */
void its_redist_enable_lpis(struct vcpu *vcpu, bool guest)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;
	struct vgic_dist *dist = &vcpu->vm->arch.vgic;
	bool zero = guest && cpu->pendbaser & GICR_PENDBASER_PTZ;
	struct redist_block block = { };
	struct lpi_config config;
	bool left = false;
	u32 first, limit;

	guard(mutex)(&dist->lpi_lock);
	if (cpu->lpis_enabled)
		return;
	WRITE_ONCE(cpu->pend_clean, zero);
	WRITE_ONCE(cpu->lpis_enabled, true);

	limit = lpi_limit(vcpu->vm);
	lpi_config_open(&config, vcpu->vm, READ_ONCE(dist->nr_lpis));
	for (first = VGIC_MIN_LPI; first < limit; first += LPI_PEND_INTIDS) {
		if (zero)
			block.first = first;
		else
			redist_block_read(vcpu, &block, first);
		redist_enable_block(vcpu, &config, &block);
		redist_block_write(vcpu, &block);
		left |= !block.backed || memchr_inv(block.bits, 0, sizeof(block.bits));
		cond_resched();
	}
	lpi_config_close(&config);
	if (guest && !left)
		WRITE_ONCE(cpu->pend_clean, true);
}

/* ---- EnableLPIs becomes 0 */

static void redist_drop(struct vcpu *vcpu, struct vgic_irq *lpi, struct redist_block *block)
{
	bool held = false, live;

	/*
	 * In a list register, nobody knows whether the guest has taken it. As long as it
	 * is not held it can get into one at any time, so that is looked at with the lock
	 * held under which its state is taken.
	 */
	do {
		scoped_guard(raw_spinlock_irqsave, &lpi->lock) {
			live = !held && lpi->lr_vcpu &&
			       (lpi->target == vcpu || lpi->lr_vcpu == vcpu);
			/* A command may have moved it meanwhile. */
			if (live || lpi->target != vcpu)
				break;
			redist_block_set(block, lpi->intid, vgic_irq_pending(lpi));
			vgic_irq_unpend(lpi);
		}
		if (live) {
			vgic_irq_hold(lpi);
			held = true;
		}
	} while (live);
	if (held)
		vgic_irq_release(lpi);
}

static void redist_disable_block(struct vcpu *vcpu, struct redist_block *block)
{
	u32 intid = block->first, last = block->first + LPI_PEND_INTIDS - 1;
	struct vgic_irq *lpi;
	unsigned int n = 0;

	for (; (lpi = vgic_lpi_next(vcpu->vm, &intid, last, NULL)); intid++) {
		redist_drop(vcpu, lpi, block);
		vgic_irq_put(vcpu->vm, lpi);
		redist_breathe(&n);
	}
}

/**
 * its_redist_disable_lpis - GICR_CTLR.EnableLPIs becomes 0
 * @vcpu: whose redistributor
 * @guest: the guest wrote it: pending state goes to its table. User space writes
 *	   it to reset the VM; what was the table is anyone's then.
 *
 * On return no vCPU takes an LPI of this redistributor any more.
 *
 * Context: process, interrupts on; takes lpi_lock.
 */
void its_redist_disable_lpis(struct vcpu *vcpu, bool guest)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;
	struct redist_block block = { };
	u32 first;

	guard(mutex)(&vcpu->vm->arch.vgic.lpi_lock);
	if (!cpu->lpis_enabled)
		return;
	WRITE_ONCE(cpu->lpis_enabled, false);
	for (first = VGIC_MIN_LPI; first < BIT(ITS_INTID_BITS); first += LPI_PEND_INTIDS) {
		if (guest)
			redist_block_read(vcpu, &block, first);
		else
			block.first = first;
		redist_disable_block(vcpu, &block);
		redist_block_write(vcpu, &block);
		cond_resched();
	}
	WRITE_ONCE(cpu->pend_clean, false);
	/* It told of the table as it was the first time. */
	WRITE_ONCE(cpu->pendbaser, cpu->pendbaser & ~GICR_PENDBASER_PTZ);
}

/* ---- Direct invalidation */

/**
 * its_redist_inv_lpi - GICR_INVLPIR
 * @vcpu: whose redistributor; it does nothing while its LPIs are disabled
 * @intid: any value; what is not an LPI in use is ignored
 *
 * Context: process, interrupts on; takes lpi_lock.
 */
void its_redist_inv_lpi(struct vcpu *vcpu, u32 intid)
{
	struct vm *vm = vcpu->vm;
	struct lpi_config config;
	struct vgic_irq *lpi;

	if (!vgic_irq_is_lpi(intid) || !READ_ONCE(vcpu->arch.vgic.lpis_enabled))
		return;
	lpi = vgic_lpi_get(vm, intid);
	if (!lpi)
		return;
	scoped_guard(mutex, &vm->arch.vgic.lpi_lock) {
		lpi_config_open(&config, vm, 1);
		lpi_config_load(&config, lpi);
	}
	vgic_irq_put(vm, lpi);
}

/**
 * its_redist_inv_all - GICR_INVALLR
 * @vcpu: whose redistributor; it does nothing while its LPIs are disabled
 *
 * Context: process, interrupts on; takes lpi_lock, reschedules.
 */
void its_redist_inv_all(struct vcpu *vcpu)
{
	struct vgic_dist *dist = &vcpu->vm->arch.vgic;
	u32 intid = VGIC_MIN_LPI;
	struct lpi_config config;
	struct vgic_irq *lpi;
	unsigned int n = 0;

	guard(mutex)(&dist->lpi_lock);
	if (!vcpu->arch.vgic.lpis_enabled)
		return;
	lpi_config_open(&config, vcpu->vm, READ_ONCE(dist->nr_lpis));
	for (; (lpi = vgic_lpi_next(vcpu->vm, &intid, U32_MAX, vcpu)); intid++) {
		lpi_config_load(&config, lpi);
		vgic_irq_put(vcpu->vm, lpi);
		redist_breathe(&n);
	}
	lpi_config_close(&config);
}
