// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest has of a GICv2 and not of a GICv3: SGIs that say who sent them, targets, both groups at one CPU interface
 * in memory. What both have (list registers, priorities, EOI modes, lines) is in tests that run with either.
 */
#include <stdlib.h>

#include "kvm_test.h"
#include "gic.h"
#include "migrate.h"

REQUIRE_GICV2

#define SPI		40
#define CPUS		8
#define ALL_CPUS	0xffu

#define dist_rd(reg)		guest_mmio_read32(GIC_DIST_GPA + (reg))
#define dist_wr(reg, value)	guest_mmio_write32(GIC_DIST_GPA + (reg), value)
#define cpu_rd(reg)		guest_mmio_read32(GIC_CPU_GPA + (reg))
#define cpu_wr(reg, value)	guest_mmio_write32(GIC_CPU_GPA + (reg), value)

static __shared volatile uint64_t ready, taken[CPUS], from[CPUS], go, strays;

static void run_guest(void (*fn)(void), unsigned int vcpus)
{
	struct vm *vm = vm_create();
	int gic;

	for (unsigned int i = 0; i < vcpus; i++)
		vcpu_add(vm, i ? gic_guest_init_cpu : fn);
	gic = gic_create(vm, 64);
	vcpu_done(vm->vcpu[0]);
	close(gic);
	vm_destroy(vm);
}

/* vCPU 0 runs first, the others second; all at once. */
static void run_all(void (*first)(void), void (*second)(void), unsigned int vcpus)
{
	struct vm *vm = vm_create();
	struct vcpu_thread t[CPUS];
	int gic;

	ready = go = strays = 0;
	memset((void *)taken, 0, sizeof(taken));
	memset((void *)from, 0, sizeof(from));
	for (unsigned int i = 0; i < vcpus; i++)
		vcpu_add(vm, i ? second : first);
	gic = gic_create(vm, 64);
	for (unsigned int i = 0; i < vcpus; i++)
		vcpu_thread_start(&t[i], vm->vcpu[i]);
	for (unsigned int i = 0; i < vcpus; i++)
		vcpu_thread_join(&t[i]);
	close(gic);
	vm_destroy(vm);
}

/* ---- The distributor */

static void guest_identification(void)
{
	gic_guest_init();
	GUEST_ASSERT_EQ(1 | 2 << 5, dist_rd(GICD_TYPER));
	GUEST_ASSERT_EQ(0x2b, dist_rd(GICD_ICPIDR2));
	GUEST_ASSERT_EQ(0x4b, dist_rd(GICD_IIDR) >> 24);
	dist_wr(GICD_IIDR, 0);
	dist_wr(GICD_TYPER, 0);
	GUEST_ASSERT_EQ(1 | 2 << 5, dist_rd(GICD_TYPER));
	GUEST_ASSERT_EQ(0, dist_rd(GICD_SGIR));
	GUEST_ASSERT_EQ(0, dist_rd(0xe00));
	/* What is reserved reads as zero and ignores writes. */
	dist_wr(0x0c, ~0u);
	GUEST_ASSERT_EQ(0, dist_rd(0x0c));
	GUEST_ASSERT_EQ(0, guest_mmio_read8(GIC_DIST_GPA + GICD_TYPER));
	GUEST_ASSERT_EQ(0, guest_mmio_read64(GIC_DIST_GPA + GICD_CTLR));
	dist_wr(GICD_CTLR, ~0u);
	GUEST_ASSERT_EQ(3, dist_rd(GICD_CTLR));
	/* The second half of the CPU interface has one register, and that is for writing. */
	GUEST_ASSERT_EQ(0, cpu_rd(GICC_DIR));
	GUEST_ASSERT_EQ(0, cpu_rd(0x1ffc));
	cpu_wr(0x1ffc, ~0u);
	GUEST_ASSERT_EQ(0, guest_mmio_read8(GIC_CPU_GPA + GICC_DIR));
	guest_mmio_write8(GIC_CPU_GPA + GICC_DIR, 3);
}

TEST(identification)
{
	run_guest(guest_identification, 3);
}

