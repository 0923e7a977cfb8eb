// SPDX-License-Identifier: GPL-2.0
/*
 * Exits of the guest: one table of slow handlers by exception class, and the
 * few that are worth handling in the inner loop.
 */

#include <asm/esr.h>
#include <asm/sysreg.h>
#include "arm64.h"
#include "exit.h"
#include "guest-debug.h"
#include "hcr.h"
#include "trace.h"

#define NR_EC			64
#define EXIT_WFX_TIMEOUT	BIT(1)	/* ISS.TI: WFIT or WFET */

static enum exit_result exit_undef(struct vcpu *vcpu)
{
	inject_undefined(vcpu);
	return EXIT_RESUME;
}

static enum exit_result exit_wfx(struct vcpu *vcpu)
{
	u64 esr = vcpu_esr(vcpu);

	trace_kvm_wfx_arm64(vcpu->arch.hyp.pc, esr & ESR_ELx_WFx_ISS_WFE);
	vcpu_skip_insn(vcpu);
	if (esr & ESR_ELx_WFx_ISS_WFE) {
		vcpu_stat_inc(vcpu, wfe_exit_stat);
		/* The guest spins on a lock: let the holder run. */
		cond_resched();
		return EXIT_RESUME;
	}
	vcpu_stat_inc(vcpu, wfi_exit_stat);
	/* WFIT is not announced; one that comes all the same ends early, as it may. */
	if (!(esr & EXIT_WFX_TIMEOUT))
		vcpu_block(vcpu);
	return EXIT_RESUME;
}

static enum exit_result exit_hvc(struct vcpu *vcpu)
{
	vcpu_stat_inc(vcpu, hvc_exit_stat);
	return smccc_call(vcpu);
}

static enum exit_result exit_sysreg(struct vcpu *vcpu)
{
	vcpu_stat_inc(vcpu, sysreg_exits);
	return sysreg_trap(vcpu);
}

/* @pc: of the access.  Not for permission faults, whose IPA has to be found first. */
static void exit_trace_abort(const struct vcpu *vcpu, u64 pc)
{
	trace_kvm_guest_fault(pc, vcpu_esr(vcpu), vcpu->arch.hyp.far, vcpu_fault_ipa(vcpu));
}

static enum exit_result exit_abort(struct vcpu *vcpu)
{
	int idx = srcu_read_lock(&vcpu->vm->srcu);
	enum exit_result res;

	/* Where a device is there is no memory slot to look for. */
	if (vcpu->arch.device_abort) {
		vcpu->arch.device_abort = false;
		exit_trace_abort(vcpu, vcpu->arch.hyp.pc);
		res = mmio_abort(vcpu, vcpu_fault_ipa(vcpu));
	} else {
		vcpu_stat_inc(vcpu, stage2_faults);
		res = stage2_fault(vcpu);
	}
	srcu_read_unlock(&vcpu->vm->srcu, idx);
	return res;
}

/*
 * Everything that is not here is an instruction the guest does not have: an
 * undefined-instruction exception.
 */
static enum exit_result (*const exit_handlers[NR_EC])(struct vcpu *vcpu) = {
	[ESR_ELx_EC_WFx]	= exit_wfx,
	[ESR_ELx_EC_CP15_32]	= aarch32_exit,
	[ESR_ELx_EC_CP15_64]	= aarch32_exit,
	[ESR_ELx_EC_CP14_MR]	= aarch32_exit,
	[ESR_ELx_EC_CP10_ID]	= aarch32_exit,
	[ESR_ELx_EC_CP14_64]	= aarch32_exit,
	[ESR_ELx_EC_HVC32]	= aarch32_exit,
	[ESR_ELx_EC_SMC32]	= aarch32_exit,
	[ESR_ELx_EC_HVC64]	= exit_hvc,
	[ESR_ELx_EC_SMC64]	= exit_hvc,
	[ESR_ELx_EC_SYS64]	= exit_sysreg,
	[ESR_ELx_EC_IABT_LOW]	= exit_abort,
	[ESR_ELx_EC_DABT_LOW]	= exit_abort,
	/* Only while user space debugs the guest */
	[ESR_ELx_EC_BREAKPT_LOW] = guest_debug_exit,
	[ESR_ELx_EC_SOFTSTP_LOW] = guest_debug_exit,
	[ESR_ELx_EC_WATCHPT_LOW] = guest_debug_exit,
	[ESR_ELx_EC_BKPT32]	= guest_debug_exit,
	[ESR_ELx_EC_VECTOR32]	= guest_debug_exit,
	[ESR_ELx_EC_BRK64]	= guest_debug_exit,
};

/**
 * exit_handle_slow - a synchronous exit that may sleep
 * @vcpu: loaded, own thread, interrupts and preemption on, vm->srcu not held
 *	  (WFI waits in here)
 */
enum exit_result exit_handle_slow(struct vcpu *vcpu)
{
	enum exit_result (*handler)(struct vcpu *vcpu) = exit_handlers[ESR_ELx_EC(vcpu_esr(vcpu))];

	if (unlikely(vcpu->arch.hyp.pstate & PSR_MODE32_BIT) && aarch32_skip(vcpu))
		return EXIT_RESUME;
	return handler ? handler(vcpu) : exit_undef(vcpu);
}

/**
 * exit_handle_fast - try to answer a synchronous exit in the inner loop
 * @vcpu: active on this CPU, interrupts off
 *
 * Return: EXIT_SLOW having changed nothing, or what the handler says.
 */
enum exit_result exit_handle_fast(struct vcpu *vcpu)
{
	u64 pc = vcpu->arch.hyp.pc;
	enum exit_result res;
	int idx;

	switch (ESR_ELx_EC(vcpu_esr(vcpu))) {
	case ESR_ELx_EC_HVC64:
		trace_kvm_hvc_arm64(pc, vcpu_reg_get(vcpu, 0),
				    vcpu_esr(vcpu) & ESR_ELx_xVC_IMM_MASK);
		return smccc_call_fast(vcpu);
	case ESR_ELx_EC_SYS64:
		return sysreg_trap_fast(vcpu);
	case ESR_ELx_EC_DABT_LOW:
		/* Held for the look-up only: a guest that runs on must not hold it. */
		idx = srcu_read_lock(&vcpu->vm->srcu);
		res = mmio_abort_fast(vcpu);
		srcu_read_unlock(&vcpu->vm->srcu, idx);
		if (res != EXIT_SLOW)
			exit_trace_abort(vcpu, pc);
		return res;
	default:
		return EXIT_SLOW;
	}
}
