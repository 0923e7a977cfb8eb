/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest entry and exit on a 44x core.
 *
 * All of this is copied to a block of memory that the host's pinned TLB entries
 * map, and runs there only (block.c): the code is position independent and
 * touches nothing but the stack, a struct vcpu_hw and the page of registers that
 * can be shared with the guest, which are in such memory too.  So no TLB miss can happen here, and none can destroy what is saved.
 *
 * While the guest runs
 *	IVPR	is the block: each IVOR's offset there has a stub
 *	SPRG1	is the vcpu_hw
 *	SPRG0	is free for a stub, SPRG2 for one of a critical or machine check
 *		interrupt; the host uses these within its handlers' first
 *		instructions only
 *	SPRG4 to SPRG7 and USPRG0 are the guest's: block_host_save() has the host's
 *	MSR[CE]	is off, here as well: of the interrupts that a handler could be
 *		interrupted by, machine checks and debug events are left
 */

#include <linux/linkage.h>
#include <asm/ppc_asm.h>
#include <asm/reg.h>
#include <asm/reg_booke.h>
#include "hw.h"

/* The host's stack frame: r2, cr, r13 to r31 */
#define FRAME_SIZE	96
#define FRAME_R2	8
#define FRAME_CR	12
#define FRAME_R13	16

#define SPRG4_WRITE	0x114	/* to 0x117 */
#define USPRG0		0x100

#define RFMCI		.long 0x4c00004c

	.text
	.balign	32
	.globl	block_text
block_text:

/* r3: vcpu_hw.  Interrupts are off.  Returns like a function after the exit. */
	.globl	block_enter
block_enter:
	stwu	r1, -FRAME_SIZE(r1)
	mflr	r0
	mfcr	r4
	stw	r0, FRAME_SIZE + 4(r1)
	stw	r4, FRAME_CR(r1)
	stw	r2, FRAME_R2(r1)
	stmw	r13, FRAME_R13(r1)
	stw	r1, HW_HOST_SP(r3)

	mfmsr	r4
	stw	r4, HW_HOST_MSR(r3)
	rlwinm	r4, r4, 0, 15, 13		/* MSR[CE] off */
	mtmsr	r4
	isync

	mfspr	r4, SPRN_IVPR
	mfspr	r5, SPRN_PID
	stw	r4, HW_HOST_IVPR(r3)
	stw	r5, HW_HOST_PID(r3)

	/* A reservation of the host's must not make the guest's stwcx. succeed. */
	addi	r4, r3, HW_SCRATCH
	stwcx.	r4, 0, r4

	lwz	r11, HW_SHARED(r3)
	lwz	r4, HW_IVPR(r3)
	lwz	r5, HW_PID(r3)
	lwz	r6, SHARED_SPRG4(r11)
	lwz	r7, SHARED_SPRG4 + 8(r11)
	lwz	r8, SHARED_SPRG4 + 16(r11)
	lwz	r9, SHARED_SPRG4 + 24(r11)
	lwz	r10, HW_USPRG0(r3)
	mtspr	SPRG4_WRITE, r6
	mtspr	SPRG4_WRITE + 1, r7
	mtspr	SPRG4_WRITE + 2, r8
	mtspr	SPRG4_WRITE + 3, r9
	mtspr	USPRG0, r10
	mtspr	SPRN_SPRG1, r3
	mtspr	SPRN_PID, r5
	mtspr	SPRN_IVPR, r4
	isync

	lwz	r4, HW_PC(r3)
	lwz	r5, HW_MSR(r3)
	lwz	r6, HW_CR(r3)
	lwz	r7, HW_LR(r3)
	lwz	r8, HW_CTR(r3)
	lwz	r9, HW_XER(r3)
	mtspr	SPRN_SRR0, r4
	mtspr	SPRN_SRR1, r5
	mtcr	r6
	mtlr	r7
	mtctr	r8
	mtxer	r9
	lmw	r5, HW_GPR(5)(r3)
	lwz	r0, HW_GPR(0)(r3)
	lwz	r1, HW_GPR(1)(r3)
	lwz	r2, HW_GPR(2)(r3)
	lwz	r4, HW_GPR(4)(r3)
	lwz	r3, HW_GPR(3)(r3)
	rfi

/*
 * The stubs of the interrupts that are not critical, made by block.c:
 *	mtspr SPRG0, r3; mfspr r3, SPRG1; stw r4, HW_GPR(4)(r3); li r4, vector; b here
 */
	.globl	block_exit
block_exit:
	stw	r0, HW_GPR(0)(r3)
	stw	r1, HW_GPR(1)(r3)
	stw	r2, HW_GPR(2)(r3)
	stmw	r5, HW_GPR(5)(r3)
	mfspr	r5, SPRN_SPRG0
	mfspr	r6, SPRN_SRR0
