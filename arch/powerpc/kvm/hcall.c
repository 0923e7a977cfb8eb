// SPDX-License-Identifier: GPL-2.0
/*
 * System calls of the guest that are not its own: OSI, and calls of the
 * hypervisor (ePAPR 1.1, chapter 7; KVM's are those of vendor 42).
 *
 * No locks: the vCPU's own thread.
 */

#include <linux/uaccess.h>
#include "booke.h"

#define HCALL_NUMBER_REG	11
#define HCALL_TOKEN(vendor, n)	((u32)(vendor) << 16 | (n))
#define HCALL_VENDOR_EPAPR	1
#define HCALL_VENDOR_KVM	42

#define HCALL_IDLE		HCALL_TOKEN(HCALL_VENDOR_EPAPR, 16)
#define HCALL_FEATURES		HCALL_TOKEN(HCALL_VENDOR_KVM, 3)
#define HCALL_MAP_MAGIC_PAGE	HCALL_TOKEN(HCALL_VENDOR_KVM, 4)

#define HCALL_SUCCESS		0
#define HCALL_UNIMPLEMENTED	12

/* lis r0, ori r0, sc, nop */
#define INSN_LIS_R0		0x3c000000
#define INSN_ORI_R0		0x60000000
#define INSN_SC			0x44000002
#define INSN_NOP		0x60000000

static u32 hcall_do(struct vcpu *vcpu, u32 number, u32 *out)
{
	switch (number) {
	case HCALL_IDLE:
		/* Not MSR[WE]: that would come back with the return from the interrupt. */
		vcpu->arch.idle = true;
		return HCALL_SUCCESS;
	case HCALL_FEATURES:
		*out = BIT(KVM_FEATURE_MAGIC_PAGE);
		return HCALL_SUCCESS;
	case HCALL_MAP_MAGIC_PAGE:
		/* The first argument is for cores with a real mode. */
		*out = magic_map(vcpu, vcpu_gpr(vcpu, 4));
		return HCALL_SUCCESS;
	default:
		return HCALL_UNIMPLEMENTED;
	}
}

/**
 * hcall_syscall() - the guest has executed sc
 * @vcpu: own thread, the program counter past the instruction
 *
 * Return: EXIT_GUEST, or EXIT_USER with KVM_EXIT_OSI.
 */
int hcall_syscall(struct vcpu *vcpu)
{
	struct ppc_cpu_state *cpu = &vcpu->arch.hw.cpu;
	u32 out = cpu->gpr[4];

	if (ppc_osi_start(cpu, &vcpu->arch.access, vcpu->run))
		return EXIT_USER;
	if (vcpu->arch.regs.msr & BMSR_PR || cpu->gpr[0] != KVM_SC_MAGIC_R0) {
		except_queue(vcpu, EXC_SYSCALL);
		return EXIT_GUEST;
	}
	cpu->gpr[3] = hcall_do(vcpu, cpu->gpr[HCALL_NUMBER_REG], &out);
	cpu->gpr[4] = out;
	return EXIT_GUEST;
}

/**
 * hcall_pvinfo() - KVM_PPC_GET_PVINFO: the instructions of a call
 * @user: struct kvm_ppc_pvinfo
 *
 * Return: 0 or -EFAULT.
 */
int hcall_pvinfo(void __user *user)
{
	struct kvm_ppc_pvinfo info = {
		.flags = KVM_PPC_PVINFO_FLAGS_EV_IDLE,
		.hcall = {
			INSN_LIS_R0 | KVM_SC_MAGIC_R0 >> 16,
			INSN_ORI_R0 | (KVM_SC_MAGIC_R0 & 0xffff),
			INSN_SC,
			INSN_NOP,
		},
	};

	return copy_to_user(user, &info, sizeof(info)) ? -EFAULT : 0;
}
