// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU's performance counters.
 *
 * A counter that counts is a perf event of the vCPU's thread on the host's PMU,
 * one that excludes the host. What the guest reads is
 *
 *	value + (what the event has counted - origin)
 *
 * so a counter is read, written, stopped and started by arithmetic, in the inner
 * loop: an event that counts on while its counter is stopped does no harm. Only
 * to create an event, to change what it counts, or to move the point at which it
 * calls, takes perf's own functions, which sleep. They are left to pmu_work(),
 * by VCPU_REQ_PMU, before the guest is entered again.
 *
 * An overflow is found by arithmetic, too, by whoever looks at the counter first:
 * pmu_sync(). The event's call is there so that somebody looks in time. It may
 * come early, as it does after a counter was stopped for a while; then it is set
 * up again.
 *
 * SW_INCR and CHAIN have no event: they are counted here.
 *
 * With interrupts off, on the vCPU's thread: everything but pmu_work(), which
 * turns them off where it looks at what others use. A vCPU that does not run is
 * its mutex's holder's. When it is put all events are folded into the values, and
 * nothing is counted until the next load.
 */

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/perf_event.h>
#include <linux/slab.h>
#include <asm/cpufeature.h>
#include <kvm/arch.h>
#include "pmu.h"
#include "sysreg.h"

/* Of perf's attribute for the host's PMU: use a counter of 64 bits */
#define PMU_ATTR_CONFIG1_LONG	BIT(0)

/* Perf takes no period with the top bit set. */
#define PMU_PERIOD_MAX		S64_MAX

/* ---- What the registers say */

/**
 * pmu_version - the architecture's version that a guest was told
 * @vm: any
 */
unsigned int pmu_version(struct vm *vm)
{
	return FIELD_GET(ID_AA64DFR0_EL1_PMUVer_MASK, sysreg_id_reg(vm, SYS_ID_AA64DFR0_EL1));
}

/**
 * pmu_event_mask - numbers of events
 * @version: ID_AA64DFR0_EL1.PMUVer
 */
u32 pmu_event_mask(unsigned int version)
{
	return version >= ID_AA64DFR0_EL1_PMUVer_V3P1 ? GENMASK(15, 0) : GENMASK(9, 0);
}

/**
 * pmu_typer_mask - what of PMEVTYPER<n>_EL0 a guest can set
 * @vm: any
 */
u32 pmu_typer_mask(struct vm *vm)
{
	u64 pfr0 = sysreg_id_reg(vm, SYS_ID_AA64PFR0_EL1);
	u32 mask = PMEVTYPER_P | PMEVTYPER_U | pmu_event_mask(pmu_version(vm));

	if (pfr0 & ID_AA64PFR0_EL1_EL2_MASK)
		mask |= PMEVTYPER_NSH;
	if (pfr0 & ID_AA64PFR0_EL1_EL3_MASK)
		mask |= PMEVTYPER_NSK | PMEVTYPER_NSU | PMEVTYPER_M;
	return mask;
}

/**
 * pmu_counters - the counters that there are
 * @pmu: a vCPU's
 *
 * Return: a mask as registers have it, with the cycle counter.
 */
u32 pmu_counters(const struct vcpu_pmu *pmu)
{
	return (u32)(BIT_ULL(READ_ONCE(pmu->vcpu->vm->arch.pmu.nr_counters)) - 1) | BIT(PMU_CYCLE);
}

static bool pmu_is_long(const struct vcpu_pmu *pmu, unsigned int idx)
{
	return idx == PMU_CYCLE || pmu_version(pmu->vcpu->vm) >= ID_AA64DFR0_EL1_PMUVer_V3P5;
}

/* Does it overflow at 64 bits? Then it is that wide as well. */
static bool pmu_overflows_long(const struct vcpu_pmu *pmu, unsigned int idx)
{
	return pmu->pmcr & (idx == PMU_CYCLE ? PMCR_LC : PMCR_LP);
}

