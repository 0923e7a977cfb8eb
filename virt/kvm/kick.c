// SPDX-License-Identifier: GPL-2.0
/*
 * Requests and kicks.
 *
 * Nothing here takes a lock: all of it may be called with interrupts off and
 * under any of the raw locks of the interrupt controller, but for
 * vm_request_all(), which waits for other CPUs.
 *
 * The protocol.  Two variables, each side writes one and reads the other:
 *
 *	vCPU's thread, interrupts off		the one who requests
 *
 *	mode = IN_GUEST				requests |= bit
 *	full barrier (A)			full barrier (B)
 *	read requests				read mode
 *	  any: mode = OUTSIDE, no entry		  IN_GUEST: mode = EXITING, IPI
 *	enter the guest				  OUTSIDE: nothing
 *	leave the guest
 *	mode = OUTSIDE (release)
 *
 * With both barriers it cannot be that neither sees the other's write.  So
 * either the request is seen before the guest is entered, or there is an IPI,
 * which the CPU takes as an exit, since interrupts have been off since before
 * mode was written.  A vCPU that is EXITING has an IPI coming; a second one is
 * not sent.
 *
 * The same with blocking: vcpu_block() publishes itself in vcpu->wait, then
 * has a full barrier (set_current_state()), then reads the requests;
 * rcuwait_wake_up() has one before it reads vcpu->wait.
 *
 * Data that a request refers to is written before the bit
 * (vcpu_make_request()) and read after it was taken (vcpu_take_request()).
 */

#include <linux/cpumask.h>
#include <linux/rcupdate.h>
#include <linux/rcuwait.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <kvm/vcpu.h>
#include <kvm/vm.h>

/**
 * vcpu_wake() - ends a vCPU's blocking
 * @vcpu: the vCPU; there need not be a reason to run that it can see
 *
 * Context: any.
 * Return: true if it was asleep.
 */
bool vcpu_wake(struct vcpu *vcpu)
{
	return rcuwait_wake_up(&vcpu->wait);
}

/* Barrier (B), and the IPI is announced.  What the mode was. */
static int vcpu_mode_exit(struct vcpu *vcpu)
{
	smp_mb();	/* (B): the request before the mode */
	return cmpxchg(&vcpu->mode, VCPU_IN_GUEST, VCPU_EXITING);
}

/**
 * vcpu_kick() - makes a vCPU look at its requests
 * @vcpu: the vCPU
 *
 * Wakes it if it is blocked, forces it out of the guest if it is there, does
 * nothing if it is about to look anyway.  Does not wait for it.
 *
 * Context: any, hard interrupts included.
 */
void vcpu_kick(struct vcpu *vcpu)
{
	struct task_struct *task;

	if (vcpu_wake(vcpu))
		return;
	if (vcpu_mode_exit(vcpu) != VCPU_IN_GUEST)
		return;

	/*
	 * The thread is on another CPU, and stays there until the exit.  (Or
	 * it is this one, which between its last look at the requests and the
	 * entry calls nothing that would kick it.)
	 */
	guard(rcu)();
	task = rcu_dereference(vcpu->runner);
	if (task)
		kick_process(task);
}

/*
 * Runs on the target as soon as interrupts are on there, so when it is done
 * the guest has been left.
 */
static void vm_ack_exit(void *unused)
{
}

/* @vcpu has the request.  The CPU that has to leave the guest for it, or -1. */
static int vm_cpu_to_exit(struct vcpu *vcpu)
{
	/* EXITING counts too: the IPI may still be on its way. */
	if (vcpu_mode_exit(vcpu) == VCPU_OUTSIDE)
		return -1;
	/* Written before the mode was; if it changes now, the guest was left. */
	return READ_ONCE(vcpu->cpu);
}

/**
 * vm_request_all() - a request to all vCPUs, in force when this returns
 * @vm: the VM
 * @req: the request
 *
 * No vCPU runs guest code any more that it entered without having seen the
 * request.  VCPU_REQ_TLB_FLUSH does not disturb those that are blocked.
 *
 * Context: interrupts on; may spin for as long as another CPU has its
 * interrupts off.
 */
void vm_request_all(struct vm *vm, unsigned int req)
{
	struct vcpu *vcpu;
	cpumask_var_t cpus;
	unsigned int i;
	bool have_mask;
	int cpu;

	have_mask = zalloc_cpumask_var(&cpus, GFP_ATOMIC);

	guard(preempt)();
	vm_for_each_vcpu(i, vcpu, vm) {
		vcpu_make_request(vcpu, req);
		if (req != VCPU_REQ_TLB_FLUSH)
			vcpu_wake(vcpu);
		cpu = vm_cpu_to_exit(vcpu);
		if (cpu < 0)
			continue;
		if (have_mask)
			cpumask_set_cpu(cpu, cpus);
		else
			smp_call_function_single(cpu, vm_ack_exit, NULL, true);
	}
	if (have_mask) {
		smp_call_function_many(cpus, vm_ack_exit, NULL, true);
		free_cpumask_var(cpus);
	}
}

/**
 * vm_kick_all() - a request to all vCPUs, which will see it soon
 * @vm: the VM
 * @req: the request
 *
 * Context: any.
 */
void vm_kick_all(struct vm *vm, unsigned int req)
{
	struct vcpu *vcpu;
	unsigned int i;

	vm_for_each_vcpu(i, vcpu, vm) {
		vcpu_make_request(vcpu, req);
		vcpu_kick(vcpu);
	}
}
