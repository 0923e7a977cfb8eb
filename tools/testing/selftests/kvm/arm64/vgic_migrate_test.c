// SPDX-License-Identifier: GPL-2.0
/*
 * Stop, save, destroy, create, restore, go on: no interrupt is lost, none comes twice. The state is also put back by
 * hand from a known one, and then all of it is compared.
 */
#include <stdio.h>
#include <time.h>

#include "kvm_test.h"
#include "migrate.h"
#include "timer.h"

REQUIRE_GICV3

/* ------------------------------------------------------------------------------- One vCPU, known state */

#define PENDING		40
#define ACTIVE		41
#define BOTH		42
#define DISABLED	43
#define LATCHED_LEVEL	44
#define LINE_HIGH	45
#define MASKED		46
#define SGI		3
#define PPI		20

#define ALL_INTIDS	(MASKED + 1)

static void guest_known(void)
{
	uint64_t here = read_sysreg(mpidr_el1);

	gic_guest_init();
	write_sysreg(icc_ctlr_el1, 2);		/* EOI drops the priority, DIR deactivates */
	for (unsigned int i = PENDING; i < ALL_INTIDS; i++) {
		gic_route(i, here);
		gic_set_edge(i, i != LATCHED_LEVEL && i != LINE_HIGH);
		gic_set_priority(i, i << 3 & 0x78);
	}
	gic_enable(ACTIVE);
	gic_enable(BOTH);
	gic_set_pending(ACTIVE);
	GUEST_WAIT_FOR(gic_ack() == ACTIVE);
	gic_eoi(ACTIVE);			/* priority dropped, active */
	gic_set_pending(BOTH);
	GUEST_WAIT_FOR(gic_ack() == BOTH);	/* not even that: its priority is running */
	gic_set_pending(BOTH);

	gic_set_priority(MASKED, 0xf0);
	write_sysreg(icc_pmr_el1, 0xe0);
	for (unsigned int i = PENDING; i < ALL_INTIDS; i++)
		if (i != DISABLED)
			gic_enable(i);
	gic_set_pending(PENDING);
	gic_set_pending(DISABLED);
	gic_set_pending(LATCHED_LEVEL);
	gic_set_pending(MASKED);
	gic_set_priority(SGI, 0x68);
	gic_enable(SGI);
	gic_send_sgi(here, SGI);
	gic_set_priority(PPI, 0x68);
	gic_enable(PPI);
	guest_sync(1);				/* raises LINE_HIGH and PPI; saves and restores */

	GUEST_ASSERT_EQ(0xe0, read_sysreg(icc_pmr_el1));
	GUEST_ASSERT(gic_is_active(ACTIVE) && !gic_is_pending(ACTIVE));
	GUEST_ASSERT(gic_is_active(BOTH) && gic_is_pending(BOTH));
	GUEST_ASSERT(gic_is_pending(DISABLED) && !gic_is_active(DISABLED));
	GUEST_ASSERT(gic_is_pending(MASKED) && gic_is_pending(LATCHED_LEVEL) && gic_is_pending(LINE_HIGH));
	GUEST_ASSERT(gic_is_pending(PPI) && gic_is_pending(SGI) && gic_is_pending(PENDING));

	/* BOTH (0x50) is running: 40 has 0x40 and preempts. */
	GUEST_ASSERT_EQ(0x50, read_sysreg(icc_rpr_el1));
	GUEST_ASSERT_EQ(PENDING, gic_ack());
	gic_eoi(PENDING);
	gic_deactivate(PENDING);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	gic_eoi(BOTH);
	gic_deactivate(BOTH);
	GUEST_ASSERT_EQ(BOTH, gic_ack());	/* it was pending again */
	gic_eoi(BOTH);
	gic_deactivate(BOTH);
	GUEST_ASSERT_EQ(LATCHED_LEVEL, gic_ack());
}

