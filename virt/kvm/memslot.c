// SPDX-License-Identifier: GPL-2.0
/*
 * Memory slots.
 *
 * Locks.  Changes: vm->slots_lock.  Look-ups by guest page: vm->srcu (or
 * vm->slots_lock).  The tree by host address: vm->mmu_lock.
 *
 * A slot is always in by_hva for longer than in by_gfn.  Someone who found it
 * by gfn may map its pages into stage 2 until the grace period is over, so
 * until then, and until what was mapped is unmapped, the MMU notifier has to
 * be able to find it too.  Hence:
 *
 *	create	by_hva, by_gfn
 *	delete	off by_gfn, grace period, unmap, off by_hva, free
 *	replace	new to by_hva, new over old in by_gfn, grace period, arch's
 *		part, old off by_hva, free
 *	move	delete, then create
 *
 * All that can fail comes before the first step that a guest could notice.
 */

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <kvm/arch.h>
#include "generic.h"

/**
 * memslots_init() - an empty set of slots
 * @vm: the VM, not visible yet
 */
void memslots_init(struct vm *vm)
{
	struct memslots *slots = &vm->slots;

	/* The shape that process address spaces have: node metadata outside of the slots. */
	mt_init_flags(&slots->by_gfn, MT_FLAGS_ALLOC_RANGE | MT_FLAGS_USE_RCU);
	xa_init(&slots->by_id);
	slots->by_hva = RB_ROOT_CACHED;
}

static void memslot_free(struct memslot *slot)
{
	if (!slot)
		return;
	kvfree(slot->dirty_bitmap);
	kfree(slot);
}

DEFINE_FREE(memslot, struct memslot *, memslot_free(_T))

/**
 * memslots_destroy() - frees all slots
 * @vm: the VM, with no vCPU, device or notifier left that could look for one
 */
void memslots_destroy(struct vm *vm)
{
	struct memslots *slots = &vm->slots;
	struct memslot *slot;
	unsigned long id;

	xa_for_each(&slots->by_id, id, slot)
		memslot_free(slot);
	xa_destroy(&slots->by_id);
	/*
	 * No reader is left: free the nodes now. The deferred walk of 6.12's
	 * maple tree over a large tree reads a node's metadata as a slot.
	 */
	mt_clear_in_rcu(&slots->by_gfn);
	mtree_destroy(&slots->by_gfn);
}

/**
 * memslot_find() - the slot that has a guest page
 * @vm: the VM
 * @gfn: guest page
 *
 * Context: vm->srcu or vm->slots_lock held; any context.
 * Return: the slot, valid until the protection is dropped, or NULL.
 */
struct memslot *memslot_find(struct vm *vm, gfn_t gfn)
{
	RCU_LOCKDEP_WARN(!srcu_read_lock_held(&vm->srcu) && !lockdep_is_held(&vm->slots_lock),
			 "a memory slot is looked for without protection");
	return mtree_load(&vm->slots.by_gfn, gfn);
}

static gfn_t memslot_last_gfn(const struct memslot *slot)
{
	return slot->base_gfn + slot->npages - 1;
}

static bool memslot_has_rings(const struct vm *vm)
{
	return READ_ONCE(vm->dirty_ring.entries);
}

/* Does a log begin with all pages in it?  It has to be a bitmap for that. */
static bool memslot_log_is_full(const struct vm *vm)
{
	return vm->dirty_manual & KVM_DIRTY_LOG_INITIALLY_SET && !memslot_has_rings(vm);
}

/* Whole 64-bit words: that is what user space gets. */
static unsigned long *memslot_alloc_log(struct vm *vm, unsigned long npages)
{
	unsigned long *bits = kvzalloc(ALIGN(npages, 64) / BITS_PER_BYTE, GFP_KERNEL_ACCOUNT);

	if (!bits || !memslot_log_is_full(vm))
		return bits;
	memset(bits, 0xff, npages / BITS_PER_BYTE);
	for (unsigned long bit = ALIGN_DOWN(npages, BITS_PER_BYTE); bit < npages; bit++)
		__set_bit_le(bit, bits);
	return bits;
}

static struct memslot *memslot_alloc(struct vm *vm, const struct kvm_userspace_memory_region2 *mem)
{
	struct memslot *slot __free(memslot) = kzalloc(sizeof(*slot), GFP_KERNEL_ACCOUNT);

	if (!slot)
		return NULL;

	slot->base_gfn = gpa_to_gfn(mem->guest_phys_addr);
	slot->npages = mem->memory_size >> PAGE_SHIFT;
	slot->userspace_addr = mem->userspace_addr;
	slot->flags = mem->flags;
	slot->id = mem->slot;
	slot->hva_node.start = slot->userspace_addr;
	slot->hva_node.last = slot->userspace_addr + (slot->npages << PAGE_SHIFT) - 1;

