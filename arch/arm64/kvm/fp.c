// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's FP, Advanced SIMD and SVE registers.
 *
 * The kernel's own means of lending the FP registers to itself is
 * kernel_neon_begin(): it saves what the thread's user half has there, of
 * whatever vector length, and keeps softirqs that use FP from losing ours. A
 * guest borrows them the same way: from its first FP instruction after an
 * entry from sleepable code until the vCPU goes back to it, all with
 * preemption off, so no other kernel user can be nested in the same context.
 *
 * Of a lender in the kernel a softirq keeps 128 bits of each register. While
 * the registers hold longer vectors softirqs are therefore off; as soon as one
 * waits, the vCPU goes back to sleepable code, which gives the registers back.
 * On PREEMPT_RT softirqs are threads, and wait for preemption as they are.
 *
 * A thread's own vectors do not outlive a system call, KVM_RUN or another. Its
 * vector length does: ZCR_EL2 limits the guest's, too, and is put back.
 */

#include <linux/bottom_half.h>
#include <asm/neon.h>
#include "arm64.h"
#include "hcr.h"
#include "hyp/hyp.h"

/**
 * fp_is_trap - did the guest leave for want of its FP registers?
 * @vcpu: a synchronous exit
 *
 * Context: any.
 */
bool fp_is_trap(const struct vcpu *vcpu)
{
	switch (ESR_ELx_EC(vcpu_esr(vcpu))) {
	case ESR_ELx_EC_FP_ASIMD:
		return true;
	case ESR_ELx_EC_SVE:
		return vcpu->arch.sve.state;
	default:
		return false;
	}
}

static void fp_sve_load(struct vcpu *vcpu)
{
	struct vcpu_sve *sve = &vcpu->arch.sve;

	/* The kernel's name for ZCR_EL2. It takes effect in program order (DDI 0487, D24.2.189). */
	vcpu->arch.hyp.host.zcr = read_sysreg_s(SYS_ZCR_EL1);
	write_sysreg_s(sve->max_vq - 1, SYS_ZCR_EL1);
	hyp_sve_load(sve->state, &vcpu->arch.fp);
	sve->loaded = true;
	vcpu->arch.hyp.cptr |= CPTR_ZEN;
}

static void fp_sve_save(struct vcpu *vcpu)
{
	struct vcpu_sve *sve = &vcpu->arch.sve;

	hyp_sve_save(sve->state, &vcpu->arch.fp);
	write_sysreg_s(vcpu->arch.hyp.host.zcr, SYS_ZCR_EL1);
	sve->loaded = false;
	vcpu->arch.hyp.cptr &= ~CPTR_ZEN;
}

/**
 * fp_guest_load - hand the CPU's FP registers to the guest
 * @vcpu: trapped on an FP instruction
 *
 * Context: preemption off, interrupts on (kernel_neon_begin() wants them).
 */
void fp_guest_load(struct vcpu *vcpu)
{
	if (vcpu->arch.fp_loaded)
		return;
	if (vcpu->arch.sve.state && !IS_ENABLED(CONFIG_PREEMPT_RT))
		local_bh_disable();
	kernel_neon_begin();
	if (vcpu->arch.sve.state)
		fp_sve_load(vcpu);
	else
		hyp_fp_load(&vcpu->arch.fp);
	vcpu->arch.fp_loaded = true;
	vcpu->arch.hyp.cptr |= CPTR_FPEN;
}

/**
 * fp_guest_put - take the FP registers back, if the guest has them
 * @vcpu: about to leave the code that runs with preemption off
 */
void fp_guest_put(struct vcpu *vcpu)
{
	if (!vcpu->arch.fp_loaded)
		return;
	if (vcpu->arch.sve.state)
		fp_sve_save(vcpu);
	else
		hyp_fp_save(&vcpu->arch.fp);
	vcpu->arch.fp_loaded = false;
	vcpu->arch.hyp.cptr &= ~CPTR_FPEN;
	kernel_neon_end();
	if (vcpu->arch.sve.state && !IS_ENABLED(CONFIG_PREEMPT_RT))
		local_bh_enable();
}
