// SPDX-License-Identifier: GPL-2.0
/* Interrupts reach the guest: SGIs to itself and others, SPIs by line and by ISPENDR, WFI wakes up. */
#include "kvm_test.h"
#include "gic.h"

#define SPI	40

static __shared volatile uint64_t taken[8], last_intid;

static void handler(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	last_intid = intid;
	if (intid == GIC_SPURIOUS)
		return;
	gic_eoi(intid);
	__atomic_fetch_add(&taken[guest_cpu()->index], 1, __ATOMIC_SEQ_CST);
}

static void guest_sgi_self(void)
{
	on_irq(handler);
	gic_guest_init();
	gic_enable(3);
	irq_enable();
	for (uint64_t i = 1; i <= 20; i++) {
		gic_send_sgi(read_sysreg(mpidr_el1), 3);
		GUEST_WAIT_FOR(taken[0] == i);
		GUEST_ASSERT_EQ(3, last_intid);
	}
	irq_disable();
	gic_send_sgi(read_sysreg(mpidr_el1), 3);
	GUEST_WAIT_FOR(read_sysreg(isr_el1) & 1 << 7);
	GUEST_ASSERT(gic_is_pending(3));
	GUEST_ASSERT_EQ(20, taken[0]);
	wfi();					/* an interrupt that is pending but masked ends it */
	GUEST_ASSERT_EQ(3, gic_ack());
	GUEST_ASSERT(gic_is_active(3));
	GUEST_ASSERT(!gic_is_pending(3));
	gic_eoi(3);
	GUEST_ASSERT(!gic_is_active(3));
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

TEST(sgi_to_itself)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_sgi_self);
	int gic = gic_create(vm, 0);

	vcpu_done(vcpu);
	EXPECT_EQ(20, taken[0]);
	close(gic);
	vm_destroy(vm);
}

static __shared volatile uint64_t ready;

#define ROUNDS	50

static void guest_ping(uint64_t other)
{
	on_irq(handler);
	gic_guest_init();
	gic_enable(5);
	irq_enable();
	GUEST_WAIT_FOR(ready);
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		if (i & 1)
			gic_send_sgi(other, 5);
		else
			gic_send_sgi_others(5);
		GUEST_WAIT_FOR(taken[1] == i);
	}
	GUEST_ASSERT_EQ(0, taken[0]);
}

static void guest_pong(void)
{
	on_irq(handler);
	gic_guest_init_cpu();
	gic_enable(5);
	ready = 1;
	while (taken[1] < ROUNDS) {
		irq_disable();
		if (taken[1] < ROUNDS)
			wfi();
		irq_enable();
	}
}

TEST(sgi_to_another_that_waits)
{
	struct vm *vm = vm_create();
	struct vcpu *ping = vcpu_add(vm, guest_ping);
	struct vcpu *pong = vcpu_add(vm, guest_pong);
	struct vcpu_thread t0, t1;
	int gic = gic_create(vm, 0);

	ping->cpu->boot.arg[0] = vcpu_mpidr(pong);
	vcpu_thread_start(&t0, ping);
	vcpu_thread_start(&t1, pong);
	vcpu_thread_join(&t0);
	vcpu_thread_join(&t1);
	EXPECT_EQ(ROUNDS, taken[1]);
	close(gic);
	vm_destroy(vm);
}

static void guest_level_spi(void)
{
	gic_guest_init();
	gic_route(SPI, read_sysreg(mpidr_el1));
	gic_set_edge(SPI, false);
	gic_enable(SPI);
	guest_sync(1);				/* the host raises the line */
	GUEST_WAIT_FOR(gic_is_pending(SPI));
	GUEST_ASSERT_EQ(SPI, gic_ack());
	gic_eoi(SPI);
	GUEST_ASSERT_EQ(SPI, gic_ack());	/* the line is still high */
	guest_sync(2);				/* the host lowers it */
	gic_eoi(SPI);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

TEST(level_spi_follows_its_line)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_level_spi);
	int gic = gic_create(vm, 64);

	ASSERT_EQ(1, vcpu_sync(vcpu));
	vm_irq_line(vm, IRQ_SPI(SPI), 1);
	ASSERT_EQ(2, vcpu_sync(vcpu));
	vm_irq_line(vm, IRQ_SPI(SPI), 0);
	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

static void guest_edge_spi(void)
{
	gic_guest_init();
	gic_route(SPI, read_sysreg(mpidr_el1));
	gic_set_edge(SPI, true);
	gic_enable(SPI);
	guest_sync(1);				/* the host raises the line and leaves it */
	GUEST_ASSERT_EQ(SPI, gic_ack());
	gic_eoi(SPI);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	gic_set_pending(SPI);
	GUEST_ASSERT_EQ(SPI, gic_ack());
	gic_eoi(SPI);
	gic_set_pending(SPI);
	gic_clear_pending(SPI);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

TEST(edge_spi_comes_once)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_edge_spi);
	int gic = gic_create(vm, 64);

	ASSERT_EQ(1, vcpu_sync(vcpu));
	vm_irq_line(vm, IRQ_SPI(SPI), 1);
	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

static void guest_waits_for_spi(void)
{
	on_irq(handler);
	gic_guest_init();
	gic_route(SPI, read_sysreg(mpidr_el1));
	gic_set_edge(SPI, true);
	gic_enable(SPI);
	guest_sync(1);
	irq_enable();
	while (!taken[0])
		wfi();
	GUEST_ASSERT_EQ(SPI, last_intid);
}

TEST(line_from_another_thread_wakes_wfi)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_waits_for_spi);
	int gic = gic_create(vm, 64);
	struct vcpu_thread t;

	vcpu_thread_start(&t, vcpu);
	ASSERT_TRUE(wait_until(t.syncs == 1, 5000));
	usleep(20000);				/* time to be in WFI */
	EXPECT_EQ(0, taken[0]);
	vm_irq_line(vm, IRQ_SPI(SPI), 1);
	vcpu_thread_join(&t);
	EXPECT_EQ(1, taken[0]);
	close(gic);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
