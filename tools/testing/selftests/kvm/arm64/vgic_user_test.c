// SPDX-License-Identifier: GPL-2.0
/*
 * The GICv3's registers as user space saves and restores them: KVM_DEV_ARM_VGIC_GRP_DIST_REGS, _REDIST_REGS,
 * _CPU_SYSREGS and _LEVEL_INFO.
 */
#include "kvm_test.h"
#include "gic.h"

REQUIRE_GICV3

#define NR_IRQS		128

#define GICD_STATUSR	0x0010
#define GICR_PENDBASER	0x0078

#define ICC_PMR		GIC_SYSREG(3, 0, 4, 6, 0)
#define ICC_BPR0	GIC_SYSREG(3, 0, 12, 8, 3)
#define ICC_AP0R(n)	GIC_SYSREG(3, 0, 12, 8, 4 + (n))
#define ICC_AP1R(n)	GIC_SYSREG(3, 0, 12, 9, n)
#define ICC_BPR1	GIC_SYSREG(3, 0, 12, 12, 3)
#define ICC_CTLR	GIC_SYSREG(3, 0, 12, 12, 4)
#define ICC_SRE		GIC_SYSREG(3, 0, 12, 12, 5)
#define ICC_IGRPEN0	GIC_SYSREG(3, 0, 12, 12, 6)
#define ICC_IGRPEN1	GIC_SYSREG(3, 0, 12, 12, 7)

#define CTLR_CBPR	1u
#define CTLR_EOIMODE	2u

static struct vm *vm;
static int gic;
static uint64_t mpidr[2];

static void begin(void)
{
	vm = vm_create_bare(0);
	for (unsigned int i = 0; i < 2; i++)
		vcpu_init_features(vcpu_create(vm, i), FEATURE(PSCI_0_2));
	for (unsigned int i = 0; i < 2; i++)
		mpidr[i] = vcpu_mpidr(vm->vcpu[i]);
	gic = gic_create(vm, NR_IRQS);
}

static void end(void)
{
	close(gic);
	vm_destroy(vm);
}

/* Of the distributor for INTIDs from 32 on, of vCPU 1's redistributor below. */
static uint32_t get(uint32_t intid, uint32_t offset)
{
	uint32_t value = 0xdeadbeef;

	must(intid < GIC_SPI ? gic_redist_get(gic, mpidr[1], GIC_SGI_FRAME + offset, &value) :
	     gic_dist_get(gic, 0, offset, &value));
	return value;
}

static void set(uint32_t intid, uint32_t offset, uint32_t value)
{
	must(intid < GIC_SPI ? gic_redist_set(gic, mpidr[1], GIC_SGI_FRAME + offset, value) :
	     gic_dist_set(gic, 0, offset, value));
}

static uint32_t dist(uint32_t offset)
{
	return get(GIC_SPI, offset);
}

static uint32_t redist(unsigned int cpu, uint32_t offset)
{
	uint32_t value = 0xdeadbeef;

	must(gic_redist_get(gic, mpidr[cpu], offset, &value));
	return value;
}

