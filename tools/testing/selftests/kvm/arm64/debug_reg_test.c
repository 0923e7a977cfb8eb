// SPDX-License-Identifier: GPL-2.0
/* The guest's own debug registers: breakpoints, watchpoints, single steps, the OS lock; across exits and vCPUs. */
#include "kvm_test.h"
#include "arch.h"

static __shared volatile uint64_t hits, hit_pc, hit_esr, hit_far;

#define MDSCR_SS	(1 << 0)
#define MDSCR_KDE	(1 << 13)
#define MDSCR_MDE	(1 << 15)

static void unlock(void)
{
	write_sysreg(oslar_el1, 0);
	isb();
}

static void on_breakpoint(struct ex_regs *regs, uint64_t esr)
{
	hits++;
	hit_pc = regs->pc;
	hit_esr = esr;
	write_sysreg(dbgbcr0_el1, 0);
	isb();
}

static void on_watchpoint(struct ex_regs *regs, uint64_t esr)
{
	hits++;
	hit_far = read_sysreg(far_el1);
	hit_esr = esr;
	write_sysreg(dbgwcr0_el1, 0);
	isb();
}

static void __attribute__((noinline)) target(void)
{
	asm volatile("nop\n\tnop");
}

static void debug_on(void)
{
	unlock();
	asm volatile("msr daifclr, #8" ::: "memory");
	write_sysreg(mdscr_el1, MDSCR_KDE | MDSCR_MDE);
	isb();
}

static void guest_breakpoint(void)
{
	on_sync(EC_BREAKPT_CUR, on_breakpoint);
	debug_on();
	write_sysreg(dbgbvr0_el1, (uintptr_t)target);
	write_sysreg(dbgbcr0_el1, 0xf << 5 | 1 << 1 | 1);
	isb();
	guest_sync(1);		/* an exit in between must not lose it */
	GUEST_ASSERT_EQ((uintptr_t)target, read_sysreg(dbgbvr0_el1));
	target();
	GUEST_ASSERT_EQ(1, hits);
	GUEST_ASSERT_EQ((uintptr_t)target, hit_pc);
}

TEST(breakpoint)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_breakpoint);

	hits = 0;
	vcpu_sync(vcpu);
	vcpu_done(vcpu);
	EXPECT_EQ(1, hits);
	vm_destroy(vm);
}

static volatile uint64_t watched[2];

static void guest_watchpoint(void)
{
	on_sync(EC_WATCHPT_CUR, on_watchpoint);
	debug_on();
	write_sysreg(dbgwvr0_el1, (uintptr_t)&watched[0]);
	write_sysreg(dbgwcr0_el1, 0xff << 5 | 2 << 3 | 1 << 1 | 1);	/* stores, 8 bytes */
	isb();
	guest_sync(1);
	(void)watched[0];
	GUEST_ASSERT_EQ(0, hits);
	watched[1] = 1;
	GUEST_ASSERT_EQ(0, hits);
	watched[0] = 1;
	GUEST_ASSERT_EQ(1, hits);
	GUEST_ASSERT_EQ((uintptr_t)&watched[0], hit_far);
}

TEST(watchpoint)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_watchpoint);

	hits = 0;
	vcpu_sync(vcpu);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

static void on_step(struct ex_regs *regs, uint64_t esr)
{
	hits++;
	/* PSTATE.SS set: one more; after three of them on without. */
	if (hits < 3)
		regs->pstate |= 1 << 21;
	else
		regs->pstate = (regs->pstate & ~(1 << 21)) | 1 << 9;
}

static void on_brk(struct ex_regs *regs, uint64_t esr)
{
	regs->pc += 4;
	regs->pstate |= 1 << 21;
	regs->pstate &= ~(1UL << 9);
}

static void guest_step(void)
{
	on_sync(EC_SOFTSTP_CUR, on_step);
	on_sync(EC_BRK64, on_brk);
	unlock();
	/* Steps begin with the return from the BRK's handler, where PSTATE.D is cleared. */
	write_sysreg(mdscr_el1, MDSCR_KDE | MDSCR_SS);
	isb();
	asm volatile("brk #0\n\tnop\n\tnop\n\tnop\n\tnop" ::: "memory");
	write_sysreg(mdscr_el1, 0);
	isb();
	GUEST_ASSERT_EQ(3, hits);
}

TEST(software_step)
{
	struct vm *vm = vm_create();

	hits = 0;
	vcpu_done(vcpu_add(vm, guest_step));
	vm_destroy(vm);
}

