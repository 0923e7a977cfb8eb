// SPDX-License-Identifier: GPL-2.0
/*
 * The ITS's frames (IHI 0069, 12.18 and 12.19): control registers, and
 * GITS_TRANSLATER, which is for devices.  A write to that by a vCPU carries no
 * DeviceID and is ignored.
 *
 * Commands run in the write of GITS_CWRITER or GITS_CTLR that makes them due,
 * so a vCPU that wrote one finds them done.
 *
 * What the architecture leaves UNPREDICTABLE is ignored: changes of CBASER and
 * BASER<n> of an enabled ITS, enabling without a queue or a table, an offset
 * beyond the queue.
 *
 * Locks: its->lock for every write, in process context; reads take what they
 * see.
 */

#include <linux/irqchip/arm-gic-v3.h>
#include <linux/sched.h>
#include <kvm/vcpu.h>
#include <kvm/vm.h>
#include "its.h"
#include "its-format.h"
#include "its-regs.h"
#include "regs.h"

#define REGS_IIDR_IMPLEMENTER	0x43b	/* JEP106 code of Arm */
#define REGS_IIDR_PRODUCT	0x4b	/* "K", as VMMs expect */

static struct its *regs_its(const struct vgic_access *a)
{
	return container_of(a, struct its_access, common)->its;
}

/*
 * its->lock for a write.  0, -EAGAIN where it cannot be had, -EINTR if the
 * process is being killed.
 */
static int regs_lock(const struct vgic_access *a)
{
	if (a->atomic)
		return -EAGAIN;
	return mutex_lock_killable(&regs_its(a)->lock);
}

/* ---- GITS_CTLR */

/* Nothing goes on behind the guest's back: what is not in the queue is done. */
static int regs_ctlr_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	const struct its *its = regs_its(a);
	bool enabled = READ_ONCE(its->enabled);

	*val = enabled ? GITS_CTLR_ENABLE : 0;
	if (!enabled || READ_ONCE(its->creadr) == READ_ONCE(its->cwriter))
		*val |= GITS_CTLR_QUIESCENT;
	return 0;
}

static bool regs_can_enable(const struct its *its)
{
	return its->cbaser & ITS_CBASER_VALID && its->baser_device & ITS_BASER_VALID &&
	       its->baser_collection & ITS_BASER_VALID;
}

static int regs_ctlr_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	struct its *its = regs_its(a);
	bool enable = val & GITS_CTLR_ENABLE;
	int ret;

	ret = regs_lock(a);
	if (ret)
		return ret;
	if (!enable || regs_can_enable(its))
		WRITE_ONCE(its->enabled, enable);
	ret = its_queue_run(its);
	mutex_unlock(&its->lock);
	return ret;
}

/* ---- GITS_IIDR, GITS_TYPER */

static int regs_iidr_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = REGS_IIDR_PRODUCT << GITS_IIDR_PRODUCTID_SHIFT |
	       READ_ONCE(regs_its(a)->abi_rev) << GITS_IIDR_REV_SHIFT | REGS_IIDR_IMPLEMENTER;
	return 0;
}

/* The revision is that of the tables' format, of which there is one. */
static int regs_iidr_user_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	return GITS_IIDR_REV(val) ? -EINVAL : 0;
}

/* Collections are in memory only (HCC), targets are processor numbers (PTA). */
static int regs_typer_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = GITS_TYPER_PLPIS |
	       (u64)(ITS_ITE_SIZE - 1) << GITS_TYPER_ITT_ENTRY_SIZE_SHIFT |
	       (u64)(ITS_EVENT_BITS - 1) << GITS_TYPER_IDBITS_SHIFT |
	       (u64)(ITS_DEVICE_BITS - 1) << GITS_TYPER_DEVBITS_SHIFT;
	return 0;
}

/* ---- The command queue */

static int regs_cbaser_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = READ_ONCE(regs_its(a)->cbaser);
	return 0;
}

/* A new queue is empty (IHI 0069, 12.19.3). */
static int regs_cbaser_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	struct its *its = regs_its(a);
	int ret;

	ret = regs_lock(a);
	if (ret)
		return ret;
	if (!its->enabled) {
		WRITE_ONCE(its->cbaser, its_sanitise_cbaser((its->cbaser & ~mask) | val));
		WRITE_ONCE(its->creadr, 0);
		WRITE_ONCE(its->cwriter, 0);
	}
	mutex_unlock(&its->lock);
	return 0;
}

