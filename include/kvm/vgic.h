/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM_VGIC_H
#define KVM_ARM_VGIC_H

#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>
#include <kvm/iobus.h>
#include <kvm/types.h>

#define VGIC_NR_SGIS		16
#define VGIC_NR_PRIVATE		32
#define VGIC_MAX_SPI		1019
#define VGIC_MIN_LPI		8192
#define VGIC_MAX_LRS		16
#define VGIC_NR_PRIOS		32	/* 5 bits are all a virtual CPU interface must have */

/**
 * struct vgic_irq - one interrupt of a VM
 *
 * @lock is innermost but for vgic_cpu.queue_lock, interrupts off (raw).
 *
 * Queues.  An interrupt that is to be presented (pending and enabled, or
 * active) is on exactly one queue, that of @queued_on.  The rule that says
 * which is vgic_irq_target(); every change of state ends in vgic_irq_update(),
 * which moves the interrupt to where the rule wants it and kicks who needs to
 * know.  @queued_on and @node change with both @lock and the queue's lock held.
 */
struct vgic_irq {
	raw_spinlock_t lock;
	u32 intid;
	struct vcpu *target;		/* SPI, LPI: where it is routed; private: its own; may be NULL */
	struct vcpu *queued_on;
	struct list_head node;
	struct vcpu *lr_vcpu;		/* in a list register of this vCPU: state is partly in hardware */

	u64 affinity;			/* GICD_IROUTER; IRM in bit 31 */
	u8 priority;
	u8 queue_prio;			/* queue it is on */
	u8 group;
	bool level;			/* configuration: level, else edge */
	bool enabled;
	bool line;			/* level of the input */
	bool latch;			/* edge seen, or pended by ISPENDR/SGI/MSI */
	bool active;

	bool hw;			/* maps to a host interrupt: deactivation goes through */
	unsigned int host_irq;		/* Linux irq */
	u32 host_intid;
	bool (*line_level)(struct vcpu *vcpu, u32 intid);	/* samples a timer's line, or NULL */
	void *owner;			/* who alone may drive it from in the kernel */

	refcount_t refs;		/* LPIs: mappings and short-term users; others never die */
	struct rcu_head rcu;
};

struct vgic_queue {
	raw_spinlock_t lock;
	u32 used;			/* bit p: list[p] is not empty; bit 0 is the highest priority */
	struct list_head list[VGIC_NR_PRIOS];
	unsigned int count;
};

/*
 * A redistributor region as user space declared it.  Regions are filled in the
 * order of their indices, vCPUs join in the order of theirs: frame n of all
 * regions in a row is vCPU n's, and no vCPU needs to remember its region.
 * config_lock until the frames are on the bus, unchanging from then on.
 */
struct vgic_redist_region {
	u32 index;
	gpa_t base;
	u32 count;			/* frames; 0: one for each vCPU (legacy single region) */
	u32 first;			/* vCPU index of the first frame */
	struct list_head node;		/* vgic_dist.redist_regions, ascending */
	struct io_device dev;
	bool on_bus;
};

struct vgic_cpu {
	struct vgic_irq private[VGIC_NR_PRIVATE];
	struct vgic_queue queue;

	/* The virtual CPU interface; own thread, interrupts off, or vcpu->mutex with no run */
	u64 lr[VGIC_MAX_LRS];
	struct vgic_irq *lr_irq[VGIC_MAX_LRS];
	unsigned int used_lrs;
	u64 hcr;
	u64 vmcr;
	u64 ap0r[4];
	u64 ap1r[4];
	u64 sre;
	bool loaded;
	bool lrs_live;			/* hardware holds list registers to fold back */

	unsigned long statusr;		/* GICR_STATUSR; atomic bit operations */
	bool lpis_enabled;
	u64 pendbaser;
};

enum vgic_model { VGIC_NONE, VGIC_V2, VGIC_V3 };

struct vgic_dist {
	enum vgic_model model;		/* what the guest sees; config_lock */
	bool in_kernel;
	bool initialized;		/* CTRL_INIT done: number of SPIs is fixed */
	bool ready;			/* frames are on the bus; checked at first run */
	bool has_its;

	u32 nr_spis;			/* INTIDs 32 .. 31 + nr_spis */
	struct vgic_irq *spis;
	bool enabled;			/* GICD_CTLR.EnableGrp1 */
	u32 ctlr;			/* GICD_CTLR.EnableGrp0 (bit 0), EnableGrp1 (bit 1) */
	unsigned long statusr;		/* GICD_STATUSR; atomic bit operations */
	u32 iidr_rev;

	gpa_t dist_base;		/* ~0: not set */
	struct io_device dist_dev;
	struct list_head redist_regions;

	u64 propbaser;
	struct xarray lpis;		/* INTID -> struct vgic_irq, RCU */
	atomic_t nr_lpis;
};

#define VGIC_ADDR_UNDEF		(~(gpa_t)0)

/* Module: reads ICH_VTR_EL2, requests the maintenance interrupt (device tree or ACPI). */
int vgic_module_init(void);
void vgic_module_exit(void);
int vgic_cpu_up(void);
void vgic_cpu_down(void);

/* Life cycle */
void vgic_vm_init(struct vm *vm);
void vgic_vm_destroy(struct vm *vm);
int vgic_vcpu_init(struct vcpu *vcpu);
void vgic_vcpu_postcreate(struct vcpu *vcpu);	/* published: joins a redistributor region */
void vgic_vcpu_destroy(struct vcpu *vcpu);
void vgic_vcpu_reset(struct vcpu *vcpu);
/* First run: frames on the bus.  -EBUSY, -ENXIO, ... if it is not set up. */
int vgic_map_resources(struct vm *vm);

/* Preemption off: the CPU interface's control registers, active priorities */
void vgic_load(struct vcpu *vcpu);
void vgic_put(struct vcpu *vcpu);

/*
 * Interrupts off.  flush fills the list registers before an entry, sync folds
 * them back after an exit.  A fast exit that changes nothing of the vGIC may
 * re-enter with neither; vgic_pending_work() says when a flush is owed.
 */
void vgic_flush(struct vcpu *vcpu);
void vgic_sync(struct vcpu *vcpu);

/* Any context: something that would be taken (enabled, above PMR, group on)? */
bool vgic_vcpu_pending(struct vcpu *vcpu);

/*
 * Drives input @intid.  @vcpu for private interrupts, else ignored.  @owner
 * must match vgic_irq.owner.  Any context.  0, -EINVAL.
 */
int vgic_inject(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level, void *owner);

/* HW mapping: timers */
int vgic_map_hw(struct vcpu *vcpu, u32 intid, unsigned int host_irq,
		bool (*line_level)(struct vcpu *vcpu, u32 intid));
int vgic_unmap_hw(struct vcpu *vcpu, u32 intid);
bool vgic_hw_active(struct vcpu *vcpu, u32 intid);	/* active, or pending in a list register */
int vgic_set_owner(struct vcpu *vcpu, u32 intid, void *owner);	/* -EEXIST if another has it */

/* Guest writes of ICC_SGI1R_EL1 (and SGI0R, ASGI1R): inner loop, interrupts off */
void vgic_sgi_write(struct vcpu *vcpu, u64 val, bool group1);

static inline bool vgic_irq_is_lpi(u32 intid)
{
	return intid >= VGIC_MIN_LPI;
}

#endif
