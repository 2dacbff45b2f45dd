// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pkt.h"

/* Where the layers of a packet under construction lie. */
struct build {
	struct pkt pkt;
	const struct layer *layers;
	uint32_t n;
	uint32_t at[16];
	uint32_t end; /* of the IP packet: before the trailer */
};

static uint8_t *grow(struct build *b, uint32_t n)
{
	uint8_t *p = b->pkt.data + b->pkt.len;

	if (b->pkt.len + n > PKT_MAX) {
		fprintf(stderr, "pkt: %u bytes do not fit into PKT_MAX\n", b->pkt.len + n);
		abort();
	}
	b->pkt.len += n;
	return p;
}

static void put_ip4(struct build *b, const struct layer *l)
{
	uint32_t hlen = IP4_LEN + 4 * l->opt_words;
	uint8_t *p = grow(b, hlen);

	p[0] = 0x40 | hlen / 4;
	p[1] = l->tos;
	put16(p + 2, l->len);
	put16(p + 4, l->id);
	put16(p + 6, l->frag);
	p[8] = l->ttl;
	p[9] = l->proto;
	memcpy(p + 12, l->src.b, 4);
	memcpy(p + 16, l->dst.b, 4);
	memset(p + IP4_LEN, 1, hlen - IP4_LEN);
}

static void put_ip6(struct build *b, const struct layer *l)
{
	uint8_t *p = grow(b, IP6_LEN);

	put32(p, 0x60000000 | (uint32_t)l->tos << 20 | l->flow_label);
	put16(p + 4, l->len);
	p[6] = l->proto;
	p[7] = l->ttl;
	memcpy(p + 8, l->src.b, 16);
	memcpy(p + 24, l->dst.b, 16);
}

static void put_ext(struct build *b, const struct layer *l)
{
	/* The authentication header counts in words of four bytes, less two. */
	uint32_t len = l->type == IPPROTO_AH ? 4 * (l->ext_len + 2) : 8 * (l->ext_len + 1);
	uint8_t *p = grow(b, len);

	memset(p, 0, len);
	p[0] = l->proto;
	if (l->type != IPPROTO_FRAGMENT)
		p[1] = l->ext_len;
	if (l->type == IPPROTO_HOPOPTS || l->type == IPPROTO_DSTOPTS) {
		p[2] = 1; /* PadN over the rest */
		p[3] = len - 4;
	}
	if (l->type == IPPROTO_FRAGMENT) {
		put16(p + 2, l->frag);
		put32(p + 4, l->id);
	}
}

static void put_tcp(struct build *b, const struct layer *l)
{
	uint32_t hlen = TCP_LEN + 4 * l->opt_words;
	uint8_t *p = grow(b, hlen);

	put16(p, l->sport);
	put16(p + 2, l->dport);
	put32(p + 4, l->seq);
	put32(p + 8, l->ack);
	p[12] = hlen / 4 << 4;
	p[13] = l->flags;
	put16(p + 14, 0x7210);
	put16(p + 16, l->csum);
	put16(p + 18, 0);
	memset(p + TCP_LEN, 1, hlen - TCP_LEN);
}

static void put_udp(struct build *b, const struct layer *l)
{
	uint8_t *p = grow(b, UDP_LEN);

	put16(p, l->sport);
	put16(p + 2, l->dport);
	put16(p + 4, l->len);
	put16(p + 6, l->csum);
}

static void put_sctp(struct build *b, const struct layer *l)
{
	uint8_t *p = grow(b, SCTP_LEN);

	put16(p, l->sport);
	put16(p + 2, l->dport);
	put32(p + 4, l->seq);
	put32(p + 8, l->csum);
}

static void put_icmp(struct build *b, const struct layer *l)
{
	uint8_t *p = grow(b, ICMP_LEN);

	p[0] = l->type;
	p[1] = l->code;
	put16(p + 2, l->csum);
	put32(p + 4, l->rest);
}

static void put_eth(struct build *b, const struct layer *l)
{
	uint8_t *p = grow(b, ETH_LEN);

	memcpy(p, l->dst_mac.b, 6);
	memcpy(p + 6, l->src_mac.b, 6);
	put16(p + 12, l->ethertype);
}

static void put_vlan(struct build *b, const struct layer *l)
{
	put16(grow(b, 4), l->id);
}

static void put_bytes(struct build *b, const struct layer *l)
{
	memcpy(grow(b, l->nbytes), l->bytes, l->nbytes);
}

