// SPDX-License-Identifier: GPL-2.0
/* A monitor chooses its vCPUs' affinities: interrupts, PSCI and attributes know the vCPUs by these. */
#include "kvm_test.h"
#include "gic.h"

#define SPI		40
#define AFFINITY_A	0x0100ULL	/* vCPU 1 by default counting has 0x0001 */
#define AFFINITY_B	0x020005ULL
#define AFFINITY_C	0x030001ULL

#define AFFINITY_INFO	0xc4000004u

static __shared volatile uint64_t sgis, spis, ready, own;

static void choose(struct vcpu *vcpu, uint64_t affinity)
{
	vcpu_write_reg(vcpu, REG_MPIDR_EL1, 1ULL << 31 | affinity);
}

static void take(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == 3)
		sgis++;
	else if (intid == SPI)
		spis++;
	gic_eoi(intid);
}

static void guest_receives(void)
{
	GUEST_ASSERT_EQ(AFFINITY_B, read_sysreg(mpidr_el1) & 0xff00ffffff);
	on_irq(take);
	gic_guest_init_cpu();
	gic_enable(3);
	irq_enable();
	ready = 1;
	while (!spis)
		wfi();
}

static void guest_sends(void)
{
	gic_guest_init();
	GUEST_WAIT_FOR(ready);
	gic_send_sgi(AFFINITY_B, 3);
	GUEST_WAIT_FOR(sgis == 1);
	/* What counting from 0 would have called vCPU 1 is nobody. */
	gic_send_sgi(1, 3);
	gic_route(SPI, AFFINITY_B);
	gic_set_edge(SPI, true);
	gic_enable(SPI);
	gic_set_pending(SPI);
	GUEST_WAIT_FOR(spis == 1);
	GUEST_ASSERT_EQ(1, sgis);
	GUEST_ASSERT_EQ(0, guest_hvc(AFFINITY_INFO, AFFINITY_A, 0, 0).a0);
	GUEST_ASSERT_EQ(-2, (int64_t)guest_hvc(AFFINITY_INFO, 1, 0, 0).a0);
}

TEST(interrupts_go_by_it)
{
	struct vcpu_thread t;
	struct vcpu *a, *b;
	uint32_t typer = 0;
	struct vm *vm;
	int gic;

	if (!gic_v3_available())
		SKIP(return, "no GICv3");
	vm = vm_create();
	a = vcpu_add(vm, guest_sends);
	b = vcpu_add(vm, guest_receives);
	choose(a, AFFINITY_A);
	choose(b, AFFINITY_B);
	gic = gic_create(vm, 64);
	EXPECT_OK(gic_redist_get(gic, AFFINITY_B, GICR_TYPER + 4, &typer));
	EXPECT_EQ(AFFINITY_B, typer);
	EXPECT_ERRNO(EINVAL, gic_redist_get(gic, 1, GICR_TYPER + 4, &typer));
	vcpu_thread_start(&t, b);
	vcpu_done(a);
	vcpu_thread_join(&t);
	close(gic);
	vm_destroy(vm);
}

static void guest_is_turned_on(void)
{
	own = read_sysreg(mpidr_el1);
	ready = 1;
	for (;;)
		wfi();
}

static void guest_turns_on(uint64_t target)
{
	GUEST_ASSERT_EQ(0, guest_cpu_on(AFFINITY_C, (struct guest_cpu *)target));
	GUEST_WAIT_FOR(ready);
}

TEST(kept_over_cpu_on)
{
	struct vm *vm = vm_create();
	struct vcpu *target = vcpu_add_off(vm, (guest_fn)guest_is_turned_on, 0);
	struct vcpu *source = vcpu_add1(vm, guest_turns_on, target->cpu_gpa);
	struct vcpu_thread t;

	choose(source, AFFINITY_A);
	choose(target, AFFINITY_C);
	vcpu_thread_start(&t, target);
	vcpu_done(source);
	EXPECT_EQ(AFFINITY_C, own & 0xff00ffffff);
	vcpu_thread_stop(&t);
	EXPECT_EQ(AFFINITY_C, vcpu_mpidr(target));
	vm_destroy(vm);
}

static void guest_nothing(void)
{
}

TEST(fixed_once_the_vm_ran)
{
	struct vm *vm = vm_create();
	struct vcpu *a = vcpu_add(vm, guest_nothing), *b = vcpu_add(vm, guest_nothing);
	uint64_t chosen = 1ULL << 31 | AFFINITY_B, other = 1ULL << 31 | AFFINITY_C;

	choose(b, AFFINITY_B);
	vcpu_done(a);
	EXPECT_OK(vcpu_set_reg(b, REG_MPIDR_EL1, &chosen));
	EXPECT_ERRNO(EBUSY, vcpu_set_reg(b, REG_MPIDR_EL1, &other));
	EXPECT_EQ(AFFINITY_B, vcpu_mpidr(b));
	vcpu_done(b);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