/* How many, as a power of two, of what the event counts are one */
static unsigned int pmu_shift(const struct vcpu_pmu *pmu, unsigned int idx)
{
	return idx == PMU_CYCLE && (pmu->pmcr & (PMCR_D | PMCR_LC)) == PMCR_D ? 6 : 0;
}

static u32 pmu_event_of(const struct vcpu_pmu *pmu, unsigned int idx)
{
	if (idx == PMU_CYCLE)
		return PMU_EVENT_CPU_CYCLES;
	return pmu->counter[idx].typer & pmu_event_mask(pmu_version(pmu->vcpu->vm));
}

/**
 * pmu_counts_at - does a counter count at Non-secure EL0 or EL1?
 * @typer: its PMEVTYPER<n>_EL0 or PMCCFILTR_EL0
 * @el0: which
 */
bool pmu_counts_at(u32 typer, bool el0)
{
	if (el0)
		return !(typer & PMEVTYPER_U) == !(typer & PMEVTYPER_NSU);
	return !(typer & PMEVTYPER_P) == !(typer & PMEVTYPER_NSK);
}

/* Is it perf that has to count? */
static bool pmu_wants_event(const struct vcpu_pmu *pmu, unsigned int idx)
{
	const unsigned long *filter = pmu->vcpu->vm->arch.pmu.filter;
	u32 typer = pmu->counter[idx].typer;
	u32 event = pmu_event_of(pmu, idx);

	if (event == PMU_EVENT_SW_INCR || event == PMU_EVENT_CHAIN)
		return false;
	if (filter && !test_bit(event, filter))
		return false;
	return pmu_counts_at(typer, true) || pmu_counts_at(typer, false);
}

/* ---- Counting */

/* Interrupts off. Of an event that does not count here its count is up to date. */
static u64 pmu_event_count(struct perf_event *event)
{
	if (event->state == PERF_EVENT_STATE_ACTIVE &&
	    READ_ONCE(event->oncpu) == smp_processor_id())
		event->pmu->read(event);
	return local64_read(&event->count);
}

/* Events until the next overflow */
static u64 pmu_distance(const struct vcpu_pmu *pmu, unsigned int idx)
{
	const struct pmu_counter *counter = &pmu->counter[idx];
	u64 left;

	if (pmu_overflows_long(pmu, idx))
		left = -counter->value ?: U64_MAX;
	else
		left = BIT_ULL(32) - lower_32_bits(counter->value);
	return min_t(u64, left, PMU_PERIOD_MAX >> 7) << pmu_shift(pmu, idx);
}

/* Perf has to call no later than at the next overflow. */
static void pmu_check_armed(struct vcpu_pmu *pmu, unsigned int idx)
{
	struct pmu_counter *counter = &pmu->counter[idx];

	if (!(pmu->counting & BIT(idx)) || !pmu_wants_event(pmu, idx))
		return;
	if (!counter->event || !counter->on || counter->stale ||
	    counter->armed > counter->origin + pmu_distance(pmu, idx))
		set_bit(idx, &pmu->work);
}

/**
 * pmu_add - a counter counts
 * @pmu: a vCPU's
 * @idx: which
 * @events: by how much
 *
 * Overflows are noted, and counted by the next counter if it is chained.
 */
void pmu_add(struct vcpu_pmu *pmu, unsigned int idx, u64 events)
{
	struct pmu_counter *counter = &pmu->counter[idx];
	u64 was = counter->value;
	u64 overflows;

	counter->value += events;
	if (pmu_overflows_long(pmu, idx))
		overflows = counter->value < was;
	else
		overflows = (lower_32_bits(was) + events) >> 32;
	if (!pmu_is_long(pmu, idx))
		counter->value = lower_32_bits(counter->value);
	if (!overflows)
		return;

	pmu->overflowed |= BIT(idx);
	/* The call for the next one is not set up, or for another count. */
	if (counter->event)
		set_bit(idx, &pmu->work);
	if (idx & 1 || pmu_overflows_long(pmu, idx))
		return;
	idx++;
	if (idx != PMU_CYCLE && pmu->counting & BIT(idx) &&
	    pmu_event_of(pmu, idx) == PMU_EVENT_CHAIN)
		pmu_add(pmu, idx, overflows);
}

