// SPDX-License-Identifier: GPL-2.0
/*
 * The redistributors' frames (IHI 0069, 12.11): 64 KiB of RD_base and 64 KiB
 * of SGI_base for each vCPU, and the regions in which user space places them.
 *
 * Frame n of all regions in a row, in the order of their indices, is that of
 * vCPU index n.  A region is one device on the bus and computes the vCPU from
 * the address.
 *
 * Locks: config_lock for the list of regions.  Once vgic_dist.ready is set the
 * list and what is in it do not change any more, so the frames' handlers walk
 * it without a lock.  It goes when the VM does.
 */

#include <linux/irqchip/arm-gic-v3.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <asm/cputype.h>
#include <kvm/vm.h>
#include "arm64.h"
#include "its.h"
#include "regs.h"
#include "vgic.h"

#define REDIST_SHIFT		17
#define REDIST_SIZE		BIT_ULL(REDIST_SHIFT)	/* KVM_VGIC_V3_REDIST_SIZE */
#define REDIST_SGI		0x10000			/* SGI_base */

/* Frames in use, of @r or in all: those that have a vCPU. */
static u32 redist_used(struct vm *vm, const struct vgic_redist_region *r)
{
	u32 nr = vm_nr_vcpus(vm);

	if (r->first >= nr)
		return 0;
	nr -= r->first;
	return r->count ? min(r->count, nr) : nr;
}

static const struct vgic_redist_region *redist_region_of(struct vm *vm, u32 cpu)
{
	const struct vgic_redist_region *r;

	list_for_each_entry(r, &vm->arch.vgic.redist_regions, node)
		if (cpu >= r->first && (!r->count || cpu - r->first < r->count))
			return r;
	return NULL;
}

/* TYPER.Last: no frame of another vCPU follows at the next address. */
static bool redist_is_last(struct vm *vm, u32 cpu)
{
	const struct vgic_redist_region *r = redist_region_of(vm, cpu);
	const struct vgic_redist_region *other;
	gpa_t end;

	if (!r)
		return false;
	if (cpu - r->first + 1 < redist_used(vm, r))
		return false;
	end = r->base + (u64)(cpu - r->first + 1) * REDIST_SIZE;
	list_for_each_entry(other, &vm->arch.vgic.redist_regions, node)
		if (other->base == end && redist_used(vm, other))
			return false;
	return true;
}

/* Direct invalidation, GICR_CTLR.IR, came with revision 3 of this implementation. */
static bool redist_has_inv(const struct vgic_access *a)
{
	return a->vm->arch.vgic.has_its && a->vm->arch.vgic.iidr_rev >= 3;
}

static int redist_ctlr_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = READ_ONCE(a->cpu->arch.vgic.lpis_enabled) ? GICR_CTLR_ENABLE_LPIS : 0;
	if (redist_has_inv(a))
		*val |= GICR_CTLR_CES | GICR_CTLR_IR;
	return 0;
}

/* RWP and UWP are never seen set: what a write changes is in force when it completes. */
static int redist_ctlr_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	bool enable = val & GICR_CTLR_ENABLE_LPIS;

	if (!a->vm->arch.vgic.has_its || enable == READ_ONCE(a->cpu->arch.vgic.lpis_enabled))
		return 0;
	if (a->atomic)
		return -EAGAIN;
	if (enable)
		its_redist_enable_lpis(a->cpu, a->actor);
	else
		its_redist_disable_lpis(a->cpu, a->actor);
	return 0;
}

/* The low word, which alone has a meaning here, makes it happen; the high one is zero then. */
static int redist_invlpir_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	if (!redist_has_inv(a) || !(mask & U32_MAX) || val & GICR_INVLPIR_V)
		return 0;
	if (a->atomic)
		return -EAGAIN;
	its_redist_inv_lpi(a->cpu, val & GICR_INVLPIR_INTID);
	return 0;
}

static int redist_invallr_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	if (!redist_has_inv(a) || !(mask & U32_MAX) || val & GICR_INVALLR_V)
		return 0;
	if (a->atomic)
		return -EAGAIN;
	its_redist_inv_all(a->cpu);
	return 0;
}

static int redist_ignore(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	return 0;
}

static int redist_iidr_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = vgic_iidr(a->vm);
	return 0;
}

/*
 * CommonLPIAff is zero: all redistributors share one LPI configuration table,
 * hence vgic_dist.propbaser.
 */
