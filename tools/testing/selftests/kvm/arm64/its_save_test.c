// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_DEV_ARM_ITS_SAVE_TABLES and _RESTORE_TABLES: what is in guest memory after the one, to the bit (table ABI
 * revision 0), and what the other makes of good and of bad tables. Guest code does all the mapping, as the host tells
 * it to. That a saved guest works on elsewhere is its_move_test's business.
 */
#include <sys/wait.h>

#include "kvm_test.h"
#include "its.h"

REQUIRE_GICV3

#define LPI(n)		(LPI_FIRST + (n))
#define NR_LPIS		64
#define DEVICES		65536
#define COLLECTIONS	1024
#define UNMAPPED	0xffffffffULL	/* RDBase of a collection without a target */

/* ------------------------------------------------------------------------------------------- Guest */

enum op { MAPD, UNMAPD, MAPC, UNMAPC, MAPTI, DISCARD, INT, CLEAR, TAKE };

struct order {
	enum op op;
	uint64_t arg[4];
};

static __shared struct order orders[64];
static __shared uint32_t nr_orders;
static __shared volatile uint32_t taken[2][NR_LPIS];

static void take_lpi(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	GUEST_ASSERT(intid >= LPI_FIRST && intid < LPI(NR_LPIS));
	taken[guest_cpu()->index][intid - LPI_FIRST]++;
	gic_eoi(intid);
}

static void obey(struct its_memory *its, struct lpi_memory *lpi, const struct order *o)
{
	switch (o->op) {
	case MAPD:
		its_mapd(its, o->arg[0], o->arg[1], o->arg[2]);
		break;
	case UNMAPD:
		its_unmapd(its, o->arg[0]);
		break;
	case MAPC:
		its_mapc(its, o->arg[0], o->arg[1]);
		break;
	case UNMAPC:
		its_unmapc(its, o->arg[0]);
		break;
	case MAPTI:
		lpi_configure(lpi, o->arg[2], 0xa0, true);
		its_mapti(its, o->arg[0], o->arg[1], o->arg[2], o->arg[3]);
		break;
	case DISCARD:
		its_discard(its, o->arg[0], o->arg[1]);
		break;
	case INT:
		its_int(its, o->arg[0], o->arg[1]);
		break;
	case CLEAR:
		its_clear(its, o->arg[0], o->arg[1]);
		break;
	case TAKE:
		its_sync(its);
		irq_enable();
		guest_delay_us(1000);
		irq_disable();
		break;
	}
}

static void guest(struct its_memory *its, struct lpi_memory *lpi)
{
	gic_guest_init();
	lpi_guest_init_cpu(lpi);
	its_guest_init(its);
	on_irq(take_lpi);
	for (;;) {
		for (uint32_t i = 0; i < nr_orders; i++)
			obey(its, lpi, &orders[i]);
		its_sync(its);
		guest_sync(0);
	}
}

static void guest_second(struct lpi_memory *lpi)
{
	gic_guest_init_cpu();
	lpi_guest_init_cpu(lpi);
	on_irq(take_lpi);
	for (;;)
		guest_sync(0);
}

/* -------------------------------------------------------------------------------------------- Host */

FIXTURE(its) {
	struct vm *vm;
	struct vcpu *vcpu, *second;
	struct its_memory *mem;
	struct lpi_memory *lpi;
	uint64_t itt[4];		/* room for ITTs of 16 bits */
	uint64_t *device, *collection;	/* tables as the host sees them */
	int gic, its;
};

FIXTURE_VARIANT(its) {
	bool indirect;
};

FIXTURE_VARIANT_ADD(its, flat) { .indirect = false };
FIXTURE_VARIANT_ADD(its, two_level) { .indirect = true };

#define ITT_BYTES	0x80000

