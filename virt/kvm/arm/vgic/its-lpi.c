// SPDX-License-Identifier: GPL-2.0
/*
 * LPIs as commands see them: what a mapping makes of one, where it goes, what
 * the guest configured (IHI 0069, 5.1.1).
 *
 * A change is in force when its function returns: no vCPU takes the interrupt
 * any more where it is not to.  So an LPI that is in a list register of a vCPU
 * that runs is waited for; others only change state.
 *
 * What the guest wrote to the configuration table counts when it is read: on
 * mapping, on invalidation, when LPIs are enabled.  Reading it and putting it
 * to use is one step under lpi_lock, so that of two readers the later one's
 * value stands.
 *
 * Locks: its->lock by the callers; vgic_dist.lpi_lock, vgic_irq.lock inside.
 */

#include <linux/err.h>
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <kvm/memslot.h>
#include <kvm/vm.h>
#include "its-lpi.h"
#include "vgic.h"

/* From how many LPIs on it pays to read the configuration table in blocks */
#define LPI_CONFIG_MANY		4

/* LPIs between two looks at the scheduler */
#define LPI_BATCH		64

/**
 * lpi_limit - first INTID that is beyond the guest's tables
 * @vm: the VM
 *
 * With fewer than 14 bits in GICR_PROPBASER.IDbits there are no LPIs, more
 * than GICD_TYPER.IDbits do not count (IHI 0069, 12.11.32).
 *
 * Return: the INTID; VGIC_MIN_LPI at least.
 */
u32 lpi_limit(struct vm *vm)
{
	unsigned int bits = (READ_ONCE(vm->arch.vgic.propbaser) & GICR_PROPBASER_IDBITS_MASK) + 1;

	return max_t(u32, BIT(min(bits, ITS_INTID_BITS)), VGIC_MIN_LPI);
}

/**
 * its_lpi_in_range - may a translation name this INTID?
 * @its: the ITS
 * @intid: any value
 *
 * Return: true if the guest's tables and ours reach so far.
 */
bool its_lpi_in_range(struct its *its, u32 intid)
{
	return intid >= VGIC_MIN_LPI && intid < lpi_limit(its->vm);
}

/**
 * its_target - the redistributor that a command names
 * @its: the ITS
 * @rdbase: GICR_TYPER.Processor_Number of it
 *
 * Return: its vCPU, or NULL if there is none.
 */
struct vcpu *its_target(struct its *its, u64 rdbase)
{
	if (rdbase >= VM_MAX_VCPUS || !vgic_initialized(&its->vm->arch.vgic))
		return NULL;
	return vm_vcpu_by_id(its->vm, rdbase);
}

/**
 * its_rdbase - the RDbase that names a redistributor
 * @target: its vCPU
 */
u64 its_rdbase(const struct vcpu *target)
{
	return target->id;
}

/**
 * lpi_fold - wait until an LPI is in no list register with its old state
 * @lpi: the LPI, whose new state is written
 *
 * Context: process, interrupts on, a reference.
 */
void lpi_fold(struct vgic_irq *lpi)
{
	vgic_irq_hold(lpi);
	vgic_irq_release(lpi);
}

/* ---- Configuration */

/**
 * lpi_config_open - begin to read the configuration table
 * @config: on the stack
 * @vm: the VM
 * @nr: about how many LPIs will be asked for
 *
 * Context: process.
 */
