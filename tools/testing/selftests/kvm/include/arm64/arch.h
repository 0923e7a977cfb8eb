/* SPDX-License-Identifier: GPL-2.0 */
/* arm64: the host side. */
#ifndef ARCH_H
#define ARCH_H

#include "kvm_lib.h"

/* Ids of registers. */
#define REG_CORE(field, size)	(KVM_REG_ARM64 | (size) | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(field))
#define REG_X(n)		REG_CORE(regs.regs[n], KVM_REG_SIZE_U64)
#define REG_PC			REG_CORE(regs.pc, KVM_REG_SIZE_U64)
#define REG_PSTATE		REG_CORE(regs.pstate, KVM_REG_SIZE_U64)
#define REG_SP_EL0		REG_CORE(regs.sp, KVM_REG_SIZE_U64)
#define REG_SP_EL1		REG_CORE(sp_el1, KVM_REG_SIZE_U64)
#define REG_ELR_EL1		REG_CORE(elr_el1, KVM_REG_SIZE_U64)
#define REG_SPSR(n)		REG_CORE(spsr[n], KVM_REG_SIZE_U64)
#define REG_V(n)		REG_CORE(fp_regs.vregs[n], KVM_REG_SIZE_U128)
#define REG_FPSR		REG_CORE(fp_regs.fpsr, KVM_REG_SIZE_U32)
#define REG_FPCR		REG_CORE(fp_regs.fpcr, KVM_REG_SIZE_U32)

#define REG_SYS(...)		ARM64_SYS_REG(__VA_ARGS__)
#define REG_MPIDR_EL1		REG_SYS(3, 0, 0, 0, 5)
#define REG_SCTLR_EL1		REG_SYS(3, 0, 1, 0, 0)
#define REG_ESR_EL1		REG_SYS(3, 0, 5, 2, 0)
#define REG_FAR_EL1		REG_SYS(3, 0, 6, 0, 0)
#define REG_VBAR_EL1		REG_SYS(3, 0, 12, 0, 0)
#define REG_TPIDR_EL1		REG_SYS(3, 0, 13, 0, 4)

/* vCPUs with other features than vcpu_add() gives them (PSCI 0.2 and nothing else). */
void vcpu_preferred_init(struct vm *vm, struct kvm_vcpu_init *init);
void vcpu_init_features(struct vcpu *vcpu, uint32_t features);	/* KVM_ARM_VCPU_INIT, must succeed */
int  vcpu_try_init(struct vcpu *vcpu, uint32_t features);	/* 0 or -1 with errno */

/* One that is off until the guest turns it on, and then runs fn. */
struct vcpu *vcpu_add_off(struct vm *vm, guest_fn fn, uint64_t a0);
/* With features; memory of the guest's side is set up, the function not yet. */
struct vcpu *vcpu_add_features(struct vm *vm, guest_fn fn, uint32_t features);

#define FEATURE(name)	(1u << KVM_ARM_VCPU_##name)

/* The MPIDR of the vCPU with this index, affinity fields only. */
uint64_t vcpu_mpidr(struct vcpu *vcpu);

/* KVM_IRQ_LINE's encodings */
#define IRQ_SPI(intid)		(KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (intid))
#define IRQ_PPI(index, intid)	(KVM_ARM_IRQ_TYPE_PPI << KVM_ARM_IRQ_TYPE_SHIFT | \
				 ((index) & 0xff) << KVM_ARM_IRQ_VCPU_SHIFT | \
				 ((index) >> 8 & 0xf) << KVM_ARM_IRQ_VCPU2_SHIFT | (intid))

#endif /* ARCH_H */
