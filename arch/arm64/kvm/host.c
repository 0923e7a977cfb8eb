// SPDX-License-Identifier: GPL-2.0
/*
 * What the host machine offers a guest: the interrupts of the EL1 timers and
 * of the virtual CPU interface, and where that is if it is a GICv2's, from the
 * device tree or from ACPI.
 */

#include <linux/acpi.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/minmax.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/of_irq.h>
#include <linux/string.h>
#include "arm64.h"

/* Order of the timer node's interrupts when it has no interrupt-names. */
#define DT_TIMER_PHYS	1
#define DT_TIMER_VIRT	2

/* Those that may have a virtual interface: distributor, CPU interface, GICH, GICV */
static const struct of_device_id host_gic_v2_ids[] = {
	{ .compatible = "arm,gic-400" },
	{ .compatible = "arm,cortex-a15-gic" },
	{ .compatible = "arm,cortex-a7-gic" },
	{ }
};

#define DT_GIC_V2_HYP	2
#define DT_GIC_V2_VCPU	3

static const struct of_device_id host_gic_v3_ids[] = {
	{ .compatible = "arm,gic-v3" },
	{ }
};

static const struct of_device_id host_timer_ids[] = {
	{ .compatible = "arm,armv8-timer" },
	{ }
};

static int host_dt_irq(const struct of_device_id *ids, const char *name, int index)
{
	struct device_node *node = of_find_matching_node(NULL, ids);
	int irq = 0;

	if (!node)
		return -ENODEV;
	if (name)
		irq = of_irq_get_byname(node, name);
	if (irq <= 0)
		irq = irq_of_parse_and_map(node, index);
	of_node_put(node);
	return irq > 0 ? irq : -ENOENT;
}

static bool host_dt_has(const struct of_device_id *ids)
{
	struct device_node *node = of_find_matching_node(NULL, ids);

	of_node_put(node);
	return node;
}

static int host_dt_gic_v2(struct host_gic_v2 *gic)
{
	struct device_node *node = of_find_matching_node(NULL, host_gic_v2_ids);
	struct resource hyp, vcpu;
	int ret = -ENXIO;

	if (!node || host_dt_has(host_gic_v3_ids)) {
		of_node_put(node);
		return -ENODEV;
	}
	if (!of_address_to_resource(node, DT_GIC_V2_HYP, &hyp) &&
	    !of_address_to_resource(node, DT_GIC_V2_VCPU, &vcpu)) {
		gic->hyp = hyp.start;
		gic->vcpu = vcpu.start;
		ret = 0;
	}
	of_node_put(node);
	return ret;
}

#ifdef CONFIG_ACPI
static int host_acpi_ppi(u32 gsi, bool edge, bool low)
{
	int irq;

	if (!gsi)
		return -ENOENT;
	irq = acpi_register_gsi(NULL, gsi, edge ? ACPI_EDGE_SENSITIVE : ACPI_LEVEL_SENSITIVE,
				low ? ACPI_ACTIVE_LOW : ACPI_ACTIVE_HIGH);
	return irq > 0 ? irq : -ENOENT;
}

static int host_acpi_timer_irq(bool virt)
{
	struct acpi_table_header *table;
	struct acpi_table_gtdt *gtdt;
	u32 gsi, flags;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_GTDT, 0, &table)))
		return -ENODEV;
	gtdt = (struct acpi_table_gtdt *)table;
	gsi = virt ? gtdt->virtual_timer_interrupt : gtdt->non_secure_el1_interrupt;
	flags = virt ? gtdt->virtual_timer_flags : gtdt->non_secure_el1_flags;
	acpi_put_table(table);
	return host_acpi_ppi(gsi, flags & ACPI_GTDT_INTERRUPT_MODE,
			     flags & ACPI_GTDT_INTERRUPT_POLARITY);
}

/* What is of use in the MADT: the distributor's version, and the first enabled CPU's entry. */
struct host_madt {
	u8 version;
	bool has_cpu;
	struct acpi_madt_generic_interrupt cpu;
};

