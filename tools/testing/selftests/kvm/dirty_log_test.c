// SPDX-License-Identifier: GPL-2.0
/* The dirty log: exactly the pages that were written, and none lost to a reader that comes at any time. */
#include <sys/mman.h>

#include "kvm_test.h"

#define SLOT	VM_SLOT_FREE
#define GPA	0x60000000UL
#define SIZE	0x400000UL

static uint64_t stop __shared;

static void guest_writes_every(uint64_t stride, uint64_t page, uint64_t value)
{
	uint64_t i;

	for (i = 0; i < SIZE / page; i += stride)
		guest_mmio_write64(GPA + i * page, value);
	guest_sync(value);
}

static void guest_reads_all(uint64_t page)
{
	uint64_t i, sum = 0;

	for (i = 0; i < SIZE / page; i++)
		sum += guest_mmio_read64(GPA + i * page);
	guest_sync(sum);
}

/* Never the same value twice in a place. */
static void guest_writes_for_ever(uint64_t page, uint64_t seed)
{
	uint64_t x = seed, n = 1;

	while (!READ_ONCE(stop)) {
		x = x * 6364136223846793005UL + 1442695040888963407UL;
		guest_mmio_write64(GPA + (x >> 33) % (SIZE / page) * page + seed * 8, n++);
	}
}

FIXTURE(log) {
	struct vm *vm;
	uint64_t page, pages;
	uint8_t *mem, *bits;
};

static void *aligned_memory(void)
{
	char *raw = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (raw == MAP_FAILED)
		return NULL;
	/* So that large mappings are possible, and logging has to split them. */
	raw = (char *)(((unsigned long)raw + SIZE - 1) & ~(SIZE - 1));
	madvise(raw, SIZE, MADV_HUGEPAGE);
	return raw;
}

FIXTURE_SETUP(log)
{
	self->page = sysconf(_SC_PAGESIZE);
	self->pages = SIZE / self->page;
	self->vm = vm_create();
	self->mem = aligned_memory();
	ASSERT_NE(NULL, self->mem);
	self->bits = calloc(self->pages / 8, 1);
	vm_map(self->vm, GPA, GPA, SIZE, MAP_DATA);
}

FIXTURE_TEARDOWN(log)
{
	vm_destroy(self->vm);
	free(self->bits);
}

static int get_log(struct vm *vm, unsigned int slot, void *bits)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = bits };

	return vm_ioctl(vm, KVM_GET_DIRTY_LOG, &log);
}

static bool is_dirty(const uint8_t *bits, uint64_t page)
{
	return bits[page / 8] >> (page % 8) & 1;
}

static uint64_t count(const uint8_t *bits, uint64_t pages)
{
	uint64_t i, n = 0;

	for (i = 0; i < pages; i++)
		n += is_dirty(bits, i);
	return n;
}

