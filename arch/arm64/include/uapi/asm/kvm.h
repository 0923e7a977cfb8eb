/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The arm64 part of the /dev/kvm interface: what a vCPU is made of, how its registers are named, and the attributes
 * of the interrupt controller, timers, PMU and firmware calls. As in <linux/kvm.h>, every number is ABI.
 */
#ifndef _UAPI_ASM_ARM64_KVM_H
#define _UAPI_ASM_ARM64_KVM_H

/* Index into kvm_regs.spsr: the AArch64 one and those of the AArch32 modes. */
#define KVM_SPSR_EL1			0
#define KVM_SPSR_ABT			1
#define KVM_SPSR_UND			2
#define KVM_SPSR_IRQ			3
#define KVM_SPSR_FIQ			4
#define KVM_NR_SPSR			5
#define KVM_SPSR_SVC			KVM_SPSR_EL1

#ifndef __ASSEMBLY__

#include <linux/types.h>
#include <linux/psci.h>
#include <asm/ptrace.h>
#include <asm/sve_context.h>

#ifdef __KERNEL__
#define _kvm_uptr	__user
#else
#define _kvm_uptr
#endif

/* What the architecture has of the optional parts of <linux/kvm.h>. */
#define __KVM_HAVE_IRQ_LINE
#define __KVM_HAVE_VCPU_EVENTS

#define KVM_NR_IRQCHIPS			1

/* Pages of a vCPU's mapping: 0 is struct kvm_run. */
#define KVM_COALESCED_MMIO_PAGE_OFFSET	1
#define KVM_DIRTY_LOG_PAGE_OFFSET	64

/* ------------------------------------------------------------------------------------- Creating a vCPU */

#define KVM_ARM_TARGET_AEM_V8		0
#define KVM_ARM_TARGET_FOUNDATION_V8	1
#define KVM_ARM_TARGET_CORTEX_A57	2
#define KVM_ARM_TARGET_XGENE_POTENZA	3
#define KVM_ARM_TARGET_CORTEX_A53	4
#define KVM_ARM_TARGET_GENERIC_V8	5	/* what the host is */
#define KVM_ARM_NUM_TARGETS		6

/* Bit numbers in kvm_vcpu_init.features. */
#define KVM_ARM_VCPU_POWER_OFF		0	/* waits for a CPU_ON */
#define KVM_ARM_VCPU_EL1_32BIT		1
#define KVM_ARM_VCPU_PSCI_0_2		2
#define KVM_ARM_VCPU_PMU_V3		3
#define KVM_ARM_VCPU_SVE		4
#define KVM_ARM_VCPU_PTRAUTH_ADDRESS	5
#define KVM_ARM_VCPU_PTRAUTH_GENERIC	6
#define KVM_ARM_VCPU_HAS_EL2		7

struct kvm_vcpu_init {
	__u32 target;
	__u32 features[7];
};

/* ------------------------------------------------------------------------------------- Register names */

/*
 * The core registers are named by their place in this structure, counted in 32-bit words. regs.sp is SP_EL0.
 */
struct kvm_regs {
	struct user_pt_regs regs;
	__u64 sp_el1;
	__u64 elr_el1;
	__u64 spsr[KVM_NR_SPSR];
	struct user_fpsimd_state fp_regs;
};

/* Not used on arm64; the generic request numbers are computed from their size. */
struct kvm_sregs {
};

struct kvm_fpu {
};

/* Bits 27:16 of an id select the space, which says what the lower 16 bits are. */
#define KVM_REG_ARM_COPROC_SHIFT	16
#define KVM_REG_ARM_COPROC_MASK		0x000000000FFF0000

