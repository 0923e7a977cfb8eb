/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VGIC_ITS_LPI_H
#define KVM_VGIC_ITS_LPI_H

/*
 * Between its-lpi.c and its-redist.c: LPIs and the tables that the guest keeps
 * for them (IHI 0069, 5.1).  vgic_dist.lpi_lock is held around all of this.
 */

#include <linux/bitmap.h>
#include "its.h"

#define LPI_INTIDS		(BIT(ITS_INTID_BITS) - VGIC_MIN_LPI)
#define LPI_CONFIG_BLOCK	512	/* bytes of the table at a time, one for each LPI */
#define LPI_CONFIG_BLOCKS	(LPI_INTIDS / LPI_CONFIG_BLOCK)
#define LPI_PEND_BLOCK		512	/* bytes of a pending table at a time */
#define LPI_PEND_INTIDS		(LPI_PEND_BLOCK * BITS_PER_BYTE)	/* a bit for each LPI */

/**
 * struct lpi_config - the configuration table, as far as it was read
 * @vm: the VM
 * @copy: LPI_INTIDS bytes, valid where @have says so; NULL: each byte is read
 *	  when it is asked for
 * @have: blocks that are in @copy
 */
struct lpi_config {
	struct vm *vm;
	u8 *copy;
	DECLARE_BITMAP(have, LPI_CONFIG_BLOCKS);
};

void lpi_config_open(struct lpi_config *config, struct vm *vm, unsigned int nr);
void lpi_config_close(struct lpi_config *config);
int lpi_config_load(struct lpi_config *config, struct vgic_irq *lpi);

u32 lpi_limit(struct vm *vm);
void lpi_fold(struct vgic_irq *lpi);

#endif
