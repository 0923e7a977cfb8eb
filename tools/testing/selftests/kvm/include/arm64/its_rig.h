/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For tests in which operations on LPIs race: a VM with two ITSs and up to three vCPUs that take LPIs and count them,
 * where and when. Some vCPUs act, each in a function of its own, in rounds that begin for all at once; the others wait for
 * interrupts.
 *
 * Each ITS has devices RIG_DEVICE and RIG_OTHER mapped, and for each vCPU the collection of its index. No event is mapped.
 * LPI n of RIG_LPIS, as all functions here name them, is INTID LPI_FIRST + n, enabled in the configuration table.
 */
#ifndef ITS_RIG_H
#define ITS_RIG_H

#include "its.h"

#define RIG_VCPUS	3
#define RIG_ITSS	2
#define RIG_LPIS	32
#define RIG_EVENT_BITS	6
#define RIG_DEVICE	1
#define RIG_OTHER	2
#define RIG_PRIORITY	0xa0
/* How long rounds go on; the longer on a kernel that checks itself */
#define RIG_MS		500
#define RIG_MS_CHECKED	1500

/* Of the handler: how often each vCPU took each LPI, and when it last looked before it got it. */
extern volatile uint64_t rig_taken[RIG_VCPUS][RIG_LPIS], rig_when[RIG_VCPUS][RIG_LPIS], rig_strays;
extern volatile uint64_t rig_rounds;	/* that there were */
extern volatile uint64_t rig_over;	/* no more rounds: whoever else does something stops */

/* --------------------------------------------------------------------------------------------- Guest */

extern struct its_memory *rig_its[RIG_ITSS];
extern struct lpi_memory *rig_lpi;

unsigned int rig_me(void);		/* this vCPU */
uint64_t rig_redist(unsigned int cpu);
uint64_t rig_rdbase(unsigned int cpu);
void rig_barrier(void);			/* all that act */
bool rig_round(void);			/* begins for all that act at once; false: it is over */
void rig_jitter(unsigned int most);	/* up to so many us */
void rig_map(unsigned int its, unsigned int device, unsigned int cpu);	/* events n to LPIs n, of vCPU cpu; not yet done */
void rig_unmap(unsigned int its, unsigned int device);
void rig_enable(unsigned int cpu, bool on);	/* GICR_CTLR.EnableLPIs */
uint64_t rig_total(unsigned int lpi);	/* taken by all vCPUs */

/* Each event n of the device arrives at the vCPU, once, and only there, while nobody else does anything. */
void rig_expect(unsigned int its, unsigned int device, unsigned int cpu);

/*
 * While nobody else does anything: each event n of the device, triggered by INT, arrives at the vCPU, once, and only
 * there; nothing that is not enabled does; and LPIs are found by INTID, too.
 */
void rig_check(unsigned int its, unsigned int device, unsigned int cpu);

/* ---------------------------------------------------------------------------------------------- Host */

typedef void (*rig_fn)(void);

struct rig {
	struct vm *vm;
	struct its_memory *mem[RIG_ITSS];
	struct lpi_memory *lpi;
	struct vcpu_thread thread[RIG_VCPUS];
	unsigned int vcpus;
	int gic, its[RIG_ITSS];
};

/* vCPU n runs fn[n]; those beyond nr, up to vcpus, wait for interrupts. False: this host has no ITS. */
bool rig_start(struct rig *rig, unsigned int vcpus, unsigned int nr, const rig_fn *fn);
void rig_join(struct rig *rig);		/* all functions have ended */
void rig_destroy(struct rig *rig);
int rig_nr_lpis(struct rig *rig);	/* that exist, by debugfs; -1: unknown */

#endif /* ITS_RIG_H */
