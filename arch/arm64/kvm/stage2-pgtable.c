// SPDX-License-Identifier: GPL-2.0
/*
 * Stage-2 tables: one walker, and the operations that are its callbacks.
 *
 * A table page counts its entries that are not zero in page->private. (Not in its
 * reference count, which others raise for a moment, for example when they look
 * for pages to move: a table that seemed in use then would never be freed.) The
 * start level is never freed before the VM; its count, in struct stage2_mmu, says
 * whether there is anything at all.
 *
 * Locks: see stage2.h.  Whoever calls holds vm->mmu_lock; nothing here sleeps.
 */

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <kvm/vm.h>
#include "hcr.h"
#include "stage2.h"

/* What a callback may return besides 0, go on, and negative errnos, which end the walk. */
enum {
	WALK_STOP = 1,		/* end the walk; it may go on at walk->resume */
	WALK_AGAIN,		/* the entry has changed: look at it again */
};

struct stage2_walk;

/* @ipa and @next bound what the entry translates of the range that is walked. */
struct walk_entry {
	u64 *ptep;
	u64 pte;		/* as it was when it was looked at */
	u64 ipa;
	u64 next;
	unsigned int level;
};

/**
 * struct stage2_walk - a walk over a range
 * @mmu: the tables
 * @leaf: called for each entry that is not a table, valid or not, and for any at @last_level
 * @table: called for an entry that is a table after what is in it, or NULL
 * @last_level: do not go further down than this
 * @used_only: @leaf has no interest in entries that are zero
 * @may_stop: stop after a table if the scheduler or somebody else waits
 * @resume: where a walk that stopped may go on, for the caller who asks; who stops it sets this
 */
struct stage2_walk {
	struct stage2_mmu *mmu;
	int (*leaf)(struct stage2_walk *walk, const struct walk_entry *e);
	void (*table)(struct stage2_walk *walk, const struct walk_entry *e);
	unsigned int last_level;
	bool used_only;
	bool may_stop;
	u64 resume;
};

static bool pte_is_table(u64 pte, unsigned int level)
{
	return level < STAGE2_LAST_LEVEL &&
	       (pte & (STAGE2_PTE_VALID | STAGE2_PTE_TABLE)) ==
	       (STAGE2_PTE_VALID | STAGE2_PTE_TABLE);
}

static u64 *pte_table(u64 pte)
{
	return phys_to_virt(stage2_pte_to_pa(pte));
}

/* The start level's index has as many bits as there are. */
static unsigned int walk_index(const struct stage2_mmu *mmu, u64 ipa, unsigned int level)
{
	u64 index = ipa >> stage2_level_shift(level);

	return level == mmu->start_level ? index : index & GENMASK(STAGE2_TABLE_BITS - 1, 0);
}

static bool walk_should_stop(const struct stage2_walk *walk)
{
	return walk->may_stop &&
	       (need_resched() || rwlock_needbreak(&walk->mmu->vm->mmu_lock));
}

/* Goes over entries that are zero: @next is the address of the one after @ptep, and what is returned the same. */
static u64 walk_skip_unused(u64 **ptep, u64 next, u64 size, u64 end)
{
	while (next < end && !READ_ONCE((*ptep)[1])) {
		++*ptep;
		next += size;
	}
	return next;
}

