// SPDX-License-Identifier: GPL-2.0
/*
 * ID registers: what the guest's CPU is said to have.
 *
 * The host's sanitised view, less everything that is not named here: a feature
 * that appears in a later CPU stays hidden until its state is switched, its
 * controls are set up and its traps are answered.
 */

#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/cputype.h>
#include "sysreg.h"

/* A field in which a guest sees at most @max. */
struct id_limit {
	u8 shift;
	u8 max;
};

/**
 * struct id_rule - one ID register
 * @reg: its encoding
 * @keep: fields that the guest may see
 * @lower: of these the ones that user space may lower: what they announce is
 *	   used by choice, so hiding it changes nothing else
 * @raise: those that user space may raise: they announce what may happen, not
 *	   what can be relied on
 * @sign: of all these the signed ones
 * @other: fields of exception levels and states that a guest does not get here,
 *	   and cannot use wherever it was: one that was saved by a KVM that shows
 *	   the host's comes with up to that
 * @limit: ends with an entry of no shift and no maximum
 */
struct id_rule {
	u32 reg;
	u64 keep;
	u64 lower;
	u64 raise;
	u64 sign;
	u64 other;
	struct id_limit limit[4];
};

#define F(reg, field)		ID_##reg##_EL1_##field##_MASK
#define LIMIT(reg, field, max)	{ ID_##reg##_EL1_##field##_SHIFT, max }

/*
 * EL2 and SEL2 are as they are on the host, like EL3: they tell what the machine
 * has, not what the guest runs at. GIC: for a VM without one.
 */
#define PFR0_LOWER	(F(AA64PFR0, CSV3) | F(AA64PFR0, CSV2) | F(AA64PFR0, DIT) |		\
			 F(AA64PFR0, SEL2) | F(AA64PFR0, GIC) | F(AA64PFR0, EL3) |		\
			 F(AA64PFR0, EL2) | F(AA64PFR0, EL1) | F(AA64PFR0, EL0))
#define PFR1_LOWER	(F(AA64PFR1, BT) | F(AA64PFR1, SSBS))
#define DFR0_LOWER	(F(AA64DFR0, DoubleLock) | F(AA64DFR0, WRPs) | F(AA64DFR0, DebugVer))
#define ISAR0_KEEP	(F(AA64ISAR0, RNDR) | F(AA64ISAR0, TLB) | F(AA64ISAR0, TS) |		\
			 F(AA64ISAR0, FHM) | F(AA64ISAR0, DP) | F(AA64ISAR0, SM4) |		\
			 F(AA64ISAR0, SM3) | F(AA64ISAR0, SHA3) | F(AA64ISAR0, RDM) |		\
			 F(AA64ISAR0, ATOMIC) | F(AA64ISAR0, CRC32) | F(AA64ISAR0, SHA2) |	\
			 F(AA64ISAR0, SHA1) | F(AA64ISAR0, AES))
/* Not here: LS64 (HCRX_EL2 and its memory). */
#define ISAR1_KEEP	(F(AA64ISAR1, XS) | F(AA64ISAR1, I8MM) | F(AA64ISAR1, DGH) |		\
			 F(AA64ISAR1, BF16) | F(AA64ISAR1, SPECRES) | F(AA64ISAR1, SB) |	\
			 F(AA64ISAR1, FRINTTS) | F(AA64ISAR1, LRCPC) | F(AA64ISAR1, FCMA) |	\
			 F(AA64ISAR1, JSCVT) | F(AA64ISAR1, DPB))
/* Not here: WFxT (its deadline is not kept), MOPS (needs HCRX_EL2.MSCEn), 128-bit registers. */
#define ISAR2_KEEP	(F(AA64ISAR2, LUT) | F(AA64ISAR2, CSSC) | F(AA64ISAR2, RPRFM) |		\
			 F(AA64ISAR2, PRFMSLC) | F(AA64ISAR2, CLRBHB) | F(AA64ISAR2, BC) |	\
			 F(AA64ISAR2, RPRES))
#define MMFR1_LOWER	(F(AA64MMFR1, ECBHB) | F(AA64MMFR1, TIDCP1) | F(AA64MMFR1, nTLBPA) |	\
			 F(AA64MMFR1, AFP) | F(AA64MMFR1, ETS) | F(AA64MMFR1, XNX) |		\
			 F(AA64MMFR1, PAN) | F(AA64MMFR1, LO) | F(AA64MMFR1, HPDS) |		\
			 F(AA64MMFR1, HAFDBS))
