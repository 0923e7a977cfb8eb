// SPDX-License-Identifier: GPL-2.0
/*
 * Stage-2 tables against a model, with a CPU that walks them.
 *
 * The model says for each page of some windows of the IPA space what it is
 * translated to.  The CPU knows VTCR_EL2 and VTTBR_EL2 only; it fills a TLB and
 * a cache of tables at any time, also in the middle of an operation, sets access
 * flags, and is right only if both are invalidated when they have to be.  Other
 * vCPUs' faults come in the middle of an operation too.
 */

#include "cpu.h"

#define OPS		6000
#define MAX_WINDOWS	3

struct stage2_features stage2_features;
unsigned int test_cpu;

/* ---- The model */

struct model_page {
	u64 pa;
	u64 perms;
	u64 memattr;
	bool mapped;
};

struct window {
	u64 base;
	u64 pages;
	struct model_page *model;
};

static struct window windows[MAX_WINDOWS];
static unsigned int nr_windows;

static struct model_page *model(u64 ipa)
{
	for (unsigned int i = 0; i < nr_windows; i++) {
		struct window *w = &windows[i];

		if (ipa >= w->base && ipa < w->base + w->pages * PAGE_SIZE)
			return &w->model[(ipa - w->base) / PAGE_SIZE];
	}
	fprintf(stderr, "%#llx is in no window\n", (long long)ipa);
	abort();
}

static void model_map(u64 ipa, u64 pa, unsigned int level, u64 attrs)
{
	u64 size = stage2_level_size(level), memattr = attrs & STAGE2_PTE_MEMATTR;

	for (u64 off = 0; off < size; off += PAGE_SIZE) {
		struct model_page *p = model(ipa + off);

		if (p->mapped && p->pa == pa + off && p->memattr == memattr) {
			p->perms |= attrs & (STAGE2_PTE_READ | STAGE2_PTE_WRITE);
			if (!(attrs & STAGE2_PTE_XN))
				p->perms &= ~STAGE2_PTE_XN;
		} else {
			*p = (struct model_page){ pa + off, attrs & PERMS, memattr, true };
		}
	}
}

static bool perms_within(u64 have, u64 allowed)
{
	return !(have & ~allowed & (STAGE2_PTE_READ | STAGE2_PTE_WRITE)) &&
	       !(~have & allowed & STAGE2_PTE_XN);
}

static void check_page(u64 ipa)
{
	struct translation t = cpu_walk(ipa, NULL);
	struct model_page *p = model(ipa);

	CHECK(t.valid == p->mapped, "at %#llx", (long long)ipa);
	if (!t.valid || failed)
		return;
	CHECK(t.pa + (ipa - t.base) == p->pa, "at %#llx: %#llx, not %#llx", (long long)ipa,
	      (long long)(t.pa + (ipa - t.base)), (long long)p->pa);
	CHECK((t.pte & PERMS) == p->perms, "at %#llx: %#llx, not %#llx", (long long)ipa,
	      (long long)(t.pte & PERMS), (long long)p->perms);
	CHECK((t.pte & STAGE2_PTE_MEMATTR) == p->memattr);
}

static u64 random_ipa(void)
{
	struct window *w = &windows[rnd(nr_windows)];

	return w->base + rnd(w->pages) * PAGE_SIZE;
}

static void check_tlb(void)
{
	for (unsigned int i = 0; i < TLB_SIZE; i++) {
		struct translation *t = &tlb[i];
		u64 ipa;

		if (!t->valid)
			continue;
		ipa = t->base + rnd(t->size / PAGE_SIZE) * PAGE_SIZE;
		CHECK(model(ipa)->mapped && model(ipa)->pa == t->pa + (ipa - t->base) &&
		      model(ipa)->memattr == (t->pte & STAGE2_PTE_MEMATTR) &&
		      perms_within(t->pte & PERMS, model(ipa)->perms),
		      "stale TLB entry at %#llx", (long long)ipa);
	}
}

/* Counts the tables below, and checks that each counts its entries. */
static unsigned int check_tables(u64 *table, unsigned int level, unsigned int entries)
{
	unsigned int tables = 0, used = 0;
	unsigned long counted;

	for (unsigned int i = 0; i < entries; i++) {
		used += !!table[i];
		if (level < 3 && (table[i] & 3) == 3)
			tables += 1 + check_tables((u64 *)cpu_output(table[i]), level + 1,
						   1U << (PAGE_SHIFT - 3));
	}
	counted = table == mmu.root ? (unsigned long)atomic_long_read(&mmu.root_count) :
				      test_page(table)->private;
	CHECK(counted == used, "%lu counted, %u entries", counted, used);
	return tables;
}

