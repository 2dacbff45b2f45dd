/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How CRC32c (Castagnoli, reflected: RFC 9260, appendix A) follows a change of four bytes, without
 * reading the others. The CRC is linear: the CRC of the changed message is that of the old one, plus
 * (xor) the plain CRC of the difference: those four bytes, then zeros to the end of the message. Zeros
 * multiply the register by a power of x, which is done by the bits of their number.
 *
 * The tables have 8 KiB. Included by the BPF programs and by their tests.
 */
#ifndef MILLRACE_CRC32C_H
#define MILLRACE_CRC32C_H

#include <linux/types.h>

#include "crc32c_tables.h"

/* 2^i zero bytes through the register, where `power` is crc32c_powers[i]. */
static inline __u32 crc32c_multiply(const __u32 power[8][16], __u32 crc)
{
	return power[0][crc & 15] ^ power[1][crc >> 4 & 15] ^ power[2][crc >> 8 & 15] ^
	       power[3][crc >> 12 & 15] ^ power[4][crc >> 16 & 15] ^ power[5][crc >> 20 & 15] ^
	       power[6][crc >> 24 & 15] ^ power[7][crc >> 28];
}

/*
 * What a change of four bytes adds to the CRC: `change` is the xor of their old and new values, read
 * as a little-endian word, and `len` the bytes from the first of the four to the end of the message,
 * less than 2^CRC32C_POWERS. The result is to be added to the CRC's value, which SCTP sends as a
 * little-endian word, too: with both as they lie in memory, a little-endian machine swaps nothing.
 */
static inline __u32 crc32c_change(__u32 change, __u32 len)
{
	/* Unrolled: kernels before 6.3 refuse a loop that clang closes by falling through. */
#ifdef __clang__
#pragma clang loop unroll(full)
#endif
	for (int i = 0; i < CRC32C_POWERS; i++)
		if (len & 1U << i)
			change = crc32c_multiply(crc32c_powers[i], change);
	return change;
}

#endif
