// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "odd.h"

/* Inserts bytes. */
static struct pkt with_bytes(struct pkt p, uint32_t at, const uint8_t *bytes, uint32_t n)
{
	memmove(p.data + at + n, p.data + at, p.len - at);
	memcpy(p.data + at, bytes, n);
	p.len += n;
	return p;
}

struct pkt ip4_with_options(struct pkt p, uint32_t words)
{
	uint8_t nops[40];

	memset(nops, 1, sizeof(nops));
	p = with_bytes(p, ETH_LEN + IP4_LEN, nops, words * 4);
	p.data[ETH_LEN] += words;
	put16(p.data + ETH_LEN + 2, p.len - ETH_LEN);
	put16(p.data + ETH_LEN + 10, 0);
	put16(p.data + ETH_LEN + 10,
	      csum_finish(csum_add(0, p.data + ETH_LEN, IP4_LEN + words * 4)));
	return p;
}

static struct pkt ip6_with(struct pkt p, uint32_t n, const uint8_t *kinds, uint8_t lengths)
{
	uint8_t l4 = p.data[ETH_LEN + 6];

	for (uint32_t i = n; i-- > 0;) {
		uint8_t header[24] = { i + 1 < n ? kinds[i + 1] : l4, i % lengths };
		uint32_t len = kinds[i] == IPPROTO_AH ? 4 * (header[1] + 2) : 8 * (header[1] + 1);

		p = with_bytes(p, ETH_LEN + IP6_LEN, header, len);
		p.data[ETH_LEN + 6] = kinds[i];
	}
	put16(p.data + ETH_LEN + 4, p.len - ETH_LEN - IP6_LEN);
	return p;
}

struct pkt ip6_with_extensions(struct pkt p, uint32_t n)
{
	static const uint8_t kinds[] = { IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING,
		                         IPPROTO_DSTOPTS, IPPROTO_AH,      IPPROTO_DSTOPTS,
		                         IPPROTO_DSTOPTS };

	return ip6_with(p, n, kinds, 3);
}

struct pkt ip6_with_dstopts(struct pkt p, uint32_t n)
{
	static const uint8_t kinds[] = { 60, 60, 60, 60, 60, 60, 60 };

	return ip6_with(p, n, kinds, 1);
}

struct pkt as_fragment(struct pkt p, uint16_t flags_and_offset)
{
	uint8_t header[8] = { p.data[ETH_LEN + 6] };

	if (get16(p.data + 12) == 0x0800) {
		put16(p.data + ETH_LEN + 6, flags_and_offset);
		put16(p.data + ETH_LEN + 10, 0);
		put16(p.data + ETH_LEN + 10, csum_finish(csum_add(0, p.data + ETH_LEN, IP4_LEN)));
		return p;
	}
	put16(header + 2, flags_and_offset);
	put32(header + 4, 0xfeedbeef);
	p = with_bytes(p, ETH_LEN + IP6_LEN, header, sizeof(header));
	p.data[ETH_LEN + 6] = IPPROTO_FRAGMENT;
	put16(p.data + ETH_LEN + 4, p.len - ETH_LEN - IP6_LEN);
	return p;
}

struct pkt fragment_of(struct pkt whole, uint32_t from, uint32_t to, uint16_t id)
{
	bool v4 = get16(whole.data + 12) == 0x0800;
	uint32_t l3 = ETH_LEN + (v4 ? IP4_LEN : IP6_LEN), end = whole.len - l3;
	bool last = to >= end;
	uint32_t n = (last ? end : to) - from;
	struct pkt p = pkt_cut(whole, l3 + n);

	memcpy(p.data + l3, whole.data + l3 + from, n);
	if (v4) {
		put16(p.data + ETH_LEN + 2, IP4_LEN + n);
		put16(p.data + ETH_LEN + 4, id);
		return as_fragment(p, from / 8 | (last ? 0 : 0x2000));
	}
	p = as_fragment(p, from | (last ? 0 : 1));
	put16(p.data + l3 + 6, id);
	return p;
}

struct pkt tagged(struct pkt p, uint16_t tci)
{
	uint8_t tag[4] = { 0x81, 0, tci >> 8, tci & 0xff };

	return with_bytes(p, 12, tag, sizeof(tag));
}

struct pkt pkt_swollen(struct pkt p, uint32_t len)
{
	uint32_t ip_len = len - ETH_LEN;

	memset(p.data + p.len, 0x5a, len - p.len);
	p.len = len;
	if (get16(p.data + 12) == 0x0800) {
		put16(p.data + ETH_LEN + 2, ip_len);
		if (p.data[ETH_LEN + 9] == IPPROTO_UDP)
			put16(p.data + ETH_LEN + IP4_LEN + 4, ip_len - IP4_LEN);
	} else {
		put16(p.data + ETH_LEN + 4, ip_len - IP6_LEN);
		if (p.data[ETH_LEN + 6] == IPPROTO_UDP)
			put16(p.data + ETH_LEN + IP6_LEN + 4, ip_len - IP6_LEN);
	}
	pkt_checksums_fix(&p);
	return p;
}
