// SPDX-License-Identifier: GPL-2.0
/*
 * A GICv3 host's virtualisation registers, which are the CPU's own (IHI 0069,
 * 12.4), and nothing else: what to put in them is decided elsewhere.
 */

#define pr_fmt(fmt) "kvm-arm: " fmt

#include <linux/bitfield.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>
#include "vgic.h"

/* ICC_SRE_EL1 and _EL2 */
#define SRE_SRE			BIT(0)
#define SRE_ENABLE		BIT(3)	/* EL1 may access ICC_SRE_EL1 */

/* What the kernel had in ICC_SRE_EL2, to be put back */
static DEFINE_PER_CPU(u64, v3_host_sre);

/**
 * vgic_v3_read_lr - ICH_LR<n>_EL2
 * @n: below vgic_hw.nr_lr
 *
 * Return: its value.
 */
u64 vgic_v3_read_lr(unsigned int n)
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
 * vgic_v3_write_lr - ICH_LR<n>_EL2
 * @n: below vgic_hw.nr_lr
 * @val: LR_* fields
 */
void vgic_v3_write_lr(unsigned int n, u64 val)
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
 * vgic_v3_read_hcr - ICH_HCR_EL2
 *
 * Return: its value, EOIcount included.
 */
u32 vgic_v3_read_hcr(void)
{
	return read_sysreg_s(SYS_ICH_HCR_EL2);
}

/**
 * vgic_v3_write_hcr - ICH_HCR_EL2
 * @val: ICHCR_* fields
 */
void vgic_v3_write_hcr(u32 val)
{
	write_sysreg_s(val, SYS_ICH_HCR_EL2);
}

/**
 * vgic_v3_read_vmcr - ICH_VMCR_EL2
 *
 * Return: its value.
 */
u32 vgic_v3_read_vmcr(void)
{
	return read_sysreg_s(SYS_ICH_VMCR_EL2);
}

/**
 * vgic_v3_write_vmcr - ICH_VMCR_EL2
 * @val: VMCR_* fields
 */
void vgic_v3_write_vmcr(u32 val)
{
	write_sysreg_s(val, SYS_ICH_VMCR_EL2);
}

/**
 * vgic_v3_read_apr - ICH_AP<group>R<n>_EL2
 * @group: 0 or 1
 * @n: below vgic_hw.nr_apr
 *
 * Return: a bit for each active preemption level.
 */
u32 vgic_v3_read_apr(unsigned int group, unsigned int n)
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
 * vgic_v3_write_apr - ICH_AP<group>R<n>_EL2
 * @group: 0 or 1
 * @n: below vgic_hw.nr_apr
 * @val: a bit for each active preemption level
 */
void vgic_v3_write_apr(unsigned int group, unsigned int n, u32 val)
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

/**
 * vgic_v3_read_vtr - ICH_VTR_EL2
 *
 * Return: VTR_* fields.
 */
u32 vgic_v3_read_vtr(void)
{
	return read_sysreg_s(SYS_ICH_VTR_EL2);
}

/**
 * vgic_v3_cpu_up - prepare this CPU
 *
 * EL1 accesses to ICC_SRE_EL1 trap from here on where the CPU can do that;
 * the kernel itself, at EL2, is not affected.
 *
 * Context: on the CPU, preemption off or a per-CPU thread.
 */
void vgic_v3_cpu_up(void)
{
	u64 sre = read_sysreg_s(SYS_ICC_SRE_EL2);

	this_cpu_write(v3_host_sre, sre);
	write_sysreg_s(read_sysreg_s(SYS_ICC_SRE_EL1) | SRE_SRE, SYS_ICC_SRE_EL1);
	isb();
	write_sysreg_s(sre & ~(u64)SRE_ENABLE, SYS_ICC_SRE_EL2);
	isb();
}

/**
 * vgic_v3_cpu_down - undo vgic_v3_cpu_up()
 *
 * Context: as vgic_v3_cpu_up().
 */
void vgic_v3_cpu_down(void)
{
	write_sysreg_s(this_cpu_read(v3_host_sre), SYS_ICC_SRE_EL2);
	isb();
}

/**
 * vgic_v3_probe - is there a system register interface, and may EL2 use it?
 *
 * Context: process, on a CPU that is representative.
 * Return: 0, or -ENODEV after a line in the log.
 */
int __init vgic_v3_probe(void)
{
	u64 pfr0 = read_sanitised_ftr_reg(SYS_ID_AA64PFR0_EL1);

	if (!cpuid_feature_extract_unsigned_field(pfr0, ID_AA64PFR0_EL1_GIC_SHIFT)) {
		pr_err("no interrupt controller that this module knows: neither a GICv2 nor a GICv3's system registers\n");
		return -ENODEV;
	}
	if (!(read_sysreg_s(SYS_ICC_SRE_EL2) & SRE_SRE)) {
		pr_err("the GIC's system registers are disabled at EL2\n");
		return -ENODEV;
	}
	return 0;
}
