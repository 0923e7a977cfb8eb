// SPDX-License-Identifier: GPL-2.0
/*
 * Loops over slots, of virt/kvm/notifier.c: between two points of rescheduling there is a bounded piece of work, what is
 * owed to the TLBs is done before the lock is dropped, and all of the range is dealt with, once.
 *
 * The scheduler always wants the CPU here, so each point counts.
 */
#define vm	test_vm		/* not the shim's */
#define KVM_GENERIC_H

typedef u64 gfn_t;
typedef unsigned long hva_t;

struct mmu_notifier {
	const struct mmu_notifier_ops *ops;
};

struct mmu_notifier_range {
	unsigned long start, end;
};

struct mm_struct {
	int unused;
};

struct interval_tree_node {
	unsigned long start, last;
};

struct memslot {
	gfn_t base_gfn;
	unsigned long npages;
	struct interval_tree_node hva_node;
};

struct vm {
	rwlock_t mmu_lock;
	int slots_lock;
	struct {
		struct memslot *by_hva;		/* the first of NR_SLOTS, by address */
	} slots;
	struct mmu_notifier notifier;
	struct mm_struct *mm;
	unsigned long mmu_seq;
	long mmu_in_progress;
	hva_t mmu_range_start, mmu_range_end;
};

struct gfn_range {
	struct memslot *slot;
	gfn_t start, end;
	bool may_block;
};

struct mmu_notifier_ops {
	int (*invalidate_range_start)(struct mmu_notifier *mn, const struct mmu_notifier_range *range);
	void (*invalidate_range_end)(struct mmu_notifier *mn, const struct mmu_notifier_range *range);
	int (*clear_flush_young)(struct mmu_notifier *mn, struct mm_struct *mm, unsigned long start, unsigned long end);
	int (*clear_young)(struct mmu_notifier *mn, struct mm_struct *mm, unsigned long start, unsigned long end);
	int (*test_young)(struct mmu_notifier *mn, struct mm_struct *mm, unsigned long address);
	void (*release)(struct mmu_notifier *mn, struct mm_struct *mm);
};

#define NR_SLOTS	3
#define SZ_32M		0x2000000
#define SZ_256M		0x10000000

static unsigned int failed, resched, flushes;
static unsigned long pages, most, done;	/* since the last point; the most between two; in all */
static bool locked, owed;

#define CHECK(cond) do {								\
	if (!(cond)) {									\
		printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);			\
		failed++;								\
	}										\
} while (0)

static void point(void)
{
	CHECK(locked && !owed);
	most = pages > most ? pages : most;
	pages = 0;
	resched++;
}

#define write_lock(l)				((void)(l), locked = true)
#define write_unlock(l)				((void)(l), locked = false)
#define read_lock(l)				((void)(l))
#define read_unlock(l)				((void)(l))
#define cond_resched_rwlock_write(l)		((void)(l), point())
#define trace_kvm_unmap_hva_range(a, b)		do { } while (0)
#define trace_kvm_age_hva(a, b)			do { } while (0)
#define trace_kvm_test_age_hva(a)		do { } while (0)
#define mmu_notifier_range_blockable(r)		((void)(r), true)
#define mmu_notifier_register(n, mm)		((void)(n), (void)(mm), 0)
#define mmu_notifier_unregister(n, mm)		((void)(n), (void)(mm))

bool test_need_resched(void)
{
	return true;
}

void test_lock(bool held)
{
}

void test_smp_mb(void)
{
}

static void work(const struct gfn_range *range)
{
	CHECK(locked && range->end > range->start);
	pages += range->end - range->start;
	done += range->end - range->start;
}

static bool arch_mmu_unmap(struct vm *vm, const struct gfn_range *range)
{
	work(range);
	owed = true;
	return true;
}

static void arch_mmu_wrprotect(struct vm *vm, const struct gfn_range *range)
{
	work(range);
}

static bool arch_mmu_age(struct vm *vm, const struct gfn_range *range)
{
	return false;
}

static bool arch_mmu_test_age(struct vm *vm, const struct gfn_range *range)
{
	return false;
}

static void arch_mmu_flush_tlb(struct vm *vm)
{
	owed = false;
	flushes++;
}

