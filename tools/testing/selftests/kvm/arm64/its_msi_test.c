// SPDX-License-Identifier: GPL-2.0
/*
 * Messages from user space: what KVM_SIGNAL_MSI answers, MSI routes and irqfds; every one arrives exactly once, also
 * while the guest moves its interrupts about and user space changes the routes.
 */
#include <stdlib.h>
#include <sys/eventfd.h>

#include "kvm_test.h"
#include "its.h"

REQUIRE_GICV3

#define DEVICE		0x10
#define EVENT_BITS	8
#define PRIORITY	0xa0
#define LPI(n)		(LPI_FIRST + (n))	/* of event n */
#define NR_LPIS		64
#define GSI		24

/* ---- Guest */

static __shared volatile uint64_t ready, stop, taken[NR_LPIS], strays;
static struct its_memory *its;
static struct lpi_memory *lpi;

static void handler(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	gic_eoi(intid);
	if (intid >= LPI(0) && intid < LPI(NR_LPIS))
		__atomic_fetch_add(&taken[intid - LPI(0)], 1, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_add(&strays, 1, __ATOMIC_SEQ_CST);
}

static void guest_init(uint64_t its_gva, uint64_t lpi_gva)
{
	its = (struct its_memory *)its_gva;
	lpi = (struct lpi_memory *)lpi_gva;
	gic_guest_init();
	its_guest_init(its);
}

/* One step after the other, for the host to try between them. */
static void guest_steps(uint64_t its_gva, uint64_t lpi_gva)
{
	guest_sync(0);				/* nothing set up */
	guest_init(its_gva, lpi_gva);
	/* Which INTIDs are LPIs is known. */
	lpi_guest_init_cpu(lpi);
	lpi_enable_cpu(false);
	guest_sync(1);				/* ITS enabled, device not mapped */
	its_mapd(its, DEVICE, its_itt_alloc(its, EVENT_BITS), EVENT_BITS);
	its_sync(its);
	guest_sync(2);				/* event not mapped */
	its_mapti(its, DEVICE, 1, LPI(1), 0);
	its_sync(its);
	guest_sync(3);				/* collection not mapped */
	its_mapc(its, 0, its_rdbase());
	its_sync(its);
	guest_sync(4);				/* LPIs disabled at the redistributor */
	lpi_enable_cpu(true);
	guest_sync(5);				/* this LPI disabled: pends */
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	lpi_configure(lpi, LPI(1), PRIORITY, true);
	its_inv(its, DEVICE, 1);
	its_sync(its);
	GUEST_ASSERT_EQ(LPI(1), gic_ack());
	gic_eoi(LPI(1));
	guest_sync(6);				/* all is well */
	GUEST_ASSERT_EQ(LPI(1), gic_ack());
	gic_eoi(LPI(1));
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
	its_enable(its, false);
	guest_sync(7);				/* ITS disabled */
	its_enable(its, true);
	its_discard(its, DEVICE, 1);
	its_sync(its);
	guest_sync(8);				/* event unmapped again */
	GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
}

static void guest_takes(void)
{
	on_irq(handler);
	irq_enable();
	while (!stop)
		cpu_relax();
}

/* vCPU 0 maps all events of the device, half of them to each vCPU. */
static void guest_maps(uint64_t its_gva, uint64_t lpi_gva, uint64_t nr_vcpus)
{
	guest_init(its_gva, lpi_gva);
	lpi_guest_init_cpu(lpi);
	if (nr_vcpus > 1)
		GUEST_WAIT_FOR(ready);
	for (uint64_t i = 0; i < nr_vcpus; i++)
		its_mapc(its, i, guest_mmio_read64(GIC_REDIST_GPA + i * GIC_REDIST_STRIDE + GICR_TYPER) >> 8 & 0xffff);
	its_mapd(its, DEVICE, its_itt_alloc(its, EVENT_BITS), EVENT_BITS);
	for (unsigned int e = 0; e < NR_LPIS; e++) {
		lpi_configure(lpi, LPI(e), PRIORITY, true);
		its_mapti(its, DEVICE, e, LPI(e), e % nr_vcpus);
	}
	its_sync(its);
	ready = 2;
}

static void guest_maps_and_takes(uint64_t its_gva, uint64_t lpi_gva, uint64_t nr_vcpus)
{
	guest_maps(its_gva, lpi_gva, nr_vcpus);
	guest_takes();
}

/* Moves every event from one vCPU to the other and back, in each way that there is. */
static void guest_maps_and_moves(uint64_t its_gva, uint64_t lpi_gva, uint64_t nr_vcpus)
{
	uint64_t rd[2], round = 0;

	guest_maps(its_gva, lpi_gva, nr_vcpus);
	for (int i = 0; i < 2; i++)
		rd[i] = guest_mmio_read64(GIC_REDIST_GPA + i * GIC_REDIST_STRIDE + GICR_TYPER) >> 8 & 0xffff;
	on_irq(handler);
	while (!stop) {
		irq_enable();
		switch (round++ % 4) {
		case 0:
			for (unsigned int e = 0; e < NR_LPIS; e++)
				its_movi(its, DEVICE, e, (e + round) & 1);
			break;
		case 1:
			its_mapc(its, 0, rd[round / 4 & 1]);
			its_mapc(its, 1, rd[~round / 4 & 1]);
			break;
		case 2:
			its_movall(its, rd[0], rd[1]);
			break;
		default:
			its_invall(its, 0);
			its_invall(its, 1);
		}
		its_sync(its);
		irq_disable();
	}
}

static void guest_second(uint64_t lpi_gva)
{
	gic_guest_init_cpu();
	lpi_guest_init_cpu((struct lpi_memory *)lpi_gva);
	ready = 1;
	guest_takes();
}

/* ---- Host */

FIXTURE(msi) {
	struct vm *vm;
	struct its_memory *its;
	struct lpi_memory *lpi;
	struct vcpu_thread thread[2];
	unsigned int running;
	int gic_fd, its_fd;
};

FIXTURE_SETUP(msi)
{
	if (!gic_v3_available() || !its_available())
		SKIP(return, "no ITS");
	ready = stop = strays = 0;
	memset((void *)taken, 0, sizeof(taken));
	self->vm = vm_create();
	self->its = its_memory(self->vm, &(struct its_params) { });
	self->lpi = lpi_memory(self->vm, 2);
	self->running = 0;
	self->gic_fd = self->its_fd = -1;
}

static void stop_guest(FIXTURE_DATA(msi) *self)
{
	stop = 1;
	while (self->running)
		vcpu_thread_join(&self->thread[--self->running]);
}

FIXTURE_TEARDOWN(msi)
{
	stop_guest(self);
	close(self->its_fd);
	close(self->gic_fd);
	vm_destroy(self->vm);
}

static void add_vcpus(FIXTURE_DATA(msi) *self, guest_fn fn, unsigned int nr)
{
	uint64_t its_gva = vm_gva_of(self->vm, self->its), lpi_gva = vm_gva_of(self->vm, self->lpi);

	vcpu_add_args(self->vm, fn, its_gva, lpi_gva, nr, 0);
	if (nr > 1)
		vcpu_add1(self->vm, guest_second, lpi_gva);
	self->gic_fd = gic_create(self->vm, 64);
	self->its_fd = its_create(self->vm, self->its->base);
}

#define RUN_GUEST(fn, nr) do {							\
	add_vcpus(self, (guest_fn)(fn), nr);					\
	for (; self->running < (nr); self->running++)				\
		vcpu_thread_start(&self->thread[self->running], self->vm->vcpu[self->running]); \
	ASSERT_TRUE(wait_until(ready == 2, 20000));				\
} while (0)

