// SPDX-License-Identifier: GPL-2.0
/* KVM_IRQ_LINE: encodings and their errors; PPIs; lines raised from many threads. */
#include "kvm_test.h"
#include "gic.h"

static int line(struct vm *vm, uint32_t irq, uint32_t level)
{
	struct kvm_irq_level l = { .irq = irq, .level = level };

	return vm_ioctl(vm, KVM_IRQ_LINE, &l);
}

static void guest_nothing(void)
{
}

TEST(without_a_controller)
{
	struct vm *vm = vm_create();

	vcpu_add(vm, guest_nothing);
	EXPECT_ERRNO(ENXIO, line(vm, IRQ_SPI(40), 1));
	EXPECT_ERRNO(ENXIO, line(vm, IRQ_PPI(0, 20), 1));
	EXPECT_ERRNO(EINVAL, line(vm, 3u << 24 | 40, 1));
	/* The vCPU's own lines are there instead. */
	EXPECT_OK(line(vm, KVM_ARM_IRQ_CPU_IRQ, 1));
	EXPECT_OK(line(vm, KVM_ARM_IRQ_CPU_FIQ, 1));
	EXPECT_ERRNO(EINVAL, line(vm, 2, 1));
	EXPECT_ERRNO(EINVAL, line(vm, 0xffff, 0));
	EXPECT_ERRNO(EINVAL, line(vm, 1 << KVM_ARM_IRQ_VCPU_SHIFT, 1));
	EXPECT_ERRNO(EINVAL, line(vm, 1 << KVM_ARM_IRQ_VCPU2_SHIFT, 1));
	vm_destroy(vm);
}

TEST(encodings)
{
	struct vm *vm = vm_create();
	int gic;

	vcpu_add(vm, guest_nothing);
	vcpu_add(vm, guest_nothing);
	gic = gic_create(vm, 96);

	EXPECT_OK(line(vm, IRQ_SPI(32), 1));
	EXPECT_OK(line(vm, IRQ_SPI(32), 0));
	EXPECT_OK(line(vm, IRQ_SPI(95), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_SPI(96), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_SPI(31), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_SPI(0), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_SPI(1020), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_SPI(8192), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_SPI(0xffff), 1));

	EXPECT_OK(line(vm, IRQ_PPI(0, 16), 1));
	EXPECT_OK(line(vm, IRQ_PPI(1, 31), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_PPI(0, 15), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_PPI(0, 32), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_PPI(0, 0xffff), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_PPI(2, 20), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_PPI(255, 20), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_PPI(256, 20), 1));
	EXPECT_ERRNO(EINVAL, line(vm, IRQ_PPI(4095, 20), 1));

	/* The CPU's own lines belong to a controller in the kernel now. */
	EXPECT_ERRNO(ENXIO, line(vm, KVM_ARM_IRQ_CPU_IRQ, 1));
	EXPECT_ERRNO(EINVAL, line(vm, 3u << 24 | 40, 1));
	EXPECT_ERRNO(EINVAL, line(vm, 15u << 24 | 40, 1));
	close(gic);
	vm_destroy(vm);
}

static __shared volatile uint64_t taken[64], stop;

static void handler(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	taken[intid - 16]++;
	gic_eoi(intid);
}

/* PPIs are levels (GICR_ICFGR1 is read-only for them): the line stays up until the host lowers it. */
static void level_handler(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	taken[intid - 16]++;
	gic_disable(intid);
	gic_eoi(intid);
}

static void guest_ppi(void)
{
	on_irq(level_handler);
	gic_guest_init_cpu();
	gic_enable(20);
	irq_enable();
	guest_sync(0);
	GUEST_WAIT_FOR(taken[20 - 16] == guest_cpu()->index + 1);
	GUEST_ASSERT(gic_is_pending(20));
	guest_sync(1);
	GUEST_ASSERT(!gic_is_pending(20));
}

static void guest_dist(void)
{
	gic_guest_init();
	guest_ppi();
}

TEST(ppi_of_each_vcpu)
{
	struct vm *vm = vm_create();
	struct vcpu *a = vcpu_add(vm, guest_dist), *b = vcpu_add(vm, guest_ppi);
	int gic = gic_create(vm, 64);

	memset((void *)taken, 0, sizeof(taken));
	vcpu_sync(a);
	vcpu_sync(b);
	must(line(vm, IRQ_PPI(0, 20), 1));
	EXPECT_EQ(1, vcpu_sync(a));
	EXPECT_EQ(1, taken[4]);
	must(line(vm, IRQ_PPI(0, 20), 0));
	vcpu_done(a);
	must(line(vm, IRQ_PPI(1, 20), 1));
	EXPECT_EQ(1, vcpu_sync(b));
	must(line(vm, IRQ_PPI(1, 20), 0));
	vcpu_done(b);
	EXPECT_EQ(2, taken[4]);
	close(gic);
	vm_destroy(vm);
}

#define THREADS		3
#define ROUNDS		100

static void guest_many_spis(void)
{
	on_irq(handler);
	gic_guest_init();
	for (unsigned int i = 0; i < THREADS; i++) {
		gic_route(32 + i, read_sysreg(mpidr_el1));
		gic_set_edge(32 + i, true);
		gic_enable(32 + i);
	}
	irq_enable();
	guest_sync(0);
	while (!stop)
		wfi();
}

struct raiser {
	struct vm *vm;
	unsigned int intid;
	bool lost;
};

static void *raise_and_wait(void *arg)
{
	struct raiser *r = arg;

	for (uint64_t i = 1; i <= ROUNDS && !r->lost; i++) {
		must(line(r->vm, IRQ_SPI(r->intid), 1));
		must(line(r->vm, IRQ_SPI(r->intid), 0));
		r->lost = !wait_until(taken[r->intid - 16] >= i, 3000);
	}
	return NULL;
}

TEST(no_edge_is_lost)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_many_spis);
	struct raiser r[THREADS];
	pthread_t t[THREADS];
	struct vcpu_thread run;
	int gic = gic_create(vm, 64);

	memset((void *)taken, 0, sizeof(taken));
	stop = 0;
	vcpu_sync(vcpu);
	vcpu_thread_start(&run, vcpu);
	for (int i = 0; i < THREADS; i++) {
		r[i] = (struct raiser){ .vm = vm, .intid = 32 + i };
		pthread_create(&t[i], NULL, raise_and_wait, &r[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], NULL);
		EXPECT_FALSE(r[i].lost);
		EXPECT_EQ(ROUNDS, taken[16 + i]);
	}
	stop = 1;
	must(line(vm, IRQ_SPI(32), 1));
	vcpu_thread_join(&run);
	close(gic);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