static void guest_targets(void)
{
	uint64_t at = GIC_DIST_GPA + GICD_ITARGETSR + SPI;

	gic_guest_init();
	gic_set_edge(SPI, true);
	gic_enable(SPI);
	GUEST_ASSERT_EQ(0x01010101, dist_rd(GICD_ITARGETSR));
	dist_wr(GICD_ITARGETSR, ~0u);
	GUEST_ASSERT_EQ(0x01010101, dist_rd(GICD_ITARGETSR + 28));

	/* It has no target until it gets one, and waits for it. */
	GUEST_ASSERT_EQ(0, guest_mmio_read8(at));
	gic_set_pending(SPI);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	guest_mmio_write8(at, 2);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	guest_mmio_write8(at, 1);
	GUEST_ASSERT_EQ(SPI, gic_ack());
	gic_eoi(SPI);

	/* With several targets one of them takes it. */
	guest_mmio_write32(at, 0xffff0502);
	GUEST_ASSERT_EQ(0x07070502, guest_mmio_read32(at));	/* three vCPUs */
	guest_mmio_write8(at, 7);
	gic_set_pending(SPI);
	GUEST_ASSERT_EQ(SPI, gic_ack());
	gic_eoi(SPI);
	/* Taken away while it is pending */
	gic_set_pending(SPI);
	guest_mmio_write8(at, 0);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	GUEST_ASSERT(gic_is_pending(SPI));
}

TEST(targets)
{
	run_guest(guest_targets, 3);
}

static void guest_only_target(void)
{
	gic_guest_init();
	gic_set_edge(SPI, true);
	gic_enable(SPI);
	GUEST_ASSERT_EQ(0, dist_rd(GICD_ITARGETSR));
	dist_wr(GICD_ITARGETSR + SPI, ~0u);
	GUEST_ASSERT_EQ(0, dist_rd(GICD_ITARGETSR + SPI));
	gic_set_pending(SPI);
	GUEST_ASSERT_EQ(SPI, gic_ack());
	gic_eoi(SPI);
}

TEST(a_single_vcpu_has_no_targets)
{
	run_guest(guest_only_target, 1);
}

/* ---- SGIs */

static void guest_own_sgis(void)
{
	gic_guest_init();
	gic_enable(3);
	/* The general registers show SGIs and do not change them. */
	dist_wr(GICD_ISPENDR, 0xffff);
	GUEST_ASSERT_EQ(0, dist_rd(GICD_ISPENDR) & 0xffff);
	dist_wr(GICD_SGIR, 2u << 24 | 3);
	GUEST_ASSERT_EQ(8, dist_rd(GICD_ISPENDR) & 0xffff);
	dist_wr(GICD_ICPENDR, 0xffff);
	GUEST_ASSERT_EQ(8, dist_rd(GICD_ISPENDR) & 0xffff);
	GUEST_ASSERT_EQ(1u << 24, dist_rd(GICD_SPENDSGIR));
	GUEST_ASSERT_EQ(1, guest_mmio_read8(GIC_DIST_GPA + GICD_CPENDSGIR + 3));
	guest_mmio_write8(GIC_DIST_GPA + GICD_CPENDSGIR + 3, 2);
	GUEST_ASSERT_EQ(8, dist_rd(GICD_ISPENDR) & 0xffff);
	guest_mmio_write8(GIC_DIST_GPA + GICD_CPENDSGIR + 3, 1);
	GUEST_ASSERT_EQ(0, dist_rd(GICD_ISPENDR) & 0xffff);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());

	/* From others, although they did nothing: each comes once and says whose it is. */
	guest_mmio_write8(GIC_DIST_GPA + GICD_SPENDSGIR + 3, 6);
	for (unsigned int seen = 0; seen != 6; ) {
		GUEST_ASSERT_EQ(3, gic_ack());
		GUEST_ASSERT(!(seen >> gic_v2_sgi_source(3) & 1));
		seen |= 1u << gic_v2_sgi_source(3);
		GUEST_ASSERT_EQ(6 & ~seen, guest_mmio_read8(GIC_DIST_GPA + GICD_SPENDSGIR + 3));
		GUEST_ASSERT(gic_is_active(3));
		/* Its like does not come before it is ended. */
		GUEST_ASSERT_EQ(GIC_SPURIOUS, cpu_rd(GICC_IAR) & 0x3ff);
		gic_eoi(3);
	}
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	GUEST_ASSERT(!gic_is_active(3));

	/* The same one again, while it is active */
	gic_set_pending(3);
	GUEST_ASSERT_EQ(3, gic_ack());
	gic_set_pending(3);
	GUEST_ASSERT_EQ(1, guest_mmio_read8(GIC_DIST_GPA + GICD_SPENDSGIR + 3));
	gic_eoi(3);
	GUEST_ASSERT_EQ(3, gic_ack());
	GUEST_ASSERT_EQ(0, gic_v2_sgi_source(3));
	gic_eoi(3);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());

	/* Of another one, disabled, with the others' */
	guest_mmio_write8(GIC_DIST_GPA + GICD_SPENDSGIR + 4, 7);
	gic_disable(4);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	GUEST_ASSERT_EQ(7, guest_mmio_read8(GIC_DIST_GPA + GICD_SPENDSGIR + 4));
	gic_enable(4);
	for (int i = 0; i < 3; i++) {
		GUEST_ASSERT_EQ(4, gic_ack());
		gic_eoi(4);
	}
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