/**
 * pmu_sync - bring counters up to date
 * @pmu: a vCPU's
 * @counters: which, as a mask; those that do not count are as they are
 */
void pmu_sync(struct vcpu_pmu *pmu, u32 counters)
{
	unsigned long mask = counters & pmu->counting;
	unsigned int idx;

	for_each_set_bit(idx, &mask, PMU_NR_COUNTERS) {
		struct pmu_counter *counter = &pmu->counter[idx];
		unsigned int shift = pmu_shift(pmu, idx);
		u64 events;

		if (!counter->event)
			continue;
		events = (pmu_event_count(counter->event) - counter->origin) >> shift;
		counter->origin += events << shift;
		if (events)
			pmu_add(pmu, idx, events);
	}
}

/* Which of the counters count has changed. */
static void pmu_choose(struct vcpu_pmu *pmu)
{
	u32 counting = pmu->pmcr & PMCR_E ? pmu->enabled & pmu_counters(pmu) : 0;
	unsigned long changed = counting ^ pmu->counting;
	unsigned int idx;

	pmu_sync(pmu, changed);
	pmu->counting = counting;
	for_each_set_bit(idx, &changed, PMU_NR_COUNTERS) {
		struct pmu_counter *counter = &pmu->counter[idx];

		if (counting & BIT(idx)) {
			counter->origin = counter->event ? pmu_event_count(counter->event) : 0;
			pmu_check_armed(pmu, idx);
		} else if (counter->on && !(pmu->enabled & BIT(idx))) {
			/* A guest that switches them all off is soon back. */
			set_bit(idx, &pmu->work);
		}
	}
}

/**
 * pmu_set_enabled - PMCNTENSET_EL0 changes
 * @pmu: a vCPU's
 * @enabled: what it is now
 */
void pmu_set_enabled(struct vcpu_pmu *pmu, u32 enabled)
{
	unsigned long off = pmu->enabled & ~enabled & ~pmu->counting;
	unsigned int idx;

	pmu->enabled = enabled;
	pmu_choose(pmu);
	for_each_set_bit(idx, &off, PMU_NR_COUNTERS)
		if (pmu->counter[idx].on)
			set_bit(idx, &pmu->work);
}

/**
 * pmu_set_counter - a counter is written
 * @pmu: a vCPU's
 * @idx: which
 * @val: new value
 */
void pmu_set_counter(struct vcpu_pmu *pmu, unsigned int idx, u64 val)
{
	pmu_sync(pmu, BIT(idx));
	pmu->counter[idx].value = pmu_is_long(pmu, idx) ? val : lower_32_bits(val);
	pmu_check_armed(pmu, idx);
}

/**
 * pmu_set_typer - PMEVTYPER<n>_EL0 or PMCCFILTR_EL0 is written
 * @pmu: a vCPU's
 * @idx: which
 * @val: new value
 */
void pmu_set_typer(struct vcpu_pmu *pmu, unsigned int idx, u64 val)
{
	struct pmu_counter *counter = &pmu->counter[idx];
	u32 typer = val & pmu_typer_mask(pmu->vcpu->vm);

	if (idx == PMU_CYCLE)
		typer &= GENMASK(31, 26);
	if (typer == counter->typer)
		return;
	pmu_sync(pmu, BIT(idx));
	counter->typer = typer;
	counter->stale = counter->event;
	if (counter->on)
		set_bit(idx, &pmu->work);
	pmu_check_armed(pmu, idx);
}

