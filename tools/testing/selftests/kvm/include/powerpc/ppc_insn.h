/* SPDX-License-Identifier: GPL-2.0 */
/* Instruction words (Power ISA, Book I to III; PowerPC 440 user's manual). */
#ifndef KVM_PPC_INSN_H
#define KVM_PPC_INSN_H

#include <stdint.h>

static inline uint32_t i_d(unsigned int op, unsigned int rt, unsigned int ra, unsigned int d)
{
	return op << 26 | rt << 21 | ra << 16 | (d & 0xffff);
}

static inline uint32_t i_x(unsigned int op, unsigned int rt, unsigned int ra, unsigned int rb, unsigned int xo)
{
	return op << 26 | rt << 21 | ra << 16 | rb << 11 | xo << 1;
}

static inline uint32_t i_split(unsigned int rt, unsigned int number, unsigned int xo)
{
	return i_x(31, rt, number & 31, number >> 5, xo);
}

#define i_addi(rt, ra, si)	i_d(14, rt, ra, si)
#define i_addis(rt, ra, si)	i_d(15, rt, ra, si)
#define i_ori(ra, rs, ui)	i_d(24, rs, ra, ui)
#define i_lwz(rt, ra, d)	i_d(32, rt, ra, d)
#define i_lbz(rt, ra, d)	i_d(34, rt, ra, d)
#define i_stw(rt, ra, d)	i_d(36, rt, ra, d)
#define i_stb(rt, ra, d)	i_d(38, rt, ra, d)
#define i_lha(rt, ra, d)	i_d(42, rt, ra, d)
#define i_lmw(rt, ra, d)	i_d(46, rt, ra, d)
#define i_lfs(rt, ra, d)	i_d(48, rt, ra, d)
#define i_lfd(rt, ra, d)	i_d(50, rt, ra, d)
#define i_stfd(rt, ra, d)	i_d(54, rt, ra, d)
#define i_lwarx(rt, ra, rb)	i_x(31, rt, ra, rb, 20)
#define i_stwcx(rt, ra, rb)	(i_x(31, rt, ra, rb, 150) | 1)
#define i_dcbz(ra, rb)		i_x(31, 0, ra, rb, 1014)
#define i_fadd(rt, ra, rb)	i_x(63, rt, ra, rb, 21)
#define i_mfspr(rt, spr)	i_split(rt, spr, 339)
#define i_mtspr(spr, rs)	i_split(rs, spr, 467)
#define i_mftb(rt)		i_split(rt, 268, 371)
#define i_mftbu(rt)		i_split(rt, 269, 371)
#define i_mfdcr(rt, dcr)	i_split(rt, dcr, 323)
#define i_mtdcr(dcr, rs)	i_split(rs, dcr, 451)
#define i_mfdcrx(rt, ra)	i_x(31, rt, ra, 0, 259)
#define i_mtdcrx(ra, rs)	i_x(31, rs, ra, 0, 387)
#define i_mfmsr(rt)		i_x(31, rt, 0, 0, 83)
#define i_mtmsr(rs)		i_x(31, rs, 0, 0, 146)
#define i_wrtee(rs)		i_x(31, rs, 0, 0, 131)
#define i_wrteei(e)		(i_x(31, 0, 0, 0, 163) | (e) << 15)
#define i_tlbwe(rs, ra, ws)	i_x(31, rs, ra, ws, 978)
#define i_tlbre(rt, ra, ws)	i_x(31, rt, ra, ws, 946)
#define i_tlbsx_rc(rt, ra, rb)	(i_x(31, rt, ra, rb, 914) | 1)
#define i_mfcr(rt)		i_x(31, rt, 0, 0, 19)
#define I_RFI			i_x(19, 0, 0, 0, 50)
#define I_RFCI			i_x(19, 0, 0, 0, 51)
#define I_RFMCI			i_x(19, 0, 0, 0, 38)
#define I_SC			0x44000002
#define I_TRAP			0x7fe00008
#define I_NOP			0x60000000
#define I_ISYNC			i_x(19, 0, 0, 0, 150)
#define I_B_SELF		0x48000000

#define SPR_DEC		22
#define SPR_SRR0	26
#define SPR_SRR1	27
#define SPR_PID		48
#define SPR_DECAR	54
#define SPR_CSRR0	58
#define SPR_DEAR	61
#define SPR_ESR		62
#define SPR_USPRG0	256
#define SPR_SPRG4R	260
#define SPR_SPRG0	272
#define SPR_SPRG4W	276
#define SPR_TBL_WRITE	284
#define SPR_TBU_WRITE	285
#define SPR_PIR		286
#define SPR_PVR		287
#define SPR_DBSR	304
#define SPR_DBCR0	308
#define SPR_DBCR1	309
#define SPR_DBCR2	310
#define SPR_IAC1	312
#define SPR_DAC1	316
#define SPR_DAC2	317
#define SPR_DVC1	318
#define SPR_DVC2	319
#define SPR_TSR		336
#define SPR_TCR		340
#define SPR_IVPR	63
#define SPR_IVOR(n)	(400 + (n))
#define SPR_MMUCR	946

#endif /* KVM_PPC_INSN_H */
