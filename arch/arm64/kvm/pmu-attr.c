// SPDX-License-Identifier: GPL-2.0
/* Device attributes of a vCPU's PMU: its interrupt, its events, the host's PMU behind it. */

#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <asm/sysreg.h>
#include "pmu.h"

static void __user *attr_addr(const struct kvm_device_attr *attr)
{
	return u64_to_user_ptr(attr->addr);
}

static bool pmu_irq_is_ppi(u32 intid)
{
	return intid < VGIC_NR_PRIVATE;
}

/* A PPI is the same one for all vCPUs, an SPI another for each. */
static bool pmu_irq_fits(struct vm *vm, u32 intid)
{
	struct vcpu *vcpu;
	unsigned int i;

	lockdep_assert_held(&vm->config_lock);
	vm_for_each_vcpu(i, vcpu, vm) {
		const struct vcpu_pmu *pmu = READ_ONCE(vcpu->arch.pmu);
		bool same;

		if (!pmu || !pmu->irq)
			continue;
		same = pmu->irq == intid;
		if (same != pmu_irq_is_ppi(intid))
			return false;
	}
	return true;
}

static int pmu_set_irq(struct vcpu *vcpu, int intid)
{
	struct vcpu_pmu *pmu = vcpu->arch.pmu;

	if (intid < VGIC_NR_SGIS || intid > VGIC_MAX_SPI)
		return -EINVAL;
	if (!pmu_irq_fits(vcpu->vm, intid))
		return -EINVAL;
	if (pmu->irq)
		return -EBUSY;
	pmu->irq = intid;
	return 0;
}

static int pmu_init(struct vcpu *vcpu)
{
	struct vcpu_pmu *pmu = vcpu->arch.pmu;
	const struct vgic_dist *vgic = &vcpu->vm->arch.vgic;
	int ret;

	if (vgic->in_kernel) {
		if (!vgic->initialized)
			return -ENODEV;
		if (!pmu->irq)
			return -ENXIO;
		ret = vgic_set_owner(vcpu, pmu->irq, pmu);
		if (ret)
			return ret;
	}
	pmu->initialized = true;
	return 0;
}

/*
 * The filter covers the events of the host's PMU, even if the guest's is older. The
 * first one says what becomes of the rest: the opposite.
 */
static int pmu_set_filter(struct vm *vm, const struct kvm_pmu_event_filter *filter)
{
	unsigned int nr = pmu_event_mask(pmu_host_version()) + 1;
	bool allow = filter->action == KVM_PMU_EVENT_ALLOW;

	if ((unsigned int)filter->base_event + filter->nevents > nr)
		return -EINVAL;
	if (!allow && filter->action != KVM_PMU_EVENT_DENY)
		return -EINVAL;
	if (vm->arch.ran_once)
		return -EBUSY;
	if (!vm->arch.pmu.filter) {
		vm->arch.pmu.filter = bitmap_alloc(nr, GFP_KERNEL_ACCOUNT);
		if (!vm->arch.pmu.filter)
			return -ENOMEM;
		if (allow)
			bitmap_zero(vm->arch.pmu.filter, nr);
		else
			bitmap_fill(vm->arch.pmu.filter, nr);
	}
	if (allow)
		bitmap_set(vm->arch.pmu.filter, filter->base_event, filter->nevents);
	else
		bitmap_clear(vm->arch.pmu.filter, filter->base_event, filter->nevents);
	return 0;
}

/* A filter's events are those of the PMU that it was set for. */
static int pmu_set_host(struct vm *vm, int type)
{
	struct arm_pmu *host = pmu_host_by_type(type);

	if (!host)
		return -ENXIO;
	if (vm->arch.ran_once || (vm->arch.pmu.filter && vm->arch.pmu.host != host))
		return -EBUSY;
	pmu_vm_set_host(vm, host);
	WRITE_ONCE(vm->arch.pmu.chosen, true);
	return 0;
}

/**
 * pmu_set_attr - KVM_ARM_VCPU_PMU_V3_CTRL
 * @vcpu: vcpu->mutex held
 * @attr: IRQ: an int, a PPI or an SPI; INIT: no value; FILTER: struct
 *	  kvm_pmu_event_filter; SET_PMU: an int, perf's number of a PMU
 *
 * Filter and PMU are the VM's.
 *
 * Return: 0; -ENXIO for another attribute, no such PMU, or INIT without an
 * interrupt; -ENODEV without KVM_ARM_VCPU_PMU_V3, or before the interrupt
 * controller is initialised; -EBUSY for what is set or has run already; -EINVAL for
 * a value that cannot be; -EEXIST if the interrupt is another device's; -EFAULT;
 * -ENOMEM.
 */
int pmu_set_attr(struct vcpu *vcpu, struct kvm_device_attr *attr)
{
	struct kvm_pmu_event_filter filter;
	struct vm *vm = vcpu->vm;
	int val;

	if (!vcpu->arch.pmu)
		return -ENODEV;
	guard(mutex)(&vm->config_lock);
	if (vcpu->arch.pmu->initialized)
		return -EBUSY;
	switch (attr->attr) {
	case KVM_ARM_VCPU_PMU_V3_IRQ:
		if (!vm->arch.vgic.in_kernel)
			return -EINVAL;
		if (get_user(val, (int __user *)attr_addr(attr)))
			return -EFAULT;
		return pmu_set_irq(vcpu, val);
	case KVM_ARM_VCPU_PMU_V3_INIT:
		return pmu_init(vcpu);
	case KVM_ARM_VCPU_PMU_V3_FILTER:
		if (copy_from_user(&filter, attr_addr(attr), sizeof(filter)))
			return -EFAULT;
		return pmu_set_filter(vm, &filter);
	case KVM_ARM_VCPU_PMU_V3_SET_PMU:
		if (get_user(val, (int __user *)attr_addr(attr)))
			return -EFAULT;
		return pmu_set_host(vm, val);
	default:
		return -ENXIO;
	}
}

/**
 * pmu_get_attr - the interrupt, which is all that can be read
 * @vcpu: vcpu->mutex held
 * @attr: addr points to an int
 *
 * Return: 0; -ENXIO for another attribute or if it was not set; -EINVAL if the
 * interrupt controller is in user space; -ENODEV; -EFAULT.
 */
int pmu_get_attr(struct vcpu *vcpu, struct kvm_device_attr *attr)
{
	int val;

	if (attr->attr != KVM_ARM_VCPU_PMU_V3_IRQ)
		return -ENXIO;
	if (!vcpu->vm->arch.vgic.in_kernel)
		return -EINVAL;
	if (!vcpu->arch.pmu)
		return -ENODEV;
	val = vcpu->arch.pmu->irq;
	if (!val)
		return -ENXIO;
	return put_user(val, (int __user *)attr_addr(attr));
}

/**
 * pmu_has_attr - is it an attribute of this vCPU's PMU?
 * @vcpu: vcpu->mutex held
 * @attr: group and attr are looked at
 *
 * Return: 0 or -ENXIO.
 */
int pmu_has_attr(struct vcpu *vcpu, struct kvm_device_attr *attr)
{
	return vcpu->arch.pmu && attr->attr <= KVM_ARM_VCPU_PMU_V3_SET_PMU ? 0 : -ENXIO;
}
