/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VM_H
#define KVM_VM_H

#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/xarray.h>
#include <linux/kvm.h>
#include <kvm/dirty-ring.h>
#include <kvm/iobus.h>
#include <kvm/memslot.h>
#include <kvm/stats.h>
#include <kvm/types.h>
#include <kvm/arch_types.h>

#define VM_MAX_VCPUS	512

/*
 * struct vm - a virtual machine
 *
 * Owned by its file descriptors: the VM's, each vCPU's, each device's and
 * whoever holds an irqfd.  The last vm_put() destroys it, in process context.
 */
struct vm {
	refcount_t users;
	struct mm_struct *mm;		/* mmgrab()bed; all ioctls must come from it */
	bool dead;			/* KVM_REQ_VM_DEAD: every ioctl is -EIO */

	struct mutex lock;		/* creation of vCPUs and devices, capabilities */
	struct mutex config_lock;	/* arch: interrupt controller and vCPU feature set-up */
	struct mutex slots_lock;	/* writers of @slots and @buses */
	struct mutex irq_lock;		/* writers of @routing, irqfd lists */

	struct srcu_struct srcu;	/* readers of slots, buses */
	struct memslots slots;
	unsigned int dirty_manual;	/* slots_lock; KVM_DIRTY_LOG_* */
	struct dirty_ring_config dirty_ring;	/* entries: lock; bitmap: slots_lock */
	struct iobus __rcu *buses[KVM_NR_BUSES];

	/*
	 * Stage 2.  Faults take it for reading and install entries with
	 * cmpxchg; notifiers and teardown take it for writing.
	 */
	rwlock_t mmu_lock;
	struct mmu_notifier notifier;
	unsigned long mmu_seq;		/* mmu_lock */
	long mmu_in_progress;		/* mmu_lock */
	hva_t mmu_range_start;		/* mmu_lock; valid while in progress */
	hva_t mmu_range_end;

	/*
	 * vCPUs by index.  An entry is published (xa_store with release) only
	 * when the vCPU is complete and is never removed before the VM dies.
	 */
	struct xarray vcpus;
	int created_vcpus;		/* lock and config_lock to write, one of them to read */
	atomic_t online_vcpus;		/* published ones: indices below are valid */

	struct list_head devices;	/* vm->lock */
	struct irq_routing __rcu *routing;	/* RCU and SRCU irq_srcu; writers irq_lock */
	struct srcu_struct irq_srcu;	/* readers of routing that sleep, resamplers */
	struct irqfds *irqfds;		/* opaque outside virt/kvm/irqfd.c */
	struct list_head ioeventfds;	/* slots_lock */

	struct {			/* coalesced MMIO */
		spinlock_t lock;	/* who writes to the ring */
		struct page *page;	/* the ring, shared with user space: never trust it */
		struct list_head zones;	/* slots_lock */
	} coalesced;

	unsigned int halt_poll_ns;	/* KVM_CAP_HALT_POLL's, instead of the module parameter if ... */
	bool halt_poll_override;	/* ... this is set; lock-free */
	struct vm_stats stats;
	struct list_head stats_link;	/* these three: virt/kvm/stats-debugfs.c */
	struct stat_file *stats_files;
	struct dentry *debugfs;

	struct vm_arch arch;
};

/* Lifetime */
int vm_create_fd(unsigned long type);
void vm_get(struct vm *vm);
bool vm_get_live(struct vm *vm);	/* inc-not-zero, for lock-free finders */
void vm_put(struct vm *vm);
/* Every further ioctl of the VM and its vCPUs is -EIO; vCPUs are kicked out. */
void vm_kill(struct vm *vm);

extern const struct file_operations vm_fops;

/* vCPUs: any context; a returned vCPU lives as long as the VM. */
struct vcpu *vm_vcpu_by_index(struct vm *vm, unsigned int index);
struct vcpu *vm_vcpu_by_id(struct vm *vm, unsigned int id);

static inline unsigned int vm_nr_vcpus(struct vm *vm)
{
	/* Pairs with the release in vcpu creation: entries below are complete. */
	return atomic_read_acquire(&vm->online_vcpus);
}

#define vm_for_each_vcpu(i, v, vm)					\
	for ((i) = 0; (i) < vm_nr_vcpus(vm) &&				\
	     ((v) = vm_vcpu_by_index((vm), (i))) != NULL; (i)++)

/* Makes a request of all vCPUs and waits until none runs guest code with the old state. */
void vm_request_all(struct vm *vm, unsigned int req);
/* As vm_request_all, with kick and no wait. */
void vm_kick_all(struct vm *vm, unsigned int req);

/*
 * Stops all vCPU ioctls and runs: takes each vcpu->mutex by trylock.
 * Returns 0 or -EBUSY.  Caller holds vm->lock.  Used by whatever needs the
 * guest quiescent (interrupt controller set-up, save and restore).
 */
int vm_lock_all_vcpus(struct vm *vm);
void vm_unlock_all_vcpus(struct vm *vm);

#endif
