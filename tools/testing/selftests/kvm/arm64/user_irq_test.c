// SPDX-License-Identifier: GPL-2.0
/* VMs whose interrupt controller is in user space: lines to the vCPUs, levels of the timers. */
#include <time.h>

#include "kvm_test.h"
#include "arch.h"
#include "timer.h"

#define VTIMER	KVM_ARM_DEV_EL1_VTIMER
#define PTIMER	KVM_ARM_DEV_EL1_PTIMER

static __shared volatile uint64_t irqs, fiqs, stop;

static void line(struct vm *vm, unsigned int vcpu, unsigned int line, unsigned int level)
{
	struct kvm_irq_level l = { .irq = vcpu << KVM_ARM_IRQ_VCPU_SHIFT | line, .level = level };

	must(vm_ioctl(vm, KVM_IRQ_LINE, &l));
}

static uint64_t levels(struct vcpu *vcpu)
{
	return vcpu->run->s.regs.device_irq_level;
}

/* To the next end of KVM_RUN: -EINTR or 0. */
static int run(struct vcpu *vcpu)
{
	int ret = vcpu_run_once(vcpu);

	if (ret == -EINTR && vcpu->run->exit_reason != KVM_EXIT_INTR)
		test_fail("EINTR with exit reason %s", kvm_exit_name(vcpu->run->exit_reason));
	return ret;
}

/* ------------------------------------------------------------------------------------------------ Lines */

/* The line stays up: once is enough. */
static void on_irq_line(struct ex_regs *regs, uint64_t esr)
{
	irqs++;
	regs->pstate |= 1 << 7;
}

static void on_fiq_line(struct ex_regs *regs, uint64_t esr)
{
	fiqs++;
	regs->pstate |= 1 << 6;
}

static void guest_lines(void)
{
	on_vector(VECTOR_IRQ, on_irq_line);
	on_vector(VECTOR_FIQ, on_fiq_line);
	for (int i = 0; i < 7; i++) {
		guest_sync(i);
		asm volatile("msr daifclr, #3\n\tisb\n\tmsr daifset, #3" ::: "memory");
	}
}

TEST(lines)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_lines);

	REQUIRE_CAP(KVM_CAP_ARM_USER_IRQ);
	irqs = 0;
	fiqs = 0;
	vcpu_sync(vcpu);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(0, irqs + fiqs);
	line(vm, 0, KVM_ARM_IRQ_CPU_IRQ, 1);
	EXPECT_EQ(2, vcpu_sync(vcpu));
	EXPECT_EQ(1, irqs);
	EXPECT_EQ(0, fiqs);
	/* A level, not an edge */
	line(vm, 0, KVM_ARM_IRQ_CPU_IRQ, 1);
	EXPECT_EQ(3, vcpu_sync(vcpu));
	EXPECT_EQ(2, irqs);
	line(vm, 0, KVM_ARM_IRQ_CPU_IRQ, 0);
	line(vm, 0, KVM_ARM_IRQ_CPU_FIQ, 7);
	EXPECT_EQ(4, vcpu_sync(vcpu));
	EXPECT_EQ(2, irqs);
	EXPECT_EQ(1, fiqs);
	line(vm, 0, KVM_ARM_IRQ_CPU_FIQ, 0);
	EXPECT_EQ(5, vcpu_sync(vcpu));
	EXPECT_EQ(1, fiqs);
	/* Initialising the vCPU again takes them back. */
	line(vm, 0, KVM_ARM_IRQ_CPU_IRQ, 1);
	vcpu_restart(vcpu, (guest_fn)guest_lines, 0);
	vcpu_sync(vcpu);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(2, irqs);
	vm_destroy(vm);
}

static void guest_waits(void)
{
	on_vector(VECTOR_IRQ, on_irq_line);
	while (!stop)
		wfi();			/* interrupts are masked: it ends all the same */
	GUEST_ASSERT_EQ(0, irqs);
	asm volatile("msr daifclr, #3" ::: "memory");
	GUEST_WAIT_FOR(irqs == 1);
}

