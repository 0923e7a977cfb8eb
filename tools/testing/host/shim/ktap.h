/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Results as KTAP. A test is a function; expect() marks it as failed and goes
 * on, and says where only the first few times.
 */
#ifndef HOST_KTAP_H
#define HOST_KTAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned int ktap_bad;

#define expect(cond, fmt, ...) do {						\
	if (!(cond) && ktap_bad++ < 10)						\
		printf("# %s:%d: %s: " fmt "\n", __FILE__, __LINE__, #cond,	\
		       ##__VA_ARGS__);						\
} while (0)

struct ktap_test {
	const char *name;
	void (*fn)(void);
};

static inline int ktap_main(const struct ktap_test *tests, unsigned int nr)
{
	unsigned int i, failed = 0;

	printf("KTAP version 1\n1..%u\n", nr);
	for (i = 0; i < nr; i++) {
		ktap_bad = 0;
		tests[i].fn();
		printf("%sok %u %s\n", ktap_bad ? "not " : "", i + 1, tests[i].name);
		fflush(stdout);
		failed += !!ktap_bad;
	}
	return !!failed;
}

#define KTAP_MAIN(tests) \
int main(void) \
{ \
	return ktap_main(tests, sizeof(tests) / sizeof(tests[0])); \
}

/* xorshift: the same numbers everywhere */
static inline uint64_t ktap_random(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

#endif
