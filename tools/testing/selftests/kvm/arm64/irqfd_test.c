// SPDX-License-Identifier: GPL-2.0
/* KVM_IRQFD and KVM_SET_GSI_ROUTING: eventfds that raise SPIs, resampling, and what ends an irqfd. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "kvm_test.h"
#include "gic.h"

#define GSI	8
#define SPI	(GIC_SPI + GSI)		/* without a routing table GSI n is pin n is SPI n */

static __shared volatile uint64_t taken[4], ready, stop;

static int irqfd(struct vm *vm, int fd, uint32_t gsi, uint32_t flags, int resamplefd)
{
	struct kvm_irqfd args = { .fd = fd, .gsi = gsi, .flags = flags, .resamplefd = resamplefd };

	return vm_ioctl(vm, KVM_IRQFD, &args);
}

static int assign(struct vm *vm, int fd)
{
	return irqfd(vm, fd, GSI, 0, 0);
}

static int deassign(struct vm *vm, int fd)
{
	return irqfd(vm, fd, GSI, KVM_IRQFD_FLAG_DEASSIGN, 0);
}

/* GSI from + i is pin to + i, for n of them; nothing else is routed. */
static int route(struct vm *vm, uint32_t from, uint32_t to, uint32_t n)
{
	struct kvm_irq_routing *table = calloc(1, sizeof(*table) + n * sizeof(table->entries[0]));
	int ret;

	table->nr = n;
	for (uint32_t i = 0; i < n; i++) {
		table->entries[i].gsi = from + i;
		table->entries[i].type = KVM_IRQ_ROUTING_IRQCHIP;
		table->entries[i].u.irqchip.pin = to + i;
	}
	ret = vm_ioctl(vm, KVM_SET_GSI_ROUTING, table);
	free(table);
	return ret;
}

static void signal_event(int fd)
{
	uint64_t one = 1;

	must(write(fd, &one, sizeof(one)));
}

static void handler(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	gic_eoi(intid);
	__atomic_fetch_add(&taken[intid - SPI], 1, __ATOMIC_SEQ_CST);
}

/* Counts SPI and the two after it until the host stops it. */
static void guest_counts(void)
{
	on_irq(handler);
	gic_guest_init();
	for (unsigned int intid = SPI; intid < SPI + 3; intid++) {
		gic_route(intid, read_sysreg(mpidr_el1));
		gic_set_edge(intid, true);
		gic_enable(intid);
	}
	ready = 1;
	irq_enable();
	while (!stop)
		cpu_relax();
}

FIXTURE(irqfd) {
	struct vm *vm;
	struct vcpu *vcpu;
	struct vcpu_thread thread;
	int gic, fd;
	bool runs;
};

FIXTURE_SETUP(irqfd)
{
	if (!gic_available())
		SKIP(return, "no GIC");
	memset((void *)taken, 0, sizeof(taken));
	ready = stop = 0;
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, guest_counts);
	self->gic = gic_create(self->vm, 64);
	self->fd = event_fd();
}

FIXTURE_TEARDOWN(irqfd)
{
	if (self->runs) {
		stop = 1;
		vcpu_thread_join(&self->thread);
	}
	close(self->fd);
	close(self->gic);
	vm_destroy(self->vm);
}

#define RUN_GUEST() do {						\
	vcpu_thread_start(&self->thread, self->vcpu);			\
	self->runs = true;						\
	ASSERT_TRUE(wait_until(ready, 5000));				\
} while (0)

#define EXPECT_TAKEN(n, count) \
	EXPECT_TRUE(wait_until(taken[n] == (count), 5000)) TH_LOG("taken %lu", (unsigned long)taken[n])

TEST_F(irqfd, raises_its_spi)
{
	RUN_GUEST();
	EXPECT_OK(assign(self->vm, self->fd));
	for (uint64_t i = 1; i <= 50; i++) {
		signal_event(self->fd);
		ASSERT_TRUE(wait_until(taken[0] == i, 5000));
	}
	EXPECT_EQ(0, event_count(self->fd));	/* the irqfd has taken it */
	EXPECT_EQ(0, taken[1] + taken[2]);
}

