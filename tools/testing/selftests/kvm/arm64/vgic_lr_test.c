// SPDX-License-Identifier: GPL-2.0
/*
 * List registers, seen from the guest: more interrupts pending or active than there are of them, priorities, and
 * changes to an interrupt that is in one. Hosts have 4 to 16 list registers, so 20 are too many for all.
 */
#include "kvm_test.h"
#include "gic.h"

#define SPI		32
#define NR		20
#define LEVELS		20

static void guest_boot(void)
{
	gic_guest_init();
	/* The smallest binary point: each of the 32 priorities is a level. */
	gic_set_binary_point(0);
}

/* Priority of the n-th; each one preempts those before it. */
static unsigned int prio(unsigned int n)
{
	return 0xf0 - 8 * n;
}

static void spi_setup(unsigned int n, unsigned int priority)
{
	gic_route(SPI + n, read_sysreg(mpidr_el1));
	gic_set_edge(SPI + n, true);
	gic_set_priority(SPI + n, priority);
	gic_enable(SPI + n);
}

static void run_guest(void (*fn)(void))
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, fn);
	int gic = gic_create(vm, 64);

	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

static void guest_many_pending(void)
{
	uint64_t seen = 0;

	guest_boot();
	for (int n = 0; n < NR; n++)
		spi_setup(n, 0xa0);
	for (int n = 0; n < NR; n++)
		gic_set_pending(SPI + n);
	for (int n = 0; n < NR; n++) {
		unsigned int intid;

		GUEST_WAIT_FOR((intid = gic_ack()) != GIC_SPURIOUS);
		GUEST_ASSERT(!(seen >> intid & 1));
		seen |= 1ULL << intid;
		gic_eoi(intid);
	}
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	GUEST_ASSERT_EQ(((1ULL << NR) - 1) << SPI, seen);
}

TEST(more_pending_than_list_registers)
{
	run_guest(guest_many_pending);
}

static __shared volatile uint64_t taken[64];

static void count_handler(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	taken[intid % 64]++;
	gic_eoi(intid);
}

static void guest_many_by_irq(void)
{
	guest_boot();
	on_irq(count_handler);
	for (int n = 0; n < NR; n++)
		spi_setup(n, 0xa0);
	for (int round = 1; round <= 20; round++) {
		irq_disable();
		for (int n = 0; n < NR; n++)
			gic_set_pending(SPI + n);
		irq_enable();
		for (int n = 0; n < NR; n++)
			GUEST_WAIT_FOR(taken[SPI + n] == round);
	}
}

TEST(more_pending_taken_as_interrupts)
{
	memset((void *)taken, 0, sizeof(taken));
	run_guest(guest_many_by_irq);
	for (int n = 0; n < NR; n++)
		EXPECT_EQ(20, taken[SPI + n]);
}

