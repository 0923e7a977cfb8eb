// SPDX-License-Identifier: GPL-2.0
/*
 * Self-hosted debug: MDCR_EL2, MDSCR_EL1 and the breakpoint and watchpoint
 * registers.
 *
 * EL1 has no debug registers of its own: the host kernel uses the same ones.
 * So the guest's are in the CPU only between debug_activate() and
 * debug_deactivate(), with all exceptions masked (PSTATE.D keeps a guest's
 * breakpoint from matching in the host), and only once the guest has shown that
 * it uses them:
 *
 *   not live	accesses trap (MDCR_EL2.TDA). The first one makes them live.
 *   live	accesses do not trap; all registers change at each activation.
 *		Lasts until the vCPU is put, and beyond if MDSCR_EL1 has debug
 *		exceptions enabled.
 *
 * While the guest holds its OS lock there are no debug exceptions and the
 * registers can be written freely (DDI 0487, H3): then they are not live and
 * the accesses are emulated.
 *
 * While user space debugs the guest (guest-debug.c) debug exceptions go to EL2,
 * which also makes all accesses trap (MDCR_EL2.TDE): then the registers are never
 * live, and the guest's are those in memory.
 */

#include <linux/bitfield.h>
#include <linux/percpu.h>
#include <asm/sysreg.h>
#include "arm64.h"
#include "guest-debug.h"
#include "hcr.h"
#include "sysreg.h"
#include "trace.h"

/* MDSCR_EL1. The rest is the external debugger's: read-only while the CPU's own OS lock is open. */
#define MDSCR_OF_GUEST	(MDSCR_ENABLES | MDSCR_TDCC)

/* OSLSR_EL1: OSLM (bits 3 and 0) says that there is an OS lock */
#define OSLSR_OSLK	BIT_ULL(1)
#define OSLSR_OSLM	BIT_ULL(3)

/* What of MDCR_EL2 a guest runs with, besides the host's own fields */
#define MDCR_TRAPS	(MDCR_TPM | MDCR_TPMCR | MDCR_TDRA | MDCR_TDOSA | MDCR_TPMS |	\
			 MDCR_TTRF | MDCR_TDCC)
/* 0: the profiling and trace buffers stay EL2's, accesses trap. */
#define MDCR_NOT_GUEST	(MDCR_E2PB | MDCR_E2TB | MDCR_TDE | MDCR_TDA)

/* The host's, while a vCPU is loaded (mdcr) or active (the others) on this CPU */
struct debug_host {
	u64 mdcr;
	u64 mdscr;
	struct debug_regs regs;
};

static DEFINE_PER_CPU(struct debug_host, debug_host);

/* Registers with a number in their name: each of 16, as many as there are. */
#define FOR_EACH_PAIR(op, regs, nr)						\
do {										\
	op(0, regs, nr); op(1, regs, nr); op(2, regs, nr); op(3, regs, nr);	\
	op(4, regs, nr); op(5, regs, nr); op(6, regs, nr); op(7, regs, nr);	\
	op(8, regs, nr); op(9, regs, nr); op(10, regs, nr); op(11, regs, nr);	\
	op(12, regs, nr); op(13, regs, nr); op(14, regs, nr); op(15, regs, nr);	\
} while (0)

#define SAVE_BREAK(n, regs, nr)							\
do {										\
	if ((n) < (nr)) {							\
		(regs)->bvr[n] = read_sysreg_s(SYS_DBGBVRn_EL1(n));		\
		(regs)->bcr[n] = read_sysreg_s(SYS_DBGBCRn_EL1(n));		\
	}									\
} while (0)

#define SAVE_WATCH(n, regs, nr)							\
do {										\
	if ((n) < (nr)) {							\
		(regs)->wvr[n] = read_sysreg_s(SYS_DBGWVRn_EL1(n));		\
		(regs)->wcr[n] = read_sysreg_s(SYS_DBGWCRn_EL1(n));		\
	}									\
} while (0)

