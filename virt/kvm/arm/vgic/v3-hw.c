// SPDX-License-Identifier: GPL-2.0
/*
 * The CPU's own GIC virtualisation registers (IHI 0069, 12.4), and nothing
 * else: what to put in them is decided elsewhere.
 *
 * While no vCPU is loaded on a CPU: ICH_HCR_EL2 is 0, or as the kernel left it
 * when the module came; list registers and active priorities are 0.
 */

#define pr_fmt(fmt) "kvm-arm: " fmt

#include <linux/bitfield.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <asm/sysreg.h>
#include "arm64.h"
#include "regs.h"
#include "vgic.h"

/* ICC_SRE_EL1 and _EL2 */
#define SRE_SRE			BIT(0)
#define SRE_ENABLE		BIT(3)	/* EL1 may access ICC_SRE_EL1 */

struct vgic_hw vgic_hw __ro_after_init;

static unsigned int vgic_lrs = VGIC_MAX_LRS;
module_param(vgic_lrs, uint, 0444);
MODULE_PARM_DESC(vgic_lrs, "Use at most this many of the GIC's list registers (for tests)");

/* Per CPU: what the kernel had, to be put back. */
struct hw_host_state {
	u64 sre;
	u32 vmcr;
};

static struct hw_host_state __percpu *hw_host;

/**
 * vgic_hw_read_lr - ICH_LR<n>_EL2
 * @n: below vgic_hw.nr_lr
 *
 * Return: its value.
 */
u64 vgic_hw_read_lr(unsigned int n)
{
	switch (n) {
	case 0:
		return read_sysreg_s(SYS_ICH_LR0_EL2);
	case 1:
		return read_sysreg_s(SYS_ICH_LR1_EL2);
	case 2:
		return read_sysreg_s(SYS_ICH_LR2_EL2);
	case 3:
		return read_sysreg_s(SYS_ICH_LR3_EL2);
	case 4:
		return read_sysreg_s(SYS_ICH_LR4_EL2);
	case 5:
		return read_sysreg_s(SYS_ICH_LR5_EL2);
	case 6:
		return read_sysreg_s(SYS_ICH_LR6_EL2);
	case 7:
		return read_sysreg_s(SYS_ICH_LR7_EL2);
	case 8:
		return read_sysreg_s(SYS_ICH_LR8_EL2);
	case 9:
		return read_sysreg_s(SYS_ICH_LR9_EL2);
	case 10:
		return read_sysreg_s(SYS_ICH_LR10_EL2);
	case 11:
		return read_sysreg_s(SYS_ICH_LR11_EL2);
	case 12:
		return read_sysreg_s(SYS_ICH_LR12_EL2);
	case 13:
		return read_sysreg_s(SYS_ICH_LR13_EL2);
	case 14:
		return read_sysreg_s(SYS_ICH_LR14_EL2);
	case 15:
		return read_sysreg_s(SYS_ICH_LR15_EL2);
	}
	return 0;
}

/**
 * vgic_hw_write_lr - ICH_LR<n>_EL2
 * @n: below vgic_hw.nr_lr
 * @val: LR_* fields
 */
void vgic_hw_write_lr(unsigned int n, u64 val)
{
	switch (n) {
	case 0:
		write_sysreg_s(val, SYS_ICH_LR0_EL2);
		break;
	case 1:
		write_sysreg_s(val, SYS_ICH_LR1_EL2);
		break;
	case 2:
		write_sysreg_s(val, SYS_ICH_LR2_EL2);
		break;
	case 3:
		write_sysreg_s(val, SYS_ICH_LR3_EL2);
		break;
	case 4:
		write_sysreg_s(val, SYS_ICH_LR4_EL2);
		break;
	case 5:
		write_sysreg_s(val, SYS_ICH_LR5_EL2);
		break;
	case 6:
		write_sysreg_s(val, SYS_ICH_LR6_EL2);
		break;
	case 7:
		write_sysreg_s(val, SYS_ICH_LR7_EL2);
		break;
	case 8:
		write_sysreg_s(val, SYS_ICH_LR8_EL2);
		break;
	case 9:
		write_sysreg_s(val, SYS_ICH_LR9_EL2);
		break;
	case 10:
		write_sysreg_s(val, SYS_ICH_LR10_EL2);
		break;
	case 11:
		write_sysreg_s(val, SYS_ICH_LR11_EL2);
		break;
	case 12:
		write_sysreg_s(val, SYS_ICH_LR12_EL2);
		break;
	case 13:
		write_sysreg_s(val, SYS_ICH_LR13_EL2);
		break;
	case 14:
		write_sysreg_s(val, SYS_ICH_LR14_EL2);
		break;
	case 15:
		write_sysreg_s(val, SYS_ICH_LR15_EL2);
		break;
	}
}

