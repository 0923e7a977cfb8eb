// SPDX-License-Identifier: GPL-2.0
/* The PMU around the guest: EL0's access, whose time is counted, save and restore, threads, resets, VMMs. */
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

#include "kvm_test.h"
#include "migrate.h"
#include "pmu.h"

#define USER_GVA	0x7000000000ULL
#define INSN_SVC	0xd4000001u

/* ---------------------------------------------------------------------------------------------- EL0 */

static __shared volatile uint64_t user_pa;

static uint64_t user_exec(uint32_t insn, uint64_t *x0)
{
	volatile uint32_t *code = (volatile uint32_t *)user_pa;

	code[0] = insn;
	code[1] = INSN_SVC;
	asm volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tic ivau, %1\n\tdsb ish\n\tisb"
		     :: "r" (code), "r" (USER_GVA) : "memory");
	return pmu_run_el0(USER_GVA, x0);
}

static void user_setup(struct vm *vm)
{
	user_pa = vm_alloc(vm, 4096);
	vm_map(vm, USER_GVA, user_pa, 4096, MAP_USER);
}

/* What EL0 can have, and which bits of PMUSERENR_EL0 give it; 0: at all times */
static const struct el0_access {
	uint32_t insn;
	uint32_t permitted;
} el0_accesses[] = {
	{ INSN_MRS_X0(3, 3, 9, 12, 0), USERENR_EN },			/* PMCR_EL0 */
	{ INSN_MSR_X0(3, 3, 9, 12, 0), USERENR_EN },
	{ INSN_MRS_X0(3, 3, 9, 12, 1), USERENR_EN },			/* PMCNTENSET_EL0 */
	{ INSN_MSR_X0(3, 3, 9, 12, 1), USERENR_EN },
	{ INSN_MRS_X0(3, 3, 9, 12, 2), USERENR_EN },
	{ INSN_MSR_X0(3, 3, 9, 12, 2), USERENR_EN },
	{ INSN_MRS_X0(3, 3, 9, 12, 3), USERENR_EN },			/* PMOVSCLR_EL0 */
	{ INSN_MSR_X0(3, 3, 9, 12, 3), USERENR_EN },
	{ INSN_MSR_X0(3, 3, 9, 12, 4), USERENR_EN | USERENR_SW },	/* PMSWINC_EL0 */
	{ INSN_MRS_X0(3, 3, 9, 12, 5), USERENR_EN | USERENR_ER },	/* PMSELR_EL0 */
	{ INSN_MSR_X0(3, 3, 9, 12, 5), USERENR_EN | USERENR_ER },
	{ INSN_MRS_X0(3, 3, 9, 12, 6), USERENR_EN },			/* PMCEID0_EL0 */
	{ INSN_MRS_X0(3, 3, 9, 12, 7), USERENR_EN },
	{ INSN_MRS_X0(3, 3, 9, 13, 0), USERENR_EN | USERENR_CR },	/* PMCCNTR_EL0 */
	{ INSN_MSR_X0(3, 3, 9, 13, 0), USERENR_EN },
	{ INSN_MRS_X0(3, 3, 9, 13, 1), USERENR_EN },			/* PMXEVTYPER_EL0 */
	{ INSN_MSR_X0(3, 3, 9, 13, 1), USERENR_EN },
	{ INSN_MRS_X0(3, 3, 9, 13, 2), USERENR_EN | USERENR_ER },	/* PMXEVCNTR_EL0 */
	{ INSN_MSR_X0(3, 3, 9, 13, 2), USERENR_EN },
	{ INSN_MRS_X0(3, 3, 9, 14, 3), USERENR_EN },			/* PMOVSSET_EL0 */
	{ INSN_MSR_X0(3, 3, 9, 14, 3), USERENR_EN },
	{ INSN_MRS_X0(3, 3, 14, 8, 1), USERENR_EN | USERENR_ER },	/* PMEVCNTR1_EL0 */
	{ INSN_MSR_X0(3, 3, 14, 8, 1), USERENR_EN },
	{ INSN_MRS_X0(3, 3, 14, 12, 1), USERENR_EN },			/* PMEVTYPER1_EL0 */
	{ INSN_MSR_X0(3, 3, 14, 12, 1), USERENR_EN },
	{ INSN_MRS_X0(3, 3, 14, 15, 7), USERENR_EN },			/* PMCCFILTR_EL0 */
	{ INSN_MSR_X0(3, 3, 14, 15, 7), USERENR_EN },
	{ INSN_MRS_X0(3, 3, 9, 14, 0), 0 },				/* PMUSERENR_EL0 */
};

