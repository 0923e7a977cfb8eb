// SPDX-License-Identifier: GPL-2.0
/*
 * Stage 2 follows the VMM's address space: the MMU notifier.
 *
 * Locks: vm->mmu_lock only, for writing wherever stage 2 is changed.  Slots
 * are found by host address in a tree that the same lock protects, so SRCU is
 * not needed here.  Between two pieces of a long range the lock is dropped;
 * nothing that was found before is used afterwards.
 *
 * Against faults.  A fault reads vm->mmu_seq, then gets the page with no lock,
 * then installs it under vm->mmu_lock unless gmem_retry():
 *
 *	still under way at the install			the range says retry
 *	ended between the sample and the install	mmu_seq differs
 *	ended before the sample				the fault saw the new host page tables
 *
 * The range is set before the first entry is unmapped, so what is unmapped
 * cannot come back while the lock is dropped.
 */

#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <kvm/arch.h>
#include <kvm/trace.h>
#include "generic.h"

/* Host memory that is unmapped, at most, between two points of rescheduling. */
#define NOTIFIER_PIECE		((unsigned long)SZ_32M)

typedef bool (*range_fn)(struct vm *vm, const struct gfn_range *range);

static struct vm *notifier_vm(struct mmu_notifier *mn)
{
	return container_of(mn, struct vm, notifier);
}

/* Calls @fn for what each slot has of [start, last]; true if one of the calls returned true. */
static bool notifier_for_slots(struct vm *vm, hva_t start, hva_t last, range_fn fn)
{
	struct interval_tree_node *node;
	bool ret = false;

	lockdep_assert_held(&vm->mmu_lock);

	for (node = interval_tree_iter_first(&vm->slots.by_hva, start, last); node;
	     node = interval_tree_iter_next(node, start, last)) {
		struct memslot *slot = container_of(node, struct memslot, hva_node);
		hva_t from = max(start, node->start) - node->start;
		hva_t to = min(last, node->last) - node->start;
		struct gfn_range range = {
			.slot = slot,
			.start = slot->base_gfn + (from >> PAGE_SHIFT),
			.end = slot->base_gfn + (to >> PAGE_SHIFT) + 1,
		};

		ret |= fn(vm, &range);
	}
	return ret;
}

/*
 * A point of rescheduling in a walk that owes a TLB flush.  The flush comes
 * before the lock is dropped: whoever takes it next and finds an entry gone
 * may free the page.
 */
static void notifier_relax(struct vm *vm, bool *flush)
{
	if (!need_resched() && !rwlock_needbreak(&vm->mmu_lock))
		return;
	if (*flush)
		arch_mmu_flush_tlb(vm);
	*flush = false;
	cond_resched_rwlock_write(&vm->mmu_lock);
}

static void notifier_unmap(struct vm *vm, hva_t start, hva_t last, bool may_block)
{
	bool flush = false;

	for (;;) {
		struct interval_tree_node *node;
		hva_t piece_last;

		node = interval_tree_iter_first(&vm->slots.by_hva, start, last);
		if (!node)
			break;
		start = max(start, node->start);
		piece_last = min(last, start | (NOTIFIER_PIECE - 1));
		flush |= notifier_for_slots(vm, start, piece_last, arch_mmu_unmap);
		if (piece_last == last)
			break;
		start = piece_last + 1;
		if (may_block)
			notifier_relax(vm, &flush);
	}
	if (flush)
		arch_mmu_flush_tlb(vm);
}

static int notifier_range_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct vm *vm = notifier_vm(mn);

	trace_kvm_unmap_hva_range(range->start, range->end);
	write_lock(&vm->mmu_lock);
	if (vm->mmu_in_progress++) {
		vm->mmu_range_start = min(vm->mmu_range_start, range->start);
		vm->mmu_range_end = max(vm->mmu_range_end, range->end);
	} else {
		vm->mmu_range_start = range->start;
		vm->mmu_range_end = range->end;
	}
	if (range->start < range->end)
		notifier_unmap(vm, range->start, range->end - 1,
			       mmu_notifier_range_blockable(range));
	write_unlock(&vm->mmu_lock);
	return 0;
}

static void notifier_range_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct vm *vm = notifier_vm(mn);

	write_lock(&vm->mmu_lock);
	/* Release by the unlock; the fault's sample has the read barrier. */
	WRITE_ONCE(vm->mmu_seq, vm->mmu_seq + 1);
	vm->mmu_in_progress--;
	write_unlock(&vm->mmu_lock);
}

static int notifier_clear_young(struct mmu_notifier *mn, struct mm_struct *mm,
				unsigned long start, unsigned long end)
{
	struct vm *vm = notifier_vm(mn);
	bool young;

	trace_kvm_age_hva(start, end);
	write_lock(&vm->mmu_lock);
	young = start < end && notifier_for_slots(vm, start, end - 1, arch_mmu_age);
	write_unlock(&vm->mmu_lock);
	return young;
}

