/* SPDX-License-Identifier: GPL-2.0 */
/* The generic timer, for guest code. */
#ifndef TIMER_H
#define TIMER_H

#include "guest.h"

#define TIMER_ENABLE	(1u << 0)
#define TIMER_MASKED	(1u << 1)
#define TIMER_ISTATUS	(1u << 2)

enum guest_timer {
	TIMER_VIRTUAL,
	TIMER_PHYSICAL,
};

static inline uint64_t timer_count(enum guest_timer t)
{
	isb();
	return t == TIMER_VIRTUAL ? read_sysreg(cntvct_el0) : read_sysreg(cntpct_el0);
}

static inline uint64_t timer_ctl(enum guest_timer t)
{
	isb();
	return t == TIMER_VIRTUAL ? read_sysreg(cntv_ctl_el0) : read_sysreg(cntp_ctl_el0);
}

static inline void timer_set_ctl(enum guest_timer t, uint64_t ctl)
{
	if (t == TIMER_VIRTUAL)
		write_sysreg(cntv_ctl_el0, ctl);
	else
		write_sysreg(cntp_ctl_el0, ctl);
	isb();
}

static inline uint64_t timer_cval(enum guest_timer t)
{
	return t == TIMER_VIRTUAL ? read_sysreg(cntv_cval_el0) : read_sysreg(cntp_cval_el0);
}

static inline void timer_set_cval(enum guest_timer t, uint64_t cval)
{
	if (t == TIMER_VIRTUAL)
		write_sysreg(cntv_cval_el0, cval);
	else
		write_sysreg(cntp_cval_el0, cval);
	isb();
}

static inline int32_t timer_tval(enum guest_timer t)
{
	isb();
	return t == TIMER_VIRTUAL ? read_sysreg(cntv_tval_el0) : read_sysreg(cntp_tval_el0);
}

static inline void timer_set_tval(enum guest_timer t, int32_t tval)
{
	if (t == TIMER_VIRTUAL)
		write_sysreg(cntv_tval_el0, (uint32_t)tval);
	else
		write_sysreg(cntp_tval_el0, (uint32_t)tval);
	isb();
}

/* Fire in this many ticks of the counter. */
static inline void timer_start(enum guest_timer t, uint64_t ticks)
{
	timer_set_ctl(t, 0);
	timer_set_cval(t, timer_count(t) + ticks);
	timer_set_ctl(t, TIMER_ENABLE);
}

static inline void timer_stop(enum guest_timer t)
{
	timer_set_ctl(t, 0);
}

#endif /* TIMER_H */
