// SPDX-License-Identifier: GPL-2.0
/* The reference: names, encodings and what makes a form invalid. */

#include <string.h>
#include "ref.h"

#define FP	PPC_ISA_FP
#define PS	PPC_ISA_PS
#define FP2	PPC_ISA_FP2

const struct ref_insn ref_insns[] = {
	{ "lbz", 34 }, { "lbzu", 35 }, { "lbzx", 31, 87 }, { "lbzux", 31, 119 },
	{ "lhz", 40 }, { "lhzu", 41 }, { "lhzx", 31, 279 }, { "lhzux", 31, 311 },
	{ "lha", 42 }, { "lhau", 43 }, { "lhax", 31, 343 }, { "lhaux", 31, 375 },
	{ "lwz", 32 }, { "lwzu", 33 }, { "lwzx", 31, 23 }, { "lwzux", 31, 55 },
	{ "stb", 38 }, { "stbu", 39 }, { "stbx", 31, 215 }, { "stbux", 31, 247 },
	{ "sth", 44 }, { "sthu", 45 }, { "sthx", 31, 407 }, { "sthux", 31, 439 },
	{ "stw", 36 }, { "stwu", 37 }, { "stwx", 31, 151 }, { "stwux", 31, 183 },
	{ "lhbrx", 31, 790 }, { "lwbrx", 31, 534 },
	{ "sthbrx", 31, 918 }, { "stwbrx", 31, 662 },
	{ "lmw", 46 }, { "stmw", 47 },
	{ "lswi", 31, 597 }, { "lswx", 31, 533 }, { "stswi", 31, 725 }, { "stswx", 31, 661 },
	{ "lwarx", 31, 20 }, { "stwcx.", 31, 150 },
	{ "dcbz", 31, 1014 }, { "dcba", 31, 758 }, { "dcbst", 31, 54 }, { "dcbf", 31, 86 },
	{ "icbi", 31, 982 }, { "dcbt", 31, 278 }, { "dcbtst", 31, 246 }, { "icbt", 31, 22 },
	{ "lfs", 48, 0, FP }, { "lfsu", 49, 0, FP },
	{ "lfsx", 31, 535, FP }, { "lfsux", 31, 567, FP },
	{ "lfd", 50, 0, FP }, { "lfdu", 51, 0, FP },
	{ "lfdx", 31, 599, FP }, { "lfdux", 31, 631, FP },
	{ "stfs", 52, 0, FP }, { "stfsu", 53, 0, FP },
	{ "stfsx", 31, 663, FP }, { "stfsux", 31, 695, FP },
	{ "stfd", 54, 0, FP }, { "stfdu", 55, 0, FP },
	{ "stfdx", 31, 727, FP }, { "stfdux", 31, 759, FP },
	{ "stfiwx", 31, 983, FP },
	{ "lfiwax", 31, 855, PPC_ISA_LFIW }, { "lfiwzx", 31, 887, PPC_ISA_LFIW },
	{ "mfdcr", 31, 323, PPC_ISA_DCR }, { "mtdcr", 31, 451, PPC_ISA_DCR },
	{ "mfdcrx", 31, 259, PPC_ISA_DCRX }, { "mtdcrx", 31, 387, PPC_ISA_DCRX },
	{ "psq_l", 56, 0, PS }, { "psq_lu", 57, 0, PS },
	{ "psq_st", 60, 0, PS }, { "psq_stu", 61, 0, PS },
	{ "psq_lx", 4, 6, PS }, { "psq_lux", 4, 38, PS },
	{ "psq_stx", 4, 7, PS }, { "psq_stux", 4, 39, PS },
	{ "lfssx", 31, 142, FP2 }, { "lfssux", 31, 174, FP2 },
	{ "lfsdx", 31, 206, FP2 }, { "lfsdux", 31, 238, FP2 },
	{ "lfxsx", 31, 270, FP2 }, { "lfxsux", 31, 302, FP2 },
	{ "lfxdx", 31, 334, FP2 }, { "lfxdux", 31, 366, FP2 },
	{ "lfpsx", 31, 398, FP2 }, { "lfpsux", 31, 430, FP2 },
	{ "lfpdx", 31, 462, FP2 }, { "lfpdux", 31, 494, FP2 },
	{ "stfpiwx", 31, 526, FP2 },
	{ "stfssx", 31, 654, FP2 }, { "stfssux", 31, 686, FP2 },
	{ "stfsdx", 31, 718, FP2 }, { "stfsdux", 31, 750, FP2 },
	{ "stfxsx", 31, 782, FP2 }, { "stfxsux", 31, 814, FP2 },
	{ "stfxdx", 31, 846, FP2 }, { "stfxdux", 31, 878, FP2 },
	{ "stfpsx", 31, 910, FP2 }, { "stfpsux", 31, 942, FP2 },
	{ "stfpdx", 31, 974, FP2 }, { "stfpdux", 31, 1006, FP2 },
};

