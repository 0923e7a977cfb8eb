/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VGIC_LR_H
#define KVM_VGIC_LR_H

/*
 * Fields of the hypervisor control registers of a virtual CPU interface, IHI
 * 0069, 12.4.  Own names, so that this builds natively and with any kernel.
 */

#include <linux/bits.h>

/* ICH_LR<n>_EL2 */
#define LR_INTID		GENMASK_ULL(31, 0)
#define LR_V2_INTID		GENMASK_ULL(9, 0)	/* of that, for a GICv2 guest */
#define LR_V2_SOURCE		GENMASK_ULL(12, 10)	/* and the vCPU that sent an SGI */
#define LR_PINTID		GENMASK_ULL(44, 32)	/* with LR_HW */
#define LR_EOI			BIT_ULL(41)		/* without: maintenance at the EOI */
#define LR_PRIORITY		GENMASK_ULL(55, 48)
#define LR_GROUP1		BIT_ULL(60)
#define LR_HW			BIT_ULL(61)
#define LR_PENDING		BIT_ULL(62)
#define LR_ACTIVE		BIT_ULL(63)
#define LR_STATE		(LR_PENDING | LR_ACTIVE)

/* ICH_HCR_EL2 */
#define ICHCR_EN		BIT(0)
#define ICHCR_UIE		BIT(1)		/* at most one list register is in use */
#define ICHCR_LRENPIE		BIT(2)		/* EOIcount is not 0 */
#define ICHCR_NPIE		BIT(3)		/* none is pending */
#define ICHCR_VGRP0EIE		BIT(4)		/* the guest enables a group */
#define ICHCR_VGRP1EIE		BIT(6)
#define ICHCR_TC		BIT(10)		/* traps: registers common to both groups */
#define ICHCR_TALL0		BIT(11)
#define ICHCR_TALL1		BIT(12)
#define ICHCR_TDIR		BIT(14)
#define ICHCR_EOICOUNT		GENMASK(31, 27)

/* ICH_VMCR_EL2 */
#define VMCR_ENG0		BIT(0)
#define VMCR_ENG1		BIT(1)
#define VMCR_ACKCTL		BIT(2)		/* GICv2 */
#define VMCR_FIQEN		BIT(3)
#define VMCR_CBPR		BIT(4)
#define VMCR_EOIM		BIT(9)
#define VMCR_BPR1		GENMASK(20, 18)
#define VMCR_BPR0		GENMASK(23, 21)
#define VMCR_PMR		GENMASK(31, 24)

/* ICH_VTR_EL2 */
#define VTR_LISTREGS		GENMASK(4, 0)
#define VTR_TDS			BIT(19)
#define VTR_A3V			BIT(21)
#define VTR_SEIS		BIT(22)
#define VTR_IDBITS		GENMASK(25, 23)
#define VTR_PREBITS		GENMASK(28, 26)
#define VTR_PRIBITS		GENMASK(31, 29)

#endif
