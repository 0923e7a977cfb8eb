// SPDX-License-Identifier: GPL-2.0
/*
 * Power State Coordination Interface (DEN 0022): 1.1, 1.0 and 0.2 for vCPUs
 * with KVM_ARM_VCPU_PSCI_0_2, and the two calls of 0.1 that had agreed numbers
 * for those without.
 *
 * A vCPU's power state is vcpu_arch.mp_state, written under mp_lock.  Off means
 * KVM_MP_STATE_STOPPED with VCPU_REQ_SLEEP made of it; the vCPU's own thread
 * then stays out of the guest until the state changes.
 */

#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/kvm.h>
#include <linux/nospec.h>
#include <uapi/linux/psci.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <asm/cputype.h>
#include <asm/sysreg.h>
#include "arm64.h"
#include "smccc.h"

/* PSCI_VERSION's encoding: larger is newer. */
#define PSCI_0_2		PSCI_VERSION(0, 2)
#define PSCI_1_0		PSCI_VERSION(1, 0)
#define PSCI_1_1		PSCI_VERSION(1, 1)

static u64 vcpu_affinity(const struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->arch.sysregs[SYS_MPIDR]) & MPIDR_HWID_BITMASK;
}

static bool vcpu_has_mpidr(const struct vcpu *vcpu, u64 mpidr)
{
	return READ_ONCE(vcpu->arch.initialized) && vcpu_affinity(vcpu) == mpidr;
}

/**
 * vcpu_by_mpidr - find a vCPU by its affinity
 * @vm: VM
 * @mpidr: MPIDR_EL1; bits other than Aff0 to Aff3 are ignored
 *
 * Context: any.
 * Return: an initialised vCPU, or NULL
 */
struct vcpu *vcpu_by_mpidr(struct vm *vm, u64 mpidr)
{
	struct vcpu *vcpu;
	unsigned int i;

	mpidr &= MPIDR_HWID_BITMASK;

	/* As vCPUs are numbered unless user space says otherwise: 16 to an Aff1. */
	i = MPIDR_AFFINITY_LEVEL(mpidr, 0) + 16 * MPIDR_AFFINITY_LEVEL(mpidr, 1);
	if (i < vm_nr_vcpus(vm)) {
		vcpu = vm_vcpu_by_index(vm, i);
		if (vcpu && vcpu_has_mpidr(vcpu, mpidr))
			return vcpu;
	}

	vm_for_each_vcpu(i, vcpu, vm)
		if (vcpu_has_mpidr(vcpu, mpidr))
			return vcpu;
	return NULL;
}

/**
 * vcpu_is_off - is the vCPU powered off?
 * @vcpu: vCPU
 *
 * Context: any.
 * Return: false if it runs or may; then what the one who turned it on left in
 * vcpu_arch.reset is visible
 */
bool vcpu_is_off(struct vcpu *vcpu)
{
	/* Pairs with the release in psci_cpu_on(). */
	return smp_load_acquire(&vcpu->arch.mp_state.mp_state) == KVM_MP_STATE_STOPPED;
}

/**
 * vcpu_power_off - power a vCPU off
 * @vcpu: vCPU; its own thread or any other
 *
 * Context: any with interrupts on; takes mp_lock.  The vCPU leaves the guest
 * soon; nothing waits for it.
 */
void vcpu_power_off(struct vcpu *vcpu)
{
	spin_lock(&vcpu->arch.mp_lock);
	WRITE_ONCE(vcpu->arch.mp_state.mp_state, KVM_MP_STATE_STOPPED);
	spin_unlock(&vcpu->arch.mp_lock);
	vcpu_make_request(vcpu, VCPU_REQ_SLEEP);
	vcpu_kick(vcpu);
}

