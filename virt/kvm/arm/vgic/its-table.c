// SPDX-License-Identifier: GPL-2.0
/*
 * DeviceID to device, EventID to translation, ICID to collection.
 *
 * Locks: its->lock for every change and for all links between objects.
 * Injection reads the two levels of maps under RCU and a translation's @lpi,
 * which never changes.
 *
 * Lifetimes.  An object leaves the map that injection finds it through before
 * anything of it is undone, and is freed after a grace period, which nobody
 * waits for: a device before its events are unmapped, a translation before its
 * LPI is given back.  A translation keeps its collection; a collection goes when
 * it is neither mapped nor named by a translation.
 *
 * Work is in proportion to what changes, and reschedules.
 */

#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "its.h"
#include "its-format.h"

/* Events between two looks at the scheduler */
#define TABLE_BATCH	64

static void table_breathe(unsigned int *done)
{
	if (++*done % TABLE_BATCH == 0)
		cond_resched();
}

/**
 * its_tables_init - nothing is mapped
 * @its: a new ITS
 */
void its_tables_init(struct its *its)
{
	its_map_init(&its->devices, its->devices_root, ITS_DEVICE_BITS);
	its_map_init(&its->collections, its->collections_root, ITS_COLLECTION_BITS);
	its->nr_translations = 0;
}

/* ---- Collections */

/**
 * its_collection_get - find or make a collection
 * @its: the ITS
 * @icid: an ICID that its_collection_in_table()
 *
 * A new one has no target. Unless it gets one, or a translation, it is to be
 * given back by its_collection_prune().
 *
 * Context: its->lock held.
 * Return: the collection, or an ERR_PTR() of -ENOMEM.
 */
struct its_collection *its_collection_get(struct its *its, u32 icid)
{
	struct its_collection *collection;
	struct its_map_spare spare;

	lockdep_assert_held(&its->lock);
	collection = its_collection_find(its, icid);
	if (collection)
		return collection;
	collection = kzalloc(sizeof(*collection), GFP_KERNEL_ACCOUNT);
	if (!collection)
		return ERR_PTR(-ENOMEM);
	if (its_map_prepare(&its->collections, icid, &spare)) {
		kfree(collection);
		return ERR_PTR(-ENOMEM);
	}
	collection->icid = icid;
	INIT_LIST_HEAD(&collection->translations);
	its_map_store(&its->collections, icid, collection, &spare);
	return collection;
}

/**
 * its_collection_prune - free a collection that nothing needs
 * @its: the ITS
 * @collection: gone on return if it is neither mapped nor named by a translation
 *
 * Context: its->lock held.
 */
void its_collection_prune(struct its *its, struct its_collection *collection)
{
	lockdep_assert_held(&its->lock);
	if (collection->mapped || !list_empty(&collection->translations))
		return;
	its_map_erase(&its->collections, collection->icid);
	kfree_rcu(collection, rcu);
}

static void collection_retarget(struct its *its, struct its_collection *collection,
				struct vcpu *target)
{
	struct its_translation *tr;
	unsigned int done = 0;

	collection->target = target;
	list_for_each_entry(tr, &collection->translations, by_collection) {
		its_lpi_set_target(its, tr->lpi, target);
		table_breathe(&done);
	}
}

/**
 * its_collection_map - MAPC with V=1
 * @its: the ITS
 * @icid: an ICID that its_collection_in_table()
 * @target: whose redistributor its LPIs go to from now on
 *
 * LPIs that another ITS or MOVALL sent elsewhere come back, too.
 *
 * Context: its->lock held; process, reschedules.
 * Return: 0, or -ENOMEM with nothing changed.
 */
int its_collection_map(struct its *its, u32 icid, struct vcpu *target)
{
	struct its_collection *collection = its_collection_get(its, icid);

	if (IS_ERR(collection))
		return PTR_ERR(collection);
	collection->mapped = true;
	collection_retarget(its, collection, target);
	return 0;
}

/**
 * its_collection_unmap - MAPC with V=0
 * @its: the ITS
 * @collection: its LPIs lose their target and keep their pending state. Gone on
 *		return if no translation names it.
 *
 * Context: its->lock held; process, reschedules.
 */
