// SPDX-License-Identifier: GPL-2.0
/*
 * The register engine against a model of bytes.
 *
 * Frames are made up at random.  Behind each is an array of bytes, as if it
 * were plain memory; handlers and fields work on values that are kept in other
 * forms.  After each access, of any offset and size, both are compared.
 */

#include <string.h>
#include <linux/errno.h>
#include "ktap.h"
#include "mmio.h"

#define FRAME_SIZE	0x800
#define MAX_REGS	24
#define ROUNDS		300
#define ACCESSES	4000

static struct vgic_reg regs[MAX_REGS];
static struct vgic_frame frame = { .name = "random", .regs = regs, .size = FRAME_SIZE };

/* What the handlers keep: values of registers, and of interrupts' fields. */
static u64 values[MAX_REGS][FRAME_SIZE / 4];
static u32 fields[MAX_REGS][FRAME_SIZE * 8];
static struct vgic_field descriptors[MAX_REGS];

/* The model. */
static u8 bytes[FRAME_SIZE];

static int reg_read(unsigned int r, unsigned int n, u64 *val)
{
	*val = values[r][n];
	return 0;
}

static int reg_write(unsigned int r, unsigned int n, u64 val, u64 mask)
{
	expect(!(val & ~mask), "value %#jx outside of mask %#jx", (uintmax_t)val, (uintmax_t)mask);
	values[r][n] = (values[r][n] & ~mask) | val;
	return 0;
}

/* A handler gets no descriptor: one pair of functions for each index. */
#define HANDLERS(r)								\
static int read_##r(const struct vgic_access *a, unsigned int n, u64 *val)	\
{										\
	return reg_read(r, n, val);						\
}										\
static int write_##r(const struct vgic_access *a, unsigned int n, u64 val, u64 mask) \
{										\
	return reg_write(r, n, val, mask);					\
}

#define ALL(x) x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7) x(8) x(9) x(10) x(11) \
	x(12) x(13) x(14) x(15) x(16) x(17) x(18) x(19) x(20) x(21) x(22) x(23)
ALL(HANDLERS)

#define READ(r)		read_##r,
#define WRITE(r)	write_##r,
static int (*const readers[])(const struct vgic_access *, unsigned int, u64 *) = { ALL(READ) };
static int (*const writers[])(const struct vgic_access *, unsigned int, u64, u64) = { ALL(WRITE) };

static u32 field_get(const struct vgic_access *a, const struct vgic_irq *irq)
{
	return 0;
}

static unsigned int field_index(const struct vgic_field *f)
{
	return f - descriptors;
}

int vgic_field_read(const struct vgic_access *a, const struct vgic_field *f, u32 first,
		    unsigned int n, unsigned int bits, u64 *val)
{
	unsigned int i;

	expect(n * bits <= 32, "%u of %u bits", n, bits);
	*val = 0;
	for (i = 0; i < n; i++)
		*val |= (u64)fields[field_index(f)][first + i] << (i * bits);
	return 0;
}

int vgic_field_write(const struct vgic_access *a, const struct vgic_field *f, u32 first,
		     unsigned int n, unsigned int bits, u64 val)
{
	unsigned int i;

	expect(!(val >> (n * bits)), "%u of %u bits: %#jx", n, bits, (uintmax_t)val);
	for (i = 0; i < n; i++)
		fields[field_index(f)][first + i] = val >> (i * bits) & ((1U << bits) - 1);
	return 0;
}

static void make_reg(struct vgic_reg *r, unsigned int i, u32 offset)
{
	static const u8 widths[] = { 1, 2, 4, 8 };

	memset(r, 0, sizeof(*r));
	r->width = ktap_random() % 3 ? 4 : 8;
	r->offset = (offset + r->width - 1) & ~(r->width - 1);
	r->size = r->width * (1 + ktap_random() % 12);
	r->access = r->width;
	if (ktap_random() % 2)
		r->access |= ktap_random() & (r->width - 1);
	switch (ktap_random() % 6) {
	case 0:
		r->reset = ktap_random();
		break;
	case 1:
		r->reset = ktap_random();
		r->flags = VGIC_REG_RO;
		break;
	case 2:
		r->flags = VGIC_REG_WO;
		r->write = writers[i];
		break;
	case 3:
	case 4:
		r->read = readers[i];
		r->write = writers[i];
		break;
	case 5:
		if (r->width != 4)
			break;
		r->field = &descriptors[i];
		r->bits = widths[ktap_random() % 4];
		break;
	}
}