/**
 * pmu_set_pmcr - PMCR_EL0 is written
 * @pmu: a vCPU's
 * @pmcr: new value; what it cannot hold is dropped
 */
void pmu_set_pmcr(struct vcpu_pmu *pmu, u64 pmcr)
{
	struct vm *vm = pmu->vcpu->vm;
	u64 pfr0 = sysreg_id_reg(vm, SYS_ID_AA64PFR0_EL1);
	unsigned int idx;

	/* By the old rules */
	pmu_sync(pmu, pmu->counting);
	pmcr &= PMCR_STATE;
	if (pmu_version(vm) < ID_AA64DFR0_EL1_PMUVer_V3P5)
		pmcr &= ~PMCR_LP;
	/* RES1 where no AArch32 needs it otherwise */
	if (FIELD_GET(ID_AA64PFR0_EL1_EL0_MASK, pfr0) != ID_AA64PFR0_EL1_EL0_AARCH32)
		pmcr |= PMCR_LC;
	pmu->pmcr = pmcr;
	pmu_choose(pmu);
	for (idx = 0; idx < PMU_NR_COUNTERS; idx++)
		pmu_check_armed(pmu, idx);
}

/**
 * pmu_update_line - drive the overflow interrupt (DDI 0487, D13.3.1)
 * @pmu: a vCPU's; its own thread
 *
 * Return: whether it has changed.
 */
bool pmu_update_line(struct vcpu_pmu *pmu)
{
	struct vcpu *vcpu = pmu->vcpu;
	bool level = (pmu->pmcr & PMCR_E) && (pmu->overflowed & pmu->interrupts);

	if (level == pmu->level)
		return false;
	WRITE_ONCE(pmu->level, level);
	if (vcpu->vm->arch.vgic.in_kernel)
		vgic_inject(vcpu->vm, vcpu, pmu->irq, level, pmu);
	else
		/* An exit and a look at the levels are all that it takes. */
		vcpu_make_request(vcpu, VCPU_REQ_UNHALT);
	return true;
}

/**
 * pmu_levels - the overflow interrupt's level, for a controller in user space
 * @vcpu: any vCPU; for another thread's the answer is a snapshot
 *
 * Return: KVM_ARM_DEV_PMU or 0.
 */
u64 pmu_levels(const struct vcpu *vcpu)
{
	const struct vcpu_pmu *pmu = READ_ONCE(vcpu->arch.pmu);

	return pmu && READ_ONCE(pmu->level) ? KVM_ARM_DEV_PMU : 0;
}

/* ---- Perf events */

/*
 * Perf's call: on the CPU that counts, in its PMU's interrupt. The guest has been
 * left for that, and looks at requests before it is entered again. An NMI may come
 * after that look.
 */
static void pmu_event_overflow(struct perf_event *event, struct perf_sample_data *data,
			       struct pt_regs *regs)
{
	struct pmu_counter *counter = event->overflow_handler_context;
	struct vcpu_pmu *pmu = counter->pmu;

	set_bit(counter->idx, &pmu->work);
	vcpu_make_request(pmu->vcpu, VCPU_REQ_PMU);
	/* It may have been about to sleep. */
	if (in_nmi())
		irq_work_queue(&pmu->kick);
	else
		vcpu_wake(pmu->vcpu);
}

static void pmu_kick(struct irq_work *work)
{
	struct vcpu_pmu *pmu = container_of(work, struct vcpu_pmu, kick);

	vcpu_wake(pmu->vcpu);
}

static struct perf_event *pmu_event_create(struct vcpu_pmu *pmu, unsigned int idx, u64 period)
{
	const struct arm_pmu *host = pmu->vcpu->vm->arch.pmu.host;
	struct pmu_counter *counter = &pmu->counter[idx];
	struct perf_event_attr attr = {
		.type = host->pmu.type,
		.size = sizeof(attr),
		.config = pmu_event_of(pmu, idx),
		.sample_period = period,
		.pinned = 1,
		.exclude_user = !pmu_counts_at(counter->typer, true),
		.exclude_kernel = !pmu_counts_at(counter->typer, false),
		.exclude_hv = 1,
		.exclude_host = 1,
	};

