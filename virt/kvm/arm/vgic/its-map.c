// SPDX-License-Identifier: GPL-2.0
/*
 * DeviceIDs, EventIDs and ICIDs to what they stand for: see its-map.h.
 *
 * What needs memory, its_map_prepare(), comes before what changes the map.  A
 * new node is filled before it can be found, from the leaf upwards.  One that
 * goes is unlinked first, and freed when no reader can be in it any more.
 *
 * Locks: its->lock.
 */

#include <linux/bitops.h>
#include <linux/math.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "its-map.h"

static struct kmem_cache *node_cache;

/**
 * its_map_module_init - a place for nodes
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int its_map_module_init(void)
{
	node_cache = kmem_cache_create("kvm_module_its_node", sizeof(struct its_map_node), 0,
				       SLAB_ACCOUNT, NULL);
	return node_cache ? 0 : -ENOMEM;
}

/**
 * its_map_module_exit - give it back
 *
 * Context: module exit, or after its_map_module_init() failed; waits for nodes that
 *	    RCU has yet to free.
 */
void its_map_module_exit(void)
{
	kmem_cache_destroy(node_cache);
}

/* Both under its->lock, which who calls asserts. */
static struct its_map_node *map_mid(const struct its_map *map, u32 id)
{
	return rcu_dereference_protected(map->root[id >> ITS_MAP_ROOT_SHIFT], 1);
}

static void *slot_get(const struct its_map_node *node, unsigned int slot)
{
	return rcu_dereference_protected(node->slot[slot], 1);
}

static void slot_set(struct its_map_node *node, unsigned int slot, void *val)
{
	rcu_assign_pointer(node->slot[slot], val);
	node->used |= BIT(slot);
}

static void slot_clear(struct its_map_node *node, unsigned int slot)
{
	RCU_INIT_POINTER(node->slot[slot], NULL);
	node->used &= ~BIT(slot);
}

/**
 * its_map_init - an empty map
 * @map: the map
 * @root: its_map_roots(@bits) slots, all NULL, that live as long as @map
 * @bits: width of ids, 16 at most
 */
void its_map_init(struct its_map *map, struct its_map_node __rcu **root, unsigned int bits)
{
	*map = (struct its_map) {
		.root = root,
		.last = BIT(bits) - 1,
	};
}

/**
 * its_map_destroy - free all nodes
 * @map: empty afterwards; objects that are in it are the caller's
 *
 * Context: nobody else changes @map, who may find it may still read it; process,
 *	    reschedules.
 */
void its_map_destroy(struct its_map *map)
{
	while (map->used) {
		unsigned int n = __ffs64(map->used);
		struct its_map_node *mid = rcu_dereference_protected(map->root[n], 1);
		unsigned long used = mid->used;
		unsigned int slot;

		RCU_INIT_POINTER(map->root[n], NULL);
		map->used &= ~BIT_ULL(n);
		for_each_set_bit(slot, &used, ITS_MAP_SLOTS) {
			struct its_map_node *leaf = slot_get(mid, slot);

			kfree_rcu(leaf, rcu);
		}
		kfree_rcu(mid, rcu);
		if (map->used)
			cond_resched();
	}
	map->nr = 0;
}

/**
 * its_map_prepare - allocate what its_map_store() needs
 * @map: the map
 * @id: where; not above @map->last
 * @spare: receives the nodes; to be used or cancelled before @map changes again
 *
 * Context: process.
 * Return: 0, or -ENOMEM with nothing in @spare.
 */
int its_map_prepare(const struct its_map *map, u32 id, struct its_map_spare *spare)
{
	const struct its_map_node *mid = map_mid(map, id);

	*spare = (struct its_map_spare) {};
	if (mid && slot_get(mid, its_map_mid_slot(id)))
		return 0;
	spare->leaf = kmem_cache_zalloc(node_cache, GFP_KERNEL_ACCOUNT);
	if (spare->leaf && !mid)
		spare->mid = kmem_cache_zalloc(node_cache, GFP_KERNEL_ACCOUNT);
	if (spare->leaf && (mid || spare->mid))
		return 0;
	its_map_cancel(spare);
	return -ENOMEM;
}

/**
 * its_map_cancel - give back what its_map_prepare() allocated
 * @spare: not used
 */
