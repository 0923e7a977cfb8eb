// SPDX-License-Identifier: GPL-2.0
/* The GICv3 distributor's registers as the guest sees them (IHI 0069, 12.9). */
#include "kvm_test.h"
#include "gic.h"

REQUIRE_GICV3

#define NR_IRQS		128			/* INTIDs; three registers of 32 SPIs */
#define LAST_REG	(NR_IRQS / 32 - 1)

#define GICD_TYPER2	0x000c
#define GICD_STATUSR	0x0010
#define GICD_IGRPMODR	0x0d00
#define GICD_NSACR	0x0e00

#define rd(offset)		guest_mmio_read32(GIC_DIST_GPA + (offset))
#define wr(offset, value)	guest_mmio_write32(GIC_DIST_GPA + (offset), (value))

static void run_guest(void (*fn)(void), unsigned int nr_irqs)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, fn);
	int gic = gic_create(vm, nr_irqs);

	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

static void guest_identification(void)
{
	uint32_t typer = rd(GICD_TYPER), iidr = rd(GICD_IIDR);

	GUEST_ASSERT_EQ(NR_IRQS / 32 - 1, typer & 0x1f);
	GUEST_ASSERT_EQ(0, typer & 1u << 10);		/* one security state */
	GUEST_ASSERT_EQ(0, typer & 1u << 8);		/* no extended SPIs */
	GUEST_ASSERT_EQ(0, typer & 1u << 17);		/* no ITS was made, so no LPIs */
	GUEST_ASSERT((typer >> 19 & 0x1f) >= 9);	/* INTIDs of 10 bits or more */
	GUEST_ASSERT_EQ(0x43b, iidr & 0xfff);
	GUEST_ASSERT((iidr >> 12 & 0xf) >= 2);
	GUEST_ASSERT_EQ(0x30, rd(GICD_PIDR2) & 0xf0);
	GUEST_ASSERT_EQ(0, rd(GICD_TYPER2) & 1u << 8);	/* no nASSGIcap */

	/* None of them can be written. */
	wr(GICD_TYPER, ~typer);
	wr(GICD_IIDR, ~iidr);
	wr(GICD_PIDR2, 0);
	GUEST_ASSERT_EQ(typer, rd(GICD_TYPER));
	GUEST_ASSERT_EQ(iidr, rd(GICD_IIDR));
	GUEST_ASSERT_EQ(0x30, rd(GICD_PIDR2) & 0xf0);
}

TEST(identification)
{
	run_guest(guest_identification, NR_IRQS);
}

static void guest_ctlr(void)
{
	uint32_t always = GICD_CTLR_ARE | GICD_CTLR_DS;

	GUEST_ASSERT_EQ(always, rd(GICD_CTLR));		/* both groups are off */
	wr(GICD_CTLR, 0);
	GUEST_ASSERT_EQ(always, rd(GICD_CTLR));
	wr(GICD_CTLR, GICD_CTLR_GRP1);
	GUEST_ASSERT_EQ(always | GICD_CTLR_GRP1, rd(GICD_CTLR));
	wr(GICD_CTLR, ~1u);				/* all but group 0 */
	GUEST_ASSERT_EQ(always | GICD_CTLR_GRP1, rd(GICD_CTLR));
	wr(GICD_CTLR, 0);
	GUEST_ASSERT_EQ(always, rd(GICD_CTLR));
}

TEST(control)
{
	run_guest(guest_ctlr, NR_IRQS);
}

/* A register of plain bits: what is written is read. */
static void guest_group(void)
{
	for (unsigned int r = 1; r <= LAST_REG; r++) {
		wr(GICD_IGROUPR + 4 * r, 0x12345678 << r);
		GUEST_ASSERT_EQ((uint32_t)(0x12345678 << r), rd(GICD_IGROUPR + 4 * r));
	}
	for (unsigned int r = 1; r <= LAST_REG; r++) {
		GUEST_ASSERT_EQ((uint32_t)(0x12345678 << r), rd(GICD_IGROUPR + 4 * r));
		wr(GICD_IGROUPR + 4 * r, 0);
		GUEST_ASSERT_EQ(0, rd(GICD_IGROUPR + 4 * r));
	}
}

