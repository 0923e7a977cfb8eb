/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_MMIO_H
#define KVM_ARM64_MMIO_H

/*
 * What the syndrome of a data abort says of a load or store (DDI 0487, D24.2.40,
 * "ISS encoding for an exception from a Data Abort").  No state but the
 * arguments: also built on the developer's machine, for its tests.
 */

#include <linux/types.h>
#include <linux/unaligned.h>
#include <asm/esr.h>

/**
 * struct mmio_access - one load or store of a general register
 * @len: bytes, 1, 2, 4 or 8
 * @reg: the register; 31 is the zero register
 * @write: a store
 * @sign_extend: a load that extends the sign
 * @wide: a load into 64 bits of the register; else the upper half becomes zero
 * @big_endian: order of the bytes in memory
 */
struct mmio_access {
	u8 len;
	u8 reg;
	bool write;
	bool sign_extend;
	bool wide;
	bool big_endian;
};

/* Is there anything to go by?  Not for pairs, writeback forms, SIMD registers, ... */
static inline bool mmio_has_syndrome(u64 esr)
{
	return esr & ESR_ELx_ISV;
}

static inline struct mmio_access mmio_decode(u64 esr, bool big_endian)
{
	return (struct mmio_access) {
		.len = 1U << ((esr & ESR_ELx_SAS) >> ESR_ELx_SAS_SHIFT),
		.reg = (esr & ESR_ELx_SRT_MASK) >> ESR_ELx_SRT_SHIFT,
		.write = esr & ESR_ELx_WNR,
		.sign_extend = esr & ESR_ELx_SSE,
		.wide = esr & ESR_ELx_SF,
		.big_endian = big_endian,
	};
}

/* The register's value as the bytes that go to memory, lowest address first. */
static inline void mmio_to_bytes(const struct mmio_access *access, u64 val, u8 bytes[8])
{
	switch (access->len) {
	case 1:
		bytes[0] = val;
		break;
	case 2:
		access->big_endian ? put_unaligned_be16(val, bytes) :
				     put_unaligned_le16(val, bytes);
		break;
	case 4:
		access->big_endian ? put_unaligned_be32(val, bytes) :
				     put_unaligned_le32(val, bytes);
		break;
	default:
		access->big_endian ? put_unaligned_be64(val, bytes) :
				     put_unaligned_le64(val, bytes);
		break;
	}
}

/* What the register becomes when memory answers with these bytes. */
static inline u64 mmio_from_bytes(const struct mmio_access *access, const u8 bytes[8])
{
	unsigned int unused = 64 - 8 * access->len;
	u64 val;

	switch (access->len) {
	case 1:
		val = bytes[0];
		break;
	case 2:
		val = access->big_endian ? get_unaligned_be16(bytes) : get_unaligned_le16(bytes);
		break;
	case 4:
		val = access->big_endian ? get_unaligned_be32(bytes) : get_unaligned_le32(bytes);
		break;
	default:
		val = access->big_endian ? get_unaligned_be64(bytes) : get_unaligned_le64(bytes);
		break;
	}
	if (access->sign_extend)
		val = (s64)(val << unused) >> unused;
	return access->wide ? val : (u32)val;
}

#endif
