/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_MODEL_H
#define HOST_ITS_MODEL_H

/*
 * What the architecture says an ITS does, as plainly as it can be written: lists
 * that are searched from the beginning.  Two ITSs share the LPIs.
 *
 * Nothing here uses the code under test: commands are taken apart by hand.
 */

#include <linux/types.h>
#include "world.h"

#define MODEL_ITS	2

struct model_layout {
	unsigned int id_bits;
	/* One for each ITS */
	bool devices_valid, indirect, collections_valid;
	u32 devices;		/* flat: entries in the table */
	u32 collections;
	u8 level2[8];		/* two levels: is there a page n? */
};

void model_reset(void);
void model_layout(unsigned int n, const struct model_layout *layout);
/* Makes registers and guest memory as the layout says */
void model_apply_layout(struct its *its, unsigned int n);
/* What becomes of a command on ITS @n, and its effect */
enum its_result model_run(unsigned int n, const u64 word[4]);
void model_clear(unsigned int n);
/* State of ITS 0 in a small world: two each of DeviceIDs, EventIDs, ICIDs and LPIs */
#define MODEL_STATE	16
void model_state(u8 state[MODEL_STATE]);
unsigned int model_events(unsigned int n);

/* Everything that can be seen of @its is as in the model; NULL or what is not */
const char *model_compare(struct its *its, unsigned int n);
const char *model_compare_lpis(void);
extern char model_where[128];

#endif
