// SPDX-License-Identifier: GPL-2.0
/* Dirty rings: set-up and its errors, entries, resets, a ring that is full, what a monitor that cheats gets. */
#include <sys/mman.h>

#include "kvm_test.h"

#define DATA_GPA	0x80000000ULL
#define DATA_PAGES	1024
#define ENTRY		sizeof(struct kvm_dirty_gfn)
#define RESERVED	64		/* entries that the kernel keeps free */

static size_t page;

static int enable(struct vm *vm, unsigned int cap, uint64_t arg)
{
	struct kvm_enable_cap e = { .cap = cap, .args = { arg } };

	return vm_ioctl(vm, KVM_ENABLE_CAP, &e);
}

struct ring {
	struct kvm_dirty_gfn *entry;
	unsigned int nr, next;
};

static struct ring ring_map(struct vcpu *vcpu, size_t bytes)
{
	struct ring r = { .nr = bytes / ENTRY };

	r.entry = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd,
		       (off_t)KVM_DIRTY_LOG_PAGE_OFFSET * page);
	if (r.entry == MAP_FAILED)
		test_fail("mmap of the ring: %s", strerror(errno));
	return r;
}

static void ring_unmap(struct ring *r)
{
	munmap(r->entry, r->nr * ENTRY);
}

/* The next entry, if there is one. */
static struct kvm_dirty_gfn *ring_peek(struct ring *r)
{
	struct kvm_dirty_gfn *e = &r->entry[r->next % r->nr];

	return __atomic_load_n(&e->flags, __ATOMIC_ACQUIRE) == KVM_DIRTY_GFN_F_DIRTY ? e : NULL;
}

static void entry_reset(struct kvm_dirty_gfn *e)
{
	__atomic_store_n(&e->flags, KVM_DIRTY_GFN_F_RESET, __ATOMIC_RELEASE);
}

/* Counts at most so many by page of the data slot, and flags them. */
static unsigned int ring_collect_some(struct ring *r, unsigned char count[DATA_PAGES], unsigned int most)
{
	struct kvm_dirty_gfn *e;
	unsigned int n = 0;

	while (n < most && (e = ring_peek(r))) {
		if (e->slot == VM_SLOT_FREE && e->offset < DATA_PAGES)
			count[e->offset]++;
		else
			test_fail("entry for slot %u, page %llu", e->slot, e->offset);
		entry_reset(e);
		r->next++;
		n++;
	}
	return n;
}

static unsigned int ring_collect(struct ring *r, unsigned char count[DATA_PAGES])
{
	return ring_collect_some(r, count, -1);
}

static int ring_reset(struct vm *vm)
{
	return vm_ioctl(vm, KVM_RESET_DIRTY_RINGS, 0);
}

/* ---- The guest: writes to the pages that it is told to */

static __shared volatile uint64_t from, to, page_size;

static void guest_writes(uint64_t value)
{
	for (;;) {
		for (uint64_t i = from; i < to; i++)
			*(volatile uint64_t *)(DATA_GPA + i * page_size) = value;
		guest_sync(to);
	}
}

static struct vm *ring_vm(size_t bytes, bool bitmap)
{
	struct vm *vm = vm_create_bare(0);

	page = page_size = sysconf(_SC_PAGESIZE);
	must(enable(vm, KVM_CAP_DIRTY_LOG_RING_ACQ_REL, bytes));
	if (bitmap)
		must(enable(vm, KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP, 0));
	vm_populate(vm, VM_RAM_SIZE);
	vm_add_slot(vm, VM_SLOT_FREE, DATA_GPA, DATA_PAGES * page, KVM_MEM_LOG_DIRTY_PAGES);
	vm_map(vm, DATA_GPA, DATA_GPA, DATA_PAGES * page, MAP_DATA);
	return vm;
}

static void writes(struct vcpu *vcpu, uint64_t first, uint64_t end)
{
	from = first;
	to = end;
	vcpu_sync(vcpu);
}

static size_t smallest(void)
{
	size_t size = sysconf(_SC_PAGESIZE);

	return size < 2 * RESERVED * ENTRY ? 2 * RESERVED * ENTRY : size;
}

