// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The packet generator of the bench: puts the packet back to what it was, makes it one of the row's
 * flows, and tail-calls the program under test. Its own cost is measured with a target that only
 * transmits, and taken off.
 *
 * Checksums are those of the template, whatever the flow: incremental updates cost the same.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

#include "bench.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, BENCH_TARGETS_MAX);
	__type(key, __u32);
	__type(value, __u32);
} bench_targets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, BENCH_TARGETS_MAX);
	__type(key, __u32);
	__type(value, __u32);
} bench_targets_xdp SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bench_row);
} bench_row SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BENCH_FLOWS_MAX *BENCH_SETS_MAX);
	__type(key, __u32);
	__type(value, struct bench_pick);
} bench_picks SEC(".maps");

const volatile __u32 bench_ifindex = 1;

/* The flow of this packet: counting ones wrap around the picks, which are as many as flows. */
static __always_inline __u32 flow_next(struct bench_row *row)
{
	__u64 x = row->random;

	if (row->counting)
		return row->next++ & row->mask;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	row->random = x;
	return (x >> 20) & row->mask;
}

static __always_inline struct bench_pick *pick_next(struct bench_row *row)
{
	__u32 flow = row->base + flow_next(row);

	return bpf_map_lookup_elem(&bench_picks, &flow);
}

/* Writes the next packet. False: not to be tested. `target` is the program to test it with. */
static __always_inline bool packet_write4(void *data, void *end, __u32 *target)
{
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct tcphdr *tcp = (void *)(ip + 1);
	struct bench_pick *pick;
	struct bench_row *row;
	__u32 key = 0;

	row = bpf_map_lookup_elem(&bench_row, &key);
	if (!row || (void *)(tcp + 1) > end)
		return false;
	pick = pick_next(row);
	if (!pick)
		return false;
	__builtin_memcpy(data, row->template, sizeof(struct ethhdr) + sizeof(*ip) + sizeof(*tcp));
	ip->saddr = pick->saddr;
	ip->daddr = pick->daddr;
	tcp->source = pick->sport;
	tcp->dest = pick->dport;
	*target = row->target;
	return true;
}

static __always_inline bool packet_write6(void *data, void *end, __u32 *target)
{
	struct ipv6hdr *ip = data + sizeof(struct ethhdr);
	struct tcphdr *tcp = (void *)(ip + 1);
	struct bench_pick *pick;
	struct bench_row *row;
	__u32 key = 0;

	row = bpf_map_lookup_elem(&bench_row, &key);
	if (!row || (void *)(tcp + 1) > end)
		return false;
	pick = pick_next(row);
	if (!pick)
		return false;
	__builtin_memcpy(data, row->template, sizeof(struct ethhdr) + sizeof(*ip) + sizeof(*tcp));
	ip->saddr.in6_u.u6_addr32[3] = pick->saddr;
	ip->daddr.in6_u.u6_addr32[3] = pick->daddr;
	tcp->source = pick->sport;
	tcp->dest = pick->dport;
	*target = row->target;
	return true;
}

SEC("tc")
int generate4(struct __sk_buff *skb)
{
	__u32 target;

	if (!packet_write4((void *)(long)skb->data, (void *)(long)skb->data_end, &target))
		return TC_ACT_SHOT;
	skb->tc_index = 0;
	bpf_tail_call(skb, &bench_targets, target);
	return TC_ACT_SHOT;
}

SEC("tc")
int generate6(struct __sk_buff *skb)
{
	__u32 target;

	if (!packet_write6((void *)(long)skb->data, (void *)(long)skb->data_end, &target))
		return TC_ACT_SHOT;
	skb->tc_index = 0;
	bpf_tail_call(skb, &bench_targets, target);
	return TC_ACT_SHOT;
}

/* The target of the generator alone. */
SEC("tc")
int nop(struct __sk_buff *skb __attribute__((unused)))
{
	return bpf_redirect(bench_ifindex, 0);
}

SEC("xdp.frags")
int generate4_xdp(struct xdp_md *xdp)
{
	__u32 target;

	if (packet_write4((void *)(long)xdp->data, (void *)(long)xdp->data_end, &target))
		bpf_tail_call(xdp, &bench_targets_xdp, target);
	return XDP_ABORTED;
}

SEC("xdp.frags")
int generate6_xdp(struct xdp_md *xdp)
{
	__u32 target;

	if (packet_write6((void *)(long)xdp->data, (void *)(long)xdp->data_end, &target))
		bpf_tail_call(xdp, &bench_targets_xdp, target);
	return XDP_ABORTED;
}

SEC("xdp.frags")
int nop_xdp(struct xdp_md *xdp __attribute__((unused)))
{
	return XDP_TX;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
