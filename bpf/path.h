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

#include "admit.h"
#include "deliver_tc.h"
#include "fragment.h"
#include "icmp_error.h"
#include "judge_known.h"
#include "open.h"
#include "parse.h"
#include "path_entry.h"
#include "serving.h"

/*
 * Headers that cannot be followed: dropped if they are for a ClusterIP, which has no other use. An
 * externalIP or a node's address may be somebody's own, and what is not for a service passes (S-058).
 */
static __always_inline int path_odd(struct __sk_buff *skb, const struct packet *pkt, int reason)
{
	struct svc *svc = svc_find(pkt->key.daddr, 0, 0);

	return svc && svc->flags & SVC_REJECT && !serving_is_held()
	               ? drop_packet(skb, &pkt->key, reason)
	               : PATH_LOOSE;
}

/*
 * What goes on to the stack as it came. What is known and comes by an uplink answers what a pod has sent: no NAT
 * leads that elsewhere.
 */
static __always_inline void path_mark(struct __sk_buff *skb, enum hook hook)
{
	if (hook == HOOK_UPLINK_IN)
		hook_mark_done(skb);
	else
		hook_mark_seen(skb);
}

static __always_inline int path_hit(struct __sk_buff *skb, enum hook hook, const struct packet *pkt,
                                    flow_t *flow)
{
	__u32 now = flow_now_by_jiffies();

	if (!admit_device(skb, hook, &pkt->key, flow))
		return hook == HOOK_POD_IN ? drop_packet(skb, &pkt->key, DROP_WRONG_DEVICE)
		                           : TC_ACT_UNSPEC;
	/* Else the device was bound to the source when the flow was made. */
	if (hook == HOOK_POD_IN && flow->in_ifindex == IFINDEX_ANY && guard_is_on() &&
	    guard_is_spoofed(skb, &pkt->key.saddr))
		return drop_packet(skb, &pkt->key, DROP_SPOOFED);
	if (flow->seen != now) {
		flow->seen = now;
		flow_refresh(&pkt->key, flow, skb->ifindex);
		if (hook == HOOK_POD_IN)
			sender_note(skb, &pkt->key.saddr);
	}
	if (flow_needs_transition(pkt, flow))
		flow_transition(pkt, flow, admit_is_known(hook, flow));
	if (flow->flags & FLOW_PLAIN) {
		/* Translated behind this hook: the next one is to look at it as well. */
		if (flow->flags & FLOW_ADOPTED)
			return TC_ACT_UNSPEC;
		path_mark(skb, hook);
		return direct_applies(hook, pkt, flow) ? PATH_DIRECT : TC_ACT_UNSPEC;
	}
	return admit_later(hook, flow) ? TC_ACT_UNSPEC : PATH_DELIVER;
}

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
 * A later fragment travels as the first one of its datagram did. Where that has not come by, it is as
 * any packet whose headers cannot be followed. It begins nothing and ends nothing. PATH_SEND with `copy`
 * filled in, or what becomes of it; PATH_JUDGE unless its flow has been `judged`.
 */
static __noinline int path_fragment(struct __sk_buff *skb, enum hook hook, struct packet *pkt,
                                    flow_t *copy, bool judged)
{
	flow_t *flow = fragment_recall(skb, hook, pkt) ? flow_find(&pkt->key) : NULL;
	int action;
	__u8 ttl;

	if (!flow)
		return path_odd(skb, pkt, DROP_FRAGMENT);
	if (!judged && judge_is_due(flow))
		return PATH_JUDGE;
	action = path_hit(skb, hook, pkt, flow);
	if (action != PATH_DELIVER)
		return action;
	*copy = *flow;
	ttl = deliver_ttl(hook, pkt, copy);
	if (!ttl && deliver_forwards(hook, copy))
		return drop_packet(skb, &pkt->key, DROP_TTL);
	return rewrite_fragment(skb, pkt, copy, ttl) ? PATH_SEND : drop(skb, DROP_REWRITE);
}

/* A flow to a service that somebody else translates: its fragments must not be taken for ours. */
static __always_inline bool path_is_adopted(const struct packet *pkt)
{
	flow_t *flow = flow_find(&pkt->key);

	return flow && flow->flags & FLOW_ADOPTED;
}

/*
 * Whether later fragments follow this first one. Policies must know the ports of plain ones, too: those
 * that were let through are marked as handled.
 */
static __always_inline bool path_is_followed(struct __sk_buff *skb, const struct packet *pkt,
                                             int verdict)
{
	if (verdict != TC_ACT_UNSPEC)
		return verdict == PATH_SEND;
	return (hook_is_marked(skb) && guard_is_on()) || path_is_adopted(pkt);
}

/* Judges the flow that the packet's key is of, as if met at `met`. 0, or what becomes of the packet. */
static __always_inline int path_judge(struct __sk_buff *skb, enum hook hook, enum hook met,
                                      const struct packet *pkt)
{
	flow_t *flow = flow_find(&pkt->key);
	int reason;

	/* Of an error the hook does not say which way its flow's packets come. */
	if (flow && met != hook && !judge_is_first(met, flow))
		judge_adopt(&pkt->key, flow);
	reason = flow ? judge_known(skb, met, &pkt->key, flow) : 0;
	return reason ? path_refuse(skb, hook, pkt, reason) : 0;
}

/*
 * An ICMP error goes with the flow that it is about. That is judged first if it is due, as one is that XDP has
 * carried alone so far; who complains has not opened it, whatever the hook says of first packets.
 */
static __always_inline int path_error(struct __sk_buff *skb, enum hook hook, struct packet *pkt,
                                      flow_t *copy)
{
	int action = error_is_due(skb, pkt, copy) ? path_judge(skb, hook, HOOK_UPLINK_IN, pkt) : 0;

	return action ?: icmp_error(skb, hook, pkt, copy);
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
