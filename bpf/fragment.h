/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Datagrams in fragments (S-061). Only the first fragment has ports: it is translated as any packet,
 * and its ports are remembered for the others. Those that overtake it are lost to a ClusterIP.
 */
#ifndef MILLRACE_FRAGMENT_H
#define MILLRACE_FRAGMENT_H

#include "ctx.h"
#include "flow.h"
#include "hook.h"
#include "maps.h"
#include "packet.h"

#define FRAGS CAT(frags, IPV)

/* Small: an entry is of use for the moment that a datagram's fragments take to come by. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, frag_key_t);
	__type(value, struct frag);
} FRAGS SEC(".maps");

/* Each pod has its own: none can spoil the datagrams of another, whatever source it claims. */
static __always_inline void fragment_key(struct __sk_buff *skb, enum hook hook,
                                         const struct packet *pkt, frag_key_t *key)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->saddr = pkt->key.saddr;
	key->daddr = pkt->key.daddr;
	key->ifindex = hook == HOOK_POD_IN ? skb->ifindex : 0;
	key->id = pkt->fragment_id;
#if IPV == 4
	key->proto = pkt->key.proto;
#endif
}

/*
 * The first fragment came by. If it was translated, the others are to follow it; if not, they must not
 * follow an earlier datagram that had the same number.
 */
static __noinline __attribute__((unused)) void
fragment_note(struct __sk_buff *skb, enum hook hook, const struct packet *pkt, bool translated)
{
	struct frag value = {
		.seen = flow_now(),
		.sport = pkt->key.sport,
		.dport = pkt->key.dport,
		.proto = pkt->key.proto,
	};
	frag_key_t key;

	fragment_key(skb, hook, pkt, &key);
	if (translated)
		bpf_map_update_elem(&FRAGS, &key, &value, BPF_ANY);
	else
		bpf_map_delete_elem(&FRAGS, &key);
}

/* Completes the tuple of a later fragment. False: its first one has not come by. */
static __always_inline bool fragment_recall(struct __sk_buff *skb, enum hook hook,
                                            struct packet *pkt)
{
	struct frag *frag;
	frag_key_t key;

	fragment_key(skb, hook, pkt, &key);
	frag = bpf_map_lookup_elem(&FRAGS, &key);
	if (!frag || (__s32)(flow_now() - frag->seen) > FRAG_TICKS)
		return false;
	pkt->key.sport = frag->sport;
	pkt->key.dport = frag->dport;
	pkt->key.proto = frag->proto;
	return true;
}

#endif
