// SPDX-License-Identifier: GPL-2.0
/*
 * The distributor's frame (IHI 0069, 12.9): a single security state (DS is
 * one), affinity routing always on, no extended SPIs, no message-based SPIs,
 * no 1-of-N routing.
 *
 * Locks: vgic_irq.lock for GICD_IROUTER; config_lock for the frame's place.
 */

#include <linux/irqchip/arm-gic-v3.h>
#include <kvm/vm.h>
#include "regs.h"
#include "vgic.h"

#define DIST_TYPER_NO1N		BIT(25)
#define DIST_TYPER_ID_BITS(n)	(((n) - 1) << 19)
#define DIST_SPI_ID_BITS	10
#define DIST_LPI_ID_BITS	16

#define DIST_IIDR_IMPLEMENTER	0x43b	/* JEP106 code of Arm */
#define DIST_IIDR_PRODUCT	0x4b	/* "K", as VMMs expect */

/* Aff2.Aff1.Aff0: Aff3 is always zero (TYPER.A3V), Interrupt_Routing_Mode too (No1N). */
#define DIST_IROUTER_MASK	GENMASK_ULL(23, 0)

static int dist_ctlr_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = READ_ONCE(a->vm->arch.vgic.ctlr) | GICD_CTLR_ARE_NS | GICD_CTLR_DS;
	return 0;
}

/*
 * RWP is never seen set: when a write that disables a group completes, no
 * interrupt of the group can be taken any more, on any vCPU.
 */
int vgic_ctlr_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	u32 old = READ_ONCE(a->vm->arch.vgic.ctlr);
	u32 new = val & (VGIC_CTLR_GRP0 | VGIC_CTLR_GRP1);

	if (a->atomic && old & ~new)
		return -EAGAIN;
	vgic_set_ctlr(a->vm, new);
	if (a->actor && old & ~new)
		vm_request_all(a->vm, VCPU_REQ_IRQ_PENDING);
	return 0;
}

static int dist_typer_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	const struct vgic_dist *dist = &a->vm->arch.vgic;
	u32 v = DIST_TYPER_NO1N;

	/* ITLinesNumber: blocks of 32 interrupts, less one; those above 1019 are understood. */
	v |= DIV_ROUND_UP(dist->nr_spis + VGIC_NR_PRIVATE, 32) - 1;
	if (dist->has_its)
		v |= GICD_TYPER_LPIS | DIST_TYPER_ID_BITS(DIST_LPI_ID_BITS);
	else
		v |= DIST_TYPER_ID_BITS(DIST_SPI_ID_BITS);
	*val = v;
	return 0;
}

/**
 * vgic_iidr - GICD_IIDR and GICR_IIDR
 * @vm: VM with a vGIC
 *
 * The revision counts changes of behaviour that guests or user space can see;
 * user space may go back to an earlier one.
 *
 * Return: the register's value.
 */
u32 vgic_iidr(const struct vm *vm)
{
	return DIST_IIDR_PRODUCT << GICD_IIDR_PRODUCT_ID_SHIFT |
	       vm->arch.vgic.iidr_rev << GICD_IIDR_REVISION_SHIFT |
	       DIST_IIDR_IMPLEMENTER << GICD_IIDR_IMPLEMENTER_SHIFT;
}

int vgic_iidr_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = vgic_iidr(a->vm);
	return 0;
}

int vgic_iidr_user_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	u32 rev = (val & GICD_IIDR_REVISION_MASK) >> GICD_IIDR_REVISION_SHIFT;

	if ((val ^ vgic_iidr(a->vm)) & ~(u64)GICD_IIDR_REVISION_MASK)
		return -EINVAL;
	if (rev < VGIC_IIDR_REV_MIN || rev > VGIC_IIDR_REV_MAX)
		return -EINVAL;
	a->vm->arch.vgic.iidr_rev = rev;
	a->vm->arch.vgic.groups_writable = true;
	return 0;
}

static int dist_statusr_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = READ_ONCE(a->vm->arch.vgic.statusr);
	return 0;
}

/* Each bit is cleared by writing one to it. */
static int dist_statusr_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	vgic_status_clear(&a->vm->arch.vgic.statusr, val);
	return 0;
}

static int dist_statusr_user_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	WRITE_ONCE(a->vm->arch.vgic.statusr, val & VGIC_STATUS_MASK);
	return 0;
}

/* The registers of INTIDs that are not SPIs, or do not exist, are reserved: NULL. */
static struct vgic_irq *dist_spi(struct vm *vm, u32 intid)
{
	return intid < VGIC_NR_PRIVATE ? NULL : vgic_irq_get(vm, NULL, intid);
}

static int dist_irouter_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	struct vgic_irq *irq = dist_spi(a->vm, n);

	*val = irq ? READ_ONCE(irq->affinity) : 0;
	return 0;
}

/* An affinity that no vCPU has is kept: the interrupt waits until it is routed elsewhere. */
static int dist_irouter_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	struct vgic_irq *irq = dist_spi(a->vm, n);

	if (!irq)
		return 0;
	scoped_guard(raw_spinlock_irqsave, &irq->lock)
		vgic_irq_set_affinity(a->vm, irq,
				      (irq->affinity & ~mask) | (val & DIST_IROUTER_MASK));
	return 0;
}

/* Of the identification registers only PIDR2 is architected: GICv3, JEP106 code used. */
int vgic_id_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = n == 6 ? 0x3b : 0;
	return 0;
}

