// SPDX-License-Identifier: GPL-2.0
/*
 * The Scalable Vector Extension: vector lengths and their settling, register names, and that vectors, predicates and
 * FFR of guests and of the host's threads stay apart.
 */
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

#include "kvm_test.h"
#include "arch.h"

#define VQ_MAX		16			/* quadwords: the architecture's limit */
#define REG_ZCR_EL1	REG_SYS(3, 0, 1, 2, 0)
#define REG_CPACR_EL1	REG_SYS(3, 0, 1, 0, 2)
#define REG_ZFR0_EL1	REG_SYS(3, 0, 0, 4, 4)
#define REG_PFR0_EL1	REG_SYS(3, 0, 0, 4, 0)
#define PFR0_SVE(v)	((v) >> 32 & 0xf)
#define EC_SVE		0x19
#define HWCAP_SVE_BIT	(1UL << 22)

/* Z0-Z31, P0-P15, FFR, one after the other, of a vector length that goes with it */
struct sve {
	uint8_t mem[(32 * 128 + 17 * 16) * VQ_MAX / 8];
} __attribute__((aligned(16)));

static unsigned int z_bytes(unsigned int vq)
{
	return vq * 16;
}

static unsigned int p_bytes(unsigned int vq)
{
	return vq * 2;
}

static unsigned int sve_bytes(unsigned int vq)
{
	return 32 * z_bytes(vq) + 17 * p_bytes(vq);
}

static uint8_t *p_of(struct sve *s, unsigned int vq, unsigned int n)
{
	return s->mem + 32 * z_bytes(vq) + n * p_bytes(vq);
}

/* Any value, but for FFR, in which no bit may follow a clear one. */
static void fill(struct sve *s, unsigned int vq, uint64_t seed)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15ULL + 0x1234567;
	unsigned int bits, end = sve_bytes(vq) - p_bytes(vq);

	for (unsigned int i = 0; i < end; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		s->mem[i] = x >> 24;
	}
	bits = x % (z_bytes(vq) + 1);
	for (unsigned int i = 0; i < p_bytes(vq); i++)
		s->mem[end + i] = bits >= 8 * (i + 1) ? 0xff : bits > 8 * i ? (1u << (bits - 8 * i)) - 1 : 0;
}

/* The first byte that differs, or -1; a loop so that the compiler uses no vectors for it. */
static long differs(const struct sve *a, const struct sve *b, unsigned int vq)
{
	for (unsigned int i = 0; i < sve_bytes(vq); i++)
		if (((const volatile uint8_t *)a->mem)[i] != b->mem[i])
			return i;
	return -1;
}

#define Z(op, n)	op " z" #n ", [x19, #" #n ", mul vl]\n\t"
#define P(op, n)	op " p" #n ", [x20, #" #n ", mul vl]\n\t"
#define ALL_Z(op)									\
	Z(op, 0) Z(op, 1) Z(op, 2) Z(op, 3) Z(op, 4) Z(op, 5) Z(op, 6) Z(op, 7)		\
	Z(op, 8) Z(op, 9) Z(op, 10) Z(op, 11) Z(op, 12) Z(op, 13) Z(op, 14) Z(op, 15)	\
	Z(op, 16) Z(op, 17) Z(op, 18) Z(op, 19) Z(op, 20) Z(op, 21) Z(op, 22) Z(op, 23)	\
	Z(op, 24) Z(op, 25) Z(op, 26) Z(op, 27) Z(op, 28) Z(op, 29) Z(op, 30) Z(op, 31)
#define ALL_P(op)									\
	P(op, 0) P(op, 1) P(op, 2) P(op, 3) P(op, 4) P(op, 5) P(op, 6) P(op, 7)		\
	P(op, 8) P(op, 9) P(op, 10) P(op, 11) P(op, 12) P(op, 13) P(op, 14) P(op, 15)
