// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_RUN on a 44x core.
 *
 * There is no preemption of the kernel on such a host, and nothing of the
 * guest's is in the CPU between two turns but what nobody else uses (shadow.c).
 *
 * Locks: vm->srcu around what may look at memory slots; interrupts off from
 * the last look for work to the exit.
 */

#include <linux/srcu.h>
#include <linux/vtime.h>
#include <kvm/arch.h>
#include <kvm/compat.h>
#include "booke.h"
#include "hw.h"
#include "timebase.h"

void arch_vcpu_load(struct vcpu *vcpu, int cpu)
{
}

void arch_vcpu_put(struct vcpu *vcpu)
{
}

void arch_vcpu_blocking(struct vcpu *vcpu)
{
}

void arch_vcpu_unblocking(struct vcpu *vcpu)
{
}

bool arch_vcpu_runnable(struct vcpu *vcpu)
{
	return except_deliverable(vcpu) || READ_ONCE(vcpu->arch.timer.wd_reset);
}

/* MSR of the CPU while the guest runs: problem state in address space 1. */
static u32 run_msr(const struct vcpu *vcpu)
{
	u32 msr = BMSR_PR | BMSR_IS | BMSR_DS | BMSR_EE | BMSR_ME;

	if (vcpu->arch.fp_loaded)
		msr |= vcpu->arch.regs.msr & (BMSR_FP | BMSR_FE0 | BMSR_FE1);
	if (vcpu->arch.debug.loaded)
		msr |= vcpu->arch.debug.control ? BMSR_DE : vcpu->arch.regs.msr & BMSR_DE;
	return msr;
}

static bool run_is_host_interrupt(u32 vector)
{
	switch (vector) {
	case VECTOR_EXTERNAL:
	case VECTOR_DECREMENTER:
	case VECTOR_FIT:
	case VECTOR_WATCHDOG:
	case VECTOR_CRITICAL:
		return true;
	default:
		return false;
	}
}

/* Until the next exit. */
static void run_enter(struct vcpu *vcpu)
{
	struct vcpu_hw *hw = &vcpu->arch.hw;

	hw->pid = shadow_pid(vcpu);
	if (vcpu->arch.fp_wanted && !vcpu->arch.fp_loaded)
		fp_load(vcpu);
	if (debug_steps(vcpu))
		debug_load(vcpu);
	hw->msr = run_msr(vcpu);
	if (unlikely(vcpu->arch.timer.tb_offset)) {
		timebase_guest(vcpu->arch.timer.tb_offset);
		block_run(hw);
		timebase_host();
	} else {
		block_run(hw);
	}
	if (unlikely(vcpu->arch.debug.loaded))
		debug_unload(vcpu);
	if (unlikely(vcpu->arch.magic_mapped))
		magic_update(vcpu);
	vcpu_stat_inc(vcpu, exits);
}

/* Something that the inner loop does not do. */
static bool run_inner_ends(struct vcpu *vcpu)
{
	return vcpu_has_requests(vcpu) || (vcpu->arch.stepped && debug_steps(vcpu)) ||
	       vcpu->arch.reset_wanted || vcpu->arch.idle || vcpu->arch.regs.msr & BMSR_WE;
}

/*
 * The inner loop: exits that are answered at once.  Interrupts off before and
 * after; those of the host are taken in the guest, so they wait no longer than
 * one of these exits takes.
 */
static int run_inner(struct vcpu *vcpu)
{
	int ret;

	lockdep_assert_irqs_disabled();

	vtime_account_guest_enter();
	block_host_save(&vcpu->arch.hw);
	do {
		if (unlikely(except_pending(vcpu) || vcpu->arch.magic_mapped))
			except_deliver(vcpu);
		run_enter(vcpu);
		ret = exit_handle_fast(vcpu);
	} while (ret == EXIT_GUEST && !run_inner_ends(vcpu));

	block_host_restore(&vcpu->arch.hw);
	if (vcpu->arch.fp_loaded)
		fp_put(vcpu);
	/* The guest has been left before the mode says so: vm_request_all() relies on it. */
	smp_store_release(&vcpu->mode, VCPU_OUTSIDE);

	if (run_is_host_interrupt(vcpu->arch.hw.vector)) {
		vcpu_stat_inc(vcpu, irq_exits);
		/* Taken now, so that a tick is accounted to the guest. */
		local_irq_enable();
		local_irq_disable();
	}
	vtime_account_guest_exit();
	return ret;
}

