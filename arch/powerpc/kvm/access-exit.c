// SPDX-License-Identifier: GPL-2.0
/* Accesses by kind: DCRs, OSI calls, and which completion is whose. */

#include <linux/compiler.h>
#include <linux/kvm.h>
#include "access.h"

#define OSI_MAGIC_R3	0x113724fa
#define OSI_MAGIC_R4	0x77810f9b

/**
 * ppc_dcr_start() - execute mfdcr, mtdcr, mfdcrx or mtdcrx
 * @cpu: the registers, the PC at the instruction
 * @pend: with nothing in flight
 * @run: filled in
 * @acc: the instruction
 *
 * Whether the guest is privileged to do that is the caller's to check. The
 * number that mfdcrx and mtdcrx take from a register goes out in full.
 *
 * Context: vCPU thread.
 * Return: PPC_EMUL_EXIT.
 */
enum ppc_emul ppc_dcr_start(struct ppc_cpu_state *cpu, struct ppc_pending *pend,
			    struct kvm_run *run, const struct ppc_access *acc)
{
	bool write = acc->kind == PPC_MTDCR;

	*pend = (struct ppc_pending) {
		.kind = write ? PPC_PENDING_DCR_STORE : PPC_PENDING_DCR_LOAD,
		.osi_enabled = pend->osi_enabled,
		.acc = *acc,
	};
	run->exit_reason = KVM_EXIT_DCR;
	run->dcr.dcrn = acc->flags & PPC_ACC_IMM ? (u32)acc->disp : cpu->gpr[acc->ra & 31];
	run->dcr.data = write ? cpu->gpr[acc->rt & 31] : 0;
	run->dcr.is_write = write;
	cpu->pc += 4;
	return PPC_EMUL_EXIT;
}

/**
 * ppc_access_start() - execute a decoded instruction
 * @cpu: the registers, the PC at the instruction
 * @pend: with nothing in flight
 * @run: filled in if the result is PPC_EMUL_EXIT
 * @acc: from ppc_decode()
 *
 * Context: vCPU thread, as ppc_mmio_start().
 * Return: any of enum ppc_emul.
 */
enum ppc_emul ppc_access_start(struct ppc_cpu_state *cpu, struct ppc_pending *pend,
			       struct kvm_run *run, const struct ppc_access *acc)
{
	struct ppc_mapping map;

	switch (acc->kind) {
	case PPC_NONE:
		return PPC_EMUL_ILLEGAL;
	case PPC_MFDCR:
	case PPC_MTDCR:
		return ppc_dcr_start(cpu, pend, run, acc);
	case PPC_CACHE:
		if (cpu->core->ops->translate(cpu, ppc_effective_address(cpu, acc), false, &map))
			return PPC_EMUL_FAULT;
		cpu->pc += 4;
		return PPC_EMUL_DONE;
	default:
		return ppc_mmio_start(cpu, pend, run, acc);
	}
}

/**
 * ppc_osi_start() - is a system call one of OSI?
 * @cpu: the registers, the PC past the sc instruction
 * @pend: with nothing in flight
 * @run: filled in if the result is true
 *
 * It is if the capability is enabled and r3 and r4 are what OSI has there.
 *
 * Context: vCPU thread.
 * Return: true to return to user space; false if the system call is the guest's own.
 */
bool ppc_osi_start(struct ppc_cpu_state *cpu, struct ppc_pending *pend, struct kvm_run *run)
{
	unsigned int i;

	if (!pend->osi_enabled || cpu->gpr[3] != OSI_MAGIC_R3 || cpu->gpr[4] != OSI_MAGIC_R4)
		return false;
	*pend = (struct ppc_pending) { .kind = PPC_PENDING_OSI, .osi_enabled = true };
	run->exit_reason = KVM_EXIT_OSI;
	for (i = 0; i < 32; i++)
		run->osi.gprs[i] = cpu->gpr[i];
	return true;
}

/**
 * ppc_osi_enable() - KVM_CAP_PPC_OSI
 * @pend: the vCPU's
 * @enable: or disable, which drops an OSI call in flight
 *
 * Context: vCPU mutex.
 */
void ppc_osi_enable(struct ppc_pending *pend, bool enable)
{
	pend->osi_enabled = enable;
	if (!enable && pend->kind == PPC_PENDING_OSI)
		pend->kind = PPC_PENDING_NONE;
}

/**
 * ppc_complete() - first thing in KVM_RUN: complete what is in flight
 * @cpu: the registers
 * @pend: what is in flight, if anything
 * @run: what user space has to say to it
 *
 * Context: vCPU thread, as ppc_mmio_start().
 * Return: PPC_EMUL_DONE to go on, or PPC_EMUL_EXIT if the access needs another
 * exit, also if a signal is pending.
 */
enum ppc_emul ppc_complete(struct ppc_cpu_state *cpu, struct ppc_pending *pend,
			   struct kvm_run *run)
{
	unsigned int i, kind = pend->kind;

	if (kind == PPC_PENDING_MMIO_LOAD || kind == PPC_PENDING_MMIO_STORE)
		return ppc_mmio_complete(cpu, pend, run);

	pend->kind = PPC_PENDING_NONE;
	if (kind == PPC_PENDING_DCR_LOAD)
		cpu->gpr[pend->acc.rt & 31] = READ_ONCE(run->dcr.data);
	else if (kind == PPC_PENDING_OSI)
		for (i = 0; i < 32; i++)
			cpu->gpr[i] = (u32)READ_ONCE(run->osi.gprs[i]);
	return PPC_EMUL_DONE;
}

/**
 * ppc_pending_reset() - the vCPU is reset
 * @cpu: loses its reservation
 * @pend: loses what is in flight; whether OSI is enabled stays
 *
 * Context: vCPU mutex.
 */
void ppc_pending_reset(struct ppc_cpu_state *cpu, struct ppc_pending *pend)
{
	*pend = (struct ppc_pending) { .osi_enabled = pend->osi_enabled };
	cpu->reserved = false;
}
