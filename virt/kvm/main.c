// SPDX-License-Identifier: GPL-2.0
/*
 * The module's life and /dev/kvm.
 *
 * Order: what can be reached from the device node exists before the node does
 * and goes after it.  The module cannot be unloaded while a file of ours is
 * open (file_operations.owner) or a VM lives (each holds a module reference).
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <kvm/arch.h>
#include "generic.h"

static int main_open(struct inode *inode, struct file *file)
{
	return is_compat_task() ? -ENODEV : 0;
}

static long main_ioctl(struct file *file, unsigned int ioctl, unsigned long arg)
{
	switch (ioctl) {
	case KVM_GET_API_VERSION:
		return arg ? -EINVAL : KVM_API_VERSION;
	case KVM_CREATE_VM:
		return vm_create_fd(arg);
	case KVM_CHECK_EXTENSION:
		return vm_check_extension(NULL, arg);
	case KVM_GET_VCPU_MMAP_SIZE:
		/* The run page and, one page later, the ring of coalesced MMIO. */
		return arg ? -EINVAL : (KVM_COALESCED_MMIO_PAGE_OFFSET + 1) * PAGE_SIZE;
	default:
		return -EINVAL;
	}
}

static const struct file_operations main_fops = {
	.owner		= THIS_MODULE,
	.open		= main_open,
	.unlocked_ioctl	= main_ioctl,
	.compat_ioctl	= vm_refuse_compat_ioctl,
	.llseek		= noop_llseek,
};

static struct miscdevice main_device = {
	.minor	= KVM_MINOR,
	.name	= "kvm",
	.fops	= &main_fops,
};

static int __init main_init(void)
{
	int ret;

	/* First of all whether this machine can do it: says in the log what is missing. */
	ret = arch_init();
	if (ret)
		return ret;

	ret = vcpu_module_init();
	if (ret)
		goto out_arch;

	ret = irqfd_module_init();
	if (ret)
		goto out_vcpu;

	stats_module_init();

	ret = misc_register(&main_device);
	if (ret) {
		pr_err("cannot have /dev/kvm: error %d%s\n", ret,
		       ret == -EBUSY ? ", another module or the kernel's own KVM has it" : "");
		goto out_stats;
	}
	return 0;

out_stats:
	stats_module_exit();
	irqfd_module_exit();
out_vcpu:
	vcpu_module_exit();
out_arch:
	arch_exit();
	return ret;
}

static void __exit main_exit(void)
{
	misc_deregister(&main_device);
	stats_module_exit();
	irqfd_module_exit();
	/* Callbacks of the module's own that call_rcu() still holds. */
	rcu_barrier();
	vcpu_module_exit();
	arch_exit();
}

module_init(main_init);
module_exit(main_exit);

MODULE_DESCRIPTION("Virtual machines through /dev/kvm, as a module of its own");
MODULE_LICENSE("GPL");
