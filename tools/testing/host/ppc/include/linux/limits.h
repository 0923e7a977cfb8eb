/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_PPC_LINUX_LIMITS_H
#define HOST_PPC_LINUX_LIMITS_H

#include_next <linux/limits.h>

#ifndef U32_MAX
#define U32_MAX	0xffffffffu
#endif

#endif
