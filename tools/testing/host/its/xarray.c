// SPDX-License-Identifier: GPL-2.0
/* The stand-in for the kernel's xarray; see include/linux/xarray.h. */

#include <assert.h>
#include <stdlib.h>
#include <linux/rcupdate.h>
#include <linux/xarray.h>

#define XA_SHIFT	6
#define XA_SLOTS	(1UL << XA_SHIFT)
#define XA_ZERO		((void *)(uintptr_t)1030)
#define XA_NOMEM	((void *)(intptr_t)(-ENOMEM * 4 + 2))

struct xa_node {
	unsigned int shift, count;
	void *slot[XA_SLOTS];
};

unsigned long host_xa_nodes;

static unsigned int xa_slot(const struct xa_node *node, unsigned long index)
{
	return (index >> node->shift) & (XA_SLOTS - 1);
}

static bool xa_covers(const struct xa_node *root, unsigned long index)
{
	unsigned int bits = root->shift + XA_SHIFT;

	return bits >= 64 || !(index >> bits);
}

static void **xa_find_slot(struct xarray *xa, unsigned long index)
{
	struct xa_node *node = xa->root;

	if (!node || !xa_covers(node, index))
		return NULL;
	while (node->shift) {
		node = node->slot[xa_slot(node, index)];
		if (!node)
			return NULL;
	}
	return &node->slot[xa_slot(node, index)];
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	void **slot = xa_find_slot(xa, index);

	return slot && *slot != XA_ZERO ? *slot : NULL;
}

static struct xa_node *xa_node_new(unsigned int shift)
{
	struct xa_node *node = calloc(1, sizeof(*node));

	assert(node);
	host_xa_nodes++;
	node->shift = shift;
	return node;
}

static void xa_set(struct xarray *xa, unsigned long index, void *entry)
{
	struct xa_node *node;

	if (!xa->root)
		xa->root = xa_node_new(0);
	while (!xa_covers(xa->root, index)) {
		if (!xa->root->count) {
			xa->root->shift += XA_SHIFT;
			continue;
		}
		node = xa_node_new(xa->root->shift + XA_SHIFT);
		node->slot[0] = xa->root;
		node->count = 1;
		xa->root = node;
	}
	for (node = xa->root; node->shift;) {
		void **slot = &node->slot[xa_slot(node, index)];

		if (!*slot) {
			*slot = xa_node_new(node->shift - XA_SHIFT);
			node->count++;
		}
		node = *slot;
	}
	node->slot[xa_slot(node, index)] = entry;
	node->count++;
}

/* Returns true if @node is empty now, and freed. */
static bool xa_clear(struct xa_node *node, unsigned long index)
{
	void **slot = &node->slot[xa_slot(node, index)];

	if (!*slot || (node->shift && !xa_clear(*slot, index)))
		return false;
	*slot = NULL;
	if (--node->count)
		return false;
	free(node);
	host_xa_nodes--;
	return true;
}

/* A root that only leads to a smaller tree goes. */
static void xa_shrink(struct xarray *xa)
{
	struct xa_node *root = xa->root;

	while (root && root->shift && root->count == 1 && root->slot[0]) {
		xa->root = root->slot[0];
		free(root);
		host_xa_nodes--;
		root = xa->root;
	}
}

static void *xa_replace(struct xarray *xa, unsigned long index, void *entry)
{
	void **slot = xa_find_slot(xa, index), *old = slot ? *slot : NULL, *memory;

	if (!entry) {
		if (old && xa_clear(xa->root, index))
			xa->root = NULL;
		xa_shrink(xa);
	} else if (old) {
		*slot = entry;
	} else {
		/* Whether there would be memory for nodes, and that it goes again */
		memory = host_alloc(1);
		if (!memory)
			return XA_NOMEM;
		kfree(memory);
		xa_set(xa, index, entry);
	}
	return old == XA_ZERO ? NULL : old;
}

void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	assert(entry);
	return xa_replace(xa, index, entry);
}

void *xa_erase(struct xarray *xa, unsigned long index)
{
	return xa_replace(xa, index, NULL);
}

int xa_reserve(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	void **slot = xa_find_slot(xa, index);

	if (slot && *slot)
		return 0;
	return xa_err(xa_replace(xa, index, XA_ZERO));
}

void xa_release(struct xarray *xa, unsigned long index)
{
	void **slot = xa_find_slot(xa, index);

	if (slot && *slot == XA_ZERO)
		xa_replace(xa, index, NULL);
}

/* First entry in @node's part of the indices that is not below *index */
static void *xa_next(struct xa_node *node, unsigned long base, unsigned long *index)
{
	unsigned long i = *index > base ? xa_slot(node, *index) : 0;

	for (; i < XA_SLOTS; i++) {
		unsigned long at = base + (i << node->shift);
		void *entry = node->slot[i];

		if (!entry || entry == XA_ZERO)
			continue;
		if (*index < at)
			*index = at;
		if (!node->shift)
			return entry;
		entry = xa_next(entry, at, index);
		if (entry)
			return entry;
	}
	return NULL;
}

void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int filter)
{
	if (!xa->root || !xa_covers(xa->root, *index))
		return NULL;
	return xa_next(xa->root, 0, index);
}

void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max,
		    unsigned int filter)
{
	++*index;
	return xa_find(xa, index, max, filter);
}

static void xa_free(struct xa_node *node)
{
	unsigned int i;

	for (i = 0; node->shift && i < XA_SLOTS; i++)
		if (node->slot[i])
			xa_free(node->slot[i]);
	free(node);
	host_xa_nodes--;
}

unsigned int xa_extract(struct xarray *xa, void **dst, unsigned long start, unsigned long max,
			unsigned int n, unsigned int filter)
{
	void *entry = xa_find(xa, &start, max, filter);
	unsigned int i;

	for (i = 0; entry && i < n; i++) {
		dst[i] = entry;
		entry = xa_find_after(xa, &start, max, filter);
	}
	return i;
}

void xa_destroy(struct xarray *xa)
{
	if (xa->root)
		xa_free(xa->root);
	xa->root = NULL;
}
