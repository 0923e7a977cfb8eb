/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_LINUX_RCUPDATE_H
#define HOST_ITS_LINUX_RCUPDATE_H

#include <assert.h>
#include <linux/slab.h>

/*
 * One thread: a reader is a test that looks at something in the middle of a
 * change.  What is freed meanwhile goes when the outermost section ends.
 */

struct rcu_head {
	struct rcu_head *next;
};

void rcu_read_lock(void);
void rcu_read_unlock(void);
bool rcu_read_lock_held(void);
void host_free_rcu(void *p);

#define kfree_rcu(p, member)		host_free_rcu(p)
#define rcu_dereference_raw(p)		(p)
#define rcu_dereference_protected(p, c)	(p)
#define rcu_assign_pointer(p, v)	((p) = (v))
#define RCU_INIT_POINTER(p, v)		((p) = (v))
#define RCU_LOCKDEP_WARN(cond, s)	assert(!(cond))

#endif
