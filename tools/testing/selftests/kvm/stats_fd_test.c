// SPDX-License-Identifier: GPL-2.0
/* KVM_GET_STATS_FD: the layout of the file, how it is read, and that the counters count. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "kvm_test.h"

#define MAX_DESCS	256

struct stats {
	int fd;
	struct kvm_stats_header head;
	char id[256];
	struct {
		struct kvm_stats_desc d;
		char name[256];
	} desc[MAX_DESCS];
};

static void stats_open(struct stats *s, int owner)
{
	size_t one;

	s->fd = must(ioctl(owner, KVM_GET_STATS_FD, 0));
	if (pread(s->fd, &s->head, sizeof(s->head), 0) != sizeof(s->head))
		test_fail("no header");
	if (s->head.name_size > 255 || !s->head.num_desc || s->head.num_desc > MAX_DESCS)
		test_fail("name_size %u, num_desc %u", s->head.name_size, s->head.num_desc);
	must(pread(s->fd, s->id, s->head.name_size, s->head.id_offset));
	one = sizeof(s->desc[0].d) + s->head.name_size;
	for (unsigned int i = 0; i < s->head.num_desc; i++) {
		char buf[sizeof(s->desc[0].d) + 256];

		if (pread(s->fd, buf, one, s->head.desc_offset + i * one) != one)
			test_fail("descriptor %u", i);
		memcpy(&s->desc[i].d, buf, sizeof(s->desc[i].d));
		memcpy(s->desc[i].name, buf + sizeof(s->desc[i].d), s->head.name_size);
	}
}

static int stats_index(const struct stats *s, const char *name)
{
	for (unsigned int i = 0; i < s->head.num_desc; i++)
		if (!strcmp(s->desc[i].name, name))
			return i;
	return -1;
}

static uint64_t stats_value(const struct stats *s, const char *name, unsigned int n)
{
	int i = stats_index(s, name);
	uint64_t value;

	if (i < 0)
		test_fail("there is no %s", name);
	if (pread(s->fd, &value, 8, s->head.data_offset + s->desc[i].d.offset + 8 * n) != 8)
		test_fail("%s cannot be read", name);
	return value;
}

static size_t stats_size(const struct stats *s)
{
	size_t size = 0;

	for (unsigned int i = 0; i < s->head.num_desc; i++)
		size += s->desc[i].d.size * 8;
	return s->head.data_offset + size;
}

static void guest_nothing(void)
{
}

static void guest_stores(uint64_t n)
{
	while (n--)
		guest_mmio_write64(VM_MMIO_GPA, n);
}

static void guest_spins(volatile uint64_t *stop)
{
	while (!*stop)
		;
}

static uint64_t stop __shared;

FIXTURE(stats) {
	struct vm *vm;
	struct vcpu *vcpu;
	struct stats of_vm, of_vcpu;
};

FIXTURE_SETUP(stats)
{
	REQUIRE_CAP(KVM_CAP_BINARY_STATS_FD);
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, guest_nothing);
	stats_open(&self->of_vm, self->vm->fd);
	stats_open(&self->of_vcpu, self->vcpu->fd);
}

FIXTURE_TEARDOWN(stats)
{
	if (self->vm)
		vm_destroy(self->vm);
}

TEST_F(stats, layout)
{
	struct stats *all[] = { &self->of_vm, &self->of_vcpu };

	EXPECT_EQ(1, vm_check(self->vm, KVM_CAP_BINARY_STATS_FD));
	for (int k = 0; k < 2; k++) {
		struct stats *s = all[k];
		size_t descs = s->head.num_desc * (sizeof(struct kvm_stats_desc) + s->head.name_size);

		EXPECT_EQ(0, s->head.flags);
		EXPECT_EQ(0, s->head.id_offset % 8);
		EXPECT_EQ(0, s->head.desc_offset % 8);
		EXPECT_EQ(0, s->head.data_offset % 8);
		EXPECT_LE(sizeof(s->head), s->head.id_offset);
		EXPECT_LE(s->head.id_offset + s->head.name_size, s->head.desc_offset);
		EXPECT_LE(s->head.desc_offset + descs, s->head.data_offset);
		EXPECT_LT(strnlen(s->id, s->head.name_size), s->head.name_size);
		EXPECT_NE(0, s->id[0]);
	}
	EXPECT_NE(NULL, strstr(self->of_vcpu.id, "vcpu-0"));
}

TEST_F(stats, descriptors)
{
	struct stats *all[] = { &self->of_vm, &self->of_vcpu };

	for (int k = 0; k < 2; k++) {
		struct stats *s = all[k];
		uint32_t next = 0;

		for (unsigned int i = 0; i < s->head.num_desc; i++) {
			const struct kvm_stats_desc *d = &s->desc[i].d;
			uint32_t type = d->flags & KVM_STATS_TYPE_MASK;

			EXPECT_LT(strnlen(s->desc[i].name, s->head.name_size), s->head.name_size);
			EXPECT_NE(0, s->desc[i].name[0]);
			EXPECT_EQ(i, stats_index(s, s->desc[i].name)) TH_LOG("%s is there twice", s->desc[i].name);
			EXPECT_LE(type, KVM_STATS_TYPE_MAX);
			EXPECT_LE(d->flags & KVM_STATS_UNIT_MASK, KVM_STATS_UNIT_MAX);
			EXPECT_LE(d->flags & KVM_STATS_BASE_MASK, KVM_STATS_BASE_MAX);
			EXPECT_EQ(0, d->flags & ~(KVM_STATS_TYPE_MASK | KVM_STATS_UNIT_MASK | KVM_STATS_BASE_MASK));
			EXPECT_EQ(type != KVM_STATS_TYPE_LINEAR_HIST, d->bucket_size == 0);
			EXPECT_EQ(type < KVM_STATS_TYPE_LINEAR_HIST, d->size == 1);
			EXPECT_NE(0, d->size);
			EXPECT_EQ(next, d->offset);
			next += 8 * d->size;
		}
	}
}

TEST_F(stats, names)
{
	static const char *const vcpu[] = {
		"halt_successful_poll", "halt_attempted_poll", "halt_poll_invalid", "halt_wakeup",
		"halt_poll_success_ns", "halt_poll_fail_ns", "halt_wait_ns", "halt_poll_success_hist",
		"halt_poll_fail_hist", "halt_wait_hist", "blocking", "mmio_exit_user", "mmio_exit_kernel",
		"signal_exits", "exits",
	};
	static const char *const vm[] = { "remote_tlb_flush", "remote_tlb_flush_requests" };

	for (unsigned int i = 0; i < sizeof(vcpu) / sizeof(vcpu[0]); i++) {
		EXPECT_LE(0, stats_index(&self->of_vcpu, vcpu[i])) TH_LOG("%s", vcpu[i]);
	}
	for (unsigned int i = 0; i < sizeof(vm) / sizeof(vm[0]); i++) {
		EXPECT_LE(0, stats_index(&self->of_vm, vm[i])) TH_LOG("%s", vm[i]);
	}
}

TEST_F(stats, any_piece_of_the_file)
{
	struct stats *s = &self->of_vcpu;
	size_t size = stats_size(s);
	char *whole = malloc(size + 64), *piece = malloc(size + 64);

	/* Nothing runs, so nothing changes. */
	ASSERT_EQ(size, pread(s->fd, whole, size + 64, 0));
	for (size_t step = 1; step < 400; step += 13) {
		memset(piece, 0xee, size);
		for (size_t at = 0; at < size; at += step) {
			size_t n = size - at < step ? size - at : step;

			ASSERT_EQ(n, pread(s->fd, piece + at, step, at));
		}
		ASSERT_EQ(0, memcmp(whole, piece, size)) TH_LOG("in pieces of %zu", step);
	}
	for (size_t at = s->head.data_offset - 3; at < s->head.data_offset + 3; at++) {
		ASSERT_EQ(size - at, pread(s->fd, piece, size, at));
		ASSERT_EQ(0, memcmp(whole + at, piece, size - at));
	}

	/* Sequentially: each read goes on where the last one ended. */
	EXPECT_EQ(10, read(s->fd, piece, 10));
	EXPECT_EQ(size - 10, read(s->fd, piece + 10, size));
	EXPECT_EQ(0, memcmp(whole, piece, size));
	EXPECT_EQ(0, read(s->fd, piece, 1));
	EXPECT_EQ(0, lseek(s->fd, 0, SEEK_SET));
	EXPECT_EQ(1, read(s->fd, piece, 1));
	free(whole);
	free(piece);
}

