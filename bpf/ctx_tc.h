/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tc side's context, and how its hooks tell each other that a packet is done with.
 *
 * A packet that one hook has handled meets others on its way out of the node. skb->tc_index carries
 * the news: it belongs to tc alone, survives forwarding and redirects, and unlike skb->mark is read
 * by no netfilter rule. What comes in from a wire or a pod is stripped of it first.
 */
#ifndef MILLRACE_CTX_TC_H
#define MILLRACE_CTX_TC_H

#include <linux/pkt_cls.h>

#include "hook.h"

typedef struct __sk_buff ctx_t;

#define CTX_DROP TC_ACT_SHOT

#define TC_INDEX_DONE 0x6d72 /* "mr": nobody changes it any more */
#define TC_INDEX_SEEN 0x6d73 /* left to the host's stack, which may send it elsewhere */

/* The frame's length. */
static __always_inline __u32 ctx_len(ctx_t *skb)
{
	return skb->len;
}

/* The device that the hook stands on. */
static __always_inline __u32 ctx_ifindex(ctx_t *skb)
{
	return skb->ifindex;
}

static __always_inline bool hook_is_marked(ctx_t *skb)
{
	return (skb->tc_index | 1) == TC_INDEX_SEEN;
}

/* True if a hook before this one has handled the packet. */
static __always_inline bool hook_is_done(ctx_t *skb, enum hook hook)
{
	if (!hook_is_ingress(hook))
		return hook_is_marked(skb);
	if (skb->tc_index)
		skb->tc_index = 0;
	return false;
}

static __always_inline void hook_mark_done(ctx_t *skb)
{
	skb->tc_index = TC_INDEX_DONE;
}

static __always_inline void hook_mark_seen(ctx_t *skb)
{
	skb->tc_index = TC_INDEX_SEEN;
}

/* The stack has had it since it was handled. */
static __always_inline bool hook_is_seen(ctx_t *skb)
{
	return skb->tc_index == TC_INDEX_SEEN;
}

#endif
