// SPDX-License-Identifier: GPL-2.0
/* MMIO exits: loads and stores of every size, extension and register; and accesses without a syndrome. */
#include "kvm_test.h"
#include "arch.h"

#define A	VM_MMIO_GPA

/* One load instruction each, into x1, with all ones there before. */
#define LOAD(name, insn)							\
static void name(void)								\
{										\
	register uint64_t v asm("x1") = ~0ULL;					\
										\
	asm volatile(insn " [%1]" : "+r" (v) : "r" (A) : "memory");		\
	guest_sync(v);								\
}

LOAD(ldrb, "ldrb w1,")
LOAD(ldrh, "ldrh w1,")
LOAD(ldr_w, "ldr w1,")
LOAD(ldr_x, "ldr x1,")
LOAD(ldrsb_w, "ldrsb w1,")
LOAD(ldrsb_x, "ldrsb x1,")
LOAD(ldrsh_w, "ldrsh w1,")
LOAD(ldrsh_x, "ldrsh x1,")
LOAD(ldrsw, "ldrsw x1,")
LOAD(ldarb, "ldarb w1,")
LOAD(ldar_w, "ldar w1,")
LOAD(ldar_x, "ldar x1,")

static const struct load {
	const char *name;
	void (*fn)(void);
	unsigned int len;
	bool sign;
	unsigned int reg;		/* bytes of the register */
} load[] = {
	{ "ldrb w", ldrb, 1, false, 4 },
	{ "ldrh w", ldrh, 2, false, 4 },
	{ "ldr w", ldr_w, 4, false, 4 },
	{ "ldr x", ldr_x, 8, false, 8 },
	{ "ldrsb w", ldrsb_w, 1, true, 4 },
	{ "ldrsb x", ldrsb_x, 1, true, 8 },
	{ "ldrsh w", ldrsh_w, 2, true, 4 },
	{ "ldrsh x", ldrsh_x, 2, true, 8 },
	{ "ldrsw x", ldrsw, 4, true, 8 },
	{ "ldarb w", ldarb, 1, false, 4 },
	{ "ldar w", ldar_w, 4, false, 4 },
	{ "ldar x", ldar_x, 8, false, 8 },
};

static uint64_t expected(const struct load *l, uint64_t data)
{
	unsigned int bits = 8 * l->len;
	uint64_t v = bits == 64 ? data : data & ((1ULL << bits) - 1);

	if (l->sign && v >> (bits - 1) & 1)
		v |= bits == 64 ? 0 : ~0ULL << bits;
	return l->reg == 4 ? (uint32_t)v : v;
}

static const uint64_t pattern[] = {
	0x0123456789abcdef, 0xfedcba9876543210, 0x8080808080808080, 0x7f7f7f7f7f7f7f7f, 0, ~0ULL,
};

TEST(load_sign_extend)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, ldrb);

	for (unsigned int i = 0; i < sizeof(load) / sizeof(load[0]); i++) {
		for (unsigned int p = 0; p < sizeof(pattern) / sizeof(pattern[0]); p++) {
			struct kvm_run *run = vcpu->run;

			vcpu_restart(vcpu, (guest_fn)load[i].fn, 0);
			vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
			EXPECT_EQ(A, run->mmio.phys_addr);
			EXPECT_EQ(load[i].len, run->mmio.len) TH_LOG("%s", load[i].name);
			EXPECT_EQ(0, run->mmio.is_write);
			memcpy(run->mmio.data, &pattern[p], 8);
			EXPECT_EQ(expected(&load[i], pattern[p]), vcpu_sync(vcpu)) TH_LOG("%s of %#lx", load[i].name,
											  (unsigned long)pattern[p]);
		}
	}
	vm_destroy(vm);
}

#define STORE(name, insn)							\
static void name(uint64_t value)						\
{										\
	register uint64_t v asm("x1") = value;					\
										\
	asm volatile(insn " [%1]" :: "r" (v), "r" (A) : "memory");		\
	guest_sync(1);								\
}

STORE(strb, "strb w1,")
STORE(strh, "strh w1,")
STORE(str_w, "str w1,")
STORE(str_x, "str x1,")
STORE(strb_zero, "strb wzr,")
STORE(str_w_zero, "str wzr,")
STORE(str_x_zero, "str xzr,")
STORE(stlr_x, "stlr x1,")

