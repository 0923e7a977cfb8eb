// SPDX-License-Identifier: GPL-2.0
/*
 * What user space sees at an exit and what it can do before completion.  Tests
 * whose names have an underscore are of the list of what went wrong elsewhere,
 * and have its names.
 */

#include <string.h>
#include "ktap.h"
#include "world.h"

static struct world w;
static struct draw numbers = { .state = 7 };

/* A fresh vCPU; r1 leads to a device, r2 is its own */
static void fresh(void)
{
	struct ppc_mapping map;

	do {
		world_init(&w, &numbers);
		w.faults = w.in_kernel = w.spoil = false;
		w.cpu.gpr[1] = ((u32)draw(&numbers) & ~0xfffu) + 0x100;
		world_map(&w, w.cpu.gpr[1], false, &map);
	} while (map.little_endian);
}

static u32 assemble(const char *name, u32 rt, u32 ra, u32 rb, u32 disp)
{
	struct ref_ops ops = { .rt = rt, .ra = ra, .rb = rb, .disp = disp };

	return ref_assemble(ref_named(name), &ops);
}

static enum ppc_emul start(u32 word)
{
	struct ppc_access acc;

	if (!ppc_decode(word, REF_ISA_ALL, &acc))
		return PPC_EMUL_ILLEGAL;
	return ppc_access_start(&w.cpu, &w.pend, &w.run, &acc);
}

static enum ppc_emul complete(void)
{
	return ppc_complete(&w.cpu, &w.pend, &w.run);
}

/* The length in struct kvm_run, whatever it is, has no effect on the register. */
static void mmio_len_trusted(void)
{
	static const u32 lens[] = { 0, 1, 2, 3, 5, 7, 8, 9, 0x80000000, 0xffffffff };
	unsigned int i;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		fresh();
		expect(start(assemble("lwz", 3, 1, 0, 0)) == PPC_EMUL_EXIT, "no exit");
		expect(w.run.mmio.len == 4, "length %u", w.run.mmio.len);
		memcpy(w.run.mmio.data, "\x12\x34\x56\x78\x9a\xbc\xde\xf0", 8);
		w.run.mmio.len = lens[i];
		expect(complete() == PPC_EMUL_DONE, "length %x", lens[i]);
		expect(w.cpu.gpr[3] == 0x12345678, "length %x: %08x", lens[i], w.cpu.gpr[3]);
	}
}

