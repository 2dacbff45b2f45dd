/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Plain flows between pods of the cluster pass this host's stack by: what a socket hook has led to a
 * backend, or who speaks to a pod directly, needs no routing by it. New flows do not: the handshake
 * goes by the stack, so that netfilter judges every connection that begins.
 *
 * Whether a flow may is decided when it is made. Both directions must, or the host's connection
 * tracking sees half of a TCP connection and finds its packets invalid.
 */
#ifndef MILLRACE_DIRECT_H
#define MILLRACE_DIRECT_H

#include "admit.h"
#include "cluster.h"
#include "fib.h"
#include "packet.h"

/* Whether packets of this half can leave without the stack: by a device, not by a tunnel of a route. */
static __always_inline bool direct_is_routed(struct __sk_buff *skb, const flow_t *out, __u8 proto)
{
	struct bpf_fib_lookup fib;
	long answer;

	fib_fill(&fib, out, proto, skb->ifindex);
	answer = bpf_fib_lookup(skb, &fib, sizeof(fib), 0);
	return answer == BPF_FIB_LKUP_RET_SUCCESS || answer == BPF_FIB_LKUP_RET_NO_NEIGH;
}

/*
 * Makes a new pair direct if it may be: `out` is the half that leaves the pod of this device, `back`
 * the one that comes to it. The pod must be known by its veth, and so must the other end if it is on
 * this node; else that has an address of the cluster, and there is a way to it.
 */
static __noinline void direct_begin(struct __sk_buff *skb, __u8 proto, flow_t *out, flow_t *back)
{
	struct endpoint *near = endpoint_find(out->saddr), *far;

	if (!near || near->ifindex != skb->ifindex)
		return;
	far = endpoint_find(out->daddr);
	if (far && !far->ifindex)
		return;
	if (!far && !(cluster_has(&out->daddr) && direct_is_routed(skb, out, proto)))
		return;
	out->flags |= FLOW_DIRECT;
	if (far) {
		out->flags |= FLOW_LOCAL;
		out->out_ifindex = far->ifindex;
	}
	back->flags |= FLOW_DIRECT | FLOW_LOCAL;
	back->out_ifindex = skb->ifindex;
}

/*
 * Whether this packet of a plain flow passes the stack by. What is not plainly ours does not: the
 * beginning of a connection, the last hop, fragments, options and extension headers.
 */
static __always_inline bool direct_applies(enum hook hook, const struct packet *pkt,
                                           const flow_t *flow)
{
	if (!(config.flags & CONFIG_DIRECT) || !(flow->flags & FLOW_DIRECT) ||
	    !admit_is_known(hook, flow))
		return false;
	if (flow->state == FLOW_STATE_NEW || flow->state == FLOW_STATE_ANSWERED)
		return false;
	return !(pkt->tcp_flags & TCP_SYN) && pkt->ttl > 1 && !pkt->fragment &&
	       pkt->l4_offset == L3_OFFSET + sizeof(ip_header_t);
}

#endif
