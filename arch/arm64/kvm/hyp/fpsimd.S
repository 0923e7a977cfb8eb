/* SPDX-License-Identifier: GPL-2.0 */
/* The FP and Advanced SIMD registers, in struct user_fpsimd_state's layout. */

#include <linux/linkage.h>
#include <asm/assembler.h>

#define FP_FPSR		(32 * 16)
#define FP_FPCR		(32 * 16 + 4)

	.arch_extension fp
	.arch_extension simd
	.text

.macro fp_pairs op
	.irp	n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
	fp_pair	\op, \n, %(\n + 1)
	.endr
.endm

.macro fp_pair op, a, b
	\op	q\a, q\b, [x0, #16 * \a]
.endm

SYM_FUNC_START(hyp_fp_save)
	.altmacro
	fp_pairs stp
	.noaltmacro
	mrs	x1, fpsr
	mrs	x2, fpcr
	str	w1, [x0, #FP_FPSR]
	str	w2, [x0, #FP_FPCR]
	ret
SYM_FUNC_END(hyp_fp_save)

SYM_FUNC_START(hyp_fp_load)
	.altmacro
	fp_pairs ldp
	.noaltmacro
	ldr	w1, [x0, #FP_FPSR]
	ldr	w2, [x0, #FP_FPCR]
	msr	fpsr, x1
	msr	fpcr, x2
	ret
SYM_FUNC_END(hyp_fp_load)
