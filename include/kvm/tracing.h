/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_TRACING_H
#define KVM_TRACING_H

/*
 * Included by the headers that declare trace points, before the first of them.
 * Without CONFIG_KVM_MODULE_TRACE each becomes a function that does nothing.
 *
 * Names, fields and their order are those that tools know from the kernel's own
 * KVM.  The system is not: a kernel that has KVM built in has registered its
 * events in "kvm" at boot, whether it is used or not, and tracefs would show two
 * of each name, of which tools find the wrong one.
 */
#ifdef __KERNEL__
#include <linux/tracepoint.h>
#else
/* The native builds of parts that need no kernel */
#define TP_PROTO(...)	__VA_ARGS__
#endif

/*
 * KVM_EVENT<n>(name, type, field, ..., format, ...) - a trace point with n arguments, its fields
 *
 * What follows them is TP_printk()'s.  An event that has arrays, or fields that are worked
 * out, is a TRACE_EVENT().
 */
#define KVM_EVENT1(name, t1, f1, ...)			\
	TRACE_EVENT(name,				\
		TP_PROTO(t1 f1),			\
		TP_ARGS(f1),				\
		TP_STRUCT__entry(__field(t1, f1)),	\
		TP_fast_assign(__entry->f1 = f1;),	\
		TP_printk(__VA_ARGS__))

#define KVM_EVENT2(name, t1, f1, t2, f2, ...)				\
	TRACE_EVENT(name,						\
		TP_PROTO(t1 f1, t2 f2),					\
		TP_ARGS(f1, f2),					\
		TP_STRUCT__entry(__field(t1, f1) __field(t2, f2)),	\
		TP_fast_assign(__entry->f1 = f1; __entry->f2 = f2;),	\
		TP_printk(__VA_ARGS__))

#define KVM_EVENT3(name, t1, f1, t2, f2, t3, f3, ...)					\
	TRACE_EVENT(name,								\
		TP_PROTO(t1 f1, t2 f2, t3 f3),						\
		TP_ARGS(f1, f2, f3),							\
		TP_STRUCT__entry(__field(t1, f1) __field(t2, f2) __field(t3, f3)),	\
		TP_fast_assign(__entry->f1 = f1; __entry->f2 = f2; __entry->f3 = f3;),	\
		TP_printk(__VA_ARGS__))

#define KVM_EVENT4(name, t1, f1, t2, f2, t3, f3, t4, f4, ...)				\
	TRACE_EVENT(name,								\
		TP_PROTO(t1 f1, t2 f2, t3 f3, t4 f4),					\
		TP_ARGS(f1, f2, f3, f4),						\
		TP_STRUCT__entry(__field(t1, f1) __field(t2, f2) __field(t3, f3)	\
			__field(t4, f4)),						\
		TP_fast_assign(__entry->f1 = f1; __entry->f2 = f2; __entry->f3 = f3;	\
			__entry->f4 = f4;),						\
		TP_printk(__VA_ARGS__))

#define KVM_EVENT5(name, t1, f1, t2, f2, t3, f3, t4, f4, t5, f5, ...)			\
	TRACE_EVENT(name,								\
		TP_PROTO(t1 f1, t2 f2, t3 f3, t4 f4, t5 f5),				\
		TP_ARGS(f1, f2, f3, f4, f5),						\
		TP_STRUCT__entry(__field(t1, f1) __field(t2, f2) __field(t3, f3)	\
			__field(t4, f4) __field(t5, f5)),				\
		TP_fast_assign(__entry->f1 = f1; __entry->f2 = f2; __entry->f3 = f3;	\
			__entry->f4 = f4; __entry->f5 = f5;),				\
		TP_printk(__VA_ARGS__))

#ifndef CONFIG_KVM_MODULE_TRACE
#undef TRACE_EVENT
#define TRACE_EVENT(name, proto, ...)			\
static inline void trace_##name(proto)			\
{							\
}							\
static inline bool trace_##name##_enabled(void)		\
{							\
	return false;					\
}
#endif

#endif
