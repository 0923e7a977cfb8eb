// SPDX-License-Identifier: GPL-2.0
/* Guest memory that a userfaultfd stands behind: pages that come late, as in a migration by post-copy. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <linux/userfaultfd.h>

#include "kvm_test.h"

#define SLOT	VM_SLOT_FREE
#define GPA	0x60000000UL
#define PAGES	64

FIXTURE(uffd) {
	struct vm *vm;
	uint64_t page;
	char *mem;		/* the guest's */
	char *source;		/* whole pages to copy from */
	int fd;
};

FIXTURE_SETUP(uffd)
{
	self->page = sysconf(_SC_PAGESIZE);
	self->vm = vm_create();
	vm_map(self->vm, GPA, GPA, PAGES * self->page, MAP_DATA);
	self->mem = must(mmap(NULL, PAGES * self->page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	self->source = must(mmap(NULL, self->page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	must(madvise(self->mem, PAGES * self->page, MADV_NOHUGEPAGE));
	self->fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (self->fd < 0)
		SKIP(return, "no userfaultfd");
}

FIXTURE_TEARDOWN(uffd)
{
	if (self->fd < 0)
		return;
	close(self->fd);
	vm_destroy(self->vm);
	munmap(self->mem, PAGES * self->page);
}

static int uffd_register(int fd, void *mem, uint64_t bytes, uint64_t mode, uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	struct uffdio_register reg = { .range = { (uintptr_t)mem, bytes }, .mode = mode };

	if (ioctl(fd, UFFDIO_API, &api))
		return -1;
	return ioctl(fd, UFFDIO_REGISTER, &reg);
}

/* The next fault's message, after ten seconds at most. */
static bool uffd_next(int fd, struct uffd_msg *msg)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	/* Another thread may be woken for the same fault. */
	while (poll(&p, 1, 10000) == 1)
		if (read(fd, msg, sizeof(*msg)) == sizeof(*msg))
			return msg->event == UFFD_EVENT_PAGEFAULT;
	return false;
}

static int uffd_copy(int fd, uint64_t to, const void *from, uint64_t page)
{
	struct uffdio_copy copy = { .dst = to & ~(page - 1), .src = (uintptr_t)from, .len = page };

	return ioctl(fd, UFFDIO_COPY, &copy);
}

static uint64_t late_value(uint64_t i)
{
	return 0x1234567 * (i + 1);
}

/* From one end or the other: two vCPUs meet. Reads what the host puts there, once for all, and adds to it. */
static void guest_adds(uint64_t first, uint64_t step, uint64_t page)
{
	for (uint64_t n = 0, i = first; n < PAGES; n++, i += step) {
		uint64_t *word = (uint64_t *)(GPA + i * page);

		GUEST_ASSERT_EQ(late_value(i), guest_mmio_read64((uint64_t)word));
		__atomic_fetch_add(word + 1, 1, __ATOMIC_RELAXED);
	}
}

TEST_F(uffd, missing_pages_come_when_they_are_touched)
{
	struct vcpu_thread t[2];
	unsigned int copied = 0;
	struct uffd_msg msg;

	ASSERT_EQ(0, uffd_register(self->fd, self->mem, PAGES * self->page, UFFDIO_REGISTER_MODE_MISSING, 0));
	must(vm_set_slot(self->vm, SLOT, GPA, PAGES * self->page, 0, self->mem));
	vcpu_thread_start(&t[0], vcpu_add_args(self->vm, (guest_fn)guest_adds, 0, 1, self->page, 0));
	vcpu_thread_start(&t[1], vcpu_add_args(self->vm, (guest_fn)guest_adds, PAGES - 1, -1, self->page, 0));
	while (copied < PAGES) {
		uint64_t i;

		ASSERT_TRUE(uffd_next(self->fd, &msg)) TH_LOG("%u of %u pages were asked for", copied, PAGES);
		i = (msg.arg.pagefault.address - (uintptr_t)self->mem) / self->page;
		ASSERT_LT(i, PAGES);
		*(uint64_t *)self->source = late_value(i);
		if (uffd_copy(self->fd, msg.arg.pagefault.address, self->source, self->page) == 0)
			copied++;
		else
			ASSERT_EQ(EEXIST, errno);	/* both vCPUs asked */
	}
	for (int i = 0; i < 2; i++)
		vcpu_thread_join(&t[i]);
	for (unsigned int i = 0; i < PAGES; i++) {
		ASSERT_EQ(late_value(i), *(uint64_t *)(self->mem + i * self->page));
		ASSERT_EQ(2, *(uint64_t *)(self->mem + i * self->page + 8));
	}
}

/* What is in the page cache but not in the page table: a memory file is written to on its other mapping. */
TEST_F(uffd, minor_faults)
{
	uint64_t bytes = PAGES * self->page;
	unsigned int resolved = 0;
	struct vcpu_thread t;
	struct uffd_msg msg;
	int file = must(memfd_create("guest", MFD_CLOEXEC));
	char *mem, *other;

	must(ftruncate(file, bytes));
	mem = must(mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
	other = must(mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
	for (unsigned int i = 0; i < PAGES; i++)
		*(uint64_t *)(other + i * self->page) = 0;
	if (uffd_register(self->fd, mem, bytes, UFFDIO_REGISTER_MODE_MINOR, UFFD_FEATURE_MINOR_SHMEM))
		SKIP(return, "no minor faults");
	must(vm_set_slot(self->vm, SLOT, GPA, bytes, 0, mem));
	vcpu_thread_start(&t, vcpu_add_args(self->vm, (guest_fn)guest_adds, 0, 1, self->page, 0));
	while (resolved < PAGES) {
		struct uffdio_continue go = { .range.len = self->page };
		uint64_t i;

		ASSERT_TRUE(uffd_next(self->fd, &msg)) TH_LOG("%u of %u pages were asked for", resolved, PAGES);
		EXPECT_TRUE(msg.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_MINOR);
		i = (msg.arg.pagefault.address - (uintptr_t)mem) / self->page;
		/* Only now is it what the guest expects. */
		*(uint64_t *)(other + i * self->page) = late_value(i);
		go.range.start = (uintptr_t)mem + i * self->page;
		ASSERT_EQ(0, ioctl(self->fd, UFFDIO_CONTINUE, &go));
		resolved++;
	}
	vcpu_thread_join(&t);
	for (unsigned int i = 0; i < PAGES; i++)
		ASSERT_EQ(1, *(uint64_t *)(other + i * self->page + 8));
	must(vm_set_slot(self->vm, SLOT, GPA, 0, 0, NULL));
	munmap(mem, bytes);
	munmap(other, bytes);
	close(file);
}

static void guest_writes_twice(void)
{
	guest_mmio_write64(GPA, 1);
	guest_sync(1);
	guest_mmio_write64(GPA, 2);
	GUEST_ASSERT_EQ(2, guest_mmio_read64(GPA));
}

/* The guest has the page, and loses the right to write to it. */
TEST_F(uffd, write_protection_holds_for_the_guest)
{
	struct uffdio_writeprotect wp = { .mode = UFFDIO_WRITEPROTECT_MODE_WP };
	struct vcpu_thread t;
	struct vcpu *vcpu;
	struct uffd_msg msg;

	memset(self->mem, 0, PAGES * self->page);
	if (uffd_register(self->fd, self->mem, PAGES * self->page, UFFDIO_REGISTER_MODE_WP,
			  UFFD_FEATURE_PAGEFAULT_FLAG_WP))
		SKIP(return, "no write protection by userfaultfd");
	must(vm_set_slot(self->vm, SLOT, GPA, PAGES * self->page, 0, self->mem));
	vcpu = vcpu_add(self->vm, guest_writes_twice);
	ASSERT_EQ(1, vcpu_sync(vcpu));
	wp.range = (struct uffdio_range){ (uintptr_t)self->mem, PAGES * self->page };
	ASSERT_EQ(0, ioctl(self->fd, UFFDIO_WRITEPROTECT, &wp));
	vcpu_thread_start(&t, vcpu);
	ASSERT_TRUE(uffd_next(self->fd, &msg)) TH_LOG("the guest wrote all the same");
	EXPECT_TRUE(msg.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP);
	EXPECT_EQ((uintptr_t)self->mem, msg.arg.pagefault.address & ~(self->page - 1));
	EXPECT_EQ(1, *(uint64_t *)self->mem);
	EXPECT_FALSE(t.finished);
	wp.mode = 0;
	ASSERT_EQ(0, ioctl(self->fd, UFFDIO_WRITEPROTECT, &wp));
	vcpu_thread_join(&t);
	EXPECT_EQ(2, *(uint64_t *)self->mem);
}

/* A page that does not come keeps nobody from stopping the guest: the network may be what is down. */
TEST_F(uffd, a_signal_ends_the_wait)
{
	struct vcpu_thread t;
	struct uffd_msg msg;

	ASSERT_EQ(0, uffd_register(self->fd, self->mem, PAGES * self->page, UFFDIO_REGISTER_MODE_MISSING, 0));
	must(vm_set_slot(self->vm, SLOT, GPA, PAGES * self->page, 0, self->mem));
	vcpu_thread_start(&t, vcpu_add_args(self->vm, (guest_fn)guest_adds, 0, 0, self->page, 0));
	ASSERT_TRUE(uffd_next(self->fd, &msg));
	t.stop = true;
	vcpu_thread_kick(&t);
	/* Whoever waits for ever is freed by the page, and the test has failed. */
	for (int i = 0; i < 100 && pthread_tryjoin_np(t.thread, NULL) == EBUSY; i++)
		if (i == 99) {
			*(uint64_t *)self->source = late_value(0);
			uffd_copy(self->fd, (uintptr_t)self->mem, self->source, self->page);
			pthread_join(t.thread, NULL);
			ASSERT_TRUE(false) TH_LOG("KVM_RUN waits on in spite of the signal");
		} else {
			usleep(100000);
		}
	EXPECT_EQ(0, t.error);
	EXPECT_FALSE(t.finished);

	/* It goes on where it was. */
	t.vcpu->run->immediate_exit = 0;
	vcpu_thread_start(&t, t.vcpu);
	ASSERT_TRUE(uffd_next(self->fd, &msg));
	*(uint64_t *)self->source = late_value(0);
	EXPECT_EQ(0, uffd_copy(self->fd, msg.arg.pagefault.address, self->source, self->page));
	vcpu_thread_join(&t);
	EXPECT_EQ(PAGES, *(uint64_t *)(self->mem + 8));
}

TEST_HARNESS_MAIN
