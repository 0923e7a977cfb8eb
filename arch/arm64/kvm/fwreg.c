// SPDX-License-Identifier: GPL-2.0
/*
 * ONE_REG of what the guest's firmware is: PSCI version, the state of the
 * speculation workarounds and the services that are offered.
 *
 * Locks: vm->config_lock for the bitmaps, which are fixed once a vCPU has run.
 */

#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/kvm.h>
#include <linux/mutex.h>
#include <uapi/linux/psci.h>
#include <linux/uaccess.h>
#include "arm64.h"
#include "smccc.h"

#define FWREG_LEVEL_MASK	0xfULL

static const u64 fwregs[] = {
	KVM_REG_ARM_PSCI_VERSION,
	KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1,
	KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2,
	KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3,
	KVM_REG_ARM_STD_BMAP,
	KVM_REG_ARM_STD_HYP_BMAP,
	KVM_REG_ARM_VENDOR_HYP_BMAP,
};

/* A bitmap of services and all of the bits that it can have; NULL if @id is none. */
static u64 *fwreg_bitmap(struct vcpu *vcpu, u64 id, u64 *bits)
{
	struct vm_arch *arch = &vcpu->vm->arch;

	switch (id) {
	case KVM_REG_ARM_STD_BMAP:
		*bits = SMCCC_STD_FEATURES;
		return &arch->smccc_std_bmap;
	case KVM_REG_ARM_STD_HYP_BMAP:
		*bits = pvtime_supported() ? SMCCC_STD_HYP_FEATURES : 0;
		return &arch->smccc_std_hyp_bmap;
	case KVM_REG_ARM_VENDOR_HYP_BMAP:
		*bits = SMCCC_VENDOR_HYP_FEATURES;
		return &arch->smccc_vendor_hyp_bmap;
	default:
		return NULL;
	}
}

static u64 fwreg_psci_version(const struct vcpu *vcpu)
{
	if (!vcpu_has_feature(vcpu, KVM_ARM_VCPU_PSCI_0_2))
		return PSCI_VERSION(0, 1);
	return READ_ONCE(vcpu->vm->arch.psci_version);
}

static int fwreg_set_psci_version(struct vcpu *vcpu, u64 val)
{
	if (!vcpu_has_feature(vcpu, KVM_ARM_VCPU_PSCI_0_2))
		return val == PSCI_VERSION(0, 1) ? 0 : -EINVAL;

	switch (val) {
	case PSCI_VERSION(0, 2):
	case PSCI_VERSION(1, 0):
	case PSCI_VERSION(1, 1):
		WRITE_ONCE(vcpu->vm->arch.psci_version, val);
		return 0;
	default:
		return -EINVAL;
	}
}

/* The guest saw a host with this much of a workaround: does this one have it? */
static int fwreg_set_workaround(u64 id, u64 val)
{
	if (val & ~FWREG_LEVEL_MASK)
		return -EINVAL;
	return val <= smccc_workaround_level(id) ? 0 : -EINVAL;
}

/*
 * Of number 2's levels the guest is only offered the two ends.  "Unknown" is
 * as little as nothing, "available" was a promise that being mitigated for good
 * keeps; "enabled" says something of that level alone.
 */
static int fwreg_set_workaround2(u64 val)
{
	u64 level = val & FWREG_LEVEL_MASK;
	bool enabled = val & KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_ENABLED;

	if (val & ~(FWREG_LEVEL_MASK | KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_ENABLED))
		return -EINVAL;
	if (enabled && level != KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_AVAIL)
		return -EINVAL;

	switch (level) {
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_AVAIL:
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_UNKNOWN:
		return 0;
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_AVAIL:
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_REQUIRED:
		return smccc_workaround_level(KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2) ==
		       KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_REQUIRED ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

static int fwreg_set_bitmap(struct vcpu *vcpu, u64 *bitmap, u64 bits, u64 val)
{
	if (val & ~bits)
		return -EINVAL;

	guard(mutex)(&vcpu->vm->config_lock);
	/* What is there already may be said again: a monitor that restores everything does. */
	if (val == *bitmap)
		return 0;
	if (vcpu->vm->arch.ran_once)
		return -EBUSY;
	WRITE_ONCE(*bitmap, val);
	return 0;
}

/**
 * psci_fw_reg_count - how many firmware registers there are
 * @vcpu: vCPU
 *
 * Return: as many ids as psci_fw_reg_list() writes
 */
int psci_fw_reg_count(struct vcpu *vcpu)
{
	return ARRAY_SIZE(fwregs);
}

/**
 * psci_fw_reg_list - KVM_GET_REG_LIST's part
 * @vcpu: vCPU
 * @ids: where the next id goes; advanced
 *
 * Return: 0 or -EFAULT
 */
int psci_fw_reg_list(struct vcpu *vcpu, u64 __user **ids)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(fwregs); i++)
		if (put_user(fwregs[i], (*ids)++))
			return -EFAULT;
	return 0;
}

/**
 * psci_fw_reg_get - read a firmware register
 * @vcpu: vCPU, vcpu->mutex held
 * @id: ONE_REG id
 * @val: its value
 *
 * Return: 0 or -ENOENT
 */
int psci_fw_reg_get(struct vcpu *vcpu, u64 id, u64 *val)
{
	u64 bits, *bitmap;

	switch (id) {
	case KVM_REG_ARM_PSCI_VERSION:
		*val = fwreg_psci_version(vcpu);
		return 0;
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1:
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2:
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3:
		*val = smccc_workaround_level(id);
		return 0;
	default:
		bitmap = fwreg_bitmap(vcpu, id, &bits);
		if (!bitmap)
			return -ENOENT;
		*val = READ_ONCE(*bitmap);
		return 0;
	}
}

/**
 * psci_fw_reg_set - write a firmware register
 * @vcpu: vCPU, vcpu->mutex held
 * @id: ONE_REG id
 * @val: new value
 *
 * Context: process; takes vm->config_lock.
 * Return: 0; -ENOENT for an unknown register, -EINVAL for what this host cannot
 * offer, -EBUSY for another set of services once a vCPU has run.
 */
int psci_fw_reg_set(struct vcpu *vcpu, u64 id, u64 val)
{
	u64 bits, *bitmap;

	switch (id) {
	case KVM_REG_ARM_PSCI_VERSION:
		return fwreg_set_psci_version(vcpu, val);
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1:
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3:
		return fwreg_set_workaround(id, val);
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2:
		return fwreg_set_workaround2(val);
	default:
		bitmap = fwreg_bitmap(vcpu, id, &bits);
		if (!bitmap)
			return -ENOENT;
		return fwreg_set_bitmap(vcpu, bitmap, bits, val);
	}
}
