// SPDX-License-Identifier: GPL-2.0
/*
 * Decrementer, fixed interval timer and watchdog (Book E, chapter 8; 440x5 User's
 * Manual, chapter 7).
 *
 * Each timer is a value of the host's time base at which it fires, and an hrtimer
 * for it.  What the guest's own time base differs by (timebase.c) is no matter to
 * the decrementer; the other two go by bits of it.
 *
 * Locks: timer.lock, innermost but for the wake-up, interrupts off: the
 * hrtimers' functions take it too.
 */

#include <linux/hrtimer.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <asm/time.h>
#include <kvm/compat.h>
#include "booke.h"

/* Bits of the time base that end a period, by TCR[FP] and TCR[WP]. */
static const u8 timer_fit_bits[] = { 12, 16, 20, 24 };
static const u8 timer_wd_bits[] = { 20, 24, 28, 32 };
/* Periods that are over when nobody looked are one: never a storm of them. */
#define TIMER_MIN_NS	20000

static ktime_t timer_delay(u64 tb, u64 now)
{
	u64 ns = tb > now ? tb_to_ns(tb - now) : 0;

	return ns_to_ktime(max_t(u64, ns, TIMER_MIN_NS));
}

static void timer_arm(struct hrtimer *timer, u64 tb, u64 now)
{
	hrtimer_start(timer, timer_delay(tb, now), HRTIMER_MODE_REL);
}

/* When @bit of the guest's time base goes from 0 to 1 the next time, by the host's. */
static u64 timer_next_edge(const struct vcpu_timer *t, unsigned int bit, u64 now)
{
	u64 period = 2ULL << bit, tb = now + t->tb_offset;

	return ((tb + (1ULL << bit)) & ~(period - 1)) + (1ULL << bit) - t->tb_offset;
}

static void timer_notify(struct vcpu *vcpu)
{
	vcpu_make_request(vcpu, VCPU_REQ_TIMER);
	vcpu_kick(vcpu);
}

/* An hrtimer's function: @step, under the lock, says whether it goes on, and what happened. */
static enum hrtimer_restart timer_fire(struct vcpu *vcpu, struct hrtimer *hrtimer,
				       bool (*step)(struct vcpu *vcpu, struct hrtimer *hrtimer,
						    bool *fired))
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	bool again, fired = false;
	unsigned long flags;

	spin_lock_irqsave(&t->lock, flags);
	again = step(vcpu, hrtimer, &fired);
	spin_unlock_irqrestore(&t->lock, flags);
	if (fired)
		timer_notify(vcpu);
	return again ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

/* ---- Decrementer */

static u32 timer_dec_value(const struct vcpu_timer *t, u64 now)
{
	return t->dec_running && t->dec_tb > now ? t->dec_tb - now : 0;
}

static bool timer_dec_step(struct vcpu *vcpu, struct hrtimer *hrtimer, bool *fired)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	u64 now = get_tb();

	lockdep_assert_held(&t->lock);

	if (!t->dec_running)
		return false;
	if (t->dec_tb > now) {	/* early, or set anew meanwhile */
		hrtimer_forward_now(hrtimer, timer_delay(t->dec_tb, now));
		return true;
	}
	*fired = true;
	t->tsr |= BTSR_DIS;
	t->dec_running = false;
	if (vcpu->arch.regs.tcr & BTCR_ARE && vcpu->arch.regs.decar) {
		t->dec_tb = max(t->dec_tb + vcpu->arch.regs.decar, now);
		t->dec_running = true;
		hrtimer_forward_now(hrtimer, timer_delay(t->dec_tb, now));
	}
	return t->dec_running;
}

static enum hrtimer_restart timer_dec_fire(struct hrtimer *hrtimer)
{
	struct vcpu_timer *t = container_of(hrtimer, struct vcpu_timer, dec);

	return timer_fire(container_of(t, struct vcpu, arch.timer), hrtimer, timer_dec_step);
}

/**
 * timer_dec_read() - the decrementer's value
 * @vcpu: own thread, or vcpu->mutex
 */
