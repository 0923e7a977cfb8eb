/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_PMU_H
#define KVM_ARM64_PMU_H

/* Between pmu*.c: the guests' Performance Monitors Extension, PMUv3 (DDI 0487, D13). */

#include <linux/irq_work.h>
#include <linux/perf/arm_pmu.h>
#include "arm64.h"

#define PMU_NR_COUNTERS		32	/* as bits in registers: event counters, and */
#define PMU_CYCLE		31	/* the cycle counter */

/* PMCR_EL0 */
#define PMCR_E			BIT(0)	/* enable */
#define PMCR_P			BIT(1)	/* reset the event counters */
#define PMCR_C			BIT(2)	/* reset the cycle counter */
#define PMCR_D			BIT(3)	/* the cycle counter counts every 64th, unless LC */
#define PMCR_X			BIT(4)	/* export of events: there is nobody to export them to */
#define PMCR_DP			BIT(5)	/* no cycles where counting is prohibited: EL3, to a guest */
#define PMCR_LC			BIT(6)	/* the cycle counter overflows at 64 bits */
#define PMCR_LP			BIT(7)	/* the event counters do, with PMUv3p5 */
#define PMCR_N			GENMASK(15, 11)
#define PMCR_STATE		(PMCR_E | PMCR_D | PMCR_X | PMCR_DP | PMCR_LC | PMCR_LP)

/* PMEVTYPER<n>_EL0, PMCCFILTR_EL0 */
#define PMEVTYPER_P		BIT(31)	/* not at EL1 */
#define PMEVTYPER_U		BIT(30)	/* not at EL0 */
#define PMEVTYPER_NSK		BIT(29)	/* if not equal to P: not at Non-secure EL1 */
#define PMEVTYPER_NSU		BIT(28)	/* if not equal to U: not at Non-secure EL0 */
#define PMEVTYPER_NSH		BIT(27)	/* also at EL2 */
#define PMEVTYPER_M		BIT(26)	/* for EL3, as NSK */

/* PMUSERENR_EL0 */
#define PMUSERENR_EN		BIT(0)	/* all that EL0 can be given */
#define PMUSERENR_SW		BIT(1)	/* PMSWINC_EL0 */
#define PMUSERENR_CR		BIT(2)	/* reads of the cycle counter */
#define PMUSERENR_ER		BIT(3)	/* reads of the event counters, and PMSELR_EL0 */
#define PMUSERENR_ALL		(PMUSERENR_EN | PMUSERENR_SW | PMUSERENR_CR | PMUSERENR_ER)

#define PMSELR_SEL		GENMASK(4, 0)

/* Events that mean something here; the rest is the host's PMU's business. */
#define PMU_EVENT_SW_INCR	0x00
#define PMU_EVENT_CPU_CYCLES	0x11
#define PMU_EVENT_CHAIN		0x1e
#define PMU_EVENT_EXT		0x4000	/* PMCEID<n>_EL0[63:32] are from here */

/**
 * struct pmu_counter - a counter of a vCPU's PMU
 * @pmu: whose
 * @value: its value when @event had counted @origin
 * @origin: see @value; while it does not count, the value is just @value
 * @armed: perf calls when @event has counted that much, at the latest
 * @event: counts for it, if it has counted yet; what it counts is fixed
 * @typer: PMEVTYPER<n>_EL0 or PMCCFILTR_EL0
 * @idx: its number
 * @on: @event is enabled
 * @stale: @event is not what @typer says
 */
struct pmu_counter {
	struct vcpu_pmu *pmu;
	u64 value;
	u64 origin;
	u64 armed;
	struct perf_event *event;
	u32 typer;
	u8 idx;
	bool on;
	bool stale;
};

/**
 * struct vcpu_pmu - a vCPU's PMU
 * @vcpu: whose; all of this is its own thread's with interrupts off, or that of
 *	  a holder of vcpu->mutex while it does not run, unless said otherwise
 * @counter: event counters, and the cycle counter at the end
 * @pmcr: PMCR_EL0, what of it has a state
 * @enabled: PMCNTENSET_EL0
 * @interrupts: PMINTENSET_EL1
 * @overflowed: PMOVSSET_EL0
 * @counting: the enabled ones, if PMCR_EL0.E
 * @selected: PMSELR_EL0
 * @userenr: PMUSERENR_EL0
 * @work: counters whose perf event has to follow what the guest did, or whose
 *	  event has called; atomic: perf's handler sets bits
 * @thread: the one that the events count for; compared only
 * @irq: INTID of the overflow interrupt, 0 if there is none; config_lock until
 *	 @initialized
 * @initialized: KVM_ARM_VCPU_PMU_V3_INIT done; config_lock
 * @level: the overflow interrupt's
 * @wrong_cpu: loaded on a CPU that does not have the PMU that was chosen
 * @kick: gets the vCPU out of the guest when perf's handler was an NMI
 */
struct vcpu_pmu {
	struct vcpu *vcpu;
	struct pmu_counter counter[PMU_NR_COUNTERS];
	u64 pmcr;
	u32 enabled;
	u32 interrupts;
	u32 overflowed;
	u32 counting;
	u8 selected;
	u8 userenr;
	unsigned long work;
	struct task_struct *thread;
	u32 irq;
	bool initialized;
	bool level;
	bool wrong_cpu;
	struct irq_work kick;
};

/* pmu.c.  Interrupts off and own thread, or vcpu->mutex held and not running. */
u32 pmu_counters(const struct vcpu_pmu *pmu);		/* those that there are, as a mask */
unsigned int pmu_version(struct vm *vm);		/* ID_AA64DFR0_EL1.PMUVer */
u32 pmu_event_mask(unsigned int version);		/* of PMEVTYPER<n>_EL0.evtCount */
u32 pmu_typer_mask(struct vm *vm);
bool pmu_counts_at(u32 typer, bool el0);
void pmu_sync(struct vcpu_pmu *pmu, u32 counters);
void pmu_add(struct vcpu_pmu *pmu, unsigned int idx, u64 events);
void pmu_set_counter(struct vcpu_pmu *pmu, unsigned int idx, u64 val);
void pmu_set_typer(struct vcpu_pmu *pmu, unsigned int idx, u64 val);
void pmu_set_enabled(struct vcpu_pmu *pmu, u32 enabled);
void pmu_set_pmcr(struct vcpu_pmu *pmu, u64 pmcr);
bool pmu_update_line(struct vcpu_pmu *pmu);		/* true if it has changed */

/* pmu-host.c */
struct arm_pmu *pmu_host_by_type(int type);
struct arm_pmu *pmu_host_here(void);

#endif
