// SPDX-License-Identifier: GPL-2.0
/* Memory tags: the guest's own, kept with its memory whatever the host does with that, and copied by user space. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kvm_test.h"
#include "arch.h"

#define SLOT		VM_SLOT_FREE
#define GPA		0x60000000ULL
#define SIZE		0x400000ULL
#define GRANULE		16ULL
#define MAP_TAGGED	7		/* MAIR_EL1's index of Normal memory with tags */

#define PROT_TAGS	0x20		/* PROT_MTE */
#define HUGE_SIZE	0x200000ULL

#define REG_RGSR_EL1	REG_SYS(3, 0, 1, 0, 5)
#define REG_GCR_EL1	REG_SYS(3, 0, 1, 0, 6)
#define REG_TFSR_EL1	REG_SYS(3, 0, 5, 6, 0)
#define REG_TFSRE0_EL1	REG_SYS(3, 0, 5, 6, 1)
#define REG_PFR1	REG_SYS(3, 0, 0, 4, 1)
#define REG_CLIDR	REG_SYS(3, 1, 0, 0, 1)
#define PFR1_MTE(v)	((v) >> 8 & 0xf)
#define CLIDR_TTYPE1(v)	((v) >> 33 & 3)

#define RGSR_EL1	s3_0_c1_c0_5
#define GCR_EL1		s3_0_c1_c0_6
#define TFSR_EL1	s3_0_c5_c6_0
#define TFSRE0_EL1	s3_0_c5_c6_1
#define GMID_EL1	s3_1_c0_c0_4
#define TCO		s3_3_c4_c2_7

#define TCR_TBI0	(1ULL << 37)
#define SCTLR_ATA	(1ULL << 43)
#define SCTLR_TCF	(3ULL << 40)
#define SCTLR_TCF_SYNC	(1ULL << 40)
#define SCTLR_TCF_ASYNC	(2ULL << 40)
#define DFSC_TAG_CHECK	0x11

#define MEMTAG		".arch armv8.5-a+memtag\n\t"
#define TAG_OF(p)	((p) >> 56 & 0xf)
#define TAGGED(p, tag)	((p) | (uint64_t)(tag) << 56)

/* These are for guest and host alike. */
static inline uint64_t irg(uint64_t p)
{
	asm volatile(MEMTAG "irg %0, %0" : "+r" (p));
	return p;
}

static inline void stg(uint64_t p)
{
	asm volatile(MEMTAG "stg %0, [%0]" :: "r" (p) : "memory");
}

static inline unsigned int ldg(uint64_t p)
{
	uint64_t tag = 0;

	asm volatile(MEMTAG "ldg %0, [%1]" : "+r" (tag) : "r" (p) : "memory");
	return TAG_OF(tag);
}

static inline void store(uint64_t p, uint64_t value)
{
	asm volatile("str %0, [%1]" :: "r" (value), "r" (p) : "memory");
}

/* The tag of the nth granule in tests that give each its own */
static unsigned int pattern(uint64_t n)
{
	return (n ^ n >> 4 ^ n >> 8 ^ n >> 12) & 0xf;
}

/* ---- Guest */

static void guest_check_tags(uint64_t tcf)
{
	write_sysreg(sctlr_el1, (read_sysreg(sctlr_el1) & ~SCTLR_TCF) | SCTLR_ATA | tcf);
	isb();
}

static void guest_tags_on(uint64_t tcf)
{
	write_sysreg(mair_el1, read_sysreg(mair_el1) | 0xf0ULL << 8 * MAP_TAGGED);
	write_sysreg(tcr_el1, read_sysreg(tcr_el1) | TCR_TBI0);
	guest_check_tags(tcf);
	asm volatile("tlbi vmalle1\n\tdsb ish\n\tisb" ::: "memory");
	asm volatile(MEMTAG "msr tco, #0" ::: "memory");
}

