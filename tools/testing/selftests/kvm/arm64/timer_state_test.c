// SPDX-License-Identifier: GPL-2.0
/* The timers from the host: registers, counter offset, INTIDs, saving and restoring, waiting vCPUs. */
#include <time.h>

#include "kvm_test.h"
#include "gic.h"
#include "timer.h"

static void guest_counts(void)
{
	for (;;) {
		guest_sync(timer_count(TIMER_VIRTUAL));
		guest_sync(timer_count(TIMER_PHYSICAL));
	}
}

TEST(virtual_count_starts_near_zero)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_counts);
	uint64_t freq = read_sysreg(cntfrq_el0), v;

	/* The offset is taken when the VM is made: less than a minute ago, however long the host is up. */
	v = vcpu_sync(vcpu);
	EXPECT_LT(v, 60 * freq);
	EXPECT_GE(vcpu_reg(vcpu, KVM_REG_ARM_TIMER_CNT), v);
	vm_destroy(vm);
}

TEST(count_can_be_set)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_counts);
	uint64_t freq = read_sysreg(cntfrq_el0), want = 1ULL << 40, v;

	vcpu_write_reg(vcpu, KVM_REG_ARM_TIMER_CNT, want);
	v = vcpu_sync(vcpu);
	EXPECT_GE(v, want);
	EXPECT_LT(v, want + 60 * freq);
	vm_destroy(vm);
}

TEST(count_is_the_vms)
{
	struct vm *vm = vm_create();
	struct vcpu *a = vcpu_add(vm, guest_counts), *b = vcpu_add(vm, guest_counts);
	uint64_t want = 1ULL << 41;

	vcpu_write_reg(b, KVM_REG_ARM_TIMER_CNT, want);
	EXPECT_GE(vcpu_sync(a), want);
	EXPECT_GE(vcpu_sync(b), want);
	vm_destroy(vm);
}

TEST(counter_offset)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_counts);
	struct kvm_arm_counter_offset offset = { .counter_offset = read_sysreg(cntvct_el0) };
	uint64_t freq = read_sysreg(cntfrq_el0), before;

	REQUIRE_CAP(KVM_CAP_COUNTER_OFFSET);
	offset.reserved = 1;
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_ARM_SET_COUNTER_OFFSET, &offset));
	offset.reserved = 0;
	EXPECT_OK(vm_ioctl(vm, KVM_ARM_SET_COUNTER_OFFSET, &offset));
	/* Both counters are the host's less the offset. */
	EXPECT_LT(vcpu_sync(vcpu), 60 * freq);
	EXPECT_LT(vcpu_sync(vcpu), 60 * freq);
	/* And the registers do not move it any more. */
	before = vcpu_reg(vcpu, KVM_REG_ARM_TIMER_CNT);
	vcpu_write_reg(vcpu, KVM_REG_ARM_TIMER_CNT, before + (1ULL << 42));
	EXPECT_LT(vcpu_reg(vcpu, KVM_REG_ARM_TIMER_CNT), before + (1ULL << 42));
	vm_destroy(vm);
}

TEST(registers)
{
	static const struct {
		uint64_t ctl, cval;
	} reg[] = {
		{ KVM_REG_ARM_TIMER_CTL, KVM_REG_ARM_TIMER_CVAL },
		{ KVM_REG_ARM_PTIMER_CTL, KVM_REG_ARM_PTIMER_CVAL },
	};
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_counts);

	for (int i = 0; i < 2; i++) {
		/* ISTATUS means nothing while the timer is off. */
		EXPECT_EQ(0, vcpu_reg(vcpu, reg[i].ctl) & ~TIMER_ISTATUS);
		vcpu_write_reg(vcpu, reg[i].cval, 0x123456789abcdef0);
		EXPECT_EQ(0x123456789abcdef0, vcpu_reg(vcpu, reg[i].cval));
		/* The status is the timer's, not the monitor's to set. */
		vcpu_write_reg(vcpu, reg[i].ctl, TIMER_ENABLE | TIMER_MASKED | TIMER_ISTATUS);
		EXPECT_EQ(TIMER_ENABLE | TIMER_MASKED, vcpu_reg(vcpu, reg[i].ctl));
		vcpu_write_reg(vcpu, reg[i].cval, 0);
		EXPECT_EQ(TIMER_ENABLE | TIMER_MASKED | TIMER_ISTATUS, vcpu_reg(vcpu, reg[i].ctl));
		vcpu_write_reg(vcpu, reg[i].ctl, 0);
	}
	vm_destroy(vm);
}

