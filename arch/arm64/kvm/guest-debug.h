/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_GUEST_DEBUG_H
#define KVM_ARM64_GUEST_DEBUG_H

/* User space debugs the guest: between guest-debug.c and those that it concerns. */

#include <linux/bits.h>
#include <asm/debug-monitors.h>
#include "arm64.h"

/* MDSCR_EL1 */
#define MDSCR_SS	BIT_ULL(0)
#define MDSCR_TDCC	BIT_ULL(12)
#define MDSCR_KDE	BIT_ULL(13)
#define MDSCR_MDE	BIT_ULL(15)
#define MDSCR_ENABLES	(MDSCR_SS | MDSCR_KDE | MDSCR_MDE)

/* KVM_SET_GUEST_DEBUG: what kvm_guest_debug.control can have */
#define GUEST_DEBUG_CONTROLS	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP |	\
				 KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_USE_HW)

int guest_debug_set(struct vcpu *vcpu, const struct kvm_guest_debug *debug);
unsigned int guest_debug_nr_breakpoints(void);
unsigned int guest_debug_nr_watchpoints(void);
enum exit_result guest_debug_exit(struct vcpu *vcpu);

/* For debug.c.  @mdscr: what the guest's own registers ask for */
void guest_debug_choose(struct vcpu *vcpu, u64 mdscr);
void guest_debug_step_out(struct vcpu *vcpu);
void guest_debug_reset(struct vcpu *vcpu);

/* The guest's PSTATE as it would be if nobody stepped through it */
static inline u64 guest_debug_own_pstate(const struct vcpu *vcpu)
{
	const struct guest_debug *gd = &vcpu->arch.guest_debug;
	u64 pstate = vcpu->arch.hyp.pstate;

	if (likely(!gd->stepping))
		return pstate;
	pstate &= ~(u64)DBG_SPSR_SS;
	return gd->own_ss ? pstate | DBG_SPSR_SS : pstate;
}

#endif
