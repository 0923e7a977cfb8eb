// SPDX-License-Identifier: GPL-2.0
/*
 * The checks of a memory region that need nothing but the request.  No kernel
 * services: the unit test builds this file natively.
 */

#include <linux/errno.h>
#include <linux/kvm.h>
#include <kvm/memslot.h>

#define MEMSLOT_FLAGS	(KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY)

/**
 * memslot_check_region() - arithmetic and limits of a slot request
 * @mem: the request; a size of 0 asks for deletion
 *
 * Whether @mem->userspace_addr is user memory is left to the caller, whether the
 * VM's guest physical address space is that large to the architecture.
 *
 * Return: 0 or -EINVAL.
 */
int memslot_check_region(const struct kvm_userspace_memory_region2 *mem)
{
	/* Bits 31:16 are the address space; there is one. */
	if (mem->slot >> 16 || mem->slot >= MEMSLOT_NR_USER)
		return -EINVAL;
	if (mem->flags & ~(u32)MEMSLOT_FLAGS)
		return -EINVAL;
	if ((mem->guest_phys_addr | mem->memory_size | mem->userspace_addr) & (PAGE_SIZE - 1))
		return -EINVAL;
	if (mem->memory_size >> PAGE_SHIFT > MEMSLOT_MAX_PAGES)
		return -EINVAL;

	/* One that ends with the last byte of 2^64 counts as one that wraps. */
	if (mem->guest_phys_addr + mem->memory_size < mem->guest_phys_addr ||
	    mem->userspace_addr + mem->memory_size < mem->userspace_addr)
		return -EINVAL;
	return 0;
}
