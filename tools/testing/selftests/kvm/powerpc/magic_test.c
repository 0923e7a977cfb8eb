// SPDX-License-Identifier: GPL-2.0
/*
 * The page of registers that a guest shares with the hypervisor: what is written on one side is there on the other,
 * interrupts are held and announced in it, and nobody else sees it.
 */
#include <stddef.h>
#include <stdlib.h>
#include <asm/kvm_para.h>

#include "kvm_test.h"
#include "ppc.h"

#define MAGIC		0xfffff000u
#define CALL_FEATURES	(42u << 16 | 3)
#define CALL_MAP	(42u << 16 | 4)
/* Offset of a member; of one of 64 bits that of the half that counts. */
#define AT(member)	(offsetof(struct kvm_vcpu_arch_shared, member) + \
			 sizeof(((struct kvm_vcpu_arch_shared *)0)->member) - 4)
#define READ(p, reg, member)	emit(p, i_lwz(reg, 0, MAGIC + AT(member)))
#define WRITE(p, reg, member)	emit(p, i_stw(reg, 0, MAGIC + AT(member)))

static void emit_call(struct ppc *p, uint32_t number)
{
	struct kvm_ppc_pvinfo info;

	must(ioctl(p->vm, KVM_PPC_GET_PVINFO, &info));
	emit_li(p, 11, number);
	for (unsigned int i = 0; i < 4; i++)
		emit(p, info.hcall[i]);
}

static void emit_map(struct ppc *p, uint32_t ea)
{
	emit_li(p, 3, ea);
	emit_li(p, 4, ea | MAGIC_PAGE_FLAG_NOT_MAPPED_NX);
	emit_call(p, CALL_MAP);
}

/* With the page mapped, and out of a critical section: r1 is not what is in the page */
static struct ppc *create(void)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	emit_map(p, MAGIC);
	ppc_exec(p);
	ppc_set_gpr(p, 0, 0);
	ppc_set_gpr(p, 1, PPC_DATA);
	return p;
}

TEST(calls)
{
	struct ppc *p = ppc_create();

	emit_call(p, CALL_FEATURES);
	ppc_exec(p);
	EXPECT_EQ(0, ppc_gpr(p, 3));
	EXPECT_EQ(1 << KVM_FEATURE_MAGIC_PAGE, ppc_gpr(p, 4));
	emit_map(p, MAGIC);
	ppc_exec(p);
	EXPECT_EQ(0, ppc_gpr(p, 3));
	/* There are no segment registers. */
	EXPECT_EQ(KVM_MAGIC_FEAT_MAS0_TO_SPRG7, ppc_gpr(p, 4));
	ppc_destroy(p);
}

static const struct {
	const char *name;
	unsigned int spr, at;
} shared[] = {
	{ "SRR0", SPR_SRR0, AT(srr0) },
	{ "SRR1", SPR_SRR1, AT(srr1) },
	{ "DEAR", SPR_DEAR, AT(dar) },
	{ "ESR", SPR_ESR, AT(esr) },
	{ "SPRG0", SPR_SPRG0, AT(sprg0) },
	{ "SPRG1", SPR_SPRG0 + 1, AT(sprg1) },
	{ "SPRG2", SPR_SPRG0 + 2, AT(sprg2) },
	{ "SPRG3", SPR_SPRG0 + 3, AT(sprg3) },
	{ "SPRG4", SPR_SPRG4W, AT(sprg4) },
	{ "SPRG5", SPR_SPRG4W + 1, AT(sprg5) },
	{ "SPRG6", SPR_SPRG4W + 2, AT(sprg6) },
	{ "SPRG7", SPR_SPRG4W + 3, AT(sprg7) },
};

#define NR_SHARED (sizeof(shared) / sizeof(*shared))

