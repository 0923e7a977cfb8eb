// SPDX-License-Identifier: GPL-2.0
/* KVM_CREATE_DEVICE and the attribute requests, whatever the device. */
#include <fcntl.h>
#include <sys/resource.h>

#include "kvm_test.h"

static int create(struct vm *vm, struct kvm_create_device *dev, uint32_t type, uint32_t flags)
{
	*dev = (struct kvm_create_device){ .type = type, .flags = flags, .fd = 0xdead };
	return vm_ioctl(vm, KVM_CREATE_DEVICE, dev);
}

/* A type that this host has; 0 if none. */
static uint32_t some_type(struct vm *vm)
{
	struct kvm_create_device dev;

	for (uint32_t type = 1; type < 32; type++)
		if (type != KVM_DEV_TYPE_VFIO && create(vm, &dev, type, KVM_CREATE_DEVICE_TEST) == 0)
			return type;
	return 0;
}

TEST(types)
{
	struct vm *vm = vm_create_bare(0);
	struct kvm_create_device dev;

	EXPECT_ERRNO(ENODEV, create(vm, &dev, 0, 0));
	EXPECT_ERRNO(ENODEV, create(vm, &dev, 31, 0));
	EXPECT_ERRNO(ENODEV, create(vm, &dev, 0x7fffffff, 0));
	EXPECT_ERRNO(ENODEV, create(vm, &dev, ~0u, 0));
	EXPECT_ERRNO(ENODEV, create(vm, &dev, 31, KVM_CREATE_DEVICE_TEST));
	vm_destroy(vm);
}

TEST(test_flag_creates_nothing)
{
	struct vm *vm = vm_create_bare(0);
	struct kvm_create_device dev;
	uint32_t type = some_type(vm);

	if (!type)
		SKIP(return, "no device type");
	for (int i = 0; i < 5; i++) {
		EXPECT_OK(create(vm, &dev, type, KVM_CREATE_DEVICE_TEST));
		EXPECT_EQ(0xdead, dev.fd);
	}
	EXPECT_OK(create(vm, &dev, type, 0));
	close(dev.fd);
	vm_destroy(vm);
}

TEST(attributes_of_a_device)
{
	struct vm *vm = vm_create_bare(0);
	struct kvm_create_device dev;
	uint32_t type = some_type(vm);
	uint64_t value = 0;

	if (!type)
		SKIP(return, "no device type");
	ASSERT_EQ(0, create(vm, &dev, type, 0));
	EXPECT_TRUE(fcntl(dev.fd, F_GETFD) & FD_CLOEXEC);
	EXPECT_ERRNO(ENXIO, attr_has(dev.fd, 0x7fffffff, 0));
	EXPECT_ERRNO(ENXIO, attr_get(dev.fd, 0x7fffffff, 0, &value));
	EXPECT_ERRNO(ENXIO, attr_set(dev.fd, 0x7fffffff, 0, &value));
	EXPECT_ERRNO(EFAULT, ioctl(dev.fd, KVM_SET_DEVICE_ATTR, (void *)8));
	EXPECT_ERRNO(EFAULT, ioctl(dev.fd, KVM_HAS_DEVICE_ATTR, (void *)8));
	EXPECT_ERRNO(ENOTTY, ioctl(dev.fd, KVM_RUN, 0));
	close(dev.fd);
	vm_destroy(vm);
}

TEST(device_outlives_the_other_descriptors)
{
	struct vm *vm = vm_create_bare(0);
	struct kvm_create_device dev;
	uint32_t type = some_type(vm);
	uint64_t value = 0;

	if (!type)
		SKIP(return, "no device type");
	ASSERT_EQ(0, create(vm, &dev, type, 0));
	vm_destroy(vm);
	EXPECT_ERRNO(ENXIO, attr_get(dev.fd, 0x7fffffff, 0, &value));
	close(dev.fd);
}

