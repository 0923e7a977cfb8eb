// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_GET_ONE_REG, KVM_SET_ONE_REG, KVM_GET_REG_LIST: names to registers.
 *
 * An id says its size; a register is reached only with its own id, so with its
 * own size and at its own place. Indices that user space chooses are bounded under
 * speculation, too.
 */

#include <linux/nospec.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include "aarch32.h"
#include "arm64.h"
#include "sysreg.h"

/* ---- Core registers: words of struct kvm_regs */

#define CORE_INDEX(field)	KVM_REG_ARM_CORE_REG(field)
#define CORE_ID(size, index)	(KVM_REG_ARM64 | (size) | KVM_REG_ARM_CORE | (u64)(index))

/* The 64-bit ones are at the beginning, without a gap; alignment may follow them. */
#define CORE_NR_U64		((offsetof(struct kvm_regs, spsr) / sizeof(u64)) + KVM_NR_SPSR)
#define CORE_NR_VREGS		32
#define CORE_VREG_WORDS		(sizeof(__uint128_t) / sizeof(u32))

struct core_reg {
	void *mem;		/* NULL: @sysreg */
	enum vcpu_sysreg sysreg;
	unsigned int size;
};

/*
 * Finds a core register. The SPSRs of AArch32 modes are kept for user space, even
 * if the guest does not have these modes.
 */
static int core_find(struct vcpu *vcpu, u64 id, struct core_reg *reg)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;
	struct user_fpsimd_state *fp = &vcpu->arch.fp;
	unsigned int index = id & 0xffff;

	*reg = (struct core_reg){ .size = sizeof(u64) };
	switch (index) {
	case CORE_INDEX(regs.regs[0]) ... CORE_INDEX(regs.regs[30]):
		if (index % 2)
			return -EINVAL;
		reg->mem = &hyp->regs[array_index_nospec(index / 2, ARRAY_SIZE(hyp->regs))];
		break;
	case CORE_INDEX(regs.sp):
		reg->mem = &hyp->sp_el0;
		break;
	case CORE_INDEX(regs.pc):
		reg->mem = &hyp->pc;
		break;
	case CORE_INDEX(regs.pstate):
		reg->mem = &hyp->pstate;
		break;
	case CORE_INDEX(sp_el1):
		reg->sysreg = SYS_SP1;
		break;
	case CORE_INDEX(elr_el1):
		reg->sysreg = SYS_ELR1;
		break;
	case CORE_INDEX(spsr[KVM_SPSR_EL1]):
		reg->sysreg = SYS_SPSR1;
		break;
	case CORE_INDEX(spsr[KVM_SPSR_ABT]) ... CORE_INDEX(spsr[KVM_SPSR_FIQ]):
		if (index % 2)
			return -EINVAL;
		index = (index - CORE_INDEX(spsr[KVM_SPSR_ABT])) / 2;
		index = array_index_nospec(index, ARRAY_SIZE(vcpu->arch.spsr_aarch32));
		reg->mem = &vcpu->arch.spsr_aarch32[index];
		break;
	case CORE_INDEX(fp_regs.vregs[0]) ... CORE_INDEX(fp_regs.vregs[31]):
		if (vcpu_has_feature(vcpu, KVM_ARM_VCPU_SVE))
			return -EINVAL;
		index -= CORE_INDEX(fp_regs.vregs[0]);
		if (index % CORE_VREG_WORDS)
			return -EINVAL;
		index = array_index_nospec(index / CORE_VREG_WORDS, ARRAY_SIZE(fp->vregs));
		reg->mem = &fp->vregs[index];
		reg->size = sizeof(__uint128_t);
		break;
	case CORE_INDEX(fp_regs.fpsr):
		reg->mem = &fp->fpsr;
		reg->size = sizeof(u32);
		break;
	case CORE_INDEX(fp_regs.fpcr):
		reg->mem = &fp->fpcr;
		reg->size = sizeof(u32);
		break;
	default:
		return -ENOENT;
	}
	if (id & ~(KVM_REG_ARCH_MASK | KVM_REG_SIZE_MASK | KVM_REG_ARM_COPROC_MASK | 0xffff))
		return -ENOENT;
	return KVM_REG_SIZE(id) == reg->size ? 0 : -EINVAL;
}

/* Modes that the guest can be in; anything else would be an illegal exception return. */
static bool core_pstate_valid(struct vcpu *vcpu, u64 pstate)
{
	u64 pfr0 = sysreg_id_reg(vcpu->vm, SYS_ID_AA64PFR0_EL1);

	switch (pstate & EXC_M_MASK) {
	case EXC_M_EL0T:
	case EXC_M_EL1T:
	case EXC_M_EL1H:
		return !vcpu_is_aarch32(vcpu);
	case A32_M_FIQ:
	case A32_M_IRQ:
	case A32_M_SVC:
	case A32_M_ABT:
	case A32_M_UND:
	case A32_M_SYS:
		return vcpu_is_aarch32(vcpu);
	case A32_M_USR:
		return (pfr0 & ID_AA64PFR0_EL1_EL0_MASK) == ID_AA64PFR0_EL1_EL0_AARCH32;
	default:
		return false;
	}
}

