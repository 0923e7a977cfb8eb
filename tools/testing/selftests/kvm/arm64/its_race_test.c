// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that changes an ITS, at the same time: commands of several vCPUs at random, redistributors that enable
 * and disable LPIs and invalidate, messages and irqfds, routes, and, whenever the vCPUs are stopped, save, reset and
 * restore. Afterwards every interrupt still arrives, once, and nothing else does.
 *
 * What goes wrong on the way is for the kernel's own checks to find: run it with KASAN, lockdep and the like.
 */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>

#include "kvm_test.h"
#include "its.h"

REQUIRE_GICV3

#define VCPUS		3
#define ITSS		2
#define DEVICES		4
#define EVENTS		16		/* of each device */
#define EVENT_BITS	4
#define COLLECTIONS	4
#define LPIS		24		/* fewer than events: they are shared, also between the ITSs */
#define PRIORITY	0xa0
#define GSI		32
/* The longer on a kernel that checks itself */
#define SECONDS		2
#define SECONDS_CHECKED	6

enum phase { RACE, HALT, CHECK, END };

static __shared volatile uint64_t phase, halted, up, taken[LPIS], strays, checked;
static __shared uint64_t itt[ITSS][DEVICES];
static struct its_memory *its[ITSS];
static struct lpi_memory *lpi;

static void handler(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid == GIC_SPURIOUS)
		return;
	if (intid >= LPI_FIRST && intid < LPI_FIRST + LPIS)
		__atomic_fetch_add(&taken[intid - LPI_FIRST], 1, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_add(&strays, 1, __ATOMIC_SEQ_CST);
	gic_eoi(intid);
}

static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed % below;
}

static uint64_t redist(unsigned int n)
{
	return GIC_REDIST_GPA + n * GIC_REDIST_STRIDE;
}

static uint64_t rdbase(unsigned int n)
{
	return guest_mmio_read64(redist(n) + GICR_TYPER) >> 8 & 0xffff;
}

static void random_command(uint64_t *seed)
{
	unsigned int n = draw(seed, ITSS), d = draw(seed, DEVICES), e = draw(seed, EVENTS + 2);
	unsigned int icid = draw(seed, COLLECTIONS), id = LPI_FIRST + draw(seed, LPIS);
	uint64_t a = draw(seed, VCPUS + 1), b = draw(seed, VCPUS + 1);

	switch (draw(seed, 20)) {
	case 0:
		its_mapd(its[n], d, itt[n][d], EVENT_BITS);
		break;
	case 1:
		its_unmapd(its[n], d);
		break;
	case 2:
		its_unmapc(its[n], icid);
		break;
	case 3:
	case 4:
		its_mapc(its[n], icid, a);
		break;
	case 5:
		its_movall(its[n], a, b);
		break;
	case 6:
		its_invall(its[n], icid);
		break;
	case 7:
		its_clear(its[n], d, e);
		break;
	case 8:
	case 9:
		its_discard(its[n], d, e);
		break;
	case 10:
	case 11:
		its_movi(its[n], d, e, icid);
		break;
	case 12:
		lpi_configure(lpi, id, PRIORITY - 0x20 * draw(seed, 4), draw(seed, 4));
		its_inv(its[n], d, e);
		break;
	case 13:
	case 14:
	case 15:
		its_int(its[n], d, e);
		break;
	default:
		its_mapti(its[n], d, e, id, icid);
	}
}

static void random_redist(uint64_t *seed)
{
	uint64_t r = redist(draw(seed, VCPUS));

	switch (draw(seed, 4)) {
	case 0:
		guest_mmio_write32(r + GICR_CTLR, 0);
		break;
	case 1:
		guest_mmio_write64(r + GICR_INVALLR, 0);
		break;
	case 2:
		guest_mmio_write64(r + GICR_INVLPIR, LPI_FIRST - 2 + draw(seed, LPIS + 4));
		break;
	}
	guest_mmio_write32(r + GICR_CTLR, GICR_CTLR_ENABLE_LPIS);
}

