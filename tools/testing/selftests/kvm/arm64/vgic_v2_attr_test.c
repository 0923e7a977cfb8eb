// SPDX-License-Identifier: GPL-2.0
/* The GICv2 device: creation in both ways, addresses, registers by attribute, and what all of these refuse. */
#include "kvm_test.h"
#include "gic.h"

#define ADDR		KVM_DEV_ARM_VGIC_GRP_ADDR
#define DIST_REGS	KVM_DEV_ARM_VGIC_GRP_DIST_REGS
#define CPU_REGS	KVM_DEV_ARM_VGIC_GRP_CPU_REGS
#define NR_IRQS		KVM_DEV_ARM_VGIC_GRP_NR_IRQS
#define GRP_CTRL	KVM_DEV_ARM_VGIC_GRP_CTRL
#define DIST		KVM_VGIC_V2_ADDR_TYPE_DIST
#define CPU		KVM_VGIC_V2_ADDR_TYPE_CPU

#define MAX_CPUS	8
#define UNSET		(~0ULL)

static void guest_nothing(void)
{
}

static struct vm *bare_vm(unsigned int nr_vcpus)
{
	struct vm *vm = vm_create_bare(0);

	for (unsigned int i = 0; i < nr_vcpus; i++)
		vcpu_init_features(vcpu_create(vm, i), FEATURE(PSCI_0_2));
	return vm;
}

static int set_device_addr(struct vm *vm, uint64_t id, uint64_t addr)
{
	struct kvm_arm_device_addr a = { .id = id, .addr = addr };

	return vm_ioctl(vm, KVM_ARM_SET_DEVICE_ADDR, &a);
}

/* ---- On a host without: everything says so. This is the only one that runs there. */

TEST(refused_where_it_cannot_be)
{
	struct kvm_create_device test = { .type = KVM_DEV_TYPE_ARM_VGIC_V2, .flags = KVM_CREATE_DEVICE_TEST };
	struct vm *vm;

	if (gic_v2_available())
		SKIP(return, "there are GICv2s here");
	vm = bare_vm(1);
	EXPECT_ERRNO(ENODEV, vm_ioctl(vm, KVM_CREATE_DEVICE, &test));
	EXPECT_ERRNO(ENODEV, vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V2));
	EXPECT_ERRNO(ENODEV, vm_ioctl(vm, KVM_CREATE_IRQCHIP, 0));
	EXPECT_ERRNO(ENODEV, set_device_addr(vm, DIST, GIC_DIST_GPA));
	/* None of these was the beginning of one. */
	if (gic_v3_available()) {
		int gic = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));

		EXPECT_ERRNO(ENODEV, set_device_addr(vm, DIST, GIC_DIST_GPA));
		EXPECT_NE(0, vm_ioctl(vm, KVM_CREATE_IRQCHIP, 0));
		close(gic);
	}
	vm_destroy(vm);
}

/* ---- Creation */

FIXTURE(v2) {
	struct vm *vm;
	int gic;
};

FIXTURE_SETUP(v2)
{
	if (!gic_v2_available())
		SKIP(return, "no GICv2");
	self->vm = bare_vm(2);
	self->gic = must(vm_create_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_V2));
}

FIXTURE_TEARDOWN(v2)
{
	close(self->gic);
	vm_destroy(self->vm);
}

TEST_F(v2, one_per_vm)
{
	EXPECT_ERRNO(EEXIST, vm_create_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_V2));
	EXPECT_ERRNO(EEXIST, vm_ioctl(self->vm, KVM_CREATE_IRQCHIP, 0));
	EXPECT_ERRNO(ENODEV, vm_create_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_ITS));
	/* A host has one kind. */
	if (!gic_v3_available())
		EXPECT_ERRNO(ENODEV, vm_create_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_V3));
}

