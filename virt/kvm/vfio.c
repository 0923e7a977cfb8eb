// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_DEV_TYPE_VFIO: a VMM names the VFIO files of the devices that it has
 * assigned to the VM, groups or single devices.
 *
 * What there is to do with them is to keep them.  DMA is the IOMMU's and VFIO's,
 * interrupts come by irqfd, registers through memory slots; and arm64 has no
 * instruction that must be withheld from a guest whose devices' DMA is coherent.
 *
 * VFIO would take a struct kvm for the few drivers that look into it, to give to
 * kvm_get_kvm_safe() of the kernel's own KVM.  A struct vm is not one, so
 * vfio_file_set_kvm() is not called, ever: to such a driver the device is one
 * that no KVM uses.  In Linux 6.12 those drivers are vfio_ap, vfio_pci with zPCI
 * (both s390) and kvmgt (x86).
 *
 * vfio.ko may be absent, come and go.  The symbol is looked up for each file; a
 * file that is VFIO's holds the module that it belongs to.
 *
 * Locks: vm->lock for creation and release, vfio_dev.lock for the files.
 */

#include <linux/cleanup.h>
#include <linux/file.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <kvm/device.h>
#include <kvm/vfio.h>
#include <kvm/vm.h>

struct vfio_dev {
	struct mutex lock;		/* nothing but memory is had inside */
	struct list_head files;		/* struct vfio_dev_file; @lock */
	unsigned long nr_files;		/* @lock */
};

/* Owns a reference to @file, from the file's addition to its removal. */
struct vfio_dev_file {
	struct list_head node;
	struct file *file;
};

static bool vfio_dev_accepts(struct file *file)
{
	bool (*is_valid)(struct file *file) = symbol_get(vfio_file_is_valid);
	bool ret;

	if (!is_valid)
		return false;
	ret = is_valid(file);
	symbol_put(vfio_file_is_valid);
	return ret;
}

static struct vfio_dev_file *vfio_dev_find(struct vfio_dev *vfio, const struct file *file)
{
	struct vfio_dev_file *vf;

	lockdep_assert_held(&vfio->lock);
	list_for_each_entry(vf, &vfio->files, node)
		if (vf->file == file)
			return vf;
	return NULL;
}

static int vfio_dev_add(struct vfio_dev *vfio, struct file *file)
{
	struct vfio_dev_file *vf;

	if (!vfio_dev_accepts(file))
		return -EINVAL;

	guard(mutex)(&vfio->lock);
	if (vfio_dev_find(vfio, file))
		return -EEXIST;
	/* They stay open when their descriptors are closed, so they count like these. */
	if (vfio->nr_files >= rlimit(RLIMIT_NOFILE))
		return -EMFILE;
	vf = kzalloc(sizeof(*vf), GFP_KERNEL_ACCOUNT);
	if (!vf)
		return -ENOMEM;
	vf->file = get_file(file);
	list_add_tail(&vf->node, &vfio->files);
	vfio->nr_files++;
	return 0;
}

static void vfio_dev_drop(struct vfio_dev *vfio, struct vfio_dev_file *vf)
{
	list_del(&vf->node);
	vfio->nr_files--;
	fput(vf->file);
	kfree(vf);
}

static int vfio_dev_del(struct vfio_dev *vfio, struct file *file)
{
	struct vfio_dev_file *vf;

	guard(mutex)(&vfio->lock);
	vf = vfio_dev_find(vfio, file);
	if (!vf)
		return -ENOENT;
	vfio_dev_drop(vfio, vf);
	return 0;
}

static int vfio_dev_has_attr(struct vm_device *dev, struct kvm_device_attr *attr)
{
	if (attr->group != KVM_DEV_VFIO_FILE)
		return -ENXIO;
	switch (attr->attr) {
	case KVM_DEV_VFIO_FILE_ADD:
	case KVM_DEV_VFIO_FILE_DEL:
		return 0;
	default:
		return -ENXIO;
	}
}

static int vfio_dev_set_attr(struct vm_device *dev, struct kvm_device_attr *attr)
{
	int ret = vfio_dev_has_attr(dev, attr);
	struct file *file;
	s32 fd;

	if (ret)
		return ret;
	if (get_user(fd, (s32 __user *)u64_to_user_ptr(attr->addr)))
		return -EFAULT;
	file = fget(fd);
	if (!file)
		return -EBADF;
	if (attr->attr == KVM_DEV_VFIO_FILE_ADD)
		ret = vfio_dev_add(dev->private, file);
	else
		ret = vfio_dev_del(dev->private, file);
	fput(file);
	return ret;
}

static void vfio_dev_release(struct vm_device *dev)
{
	struct vfio_dev *vfio = dev->private;
	struct vfio_dev_file *vf, *next;

	/* Nobody else has the device any more. */
	list_for_each_entry_safe(vf, next, &vfio->files, node)
		vfio_dev_drop(vfio, vf);
	mutex_destroy(&vfio->lock);
	kfree(vfio);
}

static int vfio_dev_create(struct vm_device *dev, u32 type);

static const struct vm_device_ops vfio_dev_ops = {
	.name		= "vfio",
	.create		= vfio_dev_create,
	.release	= vfio_dev_release,
	.set_attr	= vfio_dev_set_attr,
	.has_attr	= vfio_dev_has_attr,
};

static int vfio_dev_create(struct vm_device *dev, u32 type)
{
	struct vm_device *other;
	struct vfio_dev *vfio;

	lockdep_assert_held(&dev->vm->lock);
	list_for_each_entry(other, &dev->vm->devices, node)
		if (other->ops == &vfio_dev_ops)
			return -EBUSY;
	vfio = kzalloc(sizeof(*vfio), GFP_KERNEL_ACCOUNT);
	if (!vfio)
		return -ENOMEM;
	mutex_init(&vfio->lock);
	INIT_LIST_HEAD(&vfio->files);
	dev->private = vfio;
	return 0;
}

/**
 * vfio_dev_register - make KVM_DEV_TYPE_VFIO known
 *
 * Context: module initialisation.
 * Return: 0, or what vm_device_register() says.
 */
int vfio_dev_register(void)
{
	return vm_device_register(&vfio_dev_ops, KVM_DEV_TYPE_VFIO);
}

/**
 * vfio_dev_unregister - forget KVM_DEV_TYPE_VFIO
 *
 * Context: no VM exists.
 */
void vfio_dev_unregister(void)
{
	vm_device_unregister(KVM_DEV_TYPE_VFIO);
}
