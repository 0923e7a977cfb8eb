/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_PPC_REF_H
#define HOST_PPC_REF_H

/*
 * A reference for the tests: instructions by their mnemonics.  What one does is
 * read from its name ("lhaux": load, halfword, algebraic, update, indexed), so
 * that it shares no table and no shortcut with the module.
 */

#include "cpu-state.h"

#define REF_ISA_ALL	0x3f

struct ref_insn {
	const char *name;
	u8 op;
	u16 xo;
	u8 isa;
};

extern const struct ref_insn ref_insns[];
extern const unsigned int ref_nr_insns;

/* What the name says */
struct ref_sem {
	bool store;
	bool fp;
	bool update;
	bool indexed;
	bool algebraic;
	bool reversed;
	char special;		/* m, s (string), q (psq), c (cache), z, d (DCR), a (atomic), or 0 */
	char format;		/* b, h, w, s (single), d (double), i (integer word) */
	char file;		/* p (primary), s (secondary), b (both), x (both, crossed) */
};

/* Operands; which of them count is up to the instruction */
struct ref_ops {
	u32 rt, ra, rb, disp, w, i, dcrn, last;
};

struct ref_sem ref_parse(const char *name);
u32 ref_assemble(const struct ref_insn *insn, const struct ref_ops *ops);
void ref_operands(const struct ref_insn *insn, u32 word, struct ref_ops *ops);
const struct ref_insn *ref_find(u32 word, u32 isa);
const struct ref_insn *ref_named(const char *name);

/* Storage as the reference sees it: one byte at a time */
struct ref_machine {
	struct ppc_cpu_state *cpu;	/* changed in place; core and FPU ownership unused */
	unsigned int page_shift;
	unsigned int line;
	/* 0 or a fault */
	int (*translate)(void *data, u32 ea, bool write, struct ppc_mapping *map);
	u8 (*load)(void *data, u64 gpa);
	void (*store)(void *data, u64 gpa, u8 val);
	void *data;
};

enum ref_result { REF_DONE, REF_FAULT, REF_ALIGN, REF_ILLEGAL };

enum ref_result ref_execute(struct ref_machine *m, const struct ref_insn *insn, u32 word);

u64 ref_single_to_double(u32 single);
u32 ref_double_to_single(u64 val);
u64 ref_dequantise(u32 type, int scale, u32 raw);
u32 ref_quantise(u32 type, int scale, u64 val);

#endif