#define LOAD_BREAK(n, regs, nr)							\
do {										\
	if ((n) < (nr)) {							\
		write_sysreg_s((regs)->bvr[n], SYS_DBGBVRn_EL1(n));		\
		write_sysreg_s((regs)->bcr[n], SYS_DBGBCRn_EL1(n));		\
	}									\
} while (0)

#define LOAD_WATCH(n, regs, nr)							\
do {										\
	if ((n) < (nr)) {							\
		write_sysreg_s((regs)->wvr[n], SYS_DBGWVRn_EL1(n));		\
		write_sysreg_s((regs)->wcr[n], SYS_DBGWCRn_EL1(n));		\
	}									\
} while (0)

static unsigned int debug_nr_break(u64 dfr0)
{
	return FIELD_GET(ID_AA64DFR0_EL1_BRPs_MASK, dfr0) + 1;
}

static unsigned int debug_nr_watch(u64 dfr0)
{
	return FIELD_GET(ID_AA64DFR0_EL1_WRPs_MASK, dfr0) + 1;
}

static void debug_save(struct debug_regs *regs)
{
	u64 dfr0 = read_sysreg_s(SYS_ID_AA64DFR0_EL1);
	unsigned int nr_break = debug_nr_break(dfr0);
	unsigned int nr_watch = debug_nr_watch(dfr0);

	FOR_EACH_PAIR(SAVE_BREAK, regs, nr_break);
	FOR_EACH_PAIR(SAVE_WATCH, regs, nr_watch);
}

static void debug_restore(const struct debug_regs *regs)
{
	u64 dfr0 = read_sysreg_s(SYS_ID_AA64DFR0_EL1);
	unsigned int nr_break = debug_nr_break(dfr0);
	unsigned int nr_watch = debug_nr_watch(dfr0);

	FOR_EACH_PAIR(LOAD_BREAK, regs, nr_break);
	FOR_EACH_PAIR(LOAD_WATCH, regs, nr_watch);
}

static bool debug_os_locked(const struct vcpu *vcpu)
{
	return vcpu->arch.sysregs[SYS_OSLSR] & OSLSR_OSLK;
}

/* What the CPU's MDSCR_EL1 must be for the guest, as far as that goes by the guest's */
static u64 debug_mdscr(const struct vcpu *vcpu)
{
	u64 mdscr = vcpu->arch.sysregs[SYS_MDSCR] & MDSCR_OF_GUEST;

	return debug_os_locked(vcpu) ? mdscr & ~MDSCR_ENABLES : mdscr;
}

/**
 * debug_activate - the guest's debug registers into the CPU, if it uses them
 * @vcpu: about to run here
 *
 * The host's are read each time: the host may use breakpoints while a vCPU is
 * loaded. All exceptions masked.
 */
void debug_activate(struct vcpu *vcpu)
{
	u64 host_mdscr = read_sysreg(mdscr_el1);
	u64 mdscr = vcpu->arch.dbg_mdscr;
	struct debug_host *host;

	vcpu->arch.dbg_loaded = false;
	if (likely(!vcpu->arch.dbg_bank && host_mdscr == mdscr))
		return;

	host = this_cpu_ptr(&debug_host);
	host->mdscr = host_mdscr;
	if (vcpu->arch.dbg_bank) {
		/* None may match with half of the other's settings. */
		write_sysreg(0, mdscr_el1);
		isb();
		debug_save(&host->regs);
		debug_restore(vcpu->arch.dbg_bank);
	}
	write_sysreg(mdscr, mdscr_el1);
	vcpu->arch.dbg_loaded = true;
}

static void debug_save_mdscr(struct vcpu *vcpu)
{
	u64 *mdscr = &vcpu->arch.sysregs[SYS_MDSCR];

	*mdscr &= ~MDSCR_OF_GUEST;
	*mdscr |= read_sysreg(mdscr_el1) & MDSCR_OF_GUEST;
	vcpu->arch.dbg_mdscr = debug_mdscr(vcpu);
}

/**
 * debug_deactivate - the reverse of debug_activate()
 * @vcpu: ran here
 *
 * All exceptions masked; the caller's ISB comes before they are not.
 */
