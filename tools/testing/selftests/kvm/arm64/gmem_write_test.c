// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory that the kernel reads and writes for the ITS and redistributors: what is written is in the dirty log,
 * nothing is written that nobody asked for, and slots come and go at any time.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "kvm_test.h"
#include "its.h"

REQUIRE_GICV3

#define TABLE_GPA	0x80000000ULL
#define TABLE_SIZE	0x10000ULL
#define NR_LPIS		16

static bool page_is_dirty(struct vm *vm, unsigned int slot, uint64_t *map)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = map };

	*map = 0;
	must(vm_ioctl(vm, KVM_GET_DIRTY_LOG, &log));
	return *map & 1;
}

static void guest_nothing(void)
{
}

/* A page that is written while no vCPU runs, by a thread that never ran one. */
static void no_vcpu(struct __test_metadata *_metadata, struct vm *vm)
{
	uint64_t map, *table;
	int gic, its;

	vcpu_add(vm, guest_nothing);
	gic = gic_create(vm, 64);
	its = its_create(vm, its_gpa(0));
	table = vm_add_slot(vm, VM_SLOT_FREE, TABLE_GPA, TABLE_SIZE, KVM_MEM_LOG_DIRTY_PAGES);
	memset(table, 0xff, TABLE_SIZE);
	must(its_reg_set(its, GITS_BASER + 8, GITS_BASER_VALID | GITS_BASER_RAWAWB | GITS_BASER_SHARED |
			 TABLE_GPA | GITS_BASER_64K));
	EXPECT_FALSE(page_is_dirty(vm, VM_SLOT_FREE, &map));
	for (int i = 0; i < 2; i++) {
		EXPECT_OK(its_save_tables(its));
		EXPECT_EQ(0, table[0]);		/* no collection: the table ends where it begins */
		EXPECT_TRUE(page_is_dirty(vm, VM_SLOT_FREE, &map));
		EXPECT_EQ(1, map);
		EXPECT_FALSE(page_is_dirty(vm, VM_SLOT_FREE, &map));
	}
	close(its);
	close(gic);
	vm_destroy(vm);
}

/* HARDENING: dirty_no_vcpu */
TEST(dirty_no_vcpu)
{
	if (!its_available())
		SKIP(return, "no ITS");
	no_vcpu(_metadata, vm_create());
}

