// SPDX-License-Identifier: GPL-2.0
/* System registers through KVM_GET_ONE_REG, KVM_SET_ONE_REG and KVM_GET_REG_LIST. */

#include <linux/nospec.h>
#include <linux/uaccess.h>
#include "sysreg.h"

/* The key in an ONE_REG id, or -ENOENT */
static int sysreg_user_key(u64 id)
{
	if (id != SYSREG_ID(id & 0xffff))
		return -ENOENT;
	return id & 0xffff;
}

static bool sysreg_key_is_id(u16 key)
{
	return key >= SYSREG_ID_FIRST && key <= SYSREG_ID_LAST;
}

/* Of a key that is one: an index that user space chose, also under speculation */
static unsigned int sysreg_id_index(u16 key)
{
	return array_index_nospec(key - SYSREG_ID_FIRST, ID_REG_COUNT);
}

/* Is it a register that this vCPU has, to user space? */
static bool sysreg_user_visible(const struct vcpu *vcpu, const struct sysreg_desc *desc)
{
	if (desc->flags & SYSREG_PTRAUTH && !vcpu->arch.hyp.ptrauth)
		return false;
	if (desc->flags & SYSREG_PMU && !vcpu->arch.pmu)
		return false;
	if (desc->flags & SYSREG_SVE && !vcpu_has_feature(vcpu, KVM_ARM_VCPU_SVE))
		return false;
	if (desc->flags & SYSREG_MTE && !vcpu->vm->arch.mte)
		return false;
	return desc->flags & SYSREG_USER;
}

static const struct sysreg_desc *sysreg_user_find(const struct vcpu *vcpu, u16 key)
{
	const struct sysreg_desc *desc = sysreg_find(key);

	return desc && sysreg_user_visible(vcpu, desc) ? desc : NULL;
}

/**
 * sysreg_get_one_reg - value of a system register
 * @vcpu: vcpu->mutex held
 * @id: KVM_REG_ARM64_SYSREG
 * @val: filled
 *
 * Return: 0 or -ENOENT.
 */
int sysreg_get_one_reg(struct vcpu *vcpu, u64 id, u64 *val)
{
	int key = sysreg_user_key(id);
	const struct sysreg_desc *desc;

	if (key < 0)
		return key;
	if (sysreg_key_is_id(key)) {
		*val = sysreg_id_user(vcpu->vm, sysreg_id_index(key));
		return 0;
	}
	desc = sysreg_user_find(vcpu, key);
	if (!desc)
		return -ENOENT;
	if (desc->user_get)
		return desc->user_get(vcpu, desc, val);
	*val = vcpu_sysreg_get(vcpu, desc->slot);
	return 0;
}

/**
 * sysreg_set_one_reg - change a system register
 * @vcpu: vcpu->mutex held
 * @id: KVM_REG_ARM64_SYSREG
 * @val: new value
 *
 * Return: 0, -ENOENT, -EINVAL for a value that the register cannot have, -EBUSY
 * for one that is fixed since the VM ran.
 */
int sysreg_set_one_reg(struct vcpu *vcpu, u64 id, u64 val)
{
	int key = sysreg_user_key(id);
	const struct sysreg_desc *desc;

	if (key < 0)
		return key;
	if (sysreg_key_is_id(key))
		return sysreg_id_set(vcpu->vm, sysreg_id_index(key), val);
	desc = sysreg_user_find(vcpu, key);
	if (!desc)
		return -ENOENT;
	if (desc->user_set)
		return desc->user_set(vcpu, desc, val);
	vcpu_sysreg_set(vcpu, desc->slot, val);
	return 0;
}

/**
 * sysreg_count - how many ids sysreg_list() writes
 * @vcpu: any
 *
 * Return: the number.
 */
unsigned int sysreg_count(struct vcpu *vcpu)
{
	unsigned int n = ID_REG_COUNT;

	for (unsigned int i = 0; i < sysreg_table_size; i++)
		n += sysreg_user_visible(vcpu, &sysreg_table[i]);
	return n;
}

static int sysreg_put_id(u64 __user **ids, u16 key)
{
	if (put_user(SYSREG_ID(key), *ids))
		return -EFAULT;
	(*ids)++;
	return 0;
}

/**
 * sysreg_list - names of all system registers, by encoding
 * @vcpu: any
 * @ids: where they go; advanced
 *
 * Context: may fault.
 *
 * Return: 0 or -EFAULT.
 */
int sysreg_list(struct vcpu *vcpu, u64 __user **ids)
{
	bool id_done = false;

	for (unsigned int i = 0; i < sysreg_table_size; i++) {
		const struct sysreg_desc *desc = &sysreg_table[i];

		if (!sysreg_user_visible(vcpu, desc))
			continue;
		if (!id_done && desc->key > SYSREG_ID_LAST) {
			for (u16 key = SYSREG_ID_FIRST; key <= SYSREG_ID_LAST; key++)
				if (sysreg_put_id(ids, key))
					return -EFAULT;
			id_done = true;
		}
		if (sysreg_put_id(ids, desc->key))
			return -EFAULT;
	}
	return 0;
}
