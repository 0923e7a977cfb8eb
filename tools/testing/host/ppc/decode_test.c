// SPDX-License-Identifier: GPL-2.0
/*
 * The decoder against the reference: what each mnemonic's operands become, and
 * that words which it does not know are refused.  With "all" as an argument:
 * every one of the 2^32 words.
 */

#include <string.h>
#include "insn.h"
#include "ktap.h"
#include "ref.h"

static unsigned int step = 251;

static u32 random_bits(unsigned int n)
{
	return ktap_random() >> 20 & ((1ULL << n) - 1);
}

static struct ref_ops random_ops(void)
{
	struct ref_ops ops = {
		.rt = random_bits(5), .ra = random_bits(5), .rb = random_bits(5),
		.disp = random_bits(16), .w = random_bits(1), .i = random_bits(3),
		.dcrn = random_bits(10), .last = random_bits(1),
	};

	return ops;
}

/* The word again from what was decoded, without a look at the module's tables */
static u32 encode(const struct ref_insn *insn, const struct ppc_access *acc)
{
	struct ref_ops ops = {
		.rt = acc->rt, .ra = acc->ra, .rb = acc->rb, .disp = (u32)acc->disp,
		.w = !!(acc->flags & PPC_ACC_ONE), .i = acc->gqr, .dcrn = (u32)acc->disp,
		.last = acc->kind == PPC_STWCX || (acc->flags & PPC_ACC_HINT),
	};

	if (acc->kind == PPC_LSW || acc->kind == PPC_STSW)
		if (acc->flags & PPC_ACC_IMM)
			ops.rb = acc->bytes & 31;
	return ref_assemble(insn, &ops);
}

static unsigned int want_kind(const struct ref_insn *insn, struct ref_sem sem)
{
	switch (sem.special) {
	case 'a':
		return sem.store ? PPC_STWCX : PPC_LWARX;
	case 'c':
		return PPC_CACHE;
	case 'd':
		return sem.store ? PPC_MTDCR : PPC_MFDCR;
	case 'm':
		return sem.store ? PPC_STMW : PPC_LMW;
	case 's':
		return sem.store ? PPC_STSW : PPC_LSW;
	case 'z':
		return PPC_DCBZ;
	default:
		return sem.store ? PPC_STORE : PPC_LOAD;
	}
}

static unsigned int want_reg(struct ref_sem sem)
{
	bool both = sem.file == 'b' || sem.file == 'x';

	if (sem.special == 'c' || sem.special == 'z')
		return PPC_REG_NONE;
	if (sem.special == 'q')
		return PPC_REG_FQPR_QUANT;
	if (!sem.fp)
		return PPC_REG_GPR;
	switch (sem.format) {
	case 's':
		return both ? PPC_REG_FQPR_SINGLE :
		       sem.file == 's' ? PPC_REG_QPR_SINGLE : PPC_REG_FPR_SINGLE;
	case 'd':
		return both ? PPC_REG_FQPR_DOUBLE :
		       sem.file == 's' ? PPC_REG_QPR_DOUBLE : PPC_REG_FPR_DOUBLE;
	default:
		return both ? PPC_REG_FQPR_WORD : PPC_REG_FPR_WORD;
	}
}

static bool flag_is(const struct ppc_access *acc, unsigned int flag, bool want)
{
	return !!(acc->flags & flag) == want;
}

static void test_fields(void)
{
	unsigned int i, n, valid;

	for (i = 0; i < ref_nr_insns; i++) {
		const struct ref_insn *insn = &ref_insns[i];
		struct ref_sem sem = ref_parse(insn->name);

		expect(sem.special != '?', "%s is not understood", insn->name);
		for (n = valid = 0; n < 20000; n++) {
			struct ref_ops ops = random_ops();
			u32 word = ref_assemble(insn, &ops);
			const struct ref_insn *found = ref_find(word, REF_ISA_ALL);
			struct ppc_access acc;
			bool good = ppc_decode(word, REF_ISA_ALL, &acc);

			expect(!found || found == insn, "%s is taken for %s", insn->name,
			       found->name);
			expect(good == !!found, "%s %08x: %d", insn->name, word, good);
			if (!good || !found)
				continue;
			valid++;
			expect(acc.kind == want_kind(insn, sem), "%s: kind %u", insn->name, acc.kind);
			expect(acc.reg == want_reg(sem), "%s: class %u", insn->name, acc.reg);
			expect(encode(insn, &acc) == word, "%s %08x became %08x", insn->name, word,
			       encode(insn, &acc));
			expect(flag_is(&acc, PPC_ACC_UPDATE, sem.update), "%s", insn->name);
			expect(flag_is(&acc, PPC_ACC_SIGN, sem.algebraic), "%s", insn->name);
			expect(flag_is(&acc, PPC_ACC_BYTEREV, sem.reversed), "%s", insn->name);
			expect(flag_is(&acc, PPC_ACC_CROSS, sem.file == 'x'), "%s", insn->name);
			expect(sem.special == 'd' || flag_is(&acc, PPC_ACC_INDEXED, sem.indexed),
			       "%s", insn->name);
			expect(ppc_access_is_write(&acc) == sem.store, "%s", insn->name);
			expect(ppc_access_is_dcr(&acc) == (sem.special == 'd'), "%s", insn->name);
		}
		expect(valid > 100, "%s: %u valid forms only", insn->name, valid);
	}
}

