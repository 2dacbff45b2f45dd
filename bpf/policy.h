/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The verdict of one set about one peer and port: which of its rules lets a connection through. The
 * class of an address and that of a port each name a row of bits, one per rule; a rule that is in both
 * is one that matches, and the lowest is the one that is named. Needs no packet, and no context.
 */
#ifndef MILLRACE_POLICY_H
#define MILLRACE_POLICY_H

#include "maps_policy.h"

/* The question to the set of a pod, and its answer. */
struct verdict {
	__u64 set;   /* whom to ask; then the one that decided. 0: nobody is asked */
	ip_t peer;   /* the other end */
	__u32 side;  /* of the pod: which classes its sets speak of */
	__be16 port; /* of the server */
	__u16 rule; /* answer, if `named`: the rule that lets it through; EVENT_NO_RULE: none does */
	__u8 proto; /* IPPROTO_*; one without ports if the port is not known */
	bool named; /* it matters which rule it is */
	__u8 kind;  /* answer: EVENT_ALLOWED, EVENT_DENIED or EVENT_AUDITED */
};

/* What rules' peers the address is among. A pod's own entry says all about it, blocks included. */
static __always_inline __u64 policy_peer_class(const ip_t *ip, __u32 side)
{
	block_key_t key = { .prefixlen = 8 * sizeof(*ip), .addr = *ip };
	struct peer *peer = bpf_map_lookup_elem(&PEERS, &key.addr);
	struct block *block;

	side &= POLICY_SIDES - 1;
	if (peer)
		return peer->peer_class[side];
	block = bpf_map_lookup_elem(&BLOCKS, &key);
	return block ? block->peer_class[side] : 0;
}

/* What rules' ports the port is among; 0 for protocols without ports. */
static __always_inline __u32 policy_port_class(__u8 proto, __be16 port, __u32 side)
{
	__u32 table = proto == IPPROTO_TCP    ? PORT_TCP
	              : proto == IPPROTO_UDP  ? PORT_UDP
	              : proto == IPPROTO_SCTP ? PORT_SCTP
	                                      : PORT_PROTOS;
	__u32 at = bpf_ntohs(port);
	__u32 index = (side * PORT_PROTOS + table) * PORT_CELLS + (at >> PORT_CELL_SHIFT);
	struct port_cell *cell;

	if (table == PORT_PROTOS)
		return 0;
	cell = bpf_map_lookup_elem(&port_cells, &index);
	return cell ? cell->port_class[at % PORT_CELL] : 0;
}

/* The number of the lowest bit; the word is not 0. The processor's instruction for it BPF has not. */
static __always_inline __u32 policy_lowest(__u64 word)
{
	word &= -word;
	return !!(word & 0xaaaaaaaaaaaaaaaa) | !!(word & 0xcccccccccccccccc) << 1 |
	       !!(word & 0xf0f0f0f0f0f0f0f0) << 2 | !!(word & 0xff00ff00ff00ff00) << 3 |
	       !!(word & 0xffff0000ffff0000) << 4 | !!(word & 0xffffffff00000000) << 5;
}

/* The rule of one set that lets this through, or EVENT_NO_RULE. Absent rows are NULL. */
static __always_inline __u16 policy_rule(const struct policy_set *set,
                                         const struct rule_bits *peers,
                                         const struct rule_bits *ports)
{
	const __u64 *any_peer = IPV == 4 ? set->any_peer4 : set->any_peer6;
	__u64 both;

#pragma clang loop unroll(full)
	for (__u32 i = 0; i < POLICY_WORDS; i++) {
		both = (any_peer[i] | (peers ? peers->word[i] : 0)) &
		       (set->any_port[i] | (ports ? ports->word[i] : 0));
		if (both)
			return i * 64 + policy_lowest(both);
	}
	return EVENT_NO_RULE;
}

/*
 * Whether the rows alone have a rule that lets this through. What most connections need of their set is
 * in its rows; which rule is the first, and what holds for all peers or ports, only the set knows.
 */
static __always_inline bool policy_rows_meet(const struct rule_bits *peers,
                                             const struct rule_bits *ports)
{
	__u64 both = 0;

	if (!peers || !ports)
		return false;
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < POLICY_WORDS; i++)
		both |= peers->word[i] & ports->word[i];
	return both;
}

/* What one set says. True if a rule of it lets the connection through; else `next` is the set that follows. */
static __always_inline bool policy_ask(struct verdict *v, const struct set_peer_key *peer_key,
                                       const struct set_port_key *port_key, __u64 *next)
{
	const struct rule_bits *peers = NULL, *ports = NULL;
	const struct policy_set *set;

	*next = 0;
	if (peer_key->peer_class)
		peers = bpf_map_lookup_elem(&set_peers, peer_key);
	if (port_key->port_class)
		ports = bpf_map_lookup_elem(&set_ports, port_key);
	if (!v->named && policy_rows_meet(peers, ports))
		return true;
	set = bpf_map_lookup_elem(&sets, &peer_key->set);
	if (!set)
		return false;
	v->rule = policy_rule(set, peers, ports);
	if (v->rule != EVENT_NO_RULE)
		return true;
	*next = set->next;
	if (!set->next && set->flags & POLICY_SET_AUDIT)
		v->kind = EVENT_AUDITED;
	return false;
}

/*
 * Asks the set and those that follow it. True if the connection may be. A set that is not there lets
 * nothing through, and has no rows: both are written before pods are told of it. Global, so that
 * verifiers look at it once, and not at each way that leads here.
 */
__noinline bool policy_decide(struct verdict *v)
{
	struct set_peer_key peer_key = {};
	struct set_port_key port_key = {};
	__u64 next;

	if (!v)
		return false;
	v->kind = EVENT_DENIED;
	v->rule = EVENT_NO_RULE;
	peer_key.set = v->set;
	peer_key.peer_class = policy_peer_class(&v->peer, v->side);
	port_key.port_class = policy_port_class(v->proto, v->port, v->side & (POLICY_SIDES - 1));
	for (int i = 0; i < POLICY_CHAIN; i++) {
		port_key.set = peer_key.set;
		if (policy_ask(v, &peer_key, &port_key, &next)) {
			v->set = peer_key.set;
			v->kind = EVENT_ALLOWED;
			return true;
		}
		if (!next)
			break;
		peer_key.set = next;
	}
	return v->kind != EVENT_DENIED;
}

#endif
