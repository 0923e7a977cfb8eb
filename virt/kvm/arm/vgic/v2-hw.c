// SPDX-License-Identifier: GPL-2.0
/*
 * A GICv2 host's virtual interface: GICH, each CPU's own registers at one
 * address (IHI 0048, 5.3), in the layouts that the rest of the code has from
 * the GICv3. Those of GICH_HCR and GICH_VMCR are the same but for what a GICv2
 * does not have; list registers are translated.
 *
 * GICH_APR is of both groups. Here it is group 0's, and group 1 shows the same.
 *
 * Device memory of one and the same peripheral is accessed in program order, so
 * what is written here is there before the guest's next access to GICV.
 */

#define pr_fmt(fmt) "kvm-arm: " fmt

#include <linux/bitfield.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include "arm64.h"
#include "vgic.h"

/* Registers of GICH */
#define V2_HCR			0x00
#define V2_VTR			0x04
#define V2_VMCR			0x08
#define V2_APR			0xf0
#define V2_LR(n)		(0x100 + 4 * (n))

/* GICH_HCR has no traps. */
#define V2_HCR_MASK		(GENMASK(7, 0) | ICHCR_EOICOUNT)

/* GICH_LR<n> */
#define V2_LR_INTID		GENMASK(9, 0)
#define V2_LR_PINTID		GENMASK(19, 10)	/* with HW */
#define V2_LR_SOURCE		GENMASK(12, 10)	/* without */
#define V2_LR_EOI		BIT(19)		/* without */
#define V2_LR_PRIORITY		GENMASK(27, 23)
#define V2_LR_STATE		GENMASK(29, 28)
#define V2_LR_GROUP1		BIT(30)
#define V2_LR_HW		BIT(31)

#define V2_PRIO_SHIFT		(8 - VGIC_PRIO_BITS)

static bool vgic_v2_trap;
module_param(vgic_v2_trap, bool, 0444);
MODULE_PARM_DESC(vgic_v2_trap, "GICv2: emulate all accesses to the CPU interface (for tests)");

static void __iomem *v2_hyp;		/* GICH of the CPU that accesses it */
static void __iomem *v2_vcpu;		/* GICV, likewise; NULL if guests access it themselves */
static phys_addr_t v2_vcpu_pa;

static u32 v2_lr_pack(u64 val)
{
	u32 lr = FIELD_PREP(V2_LR_INTID, FIELD_GET(LR_V2_INTID, val)) |
		 FIELD_PREP(V2_LR_PRIORITY, FIELD_GET(LR_PRIORITY, val) >> V2_PRIO_SHIFT) |
		 FIELD_PREP(V2_LR_STATE, FIELD_GET(LR_STATE, val));

	if (val & LR_GROUP1)
		lr |= V2_LR_GROUP1;
	if (val & LR_HW)
		return lr | V2_LR_HW | FIELD_PREP(V2_LR_PINTID, FIELD_GET(LR_PINTID, val));
	if (val & LR_EOI)
		lr |= V2_LR_EOI;
	return lr | FIELD_PREP(V2_LR_SOURCE, FIELD_GET(LR_V2_SOURCE, val));
}

static u64 v2_lr_unpack(u32 lr)
{
	u64 val = FIELD_PREP(LR_V2_INTID, FIELD_GET(V2_LR_INTID, lr)) |
		  FIELD_PREP(LR_PRIORITY, FIELD_GET(V2_LR_PRIORITY, lr) << V2_PRIO_SHIFT) |
		  FIELD_PREP(LR_STATE, FIELD_GET(V2_LR_STATE, lr));

	if (lr & V2_LR_GROUP1)
		val |= LR_GROUP1;
	if (lr & V2_LR_HW)
		return val | LR_HW | FIELD_PREP(LR_PINTID, FIELD_GET(V2_LR_PINTID, lr));
	if (lr & V2_LR_EOI)
		val |= LR_EOI;
	return val | FIELD_PREP(LR_V2_SOURCE, FIELD_GET(V2_LR_SOURCE, lr));
}

/**
 * vgic_v2_read_lr - GICH_LR<n>
 * @n: below vgic_hw.nr_lr
 *
 * Return: its value, as LR_* fields.
 */
u64 vgic_v2_read_lr(unsigned int n)
{
	return v2_lr_unpack(readl_relaxed(v2_hyp + V2_LR(n)));
}

/**
 * vgic_v2_write_lr - GICH_LR<n>
 * @n: below vgic_hw.nr_lr
 * @val: LR_* fields
 */
void vgic_v2_write_lr(unsigned int n, u64 val)
{
	writel_relaxed(v2_lr_pack(val), v2_hyp + V2_LR(n));
}

