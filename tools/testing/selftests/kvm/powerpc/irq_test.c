// SPDX-License-Identifier: GPL-2.0
/* Exceptions from outside: KVM_INTERRUPT, the timers, waiting, priorities. */
#include <pthread.h>
#include <time.h>

#include "kvm_test.h"
#include "ppc.h"

static void enable_and_wait(struct ppc *p)
{
	emit(p, i_wrteei(1));
	emit(p, I_NOP);
	emit_stop(p);
}

TEST(edge_is_taken_once)
{
	struct ppc *p = ppc_create();

	EXPECT_EQ(1, kvm_check(KVM_CAP_PPC_UNSET_IRQ));
	EXPECT_EQ(1, kvm_check(KVM_CAP_PPC_IRQ_LEVEL));
	ppc_handlers(p);
	ppc_interrupt(p, KVM_INTERRUPT_SET);
	enable_and_wait(p);
	ppc_begin(p);
	EXPECT_EQ(VEC_EXTERNAL, ppc_trap(p));
	EXPECT_EQ(0, ppc_msr(p) & MSR_EE);
	ppc_run(p);
	ppc_expect_stop(p);
	ppc_destroy(p);
}

TEST(unset_withdraws)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	ppc_interrupt(p, KVM_INTERRUPT_SET);
	ppc_interrupt(p, KVM_INTERRUPT_UNSET);
	ppc_interrupt(p, KVM_INTERRUPT_SET_LEVEL);
	ppc_interrupt(p, KVM_INTERRUPT_UNSET);
	enable_and_wait(p);
	ppc_begin(p);
	ppc_expect_stop(p);
	ppc_destroy(p);
}

TEST(level_stays)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	ppc_interrupt(p, KVM_INTERRUPT_SET_LEVEL);
	enable_and_wait(p);
	ppc_begin(p);
	for (int i = 0; i < 5; i++) {
		ASSERT_EQ(VEC_EXTERNAL, ppc_trap(p));
		ppc_run(p);
	}
	ppc_interrupt(p, KVM_INTERRUPT_UNSET);
	ppc_run(p);
	ppc_expect_stop(p);
	ppc_destroy(p);
}

TEST(masked_without_ee)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	ppc_interrupt(p, KVM_INTERRUPT_SET_LEVEL);
	emit(p, I_NOP);
	ppc_exec(p);
	ppc_destroy(p);
}

/* The decrementer: counts, sets TSR[DIS], interrupts, reloads itself if asked. */
TEST(decrementer)
{
	struct ppc *p = ppc_create();
	struct kvm_sregs sregs;

	ppc_handlers(p);
	emit_li(p, 3, 100000);
	emit(p, i_mtspr(SPR_DEC, 3));
	emit_li(p, 4, 0x04000000);
	emit(p, i_mtspr(SPR_TCR, 4));
	emit(p, i_wrteei(1));
	emit(p, I_B_SELF);
	ppc_begin(p);
	EXPECT_EQ(VEC_DEC, ppc_trap(p));
	ppc_get_sregs(p, &sregs);
	EXPECT_EQ(0x08000000, sregs.u.e.tsr & 0x08000000);
	EXPECT_EQ(0, sregs.u.e.dec);

	/* It is the status that interrupts: again, until it is cleared. */
	ppc_run(p);
	EXPECT_EQ(VEC_DEC, ppc_trap(p));
	ppc_new(p);
	emit_li(p, 3, 0x08000000);
	emit(p, i_mtspr(SPR_TSR, 3));
	emit(p, i_wrteei(1));
	emit(p, I_NOP);
	ppc_exec(p);

	emit_li(p, 3, 50000);
	emit(p, i_mtspr(SPR_DECAR, 3));
	emit_li(p, 4, 0x04400000);
	emit(p, i_mtspr(SPR_TCR, 4));
	emit(p, i_mtspr(SPR_DEC, 3));
	emit_li(p, 3, 0x08000000);
	emit(p, i_wrteei(1));
	emit(p, I_B_SELF);
	ppc_begin(p);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(VEC_DEC, ppc_trap(p));
		ppc_get_sregs(p, &sregs);
		sregs.u.e.tsr = 0;
		sregs.u.e.update_special = KVM_SREGS_E_UPDATE_TSR;
		ppc_set_sregs(p, &sregs);
		ppc_run(p);
	}
	ppc_destroy(p);
}

TEST(fixed_interval)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	emit_li(p, 4, 0x01800000);
	emit(p, i_mtspr(SPR_TCR, 4));
	emit(p, i_wrteei(1));
	emit(p, I_B_SELF);
	ppc_begin(p);
	EXPECT_EQ(VEC_FIT, ppc_trap(p));
	ppc_destroy(p);
}

