// SPDX-License-Identifier: GPL-2.0
/*
 * Model checker: a small world, every state of it that commands can reach, and in
 * each of them every command, also with each of its allocations failing.  What
 * the ITS does is compared with the reference each time.
 *
 * The world: one device (two with an argument), two EventIDs, LPIs, ICIDs and
 * redistributors each.
 */

#include <stdlib.h>
#include <string.h>
#include <asm/byteorder.h>
#include "ktap.h"
#include "model.h"

#define MAX_STATES	(1u << 21)
#define MAX_PATH	64

static struct its its;
static struct cmd alphabet[128];
static unsigned int nr_cmds, nr_devices = 1;

struct state {
	u8 key[MODEL_STATE];
	u32 parent;
	u8 cmd;
};

static struct state *states;
static u32 *table;			/* open addressing: index + 1 */
static unsigned int nr_states;
static unsigned long transitions, failures;
static u32 at = -1;			/* the state that both are in, if it is known */

static void add(struct cmd cmd)
{
	alphabet[nr_cmds++] = cmd;
}

static void make_alphabet(void)
{
	unsigned int d, e, i, l, r;

	for (d = 0; d < nr_devices; d++) {
		add(cmd_mapd(d, 1, MEM_ITTS, true));
		add(cmd_mapd(d, 1, MEM_ITTS, false));
		for (e = 0; e < 2; e++) {
			for (i = 0; i < 2; i++) {
				for (l = 0; l < 2; l++)
					add(cmd_mapti(d, e, 8192 + l, i));
				add(cmd_movi(d, e, i));
			}
			add(cmd_discard(d, e));
			add(cmd_int(d, e));
			add(cmd_clear(d, e));
			add(cmd_inv(d, e));
		}
	}
	for (i = 0; i < 2; i++) {
		for (r = 0; r < 2; r++)
			add(cmd_mapc(i, r, true));
		add(cmd_mapc(i, 0, false));
		add(cmd_invall(i));
	}
	add(cmd_movall(0, 1));
	add(cmd_movall(1, 0));
}

static void words(struct cmd cmd, u64 word[4])
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		word[i] = le64_to_cpu(cmd.word[i]);
}

static enum its_result model_cmd(unsigned int c)
{
	u64 word[4];

	words(alphabet[c], word);
	return model_run(0, word);
}

/* Adds the model's state if it is new. */
static void remember(u32 parent, unsigned int cmd)
{
	u8 key[MODEL_STATE];
	u32 hash = 2166136261u, i;

	model_state(key);
	for (i = 0; i < MODEL_STATE; i++)
		hash = (hash ^ key[i]) * 16777619u;
	for (i = hash % (2 * MAX_STATES); table[i]; i = (i + 1) % (2 * MAX_STATES))
		if (!memcmp(states[table[i] - 1].key, key, MODEL_STATE))
			return;
	expect(nr_states < MAX_STATES, "too many states");
	if (nr_states == MAX_STATES)
		return;
	memcpy(states[nr_states].key, key, MODEL_STATE);
	states[nr_states].parent = parent;
	states[nr_states].cmd = cmd;
	table[i] = ++nr_states;
}

/* Both to state @s, by the commands that first led there */
static void go_to(u32 s)
{
	u8 path[MAX_PATH];
	unsigned int n = 0;

	if (at == s)
		return;
	at = s;
	mutex_lock(&its.lock);
	its_tables_clear(&its);
	mutex_unlock(&its.lock);
	model_clear(0);
	for (; s; s = states[s].parent) {
		expect(n < MAX_PATH, "path is too long");
		path[n++ % MAX_PATH] = states[s].cmd;
	}
	while (n--) {
		run(&its, alphabet[path[n]]);
		model_cmd(path[n]);
	}
}

static const char *compare(void)
{
	return model_compare(&its, 0) ?: model_compare_lpis();
}

static void check(u32 s, unsigned int c)
{
	enum its_result ret, wanted;
	u8 key[MODEL_STATE];
	const char *diff;
	long n;

	for (n = 0; ; n++) {
		go_to(s);
		world.fail_alloc = n;
		ret = run(&its, alphabet[c]);
		if (world.fail_alloc >= 0 || ret != ITS_NO_MEMORY)
			break;
		failures++;
		diff = compare();
		expect(!diff, "state %u, command %u, allocation %ld: %s", s, c, n, diff);
	}
	expect(world.fail_alloc >= 0, "state %u, command %u: no memory, but %d", s, c, ret);
	world.fail_alloc = -1;
	wanted = model_cmd(c);
	transitions++;
	expect(ret == wanted, "state %u, command %u: %d, not %d", s, c, ret, wanted);
	diff = compare();
	expect(!diff, "state %u, command %u: %s", s, c, diff);
	model_state(key);
	if (memcmp(key, states[s].key, MODEL_STATE)) {
		at = -1;
		remember(s, c);
	}
}

static void explore(void)
{
	static const struct model_layout layout = {
		.id_bits = 16, .devices_valid = true, .collections_valid = true,
		.devices = 8192, .collections = 8192,
	};
	u32 s;
	unsigned int c;

	world_reset();
	its_world_init(&its);
	model_reset();
	model_layout(0, &layout);
	model_apply_layout(&its, 0);
	make_alphabet();
	states = calloc(MAX_STATES, sizeof(*states));
	table = calloc(2 * MAX_STATES, sizeof(*table));
	if (!states || !table)
		exit(1);
	remember(0, 0);		/* nothing is mapped */
	for (s = 0; s < nr_states; s++)
		for (c = 0; c < nr_cmds; c++)
			check(s, c);
	its_world_destroy(&its);
	expect(!world.nr_allocs, "%ld allocations are left", world.nr_allocs);
	expect(nr_states > 1000, "%u states", nr_states);
	printf("# %u states, %lu transitions, %lu failed allocations\n", nr_states, transitions,
	       failures);
	free(states);
	free(table);
}

static const struct ktap_test tests[] = {
	{ "every_command_in_every_state", explore },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		nr_devices = atoi(argv[1]);
	return ktap_main(tests, ARRAY_SIZE(tests));
}
