/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_ARCH_TYPES_H
#define KVM_ARM64_ARCH_TYPES_H

#include <linux/bitmap.h>
#include <linux/kvm.h>
#include <asm/fpsimd.h>
#include <asm/ptrace.h>
#include <kvm/timer.h>
#include <kvm/types.h>
#include <kvm/vgic.h>

/*
 * A vCPU's system registers that have a value of their own.  While the vCPU's
 * EL1 state is loaded (vcpu_arch.el1_loaded) the ones of the first group are
 * in the CPU and their memory copy is stale: use vcpu_sysreg_get/set().
 */
enum vcpu_sysreg {
	/* EL1 and EL0 state that the CPU holds between load and put */
	SYS_SCTLR,
	SYS_CPACR,
	SYS_TTBR0,
	SYS_TTBR1,
	SYS_TCR,
	SYS_ESR,
	SYS_AFSR0,
	SYS_AFSR1,
	SYS_FAR,
	SYS_MAIR,
	SYS_VBAR,
	SYS_CONTEXTIDR,
	SYS_AMAIR,
	SYS_CNTKCTL,
	SYS_PAR,
	SYS_TPIDR1,
	SYS_TPIDR0,
	SYS_TPIDRRO0,
	SYS_SP1,
	SYS_ELR1,
	SYS_SPSR1,
	SYS_DISR,
	SYS_ZCR,	/* with SVE only */
	SYS_RGSR,	/* these three with memory tags only */
	SYS_GCR,
	SYS_TFSR,
	SYS_DACR32,	/* with AArch32 at EL1 only; else for user space */
	SYS_IFSR32,
	SYS_FPEXC32,
	SYS_DBGVCR32,
	SYS_LOADED_END,

	/* always in memory: accesses trap */
	SYS_ACTLR = SYS_LOADED_END,
	SYS_CSSELR,
	SYS_MPIDR,
	SYS_MDSCR,	/* debug.c makes it live with the debug registers */
	SYS_OSLSR,
	SYS_MDCCINT,
	SYS_TFSRE0,	/* in the CPU in the inner loop only */
	SYS_TCR2,	/* features that guests do not get: for user space only */
	SYS_PIRE0,
	SYS_PIR,
	SYS_NR,
};

#define ARM64_NR_BRP	16
#define ARM64_NR_CCSIDR	14		/* 7 levels, instruction and data */

struct debug_regs {
	u64 bcr[ARM64_NR_BRP];
	u64 bvr[ARM64_NR_BRP];
	u64 wcr[ARM64_NR_BRP];
	u64 wvr[ARM64_NR_BRP];
};

/*
 * KVM_SET_GUEST_DEBUG: user space debugs the guest.  vcpu->mutex or own thread.
 * While the vCPU is loaded for a single step PSTATE.SS belongs to that step; from
 * put to load it is the guest's own, which is what user space sees.
 */
struct guest_debug {
	u32 control;			/* KVM_GUESTDBG_*; 0: off */
	bool stepping;			/* PSTATE.SS is the step's, @own_ss the guest's */
	bool own_ss;
	bool step_done;			/* not loaded: executed, but not reported yet */
	u64 step_pc;			/* of the instruction to be stepped over */
	struct debug_regs regs;		/* KVM_GUESTDBG_USE_HW: user space's */
};

/* Pointer-authentication keys, as pairs of lo, hi: IA IB DA DB GA. */
struct ptrauth_keys {
	u64 key[10];
};

/* What hyp/ reads and writes.  hyp/entry.S knows the first offsets, hyp/switch.c checks them. */
struct vcpu_hyp {
	u64 regs[31];			/* x0..x30 */
	u64 sp_el0;
	u64 pc;				/* ELR_EL2 */
	u64 pstate;			/* SPSR_EL2 */
	u64 esr;			/* of the last exit */
	u64 ptrauth;			/* not zero: the guest has pointer authentication */
	struct ptrauth_keys keys;	/* IA: changes at each entry; the others with the EL1 state */

	/* written at an exit for an abort or a watchpoint */
	u64 far;
	u64 hpfar;

	/* configuration */
	u64 hcr;
	u64 mdcr;
	u64 cptr;
	u64 vttbr;
	u64 vtcr;
	u64 vpidr;
	u64 vmpidr;
	u64 vsesr;

	/* the host's, between load and put */
	struct hyp_host {
		u64 hcr;		/* in the inner loop only */
		u64 cptr;		/* likewise */
		u64 tpidr_el0;
		u64 tpidrro_el0;
		u64 cnthctl;
		u64 hcrx;
		u64 hfgrtr;
		u64 hfgwtr;
		u64 hfgitr;
		u64 hdfgrtr;
		u64 hdfgwtr;
		struct ptrauth_keys keys;	/* the thread's own, but for IA */
		u64 mpam2;
		u64 rgsr;		/* the thread's, if the guest has memory tags */
		u64 gcr;
		u64 tfsre0;		/* likewise, in the inner loop only */
		u64 zcr;		/* ZCR_EL2, while the guest has the vector registers */
	} host;
};

struct stage2_mmu;
struct vcpu_pmu;

/* Stage-2 tables at hand, so that none is allocated under vm->mmu_lock. */
struct stage2_cache {
	unsigned int nr;
	void *first;			/* begins with a pointer to the next one */
};

/* One architectural reset or CPU_ON, applied by the vCPU's own thread. */
struct vcpu_reset_state {
	bool pending;			/* release/acquire */
	bool be;
	u64 pc;
	u64 r0;
};

/* Stolen time (DEN 0057): vcpu->mutex or own thread. */
struct vcpu_pvtime {
	bool set;
	gpa_t ipa;			/* of the structure in guest memory */
	u64 run_delay;			/* of thread @pid when last looked at, in ns */
	pid_t pid;
};

