/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_PLAY_H
#define HOST_ITS_PLAY_H

#include <linux/types.h>
#include "world.h"

/*
 * Plays a string of bytes to two ITSs that share LPIs, and to the reference:
 * commands, directly or through the queue, changes of tables and of what is in
 * memory, failing allocations, signals.  Any string means something.
 */

/* How often what came of commands; index -enum its_result */
struct play_stats {
	unsigned long inputs, commands, queued, skipped;
	unsigned long result[16];
};

extern struct play_stats play_stats;

/* NULL, or what differs from the reference */
const char *play(const u8 *data, size_t size);
void play_report(void);

#endif
