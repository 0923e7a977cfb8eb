// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty logging: KVM_GET_DIRTY_LOG and KVM_CLEAR_DIRTY_LOG.
 *
 * Locks: vm->slots_lock keeps the slot, vm->mmu_lock is taken for writing while
 * stage 2 is changed.
 *
 * For each page: clear the bit, then write-protect the page.  A write after
 * that faults and sets the bit again; one before it belongs to what is
 * reported now, and user space, which is answered after the TLB flush, sees
 * it in the page.  With KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 reading the log changes
 * nothing, and the second ioctl does all that.
 *
 * A page that is writable in stage 2 has its bit set, always (or, with
 * KVM_CAP_DIRTY_LOG_RING_ACQ_REL, an entry in a ring: dirty-ring.c).  So a page whose
 * bit is clear needs no protection, and a log that begins with all bits set
 * (KVM_DIRTY_LOG_INITIALLY_SET) needs none at its begin.
 */

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <kvm/arch.h>
#include "generic.h"

/* Pages that are handled between two points of rescheduling. */
#define DIRTY_PIECE	(64UL * BITS_PER_LONG)

/*
 * The first of words [@i, @end) of a log that has a bit set, or @end.  Most of a log is
 * clean most of the time, so this is what reading it consists of: four words a step.
 */
static unsigned long dirty_next_word(const unsigned long *log, unsigned long i, unsigned long end)
{
	while (i + 4 <= end && !(READ_ONCE(log[i]) | READ_ONCE(log[i + 1]) |
				 READ_ONCE(log[i + 2]) | READ_ONCE(log[i + 3])))
		i += 4;
	while (i < end && !READ_ONCE(log[i]))
		i++;
	return i;
}

/* Moves the bits of pages [@first, @end) to @out.  True if there was one. */
static bool dirty_take_bits(struct memslot *slot, unsigned long *out, unsigned long first,
			    unsigned long end)
{
	unsigned long *log = slot->dirty_bitmap, nr = BITS_TO_LONGS(end), i;
	bool any = false;

	for (i = dirty_next_word(log, BIT_WORD(first), nr); i < nr;
	     i = dirty_next_word(log, i + 1, nr)) {
		out[i] = xchg(&log[i], 0);
		any = true;
	}
	return any;
}

/* Of the @nr pages from @first on those whose bit is set; @bits begins with that of @first. */
static void dirty_wrprotect(struct vm *vm, struct memslot *slot, const unsigned long *bits,
			    unsigned long first, unsigned long nr)
{
	struct gfn_range range = { .slot = slot };
	unsigned long from = 0, to;

	for (;;) {
		from = find_next_bit_le(bits, nr, from);
		if (from >= nr)
			break;
		to = find_next_zero_bit_le(bits, nr, from);
		range.start = slot->base_gfn + first + from;
		range.end = slot->base_gfn + first + to;
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
			dirty_wrprotect(vm, slot, out + BIT_WORD(first), first, end - first);
			flush = true;
		}
		cond_resched_rwlock_write(&vm->mmu_lock);
	}
	if (flush)
		arch_mmu_flush_tlb(vm);
	write_unlock(&vm->mmu_lock);
}

static struct memslot *dirty_slot(struct vm *vm, u32 id)
{
	struct memslot *slot;

	lockdep_assert_held(&vm->slots_lock);

	if (READ_ONCE(vm->dirty_ring.entries) && !vm->dirty_ring.bitmap)
		return ERR_PTR(-ENXIO);
	if (id >= MEMSLOT_NR_USER)
		return ERR_PTR(-EINVAL);
	slot = xa_load(&vm->slots.by_id, id);
	if (!slot || !slot->dirty_bitmap)
		return ERR_PTR(-ENOENT);
	return slot;
}

/**
 * dirty_log_get() - hands out a slot's log and, if that is not manual, starts it afresh
 * @vm: the VM
 * @log: slot number, and user space's buffer: one bit for each page, in whole
 *	 64-bit words
 *
 * Context: process; takes vm->slots_lock and vm->mmu_lock.
 * Return: 0; -EINVAL for a number that no slot can have, -ENOENT if there is no
 * such slot or it has no log, -ENXIO if all logs are in rings, -ENOMEM, -EFAULT
 * (the log is lost then).
 */
