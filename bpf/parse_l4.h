/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The transport header, alike in both families and at every hook. */
#ifndef MILLRACE_PARSE_L4_H
#define MILLRACE_PARSE_L4_H

#include <linux/tcp.h>
#include <linux/udp.h>

#include "ctx.h"
#include "icmp.h"
#include "packet.h"
#include "sctp.h"

/* Besides 0 (parsed) and a drop reason that applies if the packet is for a service address. */
#define PARSE_NOT_OURS   (-1)
#define PARSE_ICMP_ERROR (-2) /* quotes the packet it is about, at l4_offset + 8 */
#define PARSE_FRAGMENT   (-3) /* a later fragment: has no ports */
#define PARSE_NEIGHBOUR  (-4) /* neighbour discovery: as not ours, but policies let it pass */

static __always_inline int parse_icmp(struct packet *pkt, const struct icmp_header *icmp)
{
	if (icmp_is_error(icmp->type))
		return PARSE_ICMP_ERROR;
	if (icmp_is_neighbourly(icmp->type))
		return PARSE_NEIGHBOUR;
	if ((icmp->type != ICMP_ECHO_REQUEST && icmp->type != ICMP_ECHO_REPLY) || icmp->code)
		return PARSE_NOT_OURS;
	pkt->key.sport = icmp->id;
	pkt->key.dport = icmp->id;
	return 0;
}

/* A word over two ports, which the compiler is not to think of as other memory. */
typedef __u32 __attribute__((may_alias)) ports_t;

/* Both at once: the lookup reads them so, and would have to wait for two stores to be one. */
static __always_inline void parse_ports(struct packet *pkt, const __be16 *ports)
{
	*(ports_t *)&pkt->key.sport = *(const ports_t *)ports;
}

/* With its padding, for the same reason. */
static __always_inline void parse_proto(struct packet *pkt, __u8 proto)
{
	__u8 word[4] = { proto };

	_Static_assert(sizeof(flow_key_t) - offsetof(flow_key_t, proto) == sizeof(word),
	               "the protocol's word is the key's last");
	__builtin_memcpy(&pkt->key.proto, word, sizeof(word));
}

static __always_inline int parse_l4(ctx_t *ctx, struct packet *pkt)
{
	__u32 offset = pkt->l4_offset;

	if (pkt->key.proto == IPPROTO_TCP) {
		struct tcphdr *tcp = packet_at(ctx, offset, sizeof(*tcp));

		if (!tcp || offset + sizeof(*tcp) > pkt->end)
			return DROP_MALFORMED;
		parse_ports(pkt, &tcp->source);
		pkt->tcp_flags = ((__u8 *)tcp)[13];
		return 0;
	}
	if (pkt->key.proto == IPPROTO_UDP) {
		struct udphdr *udp = packet_at(ctx, offset, sizeof(*udp));

		if (!udp || offset + sizeof(*udp) > pkt->end)
			return DROP_MALFORMED;
		parse_ports(pkt, &udp->source);
		pkt->csum_absent = !udp->check;
		return 0;
	}
	if (pkt->key.proto == IPPROTO_SCTP) {
		struct sctp_header *sctp = packet_at(ctx, offset, sizeof(*sctp));

		if (!sctp || offset + sizeof(*sctp) > pkt->end)
			return DROP_MALFORMED;
		pkt->key.sport = sctp->source;
		pkt->key.dport = sctp->dest;
		pkt->tcp_flags = sctp_flags(sctp->chunk);
		return 0;
	}
	if (pkt->key.proto == FAMILY_ICMP) {
		struct icmp_header *icmp = packet_at(ctx, offset, sizeof(*icmp));

		if (!icmp || offset + sizeof(*icmp) > pkt->end)
			return DROP_MALFORMED;
		return parse_icmp(pkt, icmp);
	}
	return DROP_UNKNOWN_PROTOCOL;
}

#endif
