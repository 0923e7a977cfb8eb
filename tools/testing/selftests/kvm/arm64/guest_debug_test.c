// SPDX-License-Identifier: GPL-2.0
/* KVM_SET_GUEST_DEBUG: breakpoints, watchpoints and single steps of the host's; what the guest sees of them: nothing. */
#include "kvm_test.h"
#include "arch.h"

#define EC_BREAKPT_LOW		0x30
#define EC_SOFTSTP_LOW		0x32
#define EC_WATCHPT_LOW		0x34

#define PSTATE_SS		(1UL << 21)
#define MDSCR_SS		(1 << 0)
#define MDSCR_KDE		(1 << 13)
#define MDSCR_MDE		(1 << 15)
#define BCR_ON			(0xf << 5 | 3 << 1 | 1)		/* EL1 and EL0 */
#define WCR_STORES		(0xff << 5 | 2 << 3 | 3 << 1 | 1)

#define REG_BVR(n)		REG_SYS(2, 0, 0, n, 4)
#define REG_BCR(n)		REG_SYS(2, 0, 0, n, 5)
#define REG_MDSCR_EL1		REG_SYS(2, 0, 0, 2, 2)

static __shared volatile uint64_t hits, seen[4];

static void debug_set(struct vcpu *vcpu, uint32_t control)
{
	struct kvm_guest_debug debug = { .control = control };

	must(vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug));
}

static void debug_step(struct vcpu *vcpu)
{
	debug_set(vcpu, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP);
}

/* Run to the next debug exit, which must be of this class. Returns the PC. */
static uint64_t debug_exit(struct vcpu *vcpu, unsigned int ec)
{
	vcpu_expect_exit(vcpu, KVM_EXIT_DEBUG);
	if (ESR_EC(vcpu->run->debug.arch.hsr) != ec)
		test_fail("debug exit of class %#x, not %#x, at %#lx", ESR_EC(vcpu->run->debug.arch.hsr), ec,
			  (unsigned long)vcpu_reg(vcpu, REG_PC));
	return vcpu_reg(vcpu, REG_PC);
}

static void guest_nothing(void)
{
}

TEST(arguments)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_nothing);
	struct kvm_guest_debug debug = {};
	int valid = kvm_check(KVM_CAP_SET_GUEST_DEBUG2);

	REQUIRE_CAP(KVM_CAP_SET_GUEST_DEBUG);
	EXPECT_EQ(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_USE_HW, valid);
	EXPECT_GE(kvm_check(KVM_CAP_GUEST_DEBUG_HW_BPS), 2);
	EXPECT_GE(kvm_check(KVM_CAP_GUEST_DEBUG_HW_WPS), 2);
	EXPECT_EQ(kvm_check(KVM_CAP_GUEST_DEBUG_HW_BPS), vm_check(vm, KVM_CAP_GUEST_DEBUG_HW_BPS));
	for (int i = 0; i < 32; i++) {
		debug.control = 1u << i;
		EXPECT_ERRNO(valid & (1 << i) ? 0 : EINVAL, vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug));
		debug.control = KVM_GUESTDBG_ENABLE | 1u << i;
		EXPECT_ERRNO(valid & (1 << i) ? 0 : EINVAL, vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug));
	}
	EXPECT_ERRNO(EFAULT, vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, NULL));
	/* Nothing of what was refused is on. */
	debug_set(vcpu, 0);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

/* Everything but the enable bit is void without that. */
TEST(not_enabled)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_nothing);

	REQUIRE_CAP(KVM_CAP_SET_GUEST_DEBUG);
	debug_set(vcpu, KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_USE_HW);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

/* ------------------------------------------------------------------------------- Software breakpoints */

static void on_brk(struct ex_regs *regs, uint64_t esr)
{
	hits++;
	seen[0] = esr;
	regs->pc += 4;
}

extern char brk_here[];

static void guest_brk(void)
{
	on_sync(EC_BRK64, on_brk);
	guest_sync(1);
	asm volatile("brk_here: brk #0x123" ::: "memory");
	guest_sync(2);
	asm volatile("brk #0x124" ::: "memory");
}