TEST(group)
{
	run_guest(guest_group, NR_IRQS);
}

/* A pair of registers, of which one sets and one clears, and both show the same. */
static void set_and_clear(uint32_t set, uint32_t clear)
{
	for (unsigned int r = 1; r <= LAST_REG; r++) {
		set += 4;
		clear += 4;
		GUEST_ASSERT_EQ(0, rd(set));
		wr(set, 0x0f0f00ff);
		GUEST_ASSERT_EQ(0x0f0f00ff, rd(set));
		GUEST_ASSERT_EQ(0x0f0f00ff, rd(clear));
		wr(set, 0);
		wr(clear, 0);
		GUEST_ASSERT_EQ(0x0f0f00ff, rd(set));
		wr(set, 0xf0000001);
		GUEST_ASSERT_EQ(0xff0f00ff, rd(clear));
		wr(clear, 0x10010001);
		GUEST_ASSERT_EQ(0xef0e00fe, rd(set));
		GUEST_ASSERT_EQ(0xef0e00fe, rd(clear));
		wr(clear, ~0u);
		GUEST_ASSERT_EQ(0, rd(set));
		GUEST_ASSERT_EQ(0, rd(clear));
	}
}

static void guest_enable(void)
{
	set_and_clear(GICD_ISENABLER, GICD_ICENABLER);
}

TEST(enable)
{
	run_guest(guest_enable, NR_IRQS);
}

/* Disabled, so that they stay pending, and active by decree only. */
static void guest_pending(void)
{
	set_and_clear(GICD_ISPENDR, GICD_ICPENDR);
	for (unsigned int r = 2; r <= 2 * LAST_REG + 1; r++)
		wr(GICD_ICFGR + 4 * r, ~0u);
	set_and_clear(GICD_ISPENDR, GICD_ICPENDR);
}

TEST(pending)
{
	run_guest(guest_pending, NR_IRQS);
}

static void guest_active(void)
{
	set_and_clear(GICD_ISACTIVER, GICD_ICACTIVER);
}

TEST(active)
{
	run_guest(guest_active, NR_IRQS);
}

