// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_ARM_GET_REG_WRITABLE_MASKS, and that it is true: a field that it names can be lowered (or raised) by one and the
 * guest sees that; one that it does not name cannot be changed; nothing can be made more than the host has.
 */
#include "kvm_test.h"
#include "gic.h"

#define RANGE_SIZE	KVM_ARM_FEATURE_ID_RANGE_SIZE
#define ID(crm, op2)	REG_SYS(3, 0, 0, crm, op2)
#define REG_CTR		REG_SYS(3, 3, 0, 0, 1)
#define REG_CLIDR	REG_SYS(3, 1, 0, 0, 1)
#define CTR_DIC		(1ULL << 29)
#define CTR_IDC		(1ULL << 28)
#define CTR_IMINLINE	0xfULL
#define CTR_CWG		(0xfULL << 24)

static __shared uint64_t seen[8][8], seen_ctr, seen_clidr;

static void guest_reads_all(void)
{
	for (unsigned int crm = 1; crm < 8; crm++)
		for (unsigned int op2 = 0; op2 < 8; op2++)
			guest_exec(INSN_MRS_X0(3, 0, 0, crm, op2), &seen[crm][op2]);
	seen_ctr = read_sysreg(ctr_el0);
	seen_clidr = read_sysreg(clidr_el1);
}

FIXTURE(mask) {
	struct vm *vm;
	struct vcpu *vcpu;
	uint64_t masks[RANGE_SIZE];
};

static int get_masks(struct vm *vm, uint64_t *masks)
{
	struct reg_mask_range r = { .addr = (uintptr_t)masks, .range = KVM_ARM_FEATURE_ID_RANGE };

	return vm_ioctl(vm, KVM_ARM_GET_REG_WRITABLE_MASKS, &r);
}

FIXTURE_SETUP(mask)
{
	if (!kvm_check(KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES))
		SKIP(return, "no writable masks");
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, guest_reads_all);
	ASSERT_EQ(0, get_masks(self->vm, self->masks));
}

FIXTURE_TEARDOWN(mask)
{
	vm_destroy(self->vm);
}

static uint64_t mask_of(const uint64_t *masks, unsigned int op1, unsigned int crm, unsigned int op2)
{
	return masks[KVM_ARM_FEATURE_ID_RANGE_IDX(3, op1, 0, crm, op2)];
}

TEST_F(mask, bad_arguments)
{
	struct reg_mask_range r = { .addr = (uintptr_t)self->masks, .range = 1 };

	EXPECT_EQ(1 << KVM_ARM_FEATURE_ID_RANGE, kvm_check(KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES));
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_ARM_GET_REG_WRITABLE_MASKS, &r));
	r.range = KVM_ARM_FEATURE_ID_RANGE;
	for (int i = 0; i < 13; i++) {
		r.reserved[i] = 1;
		EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_ARM_GET_REG_WRITABLE_MASKS, &r));
		r.reserved[i] = 0;
	}
	r.addr = 8;
	EXPECT_ERRNO(EFAULT, vm_ioctl(self->vm, KVM_ARM_GET_REG_WRITABLE_MASKS, &r));
	EXPECT_ERRNO(EFAULT, vm_ioctl(self->vm, KVM_ARM_GET_REG_WRITABLE_MASKS, (void *)8));
}

/* Nothing outside the masks can be changed, and with what is inside no value beyond the host's is taken. */
TEST_F(mask, fields_that_are_not_named_are_fixed)
{
	for (unsigned int crm = 1; crm < 8; crm++) {
		for (unsigned int op2 = 0; op2 < 8; op2++) {
			uint64_t mask = mask_of(self->masks, 0, crm, op2), v, other;

			if (vcpu_get_reg(self->vcpu, ID(crm, op2), &v))
				continue;
			for (unsigned int shift = 0; shift < 64; shift += 4) {
				if (mask >> shift & 0xf)
					continue;
				/* EL1 and NV: what a guest of another KVM was shown is taken up to the host's. */
				if (crm == 7 && op2 == 2 && shift == 24)
					continue;
				other = v ^ 1ULL << shift;
				EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, ID(crm, op2), &other));
			}
			EXPECT_EQ(v, vcpu_reg(self->vcpu, ID(crm, op2)));
		}
	}
}

static bool is_signed(unsigned int crm, unsigned int op2, unsigned int shift)
{
	return (crm == 5 && op2 == 0 && (shift == 36 || shift == 8)) ||	/* DoubleLock, PMUVer */
	       (crm == 7 && op2 == 0 && (shift == 28 || shift == 24)) ||	/* TGRAN4, TGRAN64 */
	       (crm == 1 && op2 == 2 && shift == 24);				/* PerfMon */
}