/* Three of the same priority come in any order. */
static void guest_known_rest(void)
{
	static const unsigned int want[] = { SGI, PPI, LINE_HIGH };
	unsigned int seen = 0;

	gic_eoi(LATCHED_LEVEL);
	gic_deactivate(LATCHED_LEVEL);
	for (int n = 0; n < 3; n++) {
		unsigned int intid = gic_ack();

		for (int i = 0; i < 3; i++)
			if (want[i] == intid)
				seen |= 1u << i;
		if (intid == LINE_HIGH || intid == PPI)
			guest_sync(intid);	/* lowers it */
		gic_eoi(intid);
		gic_deactivate(intid);
	}
	GUEST_ASSERT_EQ(7, seen);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	write_sysreg(icc_pmr_el1, 0xff);
	GUEST_ASSERT_EQ(MASKED, gic_ack());
	gic_eoi(MASKED);
	gic_deactivate(MASKED);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	gic_enable(DISABLED);
	GUEST_WAIT_FOR(gic_ack() == DISABLED);
	gic_eoi(DISABLED);
	gic_deactivate(DISABLED);
	gic_deactivate(ACTIVE);
	for (unsigned int i = 0; i < ALL_INTIDS; i++)
		GUEST_ASSERT(!gic_is_active(i));
	GUEST_ASSERT_EQ(0xff, read_sysreg(icc_rpr_el1));
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

static void guest_known_all(void)
{
	guest_known();
	guest_known_rest();
}

TEST(every_state)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_known_all);
	int gic = gic_create(vm, 64);
	struct migrate *m;
	uint64_t intid;

	ASSERT_EQ(1, vcpu_sync(vcpu));
	vm_irq_line(vm, IRQ_SPI(LINE_HIGH), 1);
	vm_irq_line(vm, IRQ_PPI(0, PPI), 1);

	/* More than once: what is restored can be saved again. */
	for (int i = 0; i < 3; i++) {
		struct migrate *again;

		m = migrate_save(vm, gic);
		close(gic);
		vm_destroy(vm);
		vm = vm_create();
		vcpu = vcpu_add(vm, guest_known_all);
		gic = gic_create(vm, 64);
		migrate_restore(m, vm, gic);
		again = migrate_save(vm, gic);
		EXPECT_EQ(0, migrate_compare_gic(again, vm, gic));
		migrate_restore(again, vm, gic);
	}
	for (int i = 0; i < 2; i++) {
		intid = vcpu_sync(vcpu);
		vm_irq_line(vm, intid == PPI ? IRQ_PPI(0, PPI) : IRQ_SPI(LINE_HIGH), 0);
	}
	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

/* -------------------------------------------------------------------------------- Traffic, many times */

#define NR_EDGE		8		/* SPIs 40 to 47, by the host */
#define FIRST_EDGE	40
#define LEVEL		50		/* held until the guest has been seen to take it */
#define CPUS		2
#define ROUNDS		12

static __shared volatile uint64_t edge_taken[NR_EDGE], level_taken, level_down, sgis_taken[CPUS], ticks[CPUS];
static __shared volatile uint64_t wrong, set_up, finish, finished, level_seen;

static void traffic_irq(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack(), cpu = guest_cpu()->index;

	if (intid == GIC_SPURIOUS)
		return;
	if (intid >= FIRST_EDGE && intid < FIRST_EDGE + NR_EDGE) {
		__atomic_fetch_add(&edge_taken[intid - FIRST_EDGE], 1, __ATOMIC_SEQ_CST);
	} else if (intid == LEVEL) {
		gic_disable(LEVEL);
		/* In this order: the host takes the count for leave to raise the line again. */
		level_seen = 1;
		__atomic_fetch_add(&level_taken, 1, __ATOMIC_SEQ_CST);
	} else if (intid == SGI) {
		__atomic_fetch_add(&sgis_taken[cpu], 1, __ATOMIC_SEQ_CST);
	} else if (intid == PPI_VTIMER) {
		ticks[cpu]++;
		timer_start(TIMER_VIRTUAL, guest_ms(2));
	} else {
		wrong = intid;
	}
	/* A while in which it is active. */
	guest_delay_us(intid % 4 * 20);
	gic_eoi(intid);
}

