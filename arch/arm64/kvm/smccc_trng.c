// SPDX-License-Identifier: GPL-2.0
/*
 * The firmware's source of entropy, DEN 0098 ("TRNG", version 1.0): the host's
 * random numbers.
 */

#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/string.h>
#include "smccc.h"

#define TRNG_VERSION_1_0	0x10000

/* DEN 0098, 2.2; the numbers are not SMCCC's. */
#define TRNG_SUCCESS		0
#define TRNG_NOT_SUPPORTED	-1
#define TRNG_INVALID_PARAMETERS	-2
#define TRNG_NO_ENTROPY		-3

/* Names this implementation: fd5a8e5c-8ffd-43b2-9c6a-0f62d17cb0b3 */
static const u32 trng_uuid[4] = { 0xfd5a8e5c, 0x8ffd43b2, 0x9c6a0f62, 0xd17cb0b3 };

static bool trng_allowed(const struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->vm->arch.smccc_std_bmap) & SMCCC_STD_FEATURES;
}

static bool trng_knows(u32 fn)
{
	/* Their numbers are consecutive (DEN 0098, 2); the last is SMC64's, too. */
	return (fn >= ARM_SMCCC_TRNG_VERSION && fn <= ARM_SMCCC_TRNG_RND32) ||
	       fn == ARM_SMCCC_TRNG_RND64;
}

bool trng_call_fast(struct vcpu *vcpu, u32 fn)
{
	if (!trng_knows(fn) || !trng_allowed(vcpu)) {
		smccc_return_code(vcpu, TRNG_NOT_SUPPORTED);
		return true;
	}

	switch (fn) {
	case ARM_SMCCC_TRNG_VERSION:
		smccc_return(vcpu, TRNG_VERSION_1_0, 0, 0, 0);
		return true;
	case ARM_SMCCC_TRNG_FEATURES:
		smccc_return_code(vcpu, trng_knows(smccc_arg(vcpu, fn, 1)) ? TRNG_SUCCESS :
							TRNG_NOT_SUPPORTED);
		return true;
	case ARM_SMCCC_TRNG_GET_UUID:
		smccc_return(vcpu, trng_uuid[0], trng_uuid[1], trng_uuid[2], trng_uuid[3]);
		return true;
	default:
		return false;
	}
}

/* RND32, RND64: up to three registers, the first bits in the last of them (2.5). */
void trng_call(struct vcpu *vcpu, u32 fn)
{
	unsigned int width = ARM_SMCCC_IS_64(fn) ? 64 : 32;
	u64 nbits = smccc_arg(vcpu, fn, 1);
	u64 word[3] = {};

	if (!nbits || nbits > 3 * width) {
		smccc_return_code(vcpu, TRNG_INVALID_PARAMETERS);
		return;
	}
	if (!rng_is_initialized()) {
		smccc_return_code(vcpu, TRNG_NO_ENTROPY);
		return;
	}

	for (unsigned int i = 0; i < ARRAY_SIZE(word) && nbits; i++) {
		unsigned int take = min_t(u64, nbits, width);

		word[i] = get_random_u64() >> (64 - take);
		nbits -= take;
	}
	smccc_return(vcpu, TRNG_SUCCESS, word[2], word[1], word[0]);
	memzero_explicit(word, sizeof(word));
}
