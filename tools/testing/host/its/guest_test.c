// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's tables, direct and in two levels; registers' values; and the
 * formats of entries, byte for byte.
 */

#include <string.h>
#include <asm/byteorder.h>
#include "ktap.h"
#include "world.h"

static struct its its;

static void start(void)
{
	world_reset();
	its_world_init(&its);
	mutex_lock(&its.lock);
}

static void finish(void)
{
	mutex_unlock(&its.lock);
	expect(!world.writes, "%lu writes to guest memory", world.writes);
	its_world_destroy(&its);
}

static u64 device_baser(u64 val)
{
	return its_sanitise_baser(val, ITS_BASER_DEVICE, ITS_DTE_SIZE);
}

#define gpa(x)	((unsigned long long)(x))

static void device_direct(void)
{
	unsigned int pages, n;
	gpa_t entry;

	start();
	for (pages = 1; pages <= 8; pages++) {
		n = pages * 8192;
		its.baser_device = device_baser(1ULL << 63 | MEM_DEVICES | (pages - 1));
		expect(its_device_in_table(&its, 0, &entry) && entry == MEM_DEVICES,
		       "first: %#llx", gpa(entry));
		expect(its_device_in_table(&its, n - 1, &entry) &&
		       entry == MEM_DEVICES + 8 * (n - 1), "last: %#llx", gpa(entry));
		expect(!its_device_in_table(&its, n, &entry), "%u of %u", n, n);
		expect(its_device_in_table(&its, 1, NULL), "no entry wanted");
	}
	its.baser_device = device_baser(MEM_DEVICES | 15);
	expect(!its_device_in_table(&its, 0, &entry), "table is not valid");
	its.baser_device = device_baser(1ULL << 63 | MEM_DEVICES | 255);
	expect(its_device_in_table(&its, 65535, &entry), "all bits");
	expect(!its_device_in_table(&its, 65536, &entry), "beyond Devbits");
	expect(!its_device_in_table(&its, 0xffffffff, &entry), "all ones");
	mem_set_hole(MEM_DEVICES, 4096, true);
	expect(!its_device_in_table(&its, 511, &entry), "not backed");
	expect(its_device_in_table(&its, 512, &entry), "backed");
	mem_set_hole(MEM_DEVICES, 4096, false);
	finish();
}

static void device_two_levels(void)
{
	gpa_t entry;

	start();
	its.baser_device = device_baser(3ULL << 62 | MEM_DEVICES);
	mem_write64(MEM_DEVICES, 0);
	mem_write64(MEM_DEVICES + 8, 1ULL << 63 | MEM_LEVEL2);
	mem_write64(MEM_DEVICES + 16, MEM_LEVEL2);
	mem_write64(MEM_DEVICES + 56, 1ULL << 63 | (MEM_LEVEL2 + 0x10000));
	expect(!its_device_in_table(&its, 0, &entry), "page 0 is not there");
	expect(!its_device_in_table(&its, 8191, &entry), "page 0 is not there");
	expect(its_device_in_table(&its, 8192, &entry) && entry == MEM_LEVEL2, "%#llx", gpa(entry));
	expect(its_device_in_table(&its, 16383, &entry) && entry == MEM_LEVEL2 + 8 * 8191, "%#llx",
	       gpa(entry));
	expect(!its_device_in_table(&its, 16384, &entry), "page 2 is not valid");
	expect(its_device_in_table(&its, 65535, &entry) && entry == MEM_LEVEL2 + 0x1fff8, "%#llx",
	       gpa(entry));
	expect(!its_device_in_table(&its, 65536, &entry), "beyond Devbits");
	/* What is not an address in the entry does not count. */
	mem_write64(MEM_DEVICES + 8, 1ULL << 63 | MEM_LEVEL2 | 0x7ff000000000ffff);
	expect(its_device_in_table(&its, 8192, &entry) && entry == MEM_LEVEL2, "%#llx", gpa(entry));
	/* The first level has no memory, then the second. */
	mem_set_hole(MEM_DEVICES, 4096, true);
	expect(!its_device_in_table(&its, 8192, &entry), "first level is not backed");
	mem_set_hole(MEM_DEVICES, 4096, false);
	mem_set_hole(MEM_LEVEL2, 4096, true);
	expect(!its_device_in_table(&its, 8192, &entry), "second level is not backed");
	expect(its_device_in_table(&its, 8192 + 512, &entry), "but its next page is");
	mem_set_hole(MEM_LEVEL2, 4096, false);
	finish();
}

