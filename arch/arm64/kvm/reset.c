// SPDX-License-Identifier: GPL-2.0
/* A vCPU's state after reset, and what traps it starts with. */

#include <linux/bitfield.h>
#include <linux/maple_tree.h>
#include <asm/cacheflush.h>
#include <asm/cpufeature.h>
#include <kvm/arch.h>
#include "aarch32.h"
#include "arm64.h"
#include "hcr.h"
#include "sysreg.h"

/*
 * Traps that hold for the whole life of a vCPU. WFE is left alone: a waiting
 * CPU that yields its host CPU has WFI and the host's time slices for it.
 */
#define RESET_HCR	(HCR_E2H | HCR_RW | HCR_VM | HCR_SWIO | HCR_PTW |		\
			 HCR_AMO | HCR_IMO | HCR_FMO | HCR_FB | HCR_BSU_IS |		\
			 HCR_TSC | HCR_TWI | HCR_TSW | HCR_TIDCP | HCR_TACR |		\
			 HCR_TID1 | HCR_TID3 | HCR_TLOR | HCR_TERR)

static u64 reset_hcr(const struct vcpu *vcpu)
{
	u64 hcr = RESET_HCR | sysreg_cache_traps(vcpu->vm);

	if (stage2_uses_fwb())
		hcr |= HCR_FWB;
	if (vcpu_is_aarch32(vcpu))
		hcr &= ~HCR_RW;
	/* GMID_EL1: the other tag registers trap by themselves while ATA is clear. */
	if (vcpu->vm->arch.mte)
		hcr |= HCR_ATA;
	else if (read_sysreg_s(SYS_ID_AA64PFR1_EL1) & ID_AA64PFR1_EL1_MTE_MASK)
		hcr |= HCR_TID5;
	return hcr;
}

/* FP, SVE and SME trap until they are lent; trace and activity monitors always. */
static u64 reset_cptr(void)
{
	u64 cptr = CPTR_TTA;

	if (read_sysreg_s(SYS_ID_AA64PFR0_EL1) & ID_AA64PFR0_EL1_AMU_MASK)
		cptr |= CPTR_TAM;
	return cptr;
}

/* A reset that PSCI asked for says where to start. */
static void reset_take_psci(struct vcpu *vcpu)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;
	struct vcpu_reset_state state;

	spin_lock(&vcpu->arch.mp_lock);
	state = vcpu->arch.reset;
	vcpu->arch.reset.pending = false;
	spin_unlock(&vcpu->arch.mp_lock);
	if (!state.pending)
		return;

	hyp->pc = state.pc;
	hyp->regs[0] = state.r0;
	/* The caller's endianness (DEN 0022, 5.6); in AArch32 bit 0 of the entry point is for T32. */
	if (vcpu_is_aarch32(vcpu)) {
		hyp->pc &= ~1ULL;
		hyp->pstate |= (state.pc & 1 ? A32_T : 0) | (state.be ? A32_E : 0);
	} else if (state.be) {
		vcpu->arch.sysregs[SYS_SCTLR] |= SCTLR_EL1_EE;
	}
}

/**
 * vcpu_reset - architectural reset to EL1 (DDI 0487, D1.4), and a pending CPU_ON
 * @vcpu: not loaded
 *
 * Context: vcpu->mutex held or own thread.
 */
void vcpu_reset(struct vcpu *vcpu)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;

	memset(hyp->regs, 0, sizeof(hyp->regs));
	hyp->sp_el0 = 0;
	hyp->pc = 0;
	hyp->pstate = vcpu_is_aarch32(vcpu) ? A32_M_SVC | A32_A | A32_I | A32_F :
					      EXC_M_EL1H | EXC_DAIF;
	hyp->esr = 0;
	hyp->far = 0;
	hyp->hpfar = 0;
	hyp->hcr = reset_hcr(vcpu);
	/* Its interrupt lines are not the vCPU's own: they stay. */
	user_irq_apply(vcpu);
	hyp->cptr = reset_cptr();
	hyp->vpidr = vcpu->vm->arch.midr;
	hyp->vsesr = 0;
	memset(vcpu->arch.spsr_aarch32, 0, sizeof(vcpu->arch.spsr_aarch32));
	memset(&vcpu->arch.fp, 0, sizeof(vcpu->arch.fp));
	sve_vcpu_reset(vcpu);
	memset(&hyp->keys, 0, sizeof(hyp->keys));
	hyp->ptrauth = vcpu_has_feature(vcpu, KVM_ARM_VCPU_PTRAUTH_ADDRESS);
	if (hyp->ptrauth)
		hyp->hcr |= HCR_API | HCR_APK;
	vcpu->arch.pc_advance = false;
	vcpu->arch.wfit = false;
	vcpu->mmio.pending = false;

	sysreg_reset_vcpu(vcpu);
	debug_vcpu_reset(vcpu);
	gtimer_vcpu_reset(vcpu);
	pmu_vcpu_reset(vcpu);
	reset_take_psci(vcpu);
}

/**
 * vm_reset_memory - user space may now load the guest's memory anew
 * @vm: has run
 *
 * The guest will start with its caches off. What user space writes through
 * its cacheable mapping reaches memory when stage 2 maps the page again, so
 * everything is unmapped; where stage 2 makes all accesses cacheable, stale
 * instructions are all that there is to lose.
 *
 * Context: may sleep; takes slots_lock and mmu_lock.
 */
void vm_reset_memory(struct vm *vm)
{
	struct memslot *slot;
	unsigned long index = 0;
	bool flush = false;

	if (stage2_uses_fwb()) {
		icache_inval_all_pou();
		return;
	}
	guard(mutex)(&vm->slots_lock);
	write_lock(&vm->mmu_lock);
	mt_for_each(&vm->slots.by_gfn, slot, index, ULONG_MAX) {
		struct gfn_range range = {
			.slot = slot,
			.start = slot->base_gfn,
			.end = slot->base_gfn + slot->npages,
			.may_block = true,
		};

		flush |= arch_mmu_unmap(vm, &range);
	}
	if (flush)
		arch_mmu_flush_tlb(vm);
	write_unlock(&vm->mmu_lock);
}

/**
 * arm64_ipa_limit - the widest guest physical address space
 *
 * From ID_AA64MMFR0_EL1.PARange. 52 bits need the 64 KiB granule.
 *
 * Return: its size in bits.
 */
unsigned int arm64_ipa_limit(void)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52 };
	u64 mmfr0 = read_sanitised_ftr_reg(SYS_ID_AA64MMFR0_EL1);
	unsigned int range = FIELD_GET(ID_AA64MMFR0_EL1_PARANGE_MASK, mmfr0);

	range = min(range, (unsigned int)ARRAY_SIZE(bits) - 1);
	return min(bits[range], PAGE_SHIFT == 16 ? 52 : 48);
}
