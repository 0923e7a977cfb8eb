// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_DEV_ARM_ITS_RESTORE_TABLES: what save wrote to the guest's tables is
 * mapped again (table ABI revision 0,
 * Documentation/virt/kvm/devices/arm-vgic-its.rst).
 *
 * The tables are the guest's memory, and anything may be in them: an entry is
 * checked as the command that maps the same would be.  Links only lead forward,
 * and the number of ids ends every scan.
 *
 * A block of entries is copied, then looked at; blocks do not cross pages.
 */

#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <asm/byteorder.h>
#include <kvm/memslot.h>
#include "its.h"
#include "its-format.h"

/* 512 bytes, twice on the stack */
#define RESTORE_BLOCK		64
#define RESTORE_BLOCK_BYTES	(RESTORE_BLOCK * sizeof(__le64))

/* Up to @max entries at @gpa: how many were read, or -errno. */
static int restore_read(struct its *its, gpa_t gpa, __le64 *entry, u32 max)
{
	u64 bytes = RESTORE_BLOCK_BYTES - gpa % RESTORE_BLOCK_BYTES;
	u32 nr = min_t(u32, max, bytes / sizeof(*entry));
	int ret;

	ret = gmem_read(its->vm, gpa, entry, nr * sizeof(*entry));
	if (ret)
		return ret;
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : nr;
}

/* ---- Interrupt translation tables */

/* As MAPTI; a collection that is not mapped comes without a target. */
static int restore_ite(struct its *its, struct its_device *device, u32 event_id,
		       struct its_ite ite)
{
	struct its_collection *collection;

	if (!its_lpi_in_range(its, ite.intid))
		return -EINVAL;
	collection = its_collection_find(its, ite.icid);
	if (!collection) {
		if (!its_collection_in_table(its, ite.icid, NULL))
			return -EINVAL;
		collection = its_collection_get(its, ite.icid);
		if (IS_ERR(collection))
			return PTR_ERR(collection);
	}
	return its_event_map(its, device, event_id, ite.intid, collection);
}

static int restore_itt(struct its *its, struct its_device *device)
{
	u32 id = 0, limit = BIT(device->event_bits);
	__le64 entry[RESTORE_BLOCK] __uninitialized;

	while (id < limit) {
		u32 first = id;
		int ret, nr;

		nr = restore_read(its, device->itt + (gpa_t)id * ITS_ITE_SIZE, entry, limit - id);
		if (nr < 0)
			return nr;
		while (id - first < nr) {
			struct its_ite ite = its_ite_unpack(le64_to_cpu(entry[id - first]));

			if (!ite.intid) {
				id++;
				continue;
			}
			ret = restore_ite(its, device, id, ite);
			if (ret || !ite.next)
				return ret;
			id += ite.next;
			if (id >= limit)
				return -EINVAL;
		}
	}
	return 0;
}

/* ---- Device table */

/* As MAPD, and then what the device's ITT holds. */
static int restore_dte(struct its *its, u32 device_id, struct its_dte dte)
{
	struct its_device *device;

	if (!its_event_bits_ok(dte.event_bits))
		return -EINVAL;
	device = its_device_map(its, device_id, dte.event_bits, dte.itt);
	if (IS_ERR(device))
		return PTR_ERR(device);
	return restore_itt(its, device);
}

/*
 * Entries of a span, from its beginning.  *@id is where to look next: within
 * the span, or beyond.  1 after the last entry of the table, 0, or -errno.
 */
static int restore_device_block(struct its *its, const struct its_span *span, u32 *id)
{
	__le64 entry[RESTORE_BLOCK] __uninitialized;
	u32 first = *id;
	int ret, nr;

	nr = restore_read(its, span->gpa, entry, span->nr);
	if (nr < 0)
		return nr;
	while (*id - first < nr) {
		struct its_dte dte = its_dte_unpack(le64_to_cpu(entry[*id - first]));

		if (!dte.valid) {
			++*id;
			continue;
		}
		ret = restore_dte(its, *id, dte);
		if (ret)
			return ret;
		if (!dte.next)
			return 1;
		*id += dte.next;
		if (*id >= ITS_MAX_DEVICES)
			return -EINVAL;
	}
	return 0;
}

static int restore_devices(struct its *its)
{
	struct its_span span;
	u32 id = 0;
	int ret;

	for (;;) {
		ret = its_device_span(its, id, &span);
		if (ret)
			return ret;
		if (!span.nr)
			return 0;
		if (!span.present) {
			id += span.nr;
			continue;
		}
		ret = restore_device_block(its, &span, &id);
		if (ret)
			return min(ret, 0);
	}
}

/* ---- Collection table */

/* As MAPC, or as MAPTI with a collection that is not mapped */
static int restore_cte(struct its *its, struct its_cte cte)
{
	struct vcpu *target;

	if (!its_collection_in_table(its, cte.icid, NULL) || its_collection_find(its, cte.icid))
		return -EINVAL;
	if (cte.rdbase == ITS_CTE_UNMAPPED)
		return PTR_ERR_OR_ZERO(its_collection_get(its, cte.icid));
	target = its_target(its, cte.rdbase);
	if (!target)
		return -EINVAL;
	return its_collection_map(its, cte.icid, target);
}

static int restore_collections(struct its *its)
{
	gpa_t gpa = its_baser_addr(its->baser_collection);
	u64 left = its_baser_bytes(its->baser_collection) / ITS_CTE_SIZE;
	__le64 entry[RESTORE_BLOCK] __uninitialized;

	if (!(its->baser_collection & ITS_BASER_VALID))
		return 0;
	while (left) {
		int i, ret, nr = restore_read(its, gpa, entry, left);

		if (nr < 0)
			return nr;
		for (i = 0; i < nr; i++) {
			struct its_cte cte = its_cte_unpack(le64_to_cpu(entry[i]));

			if (!cte.valid)
				return 0;
			ret = restore_cte(its, cte);
			if (ret)
				return ret;
		}
		gpa += nr * ITS_CTE_SIZE;
		left -= nr;
	}
	return 0;
}

/* Collections without a target that no ITE named after all */
static void restore_prune(struct its *its)
{
	struct its_collection *collection;
	u32 icid;

	its_for_each_collection(its, icid, collection)
		its_collection_prune(its, collection);
}

/**
 * its_restore_tables - map what the guest's tables say
 * @its: the ITS; what was mapped before is not any more
 *
 * Collections come first, so that LPIs have their target, and with it their
 * pending state, when they are mapped.
 *
 * Context: vm->lock, all vCPUs, config_lock and its->lock held; may sleep.
 * Return: 0; with nothing mapped: -EINVAL for an entry that no command could
 *	   have made, -EFAULT if a table, or the configuration of an LPI, cannot be
 *	   read, -ENOMEM,
 *	   -EINTR if a fatal signal is pending.
 */
int its_restore_tables(struct its *its)
{
	int ret;

	lockdep_assert_held(&its->lock);
	its_tables_clear(its);
	its->config_error = 0;
	ret = restore_collections(its) ?: restore_devices(its) ?: its->config_error;
	if (ret)
		its_tables_clear(its);
	else
		restore_prune(its);
	return ret;
}
