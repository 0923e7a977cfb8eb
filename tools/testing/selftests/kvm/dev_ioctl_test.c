// SPDX-License-Identifier: GPL-2.0
/* Requests of /dev/kvm itself, and what holds for every file descriptor of the interface. */
#include <fcntl.h>
#include <sys/mman.h>

#include "kvm_test.h"

#define NO_SUCH_REQUEST	_IO(KVMIO, 0x3f)

FIXTURE(dev) {
	int fd;
};

FIXTURE_SETUP(dev)
{
	self->fd = kvm_open();
}

FIXTURE_TEARDOWN(dev)
{
	close(self->fd);
}

TEST_F(dev, api_version)
{
	EXPECT_EQ(12, ioctl(self->fd, KVM_GET_API_VERSION, 0));
	EXPECT_ERRNO(EINVAL, ioctl(self->fd, KVM_GET_API_VERSION, 1));
}

TEST_F(dev, vcpu_mmap_size)
{
	long page = sysconf(_SC_PAGESIZE);
	int size = ioctl(self->fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	EXPECT_GE(size, (int)sizeof(struct kvm_run));
	EXPECT_EQ(0, size % page);
	EXPECT_ERRNO(EINVAL, ioctl(self->fd, KVM_GET_VCPU_MMAP_SIZE, 1));
}

TEST_F(dev, mapping_covers_the_announced_size)
{
	struct vm *vm = vm_create_bare(0);
	struct vcpu *vcpu = vcpu_create(vm, 0);
	long page = sysconf(_SC_PAGESIZE);

	EXPECT_EQ(MAP_FAILED, mmap(NULL, page, PROT_READ, MAP_SHARED, self->fd, 0));
	/* Page 0 is struct kvm_run, all of it. */
	memset(vcpu->run, 0, sizeof(*vcpu->run));
	vcpu->run->s.padding[sizeof(vcpu->run->s) - 1] = 1;
	vm_destroy(vm);
}

TEST_F(dev, unknown_requests)
{
	struct vm *vm = vm_create_bare(0);
	struct vcpu *vcpu = vcpu_create(vm, 0);

	EXPECT_ERRNO(EINVAL, ioctl(self->fd, NO_SUCH_REQUEST, 0));
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, NO_SUCH_REQUEST, 0));
	EXPECT_ERRNO(EINVAL, vcpu_ioctl(vcpu, NO_SUCH_REQUEST, 0));
	/* Of another magic number */
	EXPECT_ERRNO(EINVAL, vcpu_ioctl(vcpu, _IO(0x12, 1), 0));
	/* The right request to the wrong descriptor */
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_GET_API_VERSION, 0));
	EXPECT_ERRNO(EINVAL, ioctl(self->fd, KVM_CREATE_VCPU, 0));
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_RUN, 0));
	vm_destroy(vm);
}

TEST_F(dev, capabilities_are_consistent)
{
	int nr, max, max_id;

	EXPECT_EQ(0, kvm_check(0x7fffffff));
	EXPECT_GE(kvm_check(KVM_CAP_USER_MEMORY), 1);
	EXPECT_GE(kvm_check(KVM_CAP_DESTROY_MEMORY_REGION_WORKS), 1);
	EXPECT_GE(kvm_check(KVM_CAP_JOIN_MEMORY_REGIONS_WORKS), 1);
	EXPECT_GE(kvm_check(KVM_CAP_SYNC_MMU), 1);
	EXPECT_GE(kvm_check(KVM_CAP_ONE_REG), 1);
	EXPECT_GE(kvm_check(KVM_CAP_IMMEDIATE_EXIT), 1);
	EXPECT_GE(kvm_check(KVM_CAP_CHECK_EXTENSION_VM), 1);

	nr = kvm_check(KVM_CAP_NR_VCPUS);
	max = kvm_check(KVM_CAP_MAX_VCPUS);
	max_id = kvm_check(KVM_CAP_MAX_VCPU_ID);
	EXPECT_GE(nr, 1);
	EXPECT_LE(nr, max);
	EXPECT_LE(max, max_id);
	EXPECT_GE(kvm_check(KVM_CAP_NR_MEMSLOTS), 32);
}

TEST_F(dev, vm_answers_capabilities_as_well)
{
	static const unsigned int cap[] = {
		KVM_CAP_USER_MEMORY, KVM_CAP_NR_MEMSLOTS, KVM_CAP_MAX_VCPUS, KVM_CAP_ONE_REG, KVM_CAP_IRQFD,
		KVM_CAP_IOEVENTFD, KVM_CAP_IMMEDIATE_EXIT, KVM_CAP_DEVICE_CTRL, 0x7fffffff,
	};
	struct vm *vm = vm_create_bare(0);

	for (unsigned int i = 0; i < sizeof(cap) / sizeof(cap[0]); i++) {
		EXPECT_EQ(kvm_check(cap[i]), vm_check(vm, cap[i])) TH_LOG("capability %u", cap[i]);
	}
	vm_destroy(vm);
}

TEST_F(dev, descriptors_close_on_exec)
{
	struct vm *vm = vm_create_bare(0);
	struct vcpu *vcpu = vcpu_create(vm, 0);

	EXPECT_TRUE(fcntl(vm->fd, F_GETFD) & FD_CLOEXEC);
	EXPECT_TRUE(fcntl(vcpu->fd, F_GETFD) & FD_CLOEXEC);
	vm_destroy(vm);
}

TEST_F(dev, descriptors_do_not_read_or_write)
{
	struct vm *vm = vm_create_bare(0);
	char c = 0;

	EXPECT_EQ(-1, read(self->fd, &c, 1));
	EXPECT_EQ(-1, write(vm->fd, &c, 1));
	vm_destroy(vm);
}

TEST_F(dev, many_vms)
{
	struct vm *vm[64];

	for (int i = 0; i < 64; i++)
		vm[i] = vm_create_bare(0);
	for (int i = 63; i >= 0; i--)
		vm_destroy(vm[i]);
}

TEST_F(dev, no_memory_for_the_argument)
{
	struct vm *vm = vm_create_bare(0);
	struct vcpu *vcpu = vcpu_create(vm, 0);
	void *bad = (void *)8;

	EXPECT_ERRNO(EFAULT, vm_ioctl(vm, KVM_SET_USER_MEMORY_REGION, bad));
	EXPECT_ERRNO(EFAULT, vm_ioctl(vm, KVM_CREATE_DEVICE, bad));
	EXPECT_ERRNO(EFAULT, vm_ioctl(vm, KVM_IOEVENTFD, bad));
	EXPECT_ERRNO(EFAULT, vm_ioctl(vm, KVM_IRQFD, bad));
	EXPECT_ERRNO(EFAULT, vm_ioctl(vm, KVM_SET_GSI_ROUTING, bad));
	EXPECT_ERRNO(EFAULT, vcpu_ioctl(vcpu, KVM_GET_MP_STATE, bad));
	EXPECT_ERRNO(EFAULT, vcpu_ioctl(vcpu, KVM_SET_SIGNAL_MASK, bad));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