/* A register that is written by its instruction is read in the page, and the other way round. */
TEST(registers)
{
	struct ppc *p = create();

	for (unsigned int i = 0; i < NR_SHARED; i++) {
		uint32_t a = random() << 1, b = random() << 1;

		emit_li(p, 5, a);
		emit(p, i_mtspr(shared[i].spr, 5));
		emit(p, i_lwz(6, 0, MAGIC + shared[i].at));
		emit_li(p, 5, b);
		emit(p, i_stw(5, 0, MAGIC + shared[i].at));
		emit(p, i_mfspr(7, shared[i].spr));
		ppc_exec(p);
		EXPECT_EQ(a, ppc_gpr(p, 6)) TH_LOG("%s", shared[i].name);
		EXPECT_EQ(b, ppc_gpr(p, 7)) TH_LOG("%s", shared[i].name);
	}
	READ(p, 5, pir);
	emit(p, i_mfspr(6, SPR_PIR));
	ppc_exec(p);
	EXPECT_EQ(ppc_gpr(p, 5), ppc_gpr(p, 6));
	ppc_destroy(p);
}

/* SPRG4 to SPRG7 are read without a trap: an exit is what brings them up to date. */
TEST(natively_read)
{
	struct ppc *p = create();

	for (unsigned int i = 0; i < 4; i++) {
		emit_li(p, 5, 0x4440 + i);
		emit(p, i_stw(5, 0, MAGIC + AT(sprg4) + 8 * i));
	}
	emit(p, i_mfmsr(5));
	for (unsigned int i = 0; i < 4; i++)
		emit(p, i_mfspr(10 + i, SPR_SPRG4R + i));
	ppc_exec(p);
	for (unsigned int i = 0; i < 4; i++) {
		EXPECT_EQ(0x4440 + i, ppc_gpr(p, 10 + i));
	}
	ppc_destroy(p);
}

/* The same as user space has it. */
TEST(user_space)
{
	struct ppc *p = create();
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	emit_li(p, 5, 0x111);
	WRITE(p, 5, srr0);
	emit_li(p, 5, 0x222);
	WRITE(p, 5, sprg3);
	emit_li(p, 5, 0x333);
	WRITE(p, 5, sprg7);
	emit_li(p, 5, 0x444);
	WRITE(p, 5, dar);
	WRITE(p, 5, esr);
	/* The half of a register that a core of 32 bits does not have */
	emit(p, i_stw(5, 0, MAGIC + AT(srr0) - 4));
	emit(p, i_stw(5, 0, MAGIC + AT(dar) - 4));
	ppc_exec(p);
	ppc_get(p, &regs);
	EXPECT_EQ(0x111, regs.srr0);
	EXPECT_EQ(0x222, regs.sprg3);
	EXPECT_EQ(0x333, regs.sprg7);
	ppc_get_sregs(p, &sregs);
	EXPECT_EQ(0x444, sregs.u.e.dear);
	EXPECT_EQ(0x444, sregs.u.e.esr);

	regs.srr1 = 0x555;
	regs.sprg0 = 0x666;
	regs.sprg4 = 0x777;
	ppc_set(p, &regs);
	READ(p, 5, srr1);
	READ(p, 6, sprg0);
	READ(p, 7, sprg4);
	ppc_exec(p);
	EXPECT_EQ(0x555, ppc_gpr(p, 5));
	EXPECT_EQ(0x666, ppc_gpr(p, 6));
	EXPECT_EQ(0x777, ppc_gpr(p, 7));
	ppc_destroy(p);
}

/* MSR: all of it can be read, EE can be written. */
TEST(machine_state)
{
	struct ppc *p = create();

	emit_li(p, 5, MSR_CE | MSR_ME);
	emit(p, i_mtmsr(5));
	READ(p, 6, msr);
	emit_li(p, 5, MSR_CE | MSR_ME | MSR_EE);
	WRITE(p, 5, msr);
	emit(p, i_mfmsr(7));
	emit_li(p, 5, ~0u);
	WRITE(p, 5, msr);
	emit(p, i_mfmsr(8));
	READ(p, 9, msr);
	emit_li(p, 5, 0);
	WRITE(p, 5, msr);
	emit(p, i_mfmsr(10));
	ppc_exec(p);
	EXPECT_EQ(MSR_CE | MSR_ME, ppc_gpr(p, 6));
	EXPECT_EQ(MSR_CE | MSR_ME | MSR_EE, ppc_gpr(p, 7));
	EXPECT_EQ(MSR_CE | MSR_ME | MSR_EE, ppc_gpr(p, 8));
	EXPECT_EQ(MSR_CE | MSR_ME | MSR_EE, ppc_gpr(p, 9));
	EXPECT_EQ(MSR_CE | MSR_ME, ppc_gpr(p, 10));
	EXPECT_EQ(MSR_CE | MSR_ME, ppc_msr(p));
	ppc_destroy(p);
}

