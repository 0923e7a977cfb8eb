/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For test programs: the library and the kernel's kselftest harness. Without /dev/kvm a program ends with a skip
 * (exit status 4) before any test runs.
 */
#ifndef KVM_TEST_H
#define KVM_TEST_H

#include "kselftest_harness.h"
#include "kvm_lib.h"

/* The call fails with this errno. */
#define EXPECT_ERRNO(want, call) do {							\
	long ret_;									\
	int err_;									\
											\
	errno = 0;									\
	ret_ = (long)(call);								\
	err_ = ret_ < 0 ? errno : 0;							\
	EXPECT_EQ(want, err_) TH_LOG("%s: returned %ld (%s), not %s", #call, ret_,	\
				     err_ ? strerror(err_) : "success", strerror(want));	\
} while (0)

/* The call succeeds, with 0. */
#define EXPECT_OK(call) do {								\
	long ret_;									\
											\
	errno = 0;									\
	ret_ = (long)(call);								\
	EXPECT_EQ(0, ret_) TH_LOG("%s: returned %ld (%s)", #call, ret_, strerror(errno)); \
} while (0)

/* A test of something that an implementation may lack, and then says so by a capability. */
#define REQUIRE_CAP(cap) do {								\
	if (kvm_check(cap) <= 0)							\
		SKIP(return, "no " #cap);						\
} while (0)

/* A program none of whose tests makes sense where the condition is false. */
#define TEST_FILE_REQUIRES(condition, text)						\
static void __attribute__((constructor)) test_file_requires(void)			\
{											\
	if (access("/dev/kvm", R_OK | W_OK) || (condition))				\
		return;									\
	printf("TAP version 13\n1..0 # SKIP %s\n", text);				\
	exit(4);									\
}

#endif /* KVM_TEST_H */
