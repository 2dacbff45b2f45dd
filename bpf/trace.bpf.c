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
#include "trace.h"

/* The flow that the packet goes by, or would open. 0, or why it ends here. */
static __always_inline int trace_flow(struct __sk_buff *skb, enum hook hook,
                                      const struct packet *pkt, flow_t *flow, struct trace *t)
{
	struct svc *svc;
	int reason;

	if (trace_known(hook, pkt, flow, t)) {
		if (!admit_device(skb, hook, &pkt->key, flow) && hook == HOOK_POD_IN)
			return DROP_WRONG_DEVICE;
		if (flow->flags & FLOW_ADOPTED)
			return 0;
		return trace_judge(skb, hook, &pkt->key, flow, t);
	}
	svc = path_service(hook, pkt);
	if (svc && serving_is_held()) {
		track_fill(skb, hook, pkt, flow);
		flow->flags |= FLOW_ADOPTED;
		return 0;
	}
	if (svc) {
		reason = trace_service(skb, hook, pkt, svc, flow, t);
		return reason ?: trace_judge(skb, hook, &pkt->key, flow, t);
	}
	track_fill(skb, hook, pkt, flow);
	flow_aim(flow, 0);
	if (hook == HOOK_UPLINK_IN || hook == HOOK_UPLINK_OUT)
		return guard_is_on() ? guard_uplink(skb, hook, &pkt->key) : 0;
	return trace_judge(skb, hook, &pkt->key, flow, t);
}

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
	reason = trace_flow(skb, hook, &pkt, flow, t);
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
