// SPDX-License-Identifier: GPL-2.0
/*
 * The host's virtual CPU interfaces: what they have, their maintenance
 * interrupt, and how they are left.
 *
 * A GICv3's are system registers (v3-hw.c), a GICv2's are memory (v2-hw.c).
 * Which one it is decides what a guest can have, and is a static key, so that
 * each costs the other nothing but a no-op.
 *
 * While no vCPU is loaded on a CPU: the hypervisor control register is 0, or as
 * the kernel left it when the module came; list registers and active
 * priorities are 0.
 */

#define pr_fmt(fmt) "kvm-arm: " fmt

#include <linux/bitfield.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <asm/barrier.h>
#include "arm64.h"
#include "regs.h"
#include "vgic.h"

DEFINE_STATIC_KEY_FALSE(vgic_v2_key);

struct vgic_hw vgic_hw __ro_after_init;

static unsigned int vgic_lrs = VGIC_MAX_LRS;
module_param(vgic_lrs, uint, 0444);
MODULE_PARM_DESC(vgic_lrs, "Use at most this many of the GIC's list registers (for tests)");

/* Per CPU: what the kernel had, to be put back. */
struct hw_host_state {
	u32 vmcr;
};

static struct hw_host_state __percpu *hw_host;

static u32 hw_read_vtr(void)
{
	return vgic_host_is_v2() ? vgic_v2_read_vtr() : vgic_v3_read_vtr();
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
 * Context: on the CPU, preemption off or a per-CPU thread.
 * Return: 0; -EIO if it has fewer list registers or priorities than others.
 */
int vgic_cpu_up(void)
{
	u32 vtr = hw_read_vtr();

	if (FIELD_GET(VTR_LISTREGS, vtr) + 1 < vgic_hw.nr_lr ||
	    FIELD_GET(VTR_PREBITS, vtr) + 1 != vgic_hw.pre_bits ||
	    (vgic_hw.has_tdir && !(vtr & VTR_TDS))) {
		pr_err("CPU%u: GIC virtual CPU interface differs from the first CPU's\n",
		       smp_processor_id());
		return -EIO;
	}
	this_cpu_ptr(hw_host)->vmcr = vgic_hw_read_vmcr();
	if (!vgic_host_is_v2())
		vgic_v3_cpu_up();
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
	disable_percpu_irq(vgic_hw.maint_irq);
	hw_clear();
	vgic_hw_write_vmcr(this_cpu_ptr(hw_host)->vmcr);
	if (!vgic_host_is_v2())
		vgic_v3_cpu_down();
}

static void __init hw_learn(u32 vtr)
{
	unsigned int nr = FIELD_GET(VTR_LISTREGS, vtr) + 1;

	vgic_hw.nr_lr = min(nr, clamp(vgic_lrs, 1u, (unsigned int)VGIC_MAX_LRS));
	vgic_hw.prio_bits = FIELD_GET(VTR_PRIBITS, vtr) + 1;
	vgic_hw.pre_bits = FIELD_GET(VTR_PREBITS, vtr) + 1;
	vgic_hw.nr_apr = vgic_hw.pre_bits <= 5 ? 1 : vgic_hw.pre_bits == 6 ? 2 : 4;
	/* A GICv2's has nothing but those (IHI 0048, 5.3.2). */
	if (vgic_host_is_v2())
		return;
	vgic_hw.id_bits = FIELD_GET(VTR_IDBITS, vtr);
	vgic_hw.seis = vtr & VTR_SEIS;
	vgic_hw.a3v = vtr & VTR_A3V;
	vgic_hw.has_tdir = vtr & VTR_TDS;
}

static int __init hw_probe(void)
{
	int ret = vgic_v2_probe();

	if (!ret)
		static_branch_enable(&vgic_v2_key);
	else if (ret == -ENODEV)
		ret = vgic_v3_probe();
	if (!ret)
		hw_learn(hw_read_vtr());
	return ret;
}

static int __init hw_request_maintenance(void)
{
	int ret;

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
		free_percpu(hw_host);
	return ret;
}

static void hw_free_maintenance(void)
{
	free_percpu_irq(vgic_hw.maint_irq, hw_host);
	free_percpu(hw_host);
}

/**
 * vgic_module_init - what the GIC offers, and its maintenance interrupt
 *
 * Context: process, on a CPU that is representative.
 * Return: 0; -ENODEV if EL2 has no virtual CPU interface to use or there is no
 * maintenance interrupt; -EBUSY if someone else has it; -ENOMEM.
 */
int __init vgic_module_init(void)
{
	int ret = hw_probe();

	if (ret)
		return ret;
	ret = hw_request_maintenance();
	if (ret)
		goto remove;
	ret = vgic_attr_register();
	if (ret)
		goto free_irq;
	return 0;

free_irq:
	hw_free_maintenance();
remove:
	vgic_v2_remove();
	return ret;
}

/**
 * vgic_module_exit - undo vgic_module_init(); every CPU is down
 */
void vgic_module_exit(void)
{
	vgic_attr_unregister();
	hw_free_maintenance();
	vgic_v2_remove();
}