TEST_F(log, written_pages_and_no_others)
{
	struct vcpu *vcpu;
	uint64_t i, stride;

	memset(self->mem, 1, SIZE);
	must(vm_set_slot(self->vm, SLOT, GPA, SIZE, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	vcpu = vcpu_add_args(self->vm, (guest_fn)guest_writes_every, 3, self->page, 1, 0);
	for (stride = 3; stride < 40; stride += 7) {
		EXPECT_EQ(stride == 3 ? 1 : stride, vcpu_sync(vcpu));
		memset(self->bits, 0xff, self->pages / 8);
		EXPECT_OK(get_log(self->vm, SLOT, self->bits));
		for (i = 0; i < self->pages; i++)
			ASSERT_EQ(i % stride == 0, is_dirty(self->bits, i)) TH_LOG("page %lu of stride %lu", i, stride);
		EXPECT_OK(get_log(self->vm, SLOT, self->bits));
		EXPECT_EQ(0, count(self->bits, self->pages));
		vcpu_done(vcpu);
		vcpu_start(vcpu, (guest_fn)guest_writes_every, stride + 7, self->page, stride + 7, 0);
	}
}

TEST_F(log, switched_on_for_memory_that_is_mapped)
{
	struct vcpu *vcpu;

	/* All of it is mapped writable, perhaps in large blocks, when logging begins. */
	must(vm_set_slot(self->vm, SLOT, GPA, SIZE, 0, self->mem));
	vcpu = vcpu_add_args(self->vm, (guest_fn)guest_writes_every, 1, self->page, 1, 0);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vcpu_done(vcpu);
	EXPECT_ERRNO(ENOENT, get_log(self->vm, SLOT, self->bits));

	must(vm_set_slot(self->vm, SLOT, GPA, SIZE, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	EXPECT_OK(get_log(self->vm, SLOT, self->bits));
	EXPECT_EQ(0, count(self->bits, self->pages));
	vcpu_start(vcpu, (guest_fn)guest_writes_every, self->pages, self->page, 2, 0);
	EXPECT_EQ(2, vcpu_sync(vcpu));
	vcpu_done(vcpu);
	EXPECT_OK(get_log(self->vm, SLOT, self->bits));
	EXPECT_EQ(1, count(self->bits, self->pages));
	EXPECT_TRUE(is_dirty(self->bits, 0));

	/* And off again. */
	must(vm_set_slot(self->vm, SLOT, GPA, SIZE, 0, self->mem));
	vcpu_start(vcpu, (guest_fn)guest_writes_every, 1, self->page, 3, 0);
	EXPECT_EQ(3, vcpu_sync(vcpu));
	EXPECT_EQ(3, *(uint64_t *)(self->mem + SIZE - self->page));
}

TEST_F(log, reading_is_not_writing)
{
	struct vcpu *vcpu;

	memset(self->mem, 0, SIZE);
	must(vm_set_slot(self->vm, SLOT, GPA, SIZE, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	vcpu = vcpu_add1(self->vm, guest_reads_all, self->page);
	EXPECT_EQ(0, vcpu_sync(vcpu));
	EXPECT_OK(get_log(self->vm, SLOT, self->bits));
	EXPECT_EQ(0, count(self->bits, self->pages));
}

TEST_F(log, arguments)
{
	must(vm_set_slot(self->vm, SLOT, GPA, SIZE, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	EXPECT_ERRNO(ENOENT, get_log(self->vm, SLOT + 1, self->bits));
	EXPECT_ERRNO(ENOENT, get_log(self->vm, VM_SLOT_RAM, self->bits));
	EXPECT_ERRNO(EINVAL, get_log(self->vm, SLOT | 1 << 16, self->bits));
	EXPECT_ERRNO(EINVAL, get_log(self->vm, 0xffff, self->bits));
	EXPECT_ERRNO(EFAULT, get_log(self->vm, SLOT, (void *)1));
	EXPECT_OK(get_log(self->vm, SLOT, self->bits));
}

static int clear_log(struct vm *vm, unsigned int slot, uint64_t first, uint32_t pages, void *bits)
{
	struct kvm_clear_dirty_log log = {
		.slot = slot, .num_pages = pages, .first_page = first, .dirty_bitmap = bits,
	};

	return vm_ioctl(vm, KVM_CLEAR_DIRTY_LOG, &log);
}

static int set_manual(struct vm *vm, uint64_t flags)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { flags } };

	return vm_ioctl(vm, KVM_ENABLE_CAP, &cap);
}

TEST_F(log, clear_arguments)
{
	uint64_t n = self->pages;

	REQUIRE_CAP(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
	/* A slot that ends in the middle of a word. */
	n -= 28;
	must(vm_set_slot(self->vm, SLOT, GPA, n * self->page, KVM_MEM_LOG_DIRTY_PAGES, self->mem));

	EXPECT_OK(clear_log(self->vm, SLOT, 0, 64, self->bits));
	EXPECT_OK(clear_log(self->vm, SLOT, 0, n, self->bits));
	EXPECT_OK(clear_log(self->vm, SLOT, n - 36, 36, self->bits));
	EXPECT_OK(clear_log(self->vm, SLOT, 64, 0, NULL));
	EXPECT_ERRNO(EINVAL, clear_log(self->vm, SLOT, 32, 64, self->bits));
	EXPECT_ERRNO(EINVAL, clear_log(self->vm, SLOT, 0, 63, self->bits));
	EXPECT_ERRNO(EINVAL, clear_log(self->vm, SLOT, 0, n + 28, self->bits));
	EXPECT_ERRNO(EINVAL, clear_log(self->vm, SLOT, n - 36, 64, self->bits));
	EXPECT_ERRNO(EINVAL, clear_log(self->vm, SLOT, n + 28, 0, self->bits));
	EXPECT_ERRNO(EINVAL, clear_log(self->vm, SLOT, 1UL << 63, 64, self->bits));
	EXPECT_ERRNO(EINVAL, clear_log(self->vm, SLOT, -64UL, 64, self->bits));
	EXPECT_ERRNO(EINVAL, clear_log(self->vm, SLOT, 0, 0xffffffff, self->bits));
	EXPECT_ERRNO(EINVAL, clear_log(self->vm, SLOT | 1 << 16, 0, 64, self->bits));
	EXPECT_ERRNO(EINVAL, clear_log(self->vm, 0xffff, 0, 64, self->bits));
	EXPECT_ERRNO(ENOENT, clear_log(self->vm, SLOT + 1, 0, 64, self->bits));
	EXPECT_ERRNO(ENOENT, clear_log(self->vm, VM_SLOT_RAM, 0, 64, self->bits));
	EXPECT_ERRNO(EFAULT, clear_log(self->vm, SLOT, 0, 64, (void *)8));
	EXPECT_ERRNO(EFAULT, vm_ioctl(self->vm, KVM_CLEAR_DIRTY_LOG, 8));
}

TEST_F(log, manual_flags)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .flags = 1 };
	int all = vm_check(self->vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);

	REQUIRE_CAP(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
	EXPECT_EQ(KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET, all);
	EXPECT_ERRNO(EINVAL, vm_ioctl(self->vm, KVM_ENABLE_CAP, &cap));
	EXPECT_ERRNO(EINVAL, set_manual(self->vm, KVM_DIRTY_LOG_INITIALLY_SET));
	EXPECT_ERRNO(EINVAL, set_manual(self->vm, all + 1));
	EXPECT_ERRNO(EINVAL, set_manual(self->vm, 1UL << 32 | 1));
	EXPECT_OK(set_manual(self->vm, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE));
	EXPECT_OK(set_manual(self->vm, all));
	EXPECT_OK(set_manual(self->vm, 0));
	/* The capability that came before it is not there. */
	EXPECT_EQ(0, kvm_check(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT));
}

TEST_F(log, manual_is_read_without_clearing)
{
	struct vcpu *vcpu;

	REQUIRE_CAP(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
	must(set_manual(self->vm, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE));
	must(vm_set_slot(self->vm, SLOT, GPA, SIZE, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	vcpu = vcpu_add_args(self->vm, (guest_fn)guest_writes_every, 4, self->page, 1, 0);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vcpu_done(vcpu);
	for (int i = 0; i < 3; i++) {
		memset(self->bits, 0, self->pages / 8);
		EXPECT_OK(get_log(self->vm, SLOT, self->bits));
		EXPECT_EQ(self->pages / 4, count(self->bits, self->pages));
	}

	/* Two words of pages, and of those only every eighth. */
	for (int i = 0; i < 16; i++)
		self->bits[i] = 0x01;
	EXPECT_OK(clear_log(self->vm, SLOT, 64, 128, self->bits));
	EXPECT_OK(get_log(self->vm, SLOT, self->bits));
	for (uint64_t i = 0; i < self->pages; i++) {
		ASSERT_EQ(i % 4 == 0 && !(i >= 64 && i < 192 && i % 8 == 0), is_dirty(self->bits, i))
			TH_LOG("page %lu", i);
	}

	/* A page that was cleared comes back when it is written, and one that was not is there still. */
	vcpu_start(vcpu, (guest_fn)guest_writes_every, 72, self->page, 2, 0);
	EXPECT_EQ(2, vcpu_sync(vcpu));
	EXPECT_OK(get_log(self->vm, SLOT, self->bits));
	EXPECT_TRUE(is_dirty(self->bits, 72));
	EXPECT_TRUE(is_dirty(self->bits, 144));
	EXPECT_FALSE(is_dirty(self->bits, 80));
	EXPECT_TRUE(is_dirty(self->bits, 76));
}

TEST_F(log, clearing_works_without_the_capability_enabled)
{
	struct vcpu *vcpu;

	REQUIRE_CAP(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
	must(vm_set_slot(self->vm, SLOT, GPA, SIZE, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	vcpu = vcpu_add_args(self->vm, (guest_fn)guest_writes_every, 1, self->page, 1, 0);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	memset(self->bits, 0xff, self->pages / 8);
	EXPECT_OK(clear_log(self->vm, SLOT, 128, self->pages - 128, self->bits));
	EXPECT_OK(get_log(self->vm, SLOT, self->bits));
	EXPECT_EQ(128, count(self->bits, self->pages));
	EXPECT_OK(get_log(self->vm, SLOT, self->bits));
	EXPECT_EQ(0, count(self->bits, self->pages));
}

TEST_F(log, initially_set)
{
	uint64_t n = self->pages - 3, part = self->pages / 4;
	struct vcpu *vcpu;

	REQUIRE_CAP(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
	must(set_manual(self->vm, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET));
	/* Mapped, in large blocks perhaps, when logging begins; these stay writable. */
	must(vm_set_slot(self->vm, SLOT, GPA, n * self->page, 0, self->mem));
	vcpu = vcpu_add_args(self->vm, (guest_fn)guest_writes_every, 4, self->page, 1, 0);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vcpu_done(vcpu);
	must(vm_set_slot(self->vm, SLOT, GPA, n * self->page, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	EXPECT_OK(get_log(self->vm, SLOT, self->bits));
	/* All pages, and no page that the slot does not have. */
	EXPECT_EQ(n, count(self->bits, self->pages));

	EXPECT_OK(clear_log(self->vm, SLOT, 0, part, self->bits));
	EXPECT_OK(get_log(self->vm, SLOT, self->bits));
	EXPECT_EQ(n - part, count(self->bits, self->pages));
	vcpu_start(vcpu, (guest_fn)guest_writes_every, 4, self->page, 2, 0);
	EXPECT_EQ(2, vcpu_sync(vcpu));
	EXPECT_OK(get_log(self->vm, SLOT, self->bits));
	EXPECT_EQ(n - part + part / 4, count(self->bits, self->pages));
	for (uint64_t i = 0; i < n; i++) {
		ASSERT_EQ(i >= part || i % 4 == 0, is_dirty(self->bits, i))
			TH_LOG("page %lu", i);
	}

	/* So for a slot that is new, too. */
	vm_delete_slot(self->vm, SLOT);
	must(vm_set_slot(self->vm, SLOT, GPA, n * self->page, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	EXPECT_OK(get_log(self->vm, SLOT, self->bits));
	EXPECT_EQ(n, count(self->bits, self->pages));
}

/* Copies what is dirty, as a migration does. */
static void copy_dirty(const uint8_t *bits, uint64_t pages, uint64_t page, const uint8_t *from, uint8_t *to)
{
	uint64_t i;

	for (i = 0; i < pages; i++)
		if (is_dirty(bits, i))
			memcpy(to + i * page, from + i * page, page);
}

/* Takes the log: what it reads is clear, and protected, afterwards. */
static void take_log(struct vm *vm, void *bits, uint64_t pages, uint64_t manual)
{
	must(get_log(vm, SLOT, bits));
	/* In pieces that are not those of the implementation. */
	for (uint64_t at = 0; manual && at < pages; at += 192)
		must(clear_log(vm, SLOT, at, pages - at < 192 ? pages - at : 192, (char *)bits + at / 8));
}

/* How many pages were copied, and whether the copy is right at the end. */
static uint64_t migrate(FIXTURE_DATA(log) *self, uint64_t manual, bool *same)
{
	struct vcpu_thread thread[2];
	uint8_t *copy = malloc(SIZE);
	uint64_t rounds, copied = 0;

	if (manual)
		must(set_manual(self->vm, manual));
	stop = 0;
	memset(self->mem, 0, SIZE);
	must(vm_set_slot(self->vm, SLOT, GPA, SIZE, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	memcpy(copy, self->mem, SIZE);
	for (int i = 0; i < 2; i++)
		vcpu_thread_start(&thread[i], vcpu_add2(self->vm, guest_writes_for_ever, self->page, i + 1));

	for (rounds = 0; rounds < 60; rounds++) {
		usleep(2000);
		take_log(self->vm, self->bits, self->pages, manual);
		copied += count(self->bits, self->pages);
		copy_dirty(self->bits, self->pages, self->page, self->mem, copy);
	}
	WRITE_ONCE(stop, 1);
	for (int i = 0; i < 2; i++)
		vcpu_thread_join(&thread[i]);
	take_log(self->vm, self->bits, self->pages, manual);
	copy_dirty(self->bits, self->pages, self->page, self->mem, copy);

	*same = !memcmp(copy, self->mem, SIZE);
	free(copy);
	return copied;
}

TEST_F(log, nothing_is_lost)
{
	bool same;

	EXPECT_GT(migrate(self, 0, &same), self->pages);
	EXPECT_TRUE(same);
}

TEST_F(log, nothing_is_lost_manual)
{
	bool same;

	REQUIRE_CAP(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
	EXPECT_GT(migrate(self, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE, &same), self->pages);
	EXPECT_TRUE(same);
}

TEST_F(log, nothing_is_lost_initially_set)
{
	bool same;

	REQUIRE_CAP(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
	EXPECT_GT(migrate(self, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET, &same),
		  self->pages);
	EXPECT_TRUE(same);
}

TEST_HARNESS_MAIN
