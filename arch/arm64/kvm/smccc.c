// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's firmware calls (SMC Calling Convention, DEN 0028; version 1.1).
 *
 * HVC and SMC are the same here: the guest's firmware is this module, and HCR_EL2.TSC
 * brings both.  An HVC returns behind itself, a trapped SMC is the trapped
 * instruction and has to be stepped over.
 *
 * What needs no sleeping is answered with interrupts off, in the vCPU's inner
 * loop; a VM with a call filter always takes the slow way, which asks it.
 *
 * Workarounds of speculation: what a module can know of its host is what the
 * kernel's CPU capabilities say ("is any CPU affected?") and what the firmware
 * answers on each CPU ("can you mitigate?").  How the kernel protects itself
 * does not matter for a guest's request: that goes to the firmware.
 *   - WORKAROUND_1 and 3 are "not required" if no CPU is affected, available if
 *     the firmware of every CPU knows the call, else not available. Where every
 *     exit from a guest clears the branch history, WORKAROUND_3 is a call that
 *     has done its work when it arrives.
 *   - WORKAROUND_2 is "not required" if no CPU is affected or the firmware says
 *     that it mitigates for good, else not available: with SSBS the guest has
 *     the control in PSTATE, without it the module cannot tell if the firmware's
 *     switch is on.
 */

#include <linux/arm-smccc.h>
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <uapi/linux/psci.h>
#include <asm/cpufeature.h>
#include "arm64.h"
#include "hyp/hyp.h"
#include "smccc.h"
#include "smccc_filter.h"

#define SMCCC_IMM_MASK		0xffff

/* Function identifiers without their number: type, convention, owner. */
#define SMCCC_SERVICE(fn)	((fn) >> ARM_SMCCC_OWNER_SHIFT)
#define SMCCC_ARCH_32		0x80
#define SMCCC_STD_32		0x84
#define SMCCC_STD_64		0xc4
#define SMCCC_STD_HYP_64	0xc5
#define SMCCC_VENDOR_HYP_32	0x86

/* Standard secure services (DEN 0028, table 6-2): PSCI from 0, TRNG from 0x50. */
#define SMCCC_STD_PSCI_LAST	0x1f
#define SMCCC_STD_TRNG_FIRST	0x50
#define SMCCC_STD_TRNG_LAST	0x5f

/* ------------------------------------------------------------ workarounds */

static DEFINE_MUTEX(workaround_mutex);
static bool workarounds_known;	/* workaround_mutex; the levels do not change after it */
static u8 workaround1_level, workaround2_level, workaround3_level;
static bool workaround3_by_exit;	/* needs no firmware */

/* Every CPU's firmware: lacks[] is set by any that does not know the call. */
struct firmware_view {
	bool lacks1, lacks3;
	bool dynamic2;		/* some CPU's WORKAROUND_2 is not "permanently mitigated" */
};

static long firmware_feature(u32 fn)
{
	struct arm_smccc_res res;

	arm_smccc_1_1_smc(ARM_SMCCC_ARCH_FEATURES_FUNC_ID, fn, &res);
	return (s32)res.a0;
}

static void firmware_look(void *info)
{
	struct firmware_view *view = info;

	if (firmware_feature(ARM_SMCCC_ARCH_WORKAROUND_1) < 0)
		WRITE_ONCE(view->lacks1, true);
	if (firmware_feature(ARM_SMCCC_ARCH_WORKAROUND_2) != SMCCC_RET_NOT_REQUIRED)
		WRITE_ONCE(view->dynamic2, true);
	if (firmware_feature(ARM_SMCCC_ARCH_WORKAROUND_3) < 0)
		WRITE_ONCE(view->lacks3, true);
}

static void exits_look(void *info)
{
	bool *some_do_not = info;

	if (!hyp_exit_clears_history())
		WRITE_ONCE(*some_do_not, true);
}

