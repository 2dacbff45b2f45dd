/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The only writer of packet bytes in TC: L4 checksums by helper, all else directly.
 *
 * Direct writes make the kernel check at the entry of the program whether the packet's head is shared
 * with a clone. What local TCP sends is, but with its headers marked as free to write, so that no copy
 * follows.
 *
 * Checksums, with ip_summed in mind:
 *  - PARTIAL (from a local socket): the L4 field holds the pseudo-header sum only. PSEUDO_HDR says
 *    which change it must follow; ports are summed later.
 *  - COMPLETE (from a NIC): skb->csum must go on matching the bytes. PSEUDO_HDR follows the change of
 *    the L4 field. Under IPv4 the addresses are balanced by the header checksum; under IPv6 by
 *    nothing, hence bpf_csum_update. (With it, BPF_F_IPV6 of newer kernels is not needed.)
 */
#ifndef MILLRACE_REWRITE_TC_H
#define MILLRACE_REWRITE_TC_H

#include "csum.h"
#include "ctx.h"
#include "icmp.h"
#include "mac.h"
#include "packet.h"
#include "rewrite_sctp.h"

/* The addresses that a packet gets, and what that change adds to a sum. */
struct ends {
	ip_t saddr, daddr;
	__u16 csum;
};

/* What the words that TTL or hop limit lie in add to a sum; the rest of the word does not change. */
static __always_inline __u64 rewrite_ttl_change(__u8 from, __u8 to, __u32 odd)
{
	__be16 word_from = bpf_htons(odd ? from : from << 8);
	__be16 word_to = bpf_htons(odd ? to : to << 8);

	return csum_change(word_from, word_to);
}

#if IPV == 4

static __always_inline bool rewrite_l3(struct __sk_buff *skb, const struct packet *pkt,
                                       const struct ends *to, __u8 ttl)
{
	struct iphdr *ip = packet_at(skb, L3_OFFSET, sizeof(*ip));

	if (!ip)
		return false;
	ip->check = csum_update(pkt->l3_check, to->csum + rewrite_ttl_change(pkt->ttl, ttl, 0));
	ip->ttl = ttl;
	ip->saddr = to->saddr;
	ip->daddr = to->daddr;
	return true;
}

/* The TTL alone. */
static __always_inline bool rewrite_ttl(struct __sk_buff *skb, const struct packet *pkt, __u8 ttl)
{
	struct iphdr *ip = packet_at(skb, L3_OFFSET, sizeof(*ip));

	if (!ip)
		return false;
	ip->check = csum_update(pkt->l3_check, rewrite_ttl_change(pkt->ttl, ttl, 0));
	ip->ttl = ttl;
	return true;
}

#else

static __always_inline bool rewrite_l3(struct __sk_buff *skb, const struct packet *pkt,
                                       const struct ends *to, __u8 ttl)
{
	struct ipv6hdr *ip;

	/* Only where skb->csum is in use; where it is not, there is nothing to follow. */
	bpf_csum_update(skb, csum_fold(to->csum + rewrite_ttl_change(pkt->ttl, ttl, 1)));
	ip = packet_at(skb, L3_OFFSET, sizeof(*ip));
	if (!ip)
		return false;
	ip->hop_limit = ttl;
	__builtin_memcpy(&ip->saddr, &to->saddr, sizeof(ip_t));
	__builtin_memcpy(&ip->daddr, &to->daddr, sizeof(ip_t));
	return true;
}

static __always_inline bool rewrite_ttl(struct __sk_buff *skb, const struct packet *pkt, __u8 ttl)
{
	struct ipv6hdr *ip;

	bpf_csum_update(skb, csum_fold(rewrite_ttl_change(pkt->ttl, ttl, 1)));
	ip = packet_at(skb, L3_OFFSET, sizeof(*ip));
	if (!ip)
		return false;
	ip->hop_limit = ttl;
	return true;
}

#endif

static __always_inline bool rewrite_ports(struct __sk_buff *skb, const struct packet *pkt,
                                          const flow_t *to)
{
	bool echo = pkt->key.proto == FAMILY_ICMP;
	__u32 offset = pkt->l4_offset + (echo ? offsetof(struct icmp_header, id) : 0);
	__be16 *ports = packet_at(skb, offset, 2 * sizeof(*ports));

	if (!ports)
		return false;
	ports[0] = to->sport;
	if (!echo)
		ports[1] = to->dport;
	return true;
}

static __always_inline long rewrite_l4_csum(struct __sk_buff *skb, const struct packet *pkt,
                                            const flow_t *to)
{
	__u32 offset = pkt->l4_offset + packet_csum_offset(pkt->key.proto);
	__u64 flags = pkt->key.proto == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
	bool pseudo = pkt->key.proto != IPPROTO_ICMP;
	long err = 0;

	if (to->addr_csum && pseudo)
		err = bpf_l4_csum_replace(skb, offset, 0, to->addr_csum, flags | BPF_F_PSEUDO_HDR);
	if (to->port_csum && !err)
		err = bpf_l4_csum_replace(skb, offset, 0, to->port_csum, flags);
	return err;
}

/*
 * Makes the packet what `to` says. The checksum helpers come first: they may fail, and they invalidate
 * pointers. A packet half written is dropped by the caller.
 */
static __always_inline bool rewrite_tc(struct __sk_buff *skb, const struct packet *pkt,
                                       const flow_t *to, __u8 ttl)
{
	struct ends ends = { .saddr = to->saddr, .daddr = to->daddr, .csum = to->addr_csum };

	if (__builtin_expect(pkt->key.proto == IPPROTO_SCTP, false))
		return (!to->port_csum || !rewrite_sctp(skb, pkt, to)) &&
		       rewrite_l3(skb, pkt, &ends, ttl);
	if (rewrite_l4_csum(skb, pkt, to))
		return false;
	return rewrite_l3(skb, pkt, &ends, ttl) && (!to->port_csum || rewrite_ports(skb, pkt, to));
}

/* The same for a later fragment: no ports, and the first one's checksum covers the whole datagram. */
static __always_inline bool rewrite_fragment(struct __sk_buff *skb, const struct packet *pkt,
                                             const flow_t *to, __u8 ttl)
{
	struct ends ends = { .saddr = to->saddr, .daddr = to->daddr, .csum = to->addr_csum };

	return rewrite_l3(skb, pkt, &ends, ttl);
}

/* The frame's new ends, once the next hop is known. */
static __always_inline bool rewrite_macs(struct __sk_buff *skb, const __u8 *dmac, const __u8 *smac)
{
	struct ethhdr *eth = packet_at(skb, 0, sizeof(*eth));

	if (!eth)
		return false;
	mac_copy(eth->h_dest, dmac);
	mac_copy(eth->h_source, smac);
	return true;
}

#endif
