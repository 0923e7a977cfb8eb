// SPDX-License-Identifier: GPL-2.0
/* See sched.h. */

#include <assert.h>
#include <sanitizer/common_interface_defs.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>
#include "sched.h"

#define STACK		(256 * 1024)
#define STUCK		1000000		/* turns without a lock that somebody gets, or a thread that ends */
#define MAX_DEFERRED	4096

struct thread {
	ucontext_t ctx;
	void *stack, *fake;
	thread_fn *fn;
	bool done;
	int irq_off, rcu;
};

struct deferred {
	void *p;
	unsigned int readers;		/* bits of threads */
};

static struct thread threads[SCHED_THREADS];
static ucontext_t main_ctx;
static void *main_fake;
static const void *main_stack;
static size_t main_size;
static unsigned int nr_threads, running, self;
static unsigned int switch_every;	/* points, on average */
static bool on;
static unsigned long state, turns;
static struct deferred deferred[MAX_DEFERRED];
static unsigned int nr_deferred;
static long allocs;

unsigned long sched_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 11;
}

int sched_self(void)
{
	return self;
}

unsigned int sched_running(void)
{
	return running;
}

/* ---- Threads */

static void switch_to(unsigned int to)
{
	struct thread *from = &threads[self];

	if (to == self)
		return;
	self = to;
	__sanitizer_start_switch_fiber(from->done ? NULL : &from->fake, threads[to].stack, STACK);
	swapcontext(&from->ctx, &threads[to].ctx);
	__sanitizer_finish_switch_fiber(from->fake, NULL, NULL);
}

static unsigned int pick(void)
{
	unsigned int i = sched_random() % nr_threads;

	while (threads[i].done)
		i = (i + 1) % nr_threads;
	return i;
}

void sched_point(void)
{
	if (on && sched_random() % switch_every == 0)
		switch_to(pick());
}

void sched_yield_cpu(void)
{
	unsigned int to = pick();

	/* Someone else, if there is one */
	while (threads[to].done || (to == self && running > 1))
		to = (to + 1) % nr_threads;
	if (++turns > STUCK) {
		fprintf(stderr, "threads wait for each other\n");
		abort();
	}
	switch_to(to);
}

static void thread_main(unsigned int n)
{
	__sanitizer_finish_switch_fiber(NULL, n || main_stack ? NULL : &main_stack,
					n || main_size ? NULL : &main_size);
	threads[n].fn(n);
	assert(!threads[n].irq_off && !threads[n].rcu);
	threads[n].done = true;
	turns = 0;
	if (--running)
		switch_to(pick());
	__sanitizer_start_switch_fiber(NULL, main_stack, main_size);
	setcontext(&main_ctx);
}

static void start(struct thread *t, thread_fn *fn, unsigned int n)
{
	void *stack = t->stack ?: malloc(STACK);

	assert(stack);
	*t = (struct thread) { .fn = fn, .stack = stack };
	getcontext(&t->ctx);
	t->ctx.uc_stack.ss_sp = stack;
	t->ctx.uc_stack.ss_size = STACK;
	makecontext(&t->ctx, (void (*)(void))thread_main, 1, n);
}

void sched_run(unsigned long seed, thread_fn *const *fn, unsigned int nr)
{
	unsigned int i;

	assert(nr <= SCHED_THREADS && !nr_deferred);
	state = seed * 0x9e3779b97f4a7c15 + 1;
	for (i = 0; i < 8; i++)
		sched_random();
	nr_threads = running = nr;
	turns = 0;
	/* Some orders need a thread that gets far while others do not. */
	switch_every = seed % 3 ? 5 : 5u << seed % 5;
	for (i = 0; i < nr; i++)
		start(&threads[i], fn[i], i);
	on = true;
	self = 0;
	__sanitizer_start_switch_fiber(&main_fake, threads[0].stack, STACK);
	swapcontext(&main_ctx, &threads[0].ctx);
	__sanitizer_finish_switch_fiber(main_fake, NULL, NULL);
	on = false;
	assert(!nr_deferred);
}

/* ---- Locks */

void sched_may_sleep(void)
{
	if (on)
		assert(!threads[self].irq_off && !threads[self].rcu);
}

void sched_lock(struct sched_lock *lock)
{
	sched_point();
	while (lock->owner) {
		assert(on && lock->owner != (int)self + 1);
		sched_yield_cpu();
	}
	lock->owner = self + 1;
	turns = 0;
}

void sched_unlock(struct sched_lock *lock)
{
	assert(sched_owns(lock));
	lock->owner = 0;
	sched_point();
}

bool sched_owns(const struct sched_lock *lock)
{
	return lock->owner == (int)self + 1;
}

/* ---- RCU */

static void maybe_left(void)
{
	unsigned int i;

	if (threads[self].irq_off || threads[self].rcu)
		return;
	for (i = 0; i < nr_deferred; ) {
		deferred[i].readers &= ~(1u << self);
		if (deferred[i].readers) {
			i++;
			continue;
		}
		free(deferred[i].p);
		deferred[i] = deferred[--nr_deferred];
	}
}

void sched_irq_off(void)
{
	threads[self].irq_off++;
}

void sched_irq_on(void)
{
	assert(threads[self].irq_off);
	threads[self].irq_off--;
	maybe_left();
	sched_point();
}

bool sched_irqs_off(void)
{
	return threads[self].irq_off;
}

void sched_rcu_enter(void)
{
	threads[self].rcu++;
	sched_point();
}

void sched_rcu_leave(void)
{
	assert(threads[self].rcu);
	threads[self].rcu--;
	maybe_left();
	sched_point();
}

bool sched_in_rcu(void)
{
	return threads[self].rcu || threads[self].irq_off;
}

/* ---- Memory */

void *sched_alloc(size_t size)
{
	sched_may_sleep();
	sched_point();
	allocs++;
	return calloc(1, size);
}

void sched_free(const void *p)
{
	allocs -= !!p;
	free((void *)p);
}

void sched_free_rcu(void *p)
{
	struct deferred *d = &deferred[nr_deferred];
	unsigned int i;

	assert(nr_deferred < MAX_DEFERRED);
	allocs--;
	*d = (struct deferred) { .p = p };
	for (i = 0; on && i < nr_threads; i++)
		if (!threads[i].done && (threads[i].irq_off || threads[i].rcu))
			d->readers |= 1u << i;
	if (d->readers)
		nr_deferred++;
	else
		free(p);
}

long sched_allocs(void)
{
	return allocs;
}
