/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_RACE_WORLD_H
#define HOST_RACE_WORLD_H

/*
 * A VM with two vCPUs and two ITSs that share its LPIs.  In both, DeviceID 0 is
 * mapped, and ICID n at vCPU n, whose LPIs are enabled.
 */

#include "its.h"
#include "vgic.h"

#define NR_ITS		2
/* Those that tests use.  Only walks over all see the others, which do not exist. */
#define NR_LPIS		4
#define LPI_LAST	(BIT(ITS_INTID_BITS) - NR_LPIS)
#define LPI(n)		(lpi_first + (n))

extern u32 lpi_first;		/* VGIC_MIN_LPI, or what a test says */

extern struct vm vm;
extern struct its its[NR_ITS];

/*
 * What tests know: where an LPI may be taken, and whether a redistributor may
 * have any taken. -1: anywhere.  Looked at by the guest when it takes one.
 */
extern int lpi_at[NR_LPIS];
extern bool lpis_off[NR_VCPUS];
extern unsigned long lpi_taken;

void world_start(void);
/* Checks what is left, unmaps it, and checks that nothing is left. */
void world_end(void);

/* Commands, as from the queue of ITS @n; what the command returns */
int mapti(unsigned int n, u32 event, u32 lpi, u32 icid);
int movi(unsigned int n, u32 event, u32 icid);
int discard(unsigned int n, u32 event);
int pend(unsigned int n, u32 event);
int inv(unsigned int n, u32 event);
int movall(unsigned int n, u64 from, u64 to);
int mapc(unsigned int n, u32 icid, u64 rdbase, bool valid);
int mapd(unsigned int n, bool valid);

void msi(unsigned int n, u32 event);
void enable(unsigned int vcpu, bool on);
void set_pending_bit(unsigned int vcpu, u32 lpi);

/* A vCPU's thread: runs until the other threads have returned and nothing is pending for it. */
void run_vcpu(unsigned int n);

#endif
