/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a decided flow to the wire: rewrite, then the shortest way there that the kernel offers at
 * this hook.
 *
 *   in place    the packet goes on where it was going: to or from this host's own stack
 *   to a pod    redirect_peer, straight into the pod's namespace (ingress hooks only)
 *   by the FIB  next hop and MACs from the routing table; neighbour resolution where they lack
 */
#ifndef MILLRACE_DELIVER_TC_H
#define MILLRACE_DELIVER_TC_H

#include "ctx.h"
#include "endpoint.h"
#include "event.h"
#include "hook.h"
#include "next_hop.h"
#include "rewrite_tc.h"

/*
 * By way of the neighbour layer, which keeps the packet until it knows the next hop's MAC. Then it asks
 * the packet's route for the neighbour, if there is one: at egress that is the route to the frontend,
 * which goes elsewhere. Without a named hop the kernel finds the packet a new route.
 */
static __always_inline int deliver_neighbour(enum hook hook, const struct bpf_fib_lookup *fib,
                                             enum counter why)
{
	struct bpf_redir_neigh hop = { .nh_family = fib->family };

	count(why);
	if (!hook_is_ingress(hook))
		return bpf_redirect_neigh(fib->ifindex, NULL, 0, 0);
	__builtin_memcpy(hop.ipv6_nh, fib->ipv6_dst, sizeof(hop.ipv6_nh));
	return bpf_redirect_neigh(fib->ifindex, &hop, sizeof(hop), 0);
}

static __noinline int deliver_fib(struct __sk_buff *skb, enum hook hook, const struct packet *pkt,
                                  const flow_t *flow)
{
	struct bpf_fib_lookup fib;

	fib_fill(&fib, flow, pkt->key.proto, skb->ifindex);
	switch (bpf_fib_lookup(skb, &fib, sizeof(fib), 0)) {
	case BPF_FIB_LKUP_RET_SUCCESS:
		if (next_hop_wants(&fib))
			return deliver_neighbour(hook, &fib, COUNTER_NEIGHBOURS_USED);
		if (!rewrite_macs(skb, fib.dmac, fib.smac))
			return drop(skb, DROP_REWRITE);
		return bpf_redirect(fib.ifindex, 0);
	case BPF_FIB_LKUP_RET_NO_NEIGH:
		return deliver_neighbour(hook, &fib, COUNTER_NEIGHBOUR_MISSES);
	case BPF_FIB_LKUP_RET_BLACKHOLE:
	case BPF_FIB_LKUP_RET_UNREACHABLE:
	case BPF_FIB_LKUP_RET_PROHIBIT:
		/* A plain packet can still be left to the stack, which tells the sender. */
		return flow->flags & FLOW_PLAIN ? TC_ACT_UNSPEC
		                                : drop_packet(skb, &pkt->key, DROP_NO_ROUTE);
	default:
		/*
		 * Forwarding off, a tunnel, too big: the stack knows what to do and whom to tell. At
		 * egress its decision is already made, for another address: route again.
		 */
		return hook_is_ingress(hook) ? TC_ACT_UNSPEC
		                             : bpf_redirect_neigh(skb->ifindex, NULL, 0, 0);
	}
}

static __always_inline int deliver_pod(struct __sk_buff *skb, enum hook hook, const flow_t *flow)
{
	if (!hook_is_ingress(hook))
		return bpf_redirect_neigh(flow->out_ifindex, NULL, 0, 0);
	/* A frame that a bridge took on its way here counts as somebody else's: not to the pod. */
	if (skb->pkt_type != PACKET_HOST_)
		bpf_skb_change_type(skb, PACKET_HOST_);
	return bpf_redirect_peer(flow->out_ifindex, 0);
}

/*
 * A reply for a process of this host, met at a pod's veth: it enters by the uplink that the request
 * would have left by, because reverse-path filtering expects the service's address there.
 */
