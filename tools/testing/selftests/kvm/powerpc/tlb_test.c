// SPDX-License-Identifier: GPL-2.0
/* The guest's TLB: its instructions, random contents against a model, contexts, rights, page sizes. */
#include <stdlib.h>

#include "kvm_test.h"
#include "ppc.h"

static uint32_t rnd(void)
{
	return (uint32_t)random() << 8 ^ random();
}

TEST(read_back)
{
	struct ppc *p = ppc_create();

	for (unsigned int i = 1; i < 64; i++)
		ppc_tlbwe(p, i, 0x80000000u + i * 0x1000 + TLB_VALID + TLB_4K + (i & 1 ? TLB_TS : 0),
			  0x00100000 + i * 0x1000 + i % 16, TLB_S_RWX | (i % 2 ? TLB_LE : 0), i);
	for (unsigned int i = 1; i < 64; i++) {
		ppc_new(p);
		emit_li(p, 3, i);
		emit(p, i_tlbre(4, 3, 0));
		emit(p, i_mfspr(5, SPR_MMUCR));
		emit(p, i_tlbre(6, 3, 1));
		emit(p, i_tlbre(7, 3, 2));
		ppc_exec(p);
		ASSERT_EQ(0x80000000u + i * 0x1000 + TLB_VALID + TLB_4K + (i & 1 ? TLB_TS : 0), ppc_gpr(p, 4));
		ASSERT_EQ(i, ppc_gpr(p, 5) & 0xff);
		ASSERT_EQ(0x00100000 + i * 0x1000 + i % 16, ppc_gpr(p, 6));
		ASSERT_EQ(TLB_S_RWX | (i % 2 ? TLB_LE : 0), ppc_gpr(p, 7));
	}
	ppc_destroy(p);
}

TEST(search)
{
	struct ppc *p = ppc_create();

	ppc_tlbwe(p, 17, 0x90000000 | TLB_VALID | TLB_SIZE(5), 0, TLB_S_RWX, 5);
	for (unsigned int tid = 4; tid < 7; tid++) {
		ppc_new(p);
		emit_li(p, 3, tid);
		emit(p, i_mtspr(SPR_MMUCR, 3));
		emit_li(p, 4, 0x900abcde);
		emit_li(p, 5, 99);
		emit(p, i_tlbsx_rc(5, 0, 4));
		emit(p, i_mfcr(6));
		ppc_exec(p);
		EXPECT_EQ(tid == 5 ? 17 : 99, ppc_gpr(p, 5));
		EXPECT_EQ(tid == 5 ? 0x20000000 : 0, ppc_gpr(p, 6) & 0x20000000);
	}
	ppc_destroy(p);
}

struct model {
	uint32_t w0, w1, w2;
	unsigned int tid;
};

static int model_find(const struct model *m, uint32_t ea, unsigned int pid, bool as)
{
	for (unsigned int i = 0; i < 64; i++) {
		uint32_t mask = ~((1u << (10 + 2 * (m[i].w0 >> 4 & 15))) - 1);

		if (m[i].w0 & TLB_VALID && !!(m[i].w0 & TLB_TS) == as && (!m[i].tid || m[i].tid == pid) &&
		    !((m[i].w0 ^ ea) & mask))
			return i;
	}
	return -1;
}

/*
 * Random entries, then random loads with random PIDs: each is the word that the model says, or a miss, or a fault.
 * Guest pages hold their own addresses. Not with pages of 1 KiB: emulated hosts do not keep four of them apart.
 */
