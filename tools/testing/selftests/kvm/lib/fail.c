// SPDX-License-Identifier: GPL-2.0
/* Ending a test early, and not starting one without /dev/kvm. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kvm_lib.h"

/* kselftest's exit codes */
#define EXIT_FAIL	1
#define EXIT_SKIP	4

void lib_fail(const char *file, int line, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "# %s:%d: %s\n", file, line, text);
	/* The harness runs each test in a process of its own: this ends the test, all threads of it. */
	_exit(EXIT_FAIL);
}

int kvm_open(void)
{
	return must(open("/dev/kvm", O_RDWR | O_CLOEXEC));
}

int kvm_check(unsigned int cap)
{
	int fd = kvm_open();
	int ret = must(ioctl(fd, KVM_CHECK_EXTENSION, cap));

	close(fd);
	return ret;
}

bool kernel_checks_itself(void)
{
	return !access("/sys/kernel/debug/kmemleak", F_OK);
}

/* Before main(): every test needs the device. */
static void __attribute__((constructor)) kvm_required(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		printf("TAP version 13\n1..0 # SKIP /dev/kvm: %s\n", strerror(errno));
		exit(EXIT_SKIP);
	}
	close(fd);
}

const char *kvm_exit_name(unsigned int reason)
{
	static const char * const name[] = {
		[KVM_EXIT_UNKNOWN] = "UNKNOWN", [KVM_EXIT_EXCEPTION] = "EXCEPTION",
		[KVM_EXIT_HYPERCALL] = "HYPERCALL", [KVM_EXIT_DEBUG] = "DEBUG", [KVM_EXIT_HLT] = "HLT",
		[KVM_EXIT_MMIO] = "MMIO", [KVM_EXIT_SHUTDOWN] = "SHUTDOWN", [KVM_EXIT_FAIL_ENTRY] = "FAIL_ENTRY",
		[KVM_EXIT_INTR] = "INTR", [KVM_EXIT_INTERNAL_ERROR] = "INTERNAL_ERROR",
		[KVM_EXIT_SYSTEM_EVENT] = "SYSTEM_EVENT", [KVM_EXIT_DIRTY_RING_FULL] = "DIRTY_RING_FULL",
		[KVM_EXIT_MEMORY_FAULT] = "MEMORY_FAULT", [KVM_EXIT_ARM_NISV] = "ARM_NISV",
		[KVM_EXIT_DCR] = "DCR", [KVM_EXIT_OSI] = "OSI",
	};

	if (reason == EXIT_GUEST_SYNC)
		return "guest_sync()";
	if (reason == EXIT_GUEST_DONE)
		return "end of the guest function";
	return reason < sizeof(name) / sizeof(name[0]) && name[reason] ? name[reason] : "other";
}
