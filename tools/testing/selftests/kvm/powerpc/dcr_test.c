// SPDX-License-Identifier: GPL-2.0
/* DCR exits: every form, every number, pairs of registers, and what completion goes by. */
#include "kvm_test.h"
#include "ppc.h"

/* Program: mtdcr n, r5; mfdcr r6, n; for a few numbers at once. */
TEST(every_number)
{
	struct ppc *p = ppc_create();

	for (unsigned int base = 0; base < 1024; base += 128) {
		ppc_new(p);
		for (unsigned int n = base; n < base + 128; n++) {
			emit(p, i_mtdcr(n, n % 32));
			emit(p, i_mfdcr(n % 32, n));
		}
		for (unsigned int r = 0; r < 32; r++)
			ppc_set_gpr(p, r, 0x1000 + r);
		ppc_begin(p);
		for (unsigned int n = base; n < base + 128; n++) {
			uint32_t held = n < base + 32 ? 0x1000 + n % 32 : 0xabc00000 + n - 32;

			ASSERT_EQ(KVM_EXIT_DCR, p->run->exit_reason);
			ASSERT_EQ(n, p->run->dcr.dcrn);
			ASSERT_EQ(1, p->run->dcr.is_write);
			ASSERT_EQ(held, p->run->dcr.data);
			ppc_run(p);
			ASSERT_EQ(KVM_EXIT_DCR, p->run->exit_reason);
			ASSERT_EQ(n, p->run->dcr.dcrn);
			ASSERT_EQ(0, p->run->dcr.is_write);
			p->run->dcr.data = 0xabc00000 + n;
			if (n < base + 127)
				ppc_run(p);
		}
		/* The last one is completed before registers are set. */
		p->run->immediate_exit = 1;
		ASSERT_EQ(-EINTR, ppc_run_once(p));
		p->run->immediate_exit = 0;
	}
	ppc_destroy(p);
}

TEST(indexed)
{
	struct ppc *p = ppc_create();

	emit_li(p, 4, 0x155);
	emit_li(p, 5, 0xdeadbeef);
	emit(p, i_mtdcrx(4, 5));
	emit(p, i_mfdcrx(6, 4));
	emit_stop(p);
	ppc_begin(p);
	EXPECT_EQ(KVM_EXIT_DCR, p->run->exit_reason);
	EXPECT_EQ(0x155, p->run->dcr.dcrn);
	EXPECT_EQ(0xdeadbeef, p->run->dcr.data);
	EXPECT_EQ(1, p->run->dcr.is_write);
	ppc_run(p);
	EXPECT_EQ(0x155, p->run->dcr.dcrn);
	EXPECT_EQ(0, p->run->dcr.is_write);
	p->run->dcr.data = 0x12345678;
	ppc_run(p);
	ppc_expect_stop(p);
	EXPECT_EQ(0x12345678, ppc_gpr(p, 6));
	ppc_destroy(p);
}

/* mfdcrx and mtdcrx of every number, and of what ten bits do not hold: the number goes out as it is. */
TEST(every_number_indexed)
{
	struct ppc *p = ppc_create();

	emit(p, i_mtdcrx(4, 5));
	emit(p, i_mfdcrx(6, 4));
	emit_stop(p);
	for (unsigned int i = 0; i < 1024 + 32; i++) {
		uint32_t n = i < 1024 ? i : 1u << (i - 1024);

		if (n == PPC_DCR_STOP)
			continue;
		ppc_set_gpr(p, 4, n);
		ppc_set_gpr(p, 5, ~n);
		ppc_begin(p);
		ASSERT_EQ(KVM_EXIT_DCR, p->run->exit_reason);
		ASSERT_EQ(n, p->run->dcr.dcrn);
		ASSERT_EQ(~n, p->run->dcr.data);
		ASSERT_EQ(1, p->run->dcr.is_write);
		ppc_run(p);
		ASSERT_EQ(n, p->run->dcr.dcrn);
		ASSERT_EQ(0, p->run->dcr.is_write);
		p->run->dcr.data = 0xabc00000 ^ n;
		ppc_run(p);
		ppc_expect_stop(p);
		ASSERT_EQ(0xabc00000 ^ n, ppc_gpr(p, 6));
	}
	ppc_destroy(p);
}

