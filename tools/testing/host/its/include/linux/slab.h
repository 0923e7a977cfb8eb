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

struct kmem_cache {
	size_t size;
};

/* There is one. */
static inline struct kmem_cache *kmem_cache_create(const char *name, size_t size, unsigned int align,
						   unsigned int flags, void (*ctor)(void *))
{
	static struct kmem_cache cache;

	cache.size = size;
	return &cache;
}

static inline void kmem_cache_destroy(struct kmem_cache *cache)
{
}

#define SLAB_ACCOUNT			0
#define kmem_cache_zalloc(cache, gfp)	host_alloc((cache)->size)
#define kmem_cache_free(cache, p)	kfree(p)

#endif
