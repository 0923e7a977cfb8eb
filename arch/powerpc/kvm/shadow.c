// SPDX-License-Identifier: GPL-2.0
/*
 * The shadow TLB: translations of guests that are in the CPU's TLB.
 *
 * Guests run in address space 1, which the host does not use; the TIDs of their
 * entries are shadow PIDs.  A shadow PID belongs to a vCPU and stands for the
 * guest's PID together with what else decides which translations hold:
 * MSR[PR], MSR[IS], MSR[DS].  When all are used up, all are taken back.
 *
 * For each place in the TLB there is a record of what was put there last.  The
 * host may have replaced it since; so a record says what may be there, and the
 * TLB itself is asked before anything is removed.  A translation that has gone
 * is put back at the next miss.
 *
 * Nothing here holds references to pages: an MMU notifier event removes the
 * entries, under the same lock as they are made.
 *
 * Locks: shadow_lock, innermost, interrupts off.  The host kernel is one for a
 * single CPU (arch_init() sees to it), so the TLB that this works on is all
 * there is, and nobody runs a guest meanwhile.
 */

#define pr_fmt(fmt) "kvm: " fmt

#include <linux/bits.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/swab.h>
#include <asm/mmu.h>
#include <asm/reg.h>
#include <asm/reg_booke.h>
#include "shadow.h"

#define SHADOW_NR_PIDS	256

static DEFINE_RAW_SPINLOCK(shadow_lock);
static struct shadow_trans shadow_entries[PPC44x_TLB_SIZE];
static struct {
	struct vcpu *vcpu;
	u16 key;
} shadow_owners[SHADOW_NR_PIDS];
static unsigned int shadow_last_pid;
static unsigned int shadow_next;
static bool shadow_small;	/* there may be entries of less than 4 KiB */
static u64 shadow_pinned;	/* places that the host wants to keep */

/* ---- The CPU's TLB.  MMUCR is the host's between two of its instructions that use it. */

struct hw_tlbe {
	u32 word[3];
	u8 tid;
};

static void hw_tlb_read(unsigned int index, struct hw_tlbe *tlbe)
{
	asm volatile("tlbre %0, %1, 0" : "=r" (tlbe->word[0]) : "r" (index));
	tlbe->tid = mfspr(SPRN_MMUCR) & PPC44x_MMUCR_TID;
	asm volatile("tlbre %0, %1, 1" : "=r" (tlbe->word[1]) : "r" (index));
	asm volatile("tlbre %0, %1, 2" : "=r" (tlbe->word[2]) : "r" (index));
}

static void hw_tlb_write(unsigned int index, const struct hw_tlbe *tlbe)
{
	mtspr(SPRN_MMUCR, (mfspr(SPRN_MMUCR) & ~PPC44x_MMUCR_TID) | tlbe->tid);
	asm volatile("tlbwe %0, %1, 0" : : "r" (tlbe->word[0]), "r" (index));
	asm volatile("tlbwe %0, %1, 1" : : "r" (tlbe->word[1]), "r" (index));
	asm volatile("tlbwe %0, %1, 2" : : "r" (tlbe->word[2]), "r" (index));
	asm volatile("isync" : : : "memory");
}

/* ---- Records */

static void shadow_kill(unsigned int index)
{
	struct shadow_trans *entry = &shadow_entries[index];
	struct hw_tlbe tlbe;
	u32 mmucr;

	lockdep_assert_held(&shadow_lock);

	if (!entry->vcpu)
		return;
	mmucr = mfspr(SPRN_MMUCR);
	hw_tlb_read(index, &tlbe);
	if (tlbe.word[0] == entry->word[0] && tlbe.tid == entry->tid) {
		tlbe.word[0] = 0;
		hw_tlb_write(index, &tlbe);
	}
	mtspr(SPRN_MMUCR, mmucr);
	entry->vcpu->arch.gtlb_shadows[entry->gtlb]--;
	entry->vcpu = NULL;
}

