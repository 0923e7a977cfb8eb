/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_STAGE2_H
#define KVM_ARM64_STAGE2_H

/*
 * Stage 2: the tables that translate a guest's IPAs (Arm ARM DDI 0487, D8).
 *
 *   stage2.c		a VM's tables: life cycle, what arch.h asks of us
 *   stage2-pgtable.c	the walker and the operations on entries
 *   stage2-table.c	memory for tables, the shape of the whole
 *   stage2-fault.c	aborts
 *   stage2-tlb.c	TLB maintenance
 *   vmid.c		VMIDs
 *   cmo.c		caches
 *
 * Who may change what.  With vm->mmu_lock held for reading, entries are
 * installed and get more permissions, by compare-and-exchange, and no table is
 * freed.  With it held for writing, entries are removed and lose permissions;
 * a table that this leaves empty is unlinked, and freed after the TLB
 * invalidation that makes sure that no walker is in it.  The CPU itself may set
 * the access flag of an entry at any time (VTCR_EL2.HA), so no change of a valid
 * entry is a plain store.
 *
 * Break-before-make under the read lock: the old entry is exchanged for
 * STAGE2_PTE_LOCKED, which is invalid to the CPU and says "come again" to
 * everyone else; whoever put it there invalidates the TLBs and writes the new
 * entry.
 */

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/list.h>
#include <linux/percpu-defs.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <asm/page.h>

struct vm;
struct vcpu;
struct stage2_cache;

/* Entries (D8.3) */
#define STAGE2_PTE_VALID	BIT_ULL(0)
#define STAGE2_PTE_TABLE	BIT_ULL(1)	/* levels above 3: a table; level 3: must be set */
#define STAGE2_PTE_READ		BIT_ULL(6)
#define STAGE2_PTE_WRITE	BIT_ULL(7)
#define STAGE2_PTE_INNER	(3ULL << 8)
#define STAGE2_PTE_AF		BIT_ULL(10)
#define STAGE2_PTE_XN		BIT_ULL(54)

/* MemAttr[3:0]: outer and inner write-back, outer and inner non-cacheable, or Device-nGnRE */
#define STAGE2_PTE_NORMAL	(0xfULL << 2)
#define STAGE2_PTE_UNCACHED	(0x5ULL << 2)
#define STAGE2_PTE_DEVICE	(0x1ULL << 2)
/* The same with FEAT_S2FWB (D8.6.7): forced write-back, or Device-nGnRE; 0x5 is the same */
#define STAGE2_PTE_FWB_NORMAL	(0x6ULL << 2)
#define STAGE2_PTE_FWB_DEVICE	(0x1ULL << 2)
#define STAGE2_PTE_MEMATTR	(0xfULL << 2)

/* Not valid, and not free: see above. */
#define STAGE2_PTE_LOCKED	BIT_ULL(2)

#define STAGE2_LAST_LEVEL	3
#define STAGE2_TABLE_BITS	(PAGE_SHIFT - 3)
#define STAGE2_MAX_CONCAT_BITS	4

/* To the TLB maintenance: entries of several levels, or tables. */
#define STAGE2_LEVEL_ANY	~0U

/*
 * struct stage2_mmu - a VM's stage 2
 * @vm: whose it is
 * @root: first of the (concatenated) tables of @start_level
 * @root_count: entries of it that are used
 * @vttbr: VTTBR_EL2 less the VMID
 * @vmid: generation and number, vmid.c
 * @last_vcpu: for each CPU the index of the VM's vCPU that ran there last, or -1;
 *	       changed by that CPU only
 */
struct stage2_mmu {
	struct vm *vm;
	u64 *root;
	atomic_long_t root_count;
	unsigned int root_order;	/* pages */
	unsigned int ia_bits;
	unsigned int start_level;
	u64 vtcr;
	u64 vttbr;
	atomic64_t vmid;
	int __percpu *last_vcpu;
};

static inline unsigned int stage2_level_shift(unsigned int level)
{
	return PAGE_SHIFT + (STAGE2_LAST_LEVEL - level) * STAGE2_TABLE_BITS;
}

static inline u64 stage2_level_size(unsigned int level)
{
	return 1ULL << stage2_level_shift(level);
}

/* Blocks: level 2 with any granule, level 1 with 4 KiB only (level 1 of 64 KiB needs FEAT_LPA). */
static inline bool stage2_level_has_block(const struct stage2_mmu *mmu, unsigned int level)
{
	return level >= mmu->start_level && level >= (PAGE_SHIFT == 12 ? 1 : 2);
}

/* Output address.  Bits 51 to 48 are at 15 to 12 with the 64 KiB granule (D8.3, FEAT_LPA). */
static inline u64 stage2_pte_from_pa(u64 pa)
{
	u64 pte = pa & GENMASK_ULL(47, PAGE_SHIFT);

	if (PAGE_SHIFT == 16)
		pte |= (pa >> 36) & GENMASK_ULL(15, 12);
	return pte;
}