static int redist_typer_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	u64 mpidr = a->cpu->arch.sysregs[SYS_MPIDR];
	u64 v;

	v = (u64)MPIDR_AFFINITY_LEVEL(mpidr, 3) << 56 |
	    (u64)MPIDR_AFFINITY_LEVEL(mpidr, 2) << 48 |
	    (u64)MPIDR_AFFINITY_LEVEL(mpidr, 1) << 40 |
	    (u64)MPIDR_AFFINITY_LEVEL(mpidr, 0) << 32;
	v |= (u64)(a->cpu->id & 0xffff) << 8;
	if (redist_is_last(a->vm, a->cpu->index))
		v |= GICR_TYPER_LAST;
	if (a->vm->arch.vgic.has_its)
		v |= GICR_TYPER_PLPIS;
	*val = v;
	return 0;
}

static int redist_statusr_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = READ_ONCE(a->cpu->arch.vgic.statusr);
	return 0;
}

static int redist_statusr_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	vgic_status_clear(&a->cpu->arch.vgic.statusr, val);
	return 0;
}

static int redist_statusr_user_write(const struct vgic_access *a, unsigned int n, u64 val,
				     u64 mask)
{
	WRITE_ONCE(a->cpu->arch.vgic.statusr, val & VGIC_STATUS_MASK);
	return 0;
}

/*
 * Memory attributes, in the places that PROPBASER and PENDBASER share.  The
 * tables are accessed through cacheable mappings, so what asks for less, and
 * what is reserved, becomes inner shareable and write-back; a guest reads back
 * what it got (IHI 0069, 12.11.32).
 */
static u64 redist_table_attrs(u64 val)
{
	u64 share = val & GICR_PROPBASER_SHAREABILITY_MASK;
	u64 inner = val & GICR_PROPBASER_INNER_CACHEABILITY_MASK;

	if (share != GIC_BASER_SHAREABILITY(GICR_PROPBASER, NonShareable))
		share = GICR_PROPBASER_InnerShareable;
	if (inner == GICR_PROPBASER_nCnB || inner == GICR_PROPBASER_nC)
		inner = GICR_PROPBASER_RaWaWb;
	return share | inner | GIC_BASER_CACHEABILITY(GICR_PROPBASER, OUTER, SameAsInner);
}

static u64 redist_propbaser(u64 val)
{
	return GICR_PROPBASER_ADDRESS(val) | (val & GICR_PROPBASER_IDBITS_MASK) |
	       redist_table_attrs(val);
}

static u64 redist_pendbaser(u64 val)
{
	return GICR_PENDBASER_ADDRESS(val) | (val & GICR_PENDBASER_PTZ) |
	       redist_table_attrs(val);
}

static void redist_table_set(u64 *reg, u64 val, u64 mask, u64 (*sanitise)(u64 val))
{
	u64 old = READ_ONCE(*reg), new;

	do {
		new = sanitise((old & ~mask) | val);
	} while (!try_cmpxchg(reg, &old, new));
}

static int redist_propbaser_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = READ_ONCE(a->vm->arch.vgic.propbaser);
	return 0;
}

/* Of what a write does while LPIs are enabled, the architecture says nothing good. */
static int redist_propbaser_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	if (!READ_ONCE(a->cpu->arch.vgic.lpis_enabled))
		redist_table_set(&a->vm->arch.vgic.propbaser, val, mask, redist_propbaser);
	return 0;
}

/* PTZ is for the redistributor alone; user space gets it to carry it over. */
static int redist_pendbaser_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = READ_ONCE(a->cpu->arch.vgic.pendbaser) & ~GICR_PENDBASER_PTZ;
	return 0;
}

static int redist_pendbaser_user_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = READ_ONCE(a->cpu->arch.vgic.pendbaser);
	return 0;
}

static int redist_pendbaser_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	if (!READ_ONCE(a->cpu->arch.vgic.lpis_enabled))
		redist_table_set(&a->cpu->arch.vgic.pendbaser, val, mask, redist_pendbaser);
	return 0;
}

#define REDIST_BITS(off, n, f) {					\
	.offset = REDIST_SGI + (off), .size = 32 * (n) / 8, .width = 4,	\
	.access = VGIC_ACC_32, .bits = (n), .field = &vgic_field_##f,	\
}

#define REDIST_RAZ_WI(off) {						\
	.offset = (off), .size = 4, .width = 4, .access = VGIC_ACC_32,	\
}

