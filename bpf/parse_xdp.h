/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From bytes to struct packet, for XDP. Only the packets that XDP may carry: whole ones without
 * options or extension headers, of TCP or UDP, that may still travel. The kernel's TC hooks, which see
 * all others, have the means to deal with them.
 */
#ifndef MILLRACE_PARSE_XDP_H
#define MILLRACE_PARSE_XDP_H

#include "parse_l4.h"

#define L4_OFFSET (L3_OFFSET + sizeof(ip_header_t))

#if IPV == 4

/* The length of the packet, 0 if it is none of ours. */
static __always_inline __u32 parse_l3(const struct iphdr *ip, struct packet *pkt)
{
	if (ip->version != 4 || ip->ihl != 5 || ip->frag_off & bpf_htons(IP_FRAGMENT_BITS))
		return 0;
	pkt->key.saddr = ip->saddr;
	pkt->key.daddr = ip->daddr;
	parse_proto(pkt, ip->protocol);
	pkt->ttl = ip->ttl;
	return bpf_ntohs(ip->tot_len);
}

#else

/* The length of the packet, 0 if it is none of ours. */
static __always_inline __u32 parse_l3(const struct ipv6hdr *ip, struct packet *pkt)
{
	if (ip->version != 6 || !ip->payload_len)
		return 0;
	__builtin_memcpy(&pkt->key.saddr, &ip->saddr, sizeof(ip_t));
	__builtin_memcpy(&pkt->key.daddr, &ip->daddr, sizeof(ip_t));
	parse_proto(pkt, ip->nexthdr);
	pkt->ttl = ip->hop_limit;
	return sizeof(*ip) + bpf_ntohs(ip->payload_len);
}

#endif

/* True with `pkt` filled in if XDP may carry the packet. */
static __always_inline bool packet_parse(ctx_t *xdp, struct packet *pkt)
{
	ip_header_t *ip = packet_at(xdp, L3_OFFSET, sizeof(*ip));

	if (!ip)
		return false;
	pkt->end = L3_OFFSET + parse_l3(ip, pkt);
	pkt->l4_offset = L4_OFFSET;
	if (pkt->key.proto != IPPROTO_TCP && pkt->key.proto != IPPROTO_UDP)
		return false;
	/* The length of a frame in fragments is asked for only where it matters. */
	if (pkt->end > xdp->data_end - xdp->data && pkt->end > ctx_len(xdp) + TAG_LEN)
		return false;
	/* The last hop, and a checksum that must not be absent: TC drops them, with a reason. */
	return pkt->ttl > 1 && !parse_l4(xdp, pkt) && !(IPV == 6 && pkt->csum_absent);
}

#endif
