/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_PPC_FP_FORMAT_H
#define KVM_PPC_FP_FORMAT_H

/*
 * Conversions between what floating-point registers hold and what storage does,
 * on integers: the kernel has no floating point to do it with, and an FPU would
 * round, trap and quiet NaNs where a load or a store must not.
 */

#include <linux/types.h>

/* A quantisation register (750CL): half of it for loads, half for stores */
#define PPC_GQR_ST(gqr)		((gqr) & 0xffff)
#define PPC_GQR_LD(gqr)		((gqr) >> 16)

u64 ppc_single_to_double(u32 single);
u32 ppc_double_to_single(u64 val);
unsigned int ppc_quant_bytes(u32 half);
u64 ppc_dequantise(u32 half, u32 raw);
u32 ppc_quantise(u32 half, u64 val);

#endif
