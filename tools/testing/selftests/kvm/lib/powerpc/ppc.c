// SPDX-License-Identifier: GPL-2.0
/* PowerPC: a VM with one vCPU, programs for it and its state. */
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "ppc.h"

struct ppc *ppc_create(void)
{
	struct kvm_userspace_memory_region slot = { .memory_size = PPC_RAM_SIZE };
	struct ppc *p = calloc(1, sizeof(*p));

	p->kvm = kvm_open();
	p->vm = must(ioctl(p->kvm, KVM_CREATE_VM, 0));
	p->vcpu = must(ioctl(p->vm, KVM_CREATE_VCPU, 0));
	p->run_size = must(ioctl(p->kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
	p->run = mmap(NULL, p->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, p->vcpu, 0);
	p->ram = mmap(NULL, PPC_RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p->run == MAP_FAILED || p->ram == MAP_FAILED)
		test_fail("mmap: %s", strerror(errno));
	slot.userspace_addr = (uintptr_t)p->ram;
	must(ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &slot));
	ppc_new(p);
	return p;
}

void ppc_destroy(struct ppc *p)
{
	munmap(p->run, p->run_size);
	close(p->vcpu);
	close(p->vm);
	close(p->kvm);
	munmap(p->ram, PPC_RAM_SIZE);
	free(p);
}

/* ---- Programs */

void ppc_new(struct ppc *p)
{
	p->at = PPC_CODE;
}

void emit(struct ppc *p, uint32_t insn)
{
	memcpy(p->ram + p->at, &insn, sizeof(insn));
	p->at += sizeof(insn);
}

void emit_li(struct ppc *p, unsigned int reg, uint32_t value)
{
	emit(p, i_addis(reg, 0, value >> 16));
	emit(p, i_ori(reg, reg, value & 0xffff));
}

void emit_stop(struct ppc *p)
{
	emit(p, i_mtdcr(PPC_DCR_STOP, 0));
}

int ppc_run_once(struct ppc *p)
{
	return ioctl(p->vcpu, KVM_RUN, 0) < 0 ? -errno : 0;
}

unsigned int ppc_run(struct ppc *p)
{
	int ret = ppc_run_once(p);

	if (ret)
		test_fail("KVM_RUN: %s, PC %#x", strerror(-ret), ppc_pc(p));
	return p->run->exit_reason;
}

unsigned int ppc_begin(struct ppc *p)
{
	/* The code may have been another one's: what is written goes to memory, for the guest to fetch. */
	__builtin___clear_cache((char *)p->ram + PPC_CODE, (char *)p->ram + p->at);
	ppc_set_pc(p, PPC_CODE);
	return ppc_run(p);
}

bool ppc_stopped(struct ppc *p)
{
	return p->run->exit_reason == KVM_EXIT_DCR && p->run->dcr.dcrn == PPC_DCR_STOP;
}

void ppc_expect_stop(struct ppc *p)
{
	if (!ppc_stopped(p))
		test_fail("exit %u (DCR %#x) instead of the program's end, PC %#x", p->run->exit_reason,
			  p->run->exit_reason == KVM_EXIT_DCR ? p->run->dcr.dcrn : 0, ppc_pc(p));
}

void ppc_exec(struct ppc *p)
{
	emit_stop(p);
	ppc_begin(p);
	ppc_expect_stop(p);
	ppc_new(p);
}

/* ---- State */

void ppc_get(struct ppc *p, struct kvm_regs *regs)
{
	must(ioctl(p->vcpu, KVM_GET_REGS, regs));
}

void ppc_set(struct ppc *p, const struct kvm_regs *regs)
{
	must(ioctl(p->vcpu, KVM_SET_REGS, regs));
}

/* One register, by where struct kvm_regs has it. */
static uint64_t *ppc_reg(struct kvm_regs *regs, size_t offset)
{
	return (void *)regs + offset;
}

static uint32_t ppc_get_reg(struct ppc *p, size_t offset)
{
	struct kvm_regs regs;

	ppc_get(p, &regs);
	return *ppc_reg(&regs, offset);
}

static void ppc_set_reg(struct ppc *p, size_t offset, uint32_t value)
{
	struct kvm_regs regs;

	ppc_get(p, &regs);
	*ppc_reg(&regs, offset) = value;
	ppc_set(p, &regs);
}

uint32_t ppc_gpr(struct ppc *p, unsigned int n)
{
	return ppc_get_reg(p, offsetof(struct kvm_regs, gpr[n]));
}

void ppc_set_gpr(struct ppc *p, unsigned int n, uint32_t value)
{
	ppc_set_reg(p, offsetof(struct kvm_regs, gpr[n]), value);
}

uint32_t ppc_pc(struct ppc *p)
{
	return ppc_get_reg(p, offsetof(struct kvm_regs, pc));
}

void ppc_set_pc(struct ppc *p, uint32_t pc)
{
	ppc_set_reg(p, offsetof(struct kvm_regs, pc), pc);
}

uint32_t ppc_msr(struct ppc *p)
{
	return ppc_get_reg(p, offsetof(struct kvm_regs, msr));
}

void ppc_set_msr(struct ppc *p, uint32_t msr)
{
	ppc_set_reg(p, offsetof(struct kvm_regs, msr), msr);
}

void ppc_get_sregs(struct ppc *p, struct kvm_sregs *sregs)
{
	memset(sregs, 0, sizeof(*sregs));
	must(ioctl(p->vcpu, KVM_GET_SREGS, sregs));
}

void ppc_set_sregs(struct ppc *p, struct kvm_sregs *sregs)
{
	must(ioctl(p->vcpu, KVM_SET_SREGS, sregs));
}

void ppc_interrupt(struct ppc *p, uint32_t kind)
{
	struct kvm_interrupt irq = { .irq = kind };

	must(ioctl(p->vcpu, KVM_INTERRUPT, &irq));
}

/* ---- Handlers */

#define HANDLER_SIZE	0x40

void ppc_handlers(struct ppc *p)
{
	struct kvm_sregs sregs;
	uint32_t at = p->at;

	ppc_get_sregs(p, &sregs);
	sregs.u.e.ivpr = 0;
	for (unsigned int n = 0; n < 16; n++) {
		p->at = PPC_HANDLERS + n * HANDLER_SIZE;
		sregs.u.e.ivor_low[n] = p->at;
		emit(p, i_mtdcr(PPC_DCR_TRAP + n, 0));
		emit(p, n == VEC_MCHECK ? I_RFMCI :
			n == VEC_CRITICAL || n == VEC_WATCHDOG || n == VEC_DEBUG ? I_RFCI : I_RFI);
	}
	p->at = at;
	ppc_set_sregs(p, &sregs);
}

int ppc_trap(struct ppc *p)
{
	if (p->run->exit_reason != KVM_EXIT_DCR || p->run->dcr.dcrn < PPC_DCR_TRAP ||
	    p->run->dcr.dcrn >= PPC_DCR_TRAP + 16)
		return -1;
	return p->run->dcr.dcrn - PPC_DCR_TRAP;
}

void ppc_tlbwe(struct ppc *p, unsigned int index, uint32_t w0, uint32_t w1, uint32_t w2, unsigned int tid)
{
	struct kvm_regs old;
	uint32_t at = p->at;

	/* At a place of its own, in the state that reset leaves. */
	ppc_get(p, &old);
	ppc_set_msr(p, 0);
	p->at = PPC_CODE - 0x100;
	emit_li(p, 3, tid);
	emit(p, i_mtspr(SPR_MMUCR, 3));
	emit_li(p, 3, index);
	emit_li(p, 4, w0);
	emit_li(p, 5, w1);
	emit_li(p, 6, w2);
	emit(p, i_tlbwe(4, 3, 0));
	emit(p, i_tlbwe(5, 3, 1));
	emit(p, i_tlbwe(6, 3, 2));
	emit_stop(p);
	__builtin___clear_cache((char *)p->ram + PPC_CODE - 0x100, (char *)p->ram + p->at);
	ppc_set_pc(p, PPC_CODE - 0x100);
	ppc_run(p);
	ppc_expect_stop(p);
	p->at = at;
	/* The DCR's write is completed by the next run; the registers are the caller's. */
	ppc_set(p, &old);
}
