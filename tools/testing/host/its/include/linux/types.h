/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_LINUX_TYPES_H
#define HOST_ITS_LINUX_TYPES_H

/* What most headers of the kernel bring with them, for the ITS's sources. */

#include_next <linux/types.h>
#include <linux/errno.h>
#include <stdint.h>

typedef __s32 s32;
typedef unsigned int gfp_t;
typedef unsigned long long phys_addr_t;

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val)	(*(volatile __typeof__(x) *)&(x) = (val))
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define min(a, b)		((a) < (b) ? (a) : (b))
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define GFP_KERNEL_ACCOUNT	0
#define __rcu
#define __user
#define __uninitialized

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

struct list_head {
	struct list_head *next, *prev;
};

typedef struct {
	int counter;
} atomic_t;

struct vcpu;
struct vm;

#endif
