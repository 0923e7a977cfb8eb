/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_EXCEPT_H
#define KVM_ARM64_EXCEPT_H

/*
 * Taking an exception to EL1 in AArch64 state: what the CPU would make of
 * PSTATE and where it would go.  Arithmetic only, so that it can be tested
 * without the hardware.
 */

#include <linux/bits.h>
#include <linux/types.h>

/* SPSR_ELx as saved from AArch64 state (Arm ARM C5.2.18) */
#define EXC_M_MASK		0x1fULL		/* M[4:0]; M[4] is set in AArch32 state */
#define EXC_M_AARCH32		0x10ULL
#define EXC_M_EL0T		0x0ULL
#define EXC_M_EL1T		0x4ULL
#define EXC_M_EL1H		0x5ULL
#define EXC_DAIF		GENMASK_ULL(9, 6)
#define EXC_SSBS		BIT_ULL(12)
#define EXC_PAN			BIT_ULL(22)
#define EXC_DIT			BIT_ULL(24)
#define EXC_TCO			BIT_ULL(25)
#define EXC_NZCV		GENMASK_ULL(31, 28)

/* SCTLR_EL1 */
#define EXC_SCTLR_SPAN		BIT_ULL(23)
#define EXC_SCTLR_DSSBS		BIT_ULL(44)

/* What the guest's CPU has of the PSTATE fields that an exception changes */
#define EXC_HAS_PAN		BIT(0)
#define EXC_HAS_SSBS		BIT(1)
#define EXC_HAS_DIT		BIT(2)
#define EXC_HAS_MTE		BIT(3)

/* Offsets in a quarter of the vector table (D1.3.1.5) */
#define EXC_SYNC		0x000U
#define EXC_IRQ			0x080U
#define EXC_FIQ			0x100U
#define EXC_SERROR		0x180U

/**
 * except_vector - offset from VBAR_EL1 of the vector that an exception uses
 * @pstate: of the interrupted code, EL0 or EL1
 * @kind: EXC_SYNC, ...
 *
 * Return: the offset in bytes.
 */
static inline u32 except_vector(u64 pstate, u32 kind)
{
	if (pstate & EXC_M_AARCH32)
		return 0x600 + kind;
	switch (pstate & EXC_M_MASK) {
	case EXC_M_EL1H:
		return 0x200 + kind;
	case EXC_M_EL1T:
		return kind;
	default:
		return 0x400 + kind;
	}
}

/**
 * except_pstate - PSTATE in the handler (AArch64.TakeException, target EL1)
 * @pstate: of the interrupted code
 * @sctlr: SCTLR_EL1
 * @has: EXC_HAS_*
 *
 * The condition flags and DIT stay; PAN is set unless SCTLR_EL1.SPAN keeps it;
 * SSBS comes from SCTLR_EL1.DSSBS; tag checks are overridden; UAO, SS, IL,
 * BTYPE and ALLINT, which no guest has, are clear.
 *
 * Return: the new PSTATE, as SPSR_EL2 has it.
 */
static inline u64 except_pstate(u64 pstate, u64 sctlr, u32 has)
{
	u64 new = EXC_M_EL1H | EXC_DAIF | (pstate & EXC_NZCV);

	if (has & EXC_HAS_DIT)
		new |= pstate & EXC_DIT;
	if (has & EXC_HAS_PAN)
		new |= sctlr & EXC_SCTLR_SPAN ? pstate & EXC_PAN : EXC_PAN;
	if ((has & EXC_HAS_SSBS) && (sctlr & EXC_SCTLR_DSSBS))
		new |= EXC_SSBS;
	if (has & EXC_HAS_MTE)
		new |= EXC_TCO;
	return new;
}

#endif