static void guest_enabled_group_off(void)
{
	gic_guest_init();
	wr(GICD_CTLR, 0);
	wr(GICD_ISENABLER + 4, ~0u);
	/* Pending and enabled, but the distributor forwards nothing. */
	set_and_clear(GICD_ISPENDR, GICD_ICPENDR);
	wr(GICD_ISPENDR + 4, 1u << 5);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	wr(GICD_CTLR, GICD_CTLR_GRP1);
	gic_route(GIC_SPI + 5, read_sysreg(mpidr_el1));
	GUEST_WAIT_FOR(read_sysreg(isr_el1) & 1 << 7);
	wr(GICD_CTLR, 0);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	GUEST_ASSERT(gic_is_pending(GIC_SPI + 5));
	wr(GICD_CTLR, GICD_CTLR_GRP1);
	GUEST_ASSERT_EQ(GIC_SPI + 5, gic_ack());
	gic_eoi(GIC_SPI + 5);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

TEST(group_enable)
{
	run_guest(guest_enabled_group_off, NR_IRQS);
}

/* HARDENING of RWP: once the write of ICENABLER is done the interrupt cannot be taken. */
static void guest_disable_pending(void)
{
	gic_guest_init();
	gic_route(40, read_sysreg(mpidr_el1));
	gic_set_edge(40, true);
	for (int i = 0; i < 200; i++) {
		gic_enable(40);
		gic_set_pending(40);
		GUEST_WAIT_FOR(read_sysreg(isr_el1) & 1 << 7);
		gic_disable(40);
		GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
		GUEST_ASSERT(gic_is_pending(40));
		gic_clear_pending(40);
		GUEST_ASSERT(!gic_is_pending(40));
		gic_enable(40);
		GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	}
}

TEST(disabled_is_not_taken)
{
	run_guest(guest_disable_pending, NR_IRQS);
}

static void guest_priority(void)
{
	for (unsigned int i = 32; i < NR_IRQS; i++) {
		GUEST_ASSERT_EQ(0, gic_priority(i));
		gic_set_priority(i, i * 37 & 0xff);
	}
	for (unsigned int i = 32; i < NR_IRQS; i++)
		GUEST_ASSERT_EQ(i * 37 & 0xf8, gic_priority(i));
	/* Words and bytes are the same registers. */
	wr(GICD_IPRIORITYR + 64, 0xfff8a050);
	GUEST_ASSERT_EQ(0xf8f8a050, rd(GICD_IPRIORITYR + 64));
	GUEST_ASSERT_EQ(0x50, gic_priority(64));
	GUEST_ASSERT_EQ(0xa0, gic_priority(65));
	gic_set_priority(66, 0x80);
	GUEST_ASSERT_EQ(0xf880a050, rd(GICD_IPRIORITYR + 64));
}

TEST(priority)
{
	run_guest(guest_priority, NR_IRQS);
}

static void guest_config(void)
{
	for (unsigned int r = 2; r < NR_IRQS / 16; r++) {
		wr(GICD_ICFGR + 4 * r, 0xffffffff);
		GUEST_ASSERT_EQ(0xaaaaaaaa, rd(GICD_ICFGR + 4 * r));
		wr(GICD_ICFGR + 4 * r, 0x88228811);
		GUEST_ASSERT_EQ(0x88228800, rd(GICD_ICFGR + 4 * r));
	}
	gic_set_edge(32, true);
	gic_set_edge(33, false);
	GUEST_ASSERT_EQ(2, rd(GICD_ICFGR + 8) & 0xf);
}

TEST(configuration)
{
	run_guest(guest_config, NR_IRQS);
}

/* INTIDs 0 to 31 are in the redistributors; those above the number that there is do not exist. */
static void guest_absent(void)
{
	static const uint32_t bits[] = {
		GICD_IGROUPR, GICD_ISENABLER, GICD_ICENABLER, GICD_ISPENDR, GICD_ICPENDR,
		GICD_ISACTIVER, GICD_ICACTIVER,
	};
	static const unsigned int regs[] = { 0, NR_IRQS / 32, NR_IRQS / 32 + 7, 31 };

	for (unsigned int i = 0; i < 4; i++) {
		unsigned int intid = regs[i] * 32;

		for (unsigned int b = 0; b < sizeof(bits) / sizeof(bits[0]); b++) {
			wr(bits[b] + 4 * regs[i], ~0u);
			GUEST_ASSERT_EQ(0, rd(bits[b] + 4 * regs[i]));
		}
		wr(GICD_ICFGR + intid / 4, ~0u);
		GUEST_ASSERT_EQ(0, rd(GICD_ICFGR + intid / 4));
		wr(GICD_IPRIORITYR + intid, ~0u);
		GUEST_ASSERT_EQ(0, rd(GICD_IPRIORITYR + intid));
		guest_mmio_write8(GIC_DIST_GPA + GICD_IPRIORITYR + intid + 3, 0xff);
		GUEST_ASSERT_EQ(0, guest_mmio_read8(GIC_DIST_GPA + GICD_IPRIORITYR + intid + 3));
		guest_mmio_write64(GIC_DIST_GPA + GICD_IROUTER + 8 * intid, 0x010203);
		GUEST_ASSERT_EQ(0, guest_mmio_read64(GIC_DIST_GPA + GICD_IROUTER + 8 * intid));
	}
}

TEST(absent_interrupts)
{
	run_guest(guest_absent, NR_IRQS);
}

/* All that there can be: INTIDs up to 1019, or what this kernel takes. */
static void guest_most(uint64_t nr)
{
	unsigned int last = nr == 1024 ? 1019 : nr - 1;

	GUEST_ASSERT_EQ(nr / 32 - 1, rd(GICD_TYPER) & 0x1f);
	gic_guest_init();
	for (unsigned int i = last - 40; i <= last; i++) {
		gic_route(i, read_sysreg(mpidr_el1));
		gic_set_edge(i, true);
		gic_enable(i);
		gic_set_pending(i);
		GUEST_WAIT_FOR(gic_ack() == i);
		gic_eoi(i);
	}
	for (unsigned int i = last + 1; i < 1024; i++) {
		gic_enable(i);
		GUEST_ASSERT(!gic_is_enabled(i));
	}
}

TEST(as_many_interrupts_as_there_can_be)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_most, 0);
	int gic = gic_create_uninitialised(vm, 0);
	uint32_t nr = 1024;

	if (attr_set(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr)) {
		nr = 992;
		must(attr_set(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr));
	}
	must(gic_initialise(gic));
	vcpu->cpu->boot.arg[0] = nr;
	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

