/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ICMP errors about translated packets (S-060). Who sends one has seen the packet after translation,
 * and who gets it knows the packet before: the quoted packet is translated back, and the message goes
 * the way of the answers. Path MTU discovery through a service's address depends on it.
 *
 * The quoted tuple swapped is the key of the half that the message travels with. Errors are no sign
 * of life: they move no clock and no state.
 */
#ifndef MILLRACE_ICMP_ERROR_H
#define MILLRACE_ICMP_ERROR_H

#include "admit.h"
#include "deliver_tc.h"
#include "flow.h"
#include "judge_known.h"
#include "parse.h"

/* The quoted packet: headers as far as they are translated, and where they lie. */
struct quote {
	ip_header_t ip;
	__be16 ports[2];
	__u32 l3_offset, l4_offset;
	__u8 proto;
	bool whole; /* the packet that it is about was no fragment */
};

/* A quoted echo, whose identifier counts as both ports. */
static __always_inline bool quote_parse_echo(struct __sk_buff *skb, struct quote *quote)
{
	__u8 type[2]; /* and the code */

	if (bpf_skb_load_bytes(skb, quote->l4_offset, type, sizeof(type)) ||
	    (type[0] != ICMP_ECHO_REQUEST && type[0] != ICMP_ECHO_REPLY) || type[1])
		return false;
	if (bpf_skb_load_bytes(skb, quote->l4_offset + offsetof(struct icmp_header, id),
	                       quote->ports, sizeof(quote->ports)))
		return false;
	quote->ports[1] = quote->ports[0];
	return true;
}

/* False if it is no echo and has no ports of TCP, UDP or SCTP: whole packets and first fragments have. */
static __always_inline bool quote_parse(struct __sk_buff *skb, const struct packet *pkt,
                                        struct quote *quote)
{
	__u32 header = sizeof(quote->ip);

	quote->l3_offset = pkt->l4_offset + sizeof(struct icmp_header);
	if (bpf_skb_load_bytes(skb, quote->l3_offset, &quote->ip, sizeof(quote->ip)))
		return false;
#if IPV == 4
	header = quote->ip.ihl * 4;
	quote->proto = quote->ip.protocol;
	quote->whole = !(quote->ip.frag_off & bpf_htons(IP_FRAGMENT_BITS));
	if (quote->ip.version != 4 || header < sizeof(quote->ip) ||
	    quote->ip.frag_off & bpf_htons(IP_OFFSET_BITS))
		return false;
#else
	quote->proto = quote->ip.nexthdr;
	quote->whole = true;
	if (quote->ip.version != 6)
		return false;
	if (quote->proto == IPPROTO_FRAGMENT) {
		struct fragment_header fragment;

		if (bpf_skb_load_bytes(skb, quote->l3_offset + header, &fragment,
		                       sizeof(fragment)) ||
		    fragment.offset & bpf_htons(IPV6_OFFSET_BITS))
			return false;
		quote->proto = fragment.next;
		quote->whole = !(fragment.offset & bpf_htons(IPV6_FRAGMENT_BITS));
		header += sizeof(fragment);
	}
#endif
	quote->l4_offset = quote->l3_offset + header;
	if (quote->proto == FAMILY_ICMP)
		return quote_parse_echo(skb, quote);
	return (proto_has_states(quote->proto) || quote->proto == IPPROTO_UDP) &&
	       !bpf_skb_load_bytes(skb, quote->l4_offset, quote->ports, sizeof(quote->ports));
}

static __always_inline void quote_key(const struct quote *quote, flow_key_t *key)
{
	__builtin_memset(key, 0, sizeof(*key));
	__builtin_memcpy(&key->saddr, &quote->ip.daddr, sizeof(ip_t));
	__builtin_memcpy(&key->daddr, &quote->ip.saddr, sizeof(ip_t));
	key->sport = quote->ports[1];
	key->dport = quote->ports[0];
	key->proto = quote->proto;
}

/*
 * SCTP's CRC32c in the quote, likewise. The packet's length is in its IP header, so that the rest of it
 * need not be quoted.
 */
static __always_inline __u64 quote_rewrite_crc(struct __sk_buff *skb, const struct quote *quote,
                                               const flow_t *flow)
{
	__u32 offset = quote->l4_offset + offsetof(struct sctp_header, checksum);
	__be16 ports[2] = { flow->dport, flow->sport };
	__u32 from_ports, to_ports, from, to, end;

#if IPV == 4
	end = quote->l3_offset + bpf_ntohs(quote->ip.tot_len);
#else
	end = quote->l3_offset + sizeof(quote->ip) + bpf_ntohs(quote->ip.payload_len);
#endif
	if (!quote->whole || bpf_skb_load_bytes(skb, offset, &from, sizeof(from)) || !from)
		return 0;
	__builtin_memcpy(&from_ports, quote->ports, sizeof(from_ports));
	__builtin_memcpy(&to_ports, ports, sizeof(to_ports));
	to = from ^ sctp_crc_change(from_ports ^ to_ports, end - quote->l4_offset);
	return bpf_skb_store_bytes(skb, offset, &to, sizeof(to), 0) ? 0 : csum_change(from, to);
}

/*
 * The quoted transport checksum, if the quote reaches it and it is in use. What its change adds to
 * the sum of the message; 0 if it was left alone.
 */
static __always_inline __u64 quote_rewrite_csum(struct __sk_buff *skb, const struct quote *quote,
                                                const flow_t *flow)
{
	__u32 offset = quote->l4_offset + packet_csum_offset(quote->proto);
	__u16 from, to;

	if (quote->proto == IPPROTO_SCTP)
		return quote_rewrite_crc(skb, quote, flow);
	if (bpf_skb_load_bytes(skb, offset, &from, sizeof(from)) ||
	    (quote->proto == IPPROTO_UDP && !from))
		return 0;
	to = csum_update(from, (__u64)flow->addr_csum + flow->port_csum);
	if (quote->proto == IPPROTO_UDP && !to)
		to = 0xffff;
	return bpf_skb_store_bytes(skb, offset, &to, sizeof(to), 0) ? 0 : csum_change(from, to);
}

