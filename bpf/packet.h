/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the decision core knows of a packet. Offsets and copies, no pointers: helpers that touch the
 * packet invalidate pointers, and XDP and TC keep theirs in different places.
 */
#ifndef MILLRACE_PACKET_H
#define MILLRACE_PACKET_H

#include "family.h"

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_ACK = 0x10,
};

enum packet_fragment {
	FRAGMENT_NONE = 0, /* a whole packet */
	FRAGMENT_FIRST, /* has the L4 header, and its checksum, which covers the whole datagram */
	FRAGMENT_LATER, /* has neither */
};

/* Length of the VLAN tag in the frames that the compilation unit is for; tc never sees one. */
#ifndef TAG_LEN
#define TAG_LEN 0
#endif

#define L3_OFFSET (ETH_HLEN + TAG_LEN)

#define IP_FRAGMENT_BITS 0x3fff /* MF and the offset */

struct packet {
	flow_key_t key;  /* the tuple; without ports when parsing gave a drop reason */
	__u16 l4_offset; /* of the transport or ICMP header */
	__u32 end;       /* of the IP packet, counted from the frame's start; the rest is padding */
	__u16 l3_check;  /* IPv4 header checksum as it lies in the packet */
	__u8 tcp_flags;  /* enum tcp_flag; SCTP's chunk in these terms (sctp.h); 0 else */
	__u8 ttl;        /* or hop limit */
	bool csum_absent;   /* UDP with checksum 0 */
	bool settled;       /* in XDP: its flow is established, and has been met in this tick */
	__u8 fragment;      /* enum packet_fragment */
	__be32 fragment_id; /* as it lies in the packet; IPv4 has 16 bits */
};

/* Protocols that say when a connection begins and ends: what is neither, and to a service, is lost. */
static __always_inline bool proto_has_states(__u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_SCTP;
}

/* A pure SYN opens a connection; a SYN with ACK answers one, and one with FIN nobody listens to. */
static __always_inline bool packet_opens(const struct packet *pkt)
{
	return (pkt->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

/*
 * Whether anybody might take it for the beginning of a connection: a SYN without ACK, whatever else it says.
 * Policies judge what asks in its own direction; what does not may belong to a connection of either.
 */
static __always_inline bool packet_asks(const struct packet *pkt)
{
	return (pkt->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* The offset of the L4 checksum, counted from the L4 header. */
static __always_inline __u32 packet_csum_offset(__u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
		return 6;
	default:
		return 2;
	}
}

#endif
