// SPDX-License-Identifier: GPL-2.0
/*
 * Stage 2: memory for tables, and the shape of the whole.
 *
 * Locks: none.  A cache belongs to its vCPU's thread, or to whoever has it on the
 * stack; it is filled with no lock held and used under vm->mmu_lock.
 */

#include <linux/gfp.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <kvm/vm.h>
#include "hcr.h"
#include "stage2.h"

/* NULL also if the memory is where an entry of this format cannot point. */
static void *table_alloc(unsigned int order)
{
	unsigned long table = __get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO, order);

	if (table && virt_to_phys((void *)table) >> stage2_features.pa_bits) {
		free_pages(table, order);
		table = 0;
	}
	if (table)
		set_page_private(virt_to_page((void *)table), 0);
	return (void *)table;
}

static void table_free(void *table, unsigned int order)
{
	free_pages((unsigned long)table, order);
}

/**
 * stage2_table_free() - free a table below the start level
 * @table: no walker is in it
 */
void stage2_table_free(void *table)
{
	table_free(table, 0);
}

/**
 * stage2_cache_fill() - have tables at hand
 * @cache: gets them
 * @nr: how many are wanted
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int stage2_cache_fill(struct stage2_cache *cache, unsigned int nr)
{
	while (cache->nr < nr) {
		void *table = table_alloc(0);

		if (!table)
			return -ENOMEM;
		stage2_cache_give_back(cache, table);
	}
	return 0;
}

/**
 * stage2_cache_drain() - free what is at hand
 * @cache: empty after
 */
void stage2_cache_drain(struct stage2_cache *cache)
{
	while (cache->nr)
		table_free(stage2_cache_take(cache), 0);
}

/**
 * stage2_cache_take() - a table for use
 * @cache: where from
 *
 * Return: a table of zeroes, or NULL if there is none left.
 */
void *stage2_cache_take(struct stage2_cache *cache)
{
	void **table = cache->first;

	if (!table)
		return NULL;
	cache->first = *table;
	cache->nr--;
	*table = NULL;
	return table;
}

/**
 * stage2_cache_give_back() - a table was not needed
 * @cache: where it came from
 * @table: zero again
 */
void stage2_cache_give_back(struct stage2_cache *cache, void *table)
{
	*(void **)table = cache->first;
	cache->first = table;
	cache->nr++;
}

/* ---- The whole */

/**
 * stage2_geometry() - levels, start tables and VTCR_EL2 for an IPA size
 * @mmu: gets them
 * @ia_bits: IPA size
 *
 * Up to 16 tables are concatenated at the start level, which saves a level
 * wherever that is possible (D8.2.2); this also keeps clear of start levels that
 * are too high for the CPU's physical address size.
 *
 * Return: 0, or -EINVAL if the size is out of range.
 */
int stage2_geometry(struct stage2_mmu *mmu, unsigned int ia_bits)
{
	unsigned int levels, root_bits, ps;

	if (ia_bits < 32 || ia_bits > stage2_features.pa_bits)
		return -EINVAL;

	levels = DIV_ROUND_UP(ia_bits - STAGE2_MAX_CONCAT_BITS - PAGE_SHIFT, STAGE2_TABLE_BITS);
	mmu->ia_bits = ia_bits;
	mmu->start_level = STAGE2_LAST_LEVEL + 1 - levels;
	root_bits = ia_bits - stage2_level_shift(mmu->start_level);
	mmu->root_order = root_bits > STAGE2_TABLE_BITS ? root_bits - STAGE2_TABLE_BITS : 0;

	switch (stage2_features.pa_bits) {
	case 32:
		ps = 0;
		break;
	case 36:
		ps = 1;
		break;
	case 40:
		ps = 2;
		break;
	case 42:
		ps = 3;
		break;
	case 44:
		ps = 4;
		break;
	case 48:
		ps = 5;
		break;
	default:
		ps = 6;
	}

	mmu->vtcr = (u64)(64 - ia_bits) << VTCR_T0SZ_SHIFT |
		    /* 4 KiB counts down from level 2, the others from level 3 */
		    (u64)((PAGE_SHIFT == 12 ? 2 : 3) - mmu->start_level) << VTCR_SL0_SHIFT |
		    VTCR_IRGN0_WBWA | VTCR_ORGN0_WBWA | VTCR_SH0_INNER |
		    (PAGE_SHIFT == 12 ? VTCR_TG0_4K :
		     PAGE_SHIFT == 14 ? VTCR_TG0_16K : VTCR_TG0_64K) |
		    (u64)ps << VTCR_PS_SHIFT | VTCR_RES1_BIT;
	if (stage2_features.vmid16)
		mmu->vtcr |= VTCR_VS_16BIT;
	if (stage2_features.hw_af)
		mmu->vtcr |= VTCR_HA;
	return 0;
}

/**
 * stage2_table_init() - allocate the start level
 * @mmu: stage2_geometry() has been called
 *
 * Return: 0 or -ENOMEM.
 */
int stage2_table_init(struct stage2_mmu *mmu)
{
	u64 pa;

	/* Aligned to its size, as concatenated tables have to be. */
	mmu->root = table_alloc(mmu->root_order);
	if (!mmu->root)
		return -ENOMEM;

	pa = virt_to_phys(mmu->root);
	/* Bits 51 to 48 are at 5 to 2 (D24.2.195); the tables are page-aligned. */
	mmu->vttbr = (pa & GENMASK_ULL(47, PAGE_SHIFT)) | ((pa >> 46) & GENMASK_ULL(5, 2));
	if (stage2_features.cnp)
		mmu->vttbr |= VTTBR_CNP;
	return 0;
}

/**
 * stage2_table_destroy() - free the start level
 * @mmu: with nothing mapped, and no TLB that knows it
 */
void stage2_table_destroy(struct stage2_mmu *mmu)
{
	table_free(mmu->root, mmu->root_order);
	mmu->root = NULL;
}
