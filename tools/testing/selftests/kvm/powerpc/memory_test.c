// SPDX-License-Identifier: GPL-2.0
/* Guest memory: slots, read-only ones, dirty logs, and a VMM that changes its address space under the guest. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

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

static void *churn(void *mem)
{
	while (!stop) {
		must(madvise(mem, SLOT_PAGES * PAGE, MADV_DONTNEED));
		usleep(500);
	}
	return NULL;
}

/* The same while the guest runs: every word that it reads is one that it wrote, or 0. */
TEST(dropped_under_a_running_guest)
{
	struct ppc *p = ppc_create();
	uint32_t *mem = add_slot(p, 0);
	pthread_t thread;

	/* r6: counter; stores its address to each page and reads it back. r7: bad words. */
	ppc_new(p);
	emit_li(p, 6, 2000);
	emit_li(p, 7, 0);
	emit_li(p, 4, SLOT_GPA);
	emit_li(p, 8, SLOT_PAGES);
	uint32_t loop = p->at;

	emit(p, i_stw(4, 4, 0));
	emit(p, i_lwz(5, 4, 0));
	emit(p, i_d(11, 0, 5, 0));			/* cmpwi r5, 0 */
	emit(p, 0x41820010);				/* beq +16 */
	emit(p, i_x(31, 0, 5, 4, 0));			/* cmpw r5, r4 */
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

	pthread_create(&thread, NULL, churn, mem);
	ppc_begin(p);
	stop = true;
	pthread_join(thread, NULL);
	ppc_expect_stop(p);
	EXPECT_EQ(0, ppc_gpr(p, 7));
	ppc_destroy(p);
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
