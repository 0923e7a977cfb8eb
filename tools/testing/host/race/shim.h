/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_RACE_SHIM_H
#define HOST_RACE_SHIM_H

/*
 * The kernel, as far as the interrupt controller's core and the ITS use it, for
 * threads that sched.c switches between: at each lock, count, look at what
 * others write, and allocation.
 */

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef unsigned int gfp_t;
typedef u64 gpa_t;
typedef u64 phys_addr_t;
typedef u64 gfn_t;
typedef unsigned long hva_t;

struct vm;
struct vcpu;
struct kvm_device_attr;

#include "sched.h"

/* ---- Values */

#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK(h, l)		((~0UL << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#define FIELD_PREP(mask, val)	(((u64)(val) << __builtin_ctzll(mask)) & (mask))
#define FIELD_GET(mask, reg)	(((reg) & (mask)) >> __builtin_ctzll(mask))
#define U32_MAX			0xffffffffU
#define BITS_PER_BYTE		8
#define BITS_TO_LONGS(n)	(((n) + 63) / 64)
#define DECLARE_BITMAP(name, n)	unsigned long name[BITS_TO_LONGS(n)]
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define round_up(x, y)		(((x) + (y) - 1) / (y) * (y))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define struct_size(p, m, n)	(sizeof(*(p)) + (n) * sizeof((p)->m[0]))
#define container_of(p, type, m)	((type *)((char *)(p) - offsetof(type, m)))
#define le64_to_cpu(x)		((u64)(x))
#define cpu_to_le64(x)		((__le64)(x))
#define array_index_nospec(i, n)	(i)
#define likely(x)		(x)
#define unlikely(x)		(x)

/* The host's GIC is a GICv3, the compiler knows. */
#define DECLARE_STATIC_KEY_FALSE(name)	extern int name
#define static_branch_unlikely(key)	0
#define __rcu
#define __user
#define __uninitialized
#define BUILD_BUG_ON(cond)	_Static_assert(!(cond), #cond)
#define WARN_ONCE(cond, ...)	assert(!(cond))
#define IS_ENABLED(CONFIG_option)	1
#define __ffs(x)		((unsigned int)__builtin_ctzl(x))
#define __ffs64(x)		((unsigned int)__builtin_ctzll(x))

#define for_each_set_bit(bit, word, size)				\
	for ((bit) = 0; (bit) < (size); (bit)++)			\
		if (*(word) >> (bit) & 1)

static inline void bitmap_zero(unsigned long *map, unsigned int nr)
{
	memset(map, 0, BITS_TO_LONGS(nr) * sizeof(*map));
}

static inline bool test_bit(unsigned int n, const unsigned long *map)
{
	return map[n / 64] >> n % 64 & 1;
}

static inline void __set_bit(unsigned int n, unsigned long *map)
{
	map[n / 64] |= 1UL << n % 64;
}

static inline void __clear_bit(unsigned int n, unsigned long *map)
{
	map[n / 64] &= ~(1UL << n % 64);
}

#define set_bit(n, map)		__set_bit(n, map)
#define clear_bit(n, map)	__clear_bit(n, map)

static inline const void *memchr_inv(const void *p, int c, size_t n)
{
	for (const u8 *byte = p; n--; byte++)
		if (*byte != (u8)c)
			return byte;
	return NULL;
}

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

static inline bool IS_ERR(const void *p)
{
	return (unsigned long)p >= -4095UL;
}

static inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static inline int PTR_ERR_OR_ZERO(const void *p)
{
	return IS_ERR(p) ? PTR_ERR(p) : 0;
}

/* ---- What others may write meanwhile */

#define READ_ONCE(x)	({ sched_point(); *(const volatile __typeof__(x) *)&(x); })
#define WRITE_ONCE(x, val) do {						\
	*(volatile __typeof__(x) *)&(x) = (val);			\
	sched_point();							\
} while (0)
#define smp_load_acquire(p)		READ_ONCE(*(p))
#define smp_store_release(p, v)		WRITE_ONCE(*(p), v)
#define smp_mb()			sched_point()
#define rcu_dereference_raw(p)		READ_ONCE(p)
#define rcu_dereference_protected(p, c)	READ_ONCE(p)
#define rcu_dereference(p)		({ assert(rcu_read_lock_held()); READ_ONCE(p); })
#define rcu_assign_pointer(p, v)	WRITE_ONCE(p, v)
#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, v)
#define RCU_LOCKDEP_WARN(cond, s)	assert(!(cond))