TEST(set_up_errors)
{
	struct vm *vm = vm_create_bare(0);
	int max = vm_check(vm, KVM_CAP_DIRTY_LOG_RING_ACQ_REL);
	unsigned int cap = KVM_CAP_DIRTY_LOG_RING_ACQ_REL;

	REQUIRE_CAP(KVM_CAP_DIRTY_LOG_RING_ACQ_REL);
	EXPECT_EQ(kvm_check(cap), max);
	EXPECT_EQ(65536 * ENTRY, max);
	/* Without the barriers: not on a weakly ordered machine. */
	EXPECT_EQ(0, vm_check(vm, KVM_CAP_DIRTY_LOG_RING));
	EXPECT_ERRNO(EINVAL, enable(vm, KVM_CAP_DIRTY_LOG_RING, max));
	EXPECT_ERRNO(EINVAL, ring_reset(vm));
	EXPECT_ERRNO(EINVAL, enable(vm, KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP, 0));

	EXPECT_ERRNO(EINVAL, enable(vm, cap, 0));
	EXPECT_ERRNO(EINVAL, enable(vm, cap, max - ENTRY));
	EXPECT_ERRNO(EINVAL, enable(vm, cap, 3 * smallest()));
	EXPECT_ERRNO(EINVAL, enable(vm, cap, sysconf(_SC_PAGESIZE) / 2));
	EXPECT_ERRNO(EINVAL, enable(vm, cap, RESERVED * ENTRY));
	EXPECT_ERRNO(E2BIG, enable(vm, cap, 2 * max));
	EXPECT_ERRNO(E2BIG, enable(vm, cap, 1ULL << 40));
	EXPECT_OK(enable(vm, cap, smallest()));
	EXPECT_ERRNO(EINVAL, enable(vm, cap, smallest()));
	EXPECT_EQ(0, ring_reset(vm));
	vm_destroy(vm);

	/* Rings are made with the vCPUs, bitmaps with the slots. */
	vm = vm_create();
	vcpu_create(vm, 0);
	EXPECT_ERRNO(EINVAL, enable(vm, cap, max));
	vm_destroy(vm);
	vm = vm_create();
	EXPECT_OK(enable(vm, cap, max));
	EXPECT_ERRNO(EINVAL, enable(vm, KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP, 0));
	vm_destroy(vm);
}

TEST(mapping)
{
	size_t bytes = 4 * smallest();
	struct vm *vm = ring_vm(bytes, false);
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 1);
	off_t at = (off_t)KVM_DIRTY_LOG_PAGE_OFFSET * page;
	struct ring r = ring_map(vcpu, bytes);

#define MAP(size, prot, flags, off) mmap(NULL, (size), (prot), (flags), vcpu->fd, (off))
	EXPECT_EQ(MAP_FAILED, MAP(bytes, PROT_READ, MAP_PRIVATE, at));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, MAP(bytes, PROT_READ | PROT_EXEC, MAP_SHARED, at));
	EXPECT_EQ(EINVAL, errno);
	/* One page of it is enough, at either end. */
	EXPECT_EQ(MAP_FAILED, MAP(2 * page, PROT_READ, MAP_PRIVATE, at - page));
	EXPECT_EQ(MAP_FAILED, MAP(2 * page, PROT_READ, MAP_PRIVATE, at + bytes - page));
	EXPECT_ERRNO(EACCES, mprotect(r.entry, bytes, PROT_READ | PROT_EXEC));
	/* Next to it there is nothing. */
	EXPECT_NE(MAP_FAILED, MAP(page, PROT_READ, MAP_PRIVATE, at - page));
	EXPECT_NE(MAP_FAILED, MAP(page, PROT_READ, MAP_PRIVATE, at + bytes));

	/* The pages stay with who has mapped them. */
	writes(vcpu, 0, 3);
	vm_destroy(vm);
	EXPECT_EQ(2, r.entry[2].offset);
	ring_unmap(&r);
}

