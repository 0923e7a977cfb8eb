// SPDX-License-Identifier: GPL-2.0
/*
 * Debug events: those that user space asks for (KVM_SET_GUEST_DEBUG), else those
 * that the guest has set up for itself (440x5 User's Manual, chapter 8).
 *
 * The CPU finds instruction addresses, data accesses, branches, traps and single
 * steps; the rest, and what is done for the guest by emulation, are found here and
 * in debug-data.c.  A debug interrupt of the guest's waits as long as its DBSR has
 * an event and DBCR0[IDM] is on.
 *
 * The CPU's debug registers are the guest's from an entry to the exit, with
 * interrupts off.  The guest never writes to them itself.
 */

#include <linux/irqflags.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/reg.h>
#include <asm/reg_booke.h>
#include "booke.h"

#define DEBUG_CONTROLS	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | \
			 KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_USE_HW_BP)

/* What the CPU itself watches for: interrupts and returns it has but the host's. */
#define B0_CPU		(B0_IDM | B0_IC | B0_BRT | B0_TRAP | B0_IACS | B0_DACS)
#define B1_MODES	0x00c100c1	/* of the two pairs: range, and whether that toggles */
#define B1_EXCLUSIVE(n)	(0x00400000 >> 16 * (n))
#define BSR_TOGGLED(n)	(0x00000002 >> (n))
#define BSR_TOGGLES	(BSR_TOGGLED(0) | BSR_TOGGLED(1))
#define BSR_CPU		(BSR_IDE | B0_IC | B0_BRT | B0_TRAP | B0_IACS | B0_DACS | BSR_TOGGLES)

static bool debug_by_user(const struct vcpu *vcpu)
{
	return vcpu->arch.debug.control & KVM_GUESTDBG_ENABLE;
}

static bool debug_by_guest(const struct vcpu *vcpu)
{
	return !debug_by_user(vcpu) && vcpu->arch.regs.dbcr[0] & B0_CPU & ~B0_IDM;
}

/* Does the guest take a debug interrupt as soon as there is an event? */
static bool debug_interrupts(const struct vcpu *vcpu)
{
	return vcpu->arch.regs.msr & BMSR_DE && vcpu->arch.regs.dbcr[0] & B0_IDM;
}

/* ---- In the CPU */

static void debug_write(const struct debug_regs *regs)
{
	/* Off first: no half of it may match anything. */
	mtspr(SPRN_DBCR0, 0);
	isync();
	mtspr(SPRN_DBCR1, regs->dbcr[1]);
	mtspr(SPRN_DBCR2, regs->dbcr[2]);
	mtspr(SPRN_IAC1, regs->iac[0]);
	mtspr(SPRN_IAC2, regs->iac[1]);
	mtspr(SPRN_IAC3, regs->iac[2]);
	mtspr(SPRN_IAC4, regs->iac[3]);
	mtspr(SPRN_DAC1, regs->dac[0]);
	mtspr(SPRN_DAC2, regs->dac[1]);
	mtspr(SPRN_DVC1, regs->dvc[0]);
	mtspr(SPRN_DVC2, regs->dvc[1]);
	mtspr(SPRN_DBSR, BSR_CPU);
	mtspr(SPRN_DBCR0, regs->dbcr[0]);
	isync();
}

static void debug_read(struct debug_regs *regs)
{
	regs->dbcr[0] = mfspr(SPRN_DBCR0);
	regs->dbcr[1] = mfspr(SPRN_DBCR1);
	regs->dbcr[2] = mfspr(SPRN_DBCR2);
	regs->iac[0] = mfspr(SPRN_IAC1);
	regs->iac[1] = mfspr(SPRN_IAC2);
	regs->iac[2] = mfspr(SPRN_IAC3);
	regs->iac[3] = mfspr(SPRN_IAC4);
	regs->dac[0] = mfspr(SPRN_DAC1);
	regs->dac[1] = mfspr(SPRN_DAC2);
	regs->dvc[0] = mfspr(SPRN_DVC1);
	regs->dvc[1] = mfspr(SPRN_DVC2);
}

/*
 * Problem state and address space 1 are the CPU's whatever the guest's MSR says:
 * what is for another state than the guest's is left out, the rest is for any.
 */
static void debug_from_guest(const struct vcpu *vcpu, struct debug_regs *out)
{
	const struct vcpu_regs *regs = &vcpu->arch.regs;
	unsigned int i;

	out->dbcr[0] = regs->dbcr[0] & B0_CPU;
	for (i = 0; i < DEBUG_NR_IAC; i++)
		if (!debug_state_matches(regs->dbcr[1] << (4 * (i & 1) + 16 * (i >> 1)), regs->msr,
					 BMSR_IS))
			out->dbcr[0] &= ~B0_IAC(i);
	for (i = 0; i < DEBUG_NR_DAC; i++)
		if (!debug_state_matches(regs->dbcr[2] << 4 * i, regs->msr, BMSR_DS))
			out->dbcr[0] &= ~(B0_DAC_R(i) | B0_DAC_W(i));

	out->dbcr[1] = regs->dbcr[1] & B1_MODES;
	for (i = 0; i < 2; i++)
		if (regs->dbsr & BSR_TOGGLED(i))
			out->dbcr[1] ^= B1_EXCLUSIVE(i);
	out->dbcr[2] = regs->dbcr[2] & ~B2_STATES;
	memcpy(out->iac, regs->iac, sizeof(out->iac));
	memcpy(out->dac, regs->dac, sizeof(out->dac));
	memcpy(out->dvc, regs->dvc, sizeof(out->dvc));
}

