// SPDX-License-Identifier: GPL-2.0
/*
 * Defects of translations and LPIs that must not come back (Documentation/virt/kvm/hardening.rst): each test races the
 * operations that its name's defect was about, for a second or two, and looks whether interrupts were lost, invented or
 * delivered elsewhere, and whether all that is mapped, and nothing else, is left. Those about the queues of vCPUs and about
 * redistributors are in its_hardening_queue_test.c.
 */
#include "kvm_test.h"
#include "its_rig.h"

REQUIRE_GICV3

/* One message after the other, to a few events of a device, until it is over. */
struct sender {
	pthread_t thread;
	struct vm *vm;
	unsigned int device;
	volatile bool stop;
};

static void *send_all(void *arg)
{
	struct sender *s = arg;

	while (!s->stop)
		for (unsigned int i = 0; i < (s->device == RIG_DEVICE ? 8 : 1); i++)
			vm_signal_msi(s->vm, its_gpa(0), s->device, i);
	return NULL;
}

static void start_sender(struct sender *s, struct rig *rig, unsigned int device)
{
	*s = (struct sender) { .vm = rig->vm, .device = device };
	must(-pthread_create(&s->thread, NULL, send_all, s));
}

static void stop_sender(struct sender *s)
{
	s->stop = true;
	pthread_join(s->thread, NULL);
}

static __shared volatile uint64_t quiet;	/* no sender any more */

static void run(struct __test_metadata *_metadata, const rig_fn *fn, int sending_to, int lpis)
{
	struct sender sender;
	struct rig rig;
	int left;

	quiet = sending_to < 0;
	if (!rig_start(&rig, 2, 2, fn))
		SKIP(return, "no ITS");
	if (sending_to >= 0) {
		start_sender(&sender, &rig, sending_to);
		wait_until(rig_over || rig.thread[0].error || rig.thread[1].error, 60000);
		stop_sender(&sender);
		quiet = 1;
	}
	rig_join(&rig);
	TH_LOG("%lu rounds", (unsigned long)rig_rounds);
	EXPECT_EQ(0, rig_strays);
	left = rig_nr_lpis(&rig);
	if (left >= 0) {
		EXPECT_EQ(lpis, left);
	}
	rig_destroy(&rig);
}

/*
 * Both ITSs map and unmap, each on a vCPU of its own, what they do not share. Meanwhile messages arrive for what is not
 * touched, which no invalidation on behalf of others may cost a reference.
 */
static void churns(void)
{
	struct its_memory *its = rig_its[rig_me()];
	unsigned int i = RIG_LPIS - 1 - rig_me();

	its_mapti(its, RIG_OTHER, i, LPI_FIRST + i, rig_me());
	its_sync(its);
	its_discard(its, RIG_OTHER, i);
	rig_barrier();
	rig_jitter(3);
	its_sync(its);
}

static void double_put_first(void)
{
	rig_map(0, RIG_DEVICE, 0);
	its_sync(rig_its[0]);
	while (rig_round())
		churns();
	rig_barrier();
	GUEST_WAIT_FOR(quiet);
	/* Here they are again, whoever had some of them elsewhere. */
	its_mapc(rig_its[0], 0, rig_rdbase(0));
	its_sync(rig_its[0]);
	guest_delay_us(1000);
	rig_check(0, RIG_DEVICE, 0);
}

static void double_put_second(void)
{
	while (rig_round()) {
		churns();
		/* An invalidation that is no command */
		if (rig_rounds % 16 == 0) {
			rig_enable(1, false);
			rig_enable(1, true);
		}
	}
	rig_barrier();
}

TEST(its_cache_double_put)
{
	run(_metadata, (const rig_fn[]) { double_put_first, double_put_second }, RIG_DEVICE, RIG_LPIS);
}

/*
 * Messages for events that are unmapped under them, whose LPIs live on by another event: after DISCARD none comes through
 * the one that is gone.
 */