/* One step down in each field, all at once at the end; the guest sees it, a reset does not undo it. */
TEST_F(mask, named_fields_can_be_lowered)
{
	unsigned int lowered = 0;
	uint64_t want[8][8];

	for (unsigned int crm = 1; crm < 8; crm++) {
		for (unsigned int op2 = 0; op2 < 8; op2++) {
			uint64_t mask = mask_of(self->masks, 0, crm, op2), v, next;

			if (vcpu_get_reg(self->vcpu, ID(crm, op2), &v))
				continue;
			for (unsigned int shift = 0; shift < 64; shift += 4) {
				uint64_t field = v >> shift & 0xf;

				/* EL0 and EL1 stay, so that the guest has something to run at. */
				if (!(mask >> shift & 0xf) || (crm == 4 && !op2 && shift < 8))
					continue;
				if (!is_signed(crm, op2, shift) && field < 0xf && !(crm == 7 && op2 == 1 && shift == 24)) {
					next = v + (1ULL << shift);
					EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, ID(crm, op2), &next));
				}
				if (!field || field > 7)
					continue;
				next = v - (1ULL << shift);
				EXPECT_OK(vcpu_set_reg(self->vcpu, ID(crm, op2), &next));
				v = next;
				lowered++;
			}
			want[crm][op2] = v;
			EXPECT_EQ(v, vcpu_reg(self->vcpu, ID(crm, op2)));
		}
	}
	EXPECT_GT(lowered, 10);
	vcpu_init_features(self->vcpu, self->vcpu->features);
	for (unsigned int crm = 1; crm < 8; crm++) {
		for (unsigned int op2 = 0; op2 < 8; op2++) {
			uint64_t v;

			if (!vcpu_get_reg(self->vcpu, ID(crm, op2), &v)) {
				EXPECT_EQ(want[crm][op2], v);
			}
		}
	}
}

TEST_F(mask, guest_sees_what_was_chosen)
{
	/* DebugVer, DIT, SpecSEI */
	uint64_t dfr0 = vcpu_reg(self->vcpu, ID(5, 0)), isar0 = vcpu_reg(self->vcpu, ID(6, 0));
	uint64_t mmfr1 = vcpu_reg(self->vcpu, ID(7, 1));

	dfr0 = (dfr0 & ~0xfULL) | 6;
	isar0 = 0;
	mmfr1 = (mmfr1 & ~(0xfULL << 24)) | 1ULL << 24;
	EXPECT_OK(vcpu_set_reg(self->vcpu, ID(5, 0), &dfr0));
	EXPECT_OK(vcpu_set_reg(self->vcpu, ID(6, 0), &isar0));
	EXPECT_OK(vcpu_set_reg(self->vcpu, ID(7, 1), &mmfr1));
	vcpu_done(self->vcpu);
	EXPECT_EQ(dfr0, seen[5][0]);
	EXPECT_EQ(0, seen[6][0]);
	EXPECT_EQ(mmfr1, seen[7][1]);
}

TEST_F(mask, cache_type)
{
	uint64_t ctr = vcpu_reg(self->vcpu, REG_CTR), mask = mask_of(self->masks, 3, 0, 1), v, clidr;

	EXPECT_EQ(CTR_DIC | CTR_IDC | 0xf0000 | CTR_IMINLINE, mask);
	/* The largest write-back granule is the machine's. */
	v = ctr ^ (1ULL << 24 & CTR_CWG);
	EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, REG_CTR, &v));
	v = ctr + 1;
	EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, REG_CTR, &v));
	v = ctr | CTR_DIC;
	if (v != ctr)
		EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, REG_CTR, &v));
	v = (ctr & ~(CTR_DIC | CTR_IDC)) - 1;
	EXPECT_OK(vcpu_set_reg(self->vcpu, REG_CTR, &v));
	EXPECT_EQ(v, vcpu_reg(self->vcpu, REG_CTR));
	/* Without IDC there are levels to clean to. */
	clidr = vcpu_reg(self->vcpu, REG_CLIDR);
	EXPECT_NE(0, clidr >> 21 & 7);
	EXPECT_NE(0, clidr >> 27 & 7);
	vcpu_done(self->vcpu);
	EXPECT_EQ(v, seen_ctr);
	EXPECT_EQ(clidr, seen_clidr);
	v = ctr;
	EXPECT_ERRNO(EBUSY, vcpu_set_reg(self->vcpu, REG_CTR, &v));
}

TEST_HARNESS_MAIN
