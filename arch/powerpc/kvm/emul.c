// SPDX-License-Identifier: GPL-2.0
/*
 * Privileged instructions, which trap because the guest runs in problem state,
 * by primary and extended opcode (440x5 User's Manual, chapter 9).
 *
 * No locks: the vCPU's own thread.
 */

#include "booke.h"
#include "insn.h"

#define INSN_OPCODE(i)	((i) >> 26)
#define INSN_XO(i)	((i) >> 1 & 0x3ff)
#define INSN_RT(i)	((i) >> 21 & 31)
#define INSN_RA(i)	((i) >> 16 & 31)
#define INSN_RB(i)	((i) >> 11 & 31)
#define INSN_RC(i)	((i) & 1)
#define INSN_SPR(i)	(((i) >> 16 & 31) | ((i) >> 6 & 0x3e0))

/**
 * emul_set_msr() - the guest's MSR changes
 * @vcpu: own thread, or vcpu->mutex
 * @msr: what it becomes; bits that the core does not have stay 0
 */
void emul_set_msr(struct vcpu *vcpu, u32 msr)
{
	msr &= BMSR_ALL;
	vcpu->arch.regs.msr = msr;
	vcpu->arch.hw.shared->msr = msr;
	if (!(msr & BMSR_FP))
		vcpu->arch.fp_wanted = false;
}

static void emul_return(struct vcpu *vcpu, u32 pc, u32 msr)
{
	/* The dispatcher moves on by one instruction. */
	vcpu->arch.hw.cpu.pc = (pc & ~3U) - 4;
	emul_set_msr(vcpu, msr);
}

/*
 * A return may be a debug event, and then does not happen.  Not that from the
 * handler of such an event: it could not be left.
 */
static bool emul_return_stops(struct vcpu *vcpu, bool critical)
{
	const struct vcpu_regs *regs = &vcpu->arch.regs;

	if (critical && regs->dbcr[0] & B0_IDM && !(regs->msr & BMSR_DE))
		return false;
	return debug_event(vcpu, B0_RET);
}

static enum emul_result emul_rfi(struct vcpu *vcpu, u32 insn)
{
	if (unlikely(emul_return_stops(vcpu, false)))
		return EMUL_INJECTED;
	emul_return(vcpu, vcpu->arch.hw.shared->srr0, vcpu->arch.hw.shared->srr1);
	return EMUL_DONE;
}

static enum emul_result emul_rfci(struct vcpu *vcpu, u32 insn)
{
	if (unlikely(emul_return_stops(vcpu, true)))
		return EMUL_INJECTED;
	emul_return(vcpu, vcpu->arch.regs.csrr0, vcpu->arch.regs.csrr1);
	return EMUL_DONE;
}

static enum emul_result emul_rfmci(struct vcpu *vcpu, u32 insn)
{
	if (unlikely(emul_return_stops(vcpu, true)))
		return EMUL_INJECTED;
	emul_return(vcpu, vcpu->arch.regs.mcsrr0, vcpu->arch.regs.mcsrr1);
	return EMUL_DONE;
}

static enum emul_result emul_mfmsr(struct vcpu *vcpu, u32 insn)
{
	vcpu_set_gpr(vcpu, INSN_RT(insn), vcpu->arch.regs.msr);
	return EMUL_DONE;
}

static enum emul_result emul_mtmsr(struct vcpu *vcpu, u32 insn)
{
	emul_set_msr(vcpu, vcpu_gpr(vcpu, INSN_RT(insn)));
	return EMUL_DONE;
}

static void emul_set_ee(struct vcpu *vcpu, u32 from)
{
	emul_set_msr(vcpu, (vcpu->arch.regs.msr & ~BMSR_EE) | (from & BMSR_EE));
}

static enum emul_result emul_wrtee(struct vcpu *vcpu, u32 insn)
{
	emul_set_ee(vcpu, vcpu_gpr(vcpu, INSN_RT(insn)));
	return EMUL_DONE;
}

static enum emul_result emul_wrteei(struct vcpu *vcpu, u32 insn)
{
	/* The immediate is where MSR[EE] is. */
	emul_set_ee(vcpu, insn);
	return EMUL_DONE;
}

static enum emul_result emul_mfspr(struct vcpu *vcpu, u32 insn)
{
	enum emul_result res;
	u32 value;

	res = spr_read(vcpu, INSN_SPR(insn), &value);
	if (res == EMUL_DONE)
		vcpu_set_gpr(vcpu, INSN_RT(insn), value);
	return res;
}

static enum emul_result emul_mtspr(struct vcpu *vcpu, u32 insn)
{
	return spr_write(vcpu, INSN_SPR(insn), vcpu_gpr(vcpu, INSN_RT(insn)));
}

