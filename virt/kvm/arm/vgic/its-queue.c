// SPDX-License-Identifier: GPL-2.0
/*
 * The command queue: a ring in guest memory, from GITS_CREADR to GITS_CWRITER
 * (IHI 0069, 5.3.1).
 *
 * It is read a block at a time; the commands run on the copy.  A block never
 * crosses a page, so it is in memory as a whole or not at all; one that is not
 * is skipped like malformed commands are.
 *
 * Between blocks, and after a command that took long, its->lock is given up:
 * another vCPU's write to a register, or the VMM, gets its turn, and everything
 * is looked at afresh.  Two vCPUs that write GITS_CWRITER then run blocks in turns; CREADR moves under the lock, so
 * each command runs once and in order.
 */

#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <kvm/memslot.h>
#include "its.h"
#include "its-format.h"
#include "its-trace.h"

/* Commands between reschedules: 1 KiB, on the stack */
#define QUEUE_BATCH	32

/* ... and how long others wait for its->lock because of more than one command */
#define QUEUE_JIFFIES	2

static bool queue_pending(const struct its *its)
{
	u32 size = its_queue_size(its->cbaser);

	return its->enabled && (its->cbaser & ITS_CBASER_VALID) &&
	       its->creadr != its->cwriter && its->creadr < size && its->cwriter < size;
}

/* Commands from CREADR on that are contiguous in a block */
static unsigned int queue_contiguous(const struct its *its)
{
	u32 end = its->cwriter > its->creadr ? its->cwriter : its_queue_size(its->cbaser);
	u32 block = QUEUE_BATCH * ITS_CMD_SIZE;

	return min(end - its->creadr, block - its->creadr % block) / ITS_CMD_SIZE;
}

static void queue_advance(struct its *its, unsigned int nr)
{
	u32 creadr = its->creadr + nr * ITS_CMD_SIZE;

	WRITE_ONCE(its->creadr, creadr == its_queue_size(its->cbaser) ? 0 : creadr);
}

static void queue_run_block(struct its *its)
{
	unsigned int i, n = queue_contiguous(its);
	gpa_t gpa = its_queue_base(its->cbaser) + its->creadr;
	/* As much of it is used as has been read: not worth clearing. */
	__le64 cmds[QUEUE_BATCH][ITS_CMD_SIZE / sizeof(__le64)] __uninitialized;
	unsigned long end = jiffies + QUEUE_JIFFIES;

	if (gmem_read_near(its->vm, &its->queue_hint, gpa, cmds, n * ITS_CMD_SIZE)) {
		queue_advance(its, n);
		return;
	}
	for (i = 0; i < n; i++) {
		int ret = its_cmd_run(its, cmds[i]);

		trace_kvm_arm_its_command(its, cmds[i], ret);
		queue_advance(its, 1);
		if (time_after(jiffies, end) || fatal_signal_pending(current))
			break;
	}
}

/**
 * its_queue_run - execute what is in the command queue
 * @its: the ITS; nothing happens while it is disabled, GITS_CBASER is not
 *	 valid or an offset is beyond the queue
 *
 * Context: its->lock held on entry and return, not held at times in between;
 *	    process. The caller keeps @its.
 * Return: 0 with the queue empty, or -EINTR if a fatal signal is pending: the
 *	   rest stays in the queue and goes on with the next call.
 */
int its_queue_run(struct its *its)
{
	lockdep_assert_held(&its->lock);
	while (queue_pending(its)) {
		queue_run_block(its);
		if (!queue_pending(its))
			break;
		if (fatal_signal_pending(current))
			return -EINTR;
		mutex_unlock(&its->lock);
		cond_resched();
		mutex_lock(&its->lock);
	}
	return 0;
}