u32 timer_dec_read(struct vcpu *vcpu)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	unsigned long flags;
	u32 value;

	spin_lock_irqsave(&t->lock, flags);
	value = timer_dec_value(t, get_tb());
	spin_unlock_irqrestore(&t->lock, flags);
	return value;
}

/**
 * timer_dec_write() - sets the decrementer
 * @vcpu: own thread, or vcpu->mutex
 * @value: in ticks of the time base; 0 stops it, with no interrupt
 */
void timer_dec_write(struct vcpu *vcpu, u32 value)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	u64 now = get_tb();
	unsigned long flags;

	spin_lock_irqsave(&t->lock, flags);
	t->dec_running = value;
	t->dec_tb = now + value;
	if (value)
		timer_arm(&t->dec, t->dec_tb, now);
	else
		hrtimer_try_to_cancel(&t->dec);
	spin_unlock_irqrestore(&t->lock, flags);
}

/*
 * ---- Fixed interval and watchdog: edges of a bit of the guest's time base.
 *
 * There is no hrtimer while nothing would come of them.  Their status goes on
 * nevertheless: it is brought up to date when somebody looks.
 */

static bool timer_fit_wanted(const struct vcpu *vcpu)
{
	return vcpu->arch.regs.tcr & BTCR_FIE;
}

static bool timer_wd_wanted(const struct vcpu *vcpu)
{
	return vcpu->arch.regs.tcr & (BTCR_WIE | BTCR_WRC_MASK);
}

static unsigned int timer_fit_bit(const struct vcpu *vcpu)
{
	return timer_fit_bits[BTCR_FP(vcpu->arch.regs.tcr)];
}

static unsigned int timer_wd_bit(const struct vcpu *vcpu)
{
	return timer_wd_bits[BTCR_WP(vcpu->arch.regs.tcr)];
}

/* An edge of the watchdog's bit: ENW, then WIS, then what TCR[WRC] says (table 7-3). */
static void timer_wd_edge(struct vcpu *vcpu)
{
	u32 wrc = vcpu->arch.regs.tcr & BTCR_WRC_MASK;
	struct vcpu_timer *t = &vcpu->arch.timer;

	if (!(t->tsr & BTSR_ENW)) {
		t->tsr |= BTSR_ENW;
	} else if (!(t->tsr & BTSR_WIS)) {
		t->tsr |= BTSR_WIS;
	} else if (wrc) {
		t->tsr = (t->tsr & ~BTSR_WRS_MASK) | wrc;
		vcpu->arch.regs.tcr &= ~BTCR_WRC_MASK;
		t->wd_reset = true;
		vcpu_make_request(vcpu, VCPU_REQ_TIMER);
	}
}

static void timer_fit_update(struct vcpu *vcpu, u64 now)
{
	struct vcpu_timer *t = &vcpu->arch.timer;

	if (t->fit_tb > now)
		return;
	t->tsr |= BTSR_FIS;
	t->fit_tb = timer_next_edge(t, timer_fit_bit(vcpu), now);
}

/*
 * A host that was late has not let the guest run: for a guest that relies on the
 * watchdog, the edges that came meanwhile are one.
 */
static void timer_wd_update(struct vcpu *vcpu, u64 now)
{
	unsigned int bit = timer_wd_bit(vcpu), i;
	struct vcpu_timer *t = &vcpu->arch.timer;
	u64 edges;

	if (t->wd_tb > now)
		return;
	edges = timer_wd_wanted(vcpu) ? 1 : ((now - t->wd_tb) >> (bit + 1)) + 1;
	/* More than two have nothing left to change. */
	for (i = 0; i < min(edges, 2ULL); i++)
		timer_wd_edge(vcpu);
	t->wd_tb = timer_next_edge(t, bit, now);
}

static void timer_update(struct vcpu *vcpu, u64 now)
{
	lockdep_assert_held(&vcpu->arch.timer.lock);
	timer_fit_update(vcpu, now);
	timer_wd_update(vcpu, now);
}