TEST(which_registers_there_are)
{
	static const struct {
		uint32_t offset, size;
	} d[] = {
		{ 0x0000, 12 }, { 0x0010, 4 }, { 0x0080, 0x780 }, { 0x0800, 0x400 }, { 0x0c00, 0x100 },
		{ 0x0d00, 0x80 }, { 0x0e00, 0x100 }, { 0x6100, 0x1ee0 }, { 0xffd0, 0x30 },
	}, r[] = {
		{ 0x0000, 0x18 }, { 0x0070, 0x10 }, { 0xffd0, 0x30 },
		{ 0x10080, 4 }, { 0x10100, 4 }, { 0x10180, 4 }, { 0x10200, 4 }, { 0x10280, 4 }, { 0x10300, 4 },
		{ 0x10380, 4 }, { 0x10400, 0x20 }, { 0x10c00, 8 }, { 0x10d00, 4 }, { 0x10e00, 4 },
	};
	static const uint32_t absent_d[] = { 0x1000, 0x4000, 0x5ffc, 0x8000, 0xc000, 0x10000, 0x10100, 0xfffffffc };
	static const uint32_t absent_r[] = { 0x1000, 0x8000, 0xc000, 0x10084, 0x10104, 0x11000, 0x20000, 0xfffffffc };
	uint32_t v;

	begin();
	for (unsigned int i = 0; i < sizeof(d) / sizeof(d[0]); i++)
		for (uint32_t o = d[i].offset; o < d[i].offset + d[i].size; o += 4) {
			EXPECT_OK(attr_has(gic, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, o));
			EXPECT_OK(gic_dist_get(gic, 0, o, &v));
		}
	for (unsigned int i = 0; i < sizeof(r) / sizeof(r[0]); i++)
		for (uint32_t o = r[i].offset; o < r[i].offset + r[i].size; o += 4) {
			EXPECT_OK(attr_has(gic, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, o));
			EXPECT_OK(gic_redist_get(gic, 0, o, &v));
		}
	for (unsigned int i = 0; i < sizeof(absent_d) / sizeof(absent_d[0]); i++) {
		EXPECT_ERRNO(ENXIO, attr_has(gic, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, absent_d[i]));
		EXPECT_ERRNO(ENXIO, gic_dist_get(gic, 0, absent_d[i], &v));
		EXPECT_ERRNO(ENXIO, gic_dist_set(gic, 0, absent_d[i], 0));
	}
	for (unsigned int i = 0; i < sizeof(absent_r) / sizeof(absent_r[0]); i++) {
		EXPECT_ERRNO(ENXIO, attr_has(gic, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, absent_r[i]));
		EXPECT_ERRNO(ENXIO, gic_redist_get(gic, 0, absent_r[i], &v));
		EXPECT_ERRNO(ENXIO, gic_redist_set(gic, 0, absent_r[i], 0));
	}
	for (uint32_t o = 1; o < 4; o++) {
		EXPECT_ERRNO(ENXIO, gic_dist_get(gic, 0, GICD_IPRIORITYR + 32 + o, &v));
		EXPECT_ERRNO(ENXIO, gic_redist_get(gic, 0, GIC_SGI_FRAME + GICD_IPRIORITYR + o, &v));
	}
	/* The distributor is the same whichever vCPU is named. */
	EXPECT_OK(gic_dist_get(gic, mpidr[1], GICD_TYPER, &v));
	EXPECT_EQ(NR_IRQS / 32 - 1, v & 0x1f);
	end();
}

TEST(identification)
{
	uint32_t iidr, typer;

	begin();
	iidr = dist(GICD_IIDR);
	typer = dist(GICD_TYPER);
	EXPECT_EQ(0x43b, iidr & 0xfff);
	EXPECT_EQ(3, iidr >> 12 & 0xf);
	EXPECT_OK(gic_dist_set(gic, 0, GICD_IIDR, iidr));
	EXPECT_ERRNO(EINVAL, gic_dist_set(gic, 0, GICD_IIDR, iidr ^ 1));
	EXPECT_ERRNO(EINVAL, gic_dist_set(gic, 0, GICD_IIDR, iidr ^ 1u << 24));
	EXPECT_ERRNO(EINVAL, gic_dist_set(gic, 0, GICD_IIDR, iidr ^ 1u << 16));
	EXPECT_ERRNO(EINVAL, gic_dist_set(gic, 0, GICD_IIDR, iidr & ~0xf000u));
	EXPECT_ERRNO(EINVAL, gic_dist_set(gic, 0, GICD_IIDR, iidr | 0xf000u));
	EXPECT_EQ(iidr, dist(GICD_IIDR));
	EXPECT_OK(gic_dist_set(gic, 0, GICD_IIDR, (iidr & ~0xf000u) | 0x2000));
	EXPECT_EQ((iidr & ~0xf000u) | 0x2000, dist(GICD_IIDR));
	EXPECT_OK(gic_dist_set(gic, 0, GICD_IIDR, iidr));
	EXPECT_EQ(iidr, dist(GICD_IIDR));
	/* Writes to read-only registers are ignored. */
	EXPECT_OK(gic_dist_set(gic, 0, GICD_TYPER, ~typer));
	EXPECT_EQ(typer, dist(GICD_TYPER));
	EXPECT_OK(gic_redist_set(gic, 0, GICR_TYPER, ~0u));
	EXPECT_OK(gic_redist_set(gic, 0, GICR_TYPER + 4, ~0u));
	EXPECT_EQ(0, redist(0, GICR_TYPER + 4));
	EXPECT_EQ(mpidr[1] & 0xffffff, redist(1, GICR_TYPER + 4));
	end();
}

