// SPDX-License-Identifier: GPL-2.0
/*
 * Decoding of instructions that access storage or a DCR: one table by primary
 * opcode, one by the extended opcode of primary opcode 31.  A form is what the
 * table says or it is refused.
 */

#include "insn.h"

/* Where the operands are, and what else makes a form invalid */
enum insn_format {
	FMT_D,		/* RT, RA, 16-bit displacement */
	FMT_X,		/* RT, RA, RB, bit 31 zero */
	FMT_X_RC,	/* bit 31 one */
	FMT_X_EH,	/* bit 31 a hint */
	FMT_X_NB,	/* RB is a number of bytes */
	FMT_X_LINE,	/* no RT: it must be zero */
	FMT_X_TOUCH,	/* RT is a hint */
	FMT_DCR,	/* RT, 10-bit number in halves */
	FMT_DCRX,	/* RT, RA, RB must be zero */
};

struct insn {
	u8 kind;
	u8 reg;
	u8 width;
	u8 flags;
	u8 format;
	u8 isa;		/* PPC_ISA_* without which it does not exist */
};

#define INSN(_kind, _reg, _width, _format, _flags, _isa) {		\
	.kind = PPC_##_kind, .reg = PPC_REG_##_reg, .width = (_width),	\
	.format = FMT_##_format, .flags = (_flags), .isa = (_isa),	\
}

/* A load or store without and with update */
#define D(_kind, _reg, _width, _flags, _isa) \
	INSN(_kind, _reg, _width, D, _flags, _isa)
#define D_U(_kind, _reg, _width, _flags, _isa) \
	INSN(_kind, _reg, _width, D, (_flags) | PPC_ACC_UPDATE, _isa)
#define X(_kind, _reg, _width, _flags, _isa) \
	INSN(_kind, _reg, _width, X, (_flags) | PPC_ACC_INDEXED, _isa)
#define X_U(_kind, _reg, _width, _flags, _isa) \
	INSN(_kind, _reg, _width, X, (_flags) | PPC_ACC_INDEXED | PPC_ACC_UPDATE, _isa)
#define LINE(_kind, _format) \
	INSN(_kind, NONE, 0, _format, PPC_ACC_INDEXED, 0)

#define SIGN	PPC_ACC_SIGN
#define REV	PPC_ACC_BYTEREV
#define IDX	PPC_ACC_INDEXED
#define CROSS	PPC_ACC_CROSS
#define FP	PPC_ISA_FP
#define FP2	PPC_ISA_FP2

static const struct insn primary[64] = {
	[32] = D(LOAD, GPR, 4, 0, 0),			/* lwz */
	[33] = D_U(LOAD, GPR, 4, 0, 0),			/* lwzu */
	[34] = D(LOAD, GPR, 1, 0, 0),			/* lbz */
	[35] = D_U(LOAD, GPR, 1, 0, 0),			/* lbzu */
	[36] = D(STORE, GPR, 4, 0, 0),			/* stw */
	[37] = D_U(STORE, GPR, 4, 0, 0),		/* stwu */
	[38] = D(STORE, GPR, 1, 0, 0),			/* stb */
	[39] = D_U(STORE, GPR, 1, 0, 0),		/* stbu */
	[40] = D(LOAD, GPR, 2, 0, 0),			/* lhz */
	[41] = D_U(LOAD, GPR, 2, 0, 0),			/* lhzu */
	[42] = D(LOAD, GPR, 2, SIGN, 0),		/* lha */
	[43] = D_U(LOAD, GPR, 2, SIGN, 0),		/* lhau */
	[44] = D(STORE, GPR, 2, 0, 0),			/* sth */
	[45] = D_U(STORE, GPR, 2, 0, 0),		/* sthu */
	[46] = D(LMW, GPR, 4, 0, 0),			/* lmw */
	[47] = D(STMW, GPR, 4, 0, 0),			/* stmw */
	[48] = D(LOAD, FPR_SINGLE, 4, 0, FP),		/* lfs */
	[49] = D_U(LOAD, FPR_SINGLE, 4, 0, FP),		/* lfsu */
	[50] = D(LOAD, FPR_DOUBLE, 8, 0, FP),		/* lfd */
	[51] = D_U(LOAD, FPR_DOUBLE, 8, 0, FP),		/* lfdu */
	[52] = D(STORE, FPR_SINGLE, 4, 0, FP),		/* stfs */
	[53] = D_U(STORE, FPR_SINGLE, 4, 0, FP),	/* stfsu */
	[54] = D(STORE, FPR_DOUBLE, 8, 0, FP),		/* stfd */
	[55] = D_U(STORE, FPR_DOUBLE, 8, 0, FP),	/* stfdu */
};

