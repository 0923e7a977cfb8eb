/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The user-space interface of /dev/kvm, as far as arm64 and PowerPC have it.
 *
 * Names, numbers and layouts are an ABI that virtual machine monitors were compiled against; none of them may
 * change. They stand here by subject: system, capabilities, memory, vCPU, interrupts, devices, statistics and what
 * belongs to one architecture only. Requests and structures of other architectures are left out; their numbers
 * stay reserved.
 */
#ifndef _UAPI_LINUX_KVM_H
#define _UAPI_LINUX_KVM_H

#include <linux/types.h>
#include <linux/ioctl.h>
#include <asm/kvm.h>

/* Pointers that user space passes inside of a structure. */
#ifdef __KERNEL__
#define _kvm_uptr	__user
#else
#define _kvm_uptr
#endif

#define __KVM_HAVE_GUEST_DEBUG

/* ------------------------------------------------------------------------------------------------ System */

#define KVM_API_VERSION			12
#define KVMIO				0xae

/* Requests of /dev/kvm itself. CHECK_EXTENSION may also be asked of a VM, which then answers for that VM. */
#define KVM_GET_API_VERSION		_IO(KVMIO, 0x00)
#define KVM_CREATE_VM			_IO(KVMIO, 0x01)
#define KVM_CHECK_EXTENSION		_IO(KVMIO, 0x03)
#define KVM_GET_VCPU_MMAP_SIZE		_IO(KVMIO, 0x04)

/* Argument of CREATE_VM on arm64: bits 7:0 hold the width of the guest physical address space, 0 means 40. */
#define KVM_VM_TYPE_ARM_IPA_SIZE_MASK	0xffULL
#define KVM_VM_TYPE_ARM_IPA_SIZE(bits)	((bits) & KVM_VM_TYPE_ARM_IPA_SIZE_MASK)

/* Argument of CREATE_VM on PowerPC: 0 takes what the host has. */
#define KVM_VM_PPC_HV			1
#define KVM_VM_PPC_PR			2

/* ------------------------------------------------------------------------------------------ Capabilities */

/* Limits. The value of the capability is the limit. */
#define KVM_CAP_NR_VCPUS		9	/* recommended number of vCPUs */
#define KVM_CAP_NR_MEMSLOTS		10
#define KVM_CAP_MAX_VCPUS		66
#define KVM_CAP_MAX_VCPU_ID		128
#define KVM_CAP_GUEST_DEBUG_HW_BPS	119
#define KVM_CAP_GUEST_DEBUG_HW_WPS	120
#define KVM_CAP_MULTI_ADDRESS_SPACE	118
#define KVM_CAP_ARM_VM_IPA_SIZE		165	/* widest guest physical address */
#define KVM_CAP_VM_GPA_BITS		207
#define KVM_CAP_VM_TYPES		235

/* How capabilities themselves are asked for and switched on. */
#define KVM_CAP_ENABLE_CAP		54
#define KVM_CAP_ENABLE_CAP_VM		98
#define KVM_CAP_CHECK_EXTENSION_VM	105
#define KVM_CAP_VM_ATTRIBUTES		101
#define KVM_CAP_VCPU_ATTRIBUTES		127
#define KVM_CAP_SYS_ATTRIBUTES		209
#define KVM_CAP_DISABLE_QUIRKS		116
#define KVM_CAP_DISABLE_QUIRKS2		213

/* Memory and dirty tracking. */
#define KVM_CAP_USER_MEMORY		3
#define KVM_CAP_SYNC_MMU		16	/* guest mappings follow the host's */
#define KVM_CAP_DESTROY_MEMORY_REGION_WORKS 21
#define KVM_CAP_JOIN_MEMORY_REGIONS_WORKS 30
#define KVM_CAP_READONLY_MEM		81
#define KVM_CAP_MANUAL_DIRTY_LOG_PROTECT 166	/* superseded by ...PROTECT2 */
#define KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 168
#define KVM_CAP_DIRTY_LOG_RING		192
#define KVM_CAP_DIRTY_LOG_RING_ACQ_REL	223
#define KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP 225
#define KVM_CAP_USER_MEMORY2		231
#define KVM_CAP_MEMORY_FAULT_INFO	232
#define KVM_CAP_MEMORY_ATTRIBUTES	233
#define KVM_CAP_GUEST_MEMFD		234
#define KVM_CAP_PRE_FAULT_MEMORY	236

/* vCPUs. */
#define KVM_CAP_MP_STATE		14
#define KVM_CAP_SET_GUEST_DEBUG		23
#define KVM_CAP_SET_GUEST_DEBUG2	195
#define KVM_CAP_VCPU_EVENTS		41
#define KVM_CAP_INTERNAL_ERROR_DATA	40
#define KVM_CAP_ONE_REG			70
#define KVM_CAP_SYNC_REGS		74
#define KVM_CAP_IMMEDIATE_EXIT		136
#define KVM_CAP_HALT_POLL		182
#define KVM_CAP_LAST_CPU		184
#define KVM_CAP_STEAL_TIME		187
#define KVM_CAP_EXIT_HYPERCALL		201
#define KVM_CAP_SYSTEM_EVENT_DATA	215
#define KVM_CAP_COUNTER_OFFSET		227

