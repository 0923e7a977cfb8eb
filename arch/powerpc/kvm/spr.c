// SPDX-License-Identifier: GPL-2.0
/*
 * Special purpose registers of the guest, for mfspr and mtspr that trap: those
 * that need privilege (440x5 User's Manual, chapter 10).
 *
 * One table: where a register is, what a write keeps, and for those that are
 * more than memory a pair of functions.
 */

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/limits.h>
#include <linux/stddef.h>
#include <asm/reg.h>
#include <asm/time.h>
#include "booke.h"

#define SPR_READ_ONLY	BIT(0)
#define SPR_WRITE_ONLY	BIT(1)
#define SPR_SHARED	BIT(2)	/* in the page that can be shared with the guest */
#define SPR_NUMBERS	1024

struct spr {
	u16 number;
	u16 flags;
	u32 offset;		/* in struct vcpu_arch, or in that page; 0 with a function */
	u32 mask;		/* what can be written */
	u32 (*read)(struct vcpu *vcpu);
	void (*write)(struct vcpu *vcpu, u32 value);
};

static u32 *spr_place(struct vcpu *vcpu, const struct spr *spr)
{
	void *base = spr->flags & SPR_SHARED ? (void *)vcpu->arch.hw.shared : &vcpu->arch;

	return base + spr->offset;
}

static void spr_write_dbsr(struct vcpu *vcpu, u32 value)
{
	vcpu->arch.regs.dbsr &= ~value;
	debug_update(vcpu);
}

/* DBCR0[RST] resets the core, the chip or the system: that is for user space to do. */
static void spr_write_dbcr0(struct vcpu *vcpu, u32 value)
{
	vcpu->arch.regs.dbcr[0] = value & ~(B0_EDM | B0_RST);
	vcpu->arch.reset_wanted = value & B0_RST;
	debug_update(vcpu);
}

static void spr_write_mcsr(struct vcpu *vcpu, u32 value)
{
	vcpu->arch.regs.mcsr &= ~value;
}

static void spr_ignore(struct vcpu *vcpu, u32 value)
{
}

static u32 spr_read_zero(struct vcpu *vcpu)
{
	return 0;
}

#define REG(n, member)		{ .number = (n), .mask = ~0U, \
				  .offset = offsetof(struct vcpu_arch, member) }
#define REG_MASK(n, member, m)	{ .number = (n), .mask = (m), \
				  .offset = offsetof(struct vcpu_arch, member) }
#define REG_RO(n, member)	{ .number = (n), .flags = SPR_READ_ONLY, \
				  .offset = offsetof(struct vcpu_arch, member) }
#define REG_WO(n, member)	{ .number = (n), .flags = SPR_WRITE_ONLY, .mask = ~0U, \
				  .offset = offsetof(struct vcpu_arch, member) }
/* The low half of a member of 64 bits is the last one. */
#define SHARED_OFFSET(member)	(offsetofend(struct kvm_vcpu_arch_shared, member) - sizeof(u32))
#define REG_SHARED(n, member)	{ .number = (n), .flags = SPR_SHARED, .mask = ~0U, \
				  .offset = SHARED_OFFSET(member) }
#define REG_SHARED_RO(n, member) { .number = (n), .flags = SPR_SHARED | SPR_READ_ONLY, \
				  .offset = SHARED_OFFSET(member) }
#define REG_FN(n, r, w)		{ .number = (n), .read = (r), .write = (w) }
#define REG_WRITE(n, member, w)	{ .number = (n), .write = (w), \
				  .offset = offsetof(struct vcpu_arch, member) }
#define REG_WO_FN(n, w)		{ .number = (n), .flags = SPR_WRITE_ONLY, .write = (w) }
#define REG_NONE(n)		REG_FN(n, spr_read_zero, spr_ignore)

