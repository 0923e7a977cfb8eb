// SPDX-License-Identifier: GPL-2.0
/*
 * Each command in each state: device, event and collection unmapped, mapped,
 * mapped again, out of range, disabled.
 */

#include "ktap.h"
#include "world.h"

#define DEV	5
#define EVT	3
#define LPI	8200
#define ITT	MEM_ITTS

static struct its its;

static void start(void)
{
	world_reset();
	its_world_init(&its);
}

static void finish(void)
{
	expect(!world.writes, "%lu writes to guest memory", world.writes);
	its_world_destroy(&its);
	expect(!world.nr_lpis, "%u LPIs are left", world.nr_lpis);
	expect(!world.nr_allocs, "%ld allocations are left", world.nr_allocs);
}

#define want(command, result) do {						\
	int want_ret = run(&its, command);					\
	expect(want_ret == (result), "%d", want_ret);				\
} while (0)

/* Device DEV with 8 bits; ICID 0 and 1 at vCPUs 0 and 1 */
static void start_mapped(void)
{
	start();
	want(cmd_mapd(DEV, 8, ITT, true), ITS_OK);
	want(cmd_mapc(0, 0, true), ITS_OK);
	want(cmd_mapc(1, 1, true), ITS_OK);
}

static int target_of(u32 intid)
{
	struct vgic_irq *lpi = world.lpi[intid];

	if (!lpi)
		return -2;
	return lpi->target ? (int)lpi->target->index : -1;
}

static bool pending(u32 intid)
{
	return world.lpi[intid] && world.lpi[intid]->latch;
}

static int refs(u32 intid)
{
	return world.lpi[intid] ? world.lpi[intid]->refs.refs : 0;
}

/* All commands that name an event, with the same operands */
static void want_event_cmds(u32 device, u32 event, enum its_result result)
{
	want(cmd_mapti(device, event, LPI, 0),
	     result == ITS_UNMAPPED_EVENT ? ITS_OK : result);
	if (result == ITS_UNMAPPED_EVENT)
		want(cmd_discard(device, event), ITS_OK);
	want(cmd_movi(device, event, 0), result);
	want(cmd_discard(device, event), result);
	want(cmd_int(device, event), result);
	want(cmd_clear(device, event), result);
	want(cmd_inv(device, event), result);
}

static void mapd_states(void)
{
	struct its_device *d;

	start();
	want(cmd_mapd(DEV, 8, ITT, false), ITS_OK);
	expect(!its.devices.nr, "unmapping what is not mapped");
	want(cmd_mapd(DEV, 8, ITT, true), ITS_OK);
	d = its_device_find(&its, DEV);
	expect(d && d->event_bits == 8 && d->itt == ITT && d->device_id == DEV, "device");
	want(cmd_mapd(DEV, 4, ITT + 0x100, true), ITS_OK);
	d = its_device_find(&its, DEV);
	expect(d && d->event_bits == 4 && d->itt == ITT + 0x100, "mapped again");
	want(cmd_mapd(DEV, 4, 0, false), ITS_OK);
	expect(!its.devices.nr, "unmapped");
	finish();
}

static void mapd_operands(void)
{
	unsigned int bits;

	start();
	want(cmd_mapd(65535, 16, ITT, true), ITS_OK);
	want(cmd_mapd(65536, 16, ITT, true), ITS_DEVICE_OUT_OF_RANGE);
	want(cmd_mapd(0xffffffff, 16, ITT, true), ITS_DEVICE_OUT_OF_RANGE);
	want(cmd_mapd(65536, 16, ITT, false), ITS_DEVICE_OUT_OF_RANGE);
	for (bits = 1; bits <= 32; bits++) {
		want(cmd_mapd(DEV, bits, ITT, true), bits <= 16 ? ITS_OK : ITS_SIZE_OUT_OF_RANGE);
		want(cmd_mapd(DEV, bits, ITT, false), ITS_OK);
	}
	/* All bits of the address and nothing else of the word */
	want(cmd_mapd(DEV, 1, 0x7ffffffffffffffful, true), ITS_OK);
	expect(its_device_find(&its, DEV)->itt == 0xfffffffffff00, "%#llx",
	       (unsigned long long)its_device_find(&its, DEV)->itt);
	/* A size that is out of range does not unmap what was there. */
	want(cmd_mapd(DEV, 17, ITT, true), ITS_SIZE_OUT_OF_RANGE);
	expect(its_device_find(&its, DEV), "device is gone");
	finish();
}

