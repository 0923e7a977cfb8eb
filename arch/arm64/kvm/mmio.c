// SPDX-License-Identifier: GPL-2.0
/*
 * Loads and stores outside of memory slots: devices in the kernel, and those of
 * user space through KVM_EXIT_MMIO.
 *
 * The program counter stays on the instruction until the access is completed,
 * which is at the next KVM_RUN for one that went to user space.
 *
 * Of the page that is shared with user space only the data of a load is read
 * back, once.  What is done with it is in vcpu->mmio and in the saved syndrome.
 */

#include <linux/cleanup.h>
#include <linux/irqflags.h>
#include <linux/string.h>
#include <asm/esr.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>
#include <kvm/iobus.h>
#include <kvm/trace.h>
#include "aarch32.h"
#include "arm64.h"
#include "mmio.h"
#include "trace.h"

#define SCTLR_E0E	BIT_ULL(24)
#define SCTLR_EE	BIT_ULL(25)

/* Syndrome bits that mean something without ISV. */
#define MMIO_NISV_ISS	(ESR_ELx_CM | ESR_ELx_WNR | ESR_ELx_FSC)

static bool mmio_big_endian(struct vcpu *vcpu)
{
	u64 pstate = vcpu->arch.hyp.pstate;
	u64 sctlr;

	if (pstate & PSR_MODE32_BIT)
		return pstate & PSR_AA32_E_BIT;
	/* Where it is: vcpu_sysreg_get() would take the guest's state out of the CPU for it. */
	scoped_guard(irqsave)
		sctlr = vcpu->arch.el1_loaded ? read_sysreg_s(SYS_SCTLR_EL12) :
						vcpu->arch.sysregs[SYS_SCTLR];
	return sctlr & ((pstate & PSR_MODE_MASK) == PSR_MODE_EL0t ? SCTLR_E0E : SCTLR_EE);
}

static struct mmio_access mmio_access_of(struct vcpu *vcpu)
{
	struct mmio_access access = mmio_decode(vcpu_esr(vcpu), mmio_big_endian(vcpu));

	if (unlikely(vcpu->arch.hyp.pstate & EXC_M_AARCH32))
		access.reg = a32_register(access.reg, vcpu->arch.hyp.pstate);
	return access;
}

/* As a number, in the order that the device has the bytes. */
static u64 mmio_value(const u8 bytes[8], unsigned int len)
{
	u64 value = 0;

	memcpy(&value, bytes, len);
	return value;
}

static void mmio_finish_load(struct vcpu *vcpu, const struct mmio_access *access,
			     gpa_t ipa, const u8 bytes[8])
{
	if (trace_kvm_mmio_enabled())
		trace_kvm_mmio(KVM_TRACE_MMIO_READ, access->len, ipa,
			       mmio_value(bytes, access->len));
	vcpu_reg_set(vcpu, access->reg, mmio_from_bytes(access, bytes));
}

static void mmio_trace_store(const struct mmio_access *access, gpa_t ipa, const u8 bytes[8])
{
	if (trace_kvm_mmio_enabled())
		trace_kvm_mmio(KVM_TRACE_MMIO_WRITE, access->len, ipa,
			       mmio_value(bytes, access->len));
}

/**
 * mmio_abort_fast() - a data abort that a device in the kernel may answer at once
 * @vcpu: active on this CPU
 *
 * Only faults that no memory slot's page can cause more than once are looked at:
 * translation faults with a syndrome.  A device must not be where a slot is.
 *
 * Context: interrupts off, vm->srcu held.
 * Return: EXIT_RESUME or EXIT_RESYNC if it is done, EXIT_SLOW if it is not for
 * here; then nothing has changed, and vcpu->arch.device_abort says whether there
 * is a device.
 */
enum exit_result mmio_abort_fast(struct vcpu *vcpu)
{
	u64 esr = vcpu_esr(vcpu);
	struct mmio_access access;
	u8 bytes[8];
	gpa_t ipa;
	int ret;

	vcpu->arch.device_abort = false;
	if ((esr & (ESR_ELx_ISV | ESR_ELx_S1PTW | ESR_ELx_CM)) != ESR_ELx_ISV ||
	    (esr & ESR_ELx_FSC_TYPE) != ESR_ELx_FSC_FAULT)
		return EXIT_SLOW;

	ipa = vcpu_fault_ipa(vcpu);
	access = mmio_access_of(vcpu);
	if (access.write) {
		mmio_to_bytes(&access, vcpu_reg_get(vcpu, access.reg), bytes);
		ret = iobus_write_atomic(vcpu, KVM_MMIO_BUS, ipa, access.len, bytes);
	} else {
		ret = iobus_read_atomic(vcpu, KVM_MMIO_BUS, ipa, access.len, bytes);
	}
	if (ret) {
		/* There is a device, which has to be asked again where it can sleep. */
		vcpu->arch.device_abort = ret == -EAGAIN;
		return EXIT_SLOW;
	}

