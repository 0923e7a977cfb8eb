// SPDX-License-Identifier: GPL-2.0
/* See play.h. */

#include <stdio.h>
#include <string.h>
#include <asm/byteorder.h>
#include "model.h"
#include "play.h"

#define MAX_QUEUED	512

struct play_stats play_stats;

static struct its its[MODEL_ITS];
static unsigned int who;		/* the ITS that commands go to */
static bool queueing;
static struct cmd queued[MAX_QUEUED];
static unsigned int nr_queued;
static char what[256];

/* ---- Operands: few, so that commands meet, and those around the limits */

static const u32 devices[] = {
	0, 1, 8191, 8192, 2, 16383, 16384, 24575, 24576, 32767, 57343, 57344, 65535, 65536, ~0u,
};

static const u32 events[] = { 0, 1, 2, 3, 7, 8, 63, 64, 255, 256, 8192, 8200, 65535, 65536, ~0u };
static const u32 intids[] = {
	8192, 8193, 8194, 8195, 8200, 9000, 16383, 16384, 65535, 8191, 0, 1023, 65536, ~0u,
};

static const u32 icids[] = { 0, 1, 2, 3, 8191, 8192, 16383, 16384, 32767, 32768, 65535 };
static const u64 rdbases[] = { 0, 1, 2, 3, 0, 1, 2, 3, NR_VCPUS, 0x7ffffffff };

struct input {
	const u8 *data;
	size_t size;
};

static u8 next(struct input *in)
{
	if (!in->size)
		return 0;
	in->size--;
	return *in->data++;
}

/* Mostly of the first four */
static unsigned int pick_index(struct input *in, unsigned int nr)
{
	u8 byte = next(in);

	return byte < 192 ? byte % 4 : byte % nr;
}

#define pick(in, from)	from[pick_index(in, ARRAY_SIZE(from))]

static struct cmd make_cmd(struct input *in, unsigned int kind)
{
	u32 device = pick(in, devices), event = pick(in, events);
	u8 bits;

	switch (kind) {
	case 0:
		bits = next(in);
		return cmd_mapd(device, bits % 20 + 1, MEM_ITTS + (bits << 8), bits < 224);
	case 1:
		return cmd_mapc(pick(in, icids), pick(in, rdbases), next(in) < 200);
	case 2:
		return cmd_mapi(device, event, pick(in, icids));
	case 3:
		return cmd_movi(device, event, pick(in, icids));
	case 4:
		return cmd_discard(device, event);
	case 5:
		return cmd_int(device, event);
	case 6:
		return cmd_clear(device, event);
	case 7:
		return cmd_inv(device, event);
	case 8:
		return cmd_invall(pick(in, icids));
	case 9:
		return cmd_movall(pick(in, rdbases), pick(in, rdbases));
	case 10:
		return cmd_sync(pick(in, rdbases));
	case 11:
		return cmd_mapd(device, 16, MEM_ITTS, true);
	default:
		return cmd_mapti(device, event, pick(in, intids), pick(in, icids));
	}
}

static struct cmd raw_cmd(struct input *in)
{
	struct cmd cmd;
	u8 *p = (u8 *)&cmd;
	unsigned int i;

	for (i = 0; i < sizeof(cmd); i++)
		p[i] = next(in);
	return cmd;
}

/* ---- Both at once */

static enum its_result model_cmd(struct cmd cmd)
{
	u64 word[4];
	unsigned int i;

	for (i = 0; i < 4; i++)
		word[i] = le64_to_cpu(cmd.word[i]);
	return model_run(who, word);
}

static const char *compare(void)
{
	return model_compare(&its[0], 0) ?: model_compare(&its[1], 1) ?: model_compare_lpis();
}

static const char *direct(struct cmd cmd)
{
	bool armed = world.fail_alloc >= 0;
	enum its_result ret = run(&its[who], cmd), wanted;

	play_stats.commands++;
	play_stats.result[-ret]++;
	if (ret == ITS_NO_MEMORY && armed && world.fail_alloc < 0)
		return NULL;
	world.fail_alloc = -1;
	wanted = model_cmd(cmd);
	if (ret == wanted)
		return NULL;
	snprintf(what, sizeof(what), "command %llx %llx %llx %llx: %d, not %d",
		 (unsigned long long)le64_to_cpu(cmd.word[0]),
		 (unsigned long long)le64_to_cpu(cmd.word[1]),
		 (unsigned long long)le64_to_cpu(cmd.word[2]),
		 (unsigned long long)le64_to_cpu(cmd.word[3]), ret, wanted);
	return what;
}

