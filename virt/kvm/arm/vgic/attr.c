// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_DEV_TYPE_ARM_VGIC_V3: creation and attributes of the GICv3.
 *
 * Locks: vm->lock and all vCPUs' mutexes (by trylock: -EBUSY) wherever state
 * of the running machine is touched, then config_lock.
 */

#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>
#include <kvm/device.h>
#include <kvm/vm.h>
#include "its.h"
#include "regs.h"
#include "vgic.h"

/* KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION */
#define ATTR_REGION_INDEX	GENMASK_ULL(11, 0)
#define ATTR_REGION_FLAGS	GENMASK_ULL(15, 12)
#define ATTR_REGION_BASE	GENMASK_ULL(51, 16)
#define ATTR_REGION_COUNT	GENMASK_ULL(63, 52)

#define ATTR_MIN_IRQS		64
#define ATTR_MAX_IRQS		1024

static u64 __user *attr_user64(const struct kvm_device_attr *attr)
{
	return u64_to_user_ptr(attr->addr);
}

static u32 __user *attr_user32(const struct kvm_device_attr *attr)
{
	return u64_to_user_ptr(attr->addr);
}

/* Group ADDR */

static int attr_set_dist(struct vm *vm, gpa_t base)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	int ret;

	if (dist->dist_base != VGIC_ADDR_UNDEF)
		return -EEXIST;
	ret = vgic_check_range(vm, base, SZ_64K, KVM_VGIC_V3_DIST_SIZE);
	if (!ret)
		dist->dist_base = base;
	return ret;
}

static int attr_set_region(struct vm *vm, u64 val)
{
	u32 count = FIELD_GET(ATTR_REGION_COUNT, val);

	if (!count || val & ATTR_REGION_FLAGS)
		return -EINVAL;
	return vgic_redist_add_region(vm, FIELD_GET(ATTR_REGION_INDEX, val),
				      val & ATTR_REGION_BASE, count);
}

static bool attr_is_addr(const struct kvm_device_attr *attr)
{
	return attr->attr == KVM_VGIC_V3_ADDR_TYPE_DIST ||
	       attr->attr == KVM_VGIC_V3_ADDR_TYPE_REDIST ||
	       attr->attr == KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION;
}

static int attr_set_addr(struct vm *vm, const struct kvm_device_attr *attr)
{
	u64 val;

	if (!attr_is_addr(attr))
		return -ENXIO;
	if (get_user(val, attr_user64(attr)))
		return -EFAULT;

	guard(mutex)(&vm->config_lock);
	switch (attr->attr) {
	case KVM_VGIC_V3_ADDR_TYPE_DIST:
		return attr_set_dist(vm, val);
	case KVM_VGIC_V3_ADDR_TYPE_REDIST:
		return vgic_redist_add_region(vm, 0, val, 0);
	default:
		return attr_set_region(vm, val);
	}
}

static int attr_get_redist(struct vm *vm, u64 *val)
{
	const struct vgic_redist_region *r = vgic_redist_region(vm, 0);

	if (r && !vgic_redist_is_legacy(vm))
		return -EINVAL;
	*val = r ? r->base : VGIC_ADDR_UNDEF;
	return 0;
}

static int attr_get_region(struct vm *vm, u64 *val)
{
	u32 index = FIELD_GET(ATTR_REGION_INDEX, *val);
	const struct vgic_redist_region *r = vgic_redist_region(vm, index);

	if (vgic_redist_is_legacy(vm))
		return -EINVAL;
	if (!r)
		return -ENOENT;
	*val = index | r->base | FIELD_PREP(ATTR_REGION_COUNT, r->count);
	return 0;
}

static int attr_get_addr(struct vm *vm, const struct kvm_device_attr *attr)
{
	u64 val = 0;
	int ret = 0;

	if (attr->attr == KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION &&
	    get_user(val, attr_user64(attr)))
		return -EFAULT;

	scoped_guard(mutex, &vm->config_lock) {
		switch (attr->attr) {
		case KVM_VGIC_V3_ADDR_TYPE_DIST:
			val = vm->arch.vgic.dist_base;
			break;
		case KVM_VGIC_V3_ADDR_TYPE_REDIST:
			ret = attr_get_redist(vm, &val);
			break;
		case KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION:
			ret = attr_get_region(vm, &val);
			break;
		default:
			ret = -ENXIO;
		}
	}
	return ret ?: put_user(val, attr_user64(attr));
}

static int attr_has_addr(struct vm *vm, const struct kvm_device_attr *attr)
{
	return attr_is_addr(attr) ? 0 : -ENXIO;
}

