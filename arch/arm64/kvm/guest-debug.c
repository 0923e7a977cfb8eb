// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_SET_GUEST_DEBUG: breakpoints, watchpoints and single steps of user space's.
 *
 * While any of it is enabled all debug exceptions of the guest go to EL2
 * (MDCR_EL2.TDE), and from there to user space: which of them are the guest's own
 * is for the debugger to say. The registers that make them happen are
 *
 *   KVM_GUESTDBG_USE_HW	user space's; the guest's own do not match
 *   otherwise			the guest's own, if it has enabled them
 *
 * with MDSCR_EL1.SS set for KVM_GUESTDBG_SINGLESTEP only. The guest reads and
 * writes its own ones in memory, by traps.
 *
 * A single step is the architecture's (DDI 0487, D2.12) with EL2 as the debugger.
 * PSTATE.SS set means that the instruction is still to be executed, clear that it
 * was and the step exception is due; so what becomes of a step over interrupts of
 * the host, faults, emulated instructions and exits to user space needs no care as
 * long as PSTATE.SS is kept with it. It belongs to the step while the vCPU is
 * loaded. The guest's own is put aside for that time.
 */

#include <linux/bitfield.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>
#include "guest-debug.h"
#include "trace.h"

static_assert(sizeof(struct debug_regs) == sizeof(struct kvm_guest_debug_arch));
static_assert(offsetof(struct debug_regs, bvr) == offsetof(struct kvm_guest_debug_arch, dbg_bvr));
static_assert(offsetof(struct debug_regs, wcr) == offsetof(struct kvm_guest_debug_arch, dbg_wcr));
static_assert(offsetof(struct debug_regs, wvr) == offsetof(struct kvm_guest_debug_arch, dbg_wvr));

/* Of the vector table */
#define VECTORS_SIZE	0x800

/**
 * guest_debug_set - KVM_SET_GUEST_DEBUG
 * @vcpu: vcpu->mutex held, not loaded
 * @debug: from user space
 *
 * A step that was begun and not reported is dropped when stepping ends.
 *
 * Return: 0, or -EINVAL for a control bit that is not known.
 */
int guest_debug_set(struct vcpu *vcpu, const struct kvm_guest_debug *debug)
{
	struct guest_debug *gd = &vcpu->arch.guest_debug;

	trace_kvm_set_guest_debug(vcpu, debug->control);
	if (debug->control & ~GUEST_DEBUG_CONTROLS)
		return -EINVAL;
	if (!(gd->control & debug->control & KVM_GUESTDBG_SINGLESTEP))
		gd->step_done = false;
	gd->control = debug->control & KVM_GUESTDBG_ENABLE ? debug->control : 0;
	if (gd->control & KVM_GUESTDBG_USE_HW)
		memcpy(&gd->regs, &debug->arch, sizeof(gd->regs));
	return 0;
}

/**
 * guest_debug_nr_breakpoints - how many user space can set
 *
 * Return: the number that all CPUs have.
 */
unsigned int guest_debug_nr_breakpoints(void)
{
	u64 dfr0 = read_sanitised_ftr_reg(SYS_ID_AA64DFR0_EL1);

	return FIELD_GET(ID_AA64DFR0_EL1_BRPs_MASK, dfr0) + 1;
}

/**
 * guest_debug_nr_watchpoints - how many user space can set
 *
 * Return: the number that all CPUs have.
 */
unsigned int guest_debug_nr_watchpoints(void)
{
	u64 dfr0 = read_sanitised_ftr_reg(SYS_ID_AA64DFR0_EL1);

	return FIELD_GET(ID_AA64DFR0_EL1_WRPs_MASK, dfr0) + 1;
}

/* PSTATE.SS becomes the step's. */
static void guest_debug_step_in(struct vcpu *vcpu)
{
	struct guest_debug *gd = &vcpu->arch.guest_debug;
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;

	gd->own_ss = hyp->pstate & DBG_SPSR_SS;
	if (gd->step_done) {
		hyp->pstate &= ~(u64)DBG_SPSR_SS;
	} else {
		hyp->pstate |= DBG_SPSR_SS;
		gd->step_pc = hyp->pc;
	}
	gd->stepping = true;
}

/**
 * guest_debug_step_out - PSTATE.SS becomes the guest's own again
 * @vcpu: being put, preemption off
 */
