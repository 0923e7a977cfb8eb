// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_DEV_ARM_ITS_SAVE_TABLES: what is mapped goes to the guest's tables, in
 * table ABI revision 0 (Documentation/virt/kvm/devices/arm-vgic-its.rst).
 *
 * Nothing else writes guest memory that the guest gave to the ITS, so what
 * commands unmapped since an earlier save is still there.  Whoever restores the
 * tables reads each from its beginning, entry by entry until the first that is
 * valid, and follows links from there; a link that is not long enough ends in
 * a scan again.  Save writes the entries of what is mapped and their links, and
 * makes invalid what such a reader would otherwise take for an entry.  No other
 * byte is changed.
 *
 * Work is linear in what is mapped, and in the ids that have to be scanned.
 */

#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <asm/byteorder.h>
#include <kvm/memslot.h>
#include "its.h"
#include "its-format.h"

/* 512 bytes; ITTs are aligned to 256, so a block read from its end on stays in a page. */
#define SAVE_BLOCK		64

/* What makes an entry valid */
#define SAVE_DTE_VALID		BIT_ULL(63)
#define SAVE_ITE_VALID		GENMASK_ULL(47, 16)

/* Entries that lie one after the other, on their way to memory */
struct save_run {
	struct its *its;
	gpa_t gpa;
	unsigned int nr;
	__le64 entry[SAVE_BLOCK];
};

static int save_breathe(void)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static int save_flush(struct save_run *run)
{
	unsigned int nr = run->nr;
	int ret;

	if (!nr)
		return 0;
	run->nr = 0;
	ret = gmem_write(run->its->vm, run->gpa, run->entry, nr * sizeof(run->entry[0]));
	return ret ?: save_breathe();
}

static int save_entry(struct save_run *run, gpa_t gpa, u64 val)
{
	int ret;

	if (run->nr == SAVE_BLOCK || gpa != run->gpa + run->nr * sizeof(run->entry[0])) {
		ret = save_flush(run);
		if (ret)
			return ret;
	}
	if (!run->nr)
		run->gpa = gpa;
	run->entry[run->nr++] = cpu_to_le64(val);
	return 0;
}

/* Of entries that nothing is mapped for: those with a bit of @valid become 0. */
static int save_invalidate(struct save_run *run, gpa_t gpa, u32 nr, u64 valid)
{
	int ret = save_flush(run);

	while (nr && !ret) {
		u64 bytes = SAVE_BLOCK * sizeof(run->entry[0]);
		unsigned int i, n = min_t(u64, nr, (bytes - gpa % bytes) / sizeof(run->entry[0]));
		bool stale = false;

		ret = gmem_read(run->its->vm, gpa, run->entry, n * sizeof(run->entry[0]));
		if (ret)
			break;
		for (i = 0; i < n; i++) {
			if (le64_to_cpu(run->entry[i]) & valid) {
				run->entry[i] = 0;
				stale = true;
			}
		}
		if (stale)
			ret = gmem_write(run->its->vm, gpa, run->entry, n * sizeof(run->entry[0]));
		gpa += n * sizeof(run->entry[0]);
		nr -= n;
		ret = ret ?: save_breathe();
	}
	return ret;
}

/* How far it is from @id to the next one in @map, or 0 */
static u32 save_distance(const struct its_map *map, u32 id)
{
	u32 next = id + 1;

	return its_map_next(map, &next) ? next - id : 0;
}

/* ---- Interrupt translation tables */

static int save_itt(struct save_run *run, struct its_device *device)
{
	struct its_translation *tr;
	u32 event_id;
	u32 scan = 0;		/* where a reader looks next */
	int ret;

	its_for_each_event(device, event_id, tr) {
		struct its_ite ite = {
			.next = save_distance(&device->events, event_id),
			.intid = tr->lpi->intid,
			.icid = tr->collection->icid,
		};

		ret = 0;
		if (event_id > scan)
			ret = save_invalidate(run, device->itt + (gpa_t)scan * ITS_ITE_SIZE,
					      event_id - scan, SAVE_ITE_VALID);
		ret = ret ?: save_entry(run, device->itt + (gpa_t)event_id * ITS_ITE_SIZE,
					its_ite_pack(ite));
		if (ret)
			return ret;
		scan = event_id + ite.next;
	}
	if (!device->events.nr)
		return save_invalidate(run, device->itt, BIT(device->event_bits), SAVE_ITE_VALID);
	return save_flush(run);
}

