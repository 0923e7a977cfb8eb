/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_STATS_H
#define KVM_STATS_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/kconfig.h>
#include <linux/minmax.h>
#include <linux/types.h>

/* Buckets of a histogram of times in ns: 0, 1, 2-3, 4-7, ..., the last one has no end. */
#define STAT_HIST_BUCKETS	32

/*
 * Counters, read by anyone without protection; each is 64 bits, and the
 * structures are nothing but counters.  A vCPU's are written by its thread only.
 * They cost nothing when CONFIG_KVM_MODULE_STATS is off.
 */
struct vcpu_stats {
	u64 halt_successful_poll;
	u64 halt_attempted_poll;
	u64 halt_poll_invalid;		/* polls that ended for another reason than work */
	u64 halt_wakeup;
	u64 halt_poll_success_ns;
	u64 halt_poll_fail_ns;
	u64 halt_wait_ns;
	u64 halt_poll_success_hist[STAT_HIST_BUCKETS];
	u64 halt_poll_fail_hist[STAT_HIST_BUCKETS];
	u64 halt_wait_hist[STAT_HIST_BUCKETS];
	u64 blocking;			/* 1 while it sleeps */
	u64 exits;			/* all of them; of these: */
	u64 irq_exits;
	u64 stage2_faults;
	u64 mmio_exit_kernel;
	u64 mmio_exit_user;
	u64 sysreg_exits;
	u64 wfi_exit_stat;
	u64 wfe_exit_stat;
	u64 hvc_exit_stat;
	u64 signal_exits;		/* KVM_RUN ended for a signal */
};

/* Any CPU's. */
struct vm_stats {
	atomic64_t remote_tlb_flush;		/* done on all CPUs */
	atomic64_t remote_tlb_flush_requests;	/* asked for, needed or not */
};

#define vcpu_stat_set(vcpu, name, value) do {						\
	if (IS_ENABLED(CONFIG_KVM_MODULE_STATS))					\
		WRITE_ONCE((vcpu)->stats.name, (value));				\
} while (0)

#define vm_stat_inc(vm, name) do {							\
	if (IS_ENABLED(CONFIG_KVM_MODULE_STATS))					\
		atomic64_inc(&(vm)->stats.name);					\
} while (0)

/* One writer: no atomic is needed, only that a reader never sees half a store. */
#define vcpu_stat_add(vcpu, name, n)	vcpu_stat_set(vcpu, name, (vcpu)->stats.name + (n))
#define vcpu_stat_inc(vcpu, name)	vcpu_stat_add(vcpu, name, 1)

static inline unsigned int stat_hist_bucket(u64 ns)
{
	return min(fls64(ns), STAT_HIST_BUCKETS - 1);
}

/* A time: to the sum and to the histogram. */
#define vcpu_stat_time(vcpu, name, ns) do {						\
	u64 ns_ = (ns);									\
											\
	vcpu_stat_add(vcpu, name##_ns, ns_);						\
	vcpu_stat_inc(vcpu, name##_hist[stat_hist_bucket(ns_)]);			\
} while (0)

#endif