TEST(entries)
{
	size_t bytes = 4 * smallest();
	struct vm *vm = ring_vm(bytes, false);
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 1);
	struct ring r = ring_map(vcpu, bytes);
	struct kvm_dirty_log log = { .slot = VM_SLOT_FREE, .dirty_bitmap = r.entry };
	struct kvm_clear_dirty_log clear = { .slot = VM_SLOT_FREE, .num_pages = 64, .dirty_bitmap = r.entry };

	writes(vcpu, 10, 20);
	for (unsigned int i = 0; i < 10; i++) {
		EXPECT_EQ(KVM_DIRTY_GFN_F_DIRTY, r.entry[i].flags);
		EXPECT_EQ(VM_SLOT_FREE, r.entry[i].slot);
		EXPECT_EQ(10 + i, r.entry[i].offset);
	}
	EXPECT_EQ(0, r.entry[10].flags);
	/* Once until the reset; other slots have no log. */
	writes(vcpu, 10, 20);
	EXPECT_EQ(0, r.entry[10].flags);

	/* In order: nothing behind one that is not flagged. */
	entry_reset(&r.entry[1]);
	EXPECT_EQ(0, ring_reset(vm));
	entry_reset(&r.entry[0]);
	EXPECT_EQ(2, ring_reset(vm));
	EXPECT_EQ(0, r.entry[0].flags | r.entry[1].flags);
	EXPECT_EQ(KVM_DIRTY_GFN_F_DIRTY, r.entry[2].flags);
	EXPECT_EQ(0, ring_reset(vm));
	writes(vcpu, 9, 20);
	EXPECT_EQ(9, r.entry[10].offset);
	EXPECT_EQ(10, r.entry[11].offset);
	EXPECT_EQ(11, r.entry[12].offset);
	EXPECT_EQ(0, r.entry[13].flags);

	EXPECT_ERRNO(ENXIO, vm_ioctl(vm, KVM_GET_DIRTY_LOG, &log));
	EXPECT_ERRNO(ENXIO, vm_ioctl(vm, KVM_CLEAR_DIRTY_LOG, &clear));
	ring_unmap(&r);
	vm_destroy(vm);
}

TEST(each_vcpu_has_its_own)
{
	size_t bytes = 4 * smallest();
	struct vm *vm = ring_vm(bytes, false);
	struct vcpu *a = vcpu_add1(vm, guest_writes, 1), *b = vcpu_add1(vm, guest_writes, 2);
	struct ring ra = ring_map(a, bytes), rb = ring_map(b, bytes);
	static unsigned char count[DATA_PAGES];

	writes(a, 0, 5);
	writes(b, 5, 12);
	EXPECT_EQ(5, ring_collect(&ra, count));
	EXPECT_EQ(7, ring_collect(&rb, count));
	EXPECT_EQ(12, ring_reset(vm));
	for (unsigned int i = 0; i < 12; i++) {
		EXPECT_EQ(1, count[i]);
	}
	/* What either has had is protected from both. */
	writes(a, 5, 12);
	EXPECT_EQ(7, ring_collect(&ra, count));
	EXPECT_EQ(0, ring_collect(&rb, count));
	ring_unmap(&ra);
	ring_unmap(&rb);
	vm_destroy(vm);
}

TEST(full)
{
	size_t bytes = smallest();
	struct vm *vm = ring_vm(bytes, false);
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 1);
	struct ring r = ring_map(vcpu, bytes);
	static unsigned char count[DATA_PAGES];
	unsigned int times = 0, total = 0, what;

	from = 0;
	to = DATA_PAGES;
	while ((what = vcpu_run(vcpu)) == KVM_EXIT_DIRTY_RING_FULL) {
		unsigned int n;

		/* As long as nobody makes room. */
		for (int i = 0; i < 3; i++) {
			EXPECT_EQ(KVM_EXIT_DIRTY_RING_FULL, vcpu_run(vcpu));
		}
		EXPECT_EQ(0, ring_reset(vm));
		EXPECT_EQ(KVM_EXIT_DIRTY_RING_FULL, vcpu_run(vcpu));
		n = ring_collect(&r, count);
		EXPECT_EQ(r.nr - RESERVED, n);
		EXPECT_EQ(KVM_EXIT_DIRTY_RING_FULL, vcpu_run(vcpu));
		EXPECT_EQ(n, ring_reset(vm));
		times++;
	}
	ASSERT_EQ(EXIT_GUEST_SYNC, what);
	EXPECT_EQ(DATA_PAGES / (r.nr - RESERVED), times);
	ring_collect(&r, count);
	/* The page that filled it was protected again before the guest had written. */
	for (unsigned int i = 0; i < DATA_PAGES; i++) {
		EXPECT_NE(0, count[i]) TH_LOG("page %u", i);
		total += count[i];
	}
	EXPECT_LE(DATA_PAGES, total);
	EXPECT_GE(DATA_PAGES + times, total);
	ring_unmap(&r);
	vm_destroy(vm);
}