static const struct spr spr_table[] = {
	REG_FN(0x016, timer_dec_read, timer_dec_write),		/* DEC */
	REG_SHARED(0x01a, srr0),
	REG_SHARED(0x01b, srr1),
	REG_MASK(0x030, regs.pid, 0xff),
	REG_WO(0x036, regs.decar),
	REG(0x03a, regs.csrr0),
	REG(0x03b, regs.csrr1),
	REG_SHARED(0x03d, dar),
	REG_SHARED(0x03e, esr),
	REG_MASK(0x03f, regs.ivpr, 0xffff0000),
	REG(0x100, hw.usprg0),
	REG_SHARED(0x110, sprg0),
	REG_SHARED(0x111, sprg1),
	REG_SHARED(0x112, sprg2),
	REG_SHARED(0x113, sprg3),
	REG_SHARED(0x114, sprg4),				/* SPRG4 to SPRG7 */
	REG_SHARED(0x115, sprg5),
	REG_SHARED(0x116, sprg6),
	REG_SHARED(0x117, sprg7),
	REG_SHARED_RO(0x104, sprg4),
	REG_SHARED_RO(0x105, sprg5),
	REG_SHARED_RO(0x106, sprg6),
	REG_SHARED_RO(0x107, sprg7),
	REG_WO_FN(0x11c, timer_tbl_write),
	REG_WO_FN(0x11d, timer_tbu_write),
	REG_RO(0x11e, regs.pir),
	REG_RO(0x11f, regs.pvr),
	REG_WRITE(0x130, regs.dbsr, spr_write_dbsr),
	REG_WRITE(0x134, regs.dbcr[0], spr_write_dbcr0),
	REG(0x135, regs.dbcr[1]),
	REG(0x136, regs.dbcr[2]),
	REG(0x138, regs.iac[0]),
	REG(0x139, regs.iac[1]),
	REG(0x13a, regs.iac[2]),
	REG(0x13b, regs.iac[3]),
	REG(0x13c, regs.dac[0]),
	REG(0x13d, regs.dac[1]),
	REG(0x13e, regs.dvc[0]),
	REG(0x13f, regs.dvc[1]),
	REG_FN(0x150, timer_tsr_read, timer_tsr_clear),		/* TSR */
	REG_WRITE(0x154, regs.tcr, timer_tcr_write),
	REG_MASK(0x190, regs.ivor[0], 0xfff0),
	REG_MASK(0x191, regs.ivor[1], 0xfff0),
	REG_MASK(0x192, regs.ivor[2], 0xfff0),
	REG_MASK(0x193, regs.ivor[3], 0xfff0),
	REG_MASK(0x194, regs.ivor[4], 0xfff0),
	REG_MASK(0x195, regs.ivor[5], 0xfff0),
	REG_MASK(0x196, regs.ivor[6], 0xfff0),
	REG_MASK(0x197, regs.ivor[7], 0xfff0),
	REG_MASK(0x198, regs.ivor[8], 0xfff0),
	REG_MASK(0x199, regs.ivor[9], 0xfff0),
	REG_MASK(0x19a, regs.ivor[10], 0xfff0),
	REG_MASK(0x19b, regs.ivor[11], 0xfff0),
	REG_MASK(0x19c, regs.ivor[12], 0xfff0),
	REG_MASK(0x19d, regs.ivor[13], 0xfff0),
	REG_MASK(0x19e, regs.ivor[14], 0xfff0),
	REG_MASK(0x19f, regs.ivor[15], 0xfff0),
	REG(0x23a, regs.mcsrr0),
	REG(0x23b, regs.mcsrr1),
	REG_WRITE(0x23c, regs.mcsr, spr_write_mcsr),
	REG(0x370, regs.inv[0]),				/* cache regions */
	REG(0x371, regs.inv[1]),
	REG(0x372, regs.inv[2]),
	REG(0x373, regs.inv[3]),
	REG(0x374, regs.itv[0]),
	REG(0x375, regs.itv[1]),
	REG(0x376, regs.itv[2]),
	REG(0x377, regs.itv[3]),
	REG(0x378, regs.ccr1),
	REG(0x390, regs.dnv[0]),
	REG(0x391, regs.dnv[1]),
	REG(0x392, regs.dnv[2]),
	REG(0x393, regs.dnv[3]),
	REG(0x394, regs.dtv[0]),
	REG(0x395, regs.dtv[1]),
	REG(0x396, regs.dtv[2]),
	REG(0x397, regs.dtv[3]),
	REG(0x398, regs.dvlim),
	REG(0x399, regs.ivlim),
	REG_RO(0x39b, regs.rstcfg),
	REG_NONE(0x39c),					/* cache debug: nothing is read */
	REG_NONE(0x39d),
	REG_NONE(0x39e),
	REG_NONE(0x39f),
	REG(0x3b2, regs.mmucr),
	REG(0x3b3, regs.ccr0),
	REG_NONE(0x3d3),					/* ICDBDR */
	REG(0x3f3, regs.dbdr),
};

static u8 spr_index[SPR_NUMBERS] __ro_after_init;	/* in spr_table, from 1 on; 0: none */

/**
 * spr_init() - prepares look-ups
 */
void __init spr_init(void)
{
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(spr_table) > U8_MAX);
	for (i = 0; i < ARRAY_SIZE(spr_table); i++)
		spr_index[spr_table[i].number] = i + 1;
}

/* @number: from an instruction, which has ten bits for it */
static const struct spr *spr_find(unsigned int number)
{
	unsigned int i = spr_index[number % SPR_NUMBERS];

	return i ? &spr_table[i - 1] : NULL;
}

/**
 * spr_read() - mfspr
 * @vcpu: own thread
 * @number: which
 * @value: what it reads as
 *
 * Return: EMUL_DONE, or EMUL_UNKNOWN if the core has no such register or it can
 * only be written.
 */
enum emul_result spr_read(struct vcpu *vcpu, unsigned int number, u32 *value)
{
	const struct spr *spr = spr_find(number);

	if (!spr || spr->flags & SPR_WRITE_ONLY)
		return EMUL_UNKNOWN;
	*value = spr->read ? spr->read(vcpu) : *spr_place(vcpu, spr);
	return EMUL_DONE;
}

/**
 * spr_write() - mtspr
 * @vcpu: own thread
 * @number: which
 * @value: what is written
 *
 * Return: EMUL_DONE, or EMUL_UNKNOWN if the core has no such register or it can
 * only be read.
 */
enum emul_result spr_write(struct vcpu *vcpu, unsigned int number, u32 value)
{
	const struct spr *spr = spr_find(number);

	if (!spr || spr->flags & SPR_READ_ONLY)
		return EMUL_UNKNOWN;
	if (spr->write)
		spr->write(vcpu, value);
	else
		*spr_place(vcpu, spr) = value & spr->mask;
	return EMUL_DONE;
}
