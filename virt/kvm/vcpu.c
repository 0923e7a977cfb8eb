// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU's life, its file and the frame around KVM_RUN.
 *
 * Locks: vm->lock, and in it config_lock, for creation; vcpu->mutex around each
 * ioctl.  Never vm->lock inside of the latter.
 *
 * A vCPU becomes visible in one step, when vm->online_vcpus covers its index;
 * at that time it is complete and nothing is left that could fail.  From then
 * on it lives as long as the VM, so those who find it need no reference.  Its
 * file holds a reference to the VM.
 */

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <kvm/arch.h>
#include <kvm/trace.h>
#include "generic.h"

static struct kmem_cache *vcpu_cache;
static DEFINE_PER_CPU(struct vcpu *, vcpu_loaded_here);

/* Being loaded */

struct vcpu *vcpu_running_here(void)
{
	return this_cpu_read(vcpu_loaded_here);
}

/* Preemption or interrupts off. */
static void vcpu_attach(struct vcpu *vcpu, int cpu)
{
	WRITE_ONCE(vcpu->cpu, cpu);
	this_cpu_write(vcpu_loaded_here, vcpu);
	arch_vcpu_load(vcpu, cpu);
}

static void vcpu_detach(struct vcpu *vcpu)
{
	arch_vcpu_put(vcpu);
	this_cpu_write(vcpu_loaded_here, NULL);
	WRITE_ONCE(vcpu->cpu, -1);
}

static void vcpu_sched_in(struct preempt_notifier *pn, int cpu)
{
	struct vcpu *vcpu = container_of(pn, struct vcpu, preempt);

	WRITE_ONCE(vcpu->preempted, false);
	vcpu_attach(vcpu, cpu);
}

static void vcpu_sched_out(struct preempt_notifier *pn, struct task_struct *next)
{
	struct vcpu *vcpu = container_of(pn, struct vcpu, preempt);

	if (task_is_running(current))
		WRITE_ONCE(vcpu->preempted, true);
	vcpu_detach(vcpu);
}

static struct preempt_ops vcpu_preempt_ops = {
	.sched_in	= vcpu_sched_in,
	.sched_out	= vcpu_sched_out,
};

/**
 * vcpu_load() - ties a vCPU to the CPU and to this thread
 * @vcpu: the vCPU
 *
 * Until vcpu_put() the scheduler unloads it when the thread is scheduled out,
 * and loads it where the thread comes to run again.
 *
 * Context: own thread, vcpu->mutex held.
 */
void vcpu_load(struct vcpu *vcpu)
{
	guard(preempt)();
	preempt_notifier_register(&vcpu->preempt);
	vcpu->loaded = true;
	vcpu_attach(vcpu, smp_processor_id());
}

/**
 * vcpu_put() - ends what vcpu_load() began
 * @vcpu: the vCPU
 *
 * Context: own thread, vcpu->mutex held.
 */
void vcpu_put(struct vcpu *vcpu)
{
	guard(preempt)();
	vcpu_detach(vcpu);
	vcpu->loaded = false;
	preempt_notifier_unregister(&vcpu->preempt);
}

/* KVM_RUN */

/*
 * The mask of KVM_SET_SIGNAL_MASK, for the time of a run.  What the thread
 * itself blocks goes to real_blocked, as in sigtimedwait(): such a signal is
 * kept even if it would be ignored.
 */
static void vcpu_sigset_enter(struct vcpu *vcpu)
{
	if (vcpu->sigset_active)
		sigprocmask(SIG_SETMASK, &vcpu->sigset, &current->real_blocked);
}

static void vcpu_sigset_leave(struct vcpu *vcpu)
{
	if (!vcpu->sigset_active)
		return;
	sigprocmask(SIG_SETMASK, &current->real_blocked, NULL);
	sigemptyset(&current->real_blocked);
}

static long vcpu_ioctl_run(struct vcpu *vcpu)
{
	int ret;

	/* A task is freed after a grace period: kicks look at it under RCU. */
	rcu_assign_pointer(vcpu->runner, current);
	vcpu_sigset_enter(vcpu);

	vcpu_load(vcpu);
	ret = arch_vcpu_run(vcpu);
	vcpu_put(vcpu);
	trace_kvm_userspace_exit(vcpu->run->exit_reason, ret);

	vcpu_sigset_leave(vcpu);
	RCU_INIT_POINTER(vcpu->runner, NULL);
	return ret;
}

static long vcpu_ioctl_signal_mask(struct vcpu *vcpu, struct kvm_signal_mask __user *user)
{
	struct kvm_signal_mask mask;
	sigset_t set;

	if (!user) {
		vcpu->sigset_active = false;
		return 0;
	}
	if (copy_from_user(&mask, user, sizeof(mask)))
		return -EFAULT;
	if (mask.len != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, user->sigset, sizeof(set)))
		return -EFAULT;

	sigdelsetmask(&set, sigmask(SIGKILL) | sigmask(SIGSTOP));
	vcpu->sigset = set;
	vcpu->sigset_active = true;
	return 0;
}