void debug_deactivate(struct vcpu *vcpu)
{
	struct debug_host *host;

	if (likely(!vcpu->arch.dbg_loaded))
		return;

	host = this_cpu_ptr(&debug_host);
	if (vcpu->arch.dbg_bank) {
		bool live = vcpu->arch.dbg_live;

		if (live)
			debug_save_mdscr(vcpu);
		write_sysreg(0, mdscr_el1);
		isb();
		/* Without a trap the guest cannot have changed them. */
		if (live)
			debug_save(&vcpu->arch.dbg);
		debug_restore(&host->regs);
	}
	write_sysreg(host->mdscr, mdscr_el1);
	vcpu->arch.dbg_loaded = false;
}

/*
 * Chooses what the guest runs with. @touched: the guest's registers become live
 * even if no debug exception is enabled.
 */
static void debug_choose(struct vcpu *vcpu, bool touched)
{
	u64 mdscr = debug_mdscr(vcpu);
	bool live = touched || (mdscr & MDSCR_ENABLES);

	vcpu->arch.hyp.mdcr &= ~(MDCR_TDE | MDCR_TDA);
	if (unlikely(vcpu->arch.guest_debug.control)) {
		vcpu->arch.hyp.mdcr |= MDCR_TDE | MDCR_TDA;
		vcpu->arch.dbg_live = false;
		guest_debug_choose(vcpu, mdscr);
		return;
	}
	if (!live)
		vcpu->arch.hyp.mdcr |= MDCR_TDA;
	vcpu->arch.dbg_live = live;
	vcpu->arch.dbg_bank = live ? &vcpu->arch.dbg : NULL;
	vcpu->arch.dbg_mdscr = mdscr;
}

/**
 * debug_load - what may trap, for a vCPU that now belongs to this CPU
 * @vcpu: being loaded
 *
 * Preemption off. MDCR_EL2's traps do not concern EL2.
 */
void debug_load(struct vcpu *vcpu)
{
	struct debug_host *host = this_cpu_ptr(&debug_host);

	host->mdcr = read_sysreg(mdcr_el2);
	vcpu->arch.hyp.mdcr = (host->mdcr & ~MDCR_NOT_GUEST) | MDCR_TRAPS;
	debug_choose(vcpu, false);
	write_sysreg(vcpu->arch.hyp.mdcr, mdcr_el2);
	trace_kvm_arm_setup_debug(vcpu, vcpu->arch.guest_debug.control);
}

/**
 * debug_put - the host's MDCR_EL2 again; preemption off
 * @vcpu: being put
 */
void debug_put(struct vcpu *vcpu)
{
	write_sysreg(this_cpu_ptr(&debug_host)->mdcr, mdcr_el2);
	trace_kvm_arm_clear_debug(vcpu->arch.guest_debug.control);
	if (unlikely(vcpu->arch.guest_debug.stepping))
		guest_debug_step_out(vcpu);
}

/*
 * A running vCPU's @reg, one of those in memory, changes, and with it what is in
 * the CPU. @touched: the registers become live in any case.
 */
static void debug_change(struct vcpu *vcpu, u64 *reg, u64 val, bool touched, bool fast)
{
	preempt_disable();
	if (fast)
		debug_deactivate(vcpu);
	*reg = val;
	debug_choose(vcpu, touched);
	write_sysreg(vcpu->arch.hyp.mdcr, mdcr_el2);
	if (fast)
		debug_activate(vcpu);
	preempt_enable();
}

/**
 * debug_vcpu_reset - no breakpoints; the OS lock is open, as firmware leaves it
 * @vcpu: not loaded
 */
void debug_vcpu_reset(struct vcpu *vcpu)
{
	memset(&vcpu->arch.dbg, 0, sizeof(vcpu->arch.dbg));
	vcpu->arch.dbg_live = false;
	guest_debug_reset(vcpu);
}

/* ---- Accesses that trap */

static enum sysreg_access debug_make_live(struct vcpu *vcpu, bool fast)
{
	u64 *mdscr = &vcpu->arch.sysregs[SYS_MDSCR];

	debug_change(vcpu, mdscr, *mdscr, true, fast);
	return SYSREG_RETRY;
}

