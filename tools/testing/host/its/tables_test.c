// SPDX-License-Identifier: GPL-2.0
/*
 * SAVE_TABLES and RESTORE_TABLES: what is saved is read by a reader that knows
 * only the description of the ABI, and restored; whatever is in memory.
 */

#include <stdlib.h>
#include <string.h>
#include <asm/byteorder.h>
#include "dump.h"
#include "ktap.h"
#include "model.h"

#define NR_DEVICES	9

/* DeviceIDs closer together and further apart than a link reaches */
static const u32 ids[NR_DEVICES] = { 0, 1, 2, 8191, 8192, 20000, 40000, 65534, 65535 };
static const u8 widths[NR_DEVICES] = { 1, 4, 8, 10, 12, 5, 9, 13, 16 };

static struct its its;

static u64 itt_of(unsigned int n)
{
	return n == 8 ? MEM_ITTS + 0x100000 : MEM_ITTS + n * 0x10000;
}

static void start(bool indirect)
{
	struct model_layout l = {
		.id_bits = 16, .devices_valid = true, .collections_valid = true,
		.indirect = indirect, .devices = 65536, .collections = 8192,
		.level2 = { 1, 1, 1, 0, 1, 1, 0, 1 },
	};

	world_reset();
	its_world_init(&its);
	model_reset();
	model_layout(0, &l);
	model_apply_layout(&its, 0);
}

static void finish(void)
{
	its_world_destroy(&its);
	expect(!world.nr_lpis, "%u LPIs are left", world.nr_lpis);
	expect(!world.nr_allocs, "%ld allocations are left", world.nr_allocs);
}

static int save(void)
{
	int ret;

	mutex_lock(&its.lock);
	ret = its_save_tables(&its);
	mutex_unlock(&its.lock);
	return ret;
}

static int restore(void)
{
	int ret;

	mutex_lock(&its.lock);
	ret = its_restore_tables(&its);
	mutex_unlock(&its.lock);
	return ret;
}

static void clear(void)
{
	mutex_lock(&its.lock);
	its_tables_clear(&its);
	mutex_unlock(&its.lock);
}

static bool nothing_mapped(void)
{
	return !its.devices.nr && !its.collections.nr && !its.nr_translations &&
	       !world.nr_lpis && !world.nr_allocs;
}

/* To the ITS and to the reference */
static void both(struct cmd cmd)
{
	u64 word[4];
	unsigned int i;
	int ret = run(&its, cmd), wanted;

	for (i = 0; i < 4; i++)
		word[i] = le64_to_cpu(cmd.word[i]);
	wanted = model_run(0, word);
	expect(ret == wanted, "%d, not %d", ret, wanted);
}

static u32 random_event(unsigned int n)
{
	u32 mask = (1u << widths[n]) - 1;
	u64 r = ktap_random();

	return (r >> 40) % 3 ? r & mask & 15 : (r >> 8) & mask;
}

static void random_command(void)
{
	unsigned int n = ktap_random() % NR_DEVICES, op = ktap_random() % 32;
	u32 event = random_event(n);
	u16 icid = (ktap_random() >> 8) % 8 ? (ktap_random() >> 8) % 6 : 8191;

	if (op < 3)
		both(cmd_mapd(ids[n], widths[n], itt_of(n), op));
	else if (op < 6)
		both(cmd_mapc(icid, (ktap_random() >> 8) % NR_VCPUS, op > 3));
	else if (op < 22)
		both(cmd_mapti(ids[n], event, 8192 + (ktap_random() >> 8) % 300, icid));
	else if (op < 26)
		both(cmd_discard(ids[n], event));
	else
		both(cmd_movi(ids[n], event, icid));
}

