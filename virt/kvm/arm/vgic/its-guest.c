// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's device and collection tables: how far they reach, and where an
 * entry is (IHI 0069, 5.2).
 *
 * A command only asks whether an id has a place; what is there is read by
 * restore and written by save alone.
 */

#include <linux/lockdep.h>
#include <asm/byteorder.h>
#include <kvm/memslot.h>
#include "its.h"
#include "its-format.h"

/* Is there memory where an entry is to go?  Else save could not write it. */
static bool guest_entry_backed(struct its *its, gpa_t entry)
{
	__le64 val;

	return !gmem_read(its->vm, entry, &val, sizeof(val));
}

/*
 * Two levels: a page of entries for each valid entry of the first level, which
 * reaches all DeviceIDs with its first page.
 */
static int guest_second_level(struct its *its, u64 offset, struct its_span *span)
{
	u64 l1_offset = offset / ITS_TABLE_PAGE * ITS_L1E_SIZE;
	u64 in_page = offset % ITS_TABLE_PAGE;
	__le64 l1e;
	u64 val;

	if (gmem_read(its->vm, its_baser_addr(its->baser_device) + l1_offset, &l1e, sizeof(l1e)))
		return -EFAULT;
	val = le64_to_cpu(l1e);
	span->present = val & ITS_L1E_VALID;
	span->gpa = its_l1e_addr(val) + in_page;
	span->nr = (ITS_TABLE_PAGE - in_page) / ITS_DTE_SIZE;
	return 0;
}

/**
 * its_device_span - where the device table has entries, from a DeviceID on
 * @its: the ITS
 * @device_id: any value
 * @span: result: entries that lie one after the other, or, in a two-level table,
 *	  DeviceIDs of a page that is missing
 *
 * Context: its->lock held; may sleep on guest memory.
 * Return: 0, or -EFAULT if the first level cannot be read.
 */
int its_device_span(struct its *its, u32 device_id, struct its_span *span)
{
	u64 baser = its->baser_device;
	u64 offset = (u64)device_id * ITS_DTE_SIZE;
	int ret = 0;

	lockdep_assert_held(&its->lock);
	*span = (struct its_span) {};
	if (!(baser & ITS_BASER_VALID) || device_id >= ITS_MAX_DEVICES)
		return 0;
	if (baser & ITS_BASER_INDIRECT) {
		ret = guest_second_level(its, offset, span);
	} else if (offset < its_baser_bytes(baser)) {
		span->present = true;
		span->gpa = its_baser_addr(baser) + offset;
		span->nr = (its_baser_bytes(baser) - offset) / ITS_DTE_SIZE;
	}
	span->nr = min(span->nr, ITS_MAX_DEVICES - device_id);
	return ret;
}

/**
 * its_device_in_table - does the device table have a place for a DeviceID?
 * @its: the ITS
 * @device_id: any value
 * @entry: guest physical address of the DTE, if so; may be NULL
 *
 * Context: its->lock held; may sleep on guest memory.
 * Return: true if the id is in range of GITS_TYPER.Devbits, the table reaches
 *	   so far and there is memory.
 */
bool its_device_in_table(struct its *its, u32 device_id, gpa_t *entry)
{
	struct its_span span;

	if (its_device_span(its, device_id, &span) || !span.present ||
	    !guest_entry_backed(its, span.gpa))
		return false;
	if (entry)
		*entry = span.gpa;
	return true;
}

/**
 * its_collection_in_table - is an ICID below what the collection table can hold?
 * @its: the ITS
 * @icid: any value
 * @entry: guest physical address of the entry of this index; may be NULL.  Save
 *	   fills the table from its beginning, in the order of ICIDs.
 *
 * The table is always flat.
 *
 * Context: its->lock held; may sleep on guest memory.
 * Return: true if the table reaches so far and there is memory.
 */
bool its_collection_in_table(struct its *its, u32 icid, gpa_t *entry)
{
	u64 baser = its->baser_collection;
	u64 offset = (u64)icid * ITS_CTE_SIZE;
	gpa_t gpa = its_baser_addr(baser) + offset;

	lockdep_assert_held(&its->lock);
	if (!(baser & ITS_BASER_VALID) || icid >= ITS_MAX_COLLECTIONS)
		return false;
	if (offset >= its_baser_bytes(baser) || !guest_entry_backed(its, gpa))
		return false;
	if (entry)
		*entry = gpa;
	return true;
}

/* Attributes in the places that BASER<n> and CBASER share */
#define GUEST_SHARE_INNER	BIT_ULL(10)
#define GUEST_INNER_NC		BIT_ULL(59)
#define GUEST_INNER_RAWAWB	(7ULL << 59)

/*
 * The tables are accessed through cacheable mappings: what asks for less, and
 * what is reserved, becomes inner shareable and write-back.  Outer attributes
 * are "as inner", 0.
 */
static u64 guest_attrs(u64 val)
{
	u64 share = val & ITS_BASER_SHARE;
	u64 inner = val & ITS_BASER_INNER;

	if (share)
		share = GUEST_SHARE_INNER;
	if (inner <= GUEST_INNER_NC)
		inner = GUEST_INNER_RAWAWB;
	return share | inner;
}

/**
 * its_sanitise_baser - what GITS_BASER<n> keeps of a value
 * @val: as written
 * @type: enum its_baser_type of the table that this register is for
 * @entry_size: bytes of an entry
 *
 * The collection table has one level, so Indirect is RES0 there. The page size
 * is fixed, as the architecture allows: software that asks for another one
 * reads back what it got.
 *
 * Return: the value that the register reads as; 0 for ITS_BASER_NONE.
 */
u64 its_sanitise_baser(u64 val, unsigned int type, unsigned int entry_size)
{
	u64 keep = ITS_BASER_VALID | ITS_BASER_ADDR | ITS_BASER_SIZE;

	if (type == ITS_BASER_NONE)
		return 0;
	if (type == ITS_BASER_DEVICE)
		keep |= ITS_BASER_INDIRECT;
	return (val & keep) | guest_attrs(val) | ITS_BASER_PAGE_64K |
	       (u64)type << ITS_BASER_TYPE_SHIFT |
	       (u64)(entry_size - 1) << ITS_BASER_ENTRY_SHIFT;
}

/**
 * its_sanitise_cbaser - what GITS_CBASER keeps of a value
 * @val: as written
 *
 * Return: the value that the register reads as.
 */
u64 its_sanitise_cbaser(u64 val)
{
	return (val & (ITS_CBASER_VALID | ITS_CBASER_ADDR | ITS_CBASER_SIZE)) | guest_attrs(val);
}
