// SPDX-License-Identifier: GPL-2.0
/*
 * The registers of a guest's PMU: trapped accesses and ONE_REG. Which register
 * is which is in sysreg-table.c; .arg is the number of a counter.
 *
 * All of them trap (MDCR_EL2.TPM), from EL0 too, whatever PMUSERENR_EL0 the guest
 * has: what that forbids is trapped to its EL1 here (DDI 0487, D13.5).
 */

#include <linux/bitfield.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <asm/ptrace.h>
#include "pmu.h"
#include "sysreg.h"

static bool pmu_at_el0(const struct vcpu *vcpu)
{
	/* Those four bits are 0 in AArch32's User mode, too. */
	return (vcpu->arch.hyp.pstate & PSR_MODE_MASK) == PSR_MODE_EL0t;
}

/* An access is over; a read may have brought an overflow to light, too. */
static enum sysreg_access pmu_done(struct vcpu_pmu *pmu)
{
	bool changed = pmu_update_line(pmu);

	if (READ_ONCE(pmu->work)) {
		vcpu_make_request(pmu->vcpu, VCPU_REQ_PMU);
		changed = true;
	}
	return changed ? SYSREG_DONE_RESYNC : SYSREG_DONE;
}

/* The counter that an access is of. @typer: the cycle counter can be selected by number */
static enum sysreg_access pmu_find_counter(const struct vcpu_pmu *pmu,
					   const struct sysreg_desc *desc, bool typer,
					   unsigned int *idx)
{
	bool selected = desc->arg == PMU_ARG_SELECTED;

	*idx = selected ? pmu->selected : desc->arg;
	if (*idx == PMU_CYCLE)
		return selected && !typer ? SYSREG_UNDEF : SYSREG_DONE;
	return pmu_counters(pmu) & BIT(*idx) ? SYSREG_DONE : SYSREG_UNDEF;
}

/*
 * What handlers begin with: may the guest's current EL do what one of @bits of
 * PMUSERENR_EL0 permits to EL0?
 */
static enum sysreg_access pmu_allows(const struct vcpu *vcpu, u8 bits)
{
	if (!vcpu->arch.pmu)
		return SYSREG_UNDEF;
	if (pmu_at_el0(vcpu) && !(vcpu->arch.pmu->userenr & bits))
		return SYSREG_TRAP_EL1;
	return SYSREG_DONE;
}

/* ---- Control */

static u64 pmcr_value(const struct vcpu_pmu *pmu)
{
	return pmu->pmcr | FIELD_PREP(PMCR_N, READ_ONCE(pmu->vcpu->vm->arch.pmu.nr_counters));
}

enum sysreg_access pmu_read_pmcr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				 bool fast)
{
	enum sysreg_access ret = pmu_allows(vcpu, PMUSERENR_EN);
	struct vcpu_pmu *pmu = vcpu->arch.pmu;

	if (ret != SYSREG_DONE)
		return ret;
	guard(irqsave)();
	*val = pmcr_value(pmu);
	return SYSREG_DONE;
}

enum sysreg_access pmu_write_pmcr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				  bool fast)
{
	enum sysreg_access ret = pmu_allows(vcpu, PMUSERENR_EN);
	struct vcpu_pmu *pmu = vcpu->arch.pmu;
	unsigned long reset = 0;
	unsigned int idx;

	if (ret != SYSREG_DONE)
		return ret;
	guard(irqsave)();
	if (val & PMCR_P)
		reset |= pmu_counters(pmu) & ~BIT(PMU_CYCLE);
	if (val & PMCR_C)
		reset |= BIT(PMU_CYCLE);
	for_each_set_bit(idx, &reset, PMU_NR_COUNTERS)
		pmu_set_counter(pmu, idx, 0);
	pmu_set_pmcr(pmu, val);
	return pmu_done(pmu);
}

/*
 * N is the VM's. More counters than the host's PMU has are not given, which is no
 * error: that is how it was when N could not be chosen.
 */
int pmu_get_pmcr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = pmcr_value(vcpu->arch.pmu);
	return 0;
}

