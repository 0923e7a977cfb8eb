// SPDX-License-Identifier: GPL-2.0
/*
 * Saving and restoring a VM. The file is a row of records in the order in which they are restored, which is the one
 * that the interrupt controllers' documents ask for: memory, vCPUs, redistributors and distributor, each ITS's
 * registers, its tables, and GITS_CTLR.
 */
#include <stdlib.h>

#include "its.h"
#include "state.h"

#define GICD_STATUSR	0x0010
#define PAGE		4096

enum record_kind {
	RECORD_MEMORY,		/* index: slot, id: offset of a page */
	RECORD_REG,		/* index: vCPU, id: of KVM_SET_ONE_REG */
	RECORD_MP_STATE,
	RECORD_EVENTS,
	RECORD_GIC,		/* index: group, id: attribute */
	RECORD_ITS,		/* index: which one, id: offset of a register */
	RECORD_ITS_TABLES,
	RECORD_END,
};

struct record {
	uint32_t kind;
	uint32_t size;		/* of what follows */
	uint64_t index, id;
};

static void file_write(FILE *file, const void *data, size_t size)
{
	if (size && fwrite(data, size, 1, file) != 1)
		test_fail("writing a VM's state: %s", strerror(errno));
}

static void file_read(FILE *file, void *data, size_t size)
{
	if (size && fread(data, size, 1, file) != 1)
		test_fail("the file of a VM's state is too short");
}

static void put(FILE *file, enum record_kind kind, uint64_t index, uint64_t id, const void *data, uint32_t size)
{
	struct record r = { .kind = kind, .size = size, .index = index, .id = id };

	file_write(file, &r, sizeof(r));
	file_write(file, data, size);
}

/* Pages that are not all zeroes */
static void save_memory(FILE *file, struct vm *vm)
{
	static const char zero[PAGE];

	for (unsigned int i = 0; i < VM_MAX_SLOTS; i++) {
		const char *p = vm->slot[i].hva;

		for (uint64_t offset = 0; offset < vm->slot[i].size; offset += PAGE)
			if (memcmp(p + offset, zero, PAGE))
				put(file, RECORD_MEMORY, i, offset, p + offset, PAGE);
	}
}

/* ------------------------------------------------------------------------------------------- vCPUs */

static void save_vcpu(FILE *file, struct vcpu *vcpu)
{
	struct kvm_reg_list *list = vcpu_reg_list(vcpu);
	struct kvm_mp_state mp;
	struct kvm_vcpu_events events;

	for (uint64_t i = 0; i < list->n; i++) {
		uint64_t id = list->reg[i];
		uint8_t value[256];

		if (vcpu_get_reg(vcpu, id, value))
			test_fail("KVM_GET_ONE_REG %#lx: %s", (unsigned long)id, strerror(errno));
		put(file, RECORD_REG, vcpu->id, id, value, 1u << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT));
	}
	free(list);
	must(vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &mp));
	put(file, RECORD_MP_STATE, vcpu->id, 0, &mp, sizeof(mp));
	must(vcpu_ioctl(vcpu, KVM_GET_VCPU_EVENTS, &events));
	put(file, RECORD_EVENTS, vcpu->id, 0, &events, sizeof(events));
}

/* --------------------------------------------------------------------------------------------- GIC */

static void save_attr(FILE *file, int gic, unsigned int group, uint64_t attr)
{
	uint64_t value = 0;

	if (attr_get(gic, group, attr, &value))
		test_fail("attribute %#lx of group %u: %s", (unsigned long)attr, group, strerror(errno));
	put(file, RECORD_GIC, group, attr, &value, sizeof(value));
}

/* What has to be written before the register that sets bits */
static void put_attr(FILE *file, unsigned int group, uint64_t attr, uint64_t value)
{
	put(file, RECORD_GIC, group, attr, &value, sizeof(value));
}

static uint64_t cpu_attr(struct vcpu *vcpu, uint64_t low)
{
	uint64_t mpidr = vcpu_mpidr(vcpu);

	return ((mpidr & 0xffffff) | (mpidr >> 32 & 0xff) << 24) << KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT | low;
}

/* Registers with one or more bits for each interrupt: at base, for INTIDs from first to last. */
static void save_fields(FILE *file, int gic, unsigned int group, uint64_t base, unsigned int bits, unsigned int first,
			unsigned int last)
{
	for (unsigned int intid = first; intid < last; intid += 32 / bits)
		save_attr(file, gic, group, base + intid * bits / 8);
}

