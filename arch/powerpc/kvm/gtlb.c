// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's TLB: 64 entries as a 440 has them (PPC440x5 CPU Core User's
 * Manual, chapter 5), which the guest manages with tlbwe, tlbre and tlbsx.
 *
 * No locks: the vCPU's own thread, or vcpu->mutex.
 */

#include <linux/mm.h>
#include <linux/string.h>
#include <asm/mmu.h>
#include "booke.h"

#define GTLB_WORD0_MASK	(PPC44x_TLB_EPN_MASK | PPC44x_TLB_VALID | PPC44x_TLB_TS | 0xf0)
#define GTLB_WORD1_MASK	(PPC44x_TLB_RPN_MASK | PPC44x_TLB_ERPN_MASK)
#define GTLB_WORD2_MASK	(PPC44x_TLB_ATTR_MASK | PPC44x_TLB_PERM_MASK)
#define GTLB_MAX_SHIFT	28

/**
 * gtlb_reset() - what firmware would have left: one entry for the first 256 MiB
 * @vcpu: the vCPU, not running
 */
void gtlb_reset(struct vcpu *vcpu)
{
	memset(vcpu->arch.gtlb, 0, sizeof(vcpu->arch.gtlb));
	vcpu->arch.gtlb[0].word[0] = PPC44x_TLB_VALID | PPC44x_TLB_256M;
	vcpu->arch.gtlb[0].word[2] = PPC44x_TLB_SX | PPC44x_TLB_SW | PPC44x_TLB_SR;
}

unsigned int gtlb_shift(const struct gtlb_entry *entry)
{
	/* A size of 4^n KiB; the encodings that are not defined for the core act alike. */
	return 10 + 2 * ((entry->word[0] & 0xf0) >> 4);
}

static u32 gtlb_offset_mask(const struct gtlb_entry *entry)
{
	return (1U << gtlb_shift(entry)) - 1;
}

gpa_t gtlb_gpa(const struct gtlb_entry *entry, u32 ea)
{
	u32 mask = gtlb_offset_mask(entry);

	return (gpa_t)(entry->word[1] & PPC44x_TLB_ERPN_MASK) << 32 |
	       (entry->word[1] & PPC44x_TLB_RPN_MASK & ~mask) | (ea & mask);
}

int gtlb_find(const struct vcpu *vcpu, u32 ea, u8 pid, bool as)
{
	const struct gtlb_entry *entry = vcpu->arch.gtlb;
	int i;

	for (i = 0; i < GTLB_SIZE; i++, entry++) {
		if (!(entry->word[0] & PPC44x_TLB_VALID))
			continue;
		if (!(entry->word[0] & PPC44x_TLB_TS) == as)
			continue;
		if (entry->tid && entry->tid != pid)
			continue;
		if (gtlb_shift(entry) <= GTLB_MAX_SHIFT &&
		    !((ea ^ entry->word[0]) & ~gtlb_offset_mask(entry) & PPC44x_TLB_EPN_MASK))
			return i;
	}
	return -1;
}

bool gtlb_allows(const struct vcpu *vcpu, const struct gtlb_entry *entry, enum mmu_access access)
{
	static const u8 supervisor[] = {
		[ACCESS_READ]	= PPC44x_TLB_SR,
		[ACCESS_WRITE]	= PPC44x_TLB_SW,
		[ACCESS_FETCH]	= PPC44x_TLB_SX,
	};
	unsigned int shift = vcpu->arch.regs.msr & BMSR_PR ? 3 : 0;

	return entry->word[2] & supervisor[access] << shift;
}

/* ---- Instructions.  @index is the low bits of a register: all values are one. */

enum emul_result gtlb_tlbwe(struct vcpu *vcpu, u32 value, u32 index, unsigned int word)
{
	struct gtlb_entry *entry = &vcpu->arch.gtlb[index % GTLB_SIZE];

	switch (word) {
	case PPC44x_TLB_PAGEID:
		entry->word[0] = value & GTLB_WORD0_MASK;
		entry->tid = vcpu->arch.regs.mmucr & PPC44x_MMUCR_TID;
		break;
	case PPC44x_TLB_XLAT:
		entry->word[1] = value & GTLB_WORD1_MASK;
		break;
	case PPC44x_TLB_ATTRIB:
		entry->word[2] = value & GTLB_WORD2_MASK;
		break;
	default:
		return EMUL_UNKNOWN;
	}
	shadow_drop_gtlb(vcpu, index % GTLB_SIZE);
	return EMUL_DONE;
}

enum emul_result gtlb_tlbre(struct vcpu *vcpu, u32 index, unsigned int word, u32 *value)
{
	const struct gtlb_entry *entry = &vcpu->arch.gtlb[index % GTLB_SIZE];

	if (word > PPC44x_TLB_ATTRIB)
		return EMUL_UNKNOWN;
	*value = entry->word[word];
	if (word == PPC44x_TLB_PAGEID)
		vcpu->arch.regs.mmucr = (vcpu->arch.regs.mmucr & ~PPC44x_MMUCR_TID) | entry->tid;
	return EMUL_DONE;
}

int gtlb_tlbsx(struct vcpu *vcpu, u32 ea)
{
	u32 mmucr = vcpu->arch.regs.mmucr;

	return gtlb_find(vcpu, ea, mmucr & PPC44x_MMUCR_TID, mmucr & PPC44x_MMUCR_STS);
}

/**
 * gtlb_fetch() - reads the instruction that the guest is at
 * @vcpu: own thread
 * @pc: effective address of it
 * @insn: the instruction
 *
 * Context: may sleep.
 * Return: 0, or not 0 with an exception pending: the fetch itself fails.
 */
int gtlb_fetch(struct vcpu *vcpu, u32 pc, u32 *insn)
{
	const struct gtlb_entry *entry;
	__be32 word;
	int i;

	i = gtlb_find(vcpu, pc, vcpu->arch.regs.pid, gtlb_as(vcpu, ACCESS_FETCH));
	if (i < 0) {
		except_queue(vcpu, EXC_ITLB);
		return -ENOENT;
	}
	entry = &vcpu->arch.gtlb[i];
	if (!gtlb_allows(vcpu, entry, ACCESS_FETCH)) {
		except_queue(vcpu, EXC_ISI);
		return -EPERM;
	}
	if (gmem_read(vcpu->vm, gtlb_gpa(entry, pc), &word, sizeof(word))) {
		/* It was there a moment ago. */
		except_program(vcpu, BESR_PIL);
		return -EFAULT;
	}
	*insn = be32_to_cpu(word);
	if (entry->word[2] & PPC44x_TLB_E)
		*insn = swab32(*insn);
	return 0;
}
