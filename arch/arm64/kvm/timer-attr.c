// SPDX-License-Identifier: GPL-2.0
/* Device attributes of the generic timers: which PPI each of them has. */

#include <linux/cleanup.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include "arm64.h"

static int timer_attr_id(struct kvm_device_attr *attr, enum timer_id *id)
{
	switch (attr->attr) {
	case KVM_ARM_VCPU_TIMER_IRQ_VTIMER:
		*id = TIMER_VIRT;
		return 0;
	case KVM_ARM_VCPU_TIMER_IRQ_PTIMER:
		*id = TIMER_PHYS;
		return 0;
	default:
		return -ENXIO;
	}
}

/**
 * gtimer_set_attr - KVM_ARM_VCPU_TIMER_CTRL
 * @vcpu: vcpu->mutex held
 * @attr: addr points to an int, an INTID from 16 to 31
 *
 * The choice is the VM's: it holds for every vCPU.
 *
 * Return: 0, -ENXIO, -EFAULT, -EINVAL if it is no PPI, -EBUSY after the first
 * run of any vCPU.
 */
int gtimer_set_attr(struct vcpu *vcpu, struct kvm_device_attr *attr)
{
	struct vm *vm = vcpu->vm;
	enum timer_id id;
	int ret = timer_attr_id(attr, &id);
	int ppi;

	if (ret)
		return ret;
	if (!vm->arch.vgic.in_kernel)
		return -EINVAL;
	if (get_user(ppi, (int __user *)(uintptr_t)attr->addr))
		return -EFAULT;
	if (ppi < VGIC_NR_SGIS || ppi >= VGIC_NR_PRIVATE)
		return -EINVAL;
	guard(mutex)(&vm->config_lock);
	if (vm->arch.timer.ppi_fixed)
		return -EBUSY;
	vm->arch.timer.ppi[id] = ppi;
	return 0;
}

/**
 * gtimer_get_attr - the reverse of gtimer_set_attr()
 * @vcpu: vcpu->mutex held
 * @attr: addr points to an int
 */
int gtimer_get_attr(struct vcpu *vcpu, struct kvm_device_attr *attr)
{
	enum timer_id id;
	int ret = timer_attr_id(attr, &id);
	int ppi;

	if (ret)
		return ret;
	ppi = READ_ONCE(vcpu->vm->arch.timer.ppi[id]);
	return put_user(ppi, (int __user *)(uintptr_t)attr->addr);
}

/**
 * gtimer_has_attr - is it an attribute of the timers?
 * @vcpu: any
 * @attr: group and attr are looked at
 */
int gtimer_has_attr(struct vcpu *vcpu, struct kvm_device_attr *attr)
{
	enum timer_id id;

	return timer_attr_id(attr, &id);
}