	if (memslot_logs(slot) && (!memslot_has_rings(vm) || vm->dirty_ring.bitmap)) {
		slot->dirty_bitmap = memslot_alloc_log(vm, slot->npages);
		if (!slot->dirty_bitmap)
			return NULL;
	}
	return no_free_ptr(slot);
}

static void memslot_hva_add(struct vm *vm, struct memslot *slot)
{
	write_lock(&vm->mmu_lock);
	interval_tree_insert(&slot->hva_node, &vm->slots.by_hva);
	write_unlock(&vm->mmu_lock);
}

static void memslot_hva_remove(struct vm *vm, struct memslot *slot)
{
	write_lock(&vm->mmu_lock);
	interval_tree_remove(&slot->hva_node, &vm->slots.by_hva);
	write_unlock(&vm->mmu_lock);
}

/* Does @slot meet one other than @except (which it is to take the place of, or NULL)? */
static bool memslot_overlaps(struct vm *vm, const struct memslot *slot,
			     const struct memslot *except)
{
	unsigned long index = slot->base_gfn;
	struct memslot *other;

	mt_for_each(&vm->slots.by_gfn, other, index, memslot_last_gfn(slot))
		if (other != except)
			return true;
	return false;
}

static void memslot_count_change(struct vm *vm)
{
	WRITE_ONCE(vm->slots.generation, vm->slots.generation + 1);
}

