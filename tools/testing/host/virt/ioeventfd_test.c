// SPDX-License-Identifier: GPL-2.0
/* ioeventfds: which writes signal, which assignments conflict, what deassigning wants. */

#include <linux/errno.h>
#include <string.h>
#include <linux/eventfd.h>
#include <linux/slab.h>
#include <kvm/vm.h>
#include <linux/kvm.h>
#include "ktap.h"

#define ADDR	0x10000000ULL

static struct vm vm;
static struct vcpu vcpu = { .vm = &vm };

static void start(void)
{
	if (vm.ioeventfds.next)
		ioeventfd_destroy_all(&vm);
	iobus_destroy(&vm);
	memset(&vm, 0, sizeof(vm));
	iobus_init(&vm);
	for (int fd = 0; fd < 16; fd++)
		host_eventfd(fd)->signals = 0;
}

static int set(int fd, u64 addr, u32 len, u32 flags, u64 datamatch)
{
	struct kvm_ioeventfd args = {
		.fd = fd, .addr = addr, .len = len, .flags = flags, .datamatch = datamatch,
	};

	return ioeventfd_set(&vm, &args);
}

static int any(int fd, u32 len)
{
	return set(fd, ADDR, len, 0, 0);
}

static int match(int fd, u32 len, u64 datamatch)
{
	return set(fd, ADDR, len, KVM_IOEVENTFD_FLAG_DATAMATCH, datamatch);
}

/* The data at an odd address and up against the end of what may be read. */
static int write_val(u64 addr, int len, u64 val)
{
	char *buf = host_alloc(len + 1);
	int ret;

	memcpy(buf + 1, &val, len < 8 ? len : 8);
	ret = iobus_write_atomic(&vcpu, KVM_MMIO_BUS, addr, len, buf + 1);
	kfree(buf);
	return ret;
}

static void flags_and_lengths(void)
{
	start();
	CHECK(set(0, ADDR, 4, 1 << 3, 0) == -EINVAL);
	CHECK(set(0, ADDR, 4, 1u << 31, 0) == -EINVAL);
	CHECK(any(0, 3) == -EINVAL && any(0, 5) == -EINVAL && any(0, 16) == -EINVAL);
	CHECK(match(0, 0, 0) == -EINVAL);
	CHECK(set(0, ~0ULL, 4, 0, 0) == -EINVAL);
	CHECK(any(-1, 4) == -EBADF);
	CHECK(set(99, ADDR, 4, KVM_IOEVENTFD_FLAG_DEASSIGN, 0) == -EBADF);
	CHECK(host_eventfd(0)->refs == 0 && host_allocs == 0);
}

static void widths(void)
{
	for (int width = 1; width <= 8; width *= 2) {
		start();
		CHECK(!any(1, width));
		for (int len = 1; len <= 8; len *= 2)
			CHECK(write_val(ADDR, len, 0) == (len == width ? 0 : -EOPNOTSUPP));
		CHECK(host_eventfd(1)->signals == 1);
		CHECK(write_val(ADDR + 1, 1, 0) == -EOPNOTSUPP);
	}
}

static void any_length(void)
{
	start();
	CHECK(!any(1, 0));
	for (int len = 1; len <= 8; len *= 2)
		CHECK(!write_val(ADDR, len, 7));
	CHECK(host_eventfd(1)->signals == 4);
	CHECK(write_val(ADDR + 4, 4, 7) == -EOPNOTSUPP);
}

/* CVE-2026-63806: whatever a guest writes, and however long, it matches or it does not. */
static void ioeventfd_datamatch(void)
{
	static const u64 val = 0x8877665544332211;

	for (int width = 1; width <= 8; width *= 2) {
		u64 want = width == 8 ? val : val & ((1ULL << 8 * width) - 1);

		start();
		CHECK(!match(1, width, want));
		CHECK(!match(2, width, want ^ 1));
		CHECK(!write_val(ADDR, width, val) && host_eventfd(1)->signals == 1);
		CHECK(!write_val(ADDR, width, val ^ 1) && host_eventfd(2)->signals == 1);
		CHECK(write_val(ADDR, width, val ^ 2) == -EOPNOTSUPP);
		for (int len = 1; len <= 16; len++)
			if (len != width)
				CHECK(write_val(ADDR, len, val) == -EOPNOTSUPP);
		CHECK(host_eventfd(1)->signals == 1 && host_eventfd(2)->signals == 1);
	}
}