/* Locations without a function read as zero; a write does nothing, and nothing bad. */
static void guest_reserved(void)
{
	static const uint32_t words[] = {
		0x0014, 0x0020, 0x003c, 0x0040, 0x0048, 0x0050, 0x0058, 0x0060, 0x007c,
		GICD_ITARGETSR, GICD_ITARGETSR + 32, GICD_ITARGETSR + 1020,
		GICD_IGRPMODR, GICD_IGRPMODR + 4, GICD_IGRPMODR + 124,
		GICD_NSACR, GICD_NSACR + 8, GICD_NSACR + 252,
		GICD_CPENDSGIR, GICD_CPENDSGIR + 12, GICD_SPENDSGIR, GICD_SPENDSGIR + 12,
		0x0f30, 0x0ffc, 0x1000, 0x1200, 0x2000, 0x3000, 0x5ffc, 0x8000, 0xbffc, 0xc000, 0xffcc,
	};
	uint32_t ctlr = rd(GICD_CTLR);

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		wr(words[i], ~0u);
		GUEST_ASSERT_EQ(0, rd(words[i]));
	}
	wr(GICD_SGIR, 0x03000001);		/* of GICv2: an SGI to all */
	wr(GICD_IROUTER + 0, ~0u);
	GUEST_ASSERT_EQ(ctlr, rd(GICD_CTLR));
	for (uint32_t offset = 0xffd0; offset < 0x10000; offset += 4)
		if (offset != GICD_PIDR2)
			wr(offset, ~0u);
}

TEST(reserved)
{
	run_guest(guest_reserved, NR_IRQS);
}

