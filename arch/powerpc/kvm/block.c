// SPDX-License-Identifier: GPL-2.0
/*
 * The block that the world switch runs in: made at module load, freed at unload.
 *
 * It is 64 KiB, which is what IVPR can tell apart, in the host's linear map.
 * The host's IVORs stay as they are, so each vector's stub has to be at the
 * offset that the host has chosen for it.
 */

#define pr_fmt(fmt) "kvm: " fmt

#include <linux/build_bug.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <asm/cacheflush.h>
#include <asm/reg.h>
#include <asm/reg_booke.h>
#include <kvm/arch_types.h>
#include "booke.h"
#include "hw.h"

#define BLOCK_BYTES	SZ_64K
#define BLOCK_STUB	32		/* bytes that a stub may take */
#define BLOCK_NR_IVORS	16

/* Instructions of a stub */
#define INSN_MTSPRG0_R3	0x7c7043a6
#define INSN_MFSPRG1_R3	0x7c7142a6
#define INSN_STW_R4(d)	(0x90830000 | (d))
#define INSN_LI_R4(v)	(0x38800000 | (v))
#define INSN_BRANCH(d)	(0x48000000 | ((d) & 0x03fffffc))

static unsigned long block;
static void (*block_function)(struct vcpu_hw *hw);

/* sparse aligns 64-bit members differently from the compiler. */
#ifndef __CHECKER__
#define CHECK_HW(offset, member) static_assert(offsetof(struct vcpu_hw, member) == (offset))
CHECK_HW(HW_GPR(0), cpu.gpr);
CHECK_HW(HW_PC, cpu.pc);
CHECK_HW(HW_MSR, msr);
CHECK_HW(HW_CR, cpu.cr);
CHECK_HW(HW_LR, cpu.lr);
CHECK_HW(HW_CTR, cpu.ctr);
CHECK_HW(HW_XER, cpu.xer);
CHECK_HW(HW_PID, pid);
CHECK_HW(HW_IVPR, ivpr);
CHECK_HW(HW_SHARED, shared);
CHECK_HW(HW_USPRG0, usprg0);
CHECK_HW(HW_VECTOR, vector);
CHECK_HW(HW_ESR, esr);
CHECK_HW(HW_DEAR, dear);
CHECK_HW(HW_SCRATCH, scratch);
CHECK_HW(HW_MCHECK_MCSRR, mcheck_mcsrr);
CHECK_HW(HW_MCHECK_LOST, mcheck_lost);
CHECK_HW(HW_HOST_SP, host.sp);
CHECK_HW(HW_HOST_MSR, host.msr);
CHECK_HW(HW_HOST_IVPR, host.ivpr);
CHECK_HW(HW_HOST_PID, host.pid);
static_assert(offsetof(struct kvm_vcpu_arch_shared, sprg4) + 4 == SHARED_SPRG4);
#endif

#define READ_IVOR(n) case n: return mfspr(SPRN_IVOR##n) & 0xfff0

static u32 block_ivor(unsigned int n)
{
	switch (n) {
	READ_IVOR(0);
	READ_IVOR(1);
	READ_IVOR(2);
	READ_IVOR(3);
	READ_IVOR(4);
	READ_IVOR(5);
	READ_IVOR(6);
	READ_IVOR(7);
	READ_IVOR(8);
	READ_IVOR(9);
	READ_IVOR(10);
	READ_IVOR(11);
	READ_IVOR(12);
	READ_IVOR(13);
	READ_IVOR(14);
	default: return mfspr(SPRN_IVOR15) & 0xfff0;
	}
}