void its_collection_unmap(struct its *its, struct its_collection *collection)
{
	lockdep_assert_held(&its->lock);
	if (collection->mapped) {
		collection->mapped = false;
		collection_retarget(its, collection, NULL);
	}
	its_collection_prune(its, collection);
}

/* ---- Events */

/* @tr is not to be found any more. */
static void event_release(struct its *its, struct its_translation *tr)
{
	struct its_collection *collection = tr->collection;

	its->nr_translations--;
	list_del(&tr->by_collection);
	WRITE_ONCE(tr->unmapped, true);
	its_lpi_unmap(its, tr->lpi);
	its_collection_prune(its, collection);
	kfree_rcu(tr, rcu);
}

static void event_publish(struct its *its, struct its_translation *tr, struct its_map_spare *spare)
{
	struct its_translation *old;

	list_add_tail(&tr->by_collection, &tr->collection->translations);
	its->nr_translations++;
	old = its_map_store(&tr->device->events, tr->event_id, tr, spare);
	if (old)
		event_release(its, old);
}

static int event_map_new(struct its *its, struct its_device *device, u32 event_id, u32 intid,
			 struct its_collection *collection)
{
	struct its_translation *tr;
	struct its_map_spare spare;
	int ret;

	if (its->nr_translations >= ITS_MAX_TRANSLATIONS)
		return -ENOMEM;
	tr = kzalloc(sizeof(*tr), GFP_KERNEL_ACCOUNT);
	if (!tr)
		return -ENOMEM;
	ret = its_map_prepare(&device->events, event_id, &spare);
	if (ret)
		goto free;
	/* Last of what can fail: undoing it would cost another mapping of the LPI its state. */
	tr->lpi = its_lpi_map(its, intid, collection->target);
	if (IS_ERR(tr->lpi)) {
		ret = PTR_ERR(tr->lpi);
		goto cancel;
	}
	tr->event_id = event_id;
	tr->device = device;
	tr->collection = collection;
	event_publish(its, tr, &spare);
	return 0;

cancel:
	its_map_cancel(&spare);
free:
	kfree(tr);
	return ret;
}

/**
 * its_event_map - MAPTI, MAPI
 * @its: the ITS
 * @device: the device
 * @event_id: below 2^event_bits of @device
 * @intid: an LPI that its_lpi_in_range()
 * @collection: from its_collection_get(), with a target or not
 *
 * Of an event that is mapped the architecture says UNPREDICTABLE. Here the event
 * has this INTID in this collection afterwards, whatever it had before: with
 * another INTID the old mapping goes as by DISCARD, with the same it moves as
 * by MOVI, its pending state included.
 *
 * Context: its->lock held; process.
 * Return: 0, or -ENOMEM with nothing changed; @collection may be gone then, if
 *	   it was made for this.
 */
int its_event_map(struct its *its, struct its_device *device, u32 event_id, u32 intid,
		  struct its_collection *collection)
{
	struct its_translation *tr;
	int ret;

	lockdep_assert_held(&its->lock);
	tr = its_event_find(device, event_id);
	if (tr && tr->lpi->intid == intid) {
		its_event_move(its, tr, collection);
		return 0;
	}
	ret = event_map_new(its, device, event_id, intid, collection);
	if (ret)
		its_collection_prune(its, collection);
	return ret;
}

/**
 * its_event_unmap - DISCARD
 * @its: the ITS
 * @tr: gone on return, and its collection if this was the last that named it
 *
 * Context: its->lock held; process.
 */
void its_event_unmap(struct its *its, struct its_translation *tr)
{
	lockdep_assert_held(&its->lock);
	its_map_erase(&tr->device->events, tr->event_id);
	event_release(its, tr);
}

/**
 * its_event_move - MOVI
 * @its: the ITS
 * @tr: its LPI goes to the target of @to at once, pending or not
 * @to: a collection; without a target the LPI has none either
 *
 * Context: its->lock held; process.
 */
