// SPDX-License-Identifier: GPL-2.0
/*
 * LPIs at the redistributor: configuration and its invalidation, pending tables, EnableLPIs; and that what takes an
 * LPI away from a vCPU takes it away at once, although that vCPU runs and has it before its eyes.
 *
 * Guests keep interrupts masked and look with gic_ack(), so that each step's outcome is known.
 */
#include "kvm_test.h"
#include "its.h"

REQUIRE_GICV3

#define DEVICE		7
#define EVENT_BITS	8
#define LPI(n)		(LPI_FIRST + (n))	/* of event n */
#define PRIORITY	0xa0
#define NONE		GIC_SPURIOUS

/* ---- The guest's side of all tests */

static struct its_memory *its;
static struct lpi_memory *lpi;

static void map(unsigned int event, unsigned int icid)
{
	lpi_configure(lpi, LPI(event), PRIORITY, true);
	its_mapti(its, DEVICE, event, LPI(event), icid);
}

static void guest_init(uint64_t its_gva, uint64_t lpi_gva)
{
	its = (struct its_memory *)its_gva;
	lpi = (struct lpi_memory *)lpi_gva;
	gic_guest_init();
	its_guest_init(its);
	its_mapc(its, 0, its_rdbase());
	its_mapd(its, DEVICE, its_itt_alloc(its, EVENT_BITS), EVENT_BITS);
	its_sync(its);
}

static void send(unsigned int event)
{
	its_int(its, DEVICE, event);
	its_sync(its);
}

/* The best pending interrupt is taken, and it is this one (or none). */
#define EXPECT_ACK(want) do {					\
	unsigned int acked_ = gic_ack();				\
								\
	GUEST_ASSERT_EQ(want, acked_);				\
	if (acked_ != NONE)					\
		gic_eoi(acked_);					\
} while (0)

/* ---- One vCPU */

static void guest_configuration(uint64_t its_gva, uint64_t lpi_gva)
{
	guest_init(its_gva, lpi_gva);
	lpi_guest_init_cpu(lpi);
	for (unsigned int e = 0; e < 8; e++)
		map(e, 0);
	its_sync(its);

	EXPECT_ACK(NONE);
	send(3);
	send(1);
	send(1);
	EXPECT_ACK(LPI(3));
	EXPECT_ACK(LPI(1));
	EXPECT_ACK(NONE);

	/* What the table says counts after an invalidation, each kind of which does it. */
	for (int how = 0; how < 4; how++) {
		for (int on = 0; on < 2; on++) {
			lpi_configure(lpi, LPI(2), PRIORITY, on);
			switch (how) {
			case 0:
				its_inv(its, DEVICE, 2);
				break;
			case 1:
				its_invall(its, 0);
				break;
			case 2:
				lpi_inv(LPI(2));
				break;
			default:
				lpi_inv_all();
			}
			its_sync(its);
			if (!on) {
				/* Becomes pending and waits. */
				send(2);
				EXPECT_ACK(NONE);
			}
		}
		EXPECT_ACK(LPI(2));
		EXPECT_ACK(NONE);
	}

	/* Priorities, also of what is pending already */
	send(4);
	send(5);
	lpi_configure(lpi, LPI(5), PRIORITY - 0x20, true);
	its_inv(its, DEVICE, 5);
	its_sync(its);
	EXPECT_ACK(LPI(5));
	EXPECT_ACK(LPI(4));
	/* The mask hides what is not above it. */
	write_sysreg(icc_pmr_el1, PRIORITY);
	isb();
	send(4);
	send(5);
	EXPECT_ACK(LPI(5));
	EXPECT_ACK(NONE);
	write_sysreg(icc_pmr_el1, 0xff);
	isb();
	EXPECT_ACK(LPI(4));

	/* What ends the pending state */
	send(6);
	its_clear(its, DEVICE, 6);
	send(7);
	its_discard(its, DEVICE, 7);
	its_sync(its);
	EXPECT_ACK(NONE);
	map(7, 0);
	its_sync(its);
	EXPECT_ACK(NONE);
}

