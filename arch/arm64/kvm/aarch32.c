// SPDX-License-Identifier: GPL-2.0
/*
 * Guests whose EL1 is in AArch32 state: trapped coprocessor accesses, calls of
 * firmware, and exceptions that are taken for them.
 *
 * The registers of all modes but the SPSRs are in x0 to x30 when an exception
 * goes to AArch64 state (DDI 0487, D1.8.1), and the syndrome names them so. System
 * registers are halves or wholes of AArch64's: the table of those serves here,
 * too. Accesses of AArch32 EL0 below an AArch64 EL1 come here as well; only those
 * that EL0 is allowed get that far.
 */

#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/irqflags.h>
#include <linux/nospec.h>
#include <asm/cpufeature.h>
#include <asm/esr.h>
#include "aarch32.h"
#include "arm64.h"
#include "smccc.h"
#include "sysreg.h"

/**
 * aarch32_supported - can the CPUs run EL1 in AArch32 state?
 *
 * Context: any.
 */
bool aarch32_supported(void)
{
	u64 pfr0 = read_sanitised_ftr_reg(SYS_ID_AA64PFR0_EL1);

	return FIELD_GET(ID_AA64PFR0_EL1_EL1_MASK, pfr0) == ID_AA64PFR0_EL1_EL1_AARCH32;
}

/* ---- Coprocessor registers: which AArch64 register, and what of it */

enum cp_part {
	CP_LOW,			/* bits 31:0; of a 32-bit register all of it */
	CP_HIGH,
	CP_ALL,			/* MRRC and MCRR */
	CP_ZERO,		/* no AArch64 register: reads as zero, writes are ignored */
	CP_DBGDIDR,
};

/*
 * @cp: as SYSREG_KEY(): op0 is 3 for coprocessor 15 and 2 for 14, the rest are
 *	the instruction's opc1, CRn, CRm and opc2; or CP64()
 */
struct cp_alias {
	u16 cp;
	u16 key;
	u8 part;
};

#define CP15(opc1, crn, crm, opc2)	SYSREG_KEY(sys_reg(3, opc1, crn, crm, opc2))
#define CP14(opc1, crn, crm, opc2)	SYSREG_KEY(sys_reg(2, opc1, crn, crm, opc2))
#define ALIAS(from, reg, what)		{ .cp = from, .key = SYSREG_KEY(reg), .part = what }
#define ZERO(from)			{ .cp = from, .part = CP_ZERO }

