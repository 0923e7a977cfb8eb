// SPDX-License-Identifier: GPL-2.0
/*
 * In the guest: a program of user space has memory with tags. A store by a pointer with the
 * right tag works, one with a wrong tag ends in a signal. Says what is wrong, or nothing.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>

/* The kernel's ABI for arm64, which headers of the C library may lack */
#define PROT_WITH_TAGS		0x20
#define SET_TAGGED_ADDR_CTRL	55
#define TAGGED_ADDR_ENABLE	1UL
#define TAGS_CHECKED		(1UL << 1)		/* synchronously */
#define TAGS_DRAWN(mask)	((unsigned long)(mask) << 3)
#define CODE_TAG_FAULT		9			/* SEGV_MTESERR */

#define SIZE	(1UL << 20)
#define GRANULE	16

static sigjmp_buf back;
static volatile sig_atomic_t code;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	code = info->si_code;
	siglongjmp(back, 1);
}

static int fail(const char *what)
{
	printf("memory tags: %s\n", what);
	return 1;
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	char *memory, *tagged;

	if (prctl(SET_TAGGED_ADDR_CTRL, TAGGED_ADDR_ENABLE | TAGS_CHECKED | TAGS_DRAWN(0xfffe), 0, 0, 0))
		return fail("the kernel has none");
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE | PROT_WITH_TAGS, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return fail("no memory with tags");
	sigaction(SIGSEGV, &action, NULL);

	for (unsigned long at = 0; at < SIZE; at += GRANULE) {
		asm volatile(".arch armv8.5-a+memtag\n\tirg %0, %1\n\tstg %0, [%0]"
			     : "=r" (tagged) : "r" (memory + at) : "memory");
		if (tagged == memory + at)
			return fail("a tag that is not to be drawn");
		*(volatile uint64_t *)tagged = at;
		if (at % 4096)
			continue;
		code = 0;
		if (!sigsetjmp(back, 1)) {
			*(volatile uint64_t *)(memory + at) = 1;
			return fail("a store by a wrong pointer was done");
		}
		if (code != CODE_TAG_FAULT)
			return fail("another fault than that of a tag");
		if (*(volatile uint64_t *)tagged != at)
			return fail("a store that was faulted was done");
	}
	return 0;
}
