// SPDX-License-Identifier: GPL-2.0
/* Guest memory: slots, read-only ones, dirty logs, and a VMM that changes its address space under the guest. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/wait.h>

#include "kvm_test.h"
#include "ppc.h"

#define SLOT_GPA	0x04000000u
#define PAGE		4096u
#define SLOT_PAGES	16u

static void *add_slot(struct ppc *p, unsigned int flags)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .flags = flags, .guest_phys_addr = SLOT_GPA, .memory_size = SLOT_PAGES * PAGE,
	};
	void *mem = mmap(NULL, SLOT_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	r.userspace_addr = (uintptr_t)mem;
	must(ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	return mem;
}

static uint32_t load(struct ppc *p, uint32_t ea)
{
	ppc_new(p);
	emit_li(p, 4, ea);
	emit(p, i_lwz(5, 4, 0));
	ppc_exec(p);
	return ppc_gpr(p, 5);
}

static void store(struct ppc *p, uint32_t ea, uint32_t value)
{
	ppc_new(p);
	emit_li(p, 4, ea);
	emit_li(p, 5, value);
	emit(p, i_stw(5, 4, 0));
	ppc_exec(p);
}

TEST(read_only_slot)
{
	struct ppc *p = ppc_create();
	uint32_t *mem = add_slot(p, KVM_MEM_READONLY);

	mem[0] = 0x1234;
	EXPECT_EQ(0x1234, load(p, SLOT_GPA));
	ppc_new(p);
	emit_li(p, 4, SLOT_GPA);
	emit(p, i_stw(4, 4, 0));
	emit_stop(p);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(SLOT_GPA, p->run->mmio.phys_addr);
	EXPECT_EQ(1, p->run->mmio.is_write);
	ppc_run(p);
	ppc_expect_stop(p);
	EXPECT_EQ(0x1234, mem[0]);
	ppc_destroy(p);
}

TEST(dirty_log)
{
	struct ppc *p = ppc_create();
	uint64_t bits = 0;
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = &bits };

	add_slot(p, KVM_MEM_LOG_DIRTY_PAGES);
	for (unsigned int round = 0; round < 20; round++) {
		uint64_t want = 0;

		for (unsigned int i = 0; i < 3; i++) {
			unsigned int page = random() % SLOT_PAGES;

			store(p, SLOT_GPA + page * PAGE + random() % 1024 * 4, round);
			load(p, SLOT_GPA + random() % SLOT_PAGES * PAGE);
			want |= 1ULL << page;
		}
		must(ioctl(p->vm, KVM_GET_DIRTY_LOG, &log));
		/* Bits are bytes, from the lowest: a big-endian 64-bit word has them the other way round. */
		EXPECT_EQ(want, __builtin_bswap64(bits));
	}
	ppc_destroy(p);
}

