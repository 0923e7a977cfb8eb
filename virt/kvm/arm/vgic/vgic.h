/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VGIC_PRIVATE_H
#define KVM_VGIC_PRIVATE_H

/*
 * Between the files of the interrupt controller's core.
 *
 * Locks, outermost first: vgic_irq.lock, vgic_queue.lock (at most one of each
 * at a time); both raw, interrupts off.  An LPI that is made or goes takes
 * vgic_dist.lpis_lock with neither of them held.  vcpu_kick() is called with
 * vgic_irq.lock held; so nothing that runs under a scheduler lock (vgic_put()
 * from the preemption notifier) may take one of these.
 */

#include <linux/lockdep.h>
#include <kvm/irq.h>
#include <kvm/vcpu.h>
#include <kvm/vgic.h>
#include <kvm/vm.h>
#include "lr.h"

/* What the host's virtual CPU interface has; unchanging after module init. */
struct vgic_hw {
	unsigned int nr_lr;		/* 1 .. VGIC_MAX_LRS */
	unsigned int nr_apr;		/* of each group: 1, 2 or 4 */
	unsigned int prio_bits;
	unsigned int pre_bits;
	unsigned int id_bits;		/* as in ICC_CTLR_EL1 */
	bool seis;
	bool a3v;
	bool has_tdir;			/* ICH_HCR_EL2.TDIR */
	int maint_irq;
};

extern struct vgic_hw vgic_hw;

static inline struct vgic_dist *vgic_of(struct vcpu *vcpu)
{
	return &vcpu->vm->arch.vgic;
}

/* The groups that the distributor forwards: VGIC_CTLR_GRP* */
static inline u32 vgic_groups(const struct vgic_dist *dist)
{
	return READ_ONCE(dist->ctlr) & (VGIC_CTLR_GRP0 | VGIC_CTLR_GRP1);
}

/* queue.c */

/* What vgic_queue_pick() left behind. */
#define VGIC_MORE_PENDING	BIT(0)
#define VGIC_MORE_ACTIVE	BIT(1)

void vgic_queue_init(struct vgic_queue *q);
void vgic_queue_add(struct vgic_queue *q, struct vgic_irq *irq, enum vgic_queue_list list,
		    unsigned int prio);
void vgic_queue_del(struct vgic_queue *q, struct vgic_irq *irq);
unsigned int vgic_queue_pick(struct vgic_queue *q, u32 groups, struct vgic_irq **pick,
			     unsigned int max, unsigned int *more);
struct vgic_irq *vgic_queue_first_active(struct vgic_queue *q, const struct vcpu *vcpu);
struct vgic_irq *vgic_queue_first(struct vgic_queue *q);
int vgic_queue_best(const struct vgic_queue *q, u32 groups);

/* irq.c */
void vgic_irq_init(struct vgic_irq *irq, u32 intid, struct vcpu *target);
struct vcpu *vgic_irq_target(const struct vgic_irq *irq);
bool vgic_irq_place(struct vgic_irq *irq);

/* GICD_IROUTER<n> */
#define VGIC_IROUTER_AFFINITY	(GENMASK_ULL(39, 32) | GENMASK_ULL(23, 0))
#define VGIC_IROUTER_IRM	BIT_ULL(31)

/* lpi.c */
struct vgic_irq *vgic_lpi_get(struct vm *vm, u32 intid);
struct vgic_irq *vgic_lpi_next(struct vm *vm, u32 *intid, u32 last, const struct vcpu *target);
void vgic_lpi_destroy_all(struct vm *vm);

/* lr.c */
u64 vgic_lr_value(const struct vgic_irq *irq);
void vgic_lr_drop(struct vcpu *vcpu);

/* debugfs.c */
void vgic_debugfs_add(struct vm *vm);

/* hw.c */
void vgic_hw_resync(struct vcpu *vcpu);
void vgic_hw_sample(struct vcpu *vcpu, struct vgic_irq *irq);

/*
 * The CPU's virtual interface; preemption off. v3-hw.c has it as system
 * registers, v2-hw.c as memory, in the layouts of the former (lr.h).
 */