static void (*const put_layer[])(struct build *b, const struct layer *l) = {
	[LAYER_ETH] = put_eth,       [LAYER_VLAN] = put_vlan, [LAYER_IP4] = put_ip4,
	[LAYER_IP6] = put_ip6,       [LAYER_EXT] = put_ext,   [LAYER_TCP] = put_tcp,
	[LAYER_UDP] = put_udp,       [LAYER_ICMP] = put_icmp, [LAYER_BYTES] = put_bytes,
	[LAYER_TRAILER] = put_bytes, [LAYER_SCTP] = put_sctp,
};

/* The number by which the layer before names this one: 0 for a layer that has none. */
static uint16_t layer_ethertype(const struct layer *l)
{
	switch (l->kind) {
	case LAYER_VLAN:
		return 0x8100;
	case LAYER_IP4:
		return 0x0800;
	case LAYER_IP6:
		return 0x86dd;
	default:
		return 0;
	}
}

static uint8_t layer_proto(const struct build *b, uint32_t i)
{
	for (uint32_t j = 0; b->layers[i].kind == LAYER_ICMP && j < i; j++)
		if (b->layers[j].kind == LAYER_IP6)
			return IPPROTO_ICMPV6;
	switch (b->layers[i].kind) {
	case LAYER_EXT:
		return b->layers[i].type;
	case LAYER_TCP:
		return IPPROTO_TCP;
	case LAYER_UDP:
		return IPPROTO_UDP;
	case LAYER_SCTP:
		return IPPROTO_SCTP;
	case LAYER_ICMP:
		return IPPROTO_ICMP;
	default:
		return IPPROTO_NONE;
	}
}

static void fill_next(struct build *b, uint32_t i)
{
	const struct layer *l = &b->layers[i];
	bool has_next = i + 1 < b->n;
	uint8_t *p = b->pkt.data + b->at[i];

	if (l->kind == LAYER_ETH && !l->ethertype && has_next)
		put16(p + 12, layer_ethertype(l + 1));
	if (l->kind == LAYER_VLAN && has_next)
		put16(p + 2, layer_ethertype(l + 1));
	if (l->proto || l->keep_proto || !has_next)
		return;
	if (l->kind == LAYER_IP4)
		p[9] = layer_proto(b, i + 1);
	if (l->kind == LAYER_IP6)
		p[6] = layer_proto(b, i + 1);
	if (l->kind == LAYER_EXT)
		p[0] = layer_proto(b, i + 1);
}

static void fill_len(struct build *b, uint32_t i)
{
	const struct layer *l = &b->layers[i];
	uint8_t *p = b->pkt.data + b->at[i];

	if (l->len || l->keep_len)
		return;
	if (l->kind == LAYER_IP4)
		put16(p + 2, b->end - b->at[i]);
	if (l->kind == LAYER_IP6)
		put16(p + 4, b->end - b->at[i] - IP6_LEN);
	if (l->kind == LAYER_UDP)
		put16(p + 4, b->end - b->at[i]);
}

static void fill_csum(struct build *b, uint32_t i, uint32_t ip)
{
	const struct layer *l = &b->layers[i], *il = &b->layers[ip];
	uint8_t *p = b->pkt.data + b->at[i], proto = layer_proto(b, i);
	int family = il->kind == LAYER_IP4 ? AF_INET : AF_INET6;
	uint32_t at = l->kind == LAYER_TCP ? 16 : l->kind == LAYER_UDP ? 6 : 2;

	if (l->keep_csum)
		return;
	if (l->kind == LAYER_IP4)
		put16(p + 10, csum_finish(csum_add(0, p, IP4_LEN + 4 * l->opt_words)));
	if (l->kind == LAYER_SCTP)
		sctp_crc_put(p, b->end - b->at[i]);
	if (l->kind != LAYER_TCP && l->kind != LAYER_UDP && l->kind != LAYER_ICMP)
		return;
	put16(p + at, csum_l4(proto == IPPROTO_ICMP ? 0 : family, il->src.b, il->dst.b, proto, p,
	                      b->end - b->at[i]));
}

struct pkt pkt_build(const struct layer *layers, uint32_t n)
{
	struct build b = { .layers = layers, .n = n };
	uint32_t ip = 0;

	for (uint32_t i = 0; i < n; i++) {
		b.at[i] = b.pkt.len;
		put_layer[layers[i].kind](&b, &layers[i]);
		if (layers[i].kind != LAYER_TRAILER)
			b.end = b.pkt.len;
		if (layers[i].kind == LAYER_IP4 || layers[i].kind == LAYER_IP6)
			ip = i;
	}
	for (uint32_t i = 0; i < n; i++) {
		fill_next(&b, i);
		fill_len(&b, i);
	}
	for (uint32_t i = n; i-- > 0;)
		fill_csum(&b, i, ip);
	return b.pkt;
}

struct pkt pkt_cut(struct pkt p, uint32_t len)
{
	if (len < p.len)
		p.len = len;
	return p;
}
