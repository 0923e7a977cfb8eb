// SPDX-License-Identifier: GPL-2.0
/* KVM_GET_REG_LIST: complete, without doubles, every entry readable and writable with its own value. */
#include <stdio.h>
#include <stdlib.h>

#include "kvm_test.h"
#include "arch.h"

FIXTURE(list) {
	struct vm *vm;
	struct vcpu *vcpu;
	struct kvm_reg_list *list;
};

FIXTURE_SETUP(list)
{
	self->vm = vm_create_bare(0);
	self->vcpu = vcpu_create(self->vm, 0);
	vcpu_init_features(self->vcpu, FEATURE(PSCI_0_2));
	self->list = vcpu_reg_list(self->vcpu);
}

FIXTURE_TEARDOWN(list)
{
	free(self->list);
	vm_destroy(self->vm);
}

static bool listed(const struct kvm_reg_list *l, uint64_t id)
{
	for (uint64_t i = 0; i < l->n; i++)
		if (l->reg[i] == id)
			return true;
	return false;
}

static uint64_t space(uint64_t id)
{
	return id & KVM_REG_ARM_COPROC_MASK;
}

static bool is_count(uint64_t id)
{
	return id == KVM_REG_ARM_TIMER_CNT || id == KVM_REG_ARM_PTIMER_CNT;
}

TEST_F(list, room)
{
	struct kvm_reg_list *l = calloc(1, sizeof(*l) + (self->list->n + 10) * 8);

	l->n = self->list->n - 1;
	EXPECT_ERRNO(E2BIG, vcpu_ioctl(self->vcpu, KVM_GET_REG_LIST, l));
	EXPECT_EQ(self->list->n, l->n);
	l->n = self->list->n + 10;
	EXPECT_OK(vcpu_ioctl(self->vcpu, KVM_GET_REG_LIST, l));
	EXPECT_EQ(self->list->n, l->n);
	EXPECT_EQ(0, memcmp(l->reg, self->list->reg, l->n * 8));
	EXPECT_EQ(0, l->reg[l->n]);
	EXPECT_ERRNO(EFAULT, vcpu_ioctl(self->vcpu, KVM_GET_REG_LIST, (void *)8));
	free(l);
}

TEST_F(list, no_doubles)
{
	for (uint64_t i = 0; i < self->list->n; i++)
		for (uint64_t j = 0; j < i; j++)
			ASSERT_NE(self->list->reg[i], self->list->reg[j]);
}

TEST_F(list, ids_are_well_formed)
{
	for (uint64_t i = 0; i < self->list->n; i++) {
		uint64_t id = self->list->reg[i];

		EXPECT_EQ(KVM_REG_ARM64, id & KVM_REG_ARCH_MASK);
		EXPECT_LE(KVM_REG_SIZE(id), 256);
		switch (space(id)) {
		case KVM_REG_ARM64_SYSREG:
			EXPECT_EQ(8, KVM_REG_SIZE(id));
			break;
		case KVM_REG_ARM_DEMUX:
			EXPECT_EQ(4, KVM_REG_SIZE(id));
			break;
		case KVM_REG_ARM_CORE:
		case KVM_REG_ARM_FW:
		case KVM_REG_ARM_FW_FEAT_BMAP:
			break;
		default:
			EXPECT_TRUE(false) TH_LOG("register %#lx of unknown space", (unsigned long)id);
		}
	}
}