/* No exit is for more than the eight bytes that there are, and none is lost. */
static void mmio_len_over(void)
{
	static const struct { const char *name; unsigned int bytes, most; } cases[] = {
		{ "lmw", 124, 4 }, { "stmw", 124, 4 }, { "lswi", 32, 4 }, { "stswi", 32, 4 },
		{ "dcbz", 32, 8 }, { "lfpdx", 16, 8 }, { "stfpdux", 16, 8 }, { "lfdx", 8, 8 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool line = !strcmp(cases[i].name, "dcbz");
		bool imm = !strcmp(cases[i].name + 1, "swi") || !strcmp(cases[i].name, "stswi");
		unsigned int bytes = 0, exits = 0;
		enum ppc_emul res;

		fresh();
		w.core.dcbz_bytes = 32;
		w.cpu.gpr[31] = 0;
		res = start(assemble(cases[i].name, line ? 0 : imm ? 4 : 1, imm ? 1 : 1,
				     imm ? 0 : 31, 0));
		if (!strcmp(cases[i].name, "lmw")) {
			expect(res == PPC_EMUL_ILLEGAL, "lmw over its base");
			w.cpu.gpr[0] = w.cpu.gpr[1];
			res = start(assemble("lmw", 1, 0, 0, 0x100));
		}
		for (; res == PPC_EMUL_EXIT; res = complete()) {
			expect(w.run.mmio.len && w.run.mmio.len <= cases[i].most, "%s: %u",
			       cases[i].name, w.run.mmio.len);
			bytes += w.run.mmio.len;
			exits++;
		}
		expect(res == PPC_EMUL_DONE && bytes == cases[i].bytes, "%s: %u bytes in %u",
		       cases[i].name, bytes, exits);
		expect(exits == cases[i].bytes / cases[i].most, "%s: %u exits", cases[i].name, exits);
	}
}

/* A class of register that is not known makes no exit, so that completion never meets it. */
static void io_gpr_bug(void)
{
	unsigned int kind, reg, width;

	for (kind = 0; kind < 256; kind++)
		for (reg = 0; reg < 256; reg++)
			for (width = 0; width < 20; width++) {
				struct ppc_access acc = { .kind = kind, .reg = reg, .width = width,
							  .rt = 3, .ra = 1 };
				bool known = kind > PPC_NONE && kind <= PPC_MTDCR;
				enum ppc_emul res;
				u32 pc;

				if (reg == 0 && width == 0)
					fresh();
				pc = w.cpu.pc;
				w.cpu.gpr[1] &= ~7u;
				res = ppc_access_start(&w.cpu, &w.pend, &w.run, &acc);
				if (!known || ((kind == PPC_LOAD || kind == PPC_STORE) &&
					       (reg == 0 || reg > PPC_REG_FQPR_QUANT))) {
					expect(res == PPC_EMUL_ILLEGAL && w.cpu.pc == pc &&
					       w.pend.kind == PPC_PENDING_NONE, "%u %u", kind, reg);
					continue;
				}
				while (res == PPC_EMUL_EXIT)
					res = complete();
			}
}

/* Nothing of an access is there in the next: sign, order, count, update, length. */
static void sticky_state(void)
{
	static const char *const first[] = {
		"lhaux", "lwbrx", "lhbrx", "lmw", "lswi", "lfdux", "lfpdx", "stmw", "stfxdx", "dcbz",
	};
	unsigned int i, abandon;

	for (i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		for (abandon = 0; abandon < 2; abandon++) {
			bool line = !strcmp(first[i], "dcbz");
			enum ppc_emul res;
			u32 r2;

			fresh();
			w.cpu.gpr[2] = 0x40;
			res = start(assemble(first[i], line ? 0 : 9, 1, 2, 0));
			expect(res == PPC_EMUL_EXIT, "%s", first[i]);
			if (abandon)
				ppc_pending_reset(&w.cpu, &w.pend);
			else
				while (res == PPC_EMUL_EXIT)
					res = complete();

			r2 = w.cpu.gpr[2];
			w.cpu.gpr[1] &= ~0xffu;
			expect(start(assemble("lhz", 3, 1, 0, 0)) == PPC_EMUL_EXIT, "lhz");
			expect(w.run.mmio.len == 2, "length %u", w.run.mmio.len);
			memcpy(w.run.mmio.data, "\x80\x01\xff\xff\xff\xff\xff\xff", 8);
			expect(complete() == PPC_EMUL_DONE, "one exit");
			expect(w.cpu.gpr[3] == 0x8001, "%s, then lhz: %08x", first[i], w.cpu.gpr[3]);
			expect(w.cpu.gpr[2] == r2, "update");
			expect(complete() == PPC_EMUL_DONE && w.cpu.gpr[3] == 0x8001, "twice");
		}
}

/* The FPU holds the registers when the load is completed: it must let go of them first. */
static void fpr_owner(void)
{
	unsigned int when;

	for (when = 0; when < 3; when++) {
		u64 other;

		fresh();
		w.cpu.gpr[2] = 0;
		other = w.cpu.fpr[5];
		if (when == 1)
			world_fpu_load(&w);
		expect(start(assemble("lfpdx", 4, 1, 2, 0)) == PPC_EMUL_EXIT, "lfpdx");
		if (when == 2)
			world_fpu_load(&w);
		memset(w.run.mmio.data, 0x11, 8);
		expect(complete() == PPC_EMUL_EXIT, "second half");
		memset(w.run.mmio.data, 0x22, 8);
		expect(complete() == PPC_EMUL_DONE, "no third");
		expect(!w.fpu_live, "the FPU has stale registers");
		expect(w.claims, "not claimed");
		expect(w.cpu.fpr[4] == 0x1111111111111111, "%016llx", (unsigned long long)w.cpu.fpr[4]);
		expect(w.cpu.qpr[4] == 0x2222222222222222, "%016llx", (unsigned long long)w.cpu.qpr[4]);
		expect(w.cpu.fpr[5] == other, "another register was lost");
	}

	/* the secondary register alone */
	fresh();
	w.cpu.gpr[2] = 0;
	expect(start(assemble("lfsdx", 4, 1, 2, 0)) == PPC_EMUL_EXIT, "lfsdx");
	world_fpu_load(&w);
	memset(w.run.mmio.data, 0x33, 8);
	expect(complete() == PPC_EMUL_DONE && !w.fpu_live, "the FPU has a stale register");
	expect(w.cpu.qpr[4] == 0x3333333333333333, "%016llx", (unsigned long long)w.cpu.qpr[4]);
}

static void osi_call(void)
{
	unsigned int i;

	fresh();
	ppc_osi_enable(&w.pend, true);
	w.cpu.gpr[3] = 0x113724fa;
	w.cpu.gpr[4] = 0x77810f9b;
	expect(ppc_osi_start(&w.cpu, &w.pend, &w.run), "no exit");
	expect(w.run.exit_reason == KVM_EXIT_OSI, "reason %u", w.run.exit_reason);
	for (i = 0; i < 32; i++) {
		expect(w.run.osi.gprs[i] == w.cpu.gpr[i], "r%u", i);
		w.run.osi.gprs[i] = 0xabcd00000000 + i;
	}
}

/* All general registers are written after an OSI exit, and after nothing else. */
static void osi_gate(void)
{
	unsigned int i;
	u32 r31;

	osi_call();
	expect(complete() == PPC_EMUL_DONE, "complete");
	for (i = 0; i < 32; i++)
		expect(w.cpu.gpr[i] == i, "r%u is %08x", i, w.cpu.gpr[i]);

	/* not twice */
	w.cpu.gpr[31] = 77;
	w.run.exit_reason = KVM_EXIT_OSI;
	complete();
	expect(w.cpu.gpr[31] == 77, "twice");

	/* not after a reset, and not once it is disabled */
	osi_call();
	r31 = w.cpu.gpr[31];
	ppc_pending_reset(&w.cpu, &w.pend);
	complete();
	expect(w.cpu.gpr[31] == r31, "after a reset");
	osi_call();
	r31 = w.cpu.gpr[31];
	ppc_osi_enable(&w.pend, false);
	ppc_osi_enable(&w.pend, true);
	complete();
	expect(w.cpu.gpr[31] == r31, "after it was disabled");

	/* not if user space says that another exit was one */
	fresh();
	ppc_osi_enable(&w.pend, true);
	start(assemble("lwz", 3, 1, 0, 0));
	r31 = w.cpu.gpr[31];
	w.run.exit_reason = KVM_EXIT_OSI;
	memset(&w.run.osi, 0x55, sizeof(w.run.osi));
	complete();
	expect(w.cpu.gpr[31] == r31, "after an MMIO exit");

	/* and no exit without the capability or without the magic */
	osi_call();
	complete();
	for (i = 0; i < 4; i++) {
		ppc_osi_enable(&w.pend, i != 0);
		w.cpu.gpr[3] = 0x113724fa ^ (i == 1);
		w.cpu.gpr[4] = 0x77810f9b ^ (i == 2);
		expect(ppc_osi_start(&w.cpu, &w.pend, &w.run) == (i == 3), "case %u", i);
	}
}

/* What cannot be emulated is the guest's program interrupt, with the PC at it. */
static void emul_fail_guest(void)
{
	static const struct { const char *name; u32 rt, ra, rb; } bad[] = {
		{ "lwzu", 1, 1, 0 }, { "lwzu", 3, 0, 0 }, { "stwux", 3, 0, 2 },
		{ "lmw", 1, 1, 0 }, { "lmw", 0, 0, 0 }, { "lswx", 1, 1, 2 }, { "lswi", 30, 0, 12 },
		{ "dcbz", 1, 1, 2 }, { "mfdcrx", 3, 1, 2 }, { "lfsu", 3, 0, 0 }, { "psq_lu", 3, 0, 0 },
	};
	unsigned int i;
	u32 pc;

	fresh();
	w.pend.osi_enabled = true;
	pc = w.cpu.pc;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect(start(assemble(bad[i].name, bad[i].rt, bad[i].ra, bad[i].rb, 0)) ==
		       PPC_EMUL_ILLEGAL, "%s", bad[i].name);
	/* known only when XER is */
	w.cpu.xer = 9;
	expect(start(assemble("lswx", 31, 1, 2, 0)) == PPC_EMUL_ILLEGAL, "lswx over its base");
	w.cpu.xer = 8;
	expect(start(assemble("lswx", 31, 2, 1, 0)) == PPC_EMUL_EXIT, "lswx up to its base");
	expect(w.cpu.pc == pc + 4, "PC");
	expect(w.pend.osi_enabled, "OSI is still enabled");
}

static void alignment(void)
{
	u32 pc, gpr[32];

	fresh();
	pc = w.cpu.pc;
	w.cpu.gpr[1] += 2;
	w.cpu.gpr[2] = 0;
	memcpy(gpr, w.cpu.gpr, sizeof(gpr));
	expect(start(assemble("lwarx", 3, 1, 2, 0)) == PPC_EMUL_ALIGN, "lwarx");
	expect(start(assemble("stwcx.", 3, 1, 2, 0) | 1) == PPC_EMUL_ALIGN, "stwcx.");
	expect(w.cpu.pc == pc && !memcmp(gpr, w.cpu.gpr, sizeof(gpr)), "state has changed");
}

static void dcr(void)
{
	static const char *const names[] = { "mfdcr", "mtdcr", "mfdcrx", "mtdcrx" };
	unsigned int form, n;

	for (form = 0; form < 4; form++)
		for (n = 0; n < 1024; n++) {
			struct ref_ops ops = { .rt = n & 31, .ra = 9, .dcrn = n };
			bool write = form & 1, indexed = form & 2;
			u32 pc, rt;

			fresh();
			w.cpu.gpr[9] = indexed ? n << 20 | n : 5;
			rt = w.cpu.gpr[n & 31];
			pc = w.cpu.pc;
			expect(start(ref_assemble(ref_named(names[form]), &ops)) == PPC_EMUL_EXIT,
			       "%s", names[form]);
			expect(w.run.exit_reason == KVM_EXIT_DCR, "%u", w.run.exit_reason);
			expect(w.run.dcr.dcrn == (indexed ? w.cpu.gpr[9] : n), "%x", w.run.dcr.dcrn);
			expect(w.run.dcr.is_write == write, "direction");
			expect(w.run.dcr.data == (write ? rt : 0), "%08x", w.run.dcr.data);
			expect(w.cpu.pc == pc + 4, "PC");
			w.run.dcr.data = ~rt;
			w.run.dcr.is_write = !write;
			w.run.dcr.dcrn = 0xffffffff;
			expect(complete() == PPC_EMUL_DONE, "complete");
			expect(w.cpu.gpr[n & 31] == (write ? rt : ~rt), "%08x", w.cpu.gpr[n & 31]);
			w.run.dcr.data = 1;
			complete();
			expect(w.cpu.gpr[n & 31] == (write ? rt : ~rt), "twice");
		}
}

/* At an exit: PC and update are done, the load is not; data is in the guest's order. */
static void at_exit(void)
{
	struct ppc_mapping map;
	u32 pc, ea, r3;

	fresh();
	pc = w.cpu.pc;
	ea = w.cpu.gpr[1] + 8;
	r3 = w.cpu.gpr[3];
	expect(start(assemble("lwzu", 3, 1, 0, 8)) == PPC_EMUL_EXIT, "exit");
	world_map(&w, ea, false, &map);
	expect(w.run.mmio.phys_addr == map.gpa && !w.run.mmio.is_write, "where");
	expect(w.cpu.pc == pc + 4 && w.cpu.gpr[1] == ea && w.cpu.gpr[3] == r3, "registers");
	complete();

	w.cpu.gpr[3] = 0x01020304;
	expect(start(assemble("sth", 3, 1, 0, 0)) == PPC_EMUL_EXIT, "exit");
	expect(!memcmp(w.run.mmio.data, "\3\4\0\0\0\0\0\0", 8), "data");
	complete();
	w.cpu.gpr[2] = 0;
	expect(start(assemble("sthbrx", 3, 1, 2, 0)) == PPC_EMUL_EXIT, "exit");
	expect(!memcmp(w.run.mmio.data, "\4\3\0\0\0\0\0\0", 8), "data, reversed");
	complete();
}

/* Registers set between exit and completion: the target is written over, the rest stays. */
static void set_registers(void)
{
	unsigned int i;

	/* a load */
	fresh();
	start(assemble("lwzu", 3, 1, 0, 8));
	for (i = 0; i < 32; i++)
		w.cpu.gpr[i] = 1000 + i;
	w.cpu.pc = 0x100;
	w.cpu.cr = 0x12345678;
	memset(w.run.mmio.data, 0x77, 8);
	expect(complete() == PPC_EMUL_DONE, "complete");
	for (i = 0; i < 32; i++)
		expect(w.cpu.gpr[i] == (i == 3 ? 0x77777777 : 1000 + i), "r%u", i);
	expect(w.cpu.pc == 0x100 && w.cpu.cr == 0x12345678, "PC and CR");

	/* a row of stores: what was to be stored goes on being stored */
	fresh();
	for (i = 28; i < 32; i++)
		w.cpu.gpr[i] = i * 0x01010101;
	expect(start(assemble("stmw", 28, 1, 0, 0)) == PPC_EMUL_EXIT, "stmw");
	for (i = 28; i < 32; i++) {
		expect(w.run.mmio.data[0] == i, "%02x", w.run.mmio.data[0]);
		memset(w.cpu.gpr, 0, sizeof(w.cpu.gpr));
		w.cpu.pc = 0x200;
		w.seed++;	/* translations change too */
		expect(complete() == (i == 31 ? PPC_EMUL_DONE : PPC_EMUL_EXIT), "%u", i);
	}
	expect(w.cpu.pc == 0x200, "PC");

	/* the quantisation is that of the start */
	fresh();
	w.cpu.gqr[0] = 4 << 16 | 4;
	w.cpu.gpr[1] &= ~7u;
	expect(start(assemble("psq_l", 3, 1, 0, 0)) == PPC_EMUL_EXIT, "psq_l");
	expect(w.run.mmio.len == 2, "%u", w.run.mmio.len);
	w.cpu.gqr[0] = 0;
	w.run.mmio.data[0] = 1;
	w.run.mmio.data[1] = 2;
	complete();
	expect(w.cpu.fpr[3] == 0x3ff0000000000000 && w.cpu.qpr[3] == 0x4000000000000000, "pair");
}

static void reset_drops(void)
{
	u32 r3;

	fresh();
	r3 = w.cpu.gpr[3];
	start(assemble("lwz", 3, 1, 0, 0));
	ppc_pending_reset(&w.cpu, &w.pend);
	memset(w.run.mmio.data, 0x77, 8);
	expect(complete() == PPC_EMUL_DONE && w.cpu.gpr[3] == r3, "the load");
	start(assemble("stmw", 3, 1, 0, 0));
	ppc_pending_reset(&w.cpu, &w.pend);
	expect(complete() == PPC_EMUL_DONE, "the rest of a row");
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "mmio_len_trusted", mmio_len_trusted },
		{ "mmio_len_over", mmio_len_over },
		{ "io_gpr_bug", io_gpr_bug },
		{ "sticky_state", sticky_state },
		{ "fpr_owner", fpr_owner },
		{ "osi_gate", osi_gate },
		{ "emul_fail_guest", emul_fail_guest },
		{ "alignment", alignment },
		{ "all DCRs in all forms", dcr },
		{ "what is done at an exit", at_exit },
		{ "registers set between exit and completion", set_registers },
		{ "reset drops what is in flight", reset_drops },
	};

	return ktap_main(tests, sizeof(tests) / sizeof(tests[0]));
}