TEST(software_breakpoint)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_brk);

	REQUIRE_CAP(KVM_CAP_SET_GUEST_DEBUG);
	hits = 0;
	vcpu_sync(vcpu);
	debug_set(vcpu, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ((uintptr_t)brk_here, debug_exit(vcpu, EC_BRK64));
		EXPECT_EQ(0x123, vcpu->run->debug.arch.hsr & 0xffff);
		EXPECT_EQ(KVM_DEBUG_ARCH_HSR_HIGH_VALID, vcpu->run->flags);
	}
	vcpu_write_reg(vcpu, REG_PC, (uintptr_t)brk_here + 4);
	EXPECT_EQ(2, vcpu_sync(vcpu));
	EXPECT_EQ(0, hits);
	debug_set(vcpu, 0);
	vcpu_done(vcpu);
	EXPECT_EQ(1, hits);
	EXPECT_EQ(0x124, seen[0] & 0xffff);
	vm_destroy(vm);
}

/* ------------------------------------------------------------------- Hardware breakpoints, watchpoints */

static void __attribute__((noinline)) target(uint64_t n)
{
	asm volatile("nop" :: "r" (n) : "memory");
}

static __shared volatile uint64_t watched[4];

static void guest_hardware(void)
{
	guest_sync(1);
	target(1);
	guest_sync(2);
	watched[0] = 1;
	(void)watched[1];
	watched[1] = 2;
	guest_sync(3);
	target(2);
	watched[1] = 3;
}

TEST(hardware_breakpoint_and_watchpoint)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_hardware);
	int b = kvm_check(KVM_CAP_GUEST_DEBUG_HW_BPS) - 1, w = kvm_check(KVM_CAP_GUEST_DEBUG_HW_WPS) - 1;
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW };
	uint64_t pc;

	REQUIRE_CAP(KVM_CAP_SET_GUEST_DEBUG);
	/* The last of each kind, so that the number is true. */
	debug.arch.dbg_bvr[b] = (uintptr_t)target;
	debug.arch.dbg_bcr[b] = BCR_ON;
	debug.arch.dbg_wvr[w] = (uintptr_t)&watched[1];
	debug.arch.dbg_wcr[w] = WCR_STORES;
	vcpu_sync(vcpu);
	must(vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ((uintptr_t)target, debug_exit(vcpu, EC_BREAKPT_LOW));
	}
	/* Step over it as a debugger does. */
	debug_step(vcpu);
	EXPECT_EQ((uintptr_t)target + 4, debug_exit(vcpu, EC_SOFTSTP_LOW));
	must(vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug));
	EXPECT_EQ(2, vcpu_sync(vcpu));

	pc = debug_exit(vcpu, EC_WATCHPT_LOW);
	EXPECT_EQ((uintptr_t)&watched[1], vcpu->run->debug.arch.far);
	EXPECT_EQ(1, watched[0]);
	EXPECT_EQ(0, watched[1]);
	debug_step(vcpu);
	EXPECT_EQ(pc + 4, debug_exit(vcpu, EC_SOFTSTP_LOW));
	EXPECT_EQ(0, vcpu->run->debug.arch.far);
	EXPECT_EQ(2, watched[1]);
	must(vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug));
	EXPECT_EQ(3, vcpu_sync(vcpu));
	debug_set(vcpu, 0);
	vcpu_done(vcpu);
	EXPECT_EQ(3, watched[1]);
	vm_destroy(vm);
}

/* ------------------------------------------------------------------------- The guest's own registers */

static void __attribute__((noinline)) own_target(void)
{
	asm volatile("nop" ::: "memory");
}

static void on_own(struct ex_regs *regs, uint64_t esr)
{
	hits++;
	seen[0] = regs->pc;
	write_sysreg(dbgbcr0_el1, 0);
	isb();
}

/* Before, while and after the host has its own there. */
static void guest_own_registers(void)
{
	on_sync(EC_BREAKPT_CUR, on_own);
	write_sysreg(oslar_el1, 0);
	write_sysreg(dbgbvr0_el1, 0x1000);
	write_sysreg(dbgwvr0_el1, 0x2000);
	isb();
	guest_sync(1);
	GUEST_ASSERT_EQ(0x1000, read_sysreg(dbgbvr0_el1));
	GUEST_ASSERT_EQ(0x2000, read_sysreg(dbgwvr0_el1));
	GUEST_ASSERT_EQ(0, read_sysreg(dbgbcr0_el1));
	GUEST_ASSERT_EQ(0, read_sysreg(mdscr_el1) & (MDSCR_MDE | MDSCR_SS));
	write_sysreg(dbgbvr0_el1, (uintptr_t)own_target);
	write_sysreg(dbgbcr0_el1, BCR_ON);
	asm volatile("msr daifclr, #8" ::: "memory");
	write_sysreg(mdscr_el1, MDSCR_KDE | MDSCR_MDE);
	isb();
	GUEST_ASSERT_EQ((uintptr_t)own_target, read_sysreg(dbgbvr0_el1));
	GUEST_ASSERT_EQ(BCR_ON, read_sysreg(dbgbcr0_el1));
	GUEST_ASSERT_EQ(MDSCR_KDE | MDSCR_MDE, read_sysreg(mdscr_el1));
	own_target();	/* matches nothing: the host's are in the CPU */
	target(1);
	GUEST_ASSERT_EQ(0, hits);
	guest_sync(2);
	GUEST_ASSERT_EQ((uintptr_t)own_target, read_sysreg(dbgbvr0_el1));
	GUEST_ASSERT_EQ(MDSCR_KDE | MDSCR_MDE, read_sysreg(mdscr_el1));
	own_target();
	GUEST_ASSERT_EQ(1, hits);
	GUEST_ASSERT_EQ((uintptr_t)own_target, seen[0]);
}

