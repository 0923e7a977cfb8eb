/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_POWERPC_TIMEBASE_H
#define KVM_POWERPC_TIMEBASE_H

#include <linux/types.h>

void timebase_init(void);
/* Interrupts off, from the first of these to the second. */
void timebase_guest(u64 offset);
void timebase_host(void);

#endif
