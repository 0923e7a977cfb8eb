// SPDX-License-Identifier: GPL-2.0
/* Getting a thread out of KVM_RUN: immediate_exit, signals, the signal mask. */
#include <sys/syscall.h>
#include <sys/time.h>

#include "kvm_test.h"

static __shared volatile bool stop;
static __shared volatile uint64_t spins;

static void guest_spins(void)
{
	while (!stop)
		spins++;
	guest_sync(1);
}

static void guest_sleeps(void)
{
	for (;;)
		wfi();
}

static volatile int signals;

static void on_alarm(int sig)
{
	signals++;
}

static void alarm_ms(int ms)
{
	struct itimerval t = { .it_value = { .tv_usec = ms * 1000 } };
	struct sigaction sa = { .sa_handler = on_alarm };

	must(sigaction(SIGALRM, &sa, NULL));
	must(setitimer(ITIMER_REAL, &t, NULL));
}

TEST(immediate_exit)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_spins);

	vcpu->run->immediate_exit = 1;
	spins = 0;
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(-EINTR, vcpu_run_once(vcpu));
	EXPECT_EQ(0, spins);
	vcpu->run->immediate_exit = 0;
	stop = true;
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST(signal_ends_run)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_spins);

	alarm_ms(50);
	EXPECT_EQ(-EINTR, vcpu_run_once(vcpu));
	EXPECT_EQ(KVM_EXIT_INTR, vcpu->run->exit_reason);
	EXPECT_EQ(1, signals);
	EXPECT_GT(spins, 0);
	/* And it goes on where it was. */
	stop = true;
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST(signal_ends_a_wait)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_sleeps);

	alarm_ms(50);
	EXPECT_EQ(-EINTR, vcpu_run_once(vcpu));
	EXPECT_EQ(1, signals);
	alarm_ms(50);
	EXPECT_EQ(-EINTR, vcpu_run_once(vcpu));
	EXPECT_EQ(2, signals);
	vm_destroy(vm);
}

TEST(pending_signal_lets_no_guest_code_run)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_spins);
	struct kvm_signal_mask *mask = alloca(sizeof(*mask) + 8);
	struct sigaction sa = { .sa_handler = on_alarm };
	sigset_t usr1;

	/* Blocked in the thread, let through by KVM_RUN. */
	must(sigaction(SIGUSR1, &sa, NULL));
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	must(sigprocmask(SIG_BLOCK, &usr1, NULL));
	mask->len = 8;
	memset(mask->sigset, 0, 8);
	must(vcpu_ioctl(vcpu, KVM_SET_SIGNAL_MASK, mask));

	raise(SIGUSR1);
	spins = 0;
	EXPECT_EQ(-EINTR, vcpu_run_once(vcpu));
	EXPECT_EQ(0, spins);
	/* It is still pending: KVM_RUN does not take it. */
	EXPECT_EQ(0, signals);
	EXPECT_EQ(-EINTR, vcpu_run_once(vcpu));
	must(sigprocmask(SIG_UNBLOCK, &usr1, NULL));
	EXPECT_EQ(1, signals);
	stop = true;
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST(masked_signal_waits)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_spins);
	struct kvm_signal_mask *mask = alloca(sizeof(*mask) + 8);

	/* All signals blocked while it runs: the alarm comes when KVM_RUN is over. */
	mask->len = 8;
	memset(mask->sigset, 0xff, 8);
	must(vcpu_ioctl(vcpu, KVM_SET_SIGNAL_MASK, mask));
	alarm_ms(20);
	stop = true;
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_TRUE(wait_until(signals == 1, 2000));

	/* Without a mask it interrupts again. */
	must(vcpu_ioctl(vcpu, KVM_SET_SIGNAL_MASK, NULL));
	vm_destroy(vm);
}

TEST(mask_arguments)
{
	struct vm *vm = vm_create_bare(0);
	struct vcpu *vcpu = vcpu_create(vm, 0);
	struct kvm_signal_mask *mask = alloca(sizeof(*mask) + 64);

	memset(mask, 0, sizeof(*mask) + 64);
	mask->len = 4;
	EXPECT_ERRNO(EINVAL, vcpu_ioctl(vcpu, KVM_SET_SIGNAL_MASK, mask));
	mask->len = 16;
	EXPECT_ERRNO(EINVAL, vcpu_ioctl(vcpu, KVM_SET_SIGNAL_MASK, mask));
	mask->len = 8;
	EXPECT_OK(vcpu_ioctl(vcpu, KVM_SET_SIGNAL_MASK, mask));
	EXPECT_OK(vcpu_ioctl(vcpu, KVM_SET_SIGNAL_MASK, NULL));
	vm_destroy(vm);
}

TEST(kick_from_another_thread)
{
	struct vm *vm = vm_create();
	struct vcpu_thread t;

	vcpu_thread_start(&t, vcpu_add(vm, guest_spins));
	ASSERT_TRUE(wait_until(spins > 0, 5000));
	vcpu_thread_stop(&t);
	EXPECT_FALSE(t.finished);
	EXPECT_EQ(0, t.error);
	vm_destroy(vm);
}

TEST(run_with_an_argument)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_spins);

	EXPECT_ERRNO(EINVAL, vcpu_ioctl(vcpu, KVM_RUN, 1UL));
	vm_destroy(vm);
}

static void *run_it(void *arg)
{
	struct vcpu *vcpu = arg;

	return (void *)(long)vcpu_run_once(vcpu);
}

TEST(requests_of_a_vcpu_that_runs_wait_for_it)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_spins);
	pthread_t runs, asks;
	void *ret;

	stop = false;
	pthread_create(&runs, NULL, run_it, vcpu);
	ASSERT_TRUE(wait_until(spins > 0, 5000));
	/* A second KVM_RUN of the same vCPU gets its turn when the first has ended. */
	pthread_create(&asks, NULL, run_it, vcpu);
	usleep(20000);
	stop = true;
	pthread_join(runs, &ret);
	EXPECT_EQ(0, (long)ret);
	pthread_join(asks, &ret);
	EXPECT_EQ(0, (long)ret);
	EXPECT_EQ(EXIT_GUEST_DONE, vcpu_exit(vcpu));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