/* CPU_ON (DEN 0022, 5.6). */
static long psci_cpu_on(struct vcpu *source, u64 mpidr, u64 entry, u64 context)
{
	struct vcpu_reset_state *reset;
	struct vcpu *target;
	bool be;

	if (vcpu_is_aarch32(source))
		be = source->arch.hyp.pstate & PSR_AA32_E_BIT;
	else
		be = vcpu_sysreg_get(source, SYS_SCTLR) & SCTLR_ELx_EE;

	if (mpidr & ~MPIDR_HWID_BITMASK)
		return PSCI_RET_INVALID_PARAMS;
	target = vcpu_by_mpidr(source->vm, mpidr);
	if (!target)
		return PSCI_RET_INVALID_PARAMS;

	spin_lock(&target->arch.mp_lock);
	if (!vcpu_is_off(target)) {
		spin_unlock(&target->arch.mp_lock);
		return PSCI_RET_ALREADY_ON;
	}

	reset = &target->arch.reset;
	reset->pc = entry;
	reset->r0 = context;
	reset->be = be;
	/* Whoever sees it pending sees all of it. */
	smp_store_release(&reset->pending, true);
	vcpu_make_request(target, VCPU_REQ_RESET);
	/* The target must not see itself on without the request to reset first. */
	smp_store_release(&target->arch.mp_state.mp_state, KVM_MP_STATE_RUNNABLE);
	spin_unlock(&target->arch.mp_lock);

	vcpu_make_request(target, VCPU_REQ_UNHALT);
	vcpu_kick(target);
	return PSCI_RET_SUCCESS;
}

/* AFFINITY_INFO (5.7): level 0 to 3 says how many affinity fields do not count. */
static long psci_affinity_info(struct vcpu *source, u64 target, u64 level)
{
	struct vm *vm = source->vm;
	struct vcpu *vcpu;
	unsigned int i;
	u64 mask = MPIDR_HWID_BITMASK;
	bool found = false;

	if (level > 3 || (target & ~MPIDR_HWID_BITMASK))
		return PSCI_RET_INVALID_PARAMS;
	for (i = 0; i < level; i++)
		mask &= ~((u64)MPIDR_LEVEL_MASK << MPIDR_LEVEL_SHIFT(i));

	vm_for_each_vcpu(i, vcpu, vm) {
		if (!READ_ONCE(vcpu->arch.initialized) ||
		    ((vcpu_affinity(vcpu) ^ target) & mask))
			continue;
		if (!vcpu_is_off(vcpu))
			return PSCI_0_2_AFFINITY_LEVEL_ON;
		found = true;
	}
	return found ? PSCI_0_2_AFFINITY_LEVEL_OFF : PSCI_RET_INVALID_PARAMS;
}

static enum exit_result psci_event(struct vcpu *vcpu, u32 type)
{
	struct kvm_run *run = vcpu->run;

	memset(&run->system_event, 0, sizeof(run->system_event));
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = type;
	return EXIT_USER;
}

/*
 * SYSTEM_OFF, SYSTEM_RESET, SYSTEM_RESET2 (5.9 to 5.11).  For the guest they do
 * not return, but user space may take its time and call KVM_RUN meanwhile: so
 * every vCPU is off until it is initialised again.  A monitor that turns this
 * one on regardless makes the call fail.
 */
static enum exit_result psci_system_down(struct vcpu *vcpu, u32 type, u64 flags)
{
	struct vcpu *each;
	unsigned int i;

	vm_for_each_vcpu(i, each, vcpu->vm)
		vcpu_power_off(each);

	smccc_return_code(vcpu, PSCI_RET_INTERNAL_FAILURE);
	psci_event(vcpu, type);
	vcpu->run->system_event.ndata = 1;
	vcpu->run->system_event.data[0] = flags;
	return EXIT_USER;
}

/* A function's number, whichever calling convention it is called with. */
#define PSCI_NR(fn)	(((fn) & ~PSCI_0_2_64BIT) - PSCI_0_2_FN_BASE)