static struct stage2_cache cache, other_cache;

static void check_all(void)
{
	unsigned int root = (u64)(mmu.ia_bits - stage2_level_shift(mmu.start_level));

	for (unsigned int i = 0; i < nr_windows; i++)
		for (u64 p = 0; p < windows[i].pages && !failed; p++)
			check_page(windows[i].base + p * PAGE_SIZE);
	CHECK(pages_live == 1 + cache.nr + other_cache.nr +
	      check_tables(mmu.root, mmu.start_level, 1U << root), "tables are lost");
}

/* ---- Operations */

struct mapping {
	u64 ipa;
	u64 pa;
	unsigned int level;
	u64 attrs;
};

static const struct mapping *under_way;
static bool quiet;			/* nobody interferes */
static bool locked_seen;

static u64 random_attrs(void)
{
	return STAGE2_PTE_READ | STAGE2_PTE_INNER | (rnd(2) ? STAGE2_PTE_WRITE : 0) |
	       (rnd(2) ? STAGE2_PTE_XN : 0);
}

static struct mapping random_mapping(void)
{
	struct mapping m = { .ipa = random_ipa(), .level = 3 };
	u64 variant = rnd(8) ? 1 : rnd(PAGE_SHIFT == 16 ? 250 : 7);

	if (!rnd(4) && stage2_level_has_block(&mmu, 2))
		m.level = 2;
	/* The first window is as large as a block of level 1, if there are such. */
	if (!rnd(100) && stage2_level_has_block(&mmu, 1) &&
	    m.ipa >= windows[0].base && m.ipa < windows[0].base + (1U << 30))
		m.level = 1;
	m.ipa = ALIGN_DOWN(m.ipa, stage2_level_size(m.level));
	m.pa = (m.ipa & GENMASK_ULL(43, 0)) | variant << 44;
	m.attrs = random_attrs() | (rnd(20) ? STAGE2_PTE_NORMAL : STAGE2_PTE_DEVICE);
	return m;
}

static int do_map(const struct mapping *m, struct stage2_cache *c)
{
	int ret = stage2_map(&mmu, c, m->ipa, m->pa, m->level, m->attrs);

	if (!ret)
		model_map(m->ipa, m->pa, m->level, m->attrs);
	return ret;
}

/* Another vCPU takes a fault in what the one under way is about. */
static void other_vcpu(void)
{
	struct mapping m = *under_way;
	int ret;

	under_way = NULL;
	if (rnd(2)) {
		u64 off = rnd(stage2_level_size(m.level) / PAGE_SIZE) * PAGE_SIZE;

		m.ipa += off;
		m.pa += off;
		m.level = 3;
	}
	m.attrs = (m.attrs & STAGE2_PTE_MEMATTR) | random_attrs();
	stage2_cache_fill(&other_cache, 3);
	ret = do_map(&m, &other_cache);
	CHECK(!ret || ret == -EAGAIN || ret == -EEXIST, "%d", ret);
	locked_seen |= ret == -EAGAIN;
}

void test_race(u64 *p)
{
	const struct mapping *m = under_way;

	if (quiet)
		return;
	if (p && (*p & 1) && !rnd(8))
		*p |= STAGE2_PTE_AF;
	if (m && !rnd(4)) {
		other_vcpu();
		under_way = m;
	}
	/* While somebody else is in the middle of it, the CPU may look. */
	cpu_access(m ? m->ipa : random_ipa());
}

void test_smp_mb(void) { }
void test_lock(bool held) { }
void test_tlbi_all(void) { }

static bool test_stops, test_stops_always;

bool test_need_resched(void)
{
	return test_stops && (test_stops_always || !rnd(3));
}