static __always_inline int deliver_host(struct __sk_buff *skb, const flow_t *flow)
{
	struct dev_key key = { .ifindex = flow->out_ifindex };
	struct dev *dev = bpf_map_lookup_elem(&devs, &key);
	__u8 mac[ETH_ALEN];

	if (!dev)
		return TC_ACT_UNSPEC;
	__builtin_memcpy(mac, dev->mac, ETH_ALEN);
	if (bpf_skb_store_bytes(skb, 0, mac, sizeof(mac), 0))
		return drop(skb, DROP_REWRITE);
	return bpf_redirect(flow->out_ifindex, BPF_F_INGRESS);
}

/* True if the packet stays on its way after the rewrite; see the top of the page. */
static __always_inline bool deliver_is_in_place(enum hook hook, const flow_t *flow)
{
	if (flow->flags & FLOW_STACK)
		return true;
	if (flow->flags & FLOW_HOST)
		return !(flow->flags & FLOW_REPLY) || hook == HOOK_UPLINK_IN;
	return flow->flags & FLOW_REPLY && !hook_is_ingress(hook);
}

/* True if the packet leaves for another host or pod, which costs it a hop. */
static __always_inline bool deliver_forwards(enum hook hook, const flow_t *flow)
{
	return !deliver_is_in_place(hook, flow) && !(flow->flags & FLOW_HOST);
}

/* The TTL that the packet leaves with; 0 if it may not leave. */
static __always_inline __u8 deliver_ttl(enum hook hook, const struct packet *pkt,
                                        const flow_t *flow)
{
	if (!deliver_forwards(hook, flow))
		return pkt->ttl;
	return pkt->ttl ? pkt->ttl - 1 : 0;
}

/* Why the packet cannot be translated; 0 if it can. */
static __always_inline int deliver_obstacle(const struct packet *pkt, const flow_t *flow)
{
	if (IPV == 6 && pkt->csum_absent)
		return DROP_CHECKSUM_ZERO;
	/* The CRC covers fragments that are still to come, and how many bytes these have, nobody knows. */
	if (pkt->key.proto == IPPROTO_SCTP && pkt->fragment &&
	    (pkt->key.sport != flow->sport || pkt->key.dport != flow->dport))
		return DROP_FRAGMENT;
	return 0;
}

/* The rewrite: PATH_SEND, or the packet's end. */
static __always_inline int deliver_translate(struct __sk_buff *skb, enum hook hook,
                                             const struct packet *pkt, const flow_t *flow)
{
	__u8 ttl = deliver_ttl(hook, pkt, flow);
	int reason = deliver_obstacle(pkt, flow);

	if (!reason && !ttl && deliver_forwards(hook, flow))
		reason = DROP_TTL;
	if (reason)
		return drop_packet(skb, &pkt->key, reason);
	return rewrite_tc(skb, pkt, flow, ttl) ? PATH_SEND : drop(skb, DROP_REWRITE);
}

/*
 * A plain packet past the stack: nothing changes but the TTL, and that last, because where the stack
 * must take over after all it gets the packet as it came.
 */
static __always_inline int deliver_direct(struct __sk_buff *skb, enum hook hook,
                                          const struct packet *pkt, const flow_t *flow)
{
	int action = flow->flags & FLOW_LOCAL ? deliver_pod(skb, hook, flow)
	                                      : deliver_fib(skb, hook, pkt, flow);

	if (action != TC_ACT_REDIRECT)
		return action;
	if (!rewrite_ttl(skb, pkt, pkt->ttl - 1))
		return drop(skb, DROP_REWRITE);
	count(COUNTER_PLAIN_DIRECT);
	return action;
}

/* A packet that has been rewritten, on its way. */
static __always_inline int deliver_send(struct __sk_buff *skb, enum hook hook,
                                        const struct packet *pkt, const flow_t *flow)
{
	count(COUNTER_TRANSLATED);
	if (deliver_is_in_place(hook, flow)) {
		hook_mark_seen(skb);
		return TC_ACT_UNSPEC;
	}
	hook_mark_done(skb);
	if (flow->flags & FLOW_HOST)
		return deliver_host(skb, flow);
	if (flow->flags & FLOW_LOCAL)
		return deliver_pod(skb, hook, flow);
	return deliver_fib(skb, hook, pkt, flow);
}

#endif
