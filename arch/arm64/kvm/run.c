// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_RUN on arm64.
 *
 * Three loops, one inside the other, each left only for what it cannot do:
 *
 *   arch_vcpu_run()	everything enabled: signals, rescheduling, requests,
 *			exits that may sleep
 *   run_preempt_off()	preemption off, interrupts on and off: the vGIC's list
 *			registers, FP, the host's interrupts
 *   run_inner()	interrupts off, the CPU is the guest's: exits that are
 *			answered at once
 *
 * Interrupt latency of the host: a fast handler runs with interrupts off; after
 * it the guest is entered, and what is pending for the host makes it leave
 * before its first instruction. So the latency is that of one handler.
 */

#include <linux/context_tracking.h>
#include <linux/entry-kvm.h>
#include <linux/vtime.h>
#include <asm/cpufeature.h>
#include <asm/daifflags.h>
#include <kvm/arch.h>
#include <kvm/compat.h>
#include <kvm/trace.h>
#include "arm64.h"
#include "exit.h"
#include "hcr.h"
#include "hyp/hyp.h"
#include "trace.h"

/* Why run_inner() ended */
enum inner_result {
	INNER_SYNC,		/* a synchronous exit that is not handled yet */
	INNER_RESYNC,		/* handled, but the vGIC or requests need a look */
	INNER_IRQ,		/* the host has an interrupt */
	INNER_SERROR,
	INNER_ILLEGAL,
};

/*
 * A fast handler, and the list registers that it left to be refilled: an SGI to
 * itself, a write to the distributor.
 *
 * With context tracking on (nohz_full) RCU takes a CPU that runs a guest for
 * one in user mode, and protects nothing there: for the handler it is told
 * otherwise.
 */
static enum exit_result run_fast(struct vcpu *vcpu)
{
	enum exit_result res;

	context_tracking_guest_exit();
	trace_kvm_exit(KVM_TRACE_EXIT_TRAP, ESR_ELx_EC(vcpu_esr(vcpu)), vcpu->arch.hyp.pc);
	res = exit_handle_fast(vcpu);
	if (res == EXIT_RESUME) {
		if (vgic_pending_work(vcpu))
			vgic_flush(vcpu);
		trace_kvm_entry(vcpu->arch.hyp.pc);
	}
	context_tracking_guest_enter();
	return res;
}

static enum inner_result run_inner(struct vcpu *vcpu)
{
	for (;;) {
		int why = hyp_run(vcpu);

		if (why != HYP_EXIT_SYNC)
			return why == HYP_EXIT_IRQ ? INNER_IRQ :
			       why == HYP_EXIT_SERROR ? INNER_SERROR : INNER_ILLEGAL;
		vcpu_stat_inc(vcpu, exits);
		switch (run_fast(vcpu)) {
		case EXIT_RESUME:
			continue;
		case EXIT_RESYNC:
			return INNER_RESYNC;
		default:
			return INNER_SYNC;
		}
	}
}

/*
 * For RCU a guest is as good as user mode. Without context tracking that is
 * said by hand, once a tick: no grace period needs it more often.
 */
static void run_guest_state_enter(struct vcpu *vcpu)
{
	vtime_account_guest_enter();
	if (!context_tracking_guest_enter() && vcpu->arch.rcu_noted != jiffies) {
		vcpu->arch.rcu_noted = jiffies;
		rcu_virt_note_context_switch();
	}
}

static void run_update_vttbr(struct vcpu *vcpu)
{
	u64 vttbr = stage2_vttbr(vcpu);

	if (vttbr != vcpu->arch.hyp.vttbr) {
		vcpu->arch.hyp.vttbr = vttbr;
		write_sysreg(vttbr, vttbr_el2);
	}
}

/* Exits that run_fast() has not seen. */
static void run_trace_exit(struct vcpu *vcpu, enum inner_result why)
{
	int ret = why == INNER_IRQ ? KVM_TRACE_EXIT_IRQ :
		  why == INNER_SERROR ? KVM_TRACE_EXIT_SERROR : KVM_TRACE_EXIT_IL;

	if (why != INNER_SYNC && why != INNER_RESYNC)
		trace_kvm_exit(ret, 0, vcpu->arch.hyp.pc);
}

/* One turn through the guest, interrupts off before and after. */
static enum inner_result run_guest(struct vcpu *vcpu)
{
	enum inner_result why;

	vgic_flush(vcpu);
	if (!vcpu->arch.el1_loaded)
		hyp_el1_load(vcpu);
	run_update_vttbr(vcpu);
	if (vcpu->arch.pmu)
		pmu_host_enter();

