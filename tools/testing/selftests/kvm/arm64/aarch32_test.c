// SPDX-License-Identifier: GPL-2.0
/*
 * Guests with AArch32 at EL1, and AArch32 EL0 below an AArch64 one. Their code is put together here, word by word, and
 * tells what it sees by stores to a place without memory. The MMU is off.
 */
#include <stdlib.h>

#include "kvm_test.h"
#include "arch.h"
#include "pmu.h"

#define CODE		VM_RAM_GPA
#define VECTORS		(VM_RAM_GPA + 0x1000)
#define OTHER		(VM_RAM_GPA + 0x2000)
#define MMIO		VM_MMIO_GPA

#define MODE_USR	0x10
#define MODE_SVC	0x13
#define MODE_ABT	0x17
#define MODE_UND	0x1b
#define PSTATE_T	(1u << 5)
#define PSTATE_Z	(1u << 30)
#define PSTATE_AIF	0x1c0

#define REG_TCR_EL1	REG_SYS(3, 0, 2, 0, 2)
#define REG_TTBR0_EL1	REG_SYS(3, 0, 2, 0, 0)
#define REG_MAIR_EL1	REG_SYS(3, 0, 10, 2, 0)
#define REG_CPACR_EL1	REG_SYS(3, 0, 1, 0, 2)
#define REG_CNTKCTL	REG_SYS(3, 0, 14, 1, 0)
#define REG_DACR32	REG_SYS(3, 4, 3, 0, 0)
#define REG_IFSR32	REG_SYS(3, 4, 5, 0, 1)
#define REG_PFR0_64	REG_SYS(3, 0, 0, 4, 0)
#define REG_PFR0_32	REG_SYS(3, 0, 0, 1, 0)
#define REG_MVFR0	REG_SYS(3, 0, 0, 3, 0)
#define TCR_EAE		(1ull << 31)

/* A32 instructions; r10 is where to report to. */
#define AL		0xeu
#define NE		0x1u
#define EQ		0x0u
#define COND(c)		((uint32_t)(c) << 28)
#define MRC(cp, op1, crn, crm, op2, rt) \
	(0x0e100010u | (op1) << 21 | (crn) << 16 | (rt) << 12 | (cp) << 8 | (op2) << 5 | (crm))
#define MCR(cp, op1, crn, crm, op2, rt)	(MRC(cp, op1, crn, crm, op2, rt) & ~(1u << 20))
#define MRRC(cp, op1, crm, rt, rt2) \
	(0x0c500000u | (rt2) << 16 | (rt) << 12 | (cp) << 8 | (op1) << 4 | (crm))
#define MCRR(cp, op1, crm, rt, rt2)	(MRRC(cp, op1, crm, rt, rt2) & ~(1u << 20))
#define REPORT(rt)	(0xe58a0000u | (rt) << 12)		/* str rt, [r10] */
#define LOAD(rt)	(0xe59a0000u | (rt) << 12)		/* ldr rt, [r10] */
#define MOVW(rd, imm)	(0xe3000000u | ((imm) & 0xf000) << 4 | (rd) << 12 | ((imm) & 0xfff))
#define MOVT(rd, imm)	(0xe3400000u | ((imm) & 0xf000) << 4 | (rd) << 12 | ((imm) & 0xfff))
#define MRS_CPSR(rd)	(0xe10f0000u | (rd) << 12)
#define CMP_R0_R0	0xe1500000u
#define BX_R11		0xe12fff1bu
#define HVC		0xe1400070u
#define SMC		0x01600070u				/* with a condition */
#define WFI		0xe320f003u
#define STOP		0xeafffffeu				/* b . */
#define A64_STOP	0x14000000u
#define A64_REPORT_W0	0xb9000140u				/* str w0, [x10] */

struct program {
	uint32_t word[256];
	unsigned int n;
};

static void add(struct program *p, uint32_t insn)
{
	p->word[p->n++] = insn;
}

static void add_set(struct program *p, unsigned int rd, uint32_t value)
{
	add(p, MOVW(rd, value & 0xffff));
	add(p, MOVT(rd, value >> 16));
}

FIXTURE(a32) {
	struct vm *vm;
	struct vcpu *vcpu;
	void *ram;
	struct program p;
};

FIXTURE_SETUP(a32)
{
	if (kvm_check(KVM_CAP_ARM_EL1_32BIT) <= 0)
		SKIP(return, "no AArch32 at EL1");
	self->vm = vm_create_bare(0);
	self->ram = vm_add_slot(self->vm, VM_SLOT_RAM, VM_RAM_GPA, 0x10000, 0);
	self->vcpu = vcpu_create(self->vm, 0);
	vcpu_init_features(self->vcpu, FEATURE(PSCI_0_2) | FEATURE(EL1_32BIT));
	vcpu_write_reg(self->vcpu, REG_PC, CODE);
	vcpu_write_reg(self->vcpu, REG_X(10), MMIO);
	vcpu_write_reg(self->vcpu, REG_VBAR_EL1, VECTORS);
	self->p.n = 0;
}

FIXTURE_TEARDOWN(a32)
{
	if (self->vm)
		vm_destroy(self->vm);
}

static void place(struct __test_metadata *_metadata, FIXTURE_DATA(a32) *self)
{
	add(&self->p, STOP);
	memcpy(self->ram, self->p.word, self->p.n * 4);
}

/* The next store to MMIO */
static uint32_t report(struct vcpu *vcpu)
{
	uint32_t value;

	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	if (!vcpu->run->mmio.is_write || vcpu->run->mmio.phys_addr != MMIO || vcpu->run->mmio.len != 4)
		test_fail("not a report: %s of %u bytes at %#lx", vcpu->run->mmio.is_write ? "store" : "load",
			  vcpu->run->mmio.len, (unsigned long)vcpu->run->mmio.phys_addr);
	memcpy(&value, vcpu->run->mmio.data, 4);
	return value;
}

