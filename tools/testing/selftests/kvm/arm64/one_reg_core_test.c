// SPDX-License-Identifier: GPL-2.0
/* KVM_GET_ONE_REG and KVM_SET_ONE_REG of the core registers: places, sizes, values, PSTATE. */
#include "kvm_test.h"
#include "arch.h"

#define CORE_WORDS	(sizeof(struct kvm_regs) / 4)

FIXTURE(core) {
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_SETUP(core)
{
	self->vm = vm_create();
	self->vcpu = vcpu_create(self->vm, 0);
	arch_vcpu_init(self->vcpu);
}

FIXTURE_TEARDOWN(core)
{
	vm_destroy(self->vm);
}

/* What size the register that begins at this word has; 0 if none does. */
static unsigned int size_at(unsigned int word)
{
	const unsigned int v = KVM_REG_ARM_CORE_REG(fp_regs.vregs), fpsr = KVM_REG_ARM_CORE_REG(fp_regs.fpsr);
	const unsigned int fpcr = KVM_REG_ARM_CORE_REG(fp_regs.fpcr);

	if (word < KVM_REG_ARM_CORE_REG(spsr[KVM_NR_SPSR]))
		return word % 2 ? 0 : 8;
	if (word >= v && word < fpsr)
		return (word - v) % 4 ? 0 : 16;
	return word == fpsr || word == fpcr ? 4 : 0;
}

TEST_F(core, core_reg_access)
{
	/* Every word, with every size: only whole registers can be had. */
	uint8_t buffer[256 + 256];

	for (unsigned int word = 0; word < CORE_WORDS + 16; word++) {
		for (unsigned int log = 0; log <= 8; log++) {
			uint64_t id = KVM_REG_ARM64 | (uint64_t)log << KVM_REG_SIZE_SHIFT | KVM_REG_ARM_CORE | word;
			bool there = size_at(word) == 1u << log;

			memset(buffer, 0xa5, sizeof(buffer));
			if (there) {
				ASSERT_EQ(0, vcpu_get_reg(self->vcpu, id, buffer)) TH_LOG("word %u", word);
				ASSERT_EQ(0, vcpu_set_reg(self->vcpu, id, buffer)) TH_LOG("word %u", word);
			} else {
				ASSERT_EQ(-1, vcpu_get_reg(self->vcpu, id, buffer)) TH_LOG("word %u log %u", word, log);
				ASSERT_TRUE(errno == EINVAL || errno == ENOENT);
				ASSERT_EQ(-1, vcpu_set_reg(self->vcpu, id, buffer)) TH_LOG("word %u log %u", word, log);
				ASSERT_TRUE(errno == EINVAL || errno == ENOENT);
			}
			/* And no more than its size is written to user space. */
			for (unsigned int i = there ? 1u << log : 0; i < sizeof(buffer); i++)
				ASSERT_EQ(0xa5, buffer[i]);
		}
	}
}

TEST_F(core, far_offsets)
{
	static const uint64_t offset[] = { 0x400, 0x7ff, 0xfffe, 0xffff, CORE_WORDS, CORE_WORDS + 1 };
	uint64_t value[4] = { 0 };

	for (unsigned int i = 0; i < sizeof(offset) / sizeof(offset[0]); i++) {
		uint64_t id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | offset[i];

		EXPECT_ERRNO(ENOENT, vcpu_get_reg(self->vcpu, id, value));
		EXPECT_ERRNO(ENOENT, vcpu_set_reg(self->vcpu, id, value));
	}
}

TEST_F(core, other_ids)
{
	uint64_t value = 0;

	/* Another architecture's, an unknown space, bits that mean nothing. */
	EXPECT_ERRNO(EINVAL, vcpu_get_reg(self->vcpu, KVM_REG_ARM | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE, &value));
	EXPECT_ERRNO(EINVAL, vcpu_get_reg(self->vcpu, KVM_REG_PPC | KVM_REG_SIZE_U64 | 1, &value));
	EXPECT_EQ(-1, vcpu_get_reg(self->vcpu, KVM_REG_ARM64 | KVM_REG_SIZE_U64 | 0x17 << 16, &value));
	EXPECT_EQ(-1, vcpu_get_reg(self->vcpu, KVM_REG_ARM64 | KVM_REG_SIZE_U64 | 0xfff << 16, &value));
	EXPECT_EQ(-1, vcpu_get_reg(self->vcpu, REG_PC | 1ULL << 40, &value));
	EXPECT_EQ(-1, vcpu_set_reg(self->vcpu, REG_PC | 1ULL << 40, &value));
	EXPECT_ERRNO(EFAULT, vcpu_get_reg(self->vcpu, REG_PC, (void *)8));
	EXPECT_ERRNO(EFAULT, vcpu_set_reg(self->vcpu, REG_PC, (void *)8));
	EXPECT_ERRNO(EFAULT, vcpu_ioctl(self->vcpu, KVM_GET_ONE_REG, (void *)8));
}

TEST_F(core, values_are_kept)
{
	/* Each register has a value of its own, so that two in one place would be seen. */
	for (unsigned int word = 0; word < CORE_WORDS; word++) {
		uint64_t v[2] = { 0x1111111100000000ULL + word, 0x2222222200000000ULL + word };
		unsigned int size = size_at(word);
		uint64_t id = KVM_REG_ARM64 | KVM_REG_ARM_CORE | word |
			(uint64_t)(size == 4 ? 2 : size == 8 ? 3 : 4) << KVM_REG_SIZE_SHIFT;

		if (size && id != REG_PSTATE && id != REG_FPSR && id != REG_FPCR) {
			EXPECT_OK(vcpu_set_reg(self->vcpu, id, v));
		}
	}
	for (unsigned int word = 0; word < CORE_WORDS; word++) {
		uint64_t v[2] = { 0, 0 };
		unsigned int size = size_at(word);
		uint64_t id = KVM_REG_ARM64 | KVM_REG_ARM_CORE | word |
			(uint64_t)(size == 4 ? 2 : size == 8 ? 3 : 4) << KVM_REG_SIZE_SHIFT;

		if (!size || id == REG_PSTATE || id == REG_FPSR || id == REG_FPCR)
			continue;
		EXPECT_OK(vcpu_get_reg(self->vcpu, id, v));
		/* The banked SPSRs of AArch32 may have 32 bits only. */
		if (word > KVM_REG_ARM_CORE_REG(spsr[0]) && word < KVM_REG_ARM_CORE_REG(fp_regs)) {
			EXPECT_EQ(word, (uint32_t)v[0]);
		} else {
			EXPECT_EQ(0x1111111100000000ULL + word, v[0]) TH_LOG("word %u", word);
		}
		if (size == 16) {
			EXPECT_EQ(0x2222222200000000ULL + word, v[1]);
		}
	}
}

TEST_F(core, pstate_modes)
{
	static const struct {
		uint64_t pstate;
		bool fine;
	} m[] = {
		{ 0x3c0, true },		/* EL0t */
		{ 0x3c4, true },		/* EL1t */
		{ 0x3c5, true },		/* EL1h */
		{ 0xf00003c5, true },		/* with flags */
		{ 0x3c1, false },		/* EL0h: no such mode */
		{ 0x3c8, false },		/* EL2t */
		{ 0x3c9, false },		/* EL2h */
		{ 0x3cc, false },		/* EL3t */
		{ 0x3cd, false },		/* EL3h */
		{ 0x3c2, false }, { 0x3c3, false }, { 0x3c6, false }, { 0x3c7, false }, { 0x3ca, false }, { 0x3cf, false },
	};

	for (unsigned int i = 0; i < sizeof(m) / sizeof(m[0]); i++) {
		uint64_t v = m[i].pstate;

		if (m[i].fine) {
			EXPECT_OK(vcpu_set_reg(self->vcpu, REG_PSTATE, &v));
			EXPECT_EQ(v, vcpu_reg(self->vcpu, REG_PSTATE));
		} else {
			uint64_t before = vcpu_reg(self->vcpu, REG_PSTATE);

			EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, REG_PSTATE, &v));
			EXPECT_EQ(before, vcpu_reg(self->vcpu, REG_PSTATE));
		}
	}
}

