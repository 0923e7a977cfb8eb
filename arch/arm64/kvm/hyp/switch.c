// SPDX-License-Identifier: GPL-2.0
/* Into the guest and back: what changes around the inner loop. */

#include <linux/build_bug.h>
#include <linux/percpu.h>
#include <asm/cpufeature.h>
#include <asm/esr.h>
#include <asm/sysreg.h>
#include "../arm64.h"
#include "../hcr.h"
#include "hyp.h"

static_assert(offsetof(struct vcpu_hyp, regs) == HYP_REGS);
static_assert(offsetof(struct vcpu_hyp, sp_el0) == HYP_SP_EL0);
static_assert(offsetof(struct vcpu_hyp, pc) == HYP_PC);
static_assert(offsetof(struct vcpu_hyp, pstate) == HYP_PSTATE);
static_assert(offsetof(struct vcpu_hyp, esr) == HYP_ESR);
static_assert(offsetof(struct vcpu_hyp, ptrauth) == HYP_PTRAUTH);
static_assert(offsetof(struct vcpu_hyp, keys) == HYP_APIA);

/* The host's vector base on each CPU; entry.S puts it back on a fault of ours. */
u64 __percpu *hyp_host_vbar;

/* A pending SError, memory tags */
static noinline void activate_rare(struct vcpu *vcpu)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;

	if ((hyp->hcr & HCR_VSE) && cpus_have_final_cap(ARM64_HAS_RAS_EXTN))
		write_sysreg_s(hyp->vsesr, SYS_VSESR_EL2);
	if (hyp->hcr & HCR_ATA)
		hyp_mte_activate(vcpu);
}

static noinline void deactivate_rare(struct vcpu *vcpu)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;

	if (hyp->hcr & HCR_ATA)
		hyp_mte_deactivate(vcpu);
	/* The CPU clears VSE when the guest takes the virtual SError. */
	if (hyp->hcr & HCR_VSE)
		hyp->hcr = read_sysreg(hcr_el2);
}

/**
 * hyp_activate - make this CPU's EL1 and EL0 the guest's
 * @vcpu: loaded here
 *
 * From here to hyp_deactivate() the CPU runs with HCR_EL2.TGE clear: no user
 * access, no TLB maintenance and no FP use by the kernel. Interrupts off.
 */
void hyp_activate(struct vcpu *vcpu)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;

	debug_activate(vcpu);
	hyp->host.cptr = read_sysreg(cpacr_el1);
	*this_cpu_ptr(hyp_host_vbar) = read_sysreg(vbar_el1);
	write_sysreg(hyp->hcr, hcr_el2);
	write_sysreg(hyp->cptr, cpacr_el1);
	if (unlikely(hyp->hcr & (HCR_VSE | HCR_ATA)))
		activate_rare(vcpu);
}

/**
 * hyp_deactivate - give the CPU back to the host; interrupts off
 * @vcpu: the one that was activated
 */
void hyp_deactivate(struct vcpu *vcpu)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;

	if (unlikely(hyp->hcr & (HCR_VSE | HCR_ATA)))
		deactivate_rare(vcpu);
	write_sysreg(hyp->host.hcr, hcr_el2);
	write_sysreg(hyp->host.cptr, cpacr_el1);
	write_sysreg(*this_cpu_ptr(hyp_host_vbar), vbar_el1);
	debug_deactivate(vcpu);
	isb();
}

/**
 * hyp_run - one entry and exit
 * @vcpu: the one that is active
 *
 * Return: HYP_EXIT_*; vcpu_hyp.esr is valid after HYP_EXIT_SYNC and
 * HYP_EXIT_SERROR, far and hpfar after an abort, far after a watchpoint. All
 * exceptions masked.
 */
int hyp_run(struct vcpu *vcpu)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;
	int why = hyp_enter(hyp, hyp_cpu_vectors());

	if (why == HYP_EXIT_SYNC) {
		/* 0x20, 0x24: instruction and data abort; 0x30, 0x34: break- and watchpoint */
		if ((ESR_ELx_EC(hyp->esr) & ~0x14UL) == ESR_ELx_EC_IABT_LOW) {
			hyp->far = read_sysreg_s(SYS_FAR_EL1);
			hyp->hpfar = read_sysreg(hpfar_el2);
		}
	}
	return why;
}
