/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_HCR_H
#define KVM_ARM64_HCR_H

/*
 * Fields of the EL2 control registers (Arm ARM DDI 0487, D24.2), grouped by
 * what they do rather than by position.
 */

#include <linux/bits.h>

/* ---- HCR_EL2 */

/* The regime: who is where */
#define HCR_E2H		BIT_ULL(34)	/* EL2 is a host */
#define HCR_TGE		BIT_ULL(27)	/* EL0 belongs to EL2: the host's own value only */
#define HCR_RW		BIT_ULL(31)	/* EL1 is AArch64 */

/* Stage 2 */
#define HCR_VM		BIT_ULL(0)
#define HCR_SWIO	BIT_ULL(1)	/* set/way invalidate also cleans; RES1 on most */
#define HCR_PTW		BIT_ULL(2)	/* no table walks through Device memory */
#define HCR_DC		BIT_ULL(12)
#define HCR_CD		BIT_ULL(32)
#define HCR_ID		BIT_ULL(33)
#define HCR_MIOCNCE	BIT_ULL(38)
#define HCR_FWB		BIT_ULL(46)	/* stage 2 decides the memory type (FEAT_S2FWB) */
#define HCR_ATA		BIT_ULL(56)	/* allocation tags (FEAT_MTE2) */
#define HCR_DCT		BIT_ULL(57)

/* Routing and virtual asynchronous exceptions */
#define HCR_FMO		BIT_ULL(3)
#define HCR_IMO		BIT_ULL(4)
#define HCR_AMO		BIT_ULL(5)
#define HCR_VF		BIT_ULL(6)
#define HCR_VI		BIT_ULL(7)
#define HCR_VSE		BIT_ULL(8)	/* virtual SError pending; the CPU clears it when taken */
#define HCR_TEA		BIT_ULL(37)	/* external aborts to EL2 */
#define HCR_GPF		BIT_ULL(48)

/* Maintenance is broadcast so that a migrating vCPU need not care */
#define HCR_FB		BIT_ULL(9)
#define HCR_BSU_IS	BIT_ULL(10)	/* barriers reach the inner shareable domain at least */
#define HCR_BSU_MASK	GENMASK_ULL(11, 10)

/* Traps: instructions */
#define HCR_TWI		BIT_ULL(13)
#define HCR_TWE		BIT_ULL(14)
#define HCR_TSC		BIT_ULL(19)	/* SMC */
#define HCR_HCD		BIT_ULL(29)
#define HCR_TDZ		BIT_ULL(28)
#define HCR_TSW		BIT_ULL(22)	/* cache maintenance by set/way */
#define HCR_TPCP	BIT_ULL(23)
#define HCR_TPU		BIT_ULL(24)
#define HCR_TTLB	BIT_ULL(25)
#define HCR_TTLBIS	BIT_ULL(54)
#define HCR_TTLBOS	BIT_ULL(55)
#define HCR_TICAB	BIT_ULL(50)
#define HCR_TOCU	BIT_ULL(52)
#define HCR_TWED_EN	BIT_ULL(59)
#define HCR_TWED_DELAY	GENMASK_ULL(63, 60)

/* Traps: registers */
#define HCR_TID0	BIT_ULL(15)
#define HCR_TID1	BIT_ULL(16)	/* REVIDR, AIDR */
#define HCR_TID2	BIT_ULL(17)	/* CTR, CCSIDR, CLIDR, CSSELR */
#define HCR_TID3	BIT_ULL(18)	/* the ID registers' groups of CRm 1 to 7 */
#define HCR_TID4	BIT_ULL(49)	/* as TID2 without CTR (FEAT_EVT) */
#define HCR_TID5	BIT_ULL(58)	/* GMID */
#define HCR_TIDCP	BIT_ULL(20)	/* implementation defined */
#define HCR_TACR	BIT_ULL(21)	/* ACTLR */
#define HCR_TVM		BIT_ULL(26)	/* writes of the stage-1 controls */
#define HCR_TRVM	BIT_ULL(30)	/* reads of them */
#define HCR_TLOR	BIT_ULL(35)	/* LORegions */
#define HCR_TERR	BIT_ULL(36)	/* RAS error records */
#define HCR_FIEN	BIT_ULL(47)
#define HCR_AMVOFFEN	BIT_ULL(51)
#define HCR_ENSCXT	BIT_ULL(53)	/* 0: SCXTNUM traps (FEAT_CSV2_2) */
#define HCR_TME		BIT_ULL(39)