/**
 * vgic_hw_read_hcr - ICH_HCR_EL2
 *
 * Return: its value, EOIcount included.
 */
u32 vgic_hw_read_hcr(void)
{
	return read_sysreg_s(SYS_ICH_HCR_EL2);
}

/**
 * vgic_hw_write_hcr - ICH_HCR_EL2
 * @val: ICHCR_* fields
 */
void vgic_hw_write_hcr(u32 val)
{
	write_sysreg_s(val, SYS_ICH_HCR_EL2);
}

/**
 * vgic_hw_read_vmcr - ICH_VMCR_EL2
 *
 * Return: its value.
 */
u32 vgic_hw_read_vmcr(void)
{
	return read_sysreg_s(SYS_ICH_VMCR_EL2);
}

/**
 * vgic_hw_write_vmcr - ICH_VMCR_EL2
 * @val: VMCR_* fields
 */
void vgic_hw_write_vmcr(u32 val)
{
	write_sysreg_s(val, SYS_ICH_VMCR_EL2);
}

/**
 * vgic_hw_read_apr - ICH_AP<group>R<n>_EL2
 * @group: 0 or 1
 * @n: below vgic_hw.nr_apr
 *
 * Return: a bit for each active preemption level.
 */
u32 vgic_hw_read_apr(unsigned int group, unsigned int n)
{
	switch (group << 2 | n) {
	case 0:
		return read_sysreg_s(SYS_ICH_AP0R0_EL2);
	case 1:
		return read_sysreg_s(SYS_ICH_AP0R1_EL2);
	case 2:
		return read_sysreg_s(SYS_ICH_AP0R2_EL2);
	case 3:
		return read_sysreg_s(SYS_ICH_AP0R3_EL2);
	case 4:
		return read_sysreg_s(SYS_ICH_AP1R0_EL2);
	case 5:
		return read_sysreg_s(SYS_ICH_AP1R1_EL2);
	case 6:
		return read_sysreg_s(SYS_ICH_AP1R2_EL2);
	case 7:
		return read_sysreg_s(SYS_ICH_AP1R3_EL2);
	}
	return 0;
}

/**
 * vgic_hw_write_apr - ICH_AP<group>R<n>_EL2
 * @group: 0 or 1
 * @n: below vgic_hw.nr_apr
 * @val: a bit for each active preemption level
 */
void vgic_hw_write_apr(unsigned int group, unsigned int n, u32 val)
{
	switch (group << 2 | n) {
	case 0:
		write_sysreg_s(val, SYS_ICH_AP0R0_EL2);
		break;
	case 1:
		write_sysreg_s(val, SYS_ICH_AP0R1_EL2);
		break;
	case 2:
		write_sysreg_s(val, SYS_ICH_AP0R2_EL2);
		break;
	case 3:
		write_sysreg_s(val, SYS_ICH_AP0R3_EL2);
		break;
	case 4:
		write_sysreg_s(val, SYS_ICH_AP1R0_EL2);
		break;
	case 5:
		write_sysreg_s(val, SYS_ICH_AP1R1_EL2);
		break;
	case 6:
		write_sysreg_s(val, SYS_ICH_AP1R2_EL2);
		break;
	case 7:
		write_sysreg_s(val, SYS_ICH_AP1R3_EL2);
		break;
	}
}

static void hw_clear(void)
{
	unsigned int i;

	vgic_hw_write_hcr(0);
	for (i = 0; i < vgic_hw.nr_lr; i++)
		vgic_hw_write_lr(i, 0);
	for (i = 0; i < vgic_hw.nr_apr; i++) {
		vgic_hw_write_apr(0, i, 0);
		vgic_hw_write_apr(1, i, 0);
	}
	isb();
}

/*
 * A maintenance interrupt is there to make the CPU leave the guest: by the
 * time that it is taken vgic_sync() has dealt with its cause. If it is still
 * asserted, nothing of ours should be in the CPU.
 */
static irqreturn_t hw_maintenance(int irq, void *dev)
{
	if (!vcpu_running_here())
		vgic_hw_write_hcr(0);
	return IRQ_HANDLED;
}

