// SPDX-License-Identifier: GPL-2.0
/*
 * Who answers a guest's SMCCC calls: ranges of function identifiers and what is
 * to be done with each.  Needs nothing of the hardware.
 */

#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "smccc_filter.h"

/* The architecture's own calls are not user space's to change. */
static const struct smccc_filter_range reserved[] = {
	{ .first = 0x80000000, .last = 0x8000ffff },
	{ .first = 0xc0000000, .last = 0xc000ffff },
};

static bool ranges_meet(const struct smccc_filter_range *a, const struct smccc_filter_range *b)
{
	return a->first <= b->last && b->first <= a->last;
}

static int range_of(const struct kvm_smccc_filter *add, struct smccc_filter_range *range)
{
	if (memchr_inv(add->pad, 0, sizeof(add->pad)))
		return -EINVAL;
	if (add->action > KVM_SMCCC_FILTER_FWD_TO_USER)
		return -EINVAL;
	if (!add->nr_functions ||
	    check_add_overflow(add->base, add->nr_functions - 1, &range->last))
		return -EINVAL;
	range->first = add->base;
	range->action = add->action;

	for (unsigned int i = 0; i < ARRAY_SIZE(reserved); i++)
		if (ranges_meet(range, &reserved[i]))
			return -EEXIST;
	return 0;
}

/* The first range that does not end before @fn; nr if there is none. */
static unsigned int filter_search(const struct smccc_filter *filter, u32 fn)
{
	unsigned int lo = 0, hi = filter->nr;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;

		if (filter->range[mid].last < fn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct smccc_filter *smccc_filter_insert(const struct smccc_filter *old,
					 const struct kvm_smccc_filter *add)
{
	unsigned int nr = old ? old->nr : 0;
	unsigned int at = 0;
	struct smccc_filter_range range;
	struct smccc_filter *new;
	int ret;

	ret = range_of(add, &range);
	if (ret)
		return ERR_PTR(ret);
	if (old)
		at = filter_search(old, range.first);
	if (at < nr && ranges_meet(&range, &old->range[at]))
		return ERR_PTR(-EEXIST);
	if (nr >= SMCCC_FILTER_MAX_RANGES)
		return ERR_PTR(-ENOMEM);

	new = kzalloc(struct_size(new, range, nr + 1), GFP_KERNEL_ACCOUNT);
	if (!new)
		return ERR_PTR(-ENOMEM);
	new->nr = nr + 1;
	for (unsigned int i = 0; i < at; i++)
		new->range[i] = old->range[i];
	new->range[at] = range;
	for (unsigned int i = at; i < nr; i++)
		new->range[i + 1] = old->range[i];
	return new;
}

/* Any context.  @filter may be NULL. */
enum kvm_smccc_filter_action smccc_filter_action(const struct smccc_filter *filter, u32 fn)
{
	unsigned int at;

	if (!filter)
		return KVM_SMCCC_FILTER_HANDLE;
	at = filter_search(filter, fn);
	if (at == filter->nr || filter->range[at].first > fn)
		return KVM_SMCCC_FILTER_HANDLE;
	return filter->range[at].action;
}