/* Makes the quoted packet what it was before translation. What that adds to the message's sum. */
static __always_inline bool quote_rewrite(struct __sk_buff *skb, struct quote *quote,
                                          const flow_t *flow, __u64 *change)
{
	__be16 ports[2] = { flow->dport, flow->sport };

	*change = (__u64)flow->port_csum + quote_rewrite_csum(skb, quote, flow);
	__builtin_memcpy(&quote->ip.saddr, &flow->daddr, sizeof(ip_t));
	__builtin_memcpy(&quote->ip.daddr, &flow->saddr, sizeof(ip_t));
#if IPV == 4
	/* The header checksum takes the change of the addresses back. */
	quote->ip.check = csum_update(quote->ip.check, flow->addr_csum);
#else
	*change += flow->addr_csum;
#endif
	return !bpf_skb_store_bytes(skb, quote->l3_offset, &quote->ip, sizeof(quote->ip), 0) &&
	       !bpf_skb_store_bytes(skb, quote->l4_offset, ports, sizeof(ports), 0);
}

/* The message's own ends: to whom the answers go; from the service, if the backend itself complains. */
static __always_inline bool error_rewrite(struct __sk_buff *skb, const struct packet *pkt,
                                          bool by_end, const flow_t *flow, __u64 change, __u8 ttl)
{
	__u32 check = pkt->l4_offset + offsetof(struct icmp_header, checksum);
	struct ends ends = { .saddr = pkt->key.saddr, .daddr = flow->daddr };

	if (by_end)
		ends.saddr = flow->saddr;
	ends.csum = csum_fold(csum_change_ip(pkt->key.saddr, ends.saddr) +
	                      csum_change_ip(pkt->key.daddr, ends.daddr));
	if (change && bpf_l4_csum_replace(skb, check, 0, csum_fold(change), 0))
		return false;
	if (IPV == 6 && ends.csum &&
	    bpf_l4_csum_replace(skb, check, 0, ends.csum, BPF_F_PSEUDO_HDR))
		return false;
	return rewrite_l3(skb, pkt, &ends, ttl);
}

/*
 * PATH_SEND: `flow` is the half that the message travels with; `by_end`: the other end of the connection
 * itself complains. Else what becomes of it: it goes on as it is if it is about a flow that nobody
 * translates here, and if not, as policies say. The key lives here only, for the stack's sake.
 */
static __always_inline int error_find(struct __sk_buff *skb, enum hook hook,
                                      const struct packet *pkt, const struct quote *quote,
                                      flow_t *flow, bool *by_end)
{
	flow_key_t key;
	flow_t *found;

	quote_key(quote, &key);
	*by_end = ip_equal(pkt->key.saddr, key.saddr);
	found = flow_find(&key);
	if (!found || !ip_equal(pkt->key.daddr, key.daddr) || judge_is_due(found) ||
	    !admit_device(skb, hook, &key, found))
		return PATH_LOOSE;
	if (found->flags & FLOW_PLAIN || admit_later(hook, found))
		return TC_ACT_UNSPEC;
	*flow = *found;
	return PATH_SEND;
}

/*
 * Whether the flow that the message is about is due to be judged. Then the packet has the key of that flow
 * until icmp_error(). `flow` keeps its own ends.
 */
static __noinline bool error_is_due(struct __sk_buff *skb, struct packet *pkt, flow_t *flow)
{
	struct quote quote = {};
	flow_key_t key;
	flow_t *found;

	flow->saddr = pkt->key.saddr;
	flow->daddr = pkt->key.daddr;
	if (!guard_is_on() || !quote_parse(skb, pkt, &quote))
		return false;
	quote_key(&quote, &key);
	found = flow_find(&key);
	if (!found || !ip_equal(pkt->key.daddr, key.daddr) || !judge_is_due(found))
		return false;
	pkt->key = key;
	return true;
}

/* What the packet was before error_is_due(). */
static __always_inline void error_restore(struct packet *pkt, const flow_t *flow)
{
	pkt->key.saddr = flow->saddr;
	pkt->key.daddr = flow->daddr;
	pkt->key.sport = pkt->key.dport = 0;
	pkt->key.proto = FAMILY_ICMP;
}

/* PATH_SEND with `flow` filled in, or what becomes of the message. */
static __noinline int icmp_error(struct __sk_buff *skb, enum hook hook, struct packet *pkt,
                                 flow_t *flow)
{
	struct quote quote = {};
	__u64 change;
	bool by_end;
	int action;
	__u8 ttl;

	error_restore(pkt, flow);
	if (!quote_parse(skb, pkt, &quote))
		return PATH_LOOSE;
	if (hook == HOOK_POD_IN && guard_is_on() && guard_is_spoofed(skb, &pkt->key.saddr))
		return PATH_LOOSE;
	action = error_find(skb, hook, pkt, &quote, flow, &by_end);
	if (action != PATH_SEND)
		return action;
	ttl = deliver_ttl(hook, pkt, flow);
	if (!ttl && deliver_forwards(hook, flow))
		return drop_packet(skb, &pkt->key, DROP_TTL);
	if (!quote_rewrite(skb, &quote, flow, &change) ||
	    !error_rewrite(skb, pkt, by_end, flow, change, ttl))
		return drop(skb, DROP_REWRITE);
	return PATH_SEND;
}

#endif
