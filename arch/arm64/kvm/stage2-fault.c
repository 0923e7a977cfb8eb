// SPDX-License-Identifier: GPL-2.0
/*
 * Aborts that a guest takes to EL2: instruction and data aborts of stage 2, and
 * external aborts.
 *
 * Locks: vm->srcu is held by the caller; mmap_lock is taken and dropped while
 * the page is got, then vm->mmu_lock for reading, or for writing where a block
 * takes the place of a table.
 */

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <asm/esr.h>
#include <kvm/memslot.h>
#include "arm64.h"
#include "stage2.h"
#include "trace.h"

/* HPFAR_EL2.FIPA: IPA[51:12], from bit 4 (D24.2.64) */
#define HPFAR_FIPA		GENMASK_ULL(43, 4)
#define HPFAR_IPA_SHIFT		8

/* A CPU that found two TLB entries for one address (D8.16.3) */
#define FSC_TLB_CONFLICT	0x30

/* Memory that is cleaned, at most, between two points of rescheduling. */
#define FAULT_CLEAN_PIECE	SZ_2M

/**
 * struct fault - an abort, decoded
 * @esr: its syndrome
 * @ipa: of the page; the low bits are those of the access, or 0 for a stage-1 walk
 * @gfn: the page
 * @permission: there is an entry that does not allow it
 * @write: needs write permission
 * @exec: is an instruction fetch
 * @walk: was the guest's own stage-1 walk
 * @cache_op: was cache maintenance by address
 */
struct fault {
	u64 esr;
	gpa_t ipa;
	gfn_t gfn;
	bool permission;
	bool write;
	bool exec;
	bool walk;
	bool cache_op;
};

/* Where and how something is mapped. */
struct fault_target {
	unsigned int level;
	u64 ipa;
	unsigned long pfn;	/* first of the block */
	u64 attrs;
};

/**
 * vcpu_fault_ipa() - IPA of the last abort
 * @vcpu: the vCPU
 *
 * For an abort of stage 2.  That of a permission fault is right only once
 * stage2_fault() has looked at it.
 */
gpa_t vcpu_fault_ipa(const struct vcpu *vcpu)
{
	const struct vcpu_hyp *hyp = &vcpu->arch.hyp;
	gpa_t page = (hyp->hpfar & HPFAR_FIPA) << HPFAR_IPA_SHIFT;

	/* FAR_EL2 is what was being translated, not where the descriptor is. */
	if (hyp->esr & ESR_ELx_S1PTW)
		return page;
	return page | (hyp->far & (SZ_4K - 1));
}

static unsigned int fsc_class(u64 esr)
{
	return esr & ESR_ELx_FSC_TYPE;
}

static bool fsc_is_external(u64 esr)
{
	unsigned int fsc = esr & ESR_ELx_FSC;

	/* 0x10, 0x13 to 0x17: external; 0x18, 0x1b to 0x1f: parity or ECC */
	return fsc >= ESR_ELx_FSC_EXTABT && fsc <= ESR_ELx_FSC_SECC_TTW(3);
}

/*
 * HPFAR_EL2 is defined for translation and access flag faults and for any fault
 * of a stage-1 walk, not for permission faults of the access itself (D24.2.64):
 * there the guest's stage 1 has to be asked.  It may have changed since; then
 * the guest tries again and sees.
 */
static bool fault_find_ipa(struct vcpu *vcpu)
{
	u64 esr = vcpu_esr(vcpu), ipa;

	if (fsc_class(esr) != ESR_ELx_FSC_PERM || esr & ESR_ELx_S1PTW)
		return true;
	if (!stage2_tlb_translate(vcpu, vcpu->arch.hyp.far, &ipa))
		return false;
	vcpu->arch.hyp.hpfar = (ipa >> HPFAR_IPA_SHIFT) & HPFAR_FIPA;
	return true;
}

static void fault_decode(const struct vcpu *vcpu, struct fault *f)
{
	u64 esr = vcpu_esr(vcpu);
	bool wnr = esr & ESR_ELx_WNR;

	f->esr = esr;
	f->ipa = vcpu_fault_ipa(vcpu);
	f->gfn = gpa_to_gfn(f->ipa);
	f->permission = fsc_class(esr) == ESR_ELx_FSC_PERM;
	f->walk = esr & ESR_ELx_S1PTW;
	f->exec = ESR_ELx_EC(esr) == ESR_ELx_EC_IABT_LOW && !f->walk;
	f->cache_op = ESR_ELx_EC(esr) == ESR_ELx_EC_DABT_LOW && esr & ESR_ELx_CM;
	/*
	 * A walk that is not permitted wants to update a descriptor: reading is
	 * always allowed.  Cache maintenance says "write" without being one, unless
	 * it is the lack of the permission that stopped it.
	 */
	if (f->walk)
		f->write = f->permission;
	else if (ESR_ELx_EC(esr) == ESR_ELx_EC_IABT_LOW)
		f->write = false;
	else
		f->write = wnr && (!f->cache_op || f->permission);
}

