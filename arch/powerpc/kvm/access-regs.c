// SPDX-License-Identifier: GPL-2.0
/*
 * Registers as bytes of storage and back.  An access is one element, two (of a
 * pair), as many words as lmw and stmw have registers, or a string of bytes.
 * Strings have no byte order: the bytes of storage fill registers from the most
 * significant byte on, whatever the page's order.
 */

#include <linux/bits.h>
#include "access-regs.h"
#include "fp-format.h"

#define DOUBLE_ONE	(1023ULL << 52)

/* Is register @nr one of those that a string of @bytes fills from @rt on? */
static bool string_fills(unsigned int nr, unsigned int rt, unsigned int bytes)
{
	return ((nr - rt) & 31) < (bytes + 3) / 4;
}

static bool layout_string(const struct ppc_cpu_state *cpu, struct ppc_pending *pend)
{
	const struct ppc_access *acc = &pend->acc;
	bool imm = acc->flags & PPC_ACC_IMM;

	pend->unit = 1;
	pend->count = imm ? acc->bytes : cpu->xer & PPC_XER_COUNT;
	if (acc->kind == PPC_STSW || imm)
		return pend->count <= PPC_ACCESS_MAX;
	return !string_fills(acc->ra, acc->rt, pend->count) &&
	       !string_fills(acc->rb, acc->rt, pend->count);
}

static bool layout_elements(const struct ppc_cpu_state *cpu, struct ppc_pending *pend)
{
	const struct ppc_access *acc = &pend->acc;
	unsigned int gqr;

	pend->count = 1;
	pend->unit = acc->width;
	switch (acc->reg) {
	case PPC_REG_GPR:
		return acc->width == 1 || acc->width == 2 || acc->width == 4;
	case PPC_REG_FPR_SINGLE:
	case PPC_REG_FPR_WORD:
	case PPC_REG_QPR_SINGLE:
		return acc->width == 4;
	case PPC_REG_FPR_DOUBLE:
	case PPC_REG_QPR_DOUBLE:
		return acc->width == 8;
	case PPC_REG_FQPR_SINGLE:
	case PPC_REG_FQPR_WORD:
		pend->count = 2;
		return acc->width == 4;
	case PPC_REG_FQPR_DOUBLE:
		pend->count = 2;
		return acc->width == 8;
	case PPC_REG_FQPR_QUANT:
		gqr = cpu->gqr[acc->gqr & 7];
		pend->gqr = acc->kind == PPC_STORE ? PPC_GQR_ST(gqr) : PPC_GQR_LD(gqr);
		pend->count = acc->flags & PPC_ACC_ONE ? 1 : 2;
		pend->unit = ppc_quant_bytes(pend->gqr);
		return true;
	default:
		return false;
	}
}

/**
 * ppc_regs_layout() - how much of storage is accessed?
 * @cpu: for the length in XER and for the quantisation
 * @pend: &ppc_pending.acc is read; count, unit, total and gqr are filled in
 *
 * Return: false if it is nothing that can be done: a class of register that is
 * not known, or a string that would be loaded over its base.
 */
bool ppc_regs_layout(const struct ppc_cpu_state *cpu, struct ppc_pending *pend)
{
	const struct ppc_access *acc = &pend->acc;
	bool good;

	if (acc->rt > 31 || acc->ra > 31 || acc->rb > 31)
		return false;
	switch (acc->kind) {
	case PPC_LOAD:
	case PPC_STORE:
	case PPC_LWARX:
	case PPC_STWCX:
		good = layout_elements(cpu, pend);
		break;
	case PPC_LMW:
	case PPC_STMW:
		pend->count = 32 - acc->rt;
		pend->unit = 4;
		good = true;
		break;
	case PPC_LSW:
	case PPC_STSW:
		good = layout_string(cpu, pend);
		break;
	case PPC_DCBZ:
		pend->count = cpu->core->dcbz_bytes;
		pend->unit = 1;
		good = pend->count >= 8 && pend->count <= PPC_ACCESS_MAX;
		break;
	default:
		return false;
	}
	pend->total = good ? pend->count * pend->unit : 0;
	return good;
}

static bool low_byte_first(const struct ppc_pending *pend)
{
	return pend->little_endian != !!(pend->acc.flags & PPC_ACC_BYTEREV);
}

static void put_element(struct ppc_pending *pend, unsigned int i, u64 val)
{
	unsigned int n = pend->unit, at;
	bool low_first = low_byte_first(pend);

	for (at = 0; at < n; at++)
		pend->data[i * n + at] = val >> 8 * (low_first ? at : n - 1 - at);
}

