/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_LINUX_XARRAY_H
#define HOST_ITS_LINUX_XARRAY_H

/*
 * The part of the xarray that the ITS uses: a radix tree of 64 slots a node that
 * grows with the largest index.  Reserved places, errors in pointers and what
 * needs memory are as in the kernel: a store where there is an entry, or a
 * reservation, cannot fail.
 */

#include <limits.h>
#include <linux/types.h>

struct xa_node;

struct xarray {
	struct xa_node *root;
	unsigned int flags;
};

#define XA_FLAGS_ACCOUNT	32
#define XA_PRESENT		8

static inline void xa_init_flags(struct xarray *xa, unsigned int flags)
{
	xa->root = NULL;
	xa->flags = flags;
}

/* Errors: shifted left by two, with 2 in the low bits that pointers have clear */
static inline bool xa_is_err(const void *entry)
{
	return ((uintptr_t)entry & 3) == 2 && (intptr_t)entry < 0;
}

static inline int xa_err(void *entry)
{
	return xa_is_err(entry) ? (int)((intptr_t)entry >> 2) : 0;
}

extern unsigned long host_xa_nodes;	/* not freed */

void *xa_load(struct xarray *xa, unsigned long index);
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_erase(struct xarray *xa, unsigned long index);
int xa_reserve(struct xarray *xa, unsigned long index, gfp_t gfp);
void xa_release(struct xarray *xa, unsigned long index);
void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int filter);
void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max,
		    unsigned int filter);
unsigned int xa_extract(struct xarray *xa, void **dst, unsigned long start, unsigned long max,
			unsigned int n, unsigned int filter);
void xa_destroy(struct xarray *xa);

static inline bool xa_empty(const struct xarray *xa)
{
	return !xa->root;
}

#define xa_for_each(xa, index, entry)						\
	for ((index) = 0, (entry) = xa_find(xa, &(index), ULONG_MAX, XA_PRESENT);	\
	     (entry); (entry) = xa_find_after(xa, &(index), ULONG_MAX, XA_PRESENT))

#endif
