// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty rings: for each vCPU a ring of the pages that it has written to.
 *
 * Producer: the vCPU's own thread, without a lock. Consumer:
 * KVM_RESET_DIRTY_RINGS, under vm->slots_lock. User space sees the entries in
 * pages that it can write to; how many there are, and what they say, is kept in
 * memory of the kernel's own, so that all that user space can do with its copy is
 * to free an entry that it has not looked at.
 *
 * An entry is freed and its page write-protected under vm->mmu_lock for writing. A
 * fault notes its page while it holds the lock for reading. So a write after the
 * reset is noted again, and one before it is to be seen in the page by whoever looks
 * after the ioctl has returned, which is after the TLBs were flushed.
 *
 * A page that is written to on behalf of no vCPU is in no ring. It is in the slot's
 * bitmap if user space has asked for one.
 */

#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <kvm/arch.h>
#include <kvm/trace.h>
#include "generic.h"

/* Entries that are freed between two points of rescheduling. */
#define RING_PIECE	512

static u64 ring_entry(const struct memslot *slot, unsigned long page)
{
	return (u64)slot->id << 32 | page;
}

/**
 * dirty_ring_enable() - KVM_CAP_DIRTY_LOG_RING_ACQ_REL
 * @vm: the VM
 * @bytes: size of each vCPU's ring
 *
 * Context: process; takes vm->lock.
 * Return: 0; -EINVAL for a size that is no power of 2 or too small, the second
 * time, or if there is a vCPU; -E2BIG.
 */
int dirty_ring_enable(struct vm *vm, u64 bytes)
{
	const u64 entry = sizeof(struct kvm_dirty_gfn);

	if (!DIRTY_RING_POSSIBLE || !is_power_of_2(bytes) || bytes < PAGE_SIZE ||
	    bytes <= DIRTY_RING_RESERVED * entry)
		return -EINVAL;
	if (bytes > DIRTY_RING_MAX_BYTES)
		return -E2BIG;

	guard(mutex)(&vm->lock);
	if (vm->dirty_ring.entries || vm->created_vcpus)
		return -EINVAL;
	WRITE_ONCE(vm->dirty_ring.entries, bytes / entry);
	return 0;
}

/**
 * dirty_ring_enable_bitmap() - KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP
 * @vm: the VM
 *
 * Context: process; takes vm->slots_lock.
 * Return: 0; -EINVAL without rings or once there is a slot.
 */
int dirty_ring_enable_bitmap(struct vm *vm)
{
	guard(mutex)(&vm->slots_lock);
	if (!READ_ONCE(vm->dirty_ring.entries) || !xa_empty(&vm->slots.by_id))
		return -EINVAL;
	vm->dirty_ring.bitmap = true;
	return 0;
}

/**
 * dirty_ring_init() - a new vCPU's ring, if the VM has rings
 * @vcpu: the vCPU, not visible yet
 *
 * Context: vm->lock held.
 * Return: 0, or -ENOMEM with nothing left behind.
 */
int dirty_ring_init(struct vcpu *vcpu)
{
	struct dirty_ring *ring = &vcpu->dirty_ring;
	u32 nr = vcpu->vm->dirty_ring.entries;

	lockdep_assert_held(&vcpu->vm->lock);

	if (!nr)
		return 0;
	ring->entries = kvcalloc(nr, sizeof(*ring->entries), GFP_KERNEL_ACCOUNT);
	/* Single pages, which are mapped one by one and may outlive the vCPU. */
	ring->shared = __vmalloc(nr * sizeof(*ring->shared), GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!ring->entries || !ring->shared) {
		dirty_ring_destroy(vcpu);
		return -ENOMEM;
	}
	ring->nr = nr;
	return 0;
}

/**
 * dirty_ring_destroy() - frees what dirty_ring_init() has made
 * @vcpu: the vCPU, which nobody can find
 */
void dirty_ring_destroy(struct vcpu *vcpu)
{
	kvfree(vcpu->dirty_ring.entries);
	vfree(vcpu->dirty_ring.shared);
	vcpu->dirty_ring = (struct dirty_ring) {};
}

static unsigned long ring_pages(const struct dirty_ring *ring)
{
	return ring->nr * sizeof(*ring->shared) >> PAGE_SHIFT;
}

/**
 * dirty_ring_in_range() - does a part of a vCPU's mapping have ring in it?
 * @vcpu: the vCPU
 * @pgoff: the part's first page
 * @nr: and how many there are
 */
bool dirty_ring_in_range(const struct vcpu *vcpu, pgoff_t pgoff, unsigned long nr)
{
	return pgoff < KVM_DIRTY_LOG_PAGE_OFFSET + ring_pages(&vcpu->dirty_ring) &&
	       pgoff + nr > KVM_DIRTY_LOG_PAGE_OFFSET && vcpu->dirty_ring.nr;
}

/**
 * dirty_ring_page() - a page of the ring as user space maps it
 * @vcpu: the vCPU
 * @pgoff: page of its mapping
 *
 * Return: the page, or NULL if that is none of the ring's.
 */
struct page *dirty_ring_page(struct vcpu *vcpu, pgoff_t pgoff)
{
	if (!dirty_ring_in_range(vcpu, pgoff, 1))
		return NULL;
	return vmalloc_to_page((u8 *)vcpu->dirty_ring.shared +
			       ((pgoff - KVM_DIRTY_LOG_PAGE_OFFSET) << PAGE_SHIFT));
}

static u32 ring_used(const struct dirty_ring *ring)
{
	/* Pairs with the release in ring_free(): that entry is not looked at any more. */
	return ring->dirty - smp_load_acquire(&ring->reset);
}

