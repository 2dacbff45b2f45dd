/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From bytes to struct packet, for TC. Reads only; what cannot be read is not guessed at.
 *
 * The kernel takes the outer VLAN tag off before tc ingress and puts it on after tc egress, so a
 * tagged packet seen here belongs to a VLAN device, which has hooks of its own: it is not ours.
 */
#ifndef MILLRACE_PARSE_H
#define MILLRACE_PARSE_H

#include "parse_l4.h"

/* Enough of any packet's headers to be linear, IPv6 extension headers aside. */
#define PARSE_PULL 128

#define IP_OFFSET_BITS     0x1fff
#define IPV6_FRAGMENT_BITS 0xfff9 /* the offset and M */
#define IPV6_OFFSET_BITS   0xfff8
#define IPV6_EXT_MAX       6

#if IPV == 4

static __always_inline int parse_l3(struct __sk_buff *skb, struct packet *pkt)
{
	struct iphdr *ip = packet_at(skb, L3_OFFSET, sizeof(*ip));
	__u32 header, total;

	if (!ip)
		return PARSE_NOT_OURS;
	pkt->key.saddr = ip->saddr;
	pkt->key.daddr = ip->daddr;
	parse_proto(pkt, ip->protocol);
	pkt->ttl = ip->ttl;
	pkt->l3_check = ip->check;
	header = ip->ihl * 4;
	total = bpf_ntohs(ip->tot_len);
	/* A total of 0 is BIG TCP: a packet of more than 64 KiB within this host. */
	if (ip->version != 4 || header < sizeof(*ip) || (total && total < header) ||
	    L3_OFFSET + total > skb->len)
		return DROP_MALFORMED;
	if (__builtin_expect(ip->frag_off & bpf_htons(IP_FRAGMENT_BITS), 0)) {
		pkt->fragment = ip->frag_off & bpf_htons(IP_OFFSET_BITS) ? FRAGMENT_LATER
		                                                         : FRAGMENT_FIRST;
		pkt->fragment_id = ip->id;
	}
	pkt->l4_offset = L3_OFFSET + header;
	pkt->end = total ? L3_OFFSET + total : skb->len;
	return 0;
}

#else

static __always_inline bool parse_is_extension(__u8 proto)
{
	return proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING || proto == IPPROTO_DSTOPTS ||
	       proto == IPPROTO_AH || proto == IPPROTO_FRAGMENT;
}

/* The fragment header of RFC 8200, section 4.5. */
struct fragment_header {
	__u8 next, reserved;
	__be16 offset;
	__be32 id;
};

/* 0, or a drop reason. What has the header but is whole, an "atomic fragment", is no fragment. */
static __always_inline int parse_fragment_header(struct __sk_buff *skb, struct packet *pkt,
                                                 __u32 offset)
{
	struct fragment_header header;

	/* A fragment in fragments: nobody means well with it. */
	if (pkt->fragment)
		return DROP_FRAGMENT;
	if (bpf_skb_load_bytes(skb, offset, &header, sizeof(header)))
		return DROP_MALFORMED;
	if (!(header.offset & bpf_htons(IPV6_FRAGMENT_BITS)))
		return 0;
	pkt->fragment = header.offset & bpf_htons(IPV6_OFFSET_BITS) ? FRAGMENT_LATER
	                                                            : FRAGMENT_FIRST;
	pkt->fragment_id = header.id;
	return 0;
}

/*
 * Walks the extension headers, out of line: no established flow of a common stack has any. Reads by
 * helper, because a chain may reach past the linear part.
 */