/* What waits is announced, and taken at the next exit once the guest has enabled it in the page. */
TEST(int_pending)
{
	struct ppc *p = create();

	READ(p, 6, int_pending);
	ppc_exec(p);
	EXPECT_EQ(0, ppc_gpr(p, 6));
	ppc_interrupt(p, KVM_INTERRUPT_SET_LEVEL);
	READ(p, 6, int_pending);
	ppc_exec(p);
	EXPECT_EQ(1, ppc_gpr(p, 6));

	emit_li(p, 5, MSR_EE);
	WRITE(p, 5, msr);
	emit(p, i_mfspr(5, SPR_SRR0));
	emit(p, I_NOP);
	emit_stop(p);
	ppc_begin(p);
	EXPECT_EQ(VEC_EXTERNAL, ppc_trap(p));
	ppc_interrupt(p, KVM_INTERRUPT_UNSET);
	ppc_run(p);
	ppc_expect_stop(p);
	ppc_new(p);
	READ(p, 6, int_pending);
	ppc_exec(p);
	EXPECT_EQ(0, ppc_gpr(p, 6));
	ppc_destroy(p);
}

/* critical == r1: interrupts are held, in supervisor state only; exceptions of the guest's own are not. */
TEST(critical)
{
	struct ppc *p = create();
	struct kvm_regs regs;

	emit_li(p, 1, 0x12345670);
	WRITE(p, 1, critical);
	emit(p, i_wrteei(1));
	emit(p, i_mfmsr(5));
	emit(p, I_NOP);
	emit_stop(p);
	ppc_interrupt(p, KVM_INTERRUPT_SET_LEVEL);
	ppc_begin(p);
	ppc_expect_stop(p);
	EXPECT_EQ(MSR_EE, ppc_gpr(p, 5));

	ppc_new(p);
	emit(p, I_SC);
	emit_li(p, 2, 0);
	WRITE(p, 2, critical);
	emit(p, i_mfmsr(5));
	emit(p, I_NOP);
	emit_stop(p);
	ppc_begin(p);
	EXPECT_EQ(VEC_SYSCALL, ppc_trap(p));
	ppc_run(p);
	EXPECT_EQ(VEC_EXTERNAL, ppc_trap(p));
	ppc_get(p, &regs);
	EXPECT_GE(PPC_CODE + 24, regs.srr0);

	/* Whatever r1 is in user state */
	ppc_new(p);
	ppc_set_msr(p, 0);
	emit_li(p, 1, 0x12345670);
	WRITE(p, 1, critical);
	emit_stop(p);
	ppc_begin(p);
	ppc_expect_stop(p);
	ppc_tlbwe(p, 0, TLB_VALID | TLB_256M, 0, TLB_S_RWX | TLB_U_RWX, 0);
	ppc_new(p);
	emit(p, I_B_SELF);
	ppc_get(p, &regs);
	regs.gpr[1] = 0x12345670;
	regs.msr = MSR_PR | MSR_EE;
	ppc_set(p, &regs);
	ppc_begin(p);
	EXPECT_EQ(VEC_EXTERNAL, ppc_trap(p));
	ppc_destroy(p);
}

/* In user state, and as a place for instructions, the page is not there. */
TEST(not_for_others)
{
	struct ppc *p = create();

	ppc_tlbwe(p, 0, TLB_VALID | TLB_256M, 0, TLB_S_RWX | TLB_U_RWX, 0);
	READ(p, 5, msr);
	emit_stop(p);
	ppc_begin(p);
	ppc_expect_stop(p);
	ppc_set_msr(p, MSR_PR);
	ppc_begin(p);
	EXPECT_EQ(VEC_DTLB, ppc_trap(p));

	for (int i = 0; i < 2; i++) {
		ppc_set_msr(p, 0);
		ppc_set_pc(p, MAGIC);
		ppc_run(p);
		EXPECT_EQ(VEC_ISI, ppc_trap(p));
		ppc_set_msr(p, 0);
		ppc_begin(p);
		ppc_expect_stop(p);
	}
	ppc_destroy(p);
}