/* Direct invalidation reads the configuration of LPIs, and of nothing else whatever there is where its byte would be. */
static void guest_invlpir(uint64_t its_gva, uint64_t lpi_gva)
{
	static const unsigned int others[] = { 3, 20, 40 };	/* an SGI, a PPI, an SPI */

	guest_init(its_gva, lpi_gva);
	lpi_guest_init_cpu(lpi);
	map(1, 0);
	its_sync(its);
	for (int i = 0; i < 3; i++) {
		gic_set_priority(others[i], PRIORITY);
		gic_enable(others[i]);
	}
	for (unsigned int id = 0; id < 2048; id++)
		lpi_inv(id);
	lpi_inv(LPI_FIRST - 1);
	lpi_inv(LPI(200));
	lpi_inv(LPI_END - 1);
	lpi_inv(LPI_END);
	lpi_inv(~0u);
	for (int i = 0; i < 3; i++) {
		GUEST_ASSERT_EQ(PRIORITY, gic_priority(others[i]));
		GUEST_ASSERT(gic_is_enabled(others[i]));
	}
	EXPECT_ACK(NONE);
	send(1);
	EXPECT_ACK(LPI(1));
}

static void guest_many(uint64_t its_gva, uint64_t lpi_gva)
{
	unsigned int n = 1u << EVENT_BITS;

	guest_init(its_gva, lpi_gva);
	lpi_guest_init_cpu(lpi);
	/* Spread over the table, from its end to its beginning */
	for (unsigned int e = 0; e < n; e++) {
		lpi_configure(lpi, LPI_END - 1 - 200 * e, PRIORITY, false);
		its_mapti(its, DEVICE, e, LPI_END - 1 - 200 * e, 0);
	}
	its_sync(its);
	for (unsigned int e = 0; e < n; e++) {
		send(e);
		EXPECT_ACK(NONE);
		lpi_configure(lpi, LPI_END - 1 - 200 * e, e & 1 ? 0x80 : 0x40, e % 4 < 2);
	}
	its_invall(its, 0);
	its_sync(its);
	/* First those of priority 0x40 in the order in which they came, then the others. */
	for (unsigned int e = 0; e < n; e += 4)
		EXPECT_ACK(LPI_END - 1 - 200 * e);
	for (unsigned int e = 1; e < n; e += 4)
		EXPECT_ACK(LPI_END - 1 - 200 * e);
	EXPECT_ACK(NONE);
}

static void set_pending_bit(unsigned int cpu, unsigned int intid)
{
	volatile uint8_t *table = (uint8_t *)(lpi->pending + cpu * LPI_PENDING_STRIDE);

	table[intid / 8] |= 1 << intid % 8;
	dsb(ishst);
}

static void guest_pending_table(uint64_t its_gva, uint64_t lpi_gva)
{
	uint64_t r = gic_this_redist();

	guest_init(its_gva, lpi_gva);
	lpi = (struct lpi_memory *)lpi_gva;
	/* The tables have an address and LPIs are off: nothing comes, nothing is kept. */
	guest_mmio_write64(r + GICR_PROPBASER, lpi->config | GICR_BASER_RAWAWB | GICR_BASER_SHARED |
			   (lpi->id_bits - 1));
	map(0, 0);
	map(1, 0);
	map(2, 0);
	its_sync(its);
	send(0);
	EXPECT_ACK(NONE);

	/* What is in the table is pending when LPIs are enabled; no LPI has a bit in its first KiB. */
	set_pending_bit(0, LPI(1));
	set_pending_bit(0, LPI(60));
	set_pending_bit(0, 100);
	lpi_guest_init_cpu(lpi);
	EXPECT_ACK(LPI(1));
	EXPECT_ACK(NONE);
	/* That of an LPI that nothing names waits in the table until something does, and is used up then. */
	GUEST_ASSERT(lpi_pending_bit(lpi, 0, LPI(60)));
	map(60, 0);
	its_sync(its);
	EXPECT_ACK(LPI(60));
	GUEST_ASSERT(!lpi_pending_bit(lpi, 0, LPI(60)));
	its_discard(its, DEVICE, 60);
	map(60, 0);
	its_sync(its);
	EXPECT_ACK(NONE);

	for (int i = 0; i < 3; i++) {
		/* Off: they go to the table, ... */
		send(0);
		send(2);
		lpi_enable_cpu(false);
		EXPECT_ACK(NONE);
		GUEST_ASSERT(lpi_pending_bit(lpi, 0, LPI(0)));
		GUEST_ASSERT(!lpi_pending_bit(lpi, 0, LPI(1)));
		GUEST_ASSERT(lpi_pending_bit(lpi, 0, LPI(2)));
		/* ... others are lost, ... */
		send(1);
		EXPECT_ACK(NONE);
		/* ... what software does to the table counts, and so does what it configures meanwhile. */
		set_pending_bit(0, LPI(60));
		lpi_configure(lpi, LPI(2), PRIORITY - 0x20, true);
		lpi_enable_cpu(true);
		EXPECT_ACK(LPI(2));
		EXPECT_ACK(LPI(0));
		EXPECT_ACK(LPI(60));
		EXPECT_ACK(NONE);
		lpi_configure(lpi, LPI(2), PRIORITY, true);
		its_invall(its, 0);
		its_sync(its);
	}

	/* A table that is all zeroes, says the guest: it need not be read. */
	lpi_enable_cpu(false);
	guest_mmio_write64(r + GICR_PENDBASER, lpi->pending | GICR_BASER_RAWAWB | GICR_BASER_SHARED |
			   GICR_PENDBASER_PTZ);
	GUEST_ASSERT_EQ(0, guest_mmio_read64(r + GICR_PENDBASER) & GICR_PENDBASER_PTZ);
	lpi_enable_cpu(true);
	EXPECT_ACK(NONE);
	/* Once: the next time the table holds what was pending. */
	send(1);
	lpi_enable_cpu(false);
	lpi_enable_cpu(true);
	EXPECT_ACK(LPI(1));
	EXPECT_ACK(NONE);
}

