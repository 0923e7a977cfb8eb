// SPDX-License-Identifier: GPL-2.0
/*
 * What may come between an exit and its completion: registers that are set, signals, immediate exits, memory slots
 * that go. The rules are those of arch/powerpc/kvm/access.h.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "kvm_test.h"
#include "ppc.h"

#define DEVICE	0x20000000u
#define OSI_R3	0x113724fau
#define OSI_R4	0x77810f9bu

static struct ppc *create(void)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	ppc_tlbwe(p, 1, DEVICE | TLB_VALID | TLB_4K, PPC_MMIO, TLB_S_RWX, 0);
	ppc_new(p);
	return p;
}

/* All registers, to something else */
static void set_all(struct ppc *p, uint32_t pc)
{
	struct kvm_regs regs;

	ppc_get(p, &regs);
	for (unsigned int i = 0; i < 32; i++)
		regs.gpr[i] = 0xee00 + i;
	regs.cr = 0x12345678;
	regs.xer = 0x20000000;
	regs.lr = 0x1110;
	regs.ctr = 0x2220;
	regs.pc = pc;
	ppc_set(p, &regs);
}

/* Only what is loaded is written over what was set; the program counter stays as set. */
static void check_set(struct __test_metadata *_metadata, struct ppc *p, unsigned int loaded, uint32_t value)
{
	struct kvm_regs regs;

	ppc_get(p, &regs);
	for (unsigned int i = 0; i < 32; i++) {
		EXPECT_EQ(i == loaded ? value : 0xee00 + i, regs.gpr[i]) TH_LOG("r%u", i);
	}
	EXPECT_EQ(0x12345678, regs.cr);
	EXPECT_EQ(0x20000000, regs.xer);
	EXPECT_EQ(0x1110, regs.lr);
	EXPECT_EQ(0x2220, regs.ctr);
}

#define OTHER	(PPC_CODE + 0x800)

static void emit_other(struct ppc *p)
{
	p->at = OTHER;
	emit_stop(p);
}

TEST(registers_are_set_mmio)
{
	struct ppc *p = create();

	emit(p, i_d(33, 7, 4, 8));		/* lwzu r7, 8(r4) */
	emit_other(p);
	ppc_set_gpr(p, 4, DEVICE);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(DEVICE + 8, ppc_gpr(p, 4));
	EXPECT_EQ(PPC_CODE + 4, ppc_pc(p));
	memcpy(p->run->mmio.data, "\1\2\3\4", 4);
	set_all(p, OTHER);
	ppc_run(p);
	ppc_expect_stop(p);
	check_set(_metadata, p, 7, 0x01020304);
	ppc_destroy(p);
}

TEST(registers_are_set_store)
{
	struct ppc *p = create();

	emit(p, i_d(47, 30, 4, 0));		/* stmw r30, 0(r4): what is stored was taken at the start */
	emit_other(p);
	ppc_set_gpr(p, 4, DEVICE);
	ppc_set_gpr(p, 30, 0x11111111);
	ppc_set_gpr(p, 31, 0x22222222);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(0, memcmp(p->run->mmio.data, "\x11\x11\x11\x11", 4));
	set_all(p, OTHER);
	ppc_run(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(0, memcmp(p->run->mmio.data, "\x22\x22\x22\x22", 4));
	ppc_run(p);
	ppc_expect_stop(p);
	check_set(_metadata, p, 99, 0);
	ppc_destroy(p);
}

TEST(registers_are_set_dcr)
{
	struct ppc *p = create();

	emit(p, i_mfdcr(9, 0x123));
	emit_other(p);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_DCR, p->run->exit_reason);
	p->run->dcr.data = 0x99;
	set_all(p, OTHER);
	ppc_run(p);
	ppc_expect_stop(p);
	check_set(_metadata, p, 9, 0x99);
	ppc_destroy(p);
}

/* An OSI call gives all general registers, whatever was set. */
TEST(registers_are_set_osi)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_PPC_OSI };
	struct ppc *p = create();

	must(ioctl(p->vcpu, KVM_ENABLE_CAP, &cap));
	emit_li(p, 3, OSI_R3);
	emit_li(p, 4, OSI_R4);
	emit(p, I_SC);
	emit_other(p);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_OSI, p->run->exit_reason);
	for (unsigned int i = 0; i < 32; i++)
		p->run->osi.gprs[i] = i;
	set_all(p, OTHER);
	ppc_run(p);
	ppc_expect_stop(p);
	for (unsigned int i = 0; i < 32; i++) {
		EXPECT_EQ(i, ppc_gpr(p, i));
	}
	ppc_destroy(p);
}

