// SPDX-License-Identifier: GPL-2.0
/* The ITS device: creation, address, control, and its registers as user space and the guest see them. */
#include "kvm_test.h"
#include "its.h"

REQUIRE_GICV3

#define ADDR	KVM_DEV_ARM_VGIC_GRP_ADDR
#define GRP_CTRL KVM_DEV_ARM_VGIC_GRP_CTRL
#define REGS	KVM_DEV_ARM_VGIC_GRP_ITS_REGS
#define BASE	KVM_VGIC_ITS_ADDR_TYPE

#define CBASER(size)	(GITS_BASER_VALID | GITS_BASER_RAWAWB | GITS_BASER_SHARED | VM_RAM_GPA | ((size) / 4096 - 1))

static void guest_nothing(void)
{
}

/* A VM with a vCPU and a GICv3; the ITS is the test's business. */
FIXTURE(its_dev) {
	struct vm *vm;
	struct vcpu *vcpu;
	int gic;
};

FIXTURE_SETUP(its_dev)
{
	if (!gic_v3_available() || !its_available())
		SKIP(return, "no ITS");
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, guest_nothing);
	self->gic = gic_create(self->vm, 64);
}

FIXTURE_TEARDOWN(its_dev)
{
	close(self->gic);
	vm_destroy(self->vm);
}

static int set_base(int its, uint64_t base)
{
	return attr_set(its, ADDR, BASE, &base);
}

static uint64_t reg(int its, uint32_t offset)
{
	uint64_t value = ~0ULL;

	must(its_reg_get(its, offset, &value));
	return value;
}

TEST_F(its_dev, any_number_at_any_time)
{
	int its[4];

	EXPECT_EQ(0, vm_check(self->vm, KVM_CAP_MSI_DEVID));
	its[0] = its_create(self->vm, its_gpa(0));
	EXPECT_EQ(1, vm_check(self->vm, KVM_CAP_MSI_DEVID));
	its[1] = its_create(self->vm, its_gpa(1));
	vcpu_done(self->vcpu);
	its[2] = its_create(self->vm, its_gpa(2));
	/* One without an address is there, but nowhere. */
	its[3] = must(vm_create_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_ITS));
	for (int i = 0; i < 4; i++)
		close(its[i]);
	EXPECT_EQ(0, vm_signal_msi(self->vm, its_gpa(2), 0, 0));	/* Linux 6.12: EBUSY, as it is disabled */
}

TEST_F(its_dev, signal_msi_is_announced)
{
	EXPECT_EQ(1, kvm_check(KVM_CAP_SIGNAL_MSI));
	EXPECT_EQ(1, vm_check(self->vm, KVM_CAP_SIGNAL_MSI));
}

TEST_F(its_dev, before_vcpus_and_gic)
{
	struct vm *vm = vm_create_bare(0);
	int its = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_ITS));

	EXPECT_OK(its_initialise(its));
	vcpu_init_features(vcpu_create(vm, 0), FEATURE(PSCI_0_2));
	close(gic_create(vm, 0));
	EXPECT_OK(set_base(its, its_gpa(0)));
	EXPECT_EQ(0, reg(its, GITS_CBASER));
	close(its);
	vm_destroy(vm);
}

