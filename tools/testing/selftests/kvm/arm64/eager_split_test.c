// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE: blocks are split when a dirty log begins or is cleared. How much is written to a
 * block afterwards decides how often the guest exits, and nothing else does: what the log says is the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kvm_test.h"

#define SLOT	VM_SLOT_FREE
#define GPA	0x80000000UL

static uint64_t block_size(void)
{
	uint64_t size = 0;
	FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "r");

	if (f && fscanf(f, "%lu", &size) != 1)
		size = 0;
	if (f)
		fclose(f);
	return size;
}

static long set_chunk(struct vm *vm, uint64_t size)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE, .args[0] = size };

	return vm_ioctl(vm, KVM_ENABLE_CAP, &cap);
}

TEST(capability)
{
	uint64_t page = sysconf(_SC_PAGESIZE), sizes = kvm_check(KVM_CAP_ARM_SUPPORTED_BLOCK_SIZES);
	struct vm *vm = vm_create_bare(0);
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE, .flags = 1 };

	EXPECT_EQ(page, sizes & -sizes);
	EXPECT_TRUE(sizes & block_size());
	EXPECT_EQ(sizes, vm_check(vm, KVM_CAP_ARM_SUPPORTED_BLOCK_SIZES));
	EXPECT_EQ(0, kvm_check(KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE));
	EXPECT_EQ(0, vm_check(vm, KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE));

	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
	EXPECT_ERRNO(EINVAL, set_chunk(vm, 1));
	EXPECT_ERRNO(EINVAL, set_chunk(vm, page / 2));
	EXPECT_ERRNO(EINVAL, set_chunk(vm, page * 2));
	EXPECT_ERRNO(EINVAL, set_chunk(vm, page | block_size()));
	EXPECT_ERRNO(EINVAL, set_chunk(vm, 1ULL << 63));
	EXPECT_EQ(0, vm_check(vm, KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE));
	for (unsigned int bit = 0; bit < 31; bit++) {
		if (!(sizes >> bit & 1))
			continue;
		EXPECT_OK(set_chunk(vm, 1ULL << bit));
		EXPECT_EQ(1ULL << bit, vm_check(vm, KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE));
	}
	EXPECT_OK(set_chunk(vm, 0));
	EXPECT_EQ(0, vm_check(vm, KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE));

	/* Not once there is memory. */
	vm_populate(vm, VM_RAM_SIZE);
	EXPECT_ERRNO(EINVAL, set_chunk(vm, page));
	EXPECT_ERRNO(EINVAL, set_chunk(vm, 0));
	vm_destroy(vm);
}

static uint64_t exits(int stats)
{
	struct kvm_stats_header head;
	struct kvm_stats_desc *desc;
	size_t size;
	uint64_t value = 0;

	must(pread(stats, &head, sizeof(head), 0));
	size = sizeof(*desc) + head.name_size;
	desc = malloc(size);
	for (unsigned int i = 0; i < head.num_desc; i++) {
		must(pread(stats, desc, size, head.desc_offset + i * size));
		if (!strcmp(desc->name, "exits"))
			must(pread(stats, &value, sizeof(value), head.data_offset + desc->offset));
	}
	free(desc);
	return value;
}

/* One word of each page but the first of a block, which comes first and alone. */
static void guest_writes(uint64_t page, uint64_t bytes)
{
	for (uint64_t round = 1;; round++) {
		guest_mmio_write64(GPA, round);
		guest_sync(round);
		for (uint64_t i = page; i < bytes; i += page)
			guest_mmio_write64(GPA + i, round);
		guest_sync(round);
	}
}

FIXTURE(split) {
	struct vm *vm;
	struct vcpu *vcpu;
	uint64_t page, block, pages;
	uint8_t *mem, *bits;
	int stats;
};

FIXTURE_VARIANT(split) {
	bool eager;
};

FIXTURE_VARIANT_ADD(split, eagerly) { .eager = true };
FIXTURE_VARIANT_ADD(split, when_written) { .eager = false };

