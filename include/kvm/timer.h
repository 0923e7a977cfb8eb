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
	bool line;		/* level last told to the vGIC */
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
};

/* Module: finds the host's timer interrupts (device tree or ACPI), requests them. */
int timer_init(void);
void timer_exit(void);
int timer_cpu_up(void);		/* CPU hot-plug callbacks, on that CPU */
void timer_cpu_down(void);

void timer_vm_init(struct vm *vm);
void timer_vcpu_init(struct vcpu *vcpu);
void timer_vcpu_reset(struct vcpu *vcpu);
void timer_vcpu_destroy(struct vcpu *vcpu);
/* Before the first run: checks PPIs, maps them into the vGIC.  0 or -errno. */
int timer_vcpu_enable(struct vcpu *vcpu);

/* Preemption off */
void timer_load(struct vcpu *vcpu);
void timer_put(struct vcpu *vcpu);
/* Interrupts off, around the guest: bring the vGIC's lines up to date. */
void timer_flush(struct vcpu *vcpu);
void timer_sync(struct vcpu *vcpu);

void timer_blocking(struct vcpu *vcpu);
void timer_unblocking(struct vcpu *vcpu);
bool timer_pending(struct vcpu *vcpu);

/* CNTP_CTL, CVAL, TVAL, CNTPCT... when they trap, and ONE_REG.  @reg is a SYS_CNT*_EL0 encoding. */
u64 timer_reg_read(struct vcpu *vcpu, u32 sysreg);
void timer_reg_write(struct vcpu *vcpu, u32 sysreg, u64 val);

/* ONE_REG KVM_REG_ARM_TIMER_*: -ENOENT if not a timer's. */
int timer_get_one_reg(struct vcpu *vcpu, u64 id, u64 *val);
int timer_set_one_reg(struct vcpu *vcpu, u64 id, u64 val);

int timer_set_attr(struct vcpu *vcpu, struct kvm_device_attr *attr);
int timer_get_attr(struct vcpu *vcpu, struct kvm_device_attr *attr);
int timer_has_attr(struct vcpu *vcpu, struct kvm_device_attr *attr);

#endif
