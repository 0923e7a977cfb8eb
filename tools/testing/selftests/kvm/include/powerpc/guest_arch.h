/* SPDX-License-Identifier: GPL-2.0 */
/* PowerPC: guests run what tests assemble (ppc.h); code of the test program itself is not run by guests. */
#ifndef GUEST_ARCH_H
#define GUEST_ARCH_H

struct guest_cpu;

#endif
