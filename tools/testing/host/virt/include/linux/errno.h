/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_LINUX_ERRNO_H
#define HOST_LINUX_ERRNO_H

#include_next <linux/errno.h>

#endif
