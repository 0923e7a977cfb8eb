// SPDX-License-Identifier: GPL-2.0
/*
 * What a GSI stands for.
 *
 * There is one interrupt controller per VM, and the ABI lets a GSI have either
 * one pin on each controller or one message: so at most one route here.  A
 * table is an array by GSI that never changes; KVM_SET_GSI_ROUTING publishes
 * another and waits until nothing is being injected by the old one.
 *
 * A VM that never sets a table has the identity: GSI n is pin n of controller
 * 0, for every pin that the architecture takes.
 *
 * Locks: vm->irq_lock for writers, vm->irq_srcu for readers (any context).
 */

#include <linux/bits.h>
#include <linux/kvm.h>
#include <linux/lockdep.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <kvm/arch.h>
#include <kvm/irq.h>
#include <kvm/vm.h>
#include "irqfd.h"

struct irq_routing {
	u32 nr;				/* GSIs below may have a route */
	struct irq_route route[];	/* by GSI; type 0: none */
};

bool irq_route_lookup(struct vm *vm, u32 gsi, struct irq_route *out)
{
	struct irq_routing *table = srcu_dereference(vm->routing, &vm->irq_srcu);

	if (!table) {
		*out = (struct irq_route) {
			.gsi = gsi,
			.type = KVM_IRQ_ROUTING_IRQCHIP,
			.irqchip = { .irqchip = 0, .pin = gsi },
		};
		return gsi < IRQ_NR_GSIS && !arch_irq_route_check(vm, out);
	}

	if (gsi >= table->nr)
		return false;
	*out = table->route[array_index_nospec(gsi, table->nr)];
	return out->type;
}

/**
 * irq_route_get - copy the route of a GSI
 * @vm: VM
 * @gsi: any number
 * @out: filled if true is returned
 *
 * Context: any.
 * Return: false if the GSI has no route
 */
bool irq_route_get(struct vm *vm, u32 gsi, struct irq_route *out)
{
	int idx = srcu_read_lock(&vm->irq_srcu);
	bool found = irq_route_lookup(vm, gsi, out);

	srcu_read_unlock(&vm->irq_srcu, idx);
	return found;
}

/**
 * irq_set_line - drive the input that a GSI stands for
 * @vm: VM
 * @gsi: any number
 * @level: 0 or not; a message is sent for anything but 0
 * @line_status: the caller wants to know whether it was taken (not all
 *	architectures can say)
 *
 * Context: process.
 * Return: 0 or positive if it was delivered, -EINVAL if there is no route,
 * or the architecture's error.
 */
int irq_set_line(struct vm *vm, u32 gsi, int level, bool line_status)
{
	struct irq_route route;
	int idx, ret = -EINVAL;

	idx = srcu_read_lock(&vm->irq_srcu);
	if (irq_route_lookup(vm, gsi, &route))
		ret = arch_irq_set(vm, &route, IRQ_SOURCE_USER, level);
	srcu_read_unlock(&vm->irq_srcu, idx);
	return ret;
}

static int irq_route_fill(struct vm *vm, struct irq_routing *table,
			  const struct kvm_irq_routing_entry *entry)
{
	struct irq_route *route = &table->route[array_index_nospec(entry->gsi, table->nr)];

	/* A second pin on the only controller, or a message next to anything. */
	if (route->type)
		return -EINVAL;

	switch (entry->type) {
	case KVM_IRQ_ROUTING_IRQCHIP:
		if (entry->flags || entry->u.irqchip.irqchip >= KVM_NR_IRQCHIPS)
			return -EINVAL;
		route->irqchip.irqchip = entry->u.irqchip.irqchip;
		route->irqchip.pin = entry->u.irqchip.pin;
		break;
	case KVM_IRQ_ROUTING_MSI:
		if (entry->flags & ~KVM_MSI_VALID_DEVID)
			return -EINVAL;
		route->msi.address = (u64)entry->u.msi.address_hi << 32 |
				     entry->u.msi.address_lo;
		route->msi.data = entry->u.msi.data;
		route->msi.has_devid = entry->flags & KVM_MSI_VALID_DEVID;
		if (route->msi.has_devid)
			route->msi.devid = entry->u.msi.devid;
		break;
	default:
		return -EINVAL;
	}

	route->gsi = entry->gsi;
	route->type = entry->type;
	return arch_irq_route_check(vm, route);
}

/**
 * irq_routing_set - KVM_SET_GSI_ROUTING: replace the whole table
 * @vm: VM
 * @entries: copied from user space, otherwise unchecked
 * @nr: how many
 *
 * When it returns, every injection goes by the new table.
 *
 * Context: process; takes vm->irq_lock, waits for readers of vm->irq_srcu.
 * Return: 0; -EINVAL for too many entries, a GSI beyond IRQ_NR_GSIS, unknown
 * types or flags, a second route for a GSI, and what the architecture cannot
 * do; -ENOMEM.  After an error the old table stands.
 */
int irq_routing_set(struct vm *vm, const struct kvm_irq_routing_entry *entries, unsigned int nr)
{
	struct irq_routing *new, *old;
	u32 gsis = 0;
	int ret;

	if (nr > IRQ_NR_GSIS)
		return -EINVAL;
	for (unsigned int i = 0; i < nr; i++) {
		if (entries[i].gsi >= IRQ_NR_GSIS)
			return -EINVAL;
		gsis = max(gsis, entries[i].gsi + 1);
	}

	new = kvzalloc(struct_size(new, route, gsis), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	new->nr = gsis;

	for (unsigned int i = 0; i < nr; i++) {
		ret = irq_route_fill(vm, new, &entries[i]);
		if (ret) {
			kvfree(new);
			return ret;
		}
	}

	mutex_lock(&vm->irq_lock);
	old = rcu_dereference_protected(vm->routing, lockdep_is_held(&vm->irq_lock));
	rcu_assign_pointer(vm->routing, new);
	irqfd_routes_changed(vm);
	mutex_unlock(&vm->irq_lock);

	synchronize_srcu_expedited(&vm->irq_srcu);
	kvfree(old);
	return 0;
}

/**
 * irq_routing_init - identity routing and no irqfds, for a new VM
 * @vm: VM, not yet visible
 *
 * Return: 0 or -ENOMEM
 */
int irq_routing_init(struct vm *vm)
{
	RCU_INIT_POINTER(vm->routing, NULL);
	return irqfd_vm_init(vm);
}

/**
 * irq_routing_destroy - the VM dies
 * @vm: VM; after irqfd_release_all(), nothing injects any more.  May also
 *	follow a failed irq_routing_init().
 */
void irq_routing_destroy(struct vm *vm)
{
	struct irq_routing *table = rcu_dereference_protected(vm->routing, 1);

	RCU_INIT_POINTER(vm->routing, NULL);
	kvfree(table);
	irqfd_vm_destroy(vm);
}
