// SPDX-License-Identifier: GPL-2.0
/*
 * What memory costs: stage-2 faults, dirty logs, memory slots; and the life of a VM.
 *
 * Faults are measured by the guest, with its counter; what a system call costs, by the host, with its clock. Under
 * QEMU's -icount both count instructions. Prints "name value" per line, for a fault or page or operation.
 *
 * The guest's memory is in the host's page tables before it is measured, so that what the host does to fault it in
 * is not part of it. Where there is more of it than the host should have to have, the same memory is there several
 * times.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "gic.h"
#include "timer.h"

#define REPEATS		4		/* the best counts */
#define WINDOW_GPA	0x80000000ULL	/* where what is measured begins */
#define PAGE		0x1000ULL
#define MiB		0x100000ULL
#define BLOCK		(2 * MiB)
#define FAULT_SIZE	(32 * MiB)	/* 4K pages */
#define BLOCKS_SIZE	(64 * MiB)	/* 2M blocks */
#define LOG_SIZE	(1024 * MiB)
#define LOG_PAGES	(LOG_SIZE / PAGE)
#define LOG_BACKING	(64 * MiB)
#define LOG_SPARSE	64		/* every so many pages are dirty */
#define STORM_VCPUS	4
#define LIFE_GPA	0x40000000ULL

static __shared volatile uint64_t storm_ready[REPEATS], storm_start[REPEATS][STORM_VCPUS],
				  storm_end[REPEATS][STORM_VCPUS];

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void report(const char *name, double ns)
{
	printf("%s %.1f\n", name, ns);
	fflush(stdout);
}

static double guest_ns(uint64_t ticks)
{
	return ticks * 1e9 / guest_freq();
}

static void keep_best(double *best, double value)
{
	if (*best == 0 || value < *best)
		*best = value;
}

/* ------------------------------------------------------------------------------------ Memory */

/* Anonymous memory that is there, in huge pages or in none. */
static void *memory(size_t size, bool huge)
{
	char *all = mmap(NULL, size + BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *p;

	if (all == MAP_FAILED)
		test_fail("mmap: %s", strerror(errno));
	p = (char *)(((uintptr_t)all + BLOCK - 1) & ~(BLOCK - 1));
	must(madvise(p, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE));
	memset(p, 1, size);
	return p;
}

/* @size bytes, of which only @backing are different memory. */
static void *memory_repeated(size_t size, size_t backing)
{
	char *p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int fd = must(memfd_create("bench", MFD_CLOEXEC));

	must(ftruncate(fd, backing));
	for (size_t at = 0; at < size; at += backing) {
		if (mmap(p + at, backing, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, 0) ==
		    MAP_FAILED)
			test_fail("mmap: %s", strerror(errno));
		/* Populating may have left what is not written to read-only. */
		for (size_t page = 0; page < backing; page += PAGE)
			((volatile char *)p)[at + page] = 1;
	}
	close(fd);
	return p;
}

/* ------------------------------------------------------------------------------------ Faults */

static uint64_t touch(uint64_t gpa, uint64_t stride, uint64_t n)
{
	uint64_t start = timer_count(TIMER_VIRTUAL);

	for (uint64_t i = 0; i < n; i++)
		*(volatile uint64_t *)(gpa + i * stride) = i;
	return timer_count(TIMER_VIRTUAL) - start;
}

/* The same again and again; what is behind the addresses changes. Each time takes as many ticks as are told. */
static void guest_touch(uint64_t gpa, uint64_t stride, uint64_t n, uint64_t advance)
{
	for (;;) {
		guest_sync(touch(gpa, stride, n));
		gpa += advance;
	}
}

/* Windows with the same memory behind them, so that each can be faulted in once. */
static void windows(struct vm *vm, void *memory, uint64_t size, unsigned int n)
{
	vm_map(vm, WINDOW_GPA, WINDOW_GPA, n * size, MAP_DATA);
	for (unsigned int i = 0; i < n; i++)
		must(vm_set_slot(vm, VM_SLOT_FREE + i, WINDOW_GPA + i * size, size, 0, memory));
}

static void measure_fault(const char *name, uint64_t size, uint64_t stride)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add_args(vm, guest_touch, WINDOW_GPA, stride, size / stride, size);
	double best = 0;

	windows(vm, memory(size, stride == BLOCK), size, REPEATS);
	for (unsigned int i = 0; i < REPEATS; i++)
		keep_best(&best, guest_ns(vcpu_sync(vcpu)) / (size / stride));
	report(name, best);
	vm_destroy(vm);
}

