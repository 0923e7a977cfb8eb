/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_PPC_LINUX_COMPILER_H
#define HOST_PPC_LINUX_COMPILER_H

#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))

#endif
