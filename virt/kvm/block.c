// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU that has nothing to do: it polls for a while, then sleeps.
 *
 * No locks.  The order against wake-ups is in kick.c.
 *
 * vcpu->halt_poll_ns is the time that it polls for.  It is adapted to how long
 * the last waits were: a wait that polling could have covered makes it longer,
 * one that was longer than polling may ever last makes it shorter.
 */

#include <linux/bits.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/rcuwait.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/stat.h>
#include <kvm/arch.h>
#include <kvm/trace.h>
#include "generic.h"

static unsigned int halt_poll_ns = 500000;
module_param(halt_poll_ns, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns,
		 "Longest time in ns that an idle vCPU polls before it sleeps; 0 never polls");

static unsigned int halt_poll_ns_grow = 2;
module_param(halt_poll_ns_grow, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns_grow,
		 "Factor by which a vCPU's polling time grows; 0 keeps it from growing");

static unsigned int halt_poll_ns_grow_start = 10000;
module_param(halt_poll_ns_grow_start, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns_grow_start, "Polling time in ns that growth starts with");

static unsigned int halt_poll_ns_shrink = 2;
module_param(halt_poll_ns_shrink, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns_shrink,
		 "Divisor by which a vCPU's polling time shrinks; 0 ends polling at once");

/*
 * Requests that end the wait by themselves.  The others have to be seen before
 * the next entry only; those of the architecture's that are a reason to run
 * make arch_vcpu_runnable() true.
 */
#define BLOCK_ENDING_REQS	(BIT(VCPU_REQ_UNHALT) | BIT(VCPU_REQ_VM_DEAD))

unsigned int block_poll_limit(struct vm *vm)
{
	return READ_ONCE(vm->halt_poll_override) ? READ_ONCE(vm->halt_poll_ns) :
						   READ_ONCE(halt_poll_ns);
}

static bool block_is_over(struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->requests) & BLOCK_ENDING_REQS || arch_vcpu_runnable(vcpu);
}

/* Polls for as long as nobody else wants the CPU.  True if the wait is over. */
static bool block_poll(struct vcpu *vcpu, ktime_t start)
{
	ktime_t stop = ktime_add_ns(start, vcpu->halt_poll_ns);
	bool over;
	u64 spent;

	vcpu_stat_inc(vcpu, halt_attempted_poll);
	do {
		over = block_is_over(vcpu);
		if (over)
			break;
		cpu_relax();
	} while (!signal_pending(current) && !need_resched() && single_task_running() &&
		 ktime_before(ktime_get(), stop));

	spent = ktime_to_ns(ktime_sub(ktime_get(), start));
	if (!over) {
		vcpu_stat_time(vcpu, halt_poll_fail, spent);
		return false;
	}
	vcpu_stat_inc(vcpu, halt_successful_poll);
	vcpu_stat_time(vcpu, halt_poll_success, spent);
	if (!arch_vcpu_runnable(vcpu))
		vcpu_stat_inc(vcpu, halt_poll_invalid);
	return true;
}

static void block_sleep(struct vcpu *vcpu)
{
	ktime_t start = ktime_get();

	WRITE_ONCE(vcpu->blocking, true);
	arch_vcpu_blocking(vcpu);
	vcpu_stat_set(vcpu, blocking, 1);

	if (!rcuwait_wait_event(&vcpu->wait, block_is_over(vcpu), TASK_INTERRUPTIBLE))
		vcpu_stat_inc(vcpu, halt_wakeup);

	vcpu_stat_set(vcpu, blocking, 0);
	vcpu_stat_time(vcpu, halt_wait, ktime_to_ns(ktime_sub(ktime_get(), start)));
	arch_vcpu_unblocking(vcpu);
	WRITE_ONCE(vcpu->blocking, false);
}

static unsigned int block_poll_grow(unsigned int cur, unsigned int limit)
{
	u64 factor = READ_ONCE(halt_poll_ns_grow);

	if (!factor)
		return cur;
	return min_t(u64, limit, max_t(u64, cur * factor, READ_ONCE(halt_poll_ns_grow_start)));
}

static unsigned int block_poll_shrink(unsigned int cur)
{
	unsigned int divisor = READ_ONCE(halt_poll_ns_shrink);

	if (!divisor)
		return 0;
	cur /= divisor;
	/* Below where growth starts there is nothing to be had from polling. */
	return cur < READ_ONCE(halt_poll_ns_grow_start) ? 0 : cur;
}

/* The vCPU slept: @waited ns in all, the polling before it included. */
static void block_adapt(struct vcpu *vcpu, u64 waited, unsigned int limit)
{
	unsigned int old = vcpu->halt_poll_ns;

	if (waited <= old)
		return;		/* preempted while it polled: says nothing about the length */
	if (waited >= limit)
		vcpu->halt_poll_ns = block_poll_shrink(old);
	else if (old < limit)
		vcpu->halt_poll_ns = block_poll_grow(old, limit);
	if (vcpu->halt_poll_ns != old)
		trace_kvm_halt_poll_ns(vcpu->halt_poll_ns > old, vcpu->id, vcpu->halt_poll_ns, old);
}

/**
 * vcpu_block() - waits until a vCPU has something to do
 * @vcpu: the vCPU, loaded, by its own thread
 *
 * Ends when arch_vcpu_runnable(), on VCPU_REQ_UNHALT or VCPU_REQ_VM_DEAD, and
 * when a signal is pending.  It may also end for no reason: the caller looks,
 * and comes again if it wants.  Takes VCPU_REQ_UNHALT; leaves other requests.
 *
 * While it polls the vCPU stays loaded, and arch_vcpu_blocking() has not been
 * called: arch_vcpu_runnable() has to work there too.
 *
 * Context: process, interrupts and preemption on; vm->srcu not held, since that
 * would hold up changes of memory slots for as long as the guest idles.
 */
void vcpu_block(struct vcpu *vcpu)
{
	unsigned int limit = block_poll_limit(vcpu->vm);
	ktime_t start = ktime_get();
	bool over = false;

	/* The limit may have been lowered. */
	if (vcpu->halt_poll_ns > limit)
		vcpu->halt_poll_ns = limit;
	if (vcpu->halt_poll_ns)
		over = block_poll(vcpu, start);
	if (!over) {
		block_sleep(vcpu);
		block_adapt(vcpu, ktime_to_ns(ktime_sub(ktime_get(), start)), limit);
	}
	if (trace_kvm_vcpu_wakeup_enabled())
		trace_kvm_vcpu_wakeup(ktime_to_ns(ktime_sub(ktime_get(), start)), !over,
				      arch_vcpu_runnable(vcpu));
	vcpu_take_request(vcpu, VCPU_REQ_UNHALT);
}