TEST(registers_are_set_fp)
{
	struct kvm_fpu fpu;
	struct ppc *p = create();

	emit(p, i_lfd(5, 4, 0));
	emit_stop(p);
	ppc_set_gpr(p, 4, DEVICE);
	ppc_set_msr(p, MSR_FP);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(8, p->run->mmio.len);
	memcpy(p->run->mmio.data, "\1\2\3\4\5\6\7\10", 8);
	for (unsigned int i = 0; i < 32; i++)
		fpu.fpr[i] = 0x4000000000000000ULL + i;
	must(ioctl(p->vcpu, KVM_SET_FPU, &fpu));
	ppc_run(p);
	ppc_expect_stop(p);
	must(ioctl(p->vcpu, KVM_GET_FPU, &fpu));
	for (unsigned int i = 0; i < 32; i++) {
		EXPECT_EQ(i == 5 ? 0x0102030405060708ULL : 0x4000000000000000ULL + i, fpu.fpr[i]);
	}
	ppc_destroy(p);
}

/* immediate_exit completes, and returns the exits that an access still needs before it says EINTR. */
TEST(immediate_exit)
{
	struct ppc *p = create();

	emit(p, i_lmw(28, 4, 0));
	emit_stop(p);
	ppc_set_gpr(p, 4, DEVICE);
	for (unsigned int i = 28; i < 32; i++)
		ppc_set_gpr(p, i, 0);
	ppc_begin(p);
	p->run->immediate_exit = 1;
	for (unsigned int i = 0; i < 4; i++) {
		ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
		ASSERT_EQ(PPC_MMIO + 4 * i, p->run->mmio.phys_addr);
		memset(p->run->mmio.data, i + 1, 4);
		/* Nothing is loaded before the last one is there. */
		EXPECT_EQ(0, ppc_gpr(p, 28));
		ASSERT_EQ(i < 3 ? 0 : -EINTR, ppc_run_once(p));
	}
	for (unsigned int i = 0; i < 4; i++) {
		EXPECT_EQ(0x01010101 * (i + 1), ppc_gpr(p, 28 + i));
	}
	EXPECT_EQ(-EINTR, ppc_run_once(p));
	p->run->immediate_exit = 0;
	ppc_run(p);
	ppc_expect_stop(p);
	ppc_destroy(p);
}

static void on_signal(int sig)
{
}

/* A signal that is pending: the access is completed, then KVM_RUN says EINTR; KVM_SET_SIGNAL_MASK decides. */
TEST(signal_pending)
{
	struct {
		struct kvm_signal_mask head;
		uint64_t set;
	} mask = { .head.len = 8 };
	struct ppc *p = create();
	sigset_t set;

	signal(SIGUSR1, on_signal);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* In KVM_RUN nothing is blocked. */
	must(ioctl(p->vcpu, KVM_SET_SIGNAL_MASK, &mask));

	emit(p, i_lwz(7, 4, 0));
	emit_stop(p);
	ppc_set_gpr(p, 4, DEVICE);
	ppc_set_gpr(p, 7, 0);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	memcpy(p->run->mmio.data, "\1\2\3\4", 4);
	raise(SIGUSR1);
	EXPECT_EQ(-EINTR, ppc_run_once(p));
	EXPECT_EQ(KVM_EXIT_INTR, p->run->exit_reason);
	EXPECT_EQ(0x01020304, ppc_gpr(p, 7));
	/* It is still pending: nothing runs. */
	EXPECT_EQ(-EINTR, ppc_run_once(p));
	EXPECT_EQ(PPC_CODE + 4, ppc_pc(p));
	must(ioctl(p->vcpu, KVM_SET_SIGNAL_MASK, 0));
	ppc_run(p);
	ppc_expect_stop(p);

	mask.head.len = 4;
	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_SET_SIGNAL_MASK, &mask));
	EXPECT_ERRNO(EFAULT, ioctl(p->vcpu, KVM_SET_SIGNAL_MASK, 8));
	ppc_destroy(p);
}

static void *kick(void *arg)
{
	pthread_t *thread = arg;

	for (unsigned int i = 0; i < 200; i++) {
		usleep(200);
		pthread_kill(*thread, SIGUSR1);
	}
	return NULL;
}

/* Signals at any time: no access is lost, none is done twice. */
TEST(signals_all_the_time)
{
	pthread_t self = pthread_self(), thread;
	struct sigaction act = { .sa_handler = on_signal };
	unsigned int loads = 0, interrupted = 0;
	struct ppc *p = create();

	sigaction(SIGUSR1, &act, NULL);
	for (unsigned int i = 0; i < 300; i++) {
		emit(p, i_lwz(7, 4, 0));
		emit(p, 0x7d083a14);		/* add r8, r8, r7 */
	}
	emit_stop(p);
	pthread_create(&thread, NULL, kick, &self);
	for (unsigned int round = 0; round < 5; round++) {
		uint32_t want = 0;

		ppc_set_gpr(p, 4, DEVICE);
		ppc_set_gpr(p, 8, 0);
		ppc_set_pc(p, PPC_CODE);
		do {
			int ret = ppc_run_once(p);

			if (ret) {
				ASSERT_EQ(-EINTR, ret);
				interrupted++;
				p->run->exit_reason = KVM_EXIT_INTR;
				continue;
			}
			if (p->run->exit_reason == KVM_EXIT_MMIO) {
				uint32_t value = ++loads;

				memcpy(p->run->mmio.data, &value, 4);
				want += value;
			}
		} while (!ppc_stopped(p));
		ASSERT_EQ(want, ppc_gpr(p, 8));
		/* The stop's own completion */
		ppc_set_pc(p, PPC_CODE);
	}
	pthread_join(thread, NULL);
	EXPECT_EQ(1500, loads);
	TH_LOG("interrupted %u times", interrupted);
	ppc_destroy(p);
}

