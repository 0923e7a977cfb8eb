// SPDX-License-Identifier: GPL-2.0
/* The GICv3 redistributors' registers as the guest sees them (IHI 0069, 12.11). */
#include "kvm_test.h"
#include "gic.h"

REQUIRE_GICV3

#define GICR_STATUSR	0x0010
#define GICR_PROPBASER	0x0070
#define GICR_PENDBASER	0x0078
#define GICR_IGRPMODR0	(GIC_SGI_FRAME + 0x0d00)
#define GICR_NSACR	(GIC_SGI_FRAME + 0x0e00)

#define PPI		20			/* one that no timer has */

/* Of the redistributor that a test is about: this vCPU's, or another one's. */
static uint64_t base(void)
{
	return GIC_REDIST_GPA + GIC_REDIST_STRIDE * guest_cpu()->index;
}

#define rd(offset)		guest_mmio_read32(base() + (offset))
#define wr(offset, value)	guest_mmio_write32(base() + (offset), (value))
#define sgi(offset)		(GIC_SGI_FRAME + (offset))

static void run_guest(void (*fn)(void))
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, fn);
	int gic;

	vcpu_add(vm, fn);
	gic = gic_create(vm, 64);
	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

static void guest_identification(void)
{
	uint64_t typer = guest_mmio_read64(base() + GICR_TYPER);

	uint32_t iidr = rd(GICR_IIDR);

	GUEST_ASSERT_EQ(0x43b, iidr & 0xfff);
	GUEST_ASSERT_EQ(0x30, rd(GICR_PIDR2) & 0xf0);
	GUEST_ASSERT_EQ((uint32_t)typer, rd(GICR_TYPER));
	GUEST_ASSERT_EQ(typer >> 32, rd(GICR_TYPER + 4));
	GUEST_ASSERT_EQ(0, typer & 1);			/* no ITS was made, so no LPIs */
	GUEST_ASSERT_EQ(0, typer >> 8 & 0xffff);
	GUEST_ASSERT_EQ(0, typer & GICR_TYPER_LAST);
	GUEST_ASSERT_EQ(0, typer >> 27 & 0x1f);		/* no extended PPIs */
	GUEST_ASSERT_EQ(GICR_TYPER_LAST, rd(GIC_REDIST_STRIDE + GICR_TYPER) & GICR_TYPER_LAST);
	wr(GICR_TYPER, ~0u);
	wr(GICR_IIDR, ~0u);
	GUEST_ASSERT_EQ(typer, guest_mmio_read64(base() + GICR_TYPER));
	GUEST_ASSERT_EQ(iidr, rd(GICR_IIDR));
}

TEST(identification)
{
	run_guest(guest_identification);
}

/* Awake as soon as it is told to be; and LPIs cannot be enabled where there are none. */
static void guest_control(void)
{
	wr(GICR_WAKER, 0);
	GUEST_ASSERT_EQ(0, rd(GICR_WAKER) & (GICR_WAKER_SLEEP | GICR_WAKER_ASLEEP));
	wr(GICR_CTLR, 1);
	GUEST_ASSERT_EQ(0, rd(GICR_CTLR) & 1);
	GUEST_ASSERT_EQ(0, rd(GICR_CTLR) & (1u << 3 | 1u << 31));	/* nothing is under way */
}

TEST(control)
{
	run_guest(guest_control);
}

