/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_LINUX_MUTEX_H
#define HOST_ITS_LINUX_MUTEX_H

#include <assert.h>
#include <linux/types.h>

struct mutex {
	bool held;
};

static inline void mutex_lock(struct mutex *lock)
{
	assert(!lock->held);
	lock->held = true;
}

static inline void mutex_unlock(struct mutex *lock)
{
	assert(lock->held);
	lock->held = false;
}

#define lockdep_assert_held(lock)	assert((lock)->held)

#endif