static void guest_priorities(void)
{
	guest_boot();
	for (int n = 0; n < NR; n++)
		spi_setup(n, prio(n));
	for (int n = 0; n < NR; n++)
		gic_set_pending(SPI + (n * 7) % NR);
	for (int n = NR - 1; n >= 0; n--) {
		unsigned int intid;

		GUEST_WAIT_FOR((intid = gic_ack()) != GIC_SPURIOUS);
		GUEST_ASSERT_EQ(SPI + n, intid);
		gic_eoi(intid);
	}
	/* One of higher priority comes first though the others fill the list registers. */
	for (int n = 0; n < NR - 1; n++)
		gic_set_pending(SPI + n);
	gic_set_pending(SPI + NR - 1);
	GUEST_ASSERT_EQ(SPI + NR - 1, gic_ack());
	gic_eoi(SPI + NR - 1);
	/* The mask holds back those of its own priority and lower. */
	gic_set_priority_mask(prio(NR - 2));
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	gic_set_priority_mask(prio(NR - 2) + 8);
	GUEST_ASSERT_EQ(SPI + NR - 2, gic_ack());
	gic_eoi(SPI + NR - 2);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

TEST(best_priority_first)
{
	run_guest(guest_priorities);
}

static void check_active(uint64_t want)
{
	for (int n = 0; n < LEVELS; n++)
		GUEST_ASSERT_EQ(want >> n & 1, gic_is_active(SPI + n));
}

/* Takes LEVELS interrupts, each preempting the last. */
static void nest(bool drop)
{
	for (int n = 0; n < LEVELS; n++) {
		gic_set_pending(SPI + n);
		GUEST_ASSERT_EQ(SPI + n, gic_ack());
		if (drop)
			gic_eoi(SPI + n);
	}
}

static void guest_nested(void)
{
	uint64_t active = (1ULL << LEVELS) - 1;

	guest_boot();
	for (int n = 0; n < LEVELS; n++)
		spi_setup(n, prio(n));
	nest(false);
	check_active(active);
	GUEST_ASSERT_EQ(prio(LEVELS - 1), gic_running_priority());
	for (int n = LEVELS - 1; n >= 0; n--) {
		gic_eoi(SPI + n);
		active &= ~(1ULL << n);
		check_active(active);
	}
	GUEST_ASSERT_EQ(0xff, gic_running_priority());
	nest(false);
	for (int n = LEVELS - 1; n >= 0; n--)
		gic_eoi(SPI + n);
	check_active(0);
}

/* eoi_wrong_entry: each EOI ends the interrupt that it names. */
TEST(more_active_than_list_registers)
{
	run_guest(guest_nested);
}

static void guest_cleared_before_eoi(void)
{
	uint64_t active = (1ULL << LEVELS) - 1;

	guest_boot();
	for (int n = 0; n < LEVELS; n++)
		spi_setup(n, prio(n));
	nest(false);
	for (int n = LEVELS - 1; n >= 0; n--) {
		if (n & 1)
			gic_clear_active(SPI + n);
		gic_eoi(SPI + n);
		active &= ~(1ULL << n);
		check_active(active);
	}
}

/* eoi_wrong_entry: the EOI of one that is not active any more must not end another. */
TEST(eoi_of_what_is_inactive)
{
	run_guest(guest_cleared_before_eoi);
}

static void guest_split_eoi(void)
{
	uint64_t active = (1ULL << LEVELS) - 1;

	guest_boot();
	gic_set_split_eoi(true);
	for (int n = 0; n < LEVELS; n++)
		spi_setup(n, prio(n));
	spi_setup(LEVELS, 0xf0);
	nest(true);
	check_active(active);
	GUEST_ASSERT_EQ(0xff, gic_running_priority());

	/* They do not keep others, of the lowest priority, out of the list registers. */
	gic_set_pending(SPI + LEVELS);
	GUEST_ASSERT_EQ(SPI + LEVELS, gic_ack());
	gic_eoi(SPI + LEVELS);
	gic_deactivate(SPI + LEVELS);
	GUEST_ASSERT(!gic_is_active(SPI + LEVELS));

	/* In any order. */
	for (int i = 0; i < LEVELS; i++) {
		int n = (i * 7 + 3) % LEVELS;

		gic_deactivate(SPI + n);
		active &= ~(1ULL << n);
		check_active(active);
	}
}

TEST(more_active_with_split_eoi)
{
	run_guest(guest_split_eoi);
}

static void guest_pending_while_active(void)
{
	guest_boot();
	for (int n = 0; n < LEVELS; n++)
		spi_setup(n, prio(n));
	nest(false);
	for (int n = 0; n < LEVELS; n++)
		gic_set_pending(SPI + n);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	for (int n = LEVELS - 1; n >= 0; n--) {
		unsigned int intid;

		GUEST_ASSERT(gic_is_active(SPI + n));
		GUEST_ASSERT(gic_is_pending(SPI + n));
		gic_eoi(SPI + n);
		GUEST_WAIT_FOR((intid = gic_ack()) != GIC_SPURIOUS);
		GUEST_ASSERT_EQ(SPI + n, intid);
		gic_eoi(SPI + n);
		GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	}
	check_active(0);
}

TEST(pending_again_while_active)
{
	run_guest(guest_pending_while_active);
}

#define GRP0_FIRST	(NR / 2)

static void guest_groups(void)
{
	uint64_t seen = 0;

	guest_boot();
	for (int n = 0; n < NR; n++)
		spi_setup(n, n < GRP0_FIRST ? 0xa0 : 0x40);
	guest_mmio_write32(GIC_DIST_GPA + GICD_IGROUPR + 4, (1u << GRP0_FIRST) - 1);
	guest_mmio_write32(GIC_DIST_GPA + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GRP1 | 1);
	for (int n = NR - 1; n >= 0; n--)
		gic_set_pending(SPI + n);

	/* Group 0 has the higher priorities but is off in the CPU interface. */
	for (int n = 0; n < GRP0_FIRST; n++) {
		unsigned int intid;

		GUEST_WAIT_FOR((intid = gic_ack()) != GIC_SPURIOUS);
		seen |= 1ULL << intid;
		gic_eoi(intid);
	}
	GUEST_ASSERT_EQ(((1ULL << GRP0_FIRST) - 1) << SPI, seen);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());

	write_sysreg(icc_igrpen0_el1, 1);
	isb();
	for (int n = GRP0_FIRST; n < NR; n++) {
		uint64_t intid;

		GUEST_WAIT_FOR((intid = read_sysreg(icc_iar0_el1)) != GIC_SPURIOUS);
		seen |= 1ULL << intid;
		write_sysreg(icc_eoir0_el1, intid);
		isb();
	}
	GUEST_ASSERT_EQ(((1ULL << NR) - 1) << SPI, seen);

	/* Off in the distributor. */
	gic_set_pending(SPI);
	guest_mmio_write32(GIC_DIST_GPA + GICD_CTLR, GICD_CTLR_ARE);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	guest_mmio_write32(GIC_DIST_GPA + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GRP1);
	GUEST_WAIT_FOR(gic_ack() == SPI);
	gic_eoi(SPI);
}

