// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer: commands and what else there is, from bytes that it invents.  Ends
 * after as many commands as FUZZ_COMMANDS in the environment says.
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "play.h"

static unsigned long wanted;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *commands = getenv("FUZZ_COMMANDS");

	wanted = commands ? strtoul(commands, NULL, 0) : 0;
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const char *diff = play(data, size);

	if (diff) {
		printf("# %s\n", diff);
		fflush(stdout);
		abort();
	}
	if (wanted && play_stats.commands >= wanted) {
		play_report();
		fflush(stdout);
		_exit(0);
	}
	return 0;
}