/* Both vCPUs' registers: what is written in one frame stays there. */
static void per_interrupt(uint64_t frame)
{
	uint64_t at = GIC_REDIST_GPA + frame * GIC_REDIST_STRIDE + GIC_SGI_FRAME;
	uint64_t other = GIC_REDIST_GPA + !frame * GIC_REDIST_STRIDE + GIC_SGI_FRAME;
	uint32_t pattern = frame ? 0x20cc0f0f : 0x803300ff;	/* no timer's, nor their neighbours */
	static const struct {
		uint32_t set, clear;
	} pairs[] = {
		{ GICD_ISENABLER, GICD_ICENABLER }, { GICD_ISPENDR, GICD_ICPENDR },
		{ GICD_ISACTIVER, GICD_ICACTIVER },
	};

	for (unsigned int i = 0; i < 3; i++) {
		uint64_t set = at + pairs[i].set, clear = at + pairs[i].clear;
		uint32_t before = guest_mmio_read32(other + pairs[i].set);

		guest_mmio_write32(clear, ~0u);
		GUEST_ASSERT_EQ(0, guest_mmio_read32(set));
		guest_mmio_write32(set, pattern);
		guest_mmio_write32(set, 0);
		guest_mmio_write32(clear, 0);
		GUEST_ASSERT_EQ(pattern, guest_mmio_read32(set));
		GUEST_ASSERT_EQ(pattern, guest_mmio_read32(clear));
		guest_mmio_write32(clear, 0x00ff00ff);
		GUEST_ASSERT_EQ(pattern & 0xff00ff00, guest_mmio_read32(set));
		guest_mmio_write32(clear, ~0u);
		GUEST_ASSERT_EQ(0, guest_mmio_read32(clear));
		GUEST_ASSERT_EQ(before, guest_mmio_read32(other + pairs[i].set));
	}
	guest_mmio_write32(at + GICD_IGROUPR, pattern);
	GUEST_ASSERT_EQ(pattern, guest_mmio_read32(at + GICD_IGROUPR));
	guest_mmio_write32(at + GICD_IGROUPR, ~pattern);
	GUEST_ASSERT_EQ(~pattern, guest_mmio_read32(at + GICD_IGROUPR));

	for (unsigned int i = 0; i < 32; i++)
		guest_mmio_write8(at + GICD_IPRIORITYR + i, i * 29 + frame);
	for (unsigned int i = 0; i < 32; i++)
		GUEST_ASSERT_EQ((i * 29 + frame) & 0xf8, guest_mmio_read8(at + GICD_IPRIORITYR + i));
	guest_mmio_write32(at + GICD_IPRIORITYR + 28, 0xff804020);
	GUEST_ASSERT_EQ(0xf8804020, guest_mmio_read32(at + GICD_IPRIORITYR + 28));

	/* SGIs are edge, and stay so. */
	guest_mmio_write32(at + GICD_ICFGR, 0);
	GUEST_ASSERT_EQ(0xaaaaaaaa, guest_mmio_read32(at + GICD_ICFGR));
}

static void guest_per_interrupt(void)
{
	per_interrupt(0);
	per_interrupt(1);
	per_interrupt(0);
}

TEST(per_interrupt_registers)
{
	run_guest(guest_per_interrupt);
}

static void guest_sgi_pending(void)
{
	gic_guest_init();
	for (unsigned int i = 0; i < 16; i++) {
		gic_enable(i);
		gic_set_pending(i);
		GUEST_WAIT_FOR(read_sysreg(isr_el1) & 1 << 7);
		GUEST_ASSERT(gic_is_pending(i));
		GUEST_ASSERT_EQ(i, gic_ack());
		GUEST_ASSERT(gic_is_active(i) && !gic_is_pending(i));
		gic_eoi(i);
		GUEST_ASSERT(!gic_is_active(i));
		gic_set_pending(i);
		gic_clear_pending(i);
		GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	}
}

TEST(sgi_by_register)
{
	run_guest(guest_sgi_pending);
}

/* A level PPI: the latch of ISPENDR, and the line. */
static void guest_ppi(void)
{
	gic_guest_init();
	gic_enable(PPI);
	gic_set_pending(PPI);
	GUEST_WAIT_FOR(read_sysreg(isr_el1) & 1 << 7);
	GUEST_ASSERT_EQ(PPI, gic_ack());
	GUEST_ASSERT(!gic_is_pending(PPI));		/* the latch went with the acknowledge */
	gic_eoi(PPI);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	guest_sync(1);					/* line up */
	GUEST_WAIT_FOR(read_sysreg(isr_el1) & 1 << 7);
	gic_clear_pending(PPI);				/* no help: the line is high */
	GUEST_ASSERT(gic_is_pending(PPI));
	GUEST_ASSERT_EQ(PPI, gic_ack());
	GUEST_ASSERT(gic_is_pending(PPI) && gic_is_active(PPI));
	guest_sync(2);					/* line down */
	GUEST_ASSERT(!gic_is_pending(PPI) && gic_is_active(PPI));
	gic_eoi(PPI);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	gic_disable(PPI);
	gic_set_pending(PPI);				/* latched on top of the line */
	guest_sync(3);					/* line up */
	guest_sync(4);					/* line down */
	GUEST_ASSERT(gic_is_pending(PPI));
	gic_clear_pending(PPI);
	GUEST_ASSERT(!gic_is_pending(PPI));
}