static void guest_storm(uint64_t index, uint64_t share, uint64_t size, uint64_t unused)
{
	for (unsigned int i = 0; i < REPEATS; i++) {
		__atomic_add_fetch(&storm_ready[i], 1, __ATOMIC_SEQ_CST);
		while (storm_ready[i] < STORM_VCPUS)
			cpu_relax();
		storm_start[i][index] = timer_count(TIMER_VIRTUAL);
		/* Neighbouring pages, so that they meet in the same tables. */
		touch(WINDOW_GPA + i * size + index * PAGE, STORM_VCPUS * PAGE, share / PAGE);
		storm_end[i][index] = timer_count(TIMER_VIRTUAL);
	}
}

static void measure_storm(void)
{
	uint64_t size = FAULT_SIZE, share = size / STORM_VCPUS;
	struct vcpu_thread thread[STORM_VCPUS];
	struct vm *vm = vm_create();
	double best = 0;

	windows(vm, memory(size, false), size, REPEATS);
	for (unsigned int v = 0; v < STORM_VCPUS; v++)
		vcpu_add_args(vm, guest_storm, v, share, size, 0);
	for (unsigned int v = 0; v < STORM_VCPUS; v++)
		vcpu_thread_start(&thread[v], vm->vcpu[v]);
	for (unsigned int v = 0; v < STORM_VCPUS; v++)
		vcpu_thread_join(&thread[v]);
	for (unsigned int i = 0; i < REPEATS; i++) {
		uint64_t start = ~0ULL, end = 0;

		for (unsigned int v = 0; v < STORM_VCPUS; v++) {
			if (storm_start[i][v] < start)
				start = storm_start[i][v];
			if (storm_end[i][v] > end)
				end = storm_end[i][v];
		}
		keep_best(&best, guest_ns(end - start) / (size / PAGE));
	}
	report("fault-storm-4", best);
	vm_destroy(vm);
}

/* ---------------------------------------------------------------------------------- Dirty log */

static uint64_t *log_bits;

static double log_get(struct vm *vm, uint64_t expect)
{
	struct kvm_dirty_log log = { .slot = VM_SLOT_FREE, .dirty_bitmap = log_bits };
	uint64_t start, seen = 0, ns;

	start = now_ns();
	must(vm_ioctl(vm, KVM_GET_DIRTY_LOG, &log));
	ns = now_ns() - start;
	for (unsigned int i = 0; i < LOG_PAGES / 64; i++)
		seen += __builtin_popcountll(log_bits[i]);
	if (seen != expect)
		test_fail("%lu pages are dirty, not %lu", (unsigned long)seen, (unsigned long)expect);
	return ns;
}

static double log_clear(struct vm *vm)
{
	struct kvm_clear_dirty_log log = {
		.slot = VM_SLOT_FREE, .num_pages = LOG_PAGES, .dirty_bitmap = log_bits,
	};
	uint64_t start = now_ns();

	must(vm_ioctl(vm, KVM_CLEAR_DIRTY_LOG, &log));
	return now_ns() - start;
}

static void log_set_manual(struct vm *vm, bool manual)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
		.args[0] = manual ? KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE : 0,
	};

	must(vm_ioctl(vm, KVM_ENABLE_CAP, &cap));
}

/* Either reading protects the pages again, or that is an operation of its own. */
static void measure_log(void *memory)
{
	struct vm *vm = vm_create();
	struct vcpu *all = vcpu_add_args(vm, guest_touch, WINDOW_GPA, PAGE, LOG_PAGES, 0);
	struct vcpu *some = vcpu_add_args(vm, guest_touch, WINDOW_GPA, LOG_SPARSE * PAGE, LOG_PAGES / LOG_SPARSE, 0);

	vm_map(vm, WINDOW_GPA, WINDOW_GPA, LOG_SIZE, MAP_DATA);
	must(vm_set_slot(vm, VM_SLOT_FREE, WINDOW_GPA, LOG_SIZE, KVM_MEM_LOG_DIRTY_PAGES, memory));

	vcpu_sync(all);
	report("dirty-harvest-1g", log_get(vm, LOG_PAGES));
	report("dirty-harvest-clean-1g", log_get(vm, 0));
	vcpu_sync(some);
	report("dirty-harvest-sparse-1g", log_get(vm, LOG_PAGES / LOG_SPARSE));
	report("fault-dirty", guest_ns(vcpu_sync(all)) / LOG_PAGES);

	log_set_manual(vm, true);
	report("dirty-get-1g", log_get(vm, LOG_PAGES));
	report("dirty-clear-1g", log_clear(vm));
	vcpu_sync(some);
	log_get(vm, LOG_PAGES / LOG_SPARSE);
	report("dirty-clear-sparse-1g", log_clear(vm));
	vm_destroy(vm);
}