/* Recursion is bounded by the number of levels, four. */
static int walk_table(struct stage2_walk *walk, u64 *table, unsigned int level, u64 ipa, u64 end)
{
	u64 *ptep = &table[walk_index(walk->mmu, ipa, level)];
	u64 size = stage2_level_size(level);
	int ret = 0;

	for (u64 next; ipa < end && !ret; ipa = next, ptep++) {
		struct walk_entry e = { .ptep = ptep, .ipa = ipa, .level = level };

		next = min(ALIGN_DOWN(ipa, size) + size, end);
		e.next = next;
		e.pte = READ_ONCE(*ptep);
		if (!e.pte && walk->used_only) {
			next = walk_skip_unused(&ptep, next, size, end);
			continue;
		}
		while (level == walk->last_level || !pte_is_table(e.pte, level)) {
			ret = walk->leaf(walk, &e);
			if (ret != WALK_AGAIN)
				break;
			e.pte = READ_ONCE(*ptep);
		}

		if (level == walk->last_level || !pte_is_table(e.pte, level))
			continue;

		ret = walk_table(walk, pte_table(e.pte), level + 1, ipa, next);
		if (walk->table)
			walk->table(walk, &e);
		if (!ret && level + 1 == STAGE2_LAST_LEVEL && walk_should_stop(walk)) {
			walk->resume = next;
			ret = WALK_STOP;
		}
	}
	return ret;
}

static int walk_range(struct stage2_walk *walk, u64 start, u64 end)
{
	return walk_table(walk, walk->mmu->root, walk->mmu->start_level, start, end);
}

/* Where an operation that went over [start, end) has got to. */
static u64 walk_done(const struct stage2_walk *walk, int ret, u64 end)
{
	return ret == WALK_STOP ? walk->resume : end;
}

/* ---- Counting the entries of a table */

/* Several vCPUs fill a table at once. */
static atomic_long_t *table_count(struct page *page)
{
	BUILD_BUG_ON(sizeof(page->private) != sizeof(atomic_long_t));

	return (atomic_long_t *)&page->private;
}

static atomic_long_t *entry_count(const struct stage2_walk *walk, const struct walk_entry *e)
{
	return e->level == walk->mmu->start_level ? &walk->mmu->root_count :
						    table_count(virt_to_page(e->ptep));
}

static void entry_get(const struct stage2_walk *walk, const struct walk_entry *e)
{
	atomic_long_inc(entry_count(walk, e));
}

static void entry_put(const struct stage2_walk *walk, const struct walk_entry *e)
{
	atomic_long_dec(entry_count(walk, e));
}

static bool entry_change(const struct walk_entry *e, u64 pte)
{
	/* Release: what a new table holds is there before the table is. */
	return cmpxchg_release(e->ptep, e->pte, pte) == e->pte;
}

/* ---- What a write-side operation owes */

/**
 * stage2_gather_init() - nothing is owed
 * @gather: the account
 */
void stage2_gather_init(struct stage2_gather *gather)
{
	gather->start = ~0ULL;
	gather->end = 0;
	gather->level = STAGE2_LEVEL_ANY;
	INIT_LIST_HEAD(&gather->tables);
}

static void gather_add(struct stage2_gather *gather, u64 ipa, u64 size, unsigned int level)
{
	if (gather->start >= gather->end)
		gather->level = level;
	else if (gather->level != level)
		gather->level = STAGE2_LEVEL_ANY;
	gather->start = min(gather->start, ipa);
	gather->end = max(gather->end, ipa + size);
}

static void gather_entry(struct stage2_gather *gather, const struct walk_entry *e)
{
	u64 size = stage2_level_size(e->level);

	gather_add(gather, ALIGN_DOWN(e->ipa, size), size, e->level);
}

/**
 * stage2_gather_finish() - invalidate the TLBs and free the tables; nothing is owed after
 * @mmu: the VM's
 * @gather: the account
 *
 * Context: vm->mmu_lock held for writing since the account was opened, or
 * nobody else left.
 */
void stage2_gather_finish(struct stage2_mmu *mmu, struct stage2_gather *gather)
{
	struct page *page, *tmp;

	if (gather->start < gather->end)
		stage2_tlb_flush_range(mmu, gather->start, gather->end, gather->level);
	list_for_each_entry_safe(page, tmp, &gather->tables, lru) {
		list_del(&page->lru);
		stage2_table_free(page_address(page));
	}
	stage2_gather_init(gather);
}

/* ---- Mapping */

