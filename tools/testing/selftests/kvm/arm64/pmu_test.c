// SPDX-License-Identifier: GPL-2.0
/* The PMU as a guest uses it: registers, counting, overflows and their interrupt. */
#include "kvm_test.h"
#include "pmu.h"

static void run_guest(void (*fn)(void))
{
	struct pmu_vm p;

	pmu_vm_create(&p, 1, (guest_fn)fn);
	vcpu_done(p.vcpu[0]);
	pmu_vm_destroy(&p);
}

static void undefined(uint64_t esr, uint64_t what)
{
	if (!esr || ESR_EC(esr) != EC_UNKNOWN)
		guest_fail("undefined", __FILE__, __LINE__, what, esr);
}

#define READ_UNDEFINED(...) do {							\
	uint64_t x_ = 0;								\
											\
	undefined(guest_exec(INSN_MRS_X0(__VA_ARGS__), &x_), INSN_MRS_X0(__VA_ARGS__));	\
} while (0)
#define WRITE_UNDEFINED(...) do {							\
	uint64_t x_ = 0;								\
											\
	undefined(guest_exec(INSN_MSR_X0(__VA_ARGS__), &x_), INSN_MSR_X0(__VA_ARGS__));	\
} while (0)

/* ---------------------------------------------------------------------------------------- Registers */

/* Write all ones by one name of a pair, read by both, take them back by the other. */
#define CHECK_PAIR(set, clr, bits) do {				\
	GUEST_ASSERT_EQ(0, read_sysreg(set));			\
	GUEST_ASSERT_EQ(0, read_sysreg(clr));			\
	write_sysreg(set, 1);					\
	GUEST_ASSERT_EQ(1, read_sysreg(clr));			\
	write_sysreg(set, ~0ULL);				\
	GUEST_ASSERT_EQ(bits, read_sysreg(set));		\
	GUEST_ASSERT_EQ(bits, read_sysreg(clr));		\
	write_sysreg(clr, 2);					\
	GUEST_ASSERT_EQ((bits) & ~2ULL, read_sysreg(set));	\
	write_sysreg(clr, ~0ULL);				\
	GUEST_ASSERT_EQ(0, read_sysreg(set));			\
} while (0)