/* Those whose numbers are not the AArch64 register's; the others are found as they are. */
static const struct cp_alias cp_aliases[] = {
	ALIAS(CP15(0, 0, 0, 1), SYS_CTR_EL0, CP_LOW),
	ZERO(CP15(0, 0, 0, 2)),				/* TCMTR */
	ZERO(CP15(0, 0, 0, 3)),				/* TLBTR */
	ALIAS(CP15(0, 1, 0, 3), SYS_ACTLR_EL1, CP_HIGH),	/* ACTLR2 */
	ALIAS(CP15(0, 2, 0, 3), SYS_TCR_EL1, CP_HIGH),		/* TTBCR2 */
	ALIAS(CP15(0, 3, 0, 0), SYS_DACR32_EL2, CP_LOW),
	ALIAS(CP15(0, 5, 0, 0), SYS_ESR_EL1, CP_LOW),		/* DFSR */
	ALIAS(CP15(0, 5, 0, 1), SYS_IFSR32_EL2, CP_LOW),
	ALIAS(CP15(0, 6, 0, 0), SYS_FAR_EL1, CP_LOW),		/* DFAR */
	ALIAS(CP15(0, 6, 0, 2), SYS_FAR_EL1, CP_HIGH),		/* IFAR */
	ALIAS(CP15(0, 7, 6, 2), SYS_DC_ISW, CP_LOW),
	ALIAS(CP15(0, 7, 10, 2), SYS_DC_CSW, CP_LOW),
	ALIAS(CP15(0, 7, 14, 2), SYS_DC_CISW, CP_LOW),
	ALIAS(CP15(0, 9, 14, 1), SYS_PMINTENSET_EL1, CP_LOW),
	ALIAS(CP15(0, 9, 14, 2), SYS_PMINTENCLR_EL1, CP_LOW),
	ALIAS(CP15(0, 9, 14, 4), SYS_PMCEID0_EL0, CP_HIGH),	/* PMCEID2 */
	ALIAS(CP15(0, 9, 14, 5), SYS_PMCEID1_EL0, CP_HIGH),	/* PMCEID3 */
	ALIAS(CP15(0, 9, 14, 6), SYS_PMMIR_EL1, CP_LOW),
	ALIAS(CP15(0, 10, 2, 0), SYS_MAIR_EL1, CP_LOW),		/* PRRR, MAIR0 */
	ALIAS(CP15(0, 10, 2, 1), SYS_MAIR_EL1, CP_HIGH),	/* NMRR, MAIR1 */
	ALIAS(CP15(0, 10, 3, 1), SYS_AMAIR_EL1, CP_HIGH),	/* AMAIR1 */
	ALIAS(CP15(0, 14, 2, 0), SYS_CNTP_TVAL_EL0, CP_LOW),
	ALIAS(CP15(0, 14, 2, 1), SYS_CNTP_CTL_EL0, CP_LOW),

	{ .cp = CP14(0, 0, 0, 0), .part = CP_DBGDIDR },
	ALIAS(CP14(0, 0, 1, 0), SYS_MDCCSR_EL0, CP_LOW),	/* DBGDSCRint */
	ALIAS(CP14(0, 0, 5, 0), SYS_DBGDTRRX_EL0, CP_LOW),
	ZERO(CP14(0, 0, 6, 0)),				/* DBGWFAR */
	ALIAS(CP14(0, 0, 7, 0), SYS_DBGVCR32_EL2, CP_LOW),
	ZERO(CP14(0, 2, 0, 0)),				/* DBGDSAR */
	ZERO(CP14(0, 7, 0, 7)),				/* DBGDEVID2 */
	ZERO(CP14(0, 7, 1, 7)),				/* DBGDEVID1 */
	ZERO(CP14(0, 7, 2, 7)),				/* DBGDEVID */
};

/* MRRC and MCRR: coprocessor, a wider opc1, CRm */
#define CP64(cp, opc1, crm)	((cp) << 8 | (opc1) << 4 | (crm))

static const struct cp_alias cp_aliases64[] = {
	ALIAS(CP64(15, 0, 2), SYS_TTBR0_EL1, CP_ALL),
	ALIAS(CP64(15, 0, 9), SYS_PMCCNTR_EL0, CP_ALL),
	ALIAS(CP64(15, 1, 2), SYS_TTBR1_EL1, CP_ALL),
	ALIAS(CP64(15, 0, 12), SYS_ICC_SGI1R_EL1, CP_ALL),
	ALIAS(CP64(15, 1, 12), SYS_ICC_ASGI1R_EL1, CP_ALL),
	ALIAS(CP64(15, 2, 12), SYS_ICC_SGI0R_EL1, CP_ALL),
	ALIAS(CP64(15, 0, 14), SYS_CNTPCT_EL0, CP_ALL),
	ALIAS(CP64(15, 2, 14), SYS_CNTP_CVAL_EL0, CP_ALL),
	ALIAS(CP64(15, 8, 14), SYS_CNTPCTSS_EL0, CP_ALL),
	ZERO(CP64(14, 0, 1)),				/* DBGDRAR */
	ZERO(CP64(14, 0, 2)),				/* DBGDSAR */
};

/* Registers of the Performance Monitors that AArch64 has at EL0: c9, c12 to c14, and c14, c8 to c15 */
static bool cp_is_pm(u16 cp)
{
	return (cp >= CP15(0, 9, 12, 0) && cp <= CP15(0, 9, 14, 7)) ||
	       (cp >= CP15(0, 14, 8, 0) && cp <= CP15(0, 14, 15, 7));
}

static struct cp_alias cp_find(u16 cp)
{
	struct cp_alias same = { .cp = cp, .key = cp, .part = CP_LOW };

