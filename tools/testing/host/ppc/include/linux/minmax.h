/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_PPC_LINUX_MINMAX_H
#define HOST_PPC_LINUX_MINMAX_H

#define min(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a < _b ? _a : _b; })
#define max(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a > _b ? _a : _b; })
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define clamp_t(type, a, low, high)	max((type)(low), min((type)(a), (type)(high)))

#endif
