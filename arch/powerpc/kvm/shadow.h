/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_POWERPC_SHADOW_H
#define KVM_POWERPC_SHADOW_H

/* Between shadow.c and shadow-cache.c: all of it under shadow_lock. */

#include <asm/mmu.h>
#include "booke.h"

/**
 * struct shadow_trans - a translation as the CPU's TLB takes it
 * @vcpu: whose it is; NULL: none
 * @gfn: guest page in it
 * @va: where its first byte is in the host's linear map, or NULL: for instructions
 * @word: of the TLB entry
 * @tid: shadow PID
 * @gtlb: entry of the guest's TLB that it comes from
 * @stamp: that entry's stamp when this was made
 */
struct shadow_trans {
	struct vcpu *vcpu;
	gfn_t gfn;
	const void *va;
	u32 word[3];
	u8 tid;
	u8 gtlb;
	u32 stamp;
};

static inline bool shadow_trans_in(const struct shadow_trans *trans, const struct vm *vm,
				   gfn_t start, gfn_t end)
{
	return trans->vcpu && trans->vcpu->vm == vm && trans->gfn >= start && trans->gfn < end;
}

/* The cache: what was in the TLB a while ago, for a miss to be answered at once. */
#define SHADOW_CACHE_SIZE	2048

extern struct shadow_trans shadow_cache[SHADOW_CACHE_SIZE];

/* By 4 KiB: those of 1 KiB pages replace each other. Neighbours do not. */
static inline struct shadow_trans *shadow_cache_place(u8 tid, u32 ea)
{
	return &shadow_cache[((ea >> 12) ^ (ea >> 23) ^ tid * 37U) % SHADOW_CACHE_SIZE];
}

/**
 * shadow_cache_find() - is there a translation?
 * @vcpu: whose
 * @tid: shadow PID
 * @ea: effective address
 *
 * Return: the translation, or NULL.
 */
static inline struct shadow_trans *shadow_cache_find(const struct vcpu *vcpu, u8 tid, u32 ea)
{
	struct shadow_trans *trans = shadow_cache_place(tid, ea);
	u32 mask = (trans->word[0] & 0xf0) == PPC44x_TLB_1K ? ~0x3ffU : ~0xfffU;

	if (trans->vcpu != vcpu || trans->tid != tid || (trans->word[0] ^ ea) & mask)
		return NULL;
	if (trans->stamp != vcpu->arch.gtlb_stamp[trans->gtlb])
		return NULL;
	return trans;
}

void shadow_cache_add(const struct shadow_trans *trans);
bool shadow_cache_drop_gfns(struct vm *vm, gfn_t start, gfn_t end, bool writable_only);
bool shadow_cache_has_gfns(struct vm *vm, gfn_t start, gfn_t end);
void shadow_cache_clear(void);

#endif