static void guest_arms(uint64_t t)
{
	timer_set_cval(t, 0x7777);
	timer_set_ctl(t, TIMER_ENABLE | TIMER_MASKED);
	guest_sync(1);
	GUEST_ASSERT_EQ(0x8888, timer_cval(t));
	GUEST_ASSERT_EQ(TIMER_MASKED, timer_ctl(t));
}

TEST(guest_and_host_see_the_same)
{
	for (int t = 0; t < 2; t++) {
		struct vm *vm = vm_create();
		struct vcpu *vcpu = vcpu_add1(vm, guest_arms, t);
		uint64_t ctl = t ? KVM_REG_ARM_PTIMER_CTL : KVM_REG_ARM_TIMER_CTL;
		uint64_t cval = t ? KVM_REG_ARM_PTIMER_CVAL : KVM_REG_ARM_TIMER_CVAL;

		vcpu_sync(vcpu);
		EXPECT_EQ(0x7777, vcpu_reg(vcpu, cval));
		EXPECT_EQ(TIMER_ENABLE | TIMER_MASKED | TIMER_ISTATUS, vcpu_reg(vcpu, ctl));
		vcpu_write_reg(vcpu, cval, 0x8888);
		vcpu_write_reg(vcpu, ctl, TIMER_MASKED);
		vcpu_done(vcpu);
		vm_destroy(vm);
	}
}

/* ------------------------------------------------------------------------------------------- INTIDs */

static int irq_of(struct vcpu *vcpu, unsigned int which, int value)
{
	return attr_set(vcpu->fd, KVM_ARM_VCPU_TIMER_CTRL, which, &value);
}

TEST(intids)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_counts);
	int value = 0;

	EXPECT_OK(attr_has(vcpu->fd, KVM_ARM_VCPU_TIMER_CTRL, KVM_ARM_VCPU_TIMER_IRQ_VTIMER));
	EXPECT_OK(attr_has(vcpu->fd, KVM_ARM_VCPU_TIMER_CTRL, KVM_ARM_VCPU_TIMER_IRQ_PTIMER));
	EXPECT_ERRNO(ENXIO, attr_has(vcpu->fd, KVM_ARM_VCPU_TIMER_CTRL, 77));
	EXPECT_OK(attr_get(vcpu->fd, KVM_ARM_VCPU_TIMER_CTRL, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, &value));
	EXPECT_EQ(PPI_VTIMER, value);
	EXPECT_OK(attr_get(vcpu->fd, KVM_ARM_VCPU_TIMER_CTRL, KVM_ARM_VCPU_TIMER_IRQ_PTIMER, &value));
	EXPECT_EQ(PPI_PTIMER, value);
	/* PPIs only; and an attribute of a VM with an interrupt controller in the kernel. */
	EXPECT_ERRNO(EINVAL, irq_of(vcpu, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, 20));
	value = gic_create_uninitialised(vm, 64);
	EXPECT_ERRNO(EINVAL, irq_of(vcpu, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, 15));
	EXPECT_ERRNO(EINVAL, irq_of(vcpu, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, 32));
	EXPECT_ERRNO(EINVAL, irq_of(vcpu, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, -1));
	EXPECT_OK(irq_of(vcpu, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, 20));
	EXPECT_ERRNO(ENXIO, irq_of(vcpu, 77, 20));
	EXPECT_ERRNO(EFAULT, attr_set(vcpu->fd, KVM_ARM_VCPU_TIMER_CTRL, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, (void *)8));
	close(value);
	vm_destroy(vm);
}

TEST(intids_are_fixed_once_it_ran)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_counts);
	int gic = gic_create(vm, 64);

	vcpu_sync(vcpu);
	EXPECT_ERRNO(EBUSY, irq_of(vcpu, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, 20));
	close(gic);
	vm_destroy(vm);
}

