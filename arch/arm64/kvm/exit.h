/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_EXIT_H
#define KVM_ARM64_EXIT_H

#include "arm64.h"

enum exit_result exit_handle_fast(struct vcpu *vcpu);
enum exit_result exit_handle_slow(struct vcpu *vcpu);

#endif
