/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM_TIMER_H
#define KVM_ARM_TIMER_H

#include <linux/hrtimer.h>
#include <linux/types.h>

struct vcpu;
struct vm;
struct kvm_device_attr;

enum timer_id {
	TIMER_VIRT,
	TIMER_PHYS,
	TIMER_NR,
};

/* One generic timer of a vCPU.  Written by the vCPU's thread, or with vcpu->mutex held. */
struct timer_ctx {
	u64 ctl;		/* CNTx_CTL_EL0: ENABLE, IMASK; ISTATUS is computed */
	u64 cval;
	bool loaded;		/* ctl and cval are in the CPU */
	u64 host_offset;	/* physical: not zero means that the guest's accesses trap */
	u32 ppi;		/* guest INTID 16..31 */
};

struct timer_cpu {
	struct timer_ctx ctx[TIMER_NR];
	struct hrtimer bg;	/* wakes a blocked vCPU */
	bool irqs_mapped;	/* HW-mapped into the vGIC, done before the first run */
};

struct timer_vm {
	u64 offset[TIMER_NR];	/* host counter minus guest counter */
	u8 ppi[TIMER_NR];	/* chosen by device attributes; config_lock until the first run */
	bool offset_set;
	bool ppi_fixed;			/* a vCPU has run */
};

/* Module: finds the host's timer interrupts (device tree or ACPI), requests them. */
int gtimer_init(void);
void gtimer_exit(void);
int gtimer_cpu_up(void);		/* CPU hot-plug callbacks, on that CPU */
void gtimer_cpu_down(void);

void gtimer_vm_init(struct vm *vm);
void gtimer_vcpu_init(struct vcpu *vcpu);
void gtimer_vcpu_reset(struct vcpu *vcpu);
void gtimer_vcpu_destroy(struct vcpu *vcpu);
/* Before the first run: checks PPIs, maps them into the vGIC.  0 or -errno. */
int gtimer_vcpu_enable(struct vcpu *vcpu);

/* Preemption off */
void gtimer_load(struct vcpu *vcpu);
void gtimer_put(struct vcpu *vcpu);

void gtimer_blocking(struct vcpu *vcpu);
void gtimer_unblocking(struct vcpu *vcpu);
bool gtimer_pending(struct vcpu *vcpu);
u64 gtimer_levels(struct vcpu *vcpu);	/* KVM_ARM_DEV_EL1_* */

/* CNTP_CTL, CVAL, TVAL, CNTPCT... when they trap, and ONE_REG.  @reg is a SYS_CNT*_EL0 encoding. */
u64 gtimer_reg_read(struct vcpu *vcpu, u32 sysreg);
void gtimer_reg_write(struct vcpu *vcpu, u32 sysreg, u64 val);

/* ONE_REG KVM_REG_ARM_TIMER_*: -ENOENT if not a timer's. */
int gtimer_get_one_reg(struct vcpu *vcpu, u64 id, u64 *val);
int gtimer_set_one_reg(struct vcpu *vcpu, u64 id, u64 val);

struct kvm_arm_counter_offset;
int gtimer_set_counter_offset(struct vm *vm, const struct kvm_arm_counter_offset *arg);

int gtimer_set_attr(struct vcpu *vcpu, struct kvm_device_attr *attr);
int gtimer_get_attr(struct vcpu *vcpu, struct kvm_device_attr *attr);
int gtimer_has_attr(struct vcpu *vcpu, struct kvm_device_attr *attr);

#endif