TEST(two_timers_on_one_intid)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_counts);
	int gic = gic_create_uninitialised(vm, 64);

	EXPECT_OK(irq_of(vcpu, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, 20));
	EXPECT_OK(irq_of(vcpu, KVM_ARM_VCPU_TIMER_IRQ_PTIMER, 20));
	must(gic_initialise(gic));
	EXPECT_EQ(-EINVAL, vcpu_run_once(vcpu));
	close(gic);
	vm_destroy(vm);
}

static __shared volatile uint64_t taken, last;

static void handler(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	last = intid;
	timer_stop(TIMER_VIRTUAL);
	timer_stop(TIMER_PHYSICAL);
	gic_eoi(intid);
	taken++;
}

static void guest_other_intid(uint64_t intid)
{
	on_irq(handler);
	gic_guest_init();
	gic_enable(intid);
	irq_enable();
	timer_start(TIMER_VIRTUAL, guest_ms(1));
	GUEST_WAIT_FOR(taken);
	GUEST_ASSERT_EQ(intid, last);
}

TEST(interrupt_comes_as_the_chosen_intid)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_other_intid, 21);
	int gic = gic_create_uninitialised(vm, 64);

	must(irq_of(vcpu, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, 21));
	must(gic_initialise(gic));
	taken = 0;
	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

/* -------------------------------------------------------------------------------- Save and restore */

static void guest_sets_and_waits(uint64_t t)
{
	unsigned int ppi = t == TIMER_VIRTUAL ? PPI_VTIMER : PPI_PTIMER;

	on_irq(handler);
	gic_guest_init();
	gic_enable(ppi);
	timer_start(t, guest_ms(20));
	guest_sync(timer_cval(t));
	irq_enable();
	while (!taken)
		wfi();
	GUEST_ASSERT(timer_count(t) >= timer_cval(t));
	GUEST_ASSERT_EQ(ppi, last);
}

TEST(expires_while_stopped)
{
	/* The time passes while no KVM_RUN is going on: the interrupt is there when the guest goes on. */
	for (int t = 0; t < 2; t++) {
		struct vm *vm = vm_create();
		struct vcpu *vcpu = vcpu_add1(vm, guest_sets_and_waits, t);
		int gic = gic_create(vm, 64);

		taken = 0;
		vcpu_sync(vcpu);
		usleep(40000);
		EXPECT_EQ(0, taken);
		vcpu_done(vcpu);
		EXPECT_EQ(1, taken);
		close(gic);
		vm_destroy(vm);
	}
}

TEST(time_goes_back)
{
	/* A monitor that restores an old count: the guest's timer is in the future again, and still comes. */
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_sets_and_waits, TIMER_VIRTUAL);
	int gic = gic_create(vm, 64);
	uint64_t cval, freq = read_sysreg(cntfrq_el0);

	taken = 0;
	cval = vcpu_sync(vcpu);
	usleep(40000);
	vcpu_complete(vcpu);
	vcpu_write_reg(vcpu, KVM_REG_ARM_TIMER_CNT, cval - freq / 50);
	EXPECT_EQ(cval, vcpu_reg(vcpu, KVM_REG_ARM_TIMER_CVAL));
	vcpu_done(vcpu);
	EXPECT_EQ(1, taken);
	close(gic);
	vm_destroy(vm);
}

static void on_alarm(int sig)
{
}

TEST(signal_during_the_wait)
{
	/* Leaving and re-entering a wait must neither lose the timer nor bring it early. */
	struct sigaction sa = { .sa_handler = on_alarm };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_sets_and_waits, TIMER_VIRTUAL);
	int gic = gic_create(vm, 64);
	timer_t tick;
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	struct itimerspec every = { { 0, 3000000 }, { 0, 3000000 } };

	must(sigaction(SIGALRM, &sa, NULL));
	taken = 0;
	vcpu_sync(vcpu);
	must(timer_create(CLOCK_MONOTONIC, &ev, &tick));
	must(timer_settime(tick, 0, &every, NULL));
	vcpu_done(vcpu);
	timer_delete(tick);
	EXPECT_EQ(1, taken);
	close(gic);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
