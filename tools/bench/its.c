// SPDX-License-Identifier: GPL-2.0
/*
 * What the ITS costs with a number of events mapped: each command as the guest
 * sees it, messages and irqfds as the VMM and then the guest see them, saving
 * and restoring the tables.
 *
 *	its EVENTS	1 to 65,536, a power of two
 *
 * Prints "name value" per line, as ops.c does. The events are spread over
 * devices, as many as each has events. From 57,344 on events share LPIs: that
 * is how many there are with 16 bits of INTID.
 *
 * A batch is as long with few events as with many, so that what the kernel does
 * now and then (memory for objects, callbacks of RCU) has the same share of it. If
 * there are fewer events than commands in it, each has several, and MAPTI and DISCARD
 * are about others of the same device, which are not mapped in the meantime.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>

#include "its.h"
#include "timer.h"

#define BATCH		64	/* commands of one measurement; messages, too, or all events if they are fewer */
#define REPEATS		12	/* the best counts */
#define LPIS		(LPI_END - LPI_FIRST)
#define PRIORITY	0xa0
#define ICID		0	/* of vCPU 0, where everything is mapped */
#define ICID_OTHER	1	/* of vCPU 1, which never runs */
#define GSI		32

enum op {
	OP_SYNC,		/* not reported: does nothing, so the rest is what a batch costs */
	OP_INV,
	OP_MOVI,
	OP_DISCARD,
	OP_MAPTI,
	OP_INT,			/* until acknowledged */
	OP_INVALL,		/* for each event */
	OP_MOVALL,
	OP_MAPD,		/* V=0, for each of its events; a device whose LPIs are its own */
	NR_OPS
};

static const char * const op_name[NR_OPS] = {
	[OP_SYNC]	= "sync",
	[OP_INV]	= "inv",
	[OP_MOVI]	= "movi",
	[OP_DISCARD]	= "discard",
	[OP_MAPTI]	= "mapti",
	[OP_INT]	= "int",
	[OP_INVALL]	= "invall",
	[OP_MOVALL]	= "movall",
	[OP_MAPD]	= "mapd-v0",
};

enum guest_stage { STAGE_MAPPED, STAGE_MEASURED, STAGE_DRAINED };

static __shared volatile uint64_t ticks[NR_OPS], frequency, drain_ticks, drain_count;
static __shared uint64_t events, devices, per_device, event_bits, batch_size, empty, itt[256];

static uint64_t now(void)
{
	return timer_count(TIMER_VIRTUAL);
}

/* The n-th event of a tour through all of them that does not follow any list's order */
static uint64_t pick(uint64_t n)
{
	return (n * 0x9e3779b1ULL + 7) % events;
}

/* Fewer events than commands in a batch: they are all of one device, which has room for others */
static bool few(void)
{
	return events < BATCH;
}

static uint32_t device_of(uint64_t event)
{
	return few() ? 0 : event / per_device;
}

static uint32_t id_of(uint64_t event)
{
	return few() ? event : event % per_device;
}

/* What MAPTI and DISCARD are about */
static uint64_t pick_mapping(uint64_t n)
{
	return few() ? events + n % BATCH : pick(n);
}

static void map(struct its_memory *its, uint64_t event)
{
	its_mapti(its, device_of(event), id_of(event), LPI_FIRST + event % LPIS, ICID);
}

/* All of it, for @n commands */
static uint64_t run_batch(struct its_memory *its, enum op op, uint64_t first, uint64_t n,
			  uint32_t icid)
{
	uint64_t start = now();

	for (uint64_t i = first; i < first + n; i++) {
		uint64_t e = pick(i);

		switch (op) {
		case OP_SYNC:
			its_cmd_sync(its, 0);
			break;
		case OP_INV:
			its_inv(its, device_of(e), id_of(e));
			break;
		case OP_MOVI:
			/* Where it is not yet: the other way each time that it is an event's turn. */
			its_movi(its, device_of(e), id_of(e), icid ^ ((i - first) / events & 1));
			break;
		case OP_DISCARD:
			e = pick_mapping(i);
			its_discard(its, device_of(e), id_of(e));
			break;
		default:
			map(its, pick_mapping(i));
			break;
		}
	}
	its_sync(its);
	return now() - start;
}

static uint64_t batch(struct its_memory *its, enum op op, uint64_t first, uint32_t icid)
{
	return (run_batch(its, op, first, BATCH, icid) - empty) / BATCH;
}

/*
 * What a batch costs without its commands: writing GITS_CWRITER, reading the
 * queue, seeing GITS_CREADR there. Batches of one and of many tell.
 */
static uint64_t empty_batch(struct its_memory *its)
{
	uint64_t one = ~0ULL, many = ~0ULL;

	for (unsigned int i = 0; i < REPEATS; i++) {
		uint64_t t = run_batch(its, OP_SYNC, 0, 1, 0);

		if (t < one)
			one = t;
		t = run_batch(its, OP_SYNC, 0, BATCH / 2, 0);
		if (t < many)
			many = t;
	}
	return one - (many - one) / (BATCH / 2 - 1);
}

