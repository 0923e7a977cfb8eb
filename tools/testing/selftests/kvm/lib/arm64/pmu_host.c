// SPDX-License-Identifier: GPL-2.0
/* VMs with PMUs. */
#include "pmu.h"

int pmu_set(struct vcpu *vcpu, uint64_t attr, const void *value)
{
	return attr_set(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL, attr, value);
}

int pmu_set_irq(struct vcpu *vcpu, int intid)
{
	return pmu_set(vcpu, KVM_ARM_VCPU_PMU_V3_IRQ, &intid);
}

void pmu_vm_create_raw(struct pmu_vm *p, unsigned int nr_vcpus, guest_fn fn)
{
	p->vm = vm_create();
	for (unsigned int i = 0; i < nr_vcpus; i++) {
		p->vcpu[i] = vcpu_add_features(p->vm, fn, FEATURE(PMU_V3));
		vcpu_start(p->vcpu[i], fn, 0, 0, 0, 0);
	}
	p->gic = gic_create(p->vm, 64);
}

void pmu_vm_create(struct pmu_vm *p, unsigned int nr_vcpus, guest_fn fn)
{
	pmu_vm_create_raw(p, nr_vcpus, fn);
	for (unsigned int i = 0; i < nr_vcpus; i++) {
		must(pmu_set_irq(p->vcpu[i], PMU_PPI));
		must(pmu_set(p->vcpu[i], KVM_ARM_VCPU_PMU_V3_INIT, NULL));
	}
}

void pmu_vm_destroy(struct pmu_vm *p)
{
	close(p->gic);
	vm_destroy(p->vm);
}
