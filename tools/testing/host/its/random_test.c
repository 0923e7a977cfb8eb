// SPDX-License-Identifier: GPL-2.0
/* Random commands against the reference: as many as the argument says, in thousands. */

#include <stdlib.h>
#include "ktap.h"
#include "play.h"

static unsigned long wanted = 200000;

static void random_commands(void)
{
	unsigned int i;
	u8 data[8192];

	while (play_stats.commands < wanted) {
		const char *diff;

		for (i = 0; i < sizeof(data); i++)
			data[i] = ktap_random() >> 13;
		diff = play(data, ktap_random() % sizeof(data));
		expect(!diff, "input %lu: %s", play_stats.inputs, diff);
		if (diff)
			break;
	}
	play_report();
	for (i = 0; i <= -ITS_NO_MEMORY; i++)
		expect(play_stats.result[i], "no command had result -%u", i);
	expect(play_stats.queued && play_stats.skipped, "the queue was not used");
}

static const struct ktap_test tests[] = {
	{ "random_commands", random_commands },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		wanted = strtoul(argv[1], NULL, 0) * 1000;
	return ktap_main(tests, ARRAY_SIZE(tests));
}
