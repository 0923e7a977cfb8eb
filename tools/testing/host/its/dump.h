/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_DUMP_H
#define HOST_ITS_DUMP_H

#include "world.h"

/* Everything that is mapped, in ascending order: rows of four numbers */
struct dump {
	u64 (*row)[4];
	size_t nr, max;
};

void dump_its(struct dump *d, struct its *its);

/*
 * The same out of guest memory, as the description of table ABI revision 0 has
 * it, with nothing of the code under test.  @by_page: the reader goes through a
 * two-level table page by page, each from its beginning.  False: a table is not
 * well-formed.
 */
bool dump_tables(struct dump *d, struct its *its, bool by_page);

bool dump_equal(const struct dump *a, const struct dump *b);
void dump_free(struct dump *d);

/* Do tables overlap each other?  Then what is saved cannot be restored. */
bool dump_overlaps(struct its *its);

#endif
