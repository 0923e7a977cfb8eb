// SPDX-License-Identifier: GPL-2.0
/*
 * Memory tags (FEAT_MTE2) for guests: which memory has them, whose they were, and their copy.
 *
 * A page's tags count for the host once its flag PG_mte_tagged is set; then the kernel keeps
 * them with the page's data, through swap, migration and copy-on-write.  A guest may use
 * tags wherever it has memory, so no page is mapped before its flag is set, and where we set it we
 * first clear what tags somebody else has left.  PG_mte_lock settles who does that: others wait
 * for the flag, maybe with a spinlock held, so there is no preemption in between.
 *
 * Only memory that the kernel says can have tags (VM_MTE_ALLOWED) is given to such a guest.
 *
 * Locks: vm->srcu, mmap_lock for reading, vm->mmu_lock for reading, one after the other but for
 * the first.
 */

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/mte.h>
#include <asm/sysreg.h>
#include <kvm/compat.h>
#include <kvm/memslot.h>
#include "arm64.h"
#include "sysreg.h"

/* Pages whose tags are cleared between two points of rescheduling */
#define MTE_PIECE		512

#define TAG_MASK		(MTE_TAG_MASK >> MTE_TAG_SHIFT)

/**
 * mte_supported() - can guests have memory tags on this host?
 *
 * FEAT_MTE2, and a kernel that keeps tags.
 */
bool mte_supported(void)
{
	return system_supports_mte();
}

/**
 * mte_vm_enable() - KVM_CAP_ARM_MTE
 * @vm: vm->lock held
 *
 * Slots that there are already are not looked at again: faults do.
 *
 * Return: 0; -EINVAL if the host has no tags or the VM has a vCPU.
 */
int mte_vm_enable(struct vm *vm)
{
	lockdep_assert_held(&vm->lock);

	if (!mte_supported())
		return -EINVAL;
	guard(mutex)(&vm->config_lock);
	if (vm->created_vcpus)
		return -EINVAL;
	WRITE_ONCE(vm->arch.mte, true);
	/* Caches have tags in them now. */
	sysreg_cache_init(vm);
	return 0;
}

/**
 * mte_slot_allowed() - can all memory behind a slot have tags?
 * @slot: not published yet
 *
 * What the VMM maps there later is looked at by faults.
 *
 * Context: one of the VMM's threads; takes mmap_lock.
 */
bool mte_slot_allowed(const struct memslot *slot)
{
	hva_t hva = slot->userspace_addr, end = hva + (slot->npages << PAGE_SHIFT);
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	bool allowed = true;

	mmap_read_lock(mm);
	while (allowed && hva < end && (vma = find_vma_intersection(mm, hva, end))) {
		allowed = vma->vm_flags & VM_MTE_ALLOWED;
		hva = vma->vm_end;
		cond_resched();
	}
	mmap_read_unlock(mm);
	return allowed;
}

/* ---- Tags of a page.  The kernel's linear map has them, and checks none. */

static void tags_clear(void *va)
{
	/* What STGM writes at a time: GMID_EL1.BS is the log2 of words (DDI 0487, D24.2.61). */
	size_t block = 4UL << FIELD_GET(GMID_EL1_BS_MASK, read_sysreg_s(SYS_GMID_EL1));
	void *end = va + PAGE_SIZE;

	for (; va < end; va += block)
		asm volatile(__MTE_PREAMBLE "stgm xzr, [%0]" : : "r" (va) : "memory");
}

static void tags_read(const void *va, u8 *tags)
{
	for (unsigned int i = 0; i < MTE_GRANULES_PER_PAGE; i++, va += MTE_GRANULE_SIZE) {
		u64 tag = 0;

		asm volatile(__MTE_PREAMBLE "ldg %0, [%1]" : "+r" (tag) : "r" (va) : "memory");
		tags[i] = tag >> MTE_TAG_SHIFT & TAG_MASK;
	}
}

