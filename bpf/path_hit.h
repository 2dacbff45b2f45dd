/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What becomes of a packet whose flow is there, and of one that is nobody's. */
#ifndef MILLRACE_PATH_HIT_H
#define MILLRACE_PATH_HIT_H

#include "admit.h"
#include "path_entry.h"

/*
 * Headers that cannot be followed: dropped if they are for a ClusterIP, which has no other use. An
 * externalIP or a node's address may be somebody's own, and what is not for a service passes (S-058).
 */
static __always_inline int path_odd(struct __sk_buff *skb, const struct packet *pkt, int reason)
{
	struct svc *svc = svc_find(pkt->key.daddr, 0, 0);

	return svc && svc->flags & SVC_REJECT && !serving_is_held()
	               ? drop_packet(skb, &pkt->key, reason)
	               : PATH_LOOSE;
}

/*
 * What goes on to the stack as it came. What is known and comes by an uplink answers what a pod has sent: no NAT
 * leads that elsewhere.
 */
static __always_inline void path_mark(struct __sk_buff *skb, enum hook hook)
{
	if (hook == HOOK_UPLINK_IN)
		hook_mark_done(skb);
	else
		hook_mark_seen(skb);
}

static __always_inline int path_hit(struct __sk_buff *skb, enum hook hook, const struct packet *pkt,
                                    flow_t *flow)
{
	__u32 now = flow_now_by_jiffies();

	if (!admit_device(skb, hook, &pkt->key, flow))
		return hook == HOOK_POD_IN ? drop_packet(skb, &pkt->key, DROP_WRONG_DEVICE)
		                           : TC_ACT_UNSPEC;
	/* Else the device was bound to the source when the flow was made. */
	if (hook == HOOK_POD_IN && flow->in_ifindex == IFINDEX_ANY && guard_is_on() &&
	    guard_is_spoofed(skb, &pkt->key.saddr))
		return drop_packet(skb, &pkt->key, DROP_SPOOFED);
	if (flow->seen != now) {
		flow->seen = now;
		flow_refresh(&pkt->key, flow, skb->ifindex);
		if (hook == HOOK_POD_IN)
			sender_note(skb, &pkt->key.saddr);
	}
	if (flow_needs_transition(pkt, flow))
		flow_transition(pkt, flow, admit_is_known(hook, flow));
	if (flow->flags & FLOW_PLAIN) {
		/* Translated behind this hook: the next one is to look at it as well. */
		if (flow->flags & FLOW_ADOPTED)
			return TC_ACT_UNSPEC;
		path_mark(skb, hook);
		return direct_applies(hook, pkt, flow) ? PATH_DIRECT : TC_ACT_UNSPEC;
	}
	return admit_later(hook, flow) ? TC_ACT_UNSPEC : PATH_DELIVER;
}

#endif
