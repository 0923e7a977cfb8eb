// SPDX-License-Identifier: GPL-2.0
/*
 * The caches as a guest sees them.
 *
 * A set/way operation cannot mean anything on a CPU that is not the guest's
 * own, so the geometry invites none: one set and one way at each level, which
 * is enough of a line size to loop over memory by address.
 *
 * Guests that switch caches off and on (boot loaders, kexec) still use set/way
 * operations. The first one cleans all of the guest's memory to the point of
 * coherency and starts to watch the stage-1 controls; each time the guest then
 * switches its caches, memory is cleaned again; with caches on the watch ends.
 */

#include <linux/bitfield.h>
#include <asm/cpufeature.h>
#include "hcr.h"
#include "sysreg.h"
#include "trace.h"

/* CLIDR_EL1 */
#define CLIDR_CTYPE_I_AND_D	3ULL	/* Ctype1: separate */
#define CLIDR_CTYPE_UNIFIED	4ULL
#define CLIDR_LOUIS_MASK	GENMASK_ULL(23, 21)
#define CLIDR_LOC_MASK		GENMASK_ULL(26, 24)
#define CLIDR_LOUU_MASK		GENMASK_ULL(29, 27)
#define CLIDR_TTYPE1		GENMASK_ULL(34, 33)
#define CLIDR_TTYPE_UNIFIED	2ULL			/* tags are in the lines that have the data */
#define CLIDR_DEFINED		GENMASK_ULL(46, 0)

#define CSSELR_IND		BIT(0)
#define CSSELR_WRITABLE		GENMASK(3, 0)

/* What user space may lower in CTR_EL0: shorter lines and less coherency are always right. */
#define CTR_IMINLINE		GENMASK_ULL(3, 0)
#define CTR_DMINLINE		GENMASK_ULL(19, 16)
#define CTR_WRITABLE		(CTR_EL0_DIC_MASK | CTR_EL0_IDC_MASK | CTR_DMINLINE | CTR_IMINLINE)

static u64 clidr_default(const struct vm *vm, u64 ctr)
{
	u64 clidr = FIELD_PREP(CLIDR_LOC_MASK, 1);

	clidr |= ctr & CTR_EL0_DIC_MASK ? CLIDR_CTYPE_UNIFIED : CLIDR_CTYPE_I_AND_D;
	if (vm->arch.mte)
		clidr |= FIELD_PREP(CLIDR_TTYPE1, CLIDR_TTYPE_UNIFIED);
	/* Without IDC, the data cache is cleaned for instruction fetches. */
	if (!(ctr & CTR_EL0_IDC_MASK))
		clidr |= FIELD_PREP(CLIDR_LOUIS_MASK, 1) | FIELD_PREP(CLIDR_LOUU_MASK, 1);
	return clidr;
}

/**
 * sysreg_cache_init - geometry of a new VM's caches
 * @vm: not yet visible, or without vCPUs and to have memory tags as of now
 */
void sysreg_cache_init(struct vm *vm)
{
	vm->arch.ctr = read_sanitised_ftr_reg(SYS_CTR_EL0);
	vm->arch.clidr = clidr_default(vm, vm->arch.ctr);
}

/**
 * sysreg_cache_masks - which bits of the cache registers user space may choose
 * @clidr: receives those of CLIDR_EL1
 * @ctr: receives those of CTR_EL0
 */
void sysreg_cache_masks(u64 *clidr, u64 *ctr)
{
	*clidr = CLIDR_DEFINED;
	*ctr = CTR_WRITABLE;
}

/**
 * sysreg_cache_traps - how the cache registers must trap
 * @vm: its CTR_EL0 does not change any more, or the vCPU has not run
 *
 * CTR_EL0 is read often, from user space: it is left alone if all CPUs have
 * the same one, which is also the guest's, and the others can trap without it
 * (FEAT_EVT).
 *
 * Return: HCR_EL2 bits.
 */
u64 sysreg_cache_traps(const struct vm *vm)
{
	u64 mmfr2 = read_sanitised_ftr_reg(SYS_ID_AA64MMFR2_EL1);

	if (FIELD_GET(ID_AA64MMFR2_EL1_EVT_MASK, mmfr2) &&
	    READ_ONCE(vm->arch.ctr) == read_sanitised_ftr_reg(SYS_CTR_EL0) &&
	    !cpus_have_final_cap(ARM64_MISMATCHED_CACHE_TYPE))
		return HCR_TID4;
	return HCR_TID2;
}

enum sysreg_access sysreg_read_ctr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				   bool fast)
{
	*val = READ_ONCE(vcpu->vm->arch.ctr);
	return SYSREG_DONE;
}

int sysreg_get_ctr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = READ_ONCE(vcpu->vm->arch.ctr);
	return 0;
}

int sysreg_set_ctr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	u64 most = read_sanitised_ftr_reg(SYS_CTR_EL0);
	struct vm *vm = vcpu->vm;

	guard(mutex)(&vm->config_lock);
	if (val == vm->arch.ctr)
		return 0;
	if (vm->arch.ran_once)
		return -EBUSY;
	if ((val ^ most) & ~CTR_WRITABLE || val & ~most & (CTR_EL0_DIC_MASK | CTR_EL0_IDC_MASK) ||
	    (val & CTR_DMINLINE) > (most & CTR_DMINLINE) ||
	    (val & CTR_IMINLINE) > (most & CTR_IMINLINE))
		return -EINVAL;
	/* A CLIDR_EL1 of user space's own stays; it is checked against CTR_EL0 when it is set. */
	if (vm->arch.clidr == clidr_default(vm, vm->arch.ctr))
		WRITE_ONCE(vm->arch.clidr, clidr_default(vm, val));
	WRITE_ONCE(vm->arch.ctr, val);
	return 0;
}