static enum emul_result emul_tlbwe(struct vcpu *vcpu, u32 insn)
{
	return gtlb_tlbwe(vcpu, vcpu_gpr(vcpu, INSN_RT(insn)), vcpu_gpr(vcpu, INSN_RA(insn)),
			  INSN_RB(insn));
}

static enum emul_result emul_tlbre(struct vcpu *vcpu, u32 insn)
{
	enum emul_result res;
	u32 value;

	res = gtlb_tlbre(vcpu, vcpu_gpr(vcpu, INSN_RA(insn)), INSN_RB(insn), &value);
	if (res == EMUL_DONE)
		vcpu_set_gpr(vcpu, INSN_RT(insn), value);
	return res;
}

static enum emul_result emul_tlbsx(struct vcpu *vcpu, u32 insn)
{
	struct ppc_cpu_state *cpu = &vcpu->arch.hw.cpu;
	u32 ea = vcpu_gpr(vcpu, INSN_RB(insn));
	int found;

	if (INSN_RA(insn))
		ea += vcpu_gpr(vcpu, INSN_RA(insn));
	found = gtlb_tlbsx(vcpu, ea);
	if (INSN_RC(insn)) {
		cpu->cr &= ~PPC_CR0_MASK;
		if (found >= 0)
			cpu->cr |= PPC_CR0_EQ;
		if (cpu->xer & PPC_XER_SO)
			cpu->cr |= PPC_CR0_SO;
	}
	if (found >= 0)
		vcpu_set_gpr(vcpu, INSN_RT(insn), found);
	return EMUL_DONE;
}

/* Caches: the host's are coherent for what the guest sees of them. */
static enum emul_result emul_nothing(struct vcpu *vcpu, u32 insn)
{
	return EMUL_DONE;
}

static enum emul_result emul_cache_read(struct vcpu *vcpu, u32 insn)
{
	vcpu_set_gpr(vcpu, INSN_RT(insn), 0);
	return EMUL_DONE;
}

typedef enum emul_result (*emul_fn)(struct vcpu *vcpu, u32 insn);

static emul_fn emul_op19(unsigned int xo)
{
	switch (xo) {
	case 38:
		return emul_rfmci;
	case 50:
		return emul_rfi;
	case 51:
		return emul_rfci;
	default:
		return NULL;
	}
}

/* By extended opcode of 31 */
static const emul_fn emul_op31[1024] = {
	[83]	= emul_mfmsr,
	[131]	= emul_wrtee,
	[146]	= emul_mtmsr,
	[163]	= emul_wrteei,
	[326]	= emul_cache_read,	/* dcread */
	[339]	= emul_mfspr,
	[454]	= emul_nothing,		/* dccci */
	[467]	= emul_mtspr,
	[486]	= emul_cache_read,	/* dcread, the other encoding */
	[566]	= emul_nothing,		/* tlbsync */
	[914]	= emul_tlbsx,
	[946]	= emul_tlbre,
	[966]	= emul_nothing,		/* iccci */
	[978]	= emul_tlbwe,
	[998]	= emul_nothing,		/* icread */
};

static emul_fn emul_find(u32 insn)
{
	switch (INSN_OPCODE(insn)) {
	case 19:
		return emul_op19(INSN_XO(insn));
	case 31:
		return emul_op31[INSN_XO(insn)];
	default:
		return NULL;
	}
}

/* DCRs, and cache operations that need privilege. */
static enum emul_result emul_access(struct vcpu *vcpu, u32 insn)
{
	struct ppc_cpu_state *cpu = &vcpu->arch.hw.cpu;
	struct ppc_access access;

	if (!ppc_decode(insn, cpu->core->isa, &access))
		return EMUL_UNKNOWN;
	if (!ppc_access_is_dcr(&access) && access.kind != PPC_CACHE)
		return EMUL_UNKNOWN;
	switch (ppc_access_start(cpu, &vcpu->arch.access, vcpu->run, &access)) {
	case PPC_EMUL_DONE:
		/* The dispatcher moves on. */
		cpu->pc -= 4;
		return EMUL_DONE;
	case PPC_EMUL_EXIT:
		return EMUL_USER;
	case PPC_EMUL_FAULT:
		return EMUL_INJECTED;
	default:
		return EMUL_UNKNOWN;
	}
}

/**
 * emul_privileged() - executes an instruction that needs privilege
 * @vcpu: own thread, the guest in supervisor state, the program counter on it
 * @insn: the instruction
 *
 * Return: enum emul_result; with EMUL_UNKNOWN nothing has changed.
 */
enum emul_result emul_privileged(struct vcpu *vcpu, u32 insn)
{
	emul_fn emulate = emul_find(insn);
	enum emul_result res;

	res = emulate ? emulate(vcpu, insn) : emul_access(vcpu, insn);
	if (res == EMUL_DONE)
		vcpu->arch.hw.cpu.pc += 4;
	return res;
}
