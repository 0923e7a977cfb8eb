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

enum record_kind {
	RECORD_MEMORY,		/* index: slot */
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

static void file_write(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t n = must(write(fd, p, size));

		p += n;
		size -= n;
	}
}

static void file_read(int fd, void *data, size_t size)
{
	char *p = data;

	while (size) {
		ssize_t n = must(read(fd, p, size));

		if (!n)
			test_fail("the file of a VM's state is too short");
		p += n;
		size -= n;
	}
}

static void put(int fd, enum record_kind kind, uint64_t index, uint64_t id, const void *data, uint32_t size)
{
	struct record r = { .kind = kind, .size = size, .index = index, .id = id };

	file_write(fd, &r, sizeof(r));
	file_write(fd, data, size);
}

static void save_memory(int fd, struct vm *vm)
{
	for (unsigned int i = 0; i < VM_MAX_SLOTS; i++)
		if (vm->slot[i].size)
			put(fd, RECORD_MEMORY, i, 0, vm->slot[i].hva, vm->slot[i].size);
}

/* ------------------------------------------------------------------------------------------- vCPUs */

static void save_vcpu(int fd, struct vcpu *vcpu)
{
	struct kvm_reg_list *list = vcpu_reg_list(vcpu);
	struct kvm_mp_state mp;
	struct kvm_vcpu_events events;

	for (uint64_t i = 0; i < list->n; i++) {
		uint64_t id = list->reg[i];
		uint8_t value[256];

		if (vcpu_get_reg(vcpu, id, value))
			test_fail("KVM_GET_ONE_REG %#lx: %s", (unsigned long)id, strerror(errno));
		put(fd, RECORD_REG, vcpu->id, id, value, 1u << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT));
	}
	free(list);
	must(vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &mp));
	put(fd, RECORD_MP_STATE, vcpu->id, 0, &mp, sizeof(mp));
	must(vcpu_ioctl(vcpu, KVM_GET_VCPU_EVENTS, &events));
	put(fd, RECORD_EVENTS, vcpu->id, 0, &events, sizeof(events));
}

/* --------------------------------------------------------------------------------------------- GIC */

static void save_attr(int fd, int gic, unsigned int group, uint64_t attr)
{
	uint64_t value = 0;

	if (attr_get(gic, group, attr, &value))
		test_fail("attribute %#lx of group %u: %s", (unsigned long)attr, group, strerror(errno));
	put(fd, RECORD_GIC, group, attr, &value, sizeof(value));
}

/* What has to be written before the register that sets bits */
static void put_attr(int fd, unsigned int group, uint64_t attr, uint64_t value)
{
	put(fd, RECORD_GIC, group, attr, &value, sizeof(value));
}

static uint64_t cpu_attr(struct vcpu *vcpu, uint64_t low)
{
	uint64_t mpidr = vcpu_mpidr(vcpu);

	return ((mpidr & 0xffffff) | (mpidr >> 32 & 0xff) << 24) << KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT | low;
}

/* Registers with one or more bits for each interrupt: at base, for INTIDs from first to last. */
static void save_fields(int fd, int gic, unsigned int group, uint64_t base, unsigned int bits, unsigned int first,
			unsigned int last)
{
	for (unsigned int intid = first; intid < last; intid += 32 / bits)
		save_attr(fd, gic, group, base + intid * bits / 8);
}

static void clear_fields(int fd, unsigned int group, uint64_t base, unsigned int first, unsigned int last)
{
	for (unsigned int intid = first; intid < last; intid += 32)
		put_attr(fd, group, base + intid / 8, ~0u);
}

/* The registers that distributor and redistributors both have; base: of the frame. */
static void save_interrupts(int fd, int gic, unsigned int group, uint64_t base, unsigned int first, unsigned int last)
{
	save_fields(fd, gic, group, base + GICD_IGROUPR, 1, first, last);
	clear_fields(fd, group, base + GICD_ICENABLER, first, last);
	save_fields(fd, gic, group, base + GICD_ISENABLER, 1, first, last);
	/* SGIs have no register of their own here. */
	save_fields(fd, gic, group, base + GICD_ICFGR, 2, first ? first : 16, last);
	save_fields(fd, gic, group, base + GICD_ISPENDR, 1, first, last);
	clear_fields(fd, group, base + GICD_ICACTIVER, first, last);
	save_fields(fd, gic, group, base + GICD_ISACTIVER, 1, first, last);
	save_fields(fd, gic, group, base + GICD_IPRIORITYR, 8, first, last);
}

static void save_redist(int fd, int gic, struct vcpu *vcpu)
{
	static const uint32_t first[] = {
		GICD_STATUSR, GICR_WAKER, GICR_PROPBASER, GICR_PROPBASER + 4, GICR_PENDBASER, GICR_PENDBASER + 4,
	};
	unsigned int group = KVM_DEV_ARM_VGIC_GRP_REDIST_REGS;

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		save_attr(fd, gic, group, cpu_attr(vcpu, first[i]));
	save_interrupts(fd, gic, group, cpu_attr(vcpu, GIC_SGI_FRAME), 0, GIC_SPI);
	save_attr(fd, gic, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO,
		  cpu_attr(vcpu, VGIC_LEVEL_INFO_LINE_LEVEL << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT));
	/* EnableLPIs when its tables are known */
	save_attr(fd, gic, group, cpu_attr(vcpu, GICR_CTLR));
}