static void guest_registers(void)
{
	uint64_t dfr0 = read_sysreg(id_aa64dfr0_el1), pfr0 = read_sysreg(id_aa64pfr0_el1);
	uint64_t pmcr = read_sysreg(pmcr_el0), n = PMCR_N(pmcr), all = PMU_CYCLE_BIT | ((1ULL << n) - 1);
	uint64_t events = PMUVER(dfr0) >= PMUVER_V3P1 ? 0xffff : 0x3ff, filter = TYPER_P | TYPER_U;
	uint64_t writable = PMCR_D | PMCR_X | PMCR_DP | PMCR_LC;

	GUEST_ASSERT(n > 1);
	/* After reset nothing counts, and nothing is left of before. */
	GUEST_ASSERT_EQ(0, pmcr & (writable | PMCR_E) & ~PMCR_LC);
	if (PMUVER(dfr0) >= PMUVER_V3P5)
		writable |= PMCR_LP;
	write_sysreg(pmcr_el0, ~(uint64_t)PMCR_E);
	GUEST_ASSERT_EQ(writable | n << 11, read_sysreg(pmcr_el0));
	write_sysreg(pmcr_el0, 0);
	GUEST_ASSERT_EQ(n << 11, read_sysreg(pmcr_el0) & ~(uint64_t)PMCR_LC);

	CHECK_PAIR(pmcntenset_el0, pmcntenclr_el0, all);
	CHECK_PAIR(pmintenset_el1, pmintenclr_el1, all);
	CHECK_PAIR(pmovsset_el0, pmovsclr_el0, all);

	write_sysreg(pmselr_el0, ~0ULL);
	GUEST_ASSERT_EQ(0x1f, read_sysreg(pmselr_el0));
	write_sysreg(pmuserenr_el0, ~0ULL);
	GUEST_ASSERT_EQ(0xf, read_sysreg(pmuserenr_el0));
	write_sysreg(pmuserenr_el0, 0);

	if (pfr0 >> 8 & 0xf)
		filter |= 1 << 27;
	if (pfr0 >> 12 & 0xf)
		filter |= TYPER_NSK | TYPER_NSU | 1 << 26;
	write_sysreg(pmccfiltr_el0, ~0ULL);
	GUEST_ASSERT_EQ(filter, read_sysreg(pmccfiltr_el0));
	GUEST_ASSERT_EQ(filter, pmu_typer(PMU_CYCLE));
	pmu_set_typer(PMU_CYCLE, TYPER_U | 1);
	GUEST_ASSERT_EQ(TYPER_U, read_sysreg(pmccfiltr_el0));
	write_sysreg(pmevtyper1_el0, ~0ULL);
	GUEST_ASSERT_EQ(filter | events, pmu_typer(1));
	pmu_set_typer(0, 0x11);
	GUEST_ASSERT_EQ(0x11, read_sysreg(pmevtyper0_el0));
	GUEST_ASSERT_EQ(filter | events, read_sysreg(pmevtyper1_el0));

	write_sysreg(pmccntr_el0, 0xfedcba9876543210);
	GUEST_ASSERT_EQ(0xfedcba9876543210, read_sysreg(pmccntr_el0));
	write_sysreg(pmevcntr1_el0, 0xfedcba9876543210);
	GUEST_ASSERT_EQ(PMUVER(dfr0) >= PMUVER_V3P5 ? 0xfedcba9876543210 : 0x76543210, pmu_counter(1));
	pmu_set_counter(0, 42);
	GUEST_ASSERT_EQ(42, read_sysreg(pmevcntr0_el0));
	/* P and C reset what they are for, and are not kept. */
	write_sysreg(pmcr_el0, PMCR_P);
	GUEST_ASSERT_EQ(0, pmu_counter(0));
	GUEST_ASSERT_EQ(0, pmu_counter(1));
	GUEST_ASSERT_EQ(0xfedcba9876543210, read_sysreg(pmccntr_el0));
	write_sysreg(pmevcntr1_el0, 1);
	write_sysreg(pmcr_el0, PMCR_C);
	GUEST_ASSERT_EQ(1, pmu_counter(1));
	GUEST_ASSERT_EQ(0, read_sysreg(pmccntr_el0));
	GUEST_ASSERT_EQ(0, read_sysreg(pmcr_el0) & (PMCR_P | PMCR_C));

	/* Counters that there are not, up to 30; the cycle counter is no event counter. */
	for (unsigned int i = n; i < 31; i++) {
		READ_UNDEFINED(3, 3, 14, 8 | i >> 3, i & 7);
		WRITE_UNDEFINED(3, 3, 14, 8 | i >> 3, i & 7);
		READ_UNDEFINED(3, 3, 14, 12 | i >> 3, i & 7);
		WRITE_UNDEFINED(3, 3, 14, 12 | i >> 3, i & 7);
	}
	write_sysreg(pmselr_el0, 31);
	isb();
	READ_UNDEFINED(3, 3, 9, 13, 2);
	WRITE_UNDEFINED(3, 3, 9, 13, 2);
	/* One way only */
	READ_UNDEFINED(3, 3, 9, 12, 4);		/* PMSWINC_EL0 */
	WRITE_UNDEFINED(3, 3, 9, 12, 6);	/* PMCEID0_EL0 */
	WRITE_UNDEFINED(3, 3, 9, 12, 7);
	WRITE_UNDEFINED(3, 0, 9, 14, 6);	/* PMMIR_EL1 */
	if (PMUVER(dfr0) >= 5)
		GUEST_ASSERT_EQ(0, read_sysreg(s3_0_c9_c14_6));
	else
		READ_UNDEFINED(3, 0, 9, 14, 6);
	GUEST_ASSERT(pmu_has_event(EVENT_CHAIN));
	GUEST_ASSERT(pmu_has_event(EVENT_CPU_CYCLES));
	GUEST_ASSERT(!(read_sysreg(pmceid1_el0) >> 29 & 7));	/* STALL_SLOT*: what is a slot is not told */
}

