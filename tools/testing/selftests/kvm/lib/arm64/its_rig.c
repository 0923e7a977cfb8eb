// SPDX-License-Identifier: GPL-2.0
/* Operations on LPIs that race; see its_rig.h. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>

#include "kvm_lib.h"
#include "its_rig.h"

__shared volatile uint64_t rig_taken[RIG_VCPUS][RIG_LPIS], rig_when[RIG_VCPUS][RIG_LPIS], rig_strays;
__shared volatile uint64_t rig_rounds, rig_over;
static __shared volatile uint64_t up, arrived, last_round, actors, cpus, finished, ms;
static uint64_t my_round[RIG_VCPUS], seed[RIG_VCPUS], time_over;

struct its_memory *rig_its[RIG_ITSS];
struct lpi_memory *rig_lpi;

/* --------------------------------------------------------------------------------------------- Guest */

unsigned int rig_me(void)
{
	return guest_cpu()->index;
}

uint64_t rig_redist(unsigned int cpu)
{
	return GIC_REDIST_GPA + cpu * GIC_REDIST_STRIDE;
}

uint64_t rig_rdbase(unsigned int cpu)
{
	return guest_mmio_read64(rig_redist(cpu) + GICR_TYPER) >> 8 & 0xffff;
}

static void take(struct ex_regs *regs, uint64_t esr)
{
	uint64_t before = guest_now();
	unsigned int intid = gic_ack(), me = rig_me();

	if (intid == GIC_SPURIOUS)
		return;
	if (intid >= LPI_FIRST && intid < LPI_FIRST + RIG_LPIS) {
		rig_when[me][intid - LPI_FIRST] = before;
		__atomic_fetch_add(&rig_taken[me][intid - LPI_FIRST], 1, __ATOMIC_SEQ_CST);
	} else {
		__atomic_fetch_add(&rig_strays, 1, __ATOMIC_SEQ_CST);
	}
	gic_eoi(intid);
}

/* Who waits may be in the way of who is waited for. */
void rig_barrier(void)
{
	uint64_t ticket = __atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
	uint64_t until = (ticket / actors + 1) * actors;
	/* Longer than the others wait for what they wait for: it is their failure that tells. */
	uint64_t deadline = guest_now() + 4 * (guest_deadline() - guest_now());

	for (unsigned int i = 0; arrived < until; i++) {
		if (i > 100)
			wfe();
		GUEST_ASSERT(!guest_past(deadline));
	}
}

bool rig_round(void)
{
	unsigned int me = rig_me();
	uint64_t round = my_round[me]++;

	if (!me) {
		if (!round)
			time_over = guest_now() + guest_ms(ms);
		if (guest_now() > time_over)
			last_round = round;
		rig_rounds = round;
	}
	rig_barrier();
	if (round != last_round)
		return true;
	rig_over = 1;
	return false;
}

void rig_jitter(unsigned int most)
{
	uint64_t *s = &seed[rig_me()], until;

	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	until = guest_now() + *s % (guest_freq() * most / 1000000 + 1);
	while (guest_now() < until)
		cpu_relax();
}

void rig_map(unsigned int its, unsigned int device, unsigned int cpu)
{
	for (unsigned int i = 0; i < RIG_LPIS; i++)
		its_mapti(rig_its[its], device, i, LPI_FIRST + i, cpu);
}

void rig_unmap(unsigned int its, unsigned int device)
{
	for (unsigned int i = 0; i < RIG_LPIS; i++)
		its_discard(rig_its[its], device, i);
}

void rig_enable(unsigned int cpu, bool on)
{
	guest_mmio_write32(rig_redist(cpu) + GICR_CTLR, on ? GICR_CTLR_ENABLE_LPIS : 0);
}

uint64_t rig_total(unsigned int lpi)
{
	uint64_t sum = 0;

	for (unsigned int cpu = 0; cpu < cpus; cpu++)
		sum += rig_taken[cpu][lpi];
	return sum;
}

static void configure_all(unsigned int cpu, bool enabled)
{
	for (unsigned int i = 0; i < RIG_LPIS; i++)
		lpi_configure(rig_lpi, LPI_FIRST + i, RIG_PRIORITY, enabled);
	/* Finds them by INTID, where commands have them by their events. */
	guest_mmio_write64(rig_redist(cpu) + GICR_INVALLR, 0);
}

void rig_expect(unsigned int its, unsigned int device, unsigned int cpu)
{
	uint64_t here[RIG_LPIS], total[RIG_LPIS];

	for (unsigned int i = 0; i < RIG_LPIS; i++) {
		here[i] = rig_taken[cpu][i];
		total[i] = rig_total(i);
		its_int(rig_its[its], device, i);
	}
	its_sync(rig_its[its]);
	for (unsigned int i = 0; i < RIG_LPIS; i++) {
		GUEST_WAIT_FOR(rig_total(i) == total[i] + 1);
		GUEST_ASSERT_EQ(here[i] + 1, rig_taken[cpu][i]);
	}
}

