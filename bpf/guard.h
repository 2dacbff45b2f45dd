/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What holds for all pods of this node, whatever their policies: the epoch that flows were judged in;
 * that addresses of its pods are closed until their policies are in force; that pods send from their
 * own addresses only. Until an agent has had policies in force once, nothing of this holds.
 */
#ifndef MILLRACE_GUARD_H
#define MILLRACE_GUARD_H

#include "ctx.h"
#include "guard_home.h"

/* Whose a source is that a pod's device carries. */
enum guard_owner {
	OWNER_THIS,  /* the pod of this device */
	OWNER_LOOSE, /* as far as is known of this one: behind a bridge, or nobody's */
	OWNER_OTHER, /* another pod's, or this node's */
};

/*
 * Of a device that no endpoint names it is not known whose it is; that may be no pod of the cluster, and only
 * keeps to its own addresses.
 */
static __noinline enum guard_owner guard_owner(struct __sk_buff *skb, const ip_t *source)
{
	struct endpoint *endpoint = endpoint_find(*source);
	struct dev_key key = { .ifindex = skb->ifindex };
	struct dev *dev;

	if (endpoint && endpoint->ifindex == skb->ifindex)
		return OWNER_THIS;
	if (endpoint)
		return endpoint->ifindex || endpoint->flags & ENDPOINT_HOST ? OWNER_OTHER
		                                                            : OWNER_LOOSE;
	dev = bpf_map_lookup_elem(&devs, &key);
	return dev && dev->flags & DEV_OWNED ? OWNER_OTHER : OWNER_LOOSE;
}

static __always_inline bool guard_is_spoofed(struct __sk_buff *skb, const ip_t *source)
{
	return guard_owner(skb, source) == OWNER_OTHER;
}

/*
 * Forwarded by the stack in this node's own name: masqueraded, so that its source says nothing any more.
 * Pods' packets have been seen at their devices, and come by here as handled. Where the packet came in
 * by a device that the agent has not seen, that may be the veth of a pod which is not guarded yet.
 */
static __noinline bool guard_is_masked(struct __sk_buff *skb, const ip_t *source)
{
	struct dev_key key = { .ifindex = skb->ingress_ifindex };

	return key.ifindex && !bpf_map_lookup_elem(&devs, &key) &&
	       endpoint_is(endpoint_find(*source), ENDPOINT_HOST);
}

/* What is dropped at an uplink of packets that are no flow's, for want of policies. */
static __always_inline int guard_uplink(struct __sk_buff *skb, enum hook hook,
                                        const flow_key_t *key)
{
	if (hook == HOOK_UPLINK_IN)
		return guard_is_closed(&key->daddr) ? DROP_UNGUARDED : 0;
	return guard_is_closed(&key->saddr) || guard_is_masked(skb, &key->saddr) ? DROP_UNGUARDED
	                                                                         : 0;
}

#endif
