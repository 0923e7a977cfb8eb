// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that has mapped devices, events and collections is stopped, all of its state goes to a file, another VM is
 * made from the file, and the guest goes on there: LPIs that were pending arrive, MSIs and INT reach every event that
 * was mapped and no other, and the command queue works on. Each exactly once.
 *
 * Without arguments these are tests, with both VMs on this host. For two hosts, or two implementations of KVM:
 *
 *	its_move_test save DIRECTORY		run each guest half way, and save it to DIRECTORY/NAME
 *	its_move_test restore DIRECTORY		restore each and run the rest
 *	its_move_test tables DIRECTORY		only what the ITSs wrote to guest memory, in a canonical form, to
 *						DIRECTORY/NAME.tables
 */
#include <stdio.h>
#include <stdlib.h>

#include "kvm_test.h"
#include "its.h"
#include "state.h"

REQUIRE_GICV3

#define NR_VCPUS	3
#define MAX_EVENTS	400
#define NR_LPIS		512
#define PRIORITY	0xa0

#define ICID(cpu)	((cpu) * 5 + 1)		/* of the collection that targets a vCPU */
#define ICID_LATE	40			/* mapped only after the move */

/* What a guest is like */
struct guest_kind {
	const char *name;
	bool indirect;
	bool saved_before;		/* an earlier save, and changes since */
	unsigned int nr_its;
	uint32_t devices;		/* DeviceIDs that the table is for */
};

static const struct guest_kind kinds[] = {
	{ .name = "flat", .nr_its = 1, .devices = 65536 },
	{ .name = "two-level", .nr_its = 1, .devices = 65536, .indirect = true },
	{ .name = "small", .nr_its = 1, .devices = 8192 },
	{ .name = "saved-before", .nr_its = 1, .devices = 65536, .saved_before = true },
	{ .name = "saved-before-two-level", .nr_its = 1, .devices = 65536, .saved_before = true, .indirect = true },
	{ .name = "two-itss", .nr_its = 2, .devices = 8192 },
};

#define NR_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

/* An event, as the guest means it to be */
struct event {
	uint32_t its, device, event, lpi;
	uint32_t cpu;
	bool mapped;
	bool late;			/* in ICID_LATE */
	bool masked;			/* its LPI is not enabled until after the move */
	uint32_t due;			/* how often it is to have been taken */
};

enum stage { BOOTED = 1, MAPPED, STOPPED, PENDING_TAKEN, MSIS_TAKEN };

static __shared struct event events[MAX_EVENTS];
static __shared uint32_t nr_events, nr_lpis;
static __shared volatile uint32_t taken[NR_VCPUS][NR_LPIS];
static __shared volatile uint32_t strange, finish;

/* ------------------------------------------------------------------------------------------- Guest */

static struct its_memory *its[2];	/* the guest's own copies of these */
static struct lpi_memory *lpi;
static const struct guest_kind *kind;

static void take_lpi(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	if (intid >= LPI_FIRST && intid < LPI_FIRST + NR_LPIS)
		taken[guest_cpu()->index][intid - LPI_FIRST]++;
	else
		strange++;
	gic_eoi(intid);
}

static uint32_t count(const struct event *e)
{
	return taken[e->cpu][e->lpi - LPI_FIRST];
}

static void wrong_count(const struct event *e)
{
	guest_print("ITS %lu, device %lu, event %lu: LPI %lu, mapped: %lu, late: %lu", e->its, e->device, e->event,
		    e->lpi, e->mapped, e->late);
	guest_print("vCPU %lu; taken %lu, %lu, %lu; due %lu", e->cpu, taken[0][e->lpi - LPI_FIRST],
		    taken[1][e->lpi - LPI_FIRST], taken[2][e->lpi - LPI_FIRST], e->due);
	GUEST_ASSERT_EQ(e->due, count(e));
}

static void wait_for_due(const struct event *e)
{
	uint64_t until = guest_deadline();

	while (count(e) < e->due)
		if (guest_past(until))
			wrong_count(e);
}

