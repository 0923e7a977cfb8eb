// SPDX-License-Identifier: GPL-2.0
/* The bodies of the generic code's trace points. */

#define CREATE_TRACE_POINTS
#include <kvm/trace.h>
