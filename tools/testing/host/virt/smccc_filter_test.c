// SPDX-License-Identifier: GPL-2.0
/* The filter of SMCCC calls: ranges, their errors, and what is done with a call. */

#include <linux/errno.h>
#include <stdlib.h>
#include <linux/err.h>
#include <linux/slab.h>
#include "ktap.h"
#include "smccc_filter.h"

static const struct smccc_filter *filter;

static int add(u32 base, u32 nr, u8 action)
{
	struct kvm_smccc_filter range = { .base = base, .nr_functions = nr, .action = action };
	struct smccc_filter *new = smccc_filter_insert(filter, &range);

	if (IS_ERR(new))
		return PTR_ERR(new);
	kfree(filter);
	filter = new;
	return 0;
}

static void start(void)
{
	kfree(filter);
	filter = NULL;
}

static void no_filter_handles(void)
{
	start();
	CHECK(smccc_filter_action(NULL, 0) == KVM_SMCCC_FILTER_HANDLE);
	CHECK(smccc_filter_action(NULL, ~0u) == KVM_SMCCC_FILTER_HANDLE);
}

static void malformed_ranges(void)
{
	struct kvm_smccc_filter padded = { .base = 0x84000000, .nr_functions = 1, .pad = { [14] = 1 } };

	start();
	CHECK(PTR_ERR(smccc_filter_insert(NULL, &padded)) == -EINVAL);
	CHECK(add(0x84000000, 0, KVM_SMCCC_FILTER_DENY) == -EINVAL);
	CHECK(add(0x84000000, 1, 3) == -EINVAL);
	CHECK(add(0x84000000, 1, 255) == -EINVAL);
	CHECK(add(~0u, 2, KVM_SMCCC_FILTER_DENY) == -EINVAL);
	CHECK(add(~0u, ~0u, KVM_SMCCC_FILTER_DENY) == -EINVAL);
	CHECK(!filter);
}

static void last_function_is_a_range(void)
{
	start();
	CHECK(add(~0u, 1, KVM_SMCCC_FILTER_DENY) == 0);
	CHECK(smccc_filter_action(filter, ~0u) == KVM_SMCCC_FILTER_DENY);
	CHECK(smccc_filter_action(filter, ~0u - 1) == KVM_SMCCC_FILTER_HANDLE);
}

static void reserved_ranges(void)
{
	start();
	CHECK(add(0x80000000, 1, KVM_SMCCC_FILTER_DENY) == -EEXIST);
	CHECK(add(0x8000ffff, 1, KVM_SMCCC_FILTER_DENY) == -EEXIST);
	CHECK(add(0x7fffffff, 2, KVM_SMCCC_FILTER_DENY) == -EEXIST);
	CHECK(add(0xc0000000, 1, KVM_SMCCC_FILTER_DENY) == -EEXIST);
	CHECK(add(0, ~0u, KVM_SMCCC_FILTER_DENY) == -EEXIST);
	CHECK(add(0x7fffffff, 1, KVM_SMCCC_FILTER_DENY) == 0);
	CHECK(add(0x80010000, 0x3fff0000, KVM_SMCCC_FILTER_DENY) == 0);
}

static void overlaps(void)
{
	start();
	CHECK(add(100, 10, KVM_SMCCC_FILTER_DENY) == 0);
	CHECK(add(100, 10, KVM_SMCCC_FILTER_DENY) == -EEXIST);
	CHECK(add(109, 1, KVM_SMCCC_FILTER_HANDLE) == -EEXIST);
	CHECK(add(90, 11, KVM_SMCCC_FILTER_DENY) == -EEXIST);
	CHECK(add(50, 1000, KVM_SMCCC_FILTER_DENY) == -EEXIST);
	CHECK(add(110, 1, KVM_SMCCC_FILTER_FWD_TO_USER) == 0);
	CHECK(add(90, 10, KVM_SMCCC_FILTER_FWD_TO_USER) == 0);
	CHECK(filter->nr == 3);
	CHECK(smccc_filter_action(filter, 99) == KVM_SMCCC_FILTER_FWD_TO_USER);
	CHECK(smccc_filter_action(filter, 100) == KVM_SMCCC_FILTER_DENY);
	CHECK(smccc_filter_action(filter, 109) == KVM_SMCCC_FILTER_DENY);
	CHECK(smccc_filter_action(filter, 110) == KVM_SMCCC_FILTER_FWD_TO_USER);
	CHECK(smccc_filter_action(filter, 111) == KVM_SMCCC_FILTER_HANDLE);
}

static void failure_keeps_the_old(void)
{
	start();
	CHECK(add(100, 10, KVM_SMCCC_FILTER_DENY) == 0);
	host_alloc_fail = true;
	CHECK(add(200, 10, KVM_SMCCC_FILTER_DENY) == -ENOMEM);
	CHECK(filter->nr == 1 && smccc_filter_action(filter, 105) == KVM_SMCCC_FILTER_DENY);
}

static void bounded(void)
{
	start();
	for (u32 i = 0; i < SMCCC_FILTER_MAX_RANGES; i++)
		CHECK(add(2 * i, 1, KVM_SMCCC_FILTER_DENY) == 0);
	CHECK(add(1 << 20, 1, KVM_SMCCC_FILTER_DENY) == -ENOMEM);
}

/* Against an array that says it for each of 512 functions. */
static void agrees_with_model(void)
{
	int model[512];

	srand(1);
	for (int round = 0; round < 200; round++) {
		start();
		for (int i = 0; i < 512; i++)
			model[i] = -1;
		for (int i = 0; i < 60; i++) {
			u32 base = rand() % 512, nr = 1 + rand() % 8;
			u8 action = rand() % 3;
			bool taken = false;

			if (base + nr > 512)
				continue;
			for (u32 fn = base; fn < base + nr; fn++)
				taken |= model[fn] >= 0;
			CHECK(add(base, nr, action) == (taken ? -EEXIST : 0));
			for (u32 fn = base; !taken && fn < base + nr; fn++)
				model[fn] = action;
		}
		for (int fn = 0; fn < 512; fn++)
			CHECK(smccc_filter_action(filter, fn) ==
			      (model[fn] < 0 ? KVM_SMCCC_FILTER_HANDLE : model[fn]));
	}
}

static void nothing_leaks(void)
{
	start();
	CHECK(host_allocs == 0);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "smccc_filter.no_filter_handles", no_filter_handles },
		{ "smccc_filter.malformed_ranges", malformed_ranges },
		{ "smccc_filter.last_function_is_a_range", last_function_is_a_range },
		{ "smccc_filter.reserved_ranges", reserved_ranges },
		{ "smccc_filter.overlaps", overlaps },
		{ "smccc_filter.failure_keeps_the_old", failure_keeps_the_old },
		{ "smccc_filter.bounded", bounded },
		{ "smccc_filter.agrees_with_model", agrees_with_model },
		{ "smccc_filter.nothing_leaks", nothing_leaks },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
