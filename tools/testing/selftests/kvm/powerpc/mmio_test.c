// SPDX-License-Identifier: GPL-2.0
/*
 * Loads and stores to devices: every form that the core has, with random registers and addresses, on pages of both
 * byte orders, against the reference interpreter of the native tests; and what completion goes by.
 */
#include <stdlib.h>

#include "kvm_test.h"
#include "ppc.h"
#include "ref.h"

#define BE_PAGE		0x20000000u	/* effective addresses of device pages */
#define LE_PAGE		0x20010000u
#define BE_GPA		PPC_MMIO
#define LE_GPA		(PPC_MMIO + 0x10000)
#define PAGE_BYTES	0x10000u	/* of each, in one guest page or in several */
#define ROUNDS		10
#define LOG		256

struct log {
	uint64_t gpa[LOG];
	uint8_t val[LOG];
	unsigned int n;
};

/* What a device answers: a function of the address. */
static uint8_t device(uint64_t gpa)
{
	return (gpa * 2654435761u) >> 13;
}

static void log_store(struct log *log, uint64_t gpa, uint8_t val)
{
	if (log->n < LOG) {
		log->gpa[log->n] = gpa;
		log->val[log->n] = val;
	}
	log->n++;
}

/* ---- The reference's view */

static uint32_t mapped = PAGE_BYTES;	/* of each kind of page, from its begin */

static int ref_translate(void *data, u32 ea, bool write, struct ppc_mapping *map)
{
	if (ea - BE_PAGE < mapped) {
		map->gpa = BE_GPA + (ea - BE_PAGE);
		map->little_endian = false;
		return 0;
	}
	if (ea - LE_PAGE < mapped) {
		map->gpa = LE_GPA + (ea - LE_PAGE);
		map->little_endian = true;
		return 0;
	}
	return -1;
}

static u8 ref_load(void *data, u64 gpa)
{
	return device(gpa);
}

static void ref_store(void *data, u64 gpa, u8 val)
{
	log_store(data, gpa, val);
}

/* ---- The guest's */

/* Pages of 4^size KiB; as many of the smallest as there is room for, the others are not mapped. */
static void set_pages(struct ppc *p, unsigned int size)
{
	uint32_t bytes = 1024u << 2 * size;
	unsigned int entry = 1, n = PAGE_BYTES / bytes;

	if (n > 31)
		n = 31;
	for (unsigned int i = 0; i < n; i++) {
		ppc_tlbwe(p, entry++, (BE_PAGE + i * bytes) | TLB_VALID | TLB_SIZE(size), BE_GPA + i * bytes, TLB_S_RWX, 0);
		ppc_tlbwe(p, entry++, (LE_PAGE + i * bytes) | TLB_VALID | TLB_SIZE(size), LE_GPA + i * bytes,
			  TLB_S_RWX | TLB_LE, 0);
	}
	while (entry < 64)
		ppc_tlbwe(p, entry++, 0, 0, 0, 0);
	mapped = n * bytes;
}

static struct ppc *create(void)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	set_pages(p, 3);
	return p;
}

/* Serve exits until the program stops. The number of exits, or -1 if it went elsewhere. */
static int serve(struct ppc *p, struct log *log, bool spoil)
{
	int exits = 0;

	while (p->run->exit_reason == KVM_EXIT_MMIO) {
		unsigned int len = p->run->mmio.len;
		uint64_t gpa = p->run->mmio.phys_addr;

		exits++;
		if (len == 0 || len > 8)
			return -1;
		for (unsigned int i = 0; i < len; i++) {
			if (p->run->mmio.is_write)
				log_store(log, gpa + i, p->run->mmio.data[i]);
			else
				p->run->mmio.data[i] = device(gpa + i);
		}
		if (spoil) {
			p->run->mmio.len = random();
			p->run->mmio.is_write ^= 1;
			p->run->mmio.phys_addr = random();
			p->run->exit_reason = random();
		}
		ppc_run(p);
	}
	return ppc_stopped(p) ? exits : -1;
}

static uint32_t rnd(void)
{
	return (uint32_t)random() << 8 ^ random();
}

