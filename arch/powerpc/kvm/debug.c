// SPDX-License-Identifier: GPL-2.0
/*
 * Debug events: those that user space asks for (KVM_SET_GUEST_DEBUG), else those
 * that the guest has set up for itself.
 *
 * The CPU's debug registers are the guest's from an entry to the exit, with
 * interrupts off.  The guest never writes to them itself.
 */

#include <linux/irqflags.h>
#include <linux/uaccess.h>
#include <asm/reg.h>
#include <asm/reg_booke.h>
#include "booke.h"

#define DEBUG_CONTROLS	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | \
			 KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_USE_HW_BP)
#define DEBUG_NR_IAC	4
#define DEBUG_NR_DAC	2

/* DBCR0 and DBSR of a 440 */
#define B0_IDM		0x40000000
#define B0_IC		0x08000000
#define B0_BRT		0x04000000
#define B0_TRAP		0x01000000
#define B0_IAC(n)	(0x00800000 >> (n))
#define B0_DAC_R(n)	(0x00080000 >> 2 * (n))
#define B0_DAC_W(n)	(0x00040000 >> 2 * (n))
#define B0_GUEST	(B0_IDM | B0_IC | B0_BRT | B0_TRAP | 0x00ff0000)
#define DBSR_EVENTS	0x0fff0000

static bool debug_by_user(const struct vcpu *vcpu)
{
	return vcpu->arch.debug.control & KVM_GUESTDBG_ENABLE;
}

static bool debug_by_guest(const struct vcpu *vcpu)
{
	return vcpu->arch.regs.msr & BMSR_DE && vcpu->arch.regs.dbcr[0] & B0_IDM;
}

/* ---- In the CPU */

static void debug_write(u32 dbcr0, u32 dbcr1, u32 dbcr2, const u32 iac[4], const u32 dac[2])
{
	/* Off first: no half of it may match anything. */
	mtspr(SPRN_DBCR0, 0);
	isync();
	mtspr(SPRN_DBCR1, dbcr1);
	mtspr(SPRN_DBCR2, dbcr2);
	mtspr(SPRN_IAC1, iac[0]);
	mtspr(SPRN_IAC2, iac[1]);
	mtspr(SPRN_IAC3, iac[2]);
	mtspr(SPRN_IAC4, iac[3]);
	mtspr(SPRN_DAC1, dac[0]);
	mtspr(SPRN_DAC2, dac[1]);
	mtspr(SPRN_DBSR, DBSR_EVENTS);
	mtspr(SPRN_DBCR0, dbcr0);
	isync();
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
	const struct vcpu_regs *regs = &vcpu->arch.regs;

	debug->loaded = debug_by_user(vcpu) || debug_by_guest(vcpu);
	if (!debug->loaded)
		return;

	debug->host_dbcr0 = mfspr(SPRN_DBCR0);
	debug->host_dbcr1 = mfspr(SPRN_DBCR1);
	debug->host_dbcr2 = mfspr(SPRN_DBCR2);
	debug->host_iac[0] = mfspr(SPRN_IAC1);
	debug->host_iac[1] = mfspr(SPRN_IAC2);
	debug->host_iac[2] = mfspr(SPRN_IAC3);
	debug->host_iac[3] = mfspr(SPRN_IAC4);
	debug->host_dac[0] = mfspr(SPRN_DAC1);
	debug->host_dac[1] = mfspr(SPRN_DAC2);
	if (debug_by_user(vcpu))
		debug_write(debug->dbcr0, debug->dbcr1, 0, debug->iac, debug->dac);
	else
		debug_write(regs->dbcr[0] & B0_GUEST, 0, 0, regs->iac, regs->dac);
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

	debug->dbsr = mfspr(SPRN_DBSR) & DBSR_EVENTS;
	debug_write(debug->host_dbcr0, debug->host_dbcr1, debug->host_dbcr2, debug->host_iac,
		    debug->host_dac);
	debug->loaded = false;
}

/* ---- Events */

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

	if (!debug_by_user(vcpu)) {
		vcpu->arch.regs.dbsr |= dbsr;
		except_queue(vcpu, EXC_DEBUG);
		return EXIT_GUEST;
	}
	for (i = 0; i < DEBUG_NR_IAC; i++)
		if (dbsr & B0_IAC(i))
			status |= KVMPPC_DEBUG_BREAKPOINT;
	for (i = 0; i < DEBUG_NR_DAC; i++) {
		if (dbsr & B0_DAC_R(i))
			status |= KVMPPC_DEBUG_WATCH_READ;
		if (dbsr & B0_DAC_W(i))
			status |= KVMPPC_DEBUG_WATCH_WRITE;
	}
	return debug_exit_user(vcpu, status);
}

/**
 * debug_step_done() - an instruction was completed by emulation
 * @vcpu: own thread
 *
 * Return: EXIT_USER if user space single-steps; else EXIT_GUEST, with the guest's
 * own event pending if it does.
 */
int debug_step_done(struct vcpu *vcpu)
{
	if (debug_by_user(vcpu))
		return vcpu->arch.debug.control & KVM_GUESTDBG_SINGLESTEP ?
		       debug_exit_user(vcpu, KVMPPC_DEBUG_NONE) : EXIT_GUEST;
	if (debug_by_guest(vcpu) && vcpu->arch.regs.dbcr[0] & B0_IC) {
		vcpu->arch.regs.dbsr |= B0_IC;
		except_queue(vcpu, EXC_DEBUG);
	}
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

	memset(debug, 0, sizeof(*debug));
	if (!(args.control & KVM_GUESTDBG_ENABLE))
		return 0;
	debug->dbcr0 = B0_IDM;
	if (args.control & KVM_GUESTDBG_SINGLESTEP)
		debug->dbcr0 |= B0_IC;
	if (args.control & KVM_GUESTDBG_USE_HW_BP)
		ret = debug_set_points(vcpu, &args.arch);
	if (ret)
		memset(debug, 0, sizeof(*debug));
	else
		debug->control = args.control;
	return ret;
}