/* All LPIs have been taken as often as events say, and, after a while, no more often and nowhere else. */
static void check_counts(void)
{
	uint64_t sum = 0, want = 0;

	for (uint32_t i = 0; i < nr_events; i++) {
		wait_for_due(&events[i]);
		want += events[i].due;
	}
	guest_delay_us(2000);
	for (uint32_t i = 0; i < nr_events; i++)
		if (events[i].due != count(&events[i]))
			wrong_count(&events[i]);
	for (int c = 0; c < NR_VCPUS; c++)
		for (int i = 0; i < NR_LPIS; i++)
			sum += taken[c][i];
	GUEST_ASSERT_EQ(want, sum);
	GUEST_ASSERT_EQ(0, strange);
}

static void map_event(uint32_t n, uint32_t device, uint32_t event)
{
	struct event *e = &events[nr_events];

	GUEST_ASSERT(nr_events < MAX_EVENTS && nr_lpis < NR_LPIS);
	*e = (struct event) {
		.its = n, .device = device, .event = event, .lpi = LPI_FIRST + nr_lpis++,
		.cpu = nr_events % NR_VCPUS, .mapped = true,
		.late = nr_events % 11 == 10, .masked = nr_events % 7 == 6,
	};
	if (e->late)
		e->cpu = 0;
	lpi_configure(lpi, e->lpi, PRIORITY + (nr_events % 4) * 8, !e->masked);
	its_mapti(its[n], device, event, e->lpi, e->late ? ICID_LATE : ICID(e->cpu));
	nr_events++;
}

/* Events of a device, with gaps that grow */
static void map_device(uint32_t n, uint32_t device, unsigned int bits, uint32_t first, uint32_t events)
{
	uint32_t event = first;

	its_mapd(its[n], device, its_itt_alloc(its[n], bits), bits);
	for (uint32_t i = 0; i < events && event >> bits == 0; i++) {
		map_event(n, device, event);
		event += i % 3 ? i * i : 1;
	}
}

static void map_its(uint32_t n)
{
	for (int c = 0; c < NR_VCPUS; c++)
		its_mapc(its[n], ICID(c), c);
	map_device(n, 3, 5, 0, 32);
	map_device(n, 4, 1, 1, 1);
	map_device(n, 300, 8, 100, 40);
	map_device(n, 8191, 13, 700, 30);
	if (kind->devices == 65536) {
		/* Further away than a link can say, and the last one there is */
		map_device(n, 8191 + 16384 + 5, 10, 0, 20);
		map_device(n, 65535, 9, 511, 1);
		map_device(n, 40000, 4, 0, 0);
	}
	its_sync(its[n]);
	/* Moved, and so reached elsewhere. */
	for (uint32_t i = 0; i < nr_events; i++) {
		struct event *e = &events[i];

		if (e->its == n && i % 5 == 4 && !e->late) {
			e->cpu = (e->cpu + 1) % NR_VCPUS;
			its_movi(its[n], e->device, e->event, ICID(e->cpu));
		}
	}
	its_sync(its[n]);
}

/* Things that have left traces in the tables, if there was a save. */
static void change(void)
{
	for (uint32_t i = 0; i < nr_events; i++) {
		struct event *e = &events[i];

		if (e->device == 4 || e->device == 65535) {
			e->mapped = false;
		} else if (!e->late && (e->device == 300 || (i % 3 == 1 && e->device == 3))) {
			/* Implementations differ in what DISCARD does without a collection. */
			e->mapped = false;
			its_discard(its[0], e->device, e->event);
		}
	}
	its_unmapd(its[0], 4);
	its_unmapd(its[0], 65535);
	/* Its ITT is a new one, and the old one somebody else's. */
	for (uint32_t i = 0; i < nr_events; i++)
		if (events[i].device == 8191 + 16384 + 5)
			events[i].mapped = false;
	map_device(0, 8191 + 16384 + 5, 10, 900, 6);
	/* In front of all that there were. */
	map_device(0, 1, 2, 2, 2);
	its_sync(its[0]);
}

