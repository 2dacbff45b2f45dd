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
#include "open.h"
#include "rewrite_xdp.h"

/* Halves whose packets end or begin on this node, or that another hook translates. */
#define FLOW_NOT_XDP (FLOW_PLAIN | FLOW_STACK | FLOW_LOCAL | FLOW_HOST)

/*
 * A packet that begins something new; `old` is what its tuple stood for before, if anything.
 * PATH_DELIVER with `flow` filled in, or what becomes of the packet. Refusals that are answered are TC's.
 */
static __always_inline int path_open(ctx_t *xdp, const struct packet *pkt, const flow_t *old,
                                     flow_t *flow)
{
	struct ethhdr *eth = packet_at(xdp, 0, sizeof(*eth));
	struct svc *svc = svc_find_packet(&pkt->key);
	int reason;

	if (!svc || svc->flags & SVC_ADDRESS || !eth || !deliver_is_ours(xdp, eth))
		return XDP_PASS;
	if (old) {
		if (pkt->key.proto == IPPROTO_UDP)
			count(COUNTER_FLOWS_RESTEERED);
		flow_forget(&pkt->key, old);
	}
	reason = open_service(xdp, HOOK_UPLINK_IN, pkt, svc, flow);
	if (!reason)
		return PATH_DELIVER;
	return reason == DROP_NO_ENDPOINT ? XDP_PASS : drop(xdp, reason);
}

/* What a packet that is sent means for its flow. `copy` is of before. */
static __always_inline void path_touch(ctx_t *xdp, const struct packet *pkt, flow_t *flow,
                                       flow_t *copy)
{
	__u32 now = flow_now();

	if (copy->seen != now) {
		flow->seen = now;
		copy->seen = now;
		flow_refresh(&pkt->key, copy, ctx_ifindex(xdp));
	}
	if (flow_needs_transition(pkt, flow))
		flow_transition(pkt, flow);
}

static __always_inline int path_xdp(ctx_t *xdp)
{
	struct packet pkt = {};
	flow_t *flow, copy;
	int action;

	if (!packet_parse(xdp, &pkt))
		return XDP_PASS;
	flow = flow_find(&pkt.key);
	if (flow && !flow_is_stale(&pkt, flow)) {
		copy = *flow;
		if (!admit_device(xdp, HOOK_UPLINK_IN, &pkt.key, flow))
			return XDP_PASS;
	} else {
		action = path_open(xdp, &pkt, flow, &copy);
		if (action != PATH_DELIVER)
			return action;
		flow = NULL;
	}
	if (copy.flags & FLOW_NOT_XDP)
		return XDP_PASS;
	action = deliver_xdp(xdp, &pkt, &copy);
	if (action == XDP_PASS)
		return XDP_PASS;
	if (flow)
		path_touch(xdp, &pkt, flow, &copy);
	if (!rewrite_xdp(xdp, &pkt, &copy))
		return drop(xdp, DROP_REWRITE);
	count(COUNTER_TRANSLATED);
	return action;
}

#endif
