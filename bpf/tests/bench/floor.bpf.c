// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The least that a flow-based forwarder can do, written as plainly and as cheaply as we can: what the
 * packet path is compared with.
 *
 *   floor_a  parse, one LRU lookup with the key and value sizes of the flow table, swap the MACs,
 *            transmit
 *   floor_b  the same, with a successful FIB lookup in between, whose MACs it writes
 *   floor_n  parse, insert two entries that are not there yet, swap the MACs, transmit
 *
 * Compiled twice, with IPV set to 4 and to 6.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

#define AF_INET_  2
#define AF_INET6_ 10

#if IPV == 4
typedef struct flow4_key floor_key_t;
typedef struct flow4 floor_value_t;
typedef struct iphdr ip_header_t;
#define FLOOR_ETHERTYPE ETH_P_IP
#else
typedef struct flow6_key floor_key_t;
typedef struct flow6 floor_value_t;
typedef struct ipv6hdr ip_header_t;
#define FLOOR_ETHERTYPE ETH_P_IPV6
#endif

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 524288);
	__type(key, floor_key_t);
	__type(value, floor_value_t);
} floor_flows SEC(".maps");

const volatile __u32 bench_ifindex = 1;

static __always_inline bool key_of(struct __sk_buff *skb, floor_key_t *key)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;
	ip_header_t *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);

	if ((void *)(tcp + 1) > end || eth->h_proto != bpf_htons(FLOOR_ETHERTYPE))
		return false;
	__builtin_memset(key, 0, sizeof(*key));
	__builtin_memcpy(&key->saddr, &ip->saddr, sizeof(key->saddr));
	__builtin_memcpy(&key->daddr, &ip->daddr, sizeof(key->daddr));
#if IPV == 4
	if (ip->ihl != 5 || ip->protocol != IPPROTO_TCP)
		return false;
	key->proto = ip->protocol;
#else
	if (ip->nexthdr != IPPROTO_TCP)
		return false;
	key->proto = ip->nexthdr;
#endif
	key->sport = tcp->source;
	key->dport = tcp->dest;
	return true;
}

static __always_inline int transmit(struct __sk_buff *skb, const __u8 *dmac, const __u8 *smac)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return TC_ACT_SHOT;
	__builtin_memcpy(eth->h_dest, dmac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, smac, ETH_ALEN);
	return bpf_redirect(bench_ifindex, 0);
}

static __always_inline int transmit_back(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data, old;

	if ((void *)(eth + 1) > end)
		return TC_ACT_SHOT;
	__builtin_memcpy(&old, eth, sizeof(old));
	return transmit(skb, old.h_source, old.h_dest);
}

SEC("tc")
int floor_a(struct __sk_buff *skb)
{
	floor_key_t key;

	if (!key_of(skb, &key) || !bpf_map_lookup_elem(&floor_flows, &key))
		return TC_ACT_SHOT;
	return transmit_back(skb);
}

SEC("tc")
int floor_n(struct __sk_buff *skb)
{
	floor_value_t value = {};
	floor_key_t key, reply;

	if (!key_of(skb, &key))
		return TC_ACT_SHOT;
	reply = key;
	reply.saddr = key.daddr;
	reply.daddr = key.saddr;
	reply.sport = key.dport;
	reply.dport = key.sport;
	value.saddr = key.saddr;
	value.daddr = key.daddr;
	value.sport = key.sport;
	value.dport = key.dport;
	if (bpf_map_update_elem(&floor_flows, &reply, &value, BPF_NOEXIST) ||
	    bpf_map_update_elem(&floor_flows, &key, &value, BPF_NOEXIST))
		return TC_ACT_SHOT;
	return transmit_back(skb);
}

SEC("tc")
int floor_b(struct __sk_buff *skb)
{
	struct bpf_fib_lookup fib = {};
	floor_value_t *flow;
	floor_key_t key;

	flow = key_of(skb, &key) ? bpf_map_lookup_elem(&floor_flows, &key) : NULL;
	if (!flow)
		return TC_ACT_SHOT;
	fib.ifindex = skb->ifindex;
	fib.l4_protocol = key.proto;
	fib.sport = flow->sport;
	fib.dport = flow->dport;
#if IPV == 4
	fib.family = AF_INET_;
	fib.ipv4_src = flow->saddr;
	fib.ipv4_dst = flow->daddr;
#else
	fib.family = AF_INET6_;
	__builtin_memcpy(fib.ipv6_src, &flow->saddr, sizeof(flow->saddr));
	__builtin_memcpy(fib.ipv6_dst, &flow->daddr, sizeof(flow->daddr));
#endif
	if (bpf_fib_lookup(skb, &fib, sizeof(fib), 0) != BPF_FIB_LKUP_RET_SUCCESS)
		return TC_ACT_SHOT;
	return transmit(skb, fib.dmac, fib.smac);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
