// SPDX-License-Identifier: GPL-2.0
/*
 * A guest with an ITS moves from one VM to the next, and on, while other threads send messages: by ioctl and by
 * irqfds, also while its vCPUs have been stopped for the move. Meanwhile the guest triggers events by INT and moves
 * them between its vCPUs. Each message arrives exactly once, in this VM or in one of the next.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kvm_test.h"
#include "its.h"
#include "state.h"

REQUIRE_GICV3

#define CPUS		2
#define MOVES		6
#define EVENTS		12		/* of each device */
#define EVENT_BITS	5
#define PRIORITY	0xa0
#define GSI		40

/* Who sends a device's events */
enum { BY_IOCTL, BY_IRQFD, BY_GUEST, DEVICES };

#define NR_LPIS		(DEVICES * EVENTS)
#define DEVICE(d)	(0x10 + (d))
#define LPI(d, e)	(LPI_FIRST + (d) * EVENTS + (e))

/* ---- Guest */

static __shared volatile uint64_t taken[NR_LPIS], by[CPUS], strays, cpus_ready, mapped, finish, quiet, over;
static __shared volatile uint64_t int_sent[EVENTS];

static void take(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	gic_eoi(intid);
	if (intid >= LPI_FIRST && intid < LPI_FIRST + NR_LPIS) {
		__atomic_fetch_add(&by[guest_cpu()->index], 1, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&taken[intid - LPI_FIRST], 1, __ATOMIC_SEQ_CST);
	} else {
		__atomic_fetch_add(&strays, 1, __ATOMIC_SEQ_CST);
	}
}

static void guest_map(struct its_memory *its, struct lpi_memory *lpi)
{
	for (unsigned int d = 0; d < DEVICES; d++) {
		its_mapd(its, DEVICE(d), its_itt_alloc(its, EVENT_BITS), EVENT_BITS);
		for (unsigned int e = 0; e < EVENTS; e++) {
			lpi_configure(lpi, LPI(d, e), PRIORITY, true);
			its_mapti(its, DEVICE(d), e, LPI(d, e), (d + e) % CPUS);
		}
	}
	its_sync(its);
}

static void guest(struct its_memory *its, struct lpi_memory *lpi)
{
	unsigned int cpu = guest_cpu()->index;

	on_irq(take);
	if (cpu == 0) {
		gic_guest_init();
		its_guest_init(its);
		cpus_ready = 1;
	} else {
		GUEST_WAIT_FOR(cpus_ready == cpu);
		gic_guest_init_cpu();
	}
	lpi_guest_init_cpu(lpi);
	its_mapc(its, cpu, its_rdbase());
	its_sync(its);
	if (cpu == 0) {
		GUEST_WAIT_FOR(cpus_ready == CPUS);
		guest_map(its, lpi);
		mapped = 1;
	} else {
		cpus_ready = cpu + 1;
	}
	irq_enable();
	for (uint64_t n = cpu; !finish; n += CPUS) {
		unsigned int e = n / CPUS % EVENTS, d = n / CPUS / EVENTS % DEVICES;

		/* One vCPU moves events, the other triggers those that have arrived. */
		if (!mapped) {
			cpu_relax();
		} else if (cpu == 0) {
			its_movi(its, DEVICE(d), e, n / CPUS / EVENTS / DEVICES % CPUS);
			its_sync(its);
		} else if (taken[LPI(BY_GUEST, e) - LPI_FIRST] == int_sent[e]) {
			int_sent[e]++;
			its_int(its, DEVICE(BY_GUEST), e);
			its_sync(its);
		}
	}
	__atomic_fetch_add(&quiet, 1, __ATOMIC_SEQ_CST);
	while (!over)
		cpu_relax();
	irq_disable();
}

/* ---- A machine that can be made anew */

struct machine {
	struct vm *vm;
	struct its_memory *mem;
	struct state_devices devices;
	struct vcpu_thread t[CPUS];
};

static int event[EVENTS];		/* eventfds; they stay when VMs go */

