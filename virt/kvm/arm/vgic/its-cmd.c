// SPDX-License-Identifier: GPL-2.0
/*
 * What each command does (IHI 0069, 5.3).
 *
 * A command that is malformed, names what is out of range or what is not
 * mapped has no effect; the queue goes on behind it.  None writes guest memory.
 *
 * All take effect at once, so SYNC has nothing to wait for.
 */

#include <linux/err.h>
#include <linux/lockdep.h>
#include <asm/byteorder.h>
#include "its.h"
#include "its-format.h"

static enum its_result cmd_errno(int ret)
{
	return ret ? ITS_NO_MEMORY : ITS_OK;
}

/* The device that a command names */
static enum its_result cmd_device(struct its *its, const struct its_cmd *cmd,
				  struct its_device **device)
{
	u32 device_id = its_cmd_device_id(cmd);

	if (device_id >= ITS_MAX_DEVICES)
		return ITS_DEVICE_OUT_OF_RANGE;
	*device = its_device_find(its, device_id);
	if (!*device)
		return ITS_UNMAPPED_DEVICE;
	if (its_cmd_event_id(cmd) >> (*device)->event_bits)
		return ITS_EVENT_OUT_OF_RANGE;
	return ITS_OK;
}

/* The event that a command names, which must be mapped */
static enum its_result cmd_event(struct its *its, const struct its_cmd *cmd,
				 struct its_translation **tr)
{
	struct its_device *device;
	enum its_result ret;

	ret = cmd_device(its, cmd, &device);
	if (ret)
		return ret;
	*tr = its_event_find(device, its_cmd_event_id(cmd));
	return *tr ? ITS_OK : ITS_UNMAPPED_EVENT;
}

/* The collection that a command names, which must be mapped */
static enum its_result cmd_collection(struct its *its, const struct its_cmd *cmd,
				      struct its_collection **collection)
{
	u32 icid = its_cmd_icid(cmd);

	*collection = its_collection_find(its, icid);
	if (*collection && (*collection)->mapped)
		return ITS_OK;
	if (!*collection && !its_collection_in_table(its, icid, NULL))
		return ITS_COLLECTION_OUT_OF_RANGE;
	return ITS_UNMAPPED_COLLECTION;
}

static enum its_result cmd_mapd(struct its *its, const struct its_cmd *cmd)
{
	u32 device_id = its_cmd_device_id(cmd);
	struct its_device *device;

	if (device_id >= ITS_MAX_DEVICES)
		return ITS_DEVICE_OUT_OF_RANGE;
	if (!its_cmd_valid(cmd)) {
		device = its_device_find(its, device_id);
		if (device)
			its_device_unmap(its, device);
		return ITS_OK;
	}
	if (!its_event_bits_ok(its_cmd_event_bits(cmd)))
		return ITS_SIZE_OUT_OF_RANGE;
	if (!its_device_in_table(its, device_id, NULL))
		return ITS_DEVICE_OUT_OF_RANGE;
	device = its_device_map(its, device_id, its_cmd_event_bits(cmd), its_cmd_itt(cmd));
	return cmd_errno(PTR_ERR_OR_ZERO(device));
}

static enum its_result cmd_mapc(struct its *its, const struct its_cmd *cmd)
{
	struct its_collection *collection;
	u32 icid = its_cmd_icid(cmd);
	struct vcpu *target;

	if (!its_cmd_valid(cmd)) {
		collection = its_collection_find(its, icid);
		if (collection)
			its_collection_unmap(its, collection);
		return ITS_OK;
	}
	if (!its_collection_in_table(its, icid, NULL))
		return ITS_COLLECTION_OUT_OF_RANGE;
	target = its_target(its, its_cmd_rdbase(cmd));
	if (!target)
		return ITS_TARGET_OUT_OF_RANGE;
	return cmd_errno(its_collection_map(its, icid, target));
}

static enum its_result cmd_map_event(struct its *its, const struct its_cmd *cmd, u32 intid)
{
	struct its_collection *collection;
	struct its_device *device;
	u32 icid = its_cmd_icid(cmd);
	enum its_result ret;

	ret = cmd_device(its, cmd, &device);
	if (ret)
		return ret;
	if (!its_lpi_in_range(its, intid))
		return ITS_INTID_OUT_OF_RANGE;
	collection = its_collection_find(its, icid);
	if (!collection) {
		if (!its_collection_in_table(its, icid, NULL))
			return ITS_COLLECTION_OUT_OF_RANGE;
		collection = its_collection_get(its, icid);
		if (IS_ERR(collection))
			return ITS_NO_MEMORY;
	}
	return cmd_errno(its_event_map(its, device, its_cmd_event_id(cmd), intid, collection));
}