	/*
	 * Fewer interrupts of the host: without, there is one each 2^31 events. With
	 * older PMUs it takes two counters, and not even the guest's cycle counter is
	 * sure to get the host's.
	 */
	if (host->pmuver >= ID_AA64DFR0_EL1_PMUVer_V3P5)
		attr.config1 = PMU_ATTR_CONFIG1_LONG;
	return perf_event_create_kernel_counter(&attr, -1, current, pmu_event_overflow, counter);
}

/* Takes a counter's event away from it. The caller releases it, with interrupts on. */
static struct perf_event *pmu_event_detach(struct vcpu_pmu *pmu, unsigned int idx)
{
	struct pmu_counter *counter = &pmu->counter[idx];
	struct perf_event *event = counter->event;

	guard(irqsave)();
	pmu_sync(pmu, BIT(idx));
	counter->event = NULL;
	counter->origin = 0;
	counter->on = false;
	counter->stale = false;
	return event;
}

static void pmu_event_release(struct vcpu_pmu *pmu, unsigned int idx)
{
	struct perf_event *event = pmu_event_detach(pmu, idx);

	if (event)
		perf_event_release_kernel(event);
}

/* Nothing is counted meanwhile: this is the thread that would run the guest. */
static void pmu_event_arm(struct vcpu_pmu *pmu, unsigned int idx)
{
	struct pmu_counter *counter = &pmu->counter[idx];
	u64 period = pmu_distance(pmu, idx);
	struct perf_event *event;

	if (!counter->event) {
		event = pmu_event_create(pmu, idx, period);
		/* What the host cannot count stays at its value. */
		if (IS_ERR(event))
			return;
		guard(irqsave)();
		counter->event = event;
		counter->origin = 0;
	} else {
		event = counter->event;
		perf_event_period(event, period);
		/* An event that did not fit beside others is given another chance. */
		if (!counter->on || event->state == PERF_EVENT_STATE_ERROR)
			perf_event_enable(event);
	}
	counter->armed = counter->origin + period;
	counter->on = true;
}

static void pmu_event_follow(struct vcpu_pmu *pmu, unsigned int idx)
{
	struct pmu_counter *counter = &pmu->counter[idx];

	clear_bit(idx, &pmu->work);
	/* What perf's handler refers to comes before what is done for it. */
	smp_mb__after_atomic();
	scoped_guard(irqsave)
		pmu_sync(pmu, BIT(idx));
	if (counter->stale)
		pmu_event_release(pmu, idx);

	if (pmu->counting & BIT(idx)) {
		if (pmu_wants_event(pmu, idx))
			pmu_event_arm(pmu, idx);
		return;
	}
	/* If it has called, it does so again much later than is known. */
	counter->armed = U64_MAX;
	if (counter->on && !(pmu->enabled & BIT(idx))) {
		perf_event_disable(counter->event);
		counter->on = false;
	}
}

/**
 * pmu_work - have perf do what the guest has asked for
 * @vcpu: loaded, own thread, interrupts and preemption on; has a PMU
 *
 * Return: false if the vCPU must not run on this CPU.
 */
bool pmu_work(struct vcpu *vcpu)
{
	struct vcpu_pmu *pmu = vcpu->arch.pmu;
	unsigned long work = READ_ONCE(pmu->work);
	unsigned int idx;

	for_each_set_bit(idx, &work, PMU_NR_COUNTERS)
		pmu_event_follow(pmu, idx);
	scoped_guard(irqsave) {
		pmu_sync(pmu, pmu->counting);
		pmu_update_line(pmu);
	}
	/* An overflow that has just been found, a call meanwhile */
	if (READ_ONCE(pmu->work))
		vcpu_make_request(vcpu, VCPU_REQ_PMU);
	return !READ_ONCE(pmu->wrong_cpu);
}

