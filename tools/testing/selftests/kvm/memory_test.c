// SPDX-License-Identifier: GPL-2.0
/*
 * What a monitor and its host do to guest memory while vCPUs run in it: it is dropped, paged out, made of huge pages,
 * moved, poisoned, unplugged; and slots of sizes and at addresses that few have.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/wait.h>

#include <linux/loop.h>

#include "kvm_test.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif
#ifndef MADV_HWPOISON
#define MADV_HWPOISON	100
#endif

#define SLOT	VM_SLOT_FREE
#define GPA	0x60000000UL
#define SIZE	0x400000UL
#define PAGE	4096UL			/* the guest's; each has a counter */
#define STRIDE	(8 * PAGE)
#define PAGES	(SIZE / STRIDE)		/* that are touched */
#define CPUS	2
#define ROUNDS	24

/* ---- The guest: what it has written to a page is there the next time, or nothing is */

static __shared volatile bool stop, may_drop;
static __shared volatile uint64_t passes[CPUS], dropped[CPUS];

static uint64_t value(uint64_t cpu, uint64_t i, uint64_t pass)
{
	return (cpu + 1) << 56 | i << 40 | pass;
}

static void guest_counts(uint64_t cpu)
{
	static uint64_t last[CPUS][PAGES];

	while (!stop) {
		for (uint64_t i = 0; i < PAGES; i++) {
			uint64_t address = GPA + i * STRIDE + cpu * 64, seen = guest_mmio_read64(address);

			if (seen != last[cpu][i]) {
				GUEST_ASSERT(may_drop);
				GUEST_ASSERT_EQ(0, seen);
				dropped[cpu]++;
			}
			last[cpu][i] = value(cpu, i, passes[cpu] + 1);
			guest_mmio_write64(address, last[cpu][i]);
		}
		passes[cpu]++;
	}
}

/* ---- The host: threads that run on where an access found no memory for a while */

struct runner {
	pthread_t thread;
	struct vcpu *vcpu;
	volatile uint64_t gaps;
	volatile unsigned int ended;	/* an exit reason, or -errno */
};

static void *run_through_gaps(void *arg)
{
	struct runner *r = arg;

	for (;;) {
		int ret = vcpu_run_once(r->vcpu);
		unsigned int what;

		if (ret == -EFAULT) {
			r->gaps++;
			usleep(100);
			continue;
		}
		/* Work that the kernel has for the thread ends KVM_RUN like a signal. */
		if (ret == -EINTR)
			continue;
		what = ret ? ret : vcpu_exit(r->vcpu);
		if (what != EXIT_NOTHING) {
			r->ended = what;
			return NULL;
		}
	}
}

FIXTURE(memory) {
	struct vm *vm;
	struct runner r[CPUS];
	char *mem;
	uint64_t page;		/* the host's */
};

FIXTURE_SETUP(memory)
{
	self->page = sysconf(_SC_PAGESIZE);
	self->vm = vm_create();
	vm_map(self->vm, GPA, GPA, SIZE, MAP_DATA);
	self->mem = vm_add_slot(self->vm, SLOT, GPA, SIZE, 0);
	madvise(self->mem, SIZE, MADV_NOHUGEPAGE);
	stop = false;
	for (unsigned int i = 0; i < CPUS; i++) {
		self->r[i].vcpu = vcpu_add1(self->vm, guest_counts, i);
		ASSERT_EQ(0, pthread_create(&self->r[i].thread, NULL, run_through_gaps, &self->r[i]));
	}
}

FIXTURE_TEARDOWN(memory)
{
	vm_destroy(self->vm);
}

/* Each vCPU has gone over all of the memory since this was called. */
static void all_pass(struct runner *r)
{
	uint64_t from[CPUS];

	for (unsigned int i = 0; i < CPUS; i++)
		from[i] = passes[i];
	for (unsigned int i = 0; i < CPUS; i++)
		while (passes[i] < from[i] + 2) {
			if (r[i].ended)
				test_fail("vCPU %u has ended: %d", i, (int)r[i].ended);
			usleep(100);
		}
}