TEST(registers)
{
	REQUIRE_PMU();
	run_guest(guest_registers);
}

/* ----------------------------------------------------------------------------------------- Counting */

#define SPIN	100000

/* How far the cycle counter and the event counters 0 and 1 get while the guest spins */
struct counts {
	uint64_t c, e0, e1;
};

static struct counts spin(void)
{
	struct counts before, after;

	before = (struct counts){ read_sysreg(pmccntr_el0), pmu_counter(0), pmu_counter(1) };
	pmu_spin(SPIN);
	after = (struct counts){ read_sysreg(pmccntr_el0), pmu_counter(0), pmu_counter(1) };
	return (struct counts){ after.c - before.c, after.e0 - before.e0, after.e1 - before.e1 };
}

static void guest_cycles(void)
{
	struct counts n;

	pmu_clear(PMCR_LC);
	pmu_set_typer(0, EVENT_CPU_CYCLES);
	pmu_set_typer(1, EVENT_CPU_CYCLES | TYPER_P);
	/* Enabled, but PMCR_EL0.E is off; the other way round */
	write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT | 3);
	n = spin();
	GUEST_ASSERT_EQ(0, n.c | n.e0 | n.e1);
	write_sysreg(pmcntenclr_el0, ~0ULL);
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
	n = spin();
	GUEST_ASSERT_EQ(0, n.c | n.e0 | n.e1);
	GUEST_ASSERT_EQ(0, read_sysreg(pmccntr_el0));

	write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT | 3);
	for (unsigned int i = 0; i < 3; i++) {
		n = spin();
		GUEST_ASSERT(n.c && n.e0);
		/* Not at EL1 */
		GUEST_ASSERT_EQ(0, n.e1);
	}
	/* Each on its own */
	write_sysreg(pmcntenclr_el0, PMU_CYCLE_BIT);
	n = spin();
	GUEST_ASSERT_EQ(0, n.c);
	GUEST_ASSERT(n.e0);
	/* All off, and on again: they go on where they were. */
	for (unsigned int i = 0; i < 3; i++) {
		uint64_t at;

		write_sysreg(pmcr_el0, PMCR_LC);
		at = pmu_counter(0);
		n = spin();
		GUEST_ASSERT_EQ(0, n.e0);
		GUEST_ASSERT_EQ(at, pmu_counter(0));
		write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
		n = spin();
		GUEST_ASSERT(n.e0);
		GUEST_ASSERT_EQ(0, n.c);
		GUEST_ASSERT(pmu_counter(0) - at < 1ULL << 31);
	}
	/* Writes of counters that count, and of what they count */
	pmu_set_counter(0, 0x10000000);
	n = spin();
	GUEST_ASSERT(n.e0);
	GUEST_ASSERT(pmu_counter(0) > 0x10000000);
	pmu_set_typer(0, EVENT_CPU_CYCLES | TYPER_P);
	n = spin();
	GUEST_ASSERT_EQ(0, n.e0);
	GUEST_ASSERT(pmu_counter(0) > 0x10000000);
	pmu_set_typer(0, EVENT_SW_INCR);
	n = spin();
	GUEST_ASSERT_EQ(0, n.e0);
	pmu_set_typer(0, EVENT_CPU_CYCLES);
	n = spin();
	GUEST_ASSERT(n.e0);
	/* P with the counters on */
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E | PMCR_P);
	GUEST_ASSERT(pmu_counter(0) < 0x10000000);
	write_sysreg(pmccfiltr_el0, TYPER_P);
	write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT);
	n = spin();
	GUEST_ASSERT_EQ(0, n.c);
}

TEST(cycles)
{
	REQUIRE_PMU();
	run_guest(guest_cycles);
}

