// SPDX-License-Identifier: GPL-2.0
/*
 * A VM's stage 2: its life, and what the generic code asks of it.
 *
 * Locks: vm->mmu_lock, see stage2.h.
 */

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>
#include <kvm/arch.h>
#include "arm64.h"
#include "hcr.h"
#include "stage2.h"

/* Memory that is cleaned, at most, between two points of rescheduling. */
#define STAGE2_CLEAN_PIECE	SZ_2M

struct stage2_features stage2_features __ro_after_init;

static unsigned int id_field(u64 reg, u64 mask)
{
	return (reg & mask) >> __ffs64(mask);
}

/**
 * stage2_granule_supported() - can stage 2 have the kernel's page size?
 * @mmfr0: ID_AA64MMFR0_EL1, sanitised
 *
 * The stage-2 fields say 0 for "as stage 1", 1 for no, 2 and above for yes
 * (DDI 0487, D24.2.86).
 */
bool stage2_granule_supported(u64 mmfr0)
{
	unsigned int stage2, stage1;

	switch (PAGE_SIZE) {
	case SZ_4K:
		stage2 = id_field(mmfr0, ID_AA64MMFR0_EL1_TGRAN4_2_MASK);
		stage1 = id_field(mmfr0, ID_AA64MMFR0_EL1_TGRAN4_MASK);
		return stage2 ? stage2 >= 2 : stage1 != 0xf;
	case SZ_16K:
		stage2 = id_field(mmfr0, ID_AA64MMFR0_EL1_TGRAN16_2_MASK);
		stage1 = id_field(mmfr0, ID_AA64MMFR0_EL1_TGRAN16_MASK);
		return stage2 ? stage2 >= 2 : stage1 != 0;
	default:
		stage2 = id_field(mmfr0, ID_AA64MMFR0_EL1_TGRAN64_2_MASK);
		stage1 = id_field(mmfr0, ID_AA64MMFR0_EL1_TGRAN64_MASK);
		return stage2 ? stage2 >= 2 : stage1 != 0xf;
	}
}

static unsigned int stage2_pa_bits(u64 mmfr0)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52 };
	unsigned int range = id_field(mmfr0, ID_AA64MMFR0_EL1_PARANGE_MASK);
	unsigned int pa = bits[min_t(unsigned int, range, ARRAY_SIZE(bits) - 1)];

	/* 52 bits take FEAT_LPA's format, which only 64 KiB has; FEAT_LPA2 is not used. */
	return PAGE_SHIFT == 16 ? pa : min(pa, 48U);
}

/**
 * stage2_module_init() - learn what the CPUs can do
 *
 * Return: 0 or what vmid_module_init() says.
 */
int stage2_module_init(void)
{
	u64 mmfr0 = read_sanitised_ftr_reg(SYS_ID_AA64MMFR0_EL1);
	u64 mmfr1 = read_sanitised_ftr_reg(SYS_ID_AA64MMFR1_EL1);
	u64 mmfr2 = read_sanitised_ftr_reg(SYS_ID_AA64MMFR2_EL1);
	u64 isar0 = read_sanitised_ftr_reg(SYS_ID_AA64ISAR0_EL1);
	struct stage2_features *f = &stage2_features;

	f->pa_bits = stage2_pa_bits(mmfr0);
	f->vmid16 = id_field(mmfr1, ID_AA64MMFR1_EL1_VMIDBits_MASK) >= 2;
	/* AmpereOne AC03_CPU_38: the access flag of stage 2 is not kept as it should be. */
	f->hw_af = id_field(mmfr1, ID_AA64MMFR1_EL1_HAFDBS_MASK) >= 1 &&
		   !cpus_have_cap(ARM64_WORKAROUND_AMPERE_AC03_CPU_38);
	f->fwb = id_field(mmfr2, ID_AA64MMFR2_EL1_FWB_MASK);
	f->tlb_level = id_field(mmfr2, ID_AA64MMFR2_EL1_TTL_MASK);
	f->tlb_range = id_field(isar0, ID_AA64ISAR0_EL1_TLB_MASK) >= 2;
	f->cnp = system_supports_cnp();
	f->spec_at = cpus_have_cap(ARM64_WORKAROUND_SPECULATIVE_AT);
	f->tlb_repeat = cpus_have_cap(ARM64_WORKAROUND_REPEAT_TLBI);
	cmo_init();
	return vmid_module_init(f->vmid16);
}

