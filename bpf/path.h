/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The walk of a packet, the same at every tc hook:
 *
 *   parse ─► flow known ─► state, ageing ─► rewrite ─► deliver
 *                │ no
 *                ├─ to a service ─► pick, translate, insert the pair ─► rewrite ─► deliver
 *                ├─ from or to a pod ─► insert a plain pair ─► the stack
 *                └─ else ─► the stack
 *
 * Plain flows between pods pass the stack by once they are established.
 */
#ifndef MILLRACE_PATH_H
#define MILLRACE_PATH_H

#include "ctx_tc.h"

#include "admit.h"
#include "deliver_tc.h"
#include "fragment.h"
#include "icmp_error.h"
#include "open.h"
#include "parse.h"
#include "reject.h"
#include "track.h"

/*
 * Headers that cannot be followed: dropped if they are for a ClusterIP, which has no other use. An
 * externalIP or a node's address may be somebody's own, and what is not for a service passes (S-058).
 */
static __always_inline int path_odd(struct __sk_buff *skb, const struct packet *pkt, int reason)
{
	struct svc *svc = svc_find(pkt->key.daddr, 0, 0);

	return svc && svc->flags & SVC_REJECT ? drop(skb, reason) : TC_ACT_UNSPEC;
}

static __always_inline int path_hit(struct __sk_buff *skb, enum hook hook, const struct packet *pkt,
                                    flow_t *flow)
{
	__u32 now = flow_now();

	if (!admit_device(skb, hook, &pkt->key, flow))
		return hook == HOOK_POD_IN ? drop(skb, DROP_WRONG_DEVICE) : TC_ACT_UNSPEC;
	if (flow->seen != now) {
		flow->seen = now;
		flow_refresh(&pkt->key, flow, skb->ifindex);
	}
	if (flow_needs_transition(pkt, flow))
		flow_transition(pkt, flow, admit_is_known(hook, flow));
	if (flow->flags & FLOW_PLAIN) {
		hook_mark_done(skb);
		return direct_applies(hook, pkt, flow) ? PATH_DIRECT : TC_ACT_UNSPEC;
	}
	return admit_later(hook, flow) ? TC_ACT_UNSPEC : PATH_DELIVER;
}

/* What the walk refuses to carry: answered where the sender can be told at once. */
static __always_inline int path_refuse(struct __sk_buff *skb, enum hook hook,
                                       const struct packet *pkt, int reason)
{
	if (reason == DROP_NO_ENDPOINT || reason == DROP_UNKNOWN_PORT)
		return reject(skb, hook, pkt, reason);
	return drop(skb, reason);
}

/* The frontend that serves a packet, met at this hook; NULL if its destination is none of ours. */
static __always_inline struct svc *path_service(enum hook hook, const struct packet *pkt)
{
	struct svc *svc = hook == HOOK_POD_OUT ? NULL : svc_find_packet(&pkt->key);

	return svc && (svc->flags & (SVC_ADDRESS | SVC_REJECT)) != SVC_ADDRESS ? svc : NULL;
}

static __always_inline int path_miss(struct __sk_buff *skb, enum hook hook,
                                     const struct packet *pkt, flow_t *flow)
{
	struct svc *svc = path_service(hook, pkt);
	int action, reason;

	if (svc) {
		reason = svc->flags & SVC_ADDRESS ? DROP_UNKNOWN_PORT
		                                  : open_service(skb, hook, pkt, svc, flow);
		return reason ? path_refuse(skb, hook, pkt, reason) : PATH_DELIVER;
	}
	if (hook != HOOK_POD_IN && hook != HOOK_POD_OUT)
		return TC_ACT_UNSPEC;
	action = track(skb, hook, pkt, flow);
	if (action == TC_ACT_UNSPEC)
		hook_mark_done(skb);
	return action;
}

/*
 * A plain flow to what has become a service since it began: a client that was there first is served, too
 * (S-163), also where somebody else has answered it so far, over UDP (S-161). Asked once a tick.
 */
static __always_inline bool path_is_overtaken(enum hook hook, const struct packet *pkt,
                                              const flow_t *flow)
{
	if (hook != HOOK_POD_IN || (flow->flags & (FLOW_PLAIN | FLOW_REPLY)) != FLOW_PLAIN ||
	    (flow->state != FLOW_STATE_NEW && pkt->key.proto != IPPROTO_UDP) ||
	    flow->seen == flow_now())
		return false;
	return path_service(hook, pkt);
}

