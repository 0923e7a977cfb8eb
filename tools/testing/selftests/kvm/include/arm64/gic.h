/* SPDX-License-Identifier: GPL-2.0 */
/*
 * GICv3: the device that the host creates, and a driver for guest code. Register names and offsets are those of the
 * GIC architecture specification (IHI 0069).
 */
#ifndef GIC_H
#define GIC_H

#include "arch.h"

#define GIC_DIST_GPA		0x08000000ULL
#define GIC_ITS_GPA		0x08080000ULL
#define GIC_REDIST_GPA		0x080a0000ULL
#define GIC_REDIST_STRIDE	0x20000ULL
#define GIC_SGI_FRAME		0x10000ULL	/* of a redistributor */

#define GIC_SPI			32		/* the first SPI's INTID */
#define GIC_SPURIOUS		1023
#define PPI_PTIMER		30
#define PPI_VTIMER		27

/* Distributor; those marked * are in the redistributor's SGI frame, too. */
#define GICD_CTLR		0x0000
#define  GICD_CTLR_GRP1		(1u << 1)
#define  GICD_CTLR_ARE		(1u << 4)
#define  GICD_CTLR_DS		(1u << 6)
#define  GICD_CTLR_RWP		(1u << 31)
#define GICD_TYPER		0x0004
#define GICD_IIDR		0x0008
#define GICD_IGROUPR		0x0080	/* * */
#define GICD_ISENABLER		0x0100	/* * */
#define GICD_ICENABLER		0x0180	/* * */
#define GICD_ISPENDR		0x0200	/* * */
#define GICD_ICPENDR		0x0280	/* * */
#define GICD_ISACTIVER		0x0300	/* * */
#define GICD_ICACTIVER		0x0380	/* * */
#define GICD_IPRIORITYR		0x0400	/* * */
#define GICD_ICFGR		0x0c00	/* * */
#define GICD_IROUTER		0x6000	/* of INTID 0; there are registers for 32 and up */
#define GICD_PIDR2		0xffe8

/* Redistributor */
#define GICR_CTLR		0x0000
#define GICR_IIDR		0x0004
#define GICR_TYPER		0x0008
#define  GICR_TYPER_LAST	(1ULL << 4)
#define GICR_WAKER		0x0014
#define  GICR_WAKER_SLEEP	(1u << 1)
#define  GICR_WAKER_ASLEEP	(1u << 2)
#define GICR_PIDR2		0xffe8

/* ---------------------------------------------------------------------------------------------- Host */

/*
 * A GICv3 for all vCPUs that exist, at the addresses above, with nr_irqs INTIDs (0: the default), initialised and
 * mapped into the guest. Returns the device's fd. The second does only the first half: device, addresses, nr_irqs.
 */
int gic_create(struct vm *vm, unsigned int nr_irqs);
int gic_create_uninitialised(struct vm *vm, unsigned int nr_irqs);
int gic_initialise(int gic);			/* 0 or -1 with errno */
bool gic_available(void);			/* can this host have a GICv3 at all? */

/* Registers by attribute: 0 or -1 with errno. mpidr: affinity fields as in MPIDR_EL1, as vcpu_mpidr() returns. */
int gic_dist_get(int gic, uint64_t mpidr, uint32_t offset, uint32_t *value);
int gic_dist_set(int gic, uint64_t mpidr, uint32_t offset, uint32_t value);
int gic_redist_get(int gic, uint64_t mpidr, uint32_t offset, uint32_t *value);
int gic_redist_set(int gic, uint64_t mpidr, uint32_t offset, uint32_t value);
int gic_cpu_get(int gic, uint64_t mpidr, uint32_t sysreg, uint64_t *value);
int gic_cpu_set(int gic, uint64_t mpidr, uint32_t sysreg, uint64_t value);
int gic_level_get(int gic, uint64_t mpidr, uint32_t intid, uint32_t *lines);	/* 32 lines from intid on */
int gic_level_set(int gic, uint64_t mpidr, uint32_t intid, uint32_t lines);

/* The CPU interface's registers for gic_cpu_get(), e.g. GIC_SYSREG(3, 0, 4, 6, 0) is ICC_PMR_EL1. */
#define GIC_SYSREG(op0, op1, crn, crm, op2) ((uint32_t)(__ARM64_SYS_REG(op0, op1, crn, crm, op2) & 0xffff))

/* --------------------------------------------------------------------------------------------- Guest */

void gic_guest_init(void);		/* the distributor, once, and this vCPU */
void gic_guest_init_cpu(void);		/* this vCPU only: redistributor awake, CPU interface on, no mask */

/* Interrupts 0 to 31 are this vCPU's own. */
void gic_enable(unsigned int intid);
void gic_disable(unsigned int intid);
void gic_set_pending(unsigned int intid);
void gic_clear_pending(unsigned int intid);
void gic_set_active(unsigned int intid);
void gic_clear_active(unsigned int intid);
bool gic_is_enabled(unsigned int intid);
bool gic_is_pending(unsigned int intid);
bool gic_is_active(unsigned int intid);
void gic_set_priority(unsigned int intid, unsigned int priority);
unsigned int gic_priority(unsigned int intid);
void gic_set_edge(unsigned int intid, bool edge);
void gic_route(unsigned int intid, uint64_t mpidr);	/* of an SPI */
uint64_t gic_this_redist(void);				/* address of this vCPU's redistributor */

static inline unsigned int gic_ack(void)		/* group 1; GIC_SPURIOUS if there is none */
{
	unsigned int intid = read_sysreg(icc_iar1_el1);

	dsb(sy);
	return intid;
}

static inline void gic_eoi(unsigned int intid)		/* priority drop, and deactivation in EOI mode 0 */
{
	write_sysreg(icc_eoir1_el1, intid);
	isb();
}

static inline void gic_deactivate(unsigned int intid)	/* in EOI mode 1 */
{
	write_sysreg(icc_dir_el1, intid);
	isb();
}

void gic_send_sgi(uint64_t mpidr, unsigned int id);	/* to one vCPU */
void gic_send_sgi_others(unsigned int id);

#endif /* GIC_H */
