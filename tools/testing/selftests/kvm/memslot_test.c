// SPDX-License-Identifier: GPL-2.0
/* KVM_SET_USER_MEMORY_REGION and ...REGION2: what is taken and what is refused. No guest runs. */
#include <sys/mman.h>

#include "kvm_test.h"

#define SIZE	0x200000UL
#define GPA	0x10000000UL

FIXTURE(slots) {
	struct vm *vm;
	char *mem;
	long page;
};

FIXTURE_SETUP(slots)
{
	self->vm = vm_create_bare(0);
	self->page = sysconf(_SC_PAGESIZE);
	self->mem = mmap(NULL, 4 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

FIXTURE_TEARDOWN(slots)
{
	vm_destroy(self->vm);
	munmap(self->mem, 4 * SIZE);
}

TEST_F(slots, add_and_delete)
{
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, SIZE, 0, self->mem));
	/* The same again is no change. */
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, SIZE, 0, self->mem));
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, 0, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, 0, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 7, GPA, 0, 0, self->mem));
	/* And it can be used anew, differently. */
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA + SIZE, 2 * SIZE, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
}

TEST_F(slots, alignment)
{
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA + 1, SIZE, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA + self->page / 2, SIZE, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, SIZE + 1, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, SIZE - self->page / 2, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, SIZE, 0, self->mem + 1));
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, self->page, 0, self->mem + self->page));
}

TEST_F(slots, bounds)
{
	uint64_t ipa_end = 1UL << self->vm->ipa_bits;

	EXPECT_ERRNO(EFAULT, vm_set_slot(self->vm, 0, ipa_end, SIZE, 0, self->mem));
	EXPECT_ERRNO(EFAULT, vm_set_slot(self->vm, 0, ipa_end - SIZE / 2, SIZE, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, -SIZE, 2 * SIZE, 0, self->mem));	/* wraps */
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, -SIZE, SIZE, 0, self->mem));	/* ends at 2^64 */
	EXPECT_OK(vm_set_slot(self->vm, 0, ipa_end - SIZE, SIZE, 0, self->mem));
	EXPECT_OK(vm_set_slot(self->vm, 1, 0, SIZE, 0, self->mem));
}

TEST_F(slots, user_address)
{
	/* Nothing needs to be mapped there, but it has to be an address of user space. */
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, SIZE, 0, (void *)0x10000));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 1, GPA + SIZE, SIZE, 0, (void *)0xffff800000000000UL));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 1, GPA + SIZE, SIZE, 0, (void *)-SIZE));
}

TEST_F(slots, too_large)
{
	/* The number of pages of a slot is less than 2^31. */
	struct vm *vm = self->vm;

	EXPECT_ERRNO(EINVAL, vm_set_slot(vm, 0, 0, (1UL << 31) * self->page, 0, (void *)0x10000));
	EXPECT_ERRNO(EINVAL, vm_set_slot(vm, 0, 0, 1UL << 62, 0, (void *)0x10000));
}

TEST_F(slots, numbers)
{
	unsigned int max = kvm_check(KVM_CAP_NR_MEMSLOTS);

	EXPECT_OK(vm_set_slot(self->vm, max - 1, GPA, SIZE, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, max, GPA + SIZE, SIZE, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0xffff, GPA + SIZE, SIZE, 0, self->mem));
	/* Bits 31:16 are an address space; there is one. */
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 1u << 16, GPA + SIZE, SIZE, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, ~0u, GPA + SIZE, SIZE, 0, self->mem));
}

