// SPDX-License-Identifier: GPL-2.0
/* ITS and LPIs, host side: the device, its attributes, and memory for the guest's driver. */
#include "its.h"

#define ITS_LOW_GPA	0x08020000ULL	/* between the distributor and the first ITS */

bool its_available(void)
{
	struct kvm_create_device test = { .type = KVM_DEV_TYPE_ARM_VGIC_ITS, .flags = KVM_CREATE_DEVICE_TEST };
	struct vm *vm = vm_create_bare(0);
	bool there = vm_ioctl(vm, KVM_CREATE_DEVICE, &test) == 0;

	vm_destroy(vm);
	return there;
}

uint64_t its_gpa(unsigned int n)
{
	if (n > 3)
		test_fail("no room for ITS %u", n);
	return n ? ITS_LOW_GPA + (n - 1) * ITS_FRAME_SIZE : GIC_ITS_GPA;
}

int its_create_uninitialised(struct vm *vm, uint64_t gpa)
{
	int its = must(vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_ITS));

	must(attr_set(its, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_ITS_ADDR_TYPE, &gpa));
	if (vm->root)
		vm_map(vm, gpa, gpa, ITS_FRAME_SIZE, MAP_DEVICE);
	return its;
}

static int its_ctrl(int its, uint64_t attr)
{
	return attr_set(its, KVM_DEV_ARM_VGIC_GRP_CTRL, attr, NULL);
}

int its_initialise(int its)
{
	return its_ctrl(its, KVM_DEV_ARM_VGIC_CTRL_INIT);
}

int its_create(struct vm *vm, uint64_t gpa)
{
	int its = its_create_uninitialised(vm, gpa);

	must(its_initialise(its));
	return its;
}

int its_reset(int its)
{
	return its_ctrl(its, KVM_DEV_ARM_ITS_CTRL_RESET);
}

int its_save_tables(int its)
{
	return its_ctrl(its, KVM_DEV_ARM_ITS_SAVE_TABLES);
}

int its_restore_tables(int its)
{
	return its_ctrl(its, KVM_DEV_ARM_ITS_RESTORE_TABLES);
}

int its_reg_get(int its, uint32_t offset, uint64_t *value)
{
	return attr_get(its, KVM_DEV_ARM_VGIC_GRP_ITS_REGS, offset, value);
}

int its_reg_set(int its, uint32_t offset, uint64_t value)
{
	return attr_set(its, KVM_DEV_ARM_VGIC_GRP_ITS_REGS, offset, &value);
}

int gic_save_pending_tables(int gic)
{
	return attr_set(gic, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, NULL);
}

uint64_t vm_alloc_aligned(struct vm *vm, uint64_t bytes, uint64_t align)
{
	vm_alloc(vm, -vm->next & (align - 1));
	return vm_alloc(vm, bytes);
}

uint64_t vm_gva_of(struct vm *vm, const void *ram)
{
	return VM_RAM_GPA + ((const char *)ram - (const char *)vm->slot[VM_SLOT_RAM].hva);
}

struct lpi_memory *lpi_memory(struct vm *vm, unsigned int nr_vcpus)
{
	struct lpi_memory *lpi = vm_gpa_to_hva(vm, vm_alloc(vm, sizeof(*lpi)));

	lpi->config = vm_alloc_aligned(vm, LPI_END - LPI_FIRST, ITS_PAGE);
	lpi->pending = vm_alloc_aligned(vm, nr_vcpus * LPI_PENDING_STRIDE, ITS_PAGE);
	lpi->id_bits = 16;
	return lpi;
}

bool vm_lpi_pending_bit(struct vm *vm, struct lpi_memory *lpi, unsigned int cpu, unsigned int intid)
{
	const uint8_t *table = vm_gpa_to_hva(vm, lpi->pending + cpu * LPI_PENDING_STRIDE);

	return table[intid / 8] >> intid % 8 & 1;
}

/* Second levels for all of the table. */
static void fill_first_level(struct vm *vm, struct its_memory *its, uint32_t devices)
{
	uint64_t *first = vm_gpa_to_hva(vm, its->device);

	for (uint32_t i = 0; i * ITS_PAGE_DEVICES < devices; i++)
		first[i] = vm_alloc_aligned(vm, ITS_PAGE, ITS_PAGE) | ITS_L1_VALID;
}

static uint64_t round_up_to(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

struct its_memory *its_memory(struct vm *vm, const struct its_params *params)
{
	struct its_memory *its = vm_gpa_to_hva(vm, vm_alloc(vm, sizeof(*its)));
	uint32_t devices = params->devices ?: 4096;
	uint32_t itt = params->itt_bytes ?: 0x80000;

	its->base = params->gpa ?: its_gpa(0);
	its->queue_size = params->queue_size ?: 0x10000;
	its->queue = vm_alloc_aligned(vm, its->queue_size, ITS_PAGE);
	its->device_flags = GITS_BASER_64K | (params->indirect ? GITS_BASER_INDIRECT : 0);
	its->device_size = params->indirect ? ITS_PAGE : round_up_to(devices * 8, ITS_PAGE);
	its->device = vm_alloc_aligned(vm, its->device_size, ITS_PAGE);
	if (params->indirect)
		fill_first_level(vm, its, devices);
	its->collection_size = round_up_to((params->collections ?: 1024) * 8, ITS_PAGE);
	its->collection = vm_alloc_aligned(vm, its->collection_size, ITS_PAGE);
	its->itt = vm_alloc(vm, itt);
	its->itt_end = its->itt + itt;
	return its;
}

int vm_signal_msi(struct vm *vm, uint64_t its_base, uint32_t device_id, uint32_t event_id)
{
	uint64_t doorbell = its_base + GITS_TRANSLATER;
	struct kvm_msi msi = {
		.address_lo = doorbell,
		.address_hi = doorbell >> 32,
		.data = event_id,
		.flags = KVM_MSI_VALID_DEVID,
		.devid = device_id,
	};
	int ret = vm_ioctl(vm, KVM_SIGNAL_MSI, &msi);

	return ret < 0 ? -errno : ret;
}