static __noinline int parse_extensions(struct __sk_buff *skb, struct packet *pkt)
{
	__u32 offset = L3_OFFSET + sizeof(struct ipv6hdr);
	__u8 proto, header[2];
	int reason;

	if (!pkt)
		return DROP_MALFORMED;
	proto = pkt->key.proto;
	/* Unrolled: kernels before 6.3 refuse a loop that clang closes by falling through. */
#pragma clang loop unroll(full)
	for (int i = 0; i < IPV6_EXT_MAX + 1; i++) {
		if (!parse_is_extension(proto)) {
			pkt->key.proto = proto;
			pkt->l4_offset = offset;
			bpf_skb_pull_data(skb, offset + sizeof(struct tcphdr) <= skb->len
			                               ? offset + sizeof(struct tcphdr)
			                               : skb->len);
			return 0;
		}
		if (i == IPV6_EXT_MAX)
			return DROP_EXT_HEADERS;
		if (bpf_skb_load_bytes(skb, offset, header, sizeof(header)))
			return DROP_MALFORMED;
		if (proto == IPPROTO_FRAGMENT) {
			reason = parse_fragment_header(skb, pkt, offset);
			if (reason || pkt->fragment == FRAGMENT_LATER)
				return reason;
			header[1] = 0;
		}
		offset += proto == IPPROTO_AH ? (header[1] + 2) * 4 : (header[1] + 1) * 8;
		proto = header[0];
	}
	return DROP_EXT_HEADERS;
}

static __always_inline int parse_l3(struct __sk_buff *skb, struct packet *pkt)
{
	struct ipv6hdr *ip = packet_at(skb, L3_OFFSET, sizeof(*ip));
	__u32 total;

	if (!ip)
		return PARSE_NOT_OURS;
	__builtin_memcpy(&pkt->key.saddr, &ip->saddr, sizeof(ip_t));
	__builtin_memcpy(&pkt->key.daddr, &ip->daddr, sizeof(ip_t));
	parse_proto(pkt, ip->nexthdr);
	pkt->ttl = ip->hop_limit;
	total = bpf_ntohs(ip->payload_len);
	/* A payload of 0 is BIG TCP or a jumbogram: nothing to check against. */
	if (ip->version != 6 || (total && L3_OFFSET + sizeof(*ip) + total > skb->len))
		return DROP_MALFORMED;
	pkt->l4_offset = L3_OFFSET + sizeof(*ip);
	pkt->end = total ? L3_OFFSET + sizeof(*ip) + total : skb->len;
	if (parse_is_extension(pkt->key.proto))
		return parse_extensions(skb, pkt);
	return 0;
}

#endif

/* A tag in a tag. Only one of the two programs of a device looks, and not at packets of its own family. */
static __always_inline bool parse_is_stacked(struct __sk_buff *skb)
{
	return IPV == 4 && (skb->protocol == bpf_htons(ETH_P_8021Q) ||
	                    skb->protocol == bpf_htons(ETH_P_8021AD));
}

/* True if the packet is of this program's family and not tagged. */
static __always_inline bool parse_is_family(struct __sk_buff *skb)
{
	struct ethhdr *eth = packet_at(skb, 0, sizeof(*eth));

	return eth && eth->h_proto == bpf_htons(FAMILY_ETHERTYPE) && !skb->vlan_present;
}

/*
 * 0: pkt is filled in. PARSE_NOT_OURS, PARSE_NEIGHBOUR: leave the packet alone. PARSE_ICMP_ERROR: all but the ports
 * is known. PARSE_FRAGMENT: ports and, under IPv6, protocol are not known. Else a drop reason: only
 * the addresses (and IPv4's protocol) are known, and the packet is dropped if it is for a service.
 */
static __always_inline int packet_parse(struct __sk_buff *skb, struct packet *pkt)
{
	__u32 linear = skb->data_end - skb->data;
	int reason;

	/* Only when headers lie outside: pulling also copies the head of a cloned packet. */
	if (linear < PARSE_PULL && linear < skb->len)
		bpf_skb_pull_data(skb, skb->len < PARSE_PULL ? skb->len : PARSE_PULL);
	reason = parse_l3(skb, pkt);
	if (reason)
		return reason;
	if (__builtin_expect(pkt->fragment == FRAGMENT_LATER, false))
		return PARSE_FRAGMENT;
	reason = parse_l4(skb, pkt);
	/* The quote goes on in fragments that cannot be translated. */
	return reason == PARSE_ICMP_ERROR && pkt->fragment ? DROP_FRAGMENT : reason;
}

#endif
