// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_DEV_TYPE_ARM_VGIC_ITS: creation and attributes of an ITS.
 *
 * Life.  Created with the device, at any time; on the bus and on
 * vgic_dist.its_list, where injection finds it, from when it has an address
 * until the VM dies.  Then no vCPU runs and nobody injects: irqfds have been
 * released and every file is closed.
 *
 * Locks: vm->lock and all vCPUs' mutexes (by trylock: -EBUSY) wherever state
 * of the running machine is touched, config_lock, then its->lock; slots_lock
 * inside config_lock for the bus.
 */

#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <kvm/device.h>
#include <kvm/vm.h>
#include "its-regs.h"
#include "regs.h"

/* ---- Address */

/**
 * its_overlaps - is there an ITS in a range?
 * @vm: the VM
 * @base: guest physical address
 * @size: bytes
 *
 * Context: config_lock held.
 * Return: true if one has its frames there.
 */
bool its_overlaps(struct vm *vm, gpa_t base, u64 size)
{
	struct its *its;

	lockdep_assert_held(&vm->config_lock);
	list_for_each_entry(its, &vm->arch.vgic.its_list, node)
		if (base < its->base + ITS_FRAME_SIZE && its->base < base + size)
			return true;
	return false;
}

/**
 * its_register - put an ITS where devices and vCPUs find it
 * @its: with an address
 *
 * Context: config_lock held; takes slots_lock.
 * Return: 0, or the bus's error.
 */
int its_register(struct its *its)
{
	struct vm *vm = its->vm;
	int ret;

	lockdep_assert_held(&vm->config_lock);
	its->iodev.ops = &its_iodev_ops;
	scoped_guard(mutex, &vm->slots_lock)
		ret = iobus_register(vm, KVM_MMIO_BUS, its->base, ITS_FRAME_SIZE, &its->iodev);
	if (ret)
		return ret;
	its->on_bus = true;
	list_add_tail_rcu(&its->node, &vm->arch.vgic.its_list);
	return 0;
}

/**
 * its_unregister - undo its_register(); nothing happens if that was not done
 * @its: the ITS; who found it before may still use it until an RCU grace period
 *	 has passed
 *
 * Context: process; takes config_lock and slots_lock.
 */
void its_unregister(struct its *its)
{
	struct vm *vm = its->vm;

	guard(mutex)(&vm->config_lock);
	if (!its->on_bus)
		return;
	list_del_rcu(&its->node);
	its->on_bus = false;
	guard(mutex)(&vm->slots_lock);
	iobus_unregister(vm, KVM_MMIO_BUS, &its->iodev);
}

static int dev_set_addr(struct its *its, gpa_t base)
{
	struct vm *vm = its->vm;
	int ret;

	guard(mutex)(&vm->config_lock);
	if (its->base != VGIC_ADDR_UNDEF)
		return -EEXIST;
	ret = vgic_check_range(vm, base, SZ_64K, ITS_FRAME_SIZE);
	if (ret)
		return ret;
	if (vgic_frames_overlap(vm, base, ITS_FRAME_SIZE) ||
	    its_overlaps(vm, base, ITS_FRAME_SIZE))
		return -EINVAL;
	its->base = base;
	ret = its_register(its);
	if (ret)
		its->base = VGIC_ADDR_UNDEF;
	return ret;
}

/* ---- Control and registers, while no vCPU runs */

static int dev_ctrl_locked(struct its *its, u64 attr)
{
	switch (attr) {
	case KVM_DEV_ARM_ITS_CTRL_RESET:
		its_reset(its);
		return 0;
	case KVM_DEV_ARM_ITS_SAVE_TABLES:
		return its_save_tables(its);
	default:
		return its_restore_tables(its);
	}
}

static int dev_ctrl_stopped(struct its *its, u64 attr)
{
	guard(mutex)(&its->vm->config_lock);
	/* Without redistributors there is nothing that tables could name. */
	if (attr != KVM_DEV_ARM_ITS_CTRL_RESET && !vgic_initialized(&its->vm->arch.vgic))
		return -ENXIO;
	guard(mutex)(&its->lock);
	return dev_ctrl_locked(its, attr);
}

static int dev_reg_stopped(struct its *its, u32 offset, bool set, u64 *val)
{
	guard(mutex)(&its->vm->config_lock);
	if (its->base == VGIC_ADDR_UNDEF)
		return -ENXIO;
	return its_user_access(its, offset, set, val);
}

static int dev_ctrl(struct its *its, u64 attr)
{
	struct vm *vm = its->vm;
	int ret;

	switch (attr) {
	case KVM_DEV_ARM_VGIC_CTRL_INIT:
		/* Creation has done all there is to do. */
		return 0;
	case KVM_DEV_ARM_ITS_CTRL_RESET:
	case KVM_DEV_ARM_ITS_SAVE_TABLES:
	case KVM_DEV_ARM_ITS_RESTORE_TABLES:
		break;
	default:
		return -ENXIO;
	}

	guard(mutex)(&vm->lock);
	ret = vm_lock_all_vcpus(vm);
	if (ret)
		return ret;
	ret = dev_ctrl_stopped(its, attr);
	vm_unlock_all_vcpus(vm);
	return ret;
}

