// SPDX-License-Identifier: GPL-2.0
/* its-map.c: each width of ids, against an array; its nodes, counted. */

#include <stdlib.h>
#include <string.h>
#include "ktap.h"
#include "world.h"

#define IDS	65536

static struct its_map map;
static struct its_map_node *root[ITS_MAP_ROOT_MAX];
static void *want[IDS + 1];
static u8 object[IDS];			/* an object's address is all that counts */

static void start(unsigned int bits)
{
	world_reset();
	memset(root, 0, sizeof(root));
	memset(want, 0, sizeof(want));
	its_map_init(&map, root, bits);
}

static void finish(void)
{
	its_map_destroy(&map);
	expect(!world.nr_allocs, "%ld nodes are left", world.nr_allocs);
	expect(!map.nr && !map.used, "empty");
}

static void store(u32 id, void *p)
{
	struct its_map_spare spare;
	void *old;

	expect(!its_map_prepare(&map, id, &spare), "id %u: no memory", id);
	old = its_map_store(&map, id, p, &spare);
	expect(old == want[id], "id %u: stood for %p, not %p", id, old, want[id]);
	want[id] = p;
}

static void erase(u32 id)
{
	void *old = its_map_erase(&map, id);

	expect(old == want[id], "id %u: stood for %p, not %p", id, old, want[id]);
	want[id] = NULL;
}

/* All that can be asked; nodes are those that lead somewhere, and at most one leaf more. */
static void compare(void)
{
	u32 id, next = 0, n = 0, leaves = 0, mids = 0;
	u32 last_leaf = -1, last_mid = -1;
	void *p;

	for (id = 0; id <= map.last; id++) {
		expect(its_map_find(&map, id) == want[id], "id %u", id);
		if (!want[id])
			continue;
		n++;
		leaves += id >> 5 != last_leaf;
		mids += id >> 10 != last_mid;
		last_leaf = id >> 5;
		last_mid = id >> 10;
	}
	expect(map.nr == n, "%u objects, not %u", map.nr, n);
	expect(!its_map_find(&map, map.last + 1) && !its_map_find(&map, -1), "beyond the last");
	its_map_for_each(&map, id, p) {
		for (; next < id; next++)
			expect(!want[next], "id %u is passed over", next);
		expect(p == want[id], "id %u on the way", id);
		next = id + 1;
	}
	for (; next <= map.last; next++)
		expect(!want[next], "id %u is not reached", next);
	expect(world.nr_allocs >= leaves + mids && world.nr_allocs <= leaves + mids + 2,
	       "%ld nodes for %u leaves under %u", world.nr_allocs, leaves, mids);
}

static void each_width(void)
{
	unsigned int bits;
	u32 id;

	for (bits = 1; bits <= ITS_MAP_BITS; bits++) {
		start(bits);
		compare();
		for (id = 0; id <= map.last; id++)
			store(id, &object[id]);
		compare();
		for (id = 0; id <= map.last; id += 2)
			erase(id);
		compare();
		for (id = 1; id <= map.last; id += 2)
			erase(id);
		compare();
		finish();
	}
}

static u32 random_id(unsigned int spread)
{
	return (ktap_random() >> 13) % (IDS >> spread) << spread;
}

static void random_ids(void)
{
	unsigned int round, i, spread;

	for (round = 0; round < 60; round++) {
		start(ITS_MAP_BITS);
		spread = round % 12;
		for (i = 0; i < 3000; i++) {
			u32 id = random_id(spread);

			/* More come than go, then the other way round. */
			if (want[id] && (ktap_random() >> 13) % 4 < 1 + i / 1500 * 2)
				erase(id);
			else if (i < 1500)
				store(id, &object[random_id(0)]);
			if (i % 500 == 499)
				compare();
		}
		finish();
	}
}

/* One object that comes and goes needs nodes once; one elsewhere takes their place. */
static void one_leaf_stays(void)
{
	long nodes;
	u32 id;

	start(ITS_MAP_BITS);
	store(5, &object[5]);
	nodes = world.nr_allocs;
	expect(nodes == 2, "%ld nodes", nodes);
	erase(5);
	expect(world.nr_allocs == nodes, "the only leaf goes");
	world.fail_alloc = 0;
	store(6, &object[6]);
	expect(!world.fail_alloc, "memory for what is there");
	world.fail_alloc = -1;
	erase(6);
	for (id = 7; id < IDS; id += 997) {
		store(id, &object[id]);
		erase(id);
		compare();
	}
	finish();
}

/* What a failure leaves is what was there. */
static void no_memory(void)
{
	struct its_map_spare spare;
	long n;

	start(ITS_MAP_BITS);
	for (n = 0; n < 2; n++) {
		world.fail_alloc = n;
		expect(its_map_prepare(&map, 40000, &spare) == -ENOMEM, "allocation %ld", n);
		expect(!spare.mid && !spare.leaf && !world.nr_allocs, "allocation %ld leaks", n);
	}
	world.fail_alloc = -1;
	expect(!its_map_prepare(&map, 40000, &spare) && spare.mid && spare.leaf, "both");
	its_map_cancel(&spare);
	expect(!world.nr_allocs && !map.used, "cancelled");
	store(40000, &object[0]);
	world.fail_alloc = 0;
	expect(its_map_prepare(&map, 40032, &spare) == -ENOMEM, "another leaf");
	world.fail_alloc = -1;
	expect(!its_map_prepare(&map, 40032, &spare) && !spare.mid && spare.leaf, "a leaf");
	its_map_cancel(&spare);
	compare();
	finish();
}

/* A reader in the middle of a change goes on in what it has found, which is not freed under it. */
static void readers_go_on(void)
{
	struct its_map_node *leaf;
	void *old;

	start(ITS_MAP_BITS);
	store(0, &object[0]);
	store(100, &object[2]);
	rcu_read_lock();
	leaf = root[0]->slot[100 >> 5];
	erase(100);
	expect(world.nr_allocs == 3 && !leaf->slot[100 & 31], "freed under a reader");
	rcu_read_unlock();
	expect(world.nr_allocs == 2, "not freed");
	store(2000, &object[1]);
	rcu_read_lock();
	leaf = root[2000 >> 10]->slot[2000 >> 5 & 31];
	old = its_map_find(&map, 2000);
	erase(2000);
	expect(world.nr_allocs == 4, "freed under a reader");
	expect(!leaf->slot[2000 & 31] && old == &object[1], "what was found");
	rcu_read_unlock();
	expect(world.nr_allocs == 2, "not freed");
	rcu_read_lock();
	leaf = root[0]->slot[0];
	its_map_destroy(&map);
	expect(leaf->slot[0] == &object[0], "freed under a reader");
	rcu_read_unlock();
	want[0] = NULL;
	finish();
}

static const struct ktap_test tests[] = {
	{ "each_width", each_width },
	{ "random_ids", random_ids },
	{ "one_leaf_stays", one_leaf_stays },
	{ "no_memory", no_memory },
	{ "readers_go_on", readers_go_on },
};

int main(void)
{
	return ktap_main(tests, ARRAY_SIZE(tests));
}