static const struct insn extended[1024] = {
	[20] = INSN(LWARX, GPR, 4, X_EH, IDX, 0),
	[22] = LINE(CACHE, X_TOUCH),			/* icbt */
	[23] = X(LOAD, GPR, 4, 0, 0),			/* lwzx */
	[54] = LINE(CACHE, X_LINE),			/* dcbst */
	[55] = X_U(LOAD, GPR, 4, 0, 0),			/* lwzux */
	[86] = LINE(CACHE, X_LINE),			/* dcbf */
	[87] = X(LOAD, GPR, 1, 0, 0),			/* lbzx */
	[119] = X_U(LOAD, GPR, 1, 0, 0),		/* lbzux */
	[150] = INSN(STWCX, GPR, 4, X_RC, IDX, 0),
	[151] = X(STORE, GPR, 4, 0, 0),			/* stwx */
	[183] = X_U(STORE, GPR, 4, 0, 0),		/* stwux */
	[215] = X(STORE, GPR, 1, 0, 0),			/* stbx */
	[246] = LINE(CACHE, X_TOUCH),			/* dcbtst */
	[247] = X_U(STORE, GPR, 1, 0, 0),		/* stbux */
	[278] = LINE(CACHE, X_TOUCH),			/* dcbt */
	[279] = X(LOAD, GPR, 2, 0, 0),			/* lhzx */
	[311] = X_U(LOAD, GPR, 2, 0, 0),		/* lhzux */
	[343] = X(LOAD, GPR, 2, SIGN, 0),		/* lhax */
	[375] = X_U(LOAD, GPR, 2, SIGN, 0),		/* lhaux */
	[407] = X(STORE, GPR, 2, 0, 0),			/* sthx */
	[439] = X_U(STORE, GPR, 2, 0, 0),		/* sthux */
	[533] = X(LSW, GPR, 1, 0, 0),			/* lswx */
	[534] = X(LOAD, GPR, 4, REV, 0),		/* lwbrx */
	[535] = X(LOAD, FPR_SINGLE, 4, 0, FP),		/* lfsx */
	[567] = X_U(LOAD, FPR_SINGLE, 4, 0, FP),	/* lfsux */
	[597] = INSN(LSW, GPR, 1, X_NB, PPC_ACC_IMM, 0),
	[599] = X(LOAD, FPR_DOUBLE, 8, 0, FP),		/* lfdx */
	[631] = X_U(LOAD, FPR_DOUBLE, 8, 0, FP),	/* lfdux */
	[661] = X(STSW, GPR, 1, 0, 0),			/* stswx */
	[662] = X(STORE, GPR, 4, REV, 0),		/* stwbrx */
	[663] = X(STORE, FPR_SINGLE, 4, 0, FP),		/* stfsx */
	[695] = X_U(STORE, FPR_SINGLE, 4, 0, FP),	/* stfsux */
	[725] = INSN(STSW, GPR, 1, X_NB, PPC_ACC_IMM, 0),
	[727] = X(STORE, FPR_DOUBLE, 8, 0, FP),		/* stfdx */
	[758] = LINE(CACHE, X_LINE),			/* dcba */
	[759] = X_U(STORE, FPR_DOUBLE, 8, 0, FP),	/* stfdux */
	[790] = X(LOAD, GPR, 2, REV, 0),		/* lhbrx */
	[855] = X(LOAD, FPR_WORD, 4, SIGN, PPC_ISA_LFIW),	/* lfiwax */
	[887] = X(LOAD, FPR_WORD, 4, 0, PPC_ISA_LFIW),		/* lfiwzx */
	[918] = X(STORE, GPR, 2, REV, 0),		/* sthbrx */
	[982] = LINE(CACHE, X_LINE),			/* icbi */
	[983] = X(STORE, FPR_WORD, 4, 0, FP),		/* stfiwx */
	[1014] = LINE(DCBZ, X_LINE),

	[259] = INSN(MFDCR, GPR, 0, DCRX, 0, PPC_ISA_DCRX),
	[323] = INSN(MFDCR, GPR, 0, DCR, PPC_ACC_IMM, PPC_ISA_DCR),
	[387] = INSN(MTDCR, GPR, 0, DCRX, 0, PPC_ISA_DCRX),
	[451] = INSN(MTDCR, GPR, 0, DCR, PPC_ACC_IMM, PPC_ISA_DCR),

	[142] = X(LOAD, QPR_SINGLE, 4, 0, FP2),		/* lfssx */
	[174] = X_U(LOAD, QPR_SINGLE, 4, 0, FP2),	/* lfssux */
	[206] = X(LOAD, QPR_DOUBLE, 8, 0, FP2),		/* lfsdx */
	[238] = X_U(LOAD, QPR_DOUBLE, 8, 0, FP2),	/* lfsdux */
	[270] = X(LOAD, FQPR_SINGLE, 4, CROSS, FP2),	/* lfxsx */
	[302] = X_U(LOAD, FQPR_SINGLE, 4, CROSS, FP2),	/* lfxsux */
	[334] = X(LOAD, FQPR_DOUBLE, 8, CROSS, FP2),	/* lfxdx */
	[366] = X_U(LOAD, FQPR_DOUBLE, 8, CROSS, FP2),	/* lfxdux */
	[398] = X(LOAD, FQPR_SINGLE, 4, 0, FP2),	/* lfpsx */
	[430] = X_U(LOAD, FQPR_SINGLE, 4, 0, FP2),	/* lfpsux */
	[462] = X(LOAD, FQPR_DOUBLE, 8, 0, FP2),	/* lfpdx */
	[494] = X_U(LOAD, FQPR_DOUBLE, 8, 0, FP2),	/* lfpdux */
	[526] = X(STORE, FQPR_WORD, 4, 0, FP2),		/* stfpiwx */
	[654] = X(STORE, QPR_SINGLE, 4, 0, FP2),	/* stfssx */
	[686] = X_U(STORE, QPR_SINGLE, 4, 0, FP2),	/* stfssux */
	[718] = X(STORE, QPR_DOUBLE, 8, 0, FP2),	/* stfsdx */
	[750] = X_U(STORE, QPR_DOUBLE, 8, 0, FP2),	/* stfsdux */
	[782] = X(STORE, FQPR_SINGLE, 4, CROSS, FP2),	/* stfxsx */
	[814] = X_U(STORE, FQPR_SINGLE, 4, CROSS, FP2),	/* stfxsux */
	[846] = X(STORE, FQPR_DOUBLE, 8, CROSS, FP2),	/* stfxdx */
	[878] = X_U(STORE, FQPR_DOUBLE, 8, CROSS, FP2),	/* stfxdux */
	[910] = X(STORE, FQPR_SINGLE, 4, 0, FP2),	/* stfpsx */
	[942] = X_U(STORE, FQPR_SINGLE, 4, 0, FP2),	/* stfpsux */
	[974] = X(STORE, FQPR_DOUBLE, 8, 0, FP2),	/* stfpdx */
	[1006] = X_U(STORE, FQPR_DOUBLE, 8, 0, FP2),	/* stfpdux */
};

