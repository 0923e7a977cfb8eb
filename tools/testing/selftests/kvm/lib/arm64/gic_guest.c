// SPDX-License-Identifier: GPL-2.0
/* GIC driver for guest code; what a GICv2 has of its own is in gic_v2_guest.c. */
#include "gic.h"
#include "gic_v2.h"

#define rd(address)		guest_mmio_read32(address)
#define wr(address, value)	guest_mmio_write32(address, value)

static uint64_t affinity(void)
{
	return read_sysreg(mpidr_el1) & 0xff00ffffffULL;
}

/* The redistributor whose GICR_TYPER names this CPU's affinity. */
uint64_t gic_this_redist(void)
{
	struct guest_cpu *cpu = guest_cpu();
	uint64_t aff = affinity(), want = (aff & 0xffffff) | (aff >> 32 & 0xff) << 24;

	for (uint64_t r = GIC_REDIST_GPA; !cpu->redist; r += GIC_REDIST_STRIDE) {
		uint64_t typer = guest_mmio_read64(r + GICR_TYPER);

		if (typer >> 32 == want)
			cpu->redist = r;
		else
			GUEST_ASSERT(!(typer & GICR_TYPER_LAST));
	}
	return cpu->redist;
}

static uint64_t frame(unsigned int intid)
{
	return intid < GIC_SPI && !gic_is_v2() ? gic_this_redist() + GIC_SGI_FRAME : GIC_DIST_GPA;
}

static void wait_rwp(void)
{
	if (gic_is_v2())
		return;
	while (rd(GIC_DIST_GPA + GICD_CTLR) & GICD_CTLR_RWP)
		cpu_relax();
}

void gic_guest_init_cpu(void)
{
	uint64_t r;

	if (gic_is_v2()) {
		gic_v2_init_cpu();
		return;
	}
	r = gic_this_redist();
	wr(r + GICR_WAKER, rd(r + GICR_WAKER) & ~GICR_WAKER_SLEEP);
	while (rd(r + GICR_WAKER) & GICR_WAKER_ASLEEP)
		cpu_relax();
	wr(r + GIC_SGI_FRAME + GICD_IGROUPR, ~0u);
	wr(r + GIC_SGI_FRAME + GICD_ICENABLER, ~0u);

	write_sysreg(icc_sre_el1, 7);
	isb();
	write_sysreg(icc_pmr_el1, 0xff);
	write_sysreg(icc_bpr1_el1, 0);
	write_sysreg(icc_ctlr_el1, 0);
	write_sysreg(icc_igrpen1_el1, 1);
	isb();
}

void gic_guest_init(void)
{
	unsigned int lines = rd(GIC_DIST_GPA + GICD_TYPER) & 0x1f;

	if (gic_is_v2()) {
		gic_v2_init_dist();
		gic_v2_init_cpu();
		return;
	}
	wr(GIC_DIST_GPA + GICD_CTLR, 0);
	wait_rwp();
	for (unsigned int i = 1; i <= lines; i++)
		wr(GIC_DIST_GPA + GICD_IGROUPR + 4 * i, ~0u);
	wr(GIC_DIST_GPA + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GRP1);
	wait_rwp();
	gic_guest_init_cpu();
}

static void set_bit_in(unsigned int intid, uint32_t set)
{
	wr(frame(intid) + set + intid / 32 * 4, 1u << intid % 32);
}

static bool bit_in(unsigned int intid, uint32_t set)
{
	return rd(frame(intid) + set + intid / 32 * 4) >> intid % 32 & 1;
}

void gic_enable(unsigned int intid)
{
	set_bit_in(intid, GICD_ISENABLER);
}

void gic_disable(unsigned int intid)
{
	set_bit_in(intid, GICD_ICENABLER);
	wait_rwp();
}

void gic_set_pending(unsigned int intid)
{
	if (gic_is_v2() && intid < 16)
		gic_v2_send_sgi_self(intid);
	else
		set_bit_in(intid, GICD_ISPENDR);
}

void gic_clear_pending(unsigned int intid)
{
	if (gic_is_v2() && intid < 16)
		guest_mmio_write8(GIC_DIST_GPA + GICD_CPENDSGIR + intid, 0xff);
	else
		set_bit_in(intid, GICD_ICPENDR);
}

