// SPDX-License-Identifier: GPL-2.0
/* More interrupts than list registers: none is lost, the order is that of the priorities, EOIs hit the right one. */
#include "kvm_test.h"
#include "gic.h"

#define FIRST	32
#define COUNT	64			/* more than any number of list registers */

static __shared volatile uint64_t order[256], taken_total;

static void init(bool edge)
{
	gic_guest_init();
	for (unsigned int i = FIRST; i < FIRST + COUNT; i++) {
		gic_route(i, read_sysreg(mpidr_el1));
		gic_set_edge(i, edge);
		gic_set_priority(i, 0x80);
		gic_enable(i);
	}
	taken_total = 0;
}

static void take_all(void)
{
	unsigned int intid;

	while ((intid = gic_ack()) != GIC_SPURIOUS) {
		order[taken_total++ % 256] = intid;
		gic_eoi(intid);
	}
}

static void guest_many(void)
{
	bool seen[FIRST + COUNT] = { 0 };

	init(true);
	for (unsigned int i = FIRST; i < FIRST + COUNT; i++)
		gic_set_pending(i);
	/* Some need an exit before they get into a list register. */
	GUEST_WAIT_FOR((take_all(), taken_total == COUNT));
	for (unsigned int i = 0; i < COUNT; i++) {
		GUEST_ASSERT(!seen[order[i]]);
		seen[order[i]] = true;
	}
}

static void run(void (*guest)(void))
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest);
	int gic = gic_create(vm, FIRST + COUNT);

	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

TEST(lr_bound)
{
	run(guest_many);
}

static void guest_priorities(void)
{
	init(true);
	/* Pending from the lowest priority up, so that a first-come order would be the wrong one. */
	for (unsigned int i = 0; i < 24; i++) {
		gic_set_priority(FIRST + i, 0xf0 - 8 * i);
		gic_set_pending(FIRST + i);
	}
	GUEST_WAIT_FOR((take_all(), taken_total == 24));
	for (unsigned int i = 0; i < 24; i++)
		GUEST_ASSERT_EQ(FIRST + 23 - i, order[i]);
}

TEST(highest_priority_first)
{
	run(guest_priorities);
}

static void guest_same_priority(void)
{
	/* All equal, and again and again: an order that is not one shows by a hang or by a loss. */
	init(true);
	for (unsigned int round = 1; round <= 20; round++) {
		for (unsigned int i = 0; i < COUNT; i++)
			gic_set_pending(FIRST + i);
		GUEST_WAIT_FOR((take_all(), taken_total == round * COUNT));
	}
}

TEST(sort_self_compare)
{
	run(guest_same_priority);
}

static void guest_nested(void)
{
	unsigned int held[8];

	init(true);
	/*
	 * Eight active at once, each of a higher priority than the last, and ended in the order of the priorities as
	 * the architecture wants it; with more pending, so that ended ones may have left the list registers.
	 */
	for (unsigned int i = 0; i < 8; i++) {
		gic_set_priority(FIRST + i, 0xe0 - 16 * i);
		gic_set_pending(FIRST + i);
		held[i] = 0;
		GUEST_WAIT_FOR((held[i] = gic_ack()) != GIC_SPURIOUS);
		GUEST_ASSERT_EQ(FIRST + i, held[i]);
		GUEST_ASSERT(gic_is_active(FIRST + i));
	}
	for (unsigned int i = 16; i < 32; i++)
		gic_set_pending(FIRST + i);
	GUEST_ASSERT_EQ(0xe0 - 16 * 7, gic_running_priority());
	for (unsigned int i = 8; i-- > 0; ) {
		gic_eoi(held[i]);
		GUEST_ASSERT(!gic_is_active(FIRST + i));
		for (unsigned int j = 0; j < i; j++)
			GUEST_ASSERT(gic_is_active(FIRST + j));
		/* 0x80 is higher than the ones that remain from here on */
		if (i == 0 || 0xe0 - 16 * (i - 1) > 0x80)
			take_all();
	}
	GUEST_WAIT_FOR((take_all(), taken_total == 16));
	GUEST_ASSERT_EQ(0xff, gic_running_priority());
}

TEST(eoi_wrong_entry)
{
	run(guest_nested);
}

