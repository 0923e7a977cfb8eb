/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The FP and Advanced SIMD registers, in struct user_fpsimd_state's layout, and
 * those of SVE: Z0 to Z31, P0 to P15 and FFR, one after the other.
 */

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

.macro fp_control_save base
	mrs	x3, fpsr
	mrs	x4, fpcr
	str	w3, [\base, #FP_FPSR]
	str	w4, [\base, #FP_FPCR]
.endm

.macro fp_control_load base
	ldr	w3, [\base, #FP_FPSR]
	ldr	w4, [\base, #FP_FPCR]
	msr	fpsr, x3
	msr	fpcr, x4
.endm

SYM_FUNC_START(hyp_fp_save)
	.altmacro
	fp_pairs stp
	.noaltmacro
	fp_control_save x0
	ret
SYM_FUNC_END(hyp_fp_save)

SYM_FUNC_START(hyp_fp_load)
	.altmacro
	fp_pairs ldp
	.noaltmacro
	fp_control_load x0
	ret
SYM_FUNC_END(hyp_fp_load)

	.arch_extension sve

.macro sve_vectors op
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
		16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\op	z\n, [x0, #\n, mul vl]
	.endr
.endm

.macro sve_predicates op
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\op	p\n, [x2, #\n, mul vl]
	.endr
.endm

/* The predicates follow 32 vectors. */
.macro sve_predicates_at
	addvl	x2, x0, #16
	addvl	x2, x2, #16
.endm

SYM_FUNC_START(hyp_sve_save)
	sve_predicates_at
	sve_vectors str
	sve_predicates str
	rdffr	p0.b
	str	p0, [x2, #16, mul vl]
	fp_control_save x1
	ret
SYM_FUNC_END(hyp_sve_save)

SYM_FUNC_START(hyp_sve_load)
	sve_predicates_at
	ldr	p0, [x2, #16, mul vl]
	wrffr	p0.b
	sve_vectors ldr
	sve_predicates ldr
	fp_control_load x1
	ret
SYM_FUNC_END(hyp_sve_load)

SYM_FUNC_START(hyp_sve_vl)
	rdvl	x0, #1
	ret
SYM_FUNC_END(hyp_sve_vl)