static int raw_msi(struct vm *vm, uint64_t address, uint32_t flags, uint32_t device, uint32_t event)
{
	struct kvm_msi msi = {
		.address_lo = address, .address_hi = address >> 32, .flags = flags, .devid = device, .data = event,
	};
	int ret = vm_ioctl(vm, KVM_SIGNAL_MSI, &msi);

	return ret < 0 ? -errno : ret;
}

TEST_F(msi, answers)
{
	uint64_t doorbell = self->its->base + GITS_TRANSLATER;
	struct vcpu *vcpu;

	add_vcpus(self, (guest_fn)guest_steps, 1);
	vcpu = self->vm->vcpu[0];
	for (uint64_t step = 0; step <= 8; step++) {
		/* Linux 6.12 says EBUSY where the ITS or the LPIs are disabled. */
		bool delivered = step == 5 || step == 6;

		ASSERT_EQ(step, vcpu_sync(vcpu));
		EXPECT_EQ(delivered, vm_signal_msi(self->vm, self->its->base, DEVICE, 1))
			TH_LOG("step %lu", (long)step);
		EXPECT_EQ(0, vm_signal_msi(self->vm, self->its->base, DEVICE, 2));
		EXPECT_EQ(0, vm_signal_msi(self->vm, self->its->base, DEVICE, 1 << EVENT_BITS));
		EXPECT_EQ(0, vm_signal_msi(self->vm, self->its->base, DEVICE, ~0u));
		EXPECT_EQ(0, vm_signal_msi(self->vm, self->its->base, DEVICE + 1, 1));
		EXPECT_EQ(0, vm_signal_msi(self->vm, self->its->base, ~0u, 1));
		EXPECT_EQ(-EINVAL, raw_msi(self->vm, doorbell, 0, DEVICE, 1));
		EXPECT_EQ(-EINVAL, raw_msi(self->vm, doorbell, KVM_MSI_VALID_DEVID | 2, DEVICE, 1));
		EXPECT_EQ(-EINVAL, raw_msi(self->vm, doorbell, ~0u, DEVICE, 1));
	}
	vcpu_done(vcpu);
}

