// SPDX-License-Identifier: GPL-2.0
/* Where the GICv3's frames may be: KVM_DEV_ARM_VGIC_GRP_ADDR, and which redistributor is whose. */
#include "kvm_test.h"
#include "gic.h"

REQUIRE_GICV3

#define ADDR	KVM_DEV_ARM_VGIC_GRP_ADDR
#define DIST	KVM_VGIC_V3_ADDR_TYPE_DIST
#define REDIST	KVM_VGIC_V3_ADDR_TYPE_REDIST
#define REGION	KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION

#define STRIDE	GIC_REDIST_STRIDE

static void add_vcpus(struct vm *vm, unsigned int nr)
{
	while (nr--)
		vcpu_init_features(vcpu_create(vm, vm->nr_vcpus), FEATURE(PSCI_0_2));
}

static int gic_bare(struct vm **vm, unsigned int ipa_bits, unsigned int nr_vcpus)
{
	*vm = vm_create_bare(ipa_bits);
	add_vcpus(*vm, nr_vcpus);
	return must(vm_create_device(*vm, KVM_DEV_TYPE_ARM_VGIC_V3));
}

static void gone(struct vm *vm, int gic)
{
	close(gic);
	vm_destroy(vm);
}

static int set_addr(int gic, uint64_t type, uint64_t value)
{
	return attr_set(gic, ADDR, type, &value);
}

static uint64_t region(uint64_t count, uint64_t base, uint64_t flags, uint64_t index)
{
	return count << 52 | base | flags << 12 | index;
}

static int set_region(int gic, uint64_t count, uint64_t base, uint64_t index)
{
	return set_addr(gic, REGION, region(count, base, 0, index));
}

static int get_region(int gic, uint64_t index, uint64_t *value)
{
	*value = index;
	return attr_get(gic, ADDR, REGION, value);
}

TEST(distributor_address)
{
	static const unsigned int widths[] = { 0, 36 };

	for (unsigned int i = 0; i < 2; i++) {
		uint64_t top = 1ULL << (widths[i] ?: 40), value;
		struct vm *vm;
		int gic = gic_bare(&vm, widths[i], 1);

		EXPECT_OK(attr_get(gic, ADDR, DIST, &value));
		EXPECT_EQ(~0ULL, value);
		EXPECT_ERRNO(EINVAL, set_addr(gic, DIST, GIC_DIST_GPA + 0x1000));
		EXPECT_ERRNO(EINVAL, set_addr(gic, DIST, GIC_DIST_GPA + 1));
		EXPECT_ERRNO(E2BIG, set_addr(gic, DIST, top));
		EXPECT_ERRNO(E2BIG, set_addr(gic, DIST, 1ULL << 52));
		EXPECT_OK(set_addr(gic, DIST, top - 0x10000));
		EXPECT_ERRNO(EEXIST, set_addr(gic, DIST, top - 0x10000));
		EXPECT_ERRNO(EEXIST, set_addr(gic, DIST, GIC_DIST_GPA));
		EXPECT_OK(attr_get(gic, ADDR, DIST, &value));
		EXPECT_EQ(top - 0x10000, value);
		gone(vm, gic);
	}
}

TEST(single_region)
{
	uint64_t top = 1ULL << 40, value;
	struct vm *vm;
	int gic = gic_bare(&vm, 0, 2);

	EXPECT_OK(attr_get(gic, ADDR, REDIST, &value));
	EXPECT_EQ(~0ULL, value);
	EXPECT_ERRNO(EINVAL, set_addr(gic, REDIST, GIC_REDIST_GPA + 0x8000));
	EXPECT_ERRNO(E2BIG, set_addr(gic, REDIST, top));
	EXPECT_OK(set_addr(gic, REDIST, GIC_REDIST_GPA));
	EXPECT_ERRNO(EEXIST, set_addr(gic, REDIST, GIC_REDIST_GPA));
	EXPECT_ERRNO(EEXIST, set_addr(gic, REDIST, GIC_REDIST_GPA + 0x1000000));
	EXPECT_OK(attr_get(gic, ADDR, REDIST, &value));
	EXPECT_EQ(GIC_REDIST_GPA, value);
	/* The two kinds do not mix. */
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, GIC_REDIST_GPA + 0x1000000, 0));
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, GIC_REDIST_GPA + 0x1000000, 1));
	gone(vm, gic);
}