#define MMFR2_LOWER	(F(AA64MMFR2, E0PD) | F(AA64MMFR2, TTL) | F(AA64MMFR2, IDS) |		\
			 F(AA64MMFR2, AT) | F(AA64MMFR2, ST) | F(AA64MMFR2, IESB) |		\
			 F(AA64MMFR2, LSM) | F(AA64MMFR2, UAO) | F(AA64MMFR2, CnP) |		\
			 F(AA64MMFR2, BBM) | F(AA64MMFR2, VARange))

#define ZFR0_KEEP	(F(AA64ZFR0, F64MM) | F(AA64ZFR0, F32MM) | F(AA64ZFR0, I8MM) |		\
			 F(AA64ZFR0, SM4) | F(AA64ZFR0, SHA3) | F(AA64ZFR0, BF16) |		\
			 F(AA64ZFR0, BitPerm) | F(AA64ZFR0, AES) | F(AA64ZFR0, SVEver))

static const struct id_rule id_rules[] = {
	{
		.reg	= SYS_ID_AA64PFR0_EL1,
		.keep	= PFR0_LOWER | F(AA64PFR0, RAS) | F(AA64PFR0, GIC) |
			  F(AA64PFR0, AdvSIMD) | F(AA64PFR0, FP) | F(AA64PFR0, SVE),
		.lower	= PFR0_LOWER,
		.limit	= {
			LIMIT(AA64PFR0, CSV2, 1),	/* 2 has SCXTNUM_ELx */
			LIMIT(AA64PFR0, RAS, 2),
			LIMIT(AA64PFR0, SVE, 1),
		},
	}, {
		.reg	= SYS_ID_AA64PFR1_EL1,
		/* Memory tags are a capability of VMs, not user space's to lower here */
		.keep	= PFR1_LOWER | F(AA64PFR1, MTE),
		.lower	= PFR1_LOWER | F(AA64PFR1, CSV2_frac),
		.limit	= {
			LIMIT(AA64PFR1, BT, 1),
			LIMIT(AA64PFR1, SSBS, 2),
			LIMIT(AA64PFR1, MTE, 3),
		},
	}, {
		/* Self-hosted debug up to Armv8.8; the PMU is id_most()'s; no trace or profiling */
		.reg	= SYS_ID_AA64DFR0_EL1,
		.keep	= DFR0_LOWER | F(AA64DFR0, CTX_CMPs) | F(AA64DFR0, BRPs),
		.lower	= DFR0_LOWER | F(AA64DFR0, PMUVer),
		.sign	= F(AA64DFR0, DoubleLock),
		.limit	= { LIMIT(AA64DFR0, DebugVer, ID_AA64DFR0_EL1_DebugVer_V8P8) },
	},
	{
		.reg	= SYS_ID_AA64ISAR0_EL1,
		.keep	= ISAR0_KEEP,
		.lower	= ISAR0_KEEP | F(AA64ISAR0, TME),
	},
	{
		/* Pointer authentication is a feature of vCPUs, not user space's to lower here */
		.reg	= SYS_ID_AA64ISAR1_EL1,
		.keep	= ISAR1_KEEP | F(AA64ISAR1, APA) | F(AA64ISAR1, API) |
			  F(AA64ISAR1, GPA) | F(AA64ISAR1, GPI),
		.lower	= ISAR1_KEEP | F(AA64ISAR1, LS64),
	}, {
		.reg	= SYS_ID_AA64ISAR2_EL1,
		.keep	= ISAR2_KEEP | F(AA64ISAR2, APA3) | F(AA64ISAR2, GPA3),
		.lower	= ISAR2_KEEP | F(AA64ISAR2, WFxT),
	},
	{
		.reg	= SYS_ID_AA64MMFR0_EL1,
		.keep	= F(AA64MMFR0, ECV) | F(AA64MMFR0, FGT) | F(AA64MMFR0, EXS) |
			  F(AA64MMFR0, TGRAN4_2) | F(AA64MMFR0, TGRAN64_2) |
			  F(AA64MMFR0, TGRAN16_2) | F(AA64MMFR0, TGRAN4) |
			  F(AA64MMFR0, TGRAN64) | F(AA64MMFR0, TGRAN16) |
			  F(AA64MMFR0, BIGENDEL0) | F(AA64MMFR0, SNSMEM) |
			  F(AA64MMFR0, BIGEND) | F(AA64MMFR0, ASIDBITS) | F(AA64MMFR0, PARANGE),
		.lower	= F(AA64MMFR0, ECV) | F(AA64MMFR0, FGT) | F(AA64MMFR0, EXS) |
			  F(AA64MMFR0, TGRAN4) | F(AA64MMFR0, TGRAN64) | F(AA64MMFR0, TGRAN16) |
			  F(AA64MMFR0, BIGENDEL0) | F(AA64MMFR0, SNSMEM) |
			  F(AA64MMFR0, BIGEND) | F(AA64MMFR0, ASIDBITS) | F(AA64MMFR0, PARANGE),
		.sign	= F(AA64MMFR0, TGRAN4) | F(AA64MMFR0, TGRAN64),
	}, {
		.reg	= SYS_ID_AA64MMFR1_EL1,
		.keep	= MMFR1_LOWER | F(AA64MMFR1, HCX) | F(AA64MMFR1, SpecSEI) |
			  F(AA64MMFR1, VH) | F(AA64MMFR1, VMIDBits),
		.lower	= MMFR1_LOWER,
		.raise	= F(AA64MMFR1, SpecSEI),
		.limit	= { LIMIT(AA64MMFR1, HAFDBS, 2) },
	}, {
		.reg	= SYS_ID_AA64MMFR2_EL1,
		.keep	= MMFR2_LOWER | F(AA64MMFR2, EVT) | F(AA64MMFR2, FWB),
		.lower	= MMFR2_LOWER,
		.other	= F(AA64MMFR2, NV),
		.limit	= { LIMIT(AA64MMFR2, IDS, 1) },
	},

	/* AArch32 */
	{
		.reg	= SYS_ID_PFR0_EL1,
		.keep	= F(PFR0, RAS) | F(PFR0, DIT) | F(PFR0, CSV2) | F(PFR0, State3) |
			  F(PFR0, State2) | F(PFR0, State1) | F(PFR0, State0),
	}, {
		.reg	= SYS_ID_PFR1_EL1,
		.keep	= F(PFR1, GIC) | F(PFR1, Virt_frac) | F(PFR1, Sec_frac) |
			  F(PFR1, GenTimer) | F(PFR1, Virtualization) | F(PFR1, MProgMod) |
			  F(PFR1, Security) | F(PFR1, ProgMod),
	}, {
		.reg	= SYS_ID_DFR0_EL1,
		.keep	= F(DFR0, CopDbg),
		.lower	= F(DFR0, CopDbg) | F(DFR0, PerfMon),
		.limit	= { LIMIT(DFR0, CopDbg, ID_DFR0_EL1_CopDbg_Debugv8p8) },
	},
	{
		.reg	= SYS_ID_AA64ZFR0_EL1,
		.keep	= ZFR0_KEEP,
		.lower	= ZFR0_KEEP,
	},
	{ .reg = SYS_ID_MMFR0_EL1, .keep = ~0ULL },
	{ .reg = SYS_ID_MMFR1_EL1, .keep = ~0ULL },
	{ .reg = SYS_ID_MMFR2_EL1, .keep = ~0ULL },
	{ .reg = SYS_ID_MMFR3_EL1, .keep = ~0ULL },
	{ .reg = SYS_ID_ISAR0_EL1, .keep = ~0ULL },
	{ .reg = SYS_ID_ISAR1_EL1, .keep = ~0ULL },
	{ .reg = SYS_ID_ISAR2_EL1, .keep = ~0ULL },
	{ .reg = SYS_ID_ISAR3_EL1, .keep = ~0ULL },
	{ .reg = SYS_ID_ISAR4_EL1, .keep = ~0ULL },
	{ .reg = SYS_ID_ISAR5_EL1, .keep = ~0ULL },
	{ .reg = SYS_ID_ISAR6_EL1, .keep = ~0ULL },
	{ .reg = SYS_ID_MMFR4_EL1, .keep = ~(u64)F(MMFR4, CCIDX) },
	{ .reg = SYS_ID_PFR2_EL1, .keep = F(PFR2, SSBS) | F(PFR2, CSV3) },
	{ .reg = SYS_ID_MMFR5_EL1, .keep = F(MMFR5, nTLBPA) | F(MMFR5, ETS) },
	{ .reg = SYS_MVFR0_EL1, .keep = ~0ULL },
	{ .reg = SYS_MVFR1_EL1, .keep = ~0ULL },
	{ .reg = SYS_MVFR2_EL1, .keep = ~0ULL },
};