static void guest_instructions(void)
{
	uint64_t p;

	guest_tags_on(SCTLR_TCF_SYNC);
	write_sysreg(GCR_EL1, 1);		/* all tags but 0, deterministic */
	write_sysreg(RGSR_EL1, 0x1230);
	isb();
	for (unsigned int i = 0; i < 64; i++) {
		p = irg(GPA + i * GRANULE);
		GUEST_ASSERT_NE(0, TAG_OF(p));
		stg(p);
		GUEST_ASSERT_EQ(TAG_OF(p), ldg(GPA + i * GRANULE));
		GUEST_ASSERT_EQ(0, guest_catch(store(p, i)));
	}
	/* With a wrong tag nothing is stored, and the fault says where. */
	p = TAGGED(GPA, ldg(GPA) ^ 1);
	GUEST_ASSERT_EQ(EC_DABT_CUR, ESR_EC(guest_catch(store(p, 99))));
	GUEST_ASSERT_EQ(DFSC_TAG_CHECK, guest_cpu()->caught_esr & 0x3f);
	GUEST_ASSERT_EQ(GPA, guest_cpu()->caught_far & 0xffffffffffffffULL);
	asm volatile(MEMTAG "msr tco, #1" ::: "memory");
	GUEST_ASSERT_EQ(0, *(volatile uint64_t *)GPA);
}

static uint64_t other_tags __shared;

/* Each round counts the granules whose tags are not what they should be: zero, or the pattern. */
static void guest_reads(uint64_t bytes, uint64_t write_pattern)
{
	bool patterned = write_pattern;

	guest_tags_on(0);
	if (write_pattern) {
		for (uint64_t at = 0; at < bytes; at += GRANULE)
			stg(TAGGED(GPA + at, pattern(at / GRANULE)));
	}
	for (;;) {
		other_tags = 0;
		for (uint64_t at = 0; at < bytes; at += GRANULE)
			other_tags += ldg(GPA + at) != (patterned ? pattern(at / GRANULE) : 0);
		guest_sync(1);
	}
}

static void guest_draws(uint64_t tag)
{
	guest_tags_on(0);
	write_sysreg(GCR_EL1, 0xffff & ~(1u << tag));
	write_sysreg(RGSR_EL1, tag << 8);
	isb();
	for (unsigned int i = 0; i < 4; i++) {
		for (unsigned int n = 0; n < 16; n++)
			GUEST_ASSERT_EQ(tag, TAG_OF(irg(GPA)));
		guest_sync(i);
		GUEST_ASSERT_EQ(0xffff & ~(1u << tag), read_reg(GCR_EL1));
	}
}

static void guest_registers(void)
{
	guest_tags_on(SCTLR_TCF_ASYNC);
	guest_sync(0);
	GUEST_ASSERT_EQ(0x12345 & 0x1ffff, read_reg(GCR_EL1));
	GUEST_ASSERT_EQ(0xabc05, read_reg(RGSR_EL1) & 0xffff0f);
	GUEST_ASSERT_EQ(2, read_reg(TFSR_EL1));
	GUEST_ASSERT_EQ(1, read_reg(TFSRE0_EL1));
	write_sysreg(GCR_EL1, 0x10042);
	write_sysreg(RGSR_EL1, 0x5003);
	write_sysreg(TFSR_EL1, 0);
	write_sysreg(TFSRE0_EL1, 2);
	isb();
	stg(TAGGED(GPA, 5));
	/* Not checked before it is done, but noted */
	store(TAGGED(GPA, 6), 1);
	guest_sync(1);
	dsb(ish);
	GUEST_ASSERT_EQ(1, read_reg(TFSR_EL1));
}

static void guest_without(void)
{
	GUEST_ASSERT_EQ(0, PFR1_MTE(read_sysreg(id_aa64pfr1_el1)));
	GUEST_ASSERT(guest_catch(read_reg(GMID_EL1)) != 0);
	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_catch(read_reg(GCR_EL1))));
	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_catch(write_reg(RGSR_EL1, 0))));
	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_catch(read_reg(TFSR_EL1))));
	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_catch(write_reg(TFSRE0_EL1, 0))));
	/* DC IGSW, CGDSW */
	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_catch(asm volatile("sys #0, c7, c6, #4, xzr"))));
	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_catch(asm volatile("sys #0, c7, c10, #6, xzr"))));
}