static void shadow_reclaim_pids(void)
{
	unsigned int i;

	lockdep_assert_held(&shadow_lock);

	for (i = 0; i < PPC44x_TLB_SIZE; i++)
		shadow_kill(i);
	for (i = 0; i < SHADOW_NR_PIDS; i++) {
		struct vcpu *vcpu = shadow_owners[i].vcpu;

		if (vcpu)
			((u8 *)vcpu->arch.spid)[shadow_owners[i].key] = 0;
		shadow_owners[i].vcpu = NULL;
	}
	shadow_cache_clear();
	shadow_small = false;
	shadow_last_pid = 0;
}

static u8 shadow_pid_locked(struct vcpu *vcpu)
{
	unsigned int key = shadow_key(vcpu);
	u8 *spid = &((u8 *)vcpu->arch.spid)[key];

	lockdep_assert_held(&shadow_lock);

	if (!*spid) {
		if (shadow_last_pid == SHADOW_NR_PIDS - 1)
			shadow_reclaim_pids();
		*spid = ++shadow_last_pid;
		shadow_owners[*spid].vcpu = vcpu;
		shadow_owners[*spid].key = key;
	}
	return *spid;
}

/**
 * shadow_pid_new() - the state that the guest is in gets a shadow PID
 * @vcpu: own thread
 *
 * Context: interrupts off.
 * Return: the shadow PID.
 */
u8 shadow_pid_new(struct vcpu *vcpu)
{
	u8 pid;

	lockdep_assert_irqs_disabled();
	raw_spin_lock(&shadow_lock);
	pid = shadow_pid_locked(vcpu);
	raw_spin_unlock(&shadow_lock);
	return pid;
}

static unsigned int shadow_victim(void)
{
	do {
		shadow_next = (shadow_next + 1) % PPC44x_TLB_SIZE;
	} while (shadow_pinned & BIT_ULL(shadow_next));
	return shadow_next;
}

/* Two entries for one address must never be: all that lies in the new one's 4 KiB goes. */
static void shadow_make_room(const struct shadow_trans *trans)
{
	bool small = (trans->word[0] & 0xf0) == PPC44x_TLB_1K;
	unsigned int i;

	for (i = 0; i < PPC44x_TLB_SIZE; i++) {
		const struct shadow_trans *entry = &shadow_entries[i];
		bool both = small && (entry->word[0] & 0xf0) == PPC44x_TLB_1K;
		u32 mask = both ? ~0x3ffU : ~0xfffU;

		if (entry->vcpu && entry->tid == trans->tid &&
		    !((entry->word[0] ^ trans->word[0]) & mask))
			shadow_kill(i);
	}
}

/* @missed: the CPU has just found nothing for this page. */
static void shadow_load(const struct shadow_trans *trans, bool missed)
{
	unsigned int i = shadow_victim();
	struct hw_tlbe tlbe = {
		.word = { trans->word[0], trans->word[1], trans->word[2] },
		.tid = trans->tid,
	};
	u32 mmucr;

	lockdep_assert_held(&shadow_lock);

	if (!missed || shadow_small)
		shadow_make_room(trans);
	/* What was there is overwritten; its record still has to be taken back. */
	if (shadow_entries[i].vcpu)
		shadow_entries[i].vcpu->arch.gtlb_shadows[shadow_entries[i].gtlb]--;
	mmucr = mfspr(SPRN_MMUCR);
	hw_tlb_write(i, &tlbe);
	mtspr(SPRN_MMUCR, mmucr);
	shadow_entries[i] = *trans;
	trans->vcpu->arch.gtlb_shadows[trans->gtlb]++;
}

/**
 * shadow_install() - puts a translation into the CPU's TLB, and into the cache
 * @vcpu: whose it is; the translation holds for the state that the guest is in
 * @page: what is translated to what
 *
 * Replaces what there is for the same page.
 *
 * Context: vm->mmu_lock held, and gmem_retry() has been asked.
 */