FIXTURE_SETUP(its)
{
	const struct its_params params = {
		.devices = DEVICES, .collections = COLLECTIONS, .itt_bytes = 4 * ITT_BYTES, .indirect = variant->indirect,
	};

	if (!its_available())
		SKIP(return, "no ITS");
	nr_orders = 0;
	memset((void *)taken, 0, sizeof(taken));
	self->vm = vm_create();
	self->mem = its_memory(self->vm, &params);
	self->lpi = lpi_memory(self->vm, 2);
	self->vcpu = vcpu_add2(self->vm, guest, vm_gva_of(self->vm, self->mem), vm_gva_of(self->vm, self->lpi));
	self->second = vcpu_add1(self->vm, guest_second, vm_gva_of(self->vm, self->lpi));
	self->gic = gic_create(self->vm, 64);
	self->its = its_create(self->vm, self->mem->base);
	for (int i = 0; i < 4; i++)
		self->itt[i] = self->mem->itt + i * ITT_BYTES;
	self->device = vm_gpa_to_hva(self->vm, self->mem->device);
	self->collection = vm_gpa_to_hva(self->vm, self->mem->collection);
	vcpu_sync(self->vcpu);
	vcpu_sync(self->second);
}

FIXTURE_TEARDOWN(its)
{
	if (!self->vm)
		return;
	close(self->its);
	close(self->gic);
	vm_destroy(self->vm);
}

typedef struct _test_data_its Machine;

static void order(enum op op, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	orders[nr_orders++] = (struct order) { .op = op, .arg = { a, b, c, d } };
}

static void go(Machine *m)
{
	vcpu_sync(m->vcpu);
	nr_orders = 0;
}

static uint64_t *word(Machine *m, uint64_t gpa)
{
	return vm_gpa_to_hva(m->vm, gpa);
}

/* The entry of a DeviceID */
static uint64_t *dte_at(Machine *m, uint32_t device_id)
{
	if (!(m->mem->device_flags & GITS_BASER_INDIRECT))
		return &m->device[device_id];
	return word(m, (m->device[device_id / ITS_PAGE_DEVICES] & ~ITS_L1_VALID) +
		    device_id % ITS_PAGE_DEVICES * 8);
}

/* Entries as the ABI's document has them */
static uint64_t dte(uint64_t next, uint64_t itt, unsigned int bits)
{
	return 1ULL << 63 | next << 49 | itt >> 8 << 5 | (bits - 1);
}

static uint64_t ite(uint64_t next, uint64_t intid, uint64_t icid)
{
	return next << 48 | intid << 16 | icid;
}

static uint64_t cte(uint64_t rdbase, uint64_t icid)
{
	return 1ULL << 63 | rdbase << 16 | icid;
}

static int msi(Machine *m, uint32_t device_id, uint32_t event_id)
{
	return vm_signal_msi(m->vm, m->mem->base, device_id, event_id);
}

/* As a monitor does: into an ITS that was reset. 0 or errno. */
static int restore(Machine *m)
{
	static const uint32_t reg[] = { GITS_CBASER, GITS_CREADR, GITS_CWRITER, GITS_BASER, GITS_BASER + 8 };
	enum { NR = sizeof(reg) / sizeof(reg[0]) };
	uint64_t value[NR];
	int error;

	for (int i = 0; i < NR; i++)
		must(its_reg_get(m->its, reg[i], &value[i]));
	must(its_reset(m->its));
	for (int i = 0; i < NR; i++)
		must(its_reg_set(m->its, reg[i], value[i]));
	error = its_restore_tables(m->its) ? errno : 0;
	must(its_reg_set(m->its, GITS_CTLR, GITS_CTLR_ENABLED));
	return error;
}

/* Is the event mapped, to an LPI that can be delivered?  Makes it pending. */
static bool reaches(Machine *m, uint32_t device_id, uint32_t event_id)
{
	return msi(m, device_id, event_id) == 1;
}

