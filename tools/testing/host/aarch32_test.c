// SPDX-License-Identifier: GPL-2.0
/*
 * AArch32 state: conditions of trapped instructions against DDI 0487, F1.3.1, and
 * what an exception makes of PSTATE and SPSR, field by field against
 * AArch32.EnterMode().
 */

#include "ktap.h"
#include "../../../arch/arm64/kvm/aarch32.h"

static bool bit(u64 val, unsigned int n)
{
	return val >> n & 1;
}

/* By name, and each with its opposite */
static bool holds(unsigned int cond, bool n, bool z, bool c, bool v)
{
	switch (cond) {
	case 0x0: return z;			/* EQ */
	case 0x1: return !z;
	case 0x2: return c;			/* CS */
	case 0x3: return !c;
	case 0x4: return n;			/* MI */
	case 0x5: return !n;
	case 0x6: return v;			/* VS */
	case 0x7: return !v;
	case 0x8: return c && !z;		/* HI */
	case 0x9: return !c || z;
	case 0xa: return n == v;		/* GE */
	case 0xb: return n != v;
	case 0xc: return !z && n == v;		/* GT */
	case 0xd: return z || n != v;
	default: return true;			/* AL */
	}
}

static void conditions(void)
{
	for (u64 flags = 0; flags < 16; flags++) {
		u64 pstate = flags << 28 | A32_M_SVC;

		for (unsigned int cond = 0; cond < 16; cond++) {
			bool want = holds(cond, bit(flags, 3), bit(flags, 2), bit(flags, 1), bit(flags, 0));
			u64 cv = 1ULL << 24 | (u64)cond << 20;

			expect(a32_condition_holds(cond, pstate) == want, "cond %u flags %u", cond, (unsigned int)flags);
			/* The syndrome says it, whatever is in the IT bits. */
			expect(a32_trap_executes(cv, pstate | 0xfc00) == want, "ISS.COND %u", cond);
			/* An IT block of T32: IT[7:4] is the condition, IT[3:0] not zero. */
			for (unsigned int mask = 1; mask < 16; mask++) {
				unsigned int it = cond << 4 | mask;
				u64 t32 = pstate | A32_T | (u64)(it >> 2) << 10 | (u64)(it & 3) << 25;

				expect(a32_trap_executes(0, t32) == want, "IT %#x", it);
			}
		}
		expect(a32_trap_executes(0, pstate | A32_T), "no IT block");
	}
}

static bool field(unsigned int n, u64 mode, u64 old, u64 sctlr, u32 has)
{
	switch (n) {
	case 0 ... 4:
		return bit(mode, n);
	case 5:			/* T */
		return bit(sctlr, 30);
	case 6:			/* F */
		return bit(old, n);
	case 7:			/* I */
		return true;
	case 8:			/* A */
		return mode == 0x17 || bit(old, n);
	case 9:			/* E */
		return bit(sctlr, 25);
	case 16 ... 19:		/* GE */
	case 24:		/* DIT, in SPSR_EL2's place */
	case 27 ... 31:		/* Q, V, C, Z, N */
		return bit(old, n);
	case 22:		/* PAN */
		return (has & EXC_HAS_PAN) && (!bit(sctlr, 23) || bit(old, 22));
	case 23:		/* SSBS */
		return (has & EXC_HAS_SSBS) && bit(sctlr, 31);
	default:		/* IT, IL, SS */
		return false;
	}
}

static void pstate_of(u64 mode, u64 old, u64 sctlr, u32 has)
{
	u64 new = a32_except_pstate(old, mode, sctlr, has);

	for (unsigned int n = 0; n < 64; n++)
		expect(bit(new, n) == field(n, mode, old, sctlr, has), "bit %u of %#llx, from %#llx, SCTLR %#llx", n,
		       (unsigned long long)new, (unsigned long long)old, (unsigned long long)sctlr);
}

static void pstates(void)
{
	static const u64 modes[] = { A32_M_UND, A32_M_ABT };

	for (unsigned int m = 0; m < 2; m++)
		for (u32 has = 0; has < 4; has++)
			for (unsigned int s = 0; s < 32; s++)
				for (unsigned int n = 5; n < 32; n++) {
					pstate_of(modes[m], A32_M_USR | 1ULL << n, 1ULL << s, has);
					pstate_of(modes[m], 0xffffffffULL & ~(1ULL << n), ~(1ULL << s), has);
				}
}

static void spsrs(void)
{
	for (unsigned int n = 0; n < 32; n++) {
		u64 spsr = a32_spsr(1ULL << n);

		switch (n) {
		case 21:	/* SS is not the guest's */
			expect(spsr == 0, "SS: %#llx", (unsigned long long)spsr);
			break;
		case 24:	/* DIT */
			expect(spsr == 1ULL << 21, "DIT: %#llx", (unsigned long long)spsr);
			break;
		default:
			expect(spsr == 1ULL << n, "bit %u: %#llx", n, (unsigned long long)spsr);
		}
	}
}

static void registers(void)
{
	/* r8 to r14 by mode (DDI 0487, D1.8.1) */
	static const struct {
		u64 mode;
		unsigned char view[7];
	} t[] = {
		{ A32_M_USR, { 8, 9, 10, 11, 12, 13, 14 } },
		{ A32_M_SYS, { 8, 9, 10, 11, 12, 13, 14 } },
		{ A32_M_IRQ, { 8, 9, 10, 11, 12, 17, 16 } },
		{ A32_M_SVC, { 8, 9, 10, 11, 12, 19, 18 } },
		{ A32_M_ABT, { 8, 9, 10, 11, 12, 21, 20 } },
		{ A32_M_UND, { 8, 9, 10, 11, 12, 23, 22 } },
		{ A32_M_FIQ, { 24, 25, 26, 27, 28, 29, 30 } },
	};

	for (unsigned int i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (unsigned int n = 0; n < 32; n++) {
			unsigned int want = n >= 8 && n <= 14 ? t[i].view[n - 8] : n;

			expect(a32_register(n, t[i].mode | 0xf00001c0) == want, "r%u in mode %#x", n, (unsigned int)t[i].mode);
		}
}

static const struct ktap_test tests[] = {
	{ "aarch32_registers", registers },
	{ "aarch32_conditions", conditions },
	{ "aarch32_except_pstate", pstates },
	{ "aarch32_spsr", spsrs },
};

KTAP_MAIN(tests)