TEST_F(v2, irqchip_without_a_file)
{
	struct vm *vm = bare_vm(1);

	EXPECT_OK(vm_ioctl(vm, KVM_CREATE_IRQCHIP, 0));
	EXPECT_ERRNO(EEXIST, vm_ioctl(vm, KVM_CREATE_IRQCHIP, 0));
	EXPECT_ERRNO(EEXIST, vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V2));
	vm_destroy(vm);
}

TEST_F(v2, not_after_a_vcpu_has_run)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_nothing);

	vcpu_done(vcpu);
	EXPECT_ERRNO(EBUSY, vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V2));
	EXPECT_ERRNO(EBUSY, vm_ioctl(vm, KVM_CREATE_IRQCHIP, 0));
	vm_destroy(vm);
}

TEST_F(v2, as_many_vcpus_as_there_are_targets)
{
	struct vm *vm = bare_vm(MAX_CPUS);

	if (gic_v3_available())
		SKIP(vm_destroy(vm); return, "a host that can do more");
	EXPECT_EQ(MAX_CPUS, kvm_check(KVM_CAP_MAX_VCPUS));
	EXPECT_EQ(MAX_CPUS, vm_check(vm, KVM_CAP_MAX_VCPUS));
	EXPECT_EQ(MAX_CPUS, kvm_check(KVM_CAP_MAX_VCPU_ID));
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_CREATE_VCPU, MAX_CPUS));
	vm_destroy(vm);
	/* The id is the number of the CPU interface. */
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_CREATE_VCPU, MAX_CPUS));
}

TEST_F(v2, no_more_vcpus_after_initialisation)
{
	EXPECT_OK(gic_initialise(self->gic));
	EXPECT_OK(gic_initialise(self->gic));
	EXPECT_ERRNO(EBUSY, vm_ioctl(self->vm, KVM_CREATE_VCPU, 2));
}

TEST_F(v2, not_without_a_vcpu)
{
	struct vm *vm = bare_vm(0);
	int gic = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V2));

	EXPECT_ERRNO(ENODEV, gic_initialise(gic));
	close(gic);
	vm_destroy(vm);
}

/* ---- Addresses */

TEST_F(v2, addresses_by_attribute)
{
	uint64_t addr = 0;

	EXPECT_OK(attr_get(self->gic, ADDR, DIST, &addr));
	EXPECT_EQ(UNSET, addr);
	EXPECT_OK(attr_get(self->gic, ADDR, CPU, &addr));
	EXPECT_EQ(UNSET, addr);

	addr = GIC_DIST_GPA + 0x800;
	EXPECT_ERRNO(EINVAL, attr_set(self->gic, ADDR, DIST, &addr));
	EXPECT_ERRNO(EINVAL, attr_set(self->gic, ADDR, CPU, &addr));
	addr = ~0xfffULL;
	EXPECT_ERRNO(EINVAL, attr_set(self->gic, ADDR, CPU, &addr));	/* wraps */
	addr = 1ULL << 40;
	EXPECT_ERRNO(E2BIG, attr_set(self->gic, ADDR, DIST, &addr));
	addr = (1ULL << 40) - 0x1000;
	EXPECT_ERRNO(E2BIG, attr_set(self->gic, ADDR, CPU, &addr));	/* 8 KiB */
	EXPECT_ERRNO(EFAULT, attr_set(self->gic, ADDR, DIST, (void *)8));
	EXPECT_ERRNO(EFAULT, attr_get(self->gic, ADDR, DIST, (void *)8));

	addr = GIC_DIST_GPA;
	EXPECT_OK(attr_set(self->gic, ADDR, DIST, &addr));
	EXPECT_ERRNO(EEXIST, attr_set(self->gic, ADDR, DIST, &addr));
	addr = GIC_CPU_GPA + 0x1000;			/* 4 KiB are enough of alignment */
	EXPECT_OK(attr_set(self->gic, ADDR, CPU, &addr));
	EXPECT_ERRNO(EEXIST, attr_set(self->gic, ADDR, CPU, &addr));
	addr = 0;
	EXPECT_OK(attr_get(self->gic, ADDR, DIST, &addr));
	EXPECT_EQ(GIC_DIST_GPA, addr);
	EXPECT_OK(attr_get(self->gic, ADDR, CPU, &addr));
	EXPECT_EQ(GIC_CPU_GPA + 0x1000, addr);
}