static void order_some(Machine *m)
{
	order(MAPC, 2, 0, 0, 0);
	order(MAPC, 1, 1, 0, 0);
	order(MAPD, 5, m->itt[0], 4, 0);
	order(MAPTI, 5, 0, LPI(0), 2);
	order(MAPTI, 5, 3, LPI(1), 1);
	order(MAPTI, 5, 15, LPI(2), 2);
	order(MAPD, 9, m->itt[1], 6, 0);
	order(MAPTI, 9, 33, LPI(3), 2);
}

TEST_F(its, entries)
{
	order_some(self);
	order(MAPD, 9 + 16383, self->itt[2], 16, 0);
	order(MAPTI, 9 + 16383, 65535, LPI(4), 7);
	order(MAPD, 60000, self->itt[3], 1, 0);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));

	EXPECT_EQ(dte(4, self->itt[0], 4), *dte_at(self, 5));
	EXPECT_EQ(dte(16383, self->itt[1], 6), *dte_at(self, 9));
	/* Too far for a link */
	EXPECT_EQ(dte(16383, self->itt[2], 16), *dte_at(self, 9 + 16383));
	EXPECT_EQ(dte(0, self->itt[3], 1), *dte_at(self, 60000));

	EXPECT_EQ(ite(3, LPI(0), 2), word(self, self->itt[0])[0]);
	EXPECT_EQ(ite(12, LPI(1), 1), word(self, self->itt[0])[3]);
	EXPECT_EQ(ite(0, LPI(2), 2), word(self, self->itt[0])[15]);
	EXPECT_EQ(ite(0, LPI(3), 2), word(self, self->itt[1])[33]);
	EXPECT_EQ(ite(0, LPI(4), 7), word(self, self->itt[2])[65535]);

	/* In any order, with what ends the table behind; those that ITEs name are there, mapped or not. */
	for (int i = 0; i < 3; i++) {
		uint64_t e = self->collection[i];

		EXPECT_TRUE(e == cte(1, 1) || e == cte(0, 2) || e == cte(UNMAPPED, 7)) TH_LOG("%#lx", (unsigned long)e);
		for (int j = 0; j < i; j++)
			EXPECT_NE(self->collection[j], e);
	}
	EXPECT_EQ(0, self->collection[3] >> 63);
}

TEST_F(its, saved_and_restored)
{
	order_some(self);
	order(MAPD, 65535, self->itt[2], 16, 0);
	order(MAPTI, 65535, 65535, LPI(4), 1);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));
	order(MAPTI, 5, 4, LPI(9), 2);
	order(MAPD, 77, self->itt[3], 4, 0);
	order(MAPTI, 77, 1, LPI(10), 2);
	go(self);
	EXPECT_TRUE(reaches(self, 77, 1));
	ASSERT_EQ(0, restore(self));
	EXPECT_TRUE(reaches(self, 5, 0));
	EXPECT_TRUE(reaches(self, 5, 3));
	EXPECT_TRUE(reaches(self, 5, 15));
	EXPECT_TRUE(reaches(self, 9, 33));
	EXPECT_TRUE(reaches(self, 65535, 65535));
	EXPECT_FALSE(reaches(self, 5, 4));
	EXPECT_FALSE(reaches(self, 77, 1));
	EXPECT_FALSE(reaches(self, 5, 1));
}

/* Without a reset: what is restored takes the place of what there is. */
TEST_F(its, restored_over_others)
{
	order_some(self);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));
	order(MAPTI, 5, 4, LPI(9), 2);
	order(MAPD, 77, self->itt[3], 4, 0);
	order(MAPTI, 77, 1, LPI(10), 2);
	go(self);
	EXPECT_OK(its_restore_tables(self->its));
	EXPECT_TRUE(reaches(self, 5, 3));
	EXPECT_TRUE(reaches(self, 9, 33));
	EXPECT_FALSE(reaches(self, 5, 4));
	EXPECT_FALSE(reaches(self, 77, 1));
}

