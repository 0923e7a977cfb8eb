// SPDX-License-Identifier: GPL-2.0
/*
 * Translations beyond the 64 that the CPU's TLB holds.
 *
 * Without it each miss would be a walk from the guest's TLB through memory slots
 * and the host's page tables; a guest that has its kernel in one entry of 256 MiB
 * has many. A translation in here is as good as one in the TLB and goes with it:
 * MMU notifier events and dirty logging take it out. A change of the guest's TLB
 * changes the stamp of the entry, which makes all that came from it void.
 *
 * Locks: shadow_lock, held by all callers.
 */

#include <linux/string.h>
#include "shadow.h"

struct shadow_trans shadow_cache[SHADOW_CACHE_SIZE];

/**
 * shadow_cache_add() - keeps a translation
 * @trans: which
 */
void shadow_cache_add(const struct shadow_trans *trans)
{
	*shadow_cache_place(trans->tid, trans->word[0]) = *trans;
}

/**
 * shadow_cache_drop_gfns() - guest pages go, or lose the right to be written to
 * @vm: whose
 * @start: first page
 * @end: where they end
 * @writable_only: drop only those that can be written to
 *
 * Return: true if there was one.
 */
bool shadow_cache_drop_gfns(struct vm *vm, gfn_t start, gfn_t end, bool writable_only)
{
	bool found = false;
	unsigned int i;

	for (i = 0; i < SHADOW_CACHE_SIZE; i++) {
		if (!shadow_trans_in(&shadow_cache[i], vm, start, end))
			continue;
		if (writable_only && !(shadow_cache[i].word[2] & PPC44x_TLB_UW))
			continue;
		shadow_cache[i].vcpu = NULL;
		found = true;
	}
	return found;
}

bool shadow_cache_has_gfns(struct vm *vm, gfn_t start, gfn_t end)
{
	unsigned int i;

	for (i = 0; i < SHADOW_CACHE_SIZE; i++)
		if (shadow_trans_in(&shadow_cache[i], vm, start, end))
			return true;
	return false;
}

/* Shadow PIDs get new meanings, or a vCPU goes. */
void shadow_cache_clear(void)
{
	memset(shadow_cache, 0, sizeof(shadow_cache));
}