TEST_F(a32, state_at_reset)
{
	static const unsigned int good[] = { 0x10, 0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f };
	static const unsigned int bad[] = { 0x0, 0x4, 0x5, 0x8, 0x9, 0xd, 0x14, 0x16, 0x1a };
	uint64_t value;

	EXPECT_EQ(MODE_SVC | PSTATE_AIF, vcpu_reg(self->vcpu, REG_PSTATE));
	EXPECT_EQ(2, vcpu_reg(self->vcpu, REG_PFR0_64) >> 4 & 0xf);
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		value = bad[i] | PSTATE_AIF;
		EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, REG_PSTATE, &value));
	}
	EXPECT_EQ(MODE_SVC | PSTATE_AIF, vcpu_reg(self->vcpu, REG_PSTATE));
	/* Registers are 32 bits wide once the state is AArch32's. */
	vcpu_write_reg(self->vcpu, REG_X(3), 0x123456789abcdefULL);
	vcpu_write_reg(self->vcpu, REG_PC, 0xffffffff00001000ULL);
	for (unsigned int i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		value = good[i] | PSTATE_AIF;
		EXPECT_OK(vcpu_set_reg(self->vcpu, REG_PSTATE, &value));
		EXPECT_EQ(value, vcpu_reg(self->vcpu, REG_PSTATE));
	}
	EXPECT_EQ(0x89abcdef, vcpu_reg(self->vcpu, REG_X(3)));
	EXPECT_EQ(0x1000, vcpu_reg(self->vcpu, REG_PC));
}

TEST_F(a32, all_of_the_vm_are_alike)
{
	struct vcpu *second = vcpu_create(self->vm, 1);

	EXPECT_ERRNO(EINVAL, vcpu_try_init(second, FEATURE(PSCI_0_2)));
	EXPECT_OK(vcpu_try_init(second, FEATURE(PSCI_0_2) | FEATURE(EL1_32BIT)));
}

TEST_F(a32, registers_of_the_modes)
{
	/* MRS of a banked register into r0, and where ONE_REG has it */
	static const struct {
		uint32_t insn;
		uint64_t reg;
	} bank[] = {
		{ 0xe1050200, REG_X(13) },	/* SP_usr */
		{ 0xe1060200, REG_X(14) },	/* LR_usr */
		{ 0xe1000300, REG_X(16) },	/* LR_irq */
		{ 0xe1010300, REG_X(17) },	/* SP_irq */
		{ 0xe1040300, REG_X(20) },	/* LR_abt */
		{ 0xe1050300, REG_X(21) },	/* SP_abt */
		{ 0xe1060300, REG_X(22) },	/* LR_und */
		{ 0xe1070300, REG_X(23) },	/* SP_und */
		{ 0xe1080200, REG_X(24) },	/* r8_fiq */
		{ 0xe10c0200, REG_X(28) },	/* r12_fiq */
		{ 0xe10d0200, REG_X(29) },	/* SP_fiq */
		{ 0xe10e0200, REG_X(30) },	/* LR_fiq */
		{ 0xe1440300, REG_SPSR(KVM_SPSR_ABT) },
		{ 0xe1460300, REG_SPSR(KVM_SPSR_UND) },
		{ 0xe1400300, REG_SPSR(KVM_SPSR_IRQ) },
		{ 0xe14e0200, REG_SPSR(KVM_SPSR_FIQ) },
	};
	const unsigned int nr = sizeof(bank) / sizeof(bank[0]);

	for (unsigned int i = 0; i < nr; i++) {
		add(&self->p, bank[i].insn);
		add(&self->p, REPORT(0));
		vcpu_write_reg(self->vcpu, bank[i].reg, 0xf00000d0 + (i << 8));
	}
	vcpu_write_reg(self->vcpu, REG_X(18), 0x11111118);
	vcpu_write_reg(self->vcpu, REG_X(19), 0x11111119);
	add(&self->p, REPORT(14));			/* LR_svc */
	add(&self->p, REPORT(13));			/* SP_svc */
	add_set(&self->p, 1, 0x600001d2);
	add(&self->p, 0xe121f301);			/* msr SP_irq, r1 */
	add(&self->p, 0xe164f301);			/* msr SPSR_abt, r1 */
	add(&self->p, REPORT(1));
	place(_metadata, self);

	for (unsigned int i = 0; i < nr; i++) {
		EXPECT_EQ(0xf00000d0 + (i << 8), report(self->vcpu)) TH_LOG("banked register %u", i);
	}
	EXPECT_EQ(0x11111118, report(self->vcpu));
	EXPECT_EQ(0x11111119, report(self->vcpu));
	EXPECT_EQ(0x600001d2, report(self->vcpu));
	EXPECT_EQ(0x600001d2, vcpu_reg(self->vcpu, REG_X(17)));
	EXPECT_EQ(0x600001d2, vcpu_reg(self->vcpu, REG_SPSR(KVM_SPSR_ABT)));
	EXPECT_EQ(MODE_SVC, vcpu_reg(self->vcpu, REG_PSTATE) & 0x1f);
}

