/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The walk of a packet, the same at every tc hook:
 *
 *   parse ─► flow known ─► state, ageing ─► rewrite ─► deliver
 *                │ no
 *                ├─ to a service ─► pick, translate, insert the pair ─► rewrite ─► deliver
 *                ├─ … that is left to somebody else (serving.h) ─► insert a plain pair ─► the stack
 *                ├─ from or to a pod ─► insert a plain pair ─► the stack
 *                └─ else ─► the stack
 *
 * Plain flows between pods pass the stack by once they are established.
 */
#ifndef MILLRACE_PATH_H
#define MILLRACE_PATH_H

#include "ctx_tc.h"

#include "deliver_tc.h"
#include "judge_known.h"
#include "open.h"
#include "parse.h"
#include "path_beside.h"
#include "serving.h"

/* IGMP: who wants to hear a group says so on the link, and is asked, as by MLD. */
static __always_inline bool path_is_membership(const struct packet *pkt)
{
	return IPV == 4 && pkt->key.proto == IPPROTO_IGMP && ip_is_group(pkt->key.daddr);
}

/*
 * What belongs to no flow and begins none. At a pod's device it is judged as it goes, without ports where
 * it has none; at an uplink only what is closed is looked at.
 */
static __noinline int path_loose(struct __sk_buff *skb, enum hook hook, const struct packet *pkt,
                                 flow_t *flow)
{
	int reason;

	if (!guard_is_on() || path_is_membership(pkt))
		return TC_ACT_UNSPEC;
	if (hook == HOOK_UPLINK_IN || hook == HOOK_UPLINK_OUT) {
		reason = guard_uplink(skb, hook, &pkt->key);
		return reason ? path_refuse(skb, hook, pkt, reason) : TC_ACT_UNSPEC;
	}
	track_fill(skb, hook, pkt, flow);
	if (!pkt->key.dport)
		flow->flags &= ~FLOW_MIDFLOW;
	reason = judge(skb, hook, &pkt->key, flow);
	if (reason)
		return path_refuse(skb, hook, pkt, reason);
	path_mark(skb, hook);
	return TC_ACT_UNSPEC;
}

/* Pods find the neighbours on their own link, whatever policies say (S25). Further away there are none. */
static __always_inline bool path_is_on_link(const struct packet *pkt)
{
	struct endpoint *endpoint;

	if (ip_is_group(pkt->key.daddr) || ip_is_link_local(pkt->key.daddr))
		return true;
	endpoint = endpoint_find(pkt->key.daddr);
	return endpoint && !endpoint->ifindex;
}

/*
 * To a service that somebody else serves on this node: remembered, so that it stays with him once we do.
 * It is neither judged nor marked as handled: behind him another hook meets it, with the address of its
 * backend. Here at an uplink, out of line for the stack's sake.
 */
static __noinline int path_leave(struct __sk_buff *skb, enum hook hook, const struct packet *pkt,
                                 flow_t *flow)
{
	int reason = guard_is_on() ? guard_uplink(skb, hook, &pkt->key) : 0;

	if (reason)
		return drop_packet(skb, &pkt->key, reason);
	track_fill(skb, hook, pkt, flow);
	flow->flags |= FLOW_ADOPTED;
	if (!ip_is_group(pkt->key.daddr) && !(pkt->tcp_flags & TCP_RST) && room_take(ROOM_PLAIN))
		track_plain(skb, hook, pkt, flow);
	return TC_ACT_UNSPEC;
}

/* What policies say of what begins at a pod; `held`: with a service that somebody else serves. */
static __always_inline int path_let(struct __sk_buff *skb, enum hook hook, const struct packet *pkt,
                                    flow_t *flow, bool held)
{
	if (!held)
		return judge(skb, hook, &pkt->key, flow);
	flow->flags |= FLOW_ADOPTED;
	if (!guard_is_on())
		return 0;
	if (guard_is_closed(&pkt->key.saddr))
		return DROP_UNGUARDED;
	return hook == HOOK_POD_IN && guard_is_spoofed(skb, &pkt->key.saddr) ? DROP_SPOOFED : 0;
}

static __always_inline int path_miss(struct __sk_buff *skb, enum hook hook,
                                     const struct packet *pkt, flow_t *flow)
{
	struct svc *svc;
	int action, reason;
	bool held;

	if (guard_is_on())
		judge_expect(hook, &pkt->key);
	svc = path_service(hook, pkt);
	held = svc && serving_is_held();
	if (svc && !held) {
		reason = svc->flags & SVC_ADDRESS ? DROP_UNKNOWN_PORT
		                                  : open_service(skb, hook, pkt, svc, flow);
		return reason ? path_refuse(skb, hook, pkt, reason) : PATH_DELIVER;
	}
	if (hook != HOOK_POD_IN && hook != HOOK_POD_OUT)
		return held ? path_leave(skb, hook, pkt, flow) : PATH_LOOSE;
	track_fill(skb, hook, pkt, flow);
	reason = path_let(skb, hook, pkt, flow, held);
	if (reason)
		return path_refuse(skb, hook, pkt, reason);
	action = track(skb, hook, pkt, flow);
	if (action == TC_ACT_UNSPEC && !held)
		path_mark(skb, hook);
	return action;
}