void rig_check(unsigned int its, unsigned int device, unsigned int cpu)
{
	uint64_t here[RIG_LPIS], total[RIG_LPIS];

	configure_all(cpu, false);
	/* Time for who had one acknowledged, and was not run since, to count it. */
	guest_delay_us(20000);
	for (unsigned int i = 0; i < RIG_LPIS; i++) {
		here[i] = rig_taken[cpu][i];
		total[i] = rig_total(i);
	}
	for (unsigned int i = 0; i < RIG_LPIS; i++)
		its_int(rig_its[its], device, i);
	its_sync(rig_its[its]);
	guest_delay_us(20);
	for (unsigned int i = 0; i < RIG_LPIS; i++)
		GUEST_ASSERT_EQ(total[i], rig_total(i));
	configure_all(cpu, true);
	for (unsigned int i = 0; i < RIG_LPIS; i++)
		GUEST_WAIT_FOR(rig_taken[cpu][i] == here[i] + 1);
	for (unsigned int i = 0; i < RIG_LPIS; i++)
		GUEST_ASSERT_EQ(total[i] + 1, rig_total(i));
	GUEST_ASSERT_EQ(0, rig_strays);
}

static void init_its(struct its_memory *its)
{
	its_guest_init(its);
	its_mapd(its, RIG_DEVICE, its_itt_alloc(its, RIG_EVENT_BITS), RIG_EVENT_BITS);
	its_mapd(its, RIG_OTHER, its_itt_alloc(its, RIG_EVENT_BITS), RIG_EVENT_BITS);
	for (unsigned int cpu = 0; cpu < cpus; cpu++)
		its_mapc(its, cpu, rig_rdbase(cpu));
	its_sync(its);
}

static void guest_main(rig_fn fn, uint64_t lpi_gva, uint64_t its_gva, uint64_t its2_gva)
{
	unsigned int me = rig_me();

	on_irq(take);
	seed[me] = 0x9e3779b97f4a7c15 + me;
	rig_lpi = (struct lpi_memory *)lpi_gva;
	rig_its[0] = (struct its_memory *)its_gva;
	rig_its[1] = (struct its_memory *)its2_gva;
	if (!me) {
		gic_guest_init();
		for (unsigned int i = 0; i < RIG_LPIS; i++)
			lpi_configure(rig_lpi, LPI_FIRST + i, RIG_PRIORITY, true);
	} else {
		GUEST_WAIT_FOR(up);
		gic_guest_init_cpu();
	}
	lpi_guest_init_cpu(rig_lpi);
	__atomic_fetch_add(&up, 1, __ATOMIC_SEQ_CST);
	GUEST_WAIT_FOR(up >= cpus);
	if (!me) {
		for (int i = 0; i < RIG_ITSS; i++)
			init_its(rig_its[i]);
		__atomic_fetch_add(&up, 1, __ATOMIC_SEQ_CST);
	}
	GUEST_WAIT_FOR(up > cpus);
	irq_enable();
	/* The host stops those that only wait. */
	while (!fn)
		wfi();
	fn();
	__atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
	GUEST_WAIT_FOR(finished == actors);
}

/* ---------------------------------------------------------------------------------------------- Host */

/* Those that act meet again and again: each on a CPU of its own, if there are enough. */
static void pin(struct vcpu_thread *thread, unsigned int n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(n, &set);
	pthread_setaffinity_np(thread->thread, sizeof(set), &set);
}

bool rig_start(struct rig *rig, unsigned int vcpus, unsigned int nr, const rig_fn *fn)
{
	if (!gic_v3_available() || !its_available())
		return false;
	memset((void *)rig_taken, 0, sizeof(rig_taken));
	memset((void *)rig_when, 0, sizeof(rig_when));
	rig_strays = rig_rounds = rig_over = 0;
	up = arrived = finished = 0;
	last_round = ~0ULL;
	actors = nr;
	cpus = vcpus;
	ms = kernel_checks_itself() ? RIG_MS_CHECKED : RIG_MS;
	rig->vcpus = vcpus;
	rig->vm = vm_create();
	rig->lpi = lpi_memory(rig->vm, vcpus);
	for (int i = 0; i < RIG_ITSS; i++)
		rig->mem[i] = its_memory(rig->vm, &(struct its_params) { .gpa = its_gpa(i), .devices = 1024 });
	for (unsigned int i = 0; i < vcpus; i++)
		vcpu_add_args(rig->vm, (guest_fn)guest_main, (uint64_t)(i < nr ? fn[i] : NULL),
			      vm_gva_of(rig->vm, rig->lpi), vm_gva_of(rig->vm, rig->mem[0]),
			      vm_gva_of(rig->vm, rig->mem[1]));
	rig->gic = gic_create(rig->vm, 64);
	for (int i = 0; i < RIG_ITSS; i++)
		rig->its[i] = its_create(rig->vm, its_gpa(i));
	for (unsigned int i = 0; i < vcpus; i++)
		vcpu_thread_start(&rig->thread[i], rig->vm->vcpu[i]);
	for (unsigned int i = 0; i < nr; i++)
		pin(&rig->thread[i], i);
	return true;
}

void rig_join(struct rig *rig)
{
	for (unsigned int i = 0; i < rig->vcpus; i++) {
		if (i < actors)
			vcpu_thread_join(&rig->thread[i]);
		else
			vcpu_thread_stop(&rig->thread[i]);
	}
}

void rig_destroy(struct rig *rig)
{
	for (int i = 0; i < RIG_ITSS; i++)
		close(rig->its[i]);
	close(rig->gic);
	vm_destroy(rig->vm);
}

int rig_nr_lpis(struct rig *rig)
{
	char path[64];
	int nr = -1;
	FILE *f;

	if (!vm_debugfs_path(rig->vm, "vgic-state", path, sizeof(path)))
		return -1;
	f = fopen(path, "r");
	if (!f)
		return -1;
	if (fscanf(f, "GICD_CTLR %*x, %*u SPIs, %d LPIs", &nr) != 1)
		nr = -1;
	fclose(f);
	return nr;
}