static const struct vgic_reg redist_regs[] = {
	{
		/* Without an ITS in the VM there is nothing to enable. */
		.offset = GICR_CTLR, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.read = redist_ctlr_read, .write = redist_ctlr_write,
	}, {
		.offset = GICR_IIDR, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.flags = VGIC_REG_RO, .read = redist_iidr_read,
	}, {
		.offset = GICR_TYPER, .size = 8, .width = 8,
		.access = VGIC_ACC_32 | VGIC_ACC_64, .flags = VGIC_REG_RO,
		.read = redist_typer_read,
	}, {
		.offset = GICR_STATUSR, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.read = redist_statusr_read, .write = redist_statusr_write,
		.user_write = redist_statusr_user_write,
	},
	/* ProcessorSleep cannot be set: this redistributor has no power to save. */
	REDIST_RAZ_WI(GICR_WAKER),
	{
		.offset = GICR_PROPBASER, .size = 8, .width = 8,
		.access = VGIC_ACC_32 | VGIC_ACC_64,
		.read = redist_propbaser_read, .write = redist_propbaser_write,
	}, {
		.offset = GICR_PENDBASER, .size = 8, .width = 8,
		.access = VGIC_ACC_32 | VGIC_ACC_64,
		.read = redist_pendbaser_read, .write = redist_pendbaser_write,
		.user_read = redist_pendbaser_user_read,
	}, {
		.offset = GICR_INVLPIR, .size = 8, .width = 8,
		.access = VGIC_ACC_32 | VGIC_ACC_64, .flags = VGIC_REG_WO,
		.write = redist_invlpir_write, .user_write = redist_ignore,
	}, {
		.offset = GICR_INVALLR, .size = 8, .width = 8,
		.access = VGIC_ACC_32 | VGIC_ACC_64, .flags = VGIC_REG_WO,
		.write = redist_invallr_write, .user_write = redist_ignore,
	}, {
		/* Invalidation is complete when the write is: never busy. */
		.offset = GICR_SYNCR, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.flags = VGIC_REG_RO,
	},
	VGIC_ID_REGS(GICR_IDREGS),
	REDIST_BITS(GICR_IGROUPR0, 1, group),
	REDIST_BITS(GICR_ISENABLER0, 1, set_enable),
	REDIST_BITS(GICR_ICENABLER0, 1, clear_enable),
	REDIST_BITS(GICR_ISPENDR0, 1, set_pending),
	REDIST_BITS(GICR_ICPENDR0, 1, clear_pending),
	REDIST_BITS(GICR_ISACTIVER0, 1, set_active),
	REDIST_BITS(GICR_ICACTIVER0, 1, clear_active),
	{
		.offset = REDIST_SGI + GICR_IPRIORITYR0, .size = 32, .width = 4,
		.access = VGIC_ACC_8 | VGIC_ACC_32, .bits = 8,
		.field = &vgic_field_priority,
	},
	REDIST_BITS(GICR_ICFGR0, 2, config),
	/* Both without function in a single security state */
	REDIST_RAZ_WI(REDIST_SGI + GICR_IGRPMODR0),
	REDIST_RAZ_WI(REDIST_SGI + GICR_NSACR),
};

const struct vgic_frame vgic_redist_frame = {
	.name = "GICR",
	.regs = redist_regs,
	.nr = ARRAY_SIZE(redist_regs),
	.size = REDIST_SIZE,
};

/* Whose frame is it, and where in it?  Frames without a vCPU are nobody's. */
static int redist_access(struct vcpu *vcpu, struct io_device *dev, gpa_t addr,
			 struct vgic_access *a, u32 *offset)
{
	struct vgic_redist_region *r = container_of(dev, struct vgic_redist_region, dev);
	u64 rel = addr - r->base;

	*a = (struct vgic_access) {
		.vm = vcpu->vm,
		.cpu = vm_vcpu_by_index(vcpu->vm, r->first + (u32)(rel >> REDIST_SHIFT)),
		.actor = vcpu,
		.atomic = irqs_disabled(),
	};
	*offset = rel & (REDIST_SIZE - 1);
	return a->cpu ? 0 : -EOPNOTSUPP;
}

static int redist_read(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len, void *data)
{
	struct vgic_access a;
	u32 offset;
	u64 val;
	int ret;

	ret = redist_access(vcpu, dev, addr, &a, &offset);
	if (ret)
		return ret;
	ret = vgic_frame_read(&vgic_redist_frame, &a, offset, len, &val);
	if (a.status)
		vgic_status_set(&a.cpu->arch.vgic.statusr, a.status);
	vgic_bytes_put(data, len, val);
	return ret;
}

