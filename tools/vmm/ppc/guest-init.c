// SPDX-License-Identifier: GPL-2.0
/*
 * Init of the guest: processes, memory, floating point, timers and signals work,
 * says so on the console, and resets the board.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int bad;

static void check(const char *what, int ok)
{
	printf("guest: %s: %s\n", what, ok ? "ok" : "FAILED");
	bad |= !ok;
}

static int child_works(int n)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(n);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == n;
}

static int memory_works(void)
{
	const size_t size = 4 << 20;
	unsigned int *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);
	size_t i;

	if (p == MAP_FAILED)
		return 0;
	for (i = 0; i < size / sizeof(*p); i += 256)
		p[i] = i * 2654435761u;
	for (i = 0; i < size / sizeof(*p); i += 256)
		if (p[i] != (unsigned int)i * 2654435761u)
			return 0;
	return !munmap(p, size);
}

static int float_works(void)
{
	volatile double x = 1.0, sum = 0;
	int i;

	for (i = 0; i < 1000; i++) {
		sum += 1 / (x * x);
		x += 1;
		if (i % 100 == 0 && !child_works(i % 200))
			return 0;
	}
	return sum > 1.6439 && sum < 1.6440;
}

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
	alarms++;
}

static int timers_work(void)
{
	struct itimerval it = { { 0, 20000 }, { 0, 20000 } };
	struct timespec a, b;
	int i;

	signal(SIGALRM, on_alarm);
	clock_gettime(CLOCK_MONOTONIC, &a);
	setitimer(ITIMER_REAL, &it, NULL);
	for (i = 0; i < 5; i++)
		pause();
	clock_gettime(CLOCK_MONOTONIC, &b);
	return alarms >= 5 && (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 >= 90;
}

static int interrupts_came(void)
{
	char line[256];
	int seen = 0;
	FILE *f = fopen("/proc/interrupts", "r");

	while (f && fgets(line, sizeof(line), f)) {
		char *name = strstr(line, "ttyS0");
		unsigned long n = 0;

		if (name && sscanf(line, "%*[^:]: %lu", &n) == 1 && n > 0)
			seen = 1;
	}
	if (f)
		fclose(f);
	return seen;
}

/*
 * The kernel has put accesses to the page that it shares with KVM in place of instructions that trap. It
 * says "failed" if its room for that was used up, and has done what it had room for.
 */
static int is_patched(void)
{
	static char log[1 << 18];
	int n = klogctl(3, log, sizeof(log) - 1);

	return n > 0 && strstr(log, "KVM: Live patching for a fast VM");
}

int main(int argc, char **argv)
{
	struct utsname name;

	mount("proc", "/proc", "proc", 0, NULL);
	uname(&name);
	printf("guest: %s %s on %s\n", name.sysname, name.release, name.machine);
	/* What the command line says beside the kernel's own is for init. */
	if (argc > 1 && !strcmp(argv[1], "patched"))
		check("patched for KVM", is_patched());
	check("processes", child_works(1) && child_works(77));
	check("memory", memory_works());
	check("floating point", float_works());
	check("timers and signals", timers_work());
	check("serial interrupts", interrupts_came());
	printf("guest: %s\n", bad ? "failed" : "passed");
	fflush(stdout);
	tcdrain(1);
	reboot(RB_AUTOBOOT);
	return 1;
}