static void op_map(void)
{
	struct mapping m = random_mapping();
	int ret;

	if (rnd(50))
		stage2_cache_fill(&cache, 3 - mmu.start_level);
	under_way = &m;
	ret = do_map(&m, &cache);
	under_way = NULL;
	if (ret == -ENOMEM)
		CHECK(!cache.nr);
	else if (ret == -EEXIST)
		CHECK(m.level < 3 && cpu_walk(m.ipa, NULL).level != m.level);
	else
		CHECK(!ret, "%d", ret);
	/* Or the guest would fault for ever. */
	for (unsigned int i = 0; !ret && i < TLB_SIZE; i++)
		if (tlb[i].valid && overlaps(tlb[i].base, tlb[i].size, m.ipa, m.ipa + 1))
			CHECK(perms_within(m.attrs & PERMS, tlb[i].pte & PERMS));
}

static void random_range(u64 *start, u64 *end)
{
	struct window *w = &windows[rnd(nr_windows)];
	u64 first = rnd(w->pages), count;

	switch (rnd(8)) {
	case 0:
		count = 1 + rnd(w->pages);
		break;
	case 1:
	case 2:
		count = 1 + rnd(stage2_level_size(2) / PAGE_SIZE);
		break;
	default:
		count = 1 + rnd(3);
	}
	*start = w->base + first * PAGE_SIZE;
	*end = min(*start + count * PAGE_SIZE, w->base + w->pages * PAGE_SIZE);
}

/* Blocks at the ends are affected as a whole. */
static void widen(u64 *start, u64 *end)
{
	struct translation t = cpu_walk(*start, NULL);

	if (t.valid)
		*start = t.base;
	t = cpu_walk(*end - PAGE_SIZE, NULL);
	if (t.valid)
		*end = t.base + t.size;
}

static void unmap_all_of(u64 start, u64 end, bool may_stop)
{
	struct stage2_gather gather;

	stage2_gather_init(&gather);
	test_stops = true;
	while (start < end) {
		u64 next = stage2_unmap(&mmu, start, end, may_stop, &gather);

		CHECK(next > start && (next == end || may_stop));
		stage2_gather_finish(&mmu, &gather);
		start = next;
	}
	test_stops = false;
}

static void op_unmap(void)
{
	u64 start, end, from, to;

	random_range(&start, &end);
	from = start;
	to = end;
	widen(&from, &to);
	unmap_all_of(start, end, rnd(2));
	for (; from < to; from += PAGE_SIZE)
		model(from)->mapped = false;
}

static void op_wrprotect(void)
{
	u64 start, end, from, to;

	random_range(&start, &end);
	from = start;
	to = end;
	widen(&from, &to);
	stage2_wrprotect(&mmu, start, end);
	tlb_flush_all();
	for (; from < to; from += PAGE_SIZE)
		model(from)->perms &= ~STAGE2_PTE_WRITE;
}

static bool any_young(u64 start, u64 end)
{
	for (u64 ipa = start; ipa < end; ipa += PAGE_SIZE) {
		struct translation t = cpu_walk(ipa, NULL);

		if (t.valid && t.pte & STAGE2_PTE_AF)
			return true;
	}
	return false;
}

static void op_age(void)
{
	u64 start, end;
	bool clear = rnd(2), young;

	random_range(&start, &end);
	quiet = true;
	young = any_young(start, end);
	CHECK(stage2_age(&mmu, start, end, clear) == young);
	CHECK(any_young(start, end) == (young && !clear));
	quiet = false;
}

static void op_access(void)
{
	u64 ipa = random_ipa();
	bool found = stage2_set_access(&mmu, ipa);

	CHECK(found == model(ipa)->mapped);
	CHECK(!found || any_young(ipa, ipa + PAGE_SIZE));
}

static u64 cleaned, clean_budget;

void cmo_clean_inval_poc(void *va, size_t size)
{
	CHECK(size && size <= clean_budget);
	clean_budget -= size;
	cleaned += size;
}

static void op_clean(void)
{
	u64 start, end, expect = 0;

	random_range(&start, &end);
	for (u64 ipa = start; ipa < end; ipa += PAGE_SIZE)
		if (model(ipa)->mapped && model(ipa)->memattr == STAGE2_PTE_NORMAL)
			expect += PAGE_SIZE;
	cleaned = 0;
	while (start < end) {
		u64 next;

		clean_budget = (1 + rnd(100)) * PAGE_SIZE;
		next = stage2_clean(&mmu, start, end, clean_budget);
		CHECK(next > start);
		start = next;
	}
	CHECK(cleaned == expect);
}