TEST(stores)
{
	static const struct {
		const char *name;
		void (*fn)(uint64_t address);
		unsigned int len;
		bool zero;
	} store[] = {
		{ "strb", strb, 1 }, { "strh", strh, 2 }, { "str w", str_w, 4 }, { "str x", str_x, 8 },
		{ "strb wzr", strb_zero, 1, true }, { "str wzr", str_w_zero, 4, true }, { "str xzr", str_x_zero, 8, true },
		{ "stlr x", stlr_x, 8 },
	};
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, strb);

	for (unsigned int i = 0; i < sizeof(store) / sizeof(store[0]); i++) {
		for (unsigned int p = 0; p < sizeof(pattern) / sizeof(pattern[0]); p++) {
			struct kvm_run *run = vcpu->run;
			uint64_t want = store[i].zero ? 0 : pattern[p];

			vcpu_restart(vcpu, (guest_fn)store[i].fn, pattern[p]);
			vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
			EXPECT_EQ(A, run->mmio.phys_addr);
			EXPECT_EQ(store[i].len, run->mmio.len) TH_LOG("%s", store[i].name);
			EXPECT_EQ(1, run->mmio.is_write);
			EXPECT_EQ(0, memcmp(run->mmio.data, &want, store[i].len)) TH_LOG("%s", store[i].name);
			EXPECT_EQ(1, vcpu_sync(vcpu));
		}
	}
	vm_destroy(vm);
}

static void guest_load_to_zero(void)
{
	asm volatile("ldr wzr, [%0]\n\tldrb wzr, [%0]\n\tldr xzr, [%0]" :: "r" (A) : "memory");
	/* Number 31 is the zero register, not the stack pointer. */
	guest_sync(1);
}

TEST(load_to_the_zero_register)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_load_to_zero);
	uint64_t sp;

	for (int i = 0; i < 3; i++) {
		vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
		if (i == 0)
			sp = vcpu_reg(vcpu, REG_SP_EL1);
		memset(vcpu->run->mmio.data, 0x55, 8);
		vcpu_complete(vcpu);
		EXPECT_EQ(sp, vcpu_reg(vcpu, REG_SP_EL1));
		EXPECT_NE(0x55555555, vcpu_reg(vcpu, REG_SP_EL0));
	}
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vm_destroy(vm);
}

static void guest_x30(void)
{
	uint64_t v;

	asm volatile("mov x9, x30\n\tldr x30, [%1]\n\tmov %0, x30\n\tmov x30, x9" : "=&r" (v) : "r" (A)
		     : "x9", "x30", "memory");
	guest_sync(v);
}

TEST(load_to_x30)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_x30);
	uint64_t v = 0x1020304050607080;

	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	memcpy(vcpu->run->mmio.data, &v, 8);
	EXPECT_EQ(v, vcpu_sync(vcpu));
	vm_destroy(vm);
}

static void guest_unaligned_address(uint64_t a)
{
	guest_mmio_write8(a + 0xfff, 1);
	guest_mmio_write16(a + 0xffe, 2);
	guest_mmio_write32(a + 0x10004, 3);
	guest_mmio_write8(a + 0x54321, 4);
}

TEST(addresses)
{
	static const uint64_t want[] = { 0xfff, 0xffe, 0x10004, 0x54321 };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_unaligned_address, A);

	for (int i = 0; i < 4; i++) {
		vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
		EXPECT_EQ(A + want[i], vcpu->run->mmio.phys_addr);
		EXPECT_EQ(i + 1, vcpu->run->mmio.data[0]);
	}
	vcpu_done(vcpu);
	vm_destroy(vm);
}

static void guest_two_loads(void)
{
	uint64_t a = guest_mmio_read32(A), b = guest_mmio_read32(A + 4);

	guest_sync(a << 32 | b);
}

