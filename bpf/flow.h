/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Entries of the flow table: the clock, the lookup, the way from one half to the other. */
#ifndef MILLRACE_FLOW_H
#define MILLRACE_FLOW_H

#include "maps_flow.h"

/* The clock of flow.seen. */
static __always_inline __u32 flow_now(void)
{
	return bpf_ktime_get_coarse_ns() >> FLOW_TICK_SHIFT;
}

/* What flow_now said last, in the upper half; in the lower one the jiffies of then. */
static volatile __u64 flow_clock;

/* The same for every packet: the clock is coarse and moves with jiffies, which are a load and no call. */
static __always_inline __u32 flow_now_by_jiffies(void)
{
	__u32 jiffies = bpf_jiffies64();
	__u64 clock = flow_clock;

	if (__builtin_expect((__u32)clock != jiffies, false)) {
		clock = (__u64)flow_now() << 32 | jiffies;
		flow_clock = clock;
	}
	return clock >> 32;
}

static __always_inline flow_t *flow_find(const flow_key_t *key)
{
	return bpf_map_lookup_elem(&FLOWS, key);
}

/* False: gc has not been here for a while, and `left` says nothing. */
static __always_inline bool room_is_kept(const struct room *room, __u32 now)
{
	return room->stamp && (__s32)(now - room->stamp) <= ROOM_STALE_TICKS;
}

/* The key of the other half: what this half's packets become, looked at from the other end. */
static __always_inline void flow_peer_key(const flow_t *flow, __u8 proto, flow_key_t *peer)
{
	__builtin_memset(peer, 0, sizeof(*peer));
	peer->saddr = flow->daddr;
	peer->daddr = flow->saddr;
	peer->sport = flow->dport;
	peer->dport = flow->sport;
	peer->proto = proto;
}

/* That of the other half of a plain flow, of which this one's key says all. */
static __always_inline void flow_turned_key(const flow_key_t *key, flow_key_t *turned)
{
	*turned = *key;
	turned->saddr = key->daddr;
	turned->daddr = key->saddr;
	turned->sport = key->dport;
	turned->dport = key->sport;
}

#endif