TEST_F(a32, identification)
{
	/* Coprocessor 15, opc1, CRn, CRm, opc2, and what ONE_REG calls it */
	static const struct {
		uint32_t insn;
		uint64_t reg;
	} id[] = {
		{ MRC(15, 0, 0, 0, 0, 0), REG_SYS(3, 0, 0, 0, 0) },	/* MIDR */
		{ MRC(15, 0, 0, 0, 1, 0), REG_SYS(3, 3, 0, 0, 1) },	/* CTR */
		{ MRC(15, 0, 0, 0, 5, 0), REG_MPIDR_EL1 },
		{ MRC(15, 0, 0, 0, 6, 0), REG_SYS(3, 0, 0, 0, 6) },	/* REVIDR */
		{ MRC(15, 0, 0, 1, 0, 0), REG_PFR0_32 },
		{ MRC(15, 0, 0, 1, 4, 0), REG_SYS(3, 0, 0, 1, 4) },	/* ID_MMFR0 */
		{ MRC(15, 0, 0, 2, 0, 0), REG_SYS(3, 0, 0, 2, 0) },	/* ID_ISAR0 */
		{ MRC(15, 0, 0, 2, 5, 0), REG_SYS(3, 0, 0, 2, 5) },	/* ID_ISAR5 */
		{ MRC(15, 1, 0, 0, 1, 0), REG_SYS(3, 1, 0, 0, 1) },	/* CLIDR */
		{ MRC(15, 1, 0, 0, 7, 0), REG_SYS(3, 1, 0, 0, 7) },	/* AIDR */
		{ MRC(15, 0, 1, 0, 0, 0), REG_SCTLR_EL1 },
		{ MRC(15, 0, 1, 0, 1, 0), REG_SYS(3, 0, 1, 0, 1) },	/* ACTLR */
	};
	const unsigned int nr = sizeof(id) / sizeof(id[0]);
	uint32_t dfr0 = vcpu_reg(self->vcpu, REG_SYS(3, 0, 0, 5, 0)), didr;

	for (unsigned int i = 0; i < nr; i++) {
		add(&self->p, COND(AL) | id[i].insn);
		add(&self->p, REPORT(0));
	}
	add(&self->p, COND(AL) | MRC(15, 0, 0, 0, 2, 0));	/* TCMTR */
	add(&self->p, REPORT(0));
	add(&self->p, COND(AL) | MRC(15, 0, 0, 0, 3, 0));	/* TLBTR */
	add(&self->p, REPORT(0));
	add_set(&self->p, 1, 1);
	add(&self->p, COND(AL) | MCR(15, 2, 0, 0, 0, 1));	/* CSSELR */
	add(&self->p, COND(AL) | MRC(15, 2, 0, 0, 0, 0));
	add(&self->p, REPORT(0));
	add(&self->p, COND(AL) | MRC(15, 1, 0, 0, 0, 0));	/* CCSIDR */
	add(&self->p, REPORT(0));
	add(&self->p, COND(AL) | MRC(14, 0, 0, 0, 0, 0));	/* DBGDIDR */
	add(&self->p, REPORT(0));
	add(&self->p, COND(AL) | MRC(14, 0, 1, 0, 0, 0));	/* DBGDRAR */
	add(&self->p, REPORT(0));
	add(&self->p, COND(AL) | MRRC(14, 0, 1, 0, 1));
	add(&self->p, REPORT(0));
	add(&self->p, REPORT(1));
	/* VMRS, with FP enabled */
	add_set(&self->p, 0, 0xf << 20);
	add(&self->p, COND(AL) | MCR(15, 0, 1, 0, 2, 0));	/* CPACR */
	add(&self->p, 0xf57ff06f);				/* isb */
	add_set(&self->p, 0, 1 << 30);
	add(&self->p, 0xeee80a10);				/* vmsr fpexc, r0 */
	add(&self->p, 0xeef70a10);				/* vmrs r0, mvfr0 */
	add(&self->p, REPORT(0));
	place(_metadata, self);

	for (unsigned int i = 0; i < nr; i++) {
		uint32_t want = vcpu_reg(self->vcpu, id[i].reg);

		EXPECT_EQ(want, report(self->vcpu)) TH_LOG("register %u", i);
	}
	EXPECT_EQ(0, report(self->vcpu));
	EXPECT_EQ(0, report(self->vcpu));
	EXPECT_EQ(1, report(self->vcpu));
	EXPECT_EQ(vcpu_reg(self->vcpu, KVM_REG_ARM64 | KVM_REG_SIZE_U32 | KVM_REG_ARM_DEMUX | 1), report(self->vcpu));
	didr = report(self->vcpu);
	EXPECT_EQ(dfr0 >> 20 & 0xf, didr >> 28);		/* WRPs */
	EXPECT_EQ(dfr0 >> 12 & 0xf, didr >> 24 & 0xf);		/* BRPs */
	EXPECT_EQ(dfr0 >> 28, didr >> 20 & 0xf);		/* CTX_CMPs */
	EXPECT_EQ(6, didr >> 16 & 0xf);
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(0, report(self->vcpu));
	EXPECT_EQ((uint32_t)vcpu_reg(self->vcpu, REG_MVFR0), report(self->vcpu));
}

