// SPDX-License-Identifier: GPL-2.0
/*
 * From a guest page to the host page behind it.
 *
 * Locks: mmap_lock, for reading, on the slow paths.  The caller holds vm->srcu
 * and not vm->mmu_lock.  What is found stays true only until an MMU notifier
 * event: see gmem_retry().  No reference is taken to what has no struct page,
 * or to a struct page behind a PFN mapping: there the notifier alone protects.
 */

#include <linux/hugetlb.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <kvm/memslot.h>
#include <kvm/vm.h>

/* Attempts to fault in a PFN mapping that someone else keeps taking away. */
#define GUP_PFNMAP_TRIES	4

/*
 * How large a piece the host maps @hva with.  The page tables are walked as
 * the fast GUP does: interrupts are off, so tables that are being freed stay.
 * A walk that races with a change gives a wrong answer; that change makes
 * gmem_retry() true, since a large mapping is never split without an
 * invalidation of all of it.
 */
static unsigned long gup_mapping_shift(struct mm_struct *mm, hva_t hva)
{
	pgd_t *pgdp = pgd_offset(mm, hva);
	pgd_t pgd;
	p4d_t *p4dp, p4d;
	pud_t *pudp, pud;
	pmd_t pmd;

	guard(irqsave)();

	pgd = READ_ONCE(*pgdp);
	if (pgd_none(pgd))
		return PAGE_SHIFT;
	p4dp = p4d_offset_lockless(pgdp, pgd, hva);
	p4d = READ_ONCE(*p4dp);
	if (p4d_none(p4d) || !p4d_present(p4d))
		return PAGE_SHIFT;
	pudp = pud_offset_lockless(p4dp, p4d, hva);
	pud = READ_ONCE(*pudp);
	if (pud_none(pud) || !pud_present(pud))
		return PAGE_SHIFT;
	if (pud_leaf(pud))
		return PUD_SHIFT;
	pmd = pmdp_get_lockless(pmd_offset_lockless(pudp, pud, hva));
	if (pmd_none(pmd) || !pmd_present(pmd) || !pmd_leaf(pmd))
		return PAGE_SHIFT;
	return PMD_SHIFT;
}

/* Memory as against a device's registers, for something that may have no struct page. */
static bool gup_pfn_is_memory(unsigned long pfn)
{
#ifdef CONFIG_ARM64
	return pfn_is_map_memory(pfn);
#else
	return pfn_valid(pfn);
#endif
}

/* The guest touched a page with a memory error: as if the VMM had done so itself. */
static void gup_signal_poison(struct mm_struct *mm, hva_t hva)
{
	short lsb = PAGE_SHIFT;
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, hva);
	if (vma && is_vm_hugetlb_page(vma))
		lsb = huge_page_shift(hstate_vma(vma));
	mmap_read_unlock(mm);

	send_sig_mceerr(BUS_MCEERR_AR, (void __user *)hva, lsb, current);
}

/* VM_IO and VM_PFNMAP: a driver fills the page table, the PFN is read from there. */
static int gup_pfnmap_locked(struct mm_struct *mm, hva_t hva, bool write, struct gmem_page *out)
{
	vm_flags_t need = write ? VM_READ | VM_WRITE : VM_READ;
	unsigned int tries;

	mmap_assert_locked(mm);

	for (tries = 0; tries < GUP_PFNMAP_TRIES; tries++) {
		struct follow_pfnmap_args args = { .address = hva };
		bool unlocked = false;
		int ret;

		/* After a fault the lock may have been dropped: the VMA is looked up anew. */
		args.vma = vma_lookup(mm, hva);
		if (!args.vma || !(args.vma->vm_flags & (VM_IO | VM_PFNMAP)) ||
		    (args.vma->vm_flags & need) != need)
			return -EFAULT;

		if (!follow_pfnmap_start(&args)) {
			bool usable = args.writable || !write;

			out->pfn = args.pfn;
			out->writable = args.writable && args.vma->vm_flags & VM_WRITE;
			out->uncached = args.vma->vm_flags & VM_ALLOW_ANY_UNCACHED;
			follow_pfnmap_end(&args);
			if (usable)
				return 0;
		}

		ret = fixup_user_fault(mm, hva, write ? FAULT_FLAG_WRITE : 0, &unlocked);
		if (ret)
			return ret;
	}
	return -EAGAIN;
}