/**
 * stage2_module_exit() - no VM is left
 */
void stage2_module_exit(void)
{
	vmid_module_exit();
}

/**
 * stage2_uses_fwb() - does stage 2 decide the memory type alone (FEAT_S2FWB)?
 *
 * The entries' format depends on it, so HCR_EL2.FWB of every guest must agree.
 */
bool stage2_uses_fwb(void)
{
	return stage2_features.fwb;
}

/**
 * stage2_vm_init() - an empty stage 2
 * @vm: the VM
 * @ipa_bits: size of its IPA space
 *
 * Return: 0, -EINVAL if the CPU has no such size, -ENOMEM.
 */
int stage2_vm_init(struct vm *vm, unsigned int ipa_bits)
{
	struct stage2_mmu *mmu __free(kfree) = kzalloc(sizeof(*mmu), GFP_KERNEL_ACCOUNT);
	unsigned int cpu;
	int ret;

	if (!mmu)
		return -ENOMEM;
	mmu->vm = vm;
	ret = stage2_geometry(mmu, ipa_bits);
	if (ret)
		return ret;
	mmu->last_vcpu = alloc_percpu_gfp(int, GFP_KERNEL_ACCOUNT);
	if (!mmu->last_vcpu)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		int *last = per_cpu_ptr(mmu->last_vcpu, cpu);

		*last = -1;
	}
	ret = stage2_table_init(mmu);
	if (ret) {
		free_percpu(mmu->last_vcpu);
		return ret;
	}
	vm->arch.mmu = no_free_ptr(mmu);
	return 0;
}

/* Unmaps in pieces; vm->mmu_lock held for writing, dropped in between if @may_block. */
static void stage2_unmap_range(struct vm *vm, u64 start, u64 end, bool may_block)
{
	struct stage2_mmu *mmu = vm->arch.mmu;
	struct stage2_gather gather;

	lockdep_assert_held_write(&vm->mmu_lock);

	stage2_gather_init(&gather);
	for (;;) {
		start = stage2_unmap(mmu, start, end, may_block, &gather);
		stage2_gather_finish(mmu, &gather);
		if (start >= end)
			return;
		cond_resched_rwlock_write(&vm->mmu_lock);
	}
}

/**
 * stage2_vm_destroy() - free the tables
 * @vm: the VM; nobody runs it or faults, and its notifier is gone.  A VM whose
 *	stage2_vm_init() failed is fine.
 */
void stage2_vm_destroy(struct vm *vm)
{
	struct stage2_mmu *mmu = vm->arch.mmu;

	if (!mmu)
		return;
	arch_mmu_release(vm);
	/* No CPU may walk the start level from a cached base any more. */
	stage2_tlb_flush_all(mmu);
	stage2_table_destroy(mmu);
	free_percpu(mmu->last_vcpu);
	vm->arch.mmu = NULL;
	kfree(mmu);
}

/**
 * stage2_vcpu_destroy() - free the tables that a vCPU keeps for its faults
 * @vcpu: the vCPU
 */
void stage2_vcpu_destroy(struct vcpu *vcpu)
{
	stage2_cache_drain(&vcpu->arch.stage2_cache);
}

/**
 * stage2_vtcr() - VTCR_EL2 of a VM
 * @vm: the VM
 */
u64 stage2_vtcr(struct vm *vm)
{
	return vm->arch.mmu->vtcr;
}

/**
 * stage2_vttbr() - VTTBR_EL2 for the next entry
 * @vcpu: stage2_load() was called for it on this CPU
 *
 * Context: interrupts off.
 */
u64 stage2_vttbr(struct vcpu *vcpu)
{
	struct stage2_mmu *mmu = vcpu->vm->arch.mmu;

	/* The shift drops the generation. */
	return mmu->vttbr | vmid_current(mmu) << VTTBR_VMID_POS;
}

/**
 * stage2_load() - a vCPU comes to this CPU
 * @vcpu: the vCPU
 *
 * Installs the stage-2 base.  TLB entries are tagged with VMID and ASID, and
 * each vCPU of a VM may use an ASID for something else: what another one of the
 * same VM has left here must go.
 *
 * Context: preemption off.
 */
