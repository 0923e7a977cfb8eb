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

/* The handler of a guest that debugs itself: DBSR to r21, CSRR0 to r22, and the events are over. */
static struct ppc *create_debugger(void)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	p->at = PPC_HANDLERS + VEC_DEBUG * 0x40;
	emit(p, i_mfspr(21, SPR_DBSR));
	emit(p, i_mfspr(22, SPR_CSRR0));
	emit(p, i_mtspr(SPR_DBSR, 21));
	emit(p, i_mtdcr(PPC_DCR_TRAP + VEC_DEBUG, 0));
	emit(p, I_RFCI);
	ppc_new(p);
	return p;
}

static void emit_spr(struct ppc *p, unsigned int spr, uint32_t value)
{
	emit_li(p, 20, value);
	emit(p, i_mtspr(spr, 20));
}

static void emit_msr(struct ppc *p, uint32_t msr)
{
	emit_li(p, 20, msr);
	emit(p, i_mtmsr(20));
}

#define DBG_IDM		0x40000000
#define DBG_ICMP	0x08000000
#define DBG_IRPT	0x02000000
#define DBG_TRAP	0x01000000
#define DBG_RET		0x00008000
#define DBG_IDE		0x80000000

#define EXPECT_DEBUG(events, pc) do {				\
	EXPECT_EQ(VEC_DEBUG, ppc_trap(p));			\
	EXPECT_EQ(events, ppc_gpr(p, 21));			\
	EXPECT_EQ(pc, ppc_gpr(p, 22));				\
} while (0)

/* From one instruction to the next, through its handler, with instructions of both kinds. */
TEST(guest_steps_through)
{
	struct ppc *p = create_debugger();
	uint32_t first;

	emit_spr(p, SPR_DBCR0, DBG_IDM | DBG_ICMP);
	emit_msr(p, MSR_DE);
	first = p->at;
	emit(p, i_addi(3, 0, 1));
	emit(p, i_mfmsr(4));
	emit(p, i_mtspr(SPR_SPRG0, 3));
	emit(p, i_addi(3, 3, 1));
	emit_stop(p);
	ppc_begin(p);
	for (unsigned int i = 1; i < 5; i++) {
		EXPECT_DEBUG(DBG_ICMP, first + 4 * i);
		ppc_run(p);
	}
	ppc_expect_stop(p);
	EXPECT_EQ(2, ppc_gpr(p, 3));
	ppc_destroy(p);
}

/* A trap that is a debug event; with debug interrupts off it is a program interrupt, and the event waits. */
TEST(guest_trap_event)
{
	struct ppc *p = create_debugger();
	struct kvm_sregs sregs;
	uint32_t at;

	emit_spr(p, SPR_DBCR0, DBG_IDM | DBG_TRAP);
	emit_msr(p, MSR_DE);
	at = p->at;
	emit(p, I_TRAP);
	ppc_begin(p);
	EXPECT_DEBUG(DBG_TRAP, at);

	ppc_set_msr(p, 0);
	ppc_new(p);
	emit(p, I_TRAP);
	ppc_begin(p);
	EXPECT_EQ(VEC_PROGRAM, ppc_trap(p));
	ppc_get_sregs(p, &sregs);
	EXPECT_EQ(DBG_IDE | DBG_TRAP, sregs.u.e.dbsr);
	ppc_new(p);
	emit_msr(p, MSR_DE);
	at = p->at;
	emit_stop(p);
	ppc_begin(p);
	EXPECT_DEBUG(DBG_IDE | DBG_TRAP, at);
	ppc_run(p);
	ppc_expect_stop(p);
	ppc_destroy(p);
}