int pmu_user_pmcr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	unsigned int nr = FIELD_GET(PMCR_N, val);
	struct vm *vm = vcpu->vm;

	scoped_guard(mutex, &vm->config_lock) {
		unsigned int most = bitmap_weight(vm->arch.pmu.host->cntr_mask, PMU_CYCLE);

		if (!vm->arch.ran_once && nr <= most)
			WRITE_ONCE(vm->arch.pmu.nr_counters, nr);
	}
	guard(irqsave)();
	pmu_set_pmcr(vcpu->arch.pmu, val);
	vcpu_make_request(vcpu, VCPU_REQ_PMU);
	return 0;
}

enum sysreg_access pmu_read_userenr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				    bool fast)
{
	if (!vcpu->arch.pmu)
		return SYSREG_UNDEF;
	*val = vcpu->arch.pmu->userenr;
	return SYSREG_DONE;
}

enum sysreg_access pmu_write_userenr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				     bool fast)
{
	if (!vcpu->arch.pmu || pmu_at_el0(vcpu))
		return SYSREG_UNDEF;
	vcpu->arch.pmu->userenr = val & PMUSERENR_ALL;
	return SYSREG_DONE;
}

int pmu_get_userenr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = vcpu->arch.pmu->userenr;
	return 0;
}

int pmu_user_userenr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	vcpu->arch.pmu->userenr = val & PMUSERENR_ALL;
	return 0;
}

enum sysreg_access pmu_read_selr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				 bool fast)
{
	enum sysreg_access ret = pmu_allows(vcpu, PMUSERENR_EN | PMUSERENR_ER);
	struct vcpu_pmu *pmu = vcpu->arch.pmu;

	if (ret != SYSREG_DONE)
		return ret;
	guard(irqsave)();
	*val = pmu->selected;
	return SYSREG_DONE;
}

enum sysreg_access pmu_write_selr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				  bool fast)
{
	enum sysreg_access ret = pmu_allows(vcpu, PMUSERENR_EN | PMUSERENR_ER);
	struct vcpu_pmu *pmu = vcpu->arch.pmu;

	if (ret != SYSREG_DONE)
		return ret;
	guard(irqsave)();
	pmu->selected = val & PMSELR_SEL;
	return SYSREG_DONE;
}

int pmu_get_selr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = vcpu->arch.pmu->selected;
	return 0;
}

int pmu_user_selr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	vcpu->arch.pmu->selected = val & PMSELR_SEL;
	return 0;
}

/* ---- Which events there are */

/* Events of which a guest cannot know how many there may be in a cycle: PMMIR_EL1 is 0 */
#define PMCEID1_STALL_SLOT	GENMASK(31, 29)		/* 0x3d to 0x3f */

/* 32 events from @base as the VM's filter has them */
static u32 pmceid_filter(const struct vm *vm, unsigned int base)
{
	u32 bits = 0;

	if (!vm->arch.pmu.filter)
		return ~0U;
	for (unsigned int i = 0; i < 32; i++)
		if (test_bit(base + i, vm->arch.pmu.filter))
			bits |= BIT(i);
	return bits;
}

/* @n: PMCEID0_EL0 or PMCEID1_EL0 */
static u64 pmceid_value(struct vm *vm, unsigned int n)
{
	const struct arm_pmu *host = vm->arch.pmu.host;
	u32 common, ext = 0;

	common = bitmap_read(host->pmceid_bitmap, 32 * n, 32) & pmceid_filter(vm, 32 * n);
	if (n)
		common &= ~PMCEID1_STALL_SLOT;
	else
		/* Chaining is done here, and no hardware event: it is not filtered. */
		common |= BIT(PMU_EVENT_CHAIN) |
			  (bitmap_read(host->pmceid_bitmap, 0, 32) & BIT(PMU_EVENT_SW_INCR));
	if (pmu_version(vm) >= ID_AA64DFR0_EL1_PMUVer_V3P1)
		ext = bitmap_read(host->pmceid_ext_bitmap, 32 * n, 32) &
		      pmceid_filter(vm, PMU_EVENT_EXT + 32 * n);
	return (u64)ext << 32 | common;
}

