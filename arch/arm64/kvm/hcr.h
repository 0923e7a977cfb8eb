/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_HCR_H
#define KVM_ARM64_HCR_H

/*
 * Fields of the EL2 control registers (Arm ARM DDI 0487, D24.2) that the
 * kernel's <asm/kvm_arm.h> does not name, grouped by what they do rather than
 * by position.
 */

#include <linux/bits.h>
#include <asm/kvm_arm.h>

/* ---- HCR_EL2 */
#define HCR_MIOCNCE	BIT_ULL(38)
#define HCR_GPF		BIT_ULL(48)
#define HCR_BSU_MASK	GENMASK_ULL(11, 10)
#define HCR_TPCP	BIT_ULL(23)
#define HCR_TWED_EN	BIT_ULL(59)
#define HCR_TWED_DELAY	GENMASK_ULL(63, 60)
#define HCR_TME		BIT_ULL(39)

/* What has no effect while TGE is set (FWB: nor on EL2's own translation): left set between exits. */
#define HCR_STAGE2	(HCR_VM | HCR_PTW | HCR_FWB)

/* ---- CPTR_EL2 when E2H is 1: CPACR_EL1's layout */
#define CPTR_ZEN	GENMASK_ULL(17, 16)	/* SVE; 0b11 does not trap */
#define CPTR_FPEN	GENMASK_ULL(21, 20)	/* FP and Advanced SIMD */
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
#define MDCR_E2PB	GENMASK_ULL(13, 12)	/* profiling buffer; 0: EL2's, EL1 traps */
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

/* ---- MPAM2_EL2 */
#define MPAM2_TRAP_MPAM0	BIT_ULL(48)	/* MPAM0_EL1 from EL1 */
#define MPAM2_TRAP_MPAM1	BIT_ULL(49)	/* MPAM1_EL1 from EL1 */

/* ---- VTCR_EL2 */
#define VTCR_T0SZ_SHIFT		0
#define VTCR_SL0_SHIFT		6
#define VTCR_IRGN0_WBWA		BIT_ULL(8)
#define VTCR_ORGN0_WBWA		BIT_ULL(10)
#define VTCR_SH0_INNER		GENMASK_ULL(13, 12)
#define VTCR_TG0_4K		(0ULL << 14)
#define VTCR_TG0_64K		BIT_ULL(14)
#define VTCR_TG0_16K		BIT_ULL(15)
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