/* The watchdog's first end of period is silent, the second interrupts, the third resets. */
TEST(watchdog)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_PPC_BOOKE_WATCHDOG };
	struct ppc *p = ppc_create();

	must(ioctl(p->vcpu, KVM_ENABLE_CAP, &cap));
	ppc_handlers(p);
	emit_li(p, 4, 0x78000000);	/* the second shortest: a loaded host has time to look */
	emit(p, i_mtspr(SPR_TCR, 4));
	emit_li(p, 4, MSR_CE);
	emit(p, i_mtmsr(4));
	emit(p, I_B_SELF);
	ppc_begin(p);
	EXPECT_EQ(VEC_WATCHDOG, ppc_trap(p));
	ppc_set_msr(p, 0);
	ppc_new(p);
	emit(p, I_B_SELF);
	EXPECT_EQ(KVM_EXIT_WATCHDOG, ppc_begin(p));
	ppc_destroy(p);
}

static void set_timers(struct ppc *p, uint32_t tcr, uint32_t tsr)
{
	struct kvm_sregs sregs;

	ppc_get_sregs(p, &sregs);
	sregs.u.e.tcr = tcr;
	sregs.u.e.tsr = tsr;
	sregs.u.e.update_special = KVM_SREGS_E_UPDATE_TSR;
	ppc_set_sregs(p, &sregs);
}

static uint32_t read_tsr(struct ppc *p)
{
	struct kvm_sregs sregs;

	ppc_get_sregs(p, &sregs);
	return sregs.u.e.tsr;
}

#define TSR_ENW	0x80000000u
#define TSR_WIS	0x40000000u
#define TSR_WRS	0x30000000u
#define TSR_FIS	0x04000000u

/* Ends of periods are noted although nothing is enabled. */
TEST(status_without_interrupt)
{
	struct ppc *p = ppc_create();
	unsigned int i;

	set_timers(p, 0, 0);
	for (i = 0; i < 1000 && read_tsr(p) != (TSR_ENW | TSR_WIS | TSR_FIS); i++)
		usleep(10000);
	EXPECT_GT(1000, i);
	/* ENW alone is cleared: it comes again, and WIS stays. */
	ppc_handlers(p);
	emit_li(p, 3, TSR_ENW | TSR_FIS);
	emit(p, i_mtspr(SPR_TSR, 3));
	emit(p, i_wrteei(1));
	ppc_exec(p);
	EXPECT_EQ(TSR_WIS, read_tsr(p) & TSR_WIS);
	for (i = 0; i < 1000 && read_tsr(p) != (TSR_ENW | TSR_WIS | TSR_FIS); i++)
		usleep(10000);
	EXPECT_GT(1000, i);
	ppc_destroy(p);
}

/* A rising edge, by a write, of the bit that the longest period ends with: TBU's lowest. No other comes for seconds. */
static void emit_edge(struct ppc *p)
{
	emit(p, i_addi(10, 0, 0));
	emit(p, i_addi(11, 0, 1));
	emit(p, i_mtspr(SPR_TBL_WRITE, 10));
	emit(p, i_mtspr(SPR_TBU_WRITE, 10));
	emit(p, i_mtspr(SPR_TBU_WRITE, 11));
	emit(p, i_mfspr(12, SPR_TSR));
}

/* What each end of a period does, from each state, for each kind of reset. */
TEST(watchdog_states)
{
	static const struct {
		uint32_t from, to;
	} steps[] = {
		{ 0, TSR_ENW }, { TSR_WIS, TSR_ENW | TSR_WIS }, { TSR_ENW, TSR_ENW | TSR_WIS },
		{ TSR_ENW | TSR_WIS, TSR_ENW | TSR_WIS },
	};
	struct kvm_enable_cap cap = { .cap = KVM_CAP_PPC_BOOKE_WATCHDOG };

	for (unsigned int wrc = 0; wrc < 4; wrc++) {
		for (unsigned int i = 0; i < 4; i++) {
			struct ppc *p = ppc_create();
			struct kvm_sregs sregs;
			bool reset = wrc && i == 3;

			must(ioctl(p->vcpu, KVM_ENABLE_CAP, &cap));
			set_timers(p, 0xc0000000 | wrc << 28, steps[i].from);
			emit_edge(p);
			emit_stop(p);
			ppc_begin(p);
			if (reset) {
				ASSERT_EQ(KVM_EXIT_WATCHDOG, p->run->exit_reason);
				ppc_run(p);
			}
			ppc_expect_stop(p);
			EXPECT_EQ(steps[i].to | (reset ? wrc << 28 : 0), ppc_gpr(p, 12) & ~TSR_FIS);
			/* A reset clears what asked for it. */
			ppc_get_sregs(p, &sregs);
			EXPECT_EQ(0xc0000000 | (reset ? 0 : wrc << 28), sregs.u.e.tcr);
			ppc_destroy(p);
		}
	}
}

