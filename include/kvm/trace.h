/* SPDX-License-Identifier: GPL-2.0 */
/* Trace points of the generic code: idle vCPUs, exits to user space, MMIO, the MMU notifier, interrupt lines. */

#undef TRACE_SYSTEM
#ifdef CONFIG_ARM64
#define TRACE_SYSTEM kvm_arm
#else
#define TRACE_SYSTEM kvm
#endif

#if !defined(KVM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KVM_TRACE_H

#include <linux/kvm.h>
#include <linux/types.h>
#include <kvm/tracing.h>

#define kvm_trace_exit_reasons						\
	{ KVM_EXIT_UNKNOWN,		"KVM_EXIT_UNKNOWN" },		\
	{ KVM_EXIT_EXCEPTION,		"KVM_EXIT_EXCEPTION" },		\
	{ KVM_EXIT_HYPERCALL,		"KVM_EXIT_HYPERCALL" },		\
	{ KVM_EXIT_DEBUG,		"KVM_EXIT_DEBUG" },		\
	{ KVM_EXIT_HLT,			"KVM_EXIT_HLT" },		\
	{ KVM_EXIT_MMIO,		"KVM_EXIT_MMIO" },		\
	{ KVM_EXIT_FAIL_ENTRY,		"KVM_EXIT_FAIL_ENTRY" },	\
	{ KVM_EXIT_INTR,		"KVM_EXIT_INTR" },		\
	{ KVM_EXIT_DCR,			"KVM_EXIT_DCR" },		\
	{ KVM_EXIT_INTERNAL_ERROR,	"KVM_EXIT_INTERNAL_ERROR" },	\
	{ KVM_EXIT_OSI,			"KVM_EXIT_OSI" },		\
	{ KVM_EXIT_SYSTEM_EVENT,	"KVM_EXIT_SYSTEM_EVENT" },	\
	{ KVM_EXIT_ARM_NISV,		"KVM_EXIT_ARM_NISV" },		\
	{ KVM_EXIT_DIRTY_RING_FULL,	"KVM_EXIT_DIRTY_RING_FULL" },	\
	{ KVM_EXIT_MEMORY_FAULT,	"KVM_EXIT_MEMORY_FAULT" }

/* KVM_RUN returns: @errno is what it returns, 0 or negative; @reason counts if it is 0. */
TRACE_EVENT(kvm_userspace_exit,
	TP_PROTO(__u32 reason, int errno),
	TP_ARGS(reason, errno),
	TP_STRUCT__entry(
		__field(__u32, reason)
		__field(int, errno)
	),
	TP_fast_assign(
		__entry->reason = reason;
		__entry->errno = errno;
	),
	TP_printk("reason %s (%d)",
		  __entry->errno < 0 ? (__entry->errno == -EINTR ? "restart" : "error") :
		  __print_symbolic(__entry->reason, kvm_trace_exit_reasons),
		  __entry->errno < 0 ? -__entry->errno : __entry->reason)
);

/* A vCPU had nothing to do for @ns; it has @waited or only polled; @valid: there is work now. */
TRACE_EVENT(kvm_vcpu_wakeup,
	TP_PROTO(__u64 ns, bool waited, bool valid),
	TP_ARGS(ns, waited, valid),
	TP_STRUCT__entry(
		__field(__u64, ns)
		__field(bool, waited)
		__field(bool, valid)
	),
	TP_fast_assign(
		__entry->ns = ns;
		__entry->waited = waited;
		__entry->valid = valid;
	),
	TP_printk("%s time %lld ns, polling %s", __entry->waited ? "wait" : "poll", __entry->ns,
		  __entry->valid ? "valid" : "invalid")
);

/* How long a vCPU polls before it sleeps has changed. */
TRACE_EVENT(kvm_halt_poll_ns,
	TP_PROTO(bool grow, unsigned int vcpu_id, unsigned int new, unsigned int old),
	TP_ARGS(grow, vcpu_id, new, old),
	TP_STRUCT__entry(
		__field(bool, grow)
		__field(unsigned int, vcpu_id)
		__field(unsigned int, new)
		__field(unsigned int, old)
	),
	TP_fast_assign(
		__entry->grow = grow;
		__entry->vcpu_id = vcpu_id;
		__entry->new = new;
		__entry->old = old;
	),
	TP_printk("vcpu %u: halt_poll_ns %u (%s %u)", __entry->vcpu_id, __entry->new,
		  __entry->grow ? "grow" : "shrink", __entry->old)
);

#define KVM_TRACE_MMIO_READ_UNSATISFIED	0	/* user space is asked */
#define KVM_TRACE_MMIO_READ		1
#define KVM_TRACE_MMIO_WRITE		2

#define kvm_trace_mmio_types						\
	{ KVM_TRACE_MMIO_READ_UNSATISFIED, "unsatisfied-read" },	\
	{ KVM_TRACE_MMIO_READ, "read" },				\
	{ KVM_TRACE_MMIO_WRITE, "write" }

