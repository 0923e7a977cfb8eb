// SPDX-License-Identifier: GPL-2.0
/* Memory slots as the guest sees them: present, absent, moved, read-only, pulled away under it. */
#include <sys/mman.h>

#include "kvm_test.h"

#define SLOT	VM_SLOT_FREE
#define GPA	0x60000000UL
#define SIZE	0x400000UL

static void guest_reads(uint64_t n)
{
	while (n--)
		guest_sync(guest_mmio_read64(GPA + 8));
}

static void guest_writes(uint64_t value)
{
	guest_mmio_write64(GPA + 8, value);
	guest_sync(guest_mmio_read64(GPA + 8));
}

static void map_window(struct vm *vm)
{
	vm_map(vm, GPA, GPA, 2 * SIZE, MAP_DATA);
}

TEST(added_memory_is_seen)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_reads, 2);
	uint64_t *mem;

	map_window(vm);
	/* Without a slot a read is the monitor's to answer. */
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(GPA + 8, vcpu->run->mmio.phys_addr);
	EXPECT_EQ(8, vcpu->run->mmio.len);
	EXPECT_EQ(0, vcpu->run->mmio.is_write);
	memset(vcpu->run->mmio.data, 0x5a, 8);
	EXPECT_EQ(0x5a5a5a5a5a5a5a5aUL, vcpu_sync(vcpu));

	mem = vm_add_slot(vm, SLOT, GPA, SIZE, 0);
	mem[1] = 0x1234;
	EXPECT_EQ(0x1234, vcpu_sync(vcpu));
	vcpu_done(vcpu);
	vm_destroy(vm);
}

TEST(deleted_memory_is_gone)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_reads, 3);
	uint64_t *mem;

	map_window(vm);
	mem = vm_add_slot(vm, SLOT, GPA, SIZE, 0);
	mem[1] = 1;
	EXPECT_EQ(1, vcpu_sync(vcpu));
	must(vm_set_slot(vm, SLOT, GPA, 0, 0, NULL));
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	memset(vcpu->run->mmio.data, 0, 8);
	EXPECT_EQ(0, vcpu_sync(vcpu));
	/* And back, with other memory behind it. */
	must(vm_set_slot(vm, SLOT, GPA, SIZE / 2, 0, mem + SIZE / 2 / 8));
	mem[SIZE / 2 / 8 + 1] = 3;
	EXPECT_EQ(3, vcpu_sync(vcpu));
	vm_destroy(vm);
	munmap(mem, SIZE);
}

TEST(moved_memory)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_reads, 3);
	uint64_t *mem;

	map_window(vm);
	mem = vm_add_slot(vm, SLOT, GPA, SIZE, 0);
	mem[1] = 1;
	EXPECT_EQ(1, vcpu_sync(vcpu));
	must(vm_set_slot(vm, SLOT, GPA + SIZE, SIZE, 0, mem));
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(GPA + 8, vcpu->run->mmio.phys_addr);
	vcpu_sync(vcpu);
	must(vm_set_slot(vm, SLOT, GPA, SIZE, 0, mem));
	EXPECT_EQ(1, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST(read_only_memory)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 0xabcd);
	uint64_t *mem;

	REQUIRE_CAP(KVM_CAP_READONLY_MEM);
	map_window(vm);
	mem = vm_add_slot(vm, SLOT, GPA, SIZE, KVM_MEM_READONLY);
	mem[1] = 7;
	/* The write comes to the monitor, the memory keeps its value, reads need no exit. */
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(1, vcpu->run->mmio.is_write);
	EXPECT_EQ(GPA + 8, vcpu->run->mmio.phys_addr);
	EXPECT_EQ(0xabcd, *(uint64_t *)vcpu->run->mmio.data);
	EXPECT_EQ(7, vcpu_sync(vcpu));
	EXPECT_EQ(7, mem[1]);
	vm_destroy(vm);
}