TEST_F(a32, conditions)
{
	uint32_t pfr0 = vcpu_reg(self->vcpu, REG_PFR0_32);
	/* The same in T32, in an IT block; then the second halves of the results */
	static const uint16_t t32[] = {
		0x4280,				/* cmp r0, r0 */
		0xbf14,				/* ite ne */
		0xee10, 0x2f11,			/* mrcne p15, 0, r2, c0, c1, 0 */
		0xee10, 0x3f11,			/* mrceq p15, 0, r3, c0, c1, 0 */
		0xf8ca, 0x2000,			/* str.w r2, [r10] */
		0xf8ca, 0x3000,			/* str.w r3, [r10] */
		0xe7fe,				/* b . */
	};

	add_set(&self->p, 2, 0x22);
	add_set(&self->p, 3, 0x33);
	add_set(&self->p, 4, 0x44);
	add_set(&self->p, 0, 0x84000000);			/* PSCI_VERSION */
	add(&self->p, CMP_R0_R0);
	add(&self->p, COND(NE) | MRC(15, 0, 0, 1, 0, 2));
	add(&self->p, COND(EQ) | MRC(15, 0, 0, 1, 0, 3));
	add(&self->p, COND(NE) | SMC);
	add(&self->p, REPORT(2));
	add(&self->p, REPORT(3));
	add(&self->p, REPORT(0));
	add_set(&self->p, 2, 0x22);
	add_set(&self->p, 3, 0x33);
	add_set(&self->p, 11, OTHER | 1);
	add(&self->p, BX_R11);
	place(_metadata, self);
	memcpy(self->ram + (OTHER - VM_RAM_GPA), t32, sizeof(t32));

	EXPECT_EQ(0x22, report(self->vcpu));
	EXPECT_EQ(pfr0, report(self->vcpu));
	EXPECT_EQ(0x84000000, report(self->vcpu));
	EXPECT_EQ(0x22, report(self->vcpu));
	EXPECT_EQ(pfr0, report(self->vcpu));
	EXPECT_NE(0, vcpu_reg(self->vcpu, REG_PSTATE) & PSTATE_T);
	EXPECT_NE(0, vcpu_reg(self->vcpu, REG_PSTATE) & PSTATE_Z);
}

/*
 * A vector that reports LR, CPSR and two fault registers. The mode's SPSR is looked at by ONE_REG: the CPU of QEMU, as
 * of 10.0, does not show an AArch32 EL1 what EL2 wrote to the SPSR of its current mode.
 */
static void place_handler(void *ram, uint32_t offset, uint32_t first, uint32_t second)
{
	const uint32_t handler[] = {
		REPORT(14), MRS_CPSR(0), REPORT(0),
		COND(AL) | first, REPORT(0), COND(AL) | second, REPORT(0), STOP,
	};
	/* b VECTORS + 0x100 */
	uint32_t jump = 0xea000000 | ((0x100 - offset - 8) / 4 & 0xffffff);

	memcpy(ram + (VECTORS - VM_RAM_GPA) + offset, &jump, 4);
	memcpy(ram + (VECTORS - VM_RAM_GPA) + 0x100, handler, sizeof(handler));
}

#define DFSR	MRC(15, 0, 5, 0, 0, 0)
#define IFSR	MRC(15, 0, 5, 0, 1, 0)
#define DFAR	MRC(15, 0, 6, 0, 0, 0)
#define IFAR	MRC(15, 0, 6, 0, 2, 0)

TEST_F(a32, undefined_instruction)
{
	static const uint16_t t32[] = { 0xee1f, 0x0f10, 0xe7fe };	/* mrc p15, 0, r0, c15, c0, 0 */
	uint32_t at = CODE + 4;

	add(&self->p, CMP_R0_R0);
	add(&self->p, COND(AL) | MRC(15, 0, 15, 0, 0, 0));	/* implementation defined: trapped, and there is none */
	place(_metadata, self);
	place_handler(self->ram, 0x04, DFSR, DFAR);
	EXPECT_EQ(at + 4, report(self->vcpu));
	EXPECT_EQ(MODE_SVC | PSTATE_AIF, vcpu_reg(self->vcpu, REG_SPSR(KVM_SPSR_UND)) & 0x3ff);
	EXPECT_EQ(MODE_UND | PSTATE_AIF, report(self->vcpu) & 0x3ff);
	EXPECT_EQ(MODE_UND, vcpu_reg(self->vcpu, REG_PSTATE) & 0x1f);
	EXPECT_EQ(PSTATE_Z, vcpu_reg(self->vcpu, REG_SPSR(KVM_SPSR_UND)) & PSTATE_Z);
	EXPECT_EQ(at + 4, vcpu_reg(self->vcpu, REG_X(22)));
	EXPECT_EQ(0, report(self->vcpu));
	EXPECT_EQ(0, report(self->vcpu));

	/* In T32, and SCTLR says that exceptions are to be taken with the other byte order, in A32. */
	memcpy(self->ram + (OTHER - VM_RAM_GPA), t32, sizeof(t32));
	vcpu_init_features(self->vcpu, FEATURE(PSCI_0_2) | FEATURE(EL1_32BIT));
	vcpu_write_reg(self->vcpu, REG_PC, OTHER);
	vcpu_write_reg(self->vcpu, REG_PSTATE, MODE_SVC | PSTATE_T);
	vcpu_write_reg(self->vcpu, REG_X(10), MMIO);
	vcpu_write_reg(self->vcpu, REG_VBAR_EL1, VECTORS);
	vcpu_write_reg(self->vcpu, REG_SCTLR_EL1, vcpu_reg(self->vcpu, REG_SCTLR_EL1) | 1 << 25);
	EXPECT_EQ(__builtin_bswap32(OTHER + 2), report(self->vcpu));
	EXPECT_EQ(MODE_SVC | PSTATE_T, vcpu_reg(self->vcpu, REG_SPSR(KVM_SPSR_UND)) & 0x3ff);
	/* A and F stay, I and E are set, T is clear. */
	EXPECT_EQ(MODE_UND | 0x80 | 0x200, __builtin_bswap32(report(self->vcpu)) & 0x3ff);
}

static void abort_load(struct __test_metadata *_metadata, struct vcpu *vcpu, bool is_write)
{
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(is_write, vcpu->run->mmio.is_write);
	EXPECT_OK(vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &events));
}

