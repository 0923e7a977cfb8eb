// SPDX-License-Identifier: GPL-2.0
/*
 * The page of registers that a guest can share (its ABI is in the kernel's
 * ppc-pv.rst): SRR0, SRR1, DEAR, ESR and the SPRGs are always kept there, the
 * MSR as a copy. A guest that asks for it sees it at an address of its choice,
 * in supervisor state, in both address spaces and with every PID, in place of
 * what its TLB says.
 *
 * The page is the kernel's own, so no notifier event concerns it. The guest writes
 * to it when it likes, but only one vCPU can, and it does not run while this reads
 * it: there is one CPU. Nothing in it is trusted: of the MSR only EE is taken.
 *
 * No locks: the vCPU's own thread.
 */

#include <linux/align.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <asm/mmu.h>
#include "booke.h"

/* What the guest may change in its copy of the MSR */
#define MAGIC_MSR	BMSR_EE

int magic_vcpu_create(struct vcpu *vcpu)
{
	/* In the linear map: entry.S reads it. */
	vcpu->arch.hw.shared = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	return vcpu->arch.hw.shared ? 0 : -ENOMEM;
}

/* After shadow_drop_vcpu() */
void magic_vcpu_destroy(struct vcpu *vcpu)
{
	free_page((unsigned long)vcpu->arch.hw.shared);
}

/**
 * magic_map() - the guest wants to see the page
 * @vcpu: own thread
 * @ea: effective address, of which the low 12 bits are ignored; 0: no more
 *
 * Return: features of the page, KVM_MAGIC_FEAT_*.
 */
u32 magic_map(struct vcpu *vcpu, u32 ea)
{
	/* Both what was at the new address and the page at the old one. */
	shadow_drop_vcpu(vcpu);
	vcpu->arch.magic_ea = ea & ~0xfffU;
	vcpu->arch.magic_mapped = vcpu->arch.magic_ea;
	return KVM_MAGIC_FEAT_MAS0_TO_SPRG7;
}

/**
 * magic_install() - puts the page's translation into the CPU's TLB
 * @vcpu: own thread, the guest in a state that sees the page
 *
 * Context: interrupts off.
 */
void magic_install(struct vcpu *vcpu)
{
	const struct shadow_page page = {
		.ea = vcpu->arch.magic_ea,
		.shift = 12,
		/* Where pages are larger, the shared part is at the begin of one. */
		.pa = __pa(vcpu->arch.hw.shared),
		.attr = PPC44x_TLB_UR | PPC44x_TLB_UW,
		.gtlb = GTLB_MAGIC,
		.gfn = ~(gfn_t)0,
	};

	shadow_install(vcpu, &page);
}

/**
 * magic_update() - takes what the guest has written to its copy of the MSR
 * @vcpu: own thread, after an exit, the page mapped
 */
void magic_update(struct vcpu *vcpu)
{
	u32 msr = vcpu->arch.regs.msr;

	msr ^= (msr ^ (u32)vcpu->arch.hw.shared->msr) & MAGIC_MSR;
	vcpu->arch.regs.msr = msr;
	vcpu->arch.hw.shared->msr = msr;
}

/* @gpa: MAGIC_GPA and an offset.  Where that is. */
void *magic_access(struct vcpu *vcpu, u64 gpa)
{
	return (void *)vcpu->arch.hw.shared + (gpa & 0xfff);
}