#define ID_INDEX(reg)	(SYSREG_KEY(reg) - SYSREG_ID_FIRST)
#define ID_INDEX_AA64	ID_INDEX(SYS_ID_AA64PFR0_EL1)

static const struct id_rule *id_rule_find(unsigned int index)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(id_rules); i++)
		if (ID_INDEX(id_rules[i].reg) == index)
			return &id_rules[i];
	return NULL;
}

static bool id_host_has_aarch32(void)
{
	u64 el0 = read_sanitised_ftr_reg(SYS_ID_AA64PFR0_EL1) & ID_AA64PFR0_EL1_EL0_MASK;

	return el0 == ID_AA64PFR0_EL1_EL0_AARCH32;
}

/* The PMU's version as AArch32 has it: the same from Armv8.1 on */
static u64 id_perfmon(void)
{
	unsigned int version = pmu_host_version();

	return version == ID_AA64DFR0_EL1_PMUVer_IMP ? ID_DFR0_EL1_PerfMon_PMUv3 : version;
}

/* The most that a guest can have of a register on this host */
static u64 id_most(const struct id_rule *rule)
{
	u64 val;

	if (ID_INDEX(rule->reg) < ID_INDEX_AA64 && !id_host_has_aarch32())
		return 0;
	val = read_sanitised_ftr_reg(rule->reg) & rule->keep;
	for (unsigned int i = 0; i < ARRAY_SIZE(rule->limit); i++) {
		const struct id_limit *limit = &rule->limit[i];

		if (limit->max && (val >> limit->shift & 0xf) > limit->max) {
			val &= ~(0xfULL << limit->shift);
			val |= (u64)limit->max << limit->shift;
		}
	}
	if (rule->reg == SYS_ID_AA64DFR0_EL1)
		val |= FIELD_PREP(ID_AA64DFR0_EL1_PMUVer_MASK, pmu_host_version());
	if (rule->reg == SYS_ID_DFR0_EL1)
		val |= FIELD_PREP(ID_DFR0_EL1_PerfMon_MASK, id_perfmon());
	/* System registers are what there is of a GIC, later versions are for EL2. */
	if (rule->reg == SYS_ID_AA64PFR0_EL1 && (val & ID_AA64PFR0_EL1_GIC_MASK)) {
		val &= ~ID_AA64PFR0_EL1_GIC_MASK;
		val |= 1ULL << ID_AA64PFR0_EL1_GIC_SHIFT;
	}
	if (rule->reg == SYS_ID_PFR1_EL1 && (val & ID_PFR1_EL1_GIC_MASK)) {
		val &= ~ID_PFR1_EL1_GIC_MASK;
		val |= 1ULL << ID_PFR1_EL1_GIC_SHIFT;
	}
	return val;
}