/* Enables that trap when clear */
#define HCR_APK		BIT_ULL(40)	/* pointer authentication keys */
#define HCR_API		BIT_ULL(41)	/* and instructions */
#define HCR_NV		BIT_ULL(42)
#define HCR_NV1		BIT_ULL(43)
#define HCR_AT		BIT_ULL(44)
#define HCR_NV2		BIT_ULL(45)

/* ---- CPTR_EL2 when E2H is 1: CPACR_EL1's layout */
#define CPTR_ZEN	GENMASK_ULL(17, 16)	/* SVE; 0b11 does not trap */
#define CPTR_FPEN	GENMASK_ULL(21, 20)	/* FP and Advanced SIMD */
#define CPTR_FPEN_EL1	BIT_ULL(20)		/* with TGE=0: 0b01 traps EL0 only, when TGE=1 */
#define CPTR_SMEN	GENMASK_ULL(25, 24)
#define CPTR_TTA	BIT_ULL(28)		/* trace registers */
#define CPTR_E0POE	BIT_ULL(29)
#define CPTR_TAM	BIT_ULL(30)		/* activity monitors */
#define CPTR_TCPAC	BIT_ULL(31)		/* CPACR_EL1 */

/* ---- MDCR_EL2 */
#define MDCR_HPMN	GENMASK_ULL(4, 0)	/* event counters of EL1 and EL0 */
#define MDCR_TPMCR	BIT_ULL(5)
#define MDCR_TPM	BIT_ULL(6)
#define MDCR_HPME	BIT_ULL(7)
#define MDCR_TDE	BIT_ULL(8)		/* debug exceptions to EL2 */
#define MDCR_TDA	BIT_ULL(9)		/* debug registers */
#define MDCR_TDOSA	BIT_ULL(10)		/* OS lock and the like */
#define MDCR_TDRA	BIT_ULL(11)		/* MDRAR and the like */
#define MDCR_E2PB	GENMASK_ULL(13, 12)	/* owner of the profiling buffer; 0: EL2, EL1 traps */
#define MDCR_TPMS	BIT_ULL(14)
#define MDCR_HPMD	BIT_ULL(17)
#define MDCR_TTRF	BIT_ULL(19)		/* trace filter */
#define MDCR_HCCD	BIT_ULL(23)
#define MDCR_E2TB	GENMASK_ULL(25, 24)	/* owner of the trace buffer */
#define MDCR_HLP	BIT_ULL(26)
#define MDCR_TDCC	BIT_ULL(27)		/* debug communication channel (FEAT_FGT) */
#define MDCR_MTPME	BIT_ULL(28)

/* ---- CNTHCTL_EL2 when E2H is 1 */
#define CNTHCTL_VHE_EL0PCTEN	BIT_ULL(0)	/* the lower byte is the host's CNTKCTL */
#define CNTHCTL_VHE_EL0VCTEN	BIT_ULL(1)
#define CNTHCTL_VHE_EVNTEN	BIT_ULL(2)
#define CNTHCTL_VHE_EL0VTEN	BIT_ULL(8)
#define CNTHCTL_VHE_EL0PTEN	BIT_ULL(9)
#define CNTHCTL_VHE_EL1PCTEN	BIT_ULL(10)	/* 0: CNTPCT_EL0 from EL1 and EL0 traps */
#define CNTHCTL_VHE_EL1PTEN	BIT_ULL(11)	/* 0: CNTP_* from EL1 and EL0 traps */
#define CNTHCTL_VHE_ECV		BIT_ULL(12)	/* CNTPOFF_EL2 applies */
#define CNTHCTL_VHE_EL1TVT	BIT_ULL(13)
#define CNTHCTL_VHE_EL1TVCT	BIT_ULL(14)

/* ---- VTCR_EL2 */
#define VTCR_T0SZ_SHIFT		0
#define VTCR_SL0_SHIFT		6
#define VTCR_IRGN0_WBWA		(1ULL << 8)
#define VTCR_ORGN0_WBWA		(1ULL << 10)
#define VTCR_SH0_INNER		(3ULL << 12)
#define VTCR_TG0_4K		(0ULL << 14)
#define VTCR_TG0_64K		(1ULL << 14)
#define VTCR_TG0_16K		(2ULL << 14)
#define VTCR_PS_SHIFT		16
#define VTCR_VS_16BIT		BIT_ULL(19)
#define VTCR_HA			BIT_ULL(21)
#define VTCR_HD			BIT_ULL(22)
#define VTCR_RES1_BIT		BIT_ULL(31)
#define VTCR_DS_LPA2		BIT_ULL(32)
#define VTCR_SL2_SHIFT		33

/* ---- VTTBR_EL2 */
#define VTTBR_VMID_POS		48
#define VTTBR_CNP		BIT_ULL(0)

#endif
