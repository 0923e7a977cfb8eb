/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_AARCH32_H
#define KVM_ARM64_AARCH32_H

/*
 * AArch32 state: whether a conditional instruction executes, and taking an
 * exception to EL1.  Arithmetic only, so that it can be tested without the
 * hardware.
 */

#include <linux/bits.h>
#include <linux/types.h>
#include "except.h"

/* PSTATE as SPSR_EL2 has it when it is saved from AArch32 state (DDI 0487, C5.2.20) */
#define A32_M_USR		0x10ULL
#define A32_M_FIQ		0x11ULL
#define A32_M_IRQ		0x12ULL
#define A32_M_SVC		0x13ULL
#define A32_M_ABT		0x17ULL
#define A32_M_UND		0x1bULL
#define A32_M_SYS		0x1fULL
#define A32_T			BIT_ULL(5)
#define A32_F			BIT_ULL(6)
#define A32_I			BIT_ULL(7)
#define A32_A			BIT_ULL(8)
#define A32_E			BIT_ULL(9)
#define A32_GE			GENMASK_ULL(19, 16)
#define A32_SS			BIT_ULL(21)
#define A32_SSBS		BIT_ULL(23)
#define A32_IT			(GENMASK_ULL(15, 10) | GENMASK_ULL(26, 25))
#define A32_NZCVQ		GENMASK_ULL(31, 27)

/* A mode's own SPSR and the CPSR have DIT where SPSR_EL2 has SS. */
#define A32_SPSR_DIT		BIT_ULL(21)

/* SCTLR */
#define A32_SCTLR_V		BIT_ULL(13)
#define A32_SCTLR_SPAN		BIT_ULL(23)
#define A32_SCTLR_EE		BIT_ULL(25)
#define A32_SCTLR_TE		BIT_ULL(30)
#define A32_SCTLR_DSSBS		BIT_ULL(31)

/**
 * a32_register - AArch64's number of a general register
 * @n: from a syndrome
 * @pstate: at the instruction, in AArch32 state
 *
 * A syndrome has AArch64's already (DDI 0487, D1.8.1), and then this changes nothing:
 * 8 to 14 stand for User mode's there. Emulated CPUs are known that give the
 * instruction's.
 *
 * Return: a number below 31, or @n itself.
 */
static inline unsigned int a32_register(unsigned int n, u64 pstate)
{
	u64 mode = pstate & EXC_M_MASK;

	if (mode == A32_M_FIQ && n >= 8 && n <= 12)
		return 24 + n - 8;
	if (n != 13 && n != 14)
		return n;
	switch (mode) {
	case A32_M_IRQ:
		return n == 14 ? 16 : 17;
	case A32_M_SVC:
		return n == 14 ? 18 : 19;
	case A32_M_ABT:
		return n == 14 ? 20 : 21;
	case A32_M_UND:
		return n == 14 ? 22 : 23;
	case A32_M_FIQ:
		return n == 14 ? 30 : 29;
	default:
		return n;
	}
}

/* Condition and condition flags of PSTATE (DDI 0487, F1.3.1) */
static inline bool a32_condition_holds(unsigned int cond, u64 pstate)
{
	bool n = pstate & BIT_ULL(31), z = pstate & BIT_ULL(30);
	bool c = pstate & BIT_ULL(29), v = pstate & BIT_ULL(28);
	bool holds;

	switch (cond >> 1) {
	case 0:
		holds = z;
		break;
	case 1:
		holds = c;
		break;
	case 2:
		holds = n;
		break;
	case 3:
		holds = v;
		break;
	case 4:
		holds = c && !z;
		break;
	case 5:
		holds = n == v;
		break;
	case 6:
		holds = n == v && !z;
		break;
	default:
		return true;
	}
	return holds != (cond & 1);
}

/**
 * a32_trap_executes - would the instruction that trapped have executed at all?
 * @esr: of a trapped instruction that can be conditional
 * @pstate: at the instruction
 *
 * A CPU may trap one whose condition fails. In T32 it need not say which that
 * is; the IT block does.
 *
 * Return: false for an instruction that does nothing.
 */
static inline bool a32_trap_executes(u64 esr, u64 pstate)
{
	unsigned int it;

	if (esr & BIT_ULL(24))		/* ISS.CV */
		return a32_condition_holds(esr >> 20 & 0xf, pstate);
	it = (pstate >> 8 & 0xfc) | (pstate >> 25 & 3);
	return !it || a32_condition_holds(it >> 4, pstate);
}

/**
 * a32_except_pstate - PSTATE in the handler (AArch32.EnterMode)
 * @pstate: of the interrupted code
 * @mode: A32_M_UND or A32_M_ABT
 * @sctlr: SCTLR
 * @has: EXC_HAS_PAN, EXC_HAS_SSBS
 *
 * Return: the new PSTATE, as SPSR_EL2 has it.
 */
static inline u64 a32_except_pstate(u64 pstate, u64 mode, u64 sctlr, u32 has)
{
	u64 new = mode | A32_I | (pstate & (A32_NZCVQ | A32_GE | EXC_DIT | A32_F | A32_A));

	if (mode == A32_M_ABT)
		new |= A32_A;
	if (sctlr & A32_SCTLR_TE)
		new |= A32_T;
	if (sctlr & A32_SCTLR_EE)
		new |= A32_E;
	if (has & EXC_HAS_PAN)
		new |= sctlr & A32_SCTLR_SPAN ? pstate & EXC_PAN : EXC_PAN;
	if ((has & EXC_HAS_SSBS) && (sctlr & A32_SCTLR_DSSBS))
		new |= A32_SSBS;
	return new;
}

/* What the mode's SPSR holds of it: SS is not the guest's, DIT takes its place. */
static inline u64 a32_spsr(u64 pstate)
{
	u64 spsr = pstate & ~(A32_SS | EXC_DIT);

	return pstate & EXC_DIT ? spsr | A32_SPSR_DIT : spsr;
}

#endif