static void make_pending(void)
{
	for (uint32_t i = 0; i < nr_events; i++) {
		struct event *e = &events[i];

		if (i % 4 != 1 || !e->mapped || e->late)
			continue;
		its_int(its[e->its], e->device, e->event);
		/* Twice pending is pending. */
		if (i % 8 == 1)
			its_int(its[e->its], e->device, e->event);
		e->due++;
	}
	for (unsigned int n = 0; n < kind->nr_its; n++)
		its_sync(its[n]);
}

static void unmask(void)
{
	for (uint32_t i = 0; i < nr_events; i++) {
		struct event *e = &events[i];

		if (!e->masked || !e->mapped)
			continue;
		GUEST_ASSERT_EQ(0, count(e));
		lpi_configure(lpi, e->lpi, PRIORITY, true);
		its_inv(its[e->its], e->device, e->event);
		e->masked = false;
	}
	for (unsigned int n = 0; n < kind->nr_its; n++)
		its_sync(its[n]);
}

static void trigger_all(bool late)
{
	for (uint32_t i = 0; i < nr_events; i++) {
		struct event *e = &events[i];

		its_int(its[e->its], e->device, e->event);
		if (e->mapped && (late || !e->late))
			e->due++;
	}
	for (unsigned int n = 0; n < kind->nr_its; n++)
		its_sync(its[n]);
}

/* The mappings are really those that there were: commands on them do what they did. */
static void go_on(void)
{
	trigger_all(false);
	check_counts();

	for (unsigned int n = 0; n < kind->nr_its; n++)
		its_mapc(its[n], ICID_LATE, 0);
	trigger_all(true);
	check_counts();

	for (uint32_t i = 0; i < nr_events; i++) {
		struct event *e = &events[i];

		if (!e->mapped)
			continue;
		if (i % 3 == 0) {
			e->mapped = false;
			its_discard(its[e->its], e->device, e->event);
		} else if (i % 3 == 1 && !e->due) {
			e->cpu = (e->cpu + 1) % NR_VCPUS;
			its_movi(its[e->its], e->device, e->event, ICID(e->cpu));
		}
	}
	map_device(0, 2, 3, 1, 4);
	unmask();
	trigger_all(true);
	check_counts();
}

static void guest_main_cpu(struct its_memory *its0, struct its_memory *its1, struct lpi_memory *tables,
			   const struct guest_kind *k)
{
	its[0] = its0;
	its[1] = its1;
	lpi = tables;
	kind = k;
	gic_guest_init();
	lpi_guest_init_cpu(lpi);
	for (unsigned int n = 0; n < kind->nr_its; n++)
		its_guest_init(its[n]);
	on_irq(take_lpi);
	guest_sync(BOOTED);
	for (unsigned int n = 0; n < kind->nr_its; n++)
		map_its(n);
	if (kind->saved_before) {
		guest_sync(MAPPED);
		change();
	}
	make_pending();
	guest_sync(STOPPED);

	/* Perhaps this is another machine. */
	irq_enable();
	for (uint32_t i = 0; i < nr_events; i++)
		if (!events[i].masked)
			wait_for_due(&events[i]);
	unmask();
	check_counts();
	guest_sync(PENDING_TAKEN);
	check_counts();
	guest_sync(MSIS_TAKEN);
	go_on();
	finish = 1;
}

static void guest_other_cpu(struct lpi_memory *tables)
{
	gic_guest_init_cpu();
	lpi_guest_init_cpu(tables);
	guest_sync(BOOTED);
	irq_enable();
	while (!finish)
		cpu_relax();
}

/* -------------------------------------------------------------------------------------------- Host */

struct machine {
	const struct guest_kind *kind;
	struct vm *vm;
	struct its_memory *mem[2];
	struct lpi_memory *lpi;
	struct state_devices devices;
};