void lpi_config_open(struct lpi_config *config, struct vm *vm, unsigned int nr)
{
	config->vm = vm;
	config->copy = NULL;
	bitmap_zero(config->have, LPI_CONFIG_BLOCKS);
	/* It goes without, only slower. */
	if (nr >= LPI_CONFIG_MANY)
		config->copy = kvmalloc(LPI_INTIDS, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

/**
 * lpi_config_close - end it
 * @config: from lpi_config_open()
 */
void lpi_config_close(struct lpi_config *config)
{
	kvfree(config->copy);
}

static int lpi_config_byte(struct lpi_config *config, u32 intid, u8 *byte)
{
	gpa_t table = GICR_PROPBASER_ADDRESS(READ_ONCE(config->vm->arch.vgic.propbaser));
	u32 pos = intid - VGIC_MIN_LPI, block = pos / LPI_CONFIG_BLOCK;
	u32 start = block * LPI_CONFIG_BLOCK;

	if (intid >= lpi_limit(config->vm))
		return -ERANGE;
	if (config->copy && !test_bit(block, config->have) &&
	    !gmem_read(config->vm, table + start, config->copy + start, LPI_CONFIG_BLOCK))
		__set_bit(block, config->have);
	if (config->copy && test_bit(block, config->have)) {
		*byte = config->copy[pos];
		return 0;
	}
	return gmem_read_near(config->vm, &config->vm->arch.vgic.lpi_hint, table + pos, byte, 1);
}

/**
 * lpi_config_load - give an LPI the configuration that the guest's table has
 * @config: the table
 * @lpi: stays as it is if the table has no byte for it
 *
 * Context: lpi_lock held, interrupts on, a reference.
 * Return: 0, -ERANGE beyond PROPBASER.IDbits, -EFAULT if there is no memory.
 */
int lpi_config_load(struct lpi_config *config, struct vgic_irq *lpi)
{
	bool live = false, enable;
	u8 byte;
	int ret;

	lockdep_assert_held(&config->vm->arch.vgic.lpi_lock);
	ret = lpi_config_byte(config, lpi->intid, &byte);
	if (ret)
		return ret;
	enable = byte & LPI_PROP_ENABLED;
	scoped_guard(raw_spinlock_irqsave, &lpi->lock) {
		u8 prio = byte & VGIC_PRIO_MASK;

		if (lpi->enabled == enable && lpi->priority == prio)
			break;
		lpi->enabled = enable;
		lpi->priority = prio;
		live = lpi->lr_vcpu && !enable;
		vgic_irq_update(lpi);
	}
	if (live)
		lpi_fold(lpi);
	return 0;
}

static int lpi_reload(struct vm *vm, struct vgic_irq *lpi)
{
	struct lpi_config config;

	lpi_config_open(&config, vm, 1);
	return lpi_config_load(&config, lpi);
}

/**
 * its_lpi_reload - INV: the guest has changed an LPI's configuration
 * @its: the ITS
 * @lpi: the LPI
 *
 * Context: its->lock held; process.
 * Return: as lpi_config_load().
 */
int its_lpi_reload(struct its *its, struct vgic_irq *lpi)
{
	guard(mutex)(&its->vm->arch.vgic.lpi_lock);
	return lpi_reload(its->vm, lpi);
}

/**
 * its_lpi_reload_collection - INVALL
 * @its: the ITS
 * @collection: whose LPIs have a new configuration
 *
 * Each block of the table is read once at most. LPIs whose byte cannot be read
 * stay as they are.
 *
 * Context: its->lock held; process, reschedules.
 * Return: 0, or the last error of lpi_config_load().
 */
int its_lpi_reload_collection(struct its *its, struct its_collection *collection)
{
	struct its_translation *tr;
	struct lpi_config config;
	unsigned int n = 0;
	int ret = 0;

	lockdep_assert_held(&its->lock);
	list_for_each_entry(tr, &collection->translations, by_collection)
		if (++n == LPI_CONFIG_MANY)
			break;
	if (!n)
		return 0;

	guard(mutex)(&its->vm->arch.vgic.lpi_lock);
	lpi_config_open(&config, its->vm, n);
	n = 0;
	list_for_each_entry(tr, &collection->translations, by_collection) {
		ret = lpi_config_load(&config, tr->lpi) ?: ret;
		if (++n % LPI_BATCH == 0)
			cond_resched();
	}
	lpi_config_close(&config);
	return ret;
}

/* ---- Pending tables, one LPI at a time */

static bool lpi_table_empty(struct vcpu *vcpu)
{
	return !vcpu || !READ_ONCE(vcpu->arch.vgic.lpis_enabled) ||
	       READ_ONCE(vcpu->arch.vgic.pend_clean);
}

/*
 * Takes an LPI's bit out of a redistributor's pending table, which is the
 * redistributor's to write while LPIs are enabled (IHI 0069, 5.1.2).  There are
 * bits there of LPIs that no translation named when LPIs were enabled, and of
 * those that were saved.
 */
static bool lpi_table_take(struct vcpu *vcpu, u32 intid)
{
	struct vm *vm = vcpu->vm;
	u8 byte, mask = BIT(intid % BITS_PER_BYTE);
	gpa_t gpa;

	lockdep_assert_held(&vm->arch.vgic.lpi_lock);
	if (lpi_table_empty(vcpu) || intid >= lpi_limit(vm))
		return false;
	gpa = GICR_PENDBASER_ADDRESS(vcpu->arch.vgic.pendbaser) + intid / BITS_PER_BYTE;
	if (gmem_read_near(vm, &vm->arch.vgic.lpi_hint, gpa, &byte, 1) || !(byte & mask))
		return false;
	byte &= ~mask;
	/* If it cannot be cleared it could be taken again and again. */
	return !gmem_write(vm, gpa, &byte, 1);
}

/* What the redistributor that an LPI left has in its table is no longer so. */
static void lpi_table_drop(struct vcpu *vcpu, u32 intid)
{
	if (lpi_table_empty(vcpu))
		return;
	guard(mutex)(&vcpu->vm->arch.vgic.lpi_lock);
	lpi_table_take(vcpu, intid);
}

/* What the redistributor that an LPI came to has in its table is so now. */
static void lpi_table_adopt(struct vcpu *vcpu, struct vgic_irq *lpi)
{
	if (lpi_table_empty(vcpu))
		return;
	guard(mutex)(&vcpu->vm->arch.vgic.lpi_lock);
	if (!lpi_table_take(vcpu, lpi->intid))
		return;
	scoped_guard(raw_spinlock_irqsave, &lpi->lock)
		vgic_irq_pend(lpi);
}

/* ---- Mappings */

/**
 * its_lpi_map - a translation is to name an LPI
 * @its: the ITS
 * @intid: its_lpi_in_range()
 * @target: where the LPI goes; NULL: nowhere yet, or where another translation
 *	    has it go
 *
 * Its configuration is read, and its pending state if the target's table has
 * it. An LPI whose configuration cannot be read stays disabled, and
 * its->config_error says why.
 *
 * Context: its->lock held; process.
 * Return: the LPI with a reference for its_lpi_unmap(), or an ERR_PTR() of
 *	   -ENOMEM.
 */
struct vgic_irq *its_lpi_map(struct its *its, u32 intid, struct vcpu *target)
{
	struct vm *vm = its->vm;
	struct vgic_irq *lpi = vgic_lpi_add(vm, intid);
	int ret;

	if (IS_ERR(lpi))
		return lpi;
	scoped_guard(raw_spinlock_irqsave, &lpi->lock) {
		/* One that is about to go, its last translation gone, is as good as new. */
		if (!lpi->mappings++ && lpi->enabled) {
			lpi->enabled = false;
			vgic_irq_update(lpi);
		}
	}
	ret = its_lpi_reload(its, lpi);
	if (ret)
		its->config_error = ret;
	if (target)
		its_lpi_set_target(its, lpi, target);
	return lpi;
}

/**
 * its_lpi_unmap - a translation names an LPI no more
 * @its: the ITS
 * @lpi: from its_lpi_map(); it is not pending any more and may be gone on return
 *
 * Context: its->lock held; process. its_translation.unmapped is set.
 */
void its_lpi_unmap(struct its *its, struct vgic_irq *lpi)
{
	struct vcpu *target;
	bool live;

	scoped_guard(raw_spinlock_irqsave, &lpi->lock) {
		target = lpi->target;
		live = lpi->lr_vcpu;
		if (!--lpi->mappings)
			lpi->target = NULL;
		vgic_irq_unpend(lpi);
	}
	if (live)
		lpi_fold(lpi);
	if (!its->clearing)
		lpi_table_drop(target, lpi->intid);
	vgic_irq_put(its->vm, lpi);
}

/* @only: not if the LPI's target is another one; NULL: wherever it is. */
static void lpi_move(struct vgic_irq *lpi, struct vcpu *target, const struct vcpu *only)
{
	struct vcpu *from;
	bool live;

	scoped_guard(raw_spinlock_irqsave, &lpi->lock) {
		from = lpi->target;
		if (from == target || (only && from != only))
			return;
		live = lpi->lr_vcpu && lpi->lr_vcpu != target;
		lpi->target = target;
		vgic_irq_update(lpi);
	}
	if (live)
		lpi_fold(lpi);
	lpi_table_drop(from, lpi->intid);
	lpi_table_adopt(target, lpi);
}

/**
 * its_lpi_set_target - MOVI, MAPC: an LPI goes to another redistributor
 * @its: the ITS
 * @lpi: with its pending state, wherever that is
 * @target: NULL: to none for the time being
 *
 * Context: its->lock held; process.
 */
void its_lpi_set_target(struct its *its, struct vgic_irq *lpi, struct vcpu *target)
{
	lpi_move(lpi, target, NULL);
}

/**
 * its_lpi_pend - INT
 * @its: the ITS
 * @lpi: pending from now on, if its redistributor takes LPIs
 *
 * Context: its->lock held.
 */
void its_lpi_pend(struct its *its, struct vgic_irq *lpi)
{
	scoped_guard(raw_spinlock_irqsave, &lpi->lock)
		if (lpi->target && lpi->target->arch.vgic.lpis_enabled)
			vgic_irq_pend(lpi);
}

/**
 * its_lpi_clear - CLEAR
 * @its: the ITS
 * @lpi: not pending any more
 *
 * Context: its->lock held; process.
 */
void its_lpi_clear(struct its *its, struct vgic_irq *lpi)
{
	bool live;

	scoped_guard(raw_spinlock_irqsave, &lpi->lock) {
		live = lpi->lr_vcpu;
		vgic_irq_unpend(lpi);
	}
	if (live)
		lpi_fold(lpi);
}

/**
 * its_lpi_move_all - MOVALL
 * @its: the ITS
 * @from: the redistributor whose LPIs move; those of others stay
 * @to: where to
 *
 * Context: its->lock held; process, reschedules.
 */
void its_lpi_move_all(struct its *its, struct vcpu *from, struct vcpu *to)
{
	struct vm *vm = its->vm;
	u32 intid = VGIC_MIN_LPI;
	struct vgic_irq *lpi;
	unsigned int n = 0;

	if (from == to)
		return;
	for (; (lpi = vgic_lpi_next(vm, &intid, U32_MAX, from)); intid++) {
		lpi_move(lpi, to, from);
		vgic_irq_put(vm, lpi);
		if (++n % LPI_BATCH == 0)
			cond_resched();
	}
}
