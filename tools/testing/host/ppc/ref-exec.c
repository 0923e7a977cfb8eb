// SPDX-License-Identifier: GPL-2.0
/*
 * The reference: what instructions do, byte by byte, with the host's floating
 * point for the formats.
 */

#include <math.h>
#include <string.h>
#include "ref.h"

static u64 bits_of(double d)
{
	u64 u;

	memcpy(&u, &d, 8);
	return u;
}

static double double_of(u64 u)
{
	double d;

	memcpy(&d, &u, 8);
	return d;
}

static u32 bits_of_float(float f)
{
	u32 u;

	memcpy(&u, &f, 4);
	return u;
}

u64 ref_single_to_double(u32 single)
{
	float f;

	memcpy(&f, &single, 4);
	if (isnan(f))	/* the host would make it quiet */
		return (u64)(single >> 31) << 63 | 0x7ff0000000000000 |
		       (u64)(single & 0x7fffff) << 29;
	return bits_of(f);
}

u32 ref_double_to_single(u64 val)
{
	double d = double_of(val), a = fabs(d);
	u32 sign = signbit(d) ? 0x80000000 : 0;
	double step;

	/* beyond single format: sign, and 30 bits from where they are */
	if (!(a < 0x1p128))
		return (val >> 62 << 30) | (val >> 29 & 0x3fffffff);
	if (a < 0x1p-149)
		return sign;
	/* cut down to a multiple of the last place: exact from there on */
	step = a < 0x1p-126 ? 0x1p-149 : ldexp(1, ilogb(a) - 23);
	return sign | bits_of_float((float)(floor(a / step) * step));
}

u64 ref_dequantise(u32 type, int scale, u32 raw)
{
	switch (type) {
	case 4:
		return bits_of(ldexp((u8)raw, -scale));
	case 5:
		return bits_of(ldexp((u16)raw, -scale));
	case 6:
		return bits_of(ldexp((s8)raw, -scale));
	case 7:
		return bits_of(ldexp((s16)raw, -scale));
	default:
		return ref_single_to_double(raw);
	}
}

u32 ref_quantise(u32 type, int scale, u64 val)
{
	static const struct { double lo, hi; u32 mask; } range[] = {
		{ 0, 255, 0xff }, { 0, 65535, 0xffff },
		{ -128, 127, 0xff }, { -32768, 32767, 0xffff },
	};
	double d = double_of(val);

	if (type < 4)
		return ref_double_to_single(val);
	if (isnan(d))
		d = signbit(d) ? -INFINITY : INFINITY;
	d = trunc(ldexp(d, scale));
	d = fmin(fmax(d, range[type - 4].lo), range[type - 4].hi);
	return (u32)(s32)d & range[type - 4].mask;
}

struct span {
	u32 ea;
	unsigned int len;
	bool write;
	u64 gpa[128];
};

/* Where each byte is, and how the page is ordered */
static enum ref_result locate(struct ref_machine *m, struct span *s, bool ordered, bool *little)
{
	struct ppc_mapping map;
	bool first = false;
	unsigned int i;

	for (i = 0; i < s->len; i++) {
		u32 page = (s->ea + i) >> m->page_shift;

		if (m->translate(m->data, s->ea + i, s->write, &map))
			return REF_FAULT;
		s->gpa[i] = map.gpa;
		if (i == 0)
			first = map.little_endian;
		else if (page != s->ea >> m->page_shift && ordered && map.little_endian != first)
			return REF_ALIGN;
	}
	*little = first;
	return REF_DONE;
}

static u64 load(struct ref_machine *m, const u64 *gpa, unsigned int n, bool little)
{
	u64 val = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		val = val << 8 | m->load(m->data, gpa[little ? n - 1 - i : i]);
	return val;
}

static void store(struct ref_machine *m, const u64 *gpa, unsigned int n, bool little, u64 val)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		unsigned int shift = little ? i : n - 1 - i;

		m->store(m->data, gpa[i], val >> (8 * shift));
	}
}

static enum ref_result strings(struct ref_machine *m, struct ref_sem sem, struct ref_ops *o,
			       struct span *s)
{
	struct ppc_cpu_state *cpu = m->cpu;
	enum ref_result res;
	unsigned int i;
	bool little;

	s->len = sem.indexed ? cpu->xer % 128 : o->rb ? o->rb : 32;
	for (i = 0; sem.indexed && !sem.store && i < s->len; i += 4) {
		u32 target = (o->rt + i / 4) % 32;

		if (target == o->ra || target == o->rb)
			return REF_ILLEGAL;
	}
	res = locate(m, s, false, &little);
	if (res != REF_DONE)
		return res;
	for (i = 0; i < s->len; i++) {
		u32 *r = &cpu->gpr[(o->rt + i / 4) % 32];
		unsigned int shift = 8 * (3 - i % 4);

		if (sem.store) {
			m->store(m->data, s->gpa[i], *r >> shift);
		} else {
			if (shift == 24)
				*r = 0;
			*r |= (u32)m->load(m->data, s->gpa[i]) << shift;
		}
	}
	return REF_DONE;
}

static enum ref_result atomic(struct ref_machine *m, struct ref_sem sem, struct ref_ops *o,
			      struct span *s)
{
	struct ppc_cpu_state *cpu = m->cpu;
	enum ref_result res;
	bool little, hit;

	s->len = 4;
	if (s->ea % 4)
		return REF_ALIGN;
	res = locate(m, s, true, &little);
	if (res != REF_DONE)
		return res;
	if (!sem.store) {
		cpu->gpr[o->rt] = load(m, s->gpa, 4, little);
		cpu->reserved = true;
		cpu->reservation = s->gpa[0];
		return REF_DONE;
	}
	hit = cpu->reserved && cpu->reservation == s->gpa[0];
	if (hit)
		store(m, s->gpa, 4, little, cpu->gpr[o->rt]);
	cpu->reserved = false;
	cpu->cr = (cpu->cr & 0x0fffffff) | (hit ? 2U << 28 : 0) | (cpu->xer >> 31) << 28;
	return REF_DONE;
}

