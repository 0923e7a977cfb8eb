// SPDX-License-Identifier: GPL-2.0
/*
 * The host's PMUs: which there are, and what of them changes while a vCPU is
 * loaded.
 *
 * The PMU stays the host's. Its driver programs counters to count at EL2, EL1
 * and EL0 as perf's attributes say; a kernel at EL2 is told from a guest's at
 * EL1 by the hardware, but EL0 is the host's user space at one time and the
 * guest's at another. The kernel's own KVM tells the driver which it is. To a
 * module that way is closed, so the filter of each counter is changed here, by
 * what perf says of its event: when a vCPU is loaded events that exclude the
 * guest stop to count at EL0, and those that exclude the host begin, and when
 * it is put it is the other way round. In between EL0 is never the host's.
 *
 * PMUSERENR_EL0 would have the guest's EL0 trap to its EL1 in place of EL2, so
 * it permits everything while a vCPU is loaded: by EN alone, which the driver
 * does not use. (QEMU, as of 10.0, does not trap what SW, CR and ER permit.) The
 * driver writes the register whenever it has programmed a counter: another value
 * there is how pmu_host_enter() knows that the filters are due again.
 */

#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>
#include "pmu.h"

#define PMU_HOST_MAX	8

/* Those that are known: a driver's PMU never goes away. Entries appear by @pmu_host_nr. */
static struct arm_pmu *pmu_hosts[PMU_HOST_MAX];
static unsigned int pmu_host_nr;		/* release/acquire */
static DEFINE_MUTEX(pmu_host_lock);		/* additions */

struct pmu_host_cpu {
	struct arm_pmu *pmu;	/* found at the first load */
	u64 userenr;		/* the host's, while a vCPU is loaded */
};

static DEFINE_PER_CPU(struct pmu_host_cpu, pmu_host_cpu);

/* ---- Which there are */

static unsigned int pmu_host_known(void)
{
	/* Pairs with pmu_host_discover(): the entries below the number are there. */
	return smp_load_acquire(&pmu_host_nr);
}

static struct arm_pmu *pmu_host_find(int cpu)
{
	for (unsigned int i = 0; i < pmu_host_known(); i++)
		if (cpumask_test_cpu(cpu, &pmu_hosts[i]->supported_cpus))
			return pmu_hosts[i];
	return NULL;
}

/* A raw event of a CPU is its PMU's: the only way to that which perf has. */
static struct arm_pmu *pmu_host_ask(int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_RAW,
		.size = sizeof(attr),
		.config = PMU_EVENT_CPU_CYCLES,
		.disabled = 1,
	};
	struct perf_event *event = perf_event_create_kernel_counter(&attr, cpu, NULL, NULL, NULL);
	struct arm_pmu *pmu = NULL;

	if (IS_ERR(event))
		return NULL;
	/* No other driver of this architecture takes the types of hardware events. */
	if (event->pmu->capabilities & PERF_PMU_CAP_EXTENDED_HW_TYPE)
		pmu = to_arm_pmu(event->pmu);
	perf_event_release_kernel(event);
	return pmu && pmu->pmuver && pmu->pmuver != ID_AA64DFR0_EL1_PMUVer_IMP_DEF ? pmu : NULL;
}

static struct arm_pmu *pmu_host_discover(int cpu)
{
	struct arm_pmu *pmu;

	guard(mutex)(&pmu_host_lock);
	pmu = pmu_host_find(cpu);
	if (pmu || pmu_host_nr == PMU_HOST_MAX)
		return pmu;
	pmu = pmu_host_ask(cpu);
	if (pmu) {
		pmu_hosts[pmu_host_nr] = pmu;
		/* Pairs with pmu_host_known(). */
		smp_store_release(&pmu_host_nr, pmu_host_nr + 1);
	}
	return pmu;
}

/**
 * pmu_host_init - look for the PMUs of the CPUs that are on line
 *
 * Context: module initialisation.
 *
 * Return: 0; a host without one is no error.
 */
int __init pmu_host_init(void)
{
	unsigned int cpu;

	/* One that goes off line meanwhile has no event, and no PMU for now. */
	for_each_online_cpu(cpu)
		pmu_host_discover(cpu);
	return 0;
}

/**
 * pmu_host_version - what ID_AA64DFR0_EL1.PMUVer guests can have
 *
 * Return: up to PMUv3 for Armv8.5; 0 if there is no PMU that all CPUs have or
 * the host does not use it.
 */
unsigned int pmu_host_version(void)
{
	u64 dfr0 = read_sanitised_ftr_reg(SYS_ID_AA64DFR0_EL1);
	unsigned int ver = cpuid_feature_extract_unsigned_field(dfr0, ID_AA64DFR0_EL1_PMUVer_SHIFT);

	if (!pmu_host_known() || ver == ID_AA64DFR0_EL1_PMUVer_IMP_DEF)
		return 0;
	return min_t(unsigned int, ver, ID_AA64DFR0_EL1_PMUVer_V3P5);
}

/**
 * pmu_host_by_type - a PMU by perf's number
 * @type: as in /sys/bus/event_source/devices/.../type
 *
 * Context: any.
 *
 * Return: the PMU, or NULL if it is none of a CPU.
 */