void stage2_load(struct vcpu *vcpu)
{
	struct stage2_mmu *mmu = vcpu->vm->arch.mmu;
	int *last = this_cpu_ptr(mmu->last_vcpu);
	int index = vcpu->index;

	scoped_guard(irqsave) {
		vcpu->arch.hyp.vttbr = mmu->vttbr | vmid_load(mmu) << VTTBR_VMID_POS;
		write_sysreg(vcpu->arch.hyp.vttbr, vttbr_el2);
	}
	if (*last == index)
		return;
	if (*last != -1)
		stage2_tlb_flush_local(mmu);
	*last = index;
}

/**
 * stage2_flush_vm() - the guest's memory agrees with its caches
 * @vm: the VM
 *
 * For cache maintenance by set and way, which cannot be virtualised, and for
 * guests that turn their caches on or off.
 *
 * Context: may sleep.
 */
void stage2_flush_vm(struct vm *vm)
{
	struct stage2_mmu *mmu = vm->arch.mmu;
	u64 end = 1ULL << mmu->ia_bits;
	u64 ipa = 0;

	/* The guest's accesses are always cached then. */
	if (stage2_features.fwb)
		return;
	while (ipa < end && !fatal_signal_pending(current)) {
		scoped_guard(read_lock, &vm->mmu_lock)
			ipa = stage2_clean(mmu, ipa, end, STAGE2_CLEAN_PIECE);
		cond_resched();
	}
}

/* ---- arch.h */

/* A slot may have been accepted that is only partly in the IPA space: never walk past the end. */
static u64 range_end(const struct vm *vm, const struct gfn_range *range)
{
	return min(gfn_to_gpa(range->end), 1ULL << vm->arch.mmu->ia_bits);
}

/**
 * arch_mmu_unmap() - remove a range from stage 2
 * @vm: the VM
 * @range: what
 *
 * Context: vm->mmu_lock held for writing; dropped on the way if the range says
 * that it may block.
 * Return: false: what was owed to the TLBs has been done.
 */
bool arch_mmu_unmap(struct vm *vm, const struct gfn_range *range)
{
	stage2_unmap_range(vm, gfn_to_gpa(range->start), range_end(vm, range), range->may_block);
	return false;
}

/**
 * arch_mmu_age() - has a range been accessed since this was last asked?
 * @vm: the VM
 * @range: what
 *
 * Context: vm->mmu_lock held for writing.
 */
bool arch_mmu_age(struct vm *vm, const struct gfn_range *range)
{
	return stage2_age(vm->arch.mmu, gfn_to_gpa(range->start), range_end(vm, range), true);
}

/**
 * arch_mmu_test_age() - as arch_mmu_age(), and changes nothing
 * @vm: the VM
 * @range: what
 *
 * Context: vm->mmu_lock held.
 */
bool arch_mmu_test_age(struct vm *vm, const struct gfn_range *range)
{
	return stage2_age(vm->arch.mmu, gfn_to_gpa(range->start), range_end(vm, range), false);
}

/**
 * arch_mmu_flush_tlb() - all CPUs forget all of a VM's translations
 * @vm: the VM
 */
void arch_mmu_flush_tlb(struct vm *vm)
{
	stage2_tlb_flush_all(vm->arch.mmu);
}

/**
 * arch_mmu_wrprotect() - the next write to each page of a range faults
 * @vm: the VM
 * @range: what
 *
 * Context: vm->mmu_lock held for writing.  The caller flushes the TLBs.
 */
void arch_mmu_wrprotect(struct vm *vm, const struct gfn_range *range)
{
	stage2_wrprotect(vm->arch.mmu, gfn_to_gpa(range->start), range_end(vm, range));
}

/* Tables that splitting all blocks of a range takes, at most. */
static unsigned int split_tables(const struct stage2_mmu *mmu, u64 start, u64 end)
{
	unsigned int nr = 0;

	for (unsigned int level = 1; level < STAGE2_LAST_LEVEL; level++) {
		unsigned int shift = stage2_level_shift(level);

		if (stage2_level_has_block(mmu, level))
			nr += ((end - 1) >> shift) - (start >> shift) + 1;
	}
	return nr;
}

