// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_DEV_TYPE_ARM_VGIC_V2: creation and attributes of the GICv2; and its
 * addresses by KVM_ARM_SET_DEVICE_ADDR, for a GICv2 of KVM_CREATE_IRQCHIP, which
 * has no file.
 *
 * Locks: vm->lock and all vCPUs' mutexes (by trylock: -EBUSY) wherever state
 * of the running machine is touched, then config_lock.
 */

#include <linux/bitfield.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <kvm/device.h>
#include <kvm/vm.h>
#include "regs.h"
#include "vgic.h"

static u64 __user *attr_user64(const struct kvm_device_attr *attr)
{
	return u64_to_user_ptr(attr->addr);
}

static u32 __user *attr_user32(const struct kvm_device_attr *attr)
{
	return u64_to_user_ptr(attr->addr);
}

/* Group ADDR */

/* Where the address of a frame is kept, and its size; NULL if a GICv2 has no such frame. */
static gpa_t *attr_base(struct vm *vm, u64 type, u64 *size)
{
	switch (type) {
	case KVM_VGIC_V2_ADDR_TYPE_DIST:
		*size = KVM_VGIC_V2_DIST_SIZE;
		return &vm->arch.vgic.dist_base;
	case KVM_VGIC_V2_ADDR_TYPE_CPU:
		*size = KVM_VGIC_V2_CPU_SIZE;
		return &vm->arch.vgic.cpu_base;
	default:
		return NULL;
	}
}

/* Those of another GIC are known, and wrong. */
static int attr_no_base(u64 type)
{
	switch (type) {
	case KVM_VGIC_V3_ADDR_TYPE_DIST:
	case KVM_VGIC_V3_ADDR_TYPE_REDIST:
	case KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION:
		return -ENODEV;
	default:
		return -ENXIO;
	}
}

static int attr_set_base(struct vm *vm, gpa_t *base, u64 size, u64 addr)
{
	int ret;

	lockdep_assert_held(&vm->config_lock);
	if (*base != VGIC_ADDR_UNDEF)
		return -EEXIST;
	ret = vgic_check_range(vm, addr, SZ_4K, size);
	if (!ret)
		*base = addr;
	return ret;
}

static int attr_set_addr(struct vm *vm, const struct kvm_device_attr *attr)
{
	u64 size, addr;
	gpa_t *base = attr_base(vm, attr->attr, &size);

	if (!base)
		return attr_no_base(attr->attr);
	if (get_user(addr, attr_user64(attr)))
		return -EFAULT;
	guard(mutex)(&vm->config_lock);
	return attr_set_base(vm, base, size, addr);
}

static int attr_get_addr(struct vm *vm, const struct kvm_device_attr *attr)
{
	u64 size, addr;
	gpa_t *base = attr_base(vm, attr->attr, &size);

	if (!base)
		return attr_no_base(attr->attr);
	scoped_guard(mutex, &vm->config_lock)
		addr = *base;
	return put_user(addr, attr_user64(attr));
}

/**
 * vgic_v2_set_device_addr - KVM_ARM_SET_DEVICE_ADDR
 * @vm: the VM
 * @id: of the device and, in it, of the frame
 * @addr: guest physical address
 *
 * Context: process; takes config_lock.
 * Return: 0; -ENODEV if there is no such device or frame; or as the attribute.
 */
int vgic_v2_set_device_addr(struct vm *vm, u64 id, u64 addr)
{
	gpa_t *base;
	u64 size;

	if (FIELD_GET(KVM_ARM_DEVICE_ID_MASK, id) != KVM_ARM_DEVICE_VGIC_V2)
		return -ENODEV;
	base = attr_base(vm, FIELD_GET(KVM_ARM_DEVICE_TYPE_MASK, id), &size);
	guard(mutex)(&vm->config_lock);
	if (!base || vm->arch.vgic.model != VGIC_V2)
		return -ENODEV;
	return attr_set_base(vm, base, size, addr);
}

/* Groups DIST_REGS, CPU_REGS: as the vCPU with this id sees them */

static struct vcpu *attr_vcpu(struct vm *vm, const struct kvm_device_attr *attr)
{
	return vm_vcpu_by_id(vm, FIELD_GET(KVM_DEV_ARM_VGIC_CPUID_MASK, attr->attr));
}