static void mapd_table(void)
{
	start();
	its.baser_device &= ~ITS_BASER_SIZE;	/* 8192 entries */
	want(cmd_mapd(8191, 8, ITT, true), ITS_OK);
	want(cmd_mapd(8192, 8, ITT, true), ITS_DEVICE_OUT_OF_RANGE);
	its.baser_device &= ~ITS_BASER_VALID;
	want(cmd_mapd(1, 8, ITT, true), ITS_DEVICE_OUT_OF_RANGE);
	want(cmd_mapd(8191, 8, ITT, false), ITS_OK);
	expect(!its.devices.nr, "unmapping needs no table");
	finish();
}

static void mapd_unmaps_events(void)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		start_mapped();
		want(cmd_mapti(DEV, 0, LPI, 0), ITS_OK);
		want(cmd_mapti(DEV, 255, LPI + 1, 1), ITS_OK);
		want(cmd_mapd(DEV + 1, 8, ITT, true), ITS_OK);
		want(cmd_mapti(DEV + 1, 0, LPI + 2, 0), ITS_OK);
		want(cmd_int(DEV, 0), ITS_OK);
		want(cmd_mapd(DEV, 8, ITT, i), ITS_OK);
		expect(!translate(&its, DEV, 0) && !translate(&its, DEV, 255), "still mapped");
		expect(translate(&its, DEV + 1, 0) == LPI + 2, "another device's");
		expect(refs(LPI) == 0 && refs(LPI + 1) == 0 && refs(LPI + 2) == 1, "references");
		expect(its.nr_translations == 1, "%u translations", its.nr_translations);
		finish();
	}
}

static void mapc_states(void)
{
	struct its_collection *c;

	start();
	want(cmd_mapc(7, 0, false), ITS_OK);
	expect(!its.collections.nr, "unmapping what is not mapped");
	want(cmd_mapc(7, 2, true), ITS_OK);
	c = its_collection_find(&its, 7);
	expect(c && c->mapped && c->target == &world.vcpus[2], "collection");
	want(cmd_mapc(7, 3, true), ITS_OK);
	expect(its_collection_find(&its, 7) == c && c->target == &world.vcpus[3], "again");
	want(cmd_mapc(7, NR_VCPUS, true), ITS_TARGET_OUT_OF_RANGE);
	want(cmd_mapc(7, 0x7ffffffff, true), ITS_TARGET_OUT_OF_RANGE);
	expect(c->mapped && c->target == &world.vcpus[3], "no effect");
	want(cmd_mapc(7, NR_VCPUS, false), ITS_OK);
	expect(!its.collections.nr, "unmapped");
	finish();
}

static void mapc_table(void)
{
	start();
	want(cmd_mapc(65535, 0, true), ITS_OK);
	its.baser_collection &= ~ITS_BASER_SIZE;	/* 8192 entries */
	want(cmd_mapc(8191, 0, true), ITS_OK);
	want(cmd_mapc(8192, 0, true), ITS_COLLECTION_OUT_OF_RANGE);
	want(cmd_mapc(65535, 0, false), ITS_OK);
	its.baser_collection &= ~ITS_BASER_VALID;
	want(cmd_mapc(1, 0, true), ITS_COLLECTION_OUT_OF_RANGE);
	finish();
}

static void mapc_moves_its_lpis(void)
{
	start_mapped();
	want(cmd_mapti(DEV, 0, LPI, 0), ITS_OK);
	want(cmd_mapti(DEV, 1, LPI + 1, 0), ITS_OK);
	want(cmd_mapti(DEV, 2, LPI + 2, 1), ITS_OK);
	want(cmd_int(DEV, 0), ITS_OK);
	want(cmd_mapc(0, 3, true), ITS_OK);
	expect(target_of(LPI) == 3 && target_of(LPI + 1) == 3, "%d %d", target_of(LPI),
	       target_of(LPI + 1));
	expect(target_of(LPI + 2) == 1, "another collection's: %d", target_of(LPI + 2));
	expect(pending(LPI), "pending state is lost");
	want(cmd_mapc(0, 0, false), ITS_OK);
	expect(target_of(LPI) == -1 && pending(LPI), "unmapped: target %d", target_of(LPI));
	expect(translate(&its, DEV, 0) == LPI, "translations stay");
	want(cmd_mapc(0, 1, true), ITS_OK);
	expect(target_of(LPI) == 1 && pending(LPI), "mapped again: target %d", target_of(LPI));
	finish();
}

