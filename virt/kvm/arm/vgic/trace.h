/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace points of the interrupt controllers. Tools know the first; the kernel's
 * own KVM has none of the others, whose names and fields are ours.
 */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvm_arm

#if !defined(KVM_VGIC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KVM_VGIC_TRACE_H

#include <linux/types.h>
#include <kvm/tracing.h>

/* An input of the interrupt controller: a PPI, or an SPI with @vcpu_id 0. */
KVM_EVENT3(vgic_update_irq_pending, unsigned long, vcpu_id, __u32, irq, bool, level,
	"VCPU: %ld, IRQ %d, level: %d", __entry->vcpu_id, __entry->irq,
	__entry->level);

/* A message to an ITS: DeviceID, EventID, and whether an LPI is pending now (1), is not (0), or an error. */
KVM_EVENT4(vgic_its_msi, u64, doorbell, u32, device_id, u32, event_id, int, ret,
	"doorbell 0x%llx device %u event %u: %d", __entry->doorbell,
	__entry->device_id, __entry->event_id, __entry->ret);

#define vgic_trace_its_ops						\
	{ 0x01, "MOVI" }, { 0x03, "INT" }, { 0x04, "CLEAR" },		\
	{ 0x05, "SYNC" }, { 0x08, "MAPD" }, { 0x09, "MAPC" },		\
	{ 0x0a, "MAPTI" }, { 0x0b, "MAPI" }, { 0x0c, "INV" },		\
	{ 0x0d, "INVALL" }, { 0x0e, "MOVALL" }, { 0x0f, "DISCARD" }

#define vgic_trace_its_results						\
	{ 0, "done" }, { -1, "device is not mapped" },			\
	{ -2, "DeviceID is out of range" },				\
	{ -3, "EventID is out of range" },				\
	{ -4, "event is not mapped" }, { -5, "INTID is out of range" },	\
	{ -6, "ICID is out of range" },					\
	{ -7, "collection is not mapped" },				\
	{ -8, "RDbase is out of range" }, { -9, "size is out of range" },	\
	{ -10, "unknown command" }, { -11, "no memory" }

/*
 * A command of an ITS (IHI 0069, 5.3): its number, its four words, and what
 * became of it, enum its_result.
 */
TRACE_EVENT(vgic_its_cmd,
	TP_PROTO(u64 its, const u64 *word, int result),
	TP_ARGS(its, word, result),
	TP_STRUCT__entry(
		__field(u64, its)
		__field(u8, op)
		__field(int, result)
		__field(u64, word0)
		__field(u64, word1)
		__field(u64, word2)
		__field(u64, word3)
	),
	TP_fast_assign(
		__entry->its = its;
		__entry->op = word[0] & 0xff;
		__entry->result = result;
		__entry->word0 = word[0];
		__entry->word1 = word[1];
		__entry->word2 = word[2];
		__entry->word3 = word[3];
	),
	TP_printk("ITS 0x%llx %s %llx %llx %llx %llx: %s", __entry->its,
		  __print_symbolic(__entry->op, vgic_trace_its_ops), __entry->word0,
		  __entry->word1, __entry->word2, __entry->word3,
		  __print_symbolic(__entry->result, vgic_trace_its_results))
);

#endif

#ifdef CONFIG_KVM_MODULE_TRACE
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ../virt/kvm/arm/vgic
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
#endif