static void guest_el0(void)
{
	uint64_t x, esr;

	pmu_clear(PMCR_LC);
	for (uint32_t userenr = 0; userenr < 16; userenr++) {
		write_sysreg(pmuserenr_el0, userenr);
		for (unsigned int i = 0; i < sizeof(el0_accesses) / sizeof(*el0_accesses); i++) {
			const struct el0_access *a = &el0_accesses[i];
			bool allowed = !a->permitted || a->permitted & userenr;

			/* PMXEVCNTR_EL0 has a counter. */
			write_sysreg(pmselr_el0, 0);
			x = 0;
			esr = user_exec(a->insn, &x);
			if (ESR_EC(esr) != (allowed ? EC_SVC64 : EC_SYS64))
				guest_fail("access by EL0", __FILE__, __LINE__, (uint64_t)userenr << 32 | a->insn, esr);
			/* The syndrome says what it was: op2, op1, CRn, Rt 0, CRm and that it was a read. */
			if (!allowed)
				GUEST_ASSERT_EQ(1 << 25 | (uint64_t)(a->insn >> 19 & 3) << 20 | (a->insn >> 5 & 7) << 17 |
						(a->insn >> 16 & 7) << 14 | (a->insn >> 12 & 15) << 10 |
						(a->insn >> 8 & 15) << 1 | (a->insn >> 21 & 1), esr & 0x3ffffff);
		}
		x = 0;
		esr = user_exec(INSN_MSR_X0(3, 3, 9, 14, 0), &x);	/* PMUSERENR_EL0 */
		GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(esr));
		GUEST_ASSERT_EQ(userenr, read_sysreg(pmuserenr_el0));
	}
	x = 0;
	user_exec(INSN_MRS_X0(3, 3, 9, 14, 0), &x);
	GUEST_ASSERT_EQ(15, x);
	/* It is EL0's increment. */
	pmu_set_typer(0, EVENT_SW_INCR | TYPER_U);
	pmu_set_typer(1, EVENT_SW_INCR | TYPER_P);
	write_sysreg(pmcntenset_el0, 3);
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
	x = 3;
	GUEST_ASSERT_EQ(EC_SVC64, ESR_EC(user_exec(INSN_MSR_X0(3, 3, 9, 12, 4), &x)));
	GUEST_ASSERT_EQ(0, pmu_counter(0));
	GUEST_ASSERT_EQ(1, pmu_counter(1));
}

TEST(access_by_el0)
{
	struct pmu_vm p;

	REQUIRE_PMU();
	pmu_vm_create(&p, 1, (guest_fn)guest_el0);
	user_setup(p.vm);
	vcpu_done(p.vcpu[0]);
	pmu_vm_destroy(&p);
}

static void guest_el0_without(void)
{
	uint64_t x = 0;

	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(user_exec(INSN_MRS_X0(3, 3, 9, 13, 0), &x)));
	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(user_exec(INSN_MRS_X0(3, 3, 9, 14, 0), &x)));
}

TEST(el0_without_a_pmu)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_el0_without);

	user_setup(vm);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

/* ------------------------------------------------------------------------------- Whose time is counted */

/* A loop of EL0's: x0 rounds */
static const uint32_t user_loop[] = { 0xf1000400, 0x54ffffe1, INSN_SVC };	/* subs x0, x0, #1; b.ne .-4 */

