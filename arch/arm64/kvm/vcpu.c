// SPDX-License-Identifier: GPL-2.0
/* vCPUs on arm64: life, load and put, ioctls. */

#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/debug-monitors.h>
#include <kvm/arch.h>
#include "arm64.h"
#include "guest-debug.h"
#include "hcr.h"
#include "sysreg.h"
#include "hyp/hyp.h"

/* ---- Life */

unsigned int arch_max_vcpus(void)
{
	return vgic_max_vcpus();
}

int arch_vcpu_precreate(struct vm *vm, unsigned int id)
{
	lockdep_assert_held(&vm->config_lock);
	/* The number of redistributors and of SPI targets is fixed by then. */
	if (vm->arch.vgic.initialized)
		return -EBUSY;
	return 0;
}

int arch_vcpu_create(struct vcpu *vcpu)
{
	int ret;

	spin_lock_init(&vcpu->arch.mp_lock);
	vcpu->arch.mp_state.mp_state = KVM_MP_STATE_RUNNABLE;
	vcpu->arch.hyp.vtcr = stage2_vtcr(vcpu->vm);
	ret = vgic_vcpu_init(vcpu);
	if (ret)
		return ret;
	gtimer_vcpu_init(vcpu);
	return 0;
}

void arch_vcpu_destroy(struct vcpu *vcpu)
{
	pmu_vcpu_destroy(vcpu);
	gtimer_vcpu_destroy(vcpu);
	vgic_vcpu_destroy(vcpu);
	stage2_vcpu_destroy(vcpu);
	sve_vcpu_destroy(vcpu);
}

/* ---- Load and put */

void arch_vcpu_load(struct vcpu *vcpu, int cpu)
{
	stage2_load(vcpu);
	hyp_traps_load(vcpu);
	/* Another vCPU's may be there: make the next entry write it. */
	vcpu->arch.hyp.vttbr = ~0ULL;
	debug_load(vcpu);
	pmu_host_load();
	if (vcpu->arch.pmu)
		pmu_load(vcpu);
	vgic_load(vcpu);
	gtimer_load(vcpu);
	pvtime_load(vcpu);
}

void arch_vcpu_put(struct vcpu *vcpu)
{
	if (vcpu->arch.pmu)
		pmu_put(vcpu);
	pmu_host_put();
	gtimer_put(vcpu);
	vgic_put(vcpu);
	debug_put(vcpu);
	if (vcpu->arch.el1_loaded)
		hyp_el1_save(vcpu);
	hyp_traps_put(vcpu);
}

/* Registers that are in the CPU come to memory; the next entry loads them again. */
static void vcpu_el1_to_memory(struct vcpu *vcpu)
{
	unsigned long flags;

	if (!READ_ONCE(vcpu->arch.el1_loaded))
		return;
	/* A preemption in between would save them a second time. */
	local_irq_save(flags);
	if (vcpu->arch.el1_loaded)
		hyp_el1_save(vcpu);
	local_irq_restore(flags);
}

/**
 * vcpu_sysreg_get - a system register's value, wherever it is
 * @vcpu: own thread, or vcpu->mutex held
 * @reg: SYS_*
 */
u64 vcpu_sysreg_get(struct vcpu *vcpu, enum vcpu_sysreg reg)
{
	if (reg < SYS_LOADED_END)
		vcpu_el1_to_memory(vcpu);
	return vcpu->arch.sysregs[reg];
}

/**
 * vcpu_sysreg_set - change a system register
 * @vcpu: own thread, or vcpu->mutex held
 * @reg: SYS_*
 * @val: new value, for the next entry
 */
void vcpu_sysreg_set(struct vcpu *vcpu, enum vcpu_sysreg reg, u64 val)
{
	if (reg < SYS_LOADED_END)
		vcpu_el1_to_memory(vcpu);
	vcpu->arch.sysregs[reg] = val;
}

/* ---- Program counter */