#define BEGIN	".arch_extension sve\n\tmov x19, %[s]\n\taddvl x20, x19, #16\n\taddvl x20, x20, #16\n\t"
#define LOAD	"ldr p0, [x20, #16, mul vl]\n\twrffr p0.b\n\t" ALL_Z("ldr") ALL_P("ldr")
#define STORE	ALL_Z("str") ALL_P("str") "rdffr p0.b\n\tstr p0, [x20, #16, mul vl]\n\t"
#define CLOBBERS									\
	"v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", \
	"v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", \
	"v31", "x9", "x19", "x20", "cc", "memory"

/* Load all registers, do something, store them all again. */
#define AROUND(regs, something, ...) \
	asm volatile(BEGIN LOAD something "\n\t" STORE :: [s] "r" (regs), ##__VA_ARGS__ : CLOBBERS)
#define SPIN				"mov x9, #20000\n\t1: subs x9, x9, #1\n\tb.ne 1b"

static unsigned int vq_now(void)
{
	uint64_t vl;

	asm volatile(".arch_extension sve\n\trdvl %0, #1" : "=r" (vl));
	return vl / 16;
}

/* ---- Host side */

static uint64_t host_lengths(struct vcpu *vcpu)
{
	uint64_t vls[8];

	must(vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_VLS, vls));
	return vls[0];
}

static int set_lengths(struct vcpu *vcpu, uint64_t lengths)
{
	uint64_t vls[8] = { lengths };

	return vcpu_set_reg(vcpu, KVM_REG_ARM64_SVE_VLS, vls);
}

static int finalize(struct vcpu *vcpu)
{
	int feature = KVM_ARM_VCPU_SVE;

	return vcpu_ioctl(vcpu, KVM_ARM_VCPU_FINALIZE, &feature);
}

static unsigned int longest(uint64_t lengths)
{
	return 64 - __builtin_clzll(lengths);
}

/* A vCPU with vectors of at most max_vq quadwords; 0: the longest */
static struct vcpu *sve_add(struct vm *vm, void *fn, unsigned int max_vq, uint64_t a0, uint64_t a1)
{
	struct vcpu *vcpu = vcpu_add_features(vm, (guest_fn)fn, FEATURE(PSCI_0_2) | FEATURE(SVE));

	if (max_vq)
		must(set_lengths(vcpu, host_lengths(vcpu) & ((1ULL << max_vq) - 1)));
	must(finalize(vcpu));
	vcpu_start(vcpu, (guest_fn)fn, a0, a1, 0, 0);
	return vcpu;
}

/* All registers by name, in the layout of struct sve */
static void get_all(struct vcpu *vcpu, struct sve *s, unsigned int vq)
{
	uint8_t value[256];

	for (unsigned int i = 0; i < 32; i++) {
		must(vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_ZREG(i, 0), value));
		memcpy(s->mem + i * z_bytes(vq), value, z_bytes(vq));
		for (unsigned int n = z_bytes(vq); n < 256; n++)
			if (value[n])
				test_fail("Z%u has something at byte %u", i, n);
	}
	for (unsigned int i = 0; i < 17; i++) {
		must(vcpu_get_reg(vcpu, i < 16 ? KVM_REG_ARM64_SVE_PREG(i, 0) : KVM_REG_ARM64_SVE_FFR(0), value));
		memcpy(p_of(s, vq, i), value, p_bytes(vq));
		for (unsigned int n = p_bytes(vq); n < 32; n++)
			if (value[n])
				test_fail("P%u has something at byte %u", i, n);
	}
}

static void set_all(struct vcpu *vcpu, struct sve *s, unsigned int vq)
{
	uint8_t value[256];

	/* What does not fit is ignored. */
	memset(value, 0xff, sizeof(value));
	for (unsigned int i = 0; i < 32; i++) {
		memcpy(value, s->mem + i * z_bytes(vq), z_bytes(vq));
		must(vcpu_set_reg(vcpu, KVM_REG_ARM64_SVE_ZREG(i, 0), value));
	}
	memset(value, 0xff, sizeof(value));
	for (unsigned int i = 0; i < 17; i++) {
		memcpy(value, p_of(s, vq, i), p_bytes(vq));
		must(vcpu_set_reg(vcpu, i < 16 ? KVM_REG_ARM64_SVE_PREG(i, 0) : KVM_REG_ARM64_SVE_FFR(0), value));
	}
}