FIXTURE_SETUP(split)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
		.args[0] = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET,
	};
	char *raw;

	self->page = sysconf(_SC_PAGESIZE);
	self->block = block_size();
	if (!self->block)
		SKIP(return, "no huge pages");
	self->pages = self->block / self->page;
	raw = must(mmap(NULL, 2 * self->block, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	raw = (char *)(((unsigned long)raw + self->block - 1) & ~(self->block - 1));
	must(madvise(raw, self->block, MADV_HUGEPAGE));
	self->mem = (uint8_t *)raw;
	memset(self->mem, 0, self->block);
	self->bits = calloc(self->pages / 8, 1);

	self->vm = vm_create_bare(0);
	if (variant->eager)
		must(set_chunk(self->vm, self->block));
	must(vm_ioctl(self->vm, KVM_ENABLE_CAP, &cap));
	vm_populate(self->vm, VM_RAM_SIZE);
	must(vm_set_slot(self->vm, SLOT, GPA, self->block, 0, self->mem));
	vm_map(self->vm, GPA, GPA, self->block, MAP_DATA);
	self->vcpu = vcpu_add2(self->vm, guest_writes, self->page, self->block);
	self->stats = must(vcpu_ioctl(self->vcpu, KVM_GET_STATS_FD, NULL));
}

FIXTURE_TEARDOWN(split)
{
	if (!self->vm)
		return;
	close(self->stats);
	vm_destroy(self->vm);
}

static long clear(struct vm *vm, const void *bits, uint64_t pages)
{
	struct kvm_clear_dirty_log log = { .slot = SLOT, .num_pages = pages, .dirty_bitmap = (void *)bits };

	return vm_ioctl(vm, KVM_CLEAR_DIRTY_LOG, &log);
}

static bool is_dirty(struct vm *vm, uint8_t *bits, uint64_t i)
{
	struct kvm_dirty_log log = { .slot = SLOT, .dirty_bitmap = bits };

	must(vm_ioctl(vm, KVM_GET_DIRTY_LOG, &log));
	return bits[i / 8] >> i % 8 & 1;
}

TEST_F(split, log_is_cleared)
{
	static const uint8_t first[8] = { 1 };
	uint64_t before, round;

	/* A block, or the rest says nothing. */
	EXPECT_EQ(1, vcpu_sync(self->vcpu));
	before = exits(self->stats);
	EXPECT_EQ(1, vcpu_sync(self->vcpu));
	if (exits(self->stats) - before > self->pages / 2)
		SKIP(return, "the memory is not huge");

	/* It stays one, and writable, while all pages are in the log. */
	must(vm_set_slot(self->vm, SLOT, GPA, self->block, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	EXPECT_TRUE(is_dirty(self->vm, self->bits, 0));
	/* One page is cleared: that one is protected, the others need not be. */
	ASSERT_EQ(0, clear(self->vm, first, 64));
	EXPECT_FALSE(is_dirty(self->vm, self->bits, 0));
	EXPECT_TRUE(is_dirty(self->vm, self->bits, 1));
	round = vcpu_sync(self->vcpu);
	EXPECT_EQ(round, *(uint64_t *)self->mem);
	EXPECT_TRUE(is_dirty(self->vm, self->bits, 0));
	before = exits(self->stats);
	EXPECT_EQ(round, vcpu_sync(self->vcpu));
	/* An exit for each page, or for hardly any. */
	EXPECT_EQ(variant->eager, exits(self->stats) - before < self->pages / 2);
	for (uint64_t i = 0; i < self->pages; i++)
		ASSERT_EQ(round, *(uint64_t *)(self->mem + i * self->page));
}

/* Written while blocks are split, all over: nothing is lost, and each page is in the log. */
TEST_F(split, guest_runs_meanwhile)
{
	struct vcpu_thread t;

	for (int i = 0; i < 20; i++) {
		vcpu_thread_start(&t, self->vcpu);
		must(vm_set_slot(self->vm, SLOT, GPA, self->block, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
		for (int j = 0; j < 10; j++) {
			EXPECT_TRUE(is_dirty(self->vm, self->bits, 0) || j);
			ASSERT_EQ(0, clear(self->vm, self->bits, self->pages));
		}
		must(vm_set_slot(self->vm, SLOT, GPA, self->block, 0, self->mem));
		vcpu_thread_stop(&t);
		ASSERT_EQ(0, t.error);
	}
	/* In the middle of a round at most: no page is behind by two. */
	for (uint64_t i = 1; i < self->pages; i++) {
		uint64_t lag = *(uint64_t *)self->mem - *(uint64_t *)(self->mem + i * self->page);

		ASSERT_LE(lag, 1) TH_LOG("page %lu", i);
	}
}

TEST_HARNESS_MAIN