#define DIST_BITS(off, n, f) {						\
	.offset = (off), .size = 1024 * (n) / 8, .width = 4,		\
	.access = VGIC_ACC_32, .bits = (n), .field = &vgic_field_##f,	\
}

#define DIST_RAZ_WI(off, len) {						\
	.offset = (off), .size = (len), .width = 4,			\
	.access = VGIC_ACC_8 | VGIC_ACC_32,				\
}

static const struct vgic_reg dist_regs[] = {
	{
		.offset = GICD_CTLR, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.read = dist_ctlr_read, .write = vgic_ctlr_write,
	}, {
		.offset = GICD_TYPER, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.flags = VGIC_REG_RO, .read = dist_typer_read,
	}, {
		.offset = GICD_IIDR, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.flags = VGIC_REG_RO, .read = vgic_iidr_read,
		.user_write = vgic_iidr_user_write,
	}, {
		/* nASSGIcap and all else: zero */
		.offset = GICD_TYPER2, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.flags = VGIC_REG_RO,
	}, {
		.offset = GICD_STATUSR, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.read = dist_statusr_read, .write = dist_statusr_write,
		.user_write = dist_statusr_user_write,
	},
	DIST_BITS(GICD_IGROUPR, 1, group),
	DIST_BITS(GICD_ISENABLER, 1, set_enable),
	DIST_BITS(GICD_ICENABLER, 1, clear_enable),
	DIST_BITS(GICD_ISPENDR, 1, set_pending),
	DIST_BITS(GICD_ICPENDR, 1, clear_pending),
	DIST_BITS(GICD_ISACTIVER, 1, set_active),
	DIST_BITS(GICD_ICACTIVER, 1, clear_active),
	{
		.offset = GICD_IPRIORITYR, .size = 1024, .width = 4,
		.access = VGIC_ACC_8 | VGIC_ACC_32, .bits = 8,
		.field = &vgic_field_priority,
	},
	/* What affinity routing and a single security state leave without function */
	DIST_RAZ_WI(GICD_ITARGETSR, 1024),
	DIST_BITS(GICD_ICFGR, 2, config),
	DIST_RAZ_WI(GICD_IGRPMODR, 128),
	DIST_RAZ_WI(GICD_NSACR, 256),
	DIST_RAZ_WI(GICD_SGIR, 4),
	DIST_RAZ_WI(GICD_CPENDSGIR, 16),
	DIST_RAZ_WI(GICD_SPENDSGIR, 16),
	{
		.offset = GICD_IROUTER, .size = 1024 * 8, .width = 8,
		.access = VGIC_ACC_32 | VGIC_ACC_64,
		.read = dist_irouter_read, .write = dist_irouter_write,
	},
	VGIC_ID_REGS(GICD_IDREGS),
};

const struct vgic_frame vgic_dist_frame = {
	.name = "GICD",
	.regs = dist_regs,
	.nr = ARRAY_SIZE(dist_regs),
	.size = KVM_VGIC_V3_DIST_SIZE,
};

static struct vgic_access dist_access(struct vcpu *vcpu)
{
	return (struct vgic_access) {
		.vm = vcpu->vm,
		.actor = vcpu,
		.atomic = irqs_disabled(),
	};
}

static int dist_read(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len, void *data)
{
	struct vgic_dist *dist = container_of(dev, struct vgic_dist, dist_dev);
	struct vgic_access a = dist_access(vcpu);
	u64 val;
	int ret;

	ret = vgic_frame_read(&vgic_dist_frame, &a, addr - dist->dist_base, len, &val);
	if (a.status)
		vgic_status_set(&dist->statusr, a.status);
	vgic_bytes_put(data, len, val);
	return ret;
}

static int dist_write(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len,
		      const void *data)
{
	struct vgic_dist *dist = container_of(dev, struct vgic_dist, dist_dev);
	struct vgic_access a = dist_access(vcpu);
	int ret;

	ret = vgic_frame_write(&vgic_dist_frame, &a, addr - dist->dist_base, len,
			       vgic_bytes_get(data, len));
	if (a.status)
		vgic_status_set(&dist->statusr, a.status);
	return ret;
}

static const struct io_device_ops dist_ops = {
	.read = dist_read,
	.write = dist_write,
	.atomic = true,
};

/**
 * vgic_dist_register - put the distributor's frame on the bus
 * @vm: VM with a GICv3, initialised, that has passed vgic_check_frames()
 *
 * Context: config_lock held; takes slots_lock.
 * Return: 0, or the bus's error.
 */
int vgic_dist_register(struct vm *vm)
{
	struct vgic_dist *dist = &vm->arch.vgic;

	lockdep_assert_held(&vm->config_lock);
	dist->dist_dev.ops = &dist_ops;
	guard(mutex)(&vm->slots_lock);
	return iobus_register(vm, KVM_MMIO_BUS, dist->dist_base, KVM_VGIC_V3_DIST_SIZE,
			      &dist->dist_dev);
}

/**
 * vgic_dist_unregister - take it off again; nothing happens if it is not there
 * @vm: VM
 *
 * Context: process; takes slots_lock.
 */
void vgic_dist_unregister(struct vm *vm)
{
	guard(mutex)(&vm->slots_lock);
	iobus_unregister(vm, KVM_MMIO_BUS, &vm->arch.vgic.dist_dev);
}
