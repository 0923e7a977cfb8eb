/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARCH_H
#define KVM_ARCH_H

/*
 * All that an architecture supplies to virt/kvm.  Errors are negative errnos
 * as the ABI has them.
 */

#include <linux/init.h>
#include <linux/mm_types.h>
#include <linux/kvm.h>
#include <kvm/irq.h>
#include <kvm/memslot.h>
#include <kvm/vcpu.h>
#include <kvm/vm.h>

/* Module.  Init checks that the CPU and the host can do it and says what is missing. */
int __init arch_init(void);
void arch_exit(void);

/* CHECK_EXTENSION on /dev/kvm (@vm NULL) and on a VM, for what the generic code does not know. */
long arch_check_extension(struct vm *vm, long cap);

/* VM.  @type is KVM_CREATE_VM's argument. */
int arch_vm_init(struct vm *vm, unsigned long type);
void arch_vm_pre_destroy(struct vm *vm);	/* no vCPU runs any more; vCPUs and devices still exist */
void arch_vm_destroy(struct vm *vm);		/* after vCPUs and devices are gone */
long arch_vm_ioctl(struct vm *vm, unsigned int ioctl, unsigned long arg);
int arch_vm_enable_cap(struct vm *vm, struct kvm_enable_cap *cap);

/* How many vCPUs a VM can have, at most VM_MAX_VCPUS; their ids stay below it.  Unchanging after arch_init(). */
unsigned int arch_max_vcpus(void);
/* vCPU creation: vm->lock and config_lock held, vCPU not yet visible.  A failed create leaves nothing. */
int arch_vcpu_precreate(struct vm *vm, unsigned int id);
int arch_vcpu_create(struct vcpu *vcpu);
void arch_vcpu_destroy(struct vcpu *vcpu);

/* vcpu->mutex held.  -EINVAL for what is not known, here and for a VM. */
long arch_vcpu_ioctl(struct vcpu *vcpu, unsigned int ioctl, unsigned long arg);
/* vcpu->mutex not held: what does not wait for a vCPU that runs.  -ENOIOCTLCMD for all else. */
long arch_vcpu_async_ioctl(struct vcpu *vcpu, unsigned int ioctl, unsigned long arg);

/* KVM_RUN, vcpu->mutex held, vCPU loaded, signal mask in place.  0 or -EINTR, ... */
int arch_vcpu_run(struct vcpu *vcpu);

/* Preemption off: from vcpu_load/put and the scheduler's notifiers. */
void arch_vcpu_load(struct vcpu *vcpu, int cpu);
void arch_vcpu_put(struct vcpu *vcpu);

/* Around blocking; own thread. */
void arch_vcpu_blocking(struct vcpu *vcpu);
void arch_vcpu_unblocking(struct vcpu *vcpu);
/* Anything for which a blocked vCPU must run?  Any context. */
bool arch_vcpu_runnable(struct vcpu *vcpu);

/*
 * Stage 2.  unmap: vm->mmu_lock held for writing; may drop it to reschedule
 * only if @may_block.  Returns true if a TLB flush is owed.
 */
struct gfn_range {
	struct memslot *slot;
	gfn_t start;
	gfn_t end;		/* exclusive */
	bool may_block;
};

bool arch_mmu_unmap(struct vm *vm, const struct gfn_range *range);
bool arch_mmu_age(struct vm *vm, const struct gfn_range *range);	/* clears the access flag; true if it was set */
bool arch_mmu_test_age(struct vm *vm, const struct gfn_range *range);
void arch_mmu_flush_tlb(struct vm *vm);					/* all of the VM's stage-2 entries, all CPUs */
/* Write-protects for dirty logging: mmu_lock held for writing. */
void arch_mmu_wrprotect(struct vm *vm, const struct gfn_range *range);
/*
 * A range with a dirty log: blocks become pages now, if user space wants that, and not
 * when they are written to.  vm->slots_lock held, mmu_lock not; may sleep.
 */
void arch_mmu_split(struct vm *vm, const struct gfn_range *range);
/* The address space is going (exit or last close): drop everything.  No locks held. */
void arch_mmu_release(struct vm *vm);

/* Memory slots: vm->slots_lock held.  prepare may refuse; @old or @new NULL for create and delete. */
int arch_memslot_prepare(struct vm *vm, const struct memslot *old, const struct memslot *new);
void arch_memslot_commit(struct vm *vm, const struct memslot *old, const struct memslot *new);
gfn_t arch_max_gfn(struct vm *vm);	/* first one that cannot be mapped */

/*
 * Interrupts.  set_irq: process context.  set_irq_atomic: any context,
 * -EWOULDBLOCK if this route needs process context, which no route to a pin
 * of a controller may.
 */
int arch_irq_route_check(struct vm *vm, const struct irq_route *route);	/* any context; -EINVAL if not possible */
int arch_irq_set(struct vm *vm, const struct irq_route *route, int source, int level);
int arch_irq_set_atomic(struct vm *vm, const struct irq_route *route, int source, int level);
bool arch_irqchip_ready(struct vm *vm);

#endif
