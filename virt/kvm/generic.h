/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_GENERIC_H
#define KVM_GENERIC_H

/* Interfaces between the files of virt/kvm that nobody else needs. */

#include <linux/fs.h>
#include <linux/kvm.h>
#include <kvm/memslot.h>
#include <kvm/vcpu.h>
#include <kvm/vm.h>

/*
 * 32-bit processes: no ioctl of theirs is understood.  Without a handler of
 * its own, the kernel would hand some of them to the native one.
 */
long vm_refuse_compat_ioctl(struct file *file, unsigned int ioctl, unsigned long arg);

/* May current use @vm's file descriptors?  0 or -EIO. */
int vm_check_caller(struct vm *vm);

/* KVM_CHECK_EXTENSION; @vm is NULL on /dev/kvm. */
long vm_check_extension(struct vm *vm, long cap);

/* vcpu.c */
int vcpu_module_init(void);
void vcpu_module_exit(void);

/* block.c: the longest time in ns that @vm's vCPUs may poll for before they sleep. */
unsigned int block_poll_limit(struct vm *vm);

/*
 * notifier.c.  Registration is the last step of a VM's creation that can fail:
 * callbacks may come from then on, until unregistration returns.
 */
int notifier_register(struct vm *vm);
void notifier_unregister(struct vm *vm);
/* Both: no locks of the VM's held but vm->slots_lock; take vm->mmu_lock for writing, reschedule. */
void notifier_unmap_slot(struct vm *vm, const struct memslot *slot);
void notifier_wrprotect_slot(struct vm *vm, const struct memslot *slot);

/* coalesced.c */
int coalesced_init(struct vm *vm);
void coalesced_destroy(struct vm *vm);
int coalesced_register(struct vm *vm, const struct kvm_coalesced_mmio_zone *args);
int coalesced_unregister(struct vm *vm, const struct kvm_coalesced_mmio_zone *args);

/* dirty.c */
#define DIRTY_MANUAL_FLAGS	(KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET)

int dirty_log_get(struct vm *vm, struct kvm_dirty_log *log);
int dirty_log_clear(struct vm *vm, const struct kvm_clear_dirty_log *log);
int dirty_set_manual(struct vm *vm, u64 flags);

/* stats-debugfs.c.  Failures only mean that files are missing; no locks held but for vCPUs. */
#ifdef CONFIG_KVM_MODULE_STATS
void stats_module_init(void);
void stats_module_exit(void);
void stats_vm_add(struct vm *vm, int fd);
void stats_vm_remove(struct vm *vm);	/* with all of its vCPUs */
void stats_vcpu_add(struct vcpu *vcpu);
/* stats-fd.c: KVM_GET_STATS_FD.  Any task that has the file may call these; no locks held. */
int stats_vm_fd(struct vm *vm);
int stats_vcpu_fd(struct vcpu *vcpu);
#else
static inline void stats_module_init(void) { }
static inline void stats_module_exit(void) { }
static inline void stats_vm_add(struct vm *vm, int fd) { }
static inline void stats_vm_remove(struct vm *vm) { }
static inline void stats_vcpu_add(struct vcpu *vcpu) { }
static inline int stats_vm_fd(struct vm *vm) { return -EINVAL; }
static inline int stats_vcpu_fd(struct vcpu *vcpu) { return -EINVAL; }
#endif

#endif