/* Interrupts, events and devices. */
#define KVM_CAP_IRQCHIP			0
#define KVM_CAP_COALESCED_MMIO		15
#define KVM_CAP_COALESCED_PIO		162
#define KVM_CAP_USER_NMI		22
#define KVM_CAP_IRQ_ROUTING		25
#define KVM_CAP_IRQ_INJECT_STATUS	26
#define KVM_CAP_IRQFD			32
#define KVM_CAP_IRQFD_RESAMPLE		82
#define KVM_CAP_IOEVENTFD		36
#define KVM_CAP_IOEVENTFD_NO_LENGTH	100
#define KVM_CAP_IOEVENTFD_ANY_LENGTH	122
#define KVM_CAP_SIGNAL_MSI		77
#define KVM_CAP_MSI_DEVID		131
#define KVM_CAP_DEVICE_CTRL		89
#define KVM_CAP_BINARY_STATS_FD		203
#define KVM_CAP_PMU_CAPABILITY		212

/* arm64. */
#define KVM_CAP_ARM_PSCI		87
#define KVM_CAP_ARM_SET_DEVICE_ADDR	88
#define KVM_CAP_ARM_EL1_32BIT		93
#define KVM_CAP_ARM_PSCI_0_2		102
#define KVM_CAP_ARM_PMU_V3		126
#define KVM_CAP_ARM_USER_IRQ		144
#define KVM_CAP_ARM_INJECT_SERROR_ESR	158
#define KVM_CAP_ARM_SVE			170
#define KVM_CAP_ARM_PTRAUTH_ADDRESS	171
#define KVM_CAP_ARM_PTRAUTH_GENERIC	172
#define KVM_CAP_ARM_IRQ_LINE_LAYOUT_2	174
#define KVM_CAP_ARM_NISV_TO_USER	177
#define KVM_CAP_ARM_INJECT_EXT_DABT	178
#define KVM_CAP_PTP_KVM			198
#define KVM_CAP_ARM_MTE			205
#define KVM_CAP_ARM_SYSTEM_SUSPEND	216
#define KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE 228
#define KVM_CAP_ARM_SUPPORTED_BLOCK_SIZES 229
#define KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES 230

/* PowerPC, embedded and general. */
#define KVM_CAP_PPC_SEGSTATE		43
#define KVM_CAP_PPC_PAIRED_SINGLES	48
#define KVM_CAP_PPC_OSI			52
#define KVM_CAP_PPC_UNSET_IRQ		53
#define KVM_CAP_PPC_GET_PVINFO		57
#define KVM_CAP_PPC_IRQ_LEVEL		58
#define KVM_CAP_PPC_BOOKE_SREGS		62
#define KVM_CAP_PPC_HIOR		67
#define KVM_CAP_SW_TLB			69
#define KVM_CAP_PPC_BOOKE_WATCHDOG	83
#define KVM_CAP_PPC_EPR			86
#define KVM_CAP_IRQ_MPIC		90
#define KVM_CAP_PPC_FIXUP_HCALL		103
#define KVM_CAP_PPC_GUEST_DEBUG_SSTEP	176

/* PowerPC, server. */
#define KVM_CAP_SPAPR_TCE		63
#define KVM_CAP_PPC_SMT			64
#define KVM_CAP_PPC_RMA			65
#define KVM_CAP_PPC_PAPR		68
#define KVM_CAP_PPC_GET_SMMU_INFO	78
#define KVM_CAP_PPC_ALLOC_HTAB		80
#define KVM_CAP_PPC_HTAB_FD		84
#define KVM_CAP_PPC_RTAS		91
#define KVM_CAP_IRQ_XICS		92
#define KVM_CAP_SPAPR_MULTITCE		94
#define KVM_CAP_PPC_ENABLE_HCALL	104
#define KVM_CAP_PPC_HWRNG		115
#define KVM_CAP_SPAPR_TCE_64		125
#define KVM_CAP_PPC_HTM			132
#define KVM_CAP_SPAPR_RESIZE_HPT	133
#define KVM_CAP_PPC_MMU_RADIX		134
#define KVM_CAP_PPC_MMU_HASH_V3		135
#define KVM_CAP_SPAPR_TCE_VFIO		142
#define KVM_CAP_PPC_FWNMI		146
#define KVM_CAP_PPC_SMT_POSSIBLE	147
#define KVM_CAP_PPC_GET_CPU_CHAR	151
#define KVM_CAP_PPC_NESTED_HV		160
#define KVM_CAP_PPC_IRQ_XIVE		169
#define KVM_CAP_PPC_SECURE_GUEST	181
#define KVM_CAP_PPC_DAWR1		194
#define KVM_CAP_PPC_RPT_INVALIDATE	202
#define KVM_CAP_PPC_AIL_MODE_3		210