static struct vm *changing;

static void *change_ioeventfd(void *arg)
{
	struct kvm_ioeventfd args = { .addr = VM_MMIO_GPA + GITS_TRANSLATER, .len = 4, .fd = event_fd() };

	while (!stop) {
		args.flags = 0;
		must(vm_ioctl(changing, KVM_IOEVENTFD, &args));
		args.flags = KVM_IOEVENTFD_FLAG_DEASSIGN;
		must(vm_ioctl(changing, KVM_IOEVENTFD, &args));
	}
	close(args.fd);
	return NULL;
}

/* HARDENING: doorbell_type. Only the ITS's doorbell is one, whatever else has an address, and comes and goes. */
TEST_F(msi, doorbell_type)
{
	static const uint64_t bad[] = {
		0, ~0ULL, GIC_DIST_GPA, GIC_DIST_GPA + GITS_TRANSLATER, GIC_REDIST_GPA + GITS_TRANSLATER,
		GIC_REDIST_GPA, VM_RAM_GPA, VM_MMIO_GPA,
	};
	struct vm *vm = vm_create_bare(0);
	pthread_t thread;
	int other;

	RUN_GUEST(guest_maps_and_takes, 1);
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_EQ(-EINVAL, raw_msi(self->vm, bad[i], KVM_MSI_VALID_DEVID, DEVICE, 0));
	/* High half of the address */
	EXPECT_EQ(-EINVAL, raw_msi(self->vm, self->its->base + GITS_TRANSLATER + (1ULL << 32), KVM_MSI_VALID_DEVID,
				   DEVICE, 0));
	/* The other ITS knows nothing of the device. */
	other = its_create_uninitialised(self->vm, its_gpa(1));
	EXPECT_EQ(0, vm_signal_msi(self->vm, its_gpa(1), DEVICE, 0));
	EXPECT_EQ(1, vm_signal_msi(self->vm, self->its->base, DEVICE, 0));
	EXPECT_TRUE(wait_until(taken[0] == 1, 5000));
	EXPECT_EQ(0, strays);
	close(other);

	/* Something else that is on the bus, at times */
	changing = self->vm;
	must(-pthread_create(&thread, NULL, change_ioeventfd, NULL));
	for (int i = 0; i < 500; i++) {
		ASSERT_EQ(-EINVAL, raw_msi(self->vm, VM_MMIO_GPA + GITS_TRANSLATER, KVM_MSI_VALID_DEVID, DEVICE, 0));
		ASSERT_EQ(1, vm_signal_msi(self->vm, self->its->base, DEVICE, 1));
	}
	stop_guest(self);
	pthread_join(thread, NULL);

	/* No ITS, no MSIs. */
	EXPECT_GT(0, vm_signal_msi(vm, its_gpa(0), DEVICE, 0));
	vm_destroy(vm);
}

static void msi_entry(struct kvm_irq_routing_entry *entry, uint64_t its_base, uint32_t gsi, uint32_t device,
		      uint32_t event)
{
	*entry = (struct kvm_irq_routing_entry) {
		.gsi = gsi, .type = KVM_IRQ_ROUTING_MSI, .flags = KVM_MSI_VALID_DEVID,
		.u.msi = {
			.address_lo = its_base + GITS_TRANSLATER, .address_hi = its_base >> 32,
			.data = event, .devid = device,
		},
	};
}

/* GSI + i is event from + i of the device, for n of them. */
static int route(FIXTURE_DATA(msi) *self, uint32_t from, uint32_t n)
{
	struct kvm_irq_routing *table = calloc(1, sizeof(*table) + n * sizeof(table->entries[0]));
	int ret;

	table->nr = n;
	for (uint32_t i = 0; i < n; i++)
		msi_entry(&table->entries[i], self->its->base, GSI + i, DEVICE, from + i);
	ret = vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, table);
	free(table);
	return ret;
}