#define KVM_REG_ARM_CORE		(0x10 << KVM_REG_ARM_COPROC_SHIFT)
#define KVM_REG_ARM_DEMUX		(0x11 << KVM_REG_ARM_COPROC_SHIFT)
#define KVM_REG_ARM64_SYSREG		(0x13 << KVM_REG_ARM_COPROC_SHIFT)
#define KVM_REG_ARM_FW			(0x14 << KVM_REG_ARM_COPROC_SHIFT)
#define KVM_REG_ARM64_SVE		(0x15 << KVM_REG_ARM_COPROC_SHIFT)
#define KVM_REG_ARM_FW_FEAT_BMAP	(0x16 << KVM_REG_ARM_COPROC_SHIFT)

/* Bytes in a register, from its id. */
#define KVM_REG_SIZE(id)		(1U << (((id) & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT))

/* Core. */
#define KVM_REG_ARM_CORE_REG(name)	(offsetof(struct kvm_regs, name) / sizeof(__u32))

/* Demultiplexed: registers behind a selector. */
#define KVM_REG_ARM_DEMUX_ID_SHIFT	8
#define KVM_REG_ARM_DEMUX_ID_MASK	0x000000000000FF00
#define KVM_REG_ARM_DEMUX_ID_CCSIDR	(0x00 << KVM_REG_ARM_DEMUX_ID_SHIFT)
#define KVM_REG_ARM_DEMUX_VAL_SHIFT	0
#define KVM_REG_ARM_DEMUX_VAL_MASK	0x00000000000000FF

/* System registers, by the fields of their MRS and MSR instructions. */
#define KVM_REG_ARM64_SYSREG_OP0_SHIFT	14
#define KVM_REG_ARM64_SYSREG_OP1_SHIFT	11
#define KVM_REG_ARM64_SYSREG_CRN_SHIFT	7
#define KVM_REG_ARM64_SYSREG_CRM_SHIFT	3
#define KVM_REG_ARM64_SYSREG_OP2_SHIFT	0
#define KVM_REG_ARM64_SYSREG_OP0_MASK	0xc000
#define KVM_REG_ARM64_SYSREG_OP1_MASK	0x3800
#define KVM_REG_ARM64_SYSREG_CRN_MASK	0x0780
#define KVM_REG_ARM64_SYSREG_CRM_MASK	0x0078
#define KVM_REG_ARM64_SYSREG_OP2_MASK	0x0007

#define ARM64_SYS_REG_SHIFT_MASK(value, field) \
	(((value) << KVM_REG_ARM64_SYSREG_##field##_SHIFT) & KVM_REG_ARM64_SYSREG_##field##_MASK)
#define __ARM64_SYS_REG(op0, op1, crn, crm, op2)					\
	(KVM_REG_ARM64 | KVM_REG_ARM64_SYSREG |						\
	 ARM64_SYS_REG_SHIFT_MASK(op0, OP0) | ARM64_SYS_REG_SHIFT_MASK(op1, OP1) |	\
	 ARM64_SYS_REG_SHIFT_MASK(crn, CRN) | ARM64_SYS_REG_SHIFT_MASK(crm, CRM) |	\
	 ARM64_SYS_REG_SHIFT_MASK(op2, OP2))
#define ARM64_SYS_REG(...)		(__ARM64_SYS_REG(__VA_ARGS__) | KVM_REG_SIZE_U64)

/*
 * The timers. The virtual timer's compare value and count carry each other's encoding: a slip that was made when
 * the ABI was young and that every monitor relies on since.
 */
#define KVM_REG_ARM_TIMER_CTL		ARM64_SYS_REG(3, 3, 14, 3, 1)
#define KVM_REG_ARM_TIMER_CNT		ARM64_SYS_REG(3, 3, 14, 3, 2)
#define KVM_REG_ARM_TIMER_CVAL		ARM64_SYS_REG(3, 3, 14, 0, 2)
#define KVM_REG_ARM_PTIMER_CTL		ARM64_SYS_REG(3, 3, 14, 2, 1)
#define KVM_REG_ARM_PTIMER_CVAL		ARM64_SYS_REG(3, 3, 14, 2, 2)
#define KVM_REG_ARM_PTIMER_CNT		ARM64_SYS_REG(3, 3, 14, 0, 1)

/* Firmware: PSCI version and the state of the SMCCC workarounds. */
#define KVM_REG_ARM_FW_REG(n) \
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_FW | ((n) & 0xffff))

#define KVM_REG_ARM_PSCI_VERSION	KVM_REG_ARM_FW_REG(0)

#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1 KVM_REG_ARM_FW_REG(1)
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2 KVM_REG_ARM_FW_REG(2)
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3 KVM_REG_ARM_FW_REG(3)

#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_NOT_AVAIL		0
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3_NOT_AVAIL		0
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_AVAIL		1
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3_AVAIL		1
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_NOT_REQUIRED	2
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3_NOT_REQUIRED	2

/* Number 2 has a scale of its own. A host reports only NOT_AVAIL and NOT_REQUIRED, and takes all of them. */
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_AVAIL		0
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_UNKNOWN		1
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_AVAIL		2
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_REQUIRED	3
#define KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_ENABLED		(1U << 4)

/* Firmware: bitmaps of the hypercall services that the guest may use. */
#define KVM_REG_ARM_FW_FEAT_BMAP_REG(n) \
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_FW_FEAT_BMAP | ((n) & 0xffff))

