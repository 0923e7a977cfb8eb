// SPDX-License-Identifier: GPL-2.0
/* The table of system registers, by ascending op0, op1, CRn, CRm, op2. */

#include <linux/array_size.h>
#include <asm/cputype.h>
#include "sysreg.h"

static u64 reset_actlr(struct vcpu *vcpu)
{
	return read_sysreg(actlr_el1);
}

/* MIDR, REVIDR and AIDR are the host's: another value cannot be given. */
static int get_midr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = vcpu->vm->arch.midr;
	return 0;
}

static int set_midr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	return val == vcpu->vm->arch.midr ? 0 : -EINVAL;
}

static enum sysreg_access read_revidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				      bool fast)
{
	*val = vcpu->vm->arch.revidr;
	return SYSREG_DONE;
}

static int get_revidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = vcpu->vm->arch.revidr;
	return 0;
}

static int set_revidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	return val == vcpu->vm->arch.revidr ? 0 : -EINVAL;
}

static enum sysreg_access read_aidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				    bool fast)
{
	*val = vcpu->vm->arch.aidr;
	return SYSREG_DONE;
}

static int get_aidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = vcpu->vm->arch.aidr;
	return 0;
}

static int set_aidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	return val == vcpu->vm->arch.aidr ? 0 : -EINVAL;
}

/* Aff3, U, MT and Aff2 to Aff0; bit 31 is RES1. */
#define MPIDR_WRITABLE	(GENMASK_ULL(39, 32) | BIT_ULL(30) | BIT_ULL(24) | GENMASK_ULL(23, 0))

static int set_mpidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	if ((val | MPIDR_WRITABLE) != (MPIDR_WRITABLE | BIT_ULL(31)))
		return -EINVAL;
	if (val == vcpu->arch.sysregs[SYS_MPIDR])
		return 0;
	/* Interrupt routing and PSCI know the vCPU by it; SPIs have targets since the vGIC's set-up. */
	guard(mutex)(&vcpu->vm->config_lock);
	if (vcpu->vm->arch.ran_once || vcpu->vm->arch.vgic.initialized)
		return -EBUSY;
	WRITE_ONCE(vcpu->arch.sysregs[SYS_MPIDR], val);
	WRITE_ONCE(vcpu->vm->arch.own_mpidrs, true);
	return 0;
}

/* LORegions exist without a single region: the registers are there and do nothing (D23.2.97). */
static bool has_lor(const struct vcpu *vcpu)
{
	return sysreg_id_reg(vcpu->vm, SYS_ID_AA64MMFR1_EL1) & ID_AA64MMFR1_EL1_LO_MASK;
}

static enum sysreg_access read_lor(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				   bool fast)
{
	*val = 0;
	return has_lor(vcpu) ? SYSREG_DONE : SYSREG_UNDEF;
}

static enum sysreg_access write_lor(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				    bool fast)
{
	return has_lor(vcpu) ? SYSREG_DONE : SYSREG_UNDEF;
}

/* RAS with no error records: ERRIDR_EL1.NUM is 0, and so are the records' registers. */
static bool has_ras(const struct vcpu *vcpu)
{
	return sysreg_id_reg(vcpu->vm, SYS_ID_AA64PFR0_EL1) & ID_AA64PFR0_EL1_RAS_MASK;
}

static enum sysreg_access read_ras(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				   bool fast)
{
	*val = 0;
	return has_ras(vcpu) ? SYSREG_DONE : SYSREG_UNDEF;
}

static enum sysreg_access write_ras(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				    bool fast)
{
	return has_ras(vcpu) ? SYSREG_DONE : SYSREG_UNDEF;
}

static bool has_gicv3(const struct vcpu *vcpu)
{
	return vcpu->vm->arch.vgic.model == VGIC_V3;
}

/*
 * @arg: 1 for ICC_SGI1R_EL1. The guest's GIC has a single Security state, where
 * the other two make Group 0 SGIs (IHI 0069, 12.1.10).
 */
static enum sysreg_access write_sgir(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				     bool fast)
{
	if (!has_gicv3(vcpu))
		return SYSREG_UNDEF;
	guard(irqsave)();
	vgic_sgi_write(vcpu, val, desc->arg);
	return SYSREG_DONE;
}

static enum sysreg_access read_sre(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				   bool fast)
{
	*val = vcpu->arch.vgic.sre;
	return has_gicv3(vcpu) ? SYSREG_DONE : SYSREG_UNDEF;
}

