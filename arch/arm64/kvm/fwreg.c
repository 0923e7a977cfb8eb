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
#include <linux/stddef.h>
#include <uapi/linux/psci.h>
#include <linux/uaccess.h>
#include "arm64.h"
#include "smccc.h"

#define FWREG_LEVEL_MASK	0xfULL

/**
 * struct fwreg - a firmware register
 * @id: its ONE_REG id
 * @get: reads it
 * @set: checks a value, and writes it
 * @bitmap: where struct vm_arch has it, if it is a bitmap of services
 * @bits: all that the bitmap can have
 */
struct fwreg {
	u64 id;
	u64 (*get)(struct vcpu *vcpu, const struct fwreg *reg);
	int (*set)(struct vcpu *vcpu, const struct fwreg *reg, u64 val);
	size_t bitmap;
	u64 bits;
};

static u64 fwreg_psci_version(struct vcpu *vcpu, const struct fwreg *reg)
{
	if (!vcpu_has_feature(vcpu, KVM_ARM_VCPU_PSCI_0_2))
		return PSCI_VERSION(0, 1);
	return READ_ONCE(vcpu->vm->arch.psci_version);
}

static int fwreg_set_psci_version(struct vcpu *vcpu, const struct fwreg *reg, u64 val)
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

static u64 fwreg_workaround(struct vcpu *vcpu, const struct fwreg *reg)
{
	return smccc_workaround_level(reg->id);
}

/* The guest saw a host with this much of a workaround: does this one have it? */
static int fwreg_set_workaround(struct vcpu *vcpu, const struct fwreg *reg, u64 val)
{
	if (val & ~FWREG_LEVEL_MASK)
		return -EINVAL;
	return val <= smccc_workaround_level(reg->id) ? 0 : -EINVAL;
}

/*
 * Of number 2's levels the guest is only offered the two ends.  "Unknown" is
 * as little as nothing, "available" was a promise that being mitigated for good
 * keeps; "enabled" says something of that level alone.
 */
static int fwreg_set_workaround2(struct vcpu *vcpu, const struct fwreg *reg, u64 val)
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
		return smccc_workaround_level(reg->id) ==
		       KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_REQUIRED ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

static u64 *fwreg_bitmap_of(struct vcpu *vcpu, const struct fwreg *reg)
{
	return (void *)&vcpu->vm->arch + reg->bitmap;
}

static u64 fwreg_bitmap(struct vcpu *vcpu, const struct fwreg *reg)
{
	return READ_ONCE(*fwreg_bitmap_of(vcpu, reg));
}

static int fwreg_set_bitmap(struct vcpu *vcpu, const struct fwreg *reg, u64 val)
{
	u64 *bitmap = fwreg_bitmap_of(vcpu, reg);

	if (val & ~reg->bits)
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

/* Stolen time is all that there is of them. */
static int fwreg_set_std_hyp(struct vcpu *vcpu, const struct fwreg *reg, u64 val)
{
	return val && !pvtime_supported() ? -EINVAL : fwreg_set_bitmap(vcpu, reg, val);
}

#define FWREG_BITMAP(service, member, set_fn) {						\
	KVM_REG_ARM_##service##_BMAP, fwreg_bitmap, set_fn,				\
	offsetof(struct vm_arch, member), SMCCC_##service##_FEATURES			\
}

static const struct fwreg fwregs[] = {
	{ KVM_REG_ARM_PSCI_VERSION, fwreg_psci_version, fwreg_set_psci_version },
	{ KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1, fwreg_workaround, fwreg_set_workaround },
	{ KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2, fwreg_workaround, fwreg_set_workaround2 },
	{ KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3, fwreg_workaround, fwreg_set_workaround },
	FWREG_BITMAP(STD, smccc_std_bmap, fwreg_set_bitmap),
	FWREG_BITMAP(STD_HYP, smccc_std_hyp_bmap, fwreg_set_std_hyp),
	FWREG_BITMAP(VENDOR_HYP, smccc_vendor_hyp_bmap, fwreg_set_bitmap),
};

static const struct fwreg *fwreg_find(u64 id)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(fwregs); i++)
		if (fwregs[i].id == id)
			return &fwregs[i];
	return NULL;
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
		if (put_user(fwregs[i].id, (*ids)++))
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
	const struct fwreg *reg = fwreg_find(id);

	if (!reg)
		return -ENOENT;
	*val = reg->get(vcpu, reg);
	return 0;
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
	const struct fwreg *reg = fwreg_find(id);

	return reg ? reg->set(vcpu, reg, val) : -ENOENT;
}
