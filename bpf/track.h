/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pod traffic that no service translates. It is tracked so that a translated flow never shares a
 * reply tuple with it, and is delivered by the stack as if nothing had happened, or past it (direct.h).
 */
#ifndef MILLRACE_TRACK_H
#define MILLRACE_TRACK_H

#include "ctx.h"
#include "direct.h"
#include "guard.h"
#include "hook.h"
#include "pair.h"
#include "room.h"
#include "serving.h"

static __always_inline void track_fill(struct __sk_buff *skb, enum hook hook,
                                       const struct packet *pkt, flow_t *flow)
{
	bool midflow = proto_has_states(pkt->key.proto) && !packet_asks(pkt);

	__builtin_memset(flow, 0, sizeof(*flow));
	flow->seen = flow_now();
	flow->state = midflow ? FLOW_STATE_ESTABLISHED : FLOW_STATE_NEW;
	flow->flags = FLOW_PLAIN | (midflow ? FLOW_MIDFLOW : 0);
	flow->saddr = pkt->key.saddr;
	flow->daddr = pkt->key.daddr;
	flow->sport = pkt->key.sport;
	flow->dport = pkt->key.dport;
	flow->in_ifindex = hook == HOOK_POD_IN ? skb->ifindex : IFINDEX_OUTSIDE;
}

/*
 * The reply tuple is taken. By a plain flow: it is the other half of this one, whose own half was
 * evicted, and is put back. By a translated flow: PATH_REMAP, for this one must give way.
 */
static __always_inline int track_collision(enum hook hook, const flow_key_t *key,
                                           const flow_key_t *reply_key, flow_t *flow)
{
	flow_t *taken = flow_find(reply_key);

	/* Which of the two halves knows more of the connection is not known, so neither is trusted. */
	flow->flags &= ~(FLOW_DIRECT | FLOW_LOCAL);
	flow->out_ifindex = 0;
	if (!taken || taken->flags & FLOW_PLAIN) {
		if (taken)
			taken->flags &= ~FLOW_DIRECT;
		bpf_map_update_elem(&FLOWS, key, flow, BPF_NOEXIST);
		return TC_ACT_UNSPEC;
	}
	return hook == HOOK_POD_IN && key->proto != FAMILY_ICMP ? PATH_REMAP : TC_ACT_UNSPEC;
}

/* Inserts the pair of a plain flow. The packet goes on untouched, unless PATH_REMAP is returned. */
static __noinline int track_plain(struct __sk_buff *skb, enum hook hook, const struct packet *pkt,
                                  flow_t *flow)
{
	flow_key_t reply_key;
	flow_t reply = {};
	__u32 reply_in;
	int err;

	reply_in = hook == HOOK_POD_OUT ? skb->ifindex : endpoint_source(flow->daddr, IFINDEX_ANY);
	flow_peer_key(flow, pkt->key.proto, &reply_key);
	flow_answer(&pkt->key, flow, reply_in, 0, &reply);
	if (config.flags & CONFIG_DIRECT && !(flow->flags & (FLOW_MIDFLOW | FLOW_ADOPTED)) &&
	    !serving_is_held()) {
		if (hook == HOOK_POD_IN)
			direct_begin(skb, pkt->key.proto, flow, &reply);
		else
			direct_begin(skb, pkt->key.proto, &reply, flow);
	}
	err = bpf_map_update_elem(&FLOWS, &reply_key, &reply, BPF_NOEXIST);
	if (err == -EEXIST_)
		return track_collision(hook, &pkt->key, &reply_key, flow);
	if (err || bpf_map_update_elem(&FLOWS, &pkt->key, flow, BPF_NOEXIST))
		return TC_ACT_UNSPEC;
	count(flow->flags & FLOW_ADOPTED ? COUNTER_SERVICES_HELD : COUNTER_FLOWS_PLAIN);
	if (flow->flags & FLOW_MIDFLOW)
		count(COUNTER_FLOWS_MIDFLOW);
	return TC_ACT_UNSPEC;
}

/*
 * The port of a direct connection that has ended, used again: both entries say already what new ones
 * would. To delete and insert them is dear, and a client that opens many connections does it with each.
 */
static __noinline bool track_again(const struct packet *pkt, flow_t *flow)
{
	flow_key_t key;
	flow_t *peer;

	flow_peer_key(flow, pkt->key.proto, &key);
	peer = flow_find(&key);
	if (!peer || !(peer->flags & FLOW_DIRECT))
		return false;
	flow->flags &= ~FLOW_FIN;
	peer->flags &= ~FLOW_FIN;
	/* A new connection, to be judged as one. */
	flow->epoch = 0;
	peer->epoch = 0;
	flow_set_state(flow, peer, FLOW_STATE_NEW);
	count(COUNTER_FLOWS_PLAIN);
	return true;
}

/*
 * Puts the half that packets of `key` go by back from the other one, where only that is left: policies must know
 * an answer from a new connection. The half, or NULL if there is no such flow.
 */
static __noinline flow_t *track_heal(const flow_key_t *key, __u32 ifindex)
{
	flow_key_t peer_key;
	flow_t *peer;

	flow_turned_key(key, &peer_key);
	peer = flow_find(&peer_key);
	if (!peer || !(peer->flags & FLOW_PLAIN))
		return NULL;
	flow_refresh(&peer_key, peer, ifindex);
	return flow_find(key);
}

/*
 * Whether policies would take an answer for the beginning of something, and deny it, if there were no entry: of
 * UDP and echoes, to a pod that not everybody may connect to, or of one that may not connect to everybody.
 */
static __always_inline bool track_is_needed(enum hook hook, const flow_key_t *key)
{
	const struct subject *client, *server;

	if (hook != HOOK_POD_IN || proto_has_states(key->proto) || !guard_is_on())
		return false;
	client = subject_find(&key->saddr);
	server = subject_find(&key->daddr);
	return (client && client->ingress) || (server && server->egress);
}

/* What a pod cannot do without shares the reserve with the services that pods ask. */
static __noinline bool track_has_room(enum hook hook, const flow_key_t *key)
{
	return room_take(ROOM_PLAIN) || (track_is_needed(hook, key) && room_take(ROOM_INSIDE));
}

/*
 * Makes the flow that track_fill has begun. PATH_DELIVER if the packet is to be delivered as it says: with
 * another source port, since the reply tuple belongs to a translated flow, and by the stack both ways, as
 * plain flows are.
 */
static __always_inline int track(struct __sk_buff *skb, enum hook hook, const struct packet *pkt,
                                 flow_t *flow)
{
	int action;

	/* Nobody answers as a group; and the end of something unknown begins nothing. */
	if (ip_is_group(pkt->key.daddr) || pkt->tcp_flags & TCP_RST)
		return TC_ACT_UNSPEC;
	if (!track_has_room(hook, &pkt->key)) {
		count(COUNTER_PLAIN_UNTRACKED);
		return TC_ACT_UNSPEC;
	}
	action = track_plain(skb, hook, pkt, flow);
	if (action != PATH_REMAP)
		return action;
	flow->flags = (flow->flags & ~FLOW_PLAIN) | FLOW_STACK;
	return pair_insert(&pkt->key, flow, endpoint_source(flow->daddr, IFINDEX_ANY), 0)
	               ? TC_ACT_UNSPEC
	               : PATH_DELIVER;
}

#endif
