/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The PowerPC part of the /dev/kvm interface, as far as an embedded (BookE) core without a hypervisor mode has it.
 * As in <linux/kvm.h>, every number and layout is ABI.
 */
#ifndef _UAPI_ASM_POWERPC_KVM_H
#define _UAPI_ASM_POWERPC_KVM_H

#include <linux/types.h>

/* Pages of a vCPU's mapping: 0 is struct kvm_run. */
#define KVM_COALESCED_MMIO_PAGE_OFFSET	1

/* ---------------------------------------------------------------------------------------- Register sets */

/* KVM_GET_REGS, KVM_SET_REGS. 32-bit cores use the low halves. */
struct kvm_regs {
	__u64 pc;
	__u64 cr;
	__u64 ctr;
	__u64 lr;
	__u64 xer;
	__u64 msr;
	__u64 srr0;
	__u64 srr1;
	__u64 pid;
	__u64 sprg0;
	__u64 sprg1;
	__u64 sprg2;
	__u64 sprg3;
	__u64 sprg4;
	__u64 sprg5;
	__u64 sprg6;
	__u64 sprg7;
	__u64 gpr[32];
};

struct kvm_fpu {
	__u64 fpr[32];
};

/* What follows impl in kvm_sregs.u.e.impl */
#define KVM_SREGS_E_IMPL_NONE		0
#define KVM_SREGS_E_IMPL_FSL		1
#define KVM_SREGS_E_FSL_PIDn		(1 << 0)

/* kvm_sregs.u.e.features: which registers are there; a SET leaves the others alone. */
#define KVM_SREGS_E_BASE		(1 << 0)	/* csrr, esr, dear, mcsr, tsr, tcr, dec, tb, vrsave */
#define KVM_SREGS_E_ARCH206		(1 << 1)	/* pir, mcsrr, decar, ivpr */
#define KVM_SREGS_E_64			(1 << 2)
#define KVM_SREGS_E_SPRG8		(1 << 3)
#define KVM_SREGS_E_MCIVPR		(1 << 4)
#define KVM_SREGS_E_IVOR		(1 << 5)	/* ivor_low */
#define KVM_SREGS_E_ARCH206_MMU		(1 << 6)
#define KVM_SREGS_E_DEBUG		(1 << 7)	/* dbsr, dbcr, iac, dac, dvc */
#define KVM_SREGS_E_ED			(1 << 8)
#define KVM_SREGS_E_SPE			(1 << 9)
#define KVM_SREGS_EXP			(1 << 10)
#define KVM_SREGS_E_PD			(1 << 11)
#define KVM_SREGS_E_PC			(1 << 12)
#define KVM_SREGS_E_PT			(1 << 13)
#define KVM_SREGS_E_PM			(1 << 14)

/* kvm_sregs.u.e.update_special: registers that change by themselves are set only if their bit is. */
#define KVM_SREGS_E_UPDATE_MCSR		(1 << 0)
#define KVM_SREGS_E_UPDATE_TSR		(1 << 1)
#define KVM_SREGS_E_UPDATE_DEC		(1 << 2)
#define KVM_SREGS_E_UPDATE_DBSR		(1 << 3)

/* KVM_GET_SREGS, KVM_SET_SREGS: u.e is the embedded core's. */
struct kvm_sregs {
	__u32 pvr;
	union {
		struct {				/* server cores */
			__u64 sdr1;
			struct {
				struct {
					__u64 slbe;
					__u64 slbv;
				} slb[64];
			} ppc64;
			struct {
				__u32 sr[16];
				__u64 ibat[8];
				__u64 dbat[8];
			} ppc32;
		} s;
		struct {
			union {
				struct {
					__u32 features;
					__u32 svr;
					__u64 mcar;
					__u32 hid0;
					__u32 pid1, pid2;
				} fsl;
				__u8 pad[256];
			} impl;
			__u32 features;
			__u32 impl_id;
			__u32 update_special;
			__u32 pir;			/* read only */
			__u64 sprg8;
			__u64 sprg9;
			__u64 csrr0;
			__u64 dsrr0;
			__u64 mcsrr0;
			__u32 csrr1;
			__u32 dsrr1;
			__u32 mcsrr1;
			__u32 esr;
			__u64 dear;
			__u64 ivpr;
			__u64 mcivpr;
			__u64 mcsr;
			__u32 tsr;
			__u32 tcr;
			__u32 decar;
			__u32 dec;
			__u64 tb;			/* read only */
			__u32 dbsr;
			__u32 dbcr[3];
			__u32 iac[4];
			__u32 dac[2];
			__u32 dvc[2];
			__u8 num_iac;			/* these three are read only */
			__u8 num_dac;
			__u8 num_dvc;
			__u8 pad;
			__u32 epr;
			__u32 vrsave;			/* USPRG0 */
			__u32 epcr;
			__u32 mas0;
			__u32 mas1;
			__u64 mas2;
			__u64 mas7_3;
			__u32 mas4;
			__u32 mas6;
			__u32 ivor_low[16];
			__u32 ivor_high[18];
			__u32 mmucfg;
			__u32 eptcfg;
			__u32 tlbcfg[4];
			__u32 tlbps[4];
			__u32 eplc, epsc;
		} e;
		__u8 pad[1020];
	} u;
};

