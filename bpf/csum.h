/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One's-complement arithmetic (RFC 1624) on values as they lie in memory: the sum does not depend on
 * byte order, so nothing here swaps.
 */
#ifndef MILLRACE_CSUM_H
#define MILLRACE_CSUM_H

#include "family.h"

static __always_inline __u16 csum_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* What a change from `from` to `to` adds to the sum over the words; 0 when nothing changes. */
static __always_inline __u64 csum_change(__u32 from, __u32 to)
{
	return from == to ? 0 : (__u64)(__u32)~from + to;
}

static __always_inline __u64 csum_change_ip(ip_t from, ip_t to)
{
#if IPV == 4
	return csum_change(from, to);
#else
	return csum_change(from.w[0], to.w[0]) + csum_change(from.w[1], to.w[1]) +
	       csum_change(from.w[2], to.w[2]) + csum_change(from.w[3], to.w[3]);
#endif
}

/* A checksum field after the data under it changed by `change`. */
static __always_inline __u16 csum_update(__u16 check, __u64 change)
{
	return ~csum_fold((__u16)~check + change);
}

#endif