/* One instruction in both. NULL if they agree. */
static const char *compare(struct ppc *p, const struct ref_insn *insn, bool spoil)
{
	struct ppc_cpu_state cpu = {};
	struct log want = {}, seen = {};
	struct ref_machine m = {
		.cpu = &cpu, .page_shift = 10, .line = 32, .translate = ref_translate, .load = ref_load,
		.store = ref_store, .data = &want,
	};
	struct ref_sem sem = ref_parse(insn->name);
	struct ref_ops ops = {
		.rt = sem.special == 'z' ? 0 : 6 + random() % 20, .ra = 4, .rb = 5, .disp = (random() % 64) & ~3u, .last = insn->name[strlen(insn->name) - 1] == '.',
		.i = random() % 8,
	};
	uint32_t page = random() % 2 ? BE_PAGE : LE_PAGE;
	uint32_t ea = page + 0x100 + random() % (mapped - 0x800);
	struct kvm_regs regs;
	struct kvm_fpu fpu;
	uint32_t word;

	/* lmw and stmw go up to r31: the base registers are not among those. */
	if (sem.special == 'a')
		ea &= ~3u;
	word = ref_assemble(insn, &ops);
	ppc_get(p, &regs);
	for (unsigned int i = 0; i < 32; i++)
		regs.gpr[i] = rnd();
	regs.gpr[5] = random() % 64 & ~3u;
	regs.gpr[4] = ea;
	regs.xer = (rnd() & 0xe0000000) | random() % 24;
	regs.cr = rnd();
	regs.msr = MSR_FP;
	ppc_set(p, &regs);
	for (unsigned int i = 0; i < 32; i++) {
		/* Numbers that both formats have, and any bits for the doubles. */
		fpu.fpr[i] = sem.format == 's' ? ref_single_to_double(rnd()) : (uint64_t)rnd() << 32 | rnd();
	}
	must(ioctl(p->vcpu, KVM_SET_FPU, &fpu));

	for (unsigned int i = 0; i < 32; i++)
		cpu.gpr[i] = regs.gpr[i];
	memcpy(cpu.fpr, fpu.fpr, sizeof(cpu.fpr));
	cpu.xer = regs.xer;
	cpu.cr = regs.cr;
	cpu.pc = PPC_CODE;
	if (ref_execute(&m, insn, word) != REF_DONE)
		return NULL;		/* nothing that would be an access */

	ppc_new(p);
	emit(p, word);
	emit_stop(p);
	ppc_begin(p);
	if (serve(p, &seen, spoil) < 0) {
		printf("# %#x: exit %u, trap %d, PC %#x, base %#x\n", word, p->run->exit_reason, ppc_trap(p),
		       ppc_pc(p), ea);
		return "unexpected exit";
	}
	ppc_get(p, &regs);
	must(ioctl(p->vcpu, KVM_GET_FPU, &fpu));
	for (unsigned int i = 0; i < 32; i++)
		if ((uint32_t)regs.gpr[i] != cpu.gpr[i])
			return "general registers";
	if (memcmp(cpu.fpr, fpu.fpr, sizeof(cpu.fpr)))
		return "floating-point registers";
	if ((uint32_t)regs.cr != cpu.cr || (uint32_t)regs.xer != cpu.xer)
		return "CR or XER";
	if (want.n != seen.n || memcmp(want.gpa, seen.gpa, sizeof(want.gpa)) ||
	    memcmp(want.val, seen.val, sizeof(want.val)))
		return "what was stored";
	return NULL;
}

/* What a 440 executes: the rest is illegal there, or is not an access to a device. */
static bool core_has(const struct ref_insn *insn)
{
	struct ref_sem sem = ref_parse(insn->name);

	if (insn->isa && insn->isa != PPC_ISA_FP)
		return false;
	return sem.special != 'd' && sem.special != 'c' && sem.special != 'q';
}

static unsigned int run_all(struct __test_metadata *_metadata, bool spoil)
{
	struct ppc *p = create();
	unsigned int forms = 0;

	for (unsigned int size = 0; size < 4; size++) {
		set_pages(p, size);
		forms = 0;
		for (unsigned int i = 0; i < ref_nr_insns; i++) {
			if (!core_has(&ref_insns[i]))
				continue;
			forms++;
			for (unsigned int n = 0; n < ROUNDS; n++) {
				const char *bad = compare(p, &ref_insns[i], spoil);

				ASSERT_TRUE(!bad) TH_LOG("%s, pages of %u KiB: %s", ref_insns[i].name, 1 << 2 * size, bad);
			}
		}
	}
	ppc_destroy(p);
	return forms;
}

TEST(all_forms)
{
	unsigned int forms = run_all(_metadata, false);

	EXPECT_LT(40, forms);
	TH_LOG("%u forms, four sizes of pages, %u rounds each", forms, ROUNDS);
}

/* Completion uses the kernel's record, whatever is in the shared page: length, direction, address. */
TEST(mmio_len_trusted)
{
	run_all(_metadata, true);
}