TEST_F(its_dev, unknown_attributes)
{
	static const struct {
		unsigned int group;
		uint64_t attr;
	} bad[] = {
		{ GRP_CTRL, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES }, { GRP_CTRL, 5 }, { GRP_CTRL, 1ULL << 32 },
		{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0 }, { KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, 0 },
		{ KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0 }, { 9, 0 }, { ~0u, 0 },
		{ REGS, 0x10 }, { REGS, 0x78 }, { REGS, 0x98 }, { REGS, 0xf8 }, { REGS, 0x140 }, { REGS, 0xffc8 },
		{ REGS, 0x10000 }, { REGS, GITS_TRANSLATER }, { REGS, 0x20000 }, { REGS, 1ULL << 32 },
	};
	int its = its_create(self->vm, its_gpa(0));
	uint64_t value = 0;

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_ERRNO(ENXIO, attr_has(its, bad[i].group, bad[i].attr));
		EXPECT_ERRNO(ENXIO, attr_set(its, bad[i].group, bad[i].attr, &value));
		EXPECT_ERRNO(ENXIO, attr_get(its, bad[i].group, bad[i].attr, &value));
	}
	/* These only do something. */
	EXPECT_ERRNO(ENXIO, attr_get(its, GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, &value));
	EXPECT_ERRNO(ENXIO, attr_get(its, GRP_CTRL, KVM_DEV_ARM_ITS_SAVE_TABLES, &value));
	/* The address has an error of its own for that. */
	EXPECT_ERRNO(ENXIO, attr_has(its, ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST));
	EXPECT_ERRNO(ENODEV, attr_set(its, ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &value));
	EXPECT_ERRNO(ENODEV, attr_get(its, ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &value));

	EXPECT_OK(attr_has(its, ADDR, BASE));
	EXPECT_OK(attr_has(its, GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT));
	EXPECT_OK(attr_has(its, GRP_CTRL, KVM_DEV_ARM_ITS_CTRL_RESET));
	EXPECT_OK(attr_has(its, GRP_CTRL, KVM_DEV_ARM_ITS_SAVE_TABLES));
	EXPECT_OK(attr_has(its, GRP_CTRL, KVM_DEV_ARM_ITS_RESTORE_TABLES));
	close(its);
}

TEST_F(its_dev, misaligned_registers)
{
	static const uint64_t bad[] = { 1, 2, 3, 5, 9, 0xc, 0x84, 0x8c, 0x94, 0x104, 0x13c, 0xffd1, 0xffea };
	int its = its_create(self->vm, its_gpa(0));
	uint64_t value = 0;

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_ERRNO(EINVAL, attr_has(its, REGS, bad[i]));
		EXPECT_ERRNO(EINVAL, attr_set(its, REGS, bad[i], &value));
		EXPECT_ERRNO(EINVAL, attr_get(its, REGS, bad[i], &value));
	}
	close(its);
}

TEST_F(its_dev, bad_user_pointers)
{
	int its = must(vm_create_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_ITS));
	void *nowhere = (void *)8;

	EXPECT_ERRNO(EFAULT, attr_set(its, ADDR, BASE, nowhere));
	EXPECT_ERRNO(EFAULT, attr_get(its, ADDR, BASE, nowhere));
	EXPECT_OK(set_base(its, its_gpa(0)));
	EXPECT_ERRNO(EFAULT, attr_set(its, REGS, GITS_CBASER, nowhere));
	EXPECT_ERRNO(EFAULT, attr_get(its, REGS, GITS_CBASER, nowhere));
	close(its);
}

TEST_F(its_dev, address)
{
	uint64_t limit = 1ULL << 40, value = 0;
	int its = must(vm_create_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_ITS));

	if (self->vm->ipa_bits)
		limit = 1ULL << self->vm->ipa_bits;
	EXPECT_OK(attr_get(its, ADDR, BASE, &value));
	EXPECT_EQ(~0ULL, value);
	EXPECT_ERRNO(ENXIO, its_reg_get(its, GITS_CTLR, &value));
	EXPECT_ERRNO(ENXIO, its_reg_set(its, GITS_CTLR, 0));

	EXPECT_ERRNO(EINVAL, set_base(its, its_gpa(0) + 0x1000));
	EXPECT_ERRNO(EINVAL, set_base(its, its_gpa(0) + 0x8000));
	EXPECT_ERRNO(E2BIG, set_base(its, limit));
	EXPECT_ERRNO(E2BIG, set_base(its, limit - 0x10000));
	EXPECT_OK(set_base(its, limit - ITS_FRAME_SIZE));
	EXPECT_ERRNO(EEXIST, set_base(its, its_gpa(0)));
	EXPECT_ERRNO(EEXIST, set_base(its, 1));
	EXPECT_OK(attr_get(its, ADDR, BASE, &value));
	EXPECT_EQ(limit - ITS_FRAME_SIZE, value);
	close(its);
}

