// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's time base: read without a trap, so the CPU's own has to be the
 * guest's for as long as the guest runs, if the two differ.
 *
 * To change the time base is to read it, to add, and to write it: the ticks in
 * between are lost.  The decrementer tells how many.  It counts at the same pace,
 * whatever is written to the time base, so the sum of the two stays the same but
 * for what was added.  What is found missing is put right at once if it is much,
 * and else with the next change: the host's time base is off by a few ticks at
 * most, however often that is done, and never goes back.
 *
 * No locks: a host of this kind has one CPU, and interrupts are off.
 */

#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <asm/reg.h>
#include <asm/time.h>
#include "booke.h"

/* A decrementer that has run out stands still; the host sets it anew when it takes that. */
#define TIMEBASE_DEC	0x7fffffff
/* It is not to run out within a change: that is waited for. */
#define TIMEBASE_DEC_MIN	4096
/* Looks until one is taken as it is: something (a hypervisor below) stops the CPU at times. */
#define TIMEBASE_LOOKS	8
#define TIMEBASE_TRIES	4

struct timebase_look {
	u64 tb;
	u32 dec;
};

static u32 timebase_window;	/* ticks that two looks at the time base usually are apart */
static u64 timebase_lead;	/* ticks that a change loses */
static u64 timebase_added;	/* what the CPU's is ahead of the host's now, as far as is known */

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

static s64 timebase_add_once(u64 delta)
{
	struct timebase_look old = timebase_look(), new;
	u64 tb = get_tb() + delta + timebase_lead;
	s64 error;

	set_tb(tb >> 32, tb);
	new = timebase_look();
	error = new.tb - old.tb - (old.dec - new.dec) - delta;
	/* It has run out after all, and says too little. */
	return new.dec ? error : min_t(s64, error, 0);
}

/* @delta: to be added.  What has been added really goes to timebase_added. */
static void timebase_add(u64 delta)
{
	unsigned int i;
	s64 error;

	for (i = 0; i < TIMEBASE_TRIES; i++) {
		error = timebase_add_once(delta);
		timebase_added += delta + error;
		if (abs(error) <= timebase_window)
			break;
		delta = -error;
	}
}

static void timebase_start(void)
{
	u32 dec;

	lockdep_assert_irqs_disabled();
	do {
		dec = mfspr(SPRN_DEC);
	} while (dec && dec < TIMEBASE_DEC_MIN);
	if (!dec)
		mtspr(SPRN_DEC, TIMEBASE_DEC);
}

/**
 * timebase_guest() - the CPU's time base becomes the guest's
 * @vcpu: own thread
 *
 * Context: interrupts off until timebase_host().
 */
void timebase_guest(struct vcpu *vcpu)
{
	timebase_start();
	timebase_add(vcpu->arch.timer.tb_offset - timebase_added);
}

/**
 * timebase_host() - and the host's again
 */
void timebase_host(void)
{
	timebase_start();
	timebase_add(-timebase_added);
}

/**
 * timebase_init() - finds out how long it takes
 */
void __init timebase_init(void)
{
	unsigned long flags;
	unsigned int i;
	u64 tb;

	local_irq_save(flags);
	timebase_window = U32_MAX / 2;
	for (i = 0; i < 64; i++) {
		tb = get_tb();
		(void)mfspr(SPRN_DEC);
		timebase_window = min_t(u64, timebase_window, get_tb() - tb);
	}
	timebase_window = max(timebase_window, 2U);
	timebase_lead = timebase_window / 2;
	local_irq_restore(flags);
}