/* Turns a capability on, for a vCPU or a VM, depending on whose file descriptor is asked. */
struct kvm_enable_cap {
	__u32 cap;
	__u32 flags;		/* must be 0 */
	__u64 args[4];		/* meaning depends on cap */
	__u8  pad[64];
};

#define KVM_ENABLE_CAP			_IOW(KVMIO, 0xa3, struct kvm_enable_cap)

/* ------------------------------------------------------------------------------------------------ Memory */

/*
 * A slot makes a range of the monitor's address space appear in the guest's physical one. All three of address,
 * size and user address are multiples of the host's page size; a size of 0 deletes the slot.
 */
#define KVM_MEM_LOG_DIRTY_PAGES		(1UL << 0)
#define KVM_MEM_READONLY		(1UL << 1)
#define KVM_MEM_GUEST_MEMFD		(1UL << 2)

struct kvm_userspace_memory_region {
	__u32 slot;
	__u32 flags;
	__u64 guest_phys_addr;
	__u64 memory_size;	/* in bytes */
	__u64 userspace_addr;
};

struct kvm_userspace_memory_region2 {
	__u32 slot;
	__u32 flags;
	__u64 guest_phys_addr;
	__u64 memory_size;	/* in bytes */
	__u64 userspace_addr;
	__u64 guest_memfd_offset; /* this and the next count with KVM_MEM_GUEST_MEMFD */
	__u32 guest_memfd;
	__u32 pad1;
	__u64 pad2[14];
};

#define KVM_SET_USER_MEMORY_REGION	_IOW(KVMIO, 0x46, struct kvm_userspace_memory_region)
#define KVM_SET_USER_MEMORY_REGION2	_IOW(KVMIO, 0x49, struct kvm_userspace_memory_region2)

/* Dirty log: one bit for each host page of a slot. */
struct kvm_dirty_log {
	__u32 slot;
	__u32 padding1;
	union {
		void _kvm_uptr *dirty_bitmap;
		__u64 padding2;
	};
};

struct kvm_clear_dirty_log {
	__u32 slot;
	__u32 num_pages;
	__u64 first_page;
	union {
		void _kvm_uptr *dirty_bitmap;
		__u64 padding2;
	};
};

#define KVM_GET_DIRTY_LOG		_IOW(KVMIO, 0x42, struct kvm_dirty_log)
#define KVM_CLEAR_DIRTY_LOG		_IOWR(KVMIO, 0xc0, struct kvm_clear_dirty_log)

/* args[0] of KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2. */
#define KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE (1 << 0)
#define KVM_DIRTY_LOG_INITIALLY_SET	(1 << 1)

/*
 * Dirty ring: an array of these follows at KVM_DIRTY_LOG_PAGE_OFFSET pages in a vCPU's mapping. The kernel sets
 * DIRTY in an entry, the monitor collects entries in order and sets RESET, KVM_RESET_DIRTY_RINGS frees them.
 */
struct kvm_dirty_gfn {
	__u32 flags;
	__u32 slot;		/* bits 31:16: address space, 15:0: slot */
	__u64 offset;		/* page within the slot */
};

#define KVM_DIRTY_GFN_F_DIRTY		(1UL << 0)
#define KVM_DIRTY_GFN_F_RESET		(1UL << 1)
#define KVM_DIRTY_GFN_F_MASK		0x3

#define KVM_RESET_DIRTY_RINGS		_IO(KVMIO, 0xc7)

#ifndef KVM_DIRTY_LOG_PAGE_OFFSET
#define KVM_DIRTY_LOG_PAGE_OFFSET	0	/* an architecture without a ring */
#endif

/* Memory that only the guest sees, attributes of memory, populating memory early. */
struct kvm_create_guest_memfd {
	__u64 size;
	__u64 flags;
	__u64 reserved[6];
};

#define KVM_MEMORY_ATTRIBUTE_PRIVATE	(1ULL << 3)

struct kvm_memory_attributes {
	__u64 address;
	__u64 size;
	__u64 attributes;
	__u64 flags;
};

struct kvm_pre_fault_memory {
	__u64 gpa;
	__u64 size;
	__u64 flags;
	__u64 padding[5];
};

#define KVM_CREATE_GUEST_MEMFD		_IOWR(KVMIO, 0xd4, struct kvm_create_guest_memfd)
#define KVM_SET_MEMORY_ATTRIBUTES	_IOW(KVMIO, 0xd2, struct kvm_memory_attributes)
#define KVM_PRE_FAULT_MEMORY		_IOWR(KVMIO, 0xd5, struct kvm_pre_fault_memory)

/* Coalesced MMIO: writes to a zone go to a ring in the vCPU's mapping instead of causing an exit each. */
struct kvm_coalesced_mmio_zone {
	__u64 addr;
	__u32 size;
	union {
		__u32 pad;
		__u32 pio;
	};
};

