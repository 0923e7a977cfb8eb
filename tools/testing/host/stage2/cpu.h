/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A CPU that walks stage-2 tables by VTCR_EL2 and VTTBR_EL2, with a TLB and a cache of
 * tables that it fills whenever it likes; and the memory that tables are in.
 */
#ifndef STAGE2_TEST_CPU_H
#define STAGE2_TEST_CPU_H

#include "hcr.h"
#include "stage2.h"

#define TLB_SIZE	512
#define PERMS		(STAGE2_PTE_READ | STAGE2_PTE_WRITE | STAGE2_PTE_XN)

/* Of one test; the first that goes wrong is told. */
extern bool failed;

#define CHECK(cond, ...)						\
	do {								\
		if (!(cond) && !failed) {				\
			failed = true;					\
			printf("# line %d: %s\n", __LINE__, #cond);	\
			printf("# " __VA_ARGS__);			\
			printf("\n");					\
		}							\
	} while (0)

u64 rnd64(void);
u64 rnd(u64 n);			/* below n */

/* The VM whose registers the CPU has */
extern struct vm vm;
extern struct stage2_mmu mmu;
extern unsigned int pages_live;	/* pages of tables that are allocated */

struct translation {
	bool valid;
	u64 base;		/* of the entry, in the IPA space */
	u64 size;
	u64 pte;
	u64 pa;			/* of @base */
	unsigned int level;
};

struct cached_table {
	u64 base;
	u64 size;
	unsigned long address;	/* 0: none */
};

extern struct translation tlb[TLB_SIZE];
extern struct cached_table table_cache[TLB_SIZE];

u64 cpu_output(u64 pte);	/* the address in an entry */
/* Without a TLB; @tables gets the tables below the start level. */
struct translation cpu_walk(u64 ipa, struct cached_table tables[3]);
void cpu_access(u64 ipa);	/* or a speculative one: may fill the TLB and the table cache */
void tlb_flush_all(void);
bool overlaps(u64 base, u64 size, u64 start, u64 end);

#endif
