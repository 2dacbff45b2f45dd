/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a program stands, and how hooks tell each other that a packet is done with.
 *
 * A packet that one hook has handled meets others on its way out of the node. skb->tc_index carries
 * the news: it belongs to tc alone, survives forwarding and redirects, and unlike skb->mark is read
 * by no netfilter rule. What comes in from a wire or a pod is stripped of it first.
 */
#ifndef MILLRACE_HOOK_H
#define MILLRACE_HOOK_H

#include "family.h"

enum hook {
	HOOK_POD_IN,     /* tc ingress of a pod's veth: from the pod */
	HOOK_POD_OUT,    /* tc egress of a pod's veth: to the pod */
	HOOK_UPLINK_IN,  /* tc ingress of an uplink: from outside */
	HOOK_UPLINK_OUT, /* tc egress of an uplink: to outside */
};

/* skb->pkt_type, from linux/if_packet.h, which user headers cannot be mixed with here. */
#define PACKET_HOST_      0
#define PACKET_OTHERHOST_ 3

/* What a step of the path may say besides a tc action. */
#define PATH_DELIVER 100 /* deliver the packet as the flow says */
#define PATH_REMAP   101 /* the flow needs another source port first */
#define PATH_SEND    102 /* the packet has been rewritten as the flow says: send it */

#define TC_INDEX_DONE 0x6d72 /* "mr" */

static __always_inline bool hook_is_ingress(enum hook hook)
{
	return hook == HOOK_POD_IN || hook == HOOK_UPLINK_IN;
}

/* True if a hook before this one has handled the packet. */
static __always_inline bool hook_is_done(struct __sk_buff *skb, enum hook hook)
{
	if (!hook_is_ingress(hook))
		return skb->tc_index == TC_INDEX_DONE;
	if (skb->tc_index)
		skb->tc_index = 0;
	return false;
}

static __always_inline void hook_mark_done(struct __sk_buff *skb)
{
	skb->tc_index = TC_INDEX_DONE;
}

#endif