/* The IT block of an AArch32 instruction advances with it (DDI 0487, G1.2.1). */
static u64 pstate_advance_it(u64 pstate)
{
	u32 it = ((pstate >> 8) & 0xfc) | ((pstate >> 25) & 3);

	if (!(it & 7))
		it = 0;
	else
		it = (it & 0xe0) | ((it << 1) & 0x1f);
	pstate &= ~(u64)PSR_AA32_IT_MASK;
	return pstate | ((u64)(it >> 2) << 10) | ((u64)(it & 3) << 25);
}

/**
 * vcpu_skip_insn - step over the instruction that trapped
 * @vcpu: own thread; no exception may be injected for the same exit
 */
void vcpu_skip_insn(struct vcpu *vcpu)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;

	if (hyp->pstate & PSR_MODE32_BIT) {
		hyp->pc += hyp->esr & ESR_ELx_IL ? 4 : 2;
		hyp->pstate = pstate_advance_it(hyp->pstate);
	} else {
		hyp->pc += 4;
		hyp->pstate &= ~(u64)PSR_BTYPE_MASK;
	}
	/* The step of a single-stepping guest is this instruction. */
	hyp->pstate &= ~(u64)DBG_SPSR_SS;
}

/* ---- KVM_RUN's way in */

/**
 * vcpu_first_run - what waits until the VM is complete
 * @vcpu: own thread, loaded, vcpu->mutex held
 *
 * Return: 0, or why the interrupt controller or the timers are not ready; -EPERM
 * before KVM_ARM_VCPU_FINALIZE.
 */
int vcpu_first_run(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	int ret = 0;

	if (likely(vcpu->arch.ran_once))
		return 0;
	if (!sve_vcpu_finalized(vcpu))
		return -EPERM;
	/* The timers are connected while they are not in the CPU. */
	vcpu_put(vcpu);
	mutex_lock(&vm->config_lock);
	if (vm->arch.vgic.in_kernel)
		ret = vgic_map_resources(vm);
	if (!ret)
		ret = gtimer_vcpu_enable(vcpu);
	if (!ret)
		ret = pmu_vcpu_enable(vcpu);
	if (!ret) {
		vm->arch.ran_once = true;
		vcpu->arch.ran_once = true;
		/* CTR_EL0 is final now. */
		vcpu->arch.hyp.hcr &= ~(HCR_TID2 | HCR_TID4);
		vcpu->arch.hyp.hcr |= sysreg_cache_traps(vm);
	}
	mutex_unlock(&vm->config_lock);
	vcpu_load(vcpu);
	return ret;
}

/**
 * vcpu_complete_exit - finish what user space was asked to do
 * @vcpu: own thread, loaded
 *
 * Return: 0, or a negative errno for KVM_RUN.
 */
int vcpu_complete_exit(struct vcpu *vcpu)
{
	int ret;

	if (vcpu->mmio.pending) {
		ret = mmio_complete(vcpu);
		if (ret)
			return ret;
	}
	if (vcpu->arch.pc_advance) {
		vcpu->arch.pc_advance = false;
		vcpu_skip_insn(vcpu);
	}
	return 0;
}

/* ---- Blocking */

void arch_vcpu_blocking(struct vcpu *vcpu)
{
	/*
	 * Pending state of list registers has been folded back at the exit, so
	 * injection sees what this vCPU waits for.
	 */
	gtimer_blocking(vcpu);
}

void arch_vcpu_unblocking(struct vcpu *vcpu)
{
	gtimer_unblocking(vcpu);
}

bool arch_vcpu_runnable(struct vcpu *vcpu)
{
	if (vcpu_is_off(vcpu))
		return false;
	if (vcpu->vm->arch.vgic.in_kernel ? vgic_vcpu_pending(vcpu) || gtimer_pending(vcpu) :
					    user_irq_runnable(vcpu))
		return true;
	return (READ_ONCE(vcpu->arch.hyp.hcr) & HCR_VSE) ||
	       (READ_ONCE(vcpu->requests) & (BIT(VCPU_REQ_RESET) | BIT(VCPU_REQ_PMU)));
}

