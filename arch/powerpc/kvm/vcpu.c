// SPDX-License-Identifier: GPL-2.0
/* vCPUs on a 44x core: life, and the ioctls that are not about registers. */

#include <linux/uaccess.h>
#include <asm/mmu.h>
#include <kvm/arch.h>
#include "booke.h"

int arch_vcpu_precreate(struct vm *vm, unsigned int id)
{
	return 0;
}

int arch_vcpu_create(struct vcpu *vcpu)
{
	int ret = magic_vcpu_create(vcpu);

	if (ret)
		return ret;
	vcpu->arch.hw.mcheck_mcsrr = host_has_mcsrr();
	regs_reset(vcpu);
	timer_vcpu_init(vcpu);
	return 0;
}

void arch_vcpu_destroy(struct vcpu *vcpu)
{
	timer_vcpu_destroy(vcpu);
	shadow_drop_vcpu(vcpu);
	magic_vcpu_destroy(vcpu);
}

/* KVM_TRANSLATE: PID and address space are above the 32 bits of the address. */
static long vcpu_translate(struct vcpu *vcpu, void __user *user)
{
	struct kvm_translation tr;
	const struct gtlb_entry *entry;
	int i;

	if (copy_from_user(&tr, user, sizeof(tr)))
		return -EFAULT;

	i = gtlb_find(vcpu, tr.linear_address, tr.linear_address >> 32 & 0xff,
		      tr.linear_address >> 40 & 1);
	tr.physical_address = ~0ULL;
	tr.valid = i >= 0;
	tr.writeable = 0;
	tr.usermode = 0;
	if (i >= 0) {
		entry = &vcpu->arch.gtlb[i];
		tr.physical_address = gtlb_gpa(entry, tr.linear_address);
		tr.writeable = !!(entry->word[2] & (PPC44x_TLB_SW | PPC44x_TLB_UW));
		tr.usermode = !!(entry->word[2] & (PPC44x_TLB_UR | PPC44x_TLB_UW | PPC44x_TLB_UX));
	}
	return copy_to_user(user, &tr, sizeof(tr)) ? -EFAULT : 0;
}

static long vcpu_enable_cap(struct vcpu *vcpu, void __user *user)
{
	struct kvm_enable_cap cap;

	if (copy_from_user(&cap, user, sizeof(cap)))
		return -EFAULT;
	if (cap.flags)
		return -EINVAL;
	switch (cap.cap) {
	case KVM_CAP_PPC_OSI:
		ppc_osi_enable(&vcpu->arch.access, true);
		return 0;
	case KVM_CAP_PPC_BOOKE_WATCHDOG:
		WRITE_ONCE(vcpu->arch.watchdog_exit, true);
		return 0;
	default:
		return -EINVAL;
	}
}

static long vcpu_interrupt(struct vcpu *vcpu, void __user *user)
{
	struct kvm_interrupt irq;

	if (copy_from_user(&irq, user, sizeof(irq)))
		return -EFAULT;
	switch (irq.irq) {
	case KVM_INTERRUPT_SET:
	case KVM_INTERRUPT_SET_LEVEL:
	case KVM_INTERRUPT_UNSET:
		except_external(vcpu, irq.irq);
		return 0;
	default:
		return -EINVAL;
	}
}

/**
 * arch_vcpu_async_ioctl() - ioctls that do not wait for a vCPU that runs
 * @vcpu: the vCPU; vcpu->mutex not held
 * @ioctl: number
 * @arg: user pointer
 *
 * Return: -ENOIOCTLCMD for the others.
 */
long arch_vcpu_async_ioctl(struct vcpu *vcpu, unsigned int ioctl, unsigned long arg)
{
	if (ioctl == KVM_INTERRUPT)
		return vcpu_interrupt(vcpu, (void __user *)arg);
	return -ENOIOCTLCMD;
}

/**
 * arch_vcpu_ioctl() - a vCPU's ioctls but KVM_RUN and the generic ones
 * @vcpu: vcpu->mutex held
 * @ioctl: number
 * @arg: user pointer
 *
 * Return: 0; -EINVAL for an ioctl that is not known; -EFAULT, -ENOMEM.
 */
long arch_vcpu_ioctl(struct vcpu *vcpu, unsigned int ioctl, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (ioctl) {
	case KVM_TRANSLATE:
		return vcpu_translate(vcpu, user);
	case KVM_ENABLE_CAP:
		return vcpu_enable_cap(vcpu, user);
	case KVM_SET_GUEST_DEBUG:
		return debug_set(vcpu, user);
	default:
		return regs_ioctl(vcpu, ioctl, user);
	}
}
