/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Packets made odd: the same packet with more in it. */
#ifndef MILLRACE_TESTS_ODD_H
#define MILLRACE_TESTS_ODD_H

#include "test.h"

/* With so many 32-bit words of IPv4 options. */
struct pkt ip4_with_options(struct pkt p, uint32_t words);

/* With n extension headers of mixed kinds and lengths in front of the transport header. */
struct pkt ip6_with_extensions(struct pkt p, uint32_t n);

/* With n destination options headers of 8 bytes. */
struct pkt ip6_with_dstopts(struct pkt p, uint32_t n);

/* As a fragment: IPv4 flags and offset, or IPv6 with a fragment header. */
struct pkt as_fragment(struct pkt p, uint16_t flags_and_offset);

/*
 * Bytes [from, to) of the IP payload of a whole packet without options, as a fragment of the datagram
 * that has this number. Both are multiples of 8, but for a `to` behind the end, which makes it the last.
 */
struct pkt fragment_of(struct pkt whole, uint32_t from, uint32_t to, uint16_t id);

/* A frame of that length, with so much more payload. */
struct pkt pkt_swollen(struct pkt p, uint32_t len);

/* With a VLAN tag, of 802.1Q. */
struct pkt tagged(struct pkt p, uint16_t tci);

#endif