struct arm_pmu *pmu_host_by_type(int type)
{
	for (unsigned int i = 0; i < pmu_host_known(); i++)
		if (pmu_hosts[i]->pmu.type == type)
			return pmu_hosts[i];
	return NULL;
}

/**
 * pmu_host_here - the PMU of the CPU that this runs on, about
 *
 * Context: process.
 *
 * Return: the PMU, or NULL if that CPU has none.
 */
struct arm_pmu *pmu_host_here(void)
{
	int cpu = raw_smp_processor_id();

	return pmu_host_find(cpu) ?: pmu_host_discover(cpu);
}

/* ---- While a vCPU is loaded */

/* Registers with a number in their name; PMEVTYPER31_EL0 would be PMCCFILTR_EL0. */
#define EACH_4(X, n, idx, val)						\
do {									\
	X(n, idx, val); X((n) + 1, idx, val);				\
	X((n) + 2, idx, val); X((n) + 3, idx, val);			\
} while (0)
#define EACH_TYPER(X, idx, val)						\
do {									\
	EACH_4(X, 0, idx, val); EACH_4(X, 4, idx, val);			\
	EACH_4(X, 8, idx, val); EACH_4(X, 12, idx, val);		\
	EACH_4(X, 16, idx, val); EACH_4(X, 20, idx, val);		\
	EACH_4(X, 24, idx, val); EACH_4(X, 28, idx, val);		\
} while (0)

#define READ_TYPER(n, idx, val)						\
do {									\
	if ((idx) == (n))						\
		(val) = read_sysreg_s(SYS_PMEVTYPERn_EL0(n));		\
} while (0)

#define WRITE_TYPER(n, idx, val)					\
do {									\
	if ((idx) == (n))						\
		write_sysreg_s(val, SYS_PMEVTYPERn_EL0(n));		\
} while (0)

static u64 pmu_host_typer(unsigned int idx)
{
	u64 val = 0;

	if (idx > PMU_CYCLE)
		return read_sysreg_s(SYS_PMICFILTR_EL0);
	EACH_TYPER(READ_TYPER, idx, val);
	return val;
}

static void pmu_host_set_typer(unsigned int idx, u64 val)
{
	if (idx > PMU_CYCLE)
		write_sysreg_s(val, SYS_PMICFILTR_EL0);
	else
		EACH_TYPER(WRITE_TYPER, idx, val);
}

/* The event of a counter that is in use: of a pair of chained ones the upper one has it. */
static const struct perf_event *pmu_host_event(const struct pmu_hw_events *hw, unsigned int idx)
{
	if (!hw->events[idx] && !(idx & 1) && idx < PMU_CYCLE)
		idx++;
	return hw->events[idx];
}

/* EL0 becomes the guest's, or the host's. Interrupts off. */
static void pmu_host_filter(struct arm_pmu *pmu, bool guest)
{
	const struct pmu_hw_events *hw = this_cpu_ptr(pmu->hw_events);
	unsigned int idx;

	for_each_set_bit(idx, hw->used_mask, ARMPMU_MAX_HWEVENTS) {
		const struct perf_event *event = pmu_host_event(hw, idx);
		u64 typer;

		if (!event || event->attr.exclude_user ||
		    event->attr.exclude_host == event->attr.exclude_guest)
			continue;
		typer = pmu_host_typer(idx);
		if (guest ? event->attr.exclude_guest : event->attr.exclude_host)
			typer |= PMEVTYPER_U;
		else
			typer &= ~(u64)PMEVTYPER_U;
		pmu_host_set_typer(idx, typer);
	}
}

/**
 * pmu_host_load - EL0 of this CPU becomes a guest's
 *
 * Context: preemption off.
 */
void pmu_host_load(void)
{
	struct pmu_host_cpu *host = this_cpu_ptr(&pmu_host_cpu);

	if (unlikely(!host->pmu)) {
		host->pmu = pmu_host_find(smp_processor_id());
		if (!host->pmu)
			return;
	}
	guard(irqsave)();
	host->userenr = read_sysreg(pmuserenr_el0);
	write_sysreg(PMUSERENR_EN, pmuserenr_el0);
	pmu_host_filter(host->pmu, true);
}

/**
 * pmu_host_enter - do again what the host's PMU driver has undone since
 *
 * Context: interrupts off, a vCPU is loaded.
 */
void pmu_host_enter(void)
{
	struct pmu_host_cpu *host = this_cpu_ptr(&pmu_host_cpu);
	u64 userenr;

	if (unlikely(!host->pmu))
		return;
	userenr = read_sysreg(pmuserenr_el0);
	if (likely(userenr == PMUSERENR_EN))
		return;
	host->userenr = userenr;
	write_sysreg(PMUSERENR_EN, pmuserenr_el0);
	pmu_host_filter(host->pmu, true);
}

/**
 * pmu_host_put - EL0 is the host's again
 *
 * Context: preemption off.
 */
void pmu_host_put(void)
{
	struct pmu_host_cpu *host = this_cpu_ptr(&pmu_host_cpu);

	if (unlikely(!host->pmu))
		return;
	guard(irqsave)();
	/* If it is another by now, then that is the host's. */
	if (read_sysreg(pmuserenr_el0) == PMUSERENR_EN)
		write_sysreg(host->userenr, pmuserenr_el0);
	pmu_host_filter(host->pmu, false);
}