static void tags_write(void *va, const u8 *tags)
{
	for (unsigned int i = 0; i < MTE_GRANULES_PER_PAGE; i++, va += MTE_GRANULE_SIZE) {
		u64 tag = (u64)tags[i] << MTE_TAG_SHIFT;

		asm volatile(__MTE_PREAMBLE "stg %0, [%1]" : : "r" (tag), "r" (va) : "memory");
	}
}

static bool page_has_tags(struct page *page)
{
	unsigned long nr;

	return compat_mte_tagged(compat_mte_unit(page, &nr));
}

/* A reference to the page is held, and it can have tags. */
static void page_make_tags(struct page *page)
{
	unsigned long nr, pfn;
	struct page *first = compat_mte_unit(page, &nr);

	pfn = page_to_pfn(first);
	guard(preempt)();
	if (!compat_mte_try_tagging(first))
		return;
	for (unsigned long i = 0; i < nr; i++)
		tags_clear(page_address(pfn_to_page(pfn + i)));
	compat_mte_set_tagged(first);
}

/*
 * May the page that was got at @hva have tags?  The VMA that is found is the one that the page
 * came from only if nothing was unmapped in between; a VMA goes after its pages.
 */
static int mte_check_vma(struct vm *vm, hva_t hva, unsigned long seq)
{
	struct vm_area_struct *vma;
	int ret = -EAGAIN;

	if (mmap_read_lock_killable(vm->mm))
		return -EINTR;
	vma = vma_lookup(vm->mm, hva);
	if (vma)
		ret = vma->vm_flags & VM_MTE_ALLOWED ? 0 : -EFAULT;
	mmap_read_unlock(vm->mm);
	if (ret)
		return ret;
	scoped_guard(read_lock, &vm->mmu_lock)
		ret = gmem_retry(vm, seq, hva) ? -EAGAIN : 0;
	return ret;
}

/**
 * mte_prepare_pages() - pages are about to be mapped: they have tags, and nobody else's
 * @vm: has memory tags
 * @page: what gmem_page_get() found, no device
 * @seq: vm->mmu_seq from before that
 * @pfn: first page that is to be mapped
 * @nr: how many; one of them is @page
 *
 * Context: one of the VMM's threads; may sleep; vm->srcu held, no lock.
 * Return: 0; -EFAULT for memory that cannot have tags; -EAGAIN if the mapping has changed; -EINTR
 * for a fatal signal.
 */
int mte_prepare_pages(struct vm *vm, const struct gmem_page *page, unsigned long seq,
		      unsigned long pfn, unsigned long nr)
{
	struct folio *folio;
	unsigned long i = 0;
	int ret;

	if (!page->page)
		return -EFAULT;
	/*
	 * The reference keeps all of the folio, and what the host maps as a block is in one; if
	 * not, the mapping was seen while it changed.
	 */
	folio = page_folio(page->page);
	if (pfn < folio_pfn(folio) || pfn + nr > folio_pfn(folio) + folio_nr_pages(folio))
		return -EAGAIN;

	while (i < nr && page_has_tags(pfn_to_page(pfn + i)))
		i++;
	if (i == nr)
		return 0;
	ret = mte_check_vma(vm, page->hva, seq);
	if (ret)
		return ret;
	for (; i < nr; i++) {
		if (i % MTE_PIECE == 0) {
			if (fatal_signal_pending(current))
				return -EINTR;
			cond_resched();
		}
		page_make_tags(pfn_to_page(pfn + i));
	}
	return 0;
}

/* ---- KVM_ARM_MTE_COPY_TAGS, a page at a time: vm->srcu held, may sleep */

