/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_COMPAT_H
#define KVM_COMPAT_H

/*
 * What differs between the host kernels that the module builds for (6.12 and
 * later) is here, and only here.  Each entry offers the newest kernel's shape
 * of the interface under a name of our own and says when it changed.
 */

#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/version.h>

/* hrtimer_setup() came in 6.13; hrtimer_init() and an assignment went in 6.15. */
static inline void compat_hrtimer_setup(struct hrtimer *timer,
					enum hrtimer_restart (*fn)(struct hrtimer *),
					clockid_t clock, enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, fn, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
#endif
}

/*
 * Signals, rescheduling and task work before an entry: 0, or -EINTR for a
 * signal. Interrupts and preemption on. See virt/kvm/compat.c.
 */
int compat_xfer_to_guest_work(void);

#endif