/* Group NR_IRQS: INTIDs 1020 to 1023 are special, so 1,024 stands for all there can be. */

/**
 * vgic_attr_set_nr_irqs - KVM_DEV_ARM_VGIC_GRP_NR_IRQS
 * @vm: VM with a GIC
 * @attr: names a user's u32
 *
 * Context: process; takes config_lock.
 * Return: 0; -EFAULT; -EINVAL for a number that cannot be; -EBUSY if it is fixed.
 */
int vgic_attr_set_nr_irqs(struct vm *vm, const struct kvm_device_attr *attr)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	u32 val;

	if (get_user(val, attr_user32(attr)))
		return -EFAULT;
	if (val < ATTR_MIN_IRQS || val > ATTR_MAX_IRQS || val % 32)
		return -EINVAL;

	guard(mutex)(&vm->config_lock);
	if (dist->initialized || dist->nr_spis)
		return -EBUSY;
	dist->nr_spis = min_t(u32, val, VGIC_MAX_SPI + 1) - VGIC_NR_PRIVATE;
	return 0;
}

/**
 * vgic_attr_get_nr_irqs - likewise
 * @vm: VM with a GIC
 * @attr: names a user's u32
 *
 * Context: process; takes config_lock.
 * Return: 0 or -EFAULT.
 */
int vgic_attr_get_nr_irqs(struct vm *vm, const struct kvm_device_attr *attr)
{
	u32 val;

	scoped_guard(mutex, &vm->config_lock)
		val = round_up(vm->arch.vgic.nr_spis + VGIC_NR_PRIVATE, 32);
	return put_user(val, attr_user32(attr));
}

static int attr_has_nr_irqs(struct vm *vm, const struct kvm_device_attr *attr)
{
	return 0;
}

/* Groups DIST_REGS, REDIST_REGS, CPU_SYSREGS, LEVEL_INFO */

static bool attr_is_64bit(const struct kvm_device_attr *attr)
{
	return attr->group == KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS;
}

/* The attribute has Aff3 to Aff0 in its upper half, without MPIDR_EL1's gap. */
static struct vcpu *attr_vcpu(struct vm *vm, const struct kvm_device_attr *attr)
{
	u64 aff = attr->attr >> KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT;

	return vgic_vcpu_by_affinity(vm, (aff & 0xff000000) << 8 | (aff & 0x00ffffff));
}

static u32 attr_offset(const struct kvm_device_attr *attr)
{
	return attr->attr & KVM_DEV_ARM_VGIC_OFFSET_MASK;
}

static int attr_lines(struct vgic_access *a, const struct kvm_device_attr *attr, bool set,
		      u64 *val)
{
	u32 intid = attr->attr & KVM_DEV_ARM_VGIC_LINE_LEVEL_INTID_MASK;

	if (FIELD_GET(KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_MASK, attr->attr) !=
	    VGIC_LEVEL_INFO_LINE_LEVEL || intid % 32)
		return -EINVAL;
	if (intid >= VGIC_NR_PRIVATE)
		a->cpu = NULL;
	if (set)
		vgic_lines_set(a, intid, *val);
	else
		*val = vgic_lines_get(a, intid);
	return 0;
}

/**
 * vgic_attr_frame - a register by attribute
 * @a: who
 * @frame: which frame
 * @offset: in it
 * @set: write
 * @val: the value; 32 bits of it
 *
 * Context: config_lock held, no vCPU runs.
 * Return: as vgic_frame_user_read() and vgic_frame_user_write().
 */
int vgic_attr_frame(struct vgic_access *a, const struct vgic_frame *frame, u32 offset, bool set,
		    u64 *val)
{
	u32 word = *val;
	int ret;

	if (set)
		return vgic_frame_user_write(frame, a, offset, word);
	ret = vgic_frame_user_read(frame, a, offset, &word);
	*val = word;
	return ret;
}

static int attr_reg(struct vm *vm, struct vcpu *vcpu, const struct kvm_device_attr *attr, bool set,
		    u64 *val)
{
	u32 reg = attr_offset(attr);
	struct vgic_access a = { .vm = vm, .cpu = vcpu };

	lockdep_assert_held(&vm->config_lock);
	if (!vgic_initialized(&vm->arch.vgic))
		return -EBUSY;

	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_DIST_REGS:
		return vgic_attr_frame(&a, &vgic_dist_frame, reg, set, val);
	case KVM_DEV_ARM_VGIC_GRP_REDIST_REGS:
		return vgic_attr_frame(&a, &vgic_redist_frame, reg, set, val);
	case KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS:
		if (set)
			return vgic_cpuif_set(vcpu, reg, *val);
		return vgic_cpuif_get(vcpu, reg, val);
	default:
		return attr_lines(&a, attr, set, val);
	}
}