static void no_ref_first(void)
{
	uint64_t total;

	rig_map(0, RIG_DEVICE, 0);
	its_sync(rig_its[0]);
	while (rig_round()) {
		its_mapti(rig_its[0], RIG_OTHER, 0, LPI_FIRST, 0);
		its_sync(rig_its[0]);
		its_discard(rig_its[0], RIG_OTHER, 0);
		rig_jitter(100);
		its_sync(rig_its[0]);
		isb();
		total = rig_total(0);
		guest_delay_us(30);
		GUEST_ASSERT_EQ(total, rig_total(0));
	}
	GUEST_WAIT_FOR(quiet);
	rig_check(0, RIG_DEVICE, 0);
}

/* The same without another event: what is discarded is freed. */
static void no_ref_second(void)
{
	while (rig_round())
		;
}

TEST(its_cache_no_ref)
{
	run(_metadata, (const rig_fn[]) { no_ref_first, no_ref_second }, RIG_OTHER, RIG_LPIS);
}

static void freed_first(void)
{
	while (rig_round()) {
		its_mapti(rig_its[0], RIG_OTHER, 0, LPI_FIRST, 1);
		its_sync(rig_its[0]);
		its_discard(rig_its[0], RIG_OTHER, 0);
		rig_jitter(100);
		its_sync(rig_its[0]);
	}
	GUEST_WAIT_FOR(quiet);
	rig_map(0, RIG_OTHER, 1);
	its_sync(rig_its[0]);
	guest_delay_us(1000);
	rig_check(0, RIG_OTHER, 1);
}

TEST(its_cache_no_ref_of_what_is_freed)
{
	run(_metadata, (const rig_fn[]) { freed_first, no_ref_second }, RIG_OTHER, RIG_LPIS);
}

/* One ITS discards what the other one maps at the same time: the last reference goes while a new one is taken. */
static void swaps(void)
{
	unsigned int me = rig_me();

	for (uint64_t round = 0; rig_round(); round++) {
		/* In opposite directions, so that they meet. */
		for (unsigned int i = 0; i < RIG_LPIS; i++) {
			if ((round & 1) == me)
				its_mapti(rig_its[me], RIG_DEVICE, i, LPI_FIRST + i, me);
			else
				its_discard(rig_its[me], RIG_DEVICE, round & 2 ? i : RIG_LPIS - 1 - i);
		}
		rig_barrier();
		rig_jitter(10);
		its_sync(rig_its[me]);
		rig_barrier();
		if ((round & 1) == me && round % 8 < 2)
			rig_check(me, RIG_DEVICE, me);
	}
}

TEST(lpi_put_vs_remap)
{
	run(_metadata, (const rig_fn[]) { swaps, swaps }, -1, RIG_LPIS);
}

/* One ITS unmaps and maps; the other one moves all that there is. */
static void comes_and_goes(void)
{
	unsigned int me = rig_me();

	for (uint64_t round = 0; rig_round(); round++) {
		rig_map(me, RIG_DEVICE, round & 1);
		its_sync(rig_its[me]);
		rig_unmap(me, RIG_DEVICE);
		rig_barrier();
		rig_jitter(50);
		its_sync(rig_its[me]);
	}
	rig_map(me, RIG_DEVICE, 1);
	its_sync(rig_its[me]);
	rig_check(me, RIG_DEVICE, 1);
}

static void moves_all(void)
{
	uint64_t a = rig_rdbase(0), b = rig_rdbase(1);

	while (rig_round()) {
		for (int i = 0; i < 64; i++)
			its_movall(rig_its[0], i & 1 ? b : a, i & 1 ? a : b);
		rig_barrier();
		its_sync(rig_its[0]);
	}
}

TEST(movall_null)
{
	run(_metadata, (const rig_fn[]) { moves_all, comes_and_goes }, -1, RIG_LPIS);
}

/* The same with a redistributor that reads its pending table, again and again. */
static void reads_tables(void)
{
	while (rig_round()) {
		rig_barrier();
		for (int i = 0; i < 8; i++) {
			rig_enable(1, false);
			rig_enable(1, true);
		}
	}
}

TEST(pendsync_null)
{
	run(_metadata, (const rig_fn[]) { reads_tables, comes_and_goes }, -1, RIG_LPIS);
}

TEST_HARNESS_MAIN
