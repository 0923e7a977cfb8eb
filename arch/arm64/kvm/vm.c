// SPDX-License-Identifier: GPL-2.0
/* VMs on arm64: life, capabilities, ioctls. */

#include <linux/uaccess.h>
#include <kvm/arch.h>
#include "arm64.h"
#include "guest-debug.h"
#include "trace.h"

/* KVM_CREATE_VM's argument: the IPA size in its low byte, 0 for what the ABI began with. */
#define VM_DEFAULT_IPA_BITS	40
#define VM_MIN_IPA_BITS		32

int arch_vm_init(struct vm *vm, unsigned long type)
{
	unsigned int bits = KVM_VM_TYPE_ARM_IPA_SIZE(type);
	int ret;

	if (type & ~KVM_VM_TYPE_ARM_IPA_SIZE_MASK)
		return -EINVAL;
	if (!bits)
		bits = min(VM_DEFAULT_IPA_BITS, arm64_ipa_limit());
	if (bits < VM_MIN_IPA_BITS || bits > arm64_ipa_limit())
		return -EINVAL;
	if (!(type & KVM_VM_TYPE_ARM_IPA_SIZE_MASK) && arm64_ipa_limit() < VM_DEFAULT_IPA_BITS)
		return -EINVAL;
	vm->arch.ipa_bits = bits;

	ret = stage2_vm_init(vm, bits);
	if (ret)
		return ret;
	ret = sysreg_vm_init(vm);
	if (ret) {
		stage2_vm_destroy(vm);
		return ret;
	}
	psci_vm_init(vm);
	gtimer_vm_init(vm);
	vgic_vm_init(vm);
	return 0;
}

void arch_vm_pre_destroy(struct vm *vm)
{
}

void arch_vm_destroy(struct vm *vm)
{
	vgic_vm_destroy(vm);
	psci_vm_destroy(vm);
	pmu_vm_destroy(vm);
	stage2_vm_destroy(vm);
}

/* ---- Capabilities */

long arch_check_extension(struct vm *vm, long cap)
{
	switch (cap) {
	case KVM_CAP_IRQCHIP:
	case KVM_CAP_MP_STATE:
	case KVM_CAP_ARM_PSCI:
	case KVM_CAP_ARM_PSCI_0_2:
	case KVM_CAP_ARM_NISV_TO_USER:
	case KVM_CAP_ARM_INJECT_EXT_DABT:
	case KVM_CAP_ARM_USER_IRQ:
	case KVM_CAP_ARM_SYSTEM_SUSPEND:
	case KVM_CAP_COUNTER_OFFSET:
	case KVM_CAP_VCPU_ATTRIBUTES:
	case KVM_CAP_VCPU_EVENTS:
	case KVM_CAP_PTP_KVM:
	case KVM_CAP_VM_ATTRIBUTES:
	case KVM_CAP_SYSTEM_EVENT_DATA:
	case KVM_CAP_SET_GUEST_DEBUG:
		return 1;
	case KVM_CAP_ARM_SET_DEVICE_ADDR:
		return vgic_host_is_v2();
	case KVM_CAP_SIGNAL_MSI:
		/* Messages go to an ITS, which a GICv2 has not. */
		return !vgic_host_is_v2();
	case KVM_CAP_SET_GUEST_DEBUG2:
		return GUEST_DEBUG_CONTROLS;
	case KVM_CAP_GUEST_DEBUG_HW_BPS:
		return guest_debug_nr_breakpoints();
	case KVM_CAP_GUEST_DEBUG_HW_WPS:
		return guest_debug_nr_watchpoints();
	case KVM_CAP_MSI_DEVID:
		return vm && vm->arch.vgic.has_its;
	case KVM_CAP_STEAL_TIME:
		return pvtime_supported();
	case KVM_CAP_ARM_IRQ_LINE_LAYOUT_2:
		return 1;
	case KVM_CAP_ARM_INJECT_SERROR_ESR:
		return cpus_have_final_cap(ARM64_HAS_RAS_EXTN);
	case KVM_CAP_ARM_PMU_V3:
		return feature_supported(KVM_ARM_VCPU_PMU_V3);
	case KVM_CAP_ARM_PTRAUTH_ADDRESS:
		return feature_supported(KVM_ARM_VCPU_PTRAUTH_ADDRESS);
	case KVM_CAP_ARM_PTRAUTH_GENERIC:
		return feature_supported(KVM_ARM_VCPU_PTRAUTH_GENERIC);
	case KVM_CAP_ARM_EL1_32BIT:
		return feature_supported(KVM_ARM_VCPU_EL1_32BIT);
	case KVM_CAP_ARM_SVE:
		return feature_supported(KVM_ARM_VCPU_SVE);
	case KVM_CAP_ARM_MTE:
		return mte_supported();
	case KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES:
		return BIT(KVM_ARM_FEATURE_ID_RANGE);
	case KVM_CAP_ARM_VM_IPA_SIZE:
		return arm64_ipa_limit();
	case KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE:
		return vm ? READ_ONCE(vm->arch.split_chunk) : 0;
	case KVM_CAP_ARM_SUPPORTED_BLOCK_SIZES:
		return stage2_block_sizes();
	default:
		return 0;
	}
}

int arch_vm_enable_cap(struct vm *vm, struct kvm_enable_cap *cap)
{
	if (cap->flags)
		return -EINVAL;
	switch (cap->cap) {
	case KVM_CAP_ARM_NISV_TO_USER:
		WRITE_ONCE(vm->arch.nisv_to_user, true);
		return 0;
	case KVM_CAP_ARM_SYSTEM_SUSPEND:
		WRITE_ONCE(vm->arch.system_suspend, true);
		return 0;
	case KVM_CAP_ARM_MTE:
		return mte_vm_enable(vm);
	case KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE:
		return stage2_set_split_chunk(vm, cap->args[0]);
	default:
		return -EINVAL;
	}
}

