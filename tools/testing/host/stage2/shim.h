/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STAGE2_SHIM_H
#define STAGE2_SHIM_H

/*
 * As much of the kernel as the sources under test use.  What a test wants to
 * hear of, or to interfere with, is a function that it defines: test_*().
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
typedef unsigned int gfp_t;

#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define BIT_ULL(n)		(1ULL << (n))
#define BIT(n)			(1UL << (n))
#define GENMASK_ULL(h, l)	((~0ULL >> (63 - (h))) & (~0ULL << (l)))
#define GENMASK(h, l)		((unsigned long)GENMASK_ULL(h, l))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define min_t(t, a, b)		min((t)(a), (t)(b))
#define likely(x)		(x)
#define unlikely(x)		(x)
#define __percpu
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

/* ---- Atomics, with a chance for somebody else to be quicker */
void test_race(u64 *p);

static inline u64 shim_cmpxchg(u64 *p, u64 old, u64 new)
{
	u64 was;

	test_race(p);
	was = *p;
	if (was == old)
		*p = new;
	return was;
}

static inline u64 shim_xchg(u64 *p, u64 new)
{
	u64 was;

	test_race(p);
	was = *p;
	*p = new;
	return was;
}

#define cmpxchg_release(p, o, n)	shim_cmpxchg(p, o, n)
#define xchg_relaxed(p, n)		shim_xchg(p, n)
#define smp_store_release(p, v)		WRITE_ONCE(*(p), v)

typedef struct { long counter; } atomic_long_t;
#define atomic_long_read(a)	((a)->counter)
#define atomic_long_inc(a)	((void)(a)->counter++)
#define atomic_long_dec(a)	((void)(a)->counter--)
#define atomic_long_add(n, a)	((void)((a)->counter += (n)))
typedef struct { u64 counter; } atomic64_t;
#define atomic64_read(a)	READ_ONCE((a)->counter)
#define atomic64_set(a, v)	WRITE_ONCE((a)->counter, v)

/* Between what comes before and what comes after, others may do what they like. */
void test_smp_mb(void);
#define smp_mb()		test_smp_mb()
#define dsb(domain)		do { } while (0)
#define isb()			do { } while (0)

/* ---- Lists */
struct list_head {
	struct list_head *next, *prev;
};

static inline void INIT_LIST_HEAD(struct list_head *l)
{
	l->next = l;
	l->prev = l;
}

static inline void list_add(struct list_head *n, struct list_head *head)
{
	n->next = head->next;
	n->prev = head;
	head->next->prev = n;
	head->next = n;
}

static inline void list_del(struct list_head *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
}

#define list_for_each_entry_safe(p, t, head, m)						\
	for ((p) = container_of((head)->next, __typeof__(*(p)), m),			\
	     (t) = container_of((p)->m.next, __typeof__(*(p)), m); &(p)->m != (head);	\
	     (p) = (t), (t) = container_of((p)->m.next, __typeof__(*(p)), m))

/* ---- Pages: a physical address is the address */
struct page {
	unsigned long address;
	unsigned long private;
	unsigned int order;
	struct list_head lru;
};

struct page *test_page(const void *address);	/* aborts if it is not allocated */
unsigned long test_pages_alloc(unsigned int order);	/* zeroed */
void test_pages_free(unsigned long address, unsigned int order);

#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	0
#define __GFP_ZERO		0
#define __get_free_pages(gfp, order)	test_pages_alloc(order)
#define free_pages(address, order)	test_pages_free(address, order)
#define virt_to_page(p)		test_page(p)
#define page_address(page)	((void *)(page)->address)
#define BUILD_BUG_ON(c)		_Static_assert(!(c), #c)
#define set_page_private(page, n)	((page)->private = (n))
#define clear_page(p)		memset(p, 0, PAGE_SIZE)
#define phys_to_virt(pa)	((void *)(uintptr_t)(pa))
#define virt_to_phys(p)		((u64)(uintptr_t)(p))

/* ---- Scheduler, locks */
typedef struct { int unused; } rwlock_t;
typedef struct { bool held; } raw_spinlock_t;

