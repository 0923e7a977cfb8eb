/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VIRT_IRQFD_H
#define KVM_VIRT_IRQFD_H

/* Between routing.c and irqfd.c only. */

#include <kvm/irq.h>

/* routing.c: the route of @gsi; vm->irq_srcu held for reading, any context. */
bool irq_route_lookup(struct vm *vm, u32 gsi, struct irq_route *out);

/* irqfd.c */
int irqfd_vm_init(struct vm *vm);
void irqfd_vm_destroy(struct vm *vm);
/* The table was replaced: vm->irq_lock held. */
void irqfd_routes_changed(struct vm *vm);

#endif
