/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VGIC_REGS_H
#define KVM_VGIC_REGS_H

/* The register side of the interrupt controller: frames, device attributes. */

#include <linux/kvm.h>
#include <kvm/vgic.h>
#include "mmio.h"

/* irq-regs.c: what the per-interrupt registers of GICD and GICR show */
extern const struct vgic_field vgic_field_group;
extern const struct vgic_field vgic_field_set_enable;
extern const struct vgic_field vgic_field_clear_enable;
extern const struct vgic_field vgic_field_set_pending;
extern const struct vgic_field vgic_field_clear_pending;
extern const struct vgic_field vgic_field_set_active;
extern const struct vgic_field vgic_field_clear_active;
extern const struct vgic_field vgic_field_priority;
extern const struct vgic_field vgic_field_config;

/*
 * Who asserts a line that user space restored as high: nobody that is known,
 * so the first one that drives it takes over.
 */
#define VGIC_SOURCE_RESTORED	7

u32 vgic_lines_get(const struct vgic_access *a, u32 first);
void vgic_lines_set(const struct vgic_access *a, u32 first, u32 val);

/* dist.c */
extern const struct vgic_frame vgic_dist_frame;

#define VGIC_IIDR_REV_MIN	2	/* what user space may ask for */
#define VGIC_IIDR_REV_MAX	3

u32 vgic_iidr(const struct vm *vm);
int vgic_iidr_read(const struct vgic_access *a, unsigned int n, u64 *val);
int vgic_iidr_user_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask);
int vgic_ctlr_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask);
int vgic_dist_register(struct vm *vm);
void vgic_dist_unregister(struct vm *vm);

/* redist.c */
extern const struct vgic_frame vgic_redist_frame;

int vgic_check_frames(struct vm *vm);
int vgic_redist_register(struct vm *vm);
void vgic_redist_unregister(struct vm *vm);
void vgic_redist_destroy(struct vm *vm);
int vgic_redist_add_region(struct vm *vm, u32 index, gpa_t base, u32 count);
const struct vgic_redist_region *vgic_redist_region(struct vm *vm, u32 index);
bool vgic_redist_is_legacy(struct vm *vm);
bool vgic_frames_overlap(struct vm *vm, gpa_t base, u64 size);
int vgic_check_range(struct vm *vm, gpa_t base, u64 align, u64 size);

/* cpuif-regs.c: KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS */
int vgic_cpuif_has(u32 instr);
int vgic_cpuif_get(struct vcpu *vcpu, u32 instr, u64 *val);
int vgic_cpuif_set(struct vcpu *vcpu, u32 instr, u64 val);

/* lpi-save.c */
int vgic_lpi_save_pending(struct vm *vm);

/* attr.c */
int vgic_attr_register(void);
void vgic_attr_unregister(void);
/* what all GICs have */
int vgic_attr_set_nr_irqs(struct vm *vm, const struct kvm_device_attr *attr);
int vgic_attr_get_nr_irqs(struct vm *vm, const struct kvm_device_attr *attr);
int vgic_attr_init(struct vm *vm);
int vgic_attr_frame(struct vgic_access *a, const struct vgic_frame *frame, u32 offset, bool set,
		    u64 *val);
typedef int (*vgic_attr_fn)(struct vm *vm, struct vcpu *vcpu, const struct kvm_device_attr *attr,
			    bool set, u64 *val);
int vgic_attr_stopped(struct vm *vm, struct vcpu *vcpu, const struct kvm_device_attr *attr,
		      bool set, u64 *val, vgic_attr_fn fn);

/* v2-dist.c */
extern const struct vgic_frame vgic_v2_dist_frame;

struct vcpu *vgic_v2_first_target(struct vm *vm);
int vgic_v2_check_frames(struct vm *vm);
int vgic_v2_register(struct vm *vm);
void vgic_v2_unregister(struct vm *vm);

/* v2-irq-regs.c: where the registers of a GICv2's interrupts differ from a GICv3's */
extern const struct vgic_field vgic_v2_field_group;
extern const struct vgic_field vgic_v2_field_set_pending;
extern const struct vgic_field vgic_v2_field_clear_pending;
extern const struct vgic_field vgic_v2_field_set_active;
extern const struct vgic_field vgic_v2_field_targets;
extern const struct vgic_field vgic_v2_field_set_source;
extern const struct vgic_field vgic_v2_field_clear_source;

/* v2-cpuif.c */
int vgic_v2_cpuif_register(struct vm *vm);
int vgic_v2_cpuif_has(u32 offset);
int vgic_v2_cpuif_get(struct vcpu *vcpu, u32 offset, u32 *val);
int vgic_v2_cpuif_set(struct vcpu *vcpu, u32 offset, u32 val);

/* v2-attr.c */
extern const struct vm_device_ops vgic_v2_attr_ops;

/* 0xffd0 to 0xffff of a frame: PIDR4-7, PIDR0-3, CIDR0-3 */
#define VGIC_ID_REGS(off) {						\
	.offset = (off), .size = 48, .width = 4,			\
	.access = VGIC_ACC_32, .flags = VGIC_REG_RO, .read = vgic_id_read, \
}

int vgic_id_read(const struct vgic_access *a, unsigned int n, u64 *val);

/* Bits of a GICx_STATUSR: set by any access, cleared by the guest. */
static inline void vgic_status_set(unsigned long *statusr, u32 bits)
{
	unsigned long set = bits;
	unsigned int bit;

	for_each_set_bit(bit, &set, 4)
		set_bit(bit, statusr);
}

static inline void vgic_status_clear(unsigned long *statusr, u32 bits)
{
	unsigned long clear = bits;
	unsigned int bit;

	for_each_set_bit(bit, &clear, 4)
		clear_bit(bit, statusr);
}

#endif