#define KVM_REG_ARM_STD_BMAP		KVM_REG_ARM_FW_FEAT_BMAP_REG(0)
#define KVM_REG_ARM_STD_HYP_BMAP	KVM_REG_ARM_FW_FEAT_BMAP_REG(1)
#define KVM_REG_ARM_VENDOR_HYP_BMAP	KVM_REG_ARM_FW_FEAT_BMAP_REG(2)

/* Bit numbers in the three of them. */
#define KVM_REG_ARM_STD_BIT_TRNG_V1_0		0
#define KVM_REG_ARM_STD_HYP_BIT_PV_TIME		0
#define KVM_REG_ARM_VENDOR_HYP_BIT_FUNC_FEAT	0
#define KVM_REG_ARM_VENDOR_HYP_BIT_PTP		1

/* SVE: vector and predicate registers in slices, and the set of vector lengths. */
#define KVM_ARM64_SVE_VQ_MIN		__SVE_VQ_MIN
#define KVM_ARM64_SVE_VQ_MAX		__SVE_VQ_MAX
#define KVM_ARM64_SVE_NUM_ZREGS		__SVE_NUM_ZREGS
#define KVM_ARM64_SVE_NUM_PREGS		__SVE_NUM_PREGS
#define KVM_ARM64_SVE_MAX_SLICES	32
#define KVM_ARM64_SVE_VLS_WORDS		((KVM_ARM64_SVE_VQ_MAX - KVM_ARM64_SVE_VQ_MIN) / 64 + 1)

#define KVM_REG_ARM64_SVE_ZREG_BASE	0x000
#define KVM_REG_ARM64_SVE_PREG_BASE	0x400
#define KVM_REG_ARM64_SVE_FFR_BASE	0x600

#define KVM_REG_ARM64_SVE_ZREG(reg, slice)						\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U2048 | KVM_REG_ARM64_SVE | KVM_REG_ARM64_SVE_ZREG_BASE |	\
	 ((reg) & (KVM_ARM64_SVE_NUM_ZREGS - 1)) << 5 | ((slice) & (KVM_ARM64_SVE_MAX_SLICES - 1)))
#define KVM_REG_ARM64_SVE_PREG(reg, slice)						\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U256 | KVM_REG_ARM64_SVE | KVM_REG_ARM64_SVE_PREG_BASE |	\
	 ((reg) & (KVM_ARM64_SVE_NUM_PREGS - 1)) << 5 | ((slice) & (KVM_ARM64_SVE_MAX_SLICES - 1)))
#define KVM_REG_ARM64_SVE_FFR(slice)							\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U256 | KVM_REG_ARM64_SVE | KVM_REG_ARM64_SVE_FFR_BASE |	\
	 ((slice) & (KVM_ARM64_SVE_MAX_SLICES - 1)))