static void guest_id_bits(uint64_t its_gva, uint64_t lpi_gva)
{
	guest_init(its_gva, lpi_gva);
	lpi->id_bits = 14;
	lpi_guest_init_cpu(lpi);
	for (int i = 0; i < 3; i++) {
		static const unsigned int intid[] = { 8192, 16383, 16384 };

		lpi_configure(lpi, intid[i], PRIORITY, true);
		its_mapti(its, DEVICE, i, intid[i], 0);
		send(i);
		EXPECT_ACK(i < 2 ? intid[i] : NONE);
	}
	/* Fixed while LPIs are enabled */
	guest_mmio_write64(gic_this_redist() + GICR_PROPBASER, 0);
	guest_mmio_write64(gic_this_redist() + GICR_PENDBASER, 0);
	GUEST_ASSERT_NE(0, guest_mmio_read64(gic_this_redist() + GICR_PROPBASER));
	GUEST_ASSERT_EQ(lpi->pending, guest_mmio_read64(gic_this_redist() + GICR_PENDBASER) & 0xffffffff0000);
	/* Fewer than 14 bits: no LPIs at all */
	lpi_enable_cpu(false);
	lpi->id_bits = 13;
	lpi_guest_init_cpu(lpi);
	its_discard(its, DEVICE, 0);
	its_mapti(its, DEVICE, 0, 8192, 0);
	send(0);
	EXPECT_ACK(NONE);
}

/* Tables that are not in memory: LPIs stay disabled, and nothing is written. */
static void guest_no_tables(uint64_t its_gva, uint64_t lpi_gva)
{
	struct lpi_memory nowhere = { .config = 0x30000000, .pending = 0x31000000, .id_bits = 16 };

	guest_init(its_gva, lpi_gva);
	for (int i = 0; i < 2; i++) {
		lpi_guest_init_cpu(&nowhere);
		its_mapti(its, DEVICE, 0, LPI(0), 0);
		send(0);
		its_inv(its, DEVICE, 0);
		its_invall(its, 0);
		its_sync(its);
		lpi_inv(LPI(0));
		lpi_inv_all();
		EXPECT_ACK(NONE);
		lpi_enable_cpu(false);
	}
	lpi_configure(lpi, LPI(0), PRIORITY, true);
	lpi_guest_init_cpu(lpi);
	send(0);
	EXPECT_ACK(LPI(0));
}

/* ---- Two vCPUs: number 1 runs with the LPI in its CPU interface while number 0 takes it away. */

static __shared volatile uint64_t look, looked, seen, stop;

static void guest_looks(uint64_t lpi_gva)
{
	uint64_t turn = 0;

	gic_guest_init_cpu();
	lpi_guest_init_cpu((struct lpi_memory *)lpi_gva);
	looked = 1;
	while (!stop) {
		if (look == turn) {
			cpu_relax();
			continue;
		}
		turn = look;
		seen = gic_ack();
		if (seen != NONE)
			gic_eoi(seen);
		dsb(ish);
		looked = turn + 1;
	}
}

