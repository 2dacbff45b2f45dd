// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A parser written from the RFCs and the contract of the data path, byte by byte, and sharing nothing
 * with bpf/parse.h.
 */
#include <string.h>

#include "reference.h"

/* A view of the bytes that belong to the IP packet; reading outside of it is noticed. */
struct view {
	const uint8_t *bytes;
	uint32_t len;
	bool overrun;
};

static uint8_t at(struct view *v, uint32_t i)
{
	if (i >= v->len) {
		v->overrun = true;
		return 0;
	}
	return v->bytes[i];
}

static struct reading odd(struct reading r, enum drop_reason reason)
{
	r.outcome = OUTCOME_DROP;
	r.reason = reason;
	return r;
}

static bool is_icmp_error(uint8_t type, bool v6)
{
	return v6 ? type >= 1 && type <= 4 : type == 3 || type == 11 || type == 12;
}

/* `first`: of a packet that goes on in fragments. */
static struct reading read_transport(struct reading r, struct view *v, uint32_t offset,
                                     uint8_t proto, uint8_t icmp, bool first)
{
	bool v6 = icmp == IPPROTO_ICMPV6;
	uint8_t type;

	if (proto != IPPROTO_TCP && proto != IPPROTO_UDP && proto != IPPROTO_SCTP && proto != icmp)
		return odd(r, DROP_UNKNOWN_PROTOCOL);
	at(v, offset + (proto == IPPROTO_TCP ? 19 : proto == IPPROTO_SCTP ? 15 : 7));
	if (v->overrun)
		return odd(r, DROP_MALFORMED);
	r.outcome = OUTCOME_PARSED;
	if (proto != icmp)
		return r;
	type = at(v, offset);
	if (first && is_icmp_error(type, v6))
		return odd(r, DROP_FRAGMENT);
	if (at(v, offset + 1) || (v6 ? type != 128 && type != 129 : type != 8 && type != 0))
		r.outcome = OUTCOME_PASS;
	return r;
}

static struct reading read_ip4(struct view *frame)
{
	struct reading r = { .outcome = OUTCOME_PASS };
	uint32_t header, total, place;
	struct view v = *frame;

	if (frame->len < 20)
		return r;
	memcpy(r.dst.b, frame->bytes + 16, 4);
	header = (at(frame, 0) & 15) * 4;
	total = at(frame, 2) * 256 + at(frame, 3);
	if (at(frame, 0) >> 4 != 4 || header < 20 || total > frame->len ||
	    (total && total < header))
		return odd(r, DROP_MALFORMED);
	place = at(frame, 6) * 256 + at(frame, 7);
	if (place & 0x1fff)
		return odd(r, DROP_FRAGMENT);
	v.len = total ?: frame->len;
	return read_transport(r, &v, header, at(frame, 9), IPPROTO_ICMP, place & 0x2000);
}

static bool is_extension(uint8_t proto)
{
	switch (proto) {
	case 0:  /* hop by hop */
	case 43: /* routing */
	case 44: /* fragment */
	case 51: /* authentication */
	case 60: /* destination */
		return true;
	default:
		return false;
	}
}

static struct reading read_ip6(struct view *frame)
{
	struct reading r = { .outcome = OUTCOME_PASS };
	uint32_t offset = 40, payload, seen = 0;
	struct view v = *frame;
	bool first = false;
	uint8_t proto;

	if (frame->len < 40)
		return r;
	memcpy(r.dst.b, frame->bytes + 24, 16);
	payload = at(frame, 4) * 256 + at(frame, 5);
	if (at(frame, 0) >> 4 != 6 || 40 + payload > frame->len)
		return odd(r, DROP_MALFORMED);
	v.len = payload ? 40 + payload : frame->len;
	for (proto = at(frame, 6); is_extension(proto); seen++) {
		uint8_t next, len;

		if (seen == 6)
			return odd(r, DROP_EXT_HEADERS);
		next = at(frame, offset);
		len = at(frame, offset + 1);
		if (proto == 44 && first && !frame->overrun)
			return odd(r, DROP_FRAGMENT);
		at(frame, offset + (proto == 44 ? 7 : 1));
		if (frame->overrun)
			return odd(r, DROP_MALFORMED);
		if (proto == 44) {
			if (at(frame, offset + 2) || at(frame, offset + 3) >> 3)
				return odd(r, DROP_FRAGMENT);
			first = at(frame, offset + 3) & 1;
			len = 0;
		}
		offset += proto == 51 ? 4 * (len + 2) : 8 * (len + 1);
		proto = next;
	}
	return read_transport(r, &v, offset, proto, IPPROTO_ICMPV6, first);
}

struct reading packet_read(int family, const struct pkt *p)
{
	struct view frame = { p->data + ETH_LEN, p->len - ETH_LEN, false };
	uint16_t type = get16(p->data + 12);

	if (family == AF_INET && type == 0x0800)
		return read_ip4(&frame);
	if (family == AF_INET6 && type == 0x86dd)
		return read_ip6(&frame);
	return (struct reading){ .outcome = OUTCOME_PASS };
}
