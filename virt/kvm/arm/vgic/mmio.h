/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VGIC_MMIO_H
#define KVM_VGIC_MMIO_H

/*
 * Register frames as tables.
 *
 * A frame (GICD, GICR, GITS) is a sorted array of descriptors; this engine
 * finds the descriptor of an access, checks size and alignment, splits 64-bit
 * registers and calls the handler.  It knows nothing of virtual machines or
 * locks, and builds natively.
 */

#include <linux/types.h>

struct vm;
struct vcpu;
struct vgic_irq;
struct vgic_reg;

/* What went wrong with an access: the bits of GICD_STATUSR and GICR_STATUSR. */
#define VGIC_STATUS_RRD		0x1	/* read of a reserved location */
#define VGIC_STATUS_WRD		0x2	/* write of one */
#define VGIC_STATUS_RWOD	0x4	/* read of a write-only register */
#define VGIC_STATUS_WROD	0x8	/* write of a read-only register */
#define VGIC_STATUS_MASK	0xf

/**
 * struct vgic_access - who accesses a frame
 * @vm: the virtual machine
 * @cpu: whose redistributor, or whose banked registers; NULL for frames that are the VM's
 * @actor: the vCPU that executes the access; NULL if user space does
 * @atomic: must not sleep; handlers that have to return -EAGAIN
 * @status: VGIC_STATUS_* bits found by the engine
 */
struct vgic_access {
	struct vm *vm;
	struct vcpu *cpu;
	struct vcpu *actor;
	bool atomic;
	u32 status;
};

/**
 * struct vgic_field - a property of an interrupt that registers show
 * @get: its value, right-aligned.  irq->lock held if @get_folds.
 * @set: changes it; irq->lock held, vgic_irq_update() follows
 * @user_get: as user space sees it; NULL: as the guest
 * @user_set: as user space changes it; NULL: as the guest
 * @ones: only bits written as one have an effect (set and clear registers)
 * @get_folds: the value may be in a list register and has to be fetched
 * @set_folds: the change must not race with a copy in a list register
 */
struct vgic_field {
	u32 (*get)(const struct vgic_access *a, const struct vgic_irq *irq);
	void (*set)(const struct vgic_access *a, struct vgic_irq *irq, u32 val);
	u32 (*user_get)(const struct vgic_access *a, const struct vgic_irq *irq);
	void (*user_set)(const struct vgic_access *a, struct vgic_irq *irq, u32 val);
	bool ones;
	bool get_folds;
	bool set_folds;
};

/* Access sizes in bytes; they are their own mask bits. */
#define VGIC_ACC_8	1
#define VGIC_ACC_16	2
#define VGIC_ACC_32	4
#define VGIC_ACC_64	8

/* vgic_reg.flags */
#define VGIC_REG_RO	0x1	/* guest writes are ignored and reported in STATUSR */
#define VGIC_REG_WO	0x2	/* guest reads as zero, likewise */

/**
 * struct vgic_reg - a register, or an array of equal ones
 * @offset: of the first in its frame, bytes
 * @size: of the whole array, bytes
 * @width: of one register, 4 or 8 bytes
 * @access: VGIC_ACC_* that the guest may use
 * @flags: VGIC_REG_*
 * @bits: 0, or how many bits each interrupt has here, for arrays of @field
 * @field: the property that is shown; bit 0 of the array is INTID 0's
 * @reset: value read if there is no @read and no @field
 * @read: value of register @n, right-aligned in @width bytes
 * @write: new value of the bits in @mask; the others are zero and to be left.
 *	   NULL: writes are ignored
 * @user_read: for user space if it differs
 * @user_write: for user space if it differs
 *
 * Handlers return 0, -EAGAIN in atomic context if they have to sleep, and
 * user space's ones the error that it is to see.
 */
struct vgic_reg {
	u32 offset;
	u32 size;
	u8 width;
	u8 access;
	u8 flags;
	u8 bits;
	const struct vgic_field *field;
	u64 reset;
	int (*read)(const struct vgic_access *a, unsigned int n, u64 *val);
	int (*write)(const struct vgic_access *a, unsigned int n, u64 val, u64 mask);
	int (*user_read)(const struct vgic_access *a, unsigned int n, u64 *val);
	int (*user_write)(const struct vgic_access *a, unsigned int n, u64 val, u64 mask);
};

/**
 * struct vgic_frame - one or more 64 KiB pages of registers
 * @name: for reports
 * @regs: descriptors, ascending, not overlapping
 * @nr: how many
 * @size: of the frame in bytes
 */
struct vgic_frame {
	const char *name;
	const struct vgic_reg *regs;
	unsigned int nr;
	u32 size;
};

bool vgic_frame_check(const struct vgic_frame *f);
const struct vgic_reg *vgic_frame_find(const struct vgic_frame *f, u32 offset);

int vgic_frame_read(const struct vgic_frame *f, struct vgic_access *a, u32 offset,
		    unsigned int len, u64 *val);
int vgic_frame_write(const struct vgic_frame *f, struct vgic_access *a, u32 offset,
		     unsigned int len, u64 val);

int vgic_frame_user_has(const struct vgic_frame *f, u32 offset);
int vgic_frame_user_read(const struct vgic_frame *f, struct vgic_access *a, u32 offset, u32 *val);
int vgic_frame_user_write(const struct vgic_frame *f, struct vgic_access *a, u32 offset, u32 val);

/* Bytes of a bus access, in the guest's order (little-endian). */
u64 vgic_bytes_get(const void *data, unsigned int len);
void vgic_bytes_put(void *data, unsigned int len, u64 val);

/* The owner of the interrupts (irq-regs.c): @n interrupts of @bits each, from INTID @first. */
int vgic_field_read(const struct vgic_access *a, const struct vgic_field *f, u32 first,
		    unsigned int n, unsigned int bits, u64 *val);
int vgic_field_write(const struct vgic_access *a, const struct vgic_field *f, u32 first,
		     unsigned int n, unsigned int bits, u64 val);

#endif
