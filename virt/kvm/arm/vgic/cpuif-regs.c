// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual CPU interface's registers for save and restore:
 * KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS.  Most of them are views of ICH_VMCR_EL2
 * (IHI 0069, 12.4.8).
 *
 * Context of all: the vCPU does not run and is not loaded (vcpu->mutex),
 * config_lock held.
 */

#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <asm/sysreg.h>
#include <kvm/vm.h>
#include "regs.h"
#include "vgic.h"

/* ICC_CTLR_EL1 */
#define CTLR_CBPR		BIT_ULL(0)
#define CTLR_EOIMODE		BIT_ULL(1)
#define CTLR_PRIBITS		GENMASK_ULL(10, 8)
#define CTLR_IDBITS		GENMASK_ULL(13, 11)
#define CTLR_SEIS		BIT_ULL(14)
#define CTLR_A3V		BIT_ULL(15)

/* ICC_SRE_EL1: system registers only, no bypass */
#define SRE_SRE			BIT_ULL(0)
#define SRE_DFB			BIT_ULL(1)
#define SRE_DIB			BIT_ULL(2)

#define BPR_MAX			7

/*
 * struct cpuif_reg - a register of the group
 * @sysreg: its encoding
 * @field: of ICH_VMCR_EL2, if that is all there is to it
 * @get, @set: otherwise; @n from below
 * @n: which of the active priorities registers
 */
struct cpuif_reg {
	u32 sysreg;
	u32 field;
	int (*get)(struct vcpu *vcpu, unsigned int n, u64 *val);
	int (*set)(struct vcpu *vcpu, unsigned int n, u64 val);
	unsigned int n;
};

static u64 cpuif_field_get(const struct vgic_cpu *cpu, u32 field)
{
	return (cpu->vmcr & field) >> __ffs(field);
}

static void cpuif_field_set(struct vgic_cpu *cpu, u32 field, u64 val)
{
	cpu->vmcr = (cpu->vmcr & ~(u64)field) | ((val << __ffs(field)) & field);
}

static int cpuif_ctlr_get(struct vcpu *vcpu, unsigned int n, u64 *val)
{
	const struct vgic_cpu *cpu = &vcpu->arch.vgic;

	*val = FIELD_PREP(CTLR_CBPR, cpuif_field_get(cpu, VMCR_CBPR)) |
	       FIELD_PREP(CTLR_EOIMODE, cpuif_field_get(cpu, VMCR_EOIM)) |
	       FIELD_PREP(CTLR_PRIBITS, vgic_hw.prio_bits - 1) |
	       FIELD_PREP(CTLR_IDBITS, vgic_hw.id_bits) |
	       FIELD_PREP(CTLR_SEIS, vgic_hw.seis) |
	       FIELD_PREP(CTLR_A3V, vgic_hw.a3v);
	return 0;
}

/*
 * The guest may have run on a CPU with fewer bits of priority or INTID than
 * this one, not with more; what is yes or no has to be the same.
 */
static int cpuif_ctlr_set(struct vcpu *vcpu, unsigned int n, u64 val)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;

	if (FIELD_GET(CTLR_PRIBITS, val) >= vgic_hw.prio_bits ||
	    FIELD_GET(CTLR_IDBITS, val) > vgic_hw.id_bits ||
	    FIELD_GET(CTLR_SEIS, val) != vgic_hw.seis ||
	    FIELD_GET(CTLR_A3V, val) != vgic_hw.a3v)
		return -EINVAL;
	cpuif_field_set(cpu, VMCR_CBPR, FIELD_GET(CTLR_CBPR, val));
	cpuif_field_set(cpu, VMCR_EOIM, FIELD_GET(CTLR_EOIMODE, val));
	return 0;
}

/* With CBPR set, BPR0 rules group 1 too, and BPR1 reads as one more and ignores writes. */
static int cpuif_bpr1_get(struct vcpu *vcpu, unsigned int n, u64 *val)
{
	const struct vgic_cpu *cpu = &vcpu->arch.vgic;

	if (cpu->vmcr & VMCR_CBPR)
		*val = min_t(u64, cpuif_field_get(cpu, VMCR_BPR0) + 1, BPR_MAX);
	else
		*val = cpuif_field_get(cpu, VMCR_BPR1);
	return 0;
}

static int cpuif_bpr1_set(struct vcpu *vcpu, unsigned int n, u64 val)
{
	if (!(vcpu->arch.vgic.vmcr & VMCR_CBPR))
		cpuif_field_set(&vcpu->arch.vgic, VMCR_BPR1, val);
	return 0;
}

static int cpuif_sre_get(struct vcpu *vcpu, unsigned int n, u64 *val)
{
	*val = SRE_SRE | SRE_DFB | SRE_DIB;
	return 0;
}

static int cpuif_sre_set(struct vcpu *vcpu, unsigned int n, u64 val)
{
	return val & SRE_SRE ? 0 : -EINVAL;
}

/*
 * How many active priorities registers of a group user space sees: what
 * CTLR.PRIbits makes it expect.  If the CPU has fewer bits of preemption than
 * of priority, it has fewer registers than that, and the others stay zero.
 */
