/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace points of a guest's exits and of what is done about them. None is in the
 * world switch; those of fast exits are in the inner loop, with interrupts off.
 */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvm_arm

#if !defined(ARM64_KVM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ARM64_KVM_TRACE_H

#include <linux/types.h>
#include <asm/esr.h>
#include <kvm/tracing.h>
#include <kvm/vcpu.h>

/* Why the guest was left, as tools know it */
#define KVM_TRACE_EXIT_IRQ	0
#define KVM_TRACE_EXIT_SERROR	1
#define KVM_TRACE_EXIT_TRAP	2	/* a synchronous exception */
#define KVM_TRACE_EXIT_IL	3	/* it could not be entered: an illegal exception return */

#define kvm_trace_exits				\
	{ KVM_TRACE_EXIT_IRQ,	"IRQ" },	\
	{ KVM_TRACE_EXIT_SERROR, "SERROR" },	\
	{ KVM_TRACE_EXIT_TRAP,	"TRAP" },	\
	{ KVM_TRACE_EXIT_IL,	"ILLEGAL" }

#define kvm_trace_ec(name)	{ ESR_ELx_EC_##name, #name }
#define kvm_trace_ecs								\
	kvm_trace_ec(UNKNOWN), kvm_trace_ec(WFx), kvm_trace_ec(CP15_32),	\
	kvm_trace_ec(CP15_64), kvm_trace_ec(CP14_MR), kvm_trace_ec(CP14_LS),	\
	kvm_trace_ec(FP_ASIMD), kvm_trace_ec(CP10_ID), kvm_trace_ec(PAC),	\
	kvm_trace_ec(CP14_64), kvm_trace_ec(ILL), kvm_trace_ec(SVC64),		\
	kvm_trace_ec(HVC64), kvm_trace_ec(SMC64), kvm_trace_ec(SYS64),		\
	kvm_trace_ec(SVE), kvm_trace_ec(IABT_LOW), kvm_trace_ec(PC_ALIGN),	\
	kvm_trace_ec(DABT_LOW), kvm_trace_ec(SP_ALIGN), kvm_trace_ec(FP_EXC32),	\
	kvm_trace_ec(FP_EXC64), kvm_trace_ec(SERROR), kvm_trace_ec(BREAKPT_LOW),	\
	kvm_trace_ec(SOFTSTP_LOW), kvm_trace_ec(WATCHPT_LOW),			\
	kvm_trace_ec(BKPT32), kvm_trace_ec(VECTOR32), kvm_trace_ec(BRK64)

/* The guest is about to be entered. */
KVM_EVENT1(kvm_entry, unsigned long, vcpu_pc,
	"PC: 0x%016lx", __entry->vcpu_pc);

/* The guest was left; @esr_ec: exception class of a trap. */
KVM_EVENT3(kvm_exit, int, ret, unsigned int, esr_ec, unsigned long, vcpu_pc,
	"%s: HSR_EC: 0x%04x (%s), PC: 0x%016lx",
	__print_symbolic(__entry->ret, kvm_trace_exits), __entry->esr_ec,
	__print_symbolic(__entry->esr_ec, kvm_trace_ecs), __entry->vcpu_pc);

/* An abort of stage 2: memory, or a device. */
KVM_EVENT4(kvm_guest_fault, unsigned long, vcpu_pc, unsigned long, hsr, unsigned long, hxfar,
	unsigned long long, ipa,
	"ipa %#llx, hsr %#08lx, hxfar %#08lx, pc %#016lx", __entry->ipa, __entry->hsr,
	__entry->hxfar, __entry->vcpu_pc);

/* A page is used again whose use the host had asked about. */
KVM_EVENT1(kvm_access_fault, unsigned long, ipa,
	"IPA: %lx", __entry->ipa);

/* A device is accessed; @instr is the syndrome, since the instruction itself is not looked at. */
KVM_EVENT3(kvm_mmio_emulate, unsigned long, vcpu_pc, unsigned long, instr, unsigned long, cpsr,
	"Emulate MMIO at: 0x%016lx (instr: %08lx, cpsr: %08lx)", __entry->vcpu_pc,
	__entry->instr, __entry->cpsr);