/* What an earlier save left, in front of, between and behind what is mapped now, is no entry any more. */
TEST_F(its, stale_dte_ite)
{
	order_some(self);
	order(MAPD, 2, self->itt[2], 4, 0);
	order(MAPTI, 2, 1, LPI(4), 2);
	order(MAPD, 40000, self->itt[3], 4, 0);
	order(MAPTI, 40000, 7, LPI(5), 2);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));

	order(UNMAPD, 2, 0, 0, 0);
	order(DISCARD, 5, 0, 0, 0);
	order(DISCARD, 5, 15, 0, 0);
	order(DISCARD, 9, 33, 0, 0);
	order(UNMAPD, 40000, 0, 0, 0);
	order(UNMAPC, 2, 0, 0, 0);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));
	ASSERT_EQ(0, restore(self));
	EXPECT_FALSE(reaches(self, 2, 1));
	EXPECT_FALSE(reaches(self, 5, 0));
	EXPECT_TRUE(reaches(self, 5, 3));
	EXPECT_FALSE(reaches(self, 5, 15));
	EXPECT_FALSE(reaches(self, 9, 33));
	EXPECT_FALSE(reaches(self, 40000, 7));

	/* Nothing at all */
	order(UNMAPD, 5, 0, 0, 0);
	order(UNMAPD, 9, 0, 0, 0);
	order(UNMAPC, 1, 0, 0, 0);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));
	ASSERT_EQ(0, restore(self));
	EXPECT_FALSE(reaches(self, 5, 3));
	order(MAPC, 1, 0, 0, 0);
	order(INT, 5, 3, 0, 0);
	order(TAKE, 0, 0, 0, 0);
	go(self);
	EXPECT_EQ(0, taken[0][1]);
}

/* Between two saves the tables are not written: who unmaps a device may use its ITT for something else. */
TEST_F(its, discard_scribble)
{
	uint64_t *itt;

	order_some(self);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));
	order(DISCARD, 5, 3, 0, 0);
	order(UNMAPD, 9, 0, 0, 0);
	order(MAPD, 5, self->itt[2], 4, 0);
	order(MAPTI, 5, 2, LPI(5), 2);
	go(self);
	/* As if the guest had written that before the commands */
	EXPECT_EQ(ite(12, LPI(1), 1), word(self, self->itt[0])[3]);
	EXPECT_EQ(ite(0, LPI(3), 2), word(self, self->itt[1])[33]);

	itt = word(self, self->itt[0]);
	for (int i = 0; i < 16; i++)
		itt[i] = 0x5a5a5a5a00000000ULL + i;
	memset(word(self, self->itt[1]), 0xa5, 512);
	ASSERT_EQ(0, its_save_tables(self->its));
	order(UNMAPD, 5, 0, 0, 0);
	go(self);
	ASSERT_EQ(0, its_reset(self->its));
	for (int i = 0; i < 16; i++)
		EXPECT_EQ(0x5a5a5a5a00000000ULL + i, itt[i]);
	for (int i = 0; i < 64; i++)
		EXPECT_EQ(0xa5a5a5a5a5a5a5a5ULL, word(self, self->itt[1])[i]);
}

static bool dirty(Machine *m, const uint8_t *log, uint64_t gpa)
{
	uint64_t page = (gpa - VM_RAM_GPA) / sysconf(_SC_PAGESIZE);

	return log[page / 8] >> page % 8 & 1;
}

