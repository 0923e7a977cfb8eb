// SPDX-License-Identifier: GPL-2.0
/*
 * The counters in debugfs, where kvm_stat and its like look for them:
 *
 *	kvm/<counter>			of all VMs
 *	kvm/<pid>-<fd>/<counter>	of a VM; a vCPU's counters are added up
 *	kvm/<pid>-<fd>/stats		all of the VM's own, histograms in full
 *	kvm/<pid>-<fd>/vcpu<id>/stats	all of a vCPU's
 *	kvm/<pid>-<fd>/vcpu<id>/pid	the thread that is in KVM_RUN, 0 if none is
 *
 * Whoever counts does not know of this: a file adds up what it finds when it is
 * read. A VM's files are removed before what they show is freed, and debugfs
 * waits for those who are reading; they hold no reference, so that an open file
 * keeps no VM alive, and what is read from it then is an error.
 *
 * Lock: stats_lock, for the list of VMs and the choice of a name. It is taken
 * with no other lock of the module's held, and no file is removed under it.
 */

#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "generic.h"
#include "stats.h"

/* What a file of one counter shows. */
struct stat_file {
	struct vm *vm;
	const struct stat_desc *desc;
	bool of_vcpus;
};

static struct dentry *stats_root;
static DEFINE_MUTEX(stats_lock);
static LIST_HEAD(stats_vms);		/* stats_lock */

/* One number: a histogram is as much as the samples in it. */
static u64 stats_value(const void *stats, const struct stat_desc *desc)
{
	const u64 *value = stats + desc->offset;
	u64 sum = 0;

	for (unsigned int i = 0; i < desc->size; i++)
		sum += READ_ONCE(value[i]);
	return sum;
}

static u64 stats_vm_value(struct vm *vm, const struct stat_desc *desc, bool of_vcpus)
{
	struct vcpu *vcpu;
	unsigned int i;
	u64 sum = 0;

	if (!of_vcpus)
		return stats_value(&vm->stats, desc);
	vm_for_each_vcpu(i, vcpu, vm)
		sum += stats_value(&vcpu->stats, desc);
	return sum;
}

