// SPDX-License-Identifier: Apache-2.0
/*
 * In place of the XDP program: counts as 8, or 10 where its own device is no port, and as 12 once there
 * is a trunk. Lets everything go up.
 */
#define IPV 4
#include "fixture.h"

const volatile struct config config;

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} tx_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} trunks SEC(".maps");

SEC("xdp") int uplink_xdp(struct xdp_md *ctx)
{
	__u32 port = ctx->ingress_ifindex, zero = 0, *trunk = bpf_map_lookup_elem(&trunks, &zero);

	if (trunk && *trunk)
		count(12);
	if (config.reject_rate)
		count(bpf_map_lookup_elem(&tx_ports, &port) ? 8 : 10);
	return XDP_PASS;
}