static void guest_all_counters(void)
{
	unsigned int n = PMCR_N(read_sysreg(pmcr_el0));

	pmu_clear(PMCR_LC);
	for (unsigned int i = 0; i < n; i++)
		pmu_set_typer(i, EVENT_CPU_CYCLES);
	write_sysreg(pmcntenset_el0, ~0ULL);
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
	pmu_spin(SPIN);
	write_sysreg(pmcr_el0, PMCR_LC);
	for (unsigned int i = 0; i < n; i++)
		GUEST_ASSERT(pmu_counter(i));
	GUEST_ASSERT(read_sysreg(pmccntr_el0));
}

TEST(all_counters_at_once)
{
	REQUIRE_PMU();
	run_guest(guest_all_counters);
}

/* With PMCR_EL0.D every 64th cycle, but not with LC. */
static void guest_divided(void)
{
	uint64_t before, after, e;

	pmu_clear(PMCR_D);
	pmu_set_typer(0, EVENT_CPU_CYCLES);
	write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT | 1);
	if (read_sysreg(pmcr_el0) & PMCR_LC)
		return;
	/* The event counter is looked at within what the cycle counter is: it has counted less. */
	write_sysreg(pmcr_el0, PMCR_D | PMCR_E);
	before = read_sysreg(pmccntr_el0);
	e = pmu_counter(0);
	for (unsigned int i = 0; i < 10; i++)
		pmu_spin(SPIN);
	e = pmu_counter(0) - e;
	after = read_sysreg(pmccntr_el0);
	GUEST_ASSERT((after - before + 1) * 64 >= e);
	/* And it is not the same number: what is outside is little. */
	GUEST_ASSERT(after - before < e);
	write_sysreg(pmcr_el0, PMCR_D | PMCR_LC | PMCR_E | PMCR_C);
	before = read_sysreg(pmccntr_el0);
	e = pmu_counter(0);
	pmu_spin(SPIN);
	e = pmu_counter(0) - e;
	after = read_sysreg(pmccntr_el0);
	GUEST_ASSERT(after - before >= e);
}

TEST(every_64th_cycle)
{
	REQUIRE_PMU();
	run_guest(guest_divided);
}

static __shared volatile uint64_t retired, exact;

static void guest_instructions(void)
{
	exact = pmu_has_event(EVENT_INST_RETIRED);
	pmu_clear(PMCR_LC);
	pmu_set_typer(2, EVENT_INST_RETIRED);
	write_sysreg(pmcntenset_el0, 4);
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
	isb();
	pmu_spin(SPIN);
	write_sysreg(pmcr_el0, PMCR_LC);
	retired = pmu_counter(2);
}

TEST(instructions)
{
	REQUIRE_PMU();
	run_guest(guest_instructions);
	if (!exact)
		SKIP(return, "the host does not count instructions");
	/* Two for each round, and what is around it; nothing of the host's. */
	EXPECT_GE(retired, 2 * SPIN);
	EXPECT_LE(retired, 2 * SPIN + 50);
}

/* ------------------------------------------------------------------------ Increments and overflows */

static void guest_increments(void)
{
	pmu_clear(PMCR_LC | PMCR_E);
	pmu_set_typer(0, EVENT_SW_INCR);
	pmu_set_typer(1, EVENT_SW_INCR | TYPER_P);
	write_sysreg(pmswinc_el0, 3);
	GUEST_ASSERT_EQ(0, pmu_counter(0));	/* not enabled */
	write_sysreg(pmcntenset_el0, 3);
	for (unsigned int i = 0; i < 5; i++)
		write_sysreg(pmswinc_el0, ~0ULL);
	GUEST_ASSERT_EQ(5, pmu_counter(0));
	GUEST_ASSERT_EQ(0, pmu_counter(1));
	pmu_set_typer(1, EVENT_SW_INCR | TYPER_U);
	write_sysreg(pmswinc_el0, 2);
	GUEST_ASSERT_EQ(5, pmu_counter(0));
	GUEST_ASSERT_EQ(1, pmu_counter(1));
	write_sysreg(pmcr_el0, PMCR_LC);
	write_sysreg(pmswinc_el0, 3);
	GUEST_ASSERT_EQ(5, pmu_counter(0));

	/* Over the edge */
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
	pmu_set_counter(0, 0xfffffffe);
	write_sysreg(pmswinc_el0, 1);
	GUEST_ASSERT_EQ(0, read_sysreg(pmovsset_el0));
	write_sysreg(pmswinc_el0, 1);
	GUEST_ASSERT_EQ(0, pmu_counter(0) & 0xffffffff);
	GUEST_ASSERT_EQ(1, read_sysreg(pmovsset_el0));
	write_sysreg(pmovsclr_el0, 1);
	GUEST_ASSERT_EQ(0, read_sysreg(pmovsclr_el0));
}

