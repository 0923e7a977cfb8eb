// SPDX-License-Identifier: GPL-2.0
/*
 * Defects that are races (Documentation/virt/kvm/hardening.rst), in many of the
 * orders that threads can go through the code in.  A count that is wrong, a use
 * of what is freed, a wait without end: each ends the test, which says with
 * which seed.  RACE_SEED runs that one alone.
 */

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ktap.h"
#include "world.h"

#define ROUNDS	6

static unsigned long seed;

static void on_abort(int sig)
{
	char text[] = "# seed 0000000\n";
	unsigned long n = seed;
	int i;

	for (i = 13; n && i > 6; i--, n /= 10)
		text[i] = '0' + n % 10;
	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0 || !sig)
		return;
	_exit(1);
}

static void on_report(void)
{
	on_abort(0);
}

/* So that its reports end as others do */
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "abort_on_error=1";
}

extern void __sanitizer_set_death_callback(void (*fn)(void));

static unsigned long number(const char *name, unsigned long other)
{
	const char *s = getenv(name);

	return s ? strtoul(s, NULL, 0) : other;
}

static void run_seeds(thread_fn *const *fn, unsigned int nr, void (*set_up)(void))
{
	unsigned long only = number("RACE_SEED", 0);
	unsigned long last = only ?: number("RACE_RUNS", 1000);

	signal(SIGABRT, on_abort);
	__sanitizer_set_death_callback(on_report);
	for (seed = only ?: 1; seed <= last; seed++) {
		world_start();
		set_up();
		sched_run(seed, fn, nr);
		world_end();
	}
}

static void race(thread_fn *const *fn, unsigned int nr, void (*set_up)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		run_seeds(fn, nr, set_up);
		_exit(0);
	}
	expect(pid > 0 && waitpid(pid, &status, 0) == pid && !status, "status %#x", status);
}

#define RACE(set_up, ...) do {							\
	static thread_fn *const fn[] = { __VA_ARGS__ };				\
										\
	race(fn, ARRAY_SIZE(fn), set_up);					\
} while (0)

static bool often(void)
{
	return sched_random() % 2;
}

static void nothing(void)
{
}

/* ---- Mappings and references */

/* Event 0 and LPI 0 of ITS n */
static void comes_and_goes(unsigned int n)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		mapti(n, 0, 0, sched_random() % 2);
		if (often())
			pend(n, 0);
		discard(n, 0);
	}
}

static void comes_and_goes_0(unsigned int self)
{
	comes_and_goes(0);
}

static void comes_and_goes_1(unsigned int self)
{
	comes_and_goes(1);
}

static void messages(unsigned int self)
{
	int i;

	for (i = 0; i < 2 * ROUNDS; i++)
		msi(i % NR_ITS, 0);
}

/* The same commands from two vCPUs: each command is one step, so the second finds nothing to undo. */
static void undoes_0(unsigned int self)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		discard(0, i % 2);
		mapti(0, i % 2, 0, 0);
		if (sched_random() % 4 == 0) {
			mapd(0, often());
			mapd(0, true);
		}
	}
}

static void maps_0(void)
{
	mapti(0, 0, 0, 0);
	mapti(0, 1, 0, 1);
	mapti(1, 0, 0, 1);
}

static void its_cache_double_put(void)
{
	RACE(maps_0, undoes_0, undoes_0, comes_and_goes_1, messages);
}

static void its_cache_no_ref(void)
{
	RACE(nothing, comes_and_goes_0, messages, messages);
}

/* After DISCARD no message comes through what it ended, though the LPI has another event. */
static void discards_one(unsigned int self)
{
	struct vgic_irq *lpi = vgic_lpi_get(&vm, LPI(0));
	int i, n;

	for (i = 0; i < ROUNDS; i++) {
		mapti(0, 0, 0, 0);
		sched_yield_cpu();
		discard(0, 0);
		for (n = 0; n < 4; n++) {
			assert(!vgic_irq_pending(lpi));
			sched_yield_cpu();
		}
	}
	vgic_irq_put(&vm, lpi);
}

static void messages_0(unsigned int self)
{
	int i;

	for (i = 0; i < 4 * ROUNDS; i++)
		msi(0, 0);
}

static void maps_1(void)
{
	mapti(1, 0, 0, 0);
}

static void its_cache_no_ref_discard_ends(void)
{
	RACE(maps_1, discards_one, messages_0);
}

static void lpi_put_vs_remap(void)
{
	RACE(nothing, comes_and_goes_0, comes_and_goes_1);
}

/* ---- Walks over all LPIs */

/* One that stays on a queue, while others come and go: the queue has a reference of its own. */
static void one_is_pending(void)
{
	mapti(1, 3, 3, 0);
	pend(1, 3);
}

