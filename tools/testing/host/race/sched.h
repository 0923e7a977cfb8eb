/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_RACE_SCHED_H
#define HOST_RACE_SCHED_H

/*
 * Threads that take turns where a number says, so that what happens once happens
 * again: each run has a seed.  Any two may be "on CPUs" at the same time: being
 * switched away from with interrupts off, or a spinlock held, is being slower.
 *
 * RCU gives memory back as soon as it may: when the last of those who were in a
 * read section has left it.  Interrupts off are a read section, too.
 */

#include <stdbool.h>
#include <stddef.h>

#define SCHED_THREADS	6

struct sched_lock {
	int owner;		/* thread + 1; 0: nobody */
};

typedef void thread_fn(unsigned int n);

/* Runs all of @fn, each in a thread of its own with its number, until all have returned. */
void sched_run(unsigned long seed, thread_fn *const *fn, unsigned int nr);
unsigned long sched_random(void);
int sched_self(void);
unsigned int sched_running(void);	/* threads that have not returned */

void sched_point(void);
void sched_yield_cpu(void);
void sched_may_sleep(void);

void sched_lock(struct sched_lock *lock);
void sched_unlock(struct sched_lock *lock);
bool sched_owns(const struct sched_lock *lock);

void sched_irq_off(void);
void sched_irq_on(void);
bool sched_irqs_off(void);
void sched_rcu_enter(void);
void sched_rcu_leave(void);
bool sched_in_rcu(void);

void *sched_alloc(size_t size);
void sched_free(const void *p);
void sched_free_rcu(void *p);
long sched_allocs(void);		/* not freed, nor on their way to it */

#endif
