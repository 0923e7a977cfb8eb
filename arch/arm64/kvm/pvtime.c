// SPDX-License-Identifier: GPL-2.0
/*
 * Stolen time (DEN 0057): a structure in guest memory, per vCPU, that counts
 * how long its thread waited for a CPU.
 *
 * The host's scheduler counts that for every thread.  What was added since the
 * last look goes on top of what stands in guest memory: a guest that came from
 * another host brings its count along there.
 */

#include <linux/kvm.h>
#include <linux/sched.h>
#include <linux/sched/stat.h>
#include <linux/sizes.h>
#include <linux/srcu.h>
#include <linux/uaccess.h>
#include "arm64.h"
#include "smccc.h"

#define PVTIME_ALIGN		64
#define PVTIME_NO_IPA		(~0ULL)

/* DEN 0057, 3.2.2; little-endian. */
struct pvtime_stolen {
	__le32 revision;	/* 0 */
	__le32 attributes;	/* 0 */
	__le64 stolen;		/* ns */
};

/**
 * pvtime_supported - does the host's scheduler count waiting time?
 *
 * Return: true if it does
 */
bool pvtime_supported(void)
{
	return sched_info_on();
}

/* Remembers the thread's waiting time; returns what was added since the last look. */
static u64 pvtime_delta(struct vcpu_pvtime *pv)
{
	u64 delay = READ_ONCE(current->sched_info.run_delay);
	u64 delta = 0;

	/* The count is the thread's: another one that runs the vCPU starts afresh. */
	if (pv->pid == current->pid && delay > pv->run_delay)
		delta = delay - pv->run_delay;
	pv->pid = current->pid;
	pv->run_delay = delay;
	return delta;
}

bool pvtime_features(struct vcpu *vcpu, u32 fn)
{
	return vcpu->arch.pvtime.set &&
	       (fn == ARM_SMCCC_HV_PV_TIME_FEATURES || fn == ARM_SMCCC_HV_PV_TIME_ST);
}

/* PV_TIME_ST: the guest asks where its structure is, which is valid from now on. */
u64 pvtime_start(struct vcpu *vcpu)
{
	struct vcpu_pvtime *pv = &vcpu->arch.pvtime;
	const struct pvtime_stolen zero = {};

	if (!pv->set)
		return SMCCC_RET_NOT_SUPPORTED;
	pvtime_delta(pv);
	if (gmem_write(vcpu->vm, pv->ipa, &zero, sizeof(zero)))
		return SMCCC_RET_NOT_SUPPORTED;
	return pv->ipa;
}

/**
 * pvtime_update - add what was stolen since the last time
 * @vcpu: loaded, own thread
 *
 * Memory that is not there any more is not written; nothing else follows from it.
 *
 * Context: process, may sleep; takes vm->srcu.
 */
void pvtime_update(struct vcpu *vcpu)
{
	struct vcpu_pvtime *pv = &vcpu->arch.pvtime;
	gpa_t at = pv->ipa + offsetof(struct pvtime_stolen, stolen);
	__le64 stolen;
	u64 delta;

	if (!pv->set)
		return;
	delta = pvtime_delta(pv);
	if (!delta || gmem_read(vcpu->vm, at, &stolen, sizeof(stolen)))
		return;
	stolen = cpu_to_le64(le64_to_cpu(stolen) + delta);
	gmem_write(vcpu->vm, at, &stolen, sizeof(stolen));
}

/**
 * pvtime_has_attr - KVM_HAS_DEVICE_ATTR of KVM_ARM_VCPU_PVTIME_CTRL
 * @vcpu: vCPU
 * @attr: the ioctl's argument
 *
 * Return: 0 or -ENXIO
 */
int pvtime_has_attr(struct vcpu *vcpu, struct kvm_device_attr *attr)
{
	if (attr->group != KVM_ARM_VCPU_PVTIME_CTRL || attr->attr != KVM_ARM_VCPU_PVTIME_IPA ||
	    !pvtime_supported())
		return -ENXIO;
	return 0;
}

/**
 * pvtime_set_attr - say where a vCPU's structure is, once
 * @vcpu: vCPU, vcpu->mutex held
 * @attr: the ioctl's argument
 *
 * Context: process; takes vm->srcu.
 * Return: 0; -ENXIO, -EFAULT, -EINVAL if the address is not aligned to 64 bytes
 * or not in a memory slot, -EEXIST if there is one.
 */
int pvtime_set_attr(struct vcpu *vcpu, struct kvm_device_attr *attr)
{
	struct vcpu_pvtime *pv = &vcpu->arch.pvtime;
	struct vm *vm = vcpu->vm;
	bool backed;
	u64 ipa;
	int ret, idx;

	ret = pvtime_has_attr(vcpu, attr);
	if (ret)
		return ret;
	if (get_user(ipa, (u64 __user *)u64_to_user_ptr(attr->addr)))
		return -EFAULT;
	if (!IS_ALIGNED(ipa, PVTIME_ALIGN))
		return -EINVAL;
	if (pv->set)
		return -EEXIST;

	idx = srcu_read_lock(&vm->srcu);
	backed = memslot_find(vm, gpa_to_gfn(ipa));
	srcu_read_unlock(&vm->srcu, idx);
	if (!backed)
		return -EINVAL;

	pv->ipa = ipa;
	pv->pid = 0;
	pv->set = true;
	return 0;
}

/**
 * pvtime_get_attr - where a vCPU's structure is
 * @vcpu: vCPU, vcpu->mutex held
 * @attr: the ioctl's argument; all ones are stored if there is none
 *
 * Return: 0, -ENXIO or -EFAULT
 */
int pvtime_get_attr(struct vcpu *vcpu, struct kvm_device_attr *attr)
{
	const struct vcpu_pvtime *pv = &vcpu->arch.pvtime;
	int ret;

	ret = pvtime_has_attr(vcpu, attr);
	if (ret)
		return ret;
	return put_user(pv->set ? pv->ipa : PVTIME_NO_IPA,
			(u64 __user *)u64_to_user_ptr(attr->addr));
}
