/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps alive the neighbours that packets are sent to past the stack. bpf_fib_lookup takes what it finds and
 * tells nobody: the kernel would think the entry unused, never ask whether the neighbour is still
 * there, and collect it after a minute, with packets waiting for each new resolution. So now and then
 * a packet goes through the neighbour layer, which does all of that.
 *
 * XDP cannot send that way: it puts the packet's next hop down for TC, and lets that one packet go up.
 */
#ifndef MILLRACE_NEXT_HOP_H
#define MILLRACE_NEXT_HOP_H

#include "fib.h"
#include "flow.h"
#include "mac.h"

/* The kernel collects what was last used a minute ago, and asks 5 s after it is used. */
#define NEXT_HOP_TICKS 16

/* Next hops that share a place are kept in turn, or resolved anew like any other. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NEXT_HOPS);
	__type(key, __u32);
	__type(value, struct next_hop);
} next_hops __weak SEC(".maps");

static __always_inline struct next_hop *next_hop_find(const struct bpf_fib_lookup *fib)
{
	const mac_word_t *mac = (const mac_word_t *)fib->dmac;
	/* The kernel has written the MAC in two pieces: a word over both would wait for them. */
	__u32 hash = (mac[1] ^ mac[2] << 16 ^ fib->ifindex << 16 ^ IPV) * 0x9e3779b1U;
	__u32 place = hash >> 22;

	_Static_assert(NEXT_HOPS == 1 << (32 - 22), "the hash has a place for each");
	return bpf_map_lookup_elem(&next_hops, &place);
}

/* Whether its time has come. One that is met for the first time has been resolved just now, mostly. */
static __always_inline bool next_hop_is_due(struct next_hop *hop, __u32 now)
{
	if (hop->seen)
		return now - hop->seen >= NEXT_HOP_TICKS;
	hop->seen = now;
	return false;
}

/* In TC: whether the packet at hand is to go through the neighbour layer. */
static __always_inline bool next_hop_wants(const struct bpf_fib_lookup *fib)
{
	struct next_hop *hop = next_hop_find(fib);
	__u32 now = flow_now_by_jiffies();

	if (!hop || (!next_hop_is_due(hop, now) && !hop->wanted))
		return false;
	hop->seen = now;
	hop->wanted = 0;
	return true;
}

/* In XDP: whether the packet at hand is to go up, for TC to send it. One of many that come at once does. */
static __always_inline bool next_hop_asks(const struct bpf_fib_lookup *fib)
{
	struct next_hop *hop = next_hop_find(fib);
	__u32 now = flow_now_by_jiffies();

	if (!hop || !next_hop_is_due(hop, now))
		return false;
	hop->seen = now;
	hop->wanted = 1;
	return true;
}

#endif
