/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which pod is behind a device, as what it has sent tells. On a bridge groups and addresses of the link lead to
 * pods and come from them, and say nothing of whose policies are to be asked.
 */
#ifndef MILLRACE_SENDER_H
#define MILLRACE_SENDER_H

#include "guard.h"

#define SENDERS CAT(senders, IPV)

/* Whether what is heard is noted; not of packets that nobody has sent. */
#ifndef SENDER_NOTES
#define SENDER_NOTES true
#endif

/*
 * Device → the address that its pod sends from, private to the programs. Of both families: a pod may have an
 * address of one, and be spoken to by the other.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct endpoint4_key);
} senders4 __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct endpoint6_key);
} senders6 __weak SEC(".maps");

/* Addresses that all links have: they do not name a pod. */
static __always_inline bool sender_is_vague(const ip_t *ip)
{
	return ip_is_group(*ip) || ip_is_link_local(*ip);
}

/*
 * A pod of this device has sent from there. One with policies is not forgotten for another address. Global, so
 * that verifiers look at it once.
 */
__noinline int sender_note(struct __sk_buff *skb, const ip_t *ip)
{
	endpoint_key_t now, *had;
	__u32 ifindex;

	if (!SENDER_NOTES || !ip || !guard_is_on() || ip_is_zero(*ip) || sender_is_vague(ip))
		return 0;
	ifindex = skb->ifindex;
	now.addr = *ip;
	had = bpf_map_lookup_elem(&SENDERS, &ifindex);
	if (!had || (!ip_equal(had->addr, now.addr) && subject_find(ip)))
		bpf_map_update_elem(&SENDERS, &ifindex, &now, BPF_ANY);
	return 0;
}

/* What holds for the pod behind a device; NULL if that is none of the cluster's, or not known. */
static __noinline const struct subject *sender_subject(__u32 ifindex)
{
	const struct endpoint4_key *ip4 = bpf_map_lookup_elem(&senders4, &ifindex);
	const struct endpoint6_key *ip6;
	const struct subject *pod = NULL;

	if (ip4)
		pod = bpf_map_lookup_elem(&subjects4, ip4);
	if (pod)
		return pod;
	ip6 = bpf_map_lookup_elem(&senders6, &ifindex);
	return ip6 ? bpf_map_lookup_elem(&subjects6, ip6) : NULL;
}

static __noinline bool sender_is_known(__u32 ifindex)
{
	return bpf_map_lookup_elem(&senders4, &ifindex) || bpf_map_lookup_elem(&senders6, &ifindex);
}

#endif