/* No two devices of the interrupt controller answer to one address. */
TEST_F(its_dev, overlap)
{
	uint64_t first = its_gpa(0), region = first | 1ULL << 52;
	int its = its_create(self->vm, first);
	int other = must(vm_create_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_ITS));
	struct vm *vm;
	int gic;

	EXPECT_NE(0, set_base(other, first));			/* Linux 6.12 takes it */
	EXPECT_NE(0, set_base(other, first + 0x10000));
	EXPECT_NE(0, set_base(other, first - 0x10000));
	EXPECT_NE(0, set_base(other, GIC_DIST_GPA));
	EXPECT_NE(0, set_base(other, GIC_DIST_GPA - 0x10000));
	EXPECT_NE(0, set_base(other, GIC_REDIST_GPA));
	EXPECT_NE(0, set_base(other, GIC_REDIST_GPA + 0x10000));
	EXPECT_OK(set_base(other, its_gpa(1)));
	close(other);
	close(its);

	vm = vm_create_bare(0);
	vcpu_init_features(vcpu_create(vm, 0), FEATURE(PSCI_0_2));
	gic = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));
	its = its_create(vm, first);
	EXPECT_NE(0, attr_set(gic, ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, &region));
	close(its);
	close(gic);
	vm_destroy(vm);
}

TEST_F(its_dev, out_of_reset)
{
	int its = its_create(self->vm, its_gpa(0));
	uint64_t typer = reg(its, GITS_TYPER);

	EXPECT_EQ(GITS_CTLR_QUIESCENT, reg(its, GITS_CTLR));
	EXPECT_EQ(0, reg(its, GITS_CBASER));
	EXPECT_EQ(0, reg(its, GITS_CWRITER));
	EXPECT_EQ(0, reg(its, GITS_CREADR));
	EXPECT_EQ(GITS_TYPE_DEVICE, GITS_BASER_TYPE(reg(its, GITS_BASER)));
	EXPECT_EQ(GITS_TYPE_COLLECTION, GITS_BASER_TYPE(reg(its, GITS_BASER + 8)));
	for (int i = 0; i < 8; i++) {
		EXPECT_EQ(0, reg(its, GITS_BASER + 8 * i) & GITS_BASER_VALID);
		/* 8 bytes an entry; there are two tables. */
		EXPECT_EQ(i < 2 ? 7 : 0, reg(its, GITS_BASER + 8 * i) >> 48 & 0x1f);
		EXPECT_EQ(i < 2, !!reg(its, GITS_BASER + 8 * i));
	}
	EXPECT_EQ(0x3b, reg(its, GITS_PIDR2));
	EXPECT_EQ(0x43b, reg(its, GITS_IIDR) & 0xfff);
	EXPECT_EQ(0, reg(its, GITS_IIDR) >> 12 & 0xf);		/* table ABI revision 0 */

	EXPECT_EQ(1, typer & 1);				/* physical LPIs */
	EXPECT_EQ(0, typer & 2);				/* no virtual ones */
	EXPECT_EQ(7, typer >> 4 & 0xf);				/* 8 bytes an ITE */
	EXPECT_EQ(15, typer >> 8 & 0x1f);			/* EventIDs of 16 bits */
	EXPECT_EQ(15, typer >> 13 & 0x1f);			/* DeviceIDs of 16 bits */
	EXPECT_EQ(0, typer & GITS_TYPER_PTA);
	EXPECT_EQ(0, typer >> 24 & 0xff);			/* collections are in memory */
	close(its);
}

TEST_F(its_dev, read_only_registers_ignore_writes)
{
	static const uint32_t ro[] = { GITS_TYPER, GITS_PIDR2, 0xffd0, 0xfffc, GITS_BASER + 16, GITS_BASER + 56 };
	int its = its_create(self->vm, its_gpa(0));

	for (unsigned int i = 0; i < sizeof(ro) / sizeof(ro[0]); i++) {
		uint64_t before = reg(its, ro[i]);

		EXPECT_OK(its_reg_set(its, ro[i], ~before));
		EXPECT_EQ(before, reg(its, ro[i]));
	}
	close(its);
}

TEST_F(its_dev, abi_revision)
{
	int its = its_create(self->vm, its_gpa(0));
	uint64_t iidr = reg(its, GITS_IIDR);

	EXPECT_OK(its_reg_set(its, GITS_IIDR, iidr));
	EXPECT_ERRNO(EINVAL, its_reg_set(its, GITS_IIDR, iidr | 1 << 12));
	EXPECT_ERRNO(EINVAL, its_reg_set(its, GITS_IIDR, iidr | 0xf << 12));
	EXPECT_EQ(iidr, reg(its, GITS_IIDR));
	close(its);
}