TEST(regions)
{
	uint64_t top = 1ULL << 40, at = 0x10000000, value;
	struct vm *vm;
	int gic = gic_bare(&vm, 0, 1);

	EXPECT_ERRNO(ENOENT, get_region(gic, 0, &value));
	EXPECT_ERRNO(EINVAL, set_region(gic, 0, at, 0));
	EXPECT_ERRNO(EINVAL, set_addr(gic, REGION, region(1, at, 1, 0)));
	EXPECT_ERRNO(EINVAL, set_addr(gic, REGION, region(1, at, 8, 0)));
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, at, 1));
	EXPECT_ERRNO(E2BIG, set_region(gic, 1, top, 0));
	EXPECT_ERRNO(E2BIG, set_region(gic, 2, top - STRIDE, 0));
	EXPECT_ERRNO(E2BIG, set_region(gic, 1, top - 0x10000, 0));
	EXPECT_ERRNO(E2BIG, set_region(gic, 4095, top - 4094 * STRIDE, 0));
	EXPECT_ERRNO(ENOENT, get_region(gic, 0, &value));

	EXPECT_OK(set_region(gic, 3, at, 0));
	EXPECT_OK(get_region(gic, 0, &value));
	EXPECT_EQ(region(3, at, 0, 0), value);
	EXPECT_ERRNO(ENOENT, get_region(gic, 1, &value));

	/* Index out of sequence, or taken; overlaps on both sides, inside and around. */
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, at + 16 * STRIDE, 0));
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, at + 16 * STRIDE, 2));
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, at, 1));
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, at + 2 * STRIDE, 1));
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, at + 2 * STRIDE + 0x10000, 1));
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, at - 0x10000, 1));
	EXPECT_ERRNO(EINVAL, set_region(gic, 8, at - STRIDE, 1));

	EXPECT_OK(set_region(gic, 1, at + 3 * STRIDE, 1));
	EXPECT_OK(set_region(gic, 1, at - STRIDE, 2));
	EXPECT_OK(set_region(gic, 1, top - STRIDE, 3));
	EXPECT_OK(set_region(gic, 4095, 0x20000000, 4));
	EXPECT_OK(get_region(gic, 4, &value));
	EXPECT_EQ(region(4095, 0x20000000, 0, 4), value);
	EXPECT_OK(get_region(gic, 2, &value));
	EXPECT_EQ(region(1, at - STRIDE, 0, 2), value);

	EXPECT_ERRNO(EINVAL, set_addr(gic, REDIST, GIC_REDIST_GPA));
	EXPECT_ERRNO(EINVAL, attr_get(gic, ADDR, REDIST, &value));
	gone(vm, gic);
}

TEST(region_over_the_distributor)
{
	struct vm *vm;
	int gic = gic_bare(&vm, 0, 1);

	EXPECT_OK(set_addr(gic, DIST, GIC_DIST_GPA));
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, GIC_DIST_GPA, 0));
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, GIC_DIST_GPA - 0x10000, 0));
	EXPECT_ERRNO(EINVAL, set_region(gic, 4, GIC_DIST_GPA - 3 * STRIDE, 0));
	EXPECT_OK(set_region(gic, 1, GIC_DIST_GPA - STRIDE, 0));
	EXPECT_OK(set_region(gic, 1, GIC_DIST_GPA + 0x10000, 1));
	gone(vm, gic);
}

static uint64_t typer(int gic, struct vcpu *vcpu)
{
	uint32_t low = 0, high = 0;

	must(gic_redist_get(gic, vcpu_mpidr(vcpu), GICR_TYPER, &low));
	must(gic_redist_get(gic, vcpu_mpidr(vcpu), GICR_TYPER + 4, &high));
	return (uint64_t)high << 32 | low;
}

TEST(type_register)
{
	/* Two regions that touch and one that does not; the last is not full. */
	static const bool last[] = { false, false, false, true, false, true };
	struct vm *vm;
	int gic = gic_bare(&vm, 0, 3);

	EXPECT_OK(set_addr(gic, DIST, GIC_DIST_GPA));
	EXPECT_OK(set_region(gic, 2, 0x10000000, 0));
	add_vcpus(vm, 3);
	EXPECT_OK(set_region(gic, 2, 0x10000000 + 2 * STRIDE, 1));
	EXPECT_OK(set_region(gic, 100, 0x20000000, 2));
	EXPECT_OK(gic_initialise(gic));
	for (unsigned int i = 0; i < vm->nr_vcpus; i++) {
		uint64_t t = typer(gic, vm->vcpu[i]), mpidr = vcpu_mpidr(vm->vcpu[i]);

		EXPECT_EQ((mpidr & 0xffffff) | (mpidr >> 32 & 0xff) << 24, t >> 32);
		EXPECT_EQ(i, t >> 8 & 0xffff);
		EXPECT_EQ(last[i], !!(t & GICR_TYPER_LAST));
	}
	gone(vm, gic);
}

/* Regions in an order that is not that of their addresses: the last one is before the first. */
TEST(type_register_regions_downwards)
{
	static const bool last[] = { true, false, true };
	struct vm *vm;
	int gic = gic_bare(&vm, 0, 3);

	EXPECT_OK(set_region(gic, 1, 0x10000000 + STRIDE, 0));
	EXPECT_OK(set_region(gic, 1, 0x10000000, 1));
	EXPECT_OK(set_region(gic, 7, 0x30000000, 2));
	EXPECT_OK(gic_initialise(gic));
	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		EXPECT_EQ(last[i], !!(typer(gic, vm->vcpu[i]) & GICR_TYPER_LAST));
	gone(vm, gic);
}