/* Until the host wants to see the result. */
static void race(uint64_t seed)
{
	uint64_t i = 0;

	while (phase == RACE) {
		random_command(&seed);
		if (++i % 8 == 0)
			its_kick(its[draw(&seed, ITSS)]);
		if (draw(&seed, 64) == 0)
			random_redist(&seed);
	}
	__atomic_fetch_add(&halted, 1, __ATOMIC_SEQ_CST);
}

static void guest_idles(void)
{
	while (phase != END)
		cpu_relax();
}

static void setup_cpu(uint64_t lpi_gva)
{
	lpi = (struct lpi_memory *)lpi_gva;
	on_irq(handler);
	gic_guest_init_cpu();
	lpi_guest_init_cpu(lpi);
	/*
	 * Whoever races may enable LPIs at any redistributor, and a pending table that has
	 * no address by then never gets one: all of them come first.
	 */
	__atomic_fetch_add(&up, 1, __ATOMIC_SEQ_CST);
	GUEST_WAIT_FOR(up == VCPUS);
	irq_enable();
}

static void guest_other(uint64_t lpi_gva, uint64_t its_gva, uint64_t its2_gva, uint64_t seed)
{
	its[0] = (struct its_memory *)its_gva;
	its[1] = (struct its_memory *)its2_gva;
	GUEST_WAIT_FOR(up);
	setup_cpu(lpi_gva);
	race(seed);
	guest_idles();
}

static void forget_all(void)
{
	for (int n = 0; n < ITSS; n++) {
		for (int d = 0; d < DEVICES; d++)
			its_unmapd(its[n], d);
		for (int c = 0; c < COLLECTIONS; c++)
			its_unmapc(its[n], c);
		its_sync(its[n]);
	}
}

/* Nobody else does anything now. */
static void check(void)
{
	uint64_t before;
	bool left[LPIS];

	for (int i = 0; i < VCPUS; i++)
		guest_mmio_write32(redist(i) + GICR_CTLR, GICR_CTLR_ENABLE_LPIS);
	forget_all();
	guest_delay_us(2000);
	for (int i = 0; i < LPIS; i++) {
		lpi_configure(lpi, LPI_FIRST + i, PRIORITY, true);
		WRITE_ONCE(taken[i], 0);
	}
	/*
	 * What was pending at the unmapping is not any more. But a bit may be left in the table
	 * of a redistributor whose LPIs were disabled then: nobody writes there on its behalf,
	 * and it is the LPI's pending state when that comes to be mapped there.
	 */
	for (int n = 0; n < ITSS; n++) {
		for (int c = 0; c < VCPUS; c++)
			its_mapc(its[n], c, rdbase(c));
		for (int d = 0; d < 2; d++) {
			its_mapd(its[n], d, itt[n][d], EVENT_BITS);
			for (int e = n; e < LPIS / 2; e += ITSS) {
				int i = d * LPIS / 2 + e;

				left[i] = lpi_pending_bit(lpi, e % VCPUS, LPI_FIRST + i);
				its_mapti(its[n], d, e, LPI_FIRST + i, e % VCPUS);
			}
		}
		its_sync(its[n]);
	}
	for (int i = 0; i < LPIS; i++)
		if (left[i])
			GUEST_WAIT_FOR(taken[i]);
	guest_delay_us(2000);
	for (int i = 0; i < LPIS; i++) {
		GUEST_ASSERT_EQ(left[i], taken[i]);
		GUEST_ASSERT(!lpi_pending_bit(lpi, i % (LPIS / 2) % VCPUS, LPI_FIRST + i));
		WRITE_ONCE(taken[i], 0);
	}
	for (uint64_t round = 1; round <= 20; round++) {
		for (int i = 0; i < LPIS; i++) {
			int n = i % (LPIS / 2) % ITSS;

			its_int(its[n], i / (LPIS / 2), i % (LPIS / 2));
			its_sync(its[n]);
			GUEST_WAIT_FOR(taken[i] == round);
		}
	}
	before = taken[0];
	guest_delay_us(2000);
	for (int i = 0; i < LPIS; i++)
		GUEST_ASSERT_EQ(before, taken[i]);
	GUEST_ASSERT_EQ(0, strays);
}

