// SPDX-License-Identifier: GPL-2.0
/*
 * Registers for user space: GET and SET of REGS, SREGS, FPU and ONE_REG, and
 * what a vCPU begins with.
 *
 * Locks: vcpu->mutex held by the caller.
 */

#include <linux/array_size.h>
#include <linux/nospec.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/reg.h>
#include <asm/time.h>
#include "booke.h"

#define REGS_SREGS_FEATURES	(KVM_SREGS_E_BASE | KVM_SREGS_E_ARCH206 | KVM_SREGS_E_IVOR | \
				 KVM_SREGS_E_DEBUG)
/* Where exceptions go as long as the guest has not said: a place that is easy to see. */
#define REGS_RESET_IVPR		0x55550000
#define REGS_RESET_IVOR(n)	(0x7700 | (n) * 4)

/**
 * regs_reset() - what a vCPU begins with
 * @vcpu: new
 */
void regs_reset(struct vcpu *vcpu)
{
	struct vcpu_regs *regs = &vcpu->arch.regs;
	unsigned int i;

	vcpu->arch.hw.cpu.core = &mmio_core;
	regs->pvr = mfspr(SPRN_PVR);
	regs->pir = vcpu->id;
	vcpu->arch.hw.shared->pir = vcpu->id;
	regs->ivpr = REGS_RESET_IVPR;
	for (i = 0; i < BOOKE_NR_IVORS; i++)
		regs->ivor[i] = REGS_RESET_IVOR(i) & 0xfff0;
	regs->ccr0 = mfspr(SPRN_CCR0);
	gtlb_reset(vcpu);
}

/* ---- KVM_GET_REGS, KVM_SET_REGS */

static void regs_get(struct vcpu *vcpu, struct kvm_regs *out)
{
	const struct ppc_cpu_state *cpu = &vcpu->arch.hw.cpu;
	const struct kvm_vcpu_arch_shared *shared = vcpu->arch.hw.shared;
	const struct vcpu_regs *regs = &vcpu->arch.regs;
	unsigned int i;

	/* The high halves of the shared page's are what the guest has made of them. */
	*out = (struct kvm_regs){
		.pc = cpu->pc,
		.cr = cpu->cr,
		.ctr = cpu->ctr,
		.lr = cpu->lr,
		.xer = cpu->xer,
		.msr = regs->msr,
		.srr0 = (u32)shared->srr0,
		.srr1 = (u32)shared->srr1,
		.pid = regs->pid,
		.sprg0 = (u32)shared->sprg0,
		.sprg1 = (u32)shared->sprg1,
		.sprg2 = (u32)shared->sprg2,
		.sprg3 = (u32)shared->sprg3,
		.sprg4 = (u32)shared->sprg4,
		.sprg5 = (u32)shared->sprg5,
		.sprg6 = (u32)shared->sprg6,
		.sprg7 = (u32)shared->sprg7,
	};
	for (i = 0; i < ARRAY_SIZE(out->gpr); i++)
		out->gpr[i] = cpu->gpr[i];
}

static void regs_set(struct vcpu *vcpu, const struct kvm_regs *in)
{
	struct kvm_vcpu_arch_shared *shared = vcpu->arch.hw.shared;
	struct ppc_cpu_state *cpu = &vcpu->arch.hw.cpu;
	struct vcpu_regs *regs = &vcpu->arch.regs;
	unsigned int i;

	cpu->pc = in->pc & ~3ULL;
	cpu->cr = in->cr;
	cpu->ctr = in->ctr;
	cpu->lr = in->lr;
	cpu->xer = in->xer;
	emul_set_msr(vcpu, in->msr);
	shared->srr0 = (u32)in->srr0;
	shared->srr1 = (u32)in->srr1;
	regs->pid = in->pid & (GTLB_NR_PIDS - 1);
	shared->sprg0 = (u32)in->sprg0;
	shared->sprg1 = (u32)in->sprg1;
	shared->sprg2 = (u32)in->sprg2;
	shared->sprg3 = (u32)in->sprg3;
	shared->sprg4 = (u32)in->sprg4;
	shared->sprg5 = (u32)in->sprg5;
	shared->sprg6 = (u32)in->sprg6;
	shared->sprg7 = (u32)in->sprg7;
	for (i = 0; i < ARRAY_SIZE(in->gpr); i++)
		cpu->gpr[i] = in->gpr[i];
}