TEST(slot_is_deleted_and_moved)
{
	struct kvm_userspace_memory_region r = { .slot = 1, .guest_phys_addr = SLOT_GPA };
	struct ppc *p = ppc_create();
	uint32_t *mem = add_slot(p, 0);

	mem[0] = 77;
	EXPECT_EQ(77, load(p, SLOT_GPA));
	r.userspace_addr = (uintptr_t)mem;
	r.memory_size = SLOT_PAGES * PAGE;
	r.guest_phys_addr = SLOT_GPA + 0x100000;
	must(ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	EXPECT_EQ(77, load(p, SLOT_GPA + 0x100000));
	ppc_new(p);
	emit_li(p, 4, SLOT_GPA);
	emit(p, i_lwz(5, 4, 0));
	emit_stop(p);
	ppc_begin(p);
	EXPECT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	ppc_run(p);
	r.memory_size = 0;
	must(ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	ppc_new(p);
	emit_li(p, 4, SLOT_GPA + 0x100000);
	emit(p, i_lwz(5, 4, 0));
	emit_stop(p);
	ppc_begin(p);
	EXPECT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	ppc_destroy(p);
}

/* Pages are replaced, dropped and protected: the guest sees what the VMM sees, each time. */
TEST(page_ref)
{
	struct ppc *p = ppc_create();
	uint32_t *mem = add_slot(p, 0);

	for (unsigned int round = 0; round < 200; round++) {
		unsigned int page = random() % SLOT_PAGES;
		uint32_t *word = mem + page * PAGE / 4, value = random();

		*word = value;
		ASSERT_EQ(value, load(p, SLOT_GPA + page * PAGE));
		switch (random() % 4) {
		case 0:
			must(madvise(word, PAGE, MADV_DONTNEED));
			ASSERT_EQ(0, load(p, SLOT_GPA + page * PAGE));
			break;
		case 1:
			/* A copy elsewhere, as fork() makes one. */
			if (mmap(word, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
			    MAP_FAILED)
				test_fail("mmap");
			*word = ~value;
			ASSERT_EQ(~value, load(p, SLOT_GPA + page * PAGE));
			break;
		case 2:
			must(mprotect(word, PAGE, PROT_READ));
			must(mprotect(word, PAGE, PROT_READ | PROT_WRITE));
			store(p, SLOT_GPA + page * PAGE, value + 1);
			ASSERT_EQ(value + 1, *word);
			break;
		default:
			store(p, SLOT_GPA + page * PAGE + 8, value);
			ASSERT_EQ(value, word[2]);
			break;
		}
	}
	ppc_destroy(p);
}

static volatile bool stop;
static volatile bool busy;	/* the other thread is to be waited for, with the guest running on */

/* Long enough for another thread to be in between, often. */
#define STORES	1000000u
#define NOTHING	0xffffffffu	/* no word that is ever stored */

/*
 * So many stores, page after page and from the first again: each page gets how many are left, and is read again. r7
 * counts words that are neither what was written nor what r9 says.
 */
static void emit_stores(struct ppc *p, unsigned int stores)
{
	uint32_t loop;

	ppc_new(p);
	emit_li(p, 6, stores);
	emit_li(p, 7, 0);
	emit_li(p, 4, SLOT_GPA);
	emit_li(p, 8, SLOT_PAGES);
	loop = p->at;
	emit(p, i_stw(6, 4, 0));
	emit(p, i_lwz(5, 4, 0));
	emit(p, i_x(31, 0, 5, 9, 0));			/* cmpw r5, r9 */
	emit(p, 0x41820010);				/* beq +16 */
	emit(p, i_x(31, 0, 5, 6, 0));			/* cmpw r5, r6 */
	emit(p, 0x41820008);				/* beq +8 */
	emit(p, i_addi(7, 7, 1));
	emit(p, i_addi(4, 4, PAGE));
	emit(p, i_addi(8, 8, -1));
	emit(p, i_d(11, 0, 8, 0));
	emit(p, 0x4082000c);				/* bne +12 */
	emit(p, i_addis(4, 0, SLOT_GPA >> 16));
	emit(p, i_addi(8, 0, SLOT_PAGES));
	emit(p, i_addi(6, 6, -1));
	emit(p, i_d(11, 0, 6, 0));
	emit(p, 0x40820000 | ((loop - p->at) & 0xfffc));	/* bne loop */
	emit_stop(p);
}

/* The pages that do not hold what the last @stores have left, seen as the VMM sees them. */
static unsigned int lost(const void *mem, unsigned int stores)
{
	unsigned int bad = 0;

	for (unsigned int i = 0; i < SLOT_PAGES; i++)
		bad += *(const uint32_t *)(mem + (stores - 1 - i) % SLOT_PAGES * PAGE) != i + 1;
	return bad;
}

/*
 * While another thread does something to the pages. @other: a word that may be read besides. The words that were bad,
 * and the pages that have lost a word: at the end (unless words may be lost), and in a last pass with nobody in between.
 */
static uint32_t run_stores(struct ppc *p, uint32_t other, void *(*meddle)(void *mem), void *mem)
{
	pthread_t thread;
	uint32_t bad = 0;

	emit_stores(p, STORES);
	stop = false;
	pthread_create(&thread, NULL, meddle, mem);
	do {
		ppc_set_gpr(p, 9, other);
		ppc_begin(p);
		ppc_expect_stop(p);
		bad += ppc_gpr(p, 7);
		if (other == NOTHING && busy)
			bad += lost(mem, STORES);
	} while (busy && !bad);
	stop = true;
	pthread_join(thread, NULL);
	if (other == NOTHING)
		bad += lost(mem, STORES);
	emit_stores(p, SLOT_PAGES);
	ppc_set_gpr(p, 9, NOTHING);
	ppc_begin(p);
	ppc_expect_stop(p);
	return bad + ppc_gpr(p, 7) + lost(mem, SLOT_PAGES);
}

static void *drop(void *mem)
{
	while (!stop) {
		must(madvise(mem, SLOT_PAGES * PAGE, MADV_DONTNEED));
		usleep(500);
	}
	return NULL;
}

/* Every word that the guest reads is one that it wrote, or 0. */
TEST(dropped_under_a_running_guest)
{
	struct ppc *p = ppc_create();
	void *mem = add_slot(p, 0);

	EXPECT_EQ(0, run_stores(p, 0, drop, mem));
	ppc_destroy(p);
}

/* Mapped anew, at the same place */
static void *replace(void *mem)
{
	while (!stop) {
		unsigned int page = random() % SLOT_PAGES;

		if (mmap(mem + page * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			 0) == MAP_FAILED)
			test_fail("mmap");
		usleep(200);
	}
	return NULL;
}

TEST(replaced_under_a_running_guest)
{
	struct ppc *p = ppc_create();
	void *mem = add_slot(p, 0);

	EXPECT_EQ(0, run_stores(p, 0, replace, mem));
	ppc_destroy(p);
}

static bool write_to(const char *path, const char *what)
{
	int fd = open(path, O_WRONLY);
	bool good = fd >= 0 && write(fd, what, strlen(what)) == (ssize_t)strlen(what);

	close(fd);
	return good;
}

static unsigned long counter(const char *path, const char *name)
{
	unsigned long value, found = 0;
	char line[128], key[64];
	FILE *f = fopen(path, "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %lu", key, &value) == 2 && !strcmp(key, name))
			found = value;
	if (f)
		fclose(f);
	return found;
}

/* Swap in compressed memory. False if the host has none. */
static bool swap_on(void)
{
	static uint8_t head[PAGE];
	uint32_t words[3] = { 1, (32 << 20) / PAGE - 1, 0 };
	int fd;

	if (!write_to("/sys/block/zram0/disksize", "32M"))
		return false;
	memcpy(head + 1024, words, sizeof(words));
	memcpy(head + PAGE - 10, "SWAPSPACE2", 10);
	fd = open("/dev/zram0", O_RDWR);
	if (fd < 0 || write(fd, head, PAGE) != PAGE)
		return false;
	fsync(fd);
	close(fd);
	return !swapon("/dev/zram0", 0);
}

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

static void *page_out(void *mem)
{
	while (!stop) {
		must(madvise(mem, SLOT_PAGES * PAGE, MADV_PAGEOUT));
		usleep(500);
	}
	return NULL;
}

/* Reclaim takes the pages and swap has them: not a word is lost. */
TEST(paged_out_under_a_running_guest)
{
	unsigned long before;
	struct ppc *p;
	void *mem;

	if (!swap_on())
		SKIP(return, "no zram on this host");
	p = ppc_create();
	mem = add_slot(p, 0);
	before = counter("/proc/vmstat", "pswpout");
	EXPECT_EQ(0, run_stores(p, NOTHING, page_out, mem));
	EXPECT_LT(before, counter("/proc/vmstat", "pswpout"));
	ppc_destroy(p);
	must(swapoff("/dev/zram0"));
	write_to("/sys/block/zram0/reset", "1");
}

/* The page frame that is mapped there, or 0 */
static uint64_t frame(const void *at)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	if (fd < 0 || pread(fd, &entry, sizeof(entry), (uintptr_t)at / PAGE * sizeof(entry)) != sizeof(entry))
		test_fail("pagemap: %s", strerror(errno));
	close(fd);
	return entry >> 63 ? entry & ((1ULL << 55) - 1) : 0;
}

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

#define POOL_PAGES	4096u

struct pooled {
	uint8_t *at;
	uint64_t frame;
};

static int by_frame(const void *a, const void *b)
{
	const struct pooled *x = a, *y = b;

	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

/*
 * Gives the slot the lowest page frames of many, and frees every other one of the highest: compaction moves the slot's
 * pages up there, into blocks that are neither full nor empty.
 */
static uint8_t *settle_low(void *mem)
{
	static struct pooled pool[POOL_PAGES];
	uint8_t *base = mmap(NULL, POOL_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		test_fail("mmap");
	for (unsigned int i = 0; i < POOL_PAGES; i++) {
		pool[i].at = base + i * PAGE;
		*pool[i].at = 1;
		pool[i].frame = frame(pool[i].at);
	}
	qsort(pool, POOL_PAGES, sizeof(*pool), by_frame);
	for (unsigned int i = 0; i < SLOT_PAGES; i++)
		if (mremap(pool[i].at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, mem + i * PAGE) ==
		    MAP_FAILED)
			test_fail("mremap: %s", strerror(errno));
	for (unsigned int i = POOL_PAGES / 2; i < POOL_PAGES; i += 2)
		must(madvise(pool[i].at, PAGE, MADV_DONTNEED));
	return base;
}

static unsigned int moved;

/* Until the guest has written something else there, twice. False if it has come to its end. */
static bool guest_goes_on(const volatile uint32_t *word)
{
	for (unsigned int i = 0; i < 2; i++) {
		uint32_t seen = *word;

		while (*word == seen) {
			if (stop)
				return false;
			usleep(100);
		}
	}
	return true;
}

/* Until most pages are elsewhere than they were, while the guest wrote to them before and after. */
static void *compact(void *mem)
{
	uint64_t was[SLOT_PAGES];
	unsigned int count = 0;

	moved = 0;
	for (unsigned int i = 0; i < SLOT_PAGES; i++)
		was[i] = frame(mem + i * PAGE);
	for (unsigned int tries = 0; count <= SLOT_PAGES / 2 && tries < 100 && guest_goes_on(mem); tries++) {
		if (!write_to("/proc/sys/vm/compact_memory", "1"))
			break;
		count = 0;
		for (unsigned int i = 0; i < SLOT_PAGES; i++) {
			uint64_t now = frame(mem + i * PAGE);

			count += was[i] && now && was[i] != now;
		}
	}
	if (guest_goes_on(mem))
		moved = count;
	busy = false;
	return NULL;
}

/* Pages move in the host's memory: most of the slot's, each time, and not a word is lost. */
TEST(compacted_under_a_running_guest)
{
	unsigned long before = counter("/proc/vmstat", "pgmigrate_success");
	unsigned int total = 0;

	if (access("/proc/sys/vm/compact_memory", W_OK))
		SKIP(return, "this host does not move pages");
	/* What is freed is to be seen as free by all, not kept by the CPU. */
	write_to("/proc/sys/vm/percpu_pagelist_high_fraction", "1000");
	for (unsigned int round = 0; round < 4; round++) {
		struct ppc *p = ppc_create();
		void *mem = add_slot(p, 0);
		uint8_t *pool = settle_low(mem);

		busy = true;
		EXPECT_EQ(0, run_stores(p, NOTHING, compact, mem));
		EXPECT_LT(SLOT_PAGES / 2, moved);
		total += moved;
		munmap(pool, POOL_PAGES * PAGE);
		munmap(mem, SLOT_PAGES * PAGE);
		ppc_destroy(p);
	}
	write_to("/proc/sys/vm/percpu_pagelist_high_fraction", "0");
	EXPECT_LE(total, counter("/proc/vmstat", "pgmigrate_success") - before);
	TH_LOG("%u of %u pages moved under a running guest", total, 4 * SLOT_PAGES);
}

/* A child shares the pages until someone writes: the guest's writes are not the child's. */
TEST(forked)
{
	struct ppc *p = ppc_create();
	uint32_t *mem = add_slot(p, 0);
	int go[2], status;
	char c = 0;
	pid_t child;

	for (unsigned int i = 0; i < SLOT_PAGES; i++)
		store(p, SLOT_GPA + i * PAGE, i);
	must(pipe(go));
	child = fork();
	if (!child) {
		unsigned int bad = read(go[0], &c, 1) != 1;

		for (unsigned int i = 0; i < SLOT_PAGES; i++)
			bad |= mem[i * PAGE / 4] != i;
		_exit(bad);
	}
	for (unsigned int i = 0; i < SLOT_PAGES; i++)
		store(p, SLOT_GPA + i * PAGE, 0x100 + i);
	ASSERT_EQ(1, write(go[1], &c, 1));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	for (unsigned int i = 0; i < SLOT_PAGES; i++) {
		EXPECT_EQ(0x100 + i, mem[i * PAGE / 4]);
	}
	ppc_destroy(p);
}

/* Equal pages become one, which nobody may write to. */
TEST(merged)
{
	struct ppc *p = ppc_create();
	uint32_t *mem = add_slot(p, 0);
	unsigned int i;

	if (!write_to("/sys/kernel/mm/ksm/run", "1"))
		SKIP(return, "this host does not merge pages");
	write_to("/sys/kernel/mm/ksm/sleep_millisecs", "5");
	for (i = 0; i < SLOT_PAGES * PAGE / 4; i++)
		mem[i] = 0x12345678;
	for (i = 0; i < SLOT_PAGES; i++)
		load(p, SLOT_GPA + i * PAGE);
	must(madvise(mem, SLOT_PAGES * PAGE, MADV_MERGEABLE));
	for (i = 0; i < 1000; i++) {
		char text[32] = "";
		int fd = open("/sys/kernel/mm/ksm/pages_sharing", O_RDONLY);

		if (read(fd, text, sizeof(text) - 1) > 0 && atoi(text) >= (int)SLOT_PAGES - 1)
			break;
		close(fd);
		usleep(10000);
	}
	EXPECT_GT(1000, i);
	for (i = 0; i < SLOT_PAGES; i += 2)
		store(p, SLOT_GPA + i * PAGE, i);
	for (i = 0; i < SLOT_PAGES; i++) {
		EXPECT_EQ(i % 2 ? 0x12345678 : i, mem[i * PAGE / 4]);
		EXPECT_EQ(i % 2 ? 0x12345678 : i, load(p, SLOT_GPA + i * PAGE));
	}
	write_to("/sys/kernel/mm/ksm/run", "2");
	ppc_destroy(p);
}

/* munmap: KVM_RUN says EFAULT, and goes on when the memory is there again. */
TEST(unmapped)
{
	struct ppc *p = ppc_create();
	uint32_t *mem = add_slot(p, 0);

	EXPECT_EQ(0, load(p, SLOT_GPA));
	must(munmap(mem, SLOT_PAGES * PAGE));
	emit_li(p, 4, SLOT_GPA);
	emit(p, i_lwz(5, 4, 0));
	emit_stop(p);
	ppc_set_pc(p, PPC_CODE);
	__builtin___clear_cache((char *)p->ram + PPC_CODE, (char *)p->ram + p->at);
	EXPECT_EQ(-EFAULT, ppc_run_once(p));
	EXPECT_EQ(-EFAULT, ppc_run_once(p));
	EXPECT_EQ(PPC_CODE + 8, ppc_pc(p));
	if (mmap(mem, SLOT_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	    MAP_FAILED)
		test_fail("mmap");
	*mem = 0x5678;
	ppc_run(p);
	ppc_expect_stop(p);
	EXPECT_EQ(0x5678, ppc_gpr(p, 5));
	ppc_destroy(p);
}

/* What the guest writes while it runs is in one of the logs that are taken meanwhile. */
static struct ppc *logged;
static uint64_t seen;

static void *take_logs(void *mem)
{
	uint64_t bits;
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = &bits };

	while (!stop) {
		bits = 0;
		must(ioctl(logged->vm, KVM_GET_DIRTY_LOG, &log));
		seen |= bits;
		usleep(1000);
	}
	return NULL;
}

TEST(logged_under_a_running_guest)
{
	uint64_t bits = 0;
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = &bits };

	logged = ppc_create();
	EXPECT_EQ(0, run_stores(logged, NOTHING, take_logs, add_slot(logged, KVM_MEM_LOG_DIRTY_PAGES)));
	must(ioctl(logged->vm, KVM_GET_DIRTY_LOG, &log));
	EXPECT_EQ((1ULL << SLOT_PAGES) - 1, __builtin_bswap64(seen | bits));
	/* One more write to each is one more mark for each. */
	emit_stores(logged, SLOT_PAGES);
	ppc_begin(logged);
	ppc_expect_stop(logged);
	bits = 0;
	must(ioctl(logged->vm, KVM_GET_DIRTY_LOG, &log));
	EXPECT_EQ((1ULL << SLOT_PAGES) - 1, __builtin_bswap64(bits));
	log.slot = 7;
	EXPECT_ERRNO(ENOENT, ioctl(logged->vm, KVM_GET_DIRTY_LOG, &log));
	log.slot = 0;
	EXPECT_ERRNO(ENOENT, ioctl(logged->vm, KVM_GET_DIRTY_LOG, &log));
	EXPECT_ERRNO(EFAULT, ioctl(logged->vm, KVM_GET_DIRTY_LOG, 8));
	ppc_destroy(logged);
}

/* lwarx and stwcx. in memory work, and not across an exit. */
TEST(reservations)
{
	struct ppc *p = ppc_create();

	add_slot(p, 0);
	emit_li(p, 4, SLOT_GPA);
	emit_li(p, 5, 9);
	emit(p, i_stw(5, 4, 0));			/* the page is there */
	emit(p, i_lwarx(6, 0, 4));
	emit(p, i_stwcx(5, 0, 4));
	emit(p, i_mfcr(7));
	emit(p, i_lwarx(6, 0, 4));
	emit(p, i_mfmsr(9));				/* an exit */
	emit(p, i_stwcx(5, 0, 4));
	emit(p, i_mfcr(8));
	ppc_exec(p);
	EXPECT_EQ(0x20000000, ppc_gpr(p, 7) & 0x20000000);
	EXPECT_EQ(0, ppc_gpr(p, 8) & 0x20000000);
	ppc_destroy(p);
}

/* Sizes and addresses of 64 bits, of which a 32-bit host has 32. */
TEST(more_than_32_bits)
{
	struct kvm_userspace_memory_region r = { .slot = 1, .guest_phys_addr = SLOT_GPA };
	struct ppc *p = ppc_create();

	r.userspace_addr = (uintptr_t)p->ram;
	r.memory_size = (1ULL << 32) + PAGE;
	EXPECT_ERRNO(EINVAL, ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	r.memory_size = PAGE;
	r.userspace_addr |= 1ULL << 32;
	EXPECT_ERRNO(EINVAL, ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	r.userspace_addr = (uintptr_t)p->ram;
	r.guest_phys_addr = 1ULL << 36;
	EXPECT_ERRNO(EFAULT, ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	r.guest_phys_addr = 1ULL << 44 | SLOT_GPA;
	EXPECT_ERRNO(EFAULT, ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	r.guest_phys_addr = (1ULL << 36) - PAGE;
	EXPECT_OK(ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