/* ---- ioctls */

static int vm_gic_line(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level)
{
	return vgic_init_implied(vm) ?: vgic_inject(vm, vcpu, intid, level, NULL);
}

/* KVM_IRQ_LINE: kvm_irq_level.irq is packed as api.rst says for arm64. */
static int vm_irq_line(struct vm *vm, const struct kvm_irq_level *line)
{
	unsigned int type = (line->irq >> KVM_ARM_IRQ_TYPE_SHIFT) & KVM_ARM_IRQ_TYPE_MASK;
	unsigned int index = (line->irq >> KVM_ARM_IRQ_VCPU_SHIFT) & KVM_ARM_IRQ_VCPU_MASK;
	unsigned int num = (line->irq >> KVM_ARM_IRQ_NUM_SHIFT) & KVM_ARM_IRQ_NUM_MASK;
	struct vcpu *vcpu;

	index += ((line->irq >> KVM_ARM_IRQ_VCPU2_SHIFT) & KVM_ARM_IRQ_VCPU2_MASK) *
		 (KVM_ARM_IRQ_VCPU_MASK + 1);

	trace_kvm_irq_line(type, index, num, line->level);
	switch (type) {
	case KVM_ARM_IRQ_TYPE_PPI:
		if (!vm->arch.vgic.in_kernel)
			return -ENXIO;
		vcpu = vm_vcpu_by_id(vm, index);
		if (!vcpu)
			return -EINVAL;
		if (num < VGIC_NR_SGIS || num >= VGIC_NR_PRIVATE)
			return -EINVAL;
		return vm_gic_line(vm, vcpu, num, line->level);
	case KVM_ARM_IRQ_TYPE_SPI:
		if (!vm->arch.vgic.in_kernel)
			return -ENXIO;
		if (num < VGIC_NR_PRIVATE)
			return -EINVAL;
		return vm_gic_line(vm, NULL, num, line->level);
	case KVM_ARM_IRQ_TYPE_CPU:
		return user_irq_set_line(vm, index, num, line->level);
	default:
		return -EINVAL;
	}
}

static long vm_ioctl_irq_line(struct vm *vm, void __user *arg)
{
	struct kvm_irq_level line;

	if (copy_from_user(&line, arg, sizeof(line)))
		return -EFAULT;
	return vm_irq_line(vm, &line);
}

static long vm_ioctl_preferred_target(void __user *arg)
{
	struct kvm_vcpu_init init = { .target = KVM_ARM_TARGET_GENERIC_V8 };

	return copy_to_user(arg, &init, sizeof(init)) ? -EFAULT : 0;
}

static long vm_ioctl_counter_offset(struct vm *vm, void __user *arg)
{
	struct kvm_arm_counter_offset offset;

	if (copy_from_user(&offset, arg, sizeof(offset)))
		return -EFAULT;
	return gtimer_set_counter_offset(vm, &offset);
}

static long vm_ioctl_attr(struct vm *vm, unsigned int ioctl, void __user *arg)
{
	struct kvm_device_attr attr;

	if (copy_from_user(&attr, arg, sizeof(attr)))
		return -EFAULT;
	if (attr.group != KVM_ARM_VM_SMCCC_CTRL)
		return -ENXIO;
	if (ioctl == KVM_SET_DEVICE_ATTR)
		return smccc_vm_set_attr(vm, &attr);
	return smccc_vm_has_attr(vm, &attr);
}

/* What a VM gets without saying which is a GICv2. */
static long vm_ioctl_create_irqchip(struct vm *vm)
{
	guard(mutex)(&vm->lock);
	return vgic_create(vm, VGIC_V2);
}

static long vm_ioctl_set_device_addr(struct vm *vm, void __user *arg)
{
	struct kvm_arm_device_addr addr;

	if (copy_from_user(&addr, arg, sizeof(addr)))
		return -EFAULT;
	return vgic_v2_set_device_addr(vm, addr.id, addr.addr);
}

static long vm_ioctl_copy_tags(struct vm *vm, void __user *arg)
{
	struct kvm_arm_copy_mte_tags copy;

	if (copy_from_user(&copy, arg, sizeof(copy)))
		return -EFAULT;
	return mte_copy_tags(vm, &copy);
}

long arch_vm_ioctl(struct vm *vm, unsigned int ioctl, unsigned long arg)
{
	void __user *uarg = (void __user *)arg;

	switch (ioctl) {
	case KVM_ARM_PREFERRED_TARGET:
		return vm_ioctl_preferred_target(uarg);
	case KVM_IRQ_LINE:
		return vm_ioctl_irq_line(vm, uarg);
	case KVM_SET_DEVICE_ATTR:
	case KVM_HAS_DEVICE_ATTR:
		return vm_ioctl_attr(vm, ioctl, uarg);
	case KVM_ARM_GET_REG_WRITABLE_MASKS:
		return sysreg_id_masks(uarg);
	case KVM_ARM_SET_COUNTER_OFFSET:
		return vm_ioctl_counter_offset(vm, uarg);
	case KVM_ARM_MTE_COPY_TAGS:
		return vm_ioctl_copy_tags(vm, uarg);
	case KVM_CREATE_IRQCHIP:
		return vm_ioctl_create_irqchip(vm);
	case KVM_ARM_SET_DEVICE_ADDR:
		return vm_ioctl_set_device_addr(vm, uarg);
	default:
		return -EINVAL;
	}
}
