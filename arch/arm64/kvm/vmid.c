// SPDX-License-Identifier: GPL-2.0
/*
 * VMIDs.
 *
 * A VM's VMID is a number of 8 or 16 bits in a generation.  When the numbers
 * are used up the generation changes, the TLBs of all CPUs drop everything of
 * every guest, and numbers are handed out anew, except for those that some CPU
 * is using at that moment: these stay with their VM.
 *
 * What a CPU uses is vmid_active[cpu], or vmid_reserved[cpu] once a change of
 * generation has noticed it.  vmid_load() publishes; until the CPU loads another
 * VM its guest's number is in one of the two, so entering the guest needs no
 * more than a look at the generation.
 *
 * A publisher and a change of generation race like this:
 *
 *	vmid_load()				vmid_roll_over()
 *	  active = vmid				  generation++
 *	  smp_mb()				  smp_mb()
 *	  read generation			  take active
 *
 * Either the publisher sees the new generation and goes the slow way, or its
 * VMID is seen and reserved; or both, which is fine.  A published VMID that is
 * not of the generation that ends belongs to a publisher on its slow way: it is
 * not in use and must not be reserved, since its number may be another VM's by
 * now.
 *
 * Locks: vmid_lock, innermost, interrupts off.
 */

#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <asm/barrier.h>
#include <asm/tlbflush.h>
#include "stage2.h"

u64 vmid_generation = 1;			/* written with vmid_lock */

static DEFINE_RAW_SPINLOCK(vmid_lock);
static DEFINE_PER_CPU(u64, vmid_active);	/* its CPU, and vmid_lock */
static DEFINE_PER_CPU(u64, vmid_reserved);	/* vmid_lock */
static unsigned long *vmid_map;			/* numbers of this generation; vmid_lock */
static unsigned int vmid_count;
static unsigned int vmid_hint = 1;		/* where to look first; vmid_lock */

/**
 * vmid_module_init() - prepare for handing out VMIDs
 * @vmid16: all CPUs have 16-bit VMIDs
 *
 * Return: 0, -ENOMEM, or -ENODEV if there are more CPUs than VMIDs.
 */
int vmid_module_init(bool vmid16)
{
	vmid_count = vmid16 ? 1U << 16 : 1U << 8;
	/* Number 0 is nobody's, and each CPU may hold one over a change of generation. */
	if (num_possible_cpus() + 2 > vmid_count)
		return -ENODEV;
	vmid_map = bitmap_zalloc(vmid_count, GFP_KERNEL);
	if (!vmid_map)
		return -ENOMEM;
	__set_bit(0, vmid_map);
	return 0;
}

/**
 * vmid_module_exit() - no VM is left
 */
void vmid_module_exit(void)
{
	bitmap_free(vmid_map);
	vmid_map = NULL;
}

static void vmid_roll_over(void)
{
	u64 ended = vmid_generation;
	unsigned int cpu;

	lockdep_assert_held(&vmid_lock);

	WRITE_ONCE(vmid_generation, ended + 1);
	/* See the top of the file. */
	smp_mb();

	bitmap_zero(vmid_map, vmid_count);
	__set_bit(0, vmid_map);
	for_each_possible_cpu(cpu) {
		u64 active = xchg_relaxed(per_cpu_ptr(&vmid_active, cpu), 0);
		u64 *reserved = per_cpu_ptr(&vmid_reserved, cpu);

		if (active >> VMID_SHIFT == ended)
			*reserved = active;
		if (*reserved)
			__set_bit(vmid_number(*reserved), vmid_map);
	}
	vmid_hint = 1;

	/* Before the first number changes hands. */
	dsb(ishst);
	__tlbi(alle1is);
	dsb(ish);
	if (stage2_features.tlb_repeat) {
		__tlbi(alle1is);
		dsb(ish);
	}
	isb();
}

/* Is @old in use on some CPU?  Then it becomes @renewed there. */
static bool vmid_keep_reserved(u64 old, u64 renewed)
{
	bool found = false;
	unsigned int cpu;

	lockdep_assert_held(&vmid_lock);

	for_each_possible_cpu(cpu) {
		u64 *reserved = per_cpu_ptr(&vmid_reserved, cpu);

		if (*reserved == old) {
			*reserved = renewed;
			found = true;
		}
	}
	return found;
}

static u64 vmid_allocate(u64 old)
{
	unsigned int number;

	lockdep_assert_held(&vmid_lock);

	if (old) {
		u64 same = vmid_generation << VMID_SHIFT | vmid_number(old);

		if (vmid_keep_reserved(old, same))
			return same;
		/* The same number again, if nobody was quicker: nothing of it is in the TLBs. */
		if (!__test_and_set_bit(vmid_number(old), vmid_map))
			return same;
	}

	number = find_next_zero_bit(vmid_map, vmid_count, vmid_hint);
	if (number == vmid_count && vmid_hint > 1)
		number = find_next_zero_bit(vmid_map, vmid_count, 1);
	if (number == vmid_count) {
		vmid_roll_over();
		/* There are more numbers than CPUs. */
		number = find_next_zero_bit(vmid_map, vmid_count, 1);
	}
	__set_bit(number, vmid_map);
	vmid_hint = number + 1;
	return vmid_generation << VMID_SHIFT | number;
}

/**
 * vmid_renew() - a VMID of the current generation
 * @mmu: of the VM that is about to run here
 *
 * Context: interrupts off.
 * Return: generation and number; they are published as this CPU's.
 */
u64 vmid_renew(struct stage2_mmu *mmu)
{
	u64 vmid;

	raw_spin_lock(&vmid_lock);
	vmid = atomic64_read(&mmu->vmid);
	if (vmid >> VMID_SHIFT != vmid_generation) {
		vmid = vmid_allocate(vmid);
		atomic64_set(&mmu->vmid, vmid);
		/*
		 * Whoever invalidates TLB entries reads the number after it
		 * changed the tables.  If it read the old one, what this CPU's
		 * walks find from here on has the change.
		 */
		smp_mb();
	}
	__this_cpu_write(vmid_active, vmid);
	raw_spin_unlock(&vmid_lock);
	return vmid;
}

/**
 * vmid_load() - this CPU is going to run a VM
 * @mmu: the VM's
 *
 * Context: interrupts off.
 * Return: as vmid_renew().
 */
u64 vmid_load(struct stage2_mmu *mmu)
{
	u64 vmid = atomic64_read(&mmu->vmid);

	if (likely(vmid >> VMID_SHIFT == READ_ONCE(vmid_generation))) {
		WRITE_ONCE(*this_cpu_ptr(&vmid_active), vmid);
		/* See the top of the file. */
		smp_mb();
		if (likely(vmid >> VMID_SHIFT == READ_ONCE(vmid_generation)))
			return vmid;
	}
	return vmid_renew(mmu);
}