/**
 * sysreg_id_init - a new VM's ID registers
 * @vm: not yet visible
 */
void sysreg_id_init(struct vm *vm)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(id_rules); i++)
		vm->arch.id_regs[ID_INDEX(id_rules[i].reg)] = id_most(&id_rules[i]);
	vm->arch.midr = read_cpuid_id();
	vm->arch.revidr = read_sysreg(revidr_el1);
	vm->arch.aidr = read_sysreg(aidr_el1);
}

/* Fields of features that this VM's vCPUs were not given */
static u64 id_not_given(const struct vm *vm, u32 reg)
{
	const unsigned long *given = vm->arch.features;
	u64 fields = 0;

	switch (reg) {
	case SYS_ID_AA64PFR0_EL1:
		if (!test_bit(KVM_ARM_VCPU_SVE, given))
			fields |= F(AA64PFR0, SVE);
		break;
	case SYS_ID_AA64PFR1_EL1:
		if (!vm->arch.mte)
			fields |= F(AA64PFR1, MTE);
		break;
	case SYS_ID_AA64ZFR0_EL1:
		if (!test_bit(KVM_ARM_VCPU_SVE, given))
			fields = ~0ULL;
		break;
	case SYS_ID_AA64DFR0_EL1:
		if (!test_bit(KVM_ARM_VCPU_PMU_V3, given))
			fields |= F(AA64DFR0, PMUVer);
		break;
	case SYS_ID_DFR0_EL1:
		if (!test_bit(KVM_ARM_VCPU_PMU_V3, given))
			fields |= F(DFR0, PerfMon);
		break;
	case SYS_ID_AA64ISAR1_EL1:
		if (!test_bit(KVM_ARM_VCPU_PTRAUTH_ADDRESS, given))
			fields |= F(AA64ISAR1, APA) | F(AA64ISAR1, API);
		if (!test_bit(KVM_ARM_VCPU_PTRAUTH_GENERIC, given))
			fields |= F(AA64ISAR1, GPA) | F(AA64ISAR1, GPI);
		break;
	case SYS_ID_AA64ISAR2_EL1:
		if (!test_bit(KVM_ARM_VCPU_PTRAUTH_ADDRESS, given))
			fields |= F(AA64ISAR2, APA3);
		if (!test_bit(KVM_ARM_VCPU_PTRAUTH_GENERIC, given))
			fields |= F(AA64ISAR2, GPA3);
		break;
	}
	return fields;
}

