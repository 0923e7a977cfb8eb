/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_DEVICE_H
#define KVM_DEVICE_H

#include <linux/list.h>
#include <linux/kvm.h>
#include <kvm/types.h>

struct vm_device;

/*
 * struct vm_device_ops - a KVM_CREATE_DEVICE type
 * @create: vm->lock held; fills dev->private; on error nothing is left behind
 *	    and no other hook is called
 * @destroy: the VM dies; frees what @create made.  Called exactly once for each
 *	     successful @create, before the vCPUs are freed.
 * @release: instead of @destroy, for devices that end with their fd; vm->lock held
 * @set_attr, @get_attr, @has_attr: attribute ioctls; 0 or -ENXIO if there is none
 */
struct vm_device_ops {
	const char *name;
	int (*create)(struct vm_device *dev, u32 type);
	void (*destroy)(struct vm_device *dev);
	void (*release)(struct vm_device *dev);
	int (*set_attr)(struct vm_device *dev, struct kvm_device_attr *attr);
	int (*get_attr)(struct vm_device *dev, struct kvm_device_attr *attr);
	int (*has_attr)(struct vm_device *dev, struct kvm_device_attr *attr);
};

struct vm_device {
	const struct vm_device_ops *ops;
	struct vm *vm;
	void *private;
	struct list_head node;		/* vm->devices; vm->lock */
};

int vm_device_create(struct vm *vm, struct kvm_create_device *args, void __user *user);
void vm_device_destroy_all(struct vm *vm);
/* Module init only. */
int vm_device_register(const struct vm_device_ops *ops, u32 type);
void vm_device_unregister(u32 type);

#endif
