/* SPDX-License-Identifier: GPL-2.0 */
/* The Performance Monitors Extension: names from the Arm ARM (DDI 0487, D13), and VMs that have it. */
#ifndef PMU_H
#define PMU_H

#include "gic.h"

#define PMU_PPI			23
#define PMU_CYCLE		31		/* the cycle counter's number */
#define PMU_CYCLE_BIT		(1ULL << 31)

#define PMCR_E			(1u << 0)
#define PMCR_P			(1u << 1)
#define PMCR_C			(1u << 2)
#define PMCR_D			(1u << 3)
#define PMCR_X			(1u << 4)
#define PMCR_DP			(1u << 5)
#define PMCR_LC			(1u << 6)
#define PMCR_LP			(1u << 7)
#define PMCR_N(pmcr)		((pmcr) >> 11 & 0x1f)

#define TYPER_P			(1u << 31)	/* not at EL1 */
#define TYPER_U			(1u << 30)	/* not at EL0 */
#define TYPER_NSK		(1u << 29)
#define TYPER_NSU		(1u << 28)

#define USERENR_EN		(1u << 0)
#define USERENR_SW		(1u << 1)
#define USERENR_CR		(1u << 2)
#define USERENR_ER		(1u << 3)

#define EVENT_SW_INCR		0x00
#define EVENT_INST_RETIRED	0x08
#define EVENT_CPU_CYCLES	0x11
#define EVENT_CHAIN		0x1e

#define PMUVER(dfr0)		((dfr0) >> 8 & 0xf)
#define PMUVER_V3		1
#define PMUVER_V3P1		4
#define PMUVER_V3P5		6

#define REG_ID_AA64DFR0		REG_SYS(3, 0, 0, 5, 0)
#define REG_PMINTENSET		REG_SYS(3, 0, 9, 14, 1)
#define REG_PMINTENCLR		REG_SYS(3, 0, 9, 14, 2)
#define REG_PMCR		REG_SYS(3, 3, 9, 12, 0)
#define REG_PMCNTENSET		REG_SYS(3, 3, 9, 12, 1)
#define REG_PMCNTENCLR		REG_SYS(3, 3, 9, 12, 2)
#define REG_PMOVSCLR		REG_SYS(3, 3, 9, 12, 3)
#define REG_PMSWINC		REG_SYS(3, 3, 9, 12, 4)
#define REG_PMSELR		REG_SYS(3, 3, 9, 12, 5)
#define REG_PMCCNTR		REG_SYS(3, 3, 9, 13, 0)
#define REG_PMUSERENR		REG_SYS(3, 3, 9, 14, 0)
#define REG_PMOVSSET		REG_SYS(3, 3, 9, 14, 3)
#define REG_PMEVCNTR(n)		REG_SYS(3, 3, 14, 8 | (n) >> 3, (n) & 7)
#define REG_PMEVTYPER(n)	REG_SYS(3, 3, 14, 12 | (n) >> 3, (n) & 7)
#define REG_PMCCFILTR		REG_PMEVTYPER(31)

/* ---------------------------------------------------------------------------------------------- Host */

struct pmu_vm {
	struct vm *vm;
	struct vcpu *vcpu[4];
	int gic;
};

/* A VM with a GICv3 and PMUs that have an interrupt and are initialised; the second is without the latter. */
void pmu_vm_create(struct pmu_vm *p, unsigned int nr_vcpus, guest_fn fn);
void pmu_vm_create_raw(struct pmu_vm *p, unsigned int nr_vcpus, guest_fn fn);
void pmu_vm_destroy(struct pmu_vm *p);
int pmu_set(struct vcpu *vcpu, uint64_t attr, const void *value);	/* KVM_SET_DEVICE_ATTR: 0 or -1 with errno */
int pmu_set_irq(struct vcpu *vcpu, int intid);

#define REQUIRE_PMU() do {						\
	REQUIRE_CAP(KVM_CAP_ARM_PMU_V3);				\
	if (!gic_available())						\
		SKIP(return, "no GICv3");				\
} while (0)

/* --------------------------------------------------------------------------------------------- Guest */

/* Counters by number, by way of PMSELR_EL0 */
uint64_t pmu_counter(unsigned int n);
void pmu_set_counter(unsigned int n, uint64_t value);
uint64_t pmu_typer(unsigned int n);
void pmu_set_typer(unsigned int n, uint64_t value);

/* All counters off and zero, no interrupts, no overflows; PMCR_EL0 as given. */
void pmu_clear(uint64_t pmcr);
bool pmu_has_event(unsigned int event);		/* below 64: PMCEID<n>_EL0 */
void pmu_spin(unsigned int rounds);		/* that many times a loop of two instructions */

/* Run what is at this address of MAP_USER at EL0, to its SVC or another exception; returns ESR_EL1. */
uint64_t pmu_run_el0(uint64_t pc, uint64_t *x0);

#endif /* PMU_H */