static void workarounds_detect(void)
{
	bool some_do_not = false;
	struct firmware_view view = { .lacks1 = true, .lacks3 = true, .dynamic2 = true };

	guard(mutex)(&workaround_mutex);
	if (workarounds_known)
		return;

	/* At EL2 there is nobody behind an HVC. */
	if (arm_smccc_1_1_get_conduit() == SMCCC_CONDUIT_SMC) {
		view = (struct firmware_view) {};
		on_each_cpu(firmware_look, &view, 1);
	}

	on_each_cpu(exits_look, &some_do_not, 1);
	workaround3_by_exit = !some_do_not;

	if (!cpus_have_cap(ARM64_SPECTRE_V2))
		workaround1_level = KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_NOT_REQUIRED;
	else if (!view.lacks1)
		workaround1_level = KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_AVAIL;

	if (!cpus_have_cap(ARM64_SPECTRE_V4) || !view.dynamic2)
		workaround2_level = KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_REQUIRED;

	if (!cpus_have_cap(ARM64_SPECTRE_BHB))
		workaround3_level = KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3_NOT_REQUIRED;
	else if (!view.lacks3 || workaround3_by_exit)
		workaround3_level = KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3_AVAIL;

	workarounds_known = true;
}

u64 smccc_workaround_level(u64 reg)
{
	switch (reg) {
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1:
		return workaround1_level;
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2:
		return workaround2_level;
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3:
		return workaround3_level;
	default:
		return 0;
	}
}

/* ARCH_FEATURES of WORKAROUND_1 and 3, whose levels have the same numbers (DEN 0070). */
static long workaround_feature(u8 level)
{
	switch (level) {
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_AVAIL:
		return SMCCC_RET_SUCCESS;
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_NOT_REQUIRED:
		return SMCCC_ARCH_WORKAROUND_RET_UNAFFECTED;
	default:
		return SMCCC_RET_NOT_SUPPORTED;
	}
}

static long workaround2_feature(void)
{
	return workaround2_level == KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_REQUIRED ?
	       SMCCC_RET_NOT_REQUIRED : SMCCC_RET_NOT_SUPPORTED;
}

/* The guest wants this CPU's predictors out of its way. */
static long workaround_do(u8 level, u32 fn, bool by_exit)
{
	if (level == KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_NOT_AVAIL)
		return SMCCC_RET_NOT_SUPPORTED;
	if (level == KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_AVAIL && !by_exit)
		arm_smccc_1_1_smc(fn, NULL);
	return SMCCC_RET_SUCCESS;
}

/* --------------------------------------------------- architecture's calls */

static bool smccc_pv_time_allowed(const struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->vm->arch.smccc_std_hyp_bmap) & SMCCC_STD_HYP_FEATURES;
}

static bool smccc_vendor_allowed(const struct vcpu *vcpu, unsigned int bit)
{
	return READ_ONCE(vcpu->vm->arch.smccc_vendor_hyp_bmap) & BIT_ULL(bit);
}

static long smccc_arch_features(struct vcpu *vcpu, u32 fn)
{
	switch (fn) {
	case ARM_SMCCC_VERSION_FUNC_ID:
	case ARM_SMCCC_ARCH_FEATURES_FUNC_ID:
		return SMCCC_RET_SUCCESS;
	case ARM_SMCCC_ARCH_WORKAROUND_1:
		return workaround_feature(workaround1_level);
	case ARM_SMCCC_ARCH_WORKAROUND_2:
		return workaround2_feature();
	case ARM_SMCCC_ARCH_WORKAROUND_3:
		return workaround_feature(workaround3_level);
	case ARM_SMCCC_HV_PV_TIME_FEATURES:
		return smccc_pv_time_allowed(vcpu) ? SMCCC_RET_SUCCESS : SMCCC_RET_NOT_SUPPORTED;
	default:
		return SMCCC_RET_NOT_SUPPORTED;
	}
}

