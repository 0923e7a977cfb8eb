// SPDX-License-Identifier: GPL-2.0
/* GIC driver for guest code: a GICv2's CPU interface, in memory. All interrupts are of group 0, as out of reset. */
#include "gic.h"
#include "gic_v2.h"

#define GICC_IAR_INTID	0x3ff

static uint32_t rd(uint32_t reg)
{
	return guest_mmio_read32(GIC_CPU_GPA + reg);
}

static void wr(uint32_t reg, uint32_t value)
{
	guest_mmio_write32(GIC_CPU_GPA + reg, value);
	/* Done before what depends on it, at whichever address that is. */
	dsb(sy);
}

void gic_v2_init_dist(void)
{
	guest_mmio_write32(GIC_DIST_GPA + GICD_CTLR, 0);
	guest_mmio_write32(GIC_DIST_GPA + GICD_CTLR, 1);
}

void gic_v2_init_cpu(void)
{
	guest_mmio_write32(GIC_DIST_GPA + GICD_ICENABLER, ~0u);
	wr(GICC_PMR, 0xff);
	wr(GICC_BPR, 0);
	wr(GICC_CTLR, GICC_CTLR_GRP0);
}

void gic_v2_control(uint32_t bits, bool on)
{
	wr(GICC_CTLR, on ? rd(GICC_CTLR) | bits : rd(GICC_CTLR) & ~bits);
}

unsigned int gic_v2_ack(void)
{
	uint32_t iar = rd(GICC_IAR), intid = iar & GICC_IAR_INTID;

	dsb(sy);
	if (intid < 16)
		guest_cpu()->sgi_source[intid] = iar >> 10 & 7;
	return intid;
}

/* The end of an SGI names its sender. */
static uint32_t with_source(unsigned int intid)
{
	return intid < 16 ? intid | gic_v2_sgi_source(intid) << 10 : intid;
}

void gic_v2_eoi(unsigned int intid)
{
	wr(GICC_EOIR, with_source(intid));
}

void gic_v2_deactivate(unsigned int intid)
{
	wr(GICC_DIR, with_source(intid));
}

unsigned int gic_v2_sgi_source(unsigned int id)
{
	return guest_cpu()->sgi_source[id];
}

void gic_v2_send_sgi_self(unsigned int id)
{
	guest_mmio_write32(GIC_DIST_GPA + GICD_SGIR, 2u << 24 | id);
}