/* It hides what the guest's TLB has there, in both address spaces and with every PID; and can be moved, and taken away. */
TEST(moves)
{
	static const uint32_t places[] = { MAGIC, 0x50000000, 0x00100000, MAGIC, 0 };
	uint32_t magic = 0x4d414749, memory = 0x4d454d4f;
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	memcpy(p->ram + PPC_DATA + AT(sprg2), &memory, 4);
	ppc_tlbwe(p, 1, 0x50000000 | TLB_VALID | TLB_SIZE(3), PPC_DATA, TLB_S_RWX, 0);
	ppc_tlbwe(p, 2, MAGIC | TLB_VALID | TLB_4K, PPC_DATA, TLB_S_RWX, 0);
	ppc_tlbwe(p, 3, 0x50000000 | TLB_TS | TLB_VALID | TLB_SIZE(3), PPC_DATA, TLB_S_RWX, 0);
	ppc_tlbwe(p, 4, MAGIC | TLB_TS | TLB_VALID | TLB_4K, PPC_DATA, TLB_S_RWX, 0);
	ppc_tlbwe(p, 5, PPC_DATA | TLB_TS | TLB_VALID | TLB_4K, PPC_DATA, TLB_S_RWX, 0);
	for (unsigned int i = 0; i < 5; i++) {
		ppc_new(p);
		emit_li(p, 3, magic);
		emit(p, i_mtspr(SPR_SPRG0 + 2, 3));
		emit_map(p, places[i]);
		ppc_exec(p);
		for (unsigned int k = 0; k < 12; k++) {
			uint32_t ea = places[k % 3];
			struct kvm_regs regs;

			ppc_new(p);
			emit(p, i_lwz(5, 4, AT(sprg2)));
			emit_stop(p);
			ppc_get(p, &regs);
			regs.gpr[4] = ea;
			regs.pid = k / 6 * 3;
			regs.msr = k / 3 % 2 ? MSR_DS : 0;
			ppc_set(p, &regs);
			ppc_begin(p);
			ppc_expect_stop(p);
			ASSERT_EQ(ea == places[i] ? magic : memory, ppc_gpr(p, 5))
				TH_LOG("%#x, mapped at %#x", ea, places[i]);
		}
		ppc_set_msr(p, 0);
	}
	ppc_destroy(p);
}

/* An access that begins in a device and ends in the page */
TEST(across_from_device)
{
	struct ppc *p = create();

	ppc_tlbwe(p, 1, (MAGIC - 0x1000) | TLB_VALID | TLB_4K, PPC_MMIO, TLB_S_RWX, 0);
	ppc_new(p);
	emit_li(p, 5, 0x777);
	emit(p, i_stw(5, 0, MAGIC + 4));
	emit(p, i_stw(5, 0, MAGIC));
	emit_li(p, 4, MAGIC - 4);
	emit(p, i_lmw(29, 4, 0));
	emit_stop(p);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(PPC_MMIO + 0xffc, p->run->mmio.phys_addr);
	memcpy(p->run->mmio.data, "\x11\x22\x33\x44", 4);
	ppc_run(p);
	ppc_expect_stop(p);
	EXPECT_EQ(0x11223344, ppc_gpr(p, 29));
	EXPECT_EQ(0x777, ppc_gpr(p, 30));
	EXPECT_EQ(0x777, ppc_gpr(p, 31));
	ppc_destroy(p);
}

/* Any contents: the guest's own registers are what it makes of them, and the rest goes on. */
TEST(any_contents)
{
	struct ppc *p = create();

	for (unsigned int round = 0; round < 50; round++) {
		for (unsigned int i = 0; i < 40; i++) {
			unsigned int at = random() % (i % 2 ? 1024 : 60) * 4;

			emit_li(p, 5, random() << (round % 2));
			emit(p, i_stw(5, 0, MAGIC + at));
			if (i % 4 == 0)
				emit(p, i_mfmsr(6));
		}
		ppc_exec(p);
		EXPECT_EQ(0, ppc_msr(p) & ~MSR_EE);
		EXPECT_EQ(0, ppc_gpr(p, 6) & ~MSR_EE);
	}
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