static void wide_datamatch_never_matches(void)
{
	start();
	CHECK(!match(1, 4, 0x100000000));
	CHECK(write_val(ADDR, 4, 0) == -EOPNOTSUPP);
}

static void conflicts(void)
{
	start();
	CHECK(!match(1, 4, 1) && !match(2, 4, 2));
	CHECK(match(3, 4, 1) == -EEXIST && match(1, 4, 1) == -EEXIST);
	CHECK(any(3, 4) == -EEXIST && any(3, 0) == -EEXIST);
	CHECK(!any(3, 2));
	CHECK(match(4, 2, 9) == -EEXIST);
	CHECK(!set(5, ADDR + 1, 1, 0, 0));
	CHECK(host_eventfd(4)->refs == 0);
}

static void deassign_exactly(void)
{
	u32 off = KVM_IOEVENTFD_FLAG_DEASSIGN, data = KVM_IOEVENTFD_FLAG_DATAMATCH;

	start();
	CHECK(!match(1, 4, 1));
	CHECK(set(2, ADDR, 4, off | data, 1) == -ENOENT);
	CHECK(set(1, ADDR + 4, 4, off | data, 1) == -ENOENT);
	CHECK(set(1, ADDR, 2, off | data, 1) == -ENOENT);
	CHECK(set(1, ADDR, 4, off | data, 2) == -ENOENT);
	CHECK(set(1, ADDR, 4, off, 1) == -ENOENT);
	CHECK(host_eventfd(1)->refs == 1 && !write_val(ADDR, 4, 1));
	CHECK(!set(1, ADDR, 4, off | data, 1));
	CHECK(host_eventfd(1)->refs == 0 && write_val(ADDR, 4, 1) == -EOPNOTSUPP);
	CHECK(set(1, ADDR, 4, off | data, 1) == -ENOENT);
	CHECK(!match(1, 4, 1));
}

static void no_memory(void)
{
	start();
	host_alloc_fail = true;
	CHECK(any(1, 4) == -ENOMEM && host_eventfd(1)->refs == 0);
	host_alloc_fail = false;
	CHECK(!any(1, 4));
	host_alloc_fail = true;
	CHECK(!set(1, ADDR, 4, KVM_IOEVENTFD_FLAG_DEASSIGN, 0) && host_eventfd(1)->refs == 0);
}

static void bus_full(void)
{
	start();
	for (int i = 0; i < NR_IOBUS_DEVS; i++)
		CHECK(!set(1, ADDR + 8 * i, 8, 0, 0));
	CHECK(set(1, 0, 8, 0, 0) == -ENOSPC);
	CHECK(host_eventfd(1)->refs == NR_IOBUS_DEVS);
}

static void end_of_vm(void)
{
	start();
	CHECK(!any(1, 4) && !set(2, 0, 0, 0, 0));
	ioeventfd_destroy_all(&vm);
	iobus_destroy(&vm);
	CHECK(host_eventfd(1)->refs == 0 && host_eventfd(2)->refs == 0 && host_allocs == 0);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "ioeventfd.flags_and_lengths", flags_and_lengths },
		{ "ioeventfd.widths", widths },
		{ "ioeventfd.any_length", any_length },
		{ "ioeventfd.ioeventfd_datamatch", ioeventfd_datamatch },
		{ "ioeventfd.wide_datamatch_never_matches", wide_datamatch_never_matches },
		{ "ioeventfd.conflicts", conflicts },
		{ "ioeventfd.deassign_exactly", deassign_exactly },
		{ "ioeventfd.no_memory", no_memory },
		{ "ioeventfd.bus_full", bus_full },
		{ "ioeventfd.end_of_vm", end_of_vm },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
