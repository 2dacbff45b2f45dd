/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a packet means for its flow: a new beginning, a change of state, or nothing.
 *
 * Entries are written without locks. Two CPUs may update one entry at once: `seen`, `state` and
 * `flags` are each a single store that either CPU would make, so the worst outcome is a state that is
 * one packet late, and the next packet mends it.
 */
#ifndef MILLRACE_FLOW_STATE_H
#define MILLRACE_FLOW_STATE_H

#include "flow.h"
#include "packet.h"

/* The service side of a flow has gone: its endpoint was removed, or the id names another one now. */
static __always_inline bool flow_backend_gone(const flow_t *flow)
{
	__u32 id = flow->backend;
	backend_t *backend = bpf_map_lookup_elem(&BACKENDS, &id);

	return !backend || !(backend->flags & BACKEND_ACTIVE) || backend->gen != flow->backend_gen;
}

/*
 * True if the packet begins something new on an old entry, which then counts as missing:
 *  - SYN where the connection has ended, or where this side has said it ended;
 *  - SYN sent again while the endpoint that was chosen went away;
 *  - UDP to an endpoint that went away (rows S-160 … S-164). TCP goes on (S-033).
 */
static __always_inline bool flow_is_stale(const struct packet *pkt, const flow_t *flow)
{
	if (pkt->key.proto == IPPROTO_UDP)
		return flow->svc && !(flow->flags & FLOW_REPLY) && flow_backend_gone(flow);
	if (!packet_opens(pkt))
		return false;
	switch (flow->state) {
	case FLOW_STATE_CLOSED:
		return true;
	case FLOW_STATE_CLOSING:
		return flow->flags & FLOW_FIN;
	case FLOW_STATE_NEW:
	case FLOW_STATE_ANSWERED:
		return flow->svc && !(flow->flags & FLOW_REPLY) && flow_backend_gone(flow);
	default:
		return false;
	}
}

/* Whether nothing is to be looked after with this packet that is to be once a tick, or as a flow begins. */
static __always_inline bool flow_is_settled(const flow_t *flow, __u32 now)
{
	return flow->seen == now && flow->state == FLOW_STATE_ESTABLISHED;
}

/*
 * Ends a connection: both halves, the reply first, so that its port is free before its user is. The other
 * half's key is in a frame of its own: callers go on to the judge.
 */
static __noinline void flow_forget(const flow_key_t *key, const flow_t *flow)
{
	flow_key_t peer;

	flow_peer_key(flow, key->proto, &peer);
	bpf_map_delete_elem(&FLOWS, &peer);
	bpf_map_delete_elem(&FLOWS, key);
}

static __always_inline void flow_set_state(flow_t *flow, flow_t *peer, __u8 state)
{
	flow->state = state;
	if (peer)
		peer->state = state;
}

/*
 * A flow that is to pass the stack by must be seen three times as it is, by hooks that would deliver
 * it: its first packet, the answer, and what the opener says to that. Else somebody translates it on
 * its way, as the host's masquerading does, or one direction does not come by here and the host's
 * connection tracking would see half of it. Nor may one that ends before, which netfilter may have
 * refused.
 */
static __always_inline void flow_doubt(const struct packet *pkt, flow_t *flow, flow_t *peer,
                                       bool known)
{
	if (known && !(pkt->tcp_flags & (TCP_RST | TCP_FIN)))
		return;
	if (flow->state != FLOW_STATE_NEW && flow->state != FLOW_STATE_ANSWERED)
		return;
	flow->flags &= ~FLOW_DIRECT;
	if (peer)
		peer->flags &= ~FLOW_DIRECT;
}

/*
 * What the packet means for the connection, both of whose halves are told, if there is another one. `known`: it
 * was met where packets of this half come in (admit_is_known).
 */
static __always_inline void flow_follow(const struct packet *pkt, flow_t *flow, flow_t *peer,
                                        bool known)
{
	if (flow->flags & FLOW_DIRECT)
		flow_doubt(pkt, flow, peer, known);
	if (pkt->tcp_flags & TCP_RST) {
		flow_set_state(flow, peer, FLOW_STATE_CLOSED);
	} else if (pkt->tcp_flags & TCP_FIN) {
		flow->flags |= FLOW_FIN;
		flow_set_state(flow, peer,
		               peer && peer->flags & FLOW_FIN ? FLOW_STATE_CLOSED
		                                              : FLOW_STATE_CLOSING);
	} else if (flow->state == FLOW_STATE_NEW &&
	           (proto_has_states(pkt->key.proto) || flow->flags & FLOW_DIRECT)) {
		flow_set_state(flow, peer, FLOW_STATE_ANSWERED);
	} else {
		flow_set_state(flow, peer, FLOW_STATE_ESTABLISHED);
	}
}

/* Out of line: a few packets of a connection matter. */
static __noinline void flow_transition(const struct packet *pkt, flow_t *flow, bool known)
{
	flow_key_t key;

	flow_peer_key(flow, pkt->key.proto, &key);
	flow_follow(pkt, flow, flow_find(&key), known);
}

/* The next step of a handshake: the answer, and what the opener says to that. */
static __always_inline bool flow_advances(const struct packet *pkt, const flow_t *flow)
{
	bool reply = flow->flags & FLOW_REPLY;

	if (flow->state == FLOW_STATE_NEW)
		return reply;
	return flow->state == FLOW_STATE_ANSWERED && !reply && !packet_opens(pkt);
}

static __always_inline bool flow_needs_transition(const struct packet *pkt, const flow_t *flow)
{
	return pkt->tcp_flags & (TCP_FIN | TCP_RST) ||
	       (flow->state != FLOW_STATE_ESTABLISHED && flow_advances(pkt, flow));
}

#endif
