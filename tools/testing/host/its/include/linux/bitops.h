/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/bits.h>
#include <linux/types.h>

#define __ffs64(word)		((unsigned int)__builtin_ctzll(word))

/* Not for words that change meanwhile */
#define for_each_set_bit(bit, word, size)				\
	for ((bit) = 0; (bit) < (size); (bit)++)			\
		if (*(word) >> (bit) & 1)