static int redist_write(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len,
			const void *data)
{
	struct vgic_access a;
	u32 offset;
	int ret;

	ret = redist_access(vcpu, dev, addr, &a, &offset);
	if (ret)
		return ret;
	ret = vgic_frame_write(&vgic_redist_frame, &a, offset, len, vgic_bytes_get(data, len));
	if (a.status)
		vgic_status_set(&a.cpu->arch.vgic.statusr, a.status);
	return ret;
}

static const struct io_device_ops redist_ops = {
	.read = redist_read,
	.write = redist_write,
	.atomic = true,
};

/* Regions */

/**
 * vgic_check_range - may user space place a frame there?
 * @vm: VM
 * @base: guest physical address
 * @align: a power of two, bytes
 * @size: bytes
 *
 * Return: 0, -EINVAL if it is misaligned or wraps, -E2BIG if it is beyond the
 *	   VM's guest physical addresses.
 */
int vgic_check_range(struct vm *vm, gpa_t base, u64 align, u64 size)
{
	u64 limit = BIT_ULL(vm->arch.ipa_bits);
	u64 end;

	if (!IS_ALIGNED(base, align) || check_add_overflow(base, size, &end))
		return -EINVAL;
	return base >= limit || end > limit ? -E2BIG : 0;
}

static bool redist_overlap(gpa_t a, u64 a_size, gpa_t b, u64 b_size)
{
	return a_size && a < b + b_size && b < a + a_size;
}

static u64 redist_region_size(struct vm *vm, const struct vgic_redist_region *r)
{
	return (r->count ?: (u64)vm_nr_vcpus(vm)) * REDIST_SIZE;
}

/* Does a range run into the distributor, or into a region other than @self? */
static bool redist_overlaps(struct vm *vm, const struct vgic_redist_region *self, gpa_t base,
			    u64 size)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	const struct vgic_redist_region *r;

	if (dist->dist_base != VGIC_ADDR_UNDEF &&
	    redist_overlap(base, size, dist->dist_base, KVM_VGIC_V3_DIST_SIZE))
		return true;
	list_for_each_entry(r, &dist->redist_regions, node)
		if (r != self && redist_overlap(base, size, r->base, redist_region_size(vm, r)))
			return true;
	return false;
}

/* ... or into an ITS? */
static bool redist_collides(struct vm *vm, const struct vgic_redist_region *self, gpa_t base,
			    u64 size)
{
	return redist_overlaps(vm, self, base, size) || its_overlaps(vm, base, size);
}

/**
 * vgic_frames_overlap - does a range run into the GICv3's own frames?
 * @vm: VM
 * @base: guest physical address
 * @size: bytes
 *
 * Context: config_lock held.
 * Return: true if it does, as far as they are placed.
 */
bool vgic_frames_overlap(struct vm *vm, gpa_t base, u64 size)
{
	lockdep_assert_held(&vm->config_lock);
	return redist_overlaps(vm, NULL, base, size);
}

/**
 * vgic_redist_is_legacy - was KVM_VGIC_V3_ADDR_TYPE_REDIST used?
 * @vm: VM with a GICv3
 *
 * Context: config_lock held.
 */
bool vgic_redist_is_legacy(struct vm *vm)
{
	const struct vgic_redist_region *r;

	lockdep_assert_held(&vm->config_lock);
	r = list_first_entry_or_null(&vm->arch.vgic.redist_regions, struct vgic_redist_region,
				     node);
	return r && !r->count;
}

/**
 * vgic_redist_region - a declared region
 * @vm: VM with a GICv3
 * @index: its index
 *
 * Context: config_lock held.
 * Return: the region or NULL.
 */
const struct vgic_redist_region *vgic_redist_region(struct vm *vm, u32 index)
{
	const struct vgic_redist_region *r;

	lockdep_assert_held(&vm->config_lock);
	list_for_each_entry(r, &vm->arch.vgic.redist_regions, node)
		if (r->index == index)
			return r;
	return NULL;
}

/**
 * vgic_redist_add_region - user space declares a region
 * @vm: VM with a GICv3
 * @index: one more than the last one's, 0 for the first
 * @base: guest physical address, 64 KiB aligned
 * @count: of redistributors; 0: a single region for all vCPUs, however many
 *
 * How far a region without a count reaches is known when the frames go on the
 * bus, and checked again then.
 *
 * Context: config_lock held.
 * Return: 0; -EINVAL for an index out of sequence, a mix of both kinds, a
 *	   misaligned base or an overlap, -E2BIG, -EEXIST, -EBUSY once vCPUs
 *	   have run, -ENOMEM.
 */