struct kvm_coalesced_mmio {
	__u64 phys_addr;
	__u32 len;
	union {
		__u32 pad;
		__u32 pio;
	};
	__u8  data[8];
};

struct kvm_coalesced_mmio_ring {
	__u32 first;		/* the monitor's: next to be read */
	__u32 last;		/* the kernel's: next to be written */
	struct kvm_coalesced_mmio coalesced_mmio[];
};

#define KVM_COALESCED_MMIO_MAX \
	((PAGE_SIZE - sizeof(struct kvm_coalesced_mmio_ring)) / sizeof(struct kvm_coalesced_mmio))

#define KVM_REGISTER_COALESCED_MMIO	_IOW(KVMIO, 0x67, struct kvm_coalesced_mmio_zone)
#define KVM_UNREGISTER_COALESCED_MMIO	_IOW(KVMIO, 0x68, struct kvm_coalesced_mmio_zone)

/* ------------------------------------------------------------------------------------------ Running vCPUs */

#define KVM_CREATE_VCPU			_IO(KVMIO, 0x41)
#define KVM_RUN				_IO(KVMIO, 0x80)

/* Why KVM_RUN returned. */
#define KVM_EXIT_UNKNOWN		0
#define KVM_EXIT_EXCEPTION		1
#define KVM_EXIT_HYPERCALL		3
#define KVM_EXIT_DEBUG			4
#define KVM_EXIT_HLT			5
#define KVM_EXIT_MMIO			6
#define KVM_EXIT_IRQ_WINDOW_OPEN	7
#define KVM_EXIT_SHUTDOWN		8
#define KVM_EXIT_FAIL_ENTRY		9
#define KVM_EXIT_INTR			10
#define KVM_EXIT_NMI			16
#define KVM_EXIT_INTERNAL_ERROR		17
#define KVM_EXIT_SYSTEM_EVENT		24
#define KVM_EXIT_DIRTY_RING_FULL	31
#define KVM_EXIT_MEMORY_FAULT		39
#define KVM_EXIT_ARM_NISV		28	/* arm64 */
#define KVM_EXIT_DCR			15	/* PowerPC, from here on */
#define KVM_EXIT_OSI			18
#define KVM_EXIT_PAPR_HCALL		19
#define KVM_EXIT_WATCHDOG		21
#define KVM_EXIT_EPR			23

/* internal.suberror */
#define KVM_INTERNAL_ERROR_EMULATION	1	/* an instruction could not be emulated */
#define KVM_INTERNAL_ERROR_SIMUL_EX	2
#define KVM_INTERNAL_ERROR_DELIVERY_EV	3
#define KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON 4

/* emulation_failure.flags: insn_size and insn_bytes are valid */
#define KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES (1ULL << 0)

/* system_event.type */
#define KVM_SYSTEM_EVENT_SHUTDOWN	1
#define KVM_SYSTEM_EVENT_RESET		2
#define KVM_SYSTEM_EVENT_CRASH		3
#define KVM_SYSTEM_EVENT_WAKEUP		4
#define KVM_SYSTEM_EVENT_SUSPEND	5

/* memory_fault.flags */
#define KVM_MEMORY_EXIT_FLAG_PRIVATE	(1ULL << 3)

#define SYNC_REGS_SIZE_BYTES		2048

/*
 * The page that a vCPU shares with user space (offset 0 of the vCPU's mapping). User space may write to any of it
 * at any time: what the kernel reads from here it reads once, and checks.
 */
struct kvm_run {
	/* From user space. */
	__u8  request_interrupt_window;
	__u8  immediate_exit;
	__u8  padding1[6];

	/* To user space. */
	__u32 exit_reason;
	__u8  ready_for_interrupt_injection;
	__u8  if_flag;
	__u16 flags;

	/* Both ways; of use elsewhere only, but the place is taken. */
	__u64 cr8;
	__u64 apic_base;

	/* Which member counts follows from exit_reason. */
	union {
		struct {			/* UNKNOWN */
			__u64 hardware_exit_reason;
		} hw;
		struct {			/* FAIL_ENTRY */
			__u64 hardware_entry_failure_reason;
			__u32 cpu;
		} fail_entry;
		struct {			/* EXCEPTION */
			__u32 exception;
			__u32 error_code;
		} ex;
		struct {			/* DEBUG */
			struct kvm_debug_exit_arch arch;
		} debug;
		struct {			/* MMIO */
			__u64 phys_addr;
			__u8  data[8];		/* in the guest's byte order */
			__u32 len;
			__u8  is_write;
		} mmio;
		struct {			/* HYPERCALL */
			__u64 nr;
			__u64 args[6];
			__u64 ret;
			union {
				__u32 longmode;
				__u64 flags;
			};
		} hypercall;
		struct {			/* INTERNAL_ERROR */
			__u32 suberror;
			__u32 ndata;		/* how many of data[] are valid */
			__u64 data[16];
		} internal;
		struct {			/* INTERNAL_ERROR, suberror EMULATION: laid over "internal" */
			__u32 suberror;
			__u32 ndata;
			__u64 flags;
			union {
				struct {
					__u8 insn_size;
					__u8 insn_bytes[15];
				};
			};
		} emulation_failure;
		struct {			/* SYSTEM_EVENT */
			__u32 type;
			__u32 ndata;
			union {
				__u64 flags;
				__u64 data[16];
			};
		} system_event;
		struct {			/* MEMORY_FAULT */
			__u64 flags;
			__u64 gpa;
			__u64 size;
		} memory_fault;
		struct {			/* ARM_NISV */
			__u64 esr_iss;
			__u64 fault_ipa;
		} arm_nisv;
		struct {			/* DCR */
			__u32 dcrn;
			__u32 data;
			__u8  is_write;
		} dcr;
		struct {			/* OSI */
			__u64 gprs[32];
		} osi;
		struct {			/* PAPR_HCALL */
			__u64 nr;
			__u64 ret;
			__u64 args[9];
		} papr_hcall;
		struct {			/* EPR */
			__u32 epr;
		} epr;
		char padding[256];
	};