/* From @now on: TCR or the guest's time base is another. */
static void timer_restart(struct vcpu *vcpu, u64 now)
{
	struct vcpu_timer *t = &vcpu->arch.timer;

	lockdep_assert_held(&t->lock);
	t->fit_tb = timer_next_edge(t, timer_fit_bit(vcpu), now);
	t->wd_tb = timer_next_edge(t, timer_wd_bit(vcpu), now);
	if (timer_fit_wanted(vcpu))
		timer_arm(&t->fit, t->fit_tb, now);
	if (timer_wd_wanted(vcpu))
		timer_arm(&t->wd, t->wd_tb, now);
}

static bool timer_fit_step(struct vcpu *vcpu, struct hrtimer *hrtimer, bool *fired)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	u64 now = get_tb();

	lockdep_assert_held(&t->lock);

	if (!timer_fit_wanted(vcpu))
		return false;
	timer_fit_update(vcpu, now);
	*fired = true;
	hrtimer_forward_now(hrtimer, timer_delay(t->fit_tb, now));
	return true;
}

static enum hrtimer_restart timer_fit_fire(struct hrtimer *hrtimer)
{
	struct vcpu_timer *t = container_of(hrtimer, struct vcpu_timer, fit);

	return timer_fire(container_of(t, struct vcpu, arch.timer), hrtimer, timer_fit_step);
}

static bool timer_wd_step(struct vcpu *vcpu, struct hrtimer *hrtimer, bool *fired)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	u64 now = get_tb();

	lockdep_assert_held(&t->lock);

	if (!timer_wd_wanted(vcpu))
		return false;
	timer_wd_update(vcpu, now);
	*fired = true;
	hrtimer_forward_now(hrtimer, timer_delay(t->wd_tb, now));
	return true;
}

static enum hrtimer_restart timer_wd_fire(struct hrtimer *hrtimer)
{
	struct vcpu_timer *t = container_of(hrtimer, struct vcpu_timer, wd);

	return timer_fire(container_of(t, struct vcpu, arch.timer), hrtimer, timer_wd_step);
}

static void timer_tcr_change(struct vcpu *vcpu, u32 value, u32 keep)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	u64 now = get_tb();
	unsigned long flags;

	spin_lock_irqsave(&t->lock, flags);
	timer_update(vcpu, now);
	vcpu->arch.regs.tcr = (value & BTCR_ALL) | (vcpu->arch.regs.tcr & keep);
	timer_restart(vcpu, now);
	spin_unlock_irqrestore(&t->lock, flags);
}

/**
 * timer_tcr_set() - sets TCR
 * @vcpu: own thread, or vcpu->mutex
 * @value: all of it
 */
void timer_tcr_set(struct vcpu *vcpu, u32 value)
{
	timer_tcr_change(vcpu, value, 0);
}

/**
 * timer_tcr_write() - the guest's write to TCR
 * @vcpu: own thread
 * @value: what it is to be; TCR[WRC] can be set, but not be cleared
 */
void timer_tcr_write(struct vcpu *vcpu, u32 value)
{
	timer_tcr_change(vcpu, value, BTCR_WRC_MASK);
}

/* ---- TSR */

/**
 * timer_tsr_read() - TSR, with what has happened while nobody looked
 * @vcpu: own thread, or vcpu->mutex
 */
u32 timer_tsr_read(struct vcpu *vcpu)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	unsigned long flags;
	u32 tsr;

	spin_lock_irqsave(&t->lock, flags);
	timer_update(vcpu, get_tb());
	tsr = t->tsr;
	spin_unlock_irqrestore(&t->lock, flags);
	return tsr;
}

static void timer_tsr_change(struct vcpu *vcpu, u32 clear, u32 set)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	unsigned long flags;

	spin_lock_irqsave(&t->lock, flags);
	timer_update(vcpu, get_tb());
	t->tsr = (t->tsr & ~clear) | (set & BTSR_ALL);
	spin_unlock_irqrestore(&t->lock, flags);
}

/**
 * timer_tsr_clear() - the guest's write to TSR: ones clear
 * @vcpu: own thread, or vcpu->mutex
 * @bits: what to clear
 */
