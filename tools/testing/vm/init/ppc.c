// SPDX-License-Identifier: GPL-2.0
/*
 * The emulated PowerPC host's init: there is no shell for such a machine, so it
 * loads the module (/kvm.ko, if there is one) and runs what /etc/commands says,
 * one command a line, words separated by spaces. The console gets
 *
 *	BED-START, BED-RUN name, BED-RESULT name status, ..., BED-END exit status
 *
 * where the last status is the first that was not 0. "@insmod", "@rmmod" and
 * "@cycle N" load and unload the module; the latter fails if memory gets less by it.
 * "@insmod FILE PARAMETER" and "@rmmod NAME" are for another module. Their status is
 * the error's number.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define MAX_WORDS	64

#define KVM		"kvm"
#define KVM_FILE	"/kvm.ko"

static void finish(const char *how, int status)
{
	printf("\nBED-END %s %d\n", how, status);
	fflush(stdout);
	tcdrain(1);
	/* Power-off is not supported: the emulator ends instead of rebooting. */
	sync();
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

static void print_log(void)
{
	static char buf[1 << 16];
	long n = syscall(SYS_syslog, 3, buf, sizeof(buf) - 1);

	if (n > 0)
		fwrite(buf, 1, n, stdout);
}

static int load(const char *file, const char *parameter)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return errno;
	ret = syscall(SYS_finit_module, fd, parameter, 0) ? errno : 0;
	close(fd);
	return ret;
}

static int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? errno : 0;
}

static long value_in(const char *path, const char *name)
{
	char line[256], key[64];
	long value, found = -1;
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63[^: ]%*[: ]%ld", key, &value) == 2 && !strcmp(key, name))
			found = value;
	if (f)
		fclose(f);
	return found;
}

/* The sum of all objects in use, in KiB: caches differ by what they hold only. */
static long slab_in_use(void)
{
	char line[256], name[64];
	long active, all, size, sum = 0;
	FILE *f = fopen("/proc/slabinfo", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %ld %ld %ld", name, &active, &all, &size) == 4)
			sum += active * size;
	if (f)
		fclose(f);
	return sum / 1024;
}

#define CYCLES_BEFORE	20	/* what is allocated once is then there */
#define SLACK_KIB	96	/* less than one KiB for each of a hundred cycles */

static int cycle_once(int n)
{
	int ret = 0;

	while (n-- > 0 && !ret) {
		ret = unload(KVM);
		if (!ret)
			ret = load(KVM_FILE, "");
	}
	sync();
	return ret;
}

/* At least 100 KiB of what there is at 100 cycles would be missing if each left one. */
static int cycle(int n)
{
	long slab, unreclaimed, vmalloc, free;
	int ret = cycle_once(CYCLES_BEFORE);

	slab = slab_in_use();
	unreclaimed = value_in("/proc/meminfo", "SUnreclaim");
	vmalloc = value_in("/proc/meminfo", "VmallocUsed");
	free = value_in("/proc/meminfo", "MemFree");
	if (!ret)
		ret = cycle_once(n);
	slab = slab_in_use() - slab;
	unreclaimed = value_in("/proc/meminfo", "SUnreclaim") - unreclaimed;
	vmalloc = value_in("/proc/meminfo", "VmallocUsed") - vmalloc;
	free -= value_in("/proc/meminfo", "MemFree");
	printf("%d cycles, KiB more than before: slab objects %ld, slabs %ld, vmalloc %ld, pages %ld\n", n, slab,
	       unreclaimed, vmalloc, free);
	if (!ret && (slab > SLACK_KIB || vmalloc > SLACK_KIB || free > 10 * SLACK_KIB))
		ret = ENOMEM;
	return ret;
}

static int run(char **words)
{
	int status;
	pid_t pid;

	if (!strcmp(words[0], "@insmod"))
		return load(words[1] ? words[1] : KVM_FILE, words[1] && words[2] ? words[2] : "");
	if (!strcmp(words[0], "@rmmod"))
		return unload(words[1] ? words[1] : KVM);
	if (!strcmp(words[0], "@cycle"))
		return cycle(atoi(words[1] ? words[1] : "1"));

	pid = fork();
	if (pid < 0)
		return errno;
	if (!pid) {
		setsid();
		execv(words[0], words);
		perror(words[0]);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) != pid)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(void)
{
	char line[1024], *words[MAX_WORDS + 1];
	int first = 0, ret;
	FILE *f;

	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("tmp", "/tmp", "tmpfs", 0, NULL);
	mkdir("/dev/shm", 01777);
	mount("shm", "/dev/shm", "tmpfs", 0, NULL);
	mount("debug", "/sys/kernel/debug", "debugfs", 0, NULL);
	if (open("/dev/console", O_RDWR) >= 0) {
		dup2(0, 1);
		dup2(0, 2);
	}
	setenv("PATH", "/", 1);
	setenv("HOME", "/", 1);
	signal(SIGPIPE, SIG_IGN);

	printf("\nBED-START\n");
	if (!access(KVM_FILE, R_OK)) {
		ret = load(KVM_FILE, "");
		if (ret) {
			print_log();
			finish("insmod", ret);
		}
	}

	f = fopen("/etc/commands", "re");
	while (f && fgets(line, sizeof(line), f)) {
		int n = 0;
		char *save, *w;

		for (w = strtok_r(line, "\n ", &save); w && n < MAX_WORDS;
		     w = strtok_r(NULL, "\n ", &save))
			words[n++] = w;
		words[n] = NULL;
		if (!n)
			continue;
		printf("BED-RUN %s\n", words[0]);
		fflush(stdout);
		ret = run(words);
		printf("BED-RESULT %s %d\n", words[0], ret);
		if (ret && !first)
			first = ret;
	}
	finish("exit", first);
}
