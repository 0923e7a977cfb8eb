// SPDX-License-Identifier: GPL-2.0
/* KVM_IOEVENTFD: guest writes that signal an eventfd instead of causing an exit. */
#include <fcntl.h>
#include <sys/eventfd.h>

#include "kvm_test.h"

#define ADDR	(VM_MMIO_GPA + 0x1000)

static int assign(struct vm *vm, uint64_t addr, uint32_t len, int fd, uint32_t flags, uint64_t match)
{
	struct kvm_ioeventfd io = { .datamatch = match, .addr = addr, .len = len, .fd = fd, .flags = flags };

	return vm_ioctl(vm, KVM_IOEVENTFD, &io);
}

static void guest_write(uint64_t width, uint64_t address, uint64_t value)
{
	switch (width) {
	case 1:
		guest_mmio_write8(address, value);
		break;
	case 2:
		guest_mmio_write16(address, value);
		break;
	case 4:
		guest_mmio_write32(address, value);
		break;
	case 8:
		guest_mmio_write64(address, value);
		break;
	}
}

static __shared uint64_t w_width, w_addr, w_value;

/* Writes what the host asks for, until it asks for width 0. */
static void guest_writer(void)
{
	for (;;) {
		guest_sync(0);
		if (!READ_ONCE(w_width))
			return;
		guest_write(READ_ONCE(w_width), READ_ONCE(w_addr), READ_ONCE(w_value));
	}
}

/* True if the write caused an exit (which then is completed), false if it was taken by the kernel. */
static bool write_exits(struct vcpu *vcpu, uint64_t width, uint64_t addr, uint64_t value)
{
	unsigned int what;

	w_width = width;
	w_addr = addr;
	w_value = value;
	what = vcpu_run(vcpu);
	if (what == EXIT_GUEST_SYNC)
		return false;
	if (what != KVM_EXIT_MMIO || vcpu->run->mmio.phys_addr != addr || vcpu->run->mmio.len != width ||
	    !vcpu->run->mmio.is_write || memcmp(vcpu->run->mmio.data, &value, width))
		test_fail("exit %s for a write of %lu bytes", kvm_exit_name(what), (unsigned long)width);
	vcpu_sync(vcpu);
	return true;
}

FIXTURE(io) {
	struct vm *vm;
	struct vcpu *vcpu;
	int fd;
};

FIXTURE_SETUP(io)
{
	if (kvm_check(KVM_CAP_IOEVENTFD) <= 0)
		SKIP(return, "no KVM_CAP_IOEVENTFD");
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, guest_writer);
	vcpu_sync(self->vcpu);
	self->fd = event_fd();
}

FIXTURE_TEARDOWN(io)
{
	close(self->fd);
	vm_destroy(self->vm);
}

TEST_F(io, every_width)
{
	for (uint64_t len = 1; len <= 8; len *= 2) {
		EXPECT_OK(assign(self->vm, ADDR, len, self->fd, 0, 0));
		for (uint64_t width = 1; width <= 8; width *= 2) {
			bool exits = write_exits(self->vcpu, width, ADDR, 0x1122334455667788UL);

			EXPECT_EQ(width != len, exits) TH_LOG("len %lu, write of %lu", len, width);
			EXPECT_EQ(width == len, event_count(self->fd));
		}
		/* Only that address. */
		EXPECT_TRUE(write_exits(self->vcpu, len, ADDR + len, 0));
		EXPECT_TRUE(write_exits(self->vcpu, len, ADDR - len, 0));
		EXPECT_OK(assign(self->vm, ADDR, len, self->fd, KVM_IOEVENTFD_FLAG_DEASSIGN, 0));
		EXPECT_TRUE(write_exits(self->vcpu, len, ADDR, 0));
		EXPECT_EQ(0, event_count(self->fd));
	}
}

