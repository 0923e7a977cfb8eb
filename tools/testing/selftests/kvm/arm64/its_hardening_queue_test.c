// SPDX-License-Identifier: GPL-2.0
/*
 * As its_hardening_test.c: defects about LPIs that are on a vCPU's queue or in its list registers while something takes
 * them away from there.
 */
#include <stdio.h>

#include "kvm_test.h"
#include "its_rig.h"

REQUIRE_GICV3

/* All events of the device in turn, until it is over. */
struct sender {
	pthread_t thread;
	struct vm *vm;
	unsigned int device;
	volatile bool stop;
};

static __shared volatile uint64_t quiet;	/* no sender any more */

static void *send_all(void *arg)
{
	struct sender *s = arg;

	while (!s->stop)
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			vm_signal_msi(s->vm, its_gpa(0), s->device, i);
	return NULL;
}

static void run(struct __test_metadata *_metadata, unsigned int vcpus, const rig_fn *fn, int sending_to)
{
	struct sender sender = { .device = sending_to };
	struct rig rig;

	quiet = sending_to < 0;
	if (!rig_start(&rig, vcpus, 2, fn))
		SKIP(return, "no ITS");
	if (!quiet) {
		sender.vm = rig.vm;
		must(-pthread_create(&sender.thread, NULL, send_all, &sender));
		wait_until(rig_over || rig.thread[0].error || rig.thread[1].error, 60000);
		sender.stop = true;
		pthread_join(sender.thread, NULL);
		quiet = 1;
	}
	rig_join(&rig);
	TH_LOG("%lu rounds", (unsigned long)rig_rounds);
	EXPECT_EQ(0, rig_strays);
	rig_destroy(&rig);
}

/* Runs with what is pending in its list registers, and takes it a little later. */
static void looks_away(void)
{
	irq_disable();
	rig_jitter(30);
	irq_enable();
	isb();
}

/* LPIs are disabled at a redistributor, which empties a queue, while what is on it is unmapped and arrives. */
static void prune_first(void)
{
	while (rig_round()) {
		for (int i = 0; i < 4; i++) {
			rig_enable(1, false);
			rig_enable(1, true);
		}
	}
	GUEST_WAIT_FOR(quiet);
	guest_delay_us(1000);
	rig_check(0, RIG_DEVICE, 1);
}

static void prune_second(void)
{
	while (rig_round()) {
		for (int i = 0; i < 2; i++) {
			rig_map(0, RIG_DEVICE, 1);
			its_sync(rig_its[0]);
			looks_away();
			rig_unmap(0, RIG_DEVICE);
			its_sync(rig_its[0]);
		}
	}
	rig_map(0, RIG_DEVICE, 1);
	its_sync(rig_its[0]);
	GUEST_WAIT_FOR(quiet);
}

TEST(aplist_prune_uaf)
{
	run(_metadata, 2, (const rig_fn[]) { prune_first, prune_second }, RIG_DEVICE);
}

/*
 * Two ITSs move the same LPIs between the same two queues, while they are pending and nobody takes them: there are more than
 * list registers. Afterwards each arrives, once.
 */
static void moves_pending(uint64_t round)
{
	unsigned int me = rig_me();
	uint64_t a = rig_rdbase(0), b = rig_rdbase(1);

	if (me) {
		for (unsigned int i = 0; i < 4; i++)
			its_movall(rig_its[1], i & 1 ? b : a, i & 1 ? a : b);
	} else {
		for (unsigned int e = 0; e < RIG_LPIS; e++)
			its_movi(rig_its[0], RIG_DEVICE, e, round & 1);
	}
	rig_barrier();
	rig_jitter(50);
	its_sync(rig_its[me]);
	rig_barrier();
}