static enum its_result cmd_movi(struct its *its, const struct its_cmd *cmd)
{
	struct its_collection *collection;
	struct its_translation *tr;
	enum its_result ret;

	ret = cmd_event(its, cmd, &tr) ?: cmd_collection(its, cmd, &collection);
	if (!ret)
		its_event_move(its, tr, collection);
	return ret;
}

static enum its_result cmd_discard(struct its *its, const struct its_cmd *cmd)
{
	struct its_translation *tr;
	enum its_result ret;

	ret = cmd_event(its, cmd, &tr);
	if (!ret)
		its_event_unmap(its, tr);
	return ret;
}

static enum its_result cmd_int(struct its *its, const struct its_cmd *cmd)
{
	struct its_translation *tr;
	enum its_result ret;

	ret = cmd_event(its, cmd, &tr);
	if (ret)
		return ret;
	if (!tr->collection->mapped)
		return ITS_UNMAPPED_COLLECTION;
	its_lpi_pend(its, tr->lpi);
	return ITS_OK;
}

/*
 * CLEAR and INV do not look at the collection: the LPI's state is kept for when
 * it is mapped again, and is brought up to date in the meantime.
 */
static enum its_result cmd_clear(struct its *its, const struct its_cmd *cmd)
{
	struct its_translation *tr;
	enum its_result ret;

	ret = cmd_event(its, cmd, &tr);
	if (!ret)
		its_lpi_clear(its, tr->lpi);
	return ret;
}

/* A configuration table that cannot be read leaves the configuration as it is. */
static enum its_result cmd_inv(struct its *its, const struct its_cmd *cmd)
{
	struct its_translation *tr;
	enum its_result ret;

	ret = cmd_event(its, cmd, &tr);
	if (!ret)
		its_lpi_reload(its, tr->lpi);
	return ret;
}

static enum its_result cmd_invall(struct its *its, const struct its_cmd *cmd)
{
	struct its_collection *collection;
	enum its_result ret;

	ret = cmd_collection(its, cmd, &collection);
	if (!ret)
		its_lpi_reload_collection(its, collection);
	return ret;
}

static enum its_result cmd_movall(struct its *its, const struct its_cmd *cmd)
{
	struct vcpu *from = its_target(its, its_cmd_rdbase(cmd));
	struct vcpu *to = its_target(its, its_cmd_rdbase2(cmd));

	if (!from || !to)
		return ITS_TARGET_OUT_OF_RANGE;
	if (from != to)
		its_lpi_move_all(its, from, to);
	return ITS_OK;
}

static enum its_result cmd_sync(struct its *its, const struct its_cmd *cmd)
{
	return its_target(its, its_cmd_rdbase(cmd)) ? ITS_OK : ITS_TARGET_OUT_OF_RANGE;
}

/**
 * its_cmd_run - execute one command
 * @its: the ITS
 * @cmd: a private copy of the command's 32 bytes
 *
 * Context: its->lock held; process, reschedules.
 * Return: what became of it. Nothing has changed unless it is ITS_OK.
 */
enum its_result its_cmd_run(struct its *its, const __le64 cmd[4])
{
	const struct its_cmd c = { .word = {
		le64_to_cpu(cmd[0]), le64_to_cpu(cmd[1]),
		le64_to_cpu(cmd[2]), le64_to_cpu(cmd[3]),
	} };

	lockdep_assert_held(&its->lock);
	switch (its_cmd_op(&c)) {
	case ITS_CMD_MAPD:
		return cmd_mapd(its, &c);
	case ITS_CMD_MAPC:
		return cmd_mapc(its, &c);
	case ITS_CMD_MAPTI:
		return cmd_map_event(its, &c, its_cmd_intid(&c));
	case ITS_CMD_MAPI:
		return cmd_map_event(its, &c, its_cmd_event_id(&c));
	case ITS_CMD_MOVI:
		return cmd_movi(its, &c);
	case ITS_CMD_DISCARD:
		return cmd_discard(its, &c);
	case ITS_CMD_INT:
		return cmd_int(its, &c);
	case ITS_CMD_CLEAR:
		return cmd_clear(its, &c);
	case ITS_CMD_INV:
		return cmd_inv(its, &c);
	case ITS_CMD_INVALL:
		return cmd_invall(its, &c);
	case ITS_CMD_MOVALL:
		return cmd_movall(its, &c);
	case ITS_CMD_SYNC:
		return cmd_sync(its, &c);
	default:
		return ITS_UNKNOWN_COMMAND;
	}
}
