// SPDX-License-Identifier: GPL-2.0
/*
 * <debugfs>/kvm/<vm>/vgic-state: the state of every interrupt that is in use.
 *
 * A snapshot, each interrupt for itself. What a running vCPU has in its list
 * registers is marked and may be newer there.
 */

#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "vgic.h"

static void debug_show_irq(struct seq_file *m, struct vgic_irq *irq)
{
	unsigned long flags;
	struct vgic_irq s;

	raw_spin_lock_irqsave(&irq->lock, flags);
	s = *irq;
	raw_spin_unlock_irqrestore(&irq->lock, flags);

	if (!s.enabled && !s.active && !vgic_irq_pending(&s))
		return;
	seq_printf(m, "%8u %c%c%c%c%c%c%c %3u   %02x", s.intid,
		   s.enabled ? 'E' : '-', vgic_irq_pending(&s) ? 'P' : '-',
		   s.active ? 'A' : '-', s.level ? 'L' : '-', s.line ? 'H' : '-',
		   s.hw ? 'W' : '-', s.lr_vcpu ? 'R' : '-', s.group, s.priority);
	if (s.target)
		seq_printf(m, " %6u", s.target->id);
	else
		seq_puts(m, "      -");
	if (s.queued_on)
		seq_printf(m, " %6u\n", s.queued_on->id);
	else
		seq_puts(m, "      -\n");
}

static int vgic_state_show(struct seq_file *m, void *unused)
{
	struct vm *vm = m->private;
	struct vgic_dist *dist = &vm->arch.vgic;
	struct vgic_irq *irq;
	struct vcpu *vcpu;
	unsigned int i, n;
	u32 intid;

	seq_printf(m, "GICD_CTLR %x, %u SPIs, %u LPIs, %u list registers\n",
		   READ_ONCE(dist->ctlr), dist->nr_spis, READ_ONCE(dist->nr_lpis),
		   vgic_hw.nr_lr);
	seq_puts(m, "flags: Enabled Pending Active Level line-High hardWare list-Register\n");
	seq_puts(m, "   INTID flags   grp prio target queued\n");
	vm_for_each_vcpu(i, vcpu, vm) {
		seq_printf(m, "vCPU %u: %u queued\n", vcpu->id,
			   READ_ONCE(vcpu->arch.vgic.queue.count));
		for (n = 0; n < VGIC_NR_PRIVATE; n++)
			debug_show_irq(m, &vcpu->arch.vgic.private[n]);
	}
	seq_puts(m, "VM:\n");
	for (n = 0; n < dist->nr_spis; n++)
		debug_show_irq(m, &dist->spis[n]);
	for (intid = VGIC_MIN_LPI; (irq = vgic_lpi_next(vm, &intid, U32_MAX, NULL)); intid++) {
		debug_show_irq(m, irq);
		vgic_irq_put(vm, irq);
		cond_resched();
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vgic_state);

/**
 * vgic_debugfs_add - make the file; failure only means that it is missing
 * @vm: a VM with SPIs
 *
 * It goes with the VM's directory, which waits for readers, before any vCPU
 * does.
 */
void vgic_debugfs_add(struct vm *vm)
{
	if (!IS_ERR_OR_NULL(vm->debugfs))
		debugfs_create_file("vgic-state", 0444, vm->debugfs, vm, &vgic_state_fops);
}
