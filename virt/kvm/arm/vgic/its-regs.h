/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VGIC_ITS_REGS_H
#define KVM_VGIC_ITS_REGS_H

/* Between its-regs.c and its-dev.c */

#include "its.h"
#include "mmio.h"

/* An access to a frame of @its. */
struct its_access {
	struct vgic_access common;
	struct its *its;
};

extern const struct io_device_ops its_iodev_ops;

const struct vgic_reg *its_user_find(u64 offset);
int its_user_access(struct its *its, u32 offset, bool set, u64 *val);

#endif
