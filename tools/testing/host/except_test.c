// SPDX-License-Identifier: GPL-2.0
/*
 * What an exception to EL1 makes of PSTATE, and which vector it takes: field by
 * field against DDI 0487, D1.3 and AArch64.TakeException().
 */

#include "ktap.h"
#include "../../../arch/arm64/kvm/except.h"

static bool bit(u64 val, unsigned int n)
{
	return val >> n & 1;
}

struct vector_case {
	u64 mode;
	u32 base;
	const char *name;
};

static const struct vector_case vectors[] = {
	{ 0x00, 0x400, "EL0t" },
	{ 0x04, 0x000, "EL1t" },
	{ 0x05, 0x200, "EL1h" },
	{ 0x10, 0x600, "AArch32 User" },
};

/* No other field of PSTATE has a say. */
static void vectors_of_modes(void)
{
	for (unsigned int i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		for (unsigned int n = 5; n < 64; n++) {
			u64 pstate = vectors[i].mode | 1ULL << n;
			u32 base = vectors[i].base;

			expect(except_vector(pstate, EXC_SYNC) == base, "%s", vectors[i].name);
			expect(except_vector(pstate, EXC_IRQ) == base + 0x80, "%s",
			       vectors[i].name);
			expect(except_vector(pstate, EXC_FIQ) == base + 0x100, "%s",
			       vectors[i].name);
			expect(except_vector(pstate, EXC_SERROR) == base + 0x180, "%s",
			       vectors[i].name);
		}
}

/* One field of the new PSTATE, from the definition */
static bool field(unsigned int n, u64 old, u64 sctlr, u32 has)
{
	switch (n) {
	case 0:			/* SP: the handler's own */
	case 2:			/* EL1 */
	case 6 ... 9:		/* F, I, A, D */
		return true;
	case 12:		/* SSBS */
		return (has & EXC_HAS_SSBS) && bit(sctlr, 44);
	case 22:		/* PAN */
		if (!(has & EXC_HAS_PAN))
			return false;
		return !bit(sctlr, 23) || bit(old, 22);
	case 24:		/* DIT; SPSR_EL2 has it there for AArch32, too */
		return (has & EXC_HAS_DIT) && bit(old, 24);
	case 25:		/* TCO */
		return has & EXC_HAS_MTE;
	case 28 ... 31:		/* V, C, Z, N */
		return bit(old, n);
	default:
		return false;
	}
}

static void pstate_of(u64 old, u64 sctlr, u32 has)
{
	u64 new = except_pstate(old, sctlr, has);

	for (unsigned int n = 0; n < 64; n++)
		expect(bit(new, n) == field(n, old, sctlr, has),
		       "bit %u of %#llx, from %#llx, SCTLR %#llx, has %#x", n,
		       (unsigned long long)new, (unsigned long long)old,
		       (unsigned long long)sctlr, has);
}

/* All fields clear, all set, and one different from the others. */
static void pstate_of_mode(u64 mode)
{
	static const u64 sctlrs[] = { 0, 1ULL << 23, 1ULL << 44, 1ULL << 44 | 1ULL << 23, ~0ULL };

	for (unsigned int s = 0; s < sizeof(sctlrs) / sizeof(sctlrs[0]); s++)
		for (u32 has = 0; has < 16; has++) {
			pstate_of(mode, sctlrs[s], has);
			pstate_of(mode | ~0x1fULL, sctlrs[s], has);
			for (unsigned int n = 5; n < 64; n++) {
				pstate_of(mode | 1ULL << n, sctlrs[s], has);
				pstate_of(mode | (~0x1fULL & ~(1ULL << n)), sctlrs[s], has);
			}
		}
}

static void pstate_from_el0(void)
{
	pstate_of_mode(0x00);
}

static void pstate_from_el1(void)
{
	pstate_of_mode(0x04);
	pstate_of_mode(0x05);
}

static void pstate_from_aarch32(void)
{
	pstate_of_mode(0x10);
}

static const struct ktap_test tests[] = {
	{ "except_vector", vectors_of_modes },
	{ "except_pstate_from_el0", pstate_from_el0 },
	{ "except_pstate_from_el1", pstate_from_el1 },
	{ "except_pstate_from_aarch32", pstate_from_aarch32 },
};

KTAP_MAIN(tests)