TEST_F(slots, overlap)
{
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, 2 * SIZE, 0, self->mem));
	EXPECT_ERRNO(EEXIST, vm_set_slot(self->vm, 1, GPA, SIZE, 0, self->mem));
	EXPECT_ERRNO(EEXIST, vm_set_slot(self->vm, 1, GPA + SIZE, 2 * SIZE, 0, self->mem));
	EXPECT_ERRNO(EEXIST, vm_set_slot(self->vm, 1, GPA - SIZE, 2 * SIZE, 0, self->mem));
	EXPECT_ERRNO(EEXIST, vm_set_slot(self->vm, 1, GPA - SIZE, 4 * SIZE, 0, self->mem));
	EXPECT_ERRNO(EEXIST, vm_set_slot(self->vm, 1, GPA + SIZE, self->page, 0, self->mem));
	/* Neighbours do not overlap, and two slots may have the same memory behind them. */
	EXPECT_OK(vm_set_slot(self->vm, 1, GPA - SIZE, SIZE, 0, self->mem));
	EXPECT_OK(vm_set_slot(self->vm, 2, GPA + 2 * SIZE, SIZE, 0, self->mem));
}

TEST_F(slots, move)
{
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, SIZE, 0, self->mem));
	EXPECT_OK(vm_set_slot(self->vm, 1, GPA + 2 * SIZE, SIZE, 0, self->mem + SIZE));
	EXPECT_ERRNO(EEXIST, vm_set_slot(self->vm, 0, GPA + 2 * SIZE, SIZE, 0, self->mem));
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA + SIZE, SIZE, 0, self->mem));
	/* A move over its own old place is none to refuse. */
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA + SIZE / 2, SIZE, 0, self->mem));
	/* The old place is free. */
	EXPECT_OK(vm_set_slot(self->vm, 2, GPA - SIZE / 2, SIZE, 0, self->mem + 2 * SIZE));
}

TEST_F(slots, what_a_change_may_not_touch)
{
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, SIZE, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, 2 * SIZE, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, SIZE / 2, 0, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, SIZE, 0, self->mem + SIZE));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, SIZE, KVM_MEM_READONLY, self->mem));
}

TEST_F(slots, flags)
{
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, SIZE, 1u << 7, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, SIZE, 1u << 16, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, SIZE, 1u << 31, self->mem));
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, SIZE, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, SIZE, 0, self->mem));
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, SIZE, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, SIZE, 1u << 7, self->mem));
}

TEST_F(slots, read_only)
{
	REQUIRE_CAP(KVM_CAP_READONLY_MEM);
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, SIZE, KVM_MEM_READONLY, self->mem));
	EXPECT_ERRNO(EINVAL, vm_set_slot(self->vm, 0, GPA, SIZE, 0, self->mem));
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA + SIZE, SIZE, KVM_MEM_READONLY, self->mem));
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA + SIZE, SIZE, KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES, self->mem));
}

TEST_F(slots, memslot_search)
{
	/* Look-ups around the ends of the table, while slots come and go: the errors tell where a search landed. */
	const unsigned int n = 30;

	EXPECT_EQ(-1, vm_set_slot(self->vm, 3, GPA, 0, 0, self->mem));
	for (unsigned int i = 0; i < n; i++)
		EXPECT_OK(vm_set_slot(self->vm, i, GPA + (n - i) * 2 * SIZE, SIZE, 0, self->mem));
	for (unsigned int i = 1; i <= n; i++) {
		EXPECT_ERRNO(EEXIST, vm_set_slot(self->vm, n, GPA + i * 2 * SIZE, SIZE, 0, self->mem));
		EXPECT_OK(vm_set_slot(self->vm, n, GPA + i * 2 * SIZE + SIZE, SIZE, 0, self->mem));
		EXPECT_OK(vm_set_slot(self->vm, n, 0, 0, 0, NULL));
	}
	EXPECT_OK(vm_set_slot(self->vm, n, GPA, 2 * SIZE, 0, self->mem));
	EXPECT_OK(vm_set_slot(self->vm, n + 1, GPA + n * 2 * SIZE + SIZE, SIZE, 0, self->mem));
	for (unsigned int i = 0; i < n + 2; i++)
		EXPECT_OK(vm_set_slot(self->vm, i, 0, 0, 0, NULL));
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, SIZE, 0, self->mem));
}

