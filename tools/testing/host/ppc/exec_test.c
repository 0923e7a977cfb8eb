// SPDX-License-Identifier: GPL-2.0
/*
 * Every instruction with random operands, registers, pages and a VMM that writes
 * nonsense to struct kvm_run, against the reference interpreter.  An argument is
 * the number of times for each.
 */

#include <string.h>
#include "fp-format.h"
#include "ktap.h"
#include "world.h"

static unsigned int rounds = 3000;

/* Make it likely that the base is near a page's end, or that the form is valid. */
static u32 random_word(struct world *w, const struct ref_insn *insn)
{
	struct draw *d = w->draw;
	struct ref_ops ops = {
		.rt = draw_below(d, 32), .ra = draw_below(d, 32), .rb = draw_below(d, 32),
		.disp = draw(d) & 0xffff, .w = draw_below(d, 2), .i = draw_below(d, 8),
		.last = insn->name[strlen(insn->name) - 1] == '.',
	};
	char special = ref_parse(insn->name).special;

	if (special == 'z' || special == 'c')
		ops.rt = 0;
	if (draw_below(d, 2)) {
		w->cpu.gpr[ops.ra] = (u32)draw(d) << 10 | (1024 - draw_below(d, 40));
		if (ops.rb != ops.ra)
			w->cpu.gpr[ops.rb] = draw_below(d, 16);
		ops.disp = draw_below(d, 8);
	}
	if (special == 'a' && draw_below(d, 4) && ops.ra != ops.rb) {
		struct ppc_mapping map = { .gpa = 0 };
		u32 ea = (u32)draw(d) & ~3u;

		w->cpu.gpr[ops.rb] = ea - (ops.ra ? w->cpu.gpr[ops.ra] : 0);
		world_map(w, ea, true, &map);
		w->cpu.reserved = draw_below(d, 4);
		w->cpu.reservation = map.gpa + 4 * !draw_below(d, 4);
	}
	return ref_assemble(insn, &ops);
}

static void every_insn(bool (*wanted)(struct ref_sem sem))
{
	static struct world w;
	struct draw d = { .state = 1 };
	unsigned int i, n;

	for (i = 0; i < ref_nr_insns; i++) {
		unsigned int done = 0;

		if (!wanted(ref_parse(ref_insns[i].name)))
			continue;
		for (n = 0; n < rounds; n++) {
			const char *diff;
			u32 word;

			world_init(&w, &d);
			w.pend.osi_enabled = n & 1;
			if (n & 2)
				world_fpu_load(&w);
			word = random_word(&w, &ref_insns[i]);
			diff = world_step(&w, word);
			expect(!diff, "%s %08x: %s", ref_insns[i].name, word, diff);
			done += w.bytes || ref_insns[i].name[0] == 'd' || ref_insns[i].name[0] == 'i';
			expect(w.pend.osi_enabled == (n & 1), "OSI is enabled or not as before");
		}
		expect(done > rounds / 16, "%s: went through %u times only", ref_insns[i].name, done);
	}
}

static bool wants_integer(struct ref_sem sem)
{
	return !sem.fp && !sem.special;
}

static bool wants_rows(struct ref_sem sem)
{
	return sem.special == 'm' || sem.special == 's';
}

static bool wants_lines(struct ref_sem sem)
{
	return sem.special == 'z' || sem.special == 'c';
}

static bool wants_fp(struct ref_sem sem)
{
	return sem.fp && sem.special != 'q' && sem.file == 'p';
}

static bool wants_fp2(struct ref_sem sem)
{
	return sem.fp && sem.special != 'q' && sem.file != 'p';
}

static bool wants_quantised(struct ref_sem sem)
{
	return sem.special == 'q';
}

static bool wants_atomic(struct ref_sem sem)
{
	return sem.special == 'a';
}

static void test_integer(void)
{
	every_insn(wants_integer);
}

static void test_rows(void)
{
	every_insn(wants_rows);
}

static void test_lines(void)
{
	every_insn(wants_lines);
}

static void test_fp(void)
{
	every_insn(wants_fp);
}

static void test_fp2(void)
{
	every_insn(wants_fp2);
}

static void test_quantised(void)
{
	every_insn(wants_quantised);
}

static void test_atomic(void)
{
	every_insn(wants_atomic);
}