TEST_F(its_dev, command_queue_registers)
{
	int its = its_create(self->vm, its_gpa(0));

	EXPECT_OK(its_reg_set(its, GITS_CBASER, CBASER(0x2000)));
	EXPECT_EQ(CBASER(0x2000), reg(its, GITS_CBASER));
	EXPECT_OK(its_reg_set(its, GITS_CWRITER, 0x1fe0));
	EXPECT_EQ(0x1fe0, reg(its, GITS_CWRITER));
	EXPECT_OK(its_reg_set(its, GITS_CREADR, 0x1fc0));
	EXPECT_EQ(0x1fc0, reg(its, GITS_CREADR));
	/* Beyond the queue */
	EXPECT_ERRNO(EINVAL, its_reg_set(its, GITS_CREADR, 0x2000));
	EXPECT_EQ(0x1fc0, reg(its, GITS_CREADR));
	its_reg_set(its, GITS_CWRITER, 0x2000);
	EXPECT_EQ(0x1fe0, reg(its, GITS_CWRITER));
	/* Only offsets of commands */
	EXPECT_OK(its_reg_set(its, GITS_CWRITER, 0x41));
	EXPECT_EQ(0x40, reg(its, GITS_CWRITER));
	EXPECT_OK(its_reg_set(its, GITS_CREADR, 0x3f));
	EXPECT_EQ(0x20, reg(its, GITS_CREADR));
	/* A new queue is empty. */
	EXPECT_OK(its_reg_set(its, GITS_CBASER, CBASER(0x1000)));
	EXPECT_EQ(0, reg(its, GITS_CREADR));
	EXPECT_EQ(0, reg(its, GITS_CWRITER));
	close(its);
}

TEST_F(its_dev, reset)
{
	int its = its_create(self->vm, its_gpa(0));
	uint64_t baser = reg(its, GITS_BASER), collections = reg(its, GITS_BASER + 8);

	EXPECT_OK(its_reg_set(its, GITS_CBASER, CBASER(0x2000)));
	EXPECT_OK(its_reg_set(its, GITS_CREADR, 0x40));
	EXPECT_OK(its_reg_set(its, GITS_CWRITER, 0x40));
	EXPECT_OK(its_reg_set(its, GITS_BASER, baser | GITS_BASER_VALID | VM_RAM_GPA));
	EXPECT_OK(its_reg_set(its, GITS_BASER + 8, collections | GITS_BASER_VALID | (VM_RAM_GPA + 0x100000)));
	EXPECT_OK(its_reg_set(its, GITS_CTLR, GITS_CTLR_ENABLED));
	EXPECT_EQ(GITS_CTLR_ENABLED, reg(its, GITS_CTLR) & GITS_CTLR_ENABLED);
	EXPECT_OK(its_reset(its));
	EXPECT_EQ(GITS_CTLR_QUIESCENT, reg(its, GITS_CTLR));
	EXPECT_EQ(0, reg(its, GITS_CBASER));
	EXPECT_EQ(0, reg(its, GITS_CREADR));
	EXPECT_EQ(0, reg(its, GITS_CWRITER));
	EXPECT_EQ(0, reg(its, GITS_BASER) & GITS_BASER_VALID);
	EXPECT_EQ(0, reg(its, GITS_BASER + 8) & GITS_BASER_VALID);
	close(its);
}

TEST_F(its_dev, enabling_takes_a_queue_and_tables)
{
	int its = its_create(self->vm, its_gpa(0));
	uint64_t tables[] = { reg(its, GITS_BASER), reg(its, GITS_BASER + 8) };

	for (int missing = 0; missing < 4; missing++) {
		bool all = missing == 3;

		EXPECT_OK(its_reset(its));
		EXPECT_OK(its_reg_set(its, GITS_CBASER, missing == 0 ? 0 : CBASER(0x1000)));
		for (int i = 0; i < 2; i++)
			EXPECT_OK(its_reg_set(its, GITS_BASER + 8 * i, tables[i] | (VM_RAM_GPA + 0x100000 * i) |
					      (missing == i + 1 ? 0 : GITS_BASER_VALID)));
		EXPECT_OK(its_reg_set(its, GITS_CTLR, GITS_CTLR_ENABLED));
		EXPECT_EQ(all ? GITS_CTLR_ENABLED : 0, reg(its, GITS_CTLR) & GITS_CTLR_ENABLED);
	}
	/* Enabled: the queue and the tables stay. */
	EXPECT_OK(its_reg_set(its, GITS_CBASER, 0));
	EXPECT_EQ(CBASER(0x1000), reg(its, GITS_CBASER));
	for (int i = 0; i < 2; i++) {
		EXPECT_OK(its_reg_set(its, GITS_BASER + 8 * i, 0));
		EXPECT_EQ(GITS_BASER_VALID, reg(its, GITS_BASER + 8 * i) & GITS_BASER_VALID);
	}
	close(its);
}

