// SPDX-License-Identifier: GPL-2.0
/* KVM_ARM_PREFERRED_TARGET, KVM_ARM_VCPU_INIT, and what a vCPU answers before it was initialised. */
#include "kvm_test.h"
#include "arch.h"

FIXTURE(init) {
	struct vm *vm;
	struct vcpu *vcpu;
	struct kvm_vcpu_init init;
};

FIXTURE_SETUP(init)
{
	self->vm = vm_create_bare(0);
	self->vcpu = vcpu_create(self->vm, 0);
	vcpu_preferred_init(self->vm, &self->init);
}

FIXTURE_TEARDOWN(init)
{
	vm_destroy(self->vm);
}

TEST_F(init, preferred_target)
{
	struct kvm_vcpu_init init;

	memset(&init, 0xff, sizeof(init));
	EXPECT_OK(vm_ioctl(self->vm, KVM_ARM_PREFERRED_TARGET, &init));
	EXPECT_EQ(KVM_ARM_TARGET_GENERIC_V8, init.target);
	for (int i = 0; i < 7; i++)
		EXPECT_EQ(0, init.features[i]);
	EXPECT_ERRNO(EFAULT, vm_ioctl(self->vm, KVM_ARM_PREFERRED_TARGET, (void *)8));
	EXPECT_OK(vcpu_ioctl(self->vcpu, KVM_ARM_VCPU_INIT, &init));
}

TEST_F(init, refused_before)
{
	struct kvm_reg_list list = { .n = 0 };
	struct kvm_vcpu_events events = { 0 };
	uint64_t value = 0;

	EXPECT_EQ(-ENOEXEC, vcpu_run_once(self->vcpu));
	EXPECT_ERRNO(ENOEXEC, vcpu_get_reg(self->vcpu, REG_PC, &value));
	EXPECT_ERRNO(ENOEXEC, vcpu_set_reg(self->vcpu, REG_PC, &value));
	EXPECT_ERRNO(ENOEXEC, vcpu_ioctl(self->vcpu, KVM_GET_REG_LIST, &list));
	EXPECT_ERRNO(ENOEXEC, vcpu_ioctl(self->vcpu, KVM_GET_VCPU_EVENTS, &events));
	EXPECT_ERRNO(ENOEXEC, vcpu_ioctl(self->vcpu, KVM_SET_VCPU_EVENTS, &events));
	EXPECT_OK(vcpu_ioctl(self->vcpu, KVM_ARM_VCPU_INIT, &self->init));
	EXPECT_OK(vcpu_get_reg(self->vcpu, REG_PC, &value));
}

TEST_F(init, events_before_init)
{
	/* Every bit pattern, on a vCPU whose registers do not exist yet. */
	for (int i = 0; i < 8; i++) {
		struct kvm_vcpu_events e = {
			.exception = {
				.serror_pending = i & 1, .serror_has_esr = i >> 1 & 1, .ext_dabt_pending = i >> 2 & 1,
			},
		};

		EXPECT_ERRNO(ENOEXEC, vcpu_ioctl(self->vcpu, KVM_SET_VCPU_EVENTS, &e));
	}
	EXPECT_OK(vcpu_ioctl(self->vcpu, KVM_ARM_VCPU_INIT, &self->init));
}

TEST_F(init, targets)
{
	struct kvm_vcpu_init init = self->init;

	init.target = ~0u;
	EXPECT_ERRNO(EINVAL, vcpu_ioctl(self->vcpu, KVM_ARM_VCPU_INIT, &init));
	init.target = KVM_ARM_NUM_TARGETS;
	EXPECT_ERRNO(EINVAL, vcpu_ioctl(self->vcpu, KVM_ARM_VCPU_INIT, &init));
	EXPECT_ERRNO(EFAULT, vcpu_ioctl(self->vcpu, KVM_ARM_VCPU_INIT, (void *)8));
	EXPECT_EQ(-ENOEXEC, vcpu_run_once(self->vcpu));
	EXPECT_OK(vcpu_ioctl(self->vcpu, KVM_ARM_VCPU_INIT, &self->init));
}

TEST_F(init, unknown_features)
{
	struct kvm_vcpu_init init = self->init;

	for (int bit = KVM_ARM_VCPU_HAS_EL2 + 1; bit < 7 * 32; bit += 5) {
		init = self->init;
		init.features[bit / 32] = 1u << bit % 32;
		EXPECT_ERRNO(ENOENT, vcpu_ioctl(self->vcpu, KVM_ARM_VCPU_INIT, &init));
	}
}