/* The flow to deliver by is a copy: the table may reuse an element once it is evicted. */
static __always_inline int path_flow(struct __sk_buff *skb, enum hook hook,
                                     const struct packet *pkt, flow_t *copy)
{
	flow_t *flow = flow_find(&pkt->key);
	int action, reason;

	if (flow && path_may_begin(skb, hook, pkt, flow)) {
		reason = path_begins(skb, hook, pkt, flow, copy);
		if (reason == PATH_ANEW)
			flow = NULL;
		else if (reason)
			return path_deny(skb, hook, pkt, flow, reason);
	}
	if (flow && path_is_overtaken(hook, pkt, flow)) {
		flow_forget(&pkt->key, flow);
		flow = NULL;
	}
	if (!flow && path_may_answer(hook, pkt))
		flow = track_heal(&pkt->key, skb->ifindex);
	if (flow && judge_is_due(flow) && !(flow->flags & FLOW_ADOPTED)) {
		reason = judge_known(skb, hook, &pkt->key, flow);
		if (reason && !path_parts(pkt, flow))
			return path_deny(skb, hook, pkt, flow, reason);
		if (reason)
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
 * A frame with a VLAN tag, from a pod: the kernel takes one of VLAN 0 for a frame without, once our programs have
 * left it alone, and a bridge brings others to pods that have the VLAN. Pods' devices carry no VLANs
 * of this node's, so under policies none passes.
 */
static __always_inline int path_tagged(struct __sk_buff *skb, enum hook hook, struct packet *pkt)
{
	if (hook != HOOK_POD_IN || !guard_is_on())
		return TC_ACT_UNSPEC;
	/* For its addresses, which are told. */
	if (skb->protocol == bpf_htons(FAMILY_ETHERTYPE))
		parse_l3(skb, pkt);
	return drop_packet(skb, &pkt->key, DROP_TAGGED);
}

static __always_inline int path_tc(struct __sk_buff *skb, enum hook hook)
{
	struct packet pkt = {};
	flow_t flow;
	int verdict;

	/* Told by the context alone: most packets that a program has nothing to do with end here. */
	if (skb->protocol != bpf_htons(FAMILY_ETHERTYPE))
		return parse_is_stacked(skb) ? path_tagged(skb, hook, &pkt) : TC_ACT_UNSPEC;
	if (hook_is_done(skb, hook) && !path_is_moved(skb, hook))
		return TC_ACT_UNSPEC;
	if (!parse_is_family(skb))
		return skb->vlan_present ? path_tagged(skb, hook, &pkt) : TC_ACT_UNSPEC;
	/* Another machine's, seen because the device listens to everything. */
	if (hook == HOOK_UPLINK_IN && skb->pkt_type == PACKET_OTHERHOST_)
		return TC_ACT_UNSPEC;
	verdict = packet_parse(skb, &pkt);
	if (!verdict)
		verdict = path_flow(skb, hook, &pkt, &flow);
	else if (verdict == PARSE_FRAGMENT)
		verdict = path_fragment(skb, hook, &pkt, &flow, false);
	else if (verdict == PARSE_ICMP_ERROR)
		verdict = path_error(skb, hook, &pkt, &flow);
	else if (verdict == PARSE_NEIGHBOUR && path_is_on_link(&pkt))
		return TC_ACT_UNSPEC;
	else
		verdict = verdict < 0 ? PATH_LOOSE : path_odd(skb, &pkt, verdict);
	/* A later fragment's flow, here for the stack's sake. */
	if (__builtin_expect(verdict == PATH_JUDGE, false))
		verdict = path_judge(skb, hook, hook, &pkt)
		                  ?: path_fragment(skb, hook, &pkt, &flow, true);
	if (verdict == PATH_LOOSE)
		verdict = path_loose(skb, hook, &pkt, &flow);
	if (verdict == PATH_DIRECT)
		return deliver_direct(skb, hook, &pkt, &flow);
	if (verdict == PATH_DELIVER)
		verdict = deliver_translate(skb, hook, &pkt, &flow);
	if (__builtin_expect(pkt.fragment == FRAGMENT_FIRST, false))
		fragment_note(skb, hook, &pkt, path_is_followed(skb, &pkt, verdict));
	return verdict == PATH_SEND ? deliver_send(skb, hook, &pkt, &flow) : verdict;
}

#endif
