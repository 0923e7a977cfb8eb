// SPDX-License-Identifier: GPL-2.0
/* SMCCC (DEN0028): the architecture calls, unknown calls, SMC, registers that a call keeps. */
#include "kvm_test.h"
#include "arch.h"

#define SMCCC_VERSION		0x80000000u
#define ARCH_FEATURES		0x80000001u
#define ARCH_SOC_ID		0x80000002u
#define WORKAROUND_1		0x80008000u
#define WORKAROUND_2		0x80007fffu
#define WORKAROUND_3		0x80003fffu
#define TRNG_VERSION		0x84000050u
#define TRNG_FEATURES		0x84000051u
#define TRNG_UUID		0x84000052u
#define TRNG_RND64		0xc4000053u
#define PV_TIME_FEATURES	0xc5000020u
#define VENDOR_UID		0x8600ff01u
#define VENDOR_FEATURES		0x86000000u
#define NOT_SUPPORTED		-1

static void guest_version(void)
{
	int64_t v = guest_hvc(SMCCC_VERSION, 0, 0, 0).a0;

	GUEST_ASSERT(v >= 0x10001);
	GUEST_ASSERT_EQ(NOT_SUPPORTED, guest_hvc(ARCH_FEATURES, 0x80001234, 0, 0).a0);
	GUEST_ASSERT_EQ(NOT_SUPPORTED, guest_hvc(ARCH_FEATURES, ARCH_SOC_ID, 0, 0).a0);
}

TEST(version)
{
	struct vm *vm = vm_create();

	vcpu_done(vcpu_add(vm, guest_version));
	vm_destroy(vm);
}

static void guest_unknown(void)
{
	/* One of each owner, and without the fast-call bit. */
	static const uint32_t fn[] = {
		0x80001234, 0xc0001234, 0x81000000, 0x82000000, 0x83000000, 0x84001234, 0x85001234, 0x86001234,
		0x86ffffff, 0xb0000000, 0xbf000000, 0x00000000, 0x04000000, 0x12345678, 0xffffffff,
	};

	for (unsigned int i = 0; i < sizeof(fn) / sizeof(fn[0]); i++) {
		GUEST_ASSERT_EQ(NOT_SUPPORTED, (int64_t)guest_hvc(fn[i], 1, 2, 3).a0);
		GUEST_ASSERT_EQ(NOT_SUPPORTED, (int64_t)guest_smc(fn[i], 1, 2, 3).a0);
	}
}

TEST(unknown_calls)
{
	struct vm *vm = vm_create();

	vcpu_done(vcpu_add(vm, guest_unknown));
	vm_destroy(vm);
}

static __shared volatile uint64_t pc_hvc, pc_smc;

static void guest_pc(void)
{
	register uint64_t r0 asm("x0") = 0x81000000;
	uint64_t a, b;

	/* Each conduit returns to the instruction behind it, exactly. */
	asm volatile("hvc #0\n\tmov %0, #1" : "=r" (a), "+r" (r0) :: "x1", "x2", "x3", "memory");
	r0 = 0x81000000;
	asm volatile("smc #0\n\tmov %0, #2" : "=r" (b), "+r" (r0) :: "x1", "x2", "x3", "memory");
	guest_sync(a + b);
}

TEST(return_address)
{
	struct vm *vm = vm_create();

	EXPECT_EQ(3, vcpu_sync(vcpu_add(vm, guest_pc)));
	vm_destroy(vm);
}

static void guest_keeps(void)
{
	uint64_t bad = 0;

	/* SMCCC 1.1: a call keeps x4 and up. */
	asm volatile("mov x0, %1\n\t"
		     "mov x4, #4\n\tmov x5, #5\n\tmov x9, #9\n\tmov x12, #12\n\tmov x17, #17\n\tmov x18, #18\n\t"
		     "mov x19, #19\n\tmov x27, #27\n\t"
		     "hvc #0\n\t"
		     "sub x4, x4, #4\n\tsub x5, x5, #5\n\tsub x9, x9, #9\n\tsub x12, x12, #12\n\tsub x17, x17, #17\n\t"
		     "sub x18, x18, #18\n\tsub x19, x19, #19\n\tsub x27, x27, #27\n\t"
		     "orr %0, x4, x5\n\torr %0, %0, x9\n\torr %0, %0, x12\n\torr %0, %0, x17\n\torr %0, %0, x18\n\t"
		     "orr %0, %0, x19\n\torr %0, %0, x27"
		     : "=&r" (bad) : "r" ((uint64_t)SMCCC_VERSION)
		     : "x0", "x1", "x2", "x3", "x4", "x5", "x9", "x12", "x17", "x18", "x19", "x27", "memory");
	GUEST_ASSERT_EQ(0, bad);
}

