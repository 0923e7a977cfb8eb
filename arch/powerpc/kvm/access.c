// SPDX-License-Identifier: GPL-2.0
/*
 * MMIO: from the instruction to exits and from exits to registers.  The rules
 * are in access.h.
 */

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/kvm.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "access-regs.h"

/* What goes to a device at once: words where the instruction is a row of them */
static unsigned int fragment_max(const struct ppc_access *acc)
{
	switch (acc->kind) {
	case PPC_LMW:
	case PPC_STMW:
	case PPC_LSW:
	case PPC_STSW:
		return 4;
	default:
		return 8;
	}
}

static unsigned int fragment_len(const struct ppc_pending *pend)
{
	unsigned int chunk = fragment_max(&pend->acc);
	unsigned int page_end = pend->done < pend->first ? pend->first : pend->total;

	return min(chunk - pend->done % chunk, page_end - pend->done);
}

static u64 fragment_gpa(const struct ppc_pending *pend)
{
	if (pend->done < pend->first)
		return pend->gpa[0] + pend->done;
	return pend->gpa[1] + (pend->done - pend->first);
}

/* Go on until user space is needed or nothing is left. */
static enum ppc_emul mmio_proceed(struct ppc_cpu_state *cpu, struct ppc_pending *pend,
				  struct kvm_run *run)
{
	const struct ppc_core_ops *ops = cpu->core->ops;
	bool write = pend->kind == PPC_PENDING_MMIO_STORE;

	while (pend->done < pend->total) {
		unsigned int len = fragment_len(pend);
		u64 gpa = fragment_gpa(pend);
		u8 *data = pend->data + pend->done;

		if (ops->access && ops->access(cpu, gpa, data, len, write)) {
			pend->done += len;
			continue;
		}
		pend->fragment = len;
		run->exit_reason = KVM_EXIT_MMIO;
		run->mmio.phys_addr = gpa;
		run->mmio.len = len;
		run->mmio.is_write = write;
		memset(run->mmio.data, 0, sizeof(run->mmio.data));
		if (write)
			memcpy(run->mmio.data, data, len);
		return PPC_EMUL_EXIT;
	}

	pend->kind = PPC_PENDING_NONE;
	if (!write)
		ppc_regs_load(cpu, pend);
	return PPC_EMUL_DONE;
}

/*
 * Where the access leads, of both pages if there are two.  Two pages that differ
 * in byte order are an alignment interrupt, unless there is no order to bytes.
 */
static enum ppc_emul mmio_translate(struct ppc_cpu_state *cpu, struct ppc_pending *pend, u32 ea)
{
	const struct ppc_core *core = cpu->core;
	u32 page = BIT(core->page_shift), left = page - (ea & (page - 1));
	bool write = pend->kind == PPC_PENDING_MMIO_STORE;
	struct ppc_mapping map;

	if (core->ops->translate(cpu, ea, write, &map))
		return PPC_EMUL_FAULT;
	pend->gpa[0] = map.gpa;
	pend->little_endian = map.little_endian;
	pend->first = min_t(u32, pend->total, left);
	if (pend->first == pend->total)
		return PPC_EMUL_DONE;

	if (core->ops->translate(cpu, ea + pend->first, write, &map))
		return PPC_EMUL_FAULT;
	pend->gpa[1] = map.gpa;
	if (pend->unit > 1 && map.little_endian != pend->little_endian)
		return PPC_EMUL_ALIGN;
	return PPC_EMUL_DONE;
}

/* Power ISA Book II, "Load and Reserve and Store Conditional Instructions" */
static void mmio_reserve(struct ppc_cpu_state *cpu, struct ppc_pending *pend)
{
	bool stored;

	if (pend->acc.kind == PPC_LWARX) {
		cpu->reserved = true;
		cpu->reservation = pend->gpa[0];
		return;
	}
	stored = cpu->reserved && cpu->reservation == pend->gpa[0];
	cpu->reserved = false;
	cpu->cr &= ~PPC_CR0_MASK;
	if (stored)
		cpu->cr |= PPC_CR0_EQ;
	else
		pend->total = 0;
	if (cpu->xer & PPC_XER_SO)
		cpu->cr |= PPC_CR0_SO;
}

static enum ppc_emul mmio_prepare(struct ppc_cpu_state *cpu, struct ppc_pending *pend)
{
	const struct ppc_access *acc = &pend->acc;
	bool atomic = acc->kind == PPC_LWARX || acc->kind == PPC_STWCX;
	u32 ea = ppc_effective_address(cpu, acc);
	enum ppc_emul res;

	if (!ppc_regs_layout(cpu, pend))
		return PPC_EMUL_ILLEGAL;
	if (atomic && (ea & 3))
		return PPC_EMUL_ALIGN;
	if (acc->kind == PPC_DCBZ)
		ea &= ~(u32)(pend->total - 1);
	if (pend->total) {
		res = mmio_translate(cpu, pend, ea);
		if (res != PPC_EMUL_DONE)
			return res;
	}

	/* Nothing fails from here on: registers may change. */
	if (pend->kind == PPC_PENDING_MMIO_STORE)
		ppc_regs_store(cpu, pend);
	if (atomic)
		mmio_reserve(cpu, pend);
	if (acc->flags & PPC_ACC_UPDATE)
		cpu->gpr[acc->ra] = ea;
	cpu->pc += 4;
	return PPC_EMUL_DONE;
}

/**
 * ppc_mmio_start() - execute a load, store or dcbz
 * @cpu: the registers, the PC at the instruction
 * @pend: with nothing in flight
 * @run: filled in if the result is PPC_EMUL_EXIT
 * @acc: the instruction; not one of a DCR, not PPC_CACHE
 *
 * Also right for storage that is not a device: &ppc_core_ops.access says what
 * needs user space.
 *
 * Context: vCPU thread; may sleep if the core's operations do.
 * Return: any of enum ppc_emul; PPC_EMUL_ILLEGAL also for what is not known, so that no record
 * can be made that completion could not deal with.
 */
enum ppc_emul ppc_mmio_start(struct ppc_cpu_state *cpu, struct ppc_pending *pend,
			     struct kvm_run *run, const struct ppc_access *acc)
{
	enum ppc_emul res;

	*pend = (struct ppc_pending) {
		.kind = ppc_access_is_write(acc) ? PPC_PENDING_MMIO_STORE : PPC_PENDING_MMIO_LOAD,
		.osi_enabled = pend->osi_enabled,
		.acc = *acc,
	};
	res = mmio_prepare(cpu, pend);
	if (res != PPC_EMUL_DONE) {
		pend->kind = PPC_PENDING_NONE;
		return res;
	}
	return mmio_proceed(cpu, pend, run);
}

/**
 * ppc_mmio_complete() - user space has done a fragment
 * @cpu: the registers
 * @pend: with MMIO in flight
 * @run: the data, if it was a load; nothing else in it counts
 *
 * Context: vCPU thread, as ppc_mmio_start().
 * Return: PPC_EMUL_DONE, or PPC_EMUL_EXIT if the access goes on.
 */
enum ppc_emul ppc_mmio_complete(struct ppc_cpu_state *cpu, struct ppc_pending *pend,
				struct kvm_run *run)
{
	unsigned int i;

	if (pend->kind == PPC_PENDING_MMIO_LOAD)
		for (i = 0; i < pend->fragment; i++)
			pend->data[pend->done + i] = READ_ONCE(run->mmio.data[i]);
	pend->done += pend->fragment;
	pend->fragment = 0;
	return mmio_proceed(cpu, pend, run);
}
