/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ICMP header, alike in RFC 792 and RFC 4443 as far as we read it, with the numbers of the family.
 * Own, because linux/icmp.h draws in the C library's socket headers.
 */
#ifndef MILLRACE_ICMP_H
#define MILLRACE_ICMP_H

#include "family.h"

struct icmp_header {
	__u8 type, code;
	__u16 checksum;
	__be16 id, sequence; /* of an echo; zero in an error */
};

#if IPV == 4
#define ICMP_ECHO_REQUEST     8
#define ICMP_ECHO_REPLY       0
#define ICMP_UNREACHABLE      3
#define ICMP_UNREACHABLE_PORT 3
#else
#define ICMP_ECHO_REQUEST     128
#define ICMP_ECHO_REPLY       129
#define ICMP_UNREACHABLE      1
#define ICMP_UNREACHABLE_PORT 4
#endif

/* Messages that quote the packet they are about. */
static __always_inline bool icmp_is_error(__u8 type)
{
#if IPV == 4
	/* Destination unreachable, time exceeded, parameter problem: RFC 792. */
	return type == 3 || type == 11 || type == 12;
#else
	/* Destination unreachable, packet too big, time exceeded, parameter problem: RFC 4443. */
	return type >= 1 && type <= 4;
#endif
}

/* How neighbours find each other (RFC 4861), and groups their members (RFC 2710, RFC 3810). */
static __always_inline bool icmp_is_neighbourly(__u8 type)
{
	return IPV == 6 && ((type >= 130 && type <= 137) || type == 143);
}

#endif
