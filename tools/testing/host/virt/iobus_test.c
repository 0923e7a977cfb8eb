// SPDX-License-Identifier: GPL-2.0
/* The bus of in-kernel devices: who is asked, in which order, and who never again. */

#include <linux/errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/slab.h>
#include <kvm/iobus.h>
#include <kvm/vm.h>
#include "ktap.h"

/* Claims everything unless told otherwise, and keeps count. */
struct dev {
	struct io_device io;
	int answer;
	unsigned int accesses, releases;
	unsigned int syncs_at_release;
	gpa_t start;
	u64 len;
	bool on;
};

static struct vm vm;
static struct vcpu vcpu = { .vm = &vm };
static struct dev *last;

static int dev_write(struct vcpu *v, struct io_device *io, gpa_t addr, int len, const void *val)
{
	struct dev *dev = container_of(io, struct dev, io);

	dev->accesses++;
	if (!dev->answer)
		last = dev;
	return dev->answer;
}

static int dev_read(struct vcpu *v, struct io_device *io, gpa_t addr, int len, void *val)
{
	memset(val, 0x5a, len);
	return dev_write(v, io, addr, len, val);
}

static void dev_release(struct io_device *io)
{
	struct dev *dev = container_of(io, struct dev, io);

	dev->releases++;
	dev->syncs_at_release = host_srcu_syncs;
}

static const struct io_device_ops plain = {
	.read = dev_read, .write = dev_write, .release = dev_release,
};

static const struct io_device_ops atomic = {
	.read = dev_read, .write = dev_write, .release = dev_release, .atomic = true,
};

static const struct io_device_ops shared = {
	.write = dev_write, .release = dev_release, .atomic = true, .shared = true,
};

static void start(void)
{
	iobus_destroy(&vm);
	memset(&vm, 0, sizeof(vm));
	iobus_init(&vm);
	vm.slots_lock.held = true;
	last = NULL;
}

static int add(struct dev *dev, const struct io_device_ops *ops, gpa_t addr, u64 len)
{
	*dev = (struct dev) { .io.ops = ops, .start = addr, .len = len };
	return iobus_register(&vm, KVM_MMIO_BUS, addr, len, &dev->io);
}

static struct dev *write_at(gpa_t addr, int len)
{
	u64 val = 0;

	last = NULL;
	return iobus_write(&vcpu, KVM_MMIO_BUS, addr, len, &val) ? NULL : last;
}

static int write_atomic(gpa_t addr)
{
	u32 val = 0;

	return iobus_write_atomic(&vcpu, KVM_MMIO_BUS, addr, 4, &val);
}

static void empty_bus(void)
{
	u32 val;

	start();
	CHECK(iobus_read(&vcpu, KVM_MMIO_BUS, 0, 4, &val) == -EOPNOTSUPP);
	CHECK(iobus_write(&vcpu, KVM_MMIO_BUS, ~0ULL, 1, &val) == -EOPNOTSUPP);
	CHECK(write_atomic(0) == -EOPNOTSUPP);
}

static void borders(void)
{
	static struct dev a, b;
	u32 val = 0;

	start();
	CHECK(!add(&a, &plain, 0x1000, 0x100));
	CHECK(!add(&b, &plain, 0x1100, 0x10));
	CHECK(!write_at(0xfff, 1));
	CHECK(write_at(0x1000, 8) == &a);
	CHECK(write_at(0x10f8, 8) == &a);
	CHECK(!write_at(0x10fc, 8));
	CHECK(write_at(0x1100, 1) == &b);
	CHECK(write_at(0x110f, 1) == &b);
	CHECK(!write_at(0x1110, 1));
	CHECK(!write_at(~0ULL, 8));
	CHECK(!iobus_read(&vcpu, KVM_MMIO_BUS, 0x1004, 4, &val) && val == 0x5a5a5a5a);
}

static void zero_length(void)
{
	static struct dev a;

	start();
	CHECK(!add(&a, &shared, 0x1000, 0));
	CHECK(write_at(0x1000, 1) == &a && write_at(0x1000, 8) == &a);
	CHECK(!write_at(0x1001, 1) && !write_at(0xfff, 2));
}

static void wraps(void)
{
	static struct dev a;

	start();
	CHECK(add(&a, &plain, ~0ULL, 2) == -EINVAL);
	CHECK(add(&a, &plain, ~0ULL, 0) == -EINVAL);
	CHECK(add(&a, &plain, 0x1000, ~0ULL) == -EINVAL);
}

static void overlaps(void)
{
	static struct dev a, b, c, d;

	start();
	CHECK(!add(&a, &plain, 0x1000, 0x100));
	CHECK(add(&b, &plain, 0x10ff, 1) == -EEXIST);
	CHECK(add(&b, &plain, 0xf00, 0x1000) == -EEXIST);
	CHECK(add(&b, &plain, 0x1000, 0) == -EEXIST);
	CHECK(!add(&b, &shared, 0x1010, 4));
	CHECK(!add(&c, &shared, 0x1010, 4));
	CHECK(!add(&d, &plain, 0x1100, 4));

	/* The narrower first, among equals the older, and who declines is passed over. */
	CHECK(write_at(0x1010, 4) == &b);
	b.answer = -EOPNOTSUPP;
	CHECK(write_at(0x1010, 4) == &c);
	c.answer = -EOPNOTSUPP;
	CHECK(write_at(0x1010, 4) == &a);
	a.answer = -EOPNOTSUPP;
	CHECK(!write_at(0x1010, 4));
}