static void machine_create(struct machine *m)
{
	struct lpi_memory *lpi;

	*m = (struct machine) { .vm = vm_create() };
	m->mem = its_memory(m->vm, &(struct its_params) { .devices = 8192, .collections = 64 });
	lpi = lpi_memory(m->vm, CPUS);
	for (unsigned int i = 0; i < CPUS; i++)
		vcpu_add2(m->vm, guest, vm_gva_of(m->vm, m->mem), vm_gva_of(m->vm, lpi));
	m->devices.gic = gic_create(m->vm, 64);
	m->devices.its[0] = its_create(m->vm, its_gpa(0));
	m->devices.nr_its = 1;
}

static void machine_destroy(struct machine *m)
{
	close(m->devices.its[0]);
	close(m->devices.gic);
	vm_destroy(m->vm);
}

static void machine_irqfds(struct machine *m, uint32_t flags)
{
	struct kvm_irq_routing *table = calloc(1, sizeof(*table) + EVENTS * sizeof(table->entries[0]));

	table->nr = EVENTS;
	for (unsigned int e = 0; e < EVENTS; e++)
		table->entries[e] = (struct kvm_irq_routing_entry) {
			.gsi = GSI + e, .type = KVM_IRQ_ROUTING_MSI, .flags = KVM_MSI_VALID_DEVID,
			.u.msi = {
				.address_lo = its_gpa(0) + GITS_TRANSLATER, .address_hi = its_gpa(0) >> 32,
				.data = e, .devid = DEVICE(BY_IRQFD),
			},
		};
	if (!(flags & KVM_IRQFD_FLAG_DEASSIGN))
		must(vm_ioctl(m->vm, KVM_SET_GSI_ROUTING, table));
	free(table);
	for (unsigned int e = 0; e < EVENTS; e++) {
		struct kvm_irqfd args = { .fd = event[e], .gsi = GSI + e, .flags = flags };

		must(vm_ioctl(m->vm, KVM_IRQFD, &args));
	}
}

static void machine_run(struct machine *m)
{
	for (unsigned int i = 0; i < CPUS; i++)
		vcpu_thread_start(&m->t[i], m->vm->vcpu[i]);
}

/* ---- Senders: each event anew when it has arrived, so that each counts */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;	/* held while there is no VM to send to by ioctl */
static struct vm *volatile target;
static volatile uint64_t sent[2][EVENTS], rounds[2];
static volatile bool no_more;

static void *send_by_ioctl(void *arg)
{
	while (!no_more) {
		pthread_mutex_lock(&gate);
		for (unsigned int e = 0; e < EVENTS; e++) {
			int ret;

			if (taken[LPI(BY_IOCTL, e) - LPI_FIRST] != sent[BY_IOCTL][e])
				continue;
			sent[BY_IOCTL][e]++;
			ret = vm_signal_msi(target, its_gpa(0), DEVICE(BY_IOCTL), e);
			if (ret != 1)
				test_fail("event %u: KVM_SIGNAL_MSI returned %d", e, ret);
		}
		rounds[BY_IOCTL]++;
		pthread_mutex_unlock(&gate);
		usleep(200);
	}
	return NULL;
}

/* Without regard to whether there is a VM: an eventfd keeps what nobody has taken. */
static void *send_by_irqfd(void *arg)
{
	const uint64_t one = 1;

	while (!no_more) {
		for (unsigned int e = 0; e < EVENTS; e++) {
			if (taken[LPI(BY_IRQFD, e) - LPI_FIRST] != sent[BY_IRQFD][e])
				continue;
			sent[BY_IRQFD][e]++;
			must(write(event[e], &one, sizeof(one)));
		}
		rounds[BY_IRQFD]++;
		usleep(200);
	}
	return NULL;
}

/* Every event has been taken more often than @than says, if that is not NULL; or as often as it was sent. */
static bool all_taken(const uint64_t *than)
{
	for (unsigned int d = 0; d < DEVICES; d++)
		for (unsigned int e = 0; e < EVENTS; e++) {
			unsigned int n = d * EVENTS + e;

			if (than ? taken[n] <= than[n] : taken[n] != (d == BY_GUEST ? int_sent[e] : sent[d][e]))
				return false;
		}
	return true;
}