/* Entries that lie together, for those who walk the table: every DeviceID is in one span. */
static void table_scan_wrap(void)
{
	struct its_span span;
	u64 id, spans = 0;

	start();
	its.baser_device = device_baser(1ULL << 63 | MEM_DEVICES | 2);
	expect(!its_device_span(&its, 5, &span) && span.present && span.nr == 3 * 8192 - 5 &&
	       span.gpa == MEM_DEVICES + 40, "flat: %u", span.nr);
	expect(!its_device_span(&its, 3 * 8192, &span) && !span.nr, "beyond: %u", span.nr);
	its.baser_device |= 0xff;
	expect(!its_device_span(&its, 1, &span) && span.nr == 65535, "at most: %u", span.nr);
	its.baser_device = device_baser(3ULL << 62 | MEM_DEVICES);
	mem_write64(MEM_DEVICES + 24, 1ULL << 63 | MEM_LEVEL2);
	for (id = 0; ; id += span.nr, spans++) {
		expect(!its_device_span(&its, id, &span), "DeviceID %llu", gpa(id));
		if (!span.nr || spans > 100)
			break;
		expect(span.present == (id == 3 * 8192), "DeviceID %llu", gpa(id));
		expect(!span.present || span.gpa == MEM_LEVEL2, "%#llx", gpa(span.gpa));
	}
	expect(id == 65536 && spans == 8, "%llu spans, to %llu", gpa(spans), gpa(id));
	expect(!its_device_span(&its, 0xffffffff, &span) && !span.nr, "all ones");
	mem_set_hole(MEM_DEVICES, 4096, true);
	expect(its_device_span(&its, 3 * 8192, &span) == -EFAULT, "not backed");
	mem_set_hole(MEM_DEVICES, 4096, false);
	finish();
}

static void collection_table(void)
{
	gpa_t entry;

	start();
	its.baser_collection = its_sanitise_baser(3ULL << 62 | MEM_COLLECTIONS | 1,
						  ITS_BASER_COLLECTION, ITS_CTE_SIZE);
	expect(!(its.baser_collection & 1ULL << 62), "Indirect");
	expect(its_collection_in_table(&its, 0, &entry) && entry == MEM_COLLECTIONS, "%#llx",
	       gpa(entry));
	expect(its_collection_in_table(&its, 16383, &entry) &&
	       entry == MEM_COLLECTIONS + 16383 * 8, "%#llx", gpa(entry));
	expect(its_collection_in_table(&its, 5, NULL), "no entry wanted");
	expect(!its_collection_in_table(&its, 16384, &entry), "beyond the table");
	mem_set_hole(MEM_COLLECTIONS, 4096, true);
	expect(!its_collection_in_table(&its, 5, &entry), "not backed");
	mem_set_hole(MEM_COLLECTIONS, 4096, false);
	its.baser_collection |= 0xff;
	expect(its_collection_in_table(&its, 65535, &entry), "all ICIDs");
	expect(!its_collection_in_table(&its, 65536, &entry), "beyond ICIDs");
	its.baser_collection &= ~(1ULL << 63);
	expect(!its_collection_in_table(&its, 5, &entry), "not valid");
	finish();
}

/* 4 bits of the register are the address's top ones. */
static void high_address(void)
{
	gpa_t entry = 0;

	start();
	its.baser_device = device_baser(1ULL << 63 | 0x10000 | 1 << 12);
	expect(its_device_in_table(&its, 3, &entry) && entry == MEM_HIGH + 24, "%#llx", gpa(entry));
	expect(its_baser_addr(~0ULL) == 0xfffffffff0000, "%#llx", gpa(its_baser_addr(~0ULL)));
	expect(its_queue_base(~0ULL) == 0xffffffffff000, "queue");
	finish();
}

static void baser_values(void)
{
	unsigned int inner, share;
	u64 val;

	val = device_baser(~0ULL);
	expect(val >> 62 == 3, "Valid, Indirect");
	expect((val >> 56 & 7) == 1 && (val >> 48 & 0x1f) == 7, "type and size of entries");
	expect((val >> 8 & 3) == 2 && (device_baser(0) >> 8 & 3) == 2, "page size");
	expect((val & 0xff) == 0xff, "size");
	expect((val >> 12 & 0xfffffffff) == 0xfffffffff, "address");
	val = its_sanitise_baser(~0ULL, ITS_BASER_COLLECTION, ITS_CTE_SIZE);
	expect(val >> 62 == 2 && (val >> 56 & 7) == 4, "collections");
	expect(its_sanitise_baser(~0ULL, ITS_BASER_NONE, 8) == 0, "no table");
	expect(device_baser(0) == (1ULL << 56 | 7ULL << 48 | 7ULL << 59 | 2 << 8), "%#llx",
	       gpa(device_baser(0)));
	for (inner = 0; inner < 8; inner++) {
		for (share = 0; share < 4; share++) {
			val = device_baser((u64)inner << 59 | (u64)inner << 53 | share << 10);
			expect((val >> 59 & 7) == (inner < 2 ? 7 : inner), "inner %u", inner);
			expect((val >> 10 & 3) == !!share, "shareability %u", share);
			expect(!(val >> 53 & 7), "outer");
			expect(device_baser(val) == val, "twice: %#llx", gpa(val));
			val = its_sanitise_cbaser((u64)inner << 59 | (u64)inner << 53 |
						  share << 10);
			expect((val >> 59 & 7) == (inner < 2 ? 7 : inner), "inner %u", inner);
			expect((val >> 10 & 3) == !!share && !(val >> 53 & 7), "CBASER");
		}
	}
}

