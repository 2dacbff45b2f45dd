// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A device that leads out of the node, in XDP: packets from outside that go out again, which are those
 * for services with backends on other nodes, and the answers.
 *
 * Only one program can stand on a device, so both families are linked into one object: xdp4 and xdp6
 * are uplink_xdp.part.c, compiled twice.
 */
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "uplink_xdp.h"

/* What the kernel is told: where a flow is gone again at once, TC has a look. */
static __always_inline int verdict(int action)
{
	return action > XDP_REDIRECT ? XDP_PASS : action;
}

SEC("xdp.frags")
int uplink_xdp(struct xdp_md *xdp)
{
	void *end = (void *)(long)xdp->data_end;
	struct ethhdr *eth = (void *)(long)xdp->data;
	int action = XDP_PASS;

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		action = xdp4(xdp);
		if (action == XDP_OPEN)
			action = xdp_open4(xdp);
		if (action == XDP_KNOWN)
			action = xdp4(xdp);
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		action = xdp6(xdp);
		if (action == XDP_OPEN)
			action = xdp_open6(xdp);
		if (action == XDP_KNOWN)
			action = xdp6(xdp);
	}
	return verdict(action);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