struct kvm_sync_regs {
};

/* ONE_REG: registers that no set has. */
#define KVM_REG_PPC_EPCR		(KVM_REG_PPC | KVM_REG_SIZE_U32 | 0x85)
#define KVM_REG_PPC_OR_TSR		(KVM_REG_PPC | KVM_REG_SIZE_U32 | 0x87)
#define KVM_REG_PPC_CLEAR_TSR		(KVM_REG_PPC | KVM_REG_SIZE_U32 | 0x88)
#define KVM_REG_PPC_TCR			(KVM_REG_PPC | KVM_REG_SIZE_U32 | 0x89)
#define KVM_REG_PPC_TSR			(KVM_REG_PPC | KVM_REG_SIZE_U32 | 0x8a)
#define KVM_REG_PPC_DEBUG_INST		(KVM_REG_PPC | KVM_REG_SIZE_U32 | 0x8b)
#define KVM_REG_PPC_IAC1		(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x2)
#define KVM_REG_PPC_IAC2		(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x3)
#define KVM_REG_PPC_IAC3		(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x4)
#define KVM_REG_PPC_IAC4		(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x5)
#define KVM_REG_PPC_DAC1		(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x6)
#define KVM_REG_PPC_DAC2		(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x7)
#define KVM_REG_PPC_FPR0		(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x20)
#define KVM_REG_PPC_FPR31		(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x3f)
#define KVM_REG_PPC_FPSCR		(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x80)
#define KVM_REG_PPC_TB_OFFSET		(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x9c)

/* ---------------------------------------------------------------------------------------------- Interrupts */

/* kvm_interrupt.irq: an edge, its withdrawal, a level that stays until it is withdrawn. */
#define KVM_INTERRUPT_SET		-1U
#define KVM_INTERRUPT_UNSET		-2U
#define KVM_INTERRUPT_SET_LEVEL		-3U

/* ------------------------------------------------------------------------------------------------- Debugging */

/* kvm_guest_debug_arch.bp[].type, and kvm_debug_exit_arch.status */
#define KVMPPC_DEBUG_NONE		0x0
#define KVMPPC_DEBUG_BREAKPOINT		(1UL << 1)
#define KVMPPC_DEBUG_WATCH_WRITE	(1UL << 2)
#define KVMPPC_DEBUG_WATCH_READ		(1UL << 3)

struct kvm_debug_exit_arch {
	__u64 address;
	__u32 status;
	__u32 reserved;
};

struct kvm_guest_debug_arch {
	struct {
		__u64 addr;
		__u32 type;
		__u32 reserved;
	} bp[16];
};

/* kvm_guest_debug.control */
#define KVM_GUESTDBG_USE_SW_BP		0x00010000
#define KVM_GUESTDBG_USE_HW_BP		0x00020000

/* -------------------------------------------------------------------------------------- Paravirtualisation */

/* KVM_PPC_GET_PVINFO: the instructions with which a guest makes a call of the hypervisor. */
#define KVM_PPC_PVINFO_FLAGS_EV_IDLE	(1 << 0)

struct kvm_ppc_pvinfo {
	__u32 flags;
	__u32 hcall[4];
	__u8  pad[108];
};

#endif /* _UAPI_ASM_POWERPC_KVM_H */
