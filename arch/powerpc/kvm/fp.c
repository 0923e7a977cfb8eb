// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's floating-point registers: in the FPU from an entry to the exit
 * when the guest uses them, in vcpu_hw.cpu at all other times.
 *
 * Interrupts are off from fp_load() to fp_put(), so nobody else wants the FPU.
 */

#include <linux/build_bug.h>
#include <linux/string.h>
#include <asm/switch_to.h>
#include "booke.h"

void fp_load(struct vcpu *vcpu)
{
	struct ppc_cpu_state *cpu = &vcpu->arch.hw.cpu;
	struct thread_fp_state *fp = &vcpu->arch.fp;

	lockdep_assert_irqs_disabled();
	BUILD_BUG_ON(sizeof(fp->fpr) != sizeof(cpu->fpr));

	/* What the thread itself has there goes to where its return will find it. */
	enable_kernel_fp();
	memcpy(fp->fpr, cpu->fpr, sizeof(cpu->fpr));
	fp->fpscr = cpu->fpscr;
	load_fp_state(fp);
	vcpu->arch.fp_loaded = true;
}

void fp_put(struct vcpu *vcpu)
{
	struct ppc_cpu_state *cpu = &vcpu->arch.hw.cpu;
	struct thread_fp_state *fp = &vcpu->arch.fp;

	lockdep_assert_irqs_disabled();

	store_fp_state(fp);
	disable_kernel_fp();
	memcpy(cpu->fpr, fp->fpr, sizeof(cpu->fpr));
	cpu->fpscr = fp->fpscr;
	vcpu->arch.fp_loaded = false;
}
