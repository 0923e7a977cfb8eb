// SPDX-License-Identifier: GPL-2.0
/*
 * Decrementer, fixed interval timer and watchdog (Book E, chapter 8).
 *
 * The time base is the host's: the guest reads it without a trap.  Each timer
 * is a time base value at which it fires, and an hrtimer for it.
 *
 * Locks: timer.lock, innermost but for the wake-up, interrupts off: the
 * hrtimers' functions take it too.
 */

#include <linux/hrtimer.h>
#include <linux/math64.h>
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

/* The next time that @bit of the time base goes from 0 to 1. */
static u64 timer_next_edge(unsigned int bit, u64 now)
{
	u64 period = 2ULL << bit;

	return ((now + (1ULL << bit)) & ~(period - 1)) + (1ULL << bit);
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

/* ---- Fixed interval and watchdog.  Off (no hrtimer) while nothing would come of them. */

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

static bool timer_fit_step(struct vcpu *vcpu, struct hrtimer *hrtimer, bool *fired)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	u64 now = get_tb();

	lockdep_assert_held(&t->lock);

	if (!timer_fit_wanted(vcpu))
		return false;
	if (t->fit_tb <= now) {
		t->tsr |= BTSR_FIS;
		t->fit_tb = timer_next_edge(timer_fit_bit(vcpu), now);
	}
	*fired = true;
	hrtimer_forward_now(hrtimer, timer_delay(t->fit_tb, now));
	return true;
}

static enum hrtimer_restart timer_fit_fire(struct hrtimer *hrtimer)
{
	struct vcpu_timer *t = container_of(hrtimer, struct vcpu_timer, fit);

	return timer_fire(container_of(t, struct vcpu, arch.timer), hrtimer, timer_fit_step);
}

/* The watchdog's three steps: ENW, then WIS, then what TCR[WRC] says (TSR[WRS]). */
static bool timer_wd_step(struct vcpu *vcpu, struct hrtimer *hrtimer, bool *fired)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	u64 now = get_tb();

	lockdep_assert_held(&t->lock);

	if (!timer_wd_wanted(vcpu))
		return false;
	if (t->wd_tb <= now) {
		if (!(t->tsr & BTSR_ENW))
			t->tsr |= BTSR_ENW;
		else if (!(t->tsr & BTSR_WIS))
			t->tsr |= BTSR_WIS;
		else
			t->tsr |= vcpu->arch.regs.tcr & BTCR_WRC_MASK;
		t->wd_tb = timer_next_edge(timer_wd_bit(vcpu), now);
	}
	*fired = true;
	hrtimer_forward_now(hrtimer, timer_delay(t->wd_tb, now));
	return true;
}

static enum hrtimer_restart timer_wd_fire(struct hrtimer *hrtimer)
{
	struct vcpu_timer *t = container_of(hrtimer, struct vcpu_timer, wd);

	return timer_fire(container_of(t, struct vcpu, arch.timer), hrtimer, timer_wd_step);
}

/**
 * timer_tcr_set() - sets TCR
 * @vcpu: own thread, or vcpu->mutex
 * @value: all of it
 */
void timer_tcr_set(struct vcpu *vcpu, u32 value)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	u64 now = get_tb();
	unsigned long flags;

	spin_lock_irqsave(&t->lock, flags);
	vcpu->arch.regs.tcr = value & BTCR_ALL;
	if (timer_fit_wanted(vcpu)) {
		t->fit_tb = timer_next_edge(timer_fit_bit(vcpu), now);
		timer_arm(&t->fit, t->fit_tb, now);
	}
	if (timer_wd_wanted(vcpu)) {
		t->wd_tb = timer_next_edge(timer_wd_bit(vcpu), now);
		timer_arm(&t->wd, t->wd_tb, now);
	}
	spin_unlock_irqrestore(&t->lock, flags);
}

/**
 * timer_tcr_write() - the guest's write to TCR
 * @vcpu: own thread
 * @value: what it is to be; TCR[WRC] can be set, but not be cleared
 */
void timer_tcr_write(struct vcpu *vcpu, u32 value)
{
	timer_tcr_set(vcpu, value | (vcpu->arch.regs.tcr & BTCR_WRC_MASK));
}

/* ---- TSR */

u32 timer_tsr(struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->arch.timer.tsr);
}

/**
 * timer_tsr_clear() - the guest's write to TSR: ones clear
 * @vcpu: own thread, or vcpu->mutex
 * @bits: what to clear
 */
void timer_tsr_clear(struct vcpu *vcpu, u32 bits)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	unsigned long flags;

	spin_lock_irqsave(&t->lock, flags);
	t->tsr &= ~bits;
	spin_unlock_irqrestore(&t->lock, flags);
}

/**
 * timer_tsr_set() - TSR as user space says
 * @vcpu: vcpu->mutex
 * @value: all of it
 */
void timer_tsr_set(struct vcpu *vcpu, u32 value)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	unsigned long flags;

	spin_lock_irqsave(&t->lock, flags);
	t->tsr = value & BTSR_ALL;
	spin_unlock_irqrestore(&t->lock, flags);
	timer_notify(vcpu);
}

/**
 * timer_watchdog_reset() - has the watchdog asked for a reset?
 * @vcpu: own thread
 *
 * Return: TCR[WRC] as TSR[WRS] has it, in place; not reported again.
 */
u32 timer_watchdog_reset(struct vcpu *vcpu)
{
	struct vcpu_timer *t = &vcpu->arch.timer;
	unsigned long flags;
	u32 wrs;

	spin_lock_irqsave(&t->lock, flags);
	wrs = t->tsr & BTSR_WRS_MASK;
	if (wrs)
		t->tsr &= ~(BTSR_WRS_MASK | BTSR_ENW | BTSR_WIS);
	spin_unlock_irqrestore(&t->lock, flags);
	return wrs;
}

/* ---- Life */

void timer_vcpu_init(struct vcpu *vcpu)
{
	struct vcpu_timer *t = &vcpu->arch.timer;

	spin_lock_init(&t->lock);
	compat_hrtimer_setup(&t->dec, timer_dec_fire, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	compat_hrtimer_setup(&t->fit, timer_fit_fire, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	compat_hrtimer_setup(&t->wd, timer_wd_fire, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
}

void timer_vcpu_destroy(struct vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->arch.timer.dec);
	hrtimer_cancel(&vcpu->arch.timer.fit);
	hrtimer_cancel(&vcpu->arch.timer.wd);
}