static void clear_fields(FILE *file, unsigned int group, uint64_t base, unsigned int first, unsigned int last)
{
	for (unsigned int intid = first; intid < last; intid += 32)
		put_attr(file, group, base + intid / 8, ~0u);
}

/* The registers that distributor and redistributors both have; base: of the frame. */
static void save_interrupts(FILE *file, int gic, unsigned int group, uint64_t base, unsigned int first, unsigned int last)
{
	save_fields(file, gic, group, base + GICD_IGROUPR, 1, first, last);
	clear_fields(file, group, base + GICD_ICENABLER, first, last);
	save_fields(file, gic, group, base + GICD_ISENABLER, 1, first, last);
	/* SGIs have no register of their own here. */
	save_fields(file, gic, group, base + GICD_ICFGR, 2, first ? first : 16, last);
	save_fields(file, gic, group, base + GICD_ISPENDR, 1, first, last);
	clear_fields(file, group, base + GICD_ICACTIVER, first, last);
	save_fields(file, gic, group, base + GICD_ISACTIVER, 1, first, last);
	save_fields(file, gic, group, base + GICD_IPRIORITYR, 8, first, last);
}

static void save_redist(FILE *file, int gic, struct vcpu *vcpu)
{
	static const uint32_t first[] = {
		GICD_STATUSR, GICR_WAKER, GICR_PROPBASER, GICR_PROPBASER + 4, GICR_PENDBASER, GICR_PENDBASER + 4,
	};
	unsigned int group = KVM_DEV_ARM_VGIC_GRP_REDIST_REGS;

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		save_attr(file, gic, group, cpu_attr(vcpu, first[i]));
	save_interrupts(file, gic, group, cpu_attr(vcpu, GIC_SGI_FRAME), 0, GIC_SPI);
	save_attr(file, gic, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO,
		  cpu_attr(vcpu, VGIC_LEVEL_INFO_LINE_LEVEL << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT));
	/* EnableLPIs when its tables are known */
	save_attr(file, gic, group, cpu_attr(vcpu, GICR_CTLR));
}

static void save_cpu_interface(FILE *file, int gic, struct vcpu *vcpu)
{
	static const uint32_t reg[] = {
		GIC_SYSREG(3, 0, 12, 12, 5), GIC_SYSREG(3, 0, 12, 12, 4), GIC_SYSREG(3, 0, 4, 6, 0),	/* SRE CTLR PMR */
		GIC_SYSREG(3, 0, 12, 8, 3), GIC_SYSREG(3, 0, 12, 12, 3),	/* BPR0 BPR1 */
		GIC_SYSREG(3, 0, 12, 12, 6), GIC_SYSREG(3, 0, 12, 12, 7),	/* IGRPEN0 IGRPEN1 */
		GIC_SYSREG(3, 0, 12, 8, 4), GIC_SYSREG(3, 0, 12, 9, 0),		/* AP0R0 AP1R0 */
	};

	for (size_t i = 0; i < sizeof(reg) / sizeof(reg[0]); i++)
		save_attr(file, gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, cpu_attr(vcpu, reg[i]));
	/* There are more active priorities with more bits of priority. */
	for (unsigned int n = 1; n < 4; n++) {
		uint64_t ap0 = cpu_attr(vcpu, GIC_SYSREG(3, 0, 12, 8, 4 + n)), value;

		if (attr_get(gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ap0, &value))
			break;
		save_attr(file, gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ap0);
		save_attr(file, gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, cpu_attr(vcpu, GIC_SYSREG(3, 0, 12, 9, n)));
	}
}

static void save_dist(FILE *file, int gic)
{
	unsigned int group = KVM_DEV_ARM_VGIC_GRP_DIST_REGS;
	uint32_t nr_irqs;

	must(attr_get(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr_irqs));
	save_attr(file, gic, group, GICD_IIDR);
	save_attr(file, gic, group, GICD_STATUSR);
	save_interrupts(file, gic, group, 0, GIC_SPI, nr_irqs);
	for (unsigned int intid = GIC_SPI; intid < nr_irqs; intid++) {
		save_attr(file, gic, group, GICD_IROUTER + 8 * intid);
		save_attr(file, gic, group, GICD_IROUTER + 8 * intid + 4);
	}
	for (unsigned int intid = GIC_SPI; intid < nr_irqs; intid += 32)
		save_attr(file, gic, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO,
			  VGIC_LEVEL_INFO_LINE_LEVEL << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT | intid);
	save_attr(file, gic, group, GICD_CTLR);
}

/* --------------------------------------------------------------------------------------------- ITS */