static int regs_cwriter_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = READ_ONCE(regs_its(a)->cwriter);
	return 0;
}

static int regs_cwriter_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	struct its *its = regs_its(a);
	u32 offset;
	int ret;

	ret = regs_lock(a);
	if (ret)
		return ret;
	offset = its_queue_offset((its->cwriter & ~mask) | val);
	if (offset < its_queue_size(its->cbaser)) {
		WRITE_ONCE(its->cwriter, offset);
		ret = its_queue_run(its);
	}
	mutex_unlock(&its->lock);
	return ret;
}

static int regs_creadr_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = READ_ONCE(regs_its(a)->creadr);
	return 0;
}

static int regs_creadr_user_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	struct its *its = regs_its(a);
	u32 offset = its_queue_offset(val);

	guard(mutex)(&its->lock);
	if (its->enabled)
		return -EBUSY;
	if (offset >= its_queue_size(its->cbaser))
		return -EINVAL;
	WRITE_ONCE(its->creadr, offset);
	return 0;
}

/* ---- GITS_BASER<n> */

static u64 *regs_baser(struct its *its, unsigned int n)
{
	switch (n) {
	case 0:
		return &its->baser_device;
	case 1:
		return &its->baser_collection;
	default:
		return NULL;
	}
}

static u64 regs_baser_sanitise(unsigned int n, u64 val)
{
	if (n == 0)
		return its_sanitise_baser(val, ITS_BASER_DEVICE, ITS_DTE_SIZE);
	return its_sanitise_baser(val, ITS_BASER_COLLECTION, ITS_CTE_SIZE);
}

static int regs_baser_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	u64 *baser = regs_baser(regs_its(a), n);

	*val = baser ? READ_ONCE(*baser) : 0;
	return 0;
}

/* What the table held that the register described until now is not mapped any more. */
static void regs_baser_forget(struct its *its, unsigned int n)
{
	struct its_collection *collection;
	struct its_device *device;
	u32 id;

	if (n == 0) {
		its_for_each_device(its, id, device) {
			its_device_unmap(its, device);
			cond_resched();
		}
		return;
	}
	its_for_each_collection(its, id, collection) {
		its_collection_unmap(its, collection);
		cond_resched();
	}
}

static int regs_baser_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	struct its *its = regs_its(a);
	u64 *baser = regs_baser(its, n);
	u64 new;
	int ret;

	if (!baser)
		return 0;
	ret = regs_lock(a);
	if (ret)
		return ret;
	new = regs_baser_sanitise(n, (*baser & ~mask) | val);
	if (!its->enabled && new != *baser) {
		WRITE_ONCE(*baser, new);
		regs_baser_forget(its, n);
	}
	mutex_unlock(&its->lock);
	return 0;
}

/* ---- The frame */

#define REGS_64(off, n) .offset = (off), .size = 8 * (n), .width = 8,	\
	.access = VGIC_ACC_32 | VGIC_ACC_64

static const struct vgic_reg its_regs[] = {
	{
		.offset = GITS_CTLR, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.read = regs_ctlr_read, .write = regs_ctlr_write,
	}, {
		.offset = GITS_IIDR, .size = 4, .width = 4, .access = VGIC_ACC_32,
		.flags = VGIC_REG_RO, .read = regs_iidr_read,
		.user_write = regs_iidr_user_write,
	}, {
		REGS_64(GITS_TYPER, 1),
		.flags = VGIC_REG_RO, .read = regs_typer_read,
	}, {
		REGS_64(GITS_CBASER, 1),
		.read = regs_cbaser_read, .write = regs_cbaser_write,
	}, {
		REGS_64(GITS_CWRITER, 1),
		.read = regs_cwriter_read, .write = regs_cwriter_write,
	}, {
		REGS_64(GITS_CREADR, 1),
		.flags = VGIC_REG_RO, .read = regs_creadr_read,
		.user_write = regs_creadr_user_write,
	}, {
		REGS_64(GITS_BASER, 8),
		.read = regs_baser_read, .write = regs_baser_write,
	},
	VGIC_ID_REGS(GITS_PIDR4),
	{
		.offset = GITS_TRANSLATER, .size = 4, .width = 4,
		.access = VGIC_ACC_16 | VGIC_ACC_32, .flags = VGIC_REG_WO,
	},
};