/* HARDENING: dirty_ring_index. What entries say is the kernel's to know; what is beyond them is not looked at. */
TEST(dirty_ring_index_of_entries)
{
	size_t bytes = 4 * smallest();
	struct vm *vm = ring_vm(bytes, false);
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 1);
	struct ring r = ring_map(vcpu, bytes);

	writes(vcpu, 0, 4);
	for (unsigned int i = 0; i < r.nr; i++)
		r.entry[i] = (struct kvm_dirty_gfn) { KVM_DIRTY_GFN_F_RESET, 0xffff0000 + i, ~0ULL - i };
	r.entry[1].slot = VM_SLOT_FREE;
	r.entry[1].offset = 3;
	r.entry[2].flags = 0;
	EXPECT_EQ(2, ring_reset(vm));
	/* Pages 0 and 1 are logged again, 2 and 3 are still. */
	writes(vcpu, 0, 4);
	EXPECT_EQ(KVM_DIRTY_GFN_F_DIRTY, r.entry[4].flags);
	EXPECT_EQ(VM_SLOT_FREE, r.entry[4].slot);
	EXPECT_EQ(0, r.entry[4].offset);
	EXPECT_EQ(1, r.entry[5].offset);
	EXPECT_EQ(KVM_DIRTY_GFN_F_RESET, r.entry[6].flags);
	/* Four are in use, however many are flagged. */
	for (unsigned int i = 0; i < r.nr; i++)
		r.entry[i].flags = KVM_DIRTY_GFN_F_RESET;
	EXPECT_EQ(4, ring_reset(vm));

	/* With a guest that writes all the time */
	for (unsigned int n = 0; n < 20; n++) {
		for (unsigned int i = 0; i < r.nr; i++)
			r.entry[i] = (struct kvm_dirty_gfn) { random(), random(), random() };
		ring_reset(vm);
		from = n;
		to = DATA_PAGES / 2 + n;
		ASSERT_EQ(0, vcpu_run_once(vcpu));
	}
	ring_unmap(&r);
	vm_destroy(vm);
}

/* An entry may be older than its slot. */
TEST(slot_goes)
{
	size_t bytes = 4 * smallest();
	struct vm *vm = ring_vm(bytes, false);
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 1);
	struct ring r = ring_map(vcpu, bytes);
	static unsigned char count[DATA_PAGES];

	writes(vcpu, 100, 110);
	EXPECT_EQ(10, ring_collect(&r, count));
	vm_delete_slot(vm, VM_SLOT_FREE);
	EXPECT_EQ(10, ring_reset(vm));

	vm_add_slot(vm, VM_SLOT_FREE, DATA_GPA, DATA_PAGES * page, KVM_MEM_LOG_DIRTY_PAGES);
	writes(vcpu, 100, 110);
	EXPECT_EQ(10, ring_collect(&r, count));
	vm_delete_slot(vm, VM_SLOT_FREE);
	vm_add_slot(vm, VM_SLOT_FREE, DATA_GPA, 50 * page, KVM_MEM_LOG_DIRTY_PAGES);
	/* The pages are another slot's now, and in its log. */
	vm_add_slot(vm, VM_SLOT_FREE + 1, DATA_GPA + 50 * page, 100 * page, KVM_MEM_LOG_DIRTY_PAGES);
	writes(vcpu, 100, 110);
	EXPECT_EQ(VM_SLOT_FREE + 1, r.entry[r.next].slot);
	EXPECT_EQ(50, r.entry[r.next].offset);
	EXPECT_EQ(10, ring_reset(vm));
	writes(vcpu, 100, 110);
	EXPECT_EQ(0, r.entry[r.next + 10].flags);
	ring_unmap(&r);
	vm_destroy(vm);
}

