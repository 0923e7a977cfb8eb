// SPDX-License-Identifier: GPL-2.0
/*
 * Data address and data value compares of accesses that are emulated: the CPU has
 * not done these, so it cannot compare them (440x5 User's Manual, 8.3.2 and 8.3.3).
 *
 * The address that counts is the one that the instruction begins with.  The event
 * comes when the access is complete, which the architecture leaves open.
 */

#include "booke.h"

#define B2_DAC_MODE(b2)		((b2) >> 22 & 3)
#define B2_DVC_MODE(b2, n)	((b2) >> ((n) ? 16 : 18) & 3)
#define B2_DVC_BYTES(b2, n)	((b2) >> ((n) ? 0 : 8) & 15)

enum { DAC_EXACT, DAC_MASK, DAC_INCLUSIVE, DAC_EXCLUSIVE };
enum { DVC_RESERVED, DVC_AND, DVC_OR, DVC_PAIRS };

/* Bit n: DACn, from 0 on, is met by an access at @ea. */
static unsigned int data_addresses(const u32 dac[DEBUG_NR_DAC], unsigned int mode, u32 ea)
{
	bool in_range = ea >= dac[0] && ea < dac[1];

	switch (mode) {
	case DAC_MASK:
		return (ea & dac[1]) == (dac[0] & dac[1]) ? 3 : 0;
	case DAC_INCLUSIVE:
		return in_range ? 3 : 0;
	case DAC_EXCLUSIVE:
		return in_range ? 0 : 3;
	default:
		return (ea == dac[0]) | (ea == dac[1]) << 1;
	}
}

static bool data_bytes_match(unsigned int hit, unsigned int want, unsigned int mode)
{
	unsigned int high = want & 12, low = want & 3;

	switch (mode) {
	case DVC_AND:
		return (hit & want) == want;
	case DVC_OR:
		return hit & want;
	case DVC_PAIRS:
		return (high && (hit & high) == high) || (low && (hit & low) == low);
	default:
		return false;
	}
}

/* One of the aligned words that @len bytes at @ea lie in. */
static bool data_value_matches(u32 ea, const u8 *data, unsigned int len, u32 dvc,
			       unsigned int want, unsigned int mode)
{
	unsigned int i, lane, hit = 0;

	for (i = 0; i < len; i++) {
		lane = (ea + i) & 3;
		if (data[i] == (u8)(dvc >> (24 - 8 * lane)))
			hit |= 8 >> lane;
		if (lane == 3 || i == len - 1) {
			if (data_bytes_match(hit, want, mode))
				return true;
			hit = 0;
		}
	}
	return false;
}

/* DAC events of an access that starts now, in the state that the guest is in. */
static u32 data_events(const struct vcpu *vcpu, u32 ea, bool write)
{
	bool by_user = vcpu->arch.debug.control & KVM_GUESTDBG_ENABLE;
	const struct vcpu_regs *regs = &vcpu->arch.regs;
	u32 b0 = by_user ? vcpu->arch.debug.dbcr0 : regs->dbcr[0];
	u32 b2 = by_user ? 0 : regs->dbcr[2];
	const u32 *dac = by_user ? vcpu->arch.debug.dac : regs->dac;
	unsigned int i, met = data_addresses(dac, B2_DAC_MODE(b2), ea);
	u32 events = 0;

	for (i = 0; i < DEBUG_NR_DAC; i++)
		if (met & BIT(i) && debug_state_matches(b2 << 4 * i, regs->msr, BMSR_DS))
			events |= write ? B0_DAC_W(i) : B0_DAC_R(i);
	return events & b0;
}

/**
 * debug_data_start() - an access is going to be emulated
 * @vcpu: own thread; debug_steps()
 * @ea: where it begins
 * @write: what it is to a data address compare
 */
void debug_data_start(struct vcpu *vcpu, u32 ea, bool write)
{
	vcpu->arch.debug.watched = data_events(vcpu, ea, write);
	vcpu->arch.debug.watched_ea = ea;
}

/**
 * debug_data_done() - it is complete
 * @vcpu: own thread
 *
 * Return: the events, once: with those that wait for a value only if it was that.
 */
u32 debug_data_done(struct vcpu *vcpu)
{
	bool by_user = vcpu->arch.debug.control & KVM_GUESTDBG_ENABLE;
	const struct ppc_pending *access = &vcpu->arch.access;
	const struct vcpu_regs *regs = &vcpu->arch.regs;
	u32 events = vcpu->arch.debug.watched, ea = vcpu->arch.debug.watched_ea;
	unsigned int i, want;

	vcpu->arch.debug.watched = 0;
	if (by_user)
		return events;
	if (access->acc.kind == PPC_DCBZ)
		ea &= ~(u32)(access->total - 1);
	for (i = 0; i < DEBUG_NR_DAC; i++) {
		want = B2_DVC_BYTES(regs->dbcr[2], i);
		if (want && !data_value_matches(ea, access->data, access->total, regs->dvc[i], want,
						B2_DVC_MODE(regs->dbcr[2], i)))
			events &= ~(B0_DAC_R(i) | B0_DAC_W(i));
	}
	return events;
}