static void full(void)
{
	static struct dev devs[NR_IOBUS_DEVS + 1];

	start();
	for (int i = 0; i < NR_IOBUS_DEVS; i++)
		CHECK(!add(&devs[i], &plain, 16 * i, 16));
	CHECK(add(&devs[NR_IOBUS_DEVS], &plain, 1 << 20, 16) == -ENOSPC);
	iobus_unregister(&vm, KVM_MMIO_BUS, &devs[500].io);
	CHECK(!add(&devs[NR_IOBUS_DEVS], &plain, 1 << 20, 16));
	CHECK(!write_at(16 * 500, 4) && write_at(16 * 501, 4) == &devs[501]);
}

/* CVE-2021-47060 and its kin: memory runs out, and the device is gone all the same. */
static void bus_unregister(void)
{
	static struct dev a, b, c;
	unsigned int syncs;

	start();
	CHECK(!add(&a, &plain, 0x1000, 0x100));
	CHECK(!add(&b, &plain, 0x2000, 0x100));
	CHECK(!add(&c, &plain, 0x3000, 0x100));
	host_alloc_fail = true;
	syncs = host_srcu_syncs;
	iobus_unregister(&vm, KVM_MMIO_BUS, &b.io);
	CHECK(b.releases == 1 && b.syncs_at_release > syncs);
	CHECK(!write_at(0x2000, 4) && b.accesses == 0);
	CHECK(write_at(0x1000, 4) == &a && write_at(0x3000, 4) == &c);

	/* Once more is harmless. */
	iobus_unregister(&vm, KVM_MMIO_BUS, &b.io);
	CHECK(b.releases == 1);
	host_alloc_fail = false;
	CHECK(!add(&b, &plain, 0x2000, 0x100) && write_at(0x2000, 4) == &b);
}

static void register_without_memory(void)
{
	static struct dev a, b;

	start();
	CHECK(!add(&a, &plain, 0x1000, 0x100));
	host_alloc_fail = true;
	CHECK(add(&b, &plain, 0x2000, 0x100) == -ENOMEM);
	CHECK(!write_at(0x2000, 4) && write_at(0x1000, 4) == &a);
}

static void atomic_access(void)
{
	static struct dev a, b, c;

	start();
	CHECK(!add(&a, &plain, 0x1000, 0x100));
	CHECK(!add(&b, &atomic, 0x2000, 0x100));
	CHECK(!add(&c, &shared, 0x1010, 4));
	CHECK(write_atomic(0x1000) == -EAGAIN && a.accesses == 0);
	CHECK(write_atomic(0x2000) == 0 && b.accesses == 1);
	CHECK(write_atomic(0x1010) == 0 && c.accesses == 1);
	c.answer = -EOPNOTSUPP;
	CHECK(write_atomic(0x1010) == -EAGAIN && a.accesses == 0);
	b.answer = -EAGAIN;
	CHECK(write_atomic(0x2000) == -EAGAIN);
	CHECK(write_atomic(0x3000) == -EOPNOTSUPP);
}

static void destroy_releases(void)
{
	static struct dev a, b;

	start();
	CHECK(!add(&a, &plain, 0x1000, 0x100));
	CHECK(!add(&b, &plain, 0x2000, 0x100));
	iobus_unregister(&vm, KVM_MMIO_BUS, &a.io);
	iobus_destroy(&vm);
	CHECK(a.releases == 1 && b.releases == 1);
	CHECK(host_allocs == 0);
}

/* Of all that cover it, the model wants the one that starts last, the oldest of these. */
static struct dev *model(struct dev *devs, int nr, gpa_t addr, int len)
{
	struct dev *best = NULL;

	for (int i = 0; i < nr; i++) {
		struct dev *d = &devs[i];

		if (!d->on || (d->len ? addr < d->start || addr + len > d->start + d->len :
			       addr != d->start))
			continue;
		if (!best || d->start > best->start)
			best = d;
	}
	return best;
}

static void agrees_with_model(void)
{
	static struct dev devs[64];

	srand(1);
	for (int round = 0; round < 100; round++) {
		start();
		memset(devs, 0, sizeof(devs));
		for (int i = 0; i < 64; i++) {
			CHECK(!add(&devs[i], &shared, rand() % 256, rand() % 40));
			devs[i].on = true;
			if (rand() % 3 == 0) {
				struct dev *gone = &devs[rand() % (i + 1)];

				iobus_unregister(&vm, KVM_MMIO_BUS, &gone->io);
				gone->on = false;
			}
		}
		for (gpa_t addr = 0; addr < 320; addr++)
			for (int len = 1; len <= 8; len *= 2)
				CHECK(write_at(addr, len) == model(devs, 64, addr, len));
	}
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "iobus.empty_bus", empty_bus },
		{ "iobus.borders", borders },
		{ "iobus.zero_length", zero_length },
		{ "iobus.wraps", wraps },
		{ "iobus.overlaps", overlaps },
		{ "iobus.full", full },
		{ "iobus.bus_unregister", bus_unregister },
		{ "iobus.register_without_memory", register_without_memory },
		{ "iobus.atomic_access", atomic_access },
		{ "iobus.agrees_with_model", agrees_with_model },
		{ "iobus.destroy_releases", destroy_releases },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