static void mapti_states(void)
{
	start();
	want(cmd_mapti(DEV, EVT, LPI, 0), ITS_UNMAPPED_DEVICE);
	want(cmd_mapti(65536 + DEV, EVT, LPI, 0), ITS_DEVICE_OUT_OF_RANGE);
	finish();

	start_mapped();
	want(cmd_mapti(DEV, EVT, LPI, 1), ITS_OK);
	expect(translate(&its, DEV, EVT) == LPI, "%u", translate(&its, DEV, EVT));
	expect(target_of(LPI) == 1 && refs(LPI) == 1, "target %d", target_of(LPI));
	expect(!translate(&its, DEV, EVT + 1) && !translate(&its, DEV + 1, EVT), "others");
	finish();
}

static void mapti_again(void)
{
	start_mapped();
	want(cmd_mapti(DEV, EVT, LPI, 0), ITS_OK);
	want(cmd_int(DEV, EVT), ITS_OK);
	want(cmd_mapti(DEV, EVT, LPI, 0), ITS_OK);
	expect(pending(LPI) && refs(LPI) == 1 && target_of(LPI) == 0, "the same");
	want(cmd_mapti(DEV, EVT, LPI, 1), ITS_OK);
	expect(pending(LPI) && refs(LPI) == 1 && target_of(LPI) == 1, "moved");
	want(cmd_mapti(DEV, EVT, LPI + 1, 1), ITS_OK);
	expect(!refs(LPI) && refs(LPI + 1) == 1, "another INTID");
	expect(translate(&its, DEV, EVT) == LPI + 1 && !pending(LPI + 1), "another INTID");
	expect(its.nr_translations == 1, "%u translations", its.nr_translations);
	/* The last that named a collection that is not mapped takes it along. */
	want(cmd_mapti(DEV, EVT, LPI + 1, 9), ITS_OK);
	expect(its_collection_find(&its, 9) && target_of(LPI + 1) == -1, "unmapped collection");
	want(cmd_mapti(DEV, EVT, LPI + 2, 1), ITS_OK);
	expect(!its_collection_find(&its, 9), "collection 9 is left");
	finish();
}

static void mapti_ranges(void)
{
	start_mapped();
	want(cmd_mapti(DEV, 255, LPI, 0), ITS_OK);
	want(cmd_mapti(DEV, 256, LPI, 0), ITS_EVENT_OUT_OF_RANGE);
	want(cmd_mapti(DEV, 0xffffffff, LPI, 0), ITS_EVENT_OUT_OF_RANGE);
	want(cmd_mapti(DEV, EVT, 8191, 0), ITS_INTID_OUT_OF_RANGE);
	want(cmd_mapti(DEV, EVT, 8192, 0), ITS_OK);
	want(cmd_mapti(DEV, EVT, 65535, 0), ITS_OK);
	want(cmd_mapti(DEV, EVT, 65536, 0), ITS_INTID_OUT_OF_RANGE);
	want(cmd_mapti(DEV, EVT, 0xffffffff, 0), ITS_INTID_OUT_OF_RANGE);
	world.id_bits = 14;
	want(cmd_mapti(DEV, EVT, 16383, 0), ITS_OK);
	want(cmd_mapti(DEV, EVT, 16384, 0), ITS_INTID_OUT_OF_RANGE);
	expect(translate(&its, DEV, EVT) == 16383, "no effect");
	its.baser_collection &= ~ITS_BASER_SIZE;
	want(cmd_mapti(DEV, EVT, LPI, 8192), ITS_COLLECTION_OUT_OF_RANGE);
	want(cmd_mapti(DEV, EVT, LPI, 8191), ITS_OK);
	world.id_bits = 16;
	finish();
}

static void mapi_states(void)
{
	start_mapped();
	want(cmd_mapd(DEV, 16, ITT, true), ITS_OK);
	want(cmd_mapi(DEV, LPI, 1), ITS_OK);
	expect(translate(&its, DEV, LPI) == LPI && target_of(LPI) == 1, "EventID is INTID");
	want(cmd_mapi(DEV, 100, 1), ITS_INTID_OUT_OF_RANGE);
	want(cmd_mapi(DEV, 65536, 1), ITS_EVENT_OUT_OF_RANGE);
	finish();
}

/* Two events, of one device or of two, with one LPI */
static void mapti_shared_lpi(void)
{
	start_mapped();
	want(cmd_mapti(DEV, 0, LPI, 0), ITS_OK);
	want(cmd_mapti(DEV, 1, LPI, 1), ITS_OK);
	expect(refs(LPI) == 2 && target_of(LPI) == 1, "%d references", refs(LPI));
	want(cmd_discard(DEV, 0), ITS_OK);
	expect(refs(LPI) == 1 && translate(&its, DEV, 1) == LPI, "%d references", refs(LPI));
	finish();
}