/* ---- Guest side */

static void guest_sve_on(void)
{
	write_sysreg(cpacr_el1, 3 << 20 | 3 << 16);
	isb();
	write_sysreg(s3_0_c1_c2_0, VQ_MAX - 1);		/* ZCR_EL1: as long as EL2 allows */
	isb();
}

/* ---- Tests */

static void guest_nothing(void)
{
}

TEST(before_and_after_finalize)
{
	struct kvm_reg_list probe = { .n = 0 };
	struct kvm_reg_list *list;
	int feature = KVM_ARM_VCPU_SVE;
	uint8_t value[256];
	struct vcpu *vcpu;
	uint64_t vls[8];
	unsigned int n = 0;
	bool zcr = false;
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_ARM_SVE);
	vm = vm_create();
	vcpu = vcpu_create(vm, 0);
	EXPECT_ERRNO(ENOEXEC, finalize(vcpu));
	vcpu_close(vcpu);
	vcpu = vcpu_add_features(vm, (guest_fn)guest_nothing, FEATURE(PSCI_0_2) | FEATURE(SVE));

	EXPECT_EQ(-EPERM, vcpu_run_once(vcpu));
	EXPECT_ERRNO(EPERM, vcpu_ioctl(vcpu, KVM_GET_REG_LIST, &probe));
	EXPECT_ERRNO(EPERM, vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_ZREG(0, 0), value));
	EXPECT_ERRNO(EPERM, vcpu_set_reg(vcpu, KVM_REG_ARM64_SVE_PREG(15, 0), value));
	EXPECT_ERRNO(EPERM, vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_FFR(0), value));
	EXPECT_OK(vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_VLS, vls));
	EXPECT_NE(0, vls[0] & 1);
	for (unsigned int i = 1; i < 8; i++)
		EXPECT_EQ(0, vls[i]);
	EXPECT_EQ(1, PFR0_SVE(vcpu_reg(vcpu, REG_PFR0_EL1)));

	feature = KVM_ARM_VCPU_PMU_V3;
	EXPECT_ERRNO(EINVAL, vcpu_ioctl(vcpu, KVM_ARM_VCPU_FINALIZE, &feature));
	feature = -1;
	EXPECT_ERRNO(EINVAL, vcpu_ioctl(vcpu, KVM_ARM_VCPU_FINALIZE, &feature));
	EXPECT_ERRNO(EFAULT, vcpu_ioctl(vcpu, KVM_ARM_VCPU_FINALIZE, (void *)8));
	EXPECT_EQ(-EPERM, vcpu_run_once(vcpu));

	EXPECT_OK(finalize(vcpu));
	EXPECT_ERRNO(EPERM, finalize(vcpu));
	EXPECT_ERRNO(EPERM, set_lengths(vcpu, vls[0]));
	EXPECT_EQ(vls[0], host_lengths(vcpu));
	EXPECT_OK(vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_ZREG(31, 0), value));
	EXPECT_ERRNO(ENOENT, vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_ZREG(0, 1), value));
	EXPECT_ERRNO(ENOENT, vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_PREG(0, 31), value));
	EXPECT_ERRNO(ENOENT, vcpu_set_reg(vcpu, KVM_REG_ARM64_SVE_FFR(2), value));
	EXPECT_ERRNO(ENOENT, vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_FFR(0) + 0x20, value));
	EXPECT_ERRNO(ENOENT, vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_VLS - 1, value));
	EXPECT_ERRNO(EFAULT, vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_ZREG(0, 0), (void *)8));
	EXPECT_ERRNO(EFAULT, vcpu_set_reg(vcpu, KVM_REG_ARM64_SVE_ZREG(0, 0), (void *)8));

	/* Instead of V0 to V31 there are Z0 to Z31. */
	EXPECT_ERRNO(EINVAL, vcpu_get_reg(vcpu, REG_V(0), value));
	EXPECT_ERRNO(EINVAL, vcpu_set_reg(vcpu, REG_V(31), value));
	list = vcpu_reg_list(vcpu);
	for (uint64_t i = 0; i < list->n; i++) {
		n += (list->reg[i] & KVM_REG_ARM_COPROC_MASK) == KVM_REG_ARM64_SVE;
		zcr |= list->reg[i] == REG_ZCR_EL1;
		for (unsigned int v = 0; v < 32; v++)
			EXPECT_NE(REG_V(v), list->reg[i]);
		memset(value, 0, sizeof(value));
		EXPECT_OK(vcpu_get_reg(vcpu, list->reg[i], value));
	}
	EXPECT_EQ(1 + 32 + 16 + 1, n);
	EXPECT_TRUE(zcr);
	free(list);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST(sets_of_lengths)
{
	struct vcpu *vcpu;
	uint64_t all, high[8] = { 1, 0, 0, 0, 0, 0, 0, 1 };
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_ARM_SVE);
	vm = vm_create();
	vcpu = vcpu_add_features(vm, (guest_fn)guest_nothing, FEATURE(PSCI_0_2) | FEATURE(SVE));
	all = host_lengths(vcpu);
	EXPECT_ERRNO(EINVAL, set_lengths(vcpu, 0));
	EXPECT_ERRNO(EINVAL, set_lengths(vcpu, all | 1ULL << VQ_MAX));
	EXPECT_ERRNO(EINVAL, set_lengths(vcpu, ~0ULL));
	EXPECT_ERRNO(EINVAL, vcpu_set_reg(vcpu, KVM_REG_ARM64_SVE_VLS, high));
	EXPECT_ERRNO(EFAULT, vcpu_set_reg(vcpu, KVM_REG_ARM64_SVE_VLS, (void *)8));
	for (unsigned int vq = 1; vq <= VQ_MAX; vq++) {
		bool there = all >> (vq - 1) & 1;
		uint64_t shorter = all & ((1ULL << vq) - 1);

		/* One that the host has not, one that it has left out, and all up to here */
		if (!there) {
			EXPECT_ERRNO(EINVAL, set_lengths(vcpu, shorter | 1ULL << (vq - 1)));
		} else {
			if (vq > 1)
				EXPECT_ERRNO(EINVAL, set_lengths(vcpu, 1ULL << (vq - 1)));
			EXPECT_OK(set_lengths(vcpu, shorter));
			EXPECT_EQ(shorter, host_lengths(vcpu));
		}
	}
	EXPECT_OK(set_lengths(vcpu, 1));
	/* Another initialisation begins anew; once settled, the lengths stay. */
	vcpu_init_features(vcpu, FEATURE(PSCI_0_2) | FEATURE(SVE));
	EXPECT_EQ(all, host_lengths(vcpu));
	EXPECT_OK(set_lengths(vcpu, 1));
	EXPECT_OK(finalize(vcpu));
	vcpu_init_features(vcpu, FEATURE(PSCI_0_2) | FEATURE(SVE));
	EXPECT_EQ(1, host_lengths(vcpu));
	EXPECT_ERRNO(EPERM, set_lengths(vcpu, all));
	vm_destroy(vm);
}