/* Which bytes may save write?  Pages of tables that are there, ITTs of devices */
static bool may_write(u64 gpa)
{
	struct its_device *device;
	u32 id;

	if (gpa >= MEM_COLLECTIONS && gpa < MEM_COLLECTIONS + 0x10000)
		return true;
	if (its.baser_device >> 62 & 1) {
		if (gpa >= MEM_LEVEL2 && gpa < MEM_LEVEL2 + 0x80000)
			return true;
	} else if (gpa >= MEM_DEVICES && gpa < MEM_DEVICES + 0x80000) {
		return true;
	}
	its_for_each_device(&its, id, device)
		if (gpa >= device->itt && gpa < device->itt + (8ull << device->event_bits))
			return true;
	return false;
}

static void check_writes(const u8 *before)
{
	u64 i;

	for (i = 0; i < MEM_SIZE; i += 8)
		if (memcmp(world.mem + i, before + i, 8) && !may_write(MEM_BASE + i)) {
			expect(false, "save wrote to %#llx", (unsigned long long)(MEM_BASE + i));
			return;
		}
}

static void check_saved(void)
{
	struct dump mapped = { 0 }, read = { 0 };
	const char *diff;

	dump_its(&mapped, &its);
	expect(dump_tables(&read, &its, false) && dump_equal(&mapped, &read),
	       "a reader finds %zu of %zu", read.nr, mapped.nr);
	expect(dump_tables(&read, &its, true) && dump_equal(&mapped, &read),
	       "by page, a reader finds %zu of %zu", read.nr, mapped.nr);
	clear();
	expect(nothing_mapped(), "clear");
	expect(restore() == 0, "restore");
	diff = model_compare(&its, 0);
	expect(!diff, "%s", diff);
	dump_free(&mapped);
	dump_free(&read);
}

/* Saved again and again into what is there, from garbage on */
static void round_trips(bool indirect, bool garbage)
{
	u8 *before = malloc(MEM_SIZE);
	unsigned int round, i;
	u64 gpa;

	if (!before)
		exit(1);
	start(indirect);
	if (garbage) {
		for (gpa = MEM_LEVEL2; gpa < MEM_BASE + MEM_SIZE; gpa += 8)
			mem_write64(gpa, ktap_random());
		for (gpa = MEM_DEVICES; !indirect && gpa < MEM_LEVEL2; gpa += 8)
			mem_write64(gpa, ktap_random() | 1ull << 63);
	}
	for (round = 0; round < 12; round++) {
		for (i = 0; i < (round == 6 ? 3000 : 60 * round); i++)
			random_command();
		memcpy(before, world.mem, MEM_SIZE);
		expect(save() == 0, "save");
		check_writes(before);
		check_saved();
	}
	for (i = 0; i < NR_DEVICES; i++)
		both(cmd_mapd(ids[i], 1, 0, false));
	expect(save() == 0, "save");
	check_saved();
	finish();
	free(before);
}

static void save_restore_flat(void)
{
	round_trips(false, false);
}

static void save_restore_two_levels(void)
{
	round_trips(true, false);
}

static void stale_dte_ite(void)
{
	round_trips(false, true);
	round_trips(true, true);
}

/* Two devices, three events, two collections; 9 is not mapped */
static void start_small(void)
{
	start(false);
	both(cmd_mapc(0, 0, true));
	both(cmd_mapc(1, 1, true));
	both(cmd_mapd(0, 1, itt_of(0), true));
	both(cmd_mapd(2, 8, itt_of(2), true));
	both(cmd_mapti(0, 1, 8192, 0));
	both(cmd_mapti(2, 0, 8193, 1));
	both(cmd_mapti(2, 200, 8194, 9));
	expect(save() == 0, "save");
	clear();
}

