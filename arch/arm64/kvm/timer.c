// SPDX-License-Identifier: GPL-2.0
/*
 * The generic timers of a guest (DDI 0487, D12).
 *
 * A VHE host uses EL2's own timer, so the EL1 virtual and physical timers of
 * the CPU are the guest's while its vCPU is loaded: the guest programs them
 * without a trap. Their interrupts are the host's PPIs, forwarded to the vCPU:
 * the host takes the interrupt, pends the guest's, and the guest's end of
 * interrupt deactivates the host's through the list register. Until then the
 * active state keeps the level from firing again.
 *
 * While a vCPU is not loaded its timers are plain numbers; a blocked vCPU has
 * an hrtimer for the earlier of them.
 *
 * A vCPU's timer_ctx is its own thread's (or that of a holder of vcpu->mutex
 * while it does not run). The active state of a CPU's two PPIs belongs to the
 * vCPU that is loaded there; with none loaded both are inactive.
 *
 * Without an interrupt controller in the kernel user space is told of the levels
 * (user-irq.c). There a PPI that has fired only makes the vCPU leave the guest,
 * and one whose level user space knows is kept from firing again.
 */

#define pr_fmt(fmt) "kvm-arm: " fmt

#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/percpu.h>
#include <clocksource/arm_arch_timer.h>
#include <asm/arch_timer.h>
#include <asm/sysreg.h>
#include <kvm/compat.h>
#include "arm64.h"
#include "hcr.h"
#include "trace.h"

#define TIMER_PPI_VIRT_DEFAULT	27
#define TIMER_PPI_PHYS_DEFAULT	30

struct timer_host {
	unsigned int irq;
	bool requested;
};

static struct timer_host timer_host[TIMER_NR];

/* Per CPU and timer: the host's PPI may be active. */
struct timer_active {
	bool maybe[TIMER_NR];
};

static struct timer_active __percpu *timer_active;

static const char * const timer_irq_name[TIMER_NR] = { "kvm guest vtimer", "kvm guest ptimer" };

static u64 timer_guest_count(struct vcpu *vcpu, enum timer_id id)
{
	return arch_timer_read_counter() - READ_ONCE(vcpu->vm->arch.timer.offset[id]);
}

static u64 timer_hw_read_ctl(enum timer_id id)
{
	if (id == TIMER_VIRT)
		return read_sysreg_s(SYS_CNTV_CTL_EL02);
	return read_sysreg_s(SYS_CNTP_CTL_EL02);
}

static u64 timer_hw_read_cval(enum timer_id id)
{
	if (id == TIMER_VIRT)
		return read_sysreg_s(SYS_CNTV_CVAL_EL02);
	return read_sysreg_s(SYS_CNTP_CVAL_EL02);
}

static void timer_hw_write_ctl(enum timer_id id, u64 ctl)
{
	if (id == TIMER_VIRT)
		write_sysreg_s(ctl, SYS_CNTV_CTL_EL02);
	else
		write_sysreg_s(ctl, SYS_CNTP_CTL_EL02);
}

/*
 * The host's comparator value for a guest's: the CPU compares with the host's
 * count, which is @offset (signed) ahead of the guest's. What the host's count
 * cannot express is "never" or "at once".
 */
static u64 timer_host_cval(u64 cval, s64 offset)
{
	if (offset >= 0)
		return cval > U64_MAX - offset ? U64_MAX : cval + offset;
	return cval < -(u64)offset ? 0 : cval + offset;
}

static int timer_trace_index(enum timer_id id)
{
	return id == TIMER_VIRT ? KVM_TRACE_VTIMER : KVM_TRACE_PTIMER;
}

