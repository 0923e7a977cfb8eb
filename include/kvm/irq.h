/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_IRQ_H
#define KVM_IRQ_H

#include <linux/kvm.h>
#include <kvm/types.h>

/* A GSI's route, in the form that is injected. */
struct irq_route {
	u32 gsi;
	u32 type;			/* KVM_IRQ_ROUTING_IRQCHIP or _MSI */
	union {
		struct { u32 irqchip, pin; } irqchip;
		struct {
			u64 address;
			u32 data;
			u32 devid;
			bool has_devid;
		} msi;
	};
};

#define IRQ_NR_GSIS	4096		/* KVM_CAP_IRQ_ROUTING */

/* Source ids of level contributions to a line. */
#define IRQ_SOURCE_USER		0
#define IRQ_SOURCE_RESAMPLE	1

int irq_routing_init(struct vm *vm);	/* architecture's default routes, may be none */
void irq_routing_destroy(struct vm *vm);
int irq_routing_set(struct vm *vm, const struct kvm_irq_routing_entry *entries, unsigned int nr);
/* Copies the (single) route of @gsi; false if it has none.  Any context. */
bool irq_route_get(struct vm *vm, u32 gsi, struct irq_route *out);

/* KVM_IRQ_LINE through a route: process context. */
int irq_set_line(struct vm *vm, u32 gsi, int level, bool line_status);

struct kvm_irqfd;
int irqfd_set(struct vm *vm, const struct kvm_irqfd *args);
/* VM is going: shuts down every irqfd and waits for what is under way. */
void irqfd_release_all(struct vm *vm);
int irqfd_module_init(void);
void irqfd_module_exit(void);

/*
 * The interrupt controller saw the guest end (@pin of @irqchip) a level
 * interrupt: resamplers are told.  Any context, interrupts may be off.
 */
void irq_notify_acked(struct vm *vm, u32 irqchip, u32 pin);
bool irq_has_ack_notifier(struct vm *vm, u32 irqchip, u32 pin);

#endif