/**
 * pmu_is_new_thread - is pmu_new_thread() due?
 * @vcpu: own thread
 */
bool pmu_is_new_thread(const struct vcpu *vcpu)
{
	return vcpu->arch.pmu && vcpu->arch.pmu->thread != current;
}

/**
 * pmu_new_thread - KVM_RUN comes from another thread
 * @vcpu: loaded, own thread; has a PMU
 *
 * Events count for one thread only. Those of the old one have been folded.
 */
void pmu_new_thread(struct vcpu *vcpu)
{
	struct vcpu_pmu *pmu = vcpu->arch.pmu;

	for (unsigned int idx = 0; idx < PMU_NR_COUNTERS; idx++) {
		pmu_event_release(pmu, idx);
		scoped_guard(irqsave)
			pmu_check_armed(pmu, idx);
	}
	pmu->thread = current;
	vcpu_make_request(vcpu, VCPU_REQ_PMU);
}

/* ---- Load and put */

/**
 * pmu_load - a vCPU with a PMU comes to this CPU
 * @vcpu: being loaded; preemption off
 *
 * Perf's events of the thread are in the CPU before that. What they have counted
 * since the put was another vCPU's, which this thread has run.
 */
void pmu_load(struct vcpu *vcpu)
{
	const struct vm_pmu *vpmu = &vcpu->vm->arch.pmu;
	struct vcpu_pmu *pmu = vcpu->arch.pmu;
	unsigned long counting;
	unsigned int idx;

	guard(irqsave)();
	counting = pmu->counting;
	for_each_set_bit(idx, &counting, PMU_NR_COUNTERS)
		if (pmu->counter[idx].event)
			pmu->counter[idx].origin = pmu_event_count(pmu->counter[idx].event);
	pmu->wrong_cpu = READ_ONCE(vpmu->chosen) &&
			 !cpumask_test_cpu(smp_processor_id(), &vpmu->host->supported_cpus);
	if (unlikely(pmu->wrong_cpu))
		vcpu_make_request(vcpu, VCPU_REQ_PMU);
}

/**
 * pmu_put - fold what was counted
 * @vcpu: being put; preemption off
 */
void pmu_put(struct vcpu *vcpu)
{
	struct vcpu_pmu *pmu = vcpu->arch.pmu;

	guard(irqsave)();
	pmu_sync(pmu, pmu->counting);
	if (READ_ONCE(pmu->work))
		vcpu_make_request(vcpu, VCPU_REQ_PMU);
}

/* ---- Life */

/**
 * pmu_vm_choose - which of the host's PMUs a VM has, unless user space says
 * @vm: config_lock held; its vCPUs are to have a PMU
 *
 * Return: 0, or -ENODEV if this CPU has none.
 */
int pmu_vm_choose(struct vm *vm)
{
	struct arm_pmu *host;

	lockdep_assert_held(&vm->config_lock);
	if (vm->arch.pmu.host)
		return 0;
	host = pmu_host_here();
	if (!host)
		return -ENODEV;
	pmu_vm_set_host(vm, host);
	return 0;
}

/**
 * pmu_vm_set_host - a VM has this PMU, and all its counters
 * @vm: config_lock held
 * @host: one of the host's
 */
void pmu_vm_set_host(struct vm *vm, struct arm_pmu *host)
{
	lockdep_assert_held(&vm->config_lock);
	vm->arch.pmu.host = host;
	WRITE_ONCE(vm->arch.pmu.nr_counters, bitmap_weight(host->cntr_mask, PMU_CYCLE));
}

/**
 * pmu_vm_destroy - the VM goes
 * @vm: without vCPUs
 */
void pmu_vm_destroy(struct vm *vm)
{
	bitmap_free(vm->arch.pmu.filter);
}

