/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The walk of a made packet, told step by step, with nothing left behind: the decisions are those of the
 * hooks, line by line, and what would write is not called. The maps that are not pinned, as room's
 * cells of a CPU, are this object's own, and go with it, but for senders; statistics go where nobody
 * reads them. Each fixture's packet is told of before it is sent (tests/traced.c).
 */
#ifndef MILLRACE_TRACE_H
#define MILLRACE_TRACE_H

#define counters trace_counters
#define drops    trace_drops
#define events   trace_events

/* Each verdict names its rule. */
#define JUDGE_TELLS GUARD_TELL_ALLOWED

#define SENDER_NOTES false

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

static __always_inline void trace_verdict(struct trace_verdict *to, const struct verdict *v)
{
	to->set = v->set;
	to->rule = v->set ? v->rule : EVENT_NO_RULE;
	to->kind = v->set ? v->kind : EVENT_ALLOWED;
}

/* Whom the judge has asked, and what he was told. */
static __noinline void trace_heard(int reason, struct trace *t)
{
	__u32 zero = 0;
	struct judgement *j = bpf_map_lookup_elem(&JUDGEMENTS, &zero);

	if (!j || !t)
		return;
	if (subject_find(&j->client))
		t->steps |= TRACE_EGRESS;
	/* Who may not leave is not asked about where he comes to. */
	if (reason != DROP_POLICY_EGRESS && subject_find(&j->server))
		t->steps |= TRACE_INGRESS;
	if (j->own_node)
		t->steps |= TRACE_OWN_NODE;
	trace_verdict(&t->egress, &j->egress);
	trace_verdict(&t->ingress, &j->ingress);
}

/* What policies say of what begins. 0, or why it may not. */
static __always_inline int trace_judge(struct __sk_buff *skb, enum hook hook, const flow_key_t *key,
                                       flow_t *flow, struct trace *t)
{
	int reason;

	if (!guard_is_on())
		return 0;
	reason = judge(skb, hook, key, flow);
	trace_heard(reason, t);
	return reason;
}

#endif