/* The guest can ask for a reset, and not take that back; nothing comes to user space that has not asked for it. */
TEST(watchdog_control_stays)
{
	struct ppc *p = ppc_create();
	struct kvm_sregs sregs;

	set_timers(p, 0xc0000000, 0);
	for (uint32_t wrc = 0x10000000; wrc; wrc = wrc << 1 & 0x30000000) {
		emit_li(p, 3, 0xc0000000 | wrc);
		emit(p, i_mtspr(SPR_TCR, 3));
	}
	emit_li(p, 3, 0xc0000000);
	emit(p, i_mtspr(SPR_TCR, 3));
	emit(p, i_mfspr(4, SPR_TCR));
	for (int i = 0; i < 3; i++)
		emit_edge(p);
	ppc_exec(p);
	EXPECT_EQ(0xf0000000, ppc_gpr(p, 4));
	EXPECT_EQ(TSR_ENW | TSR_WIS | TSR_WRS, ppc_gpr(p, 12) & ~TSR_FIS);
	ppc_get_sregs(p, &sregs);
	EXPECT_EQ(0xc0000000, sregs.u.e.tcr);
	ppc_destroy(p);
}

/* The interrupt of the second end of a period is taken if TCR[WIE] and MSR[CE] are set, whatever MSR[EE] is. */
TEST(watchdog_interrupt)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	set_timers(p, 0xc8000000, TSR_ENW);
	emit_edge(p);
	emit_li(p, 3, MSR_EE);
	emit(p, i_mtmsr(3));
	emit_stop(p);
	ppc_begin(p);
	ppc_expect_stop(p);
	ppc_new(p);
	emit_li(p, 3, MSR_CE);
	emit(p, i_mtmsr(3));
	ppc_begin(p);
	EXPECT_EQ(VEC_WATCHDOG, ppc_trap(p));
	ppc_destroy(p);
}

static void *interrupt_later(void *arg)
{
	usleep(50000);
	ppc_interrupt(arg, KVM_INTERRUPT_SET);
	return NULL;
}

/* MSR[WE]: the vCPU sleeps, and another thread's KVM_INTERRUPT does not wait for it. */
TEST(wait_until_interrupt)
{
	struct ppc *p = ppc_create();
	struct kvm_regs regs;
	pthread_t thread;

	ppc_handlers(p);
	emit_li(p, 3, MSR_WE | MSR_EE);
	emit(p, i_mtmsr(3));
	emit_stop(p);
	pthread_create(&thread, NULL, interrupt_later, p);
	ppc_begin(p);
	pthread_join(thread, NULL);
	EXPECT_EQ(VEC_EXTERNAL, ppc_trap(p));
	ppc_get(p, &regs);
	EXPECT_EQ(0, regs.msr & MSR_WE);
	EXPECT_EQ(MSR_WE | MSR_EE, regs.srr1);
	EXPECT_EQ(PPC_CODE + 12, regs.srr0);
	ppc_destroy(p);
}

TEST(running_guest_is_interrupted)
{
	struct ppc *p = ppc_create();
	pthread_t thread;

	ppc_handlers(p);
	emit(p, i_wrteei(1));
	emit(p, I_B_SELF);
	pthread_create(&thread, NULL, interrupt_later, p);
	ppc_begin(p);
	pthread_join(thread, NULL);
	EXPECT_EQ(VEC_EXTERNAL, ppc_trap(p));
	ppc_destroy(p);
}

/* Of what waits the first is taken first: external before fixed interval before decrementer. */
TEST(priorities)
{
	struct ppc *p = ppc_create();
	struct kvm_sregs sregs;

	ppc_handlers(p);
	ppc_get_sregs(p, &sregs);
	sregs.u.e.tsr = 0x0c000000;
	sregs.u.e.tcr = 0x07800000;	/* the longest period: no second one comes */
	sregs.u.e.update_special = KVM_SREGS_E_UPDATE_TSR;
	ppc_set_sregs(p, &sregs);
	ppc_interrupt(p, KVM_INTERRUPT_SET);
	enable_and_wait(p);
	ppc_begin(p);
	EXPECT_EQ(VEC_EXTERNAL, ppc_trap(p));
	ppc_run(p);
	EXPECT_EQ(VEC_FIT, ppc_trap(p));
	ppc_get_sregs(p, &sregs);
	sregs.u.e.tsr = 0x08000000;
	sregs.u.e.update_special = KVM_SREGS_E_UPDATE_TSR;
	ppc_set_sregs(p, &sregs);
	ppc_run(p);
	EXPECT_EQ(VEC_DEC, ppc_trap(p));
	ppc_destroy(p);
}

TEST(bad_kinds)
{
	struct kvm_interrupt irq = { .irq = 5 };
	struct ppc *p = ppc_create();

	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_INTERRUPT, &irq));
	EXPECT_ERRNO(EFAULT, ioctl(p->vcpu, KVM_INTERRUPT, 8));
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