TEST_F(a32, data_abort)
{
	/* Short descriptors: FS 0b01000; long ones: bit 9 and 0b010000. WnR is bit 11 of both. */
	static const struct {
		bool long_format, write;
		uint32_t dfsr;
	} t[] = {
		{ false, false, 0x008 }, { false, true, 0x808 }, { true, false, 0x210 }, { true, true, 0xa10 },
	};

	place_handler(self->ram, 0x10, DFSR, DFAR);
	for (unsigned int i = 0; i < 4; i++) {
		uint32_t access = t[i].write ? REPORT(1) : LOAD(1);

		memcpy(self->ram, &access, 4);
		vcpu_init_features(self->vcpu, FEATURE(PSCI_0_2) | FEATURE(EL1_32BIT));
		vcpu_write_reg(self->vcpu, REG_PC, CODE);
		vcpu_write_reg(self->vcpu, REG_X(10), MMIO);
		vcpu_write_reg(self->vcpu, REG_VBAR_EL1, VECTORS);
		vcpu_write_reg(self->vcpu, REG_TCR_EL1, t[i].long_format ? TCR_EAE : 0);
		vcpu_write_reg(self->vcpu, REG_FAR_EL1, 0x1234567800000000ULL);
		vcpu_write_reg(self->vcpu, REG_PSTATE, MODE_SVC);
		abort_load(_metadata, self->vcpu, t[i].write);
		EXPECT_EQ(CODE + 8, report(self->vcpu));
		EXPECT_EQ(MODE_SVC, vcpu_reg(self->vcpu, REG_SPSR(KVM_SPSR_ABT)) & 0x3ff);
		/* A and I are set, F stays. */
		EXPECT_EQ(MODE_ABT | 0x180, report(self->vcpu) & 0x3ff);
		EXPECT_EQ(t[i].dfsr, report(self->vcpu));
		EXPECT_EQ(MMIO, report(self->vcpu));
		EXPECT_EQ(0x12345678, vcpu_reg(self->vcpu, REG_FAR_EL1) >> 32);	/* IFAR */
	}
}

TEST_F(a32, prefetch_abort)
{
	add_set(&self->p, 11, MMIO + 0x40);
	add(&self->p, BX_R11);
	place(_metadata, self);
	place_handler(self->ram, 0x0c, IFSR, IFAR);
	EXPECT_EQ(MMIO + 0x44, report(self->vcpu));
	EXPECT_EQ(MODE_SVC, vcpu_reg(self->vcpu, REG_SPSR(KVM_SPSR_ABT)) & 0x1f);
	EXPECT_EQ(MODE_ABT, report(self->vcpu) & 0x1f);
	EXPECT_EQ(0x8, report(self->vcpu));
	EXPECT_EQ(MMIO + 0x40, report(self->vcpu));
	EXPECT_EQ(0x8, vcpu_reg(self->vcpu, REG_IFSR32));
}

TEST_F(a32, firmware)
{
	/* T32: the context to MMIO */
	static const uint16_t t32[] = {
		0xf240, 0x0100,			/* movw r1, #0 */
		0xf6c0, 0x2100,			/* movt r1, #0x0a00 */
		0x6008,				/* str r0, [r1] */
		0xe7fe,				/* b . */
	};
	struct vcpu *second = vcpu_create(self->vm, 1);

	must(vcpu_try_init(second, FEATURE(PSCI_0_2) | FEATURE(EL1_32BIT) | FEATURE(POWER_OFF)));
	memcpy(self->ram + (OTHER - VM_RAM_GPA), t32, sizeof(t32));
	add_set(&self->p, 0, 0x84000000);			/* PSCI_VERSION */
	add(&self->p, HVC);
	add(&self->p, REPORT(0));
	add_set(&self->p, 0, 0x84000000);
	add(&self->p, COND(AL) | SMC);
	add(&self->p, REPORT(0));
	/* What has 64-bit arguments is not there. */
	add_set(&self->p, 0, 0xc4000003);			/* CPU_ON */
	add_set(&self->p, 1, 1);
	add_set(&self->p, 2, OTHER);
	add(&self->p, HVC);
	add(&self->p, REPORT(0));
	add_set(&self->p, 0, 0x8400000a);			/* PSCI_FEATURES */
	add_set(&self->p, 1, 0xc4000003);
	add(&self->p, HVC);
	add(&self->p, REPORT(0));
	add_set(&self->p, 0, 0x8400000a);
	add_set(&self->p, 1, 0x84000003);
	add(&self->p, HVC);
	add(&self->p, REPORT(0));
	add_set(&self->p, 0, 0x84000003);
	add_set(&self->p, 1, 1);
	add_set(&self->p, 2, OTHER | 1);
	add_set(&self->p, 3, 0xc0ffee00);
	add(&self->p, HVC);
	add(&self->p, REPORT(0));
	place(_metadata, self);

	EXPECT_EQ(0x10001, report(self->vcpu));
	EXPECT_EQ(0x10001, report(self->vcpu));
	EXPECT_EQ(~0u, report(self->vcpu));
	EXPECT_EQ(~0u, report(self->vcpu));
	EXPECT_EQ(0, report(self->vcpu));
	EXPECT_EQ(0, report(self->vcpu));
	EXPECT_EQ(0xc0ffee00, report(second));
	EXPECT_EQ(MODE_SVC | PSTATE_AIF | PSTATE_T, vcpu_reg(second, REG_PSTATE) & 0x3ff);
}