static long smccc_arch_call(struct vcpu *vcpu, u32 fn)
{
	switch (fn) {
	case ARM_SMCCC_VERSION_FUNC_ID:
		return ARM_SMCCC_VERSION_1_1;
	case ARM_SMCCC_ARCH_FEATURES_FUNC_ID:
		return smccc_arch_features(vcpu, smccc_arg(vcpu, fn, 1));
	case ARM_SMCCC_ARCH_WORKAROUND_1:
		return workaround_do(workaround1_level, fn, false);
	case ARM_SMCCC_ARCH_WORKAROUND_2:
		/* Where it can be called it has nothing to do. */
		return workaround2_feature() == SMCCC_RET_NOT_REQUIRED ?
		       SMCCC_RET_SUCCESS : SMCCC_RET_NOT_SUPPORTED;
	case ARM_SMCCC_ARCH_WORKAROUND_3:
		return workaround_do(workaround3_level, fn, workaround3_by_exit);
	default:
		return SMCCC_RET_NOT_SUPPORTED;
	}
}

/* ---------------------------------------------------------- vendor's calls */

/* Wall clock and counter of the same moment; the counter as the guest sees it. */
static void smccc_ptp(struct vcpu *vcpu)
{
	struct system_time_snapshot now;
	u64 ns, cycles, offset;

	switch (lower_32_bits(vcpu->arch.hyp.regs[1])) {
	case KVM_PTP_VIRT_COUNTER:
		offset = vcpu->vm->arch.timer.offset[TIMER_VIRT];
		break;
	case KVM_PTP_PHYS_COUNTER:
		offset = vcpu->vm->arch.timer.offset[TIMER_PHYS];
		break;
	default:
		smccc_return_code(vcpu, SMCCC_RET_NOT_SUPPORTED);
		return;
	}

	ktime_get_snapshot(&now);
	if (now.cs_id != CSID_ARM_ARCH_COUNTER) {
		smccc_return_code(vcpu, SMCCC_RET_NOT_SUPPORTED);
		return;
	}
	ns = ktime_to_ns(now.real);
	cycles = now.cycles - offset;
	smccc_return(vcpu, upper_32_bits(ns), lower_32_bits(ns),
		     upper_32_bits(cycles), lower_32_bits(cycles));
}

/* True if answered. */
static bool smccc_vendor_call_fast(struct vcpu *vcpu, u32 fn)
{
	switch (fn) {
	case ARM_SMCCC_VENDOR_HYP_CALL_UID_FUNC_ID:
		if (!smccc_vendor_allowed(vcpu, KVM_REG_ARM_VENDOR_HYP_BIT_FUNC_FEAT))
			break;
		smccc_return(vcpu, ARM_SMCCC_VENDOR_HYP_UID_KVM_REG_0,
			     ARM_SMCCC_VENDOR_HYP_UID_KVM_REG_1,
			     ARM_SMCCC_VENDOR_HYP_UID_KVM_REG_2,
			     ARM_SMCCC_VENDOR_HYP_UID_KVM_REG_3);
		return true;
	case ARM_SMCCC_VENDOR_HYP_KVM_FEATURES_FUNC_ID:
		if (!smccc_vendor_allowed(vcpu, KVM_REG_ARM_VENDOR_HYP_BIT_FUNC_FEAT))
			break;
		/* The bitmap's bits are the functions' numbers. */
		smccc_return(vcpu, READ_ONCE(vcpu->vm->arch.smccc_vendor_hyp_bmap), 0, 0, 0);
		return true;
	case ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID:
		if (!smccc_vendor_allowed(vcpu, KVM_REG_ARM_VENDOR_HYP_BIT_PTP))
			break;
		return false;
	default:
		break;
	}
	smccc_return_code(vcpu, SMCCC_RET_NOT_SUPPORTED);
	return true;
}

/* ---------------------------------------------------------------- dispatch */

static bool smccc_std_hyp_call_fast(struct vcpu *vcpu, u32 fn)
{
	if (smccc_pv_time_allowed(vcpu)) {
		if (fn == ARM_SMCCC_HV_PV_TIME_ST)
			return false;
		if (fn == ARM_SMCCC_HV_PV_TIME_FEATURES &&
		    pvtime_features(vcpu, smccc_arg(vcpu, fn, 1))) {
			smccc_return_code(vcpu, SMCCC_RET_SUCCESS);
			return true;
		}
	}
	smccc_return_code(vcpu, SMCCC_RET_NOT_SUPPORTED);
	return true;
}

