/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packets from layers:
 *
 *	pkt(eth(.dst = a, .src = b), ip4(.src = c, .dst = d), tcp(.dport = 80, .flags = TCP_SYN),
 *	    text("hello"))
 *
 * Lengths, protocol numbers and checksums that a layer leaves unset are filled in afterwards, the
 * checksums by the slow functions of csum.c.
 */
#ifndef MILLRACE_TESTS_PKT_H
#define MILLRACE_TESTS_PKT_H

#include <stdbool.h>
#include <stdint.h>

#include "abi.h"

#define PKT_MAX  6144
#define ETH_LEN  14
#define IP4_LEN  20
#define IP6_LEN  40
#define TCP_LEN  20
#define UDP_LEN  8
#define ICMP_LEN 8
#define SCTP_LEN 12 /* the common header; chunks follow */

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_ACK 0x10

struct pkt {
	uint32_t len;
	uint8_t data[PKT_MAX];
};

struct mac {
	uint8_t b[6];
};

/* An address of either family, network byte order; IPv4 uses the first four bytes. */
struct addr {
	uint8_t b[16];
};

enum layer_kind {
	LAYER_ETH,
	LAYER_VLAN,
	LAYER_IP4,
	LAYER_IP6,
	LAYER_EXT,
	LAYER_TCP,
	LAYER_UDP,
	LAYER_SCTP,
	LAYER_ICMP,
	LAYER_BYTES,
	LAYER_TRAILER,
};

/*
 * One layer. Zero means "fill it in" for type, proto, len and csum; the keep_* flags make a zero
 * stand.
 */
struct layer {
	enum layer_kind kind;
	struct mac dst_mac, src_mac;
	uint16_t ethertype;
	struct addr src, dst;
	uint8_t ttl, tos, proto;
	uint16_t id, frag; /* ip4: id and flags+offset; ext fragment: flags+offset */
	uint8_t opt_words; /* ip4, tcp: 32-bit words of options (NOPs) */
	uint16_t len;      /* ip4 total length, ip6 payload length, udp length */
	uint32_t flow_label;
	uint16_t sport, dport;
	uint32_t seq, ack; /* sctp: the tag is in seq */
	uint8_t flags;
	uint8_t type, code; /* icmp */
	uint32_t rest;      /* icmp: second word, host order */
	uint32_t csum;      /* taken as it is when keep_csum */
	bool keep_csum, keep_len, keep_proto;
	uint8_t ext_len; /* ext: length field (8-byte units beyond the first) */
	const void *bytes;
	uint32_t nbytes;
};

#define eth(...)      { .kind = LAYER_ETH, ##__VA_ARGS__ }
#define vlan(tci)     { .kind = LAYER_VLAN, .id = (tci) }
#define ip4(...)      { .kind = LAYER_IP4, .ttl = 64, ##__VA_ARGS__ }
#define ip6(...)      { .kind = LAYER_IP6, .ttl = 64, ##__VA_ARGS__ }
#define ext(num, ...) { .kind = LAYER_EXT, .type = (num), ##__VA_ARGS__ }
#define tcp(...)      { .kind = LAYER_TCP, ##__VA_ARGS__ }
#define udp(...)      { .kind = LAYER_UDP, ##__VA_ARGS__ }
#define sctp(...)     { .kind = LAYER_SCTP, ##__VA_ARGS__ }
#define icmp(...)     { .kind = LAYER_ICMP, ##__VA_ARGS__ }
#define text(s)       { .kind = LAYER_BYTES, .bytes = (s), .nbytes = sizeof(s) - 1 }
#define raw(p, n)     { .kind = LAYER_BYTES, .bytes = (p), .nbytes = (n) }
/* Bytes of the frame behind the end of the IP packet. */
#define trailer(p, n) { .kind = LAYER_TRAILER, .bytes = (p), .nbytes = (n) }

#define pkt(...)                                                                                   \
	pkt_build((const struct layer[]){ __VA_ARGS__ },                                           \
	          sizeof((const struct layer[]){ __VA_ARGS__ }) / sizeof(struct layer))

struct pkt pkt_build(const struct layer *layers, uint32_t n);

/* Cuts the frame to len bytes. */
struct pkt pkt_cut(struct pkt p, uint32_t len);

bool pkt_equal(const struct pkt *a, const struct pkt *b);

/* Prints both packets, 16 bytes per line, lines that differ marked. */
void pkt_diff(const struct pkt *want, const struct pkt *got);

uint16_t get16(const uint8_t *p);
void put16(uint8_t *p, uint16_t value);
void put32(uint8_t *p, uint32_t value);

/* ---- csum.c: checksums, word by word and bit by bit, sharing nothing with bpf/ ---------------- */

/* The Internet checksum over len bytes, continuing from sum (a plain sum of words). */
uint32_t csum_add(uint32_t sum, const uint8_t *p, uint32_t len);
uint16_t csum_finish(uint32_t sum);

/* The checksum of a layer-4 message; family 0 means without a pseudo header. */
uint16_t csum_l4(int family, const uint8_t *saddr, const uint8_t *daddr, uint8_t proto,
                 const uint8_t *msg, uint32_t len);

/*
 * CRC32c of a message as the polynomial division that RFC 9260 describes, bit by bit: start with
 * ~0, add the bytes, finish. SCTP sends the result as a little-endian word.
 */
uint32_t crc32c_add(uint32_t crc, const uint8_t *p, uint32_t len);
uint32_t crc32c_finish(uint32_t crc);

/* Writes the CRC32c of an SCTP packet of len bytes into it. */
void sctp_crc_put(uint8_t *packet, uint32_t len);

/* b - a in one's complement: what turns a sum over a into a sum over b. */
uint16_t csum_difference(const uint8_t *a, const uint8_t *b, uint32_t len);

/* Recomputes every checksum of the frame's outermost IP packet in place; false: not parsed. */
bool pkt_checksums_fix(struct pkt *p);

#endif