/* ---- KVM_GET_SREGS, KVM_SET_SREGS */

static void regs_sregs_get(struct vcpu *vcpu, struct kvm_sregs *out)
{
	const struct vcpu_regs *regs = &vcpu->arch.regs;
	typeof(out->u.e) *e = &out->u.e;
	unsigned int i;

	out->pvr = regs->pvr;
	e->features = REGS_SREGS_FEATURES;
	e->impl_id = KVM_SREGS_E_IMPL_NONE;
	e->pir = regs->pir;
	e->csrr0 = regs->csrr0;
	e->csrr1 = regs->csrr1;
	e->mcsrr0 = regs->mcsrr0;
	e->mcsrr1 = regs->mcsrr1;
	e->mcsr = regs->mcsr;
	e->esr = vcpu->arch.hw.shared->esr;
	e->dear = (u32)vcpu->arch.hw.shared->dar;
	e->ivpr = regs->ivpr;
	e->tsr = timer_tsr_read(vcpu);
	e->tcr = regs->tcr;
	e->decar = regs->decar;
	e->dec = timer_dec_read(vcpu);
	e->tb = get_tb() + vcpu->arch.timer.tb_offset;
	e->vrsave = vcpu->arch.hw.usprg0;
	e->dbsr = regs->dbsr;
	memcpy(e->dbcr, regs->dbcr, sizeof(e->dbcr));
	memcpy(e->iac, regs->iac, sizeof(e->iac));
	memcpy(e->dac, regs->dac, sizeof(e->dac));
	memcpy(e->dvc, regs->dvc, sizeof(e->dvc));
	e->num_iac = ARRAY_SIZE(regs->iac);
	e->num_dac = ARRAY_SIZE(regs->dac);
	e->num_dvc = ARRAY_SIZE(regs->dvc);
	for (i = 0; i < BOOKE_NR_IVORS; i++)
		e->ivor_low[i] = regs->ivor[i];
}

static void regs_sregs_set_base(struct vcpu *vcpu, const struct kvm_sregs *in)
{
	struct vcpu_regs *regs = &vcpu->arch.regs;
	typeof(in->u.e) *e = &in->u.e;

	regs->csrr0 = e->csrr0;
	regs->csrr1 = e->csrr1;
	vcpu->arch.hw.shared->esr = e->esr;
	vcpu->arch.hw.shared->dar = (u32)e->dear;
	vcpu->arch.hw.usprg0 = e->vrsave;
	timer_tcr_set(vcpu, e->tcr);
	if (e->update_special & KVM_SREGS_E_UPDATE_MCSR)
		regs->mcsr = e->mcsr;
	if (e->update_special & KVM_SREGS_E_UPDATE_TSR)
		timer_tsr_set(vcpu, e->tsr);
	if (e->update_special & KVM_SREGS_E_UPDATE_DEC)
		timer_dec_write(vcpu, e->dec);
}

static int regs_sregs_set(struct vcpu *vcpu, const struct kvm_sregs *in)
{
	struct vcpu_regs *regs = &vcpu->arch.regs;
	typeof(in->u.e) *e = &in->u.e;
	unsigned int i;

	if (in->pvr != regs->pvr)
		return -EINVAL;
	if (e->features & KVM_SREGS_E_ARCH206 && e->pir != regs->pir)
		return -EINVAL;

	if (e->features & KVM_SREGS_E_BASE)
		regs_sregs_set_base(vcpu, in);
	if (e->features & KVM_SREGS_E_ARCH206) {
		regs->mcsrr0 = e->mcsrr0;
		regs->mcsrr1 = e->mcsrr1;
		regs->decar = e->decar;
		regs->ivpr = e->ivpr & 0xffff0000;
	}
	if (e->features & KVM_SREGS_E_IVOR)
		for (i = 0; i < BOOKE_NR_IVORS; i++)
			regs->ivor[i] = e->ivor_low[i] & 0xfff0;
	if (e->features & KVM_SREGS_E_DEBUG) {
		memcpy(regs->dbcr, e->dbcr, sizeof(e->dbcr));
		memcpy(regs->iac, e->iac, sizeof(e->iac));
		memcpy(regs->dac, e->dac, sizeof(e->dac));
		memcpy(regs->dvc, e->dvc, sizeof(e->dvc));
		if (e->update_special & KVM_SREGS_E_UPDATE_DBSR)
			regs->dbsr = e->dbsr;
		regs->dbcr[0] &= ~(B0_EDM | B0_RST);
		debug_update(vcpu);
	}
	return 0;
}