static void user_spin(uint64_t rounds)
{
	volatile uint32_t *code = (volatile uint32_t *)user_pa;

	for (unsigned int i = 0; i < 3; i++)
		code[i] = user_loop[i];
	asm volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tic ivau, %1\n\tdsb ish\n\tisb"
		     :: "r" (code), "r" (USER_GVA) : "memory");
	GUEST_ASSERT_EQ(EC_SVC64, ESR_EC(pmu_run_el0(USER_GVA, &rounds)));
}

static void guest_levels(void)
{
	uint64_t el0, el1, none;

	pmu_clear(PMCR_LC);
	pmu_set_typer(0, EVENT_CPU_CYCLES | TYPER_U);
	pmu_set_typer(1, EVENT_CPU_CYCLES | TYPER_P);
	write_sysreg(pmccfiltr_el0, TYPER_P | TYPER_U);
	write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT | 3);
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
	for (unsigned int i = 0; i < 3; i++) {
		el0 = pmu_counter(1);
		none = read_sysreg(pmccntr_el0);
		pmu_spin(1000000);
		GUEST_ASSERT_EQ(el0, pmu_counter(1));
		user_spin(1000000);
		el1 = pmu_counter(0);
		/* EL0 alone counts by the one, and was more than what EL1 does around it by the other. */
		GUEST_ASSERT(pmu_counter(1) != el0);
		GUEST_ASSERT(pmu_counter(0) >= el1);
		GUEST_ASSERT_EQ(none, read_sysreg(pmccntr_el0));
		/* What the host's PMU driver is asked to do meanwhile changes nothing. */
		pmu_set_typer(2, EVENT_CPU_CYCLES);
		write_sysreg(pmcntenset_el0, 4);
		user_spin(1000);
		GUEST_ASSERT(pmu_counter(2));
		write_sysreg(pmcntenclr_el0, 4);
		guest_sync(i);
	}
	/* NSU and NSK are the same as U and P when the guest has an EL3 to tell them apart. */
	if (read_sysreg(id_aa64pfr0_el1) >> 12 & 0xf) {
		pmu_set_typer(1, EVENT_CPU_CYCLES | TYPER_P | TYPER_U | TYPER_NSU);
		el0 = pmu_counter(1);
		user_spin(1000);
		GUEST_ASSERT(pmu_counter(1) != el0);
		pmu_set_typer(1, EVENT_CPU_CYCLES | TYPER_NSK | TYPER_NSU);
		el0 = pmu_counter(1);
		user_spin(1000);
		GUEST_ASSERT_EQ(el0, pmu_counter(1));
	}
}

TEST(exception_levels)
{
	struct pmu_vm p;

	REQUIRE_PMU();
	pmu_vm_create(&p, 1, (guest_fn)guest_levels);
	user_setup(p.vm);
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(i, vcpu_sync(p.vcpu[0]));
	vcpu_done(p.vcpu[0]);
	pmu_vm_destroy(&p);
}

static uint64_t host_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* User space, busy */
static void host_spin(uint64_t ns)
{
	uint64_t end = host_ns() + ns;

	while (host_ns() < end)
		for (volatile unsigned int i = 0; i < 10000; i++)
			;
}

static __shared volatile uint64_t cycles_per_s, cycles_used, time_used;

static void guest_elsewhere(void)
{
	uint64_t t, c;

	pmu_clear(PMCR_LC | PMCR_E);
	pmu_set_typer(0, EVENT_CPU_CYCLES);
	write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT | 1);
	/* How fast it counts, while the guest has the CPU to itself as far as it knows */
	t = guest_now();
	c = read_sysreg(pmccntr_el0);
	while (guest_now() < t + guest_ms(100))
		pmu_spin(1000);
	cycles_per_s = (read_sysreg(pmccntr_el0) - c) * 10;
	t = guest_now();
	c = read_sysreg(pmccntr_el0);
	guest_sync(1);
	cycles_used = read_sysreg(pmccntr_el0) - c;
	time_used = (guest_now() - t) * 1000 / guest_freq();
}

