// SPDX-License-Identifier: GPL-2.0
/* Whether this machine can run guests, and what is claimed of it while the module is loaded. */

#define pr_fmt(fmt) "kvm-arm: " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/percpu.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>
#include <kvm/arch.h>
#include <kvm/vfio.h>
#include "arm64.h"
#include "hcr.h"
#include "hyp/hyp.h"

static enum cpuhp_state arm64_cpuhp;

static int arm64_cpu_up(unsigned int cpu)
{
	int ret = vgic_cpu_up();

	if (ret)
		return ret;
	ret = gtimer_cpu_up();
	if (ret) {
		vgic_cpu_down();
		return ret;
	}
	ret = sve_cpu_up();
	if (ret) {
		gtimer_cpu_down();
		vgic_cpu_down();
		return ret;
	}
	hyp_mitigate_cpu();
	return 0;
}

static int arm64_cpu_down(unsigned int cpu)
{
	gtimer_cpu_down();
	vgic_cpu_down();
	return 0;
}

/* One line for the log that says what is missing and what to do about it. */
static int __init arm64_check_host(void)
{
	u64 mmfr0 = read_sanitised_ftr_reg(SYS_ID_AA64MMFR0_EL1);
	u64 mmfr1 = read_sanitised_ftr_reg(SYS_ID_AA64MMFR1_EL1);

	if (read_sysreg(CurrentEL) != CurrentEL_EL2) {
		if (cpuid_feature_extract_unsigned_field(mmfr1, ID_AA64MMFR1_EL1_VH_SHIFT))
			pr_err("the kernel runs at EL1: have the firmware start it at EL2 and boot with kvm-arm.mode=none\n");
		else
			pr_err("the CPU has no Virtualization Host Extensions (Armv8.1 VHE), which this module needs\n");
		return -ENODEV;
	}
	if (!(read_sysreg(hcr_el2) & HCR_E2H)) {
		pr_err("the kernel runs at EL2 without E2H: boot with kvm-arm.mode=none on a CPU with VHE\n");
		return -ENODEV;
	}
	if (!stage2_granule_supported(mmfr0)) {
		pr_err("the CPU cannot do stage 2 with the kernel's page size of %lu KiB\n",
		       PAGE_SIZE / 1024);
		return -ENODEV;
	}
	return 0;
}

/**
 * arch_init - check the machine and claim what guests need of it
 *
 * Return: 0; -ENODEV if the CPU, the GIC or the way of booting cannot do it;
 * -EBUSY if the kernel's own KVM holds the timer's interrupt. One log line
 * says which.
 */
int __init arch_init(void)
{
	int ret = arm64_check_host();

	if (ret)
		return ret;
	hyp_traps_init();
	ret = sysreg_table_check();
	if (ret)
		return ret;
	ret = pmu_host_init();
	if (ret)
		return ret;
	hyp_host_vbar = alloc_percpu(u64);
	if (!hyp_host_vbar)
		return -ENOMEM;
	ret = stage2_module_init();
	if (ret)
		goto free_vbar;
	ret = gtimer_init();
	if (ret)
		goto exit_stage2;
	ret = vgic_module_init();
	if (ret)
		goto exit_timer;
	ret = vfio_dev_register();
	if (ret)
		goto exit_vgic;
	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "virt/kvm-arm:online",
				arm64_cpu_up, arm64_cpu_down);
	if (ret < 0)
		goto exit_vfio;
	arm64_cpuhp = ret;
	sve_init();
	return 0;

exit_vfio:
	vfio_dev_unregister();
exit_vgic:
	vgic_module_exit();
exit_timer:
	gtimer_exit();
exit_stage2:
	stage2_module_exit();
free_vbar:
	free_percpu(hyp_host_vbar);
	if (ret == -EBUSY)
		pr_err("another user holds the timer or GIC interrupts, most likely the kernel's own KVM: boot with kvm-arm.mode=none\n");
	return ret;
}

/**
 * arch_exit - give everything back; no VM exists any more
 */
void arch_exit(void)
{
	cpuhp_remove_state(arm64_cpuhp);
	vfio_dev_unregister();
	vgic_module_exit();
	gtimer_exit();
	stage2_module_exit();
	free_percpu(hyp_host_vbar);
}
