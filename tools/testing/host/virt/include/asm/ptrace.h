/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ASM_PTRACE_H
#define HOST_ASM_PTRACE_H

#include <linux/types.h>

/* The register structures that arm64's <asm/kvm.h> is made of. */
struct user_pt_regs {
	__u64 regs[31];
	__u64 sp;
	__u64 pc;
	__u64 pstate;
};

struct user_fpsimd_state {
	unsigned __int128 vregs[32];
	__u32 fpsr;
	__u32 fpcr;
	__u32 __reserved[2];
};

#endif
