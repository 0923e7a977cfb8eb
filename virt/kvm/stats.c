// SPDX-License-Identifier: GPL-2.0
/*
 * Counters in debugfs: one directory for each VM, in it one for each vCPU.
 *
 * The files are removed before what they show is freed; debugfs waits for
 * those who are reading.
 */

#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include "generic.h"

struct stat_desc {
	const char *name;
	size_t offset;
};

#define VCPU_STAT(n)	{ #n, offsetof(struct vcpu_stats, n) }
#define VM_STAT(n)	{ #n, offsetof(struct vm_stats, n) }

static const struct stat_desc vcpu_descs[] = {
	VCPU_STAT(exits),
	VCPU_STAT(mmio_exit_user),
	VCPU_STAT(mmio_exit_kernel),
	VCPU_STAT(signal_exits),
	VCPU_STAT(hvc_exit_stat),
	VCPU_STAT(wfe_exit_stat),
	VCPU_STAT(wfi_exit_stat),
	VCPU_STAT(irq_exits),
	VCPU_STAT(sysreg_exits),
	VCPU_STAT(stage2_faults),
	VCPU_STAT(halt_successful_poll),
	VCPU_STAT(halt_attempted_poll),
	VCPU_STAT(halt_wakeup),
	VCPU_STAT(blocking),
};

static const struct stat_desc vm_descs[] = {
	VM_STAT(pages_4k),
	VM_STAT(pages_2m),
	VM_STAT(pages_1g),
	VM_STAT(tlb_flushes),
};

static_assert(ARRAY_SIZE(vcpu_descs) == sizeof(struct vcpu_stats) / sizeof(u64));
static_assert(ARRAY_SIZE(vm_descs) == sizeof(struct vm_stats) / sizeof(u64));

static struct dentry *stats_root;
static atomic_t stats_vm_serial;

static void stats_show(struct seq_file *m, const void *stats, const struct stat_desc *desc,
		       unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		seq_printf(m, "%s %llu\n", desc[i].name,
			   READ_ONCE(*(const u64 *)(stats + desc[i].offset)));
}

static int stats_vcpu_show(struct seq_file *m, void *unused)
{
	struct vcpu *vcpu = m->private;

	stats_show(m, &vcpu->stats, vcpu_descs, ARRAY_SIZE(vcpu_descs));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats_vcpu);

static int stats_vm_show(struct seq_file *m, void *unused)
{
	struct vm *vm = m->private;

	stats_show(m, &vm->stats, vm_descs, ARRAY_SIZE(vm_descs));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats_vm);

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
}

void stats_module_exit(void)
{
	debugfs_remove(stats_root);
}

void stats_vm_add(struct vm *vm)
{
	char name[32];

	/* A running number, not the descriptor's: that can be used again while the VM lives on. */
	snprintf(name, sizeof(name), "%d-%u", task_tgid_nr(current),
		 (unsigned int)atomic_inc_return(&stats_vm_serial));
	vm->debugfs = debugfs_create_dir(name, stats_root);
	debugfs_create_file("stats", 0444, vm->debugfs, vm, &stats_vm_fops);
}

void stats_vm_remove(struct vm *vm)
{
	debugfs_remove(vm->debugfs);
}

void stats_vcpu_add(struct vcpu *vcpu)
{
	char name[16];

	snprintf(name, sizeof(name), "vcpu%u", vcpu->id);
	vcpu->debugfs = debugfs_create_dir(name, vcpu->vm->debugfs);
	debugfs_create_file("stats", 0444, vcpu->debugfs, vcpu, &stats_vcpu_fops);
}
