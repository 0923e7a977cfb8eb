// SPDX-License-Identifier: GPL-2.0
/*
 * The registers of memory tags (FEAT_MTE2) of vCPUs that have them.
 *
 * TFSR_EL1 is EL1's own.  The others have no counterpart at EL2, so each of them is also the
 * host's:
 *
 *   TFSRE0_EL1		collects what EL0's unchecked accesses did wrong, and the kernel's own on
 *			behalf of a thread, so it is the guest's in the inner loop only
 *   RGSR_EL1, GCR_EL1	what tags IRG draws: the thread's.  A kernel that tags its own memory
 *			(KASAN_HW_TAGS) uses them too, at any time outside of the inner loop
 */

#include <asm/barrier.h>
#include <asm/sysreg.h>
#include <kvm/vcpu.h>
#include "hyp.h"

#define KERNEL_DRAWS_TAGS	IS_ENABLED(CONFIG_KASAN_HW_TAGS)

static void mte_draw_load(struct vcpu *vcpu)
{
	struct hyp_host *host = &vcpu->arch.hyp.host;

	host->rgsr = read_sysreg_s(SYS_RGSR_EL1);
	host->gcr = read_sysreg_s(SYS_GCR_EL1);
	write_sysreg_s(vcpu->arch.sysregs[SYS_RGSR], SYS_RGSR_EL1);
	write_sysreg_s(vcpu->arch.sysregs[SYS_GCR], SYS_GCR_EL1);
}

static void mte_draw_save(struct vcpu *vcpu)
{
	struct hyp_host *host = &vcpu->arch.hyp.host;

	vcpu->arch.sysregs[SYS_RGSR] = read_sysreg_s(SYS_RGSR_EL1);
	vcpu->arch.sysregs[SYS_GCR] = read_sysreg_s(SYS_GCR_EL1);
	write_sysreg_s(host->rgsr, SYS_RGSR_EL1);
	write_sysreg_s(host->gcr, SYS_GCR_EL1);
}

/**
 * hyp_mte_load - what stays in the CPU with the other EL1 registers
 * @vcpu: loaded on this CPU, has memory tags
 */
void hyp_mte_load(struct vcpu *vcpu)
{
	write_sysreg_s(vcpu->arch.sysregs[SYS_TFSR], SYS_TFSR_EL12);
	if (!KERNEL_DRAWS_TAGS)
		mte_draw_load(vcpu);
}

/**
 * hyp_mte_save - the reverse of hyp_mte_load()
 * @vcpu: loaded on this CPU, has memory tags
 */
void hyp_mte_save(struct vcpu *vcpu)
{
	vcpu->arch.sysregs[SYS_TFSR] = read_sysreg_s(SYS_TFSR_EL12);
	if (!KERNEL_DRAWS_TAGS)
		mte_draw_save(vcpu);
}

/**
 * hyp_mte_activate - what is the guest's in the inner loop only
 * @vcpu: loaded on this CPU, has memory tags
 */
void hyp_mte_activate(struct vcpu *vcpu)
{
	/* What the kernel's accesses are yet to report is the host's (DDI 0487, D10.4.3). */
	dsb(nsh);
	isb();
	vcpu->arch.hyp.host.tfsre0 = read_sysreg_s(SYS_TFSRE0_EL1);
	write_sysreg_s(vcpu->arch.sysregs[SYS_TFSRE0], SYS_TFSRE0_EL1);
	if (KERNEL_DRAWS_TAGS)
		mte_draw_load(vcpu);
}

/**
 * hyp_mte_deactivate - the reverse of hyp_mte_activate()
 * @vcpu: the one that was activated
 *
 * The guest's accesses have reported: the kernel has SCTLR_EL2.ITFSB set, so the exception
 * waited for them.
 */
void hyp_mte_deactivate(struct vcpu *vcpu)
{
	vcpu->arch.sysregs[SYS_TFSRE0] = read_sysreg_s(SYS_TFSRE0_EL1);
	write_sysreg_s(vcpu->arch.hyp.host.tfsre0, SYS_TFSRE0_EL1);
	if (KERNEL_DRAWS_TAGS)
		mte_draw_save(vcpu);
}