/* Logging that begins catches pages that are writable already, and ends. */
TEST(log_begins_and_ends)
{
	size_t bytes = 4 * smallest();
	struct vm *vm = ring_vm(bytes, false);
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 1);
	struct ring r = ring_map(vcpu, bytes);
	struct vm_slot *s = &vm->slot[VM_SLOT_FREE];
	static unsigned char count[DATA_PAGES];

	must(vm_set_slot(vm, VM_SLOT_FREE, s->gpa, s->size, 0, s->hva));
	writes(vcpu, 0, 20);
	EXPECT_EQ(0, ring_collect(&r, count));
	/* All of it in the log from the beginning is for bitmaps. */
	must(enable(vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, 3));
	must(vm_set_slot(vm, VM_SLOT_FREE, s->gpa, s->size, KVM_MEM_LOG_DIRTY_PAGES, s->hva));
	writes(vcpu, 0, 20);
	EXPECT_EQ(20, ring_collect(&r, count));
	must(vm_set_slot(vm, VM_SLOT_FREE, s->gpa, s->size, 0, s->hva));
	EXPECT_EQ(20, ring_reset(vm));
	writes(vcpu, 0, 20);
	EXPECT_EQ(0, ring_collect(&r, count));
	ring_unmap(&r);
	vm_destroy(vm);
}

TEST(with_bitmap)
{
	size_t bytes = 4 * smallest();
	struct vm *vm = ring_vm(bytes, true);
	struct vcpu *vcpu = vcpu_add1(vm, guest_writes, 1);
	struct ring r = ring_map(vcpu, bytes);
	static uint64_t bits[DATA_PAGES / 64];
	struct kvm_dirty_log log = { .slot = VM_SLOT_FREE, .dirty_bitmap = bits };
	static unsigned char count[DATA_PAGES];

	EXPECT_EQ(1, vm_check(vm, KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP));
	writes(vcpu, 0, 70);
	EXPECT_OK(vm_ioctl(vm, KVM_GET_DIRTY_LOG, &log));
	EXPECT_EQ(0, bits[0] | bits[1]);
	EXPECT_EQ(70, ring_collect(&r, count));
	EXPECT_EQ(70, ring_reset(vm));
	ring_unmap(&r);
	vm_destroy(vm);
}

/* ---- A guest that writes while its log is read: nothing is lost. */

static __shared volatile uint64_t stop;

static void guest_counts(uint64_t word)
{
	for (uint64_t n = 1; !stop; n++)
		for (uint64_t i = 0; i < to; i++)
			*(volatile uint64_t *)(DATA_GPA + i * page_size + word * 8) = n;
}

struct counting {
	struct vcpu *vcpu;
	unsigned int full;
};

static void *count_thread(void *arg)
{
	struct counting *c = arg;
	unsigned int what;

	while ((what = vcpu_run(c->vcpu)) == KVM_EXIT_DIRTY_RING_FULL)
		WRITE_ONCE(c->full, c->full + 1);
	if (what != EXIT_GUEST_DONE)
		test_fail("exit %s", kvm_exit_name(what));
	return NULL;
}

/* The pages that the ring names, as they are after the reset. */
static void copy_written(struct vm *vm, struct ring *r, uint64_t copy[DATA_PAGES])
{
	static unsigned char count[DATA_PAGES];
	char *memory = vm->slot[VM_SLOT_FREE].hva;

	memset(count, 0, sizeof(count));
	ring_collect(r, count);
	must(ring_reset(vm));
	for (unsigned int i = 0; i < DATA_PAGES; i++)
		if (count[i])
			copy[i] = *(volatile uint64_t *)(memory + i * page);
}

