// SPDX-License-Identifier: GPL-2.0
/*
 * The Scalable Vector Extension: which lengths guests can have, a vCPU's
 * registers in memory, and their names for user space. fp.c switches them.
 *
 * A vCPU's lengths are those that every CPU has, up to a longest one that user
 * space chooses: ZCR_EL2 can limit a guest, but cannot take out a length in
 * between. Lengths that only some CPUs have would show to a guest that moves
 * from one to another, so they, and all that are longer, are not offered.
 */

#define pr_fmt(fmt) "kvm-arm: " fmt

#include <linux/bitmap.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/neon.h>
#include "arm64.h"
#include "hyp/hyp.h"

#define SVE_VQ_LIMIT	16U		/* quadwords: what the architecture defines (DDI 0487, A2.2) */
#define SVE_QUADWORD	16U		/* bytes */
#define SVE_NR_Z	KVM_ARM64_SVE_NUM_ZREGS
#define SVE_NR_P	KVM_ARM64_SVE_NUM_PREGS

/* Sets of lengths: bit n is a vector of n + 1 quadwords. */
static u32 sve_all_cpus = GENMASK(SVE_VQ_LIMIT - 1, 0);
static u32 sve_some_cpu;
static u32 sve_offered __ro_after_init;
static unsigned int sve_max_vq __ro_after_init;
static bool sve_ready __ro_after_init;

/* The lengths of this CPU. For one that is not there it has the next shorter one. */
static u32 sve_probe(void)
{
	unsigned int vq = SVE_VQ_LIMIT;
	u32 lengths = 0;
	u64 zcr;

	/* The thread's vectors would not survive shorter ones. */
	preempt_disable();
	kernel_neon_begin();
	zcr = read_sysreg_s(SYS_ZCR_EL1);
	while (vq) {
		write_sysreg_s(vq - 1, SYS_ZCR_EL1);
		vq = min(vq, hyp_sve_vl() / SVE_QUADWORD);
		if (vq)
			lengths |= BIT(--vq);
	}
	write_sysreg_s(zcr, SYS_ZCR_EL1);
	kernel_neon_end();
	preempt_enable();
	return lengths;
}

/**
 * sve_cpu_up - a CPU's vector lengths
 *
 * Context: on that CPU, in a thread that stays there. CPUs come up one at a time.
 *
 * Return: 0; -EINVAL for a CPU that is too late and lacks what guests were promised.
 */
int sve_cpu_up(void)
{
	u32 lengths;

	if (!system_supports_sve())
		return 0;
	lengths = sve_probe();
	if (!sve_ready) {
		sve_all_cpus &= lengths;
		sve_some_cpu |= lengths;
		return 0;
	}
	if (sve_max_vq && (lengths & GENMASK(sve_max_vq - 1, 0)) != sve_offered) {
		pr_err_once("a CPU that comes up has other vector lengths than those before\n");
		return -EINVAL;
	}
	return 0;
}

/**
 * sve_init - settle which lengths guests can have
 *
 * Context: module initialisation, all CPUs have been through sve_cpu_up().
 */
void __init sve_init(void)
{
	u32 odd = sve_some_cpu & ~sve_all_cpus;

	if (system_supports_sve()) {
		sve_offered = sve_all_cpus;
		if (odd)
			sve_offered &= BIT(__ffs(odd)) - 1;
		sve_max_vq = fls(sve_offered);
	}
	sve_ready = true;
}

/**
 * sve_supported - can vCPUs have SVE?
 *
 * Context: any.
 */
bool sve_supported(void)
{
	return sve_max_vq;
}

/* ---- A vCPU's registers: Z0 to Z31, then P0 to P15, of an eighth of that size each, then FFR */

static unsigned int sve_z_bytes(const struct vcpu *vcpu)
{
	return vcpu->arch.sve.max_vq * SVE_QUADWORD;
}

static unsigned int sve_p_bytes(const struct vcpu *vcpu)
{
	return sve_z_bytes(vcpu) / BITS_PER_BYTE;
}

static size_t sve_state_bytes(const struct vcpu *vcpu)
{
	return SVE_NR_Z * sve_z_bytes(vcpu) + (SVE_NR_P + 1) * sve_p_bytes(vcpu);
}

