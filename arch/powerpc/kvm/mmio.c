// SPDX-License-Identifier: GPL-2.0
/*
 * Loads and stores where there is no memory: what access.c needs of the core.
 *
 * Locks: vm->srcu held by the caller.
 */

#include <linux/string.h>
#include <linux/swab.h>
#include <asm/cache.h>
#include <asm/mmu.h>
#include <kvm/iobus.h>
#include "booke.h"

static struct vcpu *mmio_vcpu(struct ppc_cpu_state *cpu)
{
	return container_of(cpu, struct vcpu, arch.hw.cpu);
}

static int mmio_translate(struct ppc_cpu_state *cpu, u32 ea, bool write, struct ppc_mapping *map)
{
	enum mmu_access access = write ? ACCESS_WRITE : ACCESS_READ;
	struct vcpu *vcpu = mmio_vcpu(cpu);
	const struct gtlb_entry *entry;
	u32 esr = write ? BESR_ST : 0;
	int i;

	if (magic_at(vcpu, ea)) {
		map->gpa = MAGIC_GPA | (ea & 0xfff);
		map->little_endian = false;
		return 0;
	}
	i = gtlb_find(vcpu, ea, vcpu->arch.regs.pid, gtlb_as(vcpu, access));
	if (i < 0) {
		except_data(vcpu, EXC_DTLB, ea, esr);
		return -ENOENT;
	}
	entry = &vcpu->arch.gtlb[i];
	if (!gtlb_allows(vcpu, entry, access)) {
		except_data(vcpu, EXC_DSI, ea, esr);
		return -EPERM;
	}
	map->gpa = gtlb_gpa(entry, ea);
	map->little_endian = entry->word[2] & PPC44x_TLB_E;
	return 0;
}

/* An access may begin in memory and end in a device, or the other way round. */
static bool mmio_in_kernel(struct ppc_cpu_state *cpu, u64 gpa, void *data, unsigned int len,
			   bool write)
{
	struct vcpu *vcpu = mmio_vcpu(cpu);
	int ret;

	if (gpa & MAGIC_GPA) {
		void *at = magic_access(vcpu, gpa);

		memcpy(write ? at : data, write ? data : at, len);
		return true;
	}
	if (memslot_find(vcpu->vm, gpa_to_gfn(gpa))) {
		ret = write ? gmem_write(vcpu->vm, gpa, data, len) :
			      gmem_read(vcpu->vm, gpa, data, len);
		if (!ret)
			return true;
	}
	ret = write ? iobus_write(vcpu, KVM_MMIO_BUS, gpa, len, data) :
		      iobus_read(vcpu, KVM_MMIO_BUS, gpa, len, data);
	if (ret)
		return false;
	vcpu_stat_inc(vcpu, mmio_exit_kernel);
	return true;
}

static const struct ppc_core_ops mmio_ops = {
	.translate	= mmio_translate,
	.access		= mmio_in_kernel,
	/* The FPU holds nothing of the guest's while an instruction is emulated: fp.c */
};

const struct ppc_core mmio_core = {
	.isa		= PPC_ISA_FP | PPC_ISA_DCR | PPC_ISA_DCRX,
	.dcbz_bytes	= L1_CACHE_BYTES,
	.page_shift	= 10,
	.ops		= &mmio_ops,
};

/**
 * mmio_result() - what an emulated access means for the run loop
 * @vcpu: own thread
 * @res: what came of it
 *
 * Return: EXIT_GUEST or EXIT_USER.
 */
int mmio_result(struct vcpu *vcpu, enum ppc_emul res)
{
	switch (res) {
	case PPC_EMUL_EXIT:
		vcpu_stat_inc(vcpu, mmio_exit_user);
		return EXIT_USER;
	case PPC_EMUL_DONE:
		vcpu->arch.stepped = true;
		return EXIT_GUEST;
	case PPC_EMUL_FAULT:
		return EXIT_GUEST;
	case PPC_EMUL_ALIGN:
		except_data(vcpu, EXC_ALIGNMENT, vcpu->arch.hw.dear, vcpu->arch.hw.esr & BESR_ST);
		return EXIT_GUEST;
	default:
		except_program(vcpu, BESR_PIL);
		return EXIT_GUEST;
	}
}

/* Extended opcodes of cache operations */
#define XO_DCBST	54
#define XO_DCBF		86
#define XO_DCBI		470
#define XO_ICBI		982

/* Is the access one that a data address compare is for? */
static void mmio_watch(struct vcpu *vcpu, u32 insn, const struct ppc_access *access)
{
	bool write = ppc_access_is_write(access);

	if (access->kind == PPC_CACHE) {
		/* What may write to memory is a store here; a touch of a device is nothing. */
		switch (insn >> 1 & 0x3ff) {
		case XO_DCBST:
		case XO_DCBF:
		case XO_DCBI:
			write = true;
			break;
		case XO_ICBI:
			write = false;
			break;
		default:
			return;
		}
	}
	debug_data_start(vcpu, ppc_effective_address(&vcpu->arch.hw.cpu, access), write);
}

/**
 * mmio_emulate() - executes the load or store at the program counter
 * @vcpu: own thread, after mmu_fault_fast()
 *
 * Context: vm->srcu held; may sleep.
 * Return: EXIT_GUEST or EXIT_USER.
 */
int mmio_emulate(struct vcpu *vcpu)
{
	struct ppc_cpu_state *cpu = &vcpu->arch.hw.cpu;
	u32 insn = vcpu->arch.fault_insn;
	struct ppc_access access;
	enum ppc_emul res;

	if (!vcpu->arch.fault_fetched && gtlb_fetch(vcpu, cpu->pc, &insn))
		return EXIT_GUEST;
	/* DCRs are for supervisor state, and do not come here. */
	if (!ppc_decode(insn, cpu->core->isa, &access) || ppc_access_is_dcr(&access))
		return mmio_result(vcpu, PPC_EMUL_ILLEGAL);
	if (debug_steps(vcpu))
		mmio_watch(vcpu, insn, &access);
	res = ppc_access_start(cpu, &vcpu->arch.access, vcpu->run, &access);
	/* What accesses nothing is no event. */
	if (unlikely(vcpu->arch.debug.watched) &&
	    ((res != PPC_EMUL_DONE && res != PPC_EMUL_EXIT) ||
	     (access.kind != PPC_CACHE && !vcpu->arch.access.total)))
		vcpu->arch.debug.watched = 0;
	return mmio_result(vcpu, res);
}
