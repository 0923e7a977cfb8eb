// SPDX-License-Identifier: GPL-2.0
/*
 * A VM's life, its file, and the ioctls that are not the architecture's.
 *
 * Locks: see Documentation/virt/kvm/locking.rst for the order.  Here vm->lock
 * is taken for capabilities; what else an ioctl needs is taken where it is
 * carried out.
 *
 * References: each file (the VM's, a vCPU's, a device's) and each in-kernel
 * user that outlives an ioctl holds one.  It is taken before the file exists,
 * so it is there when the descriptor becomes visible.  The last one destroys
 * the VM.  The VM holds references to the mm_struct (not to the address space,
 * which may go first) and to the module.
 */

#include <linux/anon_inodes.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <kvm/arch.h>
#include <kvm/device.h>
#include <kvm/irq.h>
#include "generic.h"

int vm_check_caller(struct vm *vm)
{
	return current->mm != vm->mm || READ_ONCE(vm->dead) ? -EIO : 0;
}

long vm_refuse_compat_ioctl(struct file *file, unsigned int ioctl, unsigned long arg)
{
	return -EINVAL;
}

/* Creation and the end */

static void vm_init_fields(struct vm *vm)
{
	refcount_set(&vm->users, 1);
	mutex_init(&vm->lock);
	mutex_init(&vm->config_lock);
	mutex_init(&vm->slots_lock);
	mutex_init(&vm->irq_lock);
	rwlock_init(&vm->mmu_lock);
	xa_init(&vm->vcpus);
	INIT_LIST_HEAD(&vm->devices);
	INIT_LIST_HEAD(&vm->ioeventfds);
	memslots_init(vm);
	vm->mm = current->mm;
}

static struct vm *vm_create(unsigned long type, int fd)
{
	struct vm *vm;
	int ret;

	vm = kvzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return ERR_PTR(-ENOMEM);
	vm_init_fields(vm);
	mmgrab(vm->mm);
	/* The caller came through an open file of ours, so the module is alive. */
	__module_get(THIS_MODULE);
	preempt_notifier_inc();

	ret = init_srcu_struct(&vm->srcu);
	if (ret)
		goto out_free;
	ret = init_srcu_struct(&vm->irq_srcu);
	if (ret)
		goto out_srcu;
	ret = iobus_init(vm);
	if (ret)
		goto out_irq_srcu;
	ret = coalesced_init(vm);
	if (ret)
		goto out_bus;
	ret = irq_routing_init(vm);
	if (ret)
		goto out_coalesced;
	ret = arch_vm_init(vm, type);
	if (ret)
		goto out_routing;
	/* Last: from here on callbacks find a complete stage 2. */
	ret = notifier_register(vm);
	if (ret)
		goto out_arch;

	stats_vm_add(vm, fd);
	return vm;

out_arch:
	arch_vm_destroy(vm);
out_routing:
	irq_routing_destroy(vm);
out_coalesced:
	coalesced_destroy(vm);
out_bus:
	iobus_destroy(vm);
out_irq_srcu:
	cleanup_srcu_struct(&vm->irq_srcu);
out_srcu:
	cleanup_srcu_struct(&vm->srcu);
out_free:
	preempt_notifier_dec();
	mmdrop(vm->mm);
	kvfree(vm);
	module_put(THIS_MODULE);
	return ERR_PTR(ret);
}

/*
 * Nothing runs and nobody can find the VM.  Users go before what they use:
 * devices may look at vCPUs, and both may be on the bus; stage 2 goes when no
 * notifier callback can come any more.
 */
static void vm_destroy(struct vm *vm)
{
	stats_vm_remove(vm);
	arch_vm_pre_destroy(vm);
	ioeventfd_destroy_all(vm);
	vm_device_destroy_all(vm);
	notifier_unregister(vm);
	iobus_destroy(vm);
	coalesced_destroy(vm);
	vcpu_destroy_all(vm);
	arch_vm_destroy(vm);
	irq_routing_destroy(vm);
	memslots_destroy(vm);
	cleanup_srcu_struct(&vm->irq_srcu);
	cleanup_srcu_struct(&vm->srcu);
	preempt_notifier_dec();
	mmdrop(vm->mm);
	kvfree(vm);
	module_put(THIS_MODULE);
}

/**
 * vm_get() - one more reference, for someone who has one
 * @vm: the VM
 */
void vm_get(struct vm *vm)
{
	refcount_inc(&vm->users);
}