static enum exit_result fault_inject_external(struct vcpu *vcpu, const struct fault *f)
{
	if (ESR_ELx_EC(f->esr) == ESR_ELx_EC_IABT_LOW)
		inject_insn_abort(vcpu, vcpu->arch.hyp.far);
	else
		inject_data_abort(vcpu, vcpu->arch.hyp.far);
	return EXIT_RESUME;
}

/* A page of a device that the guest may access itself. */
static enum exit_result fault_map_device(struct vcpu *vcpu, const struct fault *f, phys_addr_t pa)
{
	struct vm *vm = vcpu->vm;
	struct stage2_mmu *mmu = vm->arch.mmu;
	u64 attrs = STAGE2_PTE_READ | STAGE2_PTE_WRITE | STAGE2_PTE_INNER | STAGE2_PTE_XN;
	int ret;

	attrs |= stage2_features.fwb ? STAGE2_PTE_FWB_DEVICE : STAGE2_PTE_DEVICE;
	ret = stage2_cache_fill(&vcpu->arch.stage2_cache, STAGE2_LAST_LEVEL - mmu->start_level);
	if (ret)
		return ret;
	scoped_guard(read_lock, &vm->mmu_lock)
		ret = stage2_map(mmu, &vcpu->arch.stage2_cache, gfn_to_gpa(f->gfn), pa,
				 STAGE2_LAST_LEVEL, attrs);
	return ret && ret != -EAGAIN ? ret : EXIT_RESUME;
}

/* Nothing that a guest can use in the normal way is there. */
static enum exit_result fault_outside(struct vcpu *vcpu, const struct fault *f)
{
	phys_addr_t pa;

	if (ESR_ELx_EC(f->esr) == ESR_ELx_EC_IABT_LOW || f->walk)
		return fault_inject_external(vcpu, f);
	if (f->cache_op) {
		/* Nothing is cached of a place where there is no memory. */
		vcpu_skip_insn(vcpu);
		return EXIT_RESUME;
	}
	if (!f->permission && vgic_v2_page(vcpu->vm, f->gfn, &pa))
		return fault_map_device(vcpu, f, pa);
	return mmio_abort(vcpu, f->ipa);
}

static enum exit_result fault_access_flag(struct vcpu *vcpu, const struct fault *f)
{
	struct stage2_mmu *mmu = vcpu->vm->arch.mmu;

	trace_kvm_access_fault(f->ipa);
	/* If the entry is gone, the next fault is a translation fault. */
	scoped_guard(read_lock, &vcpu->vm->mmu_lock)
		stage2_set_access(mmu, gfn_to_gpa(f->gfn));
	return EXIT_RESUME;
}

/* A block may be used if the slot has all of it and guest and host addresses are congruent. */
static bool fault_block_fits(const struct memslot *slot, gfn_t gfn, unsigned int shift)
{
	u64 size = 1ULL << shift;
	gpa_t base = ALIGN_DOWN(gfn_to_gpa(gfn), size);
	gpa_t slot_start = gfn_to_gpa(slot->base_gfn);
	gpa_t slot_end = gfn_to_gpa(slot->base_gfn + slot->npages);

	return base >= slot_start && base + size <= slot_end &&
	       !((slot_start ^ slot->userspace_addr) & (size - 1));
}

static unsigned int fault_level(const struct stage2_mmu *mmu, const struct memslot *slot,
				gfn_t gfn, const struct gmem_page *page)
{
	/* The log is by page. */
	if (memslot_logs(slot))
		return STAGE2_LAST_LEVEL;

	for (unsigned int level = 1; level < STAGE2_LAST_LEVEL; level++) {
		unsigned int shift = stage2_level_shift(level);

		if (stage2_level_has_block(mmu, level) && shift <= page->vma_pgshift &&
		    fault_block_fits(slot, gfn, shift))
			return level;
	}
	return STAGE2_LAST_LEVEL;
}