/* Clock and system registers of these boards: one DCR has the number of a register, the next one its value. */
TEST(indirect_pair)
{
	static const unsigned int pairs[] = { 0x0c, 0x0e };
	uint32_t reg[64] = {}, address = 0;
	struct ppc *p = ppc_create();

	for (unsigned int pair = 0; pair < 2; pair++) {
		ppc_new(p);
		for (unsigned int i = 0; i < 64; i++) {
			emit_li(p, 4, i);
			emit_li(p, 5, 0x1000 * pair + 3 * i);
			emit(p, i_mtdcr(pairs[pair], 4));
			emit(p, i_mtdcr(pairs[pair] + 1, 5));
		}
		emit_li(p, 7, 0);
		for (unsigned int i = 0; i < 64; i++) {
			emit_li(p, 4, 63 - i);
			emit(p, i_mtdcr(pairs[pair], 4));
			emit(p, i_mfdcr(6, pairs[pair] + 1));
			emit(p, 0x7ce73214);		/* add r7, r7, r6 */
		}
		emit_stop(p);
		ppc_begin(p);
		while (!ppc_stopped(p)) {
			ASSERT_EQ(KVM_EXIT_DCR, p->run->exit_reason);
			ASSERT_EQ(pairs[pair], p->run->dcr.dcrn & ~1u);
			if (p->run->dcr.dcrn == pairs[pair])
				address = p->run->dcr.data;
			else if (p->run->dcr.is_write)
				reg[address % 64] = p->run->dcr.data;
			else
				p->run->dcr.data = reg[address % 64];
			ppc_run(p);
		}
		EXPECT_EQ(64 * 0x1000 * pair + 3 * 63 * 64 / 2, ppc_gpr(p, 7));
		ppc_set_pc(p, PPC_CODE);
	}
	ppc_destroy(p);
}

/* What the monitor writes to fields that are not its own changes nothing. */
TEST(page_is_not_trusted)
{
	struct ppc *p = ppc_create();

	emit(p, i_mfdcr(7, 0x10));
	emit_stop(p);
	ppc_set_gpr(p, 8, 8);
	ppc_begin(p);
	p->run->dcr.dcrn = 0x3a5;
	p->run->dcr.is_write = 1;
	p->run->exit_reason = KVM_EXIT_MMIO;
	p->run->dcr.data = 77;
	ppc_run(p);
	ppc_expect_stop(p);
	EXPECT_EQ(77, ppc_gpr(p, 7));
	EXPECT_EQ(8, ppc_gpr(p, 8));
	ppc_destroy(p);
}

/* An exit is completed by the next KVM_RUN, also by one that only does that. */
TEST(immediate_exit_completes)
{
	struct ppc *p = ppc_create();

	emit(p, i_mfdcr(7, 0x10));
	emit_stop(p);
	ppc_set_gpr(p, 7, 1);
	ppc_begin(p);
	EXPECT_EQ(1, ppc_gpr(p, 7));
	EXPECT_EQ(PPC_CODE + 4, ppc_pc(p));
	p->run->dcr.data = 99;
	p->run->immediate_exit = 1;
	EXPECT_EQ(-EINTR, ppc_run_once(p));
	p->run->immediate_exit = 0;
	EXPECT_EQ(99, ppc_gpr(p, 7));
	ppc_run(p);
	ppc_expect_stop(p);
	ppc_destroy(p);
}

/* In the guest's user state a DCR is a program interrupt, privileged. */
TEST(user_state)
{
	struct kvm_sregs sregs;
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	ppc_tlbwe(p, 0, TLB_VALID | TLB_256M, 0, TLB_S_RWX | TLB_U_RWX, 0);
	ppc_set_msr(p, MSR_PR);
	emit(p, i_mfdcr(7, 0x10));
	ppc_begin(p);
	EXPECT_EQ(VEC_PROGRAM, ppc_trap(p));
	ppc_get_sregs(p, &sregs);
	EXPECT_EQ(0x04000000, sregs.u.e.esr);
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