static int memslot_create(struct vm *vm, struct memslot *new)
{
	struct memslots *slots = &vm->slots;
	int ret;

	lockdep_assert_held(&vm->slots_lock);

	if (memslot_overlaps(vm, new, NULL))
		return -EEXIST;
	ret = arch_memslot_prepare(vm, NULL, new);
	if (ret)
		return ret;
	ret = xa_insert(&slots->by_id, new->id, new, GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;

	memslot_hva_add(vm, new);
	ret = mtree_insert_range(&slots->by_gfn, new->base_gfn, memslot_last_gfn(new), new,
				 GFP_KERNEL_ACCOUNT);
	if (ret) {
		memslot_hva_remove(vm, new);
		xa_erase(&slots->by_id, new->id);
		return ret;
	}

	slots->npages += new->npages;
	arch_memslot_commit(vm, NULL, new);
	return 0;
}

/* Makes @old unreachable, then its pages.  It stays in by_id and is not freed. */
static int memslot_withdraw(struct vm *vm, struct memslot *old)
{
	int ret;

	/* Storing NULL may have to split or merge nodes, so it too can want memory. */
	ret = mtree_store_range(&vm->slots.by_gfn, old->base_gfn, memslot_last_gfn(old), NULL,
				GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;

	synchronize_srcu_expedited(&vm->srcu);
	notifier_unmap_slot(vm, old);
	memslot_hva_remove(vm, old);
	return 0;
}

static int memslot_delete(struct vm *vm, struct memslot *old)
{
	int ret;

	lockdep_assert_held(&vm->slots_lock);

	ret = arch_memslot_prepare(vm, old, NULL);
	if (ret)
		return ret;
	ret = memslot_withdraw(vm, old);
	if (ret)
		return ret;

	xa_erase(&vm->slots.by_id, old->id);
	vm->slots.npages -= old->npages;
	arch_memslot_commit(vm, old, NULL);
	memslot_free(old);
	return 0;
}

static int memslot_move(struct vm *vm, struct memslot *old, struct memslot *new)
{
	struct memslots *slots = &vm->slots;
	int ret;

	lockdep_assert_held(&vm->slots_lock);

	if (memslot_overlaps(vm, new, old))
		return -EEXIST;
	ret = arch_memslot_prepare(vm, old, new);
	if (ret)
		return ret;
	ret = memslot_withdraw(vm, old);
	if (ret)
		return ret;

	/*
	 * No way back from here: the few tree nodes that this takes have to be
	 * had.  The range is free, so that is all that could go wrong.  by_id
	 * has an entry to put the new slot into.
	 */
	memslot_hva_add(vm, new);
	mtree_store_range(&slots->by_gfn, new->base_gfn, memslot_last_gfn(new), new,
			  GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	xa_store(&slots->by_id, new->id, new, GFP_KERNEL_ACCOUNT);
	arch_memslot_commit(vm, old, new);
	memslot_free(old);
	return 0;
}

/* Same pages, other flags: readers see the one slot or the other, and never none. */
static int memslot_replace(struct vm *vm, struct memslot *old, struct memslot *new)
{
	struct memslots *slots = &vm->slots;
	int ret;

	lockdep_assert_held(&vm->slots_lock);

	ret = arch_memslot_prepare(vm, old, new);
	if (ret)
		return ret;

	memslot_hva_add(vm, new);
	ret = mtree_store_range(&slots->by_gfn, new->base_gfn, memslot_last_gfn(new), new,
				GFP_KERNEL_ACCOUNT);
	if (ret) {
		memslot_hva_remove(vm, new);
		return ret;
	}
	xa_store(&slots->by_id, new->id, new, GFP_KERNEL_ACCOUNT);
	synchronize_srcu_expedited(&vm->srcu);

	/*
	 * Faults go by the new slot now; what the old one left writable has to
	 * fault, or to be in the log from the start.
	 */
	if (memslot_logs(new) && !memslot_logs(old) && !memslot_log_is_full(vm)) {
		struct gfn_range all = {
			.slot = new,
			.start = new->base_gfn,
			.end = new->base_gfn + new->npages,
		};

		notifier_wrprotect_slot(vm, new);
		arch_mmu_split(vm, &all);
	}
	arch_memslot_commit(vm, old, new);
	memslot_hva_remove(vm, old);
	memslot_free(old);
	return 0;
}

static int memslot_set_locked(struct vm *vm, const struct kvm_userspace_memory_region2 *mem)
{
	struct memslot *old = xa_load(&vm->slots.by_id, mem->slot);
	struct memslot *new __free(memslot) = NULL;
	int ret;

	if (!mem->memory_size)
		return old ? memslot_delete(vm, old) : -EINVAL;

	if (old) {
		/* A slot keeps its memory and kind for life; its place and logging change. */
		if (old->npages != mem->memory_size >> PAGE_SHIFT ||
		    old->userspace_addr != mem->userspace_addr ||
		    (old->flags ^ mem->flags) & KVM_MEM_READONLY)
			return -EINVAL;
		if (old->base_gfn == gpa_to_gfn(mem->guest_phys_addr) &&
		    old->flags == mem->flags)
			return 0;
	}

	new = memslot_alloc(vm, mem);
	if (!new)
		return -ENOMEM;

	if (!old)
		ret = memslot_create(vm, new);
	else if (old->base_gfn != new->base_gfn)
		ret = memslot_move(vm, old, new);
	else
		ret = memslot_replace(vm, old, new);
	if (ret)
		return ret;

	new = NULL;	/* the VM's */
	return 0;
}

/**
 * memslot_set() - KVM_SET_USER_MEMORY_REGION and KVM_SET_USER_MEMORY_REGION2
 * @vm: the VM
 * @mem: the request: creates, deletes (size 0), moves a slot or changes its flags
 *
 * Context: process; takes vm->slots_lock, vm->mmu_lock; not inside of vm->srcu.
 * Return: 0; -EINVAL for what the ABI forbids, -EEXIST if the place is taken,
 * -ENOMEM, or what the architecture has against it (-EFAULT beyond the guest
 * physical address space).  On error nothing changed.
 */
int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region2 *mem)
{
	hva_t hva = mem->userspace_addr, untagged = untagged_addr(hva);
	unsigned long size = mem->memory_size;
	int ret;

	ret = memslot_check_region(mem);
	if (ret)
		return ret;
	/* On a 32-bit host less fits than the ABI has room for. */
	if (hva != mem->userspace_addr || size != mem->memory_size || untagged != hva ||
	    !access_ok((void __user *)hva, size))
		return -EINVAL;

	guard(mutex)(&vm->slots_lock);
	memslot_count_change(vm);
	ret = memslot_set_locked(vm, mem);
	memslot_count_change(vm);
	return ret;
}

/**
 * memslot_mark_dirty() - notes in the log that a page was written to
 * @vm: the VM
 * @slot: the slot that has @gfn
 * @gfn: guest page
 *
 * Needs no running vCPU: whoever writes to guest memory calls this. With rings and
 * no bitmap there is no place for what no vCPU has written.
 *
 * Context: process, vm->srcu held.
 */
void memslot_mark_dirty(struct vm *vm, const struct memslot *slot, gfn_t gfn)
{
	unsigned long bit = gfn - slot->base_gfn;

	if (!memslot_logs(slot))
		return;
	if (memslot_has_rings(vm) && dirty_ring_push(vm, slot, bit))
		return;
	/* Most written pages are dirty already: leave the cache line where it is. */
	if (slot->dirty_bitmap && !test_bit_le(bit, slot->dirty_bitmap))
		set_bit_le(bit, slot->dirty_bitmap);
}
