/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_PPC_INSN_H
#define KVM_PPC_INSN_H

/*
 * What an instruction word that accesses storage or a DCR says.  Encodings are
 * of the Power ISA (Book I, "Fixed-Point Facility" and "Floating-Point
 * Facility"; Book II for reservations and dcbz), the PowerPC 440 user's manual
 * (DCRs), and the manuals of the 750CL (paired singles) and of the 440 FP2.
 */

#include "cpu-state.h"

/**
 * enum ppc_access_kind - what the instruction does
 * @PPC_NONE: nothing that is handled here, or an invalid form
 * @PPC_LOAD: one or two elements of storage to a register or pair
 * @PPC_STORE: the other way
 * @PPC_LWARX: load a word and reserve
 * @PPC_STWCX: store a word if reserved
 * @PPC_LMW: words to &ppc_access.rt up to 31
 * @PPC_STMW: the other way
 * @PPC_LSW: bytes to registers from &ppc_access.rt on, after 31 comes 0
 * @PPC_STSW: the other way
 * @PPC_DCBZ: zero a cache line
 * @PPC_CACHE: any other operation on a line, without effect on a device
 * @PPC_MFDCR: DCR to general register
 * @PPC_MTDCR: the other way
 */
enum ppc_access_kind {
	PPC_NONE,
	PPC_LOAD,
	PPC_STORE,
	PPC_LWARX,
	PPC_STWCX,
	PPC_LMW,
	PPC_STMW,
	PPC_LSW,
	PPC_STSW,
	PPC_DCBZ,
	PPC_CACHE,
	PPC_MFDCR,
	PPC_MTDCR,
};

/**
 * enum ppc_reg_class - which register is loaded or stored, and in what form
 * @PPC_REG_NONE: none
 * @PPC_REG_GPR: general register
 * @PPC_REG_FPR_SINGLE: floating-point register, single format in storage
 * @PPC_REG_FPR_DOUBLE: floating-point register, double format in storage
 * @PPC_REG_FPR_WORD: low word of a floating-point register
 * @PPC_REG_QPR_SINGLE: secondary register alone, single format
 * @PPC_REG_QPR_DOUBLE: secondary register alone, double format
 * @PPC_REG_FQPR_SINGLE: primary and secondary register, single format
 * @PPC_REG_FQPR_DOUBLE: primary and secondary register, double format
 * @PPC_REG_FQPR_WORD: low words of primary and secondary register
 * @PPC_REG_FQPR_QUANT: paired single, in the format that a GQR says
 */
enum ppc_reg_class {
	PPC_REG_NONE,
	PPC_REG_GPR,
	PPC_REG_FPR_SINGLE,
	PPC_REG_FPR_DOUBLE,
	PPC_REG_FPR_WORD,
	PPC_REG_QPR_SINGLE,
	PPC_REG_QPR_DOUBLE,
	PPC_REG_FQPR_SINGLE,
	PPC_REG_FQPR_DOUBLE,
	PPC_REG_FQPR_WORD,
	PPC_REG_FQPR_QUANT,
};

#define PPC_ACC_SIGN	0x01	/* a load that extends the sign */
#define PPC_ACC_BYTEREV	0x02	/* against the page's byte order */
#define PPC_ACC_UPDATE	0x04	/* RA becomes the effective address */
#define PPC_ACC_INDEXED	0x08	/* RB is added, else the displacement */
#define PPC_ACC_IMM	0x10	/* string: length in the instruction; DCR: number in it */
#define PPC_ACC_CROSS	0x20	/* pair: secondary register first in storage */
#define PPC_ACC_ONE	0x40	/* paired single: only the first, the second is 1.0 (W) */
#define PPC_ACC_HINT	0x80	/* lwarx: the EH bit */

/**
 * struct ppc_access - a decoded instruction
 * @kind: enum ppc_access_kind
 * @reg: enum ppc_reg_class
 * @width: bytes of one element in storage; 0 where it is not fixed
 *	(dcbz, quantised pairs, DCRs)
 * @flags: PPC_ACC_*
 * @rt: register loaded or stored
 * @ra: base register; 0 is none. For mfdcrx and mtdcrx the register with the
 *	number, where 0 is a register as any other
 * @rb: index register
 * @gqr: which quantisation register
 * @bytes: of a string with the length in the instruction, 1 to 32
 * @disp: displacement, or the number of a DCR
 */
struct ppc_access {
	u8 kind;
	u8 reg;
	u8 width;
	u8 flags;
	u8 rt;
	u8 ra;
	u8 rb;
	u8 gqr;
	u8 bytes;
	s16 disp;
};

/**
 * ppc_decode() - what does an instruction access?
 * @insn: the instruction as a number: its first byte in storage, if the page is
 *	big-endian, is the most significant
 * @isa: PPC_ISA_* that the core has
 * @acc: filled in; &ppc_access.kind is PPC_NONE if the result is false
 *
 * Forms that the architecture calls invalid are refused: reserved bits, update
 * of register 0 or of the register that is loaded, lmw and string loads over
 * their own base. For lswx, whose length is in XER, that rests with
 * ppc_mmio_start().
 *
 * Context: any.
 * Return: false if it is nothing that is handled here.
 */
bool ppc_decode(u32 insn, u32 isa, struct ppc_access *acc);

/**
 * ppc_effective_address() - of an access to storage, modulo 2^32
 * @cpu: for the general registers
 * @acc: not one of a DCR
 *
 * For dcbz, that of the line's first byte is left to the caller.
 *
 * Return: the effective address.
 */
static inline u32 ppc_effective_address(const struct ppc_cpu_state *cpu,
					const struct ppc_access *acc)
{
	u32 ea = acc->ra ? cpu->gpr[acc->ra] : 0;

	if (acc->flags & PPC_ACC_INDEXED)
		return ea + cpu->gpr[acc->rb];
	return ea + (u32)(s32)acc->disp;
}

static inline bool ppc_access_is_dcr(const struct ppc_access *acc)
{
	return acc->kind == PPC_MFDCR || acc->kind == PPC_MTDCR;
}

static inline bool ppc_access_is_write(const struct ppc_access *acc)
{
	switch (acc->kind) {
	case PPC_STORE:
	case PPC_STWCX:
	case PPC_STMW:
	case PPC_STSW:
	case PPC_DCBZ:
	case PPC_MTDCR:
		return true;
	default:
		return false;
	}
}

#endif