TEST_F(irqfd, signal_before_assignment_counts)
{
	RUN_GUEST();
	signal_event(self->fd);
	EXPECT_OK(assign(self->vm, self->fd));
	EXPECT_TAKEN(0, 1);
}

TEST_F(irqfd, deassigned_one_raises_nothing)
{
	RUN_GUEST();
	EXPECT_OK(assign(self->vm, self->fd));
	signal_event(self->fd);
	EXPECT_TAKEN(0, 1);
	/* Only that pair of eventfd and GSI. */
	EXPECT_OK(irqfd(self->vm, self->fd, GSI + 1, KVM_IRQFD_FLAG_DEASSIGN, 0));
	signal_event(self->fd);
	EXPECT_TAKEN(0, 2);
	EXPECT_OK(deassign(self->vm, self->fd));
	signal_event(self->fd);
	usleep(20000);
	EXPECT_EQ(2, taken[0]);
	EXPECT_EQ(1, event_count(self->fd));
	EXPECT_OK(deassign(self->vm, self->fd));
	EXPECT_OK(assign(self->vm, self->fd));
	signal_event(self->fd);
	EXPECT_TAKEN(0, 3);
}

TEST_F(irqfd, arguments)
{
	int file = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct vm *vm = vm_create();

	EXPECT_ERRNO(EINVAL, irqfd(self->vm, self->fd, GSI, 1u << 2, 0));
	EXPECT_ERRNO(EINVAL, irqfd(self->vm, self->fd, GSI, 1u << 31, 0));
	EXPECT_ERRNO(EBADF, irqfd(self->vm, -1, GSI, 0, 0));
	EXPECT_ERRNO(EINVAL, irqfd(self->vm, file, GSI, 0, 0));
	EXPECT_ERRNO(EBADF, irqfd(self->vm, self->fd, GSI, KVM_IRQFD_FLAG_RESAMPLE, -1));
	EXPECT_ERRNO(EINVAL, irqfd(self->vm, self->fd, GSI, KVM_IRQFD_FLAG_RESAMPLE, file));
	EXPECT_ERRNO(EBADF, irqfd(self->vm, -1, GSI, KVM_IRQFD_FLAG_DEASSIGN, 0));
	EXPECT_OK(assign(self->vm, self->fd));
	EXPECT_ERRNO(EBUSY, assign(self->vm, self->fd));
	EXPECT_ERRNO(EBUSY, irqfd(self->vm, self->fd, GSI + 1, 0, 0));
	/* Nothing to raise it in. */
	EXPECT_ERRNO(EAGAIN, assign(vm, event_fd()));
	vm_destroy(vm);
	close(file);
}

TEST_F(irqfd, closing_the_eventfd_ends_it)
{
	int fd = event_fd(), copy = dup(fd);

	RUN_GUEST();
	EXPECT_OK(assign(self->vm, fd));
	close(fd);
	signal_event(copy);
	EXPECT_TAKEN(0, 1);
	close(copy);
	/* The GSI is free for another; the first one's remains are not in its way. */
	EXPECT_OK(assign(self->vm, self->fd));
	signal_event(self->fd);
	EXPECT_TAKEN(0, 2);
}

TEST_F(irqfd, eventfd_outlives_the_vm)
{
	EXPECT_OK(assign(self->vm, self->fd));
	close(self->gic);
	vm_destroy(self->vm);
	signal_event(self->fd);
	EXPECT_EQ(1, event_count(self->fd));
	self->vm = vm_create();
	self->gic = -1;
}

