// SPDX-License-Identifier: GPL-2.0
/* Stolen time (DEN 0057): a vCPU's attribute, the guest's calls, and what is counted in guest memory. */
#include <sched.h>

#include "kvm_test.h"

#define PV_TIME_FEATURES	0xc5000020
#define PV_TIME_ST		0xc5000021
#define NOT_SUPPORTED		(-1L)

struct stolen {
	uint32_t revision, attributes;
	uint64_t ns;
	uint8_t padding[48];
};

static void guest_asks(uint64_t ipa)
{
	volatile struct stolen *st = (void *)ipa;
	uint64_t first;

	GUEST_ASSERT_EQ(ipa ? 0 : NOT_SUPPORTED, guest_hvc(PV_TIME_FEATURES, PV_TIME_FEATURES, 0, 0).a0);
	GUEST_ASSERT_EQ(ipa ? 0 : NOT_SUPPORTED, guest_hvc(PV_TIME_FEATURES, PV_TIME_ST, 0, 0).a0);
	GUEST_ASSERT_EQ(NOT_SUPPORTED, guest_hvc(PV_TIME_FEATURES, 0x84000000, 0, 0).a0);
	GUEST_ASSERT_EQ(ipa ? ipa : NOT_SUPPORTED, guest_hvc(PV_TIME_ST, 0, 0, 0).a0);
	if (ipa) {
		GUEST_ASSERT_EQ(0, st->revision);
		GUEST_ASSERT_EQ(0, st->attributes);
		first = st->ns;
		guest_sync(first);
		/* Exits, at which others can have the CPU. */
		while (st->ns < first + 1000000)
			guest_sync(st->ns);
	}
}

static void guest_has_no_memory(void)
{
	GUEST_ASSERT_EQ(NOT_SUPPORTED, guest_hvc(PV_TIME_ST, 0, 0, 0).a0);
}

#define GROUP	KVM_ARM_VCPU_PVTIME_CTRL
#define ATTR	KVM_ARM_VCPU_PVTIME_IPA

TEST(attribute)
{
	uint64_t none = 0, odd, there, ipa, beyond = 0x3000000000;
	struct vcpu *vcpu;
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_STEAL_TIME);
	vm = vm_create();
	vcpu = vcpu_add1(vm, guest_asks, 0);
	there = vm_alloc(vm, 4096);
	odd = there + 32;

	EXPECT_OK(attr_has(vcpu->fd, GROUP, ATTR));
	EXPECT_ERRNO(ENXIO, attr_has(vcpu->fd, GROUP, ATTR + 1));
	EXPECT_ERRNO(ENXIO, attr_set(vcpu->fd, GROUP, ATTR + 1, &there));
	EXPECT_OK(attr_get(vcpu->fd, GROUP, ATTR, &none));
	EXPECT_EQ(~0UL, none);
	EXPECT_ERRNO(EINVAL, attr_set(vcpu->fd, GROUP, ATTR, &odd));
	EXPECT_ERRNO(EINVAL, attr_set(vcpu->fd, GROUP, ATTR, &beyond));
	EXPECT_ERRNO(EFAULT, attr_set(vcpu->fd, GROUP, ATTR, (void *)8));
	EXPECT_ERRNO(EFAULT, attr_get(vcpu->fd, GROUP, ATTR, (void *)8));
	/* Without it the guest has no such calls. */
	vcpu_done(vcpu);

	EXPECT_OK(attr_set(vcpu->fd, GROUP, ATTR, &there));
	EXPECT_OK(attr_get(vcpu->fd, GROUP, ATTR, &ipa));
	EXPECT_EQ(there, ipa);
	EXPECT_ERRNO(EEXIST, attr_set(vcpu->fd, GROUP, ATTR, &there));
	vm_destroy(vm);
}

static volatile bool stop;

static void *burns(void *arg)
{
	while (!stop)
		;
	return NULL;
}

TEST(waiting_is_counted)
{
	struct vcpu *vcpu;
	cpu_set_t cpus;
	uint64_t ipa, first;
	struct vm *vm;
	pthread_t t;

	REQUIRE_CAP(KVM_CAP_STEAL_TIME);
	vm = vm_create();
	vcpu = vcpu_add1(vm, guest_asks, 0);
	ipa = vm_alloc(vm, 4096);
	vcpu->cpu->boot.arg[0] = ipa;
	must(attr_set(vcpu->fd, GROUP, ATTR, &ipa));
	/* Both want the one CPU. */
	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	must(sched_setaffinity(0, sizeof(cpus), &cpus));
	ASSERT_EQ(0, pthread_create(&t, NULL, burns, NULL));
	first = vcpu_sync(vcpu);
	while (vcpu_run(vcpu) == EXIT_GUEST_SYNC)
		;
	stop = true;
	pthread_join(t, NULL);
	EXPECT_LT(first, ((struct stolen *)vm_gpa_to_hva(vm, ipa))->ns);
	vm_destroy(vm);
}

/* What another host has counted stays, and what is not in a slot any more is not written. */
TEST(memory_goes_and_comes)
{
	const uint64_t gpa = 0x60000000;
	struct stolen *st;
	struct vcpu *vcpu;
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_STEAL_TIME);
	vm = vm_create();
	vcpu = vcpu_add1(vm, guest_asks, gpa);
	vm_map(vm, gpa, gpa, 0x10000, MAP_DATA);
	st = vm_add_slot(vm, VM_SLOT_FREE, gpa, 0x10000, 0);
	must(attr_set(vcpu->fd, GROUP, ATTR, &gpa));
	vcpu_sync(vcpu);
	st->ns = 1ULL << 40;
	vcpu_done(vcpu);
	EXPECT_LE(1ULL << 40, st->ns);
	EXPECT_EQ(0, st->revision | st->attributes);
	vm_delete_slot(vm, VM_SLOT_FREE);
	vcpu_restart(vcpu, (guest_fn)guest_has_no_memory, 0);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
