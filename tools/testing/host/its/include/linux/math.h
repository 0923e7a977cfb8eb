/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/types.h>

#define round_up(x, y)		(((x) + (y) - 1) / (y) * (y))
