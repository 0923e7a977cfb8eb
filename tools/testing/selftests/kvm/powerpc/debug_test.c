// SPDX-License-Identifier: GPL-2.0
/* KVM_SET_GUEST_DEBUG, and the guest's own debug events. */
#include "kvm_test.h"
#include "ppc.h"

static void debug(struct ppc *p, uint32_t control, const struct kvm_guest_debug_arch *arch)
{
	struct kvm_guest_debug args = { .control = control };

	if (arch)
		args.arch = *arch;
	must(ioctl(p->vcpu, KVM_SET_GUEST_DEBUG, &args));
}

/* Every instruction once: those that the CPU executes, those that are emulated, exits, exceptions. */
TEST(single_step)
{
	struct ppc *p = ppc_create();
	static const uint32_t path[] = { 4, 8, 12, 16, 20 };

	ppc_handlers(p);
	emit(p, i_addi(3, 0, 1));
	emit(p, i_mfmsr(4));
	emit(p, i_addi(3, 3, 1));
	emit(p, i_mtspr(SPR_SPRG0, 3));
	emit(p, i_mfspr(5, SPR_SPRG0));
	emit_stop(p);
	debug(p, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL);
	ppc_begin(p);
	for (unsigned int i = 0; i < 5; i++) {
		ASSERT_EQ(KVM_EXIT_DEBUG, p->run->exit_reason);
		EXPECT_EQ(PPC_CODE + path[i], p->run->debug.arch.address);
		EXPECT_EQ(PPC_CODE + path[i], ppc_pc(p));
		ppc_run(p);
	}
	ppc_expect_stop(p);
	/* The step of an instruction that exited ends when it is completed. */
	ppc_run(p);
	EXPECT_EQ(KVM_EXIT_DEBUG, p->run->exit_reason);
	EXPECT_EQ(PPC_CODE + 24, ppc_pc(p));
	EXPECT_EQ(2, ppc_gpr(p, 5));

	debug(p, 0, NULL);
	ppc_new(p);
	emit(p, I_NOP);
	ppc_exec(p);
	ppc_destroy(p);
}

TEST(single_step_into_miss)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	emit_li(p, 4, 0x70000000);
	emit(p, i_lwz(5, 4, 0));
	debug(p, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL);
	ppc_begin(p);
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(KVM_EXIT_DEBUG, p->run->exit_reason);
		ppc_run(p);
	}
	/* The load misses: its handler's first instruction is what is executed next. */
	EXPECT_EQ(VEC_DTLB, ppc_trap(p));
	ppc_destroy(p);
}

TEST(hardware_breakpoint)
{
	struct kvm_guest_debug_arch arch = {
		.bp[0] = { .addr = PPC_CODE + 8, .type = KVMPPC_DEBUG_BREAKPOINT },
	};
	struct ppc *p = ppc_create();

	emit(p, I_NOP);
	emit(p, I_NOP);
	emit(p, i_addi(3, 0, 7));
	emit_stop(p);
	ppc_set_gpr(p, 3, 0);
	debug(p, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &arch);
	ppc_begin(p);
	if (ppc_stopped(p))
		SKIP(return, "this CPU does not compare instruction addresses");
	ASSERT_EQ(KVM_EXIT_DEBUG, p->run->exit_reason);
	EXPECT_EQ(PPC_CODE + 8, p->run->debug.arch.address);
	EXPECT_EQ(KVMPPC_DEBUG_BREAKPOINT, p->run->debug.arch.status);
	EXPECT_EQ(0, ppc_gpr(p, 3));
	ppc_destroy(p);
}

TEST(software_breakpoint)
{
	struct ppc *p = ppc_create();
	uint32_t insn = 0;
	struct kvm_one_reg reg = { .id = KVM_REG_PPC_DEBUG_INST, .addr = (uintptr_t)&insn };

	must(ioctl(p->vcpu, KVM_GET_ONE_REG, &reg));
	ppc_handlers(p);
	emit(p, I_NOP);
	emit(p, insn);
	debug(p, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP, NULL);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_DEBUG, p->run->exit_reason);
	EXPECT_EQ(PPC_CODE + 4, p->run->debug.arch.address);
	/* Not enabled, it is an illegal instruction. */
	debug(p, 0, NULL);
	ppc_run(p);
	EXPECT_EQ(VEC_PROGRAM, ppc_trap(p));
	ppc_destroy(p);
}

TEST(bad_arguments)
{
	struct kvm_guest_debug args = { .control = KVM_GUESTDBG_ENABLE | 0x80000000 };
	struct ppc *p = ppc_create();

	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_SET_GUEST_DEBUG, &args));
	args.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
	for (int i = 0; i < 5; i++)
		args.arch.bp[i].type = KVMPPC_DEBUG_BREAKPOINT;
	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_SET_GUEST_DEBUG, &args));
	memset(&args.arch, 0, sizeof(args.arch));
	args.arch.bp[3].type = 0x100;
	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_SET_GUEST_DEBUG, &args));
	EXPECT_ERRNO(EFAULT, ioctl(p->vcpu, KVM_SET_GUEST_DEBUG, 8));
	ppc_destroy(p);
}

/* The guest single-steps itself: DBCR0[IC] and MSR[DE]. */
TEST(guest_steps_itself)
{
	struct ppc *p = ppc_create();
	struct kvm_sregs sregs;

	ppc_handlers(p);
	emit_li(p, 3, 0x48000000);		/* IDM, IC */
	emit(p, i_mtspr(SPR_DBCR0, 3));
	emit_li(p, 4, MSR_DE);
	emit(p, i_mtmsr(4));
	emit(p, I_NOP);
	ppc_begin(p);
	EXPECT_EQ(VEC_DEBUG, ppc_trap(p));
	ppc_get_sregs(p, &sregs);
	EXPECT_EQ(0x08000000, sregs.u.e.dbsr & 0x08000000);
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
