// SPDX-License-Identifier: GPL-2.0
/*
 * Guest accesses that the CPU's TLB has no answer for: the guest's TLB is asked,
 * then memory slots, and the translation goes into the CPU's.
 *
 * Locks: vm->srcu held by the caller; vm->mmu_lock for the last step.
 */

#include <linux/cleanup.h>
#include <linux/mm.h>
#include <asm/cacheflush.h>
#include <asm/mmu.h>
#include <kvm/arch.h>
#include "booke.h"

/* The guest physical address space: 36 bits. */
#define MMU_GPA_BITS	36

static void mmu_inject_miss(struct vcpu *vcpu, u32 ea, enum mmu_access access, u32 esr)
{
	if (access == ACCESS_FETCH)
		except_queue(vcpu, EXC_ITLB);
	else
		except_data(vcpu, EXC_DTLB, ea, esr);
}

static void mmu_inject_storage(struct vcpu *vcpu, u32 ea, enum mmu_access access, u32 esr)
{
	if (access == ACCESS_FETCH)
		except_queue(vcpu, EXC_ISI);
	else
		except_data(vcpu, EXC_DSI, ea, esr);
}

/*
 * The guest runs in problem state whatever its MSR[PR] says, so what it may do
 * goes to the user bits.  Where instructions and data are in different address
 * spaces, the entry is for one of them only.
 */
static u32 mmu_attr(const struct vcpu *vcpu, const struct gtlb_entry *entry,
		    enum mmu_access access, const struct gmem_page *page, bool writable)
{
	u32 msr = vcpu->arch.regs.msr;
	u32 attr = entry->word[2] & PPC44x_TLB_E;
	bool both = !(msr & BMSR_IS) == !(msr & BMSR_DS);

	if (page->device)
		attr |= PPC44x_TLB_I | PPC44x_TLB_G;
	if ((both || access == ACCESS_FETCH) && gtlb_allows(vcpu, entry, ACCESS_FETCH))
		attr |= PPC44x_TLB_UX;
	if (both || access != ACCESS_FETCH) {
		if (gtlb_allows(vcpu, entry, ACCESS_READ))
			attr |= PPC44x_TLB_UR;
		if (writable && gtlb_allows(vcpu, entry, ACCESS_WRITE))
			attr |= PPC44x_TLB_UW;
	}
	return attr;
}

/* What the VMM has written may still be in the data cache only. */
static void mmu_sync_icache(const struct gmem_page *page)
{
	if (page->page)
		flush_dcache_icache_folio(page_folio(page->page));
}

static int mmu_map(struct vcpu *vcpu, const struct memslot *slot, int gtlb, u32 ea, gpa_t gpa,
		   enum mmu_access access)
{
	const struct gtlb_entry *entry = &vcpu->arch.gtlb[gtlb];
	bool write = access == ACCESS_WRITE, writable;
	struct vm *vm = vcpu->vm;
	struct shadow_page shadow = {
		.ea = ea,
		.shift = min(gtlb_shift(entry), 12U),
		.gtlb = gtlb,
		.gfn = gpa_to_gfn(gpa),
	};
	struct gmem_page page;
	unsigned long seq;
	int ret;

	seq = READ_ONCE(vm->mmu_seq);
	smp_rmb();	/* the sample before what it is for: notifier.c */
	ret = gmem_page_get(vm, slot, shadow.gfn, write, &page);
	if (ret == -EHWPOISON || ret == -EAGAIN || ret == -EINTR)
		return EXIT_GUEST;	/* a signal is pending, or the access comes again */
	if (ret)
		return ret;

	/* With a log, a page becomes writable when the guest writes to it. */
	writable = page.writable && (write || !memslot_logs(slot));
	shadow.attr = mmu_attr(vcpu, entry, access, &page, writable);
	shadow.pa = (phys_addr_t)page.pfn << PAGE_SHIFT;
	shadow.pa |= (gpa & ~PAGE_MASK) & ~(BIT(shadow.shift) - 1);
	if (shadow.attr & PPC44x_TLB_UX)
		mmu_sync_icache(&page);

	read_lock(&vm->mmu_lock);
	if (!gmem_retry(vm, seq, page.hva)) {
		shadow_install(vcpu, &shadow);
		if (write)
			memslot_mark_dirty(vm, slot, shadow.gfn);
	}
	gmem_page_put(&page, writable);
	read_unlock(&vm->mmu_lock);
	return EXIT_GUEST;
}

/**
 * mmu_fault_fast() - the CPU has no translation, or not the right, for an access
 * @vcpu: own thread
 * @ea: effective address
 * @access: what for
 * @esr: the guest's, if it has to deal with it
 * @miss: it was a miss, not a storage fault
 *
 * Context: interrupts off.
 * Return: EXIT_GUEST with an exception pending, or with a translation that was
 * known put into the CPU's TLB; else EXIT_SLOW: mmu_fault() has to do it.
 */