TEST(ppi)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_ppi);
	int gic = gic_create(vm, 64);

	for (int i = 1; i <= 4; i++) {
		ASSERT_EQ(i, vcpu_sync(vcpu));
		vm_irq_line(vm, IRQ_PPI(0, PPI), i & 1);
	}
	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

/* Addresses and widths are kept, attributes are as offered, all else reads as zero. */
static void guest_lpi_tables(void)
{
	uint64_t prop = base() + GICR_PROPBASER, pend = base() + GICR_PENDBASER;
	uint64_t attributes = 7ULL << 56 | 3ULL << 10 | 7ULL << 7, v;

	guest_mmio_write64(prop, ~0ULL);
	v = guest_mmio_read64(prop);
	GUEST_ASSERT_EQ(0x000ffffffffff01fULL, v & ~attributes);
	GUEST_ASSERT_EQ(1, v >> 10 & 3);		/* what is reserved became inner shareable */
	guest_mmio_write64(prop, 0x40000000 | 1 << 10 | 7 << 7 | 15);
	GUEST_ASSERT_EQ(0x40000000 | 1 << 10 | 7 << 7 | 15, guest_mmio_read64(prop));
	/* One table for all: the other redistributor shows the same. */
	GUEST_ASSERT_EQ(0x40000000 | 1 << 10 | 7 << 7 | 15, guest_mmio_read64(prop + GIC_REDIST_STRIDE));
	guest_mmio_write32(prop + 4, 0x12);
	GUEST_ASSERT_EQ(0x1240000000ULL | 1 << 10 | 7 << 7 | 15, guest_mmio_read64(prop));
	guest_mmio_write32(prop, 0x50000000 | 1 << 10 | 7 << 7 | 13);
	GUEST_ASSERT_EQ(0x1250000000ULL | 1 << 10 | 7 << 7 | 13, guest_mmio_read64(prop));
	GUEST_ASSERT_EQ(0x12, guest_mmio_read32(prop + 4));
	guest_mmio_write16(prop, 0);
	guest_mmio_write8(prop, 0);
	GUEST_ASSERT_EQ(0x1250000000ULL | 1 << 10 | 7 << 7 | 13, guest_mmio_read64(prop));

	guest_mmio_write64(pend, ~0ULL);
	v = guest_mmio_read64(pend);
	GUEST_ASSERT_EQ(0x000fffffffff0000ULL, v & ~attributes);	/* PTZ reads as zero */
	guest_mmio_write64(pend, 0x40010000 | 1 << 10 | 7 << 7);
	GUEST_ASSERT_EQ(0x40010000 | 1 << 10 | 7 << 7, guest_mmio_read64(pend));
	guest_mmio_write64(pend + GIC_REDIST_STRIDE, 0x40020000 | 1 << 10 | 7 << 7);
	GUEST_ASSERT_EQ(0x40010000 | 1 << 10 | 7 << 7, guest_mmio_read64(pend));
}

TEST(lpi_tables)
{
	run_guest(guest_lpi_tables);
}

static void guest_reserved(void)
{
	static const uint32_t words[] = {
		0x0018, 0x0020, 0x0040, 0x0048, 0x0080, 0x0100, 0x0400, 0x8000, 0xffcc,
		sgi(0x0000), sgi(0x0084), sgi(0x0104), sgi(0x0184), sgi(0x0204), sgi(0x0304),
		sgi(0x0420), sgi(0x07fc), sgi(0x0c08), sgi(0x0d04), sgi(0xfffc),
		GICR_IGRPMODR0, GICR_NSACR,
	};

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		wr(words[i], ~0u);
		GUEST_ASSERT_EQ(0, rd(words[i]));
	}
	/* Wrong sizes. */
	wr(sgi(GICD_ISENABLER), 0x01010000);
	GUEST_ASSERT_EQ(0, guest_mmio_read8(base() + sgi(GICD_ISENABLER) + 3));
	GUEST_ASSERT_EQ(0, guest_mmio_read16(base() + sgi(GICD_ISENABLER) + 2));
	GUEST_ASSERT_EQ(0, guest_mmio_read64(base() + sgi(GICD_ISENABLER)));
	guest_mmio_write64(base() + sgi(GICD_ICENABLER), ~0ULL);
	guest_mmio_write8(base() + sgi(GICD_ICENABLER) + 3, 1);
	GUEST_ASSERT_EQ(0x01010000, rd(sgi(GICD_ISENABLER)) & 0xffff0000);
}

TEST(reserved)
{
	run_guest(guest_reserved);
}

TEST_HARNESS_MAIN