	for (unsigned int i = 0; i < ARRAY_SIZE(cp_aliases); i++)
		if (cp_aliases[i].cp == cp)
			return cp_aliases[i];
	/* DBGBXVRn are the upper halves of DBGBVRn_EL1. */
	for (unsigned int n = 0; n < ARM64_NR_BRP; n++)
		if (cp == CP14(0, 1, n, 1))
			return (struct cp_alias)ALIAS(cp, SYS_DBGBVRn_EL1(n), CP_HIGH);
	if (cp_is_pm(cp))
		same.key |= CP15(3, 0, 0, 0);
	return same;
}

/* DBGDIDR from ID_AA64DFR0_EL1: WRPs, BRPs, CTX_CMPs, version 8 debug (DDI 0487, G8.3.14) */
static u64 cp_dbgdidr(struct vcpu *vcpu)
{
	u64 dfr0 = sysreg_id_reg(vcpu->vm, SYS_ID_AA64DFR0_EL1);

	return FIELD_GET(ID_AA64DFR0_EL1_WRPs_MASK, dfr0) << 28 |
	       FIELD_GET(ID_AA64DFR0_EL1_BRPs_MASK, dfr0) << 24 |
	       FIELD_GET(ID_AA64DFR0_EL1_CTX_CMPs_MASK, dfr0) << 20 | 6 << 16 | BIT(15);
}

static enum sysreg_access cp_read_whole(struct vcpu *vcpu, u16 key, u64 *val)
{
	const struct sysreg_desc *desc;

	if (key >= SYSREG_ID_FIRST && key <= SYSREG_ID_LAST) {
		unsigned int index = array_index_nospec(key - SYSREG_ID_FIRST, ID_REG_COUNT);

		*val = sysreg_id_get(vcpu->vm, index);
		return SYSREG_DONE;
	}
	desc = sysreg_find(key);
	if (!desc || !desc->read)
		return SYSREG_UNDEF;
	if (!(desc->flags & SYSREG_PMU))
		return desc->read(vcpu, desc, val, false);
	/* Those of the PMU are made for the inner loop. */
	guard(irqsave)();
	return desc->read(vcpu, desc, val, true);
}

static enum sysreg_access cp_read(struct vcpu *vcpu, const struct cp_alias *alias, u64 *val)
{
	enum sysreg_access ret;

	*val = 0;
	switch (alias->part) {
	case CP_ZERO:
		return SYSREG_DONE;
	case CP_DBGDIDR:
		*val = cp_dbgdidr(vcpu);
		return SYSREG_DONE;
	}
	ret = cp_read_whole(vcpu, alias->key, val);
	if (alias->part == CP_HIGH)
		*val >>= 32;
	return ret;
}

/* The register as it is, of one that is written by halves */
static u64 cp_current(struct vcpu *vcpu, const struct sysreg_desc *desc)
{
	u64 val = 0;

	if (desc->flags & SYSREG_SLOT)
		return vcpu_sysreg_get(vcpu, desc->slot);
	if (desc->user_get)
		desc->user_get(vcpu, desc, &val);
	return val;
}

static enum sysreg_access cp_write_part(struct vcpu *vcpu, const struct sysreg_desc *desc,
					enum cp_part part, u64 val, bool fast)
{
	if (part == CP_HIGH)
		val = val << 32 | lower_32_bits(cp_current(vcpu, desc));
	else if (part == CP_LOW)
		val |= cp_current(vcpu, desc) & GENMASK_ULL(63, 32);
	return desc->write(vcpu, desc, val, fast);
}

static enum sysreg_access cp_write(struct vcpu *vcpu, const struct cp_alias *alias, u64 val)
{
	const struct sysreg_desc *desc;

	if (alias->part == CP_ZERO)
		return SYSREG_DONE;
	if (alias->part == CP_DBGDIDR)
		return SYSREG_UNDEF;
	desc = sysreg_find(alias->key);
	if (!desc || !desc->write)
		return SYSREG_UNDEF;
	if (!(desc->flags & SYSREG_PMU))
		return cp_write_part(vcpu, desc, alias->part, val, false);
	guard(irqsave)();
	return cp_write_part(vcpu, desc, alias->part, val, true);
}