/* State and storage carried on from instruction to instruction */
static void test_sequences(void)
{
	static struct world w;
	struct draw d = { .state = 2 };
	unsigned int n, i;

	for (n = 0; n < rounds; n++) {
		world_init(&w, &d);
		for (i = 0; i < 20; i++) {
			const struct ref_insn *insn = &ref_insns[draw_below(&d, ref_nr_insns)];
			u32 word = random_word(&w, insn);
			const char *diff;

			if (draw_below(&d, 8) == 0 && !w.fpu_live)
				world_fpu_load(&w);
			diff = world_step(&w, word);
			expect(!diff, "%s %08x: %s", insn->name, word, diff);
		}
	}
}

/* lwarx, perhaps something else, stwcx. to the same place or to another */
static void test_reservation(void)
{
	static struct world w;
	struct draw d = { .state = 3 };
	unsigned int n, stored = 0, other;

	for (n = 0; n < rounds * 4; n++) {
		struct ref_ops ops = { .rt = 5, .ra = 6, .rb = 7 };
		u32 lwarx = ref_assemble(ref_named("lwarx"), &ops), stwcx;
		const char *diff;

		ops.last = 1;
		stwcx = ref_assemble(ref_named("stwcx."), &ops);
		world_init(&w, &d);
		w.faults = false;
		w.cpu.gpr[7] = (n * 8) - w.cpu.gpr[6];
		diff = world_step(&w, lwarx);
		expect(!diff && w.cpu.reserved, "lwarx: %s", diff);
		other = n & 1 ? 4 : 0;
		w.cpu.gpr[7] += other;
		if (n & 2)
			ppc_pending_reset(&w.cpu, &w.pend);
		diff = world_step(&w, stwcx);
		expect(!diff, "stwcx.: %s", diff);
		expect(!!w.stores.n == !(n & 3), "stored %u", w.stores.n);
		stored += w.stores.n;
		diff = world_step(&w, stwcx);
		expect(!diff && !w.stores.n, "once is enough: %s", diff);
	}
	expect(stored, "nothing was stored");
}

static void test_single(void)
{
	u64 word;

	for (word = 0; word < 1ULL << 32; word += rounds > 100000 ? 1 : 127) {
		u64 val = ppc_single_to_double(word);

		expect(val == ref_single_to_double(word), "%08x became %016lx", (u32)word,
		       (unsigned long)val);
		expect(ppc_double_to_single(val) == word, "%08x, and back %08x", (u32)word,
		       ppc_double_to_single(val));
	}
}

static void test_double(void)
{
	unsigned int exp, n;

	for (exp = 0; exp < 4096; exp++)
		for (n = 0; n < rounds / 4; n++) {
			u64 frac = n == 0 ? 0 : n == 1 ? ~0ULL : ktap_random();
			u64 val = (u64)exp << 52 | frac >> 12;

			expect(ppc_double_to_single(val) == ref_double_to_single(val),
			       "%016lx: %08x", (unsigned long)val, ppc_double_to_single(val));
		}
}

static void test_quantisation(void)
{
	unsigned int type, scale, n;

	for (type = 0; type < 8; type++)
		for (scale = 0; scale < 64; scale++)
			for (n = 0; n < rounds; n++) {
				u32 half = scale << 8 | type | (ktap_random() & 0xc0f8);
				u64 val = ktap_random();
				int by = scale < 32 ? (int)scale : (int)scale - 64;
				u32 raw = ktap_random() >> 9;

				if (n & 1)
					val = (val & ~(0x7ffULL << 52)) |
					      (u64)(1023 - by - 3 + n / 2 % 24) << 52;
				expect(ppc_quantise(half, val) == ref_quantise(type, by, val),
				       "type %u scale %d %016lx", type, by, (unsigned long)val);
				expect(ppc_dequantise(half, raw) == ref_dequantise(type, by, raw),
				       "type %u scale %d %08x", type, by, raw);
			}
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "integer loads and stores", test_integer },
		{ "lmw, stmw and strings", test_rows },
		{ "cache lines", test_lines },
		{ "floating-point loads and stores", test_fp },
		{ "primary and secondary registers (440 FP2)", test_fp2 },
		{ "quantised pairs", test_quantised },
		{ "lwarx and stwcx.", test_atomic },
		{ "sequences", test_sequences },
		{ "reservations", test_reservation },
		{ "single format", test_single },
		{ "double to single format", test_double },
		{ "quantisation", test_quantisation },
	};

	if (argc > 1)
		rounds = strtoul(argv[1], NULL, 0);
	return ktap_main(tests, sizeof(tests) / sizeof(tests[0]));
}
