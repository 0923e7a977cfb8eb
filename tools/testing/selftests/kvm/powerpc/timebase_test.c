// SPDX-License-Identifier: GPL-2.0
/* The guest's time base: written by it or for it, read without a trap; the host's own and the decrementer stay. */
#include <time.h>

#include "kvm_test.h"
#include "ppc.h"

#define OFFSET	0x123456789abcdef0ULL
/* Ticks that two values may be apart that should be the same: looks at a time base take time. */
#define SLACK	4000

static uint64_t host_tb(void)
{
	uint32_t high, low, again;

	do {
		asm volatile("mftbu %0; mftb %1; mftbu %2" : "=r" (high), "=r" (low), "=r" (again));
	} while (high != again);
	return (uint64_t)high << 32 | low;
}

static uint64_t offset(struct ppc *p)
{
	uint64_t value = 0;
	struct kvm_one_reg reg = { .id = KVM_REG_PPC_TB_OFFSET, .addr = (uintptr_t)&value };

	must(ioctl(p->vcpu, KVM_GET_ONE_REG, &reg));
	return value;
}

static void set_offset(struct ppc *p, uint64_t value)
{
	struct kvm_one_reg reg = { .id = KVM_REG_PPC_TB_OFFSET, .addr = (uintptr_t)&value };

	must(ioctl(p->vcpu, KVM_SET_ONE_REG, &reg));
}

/* The time base to r5 and r6, as manuals have it: again if the high half has changed. */
static void emit_read(struct ppc *p)
{
	emit(p, i_mftbu(5));
	emit(p, i_mftb(6));
	emit(p, i_mftbu(7));
	emit(p, i_x(31, 0, 5, 7, 0));		/* cmpw r5, r7 */
	emit(p, 0x4082fff0);			/* bne -16 */
}

static uint64_t guest_tb(struct ppc *p)
{
	struct kvm_regs regs;

	ppc_get(p, &regs);
	return regs.gpr[5] << 32 | (uint32_t)regs.gpr[6];
}

/* Both halves, in both orders, and what is between a write and a read is not much. */
TEST(written_and_read)
{
	struct ppc *p = ppc_create();

	for (unsigned int i = 0; i < 2; i++) {
		ppc_new(p);
		emit_li(p, 3, 0x89abcdef);
		emit_li(p, 4, 0x01234567);
		emit(p, i_mtspr(i ? SPR_TBL_WRITE : SPR_TBU_WRITE, i ? 4 : 3));
		emit(p, i_mtspr(i ? SPR_TBU_WRITE : SPR_TBL_WRITE, i ? 3 : 4));
		emit_read(p);
		ppc_exec(p);
		EXPECT_LE(0x89abcdef01234567ULL, guest_tb(p));
		EXPECT_GT(0x89abcdf001234567ULL, guest_tb(p));
	}
	ppc_destroy(p);
}

/* Through thousands of exits the guest's is the host's and the difference, never less than before. */
TEST(keeps_its_distance)
{
	static const uint64_t offsets[] = { OFFSET, 1000, -1000ULL, 0 };
	struct ppc *p = ppc_create();

	for (unsigned int n = 0; n < 4; n++) {
		uint64_t last, host = host_tb();

		set_offset(p, offsets[n]);
		EXPECT_EQ(offsets[n], offset(p));
		last = host + offsets[n];
		ppc_new(p);
		emit_read(p);
		emit(p, i_mtdcr(1, 5));
		emit(p, 0x48000000 | ((PPC_CODE - p->at) & 0x03fffffc));
		ppc_begin(p);
		for (unsigned int i = 0; i < 2000; i++) {
			uint64_t guest = guest_tb(p), now = host_tb();

			/* All of these modulo 2^64: what is later is ahead by little. */
			ASSERT_GT(1ULL << 40, guest - last + (i ? 0 : SLACK))
				TH_LOG("%u: back by %lld", i, (long long)(last - guest));
			ASSERT_GT(1ULL << 40, guest - offsets[n] - host + SLACK)
				TH_LOG("%u: %lld behind", i, (long long)(host - guest + offsets[n]));
			ASSERT_GT(1ULL << 40, now - (guest - offsets[n]) + SLACK)
				TH_LOG("%u: %lld ahead", i, (long long)(guest - offsets[n] - now));
			last = guest;
			host = host_tb();
			ppc_run(p);
		}
	}
	ppc_destroy(p);
}

/* In user state as well, and nobody's to write there. */
TEST(user_state)
{
	struct ppc *p = ppc_create();
	struct kvm_sregs sregs;

	ppc_handlers(p);
	ppc_tlbwe(p, 0, TLB_VALID | TLB_256M, 0, TLB_S_RWX | TLB_U_RWX, 0);
	set_offset(p, OFFSET);
	ppc_new(p);
	emit_read(p);
	emit(p, i_mtspr(SPR_TBL_WRITE, 6));
	ppc_set_msr(p, MSR_PR);
	ppc_begin(p);
	EXPECT_EQ(VEC_PROGRAM, ppc_trap(p));
	ppc_get_sregs(p, &sregs);
	EXPECT_EQ(0x04000000, sregs.u.e.esr & 0x0c000000);
	EXPECT_GT(1ULL << 40, host_tb() + OFFSET - guest_tb(p));
	EXPECT_GT(1ULL << 40, host_tb() + OFFSET - sregs.u.e.tb);
	EXPECT_EQ(OFFSET, offset(p));
	ppc_destroy(p);
}

/* The registers to write to cannot be read. */
TEST(write_only)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	for (unsigned int i = 0; i < 2; i++) {
		ppc_new(p);
		emit(p, i_mfspr(3, SPR_TBL_WRITE + i));
		ppc_set_msr(p, 0);
		ppc_begin(p);
		EXPECT_EQ(VEC_PROGRAM, ppc_trap(p));
	}
	ppc_destroy(p);
}

/* The decrementer goes on as it did. */
TEST(decrementer_stays)
{
	struct ppc *p = ppc_create();
	uint64_t before = host_tb(), ticks;

	emit_li(p, 3, 0x7fffffff);
	emit(p, i_mtspr(SPR_DEC, 3));
	emit_li(p, 3, 0x87654321);
	emit(p, i_mtspr(SPR_TBU_WRITE, 3));
	emit(p, i_mtspr(SPR_TBL_WRITE, 3));
	emit(p, i_mfspr(8, SPR_DEC));
	ppc_exec(p);
	ticks = 0x7fffffff - ppc_gpr(p, 8);
	EXPECT_GT(host_tb() - before + SLACK, ticks);
	ppc_destroy(p);
}

/* A guest with a time base of its own runs for a while with many exits: the host's clocks go on and not back. */
TEST(host_clock)
{
	struct ppc *p = ppc_create();
	struct timespec last, now;
	unsigned int back = 0;
	uint64_t tb;

	set_offset(p, OFFSET);
	emit(p, i_mfmsr(3));
	emit(p, i_mtdcr(1, 5));
	emit(p, 0x48000000 | ((PPC_CODE - p->at) & 0x03fffffc));
	ppc_begin(p);
	clock_gettime(CLOCK_MONOTONIC, &last);
	for (unsigned int i = 0; i < 5000; i++) {
		tb = host_tb();
		ppc_run(p);
		back += host_tb() < tb;
		clock_gettime(CLOCK_MONOTONIC, &now);
		back += now.tv_sec < last.tv_sec || (now.tv_sec == last.tv_sec && now.tv_nsec < last.tv_nsec);
		last = now;
	}
	EXPECT_EQ(0, back);
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