static unsigned int field_rt(u32 insn)
{
	return insn >> 21 & 31;
}

static unsigned int field_ra(u32 insn)
{
	return insn >> 16 & 31;
}

static unsigned int field_rb(u32 insn)
{
	return insn >> 11 & 31;
}

/* Is register @nr one of @count from @rt on, where 0 comes after 31? */
static bool in_range(unsigned int nr, unsigned int rt, unsigned int count)
{
	return ((nr - rt) & 31) < count;
}

/* Book I, "Fixed-Point Load Instructions": which forms are invalid */
static bool form_valid(const struct ppc_access *acc)
{
	if (acc->flags & PPC_ACC_UPDATE) {
		if (!acc->ra)
			return false;
		if (acc->kind == PPC_LOAD && acc->reg == PPC_REG_GPR && acc->ra == acc->rt)
			return false;
	}
	if (acc->kind == PPC_LMW)
		return acc->ra < acc->rt;
	if (acc->kind == PPC_LSW) {
		if (acc->flags & PPC_ACC_IMM)
			return !in_range(acc->ra, acc->rt, (acc->bytes + 3) / 4);
		return acc->ra != acc->rt && acc->rb != acc->rt;
	}
	return true;
}

/* The operands; false if a reserved field is not what it must be. */
static bool operands(u32 insn, unsigned int format, struct ppc_access *acc)
{
	unsigned int rt = field_rt(insn), ra = field_ra(insn), rb = field_rb(insn);
	bool last = insn & 1;

	acc->rt = rt;
	acc->ra = ra;
	if (format == FMT_D) {
		acc->disp = (s16)(insn & 0xffff);
		return true;
	}

	acc->rb = rb;
	switch (format) {
	case FMT_X:
	case FMT_X_TOUCH:
		return !last;
	case FMT_X_RC:
		return last;
	case FMT_X_EH:
		if (last)
			acc->flags |= PPC_ACC_HINT;
		return true;
	case FMT_X_NB:
		acc->rb = 0;
		acc->bytes = rb ? rb : 32;
		return !last;
	case FMT_X_LINE:
		return !rt && !last;
	case FMT_DCR:
		acc->ra = 0;
		acc->rb = 0;
		acc->disp = rb << 5 | ra;
		return !last;
	case FMT_DCRX:
		return !rb && !last;
	default:
		return false;
	}
}