/* An access to a device by an instruction that the syndrome does not describe. */
KVM_EVENT4(kvm_mmio_nisv, unsigned long, vcpu_pc, unsigned long, esr, unsigned long, far,
	unsigned long, ipa,
	"ipa %#016lx, esr %#016lx, far %#016lx, pc %#016lx", __entry->ipa, __entry->esr,
	__entry->far, __entry->vcpu_pc);

/* WFI or WFE. */
KVM_EVENT2(kvm_wfx_arm64, unsigned long, vcpu_pc, bool, is_wfe,
	"guest executed wf%c at: 0x%016lx", __entry->is_wfe ? 'e' : 'i', __entry->vcpu_pc);

/* A hypercall; @vcpu_pc is where it returns to. */
KVM_EVENT3(kvm_hvc_arm64, unsigned long, vcpu_pc, unsigned long, r0, unsigned long, imm,
	"HVC at 0x%016lx (r0: 0x%016lx, imm: 0x%lx)", __entry->vcpu_pc, __entry->r0,
	__entry->imm);

/* KVM_IRQ_LINE. */
KVM_EVENT4(kvm_irq_line, unsigned int, type, int, vcpu_idx, int, irq_num, int, level,
	"Inject %s interrupt (%d), vcpu->idx: %d, num: %d, level: %d",
	__print_symbolic(__entry->type, { KVM_ARM_IRQ_TYPE_CPU, "CPU" },
				   { KVM_ARM_IRQ_TYPE_PPI, "VGIC PPI" },
				   { KVM_ARM_IRQ_TYPE_SPI, "VGIC SPI" }),
	__entry->type, __entry->vcpu_idx, __entry->irq_num, __entry->level);

/* ---- System registers */

/* An MRS, MSR or SYS instruction has trapped. */
KVM_EVENT1(kvm_handle_sys_reg, unsigned long, hsr,
	"HSR 0x%08lx", __entry->hsr);

/* The same, decoded; @name is NULL for an ID register, and for what the guest does not have. */
TRACE_EVENT(kvm_sys_access,
	TP_PROTO(unsigned long vcpu_pc, u32 iss, const char *name),
	TP_ARGS(vcpu_pc, iss, name),
	TP_STRUCT__entry(
		__field(unsigned long, vcpu_pc) __field(bool, is_write) __field(const char *, name)
		__field(u8, Op0) __field(u8, Op1) __field(u8, CRn) __field(u8, CRm) __field(u8, Op2)
	),
	TP_fast_assign(
		__entry->vcpu_pc = vcpu_pc;
		__entry->is_write = !(iss & ESR_ELx_SYS64_ISS_DIR_READ);
		__entry->name = name;
		__entry->Op0 = iss >> ESR_ELx_SYS64_ISS_OP0_SHIFT & 3;
		__entry->Op1 = iss >> ESR_ELx_SYS64_ISS_OP1_SHIFT & 7;
		__entry->CRn = iss >> ESR_ELx_SYS64_ISS_CRN_SHIFT & 0xf;
		__entry->CRm = iss >> ESR_ELx_SYS64_ISS_CRM_SHIFT & 0xf;
		__entry->Op2 = iss >> ESR_ELx_SYS64_ISS_OP2_SHIFT & 7;
	),
	TP_printk("PC: %lx %s (%d,%d,%d,%d,%d) %s", __entry->vcpu_pc,
		  __entry->name ? __entry->name : "UNKN", __entry->Op0, __entry->Op1,
		  __entry->CRn, __entry->CRm, __entry->Op2, __entry->is_write ? "write" : "read")
);

/* Cache maintenance by set and way. */
KVM_EVENT2(kvm_set_way_flush, unsigned long, vcpu_pc, bool, cache,
	"S/W flush at 0x%016lx (cache %s)", __entry->vcpu_pc,
	__entry->cache ? "on" : "off");

/* The guest writes a control of stage 1 while that is watched: caches may go on or off. */
KVM_EVENT3(kvm_toggle_cache, unsigned long, vcpu_pc, bool, was, bool, now,
	"VM op at 0x%016lx (cache was %s, now %s)", __entry->vcpu_pc,
	__entry->was ? "on" : "off", __entry->now ? "on" : "off");

