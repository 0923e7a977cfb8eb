// SPDX-License-Identifier: GPL-2.0
/*
 * Cache maintenance by address.
 *
 * The kernel's own routines to the point of coherency are not for modules, so
 * there are loops here.  All CPUs have the line size of the sanitised CTR_EL0 at
 * least, and a loop with a smaller step than the line only does more.
 */

#include <linux/align.h>
#include <linux/bitfield.h>
#include <linux/sizes.h>
#include <asm/barrier.h>
#include <asm/cacheflush.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>
#include "stage2.h"

static unsigned int cmo_dcache_line = 64;

/* From this size on, dropping the whole instruction cache costs less than what is then refilled. */
#define CMO_ICACHE_ALL	SZ_128K

/**
 * cmo_init() - learn the caches' geometry; module init
 */
void cmo_init(void)
{
	u64 ctr = read_sanitised_ftr_reg(SYS_CTR_EL0);

	/* Counted in words of 4 bytes (D24.2.34) */
	cmo_dcache_line = 4U << FIELD_GET(CTR_EL0_DminLine_MASK, ctr);
	stage2_features.icache_auto = FIELD_GET(CTR_EL0_DIC_MASK, ctr);
	stage2_features.dcache_pou_auto = FIELD_GET(CTR_EL0_IDC_MASK, ctr);
}

/*
 * An operation on each line.  A block is tens of thousands of lines, so there are four to
 * a turn; @step is not read from memory for each, as the operations' clobbers would have it.
 */
#define cmo_each_line(op, va, size) do {							\
	const unsigned long step_ = cmo_dcache_line, end_ = (unsigned long)(va) + (size);	\
	unsigned long at_ = ALIGN_DOWN((unsigned long)(va), step_);				\
												\
	for (; at_ + 3 * step_ < end_; at_ += 4 * step_) {					\
		asm volatile("dc " op ", %0" : : "r" (at_) : "memory");				\
		asm volatile("dc " op ", %0" : : "r" (at_ + step_) : "memory");			\
		asm volatile("dc " op ", %0" : : "r" (at_ + 2 * step_) : "memory");		\
		asm volatile("dc " op ", %0" : : "r" (at_ + 3 * step_) : "memory");		\
	}											\
	for (; at_ < end_; at_ += step_)							\
		asm volatile("dc " op ", %0" : : "r" (at_) : "memory");				\
} while (0)

/**
 * cmo_clean_inval_poc() - memory agrees with the caches, which forget it
 * @va: first byte
 * @size: bytes
 *
 * A guest with its caches off reads what was written, and what it writes is not
 * hidden by a line that was there before.
 */
void cmo_clean_inval_poc(void *va, size_t size)
{
	cmo_each_line("civac", va, size);
	dsb(sy);
}

static void cmo_clean_pou(void *va, size_t size)
{
	cmo_each_line("cvau", va, size);
	dsb(ish);
}

/**
 * cmo_sync_icache() - instruction fetches see what was written
 * @va: first byte
 * @size: bytes
 *
 * Does what CTR_EL0.{IDC,DIC} leave to be done (B2.4.4).
 */
void cmo_sync_icache(void *va, size_t size)
{
	if (size < CMO_ICACHE_ALL || stage2_features.icache_auto) {
		caches_clean_inval_pou((unsigned long)va, (unsigned long)va + size);
		return;
	}
	if (stage2_features.dcache_pou_auto)
		dsb(ishst);
	else
		cmo_clean_pou(va, size);
	asm volatile("ic ialluis" : : : "memory");
	dsb(ish);
	isb();
}
