// SPDX-License-Identifier: GPL-2.0
/* The counters' names and kinds. stats-fd.c and stats-debugfs.c show them. */

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/kvm.h>
#include <kvm/stats.h>
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