TEST(groups_do_not_block_each_other)
{
	if (!gic_v3_available())
		SKIP(return, "no GICv3");	/* vgic_v2_test has the same for a GICv2 */
	run_guest(guest_groups);
}

static void guest_changes(void)
{
	guest_boot();
	spi_setup(0, 0xa0);
	spi_setup(1, 0xa0);

	gic_set_pending(SPI);
	gic_disable(SPI);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	GUEST_ASSERT(gic_is_pending(SPI));
	gic_enable(SPI);
	GUEST_ASSERT_EQ(SPI, gic_ack());
	gic_eoi(SPI);

	gic_set_pending(SPI);
	gic_clear_pending(SPI);
	GUEST_ASSERT(!gic_is_pending(SPI));
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());

	gic_set_pending(SPI);
	gic_set_pending(SPI + 1);
	gic_set_priority(SPI + 1, 0x20);
	GUEST_ASSERT_EQ(SPI + 1, gic_ack());
	gic_eoi(SPI + 1);
	GUEST_ASSERT_EQ(SPI, gic_ack());
	/* Active by the guest's hand: no EOI will come, and none is needed. */
	gic_set_active(SPI + 1);
	GUEST_ASSERT(gic_is_active(SPI + 1));
	gic_set_pending(SPI + 1);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	gic_clear_active(SPI + 1);
	GUEST_ASSERT_EQ(SPI + 1, gic_ack());
	gic_eoi(SPI + 1);
	gic_eoi(SPI);
	GUEST_ASSERT(!gic_is_active(SPI));

	/* To a vCPU that does not exist, and back. With one vCPU a GICv2 has nothing to choose. */
	if (gic_is_v2())
		return;
	gic_set_pending(SPI);
	gic_route(SPI, 0x0f01);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	gic_route(SPI, read_sysreg(mpidr_el1));
	GUEST_ASSERT_EQ(SPI, gic_ack());
	gic_eoi(SPI);
}

TEST(changes_to_what_is_in_a_list_register)
{
	run_guest(guest_changes);
}

/* Two vCPUs, the interrupt moves from one to the other while the first may have it in a list register. */

#define MOVES		300

static __shared volatile uint64_t ready, stop, moved_taken[2];

static void move_handler(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	if (intid == SPI)
		__atomic_fetch_add(&moved_taken[guest_cpu()->index], 1, __ATOMIC_SEQ_CST);
	gic_eoi(intid);
}

static void guest_mover(uint64_t other)
{
	uint64_t me = read_sysreg(mpidr_el1);

	guest_boot();
	on_irq(move_handler);
	spi_setup(0, 0xa0);
	GUEST_WAIT_FOR(ready);
	irq_enable();
	for (uint64_t i = 1; i <= MOVES; i++) {
		gic_route(SPI, i & 1 ? other : me);
		gic_set_pending(SPI);
		if (i % 3 == 0)
			gic_route(SPI, i & 1 ? me : other);
		GUEST_WAIT_FOR(moved_taken[0] + moved_taken[1] == i);
	}
	stop = 1;
}