static void op_split(void)
{
	struct stage2_cache some = {};
	u64 start, end, from;

	random_range(&start, &end);
	from = start;
	while (start < end && !failed) {
		u64 next;

		stage2_cache_fill(&some, rnd(4));
		next = stage2_split(&mmu, &some, start, end);
		CHECK(next >= start && (next == end || (next < end && !some.nr)));
		start = next;
	}
	stage2_cache_drain(&some);
	quiet = true;
	for (; from < end; from += PAGE_SIZE) {
		struct translation t = cpu_walk(from, NULL);

		CHECK(!t.valid || t.level == 3);
	}
	quiet = false;
}

/* ---- Tests */

static void window_add(u64 base, u64 size)
{
	struct window *w = &windows[nr_windows++];

	w->base = base;
	w->pages = size / PAGE_SIZE;
	w->model = calloc(w->pages, sizeof(*w->model));
	if (!w->model)
		abort();
}

static void setup(unsigned int ia_bits)
{
	u64 top = 1ULL << ia_bits, block = stage2_level_size(2);

	memset(tlb, 0, sizeof(tlb));
	memset(table_cache, 0, sizeof(table_cache));
	nr_windows = 0;
	mmu.vm = &vm;
	CHECK(!stage2_geometry(&mmu, ia_bits), "%u bits", ia_bits);
	CHECK(!stage2_table_init(&mmu));
	/* Something that has a larger block, the end, and something in between */
	if (stage2_level_has_block(&mmu, 1))
		window_add(ALIGN_DOWN(rnd(top / 4), 1ULL << 30), 1ULL << 30);
	else
		window_add(ALIGN_DOWN(rnd(top / 4), block), 2 * block);
	window_add(top - 2 * block, 2 * block);
	window_add(ALIGN_DOWN(top / 2 + rnd(top / 4), block), block);
}

static void teardown(void)
{
	unsigned int i;

	if (!failed) {
		unmap_all_of(0, 1ULL << mmu.ia_bits, true);
		CHECK(pages_live == 1 + cache.nr + other_cache.nr, "%u tables left", pages_live);
		for (i = 0; i < TLB_SIZE; i++)
			CHECK(!tlb[i].valid && !table_cache[i].address, "the TLB knows something");
	}
	stage2_table_destroy(&mmu);
	stage2_cache_drain(&cache);
	stage2_cache_drain(&other_cache);
	for (i = 0; i < nr_windows; i++)
		free(windows[i].model);
}

static bool test_random(unsigned int ia_bits)
{
	setup(ia_bits);
	for (unsigned int op = 0; op < OPS && !failed; op++) {
		switch (rnd(12)) {
		case 0:
			op_unmap();
			break;
		case 1:
			op_wrprotect();
			break;
		case 2:
			op_age();
			break;
		case 3:
			op_access();
			break;
		case 4:
			if (!rnd(8))
				op_clean();
			break;
		case 5:
			op_split();
			break;
		default:
			op_map();
		}
		check_tlb();
		for (unsigned int i = 0; i < 50; i++)
			check_page(random_ipa());
		if (op % 1000 == 999)
			check_all();
		if (failed)
			printf("# operation %u\n", op);
	}
	teardown();
	return !failed;
}

static bool test_geometry(void)
{
	unsigned int max = PAGE_SHIFT == 16 ? 52 : 48;

	for (unsigned int bits = 32; bits <= max; bits++) {
		struct mapping last = {
			.ipa = (1ULL << bits) - PAGE_SIZE, .pa = 0x1230000000, .level = 3,
			.attrs = STAGE2_PTE_READ | STAGE2_PTE_NORMAL,
		};
		unsigned int entries;

		setup(bits);
		stage2_cache_fill(&cache, 3 - mmu.start_level);
		entries = bits - stage2_level_shift(mmu.start_level);
		/* At most 16 tables, aligned to their size */
		CHECK(entries <= PAGE_SHIFT - 3 + 4 && entries > 0);
		CHECK(!((u64)mmu.root & ((8ULL << entries) - 1)));
		/* One level less would not do. */
		CHECK(bits > stage2_level_shift(mmu.start_level + 1) + PAGE_SHIFT - 3 + 4 ||
		      mmu.start_level == 3);
		CHECK((mmu.vtcr & 0x3f) == 64 - bits && mmu.vtcr >> 31 == 1);
		quiet = true;
		CHECK(!do_map(&last, &cache));
		check_page(last.ipa);
		CHECK(!cpu_walk(last.ipa - PAGE_SIZE, NULL).valid);
		quiet = false;
		teardown();
	}
	CHECK(stage2_geometry(&mmu, 31) == -EINVAL && stage2_geometry(&mmu, max + 1) == -EINVAL);
	return !failed;
}