static void machine_create(struct machine *m, const struct guest_kind *k)
{
	uint64_t gva[2] = {}, lpi_gva;

	*m = (struct machine) { .kind = k, .vm = vm_create() };
	for (unsigned int n = 0; n < k->nr_its; n++) {
		struct its_params params = {
			.gpa = its_gpa(n), .devices = k->devices, .indirect = k->indirect, .collections = 64,
		};

		m->mem[n] = its_memory(m->vm, &params);
		gva[n] = vm_gva_of(m->vm, m->mem[n]);
	}
	m->lpi = lpi_memory(m->vm, NR_VCPUS);
	lpi_gva = vm_gva_of(m->vm, m->lpi);
	vcpu_add_args(m->vm, (guest_fn)guest_main_cpu, gva[0], gva[1], lpi_gva, (uintptr_t)k);
	for (int c = 1; c < NR_VCPUS; c++)
		vcpu_add1(m->vm, guest_other_cpu, lpi_gva);
	m->devices.gic = gic_create(m->vm, 96);
	m->devices.nr_its = k->nr_its;
	for (unsigned int n = 0; n < k->nr_its; n++)
		m->devices.its[n] = its_create(m->vm, its_gpa(n));
}

static void machine_destroy(struct machine *m)
{
	for (unsigned int n = 0; n < m->devices.nr_its; n++)
		close(m->devices.its[n]);
	close(m->devices.gic);
	vm_destroy(m->vm);
}

static void expect_stage(struct machine *m, unsigned int cpu, enum stage stage)
{
	uint64_t seen = vcpu_sync(m->vm->vcpu[cpu]);

	if (seen != stage)
		test_fail("vCPU %u is at stage %lu instead of %u", cpu, (unsigned long)seen, stage);
}

/* Run a guest to where it is stopped. */
static void machine_first_half(struct machine *m)
{
	memset(events, 0, sizeof(events));
	memset((void *)taken, 0, sizeof(taken));
	nr_events = nr_lpis = strange = finish = 0;
	expect_stage(m, 0, BOOTED);
	for (int c = 1; c < NR_VCPUS; c++)
		expect_stage(m, c, BOOTED);
	if (m->kind->saved_before) {
		expect_stage(m, 0, MAPPED);
		must(gic_save_pending_tables(m->devices.gic));
		must(its_save_tables(m->devices.its[0]));
	}
	expect_stage(m, 0, STOPPED);
}

static void machine_second_half(struct machine *m)
{
	struct vcpu_thread t[NR_VCPUS];

	for (int c = 1; c < NR_VCPUS; c++)
		vcpu_thread_start(&t[c], m->vm->vcpu[c]);
	expect_stage(m, 0, PENDING_TAKEN);
	for (uint32_t i = 0; i < nr_events; i++) {
		struct event *e = &events[i];
		bool reaches = e->mapped && !e->late;
		int ret = vm_signal_msi(m->vm, its_gpa(e->its), e->device, e->event);

		e->due += reaches;
		/* 1: delivered, 0: blocked, negative: there is no such event */
		if (reaches ? ret != 1 : ret > 0)
			test_fail("ITS %u, device %u, event %u: MSI returned %d", e->its, e->device, e->event, ret);
	}
	expect_stage(m, 0, MSIS_TAKEN);
	vcpu_done(m->vm->vcpu[0]);
	for (int c = 1; c < NR_VCPUS; c++)
		vcpu_thread_join(&t[c]);
}

static void save_to(FILE *file, const struct guest_kind *k)
{
	struct machine m;

	machine_create(&m, k);
	machine_first_half(&m);
	state_save(file, m.vm, &m.devices);
	machine_destroy(&m);
}

static void restore_from(FILE *file, const struct guest_kind *k)
{
	struct machine m;

	machine_create(&m, k);
	state_restore(file, m.vm, &m.devices);
	machine_second_half(&m);
	machine_destroy(&m);
}

/* ------------------------------------------------------------------------------------------ Tables */

static void write_range(FILE *f, struct machine *m, const char *what, uint64_t gpa, uint64_t size)
{
	const uint64_t *word = vm_gpa_to_hva(m->vm, gpa);

	fprintf(f, "%s\n", what);
	for (uint64_t i = 0; i < size / 8; i++)
		if (word[i])
			fprintf(f, "%#lx: %016lx\n", (unsigned long)(i * 8), (unsigned long)word[i]);
}

static int by_icid(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a & 0xffff, y = *(const uint64_t *)b & 0xffff;

	return x < y ? -1 : x > y;
}

