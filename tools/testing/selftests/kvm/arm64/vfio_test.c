// SPDX-License-Identifier: GPL-2.0
/*
 * The VFIO device: what it refuses, and that it keeps the files that it is given. The latter needs a VFIO group, that
 * is an assignable device that vfio-pci has, and is skipped without one.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "kvm_test.h"

#define ADD	KVM_DEV_VFIO_FILE_ADD
#define DEL	KVM_DEV_VFIO_FILE_DEL

static struct vm *vm;
static int dev;

static void setup(void)
{
	vm = vm_create_bare(0);
	dev = must(vm_create_device(vm, KVM_DEV_TYPE_VFIO));
}

static void teardown(void)
{
	close(dev);
	vm_destroy(vm);
}

static int file_op(int device, uint64_t attr, int32_t fd)
{
	return attr_set(device, KVM_DEV_VFIO_FILE, attr, &fd);
}

/* A group can be open but once. -1: there is none, or it is open. */
static int group_open(void)
{
	DIR *dir = opendir("/dev/vfio");
	char path[280];
	struct dirent *e;
	int fd = -1;

	while (dir && fd < 0 && (e = readdir(dir))) {
		if (!isdigit(e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/dev/vfio/%s", e->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	return fd;
}

TEST(one_per_vm)
{
	struct vm *other = vm_create_bare(0);
	int second;

	setup();
	EXPECT_ERRNO(EBUSY, vm_create_device(vm, KVM_DEV_TYPE_VFIO));
	second = must(vm_create_device(other, KVM_DEV_TYPE_VFIO));
	close(second);
	vm_destroy(other);

	/* It ends with its descriptor; then there may be another one. */
	close(dev);
	dev = must(vm_create_device(vm, KVM_DEV_TYPE_VFIO));
	teardown();
}

TEST(attributes)
{
	int32_t fd = 0;

	setup();
	EXPECT_OK(attr_has(dev, KVM_DEV_VFIO_FILE, ADD));
	EXPECT_OK(attr_has(dev, KVM_DEV_VFIO_FILE, DEL));
	EXPECT_OK(attr_has(dev, KVM_DEV_VFIO_GROUP, KVM_DEV_VFIO_GROUP_ADD));
	EXPECT_OK(attr_has(dev, KVM_DEV_VFIO_GROUP, KVM_DEV_VFIO_GROUP_DEL));
	EXPECT_ERRNO(ENXIO, attr_has(dev, KVM_DEV_VFIO_GROUP, KVM_DEV_VFIO_GROUP_SET_SPAPR_TCE));
	EXPECT_ERRNO(ENXIO, attr_has(dev, KVM_DEV_VFIO_FILE, 0));
	EXPECT_ERRNO(ENXIO, attr_has(dev, KVM_DEV_VFIO_FILE, 1ULL << 32 | ADD));
	EXPECT_ERRNO(ENXIO, attr_has(dev, 0, ADD));
	EXPECT_ERRNO(ENXIO, attr_has(dev, KVM_DEV_VFIO_FILE + 1, ADD));
	EXPECT_ERRNO(ENXIO, attr_set(dev, KVM_DEV_VFIO_GROUP, KVM_DEV_VFIO_GROUP_SET_SPAPR_TCE, &fd));
	EXPECT_ERRNO(ENXIO, attr_set(dev, KVM_DEV_VFIO_FILE, 0, &fd));
	EXPECT_ERRNO(ENXIO, attr_set(dev, 0, ADD, &fd));
	/* There is nothing to read. */
	EXPECT_ERRNO(EPERM, attr_get(dev, KVM_DEV_VFIO_FILE, ADD, &fd));
	teardown();
}

TEST(files_that_are_not_vfio)
{
	int event = must(eventfd(0, 0)), mem = must(memfd_create("file", 0)), pipes[2];
	int container = open("/dev/vfio/vfio", O_RDWR);
	int fds[] = { event, mem, 0, container, 0, 0 };

	setup();
	must(pipe(pipes));
	fds[2] = pipes[0];
	fds[4] = vm->fd;
	fds[5] = dev;
	for (unsigned int i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		int none = fds[i] < 0 ? EBADF : 0;

		EXPECT_ERRNO(none ?: EINVAL, file_op(dev, ADD, fds[i]));
		EXPECT_ERRNO(none ?: ENOENT, file_op(dev, DEL, fds[i]));
	}
	EXPECT_ERRNO(EBADF, file_op(dev, ADD, -1));
	EXPECT_ERRNO(EBADF, file_op(dev, DEL, -1));
	close(event);
	EXPECT_ERRNO(EBADF, file_op(dev, ADD, event));
	EXPECT_ERRNO(EBADF, file_op(dev, DEL, event));
	EXPECT_ERRNO(EFAULT, attr_set(dev, KVM_DEV_VFIO_FILE, ADD, (void *)8));
	EXPECT_ERRNO(EFAULT, attr_set(dev, KVM_DEV_VFIO_FILE, DEL, (void *)8));
	teardown();
}

TEST(a_group_comes_and_goes)
{
	int group = group_open(), copy;

	if (group < 0)
		SKIP(return, "no device is assignable");
	setup();
	EXPECT_ERRNO(ENOENT, file_op(dev, DEL, group));
	for (int i = 0; i < 3; i++) {
		EXPECT_OK(file_op(dev, ADD, group));
		EXPECT_ERRNO(EEXIST, file_op(dev, ADD, group));
		/* The file counts, not its number. */
		copy = must(dup(group));
		EXPECT_ERRNO(EEXIST, file_op(dev, ADD, copy));
		EXPECT_OK(file_op(dev, DEL, copy));
		EXPECT_ERRNO(ENOENT, file_op(dev, DEL, group));
		close(copy);
	}
	teardown();
	close(group);
}

TEST(a_group_is_kept)
{
	int group = group_open();

	if (group < 0)
		SKIP(return, "no device is assignable");
	setup();
	EXPECT_OK(file_op(dev, ADD, group));
	close(group);
	EXPECT_EQ(-1, group_open());
	/* Until the device goes, and no longer, though the VM stays */
	close(dev);
	group = group_open();
	EXPECT_LE(0, group);

	/* Until it is taken away */
	dev = must(vm_create_device(vm, KVM_DEV_TYPE_VFIO));
	EXPECT_OK(file_op(dev, ADD, group));
	EXPECT_OK(file_op(dev, DEL, group));
	close(group);
	group = group_open();
	EXPECT_LE(0, group);

	/* And the device is what counts, not the VM's own descriptor. */
	EXPECT_OK(file_op(dev, ADD, group));
	close(group);
	vm_destroy(vm);
	EXPECT_EQ(-1, group_open());
	close(dev);
	group = group_open();
	EXPECT_LE(0, group);
	close(group);
}

TEST(kept_files_count_as_descriptors)
{
	struct rlimit old, none;
	int group = group_open();

	if (group < 0)
		SKIP(return, "no device is assignable");
	if (access("/sys/module/kvm_arm", F_OK))
		SKIP(return, "not this KVM's");
	setup();
	must(getrlimit(RLIMIT_NOFILE, &old));
	none = old;
	none.rlim_cur = 0;
	must(setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_ERRNO(EMFILE, file_op(dev, ADD, group));
	must(setrlimit(RLIMIT_NOFILE, &old));
	EXPECT_OK(file_op(dev, ADD, group));
	teardown();
	close(group);
}

TEST_HARNESS_MAIN
