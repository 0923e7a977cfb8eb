/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM_VGIC_H
#define KVM_ARM_VGIC_H

#include <linux/bitops.h>
#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <kvm/iobus.h>
#include <kvm/memslot.h>
#include <kvm/types.h>

#define VGIC_NR_SGIS		16
#define VGIC_NR_PRIVATE		32
#define VGIC_MAX_SPI		1019
#define VGIC_MIN_LPI		8192
#define VGIC_MAX_LRS		16
#define VGIC_V2_MAX_CPUS	8	/* a target is a bit in a byte */
#define VGIC_NR_PRIOS		32	/* 5 bits are all a virtual CPU interface must have */

/* Bits of GICD_CTLR that the core looks at (DS = 1: IHI 0069, 12.9.4). */
#define VGIC_CTLR_GRP0		BIT(0)
#define VGIC_CTLR_GRP1		BIT(1)

/* Distributor and redistributors implement this many bits of a priority, from the top. */
#define VGIC_PRIO_BITS		5
#define VGIC_PRIO_MASK		0xf8

/*
 * One interrupt of a VM.
 *
 * @lock is innermost but for vgic_queue.lock, interrupts off (raw).  All fields
 * are under it unless they say otherwise.
 *
 * Queues.  An interrupt that is to be presented (pending and enabled, or
 * active) is on exactly one queue, that of @queued_on.  The rule that says
 * which is vgic_irq_target(); every change of state ends in vgic_irq_update(),
 * which moves the interrupt to where the rule wants it and kicks who needs to
 * know.  @node, @queue_list and @queue_prio change with the queue's lock held, too.
 *
 * List registers.  While @lr_vcpu is set, a copy is in one of that vCPU's list
 * registers: the interrupt stays on its queue until vgic_sync() has folded the
 * copy back.  @latch then says what came in since, @active is not exact.
 *
 * References.  SPIs live as long as the VM, private interrupts as long as their
 * vCPU.  An LPI is referenced by each mapping, by the queue it is on and by
 * whoever got it from vgic_irq_get().
 */
struct vgic_irq {
	raw_spinlock_t lock;
	u32 intid;
	struct vcpu *target;		/* where it is routed; private: its own; may be NULL */
	struct vcpu *queued_on;
	struct list_head node;
	struct vcpu *lr_vcpu;		/* in a list register of this one */
	u64 lr_val;			/* what was written there */

	u64 affinity;			/* GICD_IROUTER; IRM in bit 31 */
	u8 targets;			/* GICv2: GICD_ITARGETSR */
	/* An SGI of a GICv2 is pending from each vCPU, by id, for itself; @latch: from any */
	u8 sgi_sources;			/* those that wait */
	u8 sgi_lr;			/* lr_latch: the one that is in the list register */
	u8 sgi_active;			/* active: who sent it */
	u8 priority;			/* VGIC_PRIO_MASK */
	u8 group;
	u8 queue_list;			/* which list of the queue it is on */
	u8 queue_prio;			/* its priority there */
	u8 sources;			/* who asserts the line: bits 1 << IRQ_SOURCE_* */
	bool level;			/* configuration: level, else edge */
	bool enabled;
	bool line;			/* level of the input: @sources is not 0 */
	bool latch;			/* edge seen, or pended by ISPENDR/SGI/MSI */
	bool active;
	bool lr_latch;			/* a latch went into the list register: back if not taken */
	u16 holds;			/* vgic_irq_hold()s: keep it out of list registers */
	u32 folds;			/* times that a list register's copy was folded back */

	bool hw;			/* maps to a host interrupt: deactivation goes through */
	unsigned int host_irq;		/* Linux irq */
	u32 host_intid;
	/* samples a timer's line, or NULL */
	bool (*line_level)(struct vcpu *vcpu, u32 intid);
	void *owner;			/* who alone may drive it from in the kernel */

	refcount_t refs;		/* LPIs only */
	u32 mappings;			/* LPIs only: translations that name it */
	struct rcu_head rcu;
};

/* Lists of a queue: what is pending, by group, and what is active (pending again or not) */
enum vgic_queue_list {
	VGIC_QUEUE_GRP0,
	VGIC_QUEUE_GRP1,
	VGIC_QUEUE_ACTIVE,
	VGIC_QUEUE_LISTS,
};

/*
 * The interrupts that a vCPU is to see.
 *
 * First in, first out within one priority.  @used and @count may be read
 * without the lock for a hint.
 */
struct vgic_queue {
	raw_spinlock_t lock;
	unsigned int count;
	u32 used[VGIC_QUEUE_LISTS];	/* bit p: list[][p] is not empty; 0 is the highest */
	struct list_head list[VGIC_QUEUE_LISTS][VGIC_NR_PRIOS];
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
};

struct vgic_cpu {
	struct vgic_irq private[VGIC_NR_PRIVATE];
	struct vgic_queue queue;

