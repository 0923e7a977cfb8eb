// SPDX-License-Identifier: GPL-2.0
/* Pointer authentication: the guest has its own keys, and the host keeps its own. */
#include <sys/auxv.h>

#include "kvm_test.h"
#include "arch.h"

#define PTRAUTH		(FEATURE(PTRAUTH_ADDRESS) | FEATURE(PTRAUTH_GENERIC))
#define HWCAP_PACA_BIT	(1UL << 30)

/* SCTLR_EL1.EnIA, EnIB, EnDA, EnDB */
#define SCTLR_KEYS	(1ULL << 31 | 1ULL << 30 | 1ULL << 27 | 1ULL << 13)

#define REG_KEY(crm, op2)	REG_SYS(3, 0, 2, crm, op2)
#define POINTER			0x12345678ULL	/* below any size of address space */
#define CONTEXT			0x42ULL

/* Instructions by name for an assembler that may not know them otherwise. */
#define PAC(insn, value) ({							\
	uint64_t value_ = (value);						\
	asm volatile(".arch_extension pauth\n\t" insn " %0, %1"			\
		     : "+r" (value_) : "r" (CONTEXT));				\
	value_; })

static bool host_has(void)
{
	return kvm_check(KVM_CAP_ARM_PTRAUTH_ADDRESS) && kvm_check(KVM_CAP_ARM_PTRAUTH_GENERIC);
}

#define NEEDS_PTRAUTH() do {						\
	if (!host_has())						\
		SKIP(return, "no pointer authentication for guests");	\
} while (0)

static void set_keys(uint64_t seed)
{
	write_sysreg(s3_0_c2_c1_0, seed);		/* APIAKey */
	write_sysreg(s3_0_c2_c1_1, ~seed);
	write_sysreg(s3_0_c2_c1_2, seed * 3);		/* APIBKey */
	write_sysreg(s3_0_c2_c1_3, ~seed * 3);
	write_sysreg(s3_0_c2_c2_0, seed * 5);		/* APDAKey */
	write_sysreg(s3_0_c2_c2_1, ~seed * 5);
	write_sysreg(s3_0_c2_c2_2, seed * 7);		/* APDBKey */
	write_sysreg(s3_0_c2_c2_3, ~seed * 7);
	write_sysreg(s3_0_c2_c3_0, seed * 11);		/* APGAKey */
	write_sysreg(s3_0_c2_c3_1, ~seed * 11);
	isb();
}

static void guest_signs(uint64_t seed)
{
	uint64_t ia, ib, da, db;

	write_sysreg(sctlr_el1, read_sysreg(sctlr_el1) | SCTLR_KEYS);
	set_keys(seed);
	ia = PAC("pacia", POINTER);
	ib = PAC("pacib", POINTER);
	da = PAC("pacda", POINTER);
	db = PAC("pacdb", POINTER);
	GUEST_ASSERT(ia != POINTER || ib != POINTER || da != POINTER || db != POINTER);
	for (unsigned int i = 0; i < 3; i++) {
		guest_sync(i);
		GUEST_ASSERT_EQ(ia, PAC("pacia", POINTER));
		GUEST_ASSERT_EQ(ib, PAC("pacib", POINTER));
		GUEST_ASSERT_EQ(da, PAC("pacda", POINTER));
		GUEST_ASSERT_EQ(db, PAC("pacdb", POINTER));
		GUEST_ASSERT_EQ(POINTER, PAC("autia", ia));
		GUEST_ASSERT_EQ(POINTER, PAC("autdb", db));
	}
	GUEST_ASSERT_EQ(seed, read_sysreg(s3_0_c2_c1_0));
	GUEST_ASSERT_EQ(~seed * 11, read_sysreg(s3_0_c2_c3_1));
}

TEST(keys_survive_exits)
{
	struct vm *vm;
	struct vcpu *vcpu[2];

	NEEDS_PTRAUTH();
	vm = vm_create();
	for (unsigned int i = 0; i < 2; i++) {
		vcpu[i] = vcpu_add_features(vm, (guest_fn)guest_signs, PTRAUTH);
		vcpu_start(vcpu[i], (guest_fn)guest_signs, 0x1111111111 * (i + 1), 0, 0, 0);
	}
	/* In turn: each vCPU finds the other's keys in the CPU. */
	for (unsigned int n = 0; n < 3; n++)
		for (unsigned int i = 0; i < 2; i++)
			EXPECT_EQ(n, vcpu_sync(vcpu[i]));
	for (unsigned int i = 0; i < 2; i++)
		vcpu_done(vcpu[i]);
	vm_destroy(vm);
}