TEST_F(its, save_dirty_log)
{
	struct vm_slot *ram = &self->vm->slot[VM_SLOT_RAM];
	static uint8_t log[VM_RAM_SIZE / 4096 / 8];
	struct kvm_dirty_log get = { .slot = VM_SLOT_RAM, .dirty_bitmap = log };
	unsigned int n = 0;
	uint64_t pend;

	order_some(self);
	order(INT, 5, 0, 0, 0);
	order(INT, 5, 3, 0, 0);
	go(self);
	must(vm_set_slot(self->vm, VM_SLOT_RAM, ram->gpa, ram->size, KVM_MEM_LOG_DIRTY_PAGES, ram->hva));
	must(vm_ioctl(self->vm, KVM_GET_DIRTY_LOG, &get));
	memset(log, 0, sizeof(log));
	ASSERT_EQ(0, its_save_tables(self->its));
	ASSERT_EQ(0, gic_save_pending_tables(self->gic));
	must(vm_ioctl(self->vm, KVM_GET_DIRTY_LOG, &get));

	EXPECT_TRUE(dirty(self, log, self->mem->collection));
	EXPECT_TRUE(dirty(self, log, VM_RAM_GPA + ((char *)dte_at(self, 5) - (char *)ram->hva)));
	EXPECT_TRUE(dirty(self, log, self->itt[0]));
	EXPECT_TRUE(dirty(self, log, self->itt[1]));
	for (int cpu = 0; cpu < 2; cpu++) {
		pend = self->lpi->pending + cpu * LPI_PENDING_STRIDE + LPI_FIRST / 8;
		EXPECT_TRUE(dirty(self, log, pend));
		EXPECT_TRUE(vm_lpi_pending_bit(self->vm, self->lpi, cpu, cpu ? LPI(1) : LPI(0)));
		EXPECT_FALSE(vm_lpi_pending_bit(self->vm, self->lpi, cpu, LPI(2)));
	}
	/* And no others: six pages have something new in them. */
	for (uint64_t gpa = VM_RAM_GPA; gpa < VM_RAM_GPA + ram->size; gpa += sysconf(_SC_PAGESIZE))
		n += dirty(self, log, gpa);
	EXPECT_EQ(6, n);
}

/* LPIs that were pending come back when their events are mapped again, each once. */
TEST_F(its, pending_state)
{
	order_some(self);
	order(INT, 5, 0, 0, 0);
	order(INT, 9, 33, 0, 0);
	order(INT, 5, 15, 0, 0);
	order(CLEAR, 5, 15, 0, 0);
	go(self);
	ASSERT_EQ(0, gic_save_pending_tables(self->gic));
	ASSERT_EQ(0, its_save_tables(self->its));
	ASSERT_EQ(0, restore(self));
	order(TAKE, 0, 0, 0, 0);
	go(self);
	EXPECT_EQ(1, taken[0][0]);
	EXPECT_EQ(1, taken[0][3]);
	EXPECT_EQ(0, taken[0][2]);

	/* What was taken is not in the tables any more after another save. */
	ASSERT_EQ(0, gic_save_pending_tables(self->gic));
	EXPECT_FALSE(vm_lpi_pending_bit(self->vm, self->lpi, 0, LPI(0)));
	ASSERT_EQ(0, restore(self));
	order(TAKE, 0, 0, 0, 0);
	go(self);
	EXPECT_EQ(1, taken[0][0]);
	EXPECT_EQ(1, taken[0][3]);
}

/* ... and those that were saved, and then taken by the guest that went on, do not, whatever happens to their events. */
TEST_F(its, pending_bits_of_the_past)
{
	order_some(self);
	order(INT, 5, 0, 0, 0);
	go(self);
	ASSERT_EQ(0, gic_save_pending_tables(self->gic));
	order(TAKE, 0, 0, 0, 0);
	go(self);
	EXPECT_EQ(1, taken[0][0]);
	order(DISCARD, 5, 0, 0, 0);
	order(MAPTI, 5, 1, LPI(0), 2);
	order(TAKE, 0, 0, 0, 0);
	go(self);
	EXPECT_EQ(1, taken[0][0]);
	EXPECT_TRUE(reaches(self, 5, 1));
	order(TAKE, 0, 0, 0, 0);
	go(self);
	EXPECT_EQ(2, taken[0][0]);
}

