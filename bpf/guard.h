/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What holds for all pods of this node, whatever their policies: the epoch that flows were judged in;
 * that addresses of its pods are closed until their policies are in force; that pods send from their
 * own addresses only. Until an agent has had policies in force once, nothing of this holds.
 */
#ifndef MILLRACE_GUARD_H
#define MILLRACE_GUARD_H

#include "ctx.h"
#include "endpoint.h"
#include "maps_policy.h"

static __always_inline const struct guard *guard_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&guard, &zero);
}

static __always_inline bool guard_is_on(void)
{
	const struct guard *now = guard_get();

	return now && now->flags & GUARD_ON;
}

/* The key is a copy: before 6.4 a map takes none from the memory that a global function is given. */
static __always_inline struct subject *subject_find(const ip_t *ip)
{
	endpoint_key_t key = { .addr = *ip };

	return bpf_map_lookup_elem(&SUBJECTS, &key);
}

#if IPV == 4

static __always_inline bool guard_covers_by(const struct guard *now, __u32 i, const ip_t *ip)
{
	return now->mask4[i] && (*ip & now->mask4[i]) == now->base4[i];
}

#else

static __always_inline bool guard_covers_by(const struct guard *now, __u32 i, const ip_t *ip)
{
	const struct addr6 *base = &now->base6[i], *mask = &now->mask6[i];

	return mask->w[0] && (ip->w[0] & mask->w[0]) == base->w[0] &&
	       (ip->w[1] & mask->w[1]) == base->w[1] && (ip->w[2] & mask->w[2]) == base->w[2] &&
	       (ip->w[3] & mask->w[3]) == base->w[3];
}

#endif

/* Whether the address is of the blocks that this node's pods have theirs of. */
static __always_inline bool guard_covers(const struct guard *now, const ip_t *ip)
{
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < GUARD_RANGES; i++)
		if (guard_covers_by(now, i, ip))
			return true;
	return false;
}

/* Of those blocks, and not of this node itself, which may have one of them, as that of a bridge. */
static __always_inline bool guard_is_home(const ip_t *ip)
{
	const struct guard *now = guard_get();

	return now && guard_covers(now, ip) && !endpoint_is(endpoint_find(*ip), ENDPOINT_HOST);
}

/*
 * An address of this node's pods, and nobody has said yet what holds for its pod: neither may it send
 * nor be reached.
 */
static __noinline bool guard_is_closed(const ip_t *ip)
{
	return guard_is_home(ip) && !subject_find(ip);
}

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