static void guest_spins(void)
{
	on_vector(VECTOR_IRQ, on_irq_line);
	asm volatile("msr daifclr, #3" ::: "memory");
	GUEST_WAIT_FOR(irqs == 1);
}

static void *runner(void *vcpu)
{
	vcpu_done(vcpu);
	return NULL;
}

static void while_it_runs(guest_fn fn)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, fn);
	pthread_t thread;

	irqs = 0;
	stop = 0;
	pthread_create(&thread, NULL, runner, vcpu);
	usleep(200000);
	stop = 1;
	line(vm, 0, KVM_ARM_IRQ_CPU_IRQ, 1);
	pthread_join(thread, NULL);
	vm_destroy(vm);
}

TEST(line_ends_wfi)
{
	REQUIRE_CAP(KVM_CAP_ARM_USER_IRQ);
	while_it_runs((guest_fn)guest_waits);
}

TEST(line_of_a_running_vcpu)
{
	REQUIRE_CAP(KVM_CAP_ARM_USER_IRQ);
	while_it_runs((guest_fn)guest_spins);
}

/* ----------------------------------------------------------------------------------------------- Levels */

/* Until it fires, and then some time for the host to see it. */
static void wait_fired(uint64_t t)
{
	while (!(timer_ctl(t) & TIMER_ISTATUS))
		cpu_relax();
	guest_delay_us(10000);
}

static void guest_timer(uint64_t t)
{
	timer_start(t, guest_ms(20));
	wait_fired(t);
	guest_sync(1);
	guest_sync(2);
	timer_stop(t);
	guest_sync(3);
	timer_start(t, 0);
	guest_sync(4);
	/* The level goes down and up while the host does not look. */
	timer_start(t, guest_ms(20));
	wait_fired(t);
	guest_sync(5);
	timer_set_ctl(t, TIMER_ENABLE | TIMER_MASKED);
	guest_sync(6);
}

TEST(level)
{
	static const uint64_t bits[] = { [TIMER_VIRTUAL] = VTIMER, [TIMER_PHYSICAL] = PTIMER };

	REQUIRE_CAP(KVM_CAP_ARM_USER_IRQ);
	for (unsigned int t = 0; t < 2; t++) {
		struct vm *vm = vm_create();
		struct vcpu *vcpu = vcpu_add1(vm, guest_timer, t);
		struct kvm_sync_regs *page = &vcpu->run->s.regs;
		uint64_t bit = bits[t];
		unsigned int told = 0;

		/* What is in the page counts for nothing. */
		page->device_irq_level = ~0ULL;
		while (run(vcpu) == -EINTR) {
			EXPECT_EQ(bit, page->device_irq_level);
			told++;
			page->device_irq_level = 0;
		}
		ASSERT_EQ(EXIT_GUEST_SYNC, vcpu_exit(vcpu));
		EXPECT_EQ(1, told);
		EXPECT_EQ(bit, page->device_irq_level);
		/* It is known, and no reason to end KVM_RUN any more. */
		page->device_irq_level = 0;
		EXPECT_EQ(0, run(vcpu));
		ASSERT_EQ(EXIT_GUEST_SYNC, vcpu_exit(vcpu));
		EXPECT_EQ(2, vcpu->cpu->ucall.arg[0]);
		EXPECT_EQ(bit, page->device_irq_level);
		/* All other exits bring it, too. */
		EXPECT_EQ(0, run(vcpu));
		EXPECT_EQ(0, page->device_irq_level);
		EXPECT_EQ(4, vcpu_sync(vcpu));
		EXPECT_EQ(bit, page->device_irq_level);
		EXPECT_EQ(5, vcpu_sync(vcpu));
		EXPECT_EQ(bit, page->device_irq_level);
		EXPECT_EQ(6, vcpu_sync(vcpu));
		EXPECT_EQ(0, page->device_irq_level);
		vm_destroy(vm);
	}
}

