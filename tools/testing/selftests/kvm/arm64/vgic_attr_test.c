// SPDX-License-Identifier: GPL-2.0
/* The GICv3 device: creation, number of interrupts, initialisation, and what its attributes refuse. */
#include "kvm_test.h"
#include "gic.h"

REQUIRE_GICV3

#define ADDR	KVM_DEV_ARM_VGIC_GRP_ADDR
#define NR_IRQS	KVM_DEV_ARM_VGIC_GRP_NR_IRQS
#define GRP_CTRL KVM_DEV_ARM_VGIC_GRP_CTRL
#define DIST	KVM_VGIC_V3_ADDR_TYPE_DIST
#define REDIST	KVM_VGIC_V3_ADDR_TYPE_REDIST

#define ICC_PMR	GIC_SYSREG(3, 0, 4, 6, 0)

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

TEST(one_per_vm)
{
	struct kvm_create_device dev = { .type = KVM_DEV_TYPE_ARM_VGIC_V3, .flags = KVM_CREATE_DEVICE_TEST };
	struct vm *vm = bare_vm(0);
	int gic;

	for (int i = 0; i < 3; i++)
		EXPECT_OK(vm_ioctl(vm, KVM_CREATE_DEVICE, &dev));
	gic = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));
	EXPECT_ERRNO(EEXIST, vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));
	close(gic);
	/* It lives as long as the VM, not as long as its file. */
	EXPECT_ERRNO(EEXIST, vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));
	vm_destroy(vm);
}

TEST(not_after_a_vcpu_has_run)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_nothing);

	vcpu_done(vcpu);
	EXPECT_ERRNO(EBUSY, vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));
	vm_destroy(vm);
}

TEST(unknown_attributes)
{
	static const struct {
		unsigned int group;
		uint64_t attr;
	} bad[] = {
		{ ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST }, { ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU },
		{ ADDR, 6 }, { ADDR, ~0ULL },
		{ KVM_DEV_ARM_VGIC_GRP_CPU_REGS, 0 },
		{ GRP_CTRL, KVM_DEV_ARM_ITS_SAVE_TABLES }, { GRP_CTRL, KVM_DEV_ARM_ITS_RESTORE_TABLES },
		{ GRP_CTRL, KVM_DEV_ARM_ITS_CTRL_RESET }, { GRP_CTRL, 5 }, { GRP_CTRL, 1ULL << 32 },
		{ KVM_DEV_ARM_VGIC_GRP_ITS_REGS, 0 }, { 9, 0 }, { 31, 0 }, { ~0u, 0 },
	};
	struct vm *vm = bare_vm(1);
	int gic = gic_create(vm, 0);
	uint64_t value = 0;

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_ERRNO(ENXIO, attr_has(gic, bad[i].group, bad[i].attr));
		EXPECT_ERRNO(ENXIO, attr_set(gic, bad[i].group, bad[i].attr, &value));
		EXPECT_ERRNO(ENXIO, attr_get(gic, bad[i].group, bad[i].attr, &value));
	}
	/* These only do something. */
	EXPECT_ERRNO(ENXIO, attr_get(gic, GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, &value));
	EXPECT_ERRNO(ENXIO, attr_get(gic, GRP_CTRL, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, &value));

	EXPECT_OK(attr_has(gic, ADDR, DIST));
	EXPECT_OK(attr_has(gic, ADDR, REDIST));
	EXPECT_OK(attr_has(gic, ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION));
	EXPECT_OK(attr_has(gic, NR_IRQS, 0));
	EXPECT_OK(attr_has(gic, GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT));
	EXPECT_OK(attr_has(gic, GRP_CTRL, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES));
	close(gic);
	vm_destroy(vm);
}

