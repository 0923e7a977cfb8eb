// SPDX-License-Identifier: GPL-2.0
/* The core's operations, the VMM, and one instruction against the reference. */

#include <stdio.h>
#include <string.h>
#include "world.h"

#define container_of(ptr, type, member)	((type *)((char *)(ptr) - offsetof(type, member)))

static u64 mix(u64 x)
{
	x ^= x >> 31;
	x *= 0x7fb5d329728ea185;
	x ^= x >> 27;
	x *= 0x81dadef4bc2dd44d;
	return x ^ x >> 33;
}

u64 draw(struct draw *d)
{
	u64 x = 0;
	size_t n = d->left < 8 ? d->left : 8;

	if (n) {
		memcpy(&x, d->data, n);
		d->data += n;
		d->left -= n;
		d->state ^= x;
		return x;
	}
	d->state += 0x9e3779b97f4a7c15;
	return mix(d->state);
}

/* Pages are scattered; the byte order and the faults of each are its own. */
int world_map(struct world *w, u32 ea, bool write, struct ppc_mapping *map)
{
	unsigned int shift = w->core.page_shift;
	u64 h = mix((ea >> shift) + w->seed), offset = ea & ((1u << shift) - 1);

	if (w->faults && (h % 16 == 0 || (write && h % 16 == 1)))
		return -1;
	map->gpa = (h & 0xfffffff) << shift | offset;
	map->little_endian = h >> 40 & 1;
	return 0;
}

u8 world_device(const struct world *w, u64 gpa)
{
	return mix(gpa * 3 + w->seed);
}

static int op_translate(struct ppc_cpu_state *cpu, u32 ea, bool write, struct ppc_mapping *map)
{
	return world_map(container_of(cpu, struct world, cpu), ea, write, map);
}

static void transfer(struct world *w, u64 gpa, u8 *data, unsigned int len, bool write)
{
	unsigned int i;

	for (i = 0; i < len; i++, w->bytes++) {
		if (!write) {
			data[i] = world_device(w, gpa + i);
		} else if (w->stores.n < WORLD_LOG) {
			w->stores.gpa[w->stores.n] = gpa + i;
			w->stores.val[w->stores.n++] = data[i];
		}
	}
}

static bool op_access(struct ppc_cpu_state *cpu, u64 gpa, void *data, unsigned int len, bool write)
{
	struct world *w = container_of(cpu, struct world, cpu);

	if (len < 1 || len > 8)
		w->bad = "length of an access in the kernel";
	if (!w->in_kernel || !(mix(gpa ^ w->seed) & 1))
		return false;
	transfer(w, gpa, data, len, write);
	return true;
}

static void op_fp_claim(struct ppc_cpu_state *cpu)
{
	struct world *w = container_of(cpu, struct world, cpu);

	w->claims++;
	if (!w->fpu_live)
		return;
	memcpy(cpu->fpr, w->live_fpr, sizeof(cpu->fpr));
	memcpy(cpu->qpr, w->live_qpr, sizeof(cpu->qpr));
	w->fpu_live = false;
}

/* The FPU takes the registers over, what is saved becomes stale. */
void world_fpu_load(struct world *w)
{
	memcpy(w->live_fpr, w->cpu.fpr, sizeof(w->live_fpr));
	memcpy(w->live_qpr, w->cpu.qpr, sizeof(w->live_qpr));
	memset(w->cpu.fpr, 0xd1, sizeof(w->cpu.fpr));
	memset(w->cpu.qpr, 0xd2, sizeof(w->cpu.qpr));
	w->fpu_live = true;
}

static const struct ppc_core_ops ops = {
	.translate = op_translate,
	.access = op_access,
	.fp_claim = op_fp_claim,
};

/* Values where formats and conversions have their edges */
static u64 draw_fp(struct draw *d)
{
	u64 x = draw(d), exp;

	switch (draw_below(d, 6)) {
	case 0:
		exp = 865 + draw_below(d, 40);		/* around denormalised singles */
		break;
	case 1:
		exp = 1010 + draw_below(d, 40);		/* around integers */
		break;
	case 2:
		exp = 1145 + draw_below(d, 10);		/* around the largest single */
		break;
	case 3:
		exp = draw_below(d, 2) * 0x7ff;
		break;
	default:
		return x;
	}
	if (draw_below(d, 4) == 0)
		x &= 1ULL << 63;
	return (x & ~(0x7ffULL << 52)) | exp << 52;
}

void world_init(struct world *w, struct draw *d)
{
	unsigned int i;

	memset(w, 0, sizeof(*w));
	w->draw = d;
	w->seed = draw(d);
	w->core = (struct ppc_core) {
		.isa = REF_ISA_ALL,
		.dcbz_bytes = 32 << draw_below(d, 3),
		.page_shift = draw_below(d, 2) ? 10 : 12,
		.ops = &ops,
	};
	w->cpu.core = &w->core;
	for (i = 0; i < 32; i++) {
		w->cpu.gpr[i] = draw(d);
		w->cpu.fpr[i] = draw_fp(d);
		w->cpu.qpr[i] = draw_fp(d);
	}
	for (i = 0; i < 8; i++)
		w->cpu.gqr[i] = draw(d);
	w->cpu.pc = (u32)draw(d) & ~3u;
	w->cpu.cr = draw(d);
	w->cpu.xer = draw(d);
	w->cpu.lr = draw(d);
	w->cpu.ctr = draw(d);
	w->faults = draw_below(d, 2);
	w->in_kernel = draw_below(d, 2);
	w->spoil = true;
}