/* ---- ioctls */

static long vcpu_ioctl_init(struct vcpu *vcpu, void __user *arg)
{
	struct kvm_vcpu_init init;

	if (copy_from_user(&init, arg, sizeof(init)))
		return -EFAULT;
	return vcpu_init_features(vcpu, &init);
}

static long vcpu_ioctl_finalize(struct vcpu *vcpu, void __user *arg)
{
	int feature;

	if (!vcpu->arch.initialized)
		return -ENOEXEC;
	if (get_user(feature, (int __user *)arg))
		return -EFAULT;
	/* Nothing else has anything to be settled. */
	if (feature != KVM_ARM_VCPU_SVE)
		return -EINVAL;
	return sve_vcpu_finalize(vcpu);
}

static long vcpu_ioctl_reg_list(struct vcpu *vcpu, void __user *arg)
{
	if (!vcpu->arch.initialized)
		return -ENOEXEC;
	if (!sve_vcpu_finalized(vcpu))
		return -EPERM;
	return onereg_list(vcpu, arg);
}

static long vcpu_ioctl_one_reg(struct vcpu *vcpu, void __user *arg, bool set)
{
	struct kvm_one_reg reg;

	if (!vcpu->arch.initialized)
		return -ENOEXEC;
	if (copy_from_user(&reg, arg, sizeof(reg)))
		return -EFAULT;
	/* A reset by PSCI that is not taken yet comes before what is asked of it. */
	if (vcpu_take_request(vcpu, VCPU_REQ_RESET))
		vcpu_reset(vcpu);
	return set ? onereg_set(vcpu, &reg) : onereg_get(vcpu, &reg);
}

static long vcpu_ioctl_guest_debug(struct vcpu *vcpu, void __user *arg)
{
	struct kvm_guest_debug debug;

	if (copy_from_user(&debug, arg, sizeof(debug)))
		return -EFAULT;
	return guest_debug_set(vcpu, &debug);
}

static long vcpu_ioctl_get_events(struct vcpu *vcpu, void __user *arg)
{
	struct kvm_vcpu_events events = {};
	int ret;

	ret = vcpu_events_get(vcpu, &events);
	if (ret)
		return ret;
	return copy_to_user(arg, &events, sizeof(events)) ? -EFAULT : 0;
}

static long vcpu_ioctl_set_events(struct vcpu *vcpu, void __user *arg)
{
	struct kvm_vcpu_events events;

	if (copy_from_user(&events, arg, sizeof(events)))
		return -EFAULT;
	return vcpu_events_set(vcpu, &events);
}

static long vcpu_ioctl_get_mp_state(struct vcpu *vcpu, void __user *arg)
{
	struct kvm_mp_state state;

	spin_lock(&vcpu->arch.mp_lock);
	state = vcpu->arch.mp_state;
	spin_unlock(&vcpu->arch.mp_lock);
	return copy_to_user(arg, &state, sizeof(state)) ? -EFAULT : 0;
}

static long vcpu_ioctl_set_mp_state(struct vcpu *vcpu, void __user *arg)
{
	struct kvm_mp_state state;
	unsigned int req;

	if (copy_from_user(&state, arg, sizeof(state)))
		return -EFAULT;
	switch (state.mp_state) {
	case KVM_MP_STATE_RUNNABLE:
		req = VCPU_REQ_UNHALT;
		break;
	case KVM_MP_STATE_STOPPED:
		req = VCPU_REQ_SLEEP;
		break;
	case KVM_MP_STATE_SUSPENDED:
		req = VCPU_REQ_SUSPEND;
		break;
	default:
		return -EINVAL;
	}
	spin_lock(&vcpu->arch.mp_lock);
	vcpu->arch.mp_state.mp_state = state.mp_state;
	spin_unlock(&vcpu->arch.mp_lock);
	if (state.mp_state != KVM_MP_STATE_SUSPENDED)
		vcpu_take_request(vcpu, VCPU_REQ_SUSPEND);
	vcpu_make_request(vcpu, req);
	vcpu_kick(vcpu);
	return 0;
}

