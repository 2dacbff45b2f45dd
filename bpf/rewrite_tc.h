/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The only writer of packet bytes in TC. By helper, not by direct access: direct writes make the
 * verifier copy the head of every cloned packet that enters the program, those that are left alone
 * included.
 *
 * Checksums, with ip_summed in mind:
 *  - PARTIAL (from a local socket): the L4 field holds the pseudo-header sum only. PSEUDO_HDR says
 *    which change it must follow; ports are summed later.
 *  - COMPLETE (from a NIC): skb->csum must go on matching the bytes. Under IPv4 the addresses are
 *    balanced by the header checksum; under IPv6 by nothing, hence BPF_F_RECOMPUTE_CSUM on the
 *    store. (With it, BPF_F_IPV6 of newer kernels is not needed.)
 */
#ifndef MILLRACE_REWRITE_TC_H
#define MILLRACE_REWRITE_TC_H

#include <linux/ip.h>
#include <linux/ipv6.h>

#include "csum.h"
#include "icmp.h"
#include "packet.h"

#if IPV == 4

/* The part of struct iphdr that changes. */
struct l3_patch {
	__u8 ttl;
	__u8 proto;
	__u16 check;
	__be32 saddr, daddr;
};

#define L3_PATCH_OFFSET (L3_OFFSET + offsetof(struct iphdr, ttl))
#define L3_PATCH_FLAGS  0

static __always_inline void l3_patch(struct l3_patch *patch, const struct packet *pkt,
                                     const flow_t *to, __u8 ttl)
{
	/* TTL and protocol share a word; zero-padding the pair keeps it in its place. */
	__u8 from[2] = { pkt->ttl, 0 }, now[2] = { ttl, 0 };
	__u16 from_word, now_word;

	__builtin_memcpy(&from_word, from, sizeof(from_word));
	__builtin_memcpy(&now_word, now, sizeof(now_word));
	patch->ttl = ttl;
	patch->proto = pkt->key.proto;
	patch->check =
		csum_update(pkt->l3_check, (__u64)to->addr_csum + csum_change(from_word, now_word));
	patch->saddr = to->saddr;
	patch->daddr = to->daddr;
}

#else

struct l3_patch {
	__u8 ttl;
	struct addr6 saddr, daddr;
} __attribute__((packed));

#define L3_PATCH_OFFSET (L3_OFFSET + offsetof(struct ipv6hdr, hop_limit))
#define L3_PATCH_FLAGS  BPF_F_RECOMPUTE_CSUM

static __always_inline void l3_patch(struct l3_patch *patch,
                                     const struct packet *pkt __attribute__((unused)),
                                     const flow_t *to, __u8 ttl)
{
	patch->ttl = ttl;
	__builtin_memcpy(&patch->saddr, &to->saddr, sizeof(ip_t));
	__builtin_memcpy(&patch->daddr, &to->daddr, sizeof(ip_t));
}

#endif

static __always_inline long rewrite_ports(struct __sk_buff *skb, const struct packet *pkt,
                                          const flow_t *to)
{
	__be16 ports[2] = { to->sport, to->dport };

	if (pkt->key.proto == FAMILY_ICMP)
		return bpf_skb_store_bytes(skb, pkt->l4_offset + offsetof(struct icmp_header, id),
		                           &ports[0], sizeof(ports[0]), 0);
	return bpf_skb_store_bytes(skb, pkt->l4_offset, ports, sizeof(ports), 0);
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
 * Makes the packet what `to` says. Every helper may fail for want of memory; a packet half written
 * is dropped by the caller.
 */
static __always_inline bool rewrite_tc(struct __sk_buff *skb, const struct packet *pkt,
                                       const flow_t *to, __u8 ttl)
{
	struct l3_patch patch;

	l3_patch(&patch, pkt, to, ttl);
	if (bpf_skb_store_bytes(skb, L3_PATCH_OFFSET, &patch, sizeof(patch), L3_PATCH_FLAGS))
		return false;
	if (to->port_csum && rewrite_ports(skb, pkt, to))
		return false;
	return !rewrite_l4_csum(skb, pkt, to);
}

#endif
