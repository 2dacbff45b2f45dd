/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The walk of a made packet, told step by step, with nothing left behind: the decisions are those of the
 * hooks, line by line, and what would write is not called. The maps that are not pinned, as room's
 * cells of a CPU, are this object's own, and go with it; statistics go where nobody reads them.
 */
#ifndef MILLRACE_TRACE_H
#define MILLRACE_TRACE_H

#define counters trace_counters
#define drops    trace_drops
#define events   trace_events

/* Each verdict names its rule. */
#define JUDGE_TELLS GUARD_TELL_ALLOWED

#include "path.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct trace);
} trace SEC(".maps");

#define TRACE_FLOWS CAT(trace_flow, IPV)

/* The flow of the packet that is asked about. Here for the stack's sake: the chain to open_flow is long. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, flow_t);
} TRACE_FLOWS SEC(".maps");

/* What the packet is when it leaves. */
static __always_inline void trace_tuple(struct trace *t, const flow_t *flow)
{
	event_write_ip(&t->saddr, &flow->saddr);
	event_write_ip(&t->daddr, &flow->daddr);
	t->sport = flow->sport;
	t->dport = flow->dport;
	t->flags = flow->flags;
}

/* A flow that is there, and that the packet does not replace. Its copy, so that nothing is noted in it. */
static __always_inline bool trace_known(enum hook hook, const struct packet *pkt, flow_t *copy,
                                        struct trace *t)
{
	flow_t *flow = flow_find(&pkt->key);

	if (!flow || flow_is_stale(pkt, flow) || path_is_overtaken(hook, pkt, flow) ||
	    (!(flow->flags & FLOW_ADOPTED) && judge_is_vague(flow) && judge_asks(pkt, flow, false)))
		return false;
	*copy = *flow;
	t->steps |= TRACE_FLOW | (flow->backend ? TRACE_BACKEND : 0);
	t->state = flow->state;
	t->svc.id = flow->svc;
	t->backend = flow->backend;
	return true;
}

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

/* Whether the reply tuple is another flow's, so that the source port has to change. */
static __always_inline bool trace_is_taken(const flow_t *flow, __u8 proto)
{
	flow_key_t reply_key;
	flow_t *taken;

	flow_peer_key(flow, proto, &reply_key);
	taken = flow_find(&reply_key);
	return taken && !pair_is_over(&reply_key, taken);
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
	reason = open_flow(skb, hook, &pkt->key, &choice, flow);
	if (!reason && (flow->flags & FLOW_SNAT || trace_is_taken(flow, pkt->key.proto)))
		t->steps |= TRACE_PORT;
	return reason;
}

static __always_inline void trace_verdict(struct trace_verdict *to, const struct verdict *v)
{
	to->set = v->set;
	to->rule = v->set ? v->rule : EVENT_NO_RULE;
	to->kind = v->set ? v->kind : EVENT_ALLOWED;
}

/*
 * What policies say. 0, or why the connection may not be. An established flow is asked about as well, but is
 * bound by the answer only if the hook would ask.
 */
static __always_inline int trace_judge(struct __sk_buff *skb, enum hook hook, const flow_key_t *key,
                                       flow_t *flow, struct trace *t)
{
	bool binds = !(t->steps & TRACE_FLOW) || judge_is_due(flow);
	__u32 zero = 0;
	struct judgement *j = bpf_map_lookup_elem(&JUDGEMENTS, &zero);
	int reason;

	if (!j || !guard_is_on())
		return 0;
	if (t->steps & TRACE_FLOW && !judge_is_first(hook, flow))
		judge_adopt(key, flow);
	reason = judge(skb, hook, key, flow);
	if (subject_find(&j->client))
		t->steps |= TRACE_EGRESS;
	/* Who may not leave is not asked about where he comes to. */
	if (reason != DROP_POLICY_EGRESS && subject_find(&j->server))
		t->steps |= TRACE_INGRESS;
	if (j->own_node)
		t->steps |= TRACE_OWN_NODE;
	trace_verdict(&t->egress, &j->egress);
	trace_verdict(&t->ingress, &j->ingress);
	return binds ? reason : 0;
}

/* Where the routing table leads: told, not done. */
static __always_inline int trace_route(struct __sk_buff *skb, const struct packet *pkt,
                                       const flow_t *flow, struct trace *t)
{
	struct bpf_fib_lookup fib;

	fib_fill(&fib, flow, pkt->key.proto, skb->ifindex);
	t->steps |= TRACE_ROUTE;
	t->route = bpf_fib_lookup(skb, &fib, sizeof(fib), 0);
	t->out_ifindex = fib.ifindex;
#if IPV == 4
	event_write_ip(&t->next_hop, &fib.ipv4_dst);
#else
	__builtin_memcpy(&t->next_hop, fib.ipv6_dst, sizeof(t->next_hop));
#endif
	if (t->route == BPF_FIB_LKUP_RET_SUCCESS)
		__builtin_memcpy(t->mac, fib.dmac, sizeof(t->mac));
	switch (t->route) {
	case BPF_FIB_LKUP_RET_BLACKHOLE:
	case BPF_FIB_LKUP_RET_UNREACHABLE:
	case BPF_FIB_LKUP_RET_PROHIBIT:
		return DROP_NO_ROUTE;
	default:
		return 0;
	}
}

/* The way out. 0, or why there is none. */
static __always_inline int trace_deliver(struct __sk_buff *skb, enum hook hook,
                                         const struct packet *pkt, const flow_t *flow,
                                         struct trace *t)
{
	int reason = deliver_obstacle(pkt, flow);

	if (reason)
		return reason;
	if (flow->flags & FLOW_HOST) {
		t->way = TRACE_HOST;
	} else if (flow->flags & FLOW_PLAIN || deliver_is_in_place(hook, flow)) {
		t->way = TRACE_STACK;
		trace_route(skb, pkt, flow, t);
	} else if (flow->flags & FLOW_LOCAL) {
		t->way = TRACE_POD;
		t->out_ifindex = flow->out_ifindex;
	} else {
		t->way = TRACE_WIRE;
		reason = trace_route(skb, pkt, flow, t);
	}
	return reason;
}

#endif