/* The slot that the second half of an access was in goes: that half is a device's then. */
TEST(slot_goes)
{
	struct kvm_userspace_memory_region slot = { .memory_size = 0 };
	struct ppc *p = create();

	ppc_tlbwe(p, 2, (DEVICE + 0x1000) | TLB_VALID | TLB_4K, PPC_DATA, TLB_S_RWX, 0);
	ppc_new(p);
	emit(p, i_lmw(30, 4, 0));
	emit_stop(p);
	ppc_set_gpr(p, 4, DEVICE + 0xffc);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(PPC_MMIO + 0xffc, p->run->mmio.phys_addr);
	memcpy(p->run->mmio.data, "\1\1\1\1", 4);
	must(ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &slot));
	ppc_run(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(PPC_DATA, p->run->mmio.phys_addr);
	memcpy(p->run->mmio.data, "\2\2\2\2", 4);
	p->run->immediate_exit = 1;
	EXPECT_EQ(-EINTR, ppc_run_once(p));
	EXPECT_EQ(0x01010101, ppc_gpr(p, 30));
	EXPECT_EQ(0x02020202, ppc_gpr(p, 31));
	ppc_destroy(p);
}

/*
 * lwarx and stwcx. to a device. A CPU that has not executed the lwarx itself may take the stwcx. as one without a
 * reservation; CR0 and what the device sees have to agree about that. Without a reservation nothing is stored.
 */
TEST(reservation_in_device)
{
	struct ppc *p = create();
	uint32_t first;
	bool stored;

	emit(p, i_lwarx(5, 0, 4));
	emit(p, i_stwcx(6, 0, 4));
	emit(p, i_mfcr(8));
	emit(p, i_stwcx(6, 0, 4));
	emit(p, i_mfcr(9));
	emit(p, i_lwarx(5, 0, 4));
	emit(p, i_stwcx(6, 4, 10));
	emit(p, i_mfcr(11));
	emit_stop(p);
	ppc_set_gpr(p, 4, DEVICE + 0x10);
	ppc_set_gpr(p, 6, 0x55667788);
	ppc_set_gpr(p, 10, 4);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(0, p->run->mmio.is_write);
	memcpy(p->run->mmio.data, "\1\2\3\4", 4);
	ppc_run(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	stored = p->run->mmio.is_write;
	if (stored) {
		EXPECT_EQ(PPC_MMIO + 0x10, p->run->mmio.phys_addr);
		EXPECT_EQ(0, memcmp(p->run->mmio.data, "\x55\x66\x77\x88", 4));
		ppc_run(p);
	}
	first = ppc_gpr(p, 5);
	/* The second stwcx. stores nothing; what comes is the second lwarx. */
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(0, p->run->mmio.is_write);
	ppc_run(p);
	ppc_expect_stop(p);
	EXPECT_EQ(0x01020304, first);
	EXPECT_EQ(stored ? 0x20000000 : 0, ppc_gpr(p, 8) & 0x20000000);
	EXPECT_EQ(0, ppc_gpr(p, 9) & 0x20000000);
	EXPECT_EQ(0, ppc_gpr(p, 11) & 0x20000000);
	ppc_destroy(p);
}

/* dcbz at a device: the line is 32 bytes of zero, in four exits; not at an address within it. */
TEST(dcbz_in_device)
{
	struct ppc *p = create();

	emit(p, i_dcbz(0, 4));
	emit_stop(p);
	ppc_set_gpr(p, 4, DEVICE + 0x47);
	ppc_begin(p);
	for (unsigned int i = 0; i < 4; i++) {
		ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
		EXPECT_EQ(1, p->run->mmio.is_write);
		EXPECT_EQ(8, p->run->mmio.len);
		EXPECT_EQ(PPC_MMIO + 0x40 + 8 * i, p->run->mmio.phys_addr);
		EXPECT_EQ(0, memcmp(p->run->mmio.data, "\0\0\0\0\0\0\0\0", 8));
		ppc_run(p);
	}
	ppc_expect_stop(p);
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
