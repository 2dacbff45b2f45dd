/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* MACs, word by word: structures of frames are packed, and compilers would compare and copy bytes. */
#ifndef MILLRACE_MAC_H
#define MILLRACE_MAC_H

#include <stdbool.h>
#include <linux/types.h>

typedef __u16 __attribute__((may_alias)) mac_word_t;

static __always_inline bool mac_equal(const __u8 *a, const __u8 *b)
{
	return *(const __u32 *)a == *(const __u32 *)b &&
	       *(const __u16 *)(a + 4) == *(const __u16 *)(b + 4);
}

/* By the largest words that the FIB's answer is aligned to on every stack. */
static __always_inline void mac_copy(__u8 *to, const __u8 *from)
{
	((mac_word_t *)to)[0] = ((const mac_word_t *)from)[0];
	((mac_word_t *)to)[1] = ((const mac_word_t *)from)[1];
	((mac_word_t *)to)[2] = ((const mac_word_t *)from)[2];
}

#endif
