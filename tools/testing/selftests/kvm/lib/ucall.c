// SPDX-License-Identifier: GPL-2.0
/* Guest code: telling the host. Runs in the guest only. */
#include "kvm_lib.h"

void guest_do_ucall(enum ucall_type type, unsigned int n, const uint64_t *arg)
{
	struct guest_cpu *cpu = guest_cpu();
	struct ucall *u = &cpu->ucall;

	for (unsigned int i = 0; i < UCALL_ARGS; i++)
		u->arg[i] = i < n ? arg[i] : 0;
	u->type = type;
	guest_mmio_write64(VM_UCALL_GPA, (uintptr_t)u);
}

void guest_sync(uint64_t value)
{
	guest_ucall(UCALL_SYNC, value);
}

void guest_fail(const char *what, const char *file, uint64_t line, uint64_t want, uint64_t seen)
{
	for (;;)
		guest_ucall(UCALL_FAIL, (uintptr_t)what, (uintptr_t)file, line, want, seen);
}

/* What the architecture's entry code calls, with stack and translations in place. */
void guest_main(struct guest_cpu *cpu)
{
	((guest_fn)cpu->boot.fn)(cpu->boot.arg[0], cpu->boot.arg[1], cpu->boot.arg[2], cpu->boot.arg[3]);
	for (;;)
		guest_ucall(UCALL_DONE, 0);
}

/* The compiler calls these, and the C library's may use instructions that the guest's CPU has not. */
void *memset(void *to, int c, size_t n)
{
	char *d = to;

	while (n--) {
		*d++ = c;
		asm volatile("" ::: "memory");	/* not to be recognised as a memset() */
	}
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	uint64_t *d8 = to;
	const uint64_t *s8 = from;
	char *d;
	const char *s;

	if (!(((uintptr_t)to | (uintptr_t)from) & 7)) {
		for (; n >= 8; n -= 8) {
			*d8++ = *s8++;
			asm volatile("" ::: "memory");
		}
	}
	d = (char *)d8;
	s = (const char *)s8;
	while (n--) {
		*d++ = *s++;
		asm volatile("" ::: "memory");
	}
	return to;
}
