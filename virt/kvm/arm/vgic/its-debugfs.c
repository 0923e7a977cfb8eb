// SPDX-License-Identifier: GPL-2.0
/*
 * <debugfs>/kvm/<vm>/its: registers, collections, devices and their events, with
 * the state of the LPI behind each.
 *
 * A position in the file is an ITS, a table of it and an id in that table.  So
 * reading goes on where it stopped, whatever has come and gone since, and needs
 * no more memory than the buffer it fills; its->lock is held for that long.
 *
 * ITSs stay until the VM's files in debugfs are gone.
 */

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/rculist.h>
#include <linux/seq_file.h>
#include <kvm/vm.h>
#include "its.h"
#include "vgic.h"

/* What is listed of an ITS, in this order. */
enum debug_stage {
	DEBUG_REGISTERS,
	DEBUG_COLLECTIONS,
	DEBUG_DEVICES,
};

/* Fields of the position in the file, from the lowest: @sub is 0 for a device, else EventID + 1. */
#define DEBUG_SUB_BITS		17
#define DEBUG_ID_BITS		17
#define DEBUG_STAGE_BITS	2

/**
 * struct debug_iter - an open file
 * @vm: the VM
 * @its: the ITS that is being listed, locked; NULL between reads
 * @nr: number of @its in vgic_dist.its_list
 * @stage: what is being listed
 * @id: ICID or DeviceID
 * @sub: of a device
 * @entry: what is at that position
 * @event: of the device @entry, if @sub is not 0
 */
struct debug_iter {
	struct vm *vm;
	struct its *its;
	u32 nr;
	u32 stage;
	u32 id;
	u32 sub;
	void *entry;
	struct its_translation *event;
};

static loff_t debug_pos_encode(const struct debug_iter *it)
{
	loff_t pos = it->nr;

	pos = pos << DEBUG_STAGE_BITS | it->stage;
	pos = pos << DEBUG_ID_BITS | it->id;
	return pos << DEBUG_SUB_BITS | it->sub;
}

static void debug_pos_decode(struct debug_iter *it, loff_t pos)
{
	it->sub = pos & (BIT(DEBUG_SUB_BITS) - 1);
	pos >>= DEBUG_SUB_BITS;
	it->id = pos & (BIT(DEBUG_ID_BITS) - 1);
	pos >>= DEBUG_ID_BITS;
	it->stage = pos & (BIT(DEBUG_STAGE_BITS) - 1);
	it->nr = pos >> DEBUG_STAGE_BITS;
}

static struct its *debug_nth_its(struct vm *vm, u32 nr)
{
	struct its *its;

	guard(rcu)();
	list_for_each_entry_rcu(its, &vm->arch.vgic.its_list, node)
		if (!nr--)
			return its;
	return NULL;
}

static void debug_unlock(struct debug_iter *it)
{
	if (it->its)
		mutex_unlock(&it->its->lock);
	it->its = NULL;
}

/* Locks the ITS @it->nr.  0, -ENOENT, -EINTR. */
static int debug_lock(struct debug_iter *it)
{
	struct its *its = debug_nth_its(it->vm, it->nr);
	int ret;

	if (it->its && it->its == its)
		return 0;
	debug_unlock(it);
	if (!its)
		return -ENOENT;
	ret = mutex_lock_killable(&its->lock);
	if (!ret)
		it->its = its;
	return ret;
}

/* The first device or event from the position on. */
static bool debug_find_device(struct debug_iter *it)
{
	struct its_device *device;
	u32 event_id;

	for (;;) {
		u32 id = it->id;

		device = its_map_next(&it->its->devices, &it->id);
		if (!device)
			return false;
		it->entry = device;
		if (it->id != id)
			it->sub = 0;
		if (!it->sub)
			return true;
		event_id = it->sub - 1;
		it->event = its_map_next(&device->events, &event_id);
		if (it->event) {
			it->sub = event_id + 1;
			return true;
		}
		it->id++;
		it->sub = 0;
	}
}

static bool debug_find_here(struct debug_iter *it)
{
	switch (it->stage) {
	case DEBUG_REGISTERS:
		return !it->id;
	case DEBUG_COLLECTIONS:
		it->entry = its_map_next(&it->its->collections, &it->id);
		return it->entry;
	default:
		return debug_find_device(it);
	}
}