TEST_F(its, restore_unmapped_collection)
{
	order_some(self);
	order(MAPTI, 5, 7, LPI(7), 20);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));
	ASSERT_EQ(0, restore(self));
	EXPECT_EQ(0, msi(self, 5, 7));
	order(MAPC, 20, 0, 0, 0);
	order(INT, 5, 7, 0, 0);
	order(TAKE, 0, 0, 0, 0);
	go(self);
	EXPECT_EQ(1, taken[0][7]);
	EXPECT_TRUE(reaches(self, 5, 7));

	/* And the other way: a collection that only has lost its target. */
	order(UNMAPC, 2, 0, 0, 0);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));
	ASSERT_EQ(0, restore(self));
	EXPECT_FALSE(reaches(self, 5, 0));
	EXPECT_TRUE(reaches(self, 5, 3));
	order(MAPC, 2, 1, 0, 0);
	go(self);
	EXPECT_TRUE(reaches(self, 5, 0));
}

/* A change to good tables that makes a restore fail, and how */
struct fault {
	const char *what;
	enum { DTE, ITE, CTE } where;
	uint32_t index;
	uint64_t value;
	int error;
};

static void expect_fault(struct __test_metadata *_metadata, Machine *self, const struct fault *f)
{
	uint64_t *p = f->where == DTE ? dte_at(self, f->index) :
		      f->where == ITE ? &word(self, self->itt[1])[f->index] : &self->collection[f->index];
	uint64_t old = *p;
	int ret;

	*p = f->value;
	ret = restore(self);
	EXPECT_EQ(f->error, ret) TH_LOG("%s: %s", f->what, ret ? strerror(ret) : "accepted");
	/* restore_unwinds: nothing is mapped, neither what was before nor what came first. */
	EXPECT_FALSE(reaches(self, 5, 0)) TH_LOG("%s", f->what);
	EXPECT_FALSE(reaches(self, 9, 33)) TH_LOG("%s", f->what);

	*p = old;
	EXPECT_EQ(0, restore(self));
	EXPECT_TRUE(reaches(self, 5, 0));
	EXPECT_TRUE(reaches(self, 9, 33));
}

TEST_F(its, restore_unwinds)
{
	const uint64_t nowhere = 0x7f0000000000ULL;
	const struct fault faults[] = {
		/* dte_restore_bits: GITS_TYPER says 16. */
		{ "17 bits of EventID", DTE, 9, dte(0, self->itt[1], 17), EINVAL },
		{ "32 bits of EventID", DTE, 9, dte(0, self->itt[1], 32), EINVAL },
		{ "an ITT in no memory", DTE, 9, dte(0, nowhere, 6), EFAULT },
		{ "an ITT that ends in no memory", DTE, 9, dte(0, VM_RAM_GPA + VM_RAM_SIZE - 256, 16), EFAULT },
		/* table_scan_wrap */
		{ "a link beyond the table", DTE, 65535, dte(1, self->itt[1], 6), EINVAL },
		{ "a link far beyond the table", DTE, 60000, dte(16383, self->itt[1], 6), EINVAL },
		{ "a link beyond the ITT", ITE, 33, ite(31, LPI(3), 2), EINVAL },
		{ "the longest link", ITE, 33, ite(65535, LPI(3), 2), EINVAL },
		{ "an SPI", ITE, 33, ite(0, 40, 2), EINVAL },
		{ "INTID 8191", ITE, 33, ite(0, LPI_FIRST - 1, 2), EINVAL },
		{ "an INTID of 17 bits", ITE, 33, ite(0, LPI_END, 2), EINVAL },
		{ "an INTID of 32 bits", ITE, 33, ite(0, 0xffffffff, 2), EINVAL },
		{ "a collection beyond the table", ITE, 33, ite(0, LPI(3), 0xffff), EINVAL },
		{ "a vCPU that is not there", CTE, 1, cte(2, 1), EINVAL },
		{ "a vCPU that cannot be", CTE, 1, cte(0xfffffffffULL, 1), EINVAL },
		{ "an ICID beyond the table", CTE, 1, cte(0, 0xffff), EINVAL },
		{ "the same collection twice", CTE, 1, self->collection[0], EINVAL },
	};

	order_some(self);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct fault f = faults[i];

		/* Reached by links of 16383: the table has no other entries there. */
		if (f.where == DTE && f.index > 9)
			*dte_at(self, 9) = dte(16383, self->itt[1], 6);
		else
			*dte_at(self, 9) = dte(0, self->itt[1], 6);
		if (f.where == CTE && !strcmp(f.what, "the same collection twice"))
			f.value = self->collection[0];
		if (f.where == DTE && f.index > 9) {
			*dte_at(self, f.index) = 0;
			/* What follows the longest link is looked for. */
			expect_fault(_metadata, self, &f);
			*dte_at(self, f.index) = 0;
			continue;
		}
		expect_fault(_metadata, self, &f);
	}
}

