/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_PPC_ASM_REG_H
#define HOST_PPC_ASM_REG_H

/* Registers of a CPU that is made of a clock: timebase_test.c */

#include <linux/types.h>

#define SPRN_DEC	22
#define SPRN_TBWL	284
#define SPRN_TBWU	285

u32 cpu_mfspr(unsigned int spr);
void cpu_mtspr(unsigned int spr, u32 value);

#define mfspr(spr)		cpu_mfspr(spr)
#define mtspr(spr, value)	cpu_mtspr(spr, value)

#endif