TEST(control)
{
	begin();
	EXPECT_EQ(GICD_CTLR_ARE | GICD_CTLR_DS, dist(GICD_CTLR));
	EXPECT_OK(gic_dist_set(gic, 0, GICD_CTLR, GICD_CTLR_GRP1));
	EXPECT_EQ(GICD_CTLR_ARE | GICD_CTLR_DS | GICD_CTLR_GRP1, dist(GICD_CTLR));
	EXPECT_OK(gic_dist_set(gic, 0, GICD_CTLR, 0));
	EXPECT_EQ(GICD_CTLR_ARE | GICD_CTLR_DS, dist(GICD_CTLR));
	end();
}

static const uint32_t first_intids[] = { 0, 32, 96 };

TEST(plain_bits)
{
	begin();
	for (unsigned int i = 0; i < 3; i++) {
		uint32_t intid = first_intids[i], at = intid / 8;

		EXPECT_EQ(~0u, get(intid, GICD_IGROUPR + at));	/* group 1 out of reset */
		set(intid, GICD_IGROUPR + at, 0xa5a51234);
		EXPECT_EQ(0xa5a51234, get(intid, GICD_IGROUPR + at));
		for (uint32_t n = 0; n < 32; n += 4) {
			set(intid, GICD_IPRIORITYR + intid + n, 0x10213243 + 0x01010101 * n);
			EXPECT_EQ((0x10213243 + 0x01010101 * n) & 0xf8f8f8f8, get(intid, GICD_IPRIORITYR + intid + n));
		}
		if (intid) {
			set(intid, GICD_ICFGR + intid / 4, 0x8822aa00);
			EXPECT_EQ(0x8822aa00, get(intid, GICD_ICFGR + intid / 4));
		}
	}
	EXPECT_EQ(~0u, redist(0, GIC_SGI_FRAME + GICD_IGROUPR));
	EXPECT_EQ(0xaaaaaaaa, get(0, GICD_ICFGR));
	end();
}

/* As for the guest: bits that are zero do nothing. */
TEST(enable_and_active)
{
	static const uint32_t pairs[][2] = { { GICD_ISENABLER, GICD_ICENABLER }, { GICD_ISACTIVER, GICD_ICACTIVER } };

	begin();
	for (unsigned int p = 0; p < 2; p++)
		for (unsigned int i = 0; i < 3; i++) {
			uint32_t intid = first_intids[i], s = pairs[p][0] + intid / 8, c = pairs[p][1] + intid / 8;

			set(intid, c, ~0u);
			EXPECT_EQ(0, get(intid, s));
			set(intid, s, 0x00f0ff01);
			set(intid, s, 0);
			EXPECT_EQ(0x00f0ff01, get(intid, s));
			EXPECT_EQ(0x00f0ff01, get(intid, c));
			set(intid, c, 0x00f00001);
			EXPECT_EQ(0x0000ff00, get(intid, s));
			set(intid, c, ~0u);
			EXPECT_EQ(0, get(intid, c));
		}
	end();
}

