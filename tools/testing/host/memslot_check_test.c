// SPDX-License-Identifier: GPL-2.0
/*
 * Arithmetic and limits of memory slot requests, natively: the values next to
 * each border, and a random comparison with the definition in 128 bits.
 */

#include <linux/errno.h>
#include <linux/kvm.h>
#include <kvm/memslot.h>
#include "ktap.h"

#define HVA		0x7f0000000000ULL
#define PG		((__u64)PAGE_SIZE)

struct one {
	const char *name;
	__u32 slot, flags;
	__u64 gpa, size, hva;
	int expect;
};

static const struct one cases[] = {
	{ "a page", 0, 0, 0, PG, HVA, 0 },
	{ "deletion", 5, 0, 0, 0, 0, 0 },
	{ "last slot", MEMSLOT_NR_USER - 1, 0, 0, PG, HVA, 0 },
	{ "one slot too many", MEMSLOT_NR_USER, 0, 0, PG, HVA, -EINVAL },
	{ "second address space", 1U << 16, 0, 0, PG, HVA, -EINVAL },
	{ "largest slot number", ~0U, 0, 0, PG, HVA, -EINVAL },
	{ "both flags", 0, KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY, 0, PG, HVA, 0 },
	{ "guest_memfd", 0, KVM_MEM_GUEST_MEMFD, 0, PG, HVA, -EINVAL },
	{ "unknown flag", 0, 1U << 31, 0, PG, HVA, -EINVAL },
	{ "unknown flag in a deletion", 0, 1U << 3, 0, 0, 0, -EINVAL },
	{ "unaligned gpa", 0, 0, 1, PG, HVA, -EINVAL },
	{ "unaligned size", 0, 0, 0, PG + 1, HVA, -EINVAL },
	{ "less than a page", 0, 0, 0, PG - 1, HVA, -EINVAL },
	{ "unaligned hva", 0, 0, 0, PG, HVA + PG / 2, -EINVAL },
	{ "gpa wraps", 0, 0, -PG, 2 * PG, HVA, -EINVAL },
	{ "ends with the last byte there is", 0, 0, -PG, PG, HVA, -EINVAL },
	{ "ends one page before that", 0, 0, -2 * PG, PG, HVA, 0 },
	{ "hva wraps", 0, 0, 0, 2 * PG, -PG, -EINVAL },
	{ "most pages", 0, 0, 0, MEMSLOT_MAX_PAGES * PG, HVA, 0 },
	{ "a page more", 0, 0, 0, (MEMSLOT_MAX_PAGES + 1) * PG, HVA, -EINVAL },
	{ "largest size", 0, 0, 0, -PG, HVA, -EINVAL },
};

static int check(const struct one *c)
{
	struct kvm_userspace_memory_region2 mem = {
		.slot = c->slot,
		.flags = c->flags,
		.guest_phys_addr = c->gpa,
		.memory_size = c->size,
		.userspace_addr = c->hva,
	};

	return memslot_check_region(&mem);
}

/* The definition, where nothing can wrap. */
static int define(const struct one *c)
{
	unsigned __int128 whole = (unsigned __int128)1 << 64;
	unsigned __int128 gpa_end = (unsigned __int128)c->gpa + c->size;
	unsigned __int128 hva_end = (unsigned __int128)c->hva + c->size;

	if (c->slot >= MEMSLOT_NR_USER)
		return -EINVAL;
	if (c->flags & ~(KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY))
		return -EINVAL;
	if (c->gpa % PG || c->size % PG || c->hva % PG)
		return -EINVAL;
	if (!c->size)
		return 0;
	if (c->size / PG > MEMSLOT_MAX_PAGES)
		return -EINVAL;
	return gpa_end >= whole || hva_end >= whole ? -EINVAL : 0;
}

static __u64 pick(__u64 below)
{
	return ktap_random() % below;
}

/* Mostly near a border, since that is where mistakes are. */
static __u64 number(void)
{
	__u64 n = (__u64)1 << pick(64);

	switch (pick(4)) {
	case 0:
		return n * PG;
	case 1:
		return -n * PG;
	case 2:
		return (n - pick(3)) * PG;
	default:
		return n + pick(3) - 1;
	}
}

static void test_borders(void)
{
	const struct one *c;

	for (c = cases; c < cases + sizeof(cases) / sizeof(cases[0]); c++)
		expect(check(c) == c->expect, "%s: %d", c->name, check(c));
}

static void test_definition(void)
{
	unsigned int round, valid = 0, rounds = 2000000;

	for (round = 0; round < rounds; round++) {
		struct one c = {
			.slot = pick(8) ? pick(MEMSLOT_NR_USER + 2) : number(),
			.flags = pick(8) ? pick(4) : number(),
			.gpa = number(),
			.size = number(),
			.hva = number(),
		};
		int want = define(&c);

		expect(check(&c) == want, "slot %#x flags %#x gpa %#jx size %#jx hva %#jx",
		       c.slot, c.flags, (uintmax_t)c.gpa, (uintmax_t)c.size, (uintmax_t)c.hva);
		valid += !want;
	}
	/* A comparison in which hardly anything is valid would say little. */
	expect(valid > rounds / 100, "only %u were valid", valid);
}

static const struct ktap_test tests[] = {
	{ "memslot_check_borders", test_borders },
	{ "memslot_check_definition", test_definition },
};

KTAP_MAIN(tests)