static void guest_first(uint64_t lpi_gva, uint64_t its_gva, uint64_t its2_gva, uint64_t seed)
{
	its[0] = (struct its_memory *)its_gva;
	its[1] = (struct its_memory *)its2_gva;
	gic_guest_init();
	for (int n = 0; n < ITSS; n++) {
		its_guest_init(its[n]);
		for (int d = 0; d < DEVICES; d++)
			itt[n][d] = its_itt_alloc(its[n], EVENT_BITS);
	}
	setup_cpu(lpi_gva);
	race(seed);
	GUEST_WAIT_FOR(halted == VCPUS);
	while (phase == HALT)
		cpu_relax();
	check();
	checked = 1;
	guest_idles();
}

/* ---- Host */

FIXTURE(its_race) {
	struct vm *vm;
	struct its_memory *mem[ITSS];
	struct lpi_memory *lpi;
	struct vcpu_thread thread[VCPUS];
	pthread_t sender[4];
	int gic, its[ITSS];
	bool running;
};

static struct vm *sender_vm;

FIXTURE_SETUP(its_race)
{
	uint64_t seed = time(NULL) | 1;

	if (!gic_v3_available() || !its_available())
		SKIP(return, "no ITS");
	TH_LOG("seed %lu", (unsigned long)seed);
	phase = RACE;
	halted = up = strays = checked = 0;
	self->running = false;
	self->vm = sender_vm = vm_create();
	self->lpi = lpi_memory(self->vm, VCPUS);
	for (int i = 0; i < ITSS; i++)
		self->mem[i] = its_memory(self->vm, &(struct its_params) { .gpa = its_gpa(i) });
	for (int i = 0; i < VCPUS; i++)
		vcpu_add_args(self->vm, i ? guest_other : guest_first, vm_gva_of(self->vm, self->lpi),
			      vm_gva_of(self->vm, self->mem[0]), vm_gva_of(self->vm, self->mem[1]), seed + 2 * i);
	self->gic = gic_create(self->vm, 64);
	for (int i = 0; i < ITSS; i++)
		self->its[i] = its_create(self->vm, self->mem[i]->base);
}

FIXTURE_TEARDOWN(its_race)
{
	for (int i = 0; i < ITSS; i++)
		close(self->its[i]);
	close(self->gic);
	vm_destroy(self->vm);
}

static void start_vcpus(FIXTURE_DATA(its_race) *self)
{
	for (int i = 0; i < VCPUS; i++)
		vcpu_thread_start(&self->thread[i], self->vm->vcpu[i]);
	self->running = true;
}

static void stop_vcpus(FIXTURE_DATA(its_race) *self)
{
	for (int i = 0; i < VCPUS; i++)
		vcpu_thread_stop(&self->thread[i]);
	self->running = false;
}

static void *send_msis(void *arg)
{
	unsigned int seed = (unsigned long)arg;

	while (phase == RACE)
		vm_signal_msi(sender_vm, its_gpa(rand_r(&seed) % ITSS), rand_r(&seed) % (DEVICES + 1),
			      rand_r(&seed) % (EVENTS + 2));
	return NULL;
}

static void set_routes(struct vm *vm, unsigned int *seed)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[8];
	} table = { .head.nr = 8 };

	for (int i = 0; i < 8; i++)
		table.entry[i] = (struct kvm_irq_routing_entry) {
			.gsi = GSI + i, .type = KVM_IRQ_ROUTING_MSI, .flags = KVM_MSI_VALID_DEVID,
			.u.msi = {
				.address_lo = its_gpa(rand_r(seed) % ITSS) + GITS_TRANSLATER,
				.devid = rand_r(seed) % DEVICES, .data = rand_r(seed) % EVENTS,
			},
		};
	must(vm_ioctl(vm, KVM_SET_GSI_ROUTING, &table));
}