/* Puts ctl and cval into the CPU; @vcpu is loaded here. */
static void timer_hw_load(struct vcpu *vcpu, enum timer_id id)
{
	const struct timer_ctx *ctx = &vcpu->arch.timer.ctx[id];

	trace_kvm_timer_restore_state(ctx->ctl, ctx->cval, timer_trace_index(id));
	if (id == TIMER_VIRT)
		write_sysreg_s(ctx->cval, SYS_CNTV_CVAL_EL02);
	else
		write_sysreg_s(timer_host_cval(ctx->cval, ctx->host_offset), SYS_CNTP_CVAL_EL02);
	/* The comparator must be the guest's before the timer is. */
	isb();
	timer_hw_write_ctl(id, ctx->ctl);
}

static void timer_hw_save(enum timer_id id, struct timer_ctx *ctx)
{
	if (!ctx->host_offset) {
		ctx->ctl = timer_hw_read_ctl(id) & ~(u64)ARCH_TIMER_CTRL_IT_STAT;
		ctx->cval = timer_hw_read_cval(id);
	}
	timer_hw_write_ctl(id, 0);
	isb();
	trace_kvm_timer_save_state(ctx->ctl, ctx->cval, timer_trace_index(id));
}

/*
 * The guest's values, wherever they are: in the CPU if it is loaded here and
 * the guest writes them without a trap. Preemption off.
 */
static void timer_snapshot(struct vcpu *vcpu, enum timer_id id, u64 *ctl, u64 *cval)
{
	struct timer_ctx *ctx = &vcpu->arch.timer.ctx[id];

	if (ctx->loaded && !ctx->host_offset && vcpu == vcpu_running_here()) {
		*ctl = timer_hw_read_ctl(id) & ~(u64)ARCH_TIMER_CTRL_IT_STAT;
		*cval = timer_hw_read_cval(id);
	} else {
		*ctl = ctx->ctl;
		*cval = ctx->cval;
	}
}

/* The timer's output: enabled, not masked, condition met (D12.2.4). */
static bool timer_fires(struct vcpu *vcpu, enum timer_id id)
{
	u64 ctl, cval;

	guard(preempt)();
	timer_snapshot(vcpu, id, &ctl, &cval);
	return (ctl & (ARCH_TIMER_CTRL_ENABLE | ARCH_TIMER_CTRL_IT_MASK)) ==
		ARCH_TIMER_CTRL_ENABLE && cval <= timer_guest_count(vcpu, id);
}

static enum timer_id timer_of_ppi(struct vcpu *vcpu, u32 intid)
{
	return vcpu->arch.timer.ctx[TIMER_VIRT].ppi == intid ? TIMER_VIRT : TIMER_PHYS;
}

/* The vGIC's sample of a timer's line; own CPU, interrupts off. */
static bool timer_line_level(struct vcpu *vcpu, u32 intid)
{
	enum timer_id id = timer_of_ppi(vcpu, intid);

	if (vcpu->arch.timer.ctx[id].loaded) {
		u64 ctl = timer_hw_read_ctl(id);

		return (ctl & (ARCH_TIMER_CTRL_ENABLE | ARCH_TIMER_CTRL_IT_STAT |
			       ARCH_TIMER_CTRL_IT_MASK)) ==
			(ARCH_TIMER_CTRL_ENABLE | ARCH_TIMER_CTRL_IT_STAT);
	}
	return timer_fires(vcpu, id);
}

static bool timer_has_vgic(struct vcpu *vcpu)
{
	return vcpu->vm->arch.vgic.in_kernel;
}

static void timer_inject(struct vcpu *vcpu, enum timer_id id)
{
	struct timer_ctx *ctx = &vcpu->arch.timer.ctx[id];

	trace_kvm_timer_update_irq(vcpu->id, ctx->ppi, 1);
	if (timer_has_vgic(vcpu))
		vgic_inject(vcpu->vm, vcpu, ctx->ppi, true, ctx);
	else
		/* An exit and a look at the levels are all that it takes. */
		vcpu_make_request(vcpu, VCPU_REQ_UNHALT);
}

static u64 timer_level_bit(enum timer_id id)
{
	return id == TIMER_VIRT ? KVM_ARM_DEV_EL1_VTIMER : KVM_ARM_DEV_EL1_PTIMER;
}

