/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_SMCCC_H
#define KVM_ARM64_SMCCC_H

/* Between the files that answer firmware calls: smccc*.c, psci.c, fwreg.c, pvtime.c. */

#include <linux/arm-smccc.h>
#include <linux/bits.h>
#include <linux/kvm.h>
#include "arm64.h"

/* Bits that exist of the three bitmaps KVM_REG_ARM_*_BMAP; all of them work. */
#define SMCCC_STD_FEATURES		BIT_ULL(KVM_REG_ARM_STD_BIT_TRNG_V1_0)
#define SMCCC_STD_HYP_FEATURES		BIT_ULL(KVM_REG_ARM_STD_HYP_BIT_PV_TIME)
#define SMCCC_VENDOR_HYP_FEATURES	(BIT_ULL(KVM_REG_ARM_VENDOR_HYP_BIT_FUNC_FEAT) | \
					 BIT_ULL(KVM_REG_ARM_VENDOR_HYP_BIT_PTP))

/* x0 to x3 are a call's results (DEN 0028, 2.7). */
static inline void smccc_return(struct vcpu *vcpu, u64 r0, u64 r1, u64 r2, u64 r3)
{
	u64 *regs = vcpu->arch.hyp.regs;

	regs[0] = r0;
	regs[1] = r1;
	regs[2] = r2;
	regs[3] = r3;
}

/* An error, sign-extended: callers of 32-bit functions look at w0 or at x0. */
static inline void smccc_return_code(struct vcpu *vcpu, long code)
{
	smccc_return(vcpu, code, 0, 0, 0);
}

/* Argument n (1, 2, ...): functions of the 32-bit convention have 32-bit ones. */
static inline u64 smccc_arg(const struct vcpu *vcpu, u32 fn, unsigned int n)
{
	u64 val = vcpu->arch.hyp.regs[n];

	return ARM_SMCCC_IS_64(fn) ? val : lower_32_bits(val);
}

/* smccc.c: KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1..3 as this host can say them. */
u64 smccc_workaround_level(u64 reg);

/* smccc_trng.c: any context; true if answered.  trng_call() answers the rest in process context. */
bool trng_call_fast(struct vcpu *vcpu, u32 fn);
void trng_call(struct vcpu *vcpu, u32 fn);

/* psci.c: calls that only read state; true if answered.  Interrupts on or off. */
bool psci_call_fast(struct vcpu *vcpu, u32 fn);
bool psci_is_legacy(u32 fn);

/* pvtime.c */
bool pvtime_features(struct vcpu *vcpu, u32 fn);
u64 pvtime_start(struct vcpu *vcpu);	/* IPA of the structure, or SMCCC_RET_NOT_SUPPORTED */

#endif