TEST(the_hosts_time_is_not_counted)
{
	struct pmu_vm p;

	REQUIRE_PMU();
	pmu_vm_create(&p, 1, (guest_fn)guest_elsewhere);
	EXPECT_EQ(1, vcpu_sync(p.vcpu[0]));
	host_spin(800000000);
	vcpu_done(p.vcpu[0]);
	EXPECT_GE(time_used, 800);
	EXPECT_NE(0, cycles_per_s);
	/* The host's time would be twice that. */
	EXPECT_LT(cycles_used, cycles_per_s * 2 / 5);
	pmu_vm_destroy(&p);
}

static int host_event(bool exclude_host, bool exclude_guest)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_RAW,
		.size = sizeof(attr),
		.config = EVENT_CPU_CYCLES,
		.exclude_host = exclude_host,
		.exclude_guest = exclude_guest,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static uint64_t event_value(int fd)
{
	uint64_t v = 0;

	if (read(fd, &v, sizeof(v)) != sizeof(v))
		test_fail("reading a perf event: %s", strerror(errno));
	return v;
}

static void guest_busy_el0(void)
{
	for (;;) {
		uint64_t end = guest_now() + guest_ms(500);

		while (guest_now() < end)
			user_spin(300000);
		guest_sync(1);
	}
}

/* Perf's own events: EL0 is the host's or the guest's, and they are told apart, for guests without a PMU, too. */
TEST(events_of_the_host)
{
	uint64_t host[3], guest[3], begin, other;
	struct vcpu *vcpu;
	struct vm *vm;
	int fd[2];

	REQUIRE_PMU();
	fd[0] = host_event(true, false);	/* the guest's EL0 */
	fd[1] = host_event(false, true);	/* the host's EL0 */
	if (fd[0] < 0 || fd[1] < 0)
		SKIP(return, "no perf events: %s", strerror(errno));
	vm = vm_create();
	vcpu = vcpu_add(vm, guest_busy_el0);
	user_setup(vm);

	guest[0] = event_value(fd[0]);
	host[0] = event_value(fd[1]);
	begin = host_ns();
	vcpu_sync(vcpu);
	guest[1] = event_value(fd[0]);
	host[1] = event_value(fd[1]);
	host_spin(500000000);
	guest[2] = event_value(fd[0]);
	host[2] = event_value(fd[1]);
	EXPECT_GE(host_ns() - begin, 1000000000);
	/* While the guest ran it was the guest's that counted, and while it did not, the host's. */
	EXPECT_GT(guest[1] - guest[0], (host[1] - host[0]) * 4);
	EXPECT_GT(host[2] - host[1], (guest[2] - guest[1]) * 4);
	EXPECT_NE(0, guest[1] - guest[0]);
	EXPECT_NE(0, host[2] - host[1]);
	/* One that begins while the vCPU is in the kernel, from another thread's view the same */
	other = host_event(true, false);
	EXPECT_EQ(0, event_value(other));
	vcpu_sync(vcpu);
	EXPECT_NE(0, event_value(other));
	close(other);
	close(fd[0]);
	close(fd[1]);
	vm_destroy(vm);
}

/* ---------------------------------------------------------------------------- Threads, two at a time */

static void guest_steps(void)
{
	uint64_t last = 0, now;

	pmu_clear(PMCR_LC);
	write_sysreg(pmccntr_el0, -200000000ULL);
	pmu_set_typer(0, EVENT_CPU_CYCLES);
	write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT | 1);
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
	for (unsigned int i = 0;; i++) {
		pmu_spin(100000);
		now = pmu_counter(0);
		GUEST_ASSERT(now > last);
		last = now;
		guest_sync(i);
		/* What another vCPU did meanwhile is not this one's. */
		GUEST_ASSERT(pmu_counter(0) - last < 200000000);
	}
}

static void *run_twice(void *vcpu)
{
	vcpu_sync(vcpu);
	return (void *)vcpu_sync(vcpu);
}