static int irqfd(struct vm *vm, int fd, uint32_t gsi, uint32_t flags)
{
	struct kvm_irqfd args = { .fd = fd, .gsi = gsi, .flags = flags };

	return vm_ioctl(vm, KVM_IRQFD, &args);
}

static void signal_event(int fd)
{
	uint64_t one = 1;

	must(write(fd, &one, sizeof(one)));
}

static uint64_t total(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < NR_LPIS; i++)
		sum += taken[i];
	return sum;
}

TEST_F(msi, irqfds)
{
	int fd[NR_LPIS];

	RUN_GUEST(guest_maps_and_takes, 2);
	EXPECT_OK(route(self, 0, NR_LPIS));
	for (int i = 0; i < NR_LPIS; i++) {
		fd[i] = event_fd();
		EXPECT_OK(irqfd(self->vm, fd[i], GSI + i, 0));
	}
	for (uint64_t round = 1; round <= 20; round++) {
		for (int i = 0; i < NR_LPIS; i++)
			signal_event(fd[i]);
		for (int i = 0; i < NR_LPIS; i++) {
			bool all = wait_until(taken[i] == round, 5000);

			ASSERT_TRUE(all)
				TH_LOG("LPI %d not taken in round %lu", i, (unsigned long)round);
		}
	}
	/* The route of some goes elsewhere, others have none any more. */
	EXPECT_OK(route(self, 1, NR_LPIS / 2));
	signal_event(fd[0]);
	signal_event(fd[NR_LPIS - 1]);
	EXPECT_TRUE(wait_until(taken[1] == 21, 5000));
	/* Without a DeviceID, or a place that is no doorbell: a route that leads nowhere. */
	EXPECT_OK(irqfd(self->vm, fd[1], GSI + 1, KVM_IRQFD_FLAG_DEASSIGN));
	signal_event(fd[1]);
	usleep(20000);
	EXPECT_EQ(NR_LPIS * 20 + 1, total());
	EXPECT_EQ(0, strays);
	for (int i = 0; i < NR_LPIS; i++)
		close(fd[i]);
	usleep(20000);
	EXPECT_EQ(NR_LPIS * 20 + 1, total());
}

TEST_F(msi, routes_that_are_refused)
{
	struct kvm_irq_routing *table = calloc(1, sizeof(*table) + 2 * sizeof(table->entries[0]));
	int fd = event_fd();

	RUN_GUEST(guest_maps_and_takes, 1);
	table->nr = 2;
	/* Two messages for one GSI, or a message and a pin */
	msi_entry(&table->entries[0], self->its->base, GSI, DEVICE, 0);
	msi_entry(&table->entries[1], self->its->base, GSI, DEVICE, 1);
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, table));
	table->entries[1] = (struct kvm_irq_routing_entry) { .gsi = GSI, .type = KVM_IRQ_ROUTING_IRQCHIP };
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, table));
	msi_entry(&table->entries[1], self->its->base, GSI + 1, DEVICE, 1);
	table->entries[1].flags |= 2;
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, table));
	/* A route that names no sender, or no doorbell, can be there, but nothing comes of it. */
	table->entries[1].flags = 0;
	table->entries[0].u.msi.address_lo += 4;	/* Linux 6.12 takes any address in the ITS's frame */
	EXPECT_OK(vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, table));
	for (int i = 0; i < 2; i++) {
		EXPECT_OK(irqfd(self->vm, fd, GSI + i, 0));
		signal_event(fd);
		EXPECT_OK(irqfd(self->vm, fd, GSI + i, KVM_IRQFD_FLAG_DEASSIGN));
	}
	/* Pins beside messages */
	table->entries[0] = (struct kvm_irq_routing_entry) { .gsi = GSI, .type = KVM_IRQ_ROUTING_IRQCHIP };
	msi_entry(&table->entries[1], self->its->base, GSI + 1, DEVICE, 1);
	EXPECT_OK(vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, table));
	EXPECT_OK(irqfd(self->vm, fd, GSI + 1, 0));
	signal_event(fd);
	EXPECT_TRUE(wait_until(taken[1] == 1, 5000));
	EXPECT_EQ(1, total());
	EXPECT_EQ(0, strays);
	close(fd);
	free(table);
}

/* ---- Under traffic: who sends waits until it has arrived, so each counts. */

struct sender {
	pthread_t thread;
	struct vm *vm;
	uint64_t base;
	unsigned int event;
	int fd;			/* or -1: KVM_SIGNAL_MSI */
	uint64_t sent;
	bool lost;
};