static void guest_traffic(uint64_t other)
{
	unsigned int cpu = guest_cpu()->index;
	uint64_t sent = 0;

	on_irq(traffic_irq);
	if (cpu == 0) {
		gic_guest_init();
		for (unsigned int i = FIRST_EDGE; i <= LEVEL; i++) {
			gic_set_edge(i, i != LEVEL);
			gic_route(i, i & 1 ? other : read_sysreg(mpidr_el1));
			gic_set_priority(i, i << 3 & 0x78);
			gic_enable(i);
		}
		set_up = 1;
	} else {
		while (!(guest_mmio_read32(GIC_DIST_GPA + GICD_CTLR) & GICD_CTLR_GRP1))
			cpu_relax();
		gic_guest_init_cpu();
	}
	gic_enable(SGI);
	gic_enable(PPI_VTIMER);
	timer_start(TIMER_VIRTUAL, guest_ms(2));
	irq_enable();
	while (!finish) {
		/* One at a time, so that each one counts. */
		if (sgis_taken[!cpu] == sent) {
			sent++;
			gic_send_sgi(other, SGI);
		}
		if (cpu == 0 && level_seen && level_down) {
			level_seen = 0;
			level_down = 0;
			gic_enable(LEVEL);
		}
		if (sent % 3 == 0)
			wfi();
	}
	GUEST_WAIT_FOR(sgis_taken[!cpu] == sent);
	/* The other one may still wait for this one to take its last. */
	__atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
	GUEST_WAIT_FOR(finished == CPUS);
	irq_disable();
	timer_stop(TIMER_VIRTUAL);
}

static struct vm *traffic_vm(int *gic)
{
	struct vm *vm = vm_create();

	for (unsigned int i = 0; i < CPUS; i++)
		vcpu_add(vm, guest_traffic);
	for (unsigned int i = 0; i < CPUS; i++)
		vm->vcpu[i]->cpu->boot.arg[0] = vcpu_mpidr(vm->vcpu[!i]);
	*gic = gic_create(vm, 64);
	return vm;
}

static uint64_t edges[NR_EDGE], levels;

/* Each input that was taken is driven again. */
static void drive(struct vm *vm)
{
	if (!set_up)
		return;
	for (unsigned int i = 0; i < NR_EDGE; i++)
		if (edge_taken[i] == edges[i]) {
			edges[i]++;
			vm_irq_line(vm, IRQ_SPI(FIRST_EDGE + i), 1);
			vm_irq_line(vm, IRQ_SPI(FIRST_EDGE + i), 0);
		}
	if (level_taken == levels && !level_seen && !level_down) {
		levels++;
		vm_irq_line(vm, IRQ_SPI(LEVEL), 1);
	} else if (level_seen && !level_down) {
		vm_irq_line(vm, IRQ_SPI(LEVEL), 0);
		level_down = 1;
	}
}

static bool all_taken(void)
{
	for (unsigned int i = 0; i < NR_EDGE; i++)
		if (edge_taken[i] != edges[i])
			return false;
	return level_taken == levels;
}

