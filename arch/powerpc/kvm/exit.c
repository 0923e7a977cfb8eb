// SPDX-License-Identifier: GPL-2.0
/*
 * What to do about an exit, by the vector that it came through.
 *
 * ESR and DEAR of the exit count only where the core sets them: for data storage
 * and data TLB interrupts, alignment and, ESR, program interrupts.
 *
 * Locks: vm->srcu held by the caller; interrupts on.
 */

#define pr_fmt(fmt) "kvm: " fmt

#include <linux/printk.h>
#include <kvm/compat.h>
#include "booke.h"
#include "hw.h"

/* The architecture's: not what an emulated core may add. */
#define EXIT_DATA_ESR	(BESR_ST | BESR_DLK | BESR_AP | BESR_FP | BESR_BO)

static enum mmu_access exit_access(const struct vcpu *vcpu)
{
	switch (vcpu->arch.hw.vector) {
	case VECTOR_ITLB:
	case VECTOR_ISI:
		return ACCESS_FETCH;
	default:
		return vcpu->arch.hw.esr & BESR_ST ? ACCESS_WRITE : ACCESS_READ;
	}
}

static u32 exit_address(const struct vcpu *vcpu)
{
	return exit_access(vcpu) == ACCESS_FETCH ? vcpu->arch.hw.cpu.pc : vcpu->arch.hw.dear;
}

static int exit_storage_fast(struct vcpu *vcpu, bool miss)
{
	enum mmu_access access = exit_access(vcpu);
	u32 esr = access == ACCESS_FETCH ? 0 : vcpu->arch.hw.esr & EXIT_DATA_ESR;

	return mmu_fault_fast(vcpu, exit_address(vcpu), access, esr, miss);
}

static int exit_alignment(struct vcpu *vcpu)
{
	except_data(vcpu, EXC_ALIGNMENT, vcpu->arch.hw.dear, vcpu->arch.hw.esr & EXIT_DATA_ESR);
	return EXIT_GUEST;
}

/* Privileged, or unknown to this core although others have it (mfdcrx). */
static int exit_emulate(struct vcpu *vcpu, u32 insn)
{
	bool steps = vcpu->arch.debug.control || vcpu->arch.regs.msr & BMSR_DE;

	vcpu_stat_inc(vcpu, sysreg_exits);
	switch (emul_privileged(vcpu, insn)) {
	case EMUL_DONE:
		/* It is the MSR before that says so: a handler that returns is no event. */
		vcpu->arch.stepped = steps;
		return EXIT_GUEST;
	case EMUL_USER:
		return EXIT_USER;
	case EMUL_INJECTED:
		return EXIT_GUEST;
	default:
		except_program(vcpu, BESR_PIL);
		return EXIT_GUEST;
	}
}

static int exit_program_insn(struct vcpu *vcpu, u32 insn)
{
	if (debug_is_breakpoint(vcpu, insn))
		return debug_exit_user(vcpu, KVMPPC_DEBUG_NONE);
	if (vcpu->arch.regs.msr & BMSR_PR) {
		except_program(vcpu, vcpu->arch.hw.esr & (BESR_PIL | BESR_PPR));
		return EXIT_GUEST;
	}
	return exit_emulate(vcpu, insn);
}

static int exit_program_fast(struct vcpu *vcpu)
{
	u32 esr = vcpu->arch.hw.esr;
	u32 insn;

	if (!(esr & (BESR_PIL | BESR_PPR))) {
		/* A trap, or floating point: the guest's own. */
		if (esr & BESR_PTR && unlikely(debug_event(vcpu, B0_TRAP)))
			return EXIT_GUEST;
		except_program(vcpu, esr & ~BESR_ST);
		return EXIT_GUEST;
	}
	if (!shadow_fetch(vcpu, vcpu->arch.hw.cpu.pc, &insn))
		return EXIT_SLOW;
	return exit_program_insn(vcpu, insn);
}

static int exit_program(struct vcpu *vcpu)
{
	u32 insn;

	if (gtlb_fetch(vcpu, vcpu->arch.hw.cpu.pc, &insn))
		return EXIT_GUEST;
	return exit_program_insn(vcpu, insn);
}

static int exit_fp(struct vcpu *vcpu)
{
	/* Loaded at the next entry. */
	if (vcpu->arch.regs.msr & BMSR_FP)
		vcpu->arch.fp_wanted = true;
	else
		except_queue(vcpu, EXC_FP_UNAVAILABLE);
	return EXIT_GUEST;
}

static int exit_mcheck(struct vcpu *vcpu)
{
	pr_err_ratelimited("machine check while a guest ran\n");
	vcpu->arch.regs.mcsr |= BESR_MCI;
	except_queue(vcpu, EXC_MCHECK);
	return EXIT_GUEST;
}

/**
 * exit_handle_fast() - handles an exit, if that can be done at once
 * @vcpu: own thread
 *
 * Context: interrupts off.
 * Return: EXIT_GUEST; EXIT_USER with vcpu->run filled; EXIT_SLOW if it takes
 * exit_handle_slow().
 */
int exit_handle_fast(struct vcpu *vcpu)
{
	vcpu->arch.stepped = false;

	switch (vcpu->arch.hw.vector) {
	case VECTOR_DTLB:
	case VECTOR_ITLB:
		return exit_storage_fast(vcpu, true);
	case VECTOR_DSI:
	case VECTOR_ISI:
		return exit_storage_fast(vcpu, false);
	case VECTOR_PROGRAM:
		return exit_program_fast(vcpu);
	case VECTOR_SYSCALL:
		vcpu_stat_inc(vcpu, hvc_exit_stat);
		return hcall_syscall(vcpu);
	case VECTOR_FP_UNAVAILABLE:
		return exit_fp(vcpu);
	case VECTOR_ALIGNMENT:
		return exit_alignment(vcpu);
	case VECTOR_AP_UNAVAILABLE:
		except_program(vcpu, BESR_PIL);
		return EXIT_GUEST;
	default:
		return EXIT_SLOW;
	}
}

/**
 * exit_handle_slow() - handles an exit
 * @vcpu: own thread; exit_handle_fast() has not done it
 *
 * Context: interrupts on, vm->srcu held; may sleep.
 * Return: EXIT_GUEST; EXIT_USER with vcpu->run filled; a negative errno.
 */
int exit_handle_slow(struct vcpu *vcpu)
{
	if (vcpu->arch.hw.mcheck_lost) {
		vcpu->arch.hw.mcheck_lost = 0;
		pr_err_ratelimited("machine check in the world switch\n");
	}

	switch (vcpu->arch.hw.vector) {
	case VECTOR_DTLB:
	case VECTOR_ITLB:
	case VECTOR_DSI:
	case VECTOR_ISI:
		return mmu_fault(vcpu, exit_address(vcpu), exit_access(vcpu));
	case VECTOR_PROGRAM:
		return exit_program(vcpu);
	case VECTOR_DEBUG:
		return debug_exit(vcpu);
	case VECTOR_MCHECK:
		return exit_mcheck(vcpu);
	default:
		/* The host's interrupts have been taken already. */
		return EXIT_GUEST;
	}
}
