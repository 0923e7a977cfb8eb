/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_DIRTY_RING_H
#define KVM_DIRTY_RING_H

#include <linux/kvm.h>
#include <kvm/types.h>

/* The architecture says where in a vCPU's mapping a ring is, if it knows of VCPU_REQ_RING_FULL. */
#define DIRTY_RING_POSSIBLE	(KVM_DIRTY_LOG_PAGE_OFFSET != 0)

/* Entries that stay free when KVM_RUN ends: for what is written on the way out. */
#define DIRTY_RING_RESERVED	64U
#define DIRTY_RING_MAX_ENTRIES	65536U
#define DIRTY_RING_MAX_BYTES	(DIRTY_RING_MAX_ENTRIES * sizeof(struct kvm_dirty_gfn))

/*
 * What a VM's vCPUs log to.  Fixed before the first vCPU, @bitmap before the
 * first slot.
 */
struct dirty_ring_config {
	u32 entries;		/* of each vCPU's ring; 0: the log is a bitmap */
	bool bitmap;		/* in addition: for pages that no vCPU has written to */
};

/*
 * A vCPU's ring.  Entry n is at n % @nr; the ones from @reset to @dirty are in
 * use.  User space has a copy of each entry, of which only KVM_DIRTY_GFN_F_RESET is
 * ever read.
 */
struct dirty_ring {
	u32 nr;				/* a power of 2, or 0 */
	u32 dirty;			/* written by the vCPU's own thread */
	u32 reset;			/* vm->slots_lock */
	u64 *entries;			/* slot and page */
	struct kvm_dirty_gfn *shared;	/* never trust it */
};

/* VM.  -EINVAL, -E2BIG */
int dirty_ring_enable(struct vm *vm, u64 bytes);
int dirty_ring_enable_bitmap(struct vm *vm);
int dirty_ring_reset_all(struct vm *vm);	/* KVM_RESET_DIRTY_RINGS */

/* vCPU */
int dirty_ring_init(struct vcpu *vcpu);
void dirty_ring_destroy(struct vcpu *vcpu);
struct page *dirty_ring_page(struct vcpu *vcpu, pgoff_t pgoff);
bool dirty_ring_in_range(const struct vcpu *vcpu, pgoff_t pgoff, unsigned long nr);

/* Notes a page in the ring of the vCPU that this thread runs; false if it runs none. */
bool dirty_ring_push(struct vm *vm, const struct memslot *slot, unsigned long page);
/* Own thread: must user space make room before the guest runs on?  For VCPU_REQ_RING_FULL. */
bool dirty_ring_full(const struct vcpu *vcpu);

#endif
