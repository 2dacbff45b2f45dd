// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Stands in the place of the tc programs for the moment in which an upgrade changes the layout of flows, so that
 * all of them change at once. Programs of before and new ones do not see each other's flows: a reply that met
 * the other kind than its request would go to its client untranslated, and reset the connection.
 *
 *   GATE_BEFORE  all gates are put up, one after the other; nothing changes
 *   GATE_BOTH    from one packet to the next, new flows are the new programs'. Those that are known stay
 *                with the programs of before, in whose table no entry appears any more: it can be copied
 *   GATE_AFTER   all have been copied: the new programs have them all, and take the gates' places
 *
 * They have the names of the programs that they stand for, by which those are told from others' filters.
 */
#include "ctx_tc.h"

#include "fragment.h"
#include "gate_slots.h"
#include "parse.h"

#define FLOWS_BEFORE  CAT(flows_before, IPV)
#define GATE_PROGRAMS CAT(gate_programs, IPV)

/* Given by the loader; whatever its values look like, its keys are those of today. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, flow_key_t);
	__type(value, flow_t);
} FLOWS_BEFORE SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, GATE_SLOTS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} GATE_PROGRAMS SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} gate_phase SEC(".maps");

static __always_inline bool gate_knew(const flow_key_t *key)
{
	return bpf_map_lookup_elem(&FLOWS_BEFORE, key);
}

/*
 * Whether the packet belongs to a flow of before, on its way in or, translated already, out. What has no tuple
 * of its own, as an ICMP error, finds the copy of its flow in the new table.
 */
static __noinline bool gate_was_known(struct __sk_buff *skb, enum hook hook)
{
	struct packet pkt = {};
	flow_key_t reverse;
	int verdict;

	if (!parse_is_family(skb))
		return false;
	verdict = packet_parse(skb, &pkt);
	if (verdict && (verdict != PARSE_FRAGMENT || !fragment_recall(skb, hook, &pkt)))
		return false;
	reverse = pkt.key;
	reverse.saddr = pkt.key.daddr;
	reverse.daddr = pkt.key.saddr;
	reverse.sport = pkt.key.dport;
	reverse.dport = pkt.key.sport;
	return gate_knew(&pkt.key) || gate_knew(&reverse);
}

static __always_inline int gate(struct __sk_buff *skb, enum hook hook, enum gate_slot slot)
{
	__u32 zero = 0, *phase = bpf_map_lookup_elem(&gate_phase, &zero);

	if (phase && (*phase == GATE_AFTER || (*phase == GATE_BOTH && !gate_was_known(skb, hook))))
		bpf_tail_call(skb, &GATE_PROGRAMS, slot + 1);
	else
		bpf_tail_call(skb, &GATE_PROGRAMS, slot);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int PROGRAM(pod_in)(struct __sk_buff *skb)
{
	return gate(skb, HOOK_POD_IN, GATE_POD_IN);
}

SEC("tc")
int PROGRAM(pod_out)(struct __sk_buff *skb)
{
	return gate(skb, HOOK_POD_OUT, GATE_POD_OUT);
}

SEC("tc")
int PROGRAM(uplink_in)(struct __sk_buff *skb)
{
	return gate(skb, HOOK_UPLINK_IN, GATE_UPLINK_IN);
}

SEC("tc")
int PROGRAM(uplink_out)(struct __sk_buff *skb)
{
	return gate(skb, HOOK_UPLINK_OUT, GATE_UPLINK_OUT);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
