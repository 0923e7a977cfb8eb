// SPDX-License-Identifier: GPL-2.0
/*
 * What the per-interrupt registers of the distributor and the redistributors
 * show and change.
 *
 * A register covers at most 32 interrupts.  Each one's lock is taken on its
 * own, so an access is not atomic over the interrupts in it, as on hardware.
 *
 * State in list registers.  Pending and active state of an interrupt that a
 * vCPU holds in a list register is partly in hardware.  Registers that need it
 * have get_folds or set_folds: in atomic context they return -EAGAIN for such
 * an interrupt, otherwise vgic_irq_hold() brings it back.  All of these
 * registers may be written twice with the same effect, so the second try
 * repeats what the first one did.
 *
 * Locks: vgic_irq.lock.
 */

#include <linux/nospec.h>
#include <kvm/vm.h>
#include "regs.h"
#include "vgic.h"

/*
 * The interrupts behind a register: private ones for a redistributor, SPIs for
 * the distributor, where INTIDs 0 to 31 are reserved with affinity routing
 * (IHI 0069, 12.9), and the accessing vCPU's own in that of a GICv2.  @n is cut
 * down to those that exist; NULL if none does.
 */
static struct vgic_irq *field_irqs(const struct vgic_access *a, u32 first, unsigned int *n)
{
	struct vgic_dist *dist = &a->vm->arch.vgic;

	if (first < VGIC_NR_PRIVATE) {
		if (!a->cpu)
			return NULL;
		*n = min(*n, VGIC_NR_PRIVATE - first);
		return &a->cpu->arch.vgic.private[array_index_nospec(first, VGIC_NR_PRIVATE)];
	}
	first -= VGIC_NR_PRIVATE;
	if (first >= dist->nr_spis || !dist->spis)
		return NULL;
	*n = min(*n, dist->nr_spis - first);
	return &dist->spis[array_index_nospec(first, dist->nr_spis)];
}

/* Is a list register of a vCPU involved whose content we do not see? */
static bool field_is_live(const struct vgic_irq *irq)
{
	lockdep_assert_held(&irq->lock);
	return irq->lr_vcpu;
}

static int field_get_folded(const struct vgic_access *a, const struct vgic_field *f,
			    struct vgic_irq *irq, u32 *val)
{
	bool live;

	scoped_guard(raw_spinlock_irqsave, &irq->lock) {
		live = field_is_live(irq);
		if (!live)
			*val = f->get(a, irq);
	}
	if (!live)
		return 0;
	if (a->atomic)
		return -EAGAIN;

	vgic_irq_fold(irq);
	scoped_guard(raw_spinlock_irqsave, &irq->lock) {
		*val = f->get(a, irq);
	}
	return 0;
}

/**
 * vgic_field_read - read a register of per-interrupt fields
 * @a: who
 * @f: which field
 * @first: INTID of the lowest bits
 * @n: interrupts, at most 32
 * @bits: of each one
 * @val: receives the value; interrupts that do not exist read as zero
 *
 * Context: as @a->atomic says.
 * Return: 0, -EAGAIN in atomic context if a list register has to be folded.
 */
int vgic_field_read(const struct vgic_access *a, const struct vgic_field *f, u32 first,
		    unsigned int n, unsigned int bits, u64 *val)
{
	struct vgic_irq *irqs = field_irqs(a, first, &n);
	unsigned int i;
	u64 v = 0;

	*val = 0;
	if (!irqs)
		return 0;

	if (!a->actor && f->user_get) {
		for (i = 0; i < n; i++)
			v |= (u64)f->user_get(a, &irqs[i]) << (i * bits);
	} else if (f->get_folds) {
		for (i = 0; i < n; i++) {
			u32 one = 0;
			int ret = field_get_folded(a, f, &irqs[i], &one);

			if (ret)
				return ret;
			v |= (u64)one << (i * bits);
		}
	} else {
		/* Configuration: one byte each, whichever value it has right now. */
		for (i = 0; i < n; i++)
			v |= (u64)f->get(a, &irqs[i]) << (i * bits);
	}
	*val = v;
	return 0;
}

static int field_set_one(const struct vgic_access *a, const struct vgic_field *f,
			 struct vgic_irq *irq, u32 val)
{
	bool user = !a->actor && f->user_set;
	bool live = false;

	scoped_guard(raw_spinlock_irqsave, &irq->lock) {
		if (!user && f->set_folds)
			live = field_is_live(irq);
		if (!live) {
			(user ? f->user_set : f->set)(a, irq, val);
			vgic_irq_update(irq);
		}
	}
	if (!live)
		return 0;
	if (a->atomic)
		return -EAGAIN;

	vgic_irq_hold(irq);
	scoped_guard(raw_spinlock_irqsave, &irq->lock)
		f->set(a, irq, val);
	vgic_irq_release(irq);
	return 0;
}

/**
 * vgic_field_write - write a register of per-interrupt fields
 * @a: who
 * @f: which field
 * @first: INTID of the lowest bits
 * @n: interrupts, at most 32
 * @bits: of each one
 * @val: the new value
 *
 * Context: as @a->atomic says.
 * Return: 0, -EAGAIN in atomic context if a list register has to be folded.
 */
