/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_HYP_H
#define KVM_ARM64_HYP_H

/*
 * The world switch of a VHE host: the kernel runs at EL2 with HCR_EL2.{E2H,TGE}
 * = {1,1}, the guest at EL1 and EL0 with TGE = 0.
 *
 * What changes when:
 *   load/put	EL1 and EL0 system registers, stage-2 base, virtual IDs, trap
 *		controls that cannot affect the host kernel, timer access
 *   each entry	general registers, ELR, SPSR, SP_EL0, the vector base
 *   inner loop	HCR_EL2 and CPTR_EL2, by hyp_activate() and hyp_deactivate(),
 *		around as many entries as the exits between them allow
 */

/* Offsets in struct vcpu_hyp */
#define HYP_REGS		0
#define HYP_SP_EL0		(31 * 8)
#define HYP_PC			(32 * 8)
#define HYP_PSTATE		(33 * 8)
#define HYP_ESR			(34 * 8)
#define HYP_PTRAUTH		(35 * 8)
#define HYP_APIA		(36 * 8)

/* Why hyp_enter() came back: which vector was taken. */
#define HYP_EXIT_SYNC		0
#define HYP_EXIT_IRQ		1
#define HYP_EXIT_SERROR		2
#define HYP_EXIT_ILLEGAL	3	/* the entry itself was an illegal exception return */

#ifndef __ASSEMBLY__

#include <linux/kvm.h>
#include <kvm/vcpu.h>

/* entry.S.  All exceptions masked; returns HYP_EXIT_*. */
int hyp_enter(struct vcpu_hyp *hyp, unsigned long vectors);
extern char hyp_vectors[], hyp_vectors_loop[], hyp_vectors_clrbhb[], hyp_vectors_fw[];
extern u64 hyp_bhb_loops, hyp_fw_function;
extern u64 __percpu *hyp_host_vbar;

/* fpsimd.S */
void hyp_fp_save(struct user_fpsimd_state *fp);
void hyp_fp_load(const struct user_fpsimd_state *fp);
/* With vectors as long as ZCR_EL2 allows; of @fp FPSR and FPCR only */
void hyp_sve_save(void *state, struct user_fpsimd_state *fp);
void hyp_sve_load(const void *state, const struct user_fpsimd_state *fp);
unsigned int hyp_sve_vl(void);	/* in bytes */

/* switch.c.  Interrupts off. */
void hyp_activate(struct vcpu *vcpu);
void hyp_deactivate(struct vcpu *vcpu);
int hyp_run(struct vcpu *vcpu);

/* el1.c.  Preemption off. */
void hyp_el1_load(struct vcpu *vcpu);
void hyp_el1_save(struct vcpu *vcpu);
void hyp_traps_init(void);	/* module init */
void hyp_traps_load(struct vcpu *vcpu);
void hyp_traps_put(struct vcpu *vcpu);

/* mte.c: vCPUs with memory tags.  Preemption off; the last two with interrupts off. */
void hyp_mte_load(struct vcpu *vcpu);
void hyp_mte_save(struct vcpu *vcpu);
void hyp_mte_activate(struct vcpu *vcpu);
void hyp_mte_deactivate(struct vcpu *vcpu);

/* mitigate.c */
void hyp_mitigate_cpu(void);	/* chooses this CPU's vectors; on that CPU, preemption off */
unsigned long hyp_cpu_vectors(void);
bool hyp_exit_clears_history(void);	/* this CPU; preemption off */

#endif
#endif
