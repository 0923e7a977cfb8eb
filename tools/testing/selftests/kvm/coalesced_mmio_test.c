// SPDX-License-Identifier: GPL-2.0
/* Coalesced MMIO: what goes to the ring and what exits, and a ring whose indices user space has spoilt. */
#include "kvm_test.h"

#define ZONE		(VM_MMIO_GPA + 0x1000)
#define ZONE_SIZE	0x100
#define NR_ENTRIES	((self->page - sizeof(struct kvm_coalesced_mmio_ring)) / sizeof(struct kvm_coalesced_mmio))

static uint64_t stop __shared;

static void guest_writes(uint64_t gpa, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		guest_mmio_write32(gpa + i % 8 * 4, i);
}

static void guest_writes_all_sizes(uint64_t gpa)
{
	guest_mmio_write8(gpa, 0x11);
	guest_mmio_write16(gpa + 2, 0x2222);
	guest_mmio_write32(gpa + 4, 0x33333333);
	guest_mmio_write64(gpa + 8, 0x4444444444444444);
}

static void guest_reads(uint64_t gpa)
{
	guest_sync(guest_mmio_read32(gpa));
}

static void guest_writes_for_ever(uint64_t gpa)
{
	while (!READ_ONCE(stop))
		guest_mmio_write32(gpa, 1);
}

static void guest_writes_at_edges(uint64_t gpa, uint64_t size)
{
	guest_mmio_write8(gpa - 1, 1);
	guest_mmio_write64(gpa + size - 4, 2);
	guest_mmio_write8(gpa + size, 3);
	guest_mmio_write8(gpa + size - 1, 4);
}

FIXTURE(ring) {
	struct vm *vm;
	struct vcpu *vcpu;
	size_t page;
	struct kvm_coalesced_mmio_ring *ring;
};

static struct kvm_coalesced_mmio_ring *ring_of(struct vcpu *vcpu)
{
	return (void *)((char *)vcpu->run + kvm_check(KVM_CAP_COALESCED_MMIO) * sysconf(_SC_PAGESIZE));
}

FIXTURE_SETUP(ring)
{
	REQUIRE_CAP(KVM_CAP_COALESCED_MMIO);
	self->page = sysconf(_SC_PAGESIZE);
	self->vm = vm_create();
	self->vcpu = vcpu_add2(self->vm, guest_writes, ZONE, 3);
	self->ring = ring_of(self->vcpu);
}

FIXTURE_TEARDOWN(ring)
{
	if (self->vm)
		vm_destroy(self->vm);
}

static int zone(struct vm *vm, unsigned long request, uint64_t gpa, uint32_t size, uint32_t pio)
{
	struct kvm_coalesced_mmio_zone z = { .addr = gpa, .size = size, .pio = pio };

	return vm_ioctl(vm, request, &z);
}

static int zone_add(struct vm *vm, uint64_t gpa, uint32_t size)
{
	return zone(vm, KVM_REGISTER_COALESCED_MMIO, gpa, size, 0);
}

static int zone_remove(struct vm *vm, uint64_t gpa, uint32_t size)
{
	return zone(vm, KVM_UNREGISTER_COALESCED_MMIO, gpa, size, 0);
}

TEST_F(ring, is_in_the_mapping)
{
	int offset = kvm_check(KVM_CAP_COALESCED_MMIO);

	EXPECT_EQ(offset, vm_check(self->vm, KVM_CAP_COALESCED_MMIO));
	EXPECT_LE((offset + 1) * self->page, self->vcpu->run_size);
	EXPECT_EQ(0, self->ring->first);
	EXPECT_EQ(0, self->ring->last);
}

TEST_F(ring, stores_do_not_exit)
{
	static const unsigned int offset[] = { 0, 2, 4, 8 };

	must(zone_add(self->vm, ZONE, ZONE_SIZE));
	vcpu_start(self->vcpu, (guest_fn)guest_writes_all_sizes, ZONE, 0, 0, 0);
	vcpu_done(self->vcpu);
	EXPECT_EQ(0, self->ring->first);
	ASSERT_EQ(4, self->ring->last);
	for (unsigned int i = 0; i < 4; i++) {
		struct kvm_coalesced_mmio *e = &self->ring->coalesced_mmio[i];
		uint64_t value = 0;

		memcpy(&value, e->data, 1 << i);
		EXPECT_EQ(ZONE + offset[i], e->phys_addr);
		EXPECT_EQ(1 << i, e->len);
		EXPECT_EQ(0, e->pio);
		EXPECT_EQ(0x1111111111111111ULL * (i + 1) >> (64 - (8 << i)), value);
	}
}

TEST_F(ring, without_a_zone_everything_exits)
{
	for (int i = 0; i < 3; i++) {
		vcpu_expect_exit(self->vcpu, KVM_EXIT_MMIO);
		EXPECT_EQ(ZONE + 4 * i, self->vcpu->run->mmio.phys_addr);
	}
	vcpu_done(self->vcpu);
	EXPECT_EQ(0, self->ring->last);
}