static void double_del(void)
{
	unsigned int me = rig_me();

	if (!me) {
		rig_map(0, RIG_DEVICE, 0);
		its_sync(rig_its[0]);
	}
	for (uint64_t round = 1; rig_round(); round++) {
		irq_disable();
		rig_barrier();
		if (!me) {
			for (unsigned int i = 0; i < RIG_LPIS; i++)
				its_int(rig_its[0], RIG_DEVICE, i);
			its_sync(rig_its[0]);
		}
		rig_barrier();
		moves_pending(round);
		irq_enable();
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			GUEST_WAIT_FOR(rig_total(i) == round);
	}
	rig_barrier();
	guest_delay_us(100);
	if (!me) {
		its_mapc(rig_its[0], 0, rig_rdbase(0));
		its_mapc(rig_its[0], 1, rig_rdbase(0));
		its_sync(rig_its[0]);
		rig_check(0, RIG_DEVICE, 0);
	}
}

TEST(aplist_double_del)
{
	run(_metadata, 2, (const rig_fn[]) { double_del, double_del }, -1);
}

/* What was sent to a vCPU that runs is taken there, or is in its table when its LPIs are off; and nothing is both. */
static void disable_first(void)
{
	uint64_t sent = 0, there[RIG_LPIS];

	rig_map(0, RIG_DEVICE, 1);
	its_sync(rig_its[0]);
	while (rig_round()) {
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			its_int(rig_its[0], RIG_DEVICE, i);
		its_sync(rig_its[0]);
		sent++;
		rig_jitter(20);
		if (sent & 1) {
			rig_enable(1, false);
			for (unsigned int i = 0; i < RIG_LPIS; i++)
				GUEST_WAIT_FOR(rig_taken[1][i] + lpi_pending_bit(rig_lpi, 1, LPI_FIRST + i) == sent);
			guest_delay_us(50);
			for (unsigned int i = 0; i < RIG_LPIS; i++)
				GUEST_ASSERT_EQ(sent, rig_taken[1][i] + lpi_pending_bit(rig_lpi, 1, LPI_FIRST + i));
			rig_enable(1, true);
			for (unsigned int i = 0; i < RIG_LPIS; i++)
				GUEST_WAIT_FOR(rig_taken[1][i] == sent);
			continue;
		}
		/* By MOVALL: taken there, or here. */
		its_movall(rig_its[0], rig_rdbase(1), rig_rdbase(0));
		its_sync(rig_its[0]);
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			GUEST_WAIT_FOR(rig_total(i) == sent);
		guest_delay_us(50);
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			there[i] = rig_taken[0][i];
		for (unsigned int i = 0; i < RIG_LPIS; i++) {
			GUEST_ASSERT_EQ(sent, rig_total(i));
			/* For the next round */
			rig_taken[1][i] += there[i];
			rig_taken[0][i] = 0;
		}
		its_mapc(rig_its[0], 1, rig_rdbase(1));
		its_sync(rig_its[0]);
	}
}

static void disable_second(void)
{
	while (rig_round())
		for (int i = 0; i < 4; i++)
			looks_away();
}

TEST(lpi_disable_remote_uaf)
{
	run(_metadata, 2, (const rig_fn[]) { disable_first, disable_second }, -1);
}

/* After MOVI nothing is taken where the interrupt was, whether LPIs are enabled there or not. */
static void movi_first(void)
{
	uint64_t moved, here[RIG_LPIS];

	rig_map(0, RIG_DEVICE, 1);
	its_sync(rig_its[0]);
	while (rig_round()) {
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			its_int(rig_its[0], RIG_DEVICE, i);
		its_sync(rig_its[0]);
		rig_jitter(20);
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			its_movi(rig_its[0], RIG_DEVICE, i, 0);
		its_sync(rig_its[0]);
		moved = guest_now();
		guest_delay_us(40);
		for (unsigned int i = 0; i < RIG_LPIS; i++) {
			here[i] = rig_taken[0][i];
			its_int(rig_its[0], RIG_DEVICE, i);
		}
		its_sync(rig_its[0]);
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			GUEST_WAIT_FOR(rig_taken[0][i] == here[i] + 1);
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			GUEST_ASSERT(rig_when[1][i] <= moved);
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			its_movi(rig_its[0], RIG_DEVICE, i, 1);
		its_sync(rig_its[0]);
	}
}

static void movi_second(void)
{
	for (uint64_t round = 0; rig_round(); round++) {
		/* About as long as the other one's round */
		for (int i = 0; i < 40; i++) {
			looks_away();
			if (round & 1)
				continue;
			rig_enable(1, false);
			rig_jitter(10);
			rig_enable(1, true);
		}
	}
}