TEST_F(irqfd, routes)
{
	int other = event_fd();

	RUN_GUEST();
	EXPECT_OK(assign(self->vm, self->fd));
	EXPECT_OK(route(self->vm, GSI, GSI + 1, 1));
	signal_event(self->fd);
	EXPECT_TAKEN(1, 1);
	EXPECT_EQ(0, taken[0]);

	/* Assigned after the table was set. */
	EXPECT_OK(irqfd(self->vm, other, GSI + 1, 0, 0));
	signal_event(other);
	usleep(20000);
	EXPECT_EQ(1, taken[0] + taken[1] + taken[2]);
	EXPECT_OK(route(self->vm, GSI + 1, GSI + 2, 1));
	signal_event(other);
	EXPECT_TAKEN(2, 1);

	/* No route, no interrupt; the event is taken all the same. */
	EXPECT_OK(route(self->vm, 0, 0, 0));
	signal_event(self->fd);
	usleep(20000);
	EXPECT_EQ(2, taken[0] + taken[1] + taken[2]);
	EXPECT_EQ(0, event_count(self->fd));

	/* GSIs are numbers of the VMM's choice, up to the limit that the capability says. */
	EXPECT_OK(route(self->vm, kvm_check(KVM_CAP_IRQ_ROUTING) - 1, GSI, 1));
	EXPECT_ERRNO(EINVAL, route(self->vm, kvm_check(KVM_CAP_IRQ_ROUTING), GSI, 1));
	close(other);
}

TEST_F(irqfd, routing_arguments)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[2];
	} t = { .head.nr = 1, .entry = { { .gsi = GSI, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip.pin = GSI } } };

	EXPECT_OK(vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, &t));
	t.head.flags = 1;
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, &t));
	t.head.flags = 0;
	t.entry[0].flags = 1;
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, &t));
	t.entry[0].flags = 0;
	t.entry[0].type = 99;
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, &t));
	t.entry[0].type = KVM_IRQ_ROUTING_IRQCHIP;
	t.entry[0].u.irqchip.irqchip = 1;
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, &t));
	t.entry[0].u.irqchip.irqchip = 0;
	t.entry[0].u.irqchip.pin = 1020 - 32;
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, &t));
	t.entry[0].u.irqchip.pin = GSI;
	t.entry[1] = t.entry[0];
	t.head.nr = 2;
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, &t));
	t.head.nr = 1u << 31;
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, &t));
	EXPECT_ERRNO(EFAULT, vm_ioctl(self->vm, KVM_SET_GSI_ROUTING, (void *)8));
}

/* ------------------------------------------------------------------------------------------ Resampling */

static void guest_level(void)
{
	gic_guest_init();
	gic_route(SPI, read_sysreg(mpidr_el1));
	gic_set_edge(SPI, false);
	gic_enable(SPI);
	for (;;) {
		guest_sync(1);			/* the host signals, or stops it */
		if (stop)
			return;
		GUEST_ASSERT_EQ(SPI, gic_ack());
		guest_sync(2);			/* active: nobody is told yet */
		gic_eoi(SPI);
		GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());	/* the line is low */
	}
}

FIXTURE(resample) {
	struct vm *vm;
	struct vcpu *vcpu;
	int gic, fd[2], ended[2];
};

FIXTURE_SETUP(resample)
{
	if (!gic_available())
		SKIP(return, "no GICv3");
	REQUIRE_CAP(KVM_CAP_IRQFD_RESAMPLE);
	stop = 0;
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, guest_level);
	self->gic = gic_create(self->vm, 64);
	for (int i = 0; i < 2; i++) {
		self->fd[i] = event_fd();
		self->ended[i] = event_fd();
		ASSERT_EQ(0, irqfd(self->vm, self->fd[i], GSI, KVM_IRQFD_FLAG_RESAMPLE, self->ended[i]));
	}
	ASSERT_EQ(1, vcpu_sync(self->vcpu));
}

FIXTURE_TEARDOWN(resample)
{
	for (int i = 0; i < 2; i++) {
		close(self->fd[i]);
		close(self->ended[i]);
	}
	close(self->gic);
	vm_destroy(self->vm);
}

TEST_F(resample, tells_all_when_the_guest_ends_it)
{
	for (int i = 0; i < 20; i++) {
		signal_event(self->fd[i & 1]);
		ASSERT_EQ(2, vcpu_sync(self->vcpu));
		EXPECT_EQ(0, event_count(self->ended[0]));
		ASSERT_EQ(1, vcpu_sync(self->vcpu));
		EXPECT_EQ(1, event_count(self->ended[0]));
		EXPECT_EQ(1, event_count(self->ended[1]));
	}
	stop = 1;
	vcpu_done(self->vcpu);
}