TEST(software_increments)
{
	REQUIRE_PMU();
	run_guest(guest_increments);
}

static void guest_chain(void)
{
	/* By software, where each step is known */
	pmu_clear(PMCR_LC | PMCR_E);
	pmu_set_typer(0, EVENT_SW_INCR);
	pmu_set_typer(1, EVENT_CHAIN);
	write_sysreg(pmcntenset_el0, 3);
	pmu_set_counter(0, 0xffffffff);
	pmu_set_counter(1, 0xfffffffe);
	write_sysreg(pmswinc_el0, 1);
	GUEST_ASSERT_EQ(0xffffffff, pmu_counter(1));
	GUEST_ASSERT_EQ(1, read_sysreg(pmovsclr_el0));
	write_sysreg(pmovsclr_el0, ~0ULL);
	pmu_set_counter(0, 0xffffffff);
	write_sysreg(pmswinc_el0, 3);
	GUEST_ASSERT_EQ(0, pmu_counter(1) & 0xffffffff);
	GUEST_ASSERT_EQ(3, read_sysreg(pmovsclr_el0));
	/* Not while the upper one is off */
	write_sysreg(pmcntenclr_el0, 2);
	pmu_set_counter(0, 0xffffffff);
	pmu_set_counter(1, 5);
	write_sysreg(pmswinc_el0, 1);
	GUEST_ASSERT_EQ(5, pmu_counter(1));

	/* By the host's counter */
	pmu_clear(PMCR_LC);
	pmu_set_typer(0, EVENT_CPU_CYCLES);
	pmu_set_counter(0, 0xffffff00);
	pmu_set_counter(1, 7);
	write_sysreg(pmcntenset_el0, 3);
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
	GUEST_WAIT_FOR(pmu_counter(1) != 7);
	GUEST_ASSERT_EQ(8, pmu_counter(1));
	GUEST_ASSERT((uint32_t)pmu_counter(0) < 0xffffff00);
	GUEST_ASSERT_EQ(1, read_sysreg(pmovsclr_el0));
}

TEST(chained_counters)
{
	REQUIRE_PMU();
	run_guest(guest_chain);
}

static __shared volatile uint64_t has_long;

static void guest_long(void)
{
	has_long = PMUVER(read_sysreg(id_aa64dfr0_el1)) >= PMUVER_V3P5;
	if (!has_long)
		return;
	pmu_clear(PMCR_LC | PMCR_E);
	pmu_set_typer(0, EVENT_SW_INCR);
	pmu_set_typer(1, EVENT_CHAIN);
	write_sysreg(pmcntenset_el0, 3);
	/* 64 bits, but an overflow at 32 as long as LP does not say otherwise */
	pmu_set_counter(0, 0x5ffffffff);
	write_sysreg(pmswinc_el0, 1);
	GUEST_ASSERT_EQ(0x600000000, pmu_counter(0));
	GUEST_ASSERT_EQ(1, read_sysreg(pmovsclr_el0));
	GUEST_ASSERT_EQ(1, pmu_counter(1));
	pmu_clear(PMCR_LC | PMCR_LP | PMCR_E);
	write_sysreg(pmcntenset_el0, 3);
	pmu_set_counter(0, 0x5ffffffff);
	write_sysreg(pmswinc_el0, 1);
	GUEST_ASSERT_EQ(0x600000000, pmu_counter(0));
	GUEST_ASSERT_EQ(0, read_sysreg(pmovsclr_el0));
	pmu_set_counter(0, ~0ULL);
	write_sysreg(pmswinc_el0, 1);
	GUEST_ASSERT_EQ(0, pmu_counter(0));
	GUEST_ASSERT_EQ(1, read_sysreg(pmovsclr_el0));
	/* A counter of 64 bits has nothing to chain. */
	GUEST_ASSERT_EQ(0, pmu_counter(1));
	/* Cycles */
	pmu_clear(PMCR_LC | PMCR_LP);
	pmu_set_typer(0, EVENT_CPU_CYCLES);
	pmu_set_counter(0, -256ULL);
	write_sysreg(pmcntenset_el0, 1);
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_LP | PMCR_E);
	GUEST_WAIT_FOR(read_sysreg(pmovsclr_el0) == 1);
	GUEST_ASSERT(pmu_counter(0) < -256ULL);
}

