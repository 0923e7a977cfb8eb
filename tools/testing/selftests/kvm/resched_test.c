// SPDX-License-Identifier: GPL-2.0
/*
 * Long loops over guest memory go in pieces of a bounded size, and let others have the CPU in between. How long a request
 * keeps others from it depends on who else is on the machine, so it is pieces that are counted: each ends with what it
 * owes to the TLBs. That each is followed by a point of rescheduling, and loops that owe nothing to the TLBs before their
 * end, are what the native tests host/stage2/notifier_test.c and tables_test.c are about.
 */
#include <sys/mman.h>

#include "kvm_test.h"

#define BASE		0x80000000UL
#define SIZE		0x8000000UL		/* 32768 pages of 4 KiB */
#define PIECE		0x2000000UL		/* of host memory that is unmapped in one go, at most */

/* A page in each piece is enough for it to owe something. */
static void guest_touches(void)
{
	for (uint64_t a = BASE; a < BASE + SIZE; a += PIECE / 4)
		guest_mmio_write64(a, a);
	guest_sync(1);
}

FIXTURE(resched) {
	struct vm *vm;
	void *mem;
	int stats;
	uint64_t data;
};

FIXTURE_SETUP(resched)
{
	struct kvm_stats_header head;
	struct vcpu *vcpu;

	REQUIRE_CAP(KVM_CAP_BINARY_STATS_FD);
	self->vm = vm_create();
	vcpu = vcpu_add(self->vm, guest_touches);
	vm_map(self->vm, BASE, BASE, SIZE, MAP_DATA);
	self->mem = vm_add_slot(self->vm, VM_SLOT_FREE, BASE, SIZE, 0);
	madvise(self->mem, SIZE, MADV_NOHUGEPAGE);
	ASSERT_EQ(1, vcpu_sync(vcpu));
	self->stats = must(ioctl(self->vm->fd, KVM_GET_STATS_FD, 0));
	ASSERT_EQ(sizeof(head), pread(self->stats, &head, sizeof(head), 0));
	self->data = head.data_offset;
}

FIXTURE_TEARDOWN(resched)
{
	if (!self->vm)
		return;
	close(self->stats);
	vm_destroy(self->vm);
}

/* remote_tlb_flush_requests is the second of a VM's counters. */
static uint64_t flushes(FIXTURE_DATA(resched) *self)
{
	uint64_t value;

	if (pread(self->stats, &value, sizeof(value), self->data + 8) != sizeof(value))
		test_fail("no counters");
	return value;
}

TEST_F(resched, slot_is_deleted)
{
	uint64_t before = flushes(self);

	must(vm_set_slot(self->vm, VM_SLOT_FREE, BASE, 0, 0, NULL));
	EXPECT_LE(SIZE / PIECE, flushes(self) - before);
}

TEST_F(resched, memory_is_unmapped)
{
	uint64_t before = flushes(self);

	must(madvise(self->mem, SIZE, MADV_DONTNEED));
	EXPECT_LE(SIZE / PIECE, flushes(self) - before);
}

TEST_HARNESS_MAIN