static void guest_moved_to(void)
{
	gic_guest_init_cpu();
	on_irq(move_handler);
	irq_enable();
	ready = 1;
	while (!stop)
		cpu_relax();
}

TEST(moves_lose_and_double_nothing)
{
	struct vm *vm = vm_create();
	struct vcpu *mover = vcpu_add(vm, guest_mover);
	struct vcpu *other = vcpu_add(vm, guest_moved_to);
	struct vcpu_thread t0, t1;
	int gic = gic_create(vm, 64);

	ready = stop = moved_taken[0] = moved_taken[1] = 0;
	mover->cpu->boot.arg[0] = vcpu_mpidr(other);
	vcpu_thread_start(&t0, mover);
	vcpu_thread_start(&t1, other);
	vcpu_thread_join(&t0);
	vcpu_thread_join(&t1);
	EXPECT_EQ(MOVES, moved_taken[0] + moved_taken[1]);
	EXPECT_NE(0, moved_taken[1]);
	close(gic);
	vm_destroy(vm);
}

/* Reads and writes of active and pending state while another vCPU handles the interrupts. */

static void guest_prober(uint64_t other)
{
	guest_boot();
	GUEST_WAIT_FOR(ready);
	gic_route(SPI, other);
	gic_set_edge(SPI, true);
	gic_enable(SPI);
	for (uint64_t i = 1; i <= MOVES; i++) {
		gic_set_pending(SPI);
		/* It ends, whatever is looked at meanwhile. */
		GUEST_WAIT_FOR((!gic_is_pending(SPI)) & (!gic_is_active(SPI)));
		GUEST_WAIT_FOR(moved_taken[1] == i);
	}
	stop = 1;
}

TEST(state_read_by_another_vcpu)
{
	struct vm *vm = vm_create();
	struct vcpu *prober = vcpu_add(vm, guest_prober);
	struct vcpu *other = vcpu_add(vm, guest_moved_to);
	struct vcpu_thread t0, t1;
	int gic = gic_create(vm, 64);

	ready = stop = moved_taken[0] = moved_taken[1] = 0;
	prober->cpu->boot.arg[0] = vcpu_mpidr(other);
	vcpu_thread_start(&t0, prober);
	vcpu_thread_start(&t1, other);
	vcpu_thread_join(&t0);
	vcpu_thread_join(&t1);
	EXPECT_EQ(MOVES, moved_taken[1]);
	close(gic);
	vm_destroy(vm);
}

/* vCPUs die with interrupts pending, active and in list registers. */

static void guest_leaves_them(void)
{
	guest_boot();
	for (int n = 0; n < NR; n++)
		spi_setup(n, prio(n));
	nest(false);
	for (int n = 0; n < NR; n++)
		gic_set_pending(SPI + n);
	gic_send_sgi(read_sysreg(mpidr_el1), 1);
}

TEST(vcpu_ends_with_interrupts)
{
	for (int i = 0; i < 5; i++)
		run_guest(guest_leaves_them);
}

/* sgi_no_vgic: without a vGIC the registers do not exist. */

static __shared volatile uint64_t undefs;

static void undef_handler(struct ex_regs *regs, uint64_t esr)
{
	undefs++;
	regs->pc += 4;
}

static void guest_no_gic(void)
{
	on_sync(EC_UNKNOWN, undef_handler);
	write_sysreg(icc_sgi1r_el1, 1ULL << 40);
	GUEST_ASSERT_EQ(1, undefs);
	write_sysreg(icc_asgi1r_el1, 1);
	GUEST_ASSERT_EQ(2, undefs);
	write_sysreg(icc_sgi0r_el1, 1);
	GUEST_ASSERT_EQ(3, undefs);
	write_sysreg(icc_dir_el1, 40);
	GUEST_ASSERT_EQ(4, undefs);
	(void)read_sysreg(icc_iar1_el1);
	GUEST_ASSERT_EQ(5, undefs);
	(void)read_sysreg(icc_ctlr_el1);
	GUEST_ASSERT_EQ(6, undefs);
}

TEST(registers_without_a_vgic)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_no_gic);

	undefs = 0;
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