/* rfi as an event does not happen; with debug interrupts off it does. */
TEST(guest_return_event)
{
	struct ppc *p = create_debugger();
	uint32_t at;

	emit_spr(p, SPR_DBCR0, DBG_IDM | DBG_RET);
	emit_spr(p, SPR_SRR0, PPC_CODE + 0x200);
	emit_spr(p, SPR_SRR1, 0);
	emit_msr(p, MSR_DE);
	at = p->at;
	emit(p, I_RFI);
	ppc_begin(p);
	EXPECT_DEBUG(DBG_RET, at);

	ppc_set_msr(p, 0);
	ppc_new(p);
	emit_spr(p, SPR_SRR1, MSR_DE);
	emit(p, I_RFI);
	ppc_begin(p);
	EXPECT_DEBUG(DBG_IDE | DBG_RET, PPC_CODE + 0x200);
	ppc_destroy(p);
}

/* An interrupt that is not critical: the event is taken at its handler's first instruction. */
TEST(guest_interrupt_event)
{
	struct ppc *p = create_debugger();

	emit_spr(p, SPR_DBCR0, DBG_IDM | DBG_IRPT);
	emit_msr(p, MSR_DE);
	emit(p, I_SC);
	ppc_begin(p);
	EXPECT_DEBUG(DBG_IRPT, PPC_HANDLERS + VEC_SYSCALL * 0x40);
	ppc_run(p);
	EXPECT_EQ(VEC_SYSCALL, ppc_trap(p));
	ppc_destroy(p);
}

/* The status is what interrupts: as long as it is there, and no longer. */
TEST(guest_status_is_level)
{
	struct ppc *p = ppc_create();
	struct kvm_sregs sregs;

	ppc_handlers(p);			/* this handler does not clear it */
	ppc_get_sregs(p, &sregs);
	sregs.u.e.dbsr = DBG_TRAP;
	sregs.u.e.dbcr[0] = DBG_IDM;
	sregs.u.e.update_special = KVM_SREGS_E_UPDATE_DBSR;
	ppc_set_sregs(p, &sregs);
	emit_msr(p, MSR_DE);
	emit_stop(p);
	ppc_begin(p);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(VEC_DEBUG, ppc_trap(p));
		ppc_run(p);
	}
	ppc_get_sregs(p, &sregs);
	sregs.u.e.dbsr = 0;
	sregs.u.e.update_special = KVM_SREGS_E_UPDATE_DBSR;
	ppc_set_sregs(p, &sregs);
	ppc_run(p);
	ppc_expect_stop(p);
	ppc_destroy(p);
}

#define DAC1_R	0x00080000
#define DAC1_W	0x00040000
#define DAC2_R	0x00020000
#define DAC2_W	0x00010000
#define DAC_ALL	0x000f0000
#define M	PPC_MMIO
#define LWZ	0x80a40000	/* r5, 0(r4) */
#define STW	0x90a40000
#define LBZ	0x88a40000
#define LHZ	0xa0a40000
#define STMW	0xbfc40000	/* r30 and r31 */
#define DCBF	0x7c0020ac	/* 0, r4 */
#define ICBI	0x7c0027ac