#define cmpxchg(p, old, new) ({						\
	__typeof__(*(p)) was_;						\
	sched_point();							\
	was_ = *(p);							\
	if (was_ == (old))						\
		*(p) = (new);						\
	was_;								\
})

#define xchg(p, new) ({							\
	__typeof__(*(p)) was_;						\
	sched_point();							\
	was_ = *(p);							\
	*(p) = (new);							\
	was_;								\
})

/* Counts that saturate in the kernel are wrong here at once. */
typedef struct {
	int refs;
} refcount_t;

#define refcount_read(r)	((unsigned int)(r)->refs)
#define refcount_set(r, n)	((void)((r)->refs = (n)))

static inline void refcount_inc(refcount_t *r)
{
	sched_point();
	assert(r->refs > 0);
	r->refs++;
}

static inline bool refcount_inc_not_zero(refcount_t *r)
{
	sched_point();
	assert(r->refs >= 0);
	return r->refs && r->refs++;
}

static inline void refcount_dec(refcount_t *r)
{
	sched_point();
	assert(r->refs > 1);
	r->refs--;
}

static inline bool refcount_dec_not_one(refcount_t *r)
{
	sched_point();
	assert(r->refs > 0);
	return r->refs != 1 && r->refs--;
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	sched_point();
	assert(r->refs > 0);
	return !--r->refs;
}

/* ---- Locks */

struct mutex {
	struct sched_lock lock;
};

typedef struct {
	struct sched_lock lock;
} raw_spinlock_t;

typedef raw_spinlock_t spinlock_t;

#define mutex_lock(m)			do { sched_may_sleep(); sched_lock(&(m)->lock); } while (0)
#define mutex_unlock(m)			sched_unlock(&(m)->lock)
#define raw_spin_lock_init(l)		((void)((l)->lock.owner = 0))
#define raw_spin_lock(l)		sched_lock(&(l)->lock)
#define raw_spin_unlock(l)		sched_unlock(&(l)->lock)
#define spin_lock_irq(l)		do { sched_irq_off(); sched_lock(&(l)->lock); } while (0)
#define spin_unlock_irq(l)		do { sched_unlock(&(l)->lock); sched_irq_on(); } while (0)
#define spin_lock_irqsave(l, flags)	do { (flags) = 0; spin_lock_irq(l); } while (0)
#define spin_unlock_irqrestore(l, flags)	do { (void)(flags); spin_unlock_irq(l); } while (0)
#define lockdep_assert_held(l)		assert(sched_owns(&(l)->lock))
#define lockdep_is_held(l)		sched_owns(&(l)->lock)
#define lockdep_assert_irqs_disabled()	assert(sched_irqs_off())
#define lockdep_assert_irqs_enabled()	assert(!sched_irqs_off())
#define rcu_read_lock()			sched_rcu_enter()
#define rcu_read_unlock()		sched_rcu_leave()
#define rcu_read_lock_held()		sched_in_rcu()

struct scope { void *lock; };

#define SCOPE(name, type, enter, leave)					\
static inline struct scope scope_##name(void *p)			\
{									\
	type *lock __attribute__((unused)) = p;				\
	enter;								\
	return (struct scope) { p };					\
}									\
static inline void scope_##name##_end(struct scope *s)			\
{									\
	type *lock __attribute__((unused)) = s->lock;			\
	leave;								\
}

SCOPE(mutex, struct mutex, mutex_lock(lock), mutex_unlock(lock))
SCOPE(raw_spinlock, raw_spinlock_t, raw_spin_lock(lock), raw_spin_unlock(lock))
SCOPE(raw_spinlock_irqsave, raw_spinlock_t, spin_lock_irq(lock), spin_unlock_irq(lock))
SCOPE(rcu, void, rcu_read_lock(), rcu_read_unlock())
SCOPE(preempt, void, rcu_read_lock(), rcu_read_unlock())

