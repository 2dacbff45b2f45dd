// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The least that a flow-based forwarder can do, written as plainly and as cheaply as we can: what the
 * packet path is compared with.
 *
 *   floor_a  parse, one LRU lookup with the key and value sizes of the flow table, swap the MACs,
 *            transmit
 *   floor_b  the same, with a successful FIB lookup in between, whose MACs it writes
 *   floor_n  parse, one lookup that misses, insert two entries, swap the MACs, transmit
 *
 * Each for tc and, as floor_…_xdp, for XDP. Compiled twice, with IPV set to 4 and to 6.
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

/* A packet's bounds: where the two kinds of context differ. */
struct bounds {
	void *data, *end;
};

#define BOUNDS(ctx) ((struct bounds){ (void *)(long)(ctx)->data, (void *)(long)(ctx)->data_end })

static __always_inline bool key_of(struct bounds at, floor_key_t *key)
{
	struct ethhdr *eth = at.data;
	ip_header_t *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);

	if ((void *)(tcp + 1) > at.end || eth->h_proto != bpf_htons(FLOOR_ETHERTYPE))
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

static __always_inline bool macs_write(struct bounds at, const __u8 *dmac, const __u8 *smac)
{
	struct ethhdr *eth = at.data;

	if ((void *)(eth + 1) > at.end)
		return false;
	__builtin_memcpy(eth->h_dest, dmac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, smac, ETH_ALEN);
	return true;
}

static __always_inline bool macs_swap(struct bounds at)
{
	struct ethhdr *eth = at.data, old;

	if ((void *)(eth + 1) > at.end)
		return false;
	__builtin_memcpy(&old, eth, sizeof(old));
	return macs_write(at, old.h_source, old.h_dest);
}

static __always_inline bool look(struct bounds at)
{
	floor_key_t key;

	return key_of(at, &key) && bpf_map_lookup_elem(&floor_flows, &key) && macs_swap(at);
}

static __always_inline bool insert(struct bounds at)
{
	floor_value_t value = {};
	floor_key_t key, reply;

	if (!key_of(at, &key) || bpf_map_lookup_elem(&floor_flows, &key))
		return false;
	reply = key;
	reply.saddr = key.daddr;
	reply.daddr = key.saddr;
	reply.sport = key.dport;
	reply.dport = key.sport;
	value.saddr = key.saddr;
	value.daddr = key.daddr;
	value.sport = key.sport;
	value.dport = key.dport;
	return !bpf_map_update_elem(&floor_flows, &reply, &value, BPF_NOEXIST) &&
	       !bpf_map_update_elem(&floor_flows, &key, &value, BPF_NOEXIST) && macs_swap(at);
}

static __always_inline bool route(void *ctx, struct bounds at, __u32 ifindex)
{
	struct bpf_fib_lookup fib = {};
	floor_value_t *flow;
	floor_key_t key;

	flow = key_of(at, &key) ? bpf_map_lookup_elem(&floor_flows, &key) : NULL;
	if (!flow)
		return false;
	fib.ifindex = ifindex;
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
	return bpf_fib_lookup(ctx, &fib, sizeof(fib), 0) == BPF_FIB_LKUP_RET_SUCCESS &&
	       macs_write(at, fib.dmac, fib.smac);
}

static __always_inline int send(bool ok)
{
	return ok ? bpf_redirect(bench_ifindex, 0) : TC_ACT_SHOT;
}

SEC("tc")
int floor_a(struct __sk_buff *skb)
{
	return send(look(BOUNDS(skb)));
}

SEC("tc")
int floor_b(struct __sk_buff *skb)
{
	return send(route(skb, BOUNDS(skb), skb->ifindex));
}

SEC("tc")
int floor_n(struct __sk_buff *skb)
{
	return send(insert(BOUNDS(skb)));
}

SEC("xdp.frags")
int floor_a_xdp(struct xdp_md *xdp)
{
	return look(BOUNDS(xdp)) ? XDP_TX : XDP_DROP;
}

SEC("xdp.frags")
int floor_b_xdp(struct xdp_md *xdp)
{
	return route(xdp, BOUNDS(xdp), xdp->ingress_ifindex) ? XDP_TX : XDP_DROP;
}

SEC("xdp.frags")
int floor_n_xdp(struct xdp_md *xdp)
{
	return insert(BOUNDS(xdp)) ? XDP_TX : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
