// SPDX-License-Identifier: GPL-2.0
/*
 * What is shared with the monitor is the monitor's to scribble on: the page of struct kvm_run, and the rings of
 * coalesced MMIO and of dirty pages where there are any.
 */
#include <setjmp.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kvm_test.h"

#define PAGE		((size_t)sysconf(_SC_PAGESIZE))

static sigjmp_buf no_page;

static void on_bus(int sig)
{
	siglongjmp(no_page, 1);
}

/* Is there a page of the vCPU's mapping at this offset? */
static bool page_is_there(struct vcpu *vcpu, unsigned int page)
{
	struct sigaction sa = { .sa_handler = on_bus }, old;
	volatile uint32_t *p;
	bool there = false;

	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, (off_t)page * PAGE);
	if (p == MAP_FAILED)
		return false;
	must(sigaction(SIGBUS, &sa, &old));
	if (!sigsetjmp(no_page, 1)) {
		(void)p[0];
		there = true;
	}
	must(sigaction(SIGBUS, &old, NULL));
	munmap((void *)p, PAGE);
	return there;
}

static __shared volatile uint64_t seen;

static void guest_accesses(uint64_t rounds)
{
	uint64_t at = VM_MMIO_GPA;

	for (uint64_t i = 0; i < rounds; i++) {
		guest_mmio_write32(at, i);
		seen = guest_mmio_read32(at + 4);
		guest_mmio_write8(at + 9, i);
		seen += guest_mmio_read64(at + 16);
	}
}

static void scribble(struct vcpu *vcpu)
{
	unsigned char *byte = (unsigned char *)vcpu->run;

	for (unsigned int i = 0; i < PAGE; i++)
		byte[i] = random();
	vcpu->run->immediate_exit = 0;
}

TEST(page_is_not_trusted)
{
	const unsigned int rounds = 100;
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_accesses, rounds);
	uint64_t v64 = 0xfedcba9876543210;
	uint32_t v32 = 0x89abcdef;

	for (unsigned int i = 0; i < rounds; i++) {
		static const struct {
			uint64_t offset;
			uint32_t len;
			bool write;
		} want[] = { { 0, 4, true }, { 4, 4, false }, { 9, 1, true }, { 16, 8, false } };

		for (unsigned int j = 0; j < 4; j++) {
			struct kvm_run *run = vcpu->run;

			scribble(vcpu);
			if (j == 2)
				memcpy(run->mmio.data, &v32, 4);
			if (i && j == 0)
				memcpy(run->mmio.data, &v64, 8);
			ASSERT_EQ(0, vcpu_run_once(vcpu));
			ASSERT_EQ(KVM_EXIT_MMIO, run->exit_reason);
			ASSERT_EQ(VM_MMIO_GPA + want[j].offset, run->mmio.phys_addr);
			ASSERT_EQ(want[j].len, run->mmio.len);
			ASSERT_EQ(want[j].write, run->mmio.is_write);
			if (j == 2) {
				EXPECT_EQ(v32, seen);
			}
			if (i && j == 0) {
				EXPECT_EQ(v32 + v64, seen);
			}
			if (want[j].write) {
				EXPECT_EQ(i, run->mmio.data[0]);
			}
		}
	}
	vm_destroy(vm);
}

/* HARDENING: coalesced_index */
TEST(coalesced_index)
{
	static const uint32_t index[] = { 0, 1, 0x7f, 169, 170, 0x1000, 0x7fffffff, 0xffffffff };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_accesses, sizeof(index) / sizeof(index[0]));
	struct kvm_coalesced_mmio_zone zone = { .addr = VM_MMIO_GPA, .size = 8 };
	int page = vm_check(vm, KVM_CAP_COALESCED_MMIO);
	struct kvm_coalesced_mmio_ring *ring;

	if (page <= 0) {
		/* No ring: no request makes one, and there is no page for it. */
		EXPECT_EQ(-1, vm_ioctl(vm, KVM_REGISTER_COALESCED_MMIO, &zone));
		EXPECT_EQ(-1, vm_ioctl(vm, KVM_UNREGISTER_COALESCED_MMIO, &zone));
		for (unsigned int i = 1; i < 64; i++) {
			EXPECT_FALSE(page_is_there(vcpu, i)) TH_LOG("page %u", i);
		}
		vm_destroy(vm);
		return;
	}
	EXPECT_OK(vm_ioctl(vm, KVM_REGISTER_COALESCED_MMIO, &zone));
	ring = (void *)((char *)vcpu->run + (size_t)page * PAGE);
	for (unsigned int i = 0; i < sizeof(index) / sizeof(index[0]); i++) {
		ring->first = index[i];
		ring->last = index[sizeof(index) / sizeof(index[0]) - 1 - i];
		/* The write may be in the ring or not; the other accesses come all the same. */
		for (int j = 0; j < 3; j++) {
			ASSERT_EQ(0, vcpu_run_once(vcpu));
			ASSERT_EQ(KVM_EXIT_MMIO, vcpu->run->exit_reason);
			if (vcpu->run->mmio.phys_addr == VM_MMIO_GPA)
				j--;
		}
	}
	vm_destroy(vm);
}

/* HARDENING: dirty_ring_index */
TEST(dirty_ring_index)
{
	struct vm *vm = vm_create_bare(0);
	struct kvm_enable_cap cap = { .cap = KVM_CAP_DIRTY_LOG_RING_ACQ_REL };
	struct vcpu *vcpu;
	int bytes = vm_check(vm, KVM_CAP_DIRTY_LOG_RING_ACQ_REL);

	if (bytes <= 0) {
		cap.args[0] = 65536;
		EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
		cap.cap = KVM_CAP_DIRTY_LOG_RING;
		EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
		EXPECT_EQ(-1, vm_ioctl(vm, KVM_RESET_DIRTY_RINGS, 0));
		vcpu = vcpu_create(vm, 0);
		EXPECT_FALSE(page_is_there(vcpu, KVM_DIRTY_LOG_PAGE_OFFSET));
		vm_destroy(vm);
		return;
	}
	cap.args[0] = bytes;
	EXPECT_OK(vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
	vcpu = vcpu_create(vm, 0);
	for (int i = 0; i < 20; i++) {
		struct kvm_dirty_gfn *ring = must(mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd,
						       (off_t)KVM_DIRTY_LOG_PAGE_OFFSET * PAGE));

		for (unsigned int j = 0; j < bytes / sizeof(*ring); j++)
			ring[j] = (struct kvm_dirty_gfn) { random(), random(), random() };
		vm_ioctl(vm, KVM_RESET_DIRTY_RINGS, 0);
		munmap(ring, bytes);
	}
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