static void restore_unmapped_collection(void)
{
	struct its_collection *c;

	start_small();
	expect(restore() == 0, "restore");
	c = its_collection_find(&its, 9);
	expect(c && !c->mapped && !c->target, "collection");
	expect(translate(&its, 2, 200) == 8194 && !world.lpi[8194]->target, "translation");
	expect(world.lpi[8193]->target == &world.vcpus[1], "target");
	expect(mem_read64(MEM_COLLECTIONS + 16) == (1ull << 63 | 0xffffffffull << 16 | 9), "CTE");
	/* Without that entry, too */
	mem_write64(MEM_COLLECTIONS + 16, 0);
	expect(restore() == 0, "restore");
	c = its_collection_find(&its, 9);
	expect(c && !c->mapped && translate(&its, 2, 200) == 8194, "collection without a CTE");
	/* An entry for a collection that nothing names is nothing. */
	mem_write64(MEM_COLLECTIONS + 16, 1ull << 63 | 0xffffffffull << 16 | 7);
	expect(restore() == 0 && !its_collection_find(&its, 7), "CTE for nothing");
	/* And once more */
	expect(save() == 0, "save");
	clear();
	expect(restore() == 0 && its_collection_find(&its, 9), "restored twice");
	finish();
}

/* Each allocation fails, each page is missing, a signal comes: all or nothing. */
static void restore_unwinds(void)
{
	static const u64 holes[] = { MEM_DEVICES, MEM_COLLECTIONS, MEM_ITTS, MEM_ITTS + 0x20000 };
	unsigned int n;
	int ret;

	start_small();
	for (n = 0; n < 100; n++) {
		world.fail_alloc = n;
		ret = restore();
		if (world.fail_alloc >= 0)
			break;
		expect(ret == -ENOMEM && nothing_mapped(), "allocation %u: %d", n, ret);
	}
	world.fail_alloc = -1;
	expect(n > 10 && n < 100 && ret == 0 && its.nr_translations == 3, "%u allocations", n);
	for (n = 0; n < ARRAY_SIZE(holes); n++) {
		mem_set_hole(holes[n], 4096, true);
		expect(restore() == -EFAULT && nothing_mapped(), "hole %u", n);
		mem_set_hole(holes[n], 4096, false);
	}
	world.fatal_signal = true;
	expect(restore() == -EINTR && nothing_mapped(), "signal");
	world.fatal_signal = false;
	expect(restore() == 0 && its.nr_translations == 3, "in the end");
	for (n = 0; n < ARRAY_SIZE(holes); n++) {
		mem_set_hole(holes[n], 4096, true);
		expect(save() == -EFAULT && its.nr_translations == 3, "save to hole %u", n);
		mem_set_hole(holes[n], 4096, false);
	}
	world.fatal_signal = true;
	expect(save() == -EINTR && its.nr_translations == 3, "save and signal");
	world.fatal_signal = false;
	finish();
}

/* Entries that no command could have made */
static void restore_refuses(void)
{
	static const struct {
		const char *what;
		u64 gpa, val;
	} bad[] = {
		{ "DTE: 17 bits", MEM_DEVICES, 1ull << 63 | 1ull << 49 | MEM_ITTS >> 3 | 16 },
		{ "DTE: 32 bits", MEM_DEVICES, 1ull << 63 | 1ull << 49 | MEM_ITTS >> 3 | 31 },
		{ "ITE: SPI", MEM_ITTS, 100ull << 16 },
		{ "ITE: 8191", MEM_ITTS, 8191ull << 16 },
		{ "ITE: beyond", MEM_ITTS, 65536ull << 16 },
		{ "ITE: ICID", MEM_ITTS, 8192ull << 16 | 8192 },
		{ "ITE: link to the end", MEM_ITTS + 8, 1ull << 48 | 8192ull << 16 },
		{ "ITE: link beyond", MEM_ITTS, 0xffffull << 48 | 8192ull << 16 },
		{ "CTE: target", MEM_COLLECTIONS, 1ull << 63 | NR_VCPUS << 16 },
		{ "CTE: target", MEM_COLLECTIONS, 1ull << 63 | 0xfffffffffull << 16 },
		{ "CTE: ICID", MEM_COLLECTIONS, 1ull << 63 | 8192 },
		{ "CTE: twice", MEM_COLLECTIONS, 1ull << 63 | 1 },
	};
	unsigned int i;
	u64 saved;
	int ret;

	start_small();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		saved = mem_read64(bad[i].gpa);
		mem_write64(bad[i].gpa, bad[i].val);
		ret = restore();
		expect(ret == -EINVAL && nothing_mapped(), "%s: %d", bad[i].what, ret);
		mem_write64(bad[i].gpa, saved);
	}
	/* A link from the last possible DeviceID, and one that wraps in fewer bits */
	mem_write64(MEM_DEVICES + 8 * 65535, 1ull << 63 | 1ull << 49 | itt_of(8) >> 3);
	for (i = 0; i < 8; i++)
		mem_write64(MEM_DEVICES + 8 * i, 0);
	ret = restore();
	expect(ret == -EINVAL && nothing_mapped(), "DTE: link beyond: %d", ret);
	mem_write64(MEM_DEVICES + 8 * 65535, 0);
	mem_write64(MEM_DEVICES + 8 * 65000, 1ull << 63 | 0x3fffull << 49 | itt_of(8) >> 3);
	ret = restore();
	expect(ret == -EINVAL && nothing_mapped(), "DTE: link beyond: %d", ret);
	finish();
}