/* RAO/WI: there is no memory-mapped CPU interface. */
static enum sysreg_access write_sre(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				    bool fast)
{
	return has_gicv3(vcpu) ? SYSREG_DONE : SYSREG_UNDEF;
}

static u32 desc_encoding(const struct sysreg_desc *desc)
{
	return (u32)desc->key << 5;
}

/* The CPU interface's registers while the vGIC needs to see them; it wants interrupts off. */
static enum sysreg_access read_cpuif(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				     bool fast)
{
	guard(irqsave)();
	return vgic_cpuif_read(vcpu, desc_encoding(desc), val) ? SYSREG_DONE : SYSREG_UNDEF;
}

static enum sysreg_access write_cpuif(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				      bool fast)
{
	guard(irqsave)();
	return vgic_cpuif_write(vcpu, desc_encoding(desc), val) ? SYSREG_DONE : SYSREG_UNDEF;
}

static u32 timer_encoding(const struct sysreg_desc *desc)
{
	u32 reg = desc_encoding(desc);

	/* Reads of a trapped counter are in order: the self-synchronised view is the same. */
	return reg == SYS_CNTPCTSS_EL0 ? SYS_CNTPCT_EL0 : reg;
}

static enum sysreg_access read_timer(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				     bool fast)
{
	*val = gtimer_reg_read(vcpu, timer_encoding(desc));
	return SYSREG_DONE;
}

static enum sysreg_access write_timer(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				      bool fast)
{
	gtimer_reg_write(vcpu, timer_encoding(desc), val);
	return SYSREG_DONE_RESYNC;
}

static enum sysreg_access read_ctss(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				    bool fast)
{
	if (!(sysreg_id_reg(vcpu->vm, SYS_ID_AA64MMFR0_EL1) & ID_AA64MMFR0_EL1_ECV_MASK))
		return SYSREG_UNDEF;
	return read_timer(vcpu, desc, val, fast);
}

/* What DBGAUTHSTATUS_EL1 says: Non-secure debug is there and disabled (NSNID, NSID 0b10). */
static enum sysreg_access read_dbgauthstatus(struct vcpu *vcpu, const struct sysreg_desc *desc,
					     u64 *val, bool fast)
{
	*val = 0xa;
	return SYSREG_DONE;
}

/* Half a key; .arg is its place. Guests reach them without a trap, or not at all. */
static int get_key(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = vcpu->arch.hyp.keys.key[desc->arg];
	return 0;
}

static int set_key(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	vcpu->arch.hyp.keys.key[desc->arg] = val;
	return 0;
}

#define ROW_NAMED(text, reg, ...)	{ .name = text, .key = SYSREG_KEY(reg), __VA_ARGS__ }
#define ROW(reg, ...)	ROW_NAMED(#reg, reg, __VA_ARGS__)
#define SLOT(n)		.flags = SYSREG_USER | SYSREG_SLOT, .slot = SYS_##n
#define RAZ_WI		.read = sysreg_read_zero, .write = sysreg_write_ignore
#define STAGE1(reg, n)	ROW_NAMED(#reg, reg, SLOT(n), .write = sysreg_write_stage1)

/* Of memory tags: a guest that has them reaches these without a trap, to others they are undefined. */
#define TAGS(reg, n)	ROW_NAMED(#reg, reg, .slot = SYS_##n,				\
				  .flags = SYSREG_USER | SYSREG_SLOT | SYSREG_MTE)

/* Breakpoint and watchpoint register pairs @n: what .arg means is debug.c's. */
#define DEBUG_BANK	.flags = SYSREG_USER, .read = debug_read_bank, \
			.write = debug_write_bank, \
			.user_get = debug_get_bank, .user_set = debug_set_bank
#define DEBUG_ROWS(n)						\
	ROW(SYS_DBGBVRn_EL1(n), .arg = n, DEBUG_BANK),		\
	ROW(SYS_DBGBCRn_EL1(n), .arg = n, DEBUG_BANK),		\
	ROW(SYS_DBGWVRn_EL1(n), .arg = n, DEBUG_BANK),		\
	ROW(SYS_DBGWCRn_EL1(n), .arg = n, DEBUG_BANK)

#define KEY_ROWS(name, n)								\
	ROW(SYS_##name##LO_EL1, .flags = SYSREG_USER | SYSREG_PTRAUTH, .arg = n,	\
	    .user_get = get_key, .user_set = set_key),					\
	ROW(SYS_##name##HI_EL1, .flags = SYSREG_USER | SYSREG_PTRAUTH, .arg = (n) + 1,	\
	    .user_get = get_key, .user_set = set_key)

