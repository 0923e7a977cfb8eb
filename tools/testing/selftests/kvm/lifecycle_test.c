// SPDX-License-Identifier: GPL-2.0
/* The end of things: descriptors closed in any order, other processes, threads and processes that are killed. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kvm_test.h"

static __shared volatile bool stop;
static __shared volatile uint64_t spins;

static void guest_spins(void)
{
	while (!stop)
		spins++;
}

static void guest_sleeps(void)
{
	for (;;)
		wfi();
}

static void guest_counts(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		guest_sync(i);
}

TEST(vcpu_outlives_the_vm_descriptor)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_counts, 3);

	EXPECT_EQ(0, vcpu_sync(vcpu));
	close(vm->fd);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(2, vcpu_sync(vcpu));
	vcpu_done(vcpu);
	munmap(vcpu->run, vcpu->run_size);
	close(vcpu->fd);
}

TEST(mapping_outlives_the_descriptors)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_counts, 1);

	EXPECT_EQ(0, vcpu_sync(vcpu));
	close(vcpu->fd);
	close(vm->fd);
	/* The page has to be there for as long as it is mapped. */
	EXPECT_EQ(KVM_EXIT_MMIO, vcpu->run->exit_reason);
	memset(vcpu->run, 0, sizeof(*vcpu->run));
	munmap(vcpu->run, vcpu->run_size);
}

TEST(every_closing_order)
{
	static const unsigned char order[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};

	for (int i = 0; i < 6; i++) {
		struct vm *vm = vm_create();
		struct vcpu *vcpu[2] = { vcpu_add1(vm, guest_counts, 1), vcpu_add1(vm, guest_counts, 1) };
		int fd[3] = { vm->fd, vcpu[0]->fd, vcpu[1]->fd };

		vcpu_sync(vcpu[0]);
		vcpu_sync(vcpu[1]);
		for (int j = 0; j < 3; j++)
			must(close(fd[order[i][j]]));
		munmap(vcpu[0]->run, vcpu[0]->run_size);
		munmap(vcpu[1]->run, vcpu[1]->run_size);
	}
}

TEST(requests_of_another_process_are_refused)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_counts, 2);
	int status;
	pid_t child;

	EXPECT_EQ(0, vcpu_sync(vcpu));
	child = fork();
	if (child == 0) {
		int wrong = 0;

		/* The VM belongs to the memory of the process that created it. */
		wrong += vm_ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY) != -1 || errno != EIO;
		wrong += vm_ioctl(vm, KVM_CREATE_VCPU, 7) != -1 || errno != EIO;
		wrong += vm_set_slot(vm, 9, 0x70000000, 0x10000, 0, (void *)0x10000) != -1 || errno != EIO;
		wrong += vcpu_run_once(vcpu) != -EIO;
		close(vcpu->fd);
		close(vm->fd);
		_exit(wrong);
	}
	waitpid(child, &status, 0);
	EXPECT_EQ(0, status);
	/* The child closed its copies only. */
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST(last_descriptor_is_in_another_process)
{
	int go[2];
	pid_t creator, holder;
	int status;
	char c;

	must(pipe(go));
	creator = fork();
	if (creator == 0) {
		struct vm *vm = vm_create();
		struct vcpu *vcpu = vcpu_add1(vm, guest_counts, 2);

		vcpu_sync(vcpu);
		holder = fork();
		if (holder == 0) {
			/* Hold everything until after the creator and its memory are gone. */
			close(go[1]);
			if (read(go[0], &c, 1) == 0) {
				vm_ioctl(vm, KVM_CHECK_EXTENSION, 0);
				vcpu_run_once(vcpu);
			}
			_exit(0);
		}
		_exit(0);
	}
	waitpid(creator, &status, 0);
	EXPECT_EQ(0, status);
	close(go[1]);		/* the holder goes on, alone */
	usleep(100000);
	vm_destroy(vm_create());
}