static int dev_reg(struct its *its, u64 offset, bool set, u64 *val)
{
	const struct vgic_reg *r = its_user_find(offset);
	struct vm *vm = its->vm;
	int ret;

	if (IS_ERR(r))
		return PTR_ERR(r);
	guard(mutex)(&vm->lock);
	ret = vm_lock_all_vcpus(vm);
	if (ret)
		return ret;
	ret = dev_reg_stopped(its, offset, set, val);
	vm_unlock_all_vcpus(vm);
	return ret;
}

/* ---- The device */

static int dev_set(struct vm_device *dev, struct kvm_device_attr *attr)
{
	u64 __user *user = u64_to_user_ptr(attr->addr);
	struct its *its = dev->private;
	u64 val;

	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		if (attr->attr != KVM_VGIC_ITS_ADDR_TYPE)
			return -ENODEV;
		if (get_user(val, user))
			return -EFAULT;
		return dev_set_addr(its, val);
	case KVM_DEV_ARM_VGIC_GRP_CTRL:
		return dev_ctrl(its, attr->attr);
	case KVM_DEV_ARM_VGIC_GRP_ITS_REGS:
		if (get_user(val, user))
			return -EFAULT;
		return dev_reg(its, attr->attr, true, &val);
	default:
		return -ENXIO;
	}
}

static int dev_get(struct vm_device *dev, struct kvm_device_attr *attr)
{
	u64 __user *user = u64_to_user_ptr(attr->addr);
	struct its *its = dev->private;
	u64 val;
	int ret;

	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		if (attr->attr != KVM_VGIC_ITS_ADDR_TYPE)
			return -ENODEV;
		scoped_guard(mutex, &dev->vm->config_lock)
			val = its->base;
		break;
	case KVM_DEV_ARM_VGIC_GRP_ITS_REGS:
		ret = dev_reg(its, attr->attr, false, &val);
		if (ret)
			return ret;
		break;
	default:
		return -ENXIO;
	}
	return put_user(val, user);
}

static int dev_has(struct vm_device *dev, struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		return attr->attr == KVM_VGIC_ITS_ADDR_TYPE ? 0 : -ENXIO;
	case KVM_DEV_ARM_VGIC_GRP_CTRL:
		switch (attr->attr) {
		case KVM_DEV_ARM_VGIC_CTRL_INIT:
		case KVM_DEV_ARM_ITS_CTRL_RESET:
		case KVM_DEV_ARM_ITS_SAVE_TABLES:
		case KVM_DEV_ARM_ITS_RESTORE_TABLES:
			return 0;
		}
		return -ENXIO;
	case KVM_DEV_ARM_VGIC_GRP_ITS_REGS:
		return PTR_ERR_OR_ZERO(its_user_find(attr->attr));
	default:
		return -ENXIO;
	}
}

static int dev_create(struct vm_device *dev, u32 type)
{
	struct vm *vm = dev->vm;
	struct its *its;

	its = kzalloc(sizeof(*its), GFP_KERNEL_ACCOUNT);
	if (!its)
		return -ENOMEM;
	its->vm = vm;
	its->dev = dev;
	its->base = VGIC_ADDR_UNDEF;
	mutex_init(&its->lock);
	its_tables_init(its);
	scoped_guard(mutex, &its->lock)
		its_reset(its);
	dev->private = its;
	guard(mutex)(&vm->config_lock);
	if (!vm->arch.vgic.has_its)
		its_debugfs_add(vm);
	WRITE_ONCE(vm->arch.vgic.has_its, true);
	return 0;
}

static void dev_destroy(struct vm_device *dev)
{
	struct its *its = dev->private;

	its_unregister(its);
	scoped_guard(mutex, &its->lock)
		its_reset(its);
	mutex_destroy(&its->lock);
	kfree(its);
}

static const struct vm_device_ops dev_ops = {
	.name = "arm-vgic-its",
	.create = dev_create,
	.destroy = dev_destroy,
	.set_attr = dev_set,
	.get_attr = dev_get,
	.has_attr = dev_has,
};

/**
 * its_module_init - offer KVM_DEV_TYPE_ARM_VGIC_ITS
 *
 * Context: module init.
 * Return: 0, -EINVAL if the register table is not sound, -ENOMEM, -EEXIST.
 */
int its_module_init(void)
{
	int ret;

	if (!vgic_frame_check(&its_frame))
		return -EINVAL;
	ret = its_map_module_init();
	return ret ?: vm_device_register(&dev_ops, KVM_DEV_TYPE_ARM_VGIC_ITS);
}

/**
 * its_module_exit - withdraw it
 *
 * Context: module exit, or after module init failed; no VM exists.
 */
void its_module_exit(void)
{
	vm_device_unregister(KVM_DEV_TYPE_ARM_VGIC_ITS);
	its_map_module_exit();
}