#define KVM_REG_ARM64_SVE_VLS \
	(KVM_REG_ARM64 | KVM_REG_SIZE_U512 | KVM_REG_ARM64_SVE | 0xffff)

/* Which bits of the ID registers user space may write: one mask for each of op1 {0, 1, 3}, CRm 0-7, op2 0-7. */
#define KVM_ARM_FEATURE_ID_RANGE	0
#define KVM_ARM_FEATURE_ID_RANGE_SIZE	(3 * 8 * 8)
#define KVM_ARM_FEATURE_ID_RANGE_IDX(op0, op1, crn, crm, op2) \
	((((op1) & 3) == 3 ? 2ULL : (__u64)((op1) & 3)) << 6 | ((crm) & 7) << 3 | (op2))

struct reg_mask_range {
	__u64 addr;		/* of the masks, in user space */
	__u32 range;
	__u32 reserved[13];
};

/* --------------------------------------------------------------------------- Exceptions and debugging */

struct kvm_vcpu_events {
	struct {
		__u8  serror_pending;
		__u8  serror_has_esr;
		__u8  ext_dabt_pending;
		__u8  pad[5];
		__u64 serror_esr;
	} exception;
	__u32 reserved[12];
};

#define KVM_ARM_MAX_DBG_REGS		16	/* the architecture's limit, of each kind */

struct kvm_guest_debug_arch {
	__u64 dbg_bcr[KVM_ARM_MAX_DBG_REGS];
	__u64 dbg_bvr[KVM_ARM_MAX_DBG_REGS];
	__u64 dbg_wcr[KVM_ARM_MAX_DBG_REGS];
	__u64 dbg_wvr[KVM_ARM_MAX_DBG_REGS];
};

/* kvm_guest_debug.control */
#define KVM_GUESTDBG_USE_SW_BP		(1 << 16)
#define KVM_GUESTDBG_USE_HW		(1 << 17)

/* KVM_EXIT_DEBUG; kvm_run.flags says whether hsr_high counts. */
#define KVM_DEBUG_ARCH_HSR_HIGH_VALID	(1 << 0)

struct kvm_debug_exit_arch {
	__u32 hsr;
	__u32 hsr_high;		/* ESR_EL2[61:32] */
	__u64 far;		/* of a watchpoint */
};

/* ------------------------------------------------------------------------------ Exits and their flags */

/* Levels of the in-kernel devices for a monitor with an interrupt controller of its own. */
#define KVM_ARM_DEV_EL1_VTIMER		(1 << 0)
#define KVM_ARM_DEV_EL1_PTIMER		(1 << 1)
#define KVM_ARM_DEV_PMU			(1 << 2)

struct kvm_sync_regs {
	__u64 device_irq_level;
};

#define KVM_EXIT_FAIL_ENTRY_CPU_UNSUPPORTED	(1ULL << 0)
#define KVM_SYSTEM_EVENT_RESET_FLAG_PSCI_RESET2	(1ULL << 0)
#define KVM_HYPERCALL_EXIT_SMC		(1U << 0)
#define KVM_HYPERCALL_EXIT_16BIT	(1U << 1)

/* -------------------------------------------------------------------------------- Firmware calls */

/* The calls of PSCI 0.1, which had no numbers of their own. */
#define KVM_PSCI_FN_BASE		0x95c1ba5e
#define KVM_PSCI_FN(n)			(KVM_PSCI_FN_BASE + (n))
#define KVM_PSCI_FN_CPU_SUSPEND		KVM_PSCI_FN(0)
#define KVM_PSCI_FN_CPU_OFF		KVM_PSCI_FN(1)
#define KVM_PSCI_FN_CPU_ON		KVM_PSCI_FN(2)
#define KVM_PSCI_FN_MIGRATE		KVM_PSCI_FN(3)

