// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's FP and Advanced SIMD registers.
 *
 * The kernel's own means of lending the FP registers to itself is
 * kernel_neon_begin(): it saves what the thread's user half has there, of
 * whatever vector length, and keeps softirqs that use FP from losing ours. A
 * guest borrows them the same way: from its first FP instruction after an
 * entry from sleepable code until the vCPU goes back to it, all with
 * preemption off, so no other kernel user can be nested in the same context.
 */

#include <asm/neon.h>
#include "arm64.h"
#include "hcr.h"
#include "hyp/hyp.h"

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
	kernel_neon_begin();
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
	hyp_fp_save(&vcpu->arch.fp);
	vcpu->arch.fp_loaded = false;
	vcpu->arch.hyp.cptr &= ~CPTR_FPEN;
	kernel_neon_end();
}