/* Does user space, which has the interrupt controller, know that it fires? */
static bool timer_is_told(struct vcpu *vcpu, enum timer_id id)
{
	return !timer_has_vgic(vcpu) && vcpu->arch.user_irq.told & timer_level_bit(id);
}

/**
 * gtimer_levels - the timers' outputs
 * @vcpu: any vCPU; for another thread's the answer is a snapshot
 *
 * Return: KVM_ARM_DEV_EL1_VTIMER and KVM_ARM_DEV_EL1_PTIMER.
 */
u64 gtimer_levels(struct vcpu *vcpu)
{
	u64 levels = 0;

	for (enum timer_id id = 0; id < TIMER_NR; id++)
		if (timer_fires(vcpu, id))
			levels |= timer_level_bit(id);
	return levels;
}

/* The host took a guest timer's PPI: hard interrupt context, on the vCPU's CPU. */
static irqreturn_t timer_host_handler(int irq, void *dev)
{
	enum timer_id id = irq == timer_host[TIMER_VIRT].irq ? TIMER_VIRT : TIMER_PHYS;
	struct vcpu *vcpu = vcpu_running_here();

	/* Active until the guest or timer_put() deactivates it. */
	this_cpu_ptr(timer_active)->maybe[id] = true;
	/* None if the vCPU was put between the assertion and now. */
	if (vcpu && vcpu->arch.timer.ctx[id].loaded && timer_fires(vcpu, id))
		timer_inject(vcpu, id);
	return IRQ_HANDLED;
}

/* This CPU's PPI of a timer becomes active or inactive at the host's GIC. */
static void timer_set_active(enum timer_id id, bool active)
{
	struct timer_active *here = this_cpu_ptr(timer_active);

	if (!active && !here->maybe[id])
		return;
	irq_set_irqchip_state(timer_host[id].irq, IRQCHIP_STATE_ACTIVE, active);
	here->maybe[id] = active;
}

/**
 * gtimer_load - the CPU's EL1 timers become the vCPU's
 * @vcpu: being loaded; preemption off
 */
void gtimer_load(struct vcpu *vcpu)
{
	const u64 direct = CNTHCTL_VHE_EL1PCTEN | CNTHCTL_VHE_EL1PTEN;
	const u64 *offset = vcpu->vm->arch.timer.offset;
	u64 cnthctl = read_sysreg(cnthctl_el2);

	/*
	 * The guest's counters and timers do not trap, unless its physical
	 * counter is to differ from the host's. The low byte is the host's
	 * CNTKCTL_EL1 under E2H: left as it is.
	 */
	vcpu->arch.hyp.host.cnthctl = cnthctl;
	vcpu->arch.timer.ctx[TIMER_PHYS].host_offset = READ_ONCE(offset[TIMER_PHYS]);
	if (vcpu->arch.timer.ctx[TIMER_PHYS].host_offset)
		write_sysreg(cnthctl & ~direct, cnthctl_el2);
	else
		write_sysreg(cnthctl | direct, cnthctl_el2);
	write_sysreg(READ_ONCE(offset[TIMER_VIRT]), cntvoff_el2);
	isb();

	for (enum timer_id id = 0; id < TIMER_NR; id++) {
		struct timer_ctx *ctx = &vcpu->arch.timer.ctx[id];
		bool fires = timer_fires(vcpu, id);

		/* What has expired is pended here, not by an interrupt and an exit. */
		if (fires)
			timer_inject(vcpu, id);
		if (timer_has_vgic(vcpu))
			timer_set_active(id, fires || vgic_hw_active(vcpu, ctx->ppi));
		else
			timer_set_active(id, fires && timer_is_told(vcpu, id));
		timer_hw_load(vcpu, id);
		ctx->loaded = true;
	}
}

/**
 * gtimer_put - the reverse of gtimer_load()
 * @vcpu: being put; preemption off
 */