TEST_F(ring, loads_exit)
{
	must(zone_add(self->vm, ZONE, ZONE_SIZE));
	vcpu_start(self->vcpu, (guest_fn)guest_reads, ZONE, 0, 0, 0);
	vcpu_expect_exit(self->vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(0, self->vcpu->run->mmio.is_write);
	*(uint32_t *)self->vcpu->run->mmio.data = 99;
	EXPECT_EQ(99, vcpu_sync(self->vcpu));
	vcpu_done(self->vcpu);
	EXPECT_EQ(0, self->ring->last);
}

TEST_F(ring, only_what_is_all_in_the_zone)
{
	/* Its end is in the middle of an aligned store. */
	const uint32_t size = ZONE_SIZE - 4;

	must(zone_add(self->vm, ZONE, size));
	vcpu_start(self->vcpu, (guest_fn)guest_writes_at_edges, ZONE, size, 0, 0);
	for (int i = 1; i <= 3; i++) {
		vcpu_expect_exit(self->vcpu, KVM_EXIT_MMIO);
		EXPECT_EQ(i, self->vcpu->run->mmio.data[0]);
	}
	vcpu_done(self->vcpu);
	ASSERT_EQ(1, self->ring->last);
	EXPECT_EQ(4, self->ring->coalesced_mmio[0].data[0]);
}

TEST_F(ring, what_does_not_fit_exits)
{
	uint32_t n = NR_ENTRIES;

	must(zone_add(self->vm, ZONE, ZONE_SIZE));
	for (uint32_t at = 0; at < n; at += n / 3) {
		WRITE_ONCE(self->ring->first, at);
		WRITE_ONCE(self->ring->last, at);
		vcpu_start(self->vcpu, (guest_fn)guest_writes, ZONE, n + 1, 0, 0);
		/* One entry stays free, so that a full ring is not an empty one. */
		vcpu_expect_exit(self->vcpu, KVM_EXIT_MMIO);
		EXPECT_EQ(n - 1, *(uint32_t *)self->vcpu->run->mmio.data);
		EXPECT_EQ((at + n - 1) % n, self->ring->last);
		for (uint32_t i = 0; i < n - 1; i++)
			ASSERT_EQ(i, *(uint32_t *)self->ring->coalesced_mmio[(at + i) % n].data);
		WRITE_ONCE(self->ring->first, self->ring->last);
		vcpu_done(self->vcpu);
		EXPECT_EQ((at + n) % n, self->ring->last);
	}
}

/* HARDENING: whatever the indices are, nothing is written beyond the page, and the guest goes on. */
TEST_F(ring, coalesced_index)
{
	const uint32_t bad[] = { NR_ENTRIES, NR_ENTRIES + 1, 0x7fffffff, 0x80000000, 0xffffffff };
	char *next = malloc(self->page);

	must(zone_add(self->vm, ZONE, ZONE_SIZE));
	for (unsigned int i = 0; i < 3 * sizeof(bad) / sizeof(bad[0]); i++) {
		uint32_t value = bad[i / 3];

		WRITE_ONCE(self->ring->first, i % 3 == 0 ? 0 : value);
		WRITE_ONCE(self->ring->last, i % 3 == 1 ? 0 : value);
		memcpy(next, self->ring, self->page);
		vcpu_start(self->vcpu, (guest_fn)guest_writes, ZONE, 1, 0, 0);
		vcpu_expect_exit(self->vcpu, KVM_EXIT_MMIO);
		EXPECT_EQ(ZONE, self->vcpu->run->mmio.phys_addr);
		EXPECT_EQ(0, memcmp(next, self->ring, self->page));
		vcpu_done(self->vcpu);
	}
	free(next);
}

/* Runs a vCPU, whose stores may exit or not, to the end of its function. */
static void *run_to_the_end(void *vcpu)
{
	unsigned int why;

	do
		why = vcpu_run(vcpu);
	while (why == KVM_EXIT_MMIO);
	return why == EXIT_GUEST_DONE ? NULL : vcpu;
}

TEST_F(ring, coalesced_index_that_changes)
{
	pthread_t thread[2];
	void *failed;
	struct vcpu *vcpu[2] = { self->vcpu, vcpu_add1(self->vm, guest_writes_for_ever, ZONE) };
	uint32_t x = 1;

	must(zone_add(self->vm, ZONE, ZONE_SIZE));
	stop = 0;
	vcpu_start(vcpu[0], (guest_fn)guest_writes_for_ever, ZONE, 0, 0, 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, run_to_the_end, vcpu[i]);
	for (int i = 0; i < 200000; i++) {
		x = x * 1664525 + 1013904223;
		WRITE_ONCE(self->ring->first, i % 5 ? x >> 24 : x);
		WRITE_ONCE(self->ring->last, i % 3 ? x >> 25 : ~x);
	}
	WRITE_ONCE(stop, 1);
	for (int i = 0; i < 2; i++) {
		pthread_join(thread[i], &failed);
		EXPECT_EQ(NULL, failed);
	}
}

TEST_F(ring, is_one_for_all_vcpus)
{
	struct vcpu *other = vcpu_add2(self->vm, guest_writes, ZONE + 0x20, 2);

	must(zone_add(self->vm, ZONE, ZONE_SIZE));
	vcpu_done(self->vcpu);
	vcpu_done(other);
	ASSERT_EQ(5, self->ring->last);
	EXPECT_EQ(5, ring_of(other)->last);
	EXPECT_EQ(ZONE + 8, self->ring->coalesced_mmio[2].phys_addr);
	EXPECT_EQ(ZONE + 0x20, self->ring->coalesced_mmio[3].phys_addr);
}

TEST_F(ring, zones_come_and_go)
{
	must(zone_add(self->vm, ZONE, ZONE_SIZE));
	must(zone_add(self->vm, ZONE + 0x10, 0x10));
	must(zone_add(self->vm, ZONE, ZONE_SIZE));

	/* A range that no zone has all of: nothing happens. */
	EXPECT_OK(zone_remove(self->vm, ZONE, ZONE_SIZE + 1));
	EXPECT_OK(zone_remove(self->vm, ZONE - 1, 2));
	EXPECT_OK(zone_remove(self->vm, ZONE + 0x100000, 4));
	vcpu_done(self->vcpu);
	EXPECT_EQ(3, self->ring->last);

	/* Both go, and the one that lies in the middle stays. */
	EXPECT_OK(zone_remove(self->vm, ZONE, ZONE_SIZE));
	vcpu_start(self->vcpu, (guest_fn)guest_writes, ZONE + 0xc, 2, 0, 0);
	vcpu_expect_exit(self->vcpu, KVM_EXIT_MMIO);
	vcpu_done(self->vcpu);
	EXPECT_EQ(4, self->ring->last);

	/* A part of a zone stands for all of it. */
	EXPECT_OK(zone_remove(self->vm, ZONE + 0x14, 4));
	vcpu_start(self->vcpu, (guest_fn)guest_writes, ZONE + 0x10, 1, 0, 0);
	vcpu_expect_exit(self->vcpu, KVM_EXIT_MMIO);
	vcpu_done(self->vcpu);
	EXPECT_OK(zone_remove(self->vm, ZONE + 0x14, 4));
}

TEST_F(ring, an_empty_zone_has_nothing)
{
	EXPECT_OK(zone_add(self->vm, ZONE, 0));
	vcpu_expect_exit(self->vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(0, self->ring->last);
	EXPECT_OK(zone_remove(self->vm, ZONE, 0));
}

TEST_F(ring, arguments)
{
	int i;

	EXPECT_ERRNO(EINVAL, zone(self->vm, KVM_REGISTER_COALESCED_MMIO, ZONE, 8, 2));
	EXPECT_ERRNO(EINVAL, zone(self->vm, KVM_UNREGISTER_COALESCED_MMIO, ZONE, 8, 2));
	if (kvm_check(KVM_CAP_COALESCED_PIO) <= 0) {
		EXPECT_ERRNO(EINVAL, zone(self->vm, KVM_REGISTER_COALESCED_MMIO, ZONE, 8, 1));
		EXPECT_ERRNO(EINVAL, zone(self->vm, KVM_UNREGISTER_COALESCED_MMIO, ZONE, 8, 1));
	}
	EXPECT_ERRNO(EFAULT, vm_ioctl(self->vm, KVM_REGISTER_COALESCED_MMIO, 1));
	EXPECT_ERRNO(EFAULT, vm_ioctl(self->vm, KVM_UNREGISTER_COALESCED_MMIO, 1));

	for (i = 0; i < 5000 && !zone_add(self->vm, ZONE + 16 * i, 16); i++)
		;
	EXPECT_EQ(ENOSPC, errno);
	EXPECT_LT(100, i);
	/* What was refused has left nothing behind. */
	EXPECT_OK(zone_remove(self->vm, ZONE, 16));
	EXPECT_OK(zone_add(self->vm, ZONE, 16));
}

TEST_F(ring, zones_change_while_vcpus_store)
{
	pthread_t thread;
	void *failed;

	stop = 0;
	vcpu_start(self->vcpu, (guest_fn)guest_writes_for_ever, ZONE, 0, 0, 0);
	pthread_create(&thread, NULL, run_to_the_end, self->vcpu);
	for (int i = 0; i < 200; i++) {
		must(zone_add(self->vm, ZONE, ZONE_SIZE));
		WRITE_ONCE(self->ring->first, READ_ONCE(self->ring->last));
		must(zone_remove(self->vm, ZONE, ZONE_SIZE));
	}
	WRITE_ONCE(stop, 1);
	pthread_join(thread, &failed);
	EXPECT_EQ(NULL, failed);
}

TEST_HARNESS_MAIN