	/* Registers that are handed over here instead of by an ioctl: sets that are offered, sets that changed. */
	__u64 kvm_valid_regs;
	__u64 kvm_dirty_regs;
	union {
		struct kvm_sync_regs regs;
		char padding[SYNC_REGS_SIZE_BYTES];
	} s;
};

/* The signals that are let through while KVM_RUN runs; len counts the bytes of sigset. */
struct kvm_signal_mask {
	__u32 len;
	__u8  sigset[];
};

#define KVM_SET_SIGNAL_MASK		_IOW(KVMIO, 0x8b, struct kvm_signal_mask)

/* What a vCPU does; an architecture has only some of them. */
#define KVM_MP_STATE_RUNNABLE		0
#define KVM_MP_STATE_UNINITIALIZED	1
#define KVM_MP_STATE_INIT_RECEIVED	2
#define KVM_MP_STATE_HALTED		3
#define KVM_MP_STATE_SIPI_RECEIVED	4
#define KVM_MP_STATE_STOPPED		5
#define KVM_MP_STATE_CHECK_STOP		6
#define KVM_MP_STATE_OPERATING		7
#define KVM_MP_STATE_LOAD		8
#define KVM_MP_STATE_SUSPENDED		10

struct kvm_mp_state {
	__u32 mp_state;
};

#define KVM_GET_MP_STATE		_IOR(KVMIO, 0x98, struct kvm_mp_state)
#define KVM_SET_MP_STATE		_IOW(KVMIO, 0x99, struct kvm_mp_state)

/* ------------------------------------------------------------------------------------- State of the vCPUs */

/*
 * A register's id: architecture in bits 63:56, log2 of its size in bytes in bits 55:52, the rest is the
 * architecture's.
 */
#define KVM_REG_ARCH_MASK		0xff00000000000000ULL
#define KVM_REG_GENERIC			0x0000000000000000ULL
#define KVM_REG_PPC			0x1000000000000000ULL
#define KVM_REG_ARM			0x4000000000000000ULL
#define KVM_REG_ARM64			0x6000000000000000ULL

#define KVM_REG_SIZE_MASK		0x00f0000000000000ULL
#define KVM_REG_SIZE_SHIFT		52
#define KVM_REG_SIZE_U8			(0ULL << KVM_REG_SIZE_SHIFT)
#define KVM_REG_SIZE_U16		(1ULL << KVM_REG_SIZE_SHIFT)
#define KVM_REG_SIZE_U32		(2ULL << KVM_REG_SIZE_SHIFT)
#define KVM_REG_SIZE_U64		(3ULL << KVM_REG_SIZE_SHIFT)
#define KVM_REG_SIZE_U128		(4ULL << KVM_REG_SIZE_SHIFT)
#define KVM_REG_SIZE_U256		(5ULL << KVM_REG_SIZE_SHIFT)
#define KVM_REG_SIZE_U512		(6ULL << KVM_REG_SIZE_SHIFT)
#define KVM_REG_SIZE_U1024		(7ULL << KVM_REG_SIZE_SHIFT)
#define KVM_REG_SIZE_U2048		(8ULL << KVM_REG_SIZE_SHIFT)

struct kvm_one_reg {
	__u64 id;
	__u64 addr;		/* where in user space the value is, or goes */
};

/* n is the room in reg[] on the way in, the number of registers on the way out (E2BIG: there was too little). */
struct kvm_reg_list {
	__u64 n;
	__u64 reg[];
};

#define KVM_GET_ONE_REG			_IOW(KVMIO, 0xab, struct kvm_one_reg)
#define KVM_SET_ONE_REG			_IOW(KVMIO, 0xac, struct kvm_one_reg)
#define KVM_GET_REG_LIST		_IOWR(KVMIO, 0xb0, struct kvm_reg_list)