/* What the vCPUs of a VM that stands still look like. */
static void traffic_dump(struct vm *vm, int gic)
{
	uint32_t v[4];

	printf("# edges");
	for (unsigned int i = 0; i < NR_EDGE; i++)
		printf(" %lu/%lu", (unsigned long)edge_taken[i], (unsigned long)edges[i]);
	printf(", levels %lu/%lu seen %lu down %lu\n", (unsigned long)level_taken, (unsigned long)levels,
	       (unsigned long)level_seen, (unsigned long)level_down);
	for (unsigned int i = 0; i < CPUS; i++) {
		struct vcpu *vcpu = vm->vcpu[i];
		uint64_t mpidr = vcpu_mpidr(vcpu);

		gic_redist_get(gic, mpidr, GIC_SGI_FRAME + GICD_ISENABLER, &v[0]);
		gic_redist_get(gic, mpidr, GIC_SGI_FRAME + GICD_ISPENDR, &v[1]);
		gic_redist_get(gic, mpidr, GIC_SGI_FRAME + GICD_ISACTIVER, &v[2]);
		gic_level_get(gic, mpidr, 0, &v[3]);
		printf("# vCPU %u: pc %#lx pstate %#lx ticks %lu sgis %lu enabled %#x pending %#x active %#x lines %#x"
		       " timer %#lx at %ld\n", i, (unsigned long)vcpu_reg(vcpu, REG_PC),
		       (unsigned long)vcpu_reg(vcpu, REG_PSTATE), (unsigned long)ticks[i], (unsigned long)sgis_taken[i],
		       v[0], v[1], v[2], v[3], (unsigned long)vcpu_reg(vcpu, KVM_REG_ARM_TIMER_CTL),
		       (long)(vcpu_reg(vcpu, KVM_REG_ARM_TIMER_CVAL) - vcpu_reg(vcpu, KVM_REG_ARM_TIMER_CNT)));
	}
	gic_dist_get(gic, 0, GICD_ISENABLER + 4, &v[0]);
	gic_dist_get(gic, 0, GICD_ISPENDR + 4, &v[1]);
	gic_dist_get(gic, 0, GICD_ISACTIVER + 4, &v[2]);
	gic_level_get(gic, 0, 32, &v[3]);
	printf("# SPIs: enabled %#x pending %#x active %#x lines %#x\n", v[0], v[1], v[2], v[3]);
}

/* Until a time, however busy the machine is. */
#define within_seconds(condition, seconds) ({						\
	time_t until_ = time(NULL) + (seconds);						\
	while (!(condition) && time(NULL) < until_)					\
		usleep(100);								\
	(bool)(condition); })

TEST(traffic)
{
	struct vcpu_thread t[CPUS];
	uint64_t before[CPUS + 1];
	bool alive;
	struct migrate *m;
	struct vm *vm;
	int gic;

	vm = traffic_vm(&gic);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (unsigned int i = 0; i < CPUS; i++) {
			before[i] = ticks[i];
			vcpu_thread_start(&t[i], vm->vcpu[i]);
		}
		before[CPUS] = edge_taken[0];
		/* Timers and inputs are alive on this side, or what they wait for was lost on the way. */
		alive = within_seconds((drive(vm), ticks[0] != before[0] && ticks[1] != before[1] &&
					edge_taken[0] > before[CPUS] + round % 3), 8);
		/* Stop with some of it under way. */
		for (unsigned int n = 0; n <= round % 4; n++)
			drive(vm);
		for (unsigned int i = 0; i < CPUS; i++)
			vcpu_thread_stop(&t[i]);
		if (!alive)
			traffic_dump(vm, gic);
		ASSERT_TRUE(alive);
		ASSERT_EQ(0, t[0].error);
		ASSERT_EQ(0, t[1].error);

		m = migrate_save(vm, gic);
		close(gic);
		vm_destroy(vm);
		vm = traffic_vm(&gic);
		migrate_restore(m, vm, gic);
	}
	for (unsigned int i = 0; i < CPUS; i++)
		vcpu_thread_start(&t[i], vm->vcpu[i]);
	alive = within_seconds(all_taken(), 8);
	if (!alive) {
		for (unsigned int i = 0; i < CPUS; i++)
			vcpu_thread_stop(&t[i]);
		traffic_dump(vm, gic);
	}
	ASSERT_TRUE(alive);
	usleep(20000);
	finish = 1;
	for (unsigned int i = 0; i < CPUS; i++)
		vcpu_thread_join(&t[i]);
	for (unsigned int i = 0; i < NR_EDGE; i++)
		EXPECT_EQ(edges[i], edge_taken[i]);
	EXPECT_EQ(levels, level_taken);
	EXPECT_EQ(0, wrong);
	EXPECT_TRUE(edges[0] > ROUNDS && levels > 1 && sgis_taken[0] > ROUNDS && sgis_taken[1] > ROUNDS);
	close(gic);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
