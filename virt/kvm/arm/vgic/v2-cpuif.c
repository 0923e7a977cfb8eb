// SPDX-License-Identifier: GPL-2.0
/*
 * A GICv2 guest's CPU interface (IHI 0048, 4.4 and 5.4): 8 KiB, the first half of
 * which is the host's GICV, mapped at stage 2 by the fault of the first access.
 * The CPU shows each vCPU its own there.
 *
 * GICC_DIR, the only register of the second half, is always trapped: with more
 * interrupts active than there are list registers it may be for one that is in
 * none, and there is no way to have it trapped only then.
 *
 * Where the first half cannot be mapped (v2-hw.c) it is trapped, too, and the
 * access repeated at GICV.
 *
 * Locks: config_lock for the registers of user space, no vCPU runs then.
 */

#include <linux/bitfield.h>
#include <linux/irqchip/arm-gic.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <kvm/vm.h>
#include "regs.h"
#include "vgic.h"

#define CPUIF_HALF		SZ_4K
#define CPUIF_NR_APR		4
#define CPUIF_ABPR		0x1c
#define CPUIF_APR(n)		(0xd0 + 4 * (n))
#define CPUIF_IIDR		0xfc

/* GICC_DIR: the sender of an SGI is of no interest. */
#define DIR_INTID		GENMASK(9, 0)

/* GICC_IIDR, as VMMs expect */
#define IIDR_PRODUCT		GENMASK(31, 20)
#define IIDR_ARCH		GENMASK(19, 16)
#define IIDR_IMPLEMENTER	GENMASK(11, 0)

/* GICC_CTLR and GICH_VMCR have the same bits. */
#define CPUIF_CTLR_MASK		(VMCR_ENG0 | VMCR_ENG1 | VMCR_ACKCTL | VMCR_FIQEN |	\
				 VMCR_CBPR | VMCR_EOIM)

static bool cpuif_is_mapped(void)
{
	return vgic_v2_gicv_pa();
}

/**
 * vgic_v2_page - what is to be mapped where a VM has no memory
 * @vm: the VM
 * @gfn: a page without memory slot
 * @pa: receives the physical address of a page of device memory
 *
 * Context: any; vCPUs only, which have seen that the VM is set up.
 * Return: false if there is nothing.
 */
bool vgic_v2_page(const struct vm *vm, gfn_t gfn, phys_addr_t *pa)
{
	const struct vgic_dist *dist = &vm->arch.vgic;

	if (dist->model != VGIC_V2 || !cpuif_is_mapped() || gfn != gpa_to_gfn(dist->cpu_base))
		return false;
	*pa = vgic_v2_gicv_pa();
	return true;
}

/*
 * Accesses of the guest that trap. In the inner loop the list registers are as the
 * guest has them; elsewhere they are filled for the time that it takes.
 */

static u32 cpuif_emulate_read(struct vcpu *vcpu, u32 offset)
{
	bool live = irqs_disabled();
	u32 val;

	guard(irqsave)();
	if (!live)
		vgic_flush(vcpu);
	val = vgic_v2_gicv_read(offset);
	if (!live)
		vgic_sync(vcpu);
	return val;
}

static void cpuif_emulate_write(struct vcpu *vcpu, u32 offset, u32 val)
{
	bool live = irqs_disabled();

	guard(irqsave)();
	if (!live)
		vgic_flush(vcpu);
	vgic_v2_gicv_write(offset, val);
	if (!live)
		vgic_sync(vcpu);
}

/* There are only words, which the guest may access as such. */
static bool cpuif_decode(struct io_device *dev, gpa_t addr, int len, u32 *offset)
{
	const struct vgic_dist *dist = container_of(dev, struct vgic_dist, cpu_dev);

	*offset = addr - dist->cpu_base;
	return len == 4 && IS_ALIGNED(*offset, 4);
}

static int cpuif_read(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len, void *data)
{
	u32 offset, val = 0;

	if (cpuif_decode(dev, addr, len, &offset) && offset < CPUIF_HALF)
		val = cpuif_emulate_read(vcpu, offset);
	vgic_bytes_put(data, len, val);
	return 0;
}

static int cpuif_write(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len,
		       const void *data)
{
	u32 offset, val = vgic_bytes_get(data, len);

	if (!cpuif_decode(dev, addr, len, &offset))
		return 0;
	if (offset < CPUIF_HALF) {
		cpuif_emulate_write(vcpu, offset, val);
	} else if (offset == GIC_CPU_DEACTIVATE) {
		guard(irqsave)();
		vgic_cpuif_deactivate(vcpu, val & DIR_INTID);
	}
	return 0;
}