enum sysreg_access pmu_read_pmceid(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				   bool fast)
{
	enum sysreg_access ret = pmu_allows(vcpu, PMUSERENR_EN);

	if (ret != SYSREG_DONE)
		return ret;
	*val = pmceid_value(vcpu->vm, desc->arg);
	return SYSREG_DONE;
}

/* FEAT_PMUv3p4. What it tells is left unknown: vCPUs move between CPUs. */
enum sysreg_access pmu_read_pmmir(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				  bool fast)
{
	if (!vcpu->arch.pmu || pmu_version(vcpu->vm) < ID_AA64DFR0_EL1_PMUVer_V3P4)
		return SYSREG_UNDEF;
	*val = 0;
	return SYSREG_DONE;
}

/* ---- Pairs of registers that set and clear bits; .arg is which */

static u32 *pmu_mask_reg(struct vcpu_pmu *pmu, const struct sysreg_desc *desc)
{
	switch (desc->arg & ~PMU_ARG_CLEAR) {
	case PMU_ARG_ENABLED:
		return &pmu->enabled;
	case PMU_ARG_INTERRUPTS:
		return &pmu->interrupts;
	default:
		return &pmu->overflowed;
	}
}

static void pmu_mask_set(struct vcpu_pmu *pmu, const struct sysreg_desc *desc, u32 val)
{
	val &= pmu_counters(pmu);
	if ((desc->arg & ~PMU_ARG_CLEAR) == PMU_ARG_ENABLED)
		pmu_set_enabled(pmu, val);
	else
		*pmu_mask_reg(pmu, desc) = val;
}

enum sysreg_access pmu_read_mask(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				 bool fast)
{
	enum sysreg_access ret = pmu_allows(vcpu, PMUSERENR_EN);
	struct vcpu_pmu *pmu = vcpu->arch.pmu;

	if (ret != SYSREG_DONE)
		return ret;
	guard(irqsave)();
	pmu_sync(pmu, pmu->counting);
	*val = *pmu_mask_reg(pmu, desc);
	return pmu_done(pmu);
}

enum sysreg_access pmu_write_mask(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				  bool fast)
{
	enum sysreg_access ret = pmu_allows(vcpu, PMUSERENR_EN);
	struct vcpu_pmu *pmu = vcpu->arch.pmu;
	u32 bits;

	if (ret != SYSREG_DONE)
		return ret;
	guard(irqsave)();
	pmu_sync(pmu, pmu->counting);
	bits = *pmu_mask_reg(pmu, desc);
	if (desc->arg & PMU_ARG_CLEAR)
		bits &= ~val;
	else
		bits |= val;
	pmu_mask_set(pmu, desc, bits);
	return pmu_done(pmu);
}

int pmu_get_mask(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = *pmu_mask_reg(vcpu->arch.pmu, desc) & pmu_counters(vcpu->arch.pmu);
	return 0;
}

/*
 * User space gives back what it was given, and that by both names of a pair: so
 * either is the register's value, as nothing would survive the one that clears.
 */
int pmu_user_mask(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	guard(irqsave)();
	pmu_mask_set(vcpu->arch.pmu, desc, val);
	vcpu_make_request(vcpu, VCPU_REQ_PMU);
	return 0;
}

/* ---- Counters */

enum sysreg_access pmu_read_counter(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				    bool fast)
{
	u8 reads = desc->arg == PMU_CYCLE ? PMUSERENR_CR : PMUSERENR_ER;
	enum sysreg_access ret = pmu_allows(vcpu, PMUSERENR_EN | reads);
	struct vcpu_pmu *pmu = vcpu->arch.pmu;
	unsigned int idx;

	if (ret != SYSREG_DONE)
		return ret;
	guard(irqsave)();
	if (pmu_find_counter(pmu, desc, false, &idx) != SYSREG_DONE)
		return SYSREG_UNDEF;
	pmu_sync(pmu, BIT(idx));
	/* The lower one of a chain may have gone over. */
	if (idx & 1 && idx != PMU_CYCLE)
		pmu_sync(pmu, BIT(idx - 1));
	*val = pmu->counter[idx].value;
	return pmu_done(pmu);
}