/* A level that changes while no vCPU runs ends KVM_RUN at once. */
static void guest_later(void)
{
	timer_start(TIMER_VIRTUAL, guest_ms(50));
	guest_sync(1);
	guest_sync(2);
}

TEST(level_that_user_space_has_missed)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_later);

	REQUIRE_CAP(KVM_CAP_ARM_USER_IRQ);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(0, levels(vcpu));
	usleep(100000);
	EXPECT_EQ(-EINTR, run(vcpu));
	EXPECT_EQ(VTIMER, levels(vcpu));
	EXPECT_EQ(0, run(vcpu));
	EXPECT_EQ(2, vcpu->cpu->ucall.arg[0]);
	/* By the timer's register, too. */
	vcpu_write_reg(vcpu, KVM_REG_ARM_TIMER_CTL, 0);
	EXPECT_EQ(-EINTR, run(vcpu));
	EXPECT_EQ(0, levels(vcpu));
	vcpu_done(vcpu);
	vm_destroy(vm);
}

/* The controller has the timers masked: they end the wait once each, and the line ends it for good. */
static void guest_sleeps(void)
{
	timer_start(TIMER_VIRTUAL, guest_ms(20));
	timer_start(TIMER_PHYSICAL, guest_ms(100));
	while (!stop)
		wfi();
}

static void *raise_line(void *vm)
{
	usleep(600000);
	stop = 1;
	line(vm, 0, KVM_ARM_IRQ_CPU_IRQ, 1);
	return NULL;
}

static uint64_t thread_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

TEST(level_ends_wfi_once)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_sleeps);
	uint64_t seen = 0, begin = thread_ms();
	unsigned int runs = 0;
	pthread_t thread;
	int ret;

	REQUIRE_CAP(KVM_CAP_ARM_USER_IRQ);
	stop = 0;
	pthread_create(&thread, NULL, raise_line, vm);
	while ((ret = run(vcpu)) == -EINTR) {
		runs++;
		EXPECT_NE(seen, levels(vcpu));
		EXPECT_EQ(0, stop);
		seen |= levels(vcpu);
	}
	EXPECT_EQ(0, ret);
	EXPECT_EQ(EXIT_GUEST_DONE, vcpu_exit(vcpu));
	EXPECT_EQ(2, runs);
	EXPECT_EQ(VTIMER | PTIMER, seen);
	/* It slept. */
	EXPECT_GT(300, thread_ms() - begin);
	pthread_join(thread, NULL);
	vm_destroy(vm);
}

/* Interrupts as a controller makes them of the levels. */
static __shared volatile uint64_t ticks;

static void on_tick(struct ex_regs *regs, uint64_t esr)
{
	ticks++;
	if (ticks < 20)
		timer_start(TIMER_VIRTUAL, guest_ms(2));
	else
		timer_stop(TIMER_VIRTUAL);
	guest_mmio_write32(VM_MMIO_GPA, 1);	/* as for the end of the interrupt */
}

static void guest_ticks(void)
{
	on_vector(VECTOR_IRQ, on_tick);
	timer_start(TIMER_VIRTUAL, guest_ms(2));
	asm volatile("msr daifclr, #3" ::: "memory");
	while (ticks < 20)
		wfi();
}

TEST(timer_interrupts)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_ticks);
	uint64_t seen = 0;
	unsigned int what = 0;

	REQUIRE_CAP(KVM_CAP_ARM_USER_IRQ);
	ticks = 0;
	while (what != EXIT_GUEST_DONE) {
		what = run(vcpu) ? 0 : vcpu_exit(vcpu);
		ASSERT_TRUE(!what || what == KVM_EXIT_MMIO || what == EXIT_GUEST_DONE);
		if (levels(vcpu) != seen)
			line(vm, 0, KVM_ARM_IRQ_CPU_IRQ, levels(vcpu) & VTIMER);
		seen = levels(vcpu);
	}
	EXPECT_EQ(20, ticks);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