TEST(bad_user_pointers)
{
	struct vm *vm = bare_vm(1);
	int gic = gic_create_uninitialised(vm, 0);
	void *nowhere = (void *)8;

	EXPECT_ERRNO(EFAULT, attr_set(gic, ADDR, DIST, nowhere));
	EXPECT_ERRNO(EFAULT, attr_get(gic, ADDR, DIST, nowhere));
	EXPECT_ERRNO(EFAULT, attr_get(gic, ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, nowhere));
	EXPECT_ERRNO(EFAULT, attr_set(gic, NR_IRQS, 0, nowhere));
	EXPECT_ERRNO(EFAULT, attr_get(gic, NR_IRQS, 0, nowhere));
	EXPECT_OK(gic_initialise(gic));
	EXPECT_ERRNO(EFAULT, attr_set(gic, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_CTLR, nowhere));
	EXPECT_ERRNO(EFAULT, attr_get(gic, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_CTLR, nowhere));
	EXPECT_ERRNO(EFAULT, attr_set(gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ICC_PMR, nowhere));
	EXPECT_ERRNO(EFAULT, attr_get(gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ICC_PMR, nowhere));
	EXPECT_ERRNO(EFAULT, attr_set(gic, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 32, nowhere));
	EXPECT_ERRNO(EFAULT, attr_get(gic, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 32, nowhere));
	close(gic);
	vm_destroy(vm);
}

TEST(number_of_interrupts)
{
	static const uint32_t bad[] = { 0, 1, 32, 63, 65, 96 + 16, 1023, 1025, 1056, 4096, ~0u };
	uint32_t value;

	for (uint32_t n = 64; n <= 1024; n += 32) {
		struct vm *vm = bare_vm(1);
		int gic = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));

		for (unsigned int i = 0; n == 64 && i < sizeof(bad) / sizeof(bad[0]); i++)
			EXPECT_ERRNO(EINVAL, attr_set(gic, NR_IRQS, 0, &bad[i]));
		EXPECT_OK(attr_set(gic, NR_IRQS, 0, &n));
		EXPECT_OK(attr_get(gic, NR_IRQS, 0, &value));
		EXPECT_EQ(n, value);
		EXPECT_ERRNO(EBUSY, attr_set(gic, NR_IRQS, 0, &n));
		EXPECT_OK(gic_initialise(gic));
		EXPECT_ERRNO(EBUSY, attr_set(gic, NR_IRQS, 0, &n));
		EXPECT_OK(attr_get(gic, NR_IRQS, 0, &value));
		EXPECT_EQ(n, value);
		EXPECT_OK(gic_dist_get(gic, 0, GICD_TYPER, &value));
		EXPECT_EQ(n / 32 - 1, value & 0x1f);
		close(gic);
		vm_destroy(vm);
	}
}

TEST(number_of_interrupts_by_default)
{
	struct vm *vm = bare_vm(1);
	int gic = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));
	uint32_t value, n = 64;

	EXPECT_OK(gic_initialise(gic));
	EXPECT_OK(attr_get(gic, NR_IRQS, 0, &value));
	EXPECT_EQ(256, value);
	EXPECT_ERRNO(EBUSY, attr_set(gic, NR_IRQS, 0, &n));
	close(gic);
	vm_destroy(vm);
}

TEST(initialisation)
{
	struct vm *vm = bare_vm(0);
	int gic = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));

	EXPECT_ERRNO(ENODEV, gic_initialise(gic));	/* Linux 6.12 takes it, and no vCPU after it */
	vcpu_init_features(vcpu_create(vm, 0), FEATURE(PSCI_0_2));
	EXPECT_OK(gic_initialise(gic));
	EXPECT_OK(gic_initialise(gic));
	/* The number of vCPUs is fixed now. */
	EXPECT_ERRNO(EBUSY, vm_ioctl(vm, KVM_CREATE_VCPU, 1));
	close(gic);
	vm_destroy(vm);
}

/* What a vCPU's first KVM_RUN says of a GIC. No guest code runs: EINTR is success. */
static int first_run_errno(struct vm *vm)
{
	int ret;

	vm->vcpu[0]->run->immediate_exit = 1;
	ret = vcpu_run_once(vm->vcpu[0]);
	return ret < 0 ? -ret : 0;
}

/* Frames where user space has put them, to before the first run; UNSET leaves one out. */
#define UNSET	~0ULL