void its_event_move(struct its *its, struct its_translation *tr, struct its_collection *to)
{
	struct its_collection *from = tr->collection;

	lockdep_assert_held(&its->lock);
	tr->collection = to;
	list_move_tail(&tr->by_collection, &to->translations);
	its_lpi_set_target(its, tr->lpi, to->target);
	its_collection_prune(its, from);
}

/* ---- Devices */

/*
 * @device is not to be found any more.  Who found it earlier still does find
 * its events, until the RCU section ends that it is in.
 */
static void device_release(struct its *its, struct its_device *device)
{
	struct its_translation *tr;
	unsigned int done = 0;
	u32 id;

	its_for_each_event(device, id, tr) {
		event_release(its, tr);
		table_breathe(&done);
	}
	its_map_destroy(&device->events);
	kfree_rcu(device, rcu);
}

static struct its_device *device_new(u32 device_id, u8 event_bits, gpa_t itt)
{
	unsigned int roots = its_map_roots(event_bits);
	struct its_device *device;

	device = kzalloc(struct_size(device, events_root, roots), GFP_KERNEL_ACCOUNT);
	if (device) {
		device->itt = itt;
		device->event_bits = event_bits;
		device->device_id = device_id;
		its_map_init(&device->events, device->events_root, event_bits);
	}
	return device;
}

/**
 * its_device_map - MAPD with V=1
 * @its: the ITS
 * @device_id: a DeviceID that its_device_in_table()
 * @event_bits: width of its EventIDs, its_event_bits_ok()
 * @itt: guest physical address of its ITT, 256 byte aligned
 *
 * Events of a device that was mapped before are unmapped, and the ITT that it
 * had is the guest's again: it is not written.
 *
 * Context: its->lock held; process, reschedules.
 * Return: the device, or an ERR_PTR() of -ENOMEM with nothing changed.
 */
struct its_device *its_device_map(struct its *its, u32 device_id, u8 event_bits, gpa_t itt)
{
	struct its_device *device = device_new(device_id, event_bits, itt), *old;
	struct its_map_spare spare;

	lockdep_assert_held(&its->lock);
	if (!device)
		return ERR_PTR(-ENOMEM);
	if (its_map_prepare(&its->devices, device_id, &spare)) {
		kfree(device);
		return ERR_PTR(-ENOMEM);
	}

	old = its_map_store(&its->devices, device_id, device, &spare);
	if (old)
		device_release(its, old);
	return device;
}

/**
 * its_device_unmap - MAPD with V=0
 * @its: the ITS
 * @device: gone on return, with all its events
 *
 * Context: its->lock held; process, reschedules.
 */
void its_device_unmap(struct its *its, struct its_device *device)
{
	lockdep_assert_held(&its->lock);
	its_map_erase(&its->devices, device->device_id);
	device_release(its, device);
}

/* ---- All */

/**
 * its_tables_clear - unmap everything
 * @its: the ITS
 *
 * For reset, restore and the end of the VM: this is not the guest's doing, so
 * what is in its pending tables stays there.  It may be what was saved, for
 * whoever restores it.
 *
 * Context: its->lock held; process, reschedules.
 */
void its_tables_clear(struct its *its)
{
	struct its_collection *collection;
	struct its_device *device;
	unsigned int done = 0;
	u32 id;

	lockdep_assert_held(&its->lock);
	its->clearing = true;
	its_for_each_device(its, id, device) {
		its_device_unmap(its, device);
		table_breathe(&done);
	}
	its_for_each_collection(its, id, collection) {
		its_collection_unmap(its, collection);
		table_breathe(&done);
	}
	its_map_destroy(&its->devices);
	its_map_destroy(&its->collections);
	its->clearing = false;
}

/**
 * its_translate - what an MSI means
 * @its: the ITS
 * @device_id: any value
 * @event_id: any value
 *
 * Context: RCU.
 * Return: the translation, valid with its LPI until the RCU section ends, or NULL.
 */
struct its_translation *its_translate(struct its *its, u32 device_id, u32 event_id)
{
	struct its_device *device;

	RCU_LOCKDEP_WARN(!rcu_read_lock_held(), "ITS translation outside of RCU");
	device = its_device_find(its, device_id);
	return device ? its_event_find(device, event_id) : NULL;
}
