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
	struct vm *vm;			/* NULL: all of them */
	const struct stat_desc *desc;
	bool of_vcpus;
};

static struct dentry *stats_root;
static struct stat_file *stats_root_files;
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

static u64 stats_total(const struct stat_desc *desc, bool of_vcpus)
{
	struct vm *vm;
	u64 sum = 0;

	guard(mutex)(&stats_lock);
	list_for_each_entry(vm, &stats_vms, stats_link)
		sum += stats_vm_value(vm, desc, of_vcpus);
	return sum;
}

static int stats_one_get(void *data, u64 *value)
{
	const struct stat_file *f = data;

	*value = f->vm ? stats_vm_value(f->vm, f->desc, f->of_vcpus) :
			 stats_total(f->desc, f->of_vcpus);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(stats_one_fops, stats_one_get, NULL, "%llu\n");

/* A file for each counter of @vm, or of all VMs. Return: what is to be freed after them. */
static struct stat_file *stats_add_files(struct dentry *dir, struct vm *vm)
{
	unsigned int nr = vm_stat_nr + vcpu_stat_nr;
	struct stat_file *files = kmalloc_array(nr, sizeof(*files), GFP_KERNEL_ACCOUNT);

	for (unsigned int i = 0; files && i < nr; i++) {
		bool of_vcpus = i >= vm_stat_nr;
		const struct stat_desc *desc = of_vcpus ? &vcpu_stat_descs[i - vm_stat_nr] :
							  &vm_stat_descs[i];

		files[i] = (struct stat_file){ vm, desc, of_vcpus };
		debugfs_create_file(desc->name, 0444, dir, &files[i], &stats_one_fops);
	}
	return files;
}

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

static bool stats_name_taken(const char *name, struct dentry *parent)
{
	struct dentry *taken = debugfs_lookup(name, parent);

	if (IS_ERR_OR_NULL(taken))
		return false;
	dput(taken);
	return true;
}

void stats_module_init(void)
{
	/* That is where people look; but the kernel's own KVM may have it. */
	const char *name = stats_name_taken("kvm", NULL) ? KBUILD_MODNAME : "kvm";

	stats_root = debugfs_create_dir(name, NULL);
	stats_root_files = stats_add_files(stats_root, NULL);
}

void stats_module_exit(void)
{
	debugfs_remove(stats_root);
	kfree(stats_root_files);
}

/* A descriptor's number can be used again while its VM lives on; later ones have a number more. */
static struct dentry *stats_vm_dir(int fd)
{
	static unsigned int serial;
	char name[40];

	lockdep_assert_held(&stats_lock);

	snprintf(name, sizeof(name), "%d-%d", task_tgid_nr(current), fd);
	if (stats_name_taken(name, stats_root))
		snprintf(name, sizeof(name), "%d-%d-%u", task_tgid_nr(current), fd, ++serial);
	return debugfs_create_dir(name, stats_root);
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
	vm->stats_files = stats_add_files(vm->debugfs, vm);
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