/**
 * vm_get_live() - a reference for someone who found @vm without having one
 * @vm: the VM, whose memory something else keeps (a lock, RCU)
 *
 * Return: false if it is being destroyed.
 */
bool vm_get_live(struct vm *vm)
{
	return refcount_inc_not_zero(&vm->users);
}

/**
 * vm_put() - gives a reference back
 * @vm: the VM; may be gone afterwards
 *
 * Context: process, may sleep, no lock of the VM's held.
 */
void vm_put(struct vm *vm)
{
	if (refcount_dec_and_test(&vm->users))
		vm_destroy(vm);
}

/**
 * vm_kill() - ends a VM whose state cannot be trusted any more
 * @vm: the VM
 *
 * Every further ioctl is -EIO; what runs leaves with -EIO soon.
 *
 * Context: any.
 */
void vm_kill(struct vm *vm)
{
	WRITE_ONCE(vm->dead, true);
	vm_kick_all(vm, VCPU_REQ_VM_DEAD);
}

/**
 * vm_create_fd() - KVM_CREATE_VM
 * @type: the architecture's kind of VM
 *
 * Return: a file descriptor; -EINVAL for a @type that is not known, -ENOMEM,
 * -EMFILE and the like.
 */
int vm_create_fd(unsigned long type)
{
	struct file *file;
	struct vm *vm;
	int fd, ret;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;

	vm = vm_create(type, fd);
	if (IS_ERR(vm)) {
		ret = PTR_ERR(vm);
		goto out_fd;
	}
	file = anon_inode_getfile("kvm-vm", &vm_fops, vm, O_RDWR);
	if (IS_ERR(file)) {
		ret = PTR_ERR(file);
		goto out_vm;
	}

	fd_install(fd, file);
	return fd;

out_vm:
	vm_put(vm);
out_fd:
	put_unused_fd(fd);
	return ret;
}

/* Quiescence */

/*
 * For lockdep the mutexes of all vCPUs are one, nested in vm->lock: it can keep
 * track of no more than 48 that a task holds.
 */
static bool vcpu_try_quiesce(struct vm *vm, struct vcpu *vcpu)
{
	if (!mutex_trylock(&vcpu->mutex))
		return false;
	mutex_release(&vcpu->mutex.dep_map, _RET_IP_);
	mutex_acquire_nest(&vcpu->mutex.dep_map, 0, 1, &vm->lock.dep_map, _RET_IP_);
	return true;
}

/**
 * vm_lock_all_vcpus() - keeps vCPUs from running and from being changed
 * @vm: the VM
 *
 * Does not wait, since a vCPU may be in the guest for ever, and since the
 * mutexes of several vCPUs have no order.
 *
 * Context: vm->lock held.
 * Return: 0, or -EBUSY with none locked.
 */
int vm_lock_all_vcpus(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	lockdep_assert_held(&vm->lock);

	vm_for_each_vcpu(i, vcpu, vm) {
		if (vcpu_try_quiesce(vm, vcpu))
			continue;
		while (i--)
			mutex_unlock(&vm_vcpu_by_index(vm, i)->mutex);
		return -EBUSY;
	}
	return 0;
}

/**
 * vm_unlock_all_vcpus() - ends what vm_lock_all_vcpus() began
 * @vm: the VM
 *
 * Context: vm->lock held since then.
 */
void vm_unlock_all_vcpus(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	lockdep_assert_held(&vm->lock);

	vm_for_each_vcpu(i, vcpu, vm)
		mutex_unlock(&vcpu->mutex);
}

/* ioctls */

/* What every VM can do on every architecture, whatever its type: the answer is 1. */
static const u16 vm_caps[] = {
	/* memory; MULTI_ADDRESS_SPACE is a count */
	KVM_CAP_USER_MEMORY, KVM_CAP_USER_MEMORY2, KVM_CAP_READONLY_MEM, KVM_CAP_SYNC_MMU,
	KVM_CAP_DESTROY_MEMORY_REGION_WORKS, KVM_CAP_JOIN_MEMORY_REGIONS_WORKS,
	KVM_CAP_MULTI_ADDRESS_SPACE,
	/* vCPUs */
	KVM_CAP_ONE_REG, KVM_CAP_IMMEDIATE_EXIT, KVM_CAP_INTERNAL_ERROR_DATA,
	KVM_CAP_HALT_POLL,
	/* events and devices */
	KVM_CAP_IOEVENTFD, KVM_CAP_IOEVENTFD_NO_LENGTH,
	KVM_CAP_IOEVENTFD_ANY_LENGTH, KVM_CAP_DEVICE_CTRL,
	/* capabilities themselves */
	KVM_CAP_CHECK_EXTENSION_VM, KVM_CAP_ENABLE_CAP_VM,
};

