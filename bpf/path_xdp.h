/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The walk of a packet in XDP: the same as path.h's for what XDP can finish, which is to send it out of
 * an uplink again. Every other packet goes up as it came, and TC finishes it from the same flow entry.
 *
 *   parse ─► flow known ─► next hop ─► state, ageing ─► rewrite ─► transmit
 *                │ no         ▲
 *                └─ to a service ─► pick, insert the pair
 *
 * What goes up leaves no trace here, so that TC counts it and ages its flow. Only the pair of a new
 * connection is made for TC to find: the choice of a backend is made once.
 */
#ifndef MILLRACE_PATH_XDP_H
#define MILLRACE_PATH_XDP_H

#include "ctx_xdp.h"

#include "admit.h"
#include "deliver_xdp.h"
#include "event.h"
#include "judge_xdp.h"
#include "open.h"
#include "rewrite_xdp.h"
#include "serving.h"
#include "uplink_xdp.h"

/* Halves whose packets end or begin on this node, or that another hook translates. */
#define FLOW_NOT_XDP (FLOW_PLAIN | FLOW_STACK | FLOW_LOCAL | FLOW_HOST | FLOW_OWN_NODE)

/* The service that the packet asks; NULL where only an address matches. */
static __always_inline struct svc *path_service(const struct packet *pkt)
{
	struct svc *svc = svc_find_packet(&pkt->key);

	return svc && !(svc->flags & SVC_ADDRESS) ? svc : NULL;
}

/* A packet without a flow, or with one that is over. Refusals that are answered are TC's. */
static __always_inline int path_open_xdp(ctx_t *xdp)
{
	struct ethhdr *eth = packet_at(xdp, 0, sizeof(*eth));
	struct packet pkt = {};
	flow_t *old, flow;
	struct svc *svc;
	int reason;

	if (!eth || !deliver_is_ours(xdp, eth) || !packet_parse(xdp, &pkt))
		return XDP_PASS;
	svc = path_service(&pkt);
	if (!svc || serving_is_held())
		return XDP_PASS;
	old = flow_find(&pkt.key);
	if (old) {
		if (!flow_is_stale(&pkt, old))
			return XDP_KNOWN;
		if (pkt.key.proto == IPPROTO_UDP)
			count(COUNTER_FLOWS_RESTEERED);
		flow_forget(&pkt.key, old);
	}
	reason = open_service(xdp, HOOK_UPLINK_IN, &pkt, svc, &flow);
	if (!reason)
		return XDP_KNOWN;
	return reason == DROP_NO_ENDPOINT ? XDP_PASS : drop_packet(xdp, &pkt.key, reason);
}

/* Whether the entry is still that of `copy`: the table may have given its place to another flow. */
static __always_inline bool path_is_same(const flow_t *flow, const flow_t *copy)
{
	return ip_equal(flow->saddr, copy->saddr) && ip_equal(flow->daddr, copy->daddr) &&
	       flow->sport == copy->sport && flow->dport == copy->dport;
}

/* What a packet that is sent means for its flow. `copy` is of before. */
static __always_inline void path_touch(ctx_t *xdp, const struct packet *pkt, flow_t *flow,
                                       const flow_t *copy, __u32 now)
{
	if (copy->seen != now && path_is_same(flow, copy)) {
		flow->seen = now;
		flow_refresh(&pkt->key, flow, ctx_ifindex(xdp));
	}
	if (flow_needs_transition(pkt, flow))
		flow_transition(pkt, flow, true);
}

/* A packet of a known flow: all that most packets need, in one frame. */
static __always_inline int path_xdp(ctx_t *xdp)
{
	struct packet pkt = {};
	flow_t *flow, copy;
	int action;
	__u32 now;

	if (!packet_parse(xdp, &pkt))
		return XDP_PASS;
	flow = flow_find(&pkt.key);
	if (!flow || flow_is_stale(&pkt, flow))
		return path_service(&pkt) ? XDP_OPEN : XDP_PASS;
	copy = *flow;
	if (copy.flags & FLOW_NOT_XDP || !admit_device(xdp, HOOK_UPLINK_IN, &pkt.key, flow))
		return XDP_PASS;
	now = flow_now_by_jiffies();
	pkt.settled = flow_is_settled(&copy, now);
	action = deliver_xdp(xdp, &pkt, &copy);
	if (action == XDP_PASS)
		return XDP_PASS;
	path_touch(xdp, &pkt, flow, &copy, now);
	if (!rewrite_xdp(xdp, &pkt, &copy))
		return drop(xdp, DROP_REWRITE);
	count(COUNTER_TRANSLATED);
	return action;
}

#endif