/**
 * vgic_cpu_up - prepare this CPU
 *
 * EL1 accesses to ICC_SRE_EL1 trap from here on where the CPU can do that;
 * the kernel itself, at EL2, is not affected.
 *
 * Context: on the CPU, preemption off or a per-CPU thread.
 * Return: 0; -EIO if it has fewer list registers or priorities than others.
 */
int vgic_cpu_up(void)
{
	struct hw_host_state *host = this_cpu_ptr(hw_host);
	u64 vtr = read_sysreg_s(SYS_ICH_VTR_EL2);

	if (FIELD_GET(VTR_LISTREGS, vtr) + 1 < vgic_hw.nr_lr ||
	    FIELD_GET(VTR_PREBITS, vtr) + 1 != vgic_hw.pre_bits ||
	    (vgic_hw.has_tdir && !(vtr & VTR_TDS))) {
		pr_err("CPU%u: GIC virtual CPU interface differs from the first CPU's\n",
		       smp_processor_id());
		return -EIO;
	}
	host->sre = read_sysreg_s(SYS_ICC_SRE_EL2);
	host->vmcr = vgic_hw_read_vmcr();
	write_sysreg_s(read_sysreg_s(SYS_ICC_SRE_EL1) | SRE_SRE, SYS_ICC_SRE_EL1);
	isb();
	write_sysreg_s(host->sre & ~(u64)SRE_ENABLE, SYS_ICC_SRE_EL2);
	isb();
	hw_clear();
	enable_percpu_irq(vgic_hw.maint_irq, IRQ_TYPE_NONE);
	return 0;
}

/**
 * vgic_cpu_down - leave this CPU as it was found; no vCPU is loaded
 *
 * Context: as vgic_cpu_up().
 */
void vgic_cpu_down(void)
{
	struct hw_host_state *host = this_cpu_ptr(hw_host);

	disable_percpu_irq(vgic_hw.maint_irq);
	hw_clear();
	vgic_hw_write_vmcr(host->vmcr);
	write_sysreg_s(host->sre, SYS_ICC_SRE_EL2);
	isb();
}

/**
 * vgic_module_init - what the GIC offers, and its maintenance interrupt
 *
 * Context: process, on a CPU that is representative.
 * Return: 0; -ENODEV if there is no system register interface at EL2 or no
 * maintenance interrupt; -EBUSY if someone else has it; -ENOMEM.
 */
int __init vgic_module_init(void)
{
	u64 vtr;
	int ret;

	if (!(read_sysreg_s(SYS_ICC_SRE_EL2) & SRE_SRE)) {
		pr_err("the GIC's system registers are disabled at EL2\n");
		return -ENODEV;
	}
	vtr = read_sysreg_s(SYS_ICH_VTR_EL2);
	vgic_hw.vtr = vtr;
	vgic_hw.nr_lr = min_t(unsigned int, FIELD_GET(VTR_LISTREGS, vtr) + 1,
			      clamp(vgic_lrs, 1u, (unsigned int)VGIC_MAX_LRS));
	vgic_hw.prio_bits = FIELD_GET(VTR_PRIBITS, vtr) + 1;
	vgic_hw.pre_bits = FIELD_GET(VTR_PREBITS, vtr) + 1;
	vgic_hw.nr_apr = vgic_hw.pre_bits <= 5 ? 1 : vgic_hw.pre_bits == 6 ? 2 : 4;
	vgic_hw.id_bits = FIELD_GET(VTR_IDBITS, vtr);
	vgic_hw.seis = vtr & VTR_SEIS;
	vgic_hw.a3v = vtr & VTR_A3V;
	vgic_hw.has_tdir = vtr & VTR_TDS;

	vgic_hw.maint_irq = host_gic_maintenance_irq();
	if (vgic_hw.maint_irq <= 0) {
		pr_err("the firmware describes no GIC maintenance interrupt\n");
		return -ENODEV;
	}
	hw_host = alloc_percpu(struct hw_host_state);
	if (!hw_host)
		return -ENOMEM;
	ret = request_percpu_irq(vgic_hw.maint_irq, hw_maintenance, "kvm guest vgic", hw_host);
	if (ret)
		goto free_host;
	ret = vgic_attr_register();
	if (ret)
		goto free_irq;
	return 0;

free_irq:
	free_percpu_irq(vgic_hw.maint_irq, hw_host);
free_host:
	free_percpu(hw_host);
	return ret;
}

/**
 * vgic_module_exit - undo vgic_module_init(); every CPU is down
 */
void vgic_module_exit(void)
{
	vgic_attr_unregister();
	free_percpu_irq(vgic_hw.maint_irq, hw_host);
	free_percpu(hw_host);
}