/* The same where the log is in rings. */
TEST(dirty_no_vcpu_ring)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_DIRTY_LOG_RING_ACQ_REL, .args = { 65536 } };
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP);
	if (!its_available())
		SKIP(return, "no ITS");
	vm = vm_create_bare(0);
	must(vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
	cap.cap = KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP;
	must(vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
	vm_populate(vm, VM_RAM_SIZE);
	no_vcpu(_metadata, vm);
}

/* ---- What was saved is there when the VM is gone, and when its ITS was reset */

static __shared volatile uint32_t taken[NR_LPIS], strange;

static void take(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	if (intid >= LPI_FIRST && intid < LPI_FIRST + NR_LPIS)
		taken[intid - LPI_FIRST]++;
	else
		strange++;
	gic_eoi(intid);
}

static void map_lpis(struct lpi_memory *lpi, struct its_memory *its)
{
	gic_guest_init();
	on_irq(take);
	for (unsigned int i = 0; i < NR_LPIS; i++)
		lpi_configure(lpi, LPI_FIRST + i, 0xa0, true);
	lpi_guest_init_cpu(lpi);
	its_guest_init(its);
	its_mapd(its, 1, its_itt_alloc(its, 5), 5);
	its_mapc(its, 0, its_rdbase());
	for (unsigned int i = 0; i < NR_LPIS; i++)
		its_mapti(its, 1, i, LPI_FIRST + i, 0);
	its_sync(its);
}

static void guest_maps(uint64_t lpi_va, uint64_t its_va)
{
	map_lpis((struct lpi_memory *)lpi_va, (struct its_memory *)its_va);
	guest_sync(1);
	irq_enable();
	for (unsigned int i = 0; i < NR_LPIS; i++)
		GUEST_WAIT_FOR(taken[i]);
	guest_delay_us(2000);
	for (unsigned int i = 0; i < NR_LPIS; i++)
		GUEST_ASSERT_EQ(1, taken[i]);
	GUEST_ASSERT_EQ(0, strange);
}

struct set_up {
	struct vm *vm;
	struct vcpu *vcpu;
	struct lpi_memory *lpi;
	struct its_memory *tables;
	int gic, its;
};

/* A stopped guest with all of its LPIs pending. restored: its redistributor was set up by user space. */
static bool set_up(struct set_up *s, bool restored)
{
	struct its_memory *its;

	if (!its_available())
		return false;
	s->vm = vm_create();
	s->lpi = lpi_memory(s->vm, 1);
	its = s->tables = its_memory(s->vm, &(struct its_params) { .devices = 1024 });
	s->vcpu = vcpu_add2(s->vm, guest_maps, vm_gva_of(s->vm, s->lpi), vm_gva_of(s->vm, its));
	s->gic = gic_create(s->vm, 64);
	s->its = its_create(s->vm, its_gpa(0));
	if (vcpu_sync(s->vcpu) != 1)
		test_fail("the guest did not map its LPIs");
	vcpu_complete(s->vcpu);
	if (restored) {
		must(gic_redist_set(s->gic, vcpu_mpidr(s->vcpu), GICR_CTLR, 0));
		must(gic_redist_set(s->gic, vcpu_mpidr(s->vcpu), GICR_CTLR, GICR_CTLR_ENABLE_LPIS));
	}
	for (unsigned int i = 0; i < NR_LPIS; i++)
		if (vm_signal_msi(s->vm, its_gpa(0), 1, i) != 1)
			test_fail("MSI %u was not delivered", i);
	return true;
}

/* HARDENING: save_dirty_log. The pages that saves write to are in the log, and no others. */
TEST(save_dirty_log)
{
	static uint64_t log[VM_RAM_SIZE / 4096 / 64], want[VM_RAM_SIZE / 4096 / 64];
	struct kvm_dirty_log get = { .slot = VM_SLOT_RAM, .dirty_bitmap = log };
	uint64_t written[4];
	struct vm_slot *ram;
	struct set_up s;

	if (!set_up(&s, false))
		SKIP(return, "no ITS");
	ram = &s.vm->slot[VM_SLOT_RAM];
	written[0] = s.lpi->pending + LPI_FIRST / 8;
	written[1] = s.tables->device + 8;
	written[2] = s.tables->collection;
	written[3] = s.tables->itt - 256;		/* the last one that was handed out */
	for (unsigned int i = 0; i < 4; i++) {
		uint64_t page = (written[i] - ram->gpa) / sysconf(_SC_PAGESIZE);

		want[page / 64] |= 1ULL << page % 64;
	}
	must(vm_set_slot(s.vm, VM_SLOT_RAM, ram->gpa, ram->size, KVM_MEM_LOG_DIRTY_PAGES, ram->hva));
	must(vm_ioctl(s.vm, KVM_GET_DIRTY_LOG, &get));
	EXPECT_OK(its_save_tables(s.its));
	EXPECT_OK(gic_save_pending_tables(s.gic));
	must(vm_ioctl(s.vm, KVM_GET_DIRTY_LOG, &get));
	for (unsigned int i = 0; i < sizeof(log) / sizeof(log[0]); i++) {
		EXPECT_EQ(want[i], log[i]) TH_LOG("word %u of the log", i);
	}
	close(s.its);
	close(s.gic);
	vm_destroy(s.vm);
}

static unsigned int pending_bits(struct set_up *s)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < NR_LPIS; i++)
		n += vm_lpi_pending_bit(s->vm, s->lpi, 0, LPI_FIRST + i);
	return n;
}

static void end_leaves_memory(struct __test_metadata *_metadata, bool restored)
{
	struct set_up s;
	void *copy;

	if (!set_up(&s, restored))
		SKIP(return, "no ITS");
	ASSERT_EQ(0, its_save_tables(s.its));
	ASSERT_EQ(0, gic_save_pending_tables(s.gic));
	EXPECT_EQ(NR_LPIS, pending_bits(&s));
	copy = malloc(s.vm->slot[VM_SLOT_RAM].size);
	memcpy(copy, s.vm->slot[VM_SLOT_RAM].hva, s.vm->slot[VM_SLOT_RAM].size);
	munmap(s.vcpu->run, s.vcpu->run_size);
	close(s.its);
	close(s.gic);
	close(s.vcpu->fd);
	close(s.vm->fd);
	EXPECT_EQ(NR_LPIS, pending_bits(&s));
	EXPECT_EQ(0, memcmp(copy, s.vm->slot[VM_SLOT_RAM].hva, s.vm->slot[VM_SLOT_RAM].size));
}

TEST(vm_end_writes_nothing)
{
	end_leaves_memory(_metadata, false);
}

