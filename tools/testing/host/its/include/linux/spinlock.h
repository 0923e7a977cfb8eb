/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_LINUX_SPINLOCK_H
#define HOST_ITS_LINUX_SPINLOCK_H

typedef struct {
	int unused;
} raw_spinlock_t;

typedef raw_spinlock_t spinlock_t;

#endif