/**
 * dirty_ring_full() - has the guest to wait for user space?
 * @vcpu: own thread
 */
bool dirty_ring_full(const struct vcpu *vcpu)
{
	return ring_used(&vcpu->dirty_ring) >= vcpu->dirty_ring.nr - DIRTY_RING_RESERVED;
}

static void ring_put(struct dirty_ring *ring, const struct memslot *slot, unsigned long page)
{
	u32 i = ring->dirty & (ring->nr - 1);
	struct kvm_dirty_gfn *shared = &ring->shared[i];

	ring->entries[i] = ring_entry(slot, page);
	WRITE_ONCE(shared->slot, slot->id);
	WRITE_ONCE(shared->offset, page);
	/* User space, which looks for the flag, finds the rest of the entry. */
	smp_store_release(&shared->flags, KVM_DIRTY_GFN_F_DIRTY);
	/* So does ring_free(), which goes by the count. */
	smp_store_release(&ring->dirty, ring->dirty + 1);
}

/**
 * dirty_ring_push() - notes that the vCPU of this thread has written to a page
 * @vm: the VM
 * @slot: of @vm, with a log
 * @page: the page's place in @slot
 *
 * The guest is not entered with fewer than DIRTY_RING_RESERVED free entries, and
 * one exit writes to a few pages at most. If there were none left all the same,
 * the VM would be ended rather than the page be lost.
 *
 * Context: process.
 * Return: false if this thread runs no vCPU of @vm; nothing was noted then.
 */
bool dirty_ring_push(struct vm *vm, const struct memslot *slot, unsigned long page)
{
	struct dirty_ring *ring;
	struct vcpu *vcpu;

	guard(preempt)();
	vcpu = vcpu_running_here();
	if (!vcpu || vcpu->vm != vm)
		return false;

	ring = &vcpu->dirty_ring;
	if (ring_used(ring) >= ring->nr) {
		vm_kill(vm);
		return true;
	}
	ring_put(ring, slot, page);
	trace_kvm_dirty_ring_push(vcpu->index, ring->dirty, READ_ONCE(ring->reset), slot->id, page);
	if (dirty_ring_full(vcpu))
		vcpu_make_request(vcpu, VCPU_REQ_RING_FULL);
	return true;
}

/* Frees the oldest entry if user space wants that; false if not. */
static bool ring_free(struct dirty_ring *ring, u64 *entry)
{
	u32 i = ring->reset & (ring->nr - 1);
	struct kvm_dirty_gfn *shared = &ring->shared[i];

	/* What user space has read of the entry it has read before. */
	if (!(smp_load_acquire(&shared->flags) & KVM_DIRTY_GFN_F_RESET))
		return false;
	*entry = ring->entries[i];
	WRITE_ONCE(shared->flags, 0);
	/* The entry is the vCPU's again. */
	smp_store_release(&ring->reset, ring->reset + 1);
	return true;
}

static void ring_protect(struct vm *vm, const struct gfn_range *range)
{
	if (range->slot)
		arch_mmu_wrprotect(vm, range);
}

/* Adds a page to @range, which is protected first if it does not go on with that page. */
static void ring_gather(struct vm *vm, struct gfn_range *range, u64 entry)
{
	struct memslot *slot = xa_load(&vm->slots.by_id, entry >> 32);
	unsigned long page = lower_32_bits(entry);
	gfn_t gfn;

	/* The slot may be another one by now, or none. */
	if (!slot || page >= slot->npages || !memslot_logs(slot))
		return;
	gfn = slot->base_gfn + page;
	if (range->slot == slot && range->end == gfn) {
		range->end++;
		return;
	}
	ring_protect(vm, range);
	*range = (struct gfn_range) { .slot = slot, .start = gfn, .end = gfn + 1 };
}

/* The entries up to @end, as long as user space wants them freed; how many. */
static unsigned int ring_reset_piece(struct vm *vm, struct dirty_ring *ring, u32 end)
{
	struct gfn_range range = {};
	unsigned int n;
	u64 entry;

	write_lock(&vm->mmu_lock);
	for (n = 0; n < RING_PIECE && ring->reset != end && ring_free(ring, &entry); n++)
		ring_gather(vm, &range, entry);
	ring_protect(vm, &range);
	write_unlock(&vm->mmu_lock);
	return n;
}

static unsigned int ring_reset(struct vm *vm, struct dirty_ring *ring, unsigned int index)
{
	/* Those that come while this goes on are left for the next time. */
	u32 end = smp_load_acquire(&ring->dirty);
	unsigned int n, done = 0;

	do {
		n = ring_reset_piece(vm, ring, end);
		done += n;
		cond_resched();
	} while (n == RING_PIECE);
	trace_kvm_dirty_ring_reset(index, end, ring->reset);
	return done;
}

/**
 * dirty_ring_reset_all() - KVM_RESET_DIRTY_RINGS: frees the entries that user space has done with
 * @vm: the VM
 *
 * In each ring from the oldest on, up to the first that is not flagged.
 *
 * Context: process; takes vm->slots_lock and vm->mmu_lock.
 * Return: how many entries were freed, or -EINVAL without rings.
 */
int dirty_ring_reset_all(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i, done = 0;

	if (!READ_ONCE(vm->dirty_ring.entries))
		return -EINVAL;
	guard(mutex)(&vm->slots_lock);
	vm_for_each_vcpu(i, vcpu, vm)
		done += ring_reset(vm, &vcpu->dirty_ring, i);
	if (done)
		arch_mmu_flush_tlb(vm);
	return done;
}