TEST(completion_is_once)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_two_loads);
	uint64_t pc;
	uint32_t v = 7;

	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	pc = vcpu_reg(vcpu, REG_PC);
	memcpy(vcpu->run->mmio.data, &v, 4);
	vcpu_complete(vcpu);
	EXPECT_EQ(pc + 4, vcpu_reg(vcpu, REG_PC));
	/* Completing again is nothing, whatever the page says now. */
	vcpu->run->exit_reason = KVM_EXIT_MMIO;
	memset(vcpu->run->mmio.data, 0xff, 8);
	vcpu_complete(vcpu);
	EXPECT_EQ(pc + 4, vcpu_reg(vcpu, REG_PC));
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(A + 4, vcpu->run->mmio.phys_addr);
	v = 9;
	memcpy(vcpu->run->mmio.data, &v, 4);
	EXPECT_EQ(7UL << 32 | 9, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST(mmio_fragment)
{
	/* The page is the monitor's to scribble on between the exit and its completion. */
	static const uint32_t len[] = { 0, 1, 2, 3, 5, 7, 9, 64, 255, 0x7fffffff, 0xffffffff };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, ldrsh_x);

	for (unsigned int i = 0; i < sizeof(len) / sizeof(len[0]); i++) {
		vcpu_restart(vcpu, (guest_fn)ldrh, 0);
		vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
		memset(vcpu->run->padding, 0xee, sizeof(vcpu->run->padding));
		vcpu->run->mmio.len = len[i];
		vcpu->run->mmio.is_write = i & 1;
		vcpu->run->mmio.data[0] = 0x34;
		vcpu->run->mmio.data[1] = 0x12;
		/* Length, direction and register are the kernel's own record of the access, only the data count. */
		EXPECT_EQ(EXIT_GUEST_SYNC, vcpu_run(vcpu));
		EXPECT_EQ(0x1234, vcpu->cpu->ucall.arg[0]) TH_LOG("len %u", len[i]);
	}
	/* A scribbled exit reason: the access is completed or made again. */
	vcpu_restart(vcpu, (guest_fn)ldrh, 0);
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	vcpu->run->exit_reason = 0x77;
	memset(vcpu->run->mmio.data, 0x11, 8);
	if (vcpu_run(vcpu) == KVM_EXIT_MMIO) {
		EXPECT_EQ(A, vcpu->run->mmio.phys_addr);
		memset(vcpu->run->mmio.data, 0x11, 8);
		vcpu_sync(vcpu);
	}
	EXPECT_EQ(0x1111, vcpu->cpu->ucall.arg[0]);
	vm_destroy(vm);
}

static __shared volatile uint64_t fetch_esr;

static void on_fetch(struct ex_regs *regs, uint64_t esr)
{
	fetch_esr = esr;
	regs->pc = regs->x[30];
}

static void guest_executes_mmio(void)
{
	on_sync(EC_IABT_CUR, on_fetch);
	asm volatile("blr %0" :: "r" (A) : "x30", "memory");
	guest_sync(1);
}

TEST(execute_never)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_executes_mmio);

	/* The guest's own translation forbids it: the guest's abort, no exit. Permission fault, level 3. */
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(0xf, ESR_ISS(fetch_esr) & 0x3f);
	vm_destroy(vm);
}

TEST(fetch_from_nowhere)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_executes_mmio);

	/* Executable for the guest, but nothing there: an external abort, as nothing can answer a fetch. */
	vm_map(vm, A, A, 4096, MAP_CODE);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(0x10, ESR_ISS(fetch_esr) & 0x3f);
	vm_destroy(vm);
}

/* ------------------------------------------------------------------------- Without a valid syndrome */

static void guest_ldp(void)
{
	uint64_t a, b;

	asm volatile("ldp %0, %1, [%2]" : "=r" (a), "=r" (b) : "r" (A) : "memory");
	guest_sync(2);
}

static void guest_post_index(void)
{
	uint64_t p = A;

	asm volatile("str wzr, [%0], #4" : "+r" (p) :: "memory");
	guest_sync(p);
}

static void guest_simd(void)
{
	asm volatile("str q0, [%0]" :: "r" (A) : "memory");
	guest_sync(3);
}

TEST(no_syndrome_not_enabled)
{
	static void (* const fn[])(void) = { guest_ldp, guest_post_index, guest_simd };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_ldp);

	for (int i = 0; i < 3; i++) {
		vcpu_restart(vcpu, (guest_fn)fn[i], 0);
		EXPECT_EQ(-ENOSYS, vcpu_run_once(vcpu));
	}
	vm_destroy(vm);
}

TEST(no_syndrome_to_user_space)
{
	static void (* const fn[])(void) = { guest_ldp, guest_post_index, guest_simd };
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_NISV_TO_USER };
	struct vm *vm = vm_create();
	struct vcpu *vcpu;

	REQUIRE_CAP(KVM_CAP_ARM_NISV_TO_USER);
	cap.flags = 1;
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
	cap.flags = 0;
	EXPECT_OK(vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
	vcpu = vcpu_add(vm, guest_ldp);
	for (int i = 0; i < 3; i++) {
		uint64_t pc;

		vcpu_restart(vcpu, (guest_fn)fn[i], 0);
		vcpu_expect_exit(vcpu, KVM_EXIT_ARM_NISV);
		EXPECT_EQ(A, vcpu->run->arm_nisv.fault_ipa);
		EXPECT_EQ(0, vcpu->run->arm_nisv.esr_iss & 1ULL << 24);		/* ISV */
		EXPECT_EQ(i > 0, vcpu->run->arm_nisv.esr_iss >> 6 & 1);		/* WnR */
		/* The monitor emulates and moves on itself. */
		pc = vcpu_reg(vcpu, REG_PC);
		vcpu_write_reg(vcpu, REG_PC, pc + 4);
		EXPECT_EQ(EXIT_GUEST_SYNC, vcpu_run(vcpu));
	}
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