static void best(enum op op, uint64_t t)
{
	if (t < ticks[op])
		ticks[op] = t;
}

static void take_one(void)
{
	unsigned int intid;

	do
		intid = gic_ack();
	while (intid == GIC_SPURIOUS);
	gic_eoi(intid);
}

static uint64_t interrupts(struct its_memory *its, uint64_t first)
{
	uint64_t start = now();

	for (uint64_t i = first; i < first + BATCH; i++) {
		uint64_t e = pick(i);

		its_int(its, device_of(e), id_of(e));
		/* A driver looks for room first. */
		its_reader(its);
		its_kick(its);
		take_one();
	}
	return (now() - start) / BATCH;
}

static uint64_t one(struct its_memory *its, void (*post)(struct its_memory *its))
{
	uint64_t start = now();

	post(its);
	its_sync(its);
	return now() - start - empty;
}

static void post_invall(struct its_memory *its)
{
	its_invall(its, ICID);
}

static void post_movall(struct its_memory *its)
{
	its_movall(its, 0, 1);
}

static void post_unmapd(struct its_memory *its)
{
	its_unmapd(its, devices / 2);
}

static void map_device(struct its_memory *its, uint64_t device)
{
	its_mapd(its, device, itt[device], event_bits);
	for (uint64_t i = 0; i < per_device; i++)
		map(its, device * per_device + i);
}

static void set_up(struct its_memory *its, struct lpi_memory *lpi)
{
	frequency = read_sysreg(cntfrq_el0);
	gic_guest_init();
	for (unsigned int i = 0; i < LPIS; i++)
		lpi_configure(lpi, LPI_FIRST + i, PRIORITY, true);
	lpi_guest_init_cpu(lpi);
	its_guest_init(its);
	its_mapc(its, ICID, its_rdbase());
	its_mapc(its, ICID_OTHER, 1);
	for (uint64_t d = 0; d < devices; d++) {
		itt[d] = its_itt_alloc(its, event_bits);
		map_device(its, d);
	}
	its_sync(its);
}

static void measure(struct its_memory *its)
{
	for (unsigned int i = 0; i < NR_OPS; i++)
		ticks[i] = ~0ULL;
	empty = empty_batch(its);
	for (uint64_t i = 0; i < REPEATS; i++) {
		uint64_t first = i * BATCH;

		best(OP_INV, batch(its, OP_INV, first, 0));
		best(OP_MOVI, batch(its, OP_MOVI, first, ICID_OTHER));
		/* Few have been back each second time. */
		if (!few())
			batch(its, OP_MOVI, first, ICID);
		if (few())
			best(OP_MAPTI, batch(its, OP_MAPTI, first, 0));
		best(OP_DISCARD, batch(its, OP_DISCARD, first, 0));
		if (!few())
			best(OP_MAPTI, batch(its, OP_MAPTI, first, 0));
		best(OP_INT, interrupts(its, first));
		if (i >= 2)
			continue;
		best(OP_INVALL, one(its, post_invall) / events);
		best(OP_MOVALL, one(its, post_movall) / events);
		its_movall(its, 1, 0);
		its_sync(its);
		best(OP_MAPD, one(its, post_unmapd) / per_device);
		map_device(its, devices / 2);
		its_sync(its);
	}
}

/* Takes what the host has made pending, each time that it asks for it. */
static void guest_its(struct its_memory *its, struct lpi_memory *lpi)
{
	set_up(its, lpi);
	guest_sync(STAGE_MAPPED);
	measure(its);
	guest_sync(STAGE_MEASURED);
	for (;;) {
		uint64_t start = now();

		for (uint64_t i = 0; i < drain_count; i++)
			take_one();
		drain_ticks = now() - start;
		guest_sync(STAGE_DRAINED);
	}
}

/* ---- The VMM */

static struct vm *vm;
static struct vcpu *vcpu;

static double host_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* What looking at the clock costs */
static double host_clock(void)
{
	double least = 1e18;

	for (unsigned int i = 0; i < REPEATS; i++) {
		double start = host_now();

		start = host_now() - start;
		if (start < least)
			least = start;
	}
	return least;
}

static void expect_stage(enum guest_stage stage)
{
	uint64_t seen = vcpu_sync(vcpu);

	if (seen != stage)
		test_fail("the guest is at %lu, not %u", (unsigned long)seen, stage);
}

static void report(const char *name, double each)
{
	printf("its-%s-%lu %.1f\n", name, (unsigned long)events, each);
}