/* A vCPU without a redistributor is the last of nothing. */
TEST(type_register_without_a_region)
{
	struct vm *vm;
	int gic = gic_bare(&vm, 0, 2);

	EXPECT_OK(gic_initialise(gic));
	EXPECT_EQ(0, typer(gic, vm->vcpu[0]) & GICR_TYPER_LAST);
	EXPECT_EQ(0, typer(gic, vm->vcpu[1]) & GICR_TYPER_LAST);
	gone(vm, gic);
}

/* HARDENING: redist_region_uaf. Regions that were refused leave nothing that a vCPU could point to. */
TEST(redist_region_uaf)
{
	struct vm *vm;
	int gic = gic_bare(&vm, 0, 2);

	EXPECT_OK(set_addr(gic, DIST, GIC_DIST_GPA));
	for (int i = 0; i < 20; i++) {
		EXPECT_ERRNO(EINVAL, set_region(gic, 2, GIC_DIST_GPA - STRIDE, 0));
		EXPECT_ERRNO(E2BIG, set_region(gic, 2, (1ULL << 40) - STRIDE, 0));
	}
	add_vcpus(vm, 1);
	EXPECT_OK(set_region(gic, 2, 0x10000000, 0));
	EXPECT_ERRNO(EINVAL, set_region(gic, 2, 0x10000000 + STRIDE, 1));
	add_vcpus(vm, 1);
	EXPECT_OK(gic_initialise(gic));
	EXPECT_EQ(0, typer(gic, vm->vcpu[0]) & GICR_TYPER_LAST);
	EXPECT_EQ(GICR_TYPER_LAST, typer(gic, vm->vcpu[1]) & GICR_TYPER_LAST);
	EXPECT_EQ(0, typer(gic, vm->vcpu[2]) & GICR_TYPER_LAST);
	EXPECT_EQ(0, typer(gic, vm->vcpu[3]) & GICR_TYPER_LAST);
	gone(vm, gic);
}

/* The guest's view: each region's frames, and that nothing answers beyond them. */

#define R0	0x08100000ULL
#define R1	0x08200000ULL

static void guest_walk(void)
{
	static const uint64_t frames[] = { R0, R0 + STRIDE, R1 };

	for (unsigned int i = 0; i < 3; i++) {
		uint64_t t = guest_mmio_read64(frames[i] + GICR_TYPER);

		GUEST_ASSERT_EQ(i, t >> 32 & 0xff);
		GUEST_ASSERT_EQ(i, t >> 8 & 0xffff);
		GUEST_ASSERT_EQ(i != 0, !!(t & GICR_TYPER_LAST));
		GUEST_ASSERT_EQ(0x30, guest_mmio_read32(frames[i] + GICR_PIDR2) & 0xf0);
	}
	/* A frame is its own vCPU's only. */
	guest_mmio_write32(R1 + GIC_SGI_FRAME + GICD_ISENABLER, 1u << 20);
	GUEST_ASSERT(guest_mmio_read32(R1 + GIC_SGI_FRAME + GICD_ISENABLER) & 1u << 20);
	GUEST_ASSERT(!(guest_mmio_read32(R0 + GIC_SGI_FRAME + GICD_ISENABLER) & 1u << 20));
	GUEST_ASSERT(!(guest_mmio_read32(R0 + STRIDE + GIC_SGI_FRAME + GICD_ISENABLER) & 1u << 20));
	guest_mmio_read32(R1 + STRIDE);			/* exits: there is no fourth vCPU */
}

static void guest_nothing(void)
{
}

TEST(guest_sees_its_regions)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_walk);
	int gic;

	vcpu_add(vm, guest_nothing);
	vcpu_add(vm, guest_nothing);
	gic = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));
	EXPECT_OK(set_addr(gic, DIST, GIC_DIST_GPA));
	EXPECT_OK(set_region(gic, 2, R0, 0));
	EXPECT_OK(set_region(gic, 8, R1, 1));
	EXPECT_OK(gic_initialise(gic));
	vm_map(vm, R0, R0, 2 * STRIDE, MAP_DEVICE);
	vm_map(vm, R1, R1, 2 * STRIDE, MAP_DEVICE);
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(R1 + STRIDE, vcpu->run->mmio.phys_addr);
	gone(vm, gic);
}

TEST(as_many_vcpus_as_there_can_be)
{
	int max = kvm_check(KVM_CAP_MAX_VCPUS), gic;
	struct vm *vm;

	gic = gic_bare(&vm, 0, max > VM_MAX_VCPUS ? VM_MAX_VCPUS : max);
	EXPECT_OK(set_addr(gic, DIST, GIC_DIST_GPA));
	EXPECT_OK(set_addr(gic, REDIST, GIC_REDIST_GPA));
	EXPECT_OK(gic_initialise(gic));
	for (unsigned int i = 0; i < vm->nr_vcpus; i++) {
		uint64_t t = typer(gic, vm->vcpu[i]);

		EXPECT_EQ(i, t >> 8 & 0xffff);
		EXPECT_EQ(i == vm->nr_vcpus - 1, !!(t & GICR_TYPER_LAST));
	}
	vm->vcpu[0]->run->immediate_exit = 1;
	EXPECT_EQ(-EINTR, vcpu_run_once(vm->vcpu[0]));
	gone(vm, gic);
}

TEST_HARNESS_MAIN