struct map_walk {
	struct stage2_walk walk;
	struct stage2_cache *cache;
	u64 pa;
	u64 attrs;
};

#define PTE_PERMS	(STAGE2_PTE_READ | STAGE2_PTE_WRITE | STAGE2_PTE_XN | STAGE2_PTE_AF)

static u64 pte_leaf(u64 pa, u64 attrs, unsigned int level)
{
	u64 pte = stage2_pte_from_pa(pa) | attrs | STAGE2_PTE_VALID;

	return level == STAGE2_LAST_LEVEL ? pte | STAGE2_PTE_TABLE : pte;
}

/* @pte with what @attrs allows as well */
static u64 pte_allow(u64 pte, u64 attrs)
{
	pte |= attrs & (STAGE2_PTE_READ | STAGE2_PTE_WRITE | STAGE2_PTE_AF);
	return attrs & STAGE2_PTE_XN ? pte : pte & ~STAGE2_PTE_XN;
}

static u64 pte_table_entry(void *table)
{
	return stage2_pte_from_pa(virt_to_phys(table)) | STAGE2_PTE_VALID | STAGE2_PTE_TABLE;
}

/* Break-before-make: the caller owns the entry once this is true. */
static bool entry_break(struct stage2_mmu *mmu, const struct walk_entry *e)
{
	u64 size = stage2_level_size(e->level);
	u64 base = ALIGN_DOWN(e->ipa, size);

	if (!entry_change(e, STAGE2_PTE_LOCKED))
		return false;
	stage2_tlb_flush_range(mmu, base, base + size, e->level);
	return true;
}

static void entry_make(const struct walk_entry *e, u64 pte)
{
	/* As in entry_change(). */
	smp_store_release(e->ptep, pte);
}

/* A block becomes a table of smaller ones that translate to the same with the same attributes. */
static int map_split(struct map_walk *map, const struct walk_entry *e, u64 *table)
{
	unsigned int level = e->level + 1, nr = 1U << STAGE2_TABLE_BITS;
	u64 pa = ALIGN_DOWN(stage2_pte_to_pa(e->pte), stage2_level_size(e->level));
	u64 attrs = e->pte & (PTE_PERMS | STAGE2_PTE_MEMATTR | STAGE2_PTE_INNER);

	for (unsigned int i = 0; i < nr; i++)
		table[i] = pte_leaf(pa + i * stage2_level_size(level), attrs, level);

	if (!entry_break(map->walk.mmu, e)) {
		clear_page(table);
		stage2_cache_give_back(map->cache, table);
		return WALK_AGAIN;
	}
	atomic_long_add(nr, table_count(virt_to_page(table)));
	entry_make(e, pte_table_entry(table));
	return WALK_AGAIN;
}

/* Above the level where the mapping goes. */
static int map_descend(struct map_walk *map, const struct walk_entry *e)
{
	u64 *table;

	if (e->pte) {
		u64 offset = e->ipa & (stage2_level_size(e->level) - 1);
		u64 want = pte_leaf(map->pa - offset, map->attrs, e->level);

		/* A block that does already: the fault was by an older TLB entry. */
		if (pte_allow(e->pte, want) == e->pte &&
		    (e->pte & ~PTE_PERMS) == (want & ~PTE_PERMS)) {
			stage2_tlb_flush_page_local(map->walk.mmu, e->ipa, e->level);
			return 0;
		}
	}

	table = stage2_cache_take(map->cache);
	if (!table)
		return -ENOMEM;
	if (e->pte)
		return map_split(map, e, table);

	if (entry_change(e, pte_table_entry(table)))
		entry_get(&map->walk, e);
	else
		stage2_cache_give_back(map->cache, table);
	return WALK_AGAIN;
}