TEST(host_keys_survive_the_guest)
{
	uint64_t ia, ib, da, db;
	struct vcpu *vcpu;
	struct vm *vm;

	NEEDS_PTRAUTH();
	if (!(getauxval(AT_HWCAP) & HWCAP_PACA_BIT))
		SKIP(return, "no pointer authentication in user space");
	ia = PAC("pacia", POINTER);
	ib = PAC("pacib", POINTER);
	da = PAC("pacda", POINTER);
	db = PAC("pacdb", POINTER);
	vm = vm_create();
	vcpu = vcpu_add_features(vm, (guest_fn)guest_signs, PTRAUTH);
	vcpu_start(vcpu, (guest_fn)guest_signs, 0xabcdef, 0, 0, 0);
	for (unsigned int n = 0; n < 3; n++) {
		EXPECT_EQ(n, vcpu_sync(vcpu));
		EXPECT_EQ(ia, PAC("pacia", POINTER));
		EXPECT_EQ(ib, PAC("pacib", POINTER));
		EXPECT_EQ(da, PAC("pacda", POINTER));
		EXPECT_EQ(db, PAC("pacdb", POINTER));
	}
	vcpu_done(vcpu);
	vm_destroy(vm);
}

static void guest_keeps_keys(uint64_t seed)
{
	write_sysreg(sctlr_el1, read_sysreg(sctlr_el1) | SCTLR_KEYS);
	set_keys(seed);
	guest_sync(0);
	GUEST_ASSERT_EQ(0x5a5a, read_sysreg(s3_0_c2_c1_0));
	GUEST_ASSERT_EQ(0xa5a5, read_sysreg(s3_0_c2_c3_1));
}

TEST(keys_by_one_reg)
{
	const uint64_t seed = 0x123456789;
	struct vcpu *vcpu;
	struct vm *vm;

	NEEDS_PTRAUTH();
	vm = vm_create();
	vcpu = vcpu_add_features(vm, (guest_fn)guest_keeps_keys, PTRAUTH);
	vcpu_start(vcpu, (guest_fn)guest_keeps_keys, seed, 0, 0, 0);
	EXPECT_EQ(0, vcpu_sync(vcpu));
	EXPECT_EQ(seed, vcpu_reg(vcpu, REG_KEY(1, 0)));
	EXPECT_EQ(~seed, vcpu_reg(vcpu, REG_KEY(1, 1)));
	EXPECT_EQ(seed * 3, vcpu_reg(vcpu, REG_KEY(1, 2)));
	EXPECT_EQ(seed * 5, vcpu_reg(vcpu, REG_KEY(2, 0)));
	EXPECT_EQ(~seed * 7, vcpu_reg(vcpu, REG_KEY(2, 3)));
	EXPECT_EQ(~seed * 11, vcpu_reg(vcpu, REG_KEY(3, 1)));
	vcpu_write_reg(vcpu, REG_KEY(1, 0), 0x5a5a);
	vcpu_write_reg(vcpu, REG_KEY(3, 1), 0xa5a5);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

static void guest_without(void)
{
	uint64_t id = read_sysreg(id_aa64isar1_el1);

	/* APA, API, GPA, GPI */
	GUEST_ASSERT_EQ(0, id & (0xffULL << 4 | 0xffULL << 24));
	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_catch(read_sysreg(s3_0_c2_c1_0))));
	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_catch(write_sysreg(s3_0_c2_c3_1, 0))));
}

TEST(absent_without_the_feature)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_without);
	uint64_t value;

	EXPECT_EQ(-1, vcpu_get_reg(vcpu, REG_KEY(1, 0), &value));
	EXPECT_EQ(ENOENT, errno);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST(both_or_neither)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm, 0);

	EXPECT_EQ(-1, vcpu_try_init(vcpu, FEATURE(PSCI_0_2) | FEATURE(PTRAUTH_ADDRESS)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, vcpu_try_init(vcpu, FEATURE(PSCI_0_2) | FEATURE(PTRAUTH_GENERIC)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(host_has() ? 0 : -1, vcpu_try_init(vcpu, FEATURE(PSCI_0_2) | PTRAUTH));
	vcpu_close(vcpu);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