TEST_F(v2, addresses_in_the_older_way)
{
	struct vm *vm = bare_vm(1);
	uint64_t addr = 0;

	EXPECT_EQ(1, kvm_check(KVM_CAP_ARM_SET_DEVICE_ADDR));
	EXPECT_ERRNO(ENODEV, set_device_addr(vm, DIST, GIC_DIST_GPA));		/* no GIC yet */
	EXPECT_OK(vm_ioctl(vm, KVM_CREATE_IRQCHIP, 0));
	EXPECT_ERRNO(EINVAL, set_device_addr(vm, DIST, GIC_DIST_GPA + 4));
	EXPECT_ERRNO(E2BIG, set_device_addr(vm, DIST, 1ULL << 40));
	EXPECT_ERRNO(ENODEV, set_device_addr(vm, KVM_VGIC_V3_ADDR_TYPE_DIST, GIC_DIST_GPA));
	EXPECT_ERRNO(ENODEV, set_device_addr(vm, 1u << KVM_ARM_DEVICE_ID_SHIFT, GIC_DIST_GPA));
	EXPECT_ERRNO(EFAULT, vm_ioctl(vm, KVM_ARM_SET_DEVICE_ADDR, 8));
	EXPECT_OK(set_device_addr(vm, DIST, GIC_DIST_GPA));
	EXPECT_ERRNO(EEXIST, set_device_addr(vm, DIST, GIC_DIST_GPA));
	EXPECT_OK(set_device_addr(vm, CPU, GIC_CPU_GPA));
	vm_destroy(vm);

	/* The same places as the attribute's. */
	EXPECT_OK(set_device_addr(self->vm, CPU, GIC_CPU_GPA));
	EXPECT_OK(attr_get(self->gic, ADDR, CPU, &addr));
	EXPECT_EQ(GIC_CPU_GPA, addr);
	EXPECT_ERRNO(EEXIST, attr_set(self->gic, ADDR, CPU, &addr));
}

static int run_with(uint64_t dist, uint64_t cpu)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_nothing);
	int gic = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V2)), ret;

	if (dist != UNSET)
		must(attr_set(gic, ADDR, DIST, &dist));
	if (cpu != UNSET)
		must(attr_set(gic, ADDR, CPU, &cpu));
	ret = vcpu_run_once(vcpu);
	close(gic);
	vm_destroy(vm);
	return ret;
}

TEST_F(v2, run_needs_both_frames)
{
	EXPECT_EQ(-ENXIO, run_with(UNSET, UNSET));
	EXPECT_EQ(-ENXIO, run_with(GIC_DIST_GPA, UNSET));
	EXPECT_EQ(-ENXIO, run_with(UNSET, GIC_CPU_GPA));
	EXPECT_EQ(-EINVAL, run_with(GIC_DIST_GPA, GIC_DIST_GPA));
	EXPECT_EQ(-EINVAL, run_with(GIC_DIST_GPA, GIC_DIST_GPA - 0x1000));
	EXPECT_EQ(0, run_with(GIC_DIST_GPA, GIC_DIST_GPA - 0x2000));
	EXPECT_EQ(0, run_with(GIC_DIST_GPA, GIC_DIST_GPA + 0x1000));
}

/* ---- Other attributes */