/**
 * sve_vcpu_reset - vector registers at reset
 * @vcpu: not loaded; vcpu->mutex held or own thread
 *
 * Before KVM_ARM_VCPU_FINALIZE the vector length is the longest again.
 */
void sve_vcpu_reset(struct vcpu *vcpu)
{
	struct vcpu_sve *sve = &vcpu->arch.sve;

	if (!vcpu_has_feature(vcpu, KVM_ARM_VCPU_SVE))
		return;
	if (sve->state)
		memset(sve->state, 0, sve_state_bytes(vcpu));
	else
		sve->max_vq = sve_max_vq;
}

/**
 * sve_vcpu_finalize - KVM_ARM_VCPU_FINALIZE with KVM_ARM_VCPU_SVE
 * @vcpu: vcpu->mutex held, initialised
 *
 * From here on its vector length is fixed.
 *
 * Return: 0; -EINVAL without SVE, -EPERM the second time, -ENOMEM.
 */
int sve_vcpu_finalize(struct vcpu *vcpu)
{
	struct vcpu_sve *sve = &vcpu->arch.sve;

	if (!vcpu_has_feature(vcpu, KVM_ARM_VCPU_SVE))
		return -EINVAL;
	if (sve->state)
		return -EPERM;
	sve->state = kzalloc(sve_state_bytes(vcpu), GFP_KERNEL_ACCOUNT);
	return sve->state ? 0 : -ENOMEM;
}

/**
 * sve_vcpu_finalized - is everything settled that has to be before the vCPU runs?
 * @vcpu: vcpu->mutex held or own thread
 */
bool sve_vcpu_finalized(const struct vcpu *vcpu)
{
	return vcpu->arch.sve.state || !vcpu_has_feature(vcpu, KVM_ARM_VCPU_SVE);
}

/**
 * sve_vcpu_destroy - free what sve_vcpu_finalize() allocated
 * @vcpu: no longer visible
 */
void sve_vcpu_destroy(struct vcpu *vcpu)
{
	kfree(vcpu->arch.sve.state);
}

/* ---- KVM_REG_ARM64_SVE_VLS: bit n is a vector of n + 1 quadwords */

#define SVE_VLS_BITS	(KVM_ARM64_SVE_VLS_WORDS * 64)

static int sve_vls_get(const struct vcpu *vcpu, void __user *user)
{
	u64 vls[KVM_ARM64_SVE_VLS_WORDS] = {};

	vls[0] = sve_offered & GENMASK(vcpu->arch.sve.max_vq - 1, 0);
	return copy_to_user(user, vls, sizeof(vls)) ? -EFAULT : 0;
}

/* A set is good if it lacks only the longest ones. */
static int sve_vls_set(struct vcpu *vcpu, void __user *user)
{
	u64 vls[KVM_ARM64_SVE_VLS_WORDS];
	unsigned int max_vq;

	if (vcpu->arch.sve.state)
		return -EPERM;
	if (copy_from_user(vls, user, sizeof(vls)))
		return -EFAULT;
	if (memchr_inv(&vls[1], 0, sizeof(vls) - sizeof(vls[0])))
		return -EINVAL;
	max_vq = fls64(vls[0]);
	if (!max_vq || max_vq > sve_max_vq || vls[0] != (sve_offered & GENMASK(max_vq - 1, 0)))
		return -EINVAL;
	vcpu->arch.sve.max_vq = max_vq;
	return 0;
}

/* ---- KVM_GET_ONE_REG, KVM_SET_ONE_REG */

struct sve_reg {
	void *mem;
	unsigned int bytes;
};

/*
 * An id's register is as wide as the longest vector that the architecture has, so
 * all of it is in slice 0.
 */
