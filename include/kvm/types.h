/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_TYPES_H
#define KVM_TYPES_H

#include <linux/types.h>
#include <asm/page.h>

/*
 * Address spaces.  A gpa is a guest physical address; on arm64 the
 * architecture calls it an IPA.  A gfn is a gpa in host pages.  An hva is an
 * address of the VMM's.
 */
typedef u64 gpa_t;
typedef u64 gfn_t;
typedef unsigned long hva_t;

struct vm;
struct vcpu;
struct memslot;

static inline gfn_t gpa_to_gfn(gpa_t gpa)
{
	return gpa >> PAGE_SHIFT;
}

static inline gpa_t gfn_to_gpa(gfn_t gfn)
{
	return gfn << PAGE_SHIFT;
}

#endif