static void queue_values(void)
{
	u64 val = its_sanitise_cbaser(~0ULL);

	expect(val >> 63, "Valid");
	expect((val & 0xff) == 0xff, "size");
	expect((val >> 12 & 0xffffffffff) == 0xffffffffff, "address");
	expect(!(val & (1ULL << 62 | 7ULL << 56 | 1ULL << 52 | 3 << 8)), "RES0: %#llx", gpa(val));
	expect(its_sanitise_cbaser(val) == val, "twice");
	expect(its_queue_size(val) == 1048576 && its_queue_size(0) == 4096, "bytes");
	expect(its_queue_offset(~0ULL) == 0xfffe0 && its_queue_offset(0x1f) == 0, "offset");
}

/* Formats: by hand, from the tables of the ABI's description. */
static void dte_format(void)
{
	struct its_dte dte = { .valid = true, .next = 0x1234, .itt = 0x123456789ab00,
			       .event_bits = 5 };
	unsigned int i;
	u64 val;

	val = its_dte_pack(dte);
	expect(val == (1ULL << 63 | 0x1234ULL << 49 | 0x123456789abULL << 5 | 4), "%#llx",
	       gpa(val));
	for (i = 0; i < 2000; i++) {
		val = ktap_random() | 1ULL << 63;
		dte = its_dte_unpack(val);
		expect(dte.valid && its_dte_pack(dte) == val, "%#llx", gpa(val));
		expect(dte.next <= ITS_DTE_MAX_NEXT && !(dte.itt & 0xff) && !(dte.itt >> 52),
		       "%#llx", gpa(val));
		expect(!its_dte_unpack(val & ~(1ULL << 63)).valid, "%#llx", gpa(val));
	}
	dte.valid = false;
	expect(!its_dte_pack(dte), "not valid");
}

static void dte_restore_bits(void)
{
	unsigned int size;

	for (size = 0; size < 32; size++) {
		struct its_dte dte = its_dte_unpack(1ULL << 63 | size);

		expect(its_event_bits_ok(dte.event_bits) == (size < 16), "size %u", size);
	}
	expect(!its_event_bits_ok(0), "none");
}

static void ite_format(void)
{
	struct its_ite ite = { .next = 0xabcd, .intid = 0x12345678, .icid = 0x9876 };
	unsigned int i;
	u64 val;

	val = its_ite_pack(ite);
	expect(val == 0xabcd123456789876, "%#llx", gpa(val));
	for (i = 0; i < 2000; i++) {
		val = ktap_random() | 1 << 16;
		ite = its_ite_unpack(val);
		expect(its_ite_pack(ite) == val, "%#llx", gpa(val));
	}
	ite.intid = 0;
	expect(!its_ite_pack(ite), "not valid");
}

static void cte_format(void)
{
	struct its_cte cte = { .valid = true, .rdbase = 0x123456789, .icid = 0xfedc };
	unsigned int i;
	u64 val;

	val = its_cte_pack(cte);
	expect(val == (1ULL << 63 | 0x123456789fedc), "%#llx", gpa(val));
	for (i = 0; i < 2000; i++) {
		val = (ktap_random() & 0xfffffffffffff) | 1ULL << 63;
		cte = its_cte_unpack(val);
		expect(cte.valid && its_cte_pack(cte) == val, "%#llx", gpa(val));
		expect(!its_cte_unpack(val & ~(1ULL << 63)).valid, "%#llx", gpa(val));
	}
	cte.valid = false;
	expect(!its_cte_pack(cte), "not valid");
}

static const struct ktap_test tests[] = {
	{ "device_direct", device_direct },
	{ "device_two_levels", device_two_levels },
	{ "table_scan_wrap", table_scan_wrap },
	{ "collection_table", collection_table },
	{ "high_address", high_address },
	{ "baser_values", baser_values },
	{ "queue_values", queue_values },
	{ "dte_format", dte_format },
	{ "dte_restore_bits", dte_restore_bits },
	{ "ite_format", ite_format },
	{ "cte_format", cte_format },
};

KTAP_MAIN(tests)