/**
 * sysreg_vm_features - take away what this VM's vCPUs were not given
 * @vm: features are known; config_lock held, no vCPU has run
 */
void sysreg_vm_features(struct vm *vm)
{
	lockdep_assert_held(&vm->config_lock);
	for (unsigned int i = 0; i < ARRAY_SIZE(id_rules); i++)
		vm->arch.id_regs[ID_INDEX(id_rules[i].reg)] &= ~id_not_given(vm, id_rules[i].reg);
}

/**
 * sysreg_id_get - an ID register as a running guest sees it
 * @vm: any
 * @index: below ID_REG_COUNT
 *
 * Whether there is a GIC is known only when the VM is complete, so it is not
 * part of the stored value.
 *
 * Context: any.
 *
 * Return: its value.
 */
u64 sysreg_id_get(const struct vm *vm, unsigned int index)
{
	u64 val = READ_ONCE(vm->arch.id_regs[index]);

	if (unlikely(vm->arch.vgic.model != VGIC_V3)) {
		if (index == ID_INDEX(SYS_ID_AA64PFR0_EL1))
			val &= ~ID_AA64PFR0_EL1_GIC_MASK;
		else if (index == ID_INDEX(SYS_ID_PFR1_EL1))
			val &= ~ID_PFR1_EL1_GIC_MASK;
	}
	return val;
}

/**
 * sysreg_id_user - an ID register as user space gets it
 * @vm: any
 * @index: below ID_REG_COUNT
 *
 * Before the VM runs it may still get a GIC, so the field is as the host allows;
 * afterwards a VM without one is saved as what its guest saw.
 *
 * Context: any.
 *
 * Return: its value.
 */
u64 sysreg_id_user(const struct vm *vm, unsigned int index)
{
	return READ_ONCE(vm->arch.ran_once) ? sysreg_id_get(vm, index) :
					      READ_ONCE(vm->arch.id_regs[index]);
}

/**
 * sysreg_id_reg - an ID register as a running guest sees it
 * @vm: any
 * @encoding: SYS_*; one of those that HCR_EL2.TID3 traps
 *
 * Context: any.
 *
 * Return: its value.
 */
u64 sysreg_id_reg(struct vm *vm, u32 encoding)
{
	unsigned int index = ID_INDEX(encoding);

	return index < ID_REG_COUNT ? sysreg_id_get(vm, index) : 0;
}

/* Can user space have @val where the host could give @most? */
static bool id_acceptable(const struct id_rule *rule, u64 val, u64 most)
{
	u64 host = read_sanitised_ftr_reg(rule->reg);

	for (unsigned int shift = 0; shift < 64; shift += 4) {
		u64 mask = 0xfULL << shift;
		int want = val >> shift & 0xf;
		int have = most >> shift & 0xf;

		if (want == have)
			continue;
		if (rule->other & mask && want > have && want <= (host >> shift & 0xf))
			continue;
		if (rule->sign & mask) {
			want = sign_extend32(want, 3);
			have = sign_extend32(have, 3);
		}
		if (!((want < have ? rule->lower : rule->raise) & mask))
			return false;
	}
	return true;
}

/*
 * A PMU that is not the architecture's: there was a time when Linux's KVM showed it to
 * guests that had none. It is taken for none.
 */
static u64 id_without_impdef_pmu(const struct id_rule *rule, u64 val)
{
	u64 field = rule->reg == SYS_ID_AA64DFR0_EL1 ? F(AA64DFR0, PMUVer) :
		    rule->reg == SYS_ID_DFR0_EL1 ? F(DFR0, PerfMon) : 0;

	return field && (val & field) == field ? val & ~field : val;
}