TEST_F(io, ioeventfd_datamatch)
{
	const uint32_t match = KVM_IOEVENTFD_FLAG_DATAMATCH;

	for (uint64_t len = 1; len <= 8; len *= 2) {
		uint64_t value = 0x8182838485868788UL >> (64 - 8 * len);

		EXPECT_OK(assign(self->vm, ADDR, len, self->fd, match, value));
		EXPECT_FALSE(write_exits(self->vcpu, len, ADDR, value));
		EXPECT_EQ(1, event_count(self->fd));
		EXPECT_TRUE(write_exits(self->vcpu, len, ADDR, value + 1));
		EXPECT_TRUE(write_exits(self->vcpu, len, ADDR, value ^ 0x80));
		for (uint64_t width = 1; width <= 8; width *= 2) {
			if (width != len) {
				EXPECT_TRUE(write_exits(self->vcpu, width, ADDR, value >> (len > width ? 8 * (len - width) : 0)));
			}
		}
		/* A write at an odd place within is nothing to the eventfd, nor to the host's health. */
		if (len > 1) {
			EXPECT_TRUE(write_exits(self->vcpu, len / 2, ADDR + len / 2, value));
		}
		EXPECT_EQ(0, event_count(self->fd));
		EXPECT_OK(assign(self->vm, ADDR, len, self->fd, match | KVM_IOEVENTFD_FLAG_DEASSIGN, value));
	}
}

TEST_F(io, upper_bits_of_datamatch_do_not_count)
{
	EXPECT_OK(assign(self->vm, ADDR, 1, self->fd, KVM_IOEVENTFD_FLAG_DATAMATCH, 0x42));
	EXPECT_FALSE(write_exits(self->vcpu, 1, ADDR, 0x42));
	EXPECT_EQ(1, event_count(self->fd));
}

TEST_F(io, several_values_at_one_address)
{
	const uint32_t match = KVM_IOEVENTFD_FLAG_DATAMATCH;
	int fd2 = event_fd();

	EXPECT_OK(assign(self->vm, ADDR, 4, self->fd, match, 1));
	EXPECT_OK(assign(self->vm, ADDR, 4, fd2, match, 2));
	EXPECT_ERRNO(EEXIST, assign(self->vm, ADDR, 4, fd2, match, 1));
	EXPECT_ERRNO(EEXIST, assign(self->vm, ADDR, 4, fd2, 0, 0));
	EXPECT_FALSE(write_exits(self->vcpu, 4, ADDR, 2));
	EXPECT_EQ(0, event_count(self->fd));
	EXPECT_EQ(1, event_count(fd2));
	EXPECT_FALSE(write_exits(self->vcpu, 4, ADDR, 1));
	EXPECT_FALSE(write_exits(self->vcpu, 4, ADDR, 1));
	EXPECT_EQ(2, event_count(self->fd));
	EXPECT_TRUE(write_exits(self->vcpu, 4, ADDR, 3));
	close(fd2);
}

TEST_F(io, length_zero_takes_every_width)
{
	REQUIRE_CAP(KVM_CAP_IOEVENTFD_ANY_LENGTH);
	EXPECT_OK(assign(self->vm, ADDR, 0, self->fd, 0, 0));
	for (uint64_t width = 1; width <= 8; width *= 2)
		EXPECT_FALSE(write_exits(self->vcpu, width, ADDR, width));
	EXPECT_EQ(4, event_count(self->fd));
	EXPECT_TRUE(write_exits(self->vcpu, 1, ADDR + 1, 0));
	EXPECT_ERRNO(EEXIST, assign(self->vm, ADDR, 4, self->fd, 0, 0));
	EXPECT_ERRNO(EINVAL, assign(self->vm, ADDR + 64, 0, self->fd, KVM_IOEVENTFD_FLAG_DATAMATCH, 0));
	EXPECT_OK(assign(self->vm, ADDR, 0, self->fd, KVM_IOEVENTFD_FLAG_DEASSIGN, 0));
	EXPECT_TRUE(write_exits(self->vcpu, 4, ADDR, 0));
}