TEST(random_contents)
{
	static const unsigned int sizes[] = { 1, 1, 1, 2, 2, 3 };
	struct model m[64] = { [0] = { .w0 = TLB_VALID | TLB_256M, .w2 = TLB_S_RWX } };
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	for (uint32_t a = PPC_DATA; a < PPC_RAM_SIZE; a += 4)
		memcpy(p->ram + a, &a, 4);

	for (unsigned int round = 0; round < 300; round++) {
		unsigned int index = 1 + random() % 63, n = sizes[random() % 6], pid = random() % 4;
		uint32_t size = 1024u << 2 * n, ea, want;
		int hit;

		m[index].w0 = (0x50000000 + (rnd() % 0x40000 & ~(size - 1))) | TLB_SIZE(n) |
			      (random() % 8 ? TLB_VALID : 0);
		m[index].w1 = PPC_DATA + (rnd() % 0x80000 & ~(size - 1));
		m[index].w2 = random() % 8 ? TLB_S_RWX : 0x06;
		m[index].tid = random() % 4;
		/* No address may have two translations: that is undefined. */
		for (unsigned int i = 1; i < 64; i++) {
			uint32_t big = ~((1u << (10 + 2 * (m[i].w0 >> 4 & 15))) - 1) & ~(size - 1);

			if (i != index && m[i].w0 & TLB_VALID && !((m[i].w0 ^ m[index].w0) & big) &&
			    (!m[i].tid || !m[index].tid || m[i].tid == m[index].tid)) {
				m[i].w0 = 0;
				ppc_tlbwe(p, i, 0, 0, 0, 0);
			}
		}
		ppc_tlbwe(p, index, m[index].w0, m[index].w1, m[index].w2, m[index].tid);

		for (unsigned int k = 0; k < 4; k++) {
			struct kvm_regs regs;

			ea = random() % 2 ? (m[index].w0 & ~(size - 1)) + rnd() % size : 0x50000000 + rnd() % 0x40000;
			ea &= ~3u;
			ppc_new(p);
			emit(p, i_lwz(5, 4, 0));
			emit_stop(p);
			ppc_get(p, &regs);
			regs.pid = pid;
			regs.msr = 0;
			regs.gpr[4] = ea;
			ppc_set(p, &regs);
			ppc_begin(p);
			hit = model_find(m, ea, pid, false);
			if (hit < 0) {
				ASSERT_EQ(VEC_DTLB, ppc_trap(p));
				continue;
			}
			if (!(m[hit].w2 & 1)) {
				ASSERT_EQ(VEC_DSI, ppc_trap(p));
				continue;
			}
			size = 1024u << 2 * (m[hit].w0 >> 4 & 15);
			want = m[hit].w1 + (ea & (size - 1));
			ppc_expect_stop(p);
			ASSERT_EQ(want, ppc_gpr(p, 5));
			size = 1024u << 2 * n;
		}
	}
	ppc_destroy(p);
}

/* A page of 1 KiB: what is beyond it in its 4 KiB is the guest's to say. */
TEST(small_page)
{
	struct ppc *p = ppc_create();
	uint32_t value = 0x4711;

	memcpy(p->ram + PPC_DATA + 0x804, &value, 4);
	ppc_tlbwe(p, 1, 0x60000800 | TLB_VALID | TLB_SIZE(0), PPC_DATA + 0x800, TLB_S_RWX, 0);
	ppc_new(p);
	emit(p, i_lwz(5, 4, 4));
	ppc_set_gpr(p, 4, 0x60000800);
	ppc_exec(p);
	EXPECT_EQ(0x4711, ppc_gpr(p, 5));
	ppc_destroy(p);
}

/* Rights by state: what supervisor may, user may not, and the syndrome of a store. */
TEST(rights)
{
	struct ppc *p = ppc_create();
	struct kvm_sregs sregs;

	ppc_handlers(p);
	ppc_tlbwe(p, 0, TLB_VALID | TLB_256M, 0, TLB_S_RWX | TLB_U_RWX, 0);
	ppc_tlbwe(p, 1, 0x60000000 | TLB_VALID | TLB_4K, PPC_DATA, TLB_S_RWX | 0x08, 0);
	for (int user = 0; user < 2; user++) {
		ppc_new(p);
		emit(p, i_lwz(5, 4, 0));
		emit(p, i_stw(5, 4, 0));
		emit(p, I_SC);
		emit_stop(p);
		ppc_set_gpr(p, 4, 0x60000000);
		ppc_set_msr(p, user ? MSR_PR : 0);
		ppc_begin(p);
		if (!user) {
			EXPECT_EQ(VEC_SYSCALL, ppc_trap(p));
			continue;
		}
		EXPECT_EQ(VEC_DSI, ppc_trap(p));
		ppc_get_sregs(p, &sregs);
		EXPECT_EQ(0x00800000, sregs.u.e.esr);
		EXPECT_EQ(0x60000000, sregs.u.e.dear);
	}
	ppc_destroy(p);
}

