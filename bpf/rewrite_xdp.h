/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The only writer of packet bytes in XDP. Here checksums are always complete, so that the flow's
 * differences are all it takes (RFC 1624); `packet_parse` has seen every byte that is written.
 */
#ifndef MILLRACE_REWRITE_XDP_H
#define MILLRACE_REWRITE_XDP_H

#include "csum.h"
#include "parse_xdp.h"

#if IPV == 4

static __always_inline void rewrite_l3(struct iphdr *ip, const flow_t *to)
{
	/* One less in the upper byte of TTL's word is 0xfeff more, in one's complement. */
	ip->check = csum_update(ip->check, (__u64)to->addr_csum + bpf_htons(0xfeff));
	ip->ttl -= 1;
	ip->saddr = to->saddr;
	ip->daddr = to->daddr;
}

#else

static __always_inline void rewrite_l3(struct ipv6hdr *ip, const flow_t *to)
{
	ip->hop_limit -= 1;
	__builtin_memcpy(&ip->saddr, &to->saddr, sizeof(ip_t));
	__builtin_memcpy(&ip->daddr, &to->daddr, sizeof(ip_t));
}

#endif

/* The checksum of TCP or UDP, with addresses and ports under it. */
static __always_inline __u16 rewrite_l4_csum(__u16 check, const flow_t *to)
{
	return csum_update(check, (__u64)to->addr_csum + to->port_csum);
}

/* Addresses, TTL and ports; `ports` are the first two words of any transport header. */
static __always_inline void rewrite_tuple(ip_header_t *ip, __be16 *ports, const flow_t *to)
{
	ports[0] = to->sport;
	ports[1] = to->dport;
	rewrite_l3(ip, to);
}

static __always_inline bool rewrite_tcp(ctx_t *xdp, const flow_t *to)
{
	struct {
		ip_header_t ip;
		struct tcphdr tcp;
	} *packet = packet_at(xdp, L3_OFFSET, sizeof(*packet));

	if (!packet)
		return false;
	packet->tcp.check = rewrite_l4_csum(packet->tcp.check, to);
	rewrite_tuple(&packet->ip, &packet->tcp.source, to);
	return true;
}

static __always_inline bool rewrite_udp(ctx_t *xdp, const flow_t *to)
{
	struct {
		ip_header_t ip;
		struct udphdr udp;
	} *packet = packet_at(xdp, L3_OFFSET, sizeof(*packet));

	if (!packet)
		return false;
	/* A checksum that is absent stays so; one that comes out as 0 is written in its other form. */
	if (packet->udp.check)
		packet->udp.check = rewrite_l4_csum(packet->udp.check, to) ?: 0xffff;
	rewrite_tuple(&packet->ip, &packet->udp.source, to);
	return true;
}

/* Makes the packet what `to` says. False only if it is not the packet that was parsed. */
static __always_inline bool rewrite_xdp(ctx_t *xdp, const struct packet *pkt, const flow_t *to)
{
	return pkt->key.proto == IPPROTO_TCP ? rewrite_tcp(xdp, to) : rewrite_udp(xdp, to);
}

#endif