void guest_debug_step_out(struct vcpu *vcpu)
{
	struct guest_debug *gd = &vcpu->arch.guest_debug;

	gd->step_done = !(vcpu->arch.hyp.pstate & DBG_SPSR_SS);
	/* A step of the guest's own would be over, too. */
	if (gd->step_done)
		gd->own_ss = false;
	vcpu->arch.hyp.pstate = guest_debug_own_pstate(vcpu);
	gd->stepping = false;
}

static noinline void guest_debug_trace_regs(const struct debug_regs *regs)
{
	trace_kvm_arm_set_regset("BKPTS", guest_debug_nr_breakpoints(), regs->bcr, regs->bvr);
	trace_kvm_arm_set_regset("WAPTS", guest_debug_nr_watchpoints(), regs->wcr, regs->wvr);
}

/**
 * guest_debug_choose - what the guest runs with while it is debugged
 * @vcpu: loaded on this CPU, preemption off
 * @mdscr: what the guest's own MDSCR_EL1 and OS lock ask for
 *
 * Debug exceptions to EL2 need no MDSCR_EL1.KDE, and no PSTATE.D masks them.
 */
void guest_debug_choose(struct vcpu *vcpu, u64 mdscr)
{
	struct guest_debug *gd = &vcpu->arch.guest_debug;

	mdscr &= ~MDSCR_SS;
	if (gd->control & KVM_GUESTDBG_USE_HW) {
		vcpu->arch.dbg_bank = &gd->regs;
		if (trace_kvm_arm_set_regset_enabled())
			guest_debug_trace_regs(&gd->regs);
		mdscr |= MDSCR_MDE;
	} else {
		vcpu->arch.dbg_bank = mdscr & MDSCR_MDE ? &vcpu->arch.dbg : NULL;
	}
	if (gd->control & KVM_GUESTDBG_SINGLESTEP) {
		mdscr |= MDSCR_SS;
		if (!gd->stepping)
			guest_debug_step_in(vcpu);
	}
	vcpu->arch.dbg_mdscr = mdscr;
}

/**
 * guest_debug_reset - the next step begins with the first instruction
 * @vcpu: not loaded
 *
 * Whether and how the guest is debugged stays as it is.
 */
void guest_debug_reset(struct vcpu *vcpu)
{
	vcpu->arch.guest_debug.step_done = false;
}

/*
 * The stepped instruction may have caused an exception to EL1, with PSTATE.SS
 * still set: what the guest finds in SPSR_EL1 has to be its own.
 */
static void guest_debug_clean_spsr(struct vcpu *vcpu)
{
	struct guest_debug *gd = &vcpu->arch.guest_debug;
	u64 spsr;

	if (gd->own_ss || vcpu->arch.hyp.pc - vcpu_sysreg_get(vcpu, SYS_VBAR) >= VECTORS_SIZE ||
	    vcpu_sysreg_get(vcpu, SYS_ELR1) != gd->step_pc)
		return;
	spsr = vcpu_sysreg_get(vcpu, SYS_SPSR1);
	vcpu_sysreg_set(vcpu, SYS_SPSR1, spsr & ~(u64)DBG_SPSR_SS);
}

/* It is reported: the next entry begins another one. */
static void guest_debug_step_end(struct vcpu *vcpu)
{
	guest_debug_clean_spsr(vcpu);
	vcpu->arch.guest_debug.own_ss = false;
	vcpu->arch.hyp.pstate |= DBG_SPSR_SS;
}

/**
 * guest_debug_exit - a debug exception of the guest
 * @vcpu: loaded, own thread; MDCR_EL2.TDE is set
 *
 * Return: EXIT_USER with KVM_EXIT_DEBUG.
 */
enum exit_result guest_debug_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	u64 esr = vcpu_esr(vcpu);

	/* A preemption in between would put PSTATE.SS aside, and with it the step's end. */
	if (ESR_ELx_EC(esr) == ESR_ELx_EC_SOFTSTP_LOW) {
		guard(preempt)();
		guest_debug_step_end(vcpu);
	}
	run->exit_reason = KVM_EXIT_DEBUG;
	run->flags = KVM_DEBUG_ARCH_HSR_HIGH_VALID;
	run->debug.arch.hsr = lower_32_bits(esr);
	run->debug.arch.hsr_high = upper_32_bits(esr);
	run->debug.arch.far = ESR_ELx_EC(esr) == ESR_ELx_EC_WATCHPT_LOW ? vcpu->arch.hyp.far : 0;
	return EXIT_USER;
}