/* Links lead forward over what is not mapped, whatever is there; an entry that is not valid is passed over. */
TEST_F(its, links)
{
	order_some(self);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));
	*dte_at(self, 7) = dte(0, self->itt[3], 4);	/* within the link from 5 to 9 */
	word(self, self->itt[0])[1] = ite(0, 40, 2);	/* the same, from 0 to 3 */
	EXPECT_EQ(0, restore(self));
	EXPECT_TRUE(reaches(self, 9, 33));
	EXPECT_TRUE(reaches(self, 5, 15));

	/* A link that ends too early */
	*dte_at(self, 5) = dte(3, self->itt[0], 4);
	word(self, self->itt[0])[3] = ite(10, LPI(1), 1);
	EXPECT_EQ(0, restore(self));
	EXPECT_TRUE(reaches(self, 9, 33));
	EXPECT_TRUE(reaches(self, 5, 15));
}

/* A table without room for what is mapped: its first level has lost a page, its memory is gone. */
TEST_F(its, no_place)
{
	struct vm_slot *ram = &self->vm->slot[VM_SLOT_RAM];
	uint64_t old = self->device[0];
	struct vm_slot keep = *ram;

	order_some(self);
	go(self);
	if (variant->indirect) {
		self->device[0] = 0;
		EXPECT_ERRNO(EINVAL, its_save_tables(self->its));
		EXPECT_EQ(0, restore(self));
		EXPECT_FALSE(reaches(self, 5, 0));
		self->device[0] = old;
	}
	must(vm_set_slot(self->vm, VM_SLOT_RAM, keep.gpa, 0, 0, NULL));
	if (!variant->indirect)
		EXPECT_ERRNO(EFAULT, its_save_tables(self->its));
	EXPECT_EQ(EFAULT, restore(self));
	must(vm_set_slot(self->vm, VM_SLOT_RAM, keep.gpa, keep.size, 0, keep.hva));
	EXPECT_OK(its_save_tables(self->its));
}

TEST_F(its, read_only_memory)
{
	struct vm_slot keep = self->vm->slot[VM_SLOT_RAM];

	order_some(self);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));
	must(vm_set_slot(self->vm, VM_SLOT_RAM, keep.gpa, 0, 0, NULL));
	must(vm_set_slot(self->vm, VM_SLOT_RAM, keep.gpa, keep.size, KVM_MEM_READONLY, keep.hva));
	EXPECT_ERRNO(EFAULT, its_save_tables(self->its));
	EXPECT_EQ(0, restore(self));
	EXPECT_TRUE(reaches(self, 9, 33));
	must(vm_set_slot(self->vm, VM_SLOT_RAM, keep.gpa, 0, 0, NULL));
	must(vm_set_slot(self->vm, VM_SLOT_RAM, keep.gpa, keep.size, 0, keep.hva));
}