/* The first thing to list from the position on; NULL at the end. */
static void *debug_find(struct debug_iter *it, loff_t *pos)
{
	int ret;

	for (;;) {
		ret = debug_lock(it);
		if (ret)
			return ret == -ENOENT ? NULL : ERR_PTR(ret);
		if (debug_find_here(it)) {
			*pos = debug_pos_encode(it);
			return it;
		}
		it->id = 0;
		it->sub = 0;
		if (it->stage++ >= DEBUG_DEVICES) {
			it->stage = DEBUG_REGISTERS;
			it->nr++;
		}
	}
}

static void *debug_start(struct seq_file *m, loff_t *pos)
{
	struct debug_iter *it = m->private;

	debug_pos_decode(it, *pos);
	return debug_find(it, pos);
}

static void *debug_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct debug_iter *it = m->private;

	if (it->stage == DEBUG_DEVICES)
		it->sub++;
	else
		it->id++;
	/* For the case that nothing is found. */
	*pos = debug_pos_encode(it);
	return debug_find(it, pos);
}

static void debug_stop(struct seq_file *m, void *v)
{
	debug_unlock(m->private);
}

static void debug_show_registers(struct seq_file *m, const struct its *its)
{
	seq_printf(m, "ITS at %llx: %s, %u translations\n", its->base,
		   its->enabled ? "enabled" : "disabled", its->nr_translations);
	seq_printf(m, "  CBASER %016llx CREADR %05x CWRITER %05x\n", its->cbaser, its->creadr,
		   its->cwriter);
	seq_printf(m, "  BASER0 %016llx BASER1 %016llx\n", its->baser_device,
		   its->baser_collection);
	seq_puts(m, "  flags of LPIs: Enabled Pending list-Register\n");
}

static void debug_show_collection(struct seq_file *m, const struct its_collection *c)
{
	seq_printf(m, "  ICID %04x:", c->icid);
	if (c->target)
		seq_printf(m, " vCPU %u\n", c->target->id);
	else
		seq_puts(m, " not mapped\n");
}

static void debug_show_event(struct seq_file *m, const struct its_translation *tr)
{
	struct vgic_irq *lpi = tr->lpi;
	bool enabled, pending, live;
	struct vcpu *target;
	u8 priority;

	scoped_guard(raw_spinlock_irqsave, &lpi->lock) {
		enabled = lpi->enabled;
		pending = vgic_irq_pending(lpi);
		live = lpi->lr_vcpu;
		priority = lpi->priority;
		target = lpi->target;
	}
	seq_printf(m, "    EventID %04x: LPI %u ICID %04x %c%c%c %02x", tr->event_id, lpi->intid,
		   tr->collection->icid, enabled ? 'E' : '-', pending ? 'P' : '-',
		   live ? 'R' : '-', priority);
	if (target)
		seq_printf(m, " vCPU %u\n", target->id);
	else
		seq_puts(m, " nowhere\n");
}

static int debug_show(struct seq_file *m, void *v)
{
	const struct debug_iter *it = v;
	const struct its_device *device;

	switch (it->stage) {
	case DEBUG_REGISTERS:
		debug_show_registers(m, it->its);
		break;
	case DEBUG_COLLECTIONS:
		debug_show_collection(m, it->entry);
		break;
	default:
		if (it->sub) {
			debug_show_event(m, it->event);
			break;
		}
		device = it->entry;
		seq_printf(m, "  DeviceID %04x: %u events of %u bits, ITT %llx\n",
			   device->device_id, device->events.nr, device->event_bits, device->itt);
	}
	return 0;
}

static const struct seq_operations debug_seq_ops = {
	.start = debug_start,
	.next = debug_next,
	.stop = debug_stop,
	.show = debug_show,
};

static int debug_open(struct inode *inode, struct file *file)
{
	struct debug_iter *it = __seq_open_private(file, &debug_seq_ops, sizeof(*it));

	if (!it)
		return -ENOMEM;
	it->vm = inode->i_private;
	return 0;
}

static const struct file_operations debug_fops = {
	.owner = THIS_MODULE,
	.open = debug_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

/**
 * its_debugfs_add - make the file; failure only means that it is missing
 * @vm: a VM that gets its first ITS
 *
 * It goes with the VM's directory, which waits for readers, before any device
 * does.
 */
void its_debugfs_add(struct vm *vm)
{
	if (!IS_ERR_OR_NULL(vm->debugfs))
		debugfs_create_file("its", 0400, vm->debugfs, vm, &debug_fops);
}
