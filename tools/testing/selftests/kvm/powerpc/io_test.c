// SPDX-License-Identifier: GPL-2.0
/* Stores to devices that user space need not see at once: ioeventfd and the ring of coalesced MMIO. */
#include <stdlib.h>
#include <sys/eventfd.h>

#include "kvm_test.h"
#include "ppc.h"

#define ADDR	(PPC_MMIO + 0x40)

static int assign(struct ppc *p, uint64_t addr, uint32_t len, int fd, uint32_t flags, uint64_t match)
{
	struct kvm_ioeventfd io = { .datamatch = match, .addr = addr, .len = len, .fd = fd, .flags = flags };

	return ioctl(p->vm, KVM_IOEVENTFD, &io);
}

static uint64_t count(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static struct ppc *create(void)
{
	struct ppc *p = ppc_create();

	/* Big-endian, and little-endian, to the same device */
	ppc_tlbwe(p, 1, 0x20000000 | TLB_VALID | TLB_4K, PPC_MMIO, TLB_S_RWX, 0);
	ppc_tlbwe(p, 2, 0x20001000 | TLB_VALID | TLB_4K, PPC_MMIO, TLB_S_RWX | TLB_LE, 0);
	return p;
}

/* The program stores r5 by @insn to r4, and ends. The exit reason. */
static unsigned int store(struct ppc *p, uint32_t insn, uint32_t ea, uint32_t value)
{
	ppc_new(p);
	emit(p, insn);
	emit_stop(p);
	ppc_set_gpr(p, 4, ea);
	ppc_set_gpr(p, 5, value);
	return ppc_begin(p);
}

/* Complete what an exit has left, up to the program's end. */
static void finish(struct ppc *p)
{
	while (!ppc_stopped(p))
		ppc_run(p);
}

TEST(ioeventfd_any_value)
{
	int fd = eventfd(0, EFD_NONBLOCK);
	struct ppc *p = create();

	EXPECT_EQ(1, kvm_check(KVM_CAP_IOEVENTFD));
	EXPECT_OK(assign(p, ADDR, 4, fd, 0, 0));
	for (unsigned int i = 0; i < 5; i++) {
		store(p, i_stw(5, 4, 0x40), 0x20000000, i);
		ppc_expect_stop(p);
	}
	EXPECT_EQ(5, count(fd));
	/* Another width, another address, a load: exits. */
	EXPECT_EQ(KVM_EXIT_MMIO, store(p, i_stb(5, 4, 0x40), 0x20000000, 1));
	finish(p);
	EXPECT_EQ(KVM_EXIT_MMIO, store(p, i_stw(5, 4, 0x44), 0x20000000, 1));
	finish(p);
	EXPECT_EQ(KVM_EXIT_MMIO, store(p, i_lwz(5, 4, 0x40), 0x20000000, 1));
	finish(p);
	EXPECT_EQ(0, count(fd));
	EXPECT_OK(assign(p, ADDR, 4, fd, KVM_IOEVENTFD_FLAG_DEASSIGN, 0));
	EXPECT_EQ(KVM_EXIT_MMIO, store(p, i_stw(5, 4, 0x40), 0x20000000, 1));
	ppc_destroy(p);
}

/* The value to match is what the bytes of the store are, read as the host reads them. */
TEST(ioeventfd_match)
{
	int a = eventfd(0, EFD_NONBLOCK), b = eventfd(0, EFD_NONBLOCK);
	struct ppc *p = create();

	EXPECT_OK(assign(p, ADDR, 4, a, KVM_IOEVENTFD_FLAG_DATAMATCH, 0x11223344));
	EXPECT_OK(assign(p, ADDR, 4, b, KVM_IOEVENTFD_FLAG_DATAMATCH, 0x44332211));
	EXPECT_ERRNO(EEXIST, assign(p, ADDR, 4, b, KVM_IOEVENTFD_FLAG_DATAMATCH, 0x11223344));
	store(p, i_stw(5, 4, 0x40), 0x20000000, 0x11223344);
	ppc_expect_stop(p);
	EXPECT_EQ(1, count(a));
	EXPECT_EQ(0, count(b));
	/* A little-endian page, and a byte-reversed store */
	store(p, i_stw(5, 4, 0x40), 0x20001000, 0x11223344);
	ppc_expect_stop(p);
	EXPECT_EQ(0, count(a));
	EXPECT_EQ(1, count(b));
	store(p, i_x(31, 5, 0, 4, 662), 0x20000040, 0x11223344);
	ppc_expect_stop(p);
	EXPECT_EQ(0, count(a));
	EXPECT_EQ(1, count(b));
	EXPECT_EQ(KVM_EXIT_MMIO, store(p, i_stw(5, 4, 0x40), 0x20000000, 0x11223345));
	ppc_destroy(p);
}

TEST(ioeventfd_bad_input)
{
	int fd = eventfd(0, EFD_NONBLOCK);
	struct ppc *p = create();

	EXPECT_ERRNO(EINVAL, assign(p, ADDR, 3, fd, 0, 0));
	EXPECT_ERRNO(EINVAL, assign(p, ADDR, 16, fd, 0, 0));
	EXPECT_ERRNO(EINVAL, assign(p, ADDR, 4, fd, 0x80, 0));
	EXPECT_ERRNO(EINVAL, assign(p, ~0ULL, 4, fd, 0, 0));
	EXPECT_ERRNO(EBADF, assign(p, ADDR, 4, -1, 0, 0));
	EXPECT_ERRNO(EINVAL, assign(p, ADDR, 4, p->vm, 0, 0));
	EXPECT_ERRNO(ENOENT, assign(p, ADDR, 4, fd, KVM_IOEVENTFD_FLAG_DEASSIGN, 0));
	EXPECT_ERRNO(EFAULT, ioctl(p->vm, KVM_IOEVENTFD, 8));
	ppc_destroy(p);
}

static struct kvm_coalesced_mmio_ring *ring(struct ppc *p)
{
	return (void *)((uint8_t *)p->run + KVM_COALESCED_MMIO_PAGE_OFFSET * sysconf(_SC_PAGESIZE));
}

TEST(coalesced)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = PPC_MMIO, .size = 0x100 };
	struct ppc *p = create();
	struct kvm_coalesced_mmio_ring *r = ring(p);

	EXPECT_EQ(KVM_COALESCED_MMIO_PAGE_OFFSET, kvm_check(KVM_CAP_COALESCED_MMIO));
	EXPECT_OK(ioctl(p->vm, KVM_REGISTER_COALESCED_MMIO, &zone));
	store(p, i_stw(5, 4, 0x40), 0x20000000, 0x11223344);
	ppc_expect_stop(p);
	store(p, i_stw(5, 4, 0x44), 0x20001000, 0x11223344);
	ppc_expect_stop(p);
	store(p, i_stb(5, 4, 0xff), 0x20000000, 0x99);
	ppc_expect_stop(p);
	ASSERT_EQ(3, r->last);
	EXPECT_EQ(0, r->first);
	EXPECT_EQ(ADDR, r->coalesced_mmio[0].phys_addr);
	EXPECT_EQ(4, r->coalesced_mmio[0].len);
	EXPECT_EQ(0, memcmp(r->coalesced_mmio[0].data, "\x11\x22\x33\x44", 4));
	EXPECT_EQ(ADDR + 4, r->coalesced_mmio[1].phys_addr);
	EXPECT_EQ(0, memcmp(r->coalesced_mmio[1].data, "\x44\x33\x22\x11", 4));
	EXPECT_EQ(PPC_MMIO + 0xff, r->coalesced_mmio[2].phys_addr);
	EXPECT_EQ(1, r->coalesced_mmio[2].len);
	EXPECT_EQ(0x99, r->coalesced_mmio[2].data[0]);

	/* Loads, and what is not wholly inside, are exits. */
	EXPECT_EQ(KVM_EXIT_MMIO, store(p, i_lwz(5, 4, 0), 0x20000000, 0));
	finish(p);
	EXPECT_EQ(KVM_EXIT_MMIO, store(p, i_stw(5, 4, 0xfe), 0x20000000, 0));
	finish(p);
	EXPECT_EQ(3, r->last);

	/* A full ring is an exit too, and indices that are none. */
	r->first = 4;
	EXPECT_EQ(KVM_EXIT_MMIO, store(p, i_stw(5, 4, 0), 0x20000000, 0));
	finish(p);
	r->first = 0;
	r->last = ~0u;
	EXPECT_EQ(KVM_EXIT_MMIO, store(p, i_stw(5, 4, 0), 0x20000000, 0));
	finish(p);
	r->last = 0;

	EXPECT_OK(ioctl(p->vm, KVM_UNREGISTER_COALESCED_MMIO, &zone));
	EXPECT_EQ(KVM_EXIT_MMIO, store(p, i_stw(5, 4, 0), 0x20000000, 0));
	finish(p);
	zone.pio = 1;
	EXPECT_ERRNO(EINVAL, ioctl(p->vm, KVM_REGISTER_COALESCED_MMIO, &zone));
	EXPECT_ERRNO(EFAULT, ioctl(p->vm, KVM_REGISTER_COALESCED_MMIO, 8));
	ppc_destroy(p);
}

/* stmw: a row of words, of which some are coalesced, one signals, and the others are exits. */
TEST(row_of_words)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = PPC_MMIO, .size = 8 };
	int fd = eventfd(0, EFD_NONBLOCK);
	struct ppc *p = create();

	EXPECT_OK(ioctl(p->vm, KVM_REGISTER_COALESCED_MMIO, &zone));
	EXPECT_OK(assign(p, PPC_MMIO + 12, 4, fd, 0, 0));
	for (unsigned int i = 27; i < 32; i++)
		ppc_set_gpr(p, i, i);
	EXPECT_EQ(KVM_EXIT_MMIO, store(p, i_d(47, 27, 4, 0), 0x20000000, 0));
	EXPECT_EQ(PPC_MMIO + 8, p->run->mmio.phys_addr);
	EXPECT_EQ(2, ring(p)->last);
	EXPECT_EQ(0, count(fd));
	ppc_run(p);
	EXPECT_EQ(KVM_EXIT_MMIO, p->run->exit_reason);
	EXPECT_EQ(PPC_MMIO + 16, p->run->mmio.phys_addr);
	EXPECT_EQ(1, count(fd));
	ppc_run(p);
	ppc_expect_stop(p);
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