static void guest_identifies(uint64_t mte)
{
	GUEST_ASSERT_EQ(mte, PFR1_MTE(read_sysreg(id_aa64pfr1_el1)));
	GUEST_ASSERT_EQ(2, CLIDR_TTYPE1(read_sysreg(clidr_el1)));
	GUEST_ASSERT_EQ(0, guest_catch(read_reg(GMID_EL1)));
	GUEST_ASSERT_EQ(0, guest_catch(asm volatile("sys #0, c7, c6, #4, xzr")));	/* DC IGSW, ... */
	GUEST_ASSERT_EQ(0, guest_catch(asm volatile("sys #0, c7, c6, #6, xzr")));
	GUEST_ASSERT_EQ(0, guest_catch(asm volatile("sys #0, c7, c10, #4, xzr")));
	GUEST_ASSERT_EQ(0, guest_catch(asm volatile("sys #0, c7, c10, #6, xzr")));
	GUEST_ASSERT_EQ(0, guest_catch(asm volatile("sys #0, c7, c14, #4, xzr")));
	GUEST_ASSERT_EQ(0, guest_catch(asm volatile("sys #0, c7, c14, #6, xzr")));
}

static void guest_touches(void)
{
	for (unsigned int i = 0; ; i++) {
		*(volatile uint64_t *)GPA = i;
		guest_sync(i);
	}
}

static uint64_t handler_tco;

static void undefined(struct ex_regs *regs, uint64_t esr)
{
	handler_tco = read_reg(TCO);
	regs->pc += 4;
}

static void guest_takes_exception(void)
{
	guest_tags_on(SCTLR_TCF_SYNC);
	on_sync(EC_UNKNOWN, undefined);
	GUEST_ASSERT_EQ(0, read_reg(TCO));
	/* A key of pointer authentication, which the vCPU was not given: the hypervisor makes the exception. */
	read_sysreg(s3_0_c2_c1_0);
	GUEST_ASSERT_EQ(1ULL << 25, handler_tco);
	GUEST_ASSERT_EQ(0, read_reg(TCO));
}

/* ---- Host */

static size_t page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static int enable(struct vm *vm)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_MTE };

	return vm_ioctl(vm, KVM_ENABLE_CAP, &cap);
}

static struct vm *create(void)
{
	struct vm *vm = vm_create_bare(0);

	must(enable(vm));
	vm_populate(vm, VM_RAM_SIZE);
	vm_map(vm, GPA, GPA, SIZE, MAP_TAGGED);
	return vm;
}

static void *map(size_t size, int prot, int flags, int fd)
{
	char *p = mmap(NULL, size + HUGE_SIZE, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		test_fail("mmap: %s", strerror(errno));
	return (void *)(((uintptr_t)p + HUGE_SIZE - 1) & ~(HUGE_SIZE - 1));
}

/* As much memory as a slot, of a kind that can have no tags: not anonymous to the kernel, nor a file in memory */
static void *map_untaggable(void *at, size_t size)
{
	int fd = must(open("/dev/zero", O_RDWR));
	void *p = mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | (at ? MAP_FIXED : 0), fd, 0);

	if (p == MAP_FAILED)
		test_fail("mmap of /dev/zero: %s", strerror(errno));
	close(fd);
	return p;
}

static long copy_tags(struct vm *vm, uint64_t ipa, uint64_t length, void *tags, uint64_t flags)
{
	struct kvm_arm_copy_mte_tags copy = { .guest_ipa = ipa, .length = length, .addr = tags, .flags = flags };

	return vm_ioctl(vm, KVM_ARM_MTE_COPY_TAGS, &copy);
}

TEST(instructions)
{
	struct vcpu *vcpu;
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_ARM_MTE);
	vm = create();
	vm_add_slot(vm, SLOT, GPA, SIZE, 0);
	vcpu = vcpu_add(vm, guest_instructions);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

/* Memory that others have had tags in. */
static void leave_tags(void)
{
	size_t size = 4 * SIZE;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_TAGS, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		test_fail("memory with tags: %s", strerror(errno));
	for (size_t at = 0; at < size; at += GRANULE)
		stg(TAGGED((uint64_t)p + at, 0xd));
	munmap(p, size);
}

static void check_fresh(struct __test_metadata *_metadata, int advice)
{
	struct vm *vm = create();
	char *mem = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	struct vcpu *vcpu;

	madvise(mem, SIZE, advice);
	must(vm_set_slot(vm, SLOT, GPA, SIZE, 0, mem));
	vcpu = vcpu_add2(vm, guest_reads, SIZE, 0);
	leave_tags();
	/* Half of it is in the host's page tables before the guest comes. */
	memset(mem, 1, SIZE / 2);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(0, other_tags) TH_LOG("%lu granules", (unsigned long)other_tags);
	leave_tags();
	must(madvise(mem, SIZE, MADV_DONTNEED));
	memset(mem, 1, SIZE);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(0, other_tags) TH_LOG("%lu granules after MADV_DONTNEED", (unsigned long)other_tags);
	vm_destroy(vm);
}