TEST(movi_disabled_target)
{
	run(_metadata, 2, (const rig_fn[]) { movi_first, movi_second }, -1);
}

/* MOVALL from 1 to 0 while each LPI moves from 1 to 2: there it stays, whichever of the two came first. */
static void wrong_source_first(void)
{
	rig_map(1, RIG_DEVICE, 1);
	its_sync(rig_its[1]);
	while (rig_round()) {
		its_movall(rig_its[0], rig_rdbase(1), rig_rdbase(0));
		rig_barrier();
		rig_jitter(30);
		its_sync(rig_its[0]);
		rig_barrier();
	}
}

static void wrong_source_second(void)
{
	while (rig_round()) {
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			its_movi(rig_its[1], RIG_DEVICE, RIG_LPIS - 1 - i, 2);
		rig_barrier();
		rig_jitter(30);
		its_sync(rig_its[1]);
		rig_barrier();
		its_movall(rig_its[1], rig_rdbase(1), rig_rdbase(0));
		its_sync(rig_its[1]);
		rig_expect(1, RIG_DEVICE, 2);
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			its_movi(rig_its[1], RIG_DEVICE, i, 1);
		its_sync(rig_its[1]);
	}
}

TEST(movall_wrong_source)
{
	run(_metadata, 3, (const rig_fn[]) { wrong_source_first, wrong_source_second }, -1);
}

/* ---- VMs that end with LPIs pending */

#define MANY_BITS	12
#define MANY		(1u << MANY_BITS)
#define ENDS		8

static void guest_leaves_many(struct its_memory *its, struct lpi_memory *lpi)
{
	gic_guest_init();
	for (unsigned int i = 0; i < MANY; i++)
		lpi_configure(lpi, LPI_FIRST + i, RIG_PRIORITY, true);
	lpi_guest_init_cpu(lpi);
	its_guest_init(its);
	its_mapc(its, 0, its_rdbase());
	its_mapd(its, 1, its_itt_alloc(its, MANY_BITS), MANY_BITS);
	for (unsigned int i = 0; i < MANY; i++) {
		its_mapti(its, 1, i, LPI_FIRST + i, 0);
		its_int(its, 1, i);
	}
	its_sync(its);
}

static long unreclaimable_kb(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	long kb = -1;

	while (f && kb < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "SUnreclaim: %ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

static void end_with_many(void)
{
	struct vm *vm = vm_create();
	struct lpi_memory *lpi = lpi_memory(vm, 1);
	struct its_memory *mem = its_memory(vm, &(struct its_params) { .devices = 1024 });
	struct vcpu *vcpu = vcpu_add2(vm, guest_leaves_many, vm_gva_of(vm, mem), vm_gva_of(vm, lpi));
	int gic = gic_create(vm, 64), its = its_create(vm, its_gpa(0));

	vcpu_done(vcpu);
	close(its);
	close(gic);
	vm_destroy(vm);
}

FIXTURE(many) {
	long before;		/* KiB */
};

FIXTURE_SETUP(many)
{
	if (!gic_v3_available() || !its_available())
		SKIP(return, "no ITS");
	/* KASAN keeps what is freed, up to a share of all memory; kmemleak looks for leaks there. */
	if (kernel_checks_itself())
		SKIP(return, "the kernel looks for leaks itself");
}

FIXTURE_TEARDOWN(many)
{
}

TEST_F_TIMEOUT(many, vcpu_destroy_pending_lpi, 240)
{
	long after;

	end_with_many();
	usleep(300 * 1000);
	self->before = unreclaimable_kb();
	for (int i = 0; i < ENDS; i++)
		end_with_many();
	/* An LPI has more than 128 bytes; a quarter of them would be seen. Freeing takes a grace period, or two. */
	wait_until((after = unreclaimable_kb()) - self->before < ENDS * MANY / 4 * 128 / 1024, 5000);
	TH_LOG("%ld KiB before, %ld KiB after", self->before, after);
	EXPECT_LT(after - self->before, ENDS * MANY / 4 * 128 / 1024);
}

TEST_HARNESS_MAIN
