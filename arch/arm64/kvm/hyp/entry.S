/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest entry and exit.
 *
 * The stack pointer of EL2 survives the guest's run, so what the exit needs is
 * left on the stack: no register of the host's is given up.
 */

#include <linux/linkage.h>
#include <asm/assembler.h>
#include <asm/sysreg.h>
#include "hyp.h"

/* Frame, from sp: the vcpu_hyp, SP_EL0 of the host, callee-saved registers */
#define FRAME_HYP	0
#define FRAME_X29	16
#define FRAME_X19	32
#define FRAME_X18	112
#define FRAME_APIA	128
#define FRAME_SIZE	144

	.text

/**
 * hyp_enter - run the guest until its next exception to EL2
 * x0: struct vcpu_hyp, x1: vector base.  Returns HYP_EXIT_*.
 */
SYM_FUNC_START(hyp_enter)
	sub	sp, sp, #FRAME_SIZE
	mrs	x2, sp_el0
	stp	x0, x2, [sp, #FRAME_HYP]
	stp	x29, x30, [sp, #FRAME_X29]
	stp	x19, x20, [sp, #FRAME_X19]
	stp	x21, x22, [sp, #FRAME_X19 + 16]
	stp	x23, x24, [sp, #FRAME_X19 + 32]
	stp	x25, x26, [sp, #FRAME_X19 + 48]
	stp	x27, x28, [sp, #FRAME_X19 + 64]
	str	x18, [sp, #FRAME_X18]

	// Written each time: an exception in a fast handler restores the host's.
	msr	vbar_el1, x1

	// The kernel signs its return addresses with key A: it changes here, where none is used.
	ldr	x2, [x0, #HYP_PTRAUTH]
	cbz	x2, 1f
	mrs_s	x3, SYS_APIAKEYLO_EL1
	mrs_s	x4, SYS_APIAKEYHI_EL1
	stp	x3, x4, [sp, #FRAME_APIA]
	ldp	x3, x4, [x0, #HYP_APIA]
	msr_s	SYS_APIAKEYLO_EL1, x3
	msr_s	SYS_APIAKEYHI_EL1, x4
1:
	ldp	x2, x3, [x0, #HYP_SP_EL0]
	ldr	x4, [x0, #HYP_PSTATE]
	msr	sp_el0, x2
	msr	elr_el1, x3
	msr	spsr_el1, x4

	ldp	x2, x3, [x0, #HYP_REGS + 8 * 2]
	ldp	x4, x5, [x0, #HYP_REGS + 8 * 4]
	ldp	x6, x7, [x0, #HYP_REGS + 8 * 6]
	ldp	x8, x9, [x0, #HYP_REGS + 8 * 8]
	ldp	x10, x11, [x0, #HYP_REGS + 8 * 10]
	ldp	x12, x13, [x0, #HYP_REGS + 8 * 12]
	ldp	x14, x15, [x0, #HYP_REGS + 8 * 14]
	ldp	x16, x17, [x0, #HYP_REGS + 8 * 16]
	ldp	x18, x19, [x0, #HYP_REGS + 8 * 18]
	ldp	x20, x21, [x0, #HYP_REGS + 8 * 20]
	ldp	x22, x23, [x0, #HYP_REGS + 8 * 22]
	ldp	x24, x25, [x0, #HYP_REGS + 8 * 24]
	ldp	x26, x27, [x0, #HYP_REGS + 8 * 26]
	ldp	x28, x29, [x0, #HYP_REGS + 8 * 28]
	ldr	x30, [x0, #HYP_REGS + 8 * 30]
	ldp	x0, x1, [x0, #HYP_REGS]
	eret
	// Nothing past the exception return may be speculated into.
	dsb	nsh
	isb
SYM_FUNC_END(hyp_enter)

/* x1: HYP_EXIT_*; the guest's x0 and x1 are on top of the frame */
SYM_CODE_START_LOCAL(hyp_exit)
	ldr	x0, [sp, #16 + FRAME_HYP]
	stp	x2, x3, [x0, #HYP_REGS + 8 * 2]
	stp	x4, x5, [x0, #HYP_REGS + 8 * 4]
	stp	x6, x7, [x0, #HYP_REGS + 8 * 6]
	stp	x8, x9, [x0, #HYP_REGS + 8 * 8]
	stp	x10, x11, [x0, #HYP_REGS + 8 * 10]
	stp	x12, x13, [x0, #HYP_REGS + 8 * 12]
	stp	x14, x15, [x0, #HYP_REGS + 8 * 14]
	stp	x16, x17, [x0, #HYP_REGS + 8 * 16]
	stp	x18, x19, [x0, #HYP_REGS + 8 * 18]
	stp	x20, x21, [x0, #HYP_REGS + 8 * 20]
	stp	x22, x23, [x0, #HYP_REGS + 8 * 22]
	stp	x24, x25, [x0, #HYP_REGS + 8 * 24]
	stp	x26, x27, [x0, #HYP_REGS + 8 * 26]
	stp	x28, x29, [x0, #HYP_REGS + 8 * 28]
	str	x30, [x0, #HYP_REGS + 8 * 30]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0, #HYP_REGS]

	mrs	x2, sp_el0
	mrs	x3, elr_el1
	mrs	x4, spsr_el1
	mrs	x5, esr_el1
	stp	x2, x3, [x0, #HYP_SP_EL0]
	stp	x4, x5, [x0, #HYP_PSTATE]

	ldr	x2, [x0, #HYP_PTRAUTH]
	cbz	x2, 1f
	mrs_s	x3, SYS_APIAKEYLO_EL1
	mrs_s	x4, SYS_APIAKEYHI_EL1
	stp	x3, x4, [x0, #HYP_APIA]
	ldp	x3, x4, [sp, #FRAME_APIA]
	msr_s	SYS_APIAKEYLO_EL1, x3
	msr_s	SYS_APIAKEYHI_EL1, x4
	isb
1:
	mov	x0, x1
	ldp	x29, x30, [sp, #FRAME_X29]
	ldp	x19, x20, [sp, #FRAME_X19]
	ldp	x21, x22, [sp, #FRAME_X19 + 16]
	ldp	x23, x24, [sp, #FRAME_X19 + 32]
	ldp	x25, x26, [sp, #FRAME_X19 + 48]
	ldp	x27, x28, [sp, #FRAME_X19 + 64]
	ldr	x18, [sp, #FRAME_X18]
	ldr	x2, [sp, #FRAME_HYP + 8]
	msr	sp_el0, x2
#ifdef CONFIG_KASAN_HW_TAGS
ALTERNATIVE("nop", SET_PSTATE_TCO(0), ARM64_MTE, CONFIG_KASAN_HW_TAGS)
#endif
	add	sp, sp, #FRAME_SIZE
	ret
SYM_CODE_END(hyp_exit)

/*
 * An exception from EL2 itself while our vectors are in place: a fast handler
 * hit a breakpoint, a warning or a bug.  It belongs to the host: put the
 * host's vectors back and run the instruction again.  An illegal exception
 * return is one case of our own: the guest's PSTATE was refused by the CPU.
 */
SYM_CODE_START_LOCAL(hyp_host_sync)
	stp	x0, x1, [sp, #-16]!
	mrs	x0, esr_el1
	ubfx	x0, x0, #26, #6
	cmp	x0, #0x0e			// illegal execution state
	b.eq	1f
	adrp	x0, hyp_host_vbar
	ldr	x0, [x0, :lo12:hyp_host_vbar]
	mrs	x1, tpidr_el2
	ldr	x0, [x0, x1]
	msr	vbar_el1, x0
	ldp	x0, x1, [sp], #16
	eret
1:	mov	x1, #HYP_EXIT_ILLEGAL
	b	hyp_exit
SYM_CODE_END(hyp_host_sync)

SYM_CODE_START_LOCAL(hyp_host_async)
	b	hyp_host_sync
SYM_CODE_END(hyp_host_async)

.macro vector_host to
	.align 7
	b	\to
.endm

/* What keeps a guest from steering the host's branch prediction (Spectre-BHB). */
.macro bhb_none
.endm

.macro bhb_loop
	stp	x2, x3, [sp, #-16]!
	adrp	x2, hyp_bhb_loops
	ldr	x2, [x2, :lo12:hyp_bhb_loops]
5555:	b	. + 4
	subs	x2, x2, #1
	b.ne	5555b
	dsb	nsh
	isb
	ldp	x2, x3, [sp], #16
.endm

.macro bhb_clrbhb
	hint	#22				// clearbhb
	isb
.endm

.macro bhb_fw
	stp	x2, x3, [sp, #-16]!
	stp	x0, x1, [sp, #-16]!
	adrp	x0, hyp_fw_function
	ldr	x0, [x0, :lo12:hyp_fw_function]
	smc	#0
	ldp	x0, x1, [sp], #16
	ldp	x2, x3, [sp], #16
.endm

.macro vector_guest code, bhb
	.align 7
	stp	x0, x1, [sp, #-16]!
	\bhb
	mov	x1, #\code
	b	hyp_exit
.endm

.macro vectors name, bhb
	.align 11
SYM_CODE_START(\name)
	vector_host hyp_host_sync		// EL2t: never used
	vector_host hyp_host_async
	vector_host hyp_host_async
	vector_host hyp_host_async
	vector_host hyp_host_sync		// EL2h
	vector_host hyp_host_async
	vector_host hyp_host_async
	vector_host hyp_host_async
	vector_guest HYP_EXIT_SYNC, \bhb	// lower EL, AArch64
	vector_guest HYP_EXIT_IRQ, \bhb
	vector_guest HYP_EXIT_IRQ, \bhb
	vector_guest HYP_EXIT_SERROR, \bhb
	vector_guest HYP_EXIT_SYNC, \bhb	// lower EL, AArch32 at EL0
	vector_guest HYP_EXIT_IRQ, \bhb
	vector_guest HYP_EXIT_IRQ, \bhb
	vector_guest HYP_EXIT_SERROR, \bhb
SYM_CODE_END(\name)
.endm

	vectors hyp_vectors, bhb_none
	vectors hyp_vectors_loop, bhb_loop
	vectors hyp_vectors_clrbhb, bhb_clrbhb
	vectors hyp_vectors_fw, bhb_fw