TEST(read_only_after_it_was_read)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_reads, 1);
	uint64_t *mem;

	REQUIRE_CAP(KVM_CAP_READONLY_MEM);
	map_window(vm);
	mem = vm_add_slot(vm, SLOT, GPA, SIZE, KVM_MEM_READONLY);
	mem[1] = 7;
	EXPECT_EQ(7, vcpu_sync(vcpu));
	vcpu_done(vcpu);
	/* The page is mapped now: a mapping made for a read must not let a write through. */
	vcpu_restart(vcpu, (guest_fn)guest_writes, 1);
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(1, vcpu->run->mmio.is_write);
	EXPECT_EQ(7, mem[1]);
	vm_destroy(vm);
}

TEST(two_slots_one_memory)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 99);
	uint64_t *mem;

	map_window(vm);
	mem = vm_add_slot(vm, SLOT, GPA, SIZE, 0);
	must(vm_set_slot(vm, SLOT + 1, GPA + SIZE, SIZE, 0, mem));
	EXPECT_EQ(99, vcpu_sync(vcpu));
	EXPECT_EQ(99, mem[1]);
	vm_destroy(vm);
}

TEST(slot_without_host_memory)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_reads, 1);
	char *mem = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	map_window(vm);
	must(vm_set_slot(vm, SLOT, GPA, SIZE, 0, mem));
	munmap(mem, SIZE);
	vcpu->run->exit_reason = 77;
	EXPECT_EQ(-EFAULT, vcpu_run_once(vcpu));
	/* Nothing is lost: with memory there the access is made. */
	ASSERT_EQ(mem, mmap(mem, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	((uint64_t *)mem)[1] = 5;
	EXPECT_EQ(5, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST(write_to_memory_that_the_host_may_only_read)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 8);
	uint64_t *mem;

	map_window(vm);
	mem = vm_add_slot(vm, SLOT, GPA, SIZE, 0);
	mem[1] = 1;
	must(mprotect(mem, SIZE, PROT_READ));
	EXPECT_EQ(-EFAULT, vcpu_run_once(vcpu));
	EXPECT_EQ(1, mem[1]);
	must(mprotect(mem, SIZE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(8, vcpu_sync(vcpu));
	vm_destroy(vm);
}

static __shared volatile bool stop;
static __shared volatile uint64_t sum;

static void guest_runs_over(void)
{
	while (!stop) {
		for (uint64_t a = GPA; a < GPA + SIZE; a += 4096)
			sum += guest_mmio_read64(a);
	}
}

static void *run_through_mmio(void *arg)
{
	struct vcpu *vcpu = arg;
	unsigned int what;
	long exits = 0;

	do {
		what = vcpu_run(vcpu);
		if (what == KVM_EXIT_MMIO)
			exits++;
	} while (what == KVM_EXIT_MMIO);
	return (void *)(what == EXIT_GUEST_DONE ? exits : -1);
}

TEST(pulled_from_under_a_running_vcpu)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu[2];
	pthread_t t[2];
	uint64_t *mem;
	void *exits;

	map_window(vm);
	stop = false;
	mem = vm_add_slot(vm, SLOT, GPA, SIZE, 0);
	memset(mem, 0, SIZE);
	for (int i = 0; i < 2; i++) {
		vcpu[i] = vcpu_add(vm, guest_runs_over);
		pthread_create(&t[i], NULL, run_through_mmio, vcpu[i]);
	}
	for (int i = 0; i < 30; i++) {
		must(vm_set_slot(vm, SLOT, GPA, 0, 0, NULL));
		usleep(2000);
		must(vm_set_slot(vm, SLOT, i & 1 ? GPA : GPA + SIZE, SIZE, i & 2 ? KVM_MEM_LOG_DIRTY_PAGES : 0, mem));
		usleep(2000);
		if (!(i & 1))
			must(vm_set_slot(vm, SLOT, GPA, SIZE, i & 2 ? KVM_MEM_LOG_DIRTY_PAGES : 0, mem));
	}
	stop = true;
	for (int i = 0; i < 2; i++) {
		pthread_join(t[i], &exits);
		EXPECT_GT((long)exits, 0) TH_LOG("vCPU %d", i);
	}
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