static enum ref_result multiple(struct ref_machine *m, struct ref_sem sem, struct ref_ops *o,
				struct span *s)
{
	enum ref_result res;
	bool little;
	u32 r;

	s->len = 4 * (32 - o->rt);
	res = locate(m, s, true, &little);
	if (res != REF_DONE)
		return res;
	for (r = o->rt; r < 32; r++) {
		u64 *gpa = &s->gpa[4 * (r - o->rt)];

		if (sem.store)
			store(m, gpa, 4, little, m->cpu->gpr[r]);
		else
			m->cpu->gpr[r] = load(m, gpa, 4, little);
	}
	return REF_DONE;
}

static enum ref_result zero_line(struct ref_machine *m, struct span *s)
{
	enum ref_result res;
	unsigned int i;
	bool little;

	s->ea -= s->ea % m->line;
	s->len = m->line;
	res = locate(m, s, false, &little);
	for (i = 0; res == REF_DONE && i < s->len; i++)
		m->store(m->data, s->gpa[i], 0);
	return res;
}

static u64 fp_in(struct ref_sem sem, u32 type, int scale, u64 raw)
{
	if (sem.special == 'q')
		return ref_dequantise(type, scale, raw);
	switch (sem.format) {
	case 's':
		return ref_single_to_double(raw);
	case 'i':
		return sem.algebraic && raw >> 31 ? raw | 0xffffffff00000000 : raw;
	default:
		return raw;
	}
}

static u64 fp_out(struct ref_sem sem, u32 type, int scale, u64 val)
{
	if (sem.special == 'q')
		return ref_quantise(type, scale, val);
	return sem.format == 's' ? ref_double_to_single(val) : val;
}

static enum ref_result floating(struct ref_machine *m, struct ref_sem sem, struct ref_ops *o,
				struct span *s)
{
	struct ppc_cpu_state *cpu = m->cpu;
	u32 gqr = cpu->gqr[o->i], half = sem.store ? gqr & 0xffff : gqr >> 16;
	u32 type = half & 7;
	int scale = (int)(half >> 8 & 63);
	unsigned int n = sem.format == 'd' ? 8 : 4, count, i;
	u64 *regs[2] = { &cpu->fpr[o->rt], &cpu->qpr[o->rt] };
	enum ref_result res;
	bool little;

	if (scale > 31)
		scale -= 64;
	if (sem.special == 'q' && type >= 4)
		n = type & 1 ? 2 : 1;
	count = sem.file == 'b' || sem.file == 'x' ? 2 : 1;
	if (sem.special == 'q' && o->w)
		count = 1;
	if (sem.file == 's' || sem.file == 'x') {
		regs[0] = &cpu->qpr[o->rt];
		regs[1] = &cpu->fpr[o->rt];
	}
	s->len = n * count;
	res = locate(m, s, n > 1, &little);
	if (res != REF_DONE)
		return res;
	for (i = 0; i < count; i++) {
		if (sem.store)
			store(m, s->gpa + i * n, n, little, fp_out(sem, type, scale, *regs[i]));
		else
			*regs[i] = fp_in(sem, type, scale, load(m, s->gpa + i * n, n, little));
	}
	if (sem.special == 'q' && o->w && !sem.store)
		cpu->qpr[o->rt] = bits_of(1.0);
	return REF_DONE;
}

static enum ref_result integer(struct ref_machine *m, struct ref_sem sem, struct ref_ops *o,
			       struct span *s)
{
	struct ppc_cpu_state *cpu = m->cpu;
	enum ref_result res;
	bool little;
	u32 val;

	s->len = sem.format == 'b' ? 1 : sem.format == 'h' ? 2 : 4;
	res = locate(m, s, s->len > 1, &little);
	if (res != REF_DONE)
		return res;
	little ^= sem.reversed;
	if (sem.store) {
		store(m, s->gpa, s->len, little, cpu->gpr[o->rt]);
		return REF_DONE;
	}
	val = load(m, s->gpa, s->len, little);
	if (sem.algebraic && val & 0x8000)
		val |= 0xffff0000;
	cpu->gpr[o->rt] = val;
	return REF_DONE;
}

/* Not DCRs: there is nothing to them but the exit. */
enum ref_result ref_execute(struct ref_machine *m, const struct ref_insn *insn, u32 word)
{
	struct ref_sem sem = ref_parse(insn->name);
	struct ppc_cpu_state *cpu = m->cpu;
	struct span s = { .write = sem.store };
	enum ref_result res;
	struct ref_ops o;
	bool little;
	u32 base;

	ref_operands(insn, word, &o);
	base = o.ra ? cpu->gpr[o.ra] : 0;
	s.ea = base + (sem.indexed ? cpu->gpr[o.rb] : sem.special == 's' ? 0 : o.disp);

	switch (sem.special) {
	case 'a':
		res = atomic(m, sem, &o, &s);
		break;
	case 'c':
		s.len = 1;
		res = locate(m, &s, false, &little);
		break;
	case 'm':
		res = multiple(m, sem, &o, &s);
		break;
	case 's':
		res = strings(m, sem, &o, &s);
		break;
	case 'z':
		res = zero_line(m, &s);
		break;
	default:
		res = sem.fp ? floating(m, sem, &o, &s) : integer(m, sem, &o, &s);
		break;
	}
	if (res == REF_DONE) {
		if (sem.update)
			cpu->gpr[o.ra] = s.ea;
		cpu->pc += 4;
	}
	return res;
}
