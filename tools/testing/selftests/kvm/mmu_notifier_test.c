// SPDX-License-Identifier: GPL-2.0
/* The guest's memory is the process's: whatever happens to a mapping in the host holds for the guest at once. */
#include <sys/mman.h>
#include <sys/wait.h>

#include "kvm_test.h"

#define SLOT	VM_SLOT_FREE
#define GPA	0x60000000UL
#define SIZE	0x800000UL

static void guest_reads(uint64_t n)
{
	while (n--)
		guest_sync(guest_mmio_read64(GPA));
}

static void guest_writes(uint64_t n)
{
	for (uint64_t i = 1; i <= n; i++) {
		guest_mmio_write64(GPA, i);
		guest_sync(i);
	}
}

static struct vm *set_up(uint64_t **mem)
{
	struct vm *vm = vm_create();

	vm_map(vm, GPA, GPA, SIZE, MAP_DATA);
	*mem = vm_add_slot(vm, SLOT, GPA, SIZE, 0);
	return vm;
}

TEST(page_is_dropped)
{
	uint64_t *mem;
	struct vm *vm = set_up(&mem);
	struct vcpu *vcpu = vcpu_add1(vm, guest_reads, 2);

	*mem = 42;
	EXPECT_EQ(42, vcpu_sync(vcpu));
	must(madvise(mem, SIZE, MADV_DONTNEED));
	EXPECT_EQ(0, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST(page_is_replaced)
{
	uint64_t *mem;
	struct vm *vm = set_up(&mem);
	struct vcpu *vcpu = vcpu_add1(vm, guest_reads, 2);

	*mem = 42;
	EXPECT_EQ(42, vcpu_sync(vcpu));
	ASSERT_EQ(mem, mmap(mem, 4096 * 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	*mem = 43;
	EXPECT_EQ(43, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST(page_is_moved_by_mremap)
{
	uint64_t *mem;
	struct vm *vm = set_up(&mem);
	struct vcpu *vcpu = vcpu_add1(vm, guest_reads, 2);
	uint64_t *other = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*mem = 1;
	*other = 2;
	EXPECT_EQ(1, vcpu_sync(vcpu));
	ASSERT_EQ(mem, mremap(other, 65536, 65536, MREMAP_MAYMOVE | MREMAP_FIXED, mem));
	EXPECT_EQ(2, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST(page_becomes_read_only)
{
	uint64_t *mem;
	struct vm *vm = set_up(&mem);
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 2);

	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(1, *mem);
	must(mprotect(mem, SIZE, PROT_READ));
	/* The store of the last exit is complete; the next one has to fail. */
	EXPECT_EQ(-EFAULT, vcpu_run_once(vcpu));
	EXPECT_EQ(1, *mem);
	must(mprotect(mem, SIZE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(2, vcpu_sync(vcpu));
	EXPECT_EQ(2, *mem);
	vm_destroy(vm);
}

TEST(page_ref)
{
	/*
	 * What the guest holds must not be freed under it, and what the process has given back must not stay with the
	 * guest: its pages are dropped and the memory is given to others while the guest writes to it.
	 */
	uint64_t *mem;
	struct vm *vm = set_up(&mem);
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 100);
	unsigned char *others;

	for (int i = 1; i <= 20; i++) {
		ASSERT_EQ(i, vcpu_sync(vcpu));
		must(madvise(mem, SIZE, MADV_DONTNEED));
		others = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		ASSERT_EQ(i + 1, vcpu_sync(vcpu));
		i++;
		for (uint64_t at = 0; at < SIZE; at += 4096)
			ASSERT_EQ(0, *(uint64_t *)(others + at));
		munmap(others, SIZE);
		EXPECT_EQ(i, *mem);
	}
	vm_destroy(vm);
}

TEST(copy_on_write_after_fork)
{
	uint64_t *mem;
	struct vm *vm = set_up(&mem);
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 3);
	int go[2], status;
	pid_t child;
	char c;

	ASSERT_EQ(1, vcpu_sync(vcpu));
	must(pipe(go));
	child = fork();
	if (child == 0) {
		if (read(go[0], &c, 1) != 1)
			_exit(2);
		_exit(*mem == 1 ? 0 : 1);	/* the child keeps what was there at the fork */
	}
	ASSERT_EQ(2, vcpu_sync(vcpu));
	EXPECT_EQ(2, *mem);
	ASSERT_EQ(1, write(go[1], "x", 1));
	waitpid(child, &status, 0);
	EXPECT_EQ(0, status);
	ASSERT_EQ(3, vcpu_sync(vcpu));
	EXPECT_EQ(3, *mem);
	vm_destroy(vm);
}

TEST(host_writes_after_the_guest_read)
{
	/* Untouched anonymous memory: the guest's read may map the zero page, the host's write replaces it. */
	uint64_t *mem;
	struct vm *vm = set_up(&mem);
	struct vcpu *vcpu = vcpu_add1(vm, guest_reads, 3);

	EXPECT_EQ(0, vcpu_sync(vcpu));
	*mem = 5;
	EXPECT_EQ(5, vcpu_sync(vcpu));
	*mem = 6;
	EXPECT_EQ(6, vcpu_sync(vcpu));
	vm_destroy(vm);
}

#define DROPPED	(GPA + 0x210000)

/* The host drops a page of its own, which may be several of the guest's. */
static void guest_fills(uint64_t value, uint64_t host_page)
{
	for (uint64_t a = GPA; a < GPA + SIZE; a += 4096)
		guest_mmio_write64(a, value);
	guest_sync(1);
	for (uint64_t a = GPA; a < GPA + SIZE; a += 4096)
		GUEST_ASSERT_EQ(a >= DROPPED && a - DROPPED < host_page ? 0 : value, guest_mmio_read64(a));
}

TEST(huge_page_is_split)
{
	uint64_t *mem;
	struct vm *vm = set_up(&mem);
	uint64_t page = sysconf(_SC_PAGESIZE);
	struct vcpu *vcpu = vcpu_add2(vm, guest_fills, 0x77, page);

	madvise(mem, SIZE, MADV_HUGEPAGE);
	memset(mem, 0, SIZE);
	ASSERT_EQ(1, vcpu_sync(vcpu));
	/* One page of what may be a block in the guest's tables goes; its neighbours stay. */
	must(madvise((char *)mem + (DROPPED - GPA), page, MADV_DONTNEED));
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST(hugetlb)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_fills, 0x78);
	uint64_t *mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (mem == MAP_FAILED)
		SKIP(return, "no huge pages reserved");
	vm_map(vm, GPA, GPA, SIZE, MAP_DATA);
	must(vm_set_slot(vm, SLOT, GPA, SIZE, 0, mem));
	ASSERT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(0x78, mem[SIZE / 8 - 512]);
	vm_destroy(vm);
}

static __shared volatile bool stop;

static void guest_keeps_writing(void)
{
	for (uint64_t i = 0; !stop; i++)
		guest_mmio_write64(GPA + i % 512 * 4096, i);
}

TEST(concurrent_invalidation)
{
	uint64_t *mem;
	struct vm *vm = set_up(&mem);
	struct vcpu_thread t[2];

	stop = false;
	for (int i = 0; i < 2; i++)
		vcpu_thread_start(&t[i], vcpu_add(vm, guest_keeps_writing));
	for (int i = 0; i < 200; i++) {
		madvise((char *)mem + i % 8 * 0x10000, 0x100000, MADV_DONTNEED);
		if (i % 16 == 0)
			madvise(mem, SIZE, MADV_HUGEPAGE);
		if (i % 16 == 8)
			madvise(mem, SIZE, MADV_NOHUGEPAGE);
		usleep(500);
	}
	stop = true;
	for (int i = 0; i < 2; i++)
		vcpu_thread_join(&t[i]);
	vm_destroy(vm);
}

TEST(process_memory_goes_before_the_vm)
{
	/* The whole mapping is torn down while the VM lives on: exit order of a monitor. */
	uint64_t *mem;
	struct vm *vm = set_up(&mem);
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 5);

	ASSERT_EQ(1, vcpu_sync(vcpu));
	must(munmap(mem, SIZE));
	vm->slot[SLOT].mapped = false;
	EXPECT_EQ(-EFAULT, vcpu_run_once(vcpu));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
