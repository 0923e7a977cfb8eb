// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_CREATE_DEVICE: in-kernel devices with a file descriptor for attributes.
 *
 * Ownership: a struct vm_device is on vm->devices from its creation.  Its file
 * holds a reference to the VM.  A type with ->release ends with its file; any
 * other lives until the VM dies, in vm_device_destroy_all(), by when its file
 * is gone, since that held the VM.  The struct itself is freed here, what
 * ->create made is freed by ->release or ->destroy.
 *
 * Locks: vm->lock for the list, ->create and ->release.
 */

#include <linux/anon_inodes.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <kvm/device.h>
#include <kvm/vm.h>
#include "generic.h"

#define NR_DEVICE_TYPES		16

/* Changes only while the module is initialised and when it goes. */
static const struct vm_device_ops *vm_device_types[NR_DEVICE_TYPES];

/**
 * vm_device_register - make a device type known
 * @ops: its operations
 * @type: KVM_DEV_TYPE_*
 *
 * Context: module initialisation.
 * Return: 0, -ENOSPC if @type is out of range, -EEXIST
 */
int vm_device_register(const struct vm_device_ops *ops, u32 type)
{
	if (type >= NR_DEVICE_TYPES)
		return -ENOSPC;
	if (vm_device_types[type])
		return -EEXIST;
	vm_device_types[type] = ops;
	return 0;
}

/**
 * vm_device_unregister - forget a device type
 * @type: KVM_DEV_TYPE_*; may be one that is not registered
 *
 * Context: no VM exists.
 */
void vm_device_unregister(u32 type)
{
	if (type < NR_DEVICE_TYPES)
		vm_device_types[type] = NULL;
}

static long vm_device_attr(struct vm_device *dev,
			   int (*hook)(struct vm_device *, struct kvm_device_attr *),
			   unsigned long arg)
{
	struct kvm_device_attr attr;

	if (!hook)
		return -EPERM;
	if (copy_from_user(&attr, (void __user *)arg, sizeof(attr)))
		return -EFAULT;
	if (attr.flags)
		return -EINVAL;
	return hook(dev, &attr);
}

static long vm_device_ioctl(struct file *file, unsigned int ioctl, unsigned long arg)
{
	struct vm_device *dev = file->private_data;
	int ret;

	ret = vm_check_caller(dev->vm);
	if (ret)
		return ret;

	switch (ioctl) {
	case KVM_SET_DEVICE_ATTR:
		return vm_device_attr(dev, dev->ops->set_attr, arg);
	case KVM_GET_DEVICE_ATTR:
		return vm_device_attr(dev, dev->ops->get_attr, arg);
	case KVM_HAS_DEVICE_ATTR:
		return vm_device_attr(dev, dev->ops->has_attr, arg);
	default:
		return -ENOTTY;
	}
}

static int vm_device_close(struct inode *inode, struct file *file)
{
	struct vm_device *dev = file->private_data;
	struct vm *vm;

	/* The file of a creation that failed stands for nothing. */
	if (!dev)
		return 0;

	vm = dev->vm;
	if (dev->ops->release) {
		mutex_lock(&vm->lock);
		list_del(&dev->node);
		dev->ops->release(dev);
		mutex_unlock(&vm->lock);
		kfree(dev);
	}
	vm_put(vm);
	return 0;
}

static const struct file_operations vm_device_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vm_device_ioctl,
	.compat_ioctl = vm_refuse_compat_ioctl,
	.release = vm_device_close,
	.llseek = noop_llseek,
};

static int vm_device_make(struct vm *vm, const struct vm_device_ops *ops, u32 type,
			  struct file *file)
{
	struct vm_device *dev __free(kfree) = kzalloc(sizeof(*dev), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!dev)
		return -ENOMEM;
	dev->vm = vm;
	dev->ops = ops;
	scoped_guard(mutex, &vm->lock) {
		ret = ops->create(dev, type);
		if (ret)
			return ret;
		list_add_tail(&dev->node, &vm->devices);
	}
	vm_get(vm);
	file->private_data = no_free_ptr(dev);
	return 0;
}

/**
 * vm_device_create - KVM_CREATE_DEVICE
 * @vm: VM
 * @args: the ioctl's argument; fd is filled in
 * @user: where user space has it
 *
 * The descriptor and the file are had, and user space is told, before the
 * device is made, so that nothing can fail once it exists: no way of undoing a
 * creation is needed.
 *
 * Context: process; takes vm->lock.
 * Return: 0; -ENODEV if the type is unknown, -EINVAL for unknown flags, what
 * the type's ->create says, or -EMFILE, -ENFILE, -ENOMEM, -EFAULT.
 */
int vm_device_create(struct vm *vm, struct kvm_create_device *args, void __user *user)
{
	const struct vm_device_ops *ops;
	struct file *file;
	char name[32];
	int fd, ret;

	if (args->type >= NR_DEVICE_TYPES)
		return -ENODEV;
	ops = vm_device_types[array_index_nospec(args->type, NR_DEVICE_TYPES)];
	if (!ops)
		return -ENODEV;
	if (args->flags & ~KVM_CREATE_DEVICE_TEST)
		return -EINVAL;
	if (args->flags & KVM_CREATE_DEVICE_TEST)
		return 0;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;

	scnprintf(name, sizeof(name), "kvm-%s", ops->name);
	file = anon_inode_getfile(name, &vm_device_fops, NULL, O_RDWR | O_CLOEXEC);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}

	args->fd = fd;
	ret = copy_to_user(user, args, sizeof(*args)) ? -EFAULT : 0;
	if (!ret)
		ret = vm_device_make(vm, ops, args->type, file);
	if (ret) {
		fput(file);
		put_unused_fd(fd);
		return ret;
	}

	fd_install(fd, file);
	return 0;
}

/**
 * vm_device_destroy_all - the VM dies: destroy the devices that live as long as it
 * @vm: VM; all of its files are closed and no vCPU runs, but vCPUs exist
 */
void vm_device_destroy_all(struct vm *vm)
{
	struct vm_device *dev, *next;

	list_for_each_entry_safe(dev, next, &vm->devices, node) {
		list_del(&dev->node);
		if (dev->ops->destroy)
			dev->ops->destroy(dev);
		kfree(dev);
	}
}
