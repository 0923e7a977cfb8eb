/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_LINUX_NOSPEC_H
#define HOST_LINUX_NOSPEC_H

#include <assert.h>

/* Only ever given an index that was checked. */
#define array_index_nospec(index, size) \
	({ assert((index) < (size)); (index); })

#endif