static unsigned int other_sees(void)
{
	look++;
	GUEST_WAIT_FOR(looked == look + 1);
	return seen;
}

/* It is not in a trap and has had the time to see what is pending. */
static void other_runs(void)
{
	guest_delay_us(200);
}

enum taking { MOVI, MAPC, MOVALL, UNMAPC, DISCARD, CLEAR, INV, INVLPIR, UNMAPD, LPIS_OFF, NR_TAKINGS };

static void take_away(enum taking how, uint64_t other_redist)
{
	uint64_t me = its_rdbase(), other = guest_mmio_read64(other_redist + GICR_TYPER) >> 8 & 0xffff;

	switch (how) {
	case MOVI:
		its_movi(its, DEVICE, 0, 0);
		break;
	case MAPC:
		its_mapc(its, 1, me);
		break;
	case MOVALL:
		its_movall(its, other, me);
		break;
	case UNMAPC:
		its_unmapc(its, 1);
		break;
	case DISCARD:
		its_discard(its, DEVICE, 0);
		break;
	case CLEAR:
		its_clear(its, DEVICE, 0);
		break;
	case INV:
	case INVLPIR:
		lpi_configure(lpi, LPI(0), PRIORITY, false);
		if (how == INVLPIR)
			lpi_inv(LPI(0));
		else
			its_inv(its, DEVICE, 0);
		break;
	case UNMAPD:
		its_unmapd(its, DEVICE);
		break;
	default:
		guest_mmio_write32(other_redist + GICR_CTLR, 0);
	}
	its_sync(its);
}

static void guest_takes(uint64_t its_gva, uint64_t lpi_gva, uint64_t rounds)
{
	uint64_t other_redist = GIC_REDIST_GPA + GIC_REDIST_STRIDE, other;
	uint64_t itt;

	guest_init(its_gva, lpi_gva);
	lpi_guest_init_cpu(lpi);
	GUEST_WAIT_FOR(looked == 1);
	other = guest_mmio_read64(other_redist + GICR_TYPER) >> 8 & 0xffff;
	itt = its_itt_alloc(its, EVENT_BITS);

	for (uint64_t round = 0; round < rounds; round++) {
		for (enum taking how = 0; how < NR_TAKINGS; how++) {
			bool comes_here = how == MOVI || how == MAPC || how == MOVALL;
			bool stays = how == INV || how == INVLPIR || how == LPIS_OFF || how == UNMAPC;

			its_mapc(its, 0, its_rdbase());
			its_mapc(its, 1, other);
			its_mapd(its, DEVICE, itt, EVENT_BITS);
			map(0, 1);
			its_inv(its, DEVICE, 0);
			its_sync(its);
			GUEST_ASSERT_EQ(NONE, other_sees());

			send(0);
			other_runs();
			take_away(how, other_redist);
			GUEST_ASSERT_EQ(NONE, other_sees());
			EXPECT_ACK(comes_here ? LPI(0) : NONE);

			/* Pending all the same */
			if (how == UNMAPC)
				its_mapc(its, 1, other);
			if (how == INV || how == INVLPIR) {
				lpi_configure(lpi, LPI(0), PRIORITY, true);
				its_inv(its, DEVICE, 0);
			}
			if (how == LPIS_OFF) {
				GUEST_ASSERT(lpi_pending_bit(lpi, 1, LPI(0)));
				guest_mmio_write32(other_redist + GICR_CTLR, GICR_CTLR_ENABLE_LPIS);
			}
			its_sync(its);
			if (stays)
				GUEST_WAIT_FOR(other_sees() == LPI(0));
			GUEST_ASSERT_EQ(NONE, other_sees());

			/* And if not taken away, it is there. */
			if (how == CLEAR) {
				send(0);
				GUEST_WAIT_FOR(other_sees() == LPI(0));
			}
		}
	}
	stop = 1;
}