TEST(another_thread_runs_it)
{
	struct pmu_vm p;
	pthread_t thread;
	void *seen;

	REQUIRE_PMU();
	pmu_vm_create(&p, 1, (guest_fn)guest_steps);
	EXPECT_EQ(0, vcpu_sync(p.vcpu[0]));
	EXPECT_EQ(1, vcpu_sync(p.vcpu[0]));
	for (uint64_t i = 0; i < 5; i++) {
		must(-!!pthread_create(&thread, NULL, run_twice, p.vcpu[0]));
		pthread_join(thread, &seen);
		EXPECT_EQ(3 + 3 * i, (uint64_t)seen);
		EXPECT_EQ(4 + 3 * i, vcpu_sync(p.vcpu[0]));
	}
	pmu_vm_destroy(&p);
}

static void guest_hog(void)
{
	for (unsigned int i = 0;; i++) {
		uint64_t end = guest_now() + guest_ms(500);

		while (guest_now() < end)
			pmu_spin(1000);
		guest_sync(i);
	}
}

TEST(one_thread_runs_two)
{
	struct pmu_vm p;
	struct vcpu *hog;

	REQUIRE_PMU();
	pmu_vm_create_raw(&p, 1, (guest_fn)guest_steps);
	must(pmu_set_irq(p.vcpu[0], PMU_PPI));
	must(pmu_set(p.vcpu[0], KVM_ARM_VCPU_PMU_V3_INIT, NULL));
	{
		struct vm *vm = vm_create();

		hog = vcpu_add(vm, guest_hog);
		for (unsigned int i = 0; i < 3; i++) {
			EXPECT_EQ(i, vcpu_sync(p.vcpu[0]));
			EXPECT_EQ(i, vcpu_sync(hog));
		}
		vm_destroy(vm);
	}
	pmu_vm_destroy(&p);
}

/* ---------------------------------------------------------------------------- Save, restore and reset */

static void guest_saved(void)
{
	uint64_t c;

	pmu_clear(PMCR_LC | PMCR_E);
	pmu_set_typer(0, EVENT_SW_INCR);
	pmu_set_typer(1, EVENT_CPU_CYCLES);
	pmu_set_counter(0, 0xfffffff0);
	pmu_set_counter(1, 0x1000);
	pmu_set_counter(2, 0xabcd);
	write_sysreg(pmccntr_el0, 0x123400000000);
	write_sysreg(pmccfiltr_el0, TYPER_U);
	write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT | 3);
	write_sysreg(pmintenset_el1, PMU_CYCLE_BIT | 2);
	write_sysreg(pmovsset_el0, 5);
	write_sysreg(pmuserenr_el0, USERENR_EN | USERENR_CR);
	for (unsigned int i = 0; i < 7; i++)
		write_sysreg(pmswinc_el0, 1);
	write_sysreg(pmselr_el0, 9);
	guest_sync(1);
	/* Here it may be another VM. */
	GUEST_ASSERT_EQ(9, read_sysreg(pmselr_el0));
	GUEST_ASSERT_EQ(PMCR_LC | PMCR_E, read_sysreg(pmcr_el0) & 0xff);
	GUEST_ASSERT_EQ(0xfffffff7, pmu_counter(0));
	GUEST_ASSERT_EQ(0xabcd, pmu_counter(2));
	GUEST_ASSERT_EQ(TYPER_U, read_sysreg(pmccfiltr_el0));
	GUEST_ASSERT_EQ(EVENT_CPU_CYCLES, pmu_typer(1));
	GUEST_ASSERT_EQ(PMU_CYCLE_BIT | 3, read_sysreg(pmcntenset_el0));
	GUEST_ASSERT_EQ(PMU_CYCLE_BIT | 2, read_sysreg(pmintenset_el1));
	GUEST_ASSERT_EQ(5, read_sysreg(pmovsset_el0));
	GUEST_ASSERT_EQ(USERENR_EN | USERENR_CR, read_sysreg(pmuserenr_el0));
	GUEST_ASSERT(pmu_counter(1) > 0x1000);
	c = read_sysreg(pmccntr_el0);
	GUEST_ASSERT(c > 0x123400000000);
	GUEST_ASSERT(c < 0x123500000000);
	/* They count on. */
	pmu_spin(100000);
	GUEST_ASSERT(read_sysreg(pmccntr_el0) > c);
	c = pmu_counter(1);
	pmu_spin(100000);
	GUEST_ASSERT(pmu_counter(1) > c);
	for (unsigned int i = 0; i < 9; i++)
		write_sysreg(pmswinc_el0, 1);
	GUEST_ASSERT_EQ(0, (uint32_t)pmu_counter(0));
	guest_sync(2);
}