/* Sets of registers at once, where the architecture offers that. */
#define KVM_GET_REGS			_IOR(KVMIO, 0x81, struct kvm_regs)
#define KVM_SET_REGS			_IOW(KVMIO, 0x82, struct kvm_regs)
#define KVM_GET_SREGS			_IOR(KVMIO, 0x83, struct kvm_sregs)
#define KVM_SET_SREGS			_IOW(KVMIO, 0x84, struct kvm_sregs)
#define KVM_GET_FPU			_IOR(KVMIO, 0x8c, struct kvm_fpu)
#define KVM_SET_FPU			_IOW(KVMIO, 0x8d, struct kvm_fpu)

/* Exceptions on their way to the guest. */
#define KVM_GET_VCPU_EVENTS		_IOR(KVMIO, 0x9f, struct kvm_vcpu_events)
#define KVM_SET_VCPU_EVENTS		_IOW(KVMIO, 0xa0, struct kvm_vcpu_events)

/* Debugging the guest from outside. Control bits from 16 up are the architecture's. */
#define KVM_GUESTDBG_ENABLE		0x00000001
#define KVM_GUESTDBG_SINGLESTEP		0x00000002

struct kvm_guest_debug {
	__u32 control;
	__u32 pad;
	struct kvm_guest_debug_arch arch;
};

#define KVM_SET_GUEST_DEBUG		_IOW(KVMIO, 0x9b, struct kvm_guest_debug)

/* A walk of the guest's own translation tables. */
struct kvm_translation {
	__u64 linear_address;	/* in; the others are out */
	__u64 physical_address;
	__u8  valid;
	__u8  writeable;
	__u8  usermode;
	__u8  pad[5];
};

#define KVM_TRANSLATE			_IOWR(KVMIO, 0x85, struct kvm_translation)

/* An interrupt for one vCPU, without an interrupt controller in the kernel. */
struct kvm_interrupt {
	__u32 irq;
};

#define KVM_INTERRUPT			_IOW(KVMIO, 0x86, struct kvm_interrupt)
#define KVM_NMI				_IO(KVMIO, 0x9a)

/* -------------------------------------------------------------------------------------------- Interrupts */

#define KVM_CREATE_IRQCHIP		_IO(KVMIO, 0x60)

/* The level of an interrupt line. */
struct kvm_irq_level {
	union {
		__u32 irq;	/* in; the architecture says how it is encoded */
		__s32 status;	/* out, of KVM_IRQ_LINE_STATUS */
	};
	__u32 level;
};

#define KVM_IRQ_LINE			_IOW(KVMIO, 0x61, struct kvm_irq_level)
#define KVM_IRQ_LINE_STATUS		_IOWR(KVMIO, 0x67, struct kvm_irq_level)

struct kvm_irqchip {
	__u32 chip_id;
	__u32 pad;
	union {
		char dummy[512];
	} chip;
};

/* Message-signalled interrupts. */
#define KVM_MSI_VALID_DEVID		(1U << 0)

struct kvm_msi {
	__u32 address_lo;
	__u32 address_hi;
	__u32 data;
	__u32 flags;
	__u32 devid;		/* counts with KVM_MSI_VALID_DEVID */
	__u8  pad[12];
};

#define KVM_SIGNAL_MSI			_IOW(KVMIO, 0xa5, struct kvm_msi)

/* Routing: what an irqfd's GSI stands for. The table is replaced as a whole. */
#define KVM_IRQ_ROUTING_IRQCHIP		1
#define KVM_IRQ_ROUTING_MSI		2

struct kvm_irq_routing_irqchip {
	__u32 irqchip;
	__u32 pin;
};

struct kvm_irq_routing_msi {
	__u32 address_lo;
	__u32 address_hi;
	__u32 data;
	union {
		__u32 pad;
		__u32 devid;	/* counts with KVM_MSI_VALID_DEVID in the entry's flags */
	};
};

struct kvm_irq_routing_entry {
	__u32 gsi;
	__u32 type;
	__u32 flags;
	__u32 pad;
	union {
		struct kvm_irq_routing_irqchip irqchip;
		struct kvm_irq_routing_msi msi;
		__u32 pad[8];
	} u;
};

struct kvm_irq_routing {
	__u32 nr;
	__u32 flags;
	struct kvm_irq_routing_entry entries[];
};

#define KVM_SET_GSI_ROUTING		_IOW(KVMIO, 0x6a, struct kvm_irq_routing)

/* irqfd: an eventfd that raises a GSI; resamplefd is told when the guest has ended a level interrupt. */
#define KVM_IRQFD_FLAG_DEASSIGN		(1 << 0)
#define KVM_IRQFD_FLAG_RESAMPLE		(1 << 1)

struct kvm_irqfd {
	__u32 fd;
	__u32 gsi;
	__u32 flags;
	__u32 resamplefd;
	__u8  pad[16];
};

#define KVM_IRQFD			_IOW(KVMIO, 0x76, struct kvm_irqfd)