static int stats_one_get(void *data, u64 *value)
{
	const struct stat_file *f = data;

	*value = stats_vm_value(f->vm, f->desc, f->of_vcpus);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(stats_one_fops, stats_one_get, NULL, "%llu\n");

static u64 stats_total(const struct stat_desc *desc, bool of_vcpus)
{
	struct vm *vm;
	u64 sum = 0;

	guard(mutex)(&stats_lock);
	list_for_each_entry(vm, &stats_vms, stats_link)
		sum += stats_vm_value(vm, desc, of_vcpus);
	return sum;
}

static int stats_total_of_vms_get(void *data, u64 *value)
{
	*value = stats_total(data, false);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(stats_total_of_vms_fops, stats_total_of_vms_get, NULL, "%llu\n");

static int stats_total_of_vcpus_get(void *data, u64 *value)
{
	*value = stats_total(data, true);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(stats_total_of_vcpus_fops, stats_total_of_vcpus_get, NULL, "%llu\n");

static void stats_show(struct seq_file *m, const void *stats, const struct stat_desc *desc,
		       unsigned int nr)
{
	for (; nr--; desc++) {
		const u64 *value = stats + desc->offset;

		seq_puts(m, desc->name);
		for (unsigned int i = 0; i < desc->size; i++)
			seq_printf(m, " %llu", READ_ONCE(value[i]));
		seq_putc(m, '\n');
	}
}

static int stats_vcpu_show(struct seq_file *m, void *unused)
{
	struct vcpu *vcpu = m->private;

	stats_show(m, &vcpu->stats, vcpu_stat_descs, vcpu_stat_nr);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats_vcpu);

static int stats_vm_show(struct seq_file *m, void *unused)
{
	struct vm *vm = m->private;

	stats_show(m, &vm->stats, vm_stat_descs, vm_stat_nr);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats_vm);

static int stats_pid_get(void *data, u64 *value)
{
	struct vcpu *vcpu = data;
	struct task_struct *task;

	guard(rcu)();
	task = rcu_dereference(vcpu->runner);
	*value = task ? task_pid_nr(task) : 0;
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(stats_pid_fops, stats_pid_get, NULL, "%llu\n");

void stats_module_init(void)
{
	const char *name = "kvm";
	struct dentry *taken;

	/* That is where people look; but the kernel's own KVM may have it. */
	taken = debugfs_lookup(name, NULL);
	if (!IS_ERR_OR_NULL(taken)) {
		dput(taken);
		name = KBUILD_MODNAME;
	}
	stats_root = debugfs_create_dir(name, NULL);
	for (unsigned int i = 0; i < vm_stat_nr; i++)
		debugfs_create_file(vm_stat_descs[i].name, 0444, stats_root,
				    (void *)&vm_stat_descs[i], &stats_total_of_vms_fops);
	for (unsigned int i = 0; i < vcpu_stat_nr; i++)
		debugfs_create_file(vcpu_stat_descs[i].name, 0444, stats_root,
				    (void *)&vcpu_stat_descs[i], &stats_total_of_vcpus_fops);
}

void stats_module_exit(void)
{
	debugfs_remove(stats_root);
}

static bool stats_name_taken(const char *name)
{
	struct dentry *taken = debugfs_lookup(name, stats_root);

	if (IS_ERR_OR_NULL(taken))
		return false;
	dput(taken);
	return true;
}

/* A descriptor's number can be used again while its VM lives on; later ones have a number more. */
static struct dentry *stats_vm_dir(int fd)
{
	static unsigned int serial;
	char name[40];

	lockdep_assert_held(&stats_lock);

	snprintf(name, sizeof(name), "%d-%d", task_tgid_nr(current), fd);
	if (stats_name_taken(name))
		snprintf(name, sizeof(name), "%d-%d-%u", task_tgid_nr(current), fd, ++serial);
	return debugfs_create_dir(name, stats_root);
}

static void stats_vm_files(struct vm *vm, struct stat_file *f, const struct stat_desc *desc,
			   unsigned int nr, bool of_vcpus)
{
	for (; nr--; f++, desc++) {
		*f = (struct stat_file){ vm, desc, of_vcpus };
		debugfs_create_file(desc->name, 0444, vm->debugfs, f, &stats_one_fops);
	}
}

void stats_vm_add(struct vm *vm, int fd)
{
	scoped_guard(mutex, &stats_lock) {
		list_add_tail(&vm->stats_link, &stats_vms);
		vm->debugfs = stats_vm_dir(fd);
	}
	if (IS_ERR(vm->debugfs))
		return;
	debugfs_create_file("stats", 0444, vm->debugfs, vm, &stats_vm_fops);
	vm->stats_files = kmalloc_array(vm_stat_nr + vcpu_stat_nr, sizeof(*vm->stats_files),
					GFP_KERNEL_ACCOUNT);
	if (!vm->stats_files)
		return;
	stats_vm_files(vm, vm->stats_files, vm_stat_descs, vm_stat_nr, false);
	stats_vm_files(vm, vm->stats_files + vm_stat_nr, vcpu_stat_descs, vcpu_stat_nr, true);
}

void stats_vm_remove(struct vm *vm)
{
	scoped_guard(mutex, &stats_lock)
		list_del(&vm->stats_link);
	debugfs_remove(vm->debugfs);
	kfree(vm->stats_files);
}

void stats_vcpu_add(struct vcpu *vcpu)
{
	char name[16];

	if (IS_ERR(vcpu->vm->debugfs))
		return;
	snprintf(name, sizeof(name), "vcpu%u", vcpu->id);
	vcpu->debugfs = debugfs_create_dir(name, vcpu->vm->debugfs);
	debugfs_create_file("stats", 0444, vcpu->debugfs, vcpu, &stats_vcpu_fops);
	debugfs_create_file("pid", 0444, vcpu->debugfs, vcpu, &stats_pid_fops);
}