TEST_F(v2, number_of_interrupts)
{
	static const uint32_t bad[] = { 0, 32, 63, 65, 1023, 1025, 1056, ~0u };
	uint32_t nr;

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		nr = bad[i];
		EXPECT_ERRNO(EINVAL, attr_set(self->gic, NR_IRQS, 0, &nr));
	}
	EXPECT_ERRNO(EFAULT, attr_set(self->gic, NR_IRQS, 0, (void *)8));
	nr = 96;
	EXPECT_OK(attr_set(self->gic, NR_IRQS, 0, &nr));
	EXPECT_ERRNO(EBUSY, attr_set(self->gic, NR_IRQS, 0, &nr));
	nr = 0;
	EXPECT_OK(attr_get(self->gic, NR_IRQS, 0, &nr));
	EXPECT_EQ(96, nr);
	EXPECT_OK(gic_v2_get(self->gic, DIST_REGS, 0, GICD_TYPER, &nr));
	EXPECT_EQ(2 | 1 << 5, nr);			/* 96 lines, two CPU interfaces */
	nr = 96;
	EXPECT_ERRNO(EBUSY, attr_set(self->gic, NR_IRQS, 0, &nr));
}

TEST_F(v2, unknown_attributes)
{
	static const struct {
		unsigned int group;
		uint64_t attr;
	} bad[] = {
		{ ADDR, KVM_VGIC_ITS_ADDR_TYPE }, { ADDR, 6 }, { ADDR, ~0ULL },
		{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, 0 }, { KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, 0xc230 },
		{ KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 32 }, { KVM_DEV_ARM_VGIC_GRP_ITS_REGS, 0 },
		{ GRP_CTRL, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES }, { GRP_CTRL, 1 }, { GRP_CTRL, 1ULL << 32 },
		{ 9, 0 }, { ~0u, 0 },
		/* No registers, or not at this offset */
		{ DIST_REGS, 0xc }, { DIST_REGS, 2 }, { DIST_REGS, 0x1000 }, { DIST_REGS, 0x6100 },
		{ CPU_REGS, GICC_IAR }, { CPU_REGS, GICC_EOIR }, { CPU_REGS, GICC_RPR }, { CPU_REGS, GICC_DIR },
		{ CPU_REGS, GICC_APR + 2 }, { CPU_REGS, GICC_APR + 16 }, { CPU_REGS, 0x2000 },
	};
	static const uint64_t v3[] = {
		KVM_VGIC_V3_ADDR_TYPE_DIST, KVM_VGIC_V3_ADDR_TYPE_REDIST, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION,
	};
	uint64_t value = 0;

	EXPECT_OK(gic_initialise(self->gic));
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_ERRNO(ENXIO, attr_has(self->gic, bad[i].group, bad[i].attr));
		EXPECT_ERRNO(ENXIO, attr_set(self->gic, bad[i].group, bad[i].attr, &value));
		EXPECT_ERRNO(ENXIO, attr_get(self->gic, bad[i].group, bad[i].attr, &value));
	}
	/* The frames of another GIC */
	for (unsigned int i = 0; i < 3; i++) {
		EXPECT_ERRNO(ENXIO, attr_has(self->gic, ADDR, v3[i]));
		EXPECT_ERRNO(ENODEV, attr_set(self->gic, ADDR, v3[i], &value));
		EXPECT_ERRNO(ENODEV, attr_get(self->gic, ADDR, v3[i], &value));
	}
	EXPECT_ERRNO(ENXIO, attr_get(self->gic, GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, &value));
	EXPECT_OK(attr_has(self->gic, ADDR, DIST));
	EXPECT_OK(attr_has(self->gic, ADDR, CPU));
	EXPECT_OK(attr_has(self->gic, NR_IRQS, 0));
	EXPECT_OK(attr_has(self->gic, GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT));
}

/* unknown_vcpu: an attribute names a vCPU by its id. */
TEST_F(v2, unknown_vcpu)
{
	static const uint32_t group[] = { DIST_REGS, CPU_REGS };
	uint32_t v = 0;

	for (unsigned int i = 0; i < 2; i++) {
		for (uint64_t id = 2; id < 256; id += 11) {
			EXPECT_ERRNO(EINVAL, gic_v2_get(self->gic, group[i], id, GICD_CTLR, &v));
			EXPECT_ERRNO(EINVAL, gic_v2_set(self->gic, group[i], id, GICD_CTLR, 0));
			EXPECT_ERRNO(EINVAL, attr_has(self->gic, group[i], id << 32 | GICD_CTLR));
		}
		EXPECT_OK(attr_has(self->gic, group[i], 1ULL << 32 | GICD_CTLR));
		EXPECT_ERRNO(EFAULT, attr_get(self->gic, group[i], GICD_CTLR, (void *)8));
		EXPECT_ERRNO(EFAULT, attr_set(self->gic, group[i], GICD_CTLR, (void *)8));
	}
}

