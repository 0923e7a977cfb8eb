/* SPDX-License-Identifier: GPL-2.0 */
/* Layout only: native builds of what needs no array. */
#ifndef SHIM_LINUX_XARRAY_H
#define SHIM_LINUX_XARRAY_H

struct xarray { void *head; };

#endif
