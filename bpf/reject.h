/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * "Connection refused" for a service that cannot answer: ICMP or ICMPv6 port unreachable from the
 * service's address (rows S-050 … S-056), made from the packet itself and sent back where it came
 * from. Limited per CPU, since it answers whoever asks.
 */
#ifndef MILLRACE_REJECT_H
#define MILLRACE_REJECT_H

#include "bucket.h"
#include "ctx.h"
#include "csum.h"
#include "event.h"
#include "hook.h"
#include "parse.h"

/*
 * The most that is quoted: headers; of TCP and SCTP enough to hold a checksum still to be filled in, and
 * of SCTP the tag in INIT, by which the sender knows its own (RFC 9260, section 10.1).
 */
#define REJECT_QUOTE_MAX 128
#define REJECT_L4_LONG   20

/* Private to the programs, read by nobody else. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bucket);
} reject_bucket SEC(".maps");

static __always_inline bool reject_allowed(void)
{
	__u32 key = 0;
	struct bucket *bucket = bpf_map_lookup_elem(&reject_bucket, &key);

	return bucket && bucket_take(bucket, config.reject_rate);
}

/* Type and code as the checksum sees them. */
#define REJECT_TYPE_WORD bpf_htons(ICMP_UNREACHABLE << 8 | ICMP_UNREACHABLE_PORT)

#if IPV == 4

struct reject_header {
	struct iphdr ip;
	struct icmp_header icmp;
};

static __always_inline void reject_fill(struct reject_header *header, const flow_key_t *key,
                                        __u32 quoted, __u64 quote_sum)
{
	__u16 *word = (__u16 *)&header->ip;
	__u64 sum = 0;

	header->ip.version = 4;
	header->ip.ihl = 5;
	header->ip.tot_len = bpf_htons(sizeof(*header) + quoted);
	header->ip.ttl = 64;
	header->ip.protocol = IPPROTO_ICMP;
	header->ip.saddr = key->daddr;
	header->ip.daddr = key->saddr;
	for (__u32 i = 0; i < sizeof(header->ip) / sizeof(*word); i++)
		sum += word[i];
	header->ip.check = ~csum_fold(sum);
	header->icmp.checksum = ~csum_fold(quote_sum + REJECT_TYPE_WORD);
}

#else

struct reject_header {
	struct ipv6hdr ip;
	struct icmp_header icmp;
};

static __always_inline void reject_fill(struct reject_header *header, const flow_key_t *key,
                                        __u32 quoted, __u64 quote_sum)
{
	__u32 length = sizeof(header->icmp) + quoted;
	__u64 sum = quote_sum;

	header->ip.version = 6;
	header->ip.payload_len = bpf_htons(length);
	header->ip.nexthdr = IPPROTO_ICMPV6;
	header->ip.hop_limit = 64;
	__builtin_memcpy(&header->ip.saddr, &key->daddr, sizeof(ip_t));
	__builtin_memcpy(&header->ip.daddr, &key->saddr, sizeof(ip_t));
	/* The pseudo-header of RFC 8200, section 8.1. */
	for (int i = 0; i < 4; i++)
		sum += (__u64)key->saddr.w[i] + key->daddr.w[i];
	sum += bpf_htonl(length) + (__u64)bpf_htonl(IPPROTO_ICMPV6);
	header->icmp.checksum = ~csum_fold(sum + REJECT_TYPE_WORD);
}

#endif

/* How much of the packet to quote: a multiple of 4, as bpf_csum_diff wants it. */
static __always_inline __u32 reject_quoted(const struct packet *pkt)
{
	__u32 l4 = proto_has_states(pkt->key.proto) ? REJECT_L4_LONG : sizeof(struct udphdr);
	__u32 quoted = pkt->l4_offset - L3_OFFSET + l4, whole = pkt->end - L3_OFFSET;

	quoted = (quoted > whole ? whole : quoted) & ~3U;
	return quoted > REJECT_QUOTE_MAX ? REJECT_QUOTE_MAX : quoted;
}

static __always_inline bool reject_swap_macs(struct __sk_buff *skb)
{
	__u8 from[2 * ETH_ALEN], to[2 * ETH_ALEN];

	if (bpf_skb_load_bytes(skb, 0, from, sizeof(from)))
		return false;
	__builtin_memcpy(to, from + ETH_ALEN, ETH_ALEN);
	__builtin_memcpy(to + ETH_ALEN, from, ETH_ALEN);
	return !bpf_skb_store_bytes(skb, 0, to, sizeof(to), 0);
}

/* Turns the packet into its own refusal. False: it could not be done. */
static __noinline bool reject_build(struct __sk_buff *skb, const struct packet *pkt)
{
	__u8 quote[REJECT_QUOTE_MAX] = {};
	struct reject_header header = {};
	__u32 quoted = reject_quoted(pkt);
	__s64 sum;

	/* Verifiers before 6.8 learn from < and >, not from != 0, and only about the register compared. */
	barrier_var(quoted);
	if (quoted > REJECT_QUOTE_MAX)
		return false;
	barrier_var(quoted);
	if (quoted < sizeof(header.ip))
		return false;
	if (bpf_skb_load_bytes(skb, L3_OFFSET, quote, quoted))
		return false;
	sum = bpf_csum_diff(NULL, 0, (__be32 *)quote, quoted, 0);
	if (sum < 0)
		return false;
	header.icmp.type = ICMP_UNREACHABLE;
	header.icmp.code = ICMP_UNREACHABLE_PORT;
	reject_fill(&header, &pkt->key, quoted, sum);
	if (skb->len > L3_OFFSET + quoted && bpf_skb_change_tail(skb, L3_OFFSET + quoted, 0))
		return false;
	if (bpf_skb_adjust_room(skb, sizeof(header), BPF_ADJ_ROOM_MAC, 0))
		return false;
	return !bpf_skb_store_bytes(skb, L3_OFFSET, &header, sizeof(header), 0) &&
	       reject_swap_macs(skb);
}

/* Answers and ends the packet; counts `reason` either way. */
static __always_inline int reject(struct __sk_buff *skb, enum hook hook, const struct packet *pkt,
                                  enum drop_reason reason)
{
	if (!reject_allowed())
		return drop_packet(skb, &pkt->key, DROP_REJECT_LIMIT);
	event_drop(skb, &pkt->key, reason);
	count_drop(skb, reason);
	if (!reject_build(skb, pkt))
		return TC_ACT_SHOT;
	count(COUNTER_REJECTS_SENT);
	hook_mark_done(skb);
	/* At egress the asker is this host: back up its own stack. */
	return bpf_redirect(skb->ifindex, hook_is_ingress(hook) ? 0 : BPF_F_INGRESS);
}

#endif