/* What this firmware has, by number: the version that came with it, and whether SMC64 has it, too. */
static const struct psci_function {
	u32 since;
	bool wide;
} psci_functions[] = {
	[PSCI_NR(PSCI_0_2_FN_PSCI_VERSION)]	 = { PSCI_0_2 },
	[PSCI_NR(PSCI_0_2_FN_MIGRATE_INFO_TYPE)] = { PSCI_0_2 },
	[PSCI_NR(PSCI_0_2_FN_AFFINITY_INFO)]	 = { PSCI_0_2, true },
	[PSCI_NR(PSCI_0_2_FN_CPU_ON)]		 = { PSCI_0_2, true },
	[PSCI_NR(PSCI_0_2_FN_CPU_OFF)]		 = { PSCI_0_2 },
	[PSCI_NR(PSCI_0_2_FN_CPU_SUSPEND)]	 = { PSCI_0_2, true },
	[PSCI_NR(PSCI_0_2_FN_SYSTEM_OFF)]	 = { PSCI_0_2 },
	[PSCI_NR(PSCI_0_2_FN_SYSTEM_RESET)]	 = { PSCI_0_2 },
	[PSCI_NR(PSCI_1_0_FN_PSCI_FEATURES)]	 = { PSCI_1_0 },
	[PSCI_NR(PSCI_1_0_FN_SYSTEM_SUSPEND)]	 = { PSCI_1_0, true },
	[PSCI_NR(PSCI_1_1_FN_SYSTEM_RESET2)]	 = { PSCI_1_1, true },
};

/* Function's first version, 0 if there is none; SYSTEM_SUSPEND needs user space's consent. */
static u32 psci_since(struct vcpu *vcpu, u32 fn)
{
	const struct psci_function *function;
	u32 nr = PSCI_NR(fn);

	if (nr >= ARRAY_SIZE(psci_functions))
		return 0;
	function = &psci_functions[array_index_nospec(nr, ARRAY_SIZE(psci_functions))];
	if (ARM_SMCCC_IS_64(fn) && !function->wide)
		return 0;
	if (nr == PSCI_NR(PSCI_1_0_FN_SYSTEM_SUSPEND) &&
	    !READ_ONCE(vcpu->vm->arch.system_suspend))
		return 0;
	return function->since;
}

static bool psci_has(struct vcpu *vcpu, u32 fn)
{
	u32 since = psci_since(vcpu, fn);

	return since && since <= READ_ONCE(vcpu->vm->arch.psci_version);
}

/* PSCI_FEATURES (5.15).  No bits of a function's own are set: original state format. */
static long psci_features(struct vcpu *vcpu, u32 fn)
{
	if (vcpu_is_aarch32(vcpu) && ARM_SMCCC_IS_64(fn))
		return PSCI_RET_NOT_SUPPORTED;
	if (fn == ARM_SMCCC_VERSION_FUNC_ID || psci_has(vcpu, fn))
		return PSCI_RET_SUCCESS;
	return PSCI_RET_NOT_SUPPORTED;
}

bool psci_is_legacy(u32 fn)
{
	return fn >= KVM_PSCI_FN_CPU_SUSPEND && fn <= KVM_PSCI_FN_MIGRATE;
}

bool psci_call_fast(struct vcpu *vcpu, u32 fn)
{
	bool modern = vcpu_has_feature(vcpu, KVM_ARM_VCPU_PSCI_0_2);
	long ret = PSCI_RET_NOT_SUPPORTED;

	if (psci_is_legacy(fn)) {
		if (!modern && (fn == KVM_PSCI_FN_CPU_ON || fn == KVM_PSCI_FN_CPU_OFF))
			return false;
	} else if (modern && psci_has(vcpu, fn)) {
		switch (fn) {
		case PSCI_0_2_FN_PSCI_VERSION:
			ret = READ_ONCE(vcpu->vm->arch.psci_version);
			break;
		case PSCI_0_2_FN_MIGRATE_INFO_TYPE:
			/* No trusted OS that would have to move with a CPU. */
			ret = PSCI_0_2_TOS_MP;
			break;
		case PSCI_1_0_FN_PSCI_FEATURES:
			ret = psci_features(vcpu, smccc_arg(vcpu, fn, 1));
			break;
		default:
			return false;
		}
	}
	smccc_return_code(vcpu, ret);
	return true;
}

static enum exit_result psci_reset2(struct vcpu *vcpu, u32 fn)
{
	u32 type = lower_32_bits(vcpu->arch.hyp.regs[1]);