void gtimer_put(struct vcpu *vcpu)
{
	for (enum timer_id id = 0; id < TIMER_NR; id++) {
		struct timer_ctx *ctx = &vcpu->arch.timer.ctx[id];

		timer_hw_save(id, ctx);
		ctx->loaded = false;
		timer_set_active(id, false);
	}
	write_sysreg(vcpu->arch.hyp.host.cnthctl, cnthctl_el2);
	write_sysreg(0, cntvoff_el2);
}

/* Nanoseconds until @id fires; KTIME_MAX if it will not. */
static u64 timer_ns_until(struct vcpu *vcpu, enum timer_id id)
{
	u64 ctl, cval, now;

	guard(preempt)();
	timer_snapshot(vcpu, id, &ctl, &cval);
	if ((ctl & (ARCH_TIMER_CTRL_ENABLE | ARCH_TIMER_CTRL_IT_MASK)) != ARCH_TIMER_CTRL_ENABLE)
		return KTIME_MAX;
	/* It wakes the vCPU no more. */
	if (timer_is_told(vcpu, id))
		return KTIME_MAX;
	now = timer_guest_count(vcpu, id);
	if (cval <= now)
		return 0;
	return min_t(u64, mul_u64_u32_div(cval - now, NSEC_PER_SEC, arch_timer_get_cntfrq()),
		     KTIME_MAX / 2);
}

static enum timer_id timer_first(struct vcpu *vcpu)
{
	return timer_ns_until(vcpu, TIMER_VIRT) <= timer_ns_until(vcpu, TIMER_PHYS) ? TIMER_VIRT :
										     TIMER_PHYS;
}

static u64 timer_ns_until_first(struct vcpu *vcpu)
{
	return min(timer_ns_until(vcpu, TIMER_VIRT), timer_ns_until(vcpu, TIMER_PHYS));
}

static enum hrtimer_restart timer_bg_expired(struct hrtimer *hrt)
{
	struct vcpu *vcpu = container_of(hrt, struct vcpu, arch.timer.bg);

	if (trace_kvm_timer_hrtimer_expire_enabled())
		trace_kvm_timer_hrtimer_expire(timer_trace_index(timer_first(vcpu)));
	vcpu_wake(vcpu);
	return HRTIMER_NORESTART;
}

/**
 * gtimer_blocking - arrange for the wake-up by a timer
 * @vcpu: about to block; own thread
 *
 * The hrtimer may be early by the conversion's rounding; gtimer_pending() is
 * what decides, so one nanosecond is added.
 */
void gtimer_blocking(struct vcpu *vcpu)
{
	u64 ns = timer_ns_until_first(vcpu);

	if (ns != KTIME_MAX)
		hrtimer_start(&vcpu->arch.timer.bg, ktime_add_ns(ktime_get(), ns + 1),
			      HRTIMER_MODE_ABS_HARD);
}

/**
 * gtimer_unblocking - the vCPU runs again
 * @vcpu: own thread
 */
void gtimer_unblocking(struct vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->arch.timer.bg);
}

/**
 * gtimer_pending - does a timer of a blocked vCPU want it to run?
 * @vcpu: any vCPU; for another thread's the answer is a snapshot
 */
bool gtimer_pending(struct vcpu *vcpu)
{
	return timer_fires(vcpu, TIMER_VIRT) || timer_fires(vcpu, TIMER_PHYS);
}

/* ---- Registers */

static u64 timer_ctl_with_status(struct vcpu *vcpu, enum timer_id id, u64 ctl, u64 cval)
{
	/* ISTATUS is UNKNOWN while disabled; it reads as zero here. */
	if ((ctl & ARCH_TIMER_CTRL_ENABLE) && cval <= timer_guest_count(vcpu, id))
		ctl |= ARCH_TIMER_CTRL_IT_STAT;
	return ctl;
}

