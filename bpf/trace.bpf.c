// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * `millrace trace`: what would become of a packet, asked over the live maps. A program for each hook,
 * run by the agent with BPF_PROG_TEST_RUN and attached nowhere.
 *
 *   trace_pod_in      from a pod of this node
 *   trace_pod_out     from this host's stack to a pod
 *   trace_uplink_in   from outside
 *   trace_uplink_out  from this host's stack to outside
 */
#include "trace_known.h"
#include "trace_open.h"
#include "trace_way.h"

static __always_inline int trace_packet(struct __sk_buff *skb, enum hook hook)
{
	struct packet pkt = {};
	__u32 zero = 0;
	struct trace *t = bpf_map_lookup_elem(&trace, &zero);
	flow_t *flow = bpf_map_lookup_elem(&TRACE_FLOWS, &zero);
	int reason;

	if (!t || !flow || !parse_is_family(skb) || packet_parse(skb, &pkt))
		return TC_ACT_SHOT;
	__builtin_memset(flow, 0, sizeof(*flow));
	reason = trace_known(skb, hook, &pkt, flow, t);
	if (reason == PATH_ANEW)
		reason = trace_new(skb, hook, &pkt, flow, t);
	else if (!reason)
		reason = trace_hit(skb, hook, &pkt, flow);
	if (reason == PATH_LOOSE) {
		track_fill(skb, hook, &pkt, flow);
		reason = 0;
	}
	/* Of what policies refuse as well: whom they were asked about. */
	trace_tuple(t, flow);
	if (!reason)
		reason = trace_deliver(skb, hook, &pkt, flow, t);
	t->reason = reason;
	if (reason)
		t->way = TRACE_ENDS;
	return TC_ACT_OK;
}

SEC("tc")
int PROGRAM(trace_pod_in)(struct __sk_buff *skb)
{
	return trace_packet(skb, HOOK_POD_IN);
}

SEC("tc")
int PROGRAM(trace_pod_out)(struct __sk_buff *skb)
{
	return trace_packet(skb, HOOK_POD_OUT);
}

SEC("tc")
int PROGRAM(trace_uplink_in)(struct __sk_buff *skb)
{
	return trace_packet(skb, HOOK_UPLINK_IN);
}

SEC("tc")
int PROGRAM(trace_uplink_out)(struct __sk_buff *skb)
{
	return trace_packet(skb, HOOK_UPLINK_OUT);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