TEST_F(list, has_what_every_vcpu_has)
{
	static const uint64_t want[] = {
		REG_PC, REG_PSTATE, REG_SP_EL0, REG_SP_EL1, REG_ELR_EL1, REG_FPSR, REG_FPCR,
		REG_SPSR(0), REG_SPSR(1), REG_SPSR(2), REG_SPSR(3), REG_SPSR(4),
		REG_MPIDR_EL1, REG_SCTLR_EL1, REG_ESR_EL1, REG_FAR_EL1, REG_VBAR_EL1, REG_TPIDR_EL1,
		REG_SYS(3, 0, 2, 0, 0),		/* TTBR0_EL1 */
		REG_SYS(3, 0, 2, 0, 1),		/* TTBR1_EL1 */
		REG_SYS(3, 0, 2, 0, 2),		/* TCR_EL1 */
		REG_SYS(3, 0, 1, 0, 2),		/* CPACR_EL1 */
		REG_SYS(3, 0, 5, 1, 0),		/* AFSR0_EL1 */
		REG_SYS(3, 0, 5, 1, 1),		/* AFSR1_EL1 */
		REG_SYS(3, 0, 7, 4, 0),		/* PAR_EL1 */
		REG_SYS(3, 0, 10, 2, 0),	/* MAIR_EL1 */
		REG_SYS(3, 0, 10, 3, 0),	/* AMAIR_EL1 */
		REG_SYS(3, 0, 13, 0, 1),	/* CONTEXTIDR_EL1 */
		REG_SYS(3, 3, 13, 0, 2),	/* TPIDR_EL0 */
		REG_SYS(3, 3, 13, 0, 3),	/* TPIDRRO_EL0 */
		REG_SYS(3, 0, 14, 1, 0),	/* CNTKCTL_EL1 */
		REG_SYS(3, 2, 0, 0, 0),		/* CSSELR_EL1 */
		REG_SYS(3, 1, 0, 0, 1),		/* CLIDR_EL1 */
		REG_SYS(3, 3, 0, 0, 1),		/* CTR_EL0 */
		REG_SYS(3, 0, 0, 0, 0),		/* MIDR_EL1 */
		REG_SYS(3, 0, 0, 0, 6),		/* REVIDR_EL1 */
		REG_SYS(2, 0, 0, 2, 2),		/* MDSCR_EL1 */
		REG_SYS(2, 0, 0, 0, 4),		/* DBGBVR0_EL1 */
		REG_SYS(2, 0, 0, 0, 5),		/* DBGBCR0_EL1 */
		REG_SYS(2, 0, 1, 1, 4),		/* OSLSR_EL1 */
		KVM_REG_ARM_TIMER_CTL, KVM_REG_ARM_TIMER_CVAL, KVM_REG_ARM_TIMER_CNT,
		KVM_REG_ARM_PTIMER_CTL, KVM_REG_ARM_PTIMER_CVAL, KVM_REG_ARM_PTIMER_CNT,
		KVM_REG_ARM_PSCI_VERSION,
		KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2,
		KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3,
	};

	for (unsigned int i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		EXPECT_TRUE(listed(self->list, want[i])) TH_LOG("register %#lx", (unsigned long)want[i]);
	}
	for (int i = 0; i < 31; i++)
		EXPECT_TRUE(listed(self->list, REG_X(i)));
	for (int i = 0; i < 32; i++)
		EXPECT_TRUE(listed(self->list, REG_V(i)));
	/* All of the ID space: CRm 1 to 7. */
	for (int crm = 1; crm < 8; crm++) {
		for (int op2 = 0; op2 < 8; op2++) {
			uint64_t id = REG_SYS(3, 0, 0, crm, op2);

			EXPECT_TRUE(listed(self->list, id)) TH_LOG("ID register CRm %d op2 %d", crm, op2);
		}
	}
}

TEST_F(list, each_can_be_read_and_written_back)
{
	uint8_t value[256], again[256];

	for (uint64_t i = 0; i < self->list->n; i++) {
		uint64_t id = self->list->reg[i];

		memset(value, 0, sizeof(value));
		memset(again, 0, sizeof(again));
		EXPECT_OK(vcpu_get_reg(self->vcpu, id, value));
		EXPECT_OK(vcpu_set_reg(self->vcpu, id, value));
		EXPECT_OK(vcpu_get_reg(self->vcpu, id, again));
		if (!is_count(id)) {
			EXPECT_EQ(0, memcmp(value, again, sizeof(value))) TH_LOG("register %#lx", (unsigned long)id);
		}
	}
}

TEST_F(list, restores_another_vcpu)
{
	/* What migration does: all of one vCPU's registers to another's, in the order of the list. */
	struct vm *vm = vm_create_bare(0);
	struct vcpu *to = vcpu_create(vm, 0);
	uint8_t value[256], again[256];

	vcpu_init_features(to, FEATURE(PSCI_0_2));
	vcpu_write_reg(self->vcpu, REG_PC, 0x12345678);
	vcpu_write_reg(self->vcpu, REG_SCTLR_EL1, 0x30d01805);
	vcpu_write_reg(self->vcpu, REG_SYS(3, 0, 2, 0, 0), 0x40001000);
	vcpu_write_reg(self->vcpu, REG_SYS(2, 0, 0, 2, 2), 1 << 13);
	for (uint64_t i = 0; i < self->list->n; i++) {
		must(vcpu_get_reg(self->vcpu, self->list->reg[i], value));
		EXPECT_OK(vcpu_set_reg(to, self->list->reg[i], value));
	}
	for (uint64_t i = 0; i < self->list->n; i++) {
		uint64_t id = self->list->reg[i];

		if (is_count(id))
			continue;
		memset(value, 0, sizeof(value));
		memset(again, 0, sizeof(again));
		must(vcpu_get_reg(self->vcpu, id, value));
		must(vcpu_get_reg(to, id, again));
		EXPECT_EQ(0, memcmp(value, again, sizeof(value))) TH_LOG("register %#lx", (unsigned long)id);
	}
	vm_destroy(vm);
}