TEST(own_registers_are_kept)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_own_registers);
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW };

	REQUIRE_CAP(KVM_CAP_SET_GUEST_DEBUG);
	hits = 0;
	debug.arch.dbg_bvr[0] = (uintptr_t)target;
	debug.arch.dbg_bcr[0] = BCR_ON;
	vcpu_sync(vcpu);
	must(vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug));
	EXPECT_EQ(0x1000, vcpu_reg(vcpu, REG_BVR(0)));
	EXPECT_EQ((uintptr_t)target, debug_exit(vcpu, EC_BREAKPT_LOW));
	EXPECT_EQ((uintptr_t)own_target, vcpu_reg(vcpu, REG_BVR(0)));
	EXPECT_EQ(BCR_ON, vcpu_reg(vcpu, REG_BCR(0)));
	EXPECT_EQ(MDSCR_KDE | MDSCR_MDE, vcpu_reg(vcpu, REG_MDSCR_EL1));
	debug.arch.dbg_bcr[0] = 0;
	must(vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug));
	EXPECT_EQ(2, vcpu_sync(vcpu));
	debug_set(vcpu, 0);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

/* Without USE_HW the guest's own are in force, and what they cause is the debugger's to give back. */
TEST(own_breakpoint_exits)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_own_registers);

	REQUIRE_CAP(KVM_CAP_SET_GUEST_DEBUG);
	hits = 0;
	vcpu_sync(vcpu);
	debug_set(vcpu, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP);
	EXPECT_EQ((uintptr_t)own_target, debug_exit(vcpu, EC_BREAKPT_LOW));
	vm_destroy(vm);
}

/* ----------------------------------------------------------------------------------------- Single steps */

/*
 * x0: an address of a device, x1: memory. One of each kind of instruction that is not simply executed: emulated at
 * once or at leisure, completed by user space, hypercalls; the guest's own debug registers.
 */
extern char step_begin[], step_mmio[], step_end[];
void step_code(uint64_t device, volatile uint64_t *memory);

asm("	.text\n"
"	.globl	step_code, step_begin, step_mmio, step_end\n"
"step_code:\n"
"step_begin:\n"
"	mov	x9, x0\n"
"	mov	x10, x1\n"
"	mrs	x2, id_aa64pfr0_el1\n"
"	mrs	x2, id_aa64mmfr0_el1\n"
"	ldr	x2, [x10]\n"
"step_mmio:\n"
"	ldr	w11, [x9]\n"
"	str	w11, [x9]\n"
"	msr	dbgbvr0_el1, x10\n"
"	mrs	x3, dbgbvr0_el1\n"
"	mrs	x3, mdscr_el1\n"
"	mrs	x3, ctr_el0\n"
"	mov	x0, #0x84000000\n"	/* PSCI_VERSION */
"	hvc	#0\n"
"	smc	#0\n"
"	mov	x0, #0xc6000000\n"	/* nobody's */
"	hvc	#0\n"
"	hvc	#1\n"
"	fmov	d0, x10\n"
"	dc	civac, x10\n"
"	isb\n"
"	str	w11, [x10]\n"
"step_end:\n"
"	ret\n");

static void guest_steps(void)
{
	write_sysreg(oslar_el1, 0);
	guest_sync(1);
	step_code(VM_MMIO_GPA, watched);
	GUEST_ASSERT_EQ((uintptr_t)watched, read_sysreg(dbgbvr0_el1));
	guest_sync(2);
}

