// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory by guest physical address, through the VMM's mapping of it.
 *
 * Locks: takes vm->srcu for reading, and faults pages in (mmap_lock).
 */

#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>
#include <kvm/memslot.h>
#include <kvm/vm.h>

/*
 * Most callers are the VMM's own threads.  Work items borrow its address space;
 * false if that has gone.  *@borrowed says what gmem_leave() has to give back.
 */
static bool gmem_enter(struct vm *vm, bool *borrowed)
{
	*borrowed = false;
	if (current->mm == vm->mm)
		return true;
	if (!(current->flags & PF_KTHREAD) || current->mm || !mmget_not_zero(vm->mm))
		return false;
	kthread_use_mm(vm->mm);
	*borrowed = true;
	return true;
}

static void gmem_leave(struct vm *vm, bool borrowed)
{
	if (!borrowed)
		return;
	kthread_unuse_mm(vm->mm);
	/* The last put tears the address space down: not on this stack. */
	mmput_async(vm->mm);
}

/* Within one page. */
static int gmem_read_piece(struct vm *vm, gpa_t gpa, void *data, size_t len)
{
	const struct memslot *slot = memslot_find(vm, gpa_to_gfn(gpa));
	hva_t hva;

	if (!slot)
		return -EFAULT;
	hva = memslot_hva(slot, gpa_to_gfn(gpa)) + offset_in_page(gpa);
	return copy_from_user(data, (void __user *)hva, len) ? -EFAULT : 0;
}

static int gmem_write_piece(struct vm *vm, gpa_t gpa, void *data, size_t len)
{
	const struct memslot *slot = memslot_find(vm, gpa_to_gfn(gpa));
	hva_t hva;
	int ret;

	if (!slot || slot->flags & KVM_MEM_READONLY)
		return -EFAULT;
	hva = memslot_hva(slot, gpa_to_gfn(gpa)) + offset_in_page(gpa);
	ret = copy_to_user((void __user *)hva, data, len) ? -EFAULT : 0;
	/* Also if it failed: a part may have been written. */
	memslot_mark_dirty(vm, slot, gpa_to_gfn(gpa));
	return ret;
}

static int gmem_access(struct vm *vm, gpa_t gpa, void *data, size_t len,
		       int (*piece)(struct vm *vm, gpa_t gpa, void *data, size_t len))
{
	bool borrowed;
	int ret = 0;

	if (!len)
		return 0;
	if (gpa + (len - 1) < gpa || !gmem_enter(vm, &borrowed))
		return -EFAULT;

	scoped_guard(srcu, &vm->srcu) {
		while (len) {
			size_t n = min_t(size_t, len, PAGE_SIZE - offset_in_page(gpa));

			ret = piece(vm, gpa, data, n);
			if (ret)
				break;
			gpa += n;
			data += n;
			len -= n;
			cond_resched();
		}
	}

	gmem_leave(vm, borrowed);
	return ret;
}

/**
 * gmem_read() - copies from guest memory
 * @vm: the VM
 * @gpa: where it starts; may cross pages and slots
 * @data: where it goes; contents are undefined if the copy fails
 * @len: bytes
 *
 * Context: process, may sleep: one of the VMM's threads or a kernel thread.
 * Takes vm->srcu; the caller may hold it too.
 * Return: 0 or -EFAULT.
 */
int gmem_read(struct vm *vm, gpa_t gpa, void *data, size_t len)
{
	return gmem_access(vm, gpa, data, len, gmem_read_piece);
}

/*
 * The slot of a page, from the hint if nothing has changed since.  vm->srcu held: a
 * slot is freed after a grace period that begins with an odd generation, so
 * whoever still reads the old one here keeps the slot; and only the next even
 * one, which comes after that, is remembered with what was found.
 */
static const struct memslot *gmem_hint_slot(struct vm *vm, struct gmem_hint *hint, gfn_t gfn)
{
	u64 generation = READ_ONCE(vm->slots.generation);
	const struct memslot *slot = hint->slot;

	if (slot && hint->generation == generation && gfn - slot->base_gfn < slot->npages)
		return slot;
	slot = memslot_find(vm, gfn);
	hint->slot = generation & 1 ? NULL : slot;
	hint->generation = generation;
	return slot;
}

/**
 * gmem_read_near() - gmem_read() by someone who reads in the same slot again and again
 * @vm: the VM
 * @hint: the reader's, who sees to it that nobody else uses it at the same time
 * @gpa: where it starts; it is quick if this is within a page
 * @data: where it goes; contents are undefined if the copy fails
 * @len: bytes, not 0
 *
 * Finding the slot is most of what a short read costs.
 *
 * Context: as gmem_read().
 * Return: 0 or -EFAULT.
 */
int gmem_read_near(struct vm *vm, struct gmem_hint *hint, gpa_t gpa, void *data, size_t len)
{
	const struct memslot *slot;
	int idx, ret = -EFAULT;

	if (current->mm != vm->mm || len > PAGE_SIZE - offset_in_page(gpa))
		return gmem_read(vm, gpa, data, len);
	idx = srcu_read_lock(&vm->srcu);
	slot = gmem_hint_slot(vm, hint, gpa_to_gfn(gpa));
	if (slot) {
		hva_t hva = memslot_hva(slot, gpa_to_gfn(gpa)) + offset_in_page(gpa);

		if (!copy_from_user(data, (void __user *)hva, len))
			ret = 0;
	}
	srcu_read_unlock(&vm->srcu, idx);
	return ret;
}

/**
 * gmem_write() - copies to guest memory and marks it dirty
 * @vm: the VM
 * @gpa: where it starts; may cross pages and slots
 * @data: what is written
 * @len: bytes
 *
 * Context: as gmem_read().
 * Return: 0, or -EFAULT if a part is not backed by a writable slot; what
 * comes before that part is written then.
 */
int gmem_write(struct vm *vm, gpa_t gpa, const void *data, size_t len)
{
	return gmem_access(vm, gpa, (void *)data, len, gmem_write_piece);
}
