// SPDX-License-Identifier: GPL-2.0
/* What people see who debug a guest: what is mapped, in debugfs. */
#include <fcntl.h>
#include <stdio.h>

#include "kvm_test.h"
#include "its.h"

#define DEVICE		0x107
#define OTHER		0x2009
#define PRIORITY	0xa0

enum stage { MAPPED, DISCARDED };

static void guest(struct its_memory *its, struct lpi_memory *lpi)
{
	gic_guest_init();
	lpi_guest_init_cpu(lpi);
	its_guest_init(its);
	for (unsigned int i = 0; i < 3; i++)
		lpi_configure(lpi, LPI_FIRST + i, PRIORITY, i != 1);
	its_mapc(its, 0, its_rdbase());
	its_mapd(its, DEVICE, its_itt_alloc(its, 5), 5);
	its_mapd(its, OTHER, its_itt_alloc(its, 16), 16);
	its_mapti(its, DEVICE, 0, LPI_FIRST, 0);
	its_mapti(its, DEVICE, 31, LPI_FIRST + 1, 0);
	its_mapti(its, OTHER, 0xfedc, LPI_FIRST + 2, 3);
	its_int(its, DEVICE, 0);
	its_sync(its);
	guest_sync(MAPPED);
	its_discard(its, DEVICE, 31);
	its_discard(its, DEVICE, 31);
	its_sync(its);
	guest_sync(DISCARDED);
}

FIXTURE(its) {
	struct vm *vm;
	struct its_memory *mem;
	struct vcpu *vcpu;
	int gic, its;
	char text[65536];
};

FIXTURE_SETUP(its)
{
	struct lpi_memory *lpi;

	if (!its_available())
		SKIP(return, "no ITS");
	self->vm = vm_create();
	self->mem = its_memory(self->vm, &(struct its_params) { .devices = 0x3000, .itt_bytes = 0x100000 });
	lpi = lpi_memory(self->vm, 1);
	self->vcpu = vcpu_add2(self->vm, guest, vm_gva_of(self->vm, self->mem), vm_gva_of(self->vm, lpi));
	self->gic = gic_create(self->vm, 64);
	self->its = its_create(self->vm, self->mem->base);
}

FIXTURE_TEARDOWN(its)
{
	close(self->its);
	close(self->gic);
	vm_destroy(self->vm);
}

/* All of a file, by reads of @step bytes; false if there is none. */
static bool slurp(const char *path, char *text, size_t size, size_t step)
{
	int fd = open(path, O_RDONLY);
	size_t n = 0;
	ssize_t got;

	if (fd < 0)
		return false;
	while (n + step < size) {
		got = must(read(fd, text + n, step));
		if (!got)
			break;
		n += got;
	}
	text[n] = 0;
	close(fd);
	return true;
}

/* In this order */
static void expect_lines(struct __test_metadata *_metadata, const char *text, const char *const *line, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		const char *at = strstr(text, line[i]);

		ASSERT_NE(NULL, at) TH_LOG("no \"%s\" in\n%s", line[i], text);
		text = at + strlen(line[i]);
	}
}

#define EXPECT_LINES(text, ...) do {						\
	static const char *const line_[] = { __VA_ARGS__ };			\
										\
	expect_lines(_metadata, text, line_, sizeof(line_) / sizeof(*line_));	\
} while (0)

TEST_F(its, what_is_mapped)
{
	char path[64];

	ASSERT_EQ(MAPPED, vcpu_sync(self->vcpu));
	if (!vm_debugfs_path(self->vm, "its", path, sizeof(path)))
		SKIP(return, "no file in debugfs");
	ASSERT_TRUE(slurp(path, self->text, sizeof(self->text), 4096));
	EXPECT_LINES(self->text, ": enabled, 3 translations\n", "CBASER", "BASER0",
		     "ICID 0000: vCPU 0\n", "ICID 0003: not mapped\n",
		     "DeviceID 0107: 2 events of 5 bits, ITT ",
		     "EventID 0000: LPI 8192 ICID 0000 EP",	/* pending, perhaps in a list register */
		     " a0 vCPU 0\n",
		     "EventID 001f: LPI 8193 ICID 0000 --- a0 vCPU 0\n",
		     "DeviceID 2009: 1 events of 16 bits, ITT ",
		     "EventID fedc: LPI 8194 ICID 0003 E-- a0 nowhere\n");

	ASSERT_EQ(DISCARDED, vcpu_sync(self->vcpu));
	/* In small steps, each of which finds its place again */
	ASSERT_TRUE(slurp(path, self->text, sizeof(self->text), 7));
	EXPECT_LINES(self->text, ": enabled, 2 translations\n", "DeviceID 0107: 1 events of 5 bits",
		     "EventID 0000:", "DeviceID 2009:", "EventID fedc:");
	EXPECT_EQ(NULL, strstr(self->text, "LPI 8193"));
}

TEST_HARNESS_MAIN
