// SPDX-License-Identifier: GPL-2.0
/* The virtual and the physical timer: interrupts on time, masking, waking up from WFI, level semantics. */
#include "kvm_test.h"
#include "gic.h"
#include "timer.h"

static const unsigned int ppi_of[] = { PPI_VTIMER, PPI_PTIMER };

static __shared volatile uint64_t taken, last, early, spurious;
static __shared volatile uint64_t timer_of_test;

static void handler(struct ex_regs *regs, uint64_t esr)
{
	enum guest_timer t = timer_of_test;
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS) {
		spurious++;
		return;
	}
	last = intid;
	if (!(timer_ctl(t) & TIMER_ISTATUS) || timer_count(t) < timer_cval(t))
		early++;
	timer_stop(t);
	gic_eoi(intid);
	taken++;
}

static void start(enum guest_timer t)
{
	timer_of_test = t;
	taken = early = spurious = 0;
	on_irq(handler);
	gic_guest_init();
	gic_set_priority(ppi_of[t], 0x80);
	gic_enable(ppi_of[t]);
}

static void guest_fires(enum guest_timer t)
{
	start(t);
	irq_enable();
	for (uint64_t i = 1; i <= 20; i++) {
		timer_start(t, guest_freq() / 5000 * (i % 4));
		GUEST_WAIT_FOR(taken == i);
		GUEST_ASSERT_EQ(ppi_of[t], last);
	}
	GUEST_ASSERT_EQ(0, early);
}

static void guest_wfi(enum guest_timer t)
{
	start(t);
	for (uint64_t i = 1; i <= 20; i++) {
		timer_start(t, guest_ms(i % 3));
		while (taken < i) {
			irq_disable();
			if (taken < i)
				wfi();
			irq_enable();
			isb();
		}
	}
	GUEST_ASSERT_EQ(0, early);
}

static void guest_tval(enum guest_timer t)
{
	start(t);
	irq_enable();
	timer_set_tval(t, guest_ms(2));
	GUEST_ASSERT(timer_cval(t) > timer_count(t));
	GUEST_ASSERT(timer_tval(t) > 0 && timer_tval(t) <= (int32_t)guest_ms(2));
	timer_set_ctl(t, TIMER_ENABLE);
	GUEST_WAIT_FOR(taken == 1);
	GUEST_ASSERT(timer_tval(t) <= 0);
	/* A negative value is in the past: at once. */
	timer_set_tval(t, -1000);
	timer_set_ctl(t, TIMER_ENABLE);
	GUEST_WAIT_FOR(taken == 2);
}

static void guest_masked(enum guest_timer t)
{
	start(t);
	irq_enable();
	timer_set_cval(t, 0);
	timer_set_ctl(t, TIMER_ENABLE | TIMER_MASKED);
	GUEST_ASSERT_EQ(TIMER_ENABLE | TIMER_MASKED | TIMER_ISTATUS, timer_ctl(t));
	guest_delay_us(2000);
	GUEST_ASSERT_EQ(0, taken);
	GUEST_ASSERT(!gic_is_pending(ppi_of[t]));
	timer_set_ctl(t, TIMER_ENABLE);
	GUEST_WAIT_FOR(taken == 1);
	timer_set_ctl(t, 0);
	GUEST_ASSERT_EQ(0, timer_ctl(t) & TIMER_ENABLE);
}

static void guest_level(enum guest_timer t)
{
	start(t);
	/* Interrupts off: the output stays as long as the condition holds. */
	timer_set_cval(t, 0);
	timer_set_ctl(t, TIMER_ENABLE);
	GUEST_WAIT_FOR(gic_is_pending(ppi_of[t]));
	GUEST_ASSERT_EQ(ppi_of[t], gic_ack());
	gic_eoi(ppi_of[t]);
	/* Not stopped: it comes again. */
	GUEST_WAIT_FOR(gic_is_pending(ppi_of[t]));
	/* And goes when the condition does. */
	timer_set_cval(t, ~0ULL);
	GUEST_WAIT_FOR(!gic_is_pending(ppi_of[t]));
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	timer_stop(t);
}

