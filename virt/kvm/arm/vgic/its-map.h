/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VGIC_ITS_MAP_H
#define KVM_VGIC_ITS_MAP_H

/*
 * From an id of up to 16 bits to an object, in three steps whatever there is:
 * 6, 5 and 5 bits.  A root that is as long as the ids are wide leads to nodes
 * of 32 slots, these to nodes whose slots are the objects.
 *
 * its->lock for everything but its_map_find(), which goes with RCU, too.  What is
 * found is whole.  Nodes are freed by RCU; so has to be what was stored.
 */

#include <linux/rcupdate.h>
#include <linux/types.h>

#define ITS_MAP_BITS		16
#define ITS_MAP_NODE_BITS	5
#define ITS_MAP_SLOTS		32U	/* 2 to the power of the above */
#define ITS_MAP_ROOT_SHIFT	(2 * ITS_MAP_NODE_BITS)
#define ITS_MAP_ROOT_MAX	64U	/* slots of a root for ids of 16 bits */

struct its_map_node {
	u32 used;			/* bit n: slot[n] is not NULL */
	struct rcu_head rcu;
	void __rcu *slot[ITS_MAP_SLOTS];	/* nodes or objects */
};

/**
 * struct its_map - ids to objects
 * @root: its_map_roots() slots
 * @last: the largest id: a power of two less one
 * @nr: objects in it
 * @used: bit n: root[n] is not NULL
 *
 * A leaf without an object is freed unless it is the only one.  So a map has one
 * such leaf at most, and an object that comes and goes needs no memory each time.
 */
struct its_map {
	struct its_map_node __rcu **root;
	u32 last;
	u32 nr;
	u64 used;
};

/**
 * struct its_map_spare - nodes that storing at an id needs
 * @mid: NULL if there is one
 * @leaf: NULL if there is one
 */
struct its_map_spare {
	struct its_map_node *mid;
	struct its_map_node *leaf;
};

int its_map_module_init(void);
void its_map_module_exit(void);

/* How many slots a root has for ids of @bits bits. */
static inline unsigned int its_map_roots(unsigned int bits)
{
	return bits > ITS_MAP_ROOT_SHIFT ? 1U << (bits - ITS_MAP_ROOT_SHIFT) : 1;
}

void its_map_init(struct its_map *map, struct its_map_node __rcu **root, unsigned int bits);
void its_map_destroy(struct its_map *map);

int its_map_prepare(const struct its_map *map, u32 id, struct its_map_spare *spare);
void its_map_cancel(struct its_map_spare *spare);
void *its_map_store(struct its_map *map, u32 id, void *object, struct its_map_spare *spare);
void *its_map_erase(struct its_map *map, u32 id);
void *its_map_next(const struct its_map *map, u32 *id);

/* In ascending order.  @id is a u32; the current object may be erased. */
#define its_map_for_each(map, id, object) \
	for ((id) = 0; ((object) = its_map_next(map, &(id))); (id)++)

static inline unsigned int its_map_mid_slot(u32 id)
{
	return id >> ITS_MAP_NODE_BITS & (ITS_MAP_SLOTS - 1);
}

static inline unsigned int its_map_leaf_slot(u32 id)
{
	return id & (ITS_MAP_SLOTS - 1);
}

/**
 * its_map_find - the object of an id
 * @map: the map
 * @id: any value
 *
 * Context: its->lock held, or RCU.
 * Return: the object or NULL.
 */
static inline void *its_map_find(const struct its_map *map, u32 id)
{
	const struct its_map_node *mid, *leaf;

	if (id > map->last)
		return NULL;
	/* Under speculation, too: no slot that is not there. */
	mid = rcu_dereference_raw(map->root[(id & map->last) >> ITS_MAP_ROOT_SHIFT]);
	if (!mid)
		return NULL;
	leaf = rcu_dereference_raw(mid->slot[its_map_mid_slot(id)]);
	if (!leaf)
		return NULL;
	return rcu_dereference_raw(leaf->slot[its_map_leaf_slot(id)]);
}

#endif