/* The host takes one page of a block, and the guest gets it back: the block is whole again. */
static bool test_block_after_table(void)
{
	u64 size = stage2_level_size(2), pa = 1ULL << 44, base;
	struct mapping block = { .level = 2, .attrs = STAGE2_PTE_READ | STAGE2_PTE_NORMAL };
	struct mapping page;

	setup(40);
	base = windows[1].base;
	block.ipa = base;
	block.pa = pa;
	page = block;
	page.level = 3;
	page.attrs |= STAGE2_PTE_WRITE;
	quiet = true;
	stage2_cache_fill(&cache, 3);
	CHECK(!do_map(&block, &cache));
	CHECK(cpu_walk(base, NULL).level == 2);
	/* More permissions for one page of it: split, and the rest stays as it was. */
	CHECK(!do_map(&page, &cache));
	CHECK(cpu_walk(base, NULL).level == 3 && cpu_walk(base + PAGE_SIZE, NULL).valid);
	CHECK(do_map(&block, &cache) == -EEXIST);
	unmap_all_of(base, base + size, false);
	for (u64 off = 0; off < size; off += PAGE_SIZE)
		model(base + off)->mapped = false;
	stage2_cache_fill(&cache, 3);
	CHECK(!do_map(&block, &cache));
	CHECK(cpu_walk(base, NULL).level == 2);
	check_all();
	quiet = false;
	teardown();
	return !failed;
}

/* Where the scheduler wants the CPU all the time, it has it after each table of the last level: when a VM ends, too. */
static bool test_vm_ends(void)
{
	u64 size = stage2_level_size(2), base, next;
	unsigned int stops = 0;
	struct stage2_gather gather;
	struct mapping page = {
		.level = 3, .pa = 1ULL << 44, .attrs = STAGE2_PTE_READ | STAGE2_PTE_NORMAL,
	};

	setup(40);
	base = windows[1].base;
	quiet = true;
	for (u64 off = 0; off < 2 * size; off += size / 8) {
		page.ipa = base + off;
		stage2_cache_fill(&cache, 3);
		CHECK(!do_map(&page, &cache));
	}
	stage2_gather_init(&gather);
	test_stops = true;
	test_stops_always = true;
	for (u64 from = 0; from < 1ULL << 40; from = next) {
		next = stage2_unmap(&mmu, from, 1ULL << 40, true, &gather);
		stage2_gather_finish(&mmu, &gather);
		/* No more than one table that something was in */
		CHECK(from >= base ? next - from <= size || next == 1ULL << 40 : next <= base + size);
		stops++;
	}
	test_stops = false;
	test_stops_always = false;
	CHECK(stops >= 2);
	for (u64 off = 0; off < 2 * size; off += size / 8)
		model(base + off)->mapped = false;
	check_all();
	quiet = false;
	teardown();
	return !failed;
}

static unsigned int tests;

static void report(bool ok, const char *what, unsigned int bits)
{
	printf("%sok %u stage-2 tables, %lu KiB: %s", ok ? "" : "not ", ++tests, PAGE_SIZE / 1024,
	       what);
	printf(bits ? " %u bits\n" : "\n", bits);
}

int main(void)
{
	static const unsigned int sizes[] = { 32, 36, 40, 42, 48, 52 };
	bool any_failed = false;

	stage2_features.pa_bits = PAGE_SHIFT == 16 ? 52 : 48;
	printf("TAP version 13\n1..%u\n", PAGE_SHIFT == 16 ? 10 : 9);

	report(test_geometry(), "geometry", 0);
	any_failed |= failed;
	failed = false;
	report(test_block_after_table(), "block after table", 0);
	any_failed |= failed;
	failed = false;
	report(test_vm_ends(), "a VM ends", 0);
	any_failed |= failed;
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (sizes[i] > stage2_features.pa_bits)
			continue;
		failed = false;
		report(test_random(sizes[i]), "random operations", sizes[i]);
		any_failed |= failed;
	}
	failed = !locked_seen;
	report(!failed, "a fault met another's break before make", 0);
	return any_failed || failed;
}
