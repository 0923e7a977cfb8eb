// SPDX-License-Identifier: GPL-2.0
/*
 * Long loops over guest memory let others have the CPU: there is a bounded piece of work between two points of
 * rescheduling.
 *
 * A real-time thread on the same CPU wakes up again and again. A request that reschedules is preempted by it each
 * time; one that does not, once or twice at its ends, however long it takes. So what counts is how often it was
 * preempted. That grows when the machine is slow or busy. (A request that sleeps is not preempted by that.)
 */
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "kvm_test.h"

#define BASE		0x80000000UL
#define SIZE		0x8000000UL		/* 32768 pages of 4 KiB */
#define PIECE		0x2000000UL		/* of host memory that is unmapped in one go, at most */
#define PERIOD_NS	200000L
#define AT_THE_ENDS	2			/* on the way into the kernel, and out of it */

static void guest_touches(void)
{
	for (uint64_t a = BASE; a < BASE + SIZE; a += 4096)
		guest_mmio_write64(a, a);
	guest_sync(1);
}

static volatile bool stop;

static void pin(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	must(sched_setaffinity(0, sizeof(cpus), &cpus));
}

static void *wakes_up(void *arg)
{
	struct sched_param p = { .sched_priority = 10 };
	struct timespec period = { 0, PERIOD_NS };

	pin();
	must(sched_setscheduler(0, SCHED_FIFO, &p));
	while (!stop)
		nanosleep(&period, NULL);
	return NULL;
}

/* How much of a CPU a request took, and how often it had to give that up. */
struct cost {
	long preempted;
	long ns;
};

static struct cost cost_now(void)
{
	struct timespec t;
	struct rusage u;

	must(getrusage(RUSAGE_THREAD, &u));
	must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t));
	return (struct cost){ .preempted = u.ru_nivcsw, .ns = t.tv_sec * 1000000000L + t.tv_nsec };
}

FIXTURE(resched) {
	struct vm *vm;
	struct vcpu *vcpu;
	void *mem;
	pthread_t t;
	struct cost before;
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
	ASSERT_EQ(0, pthread_create(&self->t, NULL, wakes_up, NULL));
	pin();
	usleep(20000);
	self->before = cost_now();
}

FIXTURE_TEARDOWN(resched)
{
}

/* After one system call. Where that takes no longer than a few periods, it does not have to reschedule. */
static void check(struct __test_metadata *_metadata, struct cost before, pthread_t t)
{
	struct cost now = cost_now();

	stop = true;
	pthread_join(t, NULL);
	if (now.ns - before.ns > 20 * PERIOD_NS) {
		EXPECT_LT(AT_THE_ENDS, now.preempted - before.preempted)
			TH_LOG("%ld us of CPU time", (now.ns - before.ns) / 1000);
	}
}

TEST_F(resched, slot_is_deleted)
{
	must(vm_set_slot(self->vm, VM_SLOT_FREE, BASE, 0, 0, NULL));
	check(_metadata, self->before, self->t);
}

TEST_F(resched, dirty_logging_is_enabled)
{
	must(vm_set_slot(self->vm, VM_SLOT_FREE, BASE, SIZE, KVM_MEM_LOG_DIRTY_PAGES, self->mem));
	check(_metadata, self->before, self->t);
}

/* The last descriptor: what is left of the VM goes in this system call. */
TEST_F(resched, vm_ends)
{
	vcpu_close(self->vcpu);
	self->before = cost_now();
	must(close(self->vm->fd));
	check(_metadata, self->before, self->t);
}

/* The host's own part reschedules as well, so it is the module's pieces that are counted: each has a TLB flush. */
TEST_F(resched, memory_is_unmapped)
{
	int fd = must(ioctl(self->vm->fd, KVM_GET_STATS_FD, 0));
	struct kvm_stats_header head;
	uint64_t before[2], after[2];

	ASSERT_EQ(sizeof(head), pread(fd, &head, sizeof(head), 0));
	/* remote_tlb_flush, remote_tlb_flush_requests */
	ASSERT_EQ(sizeof(before), pread(fd, before, sizeof(before), head.data_offset));
	must(madvise(self->mem, SIZE, MADV_DONTNEED));
	ASSERT_EQ(sizeof(after), pread(fd, after, sizeof(after), head.data_offset));
	EXPECT_LE(SIZE / PIECE, after[1] - before[1]);
	stop = true;
	pthread_join(self->t, NULL);
	close(fd);
}

TEST_HARNESS_MAIN
