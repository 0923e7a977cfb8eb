// SPDX-License-Identifier: GPL-2.0
/*
 * Invalidation of stage-2 TLB entries on a VHE host.
 *
 * TLBI instructions for EL1 and EL0 act on the VMID in VTTBR_EL2, and on the
 * guest's regime only while HCR_EL2.TGE is 0 (DDI 0487, D8.17).  So each
 * operation installs the VM's VTCR_EL2 and VTTBR_EL2, then clears TGE, does its
 * work and puts back what was there, with interrupts off.  In between the host
 * runs at EL2 as before: only EL0 and EL1 are somebody else's, and nothing goes
 * there.
 *
 * Some CPUs may execute an address translation instruction speculatively and
 * fill their TLBs from it, while TGE is clear, with whatever mix of EL1
 * registers there is (Cortex-A76 1165522 and its relatives).  There, stage 1 is
 * made to fail at its first step: walks disabled by TCR_EL1.EPD0 and EPD1 with
 * the MMU on, before the VMID is installed, until TGE is set again.
 *
 * TLB entries may hold the combination of stages 1 and 2, which an invalidation
 * by IPA does not reach.  So each one by IPA is completed by one of all stage-1
 * entries of the VMID (D8.17.5).
 */

#include <linux/bitfield.h>
#include <linux/irqflags.h>
#include <asm/barrier.h>
#include <asm/sysreg.h>
#include <asm/tlbflush.h>
#include <kvm/vcpu.h>
#include <kvm/vm.h>
#include "hcr.h"
#include "stage2.h"

#define TCR_EL1_EPD0	BIT_ULL(7)
#define TCR_EL1_EPD1	BIT_ULL(23)

/* Operands: the level hint of single invalidations, and those by range (C5.5) */
#define TLB_OP_TTL_TG		GENMASK_ULL(47, 46)
#define TLB_OP_TTL_LEVEL	GENMASK_ULL(45, 44)
#define TLB_RANGE_TG		GENMASK_ULL(47, 46)
#define TLB_RANGE_SCALE		GENMASK_ULL(45, 44)
#define TLB_RANGE_NUM		GENMASK_ULL(43, 39)
#define TLB_RANGE_TTL		GENMASK_ULL(38, 37)
#define TLB_RANGE_BASE		GENMASK_ULL(36, 0)
#define TLB_RANGE_MAX_NUM	32

#define TLB_GRANULE		(PAGE_SHIFT == 12 ? 1ULL : PAGE_SHIFT == 14 ? 2ULL : 3ULL)

/* More single invalidations than this cost more than refilling the guest's TLBs. */
#define TLB_MAX_OPS		64

struct tlb_context {
	unsigned long flags;
	u64 hcr;
	u64 vtcr;
	u64 vttbr;
	u64 tcr;
	u64 sctlr;
};

/* Returns false, with nothing switched, if the VM has no VMID yet: then it has no TLB entries. */
static bool tlb_enter(struct stage2_mmu *mmu, struct tlb_context *ctx)
{
	u64 vmid;

	local_irq_save(ctx->flags);

	/*
	 * Changed entries are visible to the walkers of all CPUs, and the VMID is
	 * read after that: see vmid_renew().
	 */
	dsb(ish);
	vmid = atomic64_read(&mmu->vmid);
	if (!vmid) {
		local_irq_restore(ctx->flags);
		return false;
	}

	if (stage2_features.spec_at) {
		ctx->tcr = read_sysreg_s(SYS_TCR_EL12);
		ctx->sctlr = read_sysreg_s(SYS_SCTLR_EL12);
		write_sysreg_s(ctx->tcr | TCR_EL1_EPD0 | TCR_EL1_EPD1, SYS_TCR_EL12);
		write_sysreg_s(ctx->sctlr | SCTLR_ELx_M, SYS_SCTLR_EL12);
		isb();
	}

	ctx->vtcr = read_sysreg(vtcr_el2);
	ctx->vttbr = read_sysreg(vttbr_el2);
	ctx->hcr = read_sysreg(hcr_el2);
	write_sysreg(mmu->vtcr, vtcr_el2);
	write_sysreg(mmu->vttbr | (u64)vmid_number(vmid) << VTTBR_VMID_POS, vttbr_el2);
	isb();
	write_sysreg(ctx->hcr & ~HCR_TGE, hcr_el2);
	isb();
	return true;
}