/* The same address in the two address spaces. */
TEST(address_spaces)
{
	struct ppc *p = ppc_create();
	uint32_t a = 1, b = 2;

	memcpy(p->ram + PPC_DATA, &a, 4);
	memcpy(p->ram + PPC_DATA + 0x1000, &b, 4);
	ppc_tlbwe(p, 1, 0x60000000 | TLB_VALID | TLB_4K, PPC_DATA, TLB_S_RWX, 0);
	ppc_tlbwe(p, 2, 0x60000000 | TLB_VALID | TLB_4K | TLB_TS, PPC_DATA + 0x1000, TLB_S_RWX, 0);
	ppc_tlbwe(p, 3, TLB_VALID | TLB_SIZE(7) | TLB_TS, 0, TLB_S_RWX, 0);
	for (unsigned int i = 0; i < 20; i++) {
		/* Fetches from either, data from either. */
		ppc_new(p);
		emit(p, i_lwz(5, 4, 0));
		emit_stop(p);
		ppc_set_gpr(p, 4, 0x60000000);
		ppc_set_msr(p, (i & 1 ? MSR_DS : 0) | (i & 2 ? MSR_IS : 0));
		ppc_begin(p);
		ppc_expect_stop(p);
		EXPECT_EQ(i & 1 ? 2 : 1, ppc_gpr(p, 5));
	}
	ppc_destroy(p);
}

/* All PIDs, several times, each with its own page: shadow PIDs run out and come back. */
TEST(all_pids)
{
	struct ppc *p = ppc_create();

	for (uint32_t i = 0; i < 32; i++) {
		memcpy(p->ram + PPC_DATA + i * 0x1000, &i, 4);
		ppc_tlbwe(p, 1 + i, 0x60000000 | TLB_VALID | TLB_4K, PPC_DATA + i * 0x1000, TLB_S_RWX, i + 1);
	}
	for (unsigned int round = 0; round < 1500; round++) {
		struct kvm_regs regs;
		unsigned int pid = random() % 256;

		if (round % 4)
			pid = 1 + pid % 32;
		ppc_new(p);
		emit(p, pid >= 1 && pid <= 32 ? i_lwz(5, 4, 0) : I_NOP);
		emit_stop(p);
		ppc_get(p, &regs);
		regs.pid = pid;
		regs.msr = random() % 2 ? 0 : MSR_CE;
		regs.gpr[4] = 0x60000000;
		regs.gpr[5] = 0x999;
		ppc_set(p, &regs);
		ppc_begin(p);
		ppc_expect_stop(p);
		if (pid >= 1 && pid <= 32) {
			ASSERT_EQ(pid - 1, ppc_gpr(p, 5));
		}
	}
	ppc_destroy(p);
}

TEST(translate)
{
	struct kvm_translation tr = { .linear_address = 0x60000123 };
	struct ppc *p = ppc_create();

	ppc_tlbwe(p, 1, 0x60000000 | TLB_VALID | TLB_4K | TLB_TS, 0x00345000 | 7, TLB_U_RWX, 9);
	EXPECT_OK(ioctl(p->vcpu, KVM_TRANSLATE, &tr));
	EXPECT_EQ(0, tr.valid);
	tr.linear_address |= 9ULL << 32 | 1ULL << 40;
	EXPECT_OK(ioctl(p->vcpu, KVM_TRANSLATE, &tr));
	EXPECT_EQ(1, tr.valid);
	EXPECT_EQ(0x700345123ULL, tr.physical_address);
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
