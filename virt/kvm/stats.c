// SPDX-License-Identifier: GPL-2.0
/*
 * The counters, and their files in debugfs: one directory for each VM, in it one for each vCPU.
 *
 * The files are removed before what they show is freed; debugfs waits for
 * those who are reading.
 */

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include "generic.h"
#include "stats.h"

#define STAT(type, n, unit, exp)							\
	{ .name = #n, .offset = offsetof(type, n),					\
	  .size = sizeof_field(type, n) / sizeof(u64), .flags = (unit), .exponent = (exp) }

#define STAT_COUNT	(KVM_STATS_TYPE_CUMULATIVE | KVM_STATS_UNIT_NONE)
#define STAT_TIME	(KVM_STATS_TYPE_CUMULATIVE | KVM_STATS_UNIT_SECONDS | KVM_STATS_BASE_POW10)
#define STAT_TIME_HIST	(KVM_STATS_TYPE_LOG_HIST | KVM_STATS_UNIT_SECONDS | KVM_STATS_BASE_POW10)
#define STAT_STATE	(KVM_STATS_TYPE_INSTANT | KVM_STATS_UNIT_BOOLEAN)

#define VCPU_COUNT(n)		STAT(struct vcpu_stats, n, STAT_COUNT, 0)
#define VCPU_TIME(n)		STAT(struct vcpu_stats, n, STAT_TIME, -9)
#define VCPU_TIME_HIST(n)	STAT(struct vcpu_stats, n, STAT_TIME_HIST, -9)
#define VCPU_STATE(n)		STAT(struct vcpu_stats, n, STAT_STATE, 0)
#define VM_COUNT(n)		STAT(struct vm_stats, n, STAT_COUNT, 0)

/* In the order of the struct's members: user space sees ascending offsets. */
const struct stat_desc vcpu_stat_descs[] = {
	VCPU_COUNT(halt_successful_poll),
	VCPU_COUNT(halt_attempted_poll),
	VCPU_COUNT(halt_poll_invalid),
	VCPU_COUNT(halt_wakeup),
	VCPU_TIME(halt_poll_success_ns),
	VCPU_TIME(halt_poll_fail_ns),
	VCPU_TIME(halt_wait_ns),
	VCPU_TIME_HIST(halt_poll_success_hist),
	VCPU_TIME_HIST(halt_poll_fail_hist),
	VCPU_TIME_HIST(halt_wait_hist),
	VCPU_STATE(blocking),
	VCPU_COUNT(exits),
	VCPU_COUNT(irq_exits),
	VCPU_COUNT(stage2_faults),
	VCPU_COUNT(mmio_exit_kernel),
	VCPU_COUNT(mmio_exit_user),
	VCPU_COUNT(sysreg_exits),
	VCPU_COUNT(wfi_exit_stat),
	VCPU_COUNT(wfe_exit_stat),
	VCPU_COUNT(hvc_exit_stat),
	VCPU_COUNT(signal_exits),
};

const struct stat_desc vm_stat_descs[] = {
	VM_COUNT(remote_tlb_flush),
	VM_COUNT(remote_tlb_flush_requests),
};

const unsigned int vcpu_stat_nr = ARRAY_SIZE(vcpu_stat_descs);
const unsigned int vm_stat_nr = ARRAY_SIZE(vm_stat_descs);

/* All of them: three histograms are more than one value each. */
static_assert(ARRAY_SIZE(vcpu_stat_descs) + 3 * (STAT_HIST_BUCKETS - 1) ==
	      sizeof(struct vcpu_stats) / sizeof(u64));
static_assert(ARRAY_SIZE(vm_stat_descs) == sizeof(struct vm_stats) / sizeof(u64));

static struct dentry *stats_root;
static atomic_t stats_vm_serial;

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
