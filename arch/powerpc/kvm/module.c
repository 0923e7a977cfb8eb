// SPDX-License-Identifier: GPL-2.0
/* Whether this machine can run guests, and what the module takes of it. */

#define pr_fmt(fmt) "kvm: " fmt

#include <linux/array_size.h>
#include <linux/init.h>
#include <linux/kconfig.h>
#include <linux/printk.h>
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

static int __init host_check(void)
{
	if (IS_ENABLED(CONFIG_SMP)) {
		pr_err("the kernel is built for several CPUs: this module is for 44x, which is one\n");
		return -ENODEV;
	}
	if (!mmu_has_feature(MMU_FTR_TYPE_44x)) {
		pr_err("the CPU (PVR %#lx) is no PowerPC 44x: nothing else can run guests here\n",
		       mfspr(SPRN_PVR));
		return -ENODEV;
	}
	return 0;
}

/**
 * arch_init() - checks the machine and builds the world switch
 *
 * Return: 0; -ENODEV if the CPU or the kernel cannot do it, -EBUSY if the host
 * uses what guests need, -ENOMEM.  A line in the log says which.
 */
int __init arch_init(void)
{
	int ret;

	ret = host_check();
	if (ret)
		return ret;
	spr_init();
	timebase_init();
	ret = shadow_init();
	if (ret)
		return ret;
	return block_init();
}

/**
 * arch_exit() - gives everything back; no VM exists any more
 */
void arch_exit(void)
{
	block_exit_module();
}