/* May the guest's registers be in the CPU, and accessed without a trap? */
static bool debug_can_live(const struct vcpu *vcpu)
{
	return !debug_os_locked(vcpu) && !vcpu->arch.guest_debug.control;
}

/* The register of pair .arg that a description names; NULL if the guest has no such pair. */
static u64 *debug_bank_reg(struct vcpu *vcpu, const struct sysreg_desc *desc, bool all)
{
	u64 dfr0 = sysreg_id_reg(vcpu->vm, SYS_ID_AA64DFR0_EL1);
	struct debug_regs *regs = &vcpu->arch.dbg;
	unsigned int n = desc->arg;

	/* op2 */
	switch (desc->key & 7) {
	case 4:
		return all || n < debug_nr_break(dfr0) ? &regs->bvr[n] : NULL;
	case 5:
		return all || n < debug_nr_break(dfr0) ? &regs->bcr[n] : NULL;
	case 6:
		return all || n < debug_nr_watch(dfr0) ? &regs->wvr[n] : NULL;
	default:
		return all || n < debug_nr_watch(dfr0) ? &regs->wcr[n] : NULL;
	}
}

enum sysreg_access debug_read_bank(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				   bool fast)
{
	u64 *reg = debug_bank_reg(vcpu, desc, false);

	if (!reg)
		return SYSREG_UNDEF;
	trace_trap_reg("bank", desc->arg, false, *reg);
	if (debug_can_live(vcpu))
		return debug_make_live(vcpu, fast);
	*val = *reg;
	return SYSREG_DONE;
}

enum sysreg_access debug_write_bank(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				    bool fast)
{
	u64 *reg = debug_bank_reg(vcpu, desc, false);

	if (!reg)
		return SYSREG_UNDEF;
	trace_trap_reg("bank", desc->arg, true, val);
	if (debug_can_live(vcpu))
		return debug_make_live(vcpu, fast);
	debug_change(vcpu, reg, val, false, fast);
	return SYSREG_DONE;
}

/* User space sees 16 of each, whatever the CPU has. */
int debug_get_bank(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val)
{
	*val = *debug_bank_reg(vcpu, desc, true);
	return 0;
}

int debug_set_bank(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	*debug_bank_reg(vcpu, desc, true) = val;
	return 0;
}

/* MDSCR_EL1 and MDCCINT_EL1 */
enum sysreg_access debug_read_slot(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				   bool fast)
{
	*val = vcpu->arch.sysregs[desc->slot];
	trace_trap_reg("slot", desc->slot, false, *val);
	return SYSREG_DONE;
}

/*
 * MDSCR_EL1 is written by every guest at boot, to disable debug exceptions:
 * only enabling one makes the registers live. MDCCINT_EL1's interrupts come
 * from a debugger that is not there.
 */
enum sysreg_access debug_write_slot(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				    bool fast)
{
	trace_trap_reg("slot", desc->slot, true, val);
	if (desc->slot != SYS_MDSCR) {
		vcpu->arch.sysregs[desc->slot] = (u32)val;
		return SYSREG_DONE;
	}
	if (debug_can_live(vcpu) && (val & MDSCR_ENABLES))
		return debug_make_live(vcpu, fast);
	debug_change(vcpu, &vcpu->arch.sysregs[SYS_MDSCR], (u32)val, false, fast);
	return SYSREG_DONE;
}

enum sysreg_access debug_write_oslar(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				     bool fast)
{
	u64 *reg = &vcpu->arch.sysregs[SYS_OSLSR];
	u64 oslsr = *reg & ~OSLSR_OSLK;

	if (val & 1)
		oslsr |= OSLSR_OSLK;
	if (oslsr != *reg)
		debug_change(vcpu, reg, oslsr, false, fast);
	return SYSREG_DONE;
}

/* Only the lock's state can be chosen. */
int debug_set_oslsr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val)
{
	if ((val & ~OSLSR_OSLK) != OSLSR_OSLM)
		return -EINVAL;
	vcpu->arch.sysregs[SYS_OSLSR] = val;
	return 0;
}
