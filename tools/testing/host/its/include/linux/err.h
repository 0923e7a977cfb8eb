/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_LINUX_ERR_H
#define HOST_ITS_LINUX_ERR_H

#include <linux/types.h>

#define MAX_ERRNO	4095
#define ERR_PTR(err)	((void *)(intptr_t)(err))
#define PTR_ERR(p)	((long)(intptr_t)(p))
#define IS_ERR(p)	((uintptr_t)(p) >= (uintptr_t)-MAX_ERRNO)

static inline int PTR_ERR_OR_ZERO(const void *p)
{
	return IS_ERR(p) ? PTR_ERR(p) : 0;
}

#endif
