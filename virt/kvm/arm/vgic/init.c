// SPDX-License-Identifier: GPL-2.0
/*
 * Life of an interrupt controller.
 *
 *	vgic_vm_init()		nothing but empty lists
 *	vgic_create()		the VM has one: device created
 *	vgic_init()		vCPUs and SPIs are counted and fixed
 *	vgic_map_resources()	frames on the bus, at the first run
 *	vgic_vcpu_destroy()	for each vCPU: nothing is queued there any more
 *	vgic_vm_destroy()	the rest
 *
 * Each step leaves nothing behind if it fails.
 *
 * With a GICv2 vgic_init() may be implied: by the first access to a register or
 * an input, or the first run.
 *
 * Locks: vm->config_lock by the callers, vm->lock too for vgic_create();
 * slots_lock and irq_lock inside; vgic_irq.lock.
 */

#include <linux/lockdep.h>
#include <linux/slab.h>
#include <kvm/irq.h>
#include "regs.h"
#include "vgic.h"

#define VGIC_DEFAULT_SPIS	(256 - VGIC_NR_PRIVATE)	/* without KVM_DEV_ARM_VGIC_GRP_NR_IRQS */

/**
 * vgic_vm_init - a VM without an interrupt controller
 * @vm: zeroed, being created
 */
void vgic_vm_init(struct vm *vm)
{
	struct vgic_dist *dist = &vm->arch.vgic;

	dist->model = VGIC_NONE;
	dist->dist_base = VGIC_ADDR_UNDEF;
	dist->cpu_base = VGIC_ADDR_UNDEF;
	dist->iidr_rev = VGIC_IIDR_REV_MAX;
	INIT_LIST_HEAD(&dist->redist_regions);
	INIT_LIST_HEAD(&dist->its_list);
	mutex_init(&dist->lpi_lock);
	spin_lock_init(&dist->lpis_lock);
}

/**
 * vgic_vm_destroy - free what the interrupt controller has
 * @vm: without vCPUs and devices
 *
 * Context: process.
 */
void vgic_vm_destroy(struct vm *vm)
{
	struct vgic_dist *dist = &vm->arch.vgic;

	vgic_v2_unregister(vm);
	vgic_dist_unregister(vm);
	vgic_redist_destroy(vm);
	vgic_lpi_destroy_all(vm);
	kvfree(dist->spis);
	dist->spis = NULL;
	dist->nr_spis = 0;
}

/**
 * vgic_vcpu_init - private interrupts and queue of a vCPU
 * @vcpu: zeroed, being created
 *
 * Return: 0.
 */
int vgic_vcpu_init(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->arch.vgic;
	unsigned int i;

	vgic_queue_init(&cpu->queue);
	for (i = 0; i < VGIC_NR_PRIVATE; i++) {
		struct vgic_irq *irq = &cpu->private[i];

		vgic_irq_init(irq, i, vcpu);
		/* SGIs are edge and, here, enabled from the start; PPIs are lines. */
		irq->enabled = i < VGIC_NR_SGIS;
		irq->level = i >= VGIC_NR_SGIS;
	}
	vgic_cpuif_reset(vcpu);
	return 0;
}

/**
 * vgic_vcpu_destroy - take every interrupt off a vCPU's queue
 * @vcpu: never runs again; nothing is injected into the VM any more
 *
 * Queued LPIs lose the queue's reference. SPIs that were routed here stay with
 * a target that nobody looks at.
 *
 * Context: process.
 */
void vgic_vcpu_destroy(struct vcpu *vcpu)
{
	struct vgic_queue *q = &vcpu->arch.vgic.queue;
	struct vgic_irq *irq;
	bool put;

	guard(rcu)();
	while ((irq = vgic_queue_first(q))) {
		scoped_guard(raw_spinlock_irqsave, &irq->lock) {
			put = irq->queued_on == vcpu;
			if (put) {
				irq->lr_vcpu = NULL;
				vgic_queue_del(q, irq);
				irq->queued_on = NULL;
			}
		}
		if (put)
			vgic_irq_put(vcpu->vm, irq);
	}
}

/**
 * vgic_max_vcpus - how many vCPUs can there be?
 *
 * A VM whose interrupt controller is in user space gets no more than the host's
 * could serve.
 *
 * Context: any.
 * Return: their number, which their ids stay below, too.
 */
unsigned int vgic_max_vcpus(void)
{
	return vgic_host_is_v2() ? VGIC_V2_MAX_CPUS : VM_MAX_VCPUS;
}

/**
 * vgic_create - the VM is to have an interrupt controller
 * @vm: the VM
 * @model: which
 *
 * Context: vm->lock held.
 * Return: 0; -EEXIST if it has one; -ENODEV if the host's GIC cannot present
 * this one; -EBUSY if a vCPU has run or is busy.
 */
int vgic_create(struct vm *vm, enum vgic_model model)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	struct vcpu *vcpu;
	unsigned int i;
	int ret;

	lockdep_assert_held(&vm->lock);
	if (model != (vgic_host_is_v2() ? VGIC_V2 : VGIC_V3))
		return -ENODEV;
	if (dist->in_kernel)
		return -EEXIST;

	ret = vm_lock_all_vcpus(vm);
	if (ret)
		return ret;
	mutex_lock(&vm->config_lock);
	vm_for_each_vcpu(i, vcpu, vm)
		if (vcpu->arch.ran_once)
			ret = -EBUSY;
	if (!ret) {
		dist->model = model;
		dist->in_kernel = true;
	}
	mutex_unlock(&vm->config_lock);
	vm_unlock_all_vcpus(vm);
	return ret;
}

