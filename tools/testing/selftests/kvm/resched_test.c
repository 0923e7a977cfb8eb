// SPDX-License-Identifier: GPL-2.0
/*
 * Long loops over guest memory let others have the CPU. A real-time thread on the same CPU wakes up every
 * millisecond: a request that does not reschedule keeps it waiting for as long as the request takes.
 */
#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#include "kvm_test.h"

#define BASE	0x80000000UL
#define SIZE	0x8000000UL		/* 32768 pages of 4 KiB */

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ULL + t.tv_nsec / 1000;
}

static void guest_touches(void)
{
	for (uint64_t a = BASE; a < BASE + SIZE; a += 4096)
		guest_mmio_write64(a, a);
	guest_sync(1);
}

static volatile bool watching, stop;
static volatile uint64_t worst;

static void pin(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	must(sched_setaffinity(0, sizeof(cpus), &cpus));
}

static void *watch(void *arg)
{
	struct sched_param p = { .sched_priority = 10 };
	struct timespec ms = { 0, 1000000 };
	uint64_t last;

	pin();
	must(sched_setscheduler(0, SCHED_FIFO, &p));
	last = now_us();
	while (!stop) {
		uint64_t now;

		nanosleep(&ms, NULL);
		now = now_us();
		if (watching && now - last > worst)
			worst = now - last;
		last = now;
	}
	return NULL;
}

FIXTURE(resched) {
	struct vm *vm;
	struct vcpu *vcpu;
	void *mem;
	pthread_t t;
	uint64_t began;
};

FIXTURE_SETUP(resched)
{
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, guest_touches);
	vm_map(self->vm, BASE, BASE, SIZE, MAP_DATA);
	self->mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* Many small pages, so that the loop is long. */
	madvise(self->mem, SIZE, MADV_NOHUGEPAGE);
	must(vm_set_slot(self->vm, VM_SLOT_FREE, BASE, SIZE, 0, self->mem));
	ASSERT_EQ(1, vcpu_sync(self->vcpu));
	stop = false;
	worst = 0;
	ASSERT_EQ(0, pthread_create(&self->t, NULL, watch, NULL));
	pin();
	usleep(20000);
	watching = true;
	self->began = now_us();
}

FIXTURE_TEARDOWN(resched)
{
}

/*
 * A request that took long kept the other thread from the CPU for a small part of it only. One that was quick is
 * fine whatever it did.
 */
static void check(struct __test_metadata *_metadata, uint64_t began, pthread_t t)
{
	uint64_t took = now_us() - began;

	watching = false;
	stop = true;
	pthread_join(t, NULL);
	if (took > 100000) {
		EXPECT_LT(worst, took / 3) TH_LOG("took %lu us, away for %lu us", (unsigned long)took,
						  (unsigned long)worst);
	}
}

TEST_F(resched, slot_is_deleted)
{
	must(vm_set_slot(self->vm, VM_SLOT_FREE, BASE, 0, 0, NULL));
	check(_metadata, self->began, self->t);
}

TEST_F(resched, dirty_logging_is_enabled)
{
	must(vm_set_slot(self->vm, VM_SLOT_FREE, BASE, SIZE, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	check(_metadata, self->began, self->t);
}

TEST_F(resched, memory_is_unmapped)
{
	must(madvise(self->mem, SIZE, MADV_DONTNEED));
	check(_metadata, self->began, self->t);
}

TEST_F(resched, vm_ends)
{
	vm_destroy(self->vm);
	check(_metadata, self->began, self->t);
}

TEST_HARNESS_MAIN
