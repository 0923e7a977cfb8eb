/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_MEMSLOT_H
#define KVM_MEMSLOT_H

#include <linux/interval_tree.h>
#include <linux/kvm.h>
#include <linux/maple_tree.h>
#include <linux/nospec.h>
#include <linux/xarray.h>
#include <kvm/types.h>

/*
 * A memory slot maps a run of guest pages to a run of the VMM's address space.
 *
 * A slot is immutable once it is published, except for its dirty bitmap's
 * bits.  A change of flags or a move publishes a new slot.  Readers find slots
 * under vm->srcu; a slot is freed after synchronize_srcu_expedited().
 */
struct memslot {
	gfn_t base_gfn;
	unsigned long npages;
	hva_t userspace_addr;
	u32 flags;			/* KVM_MEM_* */
	u16 id;
	unsigned long *dirty_bitmap;	/* NULL unless memslot_logs(), and with rings only */
	struct interval_tree_node hva_node;	/* [hva, hva + size - 1]; vm->mmu_lock */
};

/* All slots of a VM.  Writers hold vm->slots_lock. */
struct memslots {
	struct maple_tree by_gfn;	/* gfn range -> slot; read under SRCU */
	struct xarray by_id;		/* vm->slots_lock */
	struct rb_root_cached by_hva;	/* vm->mmu_lock */
	unsigned long npages;		/* sum over slots; vm->slots_lock */
	u64 generation;			/* counts changes; even when stable */
};

#define MEMSLOT_MAX_ID		32767
#define MEMSLOT_NR_USER		32764
#define MEMSLOT_MAX_PAGES	((1UL << 31) - 1)

struct kvm_userspace_memory_region2;

void memslots_init(struct vm *vm);
void memslots_destroy(struct vm *vm);
int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region2 *mem);
/* What can be said of a request without looking at the VM: 0 or -EINVAL. */
int memslot_check_region(const struct kvm_userspace_memory_region2 *mem);

/* All of the following: caller holds vm->srcu (or vm->slots_lock). */
struct memslot *memslot_find(struct vm *vm, gfn_t gfn);

/* @gfn is in @slot; the guest chooses it, so speculation past that check must stay in the slot too. */
static inline hva_t memslot_hva(const struct memslot *slot, gfn_t gfn)
{
	unsigned long index = array_index_nospec((unsigned long)(gfn - slot->base_gfn),
						 slot->npages);

	return slot->userspace_addr + (index << PAGE_SHIFT);
}

/* Is there a log of the pages that are written to? */
static inline bool memslot_logs(const struct memslot *slot)
{
	return slot->flags & KVM_MEM_LOG_DIRTY_PAGES;
}

/* Marks one page dirty in the log, if the slot has one.  Process context, SRCU. */
void memslot_mark_dirty(struct vm *vm, const struct memslot *slot, gfn_t gfn);

/*
 * Guest memory by guest physical address.  These take vm->srcu themselves,
 * may sleep on a page fault, cross page and slot borders and return -EFAULT
 * if any byte is not backed (or, for writes, is in a read-only slot).
 * Writes mark pages dirty, with or without a running vCPU.
 */
int gmem_read(struct vm *vm, gpa_t gpa, void *data, size_t len);
int gmem_write(struct vm *vm, gpa_t gpa, const void *data, size_t len);

/* Where someone read last, kept by one reader at a time; zeroed: nowhere yet. */
struct gmem_hint {
	u64 generation;			/* of vm->slots, when @slot was found */
	const struct memslot *slot;	/* to be used only while that has not changed */
};

int gmem_read_near(struct vm *vm, struct gmem_hint *hint, gpa_t gpa, void *data, size_t len);

/*
 * What backs one guest page.  @pfn is valid until an MMU notifier event; the
 * caller samples mmu_notifier_seq first and installs its mapping under
 * vm->mmu_lock only if gmem_retry() is false.
 */
struct gmem_page {
	unsigned long pfn;
	struct page *page;	/* referenced, NULL for PFN mappings */
	hva_t hva;		/* of the page's first byte */
	unsigned long vma_pgshift;	/* size of the mapping's backing: PAGE_SHIFT, PMD_SHIFT, ... */
	bool writable;		/* the host lets us map it writable */
	bool device;		/* not normal memory: map as device */
	bool uncached;		/* of a device, but safe to be accessed as normal memory without caches */
};

int gmem_page_get(struct vm *vm, const struct memslot *slot, gfn_t gfn, bool write,
		  struct gmem_page *out);
void gmem_page_put(struct gmem_page *page, bool dirtied);
bool gmem_retry(struct vm *vm, unsigned long seq, hva_t hva);

#endif
