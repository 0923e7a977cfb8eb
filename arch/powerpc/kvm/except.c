// SPDX-License-Identifier: GPL-2.0
/*
 * Exceptions of the guest: a set of those that wait, and their delivery by
 * priority (Book E, chapter 5; 440x5 User's Manual, chapter 6).
 *
 * No locks.  Bits of vcpu->arch.pending are set by anyone and taken by the own
 * thread; the timers' exceptions have no bit there, TSR and TCR say whether
 * they wait.  vcpu_kick() comes after the bit.
 */

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <asm/mmu.h>
#include "booke.h"
#include "hw.h"

/*
 * @ivor: vector
 * @mask: MSR bits that have to be set
 * @keep: MSR bits that stay as they are
 * @level: which pair of save/restore registers
 */
static const struct {
	u8 ivor;
	u32 mask;
	u32 keep;
	enum { SAVE_BASE, SAVE_CRITICAL, SAVE_MCHECK } level;
} except_table[EXC_NR] = {
#define BASE(v, m)	{ v, m, BMSR_CE | BMSR_ME | BMSR_DE, SAVE_BASE }
#define CRIT(v, m)	{ v, m, BMSR_ME, SAVE_CRITICAL }
	[EXC_CRITICAL]		= CRIT(VECTOR_CRITICAL, BMSR_CE),
	[EXC_MCHECK]		= { VECTOR_MCHECK, BMSR_ME, 0, SAVE_MCHECK },
	[EXC_DSI]		= BASE(VECTOR_DSI, 0),
	[EXC_ISI]		= BASE(VECTOR_ISI, 0),
	[EXC_ALIGNMENT]		= BASE(VECTOR_ALIGNMENT, 0),
	[EXC_PROGRAM]		= BASE(VECTOR_PROGRAM, 0),
	[EXC_FP_UNAVAILABLE]	= BASE(VECTOR_FP_UNAVAILABLE, 0),
	[EXC_SYSCALL]		= BASE(VECTOR_SYSCALL, 0),
	[EXC_DTLB]		= BASE(VECTOR_DTLB, 0),
	[EXC_ITLB]		= BASE(VECTOR_ITLB, 0),
	[EXC_WATCHDOG]		= CRIT(VECTOR_WATCHDOG, BMSR_CE),
	[EXC_DEBUG]		= CRIT(VECTOR_DEBUG, BMSR_DE),
	[EXC_EXTERNAL]		= BASE(VECTOR_EXTERNAL, BMSR_EE),
	[EXC_EXTERNAL_LEVEL]	= BASE(VECTOR_EXTERNAL, BMSR_EE),
	[EXC_FIT]		= BASE(VECTOR_FIT, BMSR_EE),
	[EXC_DECREMENTER]	= BASE(VECTOR_DECREMENTER, BMSR_EE),
#undef BASE
#undef CRIT
};

/**
 * except_queue() - an exception without a syndrome
 * @vcpu: own thread, or vcpu->mutex
 * @exc: which
 */
void except_queue(struct vcpu *vcpu, enum exception exc)
{
	/* An ISI leaves ESR at 0. */
	if (exc == EXC_ISI)
		vcpu->arch.hw.shared->esr = 0;
	set_bit(exc, &vcpu->arch.pending);
}

/**
 * except_program() - a program exception
 * @vcpu: own thread
 * @esr: why
 */
void except_program(struct vcpu *vcpu, u32 esr)
{
	vcpu->arch.hw.shared->esr = esr;
	set_bit(EXC_PROGRAM, &vcpu->arch.pending);
}

/**
 * except_data() - a data storage, data TLB miss or alignment exception
 * @vcpu: own thread
 * @exc: which
 * @dear: the address
 * @esr: the syndrome
 */
void except_data(struct vcpu *vcpu, enum exception exc, u32 dear, u32 esr)
{
	vcpu->arch.hw.shared->dar = dear;
	vcpu->arch.hw.shared->esr = esr;
	set_bit(exc, &vcpu->arch.pending);
}

/**
 * except_external() - KVM_INTERRUPT
 * @vcpu: the vCPU
 * @kind: KVM_INTERRUPT_SET, which is taken once, KVM_INTERRUPT_SET_LEVEL, or
 *	  KVM_INTERRUPT_UNSET for both
 *
 * Context: any.
 */