/* ---- KVM_GET_ONE_REG, KVM_SET_ONE_REG */

/*
 * @offset: in struct vcpu_arch, with @size, or @get and @set.
 */
struct one_reg {
	u64 id;
	u32 offset;
	u32 (*get)(struct vcpu *vcpu);
	void (*set)(struct vcpu *vcpu, u32 value);
};

static u32 regs_debug_insn(struct vcpu *vcpu)
{
	return DEBUG_BREAKPOINT_INSN;
}

static u32 regs_tcr(struct vcpu *vcpu)
{
	return vcpu->arch.regs.tcr;
}

#define ONE_REG_PLACE(i, member) { .id = (i), .offset = offsetof(struct vcpu_arch, member) }

static const struct one_reg one_regs[] = {
	{ .id = KVM_REG_PPC_DEBUG_INST, .get = regs_debug_insn },
	{ .id = KVM_REG_PPC_TCR, .get = regs_tcr, .set = timer_tcr_set },
	{ .id = KVM_REG_PPC_TSR, .get = timer_tsr_read, .set = timer_tsr_set },
	{ .id = KVM_REG_PPC_OR_TSR, .set = timer_tsr_or },
	{ .id = KVM_REG_PPC_CLEAR_TSR, .set = timer_tsr_clear },
	ONE_REG_PLACE(KVM_REG_PPC_IAC1, regs.iac[0]),
	ONE_REG_PLACE(KVM_REG_PPC_IAC2, regs.iac[1]),
	ONE_REG_PLACE(KVM_REG_PPC_IAC3, regs.iac[2]),
	ONE_REG_PLACE(KVM_REG_PPC_IAC4, regs.iac[3]),
	ONE_REG_PLACE(KVM_REG_PPC_DAC1, regs.dac[0]),
	ONE_REG_PLACE(KVM_REG_PPC_DAC2, regs.dac[1]),
};

static long regs_one(struct vcpu *vcpu, u64 __user *user, u64 *value, bool set)
{
	if (set)
		return get_user(*value, user) ? -EFAULT : 0;
	return put_user(*value, user) ? -EFAULT : 0;
}

/* FPRs and FPSCR: 64 bits of their own. */
static u64 *regs_fp_place(struct vcpu *vcpu, u64 id)
{
	unsigned long nr = id - KVM_REG_PPC_FPR0;

	if (id >= KVM_REG_PPC_FPR0 && id <= KVM_REG_PPC_FPR31)
		return &vcpu->arch.hw.cpu.fpr[array_index_nospec(nr, 32)];
	if (id == KVM_REG_PPC_FPSCR)
		return &vcpu->arch.hw.cpu.fpscr;
	return NULL;
}

static long regs_tb_offset(struct vcpu *vcpu, u64 __user *user, bool set)
{
	u64 value = vcpu->arch.timer.tb_offset;
	long ret = regs_one(vcpu, user, &value, set);

	if (!ret && set)
		timer_tb_set_offset(vcpu, value);
	return ret;
}

static long regs_one_word(struct vcpu *vcpu, const struct one_reg *reg, void __user *user,
			  bool set)
{
	bool wide = (reg->id & KVM_REG_SIZE_MASK) == KVM_REG_SIZE_U64;
	u32 *place = (void *)&vcpu->arch + reg->offset;
	u32 value;
	u64 val64;
	long ret;

	if (!set) {
		if (!reg->offset && !reg->get)
			return -EINVAL;
		value = reg->get ? reg->get(vcpu) : *place;
		val64 = value;
		return (wide ? put_user(val64, (u64 __user *)user) :
			       put_user(value, (u32 __user *)user)) ? -EFAULT : 0;
	}

	if (!reg->offset && !reg->set)
		return -EINVAL;
	if (wide) {
		ret = get_user(val64, (u64 __user *)user);
		value = val64;
	} else {
		ret = get_user(value, (u32 __user *)user);
	}
	if (ret)
		return -EFAULT;
	if (reg->set)
		reg->set(vcpu, value);
	else
		*place = value;
	return 0;
}