/**
 * arch_mmu_split() - blocks of a range become pages, if user space wants that
 * @vm: the VM
 * @range: what
 *
 * Otherwise a block is split by the guest's first write to it.  A chunk at a time is
 * split with the lock held and with tables that were allocated before.  If there is no
 * memory for them, what is left of the range is split by the guest.
 *
 * Context: vm->slots_lock held, vm->mmu_lock not; may sleep.
 */
void arch_mmu_split(struct vm *vm, const struct gfn_range *range)
{
	u64 start = gfn_to_gpa(range->start), end = range_end(vm, range);
	struct stage2_mmu *mmu = vm->arch.mmu;
	struct stage2_cache cache = {};

	lockdep_assert_held(&vm->slots_lock);

	if (!vm->arch.split_chunk)
		return;
	while (start < end && !fatal_signal_pending(current)) {
		/* Nothing smaller than a block can be split. */
		u64 chunk = max(vm->arch.split_chunk, stage2_level_size(STAGE2_LAST_LEVEL - 1));
		u64 next = min(ALIGN_DOWN(start, chunk) + chunk, end);

		if (stage2_cache_fill(&cache, split_tables(mmu, start, next)))
			break;
		write_lock(&vm->mmu_lock);
		start = stage2_split(mmu, &cache, start, next);
		write_unlock(&vm->mmu_lock);
		cond_resched();
	}
	stage2_cache_drain(&cache);
}

/**
 * stage2_block_sizes() - KVM_CAP_ARM_SUPPORTED_BLOCK_SIZES
 *
 * Return: the sizes that something can be mapped in, pages included, as a mask.
 */
u64 stage2_block_sizes(void)
{
	return PAGE_SIZE | stage2_level_size(2) | (PAGE_SHIFT == 12 ? stage2_level_size(1) : 0);
}

/**
 * stage2_set_split_chunk() - KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE
 * @vm: the VM
 * @size: of the chunks that blocks are split in when a dirty log begins or is cleared;
 *	  0: they are not
 *
 * Context: process; takes vm->slots_lock.
 * Return: 0; -EINVAL for what is no block's size, or once there is a slot.
 */
int stage2_set_split_chunk(struct vm *vm, u64 size)
{
	if (size && (!is_power_of_2(size) || !(size & stage2_block_sizes())))
		return -EINVAL;

	guard(mutex)(&vm->slots_lock);
	if (!xa_empty(&vm->slots.by_id))
		return -EINVAL;
	WRITE_ONCE(vm->arch.split_chunk, size);
	return 0;
}

/**
 * arch_mmu_release() - unmap everything
 * @vm: the VM
 *
 * Context: may sleep; no locks held.
 */
void arch_mmu_release(struct vm *vm)
{
	write_lock(&vm->mmu_lock);
	stage2_unmap_range(vm, 0, 1ULL << vm->arch.mmu->ia_bits, true);
	write_unlock(&vm->mmu_lock);
}

/**
 * arch_max_gfn() - the first guest page that the IPA space does not have
 * @vm: the VM
 */
gfn_t arch_max_gfn(struct vm *vm)
{
	return 1ULL << (vm->arch.mmu->ia_bits - PAGE_SHIFT);
}

/**
 * arch_memslot_prepare() - may this slot be?
 * @vm: the VM
 * @old: the slot that goes, or NULL
 * @new: the one that comes, or NULL
 *
 * Return: 0; -EFAULT if it is not in the IPA space; -EINVAL if its memory has to have
 * tags and cannot.
 */
int arch_memslot_prepare(struct vm *vm, const struct memslot *old, const struct memslot *new)
{
	gfn_t max = arch_max_gfn(vm);

	if (new && (new->base_gfn >= max || new->npages > max - new->base_gfn))
		return -EFAULT;
	if (new && READ_ONCE(vm->arch.mte) && !mte_slot_allowed(new))
		return -EINVAL;
	return 0;
}

/**
 * arch_memslot_commit() - a change of slots is done
 * @vm: the VM
 * @old: the slot that went, or NULL
 * @new: the one that came, or NULL
 *
 * Unmapping and write-protecting are the generic code's.  When a dirty log ends,
 * pages come back as larger blocks with the next fault that wants to write.
 */
void arch_memslot_commit(struct vm *vm, const struct memslot *old, const struct memslot *new)
{
}
