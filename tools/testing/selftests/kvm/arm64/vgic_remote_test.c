// SPDX-License-Identifier: GPL-2.0
/*
 * Registers of interrupts that are another vCPU's, while that one runs and has them in its list registers: when an
 * access is complete, so is its effect there.
 */
#include "kvm_test.h"
#include "gic.h"

#define PPI	20
#define SPI	40
#define ROUNDS	20

/* With a GICv2 a vCPU sees nobody else's private interrupts. */
#define REQUIRE_REDISTRIBUTORS do {		\
	if (!gic_v3_available())		\
		SKIP(return, "no GICv3");	\
} while (0)

/* Who may go on: the victim waits for even, the other for odd numbers. */
static __shared volatile uint64_t turn;
static __shared volatile uint64_t other_redist;

static void wait_turn(uint64_t n)
{
	GUEST_WAIT_FOR(turn >= n);
}

static void hand_over(uint64_t n)
{
	dsb(sy);
	turn = n;
}

static bool irq_waits(void)
{
	return read_sysreg(isr_el1) & 1 << 7;
}

/*
 * The victim has an interrupt pending at its CPU interface, interrupts masked, and runs. The other one takes it away.
 */
static void victim_pending(uint64_t intid)
{
	gic_guest_init();
	other_redist = gic_is_v2() ? 0 : gic_this_redist();
	gic_route(SPI, read_sysreg(mpidr_el1));
	gic_set_edge(SPI, true);
	for (uint64_t i = 0; i < ROUNDS; i++) {
		gic_enable(intid);
		gic_set_pending(intid);
		GUEST_WAIT_FOR(irq_waits());
		hand_over(2 * i + 1);
		wait_turn(2 * i + 2);
		GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
		gic_disable(intid);
		gic_clear_pending(intid);
	}
}

static uint64_t frame(uint64_t intid)
{
	return intid < GIC_SPI ? other_redist + GIC_SGI_FRAME : GIC_DIST_GPA;
}

static uint32_t rd(uint64_t intid, uint32_t reg)
{
	return guest_mmio_read32(frame(intid) + reg + intid / 32 * 4) >> intid % 32 & 1;
}

static void wr(uint64_t intid, uint32_t reg)
{
	guest_mmio_write32(frame(intid) + reg + intid / 32 * 4, 1u << intid % 32);
}

static void attacker_pending(uint64_t intid)
{
	for (uint64_t i = 0; i < ROUNDS; i++) {
		wait_turn(2 * i + 1);
		GUEST_ASSERT(rd(intid, GICD_ISPENDR));
		GUEST_ASSERT(!rd(intid, GICD_ISACTIVER));
		if (i & 1) {
			wr(intid, GICD_ICENABLER);
			GUEST_ASSERT(rd(intid, GICD_ISPENDR));
		} else {
			wr(intid, GICD_ICPENDR);
			GUEST_ASSERT(!rd(intid, GICD_ISPENDR));
		}
		hand_over(2 * i + 2);
	}
}

/* The victim takes it, and the other one ends it, or begins it. */
static void victim_active(uint64_t intid)
{
	gic_guest_init();
	gic_set_split_eoi(true);
	other_redist = gic_is_v2() ? 0 : gic_this_redist();
	gic_route(SPI, read_sysreg(mpidr_el1));
	gic_set_edge(SPI, true);
	gic_enable(intid);
	for (uint64_t i = 0; i < ROUNDS; i++) {
		gic_set_pending(intid);
		GUEST_WAIT_FOR(gic_ack() == intid);
		gic_eoi(intid);
		gic_set_pending(intid);
		hand_over(2 * i + 1);
		wait_turn(2 * i + 2);
		/* Not active any more, so what is pending can be taken. */
		GUEST_WAIT_FOR(gic_ack() == intid);
		gic_eoi(intid);
		gic_deactivate(intid);
		GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	}
	GUEST_ASSERT(!gic_is_active(intid));
}

static void attacker_active(uint64_t intid)
{
	for (uint64_t i = 0; i < ROUNDS; i++) {
		wait_turn(2 * i + 1);
		GUEST_ASSERT(rd(intid, GICD_ISACTIVER));
		GUEST_ASSERT(rd(intid, GICD_ISPENDR));
		wr(intid, GICD_ICACTIVER);
		GUEST_ASSERT(!rd(intid, GICD_ISACTIVER));
		hand_over(2 * i + 2);
	}
}

static void victim_made_active(uint64_t intid)
{
	gic_guest_init();
	other_redist = gic_is_v2() ? 0 : gic_this_redist();
	gic_route(SPI, read_sysreg(mpidr_el1));
	gic_set_edge(SPI, true);
	gic_enable(intid);
	for (uint64_t i = 0; i < ROUNDS; i++) {
		gic_set_pending(intid);
		GUEST_WAIT_FOR(irq_waits());
		hand_over(2 * i + 1);
		wait_turn(2 * i + 2);
		/* Active and pending: it must not be taken. */
		GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
		GUEST_ASSERT(gic_is_active(intid) && gic_is_pending(intid));
		gic_clear_active(intid);
		GUEST_WAIT_FOR(gic_ack() == intid);
		gic_eoi(intid);
	}
}

static void attacker_made_active(uint64_t intid)
{
	for (uint64_t i = 0; i < ROUNDS; i++) {
		wait_turn(2 * i + 1);
		wr(intid, GICD_ISACTIVER);
		GUEST_ASSERT(rd(intid, GICD_ISACTIVER));
		GUEST_ASSERT(rd(intid, GICD_ISPENDR));
		hand_over(2 * i + 2);
	}
}

