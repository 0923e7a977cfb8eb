/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest side of the test library. Guest code runs in the kernel's mode of the guest with its MMU on. It may call what
 * is declared here and plain code of the test program, but nothing of the C library that makes system calls or uses
 * thread-local data (errno, stdio, malloc).
 */
#ifndef KVM_GUEST_H
#define KVM_GUEST_H

#include <stdbool.h>
#include <stdint.h>

/* A variable that host and guest share. */
#define __shared	__attribute__((section(".kvm_shared")))

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

/* What the guest tells the host: it fills this in and writes its address to VM_UCALL_GPA. */
enum ucall_type {
	UCALL_NONE,
	UCALL_SYNC,		/* arg[0]: value */
	UCALL_DONE,
	UCALL_FAIL,		/* arg[0]: text, [1]: file, [2]: line, [3], [4]: values */
	UCALL_PRINT,		/* text: format; arg: up to six values */
	UCALL_EXCEPTION,	/* arg: the architecture's */
};

#define UCALL_ARGS	7

struct ucall {
	uint64_t type;
	uint64_t arg[UCALL_ARGS];
};

typedef void (*guest_fn)(uint64_t, uint64_t, uint64_t, uint64_t);

#include "guest_arch.h"

/* Stop, and have vcpu_sync() return value in the host. Goes on when the host runs the vCPU again. */
void guest_sync(uint64_t value);

/* Formats are printed by the host: all arguments are uint64_t, and %s takes constants of the program. */
#define guest_print(fmt, ...) \
	guest_ucall(UCALL_PRINT, (uint64_t)(fmt), ##__VA_ARGS__)

#define GUEST_ASSERT(cond) do {									\
	if (!(cond))										\
		guest_fail(#cond, __FILE__, __LINE__, 0, 0);					\
} while (0)

#define GUEST_ASSERT_EQ(want, seen) do {							\
	uint64_t want_ = (uint64_t)(want), seen_ = (uint64_t)(seen);				\
	if (want_ != seen_)									\
		guest_fail(#want " == " #seen, __FILE__, __LINE__, want_, seen_);		\
} while (0)

#define GUEST_ASSERT_NE(unwanted, seen) do {							\
	uint64_t want_ = (uint64_t)(unwanted), seen_ = (uint64_t)(seen);			\
	if (want_ == seen_)									\
		guest_fail(#unwanted " != " #seen, __FILE__, __LINE__, want_, seen_);		\
} while (0)

/* Fail only after a while: things that another vCPU, the host or an interrupt does. */
#define GUEST_WAIT_FOR(cond) do {								\
	uint64_t until_ = guest_deadline();							\
	while (!(cond))										\
		if (guest_past(until_))								\
			guest_fail("waiting for " #cond, __FILE__, __LINE__, 0, 0);		\
} while (0)

void __attribute__((noreturn)) guest_fail(const char *what, const char *file, uint64_t line, uint64_t want, uint64_t seen);
void guest_do_ucall(enum ucall_type type, unsigned int n, const uint64_t *arg);

#define guest_ucall(type, ...) do {								\
	const uint64_t arg_[] = { __VA_ARGS__ };						\
	guest_do_ucall(type, sizeof(arg_) / sizeof(arg_[0]), arg_);				\
} while (0)

/* Generous: a vCPU can be off its CPU for long, and the host may itself be emulated. */
uint64_t guest_deadline(void);
bool guest_past(uint64_t deadline);

#endif /* KVM_GUEST_H */