/* ioeventfd: an eventfd that a guest's write to an address signals, instead of an exit. */
#define KVM_IOEVENTFD_FLAG_DATAMATCH	(1 << 0)
#define KVM_IOEVENTFD_FLAG_PIO		(1 << 1)
#define KVM_IOEVENTFD_FLAG_DEASSIGN	(1 << 2)
#define KVM_IOEVENTFD_VALID_FLAG_MASK	0x1f

struct kvm_ioeventfd {
	__u64 datamatch;
	__u64 addr;
	__u32 len;		/* 1, 2, 4 or 8; 0 takes a write of any length */
	__s32 fd;
	__u32 flags;
	__u8  pad[36];
};

#define KVM_IOEVENTFD			_IOW(KVMIO, 0x79, struct kvm_ioeventfd)

/* ----------------------------------------------------------------------------------------------- Devices */

#define KVM_DEV_TYPE_FSL_MPIC_20	1
#define KVM_DEV_TYPE_FSL_MPIC_42	2
#define KVM_DEV_TYPE_XICS		3
#define KVM_DEV_TYPE_VFIO		4
#define KVM_DEV_TYPE_ARM_VGIC_V2	5
#define KVM_DEV_TYPE_ARM_VGIC_V3	7
#define KVM_DEV_TYPE_ARM_VGIC_ITS	8
#define KVM_DEV_TYPE_XIVE		9
#define KVM_DEV_TYPE_ARM_PV_TIME	10

#define KVM_CREATE_DEVICE_TEST		1	/* only ask whether the type is there */

struct kvm_create_device {
	__u32 type;
	__u32 fd;		/* out */
	__u32 flags;
};

/* Attributes of a device, a vCPU or a VM, depending on whose file descriptor is asked. */
struct kvm_device_attr {
	__u32 flags;		/* must be 0 */
	__u32 group;
	__u64 attr;
	__u64 addr;		/* where in user space the value is, or goes */
};

#define KVM_CREATE_DEVICE		_IOWR(KVMIO, 0xe0, struct kvm_create_device)
#define KVM_SET_DEVICE_ATTR		_IOW(KVMIO, 0xe1, struct kvm_device_attr)
#define KVM_GET_DEVICE_ATTR		_IOW(KVMIO, 0xe2, struct kvm_device_attr)
#define KVM_HAS_DEVICE_ATTR		_IOW(KVMIO, 0xe3, struct kvm_device_attr)

/* KVM_DEV_TYPE_VFIO. The GROUP names are the older ones of the same attributes. */
#define KVM_DEV_VFIO_FILE		1
#define KVM_DEV_VFIO_FILE_ADD		1
#define KVM_DEV_VFIO_FILE_DEL		2
#define KVM_DEV_VFIO_GROUP		KVM_DEV_VFIO_FILE
#define KVM_DEV_VFIO_GROUP_ADD		KVM_DEV_VFIO_FILE_ADD
#define KVM_DEV_VFIO_GROUP_DEL		KVM_DEV_VFIO_FILE_DEL
#define KVM_DEV_VFIO_GROUP_SET_SPAPR_TCE 3

struct kvm_vfio_spapr_tce {
	__s32 groupfd;
	__s32 tablefd;
};

/* -------------------------------------------------------------------------------------------- Statistics */

#define KVM_GET_STATS_FD		_IO(KVMIO, 0xce)

/* The file starts with this; offsets are in bytes from the start of the file. */
struct kvm_stats_header {
	__u32 flags;		/* 0 */
	__u32 name_size;	/* of each descriptor's name, the closing zero included */
	__u32 num_desc;
	__u32 id_offset;
	__u32 desc_offset;
	__u32 data_offset;
};

struct kvm_stats_desc {
	__u32 flags;		/* type, unit and base, as below */
	__s16 exponent;		/* of the base */
	__u16 size;		/* in values of 64 bits */
	__u32 offset;		/* from the start of the data, in bytes */
	__u32 bucket_size;	/* of a linear histogram */
	char  name[];
};

#define KVM_STATS_TYPE_SHIFT		0
#define KVM_STATS_TYPE_MASK		(0xf << KVM_STATS_TYPE_SHIFT)
#define KVM_STATS_TYPE_CUMULATIVE	(0 << KVM_STATS_TYPE_SHIFT)
#define KVM_STATS_TYPE_INSTANT		(1 << KVM_STATS_TYPE_SHIFT)
#define KVM_STATS_TYPE_PEAK		(2 << KVM_STATS_TYPE_SHIFT)
#define KVM_STATS_TYPE_LINEAR_HIST	(3 << KVM_STATS_TYPE_SHIFT)
#define KVM_STATS_TYPE_LOG_HIST		(4 << KVM_STATS_TYPE_SHIFT)
#define KVM_STATS_TYPE_MAX		KVM_STATS_TYPE_LOG_HIST