TEST_F(a32, timers)
{
	add(&self->p, COND(AL) | MRRC(15, 0, 14, 0, 1));	/* CNTPCT */
	add(&self->p, REPORT(1));
	add(&self->p, REPORT(0));
	add(&self->p, COND(AL) | MRRC(15, 0, 14, 0, 1));
	add(&self->p, REPORT(1));
	add(&self->p, REPORT(0));
	add_set(&self->p, 0, 0x89abcdef);
	add_set(&self->p, 1, 0x01234567);
	add(&self->p, COND(AL) | MCRR(15, 2, 14, 0, 1));	/* CNTP_CVAL */
	add_set(&self->p, 0, 2);
	add(&self->p, COND(AL) | MCR(15, 0, 14, 2, 1, 0));	/* CNTP_CTL: masked */
	add(&self->p, COND(AL) | MRRC(15, 2, 14, 2, 3));
	add(&self->p, REPORT(2));
	add(&self->p, REPORT(3));
	add(&self->p, COND(AL) | MRC(15, 0, 14, 2, 1, 0));
	add(&self->p, REPORT(0));
	place(_metadata, self);

	uint64_t first = (uint64_t)report(self->vcpu) << 32, second;

	first |= report(self->vcpu);
	second = (uint64_t)report(self->vcpu) << 32;
	second |= report(self->vcpu);
	EXPECT_LE(first, second);
	EXPECT_LE(second - first, 1ULL << 40);
	EXPECT_EQ(0x89abcdef, report(self->vcpu));
	EXPECT_EQ(0x01234567, report(self->vcpu));
	EXPECT_EQ(2, report(self->vcpu) & 3);
	EXPECT_EQ(0x0123456789abcdefULL, vcpu_reg(self->vcpu, KVM_REG_ARM_PTIMER_CVAL));
}

TEST_F(a32, stage1_controls)
{
	/* Set and way: from here on writes of the controls trap, until the caches are on. */
	static const struct {
		uint32_t insn;
		uint32_t value;
	} w[] = {
		{ MCR(15, 0, 10, 2, 0, 0), 0x04ff4400 },	/* MAIR0 */
		{ MCR(15, 0, 10, 2, 1, 0), 0xff0000ee },	/* MAIR1 */
		{ MCR(15, 0, 3, 0, 0, 0), 0x55555555 },		/* DACR */
		{ MCR(15, 0, 6, 0, 2, 0), 0x87654321 },		/* IFAR */
		{ MCR(15, 0, 6, 0, 0, 0), 0x12345678 },		/* DFAR */
		{ MCR(15, 0, 5, 0, 1, 0), 0x5 },		/* IFSR */
		{ MCR(15, 0, 5, 0, 0, 0), 0x7 },		/* DFSR */
		{ MCR(15, 0, 13, 0, 1, 0), 0x1234 },		/* CONTEXTIDR */
	};
	const unsigned int nr = sizeof(w) / sizeof(w[0]);

	add_set(&self->p, 0, TCR_EAE);
	add(&self->p, COND(AL) | MCR(15, 0, 2, 0, 2, 0));	/* TTBCR */
	add_set(&self->p, 0, 0);
	add(&self->p, COND(AL) | MCR(15, 0, 7, 6, 2, 0));	/* DCISW */
	add(&self->p, COND(AL) | MCR(15, 0, 7, 14, 2, 0));	/* DCCISW */
	for (unsigned int i = 0; i < nr; i++) {
		add_set(&self->p, 0, w[i].value);
		add(&self->p, COND(AL) | w[i].insn);
	}
	add_set(&self->p, 0, 0x44556000);
	add_set(&self->p, 1, 0x3);
	add(&self->p, COND(AL) | MCRR(15, 0, 2, 0, 1));		/* TTBR0 */
	for (unsigned int i = 0; i < nr; i++) {
		add(&self->p, COND(AL) | w[i].insn | 1 << 20);
		add(&self->p, REPORT(0));
	}
	place(_metadata, self);

	for (unsigned int i = 0; i < nr; i++) {
		EXPECT_EQ(w[i].value, report(self->vcpu)) TH_LOG("register %u", i);
	}
	EXPECT_EQ(TCR_EAE, vcpu_reg(self->vcpu, REG_TCR_EL1));
	EXPECT_EQ(0xff0000ee04ff4400ULL, vcpu_reg(self->vcpu, REG_MAIR_EL1));
	EXPECT_EQ(0x8765432112345678ULL, vcpu_reg(self->vcpu, REG_FAR_EL1));
	EXPECT_EQ(0x344556000ULL, vcpu_reg(self->vcpu, REG_TTBR0_EL1));
	EXPECT_EQ(0x55555555, vcpu_reg(self->vcpu, REG_DACR32));
	EXPECT_EQ(0x5, vcpu_reg(self->vcpu, REG_IFSR32));
	EXPECT_EQ(0x7, vcpu_reg(self->vcpu, REG_ESR_EL1));
}

TEST_F(a32, floating_point)
{
	uint64_t v[2];

	add_set(&self->p, 0, 0xf << 20);
	add(&self->p, COND(AL) | MCR(15, 0, 1, 0, 2, 0));	/* CPACR */
	add(&self->p, 0xf57ff06f);				/* isb */
	add_set(&self->p, 0, 1 << 30);
	add(&self->p, 0xeee80a10);				/* vmsr fpexc, r0 */
	add_set(&self->p, 0, 0x11223344);
	add_set(&self->p, 1, 0x55667788);
	add(&self->p, 0xec410b10);				/* vmov d0, r0, r1 */
	add(&self->p, REPORT(0));
	add(&self->p, 0xec532b10);				/* vmov r2, r3, d0 */
	add(&self->p, REPORT(2));
	add(&self->p, REPORT(3));
	place(_metadata, self);
	EXPECT_EQ(0x11223344, report(self->vcpu));
	must(vcpu_get_reg(self->vcpu, REG_V(0), v));
	EXPECT_EQ(0x5566778811223344ULL, v[0]);
	v[0] = 0xaabbccdd99887766ULL;
	must(vcpu_set_reg(self->vcpu, REG_V(0), v));
	EXPECT_EQ(0x99887766, report(self->vcpu));
	EXPECT_EQ(0xaabbccdd, report(self->vcpu));
	EXPECT_EQ(1 << 30, vcpu_reg(self->vcpu, REG_SYS(3, 4, 5, 3, 0)) & 1 << 30);	/* FPEXC32_EL2 */
}

