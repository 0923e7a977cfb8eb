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