/* ---- Device table */

/* DeviceIDs from @from to before @to; a page that a two-level table does not have is empty. */
static int save_invalidate_devices(struct save_run *run, u32 from, u32 to)
{
	struct its_span span;
	int ret;

	while (from < to) {
		ret = its_device_span(run->its, from, &span);
		if (ret)
			return ret;
		if (!span.nr)
			break;
		span.nr = min(span.nr, to - from);
		if (span.present) {
			ret = save_invalidate(run, span.gpa, span.nr, SAVE_DTE_VALID);
			if (ret)
				return ret;
		}
		from += span.nr;
	}
	return 0;
}

static int save_device(struct save_run *run, struct its_device *device, u32 next,
		       struct its_span *span)
{
	struct its_dte dte = {
		.valid = true,
		.next = next,
		.itt = device->itt,
		.event_bits = device->event_bits,
	};
	int ret;

	ret = its_device_span(run->its, device->device_id, span);
	if (ret)
		return ret;
	/* The guest took away a page of the table after MAPD. */
	if (!span->present)
		return -EINVAL;
	return save_entry(run, span->gpa, its_dte_pack(dte));
}

static int save_device_table(struct save_run *run)
{
	struct its *its = run->its;
	struct its_device *device;
	u32 device_id;
	u32 scan = 0;
	int ret;

	its_for_each_device(its, device_id, device) {
		u32 next = min_t(u32, save_distance(&its->devices, device_id), ITS_DTE_MAX_NEXT);
		struct its_span span;

		ret = save_invalidate_devices(run, scan, device_id) ?:
		      save_device(run, device, next, &span);
		if (ret)
			return ret;
		scan = device_id + next;
		/* A reader may go through a two-level table page by page. */
		if (its->baser_device & ITS_BASER_INDIRECT)
			scan = min_t(u32, scan, device_id + span.nr);
	}
	if (!its->devices.nr)
		return save_invalidate_devices(run, 0, ITS_MAX_DEVICES);
	return save_flush(run);
}

/* ITTs before the device table: entries of a table that overlaps another one lose. */
static int save_devices(struct save_run *run)
{
	struct its_device *device;
	u32 device_id;
	int ret;

	its_for_each_device(run->its, device_id, device) {
		ret = save_itt(run, device);
		if (ret)
			return ret;
	}
	return save_device_table(run);
}

/* ---- Collection table */

/* Linux's KVM needs an entry for each ICID in an ITE, with or without a target. */
static int save_collections(struct save_run *run)
{
	struct its *its = run->its;
	struct its_collection *collection;
	u32 icid;
	gpa_t gpa = its_baser_addr(its->baser_collection);
	gpa_t end = gpa + its_baser_bytes(its->baser_collection);
	int ret;

	if (!(its->baser_collection & ITS_BASER_VALID))
		return !its->collections.nr ? 0 : -EINVAL;
	its_for_each_collection(its, icid, collection) {
		struct its_cte cte = {
			.valid = true,
			.icid = icid,
			.rdbase = collection->mapped ? its_rdbase(collection->target) :
						       ITS_CTE_UNMAPPED,
		};

		ret = gpa < end ? save_entry(run, gpa, its_cte_pack(cte)) : -EINVAL;
		if (ret)
			return ret;
		gpa += ITS_CTE_SIZE;
	}
	if (gpa < end) {
		ret = save_entry(run, gpa, 0);
		if (ret)
			return ret;
	}
	return save_flush(run);
}

/**
 * its_save_tables - write device table, ITTs and collection table to guest memory
 * @its: the ITS
 *
 * Marks guest pages dirty. A table whose GITS_BASER<n> is not valid has nothing
 * mapped.
 *
 * Context: vm->lock, all vCPUs, config_lock and its->lock held; may sleep.
 * Return: 0; -EINVAL if there is no place for an entry any more, -EFAULT if a
 *	   table is not in guest memory, -EINTR if a fatal signal is pending.
 */
int its_save_tables(struct its *its)
{
	struct save_run run = { .its = its };
	int ret;

	lockdep_assert_held(&its->lock);
	ret = save_devices(&run);
	return ret ?: save_collections(&run);
}
