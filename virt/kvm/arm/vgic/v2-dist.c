// SPDX-License-Identifier: GPL-2.0
/*
 * A GICv2's distributor (IHI 0048, 4.3), without Security Extensions: 4 KiB in
 * which INTIDs 0 to 31 are those of the vCPU that accesses it. And where its
 * frames are.
 *
 * Locks: vgic_irq.lock for SGIs; config_lock for the frames' places.
 */

#include <linux/bitfield.h>
#include <linux/irqchip/arm-gic.h>
#include <linux/sizes.h>
#include <kvm/vm.h>
#include "regs.h"
#include "vgic.h"

/* GICD_TYPER */
#define TYPER_LINES		GENMASK(4, 0)
#define TYPER_CPUS		GENMASK(7, 5)

/* GICD_SGIR */
#define SGIR_FILTER		GENMASK(25, 24)
#define SGIR_FILTER_LIST	0
#define SGIR_FILTER_OTHERS	1
#define SGIR_FILTER_SELF	2
#define SGIR_TARGETS		GENMASK(23, 16)
#define SGIR_INTID		GENMASK(3, 0)

#define DIST_NSACR		0xe00
#define DIST_ID			0xfd0
#define DIST_ICPIDR2		6	/* the register of ICPIDR4-7, 0-3 that has the architecture's version */

static int v2_ctlr_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = READ_ONCE(a->vm->arch.vgic.ctlr);
	return 0;
}

static int v2_typer_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	const struct vgic_dist *dist = &a->vm->arch.vgic;

	*val = FIELD_PREP(TYPER_LINES, DIV_ROUND_UP(dist->nr_spis + VGIC_NR_PRIVATE, 32) - 1) |
	       FIELD_PREP(TYPER_CPUS, vm_nr_vcpus(a->vm) - 1);
	return 0;
}

static int v2_id_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = n == DIST_ICPIDR2 ? 0x2b : 0;
	return 0;
}

static u32 sgir_targets(const struct vgic_access *a, u32 val)
{
	switch (FIELD_GET(SGIR_FILTER, val)) {
	case SGIR_FILTER_LIST:
		return FIELD_GET(SGIR_TARGETS, val);
	case SGIR_FILTER_OTHERS:
		return U8_MAX & ~BIT(a->cpu->id);
	case SGIR_FILTER_SELF:
		return BIT(a->cpu->id);
	default:
		return 0;
	}
}

static int v2_sgir_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	u32 targets = sgir_targets(a, val);
	struct vcpu *vcpu;
	unsigned int i;

	vm_for_each_vcpu(i, vcpu, a->vm) {
		struct vgic_irq *irq = &vcpu->arch.vgic.private[FIELD_GET(SGIR_INTID, val)];

		if (!(targets & BIT(vcpu->id)))
			continue;
		scoped_guard(raw_spinlock_irqsave, &irq->lock)
			vgic_v2_sgi_pend(irq, BIT(a->cpu->id));
	}
	return 0;
}

#define V2_BITS(off, n, f) {						\
	.offset = (off), .size = 1024 * (n) / 8, .width = 4,		\
	.access = VGIC_ACC_32, .bits = (n), .field = &vgic_##f,		\
}

#define V2_BYTES(off, len, f) {						\
	.offset = (off), .size = (len), .width = 4,			\
	.access = VGIC_ACC_8 | VGIC_ACC_32, .bits = 8, .field = &vgic_##f, \
}

static const struct vgic_reg v2_dist_regs[] = {
	{
		.offset = GIC_DIST_CTRL, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.read = v2_ctlr_read, .write = vgic_ctlr_write,
	}, {
		.offset = GIC_DIST_CTR, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.flags = VGIC_REG_RO, .read = v2_typer_read,
	}, {
		.offset = GIC_DIST_IIDR, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.flags = VGIC_REG_RO, .read = vgic_iidr_read,
		.user_write = vgic_iidr_user_write,
	},
	V2_BITS(GIC_DIST_IGROUP, 1, v2_field_group),
	V2_BITS(GIC_DIST_ENABLE_SET, 1, field_set_enable),
	V2_BITS(GIC_DIST_ENABLE_CLEAR, 1, field_clear_enable),
	V2_BITS(GIC_DIST_PENDING_SET, 1, v2_field_set_pending),
	V2_BITS(GIC_DIST_PENDING_CLEAR, 1, v2_field_clear_pending),
	V2_BITS(GIC_DIST_ACTIVE_SET, 1, v2_field_set_active),
	V2_BITS(GIC_DIST_ACTIVE_CLEAR, 1, field_clear_active),
	V2_BYTES(GIC_DIST_PRI, 1024, field_priority),
	V2_BYTES(GIC_DIST_TARGET, 1024, v2_field_targets),
	V2_BITS(GIC_DIST_CONFIG, 2, field_config),
	{
		/* Of the Security Extensions: RAZ/WI */
		.offset = DIST_NSACR, .size = 256, .width = 4, .access = VGIC_ACC_32,
	}, {
		.offset = GIC_DIST_SOFTINT, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.flags = VGIC_REG_WO, .write = v2_sgir_write,
	},
	V2_BYTES(GIC_DIST_SGI_PENDING_CLEAR, VGIC_NR_SGIS, v2_field_clear_source),
	V2_BYTES(GIC_DIST_SGI_PENDING_SET, VGIC_NR_SGIS, v2_field_set_source),
	{
		.offset = DIST_ID, .size = 48, .width = 4, .access = VGIC_ACC_32,
		.flags = VGIC_REG_RO, .read = v2_id_read,
	},
};