void its_map_cancel(struct its_map_spare *spare)
{
	if (spare->leaf)
		kmem_cache_free(node_cache, spare->leaf);
	if (spare->mid)
		kmem_cache_free(node_cache, spare->mid);
	*spare = (struct its_map_spare) {};
}

/**
 * its_map_store - an id stands for an object from now on
 * @map: the map
 * @id: as for its_map_prepare()
 * @object: not NULL
 * @spare: from its_map_prepare(), used up
 *
 * Return: what @id stood for before, not to be freed before a grace period, or
 *	   NULL.
 */
void *its_map_store(struct its_map *map, u32 id, void *object, struct its_map_spare *spare)
{
	struct its_map_node *mid = map_mid(map, id), *leaf = spare->leaf;
	void *old = NULL;

	if (!leaf) {
		leaf = slot_get(mid, its_map_mid_slot(id));
		old = slot_get(leaf, its_map_leaf_slot(id));
	}
	slot_set(leaf, its_map_leaf_slot(id), object);
	map->nr += !old;
	if (!spare->leaf)
		return old;
	if (spare->mid)
		mid = spare->mid;
	slot_set(mid, its_map_mid_slot(id), leaf);
	if (spare->mid) {
		rcu_assign_pointer(map->root[id >> ITS_MAP_ROOT_SHIFT], mid);
		map->used |= BIT_ULL(id >> ITS_MAP_ROOT_SHIFT);
	}
	return NULL;
}

/* Frees the leaf that @id is in, which is empty, unless there is no other. */
static void map_prune(struct its_map *map, u32 id, struct its_map_node *mid,
		      struct its_map_node *leaf)
{
	unsigned int slot = its_map_mid_slot(id), n = id >> ITS_MAP_ROOT_SHIFT;

	if (mid->used != BIT(slot)) {
		slot_clear(mid, slot);
		kfree_rcu(leaf, rcu);
	} else if (map->used != BIT_ULL(n)) {
		RCU_INIT_POINTER(map->root[n], NULL);
		map->used &= ~BIT_ULL(n);
		kfree_rcu(leaf, rcu);
		kfree_rcu(mid, rcu);
	}
}

/**
 * its_map_erase - an id stands for nothing any more
 * @map: the map
 * @id: one that stands for an object
 *
 * Return: the object, not to be freed before a grace period.
 */
void *its_map_erase(struct its_map *map, u32 id)
{
	struct its_map_node *mid = map_mid(map, id);
	struct its_map_node *leaf = slot_get(mid, its_map_mid_slot(id));
	void *old = slot_get(leaf, its_map_leaf_slot(id));

	slot_clear(leaf, its_map_leaf_slot(id));
	map->nr--;
	if (!leaf->used)
		map_prune(map, id, mid, leaf);
	return old;
}

/*
 * Moves *@at to the first id that a used slot of a node is for: @slot, where *@at is,
 * or a later one.  False if there is none.
 */
static bool map_skip(u64 used, unsigned int slot, unsigned int shift, u32 *at)
{
	used >>= slot;
	if (!used)
		return false;
	if (!(used & 1))
		*at = ((*at >> shift) + __ffs64(used)) << shift;
	return true;
}

/**
 * its_map_next - the first object from an id on
 * @map: the map
 * @id: any value; receives the object's id
 *
 * Return: the object, or NULL if there is none.
 */
void *its_map_next(const struct its_map *map, u32 *id)
{
	const struct its_map_node *mid, *leaf;
	u32 at = *id;

	while (at <= map->last &&
	       map_skip(map->used, at >> ITS_MAP_ROOT_SHIFT, ITS_MAP_ROOT_SHIFT, &at)) {
		mid = map_mid(map, at);
		if (!map_skip(mid->used, its_map_mid_slot(at), ITS_MAP_NODE_BITS, &at)) {
			at = round_up(at + 1, 1U << ITS_MAP_ROOT_SHIFT);
			continue;
		}
		leaf = slot_get(mid, its_map_mid_slot(at));
		if (!map_skip(leaf->used, its_map_leaf_slot(at), 0, &at)) {
			at = round_up(at + 1, ITS_MAP_SLOTS);
			continue;
		}
		*id = at;
		return slot_get(leaf, its_map_leaf_slot(at));
	}
	return NULL;
}
