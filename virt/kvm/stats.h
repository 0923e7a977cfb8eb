/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_STATS_PRIVATE_H
#define KVM_STATS_PRIVATE_H

/* The counters' names, between the files that show them. */

#include <linux/types.h>

/**
 * struct stat_desc - a counter
 * @name: as the ABI has it
 * @offset: of its first value in the structure of counters, in bytes
 * @size: number of values, 1 but for histograms
 * @flags: KVM_STATS_TYPE_*, KVM_STATS_UNIT_*, KVM_STATS_BASE_*
 * @exponent: of the base
 */
struct stat_desc {
	const char *name;
	u32 offset;
	u16 size;
	u32 flags;
	s16 exponent;
};

/* In the order of the structure's members, and all of them. */
extern const struct stat_desc vcpu_stat_descs[];
extern const struct stat_desc vm_stat_descs[];
extern const unsigned int vcpu_stat_nr, vm_stat_nr;

#endif
