/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who has an address: a pod of this node, this node itself, or somebody else. */
#ifndef MILLRACE_ENDPOINT_H
#define MILLRACE_ENDPOINT_H

#include "maps.h"

static __always_inline struct endpoint *endpoint_find(ip_t ip)
{
	endpoint_key_t key = { .addr = ip };

	return bpf_map_lookup_elem(&ENDPOINTS, &key);
}

static __always_inline bool endpoint_is(const struct endpoint *endpoint, __u32 flag)
{
	return endpoint && endpoint->flags & flag;
}

/*
 * The value of flow.in_ifindex for packets that come from `ip`; `unknown` where no endpoint has it.
 * A pod behind a bridge has no veth of its own in the table: any device may carry its packets.
 */
static __always_inline __u32 endpoint_source(ip_t ip, __u32 unknown)
{
	struct endpoint *endpoint = endpoint_find(ip);

	if (!endpoint)
		return unknown;
	if (endpoint->flags & ENDPOINT_HOST)
		return IFINDEX_OUTSIDE;
	return endpoint->ifindex ? endpoint->ifindex : IFINDEX_ANY;
}

/* The address that leaves by a device as SNAT source: the device's own, else the node's. */
static __always_inline bool node_address(__u32 ifindex, ip_t *ip)
{
	struct dev_key key = { .ifindex = ifindex };
	struct dev *dev = bpf_map_lookup_elem(&devs, &key);

	if (dev && !ip_is_zero(dev_ip(dev))) {
		*ip = dev_ip(dev);
		return true;
	}
	key.ifindex = 0;
	dev = bpf_map_lookup_elem(&devs, &key);
	if (!dev || ip_is_zero(dev_ip(dev)))
		return false;
	*ip = dev_ip(dev);
	return true;
}

#endif
