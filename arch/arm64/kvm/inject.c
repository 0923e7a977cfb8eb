// SPDX-License-Identifier: GPL-2.0
/* Exceptions that the hypervisor takes on the guest's behalf to the guest's EL1. */

#include <linux/bitfield.h>
#include <asm/cpufeature.h>
#include <asm/esr.h>
#include <asm/sysreg.h>
#include "arm64.h"
#include "except.h"
#include "guest-debug.h"
#include "hcr.h"

/* What an abort's syndrome tells of the access, besides the fault status */
#define ABORT_ACCESS	(ESR_ELx_WNR | ESR_ELx_CM)

/* DFSC and IFSC, long-descriptor format */
#define FSC_ADDRESS_SIZE_L0	0x00
#define FSC_SYNC_EXTERNAL	0x10

static u32 inject_pstate_features(struct vcpu *vcpu)
{
	u64 pfr0 = sysreg_id_reg(vcpu->vm, SYS_ID_AA64PFR0_EL1);
	u64 pfr1 = sysreg_id_reg(vcpu->vm, SYS_ID_AA64PFR1_EL1);
	u64 mmfr1 = sysreg_id_reg(vcpu->vm, SYS_ID_AA64MMFR1_EL1);
	u32 has = 0;

	if (FIELD_GET(ID_AA64MMFR1_EL1_PAN_MASK, mmfr1))
		has |= EXC_HAS_PAN;
	if (FIELD_GET(ID_AA64PFR1_EL1_SSBS_MASK, pfr1))
		has |= EXC_HAS_SSBS;
	if (FIELD_GET(ID_AA64PFR0_EL1_DIT_MASK, pfr0))
		has |= EXC_HAS_DIT;
	if (FIELD_GET(ID_AA64PFR1_EL1_MTE_MASK, pfr1))
		has |= EXC_HAS_MTE;
	return has;
}

/*
 * The exception is taken instead of what the trapped instruction would have
 * done, so that instruction is not also stepped over.
 */
static void inject_take(struct vcpu *vcpu, u64 esr)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;
	u64 sctlr = vcpu_sysreg_get(vcpu, SYS_SCTLR);

	vcpu->arch.pc_advance = false;
	vcpu_sysreg_set(vcpu, SYS_ESR, esr);
	vcpu_sysreg_set(vcpu, SYS_ELR1, hyp->pc);
	vcpu_sysreg_set(vcpu, SYS_SPSR1, guest_debug_own_pstate(vcpu));
	hyp->pc = vcpu_sysreg_get(vcpu, SYS_VBAR) + except_vector(hyp->pstate, EXC_SYNC);
	hyp->pstate = except_pstate(hyp->pstate, sctlr, inject_pstate_features(vcpu));
	/* Taking it is all that a step over this instruction does. */
	vcpu->arch.guest_debug.step_done = true;
}

static bool inject_from_el0(const struct vcpu *vcpu)
{
	u64 mode = vcpu->arch.hyp.pstate & EXC_M_MASK;

	return mode == EXC_M_EL0T || (mode & EXC_M_AARCH32);
}

static void inject_abort(struct vcpu *vcpu, bool insn, u64 far, u64 iss)
{
	u64 ec;

	if (vcpu_is_aarch32(vcpu)) {
		aarch32_inject_abort(vcpu, insn, far, iss);
		return;
	}
	if (insn)
		ec = inject_from_el0(vcpu) ? ESR_ELx_EC_IABT_LOW : ESR_ELx_EC_IABT_CUR;
	else
		ec = inject_from_el0(vcpu) ? ESR_ELx_EC_DABT_LOW : ESR_ELx_EC_DABT_CUR;
	vcpu_sysreg_set(vcpu, SYS_FAR, far);
	/* IL is 1 for instruction aborts and for data aborts without ISV. */
	inject_take(vcpu, ec << ESR_ELx_EC_SHIFT | ESR_ELx_IL | iss);
}