TEST_F(its_dev, tables_without_a_gic_that_is_ready)
{
	struct vm *vm = vm_create_bare(0);
	int its = its_create(vm, its_gpa(0));

	/* Nothing is mapped and there is nothing to map to; at any rate nothing bad happens. */
	its_save_tables(its);
	its_restore_tables(its);
	EXPECT_OK(its_reset(its));
	close(its);
	vm_destroy(vm);
}

/* ---- While a vCPU runs */

static __shared volatile uint64_t ready, stop;

static void guest_runs(void)
{
	ready = 1;
	while (!stop)
		cpu_relax();
}

TEST_F(its_dev, busy_while_a_vcpu_runs)
{
	struct vm *vm = vm_create();
	struct vcpu_thread thread;
	int its, gic, unplaced;
	uint64_t value;

	ready = stop = 0;
	vcpu_add(vm, guest_runs);
	gic = gic_create(vm, 64);
	its = its_create(vm, its_gpa(0));
	unplaced = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_ITS));
	vcpu_thread_start(&thread, vm->vcpu[0]);
	ASSERT_TRUE(wait_until(ready, 5000));
	EXPECT_ERRNO(EBUSY, its_reg_get(its, GITS_CTLR, &value));
	EXPECT_ERRNO(EBUSY, its_reg_set(its, GITS_CTLR, 0));
	EXPECT_ERRNO(EBUSY, its_save_tables(its));
	EXPECT_ERRNO(EBUSY, its_restore_tables(its));
	EXPECT_ERRNO(EBUSY, its_reset(its));
	/* What does not touch the running machine is possible. */
	EXPECT_OK(its_initialise(its));
	EXPECT_OK(attr_get(its, ADDR, BASE, &value));
	EXPECT_OK(set_base(unplaced, its_gpa(1)));
	EXPECT_EQ(0, vm_signal_msi(vm, its_gpa(1), 1, 1));
	stop = 1;
	vcpu_thread_join(&thread);
	close(unplaced);
	close(its);
	close(gic);
	vm_destroy(vm);
}

/* ---- The guest's view */

static void guest_sees_no_lpis(void)
{
	uint64_t r = gic_this_redist();

	GUEST_ASSERT_EQ(0, guest_mmio_read64(r + GICR_TYPER) & GICR_TYPER_PLPIS);
	GUEST_ASSERT_EQ(0, guest_mmio_read32(GIC_DIST_GPA + GICD_TYPER) & 1 << 17);
	guest_mmio_write32(r + GICR_CTLR, GICR_CTLR_ENABLE_LPIS);
	GUEST_ASSERT_EQ(0, guest_mmio_read32(r + GICR_CTLR) & GICR_CTLR_ENABLE_LPIS);
	/* Nothing happens. */
	guest_mmio_write64(r + GICR_INVLPIR, LPI_FIRST);
	guest_mmio_write64(r + GICR_INVALLR, 0);
	GUEST_ASSERT_EQ(0, guest_mmio_read32(r + GICR_CTLR));
}

/* HARDENING: its_off. Neither the guest nor user space reaches anything of an ITS that the VMM has not created. */
TEST_F(its_dev, its_off)
{
	uint32_t ctlr = ~0u;

	vcpu_start(self->vcpu, (guest_fn)guest_sees_no_lpis, 0, 0, 0, 0);
	vcpu_done(self->vcpu);
	EXPECT_EQ(-ENODEV, vm_signal_msi(self->vm, its_gpa(0), 0, 0));
	EXPECT_OK(gic_redist_set(self->gic, vcpu_mpidr(self->vcpu), GICR_CTLR, GICR_CTLR_ENABLE_LPIS));
	EXPECT_OK(gic_redist_get(self->gic, vcpu_mpidr(self->vcpu), GICR_CTLR, &ctlr));
	EXPECT_EQ(0, ctlr & GICR_CTLR_ENABLE_LPIS);
}

