// SPDX-License-Identifier: GPL-2.0
/* Registers for user space and for the guest; exceptions of the guest's own; bad input to ioctls. */
#include <stdlib.h>
#include <sys/mman.h>

#include "kvm_test.h"
#include "ppc.h"

TEST(regs_round_trip)
{
	struct ppc *p = ppc_create();
	struct kvm_regs a, b;
	uint64_t *word = (uint64_t *)&a;

	for (unsigned int i = 0; i < sizeof(a) / 8; i++)
		word[i] = (uint32_t)random();
	a.pc &= ~3u;
	a.msr = MSR_CE | MSR_EE | MSR_ME;
	a.pid &= 0xff;
	ppc_set(p, &a);
	ppc_get(p, &b);
	EXPECT_EQ(0, memcmp(&a, &b, sizeof(a)));

	/* What the core has not is not there. */
	a.msr = ~0ULL;
	ppc_set(p, &a);
	EXPECT_EQ(0x6ff30, ppc_msr(p));
	ppc_destroy(p);
}

TEST(sregs_round_trip)
{
	struct ppc *p = ppc_create();
	struct kvm_sregs a, b;

	EXPECT_EQ(1, kvm_check(KVM_CAP_PPC_BOOKE_SREGS));
	ppc_get_sregs(p, &a);
	EXPECT_EQ(KVM_SREGS_E_BASE | KVM_SREGS_E_ARCH206 | KVM_SREGS_E_IVOR | KVM_SREGS_E_DEBUG, a.u.e.features);
	a.u.e.csrr0 = 0x1234;
	a.u.e.mcsrr1 = 0x999;
	a.u.e.esr = 0x800000;
	a.u.e.dear = 0xabcdef;
	a.u.e.ivpr = 0x70000;
	a.u.e.ivor_low[3] = 0x340;
	a.u.e.vrsave = 77;
	a.u.e.tcr = 0xc7000000;		/* long periods: none ends meanwhile */
	a.u.e.tsr = 0x08000000;
	a.u.e.iac[2] = 0x5000;
	a.u.e.update_special = KVM_SREGS_E_UPDATE_TSR;
	ppc_set_sregs(p, &a);
	ppc_get_sregs(p, &b);
	a.u.e.update_special = 0;
	a.u.e.tb = b.u.e.tb;
	EXPECT_EQ(0, memcmp(&a, &b, sizeof(a)));

	/* Without its bit the status stays as it is. */
	a.u.e.tsr = 0;
	ppc_set_sregs(p, &a);
	ppc_get_sregs(p, &b);
	EXPECT_EQ(0x08000000, b.u.e.tsr);

	a.pvr ^= 1;
	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_SET_SREGS, &a));
	ppc_destroy(p);
}

/* mtspr and mfspr of what is just a register. */
TEST(special_purpose_registers)
{
	static const struct {
		unsigned int spr;
		uint32_t mask;
	} reg[] = {
		{ SPR_SRR0, ~0u }, { SPR_SRR1, ~0u }, { 58, ~0u }, { 59, ~0u }, { SPR_DEAR, ~0u }, { SPR_ESR, ~0u },
		{ SPR_IVPR, 0xffff0000 }, { SPR_IVOR(0), 0xfff0 }, { SPR_IVOR(15), 0xfff0 }, { SPR_SPRG0, ~0u },
		{ SPR_SPRG0 + 3, ~0u }, { SPR_SPRG4W, ~0u }, { SPR_SPRG4W + 3, ~0u }, { 570, ~0u }, { 571, ~0u },
		{ 312, ~0u }, { 316, ~0u }, { SPR_PID, 0xff }, { SPR_USPRG0, ~0u },
	};
	struct ppc *p = ppc_create();

	for (unsigned int i = 0; i < sizeof(reg) / sizeof(*reg); i++) {
		uint32_t value = random() << 1;

		ppc_new(p);
		emit_li(p, 3, value);
		emit(p, i_mtspr(reg[i].spr, 3));
		emit(p, i_mfspr(4, reg[i].spr));
		ppc_exec(p);
		EXPECT_EQ(value & reg[i].mask, ppc_gpr(p, 4)) TH_LOG("SPR %u", reg[i].spr);
		/* Back to what the next program needs. */
		ppc_new(p);
		emit_li(p, 3, 0);
		emit(p, i_mtspr(SPR_PID, 3));
		ppc_exec(p);
	}
	ppc_destroy(p);
}

/* SPRG4 to SPRG7 and USPRG0 are read without a trap, in user state too. */
TEST(readable_natively)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	ppc_tlbwe(p, 0, TLB_VALID | TLB_256M, 0, TLB_S_RWX | TLB_U_RWX, 0);
	for (unsigned int i = 0; i < 4; i++) {
		emit_li(p, 3, 0x1110 + i);
		emit(p, i_mtspr(SPR_SPRG4W + i, 3));
	}
	emit_li(p, 3, PPC_CODE + 0x200);
	emit(p, i_mtspr(SPR_SRR0, 3));
	emit_li(p, 3, MSR_PR);
	emit(p, i_mtspr(SPR_SRR1, 3));
	emit(p, I_RFI);
	p->at = PPC_CODE + 0x200;
	for (unsigned int i = 0; i < 4; i++)
		emit(p, i_mfspr(10 + i, SPR_SPRG4R + i));
	emit_li(p, 3, 0x5555);
	emit(p, i_mtspr(SPR_USPRG0, 3));
	emit(p, i_mfspr(14, SPR_USPRG0));
	emit(p, I_SC);
	ppc_begin(p);
	EXPECT_EQ(VEC_SYSCALL, ppc_trap(p));
	for (unsigned int i = 0; i < 4; i++)
		EXPECT_EQ(0x1110 + i, ppc_gpr(p, 10 + i));
	EXPECT_EQ(0x5555, ppc_gpr(p, 14));
	ppc_destroy(p);
}

