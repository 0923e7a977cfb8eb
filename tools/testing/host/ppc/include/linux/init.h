/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_PPC_LINUX_INIT_H
#define HOST_PPC_LINUX_INIT_H

#define __init

#endif
