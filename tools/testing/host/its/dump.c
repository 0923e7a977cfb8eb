// SPDX-License-Identifier: GPL-2.0
/* See dump.h. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <asm/byteorder.h>
#include "dump.h"

enum { ROW_COLLECTION, ROW_DEVICE, ROW_EVENT };

static void add(struct dump *d, u64 kind, u64 a, u64 b, u64 c)
{
	if (d->nr == d->max) {
		d->max = d->max ? 2 * d->max : 64;
		d->row = realloc(d->row, d->max * sizeof(*d->row));
		assert(d->row);
	}
	d->row[d->nr][0] = kind;
	d->row[d->nr][1] = a;
	d->row[d->nr][2] = b;
	d->row[d->nr++][3] = c;
}

static int order(const void *a, const void *b)
{
	const u64 *x = a, *y = b;
	unsigned int i;

	for (i = 0; i < 4; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

static void sort(struct dump *d)
{
	if (d->nr)
		qsort(d->row, d->nr, sizeof(*d->row), order);
}

bool dump_equal(const struct dump *a, const struct dump *b)
{
	return a->nr == b->nr && (!a->nr || !memcmp(a->row, b->row, a->nr * sizeof(*a->row)));
}

void dump_free(struct dump *d)
{
	free(d->row);
	memset(d, 0, sizeof(*d));
}

void dump_its(struct dump *d, struct its *its)
{
	u32 id, event_id, icid;
	struct its_collection *c;
	struct its_translation *tr;
	struct its_device *device;

	d->nr = 0;
	its_for_each_collection(its, icid, c)
		add(d, ROW_COLLECTION, icid, c->mapped ? c->target->index : 0xffffffff, 0);
	its_for_each_device(its, id, device) {
		add(d, ROW_DEVICE, id, device->itt, device->event_bits);
		its_for_each_event(device, event_id, tr)
			add(d, ROW_EVENT, (u64)id << 32 | event_id, tr->lpi->intid,
			    tr->collection->icid);
	}
	sort(d);
}

/* ---- Out of memory */

static bool read_itt(struct dump *d, u64 device, u64 itt, unsigned int bits)
{
	u64 event = 0;

	while (event < 1ull << bits) {
		u64 val = mem_read64(itt + 8 * event), intid = val >> 16 & 0xffffffff;

		if (!intid) {
			event++;
			continue;
		}
		add(d, ROW_EVENT, device << 32 | event, intid, val & 0xffff);
		if (!(val >> 48))
			return true;
		event += val >> 48;
		if (event >= 1ull << bits)
			return false;
	}
	return true;
}

/*
 * Entries of a page or of a flat table, from DeviceID @id to before @end.  *@id
 * is what the last link leads to; 0: there was a last entry.
 */
static bool read_dtes(struct dump *d, u64 gpa, u64 *id, u64 first, u64 end, bool *last)
{
	while (*id < end) {
		u64 val = mem_read64(gpa + 8 * (*id - first)), next = val >> 49 & 0x3fff;
		u64 itt = (val & 0x1ffffffffffe0) << 3;
		unsigned int bits = (val & 0x1f) + 1;

		if (!(val >> 63)) {
			++*id;
			continue;
		}
		if (bits > 16)
			return false;
		add(d, ROW_DEVICE, *id, itt, bits);
		if (!read_itt(d, *id, itt, bits))
			return false;
		if (!next) {
			*last = true;
			return true;
		}
		*id += next;
	}
	return true;
}

static bool read_devices(struct dump *d, struct its *its, bool by_page)
{
	u64 base = (its->baser_device & 0xffffffff0000), id = 0, page, entry;
	u64 size = ((its->baser_device & 0xff) + 1) << 16;
	bool last = false;

	if (!(its->baser_device >> 63))
		return true;
	if (!(its->baser_device >> 62 & 1))
		return read_dtes(d, base, &id, 0, size / 8 < 65536 ? size / 8 : 65536, &last);
	for (page = 0; page < 8 && !last; page++) {
		entry = mem_read64(base + 8 * page);
		if (by_page || id < page * 8192)
			id = page * 8192;
		if (entry >> 63 &&
		    !read_dtes(d, entry & 0xfffffffff0000, &id, page * 8192, (page + 1) * 8192,
			       &last))
			return false;
	}
	return true;
}

static void read_collections(struct dump *d, struct its *its)
{
	u64 gpa = its->baser_collection & 0xffffffff0000;
	u64 n = (((its->baser_collection & 0xff) + 1) << 16) / 8, i;

	if (!(its->baser_collection >> 63))
		return;
	for (i = 0; i < n; i++) {
		u64 val = mem_read64(gpa + 8 * i);

		if (!(val >> 63))
			break;
		add(d, ROW_COLLECTION, val & 0xffff, val >> 16 & 0xfffffffff, 0);
	}
}

bool dump_tables(struct dump *d, struct its *its, bool by_page)
{
	bool ok;

	d->nr = 0;
	read_collections(d, its);
	ok = read_devices(d, its, by_page);
	sort(d);
	return ok;
}

/* ---- Overlaps */

struct range {
	u64 start, end;
};

static int range_order(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

bool dump_overlaps(struct its *its)
{
	struct range *r = malloc(70000 * sizeof(*r));
	struct its_device *device;
	u32 id;
	bool overlap = false;
	size_t n = 0, i;
	u64 page;

	assert(r);
	r[n++] = (struct range) { its_baser_addr(its->baser_collection),
		its_baser_addr(its->baser_collection) + its_baser_bytes(its->baser_collection) };
	r[n++] = (struct range) { its_baser_addr(its->baser_device),
		its_baser_addr(its->baser_device) + its_baser_bytes(its->baser_device) };
	for (page = 0; its->baser_device >> 62 == 3 && page < 8; page++) {
		u64 l1e = mem_read64(its_baser_addr(its->baser_device) + 8 * page);

		if (l1e >> 63)
			r[n++] = (struct range) { l1e & 0xfffffffff0000,
						  (l1e & 0xfffffffff0000) + 0x10000 };
	}
	its_for_each_device(its, id, device)
		r[n++] = (struct range) { device->itt, device->itt + (8ull << device->event_bits) };
	qsort(r, n, sizeof(*r), range_order);
	for (i = 1; i < n; i++)
		overlap |= r[i].start < r[i - 1].end;
	free(r);
	return overlap;
}