long vm_check_extension(struct vm *vm, long cap)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vm_caps); i++)
		if (cap == vm_caps[i])
			return 1;

	switch (cap) {
	case KVM_CAP_BINARY_STATS_FD:
		return IS_ENABLED(CONFIG_KVM_MODULE_STATS);
	case KVM_CAP_COALESCED_MMIO:
		return KVM_COALESCED_MMIO_PAGE_OFFSET;
	case KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2:
		return DIRTY_MANUAL_FLAGS;
	case KVM_CAP_DIRTY_LOG_RING_ACQ_REL:
		return DIRTY_RING_POSSIBLE ? DIRTY_RING_MAX_BYTES : 0;
	case KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP:
		return DIRTY_RING_POSSIBLE;
	case KVM_CAP_NR_MEMSLOTS:
		return MEMSLOT_NR_USER;
	case KVM_CAP_NR_VCPUS:
		return min(num_online_cpus(), arch_max_vcpus());
	case KVM_CAP_MAX_VCPU_ID:
	case KVM_CAP_MAX_VCPUS:
		return arch_max_vcpus();
	case KVM_CAP_IRQFD:
	case KVM_CAP_IRQFD_RESAMPLE:
		return KVM_NR_IRQCHIPS > 0;
	case KVM_CAP_IRQ_ROUTING:
		return KVM_NR_IRQCHIPS > 0 ? IRQ_NR_GSIS : 0;
	default:
		return arch_check_extension(vm, cap);
	}
}

static long vm_ioctl_enable_cap(struct vm *vm, void __user *user)
{
	struct kvm_enable_cap cap;

	if (copy_from_user(&cap, user, sizeof(cap)))
		return -EFAULT;
	if (cap.flags)
		return -EINVAL;

	if (cap.cap == KVM_CAP_HALT_POLL) {
		if (cap.args[0] > UINT_MAX)
			return -EINVAL;
		WRITE_ONCE(vm->halt_poll_ns, cap.args[0]);
		WRITE_ONCE(vm->halt_poll_override, true);
		return 0;
	}

	if (cap.cap == KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2)
		return dirty_set_manual(vm, cap.args[0]);
	if (cap.cap == KVM_CAP_DIRTY_LOG_RING_ACQ_REL)
		return dirty_ring_enable(vm, cap.args[0]);
	if (cap.cap == KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP)
		return dirty_ring_enable_bitmap(vm);

	guard(mutex)(&vm->lock);
	return arch_vm_enable_cap(vm, &cap);
}

static long vm_ioctl_memory_region(struct vm *vm, void __user *user)
{
	struct kvm_userspace_memory_region2 mem = {};

	/* The older structure is the beginning of the newer one. */
	BUILD_BUG_ON(offsetofend(typeof(mem), userspace_addr) !=
		     sizeof(struct kvm_userspace_memory_region));
	if (copy_from_user(&mem, user, sizeof(struct kvm_userspace_memory_region)))
		return -EFAULT;
	return memslot_set(vm, &mem);
}

static long vm_ioctl_memory_region2(struct vm *vm, void __user *user)
{
	struct kvm_userspace_memory_region2 mem;

	if (copy_from_user(&mem, user, sizeof(mem)))
		return -EFAULT;
	return memslot_set(vm, &mem);
}

static long vm_ioctl_dirty_log(struct vm *vm, void __user *user)
{
	struct kvm_dirty_log log;

	if (copy_from_user(&log, user, sizeof(log)))
		return -EFAULT;
	return dirty_log_get(vm, &log);
}

static long vm_ioctl_clear_dirty_log(struct vm *vm, void __user *user)
{
	struct kvm_clear_dirty_log log;

	if (copy_from_user(&log, user, sizeof(log)))
		return -EFAULT;
	return dirty_log_clear(vm, &log);
}

static long vm_ioctl_coalesced(struct vm *vm, unsigned int ioctl, void __user *user)
{
	struct kvm_coalesced_mmio_zone zone;

	if (copy_from_user(&zone, user, sizeof(zone)))
		return -EFAULT;
	if (ioctl == KVM_REGISTER_COALESCED_MMIO)
		return coalesced_register(vm, &zone);
	return coalesced_unregister(vm, &zone);
}

