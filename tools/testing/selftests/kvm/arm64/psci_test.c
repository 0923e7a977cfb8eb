// SPDX-License-Identifier: GPL-2.0
/* PSCI (DEN0022): every function, its errors, and the exits that reach the monitor. */
#include "kvm_test.h"
#include "arch.h"

#define GET_VERSION		0x84000000u
#define CPU_SUSPEND		0x84000001u
#define CPU_OFF			0x84000002u
#define CPU_ON			0x84000003u
#define AFFINITY_INFO		0x84000004u
#define MIGRATE			0x84000005u
#define MIGRATE_INFO_TYPE	0x84000006u
#define MIGRATE_INFO_UP_CPU	0x84000007u
#define SYSTEM_OFF		0x84000008u
#define SYSTEM_RESET		0x84000009u
#define PSCI_FEATURES		0x8400000au
#define SYSTEM_SUSPEND		0x8400000eu
#define SYSTEM_RESET2		0x84000012u
#define FN64(fn)		((fn) | 1u << 30)
#define SMCCC_VERSION		0x80000000u

#define SUCCESS			0
#define NOT_SUPPORTED		-1
#define INVALID_PARAMETERS	-2
#define DENIED			-3L
#define ALREADY_ON		-4
#define INTERNAL_FAILURE	-6
#define INVALID_ADDRESS		-9

static int64_t psci(uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
	return guest_hvc(fn, a1, a2, a3).a0;
}