/* Where the code goes: behind the last stub.  0 if the vectors leave no room. */
static u32 block_layout(u32 ivors[BLOCK_NR_IVORS])
{
	u32 size = (block_text_end - block_text) * sizeof(u32), top = 0;
	unsigned int i, j;

	for (i = 0; i < BLOCK_NR_IVORS; i++) {
		ivors[i] = block_ivor(i);
		top = max(top, ivors[i]);
		for (j = 0; j < i; j++) {
			u32 gap = max(ivors[i], ivors[j]) - min(ivors[i], ivors[j]);

			if (gap < BLOCK_STUB)
				return 0;
		}
	}
	top = ALIGN(top + BLOCK_STUB, 64);
	return top + size <= BLOCK_BYTES ? top : 0;
}

static void block_make_stub(unsigned int vector, u32 at, u32 code)
{
	u32 *insn = (u32 *)(block + at);
	const u32 *target = block_exit;

	if (vector == VECTOR_MCHECK)
		target = block_exit_mcheck;
	else if (vector == VECTOR_DEBUG)
		target = block_exit_debug;

	if (target == block_exit) {
		*insn++ = INSN_MTSPRG0_R3;
		*insn++ = INSN_MFSPRG1_R3;
		*insn++ = INSN_STW_R4(HW_GPR(4));
		*insn++ = INSN_LI_R4(vector);
	}
	code += (target - block_text) * sizeof(u32);
	*insn = INSN_BRANCH(block + code - (unsigned long)insn);
}

/**
 * block_init() - builds the block
 *
 * Return: 0; -ENODEV if the host's vectors leave no room, -ENOMEM.
 */
int __init block_init(void)
{
	u32 ivors[BLOCK_NR_IVORS], code;
	unsigned int i;

	code = block_layout(ivors);
	if (!code) {
		pr_err("the host's interrupt vectors are too close to each other\n");
		return -ENODEV;
	}
	block = __get_free_pages(GFP_KERNEL | __GFP_ZERO, get_order(BLOCK_BYTES));
	if (!block)
		return -ENOMEM;
	if (!IS_ALIGNED(block, BLOCK_BYTES)) {
		pr_err("the host's linear map is not aligned to 64 KiB\n");
		block_exit_module();
		return -ENODEV;
	}

	memcpy((void *)(block + code), block_text, (block_text_end - block_text) * sizeof(u32));
	for (i = 0; i < BLOCK_NR_IVORS; i++)
		block_make_stub(i, ivors[i], code);
	flush_icache_range(block, block + BLOCK_BYTES);
	block_function = (void *)(block + code + (block_enter - block_text) * sizeof(u32));
	return 0;
}

void block_exit_module(void)
{
	free_pages(block, get_order(BLOCK_BYTES));
}

/**
 * block_host_save() - keeps those registers of the host's that its own handlers only use as scratch
 * @hw: of a vCPU
 *
 * They have the guest's values until block_host_restore(); what may interrupt
 * meanwhile, misses of the TLB, leaves anything in them and expects nothing.
 */
void block_host_save(struct vcpu_hw *hw)
{
	hw->host.sprg[0] = mfspr(SPRN_SPRG4R);
	hw->host.sprg[1] = mfspr(SPRN_SPRG5R);
	hw->host.sprg[2] = mfspr(SPRN_SPRG6R);
	hw->host.sprg[3] = mfspr(SPRN_SPRG7R);
	hw->host.usprg0 = mfspr(SPRN_USPRG0);
}

void block_host_restore(const struct vcpu_hw *hw)
{
	mtspr(SPRN_SPRG4W, hw->host.sprg[0]);
	mtspr(SPRN_SPRG5W, hw->host.sprg[1]);
	mtspr(SPRN_SPRG6W, hw->host.sprg[2]);
	mtspr(SPRN_SPRG7W, hw->host.sprg[3]);
	mtspr(SPRN_USPRG0, hw->host.usprg0);
}

/**
 * block_run() - runs the guest until its next exit
 * @hw: registers, of a vCPU
 *
 * Context: interrupts off.
 */
void block_run(struct vcpu_hw *hw)
{
	lockdep_assert_irqs_disabled();
	hw->ivpr = block;
	block_function(hw);
}