static long vm_ioctl_irqfd(struct vm *vm, void __user *user)
{
	struct kvm_irqfd args;

	if (copy_from_user(&args, user, sizeof(args)))
		return -EFAULT;
	return irqfd_set(vm, &args);
}

static long vm_ioctl_ioeventfd(struct vm *vm, void __user *user)
{
	struct kvm_ioeventfd args;

	if (copy_from_user(&args, user, sizeof(args)))
		return -EFAULT;
	return ioeventfd_set(vm, &args);
}

/* A message that user space sends itself, as if a route stood for it. */
static long vm_ioctl_signal_msi(struct vm *vm, void __user *user)
{
	struct irq_route route = { .type = KVM_IRQ_ROUTING_MSI };
	struct kvm_msi msi;

	if (copy_from_user(&msi, user, sizeof(msi)))
		return -EFAULT;
	if (msi.flags & ~KVM_MSI_VALID_DEVID)
		return -EINVAL;
	route.msi.address = (u64)msi.address_hi << 32 | msi.address_lo;
	route.msi.data = msi.data;
	route.msi.has_devid = msi.flags & KVM_MSI_VALID_DEVID;
	route.msi.devid = msi.devid;
	return arch_irq_set(vm, &route, IRQ_SOURCE_USER, 1);
}

static long vm_ioctl_gsi_routing(struct vm *vm, struct kvm_irq_routing __user *user)
{
	struct kvm_irq_routing_entry *entries __free(kvfree) = NULL;
	struct kvm_irq_routing head;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nr > IRQ_NR_GSIS || head.flags)
		return -EINVAL;
	if (head.nr) {
		entries = vmemdup_array_user(user->entries, head.nr, sizeof(*entries));
		if (IS_ERR(entries))
			return PTR_ERR(no_free_ptr(entries));
	}
	return irq_routing_set(vm, entries, head.nr);
}

static long vm_ioctl_create_device(struct vm *vm, void __user *user)
{
	struct kvm_create_device args;

	if (copy_from_user(&args, user, sizeof(args)))
		return -EFAULT;
	return vm_device_create(vm, &args, user);
}

static long vm_ioctl(struct file *file, unsigned int ioctl, unsigned long arg)
{
	struct vm *vm = file->private_data;
	void __user *user = (void __user *)arg;
	int ret;

	ret = vm_check_caller(vm);
	if (ret)
		return ret;

	switch (ioctl) {
	case KVM_CREATE_VCPU:
		return vcpu_create_fd(vm, arg);
	case KVM_CHECK_EXTENSION:
		return vm_check_extension(vm, arg);
	case KVM_ENABLE_CAP:
		return vm_ioctl_enable_cap(vm, user);
	case KVM_SET_USER_MEMORY_REGION:
		return vm_ioctl_memory_region(vm, user);
	case KVM_SET_USER_MEMORY_REGION2:
		return vm_ioctl_memory_region2(vm, user);
	case KVM_GET_DIRTY_LOG:
		return vm_ioctl_dirty_log(vm, user);
	case KVM_CLEAR_DIRTY_LOG:
		return vm_ioctl_clear_dirty_log(vm, user);
	case KVM_RESET_DIRTY_RINGS:
		return dirty_ring_reset_all(vm);
	case KVM_REGISTER_COALESCED_MMIO:
	case KVM_UNREGISTER_COALESCED_MMIO:
		return vm_ioctl_coalesced(vm, ioctl, user);
	case KVM_IRQFD:
		return vm_ioctl_irqfd(vm, user);
	case KVM_IOEVENTFD:
		return vm_ioctl_ioeventfd(vm, user);
	case KVM_SIGNAL_MSI:
		return vm_ioctl_signal_msi(vm, user);
	case KVM_SET_GSI_ROUTING:
		return vm_ioctl_gsi_routing(vm, user);
	case KVM_CREATE_DEVICE:
		return vm_ioctl_create_device(vm, user);
	case KVM_GET_STATS_FD:
		return stats_vm_fd(vm);
	default:
		return arch_vm_ioctl(vm, ioctl, arg);
	}
}

static int vm_release(struct inode *inode, struct file *file)
{
	struct vm *vm = file->private_data;

	/* No more ioctls: no irqfd can be added, and none should outlive this descriptor. */
	irqfd_release_all(vm);
	vm_put(vm);
	return 0;
}

const struct file_operations vm_fops = {
	.owner		= THIS_MODULE,
	.release	= vm_release,
	.unlocked_ioctl	= vm_ioctl,
	.compat_ioctl	= vm_refuse_compat_ioctl,
	.llseek		= noop_llseek,
};