/* The latch as it is: a write sets and clears, the line plays no part, and ICPENDR does nothing. */
TEST(pending_is_the_latch)
{
	begin();
	for (unsigned int i = 0; i < 3; i++) {
		uint32_t intid = first_intids[i], s = GICD_ISPENDR + intid / 8, c = GICD_ICPENDR + intid / 8, lines;

		set(intid, s, 0x00c0ff01);
		EXPECT_EQ(0x00c0ff01, get(intid, s));
		EXPECT_EQ(0, get(intid, c));
		set(intid, c, ~0u);
		EXPECT_EQ(0x00c0ff01, get(intid, s));
		set(intid, GICD_ICFGR + intid / 4 + 4, 0);
		EXPECT_OK(gic_level_set(gic, mpidr[1], intid, 0x00330000));
		EXPECT_EQ(0x00c0ff01, get(intid, s));
		EXPECT_OK(gic_level_get(gic, mpidr[1], intid, &lines));
		EXPECT_EQ(0x00330000, lines);
		EXPECT_OK(gic_level_set(gic, mpidr[1], intid, 0));
		EXPECT_EQ(0x00c0ff01, get(intid, s));
	}
	end();
}

TEST(pending_is_the_latch_and_can_be_cleared)
{
	begin();
	for (unsigned int i = 0; i < 3; i++) {
		uint32_t intid = first_intids[i], s = GICD_ISPENDR + intid / 8;

		set(intid, s, 0x00c0ff01);
		set(intid, s, 0x0080f000);
		EXPECT_EQ(0x0080f000, get(intid, s));
		set(intid, s, 0);
		EXPECT_EQ(0, get(intid, s));
	}
	end();
}

