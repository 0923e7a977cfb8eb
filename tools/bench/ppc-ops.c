// SPDX-License-Identifier: GPL-2.0
/*
 * Cost of single operations of kvm.ko, in instructions of an emulated host that counts them (ppc-host.sh --icount: one
 * instruction is 1 ns, one tick of the time base 2.5 ns).
 */
#include <stdio.h>

#include "ppc.h"

#define N	400		/* operations in a program */
#define PAGES	128		/* more than the TLB holds */
#define ROUNDS	5

static uint32_t ticks(void)
{
	uint32_t tb;

	asm volatile("mfspr %0, 268" : "=r" (tb));
	return tb;
}

static struct ppc *p;

/* From an exit to the end of the program, the best of some. */
static double cost(unsigned int n)
{
	uint32_t best = ~0u;

	emit_stop(p);
	for (int i = 0; i < ROUNDS; i++) {
		uint32_t t;

		ppc_set_pc(p, PPC_CODE);
		ppc_set_gpr(p, 4, PPC_MMIO);
		ppc_set_gpr(p, 6, PPC_DATA);
		t = ticks();
		do
			ppc_run(p);
		while (!ppc_stopped(p));
		t = ticks() - t;
		if (i && t < best)
			best = t;
	}
	ppc_new(p);
	return best * 2.5 / n;
}

static void report(const char *what, double instructions)
{
	printf("%-44s %8.0f\n", what, instructions);
}

int main(void)
{
	double empty;

	p = ppc_create();
	ppc_set_msr(p, 0);
	empty = cost(1);
	for (int i = 0; i < N; i++)
		emit(p, i_mfmsr(3));
	report("instruction emulated (mfmsr)", cost(N) - empty / N);
	for (int i = 0; i < N; i++)
		emit(p, i_mtspr(SPR_SPRG0, 3));
	report("special purpose register (mtspr)", cost(N) - empty / N);
	for (int i = 0; i < N; i++)
		emit(p, i_mfdcr(3, 0x10));
	report("DCR, to user space and back", cost(N) - empty / N);
	for (int i = 0; i < N; i++)
		emit(p, i_lwz(3, 4, 0));
	report("MMIO load, to user space and back", cost(N) - empty / N);
	for (int i = 0; i < N; i++)
		emit(p, i_stw(3, 4, 0));
	report("MMIO store, to user space and back", cost(N) - empty / N);
	/* Rounds after the first find these pages in the cache, not in the TLB. */
	for (int i = 0; i < 4 * PAGES; i++) {
		emit(p, i_lwz(3, 6, 0));
		emit(p, i_addi(6, 6, 4096));
		if (i % PAGES == PAGES - 1)
			emit(p, i_addis(6, 0, PPC_DATA >> 16));
	}
	report("TLB miss, page known", cost(4 * PAGES) - empty / (4 * PAGES));
	ppc_destroy(p);
	return 0;
}
