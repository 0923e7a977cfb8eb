// SPDX-License-Identifier: GPL-2.0
/* The CPU that walks stage-2 tables, and the memory that they are in; see cpu.h. */

#include "cpu.h"

#define PAGE_BUCKETS	(1U << 16)

static u64 seed = 0x2545f4914f6cdd1d;
bool failed;

u64 rnd64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1d;
}

u64 rnd(u64 n)
{
	return (rnd64() >> 16) % n;
}

/* ---- Memory */

struct page_node {
	struct page page;
	struct page_node *next;
};

static struct page_node *buckets[PAGE_BUCKETS];
unsigned int pages_live;

static struct page_node **bucket(unsigned long address)
{
	return &buckets[(address >> PAGE_SHIFT) % PAGE_BUCKETS];
}

struct page *test_page(const void *address)
{
	unsigned long base = ALIGN_DOWN((unsigned long)address, PAGE_SIZE);
	struct page_node *n;

	for (n = *bucket(base); n; n = n->next)
		if (n->page.address == base)
			return &n->page;
	fprintf(stderr, "no table at %p\n", address);
	abort();
}

unsigned long test_pages_alloc(unsigned int order)
{
	size_t size = PAGE_SIZE << order;
	void *memory = aligned_alloc(size, size);
	struct page_node *n = calloc(1, sizeof(*n));

	if (!memory || !n)
		abort();
	memset(memory, 0, size);
	n->page.address = (unsigned long)memory;
	n->page.order = order;
	n->page.private = 5;	/* whatever the last user of the page left there */
	n->next = *bucket(n->page.address);
	*bucket(n->page.address) = n;
	pages_live++;
	return n->page.address;
}

static void cached_table_check(unsigned long address);

void test_pages_free(unsigned long address, unsigned int order)
{
	struct page_node **p, *n;

	for (p = bucket(address); (n = *p) && n->page.address != address; p = &n->next)
		;
	if (!n || n->page.order != order || n->page.private != 0) {
		fprintf(stderr, "bad free of %#lx\n", address);
		abort();
	}
	cached_table_check(address);
	*p = n->next;
	free(n);
	free((void *)address);
	pages_live--;
}

/* ---- The CPU */

struct vm vm;
struct stage2_mmu mmu;

struct translation tlb[TLB_SIZE];
struct cached_table table_cache[TLB_SIZE];

u64 cpu_output(u64 pte)
{
	u64 pa = pte & GENMASK_ULL(47, PAGE_SHIFT);

	if (PAGE_SHIFT == 16)
		pa |= (pte >> 12 & 0xf) << 48;
	return pa;
}

/* DDI 0487, D8.2: from the registers. */
struct translation cpu_walk(u64 ipa, struct cached_table tables[3])
{
	unsigned int t0sz = mmu.vtcr & 0x3f, sl0 = mmu.vtcr >> 6 & 3, tg0 = mmu.vtcr >> 14 & 3;
	unsigned int grain = tg0 == 0 ? 12 : tg0 == 1 ? 16 : 14;
	unsigned int level = tg0 == 0 ? 2 - sl0 : 3 - sl0, found = 0;
	u64 table = mmu.vttbr & GENMASK_ULL(47, 1);

	CHECK(grain == PAGE_SHIFT);
	for (unsigned int i = 0; tables && i < 3; i++)
		tables[i].address = 0;
	if (ipa >> (64 - t0sz))
		return (struct translation){};

	for (bool start = true;; start = false, level++) {
		unsigned int shift = grain + (3 - level) * (grain - 3);
		u64 index = ipa >> shift, pte;

		if (!start)
			index &= (1U << (grain - 3)) - 1;
		else
			CHECK(index < 16U << (grain - 3), "start level index");
		pte = ((u64 *)table)[index];
		if (!(pte & 1) || (level == 3 && !(pte & 2)))
			return (struct translation){};
		if (level == 3 || !(pte & 2))
			return (struct translation){
				.valid = true,
				.base = ALIGN_DOWN(ipa, 1ULL << shift),
				.size = 1ULL << shift,
				.pte = pte,
				.pa = cpu_output(pte) & ~((1ULL << shift) - 1),
				.level = level,
			};
		table = cpu_output(pte);
		if (tables)
			tables[found++] = (struct cached_table){
				.base = ALIGN_DOWN(ipa, 1ULL << shift),
				.size = 1ULL << shift,
				.address = table,
			};
	}
}

bool overlaps(u64 base, u64 size, u64 start, u64 end)
{
	return base < end && start < base + size;
}

void cpu_access(u64 ipa)
{
	struct cached_table tables[3];
	struct translation t = cpu_walk(ipa, tables);
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (tables[i].address)
			table_cache[rnd(TLB_SIZE)] = tables[i];
	/* Without the access flag it must not be cached. */
	if (!t.valid || !(t.pte & STAGE2_PTE_AF))
		return;
	for (i = 0; i < TLB_SIZE; i++)
		if (tlb[i].valid && overlaps(tlb[i].base, tlb[i].size, t.base, t.base + t.size))
			CHECK(tlb[i].size == t.size && tlb[i].pa == t.pa &&
			      (tlb[i].pte & STAGE2_PTE_MEMATTR) == (t.pte & STAGE2_PTE_MEMATTR),
			      "no break before make at %#llx", (long long)ipa);
	tlb[rnd(TLB_SIZE)] = t;
}

static void cached_table_check(unsigned long address)
{
	for (unsigned int i = 0; i < TLB_SIZE; i++)
		CHECK(table_cache[i].address != address, "a table that a walker knows was freed");
}

void stage2_tlb_flush_range(struct stage2_mmu *m, u64 start, u64 end, unsigned int level)
{
	test_race(NULL);
	CHECK(start < end && !(start % PAGE_SIZE) && !(end % PAGE_SIZE));
	for (unsigned int i = 0; i < TLB_SIZE; i++) {
		if (overlaps(tlb[i].base, tlb[i].size, start, end) &&
		    (level == STAGE2_LEVEL_ANY || level == tlb[i].level))
			tlb[i].valid = false;
		/* With a hint of the last level, what is cached of the tables above stays. */
		if (level == STAGE2_LEVEL_ANY &&
		    overlaps(table_cache[i].base, table_cache[i].size, start, end))
			table_cache[i].address = 0;
	}
}

void stage2_tlb_flush_page_local(struct stage2_mmu *m, u64 ipa, unsigned int level)
{
	for (unsigned int i = 0; i < TLB_SIZE; i++)
		if (level == tlb[i].level && overlaps(tlb[i].base, tlb[i].size, ipa, ipa + 1))
			tlb[i].valid = false;
}

void tlb_flush_all(void)
{
	memset(tlb, 0, sizeof(tlb));
}