TEST(absent_interrupts)
{
	static const uint32_t offsets[] = {
		GICD_IGROUPR, GICD_ISENABLER, GICD_ICENABLER, GICD_ISPENDR, GICD_ISACTIVER, GICD_ICACTIVER,
	};

	begin();
	for (unsigned int i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
		for (uint32_t reg = 0; reg < 32; reg = reg ? reg + 1 : NR_IRQS / 32) {
			set(GIC_SPI, offsets[i] + 4 * reg, ~0u);
			EXPECT_EQ(0, dist(offsets[i] + 4 * reg));
		}
	end();
}

TEST(routing)
{
	begin();
	for (uint32_t intid = 32; intid < NR_IRQS; intid += 19) {
		uint32_t at = GICD_IROUTER + 8 * intid;

		EXPECT_EQ(0, dist(at));
		EXPECT_EQ(0, dist(at + 4));
		EXPECT_OK(gic_dist_set(gic, 0, at, 0x00010001 + intid));
		EXPECT_OK(gic_dist_set(gic, 0, at + 4, 0));
		EXPECT_EQ(0x00010001 + intid, dist(at));
		EXPECT_EQ(0, dist(at + 4));
	}
	EXPECT_OK(gic_dist_set(gic, 0, GICD_IROUTER + 8 * NR_IRQS, 1));
	EXPECT_EQ(0, dist(GICD_IROUTER + 8 * NR_IRQS));
	end();
}

/* User space puts the status back; the bits are not cleared by writing them. Zero where there is no such register. */
TEST(status)
{
	begin();
	EXPECT_OK(gic_dist_set(gic, 0, GICD_STATUSR, 5));
	if (dist(GICD_STATUSR) != 5) {
		end();
		SKIP(return, "no GICD_STATUSR");
	}
	EXPECT_OK(gic_dist_set(gic, 0, GICD_STATUSR, ~0u));
	EXPECT_EQ(0xf, dist(GICD_STATUSR));
	EXPECT_OK(gic_dist_set(gic, 0, GICD_STATUSR, 0));
	EXPECT_EQ(0, dist(GICD_STATUSR));
	EXPECT_OK(gic_redist_set(gic, mpidr[1], GICD_STATUSR, 0xa));
	EXPECT_EQ(0xa, redist(1, GICD_STATUSR));
	EXPECT_EQ(0, redist(0, GICD_STATUSR));
	end();
}

TEST(level_info)
{
	uint32_t lines;

	begin();
	for (uint32_t intid = 0; intid < 1024; intid += 32) {
		uint32_t want = intid >= NR_IRQS ? 0 : intid ? 0x8000ff11 : 0x80000000;

		set(GIC_SPI, GICD_ICFGR + intid / 4, 0);
		set(GIC_SPI, GICD_ICFGR + intid / 4 + 4, 0);
		EXPECT_OK(gic_level_set(gic, mpidr[1], intid, 0x8000ff11));
		EXPECT_OK(gic_level_get(gic, mpidr[1], intid, &lines));
		EXPECT_EQ(want, lines);
	}
	/* PPIs are each vCPU's own, SPIs everyone's. */
	EXPECT_OK(gic_level_get(gic, mpidr[0], 0, &lines));
	EXPECT_EQ(0, lines);
	EXPECT_OK(gic_level_get(gic, mpidr[0], 32, &lines));
	EXPECT_EQ(0x8000ff11, lines);
	EXPECT_OK(gic_level_set(gic, mpidr[0], 32, 0));
	EXPECT_OK(gic_level_get(gic, mpidr[1], 32, &lines));
	EXPECT_EQ(0, lines);

	for (uint32_t intid = 1; intid < 32; intid++) {
		EXPECT_ERRNO(EINVAL, gic_level_get(gic, 0, intid, &lines));
		EXPECT_ERRNO(EINVAL, gic_level_set(gic, 0, 64 + intid, 0));
	}
	EXPECT_ERRNO(EINVAL, attr_get(gic, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 1u << 10 | 32, &lines));
	EXPECT_OK(attr_has(gic, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 32));
	EXPECT_ERRNO(ENXIO, attr_has(gic, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 1u << 10 | 32));
	end();
}

static uint64_t cpu(uint32_t reg)
{
	uint64_t value = ~0ULL;

	must(gic_cpu_get(gic, mpidr[1], reg, &value));
	return value;
}

TEST(cpu_interface)
{
	uint64_t ctlr, v;
	unsigned int bits;

	begin();
	EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_PMR, 0xf0));
	EXPECT_EQ(0xf0, cpu(ICC_PMR));
	EXPECT_OK(gic_cpu_get(gic, mpidr[0], ICC_PMR, &v));
	EXPECT_EQ(0, v);
	for (uint64_t g = 0; g < 2; g++) {
		EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_IGRPEN0, g));
		EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_IGRPEN1, !g));
		EXPECT_EQ(g, cpu(ICC_IGRPEN0));
		EXPECT_EQ(!g, cpu(ICC_IGRPEN1));
	}

	ctlr = cpu(ICC_CTLR);
	bits = (ctlr >> 8 & 7) + 1;
	EXPECT_EQ(0, ctlr & (CTLR_CBPR | CTLR_EOIMODE));
	EXPECT_TRUE(bits >= 5);
	EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_CTLR, ctlr | CTLR_EOIMODE));
	EXPECT_EQ(ctlr | CTLR_EOIMODE, cpu(ICC_CTLR));
	EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_CTLR, ctlr));
	/* More than the CPU has, or something else. */
	if (bits < 8)
		EXPECT_ERRNO(EINVAL, gic_cpu_set(gic, mpidr[1], ICC_CTLR, ctlr | 7 << 8));
	EXPECT_ERRNO(EINVAL, gic_cpu_set(gic, mpidr[1], ICC_CTLR, ctlr | 7 << 11));
	EXPECT_ERRNO(EINVAL, gic_cpu_set(gic, mpidr[1], ICC_CTLR, ctlr ^ 1 << 14));
	EXPECT_ERRNO(EINVAL, gic_cpu_set(gic, mpidr[1], ICC_CTLR, ctlr ^ 1 << 15));
	EXPECT_EQ(ctlr, cpu(ICC_CTLR));

	/* Binary points, on their own and common. */
	EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_BPR0, 4));
	EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_BPR1, 6));
	EXPECT_EQ(4, cpu(ICC_BPR0));
	EXPECT_EQ(6, cpu(ICC_BPR1));
	EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_CTLR, ctlr | CTLR_CBPR));
	EXPECT_EQ(5, cpu(ICC_BPR1));
	EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_BPR1, 3));
	EXPECT_EQ(5, cpu(ICC_BPR1));
	EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_BPR0, 7));
	EXPECT_EQ(7, cpu(ICC_BPR1));
	EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_CTLR, ctlr));
	EXPECT_EQ(6, cpu(ICC_BPR1));

	EXPECT_EQ(1, cpu(ICC_SRE) & 1);
	EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_SRE, cpu(ICC_SRE)));
	EXPECT_ERRNO(EINVAL, gic_cpu_set(gic, mpidr[1], ICC_SRE, 0));

	/* Active priorities: as many registers as there are for the bits of priority. */
	for (unsigned int n = 0; n < 4; n++) {
		bool there = n == 0 || (n == 1 && bits >= 6) || bits >= 7;

		EXPECT_OK(attr_has(gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ICC_AP0R(n)));
		EXPECT_OK(attr_has(gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ICC_AP1R(n)));
		if (!there) {
			EXPECT_ERRNO(EINVAL, gic_cpu_get(gic, mpidr[1], ICC_AP0R(n), &v));
			EXPECT_ERRNO(EINVAL, gic_cpu_set(gic, mpidr[1], ICC_AP1R(n), 0));
			continue;
		}
		EXPECT_EQ(0, cpu(ICC_AP0R(n)));
		EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_AP0R(n), 0x10 << n));
		EXPECT_OK(gic_cpu_set(gic, mpidr[1], ICC_AP1R(n), 0x100 << n));
		if (!n) {
			EXPECT_EQ(0x10, cpu(ICC_AP0R(n)));
			EXPECT_EQ(0x100, cpu(ICC_AP1R(n)));
		}
	}
	end();
}