static bool smccc_std_call_fast(struct vcpu *vcpu, u32 fn)
{
	unsigned int nr = ARM_SMCCC_FUNC_NUM(fn);

	if (nr <= SMCCC_STD_PSCI_LAST)
		return psci_call_fast(vcpu, fn);
	if (nr >= SMCCC_STD_TRNG_FIRST && nr <= SMCCC_STD_TRNG_LAST)
		return trng_call_fast(vcpu, fn);
	smccc_return_code(vcpu, SMCCC_RET_NOT_SUPPORTED);
	return true;
}

/* True if answered; else nothing was changed and the call is a known one. */
static bool smccc_answer(struct vcpu *vcpu, u32 fn)
{
	switch (SMCCC_SERVICE(fn)) {
	case SMCCC_ARCH_32:
		smccc_return_code(vcpu, smccc_arch_call(vcpu, fn));
		return true;
	case SMCCC_STD_32:
	case SMCCC_STD_64:
		return smccc_std_call_fast(vcpu, fn);
	case SMCCC_STD_HYP_64:
		return smccc_std_hyp_call_fast(vcpu, fn);
	case SMCCC_VENDOR_HYP_32:
		return smccc_vendor_call_fast(vcpu, fn);
	default:
		if (psci_is_legacy(fn))
			return psci_call_fast(vcpu, fn);
		smccc_return_code(vcpu, SMCCC_RET_NOT_SUPPORTED);
		return true;
	}
}

/**
 * smccc_call_fast - answer an HVC in the inner loop
 * @vcpu: active on this CPU; x0 holds the function, the PC is past the HVC
 *
 * Context: interrupts off.
 * Return: EXIT_RESUME, or EXIT_SLOW having changed nothing
 */
enum exit_result smccc_call_fast(struct vcpu *vcpu)
{
	/* Immediates other than 0 are for the slow way, too: nobody has a use for them. */
	if ((vcpu_esr(vcpu) & SMCCC_IMM_MASK) || READ_ONCE(vcpu->vm->arch.smccc_filter))
		return EXIT_SLOW;
	if (!smccc_answer(vcpu, lower_32_bits(vcpu->arch.hyp.regs[0])))
		return EXIT_SLOW;
	vcpu_stat_inc(vcpu, hvc_exit_stat);
	return EXIT_RESUME;
}

static enum exit_result smccc_forward(struct vcpu *vcpu, u32 fn, bool smc)
{
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_HYPERCALL;
	memset(&run->hypercall, 0, sizeof(run->hypercall));
	run->hypercall.nr = fn;
	run->hypercall.flags = smc ? KVM_HYPERCALL_EXIT_SMC : 0;
	return EXIT_USER;
}

/**
 * smccc_call - answer an HVC or SMC that may take sleeping
 * @vcpu: loaded, own thread; x0 holds the function
 *
 * The VM's call filter comes before everything else (KVM_ARM_VM_SMCCC_FILTER).
 *
 * Context: process, vm->srcu not held.
 * Return: EXIT_RESUME or EXIT_USER
 */
enum exit_result smccc_call(struct vcpu *vcpu)
{
	u64 ec = ESR_ELx_EC(vcpu_esr(vcpu));
	bool smc = ec == ESR_ELx_EC_SMC64 || ec == ESR_ELx_EC_SMC32;
	u32 fn = lower_32_bits(vcpu->arch.hyp.regs[0]);

	if (smc)
		vcpu_skip_insn(vcpu);

	/* The calling convention has an immediate of 0 only (DEN 0028, 2.9). */
	if (vcpu_esr(vcpu) & SMCCC_IMM_MASK) {
		smccc_return_code(vcpu, SMCCC_RET_NOT_SUPPORTED);
		return EXIT_RESUME;
	}