/* PMUv1 and PMUv2 */
static bool id_has_old_pmu(const struct id_rule *rule, u64 val)
{
	u64 perfmon = FIELD_GET(ID_DFR0_EL1_PerfMon_MASK, val);

	return rule->reg == SYS_ID_DFR0_EL1 && perfmon && perfmon < ID_DFR0_EL1_PerfMon_PMUv3;
}

/**
 * sysreg_id_set - user space chooses an ID register's value
 * @vm: any
 * @index: below ID_REG_COUNT
 * @val: for all vCPUs of the VM
 *
 * Context: vcpu->mutex held.
 *
 * Return: 0, also for what has no effect; -EINVAL if the host cannot give it or a field may not be lowered;
 * -EBUSY for a change after the first run.
 */
int sysreg_id_set(struct vm *vm, unsigned int index, u64 val)
{
	const struct id_rule *rule = id_rule_find(index);

	guard(mutex)(&vm->config_lock);
	if (rule)
		val = id_without_impdef_pmu(rule, val);
	if (val == sysreg_id_user(vm, index))
		return 0;
	/* A CPU without AArch32 has UNKNOWN values there: a guest of one may come with any. */
	if (rule && index < ID_INDEX_AA64 && !id_host_has_aarch32())
		return 0;
	if (vm->arch.ran_once)
		return -EBUSY;
	if (!rule || id_has_old_pmu(rule, val) ||
	    !id_acceptable(rule, val, id_most(rule) & ~id_not_given(vm, rule->reg)))
		return -EINVAL;
	WRITE_ONCE(vm->arch.id_regs[index], val);
	return 0;
}

/* A register's place in the array that KVM_ARM_GET_REG_WRITABLE_MASKS fills */
static unsigned int id_mask_index(u32 reg)
{
	return KVM_ARM_FEATURE_ID_RANGE_IDX(sys_reg_Op0(reg), sys_reg_Op1(reg), sys_reg_CRn(reg),
					    sys_reg_CRm(reg), sys_reg_Op2(reg));
}

/**
 * sysreg_id_masks - KVM_ARM_GET_REG_WRITABLE_MASKS
 * @arg: struct reg_mask_range in user space
 *
 * A bit that is set may be changed, within what the host can give; a field of
 * which only zero can be given counts as one that may be lowered.
 *
 * Context: process.
 *
 * Return: 0, -EINVAL for a range or members that are not known, -EFAULT, -ENOMEM.
 */
long sysreg_id_masks(void __user *arg)
{
	struct reg_mask_range range;

	if (copy_from_user(&range, arg, sizeof(range)))
		return -EFAULT;
	if (range.range != KVM_ARM_FEATURE_ID_RANGE ||
	    memchr_inv(range.reserved, 0, sizeof(range.reserved)))
		return -EINVAL;

	u64 *masks __free(kfree) = kcalloc(KVM_ARM_FEATURE_ID_RANGE_SIZE, sizeof(*masks),
					   GFP_KERNEL_ACCOUNT);

	if (!masks)
		return -ENOMEM;
	for (unsigned int i = 0; i < ARRAY_SIZE(id_rules); i++) {
		const struct id_rule *rule = &id_rules[i];

		if (ID_INDEX(rule->reg) >= ID_INDEX_AA64 || id_host_has_aarch32())
			masks[id_mask_index(rule->reg)] = rule->lower | rule->raise;
	}
	sysreg_cache_masks(&masks[id_mask_index(SYS_CLIDR_EL1)],
			   &masks[id_mask_index(SYS_CTR_EL0)]);
	return copy_to_user(u64_to_user_ptr(range.addr), masks,
			    KVM_ARM_FEATURE_ID_RANGE_SIZE * sizeof(*masks)) ? -EFAULT : 0;
}

/*
 * MPIDR_EL1 from user space's number: 16 vCPUs in a cluster, as many as an
 * ICC_SGI1R_EL1 target list reaches. U is 0: not a uniprocessor.
 */
u64 sysreg_reset_mpidr(struct vcpu *vcpu)
{
	u64 id = vcpu->id;

	return BIT_ULL(31) | (id & 0xf) | (id >> 4 & 0xff) << 8 | (id >> 12 & 0xff) << 16;
}