TEST(sgis_by_sender)
{
	run_guest(guest_own_sgis, 3);
}

static void guest_split_sgis(void)
{
	gic_guest_init();
	gic_enable(3);
	gic_set_split_eoi(true);
	guest_mmio_write8(GIC_DIST_GPA + GICD_SPENDSGIR + 3, 7);
	for (unsigned int seen = 0; seen != 7; ) {
		GUEST_ASSERT_EQ(3, gic_ack());
		seen |= 1u << gic_v2_sgi_source(3);
		gic_eoi(3);
		GUEST_ASSERT(gic_is_active(3));
		GUEST_ASSERT_EQ(0xff, gic_running_priority());
		GUEST_ASSERT_EQ(GIC_SPURIOUS, cpu_rd(GICC_IAR) & 0x3ff);
		gic_deactivate(3);
		GUEST_ASSERT_EQ(7 & ~seen, guest_mmio_read8(GIC_DIST_GPA + GICD_SPENDSGIR + 3));
	}
	GUEST_ASSERT(!gic_is_active(3));
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

TEST(sgis_by_sender_with_split_eoi)
{
	run_guest(guest_split_sgis, 3);
}

/* All send the same SGI while the receiver has interrupts masked. */

static void guest_receives(void)
{
	gic_guest_init();
	gic_enable(5);
	GUEST_WAIT_FOR(ready == CPUS - 1);
	go = 1;
	for (unsigned int seen = 1; seen != ALL_CPUS; ) {
		unsigned int intid = gic_ack();

		if (intid == GIC_SPURIOUS) {
			cpu_relax();
			continue;
		}
		GUEST_ASSERT_EQ(5, intid);
		GUEST_ASSERT(!(seen >> gic_v2_sgi_source(5) & 1));
		seen |= 1u << gic_v2_sgi_source(5);
		gic_eoi(5);
	}
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

static void guest_sends_once(void)
{
	gic_guest_init_cpu();
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	GUEST_WAIT_FOR(go);
	gic_send_sgi(0, 5);
}

TEST(each_senders_sgi_comes_once)
{
	run_all(guest_receives, guest_sends_once, CPUS);
}

/* Everybody to everybody, taken as interrupts: each sender waits until all have had it. */
#define ROUNDS	15

static __shared volatile uint64_t had[CPUS][CPUS];

static void sgi_handler(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	if (intid == 6)
		__atomic_fetch_add(&had[guest_cpu()->index][gic_v2_sgi_source(6)], 1, __ATOMIC_SEQ_CST);
	else
		strays++;
	gic_eoi(intid);
}

static void guest_all_to_all(void)
{
	uint64_t me = guest_cpu()->index;

	on_irq(sgi_handler);
	if (me == 0)
		gic_guest_init();
	else
		gic_guest_init_cpu();
	gic_enable(6);
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	irq_enable();
	GUEST_WAIT_FOR(ready == CPUS);
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		if (i % 3 == 0) {
			gic_send_sgi_others(6);
			gic_set_pending(6);
		} else {
			dist_wr(GICD_SGIR, ALL_CPUS << 16 | 6);
		}
		for (unsigned int to = 0; to < CPUS; to++)
			GUEST_WAIT_FOR(had[to][me] == i);
	}
	__atomic_fetch_add(&go, 1, __ATOMIC_SEQ_CST);
	GUEST_WAIT_FOR(go == CPUS);
}

TEST(eight_vcpus_to_each_other)
{
	memset((void *)had, 0, sizeof(had));
	run_all(guest_all_to_all, guest_all_to_all, CPUS);
	EXPECT_EQ(0, strays);
	for (int to = 0; to < CPUS; to++)
		for (int by = 0; by < CPUS; by++)
			EXPECT_EQ(ROUNDS, had[to][by]);
}

/* ---- Groups */

#define BOTH	(GICC_CTLR_GRP0 | GICC_CTLR_GRP1)

static __shared volatile uint64_t fiqs, fiq_intid;

static void fiq_handler(struct ex_regs *regs, uint64_t esr)
{
	fiq_intid = cpu_rd(GICC_IAR) & 0x3ff;
	cpu_wr(GICC_EOIR, fiq_intid);
	dsb(sy);
	fiqs++;
}

static void guest_groups(void)
{
	gic_guest_init();
	for (unsigned int i = 0; i < 2; i++) {
		gic_route(SPI + i, read_sysreg(mpidr_el1));
		gic_set_edge(SPI + i, true);
		gic_set_priority(SPI + i, 0x80);
		gic_enable(SPI + i);
	}
	dist_wr(GICD_IGROUPR + 4, 1u << (SPI + 1 - 32));
	GUEST_ASSERT_EQ(1u << (SPI + 1 - 32), dist_rd(GICD_IGROUPR + 4));
	dist_wr(GICD_CTLR, 3);
	cpu_wr(GICC_CTLR, BOTH);

	/*
	 * Without AckCtl group 0's registers only show that one of group 1 is there. That has registers of its own, which
	 * the CPU interface of an emulated host may lack: here it is acknowledged with AckCtl.
	 */
	gic_set_pending(SPI + 1);
	GUEST_WAIT_FOR(cpu_rd(GICC_HPPIR) == 1022);
	GUEST_ASSERT_EQ(1022, cpu_rd(GICC_IAR));
	GUEST_ASSERT(gic_is_pending(SPI + 1));
	cpu_wr(GICC_CTLR, BOTH | GICC_CTLR_ACKCTL);
	GUEST_ASSERT_EQ(BOTH | GICC_CTLR_ACKCTL, cpu_rd(GICC_CTLR));
	GUEST_ASSERT_EQ(SPI + 1, gic_ack());
	GUEST_ASSERT(gic_is_active(SPI + 1));
	gic_eoi(SPI + 1);
	GUEST_ASSERT(!gic_is_active(SPI + 1));

	gic_set_pending(SPI + 1);
	gic_set_pending(SPI);
	for (int i = 0; i < 2; i++) {
		uint32_t intid = gic_ack();

		GUEST_ASSERT(intid == SPI || intid == SPI + 1);
		gic_eoi(intid);
	}
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());

	/* Group 0 as FIQ, group 1 as IRQ */
	cpu_wr(GICC_CTLR, BOTH | GICC_CTLR_ACKCTL | GICC_CTLR_FIQEN);
	on_vector(VECTOR_FIQ, fiq_handler);
	gic_set_pending(SPI);
	GUEST_WAIT_FOR(read_sysreg(isr_el1) & 1 << 6);
	GUEST_ASSERT(!(read_sysreg(isr_el1) & 1 << 7));
	asm volatile("msr daifclr, #1" ::: "memory");
	GUEST_WAIT_FOR(fiqs == 1);
	asm volatile("msr daifset, #1" ::: "memory");
	GUEST_ASSERT_EQ(SPI, fiq_intid);
	gic_set_pending(SPI + 1);
	GUEST_WAIT_FOR(read_sysreg(isr_el1) & 1 << 7);
	GUEST_ASSERT(!(read_sysreg(isr_el1) & 1 << 6));
	GUEST_ASSERT_EQ(SPI + 1, gic_ack());
	gic_eoi(SPI + 1);

	/* Off in the distributor, one and the other */
	dist_wr(GICD_CTLR, 1);
	gic_set_pending(SPI + 1);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	dist_wr(GICD_CTLR, 2);
	GUEST_ASSERT_EQ(SPI + 1, gic_ack());
	gic_eoi(SPI + 1);
	gic_set_pending(SPI);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	dist_wr(GICD_CTLR, 3);
	GUEST_ASSERT_EQ(SPI, gic_ack());
	gic_eoi(SPI);
}

