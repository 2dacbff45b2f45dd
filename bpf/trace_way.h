/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a made packet leaves to: see deliver_tc.h. */
#ifndef MILLRACE_TRACE_WAY_H
#define MILLRACE_TRACE_WAY_H

#include "trace.h"

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

/* To another machine. 0, or why that is not possible. */
static __always_inline int trace_wire(struct __sk_buff *skb, enum hook hook,
                                      const struct packet *pkt, const flow_t *flow, struct trace *t)
{
	int reason = trace_route(skb, pkt, flow, t);

	t->way = TRACE_WIRE;
	if (reason && flow->flags & FLOW_PLAIN)
		reason = 0;
	else if (reason || t->route == BPF_FIB_LKUP_RET_SUCCESS ||
	         t->route == BPF_FIB_LKUP_RET_NO_NEIGH)
		return reason;
	/* The stack tells the sender, or knows another way. */
	if (hook_is_ingress(hook))
		t->way = TRACE_STACK;
	return reason;
}

/* The way out of what is not translated: past the stack, once that has seen the connection begin. */
static __always_inline int trace_plain(struct __sk_buff *skb, enum hook hook,
                                       const struct packet *pkt, const flow_t *flow,
                                       struct trace *t)
{
	t->way = TRACE_STACK;
	if (flow->flags & FLOW_ADOPTED || !direct_applies(hook, pkt, flow)) {
		trace_route(skb, pkt, flow, t);
		return 0;
	}
	if (!(flow->flags & FLOW_LOCAL))
		return trace_wire(skb, hook, pkt, flow, t);
	t->way = TRACE_POD;
	t->out_ifindex = flow->out_ifindex;
	return 0;
}

/* The way out. 0, or why there is none. */
static __always_inline int trace_deliver(struct __sk_buff *skb, enum hook hook,
                                         const struct packet *pkt, const flow_t *flow,
                                         struct trace *t)
{
	int reason;

	if (flow->flags & FLOW_PLAIN)
		return trace_plain(skb, hook, pkt, flow, t);
	reason = deliver_obstacle(pkt, flow);
	if (!reason && deliver_forwards(hook, flow) && !deliver_ttl(hook, pkt, flow))
		reason = DROP_TTL;
	if (reason)
		return reason;
	if (flow->flags & FLOW_HOST) {
		t->way = TRACE_HOST;
	} else if (deliver_is_in_place(hook, flow)) {
		t->way = TRACE_STACK;
		trace_route(skb, pkt, flow, t);
	} else if (flow->flags & FLOW_LOCAL) {
		t->way = TRACE_POD;
		t->out_ifindex = flow->out_ifindex;
	} else {
		reason = trace_wire(skb, hook, pkt, flow, t);
	}
	return reason;
}

#endif