/* The vCPUs end with a pass that nothing disturbs: what they wrote in it is there, and it is there for the host. */
static void finish(struct __test_metadata *_metadata, struct runner *r)
{
	struct vm *vm = r[0].vcpu->vm;

	all_pass(r);
	stop = true;
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		pthread_join(r[cpu].thread, NULL);
		EXPECT_EQ(EXIT_GUEST_DONE, r[cpu].ended) TH_LOG("vCPU %u: %d", cpu, (int)r[cpu].ended);
	}
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		for (uint64_t i = 0; i < PAGES; i++)
			ASSERT_EQ(value(cpu, i, passes[cpu]), *(uint64_t *)vm_gpa_to_hva(vm, GPA + i * STRIDE + cpu * 64));
}

/* Pieces of all sizes, one after the other. */
static char *piece(char *mem, unsigned int round, size_t *size)
{
	*size = 0x10000UL << round % 6;
	return mem + round * 0x50000UL % (SIZE - *size + 1) / 0x10000 * 0x10000;
}

TEST_F_TIMEOUT(memory, dropped, 100)
{
	may_drop = true;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		size_t size;
		char *at = piece(self->mem, i, &size);

		must(madvise(at, size, MADV_DONTNEED));
		all_pass(self->r);
	}
	finish(_metadata, self->r);
	for (unsigned int i = 0; i < CPUS; i++)
		EXPECT_LE(ROUNDS, dropped[i]);
}

/* The host may take it, and who writes to it has it again. */
TEST_F_TIMEOUT(memory, free_to_take, 100)
{
	may_drop = true;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		size_t size;
		char *at = piece(self->mem, i, &size);

		must(madvise(at, size, MADV_FREE));
		if (i % 4 == 3)
			madvise(at, size, MADV_PAGEOUT);
		all_pass(self->r);
	}
	finish(_metadata, self->r);
}

/* Swap space in a file in memory, by a loop device; -1 if that cannot be had. */
struct swap {
	int file, loop;
	char name[32];
};

static bool swap_on(struct swap *s, size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);
	uint32_t *head = calloc(1, page);
	int control, nr;
	bool ok;

	/* It may be built in, so what this says does not count. */
	if (system("modprobe -q loop 2>/dev/null") == -1)
		return false;
	s->file = memfd_create("swap", MFD_CLOEXEC);
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	nr = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	close(control);
	if (nr < 0 || ftruncate(s->file, size))
		return false;
	/* The first page: version, last page, number of bad pages at 1 KiB; what it is at the end. */
	head[256] = 1;
	head[257] = size / page - 1;
	memcpy((char *)head + page - 10, "SWAPSPACE2", 10);
	ok = pwrite(s->file, head, page, 0) == page;
	free(head);
	snprintf(s->name, sizeof(s->name), "/dev/loop%d", nr);
	s->loop = open(s->name, O_RDWR | O_CLOEXEC);
	return ok && s->loop >= 0 && !ioctl(s->loop, LOOP_SET_FD, s->file) && !swapon(s->name, 0);
}

static void swap_off(struct swap *s)
{
	must(swapoff(s->name));
	must(ioctl(s->loop, LOOP_CLR_FD, 0));
	close(s->loop);
	close(s->file);
}

/* Pages that went to swap space, of all processes; one that is touched is back before it can be looked at. */
static unsigned long swapped_out(void)
{
	FILE *f = fopen("/proc/vmstat", "r");
	unsigned long n = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "pswpout %lu", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

TEST_F_TIMEOUT(memory, paged_out, 100)
{
	unsigned long before = swapped_out();
	struct swap s;

	may_drop = false;
	if (!swap_on(&s, 4 * SIZE)) {
		finish(_metadata, self->r);
		SKIP(return, "no swap space");
	}
	for (unsigned int i = 0; i < ROUNDS; i++) {
		size_t size;
		char *at = piece(self->mem, i, &size);

		must(madvise(at, size, MADV_PAGEOUT));
		all_pass(self->r);
	}
	finish(_metadata, self->r);
	EXPECT_LT(before, swapped_out());
	swap_off(&s);
}

static size_t huge_page(void)
{
	FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "r");
	size_t size = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%zu", &size) != 1)
		size = 0;
	fclose(f);
	return size;
}

