/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_WORLD_H
#define HOST_ITS_WORLD_H

/*
 * What the ITS sees of the machine, as a model: guest memory, LPIs, vCPUs, the
 * allocator and the scheduler.  Each can be told to fail, and counts.
 */

#include <kvm/memslot.h>
#include "its.h"
#include "its-format.h"

/* Guest memory */
#define MEM_BASE	0x40000000ULL
#define MEM_SIZE	0x800000ULL
#define MEM_PAGE	4096
#define MEM_QUEUE	(MEM_BASE + 0x000000)	/* 1 MiB */
#define MEM_DEVICES	(MEM_BASE + 0x100000)	/* first or only level */
#define MEM_LEVEL2	(MEM_BASE + 0x200000)	/* second levels */
#define MEM_COLLECTIONS	(MEM_BASE + 0x400000)
#define MEM_ITTS	(MEM_BASE + 0x500000)
#define MEM_HIGH	(1ULL << 48 | 0x10000)	/* a last page of 64 KiB */

#define NR_VCPUS	4
#define NR_INTIDS	65536

struct vcpu {
	unsigned int index;
};

struct vm {
	int unused;
};

struct world {
	struct vm vm;
	struct vcpu vcpus[NR_VCPUS];
	unsigned int id_bits;		/* of INTIDs */

	u8 *mem, *high;
	u8 hole[MEM_SIZE / MEM_PAGE];	/* not backed */
	unsigned long reads, failed_reads, writes;

	struct vgic_irq *lpi[NR_INTIDS];
	u8 config[NR_INTIDS];		/* the LPI configuration table */
	unsigned int nr_lpis;
	unsigned long reloads;
	void (*on_unmap)(struct its *its, struct vgic_irq *lpi);

	long fail_alloc;		/* allocations until one fails; -1: none does */
	long nr_allocs;			/* not freed */
	bool fatal_signal;
	unsigned int rcu_depth;
	struct vec_rcu { void **p; size_t nr; } deferred;

	/* LPIs and commands worked on since the last cond_resched(), and the most there were */
	unsigned long work, max_work, total_work;
	unsigned long rescheds, unlocked_rescheds;
	struct mutex *watch;		/* whose state cond_resched() looks at */
	void (*on_turn)(void);		/* runs in cond_resched() without that lock: another thread */
};

extern struct world world;

void world_reset(void);			/* all as at first; what is not freed fails the test */
void its_world_init(struct its *its);	/* enabled, flat tables for all ids, an empty queue of 64 KiB */
void its_world_destroy(struct its *its);	/* also checks that nothing is left */

u64 mem_read64(gpa_t gpa);
void mem_write64(gpa_t gpa, u64 val);
void mem_set_hole(gpa_t gpa, u64 len, bool hole);

/* Commands as a guest's driver makes them: numbers from IHI 0069, 5.3 */
struct cmd {
	__le64 word[4];
};

struct cmd cmd_raw(u64 w0, u64 w1, u64 w2, u64 w3);
struct cmd cmd_mapd(u32 device, unsigned int bits, u64 itt, bool valid);
struct cmd cmd_mapc(u16 icid, u64 rdbase, bool valid);
struct cmd cmd_mapti(u32 device, u32 event, u32 intid, u16 icid);
struct cmd cmd_mapi(u32 device, u32 event, u16 icid);
struct cmd cmd_movi(u32 device, u32 event, u16 icid);
struct cmd cmd_discard(u32 device, u32 event);
struct cmd cmd_clear(u32 device, u32 event);
struct cmd cmd_int(u32 device, u32 event);
struct cmd cmd_inv(u32 device, u32 event);
struct cmd cmd_invall(u16 icid);
struct cmd cmd_movall(u64 from, u64 to);
struct cmd cmd_sync(u64 rdbase);

enum its_result run(struct its *its, struct cmd cmd);	/* takes its->lock */
void queue_put(struct its *its, u32 offset, struct cmd cmd);

/* What a device's write to GITS_TRANSLATER would find: INTID, or 0 */
u32 translate(struct its *its, u32 device, u32 event);

#endif