/* The PMU's */
#define PMU_USER(name)		.flags = SYSREG_USER | SYSREG_PMU,			\
				.user_get = pmu_get_##name, .user_set = pmu_user_##name
#define PMU_RW(name)		.read = pmu_read_##name, .write = pmu_write_##name, PMU_USER(name)
#define PMU_MASK(which)		.arg = PMU_ARG_##which, PMU_RW(mask)
#define PMU_MASK_CLR(which)	.arg = PMU_ARG_##which | PMU_ARG_CLEAR, PMU_RW(mask)
#define PMU_COUNTER(n)		ROW(SYS_PMEVCNTRn_EL0(n), .arg = (n), PMU_RW(counter))
#define PMU_TYPER(n)		ROW(SYS_PMEVTYPERn_EL0(n), .arg = (n), PMU_RW(typer))
#define PMU_ROWS_4(row, n)	row(n), row((n) + 1), row((n) + 2), row((n) + 3)
#define PMU_ROWS_31(row)						\
	PMU_ROWS_4(row, 0), PMU_ROWS_4(row, 4), PMU_ROWS_4(row, 8),	\
	PMU_ROWS_4(row, 12), PMU_ROWS_4(row, 16), PMU_ROWS_4(row, 20),	\
	PMU_ROWS_4(row, 24), row(28), row(29), row(30)

/*
 * TCR2_EL1, PIRE0_EL1 and PIR_EL1 are undefined to guests. Linux's KVM, as of 6.12,
 * lists them on any CPU, and a VMM does not take a guest in whose list has names
 * that are not in ours: so they are kept, whatever they hold.
 */