static int try_frames(unsigned int nr_vcpus, uint64_t dist, uint64_t redist, bool initialise)
{
	struct vm *vm = bare_vm(0);
	int gic = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3)), fd = -1, err = 0;

	if (dist != UNSET)
		must(attr_set(gic, ADDR, DIST, &dist));
	if (redist != UNSET)
		must(attr_set(gic, ADDR, REDIST, &redist));
	vcpu_init_features(vcpu_create(vm, 0), FEATURE(PSCI_0_2));
	/* A vCPU that cannot have a redistributor may be refused as soon as that is known. */
	if (nr_vcpus > 1) {
		fd = vm_ioctl(vm, KVM_CREATE_VCPU, 1);
		err = fd < 0 ? errno : 0;
	}
	if (initialise)
		must(gic_initialise(gic));
	if (!err)
		err = first_run_errno(vm);
	close(fd);
	close(gic);
	vm_destroy(vm);
	return err;
}

TEST(first_run)
{
	uint64_t top = 1ULL << 40, d = GIC_DIST_GPA, r = GIC_REDIST_GPA;

	EXPECT_EQ(EINTR, try_frames(2, d, r, true));
	EXPECT_EQ(ENXIO, try_frames(1, UNSET, UNSET, true));
	EXPECT_EQ(ENXIO, try_frames(1, d, UNSET, true));
	EXPECT_EQ(ENXIO, try_frames(1, UNSET, r, true));
	EXPECT_EQ(ENXIO, try_frames(1, UNSET, r, false));
	EXPECT_EQ(EBUSY, try_frames(1, d, r, false));
	/* The first one fits, the second one is where the distributor is. */
	EXPECT_EQ(EINTR, try_frames(1, d, d - 0x20000, true));
	EXPECT_EQ(EINVAL, try_frames(2, d, d - 0x20000, true));
	EXPECT_EQ(EINVAL, try_frames(2, d, d - 0x20000, false));
	EXPECT_EQ(EINVAL, try_frames(2, d, d - 0x10000, true));
	EXPECT_EQ(EINTR, try_frames(2, d, d + 0x10000, true));
	/* The first one ends where the address space does. */
	EXPECT_EQ(EINTR, try_frames(1, d, top - 0x20000, true));
	EXPECT_EQ(EINVAL, try_frames(2, d, top - 0x20000, true));
}

/* HARDENING: unknown_vcpu, before and after initialisation */
TEST(unknown_vcpu)
{
	static const uint64_t mpidrs[] = { 2, 16, 0x100, 0x10000, 0x100000000, 0xff00ffffff };
	struct vm *vm = bare_vm(2);
	int gic = gic_create_uninitialised(vm, 0);

	for (int pass = 0; pass < 2; pass++) {
		for (unsigned int i = 0; i < sizeof(mpidrs) / sizeof(mpidrs[0]); i++) {
			uint64_t m = mpidrs[i], packed = (m & 0xffffff) | (m >> 32 & 0xff) << 24, v = 0;
			uint32_t w = 0;

			EXPECT_ERRNO(EINVAL, gic_redist_get(gic, m, GICR_TYPER, &w));
			EXPECT_ERRNO(EINVAL, gic_redist_set(gic, m, GIC_SGI_FRAME + GICD_ISENABLER, 1));
			EXPECT_ERRNO(EINVAL, gic_cpu_get(gic, m, ICC_PMR, &v));
			EXPECT_ERRNO(EINVAL, gic_cpu_set(gic, m, ICC_PMR, 0));
			EXPECT_ERRNO(EINVAL, gic_level_get(gic, m, 0, &w));
			EXPECT_ERRNO(EINVAL, gic_level_set(gic, m, 0, 1));
			EXPECT_ERRNO(EINVAL, attr_has(gic, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, packed << 32 | GICR_TYPER));
			EXPECT_ERRNO(EINVAL, attr_has(gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, packed << 32 | ICC_PMR));
		}
		EXPECT_OK(gic_initialise(gic));
	}
	close(gic);
	vm_destroy(vm);
}

