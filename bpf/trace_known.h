/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The flow that a made packet goes by: see path_entry.h, judge_known.h and path_hit.h. */
#ifndef MILLRACE_TRACE_KNOWN_H
#define MILLRACE_TRACE_KNOWN_H

#include "trace.h"

/* What policies say of a flow that is there; the answer binds only if the hook would ask. */
static __always_inline int trace_judge_known(struct __sk_buff *skb, enum hook hook,
                                             const flow_key_t *key, flow_t *flow, struct trace *t)
{
	bool binds = judge_is_due(flow);
	int reason;

	if (!judge_is_first(hook, flow) && !judge_is_strange(skb, hook, flow))
		judge_adopt(key, flow);
	reason = trace_judge(skb, hook, key, flow, t);
	return binds ? reason : 0;
}

/*
 * What may begin something on an entry that is there: PATH_ANEW if it does. 0, or why the packet ends here.
 * `copy` is what is judged; `heard`: it was, for itself.
 */
static __always_inline int trace_begins(struct __sk_buff *skb, enum hook hook,
                                        const struct packet *pkt, const flow_t *flow, flow_t *copy,
                                        struct trace *t, bool *heard)
{
	bool over = flow_is_stale(pkt, flow), asks = judge_asks(pkt, flow, over);
	int reason;

	if (!(flow->flags & FLOW_ADOPTED) && (asks || !(over || pkt->tcp_flags & TCP_SYN))) {
		reason = judge_again(skb, hook, &pkt->key, flow, copy);
		trace_heard(reason, t);
		*heard = true;
		if (reason)
			return reason;
		over |= asks && judge_is_vague(flow) && !(pkt->tcp_flags & TCP_RST);
	}
	return over ? PATH_ANEW : 0;
}

/* The half that the hook would put back from the other one, where only that is left. */
static __always_inline bool trace_heal(const flow_key_t *key, flow_t *copy)
{
	flow_key_t peer_key;
	flow_t *peer;

	flow_turned_key(key, &peer_key);
	peer = flow_find(&peer_key);
	if (!peer || !(peer->flags & FLOW_PLAIN))
		return false;
	flow_answer(&peer_key, peer, endpoint_source(peer->daddr, flow_unknown_source(peer)), 0,
	            copy);
	return true;
}

static __always_inline void trace_found(const flow_t *flow, struct trace *t)
{
	t->steps |= TRACE_FLOW | (flow->backend ? TRACE_BACKEND : 0);
	t->state = flow->state;
	t->svc.id = flow->svc;
	t->backend = flow->backend;
}

/*
 * The flow that the packet goes by, in `copy`, so that nothing is noted in it. 0, or why the packet ends here;
 * PATH_ANEW if it goes by none.
 */
static __always_inline int trace_known(struct __sk_buff *skb, enum hook hook,
                                       const struct packet *pkt, flow_t *copy, struct trace *t)
{
	flow_t *flow = flow_find(&pkt->key);
	bool heard = false;
	int reason = 0;

	if (flow && path_may_begin(skb, hook, pkt, flow)) {
		reason = trace_begins(skb, hook, pkt, flow, copy, t, &heard);
		if (reason)
			return reason;
	}
	if (flow && path_is_overtaken(hook, pkt, flow))
		return PATH_ANEW;
	if (flow)
		*copy = *flow;
	else if (!path_may_answer(hook, pkt) || !trace_heal(&pkt->key, copy))
		return PATH_ANEW;
	trace_found(copy, t);
	if (copy->flags & FLOW_ADOPTED)
		return 0;
	/* What was judged for itself is not what policies say of its flow. */
	if (!heard || judge_is_due(copy))
		reason = trace_judge_known(skb, hook, &pkt->key, copy, t);
	if (!reason || !path_may_part(pkt, copy))
		return reason;
	__builtin_memset(t, 0, sizeof(*t));
	return PATH_ANEW;
}

/* A flow that is there, as the hook would find it to be carried: 0, PATH_LOOSE if not by us, or why it ends. */
static __always_inline int trace_hit(struct __sk_buff *skb, enum hook hook,
                                     const struct packet *pkt, flow_t *flow)
{
	if (!admit_device(skb, hook, &pkt->key, flow))
		return hook == HOOK_POD_IN ? DROP_WRONG_DEVICE : PATH_LOOSE;
	if (hook == HOOK_POD_IN && flow->in_ifindex == IFINDEX_ANY && guard_is_on() &&
	    guard_is_spoofed(skb, &pkt->key.saddr))
		return DROP_SPOOFED;
	if (flow->seen != flow_now())
		flow_follow_pod(flow);
	if (flow_needs_transition(pkt, flow))
		flow_follow(pkt, flow, NULL, admit_is_known(hook, flow));
	return !(flow->flags & FLOW_PLAIN) && admit_later(hook, flow) ? PATH_LOOSE : 0;
}

#endif
