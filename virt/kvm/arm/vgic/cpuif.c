// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual CPU interface but for its list registers: control, priority
 * mask, active priorities; what a vCPU would take; and its registers where
 * they have to be trapped.
 *
 * ICH_VMCR_EL2 and the active priorities are in the CPU while the vCPU is
 * loaded, and change without an exit. vgic_load() and vgic_put() run under the
 * scheduler's locks: no locks are taken there.
 */

#include <linux/bitfield.h>
#include <linux/preempt.h>
#include <asm/sysreg.h>
#include "vgic.h"

/* ICC_CTLR_EL1 */
#define CTLR_CBPR		BIT(0)
#define CTLR_EOIMODE		BIT(1)
#define CTLR_PRIBITS		GENMASK(10, 8)
#define CTLR_IDBITS		GENMASK(13, 11)
#define CTLR_SEIS		BIT(14)
#define CTLR_A3V		BIT(15)

#define DIR_INTID		GENMASK(23, 0)
#define RPR_IDLE		0xff

/* A vCPU without an interrupt controller has none of its registers. */
#define CPUIF_ABSENT	(ICHCR_TC | ICHCR_TALL0 | ICHCR_TALL1)

/**
 * vgic_cpuif_reset - the CPU interface's reset state
 * @vcpu: not loaded
 *
 * In a GICv3 SRE is 1 for good, so VFIQEn is RES1; binary points have their
 * smallest values (IHI 0069, 12.4.8).
 */
void vgic_cpuif_reset(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;
	unsigned int bpr = 7 - min(vgic_hw.pre_bits, 7u);

	cpu->vmcr = FIELD_PREP(VMCR_BPR0, bpr) | FIELD_PREP(VMCR_BPR1, min(bpr + 1, 7u));
	if (!vgic_host_is_v2())
		cpu->vmcr |= VMCR_FIQEN;
	memset(cpu->ap0r, 0, sizeof(cpu->ap0r));
	memset(cpu->ap1r, 0, sizeof(cpu->ap1r));
	cpu->sre = 7;
}

static void cpuif_apr_load(unsigned int group, const u64 *apr)
{
	unsigned int i;

	for (i = 0; i < vgic_hw.nr_apr; i++)
		if (apr[i])
			vgic_hw_write_apr(group, i, apr[i]);
}

static void cpuif_apr_put(unsigned int group, u64 *apr)
{
	unsigned int i;

	for (i = 0; i < vgic_hw.nr_apr; i++) {
		apr[i] = vgic_hw_read_apr(group, i);
		if (apr[i])
			vgic_hw_write_apr(group, i, 0);
	}
}

/**
 * vgic_load - the CPU's virtual CPU interface becomes the vCPU's
 * @vcpu: being loaded
 *
 * Context: preemption off; no locks are taken.
 */
void vgic_load(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;

	if (!vgic_initialized(vgic_of(vcpu))) {
		cpu->hcr = CPUIF_ABSENT | (vgic_hw.has_tdir ? ICHCR_TDIR : 0);
	} else {
		vgic_hw_write_vmcr(cpu->vmcr);
		cpuif_apr_load(0, cpu->ap0r);
		cpuif_apr_load(1, cpu->ap1r);
		cpu->hcr = ICHCR_EN;
		cpu->loaded = true;
	}
	vgic_hw_write_hcr(cpu->hcr);
}

/**
 * vgic_put - the reverse of vgic_load(); the list registers are folded
 * @vcpu: being put
 *
 * Context: as vgic_load().
 */
void vgic_put(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;

	if (cpu->loaded) {
		cpu->vmcr = vgic_hw_read_vmcr();
		cpuif_apr_put(0, cpu->ap0r);
		cpuif_apr_put(1, cpu->ap1r);
		vgic_lr_drop(vcpu);
		cpu->loaded = false;
	}
	cpu->hcr = 0;
	vgic_hw_write_hcr(0);
}

/* In the CPU, or in memory? Preemption off. */
static bool cpuif_is_here(struct vcpu *vcpu)
{
	return vcpu->arch.vgic.loaded && vcpu_running_here() == vcpu;
}

/**
 * vgic_vmcr - a vCPU's ICH_VMCR_EL2, wherever it is
 * @vcpu: own thread's or one that does not run; else the answer is a hint
 *
 * Context: any.
 * Return: VMCR_* fields.
 */
u32 vgic_vmcr(struct vcpu *vcpu)
{
	guard(preempt)();
	return cpuif_is_here(vcpu) ? vgic_hw_read_vmcr() : READ_ONCE(vcpu->arch.vgic.vmcr);
}

static void cpuif_set_vmcr(struct vcpu *vcpu, u32 vmcr)
{
	guard(preempt)();
	if (cpuif_is_here(vcpu))
		vgic_hw_write_vmcr(vmcr);
	else
		WRITE_ONCE(vcpu->arch.vgic.vmcr, vmcr);
}

/**
 * vgic_vcpu_pending - is there an interrupt that the vCPU would be signalled?
 * @vcpu: the vCPU
 *
 * Pending, enabled, its group forwarded and enabled in the CPU interface, and
 * of higher priority than the mask (IHI 0069, 4.8). Looks at the best of each
 * group only.
 *
 * Context: any. Exact on the own thread with the list registers folded.
 * Return: true if there is.
 */