enum sysreg_access pmu_write_counter(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				     bool fast)
{
	enum sysreg_access ret = pmu_allows(vcpu, PMUSERENR_EN);
	struct vcpu_pmu *pmu = vcpu->arch.pmu;
	unsigned int idx;

	if (ret != SYSREG_DONE)
		return ret;
	guard(irqsave)();
	if (pmu_find_counter(pmu, desc, false, &idx) != SYSREG_DONE)
		return SYSREG_UNDEF;
	if (idx & 1 && idx != PMU_CYCLE)
		pmu_sync(pmu, BIT(idx - 1));
	pmu_set_counter(pmu, idx, val);
	return pmu_done(pmu);
}

int pmu_get_counter(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	struct vcpu_pmu *pmu = vcpu->arch.pmu;

	guard(irqsave)();
	pmu_sync(pmu, pmu->counting);
	*val = pmu->counter[desc->arg].value;
	return 0;
}

int pmu_user_counter(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	guard(irqsave)();
	pmu_set_counter(vcpu->arch.pmu, desc->arg, val);
	vcpu_make_request(vcpu, VCPU_REQ_PMU);
	return 0;
}

enum sysreg_access pmu_read_typer(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				  bool fast)
{
	enum sysreg_access ret = pmu_allows(vcpu, PMUSERENR_EN);
	struct vcpu_pmu *pmu = vcpu->arch.pmu;
	unsigned int idx;

	if (ret != SYSREG_DONE)
		return ret;
	guard(irqsave)();
	if (pmu_find_counter(pmu, desc, true, &idx) != SYSREG_DONE)
		return SYSREG_UNDEF;
	*val = pmu->counter[idx].typer;
	return SYSREG_DONE;
}

enum sysreg_access pmu_write_typer(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				   bool fast)
{
	enum sysreg_access ret = pmu_allows(vcpu, PMUSERENR_EN);
	struct vcpu_pmu *pmu = vcpu->arch.pmu;
	unsigned int idx;

	if (ret != SYSREG_DONE)
		return ret;
	guard(irqsave)();
	if (pmu_find_counter(pmu, desc, true, &idx) != SYSREG_DONE)
		return SYSREG_UNDEF;
	/* It may be about to become the upper one of a chain, or to end that. */
	pmu_sync(pmu, pmu->counting);
	pmu_set_typer(pmu, idx, val);
	return pmu_done(pmu);
}

int pmu_get_typer(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = vcpu->arch.pmu->counter[desc->arg].typer;
	return 0;
}

int pmu_user_typer(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	guard(irqsave)();
	pmu_set_typer(vcpu->arch.pmu, desc->arg, val);
	vcpu_make_request(vcpu, VCPU_REQ_PMU);
	return 0;
}

enum sysreg_access pmu_write_swinc(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				   bool fast)
{
	enum sysreg_access ret = pmu_allows(vcpu, PMUSERENR_EN | PMUSERENR_SW);
	struct vcpu_pmu *pmu = vcpu->arch.pmu;
	unsigned long counters;
	unsigned int idx;

	if (ret != SYSREG_DONE)
		return ret;
	guard(irqsave)();
	counters = val & pmu->counting & ~BIT(PMU_CYCLE);
	for_each_set_bit(idx, &counters, PMU_NR_COUNTERS) {
		u32 typer = pmu->counter[idx].typer;

		if ((typer & pmu_event_mask(pmu_version(vcpu->vm))) == PMU_EVENT_SW_INCR &&
		    pmu_counts_at(typer, pmu_at_el0(vcpu)))
			pmu_add(pmu, idx, 1);
	}
	return pmu_done(pmu);
}

/* Listed, though it has no value: a VMM gives back what it got. */
int pmu_get_swinc(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = 0;
	return 0;
}

int pmu_user_swinc(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	return 0;
}
