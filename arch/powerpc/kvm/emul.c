// SPDX-License-Identifier: GPL-2.0
/*
 * Privileged instructions, which trap because the guest runs in problem state:
 * one table by primary and extended opcode (440x5 User's Manual, chapter 9).
 *
 * No locks: the vCPU's own thread.
 */

#include <linux/array_size.h>
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
	vcpu->arch.regs.msr = msr & BMSR_ALL;
	if (!(msr & BMSR_FP))
		vcpu->arch.fp_wanted = false;
}

static void emul_return(struct vcpu *vcpu, u32 pc, u32 msr)
{
	/* The dispatcher moves on by one instruction. */
	vcpu->arch.hw.cpu.pc = (pc & ~3U) - 4;
	emul_set_msr(vcpu, msr);
}

static enum emul_result emul_rfi(struct vcpu *vcpu, u32 insn)
{
	emul_return(vcpu, vcpu->arch.regs.srr0, vcpu->arch.regs.srr1);
	return EMUL_DONE;
}

static enum emul_result emul_rfci(struct vcpu *vcpu, u32 insn)
{
	emul_return(vcpu, vcpu->arch.regs.csrr0, vcpu->arch.regs.csrr1);
	return EMUL_DONE;
}

static enum emul_result emul_rfmci(struct vcpu *vcpu, u32 insn)
{
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

static const struct {
	u8 opcode;
	u16 xo;
	enum emul_result (*emulate)(struct vcpu *vcpu, u32 insn);
} emul_table[] = {
	{ 19,  38, emul_rfmci },
	{ 19,  50, emul_rfi },
	{ 19,  51, emul_rfci },
	{ 31,  83, emul_mfmsr },
	{ 31, 131, emul_wrtee },
	{ 31, 146, emul_mtmsr },
	{ 31, 163, emul_wrteei },
	{ 31, 326, emul_cache_read },	/* dcread */
	{ 31, 339, emul_mfspr },
	{ 31, 454, emul_nothing },	/* dccci */
	{ 31, 467, emul_mtspr },
	{ 31, 486, emul_cache_read },	/* dcread, the other encoding */
	{ 31, 566, emul_nothing },	/* tlbsync */
	{ 31, 914, emul_tlbsx },
	{ 31, 946, emul_tlbre },
	{ 31, 966, emul_nothing },	/* iccci */
	{ 31, 978, emul_tlbwe },
	{ 31, 998, emul_nothing },	/* icread */
};

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
	enum emul_result res = EMUL_UNKNOWN;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(emul_table); i++) {
		if (emul_table[i].opcode != INSN_OPCODE(insn) || emul_table[i].xo != INSN_XO(insn))
			continue;
		res = emul_table[i].emulate(vcpu, insn);
		break;
	}
	if (i == ARRAY_SIZE(emul_table))
		res = emul_access(vcpu, insn);
	if (res == EMUL_DONE)
		vcpu->arch.hw.cpu.pc += 4;
	return res;
}