TEST_F(slots, memslot_spec)
{
	/* Slot numbers that an attacker would use to train a bounds check: all of them refused, whatever came before. */
	unsigned int max = kvm_check(KVM_CAP_NR_MEMSLOTS);

	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, SIZE, 0, self->mem));
	for (unsigned int i = 0; i < 200; i++) {
		struct kvm_dirty_log log = { .slot = i % 4 ? 0 : max + i, .dirty_bitmap = self->mem };

		EXPECT_EQ(-1, vm_ioctl(self->vm, KVM_GET_DIRTY_LOG, &log));
		log.slot = i << 16 | 0x10000;
		EXPECT_EQ(-1, vm_ioctl(self->vm, KVM_GET_DIRTY_LOG, &log));
	}
}

TEST_F(slots, region2)
{
	struct kvm_userspace_memory_region2 r = {
		.slot = 0, .guest_phys_addr = GPA, .memory_size = SIZE, .userspace_addr = (uintptr_t)self->mem,
	};

	REQUIRE_CAP(KVM_CAP_USER_MEMORY2);
	EXPECT_OK(vm_ioctl(self->vm, KVM_SET_USER_MEMORY_REGION2, &r));
	r.slot = 1;
	EXPECT_ERRNO(EEXIST, vm_ioctl(self->vm, KVM_SET_USER_MEMORY_REGION2, &r));
	r.guest_phys_addr += 1;
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_USER_MEMORY_REGION2, &r));
	if (kvm_check(KVM_CAP_GUEST_MEMFD) <= 0) {
		r.guest_phys_addr = GPA + SIZE;
		r.flags = KVM_MEM_GUEST_MEMFD;
		EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_USER_MEMORY_REGION2, &r));
	}
	/* The two requests are about the same slots. */
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, 0, 0, NULL));
	r.slot = 0;
	r.flags = 0;
	r.guest_phys_addr = GPA;
	r.memory_size = 0;
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_SET_USER_MEMORY_REGION2, &r));
}

TEST_F(slots, region2_not_announced_is_refused)
{
	struct kvm_userspace_memory_region2 r = { .memory_size = SIZE, .userspace_addr = (uintptr_t)self->mem };

	if (kvm_check(KVM_CAP_USER_MEMORY2) > 0)
		SKIP(return, "announced");
	EXPECT_EQ(-1, vm_ioctl(self->vm, KVM_SET_USER_MEMORY_REGION2, &r));
}

TEST_F(slots, as_many_as_announced)
{
	unsigned int n = kvm_check(KVM_CAP_NR_MEMSLOTS);

	if (n > 512)
		n = 512;
	for (unsigned int i = 0; i < n; i++)
		ASSERT_EQ(0, vm_set_slot(self->vm, i, (uint64_t)i * self->page, self->page, 0, self->mem));
	for (unsigned int i = 0; i < n; i++)
		ASSERT_EQ(0, vm_set_slot(self->vm, i, 0, 0, 0, NULL));
}

static volatile bool stop;

static void *add_and_delete(void *arg)
{
	struct vm *vm = ((void **)arg)[0];
	char *mem = ((void **)arg)[1];
	unsigned int i = 0;

	while (!stop) {
		vm_set_slot(vm, 10 + i % 8, GPA + (i % 8) * SIZE, SIZE, 0, mem);
		vm_set_slot(vm, 10 + (i + 3) % 8, 0, 0, 0, NULL);
		i++;
	}
	return NULL;
}

TEST_F(slots, two_threads)
{
	void *arg[2] = { self->vm, self->mem };
	pthread_t t[2];

	stop = false;
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, add_and_delete, arg);
	usleep(300000);
	stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < 8; i++)
		vm_set_slot(self->vm, 10 + i, 0, 0, 0, NULL);
	/* Nothing is left in the way. */
	EXPECT_OK(vm_set_slot(self->vm, 0, GPA, 8 * SIZE, 0, self->mem));
}

TEST_HARNESS_MAIN