static inline u64 stage2_pte_to_pa(u64 pte)
{
	u64 pa = pte & GENMASK_ULL(47, PAGE_SHIFT);

	if (PAGE_SHIFT == 16)
		pa |= (pte & GENMASK_ULL(15, 12)) << 36;
	return pa;
}

/* What can be had from the host: from the sanitised ID registers, once, at module init. */
struct stage2_features {
	bool fwb;
	bool hw_af;		/* the CPU sets access flags */
	bool vmid16;
	bool cnp;
	bool tlb_range;
	bool tlb_level;
	bool spec_at;		/* speculative AT may fill TLBs from half-switched registers */
	bool tlb_repeat;	/* TLB invalidation has to be done twice */
	bool icache_auto;	/* CTR_EL0.DIC: no instruction cache maintenance */
	bool dcache_pou_auto;	/* CTR_EL0.IDC: no data cache maintenance for it */
	unsigned int pa_bits;	/* that an entry can hold and the CPU has */
};

extern struct stage2_features stage2_features;

/* ---- stage2-pgtable.c */

/**
 * struct stage2_gather - what a write-side operation owes
 * @start: first address that lost something; @start >= @end: none
 * @end: end of the last one
 * @level: level of all of these entries, or STAGE2_LEVEL_ANY
 * @tables: unlinked tables, by page->lru
 */
struct stage2_gather {
	u64 start;
	u64 end;
	unsigned int level;
	struct list_head tables;
};

void stage2_gather_init(struct stage2_gather *gather);
void stage2_gather_finish(struct stage2_mmu *mmu, struct stage2_gather *gather);

/* Addresses are in bytes, page-aligned.  What returns u64 returns where to go on; end: all done. */
int stage2_map(struct stage2_mmu *mmu, struct stage2_cache *cache, u64 ipa, u64 pa,
	       unsigned int level, u64 attrs);
bool stage2_set_access(struct stage2_mmu *mmu, u64 ipa);
u64 stage2_unmap(struct stage2_mmu *mmu, u64 start, u64 end, bool may_stop,
		 struct stage2_gather *gather);
void stage2_wrprotect(struct stage2_mmu *mmu, u64 start, u64 end);
bool stage2_age(struct stage2_mmu *mmu, u64 start, u64 end, bool clear);
u64 stage2_clean(struct stage2_mmu *mmu, u64 start, u64 end, u64 budget);
u64 stage2_split(struct stage2_mmu *mmu, struct stage2_cache *cache, u64 start, u64 end);

/* ---- stage2-table.c */
int stage2_geometry(struct stage2_mmu *mmu, unsigned int ia_bits);
int stage2_table_init(struct stage2_mmu *mmu);
void stage2_table_destroy(struct stage2_mmu *mmu);
void stage2_table_free(void *table);

int stage2_cache_fill(struct stage2_cache *cache, unsigned int nr);
void stage2_cache_drain(struct stage2_cache *cache);
void *stage2_cache_take(struct stage2_cache *cache);
void stage2_cache_give_back(struct stage2_cache *cache, void *table);

/* ---- stage2-tlb.c.  Any context that may turn interrupts off. */
void stage2_tlb_flush_range(struct stage2_mmu *mmu, u64 start, u64 end, unsigned int level);
void stage2_tlb_flush_all(struct stage2_mmu *mmu);
void stage2_tlb_flush_page_local(struct stage2_mmu *mmu, u64 ipa, unsigned int level);
void stage2_tlb_flush_local(struct stage2_mmu *mmu);
bool stage2_tlb_translate(struct vcpu *vcpu, u64 va, u64 *ipa);

/* ---- cmo.c.  Addresses of the linear map. */
void cmo_init(void);
void cmo_clean_inval_poc(void *va, size_t size);
void cmo_sync_icache(void *va, size_t size);

/* ---- vmid.c */
#define VMID_SHIFT	16	/* the number is below, the generation above */

extern u64 vmid_generation;

int vmid_module_init(bool vmid16);
void vmid_module_exit(void);
u64 vmid_load(struct stage2_mmu *mmu);
u64 vmid_renew(struct stage2_mmu *mmu);

/* Interrupts off, vmid_load() was called on this CPU since it ran another VM. */
static inline u64 vmid_current(struct stage2_mmu *mmu)
{
	u64 vmid = atomic64_read(&mmu->vmid);

	if (unlikely(vmid >> VMID_SHIFT != READ_ONCE(vmid_generation)))
		vmid = vmid_renew(mmu);
	return vmid;
}

static inline unsigned int vmid_number(u64 vmid)
{
	return vmid & GENMASK_ULL(VMID_SHIFT - 1, 0);
}

#endif
