/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_PPC_CPU_STATE_H
#define KVM_PPC_CPU_STATE_H

/*
 * The architected user-level registers of a 32-bit PowerPC vCPU, and what the
 * emulation of instructions asks of the core that runs it.  Nothing here knows
 * which core that is.  Embedded in the vCPU, and built natively for the tests.
 *
 * All of it is the vCPU thread's: used with the vCPU loaded or its mutex held.
 */

#include <linux/bits.h>
#include <linux/types.h>

struct ppc_cpu_state;

#define PPC_CR0_SHIFT	28
#define PPC_CR0_MASK	0xf0000000u
#define PPC_CR0_EQ	0x20000000u
#define PPC_CR0_SO	0x10000000u
#define PPC_XER_SO	0x80000000u
#define PPC_XER_COUNT	0x0000007fu	/* bytes for lswx and stswx */

/* Parts of the instruction set that a core may lack, for ppc_core.isa */
#define PPC_ISA_FP	0x01	/* classic floating point */
#define PPC_ISA_LFIW	0x02	/* lfiwax and lfiwzx */
#define PPC_ISA_PS	0x04	/* paired singles with quantisation (Gekko, 750CL) */
#define PPC_ISA_FP2	0x08	/* primary and secondary register file (440 FP2) */
#define PPC_ISA_DCR	0x10	/* mfdcr and mtdcr */
#define PPC_ISA_DCRX	0x20	/* mfdcrx and mtdcrx (460EX, not 440EP) */

/**
 * struct ppc_mapping - where an effective address leads
 * @gpa: guest physical address
 * @little_endian: the page is in little-endian byte order (the E bit)
 */
struct ppc_mapping {
	u64 gpa;
	bool little_endian;
};

/**
 * struct ppc_core_ops - what the emulation asks of the core
 * @translate: where does effective address @ea lead for a load or a store?
 *	0 and @map filled in, or not 0, and the guest's interrupt (DSI, data
 *	TLB miss, ...) is queued for @ea. Asked for one address of each page
 *	that an access touches, before any of the access is done.
 * @access: do @len (1 to 8) bytes at @gpa without user space, if the kernel
 *	can: memory, ioeventfd, coalesced MMIO. True if done. @data is in
 *	memory's order. May be NULL.
 * @fp_claim: make &ppc_cpu_state.fpr and &ppc_cpu_state.qpr the registers'
 *	only home: whatever of them is live in the FPU is saved and given up, so
 *	that what is read is current and what is written is loaded again before
 *	the guest runs. Called before each read or write. May be NULL.
 */
struct ppc_core_ops {
	int (*translate)(struct ppc_cpu_state *cpu, u32 ea, bool write, struct ppc_mapping *map);
	bool (*access)(struct ppc_cpu_state *cpu, u64 gpa, void *data, unsigned int len,
		       bool write);
	void (*fp_claim)(struct ppc_cpu_state *cpu);
};

/**
 * struct ppc_core - what is the same for all vCPUs of a kind
 * @isa: PPC_ISA_*
 * @dcbz_bytes: what dcbz clears, a power of two, 8 to 128
 * @page_shift: log2 of the smallest page, at least 7: a boundary of that size
 *	is where two bytes of an access may be translated differently
 * @ops: the core's part
 */
struct ppc_core {
	u32 isa;
	u16 dcbz_bytes;
	u8 page_shift;
	const struct ppc_core_ops *ops;
};

/**
 * struct ppc_cpu_state - registers that user-level instructions work on
 * @gpr: general registers
 * @pc: address of the next instruction
 * @cr: condition register, CR0 in the four bits of the highest value
 * @xer: SO, OV, CA and the byte count of string instructions
 * @lr: link register
 * @ctr: count register
 * @fpr: floating-point registers (primary ones, first of a pair), in double format.
 *	Use ppc_get_fpr() and ppc_set_fpr(): the FPU may hold newer values.
 * @qpr: secondary registers (second of a pair), likewise
 * @fpscr: floating-point status, as @fpr
 * @gqr: quantisation of paired singles
 * @reserved: lwarx was the last of lwarx and stwcx. that was emulated
 * @reservation: the guest physical address reserved
 * @core: the kind of vCPU; set once
 */
struct ppc_cpu_state {
	u32 gpr[32];
	u32 pc;
	u32 cr;
	u32 xer;
	u32 lr;
	u32 ctr;
	u64 fpr[32];
	u64 qpr[32];
	u64 fpscr;
	u32 gqr[8];
	bool reserved;
	u64 reservation;
	const struct ppc_core *core;
};

static inline void ppc_fp_claim(struct ppc_cpu_state *cpu)
{
	if (cpu->core->ops->fp_claim)
		cpu->core->ops->fp_claim(cpu);
}

static inline u64 ppc_get_fpr(struct ppc_cpu_state *cpu, unsigned int nr)
{
	ppc_fp_claim(cpu);
	return cpu->fpr[nr];
}

static inline void ppc_set_fpr(struct ppc_cpu_state *cpu, unsigned int nr, u64 val)
{
	ppc_fp_claim(cpu);
	cpu->fpr[nr] = val;
}

static inline u64 ppc_get_qpr(struct ppc_cpu_state *cpu, unsigned int nr)
{
	ppc_fp_claim(cpu);
	return cpu->qpr[nr];
}

static inline void ppc_set_qpr(struct ppc_cpu_state *cpu, unsigned int nr, u64 val)
{
	ppc_fp_claim(cpu);
	cpu->qpr[nr] = val;
}

#endif