TEST(monitor_is_killed_while_vcpus_run)
{
	for (int i = 0; i < 5; i++) {
		volatile uint64_t *flag = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		pid_t child = fork();
		int status;

		if (child == 0) {
			struct vm *vm = vm_create();
			struct vcpu_thread t[3];

			stop = false;
			for (int j = 0; j < 3; j++)
				vcpu_thread_start(&t[j], vcpu_add(vm, j == 2 ? (void *)guest_sleeps : (void *)guest_spins));
			while (spins < 1000)
				usleep(100);
			*flag = 1;
			pause();
		}
		ASSERT_TRUE(wait_until(*flag, 10000));
		usleep(i * 3000);
		must(kill(child, SIGKILL));
		must(waitpid(child, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		munmap((void *)flag, 4096);
	}
}

static void *run_and_exit(void *arg)
{
	vcpu_run_once(arg);
	pthread_exit(NULL);
}

TEST(vcpu_moves_from_thread_to_thread)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_counts, 20);

	for (int i = 0; i < 20; i++) {
		pthread_t t;

		pthread_create(&t, NULL, run_and_exit, vcpu);
		pthread_join(t, NULL);
		ASSERT_EQ(EXIT_GUEST_SYNC, vcpu_exit(vcpu));
		ASSERT_EQ(i, vcpu->cpu->ucall.arg[0]);
	}
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST(thread_ends_in_the_guest)
{
	/* A thread that exits the process while another vCPU of it is in the guest. */
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct vm *vm = vm_create();
		struct vcpu_thread t;

		stop = false;
		vcpu_thread_start(&t, vcpu_add(vm, guest_spins));
		while (spins < 1000)
			usleep(100);
		_exit(3);
	}
	must(waitpid(child, &status, 0));
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

TEST(descriptor_closed_while_the_vcpu_runs)
{
	struct vm *vm = vm_create();
	struct vcpu_thread t;

	stop = false;
	spins = 0;
	vcpu_thread_start(&t, vcpu_add(vm, guest_spins));
	ASSERT_TRUE(wait_until(spins > 0, 5000));
	/* KVM_RUN holds on to what it uses; the number can be used for something else at once. */
	close(t.vcpu->fd);
	close(vm->fd);
	EXPECT_GE(open("/dev/null", O_RDONLY), 0);
	usleep(10000);
	stop = true;
	pthread_join(t.thread, NULL);
	EXPECT_TRUE(t.finished || t.error == -ENOTTY || t.error == -EBADF || t.error == -EINVAL);
}

TEST(create_and_destroy_many)
{
	for (int i = 0; i < 50; i++) {
		struct vm *vm = vm_create();
		struct vcpu *vcpu = vcpu_add1(vm, guest_counts, 1);

		ASSERT_EQ(0, vcpu_sync(vcpu));
		vm_destroy(vm);
	}
}

static void *create_run_destroy(void *arg)
{
	long bad = 0;

	for (int i = 0; i < 10; i++) {
		struct vm *vm = vm_create_bare(0);
		struct vcpu *vcpu = vcpu_create(vm, 0);

		bad += vm_set_slot(vm, 0, 0x40000000, 0x10000, 0, (void *)0x10000) != 0;
		vcpu_close(vcpu);
		vm_destroy(vm);
	}
	return (void *)bad;
}

TEST(vms_of_several_threads)
{
	pthread_t t[4];
	void *bad;

	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, create_run_destroy, NULL);
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &bad);
		EXPECT_EQ(NULL, bad);
	}
}

static void guest_touches(uint64_t base)
{
	for (uint64_t a = base; a < base + 0x4000000; a += 4096)
		guest_mmio_write64(a, a);
	guest_sync(1);
}

TEST(large_slot_is_deleted_under_load)
{
	/* 64 MiB of touched guest memory go in one request, while another vCPU runs and goes on. */
	const uint64_t base = 0x80000000, size = 0x4000000;
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_touches, base);
	struct vcpu_thread t;
	uint64_t before;

	vm_map(vm, base, base, size, MAP_DATA);
	vm_add_slot(vm, VM_SLOT_FREE, base, size, 0);
	ASSERT_EQ(1, vcpu_sync(vcpu));
	stop = false;
	vcpu_thread_start(&t, vcpu_add(vm, guest_spins));
	ASSERT_TRUE(wait_until(spins > 0, 5000));
	before = spins;
	vm_delete_slot(vm, VM_SLOT_FREE);
	EXPECT_TRUE(wait_until(spins > before, 5000));
	stop = true;
	vcpu_thread_join(&t);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
