// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A device that leads out of the node, in XDP: packets from outside that go out again, which are those
 * for services with backends on other nodes, and the answers.
 *
 * Only one program can stand on a device, so both families are linked into one object: xdp4 and xdp6
 * are uplink_xdp.part.c, compiled twice.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

extern int xdp4(struct xdp_md *xdp);
extern int xdp6(struct xdp_md *xdp);

SEC("xdp.frags")
int uplink_xdp(struct xdp_md *xdp)
{
	void *end = (void *)(long)xdp->data_end;
	struct ethhdr *eth = (void *)(long)xdp->data;

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return xdp4(xdp);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		return xdp6(xdp);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
