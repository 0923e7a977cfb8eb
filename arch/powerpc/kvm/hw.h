/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_POWERPC_HW_H
#define KVM_POWERPC_HW_H

/*
 * Between the world switch (entry.S) and the code around it.
 *
 * Vectors are numbered as the IVORs are.
 */
#define VECTOR_CRITICAL		0
#define VECTOR_MCHECK		1
#define VECTOR_DSI		2
#define VECTOR_ISI		3
#define VECTOR_EXTERNAL		4
#define VECTOR_ALIGNMENT	5
#define VECTOR_PROGRAM		6
#define VECTOR_FP_UNAVAILABLE	7
#define VECTOR_SYSCALL		8
#define VECTOR_AP_UNAVAILABLE	9
#define VECTOR_DECREMENTER	10
#define VECTOR_FIT		11
#define VECTOR_WATCHDOG		12
#define VECTOR_DTLB		13
#define VECTOR_ITLB		14
#define VECTOR_DEBUG		15

/* Offsets in struct vcpu_hw: first comes struct ppc_cpu_state */
#define HW_GPR(n)		(4 * (n))
#define HW_PC			128
#define HW_CR			132
#define HW_XER			136
#define HW_LR			140
#define HW_CTR			144
#define HW_MSR			728
#define HW_PID			732
#define HW_IVPR			736
#define HW_SHARED		740
#define HW_USPRG0		744
#define HW_VECTOR		748
#define HW_ESR			752
#define HW_DEAR			756
#define HW_SCRATCH		760
#define HW_MCHECK_MCSRR		776
#define HW_MCHECK_LOST		780
#define HW_HOST_SP		784
#define HW_HOST_MSR		788
#define HW_HOST_IVPR		792
#define HW_HOST_PID		796

/* Offset in struct kvm_vcpu_arch_shared: the low half of SPRG4, 8 bytes before that of SPRG5 */
#define SHARED_SPRG4		212

#ifndef __ASSEMBLY__

#include <linux/types.h>

struct vcpu_hw;

/* The block: code that is copied to where no TLB miss can happen (entry.S). */
extern const u32 block_text[], block_text_end[];
extern const u32 block_enter[], block_exit[], block_exit_mcheck[], block_exit_debug[];

int block_init(void);
void block_exit_module(void);
/* Interrupts off.  Runs the guest until its next exit; struct vcpu_hw says which. */
void block_run(struct vcpu_hw *hw);
/* Around a row of these, interrupts off all the time */
void block_host_save(struct vcpu_hw *hw);
void block_host_restore(const struct vcpu_hw *hw);

#endif
#endif
