// SPDX-License-Identifier: GPL-2.0
/* System calls with one of their allocations or copies failing. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "fault.h"

#define MAX_POINTS	4000	/* more in one system call are an endless loop */

static int write_file(const char *dir, const char *name, const char *value)
{
	char path[120];
	int fd, ret;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = write(fd, value, strlen(value)) == (ssize_t)strlen(value) ? 0 : -1;
	close(fd);
	return ret;
}

bool fault_available(void)
{
	static const struct {
		const char *dir, *name, *value;
	} set[] = {
		/* Allocations that may sleep are the ones that matter. */
		{ "failslab", "ignore-gfp-wait", "N" },
		{ "failslab", "verbose", "0" },
		{ "fail_page_alloc", "ignore-gfp-wait", "N" },
		{ "fail_page_alloc", "ignore-gfp-highmem", "N" },
		{ "fail_page_alloc", "min-order", "0" },
		{ "fail_page_alloc", "verbose", "0" },
		{ "fail_usercopy", "verbose", "0" },
	};

	if (access("/proc/self/fail-nth", W_OK))
		return false;
	for (unsigned int i = 0; i < sizeof(set) / sizeof(set[0]); i++)
		if (write_file(set[i].dir, set[i].name, set[i].value))
			return false;
	return true;
}

static void fault_arm(int fd, unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	must(pwrite(fd, text, len, 0));
}

/* True if it came to the failure. */
static bool fault_disarm(int fd)
{
	char text[16] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	/* The copy that tells can be what fails. */
	if (n < 0)
		return false;
	if (strtoul(text, NULL, 10) == 0)
		return true;
	/* So can this one's; it has been used up then. */
	if (pwrite(fd, "0", 1, 0) != 1)
		must(pwrite(fd, "0", 1, 0));
	return false;
}

static int lowest_free_fd(void)
{
	int fd = must(dup(0));

	close(fd);
	return fd;
}

static void clean_up(struct fault_state *s)
{
	for (unsigned int i = 0; i < sizeof(s->fd) / sizeof(s->fd[0]); i++)
		if (s->fd[i] >= 0)
			close(s->fd[i]);
	if (s->vm)
		vm_destroy(s->vm);
	free(s->data);
}

static void check_failure(const struct fault_op *op, unsigned int n, bool fired, int error, int fd)
{
	if (!fired)
		test_fail("%s: %s without an injected failure", op->name, strerror(error));
	if (error != ENOMEM && error != EFAULT && error != op->error)
		test_fail("%s: failure %u led to %s", op->name, n, strerror(error));
	if (fd != lowest_free_fd())
		test_fail("%s: failure %u left a descriptor", op->name, n);
}

unsigned int fault_each(const struct fault_op *op)
{
	int nth = must(open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC));
	unsigned int failures = 0;
	bool fired = true;

	for (unsigned int n = 1; fired; n++) {
		struct fault_state s = { .fd = { -1, -1, -1, -1 } };
		int error, fd;
		long ret;

		if (n > MAX_POINTS)
			test_fail("%s: no end", op->name);
		op->setup(&s);
		fd = lowest_free_fd();
		fault_arm(nth, n);
		ret = op->run(&s);
		error = errno;
		fired = fault_disarm(nth);
		if (op->absorbed) {
			if (ret < 0)
				test_fail("%s: failure %u led to %s", op->name, n, strerror(error));
			failures += fired;
		} else if (ret < 0) {
			failures++;
			check_failure(op, n, fired, error, fd);
			if (op->failed)
				op->failed(&s);
			ret = op->run(&s);
			if (ret < 0)
				test_fail("%s: after failure %u (%s): %s", op->name, n, strerror(error),
					  strerror(errno));
		}
		if (op->done)
			op->done(&s, ret);
		clean_up(&s);
	}
	close(nth);
	return failures;
}
