// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty logging: KVM_GET_DIRTY_LOG.
 *
 * Locks: vm->slots_lock keeps the slot, vm->mmu_lock is taken for writing while
 * stage 2 is changed.
 *
 * For each page: clear the bit, then write-protect the page.  A write after
 * that faults and sets the bit again; one before it belongs to what is
 * reported now, and user space, which is answered after the TLB flush, sees
 * it in the page.
 */

#include <linux/bitops.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <kvm/arch.h>
#include "generic.h"

/* Pages that are handled between two points of rescheduling. */
#define DIRTY_PIECE	(64 * BITS_PER_LONG)

/* Moves the bits of pages [@first, @end) to @out.  True if there was one. */
static bool dirty_take_bits(struct memslot *slot, unsigned long *out, unsigned long first,
			    unsigned long end)
{
	unsigned long i;
	bool any = false;

	for (i = BIT_WORD(first); i < BITS_TO_LONGS(end); i++) {
		if (!READ_ONCE(slot->dirty_bitmap[i]))
			continue;
		out[i] = xchg(&slot->dirty_bitmap[i], 0);
		any = true;
	}
	return any;
}

static void dirty_wrprotect(struct vm *vm, struct memslot *slot, const unsigned long *bits,
			    unsigned long first, unsigned long end)
{
	struct gfn_range range = { .slot = slot };
	unsigned long from = first, to;

	for (;;) {
		from = find_next_bit_le(bits, end, from);
		if (from >= end)
			break;
		to = find_next_zero_bit_le(bits, end, from);
		range.start = slot->base_gfn + from;
		range.end = slot->base_gfn + to;
		arch_mmu_wrprotect(vm, &range);
		from = to;
	}
}

static void dirty_harvest(struct vm *vm, struct memslot *slot, unsigned long *out)
{
	unsigned long first, end;
	bool flush = false;

	write_lock(&vm->mmu_lock);
	for (first = 0; first < slot->npages; first = end) {
		end = min(slot->npages, first + DIRTY_PIECE);
		if (dirty_take_bits(slot, out, first, end)) {
			dirty_wrprotect(vm, slot, out, first, end);
			flush = true;
		}
		cond_resched_rwlock_write(&vm->mmu_lock);
	}
	if (flush)
		arch_mmu_flush_tlb(vm);
	write_unlock(&vm->mmu_lock);
}

/**
 * dirty_log_get() - hands out a slot's log and starts it afresh
 * @vm: the VM
 * @log: slot number, and user space's buffer: one bit for each page, in whole
 *	 64-bit words
 *
 * Context: process; takes vm->slots_lock and vm->mmu_lock.
 * Return: 0; -EINVAL for a number that no slot can have, -ENOENT if there is no
 * such slot or it has no log, -ENOMEM, -EFAULT (the log is lost then).
 */
int dirty_log_get(struct vm *vm, struct kvm_dirty_log *log)
{
	unsigned long *bits __free(kvfree) = NULL;
	struct memslot *slot;
	size_t bytes;

	if (log->slot >= MEMSLOT_NR_USER)
		return -EINVAL;

	guard(mutex)(&vm->slots_lock);
	slot = xa_load(&vm->slots.by_id, log->slot);
	if (!slot || !slot->dirty_bitmap)
		return -ENOENT;

	bytes = ALIGN(slot->npages, 64) / BITS_PER_BYTE;
	bits = kvzalloc(bytes, GFP_KERNEL_ACCOUNT);
	if (!bits)
		return -ENOMEM;
	dirty_harvest(vm, slot, bits);
	return copy_to_user(log->dirty_bitmap, bits, bytes) ? -EFAULT : 0;
}
