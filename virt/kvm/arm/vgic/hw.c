// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts that map to a host interrupt: a vCPU's timers.
 *
 * The host's interrupt is forwarded: the host takes it and drops its priority,
 * but leaves it active, so that its level does not fire again; the guest's
 * deactivation goes through the list register to the host's interrupt
 * (ICH_LR<n>_EL2.HW). If an interrupt ends in any other way, the host's has to
 * be deactivated here.
 *
 * Active state of a PPI can only be reached from its own CPU. A change by
 * another CPU is noted in vgic_cpu.hw_resync and carried out by the next
 * flush; when the vCPU leaves the CPU, the timer's put does it.
 *
 * Locks: vgic_irq.lock; the host's interrupt descriptor's lock inside.
 */

#include <linux/interrupt.h>
#include <linux/irq.h>
#include "arm64.h"
#include "vgic.h"

static struct vgic_irq *hw_ppi(struct vcpu *vcpu, u32 intid)
{
	if (intid < VGIC_NR_SGIS || intid >= VGIC_NR_PRIVATE)
		return NULL;
	return vgic_irq_get(vcpu->vm, vcpu, intid);
}

/**
 * vgic_hw_sample - take over the level of a HW interrupt's line
 * @vcpu: whose it is
 * @irq: a HW interrupt in no list register
 *
 * The guest reprograms its timers without an exit, so nobody else tells.
 *
 * Context: irq->lock held; @vcpu's own thread. vgic_irq_place() or
 * vgic_irq_update() has to follow.
 */
void vgic_hw_sample(struct vcpu *vcpu, struct vgic_irq *irq)
{
	lockdep_assert_held(&irq->lock);
	if (!irq->line_level)
		return;
	irq->line = irq->line_level(vcpu, irq->intid);
	irq->sources = irq->line ? BIT(IRQ_SOURCE_USER) : 0;
}

static void hw_deactivate(struct vgic_irq *irq)
{
	irq_set_irqchip_state(irq->host_irq, IRQCHIP_STATE_ACTIVE, false);
}

/**
 * vgic_hw_sync_active - the host's interrupt ends if the guest's has
 * @vcpu: whose it is
 * @irq: a HW interrupt
 *
 * Does nothing while the guest's is active or pending: then the host's stays
 * active if it is, and becomes so by itself if its line is asserted.
 *
 * Context: irq->lock held.
 */
void vgic_hw_sync_active(struct vcpu *vcpu, struct vgic_irq *irq)
{
	lockdep_assert_held(&irq->lock);
	if (!irq->hw || irq->active || irq->lr_vcpu || vgic_irq_pending(irq))
		return;
	if (vcpu_running_here() == vcpu) {
		hw_deactivate(irq);
		return;
	}
	/* vcpu_kick() has the barrier before it looks where the vCPU is. */
	set_bit(irq->intid, &vcpu->arch.vgic.hw_resync);
	vcpu_kick(vcpu);
}

/**
 * vgic_hw_resync - carry out what other CPUs asked for
 * @vcpu: loaded on this CPU
 *
 * Context: interrupts off, own thread, before the list registers are filled.
 */
void vgic_hw_resync(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;
	unsigned int intid;

	for_each_set_bit(intid, &cpu->hw_resync, VGIC_NR_PRIVATE) {
		struct vgic_irq *irq = &cpu->private[intid];

		clear_bit(intid, &cpu->hw_resync);
		/* The state that the bit was set for is read after it was cleared. */
		smp_mb__after_atomic();
		scoped_guard(raw_spinlock, &irq->lock)
			if (irq->hw && !irq->active && !vgic_irq_pending(irq))
				hw_deactivate(irq);
	}
}

/**
 * vgic_map_hw - connect a PPI to a host interrupt
 * @vcpu: the vCPU
 * @intid: a PPI
 * @host_irq: Linux interrupt number of a PPI of the host, forwarded with
 *	irq_set_vcpu_affinity()
 * @line_level: samples the line on the vCPU's own thread with interrupts off;
 *	may be NULL
 *
 * Context: process, or own thread; the vCPU is not in the guest.
 * Return: 0; -EINVAL if @intid is no PPI or @host_irq is not the GIC's; -EBUSY
 * if it is mapped already.
 */
int vgic_map_hw(struct vcpu *vcpu, u32 intid, unsigned int host_irq,
		bool (*line_level)(struct vcpu *vcpu, u32 intid))
{
	struct vgic_irq *irq = hw_ppi(vcpu, intid);
	int host_intid = host_irq_intid(host_irq);
	int ret = -EBUSY;

	if (!irq || host_intid < 0)
		return -EINVAL;
	scoped_guard(raw_spinlock_irqsave, &irq->lock) {
		if (!irq->hw) {
			irq->hw = true;
			irq->host_irq = host_irq;
			irq->host_intid = host_intid;
			irq->line_level = line_level;
			ret = 0;
		}
	}
	return ret;
}

/**
 * vgic_unmap_hw - disconnect a PPI from the host's interrupt
 * @vcpu: the vCPU
 * @intid: a PPI
 *
 * Whether the host's interrupt stays active is the caller's to settle, who
 * owns it.
 *
 * Context: process, or own thread; the vCPU is not in the guest.
 * Return: 0; -EINVAL if it is not mapped.
 */
int vgic_unmap_hw(struct vcpu *vcpu, u32 intid)
{
	struct vgic_irq *irq = hw_ppi(vcpu, intid);
	int ret = -EINVAL;

	if (!irq)
		return ret;
	scoped_guard(raw_spinlock_irqsave, &irq->lock) {
		if (irq->hw)
			ret = 0;
		irq->hw = false;
		irq->line_level = NULL;
	}
	return ret;
}

/**
 * vgic_hw_active - is the host's interrupt to be active while the vCPU is loaded?
 * @vcpu: being loaded; own thread
 * @intid: a PPI that is mapped
 *
 * So it is while the guest's interrupt is pending or active: its end will
 * deactivate the host's.
 *
 * Context: preemption off.
 * Return: true if it is.
 */
bool vgic_hw_active(struct vcpu *vcpu, u32 intid)
{
	struct vgic_irq *irq = hw_ppi(vcpu, intid);
	bool ret = false;

	if (!irq)
		return ret;
	scoped_guard(raw_spinlock_irqsave, &irq->lock) {
		if (irq->hw && irq->line && !irq->lr_vcpu) {
			vgic_hw_sample(vcpu, irq);
			vgic_irq_update(irq);
		}
		ret = irq->active || vgic_irq_pending(irq);
	}
	return ret;
}

/**
 * vgic_set_owner - reserve an input for one in-kernel device
 * @vcpu: the vCPU
 * @intid: a PPI, or an SPI of an initialised interrupt controller
 * @owner: who alone may drive it from now on; what vgic_inject() is given
 *
 * Context: process.
 * Return: 0; -EINVAL if @intid is neither; -EEXIST if another has it.
 */
int vgic_set_owner(struct vcpu *vcpu, u32 intid, void *owner)
{
	struct vgic_irq *irq;
	int ret = -EEXIST;

	if (intid < VGIC_NR_SGIS || intid > VGIC_MAX_SPI)
		return -EINVAL;
	irq = vgic_irq_get(vcpu->vm, vcpu, intid);
	if (!irq)
		return -EINVAL;
	scoped_guard(raw_spinlock_irqsave, &irq->lock) {
		if (!irq->owner || irq->owner == owner) {
			irq->owner = owner;
			ret = 0;
		}
	}
	return ret;
}