void shadow_install(struct vcpu *vcpu, const struct shadow_page *page)
{
	struct shadow_trans trans = {
		.vcpu = vcpu,
		.gfn = page->gfn,
		.gtlb = page->gtlb,
		.stamp = vcpu->arch.gtlb_stamp[page->gtlb],
	};
	unsigned long flags;

	raw_spin_lock_irqsave(&shadow_lock, flags);

	if (!(page->attr & PPC44x_TLB_I) && pfn_valid(PHYS_PFN(page->pa)) &&
	    !PageHighMem(pfn_to_page(PHYS_PFN(page->pa))))
		trans.va = __va(page->pa);
	trans.tid = shadow_pid_locked(vcpu);
	trans.word[0] = (page->ea & ~(BIT(page->shift) - 1)) | PPC44x_TLB_VALID | PPC44x_TLB_TS |
			(page->shift == 10 ? PPC44x_TLB_1K : PPC44x_TLB_4K);
	trans.word[1] = (page->pa & PPC44x_TLB_RPN_MASK) |
			((u64)page->pa >> 32 & PPC44x_TLB_ERPN_MASK);
	trans.word[2] = page->attr;
	shadow_small |= page->shift < PAGE_SHIFT;
	shadow_load(&trans, false);
	shadow_cache_add(&trans);
	raw_spin_unlock_irqrestore(&shadow_lock, flags);
}

/**
 * shadow_refill() - answers a miss of the CPU's TLB from the cache
 * @vcpu: own thread, in the state that it was left in
 * @ea: effective address
 * @right: PPC44x_TLB_UR, _UW or _UX
 *
 * Context: interrupts off since the guest ran.
 * Return: false if it is not there, or without that right.
 */
bool shadow_refill(struct vcpu *vcpu, u32 ea, u32 right)
{
	struct shadow_trans *trans;
	bool found;

	lockdep_assert_irqs_disabled();
	raw_spin_lock(&shadow_lock);
	trans = shadow_cache_find(vcpu, vcpu->arch.hw.pid, ea);
	found = trans && trans->word[2] & right;
	if (found)
		shadow_load(trans, true);
	raw_spin_unlock(&shadow_lock);
	return found;
}

/**
 * shadow_fetch() - the instruction at an address that was fetched from before
 * @vcpu: own thread, in the state that it was left in
 * @pc: effective address
 * @insn: the instruction
 *
 * Context: interrupts off since the guest ran, which keeps the page.
 * Return: false if the translation is not in the cache, or not to memory.
 */
bool shadow_fetch(struct vcpu *vcpu, u32 pc, u32 *insn)
{
	const struct shadow_trans *trans;
	bool found;

	lockdep_assert_irqs_disabled();
	raw_spin_lock(&shadow_lock);
	trans = shadow_cache_find(vcpu, vcpu->arch.hw.pid, pc);
	found = trans && trans->va && trans->word[2] & PPC44x_TLB_UX;
	if (found) {
		u32 offset = pc & ((trans->word[0] & 0xf0) == PPC44x_TLB_1K ? 0x3fc : 0xffc);

		*insn = be32_to_cpup(trans->va + offset);
		if (trans->word[2] & PPC44x_TLB_E)
			*insn = swab32(*insn);
	}
	raw_spin_unlock(&shadow_lock);
	return found;
}

/* ---- Removal */

/**
 * shadow_drop_gtlb() - an entry of the guest's TLB changes
 * @vcpu: own thread
 * @gtlb: which
 */
void shadow_drop_gtlb(struct vcpu *vcpu, unsigned int gtlb)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&shadow_lock, flags);
	vcpu->arch.gtlb_stamp[gtlb]++;
	for (i = 0; i < PPC44x_TLB_SIZE && vcpu->arch.gtlb_shadows[gtlb]; i++)
		if (shadow_entries[i].vcpu == vcpu && shadow_entries[i].gtlb == gtlb)
			shadow_kill(i);
	raw_spin_unlock_irqrestore(&shadow_lock, flags);
}

/**
 * shadow_drop_vcpu() - everything of a vCPU's goes, its shadow PIDs too
 * @vcpu: does not run, and will not again or has its TLB reset
 */
