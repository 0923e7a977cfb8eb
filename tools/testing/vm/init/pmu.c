// SPDX-License-Identifier: GPL-2.0
/*
 * In the guest: the kernel's perf has a PMU. Counts the cycles of a loop, and takes
 * samples of it, which needs the PMU's interrupt. Says what is wrong, or nothing.
 */
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PERIOD		2000000
#define PATIENCE_S	60

static volatile sig_atomic_t samples;

static void on_sample(int sig)
{
	samples++;
}

static int open_cycles(uint64_t period)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.sample_period = period,
		.wakeup_events = 1,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static void spin(void)
{
	for (volatile unsigned int i = 0; i < 1000000; i++)
		;
}

static uint64_t value(int fd)
{
	uint64_t v = 0;

	return read(fd, &v, sizeof(v)) == sizeof(v) ? v : 0;
}

static int complain(const char *what)
{
	perror(what);
	return 1;
}

int main(void)
{
	time_t end = time(NULL) + PATIENCE_S;
	uint64_t first, second;
	int fd;

	fd = open_cycles(0);
	if (fd < 0)
		return complain("perf_event_open");
	spin();
	first = value(fd);
	spin();
	second = value(fd);
	close(fd);
	if (!first || second <= first) {
		printf("cycles: %ju, then %ju\n", (uintmax_t)first, (uintmax_t)second);
		return 1;
	}

	fd = open_cycles(PERIOD);
	if (fd < 0)
		return complain("perf_event_open with a period");
	if (mmap(NULL, 2 * sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED)
		return complain("mmap");
	signal(SIGIO, on_sample);
	if (fcntl(fd, F_SETOWN, getpid()) || fcntl(fd, F_SETFL, O_ASYNC))
		return complain("fcntl");
	while (samples < 5 && time(NULL) < end)
		spin();
	if (samples < 5) {
		printf("%d samples\n", (int)samples);
		return 1;
	}
	return 0;
}