TEST(long_counters)
{
	REQUIRE_PMU();
	run_guest(guest_long);
	if (!has_long)
		SKIP(return, "no PMUv3p5");
}

/* ---------------------------------------------------------------------------- The overflow interrupt */

static __shared volatile uint64_t interrupts, overflowed, keep;

static void on_interrupt(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	if (intid != PMU_PPI)
		guest_fail("PMU_PPI == intid", __FILE__, __LINE__, PMU_PPI, intid);
	interrupts++;
	overflowed = read_sysreg(pmovsclr_el0);
	if (keep)
		keep--;
	else
		write_sysreg(pmovsclr_el0, overflowed);
	gic_eoi(intid);
}

static void interrupts_on(void)
{
	interrupts = 0;
	keep = 0;
	on_irq(on_interrupt);
	gic_guest_init();
	gic_enable(PMU_PPI);
	irq_enable();
}

/* Once, and no more after it. */
static void expect_interrupt(uint64_t counters)
{
	GUEST_WAIT_FOR(interrupts);
	GUEST_ASSERT_EQ(1, interrupts);
	GUEST_ASSERT_EQ(counters, overflowed);
	guest_delay_us(1000);
	GUEST_ASSERT_EQ(1, interrupts);
	interrupts = 0;
}

static void guest_line(void)
{
	interrupts_on();
	pmu_clear(PMCR_LC);
	/* All three it takes: overflow, interrupt enable and PMCR_EL0.E, in any order */
	write_sysreg(pmovsset_el0, 1);
	write_sysreg(pmintenset_el1, 1);
	isb();
	GUEST_ASSERT_EQ(0, interrupts);
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
	expect_interrupt(1);
	write_sysreg(pmovsset_el0, PMU_CYCLE_BIT);
	guest_delay_us(1000);
	GUEST_ASSERT_EQ(0, interrupts);
	write_sysreg(pmintenset_el1, PMU_CYCLE_BIT);
	expect_interrupt(PMU_CYCLE_BIT);
	/* A level: it comes again as long as nobody clears it. */
	keep = 2;
	write_sysreg(pmovsset_el0, 1);
	GUEST_WAIT_FOR(interrupts == 3);
	guest_delay_us(1000);
	GUEST_ASSERT_EQ(3, interrupts);
	/* It goes before it was taken. */
	irq_disable();
	write_sysreg(pmovsset_el0, 1);
	GUEST_ASSERT(gic_is_pending(PMU_PPI));
	write_sysreg(pmovsclr_el0, 1);
	GUEST_ASSERT(!gic_is_pending(PMU_PPI));
	write_sysreg(pmovsset_el0, 1);
	GUEST_ASSERT(gic_is_pending(PMU_PPI));
	write_sysreg(pmintenclr_el1, 1);
	GUEST_ASSERT(!gic_is_pending(PMU_PPI));
	write_sysreg(pmintenset_el1, 1);
	GUEST_ASSERT(gic_is_pending(PMU_PPI));
	write_sysreg(pmcr_el0, PMCR_LC);
	GUEST_ASSERT(!gic_is_pending(PMU_PPI));
	irq_enable();
	GUEST_ASSERT_EQ(3, interrupts);
}