static void test_effective_address(void)
{
	struct ppc_cpu_state cpu;
	unsigned int i, n;

	for (n = 0; n < 32; n++)
		cpu.gpr[n] = ktap_random() >> 16;
	for (i = 0; i < ref_nr_insns; i++) {
		struct ref_sem sem = ref_parse(ref_insns[i].name);

		for (n = 0; n < 2000 && sem.special != 'd'; n++) {
			struct ref_ops ops = random_ops();
			u32 word = ref_assemble(&ref_insns[i], &ops), ea, got;
			struct ppc_access acc;

			if (!ppc_decode(word, REF_ISA_ALL, &acc))
				continue;
			ref_operands(&ref_insns[i], word, &ops);
			ea = ops.ra ? cpu.gpr[ops.ra] : 0;
			if (sem.indexed)
				ea += cpu.gpr[ops.rb];
			else if (sem.special != 's')
				ea += ops.disp;
			got = ppc_effective_address(&cpu, &acc);
			expect(got == ea, "%s: %08x, not %08x", ref_insns[i].name, got, ea);
		}
	}
}

static void test_dcr_numbers(void)
{
	unsigned int n, write;
	struct ppc_access acc;

	for (write = 0; write < 2; write++)
		for (n = 0; n < 1024; n++) {
			const struct ref_insn *insn = ref_named(write ? "mtdcr" : "mfdcr");
			struct ref_ops ops = { .rt = n & 31, .dcrn = n };

			expect(ppc_decode(ref_assemble(insn, &ops), PPC_ISA_DCR, &acc), "%u", n);
			expect(acc.disp == (s16)n && acc.rt == (n & 31), "%u: %d", n, acc.disp);
			expect((acc.kind == PPC_MTDCR) == write, "%u", n);
		}
}

/* A part of the instruction set that the core lacks does not exist. */
static void test_isa(void)
{
	unsigned int i, isa;
	struct ppc_access acc;

	for (i = 0; i < ref_nr_insns; i++) {
		struct ref_ops ops = { .rt = 3, .ra = 2, .rb = 1,
				       .last = !strcmp(ref_insns[i].name, "stwcx.") };
		u32 word;

		if (!strcmp(ref_insns[i].name, "mfdcrx") || !strcmp(ref_insns[i].name, "mtdcrx"))
			ops.rb = 0;
		if (want_reg(ref_parse(ref_insns[i].name)) == PPC_REG_NONE)
			ops.rt = 0;
		word = ref_assemble(&ref_insns[i], &ops);
		for (isa = 0; isa <= REF_ISA_ALL; isa++)
			expect(ppc_decode(word, isa, &acc) ==
			       ((ref_insns[i].isa & isa) == ref_insns[i].isa),
			       "%s in %x", ref_insns[i].name, isa);
	}
}

static void one_word(u32 word, u32 isa)
{
	const struct ref_insn *insn = ref_find(word, isa);
	struct ppc_access acc;
	bool good = ppc_decode(word, isa, &acc);

	if (good != !!insn) {
		expect(0, "%08x in %x: %d, and %s", word, isa, good, insn ? insn->name : "unknown");
		return;
	}
	if (good)
		expect(encode(insn, &acc) == word, "%08x (%s) became %08x", word, insn->name,
		       encode(insn, &acc));
	else
		expect(acc.kind == PPC_NONE, "%08x: refused, but of kind %u", word, acc.kind);
}

static void test_words(void)
{
	u64 word;

	for (word = 0; word < 1ULL << 32; word += step)
		one_word(word, REF_ISA_ALL);
}

static void test_words_440(void)
{
	u64 word;

	for (word = 0; word < 1ULL << 32; word += 509)
		one_word(word, PPC_ISA_FP | PPC_ISA_DCR);
}

static void test_extended(void)
{
	u32 low;

	for (low = 0; low < 1U << 26; low += 7)
		one_word(31U << 26 | low, REF_ISA_ALL);
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "fields of every mnemonic", test_fields },
		{ "effective addresses", test_effective_address },
		{ "all DCR numbers", test_dcr_numbers },
		{ "parts of the instruction set", test_isa },
		{ "words: as the reference, and the same word again", test_words },
		{ "words without paired singles and FP2", test_words_440 },
		{ "words of opcode 31", test_extended },
	};

	if (argc > 1 && !strcmp(argv[1], "all"))
		step = 1;
	return ktap_main(tests, sizeof(tests) / sizeof(tests[0]));
}