static __shared uint64_t seen_lengths, seen_pfr0, seen_zfr0;

static void guest_lengths(void)
{
	uint64_t lengths = 0;

	guest_sve_on();
	for (unsigned int vq = VQ_MAX; vq; vq--) {
		write_sysreg(s3_0_c1_c2_0, vq - 1);
		isb();
		GUEST_ASSERT_EQ(vq - 1, read_sysreg(s3_0_c1_c2_0));
		GUEST_ASSERT(vq_now() <= vq);
		lengths |= 1ULL << (vq_now() - 1);
	}
	seen_lengths = lengths;
	seen_pfr0 = read_sysreg(id_aa64pfr0_el1);
	seen_zfr0 = read_sysreg(s3_0_c0_c4_4);
}

TEST(guest_finds_the_lengths)
{
	uint64_t all = 1;

	REQUIRE_CAP(KVM_CAP_ARM_SVE);
	for (unsigned int vq = 1; vq <= VQ_MAX; vq++) {
		struct vm *vm = vm_create();
		struct vcpu *vcpu = vcpu_add_features(vm, (guest_fn)guest_lengths, FEATURE(PSCI_0_2) | FEATURE(SVE));

		all = host_lengths(vcpu);
		if (all >> (vq - 1) & 1) {
			must(set_lengths(vcpu, all & ((1ULL << vq) - 1)));
			must(finalize(vcpu));
			vcpu_done(vcpu);
			EXPECT_EQ(all & ((1ULL << vq) - 1), seen_lengths);
			EXPECT_EQ(1, PFR0_SVE(seen_pfr0));
			EXPECT_EQ(vcpu_reg(vcpu, REG_ZFR0_EL1), seen_zfr0);
			EXPECT_EQ(0, vcpu_reg(vcpu, REG_ZCR_EL1));
		}
		vm_destroy(vm);
	}
}