static void run_pair(void (*victim)(uint64_t), void (*attacker)(uint64_t), uint64_t intid)
{
	struct vm *vm = vm_create();
	struct vcpu_thread t[2];
	int gic;

	turn = 0;
	vcpu_add1(vm, victim, intid);
	vcpu_add1(vm, attacker, intid);
	gic = gic_create(vm, 64);
	for (int i = 0; i < 2; i++)
		vcpu_thread_start(&t[i], vm->vcpu[i]);
	for (int i = 0; i < 2; i++)
		vcpu_thread_join(&t[i]);
	close(gic);
	vm_destroy(vm);
}

TEST(pending_spi_is_taken_away)
{
	run_pair(victim_pending, attacker_pending, SPI);
}

TEST(pending_ppi_is_taken_away)
{
	REQUIRE_REDISTRIBUTORS;
	run_pair(victim_pending, attacker_pending, PPI);
}

TEST(active_spi_is_ended)
{
	run_pair(victim_active, attacker_active, SPI);
}

TEST(active_ppi_is_ended)
{
	REQUIRE_REDISTRIBUTORS;
	run_pair(victim_active, attacker_active, PPI);
}

TEST(pending_spi_becomes_active)
{
	run_pair(victim_made_active, attacker_made_active, SPI);
}

/* The group goes off for all: once GICD_CTLR is written, nobody takes anything. */
static void victim_group(uint64_t intid)
{
	gic_guest_init();
	gic_route(SPI, read_sysreg(mpidr_el1));
	gic_set_edge(SPI, true);
	gic_enable(intid);
	for (uint64_t i = 0; i < ROUNDS; i++) {
		gic_set_pending(intid);
		GUEST_WAIT_FOR(irq_waits());
		hand_over(2 * i + 1);
		wait_turn(2 * i + 2);
		GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
		gic_set_forwarding(true);
		GUEST_WAIT_FOR(gic_ack() == intid);
		gic_eoi(intid);
	}
}

static void attacker_group(uint64_t intid)
{
	for (uint64_t i = 0; i < ROUNDS; i++) {
		wait_turn(2 * i + 1);
		gic_set_forwarding(false);
		hand_over(2 * i + 2);
	}
}

TEST(group_is_disabled)
{
	run_pair(victim_group, attacker_group, SPI);
}

/* All registers of each other's interrupts, all the time: nobody waits for ever, and the state is sane in the end. */
#define STORMS	3

static __shared volatile uint64_t done;

static void guest_storm(uint64_t cpus)
{
	static const uint32_t regs[] = {
		GICD_ISENABLER, GICD_ICENABLER, GICD_ISPENDR, GICD_ICPENDR, GICD_ISACTIVER, GICD_ICACTIVER,
	};
	uint64_t self = guest_cpu()->index, x = 88172645463325252ULL + self;

	gic_guest_init_cpu();
	if (self == 0)
		guest_mmio_write32(GIC_DIST_GPA + GICD_CTLR, GICD_CTLR_GRP1);
	for (unsigned int i = GIC_SPI; i < 2 * GIC_SPI; i++)
		gic_set_edge(i, true);
	for (int i = 0; i < 1500; i++) {
		uint64_t at = GIC_REDIST_GPA + GIC_SGI_FRAME;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		at = x & 1 ? at + (x >> 8) % cpus * GIC_REDIST_STRIDE : GIC_DIST_GPA + 4;
		/* Not the timers'. */
		guest_mmio_write32(at + regs[(x >> 16) % 6], x >> 32 & (x & 1 ? 0x03ffffff : ~0u));
		guest_mmio_read32(at + regs[(x >> 20) % 6]);
		if ((x >> 24) % 8 == 0)
			gic_route(GIC_SPI + (x >> 28) % 32, (x >> 40) % cpus);
		if ((x >> 26) % 4 == 0) {
			unsigned int intid = gic_ack();

			if (intid != GIC_SPURIOUS)
				gic_eoi(intid);
		}
	}
	__atomic_fetch_add(&done, 1, __ATOMIC_SEQ_CST);
	GUEST_WAIT_FOR(done == cpus);
	/* Everything off: nothing is left anywhere. */
	if (self == 0) {
		for (uint64_t c = 0; c <= cpus; c++) {
			uint64_t at = c == cpus ? GIC_DIST_GPA + 4 :
				GIC_REDIST_GPA + GIC_SGI_FRAME + c * GIC_REDIST_STRIDE;

			guest_mmio_write32(at + GICD_ICENABLER, ~0u);
			guest_mmio_write32(at + GICD_ICPENDR, 0x03ffffff);
			guest_mmio_write32(at + GICD_ICACTIVER, ~0u);
			GUEST_ASSERT_EQ(0, guest_mmio_read32(at + GICD_ISENABLER));
			GUEST_ASSERT_EQ(0, guest_mmio_read32(at + GICD_ISPENDR) & 0x03ffffff);
			GUEST_ASSERT_EQ(0, guest_mmio_read32(at + GICD_ISACTIVER));
		}
		hand_over(1);
	}
	GUEST_WAIT_FOR(turn == 1);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

TEST(storm)
{
	struct vcpu_thread t[STORMS];
	struct vm *vm;
	int gic;

	REQUIRE_REDISTRIBUTORS;
	vm = vm_create();
	turn = 0;
	for (int i = 0; i < STORMS; i++)
		vcpu_add1(vm, guest_storm, STORMS);
	gic = gic_create(vm, 64);
	for (int i = 0; i < STORMS; i++)
		vcpu_thread_start(&t[i], vm->vcpu[i]);
	for (int i = 0; i < STORMS; i++)
		vcpu_thread_join(&t[i]);
	close(gic);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