static void save_its(FILE *file, int its, unsigned int n)
{
	static const uint32_t reg[] = {
		GITS_IIDR, GITS_CBASER, GITS_CREADR, GITS_CWRITER,
		GITS_BASER, GITS_BASER + 8, GITS_BASER + 16, GITS_BASER + 24,
		GITS_BASER + 32, GITS_BASER + 40, GITS_BASER + 48, GITS_BASER + 56,
	};
	uint64_t value;

	for (size_t i = 0; i < sizeof(reg) / sizeof(reg[0]); i++) {
		must(its_reg_get(its, reg[i], &value));
		put(file, RECORD_ITS, n, reg[i], &value, sizeof(value));
	}
	put(file, RECORD_ITS_TABLES, n, 0, NULL, 0);
	must(its_reg_get(its, GITS_CTLR, &value));
	put(file, RECORD_ITS, n, GITS_CTLR, &value, sizeof(value));
}

/* --------------------------------------------------------------------------------------------- All */

void state_save(FILE *file, struct vm *vm, const struct state_devices *devices)
{
	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		vcpu_complete(vm->vcpu[i]);
	must(gic_save_pending_tables(devices->gic));
	for (unsigned int i = 0; i < devices->nr_its; i++)
		must(its_save_tables(devices->its[i]));

	save_memory(file, vm);
	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		save_vcpu(file, vm->vcpu[i]);
	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		save_redist(file, devices->gic, vm->vcpu[i]);
	save_dist(file, devices->gic);
	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		save_cpu_interface(file, devices->gic, vm->vcpu[i]);
	for (unsigned int i = 0; i < devices->nr_its; i++)
		save_its(file, devices->its[i], i);
	put(file, RECORD_END, 0, 0, NULL, 0);
}

static void clear_memory(struct vm *vm)
{
	for (unsigned int i = 0; i < VM_MAX_SLOTS; i++)
		if (vm->slot[i].size)
			memset(vm->slot[i].hva, 0, vm->slot[i].size);
}

static void restore_memory(FILE *file, struct vm *vm, const struct record *r)
{
	struct vm_slot *slot = &vm->slot[r->index];

	if (r->index >= VM_MAX_SLOTS || r->id >= slot->size || r->size != PAGE)
		test_fail("there is no memory at %#lx of slot %lu", (unsigned long)r->id, (unsigned long)r->index);
	file_read(file, (char *)slot->hva + r->id, r->size);
}

static void restore_vcpu(struct vm *vm, const struct record *r, void *data)
{
	struct vcpu *vcpu = vm->vcpu[r->index];
	int ret;

	switch (r->kind) {
	case RECORD_REG:
		ret = vcpu_set_reg(vcpu, r->id, data);
		break;
	case RECORD_MP_STATE:
		ret = vcpu_ioctl(vcpu, KVM_SET_MP_STATE, data);
		break;
	default:
		ret = vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, data);
		break;
	}
	if (ret)
		test_fail("vCPU %lu, record of kind %u, %#lx: %s", (unsigned long)r->index, r->kind,
			  (unsigned long)r->id, strerror(errno));
}

static void restore_device(const struct state_devices *devices, const struct record *r, void *data)
{
	int ret;

	if (r->kind != RECORD_GIC && r->index >= devices->nr_its)
		test_fail("there is no ITS %lu", (unsigned long)r->index);
	switch (r->kind) {
	case RECORD_GIC:
		ret = attr_set(devices->gic, r->index, r->id, data);
		break;
	case RECORD_ITS:
		ret = its_reg_set(devices->its[r->index], r->id, *(uint64_t *)data);
		break;
	default:
		ret = its_restore_tables(devices->its[r->index]);
		break;
	}
	if (ret)
		test_fail("record of kind %u, %lu, %#lx: %s", r->kind, (unsigned long)r->index, (unsigned long)r->id,
			  strerror(errno));
}

void state_restore(FILE *file, struct vm *vm, const struct state_devices *devices)
{
	clear_memory(vm);
	for (;;) {
		uint8_t data[256];
		struct record r;

		file_read(file, &r, sizeof(r));
		if (r.kind == RECORD_END)
			return;
		if (r.kind == RECORD_MEMORY) {
			restore_memory(file, vm, &r);
			continue;
		}
		if (r.size > sizeof(data))
			test_fail("a record of %u bytes", r.size);
		file_read(file, data, r.size);
		if (r.kind <= RECORD_EVENTS)
			restore_vcpu(vm, &r, data);
		else
			restore_device(devices, &r, data);
	}
}
