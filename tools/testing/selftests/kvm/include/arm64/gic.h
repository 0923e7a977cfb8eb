/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The GIC: the device that the host creates, and a driver for guest code. Register names and offsets are those of the
 * GIC architecture specifications (IHI 0069; IHI 0048 for GICv2).
 *
 * gic_create() makes the kind that the host has: a GICv3, else a GICv2. The functions of the guest work with both, with
 * interrupts of the group that needs nothing said (1, or 0). What is for one of them only says so.
 */
#ifndef GIC_H
#define GIC_H

#include "arch.h"

#define GIC_DIST_GPA		0x08000000ULL
#define GIC_CPU_GPA		0x08010000ULL	/* GICv2 */
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
#define GICD_ITARGETSR		0x0800	/* GICv2, to SPENDSGIR */
#define GICD_SGIR		0x0f00
#define GICD_CPENDSGIR		0x0f10
#define GICD_SPENDSGIR		0x0f20
#define GICD_ICPIDR2		0x0fe8
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

/* GICv2's CPU interface */
#define GICC_CTLR		0x0000
#define  GICC_CTLR_GRP0		(1u << 0)
#define  GICC_CTLR_GRP1		(1u << 1)
#define  GICC_CTLR_ACKCTL	(1u << 2)
#define  GICC_CTLR_FIQEN	(1u << 3)
#define  GICC_CTLR_CBPR		(1u << 4)
#define  GICC_CTLR_EOIMODE	(1u << 9)
#define GICC_PMR		0x0004
#define GICC_BPR		0x0008
#define GICC_IAR		0x000c
#define GICC_EOIR		0x0010
#define GICC_RPR		0x0014
#define GICC_HPPIR		0x0018
#define GICC_ABPR		0x001c
#define GICC_AIAR		0x0020
#define GICC_AEOIR		0x0024
#define GICC_APR		0x00d0
#define GICC_IIDR		0x00fc
#define GICC_DIR		0x1000

/* ---------------------------------------------------------------------------------------------- Host */

extern uint64_t gic_version;		/* of the GIC that was created last, shared with the guest: 2 or 3 */

static inline bool gic_is_v2(void)
{
	return READ_ONCE(gic_version) == 2;
}

/*
 * A GIC for all vCPUs that exist, at the addresses above, with nr_irqs INTIDs (0: the default), initialised and
 * mapped into the guest. Returns the device's fd. The second does only the first half: device, addresses, nr_irqs.
 */
int gic_create(struct vm *vm, unsigned int nr_irqs);
int gic_create_uninitialised(struct vm *vm, unsigned int nr_irqs);
int gic_initialise(int gic);			/* 0 or -1 with errno */
bool gic_available(void);			/* can this host have one at all? */
bool gic_v3_available(void);
bool gic_v2_available(void);

/* At the top of a program that is about GICv3s only. */
#define REQUIRE_GICV3	TEST_FILE_REQUIRES(gic_v3_available(), "no GICv3")
#define REQUIRE_GICV2	TEST_FILE_REQUIRES(gic_v2_available(), "no GICv2")

void gic_v2_map(struct vm *vm);			/* for one that was made in another way */

/* A GICv2's registers by attribute, as the vCPU with this id sees them: 0 or -1 with errno */
int gic_v2_get(int gic, unsigned int group, unsigned int id, uint32_t offset, uint32_t *value);
int gic_v2_set(int gic, unsigned int group, unsigned int id, uint32_t offset, uint32_t value);

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
uint64_t gic_this_redist(void);				/* address of this vCPU's redistributor; GICv3 */

unsigned int gic_v2_ack(void);
void gic_v2_eoi(unsigned int intid);
void gic_v2_deactivate(unsigned int intid);
unsigned int gic_v2_sgi_source(unsigned int id);	/* who sent the SGI that was acknowledged last */

static inline unsigned int gic_ack(void)		/* GIC_SPURIOUS if there is none */
{
	unsigned int intid;

	if (gic_is_v2())
		return gic_v2_ack();
	intid = read_sysreg(icc_iar1_el1);
	dsb(sy);
	return intid;
}

static inline void gic_eoi(unsigned int intid)		/* priority drop, and deactivation in EOI mode 0 */
{
	if (gic_is_v2()) {
		gic_v2_eoi(intid);
		return;
	}
	write_sysreg(icc_eoir1_el1, intid);
	isb();
}

static inline void gic_deactivate(unsigned int intid)	/* in EOI mode 1 */
{
	if (gic_is_v2()) {
		gic_v2_deactivate(intid);
		return;
	}
	write_sysreg(icc_dir_el1, intid);
	isb();
}

/* Of this vCPU's CPU interface */
void gic_set_priority_mask(unsigned int priority);
void gic_set_binary_point(unsigned int n);
void gic_set_split_eoi(bool split);			/* EOI mode 1 */
void gic_set_cpu_group(bool on);			/* takes interrupts */
unsigned int gic_running_priority(void);
void gic_set_forwarding(bool on);			/* the distributor's */

void gic_send_sgi(uint64_t mpidr, unsigned int id);	/* to one vCPU */
void gic_send_sgi_others(unsigned int id);

#endif /* GIC_H */