TEST(vm_end_writes_nothing_after_a_restore)
{
	end_leaves_memory(_metadata, true);
}

static void pending_survives(struct __test_metadata *_metadata, bool restored)
{
	static const uint32_t reg[] = {
		GITS_CBASER, GITS_BASER, GITS_BASER + 8, GITS_CREADR, GITS_CWRITER,
	};
	uint64_t value[5], ctlr;
	struct set_up s;

	if (!set_up(&s, restored))
		SKIP(return, "no ITS");
	ASSERT_EQ(0, its_save_tables(s.its));
	ASSERT_EQ(0, gic_save_pending_tables(s.gic));
	must(its_reg_get(s.its, GITS_CTLR, &ctlr));
	for (int i = 0; i < 5; i++)
		must(its_reg_get(s.its, reg[i], &value[i]));
	ASSERT_EQ(0, its_reset(s.its));
	for (int i = 0; i < 5; i++)
		must(its_reg_set(s.its, reg[i], value[i]));
	ASSERT_EQ(0, its_restore_tables(s.its));
	must(its_reg_set(s.its, GITS_CTLR, ctlr));
	vcpu_done(s.vcpu);
	close(s.its);
	close(s.gic);
	vm_destroy(s.vm);
}

TEST(saved_pending_state_survives_a_reset_of_the_its)
{
	pending_survives(_metadata, false);
}

TEST(saved_pending_state_survives_a_reset_of_the_its_after_a_restore)
{
	pending_survives(_metadata, true);
}

/* ---- Slots come and go under commands and redistributors that use them */

static __shared volatile uint64_t rounds, stop;

static void guest_invalidates(uint64_t lpi_va, uint64_t its_va)
{
	struct lpi_memory *lpi = (struct lpi_memory *)lpi_va;
	struct its_memory *its = (struct its_memory *)its_va;

	map_lpis(lpi, its);
	while (!stop) {
		its_invall(its, 0);
		its_inv(its, 1, rounds % NR_LPIS);
		its_mapc(its, 0, its_rdbase());
		its_sync(its);
		lpi_inv_all();
		lpi_enable_cpu(false);
		lpi_enable_cpu(true);
		rounds++;
	}
	/* All of it is back. */
	its_invall(its, 0);
	for (unsigned int i = 0; i < NR_LPIS; i++)
		its_int(its, 1, i);
	its_sync(its);
	irq_enable();
	for (unsigned int i = 0; i < NR_LPIS; i++)
		GUEST_WAIT_FOR(taken[i]);
}

/* HARDENING: guest_mem_srcu */
TEST(guest_mem_srcu)
{
	struct vcpu_thread t;
	struct set_up s;
	uint64_t before;
	void *mem;

	if (!its_available())
		SKIP(return, "no ITS");
	stop = rounds = 0;
	s.vm = vm_create();
	s.lpi = lpi_memory(s.vm, 1);
	s.tables = its_memory(s.vm, &(struct its_params) { .devices = 1024 });
	/* Configuration and pending table are in a slot of their own. */
	mem = vm_add_slot(s.vm, VM_SLOT_FREE, TABLE_GPA, 2 * TABLE_SIZE, 0);
	vm_map(s.vm, TABLE_GPA, TABLE_GPA, 2 * TABLE_SIZE, MAP_DATA);
	s.lpi->config = TABLE_GPA;
	s.lpi->pending = TABLE_GPA + TABLE_SIZE;
	s.vcpu = vcpu_add2(s.vm, guest_invalidates, vm_gva_of(s.vm, s.lpi), vm_gva_of(s.vm, s.tables));
	s.gic = gic_create(s.vm, 64);
	s.its = its_create(s.vm, its_gpa(0));
	vcpu_thread_start(&t, s.vcpu);
	ASSERT_TRUE(wait_until(rounds, 10000));
	before = rounds;
	for (int i = 0; i < 200 || rounds < before + 20; i++) {
		must(vm_set_slot(s.vm, VM_SLOT_FREE, TABLE_GPA, 0, 0, mem));
		must(vm_set_slot(s.vm, VM_SLOT_FREE, TABLE_GPA, 2 * TABLE_SIZE, i & 1 ? KVM_MEM_LOG_DIRTY_PAGES : 0,
				 mem));
	}
	stop = 1;
	vcpu_thread_join(&t);
	close(s.its);
	close(s.gic);
	vm_destroy(s.vm);
}

TEST_HARNESS_MAIN