TEST_F(core, pstate_of_aarch32)
{
	/* A vCPU without EL1_32BIT has no AArch32 mode at EL1; User mode is EL0's, if the CPU has it. */
	for (uint64_t mode = 0x11; mode <= 0x1f; mode++) {
		uint64_t v = 0x1c0 | mode;

		EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, REG_PSTATE, &v));
	}
}

static void guest_checks(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	uint64_t v;

	asm volatile("mov %0, x18\n\tmov x18, #77" : "=r" (v) :: "x18");
	(void)v;
	guest_sync(a + b + c + d);
	asm volatile("mov x20, #0x20\n\tmov x28, #0x28\n\tdmb sy\n\tstr xzr, [%0]" :: "r" (VM_MMIO_GPA)
		     : "x20", "x28", "memory");
}

TEST_F(core, the_guest_has_them)
{
	vcpu_start(self->vcpu, guest_checks, 1, 2, 3, 4);
	EXPECT_EQ(10, vcpu_sync(self->vcpu));
	vcpu_expect_exit(self->vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(0x20, vcpu_reg(self->vcpu, REG_X(20)));
	EXPECT_EQ(0x28, vcpu_reg(self->vcpu, REG_X(28)));
	vcpu_write_reg(self->vcpu, REG_X(20), 0x55);
	EXPECT_EQ(0x55, vcpu_reg(self->vcpu, REG_X(20)));
}

static void guest_system(void)
{
	write_sysreg(elr_el1, 0x1234);
	write_sysreg(spsr_el1, 0x3c5);
	write_sysreg(sp_el0, 0x5678);
	guest_sync(1);
	GUEST_ASSERT_EQ(0x4321, read_sysreg(elr_el1));
	GUEST_ASSERT_EQ(0x3c4, read_sysreg(spsr_el1));
	GUEST_ASSERT_EQ(0x8765, read_sysreg(sp_el0));
}

TEST_F(core, registers_of_el1)
{
	vcpu_start(self->vcpu, (guest_fn)guest_system, 0, 0, 0, 0);
	vcpu_sync(self->vcpu);
	EXPECT_EQ(0x1234, vcpu_reg(self->vcpu, REG_ELR_EL1));
	EXPECT_EQ(0x3c5, vcpu_reg(self->vcpu, REG_SPSR(KVM_SPSR_EL1)));
	EXPECT_EQ(0x5678, vcpu_reg(self->vcpu, REG_SP_EL0));
	EXPECT_EQ(VM_RAM_GPA, vcpu_reg(self->vcpu, REG_SP_EL1) & ~0xffffffUL);
	vcpu_write_reg(self->vcpu, REG_ELR_EL1, 0x4321);
	vcpu_write_reg(self->vcpu, REG_SPSR(KVM_SPSR_EL1), 0x3c4);
	vcpu_write_reg(self->vcpu, REG_SP_EL0, 0x8765);
	vcpu_done(self->vcpu);
}

static void guest_vectors_fp(void)
{
	uint64_t a, b;

	asm volatile("ldr q5, [%0]" :: "r" (&(uint64_t[2]){ 0x1111, 0x2222 }) : "v5", "memory");
	asm volatile("msr fpcr, %0\n\tmsr fpsr, %1" :: "r" (3UL << 22), "r" (0x1UL));
	guest_sync(1);
	asm volatile("mov %0, v5.d[0]\n\tmov %1, v5.d[1]" : "=r" (a), "=r" (b));
	GUEST_ASSERT_EQ(0x3333, a);
	GUEST_ASSERT_EQ(0x4444, b);
	asm volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r" (a), "=r" (b));
	GUEST_ASSERT_EQ(1UL << 22, a);
	GUEST_ASSERT_EQ(2, b);
}

TEST_F(core, floating_point)
{
	uint64_t v[2];
	uint32_t w;

	vcpu_start(self->vcpu, (guest_fn)guest_vectors_fp, 0, 0, 0, 0);
	vcpu_sync(self->vcpu);
	ASSERT_EQ(0, vcpu_get_reg(self->vcpu, REG_V(5), v));
	EXPECT_EQ(0x1111, v[0]);
	EXPECT_EQ(0x2222, v[1]);
	ASSERT_EQ(0, vcpu_get_reg(self->vcpu, REG_FPCR, &w));
	EXPECT_EQ(3u << 22, w);
	ASSERT_EQ(0, vcpu_get_reg(self->vcpu, REG_FPSR, &w));
	EXPECT_EQ(1, w);
	v[0] = 0x3333;
	v[1] = 0x4444;
	must(vcpu_set_reg(self->vcpu, REG_V(5), v));
	w = 1u << 22;
	must(vcpu_set_reg(self->vcpu, REG_FPCR, &w));
	w = 2;
	must(vcpu_set_reg(self->vcpu, REG_FPSR, &w));
	vcpu_done(self->vcpu);
}

TEST_HARNESS_MAIN
