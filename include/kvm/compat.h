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
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/version.h>
#ifdef CONFIG_KVM_XFER_TO_GUEST_WORK
#include <linux/entry-kvm.h>
#endif
#ifdef CONFIG_ARM64
#include <linux/mm.h>
#include <asm/mte.h>
#endif

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
 * A kernel that has no KVM may have no preempt notifiers.  Then what belongs to
 * a loaded vCPU must not be left in the CPU while its thread can be scheduled:
 * arch_vcpu_load() and arch_vcpu_put() are called around KVM_RUN only.
 */
#ifndef CONFIG_PREEMPT_NOTIFIERS
struct preempt_notifier {
};

struct preempt_ops {
	void (*sched_in)(struct preempt_notifier *notifier, int cpu);
	void (*sched_out)(struct preempt_notifier *notifier, struct task_struct *next);
};

static inline void preempt_notifier_inc(void) { }
static inline void preempt_notifier_dec(void) { }
static inline void preempt_notifier_register(struct preempt_notifier *notifier) { }
static inline void preempt_notifier_unregister(struct preempt_notifier *notifier) { }

static inline void preempt_notifier_init(struct preempt_notifier *notifier, struct preempt_ops *ops)
{
}
#endif

#ifdef CONFIG_ARM64
/*
 * The pages that share flags of memory tags with @page, of which the first one has them. Since
 * 6.13 there are tags in the huge pages of hugetlbfs, each with flags for the whole of it; the
 * VMAs of older kernels say that there are none.
 */
static inline struct page *compat_mte_unit(struct page *page, unsigned long *nr)
{
	*nr = 1;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	if (folio_test_hugetlb(page_folio(page))) {
		*nr = folio_nr_pages(page_folio(page));
		return &page_folio(page)->page;
	}
#endif
	return page;
}

/* Of the first page of such a unit: has it tags?  Begin to give it some; they are there now. */
static inline bool compat_mte_tagged(struct page *first)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	if (folio_test_hugetlb(page_folio(first)))
		return folio_test_hugetlb_mte_tagged(page_folio(first));
#endif
	return page_mte_tagged(first);
}

static inline bool compat_mte_try_tagging(struct page *first)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	if (folio_test_hugetlb(page_folio(first)))
		return folio_try_hugetlb_mte_tagging(page_folio(first));
#endif
	return try_page_mte_tagging(first);
}

static inline void compat_mte_set_tagged(struct page *first)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	if (folio_test_hugetlb(page_folio(first))) {
		folio_set_hugetlb_mte_tagged(page_folio(first));
		return;
	}
#endif
	set_page_mte_tagged(first);
}
#endif

/* Is there work for compat_xfer_to_guest_work()?  Interrupts off for an answer that stays true. */
static inline bool compat_guest_work_pending(void)
{
#ifdef CONFIG_KVM_XFER_TO_GUEST_WORK
	return xfer_to_guest_mode_work_pending();
#else
	return need_resched() || signal_pending(current);
#endif
}

/*
 * Signals, rescheduling and task work before an entry: 0, or -EINTR for a
 * signal. Interrupts and preemption on. See virt/kvm/compat.c.
 */
int compat_xfer_to_guest_work(void);

#endif
