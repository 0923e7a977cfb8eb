/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace points of the ITS, below events/kvm_arm in tracefs: its commands and
 * messages, and what became of them.  Without CONFIG_KVM_MODULE_TRACE calls to them
 * are nothing.
 */
#ifdef CONFIG_KVM_MODULE_TRACE

#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvm_arm

#if !defined(KVM_VGIC_ITS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KVM_VGIC_ITS_TRACE_H

#include <linux/tracepoint.h>
#include <asm/byteorder.h>
#include "its.h"

/* A command, after it has run. The words say all; those that most commands have are also shown apart. */
TRACE_EVENT(kvm_arm_its_command,
	TP_PROTO(const struct its *its, const __le64 *cmd, int result),
	TP_ARGS(its, cmd, result),
	TP_STRUCT__entry(
		__field(u64, base)
		__array(u64, word, 4)
		__field(int, result)
	),
	TP_fast_assign(
		__entry->base = its->base;
		__entry->word[0] = le64_to_cpu(cmd[0]);
		__entry->word[1] = le64_to_cpu(cmd[1]);
		__entry->word[2] = le64_to_cpu(cmd[2]);
		__entry->word[3] = le64_to_cpu(cmd[3]);
		__entry->result = result;
	),
	TP_printk("its=0x%llx %s device=0x%llx event=0x%llx words=%llx,%llx,%llx,%llx result=%d",
		  __entry->base,
		  __print_symbolic(__entry->word[0] & 0xff,
				   { 0x01, "MOVI" }, { 0x03, "INT" }, { 0x04, "CLEAR" },
				   { 0x05, "SYNC" }, { 0x08, "MAPD" }, { 0x09, "MAPC" },
				   { 0x0a, "MAPTI" }, { 0x0b, "MAPI" }, { 0x0c, "INV" },
				   { 0x0d, "INVALL" }, { 0x0e, "MOVALL" }, { 0x0f, "DISCARD" }),
		  __entry->word[0] >> 32, __entry->word[1] & 0xffffffff, __entry->word[0],
		  __entry->word[1], __entry->word[2], __entry->word[3], __entry->result)
);

/* A message. @tr: what it means, or NULL; @delivered: its LPI is pending now. RCU held. */
TRACE_EVENT(kvm_arm_its_message,
	TP_PROTO(const struct its *its, u32 device_id, u32 event_id,
		 const struct its_translation *tr, bool delivered),
	TP_ARGS(its, device_id, event_id, tr, delivered),
	TP_STRUCT__entry(
		__field(u64, base)
		__field(u32, device_id)
		__field(u32, event_id)
		__field(u32, intid)
		__field(bool, delivered)
	),
	TP_fast_assign(
		__entry->base = its->base;
		__entry->device_id = device_id;
		__entry->event_id = event_id;
		__entry->intid = tr ? tr->lpi->intid : 0;
		__entry->delivered = delivered;
	),
	TP_printk("its=0x%llx device=0x%x event=0x%x lpi=%u %s", __entry->base, __entry->device_id,
		  __entry->event_id, __entry->intid, __entry->delivered ? "pending" : "dropped")
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE its-trace
#include <trace/define_trace.h>

#else

#include <linux/types.h>

struct its;
struct its_translation;

static inline void trace_kvm_arm_its_command(const struct its *its, const __le64 *cmd, int result)
{
}

static inline void trace_kvm_arm_its_message(const struct its *its, u32 device_id, u32 event_id,
					     const struct its_translation *tr, bool delivered)
{
}

#endif
