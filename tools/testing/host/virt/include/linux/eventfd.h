/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_LINUX_EVENTFD_H
#define HOST_LINUX_EVENTFD_H

#include <linux/err.h>

/* Descriptors 0 to 15 are eventfds, the rest are bad. */
struct eventfd_ctx {
	int refs;
	unsigned int signals;
};

struct eventfd_ctx *eventfd_ctx_fdget(int fd);
void eventfd_ctx_put(struct eventfd_ctx *ctx);
void eventfd_signal(struct eventfd_ctx *ctx);
struct eventfd_ctx *host_eventfd(int fd);

#endif
