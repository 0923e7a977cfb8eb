/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Failures on demand, for a host kernel with FAULT_INJECTION, FAILSLAB, FAIL_PAGE_ALLOC and FAULT_INJECTION_USERCOPY:
 * a system call is repeated with its first allocation or copy failing, then its second, and so on until none is left
 * to fail. See Documentation/fault-injection/fault-injection.rst, /proc/<pid>/fail-nth.
 */
#ifndef FAULT_H
#define FAULT_H

#include "kvm_lib.h"

struct fault_state {
	struct vm *vm;
	struct vcpu *vcpu;
	int fd[4];			/* closed after each attempt unless -1 */
	void *data;			/* freed after each attempt */
	uint64_t value;
};

struct fault_op {
	const char *name;
	void (*setup)(struct fault_state *s);
	long (*run)(struct fault_state *s);		/* the system call: -1 with errno if it fails */
	void (*failed)(struct fault_state *s);		/* before it is tried again, without a failure */
	void (*done)(struct fault_state *s, long ret);	/* after it has succeeded */
	int error;					/* allowed besides ENOMEM and EFAULT */
	bool absorbed;					/* it must not fail, whatever does */
};

bool fault_available(void);		/* has set the kernel up, if it can be */

/*
 * How many of the attempts failed, or with @absorbed met a failure and succeeded nevertheless. Each that fails must do
 * so with ENOMEM or EFAULT and leave no descriptor behind, and succeed when repeated.
 */
unsigned int fault_each(const struct fault_op *op);

#endif /* FAULT_H */
