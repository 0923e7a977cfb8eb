/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_IOBUS_H
#define KVM_IOBUS_H

#include <kvm/types.h>

enum iobus_id {
	KVM_MMIO_BUS,
	KVM_PIO_BUS,		/* what a VMM has for ports; no architecture here has these */
	KVM_NR_BUSES,
};

struct io_device;

/*
 * struct io_device_ops - an in-kernel device's accessors
 * @read: fills @val (little-endian bytes, @len 1, 2, 4 or 8); 0 or -EOPNOTSUPP
 *	  if the device does not claim the access
 * @write: likewise
 * @release: the bus no longer refers to the device; may free it
 *
 * Context: vm->srcu held.  If @atomic, also with interrupts off: must not
 * sleep; such accesses are completed without leaving the vCPU's inner loop.  It
 * may return -EAGAIN there for the rare access that needs more.
 * A @shared device may overlap any other one: it declines what is not for it,
 * and the next one is asked.
 */
struct io_device_ops {
	int (*read)(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len, void *val);
	int (*write)(struct vcpu *vcpu, struct io_device *dev, gpa_t addr, int len,
		     const void *val);
	void (*release)(struct io_device *dev);
	bool atomic;
	bool shared;
};

/* Embedded in its owner. */
struct io_device {
	const struct io_device_ops *ops;
};

struct iobus;

int iobus_init(struct vm *vm);
void iobus_destroy(struct vm *vm);

#define NR_IOBUS_DEVS		1000	/* of each bus */

/*
 * Writers hold vm->slots_lock.  Registration fails with -EEXIST if neither the
 * device nor one that it overlaps is shared, -EINVAL if the range wraps,
 * -ENOSPC beyond NR_IOBUS_DEVS, -ENOMEM.  A @len of 0 is for accesses of any
 * length to @addr itself.
 * Unregistration cannot fail: after it returns no reader sees the device
 * (it waits for vm->srcu), and ->release, if there is one, has been called.
 */
int iobus_register(struct vm *vm, enum iobus_id bus, gpa_t addr, u64 len, struct io_device *dev);
void iobus_unregister(struct vm *vm, enum iobus_id bus, struct io_device *dev);

/* vm->srcu held.  0: done in the kernel; -EOPNOTSUPP: nobody claims it, exit to user space. */
int iobus_read(struct vcpu *vcpu, enum iobus_id bus, gpa_t addr, int len, void *val);
int iobus_write(struct vcpu *vcpu, enum iobus_id bus, gpa_t addr, int len, const void *val);

/*
 * As above but only for devices whose ops are atomic: -EAGAIN if the one that
 * would answer is not (the caller takes the sleeping path).
 */
int iobus_read_atomic(struct vcpu *vcpu, enum iobus_id bus, gpa_t addr, int len, void *val);
int iobus_write_atomic(struct vcpu *vcpu, enum iobus_id bus, gpa_t addr, int len, const void *val);

struct kvm_ioeventfd;
int ioeventfd_set(struct vm *vm, const struct kvm_ioeventfd *args);
void ioeventfd_destroy_all(struct vm *vm);

#endif