/* Steps until the PC is at address. */
static void step_to(struct vcpu *vcpu, const void *address)
{
	debug_step(vcpu);
	for (int i = 0; debug_exit(vcpu, EC_SOFTSTP_LOW) != (uintptr_t)address; i++)
		if (i > 2000)
			test_fail("does not come to %p", address);
}

TEST(single_step)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_steps);
	unsigned int mmio = 0;
	uint32_t value = 0x12345678;

	REQUIRE_CAP(KVM_CAP_SET_GUEST_DEBUG);
	vcpu_sync(vcpu);
	step_to(vcpu, step_begin);
	for (char *pc = step_begin; pc < step_end;) {
		unsigned int exit = vcpu_run(vcpu);

		EXPECT_EQ(0, vcpu_reg(vcpu, REG_PSTATE) & PSTATE_SS);
		if (exit == KVM_EXIT_MMIO) {
			EXPECT_EQ(step_mmio + 4 * mmio, pc);
			if (!mmio++)
				memcpy(vcpu->run->mmio.data, &value, 4);
			continue;
		}
		ASSERT_EQ(KVM_EXIT_DEBUG, exit);
		ASSERT_EQ(EC_SOFTSTP_LOW, ESR_EC(vcpu->run->debug.arch.hsr));
		pc += 4;
		ASSERT_EQ((uintptr_t)pc, vcpu_reg(vcpu, REG_PC));
	}
	EXPECT_EQ(2, mmio);
	EXPECT_EQ(value, watched[0]);
	debug_set(vcpu, KVM_GUESTDBG_ENABLE);
	EXPECT_EQ(2, vcpu_sync(vcpu));
	debug_set(vcpu, 0);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

/* An access that is completed without running the guest is the whole step. */
TEST(step_completed_by_immediate_exit)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_steps);

	REQUIRE_CAP(KVM_CAP_SET_GUEST_DEBUG);
	vcpu_sync(vcpu);
	step_to(vcpu, step_mmio);
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	vcpu_complete(vcpu);
	EXPECT_EQ((uintptr_t)step_mmio + 4, vcpu_reg(vcpu, REG_PC));
	EXPECT_EQ(0, vcpu_reg(vcpu, REG_PSTATE) & PSTATE_SS);
	/* The same again is no new step. */
	debug_step(vcpu);
	EXPECT_EQ((uintptr_t)step_mmio + 4, debug_exit(vcpu, EC_SOFTSTP_LOW));

	/* Stepping that ends and begins is. */
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	vcpu_complete(vcpu);
	debug_set(vcpu, 0);
	debug_step(vcpu);
	EXPECT_EQ((uintptr_t)step_mmio + 12, debug_exit(vcpu, EC_SOFTSTP_LOW));
	vm_destroy(vm);
}

extern char at_svc[], at_undef[], at_abort[], at_mmio[];

static void on_skip(struct ex_regs *regs, uint64_t esr)
{
	seen[hits++ & 3] = regs->pstate;
	if (ESR_EC(esr) != EC_SVC64)
		regs->pc += 4;
}

static void guest_exceptions(void)
{
	on_sync(EC_SVC64, on_skip);
	on_sync(EC_UNKNOWN, on_skip);
	on_sync(EC_DABT_CUR, on_skip);
	guest_sync(1);
	asm volatile("at_svc: svc #0" ::: "memory");
	asm volatile("at_undef: .inst %0" :: "i" (INSN_MRS_X0(2, 0, 1, 0, 4)) : "x0", "memory");	/* OSLAR_EL1 */
	asm volatile("at_abort: ldr x0, [%0]" :: "r" (0x7ff0000000UL) : "x0", "memory");
	asm volatile("at_mmio: ldr w0, [%0]" :: "r" (VM_MMIO_GPA) : "x0", "memory");
	guest_sync(2);
}

