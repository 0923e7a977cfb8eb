// SPDX-License-Identifier: GPL-2.0
/* Counters in debugfs: a file each, with the ABI's names, that goes with its VM. */
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>

#include "kvm_test.h"

static void guest_stores(uint64_t n)
{
	while (n--)
		guest_mmio_write64(VM_MMIO_GPA, n);
}

static void guest_nothing(void)
{
}

static int file_open(struct vm *vm, const char *name)
{
	char path[96];

	if (!vm_debugfs_path(vm, name, path, sizeof(path)))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* What it says; -1 if there is none. */
static long number_of(struct vm *vm, const char *name)
{
	int fd = file_open(vm, name);
	char text[32];
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = 0;
	return strtol(text, NULL, 10);
}

FIXTURE(debugfs) {
	struct vm *vm;
	struct vcpu *vcpu[2];
};

FIXTURE_SETUP(debugfs)
{
	char path[96];

	REQUIRE_CAP(KVM_CAP_BINARY_STATS_FD);
	self->vm = vm_create();
	for (int i = 0; i < 2; i++)
		self->vcpu[i] = vcpu_add(self->vm, guest_nothing);
	if (!vm_debugfs_path(self->vm, "exits", path, sizeof(path)))
		SKIP(return, "no debugfs");
}

FIXTURE_TEARDOWN(debugfs)
{
	if (self->vm)
		vm_destroy(self->vm);
}

/* All that KVM_GET_STATS_FD names. */
static unsigned int all_there(struct vm *vm, int owner)
{
	int fd = must(ioctl(owner, KVM_GET_STATS_FD, 0));
	struct kvm_stats_header head;
	size_t one;

	must(pread(fd, &head, sizeof(head), 0));
	one = sizeof(struct kvm_stats_desc) + head.name_size;
	for (unsigned int i = 0; i < head.num_desc; i++) {
		char buf[512];

		must(pread(fd, buf, one, head.desc_offset + i * one));
		if (number_of(vm, buf + sizeof(struct kvm_stats_desc)) < 0)
			test_fail("no file %s", buf + sizeof(struct kvm_stats_desc));
	}
	close(fd);
	return head.num_desc;
}

TEST_F(debugfs, a_file_for_each_counter)
{
	EXPECT_LT(0, all_there(self->vm, self->vm->fd));
	EXPECT_LT(0, all_there(self->vm, self->vcpu[0]->fd));
	EXPECT_LE(0, number_of(self->vm, "vcpu1/pid"));
	EXPECT_LE(0, number_of(self->vm, "../exits"));
}

TEST_F(debugfs, vcpus_are_added_up)
{
	long before = number_of(self->vm, "mmio_exit_user"), all = number_of(self->vm, "../mmio_exit_user");

	for (int i = 0; i < 2; i++) {
		vcpu_start(self->vcpu[i], (guest_fn)guest_stores, 3 + i, 0, 0, 0);
		for (int n = 0; n < 3 + i; n++)
			vcpu_expect_exit(self->vcpu[i], KVM_EXIT_MMIO);
	}
	EXPECT_EQ(before + 7, number_of(self->vm, "mmio_exit_user"));
	EXPECT_LE(all + 7, number_of(self->vm, "../mmio_exit_user"));
	/* No vCPU runs. */
	EXPECT_EQ(0, number_of(self->vm, "vcpu0/pid"));
}

static uint64_t stop __shared;

static void guest_spins(void)
{
	while (!READ_ONCE(stop))
		;
}

TEST_F(debugfs, thread_of_a_vcpu)
{
	struct vcpu_thread t;

	vcpu_start(self->vcpu[1], (guest_fn)guest_spins, 0, 0, 0, 0);
	vcpu_thread_start(&t, self->vcpu[1]);
	EXPECT_TRUE(wait_until(number_of(self->vm, "vcpu1/pid") == t.tid && t.tid, 30000));
	EXPECT_EQ(0, number_of(self->vm, "vcpu0/pid"));
	WRITE_ONCE(stop, 1);
	vcpu_thread_join(&t);
}

/* What is open when the VM ends shows nothing any more, and does not keep it. */
TEST_F(debugfs, open_files_outlive_the_vm)
{
	static const char *const name[] = { "exits", "remote_tlb_flush", "stats", "vcpu0/stats", "vcpu1/pid" };
	enum { NR = sizeof(name) / sizeof(name[0]) };
	int fd[NR], vm_fd = self->vm->fd;
	char path[96], c;

	for (int i = 0; i < NR; i++) {
		fd[i] = file_open(self->vm, name[i]);
		ASSERT_LE(0, fd[i]) TH_LOG("%s", name[i]);
		ASSERT_EQ(1, read(fd[i], &c, 1));
	}
	vm_destroy(self->vm);
	self->vm = NULL;
	for (int i = 0; i < NR; i++) {
		EXPECT_ERRNO(EIO, read(fd[i], &c, 1));
		close(fd[i]);
	}
	EXPECT_FALSE(vm_debugfs_path(&(struct vm){ .fd = vm_fd }, "exits", path, sizeof(path)));
}

static volatile bool ended;

static void *reads(void *arg)
{
	char path[96], text[4096];
	int fd;

	while (!ended) {
		static const char *const name[] = { "exits", "vcpu0/stats", "../exits", "vcpu0/pid" };

		for (int i = 0; i < 4; i++) {
			snprintf(path, sizeof(path), "%s/%s", (char *)arg, name[i]);
			fd = open(path, O_RDONLY);
			while (fd >= 0 && read(fd, text, sizeof(text)) > 0)
				;
			if (fd >= 0)
				close(fd);
		}
	}
	return NULL;
}

/* Readers while VMs with the same names come and go; what they find there may be gone by then, and is not used. */
TEST_F(debugfs, read_while_vms_end)
{
	pthread_t t;
	char path[96];

	ASSERT_TRUE(vm_debugfs_path(self->vm, "exits", path, sizeof(path)));
	*strrchr(path, '/') = 0;
	ASSERT_EQ(0, pthread_create(&t, NULL, reads, path));
	for (int i = 0; i < 30; i++) {
		vm_destroy(self->vm);
		self->vm = vm_create_bare(0);
		vcpu_create(self->vm, 0);
	}
	ended = true;
	pthread_join(t, NULL);
	EXPECT_LE(0, number_of(self->vm, "exits"));
}

/* The descriptor's number is used again, while a vCPU's keeps the first VM. */
TEST_F(debugfs, same_number_again)
{
	int fd = self->vm->fd, kvm = kvm_open();
	char pattern[96];
	glob_t found;

	must(close(fd));
	ASSERT_EQ(fd, must(ioctl(kvm, KVM_CREATE_VM, 0)));
	/* The first one's files are where they were, the second's have a name of their own. */
	EXPECT_EQ(0, number_of(self->vm, "vcpu0/pid"));
	snprintf(pattern, sizeof(pattern), "/sys/kernel/debug/kvm*/%d-%d-*/exits", getpid(), fd);
	EXPECT_EQ(0, glob(pattern, 0, NULL, &found));
	must(close(fd));
	EXPECT_EQ(GLOB_NOMATCH, glob(pattern, 0, NULL, &found));
	self->vm->fd = kvm;
}

TEST_HARNESS_MAIN