#define SCOPE_PASTE(a, b)	a##b
#define SCOPE_VAR(n)		SCOPE_PASTE(scope_, n)
/* Some have a lock to name, some have none. */
#define SCOPE_ARG(...)		((void *)(__VA_ARGS__ + 0))
#define guard(name)							\
	struct scope SCOPE_VAR(__LINE__)				\
	__attribute__((cleanup(scope_##name##_end), unused)) = scope_##name SCOPE_ARG
#define scoped_guard(name, lock)					\
	for (struct scope scope_now					\
	     __attribute__((cleanup(scope_##name##_end))) = scope_##name(lock), *scope_once = NULL; \
	     !scope_once; scope_once = &scope_now)

/* ---- Memory */

struct rcu_head {
	void *unused[2];
};

struct kmem_cache {
	size_t size;
};

#define GFP_KERNEL_ACCOUNT		0
#define __GFP_NOWARN			0
#define SLAB_ACCOUNT			0
#define kzalloc(size, gfp)		sched_alloc(size)
#define kvmalloc(size, gfp)		sched_alloc(size)
#define kfree(p)			sched_free(p)
#define kvfree(p)			sched_free(p)
#define kfree_rcu(p, member)		sched_free_rcu(p)
#define kmem_cache_zalloc(cache, gfp)	sched_alloc((cache)->size)
#define kmem_cache_free(cache, p)	sched_free(p)
#define kmem_cache_destroy(cache)	((void)(cache))

static inline struct kmem_cache *kmem_cache_create(const char *name, size_t size, unsigned int align,
						   unsigned int flags, void (*ctor)(void *))
{
	static struct kmem_cache cache;

	cache.size = size;
	return &cache;
}

/* ---- Lists */

struct list_head {
	struct list_head *next, *prev;
};

#include "../its/include/linux/list.h"

#define list_first_entry(head, type, member)	container_of((head)->next, type, member)
#define list_for_each_entry_rcu(pos, head, member)	list_for_each_entry(pos, head, member)

/* ---- Scheduler */

#define cond_resched()			do { sched_may_sleep(); sched_point(); } while (0)
#define cpu_relax()			sched_yield_cpu()
#define in_task()			true

/* ---- The module's own, reduced */

struct io_device {
	int unused;
};

struct gmem_hint {
	int unused;
};

struct vm_device;
enum iobus_id { KVM_MMIO_BUS };

int gmem_read(struct vm *vm, gpa_t gpa, void *data, size_t len);
int gmem_write(struct vm *vm, gpa_t gpa, const void *data, size_t len);
#define gmem_read_near(vm, hint, gpa, data, len)	gmem_read(vm, gpa, data, len)

#define VM_MAX_VCPUS			NR_VCPUS
#define NR_VCPUS			2
#define IRQ_SOURCE_USER			0
#define GICR_PROPBASER_IDBITS_MASK	0x1f
#define GICR_PROPBASER_ADDRESS(val)	((val) & GENMASK_ULL(51, 12))
#define GICR_PENDBASER_ADDRESS(val)	((val) & GENMASK_ULL(51, 16))
#define GICR_PENDBASER_PTZ		BIT_ULL(62)
#define LPI_PROP_ENABLED		BIT(0)

#include <kvm/vgic.h>

struct vcpu {
	struct vm *vm;
	u32 id;
	unsigned int index;
	bool kicked;
	struct {
		struct vgic_cpu vgic;
	} arch;
};

struct vm {
	struct vcpu vcpu[NR_VCPUS];
	struct {
		struct vgic_dist vgic;
	} arch;
};

void vcpu_kick(struct vcpu *vcpu);
struct vcpu *vcpu_running_here(void);
#define vcpu_wake(vcpu)			((void)(vcpu))
#define vm_vcpu_by_id(vm, n)		((n) < NR_VCPUS ? &(vm)->vcpu[n] : NULL)
#define vm_vcpu_by_index(vm, n)		vm_vcpu_by_id(vm, n)
#define vm_for_each_vcpu(i, v, vm) \
	for ((i) = 0; (i) < NR_VCPUS && ((v) = &(vm)->vcpu[i]); (i)++)
/* Only level interrupts have it. */
#define irq_notify_acked(vm, chip, pin)	((void)(pin), abort())

#endif
