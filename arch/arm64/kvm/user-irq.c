// SPDX-License-Identifier: GPL-2.0
/*
 * A VMM that has the interrupt controller itself: its two lines to each vCPU
 * (KVM_IRQ_LINE), and the levels of the devices that are in the kernel all the same
 * (kvm_run.s.regs.device_irq_level).
 *
 * The lines are HCR_EL2.VI and VF. Any thread may drive them, but the register's
 * copy is the vCPU's own thread's: it follows with VCPU_REQ_IRQ_PENDING.
 *
 * KVM_RUN ends when a level is not what user space was last told. That is kept
 * here: what is in the shared page is written and never read.
 */

#include <asm/sysreg.h>
#include "arm64.h"
#include "hcr.h"

/**
 * user_irq_set_line - KVM_IRQ_LINE of a CPU's own line
 * @vm: the VM
 * @index: the vCPU
 * @line: KVM_ARM_IRQ_CPU_IRQ or KVM_ARM_IRQ_CPU_FIQ
 * @level: asserted
 *
 * Context: process.
 *
 * Return: 0; -ENXIO if the interrupt controller is in the kernel; -EINVAL if there
 * is no such vCPU or line.
 */
int user_irq_set_line(struct vm *vm, unsigned int index, unsigned int line, bool level)
{
	struct vcpu *vcpu;
	bool was;

	if (vm->arch.vgic.in_kernel)
		return -ENXIO;
	vcpu = vm_vcpu_by_id(vm, index);
	if (!vcpu || line > KVM_ARM_IRQ_CPU_FIQ)
		return -EINVAL;

	if (level)
		was = test_and_set_bit(line, &vcpu->arch.user_irq.lines);
	else
		was = test_and_clear_bit(line, &vcpu->arch.user_irq.lines);
	if (was != level) {
		vcpu_make_request(vcpu, VCPU_REQ_IRQ_PENDING);
		vcpu_kick(vcpu);
	}
	return 0;
}

/**
 * user_irq_clear - nothing is asserted, as for a new vCPU
 * @vcpu: vcpu->mutex held
 */
void user_irq_clear(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->arch.user_irq.lines, 0);
}

/**
 * user_irq_apply - the lines as they are now, for the next entry
 * @vcpu: own thread or vcpu->mutex held; not active
 */
void user_irq_apply(struct vcpu *vcpu)
{
	unsigned long lines = READ_ONCE(vcpu->arch.user_irq.lines);
	u64 *hcr = &vcpu->arch.hyp.hcr;

	*hcr &= ~(HCR_VI | HCR_VF);
	if (lines & BIT(KVM_ARM_IRQ_CPU_IRQ))
		*hcr |= HCR_VI;
	if (lines & BIT(KVM_ARM_IRQ_CPU_FIQ))
		*hcr |= HCR_VF;
}

/* Of the devices that are in the kernel */
static u64 user_irq_levels(struct vcpu *vcpu)
{
	return gtimer_levels(vcpu) | pmu_levels(vcpu);
}

/**
 * user_irq_changed - is there a level that user space does not know?
 * @vcpu: any vCPU; for another thread's the answer is a snapshot
 */
bool user_irq_changed(struct vcpu *vcpu)
{
	return user_irq_levels(vcpu) != READ_ONCE(vcpu->arch.user_irq.told);
}

/**
 * user_irq_runnable - is there anything that ends a WFI?
 * @vcpu: any vCPU, as above
 *
 * A level that user space knows does not: it is the controller that decides whether
 * there is an interrupt.
 */
bool user_irq_runnable(struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->arch.user_irq.lines) || user_irq_changed(vcpu);
}

/**
 * user_irq_report - tell user space the levels, at the end of KVM_RUN
 * @vcpu: loaded, own thread
 */
void user_irq_report(struct vcpu *vcpu)
{
	u64 levels = user_irq_levels(vcpu);

	WRITE_ONCE(vcpu->arch.user_irq.told, levels);
	vcpu->run->s.regs.device_irq_level = levels;
}