TEST_F(io, arguments)
{
	int file = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (uint32_t len = 3; len <= 16; len++) {
		if (len == 4 || len == 8)
			continue;
		EXPECT_ERRNO(EINVAL, assign(self->vm, ADDR, len, self->fd, 0, 0));
	}
	EXPECT_ERRNO(EINVAL, assign(self->vm, -4UL, 8, self->fd, 0, 0));
	EXPECT_ERRNO(EINVAL, assign(self->vm, ADDR, 4, self->fd, 1u << 5, 0));
	EXPECT_ERRNO(EINVAL, assign(self->vm, ADDR, 4, self->fd, 1u << 31, 0));
	EXPECT_ERRNO(EBADF, assign(self->vm, ADDR, 4, -1, 0, 0));
	EXPECT_ERRNO(EBADF, assign(self->vm, ADDR, 4, 1000, 0, 0));
	EXPECT_ERRNO(EINVAL, assign(self->vm, ADDR, 4, file, 0, 0));
	EXPECT_TRUE(write_exits(self->vcpu, 4, ADDR, 0));
	close(file);
}

TEST_F(io, deassign_needs_the_same)
{
	const uint32_t gone = KVM_IOEVENTFD_FLAG_DEASSIGN, match = KVM_IOEVENTFD_FLAG_DATAMATCH;
	int fd2 = event_fd();

	EXPECT_ERRNO(ENOENT, assign(self->vm, ADDR, 4, self->fd, gone, 0));
	EXPECT_OK(assign(self->vm, ADDR, 4, self->fd, match, 5));
	EXPECT_ERRNO(ENOENT, assign(self->vm, ADDR, 4, fd2, gone | match, 5));
	EXPECT_ERRNO(ENOENT, assign(self->vm, ADDR, 4, self->fd, gone | match, 6));
	EXPECT_ERRNO(ENOENT, assign(self->vm, ADDR, 4, self->fd, gone, 0));
	EXPECT_ERRNO(ENOENT, assign(self->vm, ADDR, 2, self->fd, gone | match, 5));
	EXPECT_ERRNO(ENOENT, assign(self->vm, ADDR + 4, 4, self->fd, gone | match, 5));
	EXPECT_FALSE(write_exits(self->vcpu, 4, ADDR, 5));
	EXPECT_OK(assign(self->vm, ADDR, 4, self->fd, gone | match, 5));
	EXPECT_ERRNO(ENOENT, assign(self->vm, ADDR, 4, self->fd, gone | match, 5));
	close(fd2);
}

TEST_F(io, ports_are_not_memory)
{
	const uint32_t gone = KVM_IOEVENTFD_FLAG_DEASSIGN, port = KVM_IOEVENTFD_FLAG_PIO;

	/* The same number may be a port and an address; the guest's stores are to the latter. */
	EXPECT_ERRNO(ENOENT, assign(self->vm, ADDR, 4, self->fd, port | gone, 0));
	EXPECT_OK(assign(self->vm, ADDR, 4, self->fd, port, 0));
	EXPECT_ERRNO(EEXIST, assign(self->vm, ADDR, 4, self->fd, port, 0));
	EXPECT_ERRNO(ENOENT, assign(self->vm, ADDR, 4, self->fd, gone, 0));
	EXPECT_TRUE(write_exits(self->vcpu, 4, ADDR, 1));
	EXPECT_EQ(0, event_count(self->fd));
	EXPECT_OK(assign(self->vm, ADDR, 4, self->fd, 0, 0));
	EXPECT_FALSE(write_exits(self->vcpu, 4, ADDR, 1));
	EXPECT_EQ(1, event_count(self->fd));
	EXPECT_OK(assign(self->vm, ADDR, 4, self->fd, port | gone, 0));
	EXPECT_FALSE(write_exits(self->vcpu, 4, ADDR, 1));
	EXPECT_EQ(1, event_count(self->fd));
	EXPECT_ERRNO(EINVAL, assign(self->vm, ADDR, 3, self->fd, port, 0));
	/* One is left when the VM dies. */
	EXPECT_OK(assign(self->vm, ADDR, 0, self->fd, port, 0));
}

