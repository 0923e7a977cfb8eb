// SPDX-License-Identifier: GPL-2.0
/* The width of the guest's physical address space: KVM_CREATE_VM's argument, and that it is the limit that it says. */
#include "kvm_test.h"
#include "arch.h"

static int try_create(unsigned long type)
{
	int kvm = kvm_open();
	int fd = ioctl(kvm, KVM_CREATE_VM, type), err = errno;

	if (fd >= 0)
		close(fd);
	close(kvm);
	errno = err;
	return fd < 0 ? -1 : 0;
}

TEST(widths)
{
	int max = kvm_check(KVM_CAP_ARM_VM_IPA_SIZE);

	ASSERT_GE(max, 32);
	ASSERT_LE(max, 52);
	for (int bits = 1; bits < 256; bits++) {
		if (bits >= 32 && bits <= max)
			EXPECT_OK(try_create(bits));
		else
			EXPECT_ERRNO(EINVAL, try_create(bits));
	}
}

TEST(zero_is_forty)
{
	int want = kvm_check(KVM_CAP_ARM_VM_IPA_SIZE) >= 40 ? 0 : EINVAL;

	EXPECT_ERRNO(want, try_create(0));
}

TEST(other_bits)
{
	EXPECT_ERRNO(EINVAL, try_create(0x100));
	EXPECT_ERRNO(EINVAL, try_create(1UL << 31));
	EXPECT_ERRNO(EINVAL, try_create(1UL << 16 | 40));
}

static void guest_touch(uint64_t address)
{
	guest_mmio_write64(address, 0x1111);
	guest_sync(guest_mmio_read64(address));
}

TEST(top_of_each_width)
{
	static const unsigned int width[] = { 32, 33, 36, 39, 40, 42, 43, 44, 46, 48 };
	unsigned int max = kvm_check(KVM_CAP_ARM_VM_IPA_SIZE);

	for (unsigned int i = 0; i < sizeof(width) / sizeof(width[0]) && width[i] <= max; i++) {
		struct vm *vm = vm_create_sized(width[i], VM_RAM_SIZE);
		uint64_t top = (1ULL << width[i]) - 0x200000, va = 0x100000000ULL;
		struct vcpu *vcpu = vcpu_add1(vm, guest_touch, va + 0x1ff000);
		uint64_t *mem = vm_add_slot(vm, VM_SLOT_FREE, top, 0x200000, 0);

		vm_map(vm, va, top, 0x200000, MAP_DATA);
		EXPECT_EQ(0x1111, vcpu_sync(vcpu));
		EXPECT_EQ(0x1111, mem[0x1ff000 / 8]);
		vm_destroy(vm);
	}
}

static void guest_beyond(uint64_t address)
{
	uint64_t esr = guest_catch(guest_mmio_read64(address));

	/* A translation that goes out of the address space: an abort of the guest's, no exit. */
	GUEST_ASSERT_EQ(EC_DABT_CUR, ESR_EC(esr));
	GUEST_ASSERT_EQ(address, guest_cpu()->caught_far);
}

TEST(beyond_is_an_abort_for_the_guest)
{
	struct vm *vm = vm_create_sized(36, VM_RAM_SIZE);
	uint64_t va = 0x100000000ULL;
	struct vcpu *vcpu = vcpu_add1(vm, guest_beyond, va + 8);

	/* TCR_EL1.IPS says 36 bits, so that the first stage reports it. */
	vm_map(vm, va, 1ULL << 40, 0x1000, MAP_DATA);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

static void guest_beyond_stage2(uint64_t address)
{
	uint64_t esr = guest_catch(guest_mmio_read64(address));

	/* Address size fault, level 0 (DFSC 0b0000LL), or, where stage 2 says it, a translation fault or external abort. */
	GUEST_ASSERT_EQ(EC_DABT_CUR, ESR_EC(esr));
}

TEST(beyond_stage_2_only)
{
	struct vm *vm = vm_create_sized(33, VM_RAM_SIZE);
	uint64_t va = 0x100000000ULL;
	struct vcpu *vcpu = vcpu_add1(vm, guest_beyond_stage2, va + 8);

	/* Fits the first stage's 36 bits, but not the VM's 33. */
	vm_map(vm, va, 1ULL << 34, 0x1000, MAP_DATA);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