/* The file */

static long vcpu_ioctl(struct file *file, unsigned int ioctl, unsigned long arg)
{
	struct vcpu *vcpu = file->private_data;
	long ret;

	ret = vm_check_caller(vcpu->vm);
	if (ret)
		return ret;
	/* Looks at nothing that the mutex is for, which a vCPU that runs holds. */
	if (ioctl == KVM_GET_STATS_FD)
		return stats_vcpu_fd(vcpu);
	ret = arch_vcpu_async_ioctl(vcpu, ioctl, arg);
	if (ret != -ENOIOCTLCMD)
		return ret;
	if (mutex_lock_killable(&vcpu->mutex))
		return -EINTR;

	switch (ioctl) {
	case KVM_RUN:
		ret = arg ? -EINVAL : vcpu_ioctl_run(vcpu);
		break;
	case KVM_SET_SIGNAL_MASK:
		ret = vcpu_ioctl_signal_mask(vcpu, (void __user *)arg);
		break;
	default:
		ret = arch_vcpu_ioctl(vcpu, ioctl, arg);
		break;
	}

	mutex_unlock(&vcpu->mutex);
	return ret;
}

/* What user space sees at a page of a vCPU's mapping, or NULL. */
static struct page *vcpu_shared_page(struct vcpu *vcpu, pgoff_t pgoff)
{
	switch (pgoff) {
	case 0:
		return vcpu->run_page;
	case KVM_COALESCED_MMIO_PAGE_OFFSET:
		return vcpu->vm->coalesced.page;
	default:
		return dirty_ring_page(vcpu, pgoff);
	}
}

static vm_fault_t vcpu_fault(struct vm_fault *vmf)
{
	struct page *page = vcpu_shared_page(vmf->vma->vm_file->private_data, vmf->pgoff);

	if (!page)
		return VM_FAULT_SIGBUS;
	/* The mapping's own reference: it may outlive the vCPU by way of GUP. */
	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct vcpu_vm_ops = {
	.fault	= vcpu_fault,
};

static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (dirty_ring_in_range(file->private_data, vma->vm_pgoff, vma_pages(vma))) {
		if (!(vma->vm_flags & VM_SHARED) || vma->vm_flags & VM_EXEC)
			return -EINVAL;
		vm_flags_clear(vma, VM_MAYEXEC);
	}
	vma->vm_ops = &vcpu_vm_ops;
	return 0;
}

static int vcpu_release(struct inode *inode, struct file *file)
{
	struct vcpu *vcpu = file->private_data;

	vm_put(vcpu->vm);
	return 0;
}

const struct file_operations vcpu_fops = {
	.owner		= THIS_MODULE,
	.release	= vcpu_release,
	.unlocked_ioctl	= vcpu_ioctl,
	.compat_ioctl	= vm_refuse_compat_ioctl,
	.mmap		= vcpu_mmap,
	.llseek		= noop_llseek,
};

/* Creation and the end */

static void vcpu_free(struct vcpu *vcpu)
{
	if (vcpu->run_page)
		put_page(vcpu->run_page);
	dirty_ring_destroy(vcpu);
	mutex_destroy(&vcpu->mutex);
	kmem_cache_free(vcpu_cache, vcpu);
}

/* All but the architecture's part. */
static struct vcpu *vcpu_alloc(struct vm *vm, unsigned int id, unsigned int index)
{
	struct vcpu *vcpu = kmem_cache_zalloc(vcpu_cache, GFP_KERNEL_ACCOUNT);

	if (!vcpu)
		return NULL;

	mutex_init(&vcpu->mutex);
	rcuwait_init(&vcpu->wait);
	preempt_notifier_init(&vcpu->preempt, &vcpu_preempt_ops);
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->index = index;
	vcpu->cpu = -1;
	vcpu->mode = VCPU_OUTSIDE;

	vcpu->run_page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!vcpu->run_page || dirty_ring_init(vcpu)) {
		vcpu_free(vcpu);
		return NULL;
	}
	vcpu->run = page_address(vcpu->run_page);
	return vcpu;
}

static struct file *vcpu_make_file(struct vcpu *vcpu)
{
	char name[sizeof("kvm-vcpu:") + 10];

	snprintf(name, sizeof(name), "kvm-vcpu:%u", vcpu->id);
	return anon_inode_getfile(name, &vcpu_fops, vcpu, O_RDWR);
}

/* All that can fail.  The file, not installed yet, or an error with nothing left behind. */
static struct file *vcpu_build(struct vm *vm, unsigned int id)
{
	unsigned int index = vm->created_vcpus, max = arch_max_vcpus();
	struct vcpu *vcpu;
	struct file *file;
	int ret;

	lockdep_assert_held(&vm->lock);
	lockdep_assert_held(&vm->config_lock);

