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
KVM_EVENT2(kvm_userspace_exit, __u32, reason, int, errno,
	"reason %s (%d)",
	__entry->errno < 0 ? (__entry->errno == -EINTR ? "restart" : "error") :
	__print_symbolic(__entry->reason, kvm_trace_exit_reasons),
	__entry->errno < 0 ? -__entry->errno : __entry->reason);

/* A vCPU had nothing to do for @ns; it has @waited or only polled; @valid: there is work now. */
KVM_EVENT3(kvm_vcpu_wakeup, __u64, ns, bool, waited, bool, valid,
	"%s time %lld ns, polling %s", __entry->waited ? "wait" : "poll", __entry->ns,
	__entry->valid ? "valid" : "invalid");

/* How long a vCPU polls before it sleeps has changed. */
KVM_EVENT4(kvm_halt_poll_ns, bool, grow, unsigned int, vcpu_id, unsigned int, new,
	unsigned int, old,
	"vcpu %u: halt_poll_ns %u (%s %u)", __entry->vcpu_id, __entry->new,
	__entry->grow ? "grow" : "shrink", __entry->old);

#define KVM_TRACE_MMIO_READ_UNSATISFIED	0	/* user space is asked */
#define KVM_TRACE_MMIO_READ		1
#define KVM_TRACE_MMIO_WRITE		2

#define kvm_trace_mmio_types						\
	{ KVM_TRACE_MMIO_READ_UNSATISFIED, "unsatisfied-read" },	\
	{ KVM_TRACE_MMIO_READ, "read" },				\
	{ KVM_TRACE_MMIO_WRITE, "write" }

/* An access to a device, in the kernel or in user space. */
KVM_EVENT4(kvm_mmio, u32, type, u32, len, u64, gpa, u64, val,
	"mmio %s len %u gpa 0x%llx val 0x%llx",
	__print_symbolic(__entry->type, kvm_trace_mmio_types), __entry->len,
	__entry->gpa, __entry->val);

/* A GSI is driven: by an irqfd. */
KVM_EVENT3(kvm_set_irq, unsigned int, gsi, int, level, int, irq_source_id,
	"gsi %u level %d source %d", __entry->gsi, __entry->level,
	__entry->irq_source_id);

/* The guest has ended an interrupt that somebody wants to be told of. */
KVM_EVENT2(kvm_ack_irq, unsigned int, irqchip, unsigned int, pin,
	"irqchip %d pin %u", __entry->irqchip, __entry->pin);

/* The host takes memory away. */
KVM_EVENT2(kvm_unmap_hva_range, unsigned long, start, unsigned long, end,
	"mmu notifier unmap range: %#016lx -- %#016lx", __entry->start, __entry->end);

/* The host asks whether memory has been used, and forgets it. */
KVM_EVENT2(kvm_age_hva, unsigned long, start, unsigned long, end,
	"mmu notifier age hva: %#016lx -- %#016lx", __entry->start, __entry->end);

/* The host asks whether memory has been used. */
KVM_EVENT1(kvm_test_age_hva, unsigned long, hva,
	"mmu notifier test age hva: %#016lx", __entry->hva);

/* A page was written to; of its slot @slot, at @offset. */
KVM_EVENT5(kvm_dirty_ring_push, int, index, u32, dirty_index, u32, reset_index, u32, slot,
	u64, offset,
	"ring %d: dirty 0x%x reset 0x%x slot %u offset 0x%llx (used %u)", __entry->index,
	__entry->dirty_index, __entry->reset_index, __entry->slot, __entry->offset,
	__entry->dirty_index - __entry->reset_index);

/* User space has done with entries of a ring. */
KVM_EVENT3(kvm_dirty_ring_reset, int, index, u32, dirty_index, u32, reset_index,
	"ring %d: dirty 0x%x reset 0x%x (used %u)", __entry->index,
	__entry->dirty_index, __entry->reset_index,
	__entry->dirty_index - __entry->reset_index);

/* A ring is full: KVM_EXIT_DIRTY_RING_FULL. */
KVM_EVENT1(kvm_dirty_ring_exit, int, vcpu_id,
	"vcpu %d", __entry->vcpu_id);

#endif

#ifdef CONFIG_KVM_MODULE_TRACE
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH kvm
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
#endif