/* A write by user space or a trap: into the CPU too if it is loaded. */
static void timer_write(struct vcpu *vcpu, enum timer_id id, const u64 *ctl, const u64 *cval)
{
	struct timer_ctx *ctx = &vcpu->arch.timer.ctx[id];

	guard(preempt)();
	timer_snapshot(vcpu, id, &ctx->ctl, &ctx->cval);
	if (ctl)
		ctx->ctl = *ctl & (ARCH_TIMER_CTRL_ENABLE | ARCH_TIMER_CTRL_IT_MASK);
	if (cval)
		ctx->cval = *cval;
	if (ctx->loaded)
		timer_hw_load(vcpu, id);
}

/**
 * gtimer_reg_read - a trapped read of a timer or counter register
 * @vcpu: own thread
 * @sysreg: SYS_CNTP*_EL0; the virtual timer never traps
 */
u64 gtimer_reg_read(struct vcpu *vcpu, u32 sysreg)
{
	const enum timer_id id = TIMER_PHYS;
	u64 ctl, cval;

	if (sysreg == SYS_CNTPCT_EL0 || sysreg == SYS_CNTPCTSS_EL0)
		return timer_guest_count(vcpu, id);
	guard(preempt)();
	timer_snapshot(vcpu, id, &ctl, &cval);
	switch (sysreg) {
	case SYS_CNTP_CTL_EL0:
		return timer_ctl_with_status(vcpu, id, ctl, cval);
	case SYS_CNTP_TVAL_EL0:
		return lower_32_bits(cval - timer_guest_count(vcpu, id));
	default:
		return cval;
	}
}

/**
 * gtimer_reg_write - a trapped write of a timer register
 * @vcpu: own thread
 * @sysreg: SYS_CNTP_*_EL0
 * @val: as the guest wrote it
 */
void gtimer_reg_write(struct vcpu *vcpu, u32 sysreg, u64 val)
{
	const enum timer_id id = TIMER_PHYS;
	u64 cval;

	switch (sysreg) {
	case SYS_CNTP_CTL_EL0:
		timer_write(vcpu, id, &val, NULL);
		break;
	case SYS_CNTP_CVAL_EL0:
		timer_write(vcpu, id, NULL, &val);
		break;
	case SYS_CNTP_TVAL_EL0:
		cval = timer_guest_count(vcpu, id) + (s32)val;
		timer_write(vcpu, id, NULL, &cval);
		break;
	default:
		break;
	}
	if (trace_kvm_timer_emulate_enabled())
		trace_kvm_timer_emulate(timer_trace_index(id), timer_fires(vcpu, id));
}

static int timer_one_reg_id(u64 reg, enum timer_id *id)
{
	switch (reg) {
	case KVM_REG_ARM_TIMER_CTL:
	case KVM_REG_ARM_TIMER_CNT:
	case KVM_REG_ARM_TIMER_CVAL:
		*id = TIMER_VIRT;
		return 0;
	case KVM_REG_ARM_PTIMER_CTL:
	case KVM_REG_ARM_PTIMER_CNT:
	case KVM_REG_ARM_PTIMER_CVAL:
		*id = TIMER_PHYS;
		return 0;
	default:
		return -ENOENT;
	}
}

/**
 * gtimer_get_one_reg - KVM_GET_ONE_REG of a timer
 * @vcpu: vcpu->mutex held
 * @reg: KVM_REG_ARM_TIMER_* or KVM_REG_ARM_PTIMER_*
 * @val: result
 *
 * Return: 0 or -ENOENT.
 */
int gtimer_get_one_reg(struct vcpu *vcpu, u64 reg, u64 *val)
{
	struct timer_ctx *ctx;
	enum timer_id id;
	int ret = timer_one_reg_id(reg, &id);

	if (ret)
		return ret;
	ctx = &vcpu->arch.timer.ctx[id];
	if (reg == KVM_REG_ARM_TIMER_CTL || reg == KVM_REG_ARM_PTIMER_CTL)
		*val = timer_ctl_with_status(vcpu, id, ctx->ctl, ctx->cval);
	else if (reg == KVM_REG_ARM_TIMER_CNT || reg == KVM_REG_ARM_PTIMER_CNT)
		*val = timer_guest_count(vcpu, id);
	else
		*val = ctx->cval;
	return 0;
}