/**
 * vgic_attr_stopped - access state while no vCPU runs
 * @vm: VM with a GIC
 * @vcpu: whose, or NULL
 * @attr: which
 * @set: write
 * @val: the value
 * @fn: does it, with vm->lock, every vcpu->mutex and config_lock held
 *
 * Context: process; takes those locks.
 * Return: -EBUSY if a vCPU is in use, or what @fn says.
 */
int vgic_attr_stopped(struct vm *vm, struct vcpu *vcpu, const struct kvm_device_attr *attr,
		      bool set, u64 *val, vgic_attr_fn fn)
{
	int ret;

	guard(mutex)(&vm->lock);
	ret = vm_lock_all_vcpus(vm);
	if (ret)
		return ret;
	scoped_guard(mutex, &vm->config_lock)
		ret = fn(vm, vcpu, attr, set, val);
	vm_unlock_all_vcpus(vm);
	return ret;
}

static int attr_access(struct vm *vm, const struct kvm_device_attr *attr, bool set)
{
	struct vcpu *vcpu = NULL;
	u64 val = 0;
	int ret;

	if (attr->group != KVM_DEV_ARM_VGIC_GRP_DIST_REGS) {
		vcpu = attr_vcpu(vm, attr);
		if (!vcpu)
			return -EINVAL;
	}
	if (set) {
		u32 word = 0;

		ret = attr_is_64bit(attr) ? get_user(val, attr_user64(attr)) :
					    get_user(word, attr_user32(attr));
		if (ret)
			return ret;
		val |= word;
	}
	ret = vgic_attr_stopped(vm, vcpu, attr, set, &val, attr_reg);
	if (ret || set)
		return ret;
	return attr_is_64bit(attr) ? put_user(val, attr_user64(attr)) :
				     put_user((u32)val, attr_user32(attr));
}

static int attr_set_state(struct vm *vm, const struct kvm_device_attr *attr)
{
	return attr_access(vm, attr, true);
}

static int attr_get_state(struct vm *vm, const struct kvm_device_attr *attr)
{
	return attr_access(vm, attr, false);
}

static int attr_has_dist_reg(struct vm *vm, const struct kvm_device_attr *attr)
{
	return vgic_frame_user_has(&vgic_dist_frame, attr_offset(attr));
}

static int attr_has_redist_reg(struct vm *vm, const struct kvm_device_attr *attr)
{
	if (!attr_vcpu(vm, attr))
		return -EINVAL;
	return vgic_frame_user_has(&vgic_redist_frame, attr_offset(attr));
}

static int attr_has_sysreg(struct vm *vm, const struct kvm_device_attr *attr)
{
	return attr_vcpu(vm, attr) ? vgic_cpuif_has(attr_offset(attr)) : -EINVAL;
}

static int attr_has_lines(struct vm *vm, const struct kvm_device_attr *attr)
{
	return FIELD_GET(KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_MASK, attr->attr) ==
		VGIC_LEVEL_INFO_LINE_LEVEL ? 0 : -ENXIO;
}

/* Group CTRL */

/**
 * vgic_attr_init - KVM_DEV_ARM_VGIC_CTRL_INIT
 * @vm: VM with a GIC
 *
 * Context: process; takes config_lock.
 * Return: as vgic_init().
 */
int vgic_attr_init(struct vm *vm)
{
	guard(mutex)(&vm->config_lock);
	return vgic_init(vm);
}

static int attr_save_pending(struct vm *vm)
{
	int ret;

	guard(mutex)(&vm->lock);
	ret = vm_lock_all_vcpus(vm);
	if (ret)
		return ret;
	scoped_guard(mutex, &vm->config_lock)
		ret = vgic_initialized(&vm->arch.vgic) ? vgic_lpi_save_pending(vm) : -ENXIO;
	vm_unlock_all_vcpus(vm);
	return ret;
}

static int attr_ctrl(struct vm *vm, const struct kvm_device_attr *attr)
{
	switch (attr->attr) {
	case KVM_DEV_ARM_VGIC_CTRL_INIT:
		return vgic_attr_init(vm);
	case KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES:
		return attr_save_pending(vm);
	default:
		return -ENXIO;
	}
}