static __shared volatile uint64_t spin;

static void guest_spins(void)
{
	spin = 1;
	while (spin != 2)
		cpu_relax();
}

TEST_F(v2, not_while_a_vcpu_runs)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_spins);
	struct vcpu_thread t;
	int gic = gic_create(vm, 0);
	uint32_t v = 0;

	spin = 0;
	vcpu_thread_start(&t, vcpu);
	ASSERT_TRUE(wait_until(spin == 1, 10000));
	EXPECT_ERRNO(EBUSY, gic_v2_get(gic, DIST_REGS, 0, GICD_CTLR, &v));
	EXPECT_ERRNO(EBUSY, gic_v2_set(gic, CPU_REGS, 0, GICC_CTLR, v));
	spin = 2;
	vcpu_thread_join(&t);
	EXPECT_OK(gic_v2_get(gic, DIST_REGS, 0, GICD_CTLR, &v));
	close(gic);
	vm_destroy(vm);
}

/* ---- Registers */

#define EXPECT_REG(want, group, id, offset) do {					\
	uint32_t v_ = ~(want);								\
	EXPECT_OK(gic_v2_get(self->gic, group, id, offset, &v_));			\
	EXPECT_EQ(want, v_) TH_LOG("register %#x of vCPU %u", (uint32_t)(offset), (uint32_t)(id)); \
} while (0)

#define SET(group, id, offset, value)	EXPECT_OK(gic_v2_set(self->gic, group, id, offset, value))

TEST_F(v2, state_out_of_reset)
{
	EXPECT_REG(0u, DIST_REGS, 0, GICD_CTLR);
	EXPECT_REG(0x2bu, DIST_REGS, 0, GICD_ICPIDR2);
	EXPECT_REG(0u, DIST_REGS, 0, GICD_IGROUPR);
	EXPECT_REG(0u, DIST_REGS, 0, GICD_IGROUPR + 4);
	EXPECT_REG(0u, DIST_REGS, 0, GICD_ISENABLER + 4);
	EXPECT_REG(0u, DIST_REGS, 0, GICD_ISPENDR);
	EXPECT_REG(0u, DIST_REGS, 0, GICD_ISACTIVER);
	EXPECT_REG(0xaaaaaaaau, DIST_REGS, 0, GICD_ICFGR);
	EXPECT_REG(0u, DIST_REGS, 0, GICD_ITARGETSR + 32);
	EXPECT_REG(0u, DIST_REGS, 0, 0xe00);
	for (unsigned int id = 0; id < 2; id++) {
		EXPECT_REG(0x01010101u << id, DIST_REGS, id, GICD_ITARGETSR);
		EXPECT_REG(0x01010101u << id, DIST_REGS, id, GICD_ITARGETSR + 28);
		EXPECT_REG(0u, CPU_REGS, id, GICC_CTLR);
		EXPECT_REG(0u, CPU_REGS, id, GICC_PMR);
		EXPECT_REG(2u, CPU_REGS, id, GICC_BPR);
		EXPECT_REG(3u, CPU_REGS, id, GICC_ABPR);
		EXPECT_REG(0x4b2u << 16 | 0x43b, CPU_REGS, id, GICC_IIDR);
	}
}