void gic_set_active(unsigned int intid)
{
	set_bit_in(intid, GICD_ISACTIVER);
}

void gic_clear_active(unsigned int intid)
{
	set_bit_in(intid, GICD_ICACTIVER);
}

bool gic_is_enabled(unsigned int intid)
{
	return bit_in(intid, GICD_ISENABLER);
}

bool gic_is_pending(unsigned int intid)
{
	return bit_in(intid, GICD_ISPENDR);
}

bool gic_is_active(unsigned int intid)
{
	return bit_in(intid, GICD_ISACTIVER);
}

void gic_set_priority(unsigned int intid, unsigned int priority)
{
	guest_mmio_write8(frame(intid) + GICD_IPRIORITYR + intid, priority);
}

unsigned int gic_priority(unsigned int intid)
{
	return guest_mmio_read8(frame(intid) + GICD_IPRIORITYR + intid);
}

void gic_set_edge(unsigned int intid, bool edge)
{
	uint64_t reg = frame(intid) + GICD_ICFGR + intid / 16 * 4;
	uint32_t bit = 2u << intid % 16 * 2;

	wr(reg, edge ? rd(reg) | bit : rd(reg) & ~bit);
}

void gic_route(unsigned int intid, uint64_t mpidr)
{
	if (gic_is_v2()) {
		guest_mmio_write8(GIC_DIST_GPA + GICD_ITARGETSR + intid, 1u << (mpidr & 7));
		return;
	}
	guest_mmio_write64(GIC_DIST_GPA + GICD_IROUTER + 8 * intid, mpidr & 0xff00ffffffULL);
}

void gic_send_sgi(uint64_t mpidr, unsigned int id)
{
	uint64_t aff0 = mpidr & 0xff;

	dsb(ishst);
	if (gic_is_v2()) {
		wr(GIC_DIST_GPA + GICD_SGIR, 1u << (16 + (aff0 & 7)) | id);
		return;
	}
	write_sysreg(icc_sgi1r_el1, (mpidr >> 32 & 0xff) << 48 | aff0 / 16 << 44 | (mpidr >> 16 & 0xff) << 32 |
		     (uint64_t)id << 24 | (mpidr >> 8 & 0xff) << 16 | 1u << aff0 % 16);
	isb();
}

void gic_send_sgi_others(unsigned int id)
{
	dsb(ishst);
	if (gic_is_v2()) {
		wr(GIC_DIST_GPA + GICD_SGIR, 1u << 24 | id);
		return;
	}
	write_sysreg(icc_sgi1r_el1, 1ULL << 40 | (uint64_t)id << 24);
	isb();
}

void gic_set_priority_mask(unsigned int priority)
{
	if (gic_is_v2())
		wr(GIC_CPU_GPA + GICC_PMR, priority);
	else
		write_sysreg(icc_pmr_el1, priority);
	isb();
}

void gic_set_binary_point(unsigned int n)
{
	if (gic_is_v2())
		wr(GIC_CPU_GPA + GICC_BPR, n);
	else
		write_sysreg(icc_bpr1_el1, n);
	isb();
}

void gic_set_split_eoi(bool split)
{
	if (gic_is_v2())
		gic_v2_control(GICC_CTLR_EOIMODE, split);
	else
		write_sysreg(icc_ctlr_el1, split ? 2 : 0);
	isb();
}

void gic_set_cpu_group(bool on)
{
	if (gic_is_v2())
		gic_v2_control(GICC_CTLR_GRP0, on);
	else
		write_sysreg(icc_igrpen1_el1, on);
	isb();
}

unsigned int gic_running_priority(void)
{
	return gic_is_v2() ? rd(GIC_CPU_GPA + GICC_RPR) : read_sysreg(icc_rpr_el1);
}

void gic_set_forwarding(bool on)
{
	if (gic_is_v2())
		wr(GIC_DIST_GPA + GICD_CTLR, on);
	else
		wr(GIC_DIST_GPA + GICD_CTLR, GICD_CTLR_ARE | (on ? GICD_CTLR_GRP1 : 0));
	wait_rwp();
}
