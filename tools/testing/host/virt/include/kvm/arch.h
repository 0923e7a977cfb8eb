/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARCH_H
#define KVM_ARCH_H

#include <kvm/irq.h>

int arch_irq_route_check(struct vm *vm, const struct irq_route *route);
int arch_irq_set(struct vm *vm, const struct irq_route *route, int source, int level);

#endif