TEST_F(v2, identification_can_go_back)
{
	uint32_t iidr = 0;

	EXPECT_OK(gic_v2_get(self->gic, DIST_REGS, 0, GICD_IIDR, &iidr));
	EXPECT_EQ(0x4b00043b, iidr & ~0xf000u);
	/* Interrupt groups are for user space that knows of this register. */
	SET(DIST_REGS, 0, GICD_IGROUPR + 4, ~0u);
	EXPECT_REG(0u, DIST_REGS, 0, GICD_IGROUPR + 4);
	EXPECT_ERRNO(EINVAL, gic_v2_set(self->gic, DIST_REGS, 0, GICD_IIDR, iidr ^ 1));
	EXPECT_ERRNO(EINVAL, gic_v2_set(self->gic, DIST_REGS, 0, GICD_IIDR, iidr & ~0xf000u));
	SET(DIST_REGS, 0, GICD_IGROUPR + 4, ~0u);
	EXPECT_REG(0u, DIST_REGS, 0, GICD_IGROUPR + 4);
	SET(DIST_REGS, 0, GICD_IIDR, (iidr & ~0xf000u) | 2u << 12);
	EXPECT_REG((iidr & ~0xf000u) | 2u << 12, DIST_REGS, 1, GICD_IIDR);
	SET(DIST_REGS, 0, GICD_IGROUPR + 4, ~0u);
	EXPECT_REG(~0u, DIST_REGS, 0, GICD_IGROUPR + 4);
	SET(DIST_REGS, 1, GICD_IGROUPR, 0x1234);
	EXPECT_REG(0x1234u, DIST_REGS, 1, GICD_IGROUPR);
	EXPECT_REG(0u, DIST_REGS, 0, GICD_IGROUPR);
}

/* INTIDs 0 to 31 are each vCPU's own, the others are of all. */
TEST_F(v2, banked_registers)
{
	static const struct {
		uint32_t set, clear, mask;
	} pair[] = {
		{ GICD_ISENABLER, GICD_ICENABLER, ~0u }, { GICD_ISPENDR, GICD_ICPENDR, ~0u },
		{ GICD_ISACTIVER, GICD_ICACTIVER, ~0u },
	};

	for (unsigned int i = 0; i < 3; i++) {
		SET(DIST_REGS, 0, pair[i].clear, ~0u);
		SET(DIST_REGS, 1, pair[i].clear, ~0u);
		SET(DIST_REGS, 0, pair[i].set, 0x8000ffff);
		SET(DIST_REGS, 1, pair[i].set, 0x00110005);
		EXPECT_REG(0x8000ffffu, DIST_REGS, 0, pair[i].set);
		EXPECT_REG(0x00110005u, DIST_REGS, 1, pair[i].set);
		EXPECT_REG(0x00110005u, DIST_REGS, 1, pair[i].clear);
		SET(DIST_REGS, 1, pair[i].clear, 0x00100001);
		EXPECT_REG(0x00010004u, DIST_REGS, 1, pair[i].set);
		EXPECT_REG(0x8000ffffu, DIST_REGS, 0, pair[i].set);

		SET(DIST_REGS, 0, pair[i].set + 4, 0xf0f0);
		EXPECT_REG(0xf0f0u, DIST_REGS, 1, pair[i].set + 4);
		SET(DIST_REGS, 1, pair[i].clear + 4, 0xff);
		EXPECT_REG(0xf000u, DIST_REGS, 0, pair[i].set + 4);
		SET(DIST_REGS, 0, pair[i].clear + 4, ~0u);
	}
	SET(DIST_REGS, 0, GICD_IPRIORITYR, 0xffa08048);
	SET(DIST_REGS, 1, GICD_IPRIORITYR, 0);
	EXPECT_REG(0xf8a08048u, DIST_REGS, 0, GICD_IPRIORITYR);		/* five bits */
	EXPECT_REG(0u, DIST_REGS, 1, GICD_IPRIORITYR);
	SET(DIST_REGS, 0, GICD_IPRIORITYR + 40, 0x10203040);
	EXPECT_REG(0x10203040u, DIST_REGS, 1, GICD_IPRIORITYR + 40);
	SET(DIST_REGS, 0, GICD_ICFGR + 8, 0x22222222);
	EXPECT_REG(0x22222222u, DIST_REGS, 1, GICD_ICFGR + 8);
	SET(DIST_REGS, 0, GICD_ICFGR, 0);
	EXPECT_REG(0xaaaaaaaau, DIST_REGS, 0, GICD_ICFGR);		/* SGIs are edges */
	SET(DIST_REGS, 1, GICD_CTLR, 3);
	EXPECT_REG(3u, DIST_REGS, 0, GICD_CTLR);
	SET(DIST_REGS, 1, GICD_CTLR, ~1u);
	EXPECT_REG(2u, DIST_REGS, 0, GICD_CTLR);
}

