// SPDX-License-Identifier: GPL-2.0
/* Firmware registers: PSCI version, workarounds, the bitmaps of services. */
#include "kvm_test.h"
#include "arch.h"

#define PSCI_0_1	0x00001
#define PSCI_0_2	0x00002
#define PSCI_1_0	0x10000
#define PSCI_1_1	0x10001

#define SMCCC_PSCI_VERSION	0x84000000u

static void guest_psci_version(void)
{
	guest_sync(guest_hvc(SMCCC_PSCI_VERSION, 0, 0, 0).a0);
	guest_sync(guest_hvc(SMCCC_PSCI_VERSION, 0, 0, 0).a0);
}

FIXTURE(fw) {
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_SETUP(fw)
{
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, guest_psci_version);
}

FIXTURE_TEARDOWN(fw)
{
	vm_destroy(self->vm);
}

TEST_F(fw, psci_version)
{
	static const uint64_t good[] = { PSCI_0_2, PSCI_1_0, PSCI_1_1 };
	static const uint64_t bad[] = { PSCI_0_1, 0, 3, 0x10000000, 1ULL << 32 | PSCI_1_0 };
	uint64_t newest = vcpu_reg(self->vcpu, KVM_REG_ARM_PSCI_VERSION);

	EXPECT_GE(newest, PSCI_1_1);
	for (unsigned int i = 0; i < 3; i++) {
		EXPECT_OK(vcpu_set_reg(self->vcpu, KVM_REG_ARM_PSCI_VERSION, &good[i]));
		EXPECT_EQ(good[i], vcpu_reg(self->vcpu, KVM_REG_ARM_PSCI_VERSION));
	}
	for (unsigned int i = 0; i < 5; i++)
		EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, KVM_REG_ARM_PSCI_VERSION, &bad[i]));
	EXPECT_EQ(PSCI_1_1, vcpu_sync(self->vcpu));
}

TEST_F(fw, the_guest_sees_the_chosen_version)
{
	vcpu_write_reg(self->vcpu, KVM_REG_ARM_PSCI_VERSION, PSCI_1_0);
	EXPECT_EQ(PSCI_1_0, vcpu_sync(self->vcpu));
	vcpu_write_reg(self->vcpu, KVM_REG_ARM_PSCI_VERSION, PSCI_0_2);
	EXPECT_EQ(PSCI_0_2, vcpu_sync(self->vcpu));
}

TEST_F(fw, version_without_the_feature)
{
	struct vm *vm = vm_create_bare(0);
	struct vcpu *vcpu = vcpu_create(vm, 0);
	uint64_t v;

	vcpu_init_features(vcpu, 0);
	EXPECT_EQ(PSCI_0_1, vcpu_reg(vcpu, KVM_REG_ARM_PSCI_VERSION));
	v = PSCI_1_0;
	EXPECT_ERRNO(EINVAL, vcpu_set_reg(vcpu, KVM_REG_ARM_PSCI_VERSION, &v));
	v = PSCI_0_1;
	EXPECT_OK(vcpu_set_reg(vcpu, KVM_REG_ARM_PSCI_VERSION, &v));
	vm_destroy(vm);
}

TEST_F(fw, workarounds_1_and_3)
{
	static const uint64_t id[] = { KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3 };

	for (int i = 0; i < 2; i++) {
		uint64_t now = vcpu_reg(self->vcpu, id[i]), v;

		EXPECT_LE(now, 2);
		EXPECT_OK(vcpu_set_reg(self->vcpu, id[i], &now));
		/* More than the host has cannot be promised, less can. */
		for (v = 0; v <= now; v++)
			EXPECT_OK(vcpu_set_reg(self->vcpu, id[i], &v));
		for (v = now + 1; v < 3; v++)
			EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, id[i], &v));
		v = 0x1000;
		EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, id[i], &v));
	}
}

TEST_F(fw, workaround_2)
{
	uint64_t now = vcpu_reg(self->vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2), v;

	EXPECT_TRUE(now == KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_AVAIL ||
		    now == KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_REQUIRED);
	EXPECT_OK(vcpu_set_reg(self->vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2, &now));
	v = KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_AVAIL;
	EXPECT_OK(vcpu_set_reg(self->vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2, &v));
	v = 1 << 8;
	EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2, &v));
}

TEST_F(fw, unknown)
{
	uint64_t v = 0;

	EXPECT_ERRNO(ENOENT, vcpu_get_reg(self->vcpu, KVM_REG_ARM_FW_REG(100), &v));
	EXPECT_ERRNO(ENOENT, vcpu_set_reg(self->vcpu, KVM_REG_ARM_FW_REG(100), &v));
	EXPECT_ERRNO(ENOENT, vcpu_get_reg(self->vcpu, KVM_REG_ARM_FW_FEAT_BMAP_REG(100), &v));
	EXPECT_ERRNO(ENOENT, vcpu_set_reg(self->vcpu, KVM_REG_ARM_FW_FEAT_BMAP_REG(100), &v));
}

TEST_F(fw, bitmaps)
{
	for (int i = 0; i < 3; i++) {
		uint64_t id = KVM_REG_ARM_FW_FEAT_BMAP_REG(i), all, v = 0;

		if (vcpu_get_reg(self->vcpu, id, &all)) {
			EXPECT_EQ(ENOENT, errno);
			continue;
		}
		EXPECT_OK(vcpu_set_reg(self->vcpu, id, &v));
		EXPECT_EQ(0, vcpu_reg(self->vcpu, id));
		EXPECT_OK(vcpu_set_reg(self->vcpu, id, &all));
		v = all | 1ULL << 63;
		EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, id, &v));
		EXPECT_EQ(all, vcpu_reg(self->vcpu, id));
	}
}

TEST_F(fw, bitmaps_are_fixed_once_it_ran)
{
	uint64_t all, v = 0;

	if (vcpu_get_reg(self->vcpu, KVM_REG_ARM_STD_BMAP, &all))
		SKIP(return, "no bitmaps");
	vcpu_sync(self->vcpu);
	EXPECT_OK(vcpu_set_reg(self->vcpu, KVM_REG_ARM_STD_BMAP, &all));
	v = all ^ 1;
	EXPECT_ERRNO(EBUSY, vcpu_set_reg(self->vcpu, KVM_REG_ARM_STD_BMAP, &v));
	EXPECT_EQ(all, vcpu_reg(self->vcpu, KVM_REG_ARM_STD_BMAP));
}

TEST_HARNESS_MAIN