/*
 * Paired singles (750CL): psq_l, psq_lu, psq_st, psq_stu are primary opcodes 56,
 * 57, 60, 61 with W, I and a 12-bit displacement; psq_lx, psq_stx, psq_lux and
 * psq_stux are opcode 4 with a 6-bit extended opcode.
 */
static bool decode_paired(u32 insn, struct ppc_access *acc)
{
	unsigned int op = insn >> 26, xo = insn >> 1 & 63;
	bool store, update, one;

	if (op == 4) {
		if ((xo & ~33u) != 6 || (insn & 1))
			return false;
		store = xo & 1;
		update = xo & 32;
		one = insn & BIT(10);
		acc->rb = field_rb(insn);
		acc->gqr = insn >> 7 & 7;
		acc->flags = PPC_ACC_INDEXED;
	} else if (op == 56 || op == 57 || op == 60 || op == 61) {
		store = op & 4;
		update = op & 1;
		one = insn & BIT(15);
		acc->gqr = insn >> 12 & 7;
		acc->disp = (s16)((insn & 0xfff) ^ 0x800) - 0x800;
	} else {
		return false;
	}

	acc->kind = store ? PPC_STORE : PPC_LOAD;
	acc->reg = PPC_REG_FQPR_QUANT;
	acc->rt = field_rt(insn);
	acc->ra = field_ra(insn);
	if (update)
		acc->flags |= PPC_ACC_UPDATE;
	if (one)
		acc->flags |= PPC_ACC_ONE;
	return form_valid(acc);
}

bool ppc_decode(u32 insn, u32 isa, struct ppc_access *acc)
{
	const struct insn *row;

	*acc = (struct ppc_access) { .kind = PPC_NONE };
	row = insn >> 26 == 31 ? &extended[insn >> 1 & 1023] : &primary[insn >> 26];
	if (row->kind == PPC_NONE) {
		if ((isa & PPC_ISA_PS) && decode_paired(insn, acc))
			return true;
		goto refused;
	}
	if (row->isa & ~isa)
		goto refused;

	acc->kind = row->kind;
	acc->reg = row->reg;
	acc->width = row->width;
	acc->flags = row->flags;
	if (operands(insn, row->format, acc) && form_valid(acc))
		return true;
refused:
	*acc = (struct ppc_access) { .kind = PPC_NONE };
	return false;
}
