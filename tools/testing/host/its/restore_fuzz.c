// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer: what a guest may have put where its tables are.  Restored or
 * refused as a whole; what was restored is saved, and restored again the same.
 * Ends after as many inputs as FUZZ_RESTORES in the environment says.
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "dump.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static unsigned long wanted, inputs, restored, again;
static struct its its;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *restores = getenv("FUZZ_RESTORES");

	wanted = restores ? strtoul(restores, NULL, 0) : 0;
	world_reset();
	return 0;
}

static void fail(const char *what)
{
	printf("# %s\n", what);
	fflush(stdout);
	abort();
}

/* Entries where tables are likely to be looked at; those of an earlier input are gone. */
#define MAX_WRITES	256

static u64 written[MAX_WRITES];
static unsigned int nr_written;

static void forget(void)
{
	while (nr_written)
		mem_write64(written[--nr_written], 0);
}

static void put(u64 gpa, u64 val)
{
	if (nr_written == MAX_WRITES)
		return;
	written[nr_written++] = gpa;
	mem_write64(gpa, val);
}

static u64 place(u8 table, u16 index)
{
	switch (table % 8) {
	case 0:
		return MEM_COLLECTIONS + 8 * (index % 16);
	case 1:
		return MEM_DEVICES + 8 * (index % 16);
	case 2:
		return MEM_DEVICES + 8 * index;
	case 3:
		return MEM_LEVEL2 + 8 * (index % 16);
	case 4:
		return MEM_LEVEL2 + 8 * index;
	case 5:
		return MEM_ITTS + 8 * (index % 32);
	default:
		return MEM_ITTS + 0x1000 * (index >> 12) + 8 * (index & 0xfff);
	}
}

/* Seven bytes each: what, where, and a number from which a likely entry is made */
static void fill(const u8 *data, size_t size)
{
	for (; size >= 7; data += 7, size -= 7) {
		u16 index = data[1] | data[2] << 8, low = data[3] | data[4] << 8;
		u16 high = data[5] | data[6] << 8;
		u64 val = 0;

		switch (data[0] >> 4 & 7) {
		case 0:		/* CTE */
			val = 1ull << 63 | (u64)(high % 6) << 16 | low % 20000;
			break;
		case 1:		/* DTE */
			val = 1ull << 63 | (u64)(high & 0x3fff) << 49 |
			      (MEM_ITTS + 0x1000 * (low & 0xff)) >> 3 | (low >> 8 & 0x1f) % 18;
			break;
		case 2:		/* ITE */
		case 3:
			val = (u64)high << 48 | (8000ull + low % 1000) << 16 | (low >> 10);
			break;
		case 4:		/* near ITE */
			val = (u64)(high % 16) << 48 | (8192ull + low % 1000) << 16 | (low >> 10);
			break;
		case 5:		/* a page of the second level */
			val = 1ull << 63 | (MEM_LEVEL2 + 0x10000 * (low % 8));
			break;
		case 6:
			val = (u64)high << 48 | (u64)low << 32 | (u64)index << 16 | low;
			break;
		default:
			break;
		}
		put(place(data[0], index), val);
	}
}

static int restore(void)
{
	int ret;

	mutex_lock(&its.lock);
	ret = its_restore_tables(&its);
	mutex_unlock(&its.lock);
	return ret;
}

static void save_and_restore(void)
{
	struct dump first = { 0 }, second = { 0 }, read = { 0 };
	struct its_device *device;
	u32 id;
	u64 entry;
	int ret;

	dump_its(&first, &its);
	mutex_lock(&its.lock);
	ret = its_save_tables(&its);
	mutex_unlock(&its.lock);
	if (ret)
		fail("what was restored cannot be saved");
	if (!dump_tables(&read, &its, true) || !dump_equal(&first, &read))
		fail("another reader finds something else");
	if (restore())
		fail("what was saved cannot be restored");
	dump_its(&second, &its);
	if (!dump_equal(&first, &second))
		fail("saved and restored, it is something else");
	again++;
	/* For the next input, and what it writes over */
	its_for_each_device(&its, id, device)
		for (entry = 0; !(entry >> device->event_bits); entry++)
			mem_write64(device->itt + 8 * entry, 0);
	dump_free(&first);
	dump_free(&second);
	dump_free(&read);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	if (size < 2)
		return 0;
	inputs++;
	its_world_init(&its);
	if (data[0] & 1)
		its.baser_device = its_sanitise_baser(3ull << 62 | MEM_DEVICES, ITS_BASER_DEVICE,
						      ITS_DTE_SIZE);
	its.baser_device &= ~(data[0] & 0x06ull);
	its.baser_collection &= ~(data[0] >> 3 & 0x07ull);
	world.id_bits = 14 + data[0] % 3;
	fill(data + 2, size - 2);
	world.fail_alloc = data[1] < 32 ? data[1] : -1;

	if (!restore()) {
		restored++;
		world.fail_alloc = -1;
		if (!dump_overlaps(&its))
			save_and_restore();
		its_world_destroy(&its);
	}
	world.fail_alloc = -1;
	if (its.devices.nr || its.collections.nr || its.nr_translations ||
	    world.nr_lpis || world.nr_allocs)
		fail("something is left");
	forget();
	if (wanted && inputs >= wanted) {
		printf("# %lu inputs, %lu restored, %lu of them saved and restored again\n", inputs,
		       restored, again);
		fflush(stdout);
		_exit(0);
	}
	return 0;
}