/* EXIT_GUEST also if there was other work, and the guest was not entered. */
static int run_turn(struct vcpu *vcpu)
{
	int ret = EXIT_GUEST;

	vcpu->arch.stepped = false;
	local_irq_disable();
	/* From here a kick interrupts: see kick.c. */
	smp_store_mb(vcpu->mode, VCPU_IN_GUEST);
	if (vcpu_has_requests(vcpu) || compat_guest_work_pending())
		/* Not entered; pairs as after a run. */
		smp_store_release(&vcpu->mode, VCPU_OUTSIDE);
	else
		ret = run_inner(vcpu);
	local_irq_enable();
	return ret;
}

/* 1: go on; 0: to user space; negative: an error. */
static int run_requests(struct vcpu *vcpu)
{
	if (vcpu_has_requests(vcpu)) {
		if (vcpu_take_request(vcpu, VCPU_REQ_VM_DEAD))
			return -EIO;
		/* These are done by having left the guest. */
		vcpu_take_request(vcpu, VCPU_REQ_UNHALT);
		vcpu_take_request(vcpu, VCPU_REQ_TLB_FLUSH);
		vcpu_take_request(vcpu, VCPU_REQ_TIMER);
	}
	if (READ_ONCE(vcpu->arch.timer.wd_reset) && timer_watchdog_reset(vcpu) &&
	    READ_ONCE(vcpu->arch.watchdog_exit)) {
		vcpu->run->exit_reason = KVM_EXIT_WATCHDOG;
		return 0;
	}
	return 1;
}

/* MSR[WE], or the idle call: nothing runs until there is an interrupt that is enabled. */
static bool run_wait(struct vcpu *vcpu)
{
	if (likely(!(vcpu->arch.regs.msr & BMSR_WE) && !vcpu->arch.idle))
		return false;
	if (except_deliverable(vcpu)) {
		vcpu->arch.idle = false;
		return false;
	}
	vcpu_block(vcpu);
	return true;
}

/* The guest has reset itself.  What that means for its state is user space's affair. */
static int run_reset(struct vcpu *vcpu)
{
	vcpu->arch.reset_wanted = false;
	vcpu->run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	vcpu->run->system_event.type = KVM_SYSTEM_EVENT_RESET;
	vcpu->run->system_event.ndata = 0;
	return EXIT_USER;
}

static int run_once(struct vcpu *vcpu)
{
	int ret, idx;

	ret = run_requests(vcpu);
	if (ret <= 0)
		return ret;
	/* After a wait signals and requests come first. */
	if (run_wait(vcpu))
		return EXIT_GUEST;

	ret = run_turn(vcpu);
	if (ret == EXIT_SLOW) {
		idx = srcu_read_lock(&vcpu->vm->srcu);
		ret = exit_handle_slow(vcpu);
		srcu_read_unlock(&vcpu->vm->srcu, idx);
	}
	if (unlikely(vcpu->arch.reset_wanted))
		return run_reset(vcpu);
	if (ret == EXIT_GUEST && vcpu->arch.stepped)
		ret = debug_step_done(vcpu);
	return ret;
}

/* User space has done what it was asked to.  1: go on; 0: there is more for it to do. */
static int run_complete(struct vcpu *vcpu)
{
	enum ppc_emul res;
	int idx;

	if (vcpu->arch.access.kind == PPC_PENDING_NONE)
		return EXIT_GUEST;
	idx = srcu_read_lock(&vcpu->vm->srcu);
	res = ppc_complete(&vcpu->arch.hw.cpu, &vcpu->arch.access, vcpu->run);
	srcu_read_unlock(&vcpu->vm->srcu, idx);
	return res == PPC_EMUL_EXIT ? EXIT_USER : debug_step_done(vcpu);
}

/**
 * arch_vcpu_run() - KVM_RUN
 * @vcpu: vcpu->mutex held
 *
 * Return: 0 with run->exit_reason filled; -EINTR with KVM_EXIT_INTR; -EIO if the
 * VM is dead; -EFAULT and the like if memory of the VMM's is missing.
 */
int arch_vcpu_run(struct vcpu *vcpu)
{
	int ret;

	vcpu->run->flags = 0;
	ret = run_complete(vcpu);
	if (ret <= 0)
		return ret;
	if (READ_ONCE(vcpu->run->immediate_exit))
		return -EINTR;

	/* An error says nothing else: user space must not see the exit of the run before. */
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	do {
		if (compat_guest_work_pending()) {
			ret = compat_xfer_to_guest_work();
			if (ret) {
				vcpu->run->exit_reason = KVM_EXIT_INTR;
				vcpu_stat_inc(vcpu, signal_exits);
				return ret;
			}
		}
		ret = run_once(vcpu);
	} while (ret > 0);
	return ret;
}
