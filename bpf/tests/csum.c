// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <netinet/in.h>
#include <sys/socket.h>

#include "pkt.h"

uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

void put16(uint8_t *p, uint16_t value)
{
	p[0] = value >> 8;
	p[1] = value & 0xff;
}

void put32(uint8_t *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value & 0xffff);
}

uint32_t csum_add(uint32_t sum, const uint8_t *p, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
		while (sum > 0xffff)
			sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

uint16_t csum_finish(uint32_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

uint16_t csum_l4(int family, const uint8_t *saddr, const uint8_t *daddr, uint8_t proto,
                 const uint8_t *msg, uint32_t len)
{
	uint32_t alen = family == AF_INET6 ? 16 : family == AF_INET ? 4 : 0;
	uint32_t sum = alen ? proto + len : 0;
	uint16_t csum;

	sum = csum_add(sum, saddr, alen);
	sum = csum_add(sum, daddr, alen);
	csum = csum_finish(csum_add(sum, msg, len));
	return csum == 0 && proto == IPPROTO_UDP ? 0xffff : csum;
}

uint32_t crc32c_add(uint32_t crc, const uint8_t *p, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			bool carry = (crc >> 31 ^ p[i] >> bit) & 1;

			crc = crc << 1 ^ (carry ? 0x1edc6f41 : 0);
		}
	}
	return crc;
}

uint32_t crc32c_finish(uint32_t crc)
{
	uint32_t mirrored = 0;

	for (int bit = 0; bit < 32; bit++)
		mirrored |= (~crc >> bit & 1) << (31 - bit);
	return mirrored;
}

void sctp_crc_put(uint8_t *packet, uint32_t len)
{
	uint32_t crc;

	put32(packet + 8, 0);
	crc = crc32c_finish(crc32c_add(~0u, packet, len));
	for (int i = 0; i < 4; i++)
		packet[8 + i] = crc >> 8 * i & 0xff;
}

uint16_t csum_difference(const uint8_t *a, const uint8_t *b, uint32_t len)
{
	uint32_t minus_a = csum_finish(csum_add(0, a, len));

	return ~csum_finish(csum_add(minus_a, b, len)) & 0xffff;
}

static void l4_fix(int family, const uint8_t *addrs, uint8_t proto, uint8_t *msg, uint32_t len)
{
	uint32_t alen = family == AF_INET6 ? 16 : 4;
	uint32_t at = proto == IPPROTO_TCP ? 16 : proto == IPPROTO_UDP ? 6 : 2;

	if (proto == IPPROTO_SCTP) {
		if (len >= SCTP_LEN)
			sctp_crc_put(msg, len);
		return;
	}
	if (at + 2 > len || (proto == IPPROTO_UDP && family == AF_INET && !get16(msg + at)))
		return;
	put16(msg + at, 0);
	put16(msg + at,
	      csum_l4(proto == IPPROTO_ICMP ? 0 : family, addrs, addrs + alen, proto, msg, len));
}

bool pkt_checksums_fix(struct pkt *p)
{
	uint8_t *ip = p->data + ETH_LEN;
	uint16_t type = get16(p->data + 12);

	if (type == 0x0800 && p->len >= ETH_LEN + IP4_LEN) {
		uint32_t hlen = (ip[0] & 15) * 4, total = get16(ip + 2);

		if (hlen < IP4_LEN || total < hlen || ETH_LEN + total > p->len)
			return false;
		put16(ip + 10, 0);
		put16(ip + 10, csum_finish(csum_add(0, ip, hlen)));
		l4_fix(AF_INET, ip + 12, ip[9], ip + hlen, total - hlen);
		return true;
	}
	if (type == 0x86dd && p->len >= (uint32_t)ETH_LEN + IP6_LEN + get16(ip + 4)) {
		l4_fix(AF_INET6, ip + 8, ip[6], ip + IP6_LEN, get16(ip + 4));
		return true;
	}
	return false;
}
