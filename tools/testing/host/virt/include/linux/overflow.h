/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_LINUX_OVERFLOW_H
#define HOST_LINUX_OVERFLOW_H

#include <linux/types.h>

#define check_add_overflow(a, b, sum)	__builtin_add_overflow(a, b, sum)
#define struct_size(p, member, count) \
	(sizeof(*(p)) + sizeof((p)->member[0]) * (size_t)(count))

#endif