static int copy_get_page(struct vm *vm, gfn_t gfn, bool write, struct gmem_page *page)
{
	const struct memslot *slot = memslot_find(vm, gfn);
	unsigned long seq;
	int ret;

	if (!slot)
		return -EFAULT;
	/* The log has no place for tags. */
	if (write && memslot_logs(slot))
		return -EBUSY;
	seq = READ_ONCE(vm->mmu_seq);
	/* Before the host's page tables are looked at: see gmem_retry(). */
	smp_rmb();
	ret = gmem_page_get(vm, slot, gfn, write, page);
	if (ret)
		return ret == -EHWPOISON ? -EFAULT : ret;
	ret = !page->page || page->device ? -EFAULT :
	      write ? mte_prepare_pages(vm, page, seq, page->pfn, 1) : 0;
	if (ret)
		gmem_page_put(page, false);
	return ret;
}

static int copy_to_guest(struct vm *vm, gfn_t gfn, u8 *tags, const u8 __user *user)
{
	struct gmem_page page;
	int ret;

	if (copy_from_user(tags, user, MTE_GRANULES_PER_PAGE))
		return -EFAULT;
	ret = copy_get_page(vm, gfn, true, &page);
	if (ret)
		return ret;
	tags_write(page_address(page.page), tags);
	gmem_page_put(&page, true);
	return 0;
}

static int copy_from_guest(struct vm *vm, gfn_t gfn, u8 *tags, u8 __user *user)
{
	struct gmem_page page;
	int ret;

	ret = copy_get_page(vm, gfn, false, &page);
	if (ret)
		return ret;
	/* Without the flag they are what the guest will find, whatever is there now. */
	if (page_has_tags(page.page))
		tags_read(page_address(page.page), tags);
	else
		memset(tags, 0, MTE_GRANULES_PER_PAGE);
	gmem_page_put(&page, false);
	return copy_to_user(user, tags, MTE_GRANULES_PER_PAGE) ? -EFAULT : 0;
}

static bool copy_is_valid(const struct kvm_arm_copy_mte_tags *copy)
{
	/* More than an int has room for could not be returned. */
	return !copy->reserved[0] && !copy->reserved[1] &&
	       !(copy->flags & ~(u64)KVM_ARM_TAGS_FROM_GUEST) &&
	       IS_ALIGNED(copy->guest_ipa, PAGE_SIZE) && IS_ALIGNED(copy->length, PAGE_SIZE) &&
	       copy->length <= INT_MAX;
}

/**
 * mte_copy_tags() - KVM_ARM_MTE_COPY_TAGS
 * @vm: any
 * @copy: the request, a copy of user space's
 *
 * Context: one of the VMM's threads; may sleep; takes vm->srcu for each page.
 * Return: how many bytes of guest memory had their tags copied; if there are none, what was in
 * the way: -EINVAL for a bad request or a VM without tags, -EFAULT for memory on either side, -EBUSY
 * to a page that has a dirty log, -EINTR for a signal, -ENOMEM.
 */
long mte_copy_tags(struct vm *vm, const struct kvm_arm_copy_mte_tags *copy)
{
	bool from_guest = copy->flags & KVM_ARM_TAGS_FROM_GUEST;
	u8 __user *user = copy->addr;
	u64 done = 0;
	int ret = 0;
	u8 *tags;

	if (!READ_ONCE(vm->arch.mte) || !copy_is_valid(copy))
		return -EINVAL;
	tags = kmalloc(MTE_GRANULES_PER_PAGE, GFP_KERNEL_ACCOUNT);
	if (!tags)
		return -ENOMEM;

	while (done < copy->length) {
		gfn_t gfn = gpa_to_gfn(copy->guest_ipa + done);

		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		scoped_guard(srcu, &vm->srcu)
			ret = from_guest ? copy_from_guest(vm, gfn, tags, user) :
					   copy_to_guest(vm, gfn, tags, user);
		cond_resched();
		if (ret == -EAGAIN)
			continue;
		if (ret)
			break;
		done += PAGE_SIZE;
		user += MTE_GRANULES_PER_PAGE;
	}
	kfree(tags);
	return done ?: ret;
}