static void movi_states(void)
{
	start_mapped();
	want(cmd_movi(DEV, EVT, 1), ITS_UNMAPPED_EVENT);
	want(cmd_mapti(DEV, EVT, LPI, 0), ITS_OK);
	want(cmd_int(DEV, EVT), ITS_OK);
	want(cmd_movi(DEV, EVT, 1), ITS_OK);
	expect(target_of(LPI) == 1 && pending(LPI), "target %d", target_of(LPI));
	want(cmd_movi(DEV, EVT, 1), ITS_OK);
	expect(target_of(LPI) == 1 && pending(LPI), "to where it is: target %d", target_of(LPI));
	want(cmd_movi(DEV, EVT, 9), ITS_UNMAPPED_COLLECTION);
	its.baser_collection &= ~ITS_BASER_SIZE;
	want(cmd_movi(DEV, EVT, 8192), ITS_COLLECTION_OUT_OF_RANGE);
	expect(target_of(LPI) == 1, "no effect");
	/* A collection that only a translation names is not mapped. */
	want(cmd_mapti(DEV, 0, LPI + 1, 9), ITS_OK);
	want(cmd_movi(DEV, EVT, 9), ITS_UNMAPPED_COLLECTION);
	/* Away from it, it is not needed any more. */
	want(cmd_movi(DEV, 0, 0), ITS_OK);
	expect(target_of(LPI + 1) == 0 && !its_collection_find(&its, 9), "from unmapped");
	finish();
}

static void discard_states(void)
{
	start_mapped();
	want(cmd_discard(DEV, EVT), ITS_UNMAPPED_EVENT);
	want(cmd_mapti(DEV, EVT, LPI, 0), ITS_OK);
	want(cmd_mapti(DEV, EVT + 1, LPI + 1, 9), ITS_OK);
	want(cmd_int(DEV, EVT), ITS_OK);
	want(cmd_discard(DEV, EVT), ITS_OK);
	expect(!translate(&its, DEV, EVT) && !refs(LPI), "still mapped");
	want(cmd_discard(DEV, EVT), ITS_UNMAPPED_EVENT);
	want(cmd_mapti(DEV, EVT, LPI, 0), ITS_OK);
	expect(!pending(LPI), "pending state came back");
	want(cmd_discard(DEV, EVT + 1), ITS_OK);
	expect(!its_collection_find(&its, 9), "unmapped collection is left");
	expect(its_collection_find(&its, 0), "mapped collection is gone");
	finish();
}

static void int_clear_states(void)
{
	start_mapped();
	want(cmd_int(DEV, EVT), ITS_UNMAPPED_EVENT);
	want(cmd_clear(DEV, EVT), ITS_UNMAPPED_EVENT);
	want(cmd_mapti(DEV, EVT, LPI, 0), ITS_OK);
	expect(!pending(LPI), "after MAPTI");
	want(cmd_clear(DEV, EVT), ITS_OK);
	want(cmd_int(DEV, EVT), ITS_OK);
	want(cmd_int(DEV, EVT), ITS_OK);
	expect(pending(LPI), "after INT");
	want(cmd_clear(DEV, EVT), ITS_OK);
	expect(!pending(LPI), "after CLEAR");
	want(cmd_mapc(0, 0, false), ITS_OK);
	want(cmd_int(DEV, EVT), ITS_UNMAPPED_COLLECTION);
	expect(!pending(LPI), "through an unmapped collection");
	want(cmd_clear(DEV, EVT), ITS_OK);
	finish();
}

static void inv_states(void)
{
	start_mapped();
	world.config[LPI] = 0xa0;
	want(cmd_inv(DEV, EVT), ITS_UNMAPPED_EVENT);
	want(cmd_mapti(DEV, EVT, LPI, 0), ITS_OK);
	expect(!world.lpi[LPI]->enabled && world.lpi[LPI]->priority == 0xa0, "read by MAPTI");
	world.config[LPI] = 0x41;
	expect(!world.lpi[LPI]->enabled, "cached");
	want(cmd_inv(DEV, EVT), ITS_OK);
	expect(world.lpi[LPI]->enabled && world.lpi[LPI]->priority == 0x40, "read by INV");
	finish();
}

