/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VM_H
#define KVM_VM_H

/* As much of a VM as the tested sources look at. */

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/srcu.h>
#include <kvm/iobus.h>
#include <kvm/irq.h>
#include <kvm/types.h>

struct vm {
	struct mutex slots_lock;	/* as in the real one */
	struct mutex irq_lock;		/* likewise */
	struct srcu_struct srcu;
	struct srcu_struct irq_srcu;
	struct iobus *buses[KVM_NR_BUSES];
	struct irq_routing *routing;
	struct list_head ioeventfds;
};

struct vcpu {
	struct vm *vm;
};

#endif