static void guest_registers(struct its_memory *its)
{
	uint64_t b = its->base, r = gic_this_redist(), baser, value;

	GUEST_ASSERT(guest_mmio_read64(r + GICR_TYPER) & GICR_TYPER_PLPIS);
	GUEST_ASSERT(guest_mmio_read32(GIC_DIST_GPA + GICD_TYPER) & 1 << 17);
	GUEST_ASSERT_EQ(15, guest_mmio_read32(GIC_DIST_GPA + GICD_TYPER) >> 19 & 0x1f);
	GUEST_ASSERT_EQ(0x3b, guest_mmio_read32(b + GITS_PIDR2));

	/* Halves of 64-bit registers */
	value = guest_mmio_read64(b + GITS_TYPER);
	GUEST_ASSERT_EQ((uint32_t)value, guest_mmio_read32(b + GITS_TYPER));
	GUEST_ASSERT_EQ(value >> 32, guest_mmio_read32(b + GITS_TYPER + 4));
	guest_mmio_write32(b + GITS_CBASER + 4, CBASER(0x1000) >> 32);
	guest_mmio_write32(b + GITS_CBASER, (uint32_t)CBASER(0x1000));
	GUEST_ASSERT_EQ(CBASER(0x1000), guest_mmio_read64(b + GITS_CBASER));

	/* Read-only ones */
	guest_mmio_write64(b + GITS_TYPER, ~value);
	GUEST_ASSERT_EQ(value, guest_mmio_read64(b + GITS_TYPER));
	guest_mmio_write64(b + GITS_CREADR, 0x20);
	GUEST_ASSERT_EQ(0, guest_mmio_read64(b + GITS_CREADR));
	guest_mmio_write32(b + GITS_IIDR, 0);
	GUEST_ASSERT_EQ(0x43b, guest_mmio_read32(b + GITS_IIDR) & 0xfff);

	/* Type and entry size are what they are, the rest is kept, two tables are all there are. */
	baser = guest_mmio_read64(b + GITS_BASER);
	guest_mmio_write64(b + GITS_BASER, GITS_BASER_RAWAWB | GITS_BASER_64K | its->device | 3);
	value = guest_mmio_read64(b + GITS_BASER);
	GUEST_ASSERT_EQ(0x071f000000000000 & baser, 0x071f000000000000 & value);
	GUEST_ASSERT_EQ(its->device | 3, value & 0xffffffff00ff);
	guest_mmio_write64(b + GITS_BASER + 16, ~0ULL);
	GUEST_ASSERT_EQ(0, guest_mmio_read64(b + GITS_BASER + 16));

	/* No queue: no commands, and no enabling. */
	guest_mmio_write32(b + GITS_CTLR, GITS_CTLR_ENABLED);
	GUEST_ASSERT_EQ(0, guest_mmio_read32(b + GITS_CTLR) & GITS_CTLR_ENABLED);

	/* GITS_TRANSLATER is for devices. */
	guest_mmio_write32(b + GITS_TRANSLATER, 0);
	GUEST_ASSERT_EQ(0, guest_mmio_read32(b + GITS_TRANSLATER));

	its_guest_init(its);
	GUEST_ASSERT_EQ(GITS_CTLR_ENABLED, guest_mmio_read32(b + GITS_CTLR) & GITS_CTLR_ENABLED);
	baser = guest_mmio_read64(b + GITS_BASER);
	guest_mmio_write64(b + GITS_BASER, 0);
	GUEST_ASSERT_EQ(baser, guest_mmio_read64(b + GITS_BASER));
	/* An offset beyond the queue */
	guest_mmio_write64(b + GITS_CWRITER, its->queue_size);
	GUEST_ASSERT_EQ(0, guest_mmio_read64(b + GITS_CWRITER));
	GUEST_ASSERT_EQ(0, guest_mmio_read64(b + GITS_CREADR));
}

TEST_F(its_dev, registers_of_the_guest)
{
	struct vm *vm = vm_create();
	struct its_memory *mem = its_memory(vm, &(struct its_params) { });
	struct vcpu *vcpu = vcpu_add1(vm, guest_registers, vm_gva_of(vm, mem));
	int gic = gic_create(vm, 0), its = its_create(vm, mem->base);

	vcpu_done(vcpu);
	close(its);
	close(gic);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