/* Memory comes and goes meanwhile: each access to it is protected. */
struct flicker {
	struct vm *vm;
	struct vm_slot slot;
	volatile bool stop;
};

static void *flicker(void *arg)
{
	struct flicker *f = arg;

	while (!f->stop) {
		must(vm_set_slot(f->vm, VM_SLOT_RAM, f->slot.gpa, 0, 0, NULL));
		must(vm_set_slot(f->vm, VM_SLOT_RAM, f->slot.gpa, f->slot.size, 0, f->slot.hva));
	}
	return NULL;
}

TEST_F(its, guest_mem_srcu)
{
	struct flicker f = { .vm = self->vm, .slot = self->vm->slot[VM_SLOT_RAM] };
	pthread_t thread;

	order_some(self);
	go(self);
	ASSERT_EQ(0, its_save_tables(self->its));
	must(pthread_create(&thread, NULL, flicker, &f));
	for (int i = 0; i < 200; i++) {
		int ret;

		/* EINVAL: an entry has no place any more */
		if (its_save_tables(self->its)) {
			EXPECT_TRUE(errno == EFAULT || errno == EINVAL) TH_LOG("save: %s", strerror(errno));
		}
		ret = restore(self);
		EXPECT_TRUE(!ret || ret == EFAULT || ret == EINVAL) TH_LOG("restore: %s", strerror(ret));
	}
	f.stop = true;
	pthread_join(thread, NULL);
	/* What an interrupted save has written is whole entries, so tables that are written once more are good. */
	EXPECT_EQ(0, restore(self));
}

/* The most that a guest can prepare: all DeviceIDs, each with an ITT of all EventIDs to search. */
static void restore_for_ever(int ready)
{
	struct vm *vm = vm_create_sized(0, 0x1000000);
	uint64_t device, collection, itt;
	int its;

	vcpu_init_features(vcpu_create(vm, 0), FEATURE(PSCI_0_2));
	gic_create(vm, 64);
	its = its_create(vm, its_gpa(0));
	device = vm_alloc_aligned(vm, DEVICES * 8, ITS_PAGE);
	collection = vm_alloc_aligned(vm, ITS_PAGE, ITS_PAGE);
	itt = vm_alloc_aligned(vm, ITT_BYTES, ITS_PAGE);
	for (uint32_t i = 0; i < DEVICES; i++)
		((uint64_t *)vm_gpa_to_hva(vm, device))[i] = dte(i == DEVICES - 1 ? 0 : 1, itt, 16);
	must(its_reg_set(its, GITS_BASER, GITS_BASER_VALID | GITS_BASER_64K | device | (DEVICES * 8 / ITS_PAGE - 1)));
	must(its_reg_set(its, GITS_BASER + 8, GITS_BASER_VALID | GITS_BASER_64K | collection));
	must(write(ready, "", 1));
	must(its_restore_tables(its));
}

/* A signal ends it. */
TEST(restore_can_be_killed)
{
	int pipe_fd[2], status;
	bool ended = false;
	pid_t pid;
	char c;

	if (!its_available())
		SKIP(return, "no ITS");
	must(pipe(pipe_fd));
	pid = must(fork());
	if (!pid) {
		restore_for_ever(pipe_fd[1]);
		_exit(0);
	}
	ASSERT_EQ(1, read(pipe_fd[0], &c, 1));
	usleep(300 * 1000);
	ASSERT_EQ(0, waitpid(pid, &status, WNOHANG)) TH_LOG("the restore has ended: status %#x", status);
	kill(pid, SIGKILL);
	for (int i = 0; i < 100 && !ended; i++) {
		usleep(50 * 1000);
		ended = waitpid(pid, &status, WNOHANG) == pid;
	}
	EXPECT_TRUE(ended) TH_LOG("still there after 5 s");
}

TEST_HARNESS_MAIN