/* A table, with the bytes that it begins with. */
static void make_frame(void)
{
	u32 offset = 0;
	unsigned int i;

	memset(values, 0, sizeof(values));
	memset(fields, 0, sizeof(fields));
	memset(bytes, 0, sizeof(bytes));
	for (i = 0; i < MAX_REGS; i++) {
		struct vgic_reg *r = &regs[i];
		u32 b;

		descriptors[i].get = field_get;
		make_reg(r, i, offset + (ktap_random() % 2 ? ktap_random() % 64 : 0));
		if (r->offset + r->size > FRAME_SIZE)
			break;
		offset = r->offset + r->size;
		if (!r->field && !r->read && !(r->flags & VGIC_REG_WO))
			for (b = 0; b < r->size; b++)
				bytes[r->offset + b] = r->reset >> (b % r->width * 8);
	}
	frame.nr = i;
}

/* The register at an offset, by looking at all of them. */
static const struct vgic_reg *slow_find(u32 offset)
{
	unsigned int i;

	for (i = 0; i < frame.nr; i++)
		if (offset >= regs[i].offset && offset < regs[i].offset + regs[i].size)
			return &regs[i];
	return NULL;
}

static u64 model_read(u32 offset, unsigned int len)
{
	u64 val = 0;
	unsigned int i;

	for (i = 0; i < len; i++)
		val |= (u64)bytes[offset + i] << (i * 8);
	return val;
}

static void model_write(u32 offset, unsigned int len, u64 val)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		bytes[offset + i] = val >> (i * 8);
}

static bool writable(const struct vgic_reg *r)
{
	return r->write || r->field;
}

static void guest_access(u32 offset, unsigned int len)
{
	const struct vgic_reg *r = slow_find(offset);
	bool taken = r && r->access & len && !(offset & (len - 1));
	struct vgic_access a = {};
	u64 val = ktap_random(), got = ~0ULL;
	u32 status = 0;

	if (ktap_random() % 2) {
		if (!taken)
			status = VGIC_STATUS_WRD;
		else if (r->flags & VGIC_REG_RO)
			status = VGIC_STATUS_WROD;
		else if (writable(r))
			model_write(offset, len, val);
		expect(!vgic_frame_write(&frame, &a, offset, len, val), "%#x", offset);
	} else {
		if (!taken)
			status = VGIC_STATUS_RRD;
		else if (r->flags & VGIC_REG_WO)
			status = VGIC_STATUS_RWOD;
		val = status ? 0 : model_read(offset, len);
		expect(!vgic_frame_read(&frame, &a, offset, len, &got), "%#x", offset);
		expect(got == val, "%u bytes at %#x: %#jx, not %#jx", len, offset,
		       (uintmax_t)got, (uintmax_t)val);
	}
	expect(a.status == status, "%u bytes at %#x: %#x, not %#x", len, offset, a.status, status);
}

static void user_access(u32 offset)
{
	const struct vgic_reg *r = slow_find(offset);
	int ret = r && !(offset & 3) ? 0 : -ENXIO;
	struct vgic_access a = {};
	u32 val = ktap_random(), got = 0;

	expect(vgic_frame_user_has(&frame, offset) == ret, "%#x", offset);
	if (ktap_random() % 2) {
		expect(vgic_frame_user_write(&frame, &a, offset, val) == ret, "%#x", offset);
		if (!ret && writable(r))
			model_write(offset, 4, val);
		return;
	}
	expect(vgic_frame_user_read(&frame, &a, offset, &got) == ret, "%#x", offset);
	/* A register that the guest may only write reads as its handler or reset value says. */
	if (!ret && !(r->flags & VGIC_REG_WO))
		expect(got == model_read(offset, 4), "%#x: %#x", offset, got);
}

static void test_random(void)
{
	unsigned int round, i;

	for (round = 0; round < ROUNDS; round++) {
		make_frame();
		expect(vgic_frame_check(&frame), "round %u", round);
		for (i = 0; i < ACCESSES; i++) {
			u32 offset = ktap_random() % (FRAME_SIZE - 8);

			if (i % 8 == 0)
				user_access(offset);
			else
				guest_access(offset, 1U << ktap_random() % 4);
		}
	}
}

static void test_find(void)
{
	unsigned int round;
	u32 offset;

	for (round = 0; round < ROUNDS; round++) {
		make_frame();
		for (offset = 0; offset < FRAME_SIZE; offset++)
			expect(vgic_frame_find(&frame, offset) == slow_find(offset), "%#x", offset);
		expect(!vgic_frame_find(&frame, FRAME_SIZE), "end");
		expect(!vgic_frame_find(&frame, ~0U), "last");
	}
}

