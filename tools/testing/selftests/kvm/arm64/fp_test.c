// SPDX-License-Identifier: GPL-2.0
/* FP/SIMD state: the guest's and the host's stay apart, on every exit, between vCPUs and between threads. */
#include <sys/syscall.h>

#include "kvm_test.h"
#include "arch.h"

struct fp {
	uint64_t v[32][2];
	uint64_t fpcr, fpsr;
};

#define V(op, n)	op " q" #n ", [x19, #16 * " #n "]\n\t"
#define ALL(op)								\
	V(op, 0) V(op, 1) V(op, 2) V(op, 3) V(op, 4) V(op, 5) V(op, 6) V(op, 7)		\
	V(op, 8) V(op, 9) V(op, 10) V(op, 11) V(op, 12) V(op, 13) V(op, 14) V(op, 15)	\
	V(op, 16) V(op, 17) V(op, 18) V(op, 19) V(op, 20) V(op, 21) V(op, 22) V(op, 23)	\
	V(op, 24) V(op, 25) V(op, 26) V(op, 27) V(op, 28) V(op, 29) V(op, 30) V(op, 31)
#define CLOBBERS							\
	"v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", \
	"x9", "x19", "cc", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", \
	"memory"

/* Load all registers, do something that leaves the CPU, store them all again. */
#define AROUND(fp, something)						\
	asm volatile("mov x19, %0\n\t" ALL("ldr") something "\n\t" ALL("str")	\
		     :: "r" ((fp)->v), "r" (VM_MMIO_GPA) : CLOBBERS)

static void fill(struct fp *fp, uint64_t seed)
{
	for (int i = 0; i < 32; i++) {
		fp->v[i][0] = seed * 0x9e3779b97f4a7c15ULL + i;
		fp->v[i][1] = ~fp->v[i][0] ^ seed;
	}
}

static struct fp guest_fp[4];

static void guest_keeps(uint64_t seed, uint64_t rounds)
{
	struct fp *fp = &guest_fp[guest_cpu()->index], want;

	for (uint64_t n = 0; n < rounds; n++) {
		fill(&want, seed + n);
		fill(fp, seed + n);
		write_sysreg(fpcr, ((seed + n) & 3) << 22);
		write_sysreg(fpsr, n & 0x1f);
		AROUND(fp, "ldr w9, [%1]");
		for (int i = 0; i < 32; i++) {
			GUEST_ASSERT_EQ(want.v[i][0], fp->v[i][0]);
			GUEST_ASSERT_EQ(want.v[i][1], fp->v[i][1]);
		}
		GUEST_ASSERT_EQ(((seed + n) & 3) << 22, read_sysreg(fpcr));
		GUEST_ASSERT_EQ(n & 0x1f, read_sysreg(fpsr));
	}
}

/* KVM_RUN with these values in the host's registers; what they are afterwards is in fp. */
static long run_with(struct vcpu *vcpu, struct fp *fp)
{
	register long nr asm("x8") = SYS_ioctl;
	register long r0 asm("x0") = vcpu->fd;
	register long r1 asm("x1") = KVM_RUN;
	register long r2 asm("x2") = 0;

	asm volatile("mov x19, %1\n\t" ALL("ldr") "svc #0\n\t" ALL("str")
		     : "+r" (r0) : "r" (fp->v), "r" (nr), "r" (r1), "r" (r2) : CLOBBERS);
	return r0;
}

/* Run over MMIO exits, with the host's registers full of other values at each; false if they did not survive. */
static bool run_and_scribble(struct vcpu *vcpu, uint64_t seed)
{
	struct fp host, want;
	bool good = true;

	for (;; seed++) {
		unsigned int what;
		long ret;

		fill(&host, seed);
		fill(&want, seed);
		ret = run_with(vcpu, &host);
		for (int i = 0; i < 32; i++)
			good &= host.v[i][0] == want.v[i][0] && host.v[i][1] == want.v[i][1];
		if (ret == -EINTR)
			continue;
		if (ret)
			test_fail("KVM_RUN: %ld", ret);
		what = vcpu_exit(vcpu);
		if (what == EXIT_GUEST_DONE)
			return good;
		if (what != KVM_EXIT_MMIO)
			test_fail("exit %s", kvm_exit_name(what));
	}
}

TEST(every_register_survives_an_exit)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add2(vm, guest_keeps, 1, 50);

	EXPECT_TRUE(run_and_scribble(vcpu, 1000));
	vm_destroy(vm);
}

static void *run_it(void *arg)
{
	return (void *)(long)run_and_scribble(arg, (uintptr_t)arg);
}

TEST(four_vcpus_on_fewer_cpus)
{
	struct vm *vm = vm_create();
	pthread_t t[4];
	void *good;

	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, run_it, vcpu_add2(vm, guest_keeps, 1000 * i + 7, 200));
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &good);
		EXPECT_NE(NULL, good);
	}
	vm_destroy(vm);
}

static __shared volatile bool stop;

static void guest_holds(uint64_t seed)
{
	struct fp *fp = &guest_fp[guest_cpu()->index], want;

	/* No exits of its own: the host's timer tick and other threads interrupt it. */
	while (!stop) {
		fill(&want, seed);
		fill(fp, seed);
		AROUND(fp, "mov x9, #20000\n\t1: subs x9, x9, #1\n\tb.ne 1b");
		for (int i = 0; i < 32; i++) {
			GUEST_ASSERT_EQ(want.v[i][0], fp->v[i][0]);
			GUEST_ASSERT_EQ(want.v[i][1], fp->v[i][1]);
		}
	}
}

static void *host_computes(void *arg)
{
	struct fp fp, want;
	long bad = 0;

	while (!stop) {
		fill(&fp, (uintptr_t)&fp);
		fill(&want, (uintptr_t)&fp);
		AROUND(&fp, "mov x9, #20000\n\t1: subs x9, x9, #1\n\tb.ne 1b");
		for (int i = 0; i < 32; i++)
			bad += fp.v[i][0] != want.v[i][0] || fp.v[i][1] != want.v[i][1];
	}
	return (void *)bad;
}

TEST(preempted_by_other_threads)
{
	struct vm *vm = vm_create();
	struct vcpu_thread t[2];
	pthread_t host[2];
	void *bad;

	stop = false;
	for (int i = 0; i < 2; i++) {
		vcpu_thread_start(&t[i], vcpu_add1(vm, guest_holds, i + 5));
		pthread_create(&host[i], NULL, host_computes, NULL);
	}
	usleep(700000);
	stop = true;
	for (int i = 0; i < 2; i++) {
		vcpu_thread_join(&t[i]);
		pthread_join(host[i], &bad);
		EXPECT_EQ(NULL, bad);
	}
	vm_destroy(vm);
}

static __shared volatile uint64_t traps;

static void on_fp_trap(struct ex_regs *regs, uint64_t esr)
{
	traps++;
	write_sysreg(cpacr_el1, 3 << 20);
	isb();
}

static void guest_own_trap(void)
{
	on_sync(0x07, on_fp_trap);
	write_sysreg(cpacr_el1, 0);
	isb();
	/* The guest's own trap comes to the guest. */
	asm volatile("fmov d0, #1.0" ::: "v0");
	GUEST_ASSERT_EQ(1, traps);
	guest_sync(1);
	GUEST_ASSERT_EQ(3 << 20, read_sysreg(cpacr_el1) & 3 << 20);
}

TEST(trap_of_the_guests_own)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_own_trap);

	traps = 0;
	vcpu_sync(vcpu);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
