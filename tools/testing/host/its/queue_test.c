// SPDX-License-Identifier: GPL-2.0
/* The command queue: what runs, where CREADR ends, and how long at a time. */

#include "ktap.h"
#include "world.h"

#define DEV	5
#define LPI	8200
#define SIZE	65536u		/* of its_world_init()'s queue */

static struct its its;

static void start(void)
{
	world_reset();
	its_world_init(&its);
	run(&its, cmd_mapd(DEV, 16, MEM_ITTS, true));
	run(&its, cmd_mapc(0, 0, true));
	world.work = 0;
	world.max_work = 0;
	world.reads = 0;
}

static void finish(void)
{
	expect(!world.writes, "%lu writes to guest memory", world.writes);
	its_world_destroy(&its);
	expect(!world.nr_allocs, "%ld allocations are left", world.nr_allocs);
}

static int queue_run(void)
{
	int ret;

	mutex_lock(&its.lock);
	ret = its_queue_run(&its);
	mutex_unlock(&its.lock);
	return ret;
}

/* Events from @event on, one for each command */
static void fill(u32 offset, unsigned int nr, u32 event)
{
	while (nr--) {
		queue_put(&its, offset, cmd_mapti(DEV, event, LPI + event, 0));
		event++;
		offset = (offset + 32) % SIZE;
	}
	its.cwriter = offset;
}

static void empty(void)
{
	start();
	expect(queue_run() == 0 && !world.reads, "%lu reads", world.reads);
	finish();
}

static void in_order(void)
{
	start();
	queue_put(&its, 0, cmd_mapti(DEV, 1, LPI, 0));
	queue_put(&its, 32, cmd_discard(DEV, 1));
	queue_put(&its, 64, cmd_mapti(DEV, 1, LPI + 1, 0));
	its.cwriter = 96;
	expect(queue_run() == 0, "result");
	expect(its.creadr == 96, "CREADR %#x", its.creadr);
	expect(translate(&its, DEV, 1) == LPI + 1, "%u", translate(&its, DEV, 1));
	expect(world.reads == 1, "%lu reads", world.reads);
	finish();
}

/* From each offset, around the end, one block more or less */
static void wraps(void)
{
	unsigned int nr;
	u32 from;

	start();
	for (from = SIZE - 40 * 32; from < SIZE; from += 32) {
		for (nr = 1; nr < 80; nr += 13) {
			run(&its, cmd_mapd(DEV, 16, MEM_ITTS, true));
			its.creadr = from;
			fill(from, nr, from / 32);
			expect(queue_run() == 0, "result");
			expect(its.creadr == its.cwriter, "CREADR %#x", its.creadr);
			expect(its.nr_translations == nr, "%u of %u", its.nr_translations, nr);
			expect(translate(&its, DEV, from / 32 + nr - 1), "last one of %u", nr);
		}
	}
	finish();
}

static void disabled(void)
{
	start();
	fill(0, 10, 0);
	its.enabled = false;
	queue_run();
	expect(!its.creadr && !its.nr_translations, "while disabled");
	its.enabled = true;
	its.cbaser &= ~ITS_CBASER_VALID;
	queue_run();
	expect(!its.creadr && !its.nr_translations, "while not valid");
	its.cbaser |= ITS_CBASER_VALID;
	queue_run();
	expect(its.creadr == 320 && its.nr_translations == 10, "CREADR %#x", its.creadr);
	finish();
}

static void beyond_the_end(void)
{
	start();
	fill(0, 10, 0);
	its.cwriter = SIZE;
	queue_run();
	expect(!its.creadr && !world.reads, "CWRITER at the end");
	its.cwriter = 0xfffe0;
	queue_run();
	expect(!its.creadr && !world.reads, "CWRITER beyond the end");
	its.cwriter = 320;
	its.creadr = SIZE;
	queue_run();
	expect(its.creadr == SIZE && !world.reads, "CREADR beyond the end");
	its.creadr = 0;
	queue_run();
	expect(its.creadr == 320, "CREADR %#x", its.creadr);
	finish();
}

/* Commands that are nonsense are passed over. */
static void malformed(void)
{
	unsigned int i;

	start();
	for (i = 0; i < 100; i++)
		queue_put(&its, 32 * i, cmd_raw(~0ull << (i % 64), ~0ull, ~0ull, ~0ull));
	queue_put(&its, 3200, cmd_mapti(DEV, 1, LPI, 0));
	its.cwriter = 3232;
	queue_run();
	expect(its.creadr == 3232, "CREADR %#x", its.creadr);
	expect(translate(&its, DEV, 1) == LPI, "the one behind");
	finish();
}

