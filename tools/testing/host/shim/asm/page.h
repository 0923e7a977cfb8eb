/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_ASM_PAGE_H
#define SHIM_ASM_PAGE_H

/* The page size under test: -DPAGE_SHIFT=14 or 16 for the larger ones. */
#ifndef PAGE_SHIFT
#define PAGE_SHIFT	12
#endif
#define PAGE_SIZE	(1UL << PAGE_SHIFT)

#endif