const struct vgic_frame its_frame = {
	.name = "GITS",
	.regs = its_regs,
	.nr = ARRAY_SIZE(its_regs),
	.size = ITS_FRAME_SIZE,
};

/**
 * its_reset - as created
 * @its: disabled, empty, no tables and no queue on return
 *
 * Context: its->lock held; process, reschedules.
 */
void its_reset(struct its *its)
{
	unsigned int n;

	lockdep_assert_held(&its->lock);
	WRITE_ONCE(its->enabled, false);
	its_tables_clear(its);
	WRITE_ONCE(its->cbaser, 0);
	WRITE_ONCE(its->creadr, 0);
	WRITE_ONCE(its->cwriter, 0);
	for (n = 0; regs_baser(its, n); n++)
		WRITE_ONCE(*regs_baser(its, n), regs_baser_sanitise(n, 0));
}

/* ---- User space */

/**
 * its_user_find - the register of an attribute of KVM_DEV_ARM_VGIC_GRP_ITS_REGS
 * @offset: from the ITS's base
 *
 * Registers have one value each, so only the offset of one as a whole counts.
 *
 * Return: the register, ERR_PTR() of -EINVAL if the offset is misaligned for
 *	   the part of the frame that it is in, -ENXIO if nothing is there.
 */
const struct vgic_reg *its_user_find(u64 offset)
{
	bool wide = offset >= GITS_TYPER && offset < GITS_PIDR4;
	const struct vgic_reg *r;

	if (offset & (wide ? 7 : 3))
		return ERR_PTR(-EINVAL);
	if (offset >= GITS_TRANSLATER)
		return ERR_PTR(-ENXIO);
	r = vgic_frame_find(&its_frame, offset);
	return r ?: ERR_PTR(-ENXIO);
}

/**
 * its_user_access - KVM_GET_DEVICE_ATTR, KVM_SET_DEVICE_ATTR of a register
 * @its: the ITS
 * @offset: that its_user_find() accepts
 * @set: write it
 * @val: the value, however wide the register is
 *
 * Context: process, all vCPUs and config_lock held, its->lock not.
 * Return: 0, or what the register says.
 */
int its_user_access(struct its *its, u32 offset, bool set, u64 *val)
{
	const struct vgic_reg *r = its_user_find(offset);
	struct its_access a = { .common.vm = its->vm, .its = its };
	unsigned int n;
	u64 mask;

	if (IS_ERR(r))
		return PTR_ERR(r);
	n = (offset - r->offset) / r->width;
	mask = r->width == 8 ? ~0ULL : U32_MAX;
	if (!set) {
		*val = r->reset;
		return r->read ? r->read(&a.common, n, val) : 0;
	}
	if (r->user_write)
		return r->user_write(&a.common, n, *val & mask, mask);
	if (r->flags & VGIC_REG_RO || !r->write)
		return 0;
	return r->write(&a.common, n, *val & mask, mask);
}

/* ---- The bus */

static struct its_access regs_access(struct vcpu *vcpu, struct io_device *dev)
{
	return (struct its_access) {
		.common = {
			.vm = vcpu->vm,
			.actor = vcpu,
			.atomic = irqs_disabled(),
		},
		.its = container_of(dev, struct its, iodev),
	};
}

static int regs_read(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len, void *data)
{
	struct its_access a = regs_access(vcpu, dev);
	u64 val;
	int ret;

	ret = vgic_frame_read(&its_frame, &a.common, addr - a.its->base, len, &val);
	vgic_bytes_put(data, len, val);
	return ret;
}

/* Of a write that a fatal signal ended nobody will know. */
static int regs_write(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len,
		      const void *data)
{
	struct its_access a = regs_access(vcpu, dev);
	int ret;

	ret = vgic_frame_write(&its_frame, &a.common, addr - a.its->base, len,
			       vgic_bytes_get(data, len));
	return ret == -EINTR ? 0 : ret;
}

const struct io_device_ops its_iodev_ops = {
	.read = regs_read,
	.write = regs_write,
	.atomic = true,
};
