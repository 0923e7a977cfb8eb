/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_LINUX_SRCU_H
#define HOST_LINUX_SRCU_H

#include <linux/types.h>

/* One thread: waiting for readers is counted, for tests to see that it is done. */
struct srcu_struct {
	int unused;
};

extern unsigned int host_srcu_readers, host_srcu_syncs;

static inline int srcu_read_lock(struct srcu_struct *srcu)
{
	return host_srcu_readers++;
}

static inline void srcu_read_unlock(struct srcu_struct *srcu, int idx)
{
	host_srcu_readers--;
}

static inline void synchronize_srcu_expedited(struct srcu_struct *srcu)
{
	host_srcu_syncs++;
}

#define srcu_dereference(p, srcu)		READ_ONCE(p)
#define rcu_dereference_protected(p, cond)	(p)
#define rcu_assign_pointer(p, v)		WRITE_ONCE(p, v)
#define RCU_INIT_POINTER(p, v)			WRITE_ONCE(p, v)

#endif