/* @send makes the n-th of the batch's events pending. */
static void measure_messages(const char *name, void (*send)(unsigned int n))
{
	double sent = 1e18, taken = 1e18, clock = host_clock();
	char both[40];

	drain_count = batch_size;
	for (unsigned int r = 0; r < REPEATS; r++) {
		double start = host_now(), mid;

		for (unsigned int i = 0; i < batch_size; i++)
			send(i);
		mid = host_now() - clock;
		expect_stage(STAGE_DRAINED);
		if (mid - start < sent)
			sent = mid - start;
		if (mid - start + drain_ticks * 1e9 / frequency < taken)
			taken = mid - start + drain_ticks * 1e9 / frequency;
	}
	report(name, sent / batch_size);
	snprintf(both, sizeof(both), "%s-taken", name);
	report(both, taken / batch_size);
}

static void send_msi(unsigned int n)
{
	uint64_t e = pick(n);

	if (vm_signal_msi(vm, its_gpa(0), device_of(e), id_of(e)) <= 0)
		test_fail("a message was not delivered");
}

/* All that there are at once, until the guest has taken the last of them. */
static void measure_storm(void)
{
	double start = host_now(), sent;

	for (uint64_t i = 0; i < events; i++)
		send_msi(i);
	sent = host_now() - start;
	drain_count = events;
	expect_stage(STAGE_DRAINED);
	report("all-taken", (sent + drain_ticks * 1e9 / frequency) / events);
}

static int event[BATCH];

static void send_event(unsigned int n)
{
	uint64_t one = 1;

	must(write(event[n], &one, sizeof(one)));
}

static void assign_irqfds(void)
{
	static struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[BATCH];
	} table;


	for (unsigned int i = 0; i < batch_size; i++)
		table.entry[i] = (struct kvm_irq_routing_entry) {
			.gsi = GSI + i, .type = KVM_IRQ_ROUTING_MSI, .flags = KVM_MSI_VALID_DEVID,
			.u.msi = {
				.address_lo = its_gpa(0) + GITS_TRANSLATER,
				.devid = device_of(pick(i)), .data = id_of(pick(i)),
			},
		};
	table.head.nr = batch_size;
	must(vm_ioctl(vm, KVM_SET_GSI_ROUTING, &table));
	for (unsigned int i = 0; i < batch_size; i++) {
		struct kvm_irqfd args = { .fd = event_fd(), .gsi = GSI + i };

		event[i] = args.fd;
		must(vm_ioctl(vm, KVM_IRQFD, &args));
	}
}

static void measure_tables(int its)
{
	static const uint32_t regs[] = {
		GITS_CBASER, GITS_BASER, GITS_BASER + 8, GITS_CREADR, GITS_CWRITER, GITS_CTLR,
	};
	double save = 1e18, restore = 1e18;
	uint64_t value[6];

	for (unsigned int r = 0; r < 3; r++) {
		double start = host_now(), t;

		must(its_save_tables(its));
		t = host_now() - start;
		if (t < save)
			save = t;
		for (unsigned int i = 0; i < 6; i++)
			must(its_reg_get(its, regs[i], &value[i]));
		must(its_reset(its));
		for (unsigned int i = 0; i < 5; i++)
			must(its_reg_set(its, regs[i], value[i]));
		start = host_now();
		must(its_restore_tables(its));
		t = host_now() - start;
		if (t < restore)
			restore = t;
		must(its_reg_set(its, regs[5], value[5]));
	}
	report("save", save / events);
	report("restore", restore / events);
}

int main(int argc, char **argv)
{
	struct its_params params = { .itt_bytes = 0x100000 };
	struct its_memory *mem;
	struct lpi_memory *lpi;
	double start;
	int gic, its;

	events = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	if (events < 1 || events > 65536 || events & (events - 1))
		return fprintf(stderr, "usage: its 1..65536 (events)\n"), 2;
	/* As many devices as there are events of each, or half. */
	event_bits = few() ? 7 : (__builtin_ctzl(events) + 1) / 2;
	per_device = few() ? events : 1UL << event_bits;
	devices = events / per_device;
	batch_size = events < BATCH ? events : BATCH;

	vm = vm_create();
	mem = its_memory(vm, &params);
	lpi = lpi_memory(vm, 2);
	vcpu = vcpu_add2(vm, guest_its, vm_gva_of(vm, mem), vm_gva_of(vm, lpi));
	vcpu_add2(vm, guest_its, 0, 0);
	gic = gic_create(vm, 0);
	its = its_create(vm, its_gpa(0));

	start = host_now();
	expect_stage(STAGE_MAPPED);
	report("set-up", (host_now() - start) / events);
	expect_stage(STAGE_MEASURED);
	/* With one event, what is for all of them is little but what a command costs. */
	for (enum op op = OP_INV; op < (events > 1 ? NR_OPS : OP_INVALL); op++)
		report(op_name[op], ticks[op] * 1e9 / frequency);
	measure_messages("msi", send_msi);
	/* More than that takes the built-in KVM minutes. */
	if (events <= 4096)
		measure_storm();
	assign_irqfds();
	measure_messages("irqfd", send_event);
	/* With fewer it is the calls that count. */
	if (events >= 1024)
		measure_tables(its);
	close(its);
	close(gic);
	vm_destroy(vm);
	return 0;
}