TEST(groups_and_fiq)
{
	fiqs = 0;
	run_guest(guest_groups, 2);
}

/* With more pending than there are list registers, one group must not shut the other out. */
#define MANY	20

static void take_many(unsigned int first)
{
	for (unsigned int got = 0; got < MANY; got++) {
		unsigned int intid;

		GUEST_WAIT_FOR((intid = gic_ack()) != GIC_SPURIOUS);
		GUEST_ASSERT(intid >= first && intid < first + MANY);
		gic_eoi(intid);
	}
}

static void guest_many_of_both(void)
{
	gic_guest_init();
	for (unsigned int i = 32; i < 32 + 2 * MANY; i++) {
		gic_route(i, read_sysreg(mpidr_el1));
		gic_set_edge(i, true);
		gic_set_priority(i, i < 32 + MANY ? 0x40 : 0xa0);
		gic_enable(i);
	}
	/* Group 0 is the one with the higher priorities, and off in the CPU interface. */
	dist_wr(GICD_IGROUPR + 4, ~((1u << MANY) - 1));
	dist_wr(GICD_IGROUPR + 8, ~0u);
	dist_wr(GICD_CTLR, 3);
	cpu_wr(GICC_CTLR, GICC_CTLR_GRP1 | GICC_CTLR_ACKCTL);
	for (unsigned int i = 32; i < 32 + 2 * MANY; i++)
		gic_set_pending(i);
	take_many(32 + MANY);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	cpu_wr(GICC_CTLR, BOTH | GICC_CTLR_ACKCTL);
	take_many(32);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

TEST(groups_do_not_block_each_other)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_many_of_both);
	int gic = gic_create(vm, 96);

	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