/* Small pages become a huge one and that is split again, by a page whose protection differs for a while. */
TEST_F_TIMEOUT(memory, collapsed, 100)
{
	size_t huge = huge_page();
	unsigned int done = 0;
	bool unknown = false;

	may_drop = false;
	if (!huge || huge > SIZE) {
		finish(_metadata, self->r);
		SKIP(return, "no huge pages of a size that fits");
	}
	must(madvise(self->mem, SIZE, MADV_HUGEPAGE));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		char *at = self->mem + i % (SIZE / huge) * huge;

		/* A page that is in use just now cannot be moved. */
		if (madvise(at, huge, MADV_COLLAPSE) == 0)
			done++;
		else
			unknown = errno == EINVAL;
		if (unknown)
			break;
		all_pass(self->r);
		must(mprotect(at + i * self->page % huge, self->page, PROT_READ));
		usleep(500);
		must(mprotect(at + i * self->page % huge, self->page, PROT_READ | PROT_WRITE));
		all_pass(self->r);
	}
	finish(_metadata, self->r);
	if (unknown)
		SKIP(return, "no MADV_COLLAPSE");
	EXPECT_LT(0, done);
}

/* Away and back again: nothing is where it was meanwhile, and all of it afterwards. */
TEST_F_TIMEOUT(memory, moved, 100)
{
	may_drop = false;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint64_t gaps = self->r[i % CPUS].gaps;
		size_t size;
		char *at = piece(self->mem, i, &size), *away;

		all_pass(self->r);
		away = must(mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		ASSERT_EQ(away, mremap(at, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, away));
		while (self->r[i % CPUS].gaps == gaps && !self->r[i % CPUS].ended)
			usleep(100);
		ASSERT_EQ(at, mremap(away, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, at));
	}
	all_pass(self->r);
	finish(_metadata, self->r);
}

/* ---- Memory that breaks */

static volatile int bus_code;
static void *volatile bus_address;

static void on_bus(int sig, siginfo_t *info, void *context)
{
	bus_code = info->si_code;
	bus_address = info->si_addr;
}

static void guest_reads(uint64_t n)
{
	while (n--)
		guest_sync(guest_mmio_read64(GPA));
}