static int map_leaf(struct stage2_walk *walk, const struct walk_entry *e)
{
	struct map_walk *map = container_of(walk, struct map_walk, walk);
	u64 new;

	if (e->pte == STAGE2_PTE_LOCKED)
		return -EAGAIN;
	if (e->level < walk->last_level)
		return map_descend(map, e);
	if (pte_is_table(e->pte, e->level))
		return -EEXIST;

	new = pte_leaf(map->pa, map->attrs, e->level);
	if (!e->pte) {
		if (!entry_change(e, new))
			return WALK_AGAIN;
		entry_get(walk, e);
		return 0;
	}

	if ((e->pte & ~PTE_PERMS) == (new & ~PTE_PERMS)) {
		new = pte_allow(e->pte, new);
		if (new != e->pte && !entry_change(e, new))
			return WALK_AGAIN;
		/* Whoever else still has the old entry comes here for it (D8.17.1). */
		stage2_tlb_flush_page_local(walk->mmu, e->ipa, e->level);
		return 0;
	}

	if (!entry_break(walk->mmu, e))
		return WALK_AGAIN;
	entry_make(e, new);
	return 0;
}

/**
 * stage2_map() - translate a page or block, or allow more of one that is there
 * @mmu: the VM's
 * @cache: where tables come from; mmu->start_level less @level suffice
 * @ipa: aligned to @level's size
 * @pa: likewise
 * @level: where the entry goes: 3 for a page
 * @attrs: STAGE2_PTE_* of the entry
 *
 * Permissions only grow.  A larger block in the way is split, with what it
 * allowed kept.
 *
 * Context: vm->mmu_lock held for reading or writing.
 * Return: 0; -EAGAIN if somebody else is changing the entry (the guest will
 * fault again, if it still has to); -EEXIST if there is a table where a block is
 * to go: unmap first; -ENOMEM if @cache was too small.
 */
int stage2_map(struct stage2_mmu *mmu, struct stage2_cache *cache, u64 ipa, u64 pa,
	       unsigned int level, u64 attrs)
{
	struct map_walk map = {
		.walk = { .mmu = mmu, .leaf = map_leaf, .last_level = level },
		.cache = cache,
		.pa = pa,
		.attrs = attrs | STAGE2_PTE_AF,
	};
	int ret;

	lockdep_assert_held(&mmu->vm->mmu_lock);

	ret = walk_range(&map.walk, ipa, ipa + stage2_level_size(level));
	/* The walkers see it before the guest tries again. */
	dsb(ishst);
	return ret;
}

static int split_leaf(struct stage2_walk *walk, const struct walk_entry *e)
{
	struct map_walk *map = container_of(walk, struct map_walk, walk);
	u64 *table;

	/* The start level may be one of pages. */
	if (!(e->pte & STAGE2_PTE_VALID) || pte_is_table(e->pte, e->level) ||
	    e->level == STAGE2_LAST_LEVEL)
		return 0;
	table = stage2_cache_take(map->cache);
	if (!table) {
		walk->resume = e->ipa;
		return WALK_STOP;
	}
	/* A table now: what is in it comes next, if that can be split further. */
	return map_split(map, e, table);
}

/**
 * stage2_split() - blocks become pages, which translate to the same with the same attributes
 * @mmu: the VM's
 * @cache: where tables come from, one for each block
 * @start: first byte
 * @end: after the last one
 *
 * A block that is only partly in the range is split as a whole.
 *
 * Context: vm->mmu_lock held for writing.
 * Return: where to go on if @cache was too small; @end: done.
 */
u64 stage2_split(struct stage2_mmu *mmu, struct stage2_cache *cache, u64 start, u64 end)
{
	struct map_walk split = {
		.walk = { .mmu = mmu, .leaf = split_leaf, .last_level = STAGE2_LAST_LEVEL - 1 },
		.cache = cache,
	};
	int ret;

	lockdep_assert_held_write(&mmu->vm->mmu_lock);

	ret = walk_range(&split.walk, start, end);
	/* The walkers see the tables before the guest tries again. */
	dsb(ishst);
	return walk_done(&split.walk, ret, end);
}