TEST(fresh_pages_have_no_tags)
{
	REQUIRE_CAP(KVM_CAP_ARM_MTE);
	check_fresh(_metadata, MADV_NOHUGEPAGE);
}

TEST(fresh_blocks_have_no_tags)
{
	REQUIRE_CAP(KVM_CAP_ARM_MTE);
	check_fresh(_metadata, MADV_HUGEPAGE);
}

#define EXPECT_KEPT(what) do {								\
	EXPECT_EQ(1, vcpu_sync(vcpu));							\
	EXPECT_EQ(0, other_tags) TH_LOG("%s: %lu granules", what, (unsigned long)other_tags); \
} while (0)

TEST(tags_stay_with_the_page)
{
	char *mem, *other;
	struct vcpu *vcpu;
	struct vm *vm;
	pid_t child;

	REQUIRE_CAP(KVM_CAP_ARM_MTE);
	vm = create();
	mem = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	must(madvise(mem, SIZE, MADV_NOHUGEPAGE));
	must(vm_set_slot(vm, SLOT, GPA, SIZE, 0, mem));
	vcpu = vcpu_add2(vm, guest_reads, SIZE, 1);
	EXPECT_KEPT("at once");
	must(mprotect(mem, SIZE, PROT_NONE));
	must(mprotect(mem, SIZE, PROT_READ | PROT_WRITE));
	EXPECT_KEPT("unmapped and mapped again");
	memset(mem, 0x5a, SIZE);
	EXPECT_KEPT("written by the host");
	other = map(SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	ASSERT_EQ(other, mremap(mem, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, other));
	ASSERT_EQ(mem, mremap(other, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, mem));
	EXPECT_KEPT("moved away and back");
	child = must(fork());
	if (!child) {
		pause();
		_exit(0);
	}
	memset(mem, 0x33, SIZE);		/* the parent gets copies */
	EXPECT_KEPT("copied on write");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	/* To swap, if there is any; without, nothing happens. */
	madvise(mem, SIZE, MADV_PAGEOUT);
	EXPECT_KEPT("paged out");
	must(madvise(mem, SIZE, MADV_HUGEPAGE));
	if (!madvise(mem, SIZE, 25 /* MADV_COLLAPSE */)) {
		EXPECT_KEPT("collapsed to huge pages");
	}
	vm_destroy(vm);
}

TEST(shared_memory)
{
	char *mem, *mine;
	struct vcpu *vcpu;
	struct vm *vm;
	int fd;

	REQUIRE_CAP(KVM_CAP_ARM_MTE);
	fd = must(memfd_create("guest", MFD_CLOEXEC));
	must(ftruncate(fd, SIZE + HUGE_SIZE));
	vm = create();
	mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, mem);
	mine = mmap(NULL, SIZE, PROT_READ | PROT_WRITE | PROT_TAGS, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, mine);
	must(vm_set_slot(vm, SLOT, GPA, SIZE, 0, mem));
	vcpu = vcpu_add2(vm, guest_reads, SIZE, 1);
	EXPECT_KEPT("at once");
	must(madvise(mem, SIZE, MADV_DONTNEED));
	EXPECT_KEPT("unmapped, and there in the file");
	/* Someone else who maps the file sees the guest's tags, and the guest theirs. */
	for (uint64_t at = 0; at < SIZE; at += GRANULE) {
		ASSERT_EQ(pattern(at / GRANULE), ldg((uint64_t)mine + at));
	}
	stg(TAGGED((uint64_t)mine, pattern(0) ^ 1));
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(1, other_tags);
	vm_destroy(vm);
}