/* Length 3 or 200 from the monitor after a byte load: the register is what a byte load makes of it. */
TEST(mmio_len_over)
{
	static const uint32_t lengths[] = { 0, 3, 9, 200, ~0u };
	struct ppc *p = create();

	for (unsigned int i = 0; i < 5; i++) {
		ppc_new(p);
		emit(p, i_lbz(7, 4, 0));
		emit_stop(p);
		ppc_set_gpr(p, 4, BE_PAGE);
		ppc_set_gpr(p, 7, 0x77777777);
		ppc_begin(p);
		ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
		memset(p->run->mmio.data, 0xa5, 8);
		p->run->mmio.len = lengths[i];
		ppc_run(p);
		ppc_expect_stop(p);
		EXPECT_EQ(0xa5, ppc_gpr(p, 7));
	}
	ppc_destroy(p);
}

/* A sign-extending, byte-reversed, updating access leaves nothing for the plain one after it. */
TEST(sticky_state)
{
	struct ppc *p = create();

	emit(p, i_lha(7, 4, 0));
	emit(p, i_x(31, 8, 0, 4, 534));		/* lwbrx */
	emit(p, i_lbz(9, 4, 0));
	emit(p, i_lwz(10, 4, 0));
	emit_stop(p);
	ppc_set_gpr(p, 4, BE_PAGE);
	ppc_begin(p);
	for (int i = 0; i < 4; i++) {
		ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
		memcpy(p->run->mmio.data, "\xff\xfe\xfd\xfc", 4);
		ppc_run(p);
	}
	ppc_expect_stop(p);
	EXPECT_EQ(0xfffffffe, ppc_gpr(p, 7));
	EXPECT_EQ(0xfcfdfeff, ppc_gpr(p, 8));
	EXPECT_EQ(0xff, ppc_gpr(p, 9));
	EXPECT_EQ(0xfffefdfc, ppc_gpr(p, 10));
	ppc_destroy(p);
}

/* A floating-point load from a device, when the FPU has just been used and is used again. */
TEST(fpr_owner)
{
	struct ppc *p = create();
	double two = 2.0, three = 3.0, sum;

	memcpy(p->ram + PPC_DATA, &two, 8);
	ppc_set_msr(p, MSR_FP);
	emit_li(p, 3, PPC_DATA);
	emit(p, i_lfd(1, 3, 0));
	emit(p, i_fadd(2, 1, 1));		/* live in the FPU */
	emit(p, i_lfd(3, 4, 0));		/* from the device */
	emit(p, i_fadd(4, 2, 3));
	emit(p, i_stfd(4, 3, 8));
	emit_stop(p);
	ppc_set_gpr(p, 4, BE_PAGE);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(8, p->run->mmio.len);
	memcpy(p->run->mmio.data, &three, 8);
	ppc_run(p);
	ppc_expect_stop(p);
	memcpy(&sum, p->ram + PPC_DATA + 8, 8);
	EXPECT_EQ(7, (int)sum);
	ppc_destroy(p);
}

/* Words that no load or store is, at a device: a program interrupt in the guest, or nothing; never a stall. */
TEST(io_gpr_bug)
{
	struct ppc *p = create();

	for (unsigned int i = 0; i < 400; i++) {
		unsigned int ends = 0;

		ppc_new(p);
		/* Opcodes of loads and stores, everything else random. */
		emit(p, (random() % 2 ? 31u : 32 + random() % 32) << 26 | (rnd() & 0x03ff0000) |
			(4 << 16) | (rnd() & 0xffff));
		emit_stop(p);
		for (unsigned int r = 0; r < 32; r++)
			ppc_set_gpr(p, r, BE_PAGE + 0x8000);
		ppc_set_msr(p, 0);
		ppc_begin(p);
		while (!ppc_stopped(p) && ppc_trap(p) < 0 && ends++ < 300)
			ppc_run(p);
		ASSERT_GT(300, ends);
	}
	ppc_destroy(p);
}

/* An access that begins in memory and ends in a device. */
TEST(across_into_device)
{
	struct ppc *p = create();

	ppc_tlbwe(p, 3, 0x30000000 | TLB_VALID | TLB_4K, PPC_RAM_SIZE - 0x1000, TLB_S_RWX, 0);
	ppc_tlbwe(p, 4, 0x30001000 | TLB_VALID | TLB_4K, PPC_MMIO, TLB_S_RWX, 0);
	memcpy(p->ram + PPC_RAM_SIZE - 4, "\x11\x22\x33\x44", 4);
	ppc_new(p);
	emit(p, i_lmw(30, 4, 0));
	emit_stop(p);
	ppc_set_gpr(p, 4, 0x30000ffc);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(PPC_MMIO, p->run->mmio.phys_addr);
	EXPECT_EQ(4, p->run->mmio.len);
	memcpy(p->run->mmio.data, "\x55\x66\x77\x88", 4);
	ppc_run(p);
	ppc_expect_stop(p);
	EXPECT_EQ(0x11223344, ppc_gpr(p, 30));
	EXPECT_EQ(0x55667788, ppc_gpr(p, 31));
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
