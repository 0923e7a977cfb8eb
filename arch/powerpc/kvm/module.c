// SPDX-License-Identifier: GPL-2.0
/* Whether this machine can run guests, and what the module takes of it. */

#define pr_fmt(fmt) "kvm: " fmt

#include <linux/array_size.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <asm/cputable.h>
#include <asm/mmu.h>
#include <asm/reg.h>
#include <kvm/arch.h>
#include "booke.h"
#include "hw.h"
#include "timebase.h"

/* Cores that save to CSRR0 and CSRR1 at a machine check; all later 440s have MCSRR0 and MCSRR1. */
static const struct {
	u32 mask;
	u32 pvr;
} host_csrr_cores[] = {
	{ 0xf0000fff, 0x40000440 },	/* 440GP Rev. B */
	{ 0xf0000fff, 0x40000481 },	/* 440GP Rev. C */
	{ 0xf0000fff, 0x40000850 },	/* 440EP, 440GR Rev. A */
	{ 0xf0000fff, 0x400008d3 },	/* 440EP, 440GR Rev. B */
	{ 0xf0000ff7, 0x400008d4 },	/* 440EP, 440GR Rev. C */
};

/**
 * host_has_mcsrr() - does a machine check come with MCSRR0 and MCSRR1?
 */
bool host_has_mcsrr(void)
{
	u32 pvr = mfspr(SPRN_PVR);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(host_csrr_cores); i++)
		if ((pvr & host_csrr_cores[i].mask) == host_csrr_cores[i].pvr)
			return false;
	return true;
}

/*
 * What the kernel has found the CPU to be, in memory: mmu_has_feature() is a
 * constant in a kernel for 44x.  Kbuild refuses what is known of the kernel
 * when the module is built.
 */
static int __init host_check(void)
{
	if (!(cur_cpu_spec->mmu_features & MMU_FTR_TYPE_44x)) {
		pr_err("the CPU is no PowerPC 44x but a %s (PVR %#lx): use the KVM that the kernel has for it, if any\n",
		       cur_cpu_spec->cpu_name, mfspr(SPRN_PVR));
		return -ENODEV;
	}
	return 0;
}

/**
 * arch_init() - checks the machine and builds the world switch
 *
 * Return: 0; -ENODEV if the CPU cannot do it, -EBUSY if the host uses what
 * guests need, -ENOMEM.  A line in the log says which.
 */
int __init arch_init(void)
{
	int ret;

	ret = host_check();
	if (ret)
		return ret;
	ret = shadow_init();
	if (ret)
		return ret;
	ret = block_init();
	if (ret)
		return ret;
	/* It writes to the time base: last, when nothing refuses any more. */
	timebase_init();
	spr_init();
	return 0;
}

/**
 * arch_exit() - gives everything back; no VM exists any more
 */
void arch_exit(void)
{
	block_exit_module();
}