#define KVM_STATS_UNIT_SHIFT		4
#define KVM_STATS_UNIT_MASK		(0xf << KVM_STATS_UNIT_SHIFT)
#define KVM_STATS_UNIT_NONE		(0 << KVM_STATS_UNIT_SHIFT)
#define KVM_STATS_UNIT_BYTES		(1 << KVM_STATS_UNIT_SHIFT)
#define KVM_STATS_UNIT_SECONDS		(2 << KVM_STATS_UNIT_SHIFT)
#define KVM_STATS_UNIT_CYCLES		(3 << KVM_STATS_UNIT_SHIFT)
#define KVM_STATS_UNIT_BOOLEAN		(4 << KVM_STATS_UNIT_SHIFT)
#define KVM_STATS_UNIT_MAX		KVM_STATS_UNIT_BOOLEAN

#define KVM_STATS_BASE_SHIFT		8
#define KVM_STATS_BASE_MASK		(0xf << KVM_STATS_BASE_SHIFT)
#define KVM_STATS_BASE_POW10		(0 << KVM_STATS_BASE_SHIFT)
#define KVM_STATS_BASE_POW2		(1 << KVM_STATS_BASE_SHIFT)
#define KVM_STATS_BASE_MAX		KVM_STATS_BASE_POW2

/* args[0] of KVM_CAP_PMU_CAPABILITY */
#define KVM_PMU_CAP_DISABLE		(1 << 0)

/* ------------------------------------------------------------------------------------- arm64's own requests */

/* Superseded by the address attributes of the GIC's device. */
struct kvm_arm_device_addr {
	__u64 id;
	__u64 addr;
};

#define KVM_ARM_SET_DEVICE_ADDR		_IOW(KVMIO, 0xab, struct kvm_arm_device_addr)

#define KVM_ARM_PREFERRED_TARGET	_IOR(KVMIO, 0xaf, struct kvm_vcpu_init)
#define KVM_ARM_VCPU_INIT		_IOW(KVMIO, 0xae, struct kvm_vcpu_init)
#define KVM_ARM_VCPU_FINALIZE		_IOW(KVMIO, 0xc2, int)
#define KVM_ARM_MTE_COPY_TAGS		_IOR(KVMIO, 0xb4, struct kvm_arm_copy_mte_tags)
#define KVM_ARM_SET_COUNTER_OFFSET	_IOW(KVMIO, 0xb5, struct kvm_arm_counter_offset)
#define KVM_ARM_GET_REG_WRITABLE_MASKS	_IOR(KVMIO, 0xb6, struct reg_mask_range)

/* ----------------------------------------------------------------------------------- PowerPC's own requests */

/* A TLB that user space shares (KVM_CAP_SW_TLB). */
#define KVM_MMU_FSL_BOOKE_NOHV		0
#define KVM_MMU_FSL_BOOKE_HV		1

struct kvm_config_tlb {
	__u64 params;
	__u64 array;
	__u32 mmu_type;
	__u32 array_len;
};

struct kvm_dirty_tlb {
	__u64 bitmap;
	__u32 num_dirty;
};

#define KVM_DIRTY_TLB			_IOW(KVMIO, 0xaa, struct kvm_dirty_tlb)
#define KVM_PPC_GET_PVINFO		_IOW(KVMIO, 0xa1, struct kvm_ppc_pvinfo)

/* Server processors. */
#define KVM_PPC_GET_SMMU_INFO		_IOR(KVMIO, 0xa6, struct kvm_ppc_smmu_info)
#define KVM_PPC_ALLOCATE_HTAB		_IOWR(KVMIO, 0xa7, __u32)
#define KVM_CREATE_SPAPR_TCE		_IOW(KVMIO, 0xa8, struct kvm_create_spapr_tce)
#define KVM_CREATE_SPAPR_TCE_64		_IOW(KVMIO, 0xa8, struct kvm_create_spapr_tce_64)
#define KVM_ALLOCATE_RMA		_IOR(KVMIO, 0xa9, struct kvm_allocate_rma)
#define KVM_PPC_GET_HTAB_FD		_IOW(KVMIO, 0xaa, struct kvm_get_htab_fd)
#define KVM_PPC_RTAS_DEFINE_TOKEN	_IOW(KVMIO, 0xac, struct kvm_rtas_token_args)
#define KVM_PPC_RESIZE_HPT_PREPARE	_IOR(KVMIO, 0xad, struct kvm_ppc_resize_hpt)
#define KVM_PPC_RESIZE_HPT_COMMIT	_IOR(KVMIO, 0xae, struct kvm_ppc_resize_hpt)
#define KVM_PPC_CONFIGURE_V3_MMU	_IOW(KVMIO, 0xaf, struct kvm_ppc_mmuv3_cfg)
#define KVM_PPC_GET_RMMU_INFO		_IOW(KVMIO, 0xb0, struct kvm_ppc_rmmu_info)
#define KVM_PPC_GET_CPU_CHAR		_IOR(KVMIO, 0xb1, struct kvm_ppc_cpu_char)
#define KVM_PPC_SVM_OFF			_IO(KVMIO, 0xb3)

#undef _kvm_uptr

#endif /* _UAPI_LINUX_KVM_H */