enum sysreg_access sysreg_read_clidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				     bool fast)
{
	*val = READ_ONCE(vcpu->vm->arch.clidr);
	return SYSREG_DONE;
}

int sysreg_get_clidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = READ_ONCE(vcpu->vm->arch.clidr);
	return 0;
}

/*
 * Another host's geometry is as good, if it does not promise coherency that
 * this one lacks.
 */
int sysreg_set_clidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	struct vm *vm = vcpu->vm;

	guard(mutex)(&vm->config_lock);
	if (val == vm->arch.clidr)
		return 0;
	if (val & ~CLIDR_DEFINED)
		return -EINVAL;
	if (!(vm->arch.ctr & CTR_EL0_IDC_MASK) &&
	    (!FIELD_GET(CLIDR_LOUU_MASK, val) || !FIELD_GET(CLIDR_LOUIS_MASK, val)))
		return -EINVAL;
	if (vm->arch.ran_once)
		return -EBUSY;
	WRITE_ONCE(vm->arch.clidr, val);
	return 0;
}

/* CCSIDR_EL1 of one way and one set: all fields but the line size are 0. */
static u32 ccsidr_default(const struct vcpu *vcpu, unsigned int csselr)
{
	u64 ctr = vcpu->vm->arch.ctr;
	/* CTR has log2 of words, CCSIDR log2 of bytes less 4. */
	unsigned int log2_words = csselr & CSSELR_IND ? FIELD_GET(CTR_EL0_IminLine_MASK, ctr) :
							FIELD_GET(CTR_EL0_DminLine_MASK, ctr);

	return log2_words > 2 ? log2_words - 2 : 0;
}

/**
 * sysreg_ccsidr_get - CCSIDR_EL1 for one value of CSSELR_EL1
 * @vcpu: any
 * @csselr: below ARM64_NR_CCSIDR
 *
 * Return: its value.
 */
u32 sysreg_ccsidr_get(const struct vcpu *vcpu, unsigned int csselr)
{
	return vcpu->arch.ccsidr_delta[csselr] ^ ccsidr_default(vcpu, csselr);
}

/**
 * sysreg_ccsidr_set - user space restores a geometry
 * @vcpu: vcpu->mutex held
 * @csselr: below ARM64_NR_CCSIDR
 * @val: shown to the guest as it is
 */
void sysreg_ccsidr_set(struct vcpu *vcpu, unsigned int csselr, u32 val)
{
	vcpu->arch.ccsidr_delta[csselr] = val ^ ccsidr_default(vcpu, csselr);
}

enum sysreg_access sysreg_read_ccsidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				      bool fast)
{
	u64 csselr = vcpu->arch.sysregs[SYS_CSSELR];

	/* UNKNOWN for levels that cannot be */
	*val = csselr < ARM64_NR_CCSIDR ? sysreg_ccsidr_get(vcpu, csselr) : 0;
	return SYSREG_DONE;
}

enum sysreg_access sysreg_write_csselr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				       bool fast)
{
	vcpu->arch.sysregs[SYS_CSSELR] = val & CSSELR_WRITABLE;
	return SYSREG_DONE;
}

static bool caches_on(struct vcpu *vcpu)
{
	u64 both = SCTLR_EL1_M | SCTLR_EL1_C;

	return (vcpu_sysreg_get(vcpu, SYS_SCTLR) & both) == both;
}

/* DC ISW, CSW and CISW */
enum sysreg_access sysreg_write_setway(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				       bool fast)
{
	/* Memory that is always cacheable needs no maintenance. */
	if (stage2_uses_fwb())
		return SYSREG_DONE;
	if (fast)
		return SYSREG_SLOW;
	if (trace_kvm_set_way_flush_enabled())
		trace_kvm_set_way_flush(vcpu->arch.hyp.pc, caches_on(vcpu));
	/* While the watch lasts, memory is cleaned when it matters: as the caches go off or on. */
	if (!(vcpu->arch.hyp.hcr & HCR_TVM)) {
		stage2_flush_vm(vcpu->vm);
		vcpu->arch.hyp.hcr |= HCR_TVM;
	}
	return SYSREG_DONE;
}

/* The same for lines with tags, of tags alone or with the data */
enum sysreg_access sysreg_write_tag_setway(struct vcpu *vcpu, const struct sysreg_desc *desc,
					   u64 val, bool fast)
{
	return vcpu->vm->arch.mte ? sysreg_write_setway(vcpu, desc, val, fast) : SYSREG_UNDEF;
}

/* The stage-1 controls, while HCR_EL2.TVM watches them */
enum sysreg_access sysreg_write_stage1(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				       bool fast)
{
	bool were_on, are_on;

	if (fast)
		return SYSREG_SLOW;
	were_on = caches_on(vcpu);
	vcpu_sysreg_set(vcpu, desc->slot, val);
	are_on = caches_on(vcpu);
	trace_kvm_toggle_cache(vcpu->arch.hyp.pc, were_on, are_on);
	if (were_on != are_on)
		stage2_flush_vm(vcpu->vm);
	if (are_on)
		vcpu->arch.hyp.hcr &= ~HCR_TVM;
	return SYSREG_DONE;
}