static void *change_routes(void *arg)
{
	unsigned int seed = (unsigned long)arg;

	while (phase == RACE)
		set_routes(sender_vm, &seed);
	return NULL;
}

/* Assigned, signalled and deassigned or closed */
static void *use_irqfds(void *arg)
{
	unsigned int seed = (unsigned long)arg;
	uint64_t one = 1;

	while (phase == RACE) {
		struct kvm_irqfd args = { .fd = event_fd(), .gsi = GSI + rand_r(&seed) % 8 };

		must(vm_ioctl(sender_vm, KVM_IRQFD, &args));
		for (int i = 0; i < 20; i++)
			must(write(args.fd, &one, sizeof(one)));
		args.flags = KVM_IRQFD_FLAG_DEASSIGN;
		if (rand_r(&seed) & 1)
			must(vm_ioctl(sender_vm, KVM_IRQFD, &args));
		close(args.fd);
	}
	return NULL;
}

static void start_senders(FIXTURE_DATA(its_race) *self)
{
	static void *(*const fn[])(void *) = { send_msis, send_msis, use_irqfds, change_routes };
	unsigned int seed = 1;

	set_routes(self->vm, &seed);
	for (int i = 0; i < 4; i++)
		must(-pthread_create(&self->sender[i], NULL, fn[i], (void *)(i + 1UL)));
}

static void stop_senders(FIXTURE_DATA(its_race) *self)
{
	for (int i = 0; i < 4; i++)
		pthread_join(self->sender[i], NULL);
}

/* What a VMM does to an ITS that it saves, resets, and restores; the order is the ABI's. */
static void save_and_restore(struct __test_metadata *_metadata, int its)
{
	static const uint32_t regs[] = {
		GITS_CBASER, GITS_BASER, GITS_BASER + 8, GITS_CREADR, GITS_CWRITER, GITS_CTLR,
	};
	uint64_t value[6];

	EXPECT_OK(its_save_tables(its));
	for (int i = 0; i < 6; i++)
		must(its_reg_get(its, regs[i], &value[i]));
	EXPECT_OK(its_reset(its));
	for (int i = 0; i < 5; i++)
		must(its_reg_set(its, regs[i], value[i]));
	EXPECT_OK(its_restore_tables(its));
	must(its_reg_set(its, regs[5], value[5]));
}

TEST_F_TIMEOUT(its_race, everything_at_once, 120)
{
	time_t end = time(NULL) + (kernel_checks_itself() ? SECONDS_CHECKED : SECONDS);
	unsigned int turn = 0;

	start_vcpus(self);
	ASSERT_TRUE(wait_until(up == VCPUS, 10000));
	start_senders(self);
	while (time(NULL) < end) {
		usleep(50000);
		/* While they run it is refused, and does no harm. */
		its_reset(self->its[0]);
		stop_vcpus(self);
		switch (turn++ % 3) {
		case 0:
			save_and_restore(_metadata, self->its[0]);
			break;
		case 1:
			EXPECT_OK(gic_save_pending_tables(self->gic));
			save_and_restore(_metadata, self->its[1]);
			break;
		default:
			EXPECT_OK(gic_save_pending_tables(self->gic));
		}
		start_vcpus(self);
	}
	phase = HALT;
	stop_senders(self);
	ASSERT_TRUE(wait_until(halted == VCPUS, 20000));
	phase = CHECK;
	ASSERT_TRUE(wait_until(checked, 60000));
	phase = END;
	for (int i = 0; i < VCPUS; i++)
		vcpu_thread_join(&self->thread[i]);
	EXPECT_EQ(0, strays);
	TH_LOG("%u stops", turn);
}

/* The VM goes in the middle of it: pending interrupts, a queue half done, senders at work. */
TEST_F_TIMEOUT(its_race, end, 120)
{
	start_vcpus(self);
	ASSERT_TRUE(wait_until(up == VCPUS, 10000));
	start_senders(self);
	usleep(300000);
	stop_vcpus(self);
	usleep(100000);
	phase = HALT;
	stop_senders(self);
}

TEST_HARNESS_MAIN