int dirty_log_get(struct vm *vm, struct kvm_dirty_log *log)
{
	unsigned long *bits __free(kvfree) = NULL;
	struct memslot *slot;
	size_t bytes;

	guard(mutex)(&vm->slots_lock);
	slot = dirty_slot(vm, log->slot);
	if (IS_ERR(slot))
		return PTR_ERR(slot);

	bytes = ALIGN(slot->npages, 64) / BITS_PER_BYTE;
	/* Bits that are set while this goes on are there next time. */
	if (vm->dirty_manual)
		return copy_to_user(log->dirty_bitmap, slot->dirty_bitmap, bytes) ? -EFAULT : 0;

	bits = kvzalloc(bytes, GFP_KERNEL_ACCOUNT);
	if (!bits)
		return -ENOMEM;
	dirty_harvest(vm, slot, bits);
	return copy_to_user(log->dirty_bitmap, bits, bytes) ? -EFAULT : 0;
}

/* @bits, of the @nr pages from @first on, becomes those of them that were dirty.  True if any was. */
static bool dirty_clear_bits(struct memslot *slot, unsigned long *bits, unsigned long first,
			     unsigned long nr)
{
	atomic_long_t *log = (atomic_long_t *)&slot->dirty_bitmap[BIT_WORD(first)];
	unsigned long i;
	bool any = false;

	for (i = 0; i < BITS_TO_LONGS(nr); i++) {
		if (!bits[i])
			continue;
		bits[i] &= atomic_long_fetch_andnot(bits[i], &log[i]);
		any |= bits[i];
	}
	return any;
}

/* A piece: @nr pages from @first on.  1 if pages were protected, 0 if not, or -EFAULT. */
static int dirty_clear_piece(struct vm *vm, struct memslot *slot, const void __user *user,
			     unsigned long first, unsigned long nr)
{
	unsigned long bits[BITS_TO_LONGS(DIRTY_PIECE)];
	struct gfn_range range = {
		.slot = slot,
		.start = slot->base_gfn + first,
		.end = slot->base_gfn + first + nr,
	};
	bool any;

	if (copy_from_user(bits, user, ALIGN(nr, 64) / BITS_PER_BYTE))
		return -EFAULT;
	/* User space's last word may say something of pages that do not exist. */
	for (unsigned long bit = nr; bit % 64; bit++)
		__clear_bit_le(bit, bits);

	/* There are blocks still if the log began with all bits set. */
	if (find_next_bit_le(bits, nr, 0) < nr)
		arch_mmu_split(vm, &range);

	write_lock(&vm->mmu_lock);
	any = dirty_clear_bits(slot, bits, first, nr);
	if (any)
		dirty_wrprotect(vm, slot, bits, first, nr);
	write_unlock(&vm->mmu_lock);
	return any;
}

/**
 * dirty_log_clear() - KVM_CLEAR_DIRTY_LOG: a part of a slot's log starts afresh
 * @vm: the VM
 * @log: slot number, the pages, and user space's buffer, which says for which of
 *	 these; whole 64-bit words but for the end of the slot
 *
 * Context: process; takes vm->slots_lock and vm->mmu_lock.
 * Return: 0; -EINVAL for pages that the slot does not have or that are not whole
 * words, or for a number that no slot can have; -ENOENT if there is no such slot
 * or it has no log; -ENXIO if all logs are in rings; -EFAULT, with a part done: of
 * pages that were named.
 */
int dirty_log_clear(struct vm *vm, const struct kvm_clear_dirty_log *log)
{
	const u8 __user *user = log->dirty_bitmap;
	unsigned long done, nr;
	struct memslot *slot;
	bool flush = false;
	int ret = 0;

	guard(mutex)(&vm->slots_lock);
	slot = dirty_slot(vm, log->slot);
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	if (log->first_page % 64 || log->first_page > slot->npages ||
	    log->num_pages > slot->npages - log->first_page)
		return -EINVAL;
	if (log->num_pages % 64 && log->first_page + log->num_pages != slot->npages)
		return -EINVAL;

	for (done = 0; done < log->num_pages && ret >= 0; done += nr) {
		nr = min(log->num_pages - done, DIRTY_PIECE);
		ret = dirty_clear_piece(vm, slot, user + done / BITS_PER_BYTE,
					log->first_page + done, nr);
		flush |= ret > 0;
		cond_resched();
	}
	/* Before user space is answered, and may look at the pages. */
	if (flush)
		arch_mmu_flush_tlb(vm);
	return min(ret, 0);
}

/**
 * dirty_set_manual() - KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2
 * @vm: the VM
 * @flags: KVM_DIRTY_LOG_*: for the logs that are read, and for those that begin, from now on
 *
 * Return: 0 or -EINVAL.
 */
int dirty_set_manual(struct vm *vm, u64 flags)
{
	if (flags & ~(u64)DIRTY_MANUAL_FLAGS)
		return -EINVAL;
	if (flags & KVM_DIRTY_LOG_INITIALLY_SET && !(flags & KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE))
		return -EINVAL;

	guard(mutex)(&vm->slots_lock);
	vm->dirty_manual = flags;
	return 0;
}
