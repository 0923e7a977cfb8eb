/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_LINUX_SLAB_H
#define HOST_ITS_LINUX_SLAB_H

#include <linux/types.h>

void *host_alloc(size_t size);	/* may fail if the test says so */
void kfree(const void *p);

#define kzalloc(size, gfp)	host_alloc(size)
#define kvzalloc(size, gfp)	host_alloc(size)
#define kcalloc(n, size, gfp)	host_alloc((n) * (size))
#define kvcalloc(n, size, gfp)	host_alloc((n) * (size))
#define kmalloc(size, gfp)	host_alloc(size)
#define kvmalloc(size, gfp)	host_alloc(size)
#define kvfree(p)		kfree(p)

#endif