static void invall_states(void)
{
	start_mapped();
	want(cmd_mapti(DEV, 0, LPI, 0), ITS_OK);
	want(cmd_mapti(DEV, 1, LPI + 1, 0), ITS_OK);
	want(cmd_mapti(DEV, 2, LPI + 2, 1), ITS_OK);
	want(cmd_mapti(DEV, 3, LPI + 3, 9), ITS_OK);
	world.config[LPI] = 1;
	world.config[LPI + 1] = 1;
	world.config[LPI + 2] = 1;
	want(cmd_invall(0), ITS_OK);
	expect(world.lpi[LPI]->enabled && world.lpi[LPI + 1]->enabled, "its own");
	expect(!world.lpi[LPI + 2]->enabled, "another collection's");
	want(cmd_invall(8), ITS_UNMAPPED_COLLECTION);
	want(cmd_invall(9), ITS_UNMAPPED_COLLECTION);
	its.baser_collection &= ~ITS_BASER_SIZE;
	want(cmd_invall(8192), ITS_COLLECTION_OUT_OF_RANGE);
	finish();
}

static void movall_states(void)
{
	start_mapped();
	want(cmd_mapti(DEV, 0, LPI, 0), ITS_OK);
	want(cmd_mapti(DEV, 1, LPI + 1, 1), ITS_OK);
	want(cmd_movall(0, 2), ITS_OK);
	expect(target_of(LPI) == 2, "target %d", target_of(LPI));
	expect(target_of(LPI + 1) == 1, "another redistributor's: %d", target_of(LPI + 1));
	want(cmd_movall(1, 1), ITS_OK);
	want(cmd_movall(NR_VCPUS, 0), ITS_TARGET_OUT_OF_RANGE);
	want(cmd_movall(1, NR_VCPUS), ITS_TARGET_OUT_OF_RANGE);
	expect(target_of(LPI + 1) == 1, "no effect: %d", target_of(LPI + 1));
	/* MAPC says where the collection's LPIs are, wherever they went. */
	want(cmd_mapc(0, 0, true), ITS_OK);
	expect(target_of(LPI) == 0, "target %d", target_of(LPI));
	finish();
}

static void sync_states(void)
{
	start();
	want(cmd_sync(NR_VCPUS - 1), ITS_OK);
	want(cmd_sync(NR_VCPUS), ITS_TARGET_OUT_OF_RANGE);
	finish();
}

static void event_states(void)
{
	start();
	want_event_cmds(DEV, EVT, ITS_UNMAPPED_DEVICE);
	want_event_cmds(65536 + DEV, EVT, ITS_DEVICE_OUT_OF_RANGE);
	want_event_cmds(0xffffffff, EVT, ITS_DEVICE_OUT_OF_RANGE);
	finish();
	start_mapped();
	want_event_cmds(DEV, EVT, ITS_UNMAPPED_EVENT);
	want_event_cmds(DEV, 256, ITS_EVENT_OUT_OF_RANGE);
	want_event_cmds(DEV, 0x80000000, ITS_EVENT_OUT_OF_RANGE);
	finish();
}

static void unknown_commands(void)
{
	unsigned int op;

	start_mapped();
	want(cmd_mapti(DEV, EVT, LPI, 0), ITS_OK);
	for (op = 0; op < 256; op++) {
		static const u8 known[] = { 1, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15 };
		bool is_known = false;
		unsigned int i;

		for (i = 0; i < sizeof(known); i++)
			is_known |= known[i] == op;
		if (!is_known)
			want(cmd_raw((u64)DEV << 32 | op, EVT, 0, 0), ITS_UNKNOWN_COMMAND);
	}
	expect(translate(&its, DEV, EVT) == LPI && its.nr_translations == 1, "no effect");
	finish();
}

/* Bits that are reserved are ignored. */
static void reserved_bits(void)
{
	start_mapped();
	want(cmd_raw((u64)DEV << 32 | 0xffffff0a, (u64)LPI << 32 | EVT, 0xffffffffffff0001,
		     0xffffffffffffffff), ITS_OK);
	expect(translate(&its, DEV, EVT) == LPI && target_of(LPI) == 1, "MAPTI");
	want(cmd_raw(0xffffffffffffff09, 0xffffffffffffffff,
		     0xfff8000000000000 | 2ull << 16 | 1, 0xffffffffffffffff), ITS_OK);
	expect(target_of(LPI) == 2, "MAPC: %d", target_of(LPI));
	finish();
}