static enum exit_result cp_finish(struct vcpu *vcpu, enum sysreg_access ret)
{
	switch (ret) {
	case SYSREG_DONE:
	case SYSREG_DONE_RESYNC:
		vcpu_skip_insn(vcpu);
		break;
	case SYSREG_RETRY:
		break;
	case SYSREG_TRAP_EL1:
		if (!vcpu_is_aarch32(vcpu)) {
			inject_sysreg_trap(vcpu);
			break;
		}
		fallthrough;
	default:
		inject_undefined(vcpu);
	}
	return EXIT_RESUME;
}

/* ISS: opc2 19:17, opc1 16:14, CRn 13:10, Rt 9:5, CRm 4:1, read 0 */
#define CP_READ		BIT(0)
#define CP_RT		5

static unsigned int cp_reg(const struct vcpu *vcpu, u32 iss, unsigned int shift)
{
	return a32_register(iss >> shift & 31, vcpu->arch.hyp.pstate);
}

static u16 cp_key(u32 iss, unsigned int op0)
{
	return op0 << 14 | (iss >> 10 & 0x7f) << 7 | (iss >> 1 & 0xf) << 3 | (iss >> 17 & 7);
}

static enum exit_result cp_access(struct vcpu *vcpu, unsigned int op0)
{
	u32 iss = ESR_ELx_ISS(vcpu_esr(vcpu));
	struct cp_alias alias = cp_find(cp_key(iss, op0));
	enum sysreg_access ret;
	u64 val;

	if (iss & CP_READ) {
		ret = cp_read(vcpu, &alias, &val);
		if (ret == SYSREG_DONE || ret == SYSREG_DONE_RESYNC)
			vcpu_reg_set(vcpu, cp_reg(vcpu, iss, CP_RT), lower_32_bits(val));
	} else {
		val = vcpu_reg_get(vcpu, cp_reg(vcpu, iss, CP_RT));
		ret = cp_write(vcpu, &alias, lower_32_bits(val));
	}
	return cp_finish(vcpu, ret);
}

/* ISS: opc1 19:16, Rt2 14:10, Rt 9:5, CRm 4:1, read 0 */
#define CP64_RT2	10

static enum exit_result cp_access64(struct vcpu *vcpu, unsigned int cp)
{
	u32 iss = ESR_ELx_ISS(vcpu_esr(vcpu));
	u16 which = CP64(cp, iss >> 16 & 0xf, iss >> 1 & 0xf);
	const struct cp_alias *alias = NULL;
	enum sysreg_access ret;
	u64 val;

	for (unsigned int i = 0; i < ARRAY_SIZE(cp_aliases64); i++)
		if (cp_aliases64[i].cp == which)
			alias = &cp_aliases64[i];
	if (!alias)
		return cp_finish(vcpu, SYSREG_UNDEF);
	if (iss & CP_READ) {
		ret = cp_read(vcpu, alias, &val);
		if (ret == SYSREG_DONE || ret == SYSREG_DONE_RESYNC) {
			vcpu_reg_set(vcpu, cp_reg(vcpu, iss, CP_RT), lower_32_bits(val));
			vcpu_reg_set(vcpu, cp_reg(vcpu, iss, CP64_RT2), upper_32_bits(val));
		}
	} else {
		val = (u64)vcpu_reg_get(vcpu, cp_reg(vcpu, iss, CP64_RT2)) << 32 |
		      lower_32_bits(vcpu_reg_get(vcpu, cp_reg(vcpu, iss, CP_RT)));
		ret = cp_write(vcpu, alias, val);
	}
	return cp_finish(vcpu, ret);
}

/* VMRS of MVFR0 to MVFR2, which have the numbers 7 to 5 */
static enum exit_result cp10_access(struct vcpu *vcpu)
{
	u32 iss = ESR_ELx_ISS(vcpu_esr(vcpu));
	u64 val;