const unsigned int ref_nr_insns = sizeof(ref_insns) / sizeof(ref_insns[0]);

static bool eat(const char **s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(*s, prefix, n))
		return false;
	*s += n;
	return true;
}

/* A name that is not understood is a bug of the test: special is then '?'. */
struct ref_sem ref_parse(const char *s)
{
	struct ref_sem sem = { .file = 'p' };

	if (!strcmp(s, "dcbz"))
		return (struct ref_sem) { .special = 'z', .store = true, .indexed = true };
	if (strstr(s, "dcr"))
		return (struct ref_sem) { .special = 'd', .store = s[1] == 't',
					  .indexed = s[strlen(s) - 1] == 'x' };
	if (!strncmp(s, "dcb", 3) || !strncmp(s, "icb", 3))
		return (struct ref_sem) { .special = 'c', .indexed = true };
	if (!strcmp(s, "lwarx") || !strcmp(s, "stwcx."))
		return (struct ref_sem) { .special = 'a', .format = 'w', .store = s[0] == 's',
					  .indexed = true };
	if (eat(&s, "psq_")) {
		sem.special = 'q';
		sem.file = 'b';
		sem.fp = true;
	}
	if (eat(&s, "st"))
		sem.store = true;
	else if (!eat(&s, "l"))
		sem.special = '?';

	if (sem.special == 'q') {
		/* format and width are the quantisation's */
	} else if (eat(&s, "mw")) {
		sem.special = 'm';
		sem.format = 'w';
	} else if (eat(&s, "sw")) {
		sem.special = 's';
		eat(&s, "i");
	} else if (eat(&s, "f")) {
		sem.fp = true;
		if (*s && strchr("sxp", s[0]) && s[1] && strchr("sdi", s[1])) {
			sem.file = *s == 'p' ? 'b' : *s;
			s++;
		}
		sem.format = *s++;
		if (sem.format == 'i' && !eat(&s, "w"))
			sem.special = '?';
		if (sem.format == 'i' && !sem.store)
			sem.algebraic = *s++ == 'a';
	} else {
		sem.format = *s++;
		sem.reversed = eat(&s, "br");
		sem.algebraic = eat(&s, "a");
		eat(&s, "z");
	}
	sem.update = eat(&s, "u");
	sem.indexed = eat(&s, "x");
	if (*s)
		sem.special = '?';
	return sem;
}

static bool is_any(const char *name, const char *a, const char *b, const char *c)
{
	return !strcmp(name, a) || !strcmp(name, b) || !strcmp(name, c);
}

u32 ref_assemble(const struct ref_insn *insn, const struct ref_ops *o)
{
	u32 word = (u32)insn->op << 26 | o->rt << 21 | o->ra << 16;

	if (insn->op == 4)
		return word | o->rb << 11 | o->w << 10 | o->i << 7 | (u32)insn->xo << 1 | o->last;
	if (insn->op >= 56)
		return word | o->w << 15 | o->i << 12 | (o->disp & 0xfff);
	if (insn->op != 31)
		return word | (o->disp & 0xffff);
	if (insn->isa == PPC_ISA_DCR)
		return 31U << 26 | o->rt << 21 | (o->dcrn & 31) << 16 | (o->dcrn >> 5) << 11 |
		       (u32)insn->xo << 1 | o->last;
	return word | o->rb << 11 | (u32)insn->xo << 1 | o->last;
}