static __shared struct sve shared_in, shared_out;

static void guest_round_trip(uint64_t vq)
{
	guest_sve_on();
	GUEST_ASSERT_EQ(vq, vq_now());
	asm volatile(BEGIN STORE :: [s] "r" (&shared_in) : CLOBBERS);
	asm volatile(BEGIN LOAD :: [s] "r" (&shared_out) : CLOBBERS);
	/* An exit by hand: nothing of the compiler's may be in between. */
	AROUND(&shared_out, "ldr w9, [%[mmio]]", [mmio] "r" (VM_MMIO_GPA));
}

TEST(registers_by_name)
{
	static struct sve want, got;
	struct vcpu *vcpu;
	unsigned int vq;
	uint64_t all;
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_ARM_SVE);
	vm = vm_create();
	vcpu = vcpu_add_features(vm, (guest_fn)guest_nothing, FEATURE(PSCI_0_2) | FEATURE(SVE));
	all = host_lengths(vcpu);
	vm_destroy(vm);
	/* The longest and the shortest */
	for (unsigned int i = 0; i < 2; i++) {
		vq = i ? 1 : longest(all);
		vm = vm_create();
		vcpu = sve_add(vm, guest_round_trip, vq, vq, 0);
		fill(&want, vq, 42 + i);
		fill(&shared_out, vq, 99 + i);
		set_all(vcpu, &want, vq);
		/* Vectors lose what is beyond the length in force, and all of it where they trap. */
		vcpu_write_reg(vcpu, REG_ZCR_EL1, VQ_MAX - 1);
		vcpu_write_reg(vcpu, REG_CPACR_EL1, 3 << 20 | 3 << 16);
		get_all(vcpu, &got, vq);
		EXPECT_EQ(-1, differs(&want, &got, vq));
		EXPECT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
		EXPECT_EQ(-1, differs(&want, &shared_in, vq));
		get_all(vcpu, &got, vq);
		EXPECT_EQ(-1, differs(&shared_out, &got, vq));
		EXPECT_EQ(VQ_MAX - 1, vcpu_reg(vcpu, REG_ZCR_EL1));
		vcpu_done(vcpu);
		/* Reset clears them. */
		vcpu_init_features(vcpu, FEATURE(PSCI_0_2) | FEATURE(SVE));
		memset(&want, 0, sizeof(want));
		get_all(vcpu, &got, vq);
		EXPECT_EQ(-1, differs(&want, &got, vq));
		EXPECT_EQ(0, vcpu_reg(vcpu, REG_ZCR_EL1));
		vm_destroy(vm);
	}
}

static struct sve guest_sve[4], guest_want[4];

static void guest_keeps(uint64_t seed, uint64_t rounds)
{
	struct sve *s = &guest_sve[guest_cpu()->index], *want = &guest_want[guest_cpu()->index];

	guest_sve_on();
	for (uint64_t n = 0; n < rounds; n++) {
		fill(want, vq_now(), seed + n);
		fill(s, vq_now(), seed + n);
		write_sysreg(fpcr, ((seed + n) & 3) << 22);
		write_sysreg(fpsr, n & 0x1f);
		AROUND(s, "ldr w9, [%[mmio]]", [mmio] "r" (VM_MMIO_GPA));
		GUEST_ASSERT_EQ(-1, differs(want, s, vq_now()));
		GUEST_ASSERT_EQ(((seed + n) & 3) << 22, read_sysreg(fpcr));
		GUEST_ASSERT_EQ(n & 0x1f, read_sysreg(fpsr));
	}
}