static u64 fault_attrs(const struct fault *f, const struct memslot *slot,
		       const struct gmem_page *page)
{
	u64 attrs = STAGE2_PTE_READ | STAGE2_PTE_INNER;
	bool exec = f->exec;

	if (page->device && page->uncached) {
		/* The guest chooses: write-combining, say, of a frame buffer. */
		attrs |= STAGE2_PTE_UNCACHED;
	} else if (page->device) {
		attrs |= stage2_features.fwb ? STAGE2_PTE_FWB_DEVICE : STAGE2_PTE_DEVICE;
	} else {
		attrs |= stage2_features.fwb ? STAGE2_PTE_FWB_NORMAL : STAGE2_PTE_NORMAL;
		/*
		 * Where instruction caches look after themselves, memory is
		 * executable from the start; what else there is to do for that, the
		 * cleaning of a new page does.
		 */
		exec |= stage2_features.icache_auto &&
			(stage2_features.dcache_pou_auto || !stage2_features.fwb);
	}
	if (!exec)
		attrs |= STAGE2_PTE_XN;
	/* With a log, a page becomes writable by being written to. */
	if (page->writable && (f->write || !memslot_logs(slot)))
		attrs |= STAGE2_PTE_WRITE;
	return attrs;
}

static void fault_target(const struct stage2_mmu *mmu, const struct memslot *slot,
			 const struct fault *f, const struct gmem_page *page,
			 struct fault_target *t)
{
	u64 pages;

	t->level = fault_level(mmu, slot, f->gfn, page);
	pages = stage2_level_size(t->level) >> PAGE_SHIFT;
	t->ipa = ALIGN_DOWN(gfn_to_gpa(f->gfn), stage2_level_size(t->level));
	t->pfn = ALIGN_DOWN(page->pfn, pages);
	t->attrs = fault_attrs(f, slot, page);
}

/*
 * Before a page is translated: a guest that has its caches off sees what the
 * VMM wrote, and its fetches too.  The page stays as long as the reference is
 * held; the others of a block are memory all the same, whoever has it by now.
 */
static void fault_sync_caches(const struct fault *f, const struct gmem_page *page,
			      const struct fault_target *t)
{
	size_t size = stage2_level_size(t->level);
	bool clean = !f->permission && !stage2_features.fwb;
	bool exec = !(t->attrs & STAGE2_PTE_XN) && !stage2_features.icache_auto;
	u8 *va = __va((u64)t->pfn << PAGE_SHIFT);

	/* What cleans to the point of coherency has cleaned to that of unification. */
	exec |= f->exec && !clean && !stage2_features.dcache_pou_auto;
	if (page->device || !(clean || exec))
		return;
	while (size && !fatal_signal_pending(current)) {
		size_t piece = min_t(size_t, size, FAULT_CLEAN_PIECE);

		if (clean)
			cmo_clean_inval_poc(va, piece);
		if (exec)
			cmo_sync_icache(va, piece);
		va += piece;
		size -= piece;
		if (size)
			cond_resched();
	}
}

static int fault_install(struct vcpu *vcpu, const struct memslot *slot, const struct fault *f,
			 const struct fault_target *t, struct gmem_page *page, unsigned long seq)
{
	struct vm *vm = vcpu->vm;
	bool writable = t->attrs & STAGE2_PTE_WRITE;
	int ret = -EAGAIN;

	lockdep_assert_held(&vm->mmu_lock);

	if (!gmem_retry(vm, seq, page->hva))
		ret = stage2_map(vm->arch.mmu, &vcpu->arch.stage2_cache, t->ipa,
				 (u64)t->pfn << PAGE_SHIFT, t->level, t->attrs);
	if (ret == -EEXIST)
		return ret;
	/* Under the lock, so that a log that is read, cleared and protected meanwhile has it. */
	if (!ret && writable)
		memslot_mark_dirty(vm, slot, f->gfn);
	gmem_page_put(page, !ret && writable);
	return ret;
}

/* Small pages were mapped where a block is to go: they make room. */
static int fault_install_block(struct vcpu *vcpu, const struct memslot *slot,
			       const struct fault *f, const struct fault_target *t,
			       struct gmem_page *page, unsigned long seq)
{
	struct vm *vm = vcpu->vm;
	struct stage2_gather gather;
	int ret;

