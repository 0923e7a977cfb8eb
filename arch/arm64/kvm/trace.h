/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace points, below events/kvm_arm in tracefs. Without CONFIG_KVM_MODULE_TRACE
 * calls to them are nothing. None is in the world switch.
 */
#ifdef CONFIG_KVM_MODULE_TRACE

#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvm_arm

#if !defined(ARM64_KVM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ARM64_KVM_TRACE_H

#include <linux/tracepoint.h>
#include "arm64.h"

/* A synchronous exit, before it is handled; @fast: in the inner loop, where it may not end. */
TRACE_EVENT(kvm_arm_exit,
	TP_PROTO(const struct vcpu *vcpu, bool fast),
	TP_ARGS(vcpu, fast),
	TP_STRUCT__entry(
		__field(unsigned int, id)
		__field(bool, fast)
		__field(u64, esr)
		__field(u64, pc)
	),
	TP_fast_assign(
		__entry->id = vcpu->id;
		__entry->fast = fast;
		__entry->esr = vcpu_esr(vcpu);
		__entry->pc = vcpu->arch.hyp.pc;
	),
	TP_printk("vcpu=%u %s esr=0x%llx ec=0x%02llx pc=0x%llx", __entry->id,
		  __entry->fast ? "fast" : "slow", __entry->esr, (__entry->esr >> 26) & 0x3f,
		  __entry->pc)
);

/* A stage 2 fault that is about to be resolved, or to go to user space. */
TRACE_EVENT(kvm_arm_fault,
	TP_PROTO(const struct vcpu *vcpu, u64 ipa, bool write),
	TP_ARGS(vcpu, ipa, write),
	TP_STRUCT__entry(
		__field(unsigned int, id)
		__field(bool, write)
		__field(u64, esr)
		__field(u64, ipa)
		__field(u64, pc)
	),
	TP_fast_assign(
		__entry->id = vcpu->id;
		__entry->write = write;
		__entry->esr = vcpu_esr(vcpu);
		__entry->ipa = ipa;
		__entry->pc = vcpu->arch.hyp.pc;
	),
	TP_printk("vcpu=%u ipa=0x%llx %s esr=0x%llx pc=0x%llx", __entry->id, __entry->ipa,
		  __entry->write ? "write" : "read", __entry->esr, __entry->pc)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>

#else

#include <linux/types.h>

struct vcpu;

static inline void trace_kvm_arm_exit(const struct vcpu *vcpu, bool fast)
{
}

static inline void trace_kvm_arm_fault(const struct vcpu *vcpu, u64 ipa, bool write)
{
}

#endif