static void guest_versions(void)
{
	GUEST_ASSERT_EQ(0x10001, psci(GET_VERSION, 0, 0, 0));
	/* No Trusted OS that would have to be migrated. */
	GUEST_ASSERT_EQ(2, psci(MIGRATE_INFO_TYPE, 0, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(MIGRATE, 0, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(FN64(MIGRATE), 0, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(MIGRATE_INFO_UP_CPU, 0, 0, 0));
	/* Numbers in the range that mean nothing. */
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(0x8400001f, 0, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(0xc400001f, 0, 0, 0));
	/* Functions that have no 64-bit form */
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(FN64(GET_VERSION), 0, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(FN64(CPU_OFF), 0, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(FN64(SYSTEM_OFF), 0, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(FN64(SYSTEM_RESET), 0, 0, 0));
}

TEST(versions_and_absent_functions)
{
	struct vm *vm = vm_create();

	vcpu_done(vcpu_add(vm, guest_versions));
	vm_destroy(vm);
}

static void guest_features(uint64_t suspend)
{
	static const uint32_t there[] = {
		GET_VERSION, CPU_SUSPEND, FN64(CPU_SUSPEND), CPU_OFF, CPU_ON, FN64(CPU_ON), AFFINITY_INFO,
		FN64(AFFINITY_INFO), MIGRATE_INFO_TYPE, SYSTEM_OFF, SYSTEM_RESET, PSCI_FEATURES, SMCCC_VERSION,
		SYSTEM_RESET2, FN64(SYSTEM_RESET2),
	};

	for (unsigned int i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		GUEST_ASSERT_EQ(0, psci(PSCI_FEATURES, there[i], 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(PSCI_FEATURES, MIGRATE, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(PSCI_FEATURES, 0x8400001f, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(PSCI_FEATURES, 0x12345678, 0, 0));
	GUEST_ASSERT_EQ(suspend ? 0 : NOT_SUPPORTED, psci(PSCI_FEATURES, SYSTEM_SUSPEND, 0, 0));
	GUEST_ASSERT_EQ(suspend ? 0 : NOT_SUPPORTED, psci(PSCI_FEATURES, FN64(SYSTEM_SUSPEND), 0, 0));
	if (!suspend) {
		GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(SYSTEM_SUSPEND, 0, 0, 0));
		GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(FN64(SYSTEM_SUSPEND), 0, 0, 0));
	}
}

TEST(features)
{
	struct vm *vm = vm_create();

	vcpu_done(vcpu_add1(vm, guest_features, 0));
	vm_destroy(vm);
}

TEST(features_with_system_suspend)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_SYSTEM_SUSPEND };
	struct vm *vm = vm_create();

	REQUIRE_CAP(KVM_CAP_ARM_SYSTEM_SUSPEND);
	must(vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
	vcpu_done(vcpu_add1(vm, guest_features, 1));
	vm_destroy(vm);
}

/* ------------------------------------------------------------------------------------------- CPU_ON */

static __shared volatile uint64_t second_ran, second_context, second_mpidr, second_el;

static void guest_second(void)
{
	second_mpidr = read_sysreg(mpidr_el1) & 0xff00ffffff;
	second_el = read_sysreg(CurrentEL) >> 2;
	second_ran++;
	while (second_ran == 1)
		cpu_relax();
	psci(CPU_OFF, 0, 0, 0);
	guest_fail("CPU_OFF returned", __FILE__, __LINE__, 0, 0);
}

static __shared struct guest_cpu *second_cpu;

static void guest_turns_on(uint64_t target)
{
	GUEST_ASSERT_EQ(1, psci(FN64(AFFINITY_INFO), target, 0, 0));		/* off */
	GUEST_ASSERT_EQ(SUCCESS, guest_cpu_on(target, second_cpu));
	GUEST_WAIT_FOR(second_ran == 1);
	GUEST_ASSERT_EQ(target, second_mpidr);
	GUEST_ASSERT_EQ(1, second_el);
	GUEST_ASSERT_EQ(0, psci(FN64(AFFINITY_INFO), target, 0, 0));		/* on */
	GUEST_ASSERT_EQ(ALREADY_ON, guest_cpu_on(target, second_cpu));
	GUEST_ASSERT_EQ(ALREADY_ON, guest_cpu_on(read_sysreg(mpidr_el1) & 0xffffff, second_cpu));
	second_ran = 2;
	GUEST_WAIT_FOR(psci(FN64(AFFINITY_INFO), target, 0, 0) == 1);
	/* Again, and by the 32-bit function. */
	second_ran = 0;
	GUEST_ASSERT_EQ(SUCCESS, psci(CPU_ON, target, guest_entry_pa(), (uintptr_t)second_cpu));
	GUEST_WAIT_FOR(second_ran == 1);
	second_ran = 2;
	GUEST_WAIT_FOR(psci(AFFINITY_INFO, target, 0, 0) == 1);
}

TEST(cpu_on_and_off)
{
	struct vm *vm = vm_create();
	struct vcpu *first = vcpu_add(vm, guest_turns_on);
	struct vcpu *second = vcpu_add_off(vm, (guest_fn)guest_second, 0);
	struct vcpu_thread t[2];

	first->cpu->boot.arg[0] = vcpu_mpidr(second);
	second_cpu = (void *)second->cpu_gpa;
	second_ran = 0;
	vcpu_thread_start(&t[1], second);
	vcpu_thread_start(&t[0], first);
	vcpu_thread_join(&t[0]);
	vcpu_thread_stop(&t[1]);
	vm_destroy(vm);
}

static void guest_on_errors(uint64_t target)
{
	GUEST_ASSERT_EQ(INVALID_PARAMETERS, guest_cpu_on(0xff, second_cpu));
	GUEST_ASSERT_EQ(INVALID_PARAMETERS, guest_cpu_on(0xff00000000, second_cpu));
	/* Bits outside of the affinity fields */
	GUEST_ASSERT_EQ(INVALID_PARAMETERS, guest_cpu_on(target | 1UL << 31, second_cpu));
	GUEST_ASSERT_EQ(INVALID_PARAMETERS, guest_cpu_on(target | 1UL << 40, second_cpu));
	GUEST_ASSERT_EQ(INVALID_PARAMETERS, psci(FN64(AFFINITY_INFO), 0xff, 0, 0));
	GUEST_ASSERT_EQ(INVALID_PARAMETERS, psci(FN64(AFFINITY_INFO), target, 4, 0));
	/* A level above takes all CPUs below: one that is on makes it on. */
	GUEST_ASSERT_EQ(0, psci(FN64(AFFINITY_INFO), target, 1, 0));
	GUEST_ASSERT_EQ(0, psci(FN64(AFFINITY_INFO), target, 3, 0));
	GUEST_ASSERT_EQ(1, psci(FN64(AFFINITY_INFO), target, 0, 0));
}

TEST(cpu_on_errors)
{
	struct vm *vm = vm_create();
	struct vcpu *first = vcpu_add(vm, guest_on_errors);
	struct vcpu *second = vcpu_add_off(vm, (guest_fn)guest_second, 0);

	first->cpu->boot.arg[0] = vcpu_mpidr(second);
	second_cpu = (void *)second->cpu_gpa;
	vcpu_done(first);
	vm_destroy(vm);
}

static void guest_only_calls_on(uint64_t target)
{
	GUEST_ASSERT_EQ(SUCCESS, psci(FN64(CPU_ON), target, 0x40012340, 0xabcdef0123456789));
}

TEST(state_after_cpu_on)
{
	struct vm *vm = vm_create();
	struct vcpu *first = vcpu_add(vm, guest_only_calls_on);
	struct vcpu *second = vcpu_add_off(vm, (guest_fn)guest_second, 0);
	struct kvm_mp_state s;

	first->cpu->boot.arg[0] = vcpu_mpidr(second);
	vcpu_write_reg(second, REG_SCTLR_EL1, 0x30d00801);
	vcpu_write_reg(second, REG_X(5), 55);
	vcpu_done(first);
	/* The reset is done by the second vCPU's own thread, but what is asked now has to see it. */
	must(vcpu_ioctl(second, KVM_GET_MP_STATE, &s));
	EXPECT_EQ(KVM_MP_STATE_RUNNABLE, s.mp_state);
	second->run->immediate_exit = 1;
	vcpu_run_once(second);
	EXPECT_EQ(0x40012340, vcpu_reg(second, REG_PC));
	EXPECT_EQ(0xabcdef0123456789, vcpu_reg(second, REG_X(0)));
	EXPECT_EQ(0, vcpu_reg(second, REG_X(5)));
	EXPECT_EQ(0x3c5, vcpu_reg(second, REG_PSTATE));
	EXPECT_EQ(0, vcpu_reg(second, REG_SCTLR_EL1) & 1);
	vm_destroy(vm);
}

TEST(state_after_cpu_on_without_running)
{
	/* A monitor that saves the VM between CPU_ON and the first run of the CPU must get the new state, too. */
	struct vm *vm = vm_create();
	struct vcpu *first = vcpu_add(vm, guest_only_calls_on);
	struct vcpu *second = vcpu_add_off(vm, (guest_fn)guest_second, 0);

	first->cpu->boot.arg[0] = vcpu_mpidr(second);
	vcpu_done(first);
	EXPECT_EQ(0x40012340, vcpu_reg(second, REG_PC));
	EXPECT_EQ(0xabcdef0123456789, vcpu_reg(second, REG_X(0)));
	vm_destroy(vm);
}

static __shared volatile uint64_t start, winners;

static void guest_races(uint64_t target)
{
	int64_t ret;

	__atomic_fetch_add(&start, 1, __ATOMIC_SEQ_CST);
	GUEST_WAIT_FOR(start == 2);
	ret = guest_cpu_on(target, second_cpu);
	if (ret == SUCCESS)
		__atomic_fetch_add(&winners, 1, __ATOMIC_SEQ_CST);
	else
		GUEST_ASSERT_EQ(ALREADY_ON, ret);
}

TEST(two_cpus_turn_on_a_third)
{
	for (int i = 0; i < 10; i++) {
		struct vm *vm = vm_create();
		struct vcpu *a = vcpu_add(vm, guest_races), *b = vcpu_add(vm, guest_races);
		struct vcpu *c = vcpu_add_off(vm, (guest_fn)guest_second, 0);
		struct vcpu_thread t[3];

		a->cpu->boot.arg[0] = b->cpu->boot.arg[0] = vcpu_mpidr(c);
		second_cpu = (void *)c->cpu_gpa;
		start = winners = second_ran = 0;
		vcpu_thread_start(&t[0], a);
		vcpu_thread_start(&t[1], b);
		vcpu_thread_start(&t[2], c);
		vcpu_thread_join(&t[0]);
		vcpu_thread_join(&t[1]);
		EXPECT_EQ(1, winners);
		EXPECT_TRUE(wait_until(second_ran == 1, 5000));
		vcpu_thread_stop(&t[2]);
		EXPECT_EQ(1, second_ran);
		vm_destroy(vm);
	}
}

/* -------------------------------------------------------------------------------------- The system */

static void guest_calls(uint64_t fn, uint64_t a1, uint64_t a2)
{
	uint64_t ret = psci(fn, a1, a2, 0);

	guest_sync(ret);
}

static struct vcpu *calls(struct vm *vm, uint64_t fn, uint64_t a1, uint64_t a2)
{
	return vcpu_add_args(vm, (guest_fn)guest_calls, fn, a1, a2, 0);
}

TEST(system_off)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = calls(vm, SYSTEM_OFF, 0, 0);
	struct kvm_mp_state s;

	vcpu_expect_exit(vcpu, KVM_EXIT_SYSTEM_EVENT);
	EXPECT_EQ(KVM_SYSTEM_EVENT_SHUTDOWN, vcpu->run->system_event.type);
	/* All vCPUs are stopped. A monitor that has them go on: the call does not return success. */
	must(vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &s));
	EXPECT_EQ(KVM_MP_STATE_STOPPED, s.mp_state);
	s.mp_state = KVM_MP_STATE_RUNNABLE;
	must(vcpu_ioctl(vcpu, KVM_SET_MP_STATE, &s));
	EXPECT_EQ(INTERNAL_FAILURE, (int64_t)vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST(system_reset)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = calls(vm, SYSTEM_RESET, 0, 0);

	vcpu_expect_exit(vcpu, KVM_EXIT_SYSTEM_EVENT);
	EXPECT_EQ(KVM_SYSTEM_EVENT_RESET, vcpu->run->system_event.type);
	if (kvm_check(KVM_CAP_SYSTEM_EVENT_DATA) > 0) {
		EXPECT_GE(vcpu->run->system_event.ndata, 1);
		EXPECT_EQ(0, vcpu->run->system_event.data[0]);
	}
	vm_destroy(vm);
}

TEST(system_reset2)
{
	static const uint32_t fn[] = { SYSTEM_RESET2, FN64(SYSTEM_RESET2) };
	struct vm *vm;
	struct vcpu *vcpu;

	for (int i = 0; i < 2; i++) {
		vm = vm_create();
		vcpu = calls(vm, fn[i], 0, 0);		/* SYSTEM_WARM_RESET */
		vcpu_expect_exit(vcpu, KVM_EXIT_SYSTEM_EVENT);
		EXPECT_EQ(KVM_SYSTEM_EVENT_RESET, vcpu->run->system_event.type);
		if (kvm_check(KVM_CAP_SYSTEM_EVENT_DATA) > 0) {
			EXPECT_GE(vcpu->run->system_event.ndata, 1);
			EXPECT_EQ(KVM_SYSTEM_EVENT_RESET_FLAG_PSCI_RESET2, vcpu->run->system_event.data[0]);
		}
		vm_destroy(vm);

		/* A vendor's type is the monitor's; another architectural one is not supported. */
		vm = vm_create();
		vcpu = calls(vm, fn[i], 1, 0);
		EXPECT_EQ(INVALID_PARAMETERS, (int64_t)vcpu_sync(vcpu));
		vm_destroy(vm);
		vm = vm_create();
		vcpu = calls(vm, fn[i], 0x80000000, 0);
		vcpu_expect_exit(vcpu, KVM_EXIT_SYSTEM_EVENT);
		vm_destroy(vm);
	}
}

static __shared volatile uint64_t spins;

static void guest_spins(void)
{
	for (;;)
		spins++;
}

TEST(system_off_stops_the_others)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = calls(vm, SYSTEM_OFF, 0, 0);
	struct vcpu *other = vcpu_add(vm, guest_spins);
	struct kvm_mp_state s;
	struct vcpu_thread t;
	uint64_t before;

	vcpu_thread_start(&t, other);
	ASSERT_TRUE(wait_until(spins > 0, 5000));
	vcpu_expect_exit(vcpu, KVM_EXIT_SYSTEM_EVENT);
	usleep(20000);
	before = spins;
	usleep(20000);
	EXPECT_EQ(before, spins);
	vcpu_thread_stop(&t);
	must(vcpu_ioctl(other, KVM_GET_MP_STATE, &s));
	EXPECT_EQ(KVM_MP_STATE_STOPPED, s.mp_state);
	vm_destroy(vm);
}

TEST(system_suspend)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_SYSTEM_SUSPEND };
	struct vm *vm = vm_create();
	struct vcpu *vcpu;

	REQUIRE_CAP(KVM_CAP_ARM_SYSTEM_SUSPEND);
	must(vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
	vcpu = calls(vm, FN64(SYSTEM_SUSPEND), 0x40001000, 7);
	vcpu_expect_exit(vcpu, KVM_EXIT_SYSTEM_EVENT);
	EXPECT_EQ(KVM_SYSTEM_EVENT_SUSPEND, vcpu->run->system_event.type);
	/* Whether other CPUs are off is for the monitor to see to. Its answer is what the guest gets. */
	vcpu_write_reg(vcpu, REG_X(0), DENIED);
	EXPECT_EQ(DENIED, (int64_t)vcpu_sync(vcpu));
	vm_destroy(vm);
}

static void guest_suspends_cpu(void)
{
	/* A retention state with an interrupt pending or none: here the timer's status makes it return, as WFI does. */
	write_sysreg(cntv_cval_el0, guest_now() + guest_ms(5));
	write_sysreg(cntv_ctl_el0, 1);
	GUEST_ASSERT_EQ(SUCCESS, psci(CPU_SUSPEND, 0, 0, 0));
}

TEST(cpu_suspend_is_a_wait)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_suspends_cpu);
	struct vcpu_thread t;

	/* Without an interrupt controller only a signal, or a return at any time, ends it: both are allowed. */
	vcpu_thread_start(&t, vcpu);
	usleep(100000);
	if (t.finished)
		vcpu_thread_join(&t);
	else
		vcpu_thread_stop(&t);
	EXPECT_EQ(0, t.error);
	vm_destroy(vm);
}

static void guest_1_0(void)
{
	GUEST_ASSERT_EQ(0x10000, psci(GET_VERSION, 0, 0, 0));
	GUEST_ASSERT_EQ(0, psci(PSCI_FEATURES, SYSTEM_OFF, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(PSCI_FEATURES, SYSTEM_RESET2, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(SYSTEM_RESET2, 0, 0, 0));
}

static void guest_0_2(void)
{
	GUEST_ASSERT_EQ(0x2, psci(GET_VERSION, 0, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(PSCI_FEATURES, SYSTEM_OFF, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, psci(SYSTEM_RESET2, 0, 0, 0));
}

TEST(older_versions)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_1_0);

	vcpu_write_reg(vcpu, KVM_REG_ARM_PSCI_VERSION, 0x10000);
	vcpu_done(vcpu);
	vm_destroy(vm);

	vm = vm_create();
	vcpu = vcpu_add(vm, guest_0_2);
	vcpu_write_reg(vcpu, KVM_REG_ARM_PSCI_VERSION, 0x2);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
