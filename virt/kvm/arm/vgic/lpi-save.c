// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES: the pending bits of LPIs go to the
 * redistributors' tables in guest memory (IHI 0069, 5.1.2).
 *
 * An LPI's bit is in the table of the vCPU that it targets.  The LPIs come in
 * the order of their INTIDs; they are dealt to their vCPUs, so that each table is
 * then walked once, in order, a block of guest memory at a time.  Work and
 * memory are linear in the number of LPIs.
 *
 * The first KiB of a table, where INTIDs below 8192 would be, is not touched:
 * LPIs start beyond it.
 */

#include <linux/irqchip/arm-gic-v3.h>
#include <linux/slab.h>
#include <kvm/memslot.h>
#include <kvm/vm.h>
#include "regs.h"
#include "vgic.h"

#define SAVE_BLOCK		512			/* bytes of a table at a time */
#define SAVE_BLOCK_INTIDS	(SAVE_BLOCK * BITS_PER_BYTE)
#define SAVE_BATCH		1024			/* LPIs between reschedules */

struct save_lpi {
	u32 intid;
	u16 cpu;
	bool pending;
};

DEFINE_FREE(save_lpis, struct save_lpi *, kvfree(_T))

/* Up to @max LPIs with a target, ascending by INTID. */
static unsigned int save_collect(struct vm *vm, struct save_lpi *lpis, unsigned int max)
{
	unsigned int n = 0, seen = 0;
	u32 intid = VGIC_MIN_LPI;
	struct vgic_irq *irq;

	for (; n < max && (irq = vgic_lpi_next(vm, &intid, U32_MAX, NULL)); intid++) {
		scoped_guard(raw_spinlock_irqsave, &irq->lock) {
			if (irq->target) {
				lpis[n].intid = irq->intid;
				lpis[n].cpu = irq->target->index;
				lpis[n].pending = irq->latch;
				n++;
			}
		}
		vgic_irq_put(vm, irq);
		if (++seen % SAVE_BATCH == 0)
			cond_resched();
	}
	return n;
}

/* Orders by vCPU, keeping the INTIDs' order: @dst[@start[i]] is vCPU i's first one. */
static void save_deal(const struct save_lpi *src, struct save_lpi *dst, unsigned int n,
		      u32 *start, unsigned int nr_cpus)
{
	unsigned int i, sum = 0;

	for (i = 0; i < n; i++)
		start[src[i].cpu]++;
	for (i = 0; i < nr_cpus; i++) {
		u32 count = start[i];

		start[i] = sum;
		sum += count;
	}
	for (i = 0; i < n; i++)
		dst[start[src[i].cpu]++] = src[i];
}

/* One block of a table: takes from @lpis those that are in it; returns how many. */
static int save_block(struct vm *vm, gpa_t table, const struct save_lpi *lpis, unsigned int n)
{
	u32 first = round_down(lpis[0].intid, SAVE_BLOCK_INTIDS);
	gpa_t gpa = table + first / BITS_PER_BYTE;
	u8 block[SAVE_BLOCK] __uninitialized;
	bool changed = false;
	unsigned int i;
	int ret;

	ret = gmem_read(vm, gpa, block, sizeof(block));
	if (ret)
		return ret;
	for (i = 0; i < n && lpis[i].intid - first < SAVE_BLOCK_INTIDS; i++) {
		u32 bit = lpis[i].intid - first;
		u8 *byte = &block[bit / BITS_PER_BYTE];
		u8 mask = BIT(bit % BITS_PER_BYTE);

		if (!!(*byte & mask) != lpis[i].pending) {
			*byte ^= mask;
			changed = true;
		}
	}
	if (changed)
		ret = gmem_write(vm, gpa, block, sizeof(block));
	return ret ?: i;
}

static int save_table(struct vm *vm, struct vcpu *vcpu, const struct save_lpi *lpis,
		      unsigned int n)
{
	gpa_t table = GICR_PENDBASER_ADDRESS(vcpu->arch.vgic.pendbaser);
	int done;

	while (n) {
		done = save_block(vm, table, lpis, n);
		if (done < 0)
			return done;
		lpis += done;
		n -= done;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/**
 * vgic_lpi_save_pending - write all LPIs' pending bits to guest memory
 * @vm: VM with a GICv3, initialised
 *
 * Guest pages are marked dirty.  A vCPU whose LPIs are disabled has no table.
 *
 * Context: config_lock held, all vCPUs locked: what was in list registers is
 *	    back in the interrupts.
 * Return: 0, -EFAULT if a table is not in memory, -ENOMEM, -EINTR.
 */
int vgic_lpi_save_pending(struct vm *vm)
{
	unsigned int nr_cpus = vm_nr_vcpus(vm);
	unsigned int max = READ_ONCE(vm->arch.vgic.nr_lpis);
	unsigned int n, i, begin = 0;
	struct vcpu *vcpu;

	lockdep_assert_held(&vm->config_lock);
	if (!max)
		return 0;

	struct save_lpi *found __free(save_lpis) =
		kvmalloc_array(max, sizeof(*found), GFP_KERNEL_ACCOUNT);
	struct save_lpi *dealt __free(save_lpis) =
		kvmalloc_array(max, sizeof(*dealt), GFP_KERNEL_ACCOUNT);
	u32 *end __free(kfree) = kcalloc(nr_cpus, sizeof(*end), GFP_KERNEL_ACCOUNT);

	if (!found || !dealt || !end)
		return -ENOMEM;

	n = save_collect(vm, found, max);
	save_deal(found, dealt, n, end, nr_cpus);
	guard(mutex)(&vm->arch.vgic.lpi_lock);
	vm_for_each_vcpu(i, vcpu, vm) {
		int ret = 0;

		if (vcpu->arch.vgic.lpis_enabled) {
			/* If the VM goes on, the bits are those of a moment that has passed. */
			WRITE_ONCE(vcpu->arch.vgic.pend_clean, false);
			ret = save_table(vm, vcpu, dealt + begin, end[i] - begin);
		}
		if (ret)
			return ret;
		begin = end[i];
	}
	return 0;
}