static void arch_mmu_release(struct vm *vm)
{
}

static struct memslot *slot_from(struct memslot *s, unsigned long start, unsigned long last, struct memslot *end)
{
	for (; s < end; s++)
		if (s->hva_node.start <= last && s->hva_node.last >= start)
			return s;
	return NULL;
}

static struct memslot slot[NR_SLOTS];

static struct interval_tree_node *interval_tree_iter_first(struct memslot **root, unsigned long start,
							   unsigned long last)
{
	struct memslot *s = slot_from(*root, start, last, slot + NR_SLOTS);

	return s ? &s->hva_node : NULL;
}

static struct interval_tree_node *interval_tree_iter_next(struct interval_tree_node *node, unsigned long start,
							  unsigned long last)
{
	struct memslot *s = slot_from(container_of(node, struct memslot, hva_node) + 1, start, last, slot + NR_SLOTS);

	return s ? &s->hva_node : NULL;
}

void notifier_unmap_slot(struct vm *vm, const struct memslot *slot);
void notifier_wrprotect_slot(struct vm *vm, const struct memslot *slot);
bool gmem_retry(struct vm *vm, unsigned long seq, hva_t hva);
int notifier_register(struct vm *vm);
void notifier_unregister(struct vm *vm);

#include "../../../../virt/kvm/notifier.c"

/* ---- Tests */

static struct vm test = { .slots.by_hva = slot };

static void set_up(void)
{
	static const unsigned long at[NR_SLOTS] = { 0x7f0000005000, 0x7f0010000000, 0x7f4000000000 };
	static const unsigned long size[NR_SLOTS] = { 0x8000000, 0x20000000, 0x123456000 };

	for (unsigned int i = 0; i < NR_SLOTS; i++) {
		slot[i] = (struct memslot) { .base_gfn = 0x80000 + i * 0x1000000, .npages = size[i] >> PAGE_SHIFT };
		slot[i].hva_node.start = at[i];
		slot[i].hva_node.last = at[i] + size[i] - 1;
	}
	resched = flushes = 0;
	pages = most = done = 0;
}

/* At most 32 MiB at a time, however much there is. */
static void check_pieces(unsigned long all)
{
	const unsigned long piece = 0x2000000 >> PAGE_SHIFT;

	most = pages > most ? pages : most;
	CHECK(done == all);
	CHECK(most <= piece);
	CHECK(resched >= all / piece - 1);
	CHECK(!owed && !locked);
}

static void slot_is_deleted(void)
{
	for (unsigned int i = 0; i < NR_SLOTS; i++) {
		set_up();
		notifier_unmap_slot(&test, &slot[i]);
		check_pieces(slot[i].npages);
	}
}

static void dirty_logging_is_enabled(void)
{
	for (unsigned int i = 0; i < NR_SLOTS; i++) {
		set_up();
		notifier_wrprotect_slot(&test, &slot[i]);
		check_pieces(slot[i].npages);
		CHECK(flushes == 1);
	}
}

static void memory_is_unmapped(void)
{
	struct mmu_notifier_range range = { slot[0].hva_node.start, slot[2].hva_node.last + 1 };

	set_up();
	range.start = slot[0].hva_node.start;
	range.end = slot[2].hva_node.last + 1;
	notifier_ops.invalidate_range_start(&test.notifier, &range);
	check_pieces(slot[0].npages + slot[1].npages + slot[2].npages);
	CHECK(gmem_retry(&test, test.mmu_seq, range.start));
	notifier_ops.invalidate_range_end(&test.notifier, &range);
	CHECK(!gmem_retry(&test, test.mmu_seq, range.start));
}

int main(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} tests[] = {
		{ "slot_is_deleted", slot_is_deleted },
		{ "dirty_logging_is_enabled", dirty_logging_is_enabled },
		{ "memory_is_unmapped", memory_is_unmapped },
	};
	bool any = false;

	printf("TAP version 13\n1..%zu\n", ARRAY_SIZE(tests));
	for (unsigned int i = 0; i < ARRAY_SIZE(tests); i++) {
		failed = 0;
		tests[i].run();
		printf("%sok %u notifier: %s\n", failed ? "not " : "", i + 1, tests[i].name);
		any |= failed;
	}
	return any;
}