static void guest_split(void)
{
	unsigned int a, b;

	/* EOI mode 1: priority drop and deactivation apart, deactivation in any order. */
	init(true);
	gic_set_split_eoi(true);
	gic_set_priority(FIRST, 0x80);
	gic_set_priority(FIRST + 1, 0x80);
	gic_set_pending(FIRST);
	GUEST_WAIT_FOR((a = gic_ack()) != GIC_SPURIOUS);
	gic_eoi(a);
	GUEST_ASSERT(gic_is_active(FIRST));
	gic_set_pending(FIRST + 1);
	GUEST_WAIT_FOR((b = gic_ack()) != GIC_SPURIOUS);
	gic_eoi(b);
	GUEST_ASSERT(gic_is_active(FIRST + 1));
	/* Active and pending again does not come before it is deactivated. */
	gic_set_pending(FIRST);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	gic_deactivate(a);
	GUEST_ASSERT(!gic_is_active(FIRST));
	GUEST_ASSERT(gic_is_active(FIRST + 1));
	GUEST_WAIT_FOR((a = gic_ack()) != GIC_SPURIOUS);
	GUEST_ASSERT_EQ(FIRST, a);
	gic_eoi(a);
	gic_deactivate(a);
	gic_deactivate(b);
	GUEST_ASSERT(!gic_is_active(FIRST));
	GUEST_ASSERT(!gic_is_active(FIRST + 1));
	/* A deactivation of what is not active */
	gic_deactivate(FIRST + 2);
	gic_deactivate(1019);
}

TEST(priority_drop_and_deactivation)
{
	run(guest_split);
}

static void guest_mask(void)
{
	init(true);
	gic_set_priority(FIRST, 0x80);
	gic_set_priority_mask(0x80);
	gic_set_pending(FIRST);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());	/* needs to be higher than the mask */
	gic_set_priority_mask(0x88);
	GUEST_WAIT_FOR((take_all(), taken_total == 1));
	gic_set_cpu_group(false);
	gic_set_pending(FIRST);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	gic_set_cpu_group(true);
	GUEST_WAIT_FOR((take_all(), taken_total == 2));
}

TEST(priority_mask_and_group_enable)
{
	run(guest_mask);
}

static void guest_levels(void)
{
	init(false);
	guest_sync(1);		/* the host raises all lines */
	for (unsigned int n = 0; n < COUNT; n++) {
		unsigned int intid;

		GUEST_WAIT_FOR((intid = gic_ack()) != GIC_SPURIOUS);
		guest_sync(intid);	/* the host lowers this one */
		gic_eoi(intid);
	}
	for (unsigned int i = 0; i < COUNT; i++)
		GUEST_ASSERT(!gic_is_pending(FIRST + i));
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

TEST(many_levels)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_levels);
	int gic = gic_create(vm, FIRST + COUNT);
	bool seen[FIRST + COUNT] = { 0 };

	ASSERT_EQ(1, vcpu_sync(vcpu));
	for (unsigned int i = 0; i < COUNT; i++)
		vm_irq_line(vm, IRQ_SPI(FIRST + i), 1);
	for (unsigned int i = 0; i < COUNT; i++) {
		uint64_t intid = vcpu_sync(vcpu);

		ASSERT_LT(intid, FIRST + COUNT);
		EXPECT_FALSE(seen[intid]);
		seen[intid] = true;
		vm_irq_line(vm, IRQ_SPI(intid), 0);
	}
	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

static __shared volatile uint64_t moved[2];

static void on_moved(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	gic_eoi(intid);
	__atomic_fetch_add(&moved[guest_cpu()->index], 1, __ATOMIC_SEQ_CST);
}

static __shared volatile uint64_t up, mpidr_of[2], end;

#define MOVES	60

static void guest_mover(uint64_t me)
{
	on_irq(on_moved);
	mpidr_of[me] = read_sysreg(mpidr_el1);
	if (me == 0) {
		gic_guest_init();
		gic_set_edge(FIRST, true);
	}
	if (me == 1) {
		GUEST_WAIT_FOR(up == 1);
		gic_guest_init_cpu();
	}
	__atomic_fetch_add(&up, 1, __ATOMIC_SEQ_CST);
	irq_enable();
	if (me == 1) {
		while (!end)
			cpu_relax();
		return;
	}
	GUEST_WAIT_FOR(up == 2);
	gic_enable(FIRST);
	for (uint64_t i = 1; i <= MOVES; i++) {
		gic_route(FIRST, mpidr_of[i & 1]);
		gic_set_pending(FIRST);
		GUEST_WAIT_FOR(moved[0] + moved[1] == i);
		GUEST_ASSERT_EQ((i + 1) / 2, moved[1]);
	}
	end = 1;
}

TEST(spi_moves_between_vcpus)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu[2];
	struct vcpu_thread t[2];
	int gic;

	up = end = moved[0] = moved[1] = 0;
	for (int i = 0; i < 2; i++)
		vcpu[i] = vcpu_add1(vm, guest_mover, i);
	gic = gic_create(vm, 64);
	for (int i = 0; i < 2; i++)
		vcpu_thread_start(&t[i], vcpu[i]);
	for (int i = 0; i < 2; i++)
		vcpu_thread_join(&t[i]);
	EXPECT_EQ(MOVES / 2, moved[0]);
	EXPECT_EQ(MOVES / 2, moved[1]);
	close(gic);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