static unsigned int cpuif_nr_apr(void)
{
	return vgic_hw.prio_bits > 6 ? 4 : vgic_hw.prio_bits > 5 ? 2 : 1;
}

static int cpuif_apr_get(u64 *apr, unsigned int n, u64 *val)
{
	if (n >= cpuif_nr_apr())
		return -EINVAL;
	*val = (u32)apr[n];
	return 0;
}

static int cpuif_apr_set(u64 *apr, unsigned int n, u64 val)
{
	if (n >= cpuif_nr_apr())
		return -EINVAL;
	if (n < vgic_hw.nr_apr)
		apr[n] = (u32)val;
	return 0;
}

static int cpuif_ap0r_get(struct vcpu *vcpu, unsigned int n, u64 *val)
{
	return cpuif_apr_get(vcpu->arch.vgic.ap0r, n, val);
}

static int cpuif_ap0r_set(struct vcpu *vcpu, unsigned int n, u64 val)
{
	return cpuif_apr_set(vcpu->arch.vgic.ap0r, n, val);
}

static int cpuif_ap1r_get(struct vcpu *vcpu, unsigned int n, u64 *val)
{
	return cpuif_apr_get(vcpu->arch.vgic.ap1r, n, val);
}

static int cpuif_ap1r_set(struct vcpu *vcpu, unsigned int n, u64 val)
{
	return cpuif_apr_set(vcpu->arch.vgic.ap1r, n, val);
}

#define CPUIF_FIELD(reg, f)	{ .sysreg = SYS_ICC_##reg##_EL1, .field = VMCR_##f }
#define CPUIF_AP0R(i)		{ .sysreg = SYS_ICC_AP0R##i##_EL1, .n = (i),	\
				  .get = cpuif_ap0r_get, .set = cpuif_ap0r_set }
#define CPUIF_AP1R(i)		{ .sysreg = SYS_ICC_AP1R##i##_EL1, .n = (i),	\
				  .get = cpuif_ap1r_get, .set = cpuif_ap1r_set }

static const struct cpuif_reg cpuif_regs[] = {
	CPUIF_FIELD(PMR, PMR),
	CPUIF_FIELD(BPR0, BPR0),
	CPUIF_AP0R(0),
	CPUIF_AP0R(1),
	CPUIF_AP0R(2),
	CPUIF_AP0R(3),
	CPUIF_AP1R(0),
	CPUIF_AP1R(1),
	CPUIF_AP1R(2),
	CPUIF_AP1R(3),
	{ .sysreg = SYS_ICC_BPR1_EL1, .get = cpuif_bpr1_get, .set = cpuif_bpr1_set },
	{ .sysreg = SYS_ICC_CTLR_EL1, .get = cpuif_ctlr_get, .set = cpuif_ctlr_set },
	{ .sysreg = SYS_ICC_SRE_EL1, .get = cpuif_sre_get, .set = cpuif_sre_set },
	CPUIF_FIELD(IGRPEN0, ENG0),
	CPUIF_FIELD(IGRPEN1, ENG1),
};

/* An attribute's instr field has op0 to op2 as a sys_reg() encoding has, from bit 0. */
static const struct cpuif_reg *cpuif_find(u32 instr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cpuif_regs); i++)
		if (cpuif_regs[i].sysreg >> Op2_shift == instr)
			return &cpuif_regs[i];
	return NULL;
}

/**
 * vgic_cpuif_has - is there such a register?
 * @instr: lower half of the attribute
 *
 * Return: 0, or -ENXIO.
 */
int vgic_cpuif_has(u32 instr)
{
	return cpuif_find(instr) ? 0 : -ENXIO;
}

/**
 * vgic_cpuif_get - read a register of the CPU interface
 * @vcpu: whose
 * @instr: lower half of the attribute
 * @val: receives the value
 *
 * Return: 0, -ENXIO if there is no such register, -EINVAL if this CPU does not
 *	   have it.
 */
int vgic_cpuif_get(struct vcpu *vcpu, u32 instr, u64 *val)
{
	const struct cpuif_reg *r = cpuif_find(instr);

	if (!r)
		return -ENXIO;
	if (r->get)
		return r->get(vcpu, r->n, val);
	*val = cpuif_field_get(&vcpu->arch.vgic, r->field);
	return 0;
}

/**
 * vgic_cpuif_set - write a register of the CPU interface
 * @vcpu: whose
 * @instr: lower half of the attribute
 * @val: the value; reserved bits are ignored
 *
 * Return: 0, -ENXIO if there is no such register, -EINVAL if this CPU does not
 *	   have it or cannot do what @val says.
 */
int vgic_cpuif_set(struct vcpu *vcpu, u32 instr, u64 val)
{
	const struct cpuif_reg *r = cpuif_find(instr);

	if (!r)
		return -ENXIO;
	if (r->set)
		return r->set(vcpu, r->n, val);
	cpuif_field_set(&vcpu->arch.vgic, r->field, val);
	return 0;
}