static int core_get(struct vcpu *vcpu, const struct kvm_one_reg *one, void __user *user)
{
	struct core_reg reg;
	u64 val;
	int ret = core_find(vcpu, one->id, &reg);

	if (ret)
		return ret;
	if (!reg.mem) {
		val = vcpu_sysreg_get(vcpu, reg.sysreg);
		reg.mem = &val;
	}
	return copy_to_user(user, reg.mem, reg.size) ? -EFAULT : 0;
}

static int core_set(struct vcpu *vcpu, const struct kvm_one_reg *one, void __user *user)
{
	struct vcpu_hyp *hyp = &vcpu->arch.hyp;
	struct core_reg reg;
	__uint128_t buf = 0;
	u64 val;
	int ret = core_find(vcpu, one->id, &reg);

	if (ret)
		return ret;
	if (copy_from_user(&buf, user, reg.size))
		return -EFAULT;
	val = buf;

	if (!reg.mem) {
		vcpu_sysreg_set(vcpu, reg.sysreg, val);
		return 0;
	}
	if (reg.mem == &hyp->pstate) {
		if (!core_pstate_valid(vcpu, val))
			return -EINVAL;
		/* The upper halves do not exist in AArch32 state, nor x15 on below an AArch64 EL1. */
		if (val & EXC_M_AARCH32) {
			for (unsigned int i = 0; i < ARRAY_SIZE(hyp->regs); i++)
				hyp->regs[i] = (u32)hyp->regs[i];
			hyp->pc = (u32)hyp->pc;
		}
	}
	memcpy(reg.mem, &buf, reg.size);
	return 0;
}

/* With SVE they are a part of the Z registers, which have names of their own. */
static unsigned int core_nr_vregs(const struct vcpu *vcpu)
{
	return vcpu_has_feature(vcpu, KVM_ARM_VCPU_SVE) ? 0 : CORE_NR_VREGS;
}

static unsigned int core_count(const struct vcpu *vcpu)
{
	return CORE_NR_U64 + core_nr_vregs(vcpu) + 2;
}

static int put_ids(u64 __user **ids, u64 first, unsigned int step, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (put_user(first + i * step, *ids))
			return -EFAULT;
		(*ids)++;
	}
	return 0;
}

static int core_list(const struct vcpu *vcpu, u64 __user **ids)
{
	if (put_ids(ids, CORE_ID(KVM_REG_SIZE_U64, 0), sizeof(u64) / sizeof(u32),
		    CORE_NR_U64) ||
	    put_ids(ids, CORE_ID(KVM_REG_SIZE_U128, CORE_INDEX(fp_regs.vregs[0])),
		    CORE_VREG_WORDS, core_nr_vregs(vcpu)) ||
	    put_ids(ids, CORE_ID(KVM_REG_SIZE_U32, CORE_INDEX(fp_regs.fpsr)), 1, 2))
		return -EFAULT;
	return 0;
}

/* ---- Timers */

#define TIMER_IDS(timer)	KVM_REG_ARM_##timer##_CTL, KVM_REG_ARM_##timer##_CVAL,	\
				KVM_REG_ARM_##timer##_CNT

static const u64 timer_ids[] = { TIMER_IDS(TIMER), TIMER_IDS(PTIMER) };

static int timer_list(u64 __user **ids)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(timer_ids); i++)
		if (put_ids(ids, timer_ids[i], 0, 1))
			return -EFAULT;
	return 0;
}

static bool timer_is(u64 id)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(timer_ids); i++)
		if (timer_ids[i] == id)
			return true;
	return false;
}

/* ---- Registers behind a selector: CCSIDR_EL1 by CSSELR_EL1 */

#define CCSIDR_ID(csselr)	(KVM_REG_ARM64 | KVM_REG_SIZE_U32 | KVM_REG_ARM_DEMUX |	\
				 KVM_REG_ARM_DEMUX_ID_CCSIDR | (u64)(csselr))

/* CSSELR_EL1 value in an id, or -ENOENT */
static int demux_csselr(u64 id)
{
	unsigned int csselr = id & KVM_REG_ARM_DEMUX_VAL_MASK;

	if (id != CCSIDR_ID(csselr) || csselr >= ARM64_NR_CCSIDR)
		return -ENOENT;
	return array_index_nospec(csselr, ARM64_NR_CCSIDR);
}

static int demux_get(struct vcpu *vcpu, u64 id, void __user *user)
{
	int csselr = demux_csselr(id);

	if (csselr < 0)
		return csselr;
	return put_user(sysreg_ccsidr_get(vcpu, csselr), (u32 __user *)user);
}

static int demux_set(struct vcpu *vcpu, u64 id, void __user *user)
{
	int csselr = demux_csselr(id);
	u32 val;

	if (csselr < 0)
		return csselr;
	if (get_user(val, (u32 __user *)user))
		return -EFAULT;
	sysreg_ccsidr_set(vcpu, csselr, val);
	return 0;
}

