// SPDX-License-Identifier: GPL-2.0
/* memslot_check_test.c for a host with 64 KiB pages. */

#define PAGE_SHIFT	16
#include "../../../virt/kvm/memslot-check.c"
#include "memslot_check_test.c"
