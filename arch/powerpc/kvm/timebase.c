// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's time base: read without a trap, so the CPU's own has to be the
 * guest's for as long as the guest runs, if the two differ.
 *
 * The upper half can be written without a loss.  To add to all of it is to read it
 * and to write it: the ticks in between are lost.  The decrementer tells how many.  It counts at the same pace,
 * whatever is written to the time base, so the sum of the two stays the same but
 * for what was added.  What is found missing is put right at once if it is much,
 * and else with the next change: the host's time base is off by a few ticks at
 * most, however often that is done, and never goes back.
 *
 * Emulators are known whose decrementer cannot be read.  There the loss is taken to
 * be what it was found to be at least, and the host's clock goes slow by the rest.
 *
 * Built natively as well, with a clock of its own.  No locks: a host of this kind
 * has one CPU, and interrupts are off.
 */

#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <asm/reg.h>
#include <asm/time.h>
#include "timebase.h"

/* The decrementer is not to run out, and then stand still, within a change. */
#define TIMEBASE_DEC	0x7fffffff
/* Looks until one is taken as it is: something (a hypervisor below) stops the CPU at times. */
#define TIMEBASE_LOOKS	8
#define TIMEBASE_TRIES	4

struct timebase_look {
	u64 tb;
	u32 dec;
};

static bool timebase_dec;	/* the decrementer can be read */
static u32 timebase_window;	/* ticks that two looks at the time base usually are apart */
static s32 timebase_lead;	/* 16 times the ticks that a change usually loses */
static u64 timebase_added;	/* what the CPU's is ahead of the host's now, as far as is known */
static u64 timebase_upper;	/* of that, what is the guest's and has nothing in the lower half */

/* Both at the same time, or nearly. */
static struct timebase_look timebase_look(void)
{
	struct timebase_look look;
	unsigned int i;
	u64 before;
	u32 apart;

	for (i = 0; i < TIMEBASE_LOOKS; i++) {
		before = get_tb();
		look.dec = mfspr(SPRN_DEC);
		look.tb = get_tb();
		apart = look.tb - before;
		if (apart <= 2 * timebase_window)
			break;
	}
	look.tb -= apart / 2;
	return look;
}

/* Returns what was added too much. */
static s64 timebase_add_once(u64 delta)
{
	s32 lead = timebase_lead / 16;
	struct timebase_look old, new;
	u64 tb;

	if (!timebase_dec) {
		tb = get_tb() + delta + lead;
		set_tb(tb >> 32, tb);
		return 0;
	}
	old = timebase_look();
	tb = get_tb() + delta + lead;
	set_tb(tb >> 32, tb);
	new = timebase_look();
	return new.tb - old.tb - (old.dec - new.dec) - delta;
}

/* @delta: a multiple of 2^32, to be added.  Again if there was a carry meanwhile. */
static void timebase_add_upper(u64 delta)
{
	u64 old, new;

	timebase_added += delta;
	do {
		old = get_tb();
		mtspr(SPRN_TBWU, (old + delta) >> 32);
		new = get_tb();
		delta = old + delta - new + (u32)(new - old);
	} while (delta);
}

/* What has been added really goes to timebase_added. */
static void timebase_add_tries(u64 delta)
{
	unsigned int i;
	s64 error;

	for (i = 0; i < TIMEBASE_TRIES; i++) {
		error = timebase_add_once(delta);
		timebase_added += delta + error;
		timebase_lead -= clamp_t(s64, error, -(s64)timebase_window, timebase_window);
		if (error <= timebase_window && -error <= timebase_window)
			break;
		delta = -error;
	}
}

/* @delta: to be added. */
static void timebase_add(u64 delta)
{
	u32 left, passed;

	lockdep_assert_irqs_disabled();
	if (!timebase_dec) {
		timebase_add_tries(delta);
		return;
	}
	left = mfspr(SPRN_DEC);
	mtspr(SPRN_DEC, TIMEBASE_DEC);
	timebase_add_tries(delta);
	passed = TIMEBASE_DEC - mfspr(SPRN_DEC);
	/* If it has run out before, the host sets it when it takes that. */
	if (left)
		mtspr(SPRN_DEC, left > passed ? left - passed : 1);
}

/**
 * timebase_guest() - the CPU's time base becomes the guest's
 * @offset: what that is ahead of the host's
 *
 * Context: interrupts off until timebase_host().
 */
void timebase_guest(u64 offset)
{
	timebase_upper = (u32)offset ? 0 : offset;
	if (timebase_upper) {
		timebase_add_upper(timebase_upper);
		return;
	}
	timebase_add(offset - timebase_added);
}

/**
 * timebase_host() - and the host's again
 */
void timebase_host(void)
{
	if (timebase_upper) {
		timebase_add_upper(-timebase_upper);
		return;
	}
	timebase_add(-timebase_added);
}

/*
 * From the read of TBL in get_tb() to the last write of set_tb() it is one read and
 * three writes.
 */
static void __init timebase_calibrate(void)
{
	u32 reads = U32_MAX / 2, writes = U32_MAX / 2;
	unsigned int i;
	u64 tb;

	for (i = 0; i < 64; i++) {
		tb = get_tb();
		reads = min_t(u64, reads, get_tb() - tb);
		tb = get_tb();
		/* A carry would be lost. */
		if ((u32)tb > U32_MAX - 0x100000)
			continue;
		mtspr(SPRN_TBWU, tb >> 32);
		mtspr(SPRN_TBWU, tb >> 32);
		mtspr(SPRN_TBWU, tb >> 32);
		writes = min_t(u64, writes, get_tb() - tb);
	}
	reads = max(reads, 3U);
	writes = max(writes, reads) - reads;
	timebase_lead = 16 * (reads / 3 + writes);
}

/**
 * timebase_init() - finds out how long it takes
 */
void __init timebase_init(void)
{
	unsigned long flags;
	unsigned int i;
	u32 dec, last;
	u64 tb;

	local_irq_save(flags);
	timebase_added = 0;
	timebase_dec = true;
	timebase_window = U32_MAX / 2;
	last = U32_MAX;
	for (i = 0; i < 64; i++) {
		tb = get_tb();
		dec = mfspr(SPRN_DEC);
		timebase_window = min_t(u64, timebase_window, get_tb() - tb);
		/* Not if it runs out just now: then the interrupt is taken, and it is set again. */
		timebase_dec &= dec && dec < last;
		last = dec;
	}
	timebase_window = max(timebase_window, 2U);
	timebase_calibrate();
	local_irq_restore(flags);
}