#define KVM_PSCI_RET_SUCCESS		PSCI_RET_SUCCESS
#define KVM_PSCI_RET_NI			PSCI_RET_NOT_SUPPORTED
#define KVM_PSCI_RET_INVAL		PSCI_RET_INVALID_PARAMS
#define KVM_PSCI_RET_DENIED		PSCI_RET_DENIED

/* VM attribute: who answers a range of function identifiers. */
#define KVM_ARM_VM_SMCCC_CTRL		0
#define KVM_ARM_VM_SMCCC_FILTER		0

enum kvm_smccc_filter_action {
	KVM_SMCCC_FILTER_HANDLE		= 0,
	KVM_SMCCC_FILTER_DENY		= 1,
	KVM_SMCCC_FILTER_FWD_TO_USER	= 2,
};

struct kvm_smccc_filter {
	__u32 base;
	__u32 nr_functions;
	__u8  action;
	__u8  pad[15];
};

/* ------------------------------------------------------------------------- The interrupt controllers */

/* kvm_irq_level.irq */
#define KVM_ARM_IRQ_NUM_SHIFT		0
#define KVM_ARM_IRQ_NUM_MASK		0xffff
#define KVM_ARM_IRQ_VCPU_SHIFT		16	/* the vCPU's index, bits 7:0 ... */
#define KVM_ARM_IRQ_VCPU_MASK		0xff
#define KVM_ARM_IRQ_TYPE_SHIFT		24
#define KVM_ARM_IRQ_TYPE_MASK		0xf
#define KVM_ARM_IRQ_VCPU2_SHIFT		28	/* ... and bits 11:8 */
#define KVM_ARM_IRQ_VCPU2_MASK		0xf

#define KVM_ARM_IRQ_TYPE_CPU		0	/* no interrupt controller in the kernel */
#define KVM_ARM_IRQ_TYPE_SPI		1
#define KVM_ARM_IRQ_TYPE_PPI		2

#define KVM_ARM_IRQ_CPU_IRQ		0
#define KVM_ARM_IRQ_CPU_FIQ		1

#ifndef __KERNEL__
#define KVM_ARM_IRQ_GIC_MAX		127	/* of old; see KVM_DEV_ARM_VGIC_GRP_NR_IRQS */
#endif

/* Groups of attributes of the GIC's and the ITS's device. */
#define KVM_DEV_ARM_VGIC_GRP_ADDR	0
#define KVM_DEV_ARM_VGIC_GRP_DIST_REGS	1
#define KVM_DEV_ARM_VGIC_GRP_CPU_REGS	2	/* GICv2 */
#define KVM_DEV_ARM_VGIC_GRP_NR_IRQS	3
#define KVM_DEV_ARM_VGIC_GRP_CTRL	4
#define KVM_DEV_ARM_VGIC_GRP_REDIST_REGS 5
#define KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS 6
#define KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO	7
#define KVM_DEV_ARM_VGIC_GRP_ITS_REGS	8

/* Group ADDR: what is placed, and its size. */
#define KVM_VGIC_V2_ADDR_TYPE_DIST	0
#define KVM_VGIC_V2_ADDR_TYPE_CPU	1
#define KVM_VGIC_V3_ADDR_TYPE_DIST	2
#define KVM_VGIC_V3_ADDR_TYPE_REDIST	3
#define KVM_VGIC_ITS_ADDR_TYPE		4
#define KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION 5

#define KVM_VGIC_V2_DIST_SIZE		0x1000
#define KVM_VGIC_V2_CPU_SIZE		0x2000
#define KVM_VGIC_V3_DIST_SIZE		0x10000
#define KVM_VGIC_V3_REDIST_SIZE		0x20000
#define KVM_VGIC_V3_ITS_SIZE		0x20000

