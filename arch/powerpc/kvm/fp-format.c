// SPDX-License-Identifier: GPL-2.0
/* Floating-point formats in storage and in registers, by integer operations. */

#include <linux/bits.h>
#include <linux/bitops.h>
#include "fp-format.h"

#define SIGN64		BIT_ULL(63)
#define FRAC64		(BIT_ULL(52) - 1)
#define IMPLICIT64	BIT_ULL(52)
#define EXP64(val)	((unsigned int)((val) >> 52 & 0x7ff))
#define FRAC32		(BIT(23) - 1)
#define BIAS64		1023
#define BIAS32		127

/* @mag * 2^@scale in double format; neither zero nor out of range */
static u64 double_from_int(bool negative, u32 mag, int scale)
{
	unsigned int top = fls(mag) - 1;
	u64 frac = ((u64)mag << (52 - top)) & FRAC64;

	return (negative ? SIGN64 : 0) | (u64)((int)(BIAS64 + top) + scale) << 52 | frac;
}

/**
 * ppc_single_to_double() - what lfs puts into a register
 * @single: the word in storage
 *
 * Exact, also for NaNs, which stay as quiet or signalling as they are. Power
 * ISA Book I, "Floating-Point Load Instructions", DOUBLE().
 *
 * Return: the value in double format.
 */
u64 ppc_single_to_double(u32 single)
{
	u32 exp = single >> 23 & 0xff, frac = single & FRAC32;
	u64 sign = (u64)(single >> 31) << 63;

	if (exp == 0xff)
		return sign | 0x7ffULL << 52 | (u64)frac << 29;
	if (exp)
		return sign | (u64)(exp + BIAS64 - BIAS32) << 52 | (u64)frac << 29;
	if (!frac)
		return sign;
	return double_from_int(sign, frac, 1 - BIAS32 - 23);
}

/**
 * ppc_double_to_single() - what stfs puts into storage
 * @val: the register
 *
 * Truncates: no rounding, no exception. Power ISA Book I, "Floating-Point Store
 * Instructions", SINGLE(). What the ISA leaves undefined, because it is too
 * small for a denormalised single, becomes zero of its sign; what is too large
 * loses the high bits of its exponent, as it does in hardware.
 *
 * Return: the word in storage.
 */
u32 ppc_double_to_single(u64 val)
{
	unsigned int exp = EXP64(val);
	u32 sign = (u32)(val >> 63) << 31;

	if (exp > BIAS64 - BIAS32 || !(val & ~SIGN64))
		return (u32)(val >> 62) << 30 | ((u32)(val >> 29) & (BIT(30) - 1));
	if (exp < BIAS64 - BIAS32 - 22)
		return sign;
	return sign | (u32)(((val & FRAC64) | IMPLICIT64) >> (29 + BIAS64 - BIAS32 + 1 - exp));
}

/* Of one half: the type in bits 0-2, the scale, signed, in bits 8-13 */
static bool quant_is_float(u32 half)
{
	return !(half & 4);
}

static bool quant_is_signed(u32 half)
{
	return half & 2;
}

static int quant_scale(u32 half)
{
	return (int)((half >> 8 & 63) ^ 32) - 32;
}

/**
 * ppc_quant_bytes() - how wide one element is in storage
 * @half: PPC_GQR_LD() or PPC_GQR_ST() of the quantisation register
 *
 * Types 1 to 3 are reserved and taken for 0, single format.
 *
 * Return: 1, 2 or 4.
 */
unsigned int ppc_quant_bytes(u32 half)
{
	if (quant_is_float(half))
		return 4;
	return half & 1 ? 2 : 1;
}

/**
 * ppc_dequantise() - an element of storage as the register's value
 * @half: PPC_GQR_LD() of the quantisation register
 * @raw: the element, in the low ppc_quant_bytes() bytes
 *
 * Single format is taken as lfs does, an integer is divided by 2^scale.
 *
 * Return: the value in double format.
 */
u64 ppc_dequantise(u32 half, u32 raw)
{
	unsigned int bits = 8 * ppc_quant_bytes(half);
	bool negative;

	if (quant_is_float(half))
		return ppc_single_to_double(raw);
	raw &= BIT(bits) - 1;
	if (!raw)
		return 0;
	negative = quant_is_signed(half) && raw >> (bits - 1);
	if (negative)
		raw = BIT(bits) - raw;
	return double_from_int(negative, raw, -quant_scale(half));
}

/**
 * ppc_quantise() - a register's value as an element of storage
 * @half: PPC_GQR_ST() of the quantisation register
 * @val: the value, in double format
 *
 * Multiplied by 2^scale, rounded towards zero and held within the type's range;
 * infinities and NaNs are the end of it that their sign says.
 *
 * Return: the element, in the low ppc_quant_bytes() bytes, the others zero.
 */
u32 ppc_quantise(u32 half, u64 val)
{
	unsigned int bits = 8 * ppc_quant_bytes(half);
	bool negative = val & SIGN64;
	u32 mag, limit;
	int exp;

	if (quant_is_float(half))
		return ppc_double_to_single(val);

	if (quant_is_signed(half))
		limit = BIT(bits - 1) - !negative;
	else
		limit = negative ? 0 : BIT(bits) - 1;

	exp = (int)EXP64(val) - BIAS64 + quant_scale(half);
	if (EXP64(val) == 0x7ff || exp > 16)
		mag = limit;
	else if (exp < 0 || !EXP64(val))
		mag = 0;
	else
		mag = (u32)(((val & FRAC64) | IMPLICIT64) >> (52 - exp));
	if (mag > limit)
		mag = limit;
	return (negative ? -mag : mag) & (u32)(BIT(bits) - 1);
}