static void debug_from_user(const struct vcpu *vcpu, struct debug_regs *out)
{
	*out = (struct debug_regs) { .dbcr[0] = vcpu->arch.debug.dbcr0 };
	memcpy(out->iac, vcpu->arch.debug.iac, sizeof(out->iac));
	memcpy(out->dac, vcpu->arch.debug.dac, sizeof(out->dac));
}

/**
 * debug_load() - the debug registers become the guest's, if it is debugged
 * @vcpu: own thread; debug_steps()
 *
 * Context: interrupts off.
 */
void debug_load(struct vcpu *vcpu)
{
	typeof(vcpu->arch.debug) *debug = &vcpu->arch.debug;
	struct debug_regs regs;

	debug->loaded = debug_by_user(vcpu) || debug_by_guest(vcpu);
	if (!debug->loaded)
		return;

	/* An event that waits for the guest is none for the host. */
	debug->host_msr = mfmsr();
	mtmsr(debug->host_msr & ~BMSR_DE);
	debug_read(&debug->host);
	if (debug_by_user(vcpu))
		debug_from_user(vcpu, &regs);
	else
		debug_from_guest(vcpu, &regs);
	debug_write(&regs);
}

/**
 * debug_unload() - the debug registers become the host's again
 * @vcpu: own thread, after debug_load() has made them the guest's
 *
 * Context: interrupts off.
 */
void debug_unload(struct vcpu *vcpu)
{
	typeof(vcpu->arch.debug) *debug = &vcpu->arch.debug;
	struct vcpu_regs *regs = &vcpu->arch.regs;

	debug->dbsr = mfspr(SPRN_DBSR) & BSR_CPU;
	debug_write(&debug->host);
	mtmsr(debug->host_msr);
	debug->loaded = false;
	if (debug_by_user(vcpu))
		return;
	regs->dbsr |= debug->dbsr & ~BSR_TOGGLES;
	regs->dbsr ^= debug->dbsr & BSR_TOGGLES;
	debug_update(vcpu);
}

/* ---- Events */

/**
 * debug_update() - DBSR or DBCR0 of the guest has changed: is there something that waits?
 * @vcpu: own thread, or vcpu->mutex
 */
void debug_update(struct vcpu *vcpu)
{
	const struct vcpu_regs *regs = &vcpu->arch.regs;

	if (regs->dbcr[0] & B0_IDM && regs->dbsr & BSR_EVENTS)
		set_bit(EXC_DEBUG, &vcpu->arch.pending);
	else
		clear_bit(EXC_DEBUG, &vcpu->arch.pending);
}

/**
 * debug_event() - something that may be an event for the guest has happened
 * @vcpu: own thread
 * @event: bits of DBSR, which are those of DBCR0
 *
 * Return: true if the guest takes a debug interrupt for it now.
 */
bool debug_event(struct vcpu *vcpu, u32 event)
{
	struct vcpu_regs *regs = &vcpu->arch.regs;

	event &= regs->dbcr[0];
	if (likely(!event) || debug_by_user(vcpu))
		return false;
	regs->dbsr |= event;
	if (regs->dbcr[0] & B0_IDM && !(regs->msr & BMSR_DE))
		regs->dbsr |= BSR_IDE;
	debug_update(vcpu);
	return debug_interrupts(vcpu);
}

/**
 * debug_exit_user() - KVM_EXIT_DEBUG
 * @vcpu: own thread
 * @status: KVMPPC_DEBUG_*
 *
 * Return: EXIT_USER.
 */
int debug_exit_user(struct vcpu *vcpu, u32 status)
{
	vcpu->run->exit_reason = KVM_EXIT_DEBUG;
	vcpu->run->debug.arch.address = vcpu->arch.hw.cpu.pc;
	vcpu->run->debug.arch.status = status;
	vcpu->run->debug.arch.reserved = 0;
	return EXIT_USER;
}

static u32 debug_watch_status(u32 events)
{
	u32 status = 0;
	unsigned int i;

	for (i = 0; i < DEBUG_NR_DAC; i++) {
		if (events & B0_DAC_R(i))
			status |= KVMPPC_DEBUG_WATCH_READ;
		if (events & B0_DAC_W(i))
			status |= KVMPPC_DEBUG_WATCH_WRITE;
	}
	return status;
}