static void report_lost(const uint64_t *than)
{
	for (unsigned int n = 0; n < NR_LPIS; n++)
		printf("# device %u, event %u: taken %lu, sent %lu\n", n / EVENTS, n % EVENTS, (unsigned long)taken[n],
		       (unsigned long)(n / EVENTS == BY_GUEST ? int_sent[n % EVENTS] : sent[n / EVENTS][n % EVENTS]));
	test_fail("a message is lost%s", than ? "" : ", or came twice");
}

/* What has not come after a minute is lost. */
static void wait_for_all(struct machine *m, const uint64_t *than)
{
	time_t until = time(NULL) + 60;

	while (!all_taken(than)) {
		if (time(NULL) > until)
			report_lost(than);
		for (unsigned int i = 0; i < CPUS; i++)
			if (m->t[i].error)
				test_fail("vCPU %u: %d", i, m->t[i].error);
		usleep(500);
	}
}

/* All senders have gone over their events since this was called. */
static void wait_for_senders(void)
{
	uint64_t from[2] = { rounds[0], rounds[1] };

	for (unsigned int i = 0; i < 2; i++)
		while (rounds[i] < from[i] + 2)
			usleep(200);
}

FIXTURE(its) {
	struct machine m;
	FILE *file;
};

FIXTURE_SETUP(its)
{
	if (!its_available())
		SKIP(return, "no ITS");
	for (unsigned int e = 0; e < EVENTS; e++)
		event[e] = event_fd();
	self->file = tmpfile();
	ASSERT_NE(NULL, self->file);
}

FIXTURE_TEARDOWN(its)
{
}

TEST_F_TIMEOUT(its, moves_under_load, 240)
{
	struct machine *m = &self->m;
	uint64_t before[NR_LPIS];
	pthread_t t[2];

	machine_create(m);
	target = m->vm;
	machine_irqfds(m, 0);
	machine_run(m);
	while (!mapped && !m->t[0].error)
		usleep(500);
	pthread_create(&t[0], NULL, send_by_ioctl, NULL);
	pthread_create(&t[1], NULL, send_by_irqfd, NULL);

	for (unsigned int n = 0; n < MOVES; n++) {
		/* All of it works on this side. */
		memcpy(before, (void *)taken, sizeof(before));
		wait_for_all(m, before);

		for (unsigned int i = 0; i < CPUS; i++)
			vcpu_thread_stop(&m->t[i]);
		ASSERT_EQ(0, m->t[0].error | m->t[1].error);
		/* At times nothing is taken from here on, and all that is sent has to be in the tables. */
		if (n % 2)
			wait_for_senders();
		machine_irqfds(m, KVM_IRQFD_FLAG_DEASSIGN);
		pthread_mutex_lock(&gate);
		rewind(self->file);
		state_save(self->file, m->vm, &m->devices);
		machine_destroy(m);

		machine_create(m);
		rewind(self->file);
		state_restore(self->file, m->vm, &m->devices);
		target = m->vm;
		pthread_mutex_unlock(&gate);
		machine_irqfds(m, 0);
		/* ... or before anything runs here. */
		if (n % 3 == 1)
			wait_for_senders();
		machine_run(m);
	}
	memcpy(before, (void *)taken, sizeof(before));
	wait_for_all(m, before);
	no_more = true;
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	finish = 1;
	while (quiet != CPUS && !m->t[0].error && !m->t[1].error)
		usleep(500);
	wait_for_all(m, NULL);
	EXPECT_TRUE(all_taken(NULL));
	EXPECT_EQ(0, strays);
	EXPECT_LT(0, by[0]);
	EXPECT_LT(0, by[1]);
	over = 1;
	for (unsigned int i = 0; i < CPUS; i++)
		vcpu_thread_join(&m->t[i]);
	/* Nor was any taken twice in the end. */
	EXPECT_TRUE(all_taken(NULL));
	machine_destroy(m);
}

TEST_HARNESS_MAIN
