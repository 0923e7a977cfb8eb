/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_PPC_ACCESS_H
#define KVM_PPC_ACCESS_H

/*
 * Accesses that user space has a part in: MMIO, DCRs and OSI calls.
 *
 * An access starts when the instruction is emulated.  What it is goes to a
 * record that is the kernel's alone; what user space needs goes to struct
 * kvm_run, and KVM_RUN returns.  The next KVM_RUN completes it first of all.
 * From struct kvm_run it takes the values read and nothing else: length, sign,
 * byte order and target are those of the record.
 *
 * An access of more than eight bytes, or over a page boundary, is a sequence of
 * exits.  lmw, stmw and strings are one word each, all others eight bytes.
 * Registers are loaded when the last of them is completed.
 *
 * What holds between an exit and its completion:
 *  - The PC is past the instruction, RA of an update form, CR0 of stwcx. and the
 *    reservation are what they are to be.  What is loaded is not there yet.
 *  - What is stored was taken from the registers at the start.
 *  - KVM_SET_REGS and other calls that write registers neither cancel nor alter
 *    what is in flight: completion then writes its targets (the register loaded,
 *    for OSI all general registers) over what was set, and nothing else; the PC
 *    stays as set.  A VMM that reads and writes back all registers in a device's
 *    handler, as QEMU does, so loses nothing.
 *  - KVM_RUN with immediate_exit or a signal pending completes the access and
 *    then fails with EINTR, unless the access goes on: then it returns the next
 *    exit.  Before a VMM takes a state to keep, it does that until EINTR.
 *  - ppc_pending_reset() drops it.
 */

#include "insn.h"

struct kvm_run;

/* The longest: lswx of 127 bytes, lmw of 32 words, a line of 128 bytes */
#define PPC_ACCESS_MAX	128

/**
 * enum ppc_emul - what comes of an instruction
 * @PPC_EMUL_DONE: it is executed, the guest goes on at the PC
 * @PPC_EMUL_EXIT: struct kvm_run is filled in, return to user space with 0
 * @PPC_EMUL_FAULT: translation failed, the guest's interrupt is queued
 * @PPC_EMUL_ALIGN: the guest is due an alignment interrupt
 * @PPC_EMUL_ILLEGAL: the guest is due a program interrupt, illegal instruction
 *
 * With the last three no register has changed and the PC is at the instruction.
 */
enum ppc_emul {
	PPC_EMUL_DONE,
	PPC_EMUL_EXIT,
	PPC_EMUL_FAULT,
	PPC_EMUL_ALIGN,
	PPC_EMUL_ILLEGAL,
};

/**
 * enum ppc_pending_kind - what is in flight
 * @PPC_PENDING_NONE: nothing
 * @PPC_PENDING_MMIO_LOAD: a load from a device
 * @PPC_PENDING_MMIO_STORE: a store to a device
 * @PPC_PENDING_DCR_LOAD: mfdcr
 * @PPC_PENDING_DCR_STORE: mtdcr
 * @PPC_PENDING_OSI: an OSI call
 */
enum ppc_pending_kind {
	PPC_PENDING_NONE,
	PPC_PENDING_MMIO_LOAD,
	PPC_PENDING_MMIO_STORE,
	PPC_PENDING_DCR_LOAD,
	PPC_PENDING_DCR_STORE,
	PPC_PENDING_OSI,
};

/**
 * struct ppc_pending - a vCPU's access in flight
 * @kind: enum ppc_pending_kind
 * @osi_enabled: the capability is enabled; outlives accesses
 * @little_endian: byte order of the page
 * @total: bytes of storage accessed
 * @done: how many of them are
 * @fragment: how many the exit is for
 * @first: how many lie in the first page
 * @count: elements, or registers
 * @unit: bytes of an element
 * @gqr: the quantisation, as it was at the start
 * @gpa: of the first byte, and of the first in the second page
 * @acc: the instruction
 * @data: in memory's order
 *
 * Written as a whole when an access starts, so that nothing of the last one
 * remains. All zero is the state of a new vCPU.
 */
struct ppc_pending {
	u8 kind;
	bool osi_enabled;
	bool little_endian;
	u8 total;
	u8 done;
	u8 fragment;
	u8 first;
	u8 count;
	u8 unit;
	u32 gqr;
	u64 gpa[2];
	struct ppc_access acc;
	u8 data[PPC_ACCESS_MAX];
};

enum ppc_emul ppc_access_start(struct ppc_cpu_state *cpu, struct ppc_pending *pend,
			       struct kvm_run *run, const struct ppc_access *acc);
enum ppc_emul ppc_mmio_start(struct ppc_cpu_state *cpu, struct ppc_pending *pend,
			     struct kvm_run *run, const struct ppc_access *acc);
enum ppc_emul ppc_dcr_start(struct ppc_cpu_state *cpu, struct ppc_pending *pend,
			    struct kvm_run *run, const struct ppc_access *acc);
enum ppc_emul ppc_mmio_complete(struct ppc_cpu_state *cpu, struct ppc_pending *pend,
				struct kvm_run *run);
bool ppc_osi_start(struct ppc_cpu_state *cpu, struct ppc_pending *pend, struct kvm_run *run);
void ppc_osi_enable(struct ppc_pending *pend, bool enable);
enum ppc_emul ppc_complete(struct ppc_cpu_state *cpu, struct ppc_pending *pend,
			   struct kvm_run *run);
void ppc_pending_reset(struct ppc_cpu_state *cpu, struct ppc_pending *pend);

#endif