/* A queue that is not in memory, as a whole or in part, stalls nothing. */
static void unreadable(void)
{
	unsigned int i;

	start();
	fill(0, 512, 0);
	mem_set_hole(MEM_QUEUE + 4096, 4096, true);
	queue_run();
	expect(its.creadr == 512 * 32, "CREADR %#x", its.creadr);
	expect(its.nr_translations == 512 - 128, "%u", its.nr_translations);
	for (i = 0; i < 512; i++)
		expect(!!translate(&its, DEV, i) == (i < 128 || i >= 256), "event %u", i);
	mem_set_hole(MEM_QUEUE + 4096, 4096, false);

	its.cbaser = its_sanitise_cbaser(1ULL << 63 | 0x100000000000 | 255);
	its.creadr = 32;
	its.cwriter = 0;
	world.rescheds = 0;
	queue_run();
	expect(its.creadr == 0, "CREADR %#x", its.creadr);
	expect(world.rescheds >= 32767 / 64, "%lu reschedules", world.rescheds);
	finish();
}

/* A queue filled with the most expensive commands: bounded work, and others get the lock. */
static void guest_pays(void)
{
	unsigned int i;

	start();
	its.cbaser = its_sanitise_cbaser(1ULL << 63 | MEM_QUEUE | 255);
	for (i = 0; i < 8192; i++)
		run(&its, cmd_mapti(DEV, i, 8192 + i, 0));
	for (i = 0; i < 32768; i++)
		queue_put(&its, 32 * i, i < 64 ? cmd_mapc(0, i % NR_VCPUS, true) :
			  cmd_int(DEV, i % 8192));
	its.cwriter = 32767 * 32;
	world.work = 0;
	world.max_work = 0;
	world.rescheds = 0;
	world.unlocked_rescheds = 0;
	expect(queue_run() == 0 && its.creadr == its.cwriter, "CREADR %#x", its.creadr);
	expect(world.max_work <= 128, "%lu LPIs without a reschedule", world.max_work);
	expect(world.unlocked_rescheds >= 32768 / 64 - 1, "%lu times without its->lock",
	       world.unlocked_rescheds);

	/* One command that takes long is enough at a time, and for a signal. */
	its.creadr = 0;
	its.cwriter = 64 * 32;
	world.unlocked_rescheds = 0;
	expect(queue_run() == 0 && world.unlocked_rescheds == 63, "%lu times without its->lock",
	       world.unlocked_rescheds);
	its.creadr = 0;
	world.fatal_signal = true;
	expect(queue_run() == -EINTR && its.creadr == 32, "CREADR %#x", its.creadr);
	world.fatal_signal = false;
	finish();
}

static void fatal_signal(void)
{
	start();
	fill(0, 1000, 0);
	world.fatal_signal = true;
	expect(queue_run() == -EINTR, "not told");
	expect(its.creadr == 32, "CREADR %#x", its.creadr);
	expect(its.nr_translations == its.creadr / 32, "%u", its.nr_translations);
	world.fatal_signal = false;
	expect(queue_run() == 0 && its.nr_translations == 1000, "%u", its.nr_translations);
	/* The last one is not interrupted. */
	fill(its.creadr, 1, 2000);
	world.fatal_signal = true;
	expect(queue_run() == 0 && its.creadr == its.cwriter, "CREADR %#x", its.creadr);
	finish();
}

/* Registers may change whenever the lock is not held. */
static void turn_disable(void)
{
	its.enabled = false;
}

static void turn_reset(void)
{
	mutex_lock(&its.lock);
	its_tables_clear(&its);
	its.cbaser = 0;
	its.creadr = 0;
	its.cwriter = 0;
	its.enabled = false;
	mutex_unlock(&its.lock);
}

static void turn_shrink(void)
{
	its.cbaser &= ~ITS_CBASER_SIZE;	/* 4 KiB; CREADR is inside, CWRITER is not */
}

static void turn_nested(void)
{
	world.on_turn = NULL;
	queue_run();
}

static void changes_between_blocks(void)
{
	start();
	fill(0, 1000, 0);
	world.on_turn = turn_disable;
	expect(queue_run() == 0 && its.creadr <= 64 * 32, "disabled: CREADR %#x", its.creadr);
	its.enabled = true;
	world.on_turn = turn_shrink;
	expect(queue_run() == 0 && its.creadr < 4096, "shrunk: CREADR %#x", its.creadr);
	its.cbaser |= 15;
	/* Another vCPU writes CWRITER, too. */
	world.on_turn = turn_nested;
	expect(queue_run() == 0 && its.creadr == 32000, "two: CREADR %#x", its.creadr);
	expect(its.nr_translations == 1000, "%u", its.nr_translations);
	fill(32000, 500, 3000);
	world.on_turn = turn_reset;
	expect(queue_run() == 0 && !its.creadr && !its.nr_translations, "reset");
	world.on_turn = NULL;
	finish();
}

static const struct ktap_test tests[] = {
	{ "empty", empty },
	{ "in_order", in_order },
	{ "wraps", wraps },
	{ "disabled", disabled },
	{ "beyond_the_end", beyond_the_end },
	{ "malformed", malformed },
	{ "unreadable", unreadable },
	{ "guest_pays", guest_pays },
	{ "fatal_signal", fatal_signal },
	{ "changes_between_blocks", changes_between_blocks },
};

KTAP_MAIN(tests)