/* ---- All of them */

static int reg64_get(struct vcpu *vcpu, u64 id, u64 *val)
{
	switch (id & KVM_REG_ARM_COPROC_MASK) {
	case KVM_REG_ARM_FW:
	case KVM_REG_ARM_FW_FEAT_BMAP:
		return psci_fw_reg_get(vcpu, id, val);
	case KVM_REG_ARM64_SYSREG:
		return timer_is(id) ? gtimer_get_one_reg(vcpu, id, val) :
				      sysreg_get_one_reg(vcpu, id, val);
	default:
		return -ENOENT;
	}
}

static int reg64_set(struct vcpu *vcpu, u64 id, u64 val)
{
	switch (id & KVM_REG_ARM_COPROC_MASK) {
	case KVM_REG_ARM_FW:
	case KVM_REG_ARM_FW_FEAT_BMAP:
		return psci_fw_reg_set(vcpu, id, val);
	case KVM_REG_ARM64_SYSREG:
		return timer_is(id) ? gtimer_set_one_reg(vcpu, id, val) :
				      sysreg_set_one_reg(vcpu, id, val);
	default:
		return -ENOENT;
	}
}

/**
 * onereg_get - KVM_GET_ONE_REG
 * @vcpu: vcpu->mutex held, initialised
 * @reg: id and user address
 *
 * Return: 0, -ENOENT for an id that names nothing, -EINVAL for one of another
 * architecture or with the wrong size, -EPERM for one of SVE before
 * KVM_ARM_VCPU_FINALIZE, -EFAULT.
 */
int onereg_get(struct vcpu *vcpu, const struct kvm_one_reg *reg)
{
	void __user *user = u64_to_user_ptr(reg->addr);
	u64 val;
	int ret;

	if ((reg->id & KVM_REG_ARCH_MASK) != KVM_REG_ARM64)
		return -EINVAL;
	switch (reg->id & KVM_REG_ARM_COPROC_MASK) {
	case KVM_REG_ARM_CORE:
		return core_get(vcpu, reg, user);
	case KVM_REG_ARM64_SVE:
		return sve_get_one_reg(vcpu, reg->id, user);
	case KVM_REG_ARM_DEMUX:
		return demux_get(vcpu, reg->id, user);
	}
	if (KVM_REG_SIZE(reg->id) != sizeof(val))
		return -ENOENT;
	ret = reg64_get(vcpu, reg->id, &val);
	if (ret)
		return ret;
	return put_user(val, (u64 __user *)user);
}

/**
 * onereg_set - KVM_SET_ONE_REG
 * @vcpu: vcpu->mutex held, initialised
 * @reg: id and user address
 *
 * Return: as onereg_get(); -EINVAL also for a value that the register cannot
 * have, -EBUSY for one that is fixed since the first run.
 */
int onereg_set(struct vcpu *vcpu, const struct kvm_one_reg *reg)
{
	void __user *user = u64_to_user_ptr(reg->addr);
	u64 val;

	if ((reg->id & KVM_REG_ARCH_MASK) != KVM_REG_ARM64)
		return -EINVAL;
	switch (reg->id & KVM_REG_ARM_COPROC_MASK) {
	case KVM_REG_ARM_CORE:
		return core_set(vcpu, reg, user);
	case KVM_REG_ARM64_SVE:
		return sve_set_one_reg(vcpu, reg->id, user);
	case KVM_REG_ARM_DEMUX:
		return demux_set(vcpu, reg->id, user);
	}
	if (KVM_REG_SIZE(reg->id) != sizeof(val))
		return -ENOENT;
	if (get_user(val, (u64 __user *)user))
		return -EFAULT;
	return reg64_set(vcpu, reg->id, val);
}

static unsigned int onereg_count(struct vcpu *vcpu)
{
	return core_count(vcpu) + sve_count(vcpu) + psci_fw_reg_count(vcpu) +
	       ARRAY_SIZE(timer_ids) + sysreg_count(vcpu) + ARM64_NR_CCSIDR;
}

/**
 * onereg_list - KVM_GET_REG_LIST
 * @vcpu: vcpu->mutex held, initialised
 * @user: room for @n ids; @n becomes what there are
 *
 * Return: 0; -E2BIG, with @n written, if there is not enough room; -EFAULT.
 */
int onereg_list(struct vcpu *vcpu, struct kvm_reg_list __user *user)
{
	u64 __user *ids = user->reg;
	u64 room, n = onereg_count(vcpu);

	if (get_user(room, &user->n))
		return -EFAULT;
	if (put_user(n, &user->n))
		return -EFAULT;
	if (room < n)
		return -E2BIG;

	if (core_list(vcpu, &ids) || sve_list(vcpu, &ids) || psci_fw_reg_list(vcpu, &ids) ||
	    timer_list(&ids) ||
	    sysreg_list(vcpu, &ids) || put_ids(&ids, CCSIDR_ID(0), 1, ARM64_NR_CCSIDR))
		return -EFAULT;
	return 0;
}