TEST(nothing_is_lost)
{
	size_t bytes = smallest();
	struct vm *vm = ring_vm(bytes, false);
	struct counting c = { .vcpu = vcpu_add(vm, guest_counts) };
	struct ring r = ring_map(c.vcpu, bytes);
	char *memory = vm->slot[VM_SLOT_FREE].hva;
	static uint64_t copy[DATA_PAGES];
	pthread_t thread;

	stop = 0;
	to = DATA_PAGES;
	pthread_create(&thread, NULL, count_thread, &c);
	for (unsigned int round = 0; round < 200; round++) {
		unsigned int before = READ_ONCE(c.full);

		/* Now and then the guest has to wait. */
		if (round % 20 == 0) {
			EXPECT_TRUE(wait_until(READ_ONCE(c.full) != before, 20000));
		}
		copy_written(vm, &r, copy);
	}
	stop = 1;
	while (pthread_tryjoin_np(thread, NULL))
		copy_written(vm, &r, copy);
	copy_written(vm, &r, copy);
	for (unsigned int i = 0; i < DATA_PAGES; i++) {
		EXPECT_EQ(*(uint64_t *)(memory + i * page), copy[i]) TH_LOG("page %u", i);
	}
	ring_unmap(&r);
	vm_destroy(vm);
}

/*
 * Who reads the log is much slower than the guest: takes a few entries at a time, from one ring and then from another,
 * and seldom tells the kernel. So rings are full nearly always, and vCPUs go on one by one. They write to the same pages.
 */
TEST(slow_harvester)
{
	enum { CPUS = 2, STEPS = 900 };
	static uint64_t copy[DATA_PAGES][CPUS];
	static unsigned char count[DATA_PAGES];
	size_t bytes = smallest();
	unsigned int room = bytes / ENTRY - RESERVED, cpus = CPUS * room < DATA_PAGES ? CPUS : 1;
	struct vm *vm = ring_vm(bytes, false);
	char *memory = vm->slot[VM_SLOT_FREE].hva;
	struct counting c[CPUS] = {};
	struct ring r[CPUS];
	pthread_t thread[CPUS];
	bool ended = false;

	stop = 0;
	/* A few more than what all rings take: each is in one of them, until it is reset. */
	to = cpus * room + 60;
	ASSERT_LE(to, DATA_PAGES);
	for (unsigned int i = 0; i < cpus; i++) {
		c[i].vcpu = vcpu_add1(vm, guest_counts, i);
		r[i] = ring_map(c[i].vcpu, bytes);
		pthread_create(&thread[i], NULL, count_thread, &c[i]);
	}
	for (unsigned int step = 0; step < STEPS || !ended; step++) {
		bool last = step >= STEPS;

		/* All stand still at times, and nobody resets. */
		if (step % 300 == 0 && !last)
			for (unsigned int i = 0; i < cpus; i++) {
				unsigned int full = READ_ONCE(c[i].full);

				while (READ_ONCE(c[i].full) < full + 2)
					usleep(100);
			}
		ring_collect_some(&r[step % cpus], count, last ? -1 : 1 + step % 9);
		if (!last && step % 7)
			continue;
		/* Entries that have been flagged by now are all that is reset. */
		must(ring_reset(vm));
		for (unsigned int i = 0; i < DATA_PAGES; i++) {
			for (unsigned int w = 0; w < cpus && count[i]; w++)
				copy[i][w] = ((volatile uint64_t *)(memory + i * page))[w];
			count[i] = 0;
		}
		if (!last)
			continue;
		stop = 1;
		ended = true;
		for (unsigned int i = 0; i < cpus; i++) {
			if (thread[i] && pthread_tryjoin_np(thread[i], NULL))
				ended = false;
			else
				thread[i] = 0;
			/* What was written up to then is still to be had. */
			if (ring_peek(&r[i]))
				ended = false;
		}
	}
	for (unsigned int i = 0; i < to; i++)
		for (unsigned int w = 0; w < cpus; w++) {
			ASSERT_EQ(((uint64_t *)(memory + i * page))[w], copy[i][w]) TH_LOG("page %u", i);
		}
	for (unsigned int i = 0; i < cpus; i++)
		ring_unmap(&r[i]);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