TEST_F(a32, no_performance_monitors)
{
	add(&self->p, COND(AL) | MRC(15, 0, 9, 12, 0, 0));
	place(_metadata, self);
	place_handler(self->ram, 0x04, DFSR, DFAR);
	EXPECT_EQ(CODE + 4, report(self->vcpu));
	EXPECT_EQ(MODE_UND, vcpu_reg(self->vcpu, REG_PSTATE) & 0x1f);
}

#define PM_WRITE(p, crn, crm, op2, value) do {				\
	add_set(p, 0, value);						\
	add(p, COND(AL) | MCR(15, 0, crn, crm, op2, 0));		\
} while (0)
#define PM_READ(p, crn, crm, op2) do {					\
	add(p, COND(AL) | MRC(15, 0, crn, crm, op2, 0));		\
	add(p, REPORT(0));						\
} while (0)

TEST_F(a32, performance_monitors)
{
	struct vm *vm;
	struct vcpu *vcpu;
	uint32_t pmcr;

	if (kvm_check(KVM_CAP_ARM_PMU_V3) <= 0)
		SKIP(return, "no PMU");
	vm = vm_create_bare(0);
	vm_destroy(self->vm);
	self->vm = vm;
	self->ram = vm_add_slot(vm, VM_SLOT_RAM, VM_RAM_GPA, 0x10000, 0);
	vcpu = vcpu_create(vm, 0);
	vcpu_init_features(vcpu, FEATURE(PSCI_0_2) | FEATURE(EL1_32BIT) | FEATURE(PMU_V3));
	must(pmu_set(vcpu, KVM_ARM_VCPU_PMU_V3_INIT, NULL));
	vcpu_write_reg(vcpu, REG_PC, CODE);
	vcpu_write_reg(vcpu, REG_X(10), MMIO);
	vcpu_write_reg(vcpu, REG_PMCCNTR, 0x0123456789abcdefULL);
	vcpu_write_reg(vcpu, REG_VBAR_EL1, VECTORS);

	PM_READ(&self->p, 9, 12, 0);				/* PMCR */
	PM_WRITE(&self->p, 9, 12, 1, 1);			/* PMCNTENSET */
	PM_READ(&self->p, 9, 12, 2);				/* PMCNTENCLR */
	PM_WRITE(&self->p, 9, 14, 1, 1);			/* PMINTENSET */
	PM_READ(&self->p, 9, 14, 2);				/* PMINTENCLR */
	PM_WRITE(&self->p, 9, 14, 3, 1);			/* PMOVSSET */
	PM_READ(&self->p, 9, 12, 3);				/* PMOVSR */
	PM_WRITE(&self->p, 9, 14, 0, ~0u);			/* PMUSERENR */
	PM_READ(&self->p, 9, 14, 0);
	PM_WRITE(&self->p, 9, 12, 5, 1);			/* PMSELR */
	PM_WRITE(&self->p, 14, 12, 1, EVENT_CPU_CYCLES);	/* PMEVTYPER1 */
	PM_READ(&self->p, 9, 13, 1);				/* PMXEVTYPER */
	PM_WRITE(&self->p, 9, 13, 2, 0x1234);			/* PMXEVCNTR */
	PM_READ(&self->p, 14, 8, 1);				/* PMEVCNTR1 */
	PM_WRITE(&self->p, 14, 12, 0, EVENT_SW_INCR);
	PM_WRITE(&self->p, 14, 8, 0, 40);
	PM_WRITE(&self->p, 9, 12, 0, PMCR_E);
	PM_WRITE(&self->p, 9, 12, 4, 1);			/* PMSWINC */
	PM_WRITE(&self->p, 9, 12, 4, 3);
	PM_READ(&self->p, 14, 8, 0);
	PM_READ(&self->p, 9, 12, 6);				/* PMCEID0 */
	/* PMCCNTR's lower half; MRRC and MCRR, of all of it, are unknown to QEMU 10.0's CPUs. */
	PM_WRITE(&self->p, 9, 13, 0, 0x55667788);
	PM_READ(&self->p, 9, 13, 0);
	PM_WRITE(&self->p, 14, 15, 7, TYPER_U);			/* PMCCFILTR */
	add(&self->p, REPORT(0));
	place(_metadata, self);
	place_handler(self->ram, 0x04, DFSR, DFAR);

	pmcr = report(vcpu);
	EXPECT_EQ((uint32_t)vcpu_reg(vcpu, REG_PMCR), pmcr);
	EXPECT_LT(1, PMCR_N(pmcr));
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(1, report(vcpu));
	EXPECT_EQ(0xf, report(vcpu));
	EXPECT_EQ(EVENT_CPU_CYCLES, report(vcpu));
	EXPECT_EQ(0x1234, report(vcpu));
	EXPECT_EQ(42, report(vcpu));
	EXPECT_NE(0, report(vcpu) & 1 << EVENT_SW_INCR);
	EXPECT_EQ(0x55667788, report(vcpu));
	EXPECT_EQ(0x0123456755667788ULL, vcpu_reg(vcpu, REG_PMCCNTR));
	report(vcpu);
	EXPECT_EQ(TYPER_U, vcpu_reg(vcpu, REG_PMCCFILTR));
}