static void moves_all(unsigned int self)
{
	int i;

	for (i = 0; i < 2 * ROUNDS; i++)
		movall(0, i & 1, !(i & 1));
}

static void movall_null(void)
{
	RACE(one_is_pending, moves_all, comes_and_goes_1);
}

static void reads_tables(unsigned int self)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		enable(1, false);
		set_pending_bit(1, i % 2);
		enable(1, true);
	}
}

static void pendsync_null(void)
{
	RACE(one_is_pending, reads_tables, comes_and_goes_1);
}

/* ---- Queues and list registers */

static void comes_pending(unsigned int self)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		mapti(1, 0, 0, 1);
		mapti(1, 1, 1, 1);
		pend(1, 0);
		msi(1, 1);
		discard(1, 0);
		discard(1, 1);
	}
}

static void vcpu_0(unsigned int self)
{
	run_vcpu(0);
}

static void vcpu_1(unsigned int self)
{
	run_vcpu(1);
}

static void aplist_prune_uaf(void)
{
	RACE(nothing, reads_tables, comes_pending, vcpu_1);
}

static void pends_three(unsigned int self)
{
	int i;

	for (i = 0; i < 3 * ROUNDS; i++)
		msi(0, i % 3);
}

static void moves_each(unsigned int self)
{
	int i;

	for (i = 0; i < 3 * ROUNDS; i++)
		movi(0, i % 3, sched_random() % 2);
}

static void maps_three(void)
{
	int i;

	for (i = 0; i < 3; i++)
		mapti(0, i, i, i % 2);
}

static void aplist_double_del(void)
{
	RACE(maps_three, moves_each, moves_all, pends_three, vcpu_0, vcpu_1);
}

static void wait_a_little(void)
{
	unsigned int n = sched_random() % 12;

	while (n--)
		sched_yield_cpu();
}

/* What has been taken away from a redistributor, by EnableLPIs, is not taken there. */
static void disables(unsigned int self)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		pend(0, 1);
		wait_a_little();
		enable(1, false);
		lpis_off[1] = true;
		wait_a_little();
		lpis_off[1] = false;
		enable(1, true);
	}
}

/* Late in the walk, so that it ends soon after it has seen them. */
static void maps_last(void)
{
	lpi_first = LPI_LAST;
	maps_three();
}

static void lpi_disable_remote_uaf(void)
{
	RACE(maps_last, disables, pends_three, vcpu_1);
}

/* ... by MOVI, with LPIs enabled at the old place or not */
static void moves_away(unsigned int self)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		pend(0, 0);
		wait_a_little();
		movi(0, 0, 0);
		lpi_at[0] = 0;
		wait_a_little();
		lpi_at[0] = -1;
		movi(0, 0, 1);
	}
}

static void movi_disabled_target(void)
{
	RACE(maps_three, moves_away, pends_three, vcpu_0, vcpu_1);
	RACE(maps_three, moves_away, reads_tables, vcpu_0, vcpu_1);
}

/* MOVALL from 1 to 0 and a move from 0 to 1 and back: what is not at the source stays where it is. */
static void wrong_source_moves(unsigned int self)
{
	int i;

	for (i = 0; i < 2 * ROUNDS; i++)
		movall(1, 1, 0);
}

static void wrong_source_stays(unsigned int self)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		/* Nowhere is not a source either. */
		mapc(0, 1, 1, false);
		msi(0, 1);
		assert(!its_event_find(its_device_find(&its[0], 0), 1)->lpi->target);
		mapc(0, 1, 1, true);
	}
}

static void movall_wrong_source(void)
{
	RACE(maps_three, wrong_source_moves, wrong_source_stays, vcpu_0, vcpu_1);
}

static const struct ktap_test tests[] = {
	{ "its_cache_double_put", its_cache_double_put },
	{ "its_cache_no_ref", its_cache_no_ref },
	{ "its_cache_no_ref_discard_ends", its_cache_no_ref_discard_ends },
	{ "lpi_put_vs_remap", lpi_put_vs_remap },
	{ "movall_null", movall_null },
	{ "pendsync_null", pendsync_null },
	{ "aplist_prune_uaf", aplist_prune_uaf },
	{ "aplist_double_del", aplist_double_del },
	{ "lpi_disable_remote_uaf", lpi_disable_remote_uaf },
	{ "movi_disabled_target", movi_disabled_target },
	{ "movall_wrong_source", movall_wrong_source },
};

static void returns(unsigned int self)
{
}

int main(void)
{
	/* Sanitizers warn of it the first time, once for all children. */
	sched_run(1, (thread_fn *const[]) { returns }, 1);
	return ktap_main(tests, ARRAY_SIZE(tests));
}