static void host_acpi_madt_entry(struct host_madt *madt, const struct acpi_subtable_header *sub)
{
	const struct acpi_madt_generic_distributor *dist = (const void *)sub;
	const struct acpi_madt_generic_interrupt *cpu = (const void *)sub;

	switch (sub->type) {
	case ACPI_MADT_TYPE_GENERIC_DISTRIBUTOR:
		if (sub->length >= sizeof(*dist))
			madt->version = dist->version;
		break;
	case ACPI_MADT_TYPE_GENERIC_INTERRUPT:
		if (madt->has_cpu || !(cpu->flags & ACPI_MADT_ENABLED))
			break;
		/* Earlier revisions of the table have a shorter one. */
		memcpy(&madt->cpu, cpu, min_t(size_t, sub->length, sizeof(*cpu)));
		madt->has_cpu = true;
		break;
	}
}

static int host_acpi_madt(struct host_madt *madt)
{
	struct acpi_table_header *table;
	unsigned long at, end;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_MADT, 0, &table)))
		return -ENODEV;
	memset(madt, 0, sizeof(*madt));
	at = (unsigned long)table + sizeof(struct acpi_table_madt);
	end = (unsigned long)table + table->length;
	while (at + sizeof(struct acpi_subtable_header) <= end) {
		const struct acpi_subtable_header *sub = (void *)at;

		if (sub->length < sizeof(*sub) || at + sub->length > end)
			break;
		host_acpi_madt_entry(madt, sub);
		at += sub->length;
	}
	acpi_put_table(table);
	return madt->has_cpu ? 0 : -ENODEV;
}

/* A PPI is the same on all CPUs. */
static int host_acpi_maintenance_irq(void)
{
	struct host_madt madt;
	int ret = host_acpi_madt(&madt);

	return ret ?: host_acpi_ppi(madt.cpu.vgic_interrupt,
				    madt.cpu.flags & ACPI_MADT_VGIC_IRQ_MODE, false);
}

/* A GICv2's registers are at one address for all CPUs. */
static int host_acpi_gic_v2(struct host_gic_v2 *gic)
{
	struct host_madt madt;
	int ret = host_acpi_madt(&madt);

	if (ret || madt.version != ACPI_MADT_GIC_VERSION_V2)
		return -ENODEV;
	gic->hyp = madt.cpu.gich_base_address;
	gic->vcpu = madt.cpu.gicv_base_address;
	return gic->hyp && gic->vcpu ? 0 : -ENXIO;
}
#else
static int host_acpi_timer_irq(bool virt)
{
	return -ENODEV;
}

static int host_acpi_maintenance_irq(void)
{
	return -ENODEV;
}

static int host_acpi_gic_v2(struct host_gic_v2 *gic)
{
	return -ENODEV;
}
#endif

/**
 * host_gic_v2_find - is the host's interrupt controller a GICv2?
 * @gic: receives where its virtual interface is
 *
 * Return: 0; -ENODEV if it is another; -ENXIO if it is one without virtual
 * interface, as far as the firmware says.
 */
int host_gic_v2_find(struct host_gic_v2 *gic)
{
	return acpi_disabled ? host_dt_gic_v2(gic) : host_acpi_gic_v2(gic);
}

/**
 * host_gic_maintenance_irq - the GIC's maintenance interrupt
 *
 * Return: a Linux interrupt number or a negative errno.
 */
int host_gic_maintenance_irq(void)
{
	if (!acpi_disabled)
		return host_acpi_maintenance_irq();
	if (host_dt_has(host_gic_v3_ids))
		return host_dt_irq(host_gic_v3_ids, NULL, 0);
	return host_dt_irq(host_gic_v2_ids, NULL, 0);
}

/**
 * host_timer_irq - the interrupt of an EL1 timer, which a VHE kernel leaves unused
 * @virt: the virtual timer, else the physical
 *
 * Return: a Linux interrupt number or a negative errno.
 */
int host_timer_irq(bool virt)
{
	if (!acpi_disabled)
		return host_acpi_timer_irq(virt);
	return host_dt_irq(host_timer_ids, virt ? "virt" : "phys",
			   virt ? DT_TIMER_VIRT : DT_TIMER_PHYS);
}

/**
 * host_irq_intid - the GIC's number of a host interrupt
 * @irq: Linux interrupt number
 *
 * Return: the INTID, from the outermost interrupt domain, or -ENOENT.
 */
int host_irq_intid(unsigned int irq)
{
	struct irq_data *data = irq_get_irq_data(irq);

	if (!data)
		return -ENOENT;
#ifdef CONFIG_IRQ_DOMAIN_HIERARCHY
	while (data->parent_data)
		data = data->parent_data;
#endif
	return irqd_to_hwirq(data);
}