	write_lock(&vm->mmu_lock);
	stage2_gather_init(&gather);
	stage2_unmap(vm->arch.mmu, t->ipa, t->ipa + stage2_level_size(t->level), false, &gather);
	stage2_gather_finish(vm->arch.mmu, &gather);
	ret = fault_install(vcpu, slot, f, t, page, seq);
	/* Someone looked at the table's page just then, so that it seemed not to be empty. */
	if (ret == -EEXIST) {
		gmem_page_put(page, false);
		ret = -EAGAIN;
	}
	write_unlock(&vm->mmu_lock);
	return ret;
}

static int fault_map(struct vcpu *vcpu, const struct memslot *slot, const struct fault *f)
{
	struct vm *vm = vcpu->vm;
	struct stage2_mmu *mmu = vm->arch.mmu;
	struct fault_target t;
	struct gmem_page page;
	unsigned long seq;
	int ret;

	ret = stage2_cache_fill(&vcpu->arch.stage2_cache,
				STAGE2_LAST_LEVEL - mmu->start_level);
	if (ret)
		return ret;

	seq = READ_ONCE(vm->mmu_seq);
	/* Before the host's page tables are looked at: see gmem_retry(). */
	smp_rmb();
	ret = gmem_page_get(vm, slot, f->gfn, f->write, &page);
	if (ret)
		return ret;

	/* No code is run from a device, nor can what is beyond the entries' format be mapped. */
	ret = f->exec && page.device ? -ENOEXEC :
	      (u64)page.pfn >> (stage2_features.pa_bits - PAGE_SHIFT) ? -EFAULT : 0;
	if (ret) {
		gmem_page_put(&page, false);
		return ret;
	}

	fault_target(mmu, slot, f, &page, &t);
	if (unlikely(vm->arch.mte) && !page.device) {
		ret = mte_prepare_pages(vm, &page, seq, t.pfn,
					stage2_level_size(t.level) >> PAGE_SHIFT);
		if (ret) {
			gmem_page_put(&page, false);
			return ret;
		}
	}
	fault_sync_caches(f, &page, &t);

	scoped_guard(read_lock, &vm->mmu_lock)
		ret = fault_install(vcpu, slot, f, &t, &page, seq);
	if (ret == -EEXIST)
		ret = fault_install_block(vcpu, slot, f, &t, &page, seq);
	return ret;
}

/**
 * stage2_fault() - an instruction or data abort from the guest
 * @vcpu: loaded, own thread
 *
 * Context: vm->srcu held; may sleep.
 * Return: EXIT_RESUME, also if a signal has to be looked at first; EXIT_USER
 * for MMIO; -EFAULT if a memory slot has nothing behind it; -ENOMEM; -ENOSYS as
 * mmio_abort().
 */
enum exit_result stage2_fault(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct memslot *slot;
	struct fault f;
	int ret;

	if (fsc_is_external(vcpu_esr(vcpu))) {
		fault_decode(vcpu, &f);
		return fault_inject_external(vcpu, &f);
	}
	if (!fault_find_ipa(vcpu))
		return EXIT_RESUME;
	fault_decode(vcpu, &f);
	trace_kvm_guest_fault(vcpu->arch.hyp.pc, f.esr, vcpu->arch.hyp.far, f.ipa);

	if (f.ipa >> vm->arch.mmu->ia_bits || fsc_class(f.esr) == ESR_ELx_FSC_ADDRSZ) {
		inject_address_size_fault(vcpu);
		return EXIT_RESUME;
	}

	switch (fsc_class(f.esr)) {
	case ESR_ELx_FSC_FAULT:
	case ESR_ELx_FSC_PERM:
		break;
	case ESR_ELx_FSC_ACCESS:
		return fault_access_flag(vcpu, &f);
	case FSC_TLB_CONFLICT:
		stage2_tlb_flush_all(vm->arch.mmu);
		return EXIT_RESUME;
	default:
		/* An alignment fault, unsupported atomic, ...: what a device would answer. */
		return fault_inject_external(vcpu, &f);
	}

	slot = memslot_find(vm, f.gfn);
	if (!slot || (f.write && slot->flags & KVM_MEM_READONLY))
		return fault_outside(vcpu, &f);

	ret = fault_map(vcpu, slot, &f);
	switch (ret) {
	case 0:
	case -EAGAIN:		/* the guest tries again */
	case -EINTR:		/* the run loop sees the signal */
	case -EHWPOISON:	/* likewise: SIGBUS */
		return EXIT_RESUME;
	case -ENOEXEC:
		inject_insn_abort(vcpu, vcpu->arch.hyp.far);
		return EXIT_RESUME;
	default:
		return ret;
	}
}