/* MOVALL leaves alone what is not at the redistributor that it names. */
static void guest_movall(uint64_t its_gva, uint64_t lpi_gva)
{
	uint64_t other_redist = GIC_REDIST_GPA + GIC_REDIST_STRIDE, other, me;

	guest_init(its_gva, lpi_gva);
	lpi_guest_init_cpu(lpi);
	GUEST_WAIT_FOR(looked == 1);
	me = its_rdbase();
	other = guest_mmio_read64(other_redist + GICR_TYPER) >> 8 & 0xffff;
	its_mapc(its, 1, other);
	map(0, 0);
	map(1, 1);
	send(0);
	send(1);
	/* Not existing ones, the same one twice, one without LPIs of its own */
	its_movall(its, 77, me);
	its_movall(its, other, 77);
	its_movall(its, other, other);
	its_sync(its);
	EXPECT_ACK(LPI(0));
	EXPECT_ACK(NONE);
	GUEST_WAIT_FOR(other_sees() == LPI(1));
	send(0);
	send(1);
	its_movall(its, me, other);
	its_sync(its);
	EXPECT_ACK(NONE);
	GUEST_WAIT_FOR(other_sees() == LPI(0) || seen == LPI(1));
	GUEST_WAIT_FOR(other_sees() == LPI(0) || seen == LPI(1));
	GUEST_ASSERT_EQ(NONE, other_sees());
	stop = 1;
}

/* ---- The host's side */

FIXTURE(lpi) {
	struct vm *vm;
	struct its_memory *its;
	struct lpi_memory *lpi;
	int gic_fd, its_fd;
};

FIXTURE_SETUP(lpi)
{
	if (!gic_v3_available() || !its_available())
		SKIP(return, "no ITS");
	look = looked = seen = stop = 0;
	self->vm = vm_create();
	self->its = its_memory(self->vm, &(struct its_params) { });
	self->lpi = lpi_memory(self->vm, 2);
	self->gic_fd = self->its_fd = -1;
}

FIXTURE_TEARDOWN(lpi)
{
	close(self->its_fd);
	close(self->gic_fd);
	vm_destroy(self->vm);
}

static void run(FIXTURE_DATA(lpi) *self, guest_fn fn, guest_fn other, uint64_t arg)
{
	uint64_t its_gva = vm_gva_of(self->vm, self->its), lpi_gva = vm_gva_of(self->vm, self->lpi);
	struct vcpu *vcpu = vcpu_add_args(self->vm, fn, its_gva, lpi_gva, arg, 0);
	struct vcpu_thread thread;

	if (other)
		vcpu_add1(self->vm, other, lpi_gva);
	self->gic_fd = gic_create(self->vm, 64);
	self->its_fd = its_create(self->vm, self->its->base);
	if (other)
		vcpu_thread_start(&thread, self->vm->vcpu[1]);
	vcpu_done(vcpu);
	if (other)
		vcpu_thread_join(&thread);
}

TEST_F(lpi, configuration)
{
	run(self, (guest_fn)guest_configuration, NULL, 0);
}

/* HARDENING: invlpir_range */
TEST_F(lpi, invlpir_range)
{
	uint64_t below = vm_alloc_aligned(self->vm, 2 * ITS_PAGE, ITS_PAGE);
	void *wrapped;

	/* What a difference to the first LPI would lead to, of 32 bits and of 64: each disables. */
	self->lpi->config = below + ITS_PAGE;
	memset(vm_gpa_to_hva(self->vm, below), LPI_CONFIG(0x40, false), ITS_PAGE);
	wrapped = vm_add_slot(self->vm, VM_SLOT_FREE, below + (1ULL << 32), ITS_PAGE, 0);
	memset(wrapped, LPI_CONFIG(0x40, false), ITS_PAGE);
	run(self, (guest_fn)guest_invlpir, NULL, 0);
}

TEST_F(lpi, configuration_of_many)
{
	run(self, (guest_fn)guest_many, NULL, 0);
}

TEST_F(lpi, pending_table)
{
	run(self, (guest_fn)guest_pending_table, NULL, 0);
}

TEST_F(lpi, id_bits)
{
	run(self, (guest_fn)guest_id_bits, NULL, 0);
}

TEST_F(lpi, tables_that_are_not_there)
{
	run(self, (guest_fn)guest_no_tables, NULL, 0);
}

TEST_F(lpi, taken_away_at_once)
{
	run(self, (guest_fn)guest_takes, (guest_fn)guest_looks, 4);
}

TEST_F(lpi, movall_wrong_source)
{
	run(self, (guest_fn)guest_movall, (guest_fn)guest_looks, 4);
}

TEST_HARNESS_MAIN
