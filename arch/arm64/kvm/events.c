// SPDX-License-Identifier: GPL-2.0
/* KVM_GET_VCPU_EVENTS and KVM_SET_VCPU_EVENTS: pending exceptions that no register shows. */

#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/esr.h>
#include "arm64.h"
#include "hcr.h"

/**
 * vcpu_events_get - what is pending
 * @vcpu: not running
 * @ev: filled
 *
 * The CPU withdraws a virtual SError that the guest has taken, so the control
 * register is what counts.
 *
 * Context: vcpu->mutex held.
 *
 * Return: 0, -ENOEXEC before KVM_ARM_VCPU_INIT.
 */
int vcpu_events_get(struct vcpu *vcpu, struct kvm_vcpu_events *ev)
{
	if (!vcpu->arch.initialized)
		return -ENOEXEC;

	memset(ev, 0, sizeof(*ev));
	ev->exception.serror_pending = !!(vcpu->arch.hyp.hcr & HCR_VSE);
	ev->exception.serror_has_esr = cpus_have_final_cap(ARM64_HAS_RAS_EXTN);
	if (ev->exception.serror_pending && ev->exception.serror_has_esr)
		ev->exception.serror_esr = vcpu->arch.hyp.vsesr;
	/* An external abort is delivered at once: it is never seen pending. */
	return 0;
}

/**
 * vcpu_events_set - make exceptions pending; none can be withdrawn
 * @vcpu: not running
 * @ev: what user space asks for
 *
 * Everything is checked before anything changes.
 *
 * Context: vcpu->mutex held.
 *
 * Return: 0; -ENOEXEC before KVM_ARM_VCPU_INIT; -EINVAL for a syndrome where
 * the CPU cannot give one, for one that does not fit, and for unused bytes that
 * are not 0.
 */
int vcpu_events_set(struct vcpu *vcpu, const struct kvm_vcpu_events *ev)
{
	bool serror = ev->exception.serror_pending;
	bool has_esr = ev->exception.serror_has_esr;

	if (!vcpu->arch.initialized)
		return -ENOEXEC;
	if (memchr_inv(ev->exception.pad, 0, sizeof(ev->exception.pad)) ||
	    memchr_inv(ev->reserved, 0, sizeof(ev->reserved)))
		return -EINVAL;
	if (serror && has_esr) {
		if (!cpus_have_final_cap(ARM64_HAS_RAS_EXTN))
			return -EINVAL;
		if (ev->exception.serror_esr & ~ESR_ELx_ISS_MASK)
			return -EINVAL;
	}

	if (ev->exception.ext_dabt_pending) {
		/* The access that user space was to complete ends in the abort instead. */
		vcpu->mmio.pending = false;
		inject_data_abort(vcpu, vcpu->arch.hyp.far);
	}
	if (serror)
		inject_serror(vcpu, has_esr, ev->exception.serror_esr);
	return 0;
}
