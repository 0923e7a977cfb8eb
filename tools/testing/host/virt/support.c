// SPDX-License-Identifier: GPL-2.0
/* What the stand-ins for kernel headers need, and the runner of tests. */

#include <linux/errno.h>
#include <stdlib.h>
#include <linux/eventfd.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include "ktap.h"

bool ktap_failed;

int ktap_run(const struct ktap_test *tests, unsigned int nr)
{
	unsigned int bad = 0;

	printf("KTAP version 1\n1..%u\n", nr);
	for (unsigned int i = 0; i < nr; i++) {
		ktap_failed = false;
		host_alloc_fail = false;
		tests[i].run();
		bad += ktap_failed;
		printf("%sok %u %s\n", ktap_failed ? "not " : "", i + 1, tests[i].name);
	}
	return bad ? 1 : 0;
}

bool host_alloc_fail;
unsigned int host_allocs;

void *host_alloc(size_t size)
{
	if (host_alloc_fail)
		return NULL;
	host_allocs++;
	return calloc(1, size);
}

void kfree(const void *p)
{
	if (p)
		host_allocs--;
	free((void *)p);
}

unsigned int host_srcu_readers, host_srcu_syncs;

#define NR_EVENTFDS	16

static struct eventfd_ctx eventfds[NR_EVENTFDS];

struct eventfd_ctx *eventfd_ctx_fdget(int fd)
{
	if (fd < 0 || fd >= NR_EVENTFDS)
		return ERR_PTR(-EBADF);
	eventfds[fd].refs++;
	return &eventfds[fd];
}

void eventfd_ctx_put(struct eventfd_ctx *ctx)
{
	ctx->refs--;
}

void eventfd_signal(struct eventfd_ctx *ctx)
{
	ctx->signals++;
}

struct eventfd_ctx *host_eventfd(int fd)
{
	return &eventfds[fd];
}