TEST_F(init, features_need_their_capability)
{
	static const struct {
		uint32_t feature;
		unsigned int cap;
	} f[] = {
		{ FEATURE(EL1_32BIT), KVM_CAP_ARM_EL1_32BIT },
		{ FEATURE(PMU_V3), KVM_CAP_ARM_PMU_V3 },
		{ FEATURE(SVE), KVM_CAP_ARM_SVE },
		{ FEATURE(PTRAUTH_ADDRESS) | FEATURE(PTRAUTH_GENERIC), KVM_CAP_ARM_PTRAUTH_ADDRESS },
	};

	for (unsigned int i = 0; i < sizeof(f) / sizeof(f[0]); i++) {
		struct vm *vm = vm_create_bare(0);
		struct vcpu *vcpu = vcpu_create(vm, 0);
		int want = kvm_check(f[i].cap) > 0 ? 0 : EINVAL;

		EXPECT_ERRNO(want, vcpu_try_init(vcpu, f[i].feature | FEATURE(PSCI_0_2)));
		vm_destroy(vm);
	}
}

TEST_F(init, features_cannot_change)
{
	EXPECT_OK(vcpu_try_init(self->vcpu, FEATURE(PSCI_0_2)));
	EXPECT_OK(vcpu_try_init(self->vcpu, FEATURE(PSCI_0_2)));
	EXPECT_ERRNO(EINVAL, vcpu_try_init(self->vcpu, 0));
	/* Whether it starts off is not a feature of the vCPU. */
	EXPECT_OK(vcpu_try_init(self->vcpu, FEATURE(PSCI_0_2) | FEATURE(POWER_OFF)));
	EXPECT_OK(vcpu_try_init(self->vcpu, FEATURE(PSCI_0_2)));
}

TEST_F(init, all_vcpus_have_the_same)
{
	struct vcpu *second = vcpu_create(self->vm, 1);

	EXPECT_OK(vcpu_try_init(self->vcpu, FEATURE(PSCI_0_2)));
	EXPECT_ERRNO(EINVAL, vcpu_try_init(second, 0));
	EXPECT_OK(vcpu_try_init(second, FEATURE(PSCI_0_2) | FEATURE(POWER_OFF)));
}

TEST_F(init, reset_state)
{
	must(vcpu_try_init(self->vcpu, FEATURE(PSCI_0_2)));
	/* EL1h, DAIF masked, all else zero: what a CPU has after reset as far as it is defined. */
	EXPECT_EQ(0x3c5, vcpu_reg(self->vcpu, REG_PSTATE));
	EXPECT_EQ(0, vcpu_reg(self->vcpu, REG_PC));
	for (int i = 0; i < 31; i++)
		EXPECT_EQ(0, vcpu_reg(self->vcpu, REG_X(i)));
	EXPECT_EQ(0, vcpu_reg(self->vcpu, REG_SCTLR_EL1) & 0x1005);	/* no MMU, no caches */
}

TEST_F(init, reset_again)
{
	must(vcpu_try_init(self->vcpu, FEATURE(PSCI_0_2)));
	vcpu_write_reg(self->vcpu, REG_PC, 0x1234);
	vcpu_write_reg(self->vcpu, REG_X(3), 5);
	vcpu_write_reg(self->vcpu, REG_SCTLR_EL1, 0x30d00801);
	must(vcpu_try_init(self->vcpu, FEATURE(PSCI_0_2)));
	EXPECT_EQ(0, vcpu_reg(self->vcpu, REG_PC));
	EXPECT_EQ(0, vcpu_reg(self->vcpu, REG_X(3)));
	EXPECT_EQ(0, vcpu_reg(self->vcpu, REG_SCTLR_EL1) & 1);
}

TEST_F(init, mpidr_follows_the_id)
{
	struct vm *vm = vm_create_bare(0);
	static const unsigned int id[] = { 0, 1, 15, 16, 17, 255, 256, 300 };
	uint64_t seen[8];

	for (int i = 0; i < 8; i++) {
		struct vcpu *vcpu = vcpu_create(vm, id[i]);

		must(vcpu_try_init(vcpu, FEATURE(PSCI_0_2)));
		seen[i] = vcpu_mpidr(vcpu);
		/* Sixteen to a cluster, so that ICC_SGI1R_EL1's target list reaches each. */
		EXPECT_LT(seen[i] & 0xff, 16);
		EXPECT_EQ((id[i] & 15) | (uint64_t)(id[i] >> 4 & 0xff) << 8 | (uint64_t)(id[i] >> 12) << 16, seen[i]);
		EXPECT_TRUE(vcpu_reg(vcpu, REG_MPIDR_EL1) & 1ULL << 31);
		for (int j = 0; j < i; j++)
			EXPECT_NE(seen[j], seen[i]);
	}
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