/* ---- Debugging */

/* KVM_SET_GUEST_DEBUG. */
KVM_EVENT2(kvm_set_guest_debug, const struct vcpu *, vcpu, __u32, guest_debug,
	"vcpu: %p, flags: 0x%08x", __entry->vcpu, __entry->guest_debug);

/* A vCPU comes to a CPU; @guest_debug says who debugs it, and how. */
KVM_EVENT2(kvm_arm_setup_debug, const struct vcpu *, vcpu, __u32, guest_debug,
	"vcpu: %p, flags: 0x%08x", __entry->vcpu, __entry->guest_debug);

/* It leaves the CPU. */
KVM_EVENT1(kvm_arm_clear_debug, __u32, guest_debug,
	"flags: 0x%08x", __entry->guest_debug);

/* Breakpoints or watchpoints are put into the CPU: @len pairs. */
TRACE_EVENT(kvm_arm_set_regset,
	TP_PROTO(const char *name, int len, const u64 *ctrls, const u64 *values),
	TP_ARGS(name, len, ctrls, values),
	TP_STRUCT__entry(
		__field(const char *, name) __field(int, len)
		__array(u64, ctrls, ARM64_NR_BRP) __array(u64, values, ARM64_NR_BRP)
	),
	TP_fast_assign(
		/* Nothing of an older event is left in what is not used. */
		memcpy_and_pad(__entry->ctrls, sizeof(__entry->ctrls), ctrls, len * sizeof(u64), 0);
		memcpy_and_pad(__entry->values, sizeof(__entry->values), values,
			       len * sizeof(u64), 0);
		__entry->len = len;
		__entry->name = name;
	),
	TP_printk("%d %s CTRL:%s VALUE:%s", __entry->len, __entry->name,
		  __print_array(__entry->ctrls, __entry->len, 8),
		  __print_array(__entry->values, __entry->len, 8))
);

/* An access to a debug register that traps; @reg: its number; @fn: "bank" or "slot". */
KVM_EVENT4(trap_reg, const char *, fn, int, reg, bool, is_write, u64, write_value,
	"%s %s reg %d (0x%016llx)", __entry->fn,
	__entry->is_write ? "write to" : "read from", __entry->reg, __entry->write_value);

/* ---- Timers */

/* Of a timer in the events below */
#define KVM_TRACE_PTIMER	0
#define KVM_TRACE_VTIMER	1

/* A timer's output goes to the interrupt controller. */
KVM_EVENT3(kvm_timer_update_irq, unsigned long, vcpu_id, __u32, irq, int, level,
	"VCPU: %ld, IRQ %d, level %d", __entry->vcpu_id, __entry->irq,
	__entry->level);

/* A timer leaves the CPU with its vCPU. */
KVM_EVENT3(kvm_timer_save_state, unsigned long, ctl, unsigned long long, cval, int, timer_idx,
	"   CTL: %#08lx CVAL: %#16llx arch_timer_ctx_index: %d", __entry->ctl,
	__entry->cval, __entry->timer_idx);

/* A timer comes to the CPU with its vCPU. */
KVM_EVENT3(kvm_timer_restore_state, unsigned long, ctl, unsigned long long, cval, int, timer_idx,
	"CTL: %#08lx CVAL: %#16llx arch_timer_ctx_index: %d", __entry->ctl,
	__entry->cval, __entry->timer_idx);

/* The timer in the kernel that wakes an idle vCPU has expired, for the sake of this one of its timers. */
KVM_EVENT1(kvm_timer_hrtimer_expire, int, timer_idx,
	"arch_timer_ctx_index: %d", __entry->timer_idx);

/* The guest has written to a timer whose accesses trap. */
KVM_EVENT2(kvm_timer_emulate, int, timer_idx, bool, should_fire,
	"arch_timer_ctx_index: %d (should_fire: %d)", __entry->timer_idx,
	__entry->should_fire);

#endif

#ifdef CONFIG_KVM_MODULE_TRACE
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
#endif
