/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The question to the routing table: where does this half's translated packet go? */
#ifndef MILLRACE_FIB_H
#define MILLRACE_FIB_H

#include "family.h"

static __always_inline void fib_fill(struct bpf_fib_lookup *fib, const flow_t *flow, __u8 proto,
                                     __u32 ifindex)
{
	__builtin_memset(fib, 0, sizeof(*fib));
	fib->family = FAMILY_AF;
	fib->l4_protocol = proto;
	fib->sport = flow->sport;
	fib->dport = flow->dport;
	fib->ifindex = ifindex;
#if IPV == 4
	fib->ipv4_src = flow->saddr;
	fib->ipv4_dst = flow->daddr;
#else
	__builtin_memcpy(fib->ipv6_src, &flow->saddr, sizeof(ip_t));
	__builtin_memcpy(fib->ipv6_dst, &flow->daddr, sizeof(ip_t));
#endif
}

#endif
