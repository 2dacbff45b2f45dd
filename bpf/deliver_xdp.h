/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From a decided flow to the wire in XDP: by the FIB, out of this device or another uplink. */
#ifndef MILLRACE_DELIVER_XDP_H
#define MILLRACE_DELIVER_XDP_H

#include "ctx.h"
#include "mac.h"
#include "next_hop.h"
#include "packet.h"
#include "vlan.h"

/*
 * The uplinks that take frames from XDP. Kept by the loader: a frame sent to a device that is in here,
 * but cannot take it, is lost without a trace.
 */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} tx_ports __weak SEC(".maps");

/* Whether the frame is for the device it came in by, and not another machine's. */
static __always_inline bool deliver_is_ours(ctx_t *xdp, const struct ethhdr *eth)
{
	struct dev_key key = { .ifindex = ctx_ifindex(xdp) };
	struct dev *dev = bpf_map_lookup_elem(&devs, &key);

	return dev && mac_equal(eth->h_dest, dev->mac);
}

/* By which port frames of a device leave, and how; XDP_PASS if it takes none from XDP. */
static __always_inline int deliver_port(ctx_t *xdp, __u32 port)
{
	if (port == xdp->ingress_ifindex)
		return XDP_TX;
	return bpf_redirect_map(&tx_ports, port, XDP_PASS) == XDP_REDIRECT ? XDP_REDIRECT
	                                                                   : XDP_PASS;
}

/*
 * The action that sends the frame out by a device other than it came by, with the tag that it needs
 * there. A tag is rewritten in place; putting one in or taking it out is left to who has the last word.
 */
static __always_inline int deliver_elsewhere(ctx_t *xdp, __u32 ifindex)
{
	int action = deliver_port(xdp, ifindex);
	struct tagged_header *tagged;
	struct vlan *vlan;

	/* VLAN devices are no ports. */
	if (action != XDP_PASS)
		return TAG_LEN ? action | XDP_UNTAG : action;
	vlan = vlan_find(ifindex, 0);
	if (!vlan)
		return XDP_PASS;
	action = deliver_port(xdp, vlan->ifindex);
	if (action == XDP_PASS)
		return XDP_PASS;
	if (!TAG_LEN)
		return action | XDP_TAG(vlan->vid);
	tagged = packet_at(xdp, 0, sizeof(*tagged));
	if (!tagged)
		return XDP_PASS;
	tagged->tci = (tagged->tci & ~bpf_htons(VLAN_VID_BITS)) | bpf_htons(vlan->vid);
	return action;
}

/*
 * Mostly the next hop lies where the frame came from, and the FIB has named our own MAC. On a device
 * that is no uplink itself that says nothing: its VLANs have its MAC as well.
 */
static __always_inline bool deliver_is_ours_by(ctx_t *xdp, const struct ethhdr *eth,
                                               const struct bpf_fib_lookup *fib)
{
	return (mac_equal(eth->h_dest, fib->smac) && (TAG_LEN || !vlan_has_trunks())) ||
	       deliver_is_ours(xdp, eth);
}

/*
 * Asks for the next hop and gives the frame its MACs. The action that sends it, or XDP_PASS with nothing
 * changed: the next hop is not known yet, the packet is too big for the way, the way leads through a
 * tunnel or to a device that takes no frames from XDP, or nowhere, or its next hop wants to be asked
 * whether it is still there. TC knows what to do then.
 */
static __always_inline int deliver_xdp(ctx_t *xdp, const struct packet *pkt, const flow_t *to)
{
	struct bpf_fib_lookup fib;
	struct ethhdr *eth;
	int action = XDP_TX;

	fib_fill(&fib, to, pkt->key.proto, ctx_ifindex(xdp));
	fib.tot_len = pkt->end - L3_OFFSET;
	if (bpf_fib_lookup(xdp, &fib, sizeof(fib), 0) != BPF_FIB_LKUP_RET_SUCCESS)
		return XDP_PASS;
	eth = packet_at(xdp, 0, sizeof(*eth));
	if (!eth)
		return XDP_PASS;
	if (!deliver_is_ours_by(xdp, eth, &fib) || (!pkt->settled && next_hop_asks(&fib)))
		return XDP_PASS;
	if (fib.ifindex != ctx_ifindex(xdp)) {
		action = deliver_elsewhere(xdp, fib.ifindex);
		if (action == XDP_PASS)
			return XDP_PASS;
	}
	mac_copy(eth->h_dest, fib.dmac);
	mac_copy(eth->h_source, fib.smac);
	return action;
}

#endif