TEST_F(io, reads_still_exit)
{
	struct kvm_run *run = self->vcpu->run;

	EXPECT_OK(assign(self->vm, VM_UCALL_GPA + 0x100, 8, self->fd, 0, 0));
	EXPECT_OK(assign(self->vm, ADDR, 4, self->fd, 0, 0));
	vcpu_complete(self->vcpu);
	vcpu_restart(self->vcpu, (guest_fn)guest_mmio_read32, ADDR);
	vcpu_expect_exit(self->vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(ADDR, run->mmio.phys_addr);
	EXPECT_EQ(0, run->mmio.is_write);
	EXPECT_EQ(0, event_count(self->fd));
}

TEST_F(io, eventfd_may_be_closed_first)
{
	int fd2 = event_fd(), other = dup(fd2);

	EXPECT_OK(assign(self->vm, ADDR, 4, fd2, 0, 0));
	close(fd2);
	EXPECT_FALSE(write_exits(self->vcpu, 4, ADDR, 1));
	EXPECT_EQ(1, event_count(other));
	close(other);
	EXPECT_FALSE(write_exits(self->vcpu, 4, ADDR, 1));
}

TEST_F(io, bus_unregister)
{
	/* Many devices come and go while the guest writes to their addresses; a removal must not lose the others. */
	enum { N = 64 };
	int fd[N];

	for (int i = 0; i < N; i++) {
		fd[i] = event_fd();
		ASSERT_EQ(0, assign(self->vm, ADDR + 8 * i, 4, fd[i], 0, 0));
	}
	for (int i = 0; i < N; i += 2)
		ASSERT_EQ(0, assign(self->vm, ADDR + 8 * i, 4, fd[i], KVM_IOEVENTFD_FLAG_DEASSIGN, 0));
	for (int i = 0; i < N; i++) {
		EXPECT_EQ(i % 2 == 0, write_exits(self->vcpu, 4, ADDR + 8 * i, i)) TH_LOG("device %d", i);
		EXPECT_EQ(i % 2, event_count(fd[i]));
	}
	for (int i = 0; i < N; i++)
		close(fd[i]);
}

static __shared volatile bool stop;

static void guest_hammers(void)
{
	for (uint64_t i = 0; !stop; i++)
		guest_mmio_write32(ADDR + i % 16 * 8, i);
}

static void *run_hammer(void *arg)
{
	struct vcpu *vcpu = arg;
	unsigned int what;

	do
		what = vcpu_run(vcpu);
	while (what == KVM_EXIT_MMIO);
	return (void *)(long)(what != EXIT_GUEST_DONE);
}

TEST_F(io, assign_and_deassign_under_load)
{
	struct vcpu *vcpu = vcpu_add(self->vm, guest_hammers);
	uint64_t before = 0;
	pthread_t t;
	void *bad;

	stop = false;
	pthread_create(&t, NULL, run_hammer, vcpu);
	for (int round = 0; round < 40; round++) {
		for (int i = 0; i < 16; i++)
			EXPECT_OK(assign(self->vm, ADDR + i * 8, 4, self->fd, 0, 0));
		for (int i = 0; i < 16; i++)
			EXPECT_OK(assign(self->vm, ADDR + i * 8, 4, self->fd, KVM_IOEVENTFD_FLAG_DEASSIGN, 0));
		before += event_count(self->fd);
	}
	stop = true;
	pthread_join(t, &bad);
	EXPECT_EQ(NULL, bad);
	EXPECT_GT(before, 0);
}

TEST_HARNESS_MAIN