TEST(memory_error)
{
	struct sigaction sa = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };
	size_t page = sysconf(_SC_PAGESIZE);
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_reads, 2);
	uint64_t *mem;

	vm_map(vm, GPA, GPA, SIZE, MAP_DATA);
	mem = vm_add_slot(vm, SLOT, GPA, SIZE, 0);
	must(madvise(mem, SIZE, MADV_NOHUGEPAGE));
	must(sigaction(SIGBUS, &sa, NULL));
	*mem = 1;
	ASSERT_EQ(1, vcpu_sync(vcpu));
	if (madvise(mem, page, MADV_HWPOISON))
		SKIP(return, "no memory failures: %s", strerror(errno));
	/* Not the guest's own page any more: whoever runs it is told, where and what. */
	EXPECT_EQ(-EINTR, vcpu_run_once(vcpu));
	EXPECT_EQ(BUS_MCEERR_AR, bus_code);
	EXPECT_EQ(mem, bus_address);
	ASSERT_EQ(mem, mmap(mem, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	*mem = 2;
	EXPECT_EQ(2, vcpu_sync(vcpu));
	vm_destroy(vm);
}

/* ---- Unplugged */

static void guest_fills(void)
{
	for (uint64_t n = 1; !stop; n++)
		for (uint64_t a = GPA; a < GPA + SIZE; a += STRIDE)
			guest_mmio_write64(a, n);
}

struct exits {
	struct vcpu *vcpu;
	volatile uint64_t nr;
	volatile unsigned int ended;
};

static void *run_through_exits(void *arg)
{
	struct exits *e = arg;
	unsigned int what;

	while ((what = vcpu_run(e->vcpu)) == KVM_EXIT_MMIO)
		e->nr++;
	e->ended = what;
	return NULL;
}

/* From the moment that the slot is gone, the guest does not write there, and has MMIO in its place. */
TEST(unplugged_under_running_vcpus)
{
	struct exits e[CPUS] = {};
	pthread_t t[CPUS];
	struct vm *vm = vm_create();
	char *mem, *copy = malloc(SIZE);

	stop = false;
	vm_map(vm, GPA, GPA, SIZE, MAP_DATA);
	mem = vm_add_slot(vm, SLOT, GPA, SIZE, 0);
	for (unsigned int i = 0; i < CPUS; i++) {
		e[i].vcpu = vcpu_add(vm, guest_fills);
		ASSERT_EQ(0, pthread_create(&t[i], NULL, run_through_exits, &e[i]));
	}
	for (unsigned int round = 0; round < 6; round++) {
		volatile uint64_t *first = (uint64_t *)mem;
		uint64_t was = *first, nr[CPUS];

		while (*first == was && !e[0].ended)
			usleep(100);
		must(vm_set_slot(vm, SLOT, GPA, 0, 0, NULL));
		memcpy(copy, mem, SIZE);
		for (unsigned int i = 0; i < CPUS; i++)
			nr[i] = e[i].nr;
		for (unsigned int i = 0; i < CPUS; i++)
			while (e[i].nr < nr[i] + PAGES / 4 && !e[i].ended)
				usleep(100);
		ASSERT_EQ(0, memcmp(copy, mem, SIZE));
		/* Plugged again: at times with other memory. */
		if (round % 2) {
			munmap(mem, SIZE);
			mem = must(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		}
		must(vm_set_slot(vm, SLOT, GPA, SIZE, 0, mem));
		ASSERT_EQ(0, e[0].ended | e[1].ended);
	}
	stop = true;
	for (unsigned int i = 0; i < CPUS; i++) {
		pthread_join(t[i], NULL);
		EXPECT_EQ(EXIT_GUEST_DONE, e[i].ended);
	}
	vm_destroy(vm);
	free(copy);
}

/* ---- Far away, and large */

#define GIB		(1UL << 30)
#define WINDOW		0x10000UL
#define WINDOWS		16
#define VA(i)		(0x100000000UL + (i) * 0x200000UL)

static __shared volatile uint64_t windows;

static void guest_writes_windows(uint64_t round)
{
	for (;; round++) {
		for (uint64_t i = 0; i < windows; i++) {
			GUEST_ASSERT_EQ(round ? round << 32 | i : 0, guest_mmio_read64(VA(i)));
			guest_mmio_write64(VA(i), (round + 1) << 32 | i);
		}
		guest_sync(round + 1);
	}
}

/* Of guest physical addresses that the library's guests can have. */
static unsigned int widest(void)
{
	unsigned int bits = kvm_check(KVM_CAP_ARM_VM_IPA_SIZE);

	return bits < 48 ? bits : 48;
}

/* A VM with a sparse slot, some addresses of which the guest writes to. */
static struct vm *sparse_vm(uint64_t gpa, uint64_t size, unsigned int flags, const uint64_t *at, char **mem)
{
	struct vm *vm = vm_create_sized(widest(), VM_RAM_SIZE);

	*mem = must(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
	/* What is touched is pages. */
	must(madvise(*mem, size, MADV_NOHUGEPAGE));
	must(vm_set_slot(vm, SLOT, gpa, size, flags, *mem));
	for (uint64_t i = 0; i < windows; i++)
		vm_map(vm, VA(i), gpa + at[i], WINDOW, MAP_DATA);
	return vm;
}

TEST(slot_across_512_gib)
{
	const uint64_t size = 4UL << 20, at[] = { 0, size / 2 - WINDOW, size / 2, size - WINDOW };
	struct vcpu *vcpu;
	struct vm *vm;
	char *mem;

	if (widest() < 40)
		SKIP(return, "guest physical addresses have less than 40 bits");
	windows = 4;
	vm = sparse_vm(512 * GIB - size / 2, size, 0, at, &mem);
	vcpu = vcpu_add1(vm, guest_writes_windows, 0);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	for (uint64_t i = 0; i < windows; i++)
		EXPECT_EQ(1UL << 32 | i, *(uint64_t *)(mem + at[i]));
	/* To where the other half was, which shares a table with nothing. */
	must(vm_set_slot(vm, SLOT, 512 * GIB + size / 2, size, 0, mem));
	EXPECT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
	vm_destroy(vm);
	munmap(mem, size);
}

TEST(slot_of_many_tib)
{
	unsigned int bits = widest();
	uint64_t page = sysconf(_SC_PAGESIZE), size, gpa = 512 * GIB, at[WINDOWS];
	struct vcpu *vcpu;
	struct vm *vm;
	char *mem;

	if (bits < 42)
		SKIP(return, "guest physical addresses have less than 42 bits");
	/* The largest slot that there can be, or all from there to the end. */
	size = ((1UL << 31) - 1) * page;
	if (size > (1UL << bits) - gpa)
		size = (1UL << bits) - gpa;
	if (size > 1UL << 43)
		size = 1UL << 43;	/* as much as a process has room for */
	windows = WINDOWS;
	for (uint64_t i = 0; i < WINDOWS; i++)
		at[i] = (size - WINDOW) / (WINDOWS - 1) * i & -WINDOW;
	vm = sparse_vm(gpa, size, 0, at, &mem);
	vcpu = vcpu_add1(vm, guest_writes_windows, 0);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_EQ(2, vcpu_sync(vcpu));
	for (uint64_t i = 0; i < WINDOWS; i++)
		EXPECT_EQ(2UL << 32 | i, *(uint64_t *)(mem + at[i]));
	/* One of them goes, then the whole slot. */
	must(madvise(mem + at[5], WINDOW, MADV_DONTNEED));
	*(uint64_t *)(mem + at[5]) = 2UL << 32 | 5;
	EXPECT_EQ(3, vcpu_sync(vcpu));
	must(vm_set_slot(vm, SLOT, gpa, 0, 0, NULL));
	EXPECT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
	EXPECT_EQ(gpa, vcpu->run->mmio.phys_addr);
	/* Some of the sizes that are too large */
	EXPECT_ERRNO(EINVAL, vm_set_slot(vm, SLOT, gpa, page << 31, 0, mem));
	EXPECT_EQ(-1, vm_set_slot(vm, SLOT, gpa, 1UL << bits, 0, mem));
	munmap(mem, size);
	vm_destroy(vm);
}

/* 64 GiB have a log of 2 MiB. */
TEST(log_of_a_large_slot)
{
	const uint64_t size = 64 * GIB, page = sysconf(_SC_PAGESIZE);
	const uint64_t at[] = { 0, 7 * GIB, 33 * GIB + 17 * WINDOW, size - WINDOW };
	const uint64_t words = size / page / 64;
	struct kvm_dirty_log log = { .slot = SLOT };
	struct vcpu *vcpu;
	uint64_t *bitmap, n = 0;
	struct vm *vm;
	char *mem;

	if (widest() < 40)
		SKIP(return, "guest physical addresses have less than 40 bits");
	windows = 4;
	vm = sparse_vm(128 * GIB, size, KVM_MEM_LOG_DIRTY_PAGES, at, &mem);
	bitmap = must(mmap(NULL, words * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	log.dirty_bitmap = bitmap;
	vcpu = vcpu_add1(vm, guest_writes_windows, 0);
	EXPECT_EQ(1, vcpu_sync(vcpu));
	EXPECT_OK(vm_ioctl(vm, KVM_GET_DIRTY_LOG, &log));
	for (uint64_t i = 0; i < words; i++)
		n += __builtin_popcountl(bitmap[i]);
	EXPECT_EQ(4, n);
	for (uint64_t i = 0; i < 4; i++)
		EXPECT_TRUE(bitmap[at[i] / page / 64] >> at[i] / page % 64 & 1);
	EXPECT_OK(vm_ioctl(vm, KVM_GET_DIRTY_LOG, &log));
	for (uint64_t i = 0; i < words; i++)
		ASSERT_EQ(0, bitmap[i]);
	vm_destroy(vm);
	munmap(bitmap, words * 8);
	munmap(mem, size);
}

TEST_HARNESS_MAIN