/* An event that names a collection without a target survives it. */
static void restore_unmapped_collection(void)
{
	struct its_collection *c;

	start_mapped();
	want(cmd_mapti(DEV, EVT, LPI, 9), ITS_OK);
	c = its_collection_find(&its, 9);
	expect(c && !c->mapped && !c->target, "collection");
	expect(translate(&its, DEV, EVT) == LPI && target_of(LPI) == -1, "translation");
	want(cmd_mapc(9, 2, true), ITS_OK);
	expect(its_collection_find(&its, 9) == c && target_of(LPI) == 2, "mapped later");
	want(cmd_mapc(9, 0, false), ITS_OK);
	expect(its_collection_find(&its, 9) == c && !c->mapped, "unmapped, but named");
	want(cmd_discard(DEV, EVT), ITS_OK);
	expect(!its_collection_find(&its, 9), "and gone with the last that names it");
	finish();
}

/* Every allocation of every mapping command fails once: nothing changes, nothing leaks. */
static void mapti_error_leak(void)
{
	const struct cmd cmds[] = {
		cmd_mapd(DEV, 8, ITT, true),	/* new */
		cmd_mapc(0, 0, true),
		cmd_mapti(DEV, EVT, LPI, 0),
		cmd_mapti(DEV, 70, LPI + 1, 9),	/* with a new collection */
		cmd_mapti(DEV, EVT, LPI + 2, 10),	/* mapped: replaced, new collection */
		cmd_mapti(DEV, EVT, LPI + 3, 0),
		cmd_mapti(DEV, EVT, LPI + 3, 11),	/* moved to a new collection */
		cmd_mapd(DEV, 9, ITT, true),	/* mapped: again */
	};
	unsigned int i, n;

	start();
	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		long allocs = world.nr_allocs;
		unsigned int lpis = world.nr_lpis, nr = its.nr_translations;
		u32 at = translate(&its, DEV, EVT);

		for (n = 0; ; n++) {
			int ret;

			world.fail_alloc = n;
			ret = run(&its, cmds[i]);
			if (world.fail_alloc >= 0 && ret == ITS_OK)
				break;
			expect(ret == ITS_NO_MEMORY, "command %u, allocation %u: %d", i, n, ret);
			expect(world.nr_allocs == allocs,
			       "command %u, allocation %u leaks", i, n);
			expect(world.nr_lpis == lpis && its.nr_translations == nr &&
			       translate(&its, DEV, EVT) == at,
			       "command %u, allocation %u: half done", i, n);
			if (n > 20)
				break;
		}
		expect(n > 0 && n < 20, "command %u failed %u times", i, n);
		world.fail_alloc = -1;
	}
	finish();
}

/* Failing to map must not cost an LPI that another event has its pending state. */
static void mapti_error_shared(void)
{
	unsigned int n;

	start_mapped();
	want(cmd_mapti(DEV, 0, LPI, 0), ITS_OK);
	want(cmd_int(DEV, 0), ITS_OK);
	for (n = 0; ; n++) {
		world.fail_alloc = n;
		if (run(&its, cmd_mapti(DEV, 200, LPI, 1)) == ITS_OK)
			break;
		expect(pending(LPI) && target_of(LPI) == 0 && refs(LPI) == 1,
		       "allocation %u: pending %d, target %d", n, pending(LPI), target_of(LPI));
	}
	expect(n >= 2, "failed %u times", n);
	world.fail_alloc = -1;
	finish();
}

/* While an LPI is given back nobody can find it any more, nor use what is freed. */
static unsigned int seen_released;

static void look_for_released(struct its *i, struct vgic_irq *lpi)
{
	u32 event;

	for (event = 0; event < 4; event++) {
		struct its_translation *tr = its_translate(i, DEV, event);

		if (tr && tr->lpi == lpi)
			seen_released++;
	}
}