TEST(save_and_restore)
{
	uint64_t cycles, events;
	struct migrate *m;
	struct pmu_vm p;

	REQUIRE_PMU();
	pmu_vm_create(&p, 1, (guest_fn)guest_saved);
	EXPECT_EQ(1, vcpu_sync(p.vcpu[0]));
	/* What counts is still between two runs. */
	cycles = vcpu_reg(p.vcpu[0], REG_PMCCNTR);
	events = vcpu_reg(p.vcpu[0], REG_PMEVCNTR(1));
	usleep(100000);
	EXPECT_EQ(cycles, vcpu_reg(p.vcpu[0], REG_PMCCNTR));
	EXPECT_EQ(events, vcpu_reg(p.vcpu[0], REG_PMEVCNTR(1)));
	m = migrate_save(p.vm, p.gic);
	pmu_vm_destroy(&p);
	pmu_vm_create(&p, 1, (guest_fn)guest_saved);
	migrate_restore(m, p.vm, p.gic);
	EXPECT_EQ(cycles, vcpu_reg(p.vcpu[0], REG_PMCCNTR));
	EXPECT_EQ(events, vcpu_reg(p.vcpu[0], REG_PMEVCNTR(1)));
	EXPECT_EQ(0, vcpu_reg(p.vcpu[0], REG_PMSWINC));
	/* By either name of a pair */
	vcpu_write_reg(p.vcpu[0], REG_PMOVSCLR, 3);
	EXPECT_EQ(3, vcpu_reg(p.vcpu[0], REG_PMOVSSET));
	vcpu_write_reg(p.vcpu[0], REG_PMOVSSET, 5);
	EXPECT_EQ(5, vcpu_reg(p.vcpu[0], REG_PMOVSCLR));
	EXPECT_EQ(2, vcpu_sync(p.vcpu[0]));
	pmu_vm_destroy(&p);
}

static __shared volatile uint64_t interrupts;

static void on_interrupt(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	GUEST_ASSERT_EQ(PMU_PPI, intid);
	interrupts++;
	write_sysreg(pmovsclr_el0, ~0ULL);
	gic_eoi(intid);
}

static void guest_pending(void)
{
	on_irq(on_interrupt);
	gic_guest_init();
	gic_enable(PMU_PPI);
	pmu_clear(PMCR_LC | PMCR_E);
	write_sysreg(pmintenset_el1, 1);
	write_sysreg(pmovsset_el0, 1);
	guest_sync(1);
	irq_enable();
	GUEST_WAIT_FOR(interrupts);
	guest_delay_us(1000);
	GUEST_ASSERT_EQ(1, interrupts);
}

/* An overflow whose interrupt was not taken goes with the guest, and user space can take it back. */
TEST(interrupt_is_restored)
{
	struct migrate *m;
	struct pmu_vm p;

	REQUIRE_PMU();
	for (unsigned int cleared = 0; cleared < 2; cleared++) {
		interrupts = 0;
		pmu_vm_create(&p, 1, (guest_fn)guest_pending);
		EXPECT_EQ(1, vcpu_sync(p.vcpu[0]));
		m = migrate_save(p.vm, p.gic);
		pmu_vm_destroy(&p);
		pmu_vm_create(&p, 1, (guest_fn)guest_pending);
		migrate_restore(m, p.vm, p.gic);
		if (cleared) {
			struct vcpu_thread t;

			vcpu_write_reg(p.vcpu[0], REG_PMOVSSET, 0);
			vcpu_thread_start(&t, p.vcpu[0]);
			usleep(300000);
			EXPECT_EQ(0, interrupts);
			vcpu_thread_stop(&t);
			vcpu_write_reg(p.vcpu[0], REG_PMOVSSET, 1);
		}
		vcpu_done(p.vcpu[0]);
		EXPECT_EQ(1, interrupts);
		pmu_vm_destroy(&p);
	}
}