.Lexit:
	/* r3: vcpu_hw, r4: vector, r5: the guest's r3, r6: its pc; r4 to r31 are saved */
	stw	r5, HW_GPR(3)(r3)
	stw	r6, HW_PC(r3)
	stw	r4, HW_VECTOR(r3)
	mfcr	r5
	mflr	r6
	mfctr	r7
	mfxer	r8
	mfspr	r9, SPRN_ESR
	mfspr	r10, SPRN_DEAR
	mfspr	r11, USPRG0
	stw	r5, HW_CR(r3)
	stw	r6, HW_LR(r3)
	stw	r7, HW_CTR(r3)
	stw	r8, HW_XER(r3)
	stw	r9, HW_ESR(r3)
	stw	r10, HW_DEAR(r3)
	stw	r11, HW_USPRG0(r3)

	lwz	r4, HW_HOST_IVPR(r3)
	lwz	r5, HW_HOST_PID(r3)
	mtspr	SPRN_IVPR, r4
	mtspr	SPRN_PID, r5
	isync

	lwz	r1, HW_HOST_SP(r3)
	lwz	r4, HW_HOST_MSR(r3)
	mtmsr	r4
	isync
	lwz	r0, FRAME_SIZE + 4(r1)
	lwz	r4, FRAME_CR(r1)
	lwz	r2, FRAME_R2(r1)
	lmw	r13, FRAME_R13(r1)
	mtlr	r0
	mtcr	r4
	addi	r1, r1, FRAME_SIZE
	blr

/*
 * Debug: from the guest, or from the first instruction of another handler,
 * which runs with the guest's MSR[DE].  The latter goes on without it.
 */
	.globl	block_exit_debug
block_exit_debug:
	mtspr	SPRN_SPRG2, r3
	mfspr	r3, SPRN_SPRG1
	stw	r4, HW_SCRATCH(r3)
	mfcr	r4
	stw	r4, HW_SCRATCH + 4(r3)
	mfspr	r4, SPRN_CSRR1
	andi.	r4, r4, MSR_PR
	li	r4, VECTOR_DEBUG
	bne	.Lcritical
	mfspr	r4, SPRN_CSRR1
	rlwinm	r4, r4, 0, 23, 21		/* MSR[DE] off */
	mtspr	SPRN_CSRR1, r4
	lis	r4, 0xffff
	mtspr	SPRN_DBSR, r4
	lwz	r4, HW_SCRATCH + 4(r3)
	mtcr	r4
	lwz	r4, HW_SCRATCH(r3)
	mfspr	r3, SPRN_SPRG2
	rfci

.Lcritical:
	/* r4: vector; the guest's r3 in SPRG2, r4 and cr in the scratch area */
	stw	r0, HW_GPR(0)(r3)
	stw	r1, HW_GPR(1)(r3)
	stw	r2, HW_GPR(2)(r3)
	stmw	r5, HW_GPR(5)(r3)
	lwz	r5, HW_SCRATCH(r3)
	stw	r5, HW_GPR(4)(r3)
	lwz	r5, HW_SCRATCH + 4(r3)
	mtcr	r5
	mfspr	r5, SPRN_SPRG2
	mfspr	r6, SPRN_CSRR0
	b	.Lexit

/*
 * Machine check: cores differ in the registers that it saves to.  One that
 * comes while another handler runs is noted, and that handler goes on.
 */
	.globl	block_exit_mcheck
block_exit_mcheck:
	mtspr	SPRN_SPRG2, r3
	mfspr	r3, SPRN_SPRG1
	stw	r4, HW_SCRATCH(r3)
	mfcr	r4
	stw	r4, HW_SCRATCH + 4(r3)
	lwz	r4, HW_MCHECK_MCSRR(r3)
	cmpwi	r4, 0
	bne	1f
	mfspr	r4, SPRN_CSRR1
	andi.	r4, r4, MSR_PR
	li	r4, VECTOR_MCHECK
	bne	.Lcritical
	stw	r4, HW_MCHECK_LOST(r3)
	lwz	r4, HW_SCRATCH + 4(r3)
	mtcr	r4
	lwz	r4, HW_SCRATCH(r3)
	mfspr	r3, SPRN_SPRG2
	rfci
1:
	mfspr	r4, SPRN_MCSRR1
	andi.	r4, r4, MSR_PR
	li	r4, VECTOR_MCHECK
	beq	2f
	stw	r5, HW_GPR(5)(r3)
	mfspr	r5, SPRN_MCSRR0
	mtspr	SPRN_CSRR0, r5
	lwz	r5, HW_GPR(5)(r3)
	b	.Lcritical
2:
	stw	r4, HW_MCHECK_LOST(r3)
	lwz	r4, HW_SCRATCH + 4(r3)
	mtcr	r4
	lwz	r4, HW_SCRATCH(r3)
	mfspr	r3, SPRN_SPRG2
	RFMCI

	.globl	block_text_end
block_text_end:
