/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The flow that a made packet would open: see open.h, track.h and pair.h. */
#ifndef MILLRACE_TRACE_OPEN_H
#define MILLRACE_TRACE_OPEN_H

#include "trace.h"

static __always_inline void trace_choice(const struct svc *svc, enum hook hook,
                                         const struct packet *pkt, const struct choice *choice,
                                         struct trace *t)
{
	struct choice kept;
	bool local = svc_wants_local(svc, open_asker(hook, svc, &pkt->key));

	t->steps |= TRACE_BACKEND;
	t->backend = choice->id;
	if (svc->affinity_s && affinity_find(svc, &pkt->key.saddr, local, &kept))
		t->steps |= TRACE_KEPT;
	else if (hook == HOOK_UPLINK_IN && svc->algo == SVC_ALGO_MAGLEV)
		t->steps |= TRACE_RING;
}

/*
 * Whether nobody holds the tuple of the answers; nor one whose connection is over, which gives way where `take`
 * allows, or which is what the packet begins anew.
 */
static __always_inline bool trace_is_free(const flow_key_t *key, const flow_key_t *reply_key,
                                          bool take)
{
	flow_t *taken = flow_find(reply_key);

	if (!taken || (take && pair_is_over(reply_key, taken)))
		return true;
	return ip_equal(taken->daddr, key->saddr) && taken->dport == key->sport &&
	       ip_equal(taken->saddr, key->daddr) && taken->sport == key->dport;
}

/*
 * The source port, where that has to change: the one that the hook would get, if nobody else gets it before.
 * 0, or why there is none. Global, so that verifiers look at it once.
 */
__noinline int trace_port(const flow_key_t *key, flow_t *flow, struct trace *t)
{
	struct pair_walk walk;
	flow_key_t reply_key;

	if (!key || !flow || !t)
		return DROP_SNAT_EXHAUSTED;
	flow_peer_key(flow, key->proto, &reply_key);
	if (!(flow->flags & FLOW_SNAT) && trace_is_free(key, &reply_key, true))
		return 0;
	t->steps |= TRACE_PORT;
	pair_walk_begin(&walk, key);
	for (__u32 tries = 0; tries < SNAT_TRIES; tries++) {
		flow->sport = pair_walk_on(&walk);
		reply_key.dport = flow->sport;
		if (trace_is_free(key, &reply_key, tries >= SNAT_TRIES / 2))
			return 0;
	}
	return DROP_SNAT_EXHAUSTED;
}

/* A plain flow, whose answers have the tuple of a translated one: it must give way. */
static __always_inline int trace_track(enum hook hook, const struct packet *pkt, flow_t *flow,
                                       struct trace *t)
{
	flow_key_t reply_key;
	flow_t *taken;

	if (hook != HOOK_POD_IN || pkt->key.proto == FAMILY_ICMP || ip_is_group(pkt->key.daddr) ||
	    pkt->tcp_flags & TCP_RST || !track_has_room(hook, &pkt->key))
		return 0;
	flow_peer_key(flow, pkt->key.proto, &reply_key);
	taken = flow_find(&reply_key);
	if (!taken || taken->flags & FLOW_PLAIN)
		return 0;
	flow->flags = (flow->flags & ~FLOW_PLAIN) | FLOW_STACK;
	return trace_port(&pkt->key, flow, t);
}

/* The flow that the packet would open through a frontend. 0, or why it ends here. */
static __always_inline int trace_service(struct __sk_buff *skb, enum hook hook,
                                         const struct packet *pkt, const struct svc *svc,
                                         flow_t *flow, struct trace *t)
{
	struct choice choice;
	int reason;

	t->steps |= TRACE_SERVICE;
	t->svc = *svc;
	if (svc->flags & SVC_ADDRESS)
		return DROP_UNKNOWN_PORT;
	if (svc_wants_local(svc, open_asker(hook, svc, &pkt->key)))
		t->steps |= TRACE_LOCAL_SET;
	reason = open_choose(pkt, svc, hook, &choice);
	if (reason)
		return reason;
	trace_choice(svc, hook, pkt, &choice, t);
	if (!room_take(hook == HOOK_UPLINK_IN ? ROOM_OUTSIDE : ROOM_INSIDE))
		return DROP_FLOW_LIMIT;
	return open_flow(skb, hook, &pkt->key, &choice, flow);
}

/* The flow that the packet would open. 0, or why it ends here. */
static __always_inline int trace_new(struct __sk_buff *skb, enum hook hook,
                                     const struct packet *pkt, flow_t *flow, struct trace *t)
{
	struct svc *svc = path_service(hook, pkt);
	bool held = svc && serving_is_held();
	int reason;

	if (svc && !held) {
		reason = trace_service(skb, hook, pkt, svc, flow, t);
		reason = reason ?: trace_judge(skb, hook, &pkt->key, flow, t);
		return reason ?: trace_port(&pkt->key, flow, t);
	}
	track_fill(skb, hook, pkt, flow);
	flow_aim(flow, 0);
	if (held)
		flow->flags |= FLOW_ADOPTED;
	if (hook == HOOK_UPLINK_IN || hook == HOOK_UPLINK_OUT)
		return guard_is_on() ? guard_uplink(skb, hook, &pkt->key) : 0;
	if (held)
		return path_let(skb, hook, pkt, flow, true);
	reason = trace_judge(skb, hook, &pkt->key, flow, t);
	return reason ?: trace_track(hook, pkt, flow, t);
}

#endif