static int notifier_clear_flush_young(struct mmu_notifier *mn, struct mm_struct *mm,
				      unsigned long start, unsigned long end)
{
	struct vm *vm = notifier_vm(mn);
	bool young;

	trace_kvm_age_hva(start, end);
	write_lock(&vm->mmu_lock);
	young = start < end && notifier_for_slots(vm, start, end - 1, arch_mmu_age);
	if (young)
		arch_mmu_flush_tlb(vm);
	write_unlock(&vm->mmu_lock);
	return young;
}

static int notifier_test_young(struct mmu_notifier *mn, struct mm_struct *mm,
			       unsigned long address)
{
	struct vm *vm = notifier_vm(mn);
	bool young;

	trace_kvm_test_age_hva(address);
	read_lock(&vm->mmu_lock);
	young = notifier_for_slots(vm, address, address, arch_mmu_test_age);
	read_unlock(&vm->mmu_lock);
	return young;
}

static void notifier_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	arch_mmu_release(notifier_vm(mn));
}

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start	= notifier_range_start,
	.invalidate_range_end	= notifier_range_end,
	.clear_flush_young	= notifier_clear_flush_young,
	.clear_young		= notifier_clear_young,
	.test_young		= notifier_test_young,
	.release		= notifier_release,
};

/**
 * notifier_register() - starts to follow vm->mm
 * @vm: the VM, complete but not visible; vm->mm is current's
 *
 * No invalidation is under way when this returns, so each end has its start.
 *
 * Context: process, may sleep; takes the mmap lock.
 * Return: 0 or -ENOMEM, -EINTR.
 */
int notifier_register(struct vm *vm)
{
	vm->notifier.ops = &notifier_ops;
	return mmu_notifier_register(&vm->notifier, vm->mm);
}

/**
 * notifier_unregister() - stops following vm->mm
 * @vm: the VM; its stage 2 still exists
 *
 * Calls arch_mmu_release() unless the address space has gone before.  No
 * callback runs when this returns.
 *
 * Context: process, may sleep.
 */
void notifier_unregister(struct vm *vm)
{
	mmu_notifier_unregister(&vm->notifier, vm->mm);
}

/**
 * notifier_unmap_slot() - takes a slot's pages out of stage 2
 * @vm: the VM
 * @slot: a slot that no fault can find any more
 *
 * Context: process; vm->slots_lock held, vm->mmu_lock not.
 */
void notifier_unmap_slot(struct vm *vm, const struct memslot *slot)
{
	const unsigned long piece = NOTIFIER_PIECE >> PAGE_SHIFT;
	gfn_t end = slot->base_gfn + slot->npages;
	struct gfn_range range = { .slot = (struct memslot *)slot };
	bool flush = false;

	lockdep_assert_held(&vm->slots_lock);

	write_lock(&vm->mmu_lock);
	for (range.start = slot->base_gfn; range.start < end; range.start = range.end) {
		range.end = min(end, (range.start | (piece - 1)) + 1);
		flush |= arch_mmu_unmap(vm, &range);
		notifier_relax(vm, &flush);
	}
	if (flush)
		arch_mmu_flush_tlb(vm);
	write_unlock(&vm->mmu_lock);
}

/**
 * notifier_wrprotect_slot() - makes the next write to each page of a slot fault
 * @vm: the VM
 * @slot: a slot with a dirty log, which faults use already
 *
 * Context: process; vm->slots_lock held, vm->mmu_lock not.
 */
void notifier_wrprotect_slot(struct vm *vm, const struct memslot *slot)
{
	const unsigned long piece = NOTIFIER_PIECE >> PAGE_SHIFT;
	gfn_t end = slot->base_gfn + slot->npages;
	struct gfn_range range = { .slot = (struct memslot *)slot };

	lockdep_assert_held(&vm->slots_lock);

	write_lock(&vm->mmu_lock);
	for (range.start = slot->base_gfn; range.start < end; range.start = range.end) {
		range.end = min(end, (range.start | (piece - 1)) + 1);
		arch_mmu_wrprotect(vm, &range);
		/* Nobody frees a page for a cleared write bit: one flush, at the end, will do. */
		cond_resched_rwlock_write(&vm->mmu_lock);
	}
	arch_mmu_flush_tlb(vm);
	write_unlock(&vm->mmu_lock);
}

/**
 * gmem_retry() - may a page that was got be mapped?
 * @vm: the VM
 * @seq: vm->mmu_seq as it was before the page was got, read with a barrier after it
 * @hva: of the page
 *
 * Context: vm->mmu_lock held, either way.
 * Return: true if the host's mapping may have changed since: the guest has to fault again.
 */
bool gmem_retry(struct vm *vm, unsigned long seq, hva_t hva)
{
	lockdep_assert_held(&vm->mmu_lock);

	if (vm->mmu_in_progress && hva >= vm->mmu_range_start && hva < vm->mmu_range_end)
		return true;
	return vm->mmu_seq != seq;
}