/**
 * vgic_v2_read_hcr - GICH_HCR
 *
 * Return: its value, EOIcount included.
 */
u32 vgic_v2_read_hcr(void)
{
	return readl_relaxed(v2_hyp + V2_HCR);
}

/**
 * vgic_v2_write_hcr - GICH_HCR
 * @val: ICHCR_* fields; traps are ignored
 */
void vgic_v2_write_hcr(u32 val)
{
	writel_relaxed(val & V2_HCR_MASK, v2_hyp + V2_HCR);
}

/**
 * vgic_v2_read_vmcr - GICH_VMCR
 *
 * Return: VMCR_* fields.
 */
u32 vgic_v2_read_vmcr(void)
{
	return readl_relaxed(v2_hyp + V2_VMCR);
}

/**
 * vgic_v2_write_vmcr - GICH_VMCR
 * @val: VMCR_* fields
 */
void vgic_v2_write_vmcr(u32 val)
{
	writel_relaxed(val, v2_hyp + V2_VMCR);
}

/**
 * vgic_v2_read_apr - GICH_APR
 *
 * Return: a bit for each active preemption level.
 */
u32 vgic_v2_read_apr(void)
{
	return readl_relaxed(v2_hyp + V2_APR);
}

/**
 * vgic_v2_write_apr - GICH_APR
 * @val: a bit for each active preemption level
 */
void vgic_v2_write_apr(u32 val)
{
	writel_relaxed(val, v2_hyp + V2_APR);
}

/**
 * vgic_v2_read_vtr - GICH_VTR
 *
 * Return: VTR_LISTREGS, VTR_PREBITS and VTR_PRIBITS.
 */
u32 vgic_v2_read_vtr(void)
{
	return readl_relaxed(v2_hyp + V2_VTR);
}

/**
 * vgic_v2_gicv_pa - where a guest finds its CPU interface
 *
 * Return: the physical address of GICV's first page, if guests access that
 * themselves; else 0.
 */
phys_addr_t vgic_v2_gicv_pa(void)
{
	return v2_vcpu_pa;
}

/**
 * vgic_v2_gicv_read - a register of GICV, for a guest that may not access it
 * @offset: below 4 KiB, a multiple of 4
 *
 * Context: interrupts off; the vCPU is loaded and its list registers are filled.
 * Return: its value.
 */
u32 vgic_v2_gicv_read(u32 offset)
{
	return v2_vcpu ? readl(v2_vcpu + offset) : 0;
}

/**
 * vgic_v2_gicv_write - likewise
 * @offset: below 4 KiB, a multiple of 4
 * @val: the value
 *
 * Context: as vgic_v2_gicv_read().
 */
void vgic_v2_gicv_write(u32 offset, u32 val)
{
	if (v2_vcpu)
		writel(val, v2_vcpu + offset);
}

/*
 * A page of stage 2 must hold GICV's first 4 KiB and nothing else: neither what
 * another device has, nor GICV_DIR, which is in the second (v2-cpuif.c).
 */
static bool v2_gicv_can_be_mapped(phys_addr_t base)
{
	return PAGE_SIZE == SZ_4K && IS_ALIGNED(base, SZ_4K) && !vgic_v2_trap;
}

/**
 * vgic_v2_probe - does the host have a GICv2's virtual interface?
 *
 * Context: process.
 * Return: 0, with it mapped; -ENODEV if the host's GIC is another; -ENXIO, after a
 * line in the log, if it is a GICv2 without; -ENOMEM.
 */
int __init vgic_v2_probe(void)
{
	struct host_gic_v2 gic;
	int ret = host_gic_v2_find(&gic);

	if (ret == -ENXIO)
		pr_err("the firmware describes a GICv2 without virtual interface (GICH, GICV)\n");
	if (ret)
		return ret;
	v2_hyp = ioremap(gic.hyp, SZ_4K);
	if (!v2_hyp)
		return -ENOMEM;
	if (v2_gicv_can_be_mapped(gic.vcpu)) {
		v2_vcpu_pa = gic.vcpu;
		return 0;
	}
	v2_vcpu = ioremap(gic.vcpu, SZ_4K);
	if (v2_vcpu)
		return 0;
	vgic_v2_remove();
	return -ENOMEM;
}

/**
 * vgic_v2_remove - undo vgic_v2_probe(), successful or not
 */
void vgic_v2_remove(void)
{
	if (v2_vcpu)
		iounmap(v2_vcpu);
	if (v2_hyp)
		iounmap(v2_hyp);
	v2_vcpu = NULL;
	v2_hyp = NULL;
}
