// SPDX-License-Identifier: GPL-2.0
/*
 * What the host machine offers a guest: the interrupts of the EL1 timers and
 * of the virtual CPU interface, from the device tree or from ACPI.
 */

#include <linux/acpi.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/of.h>
#include <linux/of_irq.h>
#include "arm64.h"

/* Order of the timer node's interrupts when it has no interrupt-names. */
#define DT_TIMER_PHYS	1
#define DT_TIMER_VIRT	2

static int host_dt_irq(const char *compatible, const char *name, int index)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, compatible);
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

/* The first enabled CPU's entry: a PPI is the same on all of them. */
static int host_acpi_maintenance_irq(void)
{
	struct acpi_table_header *table;
	struct acpi_subtable_header *sub;
	unsigned long at, end;
	u32 gsi = 0;
	bool edge = false;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_MADT, 0, &table)))
		return -ENODEV;
	at = (unsigned long)table + sizeof(struct acpi_table_madt);
	end = (unsigned long)table + table->length;
	while (at + sizeof(*sub) <= end) {
		sub = (struct acpi_subtable_header *)at;
		if (sub->length < sizeof(*sub) || at + sub->length > end)
			break;
		if (sub->type == ACPI_MADT_TYPE_GENERIC_INTERRUPT) {
			struct acpi_madt_generic_interrupt *gicc = (void *)sub;

			if (gicc->flags & ACPI_MADT_ENABLED) {
				gsi = gicc->vgic_interrupt;
				edge = gicc->flags & ACPI_MADT_VGIC_IRQ_MODE;
				break;
			}
		}
		at += sub->length;
	}
	acpi_put_table(table);
	return host_acpi_ppi(gsi, edge, false);
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
#endif

/**
 * host_gic_maintenance_irq - the GIC's maintenance interrupt
 *
 * Return: a Linux interrupt number or a negative errno.
 */
int host_gic_maintenance_irq(void)
{
	if (!acpi_disabled)
		return host_acpi_maintenance_irq();
	return host_dt_irq("arm,gic-v3", NULL, 0);
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
	return host_dt_irq("arm,armv8-timer", virt ? "virt" : "phys",
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