TEST_F(v2, targets)
{
	SET(DIST_REGS, 0, GICD_ITARGETSR + 32, 0xff030201);
	EXPECT_REG(0x03030201u, DIST_REGS, 1, GICD_ITARGETSR + 32);	/* those that exist */
	SET(DIST_REGS, 0, GICD_ITARGETSR, 0);
	EXPECT_REG(0x01010101u, DIST_REGS, 0, GICD_ITARGETSR);
}

TEST_F(v2, senders_of_sgis)
{
	SET(DIST_REGS, 1, GICD_SPENDSGIR + 4, 0x00030201);		/* SGIs 4 to 7 */
	EXPECT_REG(0x00030201u, DIST_REGS, 1, GICD_SPENDSGIR + 4);
	EXPECT_REG(0x00030201u, DIST_REGS, 1, GICD_CPENDSGIR + 4);
	EXPECT_REG(0u, DIST_REGS, 0, GICD_SPENDSGIR + 4);
	EXPECT_REG(0x70u, DIST_REGS, 1, GICD_ISPENDR);
	SET(DIST_REGS, 1, GICD_CPENDSGIR + 4, 0x00010001);
	EXPECT_REG(0x00020200u, DIST_REGS, 1, GICD_SPENDSGIR + 4);
	EXPECT_REG(0x60u, DIST_REGS, 1, GICD_ISPENDR);
	SET(DIST_REGS, 1, GICD_SPENDSGIR, 0xfcu);			/* there are no such vCPUs */
	EXPECT_REG(0u, DIST_REGS, 1, GICD_SPENDSGIR);
	/* Without saying who, it is the vCPU itself; and all go at once. */
	SET(DIST_REGS, 1, GICD_ISPENDR, 1);
	EXPECT_REG(2u, DIST_REGS, 1, GICD_SPENDSGIR);
	SET(DIST_REGS, 1, GICD_ICPENDR, ~0u);
	EXPECT_REG(0u, DIST_REGS, 1, GICD_SPENDSGIR);
	EXPECT_REG(0u, DIST_REGS, 1, GICD_SPENDSGIR + 4);
	EXPECT_REG(0u, DIST_REGS, 1, GICD_ISPENDR);
	/* GICD_SGIR as vCPU 1: to all others, to itself, to a list */
	SET(DIST_REGS, 1, GICD_SGIR, 1u << 24 | 9);
	EXPECT_REG(2u << 8, DIST_REGS, 0, GICD_SPENDSGIR + 8);
	EXPECT_REG(0u, DIST_REGS, 1, GICD_SPENDSGIR + 8);
	SET(DIST_REGS, 1, GICD_SGIR, 2u << 24 | 9);
	EXPECT_REG(2u << 8, DIST_REGS, 1, GICD_SPENDSGIR + 8);
	SET(DIST_REGS, 0, GICD_SGIR, 0xffu << 16 | 9);
	EXPECT_REG(3u << 8, DIST_REGS, 0, GICD_SPENDSGIR + 8);
	SET(DIST_REGS, 0, GICD_SGIR, 3u << 24 | 0xffu << 16 | 10);	/* reserved */
	EXPECT_REG(3u << 8, DIST_REGS, 0, GICD_SPENDSGIR + 8);
	EXPECT_REG(0u, DIST_REGS, 0, GICD_SGIR);
}