static void guest_after_reset(void)
{
	GUEST_ASSERT_EQ(0, read_sysreg(pmcr_el0) & PMCR_E);
	GUEST_ASSERT_EQ(0, read_sysreg(pmcntenset_el0));
	GUEST_ASSERT_EQ(0, read_sysreg(pmintenset_el1));
	GUEST_ASSERT_EQ(0, read_sysreg(pmovsset_el0));
	GUEST_ASSERT_EQ(0, read_sysreg(pmuserenr_el0));
	GUEST_ASSERT_EQ(0, read_sysreg(pmccntr_el0));
	GUEST_ASSERT_EQ(0, pmu_counter(1));
	GUEST_ASSERT_EQ(0, pmu_typer(1));
	GUEST_ASSERT(!gic_is_pending(PMU_PPI));
}

TEST(reset)
{
	struct pmu_vm p;

	REQUIRE_PMU();
	pmu_vm_create(&p, 1, (guest_fn)guest_saved);
	EXPECT_EQ(1, vcpu_sync(p.vcpu[0]));
	EXPECT_EQ(2, vcpu_sync(p.vcpu[0]));
	/* The interrupt is asserted. */
	vcpu_write_reg(p.vcpu[0], REG_PMINTENSET, ~0ULL);
	vcpu_done(p.vcpu[0]);
	vcpu_restart(p.vcpu[0], (guest_fn)guest_after_reset, 0);
	vcpu_done(p.vcpu[0]);
	pmu_vm_destroy(&p);
}

/* ---------------------------------------------------------------- The interrupt controller in user space */

static void guest_user_irq(void)
{
	pmu_clear(PMCR_LC | PMCR_E);
	write_sysreg(pmintenset_el1, PMU_CYCLE_BIT);
	guest_sync(1);
	write_sysreg(pmccntr_el0, -1000000ULL);
	write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT);
	while (!(read_sysreg(pmovsclr_el0) & PMU_CYCLE_BIT))
		pmu_spin(1000);
	guest_sync(2);
	guest_sync(3);
	write_sysreg(pmovsclr_el0, PMU_CYCLE_BIT);
	guest_sync(4);
}

TEST(level_to_user_space)
{
	struct kvm_sync_regs *page;
	struct vcpu *vcpu;
	struct vm *vm;
	unsigned int told = 0;
	int ret;

	REQUIRE_PMU();
	REQUIRE_CAP(KVM_CAP_ARM_USER_IRQ);
	vm = vm_create();
	vcpu = vcpu_add_features(vm, (guest_fn)guest_user_irq, FEATURE(PMU_V3));
	vcpu_start(vcpu, (guest_fn)guest_user_irq, 0, 0, 0, 0);
	must(pmu_set(vcpu, KVM_ARM_VCPU_PMU_V3_INIT, NULL));
	page = &vcpu->run->s.regs;
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(0, page->device_irq_level & KVM_ARM_DEV_PMU);
	while ((ret = vcpu_run_once(vcpu)) == -EINTR) {
		EXPECT_EQ(KVM_ARM_DEV_PMU, page->device_irq_level & KVM_ARM_DEV_PMU);
		told++;
	}
	EXPECT_EQ(0, ret);
	EXPECT_EQ(EXIT_GUEST_SYNC, vcpu_exit(vcpu));
	EXPECT_EQ(1, told);
	EXPECT_EQ(3, vcpu_sync(vcpu));
	EXPECT_EQ(KVM_ARM_DEV_PMU, page->device_irq_level & KVM_ARM_DEV_PMU);
	EXPECT_EQ(-EINTR, vcpu_run_once(vcpu));
	EXPECT_EQ(0, page->device_irq_level & KVM_ARM_DEV_PMU);
	EXPECT_EQ(4, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
