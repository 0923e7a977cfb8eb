// SPDX-License-Identifier: GPL-2.0
/* KVM_GET_MP_STATE and KVM_SET_MP_STATE: which vCPUs are on. */
#include "kvm_test.h"
#include "arch.h"

static int get(struct vcpu *vcpu)
{
	struct kvm_mp_state s = { .mp_state = ~0u };

	must(vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &s));
	return s.mp_state;
}

static int set(struct vcpu *vcpu, uint32_t state)
{
	struct kvm_mp_state s = { .mp_state = state };

	return vcpu_ioctl(vcpu, KVM_SET_MP_STATE, &s);
}

static void guest_one(void)
{
	guest_sync(1);
}

TEST(after_init)
{
	struct vm *vm = vm_create();
	struct vcpu *on = vcpu_add(vm, guest_one);
	struct vcpu *off = vcpu_add_off(vm, (guest_fn)guest_one, 0);

	REQUIRE_CAP(KVM_CAP_MP_STATE);
	EXPECT_EQ(KVM_MP_STATE_RUNNABLE, get(on));
	EXPECT_EQ(KVM_MP_STATE_STOPPED, get(off));
	vm_destroy(vm);
}

TEST(values)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_one);

	EXPECT_OK(set(vcpu, KVM_MP_STATE_STOPPED));
	EXPECT_EQ(KVM_MP_STATE_STOPPED, get(vcpu));
	EXPECT_OK(set(vcpu, KVM_MP_STATE_RUNNABLE));
	EXPECT_EQ(KVM_MP_STATE_RUNNABLE, get(vcpu));
	EXPECT_ERRNO(EINVAL, set(vcpu, KVM_MP_STATE_HALTED));
	EXPECT_ERRNO(EINVAL, set(vcpu, KVM_MP_STATE_UNINITIALIZED));
	EXPECT_ERRNO(EINVAL, set(vcpu, KVM_MP_STATE_OPERATING));
	EXPECT_ERRNO(EINVAL, set(vcpu, 100));
	EXPECT_ERRNO(EINVAL, set(vcpu, ~0u));
	EXPECT_EQ(KVM_MP_STATE_RUNNABLE, get(vcpu));
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vm_destroy(vm);
}

static void on_alarm(int sig)
{
}

TEST(a_stopped_vcpu_waits)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_one);

	must(sigaction(SIGALRM, &sa, NULL));
	must(set(vcpu, KVM_MP_STATE_STOPPED));
	alarm(1);
	EXPECT_EQ(-EINTR, vcpu_run_once(vcpu));
	EXPECT_EQ(KVM_MP_STATE_STOPPED, get(vcpu));
	must(set(vcpu, KVM_MP_STATE_RUNNABLE));
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vm_destroy(vm);
}

static void *set_runnable(void *arg)
{
	/* While its thread is in KVM_RUN the request cannot be served; it has to interrupt the wait first. */
	usleep(50000);
	return (void *)(long)set(arg, KVM_MP_STATE_RUNNABLE);
}

TEST(started_from_outside)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add_off(vm, (guest_fn)guest_one, 0);
	struct sigaction sa = { .sa_handler = on_alarm };
	pthread_t t;
	void *ret;

	must(sigaction(SIGALRM, &sa, NULL));
	pthread_create(&t, NULL, set_runnable, vcpu);
	alarm(1);
	EXPECT_EQ(-EINTR, vcpu_run_once(vcpu));
	pthread_join(t, &ret);
	EXPECT_EQ(NULL, ret);
	vcpu_start(vcpu, (guest_fn)guest_one, 0, 0, 0, 0);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vm_destroy(vm);
}

static void guest_off(void)
{
	guest_hvc(0x84000002, 0, 0, 0);		/* CPU_OFF */
	guest_fail("CPU_OFF returned", __FILE__, __LINE__, 0, 0);
}

TEST(off_by_psci)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_off);

	must(sigaction(SIGALRM, &sa, NULL));
	alarm(1);
	EXPECT_EQ(-EINTR, vcpu_run_once(vcpu));
	EXPECT_EQ(KVM_MP_STATE_STOPPED, get(vcpu));
	vm_destroy(vm);
}

TEST(suspended)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_one);

	if (vm_check(vm, KVM_CAP_ARM_SYSTEM_SUSPEND) <= 0) {
		EXPECT_ERRNO(EINVAL, set(vcpu, KVM_MP_STATE_SUSPENDED));
		return;
	}
	EXPECT_OK(set(vcpu, KVM_MP_STATE_SUSPENDED));
	EXPECT_EQ(KVM_MP_STATE_SUSPENDED, get(vcpu));
	EXPECT_OK(set(vcpu, KVM_MP_STATE_RUNNABLE));
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