/* KVM_RUN with these values in the host's registers; what they are afterwards is in s. */
static long run_with(struct vcpu *vcpu, struct sve *s)
{
	register long nr asm("x8") = SYS_ioctl;
	register long r0 asm("x0") = vcpu->fd;
	register long r1 asm("x1") = KVM_RUN;
	register long r2 asm("x2") = 0;

	asm volatile(BEGIN LOAD "svc #0\n\t" STORE
		     : "+r" (r0) : [s] "r" (s), "r" (nr), "r" (r1), "r" (r2) : CLOBBERS);
	return r0;
}

/*
 * A system call keeps 128 bits of each vector. What is above that, predicates and FFR are the thread's own or zero
 * afterwards, and never a guest's.
 */
static bool host_kept(const struct sve *want, const struct sve *s, unsigned int vq)
{
	for (unsigned int i = 0; i < sve_bytes(vq); i++) {
		bool low = i < 32 * z_bytes(vq) && i % z_bytes(vq) < 16;

		if (s->mem[i] != want->mem[i] && (low || s->mem[i]))
			return false;
	}
	return true;
}

TEST(exits_keep_both_sides)
{
	static struct sve host, want;
	unsigned int vq;
	struct vcpu *vcpu;
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_ARM_SVE);
	if (!(getauxval(AT_HWCAP) & HWCAP_SVE_BIT))
		SKIP(return, "no SVE in user space");
	vq = vq_now();
	vm = vm_create();
	vcpu = sve_add(vm, guest_keeps, 0, 1, 20);
	for (uint64_t seed = 1000; ; seed++) {
		unsigned int what;

		fill(&host, vq, seed);
		fill(&want, vq, seed);
		ASSERT_EQ(0, run_with(vcpu, &host));
		EXPECT_TRUE(host_kept(&want, &host, vq));
		what = vcpu_exit(vcpu);
		if (what == EXIT_GUEST_DONE)
			break;
		ASSERT_EQ(KVM_EXIT_MMIO, what);
	}
	vm_destroy(vm);
}

static __shared volatile uint64_t running, finished;

static void guest_holds(uint64_t seed, uint64_t rounds)
{
	struct sve *s = &guest_sve[guest_cpu()->index], *want = &guest_want[guest_cpu()->index];

	/* No exits of its own: the host's timer tick and other threads interrupt it. */
	guest_sve_on();
	for (uint64_t n = 0; n < rounds; n++) {
		fill(want, vq_now(), seed + n);
		fill(s, vq_now(), seed + n);
		AROUND(s, SPIN);
		GUEST_ASSERT_EQ(-1, differs(want, s, vq_now()));
	}
}

static void guest_holds_fp(uint64_t seed, uint64_t rounds)
{
	uint64_t v;

	/* FP alone, in a VM without vectors */
	for (uint64_t n = 0; n < rounds; n++) {
		asm volatile("fmov d7, %1\n\t" SPIN "\n\tfmov %0, d7" : "=r" (v) : "r" (seed + n) : "v7", "x9", "cc");
		GUEST_ASSERT_EQ(seed + n, v);
	}
}

static volatile bool stop;

static void *host_computes(void *arg)
{
	struct sve *s = aligned_alloc(16, sizeof(*s)), *want = aligned_alloc(16, sizeof(*want));
	unsigned int vq = vq_now();
	long bad = 0;

	for (uint64_t n = (uintptr_t)arg; !stop; n++) {
		fill(s, vq, n);
		fill(want, vq, n);
		AROUND(s, SPIN);
		bad += differs(want, s, vq) != -1;
	}
	free(s);
	free(want);
	return (void *)bad;
}