/* ------------------------------------------------------------------------------------- Slots */

static void measure_slots(void *memory, unsigned int present)
{
	struct vm *vm = vm_create_bare(0);
	double best_add = 0, best_remove = 0;
	uint64_t gpa = WINDOW_GPA;
	char name[32];

	for (unsigned int i = 0; i < present; i++)
		must(vm_set_slot(vm, i, gpa + i * BLOCK, BLOCK, 0, memory));
	gpa += present * BLOCK;
	for (unsigned int i = 0; i < 16 * REPEATS; i++) {
		uint64_t t0 = now_ns(), t1;

		must(vm_set_slot(vm, present, gpa, BLOCK, 0, memory));
		t1 = now_ns();
		keep_best(&best_add, t1 - t0);
		t0 = now_ns();
		must(vm_set_slot(vm, present, gpa, 0, 0, NULL));
		t1 = now_ns();
		keep_best(&best_remove, t1 - t0);
	}
	snprintf(name, sizeof(name), "slot-add-%u", present);
	report(name, best_add);
	snprintf(name, sizeof(name), "slot-remove-%u", present);
	report(name, best_remove);
	vm_destroy(vm);
}

/* ------------------------------------------------------------------------------ A VM's life */

#define INSN_STR_W0_X1	0xb9000020u

/* From nothing to the exit that the first instruction causes. */
static struct vm *life_begin(void *memory, unsigned int vcpus)
{
	struct vm *vm = vm_create_bare(0);
	struct vcpu *vcpu;

	must(vm_set_slot(vm, 0, LIFE_GPA, BLOCK, 0, memory));
	for (unsigned int i = 0; i < vcpus; i++) {
		vcpu = vcpu_create(vm, i);
		vcpu_init_features(vcpu, FEATURE(PSCI_0_2) | (i ? FEATURE(POWER_OFF) : 0));
	}
	if (vcpus > 1) {
		uint64_t dist = GIC_DIST_GPA, redist = GIC_REDIST_GPA;
		int gic = vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3);

		must(gic);
		must(attr_set(gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &dist));
		must(attr_set(gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist));
		must(attr_set(gic, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL));
		close(gic);
	}
	vcpu = vm->vcpu[0];
	vcpu_write_reg(vcpu, REG_PC, LIFE_GPA);
	vcpu_write_reg(vcpu, REG_X(1), VM_MMIO_GPA);
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	return vm;
}

static void measure_life(void *memory, unsigned int vcpus)
{
	double best_create = 0, best_destroy = 0;
	char name[32];

	*(uint32_t *)memory = INSN_STR_W0_X1;
	for (unsigned int i = 0; i < 8 * REPEATS; i++) {
		uint64_t t0 = now_ns(), t1;
		struct vm *vm = life_begin(memory, vcpus);

		t1 = now_ns();
		keep_best(&best_create, t1 - t0);
		t0 = now_ns();
		vm_destroy(vm);
		t1 = now_ns();
		keep_best(&best_destroy, t1 - t0);
	}
	snprintf(name, sizeof(name), "vm-create-%u", vcpus);
	report(name, best_create);
	snprintf(name, sizeof(name), "vm-destroy-%u", vcpus);
	report(name, best_destroy);
}

int main(int argc, char **argv)
{
	void *small;

	if (argc == 2 && !strcmp(argv[1], "storm")) {
		measure_storm();
		return 0;
	}
	if (argc != 1)
		return fprintf(stderr, "usage: mem [storm] (for four CPUs)\n"), 2;

	small = memory(BLOCK, false);
	for (unsigned int n = 1; n <= 4; n *= 4)
		measure_life(small, n);
	measure_slots(small, 1);
	measure_slots(small, 64);
	measure_slots(small, 512);
	measure_fault("fault-4k", FAULT_SIZE, PAGE);
	measure_fault("fault-2m", BLOCKS_SIZE, BLOCK);

	log_bits = memory(LOG_PAGES / 8, false);
	small = memory_repeated(LOG_SIZE, LOG_BACKING);
	measure_log(small);
	return 0;
}
