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

static int exit_data(struct vcpu *vcpu, bool miss)
{
	u32 esr = vcpu->arch.hw.esr & EXIT_DATA_ESR;

	return mmu_fault(vcpu, vcpu->arch.hw.dear, esr & BESR_ST ? ACCESS_WRITE : ACCESS_READ,
			 esr, miss);
}

static int exit_fetch(struct vcpu *vcpu, bool miss)
{
	return mmu_fault(vcpu, vcpu->arch.hw.cpu.pc, ACCESS_FETCH, 0, miss);
}

static int exit_alignment(struct vcpu *vcpu)
{
	except_data(vcpu, EXC_ALIGNMENT, vcpu->arch.hw.dear, vcpu->arch.hw.esr & EXIT_DATA_ESR);
	return EXIT_GUEST;
}

/* Privileged, or unknown to this core although others have it (mfdcrx). */
static int exit_emulate(struct vcpu *vcpu, u32 insn)
{
	vcpu_stat_inc(vcpu, sysreg_exits);
	switch (emul_privileged(vcpu, insn)) {
	case EMUL_DONE:
		vcpu->arch.stepped = true;
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

static int exit_program(struct vcpu *vcpu)
{
	u32 esr = vcpu->arch.hw.esr;
	u32 insn;

	if (!(esr & (BESR_PIL | BESR_PPR))) {
		/* A trap, or floating point: the guest's own. */
		except_program(vcpu, esr);
		return EXIT_GUEST;
	}
	if (vcpu->arch.regs.msr & BMSR_PR && !debug_wants_insn(vcpu)) {
		except_program(vcpu, esr & (BESR_PIL | BESR_PPR));
		return EXIT_GUEST;
	}
	if (gtlb_fetch(vcpu, vcpu->arch.hw.cpu.pc, &insn))
		return EXIT_GUEST;
	if (debug_is_breakpoint(vcpu, insn))
		return debug_exit_user(vcpu, KVMPPC_DEBUG_NONE);
	if (vcpu->arch.regs.msr & BMSR_PR) {
		except_program(vcpu, esr & (BESR_PIL | BESR_PPR));
		return EXIT_GUEST;
	}
	return exit_emulate(vcpu, insn);
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
 * exit_handle() - handles an exit
 * @vcpu: own thread
 *
 * Context: vm->srcu held; may sleep.
 * Return: EXIT_GUEST; EXIT_USER with vcpu->run filled; a negative errno.
 */
int exit_handle(struct vcpu *vcpu)
{
	vcpu->arch.stepped = false;
	if (vcpu->arch.hw.mcheck_lost) {
		vcpu->arch.hw.mcheck_lost = 0;
		pr_err_ratelimited("machine check in the world switch\n");
	}

	switch (vcpu->arch.hw.vector) {
	case VECTOR_DTLB:
		return exit_data(vcpu, true);
	case VECTOR_ITLB:
		return exit_fetch(vcpu, true);
	case VECTOR_DSI:
		return exit_data(vcpu, false);
	case VECTOR_ISI:
		return exit_fetch(vcpu, false);
	case VECTOR_PROGRAM:
		return exit_program(vcpu);
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
	case VECTOR_DEBUG:
		return debug_exit(vcpu);
	case VECTOR_MCHECK:
		return exit_mcheck(vcpu);
	default:
		/* The host's interrupts have been taken already. */
		return EXIT_GUEST;
	}
}