static long vcpu_ioctl_attr(struct vcpu *vcpu, unsigned int ioctl, void __user *arg)
{
	struct kvm_device_attr attr;

	if (copy_from_user(&attr, arg, sizeof(attr)))
		return -EFAULT;
	switch (attr.group) {
	case KVM_ARM_VCPU_PMU_V3_CTRL:
		switch (ioctl) {
		case KVM_SET_DEVICE_ATTR:
			return pmu_set_attr(vcpu, &attr);
		case KVM_GET_DEVICE_ATTR:
			return pmu_get_attr(vcpu, &attr);
		default:
			return pmu_has_attr(vcpu, &attr);
		}
	case KVM_ARM_VCPU_TIMER_CTRL:
		switch (ioctl) {
		case KVM_SET_DEVICE_ATTR:
			return gtimer_set_attr(vcpu, &attr);
		case KVM_GET_DEVICE_ATTR:
			return gtimer_get_attr(vcpu, &attr);
		default:
			return gtimer_has_attr(vcpu, &attr);
		}
	case KVM_ARM_VCPU_PVTIME_CTRL:
		switch (ioctl) {
		case KVM_SET_DEVICE_ATTR:
			return pvtime_set_attr(vcpu, &attr);
		case KVM_GET_DEVICE_ATTR:
			return pvtime_get_attr(vcpu, &attr);
		default:
			return pvtime_has_attr(vcpu, &attr);
		}
	default:
		return -ENXIO;
	}
}

long arch_vcpu_async_ioctl(struct vcpu *vcpu, unsigned int ioctl, unsigned long arg)
{
	return -ENOIOCTLCMD;
}

/**
 * arch_vcpu_ioctl - a vCPU's ioctls but KVM_RUN and the generic ones
 * @vcpu: vcpu->mutex held, not loaded
 * @ioctl: number
 * @arg: user pointer
 *
 * Return: 0, -ENOEXEC before KVM_ARM_VCPU_INIT where the ABI says so, -EINVAL
 * for an ioctl that is not known.
 */
long arch_vcpu_ioctl(struct vcpu *vcpu, unsigned int ioctl, unsigned long arg)
{
	void __user *uarg = (void __user *)arg;

	switch (ioctl) {
	case KVM_ARM_VCPU_INIT:
		return vcpu_ioctl_init(vcpu, uarg);
	case KVM_SET_ONE_REG:
	case KVM_GET_ONE_REG:
		return vcpu_ioctl_one_reg(vcpu, uarg, ioctl == KVM_SET_ONE_REG);
	case KVM_GET_REG_LIST:
		return vcpu_ioctl_reg_list(vcpu, uarg);
	case KVM_ARM_VCPU_FINALIZE:
		return vcpu_ioctl_finalize(vcpu, uarg);
	case KVM_SET_GUEST_DEBUG:
		return vcpu_ioctl_guest_debug(vcpu, uarg);
	case KVM_GET_VCPU_EVENTS:
		return vcpu_ioctl_get_events(vcpu, uarg);
	case KVM_SET_VCPU_EVENTS:
		return vcpu_ioctl_set_events(vcpu, uarg);
	case KVM_GET_MP_STATE:
		return vcpu_ioctl_get_mp_state(vcpu, uarg);
	case KVM_SET_MP_STATE:
		return vcpu_ioctl_set_mp_state(vcpu, uarg);
	case KVM_HAS_DEVICE_ATTR:
	case KVM_SET_DEVICE_ATTR:
	case KVM_GET_DEVICE_ATTR:
		return vcpu_ioctl_attr(vcpu, ioctl, uarg);
	default:
		return -EINVAL;
	}
}