static void guest_registers(void)
{
	uint64_t dfr0 = read_sysreg(id_aa64dfr0_el1), x, y;
	unsigned int brps = (dfr0 >> 12 & 0xf) + 1, wrps = (dfr0 >> 20 & 0xf) + 1;

	unlock();
	for (unsigned int i = 0; i < 16; i++) {
		bool b = i < brps, w = i < wrps;

		x = 0x1000 + 4 * i;
		if (b) {
			GUEST_ASSERT_EQ(0, guest_exec(INSN_MSR_X0(2, 0, 0, i, 4), &x));
			GUEST_ASSERT_EQ(0, guest_exec(INSN_MRS_X0(2, 0, 0, i, 4), &y));
			GUEST_ASSERT_EQ(x, y);
		}
		x = 0x2000 + 8 * i;
		if (w) {
			GUEST_ASSERT_EQ(0, guest_exec(INSN_MSR_X0(2, 0, 0, i, 6), &x));
			GUEST_ASSERT_EQ(0, guest_exec(INSN_MRS_X0(2, 0, 0, i, 6), &y));
			GUEST_ASSERT_EQ(x, y);
		}
	}
	guest_sync(brps);
	for (unsigned int i = 0; i < brps; i++) {
		GUEST_ASSERT_EQ(0, guest_exec(INSN_MRS_X0(2, 0, 0, i, 4), &y));
		GUEST_ASSERT_EQ(0x1000 + 4 * i, y);
	}
}

TEST(registers_by_number)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_registers);
	unsigned int brps = vcpu_sync(vcpu);

	for (unsigned int i = 0; i < brps; i++)
		EXPECT_EQ(0x1000 + 4 * i, vcpu_reg(vcpu, REG_SYS(2, 0, 0, i, 4)));
	vcpu_done(vcpu);
	vm_destroy(vm);
}

static void guest_own(uint64_t value)
{
	unlock();
	write_sysreg(dbgbvr0_el1, value);
	write_sysreg(mdscr_el1, MDSCR_MDE);
	isb();
	for (int i = 0; i < 20; i++) {
		guest_sync(i);
		GUEST_ASSERT_EQ(value, read_sysreg(dbgbvr0_el1));
		GUEST_ASSERT_EQ(MDSCR_MDE, read_sysreg(mdscr_el1));
	}
}

TEST(vcpus_have_their_own)
{
	struct vm *vm = vm_create();
	struct vcpu *a = vcpu_add1(vm, guest_own, 0x1000), *b = vcpu_add1(vm, guest_own, 0x2000);

	for (int i = 0; i < 20; i++) {
		vcpu_sync(a);
		vcpu_sync(b);
	}
	vcpu_done(a);
	vcpu_done(b);
	vm_destroy(vm);
}

static void guest_os_lock(void)
{
	/* Locked after reset. OSLM (bits 3 and 0) says that there is a lock, bit 1 its state. */
	GUEST_ASSERT_EQ(8, read_sysreg(oslsr_el1) & 9);
	write_sysreg(oslar_el1, 1);
	isb();
	GUEST_ASSERT_EQ(2, read_sysreg(oslsr_el1) & 2);
	guest_sync(1);
	GUEST_ASSERT_EQ(2, read_sysreg(oslsr_el1) & 2);
	write_sysreg(oslar_el1, 0);
	isb();
	GUEST_ASSERT_EQ(0, read_sysreg(oslsr_el1) & 2);
	/* OSLAR is write-only, OSLSR read-only. */
	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_exec(INSN_MRS_X0(2, 0, 1, 0, 4), &(uint64_t){ 0 })));
	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_exec(INSN_MSR_X0(2, 0, 1, 1, 4), &(uint64_t){ 0 })));
	/* The double lock and the rest of the external interface do no harm. */
	guest_exec(INSN_MSR_X0(2, 0, 1, 3, 4), &(uint64_t){ 1 });
	guest_exec(INSN_MSR_X0(2, 0, 1, 3, 4), &(uint64_t){ 0 });
	guest_exec(INSN_MRS_X0(2, 3, 0, 1, 0), &(uint64_t){ 0 });	/* MDCCSR_EL0 */
	guest_exec(INSN_MRS_X0(2, 0, 1, 0, 0), &(uint64_t){ 0 });	/* MDRAR_EL1 */
}

TEST(os_lock)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_os_lock);

	vcpu_sync(vcpu);
	EXPECT_EQ(2, vcpu_reg(vcpu, REG_SYS(2, 0, 1, 1, 4)) & 2);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

static void guest_locked_breakpoint(void)
{
	on_sync(EC_BREAKPT_CUR, on_breakpoint);
	debug_on();
	write_sysreg(oslar_el1, 1);
	write_sysreg(dbgbvr0_el1, (uintptr_t)target);
	write_sysreg(dbgbcr0_el1, 0xf << 5 | 1 << 1 | 1);
	isb();
	target();
	GUEST_ASSERT_EQ(0, hits);	/* the lock masks debug exceptions */
	unlock();
	target();
	GUEST_ASSERT_EQ(1, hits);
}

TEST(os_lock_masks_breakpoints)
{
	struct vm *vm = vm_create();

	hits = 0;
	vcpu_done(vcpu_add(vm, guest_locked_breakpoint));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