TEST(registers_need_initialisation)
{
	struct vm *vm = bare_vm(1);
	int gic = gic_create_uninitialised(vm, 0);
	uint64_t v = 0;
	uint32_t w = 0;

	EXPECT_ERRNO(EBUSY, gic_dist_get(gic, 0, GICD_CTLR, &w));
	EXPECT_ERRNO(EBUSY, gic_dist_set(gic, 0, GICD_CTLR, 0));
	EXPECT_ERRNO(EBUSY, gic_redist_get(gic, 0, GICR_CTLR, &w));
	EXPECT_ERRNO(EBUSY, gic_redist_set(gic, 0, GICR_CTLR, 0));
	EXPECT_ERRNO(EBUSY, gic_cpu_get(gic, 0, ICC_PMR, &v));
	EXPECT_ERRNO(EBUSY, gic_cpu_set(gic, 0, ICC_PMR, 0));
	EXPECT_ERRNO(EBUSY, gic_level_get(gic, 0, 32, &w));
	EXPECT_ERRNO(EBUSY, gic_level_set(gic, 0, 32, 0));
	EXPECT_ERRNO(ENXIO, attr_set(gic, GRP_CTRL, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, NULL));
	close(gic);
	vm_destroy(vm);
}

static __shared volatile uint64_t spinning, leave;

static void guest_spin(void)
{
	spinning = 1;
	while (!leave)
		cpu_relax();
}

TEST(registers_need_all_vcpus_stopped)
{
	struct vm *vm = vm_create();
	struct vcpu *spinner = vcpu_add(vm, guest_spin), *idle = vcpu_add(vm, guest_nothing);
	int gic = gic_create(vm, 0);
	uint64_t v = 0, other = vcpu_mpidr(idle);
	struct vcpu_thread t;
	uint32_t w = 0;

	vcpu_thread_start(&t, spinner);
	ASSERT_TRUE(wait_until(spinning, 5000));
	EXPECT_ERRNO(EBUSY, gic_dist_get(gic, 0, GICD_CTLR, &w));
	EXPECT_ERRNO(EBUSY, gic_dist_set(gic, 0, GICD_CTLR, 0));
	EXPECT_ERRNO(EBUSY, gic_redist_get(gic, other, GICR_CTLR, &w));
	EXPECT_ERRNO(EBUSY, gic_redist_set(gic, other, GICR_CTLR, 0));
	EXPECT_ERRNO(EBUSY, gic_cpu_get(gic, other, ICC_PMR, &v));
	EXPECT_ERRNO(EBUSY, gic_cpu_set(gic, other, ICC_PMR, 0));
	EXPECT_ERRNO(EBUSY, gic_level_get(gic, other, 32, &w));
	EXPECT_ERRNO(EBUSY, gic_level_set(gic, other, 32, 0));
	EXPECT_ERRNO(EBUSY, attr_set(gic, GRP_CTRL, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, NULL));
	leave = 1;
	vcpu_thread_join(&t);
	EXPECT_OK(gic_dist_get(gic, 0, GICD_CTLR, &w));
	/* Without an ITS there is no LPI, so nothing to save. */
	EXPECT_OK(attr_set(gic, GRP_CTRL, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, NULL));
	close(gic);
	vm_destroy(vm);
}

/* HARDENING: half_init. Whatever state a GIC is in, its VM can go. */
TEST(half_init)
{
	uint64_t dist = GIC_DIST_GPA, redist = GIC_REDIST_GPA;

	for (int steps = 0; steps < 7; steps++) {
		struct vm *vm = bare_vm(steps == 2 ? 0 : 2);
		int gic = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));

		if (steps >= 1)
			EXPECT_OK(attr_set(gic, ADDR, DIST, &dist));
		if (steps == 2)
			EXPECT_OK(attr_set(gic, ADDR, REDIST, &dist));
		if (steps >= 3)
			EXPECT_OK(attr_set(gic, ADDR, REDIST, &redist));
		if (steps == 2)
			vcpu_init_features(vcpu_create(vm, 0), FEATURE(PSCI_0_2));
		if (steps >= 4 || steps == 2)
			EXPECT_OK(gic_initialise(gic));
		if (steps >= 5 || steps == 2)
			first_run_errno(vm);
		if (steps == 6)
			close(gic);
		vm_destroy(vm);
		if (steps != 6)
			close(gic);
	}
}

TEST_HARNESS_MAIN