void except_external(struct vcpu *vcpu, u32 kind)
{
	if (kind == KVM_INTERRUPT_UNSET) {
		clear_bit(EXC_EXTERNAL, &vcpu->arch.pending);
		clear_bit(EXC_EXTERNAL_LEVEL, &vcpu->arch.pending);
		return;
	}
	set_bit(kind == KVM_INTERRUPT_SET ? EXC_EXTERNAL : EXC_EXTERNAL_LEVEL,
		&vcpu->arch.pending);
	vcpu_make_request(vcpu, VCPU_REQ_UNHALT);
	vcpu_kick(vcpu);
}

/* Not for a guest that is in a critical section of its own (magic.c): what it has not caused itself. */
#define EXCEPT_HELD	(BIT(EXC_CRITICAL) | BIT(EXC_MCHECK) | BIT(EXC_WATCHDOG) | \
			 BIT(EXC_DEBUG) | BIT(EXC_EXTERNAL) | BIT(EXC_EXTERNAL_LEVEL) | \
			 BIT(EXC_FIT) | BIT(EXC_DECREMENTER))

/**
 * except_pending_timers() - the timers' part of except_pending()
 * @vcpu: any thread for a hint
 *
 * Return: bits of enum exception.
 */
unsigned long except_pending_timers(struct vcpu *vcpu)
{
	u32 tcr = vcpu->arch.regs.tcr, tsr = READ_ONCE(vcpu->arch.timer.tsr);
	unsigned long pending = 0;

	if (tcr & BTCR_DIE && tsr & BTSR_DIS)
		pending |= BIT(EXC_DECREMENTER);
	if (tcr & BTCR_FIE && tsr & BTSR_FIS)
		pending |= BIT(EXC_FIT);
	if (tcr & BTCR_WIE && tsr & BTSR_WIS)
		pending |= BIT(EXC_WATCHDOG);
	return pending;
}

/* The first that the guest takes, or EXC_NR. */
static unsigned int except_next(struct vcpu *vcpu)
{
	unsigned long pending = except_pending(vcpu);
	u32 msr = vcpu->arch.regs.msr;
	unsigned int exc;

	if (magic_critical(vcpu))
		pending &= ~EXCEPT_HELD;
	for_each_set_bit(exc, &pending, EXC_NR)
		if ((msr & except_table[exc].mask) == except_table[exc].mask)
			return exc;
	return EXC_NR;
}

/**
 * except_deliverable() - is there one that the guest would take?
 * @vcpu: any thread for a hint
 */
bool except_deliverable(struct vcpu *vcpu)
{
	return except_next(vcpu) != EXC_NR;
}

static void except_take(struct vcpu *vcpu, unsigned int exc)
{
	struct vcpu_regs *regs = &vcpu->arch.regs;
	struct vcpu_hw *hw = &vcpu->arch.hw;

	switch (except_table[exc].level) {
	case SAVE_BASE:
		hw->shared->srr0 = hw->cpu.pc;
		hw->shared->srr1 = regs->msr;
		break;
	case SAVE_CRITICAL:
		regs->csrr0 = hw->cpu.pc;
		regs->csrr1 = regs->msr;
		break;
	case SAVE_MCHECK:
		regs->mcsrr0 = hw->cpu.pc;
		regs->mcsrr1 = regs->msr;
		break;
	}
	hw->cpu.pc = regs->ivpr | regs->ivor[except_table[exc].ivor];
	emul_set_msr(vcpu, regs->msr & except_table[exc].keep);
	/* These two stay as long as their reason does. */
	if (exc != EXC_EXTERNAL_LEVEL && exc != EXC_DEBUG)
		clear_bit(exc, &vcpu->arch.pending);
	if (except_table[exc].level == SAVE_BASE || !(regs->dbcr[0] & B0_IDM))
		debug_event(vcpu, B0_IRPT);
}

/**
 * except_deliver() - the guest goes to its handlers
 * @vcpu: own thread, before an entry
 *
 * Several can follow each other: each leaves the MSR such that fewer are taken.
 */
void except_deliver(struct vcpu *vcpu)
{
	unsigned int exc, i;

	for (i = 0; i < EXC_NR && unlikely(except_pending(vcpu)); i++) {
		exc = except_next(vcpu);
		if (exc == EXC_NR)
			break;
		except_take(vcpu, exc);
	}
	/* A guest that enables interrupts in its copy of the MSR looks at this next. */
	if (unlikely(vcpu->arch.magic_mapped))
		vcpu->arch.hw.shared->int_pending = !!except_pending(vcpu);
}
