// SPDX-License-Identifier: GPL-2.0
/* VMs on a 44x core: capabilities and ioctls; there is nothing more to one. */

#include <kvm/arch.h>
#include "booke.h"

int arch_vm_init(struct vm *vm, unsigned long type)
{
	/* 0 takes what there is, and that is a guest in problem state. */
	return type == 0 || type == KVM_VM_PPC_PR ? 0 : -EINVAL;
}

void arch_vm_pre_destroy(struct vm *vm)
{
}

void arch_vm_destroy(struct vm *vm)
{
}

long arch_check_extension(struct vm *vm, long cap)
{
	switch (cap) {
	case KVM_CAP_ENABLE_CAP:
	case KVM_CAP_PPC_BOOKE_SREGS:
	case KVM_CAP_PPC_BOOKE_WATCHDOG:
	case KVM_CAP_PPC_GET_PVINFO:
	case KVM_CAP_PPC_GUEST_DEBUG_SSTEP:
	case KVM_CAP_PPC_IRQ_LEVEL:
	case KVM_CAP_PPC_OSI:
	case KVM_CAP_PPC_UNSET_IRQ:
	case KVM_CAP_SET_GUEST_DEBUG:
		return 1;
	default:
		return 0;
	}
}

int arch_vm_enable_cap(struct vm *vm, struct kvm_enable_cap *cap)
{
	return -EINVAL;
}

long arch_vm_ioctl(struct vm *vm, unsigned int ioctl, unsigned long arg)
{
	if (ioctl == KVM_PPC_GET_PVINFO)
		return hcall_pvinfo((void __user *)arg);
	return -EINVAL;
}

/* ---- There is no interrupt controller in the kernel: nothing to route to. */

int arch_irq_route_check(struct vm *vm, const struct irq_route *route)
{
	return -EINVAL;
}

int arch_irq_set(struct vm *vm, const struct irq_route *route, int source, int level)
{
	return -EINVAL;
}

int arch_irq_set_atomic(struct vm *vm, const struct irq_route *route, int source, int level)
{
	return -EINVAL;
}

bool arch_irqchip_ready(struct vm *vm)
{
	return false;
}
