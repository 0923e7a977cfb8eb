/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_LINUX_SCHED_H
#define HOST_ITS_LINUX_SCHED_H

#include <linux/types.h>

int cond_resched(void);

#define current	NULL
bool fatal_signal_pending(void *task);

#endif