static void *send_and_count(void *arg)
{
	struct sender *s = arg;

	while (!stop && !s->lost) {
		if (s->fd >= 0)
			signal_event(s->fd);
		else if (vm_signal_msi(s->vm, s->base, DEVICE, s->event) != 1)
			s->lost = true;
		s->sent++;
		/* After the end nobody takes it any more. */
		while (!stop && taken[s->event] < s->sent)
			usleep(50);
	}
	return NULL;
}

#define SENDERS	4

static void traffic(struct __test_metadata *_metadata, FIXTURE_DATA(msi) *self,
		    void (*disturb)(FIXTURE_DATA(msi) *self))
{
	struct sender sender[SENDERS] = { };
	uint64_t before[SENDERS];

	EXPECT_OK(route(self, 0, NR_LPIS));
	for (int i = 0; i < SENDERS; i++) {
		sender[i] = (struct sender) { .vm = self->vm, .base = self->its->base, .event = i, .fd = -1 };
		if (i & 1) {
			sender[i].fd = event_fd();
			EXPECT_OK(irqfd(self->vm, sender[i].fd, GSI + i, 0));
		}
		must(-pthread_create(&sender[i].thread, NULL, send_and_count, &sender[i]));
	}
	for (int i = 0; i < 20; i++) {
		for (int j = 0; j < SENDERS; j++)
			before[j] = taken[j];
		if (disturb)
			disturb(self);
		/* All go on, so none was lost. */
		for (int j = 0; j < SENDERS; j++) {
			ASSERT_TRUE(wait_until(taken[j] > before[j] + 2, 10000))
				TH_LOG("LPI %d: sent %lu, taken %lu", j, (unsigned long)sender[j].sent,
				       (unsigned long)taken[j]);
		}
	}
	stop_guest(self);
	for (int i = 0; i < SENDERS; i++) {
		pthread_join(sender[i].thread, NULL);
		EXPECT_FALSE(sender[i].lost);
		/* None was invented. */
		EXPECT_LE(taken[i], sender[i].sent);
		EXPECT_GE(taken[i] + 1, sender[i].sent);
		if (sender[i].fd >= 0)
			close(sender[i].fd);
	}
	for (int i = SENDERS; i < NR_LPIS; i++)
		EXPECT_EQ(0, taken[i]);
	EXPECT_EQ(0, strays);
}

static void set_routes(FIXTURE_DATA(msi) *self)
{
	route(self, 0, NR_LPIS);
	route(self, 0, SENDERS);
}

TEST_F(msi, traffic)
{
	RUN_GUEST(guest_maps_and_takes, 2);
	traffic(_metadata, self, NULL);
}

TEST_F(msi, traffic_while_routes_change)
{
	RUN_GUEST(guest_maps_and_takes, 2);
	traffic(_metadata, self, set_routes);
}

TEST_F(msi, traffic_while_interrupts_move)
{
	RUN_GUEST(guest_maps_and_moves, 2);
	traffic(_metadata, self, set_routes);
}

/* irqfds whose file, or whose VM, goes while they are signalled */
static void *signal_until_stop(void *arg)
{
	while (!stop)
		signal_event(*(int *)arg);
	return NULL;
}

TEST_F(msi, end_under_traffic)
{
	int fd = event_fd(), copy = dup(fd);
	pthread_t thread;

	RUN_GUEST(guest_maps_and_takes, 2);
	EXPECT_OK(route(self, 0, NR_LPIS));
	must(-pthread_create(&thread, NULL, signal_until_stop, &copy));
	for (int i = 0; i < 50; i++) {
		EXPECT_OK(irqfd(self->vm, fd, GSI + i % NR_LPIS, 0));
		EXPECT_OK(irqfd(self->vm, fd, GSI + i % NR_LPIS, KVM_IRQFD_FLAG_DEASSIGN));
	}
	EXPECT_OK(irqfd(self->vm, fd, GSI, 0));
	ASSERT_TRUE(wait_until(taken[0], 5000));
	/* The VM goes with its vCPUs' threads, the ITS and its irqfd still there; who signals does not notice. */
	stop = 1;
	while (self->running)
		vcpu_thread_join(&self->thread[--self->running]);
	pthread_join(thread, NULL);
	stop = 0;
	must(-pthread_create(&thread, NULL, signal_until_stop, &copy));
	close(self->its_fd);
	close(self->gic_fd);
	vm_destroy(self->vm);
	usleep(1000);
	stop = 1;
	pthread_join(thread, NULL);
	close(copy);
	close(fd);
	self->vm = vm_create_bare(0);
	self->its_fd = self->gic_fd = -1;
}

TEST_HARNESS_MAIN
