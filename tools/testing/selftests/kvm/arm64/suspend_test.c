// SPDX-License-Identifier: GPL-2.0
/* KVM_MP_STATE_SUSPENDED: what wakes a vCPU is for the monitor to judge, so it stays suspended until that says so. */
#include "kvm_test.h"
#include "gic.h"

#define SPI	40

static void guest_goes_on(void)
{
	gic_guest_init();
	gic_enable(SPI);
	guest_sync(1);
	guest_sync(2);
}

static void set_state(struct vcpu *vcpu, uint32_t state)
{
	struct kvm_mp_state s = { .mp_state = state };

	must(vcpu_ioctl(vcpu, KVM_SET_MP_STATE, &s));
}

static uint32_t state_of(struct vcpu *vcpu)
{
	struct kvm_mp_state s;

	must(vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &s));
	return s.mp_state;
}

static void on_alarm(int sig)
{
}

TEST(suspended_until_the_monitor_says_otherwise)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct vcpu *vcpu;
	struct vm *vm;
	int gic;

	REQUIRE_CAP(KVM_CAP_ARM_SYSTEM_SUSPEND);
	if (!gic_available())
		SKIP(return, "no GIC");
	must(sigaction(SIGALRM, &sa, NULL));
	vm = vm_create();
	vcpu = vcpu_add(vm, guest_goes_on);
	gic = gic_create(vm, 64);
	ASSERT_EQ(1, vcpu_sync(vcpu));

	/* Nothing to wake it: only a signal ends the wait. */
	set_state(vcpu, KVM_MP_STATE_SUSPENDED);
	for (int i = 0; i < 2; i++) {
		alarm(1);
		EXPECT_EQ(-EINTR, vcpu_run_once(vcpu));
		EXPECT_EQ(KVM_MP_STATE_SUSPENDED, state_of(vcpu));
	}

	/* An interrupt does, as often as the monitor wants to know; no guest code runs. */
	vm_irq_line(vm, IRQ_SPI(SPI), 1);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(0, vcpu_run_once(vcpu));
		EXPECT_EQ(KVM_EXIT_SYSTEM_EVENT, vcpu->run->exit_reason) TH_LOG("run %d", i);
		EXPECT_EQ(KVM_SYSTEM_EVENT_WAKEUP, vcpu->run->system_event.type);
		EXPECT_EQ(KVM_MP_STATE_SUSPENDED, state_of(vcpu));
	}
	vm_irq_line(vm, IRQ_SPI(SPI), 0);

	set_state(vcpu, KVM_MP_STATE_RUNNABLE);
	EXPECT_EQ(2, vcpu_sync(vcpu));
	close(gic);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
