// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupt controller as the generic code's routes see it: pin n of
 * irqchip 0 is SPI n, INTID 32 + n. A line may have several sources and is
 * asserted while any of them asserts it, so that a resampler and user space do
 * not undo each other.
 *
 * Messages (KVM_IRQ_ROUTING_MSI) go through an ITS, which needs to know who
 * sends them; a VM without one has no such routes.
 */

#include <kvm/arch.h>
#include "its.h"
#include "vgic.h"

/**
 * arch_irq_route_check - can there be such a route?
 * @vm: the VM
 * @route: the route
 *
 * Pins are checked against what any VM could have, as routes may be set before
 * the number of SPIs is known.
 *
 * Return: 0 or -EINVAL.
 */
int arch_irq_route_check(struct vm *vm, const struct irq_route *route)
{
	if (route->type == KVM_IRQ_ROUTING_MSI)
		return READ_ONCE(vm->arch.vgic.has_its) ? 0 : -EINVAL;
	if (route->type != KVM_IRQ_ROUTING_IRQCHIP)
		return -EINVAL;
	if (route->irqchip.irqchip || route->irqchip.pin > VGIC_MAX_SPI - VGIC_NR_PRIVATE)
		return -EINVAL;
	return 0;
}

/* A message is sent, it has no level that could end. */
static int irqchip_send(struct vm *vm, const struct irq_route *route, int level)
{
	if (!level)
		return 0;
	if (!route->msi.has_devid)
		return -EINVAL;
	return its_inject_msi(vm, route->msi.address, route->msi.devid, route->msi.data);
}

static int irqchip_set(struct vm *vm, const struct irq_route *route, int source, int level)
{
	struct vgic_irq *irq;

	if (route->type == KVM_IRQ_ROUTING_MSI)
		return irqchip_send(vm, route, level);
	if (route->type != KVM_IRQ_ROUTING_IRQCHIP)
		return -EINVAL;
	if (!vgic_initialized(&vm->arch.vgic))
		return -EBUSY;
	if (route->irqchip.pin > VGIC_MAX_SPI - VGIC_NR_PRIVATE)
		return -EINVAL;
	irq = vgic_irq_get(vm, NULL, VGIC_NR_PRIVATE + route->irqchip.pin);
	if (!irq)
		return -EINVAL;

	scoped_guard(raw_spinlock_irqsave, &irq->lock)
		vgic_irq_set_line(irq, source, level);
	return 0;
}

/**
 * arch_irq_set - drive a routed interrupt
 * @vm: the VM
 * @route: where to
 * @source: IRQ_SOURCE_*
 * @level: the source's level
 *
 * Context: process.
 * Return: 0; for a message 1 if it was delivered, 0 if the guest has blocked it;
 * -EBUSY before the interrupt controller is initialised; -EINVAL if the pin, or
 * the doorbell of the message, does not exist, or the sender is not named.
 */
int arch_irq_set(struct vm *vm, const struct irq_route *route, int source, int level)
{
	return irqchip_set(vm, route, source, level);
}

/**
 * arch_irq_set_atomic - the same from any context
 * @vm: the VM
 * @route: where to
 * @source: IRQ_SOURCE_*
 * @level: the source's level
 *
 * Return: as arch_irq_set(); no route needs process context.
 */
int arch_irq_set_atomic(struct vm *vm, const struct irq_route *route, int source, int level)
{
	return irqchip_set(vm, route, source, level);
}

/**
 * arch_irqchip_ready - may interrupts be routed?
 * @vm: the VM
 *
 * Return: true once the interrupt controller is initialised.
 */
bool arch_irqchip_ready(struct vm *vm)
{
	return vgic_initialized(&vm->arch.vgic);
}