/* ---- Set up in the older way */

static void guest_takes_one(void)
{
	gic_guest_init();
	gic_enable(7);
	gic_send_sgi(read_sysreg(mpidr_el1), 7);
	GUEST_ASSERT_EQ(7, gic_ack());
	gic_eoi(7);
	gic_set_edge(SPI, false);
	gic_enable(SPI);
	GUEST_ASSERT_EQ(SPI, gic_ack());	/* the line has been high all the time */
	guest_sync(1);
	gic_eoi(SPI);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

TEST(irqchip_without_a_device)
{
	struct kvm_arm_device_addr dist = { .id = KVM_VGIC_V2_ADDR_TYPE_DIST, .addr = GIC_DIST_GPA };
	struct kvm_arm_device_addr cpu = { .id = KVM_VGIC_V2_ADDR_TYPE_CPU, .addr = GIC_CPU_GPA };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_takes_one);

	ASSERT_EQ(0, vm_ioctl(vm, KVM_CREATE_IRQCHIP, 0));
	gic_version = 2;
	gic_v2_map(vm);
	EXPECT_OK(vm_ioctl(vm, KVM_ARM_SET_DEVICE_ADDR, &dist));
	EXPECT_EQ(-ENXIO, vcpu_run_once(vcpu));
	EXPECT_OK(vm_ioctl(vm, KVM_ARM_SET_DEVICE_ADDR, &cpu));
	vm_irq_line(vm, IRQ_SPI(SPI), 1);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vm_irq_line(vm, IRQ_SPI(SPI), 0);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

/* A GICv2m's message is an edge of an SPI, which an irqfd may bring: GSI n by the routes that there are, or by others. */

static void guest_waits_for_messages(void)
{
	gic_guest_init();
	for (unsigned int i = SPI; i < SPI + 2; i++) {
		gic_route(i, read_sysreg(mpidr_el1));
		gic_set_edge(i, true);
		gic_enable(i);
	}
	guest_sync(0);
	GUEST_WAIT_FOR(gic_ack() == SPI);
	gic_eoi(SPI);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	guest_sync(1);
	GUEST_WAIT_FOR(gic_ack() == SPI + 1);
	gic_eoi(SPI + 1);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

TEST(messages_by_irqfd)
{
	struct kvm_irq_routing *table = calloc(1, sizeof(*table) + sizeof(table->entries[0]));
	struct kvm_irqfd irqfd = { .gsi = SPI - 32 };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_waits_for_messages);
	struct kvm_msi msi = { .address_lo = 0x08020040, .data = SPI };
	int gic = gic_create(vm, 64), fd = event_fd();
	uint64_t n = 1;

	irqfd.fd = fd;
	ASSERT_EQ(0, vm_ioctl(vm, KVM_IRQFD, &irqfd));
	EXPECT_EQ(0, vcpu_sync(vcpu));
	must(write(fd, &n, sizeof(n)));
	EXPECT_EQ(1, vcpu_sync(vcpu));

	table->nr = 1;
	table->entries[0] = (struct kvm_irq_routing_entry) {
		.gsi = SPI - 32, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip.pin = SPI + 1 - 32,
	};
	EXPECT_OK(vm_ioctl(vm, KVM_SET_GSI_ROUTING, table));
	must(write(fd, &n, sizeof(n)));
	vcpu_done(vcpu);

	/* As messages there is nobody to take them. */
	EXPECT_NE(0, vm_ioctl(vm, KVM_SIGNAL_MSI, &msi));
	table->entries[0].type = KVM_IRQ_ROUTING_MSI;
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_SET_GSI_ROUTING, table));
	EXPECT_EQ(0, vm_check(vm, KVM_CAP_MSI_DEVID));
	close(fd);
	close(gic);
	vm_destroy(vm);
	free(table);
}