	/* The virtual CPU interface; own thread, interrupts off, or vcpu->mutex with no run */
	u64 lr[VGIC_MAX_LRS];		/* what is in the hardware while loaded */
	struct vgic_irq *lr_irq[VGIC_MAX_LRS];	/* lr_vcpu set: the queue keeps them */
	unsigned int used_lrs;		/* lr_irq[] below are valid: at most the number there is */
	unsigned int hw_lrs;		/* lr[] below may not be 0 */
	u64 hcr;
	u64 vmcr;
	u64 ap0r[4];
	u64 ap1r[4];
	u64 sre;
	bool loaded;
	bool lrs_live;			/* hardware holds list registers to fold back */
	bool flush_owed;		/* the queue changed since the last flush; own CPU */
	unsigned long hw_resync;	/* PPIs whose host side has to follow; atomic bits */

	unsigned long statusr;		/* GICR_STATUSR; atomic bit operations */
	bool lpis_enabled;		/* written under lpi_lock; read with an LPI's lock held */
	bool pend_clean;		/* LPIs enabled, pending table without a bit; lpi_lock */
	u64 pendbaser;
};

/* LPIs by INTID: pages of pointers.  16 bits of INTID make up to 112 pages. */
#define VGIC_LPI_ID_BITS	16
#define VGIC_LPI_PAGE_SHIFT	9
#define VGIC_LPI_PAGE_SIZE	512U		/* 2 to the power of the above */
#define VGIC_LPI_PAGES		(((1U << VGIC_LPI_ID_BITS) - VGIC_MIN_LPI) >> VGIC_LPI_PAGE_SHIFT)

struct vgic_lpi_page {
	struct vgic_irq __rcu *irq[VGIC_LPI_PAGE_SIZE];
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
	bool dense_ids;			/* each vCPU's id is its index */
	u32 ctlr;			/* GICD_CTLR.EnableGrp0 (bit 0), EnableGrp1 (bit 1) */
	unsigned long statusr;		/* GICD_STATUSR; atomic bit operations */
	u32 iidr_rev;

	gpa_t dist_base;		/* ~0: not set */
	struct io_device dist_dev;
	gpa_t cpu_base;			/* GICv2's CPU interface, likewise */
	struct io_device cpu_dev;
	bool groups_writable;		/* GICv2: user space has shown that it knows GICD_IGROUPR */
	struct list_head redist_regions;

	u64 propbaser;
	struct vgic_lpi_page *lpi_page[VGIC_LPI_PAGES];	/* made when needed, never go */
	spinlock_t lpis_lock;		/* which LPIs exist; interrupts off */
	unsigned int nr_lpis;		/* lpis_lock; lock-free for a hint */
	struct mutex lpi_lock;		/* the guest's LPI tables: configuration, pending bits */
	struct gmem_hint lpi_hint;	/* the slot that those are in; lpi_lock */
	struct list_head its_list;	/* struct its on the bus; RCU, writers config_lock */
};

#define VGIC_ADDR_UNDEF		(~(gpa_t)0)

DECLARE_STATIC_KEY_FALSE(vgic_v2_key);

/* Is the host's GIC a GICv2? Then so are those of guests; else they are GICv3s. */
static __always_inline bool vgic_host_is_v2(void)
{
	return static_branch_unlikely(&vgic_v2_key);
}

/* Module: learns what the host's GIC has, requests the maintenance interrupt (device tree or ACPI). */
int vgic_module_init(void);
void vgic_module_exit(void);
int vgic_cpu_up(void);
void vgic_cpu_down(void);

/* Life cycle */
void vgic_vm_init(struct vm *vm);
void vgic_vm_destroy(struct vm *vm);		/* after the vCPUs */
int vgic_vcpu_init(struct vcpu *vcpu);
void vgic_vcpu_destroy(struct vcpu *vcpu);
/* KVM_CREATE_DEVICE, KVM_CREATE_IRQCHIP; vm->lock held.  -EEXIST, -EBUSY if a vCPU has run, ... */
int vgic_create(struct vm *vm, enum vgic_model model);
/*
 * KVM_DEV_ARM_VGIC_CTRL_INIT; config_lock held.  The numbers of vCPUs and SPIs
 * are fixed from here on.
 */
int vgic_init(struct vm *vm);
/* The same for who uses a GICv2 without having said so; nothing for others.  Takes config_lock. */
int vgic_init_implied(struct vm *vm);
/* Number of a VM's vCPUs, and limit of their ids, on this host */
unsigned int vgic_max_vcpus(void);
/* KVM_ARM_SET_DEVICE_ADDR: -ENODEV, -ENXIO or what the attribute says */
int vgic_v2_set_device_addr(struct vm *vm, u64 id, u64 addr);
/* What is to be mapped where a VM has no memory: false: nothing.  Any context. */
bool vgic_v2_page(const struct vm *vm, gfn_t gfn, phys_addr_t *pa);

static inline bool vgic_initialized(const struct vgic_dist *dist)
{
	/* Pairs with the release in vgic_init(): the interrupts exist. */
	return smp_load_acquire(&dist->initialized);
}

/* First run: frames on the bus.  -EBUSY, -ENXIO, ... if it is not set up. */
int vgic_map_resources(struct vm *vm);