/*
 * Scalable vectors.  vcpu->mutex or own thread.  With them the vector registers are
 * in @state, and of vcpu_arch.fp only FPSR and FPCR count.
 */
struct vcpu_sve {
	unsigned int max_vq;		/* longest vector in units of 128 bits; 0: no SVE */
	void *state;			/* Z0-Z31, P0-P15, FFR; NULL until KVM_ARM_VCPU_FINALIZE */
	bool loaded;			/* they are in the CPU, and softirqs are off */
};

/* A vCPU whose interrupt controller is in user space */
struct user_irq {
	unsigned long lines;		/* bits KVM_ARM_IRQ_CPU_IRQ and _FIQ: what user space drives; atomic */
	u64 told;			/* KVM_ARM_DEV_*: levels in kvm_run; own thread */
};

#define VCPU_MAX_FEATURES	64

/* arch.h's VCPU_REQ_ARCH + n */
#define VCPU_REQ_IRQ_PENDING	(VCPU_REQ_ARCH + 0)	/* the list registers may want a refill */
#define VCPU_REQ_RESET		(VCPU_REQ_ARCH + 1)	/* take vcpu_arch.reset */
#define VCPU_REQ_SLEEP		(VCPU_REQ_ARCH + 2)	/* powered off or paused: do not enter */
#define VCPU_REQ_SUSPEND	(VCPU_REQ_ARCH + 3)	/* system suspend */
#define VCPU_REQ_STOLEN_TIME	(VCPU_REQ_ARCH + 4)	/* pvtime_update() */
#define VCPU_REQ_PMU		(VCPU_REQ_ARCH + 5)	/* pmu_work() */

struct vcpu_arch {
	struct vcpu_hyp hyp;
	u64 sysregs[SYS_NR];
	bool el1_loaded;		/* SYS_* below SYS_LOADED_END are in the CPU */
	bool device_abort;	/* the exit is an access to a device in the kernel that may sleep */

	u64 spsr_aarch32[KVM_NR_SPSR - 1];	/* ABT to FIQ, loaded as the SYS_* are */

	struct user_fpsimd_state fp;
	struct vcpu_sve sve;
	bool fp_loaded;			/* the CPU's FP registers are the guest's */

	struct debug_regs dbg;
	bool dbg_live;			/* the guest uses them: accesses do not trap */
	bool dbg_loaded;		/* @dbg_mdscr, and @dbg_bank if any, are in the CPU */
	u64 dbg_mdscr;			/* what the guest runs with */
	struct debug_regs *dbg_bank;	/* likewise: @dbg, @guest_debug.regs, or NULL for the host's */
	struct guest_debug guest_debug;

	bool initialized;		/* KVM_ARM_VCPU_INIT done */
	bool ran_once;			/* vcpu_first_run() has passed */
	u32 target;
	DECLARE_BITMAP(features, VCPU_MAX_FEATURES);

	struct kvm_mp_state mp_state;
	spinlock_t mp_lock;		/* mp_state, reset */
	struct vcpu_reset_state reset;
	struct vcpu_pvtime pvtime;

	u32 ccsidr_delta[ARM64_NR_CCSIDR];	/* CCSIDR_EL1 by CSSELR_EL1: difference from the default */

	bool pc_advance;		/* skip the trapped instruction before the next entry */
	bool wfit;			/* blocked by WFIT/WFET with a deadline */

	struct stage2_cache stage2_cache;

	struct vgic_cpu vgic;
	struct user_irq user_irq;
	struct timer_cpu timer;
	struct vcpu_pmu *pmu;		/* NULL: it has none */

	unsigned long rcu_noted;	/* jiffies of the last quiescent state told to RCU */
};

struct arm_pmu;

/* The PMUs of a VM: config_lock until the first run */
struct vm_pmu {
	struct arm_pmu *host;		/* counts for them; NULL: there are none */
	bool chosen;			/* by user space: runs on the CPUs that have it only */
	u8 nr_counters;			/* PMCR_EL0.N */
	unsigned long *filter;		/* events that are counted; NULL: all */
};

#define ID_REG_COUNT	56		/* op0=3 op1=0 CRn=0 CRm=1..7 op2=0..7 */

struct vm_arch {
	struct stage2_mmu *mmu;
	u32 ipa_bits;

	u64 id_regs[ID_REG_COUNT];	/* what guests see; config_lock until the first run */
	u64 clidr;
	u64 ctr;
	u64 midr;			/* of the CPU that created the VM; these three are fixed */
	u64 revidr;
	u64 aidr;
	bool ran_once;			/* no more changes of ID registers and features */
	bool own_mpidrs;		/* user space chose an MPIDR_EL1: it says nothing of the vCPU's id */
	bool has_features;		/* @features set by the first KVM_ARM_VCPU_INIT; config_lock */
	DECLARE_BITMAP(features, VCPU_MAX_FEATURES);

	bool nisv_to_user;		/* KVM_CAP_ARM_NISV_TO_USER */
	bool system_suspend;		/* KVM_CAP_ARM_SYSTEM_SUSPEND */
	bool mte;			/* KVM_CAP_ARM_MTE: fixed when there is a vCPU */
	u64 split_chunk;		/* KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE; slots_lock */

	u32 psci_version;
	u64 smccc_std_bmap;		/* KVM_REG_ARM_STD_BMAP and friends */
	u64 smccc_std_hyp_bmap;
	u64 smccc_vendor_hyp_bmap;
	const struct smccc_filter *smccc_filter;	/* NULL: all calls are handled; config_lock until the first run, then fixed */

	struct timer_vm timer;
	struct vm_pmu pmu;
	struct vgic_dist vgic;
};

#endif