static void guest_disabled_interrupt(enum guest_timer t)
{
	start(t);
	gic_disable(ppi_of[t]);
	irq_enable();
	timer_start(t, 0);
	GUEST_WAIT_FOR(timer_ctl(t) & TIMER_ISTATUS);
	guest_delay_us(1000);
	GUEST_ASSERT_EQ(0, taken);
	gic_enable(ppi_of[t]);
	GUEST_WAIT_FOR(taken == 1);
}

static void guest_far_future(enum guest_timer t)
{
	start(t);
	irq_enable();
	timer_set_cval(t, ~0ULL);
	timer_set_ctl(t, TIMER_ENABLE);
	GUEST_ASSERT_EQ(~0ULL, timer_cval(t));
	GUEST_ASSERT(!(timer_ctl(t) & TIMER_ISTATUS));
	guest_delay_us(1000);
	GUEST_ASSERT_EQ(0, taken);
	/* Bits of CTL that do not exist read as zero. */
	timer_set_ctl(t, ~0ULL & ~TIMER_ENABLE);
	GUEST_ASSERT_EQ(TIMER_MASKED, timer_ctl(t));
	timer_stop(t);
}

FIXTURE(clock) {
	struct vm *vm;
	int gic;
};

FIXTURE_VARIANT(clock) {
	enum guest_timer timer;
};

FIXTURE_VARIANT_ADD(clock, virtual) {
	.timer = TIMER_VIRTUAL,
};

FIXTURE_VARIANT_ADD(clock, physical) {
	.timer = TIMER_PHYSICAL,
};

FIXTURE_SETUP(clock)
{
	self->vm = vm_create();
	self->gic = -1;
}

FIXTURE_TEARDOWN(clock)
{
	close(self->gic);
	vm_destroy(self->vm);
}

#define GUEST_TEST(name, fn)						\
TEST_F(clock, name)							\
{									\
	struct vcpu *vcpu = vcpu_add1(self->vm, fn, variant->timer);	\
									\
	self->gic = gic_create(self->vm, 64);				\
	vcpu_done(vcpu);						\
}

GUEST_TEST(fires, guest_fires)
GUEST_TEST(wakes_up_from_wfi, guest_wfi)
GUEST_TEST(tval, guest_tval)
GUEST_TEST(masked, guest_masked)
GUEST_TEST(output_is_a_level, guest_level)
GUEST_TEST(disabled_interrupt, guest_disabled_interrupt)
GUEST_TEST(far_future, guest_far_future)

static void guest_monotonic(enum guest_timer t)
{
	uint64_t before = timer_count(t);

	for (int i = 0; i < 100; i++) {
		uint64_t now;

		if (i % 10 == 0)
			guest_sync(i);
		now = timer_count(t);
		GUEST_ASSERT(now >= before);
		before = now;
	}
}

TEST_F(clock, count_goes_on)
{
	struct vcpu *vcpu = vcpu_add1(self->vm, guest_monotonic, variant->timer);

	while (vcpu_run(vcpu) != EXIT_GUEST_DONE)
		usleep(1000);
}

static __shared volatile uint64_t counts[2];

static void guest_exchanges(uint64_t me, uint64_t t)
{
	for (int i = 0; i < 2000; i++) {
		uint64_t other = counts[!me];
		uint64_t now = timer_count(t);

		/* What another CPU has read before is not after what this one reads. */
		GUEST_ASSERT(now >= other);
		counts[me] = now;
	}
}

TEST_F(clock, vcpus_have_one_time)
{
	struct vcpu_thread t[2];
	struct vcpu *vcpu[2];

	/* All of them first: the creation of a vCPU may set the VM's virtual count anew. */
	counts[0] = counts[1] = 0;
	for (int i = 0; i < 2; i++)
		vcpu[i] = vcpu_add2(self->vm, guest_exchanges, i, variant->timer);
	for (int i = 0; i < 2; i++)
		vcpu_thread_start(&t[i], vcpu[i]);
	for (int i = 0; i < 2; i++)
		vcpu_thread_join(&t[i]);
}

TEST_HARNESS_MAIN
