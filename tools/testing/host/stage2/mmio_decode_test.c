// SPDX-License-Identifier: GPL-2.0
/* What loads and stores do to a register and to memory, against the definition, byte by byte. */

#include "mmio.h"

void test_race(u64 *p) { }

static const u64 values[] = {
	0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xfffe, 0x7fffffff, 0x80000000, 0xdeadbeef,
	0x8000000000000000, 0x7fffffffffffffff, 0x0123456789abcdef, 0xfedcba9876543210, ~0ULL,
};

static u64 expect_load(const u8 *bytes, unsigned int len, bool sign, bool wide, bool be)
{
	u64 val = 0;
	unsigned int i;

	for (i = 0; i < len; i++)
		val |= (u64)bytes[be ? len - 1 - i : i] << 8 * i;
	if (sign && val >> (8 * len - 1))
		for (i = 8 * len; i < 64; i++)
			val |= 1ULL << i;
	return wide ? val : val & 0xffffffff;
}

static bool one(unsigned int size, bool sign, bool wide, bool write, bool be, unsigned int reg,
		u64 val)
{
	unsigned int len = 1U << size, i;
	u64 esr = ESR_ELx_ISV | (u64)size << ESR_ELx_SAS_SHIFT | (sign ? ESR_ELx_SSE : 0) |
		  (u64)reg << ESR_ELx_SRT_SHIFT | (wide ? ESR_ELx_SF : 0) |
		  (write ? ESR_ELx_WNR : 0);
	struct mmio_access access = mmio_decode(esr, be);
	u8 bytes[8], guard[8];

	if (!mmio_has_syndrome(esr) || mmio_has_syndrome(esr & ~ESR_ELx_ISV))
		return false;
	if (access.len != len || access.reg != reg || access.write != write ||
	    access.sign_extend != sign || access.wide != wide || access.big_endian != be)
		return false;

	memset(bytes, 0xa5, sizeof(bytes));
	memset(guard, 0xa5, sizeof(guard));
	mmio_to_bytes(&access, val, bytes);
	for (i = 0; i < len; i++)
		if (bytes[be ? len - 1 - i : i] != (u8)(val >> 8 * i))
			return false;
	if (memcmp(bytes + len, guard, 8 - len))
		return false;
	return mmio_from_bytes(&access, bytes) == expect_load(bytes, len, sign, wide, be);
}

int main(void)
{
	static const char *const names[] = {
		"byte", "halfword", "word", "doubleword",
	};
	unsigned int size, flags, reg, v, failed = 0;

	printf("TAP version 13\n1..4\n");
	for (size = 0; size < 4; size++) {
		bool ok = true;

		for (flags = 0; flags < 16; flags++)
			for (reg = 0; reg < 32; reg++)
				for (v = 0; v < ARRAY_SIZE(values); v++)
					ok &= one(size, flags & 1, flags & 2, flags & 4,
						  flags & 8, reg, values[v]);
		printf("%sok %u mmio decode %s\n", ok ? "" : "not ", size + 1, names[size]);
		failed += !ok;
	}
	return failed != 0;
}
