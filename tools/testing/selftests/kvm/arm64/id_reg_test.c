// SPDX-License-Identifier: GPL-2.0
/* The ID registers: what the guest reads is what KVM_GET_ONE_REG says, they cannot be written, and they are coherent. */
#include <stdlib.h>

#include "kvm_test.h"
#include "gic.h"

#define ID(crm, op2)		REG_SYS(3, 0, 0, crm, op2)
#define FIELD(v, shift)		((v) >> (shift) & 0xf)

static __shared uint64_t seen[8][8], seen_esr[8][8], write_esr[8][8];

static void guest_reads_all(void)
{
	for (unsigned int crm = 0; crm < 8; crm++) {
		for (unsigned int op2 = 0; op2 < 8; op2++) {
			uint64_t v = ~0ULL, zero = 0;

			seen_esr[crm][op2] = guest_exec(INSN_MRS_X0(3, 0, 0, crm, op2), &v);
			seen[crm][op2] = v;
			write_esr[crm][op2] = guest_exec(INSN_MSR_X0(3, 0, 0, crm, op2), &zero);
		}
	}
}

FIXTURE(id) {
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_SETUP(id)
{
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, guest_reads_all);
	vcpu_done(self->vcpu);
}

FIXTURE_TEARDOWN(id)
{
	vm_destroy(self->vm);
}

TEST_F(id, all_of_the_space_can_be_read)
{
	for (unsigned int crm = 1; crm < 8; crm++) {
		for (unsigned int op2 = 0; op2 < 8; op2++) {
			EXPECT_EQ(0, seen_esr[crm][op2]) TH_LOG("CRm %u op2 %u", crm, op2);
		}
	}
	EXPECT_EQ(0, seen_esr[0][0]);
	EXPECT_EQ(0, seen_esr[0][5]);
	EXPECT_EQ(0, seen_esr[0][6]);
}

TEST_F(id, none_can_be_written_by_the_guest)
{
	for (unsigned int crm = 0; crm < 8; crm++) {
		for (unsigned int op2 = 0; op2 < 8; op2++) {
			EXPECT_EQ(EC_UNKNOWN, ESR_EC(write_esr[crm][op2])) TH_LOG("CRm %u op2 %u", crm, op2);
			EXPECT_NE(0, write_esr[crm][op2]);
		}
	}
}

TEST_F(id, guest_and_host_see_the_same)
{
	for (unsigned int crm = 0; crm < 8; crm++) {
		for (unsigned int op2 = 0; op2 < 8; op2++) {
			uint64_t v;

			if (vcpu_get_reg(self->vcpu, ID(crm, op2), &v) == 0) {
				EXPECT_EQ(v, seen[crm][op2]) TH_LOG("CRm %u op2 %u", crm, op2);
			}
		}
	}
}

TEST_F(id, reserved_ones_are_zero)
{
	/* CRm 3, op2 7 has no register yet, nor have these: reads as zero, and so they are in KVM_GET_ONE_REG. */
	static const unsigned char none[][2] = { { 3, 7 }, { 5, 2 }, { 5, 3 }, { 6, 3 }, { 6, 7 }, { 7, 5 }, { 7, 6 }, { 7, 7 } };

	struct vm *vm = vm_create();
	struct vcpu *fresh = vcpu_add(vm, guest_reads_all);

	for (unsigned int i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		uint64_t id = ID(none[i][0], none[i][1]), zero = 0, v = 1;

		EXPECT_EQ(0, seen[none[i][0]][none[i][1]]);
		EXPECT_OK(vcpu_set_reg(self->vcpu, id, &zero));
		EXPECT_EQ(-1, vcpu_set_reg(self->vcpu, id, &v));
		EXPECT_OK(vcpu_set_reg(fresh, id, &zero));
		EXPECT_ERRNO(EINVAL, vcpu_set_reg(fresh, id, &v));
	}
	vm_destroy(vm);
}

TEST_F(id, fixed_once_the_vm_ran)
{
	/* What was seen cannot change any more; the same value may be set, as a restore does. */
	for (unsigned int crm = 4; crm < 8; crm++) {
		for (unsigned int op2 = 0; op2 < 8; op2++) {
			uint64_t v = vcpu_reg(self->vcpu, ID(crm, op2)), other = v ^ 1ULL << 4;

			EXPECT_OK(vcpu_set_reg(self->vcpu, ID(crm, op2), &v));
			EXPECT_EQ(-1, vcpu_set_reg(self->vcpu, ID(crm, op2), &other));
			EXPECT_EQ(v, vcpu_reg(self->vcpu, ID(crm, op2)));
		}
	}
}