TEST_F(a32, every_register_moves)
{
	struct vm *vm = vm_create_bare(0);
	struct vcpu *to = vcpu_create(vm, 0);
	struct kvm_reg_list *list = vcpu_reg_list(self->vcpu);
	uint8_t value[256], again[256];

	vcpu_init_features(to, FEATURE(PSCI_0_2) | FEATURE(EL1_32BIT));
	vcpu_write_reg(self->vcpu, REG_PSTATE, MODE_ABT | PSTATE_T);
	vcpu_write_reg(self->vcpu, REG_SPSR(KVM_SPSR_FIQ), 0x600001d3);
	vcpu_write_reg(self->vcpu, REG_DACR32, 0x77);
	for (uint64_t i = 0; i < list->n; i++) {
		memset(value, 0, sizeof(value));
		must(vcpu_get_reg(self->vcpu, list->reg[i], value));
		EXPECT_OK(vcpu_set_reg(to, list->reg[i], value));
		memset(again, 0, sizeof(again));
		must(vcpu_get_reg(to, list->reg[i], again));
		if (list->reg[i] != KVM_REG_ARM_TIMER_CNT && list->reg[i] != KVM_REG_ARM_PTIMER_CNT) {
			EXPECT_EQ(0, memcmp(value, again, sizeof(value))) TH_LOG("%#lx", (unsigned long)list->reg[i]);
		}
	}
	free(list);
	vm_destroy(vm);
}

/* At EL0, in AArch32 state, below an EL1 in AArch64 state that reports x0 when it is taken to. */
static void el0_begin(struct vcpu *vcpu, void *ram, const uint32_t *code, size_t size)
{
	const uint32_t vector[] = { A64_REPORT_W0, A64_STOP };

	memcpy(ram, code, size);
	memcpy(ram + (VECTORS - VM_RAM_GPA) + 0x600, vector, sizeof(vector));
	vcpu_write_reg(vcpu, REG_PC, CODE);
	vcpu_write_reg(vcpu, REG_PSTATE, MODE_USR);
	vcpu_write_reg(vcpu, REG_X(10), MMIO);
	vcpu_write_reg(vcpu, REG_X(0), 0x1234);
	vcpu_write_reg(vcpu, REG_VBAR_EL1, VECTORS);
}

/* EL0 is in AArch32 state, EL1 in AArch64: what EL0 may access is answered, the rest is for EL1 to see. */
TEST(el0_only)
{
	const uint32_t code[] = {
		COND(AL) | MRRC(15, 0, 14, 0, 1),	/* CNTPCT */
		REPORT(1),
		COND(AL) | MRC(15, 0, 15, 0, 0, 0),	/* implementation defined */
		STOP,
	};
	struct vm *vm = vm_create_bare(0);
	void *ram = vm_add_slot(vm, VM_SLOT_RAM, VM_RAM_GPA, 0x10000, 0);
	struct vcpu *vcpu = vcpu_create(vm, 0);
	uint64_t pstate = MODE_USR;

	vcpu_init_features(vcpu, FEATURE(PSCI_0_2));
	if ((vcpu_reg(vcpu, REG_PFR0_64) & 0xf) != 2) {
		EXPECT_ERRNO(EINVAL, vcpu_set_reg(vcpu, REG_PSTATE, &pstate));
		vm_destroy(vm);
		return;
	}
	el0_begin(vcpu, ram, code, sizeof(code));
	vcpu_write_reg(vcpu, REG_CNTKCTL, 3);
	EXPECT_LE(report(vcpu), 1u << 8);
	vcpu_write_reg(vcpu, REG_X(0), 0x1234);
	EXPECT_EQ(0x1234, report(vcpu));
	EXPECT_EQ(EC_UNKNOWN, ESR_EC(vcpu_reg(vcpu, REG_ESR_EL1)));
	EXPECT_EQ(CODE + 8, vcpu_reg(vcpu, REG_ELR_EL1));
	EXPECT_EQ(MODE_USR, vcpu_reg(vcpu, REG_SPSR(KVM_SPSR_EL1)) & 0x1f);
	vm_destroy(vm);
}

/* What EL0 may have of the PMU is said by PMUSERENR_EL0; the rest is a trap to EL1, as the instruction's. */
TEST(el0_performance_monitors)
{
	const uint32_t code[] = {
		COND(AL) | MRC(15, 0, 9, 13, 0, 1),	/* PMCCNTR */
		REPORT(1),
		COND(AL) | MRC(15, 0, 9, 12, 0, 1),	/* PMCR */
		STOP,
	};
	struct vm *vm = vm_create_bare(0);
	void *ram = vm_add_slot(vm, VM_SLOT_RAM, VM_RAM_GPA, 0x10000, 0);
	struct vcpu *vcpu = vcpu_create(vm, 0);

	if (kvm_check(KVM_CAP_ARM_PMU_V3) <= 0) {
		vm_destroy(vm);
		SKIP(return, "no PMU");
	}
	vcpu_init_features(vcpu, FEATURE(PSCI_0_2) | FEATURE(PMU_V3));
	if ((vcpu_reg(vcpu, REG_PFR0_64) & 0xf) != 2) {
		vm_destroy(vm);
		SKIP(return, "no AArch32 at EL0");
	}
	must(pmu_set(vcpu, KVM_ARM_VCPU_PMU_V3_INIT, NULL));
	el0_begin(vcpu, ram, code, sizeof(code));
	vcpu_write_reg(vcpu, REG_PMCCNTR, 0x77);
	vcpu_write_reg(vcpu, REG_PMUSERENR, USERENR_CR);
	EXPECT_EQ(0x77, report(vcpu));
	EXPECT_EQ(0x1234, report(vcpu));
	EXPECT_EQ(0x03, ESR_EC(vcpu_reg(vcpu, REG_ESR_EL1)));	/* MRC of coprocessor 15 */
	EXPECT_EQ(CODE + 8, vcpu_reg(vcpu, REG_ELR_EL1));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