const struct vgic_frame vgic_v2_dist_frame = {
	.name = "GICD (v2)",
	.regs = v2_dist_regs,
	.nr = ARRAY_SIZE(v2_dist_regs),
	.size = KVM_VGIC_V2_DIST_SIZE,
};

static struct vgic_access v2_access(struct vcpu *vcpu)
{
	return (struct vgic_access) {
		.vm = vcpu->vm,
		.cpu = vcpu,
		.actor = vcpu,
		.atomic = irqs_disabled(),
	};
}

static int v2_dist_read(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len, void *data)
{
	struct vgic_dist *dist = container_of(dev, struct vgic_dist, dist_dev);
	struct vgic_access a = v2_access(vcpu);
	u64 val;
	int ret;

	ret = vgic_frame_read(&vgic_v2_dist_frame, &a, addr - dist->dist_base, len, &val);
	vgic_bytes_put(data, len, val);
	return ret;
}

static int v2_dist_write(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len,
			 const void *data)
{
	struct vgic_dist *dist = container_of(dev, struct vgic_dist, dist_dev);
	struct vgic_access a = v2_access(vcpu);

	return vgic_frame_write(&vgic_v2_dist_frame, &a, addr - dist->dist_base, len,
				vgic_bytes_get(data, len));
}

static const struct io_device_ops v2_dist_ops = {
	.read = v2_dist_read,
	.write = v2_dist_write,
	.atomic = true,
};

/**
 * vgic_v2_first_target - where SPIs go before the guest has said it
 * @vm: VM with a GICv2
 *
 * Return: the vCPU if there is one only, else NULL: nowhere.
 */
struct vcpu *vgic_v2_first_target(struct vm *vm)
{
	return vm_nr_vcpus(vm) == 1 ? vm_vcpu_by_index(vm, 0) : NULL;
}

/**
 * vgic_v2_check_frames - has user space placed both frames, and sensibly?
 * @vm: VM with a GICv2
 *
 * Context: config_lock held.
 * Return: 0; -ENXIO if one has no address; -EINVAL if they overlap.
 */
int vgic_v2_check_frames(struct vm *vm)
{
	const struct vgic_dist *dist = &vm->arch.vgic;

	lockdep_assert_held(&vm->config_lock);
	if (dist->dist_base == VGIC_ADDR_UNDEF || dist->cpu_base == VGIC_ADDR_UNDEF)
		return -ENXIO;
	if (dist->dist_base < dist->cpu_base + KVM_VGIC_V2_CPU_SIZE &&
	    dist->cpu_base < dist->dist_base + KVM_VGIC_V2_DIST_SIZE)
		return -EINVAL;
	return 0;
}

/**
 * vgic_v2_register - put the frames on the bus
 * @vm: VM with a GICv2, initialised, that has passed vgic_v2_check_frames()
 *
 * Context: config_lock held; takes slots_lock.
 * Return: 0, or the bus's error: neither is on the bus then.
 */
int vgic_v2_register(struct vm *vm)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	int ret;

	lockdep_assert_held(&vm->config_lock);
	dist->dist_dev.ops = &v2_dist_ops;
	guard(mutex)(&vm->slots_lock);
	ret = iobus_register(vm, KVM_MMIO_BUS, dist->dist_base, KVM_VGIC_V2_DIST_SIZE,
			     &dist->dist_dev);
	if (ret)
		return ret;
	ret = vgic_v2_cpuif_register(vm);
	if (ret)
		iobus_unregister(vm, KVM_MMIO_BUS, &dist->dist_dev);
	return ret;
}

/**
 * vgic_v2_unregister - take them off again; nothing happens if they are not there
 * @vm: VM
 *
 * Context: process; takes slots_lock.
 */
void vgic_v2_unregister(struct vm *vm)
{
	guard(mutex)(&vm->slots_lock);
	iobus_unregister(vm, KVM_MMIO_BUS, &vm->arch.vgic.dist_dev);
	iobus_unregister(vm, KVM_MMIO_BUS, &vm->arch.vgic.cpu_dev);
}