/* The step ends at the vector, whoever makes the exception; the guest's saved PSTATE has nothing of it. */
TEST(step_into_exception)
{
	static char *const at[] = { at_svc, at_undef, at_abort, at_mmio };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_exceptions);
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };
	uint64_t vector;

	REQUIRE_CAP(KVM_CAP_SET_GUEST_DEBUG);
	hits = 0;
	vcpu_sync(vcpu);
	vector = vcpu_reg(vcpu, REG_VBAR_EL1) + 0x200;
	for (int i = 0; i < 4; i++) {
		step_to(vcpu, at[i]);
		if (i == 3) {
			vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
			must(vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &events));
		}
		EXPECT_EQ(vector, debug_exit(vcpu, EC_SOFTSTP_LOW));
		EXPECT_EQ((uintptr_t)at[i] + (i ? 0 : 4), vcpu_reg(vcpu, REG_ELR_EL1));
		EXPECT_EQ(0, vcpu_reg(vcpu, REG_SPSR(0)) & PSTATE_SS) TH_LOG("exception %d", i);
		EXPECT_EQ(0, vcpu_reg(vcpu, REG_PSTATE) & PSTATE_SS);
		EXPECT_EQ(vector + 4, debug_exit(vcpu, EC_SOFTSTP_LOW));
	}
	debug_set(vcpu, 0);
	EXPECT_EQ(2, vcpu_sync(vcpu));
	EXPECT_EQ(4, hits);
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(0, seen[i] & PSTATE_SS);
	}
	vm_destroy(vm);
}

/* PSTATE.SS of the guest's own is there until its instruction is executed. */
TEST(own_step_bit)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_steps);
	uint64_t pstate;

	REQUIRE_CAP(KVM_CAP_SET_GUEST_DEBUG);
	vcpu_sync(vcpu);
	step_to(vcpu, step_mmio);
	pstate = vcpu_reg(vcpu, REG_PSTATE);
	vcpu_write_reg(vcpu, REG_PSTATE, pstate | PSTATE_SS);
	EXPECT_EQ(pstate | PSTATE_SS, vcpu_reg(vcpu, REG_PSTATE));
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(pstate | PSTATE_SS, vcpu_reg(vcpu, REG_PSTATE));
	EXPECT_EQ((uintptr_t)step_mmio + 4, debug_exit(vcpu, EC_SOFTSTP_LOW));
	EXPECT_EQ(0, vcpu_reg(vcpu, REG_PSTATE) & PSTATE_SS);
	vm_destroy(vm);
}

static void on_own_step(struct ex_regs *regs, uint64_t esr)
{
	hits++;
	regs->pstate = (regs->pstate & ~PSTATE_SS) | 1 << 9;
}

static void on_own_brk(struct ex_regs *regs, uint64_t esr)
{
	regs->pc += 4;
	regs->pstate = (regs->pstate | PSTATE_SS) & ~(1UL << 9);
}

/* The handler of an undefined instruction makes it step. */
static void guest_own_step(void)
{
	on_sync(EC_SOFTSTP_CUR, on_own_step);
	on_sync(EC_UNKNOWN, on_own_brk);
	write_sysreg(oslar_el1, 0);
	for (int i = 1; i < 3; i++) {
		guest_sync(i);
		asm volatile("msr daifset, #8" ::: "memory");
		write_sysreg(mdscr_el1, MDSCR_KDE | MDSCR_SS);
		isb();
		asm volatile("udf #0\n\tnop\n\tnop\n\tnop" ::: "memory");
		GUEST_ASSERT_EQ(MDSCR_KDE | MDSCR_SS, read_sysreg(mdscr_el1));
		write_sysreg(mdscr_el1, 0);
		isb();
		GUEST_ASSERT_EQ(i - 1, hits);
	}
}

/* No debug exit without a debugger that steps, and no exception of a guest that is debugged. */
TEST(own_steps_are_suspended)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_own_step);

	REQUIRE_CAP(KVM_CAP_SET_GUEST_DEBUG);
	hits = 0;
	EXPECT_EQ(1, vcpu_sync(vcpu));
	debug_set(vcpu, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP);
	EXPECT_EQ(2, vcpu_sync(vcpu));
	debug_set(vcpu, 0);
	vcpu_done(vcpu);
	EXPECT_EQ(1, hits);
	vm_destroy(vm);
}

/* A debugged vCPU and one that is not share a CPU's registers. */
TEST(only_this_vcpu)
{
	struct vm *vm = vm_create();
	struct vcpu *a = vcpu_add(vm, guest_steps), *b = vcpu_add(vm, guest_hardware);

	REQUIRE_CAP(KVM_CAP_SET_GUEST_DEBUG);
	vcpu_sync(a);
	step_to(a, step_begin);
	for (int i = 1; i <= 3; i++) {
		EXPECT_EQ(i, vcpu_sync(b));
		EXPECT_EQ((uintptr_t)step_begin + 4 * i, debug_exit(a, EC_SOFTSTP_LOW));
	}
	vcpu_done(b);
	/* It stays when the vCPU is initialised again. */
	vcpu_restart(a, (guest_fn)guest_nothing, 0);
	debug_exit(a, EC_SOFTSTP_LOW);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
