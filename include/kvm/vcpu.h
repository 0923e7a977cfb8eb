/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VCPU_H
#define KVM_VCPU_H

#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcuwait.h>
#include <linux/kvm.h>
#include <kvm/dirty-ring.h>
#include <kvm/stats.h>
#include <kvm/types.h>
#include <kvm/arch_types.h>
#include <kvm/compat.h>

/* Requests: bits of vcpu->requests.  Set by anyone, consumed by the vCPU's own thread. */
enum vcpu_req {
	VCPU_REQ_UNHALT,	/* block ends: something may have become runnable */
	VCPU_REQ_VM_DEAD,	/* leave with -EIO */
	VCPU_REQ_TLB_FLUSH,	/* stage 2 was changed; a memory barrier and an exit suffice */
	VCPU_REQ_RING_FULL,	/* dirty_ring_full() is worth a look */
	VCPU_REQ_ARCH,		/* first of the architecture's, see VCPU_REQ_ARCH_* */
	VCPU_REQ_MAX = 32,
};

/* Where the vCPU's thread is; written by it, read by kickers (full barriers on both sides). */
enum vcpu_mode {
	VCPU_OUTSIDE,		/* host code, requests will be seen before entry */
	VCPU_IN_GUEST,		/* from the last check for requests to the exit: needs an IPI */
	VCPU_EXITING,		/* an IPI is on its way */
};

/*
 * struct vcpu - a virtual CPU
 *
 * Freed with its VM.  @mutex serialises its ioctls, KVM_RUN included.
 */
struct vcpu {
	struct vm *vm;
	unsigned int id;		/* user space's number */
	unsigned int index;		/* position in vm->vcpus */
	struct mutex mutex;
	struct kvm_run *run;		/* page shared with user space: never trust what is read back */
	struct page *run_page;
	struct dirty_ring dirty_ring;

	struct preempt_notifier preempt;
	int cpu;			/* physical CPU it is loaded on, -1 when put; own thread, hint to others */
	bool loaded;
	bool preempted;			/* was scheduled out while it wanted to run */
	struct task_struct __rcu *runner;	/* thread in KVM_RUN, for kicks */

	unsigned long requests;
	int mode;			/* enum vcpu_mode */
	struct rcuwait wait;
	bool blocking;
	unsigned int halt_poll_ns;	/* current, grows and shrinks */

	bool sigset_active;
	sigset_t sigset;

	struct {			/* the MMIO access that user space is completing; private */
		bool pending;
		bool is_write;
		unsigned int len;
		gpa_t gpa;
	} mmio;

	int srcu_idx;			/* of vm->srcu while in the kernel part of KVM_RUN */
	struct vcpu_stats stats;
	struct dentry *debugfs;

	struct vcpu_arch arch;
};

extern const struct file_operations vcpu_fops;

int vcpu_create_fd(struct vm *vm, unsigned long id);
void vcpu_destroy_all(struct vm *vm);

static inline void vcpu_make_request(struct vcpu *vcpu, unsigned int req)
{
	/* What the request refers to must be visible before the request is. */
	smp_wmb();
	set_bit(req, &vcpu->requests);
}

static inline bool vcpu_has_requests(struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->requests);
}

static inline bool vcpu_take_request(struct vcpu *vcpu, unsigned int req)
{
	if (!test_bit(req, &vcpu->requests))
		return false;
	clear_bit(req, &vcpu->requests);
	/* Pairs with vcpu_make_request(). */
	smp_mb__after_atomic();
	return true;
}

/* Wakes a blocked vCPU or forces a running one out of the guest.  Any context, hard IRQ included. */
void vcpu_kick(struct vcpu *vcpu);
/* Wakes it if it is blocked; true if it was.  Any context. */
bool vcpu_wake(struct vcpu *vcpu);

/*
 * Blocks until arch_vcpu_runnable(), a signal, VCPU_REQ_UNHALT or _VM_DEAD, with
 * halt polling first.  Own thread, vCPU loaded, vm->srcu not held (the wait may
 * be for ever); the arch's blocking hooks are called.
 */
void vcpu_block(struct vcpu *vcpu);

/* Own thread: ties the vCPU to this CPU (arch_vcpu_load) and back. */
void vcpu_load(struct vcpu *vcpu);
void vcpu_put(struct vcpu *vcpu);

/* The vCPU that is loaded on this CPU, or NULL.  Preemption or interrupts off. */
struct vcpu *vcpu_running_here(void);

#endif
