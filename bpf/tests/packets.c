// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The packets of a case: one shape for both families and all protocols. */
#include <string.h>

#include "test.h"

static const char payload[] = "down the millrace \xff\xff\x00\x01 odd";

uint32_t host_dev(enum host host)
{
	switch (host) {
	case POD_A:
	case LINK_A:
		return PODA;
	case POD_B:
		return PODB;
	case POD_C:
	case BRIDGED:
	case LINK_B:
		return PODC;
	case NODE_1:
	case SIDE_NODE:
	case SIDE_POD:
		return UP1;
	default:
		return UP0;
	}
}

enum host host_next_hop(enum host host)
{
	switch (host) {
	case POD_A:
	case POD_B:
	case POD_C:
	case BRIDGED:
	case PEER_NODE:
	case SIDE_NODE:
	case LINK_A:
	case LINK_B:
		return host;
	case FAR_POD:
	case FAR_POD_2:
		return PEER_NODE;
	case SIDE_POD:
		return SIDE_NODE;
	default:
		return GW;
	}
}

bool has_states(const struct run *r)
{
	return r->proto == IPPROTO_TCP || r->proto == IPPROTO_SCTP;
}

uint32_t l4_needed(const struct run *r)
{
	return r->proto == IPPROTO_TCP ? TCP_LEN : r->proto == IPPROTO_SCTP ? SCTP_LEN + 4 : 8;
}

static struct layer l4_layer(struct run *r, struct tuple t, struct segment s)
{
	bool v4 = r->family == AF_INET;

	if (r->proto == IPPROTO_TCP)
		return (struct layer)tcp(.sport = t.sport, .dport = t.dport, .seq = 1000,
		                         .ack = s.flags & TCP_ACK || !s.flags ? 2000 : 0,
		                         .flags = s.flags ? s.flags : TCP_ACK | TCP_PSH);
	if (r->proto == IPPROTO_UDP)
		return (struct layer)udp(.sport = t.sport, .dport = t.dport,
		                         .keep_csum = s.no_csum);
	if (r->proto == IPPROTO_SCTP)
		return (struct layer)sctp(.sport = t.sport, .dport = t.dport, .seq = 0x7a6b5c4d,
		                          .keep_csum = s.no_csum);
	return (struct layer)icmp(.type = v4 ? (s.reply ? 0 : 8) : (s.reply ? 129 : 128),
	                          .rest = (uint32_t)t.sport << 16 | 3);
}

/* The chunk that says in SCTP what these flags say in TCP. */
static uint8_t chunk_type(uint8_t flags)
{
	if (flags & TCP_RST)
		return flags & TCP_ACK ? CHUNK_SHUTDOWN_COMPLETE : CHUNK_ABORT;
	if (flags & TCP_FIN)
		return CHUNK_SHUTDOWN;
	if (flags & TCP_SYN)
		return flags & TCP_ACK ? CHUNK_INIT_ACK : CHUNK_INIT;
	return flags == TCP_ACK ? CHUNK_SACK : CHUNK_DATA;
}

/* The header of an SCTP chunk, which has the payload as its value; no other protocol has one. */
static struct layer chunk_layer(struct run *r, uint8_t flags, uint8_t chunk[4], uint32_t len)
{
	chunk[0] = chunk_type(flags);
	chunk[1] = 0;
	put16(chunk + 2, 4 + len);
	return (struct layer)raw(chunk, r->proto == IPPROTO_SCTP ? 4 : 0);
}

struct pkt segment_build(struct run *r, struct tuple t, struct segment s)
{
	struct addr src = addr_of(r->family, t.src), dst = addr_of(r->family, t.dst);
	uint8_t ttl = s.ttl ? s.ttl : 64, chunk[4];
	uint32_t len = s.bare ? 0 : sizeof(payload) - 1;
	const struct layer layers[] = {
		eth(.dst_mac = s.dst_mac, .src_mac = s.src_mac),
		{ .kind = r->family == AF_INET ? LAYER_IP4 : LAYER_IP6,
		  .src = src,
		  .dst = dst,
		  .ttl = ttl,
		  .tos = 0x12,
		  .id = r->family == AF_INET ? 0x1234 : 0,
		  .flow_label = 0x54321 },
		l4_layer(r, t, s),
		chunk_layer(r, s.flags, chunk, len),
		raw(payload, len),
	};

	return pkt_build(layers, 5);
}

struct pkt arriving_(struct run *r, struct tuple t, struct segment s)
{
	s.dst_mac = dev_mac(host_dev(t.src));
	s.src_mac = host_mac(host_next_hop(t.src));
	return segment_build(r, t, s);
}

struct pkt leaving_(struct run *r, struct tuple t, struct segment s)
{
	s.dst_mac = host_mac(host_next_hop(t.dst));
	s.src_mac = dev_mac(host_dev(t.dst));
	return segment_build(r, t, s);
}

bool leads_to(struct run *r, const struct pkt *p, enum host host)
{
	bool v4 = r->family == AF_INET;
	struct addr dst = addr_of(r->family, host);

	return !memcmp(p->data + ETH_LEN + (v4 ? 16 : 24), dst.b, v4 ? 4 : 16);
}

struct pkt framed_as(struct pkt p, const struct pkt *other)
{
	memcpy(p.data, other->data, ETH_LEN);
	return p;
}
