// SPDX-License-Identifier: GPL-2.0
/* arm64 guest code: exceptions, hypercalls, time. Runs in the guest only. */
#include "kvm_lib.h"

static vector_fn vector_handler[NR_VECTORS];
static vector_fn sync_handler[64];

/* Room for guest_exec(), one instruction and a return for each CPU. */
#define MAX_EXEC_CPUS	16
static uint32_t exec_code[MAX_EXEC_CPUS][16] __attribute__((aligned(64)));

void on_vector(unsigned int vector, vector_fn fn)
{
	vector_handler[vector] = fn;
}

void on_sync(unsigned int ec, vector_fn fn)
{
	sync_handler[ec] = fn;
}

/* Called by the vectors, with interrupts off. */
void guest_exception(struct ex_regs *regs, uint64_t vector);

void guest_exception(struct ex_regs *regs, uint64_t vector)
{
	struct guest_cpu *cpu = guest_cpu();
	uint64_t esr = read_sysreg(esr_el1);
	vector_fn fn = vector_handler[vector];

	if (vector == VECTOR_SYNC && cpu->catching) {
		cpu->caught_esr = esr;
		cpu->caught_far = read_sysreg(far_el1);
		cpu->caught_pc = regs->pc;
		regs->pc += 4;
		return;
	}
	if (vector == VECTOR_IRQ)
		cpu->irqs++;
	if (!fn && vector == VECTOR_SYNC)
		fn = sync_handler[ESR_EC(esr)];
	if (fn) {
		fn(regs, esr);
		return;
	}
	for (;;)
		guest_ucall(UCALL_EXCEPTION, vector, esr, regs->pc, read_sysreg(far_el1));
}

uint64_t guest_exec(uint32_t insn, uint64_t *x0)
{
	uint32_t *code = exec_code[guest_cpu()->index % MAX_EXEC_CPUS];
	uint64_t esr;
	register uint64_t r0 asm("x0") = *x0;

	code[0] = insn;
	code[1] = 0xd65f03c0;	/* ret */
	asm volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" :: "r" (code) : "memory");
	esr = guest_catch(asm volatile("blr %1" : "+r" (r0) : "r" (code) : "x30", "memory"));
	*x0 = r0;
	return esr;
}

void guest_hvc_raw(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, struct smccc_result *res);
void guest_smc_raw(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, struct smccc_result *res);

struct smccc_result guest_hvc(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
	struct smccc_result res;

	guest_hvc_raw(a0, a1, a2, a3, &res);
	return res;
}

struct smccc_result guest_smc(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
	struct smccc_result res;

	guest_smc_raw(a0, a1, a2, a3, &res);
	return res;
}

#define PSCI_CPU_ON	0xc4000003u

/* The loader's answer, for guest code: the image is not at its physical address. */
uint64_t guest_entry_address;

uint64_t guest_entry_pa(void)
{
	return guest_entry_address;
}

int64_t guest_cpu_on(uint64_t mpidr, struct guest_cpu *cpu)
{
	return guest_hvc(PSCI_CPU_ON, mpidr, guest_entry_pa(), (uintptr_t)cpu).a0;
}

#define GUEST_PATIENCE_S	10

uint64_t guest_deadline(void)
{
	return guest_now() + guest_freq() * GUEST_PATIENCE_S;
}

bool guest_past(uint64_t deadline)
{
	cpu_relax();
	return guest_now() > deadline;
}

void guest_delay_us(uint64_t us)
{
	uint64_t until = guest_now() + guest_freq() * us / 1000000;

	while (guest_now() < until)
		cpu_relax();
}