TEST_F(id, features_that_this_vcpu_has_not)
{
	uint64_t pfr0 = seen[4][0], dfr0 = seen[5][0], isar1 = seen[6][1], zfr0 = seen[4][4], pfr1 = seen[4][1];

	EXPECT_EQ(0, FIELD(pfr0, 32)) TH_LOG("SVE");
	EXPECT_EQ(0, zfr0);
	EXPECT_EQ(0, FIELD(pfr0, 44)) TH_LOG("AMU");
	EXPECT_EQ(0, FIELD(pfr0, 40)) TH_LOG("MPAM");
	EXPECT_EQ(0, FIELD(pfr1, 8)) TH_LOG("MTE");
	EXPECT_EQ(0, FIELD(pfr1, 24)) TH_LOG("SME");
	EXPECT_EQ(0, FIELD(dfr0, 8)) TH_LOG("PMUVer: no PMU_V3 feature");
	EXPECT_EQ(0, FIELD(dfr0, 32)) TH_LOG("PMSVer");
	EXPECT_EQ(0, FIELD(dfr0, 4)) TH_LOG("TraceVer");
	EXPECT_EQ(0, FIELD(dfr0, 40)) TH_LOG("TraceFilt");
	/* Pointer authentication needs its features. */
	EXPECT_EQ(0, FIELD(isar1, 4)) TH_LOG("APA");
	EXPECT_EQ(0, FIELD(isar1, 8)) TH_LOG("API");
	EXPECT_EQ(0, FIELD(isar1, 24)) TH_LOG("GPA");
	EXPECT_EQ(0, FIELD(isar1, 28)) TH_LOG("GPI");
	/* Without a GIC there is no system register interface. */
	EXPECT_EQ(0, FIELD(pfr0, 24)) TH_LOG("GIC");
	EXPECT_GE(FIELD(pfr0, 4), 1) TH_LOG("EL1");
	EXPECT_GE(FIELD(pfr0, 0), 1) TH_LOG("EL0");
	/* Break- and watchpoints: the architecture has at least two of each. */
	EXPECT_GE(FIELD(dfr0, 12), 1);
	EXPECT_GE(FIELD(dfr0, 20), 1);
}

static __shared uint64_t gic_field;

static void guest_reads_pfr0(void)
{
	gic_field = FIELD(read_sysreg(id_aa64pfr0_el1), 24);
}

TEST(gic_field_follows_the_controller)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_reads_pfr0);
	int gic = gic_create(vm, 64);

	/* The field is about a GICv3's system registers. */
	gic_field = ~0;
	vcpu_done(vcpu);
	EXPECT_EQ(gic_is_v2() ? 0 : 1, gic_field);
	close(gic);
	vm_destroy(vm);
}

TEST(pa_range_fits_the_vm)
{
	/* The guest is told no more than the hardware has. What it can use of it is the monitor's to say. */
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_reads_all);
	static const unsigned char bits[] = { 32, 36, 40, 42, 44, 48, 52, 56 };
	unsigned int range;

	vcpu_done(vcpu);
	range = seen[7][0] & 0xf;
	ASSERT_LT(range, 8);
	EXPECT_GE(bits[range], kvm_check(KVM_CAP_ARM_VM_IPA_SIZE) > 48 ? 48 : 40);
	vm_destroy(vm);
}

static void guest_ctr(void)
{
	uint64_t clidr, v = 0;

	guest_sync(read_sysreg(ctr_el0));
	guest_sync(read_sysreg(dczid_el0));
	guest_sync(read_sysreg(midr_el1));
	clidr = read_sysreg(clidr_el1);
	guest_sync(clidr);
	/* Every cache that CLIDR_EL1 names has a size; one that it does not name does no harm. */
	for (unsigned int level = 0; level < 7; level++) {
		for (unsigned int ind = 0; ind < 2; ind++) {
			write_sysreg(csselr_el1, level << 1 | ind);
			isb();
			v = read_sysreg(ccsidr_el1);
			if (!ind && (clidr >> 3 * level & 7) >= 2)
				GUEST_ASSERT_NE(0, v);
		}
	}
	/* A selection of nothing is kept, or not, as it likes; the read of the size has to be harmless. */
	write_sysreg(csselr_el1, 0xffffffff);
	isb();
	read_sysreg(ccsidr_el1);
	write_sysreg(csselr_el1, 2);
	isb();
	guest_sync(0);
	GUEST_ASSERT_EQ(2, read_sysreg(csselr_el1));
}

TEST(cache_registers)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_ctr);

	EXPECT_EQ(vcpu_reg(vcpu, REG_SYS(3, 3, 0, 0, 1)), vcpu_sync(vcpu));
	vcpu_sync(vcpu);
	EXPECT_EQ(vcpu_reg(vcpu, REG_SYS(3, 0, 0, 0, 0)), vcpu_sync(vcpu));
	EXPECT_EQ(vcpu_reg(vcpu, REG_SYS(3, 1, 0, 0, 1)), vcpu_sync(vcpu));
	vcpu_sync(vcpu);
	EXPECT_EQ(2, vcpu_reg(vcpu, REG_SYS(3, 2, 0, 0, 0)));
	vcpu_done(vcpu);
	vm_destroy(vm);
}

static void guest_mpidr(uint64_t want)
{
	GUEST_ASSERT_EQ(want, read_sysreg(mpidr_el1));
}

TEST(mpidr)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu[3];

	for (int i = 0; i < 3; i++) {
		vcpu[i] = vcpu_add(vm, guest_mpidr);
		vcpu[i]->cpu->boot.arg[0] = vcpu_reg(vcpu[i], REG_MPIDR_EL1);
		vcpu_done(vcpu[i]);
	}
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