TEST_F(resample, one_may_leave)
{
	EXPECT_OK(deassign(self->vm, self->fd[0]));
	signal_event(self->fd[1]);
	ASSERT_EQ(2, vcpu_sync(self->vcpu));
	ASSERT_EQ(1, vcpu_sync(self->vcpu));
	EXPECT_EQ(0, event_count(self->ended[0]));
	EXPECT_EQ(1, event_count(self->ended[1]));
}

/* The levels of SPIs 32 to 63. A GICv2 has no attribute for that: what is pending, of these, is what is asserted. */
static uint32_t lines_of(struct vcpu *vcpu, int gic)
{
	uint32_t lines;

	if (gic_is_v2())
		must(gic_v2_get(gic, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_ISPENDR + 4, &lines));
	else
		must(gic_level_get(gic, vcpu_mpidr(vcpu), 32, &lines));
	return lines;
}

TEST_F(resample, last_one_lowers_the_line)
{
	signal_event(self->fd[0]);
	EXPECT_EQ(1u << GSI, lines_of(self->vcpu, self->gic));
	EXPECT_OK(deassign(self->vm, self->fd[0]));
	EXPECT_OK(deassign(self->vm, self->fd[1]));
	EXPECT_EQ(0, lines_of(self->vcpu, self->gic));
	stop = 1;
	vcpu_done(self->vcpu);
}

/* --------------------------------------------------------------------------------------------- Under load */

static volatile bool quiet;

static void *signaller(void *arg)
{
	int *fds = arg;

	/* Blocking writes end at once: nobody lets a counter come near its limit. */
	for (unsigned int i = 0; !quiet; i++)
		signal_event(fds[i % 4]);
	return NULL;
}

/* CVE-2026-23198, CVE-2024-26976: irqfds come, change and go while their eventfds are signalled. */
TEST_F(irqfd, irqfd_deassign)
{
	int fds[4], end = event_fd();
	pthread_t t[2];

	for (int i = 0; i < 4; i++)
		fds[i] = event_fd();
	RUN_GUEST();
	quiet = false;
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, signaller, fds);

	for (int round = 0; round < 60; round++) {
		for (int i = 0; i < 4; i++)
			EXPECT_OK(irqfd(self->vm, fds[i], GSI + i % 2, i == 3 ? KVM_IRQFD_FLAG_RESAMPLE : 0, end));
		EXPECT_OK(route(self->vm, GSI, GSI + round % 2, 2));
		EXPECT_OK(route(self->vm, 0, 0, round % 3));
		EXPECT_OK(route(self->vm, GSI, GSI, 2));
		for (int i = 0; i < 4; i++)
			EXPECT_OK(irqfd(self->vm, fds[i], GSI + i % 2, KVM_IRQFD_FLAG_DEASSIGN, 0));
	}
	EXPECT_GT(taken[0], 0);
	quiet = true;
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	close(end);
}

/* The VM goes while its irqfds are signalled, and while eventfds are closed. */
TEST(work_vs_module)
{
	int fds[4], closing[16];
	pthread_t t;

	if (!gic_available())
		SKIP(return, "no GICv3");
	for (int i = 0; i < 4; i++)
		fds[i] = event_fd();
	quiet = false;
	pthread_create(&t, NULL, signaller, fds);

	for (int round = 0; round < 20; round++) {
		struct vm *vm = vm_create();
		int gic;

		vcpu_add(vm, guest_counts);
		gic = gic_create(vm, 64);
		for (int i = 0; i < 4; i++)
			ASSERT_EQ(0, irqfd(vm, fds[i], GSI + i, 0, 0));
		for (int i = 0; i < 16; i++) {
			closing[i] = event_fd();
			ASSERT_EQ(0, irqfd(vm, closing[i], GSI, i & 1 ? KVM_IRQFD_FLAG_RESAMPLE : 0, fds[0]));
		}
		for (int i = 0; i < 16; i++)
			close(closing[i]);
		close(gic);
		vm_destroy(vm);
	}
	quiet = true;
	pthread_join(t, NULL);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
}

TEST_HARNESS_MAIN