	switch (smccc_filter_action(READ_ONCE(vcpu->vm->arch.smccc_filter), fn)) {
	case KVM_SMCCC_FILTER_HANDLE:
		break;
	case KVM_SMCCC_FILTER_FWD_TO_USER:
		return smccc_forward(vcpu, fn, smc);
	case KVM_SMCCC_FILTER_DENY:
		smccc_return_code(vcpu, SMCCC_RET_NOT_SUPPORTED);
		return EXIT_RESUME;
	}

	/* AArch32 has no functions with 64-bit arguments (DEN 0028, 2.2). */
	if (vcpu_is_aarch32(vcpu) && ARM_SMCCC_IS_64(fn)) {
		smccc_return_code(vcpu, SMCCC_RET_NOT_SUPPORTED);
		return EXIT_RESUME;
	}
	if (smccc_answer(vcpu, fn))
		return EXIT_RESUME;

	switch (fn) {
	case ARM_SMCCC_TRNG_RND32:
	case ARM_SMCCC_TRNG_RND64:
		trng_call(vcpu, fn);
		return EXIT_RESUME;
	case ARM_SMCCC_HV_PV_TIME_ST:
		smccc_return_code(vcpu, pvtime_start(vcpu));
		return EXIT_RESUME;
	case ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID:
		smccc_ptp(vcpu);
		return EXIT_RESUME;
	default:
		return psci_call(vcpu, fn);
	}
}

/* -------------------------------------------------------------- attributes */

/**
 * smccc_vm_has_attr - KVM_HAS_DEVICE_ATTR of KVM_ARM_VM_SMCCC_CTRL
 * @vm: VM
 * @attr: the ioctl's argument
 *
 * Return: 0 or -ENXIO
 */
int smccc_vm_has_attr(struct vm *vm, struct kvm_device_attr *attr)
{
	if (attr->group != KVM_ARM_VM_SMCCC_CTRL || attr->attr != KVM_ARM_VM_SMCCC_FILTER)
		return -ENXIO;
	return 0;
}

/**
 * smccc_vm_set_attr - add a range to the VM's call filter
 * @vm: VM
 * @attr: the ioctl's argument
 *
 * Context: process; takes vm->config_lock.
 * Return: 0; -ENXIO for another attribute, -EFAULT, -EBUSY once a vCPU has run,
 * -EINVAL for a malformed range, -EEXIST if it meets another or the
 * architecture's, -ENOMEM.
 */
int smccc_vm_set_attr(struct vm *vm, struct kvm_device_attr *attr)
{
	const struct smccc_filter *old;
	struct kvm_smccc_filter add;
	struct smccc_filter *new;
	int ret;

	ret = smccc_vm_has_attr(vm, attr);
	if (ret)
		return ret;
	if (copy_from_user(&add, u64_to_user_ptr(attr->addr), sizeof(add)))
		return -EFAULT;

	guard(mutex)(&vm->config_lock);
	if (vm->arch.ran_once)
		return -EBUSY;

	old = vm->arch.smccc_filter;
	new = smccc_filter_insert(old, &add);
	if (IS_ERR(new))
		return PTR_ERR(new);
	/* No vCPU has run, so none is looking at the old one; vCPUs see this by the lock. */
	WRITE_ONCE(vm->arch.smccc_filter, new);
	kfree(old);
	return 0;
}

/**
 * psci_vm_init - firmware of a new VM: the newest PSCI, every service
 * @vm: VM, not yet visible
 */
void psci_vm_init(struct vm *vm)
{
	workarounds_detect();
	vm->arch.psci_version = PSCI_VERSION(1, 1);
	vm->arch.smccc_std_bmap = SMCCC_STD_FEATURES;
	vm->arch.smccc_std_hyp_bmap = pvtime_supported() ? SMCCC_STD_HYP_FEATURES : 0;
	vm->arch.smccc_vendor_hyp_bmap = SMCCC_VENDOR_HYP_FEATURES;
	vm->arch.smccc_filter = NULL;
}

/**
 * psci_vm_destroy - free what psci_vm_init() and attributes made
 * @vm: VM; no vCPU runs
 */
void psci_vm_destroy(struct vm *vm)
{
	kfree(vm->arch.smccc_filter);
	vm->arch.smccc_filter = NULL;
}