	trace_kvm_entry(vcpu->arch.hyp.pc);
	run_guest_state_enter(vcpu);
	local_daif_mask();
	pmr_sync();
	hyp_activate(vcpu);
	why = run_inner(vcpu);
	hyp_deactivate(vcpu);
	local_daif_restore(DAIF_PROCCTX_NOIRQ);
	context_tracking_guest_exit();
	run_trace_exit(vcpu, why);

	/* The guest has been left before the mode says so: vm_request_all() relies on it. */
	smp_store_release(&vcpu->mode, VCPU_OUTSIDE);
	vgic_sync(vcpu);

	if (why == INNER_IRQ) {
		vcpu_stat_inc(vcpu, exits);
		vcpu_stat_inc(vcpu, irq_exits);
		/*
		 * Take it now, so that a tick is accounted to the guest; what is
		 * pending is taken by the next context synchronization event
		 * (DDI 0487, D1.3.6).
		 */
		local_irq_enable();
		isb();
		local_irq_disable();
	}
	vtime_account_guest_exit();
	return why;
}

/* Is the interrupt controller in user space? */
static bool run_user_irq(const struct vcpu *vcpu)
{
	return !vcpu->vm->arch.vgic.in_kernel;
}

/*
 * Runs the guest until something needs preemption on.
 *
 * Return: INNER_SYNC, INNER_SERROR or INNER_ILLEGAL for what is left to be
 * handled, INNER_RESYNC if there is a request, a signal or the scheduler.
 */
static enum inner_result run_preempt_off(struct vcpu *vcpu)
{
	enum inner_result why;

	preempt_disable();
	for (;;) {
		local_irq_disable();
		/* The list registers are about to be refilled in any case. */
		if (vcpu_take_request(vcpu, VCPU_REQ_IRQ_PENDING) && unlikely(run_user_irq(vcpu)))
			user_irq_apply(vcpu);
		/*
		 * From here a kick sends an interrupt. The full barrier orders
		 * the mode before the look at requests; vcpu_kick() has its
		 * twin between making the request and reading the mode.
		 */
		smp_store_mb(vcpu->mode, VCPU_IN_GUEST);
		if (vcpu_has_requests(vcpu) || xfer_to_guest_mode_work_pending() ||
		    fp_softirq_waits(vcpu)) {
			/* Not entered; pairs as after a run. */
			smp_store_release(&vcpu->mode, VCPU_OUTSIDE);
			why = INNER_RESYNC;
			break;
		}
		why = run_guest(vcpu);
		if (why == INNER_SYNC) {
			if (!fp_is_trap(vcpu))
				break;
			local_irq_enable();
			fp_guest_load(vcpu);
		} else if (why != INNER_IRQ && why != INNER_RESYNC) {
			break;
		}
	}
	local_irq_enable();
	fp_guest_put(vcpu);
	preempt_enable();
	return why;
}

/* A physical SError that was taken while the guest ran. */
static int run_serror(struct vcpu *vcpu)
{
	u64 esr = vcpu_esr(vcpu);

	/* Uncontainable: nothing on this machine can be trusted any more (RAS, DDI 0587). */
	if (!(esr & ESR_ELx_IDS) && cpus_have_final_cap(ARM64_HAS_RAS_EXTN) &&
	    (esr & ESR_ELx_FSC) == ESR_ELx_FSC_SERROR && (esr & ESR_ELx_AET) == ESR_ELx_AET_UC)
		panic("kvm-arm: uncontainable SError from a guest, ESR %#llx\n", esr);
	inject_serror(vcpu, false, 0);
	return 1;
}

static int run_exit(struct vcpu *vcpu, enum inner_result why)
{
	struct kvm_run *run = vcpu->run;
	enum exit_result res;

	switch (why) {
	case INNER_SYNC:
		res = exit_handle_slow(vcpu);
		return res == EXIT_USER ? 0 : res < 0 ? (int)res : 1;
	case INNER_SERROR:
		return run_serror(vcpu);
	case INNER_ILLEGAL:
		/* Whoever set this PSTATE has to initialise the vCPU again. */
		vcpu->arch.initialized = false;
		run->exit_reason = KVM_EXIT_FAIL_ENTRY;
		run->fail_entry.hardware_entry_failure_reason = vcpu_esr(vcpu);
		run->fail_entry.cpu = vcpu->cpu;
		return 0;
	default:
		return 1;
	}
}

/* 1: go on; 0: to user space; negative: an error or -EINTR. */
static int run_requests(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	if (likely(!vcpu_has_requests(vcpu)))
		return 1;
	if (vcpu_take_request(vcpu, VCPU_REQ_VM_DEAD))
		return -EIO;
	if (vcpu_take_request(vcpu, VCPU_REQ_RING_FULL) && dirty_ring_full(vcpu)) {
		trace_kvm_dirty_ring_exit(vcpu->id);
		vcpu_make_request(vcpu, VCPU_REQ_RING_FULL);
		run->exit_reason = KVM_EXIT_DIRTY_RING_FULL;
		return 0;
	}
	/* Both are done by having left the guest. */
	vcpu_take_request(vcpu, VCPU_REQ_UNHALT);
	vcpu_take_request(vcpu, VCPU_REQ_TLB_FLUSH);
	if (vcpu_take_request(vcpu, VCPU_REQ_PMU) && !pmu_work(vcpu)) {
		run->exit_reason = KVM_EXIT_FAIL_ENTRY;
		run->fail_entry.hardware_entry_failure_reason = KVM_EXIT_FAIL_ENTRY_CPU_UNSUPPORTED;
		run->fail_entry.cpu = raw_smp_processor_id();
		return 0;
	}
	if (vcpu_take_request(vcpu, VCPU_REQ_STOLEN_TIME))
		pvtime_update(vcpu);

	if (vcpu_take_request(vcpu, VCPU_REQ_SLEEP)) {
		while (vcpu_is_off(vcpu)) {
			vcpu_block(vcpu);
			if (vcpu_is_off(vcpu) && signal_pending(current)) {
				vcpu_make_request(vcpu, VCPU_REQ_SLEEP);
				break;
			}
			if (test_bit(VCPU_REQ_VM_DEAD, &vcpu->requests))
				return -EIO;
		}
	}
	if (vcpu_take_request(vcpu, VCPU_REQ_RESET)) {
		vcpu_put(vcpu);
		vcpu_reset(vcpu);
		vcpu_load(vcpu);
	}
	if (vcpu_take_request(vcpu, VCPU_REQ_SUSPEND)) {
		vcpu_block(vcpu);
		/* Until user space says otherwise, whatever it is that woke it. */
		vcpu_make_request(vcpu, VCPU_REQ_SUSPEND);
		if (!arch_vcpu_runnable(vcpu))
			return 1;
		run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
		run->system_event.type = KVM_SYSTEM_EVENT_WAKEUP;
		run->system_event.ndata = 0;
		return 0;
	}
	return 1;
}

/**
 * arch_vcpu_run - KVM_RUN
 * @vcpu: loaded, vcpu->mutex held
 *
 * Return: 0 with run->exit_reason filled; -EINTR with KVM_EXIT_INTR, for a signal
 * or a device's level that user space has to be told of; -ENOEXEC
 * before KVM_ARM_VCPU_INIT; -EIO if the VM is dead; what the set-up of the
 * first run says, which includes -EPERM before KVM_ARM_VCPU_FINALIZE with SVE.
 */
int arch_vcpu_run(struct vcpu *vcpu)
{
	int ret;

	if (!vcpu->arch.initialized)
		return -ENOEXEC;
	ret = vcpu_first_run(vcpu);
	if (ret)
		return ret;
	ret = vcpu_complete_exit(vcpu);
	if (ret < 0)
		return ret;
	if (READ_ONCE(vcpu->run->immediate_exit))
		return -EINTR;

	if (unlikely(pmu_is_new_thread(vcpu)))
		pmu_new_thread(vcpu);
	/* An error says nothing else: user space must not see the exit of the run before. */
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	vcpu->run->flags = 0;
	do {
		/* With interrupts on, so a hint: run_preempt_off() looks again. */
		if (__xfer_to_guest_mode_work_pending()) {
			ret = compat_xfer_to_guest_work();
			if (ret) {
				vcpu->run->exit_reason = KVM_EXIT_INTR;
				vcpu_stat_inc(vcpu, signal_exits);
				break;
			}
		}
		ret = run_requests(vcpu);
		if (ret <= 0)
			break;
		if (unlikely(run_user_irq(vcpu)) && user_irq_changed(vcpu)) {
			vcpu->run->exit_reason = KVM_EXIT_INTR;
			ret = -EINTR;
			break;
		}
		ret = run_exit(vcpu, run_preempt_off(vcpu));
	} while (ret > 0);
	if (unlikely(run_user_irq(vcpu)))
		user_irq_report(vcpu);
	return ret;
}
