// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer: instruction words, registers and what the VMM does to struct
 * kvm_run from bytes that it invents, each instruction against the reference;
 * and then the same without the rules: bare records, resets and completions.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "world.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void fail(const char *what, u32 word)
{
	printf("# %08x: %s\n", word, what);
	fflush(stdout);
	abort();
}

/* A word that is likely to be known */
static u32 word_of(struct draw *d)
{
	u32 word = draw(d);
	const struct ref_insn *insn;
	struct ref_ops ops;

	if (draw_below(d, 8) == 0)
		return word;
	insn = &ref_insns[draw_below(d, ref_nr_insns)];
	ops = (struct ref_ops) {
		.rt = word & 31, .ra = word >> 5 & 31, .rb = word >> 10 & 31,
		.disp = word >> 15 & 0xffff, .w = word >> 31, .i = word >> 16 & 7,
		.last = insn->name[strlen(insn->name) - 1] == '.',
	};
	return ref_assemble(insn, &ops);
}

/* Any order of calls that a VMM can bring about, also with records nobody decodes */
static void lawless(struct world *w, struct draw *d)
{
	unsigned int n;

	for (n = 0; n < 8 && d->left; n++) {
		struct ppc_access acc;
		u8 raw[sizeof(acc)];
		unsigned int i;

		for (i = 0; i < sizeof(raw); i++)
			raw[i] = draw_below(d, i ? 64 : PPC_MTDCR + 3);
		memcpy(&acc, raw, sizeof(acc));
		switch (draw_below(d, 8)) {
		case 0:
			ppc_pending_reset(&w->cpu, &w->pend);
			break;
		case 1:
			ppc_osi_enable(&w->pend, draw_below(d, 2));
			break;
		case 2:
			if (draw_below(d, 2)) {
				w->cpu.gpr[3] = 0x113724fa;
				w->cpu.gpr[4] = 0x77810f9b;
			}
			ppc_osi_start(&w->cpu, &w->pend, &w->run);
			break;
		case 3:
		case 4:
			for (i = 0; i < 40; i++)
				((u8 *)&w->run.mmio)[i] = draw(d);
			ppc_complete(&w->cpu, &w->pend, &w->run);
			break;
		default:
			ppc_access_start(&w->cpu, &w->pend, &w->run, &acc);
			break;
		}
		if (w->pend.done > w->pend.total || w->pend.total > PPC_ACCESS_MAX ||
		    w->pend.fragment > 8)
			fail("a record out of bounds", 0);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct world w;
	struct draw d = { .data = data, .left = size };
	unsigned int n;

	world_init(&w, &d);
	for (n = 0; n < 16; n++) {
		u32 word = word_of(&d);
		const char *diff;

		if (draw_below(&d, 4) == 0 && !w.fpu_live)
			world_fpu_load(&w);
		diff = world_step(&w, word);
		if (diff)
			fail(diff, word);
	}
	lawless(&w, &d);
	return 0;
}
