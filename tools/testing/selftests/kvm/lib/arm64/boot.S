/* SPDX-License-Identifier: GPL-2.0 */
/* arm64 guest: from the MMU off to guest_main(), and the exception vectors. */

/* struct guest_boot */
#define BOOT_TTBR0	0
#define BOOT_TCR	8
#define BOOT_MAIR	16
#define BOOT_SCTLR	24
#define BOOT_VBAR	32
#define BOOT_SP		40
#define BOOT_MAIN	48

	.text

/* Entered at its physical address, as after reset or CPU_ON; x0: physical address of this CPU's struct guest_cpu. */
	.globl	guest_entry
guest_entry:
	mov	x19, x0
	ldp	x1, x2, [x19, #BOOT_TTBR0]
	ldp	x3, x4, [x19, #BOOT_MAIR]
	ldp	x5, x6, [x19, #BOOT_VBAR]
	ldr	x7, [x19, #BOOT_MAIN]
	msr	ttbr0_el1, x1
	msr	tcr_el1, x2
	msr	mair_el1, x3
	msr	vbar_el1, x5
	msr	tpidr_el1, x19
	mov	x8, #3 << 20			/* FP and SIMD do not trap, nor SVE if there is any */
	orr	x8, x8, #3 << 16
	msr	cpacr_el1, x8
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	msr	sctlr_el1, x4
	isb
	mov	sp, x6
	mov	x29, xzr
	mov	x30, xzr
	br	x7				/* to the address that the program was linked at */

	.globl	guest_start
guest_start:
	mov	x0, x19
	bl	guest_main
	b	.

	.macro	vector number
	.balign	128
	sub	sp, sp, #272
	stp	x0, x1, [sp]
	mov	x1, #\number
	b	exception
	.endm

	.balign	2048
	.globl	guest_vectors
guest_vectors:
	.set	n, 0
	.rept	16
	vector	n
	.set	n, n + 1
	.endr
	.balign	128

exception:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	add	x2, sp, #272
	stp	x30, x2, [sp, #240]
	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	stp	x2, x3, [sp, #256]
	mov	x0, sp
	bl	guest_exception
	ldp	x2, x3, [sp, #256]
	msr	elr_el1, x2
	msr	spsr_el1, x3
	ldr	x30, [sp, #240]
	ldp	x28, x29, [sp, #224]
	ldp	x26, x27, [sp, #208]
	ldp	x24, x25, [sp, #192]
	ldp	x22, x23, [sp, #176]
	ldp	x20, x21, [sp, #160]
	ldp	x18, x19, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp]
	add	sp, sp, #272
	eret

/* A hypercall with four arguments: x0-x3, result to where x4 points. */
	.macro	smccc name insn
	.globl	\name
\name:
	stp	x29, x30, [sp, #-32]!
	mov	x29, sp
	str	x4, [sp, #16]
	\insn	#0
	ldr	x4, [sp, #16]
	stp	x0, x1, [x4]
	stp	x2, x3, [x4, #16]
	ldp	x29, x30, [sp], #32
	ret
	.endm

	smccc	guest_hvc_raw hvc
	smccc	guest_smc_raw smc

	.section .note.GNU-stack, "", %progbits