/* A level that is asserted is part of what is pending: there is no attribute of its own for it. */
TEST_F(v2, line_shows_as_pending)
{
	uint32_t v;

	vm_irq_line(self->vm, IRQ_SPI(37), 1);
	EXPECT_REG(1u << 5, DIST_REGS, 0, GICD_ISPENDR + 4);
	SET(DIST_REGS, 0, GICD_ICPENDR + 4, ~0u);
	EXPECT_REG(1u << 5, DIST_REGS, 0, GICD_ISPENDR + 4);
	vm_irq_line(self->vm, IRQ_SPI(37), 0);
	EXPECT_REG(0u, DIST_REGS, 0, GICD_ISPENDR + 4);
	vm_irq_line(self->vm, IRQ_PPI(1, 20), 1);
	EXPECT_REG(1u << 20, DIST_REGS, 1, GICD_ISPENDR);
	EXPECT_OK(gic_v2_get(self->gic, DIST_REGS, 0, GICD_ISPENDR, &v));
	EXPECT_EQ(0, v);
}

TEST_F(v2, cpu_interface)
{
	SET(CPU_REGS, 1, GICC_CTLR, ~0u);
	EXPECT_REG(0x21fu, CPU_REGS, 1, GICC_CTLR);
	EXPECT_REG(0u, CPU_REGS, 0, GICC_CTLR);
	SET(CPU_REGS, 1, GICC_CTLR, GICC_CTLR_GRP0 | GICC_CTLR_EOIMODE);
	EXPECT_REG(GICC_CTLR_GRP0 | GICC_CTLR_EOIMODE, CPU_REGS, 1, GICC_CTLR);
	/* The mask's five bits are the low ones. */
	SET(CPU_REGS, 1, GICC_PMR, 0x1f);
	EXPECT_REG(0x1fu, CPU_REGS, 1, GICC_PMR);
	SET(CPU_REGS, 1, GICC_PMR, 0xf2);
	EXPECT_REG(0x12u, CPU_REGS, 1, GICC_PMR);
	SET(CPU_REGS, 1, GICC_BPR, 5);
	SET(CPU_REGS, 1, GICC_ABPR, 6);
	EXPECT_REG(5u, CPU_REGS, 1, GICC_BPR);
	EXPECT_REG(6u, CPU_REGS, 1, GICC_ABPR);
	for (uint32_t n = 0; n < 4; n++) {
		SET(CPU_REGS, 1, GICC_APR + 4 * n, 0x80010000);
		EXPECT_REG(n ? 0u : 0x80010000u, CPU_REGS, 1, GICC_APR + 4 * n);
	}
	EXPECT_REG(0u, CPU_REGS, 0, GICC_APR);
	EXPECT_REG(2u, CPU_REGS, 0, GICC_BPR);
	SET(CPU_REGS, 1, GICC_IIDR, 0);
	EXPECT_REG(0x4b2u << 16 | 0x43b, CPU_REGS, 1, GICC_IIDR);
}

/* half_init: the first register, the first line and the first run set the rest up; then it is fixed. */
TEST_F(v2, implied_initialisation)
{
	struct vm *vm = bare_vm(1);
	struct kvm_irq_level line = { .irq = IRQ_SPI(40), .level = 1 };
	uint32_t v;

	EXPECT_OK(gic_v2_get(self->gic, CPU_REGS, 0, GICC_CTLR, &v));
	EXPECT_ERRNO(EBUSY, vm_ioctl(self->vm, KVM_CREATE_VCPU, 2));

	EXPECT_ERRNO(ENXIO, vm_ioctl(vm, KVM_IRQ_LINE, &line));
	EXPECT_OK(vm_ioctl(vm, KVM_CREATE_IRQCHIP, 0));
	EXPECT_OK(vm_ioctl(vm, KVM_IRQ_LINE, &line));
	EXPECT_ERRNO(EBUSY, vm_ioctl(vm, KVM_CREATE_VCPU, 1));
	line.irq = IRQ_SPI(1019);
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_IRQ_LINE, &line));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