TEST(registers_that_a_call_keeps)
{
	struct vm *vm = vm_create();

	vcpu_done(vcpu_add(vm, guest_keeps));
	vm_destroy(vm);
}

static void guest_workarounds(uint64_t w1, uint64_t w2, uint64_t w3)
{
	int64_t r1 = (int32_t)guest_hvc(ARCH_FEATURES, WORKAROUND_1, 0, 0).a0;
	int64_t r2 = (int32_t)guest_hvc(ARCH_FEATURES, WORKAROUND_2, 0, 0).a0;
	int64_t r3 = (int32_t)guest_hvc(ARCH_FEATURES, WORKAROUND_3, 0, 0).a0;

	/* not available: -1, available: 0, not required: 1 */
	GUEST_ASSERT_EQ(w1 == 0 ? -1 : (int64_t)w1 - 1, r1);
	GUEST_ASSERT_EQ(w3 == 0 ? -1 : (int64_t)w3 - 1, r3);
	GUEST_ASSERT_EQ(w2 == 0 ? -1 : 1, r2);
	guest_hvc(WORKAROUND_1, 0, 0, 0);
	guest_hvc(WORKAROUND_3, 0, 0, 0);
}

TEST(workarounds_agree_with_the_registers)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_workarounds);

	vcpu->cpu->boot.arg[0] = vcpu_reg(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1);
	vcpu->cpu->boot.arg[1] = vcpu_reg(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2);
	vcpu->cpu->boot.arg[2] = vcpu_reg(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST(workarounds_taken_away)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_workarounds);

	/* The host may keep to what it has; what it reports afterwards is what the guest gets. */
	vcpu_write_reg(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1, 0);
	vcpu_write_reg(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3, 0);
	vcpu->cpu->boot.arg[0] = vcpu_reg(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1);
	vcpu->cpu->boot.arg[2] = vcpu_reg(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3);
	vcpu->cpu->boot.arg[1] = vcpu_reg(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

static void guest_services(uint64_t std, uint64_t std_hyp, uint64_t vendor)
{
	struct smccc_result r;

	r = guest_hvc(TRNG_VERSION, 0, 0, 0);
	GUEST_ASSERT_EQ(std & 1 ? 0x10000 : NOT_SUPPORTED, (int64_t)r.a0);
	r = guest_hvc(TRNG_RND64, 64, 0, 0);
	GUEST_ASSERT_EQ(std & 1 ? 0 : NOT_SUPPORTED, (int64_t)r.a0);
	r = guest_hvc(ARCH_FEATURES, PV_TIME_FEATURES, 0, 0);
	GUEST_ASSERT_EQ(std_hyp & 1 ? 0 : NOT_SUPPORTED, (int64_t)r.a0);
	r = guest_hvc(VENDOR_UID, 0, 0, 0);
	if (vendor & 1)
		GUEST_ASSERT_NE(NOT_SUPPORTED, r.a0);
	else
		GUEST_ASSERT_EQ(NOT_SUPPORTED, (int64_t)r.a0);
}

static uint64_t bitmap(struct vcpu *vcpu, uint64_t id, bool off)
{
	uint64_t v = 0;

	if (vcpu_get_reg(vcpu, id, &v))
		return 0;
	if (off) {
		v = 0;
		vcpu_write_reg(vcpu, id, 0);
	}
	return v;
}

TEST(services_agree_with_the_bitmaps)
{
	for (int off = 0; off < 2; off++) {
		struct vm *vm = vm_create();
		struct vcpu *vcpu = vcpu_add(vm, guest_services);

		vcpu->cpu->boot.arg[0] = bitmap(vcpu, KVM_REG_ARM_STD_BMAP, off);
		vcpu->cpu->boot.arg[1] = bitmap(vcpu, KVM_REG_ARM_STD_HYP_BMAP, off);
		vcpu->cpu->boot.arg[2] = bitmap(vcpu, KVM_REG_ARM_VENDOR_HYP_BMAP, off);
		vcpu_done(vcpu);
		vm_destroy(vm);
	}
}

static void guest_immediate(void)
{
	/* The immediate is for the hypervisor to define; ours has nothing but 0. The guest must be able to go on. */
	register uint64_t r0 asm("x0") = SMCCC_VERSION;
	uint64_t esr = guest_catch(asm volatile("smc #5" : "+r" (r0) :: "x1", "x2", "x3", "memory"));

	if (!esr)
		GUEST_ASSERT_EQ(NOT_SUPPORTED, (int64_t)r0);
	else
		GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(esr));
	guest_sync(1);
}

TEST(smc_with_an_immediate)
{
	struct vm *vm = vm_create();

	EXPECT_EQ(1, vcpu_sync(vcpu_add(vm, guest_immediate)));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
