/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_LINUX_STRING_H
#define HOST_LINUX_STRING_H

#include <string.h>
#include <linux/types.h>

static inline void *memchr_inv(const void *start, int c, size_t bytes)
{
	for (const u8 *p = start; bytes--; p++)
		if (*p != (u8)c)
			return (void *)p;
	return NULL;
}

#endif