/* Each way in which a table can be wrong. */
static void test_check(void)
{
	static const struct vgic_reg good = {
		.offset = 0x100, .size = 0x80, .width = 4, .access = VGIC_ACC_32,
	};
	struct vgic_reg t[2] = { good, good };
	struct vgic_frame f = { .regs = t, .nr = 2, .size = 0x1000 };

#define BAD(what) do {							\
	t[0] = good;							\
	t[1] = good;							\
	t[1].offset = 0x180;						\
	expect(vgic_frame_check(&f), "before: " #what);			\
	what;								\
	expect(!vgic_frame_check(&f), #what);				\
} while (0)

	BAD(t[1].offset = 0x100);
	BAD(t[1].offset = 0x17c);
	BAD(t[1].offset = 0x80);
	BAD(t[1].offset = 0x182);
	BAD(t[1].offset = 0x1000);
	BAD(t[1].offset = 0xfc0);
	BAD(t[1].offset = 0xfffffff0);
	BAD(t[1].size = 0);
	BAD(t[1].size = 6);
	BAD(t[1].size = 0xfffff000);
	BAD(t[1].width = 2);
	BAD(t[1].width = 0);
	BAD(t[1].width = 8);			/* without a 64-bit access */
	BAD(t[1].access = 0);
	BAD(t[1].access = VGIC_ACC_8);
	BAD(t[1].access = VGIC_ACC_32 | VGIC_ACC_64);
	BAD(t[1].access = VGIC_ACC_32 | 16);
	BAD(t[1].bits = 1);			/* of nothing */
	BAD(t[1].field = &descriptors[0]);	/* without bits */
	BAD((t[1].field = &descriptors[0], t[1].bits = 3));
	BAD((t[1].field = &descriptors[0], t[1].bits = 16));
	BAD((t[1].field = &descriptors[0], t[1].bits = 8, t[1].read = readers[0]));
	BAD((t[1].field = &descriptors[0], t[1].bits = 8, t[1].user_write = writers[0]));
	f.nr = 0;
	expect(!vgic_frame_check(&f), "empty");
}

static void test_bytes(void)
{
	static const u8 pattern[] = { 0, 0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8 };
	unsigned int len;
	u8 out[16];

	expect(vgic_bytes_get(pattern + 1, 1) == 0x81, "1");
	expect(vgic_bytes_get(pattern + 1, 2) == 0x9281, "2");
	expect(vgic_bytes_get(pattern + 1, 4) == 0xb4a39281, "4");
	expect(vgic_bytes_get(pattern + 1, 8) == 0xf8e7d6c5b4a39281, "8");
	for (len = 1; len <= 8; len *= 2) {
		memset(out, 0x55, sizeof(out));
		vgic_bytes_put(out + 1, len, 0xf8e7d6c5b4a39281);
		expect(out[0] == 0x55 && out[len + 1] == 0x55, "%u bytes: more was written", len);
		expect(!memcmp(out + 1, pattern + 1, len), "%u bytes", len);
	}
}

/* Handlers' errors and user space's own handlers get through. */

static int refuse_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	return -EAGAIN;
}

static int refuse_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	return -EAGAIN;
}

static int user_read(const struct vgic_access *a, unsigned int n, u64 *val)
{
	*val = 0x1122334455667788;
	return 0;
}

static int user_write(const struct vgic_access *a, unsigned int n, u64 val, u64 mask)
{
	return -EINVAL;
}

static void test_handlers(void)
{
	struct vgic_reg t = {
		.offset = 8, .size = 8, .width = 8, .access = VGIC_ACC_32 | VGIC_ACC_64,
		.read = refuse_read, .write = refuse_write,
		.user_read = user_read, .user_write = user_write,
	};
	struct vgic_frame f = { .regs = &t, .nr = 1, .size = 0x100 };
	struct vgic_access a = {};
	u64 val;
	u32 word;

	expect(vgic_frame_check(&f), "table");
	expect(vgic_frame_read(&f, &a, 8, 8, &val) == -EAGAIN, "read");
	expect(vgic_frame_write(&f, &a, 8, 8, 1) == -EAGAIN, "write");
	expect(vgic_frame_user_write(&f, &a, 8, 1) == -EINVAL, "user write");
	expect(!vgic_frame_user_read(&f, &a, 8, &word) && word == 0x55667788, "lower half");
	expect(!vgic_frame_user_read(&f, &a, 12, &word) && word == 0x11223344, "upper half");
	expect(vgic_frame_user_read(&f, &a, 0, &word) == -ENXIO, "no register");
	expect(vgic_frame_user_read(&f, &a, 10, &word) == -ENXIO, "misaligned");
}

static const struct ktap_test tests[] = {
	{ "vgic_mmio.random", test_random },
	{ "vgic_mmio.find", test_find },
	{ "vgic_mmio.check", test_check },
	{ "vgic_mmio.bytes", test_bytes },
	{ "vgic_mmio.handlers", test_handlers },
};

KTAP_MAIN(tests)
