// SPDX-License-Identifier: GPL-2.0
/* A driver of the PMU for guest code. */
#include "pmu.h"

static void select_counter(unsigned int n)
{
	write_sysreg(pmselr_el0, n);
	isb();
}

uint64_t pmu_counter(unsigned int n)
{
	select_counter(n);
	return read_sysreg(pmxevcntr_el0);
}

void pmu_set_counter(unsigned int n, uint64_t value)
{
	select_counter(n);
	write_sysreg(pmxevcntr_el0, value);
	isb();
}

uint64_t pmu_typer(unsigned int n)
{
	select_counter(n);
	return read_sysreg(pmxevtyper_el0);
}

void pmu_set_typer(unsigned int n, uint64_t value)
{
	select_counter(n);
	write_sysreg(pmxevtyper_el0, value);
	isb();
}

void pmu_clear(uint64_t pmcr)
{
	write_sysreg(pmcr_el0, PMCR_P | PMCR_C);
	write_sysreg(pmcntenclr_el0, ~0ULL);
	write_sysreg(pmintenclr_el1, ~0ULL);
	write_sysreg(pmovsclr_el0, ~0ULL);
	write_sysreg(pmccfiltr_el0, 0);
	write_sysreg(pmcr_el0, pmcr);
	isb();
}

bool pmu_has_event(unsigned int event)
{
	return (event < 32 ? read_sysreg(pmceid0_el0) : read_sysreg(pmceid1_el0)) >> (event & 31) & 1;
}

void pmu_spin(unsigned int rounds)
{
	asm volatile("1:\tsubs %w0, %w0, #1\n\tb.ne 1b" : "+r" (rounds) :: "cc");
}

static uint64_t el0_return, el0_esr;

static void on_el0(struct ex_regs *regs, uint64_t esr)
{
	el0_esr = esr;
	regs->pc = el0_return;
	regs->pstate = 0x3c5;		/* EL1h, all masked */
}

/* No call comes between the assignment to a register and its use. */
static __attribute__((noinline)) uint64_t enter_el0(uint64_t pc, uint64_t *x0)
{
	register uint64_t r0 asm("x0") = *x0;

	asm volatile("adr x9, 1f\n\t"
		     "str x9, [%1]\n\t"
		     "msr elr_el1, %2\n\t"
		     "msr spsr_el1, %3\n\t"
		     "eret\n"
		     "1:"
		     : "+r" (r0) : "r" (&el0_return), "r" (pc), "r" (0x3c0ULL)
		     : "x1", "x2", "x3", "x9", "cc", "memory");
	*x0 = r0;
	return el0_esr;
}

uint64_t pmu_run_el0(uint64_t pc, uint64_t *x0)
{
	on_vector(VECTOR_SYNC_LOW64, on_el0);
	return enter_el0(pc, x0);
}