TEST(preempted_by_each_other)
{
	struct vm *vm[3];
	struct vcpu_thread t[4];
	pthread_t host[2];
	bool host_sve = getauxval(AT_HWCAP) & HWCAP_SVE_BIT;
	void *bad;

	REQUIRE_CAP(KVM_CAP_ARM_SVE);
	for (int i = 0; i < 3; i++)
		vm[i] = vm_create();
	/* Two of one VM, one with the shortest vectors, one without any */
	vcpu_thread_start(&t[0], sve_add(vm[0], guest_holds, 0, 5, 100));
	vcpu_thread_start(&t[1], sve_add(vm[0], guest_holds, 0, 500, 100));
	vcpu_thread_start(&t[2], sve_add(vm[1], guest_holds, 1, 77, 100));
	vcpu_thread_start(&t[3], vcpu_add2(vm[2], guest_holds_fp, 9, 200));
	stop = false;
	for (int i = 0; host_sve && i < 2; i++)
		pthread_create(&host[i], NULL, host_computes, (void *)(100000L * (i + 1)));
	for (int i = 0; i < 4; i++) {
		vcpu_thread_join(&t[i]);
		EXPECT_EQ(0, t[i].error);
	}
	stop = true;
	for (int i = 0; host_sve && i < 2; i++) {
		pthread_join(host[i], &bad);
		EXPECT_EQ(NULL, bad);
	}
	for (int i = 0; i < 3; i++)
		vm_destroy(vm[i]);
}

static void on_sve_trap(struct ex_regs *regs, uint64_t esr)
{
	finished++;
	write_sysreg(cpacr_el1, 3 << 20 | 3 << 16);
	isb();
}

static void guest_own_traps(void)
{
	/* The guest's own trap comes to the guest, of an instruction and of ZCR_EL1. */
	on_sync(EC_SVE, on_sve_trap);
	write_sysreg(cpacr_el1, 3 << 20);
	isb();
	GUEST_ASSERT(vq_now() >= 1);
	GUEST_ASSERT_EQ(1, finished);
	write_sysreg(cpacr_el1, 3 << 20);
	isb();
	GUEST_ASSERT_EQ(0, read_sysreg(s3_0_c1_c2_0));
	GUEST_ASSERT_EQ(2, finished);
}

TEST(traps_of_the_guests_own)
{
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_ARM_SVE);
	vm = vm_create();
	finished = 0;
	vcpu_done(sve_add(vm, guest_own_traps, 0, 0, 0));
	vm_destroy(vm);
}

static void guest_without(void)
{
	uint64_t zero = 0;

	write_sysreg(cpacr_el1, 3 << 20 | 3 << 16);
	isb();
	for (unsigned int i = 0; i < 2; i++) {
		GUEST_ASSERT_EQ(0, PFR0_SVE(read_sysreg(id_aa64pfr0_el1)));
		GUEST_ASSERT_EQ(0, read_sysreg(s3_0_c0_c4_4));
		GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_catch(vq_now())));
		GUEST_ASSERT_NE(0, guest_catch(vq_now()));
		GUEST_ASSERT_NE(0, guest_exec(INSN_MRS_X0(3, 0, 1, 2, 0), &zero));
		GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_exec(INSN_MSR_X0(3, 0, 1, 2, 0), &zero)));
		/* The same with its FP registers in the CPU */
		asm volatile("fmov d0, #1.0" ::: "v0");
	}
}

TEST(absent_without_the_feature)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_without);
	uint8_t value[256] = { 1 };

	EXPECT_ERRNO(EINVAL, finalize(vcpu));
	EXPECT_ERRNO(ENOENT, vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_VLS, value));
	EXPECT_ERRNO(ENOENT, vcpu_set_reg(vcpu, KVM_REG_ARM64_SVE_VLS, value));
	EXPECT_ERRNO(ENOENT, vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_ZREG(0, 0), value));
	EXPECT_ERRNO(ENOENT, vcpu_get_reg(vcpu, KVM_REG_ARM64_SVE_FFR(0), value));
	EXPECT_ERRNO(ENOENT, vcpu_get_reg(vcpu, REG_ZCR_EL1, value));
	EXPECT_OK(vcpu_get_reg(vcpu, REG_V(0), value));
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