/* Whether the last exit was a data abort, and then what kind of access it was */
static u64 inject_access(const struct vcpu *vcpu)
{
	u64 esr = vcpu_esr(vcpu);

	return ESR_ELx_EC(esr) == ESR_ELx_EC_DABT_LOW ? esr & ABORT_ACCESS : 0;
}

/**
 * inject_undefined - undefined-instruction exception (EC 0, "unknown reason")
 * @vcpu: at the instruction
 *
 * Context: own thread or vcpu->mutex held; fast handlers too. DDI 0487 D24.2.40.
 */
void inject_undefined(struct vcpu *vcpu)
{
	if (vcpu_is_aarch32(vcpu))
		aarch32_inject_undefined(vcpu);
	else
		inject_take(vcpu, (u64)ESR_ELx_EC_UNKNOWN << ESR_ELx_EC_SHIFT | ESR_ELx_IL);
}

/**
 * inject_sysreg_trap - EL0 used a register that the guest's EL1 has to itself
 * @vcpu: at the instruction, which trapped
 *
 * The exception is the one that EL2 took. Context: as inject_undefined().
 */
void inject_sysreg_trap(struct vcpu *vcpu)
{
	inject_take(vcpu, vcpu_esr(vcpu));
}

/**
 * inject_id_trap - a read of an ID register that is not there
 * @vcpu: at the MRS instruction, which trapped
 *
 * With FEAT_IDST the exception says which one was read (EC 0x18), elsewhere it
 * is as for any undefined instruction. Context: as inject_undefined().
 */
void inject_id_trap(struct vcpu *vcpu)
{
	u64 mmfr2 = sysreg_id_reg(vcpu->vm, SYS_ID_AA64MMFR2_EL1);

	if (FIELD_GET(ID_AA64MMFR2_EL1_IDS_MASK, mmfr2))
		inject_take(vcpu, vcpu_esr(vcpu));
	else
		inject_undefined(vcpu);
}

/**
 * inject_data_abort - synchronous external abort on a data access
 * @vcpu: at the access
 * @far: its virtual address
 *
 * Context: as inject_undefined().
 */
void inject_data_abort(struct vcpu *vcpu, u64 far)
{
	inject_abort(vcpu, false, far, inject_access(vcpu) | FSC_SYNC_EXTERNAL);
}

/**
 * inject_insn_abort - synchronous external abort on an instruction fetch
 * @vcpu: at the instruction
 * @far: its virtual address
 *
 * Context: as inject_undefined().
 */
void inject_insn_abort(struct vcpu *vcpu, u64 far)
{
	inject_abort(vcpu, true, far, FSC_SYNC_EXTERNAL);
}

/**
 * inject_address_size_fault - the guest used an address beyond its physical address space
 * @vcpu: at the access; the last exit was the abort
 *
 * Reported at level 0, as for an output address of the stage that the guest
 * does not see. Context: as inject_undefined().
 */
void inject_address_size_fault(struct vcpu *vcpu)
{
	bool insn = ESR_ELx_EC(vcpu_esr(vcpu)) == ESR_ELx_EC_IABT_LOW;

	inject_abort(vcpu, insn, vcpu->arch.hyp.far, inject_access(vcpu) | FSC_ADDRESS_SIZE_L0);
}

/**
 * inject_serror - make a virtual SError interrupt pending
 * @vcpu: takes it when its PSTATE.A allows; the CPU then withdraws it
 * @has_esr: @esr is what the guest shall see as the syndrome
 * @esr: ESR_ELx.ISS, bits 24:0. Kept only where VSESR_EL2 exists (FEAT_RAS)
 *
 * Context: own thread, not a fast handler, or vcpu->mutex held.
 */
void inject_serror(struct vcpu *vcpu, bool has_esr, u64 esr)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;

	hyp->vsesr = has_esr ? esr & ESR_ELx_ISS_MASK : 0;
	hyp->hcr |= HCR_VSE;
}
