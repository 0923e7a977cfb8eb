/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_POWERPC_SHADOW_H
#define KVM_POWERPC_SHADOW_H

/* Between shadow.c and shadow-cache.c: all of it under shadow_lock. */

#include "booke.h"

/**
 * struct shadow_trans - a translation as the CPU's TLB takes it
 * @vcpu: whose it is; NULL: none
 * @gfn: guest page in it
 * @word: of the TLB entry
 * @tid: shadow PID
 * @gtlb: entry of the guest's TLB that it comes from
 * @stamp: that entry's stamp when this was made
 */
struct shadow_trans {
	struct vcpu *vcpu;
	gfn_t gfn;
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
struct shadow_trans *shadow_cache_find(const struct vcpu *vcpu, u8 tid, u32 ea);
void shadow_cache_add(const struct shadow_trans *trans);
bool shadow_cache_drop_gfns(struct vm *vm, gfn_t start, gfn_t end, bool writable_only);
bool shadow_cache_has_gfns(struct vm *vm, gfn_t start, gfn_t end);
void shadow_cache_clear(void);

#endif