static void tlb_leave(struct tlb_context *ctx)
{
	write_sysreg(ctx->hcr, hcr_el2);
	isb();
	write_sysreg(ctx->vtcr, vtcr_el2);
	write_sysreg(ctx->vttbr, vttbr_el2);
	if (stage2_features.spec_at) {
		isb();
		write_sysreg_s(ctx->tcr, SYS_TCR_EL12);
		write_sysreg_s(ctx->sctlr, SYS_SCTLR_EL12);
	}
	isb();
	local_irq_restore(ctx->flags);
}

/* After an invalidation by IPA: the combined entries, and completion of all. */
static void tlb_finish_ipa(void)
{
	dsb(ish);
	__tlbi(vmalle1is);
	dsb(ish);
	if (stage2_features.tlb_repeat) {
		__tlbi(vmalle1is);
		dsb(ish);
	}
	isb();
}

static void tlb_all(void)
{
	__tlbi(vmalls12e1is);
	dsb(ish);
	if (stage2_features.tlb_repeat) {
		__tlbi(vmalls12e1is);
		dsb(ish);
	}
	isb();
}

static u64 tlb_operand(u64 ipa, unsigned int level)
{
	u64 op = ipa >> 12;

	/* A hint of level 0 is none. */
	if (stage2_features.tlb_level && level != STAGE2_LEVEL_ANY && level)
		op |= FIELD_PREP(TLB_OP_TTL_TG, TLB_GRANULE) |
		      FIELD_PREP(TLB_OP_TTL_LEVEL, level);
	return op;
}

static void tlb_each(u64 start, u64 end, u64 stride, unsigned int level)
{
	for (u64 ipa = start; ipa < end; ipa += stride)
		__tlbi(ipas2e1is, tlb_operand(ipa, level));
}

/*
 * One operation covers (NUM + 1) * 2^(5 * SCALE + 1) pages (FEAT_TLBIRANGE).
 * Going down from the largest scale, at most one operation of each is needed,
 * and one without range for an odd page.
 */
static void tlb_ranges(u64 start, u64 end, unsigned int level)
{
	u64 base = FIELD_PREP(TLB_RANGE_TG, TLB_GRANULE);

	if (stage2_features.tlb_level && level != STAGE2_LEVEL_ANY)
		base |= FIELD_PREP(TLB_RANGE_TTL, level);

	for (int scale = 3; scale >= 0; scale--) {
		u64 unit = (u64)PAGE_SIZE << (5 * scale + 1);
		u64 num = (end - start) / unit;

		if (!num)
			continue;
		__tlbi(ripas2e1is, base | FIELD_PREP(TLB_RANGE_SCALE, scale) |
				   FIELD_PREP(TLB_RANGE_NUM, num - 1) |
				   FIELD_PREP(TLB_RANGE_BASE, start >> PAGE_SHIFT));
		start += num * unit;
	}
	tlb_each(start, end, PAGE_SIZE, level);
}

/**
 * stage2_tlb_flush_range() - invalidate what translates a range of IPAs, on all CPUs
 * @mmu: the VM's
 * @start: first byte
 * @end: after the last one
 * @level: level of all entries that changed, or STAGE2_LEVEL_ANY
 *
 * Includes cached walks that went through tables of the range if @level is
 * STAGE2_LEVEL_ANY.
 */
void stage2_tlb_flush_range(struct stage2_mmu *mmu, u64 start, u64 end, unsigned int level)
{
	u64 stride = level == STAGE2_LEVEL_ANY ? PAGE_SIZE : stage2_level_size(level);
	struct tlb_context ctx;

	vm_stat_inc(mmu->vm, remote_tlb_flush_requests);
	if (!tlb_enter(mmu, &ctx))
		return;
	vm_stat_inc(mmu->vm, remote_tlb_flush);
	if ((end - start) / stride <= 1) {
		__tlbi(ipas2e1is, tlb_operand(start, level));
		tlb_finish_ipa();
	} else if (stage2_features.tlb_range &&
		   (end - start) / PAGE_SIZE <= (u64)TLB_RANGE_MAX_NUM << 16) {
		tlb_ranges(start, end, level);
		tlb_finish_ipa();
	} else if ((end - start) / stride <= TLB_MAX_OPS) {
		tlb_each(start, end, stride, level);
		tlb_finish_ipa();
	} else {
		tlb_all();
	}
	tlb_leave(&ctx);
}

