// SPDX-License-Identifier: GPL-2.0
/* The bodies of the ITS's trace points. */

#define CREATE_TRACE_POINTS
#include "its-trace.h"
