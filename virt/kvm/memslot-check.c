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
 * @max_gfn: first guest page that the VM cannot have
 *
 * Whether @mem->userspace_addr is user memory is left to the caller.
 *
 * Return: 0 or -EINVAL.
 */
int memslot_check_region(const struct kvm_userspace_memory_region2 *mem, gfn_t max_gfn)
{
	u64 end;

	/* Bits 31:16 are the address space; there is one. */
	if (mem->slot >> 16 || mem->slot >= MEMSLOT_NR_USER)
		return -EINVAL;
	if (mem->flags & ~(u32)MEMSLOT_FLAGS)
		return -EINVAL;
	if ((mem->guest_phys_addr | mem->memory_size | mem->userspace_addr) & (PAGE_SIZE - 1))
		return -EINVAL;
	if (mem->memory_size >> PAGE_SHIFT > MEMSLOT_MAX_PAGES)
		return -EINVAL;

	/* An empty region cannot wrap; one that ends with the last byte does not either. */
	if (!mem->memory_size)
		return 0;
	end = mem->guest_phys_addr + (mem->memory_size - 1);
	if (end < mem->guest_phys_addr || end >> PAGE_SHIFT >= max_gfn)
		return -EINVAL;
	if (mem->userspace_addr + (mem->memory_size - 1) < mem->userspace_addr)
		return -EINVAL;
	return 0;
}
