/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_LINUX_SLAB_H
#define HOST_LINUX_SLAB_H

#include <linux/overflow.h>

#define GFP_KERNEL_ACCOUNT	0

/* Tests say when there is no memory, and count what is not freed. */
extern bool host_alloc_fail;
extern unsigned int host_allocs;

void *host_alloc(size_t size);
void kfree(const void *p);

#define kzalloc(size, gfp)	host_alloc(size)
#define kvzalloc(size, gfp)	host_alloc(size)
#define kvfree(p)		kfree(p)

#endif