TEST_F(stats, what_the_file_refuses)
{
	size_t size = stats_size(&self->of_vcpu);
	int fd = self->of_vcpu.fd;
	void *volatile bad = (void *)1;
	char c;

	EXPECT_EQ(0, pread(fd, &c, 1, size));
	EXPECT_EQ(0, pread(fd, &c, 1, size + (1UL << 40)));
	EXPECT_EQ(0, pread(fd, &c, 0, 0));
	EXPECT_ERRNO(EINVAL, pread(fd, &c, 1, -1));
	EXPECT_ERRNO(EFAULT, pread(fd, bad, 1, 0));
	EXPECT_ERRNO(EFAULT, pread(fd, bad, 8, size - 8));
	EXPECT_ERRNO(EBADF, write(fd, &c, 1));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_ERRNO(ENOTTY, ioctl(fd, KVM_GET_STATS_FD, 0));
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
}

TEST_F(stats, no_descriptor_left)
{
	struct rlimit limit = { 0, 0 };

	/* Descriptors that are open stay so. */
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_ERRNO(EMFILE, ioctl(self->vm->fd, KVM_GET_STATS_FD, 0));
	EXPECT_ERRNO(EMFILE, ioctl(self->vcpu->fd, KVM_GET_STATS_FD, 0));
}