TEST(device_create_err)
{
	/* The device is complete when its descriptor cannot be made: it has to be undone, and others still work. */
	struct vm *vm = vm_create_bare(0);
	struct kvm_create_device dev;
	uint32_t type = some_type(vm);
	struct rlimit old, none;

	if (!type)
		SKIP(return, "no device type");
	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 0;
	for (int i = 0; i < 3; i++) {
		setrlimit(RLIMIT_NOFILE, &none);
		EXPECT_EQ(-1, create(vm, &dev, type, 0));
		/* Afterwards a VM may count as one that has had its interrupt controller. */
		EXPECT_TRUE(errno == EMFILE || (i && errno == EEXIST));
		setrlimit(RLIMIT_NOFILE, &old);
	}
	vm_destroy(vm);

	vm = vm_create_bare(0);
	EXPECT_OK(create(vm, &dev, type, 0));
	close(dev.fd);
	vm_destroy(vm);
}

static volatile bool stop;
static volatile int guess;

static void *close_early(void *arg)
{
	/* Close the number that the next device will have, as soon as it exists. */
	while (!stop)
		if (guess > 2)
			close(guess);
	return NULL;
}

TEST(fd_before_ref)
{
	pthread_t t;

	stop = false;
	guess = 0;
	pthread_create(&t, NULL, close_early, NULL);
	for (int i = 0; i < 300; i++) {
		int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
		int vm_fd = ioctl(kvm, KVM_CREATE_VM, 0);
		struct kvm_create_device dev = { 0 };

		close(kvm);
		if (vm_fd < 0)
			continue;
		guess = kvm;		/* free again: the next descriptor's number */
		for (uint32_t type = KVM_DEV_TYPE_ARM_VGIC_V2; type <= KVM_DEV_TYPE_ARM_VGIC_V3; type++) {
			dev.type = type;
			ioctl(vm_fd, KVM_CREATE_DEVICE, &dev);
		}
		ioctl(vm_fd, KVM_CREATE_VCPU, 0);
		guess = 0;
		close(vm_fd);
		close(kvm);
	}
	stop = true;
	pthread_join(t, NULL);
	/* What would have been freed too early would have been by now; the host has to be able to go on. */
	vm_destroy(vm_create_bare(0));
}

TEST(attributes_of_vm_and_vcpu)
{
	struct vm *vm = vm_create_bare(0);
	struct vcpu *vcpu = vcpu_create(vm, 0);
	struct kvm_device_attr a = { .group = 0x7fff0000 };

	if (kvm_check(KVM_CAP_VM_ATTRIBUTES) > 0) {
		EXPECT_ERRNO(ENXIO, vm_ioctl(vm, KVM_HAS_DEVICE_ATTR, &a));
		EXPECT_EQ(-1, vm_ioctl(vm, KVM_SET_DEVICE_ATTR, &a));
	} else {
		EXPECT_EQ(-1, vm_ioctl(vm, KVM_HAS_DEVICE_ATTR, &a));
	}
	if (kvm_check(KVM_CAP_VCPU_ATTRIBUTES) > 0) {
		EXPECT_ERRNO(ENXIO, vcpu_ioctl(vcpu, KVM_HAS_DEVICE_ATTR, &a));
		EXPECT_ERRNO(ENXIO, vcpu_ioctl(vcpu, KVM_SET_DEVICE_ATTR, &a));
		EXPECT_ERRNO(ENXIO, vcpu_ioctl(vcpu, KVM_GET_DEVICE_ATTR, &a));
	}
	vm_destroy(vm);
}

TEST(enable_cap_of_nothing)
{
	struct vm *vm = vm_create_bare(0);
	struct vcpu *vcpu = vcpu_create(vm, 0);
	struct kvm_enable_cap cap = { .cap = 0x7fffffff };

	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
	EXPECT_EQ(-1, vcpu_ioctl(vcpu, KVM_ENABLE_CAP, &cap));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
