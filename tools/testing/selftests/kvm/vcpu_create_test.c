// SPDX-License-Identifier: GPL-2.0
/* KVM_CREATE_VCPU: ids, limits, duplicates, and creation while others look for vCPUs. */
#include <sys/mman.h>
#include <sys/resource.h>

#include "kvm_test.h"

TEST(ids)
{
	struct vm *vm = vm_create_bare(0);
	int max_id = kvm_check(KVM_CAP_MAX_VCPU_ID);

	vcpu_create(vm, 0);
	EXPECT_ERRNO(EEXIST, vm_ioctl(vm, KVM_CREATE_VCPU, 0));
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_CREATE_VCPU, (unsigned long)max_id));
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_CREATE_VCPU, -1UL));
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_CREATE_VCPU, 1UL << 32));
	/* Ids need not be dense. */
	vcpu_create(vm, max_id - 1);
	vcpu_create(vm, 5);
	EXPECT_ERRNO(EEXIST, vm_ioctl(vm, KVM_CREATE_VCPU, 5));
	vm_destroy(vm);
}

TEST(as_many_as_announced)
{
	struct rlimit files = { 4096, 4096 };
	struct vm *vm = vm_create_bare(0);
	int max = kvm_check(KVM_CAP_MAX_VCPUS);
	int fd[VM_MAX_VCPUS], n = max < VM_MAX_VCPUS ? max : VM_MAX_VCPUS;

	setrlimit(RLIMIT_NOFILE, &files);
	for (int i = 0; i < n; i++) {
		fd[i] = vm_ioctl(vm, KVM_CREATE_VCPU, (unsigned long)i);
		ASSERT_GE(fd[i], 0) TH_LOG("vCPU %d: %s", i, strerror(errno));
	}
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_CREATE_VCPU, (unsigned long)max));
	for (int i = 0; i < n; i++)
		close(fd[i]);
	vm_destroy(vm);
}

TEST(closing_does_not_free_the_id)
{
	struct vm *vm = vm_create_bare(0);

	/* The vCPU lives as long as the VM. */
	close(must(vm_ioctl(vm, KVM_CREATE_VCPU, 3)));
	EXPECT_ERRNO(EEXIST, vm_ioctl(vm, KVM_CREATE_VCPU, 3));
	vm_destroy(vm);
}

TEST(no_descriptor_left)
{
	struct vm *vm = vm_create_bare(0);
	struct rlimit old, none;
	int fd;

	getrlimit(RLIMIT_NOFILE, &old);
	fd = dup(vm->fd);
	close(fd);
	none = old;
	none.rlim_cur = fd;		/* the lowest free number is over the limit */
	setrlimit(RLIMIT_NOFILE, &none);
	EXPECT_ERRNO(EMFILE, vm_ioctl(vm, KVM_CREATE_VCPU, 0));
	setrlimit(RLIMIT_NOFILE, &old);
	/* The failed creation left nothing behind. */
	vcpu_create(vm, 0);
	vm_destroy(vm);
}

/* As many as are wanted, or as the host can have. */
static unsigned int up_to(unsigned int wanted)
{
	unsigned int max = kvm_check(KVM_CAP_MAX_VCPUS);

	return wanted < max ? wanted : max;
}

static volatile bool stop_creating;

static void *look_for_vcpus(void *arg)
{
	struct vm *vm = arg;
	struct kvm_irq_level line = { .level = 1 };

	/* Paths that look vCPUs up by their number: errors are fine, crashes are not. */
	while (!stop_creating)
		for (unsigned int i = 0; i < 64; i++) {
			line.irq = 2u << 24 | i << 16 | 27;
			vm_ioctl(vm, KVM_IRQ_LINE, &line);
		}
	return NULL;
}

TEST(vcpu_index_online)
{
	const unsigned int nr = up_to(64);

	for (int round = 0; round < 5; round++) {
		struct vm *vm = vm_create_bare(0);
		struct rlimit old, few;
		pthread_t t;
		int fd[64], n = 0, failed = 0;

		stop_creating = false;
		pthread_create(&t, NULL, look_for_vcpus, vm);
		getrlimit(RLIMIT_NOFILE, &old);
		few = old;
		for (unsigned long i = 0; i < nr; i++) {
			/* Every third creation fails at the last step, where the vCPU is already complete. */
			few.rlim_cur = i % 3 == 2 ? 0 : old.rlim_cur;
			setrlimit(RLIMIT_NOFILE, &few);
			fd[n] = vm_ioctl(vm, KVM_CREATE_VCPU, i);
			if (fd[n] >= 0)
				n++;
			else
				failed++;
		}
		setrlimit(RLIMIT_NOFILE, &old);
		EXPECT_EQ(nr / 3, failed);
		EXPECT_EQ(nr - nr / 3, n);
		stop_creating = true;
		pthread_join(t, NULL);
		while (n)
			close(fd[--n]);
		vm_destroy(vm);
	}
}

static void *create_same(void *arg)
{
	const unsigned int nr = up_to(50);
	struct vm *vm = arg;
	long made = 0;

	for (unsigned long i = 0; i < nr; i++) {
		int fd = vm_ioctl(vm, KVM_CREATE_VCPU, i);

		if (fd >= 0) {
			made++;
			close(fd);
		}
	}
	return (void *)made;
}

TEST(two_threads_create_the_same_ids)
{
	struct vm *vm = vm_create_bare(0);
	pthread_t t[2];
	void *made[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, create_same, vm);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], &made[i]);
	EXPECT_EQ(up_to(50), (long)made[0] + (long)made[1]);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