/**
 * debug_exit() - the CPU has had a debug event in the guest
 * @vcpu: own thread
 *
 * Return: EXIT_USER if user space asked for it, else EXIT_GUEST.
 */
int debug_exit(struct vcpu *vcpu)
{
	u32 dbsr = vcpu->arch.debug.dbsr, status = KVMPPC_DEBUG_NONE;
	unsigned int i;

	/* The guest's own waits already: debug_unload(). */
	if (!debug_by_user(vcpu))
		return EXIT_GUEST;
	for (i = 0; i < DEBUG_NR_IAC; i++)
		if (dbsr & B0_IAC(i))
			status |= KVMPPC_DEBUG_BREAKPOINT;
	return debug_exit_user(vcpu, status | debug_watch_status(dbsr));
}

/* The data address compares that an emulated access has met, for whom they are. */
static int debug_watched(struct vcpu *vcpu)
{
	u32 events = debug_data_done(vcpu);

	if (!events)
		return EXIT_GUEST;
	if (debug_by_user(vcpu))
		return debug_exit_user(vcpu, debug_watch_status(events));
	debug_event(vcpu, events);
	return EXIT_GUEST;
}

/**
 * debug_step_done() - an instruction was completed by emulation
 * @vcpu: own thread
 *
 * Return: EXIT_USER if user space single-steps, or watches what was accessed; else
 * EXIT_GUEST, with the guest's own event pending if there is one.
 */
int debug_step_done(struct vcpu *vcpu)
{
	if (unlikely(vcpu->arch.debug.watched) && debug_watched(vcpu) == EXIT_USER)
		return EXIT_USER;
	if (debug_by_user(vcpu))
		return vcpu->arch.debug.control & KVM_GUESTDBG_SINGLESTEP ?
		       debug_exit_user(vcpu, KVMPPC_DEBUG_NONE) : EXIT_GUEST;
	/* Not while debug interrupts are off: their handler could not be left. */
	if (debug_interrupts(vcpu))
		debug_event(vcpu, B0_IC);
	return EXIT_GUEST;
}

/* ---- KVM_SET_GUEST_DEBUG */

static int debug_set_points(struct vcpu *vcpu, const struct kvm_guest_debug_arch *arch)
{
	const u32 known = KVMPPC_DEBUG_BREAKPOINT | KVMPPC_DEBUG_WATCH_READ |
			  KVMPPC_DEBUG_WATCH_WRITE;
	typeof(vcpu->arch.debug) *debug = &vcpu->arch.debug;
	unsigned int i, iacs = 0, dacs = 0;

	for (i = 0; i < ARRAY_SIZE(arch->bp); i++) {
		u32 type = arch->bp[i].type;

		if (!type)
			continue;
		if (type & ~known || arch->bp[i].addr > ~0U)
			return -EINVAL;
		if (type & KVMPPC_DEBUG_BREAKPOINT) {
			if (type != KVMPPC_DEBUG_BREAKPOINT || iacs == DEBUG_NR_IAC)
				return -EINVAL;
			debug->dbcr0 |= B0_IAC(iacs);
			debug->iac[iacs++] = arch->bp[i].addr;
			continue;
		}
		if (dacs == DEBUG_NR_DAC)
			return -EINVAL;
		if (type & KVMPPC_DEBUG_WATCH_READ)
			debug->dbcr0 |= B0_DAC_R(dacs);
		if (type & KVMPPC_DEBUG_WATCH_WRITE)
			debug->dbcr0 |= B0_DAC_W(dacs);
		debug->dac[dacs++] = arch->bp[i].addr;
	}
	return 0;
}

static void debug_forget(struct vcpu *vcpu)
{
	typeof(vcpu->arch.debug) *debug = &vcpu->arch.debug;

	debug->control = 0;
	debug->dbcr0 = 0;
	debug->watched = 0;
}

/**
 * debug_set() - KVM_SET_GUEST_DEBUG
 * @vcpu: vcpu->mutex held
 * @user: struct kvm_guest_debug
 *
 * Return: 0; -EINVAL for more points than the CPU has, or what is not known, with
 * nothing debugged then; -EFAULT.
 */
int debug_set(struct vcpu *vcpu, void __user *user)
{
	typeof(vcpu->arch.debug) *debug = &vcpu->arch.debug;
	struct kvm_guest_debug args;
	int ret = 0;

	if (copy_from_user(&args, user, sizeof(args)))
		return -EFAULT;
	if (args.control & ~DEBUG_CONTROLS)
		return -EINVAL;

	debug_forget(vcpu);
	if (!(args.control & KVM_GUESTDBG_ENABLE))
		return 0;
	debug->dbcr0 = B0_IDM;
	if (args.control & KVM_GUESTDBG_SINGLESTEP)
		debug->dbcr0 |= B0_IC;
	if (args.control & KVM_GUESTDBG_USE_HW_BP)
		ret = debug_set_points(vcpu, &args.arch);
	if (ret)
		debug_forget(vcpu);
	else
		debug->control = args.control;
	return ret;
}