TEST_F(list, unlisted_system_registers)
{
	/* Every encoding: one that can be read is in the list, except those that are kept for old monitors' sake. */
	unsigned int readable = 0;
	uint64_t value;

	for (unsigned int op0 = 2; op0 < 4; op0++) {
		for (unsigned int rest = 0; rest < 1u << 14; rest++) {
			uint64_t id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM64_SYSREG | op0 << 14 | rest;

			if (vcpu_get_reg(self->vcpu, id, &value)) {
				ASSERT_EQ(ENOENT, errno) TH_LOG("register %#lx", (unsigned long)id);
				ASSERT_FALSE(listed(self->list, id)) TH_LOG("register %#lx", (unsigned long)id);
			} else if (listed(self->list, id)) {
				readable++;
			}
		}
	}
	EXPECT_GT(readable, 100);
}

TEST_F(list, wrong_sizes)
{
	uint64_t value[32];

	for (uint64_t i = 0; i < self->list->n; i++) {
		uint64_t id = self->list->reg[i];

		for (uint64_t log = 0; log < 16; log++) {
			uint64_t other = (id & ~KVM_REG_SIZE_MASK) | log << KVM_REG_SIZE_SHIFT;

			if (other == id || listed(self->list, other))
				continue;
			ASSERT_EQ(-1, vcpu_get_reg(self->vcpu, other, value)) TH_LOG("register %#lx", (unsigned long)other);
			ASSERT_TRUE(errno == ENOENT || errno == EINVAL);
			ASSERT_EQ(-1, vcpu_set_reg(self->vcpu, other, value));
			ASSERT_TRUE(errno == ENOENT || errno == EINVAL);
		}
	}
}

TEST_F(list, invariant_registers)
{
	static const uint64_t id[] = {
		REG_SYS(3, 0, 0, 0, 0),		/* MIDR_EL1 */
		REG_SYS(3, 0, 0, 0, 6),		/* REVIDR_EL1 */
	};

	for (unsigned int i = 0; i < sizeof(id) / sizeof(id[0]); i++) {
		uint64_t value = vcpu_reg(self->vcpu, id[i]), other = value ^ 0x10;

		EXPECT_OK(vcpu_set_reg(self->vcpu, id[i], &value));
		EXPECT_ERRNO(EINVAL, vcpu_set_reg(self->vcpu, id[i], &other));
		EXPECT_EQ(value, vcpu_reg(self->vcpu, id[i]));
	}
}

TEST_F(list, demux_ccsidr)
{
	/* Cache sizes: one value for each cache that CLIDR_EL1 says there is. */
	uint64_t clidr = vcpu_reg(self->vcpu, REG_SYS(3, 1, 0, 0, 1));
	uint32_t value;

	for (uint64_t select = 0; select < 14; select++) {
		uint64_t id = KVM_REG_ARM64 | KVM_REG_SIZE_U32 | KVM_REG_ARM_DEMUX | KVM_REG_ARM_DEMUX_ID_CCSIDR | select;
		unsigned int type = clidr >> (select / 2 * 3) & 7;
		bool instruction = select & 1;
		bool there = instruction ? type == 1 || type == 3 : type >= 2 && type <= 4;

		if (there) {
			EXPECT_TRUE(listed(self->list, id)) TH_LOG("cache %lu", (unsigned long)select);
			EXPECT_OK(vcpu_get_reg(self->vcpu, id, &value));
		}
	}
	EXPECT_ERRNO(ENOENT, vcpu_get_reg(self->vcpu, KVM_REG_ARM64 | KVM_REG_SIZE_U32 | KVM_REG_ARM_DEMUX |
					  KVM_REG_ARM_DEMUX_ID_CCSIDR | 0x20, &value));
	EXPECT_ERRNO(ENOENT, vcpu_get_reg(self->vcpu, KVM_REG_ARM64 | KVM_REG_SIZE_U32 | KVM_REG_ARM_DEMUX | 1 << 8, &value));
}

TEST_HARNESS_MAIN
