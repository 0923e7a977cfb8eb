/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PowerPC, host side: a VM with one vCPU, and a small assembler for what it runs.
 *
 * The guest begins with the reset state: MSR 0, one TLB entry for the first 256 MiB, address for address. RAM is
 * where PPC_RAM says; what is beyond it and has no slot is a device. A program is emitted word by word and ends with
 * stop(), a write to a DCR that nothing else uses.
 *
 *	struct ppc *p = ppc_create();
 *
 *	emit(p, i_addi(3, 0, 42));
 *	ppc_exec(p);			// to the stop
 *	EXPECT_EQ(42, ppc_gpr(p, 3));
 *	ppc_destroy(p);
 */
#ifndef KVM_PPC_H
#define KVM_PPC_H

#include "kvm_lib.h"
#include "ppc_insn.h"

/* The harness' 30 seconds are few for an emulated host with all its checks on a busy machine. */
#ifdef TEST_TIMEOUT_DEFAULT
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 180
#endif

#define PPC_RAM_SIZE	0x00200000u
#define PPC_CODE	0x00010000u	/* programs */
#define PPC_DATA	0x00100000u	/* free for tests */
#define PPC_HANDLERS	0x00008000u	/* ppc_handlers() */
#define PPC_MMIO	0x08000000u	/* no slot is here */

#define PPC_DCR_STOP	0x3ff
#define PPC_DCR_TRAP	0x3c0		/* + vector: from the handlers */

struct ppc {
	int kvm, vm, vcpu;
	struct kvm_run *run;
	size_t run_size;
	uint8_t *ram;
	uint32_t at;			/* where the next word goes */
};

struct ppc *ppc_create(void);
void ppc_destroy(struct ppc *p);

/* ---- Programs */
void emit(struct ppc *p, uint32_t insn);
void emit_li(struct ppc *p, unsigned int reg, uint32_t value);	/* two words, always */
void emit_stop(struct ppc *p);
void ppc_new(struct ppc *p);			/* the next program begins, at PPC_CODE */
/* Ends the program, runs it from its begin, up to the stop. */
void ppc_exec(struct ppc *p);
/* The same up to the first exit, which is returned. */
unsigned int ppc_begin(struct ppc *p);
unsigned int ppc_run(struct ppc *p);		/* must succeed; exit reason */
int ppc_run_once(struct ppc *p);		/* 0 or -errno */
void ppc_expect_stop(struct ppc *p);		/* the exit that there was last is the stop */
bool ppc_stopped(struct ppc *p);

/* ---- State */
void ppc_get(struct ppc *p, struct kvm_regs *regs);
void ppc_set(struct ppc *p, const struct kvm_regs *regs);
uint32_t ppc_gpr(struct ppc *p, unsigned int n);
void ppc_set_gpr(struct ppc *p, unsigned int n, uint32_t value);
uint32_t ppc_pc(struct ppc *p);
void ppc_set_pc(struct ppc *p, uint32_t pc);
uint32_t ppc_msr(struct ppc *p);
void ppc_set_msr(struct ppc *p, uint32_t msr);
void ppc_get_sregs(struct ppc *p, struct kvm_sregs *sregs);
void ppc_set_sregs(struct ppc *p, struct kvm_sregs *sregs);
void ppc_interrupt(struct ppc *p, uint32_t kind);

/*
 * Handlers for all vectors: each stops with DCR PPC_DCR_TRAP + vector and returns where it came from when it is run
 * again (rfi, rfci, rfmci as the vector has it).
 */
void ppc_handlers(struct ppc *p);
/* The vector of the trap that the last exit is, or -1. */
int ppc_trap(struct ppc *p);

/* Writes an entry of the guest's TLB, by a program. */
void ppc_tlbwe(struct ppc *p, unsigned int index, uint32_t w0, uint32_t w1, uint32_t w2, unsigned int tid);

/* ---- Words of a TLB entry */
#define TLB_VALID	0x200
#define TLB_TS		0x100
#define TLB_SIZE(n)	((n) << 4)	/* 4^n KiB */
#define TLB_4K		TLB_SIZE(1)
#define TLB_256M	TLB_SIZE(9)
#define TLB_S_RWX	0x07
#define TLB_U_RWX	0x38
#define TLB_LE		0x80

#define MSR_WE		0x40000
#define MSR_CE		0x20000
#define MSR_EE		0x8000
#define MSR_PR		0x4000
#define MSR_FP		0x2000
#define MSR_ME		0x1000
#define MSR_DE		0x200
#define MSR_IS		0x20
#define MSR_DS		0x10

enum {
	VEC_CRITICAL, VEC_MCHECK, VEC_DSI, VEC_ISI, VEC_EXTERNAL, VEC_ALIGN, VEC_PROGRAM, VEC_FP, VEC_SYSCALL, VEC_AP,
	VEC_DEC, VEC_FIT, VEC_WATCHDOG, VEC_DTLB, VEC_ITLB, VEC_DEBUG,
};

#endif /* KVM_PPC_H */
