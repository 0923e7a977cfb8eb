// SPDX-License-Identifier: GPL-2.0
/* KVM_ARM_VCPU_INIT: what kind of CPU a vCPU is. */

#include <linux/bitmap.h>
#include <asm/cpufeature.h>
#include "arm64.h"

/* The highest bit that the ABI has given a meaning */
#define FEATURES_KNOWN	(KVM_ARM_VCPU_HAS_EL2 + 1)

static_assert(FEATURES_KNOWN <= 32 && VCPU_MAX_FEATURES >= 32);

/**
 * feature_supported - can vCPUs have it on this host?
 * @feature: KVM_ARM_VCPU_*
 *
 * Context: any.
 *
 * Return: whether KVM_ARM_VCPU_INIT takes it.
 */
bool feature_supported(unsigned int feature)
{
	switch (feature) {
	case KVM_ARM_VCPU_POWER_OFF:
	case KVM_ARM_VCPU_PSCI_0_2:
		return true;
	case KVM_ARM_VCPU_PMU_V3:
		return pmu_host_version();
	case KVM_ARM_VCPU_EL1_32BIT:
		return aarch32_supported();
	case KVM_ARM_VCPU_SVE:
		return sve_supported();
	case KVM_ARM_VCPU_PTRAUTH_ADDRESS:
	case KVM_ARM_VCPU_PTRAUTH_GENERIC:
		/* HCR_EL2 traps both or neither, so they come together only. */
		return cpus_have_final_cap(ARM64_HAS_ADDRESS_AUTH) &&
		       cpus_have_final_cap(ARM64_HAS_GENERIC_AUTH);
	default:
		return false;
	}
}

static int features_check(const struct kvm_vcpu_init *init)
{
	unsigned long wanted = init->features[0];
	unsigned int feature;

	if (wanted >> FEATURES_KNOWN)
		return -ENOENT;
	for (unsigned int i = 1; i < ARRAY_SIZE(init->features); i++)
		if (init->features[i])
			return -ENOENT;
	if (init->target != KVM_ARM_TARGET_GENERIC_V8)
		return -EINVAL;
	for_each_set_bit(feature, &wanted, FEATURES_KNOWN)
		if (!feature_supported(feature))
			return -EINVAL;
	if (!(wanted & BIT(KVM_ARM_VCPU_PTRAUTH_ADDRESS)) !=
	    !(wanted & BIT(KVM_ARM_VCPU_PTRAUTH_GENERIC)))
		return -EINVAL;
	return 0;
}

/* All vCPUs of a VM are alike. */
static int features_adopt(struct vcpu *vcpu, const unsigned long *features)
{
	struct vm *vm = vcpu->vm;
	int ret;

	guard(mutex)(&vm->config_lock);
	if (vm->arch.has_features)
		return bitmap_equal(vm->arch.features, features, VCPU_MAX_FEATURES) ? 0 : -EINVAL;
	if (test_bit(KVM_ARM_VCPU_PMU_V3, features)) {
		ret = pmu_vm_choose(vm);
		if (ret)
			return ret;
	}
	bitmap_copy(vm->arch.features, features, VCPU_MAX_FEATURES);
	vm->arch.has_features = true;
	sysreg_vm_features(vm);
	return 0;
}

/**
 * vcpu_init_features - KVM_ARM_VCPU_INIT
 * @vcpu: vcpu->mutex held, not loaded
 * @init: target and features, from user space
 *
 * Resets the vCPU. Whether it starts powered off is for each call to say; the
 * other features are fixed by the first call of any of the VM's vCPUs.
 *
 * Return: 0; -ENOENT for a feature that has no meaning; -EINVAL for a target
 * or feature that this host or VM does not offer, or others than before; -ENODEV if
 * there is to be a PMU and this CPU has none; -ENOMEM.
 */
int vcpu_init_features(struct vcpu *vcpu, const struct kvm_vcpu_init *init)
{
	DECLARE_BITMAP(features, VCPU_MAX_FEATURES);
	bool off = init->features[0] & BIT(KVM_ARM_VCPU_POWER_OFF);
	int ret = features_check(init);

	if (ret)
		return ret;
	bitmap_zero(features, VCPU_MAX_FEATURES);
	features[0] = init->features[0] & ~BIT(KVM_ARM_VCPU_POWER_OFF);
	/* Memory has no tags to AArch32. */
	if (vcpu->vm->arch.mte && test_bit(KVM_ARM_VCPU_EL1_32BIT, features))
		return -EINVAL;
	ret = features_adopt(vcpu, features);
	if (ret)
		return ret;

	if (test_bit(KVM_ARM_VCPU_PMU_V3, features)) {
		ret = pmu_vcpu_create(vcpu);
		if (ret)
			return ret;
	}
	bitmap_copy(vcpu->arch.features, features, VCPU_MAX_FEATURES);
	vcpu->arch.target = init->target;

	/* A CPU_ON that was not taken yet is void. */
	spin_lock(&vcpu->arch.mp_lock);
	vcpu->arch.reset.pending = false;
	vcpu->arch.mp_state.mp_state = off ? KVM_MP_STATE_STOPPED : KVM_MP_STATE_RUNNABLE;
	spin_unlock(&vcpu->arch.mp_lock);
	vcpu_take_request(vcpu, VCPU_REQ_RESET);
	user_irq_clear(vcpu);
	vcpu_take_request(vcpu, VCPU_REQ_SUSPEND);
	vcpu_make_request(vcpu, off ? VCPU_REQ_SLEEP : VCPU_REQ_UNHALT);

	vcpu_reset(vcpu);
	if (READ_ONCE(vcpu->vm->arch.ran_once))
		vm_reset_memory(vcpu->vm);
	vcpu->arch.initialized = true;
	return 0;
}
