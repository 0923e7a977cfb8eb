/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_ASM_KVM_H
#define SHIM_ASM_KVM_H

/* An architecture with nothing of its own, for what is neutral. */

#include <linux/types.h>

struct kvm_debug_exit_arch { __u32 unused; };
struct kvm_guest_debug_arch { __u32 unused; };
struct kvm_sync_regs { __u32 unused; };

#endif