void timer_tsr_clear(struct vcpu *vcpu, u32 bits)
{
	timer_tsr_change(vcpu, bits, 0);
}

/**
 * timer_tsr_or() - user space sets bits of TSR
 * @vcpu: vcpu->mutex
 * @bits: which
 */
void timer_tsr_or(struct vcpu *vcpu, u32 bits)
{
	timer_tsr_change(vcpu, 0, bits);
	timer_notify(vcpu);
}

/**
 * timer_tsr_set() - TSR as user space says
 * @vcpu: vcpu->mutex
 * @value: all of it
 */
void timer_tsr_set(struct vcpu *vcpu, u32 value)
{
	timer_tsr_change(vcpu, ~0U, value);
	timer_notify(vcpu);
}

/**
 * timer_watchdog_reset() - has the watchdog asked for a reset?
 * @vcpu: own thread
 *
 * Return: true once for each; TSR[WRS] says which.
 */
bool timer_watchdog_reset(struct vcpu *vcpu)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	unsigned long flags;
	bool reset;

	spin_lock_irqsave(&t->lock, flags);
	reset = t->wd_reset;
	t->wd_reset = false;
	spin_unlock_irqrestore(&t->lock, flags);
	return reset;
}

/* ---- The guest's time base */

static bool timer_rises(u64 from, u64 to, unsigned int bit)
{
	return (~from & to) >> bit & 1;
}

static void timer_tb_change(struct vcpu *vcpu, u64 value, u64 mask)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	unsigned long flags;
	u64 now, old, tb;

	spin_lock_irqsave(&t->lock, flags);
	now = get_tb();
	timer_update(vcpu, now);
	old = now + t->tb_offset;
	tb = (old & ~mask) | (value & mask);
	/* A bit that is written to 1 is an edge like any other. */
	if (timer_rises(old, tb, timer_fit_bit(vcpu)))
		t->tsr |= BTSR_FIS;
	if (timer_rises(old, tb, timer_wd_bit(vcpu)))
		timer_wd_edge(vcpu);
	t->tb_offset = tb - now;
	timer_restart(vcpu, now);
	spin_unlock_irqrestore(&t->lock, flags);
}

/**
 * timer_tbl_write() - the guest's write to TBL
 * @vcpu: own thread
 * @value: the low half; the other stays
 */
void timer_tbl_write(struct vcpu *vcpu, u32 value)
{
	timer_tb_change(vcpu, value, U32_MAX);
}

/**
 * timer_tbu_write() - the guest's write to TBU
 * @vcpu: own thread
 * @value: the high half; the other stays
 */
void timer_tbu_write(struct vcpu *vcpu, u32 value)
{
	timer_tb_change(vcpu, (u64)value << 32, ~(u64)U32_MAX);
}

/**
 * timer_tb_set_offset() - what the guest's time base is ahead of the host's, for user space
 * @vcpu: vcpu->mutex
 * @offset: in ticks
 */
void timer_tb_set_offset(struct vcpu *vcpu, u64 offset)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	u64 now = get_tb();
	unsigned long flags;

	spin_lock_irqsave(&t->lock, flags);
	timer_update(vcpu, now);
	t->tb_offset = offset;
	timer_restart(vcpu, now);
	spin_unlock_irqrestore(&t->lock, flags);
}

/* ---- Life */

void timer_vcpu_init(struct vcpu *vcpu)
{
	struct vcpu_timer *t = &vcpu->arch.timer;

	spin_lock_init(&t->lock);
	compat_hrtimer_setup(&t->dec, timer_dec_fire, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	compat_hrtimer_setup(&t->fit, timer_fit_fire, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	compat_hrtimer_setup(&t->wd, timer_wd_fire, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	timer_tcr_set(vcpu, 0);
	timer_tsr_change(vcpu, ~0U, 0);
}

void timer_vcpu_destroy(struct vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->arch.timer.dec);
	hrtimer_cancel(&vcpu->arch.timer.fit);
	hrtimer_cancel(&vcpu->arch.timer.wd);
}
