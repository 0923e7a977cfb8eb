/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_PPC_ASM_TIME_H
#define HOST_PPC_ASM_TIME_H

/* As kernels have them: with the registers' own ways to be read and written. */

#include <asm/reg.h>

u64 get_tb(void);
void set_tb(unsigned int upper, unsigned int lower);

#endif