static void save_cpu_interface(int fd, int gic, struct vcpu *vcpu)
{
	static const uint32_t reg[] = {
		GIC_SYSREG(3, 0, 12, 12, 5), GIC_SYSREG(3, 0, 12, 12, 4), GIC_SYSREG(3, 0, 4, 6, 0),	/* SRE CTLR PMR */
		GIC_SYSREG(3, 0, 12, 8, 3), GIC_SYSREG(3, 0, 12, 12, 3),	/* BPR0 BPR1 */
		GIC_SYSREG(3, 0, 12, 12, 6), GIC_SYSREG(3, 0, 12, 12, 7),	/* IGRPEN0 IGRPEN1 */
		GIC_SYSREG(3, 0, 12, 8, 4), GIC_SYSREG(3, 0, 12, 9, 0),		/* AP0R0 AP1R0 */
	};

	for (size_t i = 0; i < sizeof(reg) / sizeof(reg[0]); i++)
		save_attr(fd, gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, cpu_attr(vcpu, reg[i]));
	/* There are more active priorities with more bits of priority. */
	for (unsigned int n = 1; n < 4; n++) {
		uint64_t ap0 = cpu_attr(vcpu, GIC_SYSREG(3, 0, 12, 8, 4 + n)), value;

		if (attr_get(gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ap0, &value))
			break;
		save_attr(fd, gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ap0);
		save_attr(fd, gic, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, cpu_attr(vcpu, GIC_SYSREG(3, 0, 12, 9, n)));
	}
}

static void save_dist(int fd, int gic)
{
	unsigned int group = KVM_DEV_ARM_VGIC_GRP_DIST_REGS;
	uint32_t nr_irqs;

	must(attr_get(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr_irqs));
	save_attr(fd, gic, group, GICD_IIDR);
	save_attr(fd, gic, group, GICD_STATUSR);
	save_interrupts(fd, gic, group, 0, GIC_SPI, nr_irqs);
	for (unsigned int intid = GIC_SPI; intid < nr_irqs; intid++) {
		save_attr(fd, gic, group, GICD_IROUTER + 8 * intid);
		save_attr(fd, gic, group, GICD_IROUTER + 8 * intid + 4);
	}
	for (unsigned int intid = GIC_SPI; intid < nr_irqs; intid += 32)
		save_attr(fd, gic, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO,
			  VGIC_LEVEL_INFO_LINE_LEVEL << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT | intid);
	save_attr(fd, gic, group, GICD_CTLR);
}

/* --------------------------------------------------------------------------------------------- ITS */

static void save_its(int fd, int its, unsigned int n)
{
	static const uint32_t reg[] = {
		GITS_IIDR, GITS_CBASER, GITS_CREADR, GITS_CWRITER,
		GITS_BASER, GITS_BASER + 8, GITS_BASER + 16, GITS_BASER + 24,
		GITS_BASER + 32, GITS_BASER + 40, GITS_BASER + 48, GITS_BASER + 56,
	};
	uint64_t value;

	for (size_t i = 0; i < sizeof(reg) / sizeof(reg[0]); i++) {
		must(its_reg_get(its, reg[i], &value));
		put(fd, RECORD_ITS, n, reg[i], &value, sizeof(value));
	}
	put(fd, RECORD_ITS_TABLES, n, 0, NULL, 0);
	must(its_reg_get(its, GITS_CTLR, &value));
	put(fd, RECORD_ITS, n, GITS_CTLR, &value, sizeof(value));
}

/* --------------------------------------------------------------------------------------------- All */

void state_save(int fd, struct vm *vm, const struct state_devices *devices)
{
	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		vcpu_complete(vm->vcpu[i]);
	must(gic_save_pending_tables(devices->gic));
	for (unsigned int i = 0; i < devices->nr_its; i++)
		must(its_save_tables(devices->its[i]));

	save_memory(fd, vm);
	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		save_vcpu(fd, vm->vcpu[i]);
	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		save_redist(fd, devices->gic, vm->vcpu[i]);
	save_dist(fd, devices->gic);
	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		save_cpu_interface(fd, devices->gic, vm->vcpu[i]);
	for (unsigned int i = 0; i < devices->nr_its; i++)
		save_its(fd, devices->its[i], i);
	put(fd, RECORD_END, 0, 0, NULL, 0);
}

static void restore_memory(int fd, struct vm *vm, const struct record *r)
{
	struct vm_slot *slot = &vm->slot[r->index];

	if (r->index >= VM_MAX_SLOTS || slot->size != r->size)
		test_fail("memory slot %lu is of another size", (unsigned long)r->index);
	file_read(fd, slot->hva, r->size);
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

void state_restore(int fd, struct vm *vm, const struct state_devices *devices)
{
	for (;;) {
		uint8_t data[256];
		struct record r;

		file_read(fd, &r, sizeof(r));
		if (r.kind == RECORD_END)
			return;
		if (r.kind == RECORD_MEMORY) {
			restore_memory(fd, vm, &r);
			continue;
		}
		if (r.size > sizeof(data))
			test_fail("a record of %u bytes", r.size);
		file_read(fd, data, r.size);
		if (r.kind <= RECORD_EVENTS)
			restore_vcpu(vm, &r, data);
		else
			restore_device(devices, &r, data);
	}
}