TEST(interrupt_line)
{
	REQUIRE_PMU();
	run_guest(guest_line);
}

static void guest_overflows(void)
{
	interrupts_on();
	pmu_clear(PMCR_LC | PMCR_E);
	pmu_set_typer(0, EVENT_SW_INCR);
	pmu_set_counter(0, 0xffffffff);
	write_sysreg(pmintenset_el1, PMU_CYCLE_BIT | 3);
	write_sysreg(pmcntenset_el0, 1);
	write_sysreg(pmswinc_el0, 1);
	expect_interrupt(1);

	/* Cycles, which nobody looks at meanwhile */
	write_sysreg(pmccntr_el0, -1000000ULL);
	write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT);
	expect_interrupt(PMU_CYCLE_BIT);
	GUEST_ASSERT(read_sysreg(pmccntr_el0) < -1000000ULL);
	/* Again, with the counter on, and from a stop */
	write_sysreg(pmccntr_el0, -2000000ULL);
	expect_interrupt(PMU_CYCLE_BIT);
	for (unsigned int i = 0; i < 3; i++) {
		write_sysreg(pmcr_el0, PMCR_LC);
		write_sysreg(pmccntr_el0, -3000000ULL);
		pmu_spin(SPIN);
		write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
		expect_interrupt(PMU_CYCLE_BIT);
	}
	write_sysreg(pmcntenclr_el0, PMU_CYCLE_BIT);

	/* An event counter, 32 bits */
	pmu_set_typer(1, EVENT_CPU_CYCLES);
	pmu_set_counter(1, 0x100000000 - 1000000);
	write_sysreg(pmcntenset_el0, 2);
	expect_interrupt(2);
	GUEST_ASSERT(pmu_counter(1) < 0x100000000 - 1000000 || pmu_counter(1) >= 0x100000000);
	write_sysreg(pmcntenclr_el0, 2);

	/* The cycle counter at 32 bits */
	write_sysreg(pmcr_el0, PMCR_E);
	if (!(read_sysreg(pmcr_el0) & PMCR_LC)) {
		write_sysreg(pmccntr_el0, 0x7fff00000ULL);
		write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT);
		GUEST_WAIT_FOR(interrupts);
		GUEST_ASSERT_EQ(PMU_CYCLE_BIT, overflowed);
		GUEST_ASSERT(read_sysreg(pmccntr_el0) >= 0x800000000);
		write_sysreg(pmcntenclr_el0, PMU_CYCLE_BIT);
	}
}

TEST(overflow_interrupts)
{
	REQUIRE_PMU();
	run_guest(guest_overflows);
}

/* A sampling guest: the handler sets the counter back each time, as a profiler does. */
static __shared volatile uint64_t samples;

static void on_sample(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	write_sysreg(pmcr_el0, PMCR_LC);
	GUEST_ASSERT_EQ(PMU_PPI, intid);
	GUEST_ASSERT_EQ(PMU_CYCLE_BIT, read_sysreg(pmovsclr_el0));
	write_sysreg(pmovsclr_el0, PMU_CYCLE_BIT);
	write_sysreg(pmccntr_el0, -5000000ULL);
	samples++;
	gic_eoi(intid);
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
}

static void guest_samples(void)
{
	samples = 0;
	on_irq(on_sample);
	gic_guest_init();
	gic_enable(PMU_PPI);
	pmu_clear(PMCR_LC);
	write_sysreg(pmintenset_el1, PMU_CYCLE_BIT);
	write_sysreg(pmccntr_el0, -5000000ULL);
	write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT);
	irq_enable();
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
	GUEST_WAIT_FOR(samples >= 20);
	write_sysreg(pmcntenclr_el0, PMU_CYCLE_BIT);
}

TEST(sampling)
{
	REQUIRE_PMU();
	run_guest(guest_samples);
}

TEST_HARNESS_MAIN