/* Loads and stores of r5 to a device, r4 being the address, and the events that they are. Loads give 11223344. */
static const struct {
	uint32_t events;
	uint32_t dbcr2, dac[2], dvc[2];
	uint32_t insn, ea;
	uint32_t want;
} compares[] = {
	/* exact addresses, loads and stores told apart */
	{ DAC_ALL, 0, { M, M + 8 }, {}, LWZ, M, DAC1_R },
	{ DAC_ALL, 0, { M, M + 8 }, {}, LWZ, M + 8, DAC2_R },
	{ DAC_ALL, 0, { M, M + 8 }, {}, LWZ, M + 4, 0 },
	{ DAC_ALL, 0, { M, M }, {}, STW, M, DAC1_W | DAC2_W },
	{ DAC1_R, 0, { M, M }, {}, STW, M, 0 },
	{ DAC1_W, 0, { M, M }, {}, LWZ, M, 0 },
	/* the address is the one that the access begins with */
	{ DAC_ALL, 0, { M + 1, M + 3 }, {}, LWZ, M, 0 },
	{ DAC_ALL, 0, { M + 1, M + 3 }, {}, LBZ, M + 3, DAC2_R },
	/* a mask; a range; all but a range */
	{ DAC_ALL, 0x00400000, { M + 0x10, 0xfffffff0 }, {}, LWZ, M + 0x1c, DAC1_R | DAC2_R },
	{ DAC_ALL, 0x00400000, { M + 0x10, 0xfffffff0 }, {}, LWZ, M + 0x20, 0 },
	{ DAC1_W, 0x00800000, { M, M + 8 }, {}, STW, M + 4, DAC1_W },
	{ DAC1_W, 0x00800000, { M, M + 8 }, {}, STW, M + 8, 0 },
	{ DAC2_W, 0x00c00000, { M, M + 8 }, {}, STW, M + 8, DAC2_W },
	{ DAC2_W, 0x00c00000, { M, M + 8 }, {}, STW, M + 4, 0 },
	/* states: supervisor, user; address space 0, 1 */
	{ DAC1_R, 0x80000000, { M }, {}, LWZ, M, DAC1_R },
	{ DAC1_R, 0xc0000000, { M }, {}, LWZ, M, 0 },
	{ DAC1_R, 0x20000000, { M }, {}, LWZ, M, DAC1_R },
	{ DAC1_R, 0x30000000, { M }, {}, LWZ, M, 0 },
	{ DAC2_R, 0x0c000000, { 0, M }, {}, LWZ, M, 0 },
	/* values: all bytes, any byte, a half */
	{ DAC1_R, 0x00040f00, { M }, { 0x11223344 }, LWZ, M, DAC1_R },
	{ DAC1_R, 0x00040f00, { M }, { 0x11223345 }, LWZ, M, 0 },
	{ DAC1_R, 0x00040e00, { M }, { 0x11223345 }, LWZ, M, DAC1_R },
	{ DAC1_R, 0x00080f00, { M }, { 0x99993399 }, LWZ, M, DAC1_R },
	{ DAC1_R, 0x00080f00, { M }, { 0x44332211 }, LWZ, M, 0 },
	{ DAC1_R, 0x000c0f00, { M }, { 0x99993344 }, LWZ, M, DAC1_R },
	{ DAC1_R, 0x000c0f00, { M }, { 0x11993399 }, LWZ, M, 0 },
	/* bytes that are not accessed do not match; a store's value is the register's, 55667788 */
	{ DAC1_R, 0x00040f00, { M }, { 0x11223344 }, LHZ, M, 0 },
	{ DAC1_R, 0x00040300, { M + 2 }, { 0x00001122 }, LHZ, M + 2, DAC1_R },
	{ DAC2_W, 0x0001000f, { 0, M }, { 0, 0x55667788 }, STW, M, DAC2_W },
	{ DAC2_W, 0x0001000f, { 0, M }, { 0, 0x55667789 }, STW, M, 0 },
	/* a row of words: any of them */
	{ DAC1_W, 0x00040f00, { M }, { 0xabcdef01 }, STMW, M, DAC1_W },
	{ DAC1_W, 0x00040f00, { M }, { 0x11111111 }, STMW, M, DAC1_W },
	{ DAC1_W, 0x00040f00, { M }, { 0x1111ef01 }, STMW, M, 0 },
	/* cache operations: what may write is a store; a touch is nothing */
	{ DAC_ALL, 0, { M }, {}, DCBF, M, DAC1_W },
	{ DAC_ALL, 0, { M }, {}, ICBI, M, DAC1_R },
};