/**
 * pmu_vcpu_create - the PMU of a vCPU that is to have one
 * @vcpu: vcpu->mutex held
 *
 * Return: 0 or -ENOMEM.
 */
int pmu_vcpu_create(struct vcpu *vcpu)
{
	struct vcpu_pmu *pmu;

	if (vcpu->arch.pmu)
		return 0;
	pmu = kzalloc(sizeof(*pmu), GFP_KERNEL_ACCOUNT);
	if (!pmu)
		return -ENOMEM;
	pmu->vcpu = vcpu;
	init_irq_work(&pmu->kick, pmu_kick);
	for (unsigned int idx = 0; idx < PMU_NR_COUNTERS; idx++) {
		pmu->counter[idx].pmu = pmu;
		pmu->counter[idx].idx = idx;
	}
	/* Other vCPUs compare their interrupts with it. */
	guard(mutex)(&vcpu->vm->config_lock);
	WRITE_ONCE(vcpu->arch.pmu, pmu);
	return 0;
}

/**
 * pmu_vcpu_destroy - the vCPU goes
 * @vcpu: never loaded again
 */
void pmu_vcpu_destroy(struct vcpu *vcpu)
{
	struct vcpu_pmu *pmu = vcpu->arch.pmu;

	if (!pmu)
		return;
	for (unsigned int idx = 0; idx < PMU_NR_COUNTERS; idx++)
		pmu_event_release(pmu, idx);
	irq_work_sync(&pmu->kick);
	vcpu->arch.pmu = NULL;
	kfree(pmu);
}

/**
 * pmu_vcpu_reset - as after a reset of the CPU; what is UNKNOWN is 0
 * @vcpu: not loaded; may have no PMU
 *
 * Context: process.
 */
void pmu_vcpu_reset(struct vcpu *vcpu)
{
	struct vcpu_pmu *pmu = vcpu->arch.pmu;

	if (!pmu)
		return;
	pmu->pmcr = 0;
	pmu->enabled = 0;
	pmu->counting = 0;
	for (unsigned int idx = 0; idx < PMU_NR_COUNTERS; idx++) {
		pmu_event_release(pmu, idx);
		pmu->counter[idx].value = 0;
		pmu->counter[idx].typer = 0;
	}
	pmu->interrupts = 0;
	pmu->overflowed = 0;
	pmu->selected = 0;
	pmu->userenr = 0;
	pmu_set_pmcr(pmu, 0);
	/* The interrupt's level follows. */
	vcpu_make_request(vcpu, VCPU_REQ_PMU);
}

/**
 * pmu_vcpu_enable - what waits for the first run
 * @vcpu: own thread, not loaded; config_lock held; may have no PMU
 *
 * The number of counters and the version of the PMU do not change any more: what
 * was set for others goes.
 *
 * Return: 0; -EINVAL if it was not initialised, or if there is an interrupt where
 * the interrupt controller is in user space or none of this number where it is not.
 */
int pmu_vcpu_enable(struct vcpu *vcpu)
{
	struct vcpu_pmu *pmu = vcpu->arch.pmu;
	struct vm *vm = vcpu->vm;

	lockdep_assert_held(&vm->config_lock);
	if (!pmu)
		return 0;
	if (!pmu->initialized || !vm->arch.vgic.in_kernel != !pmu->irq)
		return -EINVAL;
	pmu->interrupts &= pmu_counters(pmu);
	pmu->overflowed &= pmu_counters(pmu);
	pmu->enabled &= pmu_counters(pmu);
	pmu_set_pmcr(pmu, pmu->pmcr);
	/* A level that was restored with the interrupt controller is this one's from now on. */
	if (pmu->irq)
		vgic_inject(vm, vcpu, pmu->irq, pmu->level, pmu);
	vcpu_make_request(vcpu, VCPU_REQ_PMU);
	return 0;
}