	/* Architectural types other than the warm reset are reserved, vendors' are user space's. */
	if (type != PSCI_1_1_RESET_TYPE_SYSTEM_WARM_RESET &&
	    type < PSCI_1_1_RESET_TYPE_VENDOR_START) {
		smccc_return_code(vcpu, PSCI_RET_INVALID_PARAMS);
		return EXIT_RESUME;
	}
	return psci_system_down(vcpu, KVM_SYSTEM_EVENT_RESET,
				KVM_SYSTEM_EVENT_RESET_FLAG_PSCI_RESET2);
}

/* 0.1: CPU_ON knows no "already on". */
static enum exit_result psci_legacy_call(struct vcpu *vcpu, u32 fn)
{
	const u64 *regs = vcpu->arch.hyp.regs;
	long ret;

	if (fn == KVM_PSCI_FN_CPU_OFF) {
		smccc_return_code(vcpu, PSCI_RET_SUCCESS);
		vcpu_power_off(vcpu);
		return EXIT_RESUME;
	}
	ret = psci_cpu_on(vcpu, regs[1], regs[2], regs[3]);
	smccc_return_code(vcpu, ret == PSCI_RET_ALREADY_ON ? PSCI_RET_INVALID_PARAMS : ret);
	return EXIT_RESUME;
}

/**
 * psci_call - the PSCI calls that psci_call_fast() leaves over
 * @vcpu: loaded, own thread; its version has the function
 * @fn: function identifier
 *
 * Context: process, vm->srcu not held: a suspended vCPU waits in here.
 * Return: EXIT_RESUME or EXIT_USER
 */
enum exit_result psci_call(struct vcpu *vcpu, u32 fn)
{
	u64 arg1 = smccc_arg(vcpu, fn, 1), arg2 = smccc_arg(vcpu, fn, 2);

	if (psci_is_legacy(fn))
		return psci_legacy_call(vcpu, fn);

	switch (fn) {
	case PSCI_0_2_FN_CPU_SUSPEND:
	case PSCI_0_2_FN64_CPU_SUSPEND:
		/* Any state may be entered as a shallower one: standby, so it returns (5.4.1). */
		smccc_return_code(vcpu, PSCI_RET_SUCCESS);
		vcpu_block(vcpu);
		return EXIT_RESUME;
	case PSCI_0_2_FN_CPU_OFF:
		smccc_return_code(vcpu, PSCI_RET_SUCCESS);
		vcpu_power_off(vcpu);
		return EXIT_RESUME;
	case PSCI_0_2_FN_CPU_ON:
	case PSCI_0_2_FN64_CPU_ON:
		smccc_return_code(vcpu, psci_cpu_on(vcpu, arg1, arg2, smccc_arg(vcpu, fn, 3)));
		return EXIT_RESUME;
	case PSCI_0_2_FN_AFFINITY_INFO:
	case PSCI_0_2_FN64_AFFINITY_INFO:
		smccc_return_code(vcpu, psci_affinity_info(vcpu, arg1, arg2));
		return EXIT_RESUME;
	case PSCI_0_2_FN_SYSTEM_OFF:
		return psci_system_down(vcpu, KVM_SYSTEM_EVENT_SHUTDOWN, 0);
	case PSCI_0_2_FN_SYSTEM_RESET:
		return psci_system_down(vcpu, KVM_SYSTEM_EVENT_RESET, 0);
	case PSCI_1_1_FN_SYSTEM_RESET2:
	case PSCI_1_1_FN64_SYSTEM_RESET2:
		return psci_reset2(vcpu, fn);
	case PSCI_1_0_FN_SYSTEM_SUSPEND:
	case PSCI_1_0_FN64_SYSTEM_SUSPEND:
		/* User space does it, with the call's arguments where the guest put them. */
		return psci_event(vcpu, KVM_SYSTEM_EVENT_SUSPEND);
	default:
		smccc_return_code(vcpu, PSCI_RET_NOT_SUPPORTED);
		return EXIT_RESUME;
	}
}