static const struct io_device_ops cpuif_ops = {
	.read = cpuif_read,
	.write = cpuif_write,
	.atomic = true,
};

/**
 * vgic_v2_cpuif_register - put the part that is trapped on the bus
 * @vm: VM with a GICv2
 *
 * Context: config_lock and slots_lock held.
 * Return: 0, or the bus's error.
 */
int vgic_v2_cpuif_register(struct vm *vm)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	u64 mapped = cpuif_is_mapped() ? CPUIF_HALF : 0;

	lockdep_assert_held(&vm->config_lock);
	lockdep_assert_held(&vm->slots_lock);
	dist->cpu_dev.ops = &cpuif_ops;
	return iobus_register(vm, KVM_MMIO_BUS, dist->cpu_base + mapped,
			      KVM_VGIC_V2_CPU_SIZE - mapped, &dist->cpu_dev);
}

/*
 * The registers of KVM_DEV_ARM_VGIC_GRP_CPU_REGS: views of GICH_VMCR and GICH_APR.
 * The priority mask is in bits 4 to 0, as GICH_VMCR has it.
 */

static const u32 *cpuif_field(u32 offset)
{
	static const u32 pmr = VMCR_PMR & ~GENMASK(26, 24), bpr = VMCR_BPR0, abpr = VMCR_BPR1;

	switch (offset) {
	case GIC_CPU_PRIMASK:
		return &pmr;
	case GIC_CPU_BINPOINT:
		return &bpr;
	case CPUIF_ABPR:
		return &abpr;
	default:
		return NULL;
	}
}

static u32 cpuif_iidr(void)
{
	return FIELD_PREP(IIDR_PRODUCT, 0x4b) | FIELD_PREP(IIDR_ARCH, 2) |
	       FIELD_PREP(IIDR_IMPLEMENTER, 0x43b);
}

/**
 * vgic_v2_cpuif_has - is there such a register?
 * @offset: in the CPU interface
 *
 * Return: 0, or -ENXIO.
 */
int vgic_v2_cpuif_has(u32 offset)
{
	if (cpuif_field(offset) || offset == GIC_CPU_CTRL || offset == CPUIF_IIDR)
		return 0;
	if (offset >= CPUIF_APR(0) && offset < CPUIF_APR(CPUIF_NR_APR) && IS_ALIGNED(offset, 4))
		return 0;
	return -ENXIO;
}

/**
 * vgic_v2_cpuif_get - read a register of the CPU interface
 * @vcpu: whose; does not run
 * @offset: in the CPU interface
 * @val: receives the value
 *
 * Context: config_lock held.
 * Return: 0, or -ENXIO if there is no such register.
 */
int vgic_v2_cpuif_get(struct vcpu *vcpu, u32 offset, u32 *val)
{
	const struct vgic_cpu *cpu = &vcpu->arch.vgic;
	const u32 *field = cpuif_field(offset);

	if (vgic_v2_cpuif_has(offset))
		return -ENXIO;
	if (field)
		*val = (cpu->vmcr & *field) >> __ffs(*field);
	else if (offset == GIC_CPU_CTRL)
		*val = cpu->vmcr & CPUIF_CTLR_MASK;
	else if (offset == CPUIF_IIDR)
		*val = cpuif_iidr();
	else
		/* 32 preemption levels, those of both groups: the other registers are zero. */
		*val = offset == CPUIF_APR(0) ? cpu->ap0r[0] : 0;
	return 0;
}

/**
 * vgic_v2_cpuif_set - write a register of the CPU interface
 * @vcpu: whose; does not run
 * @offset: in the CPU interface
 * @val: the value; what is reserved or read-only is ignored
 *
 * Context: config_lock held.
 * Return: 0, or -ENXIO if there is no such register.
 */
int vgic_v2_cpuif_set(struct vcpu *vcpu, u32 offset, u32 val)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;
	const u32 *field = cpuif_field(offset);

	if (vgic_v2_cpuif_has(offset))
		return -ENXIO;
	if (field)
		cpu->vmcr = (cpu->vmcr & ~(u64)*field) | ((val << __ffs(*field)) & *field);
	else if (offset == GIC_CPU_CTRL)
		cpu->vmcr = (cpu->vmcr & ~(u64)CPUIF_CTLR_MASK) | (val & CPUIF_CTLR_MASK);
	else if (offset == CPUIF_APR(0))
		cpu->ap0r[0] = val;
	return 0;
}