/* The VMM's part of an exit; the data of a load and nothing else counts. */
void world_answer(struct world *w)
{
	struct kvm_run *run = &w->run;
	bool write = run->mmio.is_write;
	unsigned int i, len = run->mmio.len;

	w->exits++;
	if (run->exit_reason != KVM_EXIT_MMIO)
		w->bad = "exit reason";
	else if (len < 1 || len > 8)
		w->bad = "length of an exit";
	else if (run->mmio.is_write > 1 || write != (w->pend.kind == PPC_PENDING_MMIO_STORE))
		w->bad = "direction of an exit";
	if (w->bad)
		return;
	for (i = 0; i < 8; i++)
		if ((i >= len || !write) && run->mmio.data[i])
			w->bad = "data that are not the guest's in an exit";
	transfer(w, run->mmio.phys_addr, run->mmio.data, len, write);
	if (!w->spoil)
		return;
	for (i = write ? 0 : len; i < 8; i++)
		run->mmio.data[i] = draw(w->draw);
	run->mmio.len = draw_below(w->draw, 4) ? draw_below(w->draw, 10) : (u32)draw(w->draw);
	run->mmio.is_write = draw(w->draw);
	run->mmio.phys_addr = draw(w->draw);
	run->exit_reason = draw_below(w->draw, 40);
}

/* From the start to the last completion */
enum ppc_emul world_run(struct world *w, const struct ppc_access *acc)
{
	enum ppc_emul res = ppc_access_start(&w->cpu, &w->pend, &w->run, acc);
	unsigned int turns = 0;

	while (res == PPC_EMUL_EXIT && !w->bad) {
		world_answer(w);
		res = ppc_complete(&w->cpu, &w->pend, &w->run);
		if (++turns > 130)
			w->bad = "an access without end";
	}
	if (!w->bad && w->pend.kind != PPC_PENDING_NONE)
		w->bad = "something is in flight after the last completion";
	return res;
}

struct ref_side {
	struct world *w;
	struct world_log stores;
	unsigned int bytes;
};

static int ref_translate(void *data, u32 ea, bool write, struct ppc_mapping *map)
{
	struct ref_side *side = data;

	return world_map(side->w, ea, write, map);
}

static u8 ref_load(void *data, u64 gpa)
{
	struct ref_side *side = data;

	side->bytes++;
	return world_device(side->w, gpa);
}

static int log_compare(const struct world_log *a, const struct world_log *b)
{
	unsigned int i, j;

	if (a->n != b->n)
		return 1;
	/* The reference stores an element's bytes in its own order. */
	for (i = 0; i < a->n; i++) {
		for (j = 0; j < b->n; j++)
			if (a->gpa[i] == b->gpa[j] && a->val[i] == b->val[j])
				break;
		if (j == b->n)
			return 1;
	}
	return 0;
}

static void ref_store(void *data, u64 gpa, u8 val)
{
	struct ref_side *side = data;
	struct world_log *log = &side->stores;

	side->bytes++;
	log->gpa[log->n] = gpa;
	log->val[log->n++] = val;
}

static bool same_registers(const struct world *w, const struct ppc_cpu_state *want)
{
	const u64 *fpr = w->fpu_live ? w->live_fpr : w->cpu.fpr;
	const u64 *qpr = w->fpu_live ? w->live_qpr : w->cpu.qpr;
	const struct ppc_cpu_state *got = &w->cpu;

	return !memcmp(got->gpr, want->gpr, sizeof(got->gpr)) &&
	       !memcmp(fpr, want->fpr, sizeof(got->fpr)) &&
	       !memcmp(qpr, want->qpr, sizeof(got->qpr)) &&
	       !memcmp(got->gqr, want->gqr, sizeof(got->gqr)) &&
	       got->pc == want->pc && got->cr == want->cr && got->xer == want->xer &&
	       got->lr == want->lr && got->ctr == want->ctr && got->fpscr == want->fpscr &&
	       got->reserved == want->reserved &&
	       (!got->reserved || got->reservation == want->reservation);
}

/* Execute @word here and in the reference. NULL, or what differs. */
const char *world_step(struct world *w, u32 word)
{
	static const enum ref_result results[] = {
		[PPC_EMUL_DONE] = REF_DONE, [PPC_EMUL_FAULT] = REF_FAULT,
		[PPC_EMUL_ALIGN] = REF_ALIGN, [PPC_EMUL_ILLEGAL] = REF_ILLEGAL,
	};
	const struct ref_insn *insn = ref_find(word, w->core.isa);
	struct ppc_cpu_state cpu = w->cpu;
	struct ref_side side = { .w = w };
	struct ref_machine m = {
		.cpu = &cpu, .page_shift = w->core.page_shift, .line = w->core.dcbz_bytes,
		.translate = ref_translate, .load = ref_load, .store = ref_store, .data = &side,
	};
	struct ppc_access acc;
	enum ref_result want;
	enum ppc_emul got;

	if (ppc_decode(word, w->core.isa, &acc) != !!insn)
		return "only one of decoder and reference knows it";
	if (!insn || ref_parse(insn->name).special == 'd')
		return NULL;
	if (w->fpu_live) {
		memcpy(cpu.fpr, w->live_fpr, sizeof(cpu.fpr));
		memcpy(cpu.qpr, w->live_qpr, sizeof(cpu.qpr));
	}
	w->stores.n = 0;
	w->bytes = 0;
	w->bad = NULL;
	got = world_run(w, &acc);
	want = ref_execute(&m, insn, word);
	if (w->bad)
		return w->bad;
	if (results[got] != want)
		return "result";
	if (!same_registers(w, &cpu))
		return "registers";
	if (side.bytes != w->bytes)
		return "bytes accessed";
	if (log_compare(&w->stores, &side.stores))
		return "bytes stored";
	return NULL;
}