/* A new beginning on an old entry that can stay, because it would be made again. */
static __always_inline bool path_is_again(const struct packet *pkt, flow_t *flow)
{
	return config.flags & CONFIG_DIRECT && flow->state == FLOW_STATE_CLOSED &&
	       (flow->flags & (FLOW_DIRECT | FLOW_REPLY)) == FLOW_DIRECT &&
	       !svc_find_packet(&pkt->key) && track_again(pkt, flow);
}

/* The flow to deliver by is a copy: the table may reuse an element once it is evicted. */
static __always_inline int path_flow(struct __sk_buff *skb, enum hook hook,
                                     const struct packet *pkt, flow_t *copy)
{
	flow_t *flow = flow_find(&pkt->key);
	int action;

	if (flow && flow_is_stale(pkt, flow) && !path_is_again(pkt, flow)) {
		if (pkt->key.proto == IPPROTO_UDP)
			count(COUNTER_FLOWS_RESTEERED);
		flow_forget(&pkt->key, flow);
		flow = NULL;
	} else if (flow && path_is_overtaken(hook, pkt, flow)) {
		flow_forget(&pkt->key, flow);
		flow = NULL;
	}
	if (!flow)
		return path_miss(skb, hook, pkt, copy);
	action = path_hit(skb, hook, pkt, flow);
	if (action == PATH_DELIVER || action == PATH_DIRECT)
		*copy = *flow;
	return action;
}

/*
 * A later fragment travels as the first one of its datagram did. Where that has not come by, it is as
 * any packet whose headers cannot be followed. It begins nothing and ends nothing. PATH_SEND with `copy`
 * filled in, or what becomes of it.
 */
static __noinline int path_fragment(struct __sk_buff *skb, enum hook hook, struct packet *pkt,
                                    flow_t *copy)
{
	flow_t *flow = fragment_recall(skb, hook, pkt) ? flow_find(&pkt->key) : NULL;
	int action;
	__u8 ttl;

	if (!flow)
		return path_odd(skb, pkt, DROP_FRAGMENT);
	action = path_hit(skb, hook, pkt, flow);
	if (action != PATH_DELIVER)
		return action;
	*copy = *flow;
	ttl = deliver_ttl(hook, pkt, copy);
	if (!ttl && deliver_forwards(hook, copy))
		return drop(skb, DROP_TTL);
	return rewrite_fragment(skb, pkt, copy, ttl) ? PATH_SEND : drop(skb, DROP_REWRITE);
}

static __always_inline int path_tc(struct __sk_buff *skb, enum hook hook)
{
	struct packet pkt = {};
	flow_t flow;
	int verdict;

	/* Told by the context alone: most packets that a program has nothing to do with end here. */
	if (skb->protocol != bpf_htons(FAMILY_ETHERTYPE) || hook_is_done(skb, hook))
		return TC_ACT_UNSPEC;
	if (!parse_is_family(skb))
		return TC_ACT_UNSPEC;
	/* Another machine's, seen because the device listens to everything. */
	if (hook == HOOK_UPLINK_IN && skb->pkt_type == PACKET_OTHERHOST_)
		return TC_ACT_UNSPEC;
	verdict = packet_parse(skb, &pkt);
	if (!verdict)
		verdict = path_flow(skb, hook, &pkt, &flow);
	else if (verdict == PARSE_FRAGMENT)
		verdict = path_fragment(skb, hook, &pkt, &flow);
	else if (verdict == PARSE_ICMP_ERROR)
		verdict = icmp_error(skb, hook, &pkt, &flow);
	else
		verdict = verdict < 0 ? TC_ACT_UNSPEC : path_odd(skb, &pkt, verdict);
	if (verdict == PATH_DIRECT)
		return deliver_direct(skb, hook, &pkt, &flow);
	if (verdict == PATH_DELIVER)
		verdict = deliver_translate(skb, hook, &pkt, &flow);
	if (__builtin_expect(pkt.fragment == FRAGMENT_FIRST, false))
		fragment_note(skb, hook, &pkt, verdict == PATH_SEND);
	return verdict == PATH_SEND ? deliver_send(skb, hook, &pkt, &flow) : verdict;
}

#endif