/* ---- The CPU interface is memory of the host's that may be taken away and comes back. */

static void guest_keeps_its_interface(void)
{
	gic_guest_init();
	gic_enable(7);
	for (uint64_t i = 1; i <= 3; i++) {
		gic_send_sgi(read_sysreg(mpidr_el1), 7);
		GUEST_ASSERT_EQ(7, gic_ack());
		guest_sync(i);
		gic_eoi(7);
		GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	}
}

TEST(cpu_interface_outlives_slots)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_keeps_its_interface);
	int gic = gic_create(vm, 64);

	for (unsigned int i = 1; i <= 3; i++) {
		ASSERT_EQ(i, vcpu_sync(vcpu));
		vm_add_slot(vm, VM_SLOT_FREE, GIC_CPU_GPA & ~0xffffULL, 0x20000, i & 1 ? KVM_MEM_LOG_DIRTY_PAGES : 0);
		vm_delete_slot(vm, VM_SLOT_FREE);
	}
	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

/* ---- Save and restore */

#define NESTED	6

static void guest_is_moved(void)
{
	gic_guest_init();
	for (unsigned int i = 0; i < NESTED; i++) {
		gic_route(SPI + i, read_sysreg(mpidr_el1));
		gic_set_edge(SPI + i, i & 1);
		gic_set_priority(SPI + i, 0xe0 - 16 * i);
		gic_enable(SPI + i);
	}
	gic_set_priority(5, 0xf0);
	gic_enable(5);
	gic_set_binary_point(2);
	/* Each preempts the last; the first with a line, which the host raises. */
	for (unsigned int i = 0; i < NESTED; i++) {
		gic_set_pending(SPI + i);
		GUEST_ASSERT_EQ(SPI + i, gic_ack());
	}
	gic_set_pending(SPI + 1);
	guest_mmio_write8(GIC_DIST_GPA + GICD_SPENDSGIR + 5, 3);
	guest_sync(1);			/* here it is moved */
	GUEST_ASSERT_EQ(0xe0 - 16 * (NESTED - 1), gic_running_priority());
	GUEST_ASSERT_EQ(3, guest_mmio_read8(GIC_DIST_GPA + GICD_SPENDSGIR + 5));
	for (unsigned int i = NESTED; i-- > 0; ) {
		GUEST_ASSERT(gic_is_active(SPI + i));
		gic_eoi(SPI + i);
		GUEST_ASSERT(!gic_is_active(SPI + i));
		if (i == 1) {
			GUEST_ASSERT_EQ(SPI + 1, gic_ack());
			gic_eoi(SPI + 1);
		}
	}
	GUEST_ASSERT_EQ(0xff, gic_running_priority());
	for (unsigned int seen = 0; seen != 3; ) {
		GUEST_ASSERT_EQ(5, gic_ack());
		seen |= 1u << gic_v2_sgi_source(5);
		gic_eoi(5);
	}
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	GUEST_ASSERT_EQ(5, cpu_rd(GICC_BPR) + 3);
}

TEST(moved_between_two_vms)
{
	struct migrate *m;
	struct vm *vm;
	int gic;

	vm = vm_create();
	vcpu_add(vm, guest_is_moved);
	vcpu_add(vm, gic_guest_init_cpu);
	gic = gic_create(vm, 64);
	vcpu_done(vm->vcpu[1]);
	ASSERT_EQ(1, vcpu_sync(vm->vcpu[0]));
	m = migrate_save(vm, gic);
	close(gic);
	vm_destroy(vm);

	vm = vm_create();
	vcpu_add(vm, guest_is_moved);
	vcpu_add(vm, gic_guest_init_cpu);
	gic = gic_create(vm, 64);
	migrate_restore(m, vm, gic);
	m = migrate_save(vm, gic);
	EXPECT_EQ(0, migrate_compare_gic(m, vm, gic));
	vcpu_done(vm->vcpu[0]);
	close(gic);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
