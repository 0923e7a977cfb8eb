/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_PPC_WORLD_H
#define HOST_PPC_WORLD_H

/*
 * A vCPU, the storage that it sees and the VMM at the other end of its exits.
 * All of it follows from numbers drawn: translations, byte order of pages,
 * what a device answers, what the VMM spoils between exit and completion.
 */

#include <linux/kvm.h>
#include "access.h"
#include "ref.h"

#define WORLD_LOG	256

/* Numbers: from bytes given, then from a generator that they seed */
struct draw {
	const u8 *data;
	size_t left;
	u64 state;
};

u64 draw(struct draw *d);

static inline u32 draw_below(struct draw *d, u32 n)
{
	return draw(d) % n;
}

struct world_log {
	u64 gpa[WORLD_LOG];
	u8 val[WORLD_LOG];
	unsigned int n;
};

struct world {
	struct ppc_cpu_state cpu;
	struct ppc_pending pend;
	struct kvm_run run;
	struct ppc_core core;
	struct draw *draw;
	u64 seed;
	bool faults;		/* some pages have no translation */
	bool in_kernel;		/* some accesses need no exit */
	bool spoil;		/* the VMM writes nonsense to what is not its to say */
	bool fpu_live;		/* the FPU has the registers, the state has rubbish */
	u64 live_fpr[32], live_qpr[32];
	struct world_log stores;
	unsigned int bytes, exits, claims;
	const char *bad;	/* first thing seen to be wrong */
};

void world_init(struct world *w, struct draw *d);
int world_map(struct world *w, u32 ea, bool write, struct ppc_mapping *map);
u8 world_device(const struct world *w, u64 gpa);
void world_fpu_load(struct world *w);
void world_answer(struct world *w);
enum ppc_emul world_run(struct world *w, const struct ppc_access *acc);
const char *world_step(struct world *w, u32 word);

#endif