/* The order of collections is no part of the ABI. */
static void write_collections(FILE *f, struct machine *m, struct its_memory *mem)
{
	uint64_t *entry = vm_gpa_to_hva(m->vm, mem->collection);
	uint64_t n = 0;

	while (n < mem->collection_size / 8 && entry[n] >> 63)
		n++;
	qsort(entry, n, sizeof(*entry), by_icid);
	write_range(f, m, "collections", mem->collection, mem->collection_size);
}

static void tables_to(FILE *f, const struct guest_kind *k)
{
	struct machine m;

	machine_create(&m, k);
	machine_first_half(&m);
	must(gic_save_pending_tables(m.devices.gic));
	for (unsigned int n = 0; n < k->nr_its; n++) {
		struct its_memory *mem = m.mem[n];

		must(its_save_tables(m.devices.its[n]));
		write_range(f, &m, "devices", mem->device, mem->device_size);
		if (k->indirect)
			write_range(f, &m, "second levels", mem->device + mem->device_size,
				    (k->devices + ITS_PAGE_DEVICES - 1) / ITS_PAGE_DEVICES * ITS_PAGE);
		write_collections(f, &m, mem);
		write_range(f, &m, "ITTs", mem->itt_end - 0x80000, 0x80000);
	}
	for (int c = 0; c < NR_VCPUS; c++)
		write_range(f, &m, "pending", m.lpi->pending + c * LPI_PENDING_STRIDE + LPI_FIRST / 8,
			    (LPI_END - LPI_FIRST) / 8);
	machine_destroy(&m);
}

/* ------------------------------------------------------------------------------------------- Tests */

static void move(const char *name)
{
	FILE *file = tmpfile();

	if (!file)
		test_fail("tmpfile: %s", strerror(errno));
	for (size_t i = 0; i < NR_KINDS; i++) {
		if (strcmp(kinds[i].name, name))
			continue;
		save_to(file, &kinds[i]);
		rewind(file);
		restore_from(file, &kinds[i]);
	}
	fclose(file);
}

#define MOVE_TEST(test, name)			\
TEST(test)					\
{						\
	if (!its_available())			\
		SKIP(return, "no ITS");		\
	move(name);				\
}

MOVE_TEST(flat_device_table, "flat")
MOVE_TEST(two_level_device_table, "two-level")
MOVE_TEST(small_device_table, "small")
MOVE_TEST(stale_entries_of_an_earlier_save, "saved-before")
MOVE_TEST(stale_entries_two_level, "saved-before-two-level")
MOVE_TEST(two_itss, "two-itss")

/* ... and the guest that was saved can go on as well. */
TEST(the_source_goes_on)
{
	struct machine m;
	FILE *file;

	if (!its_available())
		SKIP(return, "no ITS");
	file = tmpfile();
	ASSERT_NE(NULL, file);
	machine_create(&m, &kinds[0]);
	machine_first_half(&m);
	state_save(file, m.vm, &m.devices);
	machine_second_half(&m);
	machine_destroy(&m);
	fclose(file);
}

static void each(const char *what, const char *dir)
{
	bool restore = !strcmp(what, "restore"), tables = !strcmp(what, "tables");

	for (size_t i = 0; i < NR_KINDS; i++) {
		char path[400];
		FILE *file;

		printf("%s %s\n", what, kinds[i].name);
		fflush(stdout);
		snprintf(path, sizeof(path), "%s/%s%s", dir, kinds[i].name, tables ? ".tables" : "");
		file = fopen(path, restore ? "r" : "w");
		if (!file)
			test_fail("%s: %s", path, strerror(errno));
		/* What is shared between hosts is slow. */
		setvbuf(file, NULL, _IOFBF, 1 << 20);
		if (restore)
			restore_from(file, &kinds[i]);
		else if (tables)
			tables_to(file, &kinds[i]);
		else
			save_to(file, &kinds[i]);
		if (fclose(file))
			test_fail("%s: %s", path, strerror(errno));
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && (!strcmp(argv[1], "save") || !strcmp(argv[1], "restore") || !strcmp(argv[1], "tables"))) {
		each(argv[1], argv[2]);
		return 0;
	}
	return test_harness_run(argc, argv);
}