TEST_F(stats, counters_count)
{
	uint64_t user = stats_value(&self->of_vcpu, "mmio_exit_user", 0);
	uint64_t exits = stats_value(&self->of_vcpu, "exits", 0);

	vcpu_start(self->vcpu, (guest_fn)guest_stores, 10, 0, 0, 0);
	for (int i = 0; i < 10; i++)
		vcpu_expect_exit(self->vcpu, KVM_EXIT_MMIO);
	EXPECT_LE(user + 10, stats_value(&self->of_vcpu, "mmio_exit_user", 0));
	EXPECT_LE(exits + 10, stats_value(&self->of_vcpu, "exits", 0));
	EXPECT_EQ(0, stats_value(&self->of_vcpu, "blocking", 0));
	vcpu_done(self->vcpu);
}

TEST_F(stats, flushes_count)
{
	uint64_t requests = stats_value(&self->of_vm, "remote_tlb_flush_requests", 0);

	vcpu_done(self->vcpu);
	/* Each page that is taken from a guest is taken from the TLBs. */
	vm_delete_slot(self->vm, VM_SLOT_RAM);
	EXPECT_LT(requests, stats_value(&self->of_vm, "remote_tlb_flush_requests", 0));
}

TEST_F(stats, of_a_vcpu_that_runs)
{
	struct vcpu_thread thread;
	struct stats again;

	stop = 0;
	vcpu_start(self->vcpu, (guest_fn)guest_spins, (uint64_t)&stop, 0, 0, 0);
	vcpu_thread_start(&thread, self->vcpu);
	EXPECT_TRUE(wait_until(stats_value(&self->of_vcpu, "exits", 0), 10000));
	/* Its own counters do not wait for it. */
	stats_open(&again, self->vm->fd);
	EXPECT_EQ(again.head.num_desc, self->of_vm.head.num_desc);
	WRITE_ONCE(stop, 1);
	vcpu_thread_join(&thread);
}

TEST_F(stats, outlives_the_other_files)
{
	uint64_t value;

	vm_destroy(self->vm);
	self->vm = NULL;
	value = stats_value(&self->of_vcpu, "exits", 0);
	EXPECT_EQ(value, stats_value(&self->of_vcpu, "exits", 0));
	stats_value(&self->of_vm, "remote_tlb_flush", 0);
	close(self->of_vm.fd);
	close(self->of_vcpu.fd);
}

TEST_HARNESS_MAIN