static int sve_reg_find(const struct vcpu *vcpu, u64 id, struct sve_reg *reg)
{
	unsigned int n = id >> 5 & 0x1f;

	if (!vcpu_has_feature(vcpu, KVM_ARM_VCPU_SVE))
		return -ENOENT;
	if (id == KVM_REG_ARM64_SVE_ZREG(n, 0)) {
		reg->bytes = sve_z_bytes(vcpu);
		n = array_index_nospec(n, SVE_NR_Z);
		reg->mem = vcpu->arch.sve.state + n * reg->bytes;
	} else {
		if (id == KVM_REG_ARM64_SVE_FFR(0))
			n = SVE_NR_P;
		else if (n >= SVE_NR_P || id != KVM_REG_ARM64_SVE_PREG(n, 0))
			return -ENOENT;
		reg->bytes = sve_p_bytes(vcpu);
		n = array_index_nospec(n, SVE_NR_P + 1);
		reg->mem = vcpu->arch.sve.state + SVE_NR_Z * sve_z_bytes(vcpu) + n * reg->bytes;
	}
	return vcpu->arch.sve.state ? 0 : -EPERM;
}

/**
 * sve_get_one_reg - a vector or predicate register, or the set of lengths
 * @vcpu: vcpu->mutex held
 * @id: KVM_REG_ARM64_SVE
 * @user: where it goes; zeroes where it is longer than the vCPU's registers
 *
 * Return: 0; -ENOENT for what this vCPU does not have; -EPERM before
 * KVM_ARM_VCPU_FINALIZE, but for KVM_REG_ARM64_SVE_VLS; -EFAULT.
 */
int sve_get_one_reg(struct vcpu *vcpu, u64 id, void __user *user)
{
	struct sve_reg reg;
	int ret;

	if (id == KVM_REG_ARM64_SVE_VLS && vcpu_has_feature(vcpu, KVM_ARM_VCPU_SVE))
		return sve_vls_get(vcpu, user);
	ret = sve_reg_find(vcpu, id, &reg);
	if (ret)
		return ret;
	if (copy_to_user(user, reg.mem, reg.bytes) ||
	    clear_user(user + reg.bytes, KVM_REG_SIZE(id) - reg.bytes))
		return -EFAULT;
	return 0;
}

/**
 * sve_set_one_reg - change a vector or predicate register, or the longest length
 * @vcpu: vcpu->mutex held
 * @id: KVM_REG_ARM64_SVE
 * @user: new value; what is beyond the vCPU's registers is ignored
 *
 * Return: as sve_get_one_reg(); -EPERM for KVM_REG_ARM64_SVE_VLS after
 * KVM_ARM_VCPU_FINALIZE, -EINVAL for a set that this host cannot give.
 */
int sve_set_one_reg(struct vcpu *vcpu, u64 id, void __user *user)
{
	struct sve_reg reg;
	int ret;

	if (id == KVM_REG_ARM64_SVE_VLS && vcpu_has_feature(vcpu, KVM_ARM_VCPU_SVE))
		return sve_vls_set(vcpu, user);
	ret = sve_reg_find(vcpu, id, &reg);
	if (ret)
		return ret;
	return copy_from_user(reg.mem, user, reg.bytes) ? -EFAULT : 0;
}

/**
 * sve_count - how many ids sve_list() writes
 * @vcpu: finalised
 *
 * Return: the number.
 */
unsigned int sve_count(const struct vcpu *vcpu)
{
	return vcpu_has_feature(vcpu, KVM_ARM_VCPU_SVE) ? 1 + SVE_NR_Z + SVE_NR_P + 1 : 0;
}

static u64 sve_nth_id(unsigned int n)
{
	if (!n)
		return KVM_REG_ARM64_SVE_VLS;
	n--;
	if (n < SVE_NR_Z)
		return KVM_REG_ARM64_SVE_ZREG(n, 0);
	n -= SVE_NR_Z;
	return n < SVE_NR_P ? KVM_REG_ARM64_SVE_PREG(n, 0) : KVM_REG_ARM64_SVE_FFR(0);
}

/**
 * sve_list - names of SVE's registers, the set of lengths first
 * @vcpu: finalised
 * @ids: where they go; advanced
 *
 * Context: may fault.
 *
 * Return: 0 or -EFAULT.
 */
int sve_list(const struct vcpu *vcpu, u64 __user **ids)
{
	for (unsigned int i = 0; i < sve_count(vcpu); i++) {
		if (put_user(sve_nth_id(i), *ids))
			return -EFAULT;
		(*ids)++;
	}
	return 0;
}
