// SPDX-License-Identifier: GPL-2.0
/* State that is the guest's from load to put: EL1 and EL0 system registers, traps. */

#include <asm/cpufeature.h>
#include <asm/sysreg.h>
#include "../arm64.h"
#include "../hcr.h"
#include "hyp.h"

/*
 * The registers with an EL12 name: the host's own EL1 names reach EL2 while
 * HCR_EL2.E2H is set. X(index, encoding).
 */
#define EL12_REGS(X)				\
	X(SYS_SCTLR, SYS_SCTLR_EL12)		\
	X(SYS_CPACR, SYS_CPACR_EL12)		\
	X(SYS_TTBR0, SYS_TTBR0_EL12)		\
	X(SYS_TTBR1, SYS_TTBR1_EL12)		\
	X(SYS_TCR, SYS_TCR_EL12)		\
	X(SYS_ESR, SYS_ESR_EL12)		\
	X(SYS_AFSR0, SYS_AFSR0_EL12)		\
	X(SYS_AFSR1, SYS_AFSR1_EL12)		\
	X(SYS_FAR, SYS_FAR_EL12)		\
	X(SYS_MAIR, SYS_MAIR_EL12)		\
	X(SYS_VBAR, SYS_VBAR_EL12)		\
	X(SYS_CONTEXTIDR, SYS_CONTEXTIDR_EL12)	\
	X(SYS_AMAIR, SYS_AMAIR_EL12)		\
	X(SYS_CNTKCTL, SYS_CNTKCTL_EL12)	\
	X(SYS_ELR1, SYS_ELR_EL12)		\
	X(SYS_SPSR1, SYS_SPSR_EL12)

/* Keys B of instructions, A and B of data, and the generic one; X(index, name). */
#define THREAD_KEYS(X)				\
	X(2, APIBKEY)				\
	X(4, APDAKEY)				\
	X(6, APDBKEY)				\
	X(8, APGAKEY)