/**
 * stage2_tlb_flush_all() - invalidate all of a VM's entries, on all CPUs
 * @mmu: the VM's
 */
void stage2_tlb_flush_all(struct stage2_mmu *mmu)
{
	struct tlb_context ctx;

	vm_stat_inc(mmu->vm, remote_tlb_flush_requests);
	if (!tlb_enter(mmu, &ctx))
		return;
	vm_stat_inc(mmu->vm, remote_tlb_flush);
	tlb_all();
	tlb_leave(&ctx);
}

/**
 * stage2_tlb_flush_page_local() - this CPU forgets one entry
 * @mmu: the VM's
 * @ipa: in what the entry translates
 * @level: of the entry
 *
 * After an entry has got more permissions, which needs no invalidation
 * elsewhere: another CPU that still has the old entry takes a fault, finds the
 * permissions there, and does the same.
 */
void stage2_tlb_flush_page_local(struct stage2_mmu *mmu, u64 ipa, unsigned int level)
{
	struct tlb_context ctx;

	if (!tlb_enter(mmu, &ctx))
		return;
	__tlbi(ipas2e1, tlb_operand(ipa, level));
	dsb(nsh);
	__tlbi(vmalle1);
	dsb(nsh);
	isb();
	tlb_leave(&ctx);
}

/**
 * stage2_tlb_flush_local() - this CPU forgets all stage-1 entries of a VM
 * @mmu: the VM's
 */
void stage2_tlb_flush_local(struct stage2_mmu *mmu)
{
	struct tlb_context ctx;

	if (!tlb_enter(mmu, &ctx))
		return;
	__tlbi(vmalle1);
	dsb(nsh);
	isb();
	tlb_leave(&ctx);
}

/**
 * stage2_tlb_translate() - a guest virtual address through the guest's stage 1
 * @vcpu: loaded here
 * @va: the address
 * @ipa: page that it is in
 *
 * Uses the CPU's own translation with the guest's EL1 registers and stage 2 on,
 * since the stage-1 tables are at IPAs.  Never raises an exception but for an
 * external abort on the walk.
 *
 * Context: preemption is turned off inside; the vCPU must have its EL1 state in
 * the CPU, or there is no answer.
 * Return: false if the translation fails.
 */
bool stage2_tlb_translate(struct vcpu *vcpu, u64 va, u64 *ipa)
{
	struct stage2_mmu *mmu = vcpu->vm->arch.mmu;
	u64 hcr, vttbr, par, result = SYS_PAR_EL1_F;
	unsigned long flags;

	local_irq_save(flags);
	if (vcpu->arch.el1_loaded) {
		hcr = read_sysreg(hcr_el2);
		vttbr = read_sysreg(vttbr_el2);
		par = read_sysreg_par();
		/* It may have rolled over since the exit. */
		write_sysreg(mmu->vttbr | vmid_current(mmu) << VTTBR_VMID_POS, vttbr_el2);
		isb();
		write_sysreg((vcpu->arch.hyp.hcr | HCR_VM) & ~(HCR_TGE | HCR_VSE), hcr_el2);
		isb();
		asm volatile("at s1e1r, %0" : : "r" (va));
		isb();
		result = read_sysreg_par();
		write_sysreg(hcr, hcr_el2);
		write_sysreg(par, par_el1);
		/* The run loop keeps track of what is in it. */
		write_sysreg(vttbr, vttbr_el2);
		isb();
	}
	local_irq_restore(flags);

	if (result & SYS_PAR_EL1_F)
		return false;
	*ipa = result & GENMASK_ULL(51, 12);
	return true;
}