void shadow_drop_vcpu(struct vcpu *vcpu)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&shadow_lock, flags);
	for (i = 0; i < PPC44x_TLB_SIZE; i++)
		if (shadow_entries[i].vcpu == vcpu)
			shadow_kill(i);
	for (i = 0; i < SHADOW_NR_PIDS; i++)
		if (shadow_owners[i].vcpu == vcpu)
			shadow_owners[i].vcpu = NULL;
	shadow_cache_clear();
	memset(vcpu->arch.spid, 0, sizeof(vcpu->arch.spid));
	raw_spin_unlock_irqrestore(&shadow_lock, flags);
}

/**
 * shadow_drop_gfns() - guest pages go
 * @vm: whose
 * @start: first of them
 * @end: where they end
 *
 * Context: vm->mmu_lock held for writing, or the address space is going.
 * Return: true if one of them could be accessed.
 */
bool shadow_drop_gfns(struct vm *vm, gfn_t start, gfn_t end)
{
	bool found;
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&shadow_lock, flags);
	found = shadow_cache_drop_gfns(vm, start, end, false);
	for (i = 0; i < PPC44x_TLB_SIZE; i++) {
		if (!shadow_trans_in(&shadow_entries[i], vm, start, end))
			continue;
		shadow_kill(i);
		found = true;
	}
	raw_spin_unlock_irqrestore(&shadow_lock, flags);
	return found;
}

/**
 * shadow_wrprotect_gfns() - the next write to each of some guest pages is to fault
 * @vm: whose
 * @start: first of them
 * @end: where they end
 *
 * Context: vm->mmu_lock held for writing.
 */
void shadow_wrprotect_gfns(struct vm *vm, gfn_t start, gfn_t end)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&shadow_lock, flags);
	shadow_cache_drop_gfns(vm, start, end, true);
	for (i = 0; i < PPC44x_TLB_SIZE; i++)
		if (shadow_entries[i].word[2] & PPC44x_TLB_UW &&
		    shadow_trans_in(&shadow_entries[i], vm, start, end))
			shadow_kill(i);
	raw_spin_unlock_irqrestore(&shadow_lock, flags);
}

bool shadow_has_gfns(struct vm *vm, gfn_t start, gfn_t end)
{
	unsigned long flags;
	unsigned int i;
	bool found;

	raw_spin_lock_irqsave(&shadow_lock, flags);
	found = shadow_cache_has_gfns(vm, start, end);
	for (i = 0; i < PPC44x_TLB_SIZE && !found; i++)
		found = shadow_trans_in(&shadow_entries[i], vm, start, end);
	raw_spin_unlock_irqrestore(&shadow_lock, flags);
	return found;
}

/**
 * shadow_init() - looks which places in the TLB the host has pinned
 *
 * Return: 0; -EBUSY if the host uses address space 1 itself, or nearly all of the TLB.
 */
int __init shadow_init(void)
{
	struct hw_tlbe tlbe;
	unsigned long flags;
	unsigned int i;
	u32 mmucr;

	raw_spin_lock_irqsave(&shadow_lock, flags);
	mmucr = mfspr(SPRN_MMUCR);
	shadow_pinned = 0;
	for (i = 0; i < PPC44x_TLB_SIZE; i++) {
		hw_tlb_read(i, &tlbe);
		if (!(tlbe.word[0] & PPC44x_TLB_VALID))
			continue;
		if (tlbe.word[0] & PPC44x_TLB_TS)
			break;
		if ((tlbe.word[0] & 0xf0) == PPC44x_TLB_256M)
			shadow_pinned |= BIT_ULL(i);
	}
	mtspr(SPRN_MMUCR, mmucr);
	raw_spin_unlock_irqrestore(&shadow_lock, flags);
	if (i < PPC44x_TLB_SIZE) {
		pr_err("the host uses address space 1, which guests need: is CONFIG_PPC_EARLY_DEBUG on?\n");
		return -EBUSY;
	}
	/* Nearly all of it pinned would leave no room for a fetch and its data. */
	if (hweight64(shadow_pinned) > PPC44x_TLB_SIZE - 8) {
		pr_err("the host has pinned %lu of its %u TLB entries, which leaves too few for guests\n",
		       hweight64(shadow_pinned), PPC44x_TLB_SIZE);
		return -EBUSY;
	}
	return 0;
}