TEST(copy)
{
	unsigned int n = SIZE / GRANULE;
	struct vcpu *vcpu, *writer;
	uint8_t *tags, *back;
	struct vm *vm;
	char *mem;

	REQUIRE_CAP(KVM_CAP_ARM_MTE);
	tags = must(malloc(n));
	back = must(malloc(n));
	vm = create();
	vcpu = vcpu_add2(vm, guest_reads, SIZE, 0);
	writer = vcpu_add2(vm, guest_reads, SIZE, 1);
	mem = vm_add_slot(vm, SLOT, GPA, SIZE, 0);

	/* Pages that nobody has touched, in the host neither */
	memset(back, 0xff, n);
	EXPECT_EQ(SIZE, copy_tags(vm, GPA, SIZE, back, KVM_ARM_TAGS_FROM_GUEST));
	memset(tags, 0, n);
	EXPECT_EQ(0, memcmp(tags, back, n));

	/* What the guest wrote */
	EXPECT_EQ(1, vcpu_sync(writer));
	EXPECT_EQ(SIZE, copy_tags(vm, GPA, SIZE, back, KVM_ARM_TAGS_FROM_GUEST));
	for (unsigned int i = 0; i < n; i++) {
		ASSERT_EQ(pattern(i), back[i]) TH_LOG("granule %u", i);
	}

	/* To pages that have tags */
	EXPECT_EQ(SIZE, copy_tags(vm, GPA, SIZE, tags, KVM_ARM_TAGS_TO_GUEST));
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(0, other_tags);

	/* To fresh pages; of a byte the lower half counts */
	must(madvise(mem, SIZE, MADV_DONTNEED));
	for (unsigned int i = 0; i < n; i++)
		tags[i] = pattern(i) | 0xa0;
	EXPECT_EQ(SIZE, copy_tags(vm, GPA, SIZE, tags, KVM_ARM_TAGS_TO_GUEST));
	EXPECT_EQ(1, vcpu_sync(writer));
	EXPECT_EQ(0, other_tags);
	must(madvise(mem, SIZE, MADV_DONTNEED));
	EXPECT_EQ(SIZE, copy_tags(vm, GPA, SIZE, back, KVM_ARM_TAGS_FROM_GUEST));
	for (unsigned int i = 0; i < n; i++) {
		ASSERT_EQ(0, back[i]);
	}
	EXPECT_EQ(0, copy_tags(vm, GPA, 0, back, KVM_ARM_TAGS_FROM_GUEST));
	vm_destroy(vm);
}

TEST(copy_errors)
{
	size_t page = page_size(), per_page = page / GRANULE;
	struct kvm_arm_copy_mte_tags copy;
	struct vm *vm, *plain;
	char *mem, *tags;

	REQUIRE_CAP(KVM_CAP_ARM_MTE);
	tags = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, tags);
	must(mprotect(tags + page, page, PROT_NONE));
	vm = create();
	mem = vm_add_slot(vm, SLOT, GPA, 4 * page, 0);

	for (uint64_t flags = KVM_ARM_TAGS_TO_GUEST; flags <= KVM_ARM_TAGS_FROM_GUEST; flags++) {
		EXPECT_ERRNO(EINVAL, copy_tags(vm, GPA + GRANULE, page, tags, flags));
		EXPECT_ERRNO(EINVAL, copy_tags(vm, GPA, page / 2, tags, flags));
		EXPECT_ERRNO(EINVAL, copy_tags(vm, GPA, 1ULL << 31, tags, flags));
		EXPECT_ERRNO(EINVAL, copy_tags(vm, GPA, -page, tags, flags));
		/* No slot; no buffer */
		EXPECT_ERRNO(EFAULT, copy_tags(vm, GPA + 4 * page, page, tags, flags));
		EXPECT_ERRNO(EFAULT, copy_tags(vm, -page, page, tags, flags));
		EXPECT_ERRNO(EFAULT, copy_tags(vm, GPA, page, tags + page, flags));
		EXPECT_ERRNO(EFAULT, copy_tags(vm, GPA, page, NULL, flags));
		/* What comes before the error is done, and counts. */
		EXPECT_EQ(page, copy_tags(vm, GPA + 3 * page, 2 * page, tags, flags));
		EXPECT_EQ(2 * page, copy_tags(vm, GPA, 4 * page, tags + page - 2 * per_page, flags));
	}
	EXPECT_ERRNO(EINVAL, copy_tags(vm, GPA, page, tags, 2));
	EXPECT_ERRNO(EINVAL, copy_tags(vm, GPA, page, tags, 1ULL << 63));
	for (unsigned int i = 0; i < 2; i++) {
		copy = (struct kvm_arm_copy_mte_tags) { .guest_ipa = GPA, .length = page, .addr = tags };
		copy.reserved[i] = 1;
		EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_ARM_MTE_COPY_TAGS, &copy));
	}
	EXPECT_ERRNO(EFAULT, vm_ioctl(vm, KVM_ARM_MTE_COPY_TAGS, NULL));

	/* A dirty log does not know of tags. */
	must(vm_set_slot(vm, SLOT, GPA, 4 * page, KVM_MEM_LOG_DIRTY_PAGES, mem));
	EXPECT_ERRNO(EBUSY, copy_tags(vm, GPA, page, tags, KVM_ARM_TAGS_TO_GUEST));
	EXPECT_EQ(page, copy_tags(vm, GPA, page, tags, KVM_ARM_TAGS_FROM_GUEST));
	must(vm_set_slot(vm, SLOT, GPA, 4 * page, 0, mem));
	EXPECT_EQ(page, copy_tags(vm, GPA, page, tags, KVM_ARM_TAGS_TO_GUEST));

	vm_delete_slot(vm, SLOT);
	vm_add_slot(vm, SLOT, GPA, 4 * page, KVM_MEM_READONLY);
	EXPECT_ERRNO(EFAULT, copy_tags(vm, GPA, page, tags, KVM_ARM_TAGS_TO_GUEST));
	EXPECT_EQ(page, copy_tags(vm, GPA, page, tags, KVM_ARM_TAGS_FROM_GUEST));
	vm_destroy(vm);

	plain = vm_create();
	EXPECT_ERRNO(EINVAL, copy_tags(plain, VM_RAM_GPA, page, tags, KVM_ARM_TAGS_FROM_GUEST));
	vm_destroy(plain);
}