bool vgic_vcpu_pending(struct vcpu *vcpu)
{
	struct vgic_queue *q = &vcpu->arch.vgic.queue;
	u32 vmcr;
	int best;

	if (!READ_ONCE(q->count))
		return false;
	vmcr = vgic_vmcr(vcpu);
	best = vgic_queue_best(q, vgic_groups(vgic_of(vcpu)) & vmcr);
	return best >= 0 && best < FIELD_GET(VMCR_PMR, vmcr);
}

/**
 * vgic_cpuif_deactivate - ICC_DIR_EL1 or GICC_DIR
 * @vcpu: own thread's, loaded
 * @intid: what the guest wrote
 *
 * For when the interrupt may be in no list register.
 *
 * Context: interrupts off. After it vgic_pending_work() is true.
 */
void vgic_cpuif_deactivate(struct vcpu *vcpu, u32 intid)
{
	struct vgic_irq *irq;
	bool ended = false;

	/* Its effect is undefined with EOImode = 0; here there is none. */
	if (!(vgic_vmcr(vcpu) & VMCR_EOIM))
		return;
	vgic_sync(vcpu);
	vcpu->arch.vgic.flush_owed = true;

	irq = vgic_irq_get(vcpu->vm, vcpu, intid);
	if (!irq)
		return;
	scoped_guard(raw_spinlock_irqsave, &irq->lock) {
		if (irq->queued_on == vcpu && irq->active && !irq->lr_vcpu) {
			irq->active = false;
			ended = irq->level && !irq->hw && intid >= VGIC_NR_PRIVATE;
			vgic_irq_update(irq);
			vgic_hw_sync_active(vcpu, irq);
		}
	}
	vgic_irq_put(vcpu->vm, irq);
	if (ended)
		irq_notify_acked(vcpu->vm, 0, intid - VGIC_NR_PRIVATE);
}

static u64 cpuif_ctlr(u32 vmcr)
{
	return FIELD_PREP(CTLR_PRIBITS, vgic_hw.prio_bits - 1) |
	       FIELD_PREP(CTLR_IDBITS, vgic_hw.id_bits) |
	       (vgic_hw.seis ? CTLR_SEIS : 0) | (vgic_hw.a3v ? CTLR_A3V : 0) |
	       (vmcr & VMCR_CBPR ? CTLR_CBPR : 0) | (vmcr & VMCR_EOIM ? CTLR_EOIMODE : 0);
}

/* The running priority: the highest level that is active in either group. */
static u64 cpuif_rpr(void)
{
	unsigned int i;
	u32 active;

	for (i = 0; i < vgic_hw.nr_apr; i++) {
		active = vgic_hw_read_apr(0, i) | vgic_hw_read_apr(1, i);
		if (active)
			return (u64)(i * 32 + __ffs(active)) << (8 - vgic_hw.pre_bits);
	}
	return RPR_IDLE;
}

/**
 * vgic_cpuif_read - a trapped read of a CPU interface register
 * @vcpu: own thread's, loaded
 * @sysreg: SYS_ICC_*_EL1
 * @val: receives the value
 *
 * Context: interrupts off.
 * Return: false if the register is undefined or is not trapped on purpose.
 */
bool vgic_cpuif_read(struct vcpu *vcpu, u32 sysreg, u64 *val)
{
	u32 vmcr;

	if (!vcpu->arch.vgic.loaded)
		return false;
	vmcr = vgic_vmcr(vcpu);
	switch (sysreg) {
	case SYS_ICC_PMR_EL1:
		*val = FIELD_GET(VMCR_PMR, vmcr);
		return true;
	case SYS_ICC_RPR_EL1:
		*val = cpuif_rpr();
		return true;
	case SYS_ICC_CTLR_EL1:
		*val = cpuif_ctlr(vmcr);
		return true;
	case SYS_ICC_SRE_EL1:
		*val = vcpu->arch.vgic.sre;
		return true;
	}
	return false;
}

/**
 * vgic_cpuif_write - a trapped write of a CPU interface register
 * @vcpu: own thread's, loaded
 * @sysreg: SYS_ICC_*_EL1
 * @val: the value
 *
 * Context: interrupts off. After it vgic_pending_work() may be true.
 * Return: false if the register is undefined or is not trapped on purpose.
 */
bool vgic_cpuif_write(struct vcpu *vcpu, u32 sysreg, u64 val)
{
	u32 vmcr;

	if (!vcpu->arch.vgic.loaded)
		return false;
	vmcr = vgic_vmcr(vcpu);
	switch (sysreg) {
	case SYS_ICC_DIR_EL1:
		vgic_cpuif_deactivate(vcpu, val & DIR_INTID);
		return true;
	case SYS_ICC_PMR_EL1:
		vmcr &= ~VMCR_PMR;
		cpuif_set_vmcr(vcpu, vmcr | FIELD_PREP(VMCR_PMR, val & 0xff));
		return true;
	case SYS_ICC_CTLR_EL1:
		vmcr &= ~(VMCR_CBPR | VMCR_EOIM);
		cpuif_set_vmcr(vcpu, vmcr | (val & CTLR_CBPR ? VMCR_CBPR : 0) |
			       (val & CTLR_EOIMODE ? VMCR_EOIM : 0));
		return true;
	case SYS_ICC_SRE_EL1:
		return true;	/* its bits are read-only ones */
	}
	return false;
}