int mmu_fault_fast(struct vcpu *vcpu, u32 ea, enum mmu_access access, u32 esr, bool miss)
{
	static const u32 rights[] = {
		[ACCESS_READ]	= PPC44x_TLB_UR,
		[ACCESS_WRITE]	= PPC44x_TLB_UW,
		[ACCESS_FETCH]	= PPC44x_TLB_UX,
	};
	int i;

	vcpu_stat_inc(vcpu, stage2_faults);
	if (miss && shadow_refill(vcpu, ea, rights[access]))
		return EXIT_GUEST;
	if (magic_at(vcpu, ea)) {
		/* It is no place for instructions. */
		if (access == ACCESS_FETCH)
			mmu_inject_storage(vcpu, ea, access, esr);
		else
			magic_install(vcpu);
		return EXIT_GUEST;
	}

	i = gtlb_find(vcpu, ea, vcpu->arch.regs.pid, gtlb_as(vcpu, access));
	if (i < 0) {
		mmu_inject_miss(vcpu, ea, access, esr);
		return EXIT_GUEST;
	}
	/* Cache locking and byte ordering have nothing to do with translation. */
	if (!gtlb_allows(vcpu, &vcpu->arch.gtlb[i], access) ||
	    (!miss && esr & (BESR_DLK | BESR_BO))) {
		mmu_inject_storage(vcpu, ea, access, esr);
		return EXIT_GUEST;
	}
	/* It may be a device's: then this is to be emulated. */
	vcpu->arch.fault_gtlb = i;
	vcpu->arch.fault_fetched = access != ACCESS_FETCH &&
				   shadow_fetch(vcpu, vcpu->arch.hw.cpu.pc, &vcpu->arch.fault_insn);
	return EXIT_SLOW;
}

/**
 * mmu_fault() - does what mmu_fault_fast() could not
 * @vcpu: own thread; mmu_fault_fast() has found that the guest's TLB allows the access
 * @ea: effective address
 * @access: what for
 *
 * Context: vm->srcu held; may sleep.
 * Return: EXIT_GUEST with the translation made, an exception pending or a device
 * access done; EXIT_USER; or a negative errno if memory of the VMM's is missing.
 */
int mmu_fault(struct vcpu *vcpu, u32 ea, enum mmu_access access)
{
	unsigned int i = vcpu->arch.fault_gtlb;
	gpa_t gpa = gtlb_gpa(&vcpu->arch.gtlb[i], ea);
	const struct memslot *slot;

	slot = memslot_find(vcpu->vm, gpa_to_gfn(gpa));
	if (slot && !(access == ACCESS_WRITE && slot->flags & KVM_MEM_READONLY))
		return mmu_map(vcpu, slot, i, ea, gpa, access);
	if (access == ACCESS_FETCH) {
		/* Nothing answers the bus. */
		vcpu->arch.regs.mcsr |= BESR_MCI;
		except_queue(vcpu, EXC_MCHECK);
		return EXIT_GUEST;
	}
	return mmio_emulate(vcpu);
}

/* ---- What arch.h asks for */

bool arch_mmu_unmap(struct vm *vm, const struct gfn_range *range)
{
	lockdep_assert_held_write(&vm->mmu_lock);
	/* Gone from the TLB, at once: nothing is owed. */
	shadow_drop_gfns(vm, range->start, range->end);
	return false;
}

/* An entry has no mark for accesses: it goes, and comes again if it is used. */
bool arch_mmu_age(struct vm *vm, const struct gfn_range *range)
{
	return shadow_drop_gfns(vm, range->start, range->end);
}

bool arch_mmu_test_age(struct vm *vm, const struct gfn_range *range)
{
	return shadow_has_gfns(vm, range->start, range->end);
}

void arch_mmu_flush_tlb(struct vm *vm)
{
	vm_stat_inc(vm, remote_tlb_flush_requests);
}

void arch_mmu_wrprotect(struct vm *vm, const struct gfn_range *range)
{
	lockdep_assert_held_write(&vm->mmu_lock);
	shadow_wrprotect_gfns(vm, range->start, range->end);
}

void arch_mmu_release(struct vm *vm)
{
	shadow_drop_gfns(vm, 0, ~(gfn_t)0);
}

int arch_memslot_prepare(struct vm *vm, const struct memslot *old, const struct memslot *new)
{
	gfn_t max = arch_max_gfn(vm);

	if (new && (new->base_gfn >= max || new->npages > max - new->base_gfn))
		return -EFAULT;
	return 0;
}

void arch_memslot_commit(struct vm *vm, const struct memslot *old, const struct memslot *new)
{
}

gfn_t arch_max_gfn(struct vm *vm)
{
	return gpa_to_gfn(BIT_ULL(MMU_GPA_BITS));
}