int vgic_field_write(const struct vgic_access *a, const struct vgic_field *f, u32 first,
		     unsigned int n, unsigned int bits, u64 val)
{
	struct vgic_irq *irqs = field_irqs(a, first, &n);
	bool ones = f->ones && (a->actor || !f->user_set);
	u32 mask = (1U << bits) - 1;
	unsigned int i;
	int ret;

	if (!irqs || !f->set)
		return 0;
	for (i = 0; i < n; i++, val >>= bits) {
		if (ones && !(val & mask))
			continue;
		ret = field_set_one(a, f, &irqs[i], val & mask);
		if (ret)
			return ret;
	}
	return 0;
}

/* IGROUPR */

static u32 group_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return READ_ONCE(irq->group);
}

static void group_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	WRITE_ONCE(irq->group, val);
}

const struct vgic_field vgic_field_group = {
	.get = group_get,
	.set = group_set,
};

/* ISENABLER, ICENABLER */

static u32 enable_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return READ_ONCE(irq->enabled);
}

static void enable_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	WRITE_ONCE(irq->enabled, true);
}

static void enable_clear(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	WRITE_ONCE(irq->enabled, false);
}

const struct vgic_field vgic_field_set_enable = {
	.get = enable_get,
	.set = enable_set,
	.ones = true,
};

/*
 * RWP is never seen set: when the write completes the interrupt cannot be
 * taken any more, so it must not stay in a list register (IHI 0069, 12.9.9).
 */
const struct vgic_field vgic_field_clear_enable = {
	.get = enable_get,
	.set = enable_clear,
	.ones = true,
	.set_folds = true,
};

/*
 * ISPENDR, ICPENDR.  The guest sees, for a level interrupt, the latch or the
 * input line; user space saves and restores the latch alone, the lines having
 * an attribute of their own.
 */

static u32 pending_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return vgic_irq_pending(irq);
}

static u32 latch_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return READ_ONCE(irq->latch);
}

static u32 no_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return 0;
}

static void latch_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	vgic_irq_pend(irq);
}

static void latch_clear(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	vgic_irq_unpend(irq);
}

static void latch_put(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	if (val)
		vgic_irq_pend(irq);
	else
		vgic_irq_unpend(irq);
}

static void no_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
}

const struct vgic_field vgic_field_set_pending = {
	.get = pending_get,
	.set = latch_set,
	.user_get = latch_get,
	.user_set = latch_put,
	.ones = true,
	.get_folds = true,
};

const struct vgic_field vgic_field_clear_pending = {
	.get = pending_get,
	.set = latch_clear,
	.user_get = no_get,
	.user_set = no_set,
	.ones = true,
	.get_folds = true,
	.set_folds = true,
};

/* ISACTIVER, ICACTIVER */

static u32 active_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return irq->active;
}

static void active_put(const struct vgic_access *a, struct vgic_irq *irq, bool active)
{
	if (irq->active == active)
		return;
	irq->active = active;
	if (irq->hw)
		vgic_hw_sync_active(a->cpu, irq);
}

static void active_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	active_put(a, irq, true);
}

static void active_clear(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	active_put(a, irq, false);
}

const struct vgic_field vgic_field_set_active = {
	.get = active_get,
	.set = active_set,
	.ones = true,
	.get_folds = true,
	.set_folds = true,
};

const struct vgic_field vgic_field_clear_active = {
	.get = active_get,
	.set = active_clear,
	.ones = true,
	.get_folds = true,
	.set_folds = true,
};

/* IPRIORITYR */

static u32 priority_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return READ_ONCE(irq->priority);
}

static void priority_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	WRITE_ONCE(irq->priority, val & VGIC_PRIO_MASK);
}

const struct vgic_field vgic_field_priority = {
	.get = priority_get,
	.set = priority_set,
};

/* ICFGR: bit 1 of each pair is edge.  SGIs are edge; PPIs are wired, ours as level. */

#define CONFIG_EDGE	2

static u32 config_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return READ_ONCE(irq->level) ? 0 : CONFIG_EDGE;
}

static void config_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	if (irq->intid >= VGIC_NR_PRIVATE)
		WRITE_ONCE(irq->level, !(val & CONFIG_EDGE));
}

const struct vgic_field vgic_field_config = {
	.get = config_get,
	.set = config_set,
};

/* KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO */

static u32 line_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return irq->intid >= VGIC_NR_SGIS && READ_ONCE(irq->line);
}

static void line_set(const struct vgic_access *a, struct vgic_irq *irq, u32 val)
{
	if (irq->intid < VGIC_NR_SGIS)
		return;
	irq->sources = val ? BIT(VGIC_SOURCE_RESTORED) : 0;
	irq->line = val;
}

static const struct vgic_field field_line = {
	.get = line_get,
	.set = line_set,
};

/**
 * vgic_lines_get - levels of 32 input lines
 * @a: who; @a->cpu if the interrupts are private
 * @first: INTID, multiple of 32
 *
 * Context: config_lock, no vCPU runs.
 * Return: a bit for each; zero for SGIs and for what does not exist.
 */
u32 vgic_lines_get(const struct vgic_access *a, u32 first)
{
	u64 val;

	vgic_field_read(a, &field_line, first, 32, 1, &val);
	return val;
}

/**
 * vgic_lines_set - put back levels of 32 input lines
 * @a: who; @a->cpu if the interrupts are private
 * @first: INTID, multiple of 32
 * @val: a bit for each; ignored for SGIs and for what does not exist
 *
 * An edge interrupt does not latch from this: the latch is restored on its own.
 *
 * Context: config_lock, no vCPU runs.
 */
void vgic_lines_set(const struct vgic_access *a, u32 first, u32 val)
{
	vgic_field_write(a, &field_line, first, 32, 1, val);
}