u64 vgic_v3_read_lr(unsigned int n);
void vgic_v3_write_lr(unsigned int n, u64 val);
u32 vgic_v3_read_hcr(void);
void vgic_v3_write_hcr(u32 val);
u32 vgic_v3_read_vmcr(void);
void vgic_v3_write_vmcr(u32 val);
u32 vgic_v3_read_apr(unsigned int group, unsigned int n);
void vgic_v3_write_apr(unsigned int group, unsigned int n, u32 val);
u32 vgic_v3_read_vtr(void);
void vgic_v3_cpu_up(void);
void vgic_v3_cpu_down(void);
int vgic_v3_probe(void);

u64 vgic_v2_read_lr(unsigned int n);
void vgic_v2_write_lr(unsigned int n, u64 val);
u32 vgic_v2_read_hcr(void);
void vgic_v2_write_hcr(u32 val);
u32 vgic_v2_read_vmcr(void);
void vgic_v2_write_vmcr(u32 val);
u32 vgic_v2_read_apr(void);
void vgic_v2_write_apr(u32 val);
u32 vgic_v2_read_vtr(void);
phys_addr_t vgic_v2_gicv_pa(void);
u32 vgic_v2_gicv_read(u32 offset);
void vgic_v2_gicv_write(u32 offset, u32 val);
int vgic_v2_probe(void);
void vgic_v2_remove(void);

static inline u64 vgic_hw_read_lr(unsigned int n)
{
	return vgic_host_is_v2() ? vgic_v2_read_lr(n) : vgic_v3_read_lr(n);
}

static inline void vgic_hw_write_lr(unsigned int n, u64 val)
{
	if (vgic_host_is_v2())
		vgic_v2_write_lr(n, val);
	else
		vgic_v3_write_lr(n, val);
}

static inline u32 vgic_hw_read_hcr(void)
{
	return vgic_host_is_v2() ? vgic_v2_read_hcr() : vgic_v3_read_hcr();
}

static inline void vgic_hw_write_hcr(u32 val)
{
	if (vgic_host_is_v2())
		vgic_v2_write_hcr(val);
	else
		vgic_v3_write_hcr(val);
}

static inline u32 vgic_hw_read_vmcr(void)
{
	return vgic_host_is_v2() ? vgic_v2_read_vmcr() : vgic_v3_read_vmcr();
}

static inline void vgic_hw_write_vmcr(u32 val)
{
	if (vgic_host_is_v2())
		vgic_v2_write_vmcr(val);
	else
		vgic_v3_write_vmcr(val);
}

/* A GICv2 has one register for both groups. */
static inline u32 vgic_hw_read_apr(unsigned int group, unsigned int n)
{
	return vgic_host_is_v2() ? vgic_v2_read_apr() : vgic_v3_read_apr(group, n);
}

static inline void vgic_hw_write_apr(unsigned int group, unsigned int n, u32 val)
{
	if (vgic_host_is_v2())
		vgic_v2_write_apr(val);
	else
		vgic_v3_write_apr(group, n, val);
}

/* v2-sgi.c: SGIs that know who sent them; irq->lock held */
u64 vgic_v2_sgi_lr(const struct vgic_irq *irq);
void vgic_v2_sgi_take(struct vgic_irq *irq);
void vgic_v2_sgi_fold(struct vgic_irq *irq, bool taken);
void vgic_v2_sgi_pend(struct vgic_irq *irq, u8 sources);
void vgic_v2_sgi_unpend(struct vgic_irq *irq, u8 sources);
u8 vgic_v2_sgi_sources(const struct vgic_irq *irq);

/* Does @irq have a pending state for each sender? All interrupt controllers here are GICv2s then. */
static inline bool vgic_irq_has_sources(const struct vgic_irq *irq)
{
	return vgic_host_is_v2() && irq->intid < VGIC_NR_SGIS;
}

/* cpuif.c */
void vgic_cpuif_reset(struct vcpu *vcpu);
u32 vgic_vmcr(struct vcpu *vcpu);
void vgic_cpuif_deactivate(struct vcpu *vcpu, u32 intid);

#endif
