// SPDX-License-Identifier: GPL-2.0
/* The table of GSI routes: the identity, replacement as a whole, and what is refused. */

#include <linux/errno.h>
#include <string.h>
#include <linux/slab.h>
#include <linux/kvm.h>
#include <kvm/arch.h>
#include <kvm/vm.h>
#include "irqfd.h"
#include "ktap.h"

#define NR_PINS		988

static struct vm vm;
static unsigned int changes;
static struct irq_route set_route;
static int set_level;

int arch_irq_route_check(struct vm *v, const struct irq_route *route)
{
	return route->type == KVM_IRQ_ROUTING_IRQCHIP && route->irqchip.pin >= NR_PINS ?
	       -EINVAL : 0;
}

int arch_irq_set(struct vm *v, const struct irq_route *route, int source, int level)
{
	set_route = *route;
	set_level = level;
	return 0;
}

void irqfd_routes_changed(struct vm *v)
{
	changes++;
}

int irqfd_vm_init(struct vm *v)
{
	return 0;
}

void irqfd_vm_destroy(struct vm *v)
{
}

static void start(void)
{
	irq_routing_destroy(&vm);
	memset(&vm, 0, sizeof(vm));
	irq_routing_init(&vm);
	changes = 0;
}

static struct kvm_irq_routing_entry pin(u32 gsi, u32 n)
{
	return (struct kvm_irq_routing_entry) {
		.gsi = gsi, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip.pin = n,
	};
}

static struct kvm_irq_routing_entry msi(u32 gsi, u32 flags)
{
	return (struct kvm_irq_routing_entry) {
		.gsi = gsi, .type = KVM_IRQ_ROUTING_MSI, .flags = flags,
		.u.msi = { .address_lo = 0x80, .address_hi = 1, .data = 7, .devid = 9 },
	};
}

static int set1(struct kvm_irq_routing_entry entry)
{
	return irq_routing_set(&vm, &entry, 1);
}

static void identity(void)
{
	struct irq_route route;

	start();
	CHECK(irq_route_get(&vm, 5, &route));
	CHECK(route.type == KVM_IRQ_ROUTING_IRQCHIP && route.irqchip.pin == 5);
	CHECK(irq_route_get(&vm, NR_PINS - 1, &route));
	CHECK(!irq_route_get(&vm, NR_PINS, &route) && !irq_route_get(&vm, ~0u, &route));
	CHECK(!irq_set_line(&vm, 5, 1, false) && set_route.irqchip.pin == 5 && set_level == 1);
	CHECK(irq_set_line(&vm, NR_PINS, 1, false) == -EINVAL);
}

static void replaced_as_a_whole(void)
{
	struct kvm_irq_routing_entry two[] = { pin(3, 40), msi(4000, KVM_MSI_VALID_DEVID) };
	struct irq_route route;
	unsigned int syncs = host_srcu_syncs;

	start();
	CHECK(!irq_routing_set(&vm, two, 2) && changes == 1 && host_srcu_syncs > syncs);
	CHECK(irq_route_get(&vm, 3, &route) && route.irqchip.pin == 40 && route.gsi == 3);
	CHECK(irq_route_get(&vm, 4000, &route) && route.type == KVM_IRQ_ROUTING_MSI);
	CHECK(route.msi.address == 0x100000080 && route.msi.data == 7);
	CHECK(route.msi.has_devid && route.msi.devid == 9);
	CHECK(!irq_route_get(&vm, 5, &route) && !irq_route_get(&vm, 4001, &route));
	CHECK(!set1(pin(5, 5)));
	CHECK(!irq_route_get(&vm, 3, &route) && irq_route_get(&vm, 5, &route));
	CHECK(!irq_routing_set(&vm, NULL, 0));
	CHECK(!irq_route_get(&vm, 5, &route));
}

static void device_id_only_if_valid(void)
{
	struct irq_route route;

	start();
	CHECK(!set1(msi(1, 0)) && irq_route_get(&vm, 1, &route));
	CHECK(!route.msi.has_devid && !route.msi.devid);
}

static void refused(void)
{
	struct kvm_irq_routing_entry bad, twice[] = { pin(3, 1), pin(3, 2) };
	struct kvm_irq_routing_entry both[] = { pin(3, 1), msi(3, 0) };
	struct irq_route route;

	start();
	CHECK(!set1(pin(7, 7)));
	CHECK(set1(pin(IRQ_NR_GSIS, 0)) == -EINVAL && set1(pin(~0u, 0)) == -EINVAL);
	CHECK(set1(pin(0, NR_PINS)) == -EINVAL);
	bad = pin(0, 0);
	bad.u.irqchip.irqchip = KVM_NR_IRQCHIPS;
	CHECK(set1(bad) == -EINVAL);
	bad = pin(0, 0);
	bad.flags = KVM_MSI_VALID_DEVID;
	CHECK(set1(bad) == -EINVAL);
	CHECK(set1(msi(0, 2)) == -EINVAL);
	bad = pin(0, 0);
	bad.type = 0;
	CHECK(set1(bad) == -EINVAL);
	bad.type = 3;
	CHECK(set1(bad) == -EINVAL);
	CHECK(irq_routing_set(&vm, twice, 2) == -EINVAL);
	CHECK(irq_routing_set(&vm, both, 2) == -EINVAL);
	CHECK(irq_routing_set(&vm, twice, IRQ_NR_GSIS + 1) == -EINVAL);
	host_alloc_fail = true;
	CHECK(set1(pin(8, 8)) == -ENOMEM);

	/* Through all of it the old table stands. */
	CHECK(irq_route_get(&vm, 7, &route) && !irq_route_get(&vm, 3, &route));
	CHECK(changes == 1 && host_allocs == 1);
}

static void every_gsi(void)
{
	static struct kvm_irq_routing_entry all[IRQ_NR_GSIS];
	struct irq_route route;

	start();
	for (u32 i = 0; i < IRQ_NR_GSIS; i++)
		all[i] = pin(IRQ_NR_GSIS - 1 - i, i % NR_PINS);
	CHECK(!irq_routing_set(&vm, all, IRQ_NR_GSIS));
	for (u32 i = 0; i < IRQ_NR_GSIS; i++)
		CHECK(irq_route_get(&vm, IRQ_NR_GSIS - 1 - i, &route) &&
		      route.irqchip.pin == i % NR_PINS);
}

static void nothing_leaks(void)
{
	start();
	CHECK(host_allocs == 0 && host_srcu_readers == 0);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "routing.identity", identity },
		{ "routing.replaced_as_a_whole", replaced_as_a_whole },
		{ "routing.device_id_only_if_valid", device_id_only_if_valid },
		{ "routing.refused", refused },
		{ "routing.every_gsi", every_gsi },
		{ "routing.nothing_leaks", nothing_leaks },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
