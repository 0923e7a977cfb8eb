/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_TYPES_H
#define KVM_TYPES_H

#include <linux/types.h>

typedef u64 gpa_t;
typedef u64 gfn_t;
typedef unsigned long hva_t;

struct vm;
struct vcpu;

#endif