/* Preemption off: the CPU interface's control registers, active priorities */
void vgic_load(struct vcpu *vcpu);
void vgic_put(struct vcpu *vcpu);

/*
 * Interrupts off.  flush fills the list registers before an entry, sync folds
 * them back after an exit.  A fast exit that changes nothing of the vGIC may
 * re-enter with neither; vgic_pending_work() says when a flush is owed.  flush
 * folds by itself what is still live.
 */
void vgic_flush(struct vcpu *vcpu);
void vgic_sync(struct vcpu *vcpu);

/* Own CPU, interrupts off: does anything that changed concern the list registers? */
#define vgic_pending_work(vcpu)	((vcpu)->arch.vgic.flush_owed)

/* Any context: something that would be taken (enabled, above PMR, group on)? */
bool vgic_vcpu_pending(struct vcpu *vcpu);

/*
 * Looks up an interrupt.  @vcpu for private ones, else ignored and may be NULL.
 * NULL if it does not exist.  Any context; a reference for LPIs, to be dropped
 * with vgic_irq_put() with no vGIC lock held.
 */
struct vgic_irq *vgic_irq_get(struct vm *vm, struct vcpu *vcpu, u32 intid);
void vgic_irq_put(struct vm *vm, struct vgic_irq *irq);
/* The LPI @intid, made if it does not exist, with a reference.  May sleep.  ERR_PTR(-ENOMEM). */
struct vgic_irq *vgic_lpi_add(struct vm *vm, u32 intid);

/*
 * State of an interrupt: irq->lock held by the caller, and a reference.  Other
 * fields (enabled, priority, group, level) are just written; every change ends
 * in vgic_irq_update().
 */
void vgic_irq_update(struct vgic_irq *irq);
bool vgic_irq_pending(const struct vgic_irq *irq);	/* as ISPENDR reads it */
void vgic_irq_pend(struct vgic_irq *irq);		/* ISPENDR, MSI, SGI */
void vgic_irq_unpend(struct vgic_irq *irq);		/* ICPENDR: all but the line */
/* @active was written: a HW interrupt's host side follows */
void vgic_hw_sync_active(struct vcpu *vcpu, struct vgic_irq *irq);
void vgic_irq_set_line(struct vgic_irq *irq, unsigned int source, bool level);
void vgic_irq_set_affinity(struct vm *vm, struct vgic_irq *irq, u64 affinity);	/* SPI: IROUTER */
/* GICD_CTLR: group enables; all vCPUs look again.  No locks held. */
void vgic_set_ctlr(struct vm *vm, u32 ctlr);

/*
 * Exact pending and active state.  While irq->lr_vcpu is set and that vCPU
 * runs, the truth is in its list register.  Between hold and release the
 * interrupt is in none: hold kicks the vCPU and waits until the list register
 * is folded.  Interrupts on, no vGIC locks held, a reference; two vCPUs may
 * hold each other's, because both have folded theirs by then.
 */
void vgic_irq_hold(struct vgic_irq *irq);
/* For a look only: state as of a fold after the call. Nothing is kept from the vCPU. */
void vgic_irq_fold(struct vgic_irq *irq);
void vgic_irq_release(struct vgic_irq *irq);

/*
 * Drives input @intid.  @vcpu for private interrupts, else ignored.  @owner
 * must match vgic_irq.owner.  Any context.  0, -EINVAL, -EBUSY before vgic_init().
 */
int vgic_inject(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level, void *owner);

/* HW mapping: timers.  Process context, or own thread. */
int vgic_map_hw(struct vcpu *vcpu, u32 intid, unsigned int host_irq,
		bool (*line_level)(struct vcpu *vcpu, u32 intid));
int vgic_unmap_hw(struct vcpu *vcpu, u32 intid);
/* Is the host interrupt to be active?  It is while this one is pending or active. */
bool vgic_hw_active(struct vcpu *vcpu, u32 intid);
int vgic_set_owner(struct vcpu *vcpu, u32 intid, void *owner);	/* -EEXIST if another has it */

/*
 * Guest writes of ICC_SGI1R_EL1 (@group1: SGIs of both groups), SGI0R and
 * ASGI1R (group 0 only): inner loop, interrupts off
 */
void vgic_sgi_write(struct vcpu *vcpu, u64 val, bool group1);

/*
 * The other ICC_* registers when they trap: SRE; DIR, and without ICH_VTR_EL2.TDS
 * also PMR, RPR and CTLR, while more interrupts are active than there are list
 * registers.  @sysreg is a SYS_ICC_*_EL1 encoding.  Own thread, interrupts off.
 * False: undefined (no vGIC, or not one of these).
 */
bool vgic_cpuif_read(struct vcpu *vcpu, u32 sysreg, u64 *val);
bool vgic_cpuif_write(struct vcpu *vcpu, u32 sysreg, u64 val);

/* vCPU with these affinity fields (MPIDR_EL1 layout); NULL.  Any context, constant time. */
struct vcpu *vgic_vcpu_by_affinity(struct vm *vm, u64 mpidr);

static inline bool vgic_irq_is_lpi(u32 intid)
{
	return intid >= VGIC_MIN_LPI;
}

#endif