/* Sizes that a register does not support: nothing happens. */
static void guest_sizes(void)
{
	uint64_t d = GIC_DIST_GPA;

	wr(GICD_ISENABLER + 4, 0x01020304);
	GUEST_ASSERT_EQ(0, guest_mmio_read8(d + GICD_ISENABLER + 4));
	GUEST_ASSERT_EQ(0, guest_mmio_read16(d + GICD_ISENABLER + 4));
	GUEST_ASSERT_EQ(0, guest_mmio_read64(d + GICD_ISENABLER + 8));
	guest_mmio_write8(d + GICD_ISENABLER + 5, 0xff);
	guest_mmio_write16(d + GICD_ISENABLER + 4, 0xffff);
	guest_mmio_write64(d + GICD_ISENABLER + 8, ~0ULL);
	GUEST_ASSERT_EQ(0x01020304, rd(GICD_ISENABLER + 4));
	GUEST_ASSERT_EQ(0, rd(GICD_ISENABLER + 8));

	wr(GICD_IPRIORITYR + 32, 0x50607080);
	GUEST_ASSERT_EQ(0, guest_mmio_read16(d + GICD_IPRIORITYR + 32));
	guest_mmio_write16(d + GICD_IPRIORITYR + 32, 0xffff);
	GUEST_ASSERT_EQ(0x50607080, rd(GICD_IPRIORITYR + 32));

	GUEST_ASSERT_EQ(0, guest_mmio_read8(d + GICD_TYPER));
	GUEST_ASSERT_EQ(0, guest_mmio_read64(d + GICD_IIDR));
	guest_mmio_write64(d + GICD_CTLR, GICD_CTLR_GRP1);
	GUEST_ASSERT_EQ(GICD_CTLR_ARE | GICD_CTLR_DS, rd(GICD_CTLR));

	/* 64-bit registers take halves. */
	guest_mmio_write64(d + GICD_IROUTER + 8 * 40, 0x030201);
	GUEST_ASSERT_EQ(0x030201, guest_mmio_read64(d + GICD_IROUTER + 8 * 40));
	GUEST_ASSERT_EQ(0x030201, rd(GICD_IROUTER + 8 * 40));
	GUEST_ASSERT_EQ(0, rd(GICD_IROUTER + 8 * 40 + 4));
	wr(GICD_IROUTER + 8 * 40, 0x000102);
	GUEST_ASSERT_EQ(0x000102, guest_mmio_read64(d + GICD_IROUTER + 8 * 40));
	wr(GICD_IROUTER + 8 * 40 + 4, 0);
	GUEST_ASSERT_EQ(0x000102, guest_mmio_read64(d + GICD_IROUTER + 8 * 40));
	GUEST_ASSERT_EQ(0, guest_mmio_read16(d + GICD_IROUTER + 8 * 40));
	guest_mmio_write16(d + GICD_IROUTER + 8 * 40, 0x55);
	guest_mmio_write8(d + GICD_IROUTER + 8 * 40, 0x55);
	GUEST_ASSERT_EQ(0x000102, guest_mmio_read64(d + GICD_IROUTER + 8 * 40));
}

TEST(access_sizes)
{
	run_guest(guest_sizes, NR_IRQS);
}

/* Optional: without it, zero. With it, errors are kept until the guest clears them. */
static void guest_status(void)
{
	uint32_t status;

	wr(GICD_STATUSR, ~0u);
	GUEST_ASSERT_EQ(0, rd(GICD_STATUSR));
	rd(0x0020);
	status = rd(GICD_STATUSR);
	if (!status)
		return;
	GUEST_ASSERT_EQ(1, status);		/* RRD */
	wr(0x0020, 0);
	GUEST_ASSERT_EQ(3, rd(GICD_STATUSR));	/* WRD */
	wr(GICD_TYPER, 0);
	GUEST_ASSERT_EQ(0xb, rd(GICD_STATUSR));	/* WROD */
	wr(GICD_STATUSR, 1);
	GUEST_ASSERT_EQ(0xa, rd(GICD_STATUSR));
	wr(GICD_STATUSR, 0);
	GUEST_ASSERT_EQ(0xa, rd(GICD_STATUSR));
	wr(GICD_STATUSR, ~0u);
	GUEST_ASSERT_EQ(0, rd(GICD_STATUSR));
}

TEST(status)
{
	run_guest(guest_status, NR_IRQS);
}

/* An interrupt that is routed to nobody waits, and goes where it is sent then. */
static void guest_routing(void)
{
	uint64_t here = read_sysreg(mpidr_el1);

	gic_guest_init();
	gic_set_edge(50, true);
	gic_enable(50);
	gic_route(50, 0x00010203);
	gic_set_pending(50);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	GUEST_ASSERT(gic_is_pending(50));
	gic_route(50, here);
	GUEST_WAIT_FOR(read_sysreg(isr_el1) & 1 << 7);
	gic_route(50, 0x00010203);
	GUEST_ASSERT(gic_is_pending(50));
	gic_route(50, here);
	GUEST_ASSERT_EQ(50, gic_ack());
	gic_route(50, 0x00010203);		/* active here: the end is ours, too */
	gic_eoi(50);
	GUEST_ASSERT(!gic_is_active(50));
}

TEST(routing)
{
	run_guest(guest_routing, NR_IRQS);
}

TEST_HARNESS_MAIN