static void its_cache_no_ref(void)
{
	struct its_translation *tr;

	start_mapped();
	world.on_unmap = look_for_released;
	seen_released = 0;
	rcu_read_lock();
	want(cmd_mapti(DEV, 0, LPI, 0), ITS_OK);
	want(cmd_mapti(DEV, 1, LPI + 1, 0), ITS_OK);
	want(cmd_mapti(DEV, 2, LPI + 2, 0), ITS_OK);
	tr = its_translate(&its, DEV, 0);
	want(cmd_discard(DEV, 0), ITS_OK);
	/* An injection that was on its way still has valid memory. */
	expect(tr->lpi->intid == LPI, "%u", tr->lpi->intid);
	want(cmd_mapti(DEV, 1, LPI + 3, 0), ITS_OK);
	tr = its_translate(&its, DEV, 1);
	expect(tr->lpi->intid == LPI + 3, "%u", tr->lpi->intid);
	rcu_read_unlock();
	rcu_read_lock();
	tr = its_translate(&its, DEV, 2);
	/* device_release() reschedules only after many events: fine inside of this section */
	want(cmd_mapd(DEV, 8, ITT, true), ITS_OK);
	expect(tr->lpi->intid == LPI + 2, "%u", tr->lpi->intid);
	want(cmd_mapti(DEV, 2, LPI, 0), ITS_OK);
	want(cmd_mapd(DEV, 8, ITT, false), ITS_OK);
	rcu_read_unlock();
	expect(!seen_released, "%u times", seen_released);
	world.on_unmap = NULL;
	finish();
}

/* Entries of ITT and tables are the guest's until it is saved. */
static void discard_scribble(void)
{
	u64 i;

	start_mapped();
	for (i = 0; i < 256; i++)
		mem_write64(ITT + 8 * i, 0x5a5a5a5a5a5a5a5a);
	want(cmd_mapti(DEV, EVT, LPI, 0), ITS_OK);
	want(cmd_movi(DEV, EVT, 1), ITS_OK);
	want(cmd_discard(DEV, EVT), ITS_OK);
	want(cmd_mapc(0, 0, false), ITS_OK);
	want(cmd_mapd(DEV, 8, ITT, false), ITS_OK);
	expect(!world.writes, "%lu writes", world.writes);
	for (i = 0; i < 256; i++)
		expect(mem_read64(ITT + 8 * i) == 0x5a5a5a5a5a5a5a5a, "entry %llu",
		       (unsigned long long)i);
	finish();
}

/* MOVALL when another ITS has just unmapped what the LPIs are */
static void movall_null(void)
{
	static struct its other;

	start_mapped();
	its_world_init(&other);
	run(&other, cmd_mapd(DEV, 8, ITT, true));
	run(&other, cmd_mapc(0, 1, true));
	want(cmd_mapti(DEV, 0, LPI, 0), ITS_OK);
	run(&other, cmd_mapti(DEV, 0, LPI, 0));
	expect(refs(LPI) == 2 && target_of(LPI) == 1, "shared: %d", target_of(LPI));
	want(cmd_discard(DEV, 0), ITS_OK);
	want(cmd_movall(1, 2), ITS_OK);
	expect(refs(LPI) == 1 && target_of(LPI) == 2, "target %d", target_of(LPI));
	run(&other, cmd_mapd(DEV, 8, ITT, false));
	want(cmd_movall(2, 3), ITS_OK);
	expect(!refs(LPI), "%d references", refs(LPI));
	its_world_destroy(&other);
	finish();
}

/* What a guest can have is bounded, and costs what it affects. */
static void bounds(void)
{
	u32 i, device;

	start();
	want(cmd_mapc(0, 0, true), ITS_OK);
	want(cmd_mapc(1, 1, true), ITS_OK);
	for (device = 0; device < 2; device++) {
		want(cmd_mapd(device, 16, ITT, true), ITS_OK);
		for (i = 0; i < 65536; i++)
			if (run(&its, cmd_mapti(device, i, 8192 + i % 57344, 0)))
				break;
		expect(i == 65536, "device %u: event %u", device, i);
	}
	expect(its.nr_translations == ITS_MAX_TRANSLATIONS, "%u", its.nr_translations);
	want(cmd_mapd(2, 16, ITT, true), ITS_OK);
	want(cmd_mapti(2, 0, LPI, 0), ITS_NO_MEMORY);
	want(cmd_mapti(2, 0, LPI, 9), ITS_NO_MEMORY);
	expect(!its_collection_find(&its, 9), "collection is left");
	/* What is mapped can still be changed into itself elsewhere. */
	want(cmd_mapti(0, 8, 8200, 1), ITS_OK);
	want(cmd_movi(0, 8, 0), ITS_OK);

	world.work = 0;
	world.max_work = 0;
	world.rescheds = 0;
	want(cmd_mapc(0, 3, true), ITS_OK);
	expect(world.rescheds >= 131072 / 64, "MAPC: %lu reschedules", world.rescheds);
	want(cmd_mapd(1, 16, ITT, false), ITS_OK);
	want(cmd_mapd(0, 16, ITT, true), ITS_OK);
	expect(world.max_work <= 128, "%lu LPIs without a reschedule", world.max_work);
	expect(!its.nr_translations, "%u", its.nr_translations);
	/* Collections that are not affected are not looked at. */
	want(cmd_mapti(0, 0, LPI, 0), ITS_OK);
	world.work = 0;
	world.rescheds = 0;
	want(cmd_mapc(1, 2, true), ITS_OK);
	want(cmd_mapc(1, 2, false), ITS_OK);
	want(cmd_mapd(2, 16, 0, false), ITS_OK);
	expect(!world.work && !world.rescheds, "work for others");
	finish();
}