int vgic_redist_add_region(struct vm *vm, u32 index, gpa_t base, u32 count)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	struct vgic_redist_region *r, *last = NULL;
	u64 size;
	int ret;

	lockdep_assert_held(&vm->config_lock);
	if (!list_empty(&dist->redist_regions))
		last = list_last_entry(&dist->redist_regions, struct vgic_redist_region, node);

	if (last && !count)
		return last->count ? -EINVAL : -EEXIST;
	if (last && !last->count)
		return -EINVAL;
	if (index != (last ? last->index + 1 : 0))
		return -EINVAL;
	size = (count ?: vm_nr_vcpus(vm)) * REDIST_SIZE;
	ret = vgic_check_range(vm, base, SZ_64K, max_t(u64, size, REDIST_SIZE));
	if (ret)
		return ret;
	if (redist_collides(vm, NULL, base, size))
		return -EINVAL;
	if (dist->ready)
		return -EBUSY;

	r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	r->index = index;
	r->base = base;
	r->count = count;
	r->first = last ? last->first + last->count : 0;
	r->dev.ops = &redist_ops;
	list_add_tail(&r->node, &dist->redist_regions);
	return 0;
}

/**
 * vgic_check_frames - has user space placed all frames, and sensibly?
 * @vm: VM with a GICv3
 *
 * Context: config_lock held.
 * Return: 0; -ENXIO if the distributor has no address or there are fewer
 *	   redistributors than vCPUs; -EINVAL if frames overlap or reach too far.
 */
int vgic_check_frames(struct vm *vm)
{
	const struct vgic_redist_region *r;
	unsigned int nr = vm_nr_vcpus(vm);

	lockdep_assert_held(&vm->config_lock);
	if (vm->arch.vgic.dist_base == VGIC_ADDR_UNDEF)
		return -ENXIO;
	if (!nr || !redist_region_of(vm, nr - 1))
		return -ENXIO;
	list_for_each_entry(r, &vm->arch.vgic.redist_regions, node) {
		u64 size = redist_region_size(vm, r);

		if (vgic_check_range(vm, r->base, SZ_64K, size) ||
		    redist_collides(vm, r, r->base, size))
			return -EINVAL;
	}
	return 0;
}

/**
 * vgic_redist_register - put the redistributors' frames on the bus
 * @vm: VM with a GICv3, initialised, that has passed vgic_check_frames()
 *
 * Context: config_lock held; takes slots_lock.
 * Return: 0, or the bus's error: no frame is on the bus then.
 */
int vgic_redist_register(struct vm *vm)
{
	struct vgic_redist_region *r;
	int ret = 0;

	lockdep_assert_held(&vm->config_lock);
	guard(mutex)(&vm->slots_lock);
	list_for_each_entry(r, &vm->arch.vgic.redist_regions, node) {
		u32 used = redist_used(vm, r);

		if (!used)
			break;
		ret = iobus_register(vm, KVM_MMIO_BUS, r->base, used * REDIST_SIZE, &r->dev);
		if (ret)
			break;
	}
	if (ret)
		list_for_each_entry_continue_reverse(r, &vm->arch.vgic.redist_regions, node)
			iobus_unregister(vm, KVM_MMIO_BUS, &r->dev);
	return ret;
}

/**
 * vgic_redist_unregister - take them off again; nothing happens to those that are not there
 * @vm: VM with a GICv3
 *
 * Context: process; takes slots_lock.
 */
void vgic_redist_unregister(struct vm *vm)
{
	struct vgic_redist_region *r;

	guard(mutex)(&vm->slots_lock);
	list_for_each_entry(r, &vm->arch.vgic.redist_regions, node)
		iobus_unregister(vm, KVM_MMIO_BUS, &r->dev);
}

/**
 * vgic_redist_destroy - the VM dies: free the regions
 * @vm: VM with a GICv3; no vCPU runs
 *
 * Context: process; takes slots_lock.
 */
void vgic_redist_destroy(struct vm *vm)
{
	struct vgic_redist_region *r, *next;

	vgic_redist_unregister(vm);
	list_for_each_entry_safe(r, next, &vm->arch.vgic.redist_regions, node) {
		list_del(&r->node);
		kfree(r);
	}
}
