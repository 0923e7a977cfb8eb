/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_KTAP_H
#define HOST_KTAP_H

#include <stdbool.h>
#include <stdio.h>

/* A test is a function that returns at its first CHECK() that does not hold. */
struct ktap_test {
	const char *name;
	void (*run)(void);
};

extern bool ktap_failed;

#define CHECK(cond) do {							\
	if (!(cond)) {								\
		printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);		\
		ktap_failed = true;						\
		return;								\
	}									\
} while (0)

/* Runs them all, prints KTAP; for main() to return. */
int ktap_run(const struct ktap_test *tests, unsigned int nr);

#endif