struct access_walk {
	struct stage2_walk walk;
	bool found;
};

static int access_leaf(struct stage2_walk *walk, const struct walk_entry *e)
{
	struct access_walk *access = container_of(walk, struct access_walk, walk);

	if (!(e->pte & STAGE2_PTE_VALID))
		return 0;
	if (!(e->pte & STAGE2_PTE_AF) && !entry_change(e, e->pte | STAGE2_PTE_AF))
		return WALK_AGAIN;
	access->found = true;
	return 0;
}

/**
 * stage2_set_access() - set the access flag of the entry that translates a page
 * @mmu: the VM's
 * @ipa: page-aligned
 *
 * An entry without the flag is in no TLB (D8.5.1), so there is nothing to
 * invalidate.
 *
 * Context: vm->mmu_lock held for reading or writing.
 * Return: false if there is no entry.
 */
bool stage2_set_access(struct stage2_mmu *mmu, u64 ipa)
{
	struct access_walk access = {
		.walk = {
			.mmu = mmu,
			.leaf = access_leaf,
			.last_level = STAGE2_LAST_LEVEL,
			.used_only = true,
		},
	};

	lockdep_assert_held(&mmu->vm->mmu_lock);

	walk_range(&access.walk, ipa, ipa + PAGE_SIZE);
	dsb(ishst);
	return access.found;
}

/* ---- Operations that take something away: vm->mmu_lock is held for writing */

struct gather_walk {
	struct stage2_walk walk;
	struct stage2_gather *gather;
};

static int unmap_leaf(struct stage2_walk *walk, const struct walk_entry *e)
{
	struct gather_walk *unmap = container_of(walk, struct gather_walk, walk);

	/* The CPU may have set the access flag since it was read: that is all right. */
	xchg_relaxed(e->ptep, 0);
	entry_put(walk, e);
	gather_entry(unmap->gather, e);
	return 0;
}

static void unmap_table(struct stage2_walk *walk, const struct walk_entry *e)
{
	struct gather_walk *unmap = container_of(walk, struct gather_walk, walk);
	struct page *page = virt_to_page(pte_table(e->pte));

	if (atomic_long_read(table_count(page)))
		return;
	WRITE_ONCE(*e->ptep, 0);
	entry_put(walk, e);
	/* Walkers may remember the table: an invalidation of any level in it makes them forget. */
	gather_add(unmap->gather, e->ipa, PAGE_SIZE, STAGE2_LEVEL_ANY);
	list_add(&page->lru, &unmap->gather->tables);
}

/**
 * stage2_unmap() - remove all that translates a range
 * @mmu: the VM's
 * @start: first byte
 * @end: after the last one
 * @may_stop: come back early if the scheduler or the lock wants it
 * @gather: what is owed for it, for stage2_gather_finish()
 *
 * A block that is only partly in the range goes as a whole.
 *
 * Context: vm->mmu_lock held for writing.
 * Return: where to go on; @end: done.
 */
u64 stage2_unmap(struct stage2_mmu *mmu, u64 start, u64 end, bool may_stop,
		 struct stage2_gather *gather)
{
	struct gather_walk unmap = {
		.walk = {
			.mmu = mmu,
			.leaf = unmap_leaf,
			.table = unmap_table,
			.last_level = STAGE2_LAST_LEVEL,
			.used_only = true,
			.may_stop = may_stop,
		},
		.gather = gather,
	};

	lockdep_assert_held_write(&mmu->vm->mmu_lock);

	if (!atomic_long_read(&mmu->root_count))
		return end;
	return walk_done(&unmap.walk, walk_range(&unmap.walk, start, end), end);
}

static int wrprotect_leaf(struct stage2_walk *walk, const struct walk_entry *e)
{
	if (!(e->pte & STAGE2_PTE_VALID) || !(e->pte & STAGE2_PTE_WRITE))
		return 0;
	return entry_change(e, e->pte & ~STAGE2_PTE_WRITE) ? 0 : WALK_AGAIN;
}

