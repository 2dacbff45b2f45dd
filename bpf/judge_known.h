/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Flows that are there, before the judge: those that were judged under other policies or not yet, what asks for
 * a connection on one, and what becomes of both halves.
 */
#ifndef MILLRACE_JUDGE_KNOWN_H
#define MILLRACE_JUDGE_KNOWN_H

#include "judge.h"

/* Whether policies may have changed since this flow was let through, or there were none. */
static __always_inline bool judge_is_due(const flow_t *flow)
{
	const struct guard *now = guard_get();

	return now && __builtin_expect(flow->epoch != now->epoch, false) && now->flags & GUARD_ON;
}

/*
 * A flow that is older than the first policies: nobody noted who opened it. With an address of this node
 * for a client it was this host itself.
 */
static __noinline void judge_adopt(const flow_key_t *key, flow_t *flow)
{
	ip_t client = flow->flags & FLOW_REPLY ? flow->daddr : key->saddr;

	if (!flow->epoch && flow->state != FLOW_STATE_DENIED &&
	    endpoint_is(endpoint_find(client), ENDPOINT_HOST))
		flow->flags |= FLOW_OWN_NODE;
}

/*
 * From the opener's side, and come in by a device: not of this host, whatever address it has and whatever this host
 * has opened under that (D1). Pods' devices carry no such packets.
 */
static __always_inline bool judge_is_strange(struct __sk_buff *skb, enum hook hook,
                                             const flow_t *flow)
{
	return !(flow->flags & FLOW_REPLY) && (hook_is_ingress(hook) || skb->ingress_ifindex);
}

/*
 * Whether each packet of a flow is judged for itself: one that is forged, on a flow of this host; one to an address
 * of the link, of which only the device at its end tells whose it is, and which was let through where it began.
 * IPv4 has such addresses only where somebody gives them.
 */
static __always_inline bool judge_is_single(struct __sk_buff *skb, enum hook hook,
                                            const flow_key_t *key, const flow_t *flow)
{
	__u16 opener = flow->flags & (FLOW_OWN_NODE | FLOW_REPLY);

	if (opener == FLOW_OWN_NODE)
		return hook_is_ingress(hook) || skb->ingress_ifindex;
	return IPV == 6 && hook == HOOK_POD_OUT && !opener && ip_is_link_local(key->daddr);
}

/* Made by XDP for the very packet that is met at an uplink now: not older than any policies. */
static __always_inline bool judge_is_first(enum hook hook, const flow_t *flow)
{
	return hook == HOOK_UPLINK_IN && !flow->epoch && flow->state == FLOW_STATE_NEW;
}

/* What an entry says of its connection's beginning is not known, or is of no use any more to who opens another. */
static __always_inline bool judge_is_vague(const flow_t *flow)
{
	return flow->flags & FLOW_MIDFLOW ||
	       (flow->state == FLOW_STATE_DENIED && !(flow->flags & FLOW_REPLY));
}

/*
 * Whether the packet asks for a connection where there is a flow, so that it is judged for itself: of one picked
 * up in its middle nobody knows who opened it, a flow may outlive its connection, and of this host's anybody may say
 * that he is it. Not where the other end has just asked for the same: then they open one together. A flow that is due is judged
 * anyway; but if it is `over`, not before it makes way.
 */
static __always_inline bool judge_asks(const struct packet *pkt, const flow_t *flow, bool over)
{
	if (!packet_asks(pkt) || !guard_is_on())
		return false;
	if (judge_is_vague(flow) || (flow->flags & (FLOW_OWN_NODE | FLOW_REPLY)) == FLOW_OWN_NODE)
		return true;
	if (flow->flags & FLOW_REPLY)
		return flow->state != FLOW_STATE_NEW && flow->state != FLOW_STATE_ANSWERED;
	return judge_is_due(flow) == over;
}

/*
 * What asks on this flow, or is judged for itself, as if it were the first packet of its own; `copy` is what is judged.
 * Where it is the first one once more, nobody is told again.
 */
static __always_inline int judge_again(struct __sk_buff *skb, enum hook hook, const flow_key_t *key,
                                       const flow_t *flow, flow_t *copy)
{
	*copy = *flow;
	copy->epoch = 0;
	copy->state = FLOW_STATE_DENIED;
	if (judge_is_strange(skb, hook, flow))
		copy->flags &= ~FLOW_OWN_NODE;
	if (flow->flags & FLOW_REPLY || judge_is_vague(flow)) {
		copy->flags &= ~(FLOW_REPLY | FLOW_MIDFLOW | FLOW_OWN_NODE);
		copy->state = FLOW_STATE_NEW;
	}
	return judge(skb, hook, key, copy);
}

/*
 * What may be no more is not forgotten, or its next packet would be taken for one picked up in its middle, or
 * for the first one of a flow in the other direction, which may be allowed. It counts as not judged: each
 * packet asks again. Past the stack goes again only what had been established.
 */
static __always_inline void judge_deny(flow_t *half)
{
	if (half->state == FLOW_STATE_NEW || half->state == FLOW_STATE_ANSWERED)
		half->flags &= ~FLOW_DIRECT;
	half->epoch = 0;
	half->state = FLOW_STATE_DENIED;
}

/* The other half likewise: both marked as judged, or as denied. Global, as judge is. */
__noinline int judge_settle(const flow_key_t *key, flow_t *flow, int reason)
{
	flow_key_t peer_key;
	flow_t *peer;

	if (!key || !flow)
		return 0;
	flow_peer_key(flow, key->proto, &peer_key);
	peer = flow_find(&peer_key);
	/* Of UDP whose client has been given another backend, it is that one's. */
	if (peer && (!ip_equal(peer->daddr, key->saddr) || peer->dport != key->sport))
		peer = NULL;
	if (reason) {
		judge_deny(flow);
		if (peer)
			judge_deny(peer);
		return 0;
	}
	if (flow->state == FLOW_STATE_DENIED)
		flow_set_state(flow, peer, FLOW_STATE_ESTABLISHED);
	if (!peer)
		return 0;
	peer->epoch = flow->epoch;
	peer->flags |= flow->flags & FLOW_OWN_NODE;
	return 0;
}

/* Judges a flow that is there. 0, or why it may be no more; what is denied at once leaves no entries. */
static __noinline int judge_known(struct __sk_buff *skb, enum hook hook, const flow_key_t *key,
                                  flow_t *flow)
{
	bool first = judge_is_first(hook, flow);
	int reason;

	if (!first && !judge_is_strange(skb, hook, flow))
		judge_adopt(key, flow);
	reason = judge(skb, hook, key, flow);
	if (reason && first)
		flow_forget(key, flow);
	else
		judge_settle(key, flow, reason);
	return reason;
}

#endif