/* Groups *_REGS: which CPU, which register. */
#define KVM_DEV_ARM_VGIC_OFFSET_SHIFT	0
#define KVM_DEV_ARM_VGIC_OFFSET_MASK	(0xffffffffULL << KVM_DEV_ARM_VGIC_OFFSET_SHIFT)
#define KVM_DEV_ARM_VGIC_CPUID_SHIFT	32
#define KVM_DEV_ARM_VGIC_CPUID_MASK	(0xffULL << KVM_DEV_ARM_VGIC_CPUID_SHIFT)
#define KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT	32
#define KVM_DEV_ARM_VGIC_V3_MPIDR_MASK	(0xffffffffULL << KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT)
#define KVM_DEV_ARM_VGIC_SYSREG_INSTR_MASK 0xffff

/* Group LEVEL_INFO: the kind of information and the first INTID. */
#define KVM_DEV_ARM_VGIC_LINE_LEVEL_INTID_MASK	0x3ff
#define KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT	10
#define KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_MASK	(0x3fffffULL << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT)
#define VGIC_LEVEL_INFO_LINE_LEVEL	0

/* Group CTRL. */
#define KVM_DEV_ARM_VGIC_CTRL_INIT	0
#define KVM_DEV_ARM_ITS_SAVE_TABLES	1
#define KVM_DEV_ARM_ITS_RESTORE_TABLES	2
#define KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES 3
#define KVM_DEV_ARM_ITS_CTRL_RESET	4

/* kvm_arm_device_addr.id, of the older way to place a GICv2. */
#define KVM_ARM_DEVICE_TYPE_SHIFT	0
#define KVM_ARM_DEVICE_TYPE_MASK	0x0000ffffUL
#define KVM_ARM_DEVICE_ID_SHIFT		16
#define KVM_ARM_DEVICE_ID_MASK		0xffff0000UL
#define KVM_ARM_DEVICE_VGIC_V2		0

/* ----------------------------------------------------------------------------- Attributes of a vCPU */

#define KVM_ARM_VCPU_PMU_V3_CTRL	0
#define KVM_ARM_VCPU_TIMER_CTRL		1
#define KVM_ARM_VCPU_PVTIME_CTRL	2

/* KVM_ARM_VCPU_PMU_V3_CTRL */
#define KVM_ARM_VCPU_PMU_V3_IRQ		0
#define KVM_ARM_VCPU_PMU_V3_INIT	1
#define KVM_ARM_VCPU_PMU_V3_FILTER	2
#define KVM_ARM_VCPU_PMU_V3_SET_PMU	3

#define KVM_PMU_EVENT_ALLOW		0
#define KVM_PMU_EVENT_DENY		1

struct kvm_pmu_event_filter {
	__u16 base_event;
	__u16 nevents;
	__u8  action;
	__u8  pad[3];
};

/* KVM_ARM_VCPU_TIMER_CTRL: the INTID of each timer. */
#define KVM_ARM_VCPU_TIMER_IRQ_VTIMER	0
#define KVM_ARM_VCPU_TIMER_IRQ_PTIMER	1
#define KVM_ARM_VCPU_TIMER_IRQ_HVTIMER	2
#define KVM_ARM_VCPU_TIMER_IRQ_HPTIMER	3

/* KVM_ARM_VCPU_PVTIME_CTRL: where the stolen time structure is. */
#define KVM_ARM_VCPU_PVTIME_IPA		0

/* ---------------------------------------------------------------------------------- Of the whole VM */

/* What is taken off the host's counter, for the virtual and the physical counter alike. */
struct kvm_arm_counter_offset {
	__u64 counter_offset;
	__u64 reserved;
};

/* Memory tags. */
#define KVM_ARM_TAGS_TO_GUEST		0
#define KVM_ARM_TAGS_FROM_GUEST		1

struct kvm_arm_copy_mte_tags {
	__u64 guest_ipa;
	__u64 length;
	void _kvm_uptr *addr;
	__u64 flags;
	__u64 reserved[2];
};

#undef _kvm_uptr

#endif /* __ASSEMBLY__ */

#endif /* _UAPI_ASM_ARM64_KVM_H */