	switch (iss >> 10 & 0xf) {
	case 5:
		val = sysreg_id_reg(vcpu->vm, SYS_MVFR2_EL1);
		break;
	case 6:
		val = sysreg_id_reg(vcpu->vm, SYS_MVFR1_EL1);
		break;
	case 7:
		val = sysreg_id_reg(vcpu->vm, SYS_MVFR0_EL1);
		break;
	default:
		return cp_finish(vcpu, SYSREG_UNDEF);
	}
	vcpu_reg_set(vcpu, cp_reg(vcpu, iss, CP_RT), val);
	return cp_finish(vcpu, SYSREG_DONE);
}

/* HVC and SMC: arguments are 32 bits wide, and so are functions. */
static enum exit_result aarch32_call(struct vcpu *vcpu)
{
	u64 *regs = vcpu->arch.hyp.regs;

	/* What the upper halves hold is not defined. */
	for (unsigned int i = 0; i < 8; i++)
		regs[i] = lower_32_bits(regs[i]);
	return smccc_call(vcpu);
}

/* Exception classes of instructions whose condition the CPU need not have looked at: WFI, and coprocessors */
#define CONDITIONAL_ECS	(BIT_ULL(ESR_ELx_EC_WFx) | BIT_ULL(ESR_ELx_EC_CP10_ID) |		\
			 BIT_ULL(ESR_ELx_EC_CP14_64) | BIT_ULL(ESR_ELx_EC_CP15_64) |		\
			 BIT_ULL(ESR_ELx_EC_CP14_MR) | BIT_ULL(ESR_ELx_EC_CP15_32) |		\
			 BIT_ULL(ESR_ELx_EC_CP14_LS))

static bool aarch32_conditional(u64 esr)
{
	/* ISS.CCKNOWNPASS is clear if it is known to pass. */
	if (ESR_ELx_EC(esr) == ESR_ELx_EC_SMC32)
		return esr & BIT_ULL(19);
	return CONDITIONAL_ECS & BIT_ULL(ESR_ELx_EC(esr));
}

/**
 * aarch32_skip - step over a trapped instruction whose condition fails
 * @vcpu: a synchronous exit in AArch32 state
 *
 * Return: true if there is nothing else to do.
 */
bool aarch32_skip(struct vcpu *vcpu)
{
	u64 esr = vcpu_esr(vcpu);

	if (!aarch32_conditional(esr) || a32_trap_executes(esr, vcpu->arch.hyp.pstate))
		return false;
	vcpu_skip_insn(vcpu);
	return true;
}

/**
 * aarch32_exit - a trap that only AArch32 state has
 * @vcpu: loaded, own thread
 *
 * Return: as handlers of exits do.
 */
enum exit_result aarch32_exit(struct vcpu *vcpu)
{
	switch (ESR_ELx_EC(vcpu_esr(vcpu))) {
	case ESR_ELx_EC_CP15_32:
		vcpu_stat_inc(vcpu, sysreg_exits);
		return cp_access(vcpu, 3);
	case ESR_ELx_EC_CP15_64:
		vcpu_stat_inc(vcpu, sysreg_exits);
		return cp_access64(vcpu, 15);
	case ESR_ELx_EC_CP14_MR:
		vcpu_stat_inc(vcpu, sysreg_exits);
		return cp_access(vcpu, 2);
	case ESR_ELx_EC_CP14_64:
		vcpu_stat_inc(vcpu, sysreg_exits);
		return cp_access64(vcpu, 14);
	case ESR_ELx_EC_CP10_ID:
		return cp10_access(vcpu);
	case ESR_ELx_EC_HVC32:
	case ESR_ELx_EC_SMC32:
		vcpu_stat_inc(vcpu, hvc_exit_stat);
		return aarch32_call(vcpu);
	default:
		return cp_finish(vcpu, SYSREG_UNDEF);
	}
}

/* ---- Exceptions */

