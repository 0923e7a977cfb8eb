/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_POWERPC_ARCH_TYPES_H
#define KVM_POWERPC_ARCH_TYPES_H

#include <linux/hrtimer.h>
#include <linux/kvm.h>
#include <linux/spinlock.h>
#include <asm/processor.h>
#include <uapi/asm/kvm_para.h>
#include <kvm/types.h>
#include "access.h"
#include "cpu-state.h"

/* There is no interrupt controller in the kernel. */
#define KVM_NR_IRQCHIPS	0

/*
 * What the world switch reads and writes.  entry.S knows the offsets, block.c
 * checks them.  It lies in memory that the host's pinned TLB entries map.
 */
struct vcpu_hw {
	struct ppc_cpu_state cpu;
	u32 msr;			/* that the guest is entered with: problem state */
	u32 pid;			/* shadow PID */
	u32 ivpr;			/* the block's */
	struct kvm_vcpu_arch_shared *shared;	/* SPRG4 to SPRG7, which the guest reads without a trap */
	u32 usprg0;			/* which it also writes */

	/* of the last exit */
	u32 vector;
	u32 esr;
	u32 dear;

	u32 scratch[4];			/* of the handlers' */
	u32 mcheck_mcsrr;		/* not 0: machine checks come with MCSRR0/1 */
	u32 mcheck_lost;		/* one came while the handlers ran */

	struct {			/* the host's, while the guest runs */
		u32 sp;
		u32 msr;
		u32 ivpr;
		u32 pid;
		u32 sprg[4];
		u32 usprg0;
	} host;
};

/* An entry of the guest's TLB: the words as tlbwe gave them, and the TID. */
struct gtlb_entry {
	u32 word[3];
	u8 tid;
};

#define GTLB_SIZE	64
/* The number of an entry that no guest sees: the page shared with the guest (magic.c). */
#define GTLB_MAGIC	GTLB_SIZE
#define GTLB_NR_PIDS	256
/* Shadow PIDs stand for a guest PID together with MSR[PR], MSR[IS] and MSR[DS]. */
#define SPID_MODES	8

/* Exceptions that are waiting, highest priority first. */
enum exception {
	EXC_CRITICAL,
	EXC_MCHECK,
	EXC_DSI,
	EXC_ISI,
	EXC_ALIGNMENT,
	EXC_PROGRAM,
	EXC_FP_UNAVAILABLE,
	EXC_SYSCALL,
	EXC_DTLB,
	EXC_ITLB,
	EXC_WATCHDOG,
	EXC_DEBUG,
	EXC_EXTERNAL,
	EXC_EXTERNAL_LEVEL,		/* stays until it is withdrawn */
	EXC_FIT,
	EXC_DECREMENTER,
	EXC_NR,
};

#define BOOKE_NR_IVORS	16
#define DEBUG_NR_IAC	4
#define DEBUG_NR_DAC	2

struct debug_regs {
	u32 dbcr[3], iac[DEBUG_NR_IAC], dac[DEBUG_NR_DAC], dvc[DEBUG_NR_DAC];
};

/*
 * Registers that exist in memory only: the guest's accesses trap. SRR0, SRR1, DEAR,
 * ESR and all SPRGs are not here but in the page that can be shared with the guest
 * (hw.shared); of its MSR that page has a copy.
 */
struct vcpu_regs {
	u32 msr;
	u32 csrr0, csrr1;
	u32 mcsrr0, mcsrr1, mcsr;
	u32 pid, mmucr;
	u32 ivpr, ivor[BOOKE_NR_IVORS];
	u32 pvr, pir;
	u32 ccr0, ccr1;
	u32 dbcr[3], dbsr;
	u32 iac[DEBUG_NR_IAC], dac[DEBUG_NR_DAC], dvc[DEBUG_NR_DAC];
	u32 decar, tcr;
	/* cache regions, kept for the guest: they do nothing */
	u32 inv[4], itv[4], dnv[4], dtv[4], ivlim, dvlim;
	u32 rstcfg, dbdr;
};

struct vcpu_timer {
	spinlock_t lock;		/* all of it */
	u32 tsr;
	u64 dec_tb;			/* timebase at which the decrementer is 0 */
	bool dec_running;
	u64 fit_tb, wd_tb;		/* and at which the next period ends */
	u64 tb_offset;			/* what the guest's time base is ahead; own thread or vcpu->mutex */
	bool wd_reset;			/* TSR[WRS] is new */
	struct hrtimer dec, fit, wd;
};

#define VCPU_REQ_TIMER	(VCPU_REQ_ARCH + 0)	/* the timers have something for the guest */

struct vcpu_arch {
	struct vcpu_hw hw;
	struct vcpu_regs regs;
	struct thread_fp_state fp;	/* on the way between hw.cpu and the FPU */
	bool fp_wanted;			/* the guest, with its MSR[FP] on, uses it */
	bool fp_loaded;			/* the FPU has the guest's registers; interrupts off */

	struct gtlb_entry gtlb[GTLB_SIZE];
	u32 gtlb_stamp[GTLB_SIZE + 1];	/* changes when the entry does; shadow.c */
	u8 gtlb_shadows[GTLB_SIZE + 1];	/* entries of the CPU's TLB that came from it */
	u8 spid[GTLB_NR_PIDS][SPID_MODES];	/* shadow.c; 0: none */

	bool magic_mapped;		/* the guest sees hw.shared, at magic_ea */
	u32 magic_ea;

	unsigned long pending;		/* bits of enum exception; atomic */

	struct vcpu_timer timer;

	struct ppc_pending access;	/* what user space is completing */

	/* Of an access that mmu_fault_fast() leaves to mmu_fault() */
	u8 fault_gtlb;			/* translated by this entry */
	bool fault_fetched;
	u32 fault_insn;			/* if so: the instruction */

	bool reset_wanted;		/* the guest wrote DBCR0[RST] */
	bool idle;			/* in the idle call */
	bool watchdog_exit;		/* KVM_CAP_PPC_BOOKE_WATCHDOG is enabled */
	bool stepped;			/* the last exit completed an instruction */
	struct {
		u32 control;		/* KVM_GUESTDBG_* */
		u32 dbcr0, iac[DEBUG_NR_IAC], dac[DEBUG_NR_DAC];
		u32 dbsr;		/* of the last debug exit */
		u32 watched, watched_ea;	/* events that an emulated access is, once complete */
		bool loaded;		/* interrupts off */
		u32 host_msr;
		struct debug_regs host;
	} debug;
};

struct vm_arch {
};

#endif