static int attr_has_ctrl(struct vm *vm, const struct kvm_device_attr *attr)
{
	return attr->attr == KVM_DEV_ARM_VGIC_CTRL_INIT ||
	       attr->attr == KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES ? 0 : -ENXIO;
}

/* The device */

typedef int (*attr_fn)(struct vm *vm, const struct kvm_device_attr *attr);

/* What can be done with a group; nothing is left out but what the ABI does not have. */
static const struct attr_group {
	attr_fn set, get, has;
} attr_groups[] = {
	[KVM_DEV_ARM_VGIC_GRP_ADDR]	   = { attr_set_addr, attr_get_addr, attr_has_addr },
	[KVM_DEV_ARM_VGIC_GRP_NR_IRQS]	   = { vgic_attr_set_nr_irqs,
					       vgic_attr_get_nr_irqs, attr_has_nr_irqs },
	[KVM_DEV_ARM_VGIC_GRP_CTRL]	   = { attr_ctrl, NULL, attr_has_ctrl },
	[KVM_DEV_ARM_VGIC_GRP_DIST_REGS]   = { attr_set_state, attr_get_state, attr_has_dist_reg },
	[KVM_DEV_ARM_VGIC_GRP_REDIST_REGS] = { attr_set_state, attr_get_state,
					       attr_has_redist_reg },
	[KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS] = { attr_set_state, attr_get_state, attr_has_sysreg },
	[KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO]  = { attr_set_state, attr_get_state, attr_has_lines },
};

/* A group that does not exist can do nothing. */
static struct attr_group attr_group(const struct kvm_device_attr *attr)
{
	if (attr->group >= ARRAY_SIZE(attr_groups))
		return (struct attr_group) {};
	return attr_groups[array_index_nospec(attr->group, ARRAY_SIZE(attr_groups))];
}

static int attr_do(struct vm_device *dev, const struct kvm_device_attr *attr, attr_fn fn)
{
	return fn ? fn(dev->vm, attr) : -ENXIO;
}

static int attr_set(struct vm_device *dev, struct kvm_device_attr *attr)
{
	return attr_do(dev, attr, attr_group(attr).set);
}

static int attr_get(struct vm_device *dev, struct kvm_device_attr *attr)
{
	return attr_do(dev, attr, attr_group(attr).get);
}

static int attr_has(struct vm_device *dev, struct kvm_device_attr *attr)
{
	return attr_do(dev, attr, attr_group(attr).has);
}

static int attr_create(struct vm_device *dev, u32 type)
{
	return vgic_create(dev->vm, VGIC_V3);
}

/* Frames and regions are of the device; the interrupts go with the VM. */
static void attr_destroy(struct vm_device *dev)
{
	vgic_dist_unregister(dev->vm);
	vgic_redist_destroy(dev->vm);
}

static const struct vm_device_ops attr_ops = {
	.name = "arm-vgic-v3",
	.create = attr_create,
	.destroy = attr_destroy,
	.set_attr = attr_set,
	.get_attr = attr_get,
	.has_attr = attr_has,
};

/**
 * vgic_attr_register - offer the devices that the host's GIC can present
 *
 * Either KVM_DEV_TYPE_ARM_VGIC_V2, or KVM_DEV_TYPE_ARM_VGIC_V3 and the ITS.
 *
 * Context: module init.
 * Return: 0, -EINVAL if a register table is not sound, -EEXIST.
 */
int vgic_attr_register(void)
{
	int ret;

	if (!vgic_frame_check(&vgic_dist_frame) || !vgic_frame_check(&vgic_redist_frame) ||
	    !vgic_frame_check(&vgic_v2_dist_frame))
		return -EINVAL;
	if (vgic_host_is_v2())
		return vm_device_register(&vgic_v2_attr_ops, KVM_DEV_TYPE_ARM_VGIC_V2);
	ret = vm_device_register(&attr_ops, KVM_DEV_TYPE_ARM_VGIC_V3);
	if (ret)
		return ret;
	ret = its_module_init();
	if (ret)
		vm_device_unregister(KVM_DEV_TYPE_ARM_VGIC_V3);
	return ret;
}

/**
 * vgic_attr_unregister - withdraw them
 *
 * Context: module exit, or after module init failed; no VM exists.
 */
void vgic_attr_unregister(void)
{
	if (vgic_host_is_v2()) {
		vm_device_unregister(KVM_DEV_TYPE_ARM_VGIC_V2);
		return;
	}
	its_module_exit();
	vm_device_unregister(KVM_DEV_TYPE_ARM_VGIC_V3);
}