/* Offsets from the vector base (DDI 0487, G1.12.2) */
#define A32_VECTOR_UND		0x04
#define A32_VECTOR_PABT		0x0c
#define A32_VECTOR_DABT		0x10
#define A32_HIVECS		0xffff0000ULL

/* The registers of Undefined and Abort mode, as AArch64 state has them */
#define A32_LR_ABT		20
#define A32_LR_UND		22

#define TTBCR_EAE		BIT_ULL(31)

static u32 aarch32_pstate_features(struct vcpu *vcpu)
{
	u64 pfr2 = sysreg_id_reg(vcpu->vm, SYS_ID_PFR2_EL1);
	u64 mmfr3 = sysreg_id_reg(vcpu->vm, SYS_ID_MMFR3_EL1);

	return (mmfr3 & ID_MMFR3_EL1_PAN_MASK ? EXC_HAS_PAN : 0) |
	       (pfr2 & ID_PFR2_EL1_SSBS_MASK ? EXC_HAS_SSBS : 0);
}

static void aarch32_take(struct vcpu *vcpu, u64 mode, u32 vector, u32 lr_offset)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;
	u64 sctlr = vcpu_sysreg_get(vcpu, SYS_SCTLR);	/* brings the SPSRs to memory, too */
	u64 base = sctlr & A32_SCTLR_V ? A32_HIVECS : vcpu_sysreg_get(vcpu, SYS_VBAR);
	bool und = mode == A32_M_UND;

	vcpu->arch.pc_advance = false;
	vcpu->arch.spsr_aarch32[(und ? KVM_SPSR_UND : KVM_SPSR_ABT) - 1] = a32_spsr(hyp->pstate);
	hyp->regs[und ? A32_LR_UND : A32_LR_ABT] = lower_32_bits(hyp->pc + lr_offset);
	hyp->pstate = a32_except_pstate(hyp->pstate, mode, sctlr, aarch32_pstate_features(vcpu));
	hyp->pc = lower_32_bits(base) + vector;
	/* Taking it is all that a step over this instruction does. */
	vcpu->arch.guest_debug.step_done = true;
}

/**
 * aarch32_inject_undefined - an undefined-instruction exception
 * @vcpu: at the instruction
 *
 * Context: as inject_undefined().
 */
void aarch32_inject_undefined(struct vcpu *vcpu)
{
	aarch32_take(vcpu, A32_M_UND, A32_VECTOR_UND, vcpu->arch.hyp.pstate & A32_T ? 2 : 4);
}

/**
 * aarch32_inject_abort - a synchronous external abort or an address size fault
 * @vcpu: at the access
 * @insn: of an instruction fetch
 * @far: its address
 * @iss: of AArch64's syndrome: WnR, CM and the fault status
 *
 * The short-descriptor format has no address size fault: it is an external
 * abort there. Context: as inject_undefined().
 */
void aarch32_inject_abort(struct vcpu *vcpu, bool insn, u64 far, u64 iss)
{
	u64 fsr, old_far = vcpu_sysreg_get(vcpu, SYS_FAR);

	if (vcpu_sysreg_get(vcpu, SYS_TCR) & TTBCR_EAE)
		fsr = BIT(9) | (iss & ESR_ELx_FSC);
	else
		fsr = 0x8;	/* FS 0b01000: synchronous external abort, not on a translation table walk */
	if (insn) {
		vcpu_sysreg_set(vcpu, SYS_IFSR32, fsr);
		vcpu_sysreg_set(vcpu, SYS_FAR, far << 32 | lower_32_bits(old_far));
		aarch32_take(vcpu, A32_M_ABT, A32_VECTOR_PABT, 4);
		return;
	}
	if (iss & ESR_ELx_WNR)
		fsr |= BIT(11);
	if (iss & ESR_ELx_CM)
		fsr |= BIT(13);
	vcpu_sysreg_set(vcpu, SYS_ESR, fsr);
	vcpu_sysreg_set(vcpu, SYS_FAR, (old_far & GENMASK_ULL(63, 32)) | lower_32_bits(far));
	aarch32_take(vcpu, A32_M_ABT, A32_VECTOR_DABT, 8);
}