static long regs_one_reg(struct vcpu *vcpu, const struct kvm_one_reg *reg, bool set)
{
	void __user *user = (void __user *)(unsigned long)reg->addr;
	u64 *fp = regs_fp_place(vcpu, reg->id);
	unsigned int i;

	if (fp)
		return regs_one(vcpu, user, fp, set);
	if (reg->id == KVM_REG_PPC_TB_OFFSET)
		return regs_tb_offset(vcpu, user, set);
	for (i = 0; i < ARRAY_SIZE(one_regs); i++)
		if (one_regs[i].id == reg->id)
			return regs_one_word(vcpu, &one_regs[i], user, set);
	return -EINVAL;
}

/* ---- ioctls */

/* Their structures are long: not for the stack. */
static long regs_ioctl_sregs(struct vcpu *vcpu, void __user *user, bool set)
{
	struct kvm_sregs *sregs __free(kfree) = kzalloc(sizeof(*sregs), GFP_KERNEL_ACCOUNT);

	if (!sregs)
		return -ENOMEM;
	if (set) {
		if (copy_from_user(sregs, user, sizeof(*sregs)))
			return -EFAULT;
		return regs_sregs_set(vcpu, sregs);
	}
	regs_sregs_get(vcpu, sregs);
	return copy_to_user(user, sregs, sizeof(*sregs)) ? -EFAULT : 0;
}

static long regs_ioctl_regs(struct vcpu *vcpu, void __user *user, bool set)
{
	struct kvm_regs regs;

	if (set) {
		if (copy_from_user(&regs, user, sizeof(regs)))
			return -EFAULT;
		regs_set(vcpu, &regs);
		return 0;
	}
	regs_get(vcpu, &regs);
	return copy_to_user(user, &regs, sizeof(regs)) ? -EFAULT : 0;
}

static long regs_ioctl_fpu(struct vcpu *vcpu, void __user *user, bool set)
{
	struct ppc_cpu_state *cpu = &vcpu->arch.hw.cpu;
	struct kvm_fpu fpu;

	BUILD_BUG_ON(sizeof(fpu.fpr) != sizeof(cpu->fpr));
	if (set) {
		if (copy_from_user(&fpu, user, sizeof(fpu)))
			return -EFAULT;
		memcpy(cpu->fpr, fpu.fpr, sizeof(cpu->fpr));
		return 0;
	}
	memcpy(fpu.fpr, cpu->fpr, sizeof(cpu->fpr));
	return copy_to_user(user, &fpu, sizeof(fpu)) ? -EFAULT : 0;
}

/**
 * regs_ioctl() - an ioctl that is about registers
 * @vcpu: vcpu->mutex held
 * @ioctl: which
 * @user: its argument
 *
 * Return: 0; -EINVAL for a register or an ioctl that is not known, -EFAULT, -ENOMEM.
 */
long regs_ioctl(struct vcpu *vcpu, unsigned int ioctl, void __user *user)
{
	struct kvm_one_reg reg;

	switch (ioctl) {
	case KVM_GET_REGS:
	case KVM_SET_REGS:
		return regs_ioctl_regs(vcpu, user, ioctl == KVM_SET_REGS);
	case KVM_GET_SREGS:
	case KVM_SET_SREGS:
		return regs_ioctl_sregs(vcpu, user, ioctl == KVM_SET_SREGS);
	case KVM_GET_FPU:
	case KVM_SET_FPU:
		return regs_ioctl_fpu(vcpu, user, ioctl == KVM_SET_FPU);
	case KVM_GET_ONE_REG:
	case KVM_SET_ONE_REG:
		if (copy_from_user(&reg, user, sizeof(reg)))
			return -EFAULT;
		return regs_one_reg(vcpu, &reg, ioctl == KVM_SET_ONE_REG);
	default:
		return -EINVAL;
	}
}