/**
 * gtimer_set_one_reg - KVM_SET_ONE_REG of a timer
 * @vcpu: vcpu->mutex held
 * @reg: KVM_REG_ARM_TIMER_* or KVM_REG_ARM_PTIMER_*
 * @val: new value; that of a counter sets the offset of all vCPUs, unless
 *	 the VM's offsets were set as such
 *
 * Return: 0 or -ENOENT.
 */
int gtimer_set_one_reg(struct vcpu *vcpu, u64 reg, u64 val)
{
	struct timer_vm *tvm = &vcpu->vm->arch.timer;
	enum timer_id id;
	int ret = timer_one_reg_id(reg, &id);

	if (ret)
		return ret;
	switch (reg) {
	case KVM_REG_ARM_TIMER_CTL:
	case KVM_REG_ARM_PTIMER_CTL:
		timer_write(vcpu, id, &val, NULL);
		break;
	case KVM_REG_ARM_TIMER_CVAL:
	case KVM_REG_ARM_PTIMER_CVAL:
		timer_write(vcpu, id, NULL, &val);
		break;
	default:
		if (!READ_ONCE(tvm->offset_set))
			WRITE_ONCE(tvm->offset[id], arch_timer_read_counter() - val);
		break;
	}
	return 0;
}

/**
 * gtimer_set_counter_offset - KVM_ARM_SET_COUNTER_OFFSET
 * @vm: the VM; takes vm->lock and every vCPU's mutex
 * @arg: the host's count minus the guest's, for both counters
 *
 * From then on writes of the counter registers are ignored.
 *
 * Return: 0, -EINVAL if a reserved field is used, -EBUSY if a vCPU is in use.
 */
int gtimer_set_counter_offset(struct vm *vm, const struct kvm_arm_counter_offset *arg)
{
	struct timer_vm *tvm = &vm->arch.timer;
	int ret;

	if (arg->reserved)
		return -EINVAL;
	guard(mutex)(&vm->lock);
	ret = vm_lock_all_vcpus(vm);
	if (ret)
		return ret;
	WRITE_ONCE(tvm->offset_set, true);
	for (enum timer_id id = 0; id < TIMER_NR; id++)
		WRITE_ONCE(tvm->offset[id], arg->counter_offset);
	vm_unlock_all_vcpus(vm);
	return 0;
}

/* ---- Life cycle */

/**
 * gtimer_vm_init - a new VM's counter starts at zero
 * @vm: being created
 */
void gtimer_vm_init(struct vm *vm)
{
	vm->arch.timer.offset[TIMER_VIRT] = arch_timer_read_counter();
	vm->arch.timer.ppi[TIMER_VIRT] = TIMER_PPI_VIRT_DEFAULT;
	vm->arch.timer.ppi[TIMER_PHYS] = TIMER_PPI_PHYS_DEFAULT;
}

/**
 * gtimer_vcpu_init - a new vCPU's timers
 * @vcpu: being created
 */
void gtimer_vcpu_init(struct vcpu *vcpu)
{
	compat_hrtimer_setup(&vcpu->arch.timer.bg, timer_bg_expired, CLOCK_MONOTONIC,
			     HRTIMER_MODE_ABS_HARD);
}

/**
 * gtimer_vcpu_reset - both timers off, as after a reset of the CPU
 * @vcpu: not loaded
 */
void gtimer_vcpu_reset(struct vcpu *vcpu)
{
	for (enum timer_id id = 0; id < TIMER_NR; id++)
		vcpu->arch.timer.ctx[id].ctl = 0;
}

/**
 * gtimer_vcpu_destroy - the vCPU goes
 * @vcpu: never loaded again
 */
void gtimer_vcpu_destroy(struct vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->arch.timer.bg);
}

/**
 * gtimer_vcpu_enable - connect the timers to the vGIC before the first run
 * @vcpu: own thread, not loaded; config_lock held
 *
 * Return: 0; -EINVAL if both timers have one PPI or its owner is another.
 */