	if (index >= max || id >= max)
		return ERR_PTR(-EINVAL);
	if (vm_vcpu_by_id(vm, id))
		return ERR_PTR(-EEXIST);
	ret = arch_vcpu_precreate(vm, id);
	if (ret)
		return ERR_PTR(ret);

	vcpu = vcpu_alloc(vm, id, index);
	if (!vcpu)
		return ERR_PTR(-ENOMEM);

	ret = xa_reserve(&vm->vcpus, index, GFP_KERNEL_ACCOUNT);
	if (ret)
		goto out_free;
	ret = arch_vcpu_create(vcpu);
	if (ret)
		goto out_unreserve;

	vm_get(vm);	/* the file's */
	file = vcpu_make_file(vcpu);
	if (!IS_ERR(file))
		return file;

	ret = PTR_ERR(file);
	vm_put(vm);
	arch_vcpu_destroy(vcpu);
out_unreserve:
	xa_release(&vm->vcpus, index);
out_free:
	vcpu_free(vcpu);
	return ERR_PTR(ret);
}

/* Cannot fail: the place in the array is reserved. */
static void vcpu_publish(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	xa_store(&vm->vcpus, vcpu->index, vcpu, GFP_KERNEL_ACCOUNT);
	vm->created_vcpus++;
	/* Pairs with vm_nr_vcpus(): whoever sees the count sees a complete vCPU. */
	atomic_set_release(&vm->online_vcpus, vm->created_vcpus);

	stats_vcpu_add(vcpu);
}

/**
 * vcpu_create_fd() - KVM_CREATE_VCPU
 * @vm: the VM
 * @id: user space's number for it, below VM_MAX_VCPUS
 *
 * An interrupt controller that is set up without vm->lock counts the vCPUs under
 * config_lock, so that is held, too.
 *
 * Context: process; takes vm->lock and config_lock.
 * Return: a file descriptor; -EINVAL for a bad @id or too many vCPUs, -EEXIST,
 * -ENOMEM, -EMFILE, or what the architecture says.
 */
int vcpu_create_fd(struct vm *vm, unsigned long id)
{
	struct file *file;
	int fd;

	if (id >= VM_MAX_VCPUS)
		return -EINVAL;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;

	mutex_lock(&vm->lock);
	mutex_lock(&vm->config_lock);
	file = vcpu_build(vm, id);
	if (!IS_ERR(file))
		vcpu_publish(file->private_data);
	mutex_unlock(&vm->config_lock);
	mutex_unlock(&vm->lock);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}

	fd_install(fd, file);
	return fd;
}

/**
 * vcpu_destroy_all() - frees the vCPUs of a VM that dies
 * @vm: the VM; no file refers to it, nobody looks for vCPUs any more
 */
void vcpu_destroy_all(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	/* All end before the first is freed: what one leaves behind may name another. */
	vm_for_each_vcpu(i, vcpu, vm)
		arch_vcpu_destroy(vcpu);
	vm_for_each_vcpu(i, vcpu, vm)
		vcpu_free(vcpu);
	atomic_set(&vm->online_vcpus, 0);
	xa_destroy(&vm->vcpus);
}

/**
 * vm_vcpu_by_index() - a vCPU by its place in order of creation
 * @vm: the VM
 * @index: the place
 *
 * Context: any.
 * Return: the vCPU, which lives as long as @vm, or NULL.
 */
struct vcpu *vm_vcpu_by_index(struct vm *vm, unsigned int index)
{
	unsigned int nr = vm_nr_vcpus(vm);

	if (index >= nr)
		return NULL;
	return xa_load(&vm->vcpus, array_index_nospec(index, nr));
}

/**
 * vm_vcpu_by_id() - a vCPU by user space's number
 * @vm: the VM
 * @id: the number
 *
 * Context: any.
 * Return: the vCPU, which lives as long as @vm, or NULL.
 */
struct vcpu *vm_vcpu_by_id(struct vm *vm, unsigned int id)
{
	struct vcpu *vcpu = vm_vcpu_by_index(vm, id);
	unsigned int i;

	/* Nearly every VMM numbers them as it creates them. */
	if (vcpu && vcpu->id == id)
		return vcpu;

	vm_for_each_vcpu(i, vcpu, vm)
		if (vcpu->id == id)
			return vcpu;
	return NULL;
}

int vcpu_module_init(void)
{
	/* The architecture copies registers to and from user space straight from its part. */
	vcpu_cache = kmem_cache_create_usercopy("kvm_module_vcpu", sizeof(struct vcpu),
						__alignof__(struct vcpu), SLAB_ACCOUNT,
						offsetof(struct vcpu, arch),
						sizeof_field(struct vcpu, arch), NULL);
	return vcpu_cache ? 0 : -ENOMEM;
}

void vcpu_module_exit(void)
{
	kmem_cache_destroy(vcpu_cache);
}