static void hyp_keys_save(struct ptrauth_keys *keys)
{
#define SAVE(n, name)						\
	keys->key[n] = read_sysreg_s(SYS_##name##LO_EL1);	\
	keys->key[(n) + 1] = read_sysreg_s(SYS_##name##HI_EL1);
	THREAD_KEYS(SAVE)
#undef SAVE
}

static void hyp_keys_load(const struct ptrauth_keys *keys)
{
#define LOAD(n, name)						\
	write_sysreg_s(keys->key[n], SYS_##name##LO_EL1);	\
	write_sysreg_s(keys->key[(n) + 1], SYS_##name##HI_EL1);
	THREAD_KEYS(LOAD)
#undef LOAD
}

/* What AArch32 state at EL1 has besides; X(place, register's name) */
#define AARCH32_REGS(X)						\
	X(vcpu->arch.sysregs[SYS_DACR32], dacr32_el2)		\
	X(vcpu->arch.sysregs[SYS_IFSR32], ifsr32_el2)		\
	X(vcpu->arch.sysregs[SYS_FPEXC32], fpexc32_el2)		\
	X(vcpu->arch.sysregs[SYS_DBGVCR32], dbgvcr32_el2)	\
	X(vcpu->arch.spsr_aarch32[KVM_SPSR_ABT - 1], spsr_abt)	\
	X(vcpu->arch.spsr_aarch32[KVM_SPSR_UND - 1], spsr_und)	\
	X(vcpu->arch.spsr_aarch32[KVM_SPSR_IRQ - 1], spsr_irq)	\
	X(vcpu->arch.spsr_aarch32[KVM_SPSR_FIQ - 1], spsr_fiq)

static bool hyp_has_ras(void)
{
	return cpus_have_final_cap(ARM64_HAS_RAS_EXTN);
}

/**
 * hyp_el1_load - put the guest's EL1 and EL0 registers into the CPU
 * @vcpu: loaded on this CPU
 *
 * The host kernel uses none of them but for TPIDR_EL0 and TPIDRRO_EL0, which
 * belong to the thread and are kept. Preemption off.
 */
void hyp_el1_load(struct vcpu *vcpu)
{
	const u64 *r = vcpu->arch.sysregs;
	struct hyp_host *host = &vcpu->arch.hyp.host;

	host->tpidr_el0 = read_sysreg(tpidr_el0);
	host->tpidrro_el0 = read_sysreg(tpidrro_el0);

#define LOAD(n, s) write_sysreg_s(r[n], s);
	EL12_REGS(LOAD)
#undef LOAD
	write_sysreg(r[SYS_PAR], par_el1);
	write_sysreg(r[SYS_TPIDR1], tpidr_el1);
	write_sysreg(r[SYS_TPIDR0], tpidr_el0);
	write_sysreg(r[SYS_TPIDRRO0], tpidrro_el0);
	write_sysreg(r[SYS_SP1], sp_el1);
	if (hyp_has_ras())
		write_sysreg_s(r[SYS_DISR], SYS_VDISR_EL2);
	if (vcpu->arch.sve.max_vq)
		write_sysreg_s(r[SYS_ZCR], SYS_ZCR_EL12);
	if (vcpu->arch.hyp.hcr & HCR_ATA)
		hyp_mte_load(vcpu);
	if (unlikely(vcpu_is_aarch32(vcpu))) {
#define LOAD(place, reg) write_sysreg(place, reg);
		AARCH32_REGS(LOAD)
#undef LOAD
	}
	/* The kernel uses none but key A of instructions; the rest are the thread's. */
	if (vcpu->arch.hyp.ptrauth) {
		hyp_keys_save(&host->keys);
		hyp_keys_load(&vcpu->arch.hyp.keys);
	}
	vcpu->arch.el1_loaded = true;
}

/**
 * hyp_el1_save - the reverse of hyp_el1_load()
 * @vcpu: loaded on this CPU
 */
void hyp_el1_save(struct vcpu *vcpu)
{
	u64 *r = vcpu->arch.sysregs;
	struct hyp_host *host = &vcpu->arch.hyp.host;

#define SAVE(n, s) r[n] = read_sysreg_s(s);
	EL12_REGS(SAVE)
#undef SAVE
	r[SYS_PAR] = read_sysreg(par_el1);
	r[SYS_TPIDR1] = read_sysreg(tpidr_el1);
	r[SYS_TPIDR0] = read_sysreg(tpidr_el0);
	r[SYS_TPIDRRO0] = read_sysreg(tpidrro_el0);
	r[SYS_SP1] = read_sysreg(sp_el1);
	if (hyp_has_ras())
		r[SYS_DISR] = read_sysreg_s(SYS_VDISR_EL2);
	if (vcpu->arch.sve.max_vq)
		r[SYS_ZCR] = read_sysreg_s(SYS_ZCR_EL12);
	if (vcpu->arch.hyp.hcr & HCR_ATA)
		hyp_mte_save(vcpu);
	if (unlikely(vcpu_is_aarch32(vcpu))) {
#define SAVE(place, reg) place = read_sysreg(reg);
		AARCH32_REGS(SAVE)
#undef SAVE
	}

	write_sysreg(host->tpidr_el0, tpidr_el0);
	write_sysreg(host->tpidrro_el0, tpidrro_el0);
	if (vcpu->arch.hyp.ptrauth) {
		hyp_keys_save(&vcpu->arch.hyp.keys);
		hyp_keys_load(&host->keys);
	}
	vcpu->arch.el1_loaded = false;
}

static bool hyp_mpam __ro_after_init;

/**
 * hyp_traps_init - look for what has traps without a capability of the kernel's
 *
 * Context: module initialisation.
 */
void __init hyp_traps_init(void)
{
	u64 pfr0 = read_sanitised_ftr_reg(SYS_ID_AA64PFR0_EL1);
	u64 pfr1 = read_sanitised_ftr_reg(SYS_ID_AA64PFR1_EL1);

	hyp_mpam = (pfr0 & ID_AA64PFR0_EL1_MPAM_MASK) || (pfr1 & ID_AA64PFR1_EL1_MPAM_frac_MASK);
}

static bool hyp_has_fgt(void)
{
	return cpus_have_final_cap(ARM64_HAS_FGT);
}

static bool hyp_has_hcx(void)
{
	return cpus_have_final_cap(ARM64_HAS_HCX);
}

/**
 * hyp_traps_load - controls of EL2 that act on EL1 and EL0 only
 * @vcpu: loaded on this CPU
 *
 * The fine-grained traps of registers that a guest does not have are all of
 * the kind that traps when the bit is zero; so is what HCRX_EL2 enables.
 * Preemption off.
 */
void hyp_traps_load(struct vcpu *vcpu)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;
	struct hyp_host *host = &hyp->host;

	/* As the host's EL2&0 has no stage 2, this need not change with TGE at each entry and exit. */
	host->hcr = read_sysreg(hcr_el2) | (hyp->hcr & HCR_STAGE2);
	write_sysreg(host->hcr, hcr_el2);
	write_sysreg(hyp->vtcr, vtcr_el2);
	write_sysreg(hyp->vpidr, vpidr_el2);
	write_sysreg(vcpu->arch.sysregs[SYS_MPIDR], vmpidr_el2);
	/* Bit 15: AArch32 accesses of CP15 c15, implementation defined */
	write_sysreg(BIT(15), hstr_el2);

	/* Partitions are the host's to choose, and MPAM0_EL1 is its own user space's. */
	if (hyp_mpam) {
		host->mpam2 = read_sysreg_s(SYS_MPAM2_EL2);
		write_sysreg_s(host->mpam2 | MPAM2_TRAP_MPAM0 | MPAM2_TRAP_MPAM1, SYS_MPAM2_EL2);
	}
	if (hyp_has_hcx()) {
		host->hcrx = read_sysreg_s(SYS_HCRX_EL2);
		write_sysreg_s(0, SYS_HCRX_EL2);
	}
	if (hyp_has_fgt()) {
		host->hfgrtr = read_sysreg_s(SYS_HFGRTR_EL2);
		host->hfgwtr = read_sysreg_s(SYS_HFGWTR_EL2);
		host->hfgitr = read_sysreg_s(SYS_HFGITR_EL2);
		host->hdfgrtr = read_sysreg_s(SYS_HDFGRTR_EL2);
		host->hdfgwtr = read_sysreg_s(SYS_HDFGWTR_EL2);
		write_sysreg_s(0, SYS_HFGRTR_EL2);
		write_sysreg_s(0, SYS_HFGWTR_EL2);
		write_sysreg_s(0, SYS_HFGITR_EL2);
		write_sysreg_s(0, SYS_HDFGRTR_EL2);
		write_sysreg_s(0, SYS_HDFGWTR_EL2);
	}
}

/**
 * hyp_traps_put - the host's values again; preemption off
 * @vcpu: loaded on this CPU
 */
void hyp_traps_put(struct vcpu *vcpu)
{
	struct hyp_host *host = &vcpu->arch.hyp.host;

	write_sysreg(host->hcr & ~HCR_STAGE2, hcr_el2);
	write_sysreg(0, hstr_el2);
	if (hyp_mpam)
		write_sysreg_s(host->mpam2, SYS_MPAM2_EL2);
	if (hyp_has_hcx())
		write_sysreg_s(host->hcrx, SYS_HCRX_EL2);
	if (hyp_has_fgt()) {
		write_sysreg_s(host->hfgrtr, SYS_HFGRTR_EL2);
		write_sysreg_s(host->hfgwtr, SYS_HFGWTR_EL2);
		write_sysreg_s(host->hfgitr, SYS_HFGITR_EL2);
		write_sysreg_s(host->hdfgrtr, SYS_HDFGRTR_EL2);
		write_sysreg_s(host->hdfgwtr, SYS_HDFGWTR_EL2);
	}
}