static int gup_pfnmap(struct mm_struct *mm, hva_t hva, bool write, struct gmem_page *out)
{
	int ret;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	ret = gup_pfnmap_locked(mm, hva, write, out);
	mmap_read_unlock(mm);
	if (ret)
		return ret;

	out->page = NULL;
	out->device = !gup_pfn_is_memory(out->pfn);
	return 0;
}

/* Never sleeps.  A page that is to be read only is also mapped writable if that costs nothing. */
static bool gup_fast(hva_t hva, bool write, bool may_write, struct gmem_page *out)
{
	if (may_write && get_user_pages_fast_only(hva, 1, FOLL_WRITE, &out->page) == 1) {
		out->writable = true;
		return true;
	}
	out->writable = false;
	return !write && get_user_pages_fast_only(hva, 1, 0, &out->page) == 1;
}

/*
 * Any signal ends the wait for a page: with a userfaultfd it may not come for a
 * long time, and the VMM wants its vCPU back before.
 */
static int gup_slow(hva_t hva, bool write, bool may_write, struct gmem_page *out)
{
	unsigned int flags = FOLL_HWPOISON | FOLL_HONOR_NUMA_FAULT | FOLL_INTERRUPTIBLE |
			     (write ? FOLL_WRITE : 0);
	struct page *writable;
	long ret;

	ret = get_user_pages_unlocked(hva, 1, &out->page, flags);
	if (ret != 1)
		return ret < 0 ? ret : -EFAULT;

	out->writable = write;
	if (write || !may_write)
		return 0;

	/* Faulting it in for reading often made it writable (private memory, tmpfs). */
	if (get_user_pages_fast_only(hva, 1, FOLL_WRITE, &writable) == 1) {
		put_page(out->page);
		out->page = writable;
		out->writable = true;
	}
	return 0;
}

/**
 * gmem_page_get() - finds, and faults in, what backs a guest page
 * @vm: the VM
 * @slot: the slot that has @gfn
 * @gfn: guest page
 * @write: the guest wants to write to it
 * @out: what was found
 *
 * The caller reads vm->mmu_seq, with smp_rmb() after it, before this and checks
 * gmem_retry() under vm->mmu_lock before it maps the page.  It ends with
 * gmem_page_put().
 *
 * Context: one of the VMM's threads; may sleep; vm->srcu held.
 * Return: 0; -EHWPOISON for a broken page, with SIGBUS queued for current;
 * -EAGAIN if the mapping kept changing (the guest should fault again);
 * -EINTR for a signal, -ENOMEM, -EFAULT if nothing suitable is there.
 */
int gmem_page_get(struct vm *vm, const struct memslot *slot, gfn_t gfn, bool write,
		  struct gmem_page *out)
{
	bool may_write = !(slot->flags & KVM_MEM_READONLY);
	hva_t hva = memslot_hva(slot, gfn);
	int ret = 0;

	*out = (struct gmem_page){ .hva = hva };

	if (current->mm != vm->mm || (write && !may_write))
		return -EFAULT;

	if (!gup_fast(hva, write, may_write, out))
		ret = gup_slow(hva, write, may_write, out);
	if (!ret)
		out->pfn = page_to_pfn(out->page);
	else if (ret == -EHWPOISON)
		gup_signal_poison(vm->mm, hva);
	else if (ret == -EFAULT)
		ret = gup_pfnmap(vm->mm, hva, write, out);
	if (ret)
		return ret;

	out->writable &= may_write;
	out->vma_pgshift = gup_mapping_shift(vm->mm, hva);
	return 0;
}

/**
 * gmem_page_put() - ends the use of what gmem_page_get() found
 * @page: what was found
 * @dirtied: it was mapped writable
 *
 * The guest's writes through stage 2 set no dirty bit of the host's, so the
 * page counts as dirty from the time that it can be written to.  A file page
 * that can be written to has been announced to its file system when the host's
 * page table entry became writable; only the flag can be missing.  Called
 * before vm->mmu_lock is dropped, this comes before any write-back that the
 * notifier was told of.
 *
 * Context: any; vm->mmu_lock may be held.
 */
void gmem_page_put(struct gmem_page *page, bool dirtied)
{
	if (!page->page)
		return;
	if (!PageReserved(page->page)) {
		if (dirtied && !PageDirty(page->page))
			SetPageDirty(page->page);
		mark_page_accessed(page->page);
	}
	put_page(page->page);
	page->page = NULL;
}