const struct sysreg_desc sysreg_table[] = {
	/* Cache maintenance by set and way */
	ROW(SYS_DC_ISW, .write = sysreg_write_setway),
	ROW(SYS_DC_IGSW, .write = sysreg_write_tag_setway),
	ROW(SYS_DC_IGDSW, .write = sysreg_write_tag_setway),
	ROW(SYS_DC_CSW, .write = sysreg_write_setway),
	ROW(SYS_DC_CGSW, .write = sysreg_write_tag_setway),
	ROW(SYS_DC_CGDSW, .write = sysreg_write_tag_setway),
	ROW(SYS_DC_CISW, .write = sysreg_write_setway),
	ROW(SYS_DC_CIGSW, .write = sysreg_write_tag_setway),
	ROW(SYS_DC_CIGDSW, .write = sysreg_write_tag_setway),

	/* Debug */
	ROW(SYS_OSDTRRX_EL1, RAZ_WI),
	DEBUG_ROWS(0),
	DEBUG_ROWS(1),
	ROW(SYS_MDCCINT_EL1, SLOT(MDCCINT), .read = debug_read_slot, .write = debug_write_slot),
	ROW(SYS_MDSCR_EL1, SLOT(MDSCR), .read = debug_read_slot, .write = debug_write_slot),
	DEBUG_ROWS(2),
	ROW(SYS_OSDTRTX_EL1, RAZ_WI),
	DEBUG_ROWS(3),
	DEBUG_ROWS(4),
	DEBUG_ROWS(5),
	ROW(SYS_OSECCR_EL1, RAZ_WI),
	DEBUG_ROWS(6),
	DEBUG_ROWS(7),
	DEBUG_ROWS(8),
	DEBUG_ROWS(9),
	DEBUG_ROWS(10),
	DEBUG_ROWS(11),
	DEBUG_ROWS(12),
	DEBUG_ROWS(13),
	DEBUG_ROWS(14),
	DEBUG_ROWS(15),
	ROW(SYS_MDRAR_EL1, .read = sysreg_read_zero),
	ROW(SYS_OSLAR_EL1, .write = debug_write_oslar),
	ROW(SYS_OSLSR_EL1, SLOT(OSLSR), .reset = BIT(3), .read = sysreg_read_slot,
	    .user_set = debug_set_oslsr),
	ROW(SYS_OSDLR_EL1, RAZ_WI),
	ROW(SYS_DBGPRCR_EL1, RAZ_WI),
	ROW(SYS_DBGCLAIMSET_EL1, RAZ_WI),
	ROW(SYS_DBGCLAIMCLR_EL1, RAZ_WI),
	ROW(SYS_DBGAUTHSTATUS_EL1, .read = read_dbgauthstatus),
	ROW(SYS_MDCCSR_EL0, .read = sysreg_read_zero),
	ROW(SYS_DBGDTR_EL0, RAZ_WI),
	ROW(SYS_DBGDTRRX_EL0, RAZ_WI),
	ROW(SYS_DBGVCR32_EL2, SLOT(DBGVCR32)),

	/* Identification */
	ROW(SYS_MIDR_EL1, .flags = SYSREG_USER, .user_get = get_midr, .user_set = set_midr),
	ROW(SYS_MPIDR_EL1, SLOT(MPIDR), .reset_fn = sysreg_reset_mpidr, .user_set = set_mpidr),
	ROW(SYS_REVIDR_EL1, .flags = SYSREG_USER, .read = read_revidr,
	    .user_get = get_revidr, .user_set = set_revidr),

	/* Stage 1 and exception state */
	ROW(SYS_SCTLR_EL1, SLOT(SCTLR), .reset = 0xc50078, .write = sysreg_write_stage1),
	ROW(SYS_ACTLR_EL1, SLOT(ACTLR), .reset_fn = reset_actlr, .read = sysreg_read_slot,
	    .write = sysreg_write_ignore),
	ROW(SYS_CPACR_EL1, SLOT(CPACR)),
	TAGS(SYS_RGSR_EL1, RGSR),
	TAGS(SYS_GCR_EL1, GCR),
	ROW(SYS_ZCR_EL1, .flags = SYSREG_USER | SYSREG_SLOT | SYSREG_SVE, .slot = SYS_ZCR),
	STAGE1(SYS_TTBR0_EL1, TTBR0),
	STAGE1(SYS_TTBR1_EL1, TTBR1),
	STAGE1(SYS_TCR_EL1, TCR),
	ROW(SYS_TCR2_EL1, SLOT(TCR2)),
	KEY_ROWS(APIAKEY, 0),
	KEY_ROWS(APIBKEY, 2),
	KEY_ROWS(APDAKEY, 4),
	KEY_ROWS(APDBKEY, 6),
	KEY_ROWS(APGAKEY, 8),
	ROW(SYS_ICC_PMR_EL1, .read = read_cpuif, .write = write_cpuif),
	STAGE1(SYS_AFSR0_EL1, AFSR0),
	STAGE1(SYS_AFSR1_EL1, AFSR1),
	STAGE1(SYS_ESR_EL1, ESR),
	ROW(SYS_ERRIDR_EL1, .read = read_ras),
	ROW(SYS_ERRSELR_EL1, .read = read_ras, .write = write_ras),
	ROW(SYS_ERXFR_EL1, .read = read_ras),
	ROW(SYS_ERXCTLR_EL1, .read = read_ras, .write = write_ras),
	ROW(SYS_ERXSTATUS_EL1, .read = read_ras, .write = write_ras),
	ROW(SYS_ERXADDR_EL1, .read = read_ras, .write = write_ras),
	ROW(SYS_ERXMISC0_EL1, .read = read_ras, .write = write_ras),
	ROW(SYS_ERXMISC1_EL1, .read = read_ras, .write = write_ras),
	TAGS(SYS_TFSR_EL1, TFSR),
	TAGS(SYS_TFSRE0_EL1, TFSRE0),
	STAGE1(SYS_FAR_EL1, FAR),
	ROW(SYS_PAR_EL1, SLOT(PAR)),
	ROW(SYS_PMINTENSET_EL1, PMU_MASK(INTERRUPTS)),
	ROW(SYS_PMINTENCLR_EL1, PMU_MASK_CLR(INTERRUPTS)),
	ROW(SYS_PMMIR_EL1, .read = pmu_read_pmmir),
	STAGE1(SYS_MAIR_EL1, MAIR),
	ROW(SYS_PIRE0_EL1, SLOT(PIRE0)),
	ROW(SYS_PIR_EL1, SLOT(PIR)),
	STAGE1(SYS_AMAIR_EL1, AMAIR),
	ROW(SYS_LORSA_EL1, .read = read_lor, .write = write_lor),
	ROW(SYS_LOREA_EL1, .read = read_lor, .write = write_lor),
	ROW(SYS_LORN_EL1, .read = read_lor, .write = write_lor),
	ROW(SYS_LORC_EL1, .read = read_lor, .write = write_lor),
	ROW(SYS_LORID_EL1, .read = read_lor),
	ROW(SYS_VBAR_EL1, SLOT(VBAR)),
	ROW(SYS_DISR_EL1, SLOT(DISR)),

	/* Interrupts */
	ROW(SYS_ICC_DIR_EL1, .write = write_cpuif),
	ROW(SYS_ICC_RPR_EL1, .read = read_cpuif),
	ROW(SYS_ICC_SGI1R_EL1, .write = write_sgir, .arg = 1),
	ROW(SYS_ICC_ASGI1R_EL1, .write = write_sgir),
	ROW(SYS_ICC_SGI0R_EL1, .write = write_sgir),
	ROW(SYS_ICC_CTLR_EL1, .read = read_cpuif, .write = write_cpuif),
	ROW(SYS_ICC_SRE_EL1, .read = read_sre, .write = write_sre),

	STAGE1(SYS_CONTEXTIDR_EL1, CONTEXTIDR),
	ROW(SYS_TPIDR_EL1, SLOT(TPIDR1)),
	ROW(SYS_CNTKCTL_EL1, SLOT(CNTKCTL)),

	/* Caches */
	ROW(SYS_CCSIDR_EL1, .read = sysreg_read_ccsidr),
	ROW(SYS_CLIDR_EL1, .flags = SYSREG_USER, .read = sysreg_read_clidr,
	    .user_get = sysreg_get_clidr, .user_set = sysreg_set_clidr),
	ROW(SYS_AIDR_EL1, .flags = SYSREG_USER, .read = read_aidr,
	    .user_get = get_aidr, .user_set = set_aidr),
	ROW(SYS_CSSELR_EL1, SLOT(CSSELR), .read = sysreg_read_slot, .write = sysreg_write_csselr),
	ROW(SYS_CTR_EL0, .flags = SYSREG_USER, .read = sysreg_read_ctr,
	    .user_get = sysreg_get_ctr, .user_set = sysreg_set_ctr),

	/* Performance monitors */
	ROW(SYS_PMCR_EL0, PMU_RW(pmcr)),
	ROW(SYS_PMCNTENSET_EL0, PMU_MASK(ENABLED)),
	ROW(SYS_PMCNTENCLR_EL0, PMU_MASK_CLR(ENABLED)),
	ROW(SYS_PMOVSCLR_EL0, PMU_MASK_CLR(OVERFLOWED)),
	ROW(SYS_PMSWINC_EL0, .write = pmu_write_swinc, PMU_USER(swinc)),
	ROW(SYS_PMSELR_EL0, PMU_RW(selr)),
	ROW(SYS_PMCEID0_EL0, .arg = 0, .read = pmu_read_pmceid),
	ROW(SYS_PMCEID1_EL0, .arg = 1, .read = pmu_read_pmceid),
	ROW(SYS_PMCCNTR_EL0, .arg = 31, PMU_RW(counter)),
	ROW(SYS_PMXEVTYPER_EL0, .arg = PMU_ARG_SELECTED, .read = pmu_read_typer,
	    .write = pmu_write_typer),
	ROW(SYS_PMXEVCNTR_EL0, .arg = PMU_ARG_SELECTED, .read = pmu_read_counter,
	    .write = pmu_write_counter),
	ROW(SYS_PMUSERENR_EL0, PMU_RW(userenr)),
	ROW(SYS_PMOVSSET_EL0, PMU_MASK(OVERFLOWED)),

	ROW(SYS_TPIDR_EL0, SLOT(TPIDR0)),
	ROW(SYS_TPIDRRO_EL0, SLOT(TPIDRRO0)),

	/* Timers: ONE_REG has names of its own for them */
	ROW(SYS_CNTPCT_EL0, .read = read_timer),
	ROW(SYS_CNTPCTSS_EL0, .read = read_ctss),
	ROW(SYS_CNTP_TVAL_EL0, .read = read_timer, .write = write_timer),
	ROW(SYS_CNTP_CTL_EL0, .read = read_timer, .write = write_timer),
	ROW(SYS_CNTP_CVAL_EL0, .read = read_timer, .write = write_timer),

	PMU_ROWS_31(PMU_COUNTER),
	PMU_ROWS_31(PMU_TYPER),
	ROW(SYS_PMCCFILTR_EL0, .arg = 31, PMU_RW(typer)),

	/* AArch32 state: written by traps of aarch32.c only; user space may keep it in any case */
	ROW(SYS_DACR32_EL2, SLOT(DACR32), .write = sysreg_write_stage1),
	ROW(SYS_IFSR32_EL2, SLOT(IFSR32), .write = sysreg_write_stage1),
	ROW(SYS_FPEXC32_EL2, SLOT(FPEXC32), .reset = 0x700),
};

const unsigned int sysreg_table_size = ARRAY_SIZE(sysreg_table);
