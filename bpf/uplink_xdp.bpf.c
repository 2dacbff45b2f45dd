// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A device that leads out of the node, in XDP: packets from outside that go out again, which are those
 * for services with backends on other nodes, and the answers. Or a device that carries such as VLANs.
 *
 * Only one program can stand on a device, so both families, with and without a VLAN tag, are linked
 * into one object: uplink_xdp.part.c, compiled four times.
 */
#include "uplink_xdp.h"
#include "vlan.h"

typedef int (*part_fn)(struct xdp_md *xdp);

/* All that has to do with a packet of one family. Inlined, as there are no calls by pointer. */
static __always_inline int walk(struct xdp_md *xdp, part_fn known, part_fn open)
{
	int says = known(xdp);

	if (says == XDP_OPEN)
		says = open(xdp);
	return says == XDP_KNOWN ? known(xdp) : says;
}

static __always_inline int walk_tagged(struct xdp_md *xdp)
{
	void *end = (void *)(long)xdp->data_end;
	struct tagged_header *eth = (void *)(long)xdp->data;
	__be16 proto;

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	proto = eth->proto;
	if (!vlan_arrive(xdp->ingress_ifindex, bpf_ntohs(eth->tci) & VLAN_VID_BITS))
		return XDP_PASS;
	if (proto == bpf_htons(ETH_P_IP))
		return walk(xdp, xdp_tagged4, xdp_tagged_open4);
	if (proto == bpf_htons(ETH_P_IPV6))
		return walk(xdp, xdp_tagged6, xdp_tagged_open6);
	return XDP_PASS;
}

/*
 * Gives the frame the form that it leaves in. It has been written already: one whose buffer leaves no
 * room for a tag is lost.
 */
static __always_inline int retag(struct xdp_md *xdp, int says)
{
	int grow = says & XDP_UNTAG ? 4 : -4;
	struct tagged_header *tagged;
	struct ethhdr *eth, old;

	eth = (void *)(long)xdp->data;
	if ((void *)(eth + 1) > (void *)(long)xdp->data_end)
		return XDP_DROP;
	old = *eth;
	if (says & XDP_UNTAG) {
		tagged = (void *)eth;
		if ((void *)(tagged + 1) > (void *)(long)xdp->data_end)
			return XDP_DROP;
		old.h_proto = tagged->proto;
	}
	if (bpf_xdp_adjust_head(xdp, grow))
		return XDP_DROP;
	eth = (void *)(long)xdp->data;
	if ((void *)(eth + 1) > (void *)(long)xdp->data_end)
		return XDP_DROP;
	__builtin_memcpy(eth, &old, 2 * ETH_ALEN);
	if (says & XDP_UNTAG) {
		eth->h_proto = old.h_proto;
		return says & 0xff;
	}
	tagged = (void *)eth;
	if ((void *)(tagged + 1) > (void *)(long)xdp->data_end)
		return XDP_DROP;
	tagged->tpid = bpf_htons(ETH_P_8021Q);
	tagged->tci = bpf_htons(XDP_TAG_VID(says));
	return says & 0xff;
}

/* What the kernel is told: where a flow is gone again at once, TC has a look. */
static __always_inline int verdict(struct xdp_md *xdp, int says)
{
	if (says <= XDP_REDIRECT)
		return says;
	return says > 0xff ? retag(xdp, says) : XDP_PASS;
}

SEC("xdp.frags")
int uplink_xdp(struct xdp_md *xdp)
{
	void *end = (void *)(long)xdp->data_end;
	struct ethhdr *eth = (void *)(long)xdp->data;
	int says = XDP_PASS;

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		says = walk(xdp, xdp4, xdp_open4);
	else if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		says = walk(xdp, xdp6, xdp_open6);
	else if (eth->h_proto == bpf_htons(ETH_P_8021Q))
		says = walk_tagged(xdp);
	return verdict(xdp, says);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