void ref_operands(const struct ref_insn *insn, u32 word, struct ref_ops *o)
{
	*o = (struct ref_ops) { .rt = word >> 21 & 31, .ra = word >> 16 & 31 };
	if (insn->op != 31 && insn->op != 4) {
		bool pair = insn->op >= 56;
		unsigned int bits = pair ? 12 : 16;

		o->disp = (word & ((1U << bits) - 1)) - ((word >> (bits - 1) & 1) << bits);
		o->w = pair ? word >> 15 & 1 : 0;
		o->i = pair ? word >> 12 & 7 : 0;
		return;
	}
	o->rb = word >> 11 & 31;
	o->last = word & 1;
	o->dcrn = o->rb * 32 + o->ra;
	if (insn->op == 4) {
		o->w = word >> 10 & 1;
		o->i = word >> 7 & 7;
	}
}

/* Is register @nr among @n from @first on, modulo 32? */
static bool among(u32 nr, u32 first, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if ((first + i) % 32 == nr)
			return true;
	return false;
}

/* What makes a form invalid, from the name once: names are slow for all words */
struct rules {
	bool update_base;	/* RA must not be 0 */
	bool update_target;	/* nor RT */
	bool last_is;		/* the last bit is fixed, to this: */
	bool last;
	bool no_rt;
	bool no_rb;
	char row;		/* w, i, x: lmw, lswi, lswx */
};

static struct rules make_rules(const struct ref_insn *insn)
{
	struct ref_sem sem = ref_parse(insn->name);
	const char *name = insn->name;

	return (struct rules) {
		.update_base = sem.update,
		.update_target = sem.update && !sem.store && !sem.fp,
		.last_is = (insn->op == 31 || insn->op == 4) && strcmp(name, "lwarx"),
		.last = name[strlen(name) - 1] == '.',
		.no_rt = sem.special == 'z' ||
			 (sem.special == 'c' && !is_any(name, "dcbt", "dcbtst", "icbt")),
		.no_rb = sem.special == 'd' && sem.indexed,
		.row = is_any(name, "lmw", "lswi", "lswx") ? name[strlen(name) - 1] : 0,
	};
}

/* The forms that the architecture leaves to nobody */
static bool invalid(const struct rules *rules, const struct ref_ops *o)
{
	if (rules->update_base && o->ra == 0)
		return true;
	if (rules->update_target && o->ra == o->rt)
		return true;
	if (rules->last_is && o->last != rules->last)
		return true;
	if ((rules->no_rt && o->rt) || (rules->no_rb && o->rb))
		return true;
	switch (rules->row) {
	case 'w':
		return among(o->ra, o->rt, 32 - o->rt);
	case 'i':
		return among(o->ra, o->rt, ((o->rb ? o->rb : 32) + 3) / 4);
	case 'x':
		return o->ra == o->rt || o->rb == o->rt;
	default:
		return false;
	}
}

const struct ref_insn *ref_find(u32 word, u32 isa)
{
	static s16 by_op[64], by_xo[1024], by_pair[64];
	static struct rules rules[128];
	static bool filled;
	struct ref_ops ops;
	unsigned int i;
	int found;

	if (!filled) {
		memset(by_op, -1, sizeof(by_op));
		memset(by_xo, -1, sizeof(by_xo));
		memset(by_pair, -1, sizeof(by_pair));
		for (i = 0; i < ref_nr_insns; i++) {
			rules[i] = make_rules(&ref_insns[i]);
			if (ref_insns[i].op == 31)
				by_xo[ref_insns[i].xo] = i;
			else if (ref_insns[i].op == 4)
				by_pair[ref_insns[i].xo] = i;
			else
				by_op[ref_insns[i].op] = i;
		}
		filled = true;
	}
	switch (word >> 26) {
	case 31:
		found = by_xo[word / 2 % 1024];
		break;
	case 4:
		found = by_pair[word / 2 % 64];
		break;
	default:
		found = by_op[word >> 26];
		break;
	}
	if (found < 0 || (ref_insns[found].isa & isa) != ref_insns[found].isa)
		return NULL;
	ref_operands(&ref_insns[found], word, &ops);
	return invalid(&rules[found], &ops) ? NULL : &ref_insns[found];
}

const struct ref_insn *ref_named(const char *name)
{
	unsigned int i;

	for (i = 0; i < ref_nr_insns; i++)
		if (!strcmp(ref_insns[i].name, name))
			return &ref_insns[i];
	return NULL;
}
