/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_PPC_LINUX_BITOPS_H
#define HOST_PPC_LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/types.h>

static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

#endif