/* What the guest took away after it mapped */
static void save_without_place(void)
{
	struct its_device *device;

	start(true);
	both(cmd_mapd(8192, 4, itt_of(0), true));
	mem_write64(MEM_DEVICES + 8, 0);
	expect(save() == -EINVAL, "a page of the device table");
	device = its_device_find(&its, 8192);
	expect(device, "device");
	finish();

	start(false);
	both(cmd_mapc(0, 0, true));
	its.baser_collection &= ~ITS_BASER_VALID;
	expect(save() == -EINVAL, "the collection table");
	finish();
	start(false);
	its.baser_collection &= ~ITS_BASER_VALID;
	its.baser_device &= ~ITS_BASER_VALID;
	expect(save() == 0 && restore() == 0 && !world.writes, "no tables");
	finish();
}

/* As many collections as the table has entries: there is none left to end it. */
static void collection_table_full(void)
{
	u32 i;

	start(false);
	for (i = 0; i < 8192; i++)
		run(&its, cmd_mapc(i, i % NR_VCPUS, true));
	mem_write64(MEM_COLLECTIONS + 0x10000, 0x5a5a);
	expect(save() == 0 && mem_read64(MEM_COLLECTIONS + 0x10000) == 0x5a5a, "save");
	clear();
	expect(restore() == 0, "restore");
	for (i = 0; i < 8192; i++)
		if (!its_collection_find(&its, i))
			break;
	expect(i == 8192, "collection %u", i);
	finish();
}

/* Bits of saved tables flip: it is restored or refused, nothing in between. */
static void flipped_bits(void)
{
	static const u64 places[] = {
		MEM_COLLECTIONS, MEM_COLLECTIONS + 8, MEM_DEVICES, MEM_DEVICES + 8,
		MEM_DEVICES + 16, MEM_ITTS, MEM_ITTS + 8, MEM_ITTS + 0x20000,
		MEM_ITTS + 0x20000 + 8 * 200,
	};
	unsigned int i, bit, good = 0, refused = 0;
	int ret;

	start_small();
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		for (bit = 0; bit < 64; bit++) {
			u64 was = mem_read64(places[i]);

			mem_write64(places[i], was ^ 1ull << bit);
			ret = restore();
			mem_write64(places[i], was);
			good += !ret;
			refused += !!ret;
			expect(!ret || nothing_mapped(), "entry %u, bit %u: %d", i, bit, ret);
		}
	}
	expect(good > 20 && refused > 20, "%u good, %u refused", good, refused);
	finish();
}

static const struct ktap_test tests[] = {
	{ "save_restore_flat", save_restore_flat },
	{ "save_restore_two_levels", save_restore_two_levels },
	{ "stale_dte_ite", stale_dte_ite },
	{ "restore_unmapped_collection", restore_unmapped_collection },
	{ "restore_unwinds", restore_unwinds },
	{ "restore_refuses", restore_refuses },
	{ "save_without_place", save_without_place },
	{ "collection_table_full", collection_table_full },
	{ "flipped_bits", flipped_bits },
};

KTAP_MAIN(tests)