TEST(cpu_interface_has_no_others)
{
	static const uint32_t there[] = {
		ICC_PMR, ICC_BPR0, ICC_BPR1, ICC_CTLR, ICC_SRE, ICC_IGRPEN0, ICC_IGRPEN1,
		ICC_AP0R(0), ICC_AP0R(1), ICC_AP0R(2), ICC_AP0R(3), ICC_AP1R(0), ICC_AP1R(1), ICC_AP1R(2), ICC_AP1R(3),
	};
	unsigned int found = 0;
	uint64_t v = 0;

	begin();
	/* Op0 3, Op1 0, CRn 4 and 12, every CRm and Op2; and a few far away. */
	for (uint32_t crn = 4; crn <= 12; crn += 8)
		for (uint32_t n = 0; n < 128; n++) {
			uint32_t reg = GIC_SYSREG(3, 0, crn, n >> 3, n & 7), i;

			for (i = 0; i < 15 && there[i] != reg; i++)
				;
			found += i < 15;
			EXPECT_EQ(i < 15 ? 0 : -1, attr_has(gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, reg));
			if (i == 15)
				EXPECT_ERRNO(ENXIO, gic_cpu_get(gic, mpidr[0], reg, &v));
		}
	EXPECT_EQ(15, found);
	EXPECT_ERRNO(ENXIO, gic_cpu_get(gic, mpidr[0], 0, &v));
	EXPECT_ERRNO(ENXIO, gic_cpu_set(gic, mpidr[0], 0xffff, 0));
	EXPECT_ERRNO(ENXIO, gic_cpu_set(gic, mpidr[0], GIC_SYSREG(3, 0, 1, 0, 0), 0));
	EXPECT_ERRNO(ENXIO, gic_cpu_set(gic, mpidr[0], GIC_SYSREG(3, 4, 12, 11, 7), 0));
	end();
}

/* The guest reads "pending table is zero" as zero, user space carries it over. */
TEST(pending_table)
{
	begin();
	EXPECT_OK(gic_redist_set(gic, mpidr[1], GICR_PENDBASER, 0x40010000 | 1 << 10 | 7 << 7));
	EXPECT_OK(gic_redist_set(gic, mpidr[1], GICR_PENDBASER + 4, 0x12));
	EXPECT_EQ(0x40010000 | 1 << 10 | 7 << 7, redist(1, GICR_PENDBASER));
	EXPECT_EQ(0x12, redist(1, GICR_PENDBASER + 4));
	EXPECT_EQ(0, redist(0, GICR_PENDBASER));
	end();
}

TEST_HARNESS_MAIN