static u64 get_element(const struct ppc_pending *pend, unsigned int i)
{
	unsigned int n = pend->unit, at;
	bool low_first = low_byte_first(pend);
	u64 val = 0;

	for (at = 0; at < n; at++)
		val |= (u64)pend->data[i * n + at] << 8 * (low_first ? at : n - 1 - at);
	return val;
}

/* Which register file has element @i? */
static bool is_secondary(const struct ppc_access *acc, unsigned int i)
{
	switch (acc->reg) {
	case PPC_REG_QPR_SINGLE:
	case PPC_REG_QPR_DOUBLE:
		return true;
	case PPC_REG_FQPR_SINGLE:
	case PPC_REG_FQPR_DOUBLE:
	case PPC_REG_FQPR_WORD:
	case PPC_REG_FQPR_QUANT:
		return i != !!(acc->flags & PPC_ACC_CROSS);
	default:
		return false;
	}
}

static u64 fp_to_storage(const struct ppc_pending *pend, u64 val)
{
	switch (pend->acc.reg) {
	case PPC_REG_FPR_SINGLE:
	case PPC_REG_QPR_SINGLE:
	case PPC_REG_FQPR_SINGLE:
		return ppc_double_to_single(val);
	case PPC_REG_FQPR_QUANT:
		return ppc_quantise(pend->gqr, val);
	default:	/* double, or the low word of it */
		return val;
	}
}

static u64 fp_from_storage(const struct ppc_pending *pend, u64 raw)
{
	switch (pend->acc.reg) {
	case PPC_REG_FPR_SINGLE:
	case PPC_REG_QPR_SINGLE:
	case PPC_REG_FQPR_SINGLE:
		return ppc_single_to_double(raw);
	case PPC_REG_FQPR_QUANT:
		return ppc_dequantise(pend->gqr, raw);
	case PPC_REG_FPR_WORD:
		return pend->acc.flags & PPC_ACC_SIGN ? (u64)(s64)(s32)raw : raw;
	default:
		return raw;
	}
}

static u32 extend(const struct ppc_access *acc, u32 raw)
{
	if (!(acc->flags & PPC_ACC_SIGN))
		return raw;
	return acc->width == 1 ? (u32)(s8)raw : acc->width == 2 ? (u32)(s16)raw : raw;
}

/**
 * ppc_regs_store() - take what is to be stored from the registers
 * @cpu: the registers
 * @pend: laid out by ppc_regs_layout(), byte order known; data is filled in
 */
void ppc_regs_store(struct ppc_cpu_state *cpu, struct ppc_pending *pend)
{
	const struct ppc_access *acc = &pend->acc;
	unsigned int i;

	if (acc->kind == PPC_DCBZ)
		return;		/* zero as it is */
	if (acc->kind == PPC_STSW) {
		for (i = 0; i < pend->total; i++)
			pend->data[i] = cpu->gpr[(acc->rt + i / 4) & 31] >> (24 - i % 4 * 8);
		return;
	}
	for (i = 0; i < pend->count; i++) {
		if (acc->reg == PPC_REG_GPR)
			put_element(pend, i, cpu->gpr[(acc->rt + i) & 31]);
		else if (is_secondary(acc, i))
			put_element(pend, i, fp_to_storage(pend, ppc_get_qpr(cpu, acc->rt)));
		else
			put_element(pend, i, fp_to_storage(pend, ppc_get_fpr(cpu, acc->rt)));
	}
}

/**
 * ppc_regs_load() - write what was loaded to the registers
 * @cpu: the registers
 * @pend: the access, with all of its data
 */
void ppc_regs_load(struct ppc_cpu_state *cpu, const struct ppc_pending *pend)
{
	const struct ppc_access *acc = &pend->acc;
	unsigned int i;

	if (acc->kind == PPC_LSW) {
		for (i = 0; i < pend->total; i++) {
			u32 *gpr = &cpu->gpr[(acc->rt + i / 4) & 31];

			if (i % 4 == 0)
				*gpr = 0;
			*gpr |= (u32)pend->data[i] << (24 - i % 4 * 8);
		}
		return;
	}
	for (i = 0; i < pend->count; i++) {
		u64 raw = get_element(pend, i);

		if (acc->reg == PPC_REG_GPR)
			cpu->gpr[(acc->rt + i) & 31] = extend(acc, raw);
		else if (is_secondary(acc, i))
			ppc_set_qpr(cpu, acc->rt, fp_from_storage(pend, raw));
		else
			ppc_set_fpr(cpu, acc->rt, fp_from_storage(pend, raw));
	}
	if (acc->reg == PPC_REG_FQPR_QUANT && (acc->flags & PPC_ACC_ONE))
		ppc_set_qpr(cpu, acc->rt, DOUBLE_ONE);
}