static int attr_reg(struct vm *vm, struct vcpu *vcpu, const struct kvm_device_attr *attr, bool set,
		    u64 *val)
{
	u32 reg = attr->attr & KVM_DEV_ARM_VGIC_OFFSET_MASK;
	struct vgic_access a = { .vm = vm, .cpu = vcpu };
	u32 word = *val;
	int ret;

	/* Whoever looks at a GICv2's state has finished its set-up. */
	ret = vgic_init(vm);
	if (ret)
		return ret;
	if (attr->group == KVM_DEV_ARM_VGIC_GRP_DIST_REGS)
		return vgic_attr_frame(&a, &vgic_v2_dist_frame, reg, set, val);
	if (set)
		return vgic_v2_cpuif_set(vcpu, reg, word);
	ret = vgic_v2_cpuif_get(vcpu, reg, &word);
	*val = word;
	return ret;
}

static int attr_access(struct vm *vm, const struct kvm_device_attr *attr, bool set)
{
	struct vcpu *vcpu = attr_vcpu(vm, attr);
	u32 word = 0;
	u64 val;
	int ret;

	if (!vcpu)
		return -EINVAL;
	if (set && get_user(word, attr_user32(attr)))
		return -EFAULT;
	val = word;
	ret = vgic_attr_stopped(vm, vcpu, attr, set, &val, attr_reg);
	if (ret || set)
		return ret;
	return put_user((u32)val, attr_user32(attr));
}

static int attr_ctrl(struct vm *vm, const struct kvm_device_attr *attr)
{
	return attr->attr == KVM_DEV_ARM_VGIC_CTRL_INIT ? vgic_attr_init(vm) : -ENXIO;
}

/* The device */

static int attr_set(struct vm_device *dev, struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		return attr_set_addr(dev->vm, attr);
	case KVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return vgic_attr_set_nr_irqs(dev->vm, attr);
	case KVM_DEV_ARM_VGIC_GRP_CTRL:
		return attr_ctrl(dev->vm, attr);
	case KVM_DEV_ARM_VGIC_GRP_DIST_REGS:
	case KVM_DEV_ARM_VGIC_GRP_CPU_REGS:
		return attr_access(dev->vm, attr, true);
	default:
		return -ENXIO;
	}
}

static int attr_get(struct vm_device *dev, struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		return attr_get_addr(dev->vm, attr);
	case KVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return vgic_attr_get_nr_irqs(dev->vm, attr);
	case KVM_DEV_ARM_VGIC_GRP_DIST_REGS:
	case KVM_DEV_ARM_VGIC_GRP_CPU_REGS:
		return attr_access(dev->vm, attr, false);
	default:
		return -ENXIO;
	}
}

static int attr_has(struct vm_device *dev, struct kvm_device_attr *attr)
{
	u32 reg = attr->attr & KVM_DEV_ARM_VGIC_OFFSET_MASK;
	u64 size;

	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		return attr_base(dev->vm, attr->attr, &size) ? 0 : -ENXIO;
	case KVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return 0;
	case KVM_DEV_ARM_VGIC_GRP_CTRL:
		return attr->attr == KVM_DEV_ARM_VGIC_CTRL_INIT ? 0 : -ENXIO;
	case KVM_DEV_ARM_VGIC_GRP_DIST_REGS:
		if (!attr_vcpu(dev->vm, attr))
			return -EINVAL;
		return vgic_frame_user_has(&vgic_v2_dist_frame, reg);
	case KVM_DEV_ARM_VGIC_GRP_CPU_REGS:
		return attr_vcpu(dev->vm, attr) ? vgic_v2_cpuif_has(reg) : -EINVAL;
	default:
		return -ENXIO;
	}
}

static int attr_create(struct vm_device *dev, u32 type)
{
	return vgic_create(dev->vm, VGIC_V2);
}

/* Frames are of the device; the interrupts go with the VM. */
static void attr_destroy(struct vm_device *dev)
{
	vgic_v2_unregister(dev->vm);
}

const struct vm_device_ops vgic_v2_attr_ops = {
	.name = "arm-vgic-v2",
	.create = attr_create,
	.destroy = attr_destroy,
	.set_attr = attr_set,
	.get_attr = attr_get,
	.has_attr = attr_has,
};