TEST(registers)
{
	struct vcpu *vcpu;
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_ARM_MTE);
	vm = create();
	vm_add_slot(vm, SLOT, GPA, SIZE, 0);
	vcpu = vcpu_add(vm, guest_registers);
	EXPECT_EQ(0, vcpu_sync(vcpu));
	vcpu_write_reg(vcpu, REG_GCR_EL1, 0x12345);
	vcpu_write_reg(vcpu, REG_RGSR_EL1, 0xabc05);
	vcpu_write_reg(vcpu, REG_TFSR_EL1, 2);
	vcpu_write_reg(vcpu, REG_TFSRE0_EL1, 1);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(0x10042, vcpu_reg(vcpu, REG_GCR_EL1));
	EXPECT_EQ(0x5003, vcpu_reg(vcpu, REG_RGSR_EL1));
	EXPECT_EQ(1, vcpu_reg(vcpu, REG_TFSR_EL1));
	EXPECT_EQ(2, vcpu_reg(vcpu, REG_TFSRE0_EL1));
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST(everybody_draws_their_own)
{
	struct vcpu *vcpu[2];
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_ARM_MTE);
	/* PR_SET_TAGGED_ADDR_CTRL: this thread draws 11 and nothing else. */
	must(prctl(55, 1 | 1UL << (3 + 11), 0, 0, 0));
	vm = create();
	vm_add_slot(vm, SLOT, GPA, SIZE, 0);
	for (unsigned int i = 0; i < 2; i++)
		vcpu[i] = vcpu_add1(vm, guest_draws, 3 + i);
	for (unsigned int n = 0; n < 4; n++) {
		for (unsigned int i = 0; i < 2; i++) {
			EXPECT_EQ(n, vcpu_sync(vcpu[i]));
			for (unsigned int k = 0; k < 16; k++) {
				ASSERT_EQ(11, TAG_OF(irg(GPA)));
			}
		}
	}
	for (unsigned int i = 0; i < 2; i++)
		vcpu_done(vcpu[i]);
	vm_destroy(vm);
}

TEST(exceptions_that_the_hypervisor_makes)
{
	struct vcpu *vcpu;
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_ARM_MTE);
	vm = create();
	vcpu = vcpu_add(vm, guest_takes_exception);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST(capability)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_MTE };
	struct vm *vm = vm_create_bare(0);
	bool there = kvm_check(KVM_CAP_ARM_MTE);
	struct vcpu *vcpu;

	EXPECT_EQ(there, vm_check(vm, KVM_CAP_ARM_MTE));
	cap.flags = 1;
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
	EXPECT_ERRNO(there ? 0 : EINVAL, enable(vm));
	EXPECT_ERRNO(there ? 0 : EINVAL, enable(vm));
	vcpu = vcpu_create(vm, 0);
	EXPECT_ERRNO(EINVAL, enable(vm));
	if (there && kvm_check(KVM_CAP_ARM_EL1_32BIT)) {
		EXPECT_ERRNO(EINVAL, vcpu_try_init(vcpu, FEATURE(PSCI_0_2) | FEATURE(EL1_32BIT)));
	}
	vcpu_init_features(vcpu, FEATURE(PSCI_0_2));
	vcpu_close(vcpu);
	vm_destroy(vm);
}