/* An access to a device, in the kernel or in user space. */
TRACE_EVENT(kvm_mmio,
	TP_PROTO(u32 type, u32 len, u64 gpa, u64 val),
	TP_ARGS(type, len, gpa, val),
	TP_STRUCT__entry(
		__field(u32, type)
		__field(u32, len)
		__field(u64, gpa)
		__field(u64, val)
	),
	TP_fast_assign(
		__entry->type = type;
		__entry->len = len;
		__entry->gpa = gpa;
		__entry->val = val;
	),
	TP_printk("mmio %s len %u gpa 0x%llx val 0x%llx",
		  __print_symbolic(__entry->type, kvm_trace_mmio_types), __entry->len,
		  __entry->gpa, __entry->val)
);

/* A GSI is driven: by an irqfd. */
TRACE_EVENT(kvm_set_irq,
	TP_PROTO(unsigned int gsi, int level, int irq_source_id),
	TP_ARGS(gsi, level, irq_source_id),
	TP_STRUCT__entry(
		__field(unsigned int, gsi)
		__field(int, level)
		__field(int, irq_source_id)
	),
	TP_fast_assign(
		__entry->gsi = gsi;
		__entry->level = level;
		__entry->irq_source_id = irq_source_id;
	),
	TP_printk("gsi %u level %d source %d", __entry->gsi, __entry->level,
		  __entry->irq_source_id)
);

/* The guest has ended an interrupt that somebody wants to be told of. */
TRACE_EVENT(kvm_ack_irq,
	TP_PROTO(unsigned int irqchip, unsigned int pin),
	TP_ARGS(irqchip, pin),
	TP_STRUCT__entry(
		__field(unsigned int, irqchip)
		__field(unsigned int, pin)
	),
	TP_fast_assign(
		__entry->irqchip = irqchip;
		__entry->pin = pin;
	),
	TP_printk("irqchip %d pin %u", __entry->irqchip, __entry->pin)
);

/* The host takes memory away. */
TRACE_EVENT(kvm_unmap_hva_range,
	TP_PROTO(unsigned long start, unsigned long end),
	TP_ARGS(start, end),
	TP_STRUCT__entry(
		__field(unsigned long, start)
		__field(unsigned long, end)
	),
	TP_fast_assign(
		__entry->start = start;
		__entry->end = end;
	),
	TP_printk("mmu notifier unmap range: %#016lx -- %#016lx", __entry->start, __entry->end)
);

/* The host asks whether memory has been used, and forgets it. */
TRACE_EVENT(kvm_age_hva,
	TP_PROTO(unsigned long start, unsigned long end),
	TP_ARGS(start, end),
	TP_STRUCT__entry(
		__field(unsigned long, start)
		__field(unsigned long, end)
	),
	TP_fast_assign(
		__entry->start = start;
		__entry->end = end;
	),
	TP_printk("mmu notifier age hva: %#016lx -- %#016lx", __entry->start, __entry->end)
);

/* The host asks whether memory has been used. */
TRACE_EVENT(kvm_test_age_hva,
	TP_PROTO(unsigned long hva),
	TP_ARGS(hva),
	TP_STRUCT__entry(
		__field(unsigned long, hva)
	),
	TP_fast_assign(
		__entry->hva = hva;
	),
	TP_printk("mmu notifier test age hva: %#016lx", __entry->hva)
);

/* A page was written to; of its slot @slot, at @offset. */
TRACE_EVENT(kvm_dirty_ring_push,
	TP_PROTO(int index, u32 dirty_index, u32 reset_index, u32 slot, u64 offset),
	TP_ARGS(index, dirty_index, reset_index, slot, offset),
	TP_STRUCT__entry(
		__field(int, index)
		__field(u32, dirty_index)
		__field(u32, reset_index)
		__field(u32, slot)
		__field(u64, offset)
	),
	TP_fast_assign(
		__entry->index = index;
		__entry->dirty_index = dirty_index;
		__entry->reset_index = reset_index;
		__entry->slot = slot;
		__entry->offset = offset;
	),
	TP_printk("ring %d: dirty 0x%x reset 0x%x slot %u offset 0x%llx (used %u)", __entry->index,
		  __entry->dirty_index, __entry->reset_index, __entry->slot, __entry->offset,
		  __entry->dirty_index - __entry->reset_index)
);

/* User space has done with entries of a ring. */
TRACE_EVENT(kvm_dirty_ring_reset,
	TP_PROTO(int index, u32 dirty_index, u32 reset_index),
	TP_ARGS(index, dirty_index, reset_index),
	TP_STRUCT__entry(
		__field(int, index)
		__field(u32, dirty_index)
		__field(u32, reset_index)
	),
	TP_fast_assign(
		__entry->index = index;
		__entry->dirty_index = dirty_index;
		__entry->reset_index = reset_index;
	),
	TP_printk("ring %d: dirty 0x%x reset 0x%x (used %u)", __entry->index,
		  __entry->dirty_index, __entry->reset_index,
		  __entry->dirty_index - __entry->reset_index)
);

/* A ring is full: KVM_EXIT_DIRTY_RING_FULL. */
TRACE_EVENT(kvm_dirty_ring_exit,
	TP_PROTO(int vcpu_id),
	TP_ARGS(vcpu_id),
	TP_STRUCT__entry(
		__field(int, vcpu_id)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu_id;
	),
	TP_printk("vcpu %d", __entry->vcpu_id)
);

#endif

#ifdef CONFIG_KVM_MODULE_TRACE
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH kvm
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
#endif
