// SPDX-License-Identifier: GPL-2.0
/* GICs, host side: the device and its attributes. */
#include "gic.h"

__shared uint64_t gic_version = 3;

static bool type_available(unsigned int type)
{
	struct kvm_create_device test = { .type = type, .flags = KVM_CREATE_DEVICE_TEST };
	struct vm *vm = vm_create_bare(0);
	bool there = vm_ioctl(vm, KVM_CREATE_DEVICE, &test) == 0;

	vm_destroy(vm);
	return there;
}

bool gic_v3_available(void)
{
	return type_available(KVM_DEV_TYPE_ARM_VGIC_V3);
}

bool gic_v2_available(void)
{
	return type_available(KVM_DEV_TYPE_ARM_VGIC_V2);
}

bool gic_available(void)
{
	return gic_v3_available() || gic_v2_available();
}

static int create_v3(struct vm *vm)
{
	uint64_t dist = GIC_DIST_GPA, redist = GIC_REDIST_GPA;
	int gic = vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3);

	if (gic < 0)
		return gic;
	gic_version = 3;
	must(attr_set(gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &dist));
	must(attr_set(gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist));
	if (vm->root) {
		vm_map(vm, GIC_DIST_GPA, GIC_DIST_GPA, KVM_VGIC_V3_DIST_SIZE, MAP_DEVICE);
		vm_map(vm, GIC_REDIST_GPA, GIC_REDIST_GPA, vm->nr_vcpus * GIC_REDIST_STRIDE, MAP_DEVICE);
	}
	return gic;
}

static int create_v2(struct vm *vm)
{
	uint64_t dist = GIC_DIST_GPA, cpu = GIC_CPU_GPA;
	int gic = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V2));

	gic_version = 2;
	must(attr_set(gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST, &dist));
	must(attr_set(gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU, &cpu));
	gic_v2_map(vm);
	return gic;
}

void gic_v2_map(struct vm *vm)
{
	if (!vm->root)
		return;
	vm_map(vm, GIC_DIST_GPA, GIC_DIST_GPA, KVM_VGIC_V2_DIST_SIZE, MAP_DEVICE);
	vm_map(vm, GIC_CPU_GPA, GIC_CPU_GPA, KVM_VGIC_V2_CPU_SIZE, MAP_DEVICE);
}

int gic_create_uninitialised(struct vm *vm, unsigned int nr_irqs)
{
	int gic = create_v3(vm);

	if (gic < 0 && errno == ENODEV)
		gic = create_v2(vm);
	must(gic);
	if (nr_irqs)
		must(attr_set(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr_irqs));
	return gic;
}

static uint64_t v2_attr(unsigned int id, uint32_t offset)
{
	return (uint64_t)id << KVM_DEV_ARM_VGIC_CPUID_SHIFT | offset;
}

int gic_v2_get(int gic, unsigned int group, unsigned int id, uint32_t offset, uint32_t *value)
{
	return attr_get(gic, group, v2_attr(id, offset), value);
}

int gic_v2_set(int gic, unsigned int group, unsigned int id, uint32_t offset, uint32_t value)
{
	return attr_set(gic, group, v2_attr(id, offset), &value);
}

int gic_initialise(int gic)
{
	return attr_set(gic, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

int gic_create(struct vm *vm, unsigned int nr_irqs)
{
	int gic = gic_create_uninitialised(vm, nr_irqs);

	must(gic_initialise(gic));
	return gic;
}

/* MPIDR_EL1's Aff3 is in bits 39:32, the attribute's in 31:24 of its upper half. */
static uint64_t cpu_attr(uint64_t mpidr, uint64_t low)
{
	uint64_t aff = (mpidr & 0xffffff) | (mpidr >> 32 & 0xff) << 24;

	return aff << KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT | low;
}

int gic_dist_get(int gic, uint64_t mpidr, uint32_t offset, uint32_t *value)
{
	return attr_get(gic, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, cpu_attr(mpidr, offset), value);
}

int gic_dist_set(int gic, uint64_t mpidr, uint32_t offset, uint32_t value)
{
	return attr_set(gic, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, cpu_attr(mpidr, offset), &value);
}

int gic_redist_get(int gic, uint64_t mpidr, uint32_t offset, uint32_t *value)
{
	return attr_get(gic, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, cpu_attr(mpidr, offset), value);
}

int gic_redist_set(int gic, uint64_t mpidr, uint32_t offset, uint32_t value)
{
	return attr_set(gic, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, cpu_attr(mpidr, offset), &value);
}

int gic_cpu_get(int gic, uint64_t mpidr, uint32_t sysreg, uint64_t *value)
{
	return attr_get(gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, cpu_attr(mpidr, sysreg), value);
}

int gic_cpu_set(int gic, uint64_t mpidr, uint32_t sysreg, uint64_t value)
{
	return attr_set(gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, cpu_attr(mpidr, sysreg), &value);
}

int gic_level_get(int gic, uint64_t mpidr, uint32_t intid, uint32_t *lines)
{
	return attr_get(gic, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO,
			cpu_attr(mpidr, VGIC_LEVEL_INFO_LINE_LEVEL << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT | intid),
			lines);
}

int gic_level_set(int gic, uint64_t mpidr, uint32_t intid, uint32_t lines)
{
	return attr_set(gic, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO,
			cpu_attr(mpidr, VGIC_LEVEL_INFO_LINE_LEVEL << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT | intid),
			&lines);
}