TEST(guest_watches_devices)
{
	static const uint8_t loaded[8] = { 0x11, 0x22, 0x33, 0x44 };
	struct ppc *p = create_debugger();

	for (unsigned int i = 0; i < sizeof(compares) / sizeof(*compares); i++) {
		uint32_t after, seen = 0;

		ppc_new(p);
		ppc_set_msr(p, 0);
		emit_spr(p, SPR_DBCR0, 0);
		emit_spr(p, SPR_DBSR, 0xffffffff);
		emit_spr(p, SPR_DBCR2, compares[i].dbcr2);
		emit_spr(p, SPR_DAC1, compares[i].dac[0]);
		emit_spr(p, SPR_DAC2, compares[i].dac[1]);
		emit_spr(p, SPR_DVC1, compares[i].dvc[0]);
		emit_spr(p, SPR_DVC2, compares[i].dvc[1]);
		emit_spr(p, SPR_DBCR0, DBG_IDM | compares[i].events);
		emit_li(p, 4, compares[i].ea);
		emit_li(p, 5, 0x55667788);
		emit_li(p, 30, 0x11111111);
		emit_li(p, 31, 0xabcdef01);
		emit_msr(p, MSR_DE);
		emit(p, compares[i].insn);
		after = p->at;
		emit_stop(p);
		ppc_begin(p);
		while (p->run->exit_reason == KVM_EXIT_MMIO) {
			memcpy(p->run->mmio.data, loaded, 8);
			ppc_run(p);
		}
		if (!ppc_stopped(p)) {
			ASSERT_EQ(VEC_DEBUG, ppc_trap(p)) TH_LOG("row %u, PC %#x", i, ppc_pc(p));
			seen = ppc_gpr(p, 21);
			EXPECT_EQ(after, ppc_gpr(p, 22)) TH_LOG("row %u", i);
			ppc_run(p);
			ppc_expect_stop(p);
		}
		EXPECT_EQ(compares[i].want, seen) TH_LOG("row %u", i);
	}

	/* With debug interrupts off the event is imprecise, and waits. */
	ppc_new(p);
	ppc_set_msr(p, 0);
	emit_spr(p, SPR_DBCR2, 0);
	emit_spr(p, SPR_DAC1, M);
	emit_spr(p, SPR_DBCR0, DBG_IDM | DAC1_R);
	emit_li(p, 4, M);
	emit(p, i_lwz(5, 4, 0));
	emit_msr(p, MSR_DE);
	emit_stop(p);
	EXPECT_EQ(KVM_EXIT_MMIO, ppc_begin(p));
	ppc_run(p);
	EXPECT_DEBUG(DBG_IDE | DAC1_R, p->at - 4);
	ppc_destroy(p);
}

/* The same for user space: the exit comes when the access is complete. */
TEST(user_watches_devices)
{
	struct kvm_guest_debug_arch arch = {
		.bp[0] = { .addr = M, .type = KVMPPC_DEBUG_WATCH_READ },
		.bp[1] = { .addr = M + 4, .type = KVMPPC_DEBUG_WATCH_READ | KVMPPC_DEBUG_WATCH_WRITE },
	};
	struct ppc *p = ppc_create();
	uint32_t at;

	emit_li(p, 4, M);
	at = p->at;
	emit(p, i_lwz(5, 4, 0));
	emit(p, i_stw(5, 4, 0));		/* not watched */
	emit(p, i_stw(5, 4, 4));
	emit(p, i_lwz(5, 4, 4));
	emit(p, i_lwz(5, 4, 8));		/* nor this */
	emit_stop(p);
	debug(p, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &arch);
	EXPECT_EQ(KVM_EXIT_MMIO, ppc_begin(p));
	EXPECT_EQ(KVM_EXIT_DEBUG, ppc_run(p));
	EXPECT_EQ(at + 4, p->run->debug.arch.address);
	EXPECT_EQ(KVMPPC_DEBUG_WATCH_READ, p->run->debug.arch.status);
	EXPECT_EQ(KVM_EXIT_MMIO, ppc_run(p));
	EXPECT_EQ(KVM_EXIT_MMIO, ppc_run(p));
	EXPECT_EQ(KVM_EXIT_DEBUG, ppc_run(p));
	EXPECT_EQ(at + 12, p->run->debug.arch.address);
	EXPECT_EQ(KVMPPC_DEBUG_WATCH_WRITE, p->run->debug.arch.status);
	EXPECT_EQ(KVM_EXIT_MMIO, ppc_run(p));
	EXPECT_EQ(KVM_EXIT_DEBUG, ppc_run(p));
	EXPECT_EQ(KVMPPC_DEBUG_WATCH_READ, p->run->debug.arch.status);
	EXPECT_EQ(KVM_EXIT_MMIO, ppc_run(p));
	ppc_run(p);
	ppc_expect_stop(p);
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