	trace_kvm_mmio_emulate(vcpu->arch.hyp.pc, esr, vcpu->arch.hyp.pstate);
	if (access.write)
		mmio_trace_store(&access, ipa, bytes);
	else
		mmio_finish_load(vcpu, &access, ipa, bytes);
	vcpu_skip_insn(vcpu);
	vcpu_stat_inc(vcpu, mmio_exit_kernel);
	/* What a write has done to this vCPU's interrupts shows at the next flush. */
	return access.write || vcpu_has_requests(vcpu) ? EXIT_RESYNC : EXIT_RESUME;
}

static enum exit_result mmio_no_syndrome(struct vcpu *vcpu, gpa_t ipa)
{
	struct kvm_run *run = vcpu->run;

	trace_kvm_mmio_nisv(vcpu->arch.hyp.pc, vcpu_esr(vcpu), vcpu->arch.hyp.far, ipa);
	if (!READ_ONCE(vcpu->vm->arch.nisv_to_user))
		return -ENOSYS;
	run->exit_reason = KVM_EXIT_ARM_NISV;
	run->arm_nisv.esr_iss = vcpu_esr(vcpu) & MMIO_NISV_ISS;
	run->arm_nisv.fault_ipa = ipa;
	return EXIT_USER;
}

static enum exit_result mmio_exit_to_user(struct vcpu *vcpu, const struct mmio_access *access,
					  gpa_t ipa, const u8 bytes[8])
{
	struct kvm_run *run = vcpu->run;

	vcpu->mmio.is_write = access->write;
	vcpu->mmio.len = access->len;
	vcpu->mmio.gpa = ipa;
	vcpu->mmio.pending = true;

	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = ipa;
	run->mmio.len = access->len;
	run->mmio.is_write = access->write;
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	if (access->write)
		memcpy(run->mmio.data, bytes, access->len);
	else
		trace_kvm_mmio(KVM_TRACE_MMIO_READ_UNSATISFIED, access->len, ipa, 0);
	vcpu_stat_inc(vcpu, mmio_exit_user);
	return EXIT_USER;
}

/**
 * mmio_abort() - a load or store where there is no memory, or no writable memory
 * @vcpu: loaded, own thread
 * @ipa: of its first byte
 *
 * Context: vm->srcu held; may sleep.
 * Return: EXIT_RESUME if a device in the kernel has done it; EXIT_USER with
 * KVM_EXIT_MMIO, or KVM_EXIT_ARM_NISV if the syndrome does not say what it was
 * and user space has asked for that, else -ENOSYS.
 */
enum exit_result mmio_abort(struct vcpu *vcpu, gpa_t ipa)
{
	u64 esr = vcpu_esr(vcpu);
	struct mmio_access access;
	u8 bytes[8] = {};
	int ret;

	if (!mmio_has_syndrome(esr))
		return mmio_no_syndrome(vcpu, ipa);

	access = mmio_access_of(vcpu);
	trace_kvm_mmio_emulate(vcpu->arch.hyp.pc, esr, vcpu->arch.hyp.pstate);
	if (access.write) {
		mmio_to_bytes(&access, vcpu_reg_get(vcpu, access.reg), bytes);
		mmio_trace_store(&access, ipa, bytes);
		ret = iobus_write(vcpu, KVM_MMIO_BUS, ipa, access.len, bytes);
	} else {
		ret = iobus_read(vcpu, KVM_MMIO_BUS, ipa, access.len, bytes);
	}
	if (ret)
		return mmio_exit_to_user(vcpu, &access, ipa, bytes);

	if (!access.write)
		mmio_finish_load(vcpu, &access, ipa, bytes);
	vcpu_skip_insn(vcpu);
	vcpu_stat_inc(vcpu, mmio_exit_kernel);
	return EXIT_RESUME;
}

/**
 * mmio_complete() - user space has done the access that it was asked for
 * @vcpu: loaded, own thread
 *
 * Does nothing without an access that is pending.  An exception that user space
 * has made pending takes the instruction's place: whoever injects one clears
 * vcpu->mmio.pending.
 *
 * Return: 0.
 */
int mmio_complete(struct vcpu *vcpu)
{
	struct mmio_access access;
	u8 bytes[8] = {};

	if (!vcpu->mmio.pending)
		return 0;
	vcpu->mmio.pending = false;

	if (!vcpu->mmio.is_write) {
		access = mmio_access_of(vcpu);
		memcpy(bytes, vcpu->run->mmio.data, vcpu->mmio.len);
		mmio_finish_load(vcpu, &access, vcpu->mmio.gpa, bytes);
	}
	vcpu_skip_insn(vcpu);
	return 0;
}