/* Documentation/virt/kvm/arm/vgic-its.rst, "Example": the same numbers */
static void worked_example(void)
{
	static const u64 words[][3] = {
		{ 0x9, 0, 0x8000000000000000 },
		{ 0x9, 0, 0x8000000000010001 },
		{ 0x800000008, 0, 0x8000000090000000 },
		{ 0x80000000a, 0x200000000000 },
		{ 0x80000000a, 0x200100000001 },
		{ 0x800000003, 1 },
		{ 0x800000001, 1, 1 },
		{ 0x9 },
	};
	struct its_device *d;
	unsigned int i;

	start();
	for (i = 0; i < ARRAY_SIZE(words); i++)
		want(cmd_raw(words[i][0], words[i][1], words[i][2], 0), ITS_OK);
	d = its_device_find(&its, 8);
	expect(d && d->event_bits == 1 && d->itt == 0x90000000 && d->events.nr == 2, "device");
	expect(translate(&its, 8, 0) == 8192 && target_of(8192) == -1, "event 0");
	expect(translate(&its, 8, 1) == 8193 && target_of(8193) == 1 && pending(8193), "event 1");
	expect(its_collection_find(&its, 0) && !its_collection_find(&its, 0)->mapped, "ICID 0");
	expect(its_dte_pack((struct its_dte) { .valid = true, .itt = d->itt, .event_bits = 1 }) ==
	       0x8000000012000000, "DTE");
	expect(its_ite_pack((struct its_ite) { .next = 1, .intid = 8192, .icid = 0 }) ==
	       0x0001000020000000, "ITE 0");
	expect(its_ite_pack((struct its_ite) { .intid = 8193, .icid = 1 }) == 0x20010001, "ITE 1");
	expect(its_cte_pack((struct its_cte) { .valid = true, .rdbase = ITS_CTE_UNMAPPED }) ==
	       0x8000ffffffff0000, "CTE 0");
	expect(its_cte_pack((struct its_cte) { .valid = true, .rdbase = 1, .icid = 1 }) ==
	       0x8000000000010001, "CTE 1");
	finish();
}

static void clear_all(void)
{
	u32 i;

	start_mapped();
	for (i = 0; i < 300; i++) {
		want(cmd_mapd(i, 8, ITT, true), ITS_OK);
		want(cmd_mapti(i, i % 256, LPI + i, i), ITS_OK);
		want(cmd_mapc(i + 1, i % NR_VCPUS, true), ITS_OK);
	}
	finish();
}

static const struct ktap_test tests[] = {
	{ "mapd_states", mapd_states },
	{ "mapd_operands", mapd_operands },
	{ "mapd_table", mapd_table },
	{ "mapd_unmaps_events", mapd_unmaps_events },
	{ "mapc_states", mapc_states },
	{ "mapc_table", mapc_table },
	{ "mapc_moves_its_lpis", mapc_moves_its_lpis },
	{ "mapti_states", mapti_states },
	{ "mapti_again", mapti_again },
	{ "mapti_ranges", mapti_ranges },
	{ "mapti_shared_lpi", mapti_shared_lpi },
	{ "mapi_states", mapi_states },
	{ "movi_states", movi_states },
	{ "discard_states", discard_states },
	{ "int_clear_states", int_clear_states },
	{ "inv_states", inv_states },
	{ "invall_states", invall_states },
	{ "movall_states", movall_states },
	{ "sync_states", sync_states },
	{ "event_states", event_states },
	{ "unknown_commands", unknown_commands },
	{ "reserved_bits", reserved_bits },
	{ "restore_unmapped_collection", restore_unmapped_collection },
	{ "mapti_error_leak", mapti_error_leak },
	{ "mapti_error_shared", mapti_error_shared },
	{ "its_cache_no_ref", its_cache_no_ref },
	{ "discard_scribble", discard_scribble },
	{ "movall_null", movall_null },
	{ "bounds", bounds },
	{ "worked_example", worked_example },
	{ "clear_all", clear_all },
};

KTAP_MAIN(tests)
