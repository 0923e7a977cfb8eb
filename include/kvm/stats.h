/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_STATS_H
#define KVM_STATS_H

#include <linux/types.h>

/*
 * Counters, written by their owner only (a vCPU's by its thread), read by
 * anyone without protection.  They cost nothing when CONFIG_KVM_MODULE_STATS
 * is off.
 */
struct vcpu_stats {
	u64 exits;
	u64 mmio_exit_user;
	u64 mmio_exit_kernel;
	u64 signal_exits;
	u64 hvc_exit_stat;
	u64 wfe_exit_stat;
	u64 wfi_exit_stat;
	u64 irq_exits;
	u64 sysreg_exits;
	u64 stage2_faults;
	u64 halt_successful_poll;
	u64 halt_attempted_poll;
	u64 halt_wakeup;
	u64 blocking;
};

struct vm_stats {
	u64 pages_4k;
	u64 pages_2m;
	u64 pages_1g;
	u64 tlb_flushes;
};

#ifdef CONFIG_KVM_MODULE_STATS
#define vcpu_stat_inc(vcpu, name)	((vcpu)->stats.name++)
#else
#define vcpu_stat_inc(vcpu, name)	do { } while (0)
#endif

#endif