int gtimer_vcpu_enable(struct vcpu *vcpu)
{
	struct timer_cpu *timer = &vcpu->arch.timer;
	struct timer_vm *tvm = &vcpu->vm->arch.timer;

	lockdep_assert_held(&vcpu->vm->config_lock);
	if (timer->irqs_mapped)
		return 0;
	if (tvm->ppi[TIMER_VIRT] == tvm->ppi[TIMER_PHYS])
		return -EINVAL;
	tvm->ppi_fixed = true;
	for (enum timer_id id = 0; id < TIMER_NR; id++)
		timer->ctx[id].ppi = tvm->ppi[id];
	if (!timer_has_vgic(vcpu)) {
		timer->irqs_mapped = true;
		return 0;
	}
	for (enum timer_id id = 0; id < TIMER_NR; id++) {
		struct timer_ctx *ctx = &timer->ctx[id];

		if (vgic_set_owner(vcpu, ctx->ppi, ctx))
			return -EINVAL;
		if (vgic_map_hw(vcpu, ctx->ppi, timer_host[id].irq, timer_line_level))
			return -EINVAL;
	}
	timer->irqs_mapped = true;
	return 0;
}

/* ---- Module */

static int timer_request(enum timer_id id)
{
	int irq = host_timer_irq(id == TIMER_VIRT);
	int ret;

	if (irq < 0)
		return irq;
	/* Asked first: of a request that it refuses, genirq has something to say of its own. */
	if (irq_has_action(irq))
		return -EBUSY;
	ret = request_percpu_irq(irq, timer_host_handler, timer_irq_name[id], timer_active);
	if (ret)
		return ret;
	/* Forwarded: the host only drops the priority, the guest deactivates. */
	ret = irq_set_vcpu_affinity(irq, &timer_host[id]);
	if (ret) {
		free_percpu_irq(irq, timer_active);
		return ret;
	}
	timer_host[id].irq = irq;
	timer_host[id].requested = true;
	return 0;
}

static void timer_free(enum timer_id id)
{
	if (!timer_host[id].requested)
		return;
	irq_set_vcpu_affinity(timer_host[id].irq, NULL);
	free_percpu_irq(timer_host[id].irq, timer_active);
	timer_host[id].requested = false;
}

/**
 * gtimer_init - find and request the host's PPIs of the EL1 timers
 *
 * Return: 0; -EBUSY if someone else has them; -ENODEV or -ENOENT if the
 * firmware does not describe them.
 */
int gtimer_init(void)
{
	int ret;

	timer_active = alloc_percpu(struct timer_active);
	if (!timer_active)
		return -ENOMEM;
	for (enum timer_id id = 0; id < TIMER_NR; id++) {
		ret = timer_request(id);
		if (ret) {
			if (ret != -EBUSY)
				pr_err("no interrupt of the EL1 %s timer in the device tree or ACPI tables\n",
				       id == TIMER_VIRT ? "virtual" : "physical");
			gtimer_exit();
			return ret;
		}
	}
	return 0;
}

/**
 * gtimer_exit - give the PPIs back; they are disabled on every CPU
 */
void gtimer_exit(void)
{
	for (enum timer_id id = 0; id < TIMER_NR; id++)
		timer_free(id);
	free_percpu(timer_active);
}

/**
 * gtimer_cpu_up - a CPU comes on line: on that CPU
 */
int gtimer_cpu_up(void)
{
	for (enum timer_id id = 0; id < TIMER_NR; id++) {
		timer_hw_write_ctl(id, 0);
		enable_percpu_irq(timer_host[id].irq, IRQ_TYPE_NONE);
	}
	return 0;
}

/**
 * gtimer_cpu_down - a CPU goes off line, or the module goes: on that CPU
 */
void gtimer_cpu_down(void)
{
	for (enum timer_id id = 0; id < TIMER_NR; id++) {
		guard(preempt)();
		timer_set_active(id, false);
		disable_percpu_irq(timer_host[id].irq);
	}
}