bool test_need_resched(void);
#define need_resched()		test_need_resched()
#define rwlock_needbreak(l)	((void)(l), false)
#define lockdep_assert_held(l)	((void)(l))
#define lockdep_assert_held_write(l)	((void)(l))

void test_lock(bool held);
#define DEFINE_RAW_SPINLOCK(n)	raw_spinlock_t n
static inline void raw_spin_lock(raw_spinlock_t *l)
{
	if (l->held)
		abort();
	l->held = true;
	test_lock(true);
}

static inline void raw_spin_unlock(raw_spinlock_t *l)
{
	test_lock(false);
	l->held = false;
}

/* ---- CPUs */
#define SHIM_CPUS	64
extern unsigned int test_cpu;

#define DEFINE_PER_CPU(t, n)		t n[SHIM_CPUS]
#define per_cpu_ptr(p, cpu)		(&(*(p))[cpu])
#define this_cpu_ptr(p)			(test_smp_mb(), per_cpu_ptr(p, test_cpu))
#define __this_cpu_write(v, x)		((v)[test_cpu] = (x))
#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < SHIM_CPUS; (cpu)++)
#define num_possible_cpus()		SHIM_CPUS

/* ---- Bitmaps */
#define SHIM_LONG	(8 * sizeof(long))
static inline unsigned long *bitmap_zalloc(unsigned int bits, gfp_t gfp)
{
	return calloc(DIV_ROUND_UP(bits, SHIM_LONG), sizeof(long));
}

#define bitmap_free(m)	free(m)
static inline void bitmap_zero(unsigned long *m, unsigned int bits)
{
	memset(m, 0, DIV_ROUND_UP(bits, SHIM_LONG) * sizeof(long));
}

static inline bool __test_and_set_bit(unsigned int n, unsigned long *m)
{
	bool was = m[n / SHIM_LONG] >> n % SHIM_LONG & 1;

	m[n / SHIM_LONG] |= 1UL << n % SHIM_LONG;
	return was;
}

#define __set_bit(n, m)	((void)__test_and_set_bit(n, m))
static inline unsigned int find_next_zero_bit(const unsigned long *m, unsigned int bits,
					      unsigned int from)
{
	while (from < bits && m[from / SHIM_LONG] >> from % SHIM_LONG & 1)
		from++;
	return min(from, bits);
}

/* ---- TLB instructions that vmid.c uses itself */
void test_tlbi_all(void);
#define __tlbi(op)	test_tlbi_all()

/* ---- Syndromes (asm/esr.h) */
#define ESR_ELx_ISV		(1UL << 24)
#define ESR_ELx_SAS_SHIFT	22
#define ESR_ELx_SAS		(3UL << 22)
#define ESR_ELx_SSE		(1UL << 21)
#define ESR_ELx_SRT_SHIFT	16
#define ESR_ELx_SRT_MASK	(0x1fUL << 16)
#define ESR_ELx_SF		(1UL << 15)
#define ESR_ELx_WNR		(1UL << 6)

#define SHIM_UNALIGNED(bits, order, host)						\
static inline u##bits get_unaligned_##order##bits(const void *p)			\
{											\
	u##bits v;									\
	memcpy(&v, p, sizeof(v));							\
	return host;									\
}											\
static inline void put_unaligned_##order##bits(u##bits v, void *p)			\
{											\
	v = host;									\
	memcpy(p, &v, sizeof(v));							\
}

SHIM_UNALIGNED(16, le, v)
SHIM_UNALIGNED(32, le, v)
SHIM_UNALIGNED(64, le, v)
SHIM_UNALIGNED(16, be, __builtin_bswap16(v))
SHIM_UNALIGNED(32, be, __builtin_bswap32(v))
SHIM_UNALIGNED(64, be, __builtin_bswap64(v))

/* ---- The module's own types that cannot be had without the kernel */
struct stage2_mmu;

struct vm {
	rwlock_t mmu_lock;
	struct stage2_mmu *mmu;
};

struct stage2_cache {
	unsigned int nr;
	void *first;
};

#endif
