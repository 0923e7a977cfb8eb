/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_SMCCC_FILTER_H
#define KVM_ARM64_SMCCC_FILTER_H

#include <linux/kvm.h>
#include <linux/types.h>

/* Bound on what user space can make the kernel hold. */
#define SMCCC_FILTER_MAX_RANGES	1024

struct smccc_filter_range {
	u32 first;
	u32 last;		/* inclusive */
	u8 action;		/* enum kvm_smccc_filter_action */
};

/* Sorted, without overlaps, immutable. */
struct smccc_filter {
	unsigned int nr;
	struct smccc_filter_range range[];
};

/*
 * smccc_filter_insert - a copy of @old (or of nothing) with one range more
 *
 * Return: the copy, or an ERR_PTR: -EINVAL for a malformed range, -EEXIST if it
 * meets another or a reserved one, -ENOMEM.
 */
struct smccc_filter *smccc_filter_insert(const struct smccc_filter *old,
					 const struct kvm_smccc_filter *add);
enum kvm_smccc_filter_action smccc_filter_action(const struct smccc_filter *filter, u32 fn);

#endif