/* Pin n of the only interrupt controller is GSI n, until user space says otherwise. */
static int init_default_routes(struct vm *vm, unsigned int nr)
{
	struct kvm_irq_routing_entry *routes;
	unsigned int i;
	int ret;

	routes = kvcalloc(nr, sizeof(*routes), GFP_KERNEL_ACCOUNT);
	if (!routes)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		routes[i].gsi = i;
		routes[i].type = KVM_IRQ_ROUTING_IRQCHIP;
		routes[i].u.irqchip.irqchip = 0;
		routes[i].u.irqchip.pin = i;
	}
	ret = irq_routing_set(vm, routes, nr);
	kvfree(routes);
	return ret;
}

/*
 * The group out of reset is that which system software expects where there is one
 * security state: 1 in a GICv3, 0 in a GICv2.
 */
static unsigned int init_group(const struct vgic_dist *dist)
{
	return dist->model == VGIC_V3;
}

static void init_private(struct vcpu *vcpu)
{
	unsigned int i;

	for (i = 0; i < VGIC_NR_PRIVATE; i++) {
		struct vgic_irq *irq = &vcpu->arch.vgic.private[i];

		scoped_guard(raw_spinlock_irqsave, &irq->lock)
			irq->group = init_group(vgic_of(vcpu));
	}
}

/* Where an SPI goes before the guest has said it: a GICv2 has to be told (IHI 0048, 4.3.12). */
static struct vcpu *init_target(struct vm *vm)
{
	if (vm->arch.vgic.model == VGIC_V3)
		return vgic_vcpu_by_affinity(vm, 0);
	return vgic_v2_first_target(vm);
}

/**
 * vgic_init - KVM_DEV_ARM_VGIC_CTRL_INIT
 * @vm: the VM
 *
 * Numbers of vCPUs and SPIs are fixed from here on.
 *
 * Context: config_lock held, which keeps vCPUs from being created; takes
 * irq_lock.
 * Return: 0, also if it has been done; -ENODEV without an interrupt controller
 * or vCPU; -ENOMEM.
 */
int vgic_init(struct vm *vm)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	unsigned int nr = dist->nr_spis ?: VGIC_DEFAULT_SPIS, i;
	unsigned int asked = dist->nr_spis;
	struct vgic_irq *spis;
	bool dense = true;
	struct vcpu *vcpu;
	int ret;

	lockdep_assert_held(&vm->config_lock);
	if (dist->initialized)
		return 0;
	if (!dist->in_kernel || !vm_nr_vcpus(vm))
		return -ENODEV;

	spis = kvcalloc(nr, sizeof(*spis), GFP_KERNEL_ACCOUNT);
	if (!spis)
		return -ENOMEM;
	vm_for_each_vcpu(i, vcpu, vm) {
		dense &= vcpu->id == i;
		init_private(vcpu);
	}
	for (i = 0; i < nr; i++) {
		vgic_irq_init(&spis[i], VGIC_NR_PRIVATE + i, init_target(vm));
		spis[i].level = true;
		spis[i].group = init_group(dist);
	}
	dist->spis = spis;
	dist->nr_spis = nr;
	dist->dense_ids = dense;

	ret = init_default_routes(vm, nr);
	if (ret) {
		dist->spis = NULL;
		dist->nr_spis = asked;
		kvfree(spis);
		return ret;
	}
	vgic_debugfs_add(vm);
	/* Whoever sees this sees the interrupts. */
	smp_store_release(&dist->initialized, true);
	return 0;
}

/**
 * vgic_init_implied - vgic_init() for those who begin to use a GICv2 without it
 * @vm: a VM with an interrupt controller
 *
 * Context: process; takes config_lock.
 * Return: 0 for other models, what vgic_init() says.
 */
int vgic_init_implied(struct vm *vm)
{
	struct vgic_dist *dist = &vm->arch.vgic;

	if (READ_ONCE(dist->model) != VGIC_V2 || vgic_initialized(dist))
		return 0;
	guard(mutex)(&vm->config_lock);
	return vgic_init(vm);
}

static int map_v3(struct vm *vm)
{
	int ret = vgic_check_frames(vm);

	if (ret)
		return ret;
	if (!vm->arch.vgic.initialized)
		return -EBUSY;
	ret = vgic_dist_register(vm);
	if (ret)
		return ret;
	ret = vgic_redist_register(vm);
	if (ret)
		vgic_dist_unregister(vm);
	return ret;
}

static int map_v2(struct vm *vm)
{
	int ret = vgic_v2_check_frames(vm);

	return ret ?: vgic_init(vm) ?: vgic_v2_register(vm);
}

/**
 * vgic_map_resources - before a vCPU runs: frames on the bus
 * @vm: a VM with an interrupt controller
 *
 * Context: config_lock held; takes slots_lock.
 * Return: 0; -EBUSY without vgic_init(), which is implied for a GICv2; -ENXIO if
 * an address is missing; -EINVAL, -EEXIST if frames overlap.
 */
int vgic_map_resources(struct vm *vm)
{
	struct vgic_dist *dist = &vm->arch.vgic;
	int ret;

	lockdep_assert_held(&vm->config_lock);
	if (dist->ready)
		return 0;
	ret = dist->model == VGIC_V2 ? map_v2(vm) : map_v3(vm);
	dist->ready = !ret;
	return ret;
}