/* What the core does not have is a program interrupt, not a stall and not a line in the log only. */
TEST(emul_fail_guest)
{
	static const uint32_t words[] = {
		0,				/* illegal everywhere */
		0x7c0002a6 | 5 << 16,		/* mfspr of a number without a register */
		0x7c0003a6 | 1 << 16 | 1 << 11,
		0x4c000024,			/* rfid: 64-bit */
		0x10000000,			/* vector */
		0xf0000000,
	};
	struct ppc *p = ppc_create();
	struct kvm_sregs sregs;

	ppc_handlers(p);
	for (unsigned int i = 0; i < sizeof(words) / sizeof(*words); i++) {
		ppc_new(p);
		ppc_set_msr(p, 0);
		emit(p, words[i]);
		emit_stop(p);
		ppc_begin(p);
		EXPECT_EQ(VEC_PROGRAM, ppc_trap(p)) TH_LOG("word %#x", words[i]);
		ppc_get_sregs(p, &sregs);
		EXPECT_EQ(0x08000000, sregs.u.e.esr & 0x08000000);
	}
	ppc_destroy(p);
}

TEST(exceptions)
{
	struct ppc *p = ppc_create();
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	ppc_handlers(p);

	emit(p, I_TRAP);
	ppc_begin(p);
	EXPECT_EQ(VEC_PROGRAM, ppc_trap(p));
	ppc_get_sregs(p, &sregs);
	EXPECT_EQ(0x02000000, sregs.u.e.esr);
	ppc_get(p, &regs);
	EXPECT_EQ(PPC_CODE, regs.srr0);

	ppc_new(p);
	emit(p, I_SC);
	ppc_begin(p);
	EXPECT_EQ(VEC_SYSCALL, ppc_trap(p));
	ppc_get(p, &regs);
	EXPECT_EQ(PPC_CODE + 4, regs.srr0);

	ppc_new(p);
	ppc_set_msr(p, 0);
	emit(p, i_fadd(1, 2, 3));
	ppc_begin(p);
	EXPECT_EQ(VEC_FP, ppc_trap(p));

	ppc_new(p);
	emit_li(p, 3, PPC_DATA + 1);
	emit(p, i_lwarx(4, 0, 3));
	ppc_begin(p);
	if (ppc_trap(p) != -1) {
		EXPECT_EQ(VEC_ALIGN, ppc_trap(p));
	}

	/* Nothing to fetch: no translation, no right, no memory. */
	ppc_set_pc(p, 0xc0000000);
	ppc_run(p);
	EXPECT_EQ(VEC_ITLB, ppc_trap(p));
	ppc_tlbwe(p, 1, 0xc0000000 | TLB_VALID | TLB_4K, PPC_DATA, 3, 0);
	ppc_set_msr(p, 0);
	ppc_set_pc(p, 0xc0000000);
	ppc_run(p);
	EXPECT_EQ(VEC_ISI, ppc_trap(p));
	ppc_tlbwe(p, 1, 0xc0000000 | TLB_VALID | TLB_4K, PPC_MMIO, TLB_S_RWX, 0);
	ppc_set_msr(p, MSR_ME);
	ppc_set_pc(p, 0xc0000000);
	ppc_run(p);
	EXPECT_EQ(VEC_MCHECK, ppc_trap(p));
	ppc_destroy(p);
}

TEST(bad_input)
{
	struct ppc *p = ppc_create();
	struct kvm_one_reg reg = { .id = KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x777 };
	struct kvm_enable_cap cap = { .cap = 0xffff };
	static const unsigned int requests[] = {
		KVM_GET_REGS, KVM_SET_REGS, KVM_GET_SREGS, KVM_SET_SREGS, KVM_GET_FPU, KVM_SET_FPU, KVM_GET_ONE_REG,
		KVM_SET_ONE_REG, KVM_TRANSLATE, KVM_ENABLE_CAP, KVM_INTERRUPT,
	};

	for (unsigned int i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		EXPECT_ERRNO(EFAULT, ioctl(p->vcpu, requests[i], 8));
	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_GET_ONE_REG, &reg));
	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_SET_ONE_REG, &reg));
	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_ENABLE_CAP, &cap));
	cap.cap = KVM_CAP_PPC_OSI;
	cap.flags = 1;
	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_ENABLE_CAP, &cap));
	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_GET_MP_STATE, p->ram));
	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, 0xae99, 0));
	EXPECT_ERRNO(EFAULT, ioctl(p->vm, KVM_PPC_GET_PVINFO, 8));
	EXPECT_ERRNO(EINVAL, ioctl(p->vm, KVM_CREATE_IRQCHIP, 0));
	EXPECT_ERRNO(EINVAL, ioctl(p->kvm, KVM_CREATE_VM, 77));
	EXPECT_ERRNO(EINVAL, ioctl(p->kvm, KVM_CREATE_VM, KVM_VM_PPC_HV));
	EXPECT_EQ(0, kvm_check(KVM_CAP_IRQCHIP));
	EXPECT_EQ(0, kvm_check(KVM_CAP_IRQFD));
	EXPECT_EQ(0, kvm_check(KVM_CAP_MP_STATE));
	EXPECT_EQ(0, kvm_check(KVM_CAP_PPC_PAPR));
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