/**
 * stage2_wrprotect() - make a range read-only
 * @mmu: the VM's
 * @start: first byte
 * @end: after the last one
 *
 * A block that is only partly in the range becomes read-only as a whole.
 *
 * Context: vm->mmu_lock held for writing.  The caller invalidates the TLBs.
 */
void stage2_wrprotect(struct stage2_mmu *mmu, u64 start, u64 end)
{
	struct stage2_walk walk = {
		.mmu = mmu,
		.leaf = wrprotect_leaf,
		.last_level = STAGE2_LAST_LEVEL,
		.used_only = true,
	};

	lockdep_assert_held_write(&mmu->vm->mmu_lock);

	walk_range(&walk, start, end);
}

struct age_walk {
	struct stage2_walk walk;
	bool clear;
	bool young;
};

static int age_leaf(struct stage2_walk *walk, const struct walk_entry *e)
{
	struct age_walk *age = container_of(walk, struct age_walk, walk);

	if (!(e->pte & STAGE2_PTE_VALID) || !(e->pte & STAGE2_PTE_AF))
		return 0;
	age->young = true;
	if (!age->clear)
		return WALK_STOP;
	return entry_change(e, e->pte & ~STAGE2_PTE_AF) ? 0 : WALK_AGAIN;
}

/**
 * stage2_age() - has anything of a range been accessed?
 * @mmu: the VM's
 * @start: first byte
 * @end: after the last one
 * @clear: and forget it; the TLBs are left as they are
 *
 * Context: vm->mmu_lock held, for writing if @clear.
 */
bool stage2_age(struct stage2_mmu *mmu, u64 start, u64 end, bool clear)
{
	struct age_walk age = {
		.walk = {
			.mmu = mmu,
			.leaf = age_leaf,
			.last_level = STAGE2_LAST_LEVEL,
			.used_only = true,
		},
		.clear = clear,
	};

	lockdep_assert_held(&mmu->vm->mmu_lock);

	walk_range(&age.walk, start, end);
	return age.young;
}

/* ---- Caches */

struct clean_walk {
	struct stage2_walk walk;
	u64 budget;
};

static int clean_leaf(struct stage2_walk *walk, const struct walk_entry *e)
{
	struct clean_walk *clean = container_of(walk, struct clean_walk, walk);
	u64 offset = e->ipa & (stage2_level_size(e->level) - 1);
	u64 len = min(e->next - e->ipa, clean->budget);
	u64 pa;

	if (!(e->pte & STAGE2_PTE_VALID) || (e->pte & STAGE2_PTE_MEMATTR) != STAGE2_PTE_NORMAL)
		return 0;

	pa = ALIGN_DOWN(stage2_pte_to_pa(e->pte), stage2_level_size(e->level));
	cmo_clean_inval_poc(phys_to_virt(pa + offset), len);
	clean->budget -= len;
	if (clean->budget)
		return 0;
	walk->resume = e->ipa + len;
	return WALK_STOP;
}

/**
 * stage2_clean() - clean and invalidate the guest's normal memory to the point of coherency
 * @mmu: the VM's, without FEAT_S2FWB
 * @start: first byte
 * @end: after the last one
 * @budget: bytes to do at most, a multiple of the page size
 *
 * Context: vm->mmu_lock held, so that the memory stays.
 * Return: where to go on; @end: done.
 */
u64 stage2_clean(struct stage2_mmu *mmu, u64 start, u64 end, u64 budget)
{
	struct clean_walk clean = {
		.walk = {
			.mmu = mmu,
			.leaf = clean_leaf,
			.last_level = STAGE2_LAST_LEVEL,
			.used_only = true,
			.may_stop = true,
		},
		.budget = budget,
	};

	lockdep_assert_held(&mmu->vm->mmu_lock);

	return walk_done(&clean.walk, walk_range(&clean.walk, start, end), end);
}