/* What was queued, at CREADR and around the end */
static const char *run_queue(struct input *in)
{
	struct its *i = &its[who];
	u32 size = its_queue_size(i->cbaser), offset = i->creadr, n;
	bool is_signal = next(in) % 16 == 1;
	u32 hole = next(in) % 64;		/* a page that is not there; mostly none */
	bool ran[MAX_QUEUED];

	if (nr_queued >= size / 32)
		nr_queued = size / 32 - 1;
	for (n = 0; n < nr_queued; n++) {
		queue_put(i, offset, queued[n]);
		ran[n] = offset / 4096 != hole;
		offset = (offset + 32) % size;
	}
	i->cwriter = offset;
	if (hole < 16)
		mem_set_hole(MEM_QUEUE + hole * 4096, 4096, true);
	world.fail_alloc = -1;
	world.fatal_signal = is_signal;
	world.work = 0;
	world.max_work = 0;
	mutex_lock(&i->lock);
	while (its_queue_run(i) == -EINTR)
		world.fatal_signal = false;
	mutex_unlock(&i->lock);
	world.fatal_signal = false;
	if (hole < 16)
		mem_set_hole(MEM_QUEUE + hole * 4096, 4096, false);
	for (n = 0; n < nr_queued; n++) {
		play_stats.commands++;
		play_stats.queued++;
		if (ran[n])
			play_stats.result[-model_cmd(queued[n])]++;
		else
			play_stats.skipped++;
	}
	nr_queued = 0;
	if (i->creadr != i->cwriter || i->creadr != offset) {
		snprintf(what, sizeof(what), "CREADR %#x, CWRITER %#x", i->creadr, i->cwriter);
		return what;
	}
	if (world.max_work > 1024)
		return "too much work between reschedules";
	return NULL;
}

static void new_layout(struct input *in)
{
	struct model_layout l = { .devices_valid = next(in) % 8 };
	unsigned int i;

	l.collections_valid = next(in) % 8;
	l.indirect = next(in) & 1;
	l.devices = (next(in) % 8 + 1) * 8192;
	l.collections = (next(in) % 8 + 1) * 8192;
	for (i = 0; i < sizeof(l.level2); i++)
		l.level2[i] = next(in) % 4;
	model_layout(who, &l);
	model_apply_layout(&its[who], who);
}

static void clear(unsigned int n)
{
	mutex_lock(&its[n].lock);
	its_tables_clear(&its[n]);
	mutex_unlock(&its[n].lock);
	model_clear(n);
}

static const char *submit(struct input *in, struct cmd cmd)
{
	if (!queueing)
		return direct(cmd);
	queued[nr_queued++] = cmd;
	return nr_queued == MAX_QUEUED ? run_queue(in) : NULL;
}

static const char *step(struct input *in)
{
	u8 op = next(in);

	if (op < 200)
		return submit(in, make_cmd(in, op % 16));
	if (op < 205)
		return submit(in, raw_cmd(in));
	if (nr_queued) {
		const char *diff = run_queue(in);

		if (diff)
			return diff;
	}
	switch (op) {
	case 205 ... 209:
		who = op % MODEL_ITS;
		break;
	case 210 ... 219:
		queueing = op & 1;
		break;
	case 220 ... 224:
		world.config[pick(in, intids) % NR_INTIDS] = next(in);
		break;
	case 225 ... 234:
		if (!queueing)
			world.fail_alloc = next(in) % 6;
		break;
	case 235:
		if (next(in) < 32)
			clear(who);
		break;
	case 236:
		if (next(in) >= 32)
			break;
		/* Tables change while nothing is mapped, as the registers see to. */
		clear(who);
		new_layout(in);
		break;
	case 237:
		world.id_bits = 14 + next(in) % 3;
		break;
	case 238:
		its[who].creadr = (next(in) * 32 * 9) % its_queue_size(its[who].cbaser);
		break;
	case 239:
		its[who].cbaser = its_sanitise_cbaser(1ULL << 63 | MEM_QUEUE | next(in) % 16);
		its[who].creadr = 0;
		break;
	case 240 ... 241:
		return compare();
	default:
		break;
	}
	return NULL;
}

static void start(void)
{
	static bool again;
	struct input none = { 0 };
	unsigned int n;

	if (!again) {
		world_reset();
		model_reset();
		again = true;
	}
	world.id_bits = 16;
	world.fail_alloc = -1;
	queueing = false;
	nr_queued = 0;
	for (n = 0; n < MODEL_ITS; n++) {
		its_world_init(&its[n]);
		who = n;
		/* Flat tables for all DeviceIDs and most ICIDs, at first */
		none.data = (const u8 *)"\1\1\0\7\3";
		none.size = 5;
		new_layout(&none);
	}
	who = 0;
}

const char *play(const u8 *data, size_t size)
{
	struct input in = { data, size };
	const char *diff = NULL;
	unsigned int n;

	play_stats.inputs++;
	start();
	while (in.size && !diff)
		diff = step(&in);
	world.fail_alloc = -1;
	if (!diff && nr_queued)
		diff = run_queue(&in);
	if (!diff)
		diff = compare();
	for (n = 0; n < MODEL_ITS; n++) {
		its_world_destroy(&its[n]);
		model_clear(n);
	}
	if (!diff && (world.nr_allocs || world.nr_lpis))
		diff = "something was not freed";
	return diff;
}

void play_report(void)
{
	unsigned int i;

	printf("# %lu inputs, %lu commands (%lu queued, %lu of them not in memory), results:",
	       play_stats.inputs, play_stats.commands, play_stats.queued, play_stats.skipped);
	for (i = 0; i <= -ITS_NO_MEMORY; i++)
		printf(" %lu", play_stats.result[i]);
	printf("\n");
}