TEST(absent_without_the_capability)
{
	static const uint64_t reg[] = { REG_GCR_EL1, REG_RGSR_EL1, REG_TFSR_EL1, REG_TFSRE0_EL1 };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_without);
	uint64_t value;

	EXPECT_EQ(0, PFR1_MTE(vcpu_reg(vcpu, REG_PFR1)));
	EXPECT_EQ(0, CLIDR_TTYPE1(vcpu_reg(vcpu, REG_CLIDR)));
	for (unsigned int i = 0; i < sizeof(reg) / sizeof(reg[0]); i++)
		EXPECT_ERRNO(ENOENT, vcpu_get_reg(vcpu, reg[i], &value));
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST(identification)
{
	uint64_t pfr1, without;
	struct vcpu *vcpu;
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_ARM_MTE);
	vm = create();
	vcpu = vcpu_add(vm, NULL);
	pfr1 = vcpu_reg(vcpu, REG_PFR1);
	EXPECT_GE(PFR1_MTE(pfr1), 2);
	EXPECT_EQ(2, CLIDR_TTYPE1(vcpu_reg(vcpu, REG_CLIDR)));
	/* The capability says whether, and not the register. */
	without = pfr1 & ~(0xfULL << 8);
	EXPECT_ERRNO(EINVAL, vcpu_set_reg(vcpu, REG_PFR1, &without));
	EXPECT_OK(vcpu_set_reg(vcpu, REG_PFR1, &pfr1));
	vcpu_start(vcpu, (guest_fn)guest_identifies, PFR1_MTE(pfr1), 0, 0, 0);
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST(memory_that_cannot_have_tags)
{
	size_t page = page_size();
	char *mem, *mixed;
	struct vcpu *vcpu;
	struct vm *vm;

	REQUIRE_CAP(KVM_CAP_ARM_MTE);
	vm = create();
	vcpu = vcpu_add(vm, guest_touches);
	mem = map_untaggable(NULL, SIZE);
	EXPECT_ERRNO(EINVAL, vm_set_slot(vm, SLOT, GPA, SIZE, 0, mem));
	/* A part of it is enough, be it the last page. */
	mixed = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	map_untaggable(mixed + SIZE - page, page);
	EXPECT_ERRNO(EINVAL, vm_set_slot(vm, SLOT, GPA, SIZE, 0, mixed));
	EXPECT_OK(vm_set_slot(vm, SLOT, GPA, SIZE - page, 0, mixed));
	EXPECT_EQ(0, vcpu_sync(vcpu));
	/* What comes there later is seen by the guest's next access: each time, until it is gone. */
	map_untaggable(mixed, page);
	EXPECT_EQ(-EFAULT, vcpu_run_once(vcpu));
	EXPECT_EQ(-EFAULT, vcpu_run_once(vcpu));
	EXPECT_ERRNO(EFAULT, copy_tags(vm, GPA, page, mem, KVM_ARM_TAGS_TO_GUEST));
	EXPECT_EQ(0, *(uint64_t *)mixed);
	ASSERT_EQ(mixed, mmap(mixed, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(1, *(uint64_t *)mixed);
	vm_destroy(vm);

	/* Nobody minds in a VM without tags, and slots that come before the capability are not looked at. */
	vm = vm_create_bare(0);
	EXPECT_OK(vm_set_slot(vm, SLOT, GPA, SIZE, 0, mem));
	EXPECT_OK(enable(vm));
	EXPECT_ERRNO(EINVAL, vm_set_slot(vm, SLOT, GPA, SIZE, KVM_MEM_LOG_DIRTY_PAGES, mem));
	vm_populate(vm, VM_RAM_SIZE);
	vm_map(vm, GPA, GPA, SIZE, MAP_DATA);
	vcpu = vcpu_add(vm, guest_touches);
	EXPECT_EQ(-EFAULT, vcpu_run_once(vcpu));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
